//! Statuses held against the table of who may say what, whoever signs them.

use crate::fixture::{Fixture, raw};
use crate::resigned::{changed, replaced};
use crate::story::Story;
use crate::table::{Expect, check};
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::exchange::identity::Identity;
use rogatory::format::evidence::{Evidence, Subject};
use rogatory::format::id::{AuthorityId, PacketId};
use rogatory::format::leaf::Leaf;
use rogatory::format::status::{SignedStatus, Status};
use rogatory::format::wire::{
    cause::Code as Cause, event::Code as Event, leaf::Kind, status::Code, status::Ground,
};

/// What happens next: XA, who asked, says something; XB says something, and XA answers so; XB
/// answers so what XA said last.
#[derive(Debug, Clone, Copy)]
enum Next {
    Ours(Code),
    Theirs(Code, Cause),
    Answered(Cause),
}

/// The two sequences of a case that XA opened, as they go on.
struct Sequences {
    story: Story,
    ours: SignedStatus,
    theirs: SignedStatus,
    /// XA's entry of its last status.
    last: u64,
}

fn event(cause: Cause) -> Event {
    if cause == Cause::None { Event::RelayAcceptance } else { Event::RelayRejection }
}

fn evidence(by: &Identity, about: &SignedStatus, cause: Cause, at: u64) -> Vec<u8> {
    let subject = Subject::Known(about.carried.value.named(about.digest));
    let issuer = by.authority().clone();
    let evidence = Evidence { event: event(cause), issuer, subject, at, cause, findings: Vec::new() };
    evidence.sign(&by.evidence()).unwrap().envelope
}

impl Sequences {
    /// The last case in which both said something: `registered`, `information_needed`; `information_given`.
    fn begin() -> Self {
        let xa = &Fixture::get().xa;
        let last = xa.leaves.iter().rposition(|leaf| leaf.kind == Kind::StatusIssued).unwrap();
        let of_case =
            |leaf: &Leaf| leaf.kind == Kind::StatusReceived && leaf.case_id == xa.leaves[last].case_id;
        let theirs = xa.leaves.iter().rposition(of_case).unwrap();
        let read = |index: usize, place: usize| {
            SignedStatus::danger_unverified(&xa.entries[index].objects[place]).unwrap()
        };
        let (ours, theirs) = (read(last, 0), read(theirs, 1));
        assert_eq!((ours.carried.value.code, ours.carried.value.seq), (Code::InformationGiven, 0));
        assert_eq!((theirs.carried.value.code, theirs.carried.value.seq), (Code::InformationNeeded, 1));
        Self { story: Story::begin(), ours, theirs, last: last as u64 }
    }

    /// Another status behind this one.
    fn after(&self, before: &SignedStatus, by: &Identity, code: Code) -> SignedStatus {
        let at = self.story.at;
        let status = Status {
            id: PacketId::fresh(at, &SystemEntropy::default()).unwrap(),
            seq: before.carried.value.seq + 1,
            prev: Some(before.digest),
            created: at,
            code,
            ground: Ground::NoGround,
            text: None,
            ..before.carried.value.clone()
        };
        status.sign(&by.evidence()).unwrap()
    }

    fn go_on(&mut self, next: Next) {
        let Fixture { xa, xb, .. } = Fixture::get();
        let (at, peer) = (self.story.at, Some(xb.identity.authority().clone()));
        let leaf = |kind, status: &SignedStatus| {
            let (id, case_id) = (Some(status.carried.value.id), Some(status.carried.value.case_id));
            Leaf { peer: peer.clone(), id, case_id, ..Leaf::new(kind) }
        };
        match next {
            Next::Ours(code) => {
                let said = self.after(&self.ours, &xa.identity, code);
                let leaf = Leaf { code: code as u32, actor: Some([1; 8]), ..leaf(Kind::StatusIssued, &said) };
                self.last = self.story.push(leaf, vec![said.carried.envelope.clone()]);
                self.ours = said;
            }
            Next::Theirs(code, cause) => {
                let said = self.after(&self.theirs, &xb.identity, code);
                let envelope = said.carried.envelope.clone();
                let evidence = evidence(&xa.identity, &said, cause, at);
                let issued = Leaf { peer: None, code: code as u32, ..leaf(Kind::StatusIssued, &said) };
                let [receipt, note] = self.story.receipt(issued, vec![envelope.clone()]);
                let leaf =
                    Leaf { code: code as u32, cause: cause as u32, ..leaf(Kind::StatusReceived, &said) };
                self.story.push(leaf, vec![evidence, envelope, receipt, note]);
                self.theirs = said;
            }
            Next::Answered(cause) => {
                let evidence = evidence(&xb.identity, &self.ours, cause, at);
                let objects = vec![evidence.clone(), self.ours.carried.envelope.clone()];
                let kept = Leaf { peer: None, ..leaf(Kind::StatusReceived, &self.ours) };
                let [receipt, note] = self.story.receipt(kept, objects);
                let leaf = Leaf {
                    code: event(cause) as u32,
                    cause: cause as u32,
                    about: Some(self.last),
                    object: self.ours.carried.value.seq as u32,
                    ..leaf(Kind::EvidenceReceived, &self.ours)
                };
                self.story.push(leaf, vec![evidence, receipt, note]);
            }
        }
    }
}

