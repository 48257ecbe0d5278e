//! Proof bundles: one file about one packet, verified with two fingerprints and nothing else.
//!
//! A bundle is a sparse log: those entries of its maker's ledger that are about a packet, each
//! with its inclusion proof under one checkpoint. [`open`] verifies it in the order of the
//! log, so that a key counts as it stood at that place, and believes nothing in it but what
//! follows from the two statements 0.

mod agreement;
mod case;
mod entries;
mod objects;
pub mod tlog_proof;

pub use objects::Disclosed;

use super::LedgerError;
use super::checkpoint::Checkpoint;
use super::entry::Entry;
use super::tree;
use crate::crypto::hash::Digest;
use crate::format::chain::Chain;
use crate::format::envelope::{PayloadType, Unverified};
use crate::format::evidence::Finding;
use crate::format::id::AuthorityId;
use crate::format::packet::SignedHeader;
use crate::format::status::Status;
use crate::format::wire::{
    self, Bundle, BundleContents, cause::Code as Cause, event::Code as Event, leaf::Kind,
};
use crate::format::{FormatError, Millis, SUITE, limits};
use prost::Message as _;
use std::collections::BTreeMap;

/// Version of the bundle format.
pub const VERSION: u32 = 1;

/// Why a bundle proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// It is no bundle, too long, or of a version that is not known here.
    #[error("{0}")]
    Unreadable(&'static str),
    /// Something in it is not what it must be.
    #[error("{0}")]
    Wrong(String),
    /// Something in it is not signed, not included, or not of its form.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<FormatError> for BundleError {
    fn from(error: FormatError) -> Self {
        Self::Ledger(error.into())
    }
}

/// What a bundle proves, once it was verified. Whose word it is rests on the two
/// fingerprints, which the reader compares.
#[derive(Debug, Clone)]
pub struct Proof {
    /// SHA-256 of the signed contents.
    pub digest: Digest,
    /// Statements of the authority that made the bundle.
    pub maker: Chain,
    /// Statements of the other side.
    pub peer: Chain,
    /// When it was made, as its maker says.
    pub made_at: Millis,
    /// The packet.
    pub header: SignedHeader,
    /// The maker's log, in whose tree every entry stands.
    pub checkpoint: Checkpoint,
    /// The entries, by index.
    pub entries: Vec<Proved>,
    /// What was said about the packet and its case, in the order of the maker's log.
    pub steps: Vec<Step>,
    /// Codes that gateways took from the sealed body, with whose gateway it was.
    pub statistics: Vec<(AuthorityId, wire::Statistics)>,
    /// Cosignatures: the peer's on the maker's log, and the maker's on the peer's.
    pub witnesses: Vec<Witness>,
    /// Trees of the peer's log that checkpoints here sign.
    pub peer_trees: usize,
    /// How many of them are shown to extend the one before.
    pub linked: usize,
    /// Objects that are disclosed.
    pub disclosed: Vec<Disclosed>,
    /// What a reader should know, and what does not make the proof void.
    pub remarks: Vec<String>,
    /// Signatures that were verified, cosignatures included.
    pub signatures: u64,
}

/// An entry with the proof that it stands in the maker's log.
#[derive(Debug, Clone)]
pub struct Proved {
    /// The entry.
    pub entry: Entry,
    /// Inclusion proof, lowest sibling first.
    pub inclusion: Vec<Digest>,
}

/// One signed word about the packet or its case.
#[derive(Debug, Clone)]
pub struct Step {
    /// Entry of the maker's log.
    pub index: u64,
    /// When the maker's log took it.
    pub logged: Millis,
    /// When it was said, as its author says.
    pub at: Millis,
    /// Who signed it.
    pub author: AuthorityId,
    /// What was said.
    pub said: Said,
    /// SHA-256 of the signed envelope.
    pub digest: Digest,
    /// Where the peer's own log holds it, where the maker has the peer's receipt.
    pub place: Option<Place>,
}

/// What a step says.
#[derive(Debug, Clone)]
pub enum Said {
    /// Evidence about the packet.
    Evidence {
        /// What happened.
        event: Event,
        /// Why not.
        cause: Cause,
        /// What exactly is wrong.
        findings: Vec<Finding>,
        /// It contradicts what the same authority said before; the maker's log holds it as an alarm.
        contradicts: bool,
    },
    /// Evidence about a status.
    StatusEvidence {
        /// What happened.
        event: Event,
        /// Why not.
        cause: Cause,
        /// Index of the entry with the status.
        about: u64,
    },
    /// A status of the case.
    Status {
        /// The status.
        status: Box<Status>,
        /// The other side refused it: it counts for nothing.
        refused: bool,
    },
}

/// A place in the peer's log, proved by its receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Index of the peer's entry.
    pub index: u64,
    /// When the peer's log took it.
    pub at: Millis,
    /// Size of the tree that the peer's checkpoint signs.
    pub size: u64,
    /// Its root.
    pub root: Digest,
}

/// A cosignature that verified.
#[derive(Debug, Clone)]
pub struct Witness {
    /// Name of the log.
    pub origin: String,
    /// Who cosigned.
    pub by: AuthorityId,
    /// When, as the cosigner says.
    pub at: Millis,
    /// Size of the tree.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// Entry of the maker's log that holds it.
    pub index: u64,
}

impl Proof {
    /// Number of entries that stand in the tree of the maker's log that the peer cosigned.
    pub fn covered(&self) -> usize {
        let size = self.witnesses.iter().find(|w| w.by == *self.peer.authority()).map_or(0, |w| w.size);
        self.entries.iter().filter(|proved| proved.entry.index < size).count()
    }

