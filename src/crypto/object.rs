//! Objects: the body and attachments of a packet, sealed chunk by chunk.
//!
//! From a packet's content key each object gets a key of its own, one-way; from that an
//! AES-256-GCM key, a commitment and a salt. Chunks hold [`CHUNK`] bytes of plaintext; the
//! nonce is the chunk number and a final flag, so that chunks can't be moved, repeated or
//! dropped (STREAM; after C2SP chunked-encryption). An object has at least one chunk.

use super::entropy::Entropy;
use super::hash::{Digest, RootBuilder};
use super::{CryptoError, LEN};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use ring::hmac;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Plaintext bytes in every chunk but the last.
pub const CHUNK: usize = 65_536;
/// Bytes that sealing adds to a chunk.
pub const TAG: usize = 16;
/// Ciphertext bytes in every chunk but the last.
pub const SEALED_CHUNK: usize = CHUNK + TAG;

const OBJECT_LABEL: &[u8] = b"rogatory/v1 object";
const AEAD_LABEL: &[u8] = b"rogatory/v1 object aead";
const COMMITMENT_LABEL: &[u8] = b"rogatory/v1 object commitment";
const DIGEST_LABEL: &[u8] = b"rogatory/v1 object digest";

/// The key of a packet's whole content.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ContentKey([u8; LEN]);

/// The key of one object: what is disclosed to prove that object alone.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ObjectKey([u8; LEN]);

/// What the signed header says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Sum of the sealed chunks, bytes.
    pub ciphertext_length: u64,
    /// RFC 6962 root over the sealed chunks.
    pub chunk_root: Digest,
    /// Commits to the object key (AES-GCM alone does not).
    pub commitment: Digest,
    /// HMAC-SHA-256 of the plaintext under the derived salt.
    pub plaintext_digest: Digest,
}

impl ContentKey {
    /// A fresh one.
    pub fn fresh(entropy: &dyn Entropy) -> Result<Self, CryptoError> {
        let mut key = Self([0; LEN]);
        entropy.fill(&mut key.0)?;
        Ok(key)
    }

    /// The key with these bytes.
    pub fn from_bytes(bytes: [u8; LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes, for wrapping; whoever has them has the content.
    pub fn danger_bytes(&self) -> &[u8; LEN] {
        &self.0
    }

    /// The key of object `number` in the packet `id`.
    pub fn object_key(&self, id: &[u8; 16], number: u32) -> ObjectKey {
        let prk = Salt::new(HKDF_SHA256, id).extract(&self.0);
        ObjectKey(expand(&prk, &[OBJECT_LABEL, &number.to_be_bytes()]))
    }
}

impl ObjectKey {
    /// The key with these bytes, as disclosed.
    pub fn from_bytes(bytes: [u8; LEN]) -> Self {
        Self(bytes)
    }

    /// The bytes, to disclose this object.
    pub fn danger_bytes(&self) -> &[u8; LEN] {
        &self.0
    }

    /// The commitment that stands in the header.
    pub fn commitment(&self) -> Digest {
        self.derive(COMMITMENT_LABEL)
    }

    fn derive(&self, label: &[u8]) -> [u8; LEN] {
        expand(&Prk::new_less_safe(HKDF_SHA256, &self.0), &[label])
    }

    fn parts(&self) -> Parts {
        let mut key = self.derive(AEAD_LABEL);
        let aead = UnboundKey::new(&AES_256_GCM, &key).expect("a 32-byte key is an AES-256 key");
        key.zeroize();
        let mut salt = self.derive(DIGEST_LABEL);
        let digest = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &salt));
        salt.zeroize();
        Parts {
            aead: LessSafeKey::new(aead),
            digest,
            root: RootBuilder::default(),
            next: 0,
            length: 0,
            ended: false,
        }
    }
}

/// What sealing and opening share: the AEAD key and the running digests.
struct Parts {
    aead: LessSafeKey,
    digest: hmac::Context,
    root: RootBuilder,
    next: u32,
    length: u64,
    ended: bool,
}

