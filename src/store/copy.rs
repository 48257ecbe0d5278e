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
        match side_by_side(&self.copy.index, pairs)? {
            None => Ok(()),
            Some(key) => wrong(self.size, unlike(key)),
        }
    }

    /// Compares what can be compared only at the end, and gives the number of keys in all views.
    /// `next`: where the journal's next group would begin.
    pub fn compare(mut self, sound: &Sound<DiskScratch>, next: (u64, u64)) -> Result<u64, StoreError> {
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
        // Kind by kind, on all cores.
        let kinds: Vec<u8> = (0..=u8::MAX).filter(|kind| !records::ONCE.contains(kind)).collect();
        let prefixes = [&[CONTENT][..], &[WRAP], &[RETIRED]].map(<[u8]>::to_vec).into_iter();
        let prefixes: Vec<Vec<u8>> = prefixes.chain(records::ONCE.map(|kind| vec![VIEW, kind])).collect();
        let derived = sound.scratch.views();
        let (mut counts, mut compared) = (Ok(Vec::new()), Ok(0));
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| {
                let views = |kind| guarded(|| views(index, derived, kind, size));
                compared = kinds.into_par_iter().map(views).try_reduce(|| 0, |one, other| Ok(one + other));
            });
            scope.spawn(|_| {
                counts = prefixes.par_iter().map(|prefix| count(index, prefix)).collect();
            });
            nodes(index, sound)
        })?;
        if let Some(key) = self.elsewhere.iter().next() {
            return wrong(size, format!("the store does not find the content {}", hex::encode(key)));
        }
        let counts: Vec<u64> = counts?;
        let (places, once) = counts.split_at(counts.len() - self.once.len());
        let (counted, found) = (places.iter().sum::<u64>(), self.found);
        if counted != found {
            return wrong(size, format!("the store finds {counted} contents, the journal has {found}"));
        }
        let compared = compared?;
        for ((kind, derived), held) in records::ONCE.into_iter().zip(self.once).zip(once) {
            if *held != derived {
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
        Ok(compared + self.once.iter().sum::<u64>())
    }
}

/// The first of these pairs, which are in the order of their keys, that the store does not hold:
/// its key.
fn side_by_side<'a>(index: &Index, pairs: &'a [Pair]) -> Result<Option<&'a [u8]>, StoreError> {
    let Some((first, _)) = pairs.first() else { return Ok(None) };
    let mut held = index.behind(first);
    let mut steps = FAR * pairs.len();
    for (key, value) in pairs {
        let holds = loop {
            if steps == 0 {
                break index.guarded(key)?.as_ref() == Some(value);
            }
            steps -= 1;
            match held.next().transpose()? {
                Some((found, _)) if *found < **key => {}
                found => break found.is_some_and(|(found, held)| *found == **key && *held == **value),
            }
        };
        if !holds {
            return Ok(Some(key));
        }
    }
    Ok(None)
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

/// Compares the views of a kind that entries change again and again. Gives the number of keys.
fn views(index: &Index, derived: &Derived, kind: u8, size: u64) -> Result<u64, StoreError> {
    let (mut held, mut derived) = (index.each(&[VIEW, kind]), derived.each(&[VIEW, kind], None));
    let mut count = 0;
    loop {
        let (found, derived) = (held.next().transpose()?, derived.next().transpose()?);
        match (found, derived) {
            (None, None) => return Ok(count),
            (Some((key, value)), Some(pair)) if *key == *pair.0 && *value == *pair.1 => count += 1,
            (found, derived) => {
                let key = derived.map(|(key, _)| key).or(found.map(|(key, _)| key.to_vec()));
                return wrong(size, unlike(&key.unwrap_or_default()));
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::pending::Change;

    /// Every thousandth of the keys that the store holds, and one that lies nearer, so that
    /// walking is given up between two of them.
    #[test]
    fn pairs_that_lie_far_apart_are_looked_up() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open(&folder.path().join("store")).unwrap();
        let pair = |place: u64| (number(VIEW, place).to_vec(), place.to_be_bytes().to_vec());
        let all = (0..10_000).map(pair).map(|(key, value)| -> Change { (key, Some(value.into())) });
        index.apply(all.collect()).unwrap();
        index.write_out().unwrap();
        let far: Vec<Pair> = (0..10).map(|place| pair(place * 1000 + 7)).collect();
        assert!(FAR * far.len() < 1000, "a walk reaches the second");
        let with = |change: Pair, at: usize| [&far[..at], &[change], &far[at..]].concat();
        for good in [far.clone(), with(pair(8), 1), with(pair(9_999), 10), far[3..].to_vec(), Vec::new()] {
            assert_eq!(side_by_side(&index, &good).unwrap(), None);
        }
        let missing = |place: u64| ([&number(VIEW, place)[..], &[1]].concat(), Vec::new());
        let changed = |place: u64| (pair(place).0, vec![1]);
        for at in 0..10_u64 {
            // Behind the first, so near that it is walked to; behind the others it is looked up.
            for bad in [missing(at * 1000 + 7), missing(at * 1000 + 500), changed(at * 1000 + 8)] {
                let pairs = with(bad.clone(), at as usize + 1);
                assert_eq!(side_by_side(&index, &pairs).unwrap(), Some(bad.0.as_slice()), "{at}");
            }
        }
    }
}
