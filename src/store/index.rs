//! The index: leaves, node hashes, views and locations in sled, fed group by group.
//!
//! sled 0.34 does not make data durable on Linux (its flush calls `sync_file_range`), and
//! may panic on damage. So nothing here is ever the only copy, and opening is guarded.

use super::journal::{Group, GroupEnd, Location, Record};
use super::{StoreError, files};
use crate::crypto::LEN;
use crate::crypto::hash::Digest;
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;
use crate::ledger::records::{VIEW, Views, ViewsMut};
use crate::ledger::replay;
use crate::ledger::tree::{self, Nodes};
use prost::Message;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

const LEAF: u8 = b'l';
const NODE: u8 = b'n';
const CONTENT: u8 = b'c';
const HEAD: &[u8] = b"h";
/// Node hashes under one key: so many, one after the other, in storage order.
pub(super) const NODES: u64 = 64;
/// Bytes of sled's page cache.
const CACHE: u64 = 32 << 20;

/// How far the index has come.
#[derive(Clone, PartialEq, Message)]
pub struct Head {
    /// Number of the last group applied.
    #[prost(uint64, tag = "1")]
    pub group: u64,
    /// Where the next frame begins: segment ...
    #[prost(uint64, tag = "2")]
    pub segment: u64,
    /// ... and offset.
    #[prost(uint64, tag = "3")]
    pub offset: u64,
    /// What the log amounts to.
    #[prost(message, required, tag = "4")]
    pub end: GroupEnd,
}

/// A leaf with the place of its entry.
#[derive(Clone, PartialEq, Message)]
pub struct IndexedLeaf {
    /// Leaf bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub leaf: Vec<u8>,
    /// Where the whole entry lies.
    #[prost(message, required, tag = "2")]
    pub location: Location,
}

/// A key and its value.
pub type Pair = (Vec<u8>, Vec<u8>);

/// sled, opened.
#[derive(Clone)]
pub struct Index {
    db: sled::Db,
    tree: sled::Tree,
}

impl Index {
    /// Opens the index; sled's panics on damage become errors.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        files::private_folder(folder)?;
        catch_unwind(AssertUnwindSafe(|| -> Result<Self, StoreError> {
            let db = sled::Config::new()
                .path(folder)
                .cache_capacity(CACHE)
                .flush_every_ms(Some(1000))
                .mode(sled::Mode::HighThroughput)
                .open()?;
            let tree = db.open_tree("ledger")?;
            Ok(Self { db, tree })
        }))
        .unwrap_or_else(|_| Err(StoreError::Index("sled could not read its files".into())))
    }

    /// How far the index has come; nothing at all at first.
    pub fn head(&self) -> Result<Option<Head>, StoreError> {
        self.guarded(HEAD)?
            .map(|bytes| Head::decode(bytes.as_slice()).map_err(|e| StoreError::Index(e.to_string())))
            .transpose()
    }

    /// The leaf at `index`.
    pub fn leaf(&self, index: u64) -> Result<Option<IndexedLeaf>, StoreError> {
        self.guarded(&number(LEAF, index))?
            .map(|bytes| IndexedLeaf::decode(bytes.as_slice()).map_err(|e| StoreError::Index(e.to_string())))
            .transpose()
    }

    /// Where the content under a key lies.
    pub fn content(&self, key: &[u8]) -> Result<Option<Location>, StoreError> {
        self.guarded(&content_key(key))?
            .map(|bytes| Location::decode(bytes.as_slice()).map_err(|e| StoreError::Index(e.to_string())))
            .transpose()
    }

    /// Keys and values under a prefix, at most `limit`, from behind `after`; backwards
    /// (newest first) where asked.
    pub fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        backwards: bool,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        let found = |item: sled::Result<(sled::IVec, sled::IVec)>| {
            item.map(|(key, value)| (key.to_vec(), value.to_vec())).map_err(StoreError::from)
        };
        let range = self.tree.scan_prefix(prefix);
        match (backwards, after) {
            (true, after) => range
                .rev()
                .filter(|item| {
                    after.is_none_or(|after| item.as_ref().map_or(true, |(key, _)| key.as_ref() < after))
                })
                .take(limit)
                .map(found)
                .collect(),
            (false, None) => range.take(limit).map(found).collect(),
            (false, Some(after)) => {
                let from = (std::ops::Bound::Excluded(after.to_vec()), std::ops::Bound::Unbounded);
                self.tree
                    .range::<Vec<u8>, _>(from)
                    .take_while(|item| item.as_ref().map_or(true, |(key, _)| key.starts_with(prefix)))
                    .take(limit)
                    .map(found)
                    .collect()
            }
        }
    }

    /// Applies what was built from a group, all of it or nothing.
    pub fn apply(&self, batch: sled::Batch) -> Result<(), StoreError> {
        Ok(self.tree.apply_batch(batch)?)
    }

    /// Writes everything out and syncs the files: sled's own flush does not.
    pub fn close(&self, folder: &Path) -> Result<(), StoreError> {
        self.db.flush()?;
        for file in std::fs::read_dir(folder).map_err(StoreError::io("cannot read", folder))?.flatten() {
            if file.path().is_file() {
                std::fs::File::open(file.path())
                    .and_then(|file| file.sync_all())
                    .map_err(StoreError::io("cannot sync", &file.path()))?;
            }
        }
        files::sync_folder(folder)
    }

    /// A run of nodes; empty where there is none.
    pub(super) fn run(&self, run: u64) -> Result<sled::IVec, LedgerError> {
        let found = self.tree.get(number(NODE, run)).map_err(|error| LedgerError::Read(error.to_string()))?;
        Ok(found.unwrap_or_default())
    }

    fn guarded(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.tree.get(key)?.map(|value| value.to_vec()))
    }
}

