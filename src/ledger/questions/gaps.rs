//! Evidence that should be there and is not.

use super::{Cell, Lasting, Question, Row, direction, event, maybe, peer, word};
use crate::format::Millis;
use crate::format::evidence::{Evidence, Subject};
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::wire::event::Code as Event;
use crate::format::wire::leaf::Kind;
use crate::ledger::LedgerError;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::entry::Entry;
use crate::ledger::records::Direction;
use std::collections::{BTreeMap, VecDeque};

/// The question.
pub struct Gaps {
    asked: Lasting,
    /// Accepted, and neither consigned nor known to be unreadable.
    accepted: BTreeMap<Packet, Since>,
    /// Consigned, and not handed over to anybody.
    consigned: BTreeMap<Packet, Since>,
    /// Statuses of ours about which the peer has not stated anything.
    statuses: BTreeMap<u64, Told>,
    /// Handovers that the peer has not confirmed.
    handovers: BTreeMap<u64, Told>,
    /// Entries behind the greatest cosigned checkpoint, but for those that are about
    /// witnessing itself, which no peer cosigns for their own sake.
    uncovered: VecDeque<(u64, Millis)>,
}

type Packet = (Direction, AuthorityId, PacketId);

struct Since {
    index: u64,
    at: Millis,
    case_id: Option<CaseId>,
}

struct Told {
    at: Millis,
    peer: AuthorityId,
    id: Option<PacketId>,
    case_id: Option<CaseId>,
}

impl Gaps {
    /// What has been lacking for so long.
    pub fn new(asked: Lasting) -> Self {
        let (accepted, consigned) = (BTreeMap::new(), BTreeMap::new());
        let (statuses, handovers, uncovered) = (BTreeMap::new(), BTreeMap::new(), VecDeque::new());
        Self { asked, accepted, consigned, statuses, handovers, uncovered }
    }

