//! Which keys were in force at a time: of this authority and of each peer, as this ledger
//! learnt of them.

use super::{Cell, Question, Row, names, word};
use crate::crypto::hash::Digest;
use crate::format::Millis;
use crate::format::chain::Chain;
use crate::format::envelope::KeySource as _;
use crate::format::id::AuthorityId;
use crate::format::statement::ProvenKey;
use crate::format::wire::{algorithm::Code as Algorithm, leaf::Kind};
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;
use std::collections::BTreeMap;

/// The question.
pub struct Keys {
    /// At this time, milliseconds.
    pub at: Millis,
    /// Those that were not in force too.
    pub all: bool,
    /// Of this authority only.
    pub authority: Option<AuthorityId>,
    known: BTreeMap<Option<AuthorityId>, Statements>,
    /// Of peers that others took the place of.
    former: Vec<Statements>,
}

struct Statements {
    chain: Chain,
    roots: Vec<Root>,
    keys: Vec<Known>,
}

/// A root that stood, or stands.
struct Root {
    id: Digest,
    seq: u64,
    index: u64,
    at: Millis,
    /// Entry and time from which another one stands.
    void: Option<(u64, Millis)>,
}

struct Known {
    key: ProvenKey,
    index: u64,
    at: Millis,
    /// Entry and time from which it is void.
    void: Option<(u64, Millis)>,
}

impl Keys {
    /// Those in force at a time, or with `all` every one.
    pub fn new(at: Millis, all: bool, authority: Option<AuthorityId>) -> Self {
        Self { at, all, authority, known: BTreeMap::new(), former: Vec::new() }
    }
}

impl Statements {
    fn begin(entry: &Entry) -> Result<Self, LedgerError> {
        let chain = Chain::open(entry.object(0)?)?;
        let root = Root { id: chain.root(), seq: 0, index: entry.index, at: entry.leaf.at, void: None };
        Ok(Self { chain, roots: vec![root], keys: Vec::new() })
    }

    /// All of it is void from an entry on.
    fn end(&mut self, at: (u64, Millis)) {
        let open = |void: &mut Option<(u64, Millis)>| *void = (*void).or(Some(at));
        self.roots.iter_mut().for_each(|root| open(&mut root.void));
        self.keys.iter_mut().for_each(|key| open(&mut key.void));
    }

    fn append(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        self.chain.append(entry.object(0)?)?;
        let (index, at, id) = (entry.index, entry.leaf.at, self.chain.root());
        if let Some(last) = self.roots.last_mut().filter(|last| last.id != id) {
            last.void = Some((index, at));
            self.roots.push(Root { id, seq: self.chain.count() - 1, index, at, void: None });
        }
        for known in &mut self.keys {
            // Revoked by a statement or with a branch that the root voided, from this entry on;
            // or at the end of its use, from the time that the statement says.
            let void = match self.chain.key(&known.key.id) {
                Some(key) if !key.revoked() => key.end().map(|end| (index, end.since)),
                _ => Some((index, at)),
            };
            let sooner = |(_, since)| known.void.is_none_or(|(_, before)| since < before);
            // A root may void what ended a key.
            known.void = if void.is_some_and(sooner) || void.is_none() { void } else { known.void };
        }
        for key in self.chain.keys() {
            if !self.keys.iter().any(|known| known.key.id == key.id) {
                self.keys.push(Known { key: key.clone(), index, at, void: None });
            }
        }
        Ok(())
    }
}

