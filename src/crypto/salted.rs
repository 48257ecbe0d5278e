//! Few bytes under a key that is used often: each sealing has a key of its own, which is derived
//! from a fresh salt.

use super::entropy::{Entropy, fresh};
use super::key_box::single_use;
use super::{CryptoError, LEN};
use ring::aead::{Aad, Nonce};
use ring::hmac;
use zeroize::Zeroizing;

/// Salt, ciphertext, tag. `label` says what is sealed, `context` which of these.
pub(super) fn seal(
    key: &[u8; LEN],
    label: &[u8],
    context: &[u8],
    bytes: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, CryptoError> {
    let salt: [u8; LEN] = fresh(entropy)?;
    let mut sealed = bytes.to_vec();
    single_use(&derive(key, label, context, &salt))
        .seal_in_place_append_tag(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut sealed)
        .map_err(|_| CryptoError::Key)?;
    Ok([salt.as_slice(), &sealed].concat())
}

/// Undoes [`seal`].
pub(super) fn open(
    key: &[u8; LEN],
    label: &[u8],
    context: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let (salt, sealed) = sealed.split_at_checked(LEN).ok_or(CryptoError::Open)?;
    let mut buffer = Zeroizing::new(sealed.to_vec());
    let length = single_use(&derive(key, label, context, salt))
        .open_in_place(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut buffer)
        .map_err(|_| CryptoError::Open)?
        .len();
    buffer.truncate(length);
    Ok(buffer)
}

/// A pseudo-random function of label, context and salt: HMAC-SHA-256. Under one key no label
/// begins with another, and a salt has one length: what is fed in is read in one way only.
fn derive(key: &[u8; LEN], label: &[u8], context: &[u8], salt: &[u8]) -> Zeroizing<[u8; LEN]> {
    let mut hmac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in [label, context, salt] {
        hmac.update(part);
    }
    Zeroizing::new(hmac.sign().as_ref().try_into().expect("HMAC-SHA-256 is 32 bytes long"))
}
