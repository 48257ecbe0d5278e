//! What must have come before: the case's earlier packets before a packet, the packet before
//! evidence about it, evidence in a legal order, evidence before its confirmation, and before a
//! status what lets its author say it.

use super::check::Checked;
use crate::crypto::hash::Digest;
use crate::format::id::AuthorityId;
use crate::format::optional_bytes;
use crate::format::sequence::{self, Said, Side};
use crate::format::wire::leaf::Kind;
use crate::format::wire::{cause::Code as Cause, event::Code as Event, status::Code};
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;
use crate::ledger::pairing;
use crate::ledger::records::{
    self, CaseRecord, Direction, Key, PacketOutline, PendingRecord, StatusRecord, Views, ViewsMut, Waiting,
};

/// First byte of a note's key, in place of [`records::VIEW`].
const NOTE: u8 = b'o';

/// Whether an entry may follow what the views hold, before it is applied to them. What later
/// entries are held against, and no view tells, is noted.
pub fn may_follow(checked: &Checked, views: &mut impl ViewsMut) -> Result<(), LedgerError> {
    let entry = &checked.entry;
    match entry.leaf.kind {
        Kind::EvidenceIssued => {
            of_packets(entry, views)?;
            note_handover(entry, views);
            Ok(())
        }
        Kind::EvidenceReceived => answers(entry, views),
        Kind::Confirmation => confirms(checked, views),
        Kind::PairingNotice => {
            note_notice(entry, views);
            Ok(())
        }
        Kind::KeyStatement => {
            note_statement(entry, views);
            Ok(())
        }
        Kind::StatusIssued => may_be_said(checked, Direction::Out, views),
        Kind::StatusReceived => may_be_said(checked, Direction::In, views),
        Kind::Resigned => is_of_packet(entry, views),
        _ => Ok(()),
    }
}

/// The key of a note about what is under this key of a view.
fn note(mut key: Key) -> Key {
    key[0] = NOTE;
    key
}

