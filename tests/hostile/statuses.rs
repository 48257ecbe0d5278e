//! Statuses that may not be said, or not then, or not so often.

use crate::log::{payload, said, tell, tell_for};
use crate::stage::{Row, Stage, Told, Who::Peer, against_the_protocol, elsewhere, row};
use crate::support::settled;
use prost::Message as _;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::hash::Digest;
use rogatory::exchange::restraint::AT_ONCE;
use rogatory::format::envelope::{PayloadType, sign};
use rogatory::format::id::{AuthorityId, CaseId, PacketId};
use rogatory::format::leaf::Leaf;
use rogatory::format::packet::SignedHeader;
use rogatory::format::status::{SealedText, Status};
use rogatory::format::wire::{
    self, Chunk, ToldStatus, cause::Code as Cause, leaf::Kind, status::Code, status::Ground, tell_reply,
    tell_request::Item,
};
use rogatory::gateway::SystemClock;
use rogatory::store::Clock as _;

/// A case that XA opened with XB, and how far XA's statuses in it have come.
struct Case {
    header: SignedHeader,
    said: Vec<Digest>,
}

impl Case {
    /// Two entries.
    async fn new(stage: &Stage) -> Self {
        let packet = stage.bench.packet();
        assert_eq!(Told::said(&stage.bench.deliver(&packet).await), Told::Accepted);
        Self { header: stage.bench.sign(&packet), said: Vec::new() }
    }

    /// The next status, in order.
    fn next(&self, code: Code) -> Status {
        let now = SystemClock.now();
        Status {
            author: AuthorityId::parse("XA").unwrap(),
            peer: AuthorityId::parse("XB").unwrap(),
            id: PacketId::fresh(now, &SystemEntropy::default()).unwrap(),
            case_id: self.header.header.case_id,
            seq: self.said.len() as u64,
            prev: self.said.last().copied(),
            seen: (0, None),
            created: now,
            code,
            ground: Ground::NoGround,
            packet_id: self.header.header.id,
            reply_id: None,
            review_at: 0,
            text: None,
        }
    }

    /// Says it, and counts it as said.
    async fn says(&mut self, stage: &Stage, status: Status) -> Told {
        let (digest, told) = signed(stage, status, |_| {}).await;
        self.said.push(digest);
        tell(stage, Item::Status(told)).await
    }
}

/// A status that stands in XA's ledger, with its proof: its fields changed before it is signed.
async fn signed(
    stage: &Stage,
    status: Status,
    change: impl FnOnce(&mut wire::Status),
) -> (Digest, ToldStatus) {
    let key = stage.bench.identity.evidence();
    let (id, code, case_id) = (status.id, status.code, status.case_id);
    let mut wire =
        wire::Status::decode(payload(&status.sign(&key).unwrap().carried.envelope).as_slice()).unwrap();
    change(&mut wire);
    let payload = wire.encode_to_vec();
    let digest = rogatory::crypto::hash::sha256(&payload);
    let envelope = sign(PayloadType::Status, payload, &key).unwrap();
    (digest, logged(stage, id, case_id, code, envelope).await)
}

async fn logged(stage: &Stage, id: PacketId, case_id: CaseId, code: Code, envelope: Vec<u8>) -> ToldStatus {
    let leaf = Leaf {
        peer: Some(AuthorityId::parse("XB").unwrap()),
        id: Some(id),
        case_id: Some(case_id),
        code: code as u32,
        ..Leaf::new(Kind::StatusIssued)
    };
    let index = stage.log.write(leaf, envelope);
    let acknowledgement = Some(stage.log.proved(&[index]));
    ToldStatus { acknowledgement, ..ToldStatus::default() }
}

/// A first status whose fields are changed.
type Bent = (&'static str, fn(&mut wire::Status), Told);

const BENT: [Bent; 11] = [
    ("without a code", |s| s.code = 0, Told::Refused(Cause::Malformed)),
    ("with a code that nobody knows", |s| s.code = 4711, Told::Refused(Cause::Malformed)),
    ("with a ground, and no refusal", |s| s.ground = 1, Told::Refused(Cause::Malformed)),
    ("without an id", |s| s.status_id.clear(), Told::Refused(Cause::Malformed)),
    ("without a case", |s| s.case_id.clear(), Told::Refused(Cause::Malformed)),
    ("without a packet", |s| s.packet_id.clear(), Told::Refused(Cause::Malformed)),
    ("with a predecessor before the first", |s| s.prev = vec![1; 32], Told::Refused(Cause::Malformed)),
    ("of another suite", |s| s.suite = 9, Told::Refused(Cause::SuiteUnsupported)),
    ("for another peer", |s| s.peer = "XC".into(), Told::Refused(Cause::WrongRecipient)),
    ("in another's name", |s| s.author = "XC".into(), Told::Refused(Cause::WrongRecipient)),
    ("in a case that nobody knows", |s| s.case_id[15] ^= 1, Told::Deferred(Cause::StatusGap)),
];

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (what, change, is_told) in BENT {
        let entries = if matches!(is_told, Told::Deferred(_)) { 2 } else { 3 };
        rows.push(row(Peer, what, is_told, entries, move |stage| {
            Box::pin(async move {
                let case = Case::new(stage).await;
                let (_, told) = signed(stage, case.next(Code::Consultation), change).await;
                tell(stage, Item::Status(told)).await
            })
        }));
    }
    rows.extend(chains());
    rows.extend(parts());
    rows.extend([elsewhere(
        Peer,
        "under a key that is not known yet",
        "learning.rs",
        "what_is_signed_with_a_key_not_known_yet_is_no_fault",
    )]);
    rows.extend(floods());
    rows
}

