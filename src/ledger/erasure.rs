//! Erasures and legal holds in the ledger: what was destroyed, and what must not be.
//!
//! The rules stand here once. The gateway asks them before it appends, and replay holds every
//! entry against them.

use super::LedgerError;
use super::entry::Entry;
use super::records::{self, ActRecord, CaseRecord, Direction, PacketRecord, StatusRecord, Views, ViewsMut};
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::wire::erasure_reason::Code as Reason;
use crate::format::wire::leaf::Kind;
use prost::Message as _;

/// Why the content of a packet may not be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// No such packet.
    #[error("is not known here")]
    Unknown,
    /// It was erased before.
    #[error("was erased already (entry {0})")]
    Erased(u64),
    /// It is on its way, or nobody knows what became of it.
    #[error("has no outcome yet: it still waits for its recipient")]
    Waits,
    /// A status of ours in its case is on its way.
    #[error("can't go yet: a status in its case still waits for the other side")]
    StatusWaits,
    /// A legal hold.
    #[error("is under a legal hold (entry {0})")]
    Held(u64),
}

/// What stands in the way of erasing a packet.
pub fn obstacle(
    views: &dyn Views,
    direction: Direction,
    peer: &AuthorityId,
    id: &PacketId,
) -> Result<Option<Obstacle>, LedgerError> {
    let Some(packet) = records::read::<PacketRecord>(views, &records::packet(direction, peer, id))? else {
        return Ok(Some(Obstacle::Unknown));
    };
    if let Some(act) = records::read::<ActRecord>(views, &records::erased(direction, peer, id))? {
        return Ok(Some(Obstacle::Erased(act.index)));
    }
    let case_id = CaseId::from_bytes(&packet.case_id)?;
    if let Some(act) = held(views, peer, &case_id, Some(id))? {
        return Ok(Some(Obstacle::Held(act.index)));
    }
    if !packet.is_settled() || views.get(&records::pending(peer, packet.index))?.is_some() {
        return Ok(Some(Obstacle::Waits));
    }
    let case: CaseRecord = records::read(views, &records::case(&case_id, peer))?.unwrap_or_default();
    for seq in 0..case.our_statuses.count {
        let key = records::status(Direction::Out, peer, &case_id, seq);
        let status: StatusRecord = records::read(views, &key)?.unwrap_or_default();
        if views.get(&records::pending(peer, status.index))?.is_some() {
            return Ok(Some(Obstacle::StatusWaits));
        }
    }
    Ok(None)
}

/// The legal hold that keeps a packet, its own or its case's; without a packet, the case's.
pub fn held(
    views: &dyn Views,
    peer: &AuthorityId,
    case_id: &CaseId,
    id: Option<&PacketId>,
) -> Result<Option<ActRecord>, LedgerError> {
    match records::read(views, &records::hold(peer, case_id, None))? {
        None if id.is_some() => records::read(views, &records::hold(peer, case_id, id)),
        found => Ok(found),
    }
}

/// Applies an entry of one of the three kinds.
pub(super) fn apply(entry: &Entry, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    let leaf = &entry.leaf;
    let (Some(peer), Some(case_id)) = (&leaf.peer, &leaf.case_id) else {
        return Err(entry.wrong("names no case with a peer"));
    };
    if !leaf.objects.is_empty() {
        return Err(entry.wrong("holds objects"));
    }
    let act = ActRecord { index: entry.index, at: leaf.at, reason: leaf.code };
    if leaf.kind == Kind::Erased {
        let id = leaf.id.as_ref().ok_or_else(|| entry.wrong("names no packet"))?;
        let direction = named(entry, views, peer, case_id, id)?;
        if !Reason::try_from(leaf.code as i32).is_ok_and(|reason| reason != Reason::Unspecified) {
            return Err(entry.wrong("gives no reason"));
        }
        if let Some(obstacle) = obstacle(views, direction, peer, id)? {
            return Err(entry.wrong(&format!("erases packet {id}, which {obstacle}")));
        }
        views.put(records::erased(direction, peer, id), act.encode_to_vec());
        return Ok(());
    }
    match &leaf.id {
        Some(id) => drop(named(entry, views, peer, case_id, id)?),
        None if views.get(&records::case(case_id, peer))?.is_some() => {}
        None => return Err(entry.wrong("is about an unknown case")),
    }
    let key = records::hold(peer, case_id, leaf.id.as_ref());
    match (leaf.kind, views.get(&key)?.is_some()) {
        (Kind::Held, false) => views.put(key, act.encode_to_vec()),
        (Kind::Released, true) => views.remove(key),
        (Kind::Released, false) => return Err(entry.wrong("releases what is not held")),
        _ => return Err(entry.wrong("holds what is held")),
    }
    Ok(())
}

