//! Suites: which algorithms must sign what, and which suite two authorities use.

use super::chain::Chain;
use super::envelope::{KeySource, PayloadType, SigningKey, sign_all};
use super::statement::{ProvenKey, algorithm_of};
use super::wire::{algorithm::Code as Algorithm, purpose::Code as Purpose, revocation::Reason};
use super::{FormatError, Millis, decode, limits};

/// A set of algorithms, by the number that the signed bytes name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// Ed25519 signatures.
    One = 1,
    /// Ed25519 and ML-DSA-65, both of them: for packets, statuses, evidence, deferrals and the headers of
    /// carried files.
    Two = 2,
}

/// Purposes whose keys an authority needs in both algorithms to take part in suite 2.
pub const IN_TWO: [Purpose; 2] = [Purpose::Packet, Purpose::Evidence];

/// The one field that every signed payload begins with.
#[derive(Clone, PartialEq, prost::Message)]
struct Named {
    #[prost(uint32, tag = "1")]
    suite: u32,
}

/// A purpose and an algorithm: keys of one follow one another, and rotate by themselves.
pub type Slot = (Purpose, Algorithm);

/// The slots of a purpose that an authority has keys in: that of suite 1, and the one beside it
/// once it took suite 2 up, until it says that it ceased.
pub fn slots(chain: &Chain, purpose: Purpose) -> Vec<Slot> {
    let beside = (purpose, Algorithm::MlDsa65);
    let newest = chain.keys().iter().rev().find(|key| key.slot() == beside);
    let goes_on = newest.is_some_and(|key| key.end().is_none_or(|end| end.reason != Reason::Ceased));
    [(purpose, algorithm_of(purpose))].into_iter().chain(goes_on.then_some(beside)).collect()
}

impl Suite {
    /// Its number.
    pub fn number(self) -> u32 {
        self as u32
    }

    /// The suite of this number.
    pub fn numbered(number: u32) -> Result<Self, FormatError> {
        match number {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            other => Err(FormatError::Suite(other)),
        }
    }

    /// The suite that a payload of this type names: it says which signatures to look for, so it is
    /// read before they are verified.
    pub fn named(kind: PayloadType, payload: &[u8]) -> Result<Self, FormatError> {
        let Named { suite } = decode(payload, "payload")?;
        let suite = Self::numbered(suite)?;
        suite.required(kind).is_some().then_some(suite).ok_or(FormatError::Suite(suite.number()))
    }

    /// Algorithms that must sign a payload of this type; none: the suite has no such payloads.
    pub fn required(self, kind: PayloadType) -> Option<&'static [Algorithm]> {
        use PayloadType::{Carried, Deferral, Evidence, Packet, Status};
        match (self, kind) {
            (Self::One, _) => Some(&[Algorithm::Ed25519]),
            (Self::Two, Packet | Evidence | Deferral | Status | Carried) => {
                Some(&[Algorithm::Ed25519, Algorithm::MlDsa65])
            }
            (Self::Two, _) => None,
        }
    }
}

/// The highest suite in which both have standing keys at `now`: what one uses towards the other.
pub fn agreed(author: &Chain, reader: &Chain, now: Millis) -> Suite {
    both(takes_part(author, now, |_| true), takes_part(reader, now, |_| true))
}

/// The lowest suite in which `reader` takes what `author` made at `made`: the one that both had
/// agreed on by then. Keys that were stated as an authority was founded stand in whatever anybody
/// ever saw of it. Later ones count of the author when it has had time to take them up
/// ([`limits::SUITE_TAKEN_UP`]), of the reader once the author must have learnt of them
/// ([`limits::SUITE_TRAVEL`]).
pub fn least(author: &Chain, reader: &Chain, made: Millis) -> Suite {
    let within = |chain: &Chain, time: u64| {
        takes_part(chain, made, |key| {
            let stated = chain.stated_at(key);
            stated == chain.founded_at() || stated.saturating_add(time) <= made
        })
    };
    both(within(author, limits::SUITE_TAKEN_UP), within(reader, limits::SUITE_TRAVEL))
}

/// Whether keys for all of suite 2 stand in a chain at `now`, of those that `count`.
fn takes_part(chain: &Chain, now: Millis, count: impl Fn(&ProvenKey) -> bool) -> bool {
    IN_TWO.iter().all(|purpose| {
        let fits = |key: &&ProvenKey| key.slot() == (*purpose, Algorithm::MlDsa65) && key.usable(now);
        chain.keys().iter().filter(fits).any(&count)
    })
}

fn both(author: bool, reader: bool) -> Suite {
    if author && reader { Suite::Two } else { Suite::One }
}

/// The keys of an author, for a reader who takes nothing below what both have agreed on.
pub struct Between<'a> {
    /// Whose signatures are verified.
    pub author: &'a Chain,
    /// Who verifies.
    pub reader: &'a Chain,
}

impl KeySource for Between<'_> {
    fn key(&self, id: &[u8]) -> Option<&ProvenKey> {
        self.author.key(id)
    }

    fn least(&self, made: Millis) -> Suite {
        least(self.author, self.reader, made)
    }
}

/// What signs a payload: a key for each algorithm of a suite.
#[derive(Clone)]
pub struct Signing {
    suite: Suite,
    keys: Vec<SigningKey>,
}

impl Signing {
    /// In suite 2: a key of each algorithm.
    pub fn two(ed25519: SigningKey, ml_dsa: SigningKey) -> Self {
        Self { suite: Suite::Two, keys: vec![ed25519, ml_dsa] }
    }

    /// The suite to be named in the payload.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// Signs a payload that names this suite, and gives the serialized envelope.
    pub fn sign(&self, kind: PayloadType, payload: Vec<u8>) -> Result<Vec<u8>, FormatError> {
        sign_all(kind, payload, &self.keys.iter().collect::<Vec<_>>())
    }
}

impl From<&SigningKey> for Signing {
    fn from(key: &SigningKey) -> Self {
        Self { suite: Suite::One, keys: vec![key.clone()] }
    }
}

impl From<&Signing> for Signing {
    fn from(signing: &Signing) -> Self {
        signing.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_offers_and_bundles_stay_in_suite_1() {
        use PayloadType::{Bundle, Carried, Deferral, Evidence, KeyStatement, Packet, PairingOffer, Status};
        let payload = |suite| prost::Message::encode_to_vec(&Named { suite });
        for (kind, second) in [
            (Packet, true),
            (Evidence, true),
            (Deferral, true),
            (Status, true),
            (Carried, true),
            (KeyStatement, false),
            (PairingOffer, false),
            (Bundle, false),
        ] {
            assert_eq!(Suite::named(kind, &payload(1)), Ok(Suite::One));
            let expected = if second { Ok(Suite::Two) } else { Err(FormatError::Suite(2)) };
            assert_eq!(Suite::named(kind, &payload(2)), expected, "{kind:?}");
            for unknown in [0, 3, u32::MAX] {
                assert_eq!(Suite::named(kind, &payload(unknown)), Err(FormatError::Suite(unknown)));
            }
        }
        assert!(Suite::named(Packet, &[0x08]).is_err(), "cut off");
    }
}
