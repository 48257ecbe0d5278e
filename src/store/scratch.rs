//! What verification derives, kept outside of memory: views in a store of its own, nodes in
//! a file, both in a temporary folder that goes with it.

use super::StoreError;
use super::index::{Index, Pair};
use crate::crypto::LEN;
use crate::crypto::hash::Digest;
use crate::ledger::LedgerError;
use crate::ledger::records::{Views, ViewsMut};
use crate::ledger::tree::Nodes;
use crate::ledger::verify::Scratch;
use sled::IVec;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// Changed keys kept in memory.
const CHANGES: usize = 1 << 15;
/// Bytes of nodes written at once.
const TAIL: usize = 1 << 16;
/// Nodes remembered: those that the tree still grows from are asked for all the time.
const REMEMBERED: usize = 1 << 13;

/// A place for views and nodes, on disk.
pub struct DiskScratch {
    index: Index,
    changes: HashMap<Vec<u8>, Option<Vec<u8>>>,
    nodes: NodeFile,
    failed: Option<String>,
    _folder: tempfile::TempDir,
}

struct NodeFile {
    file: File,
    /// Nodes in the file.
    written: u64,
    /// Nodes behind those.
    tail: Vec<u8>,
    remembered: RefCell<HashMap<u64, Digest>>,
}

impl DiskScratch {
    /// Makes a place in the folder for temporary files.
    pub fn new() -> Result<Self, StoreError> {
        let temporary = std::env::temp_dir();
        let failed = || StoreError::io("cannot make a file in", &temporary);
        let folder = tempfile::tempdir().map_err(failed())?;
        let file = tempfile::tempfile().map_err(failed())?;
        let index = Index::open(&folder.path().join("views"))?;
        let nodes =
            NodeFile { file, written: 0, tail: Vec::with_capacity(TAIL), remembered: RefCell::default() };
        Ok(Self { index, changes: HashMap::new(), nodes, failed: None, _folder: folder })
    }

    /// Keys and values under a prefix, at most `limit`, from behind `after`.
    pub fn scan(
        &mut self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        self.write_out()?;
        self.index.scan(prefix, after, false, limit)
    }

    /// The nodes from `first` on, at most `count`, one behind the other.
    pub(super) fn nodes(&self, first: u64, count: u64) -> Result<Vec<u8>, LedgerError> {
        let end = (first + count).min(self.nodes.written + (self.nodes.tail.len() / LEN) as u64);
        let mut bytes = Vec::with_capacity((count as usize) * LEN);
        for number in first..end {
            bytes.extend_from_slice(&self.nodes.read(number)?);
        }
        Ok(bytes)
    }

    fn write_out(&mut self) -> Result<(), StoreError> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let changes = self.changes.drain().map(|(key, value)| (key, value.map(IVec::from))).collect();
        self.index.apply(changes)?;
        self.index.write_out()
    }
}

impl NodeFile {
    fn push(&mut self, node: Digest) -> std::io::Result<()> {
        let number = self.written + (self.tail.len() / LEN) as u64;
        self.remember(number, node);
        self.tail.extend_from_slice(&node);
        if self.tail.len() >= TAIL {
            self.file.write_all_at(&self.tail, self.written * LEN as u64)?;
            self.written += (self.tail.len() / LEN) as u64;
            self.tail.clear();
        }
        Ok(())
    }

    fn remember(&self, number: u64, node: Digest) {
        let mut remembered = self.remembered.borrow_mut();
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(number, node);
    }

    fn read(&self, number: u64) -> Result<Digest, LedgerError> {
        let missing = |_| LedgerError::Read(format!("node {number} is missing"));
        let mut node = [0; LEN];
        match number.checked_sub(self.written) {
            Some(place) => {
                let at = usize::try_from(place).unwrap_or(usize::MAX).saturating_mul(LEN);
                let found = self.tail.get(at..at.saturating_add(LEN)).unwrap_or_default();
                node =
                    found.try_into().map_err(|_| LedgerError::Read(format!("node {number} is missing")))?;
            }
            None => self.file.read_exact_at(&mut node, number * LEN as u64).map_err(missing)?,
        }
        Ok(node)
    }
}

impl Views for DiskScratch {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        match self.changes.get(key) {
            Some(value) => Ok(value.clone()),
            None => self.index.get(key),
        }
    }
}

impl ViewsMut for DiskScratch {
    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.changes.insert(key, Some(value));
    }

    fn remove(&mut self, key: Vec<u8>) {
        self.changes.insert(key, None);
    }
}

impl Nodes for DiskScratch {
    fn node(&self, number: u64) -> Result<Digest, LedgerError> {
        if let Some(node) = self.nodes.remembered.borrow().get(&number) {
            return Ok(*node);
        }
        let node = self.nodes.read(number)?;
        self.nodes.remember(number, node);
        Ok(node)
    }
}

impl Scratch for DiskScratch {
    fn add_nodes(&mut self, nodes: Vec<Digest>) {
        for node in nodes {
            if let Err(error) = self.nodes.push(node) {
                self.failed.get_or_insert_with(|| format!("cannot keep nodes: {error}"));
            }
        }
    }

    fn settle(&mut self) -> Result<(), LedgerError> {
        if let Some(why) = &self.failed {
            return Err(LedgerError::Read(why.clone()));
        }
        if self.changes.len() >= CHANGES {
            self.write_out().map_err(|error| LedgerError::Read(error.to_string()))?;
        }
        Ok(())
    }
}
