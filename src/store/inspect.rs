//! Looking at a data directory without opening it: for auditors, and for copies.

use super::index::{CONTENT, Index, NODES, Pair, RETIRED, WRAP};
use super::journal::{Group, GroupEnd, Location, Next, Record, Scan};
use super::scratch::DiskScratch;
use super::{StoreError, checkpoint_file, recovery};
use crate::crypto::hash::Digest;
use crate::format::leaf::Leaf;
use crate::ledger::LedgerError;
use crate::ledger::records::VIEW;
use crate::ledger::tree::{first_node, leaf_of_node};
use crate::ledger::verify::{self, Batch, Raw, Sound};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Entries that are read at once, ...
const BATCH: usize = 2048;
/// ... and once they have so many bytes, no further group is.
const BYTES: usize = 32 << 20;
/// Keys that are compared at once.
const PAGE: usize = 1000;

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
    // A store that can't be read is told of when the journal was found sound.
    let copy = match look.until {
        None => guarded(|| StoreCopy::take(data)),
        Some(_) => Ok(None),
    };
    let mut reader = JournalReader {
        scan: Scan::begin(&data.join("journal")).map_err(|error| named(0, error))?,
        copy: copy.as_ref().ok().and_then(Option::as_ref),
        until: look.until,
        size: 0,
        root: None,
        contents: Contents::default(),
        next: (1, 32),
        differs: None,
        fault: None,
        end: None,
    };
    let mut sound = verify::verify(&mut || reader.batch(), DiskScratch::new()?, look.facts, progress)?;
    let JournalReader { contents, next, differs, end, .. } = reader;
    let signed = match note.filter(|_| look.until.is_none()) {
        Some(note) => Some(sound.signed(&note)?.size),
        None => None,
    };
    if let Some(differs) = differs {
        return Err(differs);
    }
    let copy = copy?;
    if let Some(copy) = &copy {
        guarded(|| copy.compare(&mut sound, next, &contents))?;
    }
    let torn_tail = matches!(end, Some(Next::InvalidTail));
    let store_compared = copy.is_some();
    Ok(Inspection { store_compared, torn_tail, ..Inspection::of(sound, Source::DataDirectory, signed)? })
}

/// sled may panic on damage.
fn guarded<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(StoreError::Index("sled could not read its files".into())))
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
        let mut views = 0;
        pages(|after| sound.scratch.scan(&[VIEW], after, PAGE), |page| views += page.len() as u64)?;
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

/// Sealed contents, wraps and ends of buckets that the journal holds, as the store says where
/// they lie.
#[derive(Default)]
struct Contents {
    /// Those that lie where the store says.
    found: u64,
    /// Those for which the store names another place: a later one, if all is well.
    elsewhere: HashSet<Vec<u8>>,
}

/// Gives the entries of a journal batch by batch, and compares the leaves of the store with
/// them on the way.
struct JournalReader<'a> {
    scan: Scan,
    copy: Option<&'a StoreCopy>,
    until: Option<Until>,
    size: u64,
    /// What the last group says that the root is.
    root: Option<Digest>,
    contents: Contents,
    /// Where the next group would begin.
    next: (u64, u64),
    /// Where the store first differs. The ledger's own faults come first.
    differs: Option<StoreError>,
    /// What is wrong behind the entries that were given.
    fault: Option<StoreError>,
    end: Option<Next>,
}

impl JournalReader<'_> {
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
                    self.compare_leaf(&entry.leaf, location);
                    self.size += 1;
                    batch.entries.push(Raw { leaf: entry.leaf, objects: entry.objects });
                }
                Record::Entry(_) => self.end = Some(Next::End),
                Record::Content(key, _) => self.compare_place(CONTENT, &key, location),
                Record::Wrap(key, _) => self.compare_place(WRAP, &key, location),
                Record::Retired(key, _) => self.compare_place(RETIRED, &key, location),
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

    fn compare_place(&mut self, kind: u8, key: &[u8], location: Location) {
        let Some(copy) = self.copy else { return };
        let found = guarded(|| copy.index.place(kind, key));
        let key = [&[kind], key].concat();
        match found {
            Ok(found) if found == Some(location) => {
                self.contents.elsewhere.remove(&key);
                self.contents.found += 1;
            }
            Ok(_) => drop(self.contents.elsewhere.insert(key)),
            Err(error) => drop(self.differs.get_or_insert(error)),
        }
    }

    fn compare_leaf(&mut self, leaf: &[u8], location: Location) {
        let Some(copy) = self.copy.filter(|_| self.differs.is_none()) else { return };
        let index = self.size;
        match guarded(|| copy.index.leaf(index)) {
            Ok(Some(found)) if found.leaf == leaf && found.location == location => {}
            Ok(_) => {
                let why = "the store's leaf is not the journal's".into();
                self.differs = Some(LedgerError::Entry { index, why }.into());
            }
            Err(error) => self.differs = Some(error),
        }
    }
}

/// A private copy of a store in which no gateway works.
struct StoreCopy {
    index: Index,
    head: super::index::Head,
    _folder: tempfile::TempDir,
}

