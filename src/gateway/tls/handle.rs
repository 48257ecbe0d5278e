//! Our TLS key for rustls and for the certificate, wherever it is kept: a handle that signs.

use crate::crypto::sign::Signer;
use crate::format::statement::stated_algorithm;
use crate::format::wire::{algorithm::Code as Algorithm, purpose::Code as Purpose};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};
use std::fmt;
use std::sync::Arc;

/// A TLS key, as `TlsPrivate` or a token signs with it.
#[derive(Clone)]
pub(super) struct Handle(pub Arc<dyn Signer>);

impl Handle {
    /// The one scheme of a key of this form.
    fn of_its_form(&self) -> SignatureScheme {
        match stated_algorithm(Purpose::Tls, self.0.public_key()) {
            Algorithm::EcdsaP384 => SignatureScheme::ECDSA_NISTP384_SHA384,
            Algorithm::Rsa => SignatureScheme::RSA_PSS_SHA256,
            _ => SignatureScheme::ECDSA_NISTP256_SHA256,
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TLS key")
    }
}

impl rustls::sign::SigningKey for Handle {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn rustls::sign::Signer>> {
        offered.contains(&self.of_its_form()).then(|| Box::new(self.clone()) as _)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self.of_its_form() {
            SignatureScheme::RSA_PSS_SHA256 => SignatureAlgorithm::RSA,
            _ => SignatureAlgorithm::ECDSA,
        }
    }
}

impl rustls::sign::Signer for Handle {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.0.sign(message).map_err(|error| Error::General(error.to_string()))
    }

    fn scheme(&self) -> SignatureScheme {
        self.of_its_form()
    }
}

/// Certificates are made here of keys on P-256 alone.
impl rcgen::PublicKeyData for Handle {
    fn der_bytes(&self) -> &[u8] {
        self.0.public_key()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Handle {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.0.sign(message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}
