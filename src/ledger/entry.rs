//! Entries: a leaf with the evidence objects that it names.

use super::LedgerError;
use crate::format::evidence::{Evidence, object_digest};
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use std::sync::OnceLock;

/// An entry at its place in the log.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Position, from 0.
    pub index: u64,
    /// The checked leaf.
    pub leaf: Leaf,
    /// The exact bytes that are hashed.
    pub leaf_bytes: Vec<u8>,
    /// The evidence objects, in the leaf's order.
    pub objects: Vec<Vec<u8>>,
    /// What was read of them.
    pub(super) known: Known,
}

/// Objects of an entry that are asked for again and again, read once.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub evidence: OnceLock<Evidence>,
    pub header: OnceLock<SignedHeader>,
}

impl Entry {
    /// Reads an entry and checks each object against the digest in the leaf.
    pub fn open(index: u64, leaf_bytes: Vec<u8>, objects: Vec<Vec<u8>>) -> Result<Self, LedgerError> {
        let entry = Self::open_shortened(index, leaf_bytes, objects)?;
        match entry.objects.len() == entry.leaf.objects.len() {
            true => Ok(entry),
            false => Err(entry.wrong("lacks an evidence object that its leaf names")),
        }
    }

    /// As [`Entry::open`], where the last objects may have been left out.
    pub fn open_shortened(
        index: u64,
        leaf_bytes: Vec<u8>,
        objects: Vec<Vec<u8>>,
    ) -> Result<Self, LedgerError> {
        let leaf = Leaf::decode(&leaf_bytes)?;
        let agree = leaf.objects.len() >= objects.len()
            && leaf.objects.iter().zip(&objects).all(|(digest, object)| *digest == object_digest(object));
        let entry = Self { index, leaf, leaf_bytes, objects, known: Known::default() };
        match agree {
            true => Ok(entry),
            false => Err(entry.wrong("has an evidence object that is not the one its leaf names")),
        }
    }

    /// The object at `place`, or an error that names the entry.
    pub fn object(&self, place: usize) -> Result<&[u8], LedgerError> {
        self.objects.get(place).map(Vec::as_slice).ok_or_else(|| self.wrong("lacks an evidence object"))
    }

    /// The evidence that is the first object. Who has not verified the entry has to trust where
    /// it comes from.
    pub fn danger_evidence(&self) -> Result<&Evidence, LedgerError> {
        if let Some(evidence) = self.known.evidence.get() {
            return Ok(evidence);
        }
        let evidence = Evidence::danger_unverified(self.object(0)?)?;
        Ok(self.known.evidence.get_or_init(|| evidence))
    }

    /// The header that is the second object, as [`Entry::danger_evidence`].
    pub fn danger_header(&self) -> Result<&SignedHeader, LedgerError> {
        if let Some(header) = self.known.header.get() {
            return Ok(header);
        }
        let header = SignedHeader::danger_unverified(self.object(1)?)?;
        Ok(self.known.header.get_or_init(|| header))
    }

    /// An error about this entry.
    pub fn wrong(&self, why: &str) -> LedgerError {
        LedgerError::Entry { index: self.index, why: why.to_owned() }
    }
}
