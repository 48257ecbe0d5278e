//! What was committed last, as it went to the journal: most of it is asked for again within
//! the same exchange, for an acknowledgement or the first delivery.
//!
//! Only a cache: what it lacks is read from the journal, and nothing enters it before it is
//! durable and indexed.

use super::content::StoredContent;
use super::journal::Record;
use crate::ledger::entry::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{PoisonError, RwLock};

/// Entries kept.
const ENTRIES: usize = 2048;
/// Contents kept.
const CONTENTS: usize = 256;
/// Full runs of nodes kept; all are dropped when there are so many.
const RUNS: usize = 1024;
/// A larger content is not kept, bytes.
const CONTENT: usize = 16 << 10;

/// The newest entries and contents.
#[derive(Default)]
pub(super) struct Recent {
    kept: RwLock<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Without gaps, oldest first.
    entries: VecDeque<Entry>,
    contents: VecDeque<(Vec<u8>, StoredContent)>,
    /// Runs of nodes that are full, and so never change.
    runs: HashMap<u64, sled::IVec>,
}

impl Recent {
    /// Takes over the entries of a group that is durable and indexed.
    pub fn keep_entries(&self, entries: Vec<Entry>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.entries.extend(entries);
        let surplus = kept.entries.len().saturating_sub(ENTRIES);
        kept.entries.drain(..surplus);
    }

    /// Takes over the contents of a group that is durable and indexed, and forgets those whose
    /// wrap it replaces.
    pub fn keep_contents(&self, records: impl Iterator<Item = Record>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        for record in records {
            match record {
                Record::Content(key, content) if is_small(&content) => {
                    kept.contents.push_back((key, content))
                }
                Record::Wrap(key, _) => kept.contents.retain(|(name, _)| *name != key),
                Record::Content(..) | Record::Entry(_) | Record::Retired(..) => {}
            }
        }
        let surplus = kept.contents.len().saturating_sub(CONTENTS);
        kept.contents.drain(..surplus);
    }

    /// The entry at `index`, if it is among the newest.
    pub fn entry(&self, index: u64) -> Option<Entry> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let first = kept.entries.front()?.index;
        kept.entries.get(usize::try_from(index.checked_sub(first)?).ok()?).cloned()
    }

    /// The newest content under a key, if it is among the newest.
    pub fn content(&self, key: &[u8]) -> Option<StoredContent> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.contents.iter().rev().find(|(name, _)| name == key).map(|(_, content)| content.clone())
    }

    /// A full run of nodes, if it was asked for lately.
    pub fn run(&self, number: u64) -> Option<sled::IVec> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).runs.get(&number).cloned()
    }

    /// Keeps a run of nodes, which must be full.
    pub fn keep_run(&self, number: u64, run: sled::IVec) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.runs.len() >= RUNS {
            kept.runs.clear();
        }
        kept.runs.insert(number, run);
    }
}

fn is_small(content: &StoredContent) -> bool {
    content.objects.iter().map(|object| object.inline.len()).sum::<usize>() <= CONTENT
}
