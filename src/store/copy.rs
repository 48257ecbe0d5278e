//! A private copy of a store, held against what its journal amounts to.
//!
//! Most of that is done while the journal is being verified, by a thread of its own
//! ([`watch`]) that is told what stands where; the rest at the end ([`Watched::compare`]).

use super::derived::Derived;
use super::index::{CONTENT, HEAD, Head, Index, IndexedLeaf, LEAF, NODE, NODES, RETIRED, WRAP, number};
use super::journal::{self, GroupEnd, Location, Scan};
use super::scratch::DiskScratch;
use super::{Pair, StoreError, files, recovery};
use crate::crypto::LEN;
use crate::ledger::LedgerError;
use crate::ledger::records::{self, VIEW};
use crate::ledger::tree::{first_node, leaf_of_node};
use crate::ledger::verify::Sound;
use prost::Message as _;
use rayon::prelude::*;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::Receiver;

/// After so many steps a key, walking along keys is given up.
const FAR: usize = 4;

/// What the journal holds, in its order.
pub enum Told {
    /// The next leaf, and where its entry lies.
    Leaf(Vec<u8>, Location),
    /// Where a content, a wrap or the end of a bucket lies.
    Place(u8, Vec<u8>, Location),
    /// Keys of views that are written once, with their values.
    Once(Vec<Pair>),
}

/// A private copy of a store in which no gateway works.
struct StoreCopy {
    index: Index,
    head: Head,
    _folder: tempfile::TempDir,
}

/// A copy that agrees with what it was told, as far as `differs` does not say otherwise.
pub struct Watched {
    copy: StoreCopy,
    leaves: sled::Iter,
    /// Leaves so far.
    size: u64,
    /// Contents, wraps and ends of buckets that lie where the store says.
    found: u64,
    /// Those for which the store names another place: a later one, if all is well.
    elsewhere: HashSet<Vec<u8>>,
    /// Keys that are written once, of each kind.
    once: [u64; records::ONCE.len()],
    /// Where the store first differs. The ledger's own faults come first.
    differs: Option<StoreError>,
}

/// sled may panic on damage.
pub fn guarded<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(StoreError::Index("sled could not read its files".into())))
}

/// Takes a copy of the store under `data`, where no gateway works in it, and holds it against
/// what is told until nobody tells any more. Who tells a store that could not be read finds
/// nobody listening.
pub fn watch(data: &Path, told: &Receiver<Vec<Told>>) -> Result<Option<Watched>, StoreError> {
    guarded(|| {
        let Some(copy) = StoreCopy::take(data)? else { return Ok(None) };
        let leaves = copy.index.each(&[LEAF]);
        let mut watched = Watched {
            copy,
            leaves,
            size: 0,
            found: 0,
            elsewhere: HashSet::new(),
            once: [0; 3],
            differs: None,
        };
        for told in told.iter().flatten() {
            if watched.differs.is_none() {
                watched.differs = watched.told(told).err();
            }
        }
        Ok(Some(watched))
    })
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
        let journal = data.join("journal");
        if journal::reaches(&journal, (head.segment, head.offset)) {
            let mut rest = Scan::from(&journal, (head.segment, head.offset), head.group.saturating_add(1))?;
            recovery::apply_rest(&index, &mut head, &mut rest).map_err(|error| match error {
                // The journal is judged by itself: what does not fit here is the store.
                StoreError::Ledger(why) => StoreError::Index(format!("it cannot be caught up: {why}")),
                other => other,
            })?;
        }
        Ok(Some(Self { index, head, _folder: folder }))
    }
}

impl Watched {
    fn told(&mut self, told: Told) -> Result<(), StoreError> {
        match told {
            Told::Leaf(leaf, location) => {
                let index = self.size;
                self.size += 1;
                let found = self.leaves.next().transpose()?;
                let found = found.filter(|(key, _)| *key == number(LEAF, index));
                let found = found.and_then(|(_, value)| IndexedLeaf::decode(&*value).ok());
                if found != Some(IndexedLeaf { leaf, location }) {
                    return wrong(index, "the store's leaf is not the journal's".into());
                }
            }
            Told::Place(kind, key, location) => {
                let found = self.copy.index.place(kind, &key)?;
                let key = [&[kind], &*key].concat();
                if found == Some(location) {
                    self.elsewhere.remove(&key);
                    self.found += 1;
                } else {
                    self.elsewhere.insert(key);
                }
            }
            Told::Once(mut pairs) => {
                pairs.sort_unstable();
                for pairs in pairs.chunk_by(|(a, _), (b, _)| a[..3] == b[..3]) {
                    let place = records::ONCE.iter().position(|kind| pairs[0].0[1] == *kind);
                    self.once[place.expect("a key that is written once is of a kind that is")] +=
                        pairs.len() as u64;
                    self.side_by_side(pairs)?;
                }
            }
        }
        Ok(())
    }

