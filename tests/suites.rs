//! Two suites at once: who speaks which with whom, and that nothing can be taken off.

mod support;

use prost::Message as _;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::hash::Digest;
use rogatory::crypto::object::{ContentKey, seal_all};
use rogatory::exchange::accept::Admission;
use rogatory::exchange::directory::Peer;
use rogatory::exchange::identity::Identity;
use rogatory::exchange::rotation::Rotation;
use rogatory::exchange::{Answer, Exchange};
use rogatory::format::chain::standing::Place;
use rogatory::format::envelope::{PayloadType, Unverified};
use rogatory::format::evidence::{Deferral, Evidence, Subject};
use rogatory::format::id::{CaseId, PacketId};
use rogatory::format::limits::SUITE_TRAVEL;
use rogatory::format::packet::{Header, SignedHeader};
use rogatory::format::suite::{Signing, Suite};
use rogatory::format::wire::{
    self, Signature, Signed, algorithm::Code as Algorithm, cause::Code as Cause, deliver_reply,
    event::Code as Event, leaf::Kind as LeafKind, purpose::Code as Purpose,
};
use rogatory::gateway::SystemClock;
use rogatory::store::Clock as _;
use std::collections::BTreeMap;
use std::path::Path;
use support::logs::{Pair, draft, greet, name, send};
use support::raw::{Bench, Packet, header};
use support::statements::entries;
use support::{Authority, exchange, pair, run};

