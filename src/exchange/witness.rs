//! Checkpoints of peers: opened once each, cosigned at most once a minute.

use super::acknowledge::misbehaved;
use super::directory::Peer;
use super::{Answer, Exchange, ExchangeError, durable};
use crate::crypto::hash::{Digest, sha256};
use crate::format::Millis;
use crate::format::chain::Chain;
use crate::format::evidence::Subject;
use crate::format::leaf::Leaf;
use crate::format::wire::cause::Code as Cause;
use crate::format::wire::leaf::Kind as LeafKind;
use crate::ledger::checkpoint::{Checkpoint, unknown_log_key, unknown_witness_key};
use crate::ledger::records::{self, PeerRecord};
use crate::ledger::{LedgerError, tree};
use crate::store::{Decision, NewEntry};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Notes that are remembered as verified.
const KEPT: usize = 128;
/// A peer's log is cosigned at most once in this time, milliseconds, unless the
/// configuration says otherwise.
pub const INTERVAL: Millis = 60_000;

/// Notes whose signature was verified, by their digest: one group's checkpoint comes with
/// every acknowledgement of the group.
pub struct Notes {
    verified: Mutex<VecDeque<(Digest, Checkpoint)>>,
    interval: Millis,
}

impl Default for Notes {
    fn default() -> Self {
        Self::new(INTERVAL)
    }
}

/// A key that was revoked meanwhile.
const GONE: LedgerError = LedgerError::Checkpoint("is cosigned with a revoked key");

/// What came of the wish to cosign a peer's checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endorsed {
    /// Durable: the note with our line.
    Cosigned(Vec<u8>),
    /// Something else was cosigned meanwhile, or what was cosigned is newer: its size.
    Elsewhere(u64),
    /// Not before so many milliseconds have passed.
    TooSoon(Millis),
}

impl Notes {
    /// Cosignatures of one log are at least so many milliseconds apart.
    pub fn new(interval: Millis) -> Self {
        Self { verified: Mutex::default(), interval }
    }

    /// Opens a checkpoint that a peer gives at `now`; one that was taken stays taken.
    pub(super) fn open(&self, note: &[u8], peer: &Peer, now: Millis) -> Result<Checkpoint, ExchangeError> {
        let digest = sha256(&[&peer.chain.head()[..], note].concat());
        let known = {
            let verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
            verified.iter().find(|(known, _)| *known == digest).map(|(_, checkpoint)| checkpoint.clone())
        };
        if let Some(checkpoint) = known {
            return Ok(checkpoint);
        }
        let checkpoint =
            Checkpoint::open_at(note, &peer.chain, now).map_err(|error| {
                match unknown_log_key(note, &peer.chain) {
                    Some(key) => ExchangeError::KeyUnknown { peer: peer.authority().clone(), key },
                    None => misbehaved(peer, &error.to_string()),
                }
            })?;
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= KEPT {
            verified.pop_front();
        }
        verified.push_back((digest, checkpoint.clone()));
        Ok(checkpoint)
    }
}

impl Exchange {
    /// Cosigns the newest checkpoint of the peer that contains all that we saw of its log,
    /// where a minute has passed and an exchange showed that the log grew since. Gives the
    /// cosigned note.
    ///
    /// Only entries about exchanges count as growth: nobody answers a cosignature with a
    /// tree, so two gateways that only witness each other see nothing new, and fall silent.
    pub async fn cosign(&self, peer: &Peer) -> Result<Option<Vec<u8>>, ExchangeError> {
        let record: PeerRecord =
            records::read(self.store.snapshot(), &records::peer(peer.authority()))?.unwrap_or_default();
        if record.witnessed_size <= record.endorsed_size {
            return Ok(None);
        }
        let tree = peer.line(|line| line.to_cosign().cloned());
        let Some(tree) = tree.filter(|tree| tree.size > record.endorsed_size) else { return Ok(None) };
        match self.endorse(peer, &tree, record.endorsed_size).await? {
            Endorsed::Cosigned(note) => Ok(Some(note)),
            Endorsed::Elsewhere(_) | Endorsed::TooSoon(_) => Ok(None),
        }
    }

