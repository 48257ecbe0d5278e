//! Opening a data directory: what may be trusted, what is caught up, what is rebuilt.
//!
//! After a clean stop, or the mere death of the process within one boot of the machine,
//! the index is trusted and caught up from the journal. After anything else, or if it is
//! damaged, it is set aside and rebuilt from the journal. In both cases the log must reach
//! the newest signed checkpoint with the same root, or nothing is appended.

use super::building::Building;
use super::checkpoint_file::{self, CheckpointFile};
use super::index::{Head, Index};
use super::journal::{Group, Journal, Next, Record, Scan};
use super::key_files::KeyFiles;
use super::lock::Lock;
use super::recent::Recent;
use super::writer::Writer;
use super::{Snapshot, Store, StoreError, epochs::Epochs, files, objects::Objects};
use crate::crypto::hash::Digest;
use crate::format::Millis;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::entry::Entry;
use crate::ledger::tree;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// While catching up takes long, this often it is said how far it is.
const REPORT: Duration = Duration::from_secs(2);
/// While catching up, so many keys go to sled at once.
const BATCH: usize = 8192;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> Millis;
}

/// Signs tree heads of this log.
pub trait CheckpointSigner: Send + Sync {
    /// Signs a tree head.
    fn sign(&self, size: u64, root: Digest) -> Result<Checkpoint, StoreError>;
}

/// Is shown every entry after it is durable, from the writer's thread: must be quick.
pub type Observer = Box<dyn Fn(&[Entry]) + Send>;

/// How to open a data directory.
pub struct Options {
    /// The data directory.
    pub data: PathBuf,
    /// Its private files.
    pub keys: KeyFiles,
    /// Names this boot of the machine; see [`boot_id`].
    pub boot_id: String,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Signs tree heads.
    pub signer: Arc<dyn CheckpointSigner>,
    /// Is shown every entry.
    pub observer: Observer,
}

/// An open data directory.
pub struct Opened {
    /// The store.
    pub store: Store,
    /// Large sealed objects.
    pub objects: Objects,
    /// Epoch keys.
    pub epochs: Epochs,
    /// How the index was brought up.
    pub recovery: Recovery,
}

/// How the index was brought up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Why the index was rebuilt, if it was.
    pub rebuilt: Option<&'static str>,
    /// Groups that were applied from the journal.
    pub groups: u64,
    /// Bytes of a torn tail that were cut off.
    pub cut: bool,
}

/// Names this boot of the machine: within one, what a dead process wrote is still there.
pub fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .map(|id| id.trim().to_owned())
        .unwrap_or_default()
}

/// Whether the index on disk may be trusted.
#[derive(Clone)]
pub struct Marker {
    path: PathBuf,
    boot_id: String,
}

impl Marker {
    fn may_trust(&self) -> bool {
        let found = std::fs::read_to_string(&self.path).unwrap_or_default();
        found == "clean\n" || (!self.boot_id.is_empty() && found == format!("open {}\n", self.boot_id))
    }

    fn write_open(&self) -> Result<(), StoreError> {
        self.write(&format!("open {}\n", self.boot_id))
    }

    pub(super) fn write_untrusted(&self) -> Result<(), StoreError> {
        self.write("failed\n")
    }

    pub(super) fn write_clean(&self) -> Result<(), StoreError> {
        self.write("clean\n")
    }

    fn write(&self, text: &str) -> Result<(), StoreError> {
        let new = self.path.with_extension("new");
        if new.exists() {
            std::fs::remove_file(&new).map_err(StoreError::io("cannot remove", &new))?;
        }
        files::write_new(&new, text.as_bytes())?;
        std::fs::rename(&new, &self.path).map_err(StoreError::io("cannot name", &self.path))?;
        files::sync_folder(files::folder_of(&self.path))
    }
}

