//! Revocation: a key of ours ends, from one place of our log on.
//!
//! The order is: its successor is stated; nothing is signed with it any more; whatever was being
//! decided with it is in the log; the statement names the size of the log there, and is logged.
//! So nothing that the key signed by right stands at that size or beyond it. A crash before the
//! end leaves a successor, and a key that stands.

use super::identity::{DELEGATION, own_statement};
use super::key_folder::{KeyFolder, Life, read_chain};
use super::rotation::Rotation;
use super::{Exchange, ExchangeError, durable};
use crate::crypto::entropy::Entropy;
use crate::crypto::hash::Digest;
use crate::crypto::sign::{Ed25519Key, Signer as _};
use crate::format::Millis;
use crate::format::chain::{Appended, Chain};
use crate::format::envelope::SigningKey;
use crate::format::id::AuthorityId;
use crate::format::leaf::Leaf;
use crate::format::statement::{ProvenKey, algorithm_of, is_revocation, root_id};
use crate::format::wire::{Revocation, purpose::Code as Purpose, revocation::Reason};
use crate::store::Decision;
use std::sync::Arc;
use tokio::task::block_in_place;

/// So many hex digits name a key at least.
pub const PREFIX: usize = 6;

/// What is to be revoked.
pub struct Revoking {
    /// The key.
    pub key: Digest,
    /// Why.
    pub reason: Reason,
    /// Since when; none: now.
    pub since: Option<Millis>,
    /// Whether another key is stated in its place, if it stood until now.
    pub successor: bool,
}

/// What was revoked.
#[derive(Debug)]
pub struct Revoked {
    /// The key as it is stated now.
    pub key: ProvenKey,
    /// The key that was stated in its place.
    pub successor: Option<Digest>,
}

/// Makes the statements by which the root revokes a delegate's key, and states another one in its
/// place: its private half is written to `folder`, which holds our statements. `log_size`: what our
/// log holds by now was signed before.
pub fn by_root(
    folder: &KeyFolder,
    seed: &[u8],
    wanted: &Revoking,
    log_size: u64,
    now: Millis,
    entropy: &dyn Entropy,
) -> Result<Vec<Vec<u8>>, ExchangeError> {
    let mut chain = read_chain(folder.path())?;
    let known = usize::try_from(chain.count()).unwrap_or(usize::MAX);
    let signer = Ed25519Key::from_seed(seed)?;
    let root = SigningKey { id: root_id(signer.public_key()), signer: Arc::new(signer) };
    if root.id != chain.root() {
        return Err(ExchangeError::Invalid("this is not the private key of the root that stands".into()));
    }
    let found = chain.keys().iter().find(|key| key.id == wanted.key);
    let key = found
        .filter(|key| key.purpose == Purpose::Delegate)
        .cloned()
        .ok_or_else(|| ExchangeError::Invalid("the root is needed for a delegate's key only".into()))?;
    let item = Revocation {
        key_id: key.id.to_vec(),
        reason: wanted.reason.into(),
        since: wanted.since.unwrap_or(now),
        log_size: if is_revocation(wanted.reason) { log_size } else { 0 },
    };
    // Judged before a private key is written.
    chain.clone().revoke(vec![item.clone()], &root, now)?;
    if wanted.successor {
        folder.make(
            (Purpose::Delegate, algorithm_of(Purpose::Delegate)),
            &mut chain,
            &root,
            Life::new(now, now + DELEGATION),
            now,
            entropy,
        )?;
    }
    chain.revoke(vec![item], &root, now)?;
    Ok(chain.envelopes().skip(known).map(<[u8]>::to_vec).collect())
}

impl Exchange {
    /// Revokes a key of ours, by the delegate that may state such keys.
    pub async fn revoke(self: &Arc<Self>, wanted: Revoking) -> Result<Revoked, ExchangeError> {
        self.to_its_end(|exchange| async move {
            let _turn = exchange.identity.turn.lock().await;
            exchange.revoke_in_turn(wanted).await
        })
        .await
    }

