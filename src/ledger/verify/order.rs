//! Evidence about a packet comes in a legal order, and one outcome stays.

use crate::format::wire::event::Code as Event;
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;
use crate::ledger::records::{self, Direction, PacketRecord, Views};

/// Whether the record of the packet that `entry` is about is one that can have come about.
pub fn of_evidence(entry: &Entry, views: &impl Views) -> Result<(), LedgerError> {
    let (Some(peer), Some(id)) = (&entry.leaf.peer, &entry.leaf.id) else { return Ok(()) };
    for direction in [Direction::In, Direction::Out] {
        let key = records::packet(direction, peer, id);
        let Some(record) = records::read::<PacketRecord>(views, &key)? else { continue };
        let at = |event: Event| record.outcomes.iter().position(|outcome| outcome.event == event as i32);
        let first = match direction {
            Direction::In => at(Event::RelayAcceptance).or(at(Event::RelayRejection)),
            Direction::Out => at(Event::SubmissionAcceptance),
        };
        let consigned = at(Event::ContentConsignment).or(at(Event::ContentConsignmentFailure));
        let rules = [
            (first == Some(0), "does not begin with its acceptance or rejection"),
            (
                consigned.is_none() || at(Event::RelayAcceptance) < consigned,
                "is consigned before it is accepted",
            ),
            (
                at(Event::ContentHandover).is_none() || consigned < at(Event::ContentHandover),
                "is handed over before it is consigned",
            ),
            (
                at(Event::RelayAcceptance).is_none() || at(Event::RelayRejection).is_none(),
                "is both accepted and rejected",
            ),
        ];
        if let Some((_, why)) = rules.iter().find(|(holds, _)| !holds) {
            return Err(entry.wrong(&format!("packet {id} {why}")));
        }
    }
    Ok(())
}
