//! Tiles as files in a folder.

use crate::crypto::LEN;
use crate::crypto::hash::Digest;
use crate::format::limits;
use crate::ledger::LedgerError;
use crate::ledger::tiles::{Of, Tile, TileSource, WIDTH};
use crate::store::StoreError;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// A bundle of objects at most, bytes: 256 entries with their evidence.
pub(super) const BUNDLE: u64 = 256 << 20;
/// A bundle of leaves at most, bytes: each behind its length.
const LEAVES: u64 = WIDTH * (2 + limits::LEAF as u64);
/// Tiles of hashes that are remembered.
const REMEMBERED: usize = 64;

/// A folder of tiles.
pub struct TileFiles {
    folder: PathBuf,
    remembered: RefCell<HashMap<Tile, Vec<Digest>>>,
}

impl TileFiles {
    /// Tiles in this folder.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), remembered: RefCell::default() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The bytes of a tile's file.
    pub fn read(&self, tile: Tile) -> Result<Vec<u8>, StoreError> {
        let path = self.path(&tile.path());
        let bound = match tile.of {
            Of::Hashes(_) => WIDTH * LEN as u64,
            Of::Entries => LEAVES,
            Of::Objects => BUNDLE,
        };
        read_bounded(&path, bound)
    }

    /// The bytes of a bundle, and whether it holds just as many as its width says. Where the
    /// incomplete one is not there, the full one is taken, which holds the same and more.
    pub fn bundle(&self, tile: Tile) -> Result<(Vec<u8>, bool), StoreError> {
        let full = Tile { width: WIDTH, ..tile };
        match tile == full || self.path(&tile.path()).exists() || !self.path(&full.path()).exists() {
            true => Ok((self.read(tile)?, true)),
            false => Ok((self.read(full)?, false)),
        }
    }

    /// The hashes of a tile, as many as its width says.
    pub fn hashes(&self, tile: Tile) -> Result<Vec<Digest>, StoreError> {
        let bytes = self.read(tile)?;
        match bytes.as_chunks::<LEN>() {
            (hashes, []) if hashes.len() as u64 == tile.width => Ok(hashes.to_vec()),
            _ => Err(StoreError::Export(format!("{} does not hold {} hashes", tile.path(), tile.width))),
        }
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, name: &str) -> Result<(), StoreError> {
        let path = self.path(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::io("cannot remove", &path)(error))
            }
            _ => Ok(()),
        }
    }

    /// Writes a file that is durable and whole, or not there. One that holds these very bytes
    /// is left as it is.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(name);
        if std::fs::read(&path).is_ok_and(|found| found == bytes) {
            return Ok(());
        }
        let folder = path.parent().unwrap_or(&self.folder);
        if !folder.is_dir() {
            std::fs::create_dir_all(folder).map_err(StoreError::io("cannot make folder", folder))?;
            // New folders on the way down are entries of their parents.
            for above in folder.ancestors().skip(1).take_while(|above| above.starts_with(&self.folder)) {
                sync(above)?;
            }
        }
        let new = path.with_extension("new");
        let written = std::fs::File::create(&new).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        written.map_err(StoreError::io("cannot write", &new))?;
        std::fs::rename(&new, &path).map_err(StoreError::io("cannot name", &path))?;
        sync(folder)
    }
}

fn sync(folder: &Path) -> Result<(), StoreError> {
    std::fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(StoreError::io("cannot sync folder", folder))
}

/// Reads a file that has at most `bound` bytes. What is no file, a pipe for one, is not opened.
pub fn read_bounded(path: &Path, bound: u64) -> Result<Vec<u8>, StoreError> {
    let found = std::fs::metadata(path).map_err(StoreError::io("cannot open", path))?;
    if !found.is_file() {
        return Err(StoreError::Export(format!("{} is no file", path.display())));
    }
    let mut bytes = Vec::new();
    if found.len() <= bound {
        // A byte more than it holds, so that its end is seen without making more room.
        bytes.reserve(found.len() as usize + 1);
        let file = std::fs::File::open(path).map_err(StoreError::io("cannot open", path))?;
        file.take(bound + 1).read_to_end(&mut bytes).map_err(StoreError::io("cannot read", path))?;
    }
    // It may have grown since it was asked for its length.
    match found.len().max(bytes.len() as u64) <= bound {
        true => Ok(bytes),
        false => Err(StoreError::Export(format!("{} is longer than {bound} bytes", path.display()))),
    }
}

impl TileSource for TileFiles {
    fn tile(&self, tile: Tile) -> Result<Vec<Digest>, LedgerError> {
        if let Some(hashes) = self.remembered.borrow().get(&tile) {
            return Ok(hashes.clone());
        }
        let hashes = self.hashes(tile).map_err(|error| LedgerError::Read(error.to_string()))?;
        let mut remembered = self.remembered.borrow_mut();
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(tile, hashes.clone());
        Ok(hashes)
    }
}
