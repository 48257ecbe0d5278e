//! The chain of an authority's statements: verified link by link.

mod append;
mod rules;
pub mod standing;
#[cfg(test)]
mod tests;

pub use append::Appended;

use super::envelope::{KeySource, PayloadType, SigningKey, Unverified, sign, sign_all, suite};
use super::id::AuthorityId;
use super::statement::{NewKey, ProvenKey, algorithm_of, possession, root_id, stated_algorithm};
use super::suite::{Slot, Suite};
use super::wire::{self, key_statement::Body, purpose::Code as Purpose};
use super::{FormatError, Millis, SUITE, decode, digest, limits};
use crate::crypto::hash::{Digest, sha256};
use prost::Message as _;
use std::collections::{HashMap, HashSet};

/// A verified chain of statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    authority: AuthorityId,
    development: bool,
    /// The roots, each with the position of its statement; the last one stands.
    roots: Vec<Root>,
    links: Vec<Link>,
    /// In the order of their statements.
    keys: Vec<ProvenKey>,
    /// Where in `links` the statement with this digest stands.
    positions: HashMap<Digest, usize>,
    /// Where in `keys` the key with this id stands.
    by_id: HashMap<Digest, usize>,
    /// SHA-256 of every public key in here: each is named once, for one purpose.
    halves: HashSet<Digest>,
    /// Keys whose statements the root voided: what they signed is refused, not waited for.
    voided: HashMap<Digest, ProvenKey>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Root {
    id: Digest,
    public_key: Vec<u8>,
    /// SHA-256 of the public key that follows it.
    next: Digest,
    /// The suites that its statement names.
    suites: Vec<u32>,
    seq: u64,
}

impl Root {
    fn read(public_key: &[u8], next: &[u8], suites: &[u32], seq: u64) -> Result<Self, FormatError> {
        if !suites.contains(&SUITE) {
            return Err(FormatError::Chain { seq, why: "takes part in no suite that is known here" });
        }
        if suites.len() > limits::SUITES {
            return Err(FormatError::Chain { seq, why: "names too many suites" });
        }
        let next = digest(next, "next_root_digest")?;
        let (public_key, suites) = (public_key.to_vec(), suites.to_vec());
        Ok(Self { id: root_id(&public_key), public_key, next, suites, seq })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    envelope: Vec<u8>,
    digest: Digest,
    by_root: bool,
    made_at: Millis,
    /// Keys that it ended.
    ended: Vec<Digest>,
}

impl Chain {
    /// Makes statement 0 of an authority that begins in suite 1.
    pub fn found(
        authority: &AuthorityId,
        root: &SigningKey,
        next_root: Digest,
        development: bool,
        now: Millis,
    ) -> Result<Self, FormatError> {
        Self::found_in(&[Suite::One], authority, root, next_root, development, now)
    }

    /// Makes statement 0 of an authority that is to take part in these suites.
    pub fn found_in(
        suites: &[Suite],
        authority: &AuthorityId,
        root: &SigningKey,
        next_root: Digest,
        development: bool,
        now: Millis,
    ) -> Result<Self, FormatError> {
        let payload = wire::KeyStatement {
            suite: SUITE,
            authority: authority.to_string(),
            seq: 0,
            prev: Vec::new(),
            made_at: now,
            body: Some(Body::Root(wire::Root {
                public_key: root.signer.public_key().to_vec(),
                next_root_digest: next_root.to_vec(),
                suites: suites.iter().map(|suite| suite.number()).collect(),
                development,
            })),
        };
        Self::open(&sign(PayloadType::KeyStatement, payload.encode_to_vec(), root)?)
    }

    /// Opens statement 0.
    pub fn open(envelope: &[u8]) -> Result<Self, FormatError> {
        let bad = |why| FormatError::Chain { seq: 0, why };
        let unverified = Unverified::parse(PayloadType::KeyStatement, envelope)?;
        let wire: wire::KeyStatement = decode(unverified.danger_unverified_payload(), "key statement")?;
        suite(wire.suite)?;
        let Some(Body::Root(root)) = wire.body else {
            return Err(bad("names no root"));
        };
        if wire.seq != 0 || !wire.prev.is_empty() {
            return Err(bad("does not begin a chain"));
        }
        let first = Root::read(&root.public_key, &root.next_root_digest, &root.suites, 0)?;
        unverified.verify_with(&first.id, &first.public_key)?;
        let digest_of = unverified.digest();
        Ok(Self {
            authority: AuthorityId::parse(&wire.authority)?,
            development: root.development,
            halves: HashSet::from([sha256(&first.public_key)]),
            roots: vec![first],
            links: vec![Link {
                envelope: envelope.to_vec(),
                digest: digest_of,
                by_root: true,
                made_at: wire.made_at,
                ended: Vec::new(),
            }],
            keys: Vec::new(),
            positions: HashMap::from([(digest_of, 0)]),
            by_id: HashMap::new(),
            voided: HashMap::new(),
        })
    }

