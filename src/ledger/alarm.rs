//! Alarms: two things that a peer signed and that contradict each other, kept as an entry.

use super::LedgerError;
use super::checkpoint::Checkpoint;
use super::entry::Entry;
use super::records::{self, Direction, PacketRecord, Views};
use crate::crypto::hash::{Digest, sha256};
use crate::format::chain::Chain;
use crate::format::wire::{alarm::Code, event::Code as Event};

/// What an alarm is about, by the first of its objects: a contradiction of the same thing is
/// the same alarm, however often the peer repeats it.
pub fn contradicted(code: u32, first: &[u8]) -> Result<Digest, LedgerError> {
    match Code::try_from(i32::try_from(code).unwrap_or_default()) {
        // Which of two trees of one size is the right one, nobody can say.
        Ok(Code::Forked) => Ok(sha256(&Checkpoint::danger_unverified(first)?.size.to_be_bytes())),
        Ok(Code::NotExtended | Code::RolledBack) => {
            let tree = Checkpoint::danger_unverified(first)?;
            Ok(sha256(&[&tree.size.to_be_bytes()[..], &tree.root].concat()))
        }
        _ => Ok(sha256(first)),
    }
}

/// Checks that the objects of an alarm are what its code says, signed by the peer of `chain`,
/// and contradict each other. Whether it is about evidence: that itself is left to be checked.
/// A proof that a peer failed to give can't be shown; that it failed is our own word.
pub fn check(entry: &Entry, chain: &Chain) -> Result<bool, LedgerError> {
    let code = i32::try_from(entry.leaf.code).ok().and_then(|code| Code::try_from(code).ok());
    let both = || -> Result<_, LedgerError> {
        Ok((Checkpoint::open(entry.object(0)?, chain)?, Checkpoint::open(entry.object(1)?, chain)?))
    };
    let contradicts = match code.unwrap_or_default() {
        Code::Forked => {
            let (first, other) = both()?;
            first.size == other.size && first.root != other.root
        }
        Code::NotExtended => {
            let (signed, newest) = both()?;
            signed.size < newest.size && signed.root != newest.root
        }
        Code::RolledBack => {
            let (signed, newest) = both()?;
            signed.size > newest.size
        }
        Code::RejectedAfterAcceptance => return Ok(true),
        Code::Unspecified => return Err(entry.wrong("is an alarm about nothing that is known")),
    };
    match contradicts && entry.objects.len() == 2 {
        true => Ok(false),
        false => Err(entry.wrong("alarms about checkpoints that do not contradict each other")),
    }
}

/// Checks that an alarm about a rejection comes after an acceptance, in the views before it.
pub fn follows_acceptance(entry: &Entry, views: &dyn Views) -> Result<(), LedgerError> {
    let (Some(peer), Some(id)) = (&entry.leaf.peer, &entry.leaf.id) else {
        return Err(entry.wrong("names no peer or packet"));
    };
    let key = records::packet(Direction::Out, peer, id);
    let record: Option<PacketRecord> = records::read(views, &key)?;
    match record.is_some_and(|record| record.outcome(Event::RelayAcceptance).is_some()) {
        true => Ok(()),
        false => Err(entry.wrong("alarms about a rejection that contradicts nothing")),
    }
}
