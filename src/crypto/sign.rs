//! Signatures in a context: DSSE pre-authentication encoding, Ed25519 and ECDSA P-256.

use super::CryptoError;
use super::entropy::{Entropy, fresh_secret};
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use std::io::Write as _;
use zeroize::Zeroizing;

/// DSSE pre-authentication encoding: the bytes that are really signed.
///
/// `"DSSEv1" SP len(type) SP type SP len(payload) SP payload`, lengths in ASCII decimal
/// (DSSE protocol, version 1.0.2).
pub fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload_type.len() + payload.len() + 40);
    // Into a vector, writing does not fail.
    let _ = write!(out, "DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    out.extend_from_slice(payload);
    out
}

/// A private key that signs, wherever it is kept: in memory, from a file, or in a token.
pub trait Signer: Send + Sync {
    /// The public half, in the form that key statements carry.
    fn public_key(&self) -> &[u8];
    /// Signs exactly `message`.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError>;
}

/// An Ed25519 key held in memory.
pub struct Ed25519Key(Ed25519KeyPair);

impl Ed25519Key {
    /// The key of a 32-byte seed (RFC 8032 §5.1.5).
    pub fn from_seed(seed: &[u8]) -> Result<Self, CryptoError> {
        Ed25519KeyPair::from_seed_unchecked(seed).map(Self).map_err(|_| CryptoError::Key)
    }
}

impl Signer for Ed25519Key {
    fn public_key(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        Ok(self.0.sign(message).as_ref().to_vec())
    }
}

/// An ECDSA P-256 key held in memory, for TLS.
pub struct P256Key {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl P256Key {
    /// Reads a PKCS#8 document.
    pub fn from_pkcs8(document: &[u8]) -> Result<Self, CryptoError> {
        let random = SystemRandom::new();
        EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_ASN1_SIGNING, document, &random)
            .map(|pair| Self { pair, random })
            .map_err(|_| CryptoError::Key)
    }
}

impl Signer for P256Key {
    fn public_key(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.pair
            .sign(&self.random, message)
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| CryptoError::Entropy)
    }
}

/// A fresh Ed25519 seed.
pub fn new_seed(entropy: &dyn Entropy) -> Result<Zeroizing<[u8; 32]>, CryptoError> {
    fresh_secret(entropy)
}

/// A fresh ECDSA P-256 key as PKCS#8.
pub fn new_p256() -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    EcdsaKeyPair::generate_pkcs8(&signature::ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
        .map(|document| Zeroizing::new(document.as_ref().to_vec()))
        .map_err(|_| CryptoError::Entropy)
}

/// Checks an Ed25519 signature.
pub fn verify_ed25519(public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
    UnparsedPublicKey::new(&signature::ED25519, public_key)
        .verify(message, signature)
        .map_err(|_| CryptoError::Signature)
}

/// Checks an ECDSA P-256 SHA-256 signature in ASN.1 form.
pub fn verify_p256(public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
    UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, public_key)
        .verify(message, signature)
        .map_err(|_| CryptoError::Signature)
}

/// Checks an ECDSA P-384 SHA-384 signature in ASN.1 form.
pub fn verify_p384(public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
    UnparsedPublicKey::new(&signature::ECDSA_P384_SHA384_ASN1, public_key)
        .verify(message, signature)
        .map_err(|_| CryptoError::Signature)
}

/// Checks an RSASSA-PSS SHA-256 signature under an RSA key of 2048 to 8192 bits, which is given
/// as PKCS#1.
pub fn verify_rsa(public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
    UnparsedPublicKey::new(&signature::RSA_PSS_2048_8192_SHA256, public_key)
        .verify(message, signature)
        .map_err(|_| CryptoError::Signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_of_the_specification() {
        assert_eq!(
            pre_authentication_encoding("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }

    #[test]
    fn a_signature_holds_for_its_purpose_only() {
        let key = Ed25519Key::from_seed(&[7; 32]).unwrap();
        let signature = key.sign(&pre_authentication_encoding("a", b"x")).unwrap();
        assert!(
            verify_ed25519(key.public_key(), &pre_authentication_encoding("a", b"x"), &signature).is_ok()
        );
        assert_eq!(
            verify_ed25519(key.public_key(), &pre_authentication_encoding("b", b"x"), &signature),
            Err(CryptoError::Signature)
        );
    }
}
