//! What a hostile or mistaken peer gets, over real connections to a real gateway.

mod support;

use prost::Message as _;
use rogatory::crypto::entropy::{SystemEntropy, fresh};
use rogatory::crypto::hash::{Digest, sha256};
use rogatory::crypto::key_box::SealContext;
use rogatory::crypto::object::{ContentKey, seal_all};
use rogatory::exchange::directory::parties;
use rogatory::exchange::identity::Identity;
use rogatory::format::chain::Chain;
use rogatory::format::evidence::{Deferral, Evidence, Subject};
use rogatory::format::id::{AuthorityId, CaseId, PacketId};
use rogatory::format::packet::{Header, SCHEMA, SignedHeader, encode_key_box};
use rogatory::format::suite::Suite;
use rogatory::format::wire::{
    self, Chunk, DeliverFrame, Request, Signed, Start, cause::Code as Cause, deliver_frame, deliver_reply,
    event::Code as Event, kind::Code as Kind, purpose::Code as Purpose, request::Content,
    urgency::Code as Urgency,
};
use rogatory::gateway::SystemClock;
use rogatory::gateway::config::Config;
use rogatory::gateway::rpc::peer::peer_client::PeerClient;
use rogatory::gateway::runtime::Gateway;
use rogatory::store::Clock as _;
use std::sync::atomic::Ordering;
use support::lines::watched;
use support::{Authority, pair, peer_client, until};
use tonic::Code;
use tonic::transport::Channel;

/// A packet as a peer would make it, every part open to mischief.
#[derive(Clone)]
struct Packet {
    header: Header,
    key_box: Vec<u8>,
    ciphertext: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
enum Said {
    /// Evidence: each with its envelope.
    Evidence(Vec<(Evidence, Vec<u8>)>),
    Deferral(Cause),
}

struct Bench {
    xa: Authority,
    xb: Authority,
    identity: Identity,
    chain: Chain,
    client: PeerClient<Channel>,
    _dir: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (mut xa, xb) = pair(dir.path()).await;
        let chain = xb.offer().await.chain;
        let identity = xa.identity();
        // The test speaks for XA from here on.
        xa.stop().await;
        let client = peer_client(&identity, &xb.listening);
        Self { xa, xb, identity, chain, client, _dir: dir }
    }

    fn packet(&self) -> Packet {
        let entropy = SystemEntropy::default();
        let now = SystemClock.now();
        let id = PacketId::fresh(now, &entropy).unwrap();
        let key = ContentKey::from_bytes(fresh(&entropy).unwrap());
        let asked = wire::MutualLegalAssistance::default();
        let body = Request {
            schema: SCHEMA,
            content: Some(Content::MutualLegalAssistance(asked)),
            ..Request::default()
        };
        let (ciphertext, sealed) = seal_all(&key.object_key(id.bytes(), 0), &body.encode_to_vec()).unwrap();
        let theirs = self.chain.current(Purpose::Content, now).unwrap();
        let parties = parties(Suite::One, &self.identity.chain(), &self.chain);
        let context = SealContext::new(&theirs.public_key, &parties, &entropy).unwrap();
        let key_box = encode_key_box(&context.wrap(id.bytes(), &key, &entropy).unwrap());
        let header = Header {
            sender: AuthorityId::parse("XA").unwrap(),
            recipient: AuthorityId::parse("XB").unwrap(),
            id,
            case_id: CaseId::fresh(now, &entropy).unwrap(),
            case_seq: 0,
            case_prev: None,
            kind: Kind::MutualLegalAssistance,
            urgency: Urgency::Routine,
            created: now,
            expires: now + 3_600_000,
            schema: SCHEMA,
            in_reply_to: None,
            replaces: None,
            objects: vec![sealed],
            key_box_digest: sha256(&key_box),
            content_key_id: theirs.id,
        };
        Packet { header, key_box, ciphertext }
    }

    fn sign(&self, packet: &Packet) -> SignedHeader {
        packet.header.clone().sign(&self.identity.packet()).unwrap()
    }

    async fn deliver(&self, packet: &Packet) -> Said {
        let header = self.sign(packet).envelope;
        self.deliver_raw(header, packet).await.unwrap()
    }

