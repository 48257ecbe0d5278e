//! The life of a pairing: what each side takes, and what it says of the pairing later on.

use super::chain::Chain;
use super::chain::standing::{Place, standing};
use super::envelope::{PayloadType, SigningKey, Unverified, sign, suite};
use super::id::AuthorityId;
use super::wire::{self, kind::Code as Kind, pairing_act::Code as Act};
use super::{FormatError, Millis, SUITE, decode, digest, limits, optional_bytes, optional_digest};
use crate::crypto::hash::{Digest, sha256};
use prost::Message as _;

/// What an authority takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// How much.
    pub limits: wire::Limits,
    /// Of what kind, in which languages and suites.
    pub terms: Terms,
}

/// Kinds, languages and suites that an authority takes; each in bounds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms {
    /// Kinds of packets; none: all.
    pub kinds: Vec<Kind>,
    /// Language tags in lower case; none: all.
    pub languages: Vec<String>,
    /// Suites; none: suite 1.
    pub suites: Vec<u32>,
}

/// A notice whose every field is in bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Who says it.
    pub author: AuthorityId,
    /// To whom.
    pub peer: AuthorityId,
    /// Fingerprints of author and peer: the pairing that it is about.
    pub pairing: (Digest, Digest),
    /// Position in the author's sequence of this pairing.
    pub seq: u64,
    /// Digest of the author's notice before; none at 0.
    pub prev: Option<Digest>,
    /// What the author had of the other's sequence: how many, and the last digest.
    pub seen: (u64, Option<Digest>),
    /// When.
    pub made_at: Millis,
    /// What is said.
    pub act: Act,
    /// With terms: what the author takes, and where it may be dialled.
    pub terms: Option<(Taken, Vec<String>)>,
    /// With a root that is confirmed: key id of the peer's root.
    pub root: Option<Digest>,
}

/// A notice that its author signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNotice {
    /// What it says.
    pub value: Notice,
    /// SHA-256 of the signed bytes.
    pub digest: Digest,
    /// The serialized envelope.
    pub envelope: Vec<u8>,
}

/// What one side has said of a pairing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    /// It said `suspend`, and did not take that back.
    pub suspended: bool,
    /// It said `end`, and did not take that back.
    pub ended: bool,
}

/// How a pairing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Packets go both ways.
    Active,
    /// Packets wait.
    Suspended,
    /// There are no more packets.
    Ended,
}

/// How a pairing stands, by what its two sides have said: the same for both, in whatever order
/// their words crossed.
pub fn state(one: Said, other: Said) -> State {
    if one.ended || other.ended {
        State::Ended
    } else if one.suspended || other.suspended {
        State::Suspended
    } else {
        State::Active
    }
}

impl Said {
    /// Why the same side may not say this next; only its own words count, so that both sides
    /// judge alike whatever has crossed.
    pub fn objection(self, act: Act) -> Option<&'static str> {
        match act {
            Act::Unspecified => Some("nothing is said"),
            Act::Resume if !self.suspended && !self.ended => {
                Some("it is not suspended or ended by this side")
            }
            Act::Suspend if self.suspended => Some("it is suspended by this side already"),
            Act::Suspend | Act::End | Act::Terms | Act::RootConfirmed if self.ended => {
                Some("it is ended by this side already")
            }
            _ => None,
        }
    }

    /// With this said too.
    pub fn and(self, act: Act) -> Self {
        match act {
            Act::Suspend => Self { suspended: true, ..self },
            Act::Resume => Self::default(),
            Act::End => Self { ended: true, ..self },
            Act::Terms | Act::RootConfirmed | Act::Unspecified => self,
        }
    }
}

impl Taken {
    /// Reads what an offer, a notice or a configuration says.
    pub fn read(limits: Option<wire::Limits>, terms: Option<wire::Terms>) -> Result<Self, FormatError> {
        Ok(Self { limits: limits.unwrap_or_default(), terms: Terms::decode(terms.unwrap_or_default())? })
    }
}

impl Terms {
    fn decode(wire: wire::Terms) -> Result<Self, FormatError> {
        if wire.kinds.len() > limits::TERMS
            || wire.languages.len() > limits::TERMS
            || wire.suites.len() > limits::TERM_SUITES
        {
            return Err(FormatError::Malformed("terms too long"));
        }
        let kind = |code: i32| match Kind::try_from(code) {
            Ok(kind) if kind != Kind::Unspecified => Ok(kind),
            _ => Err(FormatError::Malformed("kind in terms")),
        };
        let language = |tag: String| match is_language(&tag) {
            true => Ok(tag.to_ascii_lowercase()),
            false => Err(FormatError::Malformed("language in terms")),
        };
        Ok(Self {
            kinds: wire.kinds.into_iter().map(kind).collect::<Result<_, _>>()?,
            languages: wire.languages.into_iter().map(language).collect::<Result<_, _>>()?,
            suites: wire.suites,
        })
    }

    /// As a message; none where nothing is restricted.
    pub fn encode(&self) -> Option<wire::Terms> {
        (*self != Self::default()).then(|| wire::Terms {
            kinds: self.kinds.iter().map(|kind| (*kind).into()).collect(),
            languages: self.languages.clone(),
            suites: self.suites.clone(),
        })
    }

