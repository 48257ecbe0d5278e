//! Files that survive power loss: write, sync, rename, sync the folder.

use super::StoreError;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Makes a folder that only its owner may enter, with its parents, durably: what is synced in a folder
/// whose own name was forgotten is gone.
pub fn private_folder(path: &Path) -> Result<(), StoreError> {
    let made: Vec<&Path> = path.ancestors().take_while(|part| is_lacking(part)).collect();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(StoreError::io("cannot make folder", path))?;
    made.into_iter().try_for_each(|folder| sync_folder(folder_of(folder)))
}

/// Whether a path names nothing yet; the empty one is the folder that we are in.
fn is_lacking(path: &Path) -> bool {
    !path.as_os_str().is_empty() && !path.exists()
}

/// Opens a new file that only its owner may read.
pub fn new_private(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(StoreError::io("cannot make", path))
}

/// Makes folder entries durable.
pub fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(StoreError::io("cannot sync folder", path))
}

/// Puts a whole new file in place; fails if there is one.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut file = new_private(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(StoreError::io("cannot write", path))?;
    sync_folder(folder_of(path))
}

/// The folder that a file lies in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