/// Where a status stands in its chain.
fn chains() -> Vec<Row> {
    vec![
        row(Peer, "in order, and again", Told::AsBefore, 3, |stage| {
            Box::pin(async move {
                let case = Case::new(stage).await;
                let (_, told) = signed(stage, case.next(Code::Consultation), |_| {}).await;
                let first = tell_for(stage, Item::Status(told.clone())).await.unwrap();
                let second = tell_for(stage, Item::Status(told)).await.unwrap();
                match (&first, &second) {
                    (tell_reply::Reply::Acknowledgement(one), tell_reply::Reply::Acknowledgement(other))
                        if one.entries[0].objects == other.entries[0].objects =>
                    {
                        Told::AsBefore
                    }
                    _ => said(stage, &second),
                }
            })
        }),
        row(Peer, "the other side's word", Told::Rejected(Cause::IllegalTransition), 3, |stage| {
            Box::pin(async move {
                let mut case = Case::new(stage).await;
                let status = case.next(Code::Executed);
                case.says(stage, status).await
            })
        }),
        row(Peer, "after the last word", Told::Rejected(Cause::IllegalTransition), 4, |stage| {
            Box::pin(async move {
                let mut case = Case::new(stage).await;
                let last = case.next(Code::Withdrawn);
                assert_eq!(case.says(stage, last).await, Told::Confirmed);
                let status = case.next(Code::InformationGiven);
                case.says(stage, status).await
            })
        }),
        row(Peer, "forked: two at one place", Told::Rejected(Cause::ChainConflict), 4, |stage| {
            Box::pin(async move {
                let mut case = Case::new(stage).await;
                let (one, other) = (case.next(Code::Consultation), case.next(Code::Consultation));
                assert_eq!(case.says(stage, one).await, Told::Confirmed);
                case.says(stage, other).await
            })
        }),
        row(Peer, "forked: after another than the last", Told::Rejected(Cause::ChainConflict), 4, |stage| {
            Box::pin(async move {
                let mut case = Case::new(stage).await;
                let first = case.next(Code::Consultation);
                assert_eq!(case.says(stage, first).await, Told::Confirmed);
                let second = Status { prev: Some([5; 32]), ..case.next(Code::Consultation) };
                case.says(stage, second).await
            })
        }),
        row(
            Peer,
            "a gap that never closes, asked about 100 times",
            Told::Deferred(Cause::StatusGap),
            2,
            |stage| {
                Box::pin(async move {
                    let case = Case::new(stage).await;
                    let far = Status { seq: 5, prev: Some([5; 32]), ..case.next(Code::Consultation) };
                    let (_, told) = signed(stage, far, |_| {}).await;
                    for _ in 0..99 {
                        let again = tell(stage, Item::Status(told.clone())).await;
                        assert_eq!(again, Told::Deferred(Cause::StatusGap));
                    }
                    tell(stage, Item::Status(told)).await
                })
            },
        ),
        row(Peer, "at the end of all numbers", Told::Deferred(Cause::StatusGap), 2, |stage| {
            Box::pin(async move {
                let case = Case::new(stage).await;
                let far = Status { seq: u64::MAX, prev: Some([5; 32]), ..case.next(Code::Consultation) };
                let (_, told) = signed(stage, far, |_| {}).await;
                tell(stage, Item::Status(told)).await
            })
        }),
        row(Peer, "in the case of another peer", Told::Deferred(Cause::StatusGap), 2, |stage| {
            Box::pin(async move {
                let (sent, theirs) = stage.xc.send("XB", "");
                settled(&stage.xc, &sent).await;
                let case = Case::new(stage).await;
                let status = Status { case_id: theirs.parse().unwrap(), ..case.next(Code::Withdrawn) };
                let (_, told) = signed(stage, status, |_| {}).await;
                tell(stage, Item::Status(told)).await
            })
        }),
    ]
}

