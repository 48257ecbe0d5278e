//! Verifying an export: everything is derived again from its entries.

use super::reader::Reader;
use super::tile_files::{TileFiles, read_bounded};
use crate::format::limits;
use crate::ledger::LedgerError;
use crate::ledger::checkpoint::verifier_keys;
use crate::ledger::tiles::{self, Of, Tile, WIDTH};
use crate::ledger::tree::{self, Nodes as _, node_number};
use crate::ledger::verify::{self, Scratch as _, Sound};
use crate::store::StoreError;
use crate::store::inspect::{Inspection, Look, Source};
use crate::store::scratch::DiskScratch;
use std::path::Path;

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

/// Compares the tree of an export with its leaves, and nothing else: no signature, no object.
/// Gives the number of entries.
pub fn compare_tree(folder: &Path) -> Result<u64, StoreError> {
    let (reader, checkpoint) = Reader::open(folder, None)?;
    let mut nodes = DiskScratch::new()?;
    let mut index = 0;
    for tile in Tile::all(Of::Entries, reader.size) {
        let hashes = reader.files.hashes(Tile { of: Of::Hashes(0), ..tile })?;
        for (leaf, hash) in tiles::leaves(&reader.files.read(tile)?).zip(hashes) {
            let new = tree::nodes_of(index, leaf, &nodes)?;
            if new.first() != Some(&hash) {
                return Err(LedgerError::Entry { index, why: format!("{} differs", tile.path()) }.into());
            }
            nodes.add_nodes(new);
            index += 1;
        }
        nodes.settle()?;
    }
    compare_tiles(&reader.files, index, &nodes)?;
    match tree::root(index, &nodes)? == checkpoint.root {
        true => Ok(index),
        false => Err(LedgerError::Checkpoint("signs another tree").into()),
    }
}

fn export(
    folder: &Path,
    look: Look,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Inspection, StoreError> {
    let (mut reader, checkpoint) = Reader::open(folder, look.until)?;
    let sound = verify::verify(&mut || reader.batch(), DiskScratch::new()?, look.facts, progress)?;
    let mut signed = None;
    if look.until.is_none() {
        // Tiles first: they name the place where the checkpoint only says that there is one.
        compare_tiles(&reader.files, sound.size, &sound.scratch)?;
        signed = Some(sound.signed(&checkpoint.note)?.size);
        compare_beside(&reader.files, &sound)?;
    }
    Inspection::of(sound, Source::Export, signed)
}

/// Every stored hash is what the entries amount to. Those of leaves were compared on the way.
fn compare_tiles(files: &TileFiles, size: u64, nodes: &DiskScratch) -> Result<(), StoreError> {
    for of in tiles::levels(size).skip(1) {
        let Of::Hashes(level) = of else { continue };
        for tile in Tile::all(of, size) {
            let hashes = files.hashes(tile)?;
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
    let proven: Vec<String> =
        chains().flat_map(verifier_keys).chain(sound.witnesses.iter().cloned()).collect();
    let path = files.path("vkeys");
    let vkeys = String::from_utf8(read_bounded(&path, 16 << 20)?).unwrap_or_default();
    if !vkeys.ends_with('\n') {
        return Err(StoreError::Export("vkeys is cut".into()));
    }
    if let Some(line) = vkeys.lines().find(|line| !proven.iter().any(|key| key == line)) {
        return Err(StoreError::Export(format!("vkeys: no statement in the ledger proves {line:?}")));
    }
    if let Some(key) = proven.iter().find(|key| !vkeys.lines().any(|line| line == *key)) {
        return Err(StoreError::Export(format!("vkeys lacks {key}")));
    }
    let folder = files.path("witnessed");
    let Ok(witnessed) = std::fs::read_dir(&folder) else { return Ok(()) };
    for found in witnessed.flatten() {
        let name = found.file_name().to_string_lossy().into_owned();
        let wrong = |why: &str| StoreError::Export(format!("witnessed/{name}: {why}"));
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
