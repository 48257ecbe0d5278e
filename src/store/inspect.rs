//! Looking at a data directory without opening it: for auditors, and for copies.

use super::index::{CONTENT, Index, RETIRED, WRAP};
use super::journal::{Location, Next, Record, Scan};
use super::{StoreError, checkpoint_file, recovery};
use crate::crypto::hash::Digest;
use crate::ledger::LedgerError;
use crate::ledger::records::VIEW;
use crate::ledger::tree::{Nodes as _, first_node, leaf_hash, leaf_of_node};
use crate::ledger::verify::{Sound, Verifier};
use std::collections::BTreeMap;
use std::path::Path;

/// What verification of a data directory found.
pub struct Inspection {
    /// The ledger, re-derived.
    pub sound: Sound,
    /// Whether the store was compared too; it is not while a gateway works in it.
    pub store_compared: bool,
    /// Entries that the newest kept checkpoint signs.
    pub signed: Option<u64>,
    /// Whether the journal ends in a torn tail, which the next start will cut off.
    pub torn_tail: bool,
}

/// Verifies the ledger in a data directory from the journal's raw entries, and where no
/// gateway works in it, a private copy of its store against that. `progress` is told the
/// number of entries now and then.
pub fn verify(data: &Path, progress: &mut dyn FnMut(u64)) -> Result<Inspection, StoreError> {
    let journal = data.join("journal");
    let note = checkpoint_file::newest(&data.join("checkpoint"))?;
    let mut verifier = Verifier::default();
    let mut scan = Scan::begin(&journal)?;
    let mut places = Places::default();
    let torn_tail = loop {
        match scan.next_group()? {
            Next::Group(group) => {
                for (record, location) in group.records {
                    match record {
                        Record::Entry(entry) => {
                            places.entries.push((leaf_hash(&entry.leaf), location));
                            verifier.entry(entry.leaf, entry.objects)?;
                        }
                        Record::Content(key, _) => drop(places.contents.insert((CONTENT, key), location)),
                        Record::Wrap(key, _) => drop(places.contents.insert((WRAP, key), location)),
                        Record::Retired(key, _) => drop(places.contents.insert((RETIRED, key), location)),
                    }
                }
                places.next = group.next;
                let agrees =
                    verifier.size() == group.end.size && verifier.root()?.as_slice() == group.end.root;
                if !agrees {
                    let index = verifier.size();
                    let why = format!("group {} does not lead to its root", group.number);
                    return Err(LedgerError::Entry { index, why }.into());
                }
                progress(verifier.size());
            }
            Next::End => break false,
            Next::InvalidTail => break true,
            Next::Damage(place) => return Err(StoreError::Damaged(place)),
        }
    };
    let sound = verifier.finish(note.as_deref())?;
    let signed = match note {
        Some(note) => Some(crate::ledger::checkpoint::Checkpoint::danger_unverified(&note)?.size),
        None => None,
    };
    let store_compared = compare_store(data, &sound, &places)?;
    Ok(Inspection { sound, store_compared, signed, torn_tail })
}

/// Where the journal holds things, as the store has to say too.
#[derive(Default)]
struct Places {
    entries: Vec<(Digest, Location)>,
    contents: BTreeMap<(u8, Vec<u8>), Location>,
    next: (u64, u64),
}

/// Compares a private copy of the store with what the entries amount to, key by key.
fn compare_store(data: &Path, sound: &Sound, places: &Places) -> Result<bool, StoreError> {
    let store = data.join("store");
    // The lock is looked at, not taken: an auditor changes nothing.
    let lock = data.join("lock");
    let idle = std::fs::File::open(&lock).is_ok_and(|file| file.try_lock_shared().is_ok());
    if !idle || !store.exists() {
        return Ok(false);
    }
    let temporary = std::env::temp_dir();
    let copy = tempfile::tempdir().map_err(StoreError::io("cannot make a folder in", &temporary))?;
    let folder = copy.path().join("store");
    copy_folder(&store, &folder)?;
    compare_copy(&folder, &data.join("journal"), sound, places)?;
    Ok(true)
}

fn compare_copy(copy: &Path, journal: &Path, sound: &Sound, places: &Places) -> Result<(), StoreError> {
    let index = Index::open(copy)?;
    let wrong = |index: u64, why: String| StoreError::from(LedgerError::Entry { index, why });
    let mut head = match index.head()? {
        Some(head) => head,
        None => recovery::empty_head()?,
    };
    if head.end.size <= sound.size && (head.segment, head.offset) < places.next {
        // A process that died leaves a store that is a little behind: the next start catches it up.
        let mut rest = Scan::from(journal, (head.segment, head.offset), head.group + 1)?;
        recovery::apply_rest(&index, &mut head, &mut rest)?;
    }
    let held = head.end.size;
    if held == sound.size && (head.segment, head.offset) != places.next {
        return Err(wrong(held, "the store is at another place of the journal".into()));
    }
    if held != sound.size {
        return Err(wrong(held, format!("the store holds {held} entries, the journal {}", sound.size)));
    }
    for number in 0..first_node(sound.size) {
        if index.node(number).ok() != sound.nodes.get(usize::try_from(number).unwrap_or(usize::MAX)).copied()
        {
            return Err(wrong(
                leaf_of_node(number),
                format!("the store's node {number} is not what the entries amount to"),
            ));
        }
    }
    for (number, (hash, location)) in (0..).zip(&places.entries) {
        let same = index
            .leaf(number)?
            .is_some_and(|found| leaf_hash(&found.leaf) == *hash && found.location == *location);
        if !same {
            return Err(wrong(number, "the store's leaf is not the journal's".into()));
        }
    }
    for ((kind, key), location) in &places.contents {
        if index.place(*kind, key)? != Some(*location) {
            return Err(wrong(
                sound.size,
                format!("the store does not find the content {}", hex::encode(key)),
            ));
        }
    }
    let mut after: Option<Vec<u8>> = None;
    let mut expected = sound.views.0.iter();
    loop {
        let page = index.scan(&[VIEW], after.as_deref(), false, 1000)?;
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        for (key, value) in &page {
            if expected.next() != Some((key, value)) {
                return Err(wrong(
                    sound.size,
                    format!("the store's view {} is not what the entries amount to", hex::encode(key)),
                ));
            }
        }
    }
    match expected.next() {
        None => Ok(()),
        Some((key, _)) => Err(wrong(sound.size, format!("the store lacks the view {}", hex::encode(key)))),
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), StoreError> {
    super::files::private_folder(to)?;
    for entry in std::fs::read_dir(from).map_err(StoreError::io("cannot read", from))?.flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true => copy_folder(&path, &target)?,
            false => drop(std::fs::copy(&path, &target).map_err(StoreError::io("cannot copy", &path))?),
        }
    }
    Ok(())
}