impl StoreCopy {
    fn take(data: &Path) -> Result<Option<Self>, StoreError> {
        let store = data.join("store");
        // The lock is looked at, not taken: an auditor changes nothing.
        let idle = std::fs::File::open(data.join("lock")).is_ok_and(|file| file.try_lock_shared().is_ok());
        if !idle || !store.exists() {
            return Ok(None);
        }
        let temporary = std::env::temp_dir();
        let folder = tempfile::tempdir().map_err(StoreError::io("cannot make a folder in", &temporary))?;
        let place = folder.path().join("store");
        copy_folder(&store, &place)?;
        let index = Index::open(&place)?;
        let mut head = match index.head()? {
            Some(head) => head,
            None => recovery::empty_head()?,
        };
        // A process that died leaves a store that is a little behind: the next start catches
        // it up, and so does this.
        let journal: PathBuf = data.join("journal");
        if super::journal::reaches(&journal, (head.segment, head.offset)) {
            let mut rest = Scan::from(&journal, (head.segment, head.offset), head.group.saturating_add(1))?;
            recovery::apply_rest(&index, &mut head, &mut rest).map_err(|error| match error {
                // The journal is judged by itself: what does not fit here is the store.
                StoreError::Ledger(why) => StoreError::Index(format!("it cannot be caught up: {why}")),
                other => other,
            })?;
        }
        Ok(Some(Self { index, head, _folder: folder }))
    }

    /// Compares it with what the entries amount to, key by key.
    fn compare(
        &self,
        sound: &mut Sound<DiskScratch>,
        next: (u64, u64),
        contents: &Contents,
    ) -> Result<(), StoreError> {
        let (size, held) = (sound.size, self.head.end.size);
        let wrong = |index: u64, why: String| Err(StoreError::from(LedgerError::Entry { index, why }));
        if held != size {
            return wrong(held.min(size), format!("the store holds {held} entries, the journal {size}"));
        }
        if (self.head.segment, self.head.offset) != next {
            return wrong(held, "the store is at another place of the journal".into());
        }
        if self.head.end != (GroupEnd { size, root: sound.root.to_vec(), at: sound.at }) {
            return wrong(held, "the store's head is not what the entries amount to".into());
        }
        for run in 0..first_node(size).div_ceil(NODES) {
            let (found, derived) = (self.index.run(run)?, sound.scratch.nodes(run * NODES, NODES)?);
            if *found != *derived {
                let place = found.iter().zip(&derived).take_while(|(a, b)| a == b).count();
                let number = run * NODES + (place / crate::crypto::LEN) as u64;
                let why = format!("the store's node {number} is not what the entries amount to");
                return wrong(leaf_of_node(number), why);
            }
        }
        if let Some(key) = contents.elsewhere.iter().next() {
            return wrong(size, format!("the store does not find the content {}", hex::encode(key)));
        }
        let (mut contents_held, mut views, mut keys) = (0, 0, 0);
        pages(
            |after| self.index.scan(&[], after, false, PAGE),
            |page| {
                let of =
                    |prefix: u8| page.iter().filter(|(key, _)| key.first() == Some(&prefix)).count() as u64;
                let places = of(CONTENT) + of(WRAP) + of(RETIRED);
                (contents_held, views) = (contents_held + places, views + of(VIEW));
                keys += page.len() as u64;
            },
        )?;
        if contents_held != contents.found {
            let found = contents.found;
            let why = format!("the store finds {contents_held} contents, the journal has {found}");
            return wrong(size, why);
        }
        // A leaf for each entry, the runs of nodes, and the head once there is a group.
        let follow = size + first_node(size).div_ceil(NODES) + u64::from(self.head.group > 0);
        if keys - contents_held - views != follow {
            return wrong(size, "the store holds keys that follow from no entry".into());
        }
        let mut after: Option<Vec<u8>> = None;
        loop {
            let found = self.index.scan(&[VIEW], after.as_deref(), false, PAGE)?;
            let derived = sound.scratch.scan(&[VIEW], after.as_deref(), PAGE)?;
            if found != derived {
                let differs = found.iter().zip(&derived).position(|(a, b)| a != b);
                let place = differs.unwrap_or(found.len().min(derived.len()));
                let key = derived.get(place).or(found.get(place)).map(|(key, _)| hex::encode(key));
                let key = key.unwrap_or_default();
                return wrong(size, format!("the store's view {key} is not what the entries amount to"));
            }
            match derived.into_iter().next_back() {
                Some((last, _)) => after = Some(last),
                None => return Ok(()),
            }
        }
    }
}

/// Shows every page of a scan.
fn pages(
    mut scan: impl FnMut(Option<&[u8]>) -> Result<Vec<Pair>, StoreError>,
    mut show: impl FnMut(&[Pair]),
) -> Result<(), StoreError> {
    let mut after = None::<Vec<u8>>;
    loop {
        let page = scan(after.as_deref())?;
        show(&page);
        match page.into_iter().next_back() {
            Some((last, _)) => after = Some(last),
            None => return Ok(()),
        }
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), StoreError> {
    super::files::private_folder(to)?;
    for entry in std::fs::read_dir(from).map_err(StoreError::io("cannot read", from))?.flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type().map_err(StoreError::io("cannot read", &path))? {
            kind if kind.is_dir() => copy_folder(&path, &target)?,
            kind if kind.is_file() => {
                std::fs::copy(&path, &target).map_err(StoreError::io("cannot copy", &path))?;
            }
            // A link leads anywhere, a device need not end.
            _ => return Err(StoreError::Index(format!("{} is no file", path.display()))),
        }
    }
    Ok(())
}