/// What goes with a status.
fn parts() -> Vec<Row> {
    /// A status with a text, and what is told beside it.
    async fn with_text(stage: &Stage, change: impl FnOnce(&mut ToldStatus)) -> Told {
        let case = Case::new(stage).await;
        // The body of a packet does for a text: it is sealed in the same way.
        let packet = stage.bench.packet();
        let text = Some(SealedText {
            object: packet.header.objects[0].clone(),
            key_box_digest: packet.header.key_box_digest,
            content_key_id: packet.header.content_key_id,
        });
        let status = Status { id: packet.header.id, text, ..case.next(Code::Consultation) };
        let (_, mut told) = signed(stage, status, |_| {}).await;
        told.key_box = packet.key_box;
        told.chunks = vec![Chunk { object: 0, index: 0, data: packet.ciphertext }];
        change(&mut told);
        tell(stage, Item::Status(told)).await
    }
    vec![
        row(Peer, "with the key box of nothing", Told::Rejected(Cause::KeyBoxInvalid), 3, |stage| {
            Box::pin(with_text(stage, |told| told.key_box.clear()))
        }),
        row(Peer, "with another key box", Told::Rejected(Cause::KeyBoxInvalid), 3, |stage| {
            Box::pin(with_text(stage, |told| told.key_box[40] ^= 1))
        }),
        row(Peer, "without its text", Told::Rejected(Cause::ObjectInvalid), 3, |stage| {
            Box::pin(with_text(stage, |told| told.chunks.clear()))
        }),
        row(Peer, "with another text", Told::Rejected(Cause::ObjectInvalid), 3, |stage| {
            Box::pin(with_text(stage, |told| told.chunks[0].data[9] ^= 1))
        }),
        row(Peer, "with a text of 500 KiB", Told::Rejected(Cause::TooLarge), 3, |stage| {
            Box::pin(with_text(stage, |told| told.chunks[0].data = vec![7; 500 << 10]))
        }),
        row(Peer, "under the leaf of another", against_the_protocol(), 2, |stage| {
            Box::pin(async move {
                let case = Case::new(stage).await;
                let (status, other) = (case.next(Code::Consultation), case.next(Code::Consultation));
                let case_id = status.case_id;
                let envelope = status.sign(&stage.bench.identity.evidence()).unwrap().carried.envelope;
                let told = logged(stage, other.id, case_id, Code::Consultation, envelope).await;
                tell(stage, Item::Status(told)).await
            })
        })
        .logged("a leaf that is not its status's"),
        row(Peer, "without its proof", against_the_protocol(), 0, |stage| {
            Box::pin(async move { tell(stage, Item::Status(ToldStatus::default())).await })
        })
        .logged("a status without its proof"),
        row(Peer, "signed with the packet key", Told::Refused(Cause::KeyNotValid), 3, |stage| {
            Box::pin(async move {
                let case = Case::new(stage).await;
                let status = case.next(Code::Consultation);
                let (id, case_id) = (status.id, status.case_id);
                let envelope = status.sign(&stage.bench.identity.packet()).unwrap().carried.envelope;
                let told = logged(stage, id, case_id, Code::Consultation, envelope).await;
                tell(stage, Item::Status(told)).await
            })
        }),
    ]
}

/// What is told when there were enough: one more may have come to be allowed just before.
async fn enough(stage: &Stage, first: Told, told: ToldStatus) -> Told {
    match first {
        Told::Deferred(_) => first,
        _ => tell(stage, Item::Status(told)).await,
    }
}

/// As many as there can be. What is in order is taken; what binds nothing comes to an end.
fn floods() -> Vec<Row> {
    vec![
        row(Peer, "200 in order", Told::Answered(200), 202, |stage| {
            Box::pin(async move {
                let mut case = Case::new(stage).await;
                let mut taken = 0;
                for _ in 0..200 {
                    let status = case.next(Code::Consultation);
                    taken += usize::from(case.says(stage, status).await == Told::Confirmed);
                }
                Told::Answered(taken)
            })
        }),
        row(Peer, "300 forks", Told::Deferred(Cause::Busy), 0, |stage| {
            Box::pin(async move {
                let mut case = Case::new(stage).await;
                let (one, other) = (case.next(Code::Consultation), case.next(Code::Consultation));
                assert_eq!(case.says(stage, one).await, Told::Confirmed);
                let (_, told) = signed(stage, other, |_| {}).await;
                let mut last = Told::Words("nothing".into());
                for _ in 0..300 {
                    last = tell(stage, Item::Status(told.clone())).await;
                }
                enough(stage, last, told).await
            })
        })
        // The rows before took some; some time passes.
        .within(200..=AT_ONCE as usize + 10),
        row(Peer, "malformed, when there were enough refusals", Told::Deferred(Cause::Busy), 2, |stage| {
            Box::pin(async move {
                let case = Case::new(stage).await;
                let (_, told) = signed(stage, case.next(Code::Consultation), |s| s.code = 0).await;
                let first = tell(stage, Item::Status(told.clone())).await;
                enough(stage, first, told).await
            })
        })
        .within(2..=3),
    ]
}