impl Question for Keys {
    fn columns(&self) -> &'static [&'static str] {
        &[
            "authority",
            "purpose",
            "key_id",
            "valid_from",
            "valid_until",
            "statement",
            "index",
            "known_since",
            "void_index",
            "void_since",
            "in_force",
            "algorithm",
        ]
    }

    fn entry(&mut self, entry: &Entry, _: &mut Vec<Row>) -> Result<(), LedgerError> {
        if entry.leaf.kind != Kind::KeyStatement {
            return Ok(());
        }
        match self.known.get_mut(&entry.leaf.peer) {
            Some(statements) => {
                // A statement 0 of its own: another has this name from here on.
                let first = Chain::open(entry.object(0)?);
                if first.is_ok_and(|first| first.fingerprint() != statements.chain.fingerprint()) {
                    let mut former = std::mem::replace(statements, Statements::begin(entry)?);
                    former.end((entry.index, entry.leaf.at));
                    self.former.push(former);
                    return Ok(());
                }
                statements.append(entry)
            }
            None => {
                self.known.insert(entry.leaf.peer.clone(), Statements::begin(entry)?);
                Ok(())
            }
        }
    }

    fn end(&mut self, rows: &mut Vec<Row>) {
        let all = self.former.iter().chain(self.known.values());
        for of in all.filter(|of| self.authority.as_ref().is_none_or(|wanted| wanted == of.chain.authority()))
        {
            for Root { id, seq, index, at, void } in &of.roots {
                let in_force = *at <= self.at && void.is_none_or(|(_, since)| self.at < since);
                if in_force || self.all {
                    rows.push(vec![
                        word(of.chain.authority()),
                        word("root"),
                        word(hex::encode(id)),
                        Cell::Empty,
                        Cell::Empty,
                        Cell::Number(*seq),
                        Cell::Number(*index),
                        Cell::Time(*at),
                        void.map_or(Cell::Empty, |(index, _)| Cell::Number(index)),
                        void.map_or(Cell::Empty, |(_, since)| Cell::Time(since)),
                        Cell::Flag(in_force),
                        word(names::algorithm(Algorithm::Ed25519)),
                    ]);
                }
            }
            for Known { key, index, at, void } in &of.keys {
                let in_force = *at <= self.at
                    && (key.not_before..key.not_after).contains(&self.at)
                    && void.is_none_or(|(_, since)| self.at < since);
                if in_force || self.all {
                    rows.push(vec![
                        word(of.chain.authority()),
                        word(names::key(key.purpose)),
                        word(hex::encode(key.id)),
                        Cell::Time(key.not_before),
                        Cell::Time(key.not_after),
                        Cell::Number(key.seq),
                        Cell::Number(*index),
                        Cell::Time(*at),
                        void.map_or(Cell::Empty, |(index, _)| Cell::Number(index)),
                        void.map_or(Cell::Empty, |(_, since)| Cell::Time(since)),
                        Cell::Flag(in_force),
                        word(names::algorithm(key.algorithm)),
                    ]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::sign::{Ed25519Key, Signer as _};
    use crate::format::envelope::SigningKey;
    use crate::format::leaf::Leaf;
    use crate::format::statement::{NewKey, key_id, root_commitment, root_id};
    use crate::format::wire::purpose::Code as Purpose;
    use crate::format::wire::{Revocation, revocation::Reason};
    use std::sync::Arc;

    fn key(seed: u8) -> Ed25519Key {
        Ed25519Key::from_seed(&[seed; 32]).unwrap()
    }

    fn signing(purpose: Purpose, seed: u8) -> SigningKey {
        let id = key_id(purpose, Algorithm::Ed25519, key(seed).public_key());
        SigningKey { id, signer: Arc::new(key(seed)) }
    }

    fn root() -> SigningKey {
        SigningKey { id: root_id(key(1).public_key()), signer: Arc::new(key(1)) }
    }

    fn state(
        chain: &mut Chain,
        purpose: Purpose,
        seed: u8,
        by: &SigningKey,
        revokes: Vec<Digest>,
    ) -> Vec<u8> {
        let signer = key(seed);
        let may_state = if purpose == Purpose::Delegate { vec![Purpose::Packet] } else { vec![] };
        let public_key = signer.public_key().to_vec();
        let new = NewKey { purpose, public_key, valid: (10, 100), may_state, revokes, signer: Some(&signer) };
        chain.state(new, by, 20).unwrap()
    }

    /// Statements at 20, 30, 40 … , asked about a time.
    fn asked(statements: &[Vec<u8>], at: Millis, all: bool) -> Vec<Row> {
        let (mut question, mut rows) = (Keys::new(at, all, None), Vec::new());
        for (index, envelope) in (0..).zip(statements) {
            let leaf = Leaf { at: 20 + 10 * index, ..Leaf::new(Kind::KeyStatement) };
            let entry = Entry {
                index,
                leaf,
                leaf_bytes: Vec::new(),
                objects: vec![envelope.clone()],
                known: Default::default(),
            };
            question.entry(&entry, &mut rows).unwrap();
        }
        question.end(&mut rows);
        rows
    }

    fn ids(rows: &[Row]) -> Vec<Cell> {
        rows.iter().skip(1).map(|row| row[2].clone()).collect()
    }

    #[test]
    fn keys_are_in_force_from_their_entry_until_they_are_revoked_voided_or_out_of_time() {
        let authority = AuthorityId::parse("XA").unwrap();
        let mut chain = Chain::found(&authority, &root(), [4; 32], false, 5).unwrap();
        let mut statements = vec![chain.envelopes().next().unwrap().to_vec()];
        statements.push(state(&mut chain, Purpose::Delegate, 2, &root(), vec![]));
        let mut branch = chain.clone();
        let (delegate, first) = (signing(Purpose::Delegate, 2), signing(Purpose::Packet, 3).id);
        statements.push(state(&mut chain, Purpose::Packet, 3, &delegate, vec![]));
        statements.push(state(&mut chain, Purpose::Packet, 4, &delegate, vec![first]));
        // At 60 the root voids what its delegate said since.
        statements.push(state(&mut branch, Purpose::Packet, 5, &root(), vec![]));
        let named = |purpose, seed| word(hex::encode(signing(purpose, seed).id));
        let delegate = named(Purpose::Delegate, 2);
        for (at, packet) in [(40, Some(3)), (49, Some(3)), (50, Some(4)), (60, Some(5)), (99, Some(5))] {
            let expected: Vec<Cell> =
                [Some(delegate.clone()), packet.map(|seed| named(Purpose::Packet, seed))]
                    .into_iter()
                    .flatten()
                    .collect();
            assert_eq!(ids(&asked(&statements, at, false)), expected, "at {at}");
        }
        assert!(ids(&asked(&statements, 100, false)).is_empty(), "out of time");
        assert!(asked(&statements, 19, false).is_empty(), "before its root was known");
        let all = asked(&statements, 60, true);
        assert_eq!(all.len(), 5);
        let fates: Vec<&[Cell]> = all.iter().map(|row| &row[8..11]).collect();
        let void = |index, since| [Cell::Number(index), Cell::Time(since), Cell::Flag(false)];
        assert_eq!(fates[2], void(3, 50), "revoked by the entry after it");
        assert_eq!(fates[3], void(4, 60), "voided with its branch");
        assert_eq!(fates[4], [Cell::Empty, Cell::Empty, Cell::Flag(true)]);
    }

    #[test]
    fn an_end_goes_by_its_time_and_a_root_until_the_next_one() {
        let authority = AuthorityId::parse("XA").unwrap();
        let next = SigningKey { id: root_id(key(7).public_key()), signer: Arc::new(key(7)) };
        let announced = root_commitment(key(7).public_key());
        let mut chain = Chain::found(&authority, &root(), announced, false, 5).unwrap();
        let mut statements = vec![chain.envelopes().next().unwrap().to_vec()];
        statements.push(state(&mut chain, Purpose::Packet, 3, &root(), vec![]));
        let packet = signing(Purpose::Packet, 3).id;
        let end = |reason: Reason, since| Revocation {
            key_id: packet.to_vec(),
            reason: reason.into(),
            since,
            log_size: 0,
        };
        // Known at 40, the key ends at 70; known at 60, it was in other hands.
        statements.push(chain.revoke(vec![end(Reason::Superseded, 70)], &root(), 20).unwrap());
        statements.push(chain.change_root(&root(), &next, [4; 32], vec![], 20).unwrap());
        let ended = statements.clone();
        statements.push(chain.revoke(vec![end(Reason::Compromised, 15)], &next, 20).unwrap());
        let count = |statements: &[Vec<u8>], at| ids(&asked(statements, at, false)).len();
        assert_eq!([69, 70].map(|at| count(&ended, at)), [1, 0]);
        assert_eq!([59, 60].map(|at| count(&statements, at)), [1, 0]);
        let roots = |at| asked(&statements, at, false)[0][2].clone();
        assert_eq!(roots(49), word(hex::encode(root().id)));
        assert_eq!(roots(50), word(hex::encode(next.id)));
        let all = asked(&statements, 50, true);
        let fate = [Cell::Number(3), Cell::Time(50), Cell::Flag(false)];
        assert_eq!((all.len(), &all[0][8..11]), (3, fate.as_slice()));
    }
}
