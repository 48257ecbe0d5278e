//! A ledger of XA that goes on after its end, with XA's keys, and a log of XB that goes on
//! beside it, with XB's: what both could make, if both were dishonest.

use crate::fixture::{Fixture, raw};
use crate::resigned::nodes;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::AckEntry;
use rogatory::ledger::acknowledgement::to_bytes;
use rogatory::ledger::tree;
use rogatory::ledger::verify::Raw;
use rogatory::store::CheckpointSigner as _;

/// What goes on.
pub struct Story {
    /// XA's entries.
    pub entries: Vec<Raw>,
    theirs: Vec<Vec<u8>>,
    /// When all of it is said to happen.
    pub at: u64,
}

impl Story {
    pub fn begin() -> Self {
        let Fixture { xa, xb, .. } = Fixture::get();
        let theirs = xb.entries.iter().map(|raw| raw.leaf.clone()).collect();
        Self { entries: xa.entries.clone(), theirs, at: xa.sound.at.max(xb.sound.at) }
    }

    /// XA's next entry. Gives its index.
    pub fn push(&mut self, leaf: Leaf, objects: Vec<Vec<u8>>) -> u64 {
        self.entries.push(raw(Leaf { at: self.at, ..leaf }, objects));
        self.entries.len() as u64 - 1
    }

    /// XB's next entry: gives its receipt, and a checkpoint of XB that it is proved in.
    pub fn receipt(&mut self, leaf: Leaf, objects: Vec<Vec<u8>>) -> [Vec<u8>; 2] {
        let Fixture { xa, xb, .. } = Fixture::get();
        let peer = Some(leaf.peer.unwrap_or_else(|| xa.identity.authority().clone()));
        let leaf = raw(Leaf { at: self.at, peer, ..leaf }, objects).leaf;
        self.theirs.push(leaf.clone());
        let nodes = nodes(self.theirs.iter().map(Vec::as_slice));
        let size = self.theirs.len() as u64;
        let inclusion = to_bytes(&tree::inclusion(size - 1, size, &nodes).unwrap());
        let receipt = AckEntry { leaf, index: size - 1, inclusion, objects: Vec::new() };
        let note = xb.identity.sign(size, tree::root(size, &nodes).unwrap()).unwrap().note;
        [prost::Message::encode_to_vec(&receipt), note]
    }
}
