//! The ledger in a back-up, verified as one in a data directory is: every signature, every
//! root, every view. It needs the back-up key, and no other.

use super::folder::Folder;
use super::pack::{self, Item};
use super::sealed::{BackupKey, Reader};
use super::survey::read_object;
use super::{ArchiveError, damaged};
use crate::crypto::hash::Digest;
use crate::ledger::verify::{self, Batch, Raw, Sound};
use crate::store::inspect::{Inspection, Source};
use crate::store::scratch::DiskScratch;
use std::path::Path;

/// Entries that are read at once.
const BATCH: usize = 2048;

/// Verifies the ledger in a back-up, and says of it what is said of one in a data directory.
pub fn inspect(
    path: &Path,
    key: &BackupKey,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Inspection, ArchiveError> {
    let folder = Folder::open_filled(path, key)?;
    let sound = verify(&folder, key, progress)?;
    let signed = match folder.manifests.last() {
        Some(last) => Some(sound.signed(&last.checkpoint)?.size),
        None => None,
    };
    Ok(Inspection::of(sound, Source::Backup, signed)?)
}

/// Verifies the ledger in all increments of a back-up.
pub fn verify(
    folder: &Folder,
    key: &BackupKey,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Sound<DiskScratch>, ArchiveError> {
    let mut packs = folder.manifests.iter();
    let mut open: Option<Reader> = None;
    let mut next = || -> Result<Option<Batch>, ArchiveError> {
        let mut batch = Batch::default();
        while batch.entries.len() < BATCH {
            let Some(reader) = &mut open else {
                match packs.next() {
                    Some(manifest) => open = Some(folder.pack(manifest, key)?),
                    None => break,
                }
                continue;
            };
            match pack::next(reader)? {
                Item::Group(group) => {
                    let before = batch.entries.len();
                    let raw = |leaf: &Vec<u8>, objects: &Vec<Vec<u8>>| Raw {
                        leaf: leaf.clone(),
                        objects: objects.clone(),
                    };
                    batch.entries.extend(group.entries().map(|entry| raw(&entry.leaf, &entry.objects)));
                    if batch.entries.len() > before {
                        let root = Digest::try_from(group.end.root.as_slice());
                        let root = root.map_err(|_| damaged(reader.path(), "a group names no root"))?;
                        batch.roots.push((group.end.size, root));
                    }
                }
                Item::Object(_, length) => drop(read_object(reader, length, &mut |_| Ok(()))?),
                Item::File(_) => {}
                Item::End => open = None,
            }
        }
        Ok((!batch.entries.is_empty()).then_some(batch))
    };
    let sound = verify::verify(&mut next, DiskScratch::new()?, false, progress)?;
    for manifest in &folder.manifests {
        sound.signed(&manifest.checkpoint)?;
    }
    Ok(sound)
}
