//! Large sealed objects: content-addressed files, durable before the group that names them.

use super::StoreError;
use super::files::{new_private, private_folder, sync_folder};
use crate::crypto::hash::Digest;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The folder of object files.
#[derive(Debug, Clone)]
pub struct Objects {
    folder: PathBuf,
}

/// A file that is being written and has no name yet. Dropped, it is gone.
pub struct Incoming {
    file: File,
    path: PathBuf,
    objects: Objects,
    placed: bool,
}

static NEXT: AtomicU64 = AtomicU64::new(0);

impl Objects {
    /// Opens the folder; half-written files of a process that died are removed.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        let folder = data.join("objects");
        let incoming = folder.join("incoming");
        private_folder(&incoming)?;
        for left in std::fs::read_dir(&incoming).map_err(StoreError::io("cannot read", &incoming))?.flatten()
        {
            std::fs::remove_file(left.path()).map_err(StoreError::io("cannot remove", &left.path()))?;
        }
        sync_folder(data)?;
        Ok(Self { folder })
    }

    /// Whether there is room for so many bytes more.
    pub fn check_room(&self, bytes: u64) -> Result<(), StoreError> {
        super::room::check(&self.folder, bytes)
    }

    /// Begins a file.
    pub fn incoming(&self) -> Result<Incoming, StoreError> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join("incoming").join(format!("{}-{number}", std::process::id()));
        Ok(Incoming { file: new_private(&path)?, path, objects: self.clone(), placed: false })
    }

    /// Opens the object with this chunk root.
    pub fn read(&self, root: &Digest) -> Result<File, StoreError> {
        let path = self.path(root);
        File::open(&path).map_err(StoreError::io("cannot open", &path))
    }

    /// Removes the file of the object with this chunk root, if there is one, durably.
    pub fn remove(&self, root: &Digest) -> Result<(), StoreError> {
        let path = self.path(root);
        match std::fs::remove_file(&path) {
            Ok(()) => sync_folder(super::files::folder_of(&path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(StoreError::io("cannot remove", &path)(error)),
        }
    }

    fn path(&self, root: &Digest) -> PathBuf {
        let name = hex::encode(root);
        self.folder.join(&name[..2]).join(&name[2..])
    }
}

impl Incoming {
    /// Adds bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.objects.check_room(bytes.len() as u64)?;
        self.file.write_all(bytes).map_err(StoreError::io("cannot write", &self.path))
    }

    /// Syncs the file and gives it its name. Only then may a group name it.
    pub fn place(mut self, root: &Digest) -> Result<(), StoreError> {
        let path = self.objects.path(root);
        let folder = super::files::folder_of(&path);
        self.file.sync_all().map_err(StoreError::io("cannot sync", &self.path))?;
        private_folder(folder)?;
        std::fs::rename(&self.path, &path).map_err(StoreError::io("cannot name", &path))?;
        self.placed = true;
        sync_folder(folder)?;
        // Whoever made the folder may have died before its name was synced.
        sync_folder(&self.objects.folder)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.placed {
            // Nothing names the file; the next start removes it if this fails.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Fills `buffer` as far as the file goes; gives the number of bytes.
pub fn read_full(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

/// The object files in a data directory, where a gateway may be working: chunk root and path.
pub fn stored(data: &Path) -> Result<Vec<(Digest, PathBuf)>, StoreError> {
    let folder = data.join("objects");
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for first in list(&folder)?.into_iter().filter(|path| path.is_dir()) {
        for path in list(&first)? {
            let name = [&first, &path].map(|path| path.file_name().unwrap_or_default().to_string_lossy());
            // Whatever is not named by a root (`incoming`) is no object.
            let root = hex::decode(name.concat()).ok().and_then(|root| root.try_into().ok());
            found.extend(root.map(|root| (root, path)));
        }
    }
    found.sort();
    Ok(found)
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let entries = std::fs::read_dir(folder).map_err(StoreError::io("cannot read", folder))?;
    entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(StoreError::io("cannot read", folder)))
        .collect()
}
