//! Certificates that prove nobody, over real connections: what each side is told, that the logs of
//! both name the certificate and the reason, that the ledger holds nothing of it, and that honest
//! peers go on. Other attackers: tests/attackers.rs.

mod support;

use rogatory::crypto::entropy::SystemEntropy;
use rogatory::exchange::identity::Identity;
use rogatory::format::chain::Chain;
use rogatory::format::id::PacketId;
use rogatory::format::statement::NewKey;
use rogatory::format::wire::revocation::Reason;
use rogatory::format::wire::unproved::Code as Unproved;
use rogatory::format::wire::{HeldCheckpointRequest, Revocation, purpose::Code as Purpose};
use rogatory::gateway::{SystemClock, tls};
use rogatory::store::Clock as _;
use rustls::server::WebPkiClientVerifier;
use std::path::Path;
use std::sync::Arc;
use support::intruder::{Between, Presented, client_of, entries_about, hello, said};
use support::logs::copy;
use support::statements::write;
use support::{Authority, delivered, end, pair, paired, peer_client, rogatory, settled, until};
use tonic::Code;

const HOUR: u64 = 3_600_000;

/// A key of XB that proves nobody: what is stated of it, and why, as it travels and as logs say it.
struct Unfit {
    presented: Presented,
    purpose: Purpose,
    valid: (u64, u64),
    end: Option<Reason>,
    code: Unproved,
    words: &'static str,
}

fn unfit(now: u64) -> [Unfit; 5] {
    let (past, standing, coming) =
        ((now - 2 * HOUR, now - HOUR), (now - HOUR, now + HOUR), (now + HOUR, now + 2 * HOUR));
    let tls = |valid, end, code, words| {
        let (presented, purpose) = (Presented::p256(), Purpose::Tls);
        Unfit { presented, purpose, valid, end, code, words }
    };
    [
        tls(past, None, Unproved::Expired, "its time is over"),
        tls(coming, None, Unproved::NotYet, "its time has not begun"),
        tls(standing, Some(Reason::Ceased), Unproved::Ended, "ended its use"),
        tls(standing, Some(Reason::Compromised), Unproved::Revoked, "it is revoked"),
        Unfit {
            presented: Presented::ed25519(),
            purpose: Purpose::Packet,
            ..tls(standing, None, Unproved::OtherPurpose, "for another purpose")
        },
    ]
}

/// XB's chain with these keys, which XA has learnt of.
async fn learnt(unfit: &[Unfit], identity: &Identity, xa: &Authority, now: u64) -> Chain {
    let (_, by) = identity.delegate().unwrap();
    let mut chain = Chain::clone(&identity.chain());
    let known = chain.count() as usize;
    for Unfit { presented, purpose, valid, end, .. } in unfit {
        let new = NewKey {
            purpose: *purpose,
            public_key: presented.signer.public_key().to_vec(),
            valid: *valid,
            may_state: Vec::new(),
            revokes: Vec::new(),
            signer: Some(&*presented.signer),
        };
        chain.state(new, &by, now).unwrap();
        if let Some(reason) = end {
            let key_id = chain.keys().last().unwrap().id.to_vec();
            let end = Revocation { key_id, reason: (*reason).into(), since: now, log_size: 0 };
            chain.revoke(vec![end], &by, now).unwrap();
        }
    }
    let shown: Vec<Vec<u8>> = chain.envelopes().skip(known).map(<[u8]>::to_vec).collect();
    let taken = peer_client(identity, &xa.listening).hello(hello(&chain, shown)).await.unwrap().into_inner();
    assert_eq!((taken.proved, taken.unproved()), (true, Unproved::Unspecified));
    assert_eq!(taken.known_of_you, chain.count());
    chain
}

