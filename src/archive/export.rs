//! Writing a ledger out as files that other people's tools read: C2SP tlog-tiles, with the
//! evidence beside. No content and no key is among them.

use super::stranger;
use super::tile_files::{TileFiles, read_bounded};
use crate::crypto::hash::Digest;
use crate::format::chain::Chain;
use crate::format::evidence::object_digest;
use crate::format::id::AuthorityId;
use crate::format::limits;
use crate::ledger::LedgerError;
use crate::ledger::checkpoint::{Checkpoint, verifier_keys};
use crate::ledger::tiles::{self, Of, Tile, TileSource as _, TileTree, WIDTH, subtree};
use crate::ledger::tree;
use crate::store::StoreError;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

/// A folder that a ledger is written out to, from where the last time ended.
pub struct Export {
    files: TileFiles,
    /// Entries that the last time left.
    before: u64,
    /// Entries written or given so far.
    size: u64,
    /// Incomplete tiles of hashes, lowest level first.
    levels: Vec<Vec<Digest>>,
    leaves: Vec<u8>,
    objects: Vec<u8>,
    filed: HashSet<Digest>,
}

/// What stands beside the tiles.
pub struct Beside<'a> {
    /// The newest checkpoint.
    pub checkpoint: &'a Checkpoint,
    /// Our statements.
    pub chain: &'a Chain,
    /// Those of our peers.
    pub peers: BTreeMap<AuthorityId, Chain>,
    /// Verifier keys of third parties that cosigned.
    pub witnesses: BTreeSet<String>,
    /// Our newest checkpoint that each peer cosigned.
    pub cosigned: BTreeMap<AuthorityId, Vec<u8>>,
}

impl Beside<'_> {
    /// Whether a cosignature counts by itself too: neither its key nor the log's was revoked since.
    fn still_cosigned(&self, peer: &AuthorityId, note: &[u8]) -> Result<bool, StoreError> {
        let (Ok(checkpoint), Some(peer)) = (Checkpoint::open_held(note, self.chain), self.peers.get(peer))
        else {
            return Ok(false);
        };
        Ok(checkpoint.cosignature_of(peer)?.is_some())
    }
}

