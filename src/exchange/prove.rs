//! Making proof bundles: what our ledger holds about a packet, taken out with its proofs.

use super::actors::Actor;
use super::{Exchange, ExchangeError};
use crate::crypto::CryptoError;
use crate::crypto::hash::Digest;
use crate::crypto::object::{ObjectKey, SEALED_CHUNK, Sealed};
use crate::format::chain::Chain;
use crate::format::envelope::{PayloadType, sign};
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use crate::format::wire::{AckEntry, BundleContents, DisclosedObject, PeerLink, leaf::Kind};
use crate::format::{SUITE, limits};
use crate::ledger::LedgerError;
use crate::ledger::acknowledgement::{from_bytes, to_bytes};
use crate::ledger::bundle::VERSION;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::records::{self, Direction, PacketRecord};
use crate::ledger::tree;
use crate::store::content::{self, StoredObject};
use crate::store::objects::read_full;
use crate::store::{Snapshot, StoreError};
use prost::Message as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::sync::Arc;

/// Entries that are looked through for the newest cosignatures.
const LOOKED_THROUGH: u64 = 250_000;
/// Bytes of a bundle's own frame around its parts.
const FRAME: u64 = 64;

/// A bundle before it is signed: the peer may still link the trees of its log in it.
pub struct Draft {
    contents: BundleContents,
    peer: AuthorityId,
    /// Trees of the peer's log that checkpoints in the entries sign.
    trees: BTreeMap<u64, Digest>,
    ciphertexts: Vec<Ciphertext>,
}

/// What is disclosed in a bundle: object keys, and the ciphertext that they open.
#[derive(Default)]
pub struct Disclosure {
    objects: Vec<DisclosedObject>,
    ciphertexts: Vec<Ciphertext>,
}

/// The parts of a bundle, before they are put into one file.
pub struct Bundled {
    /// The signed contents.
    pub signed: Vec<u8>,
    /// The ciphertext of the disclosed objects, in order.
    pub ciphertexts: Vec<Ciphertext>,
}

/// The ciphertext of one object, read piece by piece.
pub struct Ciphertext {
    source: Source,
    left: u64,
}

enum Source {
    Inline(std::io::Cursor<Vec<u8>>),
    File(File),
}

struct Found {
    direction: Direction,
    record: PacketRecord,
    peer: AuthorityId,
    case_id: CaseId,
}

impl Exchange {
    /// A bundle of what our ledger holds about a packet, without any content.
    pub fn prove(&self, id: &PacketId, peer: Option<&AuthorityId>) -> Result<Draft, ExchangeError> {
        self.draft(id, &self.found(id, peer)?)
    }

    /// The keys and ciphertext of objects, for a bundle. Each disclosure is an opening, and an
    /// entry before anything is opened.
    pub async fn disclose(
        &self,
        id: &PacketId,
        peer: Option<&AuthorityId>,
        objects: &BTreeSet<u32>,
        actor: Actor,
    ) -> Result<Disclosure, ExchangeError> {
        let found = self.found(id, peer)?;
        let header = {
            let entry = self.store.snapshot().entry(found.record.index)?;
            SignedHeader::danger_unverified(entry.object(1)?)?.header
        };
        let wanted = objects
            .iter()
            .map(|number| Ok((*number, sealed(&header.objects, *number, id)?.clone())))
            .collect::<Result<Vec<_>, ExchangeError>>()?;
        let bytes: u64 = wanted.iter().map(|(_, sealed)| sealed.ciphertext_length).sum();
        within(bytes, limits::BUNDLE)?;
        let key = content::key(found.direction, &found.peer, id);
        let stored = self.store.snapshot().content(&key)?.ok_or_else(|| {
            ExchangeError::Invalid(format!("packet {id} has no content here that could be disclosed"))
        })?;
        for number in objects {
            let leaf = Leaf {
                actor: Some(actor),
                peer: Some(found.peer.clone()),
                id: Some(*id),
                case_id: Some(found.case_id),
                about: Some(found.record.index),
                object: number + 1,
                ..Leaf::new(Kind::Opening)
            };
            self.commit_leaf(leaf, Vec::new()).await?;
        }
        let content_key = self.epochs.for_opening(&stored.bucket)?.unwrap(id.bytes(), &stored.wrap)?;
        let mut disclosure = Disclosure::default();
        for (number, sealed) in wanted {
            let key: ObjectKey = content_key.object_key(id.bytes(), number);
            disclosure.objects.push(DisclosedObject { object: number, key: key.danger_bytes().to_vec() });
            let object = stored.objects.get(number as usize);
            disclosure.ciphertexts.push(self.ciphertext(object, &sealed, id)?);
        }
        Ok(disclosure)
    }

    /// Signs a bundle.
    pub fn sign_bundle(&self, draft: Draft) -> Result<Bundled, ExchangeError> {
        let Draft { mut contents, ciphertexts, .. } = draft;
        contents.made_at = self.now();
        let signed =
            sign(PayloadType::Bundle, contents.encode_to_vec(), &self.identity.evidence_now(self.now())?)?;
        within(signed.len() as u64, limits::BUNDLE_SIGNED)?;
        let sealed: u64 = ciphertexts.iter().map(|ciphertext| ciphertext.left).sum();
        within(sealed + signed.len() as u64, limits::BUNDLE)?;
        Ok(Bundled { signed, ciphertexts })
    }

