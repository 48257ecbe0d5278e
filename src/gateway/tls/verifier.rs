//! Lets any well-formed certificate complete the handshake, having proved its key. Whether
//! that key is anybody's is decided above, from statements.

use super::certificate::describe;
use super::pki::Pki;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use std::sync::Arc;
use webpki::KeyUsage;

#[derive(Debug)]
pub(super) struct AnyWellFormed {
    provider: Arc<CryptoProvider>,
    /// Who has to vouch for the certificate besides.
    pki: Option<Arc<Pki>>,
}

impl AnyWellFormed {
    pub(super) fn new(provider: Arc<CryptoProvider>, pki: Option<Arc<Pki>>) -> Self {
        Self { provider, pki }
    }

    fn vouched(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
        usage: fn() -> KeyUsage,
    ) -> Result<(), Error> {
        Self::well_formed(certificate)?;
        self.pki.as_ref().map_or(Ok(()), |pki| pki.check(certificate, intermediates, now, usage))
    }

    fn well_formed(certificate: &CertificateDer<'_>) -> Result<(), Error> {
        match x509_parser::parse_x509_certificate(certificate) {
            Ok(([], _)) => Ok(()),
            _ => {
                let certificate = describe(Some(std::slice::from_ref(certificate)));
                tracing::info!(certificate, "refused: this is no well-formed certificate");
                Err(CertificateError::BadEncoding.into())
            }
        }
    }

    fn proved(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
            .inspect_err(|error| {
                let certificate = describe(Some(std::slice::from_ref(certificate)));
                tracing::info!(certificate, %error, "refused: the key of this certificate is not proved");
            })
    }

    fn refuse_tls12() -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not spoken here".into()))
    }
}

impl ClientCertVerifier for AnyWellFormed {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let vouched = self.vouched(certificate, intermediates, now, KeyUsage::client_auth);
        vouched.map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Self::refuse_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.proved(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl ServerCertVerifier for AnyWellFormed {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let vouched = self.vouched(certificate, intermediates, now, KeyUsage::server_auth);
        vouched.map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Self::refuse_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.proved(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