    async fn deliver_raw(&self, header: Vec<u8>, packet: &Packet) -> Result<Said, tonic::Status> {
        let chunk = Chunk { object: 0, index: 0, data: packet.ciphertext.clone() };
        let start = Start { header, key_box: packet.key_box.clone(), known_size: 0, chunks: vec![chunk] };
        let frame = DeliverFrame { frame: Some(deliver_frame::Frame::Start(start)) };
        let reply = self.client.clone().deliver(tokio_stream::once(frame)).await?.into_inner();
        let xb = AuthorityId::parse("XB").unwrap();
        Ok(match reply.reply.unwrap() {
            deliver_reply::Reply::Deferral(envelope) => {
                Said::Deferral(Deferral::open(&envelope, &xb, &self.chain).unwrap().cause)
            }
            deliver_reply::Reply::Acknowledgement(ack) => Said::Evidence(
                ack.entries
                    .into_iter()
                    .map(|entry| {
                        let envelope = entry.objects[0].clone();
                        (Evidence::open(&envelope, &xb, &self.chain).unwrap().value, envelope)
                    })
                    .collect(),
            ),
        })
    }

    /// The one piece of evidence that came back.
    async fn refused(&self, packet: &Packet) -> Evidence {
        one(self.deliver(packet).await)
    }

    async fn size(&self) -> u64 {
        let request = wire::GatewayRequest {};
        self.xb.client().operator().gateway(request).await.unwrap().into_inner().log_size
    }
}

fn one(said: Said) -> Evidence {
    match said {
        Said::Evidence(mut all) if all.len() == 1 => all.remove(0).0,
        other => panic!("not one piece of evidence: {other:?}"),
    }
}

