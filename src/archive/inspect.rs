//! Verifying an export: everything is derived again from its entries.

use super::tile_files::{BUNDLE, TileFiles, read_bounded};
use crate::crypto::hash::Digest;
use crate::format::leaf::Leaf;
use crate::format::limits;
use crate::ledger::LedgerError;
use crate::ledger::checkpoint::{Checkpoint, verifier_keys};
use crate::ledger::tiles::{self, Of, Tile, WIDTH};
use crate::ledger::tree::{self, Nodes as _, leaf_hash, node_number};
use crate::ledger::verify::{self, Batch, Raw, Scratch as _, Sound};
use crate::store::StoreError;
use crate::store::inspect::{Inspection, Look, Source, Until};
use crate::store::scratch::DiskScratch;
use std::collections::HashMap;
use std::path::Path;

/// Bundles that are read at once.
const BUNDLES: u64 = 2;
/// Once so many bytes are read, no further bundle is.
const BATCH: usize = 32 << 20;

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
    /// What is wrong with the entry behind those that were given.
    fault: Option<StoreError>,
}

impl Reader {
    /// Opens an export. Its checkpoint says how many entries there are; whether it is signed
    /// is for later to see.
    pub fn open(folder: &Path, until: Option<Until>) -> Result<(Self, Vec<u8>), StoreError> {
        let files = TileFiles::new(folder);
        let note = read_bounded(&files.path("checkpoint"), limits::CHECKPOINT as u64)?;
        let size = Checkpoint::danger_unverified(&note)?.size;
        Ok((Self { files, size, next: 0, until, fault: None }, note))
    }

    /// The next entries; none at the end. Those before one that is wrong come first, so that
    /// an earlier fault in them is the one that is named.
    pub fn batch(&mut self) -> Result<Option<Batch>, StoreError> {
        let mut batch = Batch::default();
        let mut bytes = 0;
        for _ in 0..BUNDLES {
            if self.next >= self.size || self.fault.is_some() || bytes >= BATCH {
                break;
            }
            let Some(tile) = Tile::in_tree(Of::Entries, self.next / WIDTH, self.size) else { break };
            match self.bundle(tile, &mut batch.entries) {
                Ok(taken) => bytes += taken,
                Err(fault) => self.fault = Some(fault),
            }
        }
        match self.fault.take_if(|_| batch.entries.is_empty()) {
            Some(fault) => Err(fault),
            None => Ok((!batch.entries.is_empty()).then_some(batch)),
        }
    }

    /// Adds the entries of a bundle, up to the first that is wrong or not wanted. Gives their
    /// bytes.
    fn bundle(&mut self, tile: Tile, entries: &mut Vec<Raw>) -> Result<usize, StoreError> {
        let hashed = Tile { of: Of::Hashes(0), ..tile };
        let filed = Tile { of: Of::Objects, ..tile };
        let (bundle, hashes) = (self.files.read(tile)?, self.files.hashes(hashed)?);
        let objects = self.files.read(filed)?;
        let mut filed = Filed::of(&objects, filed.path());
        let (mut leaves, mut bytes) = (tiles::leaves(&bundle), 0);
        let wrong = |index, why| Err(LedgerError::Entry { index, why }.into());
        for (index, hash) in (tile.number * WIDTH..).zip(hashes) {
            let Some(leaf) = leaves.next() else {
                return wrong(index, format!("{} is cut", tile.path()));
            };
            if !self.wants(leaf) {
                self.size = self.next;
                return Ok(0);
            }
            if leaf_hash(leaf) != hash {
                return wrong(index, format!("{} and {} differ", tile.path(), hashed.path()));
            }
            let objects =
                filed.objects(leaf).map_err(|why| StoreError::from(LedgerError::Entry { index, why }))?;
            bytes += 2 + leaf.len();
            entries.push(Raw { leaf: leaf.to_vec(), objects });
            self.next += 1;
        }
        if bytes != bundle.len() {
            return wrong(self.next, format!("{} holds more than {} leaves", tile.path(), tile.width));
        }
        filed.end()?;
        Ok(bytes + filed.given)
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
        match tree::root(index, &nodes)? == Checkpoint::danger_unverified(&note)?.root {
            true => Ok(index),
            false => Err(LedgerError::Checkpoint("signs another tree").into()),
        }
    }
}

/// The objects that are filed for a bundle: each once, in the order in which entries name them.
struct Filed<'a> {
    path: String,
    objects: Vec<(&'a Digest, &'a [u8])>,
    places: HashMap<&'a Digest, usize>,
    /// So many were named by an entry, the first of them first.
    named: usize,
    /// Bytes that entries got.
    given: usize,
    whole: bool,
}

impl<'a> Filed<'a> {
    fn of(bundle: &'a [u8], path: String) -> Self {
        let objects: Vec<(&Digest, &[u8])> = tiles::objects(bundle).collect();
        let read: usize = objects.iter().map(|(digest, object)| digest.len() + 4 + object.len()).sum();
        let mut places = HashMap::with_capacity(objects.len());
        for (place, (digest, _)) in objects.iter().enumerate() {
            places.entry(*digest).or_insert(place);
        }
        Self { path, objects, places, named: 0, given: 0, whole: read == bundle.len() }
    }

    /// The objects that a leaf names, or what is wrong with them.
    fn objects(&mut self, leaf: &[u8]) -> Result<Vec<Vec<u8>>, String> {
        let leaf = Leaf::decode(leaf).map_err(|error| error.to_string())?;
        let mut objects = Vec::with_capacity(leaf.objects.len());
        for digest in &leaf.objects {
            // Whether the object is the one that its digest says is seen when the entry is opened.
            let place = self.places.get(digest).copied().filter(|place| *place <= self.named);
            let (place, object) = place
                .map(|place| (place, self.objects[place].1))
                .ok_or_else(|| format!("an object that it names is not in {}", self.path))?;
            self.named = self.named.max(place + 1);
            self.given += object.len();
            // A small file could name a large object again and again.
            if self.given as u64 > BUNDLE {
                return Err(format!("with it, the objects of {} are more than {BUNDLE} bytes", self.path));
            }
            objects.push(object.to_vec());
        }
        Ok(objects)
    }

    /// After the last entry: nothing else lies there.
    fn end(&self) -> Result<(), StoreError> {
        match self.whole && self.named == self.objects.len() {
            true => Ok(()),
            false => Err(StoreError::Export(format!("{} holds what no entry names", self.path))),
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
        // Tiles first: they name the place where the checkpoint only says that there is one.
        compare_tiles(&reader.files, sound.size, &sound.scratch)?;
        signed = Some(sound.signed(&note)?.size);
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