impl Export {
    /// Opens a folder, empty or with an export of this log. Entries are wanted from
    /// [`Export::size`] on.
    pub fn open(folder: &Path, chain: &Chain) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(StoreError::io("cannot make folder", folder))?;
        let files = TileFiles::new(folder);
        let mut export = Self {
            files,
            before: 0,
            size: 0,
            levels: Vec::new(),
            leaves: Vec::new(),
            objects: Vec::new(),
            filed: HashSet::new(),
        };
        let path = export.files.path("checkpoint");
        if path.exists() {
            let note = read_bounded(&path, limits::CHECKPOINT as u64)?;
            let checkpoint = Checkpoint::open_past(&note, chain)?;
            export.resume(&checkpoint)?;
        }
        Ok(export)
    }

    /// Goes on behind the last full bundle; the one that was not full is written anew.
    fn resume(&mut self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        let tree = TileTree { source: &self.files, size: checkpoint.size };
        if tree::root(checkpoint.size, &tree)? != checkpoint.root {
            return Err(StoreError::Export(format!(
                "{} holds tiles that its checkpoint does not sign",
                self.files.folder().display()
            )));
        }
        self.before = checkpoint.size;
        self.size = checkpoint.size - checkpoint.size % WIDTH;
        for of in tiles::levels(self.size).skip(1) {
            let on_level = Tile::all(of, self.size).last();
            self.levels.push(match on_level.filter(|tile| tile.width < WIDTH) {
                Some(tile) => self.files.tile(tile)?,
                None => Vec::new(),
            });
        }
        // Level 0 begins with an empty tile, since the size is one of full bundles.
        self.levels.insert(0, Vec::new());
        Ok(())
    }

    /// Entries that the export had when it was opened.
    pub fn before(&self) -> u64 {
        self.before
    }

    /// Entries that are there: the next that is wanted has this index.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the next entry.
    pub fn push(&mut self, leaf: &[u8], objects: &[Vec<u8>]) -> Result<(), StoreError> {
        if leaf.len() > limits::LEAF {
            return Err(LedgerError::Entry { index: self.size, why: "leaf too long".into() }.into());
        }
        tiles::add_leaf(&mut self.leaves, leaf);
        for object in objects {
            let digest = object_digest(object);
            if self.filed.insert(digest) {
                tiles::add_object(&mut self.objects, &digest, object);
            }
        }
        self.size += 1;
        self.add_hash(0, tree::leaf_hash(leaf))?;
        if self.size.is_multiple_of(WIDTH) {
            self.write_bundles()?;
        }
        Ok(())
    }

    /// Writes what is incomplete and what stands beside, the checkpoint last. The tree in the
    /// files must be the one that it signs.
    pub fn finish(&mut self, beside: &Beside<'_>) -> Result<(), StoreError> {
        let checkpoint = beside.checkpoint;
        if checkpoint.size != self.size {
            return Err(StoreError::Export(format!(
                "the checkpoint is of {} entries, the export of {}",
                checkpoint.size, self.size
            )));
        }
        for (level, hashes) in (0..).zip(&self.levels) {
            if !hashes.is_empty() {
                self.write_hashes(level, (self.size >> (8 * u32::from(level))) / WIDTH, hashes)?;
            }
        }
        if !self.size.is_multiple_of(WIDTH) {
            self.write_bundles()?;
        }
        let tree = TileTree { source: &self.files, size: self.size };
        if tree::root(self.size, &tree)? != checkpoint.root {
            return Err(StoreError::Export(
                "the exported tree is not the one that the checkpoint signs".into(),
            ));
        }
        let chains = std::iter::once(beside.chain).chain(beside.peers.values());
        let vkeys: String = chains
            .flat_map(verifier_keys)
            .chain(beside.witnesses.iter().cloned())
            .map(|key| key + "\n")
            .collect();
        self.files.write("vkeys", vkeys.as_bytes())?;
        for (peer, note) in &beside.cosigned {
            let name = format!("witnessed/{peer}");
            match beside.still_cosigned(peer, note)? {
                true => self.files.write(&name, note)?,
                false => self.files.remove(&name)?,
            }
        }
        self.files.write("README.md", stranger::readme(beside.chain).as_bytes())?;
        self.files.write("checkpoint", &checkpoint.note)
    }

    fn add_hash(&mut self, level: u8, hash: Digest) -> Result<(), StoreError> {
        let place = usize::from(level);
        if self.levels.len() == place {
            self.levels.push(Vec::new());
        }
        self.levels[place].push(hash);
        if self.levels[place].len() as u64 == WIDTH {
            let hashes = std::mem::take(&mut self.levels[place]);
            self.write_hashes(level, (self.size >> (8 * u32::from(level))) / WIDTH - 1, &hashes)?;
            self.add_hash(level + 1, subtree(&hashes))?;
        }
        Ok(())
    }

    fn write_hashes(&self, level: u8, number: u64, hashes: &[Digest]) -> Result<(), StoreError> {
        let tile = Tile { of: Of::Hashes(level), number, width: hashes.len() as u64 };
        self.files.write(&tile.path(), hashes.as_flattened())
    }

    /// Writes the bundle that ends here. An incomplete one goes on being filled.
    fn write_bundles(&mut self) -> Result<(), StoreError> {
        let number = (self.size - 1) / WIDTH;
        let width = self.size - number * WIDTH;
        for (of, bytes) in [(Of::Entries, &self.leaves), (Of::Objects, &self.objects)] {
            self.files.write(&Tile { of, number, width }.path(), bytes)?;
        }
        if width == WIDTH {
            self.leaves.clear();
            self.objects.clear();
            self.filed.clear();
        }
        Ok(())
    }
}