    /// Opens a whole chain.
    pub fn open_all<E: AsRef<[u8]>>(envelopes: &[E]) -> Result<Self, FormatError> {
        if envelopes.len() > limits::STATEMENTS {
            return Err(FormatError::Malformed("too many statements"));
        }
        let (first, rest) = envelopes.split_first().ok_or(FormatError::Malformed("no statements"))?;
        let mut chain = Self::open(first.as_ref())?;
        for envelope in rest {
            chain.append(envelope.as_ref())?;
        }
        Ok(chain)
    }

    /// States a key, and appends the statement.
    pub fn state(&mut self, key: NewKey<'_>, by: &SigningKey, now: Millis) -> Result<Vec<u8>, FormatError> {
        self.replace(key, Vec::new(), by, now)
    }

    /// States a key and ends others, in one statement: a rotation.
    pub fn replace(
        &mut self,
        key: NewKey<'_>,
        ends: Vec<wire::Revocation>,
        by: &SigningKey,
        now: Millis,
    ) -> Result<Vec<u8>, FormatError> {
        let key = self.prepare(key, ends)?;
        self.state_prepared(key, by, now)
    }

    /// A key and the ends of others, as a statement says it that follows this chain: to be
    /// signed by somebody else.
    pub fn prepare(&self, key: NewKey<'_>, ends: Vec<wire::Revocation>) -> Result<wire::Key, FormatError> {
        let possession = match key.signer {
            Some(signer) => {
                let message = possession(&self.authority, key.purpose, &self.head(), &key.public_key);
                signer.sign(&message)?
            }
            None => Vec::new(),
        };
        Ok(wire::Key {
            purpose: key.purpose.into(),
            algorithm: stated_algorithm(key.purpose, &key.public_key).into(),
            public_key: key.public_key,
            not_before: key.valid.0,
            not_after: key.valid.1,
            revokes: key.revokes.iter().map(|id| id.to_vec()).collect(),
            may_state: key.may_state.iter().map(|purpose| (*purpose).into()).collect(),
            possession,
            ends,
        })
    }

    /// States a key that was prepared, and appends the statement.
    pub fn state_prepared(
        &mut self,
        key: wire::Key,
        by: &SigningKey,
        now: Millis,
    ) -> Result<Vec<u8>, FormatError> {
        self.say(Body::Key(key), &[by], now)
    }

    /// Ends keys, and appends the statement.
    pub fn revoke(
        &mut self,
        items: Vec<wire::Revocation>,
        by: &SigningKey,
        now: Millis,
    ) -> Result<Vec<u8>, FormatError> {
        self.say(Body::Revocations(wire::Revocations { items }), &[by], now)
    }

    /// Makes the root that was announced the root, announces the one after it, and appends the
    /// statement: both roots sign.
    pub fn change_root(
        &mut self,
        root: &SigningKey,
        next: &SigningKey,
        next_root: Digest,
        ends: Vec<wire::Revocation>,
        now: Millis,
    ) -> Result<Vec<u8>, FormatError> {
        let body = Body::RootChange(wire::RootChange {
            public_key: next.signer.public_key().to_vec(),
            next_root_digest: next_root.to_vec(),
            suites: self.last_root().suites.clone(),
            ends,
        });
        self.say(body, &[root, next], now)
    }

    fn say(&mut self, body: Body, by: &[&SigningKey], now: Millis) -> Result<Vec<u8>, FormatError> {
        let payload = wire::KeyStatement {
            suite: SUITE,
            authority: self.authority.to_string(),
            seq: self.count(),
            prev: self.head().to_vec(),
            made_at: now,
            body: Some(body),
        };
        let envelope = sign_all(PayloadType::KeyStatement, payload.encode_to_vec(), by)?;
        self.append(&envelope)?;
        Ok(envelope)
    }

    /// Whose chain it is.
    pub fn authority(&self) -> &AuthorityId {
        &self.authority
    }

    /// SHA-256 of statement 0: what two officers compare.
    pub fn fingerprint(&self) -> Digest {
        self.links[0].digest
    }

    /// Whether the private keys are published.
    pub fn development(&self) -> bool {
        self.development
    }

    /// Key id of the root that stands.
    pub fn root(&self) -> Digest {
        self.last_root().id
    }

