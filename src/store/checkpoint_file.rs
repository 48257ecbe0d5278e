//! The newest signed checkpoint, beside the journal: two slots, written in turn.
//!
//! It bounds what may be cut from a torn journal, and tells a start that what it finds on
//! disk is older than what was signed.

use super::{StoreError, files};
use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

const SLOT: usize = 16 * 1024;
const HEAD: usize = 16;

/// Writes the slots.
pub struct CheckpointFile {
    file: File,
    path: PathBuf,
    turn: u64,
}

impl CheckpointFile {
    /// Begins the file, or opens it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            files::write_new(path, &[0; 2 * SLOT])?;
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(path)
            .map_err(StoreError::io("cannot open", path))?;
        let turn = read(path)?.chunks(SLOT).filter_map(read_slot).map(|(turn, _)| turn).max().unwrap_or(0);
        Ok(Self { file, path: path.to_owned(), turn })
    }

    /// Writes a note into the older slot and syncs. A crash in here leaves the other slot.
    pub fn write(&mut self, note: &[u8]) -> Result<(), StoreError> {
        let turn = self.turn + 1;
        let mut slot = Vec::with_capacity(HEAD + note.len());
        slot.extend_from_slice(&turn.to_be_bytes());
        slot.extend_from_slice(&(note.len() as u32).to_be_bytes());
        slot.extend_from_slice(&checksum(turn, note).to_be_bytes());
        slot.extend_from_slice(note);
        if slot.len() > SLOT {
            return Err(StoreError::file(&self.path, "has no slot that holds so long a checkpoint"));
        }
        self.file
            .write_all_at(&slot, (turn % 2) * SLOT as u64)
            .and_then(|()| self.file.sync_data())
            .map_err(StoreError::io("cannot write", &self.path))?;
        self.turn = turn;
        Ok(())
    }
}

/// The newest note in the file; none where there is no file or nothing was kept in it yet.
/// Where both slots were written and neither is sound, it is damaged: a crash leaves one.
pub fn newest(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    if !path.exists() {
        return Ok(None);
    }
    let bytes = read(path)?;
    let newest = bytes.chunks(SLOT).filter_map(read_slot).max_by_key(|(turn, _)| *turn);
    let written = |slot: &[u8]| slot.iter().any(|byte| *byte != 0);
    match newest {
        None if bytes.chunks(SLOT).filter(|slot| written(slot)).count() == 2 => {
            Err(StoreError::file(path, "holds no sound checkpoint"))
        }
        newest => Ok(newest.map(|(_, note)| note)),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(2 * SLOT as u64).read_to_end(&mut bytes))
        .map_err(StoreError::io("cannot read", path))?;
    Ok(bytes)
}

fn read_slot(slot: &[u8]) -> Option<(u64, Vec<u8>)> {
    let turn = u64::from_be_bytes(slot.get(..8)?.try_into().ok()?);
    let length = u32::from_be_bytes(slot.get(8..12)?.try_into().ok()?) as usize;
    let sum = u32::from_be_bytes(slot.get(12..16)?.try_into().ok()?);
    let note = slot.get(HEAD..HEAD.checked_add(length)?)?;
    (turn > 0 && checksum(turn, note) == sum).then(|| (turn, note.to_vec()))
}

fn checksum(turn: u64, note: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&turn.to_be_bytes());
    hasher.update(note);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_slot_leaves_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        assert_eq!(newest(&path).unwrap(), None);
        let mut file = CheckpointFile::open(&path).unwrap();
        for note in [b"one".as_slice(), b"two", b"three"] {
            file.write(note).unwrap();
        }
        assert_eq!(newest(&path).unwrap().unwrap(), b"three");
        let raw = OpenOptions::new().write(true).open(&path).unwrap();
        raw.write_all_at(b"X", SLOT as u64 + HEAD as u64).unwrap();
        assert_eq!(newest(&path).unwrap().unwrap(), b"two");
        let mut file = CheckpointFile::open(&path).unwrap();
        file.write(b"four").unwrap();
        assert_eq!(newest(&path).unwrap().unwrap(), b"four");
        raw.write_all_at(b"X", HEAD as u64).unwrap();
        raw.write_all_at(b"X", SLOT as u64 + HEAD as u64).unwrap();
        assert!(matches!(newest(&path), Err(StoreError::File { .. })), "no crash leaves two torn slots");
    }
}
