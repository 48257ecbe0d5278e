//! The tree cut into tiles (C2SP tlog-tiles, height 8): names, bundles of entries, and the
//! tree as tiles show it.

use super::LedgerError;
use super::tree::{Nodes, node_hash, split_node};
use crate::crypto::LEN;
use crate::crypto::hash::Digest;
use crate::format::limits;

/// Hashes in a full tile, entries in a full bundle.
pub const WIDTH: u64 = 256;
const HEIGHT: u8 = 8;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Of {
    /// Hashes of this level: 0 for leaves, 1 for the roots of full tiles of leaves, ...
    Hashes(u8),
    /// Leaves.
    Entries,
    /// The evidence objects of the same entries. Ours; C2SP knows no such thing.
    Objects,
}

/// A tile by name: what, which, and how many it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tile {
    /// What it holds.
    pub of: Of,
    /// Its number on its level.
    pub number: u64,
    /// How many, up to [`WIDTH`].
    pub width: u64,
}

impl Tile {
    /// The tile with this number on this level of a tree with `size` leaves; none where the
    /// tree does not reach it.
    pub fn in_tree(of: Of, number: u64, size: u64) -> Option<Self> {
        let on_level = match of {
            Of::Hashes(level) => size.checked_shr(u32::from(level) * u32::from(HEIGHT)).unwrap_or(0),
            Of::Entries | Of::Objects => size,
        };
        let width = on_level.saturating_sub(number * WIDTH).min(WIDTH);
        (width > 0).then_some(Self { of, number, width })
    }

    /// All tiles of a kind in a tree with `size` leaves.
    pub fn all(of: Of, size: u64) -> impl Iterator<Item = Self> {
        (0..).map_while(move |number| Self::in_tree(of, number, size))
    }

    /// The file's path below the folder.
    pub fn path(&self) -> String {
        let folder = match self.of {
            Of::Hashes(level) => format!("tile/{level}"),
            Of::Entries => "tile/entries".into(),
            Of::Objects => "objects".into(),
        };
        let mut name = format!("{:03}", self.number % 1000);
        let mut rest = self.number / 1000;
        while rest > 0 {
            name = format!("x{:03}/{name}", rest % 1000);
            rest /= 1000;
        }
        match self.width {
            WIDTH => format!("{folder}/{name}"),
            width => format!("{folder}/{name}.p/{width}"),
        }
    }
}

/// Highest level on which a tree with `size` leaves has a tile.
pub fn levels(size: u64) -> impl Iterator<Item = Of> {
    (0..HEIGHT).take_while(move |level| size >> (u32::from(*level) * u32::from(HEIGHT)) > 0).map(Of::Hashes)
}

/// The root of a full subtree over these hashes; their number is a power of two.
pub fn subtree(hashes: &[Digest]) -> Digest {
    match hashes {
        [one] => *one,
        more => {
            let (left, right) = more.split_at(more.len() / 2);
            node_hash(&subtree(left), &subtree(right))
        }
    }
}

/// Adds a leaf to a bundle (C2SP: big-endian length, then the bytes).
pub fn add_leaf(bundle: &mut Vec<u8>, leaf: &[u8]) {
    debug_assert!(leaf.len() <= limits::LEAF);
    bundle.extend_from_slice(&(leaf.len() as u16).to_be_bytes());
    bundle.extend_from_slice(leaf);
}

/// The leaves of a bundle, as far as they are whole.
pub fn leaves(bundle: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bundle;
    std::iter::from_fn(move || {
        let (length, behind) = rest.split_first_chunk::<2>()?;
        let (leaf, behind) = behind.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        rest = behind;
        Some(leaf)
    })
}

/// Adds an object to a bundle: its digest, big-endian length in four bytes, the bytes.
pub fn add_object(bundle: &mut Vec<u8>, digest: &Digest, object: &[u8]) {
    bundle.extend_from_slice(digest);
    bundle.extend_from_slice(&(object.len() as u32).to_be_bytes());
    bundle.extend_from_slice(object);
}

/// The objects of a bundle with the digest that each is filed under, as far as they are whole.
pub fn objects(bundle: &[u8]) -> impl Iterator<Item = (&Digest, &[u8])> {
    let mut rest = bundle;
    std::iter::from_fn(move || {
        let (digest, behind) = rest.split_first_chunk::<LEN>()?;
        let (length, behind) = behind.split_first_chunk::<4>()?;
        let (object, behind) = behind.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        rest = behind;
        Some((digest, object))
    })
}

/// Reads the hashes of a tile.
pub trait TileSource {
    /// The hashes, as many as its width says.
    fn tile(&self, tile: Tile) -> Result<Vec<Digest>, LedgerError>;
}

/// A tree with `size` leaves, as its tiles show it.
pub struct TileTree<'a, S> {
    /// Where the tiles are.
    pub source: &'a S,
    /// Leaves in the tree.
    pub size: u64,
}

impl<S: TileSource> Nodes for TileTree<'_, S> {
    fn node(&self, number: u64) -> Result<Digest, LedgerError> {
        let (level, position) = split_node(number);
        let (tile_level, above) = (level / HEIGHT, level % HEIGHT);
        let first = position << above;
        let missing = || LedgerError::Read(format!("node {number} is missing"));
        let tile = Tile::in_tree(Of::Hashes(tile_level), first / WIDTH, self.size).ok_or_else(missing)?;
        let hashes = self.source.tile(tile)?;
        let from = (first % WIDTH) as usize;
        hashes.get(from..from + (1 << above)).map(subtree).ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_have_the_names_of_the_specification() {
        let tile = |of, number, width| Tile { of, number, width }.path();
        assert_eq!(tile(Of::Hashes(0), 0, 256), "tile/0/000");
        assert_eq!(tile(Of::Hashes(1), 273, 112), "tile/1/273.p/112");
        assert_eq!(tile(Of::Entries, 1_234_067, 256), "tile/entries/x001/x234/067");
        assert_eq!(tile(Of::Objects, 1000, 5), "objects/x001/000.p/5");
        // The example of the specification: a log of 70,000 entries.
        assert_eq!(Tile::all(Of::Hashes(0), 70_000).last().unwrap().path(), "tile/0/273.p/112");
        assert_eq!(Tile::all(Of::Hashes(1), 70_000).last().unwrap().path(), "tile/1/001.p/17");
        assert_eq!(Tile::all(Of::Hashes(2), 70_000).last().unwrap().path(), "tile/2/000.p/1");
        assert_eq!(levels(70_000).count(), 3);
        assert_eq!(Tile::in_tree(Of::Hashes(1), 0, 255), None);
    }

    #[test]
    fn bundles_are_read_as_they_were_written_and_as_far_as_they_are_whole() {
        let mut bundle = Vec::new();
        add_leaf(&mut bundle, b"one");
        add_leaf(&mut bundle, b"");
        assert!(leaves(&bundle).eq([b"one".as_slice(), b""]));
        assert!(leaves(&bundle[..bundle.len() - 1]).eq([b"one".as_slice()]));
        let mut bundle = Vec::new();
        add_object(&mut bundle, &[7; 32], b"object");
        assert!(objects(&bundle).eq([(&[7; 32], b"object".as_slice())]));
        assert!((1..bundle.len()).all(|cut| objects(&bundle[..cut]).next().is_none()));
    }
}
