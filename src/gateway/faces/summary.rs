//! Packets as the local face names and shows them.

use crate::exchange::{Exchange, ExchangeError};
use crate::format::FormatError;
use crate::format::evidence::Evidence;
use crate::format::id::{AuthorityId, PacketId};
use crate::format::wire::{Finding, Outcome, PacketName, PacketSummary};
use crate::ledger::records::{OutcomeRecord, PacketRecord};
use tonic::Status;

/// The packet that a caller names.
pub fn packet_name(name: &PacketName) -> Result<(PacketId, Option<AuthorityId>), Status> {
    let bad = |error: FormatError| Status::invalid_argument(error.to_string());
    let id = PacketId::from_bytes(&name.packet_id).map_err(bad)?;
    let peer = match name.peer.is_empty() {
        true => None,
        false => Some(AuthorityId::parse(&name.peer).map_err(bad)?),
    };
    Ok((id, peer))
}

/// What exactly is wrong, as the evidence of an outcome says; good news says nothing.
fn findings(exchange: &Exchange, outcome: &OutcomeRecord) -> Result<Vec<Finding>, ExchangeError> {
    if outcome.cause == 0 {
        return Ok(Vec::new());
    }
    let entry = exchange.store.snapshot().entry(outcome.index)?;
    let evidence = Evidence::danger_unverified(entry.object(0)?)?;
    Ok(evidence.findings.iter().map(|finding| finding.encode()).collect())
}

/// What the ledger knows of a packet.
pub fn summary(exchange: &Exchange, record: &PacketRecord) -> Result<PacketSummary, ExchangeError> {
    let us = exchange.identity.authority().as_str();
    let (erased, held) = exchange.acts_about(record)?;
    let lost = erased.is_none() && exchange.is_content_lost(record)?;
    let erased = erased.unwrap_or_default();
    Ok(PacketSummary {
        r#box: record.direction as i32,
        peer: record.peer.clone(),
        packet_id: record.id.clone(),
        case_id: record.case_id.clone(),
        case_seq: record.case_seq,
        digest: record.digest.clone(),
        kind: record.kind,
        urgency: record.urgency,
        created: record.created,
        expires: record.expires,
        objects: record.objects,
        bytes: record.bytes,
        outcomes: record
            .outcomes
            .iter()
            .map(|outcome| {
                Ok(Outcome {
                    event: outcome.event,
                    issuer: if outcome.by_peer { record.peer.clone() } else { us.to_owned() },
                    at: outcome.at,
                    cause: outcome.cause,
                    index: outcome.index,
                    findings: findings(exchange, outcome)?,
                })
            })
            .collect::<Result<_, ExchangeError>>()?,
        index: record.index,
        erased_at: erased.at,
        erased_reason: erased.reason as i32,
        held,
        content_lost: lost,
    })
}
