//! Appending: where a statement stands, and what it does to the chain.

use super::rules::{Said, Signer, may_sign};
use super::{Chain, Link};
use crate::crypto::hash::{Digest, sha256};
use crate::format::envelope::{PayloadType, Unverified, suite};
use crate::format::statement::{End, ProvenKey, root_id};
use crate::format::wire::{self, key_statement::Body, revocation::Reason};
use crate::format::{FormatError, decode, limits, optional_digest};

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
    /// Verifies a statement and appends it.
    ///
    /// A root statement may follow an earlier one and void what delegates said since; nothing
    /// voids what the root itself said: that is [`FormatError::Fork`]. After an error the chain
    /// is as it was.
    pub fn append(&mut self, envelope: &[u8]) -> Result<Appended, FormatError> {
        let unverified = Unverified::parse(PayloadType::KeyStatement, envelope)?;
        let digest = unverified.digest();
        if self.positions.contains_key(&digest) {
            return Ok(Appended::Known);
        }
        let wire: wire::KeyStatement = decode(unverified.danger_unverified_payload(), "key statement")?;
        suite(wire.suite)?;
        let seq = wire.seq;
        let bad = |why| FormatError::Chain { seq, why };
        if wire.authority != self.authority.as_str() {
            return Err(bad("is of another authority"));
        }
        let prev = optional_digest(&wire.prev, "prev")?.ok_or(bad("names no predecessor"))?;
        let at = *self.positions.get(&prev).ok_or(bad("has an unknown predecessor"))?;
        if seq != at as u64 + 1 {
            return Err(bad("has the wrong number"));
        }
        let later = &self.links[at + 1..];
        let Some(next) = later.first() else {
            self.extend(envelope, digest, &unverified, &wire)?;
            return Ok(Appended::Extended);
        };
        // Judged as if what came later had never been said.
        let mut branch = self.clone();
        let voided = branch.cut(at + 1);
        branch.extend(envelope, digest, &unverified, &wire)?;
        let by_root = branch.links[at + 1].by_root;
        let contradicted = match by_root {
            true => later.iter().find(|link| link.by_root),
            false if next.by_root => return Err(bad("is void: the root went on otherwise")),
            false => Some(next),
        };
        if let Some(known) = contradicted {
            return Err(FormatError::Fork { seq, known: known.digest, other: digest });
        }
        let count = later.len();
        let (reason, since) = (Reason::Compromised, wire.made_at);
        branch.keep_voided(voided, End { reason, since, seq, log_size: 0 });
        *self = branch;
        Ok(Appended::Voided(count))
    }

    /// Appends a statement whose `prev` is the last one.
    fn extend(
        &mut self,
        envelope: &[u8],
        digest: Digest,
        unverified: &Unverified,
        wire: &wire::KeyStatement,
    ) -> Result<(), FormatError> {
        let bad = |why| FormatError::Chain { seq: wire.seq, why };
        if self.links.len() >= limits::STATEMENTS {
            return Err(bad("is one too many"));
        }
        if wire.made_at < self.links[self.links.len() - 1].made_at {
            return Err(bad("is dated before the one that it follows"));
        }
        let signer = self.signer(unverified, wire)?;
        let by_root = matches!(signer, Signer::Root);
        let said = Said::read(&self.authority, wire)?;
        may_sign(&signer, &said, self).map_err(bad)?;
        said.fits(self).map_err(bad)?;

        let ended = said.ends.iter().map(|(id, _)| *id).collect();
        for (id, end) in said.ends {
            self.keys[self.by_id[&id]].ends.push(end);
        }
        if let Some(key) = said.key {
            self.halves.insert(sha256(&key.public_key));
            self.by_id.insert(key.id, self.keys.len());
            self.keys.push(key);
        }
        if let Some(root) = said.root {
            self.halves.insert(sha256(&root.public_key));
            self.roots.push(root);
        }
        self.positions.insert(digest, self.links.len());
        let (envelope, made_at) = (envelope.to_vec(), wire.made_at);
        self.links.push(Link { envelope, digest, by_root, made_at, ended });
        Ok(())
    }

    /// Who signed: the root where it is among the signers, else the first key of the chain.
    /// A change of the root is signed by the one that was announced, too.
    fn signer(&self, unverified: &Unverified, wire: &wire::KeyStatement) -> Result<Signer<'_>, FormatError> {
        let bad = |why| FormatError::Chain { seq: wire.seq, why };
        let root = self.last_root();
        let by_root = unverified.signers().any(|signer| signer == root.id);
        if let Some(Body::RootChange(change)) = &wire.body {
            if sha256(&change.public_key) != root.next {
                return Err(bad("makes a root of another key than the one that was announced"));
            }
            unverified.verify_with(&root_id(&change.public_key), &change.public_key)?;
            if !by_root {
                return Err(bad("changes the root without the root that stands"));
            }
        }
        if by_root {
            unverified.verify_with(&root.id, &root.public_key)?;
            return Ok(Signer::Root);
        }
        let neither = bad("is signed by neither root nor delegate");
        let key = unverified.signers().find_map(|id| self.stated(id)).ok_or(neither)?;
        unverified.verify_with(&key.id, &key.public_key)?;
        Ok(Signer::Key(key))
    }

    /// Takes back the statements from number `from` on, and gives the keys that they stated.
    fn cut(&mut self, from: usize) -> Vec<ProvenKey> {
        let first = from as u64;
        for link in self.links.drain(from..) {
            self.positions.remove(&link.digest);
            for id in &link.ended {
                if let Some(at) = self.by_id.get(id) {
                    self.keys[*at].ends.retain(|end| end.seq < first);
                }
            }
        }
        let voided = self.keys.split_off(self.keys.partition_point(|key| key.seq < first));
        for root in self.roots.split_off(self.roots.partition_point(|root| root.seq < first)) {
            self.halves.remove(&sha256(&root.public_key));
        }
        for key in &voided {
            self.by_id.remove(&key.id);
            self.halves.remove(&sha256(&key.public_key));
        }
        voided
    }

    /// Remembers keys of a voided branch, so that what they signed is refused and not waited for.
    fn keep_voided(&mut self, keys: Vec<ProvenKey>, end: End) {
        let room = limits::STATEMENTS.saturating_sub(self.voided.len());
        for mut key in keys.into_iter().take(room) {
            key.ends = vec![end];
            self.voided.insert(key.id, key);
        }
    }

    /// A key that stands in the chain, voided ones left out.
    pub(super) fn stated(&self, id: &[u8]) -> Option<&ProvenKey> {
        let id: Digest = id.try_into().ok()?;
        self.by_id.get(&id).map(|at| &self.keys[*at])
    }

    /// Whether the chain names this public key already, as a root or for any purpose.
    pub(super) fn states(&self, public_key: &[u8]) -> bool {
        self.halves.contains(&sha256(public_key))
    }
}
