//! Which keys were in force at a time: of this authority and of each peer, as this ledger
//! learnt of them.

use super::{Cell, Question, Row, names, word};
use crate::crypto::hash::Digest;
use crate::format::Millis;
use crate::format::chain::Chain;
use crate::format::envelope::{PayloadType, Unverified};
use crate::format::id::AuthorityId;
use crate::format::statement::{ProvenKey, root_id};
use crate::format::wire::key_statement::Body;
use crate::format::wire::leaf::Kind;
use crate::format::{decode, wire};
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
}

struct Statements {
    chain: Chain,
    root: (Digest, u64, Millis),
    keys: Vec<Known>,
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
        Self { at, all, authority, known: BTreeMap::new() }
    }
}

impl Statements {
    fn begin(entry: &Entry) -> Result<Self, LedgerError> {
        let envelope = entry.object(0)?;
        let chain = Chain::open(envelope)?;
        let statement = Unverified::parse(PayloadType::KeyStatement, envelope)?;
        let statement: wire::KeyStatement = decode(statement.danger_unverified_payload(), "key statement")?;
        let Some(Body::Root(root)) = statement.body else { return Err(entry.wrong("names no root")) };
        let root = (root_id(&root.public_key), entry.index, entry.leaf.at);
        Ok(Self { chain, root, keys: Vec::new() })
    }

    fn append(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        self.chain.append(entry.object(0)?)?;
        let (index, at) = (entry.index, entry.leaf.at);
        for known in self.keys.iter_mut().filter(|known| known.void.is_none()) {
            // Revoked by a statement, or gone with a branch that the root voided.
            let stands = self.chain.keys().iter().any(|key| key.id == known.key.id && !key.revoked);
            known.void = (!stands).then_some((index, at));
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
        ]
    }

    fn entry(&mut self, entry: &Entry, _: &mut Vec<Row>) -> Result<(), LedgerError> {
        if entry.leaf.kind != Kind::KeyStatement {
            return Ok(());
        }
        match self.known.get_mut(&entry.leaf.peer) {
            Some(statements) => statements.append(entry),
            None => {
                self.known.insert(entry.leaf.peer.clone(), Statements::begin(entry)?);
                Ok(())
            }
        }
    }

    fn end(&mut self, rows: &mut Vec<Row>) {
        let all = self.known.values();
        for of in all.filter(|of| self.authority.as_ref().is_none_or(|wanted| wanted == of.chain.authority()))
        {
            let (id, index, known_since) = of.root;
            let in_force = known_since <= self.at;
            if in_force || self.all {
                let head = [word(of.chain.authority()), word("root"), word(hex::encode(id))];
                let validity = [Cell::Empty, Cell::Empty, Cell::Number(0), Cell::Number(index)];
                let fate = [Cell::Time(known_since), Cell::Empty, Cell::Empty, Cell::Flag(in_force)];
                rows.push(head.into_iter().chain(validity).chain(fate).collect());
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
                    ]);
                }
            }
        }
    }
}