/// A peer of XA's that has nothing to do with any of it.
async fn honest(dir: &Path, xa: &Authority) -> Authority {
    let mut xc = Authority::found(dir, "XC", "127.0.0.1:0");
    xc.serve().await;
    xa.confirm(&xc.offer().await).await;
    xc.confirm(&xa.offer().await).await;
    xc
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_is_told_to_the_caller_and_stands_in_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let xc = honest(dir.path(), &xa).await;
    assert!(xb.stop().await.success());
    let (identity, now) = (xb.identity(), SystemClock.now());
    let cases = unfit(now);
    let chain = learnt(&cases, &identity, &xa, now).await;

    let before = entries_about(&xa, "XB");
    for Unfit { presented, code, words, .. } in &cases {
        let mut client = presented.client(&identity, &xa.listening);
        let refused = client.held_checkpoint(HeldCheckpointRequest {}).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated, "{code:?}");
        let answer = client.hello(hello(&chain, Vec::new())).await.unwrap().into_inner();
        assert_eq!((answer.proved, answer.unproved()), (false, *code));
        let spki = presented.spki();
        said(&xa, &["only Hello is served", &spki, "CN=XB", "valid ", words, "stated_by=\"XB\""]).await;
        said(&xa, &["Hello over a certificate", &spki, "CN=XB", "valid ", words, "peer=XB"]).await;
        assert_eq!(entries_about(&xa, "XB"), before, "{code:?}");
        delivered(&xc, &xa).await;
    }

    // Nobody's key under the right name, and another peer's.
    let unknown = Presented::p256();
    let answer = unknown.client(&identity, &xa.listening).hello(hello(&chain, Vec::new())).await.unwrap();
    assert_eq!(answer.into_inner().unproved(), Unproved::Unknown);
    said(&xa, &["Hello over a certificate", &unknown.spki(), "CN=XB", "no statement names it"]).await;
    let mut client = peer_client(&xc.identity(), &xa.listening);
    assert!(client.held_checkpoint(HeldCheckpointRequest {}).await.is_ok(), "XC is proved as XC");
    let answer = client.hello(hello(&chain, Vec::new())).await.unwrap().into_inner();
    assert_eq!((answer.proved, answer.unproved()), (false, Unproved::OtherPeer));
    said(&xa, &["Hello over a certificate", "CN=XC", "it is XC's", "peer=XB"]).await;
    assert_eq!(entries_about(&xa, "XB"), before);
    delivered(&xc, &xa).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_says_nothing_to_a_server_that_presents_such_a_key() {
    let dir = tempfile::tempdir().unwrap();
    // XB can be dialled at a place where somebody stands between.
    let place = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let mut xb = Authority::found(dir.path(), "XB", "127.0.0.1:0");
    let text = std::fs::read_to_string(xb.config()).unwrap();
    let advertise = format!("[peer]\nadvertise = [\"{}\"]", place.local_addr().unwrap());
    std::fs::write(xb.config(), text.replacen("[peer]", &advertise, 1)).unwrap();
    paired(&mut xa, &mut xb).await;
    let xc = honest(dir.path(), &xa).await;
    assert!(xb.stop().await.success());
    let (identity, now) = (xb.identity(), SystemClock.now());
    let cases = unfit(now);
    write(&xb.data.join("keys"), &learnt(&cases, &identity, &xa, now).await);
    xb.serve().await;
    let credentials =
        |of: &Authority| tls::Credentials::new(&of.identity(), Arc::new(SystemEntropy::default())).unwrap();
    let (own, theirs) = (credentials(&xb).server, credentials(&xc).server);
    let between = Between::new(place, credentials(&xa), &xb.listening, own.clone());
    delivered(&xa, &xb).await;

    let unknown = Presented::p256();
    let spki = |presented: &Presented| (presented.server(&identity), presented.spki());
    let mut rows: Vec<_> = cases.iter().map(|case| (spki(&case.presented), "CN=XB", case.words)).collect();
    rows.push((spki(&unknown), "CN=XB", "no statement names it"));
    rows.push(((theirs, "SPKI SHA-256 ".to_owned()), "CN=XC", "it is XC's"));
    for ((server, spki), subject, words) in rows {
        between.present(server);
        let packet = xa.send("XB", "").0;
        said(&xa, &["cannot reach a peer", "peer=XB", &spki, subject, "valid ", words]).await;
        let id = packet.parse::<PacketId>().unwrap();
        let summary = xa.show(id.bytes()).await.unwrap().summary.unwrap();
        assert!(summary.outcomes.iter().all(|outcome| !outcome.event().is_terminal()), "{words}");
        assert!(xb.show(id.bytes()).await.is_err(), "{words}: it was handed to whoever answered");
        delivered(&xc, &xa).await;
        // XB itself answers again.
        between.present(own.clone());
        settled(&xa, &packet).await;
    }
    end([xa, xb, xc]).await;
}

