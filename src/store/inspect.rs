//! Looking at a data directory without opening it: for auditors, and for copies.

use super::copy::{Told, guarded, watch};
use super::index::{CONTENT, RETIRED, WRAP};
use super::journal::{Group, Next, Record, Scan};
use super::scratch::DiskScratch;
use super::{StoreError, checkpoint_file};
use crate::crypto::hash::Digest;
use crate::format::leaf::Leaf;
use crate::ledger::LedgerError;
use crate::ledger::verify::{self, Batch, Raw, Sound};
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};

/// Entries that are read at once, ...
const BATCH: usize = 512;
/// ... and once they have so many bytes, no further group is.
const BYTES: usize = 32 << 20;
/// So many batches may wait for being held against the store.
const WAITING: usize = 256;

/// What verification of a data directory found.
pub struct Inspection {
    /// The ledger, re-derived.
    pub sound: Sound<DiskScratch>,
    /// What was looked at.
    pub source: Source,
    /// Keys in its views.
    pub views: u64,
    /// Whether the store was compared too; it is not while a gateway works in it.
    pub store_compared: bool,
    /// Entries that the newest kept checkpoint signs.
    pub signed: Option<u64>,
    /// Whether the journal ends in a torn tail, which the next start will cut off.
    pub torn_tail: bool,
}

/// Where a ledger was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A gateway's data directory, or a copy.
    DataDirectory,
    /// An export.
    Export,
    /// A back-up.
    Backup,
}

/// How to look at it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Look {
    /// Gather what a comparison with another ledger needs; takes memory for every entry.
    pub facts: bool,
    /// Look at so many entries only, and not at the store.
    pub until: Option<Until>,
}

/// Where to stop.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// Before the entry with this index.
    Index(u64),
    /// Before the first entry that is later than this time, milliseconds.
    Time(u64),
}

