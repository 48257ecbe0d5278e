//! Whom we are paired with: their statements, addresses, limits, and how much of their log
//! we have verified. A cache over the ledger: it is loaded from entries and never ahead.

use super::ExchangeError;
use super::lifetimes::end_of;
use super::line::{Line, Tree};
use super::logged::Logged;
use super::notices::newest_terms;
use super::restraint::Restraint;
use crate::crypto::hash::{Digest, sha256};
use crate::crypto::key_box::Parties;
use crate::format::FormatError;
use crate::format::Millis;
use crate::format::chain::Chain;
use crate::format::id::AuthorityId;
use crate::format::offer::Offer;
use crate::format::pairing::Taken;
use crate::format::statement::ProvenKey;
use crate::format::suite::{Between, Suite};
use crate::format::wire::purpose::Code as Purpose;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::records::{self, PeerRecord};
use crate::store::Snapshot;
use prost::Message as _;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::{Notify, watch};

/// A peer, as far as its statements go. Replaced as a whole when they grow.
#[derive(Clone)]
pub struct Peer {
    /// Its statements.
    pub chain: Chain,
    /// "host:port" that it may be dialled at; none: it dials.
    pub addresses: Vec<String>,
    /// What it takes.
    pub taken: Taken,
    /// What is known of the two logs; shared between versions of the peer.
    pub logs: Arc<Mutex<Logs>>,
}

/// What the two sides have verified of each other's logs.
#[derive(Default)]
pub struct Logs {
    /// Trees of the peer's log that we verified, the greatest last.
    verified: VecDeque<Tree>,
    /// Size of our log that the peer named as verified.
    they_know: u64,
    /// How every tree that we saw of the peer's log follows from every other.
    line: Line,
    /// Told when trees should be linked now.
    linking: Arc<Notify>,
}

/// Verified trees that are remembered.
const TREES: usize = 256;

impl Logs {
    /// Nothing is known yet.
    pub fn new() -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self::default()))
    }

    /// From what the ledger says of a peer.
    fn load(record: &PeerRecord, snapshot: &Snapshot) -> Result<Arc<Mutex<Self>>, ExchangeError> {
        let held = |size: u64, index: u64| -> Result<Option<Tree>, ExchangeError> {
            if size == 0 {
                return Ok(None);
            }
            let entry = snapshot.entry(index)?;
            let note = entry.objects.last().ok_or_else(|| entry.wrong("holds no checkpoint"))?;
            Ok(Some(Arc::new(Checkpoint::danger_unverified(note)?)))
        };
        let (cosigned, at) = (held(record.endorsed_size, record.endorsed_at)?, record.endorsed_at);
        let verified = held(record.witnessed_size, record.witnessed_at)?;
        Ok(Arc::new(Mutex::new(Self {
            verified: verified.iter().cloned().collect(),
            they_know: record.cosigned_size,
            line: match cosigned {
                Some(cosigned) => Line::from_cosigned(cosigned, at),
                None => Line::from_entries(verified, record.offer),
            },
            linking: Arc::default(),
        })))
    }
}

impl Logs {
    /// Takes note of a greater tree that was verified.
    fn advance(&mut self, tree: Tree) {
        if self.verified.back().is_none_or(|known| tree.size > known.size) {
            if self.verified.len() >= TREES {
                self.verified.pop_front();
            }
            self.verified.push_back(tree);
        }
    }
}

/// All peers.
#[derive(Default)]
pub struct Directory {
    peers: RwLock<HashMap<AuthorityId, Arc<Peer>>>,
    /// Whoever changes what is known of a peer, one after the other.
    turns: Mutex<HashMap<AuthorityId, Arc<tokio::sync::Mutex<()>>>>,
    /// How often a peer was put.
    changes: watch::Sender<u64>,
    /// Statements at the writer's place.
    pub(super) logged: Arc<Logged>,
    /// What may be written of what peers do in vain.
    pub(super) restraint: Arc<Restraint>,
}

impl Peer {
    /// Its name.
    pub fn authority(&self) -> &AuthorityId {
        self.chain.authority()
    }

    /// Its keys, as far as we take what it signs for us.
    pub fn towards<'a>(&'a self, us: &'a Chain) -> Between<'a> {
        Between { author: &self.chain, reader: us }
    }

    /// Size and root of its log as far as they are verified.
    pub fn verified(&self) -> (u64, Digest) {
        self.logs().verified.back().map_or_else(|| (0, sha256(&[])), |tree| (tree.size, tree.root))
    }

    /// Root of its tree with `size` leaves, if that was verified not long ago.
    pub fn verified_at(&self, size: u64) -> Option<Digest> {
        self.logs().verified.iter().find(|tree| tree.size == size).map(|tree| tree.root)
    }

    /// Takes note of a tree that the peer signed; `from` is the verified tree that it was
    /// proved to extend, if it was proved at all. False: it contradicts one that was seen.
    pub fn saw(&self, checkpoint: &Checkpoint, from: Option<(u64, Digest)>) -> bool {
        let tree = Arc::new(checkpoint.clone());
        let mut logs = self.logs();
        let mut agrees = logs.line.saw(&tree, from);
        let other = logs.verified.iter().find(|known| known.size == tree.size && known.root != tree.root);
        if let Some(known) = other.cloned() {
            logs.line.contradicts(known, tree.clone());
            agrees = false;
        }
        if agrees && from.is_some() {
            logs.advance(tree);
        }
        if logs.line.wants_linking() {
            logs.linking.notify_one();
        }
        agrees
    }

