//! A case as officers see it: its state, its timeline, and sealed texts where they are asked for.

use crate::exchange::actors::Actor;
use crate::exchange::fetch::SealedText;
use crate::exchange::{Exchange, ExchangeError};
use crate::format::FormatError;
use crate::format::evidence::Evidence;
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use crate::format::status::SignedStatus;
use crate::format::wire::{CaseItem, CaseReply, CaseRequest, leaf::Kind as LeafKind};
use crate::gateway::status::for_local;
use crate::ledger::entry::Entry;
use crate::ledger::records::{self, CaseRecord, Direction};
use crate::store::StoreError;
use prost::Message as _;
use tonic::Status;

/// Items of a timeline at most.
const ITEMS: usize = 10_000;

/// The case that is asked for. Its texts are opened only where that was asked for too.
pub async fn case(exchange: &Exchange, request: CaseRequest, actor: Actor) -> Result<CaseReply, Status> {
    let bad = |error: FormatError| Status::invalid_argument(error.to_string());
    let fail = |error| for_local(&error);
    let (case_id, peer) = match PacketId::from_optional(&request.packet_id).map_err(bad)? {
        Some(id) => {
            let (_, record) = exchange.find(&id, None).map_err(fail)?;
            let peer = AuthorityId::parse(&record.peer).map_err(bad)?;
            (CaseId::from_bytes(&record.case_id).map_err(bad)?, Some(peer))
        }
        None => (CaseId::from_bytes(&request.case_id).map_err(bad)?, None),
    };
    let only = PacketId::from_optional(&request.status_id).map_err(bad)?;
    let (mut reply, mut sealed) = timeline(exchange, case_id, peer)?;
    if request.texts {
        if let Some(id) = only {
            sealed.retain(|text| text.status.id == id);
            if sealed.is_empty() {
                return Err(Status::invalid_argument(format!("no status {id} with a text is in this case")));
            }
        }
        let opened = exchange.open_texts(&sealed, actor, request.purpose_code).await.map_err(fail)?;
        for (text, opened) in sealed.iter().zip(opened) {
            let item = reply.items.iter_mut().find(|item| item.index == text.index);
            let Some(item) = item else { continue };
            // It may have been erased just now.
            item.has_text = opened.is_some();
            item.text_erased = opened.is_none();
            item.text = opened;
        }
    }
    Ok(reply)
}

/// The timeline of a case, and the sealed texts in it that are here.
pub(super) fn timeline(
    exchange: &Exchange,
    case_id: CaseId,
    peer: Option<AuthorityId>,
) -> Result<(CaseReply, Vec<SealedText>), Status> {
    let snapshot = exchange.store.snapshot();
    let fail = |error: StoreError| for_local(&error.into());
    let found = snapshot.scan(&records::case_prefix(&case_id), None, 16).map_err(fail)?;
    let (peer, record) = found
        .iter()
        .filter_map(|(key, value)| Some((records::peer_of_case_key(key)?, value)))
        .find(|(candidate, _)| peer.as_ref().is_none_or(|peer| peer == candidate))
        .ok_or_else(|| Status::not_found(format!("case {case_id} is not known here")))?;
    let case = CaseRecord::decode(record.as_slice()).map_err(|_| Status::internal("a case's record"))?;
    let state = exchange.case_state(&peer, &case_id, &case).map_err(|error| for_local(&error))?;
    let prefix = records::timeline_prefix(&case_id, &peer);
    let (mut items, mut sealed) = (Vec::new(), Vec::new());
    for (key, _) in snapshot.scan(&prefix, None, ITEMS).map_err(fail)? {
        let index = records::entry_of(&key).map_err(|error| for_local(&error.into()))?;
        let entry = snapshot.entry(index).map_err(fail)?;
        items.push(item(exchange, entry, &mut sealed).map_err(|error| for_local(&error))?);
    }
    let state = crate::request::case::name(state).to_owned();
    let reply = CaseReply { case_id: case_id.bytes().to_vec(), peer: peer.to_string(), state, items };
    Ok((reply, sealed))
}

fn item(exchange: &Exchange, entry: Entry, sealed: &mut Vec<SealedText>) -> Result<CaseItem, ExchangeError> {
    let us = exchange.identity.authority().as_str();
    let Leaf { kind, at, ref peer, ref id, code, cause, .. } = entry.leaf;
    let peer = peer.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut item = CaseItem {
        index: entry.index,
        at,
        kind: kind.into(),
        author: us.to_owned(),
        id: id.map(|id| id.bytes().to_vec()).unwrap_or_default(),
        cause: cause as i32,
        ..CaseItem::default()
    };
    match kind {
        LeafKind::EvidenceIssued | LeafKind::EvidenceReceived => {
            item.event = code as i32;
            item.author = Evidence::danger_unverified(entry.object(0)?)?.issuer.to_string();
            if let Some(header) = entry.objects.get(1).and_then(|o| SignedHeader::danger_unverified(o).ok()) {
                item.packet_kind = header.header.kind.into();
            }
        }
        LeafKind::StatusIssued | LeafKind::StatusReceived => {
            let ours = kind == LeafKind::StatusIssued;
            let signed = SignedStatus::danger_unverified(entry.object(usize::from(!ours))?)?;
            let status = signed.carried.value;
            item.author = status.author.to_string();
            item.status = status.code.into();
            item.ground = status.ground.into();
            item.status_seq = status.seq;
            let direction = if ours { Direction::Out } else { Direction::In };
            item.text_erased = exchange.is_text_erased(direction, &status)?;
            item.has_text = exchange.has_text(direction, &status)?;
            if item.has_text {
                sealed.push(SealedText { index: entry.index, direction, status });
            }
        }
        LeafKind::Confirmation => item.author = peer,
        LeafKind::Erased => item.erased_reason = code as i32,
        _ => {}
    }
    Ok(item)
}