/// The suite of each signed payload in a ledger, by peer and type, with how many signatures it has.
fn spoken(data: &Path) -> BTreeMap<(String, &'static str), Vec<(u32, usize)>> {
    let types = [
        ("packet", PayloadType::Packet),
        ("evidence", PayloadType::Evidence),
        ("status", PayloadType::Status),
        ("statement", PayloadType::KeyStatement),
    ];
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for entry in entries(data) {
        let peer = entry.leaf.peer.as_ref().map(ToString::to_string).unwrap_or_default();
        for object in &entry.objects {
            for (name, kind) in types {
                let Ok(unverified) = Unverified::parse(kind, object) else { continue };
                let suite = Suite::named(kind, unverified.danger_unverified_payload()).unwrap();
                let signatures = Signed::decode(object.as_slice()).unwrap().signatures.len();
                let kind = if entry.leaf.kind == LeafKind::KeyStatement { "statement" } else { name };
                found.entry((peer.clone(), kind)).or_default().push((suite.number(), signatures));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn three_authorities_speak_what_each_two_of_them_share() {
    let dir = tempfile::tempdir().unwrap();
    let founded = |name: &str, suites: &str| {
        Authority::found_with(dir.path(), name, "127.0.0.1:0", &["--suites", suites])
    };
    let mut all = [founded("XA", "1,2"), founded("XB", "1,2"), founded("XC", "1")];
    for authority in &mut all {
        authority.serve().await;
    }
    for one in &all {
        for other in all.iter().filter(|other| other.name != one.name) {
            one.confirm(&other.offer().await).await;
        }
    }
    for (from, to) in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)] {
        let (packet, _) = all[from].send(&all[to].name, "");
        all[from].quiet().await;
        let out = dir.path().join(format!("opened-{from}-{to}"));
        all[to].json(&["fetch", &packet, "--purpose", "execution", "--out", out.to_str().unwrap()]);
        all[to].json(&["answer", &packet, "registered", "--reference", "BM-1", "--text", "One moment."]);
    }
    for authority in &all {
        authority.quiet().await;
    }
    for one in &all {
        for peer in one.json(&["pair", "list"])["peers"].as_array().unwrap() {
            let shared = if one.name == "XC" || peer["authority"] == "XC" { 1 } else { 2 };
            assert_eq!(peer["suite"], shared, "{}: {peer}", one.name);
        }
    }
    let keys = all[0].json(&["keys", "list"])["keys"].as_array().unwrap().clone();
    let second: Vec<_> = keys.iter().filter(|key| key["algorithm"] == "ml_dsa_65").collect();
    assert_eq!(second.len(), 2);
    assert!(second.iter().all(|key| key["state"] == "in_use"), "{second:?}");

    for authority in &mut all {
        assert!(authority.stop().await.success());
    }
    for one in &all {
        let verified = run(&["ledger", "verify", one.data.to_str().unwrap()]);
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
        let spoken = spoken(&one.data);
        for other in all.iter().filter(|other| other.name != one.name) {
            let shared = if one.name == "XC" || other.name == "XC" { (1, 1) } else { (2, 2) };
            for kind in ["packet", "evidence", "status"] {
                let said = &spoken[&(other.name.clone(), kind)];
                assert!(said.len() >= 2, "{} and {}: {kind}", one.name, other.name);
                assert!(said.iter().all(|found| *found == shared), "{} {}: {said:?}", one.name, other.name);
            }
        }
        let statements = spoken.iter().filter(|((_, kind), _)| *kind == "statement");
        let said: Vec<_> = statements.flat_map(|(_, said)| said).collect();
        // Statement 0, a delegate and six purposes of each; two more where it speaks suite 2.
        assert_eq!(said.len(), 2 * 10 + 8, "{}: {said:?}", one.name);
        assert!(said.iter().all(|found| **found == (1, 1)), "{}: {said:?}", one.name);
    }
}

fn signed(packet: &Packet, by: impl Into<Signing>) -> (Digest, Signed) {
    let SignedHeader { envelope, digest, .. } = packet.header.clone().sign(by).unwrap();
    (digest, Signed::decode(envelope.as_slice()).unwrap())
}

fn two(bench: &Bench) -> Signing {
    bench.identity.packet_in(Suite::Two, SystemClock.now()).unwrap()
}

/// Delivers it, and gives event and cause that the answer names, and what it is about. Every
/// answer is signed in the suite that both share.
async fn deliver(bench: &Bench, signed: &Signed, packet: &Packet) -> (Event, Cause, Option<Subject>) {
    let (xb, chain) = (name("XB"), &bench.chain);
    let twice = |envelope: &[u8]| assert_eq!(Signed::decode(envelope).unwrap().signatures.len(), 2);
    match bench.reply(signed.encode_to_vec(), packet).await.unwrap() {
        deliver_reply::Reply::Deferral(envelope) => {
            twice(&envelope);
            (Event::Unspecified, Deferral::open(&envelope, &xb, chain).unwrap().cause, None)
        }
        deliver_reply::Reply::Acknowledgement(ack) => {
            let envelope = &ack.entries[0].objects[0];
            twice(envelope);
            let evidence = Evidence::open(envelope, &xb, chain, Place::Loose).unwrap().value;
            (evidence.event, evidence.cause, Some(evidence.subject))
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_signature_can_be_taken_off_changed_or_put_in_anothers_place() {
    let bench = Bench::with_suites("1,2").await;
    let packet = bench.packet_in(Suite::Two);
    let (digest, sound) = signed(&packet, two(&bench));
    let [ed, ml]: [Signature; 2] = sound.signatures.clone().try_into().unwrap();
    assert_eq!((ed.signature.len(), ml.signature.len()), (64, 3309));
    // The same bytes, signed as evidence, and by XB.
    let now = SystemClock.now();
    let other_purpose = signed(&packet, bench.identity.evidence_in(Suite::Two, now).unwrap()).1.signatures;
    let theirs = signed(&packet, bench.xb.identity().packet_in(Suite::Two, now).unwrap()).1.signatures;
    let exchanged = [
        Signature { key_id: ed.key_id.clone(), signature: ml.signature.clone() },
        Signature { key_id: ml.key_id.clone(), signature: ed.signature.clone() },
    ];
    let bent = |signature: &Signature, at: usize| {
        let mut signature = signature.clone();
        signature.signature[at] ^= 1;
        signature
    };
    let unknown = |signature: &Signature| Signature { key_id: vec![9; 32], ..signature.clone() };
    let empty = |signature: &Signature| Signature { signature: Vec::new(), ..signature.clone() };
    let rows: Vec<(&str, Vec<Signature>, Cause)> = vec![
        ("neither", vec![], Cause::SignatureMissing),
        ("ML-DSA stripped", vec![ed.clone()], Cause::SignatureMissing),
        ("Ed25519 stripped", vec![ml.clone()], Cause::SignatureMissing),
        ("Ed25519 doubled in its place", vec![ed.clone(), ed.clone()], Cause::SignatureMissing),
        ("ML-DSA doubled in its place", vec![ml.clone(), ml.clone()], Cause::SignatureMissing),
        ("Ed25519 doubled beside it", vec![ed.clone(), ed.clone(), ml.clone()], Cause::Malformed),
        ("ML-DSA doubled beside it", vec![ml.clone(), ed.clone(), ml.clone()], Cause::Malformed),
        ("exchanged", exchanged.to_vec(), Cause::SignatureInvalid),
        ("Ed25519 bent", vec![bent(&ed, 5), ml.clone()], Cause::SignatureInvalid),
        ("ML-DSA bent", vec![ed.clone(), bent(&ml, 1000)], Cause::SignatureInvalid),
        ("ML-DSA empty", vec![ed.clone(), empty(&ml)], Cause::SignatureInvalid),
        ("ML-DSA for evidence", vec![ed.clone(), other_purpose[1].clone()], Cause::KeyNotValid),
        ("Ed25519 for evidence", vec![other_purpose[0].clone(), ml.clone()], Cause::KeyNotValid),
        ("ML-DSA of another authority", vec![ed.clone(), theirs[1].clone()], Cause::KeyUnknown),
        ("an unknown key", vec![ed.clone(), unknown(&ml)], Cause::KeyUnknown),
    ];
    for (what, mut signatures, cause) in rows {
        for order in ["as made", "turned round"] {
            let changed = Signed { signatures: signatures.clone(), ..sound.clone() };
            let (event, said, subject) = deliver(&bench, &changed, &packet).await;
            assert_eq!(said, cause, "{what}, {order}");
            if cause != Cause::KeyUnknown {
                assert_eq!(event, Event::RelayRejection, "{what}, {order}");
                assert_eq!(
                    subject,
                    Some(Subject::Unattributed(digest)),
                    "{what}, {order}: the id is not bound"
                );
            }
            signatures.reverse();
        }
    }
    // In either order the two are good, and the same packet.
    for signatures in [[ml.clone(), ed.clone()], [ed, ml]] {
        let turned = Signed { signatures: signatures.to_vec(), ..sound.clone() };
        let (event, cause, _) = deliver(&bench, &turned, &packet).await;
        assert_eq!((event, cause), (Event::RelayAcceptance, Cause::None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lower_suite_than_both_share_is_refused() {
    let bench = Bench::with_suites("1,2").await;
    // Soundly signed and sealed in suite 1, by the keys of XA that stand.
    let packet = bench.packet_in(Suite::One);
    let (digest, alone) = signed(&packet, &bench.identity.packet());
    assert_eq!(alone.signatures.len(), 1);
    let (event, cause, subject) = deliver(&bench, &alone, &packet).await;
    assert_eq!((event, cause), (Event::RelayRejection, Cause::SuiteUnsupported));
    assert_eq!(subject, Some(Subject::Unattributed(digest)));

    // A second signature does not lift it.
    let both = Signed { signatures: signed(&packet, two(&bench)).1.signatures, ..alone };
    assert_eq!(deliver(&bench, &both, &packet).await.1, Cause::Malformed);

    // A suite that nobody knows.
    let mut payload = wire::PacketHeader::decode(both.payload.as_slice()).unwrap();
    payload.suite = 3;
    let third = Signed { payload: payload.encode_to_vec(), ..both };
    assert_eq!(deliver(&bench, &third, &packet).await.1, Cause::SuiteUnsupported);

    // Signed in suite 2 around a box of suite 1: the box is bound to its suite.
    let (_, both) = signed(&packet, two(&bench));
    assert_eq!(deliver(&bench, &both, &packet).await.1, Cause::KeyBoxInvalid);
    let packet = bench.packet_in(Suite::Two);
    let (_, both) = signed(&packet, two(&bench));
    assert_eq!(deliver(&bench, &both, &packet).await.1, Cause::None);
}

fn rotation(suite: Option<Suite>) -> Rotation {
    Rotation { purposes: vec![Purpose::Packet, Purpose::Evidence], suite, ..Rotation::default() }
}

/// What XB makes of a header that XA signed with its Ed25519 key alone.
async fn alone(pair: &Pair, created: u64) -> Option<Cause> {
    let id = PacketId::fresh(pair.clock.now(), &SystemEntropy::default()).unwrap();
    let case = CaseId::fresh(pair.clock.now(), &SystemEntropy::default()).unwrap();
    let (_, sealed) = seal_all(&ContentKey::from_bytes([1; 32]).object_key(id.bytes(), 0), b"x").unwrap();
    let header = Header { objects: vec![sealed], ..header(id, case, created) };
    let header = Header { expires: pair.clock.now() + 1000, ..header };
    let signed = header.sign(&pair.xa.identity.packet()).unwrap();
    let via = pair.xb.directory.peer(&name("XA")).unwrap();
    let Admission::Answered(Answer::Committed(indices, _)) =
        pair.xb.admit(&via, &signed.envelope, &[]).await.unwrap()
    else {
        panic!("neither accepted nor put off");
    };
    let entry = pair.xb.store.snapshot().entry(indices[0]).unwrap();
    let evidence = Evidence::danger_unverified(&entry.objects[0]).unwrap();
    match evidence.subject {
        // The signature was taken: the packet was looked at.
        Subject::Known(_) => None,
        Subject::Unattributed(_) => Some(evidence.cause),
    }
}

fn newest_packet(exchange: &Exchange) -> Suite {
    let snapshot = exchange.store.snapshot();
    let size = snapshot.size().unwrap();
    let headers = (0..size).rev().filter_map(|index| {
        let entry = snapshot.entry(index).unwrap();
        let object = entry.objects.get(1)?.clone();
        SignedHeader::danger_unverified(&object).ok()
    });
    headers.into_iter().next().unwrap().suite
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suite_taken_up_later_is_used_once_both_know_and_demanded_after_a_month() {
    let pair = Pair::new().await;
    // What is stated in the moment of the founding is known to everybody.
    pair.pass(1);
    pair.xb.rotate(&rotation(Some(Suite::Two))).await.unwrap();
    greet(&pair.xb, &pair.xa).await;
    send(&pair.xa, &pair.xb).await;
    assert_eq!(newest_packet(&pair.xa), Suite::One, "XA does not take part");
    pair.xa.rotate(&rotation(Some(Suite::Two))).await.unwrap();
    greet(&pair.xa, &pair.xb).await;
    for (from, to) in [(&pair.xa, &pair.xb), (&pair.xb, &pair.xa)] {
        send(from, to).await;
        assert_eq!(newest_packet(from), Suite::Two);
        assert_eq!(newest_packet(to), Suite::Two);
    }
    // Terms that lack it are honoured before anything is sent.
    for (suites, refusal) in [(vec![1], Some("XB takes these suites: 1; this is 2")), (vec![1, 2], None)] {
        let mut peer = Peer::clone(&pair.xa.directory.peer(&name("XB")).unwrap());
        peer.taken.terms.suites = suites;
        pair.xa.directory.put(peer);
        let submission = pair.xa.begin_submission(draft(&pair.xa, pair.xb.identity.authority())).unwrap();
        let said = submission.commit(&pair.xa).await.err().map(|error| error.to_string());
        assert_eq!(said.as_deref(), refusal);
    }
    // Made by one who may not have learnt of it yet: taken for a month.
    let since = pair.clock.now();
    assert_eq!(alone(&pair, since).await, None);
    pair.pass(SUITE_TRAVEL - 1000);
    assert_eq!(alone(&pair, pair.clock.now()).await, None);
    pair.pass(2000);
    assert_eq!(alone(&pair, pair.clock.now()).await, Some(Cause::SuiteUnsupported));
    assert_eq!(alone(&pair, since).await, None, "it was on its way");

    // Its keys rotate by themselves, and with the others.
    let rotated = pair.xa.rotate(&rotation(None)).await.unwrap();
    let algorithms: Vec<_> = rotated.iter().map(|one| one.slot.1).collect();
    assert_eq!(algorithms, [Algorithm::Ed25519, Algorithm::MlDsa65, Algorithm::Ed25519, Algorithm::MlDsa65]);
    greet(&pair.xa, &pair.xb).await;
    send(&pair.xa, &pair.xb).await;
    assert_eq!(newest_packet(&pair.xb), Suite::Two);

    let half = Rotation { purposes: vec![Purpose::Packet], ..rotation(Some(Suite::Two)) };
    assert!(pair.xa.rotate(&half).await.is_err(), "suite 2 is packets and evidence");
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn suite_2_comes_by_a_command_and_its_keys_are_found_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "none");
    xa.serve().await;
    let second = |authority: &Authority| {
        let keys = authority.json(&["keys", "list"])["keys"].as_array().unwrap().clone();
        keys.iter().filter(|key| key["algorithm"] == "ml_dsa_65" && key["state"] == "in_use").count()
    };
    assert_eq!(second(&xa), 0);
    let told = xa.json(&["keys", "rotate", "packet", "evidence", "--suite", "2"]);
    assert_eq!(told["rotated"].as_array().unwrap().len(), 4);
    xa.json(&["keys", "rotate", "all"]);
    support::until("they are in use", || async { second(&xa) == 2 }).await;
    assert!(xa.stop().await.success());
    xa.serve().await;
    assert_eq!(second(&xa), 2);
    let config = xa.config();
    let third = run(&["keys", "rotate", "all", "--suite", "3", "--config", config.to_str().unwrap()]);
    let why = String::from_utf8_lossy(&third.stderr).into_owned();
    assert!(third.status.code() == Some(2) && why.contains("suite"), "{why}");
    assert!(xa.stop().await.success());
    let none = run(&[
        "init",
        "--authority",
        "XZ",
        "--dir",
        dir.path().join("xz").to_str().unwrap(),
        "--suites",
        "2",
    ]);
    assert_eq!(none.status.code(), Some(2));
}

/// Two gateways that exchange, each taking suite 2 up by a command: nothing is refused meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn suite_2_is_taken_up_between_exchanges_and_nobody_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    exchange(&xa, &xb).await;
    for authority in [&xa, &xb] {
        // On its way while the suite changes.
        let other = if authority.name == "XA" { "XB" } else { "XA" };
        authority.send(other, "");
        authority.json(&["keys", "rotate", "packet", "evidence", "--suite", "2"]);
        exchange(&xa, &xb).await;
    }
    let config = xa.config();
    let told = run(&["doctor", "--offline", "--json", "--config", config.to_str().unwrap()]).stdout;
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    let lines = told["checks"].as_array().unwrap();
    let second = lines.iter().filter(|line| line["name"].as_str().unwrap().ends_with("ml_dsa_65"));
    assert_eq!(second.filter(|line| line["state"] == "ok").count(), 2, "{told}");
    for authority in [&mut xa, &mut xb] {
        authority.quiet().await;
        assert!(authority.stop().await.success());
    }
    for (one, other) in [(&xa, "XB"), (&xb, "XA")] {
        let verified = run(&["ledger", "verify", one.data.to_str().unwrap()]);
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
        let spoken = spoken(&one.data);
        for kind in ["packet", "evidence"] {
            let said = &spoken[&(other.to_owned(), kind)];
            assert!(said.contains(&(1, 1)) && said.last() == Some(&(2, 2)), "{}: {said:?}", one.name);
            assert!(said.iter().all(|found| [(1, 1), (2, 2)].contains(found)));
        }
    }
}

#[test]
fn the_largest_header_has_room_for_both_signatures() {
    let dir = tempfile::tempdir().unwrap();
    let now = SystemClock.now();
    let entropy = SystemEntropy::default();
    let keys = dir.path().join("keys");
    let suites = [Suite::One, Suite::Two];
    let identity =
        Identity::found_in(&suites, keys.as_path().into(), &name("XA"), true, now, &entropy).unwrap();
    let (id, case) = (PacketId::fresh(now, &entropy).unwrap(), CaseId::fresh(now, &entropy).unwrap());
    let (_, mut sealed) = seal_all(&ContentKey::from_bytes([1; 32]).object_key(id.bytes(), 0), b"x").unwrap();
    sealed.ciphertext_length = 4 << 30;
    let objects = vec![sealed; rogatory::format::limits::OBJECTS];
    let header = Header { objects, case_seq: u64::MAX, case_prev: Some([1; 32]), ..header(id, case, now) };
    let signed = header.sign(identity.packet_in(Suite::Two, now).unwrap()).unwrap();
    assert_eq!(signed.suite, Suite::Two);
    assert!(signed.envelope.len() < rogatory::format::limits::ENVELOPE, "{} bytes", signed.envelope.len());
    SignedHeader::open(&signed.envelope, &*identity.chain(), now).unwrap();
}
