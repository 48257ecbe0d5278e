//! What verification derives, kept outside of memory: views in a store of its own, nodes in
//! a file, both in a temporary folder that goes with it.

use super::Pair;
use super::StoreError;
use super::derived::Derived;
use crate::crypto::LEN;
use crate::crypto::hash::Digest;
use crate::ledger::LedgerError;
use crate::ledger::records::{VIEW, Views, ViewsMut};
use crate::ledger::tree::Nodes;
use crate::ledger::verify::Scratch;
use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// Keys that were changed lately and are kept in memory: twice so many at most.
const YOUNG: usize = 1 << 17;
/// Bytes of nodes written at once.
const TAIL: usize = 1 << 16;
/// Nodes remembered: those that the tree still grows from are asked for all the time.
const REMEMBERED: usize = 1 << 13;

/// A place for views and nodes, on disk. Keys that are written once are shown and counted,
/// not kept.
pub struct DiskScratch {
    views: Derived,
    young: Changes,
    /// Those that were young before; they go to the store when they were not changed again.
    old: Changes,
    once: Vec<Pair>,
    once_count: u64,
    show_once: Option<ShowOnce>,
    nodes: NodeFile,
    failed: Option<String>,
    _folder: tempfile::TempDir,
}

type Changes = HashMap<Vec<u8>, Option<Vec<u8>>>;
type ShowOnce = Box<dyn FnMut(Vec<Pair>) + Send + Sync>;

struct NodeFile {
    file: File,
    /// Nodes in the file.
    written: u64,
    /// Nodes behind those.
    tail: Vec<u8>,
    /// Each at the place of its number, until another comes there.
    remembered: RefCell<Vec<(u64, Digest)>>,
}

impl DiskScratch {
    /// Makes a place in the folder for temporary files.
    pub fn new() -> Result<Self, StoreError> {
        let temporary = std::env::temp_dir();
        let failed = || StoreError::io("cannot make a file in", &temporary);
        let folder = tempfile::tempdir().map_err(failed())?;
        let file = tempfile::tempfile().map_err(failed())?;
        let views = Derived::new(&folder.path().join("views"))?;
        let remembered = RefCell::new(vec![(u64::MAX, Digest::default()); REMEMBERED]);
        let nodes = NodeFile { file, written: 0, tail: Vec::with_capacity(TAIL), remembered };
        Ok(Self {
            views,
            young: HashMap::new(),
            old: HashMap::new(),
            once: Vec::new(),
            once_count: 0,
            show_once: None,
            nodes,
            failed: None,
            _folder: folder,
        })
    }

    /// Has keys that are written once shown to somebody.
    pub(super) fn show_once(&mut self, show: impl FnMut(Vec<Pair>) + Send + Sync + 'static) {
        self.show_once = Some(Box::new(show));
    }

    /// No more comes: everything goes to the store, and nobody is shown anything any more.
    pub fn rest(&mut self) -> Result<(), StoreError> {
        self.age()?;
        self.age()?;
        self.show();
        self.show_once = None;
        Ok(())
    }

    /// Keys and values under a prefix, at most `limit`, from behind `after`; without those
    /// that are written once.
    pub fn scan(
        &mut self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Pair>, StoreError> {
        self.rest()?;
        self.views.each(prefix, after).take(limit).collect()
    }

    /// The store with all keys but those that are written once, after [`DiskScratch::rest`].
    pub(super) fn views(&self) -> &Derived {
        &self.views
    }

    /// All keys, after [`DiskScratch::rest`].
    pub(super) fn keys(&self) -> Result<u64, StoreError> {
        let views = &self.views;
        let kept = (0..=u8::MAX)
            .into_par_iter()
            .map(|kind| views.each(&[VIEW, kind], None).try_fold(0, |count, pair| pair.map(|_| count + 1)));
        Ok(self.once_count + kept.try_reduce(|| 0, |one, other| Ok(one + other))?)
    }

    /// The nodes from `first` on, at most `count`, one behind the other.
    pub(super) fn nodes(&self, first: u64, count: u64) -> Result<Vec<u8>, LedgerError> {
        self.nodes.range(first, count)
    }

    /// What is old goes to the store, what is young becomes old.
    fn age(&mut self) -> Result<(), StoreError> {
        let unchanged = |(key, _): &(Vec<u8>, _)| !self.young.contains_key(key);
        let mut old: Vec<_> = self.old.drain().filter(unchanged).collect();
        std::mem::swap(&mut self.young, &mut self.old);
        old.sort_unstable();
        self.views.write(old)
    }

    fn show(&mut self) {
        let once = std::mem::take(&mut self.once);
        if let Some(show) = self.show_once.as_mut().filter(|_| !once.is_empty()) {
            show(once);
        }
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
        self.remembered.borrow_mut()[place(number)] = (number, node);
    }

    fn remembered(&self, number: u64) -> Option<Digest> {
        let (found, node) = self.remembered.borrow()[place(number)];
        (found == number).then_some(node)
    }

    fn read(&self, number: u64) -> Result<Digest, LedgerError> {
        let missing = |_| LedgerError::Read(format!("node {number} is missing"));
        self.range(number, 1)?.try_into().map_err(missing)
    }

    fn range(&self, first: u64, count: u64) -> Result<Vec<u8>, LedgerError> {
        let end = (first + count).min(self.written + (self.tail.len() / LEN) as u64);
        let in_file = end.min(self.written).saturating_sub(first) as usize * LEN;
        let mut bytes = vec![0; in_file];
        let unread = |_| LedgerError::Read(format!("node {first} is missing"));
        self.file.read_exact_at(&mut bytes, first * LEN as u64).map_err(unread)?;
        let in_tail = |number: u64| number.saturating_sub(self.written) as usize * LEN;
        bytes.extend_from_slice(&self.tail[in_tail(first)..in_tail(end).max(in_tail(first))]);
        Ok(bytes)
    }
}

/// Where a node is remembered.
fn place(number: u64) -> usize {
    (number % REMEMBERED as u64) as usize
}

impl Views for DiskScratch {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        match self.young.get(key).or_else(|| self.old.get(key)) {
            Some(value) => Ok(value.clone()),
            None => self.views.get(key).map_err(|error| LedgerError::Read(error.to_string())),
        }
    }
}

impl ViewsMut for DiskScratch {
    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.young.insert(key, Some(value));
    }

    fn put_once(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.once_count += 1;
        if self.show_once.is_some() {
            self.once.push((key, value));
        }
    }

    fn remove(&mut self, key: Vec<u8>) {
        self.young.insert(key, None);
    }
}

impl Nodes for DiskScratch {
    fn node(&self, number: u64) -> Result<Digest, LedgerError> {
        if let Some(node) = self.nodes.remembered(number) {
            return Ok(node);
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
        self.show();
        if self.young.len() >= YOUNG {
            self.age().map_err(|error| LedgerError::Read(error.to_string()))?;
        }
        Ok(())
    }
}