    /// Nothing is known of the logs, and who waits for trees to link is told as before.
    pub(super) fn forgotten_logs(&self) -> Arc<Mutex<Logs>> {
        Arc::new(Mutex::new(Logs { linking: self.linking(), ..Logs::default() }))
    }

    /// Wakes whoever links the trees of this peer.
    pub fn linking(&self) -> Arc<Notify> {
        self.logs().linking.clone()
    }

    /// The line of trees, for those who link them.
    pub(super) fn line<T>(&self, work: impl FnOnce(&mut Line) -> T) -> T {
        work(&mut self.logs().line)
    }

    /// Takes note of the greatest tree that was linked.
    pub(super) fn linked(&self, tree: Tree) {
        self.logs().advance(tree);
    }

    /// Size of our log that the peer named as verified.
    pub fn they_know(&self) -> u64 {
        self.logs().they_know
    }

    /// Takes note of it.
    pub fn they_named(&self, size: u64) {
        let mut logs = self.logs();
        logs.they_know = logs.they_know.max(size);
    }

    fn logs(&self) -> std::sync::MutexGuard<'_, Logs> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this TLS public key is one that the peer's statements prove for now.
    pub fn proves_tls(&self, public_key: &[u8], now: u64) -> bool {
        self.proved_until(public_key, now).is_some()
    }

    /// If so: until when, as its statements stand.
    pub fn proved_until(&self, public_key: &[u8], now: u64) -> Option<Millis> {
        let proves =
            |key: &&ProvenKey| key.purpose == Purpose::Tls && key.public_key == public_key && key.usable(now);
        self.chain.keys().iter().find(proves).map(end_of)
    }
}

impl Directory {
    /// Loads every peer from the ledger.
    pub fn load(snapshot: &Snapshot) -> Result<Self, ExchangeError> {
        let directory = Self::default();
        for (_, value) in snapshot.scan(&records::peer_prefix(), None, usize::MAX)? {
            let record = PeerRecord::decode(value.as_slice())
                .map_err(|_| crate::ledger::LedgerError::Read("a peer's record".into()))?;
            let offer = Offer::open_logged(snapshot.entry(record.offer)?.object(0)?)?;
            let terms = newest_terms(&record, |index| Ok(snapshot.entry(index)?.object(0)?.to_vec()))?;
            let (taken, addresses) = terms.unwrap_or((offer.taken, offer.addresses));
            let chain = statements(&offer.chain, record.era, snapshot)?;
            directory.logged.put(&chain);
            directory.put(Peer { chain, addresses, taken, logs: Logs::load(&record, snapshot)? });
        }
        Ok(directory)
    }

    /// The peer with this name.
    pub fn peer(&self, authority: &AuthorityId) -> Result<Arc<Peer>, ExchangeError> {
        self.peers
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(authority)
            .cloned()
            .ok_or_else(|| ExchangeError::NotPaired(authority.clone()))
    }

    /// The peer whose statements prove this TLS key.
    pub fn by_tls_key(&self, public_key: &[u8], now: u64) -> Option<Arc<Peer>> {
        self.all().into_iter().find(|peer| peer.proves_tls(public_key, now))
    }

    /// All peers, by name.
    pub fn all(&self) -> Vec<Arc<Peer>> {
        let peers = self.peers.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = peers.values().cloned().collect();
        all.sort_by(|a, b| a.authority().cmp(b.authority()));
        all
    }

    /// To be held by whoever reads a peer, commits what changes it, and puts it: two at once
    /// would commit the same, and the later put would undo the other.
    pub fn turn(&self, authority: &AuthorityId) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(authority.clone()).or_default().clone()
    }

    /// Takes over a peer.
    pub fn put(&self, peer: Peer) {
        let name = peer.authority().clone();
        self.peers.write().unwrap_or_else(PoisonError::into_inner).insert(name, Arc::new(peer));
        self.changes.send_modify(|changes| *changes += 1);
    }

    /// Changes when something else is known of a peer's statements.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

/// A peer's statements in the order in which they came, from the first on: what the root voided
/// is void again, and what came later than the offer is not lacking. Those before `era` are of
/// another fingerprint.
fn statements(offered: &Chain, era: u64, snapshot: &Snapshot) -> Result<Chain, ExchangeError> {
    let first = offered.envelopes().next().ok_or(FormatError::Malformed("no statements"))?;
    let mut chain = Chain::open(first)?;
    let prefix = records::statement_prefix(Some(offered.authority()));
    for (key, _) in snapshot.scan(&prefix, None, usize::MAX)? {
        let index = records::entry_of(&key)?;
        if index >= era {
            chain.append(snapshot.entry(index)?.object(0)?)?;
        }
    }
    Ok(chain)
}

/// The parties of a box from `sender` to `recipient`.
pub fn parties(suite: Suite, sender: &Chain, recipient: &Chain) -> Parties {
    let named = |chain: &Chain| (chain.authority().to_string(), chain.fingerprint());
    Parties { suite: suite.number(), sender: named(sender), recipient: named(recipient) }
}