fn unattributed(digest: Digest, cause: Cause, evidence: &Evidence) {
    assert_eq!((evidence.event, evidence.cause), (Event::RelayRejection, cause));
    assert_eq!(evidence.subject, Subject::Unattributed(digest));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_packet_is_accepted_and_the_same_again_gets_the_same_bytes() {
    let bench = Bench::new().await;
    let packet = bench.packet();
    let Said::Evidence(first) = bench.deliver(&packet).await else { panic!("deferred") };
    let events: Vec<Event> = first.iter().map(|(evidence, _)| evidence.event).collect();
    assert_eq!(events, [Event::RelayAcceptance, Event::ContentConsignment]);
    let size = bench.size().await;
    let Said::Evidence(again) = bench.deliver(&packet).await else { panic!("deferred") };
    let bytes =
        |all: &[(Evidence, Vec<u8>)]| all.iter().map(|(_, envelope)| envelope.clone()).collect::<Vec<_>>();
    assert_eq!(bytes(&first), bytes(&again), "the original evidence, byte for byte");
    assert_eq!(bench.size().await, size, "a repeat adds nothing to the ledger");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reused_id_with_another_digest_is_a_signed_conflict_and_changes_nothing() {
    let bench = Bench::new().await;
    let packet = bench.packet();
    bench.deliver(&packet).await;
    let mut other = packet.clone();
    other.header.expires += 1;
    unattributed(bench.sign(&other).digest, Cause::IdConflict, &bench.refused(&other).await);
    let Said::Evidence(again) = bench.deliver(&packet).await else { panic!("deferred") };
    assert_eq!(again[0].0.event, Event::RelayAcceptance);
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_are_all_there_and_all_good() {
    let bench = Bench::new().await;
    let packet = bench.packet();
    let signed = bench.sign(&packet);
    let mut broken = Signed::decode(signed.envelope.as_slice()).unwrap();
    broken.signatures[0].signature[5] ^= 1;
    let said = bench.deliver_raw(broken.encode_to_vec(), &packet).await.unwrap();
    unattributed(signed.digest, Cause::SignatureInvalid, &one(said));

    let mut stripped = Signed::decode(signed.envelope.as_slice()).unwrap();
    stripped.signatures.clear();
    let said = bench.deliver_raw(stripped.encode_to_vec(), &packet).await.unwrap();
    unattributed(signed.digest, Cause::SignatureMissing, &one(said));

    // Signed with a key of ours that is for something else.
    let wrong = packet.header.clone().sign(&bench.identity.evidence()).unwrap();
    let said = bench.deliver_raw(wrong.envelope, &packet).await.unwrap();
    unattributed(signed.digest, Cause::KeyNotValid, &one(said));

    // With a key that no statement proves yet: perhaps the statement is on its way.
    let mut unknown = Signed::decode(signed.envelope.as_slice()).unwrap();
    unknown.signatures[0].key_id = vec![9; 32];
    let said = bench.deliver_raw(unknown.encode_to_vec(), &packet).await.unwrap();
    assert!(matches!(said, Said::Deferral(Cause::KeyUnknown)), "{said:?}");

    // None of them bound the id.
    let Said::Evidence(good) = bench.deliver(&packet).await else { panic!("deferred") };
    assert_eq!(good[0].0.event, Event::RelayAcceptance);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_for_somebody_else_is_refused() {
    let bench = Bench::new().await;
    let mut packet = bench.packet();
    packet.header.recipient = AuthorityId::parse("XC").unwrap();
    unattributed(bench.sign(&packet).digest, Cause::WrongRecipient, &bench.refused(&packet).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_of_somebody_not_paired_is_refused() {
    let bench = Bench::new().await;
    let mut packet = bench.packet();
    packet.header.sender = AuthorityId::parse("XC").unwrap();
    unattributed(bench.sign(&packet).digest, Cause::KeyNotValid, &bench.refused(&packet).await);
}

/// Refusals that are about the packet itself bind its id: the same again gets the same.
#[tokio::test(flavor = "multi_thread")]
async fn bad_packets_of_the_right_author_are_refused_for_good() {
    let bench = Bench::new().await;
    type Change = fn(&mut Packet);
    let rows: [(&str, Change, Cause); 5] = [
        (
            "expired",
            |p| (p.header.created, p.header.expires) = (p.header.created - 9000, p.header.created - 1),
            Cause::Expired,
        ),
        ("a box that is not the signed one", |p| p.key_box[40] ^= 1, Cause::KeyBoxInvalid),
        ("a box for a key that is gone", |p| p.header.content_key_id = [7; 32], Cause::ContentKeyGone),
        ("a changed chunk", |p| p.ciphertext[0] ^= 1, Cause::ObjectInvalid),
        ("another root", |p| p.header.objects[0].chunk_root[0] ^= 1, Cause::ObjectInvalid),
    ];
    for (what, change, cause) in rows {
        let mut packet = bench.packet();
        change(&mut packet);
        let evidence = bench.refused(&packet).await;
        assert_eq!((evidence.event, evidence.cause), (Event::RelayRejection, cause), "{what}");
        let Subject::Known(named) = &evidence.subject else { panic!("{what}: not bound") };
        assert_eq!(named.digest, bench.sign(&packet).digest, "{what}");
        assert_eq!(bench.refused(&packet).await, evidence, "{what}: again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_contradicts_its_header_is_accepted_and_found_wanting() {
    let bench = Bench::new().await;
    let mut packet = bench.packet();
    packet.header.kind = Kind::Extradition;
    let Said::Evidence(said) = bench.deliver(&packet).await else { panic!("deferred") };
    assert_eq!(said[0].0.event, Event::RelayAcceptance);
    assert_eq!(
        (said[1].0.event, said[1].0.cause),
        (Event::ContentConsignmentFailure, Cause::BodyInconsistent)
    );
    assert_eq!(said[1].0.findings.len(), 1);
    // It is counted neither as the one nor as the other.
    let counted = bench.xb.json(&["ledger", "ask", "statistics"]);
    assert_eq!(
        (&counted["rows"][0]["kind"], &counted["rows"][0]["packets"]),
        (&"unspecified".into(), &1.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_mended_by_waiting_is_deferred_and_binds_nothing() {
    let bench = Bench::new().await;
    let mut early = bench.packet();
    (early.header.created, early.header.expires) =
        (early.header.created + 600_000, early.header.expires + 600_000);
    let said = bench.deliver(&early).await;
    assert!(matches!(said, Said::Deferral(Cause::ClockAhead)), "{said:?}");

    let (first, mut second) = (bench.packet(), bench.packet());
    second.header.case_id = first.header.case_id;
    second.header.case_seq = 1;
    second.header.case_prev = Some(bench.sign(&first).digest);
    let size = bench.size().await;
    let said = bench.deliver(&second).await;
    assert!(matches!(said, Said::Deferral(Cause::PredecessorMissing)), "{said:?}");
    assert_eq!(bench.size().await, size, "a deferral is not journaled");
    bench.deliver(&first).await;
    let Said::Evidence(said) = bench.deliver(&second).await else { panic!("still deferred") };
    assert_eq!(said[0].0.event, Event::RelayAcceptance);

    // Another packet in the same place of the case.
    let mut rival = bench.packet();
    rival.header.case_id = first.header.case_id;
    unattributed(bench.sign(&rival).digest, Cause::ChainConflict, &bench.refused(&rival).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_and_malformed_messages_are_refused_and_the_line_goes_on() {
    let bench = Bench::new().await;
    let packet = bench.packet();
    let mut huge = packet.clone();
    huge.ciphertext = vec![0; 2 << 20];
    let refused = bench.deliver_raw(bench.sign(&packet).envelope, &huge).await.unwrap_err();
    assert_eq!(refused.code(), Code::OutOfRange, "{refused}");
    let garbage = bench.deliver_raw(vec![0xff; 300], &packet).await.unwrap();
    unattributed(sha256(&vec![0xff; 300]), Cause::Malformed, &one(garbage));
    let empty = bench.client.clone().deliver(tokio_stream::empty()).await.unwrap_err();
    assert_eq!(empty.code(), Code::InvalidArgument);
    assert!(matches!(bench.deliver(&packet).await, Said::Evidence(all) if all.len() == 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_no_paired_chain_proves_gets_nothing_but_hello() {
    let bench = Bench::new().await;
    let stranger = Authority::found(bench._dir.path(), "XM", "none");
    let mut client = peer_client(&stranger.identity(), &bench.xb.listening);
    let size = bench.size().await;
    let refused = client.held_checkpoint(wire::HeldCheckpointRequest {}).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let frame = DeliverFrame { frame: Some(deliver_frame::Frame::Start(Start::default())) };
    assert_eq!(client.deliver(tokio_stream::once(frame)).await.unwrap_err().code(), Code::Unauthenticated);
    let chain = stranger.identity().chain().clone();
    let hello = wire::HelloRequest {
        authority: "XM".into(),
        fingerprint: chain.fingerprint().to_vec(),
        ..wire::HelloRequest::default()
    };
    assert_eq!(client.hello(hello).await.unwrap_err().code(), Code::Unauthenticated);
    // Under the name of an authority that is paired, with a key that is not its own.
    let hello = wire::HelloRequest {
        authority: "XA".into(),
        fingerprint: bench.identity.chain().fingerprint().to_vec(),
        ..wire::HelloRequest::default()
    };
    let (mut client, ended) = watched(&stranger.identity(), &bench.xb.listening);
    assert!(!client.hello(hello).await.unwrap().into_inner().proved);
    assert_eq!(
        client.held_checkpoint(wire::HeldCheckpointRequest {}).await.unwrap_err().code(),
        Code::Unauthenticated
    );
    // What is not proved then is closed, though nothing more is said over it.
    until("the connection is closed", || async { ended.load(Ordering::Relaxed) }).await;
    assert_eq!(bench.size().await, size, "strangers leave no entry");
    assert!(bench.xb.log().contains("no paired authority"), "the log says who was turned away");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_counted_in_one_entry() {
    let dir = tempfile::tempdir().unwrap();
    let [xb, stranger] = ["XB", "XM"]
        .map(|name| Authority::found(dir.path(), name, if name == "XB" { "127.0.0.1:0" } else { "none" }));
    let gateway = Gateway::start(Config::read(&xb.config()).unwrap()).await.unwrap();
    let exchange = gateway.exchange().clone();
    let address = gateway.peer_address.unwrap();
    let size = exchange.store.checkpoint().size;
    exchange.record_strangers().await.unwrap();
    assert_eq!(exchange.store.checkpoint().size, size, "nobody was turned away: no entry");
    let mut client = peer_client(&stranger.identity(), &address.to_string());
    client.held_checkpoint(wire::HeldCheckpointRequest {}).await.unwrap_err();
    client.hello(wire::HelloRequest::default()).await.unwrap_err();
    let mut plain = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut plain, b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    // Closed by the gateway: the handshake has failed and is counted by then or at once.
    tokio::io::AsyncReadExt::read_to_end(&mut plain, &mut Vec::new()).await.ok();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    exchange.record_strangers().await.unwrap();
    exchange.record_strangers().await.unwrap();
    assert_eq!(exchange.store.checkpoint().size, size + 1, "one entry, however many there were");
    let counts = exchange.store.snapshot().entry(size).unwrap().leaf.turned_away.unwrap();
    assert_eq!((counts.handshakes, counts.unproved, counts.no_room), (1, 2, 0));
    gateway.drain().await.unwrap();
    let verified = support::run(&["ledger", "verify", xb.data.to_str().unwrap()]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_negotiated_group_is_post_quantum() {
    let bench = Bench::new().await;
    let entropy = std::sync::Arc::new(SystemEntropy::default());
    let credentials = rogatory::gateway::tls::Credentials::new(&bench.identity, entropy).unwrap();
    let tcp = tokio::net::TcpStream::connect(&bench.xb.listening).await.unwrap();
    let name = rustls::pki_types::ServerName::try_from("rogatory").unwrap();
    let tls = tokio_rustls::TlsConnector::from(credentials.client).connect(name, tcp).await.unwrap();
    let session = tls.get_ref().1;
    let group = session.negotiated_key_exchange_group().unwrap().name();
    assert_eq!(group, rustls::NamedGroup::X25519MLKEM768);
    assert_eq!(session.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
    drop(bench.xa);
}