/// Verifies the ledger in a data directory from the journal's raw entries, and where no
/// gateway works in it, a private copy of its store against that. `progress` is told the
/// number of entries now and then.
pub fn verify(
    data: &Path,
    look: Look,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Inspection, StoreError> {
    let note = checkpoint_file::newest(&data.join("checkpoint"))?;
    std::thread::scope(|scope| {
        let (tell, told) = sync_channel(WAITING);
        // A store that can't be read is told of when the journal was found sound.
        let watch = look.until.is_none().then(|| scope.spawn(move || watch(data, &told)));
        let tell = watch.is_some().then_some(tell);
        let mut scratch = DiskScratch::new()?;
        if let Some(tell) = tell.clone() {
            // Who does not listen any more says why when asked at the end.
            scratch.show_once(move |pairs| drop(tell.send(vec![Told::Once(pairs)])));
        }
        let mut reader = JournalReader {
            scan: Scan::begin(&data.join("journal")).map_err(|error| named(0, error))?,
            tell,
            told: Vec::new(),
            until: look.until,
            size: 0,
            root: None,
            next: (1, 32),
            fault: None,
            end: None,
        };
        let mut sound = verify::verify(&mut || reader.batch(), scratch, look.facts, progress)?;
        let JournalReader { next, end, tell, .. } = reader;
        drop(tell);
        sound.scratch.rest()?;
        let signed = match note.filter(|_| look.until.is_none()) {
            Some(note) => Some(sound.signed(&note)?.size),
            None => None,
        };
        let gone = |_| StoreError::Index("sled could not read its files".into());
        let watched = watch.map_or(Ok(None), |watch| watch.join().map_err(gone)?)?;
        let compared = watched.map(|watched| guarded(|| watched.compare(&sound, next))).transpose()?;
        let views = compared.map_or_else(|| sound.scratch.keys(), Ok)?;
        Ok(Inspection {
            sound,
            source: Source::DataDirectory,
            views,
            store_compared: compared.is_some(),
            signed,
            torn_tail: matches!(end, Some(Next::InvalidTail)),
        })
    })
}

/// Damage of the journal, with the entry that would come next.
fn named(index: u64, error: StoreError) -> StoreError {
    match error {
        StoreError::Damaged(place) => {
            LedgerError::Entry { index, why: format!("the journal is damaged: {place}") }.into()
        }
        error => error,
    }
}

impl Inspection {
    /// Of a ledger without a store to compare.
    pub fn of(
        mut sound: Sound<DiskScratch>,
        source: Source,
        signed: Option<u64>,
    ) -> Result<Self, StoreError> {
        sound.scratch.rest()?;
        let views = sound.scratch.keys()?;
        Ok(Self { sound, source, views, store_compared: false, signed, torn_tail: false })
    }
}

impl Until {
    /// Whether the entry at `index` with this leaf still counts.
    pub fn takes(self, index: u64, leaf: &[u8]) -> bool {
        match self {
            Self::Index(end) => index < end,
            // What is no leaf is left for the verification to find.
            Self::Time(time) => Leaf::decode(leaf).map_or(true, |leaf| leaf.at <= time),
        }
    }
}

/// Gives the entries of a journal batch by batch, and tells on the way what stands where.
struct JournalReader {
    scan: Scan,
    tell: Option<SyncSender<Vec<Told>>>,
    told: Vec<Told>,
    until: Option<Until>,
    size: u64,
    /// What the last group says that the root is.
    root: Option<Digest>,
    /// Where the next group would begin.
    next: (u64, u64),
    /// What is wrong behind the entries that were given.
    fault: Option<StoreError>,
    end: Option<Next>,
}

impl JournalReader {
    /// The next entries. Those before a group that is wrong come first, so that an earlier
    /// fault in them is the one that is named.
    fn batch(&mut self) -> Result<Option<Batch>, StoreError> {
        let mut batch = Batch::default();
        let mut bytes = 0;
        while self.end.is_none() && self.fault.is_none() && batch.entries.len() < BATCH && bytes < BYTES {
            let before = batch.entries.len();
            match self.scan.next_group() {
                Ok(Next::Group(group)) => self.fault = self.group(*group, &mut batch).err(),
                Ok(Next::Damage(place)) => {
                    self.fault = Some(named(self.size, StoreError::Damaged(place)));
                }
                Ok(end) => self.end = Some(end),
                Err(error) => self.fault = Some(named(self.size, error)),
            }
            let length = |raw: &Raw| raw.leaf.len() + raw.objects.iter().map(Vec::len).sum::<usize>();
            bytes += batch.entries[before..].iter().map(length).sum::<usize>();
        }
        if let Some(tell) = &self.tell {
            // Who does not listen any more says why when asked at the end.
            drop(tell.send(std::mem::take(&mut self.told)));
        }
        match self.fault.take_if(|_| batch.entries.is_empty()) {
            Some(fault) => Err(fault),
            None => Ok((!batch.entries.is_empty()).then_some(batch)),
        }
    }

    fn group(&mut self, group: Group, batch: &mut Batch) -> Result<(), StoreError> {
        let (first, number) = (self.size, group.number);
        let count = group.records.iter().filter(|(record, _)| matches!(record, Record::Entry(_))).count();
        let wrong =
            |why| Err(LedgerError::Entry { index: first, why: format!("group {number} {why}") }.into());
        let Ok(root) = Digest::try_from(group.end.root.as_slice()) else {
            return wrong("names no root");
        };
        if group.end.size != first + count as u64 {
            return wrong("ends at another entry");
        }
        if count == 0 && self.root.is_some_and(|before| before != root) {
            return wrong("changes the root without an entry");
        }
        for (record, location) in group.records {
            match record {
                Record::Entry(entry) if self.end.is_none() && self.wants(&entry.leaf) => {
                    self.tell(|| Told::Leaf(entry.leaf.clone(), location));
                    self.size += 1;
                    batch.entries.push(Raw { leaf: entry.leaf, objects: entry.objects });
                }
                Record::Entry(_) => self.end = Some(Next::End),
                Record::Content(key, _) => self.tell(|| Told::Place(CONTENT, key, location)),
                Record::Wrap(key, _) => self.tell(|| Told::Place(WRAP, key, location)),
                Record::Retired(key, _) => self.tell(|| Told::Place(RETIRED, key, location)),
            }
        }
        if count > 0 && self.end.is_none() {
            batch.roots.push((group.end.size, root));
        }
        self.root = Some(root);
        self.next = group.next;
        Ok(())
    }

    fn wants(&self, leaf: &[u8]) -> bool {
        self.until.is_none_or(|until| until.takes(self.size, leaf))
    }

    fn tell(&mut self, told: impl FnOnce() -> Told) {
        if self.tell.is_some() {
            self.told.push(told());
        }
    }
}
