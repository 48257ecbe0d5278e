//! What somebody needs who speaks for an authority and should not: certificates of any key, and
//! what a gateway did about it.

use super::lines::connect;
use super::{Authority, until};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::sign::{Ed25519Key, P256Key, Signer, new_p256};
use rogatory::exchange::identity::Identity;
use rogatory::format::chain::Chain;
use rogatory::format::wire::HelloRequest;
use rogatory::gateway::rpc::peer::peer_client::PeerClient;
use rogatory::gateway::tls;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, ServerConfig};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tonic::transport::Channel;

/// A private key for TLS, whatever a statement says of it.
pub struct Presented {
    pub pair: KeyPair,
    pub signer: Box<dyn Signer>,
}

impl Presented {
    pub fn p256() -> Self {
        let document = new_p256().unwrap();
        let key = PrivatePkcs8KeyDer::from(document.to_vec());
        let pair = KeyPair::from_pkcs8_der_and_sign_algo(&key, &PKCS_ECDSA_P256_SHA256).unwrap();
        Self { pair, signer: Box::new(P256Key::from_pkcs8(&document).unwrap()) }
    }

    pub fn ed25519() -> Self {
        let pair = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        // PKCS#8 (RFC 8410) with the seed at a fixed place.
        let seed = pair.serialize_der()[16..48].to_vec();
        Self { pair, signer: Box::new(Ed25519Key::from_seed(&seed).unwrap()) }
    }

    /// A certificate of it under the name XB.
    pub fn certificate(&self) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(vec![tls::SERVER_NAME.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "XB");
        params.self_signed(&self.pair).unwrap().der().clone()
    }

    /// What a client needs that presents it.
    pub fn client_config(&self, identity: &Identity) -> ClientConfig {
        config_of(self.certificate(), &self.pair, identity)
    }

    /// A client that presents it.
    pub fn client(&self, identity: &Identity, address: &str) -> PeerClient<Channel> {
        client_of(self.certificate(), &self.pair, identity, address)
    }

    /// A server like those of `identity` that presents it.
    pub fn server(&self, identity: &Identity) -> Arc<ServerConfig> {
        let credentials = tls::Credentials::new(identity, Arc::new(SystemEntropy::default())).unwrap();
        let mut config = ServerConfig::clone(&credentials.server);
        config.cert_resolver = certified(self.certificate(), &self.pair);
        Arc::new(config)
    }

    /// SHA-256 of its SubjectPublicKeyInfo.
    pub fn spki(&self) -> String {
        use rcgen::PublicKeyData as _;
        hex::encode(rogatory::crypto::hash::sha256(&self.pair.subject_public_key_info()))
    }
}

/// A client like those of `identity`, with another certificate and key.
pub fn client_of(
    certificate: CertificateDer<'static>,
    key: &KeyPair,
    identity: &Identity,
    address: &str,
) -> PeerClient<Channel> {
    tls::danger_unproved_client(address, Arc::new(config_of(certificate, key, identity)))
}

fn config_of(certificate: CertificateDer<'static>, key: &KeyPair, identity: &Identity) -> ClientConfig {
    let credentials = tls::Credentials::new(identity, Arc::new(SystemEntropy::default())).unwrap();
    let mut config = ClientConfig::clone(&credentials.client);
    config.client_auth_cert_resolver = certified(certificate, key);
    config
}

fn certified(certificate: CertificateDer<'static>, key: &KeyPair) -> Arc<SingleCertAndKey> {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let signing = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    Arc::new(SingleCertAndKey::from(CertifiedKey::new(vec![certificate], signing)))
}

/// Somebody between a gateway and one that it dials: answers with a certificate that can be
/// changed, and passes on what is said.
pub struct Between(watch::Sender<Arc<ServerConfig>>);

impl Between {
    /// To `to`, as one with these credentials.
    pub fn new(place: TcpListener, caller: tls::Credentials, to: &str, first: Arc<ServerConfig>) -> Self {
        let (sender, presented) = watch::channel(first);
        let (caller, to) = (Arc::new(caller), to.to_owned());
        tokio::spawn(async move {
            while let Ok((near, _)) = place.accept().await {
                let (mut presented, caller, to) = (presented.clone(), caller.clone(), to.clone());
                let server = presented.borrow_and_update().clone();
                tokio::spawn(async move {
                    let passing = async {
                        let mut near = TlsAcceptor::from(server).accept(near).await?;
                        let mut far = connect(&caller, &to).await?;
                        tokio::io::copy_bidirectional(&mut near, &mut far).await
                    };
                    // What was made under another certificate is cut; why one ends is no matter here.
                    tokio::select! { _ = passing => {}, _ = presented.changed() => {} }
                });
            }
        });
        Self(sender)
    }

    /// Presents another certificate from now on.
    pub fn present(&self, server: Arc<ServerConfig>) {
        self.0.send_replace(server);
    }
}

/// A Hello of XB.
pub fn hello(chain: &Chain, shown: Vec<Vec<u8>>) -> HelloRequest {
    HelloRequest {
        authority: "XB".into(),
        fingerprint: chain.fingerprint().to_vec(),
        statements: chain.count(),
        head: chain.head().to_vec(),
        shown,
        ..HelloRequest::default()
    }
}

/// A line of a log that names all of these.
pub async fn said(of: &Authority, words: &[&str]) {
    until(&format!("a line with {words:?}"), || async {
        of.log().lines().any(|line| words.iter().all(|word| line.contains(word)))
    })
    .await;
}

/// How many entries of a served gateway's ledger are about a peer.
pub fn entries_about(of: &Authority, peer: &str) -> usize {
    of.json(&["ledger", "ask", "entries", "--peer", peer])["rows"].as_array().unwrap().len()
}
