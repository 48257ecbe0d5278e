//! Alarms: two things that contradict each other, signed by a peer or with our own log key,
//! kept as an entry.

use super::acknowledgement::from_bytes;
use super::checkpoint::Checkpoint;
use super::entry::Entry;
use super::records::{self, Direction, NoticeRecord, PacketRecord, Views};
use super::{LedgerError, tree};
use crate::crypto::hash::{Digest, sha256};
use crate::format::chain::Chain;
use crate::format::chain::standing::Place;
use crate::format::envelope::{PayloadType, Unverified};
use crate::format::pairing::SignedNotice;
use crate::format::wire::{OwnTree, alarm::Code, event::Code as Event, leaf::Kind};
use crate::format::{FormatError, Millis};
use prost::Message as _;

/// A log that goes on beside ours has another tree with each of its groups: it is one alarm
/// a peer in this time, milliseconds.
const DAY: Millis = 24 * 3600 * 1000;

/// What an alarm is about, by the first of its objects and its time: a contradiction of the same
/// thing is the same alarm, however often the peer repeats it.
pub fn contradicted(code: u32, first: &[u8], at: Millis) -> Result<Digest, LedgerError> {
    match known(code) {
        // Which of two trees of one size is the right one, nobody can say.
        Code::Forked => Ok(sha256(&Checkpoint::danger_unverified(first)?.size.to_be_bytes())),
        Code::NotExtended | Code::RolledBack => {
            let tree = Checkpoint::danger_unverified(first)?;
            Ok(sha256(&[&tree.size.to_be_bytes()[..], &tree.root].concat()))
        }
        Code::OwnLogContradicted => Ok(sha256(&(at / DAY).to_be_bytes())),
        // Whoever has a delegate's key can make any number of others.
        Code::KeysForked | Code::NoticesForked => Ok(sha256(first)),
        Code::RejectedAfterAcceptance | Code::Unspecified => Ok(sha256(first)),
    }
}

fn known(code: u32) -> Code {
    i32::try_from(code).ok().and_then(|code| Code::try_from(code).ok()).unwrap_or_default()
}

/// What [`check`] found, and leaves to be checked.
#[derive(Debug, Default)]
pub struct Found {
    /// Signatures that were verified.
    pub signatures: u64,
    /// It is about evidence: that itself, and what it contradicts ([`contradicts_what_stands`]).
    pub evidence: bool,
    /// A tree that this very log must have had.
    pub own_tree: Option<(u64, Digest)>,
    /// A tree that this very log must never have.
    pub never: Option<(u64, Digest)>,
}

/// Checks that the objects of an alarm are what its code says, signed by the authority of `peer`
/// or by that of `own`, and contradict each other. A key that was revoked since has signed all
/// the same: it may be just what shows that it was stolen. A proof that a peer failed to give
/// can't be shown; that it failed is our own word.
pub fn check(entry: &Entry, own: &Chain, peer: &Chain) -> Result<Found, LedgerError> {
    let both = || -> Result<_, LedgerError> {
        Ok((Checkpoint::open_past(entry.object(0)?, peer)?, Checkpoint::open_past(entry.object(1)?, peer)?))
    };
    let contradicts = match known(entry.leaf.code) {
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
        Code::OwnLogContradicted => return own_log(entry, own, peer),
        Code::KeysForked => return keys_forked(entry, peer),
        Code::NoticesForked => return notices_forked(entry, own, peer),
        Code::RejectedAfterAcceptance => {
            return Ok(Found { signatures: 2, evidence: true, ..Found::default() });
        }
        Code::Unspecified => return Err(entry.wrong("is an alarm about nothing that is known")),
    };
    match contradicts && entry.objects.len() == 2 {
        true => Ok(Found { signatures: 2, ..Found::default() }),
        false => Err(entry.wrong("alarms about checkpoints that do not contradict each other")),
    }
}

