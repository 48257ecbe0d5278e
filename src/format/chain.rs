//! The chain of an authority's statements: verified link by link.

use super::envelope::{KeySource, PayloadType, SigningKey, Unverified, sign, suite};
use super::id::AuthorityId;
use super::statement::{NewKey, ProvenKey, algorithm_of, key_id, possession, root_id};
use super::wire::{self, algorithm::Code as Algorithm, key_statement::Body, purpose::Code as Purpose};
use super::{FormatError, Millis, SUITE, decode, digest, limits, optional_digest};
use crate::crypto::hash::Digest;
use crate::crypto::key_box;
use crate::crypto::sign::{verify_ed25519, verify_p256};
use prost::Message as _;

/// A verified chain of statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    authority: AuthorityId,
    development: bool,
    root: (Digest, Vec<u8>),
    next_root: Digest,
    links: Vec<Link>,
    keys: Vec<ProvenKey>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    envelope: Vec<u8>,
    digest: Digest,
    by_root: bool,
    revokes: Vec<Digest>,
}

/// What a statement did to a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It follows the last one.
    Extended,
    /// It is there already.
    Known,
    /// The root voided this many statements of delegates.
    Voided(usize),
}

impl Chain {
    /// Makes statement 0.
    pub fn found(
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
                suites: vec![SUITE],
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
        if !root.suites.contains(&SUITE) {
            return Err(bad("takes part in no suite that is known here"));
        }
        let id = root_id(&root.public_key);
        unverified.verify_with(&id, &root.public_key)?;
        Ok(Self {
            authority: AuthorityId::parse(&wire.authority)?,
            development: root.development,
            next_root: digest(&root.next_root_digest, "next_root_digest")?,
            root: (id, root.public_key),
            links: vec![Link {
                envelope: envelope.to_vec(),
                digest: unverified.digest(),
                by_root: true,
                revokes: Vec::new(),
            }],
            keys: Vec::new(),
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
        let prev = self.head();
        let possession = match key.signer {
            Some(signer) => signer.sign(&possession(&self.authority, key.purpose, &prev, &key.public_key))?,
            None => Vec::new(),
        };
        let payload = wire::KeyStatement {
            suite: SUITE,
            authority: self.authority.to_string(),
            seq: self.links.len() as u64,
            prev: prev.to_vec(),
            made_at: now,
            body: Some(Body::Key(wire::Key {
                purpose: key.purpose.into(),
                algorithm: algorithm_of(key.purpose).into(),
                public_key: key.public_key,
                not_before: key.valid.0,
                not_after: key.valid.1,
                revokes: key.revokes.iter().map(|id| id.to_vec()).collect(),
                may_state: key.may_state.iter().map(|purpose| (*purpose).into()).collect(),
                possession,
            })),
        };
        let envelope = sign(PayloadType::KeyStatement, payload.encode_to_vec(), by)?;
        self.append(&envelope)?;
        Ok(envelope)
    }

    /// Verifies a statement and appends it.
    pub fn append(&mut self, envelope: &[u8]) -> Result<Appended, FormatError> {
        let unverified = Unverified::parse(PayloadType::KeyStatement, envelope)?;
        let own = unverified.digest();
        if self.links.iter().any(|link| link.digest == own) {
            return Ok(Appended::Known);
        }
        let wire: wire::KeyStatement = decode(unverified.danger_unverified_payload(), "key statement")?;
        suite(wire.suite)?;
        let bad = |why| FormatError::Chain { seq: wire.seq, why };
        if wire.authority != self.authority.as_str() {
            return Err(bad("is of another authority"));
        }
        if self.links.len() >= limits::STATEMENTS {
            return Err(bad("is one too many"));
        }
        let prev = optional_digest(&wire.prev, "prev")?.ok_or(bad("names no predecessor"))?;
        let at = self
            .links
            .iter()
            .position(|link| link.digest == prev)
            .ok_or(bad("has an unknown predecessor"))?;
        if wire.seq != at as u64 + 1 {
            return Err(bad("has the wrong number"));
        }
        let by_root = self.verify(&unverified, &wire)?;
        let key = self.checked_key(&wire)?;
        let voided = self.void_after(at, by_root, wire.seq)?;

        // Where nothing is revoked or voided, what was revoked before still is, and nothing else.
        let revokes = voided > 0 || !key.1.is_empty();
        self.keys.push(key.0);
        self.links.push(Link { envelope: envelope.to_vec(), digest: own, by_root, revokes: key.1 });
        if revokes {
            self.mark_revoked();
        }
        Ok(if voided == 0 { Appended::Extended } else { Appended::Voided(voided) })
    }

    /// Whether root (true) or a delegate within its bounds (false) signed the statement.
    fn verify(&self, unverified: &Unverified, wire: &wire::KeyStatement) -> Result<bool, FormatError> {
        if unverified.signers().any(|id| id == self.root.0) {
            unverified.verify_with(&self.root.0, &self.root.1)?;
            return Ok(true);
        }
        let delegate = unverified
            .signers()
            .find_map(|id| self.key(id))
            .ok_or(FormatError::Chain { seq: wire.seq, why: "is signed by neither root nor delegate" })?;
        let Some(Body::Key(key)) = &wire.body else {
            return Err(FormatError::Chain { seq: wire.seq, why: "only the root names a root" });
        };
        let may = delegate.purpose == Purpose::Delegate
            && !delegate.revoked
            && (delegate.not_before..delegate.not_after).contains(&wire.made_at)
            && key.purpose() != Purpose::Delegate
            && delegate.may_state.contains(&key.purpose())
            && key.not_after <= delegate.not_after;
        if !may {
            return Err(FormatError::Chain { seq: wire.seq, why: "is beyond its delegate's bounds" });
        }
        unverified.verify_with(&delegate.id, &delegate.public_key)?;
        Ok(false)
    }

    fn checked_key(&self, wire: &wire::KeyStatement) -> Result<(ProvenKey, Vec<Digest>), FormatError> {
        let bad = |why| FormatError::Chain { seq: wire.seq, why };
        let Some(Body::Key(key)) = &wire.body else {
            return Err(bad("states no key"));
        };
        let (purpose, algorithm) = (key.purpose(), key.algorithm());
        if purpose == Purpose::Unspecified || algorithm != algorithm_of(purpose) {
            return Err(bad("has an algorithm that its purpose does not take"));
        }
        if key.not_after <= key.not_before {
            return Err(bad("is never valid"));
        }
        let id = key_id(purpose, algorithm, &key.public_key);
        if key.public_key == self.root.1 || self.keys.iter().any(|known| known.public_key == key.public_key) {
            return Err(bad("states a key for a second time"));
        }
        let prev = digest(&wire.prev, "prev")?;
        let proof = possession(&self.authority, purpose, &prev, &key.public_key);
        match algorithm {
            Algorithm::Ed25519 => verify_ed25519(&key.public_key, &proof, &key.possession)?,
            Algorithm::EcdsaP256 => verify_p256(&key.public_key, &proof, &key.possession)?,
            _ if key.public_key.len() != key_box::PUBLIC_KEY => {
                return Err(bad("has a key of the wrong length"));
            }
            _ => {}
        }
        let may_state = key.may_state().filter(|p| *p != Purpose::Delegate).collect();
        let revokes = key.revokes.iter().map(|id| digest(id, "revokes")).collect::<Result<_, _>>()?;
        let proven = ProvenKey {
            id,
            purpose,
            algorithm,
            public_key: key.public_key.clone(),
            not_before: key.not_before,
            not_after: key.not_after,
            seq: wire.seq,
            revoked: false,
            may_state,
        };
        Ok((proven, revokes))
    }

    /// A root statement may follow an earlier one and void what delegates said since; it
    /// can't void what the root itself said: two root branches are a contradiction.
    fn void_after(&mut self, at: usize, by_root: bool, seq: u64) -> Result<usize, FormatError> {
        let later = &self.links[at + 1..];
        if later.is_empty() {
            return Ok(0);
        }
        if !by_root {
            return Err(FormatError::Chain { seq, why: "contradicts a statement that is known" });
        }
        if later.iter().any(|link| link.by_root) {
            return Err(FormatError::Chain { seq, why: "is a second branch of the root" });
        }
        let voided = later.len();
        self.links.truncate(at + 1);
        self.keys.retain(|key| key.seq <= at as u64);
        Ok(voided)
    }

    /// A key is revoked if a statement says so that still stands.
    fn mark_revoked(&mut self) {
        for key in &mut self.keys {
            let later = self.links.iter().skip(usize::try_from(key.seq).unwrap_or(usize::MAX));
            key.revoked = later.flat_map(|link| &link.revokes).any(|id| *id == key.id);
        }
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

    /// Digest of the root that will follow.
    pub fn next_root(&self) -> Digest {
        self.next_root
    }

    /// Digest of the last statement.
    pub fn head(&self) -> Digest {
        self.links[self.links.len() - 1].digest
    }

    /// The serialized statements, statement 0 first.
    pub fn envelopes(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.links.iter().map(|link| link.envelope.as_slice())
    }

    /// Number of statements.
    pub fn count(&self) -> u64 {
        self.links.len() as u64
    }

    /// Every key ever stated and not voided, oldest first.
    pub fn keys(&self) -> &[ProvenKey] {
        &self.keys
    }

    /// The newest key of a purpose that may be used at `now`.
    pub fn current(&self, purpose: Purpose, now: Millis) -> Option<&ProvenKey> {
        self.keys.iter().rev().find(|key| key.purpose == purpose && key.usable(now))
    }

    /// Name of the authority's log: what its checkpoints begin with.
    pub fn log_origin(&self) -> String {
        format!("rogatory/{}/{}/1", self.authority, hex::encode(&self.fingerprint()[..8]))
    }
}

impl KeySource for Chain {
    fn key(&self, id: &[u8]) -> Option<&ProvenKey> {
        self.keys.iter().find(|key| key.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::sign::{Ed25519Key, Signer as _};
    use std::sync::Arc;

    fn key(seed: u8) -> Ed25519Key {
        Ed25519Key::from_seed(&[seed; 32]).unwrap()
    }

    fn root() -> SigningKey {
        SigningKey { id: root_id(key(1).public_key()), signer: Arc::new(key(1)) }
    }

    fn signing(purpose: Purpose, seed: u8) -> SigningKey {
        let signer = key(seed);
        SigningKey { id: key_id(purpose, Algorithm::Ed25519, signer.public_key()), signer: Arc::new(signer) }
    }

    fn state(chain: &mut Chain, purpose: Purpose, seed: u8, by: &SigningKey) -> Result<Vec<u8>, FormatError> {
        let signer = key(seed);
        let may_state = if purpose == Purpose::Delegate { vec![Purpose::Packet] } else { vec![] };
        let new = NewKey {
            purpose,
            public_key: signer.public_key().to_vec(),
            valid: (10, 100),
            may_state,
            revokes: vec![],
            signer: Some(&signer),
        };
        chain.state(new, by, 20)
    }

    fn founded() -> Chain {
        Chain::found(&AuthorityId::parse("XA").unwrap(), &root(), [4; 32], false, 5).unwrap()
    }

    #[test]
    fn a_delegate_states_what_it_may_and_nothing_else() {
        let mut chain = founded();
        state(&mut chain, Purpose::Delegate, 2, &root()).unwrap();
        let delegate = signing(Purpose::Delegate, 2);
        state(&mut chain, Purpose::Packet, 3, &delegate).unwrap();
        assert!(state(&mut chain, Purpose::Evidence, 4, &delegate).is_err());
        assert!(state(&mut chain, Purpose::Delegate, 5, &delegate).is_err());
        let packet = signing(Purpose::Packet, 3);
        assert!(state(&mut chain, Purpose::Packet, 6, &packet).is_err());
        assert!(state(&mut chain, Purpose::Evidence, 3, &root()).is_err(), "one key, one purpose");
        let envelopes: Vec<_> = chain.envelopes().map(<[u8]>::to_vec).collect();
        assert_eq!(Chain::open_all(&envelopes).unwrap(), chain);
        assert_eq!(chain.current(Purpose::Packet, 50).unwrap().id, packet.id);
        assert!(chain.current(Purpose::Packet, 100).is_none());
    }

    #[test]
    fn the_root_voids_its_delegates_but_not_itself() {
        let mut chain = founded();
        state(&mut chain, Purpose::Delegate, 2, &root()).unwrap();
        let mut fork = chain.clone();
        state(&mut chain, Purpose::Packet, 3, &signing(Purpose::Delegate, 2)).unwrap();
        let by_root = state(&mut fork, Purpose::Packet, 7, &root()).unwrap();
        assert_eq!(chain.append(&by_root).unwrap(), Appended::Voided(1));
        assert_eq!(chain.append(&by_root).unwrap(), Appended::Known);

        let mut second = founded();
        state(&mut second, Purpose::Delegate, 2, &root()).unwrap();
        let other = state(&mut second, Purpose::Evidence, 8, &root()).unwrap();
        assert!(
            matches!(chain.append(&other), Err(FormatError::Chain { why, .. }) if why.contains("branch"))
        );
    }

    #[test]
    fn tampering_is_seen() {
        let mut chain = founded();
        let envelope = state(&mut chain.clone(), Purpose::Packet, 3, &root()).unwrap();
        for at in 0..envelope.len() {
            let mut bad = envelope.clone();
            bad[at] ^= 1;
            assert!(chain.clone().append(&bad).is_err(), "byte {at}");
        }
        assert_eq!(chain.append(&envelope).unwrap(), Appended::Extended);
    }
}
