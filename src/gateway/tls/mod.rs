//! Mutual TLS 1.3. The TLS layer lets any well-formed certificate complete; who it is, the
//! statements of paired authorities say, on every call anew.

mod accept;
mod certificate;
mod dial;
mod dialled;
mod greet;
mod group;
mod handle;
mod live;
mod verifier;

pub use accept::{PeerConnection, PeerStream, listen};
pub use dial::{DialError, Dialer, danger_unproved_client};
pub use greet::Greetings;
pub use live::LiveCredentials;

use super::GatewayError;
use crate::crypto::entropy::Entropy;
use crate::exchange::identity::Identity;
use crate::exchange::in_use::TlsKey;
use crate::format::id::AuthorityId;
use handle::Handle;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
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
}

impl Credentials {
    /// Makes a certificate of the identity's TLS key, and both configurations.
    pub fn new(identity: &Identity, entropy: Arc<dyn Entropy>) -> Result<Self, GatewayError> {
        Self::of(identity.authority(), &identity.tls(), entropy)
    }

    /// Makes them of a TLS key of this authority.
    fn of(authority: &AuthorityId, tls: &TlsKey, entropy: Arc<dyn Entropy>) -> Result<Self, GatewayError> {
        let statement = &tls.statement;
        let failed = |error: rcgen::Error| GatewayError::Tls(error.to_string());
        let mut params = rcgen::CertificateParams::new(vec![SERVER_NAME.to_owned()]).map_err(failed)?;
        params.distinguished_name.push(rcgen::DnType::CommonName, authority.as_str());
        params.not_before = (UNIX_EPOCH + Duration::from_millis(statement.not_before)).into();
        params.not_after = (UNIX_EPOCH + Duration::from_millis(statement.not_after)).into();
        let key = Handle(tls.signer.clone());
        let certificate = params.self_signed(&key).map_err(failed)?.der().clone();
        let presented = Arc::new(CertifiedKey::new(vec![certificate], Arc::new(key)));
        let provider = Arc::new(provider(entropy));
        Ok(Self {
            server: Arc::new(server(&provider, presented.clone())?),
            client: Arc::new(client(&provider, presented)?),
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
    presented: Arc<CertifiedKey>,
) -> Result<ServerConfig, GatewayError> {
    let mut config = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| GatewayError::Tls(error.to_string()))?
        .with_client_cert_verifier(Arc::new(verifier::AnyWellFormed::new(provider.clone())))
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(presented)));
    config.alpn_protocols = vec![b"h2".to_vec()];
    // No tickets, no resumption: every connection proves its key.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    Ok(config)
}

fn client(
    provider: &Arc<CryptoProvider>,
    presented: Arc<CertifiedKey>,
) -> Result<ClientConfig, GatewayError> {
    let mut config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| GatewayError::Tls(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier::AnyWellFormed::new(provider.clone())))
        .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(presented)));
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
