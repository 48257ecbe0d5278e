//! Private keys in files: one file a key, readable by its owner alone.

use super::StoreError;
use super::files::{private_folder, sync_folder, write_new};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// Bytes of a key file at most.
const LARGEST: u64 = 4096;

/// Writes a new key file; fails if there is one.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    private_folder(super::files::folder_of(path))?;
    write_new(path, bytes)
}

/// Replaces a file of the folder of keys by a whole new one, or makes it.
pub fn replace_private(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let beside = path.with_extension("new");
    // What a crash left is not whole.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(StoreError::io("cannot remove", &beside)(error));
        }
        _ => {}
    }
    write_private(&beside, bytes)?;
    std::fs::rename(&beside, path).map_err(StoreError::io("cannot replace", path))?;
    sync_folder(super::files::folder_of(path))
}

/// Overwrites a key file and removes it, durably; false: there was none. What a disk keeps of
/// blocks that were written before is beyond its reach.
pub fn destroy(path: &Path) -> Result<bool, StoreError> {
    let found = overwrite(path)?;
    remove(path)?;
    Ok(found)
}

/// Overwrites a key file with zeros, durably; false: there is none.
pub(super) fn overwrite(path: &Path) -> Result<bool, StoreError> {
    let mut file = match std::fs::OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(StoreError::io("cannot open", path)(error)),
    };
    let length = file.metadata().map_err(StoreError::io("cannot read", path))?.len().clamp(32, LARGEST);
    file.write_all(&vec![0; length as usize])
        .and_then(|()| file.sync_all())
        .map_err(StoreError::io("cannot overwrite", path))?;
    Ok(true)
}

/// Removes a key file, durably, if there is one.
pub(super) fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Ok(()) => sync_folder(super::files::folder_of(path)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StoreError::io("cannot remove", path)(error)),
    }
}

/// Reads a key file, and refuses one that others may read.
pub fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let found = std::fs::metadata(path).map_err(StoreError::io("cannot read", path))?;
    if found.permissions().mode() & 0o077 != 0 {
        return Err(StoreError::KeyFile {
            path: path.to_owned(),
            why: "may be read by others: chmod 600 it",
        });
    }
    if found.len() > LARGEST {
        return Err(StoreError::KeyFile { path: path.to_owned(), why: "is too long to be a key" });
    }
    std::fs::read(path).map(Zeroizing::new).map_err(StoreError::io("cannot read", path))
}