#[test]
fn a_status_that_may_not_be_said_is_named_unless_it_was_refused() {
    use Code::*;
    use Next::{Answered, Ours, Theirs};
    let (accepted, illegal, unread) = (Cause::None, Cause::IllegalTransition, Cause::KeyBoxInvalid);
    // What happens next, and which of it is named.
    let rows: &[(&[Next], Option<u64>)] = &[
        // XA's own words, and those that are XB's.
        (&[Ours(Consultation), Ours(InformationGiven), Ours(Withdrawn), Ours(Closed)], None),
        (&[Ours(Registered)], Some(0)),
        (&[Ours(Executed)], Some(0)),
        (&[Ours(Withdrawn), Ours(InformationGiven)], Some(1)),
        (&[Ours(Withdrawn), Ours(Withdrawn)], Some(1)),
        (&[Ours(Closed), Ours(Consultation)], Some(1)),
        (&[Ours(Withdrawn), Ours(Closed), Ours(Closed)], Some(2)),
        // What XB refused was not said; what it accepted was.
        (&[Ours(Withdrawn), Answered(unread), Ours(InformationGiven)], None),
        (&[Ours(Withdrawn), Answered(unread), Ours(Withdrawn), Ours(Consultation)], Some(3)),
        (&[Ours(Withdrawn), Answered(accepted), Ours(InformationGiven)], Some(2)),
        (&[Ours(Withdrawn), Answered(accepted), Answered(unread), Ours(InformationGiven)], Some(3)),
        (&[Ours(Withdrawn), Answered(unread), Answered(accepted), Ours(InformationGiven)], None),
        // XB's, as XA answered them.
        (&[Theirs(Postponed, accepted), Theirs(Executed, accepted)], None),
        (&[Theirs(Registered, accepted)], Some(0)),
        (&[Theirs(Withdrawn, accepted)], Some(0)),
        (&[Theirs(Executed, accepted), Theirs(Postponed, accepted)], Some(1)),
        (&[Theirs(Refused, accepted), Theirs(Executed, accepted)], Some(1)),
        (&[Theirs(Executed, unread), Theirs(Postponed, accepted)], None),
        (&[Theirs(Withdrawn, unread), Theirs(Withdrawn, illegal)], None),
        (&[Theirs(Postponed, illegal)], Some(0)),
        (&[Theirs(Executed, accepted), Theirs(Postponed, illegal), Theirs(Closed, unread)], None),
        (&[Theirs(Executed, unread), Theirs(Postponed, illegal)], Some(1)),
        // They cross: each side's sequence is judged by itself.
        (&[Ours(Withdrawn), Theirs(Executed, accepted), Ours(Closed)], None),
        (&[Ours(Closed), Theirs(PartlyExecuted, accepted), Theirs(Executed, accepted)], None),
        (&[Theirs(Executed, accepted), Ours(Withdrawn), Theirs(Consultation, accepted)], Some(2)),
    ];
    let xa = &Fixture::get().xa;
    let mut cases = Vec::new();
    for (story, named) in rows {
        let mut sequences = Sequences::begin();
        story.iter().for_each(|next| sequences.go_on(*next));
        let expect = named.map_or(Expect::Sound, |place| Expect::Entry(xa.size() + place));
        cases.push(replaced(format!("{story:?}"), expect, sequences.story.entries));
    }
    check(&xa.export, &xa.identity, cases, 20);
}

/// What our evidence says of a status stands in the leaf too, and between whom it was said.
#[test]
fn a_status_that_its_leaf_says_otherwise_is_named() {
    let xa = &Fixture::get().xa;
    let mut cases = Vec::new();
    type Change = fn(&mut Leaf);
    let changes: [(&str, Change); 3] = [
        ("refused, its evidence says accepted", |leaf| leaf.cause = Cause::IllegalTransition as u32),
        ("later than its evidence", |leaf| leaf.at += 1),
        ("another code", |leaf| leaf.code = Code::Executed as u32),
    ];
    for (name, change) in changes {
        let mut sequences = Sequences::begin();
        sequences.go_on(Next::Theirs(Code::Postponed, Cause::None));
        let mut entries = sequences.story.entries;
        let last = entries.last_mut().unwrap();
        *last = changed(last, change);
        cases.push(replaced(name.into(), Expect::Entry(xa.size()), entries));
    }
    // XB says it to somebody else, and XA takes it for its own.
    let mut sequences = Sequences::begin();
    sequences.theirs.carried.value.peer = AuthorityId::parse("XC").unwrap();
    sequences.go_on(Next::Theirs(Code::Postponed, Cause::None));
    cases.push(replaced("said to another".into(), Expect::Entry(xa.size()), sequences.story.entries));
    // An acceptance of something else than a status.
    let mut sequences = Sequences::begin();
    sequences.go_on(Next::Theirs(Code::Postponed, Cause::None));
    let mut entries = sequences.story.entries;
    let last = entries.last_mut().unwrap();
    let old = Evidence::danger_unverified(&last.objects[0]).unwrap();
    let handed_over = Evidence { event: Event::ContentHandover, ..old };
    last.objects[0] = handed_over.sign(&xa.identity.evidence()).unwrap().envelope;
    *last = raw(Leaf::decode(&last.leaf).unwrap(), last.objects.clone());
    cases.push(replaced("handed over".into(), Expect::Entry(xa.size()), entries));
    check(&xa.export, &xa.identity, cases, 5);
}
