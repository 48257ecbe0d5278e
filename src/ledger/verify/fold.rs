//! What has to go in order: time, tree, views, and the order of evidence.

use super::check::{Checked, Keys};
use super::{Facts, Scratch, Sound, Witnessed, order};
use crate::crypto::hash::Digest;
use crate::ledger::{LedgerError, replay, tree};
use std::collections::BTreeMap;

/// A ledger being derived, entry by entry.
pub struct Fold<S> {
    scratch: S,
    gather: bool,
    last_at: u64,
    size: u64,
    kinds: BTreeMap<&'static str, u64>,
    signatures: u64,
    facts: Facts,
}

impl<S: Scratch> Fold<S> {
    pub fn new(scratch: S, gather: bool) -> Self {
        Self {
            scratch,
            gather,
            last_at: 0,
            size: 0,
            kinds: BTreeMap::new(),
            signatures: 0,
            facts: Facts::default(),
        }
    }

    /// Entries so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes what was checked, in order, up to the first that is bad.
    pub fn batch(
        &mut self,
        checked: Vec<Result<Checked, LedgerError>>,
        roots: Vec<(u64, Digest)>,
    ) -> Result<(), LedgerError> {
        let mut roots = roots.into_iter().peekable();
        for checked in checked {
            let index = self.size;
            self.entry(checked?).map_err(|error| at(index, error))?;
            while let Some((_, root)) = roots.next_if(|(size, _)| *size <= self.size) {
                if tree::root(self.size, &self.scratch)? != root {
                    return Err(at(
                        index,
                        LedgerError::Read("does not lead to the root recorded for it".into()),
                    ));
                }
            }
        }
        self.scratch.settle()
    }

    fn entry(&mut self, checked: Checked) -> Result<(), LedgerError> {
        let entry = &checked.entry;
        if entry.leaf.at < self.last_at {
            return Err(entry.wrong("is older than the entry before it"));
        }
        if let Some((size, root)) = checked.own_tree
            && (size > self.size || tree::root(size, &self.scratch)? != root)
        {
            return Err(entry.wrong("holds a checkpoint of another tree"));
        }
        replay::apply(entry, &mut self.scratch)?;
        order::of_evidence(entry, &self.scratch)?;
        let nodes = tree::nodes_of(entry.index, &entry.leaf_bytes, &self.scratch)?;
        self.scratch.add_nodes(nodes);
        self.last_at = entry.leaf.at;
        self.size += 1;
        self.signatures += checked.signatures;
        *self.kinds.entry(entry.leaf.kind.as_str_name()).or_default() += 1;
        if self.gather {
            for (ours, digest, fact) in checked.facts {
                let facts = if ours { &mut self.facts.issued } else { &mut self.facts.received };
                facts.insert(digest, fact);
            }
            let index = entry.index;
            let witnessed = checked.witnessed.map(|(peer, size, root)| Witnessed { index, peer, size, root });
            self.facts.witnessed.extend(witnessed);
        }
        Ok(())
    }

    /// All entries were good.
    pub fn end(self, keys: Keys) -> Result<Sound<S>, LedgerError> {
        let chain = keys.own.ok_or(LedgerError::Checkpoint("the ledger holds no statement 0"))?;
        let root = tree::root(self.size, &self.scratch)?;
        let Self { scratch, size, last_at, kinds, signatures, facts, .. } = self;
        let signatures = signatures + keys.notes.count();
        Ok(Sound { chain, peers: keys.peers, size, root, at: last_at, kinds, signatures, scratch, facts })
    }
}

/// The error, with the entry at which it came up.
pub fn at(index: u64, error: LedgerError) -> LedgerError {
    match error {
        LedgerError::Entry { .. } => error,
        LedgerError::Read(why) => LedgerError::Entry { index, why },
        other => LedgerError::Entry { index, why: other.to_string() },
    }
}
