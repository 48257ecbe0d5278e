//! The index: leaves, node hashes, views and locations in sled, fed group by group.
//!
//! sled 0.34 does not make data durable on Linux (its flush calls `sync_file_range`), and
//! may panic on damage. So nothing here is ever the only copy, and opening is guarded.

use super::journal::{Group, GroupEnd, Location, Record};
use super::pending::{Change, Merged, Pending};
use super::{StoreError, files};
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
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

const LEAF: u8 = b'l';
const NODE: u8 = b'n';
pub(super) const CONTENT: u8 = b'c';
const HEAD: &[u8] = b"h";
/// Node hashes under one key: so many, one after the other, in storage order.
pub(super) const NODES: u64 = 64;
/// Groups of so long go to sled as one batch.
const GATHER: Duration = Duration::from_millis(250);
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
    pending: Arc<Pending>,
    failed: Arc<AtomicBool>,
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
            Ok(Self { db, tree, pending: Arc::default(), failed: Arc::default() })
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
        let behind = successor(prefix);
        let end = behind.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let bounds = match (backwards, after) {
            (_, None) => (Bound::Included(prefix), end),
            (false, Some(after)) => (Bound::Excluded(after), end),
            (true, Some(after)) => (Bound::Included(prefix), Bound::Excluded(after)),
        };
        // What waits is looked at first: what is written out meanwhile is then met twice, not missed.
        let changes = self.pending.range(bounds).into_iter();
        let stored = self.tree.range::<&[u8], _>(bounds);
        let pairs: Result<Vec<Pair>, sled::Error> = match backwards {
            false => merge(stored, changes, false).take(limit).collect(),
            true => merge(stored.rev(), changes.rev(), true).take(limit).collect(),
        };
        Ok(pairs?)
    }

    /// Applies what was built from a group, all of it at once. It reaches sled with
    /// [`Index::write_out`]; an error says that this has failed before.
    pub fn apply(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.pending.wait_for_room(|| self.has_failed());
        if self.has_failed() {
            return Err(StoreError::Index("writing it out has failed".into()));
        }
        self.pending.add(changes);
        Ok(())
    }

    /// Whether writing out has failed.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Keys that wait for [`Index::write_out`].
    pub fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// Writes out again and again, until `stop` says so or is gone. An error ends it, and
    /// nothing is applied any more.
    pub fn keep_writing_out(&self, stop: &Receiver<()>) {
        while stop.recv_timeout(GATHER) == Err(RecvTimeoutError::Timeout) {
            if self.waiting() == 0 {
                continue;
            }
            let written = catch_unwind(AssertUnwindSafe(|| self.write_out()))
                .unwrap_or_else(|_| Err(StoreError::Index("sled panicked".into())));
            if let Err(error) = written {
                tracing::error!(%error, "the index can't be written; the journal holds everything");
                self.failed.store(true, Ordering::Release);
                return;
            }
        }
    }

    /// Hands all that waits to sled, as one batch: whole groups, or nothing.
    pub fn write_out(&self) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for (key, value) in &*self.pending.leaving() {
            match value {
                Some(value) => batch.insert(key.as_slice(), value),
                None => batch.remove(key.as_slice()),
            }
        }
        self.tree.apply_batch(batch)?;
        self.pending.written();
        Ok(())
    }

    /// Writes everything out and syncs the files: sled's own flush does not.
    pub fn close(&self, folder: &Path) -> Result<(), StoreError> {
        self.write_out()?;
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
    pub(super) fn run(&self, run: u64) -> Result<IVec, LedgerError> {
        let found = self.value(&number(NODE, run)).map_err(|error| LedgerError::Read(error.to_string()))?;
        Ok(found.unwrap_or_default())
    }

    fn value(&self, key: &[u8]) -> Result<Option<IVec>, StoreError> {
        match self.pending.get(key) {
            Some(change) => Ok(change),
            None => Ok(self.tree.get(key)?),
        }
    }

    fn guarded(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.value(key)?.map(|value| value.to_vec()))
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
                Record::Content(key, _) => {
                    changes.push((content_key(key), Some(location.encode_to_vec().into())));
                }
            }
        }
        let (segment, offset) = group.next;
        let head = Head { group: group.number, segment, offset, end: group.end.clone() };
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

fn number(kind: u8, number: u64) -> [u8; 9] {
    let mut key = [kind; 9];
    key[1..].copy_from_slice(&number.to_be_bytes());
    key
}

/// The first key behind all that begin with `prefix`.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut behind = prefix[..=last].to_vec();
    behind[last] += 1;
    Some(behind)
}

fn merge<S: Iterator, C: Iterator>(stored: S, changes: C, backwards: bool) -> Merged<S, C> {
    Merged { stored: stored.peekable(), changes: changes.peekable(), backwards }
}

pub(super) fn content_key(key: &[u8]) -> Vec<u8> {
    [&[CONTENT], key].concat()
}
