//! Rotation: new keys, stated by the delegate, and taken up once peers have learnt of them.
//!
//! The order is: the private half durable in its file, the statement an entry of the ledger,
//! the statement in the file of statements, the key among those that may be used. A crash
//! after the first step leaves a key that no statement names; after the second, the next start
//! takes the statement from the ledger.

use super::identity::{DELEGATED, TAKE_UP_AFTER, own_statement};
use super::key_folder::{BEFORE, Life};
use super::{Exchange, ExchangeError, durable};
use crate::crypto::hash::Digest;
use crate::format::chain::Chain;
use crate::format::envelope::{PayloadType, Unverified};
use crate::format::id::AuthorityId;
use crate::format::statement::ProvenKey;
use crate::format::suite::{IN_TWO, Slot, Suite, slots};
use crate::format::wire::{
    Revocation, algorithm::Code as Algorithm, purpose::Code as Purpose, revocation::Reason,
};
use crate::format::{FormatError, Millis, limits};
use crate::ledger::records;
use crate::store::{Decision, NewEntry};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::task::block_in_place;

/// One key of ours, as it stands.
pub struct Listed {
    /// Its statement.
    pub key: ProvenKey,
    /// Whether it is the one of its purpose that is used now.
    pub used: bool,
    /// Whether its private half is here.
    pub here: bool,
    /// Whether it lies in the token.
    pub in_token: bool,
    /// Peers that are known to have its statement.
    pub held_by: Vec<AuthorityId>,
}

/// How keys are to be rotated.
#[derive(Debug, Clone, Default)]
pub struct Rotation {
    /// Whose keys: in every algorithm that there are keys of.
    pub purposes: Vec<Purpose>,
    /// Only those of this algorithm; none: all of them.
    pub algorithm: Option<Algorithm>,
    /// The suite to take part in from now on; none: no other than before.
    pub suite: Option<Suite>,
    /// The new ones are used from then on at the earliest; none: as soon as peers know them.
    pub from: Option<Millis>,
    /// The old ones end so long after the new ones begin; none: at their own end.
    pub overlap: Option<Millis>,
    /// The new ones are used at once, whoever has learnt of them.
    pub force: bool,
    /// Only says what would be done.
    pub dry_run: bool,
}