    fn found(&self, id: &PacketId, peer: Option<&AuthorityId>) -> Result<Found, ExchangeError> {
        let (direction, record) = self.find(id, peer)?;
        let peer = AuthorityId::parse(&record.peer)?;
        let case_id = CaseId::from_bytes(&record.case_id)?;
        Ok(Found { direction, record, peer, case_id })
    }

    fn draft(&self, id: &PacketId, found: &Found) -> Result<Draft, ExchangeError> {
        let snapshot = self.store.snapshot();
        let mut indices = about(snapshot, found)?;
        let newest = self.store.checkpoint();
        let until = others(snapshot, found)?.1.unwrap_or(newest.size);
        let cosigned = cosignatures(snapshot, found, until, &mut indices)?;
        if indices.len() > limits::BUNDLE_ENTRIES {
            return Err(too_much(format!("{} entries", indices.len()), limits::BUNDLE_ENTRIES, "entries"));
        }
        let last = indices.last().copied().unwrap_or(found.record.index);
        let checkpoint: Arc<Checkpoint> = match last < newest.size {
            true => newest,
            false => self.store.checkpoint_covering(last)?,
        };
        let mut entries = Vec::with_capacity(indices.len());
        let mut trees = BTreeMap::new();
        for index in indices {
            let entry = snapshot.entry(index)?;
            let theirs = matches!(
                entry.leaf.kind,
                Kind::EvidenceReceived
                    | Kind::StatusReceived
                    | Kind::Confirmation
                    | Kind::Alarm
                    | Kind::Cosigned
            );
            // Where an entry holds a checkpoint of the peer's, it is the last object.
            if let Some(note) = entry.objects.last().filter(|_| theirs) {
                let checkpoint = Checkpoint::danger_unverified(note)?;
                trees.insert(checkpoint.size, checkpoint.root);
            }
            let inclusion = to_bytes(&tree::inclusion(index, checkpoint.size, snapshot)?);
            entries.push(AckEntry { objects: entry.objects, leaf: entry.leaf_bytes, index, inclusion });
        }
        let consistency = match cosigned {
            Some(size) => tree::consistency(size, checkpoint.size, snapshot)?,
            None => Vec::new(),
        };
        let contents = BundleContents {
            suite: SUITE,
            version: VERSION,
            maker: self.identity.authority().to_string(),
            peer: found.peer.to_string(),
            packet_id: id.bytes().to_vec(),
            made_at: 0,
            checkpoint: checkpoint.note.clone(),
            entries,
            cosigned_consistency: to_bytes(&consistency),
            disclosed: Vec::new(),
            peer_links: Vec::new(),
        };
        Ok(Draft { contents, peer: found.peer.clone(), trees, ciphertexts: Vec::new() })
    }

    fn ciphertext(
        &self,
        stored: Option<&StoredObject>,
        sealed: &Sealed,
        id: &PacketId,
    ) -> Result<Ciphertext, ExchangeError> {
        let stored = stored.ok_or_else(|| StoreError::ContentMissing(id.to_string()))?;
        let source = match stored.in_file {
            true => Source::File(self.objects.read(&sealed.chunk_root)?),
            false => Source::Inline(std::io::Cursor::new(stored.inline.clone())),
        };
        Ok(Ciphertext { source, left: sealed.ciphertext_length })
    }
}

impl Draft {
    /// Takes what is disclosed.
    pub fn disclose(&mut self, disclosure: Disclosure) {
        self.contents.disclosed = disclosure.objects;
        self.ciphertexts = disclosure.ciphertexts;
    }

    /// The other side.
    pub fn peer(&self) -> &AuthorityId {
        &self.peer
    }

    /// Sizes of the peer's trees that follow one another.
    pub fn steps(&self) -> Vec<(u64, u64)> {
        self.trees.keys().copied().zip(self.trees.keys().copied().skip(1)).filter(|step| step.0 > 0).collect()
    }

    /// Takes a consistency proof between two of the peer's trees, where it holds; steps come
    /// in their order.
    pub fn link(&mut self, (from, to): (u64, u64), proof: Vec<Vec<u8>>) -> Result<(), ExchangeError> {
        let root = |size: &u64| self.trees.get(size).copied().ok_or(LedgerError::Proof("consistency"));
        let trees = ((from, root(&from)?), (to, root(&to)?));
        tree::verify_consistency(trees.0, trees.1, &from_bytes(&proof)?)?;
        self.contents.peer_links.push(PeerLink { from_size: from, to_size: to, proof });
        Ok(())
    }
}

