//! The key box: how a content key travels (RFC 9180 over X-Wing).
//!
//! An encapsulation serves many boxes: each box has a salt of its own, and its wrapping key
//! is exported from the HPKE context under that salt and the packet's id. So the
//! post-quantum cost is paid once, and one content key that is disclosed opens one packet.

use super::entropy::{Drawn, Entropy, fresh};
use super::hash::{Digest, sha256_parts};
use super::object::ContentKey;
use super::{CryptoError, LEN};
use hpke::aead::{AeadCtxR, AeadCtxS, AesGcm256};
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, setup_receiver, setup_sender_with_rng};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::{Zeroize, Zeroizing};

/// Bytes of an X-Wing public key.
pub const PUBLIC_KEY: usize = 1216;
/// Bytes of an X-Wing encapsulation.
pub const ENC: usize = 1120;
/// Bytes of a wrapped content key.
pub const WRAPPED: usize = 48;

const INFO_LABEL: &[u8] = b"rogatory/v1 key box";
const EXPORT_LABEL: &[u8] = b"rogatory/v1 content key";

/// The two parties of a box, as HPKE's `info` binds them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Parties {
    /// Suite of the packet.
    pub suite: u32,
    /// Sender's authority id and fingerprint.
    pub sender: (String, Digest),
    /// Recipient's authority id and fingerprint.
    pub recipient: (String, Digest),
}

impl Parties {
    /// HPKE `info`: the label and the SHA-256 of suite and both identities.
    pub fn info(&self) -> Vec<u8> {
        let hash = sha256_parts(&[
            &self.suite.to_be_bytes(),
            &[self.sender.0.len() as u8],
            self.sender.0.as_bytes(),
            &self.sender.1,
            &[self.recipient.0.len() as u8],
            self.recipient.0.as_bytes(),
            &self.recipient.1,
        ]);
        [INFO_LABEL, &hash].concat()
    }
}

/// The recipient's private key.
pub struct SecretKey(<XWing as Kem>::PrivateKey);

impl SecretKey {
    /// The key of a 32-byte X-Wing seed.
    pub fn from_seed(seed: &[u8]) -> Result<Self, CryptoError> {
        <XWing as Kem>::PrivateKey::from_bytes(seed).map(Self).map_err(|_| CryptoError::Key)
    }

    /// The public half, [`PUBLIC_KEY`] bytes.
    pub fn public_key(&self) -> Vec<u8> {
        XWing::sk_to_pk(&self.0).to_bytes().to_vec()
    }

    /// Decapsulates; the context opens every box with this `enc` between these parties.
    pub fn open_context(&self, enc: &[u8], parties: &Parties) -> Result<OpenContext, CryptoError> {
        let enc = <XWing as Kem>::EncappedKey::from_bytes(enc).map_err(|_| CryptoError::Open)?;
        setup_receiver::<AesGcm256, HkdfSha256, XWing>(&OpModeR::Base, &self.0, &enc, &parties.info())
            .map(OpenContext)
            .map_err(|_| CryptoError::Open)
    }
}

/// The sender's side of one encapsulation.
pub struct SealContext {
    enc: Vec<u8>,
    context: AeadCtxS<AesGcm256, HkdfSha256, XWing>,
}

/// The recipient's side of one encapsulation.
pub struct OpenContext(AeadCtxR<AesGcm256, HkdfSha256, XWing>);

/// A box as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// The encapsulation.
    pub enc: Vec<u8>,
    /// Fresh for each box.
    pub salt: [u8; LEN],
    /// The content key under the exported key.
    pub wrapped_key: [u8; WRAPPED],
}

impl SealContext {
    /// Encapsulates to the recipient's public key.
    pub fn new(public_key: &[u8], parties: &Parties, entropy: &dyn Entropy) -> Result<Self, CryptoError> {
        let public = <XWing as Kem>::PublicKey::from_bytes(public_key).map_err(|_| CryptoError::Key)?;
        let mut drawn = Drawn::new(entropy)?;
        let (enc, context) = setup_sender_with_rng::<AesGcm256, HkdfSha256, XWing>(
            &OpModeS::Base,
            &public,
            &parties.info(),
            &mut drawn,
        )
        .map_err(|_| CryptoError::Key)?;
        Ok(Self { enc: enc.to_bytes().to_vec(), context })
    }

