//! The index: leaves, node hashes, views and locations in sled, fed group by group.
//!
//! sled 0.34 does not make data durable on Linux (its flush calls `sync_file_range`), and
//! may panic on damage. So nothing here is ever the only copy, and opening is guarded.

use super::journal::{GroupEnd, Location};
use super::pending::{Change, Merged, Pending};
use super::{StoreError, files};
use crate::crypto::LEN;
use crate::crypto::hash::Digest;
use crate::ledger::LedgerError;
use crate::ledger::records::Views;
use crate::ledger::tree::Nodes;
use prost::Message;
use sled::IVec;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

pub(super) const LEAF: u8 = b'l';
pub(super) const NODE: u8 = b'n';
/// Places: of a content, of the wrap that replaced its own, of the end of a bucket.
pub(super) const CONTENT: u8 = b'c';
pub(super) const WRAP: u8 = b'w';
pub(super) const RETIRED: u8 = b'r';
pub(super) const HEAD: &[u8] = b"h";
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
    pub(super) closed: Arc<super::closed::Closed>,
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
            let (pending, failed, closed) = Default::default();
            Ok(Self { db, tree, pending, failed, closed })
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

    /// Where the content, wrap or retirement under a key lies.
    pub fn place(&self, kind: u8, key: &[u8]) -> Result<Option<Location>, StoreError> {
        self.guarded(&[&[kind], key].concat())?
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
        if !self.pending.wait_for_room(|| self.has_failed()) {
            // sled waits for ever for a thread of its own that an I/O error ended.
            return Err(StoreError::Index("writing it out does not end".into()));
        }
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

    /// What sled holds under a prefix, in the order of the keys: nothing may be waiting.
    pub(super) fn each(&self, prefix: &[u8]) -> sled::Iter {
        self.tree.scan_prefix(prefix)
    }

    /// What sled holds from a key on.
    pub(super) fn behind(&self, key: &[u8]) -> sled::Iter {
        self.tree.range(key..)
    }

    /// Whether sled holds a key that begins with none of these bytes, which are in order.
    pub(super) fn holds_besides(&self, first: &[u8]) -> Result<bool, StoreError> {
        let ends = first.iter().map(|byte| vec![*byte]).map(Bound::Excluded).chain([Bound::Unbounded]);
        let begins = first.iter().map(|byte| vec![byte + 1]).map(Bound::Included);
        for bounds in [Bound::Unbounded].into_iter().chain(begins).zip(ends) {
            if self.tree.range::<Vec<u8>, _>(bounds).next().transpose()?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
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

    pub(super) fn guarded(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
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

pub(super) fn number(kind: u8, number: u64) -> [u8; 9] {
    let mut key = [kind; 9];
    key[1..].copy_from_slice(&number.to_be_bytes());
    key
}

/// The first key behind all that begin with `prefix`.
pub(super) fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut behind = prefix[..=last].to_vec();
    behind[last] += 1;
    Some(behind)
}

fn merge<S: Iterator, C: Iterator>(stored: S, changes: C, backwards: bool) -> Merged<S, C> {
    Merged { stored: stored.peekable(), changes: changes.peekable(), backwards }
}
