//! What somebody needs who speaks for an authority and should not: certificates of any key, and
//! what a gateway did about it.

use super::{Authority, until};
use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::sign::{Ed25519Key, P256Key, Signer, new_p256};
use rogatory::exchange::identity::Identity;
use rogatory::format::chain::Chain;
use rogatory::format::id::PacketId;
use rogatory::format::wire::{HelloRequest, event::Code as Event};
use rogatory::gateway::rpc::peer::peer_client::PeerClient;
use rogatory::gateway::tls;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use std::sync::Arc;
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

    /// A client that presents it.
    pub fn client(&self, identity: &Identity, address: &str) -> PeerClient<Channel> {
        client_of(self.certificate(), &self.pair, identity, address)
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
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let signing = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let credentials = tls::Credentials::new(identity, Arc::new(SystemEntropy::default())).unwrap();
    let mut config = rustls::ClientConfig::clone(&credentials.client);
    let certified = CertifiedKey::new(vec![certificate], signing);
    config.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(certified));
    tls::danger_unproved_client(address, Arc::new(config))
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

/// A packet, to the end.
pub async fn settled(from: &Authority, to: &Authority) {
    let id = from.send(&to.name, "").0.parse::<PacketId>().unwrap();
    until("the packet is settled", || async {
        let summary = from.show(id.bytes()).await.unwrap().summary.unwrap();
        let last = summary.outcomes.last().map(|outcome| outcome.event());
        assert!(last != Some(Event::RelayRejection), "{summary:?}");
        last == Some(Event::ContentConsignment)
    })
    .await;
}
