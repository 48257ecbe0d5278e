//! The life of pairings in the views: the newest offer, what each side said, and what ends with
//! a pairing under another fingerprint.

use super::LedgerError;
use super::acknowledgement::receipt_kind;
use super::entry::Entry;
use super::records::{
    self, Direction, NoticeRecord, NoticesRecord, PeerRecord, PendingRecord, Views, ViewsMut, Waiting,
};
use crate::crypto::hash::Digest;
use crate::format::id::AuthorityId;
use crate::format::offer::Offer;
use crate::format::pairing::{Notice, SignedNotice, State, state};
use crate::format::wire::{leaf::Kind, pairing_act::Code as Act};
use prost::Message as _;

/// Where a notice stands with respect to what is known of its author's sequence.
pub enum Place {
    /// It is the next.
    Next,
    /// This entry holds it.
    Known(u64),
    /// The notice with this number is wanted first.
    Gap(u64),
    /// It can't follow, and contradicts the notice that this entry holds.
    Contradicts(u64, &'static str),
    /// It can't follow.
    Wrong(&'static str),
}

/// The record of a peer that we are paired with.
pub fn peer(views: &dyn Views, peer: &AuthorityId) -> Result<PeerRecord, LedgerError> {
    Ok(records::read(views, &records::peer(peer))?.unwrap_or_default())
}

/// How the pairing with a peer stands.
pub fn state_with(views: &dyn Views, name: &AuthorityId) -> Result<State, LedgerError> {
    let PeerRecord { ours, theirs, .. } = peer(views, name)?;
    Ok(state(said(&ours), said(&theirs)))
}

/// What one side said, as far as its record tells.
pub fn said(notices: &Option<NoticesRecord>) -> crate::format::pairing::Said {
    notices.as_ref().map(NoticesRecord::said).unwrap_or_default()
}

/// Where a notice stands that went in this direction between us and `other`.
pub fn place(
    views: &dyn Views,
    direction: Direction,
    other: &AuthorityId,
    notice: &Notice,
    digest: &Digest,
) -> Result<Place, LedgerError> {
    let record = peer(views, other)?;
    let theirs = if direction == Direction::In { notice.pairing.0 } else { notice.pairing.1 };
    if record.fingerprint != theirs {
        return Ok(Place::Wrong("is about another pairing"));
    }
    let (own, others) = match direction {
        Direction::In => (record.theirs, record.ours),
        Direction::Out => (record.ours, record.theirs),
    };
    let (own, others) = (own.unwrap_or_default(), others.unwrap_or_default());
    let at = |direction, seq| -> Result<Option<NoticeRecord>, LedgerError> {
        records::read(views, &records::notice(direction, other, seq))
    };
    if notice.seq < own.count {
        return Ok(match at(direction, notice.seq)? {
            Some(known) if known.digest == digest => Place::Known(known.index),
            Some(known) => Place::Contradicts(known.index, "has the number of another"),
            None => Place::Wrong("has the number of another"),
        });
    }
    if notice.seq > own.count {
        return Ok(Place::Gap(own.count));
    }
    if notice.prev.map(|digest| digest.to_vec()).unwrap_or_default() != own.digest {
        let why = "follows another than the last";
        let last = own.count.checked_sub(1).map(|last| at(direction, last)).transpose()?.flatten();
        return Ok(last.map_or(Place::Wrong(why), |last| Place::Contradicts(last.index, why)));
    }
    let seen = match notice.seen.0.checked_sub(1) {
        None => None,
        Some(last) if last < others.count => at(opposite(direction), last)?.map(|record| record.digest),
        Some(_) => return Ok(Place::Wrong("has seen what was not said")),
    };
    if seen != notice.seen.1.map(|digest| digest.to_vec()) {
        return Ok(Place::Wrong("has seen what was not said"));
    }
    Ok(own.said().objection(notice.act).map_or(Place::Next, Place::Wrong))
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::In => Direction::Out,
        Direction::Out => Direction::In,
    }
}

/// A pairing, or a newer offer of it. Under another fingerprint the peer is another: nothing is
/// known of its log, and nothing was said.
pub(super) fn paired(entry: &Entry, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    let offer = Offer::open_logged(entry.object(0)?)?;
    let name = offer.chain.authority();
    let before: Option<PeerRecord> = records::read(views, &records::peer(name))?;
    let fingerprint = offer.chain.fingerprint().to_vec();
    let mut record = match before {
        Some(before) if before.fingerprint != fingerprint => {
            forget(name, &before, views)?;
            PeerRecord { era: entry.index, ..PeerRecord::default() }
        }
        known => known.unwrap_or_default(),
    };
    record.fingerprint = fingerprint;
    record.offer = entry.index;
    if let Some(theirs) = &mut record.theirs {
        // What this offer says is newer.
        theirs.terms_at = 0;
    }
    views.put(records::peer(name), record.encode_to_vec());
    Ok(())
}

/// Removes what was said of a pairing that another takes the place of.
fn forget(name: &AuthorityId, before: &PeerRecord, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    let sides = [(Direction::In, &before.theirs), (Direction::Out, &before.ours)];
    for (direction, notices) in sides {
        for seq in 0..notices.as_ref().map_or(0, |notices| notices.count) {
            let key = records::notice(direction, name, seq);
            if direction == Direction::Out
                && let Some(record) = records::read::<NoticeRecord>(views, &key)?
            {
                views.remove(records::pending(name, record.index));
            }
            views.remove(key);
        }
    }
    Ok(())
}

/// What one side said: ours waits for the peer's confirmation.
pub(super) fn said_by(entry: &Entry, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    let signed = SignedNotice::danger_unverified(entry.object(0)?)?;
    let ours = entry.objects.len() == 1;
    let (direction, other) = match ours {
        true => (Direction::Out, &signed.value.peer),
        false => (Direction::In, &signed.value.author),
    };
    match place(views, direction, other, &signed.value, &signed.digest)? {
        Place::Next => {}
        Place::Wrong(why) | Place::Contradicts(_, why) => return Err(entry.wrong(why)),
        Place::Known(_) | Place::Gap(_) => return Err(entry.wrong("breaks the order of notices")),
    }
    let mut record = peer(views, other)?;
    let side = if ours { &mut record.ours } else { &mut record.theirs };
    let notices = side.get_or_insert_default();
    let said = notices.said().and(signed.value.act);
    (notices.suspended, notices.ended) = (said.suspended, said.ended);
    notices.count += 1;
    notices.digest = signed.digest.to_vec();
    if signed.value.act == Act::Terms {
        notices.terms_at = entry.index;
    }
    if let Some(root) = signed.value.root {
        notices.root = root.to_vec();
    }
    views.put(records::peer(other), record.encode_to_vec());
    let notice =
        NoticeRecord { digest: signed.digest.to_vec(), index: entry.index, act: signed.value.act.into() };
    views.put(records::notice(direction, other, signed.value.seq), notice.encode_to_vec());
    if ours {
        let waiting =
            PendingRecord { what: Waiting::Notice as u32, seq: signed.value.seq, ..PendingRecord::default() };
        views.put(records::pending(other, entry.index), waiting.encode_to_vec());
    }
    Ok(())
}

/// The peer has logged what waited for that, evidence or a notice of ours; or a statement of ours,
/// and with it all that it follows.
pub(super) fn confirmed(entry: &Entry, views: &mut dyn ViewsMut) -> Result<(), LedgerError> {
    let about = entry.leaf.about.ok_or_else(|| entry.wrong("confirms nothing"))?;
    let name = entry.leaf.peer.as_ref().ok_or_else(|| entry.wrong("names no peer"))?;
    if receipt_kind(entry.object(0)?) == Some(Kind::KeyStatement) {
        let record = peer(views, name)?;
        let record = PeerRecord { acknowledged: record.acknowledged.max(about + 1), ..record };
        views.put(records::peer(name), record.encode_to_vec());
        return Ok(());
    }
    let key = records::pending(name, about);
    if let Some(waiting) = records::read::<PendingRecord>(views, &key)?
        && waiting.what == Waiting::Notice as u32
    {
        let mut record = peer(views, name)?;
        record.ours.get_or_insert_default().confirmed = waiting.seq + 1;
        views.put(records::peer(name), record.encode_to_vec());
    }
    views.remove(key);
    Ok(())
}
