//! Private keys for TLS as others make them: ECDSA on P-256 or P-384, RSA.

use super::CryptoError;
use super::sign::Signer;
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, KeyPair as _, RsaKeyPair};
use zeroize::Zeroizing;

/// A private key for TLS, held in memory.
pub struct TlsPrivate {
    pair: Pair,
    random: SystemRandom,
    public_key: Vec<u8>,
}

enum Pair {
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl TlsPrivate {
    /// Reads a document: PKCS#8 of a key on P-256 or P-384 or of an RSA key of 2048 to 4096
    /// bits, or PKCS#1 of such an RSA key.
    pub fn read(document: &[u8]) -> Result<Self, CryptoError> {
        let random = SystemRandom::new();
        let ecdsa = |curve| EcdsaKeyPair::from_pkcs8(curve, document, &random);
        let rsa = || RsaKeyPair::from_pkcs8(document).or_else(|_| RsaKeyPair::from_der(document));
        let pair = if let Ok(pair) = ecdsa(&signature::ECDSA_P256_SHA256_ASN1_SIGNING) {
            Pair::P256(pair)
        } else if let Ok(pair) = ecdsa(&signature::ECDSA_P384_SHA384_ASN1_SIGNING) {
            Pair::P384(pair)
        } else {
            Pair::Rsa(rsa().map_err(|_| CryptoError::Key)?)
        };
        let public_key = match &pair {
            Pair::P256(pair) | Pair::P384(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public().as_ref().to_vec(),
        };
        Ok(Self { pair, random, public_key })
    }
}

impl Signer for TlsPrivate {
    fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let failed = |_| CryptoError::Entropy;
        match &self.pair {
            Pair::P256(pair) | Pair::P384(pair) => {
                pair.sign(&self.random, message).map(|signature| signature.as_ref().to_vec()).map_err(failed)
            }
            Pair::Rsa(pair) => {
                let mut signed = vec![0; pair.public().modulus_len()];
                pair.sign(&signature::RSA_PSS_SHA256, &self.random, message, &mut signed).map_err(failed)?;
                Ok(signed)
            }
        }
    }
}

/// PKCS#8 of a key on P-256 or P-384 that is written as SEC 1 (RFC 5915).
pub fn from_sec1(sec1: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    // RFC 5208: version 0, then id-ecPublicKey with the curve, then the key as an octet string.
    const P256: &[u8] = &[
        2, 1, 0, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3,
        1, 7,
    ];
    const P384: &[u8] =
        &[2, 1, 0, 0x30, 0x10, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 5, 0x2b, 0x81, 4, 0, 0x22];
    let wrapped = [P256, P384].map(|curve| {
        let key = Zeroizing::new(der(4, &[sec1]));
        Zeroizing::new(der(0x30, &[curve, &key]))
    });
    wrapped.into_iter().find(|document| TlsPrivate::read(document).is_ok()).ok_or(CryptoError::Key)
}

/// DER: tag, length (X.690 §8.1.3), contents.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let bytes = length.to_be_bytes();
    let significant = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    let mut out = Vec::with_capacity(length + 10);
    out.push(tag);
    if length < 0x80 {
        out.push(length as u8);
    } else {
        out.push(0x80 | significant.len() as u8);
        out.extend_from_slice(significant);
    }
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}
