//! What a hostile or mistaken peer gets, over real connections to a real gateway.

mod support;

use prost::Message as _;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::hash::sha256;
use rogatory::format::evidence::{Evidence, Subject};
use rogatory::format::id::AuthorityId;
use rogatory::format::wire::{
    self, DeliverFrame, Signed, Start, cause::Code as Cause, deliver_frame, event::Code as Event,
    kind::Code as Kind,
};
use rogatory::gateway::config::Config;
use rogatory::gateway::runtime::Gateway;
use std::sync::atomic::Ordering;
use support::intruder::said;
use support::lines::watched;
use support::raw::{Bench, Packet, Said, one, unattributed};
use support::{Authority, peer_client, until};
use tonic::Code;

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
async fn a_signature_bad_missing_or_of_another_key_binds_nothing() {
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
    let stranger = Authority::found(bench.dir.path(), "XM", "none");
    let mut client = peer_client(&stranger.identity(), &bench.xb.listening);
    let size = bench.size().await;
    let refused = client.held_checkpoint(wire::HeldCheckpointRequest {}).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    said(&bench.xb, &["prove this TLS key", "CN=XM", "no statement names it"]).await;
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
    // And XA goes on.
    assert!(matches!(bench.deliver(&bench.packet()).await, Said::Evidence(all) if all.len() == 2));
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
    let all = "Strangers { handshakes: 1, unproved: 2, no_room: 0 }";
    until("all are counted", || async { format!("{:?}", exchange.strangers) == all }).await;
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
