//! Who we are: the chain of our statements, and the private keys that go with it.

use super::ExchangeError;
use super::in_use::{Learnt, Live, TlsKey, beside, choice};
use super::key_folder::{KeyFolder, Life, chain_path, encode_chain, read_chain};
use crate::crypto::entropy::Entropy;
use crate::crypto::hash::Digest;
use crate::crypto::key_box::SecretKey;
use crate::crypto::sign::{Ed25519Key, Signer as _, new_seed};
use crate::format::Millis;
use crate::format::chain::Chain;
use crate::format::envelope::SigningKey;
use crate::format::id::AuthorityId;
use crate::format::leaf::Leaf;
use crate::format::statement::{ProvenKey, algorithm_of, root_commitment, root_id};
use crate::format::suite::{IN_TWO, Slot, Suite};
use crate::format::wire::{algorithm::Code as Algorithm, leaf::Kind, purpose::Code as Purpose};
use crate::ledger::checkpoint::{Checkpoint, verifier_key, witness_name};
use crate::store::{CheckpointSigner, NewEntry, StoreError, key_files};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::{Notify, watch};

/// How long a key may be used: a year and a month, milliseconds.
pub(super) const LIFETIME: u64 = 395 * DAY;
/// How long a delegate may state keys: three years. Only the root makes a new one.
pub(super) const DELEGATION: u64 = 3 * 365 * DAY;
/// Milliseconds.
pub(super) const DAY: u64 = 24 * 3600 * 1000;
/// A new key is used after this time even if a peer is not known to have learnt it,
/// milliseconds: that peer is away, and learns it by Hello when it is back.
pub(super) const TAKE_UP_AFTER: u64 = DAY;
/// Purposes that a delegate may state, in the order in which their keys are made.
pub const DELEGATED: [Purpose; 6] = [
    Purpose::Packet,
    Purpose::Evidence,
    Purpose::Checkpoint,
    Purpose::Cosign,
    Purpose::Content,
    Purpose::Tls,
];

/// Our identity. It may change while the gateway runs: a decision takes from it what holds at
/// that moment, and a key that was in use a moment ago still stands.
pub struct Identity {
    authority: AuthorityId,
    folder: KeyFolder,
    live: RwLock<Arc<Live>>,
    /// Held by whoever replaces `live`, from reading it to replacing it.
    replacing: Mutex<()>,
    /// Held from the first statement of a rotation until its keys are here.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// How many of our statements each peer is known to hold.
    heard: Mutex<HashMap<AuthorityId, u64>>,
    /// Keys that are used whoever has learnt of them.
    forced: Mutex<HashSet<Digest>>,
    /// How many statements there are of us.
    stated: watch::Sender<u64>,
    learnt: Arc<Notify>,
}

impl Identity {
    /// Makes a new identity of suite 1 in `folder`, which must not hold one.
    pub fn found(
        folder: &Path,
        authority: &AuthorityId,
        development: bool,
        now: Millis,
        entropy: &dyn Entropy,
    ) -> Result<Self, ExchangeError> {
        Self::found_in(&[Suite::One], folder.into(), authority, development, now, entropy)
    }

    /// Makes a new identity that takes part in these suites; a token may hold keys. Those of the
    /// root are files.
    pub fn found_in(
        suites: &[Suite],
        keys: KeyFolder,
        authority: &AuthorityId,
        development: bool,
        now: Millis,
        entropy: &dyn Entropy,
    ) -> Result<Self, ExchangeError> {
        let folder = keys.path();
        if chain_path(folder).exists() {
            return Err(ExchangeError::Exists(format!("an identity in {}", folder.display())));
        }
        let root_seed = new_seed(entropy)?;
        let next_seed = new_seed(entropy)?;
        let root = Ed25519Key::from_seed(&root_seed[..])?;
        let next = Ed25519Key::from_seed(&next_seed[..])?;
        let root = SigningKey { id: root_id(root.public_key()), signer: Arc::new(root) };
        let mut chain =
            Chain::found_in(suites, authority, &root, root_commitment(next.public_key()), development, now)?;
        keys.files().write_root("root.key", &root_seed[..], entropy)?;
        keys.files().write_root("next-root.key", &next_seed[..], entropy)?;

        let life = Life::new(now, now + DELEGATION);
        let delegate = (Purpose::Delegate, algorithm_of(Purpose::Delegate));
        let delegate = keys.make(delegate, &mut chain, &root, life, now, entropy)?;
        // Of one time with statement 0: whoever sees this authority knows its suites.
        let second = if suites.contains(&Suite::Two) { &IN_TWO[..] } else { &[] };
        let slots = DELEGATED.map(|purpose| (purpose, algorithm_of(purpose)));
        for slot in slots.into_iter().chain(second.iter().map(|purpose| (*purpose, Algorithm::MlDsa65))) {
            let life = Life::new(now, now + LIFETIME);
            keys.make(slot, &mut chain, &delegate, life, now, entropy)?;
        }
        // Written last: a crash before this leaves keys that no chain names, and no identity.
        key_files::write_private(&chain_path(folder), &encode_chain(&chain))?;
        Self::load_from(keys, now)
    }

