//! What must have come before: the case's earlier packets before a packet, the packet before
//! evidence about it, and evidence in a legal order.

use crate::format::evidence::Evidence;
use crate::format::packet::SignedHeader;
use crate::format::wire::event::Code as Event;
use crate::format::wire::leaf::Kind;
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;
use crate::ledger::records::{self, CaseRecord, Direction, PacketRecord, StatusRecord, Views};

/// Whether `entry` may follow what the views hold, before it is applied to them.
pub fn may_follow(entry: &Entry, views: &impl Views) -> Result<(), LedgerError> {
    match entry.leaf.kind {
        Kind::EvidenceIssued => of_packets(entry, views),
        Kind::EvidenceReceived => answers(entry, views),
        _ => Ok(()),
    }
}

/// An accepted packet is the next of its case.
fn of_packets(entry: &Entry, views: &impl Views) -> Result<(), LedgerError> {
    let Some(header) = entry.objects.get(1) else { return Ok(()) };
    let event = Evidence::danger_unverified(entry.object(0)?)?.event;
    let direction = match event {
        Event::SubmissionAcceptance => Direction::Out,
        Event::RelayAcceptance => Direction::In,
        _ => return Ok(()),
    };
    let header = SignedHeader::danger_unverified(header)?.header;
    let other = if direction == Direction::Out { &header.recipient } else { &header.sender };
    let case: Option<CaseRecord> = records::read(views, &records::case(&header.case_id, other))?;
    let case = case.unwrap_or_default();
    let head = if direction == Direction::Out { &case.our_packets } else { &case.their_packets };
    let prev = header.case_prev.map(|digest| digest.to_vec()).unwrap_or_default();
    match head.count == header.case_seq && head.digest == prev {
        true => Ok(()),
        false => Err(entry.wrong("is not the next packet of its case")),
    }
}

/// What a peer stated answers the packet or status of ours that the leaf says.
fn answers(entry: &Entry, views: &impl Views) -> Result<(), LedgerError> {
    let leaf = &entry.leaf;
    let (Some(peer), Some(id), Some(about)) = (&leaf.peer, &leaf.id, leaf.about) else {
        return Err(entry.wrong("does not say what it answers"));
    };
    let packet: Option<PacketRecord> = records::read(views, &records::packet(Direction::Out, peer, id))?;
    let status: Option<StatusRecord> = match &leaf.case_id {
        Some(case) => {
            records::read(views, &records::status(Direction::Out, peer, case, u64::from(leaf.object)))?
        }
        None => None,
    };
    let answered = packet.is_some_and(|packet| packet.index == about)
        || status.is_some_and(|status| status.index == about && status.id == id.bytes());
    match answered {
        true => Ok(()),
        false => Err(entry.wrong("answers nothing that was sent")),
    }
}

/// Whether the record of the packet that `entry` is about is one that can have come about.
/// What a peer states may overtake itself on the way; what is stated here may not.
pub fn of_evidence(entry: &Entry, views: &impl Views) -> Result<(), LedgerError> {
    let (Some(peer), Some(id)) = (&entry.leaf.peer, &entry.leaf.id) else { return Ok(()) };
    // Of statuses, no packet's record speaks; what a peer states is about a packet of ours.
    let directions = match entry.leaf.kind {
        Kind::EvidenceIssued => &[Direction::In, Direction::Out][..],
        Kind::EvidenceReceived | Kind::Alarm => &[Direction::Out],
        _ => return Ok(()),
    };
    for direction in directions.iter().copied() {
        let key = records::packet(direction, peer, id);
        let Some(record) = records::read::<PacketRecord>(views, &key)? else { continue };
        let at = |event: Event| record.outcomes.iter().position(|outcome| outcome.event == event as i32);
        let before = |first: Option<usize>, then: Option<usize>| match (first, then) {
            (_, None) => true,
            (None, Some(_)) => direction == Direction::Out,
            (Some(first), Some(then)) => first < then || direction == Direction::Out,
        };
        let first = match direction {
            Direction::In => at(Event::RelayAcceptance).or(at(Event::RelayRejection)),
            Direction::Out => at(Event::SubmissionAcceptance),
        };
        let consigned = at(Event::ContentConsignment).or(at(Event::ContentConsignmentFailure));
        let rules = [
            (first == Some(0), "does not begin with its acceptance or rejection"),
            (before(at(Event::RelayAcceptance), consigned), "is consigned before it is accepted"),
            (before(consigned, at(Event::ContentHandover)), "is handed over before it is consigned"),
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