    /// Key id of the root of statement 0, which the fingerprint stands for.
    pub fn first_root(&self) -> Digest {
        self.roots[0].id
    }

    /// Whether this is the key id of the root that stands, or of one before it.
    pub fn had_root(&self, id: &Digest) -> bool {
        self.roots.iter().any(|root| root.id == *id)
    }

    /// When the statement of the root that stands was made.
    pub fn root_since(&self) -> Millis {
        usize::try_from(self.last_root().seq).map_or(u64::MAX, |at| self.links[at].made_at)
    }

    /// Public key of the root that stands.
    pub(super) fn root_public_key(&self) -> &[u8] {
        &self.last_root().public_key
    }

    /// Digest of the root that will follow.
    pub fn next_root(&self) -> Digest {
        self.last_root().next
    }

    fn last_root(&self) -> &Root {
        self.roots.last().expect("a chain begins with a root, and no cut takes statement 0")
    }

    /// Digest of the last statement.
    pub fn head(&self) -> Digest {
        self.links[self.links.len() - 1].digest
    }

    /// Digests by which another holder of a chain of this authority finds the last statement that
    /// both have: of the last, of those 1, 3, 7, 15 ... before it, and of statement 0.
    pub fn locator(&self) -> Vec<Digest> {
        let last = self.links.len() - 1;
        let back = std::iter::successors(Some(0), |back| Some(2 * back + 1));
        let at = back.map_while(|back| last.checked_sub(back)).chain([0]);
        let mut locator: Vec<_> = at.map(|at| self.links[at].digest).collect();
        locator.dedup();
        locator
    }

    /// How many statements of this chain somebody holds who names this locator: those up to the
    /// first of it that stands here.
    pub fn held_by<D: AsRef<[u8]>>(&self, locator: &[D]) -> u64 {
        let place = |digest: &D| {
            let digest: Digest = digest.as_ref().try_into().ok()?;
            self.positions.get(&digest).map(|at| *at as u64 + 1)
        };
        locator.iter().find_map(place).unwrap_or(1)
    }

    /// The serialized statements, statement 0 first.
    pub fn envelopes(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.links.iter().map(|link| link.envelope.as_slice())
    }

    /// The serialized statement with this digest.
    pub fn statement(&self, digest: &Digest) -> Option<&[u8]> {
        self.positions.get(digest).map(|at| self.links[*at].envelope.as_slice())
    }

    /// Position of the statement with this digest.
    pub fn position(&self, digest: &Digest) -> Option<u64> {
        self.positions.get(digest).map(|at| *at as u64)
    }

    /// Number of statements.
    pub fn count(&self) -> u64 {
        self.links.len() as u64
    }

    /// Keys that the last statement revokes, and the size of its author's log that it names.
    pub fn revoked_last(&self) -> impl Iterator<Item = (Digest, u64)> {
        let ended = self.links[self.links.len() - 1].ended.iter().filter_map(|id| self.stated(id));
        ended.filter_map(|key| key.end().filter(|end| end.is_revocation()).map(|end| (key.id, end.log_size)))
    }

    /// Every key ever stated and not voided, oldest first.
    pub fn keys(&self) -> &[ProvenKey] {
        &self.keys
    }

    /// The newest key of a purpose, of the algorithm that suite 1 has for it, that may be used at
    /// `now`.
    pub fn current(&self, purpose: Purpose, now: Millis) -> Option<&ProvenKey> {
        self.current_of((purpose, algorithm_of(purpose)), now)
    }

    /// The newest key of a slot that may be used at `now`.
    pub fn current_of(&self, slot: Slot, now: Millis) -> Option<&ProvenKey> {
        let fits = |key: &&ProvenKey| key.slot() == slot && key.usable(now);
        self.keys.iter().rev().find(fits)
    }

    /// When statement 0 was made.
    pub fn founded_at(&self) -> Millis {
        self.links[0].made_at
    }

    /// When the statement of one of its keys was made.
    pub fn stated_at(&self, key: &ProvenKey) -> Millis {
        usize::try_from(key.seq).ok().and_then(|at| self.links.get(at)).map_or(u64::MAX, |link| link.made_at)
    }

    /// Name of the authority's log: what its checkpoints begin with.
    pub fn log_origin(&self) -> String {
        format!("rogatory/{}/{}/1", self.authority, hex::encode(&self.fingerprint()[..8]))
    }
}

impl KeySource for Chain {
    fn key(&self, id: &[u8]) -> Option<&ProvenKey> {
        self.stated(id).or_else(|| self.voided.get(id))
    }
}