    fn evidence(&mut self, entry: &Entry, way: Direction) -> Result<(), LedgerError> {
        let leaf = &entry.leaf;
        let (Some(event), Some(id)) = (event(leaf), leaf.id) else { return Ok(()) };
        let packet = (way, peer(entry)?, id);
        let since = Since { index: entry.index, at: leaf.at, case_id: leaf.case_id };
        match event {
            Event::RelayAcceptance => {
                self.accepted.insert(packet, since);
            }
            Event::ContentConsignment => {
                self.accepted.remove(&packet);
                self.consigned.insert(packet, since);
            }
            Event::ContentConsignmentFailure => {
                self.accepted.remove(&packet);
            }
            Event::ContentHandover => {
                self.consigned.remove(&packet);
                if way == Direction::In {
                    self.handovers.insert(entry.index, told(entry)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn row(&self, what: &str, at: (u64, Millis), other: Option<&AuthorityId>) -> Row {
        vec![
            word(what),
            Cell::Number(at.0),
            Cell::Time(at.1),
            self.asked.days(at.1),
            maybe(&other),
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
            Cell::Number(1),
        ]
    }
}

fn told(entry: &Entry) -> Result<Told, LedgerError> {
    let leaf = &entry.leaf;
    Ok(Told { at: leaf.at, peer: peer(entry)?, id: leaf.id, case_id: leaf.case_id })
}

/// Whether evidence of ours is about a status: such evidence asks for nothing more.
fn is_about_status(entry: &Entry) -> Result<bool, LedgerError> {
    let evidence = Evidence::danger_unverified(entry.object(0)?)?;
    Ok(matches!(evidence.subject, Subject::Known(named) if named.is_status))
}

impl Question for Gaps {
    fn columns(&self) -> &'static [&'static str] {
        &["what", "index", "since", "days", "peer", "direction", "id", "case", "entries"]
    }

    fn entry(&mut self, entry: &Entry, _: &mut Vec<Row>) -> Result<(), LedgerError> {
        let leaf = &entry.leaf;
        match leaf.kind {
            Kind::EvidenceIssued if is_about_status(entry)? => {}
            Kind::EvidenceIssued => self.evidence(entry, Direction::In)?,
            Kind::EvidenceReceived => match leaf.about.and_then(|about| self.statuses.remove(&about)) {
                Some(_) => {}
                None => self.evidence(entry, Direction::Out)?,
            },
            Kind::StatusIssued => {
                self.statuses.insert(entry.index, told(entry)?);
            }
            Kind::Confirmation => {
                leaf.about.map(|about| self.handovers.remove(&about));
            }
            Kind::CosignatureReceived => {
                let size = Checkpoint::danger_unverified(entry.object(0)?)?.size;
                while self.uncovered.front().is_some_and(|(index, _)| *index < size) {
                    self.uncovered.pop_front();
                }
            }
            _ => {}
        }
        if !matches!(leaf.kind, Kind::Cosigned | Kind::CosignatureReceived) {
            self.uncovered.push_back((entry.index, leaf.at));
        }
        Ok(())
    }

    fn end(&mut self, rows: &mut Vec<Row>) {
        let packets =
            [("accepted_not_consigned", &self.accepted), ("consigned_not_handed_over", &self.consigned)];
        for (what, packets) in packets {
            for ((way, peer, id), since) in packets {
                if self.asked.takes(Some(peer), since.at) {
                    let mut row = self.row(what, (since.index, since.at), Some(peer));
                    (row[5], row[6], row[7]) = (direction(*way), word(id), maybe(&since.case_id));
                    rows.push(row);
                }
            }
        }
        let told = [("status_not_confirmed", &self.statuses), ("handover_not_confirmed", &self.handovers)];
        for (what, items) in told {
            for (index, item) in items {
                if self.asked.takes(Some(&item.peer), item.at) {
                    let mut row = self.row(what, (*index, item.at), Some(&item.peer));
                    (row[5], row[6], row[7]) =
                        (direction(Direction::Out), maybe(&item.id), maybe(&item.case_id));
                    rows.push(row);
                }
            }
        }
        // Whoever asks about one peer does not ask what all of them together have witnessed.
        if let Some(first) = self.uncovered.front().filter(|(_, at)| self.asked.takes(None, *at)) {
            let mut row = self.row("not_cosigned", *first, None);
            row[8] = Cell::Number(self.uncovered.len() as u64);
            rows.push(row);
        }
        rows.sort_by(|a, b| (&a[1], &a[0]).cmp(&(&b[1], &b[0])));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;
    use crate::format::leaf::Leaf;
    use crate::format::wire::status::Code as Status;

    const DAY: Millis = 24 * 3600 * 1000;

    /// Entries of a day each, asked about on the tenth.
    fn asked(leaves: &[Leaf], older: Millis) -> Vec<(Cell, Cell, Cell)> {
        let mut question = Gaps::new(Lasting { peer: None, older, now: 10 * DAY });
        let mut rows = Vec::new();
        for (index, leaf) in (0..).zip(leaves) {
            let leaf = Leaf { at: index * DAY, ..leaf.clone() };
            let entry =
                Entry { index, leaf, leaf_bytes: Vec::new(), objects: Vec::new(), known: Default::default() };
            question.entry(&entry, &mut rows).unwrap();
        }
        question.end(&mut rows);
        rows.into_iter().map(|row| (row[0].clone(), row[1].clone(), row[3].clone())).collect()
    }

    #[test]
    fn evidence_that_lacks_its_successor_is_a_gap_from_a_given_age() {
        let id = || PacketId::fresh(1, &SystemEntropy::default()).unwrap();
        let (packet, status) = (id(), id());
        let leaf = |kind, id, code: u32, about| Leaf {
            peer: Some(AuthorityId::parse("XB").unwrap()),
            id: Some(id),
            code,
            about,
            ..Leaf::new(kind)
        };
        let received = |event: Event| leaf(Kind::EvidenceReceived, packet, event as u32, Some(0));
        let row = |what: &str, index, days| (word(what), Cell::Number(index), Cell::Number(days));
        let tail = row("not_cosigned", 0, 10);
        let mut leaves = vec![leaf(Kind::Pairing, packet, 0, None), received(Event::RelayAcceptance)];
        assert_eq!(asked(&leaves, 0), [tail.clone(), row("accepted_not_consigned", 1, 9)]);
        leaves.push(received(Event::ContentConsignment));
        assert_eq!(asked(&leaves, 0), [tail.clone(), row("consigned_not_handed_over", 2, 8)]);
        assert_eq!(asked(&leaves, 9 * DAY), std::slice::from_ref(&tail), "eight days only");
        leaves.push(leaf(Kind::StatusIssued, status, Status::Consultation as u32, None));
        let unconfirmed = row("status_not_confirmed", 3, 7);
        assert_eq!(asked(&leaves, 0), [tail.clone(), row("consigned_not_handed_over", 2, 8), unconfirmed]);
        leaves.push(leaf(Kind::EvidenceReceived, status, Event::RelayAcceptance as u32, Some(3)));
        leaves.push(received(Event::ContentHandover));
        assert_eq!(asked(&leaves, 0), [tail]);
    }
}
