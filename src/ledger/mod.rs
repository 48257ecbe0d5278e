//! Floor 2: the ledger, pure. Entries, tree, checkpoints, proofs, and the views that
//! follow from them. An auditor's tool needs this floor and those below it, nothing else.

pub mod acknowledgement;
pub mod alarm;
pub mod bundle;
pub mod checkpoint;
pub mod compare;
pub mod entry;
pub mod erasure;
pub mod pairing;
pub mod questions;
pub mod records;
pub mod replay;
pub mod submission;
pub mod third_party;
pub mod tiles;
pub mod tree;
pub mod verify;

use crate::format::FormatError;

/// Why bytes of a ledger can't be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// A value in it is not of its form, or not signed as it should be.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A checkpoint is malformed, of another log, or not signed by it.
    #[error("checkpoint: {0}")]
    Checkpoint(&'static str),
    /// A proof does not lead where it should.
    #[error("{0} proof does not hold")]
    Proof(&'static str),
    /// Nodes or views could not be read.
    #[error("cannot read the ledger: {0}")]
    Read(String),
    /// An entry contradicts those before it.
    #[error("entry {index}: {why}")]
    Entry {
        /// Its index.
        index: u64,
        /// What is wrong.
        why: String,
    },
}
