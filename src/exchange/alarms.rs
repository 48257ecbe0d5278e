//! Alarms: what was signed and can't both be true, as an entry; one for each contradiction,
//! however often it is met.

use super::directory::Peer;
use super::line::Tree;
use super::{Exchange, ExchangeError, durable};
use crate::crypto::hash::Digest;
use crate::format::FormatError;
use crate::format::chain::Chain;
use crate::format::chain::standing::Place;
use crate::format::leaf::Leaf;
use crate::format::pairing::SignedNotice;
use crate::format::wire::{Alarms, OwnTree, alarm::Code, leaf::Kind as LeafKind};
use crate::ledger::acknowledgement::to_bytes;
use crate::ledger::alarm::contradicted;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::records::{self, AlarmRecord};
use crate::ledger::{LedgerError, tree};
use crate::store::{Decision, NewEntry};
use prost::Message as _;

impl Exchange {
    /// Logs that two checkpoints of a peer contradict each other. `first` is the one that was
    /// believed; while an alarm about it stands, no second one is raised.
    pub(super) async fn raise(
        &self,
        peer: &Peer,
        code: Code,
        first: &Tree,
        second: &Tree,
    ) -> Result<(), ExchangeError> {
        let objects = vec![first.note.clone(), second.note.clone()];
        if let Some(entry) = self.commit_alarm(peer, code, objects, |_| Ok(())).await? {
            tracing::error!(
                peer = %peer.authority(), alarm = code.as_str_name(), entry,
                size = first.size, other_size = second.size,
                "ALARM: checkpoints of this peer's log contradict each other"
            );
        }
        Ok(())
    }

    /// Logs that a peer cosigned a checkpoint that our log key signed, and that is of no tree
    /// that our log ever was.
    pub(super) async fn raise_own(&self, peer: &Peer, held: &Checkpoint) -> Result<(), ExchangeError> {
        let (ours, snapshot) = (self.store.checkpoint(), self.store.snapshot());
        let mut objects = vec![held.note.clone(), ours.note.clone()];
        if held.size <= ours.size {
            let root = tree::root(held.size, snapshot)?.to_vec();
            let consistency = to_bytes(&tree::consistency(held.size, ours.size, snapshot)?);
            objects.push(OwnTree { root, consistency }.encode_to_vec());
        }
        let cosigned = held.clone();
        let still = move |chain: &Chain| match cosigned.cosignature_of(chain)? {
            Some(_) => Ok(()),
            None => Err(LedgerError::Checkpoint("is cosigned with a revoked key")),
        };
        let entry = self.commit_alarm(peer, Code::OwnLogContradicted, objects, still).await?;
        tracing::error!(
            peer = %peer.authority(), ?entry, size = held.size, our_size = ours.size,
            "ALARM: a peer holds a checkpoint that our log key signed and that is not of this log"
        );
        Ok(())
    }

    /// Logs that two statements of a peer contradict each other: `known`, which its chain holds,
    /// and `other`. However many others there are, it is one alarm for what is known.
    pub(super) async fn raise_fork(
        &self,
        peer: &Peer,
        known: &Digest,
        other: &[u8],
    ) -> Result<(), ExchangeError> {
        let stands = peer.chain.statement(known).ok_or(FormatError::Malformed("a fork of nothing"))?;
        let objects = vec![stands.to_vec(), other.to_vec()];
        let other = other.to_vec();
        let still = move |chain: &Chain| match Chain::clone(chain).append(&other) {
            Err(FormatError::Fork { .. }) => Ok(()),
            _ => Err(FormatError::Malformed("a fork of nothing").into()),
        };
        if let Some(entry) = self.commit_alarm(peer, Code::KeysForked, objects, still).await? {
            tracing::error!(
                peer = %peer.authority(), entry, known = hex::encode(known),
                "ALARM: key statements of this peer contradict each other"
            );
        }
        Ok(())
    }

    /// Logs that two notices of a peer contradict each other: `known`, which our ledger holds,
    /// and `other`. It is one alarm for what is known, as with statements.
    pub(super) async fn raise_notices(
        &self,
        peer: &Peer,
        known: &SignedNotice,
        other: SignedNotice,
    ) -> Result<(), ExchangeError> {
        let objects = vec![known.envelope.clone(), other.envelope.clone()];
        let still = move |chain: &Chain| {
            SignedNotice::open(&other.envelope, chain, Place::Loose).map(drop).map_err(LedgerError::from)
        };
        if let Some(entry) = self.commit_alarm(peer, Code::NoticesForked, objects, still).await? {
            let (number, known) = (known.value.seq, hex::encode(known.digest));
            tracing::error!(
                peer = %peer.authority(), entry, number, known,
                "ALARM: notices of this peer about the pairing contradict each other"
            );
        }
        Ok(())
    }

    /// Gives the entry of an alarm, unless the ledger holds it already.
    async fn commit_alarm(
        &self,
        peer: &Peer,
        code: Code,
        objects: Vec<Vec<u8>>,
        still: impl FnOnce(&Chain) -> Result<(), LedgerError> + Send + 'static,
    ) -> Result<Option<u64>, ExchangeError> {
        let (name, code) = (peer.authority().clone(), code as u32);
        let verified = self.verified(peer);
        let committed = durable(self.store.commit(move |views, now| {
            verified.still(still)?;
            let first = objects.first().map(Vec::as_slice).unwrap_or_default();
            if views.get(&records::alarm(&name, code, &contradicted(code, first, now)?))?.is_some() {
                return Ok(Decision::nothing(false));
            }
            let leaf = Leaf { peer: Some(name), code, ..Leaf::new(LeafKind::Alarm) };
            let entries = vec![NewEntry { leaf, objects }];
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: true })
        }))
        .await?;
        Ok(committed.value.then_some(committed.first))
    }

    /// How many alarms the ledger holds about a peer, or about all, and the newest.
    pub fn alarms(&self, peer: Option<&Peer>) -> Result<Alarms, ExchangeError> {
        let peers = match peer {
            Some(peer) => vec![peer.authority().clone()],
            None => self.directory.all().iter().map(|peer| peer.authority().clone()).collect(),
        };
        let mut alarms = Alarms::default();
        for name in peers {
            for (_, value) in self.store.snapshot().scan(&records::alarm_prefix(&name), None, usize::MAX)? {
                let record = AlarmRecord::decode(value.as_slice())
                    .map_err(|_| crate::ledger::LedgerError::Read("an alarm's record".into()))?;
                let newest = alarms.count == 0 || record.index > alarms.index;
                alarms.count += 1;
                if newest {
                    alarms.index = record.index;
                    alarms.at = record.at;
                    alarms.peer = name.to_string();
                    alarms.code = i32::try_from(record.code).unwrap_or_default();
                }
            }
        }
        Ok(alarms)
    }
}
