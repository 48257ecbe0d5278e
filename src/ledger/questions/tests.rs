//! Questions over made-up ledgers: what a running pair of gateways does not show at will.

use super::gaps::Gaps;
use super::statistics::Statistics;
use super::unanswered::Unanswered;
use super::*;
use crate::crypto::entropy::SystemEntropy;
use crate::crypto::object::Sealed;
use crate::crypto::sign::{Ed25519Key, Signer as _};
use crate::format::envelope::SigningKey;
use crate::format::packet::{Header, SCHEMA};
use crate::format::statement::key_id;
use crate::format::wire::algorithm::Code as Algorithm;
use crate::format::wire::cause::Code as Cause;
use crate::format::wire::kind::Code as Packet;
use crate::format::wire::purpose::Code as Purpose;
use crate::format::wire::status::Code as Status;
use crate::format::wire::urgency::Code as Urgency;
use crate::format::wire::{Statistics as Said, leaf};
use crate::ledger::checkpoint::Checkpoint;
use std::sync::Arc;

pub(super) const DAY: Millis = 24 * 3600 * 1000;
const NOW: Lasting = Lasting { peer: None, older: 0, now: 100 * DAY };

pub(super) fn signing(purpose: Purpose) -> SigningKey {
    let signer = Ed25519Key::from_seed(&[purpose as u8; 32]).unwrap();
    SigningKey { id: key_id(purpose, Algorithm::Ed25519, signer.public_key()), signer: Arc::new(signer) }
}

pub(super) fn authority(name: &str) -> AuthorityId {
    AuthorityId::parse(name).unwrap()
}

pub(super) fn packet_id() -> PacketId {
    PacketId::fresh(1, &SystemEntropy::default()).unwrap()
}

pub(super) fn case_id() -> CaseId {
    CaseId::fresh(1, &SystemEntropy::default()).unwrap()
}

/// A ledger of XA about XB, an entry a day.
#[derive(Default)]
pub(super) struct Log(pub(super) Vec<Entry>);

impl Log {
    pub(super) fn push(&mut self, leaf: Leaf, objects: Vec<Vec<u8>>) -> u64 {
        let index = self.0.len() as u64;
        let leaf = Leaf {
            at: index * DAY,
            peer: Some(authority("XB")),
            objects: vec![[0; 32]; objects.len()],
            ..leaf
        };
        self.0.push(Entry { index, leaf, leaf_bytes: Vec::new(), objects, known: Default::default() });
        index
    }

    /// The first entry about a packet: submitted by us, or accepted from the peer.
    pub(super) fn packet(
        &mut self,
        way: Direction,
        case_id: CaseId,
        kind: Packet,
        answers: Option<PacketId>,
    ) -> PacketId {
        let (us, them) = (authority("XA"), authority("XB"));
        let (sender, recipient, event) = match way {
            Direction::Out => (us.clone(), them, Event::SubmissionAcceptance),
            Direction::In => (them, us.clone(), Event::RelayAcceptance),
        };
        let sealed = Sealed {
            ciphertext_length: 17,
            chunk_root: [1; 32],
            commitment: [2; 32],
            plaintext_digest: [3; 32],
        };
        let header = Header {
            sender,
            recipient,
            id: packet_id(),
            case_id,
            case_seq: 0,
            case_prev: None,
            kind,
            urgency: Urgency::Routine,
            created: 1,
            expires: 2,
            schema: SCHEMA,
            in_reply_to: answers,
            replaces: None,
            objects: vec![sealed],
            key_box_digest: [4; 32],
            content_key_id: [5; 32],
        };
        let signed = header.sign(&signing(Purpose::Packet)).unwrap();
        let subject = Subject::Known(crate::format::evidence::Named {
            is_status: false,
            sender: signed.header.sender.clone(),
            recipient: signed.header.recipient.clone(),
            id: signed.header.id,
            digest: signed.digest,
            case_id,
        });
        let evidence = Evidence { event, issuer: us, subject, at: 1, cause: Cause::None, findings: vec![] };
        let evidence = evidence.sign(&signing(Purpose::Evidence)).unwrap();
        let statistics = Some(Said { kind: kind as u32, ..Said::default() });
        let leaf = Leaf {
            id: Some(signed.header.id),
            case_id: Some(case_id),
            code: event as u32,
            statistics,
            ..Leaf::new(Kind::EvidenceIssued)
        };
        self.push(leaf, vec![evidence.envelope, signed.envelope]);
        signed.header.id
    }

