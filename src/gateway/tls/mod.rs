//! Mutual TLS 1.3. The TLS layer lets any well-formed certificate complete; who it is, the
//! statements of paired authorities say, on every call anew.

mod accept;
mod certificate;
mod dial;
mod dialled;
mod examine;
mod greet;
mod group;
mod handle;
mod lines;
mod live;
mod pem;
mod pki;
mod trunk;
mod verifier;

pub use accept::{PeerConnection, PeerStream, listen};
pub use dial::{CONNECTION_WINDOW, DialError, Dialer, PING, PONG, STREAM_WINDOW, danger_unproved_client};
pub use greet::Greetings;
pub use lines::{Held, LAST_CALL, Lines};
pub use live::LiveCredentials;
pub use pem::{Source, TlsConfig};
pub use pki::Pki;
pub use trunk::Trunk;

use super::GatewayError;
use crate::crypto::entropy::Entropy;
use crate::crypto::hash::Digest;
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
    /// Id of the TLS key.
    pub key: Digest,
    /// Digest of the certificates that came with it, if any did.
    certificates: Option<Digest>,
}

impl Credentials {
    /// Of the identity's TLS key as it is, trusting whom statements prove.
    pub fn new(identity: &Identity, entropy: Arc<dyn Entropy>) -> Result<Self, GatewayError> {
        Self::of(identity.authority(), &identity.tls(), None, entropy)
    }

    /// Of a TLS key of this authority: with the certificates that came with it, or with one that
    /// is made here. `pki` has to vouch for whoever is connected, besides statements.
    fn of(
        authority: &AuthorityId,
        tls: &TlsKey,
        pki: Option<Arc<Pki>>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, GatewayError> {
        let provider = Arc::new(provider(entropy));
        let failed = |error: rustls::Error| GatewayError::Tls(error.to_string());
        let (chain, certificates) = match &tls.certificates {
            Some(pem) => {
                let (chain, digest) = pem::presented(pem).map_err(GatewayError::Tls)?;
                (chain, Some(digest))
            }
            None => (vec![own_certificate(authority, tls)?], None),
        };
        let presented = Arc::new(CertifiedKey::new(chain, Arc::new(Handle(tls.signer.clone()))));
        if public_key(Some(&presented.cert)).as_deref() != Some(tls.signer.public_key()) {
            return Err(GatewayError::Tls("the certificate is of another key".into()));
        }
        let verifier = Arc::new(verifier::AnyWellFormed::new(provider.clone(), pki));
        Ok(Self {
            server: Arc::new(server(&provider, &verifier, presented.clone()).map_err(failed)?),
            client: Arc::new(client(&provider, &verifier, presented).map_err(failed)?),
            key: tls.statement.id,
            certificates,
        })
    }
}

/// A certificate of a key that was made here: the profile of PROTOCOL.
fn own_certificate(authority: &AuthorityId, tls: &TlsKey) -> Result<CertificateDer<'static>, GatewayError> {
    let failed = |error: rcgen::Error| GatewayError::Tls(error.to_string());
    let statement = &tls.statement;
    let mut params = rcgen::CertificateParams::new(vec![SERVER_NAME.to_owned()]).map_err(failed)?;
    params.distinguished_name.push(rcgen::DnType::CommonName, authority.as_str());
    params.not_before = (UNIX_EPOCH + Duration::from_millis(statement.not_before)).into();
    params.not_after = (UNIX_EPOCH + Duration::from_millis(statement.not_after)).into();
    Ok(params.self_signed(&Handle(tls.signer.clone())).map_err(failed)?.der().clone())
}

impl Credentials {
    /// The certificate in them, as a log line names it.
    pub(super) fn presented(&self) -> String {
        certificate::ours(&self.client)
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
    verifier: &Arc<verifier::AnyWellFormed>,
    presented: Arc<CertifiedKey>,
) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(verifier.clone())
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(presented)));
    config.alpn_protocols = vec![b"h2".to_vec()];
    // No tickets, no resumption: every connection proves its key.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    Ok(config)
}

fn client(
    provider: &Arc<CryptoProvider>,
    verifier: &Arc<verifier::AnyWellFormed>,
    presented: Arc<CertifiedKey>,
) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier.clone())
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
