//! Encapsulations in use: one to a peer for up to an hour, and those that peers use with us.

use super::directory::parties;
use super::{ExchangeError, directory::Peer, identity::Identity};
use crate::crypto::CryptoError;
use crate::crypto::entropy::Entropy;
use crate::crypto::hash::{Digest, sha256};
use crate::crypto::key_box::{OpenContext, SealContext, Wrapped};
use crate::crypto::object::ContentKey;
use crate::format::Millis;
use crate::format::id::AuthorityId;
use crate::format::suite::Suite;
use crate::format::wire::{cause::Code as Cause, purpose::Code as Purpose};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long a sender uses one encapsulation, milliseconds.
const SEAL_FOR: u64 = 3600 * 1000;
/// Encapsulations of peers that are remembered.
const OPEN_KEPT: usize = 256;

/// The caches.
#[derive(Default)]
pub struct ContentKeys {
    seal: Mutex<HashMap<AuthorityId, Sealing>>,
    open: Mutex<HashMap<(AuthorityId, Digest), Arc<OpenContext>>>,
}

#[derive(Clone)]
struct Sealing {
    key_id: Digest,
    suite: Suite,
    until: Millis,
    context: Arc<SealContext>,
}

/// Whom a key box is made for.
#[derive(Clone, Copy)]
pub struct Recipient<'a> {
    /// The authority.
    pub peer: &'a Peer,
    /// The suite of what the box belongs to.
    pub suite: Suite,
}

/// What a key box was made for.
pub struct SealedFor<'a> {
    /// The suite of what it belongs to.
    pub suite: Suite,
    /// Our key that it is for.
    pub key_id: Digest,
    /// Id of the packet or status.
    pub id: &'a [u8; 16],
}

impl ContentKeys {
    /// Wraps a content key for a peer; gives the box and the id of the key that it is for.
    pub fn wrap(
        &self,
        identity: &Identity,
        to: Recipient<'_>,
        id: &[u8; 16],
        content: &ContentKey,
        now: Millis,
        entropy: &dyn Entropy,
    ) -> Result<(Wrapped, Digest), ExchangeError> {
        let sealing = self.sealing(identity, to, now, entropy)?;
        Ok((sealing.context.wrap(id, content, entropy)?, sealing.key_id))
    }

    fn sealing(
        &self,
        identity: &Identity,
        to: Recipient<'_>,
        now: Millis,
        entropy: &dyn Entropy,
    ) -> Result<Sealing, ExchangeError> {
        let Recipient { peer, suite } = to;
        let key = peer.chain.current(Purpose::Content, now).ok_or_else(|| {
            ExchangeError::Invalid(format!("{} has no content key that is valid now", peer.authority()))
        })?;
        let mut cache = self.seal.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |s: &&Sealing| s.until > now && s.key_id == key.id && s.suite == suite;
        if let Some(found) = cache.get(peer.authority()).filter(fits) {
            return Ok(found.clone());
        }
        let parties = parties(suite, &identity.chain(), &peer.chain);
        let context = Arc::new(SealContext::new(&key.public_key, &parties, entropy)?);
        let sealing = Sealing { key_id: key.id, suite, until: now + SEAL_FOR, context };
        cache.insert(peer.authority().clone(), sealing.clone());
        Ok(sealing)
    }

    /// Unwraps a content key that a peer sent; the cause is what its evidence names.
    pub fn unwrap(
        &self,
        identity: &Identity,
        peer: &Peer,
        sealed: &SealedFor<'_>,
        wrapped: &Wrapped,
    ) -> Result<ContentKey, Cause> {
        let secret = identity.content(&sealed.key_id).ok_or(Cause::ContentKeyGone)?;
        let cached = (
            peer.authority().clone(),
            sha256(&[&sealed.key_id[..], &[sealed.suite as u8], &wrapped.enc].concat()),
        );
        let known = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&cached).cloned();
        let context = match known {
            Some(context) => context,
            None => {
                let parties = parties(sealed.suite, &peer.chain, &identity.chain());
                let context = secret
                    .open_context(&wrapped.enc, &parties)
                    .map_err(|_: CryptoError| Cause::KeyBoxInvalid)?;
                let context = Arc::new(context);
                let mut cache = self.open.lock().unwrap_or_else(PoisonError::into_inner);
                if cache.len() >= OPEN_KEPT {
                    cache.clear();
                }
                cache.insert(cached, context.clone());
                context
            }
        };
        context.unwrap(sealed.id, &wrapped.salt, &wrapped.wrapped_key).map_err(|_| Cause::KeyBoxInvalid)
    }
}