impl Parts {
    fn nonce(&mut self, last: bool) -> Result<Nonce, CryptoError> {
        if self.ended {
            return Err(CryptoError::Object);
        }
        let mut nonce = [0; 12];
        nonce[7..11].copy_from_slice(&self.next.to_be_bytes());
        nonce[11] = u8::from(last);
        self.next = self.next.checked_add(1).ok_or(CryptoError::Object)?;
        self.ended = last;
        Ok(Nonce::assume_unique_for_key(nonce))
    }

    fn finish(self, commitment: Digest) -> Result<Sealed, CryptoError> {
        if !self.ended {
            return Err(CryptoError::Object);
        }
        Ok(Sealed {
            ciphertext_length: self.length,
            chunk_root: self.root.root(),
            commitment,
            plaintext_digest: self.digest.sign().as_ref().try_into().expect("HMAC-SHA-256 is 32 bytes long"),
        })
    }
}

/// Seals the chunks of one object, in order.
pub struct Sealer {
    parts: Parts,
    commitment: Digest,
}

impl Sealer {
    /// A sealer for the object that has this key. A key seals one object, once.
    pub fn new(key: &ObjectKey) -> Self {
        Self { parts: key.parts(), commitment: key.commitment() }
    }

    /// Seals the next chunk in place. Every chunk but the last holds [`CHUNK`] bytes.
    pub fn seal(&mut self, chunk: &mut Vec<u8>, last: bool) -> Result<(), CryptoError> {
        if chunk.len() > CHUNK || (!last && chunk.len() != CHUNK) {
            return Err(CryptoError::Object);
        }
        let nonce = self.parts.nonce(last)?;
        self.parts.digest.update(chunk);
        self.parts
            .aead
            .seal_in_place_append_tag(nonce, Aad::empty(), chunk)
            .map_err(|_| CryptoError::Object)?;
        self.parts.root.push(chunk);
        self.parts.length += chunk.len() as u64;
        Ok(())
    }

    /// What the header has to say, once the last chunk is sealed.
    pub fn finish(self) -> Result<Sealed, CryptoError> {
        self.parts.finish(self.commitment)
    }
}

/// Opens the chunks of one object, in order.
pub struct Opener {
    parts: Parts,
    expected: Sealed,
}

impl Opener {
    /// An opener for the object that the header describes; refuses a key that the
    /// commitment does not name.
    pub fn new(key: &ObjectKey, expected: Sealed) -> Result<Self, CryptoError> {
        // The commitment is public: it stands in the signed header.
        if key.commitment() != expected.commitment {
            return Err(CryptoError::Object);
        }
        Ok(Self { parts: key.parts(), expected })
    }

    /// Opens the next sealed chunk in place and gives its plaintext.
    pub fn open<'a>(&mut self, chunk: &'a mut [u8]) -> Result<&'a [u8], CryptoError> {
        self.parts.root.push(chunk);
        self.parts.length += chunk.len() as u64;
        let last = self.parts.length == self.expected.ciphertext_length;
        if chunk.len() > SEALED_CHUNK || (!last && chunk.len() != SEALED_CHUNK) {
            return Err(CryptoError::Object);
        }
        let nonce = self.parts.nonce(last)?;
        let plain =
            self.parts.aead.open_in_place(nonce, Aad::empty(), chunk).map_err(|_| CryptoError::Open)?;
        self.parts.digest.update(plain);
        Ok(plain)
    }

    /// Agrees only if every chunk came and all of it is what the header signed.
    pub fn finish(self) -> Result<(), CryptoError> {
        let Self { parts, expected } = self;
        let commitment = expected.commitment;
        (parts.finish(commitment)? == expected).then_some(()).ok_or(CryptoError::Object)
    }
}

