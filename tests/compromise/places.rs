//! By position first: two exchanges in this process, and a thief with a key of one of them.

use crate::support::logs;
use crate::support::logs::{Pair, append, draft, greet, name, say};
use rogatory::exchange::accept::Admission;
use rogatory::exchange::acknowledge::Taken;
use rogatory::exchange::revocation::{Revoked, Revoking};
use rogatory::exchange::rotation::{Listed, Rotation};
use rogatory::exchange::submit::{Draft, Outgoing, named};
use rogatory::exchange::witness::Endorsed;
use rogatory::exchange::{Answer, Exchange, ExchangeError};
use rogatory::format::envelope::SigningKey;
use rogatory::format::evidence::{Evidence, Subject};
use rogatory::format::leaf::Leaf;
use rogatory::format::statement::algorithm_of;
use rogatory::format::suite::Suite;
use rogatory::format::wire::{
    self, Acknowledgement, alarm::Code as Alarm, algorithm::Code as Algorithm, cause::Code as Cause,
    event::Code as Event, leaf::Kind, purpose::Code as Purpose, revocation::Reason,
};
use rogatory::store::{CheckpointSigner, NewEntry};
use std::sync::Arc;

async fn revoke(exchange: &Arc<Exchange>, purpose: Purpose) -> Revoked {
    revoke_of(exchange, purpose, algorithm_of(purpose)).await
}

async fn revoke_of(exchange: &Arc<Exchange>, purpose: Purpose, algorithm: Algorithm) -> Revoked {
    let slot = (purpose, algorithm);
    let used = |key: &&Listed| key.used && (key.key.purpose, key.key.algorithm) == slot;
    let key = exchange.keys().iter().find(used).unwrap().key.id;
    let wanted = Revoking { key, reason: Reason::Compromised, since: None, successor: true };
    exchange.revoke(wanted).await.unwrap()
}

/// What Hello does with statements that a peer lacks.
pub async fn learn(one: &Arc<Exchange>, other: &Exchange) {
    let chain = other.identity.chain();
    let shown = chain.envelopes().map(<[u8]>::to_vec).collect();
    one.learn(chain.authority(), shown).await.unwrap();
}

async fn submit(from: &Exchange) -> Arc<Outgoing> {
    let draft = Draft { expires: from.now() + logs::MINUTE, ..draft(from, &name("XB")) };
    from.begin_submission(draft).unwrap().commit(from).await.unwrap().committed.value
}

/// XB's answer to a packet, proved from the tree that XA has verified.
async fn delivered(pair: &Pair, header: &[u8], outgoing: &Outgoing) -> Acknowledgement {
    let via = pair.xb.directory.peer(&name("XA")).unwrap();
    let answer = match pair.xb.admit(&via, header, &outgoing.key_box).await.unwrap() {
        Admission::Answered(answer) => answer,
        Admission::Wanted(mut receiving) => {
            receiving.chunk(&pair.xb, 0, 0, &mut outgoing.objects[0].inline.clone()).unwrap();
            pair.xb.accept(*receiving).await.unwrap()
        }
    };
    let Answer::Committed(indices, checkpoint) = answer else { panic!("it is put off") };
    let known = pair.xb_of_xa().verified();
    pair.xb.acknowledgement(&indices, &checkpoint, known.0).unwrap()
}

async fn taken(pair: &Pair, outgoing: &Outgoing, ack: Acknowledgement) -> Result<Taken, ExchangeError> {
    let peer = pair.xb_of_xa();
    let reply = wire::deliver_reply::Reply::Acknowledgement(ack);
    let reply = wire::DeliverReply { reply: Some(reply), known_of_yours: 0 };
    pair.xa.take_delivery(&peer, &outgoing.header, peer.verified(), reply).await
}

fn objects(ack: &Acknowledgement) -> Vec<Vec<u8>> {
    ack.entries.iter().map(|entry| entry.objects[0].clone()).collect()
}

