//! ML-DSA-65 (FIPS 204), deterministic and with an empty context. It never signs alone: suite 2
//! has it beside Ed25519, because the crate was audited by nobody.

use super::CryptoError;
use super::sign::Signer;
use ml_dsa::{EncodedVerifyingKey, MlDsa65, Seed, Signature, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

/// Bytes of a public key.
pub const PUBLIC_KEY: usize = 1952;
/// Bytes of a signature.
pub const SIGNATURE: usize = 3309;

/// An ML-DSA-65 key held in memory.
pub struct MlDsaKey {
    key: SigningKey<MlDsa65>,
    public: Vec<u8>,
}

impl MlDsaKey {
    /// The key of a 32-byte seed (FIPS 204, algorithm 6).
    pub fn from_seed(seed: &[u8]) -> Result<Self, CryptoError> {
        let seed = Zeroizing::new(Seed::try_from(seed).map_err(|_| CryptoError::Key)?);
        let key = SigningKey::from_seed(&seed);
        let public = key.expanded_key().verifying_key().encode().to_vec();
        Ok(Self { key, public })
    }
}

impl Signer for MlDsaKey {
    fn public_key(&self) -> &[u8] {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let signature =
            self.key.expanded_key().sign_deterministic(message, &[]).map_err(|_| CryptoError::Key)?;
        Ok(signature.encode().to_vec())
    }
}

/// Checks an ML-DSA-65 signature.
pub fn verify_ml_dsa(public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
    let public_key = EncodedVerifyingKey::<MlDsa65>::try_from(public_key).map_err(|_| CryptoError::Key)?;
    let signature = Signature::<MlDsa65>::try_from(signature).map_err(|_| CryptoError::Signature)?;
    let good = VerifyingKey::<MlDsa65>::decode(&public_key).verify_with_context(message, &[], &signature);
    good.then_some(()).ok_or(CryptoError::Signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_verifies_and_nothing_else_does() {
        let key = MlDsaKey::from_seed(&[7; 32]).unwrap();
        let signature = key.sign(b"a message").unwrap();
        assert_eq!((key.public_key().len(), signature.len()), (PUBLIC_KEY, SIGNATURE));
        // What OpenSSL makes of this seed.
        assert_eq!(
            hex::encode(crate::crypto::hash::sha256(key.public_key())),
            "d3a1e51ecf491b79ca7691bd269271f8d8e8d94313a6abcc6c8ae8bc34b5f9aa"
        );
        assert_eq!(key.sign(b"a message").unwrap(), signature, "it is deterministic");
        verify_ml_dsa(key.public_key(), b"a message", &signature).unwrap();

        let refused = |public: &[u8], message: &[u8], signature: &[u8]| {
            verify_ml_dsa(public, message, signature).unwrap_err()
        };
        assert_eq!(refused(key.public_key(), b"a Message", &signature), CryptoError::Signature);
        let other = MlDsaKey::from_seed(&[8; 32]).unwrap();
        assert_eq!(refused(other.public_key(), b"a message", &signature), CryptoError::Signature);
        // One bit in each of its three parts: the challenge, the response, the hints.
        for at in [0, 47, 48, 2000, SIGNATURE - 62, SIGNATURE - 1] {
            let mut bent = signature.clone();
            bent[at] ^= 1;
            assert_eq!(refused(key.public_key(), b"a message", &bent), CryptoError::Signature, "at {at}");
        }
        for length in [0, 64, SIGNATURE - 1] {
            assert_eq!(refused(key.public_key(), b"a message", &signature[..length]), CryptoError::Signature);
        }
        let longer = [&signature[..], &[0]].concat();
        assert_eq!(refused(key.public_key(), b"a message", &longer), CryptoError::Signature);
        assert_eq!(refused(&key.public_key()[1..], b"a message", &signature), CryptoError::Key);
        assert!(matches!(MlDsaKey::from_seed(&[7; 31]), Err(CryptoError::Key)));
    }
}
