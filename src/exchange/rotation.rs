//! Rotation: new keys, stated by the delegate, and taken up once peers have learnt of them.
//!
//! The order is: the private half durable in its file, the statement an entry of the ledger,
//! the statement in the file of statements, the key among those that may be used. A crash
//! after the first step leaves a key that no statement names; after the second, the next start
//! takes the statement from the ledger.

use super::identity::{DELEGATED, own_statement};
use super::{Exchange, ExchangeError, durable};
use crate::crypto::hash::Digest;
use crate::format::chain::Chain;
use crate::format::envelope::{PayloadType, Unverified};
use crate::format::id::AuthorityId;
use crate::format::statement::ProvenKey;
use crate::format::wire::purpose::Code as Purpose;
use crate::format::{FormatError, Millis};
use crate::ledger::records;
use crate::store::{Decision, NewEntry};
use std::collections::HashSet;
use tokio::task::block_in_place;

/// One key of ours, as it stands.
pub struct Listed {
    /// Its statement.
    pub key: ProvenKey,
    /// Whether it is the one of its purpose that is used now.
    pub used: bool,
    /// Whether its private half is here.
    pub here: bool,
    /// Peers that are known to have its statement.
    pub held_by: Vec<AuthorityId>,
}

/// The rotation of one purpose.
pub struct Rotated {
    /// The newest key that stood before.
    pub before: Option<ProvenKey>,
    /// What it is for.
    pub purpose: Purpose,
    /// The new key; none in a dry run.
    pub new: Option<Digest>,
    /// When the new key ends.
    pub until: Millis,
}

impl Exchange {
    /// Every key that we stated, oldest first.
    pub fn keys(&self) -> Vec<Listed> {
        let peers = self.directory.all();
        let chain = self.identity.chain();
        let listed = chain.keys().iter().map(|key| {
            let has = |peer: &AuthorityId| self.identity.held_by(peer).is_some_and(|held| key.seq < held);
            Listed {
                used: self.identity.uses(&key.id),
                here: self.identity.holds(key),
                held_by: peers.iter().map(|peer| peer.authority()).filter(|p| has(p)).cloned().collect(),
                key: key.clone(),
            }
        });
        listed.collect()
    }

    /// States a new key for each of these purposes; `dry_run` only says what would be done.
    /// The keys before stand until their own end, so what is under way verifies and opens.
    pub async fn rotate(&self, purposes: &[Purpose], dry_run: bool) -> Result<Vec<Rotated>, ExchangeError> {
        let _turn = self.identity.turn.lock().await;
        self.rotate_in_turn(purposes, dry_run).await
    }

    /// The same for whoever holds the turn.
    pub(super) async fn rotate_in_turn(
        &self,
        purposes: &[Purpose],
        dry_run: bool,
    ) -> Result<Vec<Rotated>, ExchangeError> {
        let now = self.now();
        let mut chain = Chain::clone(&self.identity.chain());
        let known = chain.count();
        let mut rotated = Vec::new();
        for purpose in DELEGATED.into_iter().filter(|purpose| purposes.contains(purpose)) {
            let until = self.identity.would_end(purpose, now)?;
            let before = chain.current(purpose, now).cloned();
            rotated.push(Rotated { before, purpose, new: None, until });
        }
        if rotated.is_empty() {
            return Err(ExchangeError::Invalid("no purpose is named whose keys can be rotated".into()));
        }
        if dry_run {
            return Ok(rotated);
        }
        self.choose_keys()?;
        // Files are written and synced: other calls of this thread go on elsewhere meanwhile.
        block_in_place(|| -> Result<(), ExchangeError> {
            for one in &mut rotated {
                one.new = Some(self.identity.make(one.purpose, &mut chain, now, &*self.entropy)?);
            }
            Ok(())
        })?;
        let entries = chain.envelopes().skip(known as usize).map(own_statement).collect();
        self.state(entries, &chain).await?;
        block_in_place(|| self.identity.take_over(chain, now))?;
        for one in &rotated {
            let key = one.new.map(hex::encode).unwrap_or_default();
            tracing::info!(purpose = one.purpose.as_str_name(), key, "a new key is stated");
        }
        Ok(rotated)
    }

    /// Chooses which of our keys are used, by what the peers are known to have learnt. True:
    /// others than before.
    pub fn choose_keys(&self) -> Result<bool, ExchangeError> {
        let peers = self.directory.all();
        self.identity.choose(peers.iter().map(|peer| peer.authority()), self.now())
    }

    /// Brings the file of statements and the ledger together, at the start: our chain is what
    /// either of them holds.
    pub async fn reconcile_statements(&self) -> Result<(), ExchangeError> {
        let _turn = self.identity.turn.lock().await;
        let file = self.identity.chain();
        let snapshot = self.store.snapshot();
        let mut logged: Vec<Vec<u8>> = Vec::new();
        for (key, _) in snapshot.scan(&records::statement_prefix(None), None, usize::MAX)? {
            let index = records::index_of(&key).unwrap_or_default();
            logged.push(snapshot.entry(index)?.object(0)?.to_vec());
        }
        let mut chain = match logged.is_empty() {
            true => Chain::clone(&file),
            false => Chain::open_all(&logged)?,
        };
        if chain.fingerprint() != file.fingerprint() {
            return Err(ExchangeError::Invalid("the ledger here is that of another identity".into()));
        }
        let digest = |envelope: &[u8]| {
            Ok::<_, FormatError>(Unverified::parse(PayloadType::KeyStatement, envelope)?.digest())
        };
        let in_ledger = logged.iter().map(|envelope| digest(envelope)).collect::<Result<HashSet<_>, _>>()?;
        let mut missing = Vec::new();
        for envelope in file.envelopes() {
            // A statement that the root voided stands in the ledger too.
            if !in_ledger.contains(&digest(envelope)?) {
                chain.append(envelope)?;
                missing.push(own_statement(envelope));
            }
        }
        if !missing.is_empty() {
            tracing::warn!(statements = missing.len(), "the ledger lacked statements of ours");
            self.state(missing, &chain).await?;
        }
        if chain.head() != file.head() || chain.count() != file.count() {
            tracing::warn!(statements = chain.count(), "the file of statements was behind the ledger");
            self.identity.take_over(chain, self.now())?;
        }
        Ok(())
    }

    /// Logs statements of ours, with which our chain is this one.
    pub(super) async fn state(&self, entries: Vec<NewEntry>, chain: &Chain) -> Result<(), ExchangeError> {
        let (logged, chain) = (self.directory.logged.clone(), chain.clone());
        let decided = Decision { entries, contents: Vec::new(), value: () };
        let decide = move |_: &dyn records::Views, _: Millis| {
            logged.put(&chain);
            Ok::<_, ExchangeError>(decided)
        };
        durable(self.store.commit(decide)).await.map(|_| ())
    }
}
