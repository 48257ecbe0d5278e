//! Reading the entries of an export, each with its evidence objects: for whoever verifies it, asks
//! it, or restores from it.

use super::tile_files::{BUNDLE, TileFiles, read_bounded};
use crate::crypto::hash::Digest;
use crate::format::evidence::object_digest;
use crate::format::leaf::Leaf;
use crate::format::limits;
use crate::ledger::LedgerError;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::tiles::{self, Of, Tile, WIDTH};
use crate::ledger::tree::leaf_hash;
use crate::ledger::verify::{Batch, Raw};
use crate::store::StoreError;
use crate::store::inspect::Until;
use std::collections::HashMap;
use std::path::Path;

/// Bundles that are read at once.
const BUNDLES: u64 = 2;
/// Once so many bytes are read, no further bundle is.
const BATCH: usize = 32 << 20;

/// Gives the entries of an export.
pub struct Reader {
    pub(super) files: TileFiles,
    pub(super) size: u64,
    next: u64,
    until: Option<Until>,
    /// Whether each leaf is compared with its hash in the tiles.
    hashed: bool,
    /// What is wrong with the entry behind those that were given.
    fault: Option<StoreError>,
}

impl Reader {
    /// Opens an export. Its checkpoint says how many entries there are; whether it is signed
    /// is for later to see.
    pub fn open(folder: &Path, until: Option<Until>) -> Result<(Self, Checkpoint), StoreError> {
        let files = TileFiles::new(folder);
        let note = read_bounded(&files.path("checkpoint"), limits::CHECKPOINT as u64)?;
        let checkpoint = Checkpoint::danger_unverified(&note)?;
        Ok((Self { files, size: checkpoint.size, next: 0, until, hashed: true, fault: None }, checkpoint))
    }

    /// The first `size` entries of an export, from its bundles alone.
    pub fn of_bundles(folder: &Path, size: u64) -> Self {
        Self { files: TileFiles::new(folder), size, next: 0, until: None, hashed: false, fault: None }
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
        let (bundle, just) = self.files.bundle(tile)?;
        let hashes = if self.hashed { Some(self.files.hashes(hashed)?) } else { None };
        let (objects, just_filed) = self.files.bundle(filed)?;
        let mut filed = Filed::of(&objects, filed.path());
        let (mut leaves, mut bytes) = (tiles::leaves(&bundle), 0);
        let wrong = |index, why| Err(LedgerError::Entry { index, why }.into());
        let first = tile.number * WIDTH;
        for index in first..first + tile.width {
            let Some(leaf) = leaves.next() else {
                return wrong(index, format!("{} is cut", tile.path()));
            };
            if !self.wants(leaf) {
                self.size = self.next;
                return Ok(0);
            }
            let place = (index - first) as usize;
            if hashes.as_ref().is_some_and(|hashes| hashes.get(place) != Some(&leaf_hash(leaf))) {
                return wrong(index, format!("{} and {} differ", tile.path(), hashed.path()));
            }
            let objects =
                filed.objects(leaf).map_err(|why| StoreError::from(LedgerError::Entry { index, why }))?;
            bytes += 2 + leaf.len();
            entries.push(Raw { leaf: leaf.to_vec(), objects });
            self.next += 1;
        }
        if just && bytes != bundle.len() {
            return wrong(self.next, format!("{} holds more than {} leaves", tile.path(), tile.width));
        }
        if just_filed {
            filed.end()?;
        }
        Ok(bytes + filed.given)
    }

    fn wants(&self, leaf: &[u8]) -> bool {
        self.until.is_none_or(|until| until.takes(self.next, leaf))
    }
}

/// The objects that are filed for a bundle: each once, in the order in which entries name them.
struct Filed<'a> {
    path: String,
    objects: Vec<(&'a Digest, &'a [u8])>,
    places: HashMap<&'a [u8], usize>,
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
            places.entry(digest.as_slice()).or_insert(place);
        }
        Self { path, objects, places, named: 0, given: 0, whole: read == bundle.len() }
    }

    /// The objects that a leaf names, or what is wrong with them.
    fn objects(&mut self, leaf: &[u8]) -> Result<Vec<Vec<u8>>, String> {
        // As far as it is wanted here: what else is in it is for those to judge who know its kind.
        let named = Leaf::objects_in(leaf).map_err(|error| error.to_string())?;
        let mut objects = Vec::with_capacity(named.len());
        for digest in named {
            let place = self.places.get(digest).copied().filter(|place| *place <= self.named);
            let place = place.ok_or_else(|| format!("an object that it names is not in {}", self.path))?;
            let object = self.objects[place].1;
            if place == self.named && object_digest(object) != digest {
                return Err(format!("an object is another than {} files it as", self.path));
            }
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
