//! Keys of views: made here and nowhere else. Numbers in them are big-endian, so that they
//! sort.

use super::{Direction, Key};
use crate::crypto::hash::Digest;
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::ledger::LedgerError;

/// Prefix of every key of a view.
pub const VIEW: u8 = b'v';
/// Kinds of keys that are written once ([`super::ViewsMut::put_once`]): [`boxed`], [`timeline`]
/// and [`statement`].
pub const ONCE: [u8; 3] = *b"xtk";

fn key(kind: u8, parts: &[&[u8]]) -> Key {
    let mut key = Vec::with_capacity(2 + parts.iter().map(|part| part.len()).sum::<usize>());
    key.extend_from_slice(&[VIEW, kind]);
    for part in parts {
        key.extend_from_slice(part);
    }
    key
}

fn named(authority: &AuthorityId) -> Vec<u8> {
    let name = authority.as_str().as_bytes();
    [&[name.len() as u8], name].concat()
}

/// Record of a packet.
pub fn packet(direction: Direction, peer: &AuthorityId, id: &PacketId) -> Key {
    key(b'p', &[&[direction as u8], &named(peer), id.bytes()])
}

/// Packets of a box by age: the value is the key of the packet's record.
pub fn boxed(direction: Direction, index: u64) -> Key {
    key(b'x', &[&[direction as u8], &index.to_be_bytes()])
}

/// Prefix of [`boxed`].
pub fn boxed_prefix(direction: Direction) -> Key {
    key(b'x', &[&[direction as u8]])
}

/// Record of a case.
pub fn case(case_id: &CaseId, peer: &AuthorityId) -> Key {
    key(b'c', &[case_id.bytes(), &named(peer)])
}

/// Prefix of [`case`]: the same id may name a case with each of several peers.
pub fn case_prefix(case_id: &CaseId) -> Key {
    key(b'c', &[case_id.bytes()])
}

/// Prefix of every [`case`].
pub fn cases_prefix() -> Key {
    key(b'c', &[])
}

/// The case in a key made by [`case`].
pub fn case_of_key(key: &[u8]) -> Option<CaseId> {
    CaseId::from_optional(key.get(2..18)?).ok().flatten()
}

/// The peer in a key made by [`case`].
pub fn peer_of_case_key(key: &[u8]) -> Option<AuthorityId> {
    std::str::from_utf8(key.get(19..)?).ok().and_then(|name| AuthorityId::parse(name).ok())
}

/// Entries of a case, by index.
pub fn timeline(case_id: &CaseId, peer: &AuthorityId, index: u64) -> Key {
    key(b't', &[case_id.bytes(), &named(peer), &index.to_be_bytes()])
}

/// Prefix of [`timeline`].
pub fn timeline_prefix(case_id: &CaseId, peer: &AuthorityId) -> Key {
    key(b't', &[case_id.bytes(), &named(peer)])
}

/// Record of a status.
pub fn status(direction: Direction, peer: &AuthorityId, case_id: &CaseId, seq: u64) -> Key {
    key(b's', &[&[direction as u8], &named(peer), case_id.bytes(), &seq.to_be_bytes()])
}

/// Prefix of [`status`].
pub fn status_prefix(direction: Direction, peer: &AuthorityId, case_id: &CaseId) -> Key {
    key(b's', &[&[direction as u8], &named(peer), case_id.bytes()])
}

/// That the content of a packet was erased.
pub fn erased(direction: Direction, peer: &AuthorityId, id: &PacketId) -> Key {
    key(b'e', &[&[direction as u8], &named(peer), id.bytes()])
}

/// That a legal hold keeps a packet, or a whole case.
pub fn hold(peer: &AuthorityId, case_id: &CaseId, id: Option<&PacketId>) -> Key {
    key(b'h', &[case_id.bytes(), &named(peer), id.map_or(&[][..], |id| id.bytes())])
}

/// What waits for a peer, by the index of its entry.
pub fn pending(peer: &AuthorityId, index: u64) -> Key {
    key(b'q', &[&named(peer), &index.to_be_bytes()])
}

/// Prefix of [`pending`].
pub fn pending_prefix(peer: &AuthorityId) -> Key {
    key(b'q', &[&named(peer)])
}

/// Prefix of [`pending`] for all peers.
pub fn pending_all() -> Key {
    key(b'q', &[])
}

/// The peer in a key made by [`pending`].
pub fn peer_of_pending_key(key: &[u8]) -> Option<AuthorityId> {
    let name = key.get(3..key.len().checked_sub(8)?)?;
    std::str::from_utf8(name).ok().and_then(|name| AuthorityId::parse(name).ok())
}

/// Record of a peer.
pub fn peer(authority: &AuthorityId) -> Key {
    key(b'a', &[authority.as_str().as_bytes()])
}

/// Prefix of [`peer`].
pub fn peer_prefix() -> Key {
    key(b'a', &[])
}

/// A notice about the pairing with a peer, by its place in its author's sequence.
pub fn notice(direction: Direction, peer: &AuthorityId, seq: u64) -> Key {
    key(b'n', &[&[direction as u8], &named(peer), &seq.to_be_bytes()])
}

/// Key statements of an authority, by the index of their entry; ours under an empty name.
pub fn statement(authority: Option<&AuthorityId>, index: u64) -> Key {
    key(b'k', &[&authority.map_or(vec![0], named), &index.to_be_bytes()])
}

/// Prefix of [`statement`].
pub fn statement_prefix(authority: Option<&AuthorityId>) -> Key {
    key(b'k', &[&authority.map_or(vec![0], named)])
}

/// An alarm about a peer: its code, and what is contradicted ([`crate::ledger::alarm::contradicted`]).
pub fn alarm(peer: &AuthorityId, code: u32, contradicted: &Digest) -> Key {
    key(b'f', &[&named(peer), &code.to_be_bytes(), contradicted])
}

/// Prefix of [`alarm`].
pub fn alarm_prefix(peer: &AuthorityId) -> Key {
    key(b'f', &[&named(peer)])
}

/// A third-party witness, by the name in its verifier key.
pub fn witness(name: &str) -> Key {
    key(b'w', &[name.as_bytes()])
}

/// Prefix of [`witness`].
pub fn witness_prefix() -> Key {
    key(b'w', &[])
}

/// The index of the entry that a key of a view ends in; an error: the view is damaged.
pub fn entry_of(key: &[u8]) -> Result<u64, LedgerError> {
    index_of(key).ok_or_else(|| LedgerError::Read("a key of a view names no entry".into()))
}

/// The big-endian number that ends a key.
pub fn index_of(key: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(key.last_chunk::<8>().copied()?))
}
