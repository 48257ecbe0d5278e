//! Checkpoints of peers: opened once each, cosigned at most once a minute.

use super::acknowledge::misbehaved;
use super::directory::Peer;
use super::{Exchange, ExchangeError, durable};
use crate::crypto::hash::{Digest, sha256};
use crate::format::Millis;
use crate::format::id::AuthorityId;
use crate::format::leaf::Leaf;
use crate::format::wire::leaf::Kind as LeafKind;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::records::{self, PeerRecord};
use crate::ledger::tree;
use crate::store::{Decision, NewEntry};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Notes that are remembered as verified.
const KEPT: usize = 128;
/// A peer's log is cosigned at most once in this time, milliseconds.
const INTERVAL: u64 = 60_000;

/// Notes whose signature was verified, by their digest: one group's checkpoint comes with
/// every acknowledgement of the group.
#[derive(Default)]
pub struct Notes {
    verified: Mutex<VecDeque<(Digest, Checkpoint)>>,
    cosigned: Mutex<HashMap<AuthorityId, (Millis, u64)>>,
}

impl Notes {
    /// Opens a peer's checkpoint.
    pub(super) fn open(&self, note: &[u8], peer: &Peer) -> Result<Checkpoint, ExchangeError> {
        let digest = sha256(&[&peer.chain.head()[..], note].concat());
        let known = {
            let verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
            verified.iter().find(|(known, _)| *known == digest).map(|(_, checkpoint)| checkpoint.clone())
        };
        if let Some(checkpoint) = known {
            return Ok(checkpoint);
        }
        let checkpoint =
            Checkpoint::open(note, &peer.chain).map_err(|error| misbehaved(peer, &error.to_string()))?;
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= KEPT {
            verified.pop_front();
        }
        verified.push_back((digest, checkpoint.clone()));
        Ok(checkpoint)
    }
}

impl Exchange {
    /// Cosigns the newest checkpoint of the peer that an entry of ours holds, where a minute
    /// has passed and the peer's log has grown since. Gives the cosigned note.
    pub async fn cosign(&self, peer: &Peer) -> Result<Option<Vec<u8>>, ExchangeError> {
        let (name, now) = (peer.authority().clone(), self.now());
        let snapshot = self.store.snapshot();
        let record: PeerRecord = records::read(snapshot, &records::peer(&name))?.unwrap_or_default();
        let due = {
            let cosigned = self.notes.cosigned.lock().unwrap_or_else(PoisonError::into_inner);
            cosigned.get(&name).is_none_or(|(at, size)| now >= at + INTERVAL && record.witnessed_size > *size)
        };
        if !due || record.witnessed_size == 0 {
            return Ok(None);
        }
        // The checkpoint is the last object of the entry that witnessed it.
        let entry = snapshot.entry(record.witnessed_at)?;
        let note = entry.objects.last().ok_or_else(|| entry.wrong("holds no checkpoint"))?;
        let checkpoint = self.notes.open(note, peer)?;
        let (witness, key) = self.identity.cosign();
        let cosigned = checkpoint.cosigned(&witness, &key, now)?;
        let (leaf_peer, object) = (name.clone(), cosigned.clone());
        durable(self.store.commit(move |_, _| {
            let leaf = Leaf { peer: Some(leaf_peer), ..Leaf::new(LeafKind::Cosigned) };
            let entries = vec![NewEntry { leaf, objects: vec![object] }];
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
        }))
        .await?;
        let mut done = self.notes.cosigned.lock().unwrap_or_else(PoisonError::into_inner);
        done.insert(name, (now, checkpoint.size));
        Ok(Some(cosigned))
    }

    /// Takes a checkpoint of our own log that a peer cosigned.
    pub async fn take_cosignature(&self, peer: &Peer, note: Vec<u8>) -> Result<(), ExchangeError> {
        let checkpoint = Checkpoint::open(&note, self.identity.chain())
            .map_err(|error| misbehaved(peer, &error.to_string()))?;
        if checkpoint.cosignature_of(&peer.chain)?.is_none() {
            return Err(misbehaved(peer, "a cosignature that does not verify"));
        }
        let snapshot = self.store.snapshot();
        let ours =
            checkpoint.size <= snapshot.size()? && tree::root(checkpoint.size, snapshot)? == checkpoint.root;
        if !ours {
            // Signed by our own log key, and not our tree: somebody forked our log.
            tracing::error!(peer = %peer.authority(), size = checkpoint.size, "a peer holds a checkpoint that is not of this log");
            return Err(misbehaved(peer, "a checkpoint that is not of our log"));
        }
        let name = peer.authority().clone();
        durable(self.store.commit(move |views, _| {
            let record: PeerRecord = records::read(views, &records::peer(&name))?.unwrap_or_default();
            if record.cosigned_size >= checkpoint.size {
                return Ok(Decision::nothing(()));
            }
            let leaf = Leaf { peer: Some(name), ..Leaf::new(LeafKind::CosignatureReceived) };
            let entries = vec![NewEntry { leaf, objects: vec![note] }];
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
        }))
        .await?;
        Ok(())
    }

    /// The newest checkpoint of a peer's log that an entry of ours holds.
    pub fn held_checkpoint(&self, peer: &Peer) -> Result<Option<Vec<u8>>, ExchangeError> {
        let snapshot = self.store.snapshot();
        let record: PeerRecord =
            records::read(snapshot, &records::peer(peer.authority()))?.unwrap_or_default();
        match record.witnessed_size {
            0 => Ok(None),
            _ => Ok(snapshot.entry(record.witnessed_at)?.objects.last().cloned()),
        }
    }
}
