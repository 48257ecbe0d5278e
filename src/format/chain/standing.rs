//! Whether a key could sign at a time: the one answer for whoever asks.

use crate::format::statement::ProvenKey;
use crate::format::{FormatError, Millis};

/// Why a key could not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// Its time has not come.
    NotYet,
    /// Its time is over.
    Expired,
    /// A statement ended its use at or before that time.
    Retired,
    /// A statement says that others may have it: times that it signed mean nothing.
    Revoked,
}

/// Where something signed was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// By itself: whoever has the key may have made it at any time.
    Loose,
    /// At this index of its author's own log, in a tree that was linked to what was verified
    /// of that log.
    Logged(u64),
}

impl Place {
    /// Whether it stood in its author's log when that had `log_size` entries.
    pub fn is_before(self, log_size: u64) -> bool {
        matches!(self, Self::Logged(index) if index < log_size)
    }
}

/// Whether `key`, as its chain stands, could sign something that names the time `made` and was
/// found at `place`.
///
/// A key that was compromised or lost is judged by position first: what its author's log held
/// when that was said stands, and nothing else does, whatever time it names. Then by time.
pub fn standing(key: &ProvenKey, made: Millis, place: Place) -> Result<(), Unfit> {
    let retired = || key.ends.iter().any(|end| !end.is_revocation() && made >= end.since);
    match made {
        _ if key.revoked_at(place) => Err(Unfit::Revoked),
        _ if made < key.not_before => Err(Unfit::NotYet),
        _ if made >= key.not_after => Err(Unfit::Expired),
        _ if retired() => Err(Unfit::Retired),
        _ => Ok(()),
    }
}

/// The same of a packet header that came by `seen`. A key that is newer than the header may vouch
/// for it: where its key was revoked, the sender signs the same bytes anew.
pub fn standing_header(key: &ProvenKey, created: Millis, seen: Millis) -> Result<(), Unfit> {
    standing(key, created.max(key.not_before.min(seen)), Place::Loose)
}

impl Unfit {
    /// In words, of the key.
    pub fn why(self) -> &'static str {
        match self {
            Self::NotYet => "before its time",
            Self::Expired => "after its time",
            Self::Retired => "after the end of its use",
            Self::Revoked => "a revoked key",
        }
    }
}

impl From<Unfit> for FormatError {
    fn from(unfit: Unfit) -> Self {
        Self::KeyNotValid(unfit.why())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::statement::End;
    use crate::format::wire::{algorithm::Code as Algorithm, purpose::Code as Purpose, revocation::Reason};

    fn key(ends: Vec<End>) -> ProvenKey {
        ProvenKey {
            id: [0; 32],
            purpose: Purpose::Packet,
            algorithm: Algorithm::Ed25519,
            public_key: vec![1; 32],
            not_before: 10,
            not_after: 100,
            seq: 1,
            ends,
            may_state: Vec::new(),
        }
    }

    /// Every fate of a key at every time and place, against the rule said another way.
    #[test]
    fn a_key_stands_within_its_time_until_its_end_or_before_its_revocation_was_logged() {
        let end = |reason, since, log_size| End { reason, since, seq: 2, log_size };
        let fates = [
            vec![],
            vec![end(Reason::Superseded, 50, 0)],
            vec![end(Reason::Ceased, 50, 0)],
            vec![end(Reason::Superseded, 200, 0)],
            vec![end(Reason::Compromised, 50, 0)],
            vec![end(Reason::Lost, 50, 7)],
            vec![end(Reason::Superseded, 50, 0), end(Reason::Compromised, 60, 7)],
        ];
        let places = [Place::Loose, Place::Logged(0), Place::Logged(6), Place::Logged(7)];
        for (fate, ends) in fates.into_iter().enumerate() {
            let key = key(ends);
            for (made, place) in (0..120).flat_map(|made| places.map(|place| (made, place))) {
                let early = matches!(place, Place::Logged(0 | 6));
                let expected = match (fate, made) {
                    (4, _) => Err(Unfit::Revoked),
                    (5.., _) if !early => Err(Unfit::Revoked),
                    (_, 0..10) => Err(Unfit::NotYet),
                    (_, 100..) => Err(Unfit::Expired),
                    (1 | 2 | 6, 50..) => Err(Unfit::Retired),
                    _ => Ok(()),
                };
                assert_eq!(standing(&key, made, place), expected, "fate {fate} at {made}, {place:?}");
                assert_eq!(key.usable(made), standing(&key, made, Place::Loose).is_ok());
            }
            assert_eq!(key.revoked(), fate >= 4);
        }
    }

    #[test]
    fn a_newer_key_vouches_for_an_older_header_once_its_time_has_come() {
        let key = key(vec![]);
        let header = |created, seen| standing_header(&key, created, seen);
        assert_eq!([header(3, 9), header(9, 9)], [Err(Unfit::NotYet); 2]);
        assert_eq!([header(3, 10), header(50, 50), header(50, 5)], [Ok(()); 3]);
        assert_eq!([header(100, 3), header(100, 200)], [Err(Unfit::Expired); 2]);
    }
}
