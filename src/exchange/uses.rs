//! What a key of ours signed, and what was sealed to it: read from the ledger.

use super::{Exchange, ExchangeError};
use crate::format::Millis;
use crate::format::chain::standing::Place;
use crate::format::envelope::{PayloadType, Unverified};
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use crate::format::statement::ProvenKey;
use crate::format::status::SignedStatus;
use crate::format::wire::{
    KeyUse, event::Code as Event, key_use::What, leaf::Kind, purpose::Code as Purpose,
};
use crate::ledger::checkpoint::signed_under;
use crate::ledger::entry::Entry;
use crate::ledger::records::{self, Views as _};
use crate::store::Snapshot;

/// Entries that are looked at for one answer.
const LOOKED_AT: u64 = 100_000;

impl Exchange {
    /// What a key was used for in entries of `since` or later, from the entry `from` on: so many
    /// at most, and the entry to go on from.
    pub fn uses(
        &self,
        key: &ProvenKey,
        since: Millis,
        from: u64,
        most: usize,
    ) -> Result<(Vec<KeyUse>, Option<u64>), ExchangeError> {
        let snapshot = self.store.snapshot();
        let size = snapshot.size()?;
        let first = first_at(snapshot, since, size)?.max(from);
        let mut uses = Vec::new();
        for index in first..size {
            if uses.len() >= most || index - first >= LOOKED_AT {
                return Ok((uses, Some(index)));
            }
            let Some(leaf) = snapshot.leaf(index)? else { continue };
            let leaf = Leaf::decode(&leaf)?;
            if !may_use(leaf.kind, key.purpose) {
                continue;
            }
            let entry = snapshot.entry(index)?;
            if let Some(what) = self.used_for(&entry, key)? {
                uses.push(KeyUse {
                    what: what.into(),
                    index,
                    at: leaf.at,
                    peer: leaf.peer.as_ref().map(ToString::to_string).unwrap_or_default(),
                    id: leaf.id.map(|id| id.bytes().to_vec()).unwrap_or_default(),
                    before: !key.revoked_at(Place::Logged(index)),
                    settled: settled(snapshot, &entry)?,
                });
            }
        }
        Ok((uses, None))
    }

    fn used_for(&self, entry: &Entry, key: &ProvenKey) -> Result<Option<What>, ExchangeError> {
        let signed = |kind: PayloadType, object: usize| -> Result<bool, ExchangeError> {
            Ok(Unverified::parse(kind, entry.object(object)?)?.signers().any(|id| id == key.id))
        };
        let chain = self.identity.chain();
        let under = |entry: &Entry| Ok::<_, ExchangeError>(signed_under(entry.object(0)?, &chain, key));
        let (kind, event) = (entry.leaf.kind, entry.leaf.code);
        let has_header = kind == Kind::EvidenceIssued && entry.objects.len() == 2;
        let ours = has_header && event == Event::SubmissionAcceptance as u32;
        Ok(match key.purpose {
            Purpose::Packet if ours => signed(PayloadType::Packet, 1)?.then_some(What::Packet),
            Purpose::Packet if kind == Kind::Resigned => {
                signed(PayloadType::Packet, 0)?.then_some(What::Packet)
            }
            Purpose::Evidence if kind == Kind::StatusIssued => {
                signed(PayloadType::Status, 0)?.then_some(What::Status)
            }
            Purpose::Evidence => signed(PayloadType::Evidence, 0)?.then_some(What::Evidence),
            Purpose::Content if has_header && !ours => {
                let header = SignedHeader::danger_unverified(entry.object(1)?)?.header;
                (header.content_key_id == key.id).then_some(What::Packet)
            }
            Purpose::Content if kind == Kind::StatusReceived => {
                let status = SignedStatus::danger_unverified(entry.object(1)?)?.carried.value;
                status.text.filter(|text| text.content_key_id == key.id).map(|_| What::Status)
            }
            Purpose::Checkpoint => under(entry)?.then_some(What::Checkpoint),
            Purpose::Cosign => under(entry)?.then_some(What::Cosignature),
            Purpose::Tls => has_header.then_some(What::Exchange),
            Purpose::Delegate if entry.leaf.peer.is_none() => {
                signed(PayloadType::KeyStatement, 0)?.then_some(What::Statement)
            }
            _ => None,
        })
    }
}

/// Whether an entry of this kind may hold what a key of this purpose signed, or is sealed to.
fn may_use(kind: Kind, purpose: Purpose) -> bool {
    match purpose {
        Purpose::Packet => matches!(kind, Kind::EvidenceIssued | Kind::Resigned),
        Purpose::Evidence => {
            matches!(kind, Kind::EvidenceIssued | Kind::StatusIssued | Kind::StatusReceived)
        }
        Purpose::Content => matches!(kind, Kind::EvidenceIssued | Kind::StatusReceived),
        Purpose::Checkpoint => kind == Kind::CosignatureReceived,
        Purpose::Cosign => kind == Kind::Cosigned,
        Purpose::Tls => kind == Kind::EvidenceIssued,
        Purpose::Delegate => kind == Kind::KeyStatement,
        Purpose::Unspecified => false,
    }
}

/// The first entry of this time or later: times of entries never go back.
fn first_at(snapshot: &Snapshot, since: Millis, size: u64) -> Result<u64, ExchangeError> {
    let (mut from, mut until) = (0, size);
    while from < until {
        let middle = from + (until - from) / 2;
        let leaf = snapshot.leaf(middle)?.map(|leaf| Leaf::decode(&leaf)).transpose()?;
        if leaf.is_some_and(|leaf| leaf.at >= since) { until = middle } else { from = middle + 1 }
    }
    Ok(from)
}

/// Whether the peer answered what waits for an answer.
fn settled(snapshot: &Snapshot, entry: &Entry) -> Result<bool, ExchangeError> {
    let index = match (entry.leaf.kind, entry.leaf.about) {
        (Kind::Resigned, Some(about)) => about,
        _ => entry.index,
    };
    let Some(peer) = &entry.leaf.peer else { return Ok(true) };
    Ok(snapshot.get(&records::pending(peer, index))?.is_none())
}