    /// Evidence of the peer, about an entry of ours.
    pub(super) fn received(&mut self, id: PacketId, case_id: CaseId, event: Event, about: u64) -> u64 {
        let kind = Kind::EvidenceReceived;
        let (id, case_id) = (Some(id), Some(case_id));
        self.push(Leaf { id, case_id, code: event as u32, about: Some(about), ..Leaf::new(kind) }, vec![])
    }

    fn status(&mut self, kind: leaf::Kind, case_id: CaseId, code: Status, cause: Cause) -> u64 {
        let (code, cause) = (code as u32, cause as u32);
        self.push(
            Leaf { id: Some(packet_id()), case_id: Some(case_id), code, cause, ..Leaf::new(kind) },
            vec![],
        )
    }

    fn ask(&self, mut question: impl Question) -> Vec<Row> {
        let mut rows = Vec::new();
        for entry in &self.0 {
            question.entry(entry, &mut rows).unwrap();
        }
        question.end(&mut rows);
        assert!(rows.iter().all(|row| row.len() == question.columns().len()));
        rows
    }

    /// What is unanswered, and since which entry.
    fn unanswered(&self) -> Vec<(String, u64)> {
        said(&self.ask(Unanswered::new(NOW)))
    }
}

fn said(rows: &[Row]) -> Vec<(String, u64)> {
    rows.iter()
        .map(|row| match (&row[0], &row[1]) {
            (Cell::Code(what), Cell::Number(index)) => (what.clone(), *index),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn row(what: &str, index: u64) -> (String, u64) {
    (what.to_owned(), index)
}

#[test]
fn a_request_is_answered_by_a_reply_of_the_right_kind_or_with_its_case() {
    let (mut log, case) = (Log::default(), case_id());
    let request = log.packet(Direction::Out, case, Packet::Extradition, None);
    let waits = [row("packet_without_outcome", 0), row("request_unanswered", 0)];
    assert_eq!(log.unanswered(), waits);
    log.received(request, case, Event::RelayAcceptance, 0);
    assert_eq!(log.unanswered(), waits, "accepted is no outcome yet");
    log.received(request, case, Event::ContentConsignment, 0);
    assert_eq!(log.unanswered(), waits[1..]);
    for kind in [Packet::Progress, Packet::PartialExecution, Packet::Consultation] {
        log.packet(Direction::In, case, kind, Some(request));
        assert_eq!(log.unanswered(), waits[1..], "{kind:?} answers nothing for good");
    }
    log.packet(Direction::In, case, Packet::Execution, None);
    assert_eq!(log.unanswered(), waits[1..], "in reply to nothing");
    log.packet(Direction::In, case, Packet::Execution, Some(request));
    assert!(log.unanswered().is_empty());

    // What is only told waits for an outcome, and for no answer.
    let alert = log.packet(Direction::Out, case_id(), Packet::BorderAlert, None);
    let at = log.0.len() as u64 - 1;
    assert_eq!(log.unanswered(), [row("packet_without_outcome", at)]);
    log.received(alert, case, Event::RelayRejection, at);
    assert!(log.unanswered().is_empty());

    // A request that was refused by the gateway waits for nobody; a case that ended neither.
    let refused = log.packet(Direction::Out, case_id(), Packet::Confiscation, None);
    let at = log.0.len() as u64 - 1;
    log.received(refused, case, Event::RelayRejection, at);
    assert!(log.unanswered().is_empty());
    let other = case_id();
    let request = log.packet(Direction::Out, other, Packet::Confiscation, None);
    let at = log.0.len() as u64 - 1;
    log.received(request, other, Event::ContentConsignment, at);
    log.status(Kind::StatusReceived, other, Status::Refused, Cause::IllegalTransition);
    assert_eq!(
        log.unanswered(),
        [row("request_unanswered", at)],
        "a status that was refused counts for nothing"
    );
    log.status(Kind::StatusReceived, other, Status::Refused, Cause::None);
    assert!(log.unanswered().is_empty());
}

#[test]
fn a_case_is_undecided_until_a_status_that_both_sides_count_ends_it() {
    let (mut log, case) = (Log::default(), case_id());
    log.packet(Direction::In, case, Packet::Extradition, None);
    log.packet(Direction::In, case, Packet::Amendment, None);
    let waits = [row("case_undecided", 0)];
    for code in [Status::Registered, Status::Accepted, Status::Postponed, Status::PartlyExecuted] {
        log.status(Kind::StatusIssued, case, code, Cause::None);
        assert_eq!(log.unanswered(), waits, "{code:?} ends nothing");
    }
    let rows = log.ask(Unanswered::new(NOW));
    assert_eq!(rows[0][9], Cell::Code("partly_executed".into()));
    let status = log.status(Kind::StatusIssued, case, Status::Executed, Cause::None);
    assert!(log.unanswered().is_empty());
    log.received(packet_id(), case, Event::RelayRejection, status);
    assert_eq!(log.unanswered(), waits, "the peer refused it: it counts for nothing");
    log.status(Kind::StatusReceived, case, Status::Withdrawn, Cause::None);
    assert!(log.unanswered().is_empty());
    // The first packet of a case that we opened does not make it one of the peer's.
    let ours = case_id();
    let request = log.packet(Direction::Out, ours, Packet::SpontaneousInformation, None);
    let at = log.0.len() as u64 - 1;
    log.received(request, ours, Event::ContentConsignment, at);
    log.packet(Direction::In, ours, Packet::InformationResponse, Some(request));
    assert!(log.unanswered().is_empty());
}

#[test]
fn handovers_want_a_confirmation_and_entries_a_cosigned_checkpoint() {
    let (mut log, case) = (Log::default(), case_id());
    let packet = log.packet(Direction::In, case, Packet::Extradition, None);
    let gaps = |log: &Log| said(&log.ask(Gaps::new(NOW)));
    assert_eq!(gaps(&log), [row("accepted_not_consigned", 0), row("not_cosigned", 0)]);
    for event in [Event::ContentConsignment, Event::ContentHandover] {
        // Evidence alone: the header stands in the first entry.
        let object = log.0[0].objects[0].clone();
        let (id, case_id) = (Some(packet), Some(case));
        let leaf = Leaf { id, case_id, code: event as u32, ..Leaf::new(Kind::EvidenceIssued) };
        log.push(leaf, vec![object]);
    }
    assert_eq!(gaps(&log), [row("not_cosigned", 0), row("handover_not_confirmed", 2)]);
    log.push(Leaf { about: Some(2), ..Leaf::new(Kind::Confirmation) }, vec![]);
    assert_eq!(gaps(&log), [row("not_cosigned", 0)]);

    let cosigned = |log: &mut Log, size| {
        let key = signing(Purpose::Checkpoint);
        let checkpoint = Checkpoint::sign("rogatory/XA/0011223344556677/1", size, [7; 32], &key).unwrap();
        log.push(Leaf::new(Kind::CosignatureReceived), vec![checkpoint.note]);
    };
    cosigned(&mut log, 3);
    let rows = log.ask(Gaps::new(NOW));
    assert_eq!((said(&rows), &rows[0][8]), (vec![row("not_cosigned", 3)], &Cell::Number(1)));
    // What is only about witnessing wants no witness.
    log.push(Leaf::new(Kind::Cosigned), vec![]);
    cosigned(&mut log, 4);
    assert!(gaps(&log).is_empty());
    cosigned(&mut log, 2);
    log.push(Leaf::new(Kind::Opening), vec![]);
    let recent = Lasting { older: 93 * DAY, ..NOW };
    assert!(said(&log.ask(Gaps::new(recent))).is_empty(), "ninety-two days old");
    assert_eq!(gaps(&log), [row("not_cosigned", 8)]);
}

#[test]
fn packets_are_counted_by_what_is_asked_for_and_amounts_by_currency_only() {
    let mut log = Log::default();
    for kind in [Packet::Extradition, Packet::Extradition, Packet::Confiscation] {
        log.packet(Direction::Out, case_id(), kind, None);
    }
    for (entry, (currency, amount)) in log.0.iter_mut().zip([("EUR", 1200), ("=1+1", 5), ("EUR", 100)]) {
        let said = entry.leaf.statistics.as_mut().unwrap();
        (said.currency, said.amount) = (currency.into(), amount);
    }
    let counts = |by: &[&str]| -> Vec<Vec<Cell>> {
        let rows = log.ask(Statistics::new(Filter::default(), by));
        rows.into_iter().map(|row| row.into_iter().filter(|cell| *cell != Cell::Empty).collect()).collect()
    };
    let code = |text: &str| Cell::Code(text.into());
    let outside = |text: &str| Cell::Outside(text.into());
    use Cell::Number;
    assert_eq!(counts(&[]), [[Number(3)]]);
    assert_eq!(
        counts(&["kind", "month"]),
        [
            vec![code("1970-01"), code("confiscation"), Number(1)],
            vec![code("1970-01"), code("extradition"), Number(2)],
        ]
    );
    assert_eq!(
        counts(&["currency"]),
        [vec![outside("=1+1"), Number(1), Number(5)], vec![outside("EUR"), Number(2), Number(1300)]]
    );
}