/// What the next start will do about the index, from its marker; none: it trusts it.
pub fn recovery_ahead(data: &Path) -> Option<&'static str> {
    let marker = Marker { path: data.join("store.state"), boot_id: boot_id() };
    match std::fs::read_to_string(&marker.path) {
        Ok(found) if found == "clean\n" => None,
        _ if marker.may_trust() => Some("the gateway died: the next start catches up"),
        _ => Some("the store was not closed: the next start rebuilds the index"),
    }
}

impl Options {
    /// Opens the data directory, making it if it is new.
    pub fn open(self) -> Result<Opened, StoreError> {
        files::private_folder(&self.data)?;
        let lock = Lock::take(&self.data)?;
        let (journal, store) = (self.data.join("journal"), self.data.join("store"));
        let checkpoint_path = self.data.join("checkpoint");
        let marker = Marker { path: self.data.join("store.state"), boot_id: self.boot_id.clone() };
        let signed = match checkpoint_file::newest(&checkpoint_path)? {
            Some(note) => Some(Checkpoint::danger_unverified(&note)?),
            None => None,
        };
        let found = match journal.join("0000000000000001.journal").exists() {
            true => bring_up(&journal, &store, &marker, signed.as_ref())?,
            false => Found::new(&journal, &store, signed.as_ref())?,
        };
        marker.write_open()?;
        let Found { index, journal: writer_journal, head, recovery } = found;
        let root = head
            .end
            .root
            .as_slice()
            .try_into()
            .map_err(|_| StoreError::Damaged("the root of a group".into()))?;
        let first = self.signer.sign(head.end.size, root)?;
        let recent = Arc::new(Recent::default());
        let snapshot = Snapshot { index: index.clone(), journal, recent: recent.clone() };
        let writer = Writer {
            journal: writer_journal,
            index,
            size: head.end.size,
            at: head.end.at,
            clock: self.clock,
            signer: self.signer,
            observer: self.observer,
            first,
            recent,
        };
        let checkpoint_file = CheckpointFile::open(&checkpoint_path)?;
        let store = Store::start(writer, checkpoint_file, snapshot, store, marker, lock)?;
        let objects = Objects::open(&self.data)?;
        let epochs = Epochs::open(self.keys, store.snapshot().index.closed.clone())?;
        super::erasing::finish(store.snapshot(), &epochs, &objects)?;
        Ok(Opened { store, objects, epochs, recovery })
    }
}

struct Found {
    index: Index,
    journal: Journal,
    head: Head,
    recovery: Recovery,
}

impl Found {
    fn new(journal: &Path, store: &Path, signed: Option<&Checkpoint>) -> Result<Self, StoreError> {
        if let Some(signed) = signed.filter(|signed| signed.size > 0) {
            return Err(StoreError::Behind { found: 0, signed: signed.size });
        }
        if store.exists() {
            set_aside(store)?;
        }
        let journal = Journal::create(journal)?;
        Ok(Self {
            index: Index::open(store)?,
            journal,
            head: empty_head()?,
            recovery: Recovery { rebuilt: None, groups: 0, cut: false },
        })
    }
}

impl Head {
    /// Where the index stands when this group is applied.
    pub(super) fn after(group: &Group) -> Self {
        let (segment, offset) = group.next;
        Self { group: group.number, segment, offset, end: group.end.clone() }
    }
}

pub(super) fn empty_head() -> Result<Head, StoreError> {
    let root = tree::root(0, &Vec::<Digest>::new())?.to_vec();
    let mut head = Head { segment: 1, offset: 32, ..Head::default() };
    head.end.root = root;
    Ok(head)
}

fn bring_up(
    journal: &Path,
    store: &Path,
    marker: &Marker,
    signed: Option<&Checkpoint>,
) -> Result<Found, StoreError> {
    let mut why = match marker.may_trust() {
        true if store.exists() => None,
        true => Some("it was not there"),
        false => Some("the machine stopped without closing it"),
    };
    if why.is_none() {
        match trusted(journal, store, signed) {
            Ok(found) => return Ok(found),
            // Damage of the journal can't be mended by rebuilding from it.
            Err(error @ (StoreError::Damaged(_) | StoreError::Behind { .. } | StoreError::Io { .. })) => {
                return Err(error);
            }
            Err(error) => {
                tracing::warn!(%error, "the index is damaged and is rebuilt from the journal");
                why = Some("it was damaged");
            }
        }
    }
    if store.exists() {
        set_aside(store)?;
    }
    let index = Index::open(store)?;
    let mut found = catch_up(journal, index, empty_head()?, signed)?;
    found.recovery.rebuilt = why;
    Ok(found)
}

