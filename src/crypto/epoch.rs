//! Epoch keys: what keeps content keys at rest, one per bucket of retention and month.
//!
//! Destroying an epoch key destroys every content key under it, on disk and in back-ups.

use super::entropy::Entropy;
use super::object::ContentKey;
use super::{CryptoError, LEN, salted};
use zeroize::ZeroizeOnDrop;

const KEY_LABEL: &[u8] = b"rogatory/v1 epoch content key";
const BYTES_LABEL: &[u8] = b"rogatory/v1 epoch bytes";

/// The key of one bucket.
#[derive(Clone, ZeroizeOnDrop)]
pub struct EpochKey([u8; LEN]);

impl EpochKey {
    /// The key with these bytes.
    pub fn from_bytes(bytes: [u8; LEN]) -> Self {
        Self(bytes)
    }

    /// Wraps the content key of the packet `id`; each wrap has a key of its own.
    pub fn wrap(
        &self,
        id: &[u8; 16],
        content: &ContentKey,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, CryptoError> {
        salted::seal(&self.0, KEY_LABEL, id, content.danger_bytes(), entropy)
    }

    /// Undoes [`EpochKey::wrap`].
    pub fn unwrap(&self, id: &[u8; 16], wrap: &[u8]) -> Result<ContentKey, CryptoError> {
        let bytes = salted::open(&self.0, KEY_LABEL, id, wrap)?;
        Ok(ContentKey::from_bytes(bytes.as_slice().try_into().map_err(|_| CryptoError::Open)?))
    }

    /// Seals a few bytes that belong to the packet `id`, such as its key box while it waits.
    pub fn seal(&self, id: &[u8; 16], bytes: &[u8], entropy: &dyn Entropy) -> Result<Vec<u8>, CryptoError> {
        salted::seal(&self.0, BYTES_LABEL, id, bytes, entropy)
    }

    /// Undoes [`EpochKey::seal`].
    pub fn open(&self, id: &[u8; 16], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        Ok(salted::open(&self.0, BYTES_LABEL, id, sealed)?.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;

    #[test]
    fn a_wrap_opens_under_its_epoch_and_packet_only() {
        let (epoch, other) = (EpochKey::from_bytes([1; 32]), EpochKey::from_bytes([2; 32]));
        let wrap = epoch.wrap(&[5; 16], &ContentKey::from_bytes([9; 32]), &SystemEntropy::default()).unwrap();
        assert_eq!(epoch.unwrap(&[5; 16], &wrap).unwrap().danger_bytes(), &[9; 32]);
        assert!(epoch.unwrap(&[6; 16], &wrap).is_err());
        assert!(other.unwrap(&[5; 16], &wrap).is_err());
        assert!(epoch.unwrap(&[5; 16], &wrap[..40]).is_err());
        assert!(epoch.open(&[5; 16], &wrap).is_err(), "a wrap is not sealed bytes");
        let sealed = epoch.seal(&[5; 16], b"box", &SystemEntropy::default()).unwrap();
        assert_eq!(epoch.open(&[5; 16], &sealed).unwrap(), b"box");
    }
}
