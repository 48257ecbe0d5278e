//! The statements of each authority as they stand at the writer's place in the log.
//!
//! What a peer signed is verified before the writer comes to it, and a statement that revokes the
//! key may be logged in between. The entry would then be bad to every auditor: so the writer asks
//! again where the statements are others than those that were verified with.

use super::directory::Peer;
use super::{Exchange, ExchangeError};
use crate::crypto::hash::Digest;
use crate::format::chain::Chain;
use crate::format::id::AuthorityId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Chains, by authority. Changed by those decisions of the writer that log statements.
#[derive(Default)]
pub struct Logged {
    chains: Mutex<HashMap<AuthorityId, Arc<Chain>>>,
}

/// What was verified under an authority's statements.
pub(super) struct Verified {
    logged: Arc<Logged>,
    authority: AuthorityId,
    head: Digest,
}

impl Logged {
    /// From this place on an authority's statements are these. If the group is not written after
    /// all, the writer decides nothing any more.
    pub(super) fn put(&self, chain: &Chain) {
        let mut chains = self.chains.lock().unwrap_or_else(PoisonError::into_inner);
        chains.insert(chain.authority().clone(), Arc::new(chain.clone()));
    }

    fn of(&self, authority: &AuthorityId) -> Option<Arc<Chain>> {
        self.chains.lock().unwrap_or_else(PoisonError::into_inner).get(authority).cloned()
    }
}

impl Verified {
    /// At the writer's place: what was verified still is, by what `again` says where statements
    /// came in between. Otherwise whoever brought it is to come again, and learns why.
    pub fn still<T, E: std::fmt::Display>(
        &self,
        again: impl FnOnce(&Chain) -> Result<T, E>,
    ) -> Result<(), ExchangeError> {
        let Some(chain) = self.logged.of(&self.authority).filter(|chain| chain.head() != self.head) else {
            return Ok(());
        };
        again(&chain).map(drop).map_err(|why| {
            tracing::info!(by = %self.authority, %why, "a statement came first");
            ExchangeError::Busy
        })
    }
}

impl Exchange {
    /// Of what is verified with the statements of this peer, as they are known here.
    pub(super) fn verified(&self, peer: &Peer) -> Verified {
        self.verified_with(&peer.chain)
    }

    /// The same of our own.
    pub(super) fn verified_own(&self) -> Verified {
        self.verified_with(&self.identity.chain())
    }

    fn verified_with(&self, chain: &Chain) -> Verified {
        let (authority, head) = (chain.authority().clone(), chain.head());
        Verified { logged: self.directory.logged.clone(), authority, head }
    }
}
