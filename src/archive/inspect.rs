//! Verifying an export: everything is derived again from its entries.

use super::tile_files::{TileFiles, read_bounded};
use crate::crypto::hash::Digest;
use crate::format::evidence::object_digest;
use crate::format::leaf::Leaf;
use crate::format::limits;
use crate::ledger::LedgerError;
use crate::ledger::checkpoint::{Checkpoint, verifier_keys};
use crate::ledger::tiles::{self, Of, Tile, TileSource as _, WIDTH};
use crate::ledger::tree::{self, Nodes as _, node_number};
use crate::ledger::verify::{self, Batch, Raw, Scratch as _, Sound};
use crate::store::StoreError;
use crate::store::inspect::{Inspection, Look, Source, Until};
use crate::store::scratch::DiskScratch;
use std::collections::HashMap;
use std::path::Path;

/// Bundles that are read at once.
const BUNDLES: u64 = 8;

/// Verifies a ledger: a data directory (or a copy), or an export.
pub fn inspect(
    folder: &Path,
    look: Look,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Inspection, StoreError> {
    match is_export(folder) {
        true => export(folder, look, progress),
        false => crate::store::inspect::verify(folder, look, progress),
    }
}

/// Whether a folder holds an export.
pub fn is_export(folder: &Path) -> bool {
    folder.join("checkpoint").is_file() && folder.join("tile").is_dir()
}

/// Gives the entries of an export.
pub struct Reader {
    files: TileFiles,
    size: u64,
    next: u64,
    until: Option<Until>,
}

impl Reader {
    /// Opens an export. Its checkpoint says how many entries there are; whether it is signed
    /// is for later to see.
    pub fn open(folder: &Path, until: Option<Until>) -> Result<(Self, Vec<u8>), StoreError> {
        let files = TileFiles::new(folder);
        let note = read_bounded(&files.path("checkpoint"), limits::CHECKPOINT as u64)?;
        let size = Checkpoint::danger_unverified(&note)?.size;
        Ok((Self { files, size, next: 0, until }, note))
    }

    /// The next entries; none at the end.
    pub fn batch(&mut self) -> Result<Option<Batch>, StoreError> {
        let mut batch = Batch::default();
        for _ in 0..BUNDLES {
            if self.next >= self.size {
                break;
            }
            let Some(tile) = Tile::in_tree(Of::Entries, self.next / WIDTH, self.size) else { break };
            for raw in self.bundle(tile)? {
                if !self.wants(&raw.leaf) {
                    self.size = self.next;
                    break;
                }
                batch.entries.push(raw);
                self.next += 1;
            }
        }
        Ok((!batch.entries.is_empty()).then_some(batch))
    }

    fn bundle(&self, tile: Tile) -> Result<Vec<Raw>, StoreError> {
        let (first, end) = (tile.number * WIDTH, tile.number * WIDTH + tile.width);
        let wrong = |index: u64, why: String| StoreError::from(LedgerError::Entry { index, why });
        let leaves = tiles::leaves(&self.files.read(tile)?)
            .filter(|leaves| leaves.len() as u64 == tile.width)
            .ok_or_else(|| wrong(first, format!("{} does not hold entries {first} to {end}", tile.path())))?;
        let objects = Tile { of: Of::Objects, ..tile };
        let filed = tiles::objects(&self.files.read(objects)?)
            .ok_or_else(|| wrong(first, format!("{} is cut", objects.path())))?;
        let mut wanted: HashMap<Digest, Vec<u8>> = HashMap::with_capacity(filed.len());
        for (digest, object) in filed {
            // Where it is filed under a digest that is not its own, the entry that wants it is named below.
            if digest == object_digest(&object) {
                wanted.insert(digest, object);
            }
        }
        (first..)
            .zip(leaves)
            .map(|(index, leaf)| {
                let opened = Leaf::decode(&leaf).map_err(|error| wrong(index, error.to_string()))?;
                let objects = opened
                    .objects
                    .iter()
                    .map(|digest| wanted.get(digest).cloned())
                    .collect::<Option<_>>()
                    .ok_or_else(|| {
                        wrong(index, format!("an object that it names is not in {}", objects.path()))
                    })?;
                Ok(Raw { leaf, objects })
            })
            .collect()
    }

    fn wants(&self, leaf: &[u8]) -> bool {
        self.until.is_none_or(|until| until.takes(self.next, leaf))
    }
}

impl Reader {
    /// Compares the tree of an export with its leaves, and nothing else: no signature, no
    /// object. Gives the number of entries.
    pub fn compare_tree(folder: &Path) -> Result<u64, StoreError> {
        let (reader, note) = Self::open(folder, None)?;
        let mut nodes = DiskScratch::new()?;
        let mut index = 0;
        for tile in Tile::all(Of::Entries, reader.size) {
            for leaf in tiles::leaves(&reader.files.read(tile)?).unwrap_or_default() {
                let new = tree::nodes_of(index, &leaf, &nodes)?;
                nodes.add_nodes(new);
                index += 1;
            }
            nodes.settle()?;
        }
        compare_tiles(&reader.files, index, &nodes)?;
        match tree::root(index, &nodes)? == Checkpoint::danger_unverified(&note)?.root {
            true => Ok(index),
            false => Err(LedgerError::Checkpoint("signs another tree").into()),
        }
    }
}

fn export(
    folder: &Path,
    look: Look,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Inspection, StoreError> {
    let (mut reader, note) = Reader::open(folder, look.until)?;
    let sound = verify::verify(&mut || reader.batch(), DiskScratch::new()?, look.facts, progress)?;
    let mut signed = None;
    if look.until.is_none() {
        signed = Some(sound.signed(&note)?.size);
        compare_tiles(&reader.files, sound.size, &sound.scratch)?;
        compare_beside(&reader.files, &sound)?;
    }
    Inspection::of(sound, Source::Export, signed)
}

/// Every stored hash is what the entries amount to.
fn compare_tiles(files: &TileFiles, size: u64, nodes: &DiskScratch) -> Result<(), StoreError> {
    for of in tiles::levels(size) {
        let Of::Hashes(level) = of else { continue };
        for tile in Tile::all(of, size) {
            let hashes = files.tile(tile)?;
            for (position, hash) in (tile.number * WIDTH..).zip(hashes) {
                if nodes.node(node_number(level * 8, position))? != hash {
                    let index = ((position + 1) << (u32::from(level) * 8)) - 1;
                    let why = format!("{} is not what the entries amount to", tile.path());
                    return Err(LedgerError::Entry { index, why }.into());
                }
            }
        }
    }
    Ok(())
}

/// The keys are those that the statements name, and whoever cosigned did.
fn compare_beside(files: &TileFiles, sound: &Sound<DiskScratch>) -> Result<(), StoreError> {
    let chains = || std::iter::once(&sound.chain).chain(sound.peers.values());
    let proven: Vec<String> = chains().flat_map(verifier_keys).collect();
    let path = files.path("vkeys");
    let vkeys = String::from_utf8(read_bounded(&path, 16 << 20)?).unwrap_or_default();
    if let Some(line) = vkeys.lines().find(|line| !proven.iter().any(|key| key == line)) {
        return Err(StoreError::Damaged(format!("vkeys: no statement in the ledger proves {line:?}")));
    }
    if let Some(key) = proven.iter().find(|key| !vkeys.lines().any(|line| line == *key)) {
        return Err(StoreError::Damaged(format!("vkeys lacks {key}")));
    }
    let folder = files.path("witnessed");
    let Ok(witnessed) = std::fs::read_dir(&folder) else { return Ok(()) };
    for found in witnessed.flatten() {
        let name = found.file_name().to_string_lossy().into_owned();
        let wrong = |why: &str| StoreError::Damaged(format!("witnessed/{name}: {why}"));
        let peer = sound
            .peers
            .iter()
            .find(|(peer, _)| peer.as_str() == name)
            .map(|(_, chain)| chain)
            .ok_or_else(|| wrong("is of no peer"))?;
        let note = read_bounded(&found.path(), limits::CHECKPOINT as u64)?;
        let checkpoint = sound.signed(&note).map_err(|error| wrong(&error.to_string()))?;
        if checkpoint.cosignature_of(peer)?.is_none() {
            return Err(wrong("is not cosigned by that peer"));
        }
    }
    Ok(())
}
