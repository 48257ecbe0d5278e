//! Reading what is committed.

use super::StoreError;
use super::content::{Retired, StoredContent, StoredWrap};
use super::index::{CONTENT, Head, Index, NODES, Pair, RETIRED, WRAP, node_of};
use super::journal::{StoredEntry, read_at};
use super::recent::Recent;
use crate::crypto::LEN;
use crate::crypto::hash::Digest;
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;
use crate::ledger::records::Views;
use crate::ledger::tree::Nodes;
use prost::Message as _;
use std::path::PathBuf;
use std::sync::Arc;

/// A reader of committed entries, views, nodes and content.
#[derive(Clone)]
pub struct Snapshot {
    pub(super) index: Index,
    pub(super) journal: PathBuf,
    pub(super) recent: Arc<Recent>,
}

impl Snapshot {
    /// Number of entries in the log.
    pub fn size(&self) -> Result<u64, StoreError> {
        Ok(self.head()?.map_or(0, |head| head.end.size))
    }

    /// The entry at `index`: one of the newest, or read from the journal and checked.
    pub fn entry(&self, index: u64) -> Result<Entry, StoreError> {
        if let Some(entry) = self.recent.entry(index) {
            return Ok(entry);
        }
        let found = self.index.leaf(index)?.ok_or_else(|| LedgerError::Read(format!("no entry {index}")))?;
        let stored = StoredEntry::decode(read_at(&self.journal, found.location)?.as_slice())
            .map_err(|_| StoreError::Damaged(format!("entry {index}")))?;
        if stored.leaf != found.leaf {
            return Err(StoreError::Damaged(format!("entry {index}: journal and index differ")));
        }
        Ok(Entry::open(index, stored.leaf, stored.objects)?)
    }

    /// The leaf bytes at `index`.
    pub fn leaf(&self, index: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.index.leaf(index)?.map(|found| found.leaf))
    }

    /// Sealed content under a key made by [`super::content::key`]; none: there is none, or it
    /// was erased.
    pub fn content(&self, key: &[u8]) -> Result<Option<StoredContent>, StoreError> {
        if let Some(content) = self.recent.content(key) {
            return Ok(Some(content));
        }
        let Some(content) = self.placed::<StoredContent>(CONTENT, key)? else { return Ok(None) };
        Ok(match self.placed::<StoredWrap>(WRAP, key)? {
            Some(wrap) => content.superseded(wrap),
            None => Some(content),
        })
    }

    /// Whether content was ever stored here under a key; it may have been erased since.
    pub fn had_content(&self, key: &[u8]) -> Result<bool, StoreError> {
        Ok(self.recent.content(key).is_some() || self.index.place(CONTENT, key)?.is_some())
    }

    /// Whether there was content under a key, and it was erased.
    pub fn is_erased(&self, key: &[u8]) -> Result<bool, StoreError> {
        Ok(self.placed::<StoredWrap>(WRAP, key)?.is_some_and(|wrap| wrap.wrap.is_empty()))
    }

    /// What went with a bucket that was retired; none: it was not.
    pub(super) fn retired(&self, bucket: &str) -> Result<Option<Retired>, StoreError> {
        self.placed(RETIRED, bucket.as_bytes())
    }

    /// The record of this kind under a key, from the journal.
    fn placed<R: prost::Message + Default>(&self, kind: u8, key: &[u8]) -> Result<Option<R>, StoreError> {
        let Some(location) = self.index.place(kind, key)? else { return Ok(None) };
        R::decode(read_at(&self.journal, location)?.as_slice())
            .map(Some)
            .map_err(|_| StoreError::Damaged("a sealed content".into()))
    }

    /// Keys and values of views under a prefix, oldest first.
    pub fn scan(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.index.scan(prefix, after, false, limit)
    }

    /// The same, newest first.
    pub fn scan_back(&self, prefix: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.index.scan(prefix, None, true, limit)
    }

    pub(super) fn head(&self) -> Result<Option<Head>, StoreError> {
        self.index.head()
    }
}

impl Views for Snapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        self.index.get(key)
    }
}

impl Nodes for Snapshot {
    fn node(&self, number: u64) -> Result<Digest, LedgerError> {
        let run = number / NODES;
        if let Some(run) = self.recent.run(run) {
            return node_of(&run, number);
        }
        let bytes = self.index.run(run)?;
        if bytes.len() == NODES as usize * LEN {
            self.recent.keep_run(run, bytes.clone());
        }
        node_of(&bytes, number)
    }
}
