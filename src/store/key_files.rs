//! Private keys in files: one file a key, readable by its owner alone.

use super::StoreError;
use super::files::{private_folder, sync_folder, write_new};
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
