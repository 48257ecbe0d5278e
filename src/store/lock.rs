//! One process a data directory.

use super::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Held as long as the process works in the data directory.
pub struct Lock {
    /// Holding the file holds the lock.
    _held: File,
}

impl Lock {
    /// Takes the lock, or says that it is taken.
    pub fn take(data: &Path) -> Result<Self, StoreError> {
        let path = data.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(StoreError::io("cannot open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _held: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked(data.to_owned())),
            Err(TryLockError::Error(source)) => {
                Err(StoreError::Io { action: "cannot lock", path: path.clone(), source })
            }
        }
    }
}