/// The box of the packet that an entry is about: `about` is the packet's first entry.
fn named(
    entry: &Entry,
    views: &dyn Views,
    peer: &AuthorityId,
    case_id: &CaseId,
    id: &PacketId,
) -> Result<Direction, LedgerError> {
    for direction in [Direction::In, Direction::Out] {
        let record: Option<PacketRecord> = records::read(views, &records::packet(direction, peer, id))?;
        if record.is_some_and(|r| Some(r.index) == entry.leaf.about && r.case_id == case_id.bytes()) {
            return Ok(direction);
        }
    }
    Err(entry.wrong("is about an unknown packet"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::leaf::Leaf;
    use crate::format::wire::event::Code as Event;
    use crate::ledger::records::OutcomeRecord;
    use crate::ledger::verify::Memory;

    const ID: [u8; 16] = [1, 145, 243, 160, 0, 0, 112, 0, 128, 0, 0, 0, 0, 0, 0, 1];

    fn peer() -> AuthorityId {
        AuthorityId::parse("XB").unwrap()
    }

    /// Views with one packet of ours, entry 5, of which so much is known.
    fn views(outcomes: &[Event]) -> Memory {
        let mut views = Memory::default();
        let outcome = |event: &Event| OutcomeRecord { event: *event as i32, ..OutcomeRecord::default() };
        let record = PacketRecord {
            case_id: ID.to_vec(),
            index: 5,
            outcomes: outcomes.iter().map(outcome).collect(),
            ..PacketRecord::default()
        };
        let id = PacketId::from_bytes(&ID).unwrap();
        views.put(records::packet(Direction::Out, &peer(), &id), record.encode_to_vec());
        let case_id = CaseId::from_bytes(&ID).unwrap();
        views.put(records::case(&case_id, &peer()), CaseRecord::default().encode_to_vec());
        views
    }

    fn leaf(kind: Kind) -> Leaf {
        Leaf {
            peer: Some(peer()),
            id: Some(PacketId::from_bytes(&ID).unwrap()),
            case_id: Some(CaseId::from_bytes(&ID).unwrap()),
            about: Some(5),
            code: if kind == Kind::Erased { Reason::CourtOrder as u32 } else { 0 },
            ..Leaf::new(kind)
        }
    }

    fn of_case(kind: Kind) -> Leaf {
        Leaf { id: None, about: None, ..leaf(kind) }
    }

    /// What the last of these entries is refused for; nothing: all of them hold.
    fn refusal(views: &mut Memory, leaves: &[Leaf]) -> String {
        for (number, leaf) in (1..).zip(leaves) {
            let entry = Entry::open(100 + number as u64, leaf.encode(), Vec::new()).unwrap();
            match apply(&entry, views) {
                Err(error) if number == leaves.len() => return error.to_string(),
                applied => applied.unwrap(),
            }
        }
        String::new()
    }

    #[test]
    fn an_erasure_has_to_be_allowed_by_what_came_before_it() {
        let (erased, held, released) = (leaf(Kind::Erased), leaf(Kind::Held), leaf(Kind::Released));
        let done = [Event::SubmissionAcceptance, Event::RelayAcceptance, Event::ContentConsignment];
        let rows: [(&[Event], Vec<Leaf>, &str); 14] = [
            (&done, vec![erased.clone()], ""),
            (&done[..2], vec![erased.clone()], "still waits"),
            (&done, vec![erased.clone(), erased.clone()], "erased already (entry 101)"),
            (&done, vec![held.clone(), erased.clone()], "legal hold (entry 101)"),
            (&done, vec![of_case(Kind::Held), erased.clone()], "legal hold (entry 101)"),
            (
                &done,
                vec![of_case(Kind::Held), held.clone(), of_case(Kind::Released), erased.clone()],
                "entry 102",
            ),
            (&done, vec![held.clone(), released.clone(), erased.clone()], ""),
            (&done, vec![held.clone(), held.clone()], "holds what is held"),
            (&done, vec![released.clone()], "releases what is not held"),
            (&done, vec![of_case(Kind::Held), released.clone()], "releases what is not held"),
            (&done, vec![Leaf { code: 0, ..erased.clone() }], "no reason"),
            (&done, vec![Leaf { code: 99, ..erased.clone() }], "no reason"),
            (&done, vec![Leaf { about: Some(4), ..erased.clone() }], "unknown packet"),
            (&done, vec![of_case(Kind::Erased)], "names no packet"),
        ];
        for (outcomes, leaves, why) in rows {
            let refusal = refusal(&mut views(outcomes), &leaves);
            assert!(refusal.contains(why) && refusal.is_empty() == why.is_empty(), "{why:?}: {refusal:?}");
        }
    }

    #[test]
    fn what_waits_for_the_peer_is_not_erased() {
        let mut views = views(&[Event::ContentConsignment]);
        views.put(records::pending(&peer(), 5), Vec::new());
        assert!(refusal(&mut views, &[leaf(Kind::Erased)]).contains("still waits"));
        views.remove(records::pending(&peer(), 5));
        let case_id = CaseId::from_bytes(&ID).unwrap();
        let mut case = CaseRecord::default();
        case.our_statuses.push(&[1; 32]);
        views.put(records::case(&case_id, &peer()), case.encode_to_vec());
        let status = StatusRecord { index: 9, ..StatusRecord::default() };
        views.put(records::status(Direction::Out, &peer(), &case_id, 0), status.encode_to_vec());
        views.put(records::pending(&peer(), 9), Vec::new());
        assert!(refusal(&mut views, &[leaf(Kind::Erased)]).contains("a status in its case"));
    }
}