/// The rotation of one purpose.
pub struct Rotated {
    /// The newest key that stood before.
    pub before: Option<ProvenKey>,
    /// What it is for, and its algorithm.
    pub slot: Slot,
    /// The new key; none in a dry run.
    pub new: Option<Digest>,
    /// When the new key begins.
    pub from: Millis,
    /// When the new key ends.
    pub until: Millis,
    /// When the keys before it end.
    pub before_until: Millis,
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
                in_token: self.identity.in_token(key),
                held_by: peers.iter().map(|peer| peer.authority()).filter(|p| has(p)).cloned().collect(),
                key: key.clone(),
            }
        });
        listed.collect()
    }

    /// States a new key for each purpose. The keys before stand as long as `rotation` says, so
    /// what is under way verifies and opens.
    pub async fn rotate(self: &Arc<Self>, rotation: &Rotation) -> Result<Vec<Rotated>, ExchangeError> {
        let rotation = rotation.clone();
        self.to_its_end(|exchange| async move {
            let _turn = exchange.identity.turn.lock().await;
            exchange.rotate_in_turn(&rotation).await
        })
        .await
    }

    /// The same for whoever holds the turn.
    pub(super) async fn rotate_in_turn(&self, rotation: &Rotation) -> Result<Vec<Rotated>, ExchangeError> {
        let now = self.now();
        let mut chain = Chain::clone(&self.identity.chain());
        let known = chain.count();
        let from = rotation.begins(now)?;
        let mut rotated = Vec::new();
        for slot in rotation.slots(&chain)? {
            let (purpose, _) = slot;
            let until = self.identity.would_end(purpose, from.max(now), now)?;
            if until <= from {
                return Err(ExchangeError::Precluded(format!(
                    "a key for {} would end before it begins: its delegate ends first. A new one is made \
                     with the root: rogatory keys request delegate",
                    purpose.as_str_name()
                )));
            }
            let before = chain.current_of(slot, now).cloned();
            let before_until = rotation.ends(before.as_ref(), from);
            rotated.push(Rotated { before, slot, new: None, from, until, before_until });
        }
        if rotated.is_empty() {
            return Err(ExchangeError::Invalid("no purpose is named whose keys can be rotated".into()));
        }
        if rotation.dry_run {
            return Ok(rotated);
        }
        self.choose_keys()?;
        // Files are written and synced: other calls of this thread go on elsewhere meanwhile.
        block_in_place(|| -> Result<(), ExchangeError> {
            for one in &mut rotated {
                let ends = ending(&chain, one, now);
                let life = Life { from: one.from, until: one.until, ends };
                one.new = Some(self.identity.make(one.slot, &mut chain, life, now, &*self.entropy)?);
            }
            Ok(())
        })?;
        let entries = chain.envelopes().skip(known as usize).map(own_statement).collect();
        self.state(entries, &chain).await?;
        if rotation.force {
            self.identity.force(rotated.iter().filter_map(|one| one.new));
        }
        block_in_place(|| self.identity.take_over(chain, now))?;
        for one in &rotated {
            let key = one.new.map(hex::encode).unwrap_or_default();
            let (purpose, algorithm) = (one.slot.0.as_str_name(), one.slot.1.as_str_name());
            tracing::info!(purpose, algorithm, key, "a new key is stated");
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
            let index = records::entry_of(&key)?;
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

impl Rotation {
    /// The slots that get a new key.
    fn slots(&self, chain: &Chain) -> Result<Vec<Slot>, ExchangeError> {
        let purposes = || DELEGATED.into_iter().filter(|purpose| self.purposes.contains(purpose));
        let mut slots: Vec<Slot> = purposes().flat_map(|purpose| slots(chain, purpose)).collect();
        slots.retain(|slot| self.algorithm.is_none_or(|algorithm| slot.1 == algorithm));
        if self.suite == Some(Suite::Two) {
            if !IN_TWO.iter().all(|purpose| self.purposes.contains(purpose)) {
                return Err(ExchangeError::Invalid(
                    "suite 2 asks for keys of packet and evidence: both have to be named".into(),
                ));
            }
            let beside = IN_TWO.map(|purpose| (purpose, Algorithm::MlDsa65));
            let missing: Vec<Slot> = beside.into_iter().filter(|slot| !slots.contains(slot)).collect();
            slots.extend(missing);
        }
        Ok(slots)
    }

    /// When the new keys begin.
    fn begins(&self, now: Millis) -> Result<Millis, ExchangeError> {
        let from = match self.from {
            None => now.saturating_sub(BEFORE),
            Some(from) if from < now => {
                return Err(ExchangeError::Invalid("a new key can't begin in the past".into()));
            }
            Some(from) => from,
        };
        // A peer that is away goes on with the old key for so long.
        match self.overlap {
            Some(overlap) if overlap <= TAKE_UP_AFTER && !self.force => Err(ExchangeError::Invalid(
                "an overlap is longer than a day: so long a peer that is away is waited for (--force: the new \
                 keys are used at once, and the overlap may be shorter)"
                    .into(),
            )),
            _ => Ok(from),
        }
    }

    /// When the key before ends, where the new one begins at `from`.
    fn ends(&self, before: Option<&ProvenKey>, from: Millis) -> Millis {
        let own = before.map_or(0, |key| key.not_after.min(key.end().map_or(u64::MAX, |end| end.since)));
        self.overlap.map_or(own, |overlap| own.min(from.saturating_add(BEFORE).saturating_add(overlap)))
    }
}

/// What the statement of the new key ends: every key of the purpose that would stand longer.
fn ending(chain: &Chain, rotated: &Rotated, now: Millis) -> Vec<Revocation> {
    let until = rotated.before_until.max(now);
    let longer =
        |key: &&ProvenKey| key.slot() == rotated.slot && key.end().is_none() && key.not_after > until;
    let end = |key: &ProvenKey| Revocation {
        key_id: key.id.to_vec(),
        reason: Reason::Superseded.into(),
        since: until,
        log_size: 0,
    };
    chain.keys().iter().rev().filter(longer).take(limits::REVOCATIONS).map(end).collect()
}
