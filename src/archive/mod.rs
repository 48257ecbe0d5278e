//! Floor 4, beside `exchange/`: what leaves the data directory for others to keep. Exports that
//! strangers verify, the mirror of a running gateway, back-ups, and the way back from them.
//!
//! A back-up folder holds increments, each a sealed pack and a sealed manifest. It needs
//! nothing of the gateway: the journal is append-only and object files never change, so
//! whoever reads whole groups only has a consistent state. Private keys are never in it;
//! they have a small key back-up of their own.

pub mod backup;
pub mod backup_ledger;
pub mod export;
pub mod folder;
pub mod from_data;
pub mod inspect;
pub mod keys;
pub mod mirror;
mod pack;
pub mod reader;
pub mod restore;
pub mod sealed;
mod stranger;
pub mod survey;
mod tile_files;

pub use inspect::inspect;

use crate::crypto::CryptoError;
use crate::crypto::hash::Digest;
use crate::format::FormatError;
use crate::format::chain::Chain;
use crate::format::id::{AuthorityId, PacketId};
use crate::format::wire;
use crate::ledger::LedgerError;
use crate::ledger::records::Direction;
use crate::store::journal::{Next, Record, Scan};
use crate::store::{StoreError, content};
use prost::Message as _;
use std::path::{Path, PathBuf};

/// Is told how many bytes are done, and of how many as far as that is known.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Number of the leaf kind that records an erasure: peer and id name the packet whose content
/// was erased.
const ERASED: i32 = 13;

/// Why a back-up can't be written, believed or restored.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// A file operation, the journal, or a key file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Entries do not hold together.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A value in an entry is not of its form.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Randomness, or sealing.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// Another back-up key sealed it.
    #[error("{} was sealed with another back-up key", .0.display())]
    WrongKey(PathBuf),
    /// Bytes are not those that were written.
    #[error("{} is damaged: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// An increment is not there.
    #[error("increment {number} is missing in {}", folder.display())]
    Missing {
        /// The back-up folder.
        folder: PathBuf,
        /// Which one.
        number: u64,
    },
    /// There is no back-up in this folder.
    #[error("{} holds no back-up", .0.display())]
    NoBackup(PathBuf),
    /// A folder or file that must be new is not.
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// Another back-up is being written there.
    #[error("another back-up is being written to {}", .0.display())]
    Busy(PathBuf),
    /// Things of two authorities, or of two identities of one.
    #[error("{what} is of {found}, but {expected} is expected")]
    OtherAuthority {
        /// What was found.
        what: &'static str,
        /// Whose it is.
        found: String,
        /// Whose it should be.
        expected: String,
    },
    /// The data directory does not go on from what its back-up holds.
    #[error("this data directory and its back-up do not agree: {0}")]
    Diverged(String),
    /// The mirror can't be used.
    #[error("mirror: {0}")]
    Mirror(String),
}

/// Whose a ledger is: name and fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Name of the authority.
    pub authority: String,
    /// SHA-256 of its statement 0.
    pub fingerprint: Vec<u8>,
}

impl Owner {
    /// The authority in whose data directory this is: its ledger begins with statement 0.
    pub fn of(data: &Path) -> Result<Self, ArchiveError> {
        let journal = data.join("journal");
        let nothing = || StoreError::file(data, "holds no ledger");
        let Next::Group(group) = Scan::begin(&journal)?.next_group()? else { return Err(nothing().into()) };
        let first = group.records.into_iter().find_map(|(record, _)| match record {
            Record::Entry(entry) => entry.objects.into_iter().next(),
            _ => None,
        });
        Ok(Self::from_chain(&Chain::open(&first.ok_or_else(nothing)?)?))
    }

    /// The owner of a chain.
    pub fn from_chain(chain: &Chain) -> Self {
        Self { authority: chain.authority().to_string(), fingerprint: chain.fingerprint().to_vec() }
    }

    /// Refuses what is another's.
    pub fn expect(&self, what: &'static str, expected: &Self) -> Result<(), ArchiveError> {
        match self == expected {
            true => Ok(()),
            false => Err(ArchiveError::OtherAuthority {
                what,
                found: self.to_string(),
                expected: expected.to_string(),
            }),
        }
    }
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fingerprint = hex::encode(&self.fingerprint);
        write!(f, "{} ({}…)", self.authority, &fingerprint[..fingerprint.len().min(16)])
    }
}

/// What a tombstone names: a packet, and with it the texts of the statuses about it that were
/// there by then.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Erased {
    /// The other side.
    pub peer: AuthorityId,
    /// The packet.
    pub id: PacketId,
}

impl Erased {
    /// What an entry erases, if it is a tombstone.
    pub fn by(leaf: &wire::Leaf) -> Result<Option<Self>, FormatError> {
        match leaf.kind {
            ERASED => {
                Ok(Some(Self { peer: AuthorityId::parse(&leaf.peer)?, id: PacketId::from_bytes(&leaf.id)? }))
            }
            _ => Ok(None),
        }
    }

    /// Keys of the content of the packet itself, whichever way it went.
    pub fn contents(&self) -> [Vec<u8>; 2] {
        [Direction::In, Direction::Out].map(|direction| content::key(direction, &self.peer, &self.id))
    }
}

/// Reads a leaf as far as a back-up needs it, whatever its kind.
fn leaf(bytes: &[u8]) -> Result<wire::Leaf, LedgerError> {
    wire::Leaf::decode(bytes).map_err(|error| LedgerError::Read(format!("a leaf: {error}")))
}

/// A digest out of a message.
fn digest(bytes: &[u8], path: &Path) -> Result<Digest, ArchiveError> {
    bytes.try_into().map_err(|_| damaged(path, "a digest has not 32 bytes"))
}

fn damaged(path: &Path, why: impl Into<String>) -> ArchiveError {
    ArchiveError::Damaged { path: path.to_owned(), why: why.into() }
}
