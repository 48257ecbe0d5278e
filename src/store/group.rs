//! What a caller hands to the writer, and what it gets back.

use super::content::StoredContent;
use super::journal::{Record, StoredEntry};
use crate::format::Millis;
use crate::format::evidence::object_digest;
use crate::format::leaf::Leaf;
use crate::ledger::checkpoint::Checkpoint;
use std::sync::Arc;

/// An entry to be appended; the writer sets its time.
pub struct NewEntry {
    /// The leaf, but for its time and the digests of its objects.
    pub leaf: Leaf,
    /// The evidence objects.
    pub objects: Vec<Vec<u8>>,
}

/// What was decided, seeing the log as it stands at this very place.
pub struct Decision<T> {
    /// Entries to append, in order. None: nothing changes, and the caller learns the rest.
    pub entries: Vec<NewEntry>,
    /// Sealed content to store with them.
    pub contents: Vec<(Vec<u8>, StoredContent)>,
    /// What the caller gets back once all of it is durable.
    pub value: T,
}

/// A decision that is durable.
#[derive(Debug)]
pub struct Committed<T> {
    /// The decision's value.
    pub value: T,
    /// Index of its first entry.
    pub first: u64,
    /// Number of its entries.
    pub count: u64,
    /// A checkpoint in which they stand.
    pub checkpoint: Arc<Checkpoint>,
}

impl<T> Decision<T> {
    /// Nothing to append.
    pub fn nothing(value: T) -> Self {
        Self { entries: Vec::new(), contents: Vec::new(), value }
    }

    /// The decision as records, with the entries' time.
    pub(super) fn into_records(self, now: Millis) -> (Vec<Record>, T) {
        let contents = self.contents.into_iter().map(|(key, content)| Record::Content(key, content));
        let entries = self.entries.into_iter().map(|NewEntry { mut leaf, objects }| {
            leaf.at = now;
            leaf.objects = objects.iter().map(|object| object_digest(object)).collect();
            Record::Entry(StoredEntry { leaf: leaf.encode(), objects })
        });
        (contents.chain(entries).collect(), self.value)
    }
}
