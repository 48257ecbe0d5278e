//! A mirror: an export of the ledger (entry bundles, object bundles, a checkpoint), read and
//! checked against the checkpoint's root. It holds no content and no keys.

use super::survey::check;
use super::{ArchiveError, Erased, Owner};
use crate::crypto::LEN;
use crate::crypto::hash::{Digest, RootBuilder, sha256};
use crate::format::chain::Chain;
use crate::format::limits;
use crate::ledger::checkpoint::Checkpoint;
use crate::store::StoreError;
use crate::store::journal::StoredEntry;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// Entries in a full bundle (C2SP tlog-tiles).
pub const BUNDLE: u64 = 256;
/// Bytes of a bundle file at most: every entry may hold an offer, and others are far smaller.
const LONGEST: u64 = (BUNDLE as usize * limits::OFFER) as u64;

/// A mirror of a ledger.
pub struct Mirror {
    folder: PathBuf,
    /// The checkpoint that it was exported under.
    pub checkpoint: Checkpoint,
}

/// What a mirror adds to a ledger.
pub struct Beyond {
    /// Our statements, with those that the mirror adds.
    pub chain: Chain,
    /// What its further entries erase.
    pub erased: BTreeSet<Erased>,
}

impl Mirror {
    /// Opens an export folder; nothing in it is believed yet.
    pub fn open(folder: &Path) -> Result<Self, ArchiveError> {
        let note = read(&folder.join("checkpoint"), limits::CHECKPOINT as u64)?
            .ok_or_else(|| wrong(format!("{} holds no checkpoint", folder.display())))?;
        Ok(Self { folder: folder.to_owned(), checkpoint: Checkpoint::danger_unverified(&note)? })
    }

    /// Verifies all of it: it begins with the tree (`size`, `root`), leads to the root of its
    /// checkpoint, and that is signed by the log of `chain` or of the statements that the
    /// mirror adds to it. Where the mirror is the shorter one, `root` is that at its size.
    pub fn verify(&self, size: u64, root: &Digest, chain: &Chain) -> Result<Beyond, ArchiveError> {
        let (mut roots, mut count) = (RootBuilder::default(), 0);
        let (mut chain, mut erased) = (Some(chain.clone()), BTreeSet::new());
        let joint = size.min(self.checkpoint.size);
        let agrees = |roots: &RootBuilder| match roots.root() == *root {
            true => Ok(()),
            false => Err(wrong(format!("its first {joint} entries are not those of the back-up"))),
        };
        if joint == 0 {
            agrees(&roots)?;
        }
        self.entries(0, &mut |entry| {
            roots.push(&entry.leaf);
            count += 1;
            if count > size {
                let of_entry = |error| wrong(format!("entry {}: {error}", count - 1));
                erased.extend(check(&entry, &mut chain).map_err(of_entry)?);
            }
            if count == joint { agrees(&roots) } else { Ok(()) }
        })?;
        if roots.root() != self.checkpoint.root {
            return Err(wrong("its entries do not lead to the root of its checkpoint"));
        }
        let chain = chain.ok_or_else(|| wrong("it holds no statement 0"))?;
        Checkpoint::open(&self.checkpoint.note, &chain).map_err(|error| {
            wrong(format!("its checkpoint is not one of {}: {error}", Owner::from_chain(&chain)))
        })?;
        Ok(Beyond { chain, erased })
    }

    /// Hands on the entries from `from`, each with its evidence objects.
    pub fn entries(
        &self,
        from: u64,
        take: &mut dyn FnMut(StoredEntry) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let size = self.checkpoint.size;
        for number in from / BUNDLE..size.div_ceil(BUNDLE) {
            let width = (size - number * BUNDLE).min(BUNDLE);
            let leaves = self.bundle("tile/entries", number, width)?;
            let objects = self.bundle("objects", number, width)?;
            let objects = split_objects(&objects).ok_or_else(|| {
                wrong(format!("objects bundle {number} is malformed, or an object is another"))
            })?;
            let leaves = split_leaves(&leaves, width)
                .ok_or_else(|| wrong(format!("entry bundle {number} is malformed")))?;
            for (index, leaf) in (number * BUNDLE..).zip(leaves).filter(|(index, _)| *index >= from) {
                let of_entry = |error| wrong(format!("entry {index}: {error}"));
                let named = super::leaf(leaf).map_err(of_entry)?.objects;
                let found = named.iter().map(|digest| objects.get(digest.as_slice()).map(|o| o.to_vec()));
                let objects = found.collect::<Option<Vec<_>>>();
                let objects =
                    objects.ok_or_else(|| wrong(format!("it lacks an evidence object of entry {index}")))?;
                take(StoredEntry { leaf: leaf.to_vec(), objects })?;
            }
        }
        Ok(())
    }

    /// A bundle file. The last one is there under its width; a run that exported more and did
    /// not end may have left the full one only.
    fn bundle(&self, below: &str, number: u64, width: u64) -> Result<Vec<u8>, ArchiveError> {
        let full = self.folder.join(below).join(tile_name(number));
        let mut partial = full.clone().into_os_string();
        partial.push(format!(".p/{width}"));
        let partial = if width < BUNDLE { read(Path::new(&partial), LONGEST)? } else { None };
        match partial {
            Some(bytes) => Ok(bytes),
            None => read(&full, LONGEST)?.ok_or_else(|| wrong(format!("{} is missing", full.display()))),
        }
    }
}

/// A number as C2SP tlog-tiles writes it: `x001/x234/067`.
pub fn tile_name(number: u64) -> String {
    let mut name = format!("{:03}", number % 1000);
    let mut rest = number / 1000;
    while rest > 0 {
        name = format!("x{:03}/{name}", rest % 1000);
        rest /= 1000;
    }
    name
}

/// The first `width` leaves of an entry bundle, each behind its length (u16).
fn split_leaves(mut bytes: &[u8], width: u64) -> Option<Vec<&[u8]>> {
    let mut leaves = Vec::new();
    while (leaves.len() as u64) < width {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (leaf, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        leaves.push(leaf);
        bytes = rest;
    }
    Some(leaves)
}

/// The objects of a bundle by digest: each is digest, length (u32), bytes.
fn split_objects(mut bytes: &[u8]) -> Option<HashMap<&[u8], &[u8]>> {
    let mut objects = HashMap::new();
    while !bytes.is_empty() {
        let (digest, rest) = bytes.split_at_checked(LEN)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (object, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        if sha256(object) != digest {
            return None;
        }
        objects.insert(digest, object);
        bytes = rest;
    }
    Some(objects)
}

/// A file of bounded length; none where there is none.
fn read(path: &Path, bound: u64) -> Result<Option<Vec<u8>>, ArchiveError> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::io("cannot read", path)(error).into()),
        Ok(found) if found.len() > bound => return Err(wrong(format!("{} is too long", path.display()))),
        Ok(_) => {}
    }
    Ok(Some(std::fs::read(path).map_err(StoreError::io("cannot read", path))?))
}

fn wrong(why: impl Into<String>) -> ArchiveError {
    ArchiveError::Mirror(why.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_tiles() {
        for (number, name) in [(0, "000"), (67, "067"), (1000, "x001/000"), (1_234_067, "x001/x234/067")] {
            assert_eq!(tile_name(number), name);
        }
    }
}
