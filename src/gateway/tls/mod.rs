//! Mutual TLS 1.3. The TLS layer lets any well-formed certificate complete; who it is, the
//! statements of paired authorities say, on every call anew.

mod accept;
mod dial;
mod greet;
mod group;
mod lines;
mod live;
mod trunk;
mod verifier;

pub use accept::{PeerConnection, PeerStream, listen};
pub use dial::{DialError, Dialer, danger_unproved_client};
pub use greet::Greetings;
pub use lines::{Held, LAST_CALL, Lines};
pub use live::LiveCredentials;
pub use trunk::Trunk;

use super::GatewayError;
use crate::crypto::entropy::Entropy;
use crate::crypto::hash::Digest;
use crate::exchange::identity::{Identity, TlsKey};
use crate::format::id::AuthorityId;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::version::TLS13;
use rustls::{ClientConfig, ServerConfig};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// The one name in every certificate: it says nothing, the key says all.
pub const SERVER_NAME: &str = "rogatory";

/// Our credentials, as both kinds of configuration.
pub struct Credentials {
    /// For those who connect to us.
    pub server: Arc<ServerConfig>,
    /// For those whom we connect to.
    pub client: Arc<ClientConfig>,
    /// Id of the TLS key.
    pub key: Digest,
}

impl Credentials {
    /// Makes a certificate of the identity's TLS key, and both configurations.
    pub fn new(identity: &Identity, entropy: Arc<dyn Entropy>) -> Result<Self, GatewayError> {
        Self::of(identity.authority(), &identity.tls(), entropy)
    }

    /// Makes them of a TLS key of this authority.
    fn of(authority: &AuthorityId, tls: &TlsKey, entropy: Arc<dyn Entropy>) -> Result<Self, GatewayError> {
        let (statement, key) = (&tls.statement, PrivatePkcs8KeyDer::from(tls.document.to_vec()));
        let pair = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&key, &rcgen::PKCS_ECDSA_P256_SHA256)
            .map_err(|error| GatewayError::Tls(error.to_string()))?;
        let mut params = rcgen::CertificateParams::new(vec![SERVER_NAME.to_owned()])
            .map_err(|error| GatewayError::Tls(error.to_string()))?;
        params.distinguished_name.push(rcgen::DnType::CommonName, authority.as_str());
        params.not_before = (UNIX_EPOCH + Duration::from_millis(statement.not_before)).into();
        params.not_after = (UNIX_EPOCH + Duration::from_millis(statement.not_after)).into();
        let certificate =
            params.self_signed(&pair).map_err(|error| GatewayError::Tls(error.to_string()))?.der().clone();
        let provider = Arc::new(provider(entropy));
        Ok(Self {
            server: Arc::new(server(&provider, certificate.clone(), PrivateKeyDer::Pkcs8(key.clone_key()))?),
            client: Arc::new(client(&provider, certificate, PrivateKeyDer::Pkcs8(key))?),
            key: statement.id,
        })
    }
}

fn provider(entropy: Arc<dyn Entropy>) -> CryptoProvider {
    let ring = rustls::crypto::ring::default_provider();
    let mut kx_groups: Vec<&'static dyn rustls::crypto::SupportedKxGroup> = vec![group::hybrid(entropy)];
    kx_groups.extend(ring.kx_groups.iter().copied());
    CryptoProvider { kx_groups, ..ring }
}

fn server(
    provider: &Arc<CryptoProvider>,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, GatewayError> {
    let mut config = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| GatewayError::Tls(error.to_string()))?
        .with_client_cert_verifier(Arc::new(verifier::AnyWellFormed::new(provider.clone())))
        .with_single_cert(vec![certificate], key)
        .map_err(|error| GatewayError::Tls(error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    // No tickets, no resumption: every connection proves its key.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    Ok(config)
}

fn client(
    provider: &Arc<CryptoProvider>,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> Result<ClientConfig, GatewayError> {
    let mut config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| GatewayError::Tls(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier::AnyWellFormed::new(provider.clone())))
        .with_client_auth_cert(vec![certificate], key)
        .map_err(|error| GatewayError::Tls(error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
}

/// The public key in a certificate, in the form that statements carry: the bits of the
/// SubjectPublicKeyInfo.
pub(super) fn public_key(certificates: Option<&[CertificateDer<'_>]>) -> Option<Vec<u8>> {
    let certificate = certificates?.first()?;
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    Some(parsed.public_key().subject_public_key.data.to_vec())
}
