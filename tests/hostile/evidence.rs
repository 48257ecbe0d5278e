//! Evidence that a peer may not state, can't prove, or takes back.

use crate::log::tell;
use crate::stage::{Row, Stage, Told, Who::Peer, against_the_protocol, elsewhere, row};
use crate::support::lines::Collection;
use crate::support::until;
use rogatory::crypto::hash::sha256;
use rogatory::exchange::restraint::AT_ONCE;
use rogatory::format::envelope::SigningKey;
use rogatory::format::evidence::{Evidence, Named, Subject};
use rogatory::format::id::{AuthorityId, PacketId};
use rogatory::format::leaf::Leaf;
use rogatory::format::packet::SignedHeader;
use rogatory::format::wire::{
    Acknowledgement, CollectUp, DeliverFrame, DeliverReply, cause::Code as Cause, collect_down::Down,
    collect_up::Up, deliver_frame::Frame, deliver_reply, event::Code as Event, leaf::Kind,
    tell_request::Item,
};
use rogatory::gateway::SystemClock;
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::store::{CheckpointSigner as _, Clock as _};

/// A packet that XB has sent to XA, as evidence names it.
async fn sent(stage: &Stage, to: &str) -> Named {
    let (packet, _) = stage.bench.xb.send(to, "");
    let shown = stage.bench.xb.show(packet.parse::<PacketId>().unwrap().bytes()).await.unwrap();
    let header = SignedHeader::danger_unverified(&shown.header).unwrap();
    Named {
        is_status: false,
        sender: header.header.sender,
        recipient: header.header.recipient,
        id: header.header.id,
        digest: header.digest,
        case_id: header.header.case_id,
    }
}

fn stated(event: Event, subject: Subject) -> Evidence {
    let cause = if event == Event::RelayRejection { Cause::Expired } else { Cause::None };
    let issuer = AuthorityId::parse("XA").unwrap();
    Evidence { event, issuer, subject, at: SystemClock.now(), cause, findings: Vec::new() }
}

/// XA states this in its own ledger, with this key.
fn write(stage: &Stage, evidence: Evidence, key: &SigningKey) -> u64 {
    let leaf = Leaf {
        peer: Some(AuthorityId::parse("XB").unwrap()),
        id: match &evidence.subject {
            Subject::Known(named) => Some(named.id),
            Subject::Unattributed(_) => None,
        },
        code: evidence.event as u32,
        cause: evidence.cause as u32,
        ..Leaf::new(Kind::EvidenceIssued)
    };
    stage.log.write(leaf, evidence.sign(key).unwrap().envelope)
}

/// The same, proved.
fn proved(stage: &Stage, evidence: Evidence, key: &SigningKey) -> Acknowledgement {
    stage.log.proved(&[write(stage, evidence, key)])
}

async fn tells(stage: &Stage, evidence: Evidence) -> Told {
    let ack = proved(stage, evidence, &stage.bench.identity.evidence());
    tell(stage, Item::Evidence(ack)).await
}