    /// Wraps the content key of the packet `id`.
    pub fn wrap(
        &self,
        id: &[u8; 16],
        key: &ContentKey,
        entropy: &dyn Entropy,
    ) -> Result<Wrapped, CryptoError> {
        let salt = fresh(entropy)?;
        let mut exported = Zeroizing::new([0; LEN]);
        self.context.export(&export_context(id, &salt), &mut exported[..]).map_err(|_| CryptoError::Key)?;
        let wrapped_key = wrap_once(&exported, key);
        Ok(Wrapped { enc: self.enc.clone(), salt, wrapped_key })
    }
}

impl OpenContext {
    /// Unwraps the content key of the packet `id`.
    pub fn unwrap(&self, id: &[u8; 16], salt: &[u8; LEN], wrapped: &[u8]) -> Result<ContentKey, CryptoError> {
        let mut exported = Zeroizing::new([0; LEN]);
        self.0.export(&export_context(id, salt), &mut exported[..]).map_err(|_| CryptoError::Open)?;
        unwrap_once(&exported, wrapped)
    }
}

fn export_context(id: &[u8; 16], salt: &[u8; LEN]) -> Vec<u8> {
    [EXPORT_LABEL, id, salt].concat()
}

/// AES-256-GCM under a key that is used once, hence the zero nonce.
fn wrap_once(key: &[u8; LEN], content: &ContentKey) -> [u8; WRAPPED] {
    let mut buffer = *content.danger_bytes();
    let tag = single_use(key)
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut buffer)
        .expect("32 bytes are within AES-GCM's limit");
    let mut out = [0; WRAPPED];
    out[..LEN].copy_from_slice(&buffer);
    out[LEN..].copy_from_slice(tag.as_ref());
    out
}

/// Undoes [`wrap_once`].
fn unwrap_once(key: &[u8; LEN], wrapped: &[u8]) -> Result<ContentKey, CryptoError> {
    let mut buffer: [u8; WRAPPED] = wrapped.try_into().map_err(|_| CryptoError::Open)?;
    let plain = single_use(key)
        .open_in_place(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut buffer)
        .map_err(|_| CryptoError::Open)?;
    let content = ContentKey::from_bytes(plain.try_into().map_err(|_| CryptoError::Open)?);
    buffer.zeroize();
    Ok(content)
}

/// An AEAD key that seals one thing, under the zero nonce.
pub(super) fn single_use(key: &[u8; LEN]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("a 32-byte key is an AES-256 key"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;

    #[test]
    fn one_encapsulation_serves_many_boxes_and_each_opens_its_own_packet() {
        let entropy = SystemEntropy::default();
        let secret = SecretKey::from_seed(&[1; 32]).unwrap();
        let parties = Parties { suite: 1, sender: ("XA".into(), [1; 32]), recipient: ("XB".into(), [2; 32]) };
        let seal = SealContext::new(&secret.public_key(), &parties, &entropy).unwrap();
        let (a, b) = (ContentKey::from_bytes([10; 32]), ContentKey::from_bytes([11; 32]));
        let first = seal.wrap(&[1; 16], &a, &entropy).unwrap();
        let second = seal.wrap(&[2; 16], &b, &entropy).unwrap();
        assert_eq!((first.enc.len(), &first.enc), (ENC, &second.enc));

        let open = secret.open_context(&first.enc, &parties).unwrap();
        let opened = open.unwrap(&[1; 16], &first.salt, &first.wrapped_key).unwrap();
        assert_eq!(opened.danger_bytes(), a.danger_bytes());
        assert!(open.unwrap(&[2; 16], &first.salt, &first.wrapped_key).is_err());
        assert!(open.unwrap(&[2; 16], &second.salt, &second.wrapped_key).is_ok());

        let strangers = Parties { recipient: ("XC".into(), [2; 32]), ..parties };
        let other = secret.open_context(&first.enc, &strangers).unwrap();
        assert!(other.unwrap(&[1; 16], &first.salt, &first.wrapped_key).is_err());
    }
}
