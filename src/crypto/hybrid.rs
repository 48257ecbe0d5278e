//! The exchange of the TLS group X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem): ML-KEM-768
//! first, X25519 second, in shares and secret alike.

use super::CryptoError;
use super::entropy::{Drawn, Entropy, fresh_secret};
use ml_kem::kem::{Decapsulate, Encapsulate, FromSeed, KeyExport};
use ml_kem::{MlKem768, ml_kem_768};
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::rand::SystemRandom;
use zeroize::Zeroizing;

/// IANA code point of the group.
pub const NAMED_GROUP: u16 = 0x11ec;
/// Bytes of the client's share: encapsulation key and X25519 share.
pub const CLIENT_SHARE: usize = 1184 + 32;
/// Bytes of the server's share: ciphertext and X25519 share.
pub const SERVER_SHARE: usize = 1088 + 32;

/// The 64-byte shared secret.
pub type Secret = Zeroizing<Vec<u8>>;

/// The client's half, waiting for the server's share.
pub struct Offer {
    decapsulation: ml_kem_768::DecapsulationKey,
    x25519: EphemeralPrivateKey,
    /// What the client sends.
    pub share: Vec<u8>,
}

impl Offer {
    /// Fresh keys.
    pub fn new(entropy: &dyn Entropy) -> Result<Self, CryptoError> {
        let seed = Zeroizing::new(ml_kem::Seed::from(*fresh_secret::<64>(entropy)?));
        let (decapsulation, encapsulation) = MlKem768::from_seed(&seed);
        let (x25519, public) = ephemeral()?;
        let share = [encapsulation.to_bytes().as_slice(), &public].concat();
        Ok(Self { decapsulation, x25519, share })
    }

    /// Takes the server's share.
    pub fn complete(self, share: &[u8]) -> Result<Secret, CryptoError> {
        let (ciphertext, public) = share.split_at_checked(SERVER_SHARE - 32).ok_or(CryptoError::Key)?;
        let ciphertext = ml_kem_768::Ciphertext::try_from(ciphertext).map_err(|_| CryptoError::Key)?;
        let post_quantum = Zeroizing::new(self.decapsulation.decapsulate(&ciphertext));
        agree(self.x25519, public, post_quantum.as_slice())
    }
}

/// The server's half: its share, and the secret.
pub fn respond(client_share: &[u8], entropy: &dyn Entropy) -> Result<(Vec<u8>, Secret), CryptoError> {
    let (key, public) = client_share.split_at_checked(CLIENT_SHARE - 32).ok_or(CryptoError::Key)?;
    let key = key.try_into().map_err(|_| CryptoError::Key)?;
    let key = ml_kem_768::EncapsulationKey::new(key).map_err(|_| CryptoError::Key)?;
    let (ciphertext, post_quantum) = key.encapsulate_with_rng(&mut Drawn::new(entropy)?);
    let post_quantum = Zeroizing::new(post_quantum);
    let (x25519, own) = ephemeral()?;
    let secret = agree(x25519, public, post_quantum.as_slice())?;
    Ok(([ciphertext.as_slice(), &own].concat(), secret))
}

fn ephemeral() -> Result<(EphemeralPrivateKey, Vec<u8>), CryptoError> {
    let private =
        EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).map_err(|_| CryptoError::Entropy)?;
    let public = private.compute_public_key().map_err(|_| CryptoError::Key)?;
    Ok((private, public.as_ref().to_vec()))
}

fn agree(own: EphemeralPrivateKey, public: &[u8], post_quantum: &[u8]) -> Result<Secret, CryptoError> {
    agree_ephemeral(own, &UnparsedPublicKey::new(&X25519, public), |classical| {
        Zeroizing::new([post_quantum, classical].concat())
    })
    .map_err(|_| CryptoError::Key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;

    #[test]
    fn both_sides_agree_and_a_changed_share_does_not() {
        let entropy = SystemEntropy::default();
        let offer = Offer::new(&entropy).unwrap();
        assert_eq!(offer.share.len(), CLIENT_SHARE);
        let (share, server) = respond(&offer.share, &entropy).unwrap();
        assert_eq!((share.len(), server.len()), (SERVER_SHARE, 64));
        assert_eq!(offer.complete(&share).unwrap(), server);

        let offer = Offer::new(&entropy).unwrap();
        let (mut share, server) = respond(&offer.share, &entropy).unwrap();
        share[0] ^= 1;
        assert_ne!(offer.complete(&share).unwrap(), server);
        assert!(respond(&[0; 40], &entropy).is_err());
    }
}