/// What is stated of a packet that was sent, and what the last word of it gets. The submission is
/// an entry too.
type Story = (&'static str, &'static [Event], fn() -> Told, usize, &'static str);

const STORIES: [Story; 10] = [
    ("an acceptance", &[Event::RelayAcceptance], || Told::Confirmed, 2, ""),
    ("a rejection", &[Event::RelayRejection], || Told::Confirmed, 2, ""),
    (
        "a rejection after an acceptance",
        &[Event::RelayAcceptance, Event::RelayRejection],
        against_the_protocol,
        3,
        "ALARM: the peer rejects what it had accepted",
    ),
    (
        "an acceptance after a rejection",
        &[Event::RelayRejection, Event::RelayAcceptance],
        against_the_protocol,
        2,
        "the peer's evidence contradicts what it had stated",
    ),
    (
        "a consignment after a rejection",
        &[Event::RelayRejection, Event::ContentConsignment],
        against_the_protocol,
        2,
        "the peer's evidence contradicts what it had stated",
    ),
    (
        "a rejection after a consignment",
        &[Event::ContentConsignment, Event::RelayRejection],
        against_the_protocol,
        2,
        "the peer's evidence contradicts what it had stated",
    ),
    (
        "content found good, then found wanting",
        &[Event::RelayAcceptance, Event::ContentConsignment, Event::ContentConsignmentFailure],
        against_the_protocol,
        3,
        "the peer's evidence contradicts what it had stated",
    ),
    ("content found good before it was accepted", &[Event::ContentConsignment], || Told::Confirmed, 2, ""),
    (
        "that it was submitted, which is ours to state",
        &[Event::SubmissionAcceptance],
        against_the_protocol,
        1,
        "evidence about something else",
    ),
    (
        "that it was not relayed, which is ours to state",
        &[Event::RelayFailure],
        against_the_protocol,
        1,
        "evidence about something else",
    ),
];

/// Changes of a proof, after which it proves nothing.
type Forgery = (&'static str, fn(&mut Acknowledgement), &'static str);

const FORGERIES: [Forgery; 9] = [
    ("no entry", |ack| ack.entries.clear(), "not one entry"),
    (
        "the same entry twice",
        |ack| {
            let again = ack.entries[0].clone();
            ack.entries.push(again);
        },
        "not one entry",
    ),
    (
        "17 entries",
        |ack| {
            let again = ack.entries[0].clone();
            ack.entries.resize(17, again);
        },
        "too many entries",
    ),
    ("a hash of the inclusion changed", |ack| ack.entries[0].inclusion[0][3] ^= 1, "inclusion"),
    ("another index", |ack| ack.entries[0].index -= 1, "inclusion"),
    ("an index beyond the tree", |ack| ack.entries[0].index = u64::MAX, "inclusion"),
    ("65 hashes", |ack| ack.entries[0].inclusion = vec![vec![1; 32]; 65], "overlong"),
    ("a hash of the consistency changed", |ack| ack.consistency[0][3] ^= 1, "consistency"),
    ("another object than the leaf names", |ack| ack.entries[0].objects[0][9] ^= 1, "object"),
];

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (what, events, told, entries, log) in STORIES {
        rows.push(
            row(Peer, what, told(), entries, move |stage| {
                Box::pin(async move {
                    let named = sent(stage, "XA").await;
                    let mut last = Told::Words("nothing".into());
                    for event in events {
                        last = tells(stage, stated(*event, Subject::Known(named.clone()))).await;
                    }
                    last
                })
            })
            .logged(log),
        );
    }
    for (what, forge, log) in FORGERIES {
        rows.push(
            row(Peer, format!("a proof with {what}"), against_the_protocol(), 1, move |stage| {
                Box::pin(async move {
                    let named = sent(stage, "XA").await;
                    let stated = stated(Event::RelayAcceptance, Subject::Known(named));
                    let mut ack = proved(stage, stated, &stage.bench.identity.evidence());
                    forge(&mut ack);
                    tell(stage, Item::Evidence(ack)).await
                })
            })
            .logged(log),
        );
    }
    rows.extend(subjects());
    rows.extend([
        elsewhere(
            Peer,
            "two trees of one size",
            "witness.rs",
            "two_trees_of_one_size_are_one_alarm_however_often_they_are_shown",
        ),
        elsewhere(
            Peer,
            "a status about nothing is put off",
            "learning.rs",
            "what_is_signed_with_a_key_not_known_yet_is_no_fault",
        ),
    ]);
    rows.extend(last());
    rows
}

/// About something that is not the peer's to speak of.
fn subjects() -> Vec<Row> {
    let never = "evidence for a packet that was never sent";
    vec![
        row(Peer, "for a packet that was never sent", against_the_protocol(), 1, |stage| {
            Box::pin(async move {
                let mut named = sent(stage, "XA").await;
                named.id = PacketId::from_bytes(&[&named.id.bytes()[..15], &[7]].concat()).unwrap();
                tells(stage, stated(Event::RelayAcceptance, Subject::Known(named))).await
            })
        })
        .logged(never),
        row(Peer, "for other bytes under the same id", against_the_protocol(), 1, |stage| {
            Box::pin(async move {
                let named = Named { digest: sha256(b"other"), ..sent(stage, "XA").await };
                tells(stage, stated(Event::RelayAcceptance, Subject::Known(named))).await
            })
        })
        .logged(never),
        row(Peer, "for a packet that went to another peer", against_the_protocol(), 0, |stage| {
            Box::pin(async move {
                let named = sent(stage, "XC").await;
                crate::support::settled(&stage.bench.xb, &named.id.to_string()).await;
                tells(stage, stated(Event::RelayRejection, Subject::Known(named))).await
            })
        })
        .logged(never),
        row(Peer, "about nothing", against_the_protocol(), 1, |stage| {
            Box::pin(async move {
                let named = sent(stage, "XA").await;
                tells(stage, stated(Event::RelayRejection, Subject::Unattributed(named.digest))).await
            })
        })
        .logged("evidence about nothing"),
        row(Peer, "in another's name", against_the_protocol(), 1, |stage| {
            Box::pin(async move {
                let named = sent(stage, "XA").await;
                let stated = stated(Event::RelayAcceptance, Subject::Known(named));
                tells(stage, Evidence { issuer: AuthorityId::parse("XC").unwrap(), ..stated }).await
            })
        })
        .logged("issuer"),
        row(Peer, "signed with the packet key", against_the_protocol(), 1, |stage| {
            Box::pin(async move {
                let named = sent(stage, "XA").await;
                let stated = stated(Event::RelayAcceptance, Subject::Known(named));
                let ack = proved(stage, stated, &stage.bench.identity.packet());
                tell(stage, Item::Evidence(ack)).await
            })
        })
        .logged("a key of another purpose"),
        row(
            Peer,
            "under a checkpoint signed with the evidence key",
            Told::Deferred(Cause::KeyUnknown),
            1,
            |stage| {
                Box::pin(async move {
                    let named = sent(stage, "XA").await;
                    let stated = stated(Event::RelayAcceptance, Subject::Known(named));
                    let key = stage.bench.identity.evidence();
                    let mut ack = proved(stage, stated, &key);
                    let real = Checkpoint::danger_unverified(&ack.checkpoint).unwrap();
                    ack.checkpoint = Checkpoint::sign(&real.origin, real.size, real.root, &key).unwrap().note;
                    tell(stage, Item::Evidence(ack)).await
                })
            },
        ),
        row(Peer, "signed with a key that nobody knows", Told::Deferred(Cause::KeyUnknown), 1, |stage| {
            Box::pin(async move {
                let named = sent(stage, "XA").await;
                let stated = stated(Event::RelayAcceptance, Subject::Known(named));
                let key = SigningKey { id: [9; 32], ..stage.bench.identity.evidence() };
                let ack = proved(stage, stated, &key);
                tell(stage, Item::Evidence(ack)).await
            })
        }),
    ]
}

