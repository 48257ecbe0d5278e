//! A group being built on top of the index, before it is journaled or after.

use super::StoreError;
use super::index::{CONTENT, HEAD, Head, Index, IndexedLeaf, LEAF, NODE, NODES, RETIRED, WRAP, number};
use super::journal::{Group, GroupEnd, Location, Record};
use super::pending::Change;
use crate::crypto::LEN;
use crate::crypto::hash::Digest;
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;
use crate::ledger::records::{VIEW, Views, ViewsMut};
use crate::ledger::replay;
use crate::ledger::tree::{self, Nodes};
use prost::Message;
use sled::IVec;
use std::collections::HashMap;

/// A group being built on top of the index: by the writer before it is journaled, by
/// recovery after it was.
pub struct Building {
    pub(super) index: Index,
    views: HashMap<Vec<u8>, Option<Vec<u8>>>,
    nodes: HashMap<u64, Digest>,
    /// The records so far.
    pub records: Vec<Record>,
    /// The entries among them.
    pub entries: Vec<Entry>,
    /// Entries in the log, with these.
    pub size: u64,
    /// Time of the last entry.
    pub at: u64,
}

/// The changes of one proposal, taken over only when all of it is sound.
struct Layer<'a> {
    below: &'a Building,
    changes: HashMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Building {
    /// Begins on top of what the index holds.
    pub fn on(index: Index, size: u64, at: u64) -> Self {
        Self {
            index,
            views: HashMap::new(),
            nodes: HashMap::new(),
            records: Vec::new(),
            entries: Vec::new(),
            size,
            at,
        }
    }

    /// Adds records: all of them, or none where one does not hold.
    pub fn add(&mut self, records: Vec<Record>) -> Result<(), LedgerError> {
        let mut layer = Layer { below: self, changes: HashMap::new() };
        let mut entries = Vec::new();
        let mut size = self.size;
        for record in &records {
            if let Record::Entry(stored) = record {
                let entry = Entry::open(size, stored.leaf.clone(), stored.objects.clone())?;
                replay::apply(&entry, &mut layer)?;
                size += 1;
                entries.push(entry);
            }
        }
        let changes = layer.changes;
        self.views.extend(changes);
        for entry in &entries {
            let nodes = tree::nodes_of(entry.index, &entry.leaf_bytes, self)?;
            let first = tree::first_node(entry.index);
            self.nodes.extend((first..).zip(nodes));
            self.at = entry.leaf.at;
        }
        self.size = size;
        self.entries.extend(entries);
        self.records.extend(records);
        Ok(())
    }

    /// What the log amounts to with this group.
    pub fn end(&self) -> Result<GroupEnd, LedgerError> {
        Ok(GroupEnd { size: self.size, root: tree::root(self.size, self)?.to_vec(), at: self.at })
    }

    /// Everything that the index takes over, now that the places in the journal are known.
    pub fn changes(&mut self, group: &Group) -> Result<Vec<Change>, StoreError> {
        let mut changes: Vec<Change> = std::mem::take(&mut self.views)
            .into_iter()
            .map(|(key, value)| (key, value.map(IVec::from)))
            .collect();
        self.add_nodes(&mut changes)?;
        let mut entries = self.entries.iter();
        for (record, location) in &group.records {
            match record {
                Record::Entry(_) => {
                    let entry = entries.next().expect("a group has as many entries as were built for it");
                    let leaf = IndexedLeaf { leaf: entry.leaf_bytes.clone(), location: *location };
                    changes.push((number(LEAF, entry.index).to_vec(), Some(leaf.encode_to_vec().into())));
                }
                Record::Content(key, _) => changes.push(placed(CONTENT, key, location)),
                Record::Wrap(key, _) => changes.push(placed(WRAP, key, location)),
                Record::Retired(bucket, _) => changes.push(placed(RETIRED, bucket, location)),
            }
        }
        let head = Head::after(group);
        changes.push((HEAD.to_vec(), Some(head.encode_to_vec().into())));
        Ok(changes)
    }

    /// New nodes follow those that are there, in storage order; the last run is filled up.
    fn add_nodes(&self, changes: &mut Vec<Change>) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (self.nodes.keys().min(), self.nodes.keys().max()) else {
            return Ok(());
        };
        for run in first / NODES..=last / NODES {
            let begins = run * NODES;
            let mut hashes = self.index.guarded(&number(NODE, run))?.unwrap_or_default();
            hashes.truncate(first.saturating_sub(begins) as usize * LEN);
            for number in begins.max(*first)..=(begins + NODES - 1).min(*last) {
                hashes.extend_from_slice(&self.node(number)?);
            }
            changes.push((number(NODE, run).to_vec(), Some(hashes.into())));
        }
        Ok(())
    }
}

impl Views for Building {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        match self.views.get(key) {
            Some(value) => Ok(value.clone()),
            None => self.index.get(key),
        }
    }
}

impl Nodes for Building {
    fn node(&self, wanted: u64) -> Result<Digest, LedgerError> {
        match self.nodes.get(&wanted) {
            Some(node) => Ok(*node),
            None => self.index.node(wanted),
        }
    }
}

impl Views for Layer<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        match self.changes.get(key) {
            Some(value) => Ok(value.clone()),
            None => self.below.get(key),
        }
    }
}

impl ViewsMut for Layer<'_> {
    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        debug_assert_eq!(key[0], VIEW);
        self.changes.insert(key, Some(value));
    }

    fn remove(&mut self, key: Vec<u8>) {
        self.changes.insert(key, None);
    }
}

fn placed(kind: u8, key: &[u8], location: &Location) -> Change {
    ([&[kind], key].concat(), Some(location.encode_to_vec().into()))
}