/// Evidence of XB about a packet, as whoever has this key makes it.
fn stated(outgoing: &Outgoing, event: Event, at: u64, key: &SigningKey) -> Vec<u8> {
    let subject = Subject::Known(named(&outgoing.header));
    let evidence = Evidence { event, issuer: name("XB"), subject, at, cause: Cause::None, findings: vec![] };
    evidence.sign(key).unwrap().envelope
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_before_is_repeated_byte_for_byte_and_settles() {
    let pair = Pair::new().await;
    let outgoing = submit(&pair.xa).await;
    let header = outgoing.header.envelope.clone();
    let lost = delivered(&pair, &header, &outgoing).await;
    let revoked = revoke(&pair.xb, Purpose::Evidence).await;
    assert!(revoked.key.revoked() && revoked.key.end().unwrap().log_size > lost.entries[0].index);
    learn(&pair.xa, &pair.xb).await;
    let again = delivered(&pair, &header, &outgoing).await;
    assert_eq!(objects(&again), objects(&lost), "byte for byte");
    assert_eq!(taken(&pair, &outgoing, again).await.unwrap(), Taken::Settled);
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_thief_of_the_evidence_key_makes_is_refused() {
    let pair = Pair::new().await;
    let stolen = pair.xb.identity.evidence();
    let outgoing = submit(&pair.xa).await;
    let revoked = revoke(&pair.xb, Purpose::Evidence).await.key;
    learn(&pair.xa, &pair.xb).await;
    let (at, size) =
        (pair.clock.0.load(std::sync::atomic::Ordering::Relaxed), revoked.end().unwrap().log_size);
    let forged = stated(&outgoing, Event::ContentConsignment, at, &stolen);

    // Without a place of its own: at that of something else.
    let other =
        pair.xb.acknowledgement(&[size - 1], &pair.xb.store.checkpoint(), pair.xb_of_xa().verified().0);
    let mut unplaced = other.unwrap();
    unplaced.entries[0].objects = vec![forged.clone()];
    let refused = taken(&pair, &outgoing, unplaced).await.unwrap_err();
    assert!(matches!(refused, ExchangeError::PeerMisbehaved { .. }), "{refused}");

    // In XB's log, which it could only have come to by XB itself, but too late.
    let leaf = Leaf {
        peer: Some(name("XA")),
        id: Some(outgoing.header.header.id),
        case_id: Some(outgoing.header.header.case_id),
        code: Event::ContentConsignment as u32,
        ..Leaf::new(Kind::EvidenceIssued)
    };
    // The views are not asked: this log is not XB's any more.
    let copied = pair.copy_of_xb_running("thief");
    let index =
        append(&copied, vec![NewEntry { leaf, objects: vec![forged, outgoing.header.envelope.clone()] }])
            .await
            .first;
    assert!(index >= size);
    let known = pair.xb_of_xa().verified().0;
    let late = copied.acknowledgement(&[index], &copied.store.checkpoint(), known).unwrap();
    let refused = taken(&pair, &outgoing, late).await.unwrap_err();
    assert!(refused.to_string().contains("revoked"), "{refused}");
    drop(copied);
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_on_the_wire_under_a_revoked_key_goes_again_signed_anew() {
    let pair = Pair::new().await;
    let outgoing = submit(&pair.xa).await;
    let id = outgoing.header.header.id;
    let before = pair.xa.header_to_send(&name("XB"), &id).await.unwrap();
    assert_eq!(before.envelope, outgoing.header.envelope);
    revoke(&pair.xa, Purpose::Packet).await;
    learn(&pair.xb, &pair.xa).await;
    // It was on its way: refused, and that settles nothing and is not logged.
    let size = pair.xa.store.snapshot().size().unwrap();
    let refusal = delivered(&pair, &before.envelope, &outgoing).await;
    let said = taken(&pair, &outgoing, refusal.clone()).await.unwrap();
    assert_eq!(said, Taken::Deferred { cause: Cause::KeyNotValid, retry_after: 0 });
    assert_eq!(pair.xa.store.snapshot().size().unwrap(), size);
    let anew = pair.xa.header_to_send(&name("XB"), &id).await.unwrap();
    assert_ne!(anew.envelope, before.envelope);
    assert_eq!((anew.digest, &anew.header), (before.digest, &before.header));
    let entry = pair.xa.store.snapshot().entry(size).unwrap();
    assert_eq!((entry.leaf.kind, &entry.objects), (Kind::Resigned, &vec![anew.envelope.clone()]));
    // Signed anew once; what is asked again is the same.
    let same = pair.xa.header_to_send(&name("XB"), &id).await.unwrap();
    assert_eq!((same.envelope, pair.xa.store.snapshot().size().unwrap()), (anew.envelope.clone(), size + 1));
    let sent = Outgoing { header: anew.clone(), key_box: outgoing.key_box.clone(), objects: Vec::new() };
    // A refusal of what stands is the peer's word: it would settle.
    let first = delivered(&pair, &anew.envelope, &outgoing).await;
    assert_eq!(taken(&pair, &sent, first.clone()).await.unwrap(), Taken::Settled);
    let again = delivered(&pair, &anew.envelope, &outgoing).await;
    assert_eq!(objects(&again), objects(&first));
    pair.close();
}

/// Ids of the keys that signed an envelope.
fn signers(envelope: &[u8]) -> Vec<Vec<u8>> {
    let signed: wire::Signed = prost::Message::decode(envelope).unwrap();
    signed.signatures.into_iter().map(|signature| signature.key_id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_suite_2_either_key_is_revoked_and_both_sign_anew() {
    let pair = Pair::new().await;
    let purposes = vec![Purpose::Packet, Purpose::Evidence];
    let up = Rotation { purposes, suite: Some(Suite::Two), ..Rotation::default() };
    for (one, other) in [(&pair.xa, &pair.xb), (&pair.xb, &pair.xa)] {
        one.rotate(&up).await.unwrap();
        greet(one, other).await;
    }
    for algorithm in [Algorithm::MlDsa65, Algorithm::Ed25519] {
        let outgoing = submit(&pair.xa).await;
        let id = outgoing.header.header.id;
        let before = outgoing.header.envelope.clone();
        assert_eq!(signers(&before).len(), 2);
        let revoked = revoke_of(&pair.xa, Purpose::Packet, algorithm).await;
        assert_eq!(revoked.key.algorithm, algorithm);
        learn(&pair.xb, &pair.xa).await;
        let refusal = delivered(&pair, &before, &outgoing).await;
        let said = taken(&pair, &outgoing, refusal).await.unwrap();
        assert_eq!(said, Taken::Deferred { cause: Cause::KeyNotValid, retry_after: 0 });
        let anew = pair.xa.header_to_send(&name("XB"), &id).await.unwrap();
        assert_eq!((anew.suite, anew.digest), (Suite::Two, outgoing.header.digest));
        let (old, new) = (signers(&before), signers(&anew.envelope));
        assert_eq!((old.len(), new.len()), (2, 2));
        assert!(old.contains(&revoked.key.id.to_vec()) && !new.contains(&revoked.key.id.to_vec()));
        let listed = pair.xa.keys();
        let successor = listed.iter().find(|one| Some(one.key.id) == revoked.successor).unwrap();
        assert_eq!((successor.key.purpose, successor.key.algorithm), (Purpose::Packet, algorithm));

        // What XB answers stands where it stood, whichever of its keys is revoked then.
        let lost = delivered(&pair, &anew.envelope, &outgoing).await;
        assert_eq!(signers(&lost.entries[0].objects[0]).len(), 2);
        let revoked = revoke_of(&pair.xb, Purpose::Evidence, algorithm).await.key;
        assert!(revoked.end().unwrap().log_size > lost.entries[0].index);
        learn(&pair.xa, &pair.xb).await;
        let again = delivered(&pair, &anew.envelope, &outgoing).await;
        assert_eq!(objects(&again), objects(&lost), "byte for byte");
        let sent = Outgoing { header: anew, key_box: Vec::new(), objects: Vec::new() };
        assert_eq!(taken(&pair, &sent, again).await.unwrap(), Taken::Settled);
    }
    let used = |key: &&Listed| key.used && key.key.algorithm == Algorithm::MlDsa65;
    let key = pair.xa.keys().iter().find(used).unwrap().key.id;
    let only = Revoking { key, reason: Reason::Lost, since: None, successor: false };
    assert!(matches!(pair.xa.revoke(only).await, Err(ExchangeError::Precluded(_))), "no other one beside");
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_verified_before_a_revocation_is_asked_again_where_it_is_logged() {
    let pair = Pair::new().await;
    let outgoing = submit(&pair.xa).await;
    let via = pair.xb.directory.peer(&name("XA")).unwrap();
    let admitted = pair.xb.admit(&via, &outgoing.header.envelope, &outgoing.key_box).await.unwrap();
    let Admission::Wanted(mut receiving) = admitted else { panic!("it is not wanted") };
    receiving.chunk(&pair.xb, 0, 0, &mut outgoing.objects[0].inline.clone()).unwrap();
    // XA's statement comes while the ciphertext does.
    revoke(&pair.xa, Purpose::Packet).await;
    learn(&pair.xb, &pair.xa).await;
    let size = pair.xb.store.snapshot().size().unwrap();
    let answer = pair.xb.accept(*receiving).await.unwrap();
    assert!(matches!(answer, Answer::Deferred(_)), "{answer:?}");
    assert_eq!(pair.xb.store.snapshot().size().unwrap(), size);
    // The same of an answer under a log key that is revoked meanwhile.
    let anew = pair.xa.header_to_send(&name("XB"), &outgoing.header.header.id).await.unwrap();
    let ack = delivered(&pair, &anew.envelope, &outgoing).await;
    let peer = pair.xb_of_xa();
    revoke(&pair.xb, Purpose::Checkpoint).await;
    learn(&pair.xa, &pair.xb).await;
    let reply = wire::deliver_reply::Reply::Acknowledgement(ack);
    let reply = wire::DeliverReply { reply: Some(reply), known_of_yours: 0 };
    let taken_late = pair.xa.take_delivery(&peer, &anew, peer.verified(), reply).await;
    assert!(matches!(taken_late, Err(ExchangeError::Busy)), "{taken_late:?}");
    let again = delivered(&pair, &anew.envelope, &outgoing).await;
    let sent = Outgoing { header: anew, key_box: Vec::new(), objects: Vec::new() };
    assert_eq!(taken(&pair, &sent, again).await.unwrap(), Taken::Settled);
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_under_the_key_stands_at_the_size_that_its_revocation_names() {
    let pair = Pair::new().await;
    let old = pair.xa.identity.evidence().id;
    let submissions = tokio::spawn({
        let xa = pair.xa.clone();
        async move {
            for _ in 0..40 {
                submit(&xa).await;
            }
        }
    });
    tokio::task::yield_now().await;
    let revoked = revoke(&pair.xa, Purpose::Evidence).await.key;
    submissions.await.unwrap();
    assert_eq!(revoked.id, old);
    let uses = pair.xa.uses(&revoked, 0, 0, 1000).unwrap().0;
    let size = revoked.end().unwrap().log_size;
    assert!(!uses.is_empty() && uses.iter().all(|one| one.before && one.index < size));
    let new = pair.xa.identity.evidence().id;
    let key = pair.xa.keys().into_iter().find(|one| one.key.id == new).unwrap().key;
    let under_new = pair.xa.uses(&key, 0, 0, 1000).unwrap().0;
    assert_eq!(uses.len() + under_new.len(), 40 + 3, "one acceptance each, and what Pair did");
    let again = Revoking { key: old, reason: Reason::Lost, since: None, successor: true };
    assert!(matches!(pair.xa.revoke(again).await, Err(ExchangeError::Precluded(_))));
    let only = Revoking { key: new, reason: Reason::Lost, since: None, successor: false };
    assert!(pair.xa.revoke(only).await.is_err(), "nothing would be left to sign with");
    assert_eq!(pair.xa.identity.evidence().id, new);
    pair.close();
}

/// A revocation names the size that its log had, and nothing under the key comes after it.
#[tokio::test(flavor = "multi_thread")]
async fn a_size_that_is_not_that_of_the_log_makes_the_ledger_bad() {
    for (purpose, more, why) in [
        (Purpose::Packet, 1, "a size that the log had not reached"),
        (Purpose::Evidence, -1, "is signed with it"),
    ] {
        let pair = Pair::new().await;
        let mut chain = rogatory::format::chain::Chain::clone(&pair.xa.identity.chain());
        let (_, delegate) = pair.xa.identity.delegate().unwrap();
        // The newest entry holds evidence.
        submit(&pair.xa).await;
        let size = pair.xa.store.snapshot().size().unwrap();
        let item = wire::Revocation {
            key_id: chain.current(purpose, pair.xa.now()).unwrap().id.to_vec(),
            reason: Reason::Compromised.into(),
            since: pair.xa.now(),
            log_size: size.checked_add_signed(more).unwrap(),
        };
        let envelope = chain.revoke(vec![item], &delegate, pair.xa.now()).unwrap();
        let leaf = Leaf::new(Kind::KeyStatement);
        append(&pair.xa, vec![NewEntry { leaf, objects: vec![envelope] }]).await;
        pair.xa.store.close().unwrap();
        let data = pair.folder.path().join("xa/data");
        let look = rogatory::store::inspect::Look::default();
        let Err(error) = rogatory::store::inspect::verify(&data, look, &mut |_| {}) else {
            panic!("it is sound")
        };
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_of_before_is_taken_once_its_tree_is_linked() {
    let pair = Pair::new().await;
    let said = say(&pair.xb).await;
    let revoked = revoke(&pair.xb, Purpose::Evidence).await.key;
    assert!(said < revoked.end().unwrap().log_size);
    learn(&pair.xa, &pair.xb).await;
    // From a tree that XA does not remember: no place is proved.
    let peer = pair.xb_of_xa();
    let told = |from| {
        let ack = pair.xb.acknowledgement(&[said], &pair.xb.store.checkpoint(), from).unwrap();
        wire::ToldStatus { acknowledgement: Some(ack), ..wire::ToldStatus::default() }
    };
    let size = pair.xa.store.snapshot().size().unwrap();
    let unlinked = pair.xa.accept_status(&peer, told(1)).await.unwrap();
    assert!(matches!(unlinked, Answer::Deferred(_)), "{unlinked:?}");
    assert_eq!(pair.xa.store.snapshot().size().unwrap(), size);
    let linked = pair.xa.accept_status(&peer, told(peer.verified().0)).await.unwrap();
    assert!(matches!(linked, Answer::Committed(..)), "{linked:?}");
    let again = pair.xa.accept_status(&peer, told(peer.verified().0)).await.unwrap();
    assert!(matches!(again, Answer::Committed(..)), "{again:?}");
    assert_eq!(pair.xa.store.snapshot().size().unwrap(), size + 1);
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_that_was_kept_under_a_revoked_log_key_is_not_cosigned() {
    let pair = Pair::new().await;
    let peer = pair.xb_of_xa();
    let kept = pair.xb.store.checkpoint();
    // What a thief of the log key makes.
    let forged = CheckpointSigner::sign(&*pair.xb.identity, kept.size + 9, [9; 32]).unwrap();
    revoke(&pair.xb, Purpose::Checkpoint).await;
    learn(&pair.xa, &pair.xb).await;
    let size = pair.xa.store.snapshot().size().unwrap();
    let endorsed = pair.xa.endorse(&peer, &kept, 0).await.unwrap();
    assert!(matches!(endorsed, Endorsed::Elsewhere(0)), "{endorsed:?}");
    // A cosignature of ours under the key that comes late is no fault of XA's.
    let (witness, cosign) = pair.xa.identity.cosign();
    let late = kept.cosigned(&witness, &cosign, pair.xa.now()).unwrap();
    let xa_of_xb = pair.xb.directory.peer(&name("XA")).unwrap();
    let before = pair.xb.store.snapshot().size().unwrap();
    assert_eq!(pair.xb.take_cosignature(&xa_of_xb, late).await.unwrap(), None);
    assert_eq!(pair.xb.store.snapshot().size().unwrap(), before);
    // Of another log under that key, it is an alarm, and the ledger that holds it is sound.
    let forged = forged.cosigned(&witness, &cosign, pair.xa.now()).unwrap();
    assert!(pair.xb.take_cosignature(&xa_of_xb, forged).await.is_err());
    let alarm = pair.xb.store.snapshot().entry(before).unwrap().leaf;
    assert_eq!((alarm.kind, alarm.code), (Kind::Alarm, Alarm::OwnLogContradicted as u32));
    assert_eq!(pair.xa.store.snapshot().size().unwrap(), size);
    let now = pair.xb.store.checkpoint();
    let endorsed = pair.xa.endorse(&pair.xb_of_xa(), &now, 0).await.unwrap();
    assert!(matches!(endorsed, Endorsed::Cosigned(_)), "{endorsed:?}");
    pair.close();
}
