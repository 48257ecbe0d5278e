//! What waits for an answer, and for how long: packets without an outcome, cases of peers
//! that nobody has decided, requests of ours that nobody has answered.

use super::{Cell, Lasting, Question, Row, event, first_about, maybe, names, peer, word};
use crate::format::Millis;
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::packet::Header;
use crate::format::wire::event::Code as Event;
use crate::format::wire::kind::Code as Packet;
use crate::format::wire::leaf::Kind;
use crate::format::wire::status::Code as Status;
use crate::format::wire::urgency::Code as Urgency;
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;
use crate::ledger::records::Direction;
use std::collections::BTreeMap;

/// The question.
pub struct Unanswered {
    asked: Lasting,
    /// Packets of ours without a terminal outcome.
    unsettled: BTreeMap<(AuthorityId, PacketId), Waiting>,
    /// Requests of ours without an answer.
    requests: BTreeMap<(AuthorityId, PacketId), Waiting>,
    cases: BTreeMap<(AuthorityId, CaseId), Case>,
}

/// A packet that waits.
#[derive(Clone)]
struct Waiting {
    index: u64,
    since: Millis,
    id: PacketId,
    case_id: CaseId,
    kind: Packet,
    urgency: Urgency,
}

#[derive(Default)]
struct Case {
    opened_by_us: bool,
    /// The peer's first packet that was accepted.
    received: Option<Waiting>,
    /// Entries of the statuses that ended it.
    ended: Vec<u64>,
    last: Option<u32>,
}

impl Unanswered {
    /// What has waited for so long.
    pub fn new(asked: Lasting) -> Self {
        let (unsettled, requests, cases) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { asked, unsettled, requests, cases }
    }

    fn packet(&mut self, direction: Direction, header: &Header, entry: &Entry) {
        let waiting = Waiting {
            index: entry.index,
            since: entry.leaf.at,
            id: header.id,
            case_id: header.case_id,
            kind: header.kind,
            urgency: header.urgency,
        };
        let other = if direction == Direction::Out { &header.recipient } else { &header.sender };
        let case = self
            .cases
            .entry((other.clone(), header.case_id))
            .or_insert_with(|| Case { opened_by_us: direction == Direction::Out, ..Case::default() });
        match direction {
            Direction::Out => {
                self.unsettled.insert((other.clone(), header.id), waiting.clone());
                if asks(header.kind) {
                    self.requests.insert((other.clone(), header.id), waiting);
                }
            }
            Direction::In if event(&entry.leaf) == Some(Event::RelayAcceptance) => {
                let of = header.in_reply_to.map(|id| (other.clone(), id));
                if let Some(of) = of
                    && self.requests.get(&of).is_some_and(|asked| answers(header.kind, asked.kind))
                {
                    self.requests.remove(&of);
                }
                if !case.opened_by_us {
                    case.received.get_or_insert(waiting);
                }
            }
            Direction::In => {}
        }
    }

    fn evidence(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        let (leaf, other) = (&entry.leaf, peer(entry)?);
        let Some(event) = event(leaf).filter(|event| event.is_terminal()) else { return Ok(()) };
        if let Some(id) = leaf.id {
            let of = (other.clone(), id);
            self.unsettled.remove(&of);
            if event != Event::ContentConsignment {
                self.requests.remove(&of);
            }
        }
        // A status of ours that the peer refuses counts for nothing.
        if let Some(case) = leaf.case_id.and_then(|id| self.cases.get_mut(&(other, id))) {
            case.ended.retain(|index| Some(*index) != leaf.about);
        }
        Ok(())
    }

    fn status(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        let leaf = &entry.leaf;
        let Some(case_id) = leaf.case_id.filter(|_| leaf.cause == 0) else { return Ok(()) };
        if let Some(case) = self.cases.get_mut(&(peer(entry)?, case_id)) {
            case.last = Some(leaf.code);
            if i32::try_from(leaf.code).ok().and_then(|code| Status::try_from(code).ok()).is_some_and(ends) {
                case.ended.push(entry.index);
            }
        }
        Ok(())
    }

    fn row(&self, what: &str, peer: &AuthorityId, waiting: &Waiting, last: Option<u32>) -> Row {
        vec![
            word(what),
            Cell::Number(waiting.index),
            Cell::Time(waiting.since),
            self.asked.days(waiting.since),
            word(peer),
            word(names::kind(waiting.kind as u32)),
            word(names::urgency(waiting.urgency)),
            word(waiting.id),
            word(waiting.case_id),
            maybe(&last.map(names::status)),
        ]
    }
}

/// Whether a packet of this kind wants an answer. Information and alerts are only told.
pub(super) fn asks(kind: Packet) -> bool {
    matches!(
        kind,
        Packet::MutualLegalAssistance
            | Packet::Confiscation
            | Packet::Extradition
            | Packet::ProvisionalArrest
            | Packet::TransferSentencedPerson
            | Packet::TransferOfProceedings
            | Packet::FinancialIntelligence
            | Packet::JointOperation
            | Packet::TechnicalAssistance
            | Packet::Consultation
            | Packet::InformationRequest
    )
}

/// Whether a reply of this kind answers such a request for good.
fn answers(reply: Packet, asked: Packet) -> bool {
    match reply {
        Packet::PartialExecution
        | Packet::Postponement
        | Packet::InformationRequest
        | Packet::Progress
        | Packet::Amendment => false,
        Packet::Consultation => asked == Packet::Consultation,
        _ => true,
    }
}

/// Whether a status ends its case, on either side.
fn ends(code: Status) -> bool {
    matches!(code, Status::Returned | Status::Refused | Status::Executed | Status::Withdrawn | Status::Closed)
}

impl Question for Unanswered {
    fn columns(&self) -> &'static [&'static str] {
        &["what", "index", "since", "days", "peer", "kind", "urgency", "packet", "case", "last_status"]
    }

    fn entry(&mut self, entry: &Entry, _: &mut Vec<Row>) -> Result<(), LedgerError> {
        match entry.leaf.kind {
            Kind::EvidenceIssued => {
                if let Some((direction, signed)) = first_about(entry)? {
                    self.packet(direction, &signed.header, entry);
                }
                Ok(())
            }
            Kind::EvidenceReceived => self.evidence(entry),
            Kind::StatusIssued | Kind::StatusReceived => self.status(entry),
            _ => Ok(()),
        }
    }

    fn end(&mut self, rows: &mut Vec<Row>) {
        let takes = |peer: &AuthorityId, waiting: &Waiting| self.asked.takes(Some(peer), waiting.since);
        for ((peer, _), waiting) in self.unsettled.iter().filter(|((peer, _), w)| takes(peer, w)) {
            rows.push(self.row("packet_without_outcome", peer, waiting, None));
        }
        for ((peer, _), case) in self.cases.iter().filter(|(_, case)| case.ended.is_empty()) {
            if let Some(waiting) = case.received.as_ref().filter(|w| takes(peer, w)) {
                rows.push(self.row("case_undecided", peer, waiting, case.last));
            }
        }
        for ((peer, _), waiting) in self.requests.iter().filter(|((peer, _), w)| takes(peer, w)) {
            let case = self.cases.get(&(peer.clone(), waiting.case_id));
            if case.is_none_or(|case| case.ended.is_empty()) {
                rows.push(self.row("request_unanswered", peer, waiting, case.and_then(|case| case.last)));
            }
        }
        // The oldest first; one packet may wait for two things.
        rows.sort_by(|a, b| (&a[1], &a[0]).cmp(&(&b[1], &b[0])));
    }
}
