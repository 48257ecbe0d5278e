//! Floor 3: the one durable boundary. Journal, group commit, views, objects, key files.
//! The only home of sled.
//!
//! What a caller is told was committed survives `kill -9` and power loss: it stands in the
//! journal, synced. sled serves queries and proofs and can be rebuilt from the journal.

pub mod backed_up;
mod building;
pub mod checkpoint_file;
pub mod closed;
pub mod content;
mod copy;
mod derived;
pub mod draft_files;
pub mod entries;
pub mod epochs;
pub mod erasing;
pub mod files;
pub mod group;
mod index;
pub mod inspect;
pub mod journal;
pub mod key_files;
pub mod lock;
pub mod objects;
pub mod passphrase;
mod pending;
mod proposal;
mod recent;
mod recovery;
pub mod room;
pub mod scratch;
pub mod snapshot;
mod writer;

pub use group::{Committed, Decision, NewEntry};
pub use index::Pair;
pub use proposal::{Commit, Refused};
pub use recovery::{CheckpointSigner, Clock, Observer, Opened, Options, Recovery, boot_id, recovery_ahead};
pub use snapshot::Snapshot;
pub use writer::Store;

use crate::ledger::LedgerError;
use std::path::{Path, PathBuf};

/// Why the store can't do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system refused a file operation.
    #[error("{action} {path}: {source}", path = path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process works in this data directory.
    #[error("data directory {} is in use by another process", .0.display())]
    Locked(PathBuf),
    /// The journal is damaged before the newest signed checkpoint: nothing may be appended.
    #[error("the journal is damaged: {0}")]
    Damaged(String),
    /// An export is not what was written out.
    #[error("the export is damaged: {0}")]
    Export(String),
    /// A file beside the journal, or a folder, is not what it should be.
    #[error("{} {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        why: &'static str,
    },
    /// What is on disk ends before the newest signed checkpoint: going on would fork the log.
    #[error("the journal holds {found} entries, but {signed} were signed: going on would fork the log")]
    Behind {
        /// Entries in the journal.
        found: u64,
        /// Entries in the newest signed checkpoint.
        signed: u64,
    },
    /// The disk is nearly full: what is left is for what was accepted before.
    #[error("the disk of {} has {} MiB free: nothing new is accepted", path.display(), free >> 20)]
    NoRoom {
        /// A folder on it.
        path: PathBuf,
        /// Bytes that are free.
        free: u64,
    },
    /// The disk takes nothing at all.
    #[error("the disk of {} is mounted read-only: nothing is accepted", .0.display())]
    ReadOnly(PathBuf),
    /// sled refused.
    #[error("index: {0}")]
    Index(String),
    /// What is derived for verification can't be kept.
    #[error("temporary files: {0}")]
    Scratch(String),
    /// Entries do not hold together.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The writer has stopped, for good.
    #[error("the writer has stopped: {0}")]
    Stopped(String),
    /// A key file is not what it should be.
    #[error("key file {}: {why}", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: &'static str,
    },
    /// Keys are encrypted, and nobody gave a passphrase.
    #[error("{} is under a passphrase, and none was given", .0.display())]
    NoPassphrase(PathBuf),
    /// This is not the passphrase.
    #[error("this is not the passphrase of {}", .0.display())]
    WrongPassphrase(PathBuf),
    /// Sealed content is not here.
    #[error("content of {0} is not here")]
    ContentMissing(String),
}

impl StoreError {
    pub(crate) fn file(path: &Path, why: &'static str) -> Self {
        Self::File { path: path.to_owned(), why }
    }

    /// Wraps what the system said about a file.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}

impl From<sled::Error> for StoreError {
    fn from(error: sled::Error) -> Self {
        Self::Index(error.to_string())
    }
}
