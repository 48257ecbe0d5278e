//! Checkpoints of peers, each verified once.

use crate::crypto::hash::Digest;
use crate::format::chain::Chain;
use crate::format::id::AuthorityId;
use crate::ledger::LedgerError;
use crate::ledger::checkpoint::Checkpoint;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Checked checkpoints of peers that are remembered.
const NOTES: usize = 4096;

/// Checkpoints of peers come with every entry of a group: each is verified once.
#[derive(Default)]
pub struct Notes {
    known: Mutex<HashMap<Digest, Arc<Known>>>,
    verified: AtomicU64,
}

/// Whose log a checkpoint is of, once it is verified.
type Known = OnceLock<(AuthorityId, Arc<Checkpoint>)>;

impl Notes {
    /// A checkpoint of `peer`, verified now or before under the same keys.
    pub fn open(&self, digest: Digest, note: &[u8], peer: &Chain) -> Result<Arc<Checkpoint>, LedgerError> {
        let place = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.entry(digest).or_default().clone()
        };
        if let Some((_, checkpoint)) = place.get().filter(|(whose, _)| whose == peer.authority()) {
            return Ok(checkpoint.clone());
        }
        let checkpoint = Arc::new(Checkpoint::open(note, peer)?);
        if place.set((peer.authority().clone(), checkpoint.clone())).is_ok() {
            self.verified.fetch_add(1, Ordering::Relaxed);
        }
        Ok(checkpoint)
    }

    /// How many were verified, each counted once.
    pub fn count(&self) -> u64 {
        self.verified.load(Ordering::Relaxed)
    }

    /// Forgets those of before, where they are too many.
    pub fn make_room(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > NOTES {
            known.clear();
        }
    }

    /// The keys are others now.
    pub fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