    /// Whether packets of this kind are taken. Answers always are: whoever asks wants them.
    pub fn takes_kind(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || kind as i32 >= Kind::Execution as i32 || self.kinds.contains(&kind)
    }

    /// Whether one of these languages is taken; where there are none, nothing is to be read.
    pub fn takes_one_of(&self, languages: &[&str]) -> bool {
        languages.is_empty() || languages.iter().any(|tag| self.takes_language(tag))
    }

    /// Whether this language is taken: a listed tag, or one that begins with it (RFC 4647,
    /// basic filtering).
    pub fn takes_language(&self, tag: &str) -> bool {
        let tag = tag.to_ascii_lowercase();
        let begins = |listed: &String| {
            tag.strip_prefix(listed.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        self.languages.is_empty() || self.languages.iter().any(begins)
    }

    /// Whether this suite is taken.
    pub fn takes_suite(&self, suite: u32) -> bool {
        self.suites.is_empty() || self.suites.contains(&suite)
    }
}

/// Whether it looks like a BCP 47 tag.
fn is_language(tag: &str) -> bool {
    let part =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    tag.len() <= limits::LANGUAGE && tag.split('-').all(part) && tag.as_bytes()[0].is_ascii_alphabetic()
}

/// Addresses of an offer or a notice, in bounds.
pub(super) fn addresses(addresses: Vec<String>) -> Result<Vec<String>, FormatError> {
    let good = addresses.len() <= limits::ADDRESSES
        && addresses.iter().all(|address| address.len() <= 255 && address.contains(':'));
    good.then_some(addresses).ok_or(FormatError::Malformed("addresses"))
}

impl Notice {
    /// Signs the notice with a delegate that may state keys for evidence, or the root.
    pub fn sign(self, key: &SigningKey) -> Result<SignedNotice, FormatError> {
        let payload = self.encode();
        let digest = sha256(&payload);
        let envelope = sign(PayloadType::PairingNotice, payload, key)?;
        Ok(SignedNotice { value: self, digest, envelope })
    }

    fn encode(&self) -> Vec<u8> {
        let terms = self.terms.as_ref();
        wire::PairingNotice {
            suite: SUITE,
            author: self.author.to_string(),
            peer: self.peer.to_string(),
            author_fingerprint: self.pairing.0.to_vec(),
            peer_fingerprint: self.pairing.1.to_vec(),
            seq: self.seq,
            prev: optional_bytes(&self.prev),
            seen_count: self.seen.0,
            seen_digest: optional_bytes(&self.seen.1),
            made_at: self.made_at,
            act: self.act.into(),
            limits: terms.map(|(taken, _)| taken.limits),
            terms: terms.and_then(|(taken, _)| taken.terms.encode()),
            addresses: terms.map(|(_, addresses)| addresses.clone()).unwrap_or_default(),
            root: optional_bytes(&self.root),
        }
        .encode_to_vec()
    }

    fn decode(payload: &[u8]) -> Result<Self, FormatError> {
        let wire: wire::PairingNotice = decode(payload, "pairing notice")?;
        suite(wire.suite)?;
        let act = Act::try_from(wire.act).map_err(|_| FormatError::Malformed("act"))?;
        let says_more = wire.limits.is_some() || wire.terms.is_some() || !wire.addresses.is_empty();
        let terms = match act {
            Act::Terms => Some((Taken::read(wire.limits, wire.terms)?, addresses(wire.addresses)?)),
            _ if says_more => return Err(FormatError::Malformed("terms without the act")),
            _ => None,
        };
        let notice = Self {
            author: AuthorityId::parse(&wire.author)?,
            peer: AuthorityId::parse(&wire.peer)?,
            pairing: (
                digest(&wire.author_fingerprint, "author_fingerprint")?,
                digest(&wire.peer_fingerprint, "peer_fingerprint")?,
            ),
            seq: wire.seq,
            prev: optional_digest(&wire.prev, "prev")?,
            seen: (wire.seen_count, optional_digest(&wire.seen_digest, "seen_digest")?),
            made_at: wire.made_at,
            act,
            terms,
            root: optional_digest(&wire.root, "root")?,
        };
        let rules = [
            (notice.author != notice.peer, "author is peer"),
            (act != Act::Unspecified, "act"),
            (notice.seq < limits::NOTICES, "seq"),
            ((notice.seq == 0) == notice.prev.is_none(), "prev"),
            ((notice.seen.0 == 0) == notice.seen.1.is_none(), "seen_digest"),
            ((act == Act::RootConfirmed) == notice.root.is_some(), "root"),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            Some((_, field)) => Err(FormatError::Malformed(field)),
            None => Ok(notice),
        }
    }
}

impl SignedNotice {
    /// Opens a notice by the authority of this chain that was found at `place`: signature first,
    /// then the fields, then the signer's time.
    pub fn open(envelope: &[u8], chain: &Chain, place: Place) -> Result<Self, FormatError> {
        let unverified = Unverified::parse(PayloadType::PairingNotice, envelope)?;
        let digest = unverified.digest();
        let (payload, key) = unverified.verify_root_or_delegate(chain, place)?;
        let value = Notice::decode(payload)?;
        if let Some(key) = key {
            standing(key, value.made_at, place)?;
        }
        if value.author != *chain.authority() || value.pairing.0 != chain.fingerprint() {
            return Err(FormatError::Malformed("author"));
        }
        Ok(Self { value, digest, envelope: envelope.to_vec() })
    }

    /// Whether its author can't have said both: this one has the number of `known` and is
    /// another, or follows another in its place.
    pub fn contradicts(&self, known: &Self) -> bool {
        let (one, other) = (&self.value, &known.value);
        let of_one_sequence =
            (&one.author, &one.peer, one.pairing) == (&other.author, &other.peer, other.pairing);
        let same_number = one.seq == other.seq && self.digest != known.digest;
        let other_before = one.seq == other.seq + 1 && one.prev != Some(known.digest);
        of_one_sequence && (same_number || other_before)
    }

    /// Reads a notice that our own store vouches for.
    pub fn danger_unverified(envelope: &[u8]) -> Result<Self, FormatError> {
        let unverified = Unverified::parse(PayloadType::PairingNotice, envelope)?;
        let value = Notice::decode(unverified.danger_unverified_payload())?;
        Ok(Self { value, digest: unverified.digest(), envelope: envelope.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ACTS: [Act; 5] = [Act::Suspend, Act::Resume, Act::End, Act::Terms, Act::RootConfirmed];
    const NOT_OF_STATE: [Act; 2] = [Act::Terms, Act::RootConfirmed];

    /// One side's words that may be said, out of any.
    fn sequence() -> impl Strategy<Value = Vec<Act>> {
        let any = proptest::collection::vec(proptest::sample::select(ACTS.to_vec()), 0..12);
        any.prop_map(|acts| {
            let mut said = Said::default();
            let may = |act: &Act| {
                let may = said.objection(*act).is_none();
                if may {
                    said = said.and(*act);
                }
                may
            };
            acts.into_iter().filter(may).collect()
        })
    }

    fn said(acts: &[Act]) -> Said {
        acts.iter().fold(Said::default(), |said, act| said.and(*act))
    }

    proptest! {
        /// The state is that of the last word of each side that is about it, said plainly.
        #[test]
        fn both_sides_come_to_one_state(ours in sequence(), theirs in sequence()) {
            let found = state(said(&ours), said(&theirs));
            prop_assert_eq!(found, state(said(&theirs), said(&ours)));
            let last = |acts: &[Act]| acts.iter().rev().find(|act| !NOT_OF_STATE.contains(act)).copied();
            let words = [last(&ours), last(&theirs)];
            let expected = match () {
                () if words.contains(&Some(Act::End)) => State::Ended,
                () if words.contains(&Some(Act::Suspend)) => State::Suspended,
                () => State::Active,
            };
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn nobody_takes_back_the_words_of_another_or_says_them_twice() {
        let fresh = Said::default();
        assert!(fresh.objection(Act::Resume).is_some());
        let suspended = fresh.and(Act::Suspend);
        assert!(suspended.objection(Act::Suspend).is_some());
        assert_eq!(suspended.objection(Act::End), None);
        let ended = suspended.and(Act::End);
        for act in [Act::Suspend, Act::End, Act::Terms, Act::RootConfirmed] {
            assert!(ended.objection(act).is_some());
        }
        assert_eq!(ended.objection(Act::Resume), None);
        assert_eq!(ended.and(Act::Resume), fresh);
    }

    #[test]
    fn a_longer_tag_is_the_language_that_it_begins_with() {
        let terms = |languages: &[&str]| {
            let languages = languages.iter().map(|tag| (*tag).to_owned()).collect();
            Terms::decode(wire::Terms { languages, ..wire::Terms::default() })
        };
        let listed = terms(&["en", "pt-BR"]).unwrap();
        for (tag, taken) in
            [("en", true), ("EN-gb", true), ("eng", false), ("pt", false), ("pt-br-x", true), ("", false)]
        {
            assert_eq!(listed.takes_language(tag), taken, "{tag}");
        }
        assert!(terms(&[]).unwrap().takes_language("fa"));
        assert!(
            listed.takes_one_of(&["de", "en"]) && !listed.takes_one_of(&["de"]) && listed.takes_one_of(&[])
        );
        let kinds = Terms { kinds: vec![Kind::Extradition], ..Terms::default() };
        assert!(kinds.takes_kind(Kind::Extradition) && kinds.takes_kind(Kind::Refusal));
        assert!(!kinds.takes_kind(Kind::Confiscation) && Terms::default().takes_kind(Kind::Confiscation));
        for wrong in ["", "-", "en-", "1n", "en_GB", &"a-".repeat(20)] {
            assert!(terms(&[wrong]).is_err(), "{wrong}");
        }
        let suites = Terms { suites: vec![2], ..Terms::default() };
        assert!(suites.takes_suite(2) && !suites.takes_suite(1) && Terms::default().takes_suite(2));
    }
}