    /// Whether the store holds these pairs. What an entry writes lies mostly beside what the
    /// next one writes, and walking is cheaper than looking up.
    fn side_by_side(&self, pairs: &[Pair]) -> Result<(), StoreError> {
        let mut held = self.copy.index.behind(&pairs[0].0);
        let mut steps = FAR * pairs.len();
        for (key, value) in pairs {
            let found = loop {
                if steps == 0 {
                    break self.copy.index.guarded(key)?;
                }
                steps -= 1;
                match held.next().transpose()? {
                    Some((found, _)) if *found < **key => {}
                    Some((found, held)) if *found == **key => break Some(held.to_vec()),
                    _ => break None,
                }
            };
            if found.as_ref() != Some(value) {
                return wrong(self.size, unlike(key));
            }
        }
        Ok(())
    }

    /// Compares what can be compared only at the end. `next`: where the journal's next group
    /// would begin.
    pub fn compare(mut self, sound: &Sound<DiskScratch>, next: (u64, u64)) -> Result<(), StoreError> {
        if let Some(differs) = self.differs {
            return Err(differs);
        }
        let head = &self.copy.head;
        let (size, held) = (sound.size, head.end.size);
        if held != size {
            return wrong(held.min(size), format!("the store holds {held} entries, the journal {size}"));
        }
        if (head.segment, head.offset) != next {
            return wrong(held, "the store is at another place of the journal".into());
        }
        if head.end != (GroupEnd { size, root: sound.root.to_vec(), at: sound.at }) {
            return wrong(held, "the store's head is not what the entries amount to".into());
        }
        let more = self.leaves.next().is_some();
        let index = &self.copy.index;
        nodes(index, sound)?;
        if let Some(key) = self.elsewhere.iter().next() {
            return wrong(size, format!("the store does not find the content {}", hex::encode(key)));
        }
        // Kind by kind, on all cores.
        let kinds: Vec<u8> = (0..=u8::MAX).filter(|kind| !records::ONCE.contains(kind)).collect();
        let derived = sound.scratch.views();
        let (counted, compared) = rayon::join(
            || [&[CONTENT][..], &[WRAP], &[RETIRED]].into_par_iter().map(|places| count(index, places)).sum(),
            || kinds.into_par_iter().try_for_each(|kind| guarded(|| views(index, derived, kind, size))),
        );
        let (counted, found): (Result<u64, StoreError>, u64) = (counted, self.found);
        let counted = counted?;
        if counted != found {
            return wrong(size, format!("the store finds {counted} contents, the journal has {found}"));
        }
        compared?;
        for (kind, derived) in records::ONCE.into_iter().zip(self.once) {
            let held = count(index, &[VIEW, kind])?;
            if held != derived {
                let kind = char::from(kind);
                let why =
                    format!("the store holds {held} keys of view {kind}, {derived} follow from the entries");
                return wrong(size, why);
            }
        }
        // A leaf for each entry, the runs of nodes, and the head once there is a group.
        let first = [CONTENT, HEAD[0], LEAF, NODE, RETIRED, VIEW, WRAP];
        let heads = count(index, HEAD)?;
        if more || heads != u64::from(head.group > 0) || index.holds_besides(&first)? {
            return wrong(size, "the store holds keys that follow from no entry".into());
        }
        Ok(())
    }
}

fn wrong<T>(index: u64, why: String) -> Result<T, StoreError> {
    Err(LedgerError::Entry { index, why }.into())
}

fn unlike(key: &[u8]) -> String {
    format!("the store's view {} is not what the entries amount to", hex::encode(key))
}

fn count(index: &Index, prefix: &[u8]) -> Result<u64, StoreError> {
    guarded(|| index.each(prefix).keys().try_fold(0, |count, key| Ok(key.map(|_| count + 1)?)))
}

fn nodes(index: &Index, sound: &Sound<DiskScratch>) -> Result<(), StoreError> {
    let mut held = index.each(&[NODE]);
    for run in 0..first_node(sound.size).div_ceil(NODES) {
        let found = held.next().transpose()?.filter(|(key, _)| *key == number(NODE, run));
        let found = found.map(|(_, nodes)| nodes).unwrap_or_default();
        let derived = sound.scratch.nodes(run * NODES, NODES)?;
        if *found != *derived {
            let place = found.iter().zip(&derived).take_while(|(a, b)| a == b).count();
            let number = run * NODES + (place / LEN) as u64;
            let why = format!("the store's node {number} is not what the entries amount to");
            return wrong(leaf_of_node(number), why);
        }
    }
    match held.next() {
        None => Ok(()),
        Some(_) => wrong(sound.size, "the store holds keys that follow from no entry".into()),
    }
}

/// Compares the views of a kind that entries change again and again.
fn views(index: &Index, derived: &Derived, kind: u8, size: u64) -> Result<(), StoreError> {
    let (mut held, mut derived) = (index.each(&[VIEW, kind]), derived.each(&[VIEW, kind], None));
    loop {
        let (found, derived) = (held.next().transpose()?, derived.next().transpose()?);
        let found = found.map(|(key, value)| (key.to_vec(), value.to_vec()));
        if found != derived {
            let key = derived.or(found).map(|(key, _)| key).unwrap_or_default();
            return wrong(size, unlike(&key));
        }
        if found.is_none() {
            return Ok(());
        }
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), StoreError> {
    files::private_folder(to)?;
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