impl Views for Index {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        self.guarded(key).map_err(|error| LedgerError::Read(error.to_string()))
    }
}

impl Nodes for Index {
    fn node(&self, wanted: u64) -> Result<Digest, LedgerError> {
        node_of(&self.run(wanted / NODES)?, wanted)
    }
}

/// The node with this number in its run.
pub(super) fn node_of(run: &[u8], wanted: u64) -> Result<Digest, LedgerError> {
    let at = (wanted % NODES) as usize * LEN;
    run.get(at..at + LEN)
        .and_then(|node| node.try_into().ok())
        .ok_or_else(|| LedgerError::Read(format!("node {wanted} is missing")))
}

/// A group being built on top of the index: by the writer before it is journaled, by
/// recovery after it was.
pub struct Building {
    index: Index,
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
    pub fn batch(&self, group: &Group) -> Result<sled::Batch, StoreError> {
        let mut batch = sled::Batch::default();
        for (key, value) in &self.views {
            match value {
                Some(value) => batch.insert(key.as_slice(), value.as_slice()),
                None => batch.remove(key.as_slice()),
            }
        }
        self.add_nodes(&mut batch)?;
        let mut entries = self.entries.iter();
        for (record, location) in &group.records {
            match record {
                Record::Entry(_) => {
                    let entry = entries.next().expect("a group has as many entries as were built for it");
                    let leaf = IndexedLeaf { leaf: entry.leaf_bytes.clone(), location: *location };
                    batch.insert(&number(LEAF, entry.index), leaf.encode_to_vec());
                }
                Record::Content(key, _) => {
                    batch.insert(content_key(key), location.encode_to_vec());
                }
            }
        }
        let (segment, offset) = group.next;
        let head = Head { group: group.number, segment, offset, end: group.end.clone() };
        batch.insert(HEAD, head.encode_to_vec());
        Ok(batch)
    }

    /// New nodes follow those that are there, in storage order; the last run is filled up.
    fn add_nodes(&self, batch: &mut sled::Batch) -> Result<(), StoreError> {
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
            batch.insert(&number(NODE, run), hashes);
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

fn number(kind: u8, number: u64) -> [u8; 9] {
    let mut key = [kind; 9];
    key[1..].copy_from_slice(&number.to_be_bytes());
    key
}

fn content_key(key: &[u8]) -> Vec<u8> {
    [&[CONTENT], key].concat()
}