    async fn revoke_in_turn(&self, wanted: Revoking) -> Result<Revoked, ExchangeError> {
        let now = self.now();
        let key = self.stated_key(&wanted.key)?;
        if key.purpose == Purpose::Delegate {
            return Err(ExchangeError::Precluded("only the root revokes a delegate's key".into()));
        }
        let revoking = is_revocation(wanted.reason);
        if key.revoked() || (key.end().is_some() && !revoking) {
            return Err(ExchangeError::Precluded(format!(
                "the key {} is ended already",
                hex::encode(key.id)
            )));
        }
        if revoking && wanted.since.is_some_and(|since| since > now) {
            return Err(ExchangeError::Invalid("a key is compromised since a time that is over".into()));
        }
        let (_, by) = self.identity.stating(key.purpose, now)?;
        let mut successor = None;
        if wanted.successor && key.usable(now) {
            let (purposes, algorithm) = (vec![key.purpose], Some(key.slot().1));
            let rotation = Rotation { purposes, algorithm, force: true, ..Rotation::default() };
            successor = self.rotate_in_turn(&rotation).await?.pop().and_then(|one| one.new);
        }
        block_in_place(|| self.identity.pass_over(&key.id, true, now))?;
        let revoked = self.state_end(&key, &wanted, revoking, &by).await;
        if revoked.is_err() {
            block_in_place(|| self.identity.pass_over(&key.id, false, now))?;
        }
        let key = revoked?;
        tracing::warn!(
            purpose = key.purpose.as_str_name(),
            key = hex::encode(key.id),
            reason = wanted.reason.as_str_name(),
            "a key is revoked"
        );
        Ok(Revoked { key, successor })
    }

    /// States the end of a key that is not used any more.
    async fn state_end(
        &self,
        key: &ProvenKey,
        wanted: &Revoking,
        revoking: bool,
        by: &SigningKey,
    ) -> Result<ProvenKey, ExchangeError> {
        // What the writer was deciding with the key is in the log when this comes back.
        durable(self.store.commit(|_, _| Ok::<_, ExchangeError>(Decision::nothing(())))).await?;
        let snapshot = self.store.snapshot();
        let size = snapshot.size()?;
        let last = match size.checked_sub(1).map(|index| snapshot.leaf(index)).transpose()?.flatten() {
            Some(leaf) => Leaf::decode(&leaf)?.at,
            None => 0,
        };
        let made_at = self.now();
        let (since, log_size) = match revoking {
            true => (wanted.since.unwrap_or(made_at), size),
            // What it signed by right, it signed before.
            false => (wanted.since.unwrap_or(0).max(made_at).max(last + 1), 0),
        };
        let item = Revocation { key_id: key.id.to_vec(), reason: wanted.reason.into(), since, log_size };
        let mut chain = Chain::clone(&self.identity.chain());
        let envelope = chain.revoke(vec![item], by, made_at)?;
        self.state(vec![own_statement(&envelope)], &chain).await?;
        block_in_place(|| self.identity.take_over(chain, made_at))?;
        self.stated_key(&key.id)
    }

    /// Takes statements that the root signed elsewhere, as they follow ours: how a delegate's key
    /// is revoked. The private half of a key in them lies in its place already.
    pub async fn take_of_root(self: &Arc<Self>, statements: Vec<Vec<u8>>) -> Result<(), ExchangeError> {
        self.to_its_end(|exchange| async move {
            let _turn = exchange.identity.turn.lock().await;
            exchange.take_of_root_in_turn(&statements).await
        })
        .await
    }

    async fn take_of_root_in_turn(&self, statements: &[Vec<u8>]) -> Result<(), ExchangeError> {
        let mut chain = Chain::clone(&self.identity.chain());
        for envelope in statements {
            if chain.append(envelope)? != Appended::Extended {
                return Err(ExchangeError::Precluded("our statements are others meanwhile: again".into()));
            }
        }
        let entries = statements.iter().map(|envelope| own_statement(envelope)).collect();
        self.state(entries, &chain).await?;
        block_in_place(|| self.identity.take_over(chain, self.now()))
    }

    /// The one key of ours whose id begins like this: with [`PREFIX`] digits at least.
    pub fn key_named(&self, prefix: &str) -> Result<ProvenKey, ExchangeError> {
        let (chain, wanted) = (self.identity.chain(), prefix.to_ascii_lowercase());
        let named = |key: &&ProvenKey| wanted.len() >= PREFIX && hex::encode(key.id).starts_with(&wanted);
        let mut found = chain.keys().iter().filter(named);
        match (found.next(), found.next()) {
            (Some(key), None) => Ok(key.clone()),
            (None, _) => Err(ExchangeError::Invalid(format!(
                "no key of ours begins with {prefix:?}: {PREFIX} digits of its id at least"
            ))),
            _ => Err(ExchangeError::Invalid(format!("more than one key of ours begins with {prefix:?}"))),
        }
    }

    /// Peers that are not known to hold all our statements.
    pub fn untold(&self) -> Vec<AuthorityId> {
        let count = self.identity.chain().count();
        let peers = self.directory.all();
        let names = peers.iter().map(|peer| peer.authority());
        names.filter(|name| self.identity.held_by(name).is_none_or(|held| held < count)).cloned().collect()
    }

    fn stated_key(&self, id: &Digest) -> Result<ProvenKey, ExchangeError> {
        let chain = self.identity.chain();
        let found = chain.keys().iter().find(|key| key.id == *id).cloned();
        found.ok_or_else(|| ExchangeError::Unknown(format!("the key {}", hex::encode(id))))
    }
}