/// Seals a whole object that lies in memory.
pub fn seal_all(key: &ObjectKey, plaintext: &[u8]) -> Result<(Vec<u8>, Sealed), CryptoError> {
    let mut sealer = Sealer::new(key);
    let mut out = Vec::with_capacity(plaintext.len() + TAG * (plaintext.len() / CHUNK + 1));
    let mut rest = plaintext;
    loop {
        let (head, tail) = rest.split_at(rest.len().min(CHUNK));
        let mut chunk = Vec::with_capacity(head.len() + TAG);
        chunk.extend_from_slice(head);
        sealer.seal(&mut chunk, tail.is_empty())?;
        out.extend_from_slice(&chunk);
        if tail.is_empty() {
            return Ok((out, sealer.finish()?));
        }
        rest = tail;
    }
}

/// Opens a whole object that lies in memory.
pub fn open_all(key: &ObjectKey, expected: &Sealed, mut ciphertext: Vec<u8>) -> Result<Vec<u8>, CryptoError> {
    let mut opener = Opener::new(key, expected.clone())?;
    let mut plain = Vec::with_capacity(ciphertext.len());
    for chunk in ciphertext.chunks_mut(SEALED_CHUNK) {
        plain.extend_from_slice(opener.open(chunk)?);
    }
    opener.finish()?;
    Ok(plain)
}

/// Number of bytes that `plaintext` bytes take when sealed.
pub fn sealed_length(plaintext: u64) -> u64 {
    plaintext + TAG as u64 * plaintext.div_ceil(CHUNK as u64).max(1)
}

/// Number of plaintext bytes in `ciphertext` sealed bytes; none where no object has that length.
pub fn opened_length(ciphertext: u64) -> Option<u64> {
    let chunks = ciphertext.div_ceil(SEALED_CHUNK as u64);
    let plain = ciphertext.checked_sub(chunks * TAG as u64)?;
    (chunks > 0 && sealed_length(plain) == ciphertext).then_some(plain)
}

struct Out;
impl KeyType for Out {
    fn len(&self) -> usize {
        LEN
    }
}

/// HKDF-Expand (RFC 5869) to 32 bytes.
fn expand(prk: &Prk, info: &[&[u8]]) -> [u8; LEN] {
    let mut out = [0; LEN];
    prk.expand(info, Out)
        .and_then(|okm| okm.fill(&mut out))
        .expect("32 bytes are within HKDF-SHA-256's 8,160");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ObjectKey {
        ContentKey::from_bytes([3; 32]).object_key(&[9; 16], 1)
    }

    #[test]
    fn lengths_and_round_trips() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5] {
            let plain: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let (cipher, sealed) = seal_all(&key(), &plain).unwrap();
            assert_eq!(cipher.len() as u64, sealed_length(length as u64));
            assert_eq!(opened_length(cipher.len() as u64), Some(length as u64));
            assert_eq!(open_all(&key(), &sealed, cipher).unwrap(), plain);
        }
        assert_eq!(opened_length(0), None);
        assert_eq!(opened_length(15), None);
        assert_eq!(opened_length(SEALED_CHUNK as u64 + 3), None);
        // An empty second chunk is not how a whole number of chunks is sealed.
        assert_eq!(opened_length(SEALED_CHUNK as u64 + 16), None);
    }

    #[test]
    fn every_change_is_seen() {
        let plain = vec![5; 2 * CHUNK + 100];
        let (cipher, sealed) = seal_all(&key(), &plain).unwrap();
        let tampered = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut copy = cipher.clone();
            change(&mut copy);
            open_all(&key(), &sealed, copy)
        };
        assert!(tampered(&|c| c[0] ^= 1).is_err());
        assert!(tampered(&|c| c.truncate(2 * SEALED_CHUNK)).is_err());
        assert!(tampered(&|c| c.truncate(SEALED_CHUNK)).is_err());
        assert!(tampered(&|c| c.rotate_left(SEALED_CHUNK)).is_err());
        assert!(tampered(&|c| c.extend_from_slice(&[0; 16])).is_err());
        let other = ContentKey::from_bytes([3; 32]).object_key(&[9; 16], 2);
        assert_eq!(open_all(&other, &sealed, cipher.clone()), Err(CryptoError::Object));
        let mut wrong = sealed.clone();
        wrong.plaintext_digest[0] ^= 1;
        assert_eq!(open_all(&key(), &wrong, cipher), Err(CryptoError::Object));
    }
}
