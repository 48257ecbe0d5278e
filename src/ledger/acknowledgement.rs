//! Acknowledgements: committed entries of a peer's log, with the proof that they stand there.

use super::LedgerError;
use super::checkpoint::Checkpoint;
use super::entry::Entry;
use super::tree::{self, Nodes};
use crate::crypto::hash::Digest;
use crate::format::chain::standing::Place;
use crate::format::fields::{self, Field};
use crate::format::leaf::Leaf;
use crate::format::wire::leaf::Kind;
use crate::format::{FormatError, digest, limits, wire};
use prost::Message as _;

/// Entries that a peer proved to have committed.
#[derive(Debug, Clone)]
pub struct Proven {
    /// The entries, as they stand in the peer's log.
    pub entries: Vec<Entry>,
    /// For each, the proof to keep: a serialized `AckEntry` without objects.
    pub receipts: Vec<Vec<u8>>,
    /// The checkpoint that they are proved in.
    pub checkpoint: Checkpoint,
    /// Whether its tree was shown to extend one that was verified before.
    pub linked: bool,
}

impl Proven {
    /// Where the author of one of the entries holds what it stated.
    pub fn place(&self, entry: &Entry) -> Place {
        place(entry.leaf.kind, entry.index, self.linked)
    }

    /// Size and root, where they may be built upon.
    pub fn witnessed(&self) -> Option<(u64, Digest)> {
        self.linked.then_some((self.checkpoint.size, self.checkpoint.root))
    }
}

/// Where an author's log holds, first among the objects of a leaf, what the author stated.
/// `linked`: the tree is one of those that were shown to follow from each other.
pub fn place(kind: Kind, index: u64, linked: bool) -> Place {
    match kind {
        Kind::EvidenceIssued | Kind::StatusIssued | Kind::StatusReceived | Kind::PairingNotice if linked => {
            Place::Logged(index)
        }
        _ => Place::Loose,
    }
}

/// Makes the acknowledgement of `entries` in the tree of `checkpoint`, for a caller that
/// has verified the tree of `known` leaves.
pub fn prove(
    entries: Vec<Entry>,
    checkpoint: &Checkpoint,
    known: u64,
    nodes: &impl Nodes,
) -> Result<wire::Acknowledgement, LedgerError> {
    let from_size = if known <= checkpoint.size { known } else { 0 };
    let entries = entries
        .into_iter()
        .map(|entry| {
            let inclusion = tree::inclusion(entry.index, checkpoint.size, nodes)?;
            Ok(wire::AckEntry {
                // The rest is what the caller itself made: it has it.
                objects: entry.objects.into_iter().take(1).collect(),
                leaf: entry.leaf_bytes,
                index: entry.index,
                inclusion: to_bytes(&inclusion),
            })
        })
        .collect::<Result<_, LedgerError>>()?;
    Ok(wire::Acknowledgement {
        entries,
        checkpoint: checkpoint.note.clone(),
        from_size,
        consistency: to_bytes(&tree::consistency(from_size, checkpoint.size, nodes)?),
    })
}

/// Verifies an acknowledgement under a checkpoint that was opened before, by a caller that
/// has verified the tree `known`. Signatures inside the evidence are not looked at here.
pub fn verify(
    ack: wire::Acknowledgement,
    checkpoint: Checkpoint,
    known: (u64, Digest),
) -> Result<Proven, LedgerError> {
    if ack.from_size != known.0 {
        return Err(LedgerError::Proof("consistency"));
    }
    let consistency = from_bytes(&ack.consistency)?;
    tree::verify_consistency(known, (checkpoint.size, checkpoint.root), &consistency)?;
    Ok(Proven { linked: true, ..verify_unlinked(ack, checkpoint)? })
}

/// As [`verify`], but with no tree that was verified before.
pub fn verify_unlinked(ack: wire::Acknowledgement, checkpoint: Checkpoint) -> Result<Proven, LedgerError> {
    if ack.entries.len() > limits::ACK_ENTRIES {
        return Err(LedgerError::Checkpoint("acknowledgement has too many entries"));
    }
    let (mut entries, mut receipts) = (Vec::new(), Vec::new());
    for mut entry in ack.entries {
        let objects = std::mem::take(&mut entry.objects);
        stands_in(&entry, &checkpoint)?;
        receipts.push(entry.encode_to_vec());
        entries.push(Entry::open_shortened(entry.index, entry.leaf, objects)?);
    }
    Ok(Proven { entries, receipts, checkpoint, linked: false })
}

/// Checks a receipt against the checkpoint that it was given under, and gives the peer's
/// leaf.
pub fn open_receipt(receipt: &[u8], checkpoint: &Checkpoint) -> Result<(u64, Leaf), LedgerError> {
    let (leaf, index, proof) = parts_of_receipt(receipt)?;
    tree::verify_inclusion(leaf, index, checkpoint.size, &checkpoint.root, &proof)?;
    Ok((index, Leaf::decode(leaf)?))
}

/// The nodes of the peer's tree that a receipt names, which was checked against the tree with
/// `size` leaves: those in storage order, each with its number.
pub fn nodes_in_receipt(receipt: &[u8], size: u64) -> Result<Vec<(u64, Digest)>, LedgerError> {
    let (leaf, index, proof) = parts_of_receipt(receipt)?;
    Ok(tree::nodes_of_proof(leaf, index, size, &proof))
}

/// Leaf, index and inclusion proof.
fn parts_of_receipt(receipt: &[u8]) -> Result<(&[u8], u64, Vec<Digest>), FormatError> {
    let (mut leaf, mut index, mut proof) = (&[][..], 0, Vec::new());
    fields::each(receipt, "receipt", |tag, field| {
        match (tag, field) {
            // Objects have no place in a receipt; it says nothing about them.
            (1, Field::Bytes(_)) | (5.., _) => {}
            (2, Field::Bytes(bytes)) => leaf = bytes,
            (3, Field::Number(number)) => index = number,
            (4, Field::Bytes(hash)) if proof.len() < limits::PROOF => {
                proof.push(digest(hash, "proof hash")?);
            }
            _ => return Err(FormatError::Malformed("receipt")),
        }
        Ok(())
    })?;
    Ok((leaf, index, proof))
}

/// The kind of the leaf in a receipt that was checked before.
pub fn receipt_kind(receipt: &[u8]) -> Option<Kind> {
    let entry = wire::AckEntry::decode(receipt).ok()?;
    Leaf::kind_in(&entry.leaf)
}

fn stands_in(entry: &wire::AckEntry, checkpoint: &Checkpoint) -> Result<(), LedgerError> {
    let proof = from_bytes(&entry.inclusion)?;
    tree::verify_inclusion(&entry.leaf, entry.index, checkpoint.size, &checkpoint.root, &proof)
}

/// Hashes as a message carries them.
pub fn to_bytes(proof: &[Digest]) -> Vec<Vec<u8>> {
    proof.iter().map(|hash| hash.to_vec()).collect()
}

/// Hashes of a proof, bounded.
pub fn from_bytes(proof: &[Vec<u8>]) -> Result<Vec<Digest>, LedgerError> {
    if proof.len() > limits::PROOF {
        return Err(LedgerError::Proof("overlong"));
    }
    proof.iter().map(|hash| Ok(digest(hash, "proof hash")?)).collect()
}
