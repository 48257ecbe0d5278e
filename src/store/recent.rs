//! What was committed last, as it went to the journal: most of it is asked for again within
//! the same exchange, for an acknowledgement or the first delivery.
//!
//! Only a cache: what it lacks is read from the journal, and nothing enters it before it is
//! durable and indexed.

use super::content::StoredContent;
use super::journal::Record;
use crate::ledger::entry::Entry;
use std::collections::VecDeque;
use std::sync::{PoisonError, RwLock};

/// Entries kept.
const ENTRIES: usize = 2048;
/// Contents kept.
const CONTENTS: usize = 256;
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
}

impl Recent {
    /// Takes over a group that is durable and indexed.
    pub fn keep(&self, entries: Vec<Entry>, records: impl Iterator<Item = Record>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.entries.extend(entries);
        let surplus = kept.entries.len().saturating_sub(ENTRIES);
        kept.entries.drain(..surplus);
        for record in records {
            if let Record::Content(key, content) = record
                && content.objects.iter().map(|object| object.inline.len()).sum::<usize>() <= CONTENT
            {
                kept.contents.push_back((key, content));
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
}