/// What fails in TLS itself, before and after the side that dials is done.
#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_fails_names_the_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let xc = honest(dir.path(), &xa).await;
    let (identity, before) = (xb.identity(), entries_about(&xa, "XB"));
    // A certificate whose key the caller does not have.
    let (theirs, mine) = (Presented::p256(), Presented::p256());
    let spki = theirs.spki();
    let mut client = client_of(theirs.certificate(), &mine.pair, &identity, &xa.listening);
    assert!(client.held_checkpoint(HeldCheckpointRequest {}).await.is_err());
    said(&xa, &["the key of this certificate is not proved", &spki, "CN=XB", "valid ", "error="]).await;
    said(&xa, &["TLS handshake failed", "presented=", "CN=XA", "error="]).await;
    assert_eq!(entries_about(&xa, "XB"), before);
    delivered(&xc, &xa).await;

    // XB's place is taken by a server with XB's key that refuses every client's certificate.
    assert!(xb.stop().await.success());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(mine.certificate()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let none = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let credentials = tls::Credentials::new(&identity, Arc::new(SystemEntropy::default())).unwrap();
    let mut refusing = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_client_cert_verifier(none.build().unwrap())
        .with_cert_resolver(credentials.server.cert_resolver.clone());
    refusing.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(refusing));
    let listener = tokio::net::TcpListener::bind(&xb.listening).await.unwrap();
    let refusing = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let refused = acceptor.accept(stream).into_fallible().await;
            let (_, mut stream) = refused.expect_err("it refuses all");
            // Read to its end: a socket that is closed before that takes the alert with it.
            tokio::spawn(async move { tokio::io::copy(&mut stream, &mut tokio::io::sink()).await });
        }
    });
    xa.send("XB", "");
    said(&xa, &["refuses the connection with an alert", "UnknownCA", "SPKI SHA-256 ", "CN=XA", "valid "])
        .await;
    refusing.abort();
    assert!(refusing.await.unwrap_err().is_cancelled());
    xb.serve().await;
    assert_eq!(entries_about(&xa, "XB"), before + 1, "what XA itself sent");
    delivered(&xc, &xa).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_gateways_name_a_revoked_certificate_as_server_and_as_client() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let xc = honest(dir.path(), &xa).await;
    assert!(xb.stop().await.success());
    let old = xb.identity().tls().statement.clone();
    let stolen = dir.path().join("stolen");
    copy(&xb.data, &stolen);

    // XB has a new key, and its delegate revokes the one before.
    xb.serve().await;
    let rotated = rogatory().args(["keys", "rotate", "tls", "--config"]).arg(xb.config()).output().unwrap();
    assert!(rotated.status.success(), "{}", String::from_utf8_lossy(&rotated.stderr));
    assert!(xb.stop().await.success());
    let (identity, now) = (xb.identity(), SystemClock.now());
    let mut chain = Chain::clone(&identity.chain());
    let (_, by) = identity.delegate().unwrap();
    let end =
        Revocation { key_id: old.id.to_vec(), reason: Reason::Compromised.into(), since: now, log_size: 0 };
    chain.revoke(vec![end], &by, now).unwrap();
    write(&xb.data.join("keys"), &chain);
    xb.serve().await;
    until("XA knows it", || async {
        let peers = xa.json(&["pair", "list"]);
        peers.to_string().contains(&format!("\"statements\":{}", chain.count()))
    })
    .await;
    assert!(xb.stop().await.success());

    // A copy of before takes XB's place.
    let before = entries_about(&xa, "XB");
    let mut thief = Authority::at("XB", &stolen);
    thief.serve().await;
    assert_eq!(thief.listening, xb.listening);
    // As a client: its own log says why it is not let in, and XA's whom it does not let in.
    said(&thief, &["the peer finds that our certificate", "SPKI SHA-256 ", "CN=XB", "valid ", "revoked"])
        .await;
    said(&xa, &["Hello over a certificate", "SPKI SHA-256 ", "CN=XB", "valid ", "it is revoked"]).await;
    assert_eq!(entries_about(&xa, "XB"), before);
    // As a server, to XA that dials it.
    xa.send("XB", "");
    said(&xa, &["cannot reach a peer", "SPKI SHA-256 ", "CN=XB", "valid ", "it is revoked"]).await;
    said(&thief, &["a caller finds that our certificate", "SPKI SHA-256 ", "CN=XB", "valid ", "revoked"])
        .await;
    assert!(thief.stop().await.success());
    xb.serve().await;
    assert_eq!(entries_about(&xa, "XB"), before + 1, "what XA itself sent");
    delivered(&xc, &xa).await;
}
