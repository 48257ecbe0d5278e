//! The unwitnessed tail: what of our own log nobody else has cosigned yet.

use super::directory::Peer;
use super::{Exchange, ExchangeError};
use crate::format::Millis;
use crate::format::leaf::Leaf;
use crate::format::wire::{Cosigned, Tail, leaf::Kind};
use crate::ledger::records::{self, PeerRecord};
use std::time::Duration;

/// Entries of the tail that are looked at one by one; beyond, all count as substance.
const LOOKED_AT: u64 = 10_000;

/// Between two looks at the tail that may end in a warning.
pub const EVERY: Duration = Duration::from_secs(3600);
/// A tail with so many entries of substance is worth a warning.
const LONG: u64 = 1000;
/// So is one whose oldest entry of substance is older, milliseconds.
const OLD: u64 = 24 * 3600 * 1000;

impl Exchange {
    /// Our log as far as a peer cosigned it; none: not at all.
    pub fn cosigned_by(&self, peer: &Peer) -> Result<Option<Cosigned>, ExchangeError> {
        let record: PeerRecord =
            records::read(self.store.snapshot(), &records::peer(peer.authority()))?.unwrap_or_default();
        let (size, at) = (record.cosigned_size, record.cosigned_time);
        Ok((size > 0).then_some(Cosigned { size, at }))
    }

    /// Whether a tail is so long or so old that somebody should know.
    pub fn is_worrying(&self, tail: &Tail) -> bool {
        let old = tail.since > 0 && self.now() >= tail.since.saturating_add(OLD);
        tail.substance >= LONG || old
    }

    /// Measures the tail.
    pub fn tail(&self) -> Result<Tail, ExchangeError> {
        let snapshot = self.store.snapshot();
        let size = self.store.checkpoint().size;
        let mut cosigned = 0;
        for peer in self.directory.all() {
            let record: PeerRecord =
                records::read(snapshot, &records::peer(peer.authority()))?.unwrap_or_default();
            cosigned = cosigned.max(record.cosigned_size);
        }
        for (_, witness) in self.witnesses()? {
            cosigned = cosigned.max(witness.size);
        }
        let entries = size.saturating_sub(cosigned);
        let mut tail = Tail { entries, substance: entries.saturating_sub(LOOKED_AT), since: 0 };
        for index in cosigned..size.min(cosigned + LOOKED_AT) {
            if let Some(at) = self.substance(index)? {
                tail.substance += 1;
                tail.since = if tail.since == 0 { at } else { tail.since };
            }
        }
        Ok(tail)
    }

    /// When the entry at `index` was logged, if it says more than who has cosigned what.
    pub(super) fn substance(&self, index: u64) -> Result<Option<Millis>, ExchangeError> {
        let Some(bytes) = self.store.snapshot().leaf(index)? else { return Ok(None) };
        let leaf = Leaf::decode(&bytes)?;
        let witnessing = matches!(leaf.kind, Kind::Cosigned | Kind::CosignatureReceived);
        Ok((!witnessing).then_some(leaf.at))
    }
}