impl Ciphertext {
    /// The next piece, a sealed chunk; none after the last.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, ExchangeError> {
        if self.left == 0 {
            return Ok(None);
        }
        let length = self.left.min(SEALED_CHUNK as u64) as usize;
        let mut piece = vec![0; length];
        let read = match &mut self.source {
            Source::Inline(bytes) => std::io::Read::read(bytes, &mut piece),
            Source::File(file) => read_full(file, &mut piece),
        };
        if !read.is_ok_and(|count| count == length) {
            return Err(CryptoError::Object.into());
        }
        self.left -= length as u64;
        Ok(Some(piece))
    }
}

fn sealed<'a>(objects: &'a [Sealed], number: u32, id: &PacketId) -> Result<&'a Sealed, ExchangeError> {
    usize::try_from(number).ok().and_then(|place| objects.get(place)).ok_or_else(|| {
        ExchangeError::Invalid(format!(
            "packet {id} has no object {number}: 0 is the body, and it has {} attachments",
            objects.len().saturating_sub(1)
        ))
    })
}

fn within(bytes: u64, limit: usize) -> Result<(), ExchangeError> {
    match bytes + FRAME <= limit as u64 {
        true => Ok(()),
        false => Err(too_much(format!("{bytes} bytes"), limit, "bytes")),
    }
}

fn too_much(what: String, limit: usize, unit: &str) -> ExchangeError {
    ExchangeError::Invalid(format!(
        "the bundle would hold {what}, and {limit} {unit} are the limit: disclose fewer objects in one bundle"
    ))
}

/// Indices of the entries that a bundle of this packet holds: the statements of both sides,
/// the evidence about the packet, the statuses of its case with what was answered to them.
fn about(snapshot: &Snapshot, found: &Found) -> Result<BTreeSet<u64>, ExchangeError> {
    let Found { record, peer, case_id, .. } = found;
    let mut indices = BTreeSet::new();
    for (key, _) in snapshot.scan(&records::statement_prefix(None), None, usize::MAX)? {
        indices.insert(records::entry_of(&key)?);
    }
    indices.extend(others(snapshot, found)?.0);
    let outcomes: BTreeSet<u64> = record.outcomes.iter().map(|outcome| outcome.index).collect();
    indices.extend(&outcomes);
    let mut statuses = BTreeSet::new();
    let prefix = records::timeline_prefix(case_id, peer);
    let mut after: Option<Vec<u8>> = None;
    loop {
        let page = snapshot.scan(&prefix, after.as_deref(), 1000)?;
        let Some((last, _)) = page.last() else { return Ok(indices) };
        after = Some(last.clone());
        for index in page.iter().filter_map(|(key, _)| records::index_of(key)) {
            let leaf = leaf(snapshot, index)?;
            let answers = |set: &BTreeSet<u64>| leaf.about.is_some_and(|about| set.contains(&about));
            let belongs = match leaf.kind {
                Kind::StatusIssued | Kind::StatusReceived => statuses.insert(index),
                Kind::EvidenceReceived => answers(&statuses),
                Kind::Confirmation => answers(&outcomes),
                Kind::Alarm => leaf.id.is_some_and(|id| id.bytes().as_slice() == record.id),
                _ => false,
            };
            if belongs {
                indices.insert(index);
            }
        }
    }
}

/// Entries with the statements of the other side, as it was when the packet went: of the fingerprint
/// that it had then. With it the entry from which it has another.
fn others(snapshot: &Snapshot, found: &Found) -> Result<(Vec<u64>, Option<u64>), ExchangeError> {
    let (mut indices, packet) = (Vec::new(), found.record.index);
    for (key, _) in snapshot.scan(&records::statement_prefix(Some(&found.peer)), None, usize::MAX)? {
        let index = records::entry_of(&key)?;
        if !indices.is_empty() && Chain::open(snapshot.entry(index)?.object(0)?).is_ok() {
            if index > packet {
                return Ok((indices, Some(index)));
            }
            indices.clear();
        }
        indices.push(index);
    }
    Ok((indices, None))
}

/// Adds the newest cosignature of each side on the other's log, where one came after the
/// packet; gives the size of our tree that the peer cosigned.
fn cosignatures(
    snapshot: &Snapshot,
    found: &Found,
    size: u64,
    indices: &mut BTreeSet<u64>,
) -> Result<Option<u64>, ExchangeError> {
    let (mut ours, mut theirs) = (false, None);
    let from = found.record.index.max(size.saturating_sub(LOOKED_THROUGH));
    for index in (from..size).rev() {
        if ours && theirs.is_some() {
            break;
        }
        let leaf = leaf(snapshot, index)?;
        match leaf.kind {
            _ if leaf.peer.as_ref() != Some(&found.peer) => {}
            Kind::Cosigned if !ours => {
                ours = true;
                indices.insert(index);
            }
            Kind::CosignatureReceived if theirs.is_none() => {
                theirs = Some(Checkpoint::danger_unverified(snapshot.entry(index)?.object(0)?)?.size);
                indices.insert(index);
            }
            _ => {}
        }
    }
    Ok(theirs)
}

fn leaf(snapshot: &Snapshot, index: u64) -> Result<Leaf, ExchangeError> {
    let missing = || LedgerError::Read(format!("no entry {index}"));
    Ok(Leaf::decode(&snapshot.leaf(index)?.ok_or_else(missing)?)?)
}
