//! A mirror: an export of the ledger that a restore goes on from, checked against its
//! checkpoint's root. Entry bundles, object bundles and the checkpoint are enough.

use super::reader::Reader;
use super::survey::check;
use super::{ArchiveError, Erased, Owner};
use crate::crypto::hash::{Digest, RootBuilder};
use crate::format::chain::Chain;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::verify::Raw;
use crate::store::StoreError;
use crate::store::journal::StoredEntry;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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
        let (_, checkpoint) = Reader::open(folder, None).map_err(unread)?;
        Ok(Self { folder: folder.to_owned(), checkpoint })
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
        self.entries(&mut |entry| {
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
        Checkpoint::open_held(&self.checkpoint.note, &chain).map_err(|error| {
            wrong(format!("its checkpoint is not one of {}: {error}", Owner::from_chain(&chain)))
        })?;
        Ok(Beyond { chain, erased })
    }

    /// Hands on every entry with its evidence objects, in order.
    pub fn entries(
        &self,
        take: &mut dyn FnMut(StoredEntry) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let mut reader = Reader::of_bundles(&self.folder, self.checkpoint.size);
        while let Some(batch) = reader.batch().map_err(unread)? {
            for Raw { leaf, objects } in batch.entries {
                take(StoredEntry { leaf, objects })?;
            }
        }
        Ok(())
    }
}

/// What keeps a mirror from being read is its own fault, unless it is the disk's.
fn unread(error: StoreError) -> ArchiveError {
    match error {
        StoreError::Io { path, source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            wrong(format!("{} is missing", path.display()))
        }
        StoreError::Io { .. } => error.into(),
        error => wrong(error.to_string()),
    }
}

fn wrong(why: impl Into<String>) -> ArchiveError {
    ArchiveError::Mirror(why.into())
}