fn trusted(journal: &Path, store: &Path, signed: Option<&Checkpoint>) -> Result<Found, StoreError> {
    let index = Index::open(store)?;
    let head = match index.head()? {
        Some(head) => head,
        None => empty_head()?,
    };
    // A journal that ends before the index does was put there by somebody: it alone counts.
    if !super::journal::reaches(journal, (head.segment, head.offset)) {
        return Err(StoreError::Index("it is ahead of the journal".into()));
    }
    let root = tree::root(head.end.size, &index)?;
    if root.as_slice() != head.end.root {
        return Err(StoreError::Index("nodes and head disagree".into()));
    }
    catch_up(journal, index, head, signed)
}

fn catch_up(
    journal: &Path,
    index: Index,
    mut head: Head,
    signed: Option<&Checkpoint>,
) -> Result<Found, StoreError> {
    let mut scan = Scan::from(journal, (head.segment, head.offset), head.group + 1)?;
    let recovery = apply_rest(&index, &mut head, &mut scan)?;
    check_reaches(&index, &head, signed)?;
    let writer = Journal::resume(journal, scan.position(), scan.number())?;
    Ok(Found { index, journal: writer, head, recovery })
}

/// Applies every group behind `head`, by the same code that the writer uses.
pub(super) fn apply_rest(index: &Index, head: &mut Head, scan: &mut Scan) -> Result<Recovery, StoreError> {
    let mut recovery = Recovery { rebuilt: None, groups: 0, cut: false };
    let mut reported = Instant::now();
    loop {
        match scan.next_group()? {
            Next::Group(group) => {
                let mut building = Building::on(index.clone(), head.end.size, head.end.at);
                let records: Vec<Record> = group.records.iter().map(|(record, _)| record.clone()).collect();
                building.add(records)?;
                if building.end()? != group.end {
                    return Err(StoreError::Index(format!(
                        "group {} does not lead to its root",
                        group.number
                    )));
                }
                index.apply(building.changes(&group)?)?;
                if index.waiting() >= BATCH {
                    index.write_out()?;
                }
                *head = Head::after(&group);
                recovery.groups += 1;
                if reported.elapsed() >= REPORT {
                    tracing::info!(entries = head.end.size, "bringing the index up from the journal");
                    reported = Instant::now();
                }
            }
            Next::End => break,
            Next::InvalidTail => {
                recovery.cut = true;
                break;
            }
            Next::Damage(place) => return Err(StoreError::Damaged(place)),
        }
    }
    index.write_out()?;
    Ok(recovery)
}

/// Refuses to fork: the log must reach what was signed, with the same root.
fn check_reaches(index: &Index, head: &Head, signed: Option<&Checkpoint>) -> Result<(), StoreError> {
    let Some(signed) = signed else { return Ok(()) };
    if head.end.size < signed.size {
        return Err(StoreError::Behind { found: head.end.size, signed: signed.size });
    }
    match tree::root(signed.size, index)? == signed.root {
        true => Ok(()),
        false => {
            Err(StoreError::Damaged("the journal leads to another root than the signed checkpoint".into()))
        }
    }
}

/// Moves a store away that can't be trusted; kept for whoever wants to look at it.
fn set_aside(store: &Path) -> Result<(), StoreError> {
    for number in 1.. {
        let aside = store.with_file_name(format!("store.aside-{number}"));
        if !aside.exists() {
            std::fs::rename(store, &aside).map_err(StoreError::io("cannot set aside", store))?;
            break;
        }
    }
    files::sync_folder(files::folder_of(store))
}