    /// Cosigns a checkpoint that was shown to extend the one of `size` that was cosigned last.
    /// The entry is durable before the cosignature is given away, and it is what keeps us from
    /// ever cosigning a smaller tree, or two of one size.
    pub async fn endorse(
        &self,
        peer: &Peer,
        tree: &Checkpoint,
        size: u64,
    ) -> Result<Endorsed, ExchangeError> {
        let (name, interval) = (peer.authority().clone(), self.notes.interval);
        let (cosigned, tree) = (Arc::new(tree.clone()), tree.clone());
        let (identity, verified) = (self.identity.clone(), self.verified(peer));
        let committed = durable(self.store.commit(move |views, now| {
            let record: PeerRecord = records::read(views, &records::peer(&name))?.unwrap_or_default();
            if record.endorsed_size != size || tree.size <= size {
                return Ok(Decision::nothing(Endorsed::Elsewhere(record.endorsed_size)));
            }
            let due = record.endorsed_time.saturating_add(interval);
            if size > 0 && now < due {
                return Ok(Decision::nothing(Endorsed::TooSoon(due - now)));
            }
            // It may have been kept since before its key was revoked.
            if verified.still(|chain| Checkpoint::open(&tree.note, chain)).is_err() {
                return Ok(Decision::nothing(Endorsed::Elsewhere(size)));
            }
            let (witness, key) = identity.cosign();
            let note = tree.cosigned(&witness, &key, now)?;
            let leaf = Leaf { peer: Some(name), ..Leaf::new(LeafKind::Cosigned) };
            let entries = vec![NewEntry { leaf, objects: vec![note.clone()] }];
            let value = Endorsed::Cosigned(note);
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value })
        }))
        .await?;
        if matches!(committed.value, Endorsed::Cosigned(_)) {
            peer.line(|line| line.cosigned(cosigned));
        }
        Ok(committed.value)
    }

    /// Takes a checkpoint of our own log that a peer cosigned. A cosignature under a key that
    /// is not known is put off: the deferral.
    pub async fn take_cosignature(
        &self,
        peer: &Peer,
        note: Vec<u8>,
    ) -> Result<Option<Vec<u8>>, ExchangeError> {
        let (verified, verified_own) = (self.verified(peer), self.verified_own());
        let own = self.identity.chain();
        let checkpoint =
            Checkpoint::open_past(&note, &own).map_err(|error| misbehaved(peer, &error.to_string()))?;
        if checkpoint.cosignature_of(&peer.chain)?.is_none() {
            if unknown_witness_key(&checkpoint.note, &peer.chain).is_some() {
                let subject = Subject::Unattributed(sha256(&checkpoint.note));
                return match self.deferral(peer.authority(), subject, Cause::KeyUnknown, 0)? {
                    Answer::Deferred(envelope) => Ok(Some(envelope)),
                    Answer::Committed(..) => Ok(None),
                };
            }
            return Err(misbehaved(peer, "a cosignature that does not verify"));
        }
        let snapshot = self.store.snapshot();
        let ours =
            checkpoint.size <= snapshot.size()? && tree::root(checkpoint.size, snapshot)? == checkpoint.root;
        if !ours {
            // A tree of no entries is everybody's: whoever signs another says nothing.
            if checkpoint.size > 0 {
                self.raise_own(peer, &checkpoint).await?;
            }
            return Err(misbehaved(peer, "a checkpoint that is not of our log"));
        }
        if Checkpoint::open(&note, &own).is_err() {
            // Of our log, and cosigned before the peer knew that its key is revoked: it counts for
            // nothing, and is no fault of the peer's.
            return Ok(None);
        }
        let name = peer.authority().clone();
        durable(self.store.commit(move |views, _| {
            let with = |chain: &Chain| checkpoint.cosignature_of(chain)?.ok_or(GONE);
            if verified
                .still(with)
                .and_then(|()| verified_own.still(|own| Checkpoint::open(&note, own)))
                .is_err()
            {
                return Ok(Decision::nothing(()));
            }
            let record: PeerRecord = records::read(views, &records::peer(&name))?.unwrap_or_default();
            if record.cosigned_size >= checkpoint.size {
                return Ok(Decision::nothing(()));
            }
            let leaf = Leaf { peer: Some(name), ..Leaf::new(LeafKind::CosignatureReceived) };
            let entries = vec![NewEntry { leaf, objects: vec![note] }];
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
        }))
        .await?;
        Ok(None)
    }

    /// The newest checkpoint of a peer's log that an entry of ours holds.
    pub fn held_checkpoint(&self, peer: &Peer) -> Result<Option<Vec<u8>>, ExchangeError> {
        let snapshot = self.store.snapshot();
        let record: PeerRecord =
            records::read(snapshot, &records::peer(peer.authority()))?.unwrap_or_default();
        let (size, index) =
            (record.witnessed_size, record.witnessed_at).max((record.endorsed_size, record.endorsed_at));
        match size {
            0 => Ok(None),
            _ => Ok(snapshot.entry(index)?.objects.last().cloned()),
        }
    }
}