    /// Loads the identity in `folder`, whose keys are all files.
    pub fn load(folder: &Path, now: Millis) -> Result<Self, ExchangeError> {
        Self::load_from(folder.into(), now)
    }

    /// The same, where a token may hold keys.
    pub fn load_from(folder: KeyFolder, now: Millis) -> Result<Self, ExchangeError> {
        let chain = Arc::new(read_chain(folder.path())?);
        let stated = watch::Sender::new(chain.count());
        Ok(Self {
            authority: chain.authority().clone(),
            live: RwLock::new(Arc::new(Live::read(&folder, chain, &Learnt::default(), now)?)),
            folder,
            replacing: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            heard: Mutex::default(),
            forced: Mutex::default(),
            stated,
            learnt: Arc::default(),
        })
    }

    fn live(&self) -> Arc<Live> {
        self.live.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Our name.
    pub fn authority(&self) -> &AuthorityId {
        &self.authority
    }

    /// Our statements.
    pub fn chain(&self) -> Arc<Chain> {
        self.live().chain.clone()
    }

    /// Signs packet headers.
    pub fn packet(&self) -> SigningKey {
        self.live().packet.clone()
    }

    /// Signs evidence, deferrals, statuses and offers.
    pub fn evidence(&self) -> SigningKey {
        self.live().evidence.clone()
    }

    /// The ML-DSA keys that sign beside [`Identity::packet`] and [`Identity::evidence`], if we
    /// take part in suite 2.
    pub(super) fn second(&self) -> Option<[SigningKey; 2]> {
        self.live().second.clone()
    }

    /// Cosigns the checkpoints of peers, under this name.
    pub fn cosign(&self) -> (String, SigningKey) {
        let live = self.live();
        (witness_name(&live.chain), live.cosign.clone())
    }

    /// The key under which third parties verify our cosignatures (C2SP signed-note).
    pub fn cosign_verifier_key(&self) -> String {
        let live = self.live();
        verifier_key(&live.chain, &live.cosign.id).unwrap_or_default()
    }

    /// The key under which third parties verify our checkpoints.
    pub fn log_verifier_key(&self) -> String {
        let live = self.live();
        verifier_key(&live.chain, &live.checkpoint.id).unwrap_or_default()
    }

    /// Opens key boxes that were made for this key.
    pub fn content(&self, id: &Digest) -> Option<Arc<SecretKey>> {
        self.live().content.get(id).cloned()
    }

    /// The TLS key.
    pub fn tls(&self) -> Arc<TlsKey> {
        self.live().tls.clone()
    }

    /// The delegate whose private key is here: it states new keys.
    pub fn delegate(&self) -> Option<(ProvenKey, SigningKey)> {
        self.live().delegate.clone()
    }

    /// Whether this key is the one of its purpose that is used now.
    pub fn uses(&self, id: &Digest) -> bool {
        let live = self.live();
        live.choice.contains(id)
            || live.signs_beside(id)
            || live.delegate.as_ref().is_some_and(|(key, _)| key.id == *id)
    }

    /// Whether the private half of a key is here, in a file or in the token.
    pub fn holds(&self, key: &ProvenKey) -> bool {
        self.folder.holds(key)
    }

    /// Whether the private half of a key lies in the token.
    pub fn in_token(&self, key: &ProvenKey) -> bool {
        self.folder.in_token(key)
    }

    /// Destroys the private half of a key; false: it is not here.
    pub(super) fn destroy(&self, key: &ProvenKey) -> Result<bool, ExchangeError> {
        self.folder.destroy(key)
    }

    /// Where the private halves lie.
    pub fn folder(&self) -> &KeyFolder {
        &self.folder
    }

    /// Changes when a new statement is there to be shown to peers.
    pub fn stated(&self) -> watch::Receiver<u64> {
        self.stated.subscribe()
    }

    /// Woken when a peer learnt a statement of ours, or when there is one that nobody has to
    /// learn: another key may come into use.
    pub fn learnt(&self) -> Arc<Notify> {
        self.learnt.clone()
    }

    /// Takes note that a peer holds this many of our statements.
    pub fn heard(&self, peer: &AuthorityId, statements: u64) {
        let statements = statements.min(self.chain().count());
        let before =
            self.heard.lock().unwrap_or_else(PoisonError::into_inner).insert(peer.clone(), statements);
        if before != Some(statements) {
            self.learnt.notify_one();
        }
    }

    /// The same, where it is not known that the peer holds more.
    pub(super) fn heard_at_least(&self, peer: &AuthorityId, statements: u64) {
        if self.held_by(peer).is_none_or(|held| held < statements) {
            self.heard(peer, statements);
        }
    }

    /// How many of our statements a peer is known to hold; none: it was not heard since the start,
    /// and had confirmed nothing before.
    pub fn held_by(&self, peer: &AuthorityId) -> Option<u64> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).get(peer).copied()
    }

    /// Chooses the key of each purpose anew, for these peers: the newest that all of them are
    /// known to have learnt. True: another key is in use now.
    pub fn choose<'a>(
        &self,
        peers: impl IntoIterator<Item = &'a AuthorityId>,
        now: Millis,
    ) -> Result<bool, ExchangeError> {
        let told = peers.into_iter().map(|peer| self.held_by(peer).unwrap_or(0)).min().unwrap_or(u64::MAX);
        let _replacing = self.replacing.lock().unwrap_or_else(PoisonError::into_inner);
        let live = self.live();
        let forced = self.forced.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let learnt = Learnt { told, forced, passed: live.learnt.passed.clone() };
        let changed = choice(&self.folder, &live.chain, &learnt, now)?.map(|key| key.id) != live.choice
            || beside(&self.folder, &live.chain, &learnt, now).map(|keys| keys.map(|key| key.id))
                != live.second.as_ref().map(|keys| keys.each_ref().map(|key| key.id));
        if changed || live.behind || learnt != live.learnt {
            self.replace(Live::read(&self.folder, live.chain.clone(), &learnt, now)?);
        }
        Ok(changed)
    }

    /// Uses this key no more, or again, whatever its statements say. What the writer decides from
    /// now on is signed by another one; fails where there is none.
    pub(super) fn pass_over(&self, id: &Digest, pass: bool, now: Millis) -> Result<(), ExchangeError> {
        let _replacing = self.replacing.lock().unwrap_or_else(PoisonError::into_inner);
        let live = self.live();
        let mut learnt = live.learnt.clone();
        if pass {
            learnt.passed.insert(*id)
        } else {
            learnt.passed.remove(id)
        };
        let read = Live::read(&self.folder, live.chain.clone(), &learnt, now)?;
        if pass && (read.choice.contains(id) || read.signs_beside(id)) {
            return Err(ExchangeError::Precluded("no other key of its purpose stands here".into()));
        }
        self.replace(read);
        Ok(())
    }

    fn replace(&self, live: Live) {
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(live);
    }

    /// Makes a key of our own, has the delegate state it in `chain`, and writes its private half.
    pub(super) fn make(
        &self,
        slot: Slot,
        chain: &mut Chain,
        life: Life,
        now: Millis,
        entropy: &dyn Entropy,
    ) -> Result<Digest, ExchangeError> {
        let (_, by) = self.stating(slot.0, now)?;
        Ok(self.folder.make(slot, chain, &by, life, now, entropy)?.id)
    }

    /// These keys are used from now on, whoever has learnt of them.
    pub(super) fn force(&self, keys: impl IntoIterator<Item = Digest>) {
        self.forced.lock().unwrap_or_else(PoisonError::into_inner).extend(keys);
    }

    /// The delegate that may state a key of this purpose now.
    pub(super) fn stating(
        &self,
        purpose: Purpose,
        now: Millis,
    ) -> Result<(ProvenKey, SigningKey), ExchangeError> {
        self.delegate().filter(|(key, _)| key.usable(now) && key.may_state.contains(&purpose)).ok_or_else(
            || {
                ExchangeError::Precluded(format!(
                    "there is no delegate's key here that may state a key for {} now",
                    purpose.as_str_name()
                ))
            },
        )
    }

    /// Takes over a longer chain, whose statements are entries: the file first, then the
    /// identity. A crash between leaves the file, from which the next start reads the same.
    pub(super) fn take_over(&self, chain: Chain, now: Millis) -> Result<(), ExchangeError> {
        // Whatever fails, what was stated stands: a rotation that did not build upon it would
        // contradict it. The next start finds the statements in the ledger.
        let written = key_files::replace_private(&chain_path(self.folder.path()), &encode_chain(&chain));
        let _replacing = self.replacing.lock().unwrap_or_else(PoisonError::into_inner);
        // What is new is told to nobody yet: the keys in use stay until `choose`.
        let (old, chain) = (self.live(), Arc::new(chain));
        let read = Live::read(&self.folder, chain.clone(), &old.learnt, now);
        self.replace(read.unwrap_or_else(|error| {
            tracing::error!(%error, "keys can't be read after a rotation; those before are used meanwhile");
            Live { chain, behind: true, ..Live::clone(&old) }
        }));
        self.stated.send_replace(self.chain().count());
        self.learnt.notify_one();
        Ok(written?)
    }

    /// Reads the private keys anew: their files are others.
    pub(super) fn reread(&self, now: Millis) -> Result<(), ExchangeError> {
        let _replacing = self.replacing.lock().unwrap_or_else(PoisonError::into_inner);
        let live = self.live();
        self.replace(Live::read(&self.folder, live.chain.clone(), &live.learnt, now)?);
        Ok(())
    }

    /// The entries with which a ledger begins: our statements.
    pub fn first_entries(&self) -> Vec<NewEntry> {
        self.chain().envelopes().map(own_statement).collect()
    }
}

/// The entry of a statement of ours.
pub(super) fn own_statement(envelope: &[u8]) -> NewEntry {
    NewEntry { leaf: Leaf::new(Kind::KeyStatement), objects: vec![envelope.to_vec()] }
}

impl CheckpointSigner for Identity {
    fn sign(&self, size: u64, root: Digest) -> Result<Checkpoint, StoreError> {
        Ok(self.live().sign_head(size, root)?)
    }
}
