//! Whether a key could sign at a time: the one answer for whoever asks.

use crate::format::statement::{End, ProvenKey};
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

/// Whether `key`, as its chain stands, could sign something that names the time `made`.
///
/// A key that was compromised or lost is refused whatever it names; what was logged before
/// that became known stands, because there the chain is asked as it stood then.
pub fn standing(key: &ProvenKey, made: Millis) -> Result<(), Unfit> {
    match key.end() {
        Some(end) if end.is_revocation() => Err(Unfit::Revoked),
        _ if made < key.not_before => Err(Unfit::NotYet),
        _ if made >= key.not_after => Err(Unfit::Expired),
        Some(End { since, .. }) if made >= *since => Err(Unfit::Retired),
        _ => Ok(()),
    }
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

    /// Every fate of a key at every time, against the rule said another way.
    #[test]
    fn a_key_stands_within_its_time_until_its_end() {
        let end = |reason, since| End { reason, since, seq: 2 };
        let fates = [
            vec![],
            vec![end(Reason::Superseded, 50)],
            vec![end(Reason::Ceased, 50)],
            vec![end(Reason::Superseded, 200)],
            vec![end(Reason::Compromised, 50)],
            vec![end(Reason::Lost, 50)],
            vec![end(Reason::Superseded, 50), end(Reason::Compromised, 60)],
        ];
        for (fate, ends) in fates.into_iter().enumerate() {
            let key = key(ends);
            for made in 0..120 {
                let expected = match (fate, made) {
                    (4.., _) => Err(Unfit::Revoked),
                    (_, 0..10) => Err(Unfit::NotYet),
                    (_, 100..) => Err(Unfit::Expired),
                    (1 | 2, 50..) => Err(Unfit::Retired),
                    _ => Ok(()),
                };
                assert_eq!(standing(&key, made), expected, "fate {fate} at {made}");
                assert_eq!(key.usable(made), expected.is_ok());
            }
            assert_eq!(key.revoked(), fate >= 4);
        }
    }
}
