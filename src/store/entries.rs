//! The entries of a data directory, one after the other, without opening it.

use super::journal::{Next, Record, Scan};
use super::{StoreError, checkpoint_file};
use crate::ledger::LedgerError;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::entry::Entry;
use std::collections::VecDeque;
use std::path::Path;

/// Reads the journal group by group; no more than a group is in memory. A torn tail, of which
/// nobody was told, is not read; where it begins before what the kept checkpoint counts, that
/// is an error. Objects are compared with the leaf's digests; nothing else is verified.
pub struct Entries {
    scan: Scan,
    signed: u64,
    group: VecDeque<Entry>,
    next: u64,
    ended: bool,
}

impl Entries {
    /// The entries of a data directory or a copy of one, from the first.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        // Looked at before the journal: a gateway that works there only adds to both.
        let signed = match checkpoint_file::newest(&data.join("checkpoint"))? {
            Some(note) => Checkpoint::danger_unverified(&note)?.size,
            None => 0,
        };
        let scan = Scan::begin(&data.join("journal"))?;
        Ok(Self { scan, signed, group: VecDeque::new(), next: 0, ended: false })
    }

    fn read_group(&mut self) -> Result<(), StoreError> {
        match self.scan.next_group()? {
            Next::Group(group) => {
                for (record, _) in group.records {
                    if let Record::Entry(stored) = record {
                        self.group.push_back(Entry::open(self.next, stored.leaf, stored.objects)?);
                        self.next += 1;
                    }
                }
                match group.end.size == self.next {
                    true => Ok(()),
                    false => {
                        let why = format!("group {} counts {} entries", group.number, group.end.size);
                        Err(LedgerError::Entry { index: self.next, why }.into())
                    }
                }
            }
            Next::End | Next::InvalidTail if self.next < self.signed => {
                Err(LedgerError::Checkpoint("signs more entries than there are").into())
            }
            Next::End | Next::InvalidTail => {
                self.ended = true;
                Ok(())
            }
            Next::Damage(place) => Err(StoreError::Damaged(place)),
        }
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.group.is_empty() && !self.ended {
            if let Err(error) = self.read_group() {
                // What lies behind damage has no index that could be believed.
                self.ended = true;
                self.group.clear();
                return Some(Err(error));
            }
        }
        self.group.pop_front().map(Ok)
    }
}
