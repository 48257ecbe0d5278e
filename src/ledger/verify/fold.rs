//! What has to go in order: time, tree, views, and the order of evidence.

use super::check::{Checked, Judged, Keys};
use super::{Facts, Scratch, Sound, order};
use crate::crypto::hash::Digest;
use crate::ledger::{LedgerError, alarm, replay, tree};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A ledger being derived, entry by entry.
pub struct Fold<S> {
    scratch: S,
    gather: bool,
    last_at: u64,
    size: u64,
    kinds: BTreeMap<&'static str, u64>,
    signatures: u64,
    witnesses: BTreeSet<String>,
    facts: Facts,
    /// The last entry that holds evidence or a status of ours under this key.
    signed: HashMap<Digest, u64>,
    /// Trees that entries say this log never was: entry, size, root.
    never: Vec<(u64, u64, Digest)>,
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
            witnesses: BTreeSet::new(),
            facts: Facts::default(),
            signed: HashMap::new(),
            never: Vec::new(),
        }
    }

    /// Entries so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes what was checked, in order, up to the first that is bad.
    pub fn batch(&mut self, checked: Vec<Judged>, roots: Vec<(u64, Digest)>) -> Result<(), LedgerError> {
        let mut roots = roots.into_iter().peekable();
        for checked in checked {
            let index = self.size;
            self.entry(checked?).map_err(|error| at(index, error))?;
            self.compare_roots(&mut roots)?;
        }
        // Groups without entries record the root once more.
        self.compare_roots(&mut roots)?;
        self.scratch.settle()
    }

    /// Compares the recorded roots that have been reached.
    fn compare_roots(
        &self,
        roots: &mut std::iter::Peekable<impl Iterator<Item = (u64, Digest)>>,
    ) -> Result<(), LedgerError> {
        while let Some((size, root)) = roots.next_if(|(size, _)| *size <= self.size) {
            if tree::root(size, &self.scratch)? != root {
                let why = LedgerError::Read("does not lead to the root recorded for it".into());
                return Err(at(size.saturating_sub(1), why));
            }
        }
        Ok(())
    }

    fn entry(&mut self, checked: Box<Checked>) -> Result<(), LedgerError> {
        let entry = &checked.entry;
        if entry.leaf.at < self.last_at {
            return Err(entry.wrong("is older than the entry before it"));
        }
        if let Some((size, root)) = checked.own_tree
            && (size > self.size || tree::root(size, &self.scratch)? != root)
        {
            return Err(entry.wrong("holds a checkpoint of another tree"));
        }
        if let Some((size, root)) = checked.never {
            self.never.push((entry.index, size, root));
        }
        for (key, size) in &checked.revoked {
            // Nothing that was not known of before would stand. 0: it is not said how far the log was.
            if let Some(last) = self.signed.get(key).filter(|last| *size > 0 && *last >= size) {
                let why = format!("revokes a key as of {size} entries, and entry {last} is signed with it");
                return Err(entry.wrong(&why));
            }
        }
        for key in checked.signed_by.into_iter().flatten() {
            self.signed.insert(key, entry.index);
        }
        alarm::contradicts_what_stands(entry, &self.scratch)?;
        order::may_follow(&checked, &mut self.scratch)?;
        replay::apply(entry, &mut self.scratch)?;
        order::of_evidence(entry, &self.scratch)?;
        let nodes = tree::nodes_of(entry.index, &entry.leaf_bytes, &self.scratch)?;
        self.scratch.add_nodes(nodes);
        self.last_at = entry.leaf.at;
        self.size += 1;
        self.signatures += checked.signatures;
        self.witnesses.extend(checked.witness);
        *self.kinds.entry(entry.leaf.kind.as_str_name()).or_default() += 1;
        if let Some(name) = &checked.again {
            // Whoever has this name now has nothing of what was said before.
            self.facts.issued.retain(|_, fact| fact.peer != *name);
            self.facts.received.retain(|_, fact| fact.peer != *name);
            self.facts.witnessed.retain(|seen| seen.peer != *name);
            self.facts.nodes.remove(name);
        }
        if self.gather {
            for (ours, digest, fact) in checked.facts {
                let facts = if ours { &mut self.facts.issued } else { &mut self.facts.received };
                facts.insert(digest, fact);
            }
            if let Some(seen) = &checked.witnessed {
                let nodes = self.facts.nodes.entry(seen.peer.clone()).or_default();
                for node in checked.nodes {
                    nodes.entry(node).or_insert(entry.index);
                }
            }
            self.facts.witnessed.extend(checked.witnessed);
        }
        Ok(())
    }

    /// All entries were good.
    pub fn end(self, keys: Keys) -> Result<Sound<S>, LedgerError> {
        let chain = keys.own.ok_or(LedgerError::Checkpoint("the ledger holds no statement 0"))?;
        let root = tree::root(self.size, &self.scratch)?;
        for (index, size, root) in &self.never {
            if *size <= self.size && tree::root(*size, &self.scratch)? == *root {
                let why = "alarms about a tree that the log came to".to_owned();
                return Err(LedgerError::Entry { index: *index, why });
            }
        }
        let Self { scratch, size, last_at, kinds, signatures, witnesses, facts, .. } = self;
        let signatures = signatures + keys.notes.count();
        let peers = keys.peers;
        Ok(Sound { chain, peers, witnesses, size, root, at: last_at, kinds, signatures, scratch, facts })
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
