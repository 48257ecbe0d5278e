//! What is still under each of our keys: what a peer has yet to verify with it, or may yet send
//! again that is sealed to it.

use super::{Exchange, ExchangeError};
use crate::crypto::hash::Digest;
use crate::format::envelope::{PayloadType, Unverified};
use crate::format::id::{AuthorityId, PacketId};
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use crate::format::wire::purpose::Code as Purpose;
use crate::format::{FormatError, digest};
use crate::ledger::records::{self, Direction, PendingRecord, Waiting};
use crate::store::Snapshot;
use prost::Message as _;
use std::collections::HashMap;

/// Records of each kind that are looked at for one answer.
const LOOKED_AT: usize = 100_000;

/// How much is under our keys.
#[derive(Debug, Default)]
pub struct Under {
    counts: HashMap<Digest, u64>,
    /// There is more, which was not counted.
    pub more: bool,
}

impl Under {
    /// What is under the key with this id; none for keys under which nothing waits: those for
    /// checkpoints, cosignatures and TLS.
    pub fn of(&self, purpose: Purpose, id: &Digest) -> Option<u64> {
        let counted =
            matches!(purpose, Purpose::Packet | Purpose::Evidence | Purpose::Content | Purpose::Delegate);
        counted.then(|| self.counts.get(id).copied().unwrap_or(0))
    }

    fn add(&mut self, id: &[u8]) -> Result<(), FormatError> {
        *self.counts.entry(digest(id, "key_id")?).or_default() += 1;
        Ok(())
    }

    fn add_signers(&mut self, kind: PayloadType, envelope: &[u8]) -> Result<(), FormatError> {
        Unverified::parse(kind, envelope)?.signers().try_for_each(|id| self.add(id))
    }
}

impl Exchange {
    /// Counts what is under our keys.
    ///
    /// - Of what waits for a peer: packets, under the keys that signed the header that is sent;
    ///   statuses and evidence, under theirs; notices, under the delegate's.
    /// - Of what came in: packets sealed to a content key whose sender is not known to have
    ///   verified our log as far as our answer, so that it may send them again.
    pub fn under_keys(&self) -> Result<Under, ExchangeError> {
        let (snapshot, mut under) = (self.store.snapshot(), Under::default());
        for peer in self.directory.all() {
            let (name, era) = (peer.authority(), self.peer_record(peer.authority())?.era);
            self.waiting_under(name, era, &mut under)?;
        }
        received_under(self, snapshot, &mut under)?;
        Ok(under)
    }

    fn waiting_under(&self, peer: &AuthorityId, era: u64, under: &mut Under) -> Result<(), ExchangeError> {
        let snapshot = self.store.snapshot();
        let found = snapshot.scan(&records::pending_prefix(peer), None, LOOKED_AT)?;
        under.more |= found.len() == LOOKED_AT;
        for (key, value) in found {
            let Some(index) = records::index_of(&key).filter(|index| *index >= era) else { continue };
            let waiting = PendingRecord::decode(value.as_slice())
                .map_err(|_| crate::ledger::LedgerError::Read("what waits".into()))?;
            let kind = match waiting.what {
                what if what == Waiting::Packet as u32 => {
                    // It may be settled meanwhile; its header is read all the same.
                    let header = self.submitted(peer, &PacketId::from_bytes(&waiting.id)?)?;
                    under.add_signers(PayloadType::Packet, &header.envelope)?;
                    continue;
                }
                what if what == Waiting::Status as u32 => PayloadType::Status,
                what if what == Waiting::Notice as u32 => PayloadType::PairingNotice,
                _ => PayloadType::Evidence,
            };
            under.add_signers(kind, snapshot.entry(index)?.object(0)?)?;
        }
        Ok(())
    }
}

fn received_under(exchange: &Exchange, snapshot: &Snapshot, under: &mut Under) -> Result<(), ExchangeError> {
    let peers = exchange.directory.all();
    let known: HashMap<_, _> = peers.iter().map(|peer| (peer.authority(), peer.they_know())).collect();
    let Some(least) = known.values().min().copied() else { return Ok(()) };
    let after = least.checked_sub(1).map(|last| records::boxed(Direction::In, last));
    let found = snapshot.scan(&records::boxed_prefix(Direction::In), after.as_deref(), LOOKED_AT)?;
    under.more |= found.len() == LOOKED_AT;
    for index in found.iter().filter_map(|(key, _)| records::index_of(key)) {
        let Some(leaf) = snapshot.leaf(index)?.map(|leaf| Leaf::decode(&leaf)).transpose()? else { continue };
        let Some(sender) = &leaf.peer else { continue };
        // One whose pairing began anew has lost the packet, and sends it no more.
        let may_send = known.get(sender).is_some_and(|known| index >= *known)
            && index >= exchange.peer_record(sender)?.era;
        if may_send {
            let header = SignedHeader::danger_unverified(snapshot.entry(index)?.object(1)?)?.header;
            under.add(&header.content_key_id)?;
        }
    }
    Ok(())
}
