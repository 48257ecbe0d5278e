//! Verification: re-derives a ledger from its raw entries, trusting nothing in it. What
//! remains to be trusted is one thing: that the fingerprint is the authority's.
//!
//! Signatures are checked on all cores (`check`), while the entries behind are read, and those
//! checked before are folded, in order, into tree and views (`fold`). Memory does not grow with the ledger
//! where the [`Scratch`] keeps what is derived outside of it.

mod check;
mod fold;
mod leaf;
mod notes;
mod order;
mod pairing;

use super::LedgerError;
use super::checkpoint::Checkpoint;
use super::records::{Views, ViewsMut};
use super::tree::{self, Nodes};
use crate::crypto::hash::Digest;
use crate::format::chain::Chain;
use crate::format::id::{AuthorityId, PacketId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::mpsc::sync_channel;
use std::thread::{self, ScopedJoinHandle};

/// Batches that may be read ahead of checking, and checked ahead of folding.
const AHEAD: usize = 2;

/// Where what is derived is kept while it is derived. Beside views it gets notes that only
/// verification needs, under keys that no view has.
pub trait Scratch: ViewsMut + Nodes {
    /// Adds the nodes that follow those that are there, in storage order.
    fn add_nodes(&mut self, nodes: Vec<Digest>);

    /// A good moment to make room; errors of before may come out here.
    fn settle(&mut self) -> Result<(), LedgerError>;
}

/// An entry as it is stored.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    /// Leaf bytes.
    pub leaf: Vec<u8>,
    /// The evidence objects that it names.
    pub objects: Vec<Vec<u8>>,
}

/// What a source of a ledger gives, piece by piece.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The next entries.
    pub entries: Vec<Raw>,
    /// Sizes up to the end of these entries, at which the source says what the root is.
    pub roots: Vec<(u64, Digest)>,
}

/// Everything in memory: for ledgers of moderate size.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Memory {
    /// All views.
    pub views: BTreeMap<Vec<u8>, Vec<u8>>,
    /// All node hashes in storage order.
    pub nodes: Vec<Digest>,
}

/// What a sound ledger says about others, for comparing it with theirs.
#[derive(Debug, Default, Clone)]
pub struct Facts {
    /// Evidence and statuses that this authority issued: digest of the envelope.
    pub issued: BTreeMap<Digest, Fact>,
    /// Those that it received.
    pub received: BTreeMap<Digest, Fact>,
    /// Trees of peers that entries name.
    pub witnessed: Vec<Witnessed>,
    /// Nodes of peers' trees that receipts name: number in storage order and hash, and the first
    /// entry that says so.
    pub nodes: BTreeMap<AuthorityId, HashMap<(u64, Digest), u64>>,
}

/// One thing that was issued or received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Entry that holds it.
    pub index: u64,
    /// When that was committed, milliseconds.
    pub at: u64,
    /// The other side.
    pub peer: AuthorityId,
    /// Packet or status.
    pub id: Option<PacketId>,
    /// Event or status code, in words.
    pub what: String,
    /// Whether the other side is bound to have it too, sooner or later.
    pub shared: bool,
}

/// A tree of a peer that an entry names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// The entry.
    pub index: u64,
    /// When that was committed, milliseconds.
    pub at: u64,
    /// Whose tree.
    pub peer: AuthorityId,
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// The entry of the peer that was proved in it, and when the peer committed that.
    pub leaf: Option<(u64, u64)>,
}

/// A ledger that was found sound.
pub struct Sound<S> {
    /// Whose it is.
    pub chain: Chain,
    /// The statements of its peers.
    pub peers: BTreeMap<AuthorityId, Chain>,
    /// Verifier keys of third parties that cosigned.
    pub witnesses: BTreeSet<String>,
    /// Entries.
    pub size: u64,
    /// Root over all entries.
    pub root: Digest,
    /// When the last entry was committed, milliseconds.
    pub at: u64,
    /// Counts by kind of entry.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Signatures that were verified.
    pub signatures: u64,
    /// All views and nodes.
    pub scratch: S,
    /// What it says about others, where that was asked for.
    pub facts: Facts,
}

/// Verifies the ledger that `source` gives, batch by batch, to its end. `facts`: whether to
/// gather what a comparison needs, which takes memory for every entry. The first bad entry
/// ends it.
pub fn verify<S: Scratch + Send, E: From<LedgerError> + Send>(
    source: &mut (dyn FnMut() -> Result<Option<Batch>, E> + Send),
    scratch: S,
    facts: bool,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Sound<S>, E> {
    let mut fold = fold::Fold::new(scratch, facts);
    // Reading, checking and folding run side by side, some batches apart: where one waits for
    // another, a core is idle. Whoever ends early lets go of the channel, and the others end.
    let (read, unchecked) = sync_channel::<Batch>(AHEAD);
    let (check, unfolded) = sync_channel(AHEAD);
    let (read_to, keys, folded) = thread::scope(|scope| {
        let reader = scope.spawn(move || -> Result<(), E> {
            while let Some(batch) = source()? {
                if read.send(batch).is_err() {
                    break;
                }
            }
            Ok(())
        });
        let checker = scope.spawn(move || {
            let mut checker = check::Checker::new(facts);
            for batch in unchecked {
                if check.send((checker.batch(batch.entries), batch.roots)).is_err() {
                    break;
                }
            }
            checker.keys()
        });
        let folded = unfolded.into_iter().try_for_each(|(checked, roots)| -> Result<(), LedgerError> {
            fold.batch(checked, roots)?;
            progress(fold.size());
            Ok(())
        });
        (joined(reader), joined(checker), folded)
    });
    // What is wrong with an entry comes before what could not be read behind it.
    folded?;
    read_to?;
    Ok(fold.end(keys)?)
}

/// What a thread came to; it panics here where it panicked there.
fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

impl<S: Scratch> Sound<S> {
    /// A checkpoint signed by this log, of a tree that these entries make.
    pub fn signed(&self, note: &[u8]) -> Result<Checkpoint, LedgerError> {
        let checkpoint = Checkpoint::open_held(note, &self.chain)?;
        if checkpoint.size > self.size {
            let why = format!("is missing: a checkpoint signs {} entries", checkpoint.size);
            return Err(LedgerError::Entry { index: self.size, why });
        }
        if tree::root(checkpoint.size, &self.scratch)? != checkpoint.root {
            return Err(LedgerError::Checkpoint("signs another tree"));
        }
        Ok(checkpoint)
    }
}

impl Views for Memory {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        Ok(self.views.get(key).cloned())
    }
}

impl ViewsMut for Memory {
    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.views.insert(key, value);
    }

    fn remove(&mut self, key: Vec<u8>) {
        self.views.remove(&key);
    }
}

impl Nodes for Memory {
    fn node(&self, number: u64) -> Result<Digest, LedgerError> {
        self.nodes.node(number)
    }
}

impl Scratch for Memory {
    fn add_nodes(&mut self, nodes: Vec<Digest>) {
        self.nodes.extend(nodes);
    }

    fn settle(&mut self) -> Result<(), LedgerError> {
        Ok(())
    }
}