/// Two checkpoints of our own log key: the one that the peer cosigned is greater than ours, or
/// ours is proved to have had another tree at its size.
fn own_log(entry: &Entry, own: &Chain, peer: &Chain) -> Result<Found, LedgerError> {
    let held = Checkpoint::open_past(entry.object(0)?, own)?;
    let ours = Checkpoint::open_past(entry.object(1)?, own)?;
    held.cosignature_of(peer)?.ok_or_else(|| entry.wrong("holds no cosignature of the peer"))?;
    let contradicts = match entry.objects.get(2) {
        None => held.size > ours.size,
        Some(bytes) => {
            let unread = || entry.wrong("does not say what its own tree was");
            let tree = OwnTree::decode(bytes.as_slice()).map_err(|_| unread())?;
            let root: Digest = tree.root.try_into().map_err(|_| unread())?;
            let proof = from_bytes(&tree.consistency)?;
            tree::verify_consistency((held.size, root), (ours.size, ours.root), &proof)?;
            held.size > 0 && held.root != root
        }
    };
    match contradicts {
        true => Ok(Found {
            signatures: 3,
            evidence: false,
            own_tree: Some((ours.size, ours.root)),
            never: Some((held.size, held.root)),
        }),
        false => Err(entry.wrong("alarms about a checkpoint that does not contradict its log")),
    }
}

/// Two statements of the peer: the first stands in its chain, and the second, well signed by whom
/// it should be, contradicts that very one.
fn keys_forked(entry: &Entry, peer: &Chain) -> Result<Found, LedgerError> {
    let (known, other) = (entry.object(0)?, entry.object(1)?);
    let digest = Unverified::parse(PayloadType::KeyStatement, known)?.digest();
    let stands = peer.statement(&digest) == Some(known);
    let contradicted = match peer.clone().append(other) {
        Err(FormatError::Fork { known, .. }) => Some(known),
        Ok(_) => None,
        Err(error) => return Err(error.into()),
    };
    match stands && contradicted == Some(digest) && entry.objects.len() == 2 {
        true => Ok(Found { signatures: 1, ..Found::default() }),
        false => Err(entry.wrong("alarms about statements that do not contradict each other")),
    }
}

/// Two notices of the peer about the pairing with us, the second well signed: they contradict each
/// other. That the first was said, is what this ledger holds ([`contradicts_what_stands`]).
fn notices_forked(entry: &Entry, own: &Chain, peer: &Chain) -> Result<Found, LedgerError> {
    let known = SignedNotice::danger_unverified(entry.object(0)?)?;
    let other = SignedNotice::open(entry.object(1)?, peer, Place::Loose)?;
    let with_us = other.value.peer == *own.authority() && other.value.pairing.1 == own.fingerprint();
    match with_us && other.contradicts(&known) && entry.objects.len() == 2 {
        true => Ok(Found { signatures: 1, ..Found::default() }),
        false => Err(entry.wrong("alarms about notices that do not contradict each other")),
    }
}

/// Checks that an alarm contradicts what came before it, where the views tell: about a rejection,
/// an acceptance; about a notice, the one that was logged. Any other entry passes.
pub fn contradicts_what_stands(entry: &Entry, views: &dyn Views) -> Result<(), LedgerError> {
    if entry.leaf.kind != Kind::Alarm {
        return Ok(());
    }
    match known(entry.leaf.code) {
        Code::RejectedAfterAcceptance => contradicts_acceptance(entry, views),
        Code::NoticesForked => contradicts_notice(entry, views),
        _ => Ok(()),
    }
}

fn contradicts_notice(entry: &Entry, views: &dyn Views) -> Result<(), LedgerError> {
    let known = SignedNotice::danger_unverified(entry.object(0)?)?;
    let key = records::notice(Direction::In, &known.value.author, known.value.seq);
    let record: Option<NoticeRecord> = records::read(views, &key)?;
    match record.is_some_and(|record| record.digest == known.digest) {
        true => Ok(()),
        false => Err(entry.wrong("alarms about a notice that was not said")),
    }
}

fn contradicts_acceptance(entry: &Entry, views: &dyn Views) -> Result<(), LedgerError> {
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