    /// The codes of the statuses that an author made and the other side did not refuse.
    pub fn codes(&self, author: &AuthorityId) -> Vec<wire::status::Code> {
        let of = |step: &Step| match &step.said {
            Said::Status { status, refused: false } if step.author == *author => Some(status.code),
            _ => None,
        };
        self.steps.iter().filter_map(of).collect()
    }
}

/// Verifies a bundle: everything but the two fingerprints, which only its reader knows.
pub fn open(bytes: &[u8]) -> Result<Proof, BundleError> {
    if bytes.len() > limits::BUNDLE {
        return Err(BundleError::Unreadable("longer than a bundle may be (64 MiB)"));
    }
    let bundle = Bundle::decode(bytes).map_err(|_| BundleError::Unreadable("this is no proof bundle"))?;
    if bundle.encode_to_vec() != bytes {
        return Err(wrong("the file holds bytes that belong to nothing in it"));
    }
    let Bundle { signed, ciphertexts } = bundle;
    let unverified = Unverified::parse(PayloadType::Bundle, &signed)
        .map_err(|_| BundleError::Unreadable("this is no proof bundle"))?;
    if !unverified.is_exactly(&signed) {
        return Err(wrong("the envelope holds bytes that belong to nothing in it"));
    }
    let contents = BundleContents::decode(unverified.danger_unverified_payload())
        .map_err(|_| BundleError::Unreadable("this is no proof bundle"))?;
    if contents.version != VERSION || contents.suite != SUITE {
        return Err(BundleError::Unreadable("the bundle is of a version that this program does not know"));
    }
    // The maker's own signature over the whole: it binds the parts together, and each part is
    // verified for itself below.
    let own = statements(&contents)?;
    let verified = unverified.verify(&own)?;
    verified.signed_within(contents.made_at, &own)?;
    let checkpoint = Checkpoint::open(&contents.checkpoint, &own)?;
    let read = entries::read(&contents, &checkpoint)?;
    let mut proof = Proof {
        digest: verified.digest(),
        maker: read.own,
        peer: read.peer,
        made_at: contents.made_at,
        header: read.header,
        checkpoint,
        entries: read.entries,
        steps: read.steps,
        statistics: read.statistics,
        witnesses: read.witnesses,
        disclosed: Vec::new(),
        peer_trees: read.trees.len(),
        linked: linked(&contents, &read.trees)?,
        remarks: Vec::new(),
        // The bundle's and the checkpoint's, besides those in the entries.
        signatures: read.signatures + 2,
    };
    witnessed(&contents, &proof)?;
    case::check(&mut proof)?;
    proof.disclosed = objects::open(&contents, ciphertexts, &proof.header)?;
    Ok(proof)
}

/// The maker's whole chain, for the bundle's own signature.
fn statements(contents: &BundleContents) -> Result<Chain, BundleError> {
    if contents.entries.len() > limits::BUNDLE_ENTRIES {
        return Err(BundleError::Unreadable("more entries than a bundle may have (8192)"));
    }
    let mut own: Option<Chain> = None;
    for entry in &contents.entries {
        let leaf = crate::format::leaf::Leaf::decode(&entry.leaf)?;
        let (Kind::KeyStatement, None, Some(envelope)) = (leaf.kind, &leaf.peer, entry.objects.first())
        else {
            continue;
        };
        match &mut own {
            None => own = Some(Chain::open(envelope)?),
            Some(chain) => drop(chain.append(envelope)?),
        }
    }
    let own = own.ok_or_else(|| wrong("the statements of its maker are missing"))?;
    match own.authority().as_str() == contents.maker {
        true => Ok(own),
        false => Err(wrong("the statements are of another authority than its maker")),
    }
}

/// The tree that the peer cosigned is the beginning of the tree that the entries stand in.
fn witnessed(contents: &BundleContents, proof: &Proof) -> Result<(), BundleError> {
    let consistency = super::acknowledgement::from_bytes(&contents.cosigned_consistency)?;
    match proof.witnesses.iter().find(|witness| witness.by == *proof.peer.authority()) {
        Some(witness) => Ok(tree::verify_consistency(
            (witness.size, witness.root),
            (proof.checkpoint.size, proof.checkpoint.root),
            &consistency,
        )?),
        None if consistency.is_empty() => Ok(()),
        None => Err(wrong("a consistency proof leads from a tree that nobody cosigned")),
    }
}

/// Consistency proofs between trees of the peer's log, in their order; gives their number.
fn linked(contents: &BundleContents, trees: &BTreeMap<u64, Digest>) -> Result<usize, BundleError> {
    let mut last = 0;
    for link in &contents.peer_links {
        let tree = |size: u64| {
            let root =
                trees.get(&size).ok_or_else(|| wrong("a consistency proof is of a tree that is not here"));
            Ok::<_, BundleError>((size, *root?))
        };
        if link.from_size < last || link.to_size <= link.from_size || link.from_size == 0 {
            return Err(wrong("consistency proofs of the other side's log are not in order"));
        }
        last = link.to_size;
        let proof = super::acknowledgement::from_bytes(&link.proof)?;
        tree::verify_consistency(tree(link.from_size)?, tree(link.to_size)?, &proof)?;
    }
    Ok(contents.peer_links.len())
}

fn wrong(why: impl Into<String>) -> BundleError {
    BundleError::Wrong(why.into())
}
