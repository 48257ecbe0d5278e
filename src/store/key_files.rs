//! Private keys in files: one file a key, readable by its owner alone, and sealed where the folder
//! has a passphrase.

use super::StoreError;
use super::files::{private_folder, sync_folder, write_new};
use super::passphrase;
use crate::crypto::entropy::Entropy;
use crate::crypto::passphrase::{FolderKey, Passphrase, is_sealed};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Bytes of a key file at most.
const LARGEST: u64 = 4096;
/// What a file that is being replaced leaves beside it: the whole new one, and the old one.
const NEW: &str = "new";
const OLD: &str = "old";
const OTHER_FOLDER: &str = "does not open: it was changed or renamed, or is of another folder of keys";

/// The private files of a folder of keys. Where the folder has a passphrase they are sealed under a
/// key that stands behind it; those that are not sealed yet can be read too.
#[derive(Clone)]
pub struct KeyFiles {
    folder: PathBuf,
    key: Option<Arc<FolderKey>>,
    /// The passphrase itself, only while an authority is founded: a root's key is locked with it.
    founding: Option<Arc<Passphrase>>,
}

impl std::fmt::Debug for KeyFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "KeyFiles({}, {})",
            self.folder.display(),
            if self.key.is_some() { "open" } else { "plain" }
        )
    }
}

impl From<&Path> for KeyFiles {
    /// Without a passphrase: what is sealed can't be read.
    fn from(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), key: None, founding: None }
    }
}

impl KeyFiles {
    /// Opens the folder; the passphrase is asked for only where it has one.
    pub fn open<E: From<StoreError>>(
        folder: &Path,
        given: impl FnOnce() -> Result<Option<Passphrase>, E>,
    ) -> Result<Self, E> {
        if !passphrase::is_set(folder) {
            return Ok(folder.into());
        }
        let given = given()?.ok_or_else(|| StoreError::NoPassphrase(folder.to_owned()))?;
        let key = passphrase::unlock(folder, &given)?;
        Ok(Self { key: Some(Arc::new(key)), ..folder.into() })
    }

    /// Gives a folder in which there are no keys yet a passphrase.
    pub fn found(folder: &Path, given: Passphrase, entropy: &dyn Entropy) -> Result<Self, StoreError> {
        let key = passphrase::begin(folder, &given, entropy)?;
        let (key, founding) = (Some(Arc::new(key)), Some(Arc::new(given)));
        Ok(Self { folder: folder.to_owned(), key, founding })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the file of this name lies: its path below the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Reads a private key.
    pub fn read(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let path = self.path(name);
        let bytes = read_private(&path)?;
        match &self.key {
            _ if !is_sealed(&bytes) => Ok(bytes),
            None if !passphrase::is_set(&self.folder) => Err(passphrase::lost(&self.folder)),
            None => Err(StoreError::NoPassphrase(path)),
            Some(key) => key.open(name, &bytes).map_err(|_| StoreError::KeyFile { path, why: OTHER_FOLDER }),
        }
    }

    /// Writes the file of a new private key; fails if there is one.
    pub fn write(&self, name: &str, bytes: &[u8], entropy: &dyn Entropy) -> Result<(), StoreError> {
        write_private(&self.path(name), &self.sealed(name, bytes, entropy)?)
    }

    /// Replaces the file of a private key by a whole new one, or makes it.
    pub fn replace(&self, name: &str, bytes: &[u8], entropy: &dyn Entropy) -> Result<(), StoreError> {
        replace_private(&self.path(name), &self.sealed(name, bytes, entropy)?)
    }

    /// Writes the file of a root's key, which can be carried elsewhere: it is locked by itself.
    pub fn write_root(&self, name: &str, seed: &[u8], entropy: &dyn Entropy) -> Result<(), StoreError> {
        let path = self.path(name);
        match (&self.founding, &self.key) {
            (Some(given), _) => write_private(&path, &passphrase::lock_root(&path, given, seed, entropy)?),
            (None, Some(_)) => Err(StoreError::NoPassphrase(path)),
            (None, None) => write_private(&path, seed),
        }
    }

    fn sealed(
        &self,
        name: &str,
        bytes: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let sealed = match &self.key {
            None => bytes.to_vec(),
            Some(key) => key
                .seal(name, bytes, entropy)
                .map_err(|_| StoreError::KeyFile { path: self.path(name), why: "no randomness" })?,
        };
        Ok(Zeroizing::new(sealed))
    }
}

/// Writes a new key file; fails if there is one.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    private_folder(super::files::folder_of(path))?;
    write_new(path, bytes)
}

/// Replaces a file of the folder of keys by a whole new one, or makes it.
pub fn replace_private(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let beside = path.with_extension(NEW);
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

/// Puts other bytes in place of a key file, and overwrites what stood there. Whatever a crash leaves,
/// one of both stands under the name; what it leaves beside, [`sweep`] sees to.
pub(super) fn rewrite(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let (folder, new, old) =
        (super::files::folder_of(path), path.with_extension(NEW), path.with_extension(OLD));
    write_private(&new, bytes)?;
    // A name by which the old bytes can be found again: without it, a crash behind the rename would
    // leave them on the disk.
    std::fs::hard_link(path, &old).map_err(StoreError::io("cannot link", &old))?;
    sync_folder(folder)?;
    std::fs::rename(&new, path).map_err(StoreError::io("cannot replace", path))?;
    sync_folder(folder)?;
    destroy(&old).map(drop)
}

/// Sees to what a [`rewrite`] left that did not end.
pub(super) fn sweep(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::MetadataExt as _;
    let found = std::fs::metadata(path).map_err(StoreError::io("cannot read", path))?;
    match found.nlink() {
        1 => destroy(path).map(drop),
        // The key itself, under a second name.
        _ => remove(path),
    }
}

/// Whether a file is one that [`rewrite`] makes beside a key.
pub fn is_beside(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == NEW || end == OLD)
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
    read_closed_to(0o077, path)
}

/// Reads a credential as systemd hands it out: where it is given to a user by an access control
/// list, the list's mask shows in the bits of the group.
pub fn read_credential(path: &Path) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    read_closed_to(0o007, path)
}

fn read_closed_to(others: u32, path: &Path) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let found = std::fs::metadata(path).map_err(StoreError::io("cannot read", path))?;
    if found.permissions().mode() & others != 0 {
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