/// An accepted packet is the next of its case.
fn of_packets(entry: &Entry, views: &impl Views) -> Result<(), LedgerError> {
    if entry.objects.len() < 2 {
        return Ok(());
    }
    let event = entry.danger_evidence()?.event;
    let direction = match event {
        Event::SubmissionAcceptance => Direction::Out,
        Event::RelayAcceptance => Direction::In,
        _ => return Ok(()),
    };
    let header = &entry.danger_header()?.header;
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

/// A header that was signed anew is that of the packet of ours that the leaf says.
fn is_of_packet(entry: &Entry, views: &impl Views) -> Result<(), LedgerError> {
    let (leaf, wrong) = (&entry.leaf, || entry.wrong("signs anew what was not sent"));
    let (Some(peer), Some(id)) = (&leaf.peer, &leaf.id) else { return Err(wrong()) };
    let key = records::packet(Direction::Out, peer, id);
    let record: records::PacketRecord = records::read(views, &key)?.ok_or_else(wrong)?;
    let header = entry.known.header.get().ok_or_else(wrong)?;
    let same = record.digest == header.digest
        && record.case_id == optional_bytes(&leaf.case_id)
        && leaf.about == Some(record.index);
    same.then_some(()).ok_or_else(wrong)
}

/// What a peer stated answers the packet or status of ours that the leaf says.
fn answers(entry: &Entry, views: &mut impl ViewsMut) -> Result<(), LedgerError> {
    let leaf = &entry.leaf;
    let (Some(peer), Some(id), Some(about)) = (&leaf.peer, &leaf.id, leaf.about) else {
        return Err(entry.wrong("does not say what it answers"));
    };
    let packet: Option<PacketOutline> = records::read(views, &records::packet(Direction::Out, peer, id))?;
    if packet.is_some_and(|packet| packet.index == about) {
        return Ok(());
    }
    let unknown = || entry.wrong("answers nothing that was sent");
    let case = leaf.case_id.as_ref().ok_or_else(unknown)?;
    let key = records::status(Direction::Out, peer, case, u64::from(leaf.object));
    let status: StatusRecord = records::read(views, &key)?.ok_or_else(unknown)?;
    if status.index != about || status.id != id.bytes() {
        return Err(unknown());
    }
    // The first answer counts: what was refused was not said.
    if leaf.code == Event::RelayRejection as u32 && status.outcome.is_none() {
        let code = Code::try_from(status.code).map_err(|_| unknown())?;
        let key = note(records::status_prefix(Direction::Out, peer, case));
        let said = said(views, &key)?;
        keep(views, key, said, said.without(code));
    }
    Ok(())
}

/// A handover is told to the sender, who confirms it: which evidence that is.
fn note_handover(entry: &Entry, views: &mut impl ViewsMut) {
    let leaf = &entry.leaf;
    if let (Some(peer), Some(evidence)) = (&leaf.peer, leaf.objects.first())
        && leaf.code == Event::ContentHandover as u32
    {
        views.put(note(records::pending(peer, entry.index)), evidence.to_vec());
    }
}

/// A notice of ours is told too.
fn note_notice(entry: &Entry, views: &mut impl ViewsMut) {
    if let ([notice], Some(peer)) = (entry.leaf.objects.as_slice(), &entry.leaf.peer) {
        views.put(note(records::pending(peer, entry.index)), notice.to_vec());
    }
}

/// A statement of ours is shown, and confirmed; by how many peers, is not known here.
fn note_statement(entry: &Entry, views: &mut impl ViewsMut) {
    if let ([statement], None) = (entry.leaf.objects.as_slice(), &entry.leaf.peer) {
        views.put(note(records::statement(None, entry.index)), statement.to_vec());
    }
}

/// A confirmation is of evidence or of a notice of ours that waited for one, or of a statement of
/// ours: the peer has logged the very same.
fn confirms(checked: &Checked, views: &mut impl ViewsMut) -> Result<(), LedgerError> {
    let (entry, leaf) = (&checked.entry, &checked.entry.leaf);
    let (Some(peer), Some(about)) = (&leaf.peer, leaf.about) else {
        return Err(entry.wrong("does not say what it confirms"));
    };
    if let Some((Kind::KeyStatement, statement)) = &checked.confirmed {
        return confirms_statement(entry, (peer, about), statement, views);
    }
    let key = records::pending(peer, about);
    let waiting: Option<PendingRecord> = records::read(views, &key)?;
    let (what, kind) = match &leaf.id {
        Some(_) => (Waiting::Evidence, Kind::EvidenceReceived),
        None => (Waiting::Notice, Kind::PairingNotice),
    };
    let (id, case_id) = (optional_bytes(&leaf.id), optional_bytes(&leaf.case_id));
    let named = (what as u32, id, case_id);
    if waiting.is_none_or(|waiting| (waiting.what, waiting.id, waiting.case_id) != named) {
        return Err(entry.wrong("confirms nothing that waited for it"));
    }
    let key = note(key);
    let waited = views.get(&key)?;
    let confirmed = checked.confirmed.filter(|(logged, _)| *logged == kind);
    if waited.is_none() || waited.as_deref() != confirmed.as_ref().map(|(_, object)| object.as_slice()) {
        return Err(entry.wrong("holds the receipt of something else"));
    }
    views.remove(key);
    Ok(())
}

/// The statement is that of the entry, and newer than what the peer had confirmed: who holds it
/// holds those before.
fn confirms_statement(
    entry: &Entry,
    (peer, about): (&AuthorityId, u64),
    statement: &Digest,
    views: &impl Views,
) -> Result<(), LedgerError> {
    let stated = views.get(&note(records::statement(None, about)))?;
    if entry.leaf.id.is_some() || entry.leaf.case_id.is_some() || stated.as_deref() != Some(statement) {
        return Err(entry.wrong("holds the receipt of something else"));
    }
    match pairing::peer(views, peer)?.acknowledged > about {
        true => Err(entry.wrong("confirms a statement that was confirmed before")),
        false => Ok(()),
    }
}

/// A status that was issued, or accepted, is one that its author might say then; one that was
/// refused as if it were not, is not.
fn may_be_said(
    checked: &Checked,
    direction: Direction,
    views: &mut impl ViewsMut,
) -> Result<(), LedgerError> {
    let (entry, leaf) = (&checked.entry, &checked.entry.leaf);
    let unknown = || entry.wrong("is about an unknown case");
    let (Some(peer), Some(case_id)) = (&leaf.peer, &leaf.case_id) else { return Err(unknown()) };
    let code = i32::try_from(leaf.code).ok().and_then(|code| Code::try_from(code).ok());
    let code = code.ok_or_else(|| entry.wrong("has no code that is known"))?;
    let case: CaseRecord = records::read(views, &records::case(case_id, peer))?.ok_or_else(unknown)?;
    let (author, before) = match direction {
        Direction::Out => (case.opened_by_us, case.our_statuses.count),
        Direction::In => (!case.opened_by_us, case.their_statuses.count),
    };
    let author = if author { Side::Requesting } else { Side::Requested };
    let key = note(records::status_prefix(direction, peer, case_id));
    let said = if before == 0 { Said::default() } else { said(views, &key)? };
    match (sequence::may_follow(author, said, code), checked.refused) {
        (Err(illegal), false) => Err(entry.wrong(&format!("says what may not be said: {illegal}"))),
        (Ok(()), true) if leaf.cause == Cause::IllegalTransition as u32 => {
            Err(entry.wrong("refuses what may be said"))
        }
        (_, true) => Ok(()),
        (Ok(()), false) => {
            keep(views, key, said, said.and(code));
            Ok(())
        }
    }
}

/// What the author of a sequence has said, by its note.
fn said(views: &impl ViewsMut, key: &[u8]) -> Result<Said, LedgerError> {
    let bits = views.get(key)?.and_then(|note| note.first().copied());
    Ok(bits.map(Said::from).unwrap_or_default())
}

/// Changes the note where it changes.
fn keep(views: &mut impl ViewsMut, key: Key, before: Said, said: Said) {
    if said != before {
        views.put(key, vec![said.into()]);
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
        let Some(record) = records::read::<PacketOutline>(views, &key)? else { continue };
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
