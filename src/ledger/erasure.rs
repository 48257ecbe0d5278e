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