/// What leaves marks that later rows would see.
fn last() -> Vec<Row> {
    vec![
        row(Peer, "all of it in one answer, over the reverse line", Told::Answered(3), 3, |stage| {
            Box::pin(async move {
                let size = stage.bench.size().await;
                let mut line = Collection::open(stage.bench.client.clone()).await;
                let named = sent(stage, "XA").await;
                // What other rows sent comes first, and is put off by an answer about nothing.
                loop {
                    match line.next().await {
                        Ok(Some(Down::Frame(DeliverFrame { frame: Some(Frame::Start(start)) }))) => {
                            let header = SignedHeader::danger_unverified(&start.header).unwrap();
                            let words =
                                [Event::RelayAcceptance, Event::RelayAcceptance, Event::RelayRejection];
                            let mut indices = Vec::new();
                            if header.digest == named.digest {
                                for event in words {
                                    let stated = stated(event, Subject::Known(named.clone()));
                                    indices.push(write(stage, stated, &stage.bench.identity.evidence()));
                                }
                            }
                            let ack = stage.log.proved_from(&indices, start.known_size);
                            let reply = Some(deliver_reply::Reply::Acknowledgement(ack));
                            while !matches!(line.next().await, Ok(Some(Down::End(_)))) {}
                            let reply = DeliverReply { reply, known_of_yours: 0 };
                            line.up.send(CollectUp { up: Some(Up::Delivered(reply)) }).await.unwrap();
                            if !indices.is_empty() {
                                break;
                            }
                        }
                        // What else is wanted gets no answer: another stream.
                        _ => line = Collection::open(stage.bench.client.clone()).await,
                    }
                }
                let all = async || stage.leaves(size).await.len();
                until("the alarm", || async { all().await >= 3 }).await;
                Told::Answered(all().await)
            })
        })
        .logged("ALARM: the peer rejects what it had accepted"),
        row(Peer, "a rejection after an acceptance, said in 300 ways", against_the_protocol(), 0, |stage| {
            Box::pin(async move {
                let named = sent(stage, "XA").await;
                tells(stage, stated(Event::RelayAcceptance, Subject::Known(named.clone()))).await;
                let mut last = Told::Words("nothing".into());
                for later in 0..300 {
                    let stated = stated(Event::RelayRejection, Subject::Known(named.clone()));
                    last = tells(stage, Evidence { at: stated.at + later, ..stated }).await;
                }
                last
            })
        })
        // The submission, the acceptance, and alarms: one was raised before, and some time passes.
        .within(AT_ONCE as usize..=AT_ONCE as usize + 10),
        row(Peer, "a tree of 2^64 - 1 entries, well signed", against_the_protocol(), 1, |stage| {
            Box::pin(async move {
                let named = sent(stage, "XA").await;
                let stated = stated(Event::RelayAcceptance, Subject::Known(named));
                let mut ack = proved(stage, stated, &stage.bench.identity.evidence());
                ack.checkpoint = stage.bench.identity.sign(u64::MAX, [7; 32]).unwrap().note;
                tell(stage, Item::Evidence(ack)).await
            })
        })
        .logged("inclusion proof does not hold"),
    ]
}
