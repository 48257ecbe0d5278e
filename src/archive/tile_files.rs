//! Tiles as files in a folder.

use crate::crypto::LEN;
use crate::crypto::hash::Digest;
use crate::ledger::LedgerError;
use crate::ledger::tiles::{Of, Tile, TileSource, WIDTH};
use crate::store::StoreError;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// A bundle of objects at most, bytes: 256 entries with their evidence.
const BUNDLE: u64 = 256 << 20;
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
            Of::Entries | Of::Objects => BUNDLE,
        };
        read_bounded(&path, bound)
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

/// Reads a file that has at most `bound` bytes.
pub fn read_bounded(path: &Path, bound: u64) -> Result<Vec<u8>, StoreError> {
    let file = std::fs::File::open(path).map_err(StoreError::io("cannot open", path))?;
    let mut bytes = Vec::new();
    file.take(bound + 1).read_to_end(&mut bytes).map_err(StoreError::io("cannot read", path))?;
    match bytes.len() as u64 <= bound {
        true => Ok(bytes),
        false => Err(StoreError::Damaged(format!("{} is longer than {bound} bytes", path.display()))),
    }
}

impl TileSource for TileFiles {
    fn tile(&self, tile: Tile) -> Result<Vec<Digest>, LedgerError> {
        if let Some(hashes) = self.remembered.borrow().get(&tile) {
            return Ok(hashes.clone());
        }
        let bytes = self.read(tile).map_err(|error| LedgerError::Read(error.to_string()))?;
        let (hashes, rest) = bytes.as_chunks::<LEN>();
        if hashes.len() as u64 != tile.width || !rest.is_empty() {
            return Err(LedgerError::Read(format!("{} does not hold {} hashes", tile.path(), tile.width)));
        }
        let mut remembered = self.remembered.borrow_mut();
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(tile, hashes.to_vec());
        Ok(hashes.to_vec())
    }
}
