//! What operators may call about erasing: erasures, legal holds, retention.

use super::operator::OperatorFace;
use super::roles::Role;
use super::summary::packet_name;
use crate::exchange::actors::Actor;
use crate::exchange::erase::{Held, Planned, TOGETHER};
use crate::exchange::{Exchange, ExchangeError};
use crate::format::FormatError;
use crate::format::id::{AuthorityId, CaseId};
use crate::format::wire::{
    Due, EraseReply, EraseRequest, Erasure, HoldReply, HoldRequest, RetainReply, RetainRequest, r#box,
};
use crate::gateway::status::for_local;
use crate::ledger::records::Direction;
use std::sync::Arc;
use tonic::{Request, Status};

impl OperatorFace {
    pub(super) fn operator<T>(&self, request: &Request<T>) -> Result<Actor, Status> {
        let name = self.roles.demand(Role::Operator, request)?;
        self.actors.of(&name, &*self.exchange.entropy).map_err(|error| for_local(&error))
    }

    pub(super) async fn erase_packets(&self, request: Request<EraseRequest>) -> Result<EraseReply, Status> {
        let actor = self.operator(&request)?;
        let request = request.into_inner();
        let reason = request.reason();
        if request.packets.len() > TOGETHER {
            return Err(Status::invalid_argument(format!("{TOGETHER} packets at a time at most")));
        }
        let mut names = request.packets.iter().map(packet_name).collect::<Result<Vec<_>, _>>()?;
        names.sort();
        names.dedup();
        blocking(&self.exchange, move |exchange| {
            let planned = names
                .iter()
                .map(|(id, peer)| exchange.plan_erasure(id, peer.as_ref()))
                .collect::<Result<Vec<_>, _>>()?;
            let first = match request.dry_run {
                true => None,
                false => Some(exchange.erase(&planned, reason, Some(actor))?),
            };
            let tombstone = |number| first.map(|first| first + number);
            let erasures = (0..).zip(&planned).map(|(number, p)| erasure(p, tombstone(number))).collect();
            Ok(EraseReply { erasures })
        })
        .await
    }

    pub(super) async fn hold_or_release(
        &self,
        request: Request<HoldRequest>,
        ends: bool,
    ) -> Result<HoldReply, Status> {
        let actor = self.operator(&request)?;
        let on = self.held(&request.into_inner())?;
        let (peer, case_id) = (on.peer.to_string(), on.case_id.bytes().to_vec());
        let committed = self.exchange.hold(on, ends, Some(actor)).await.map_err(|error| for_local(&error))?;
        tracing::info!(peer, entry = committed.first, ends, "legal hold");
        Ok(HoldReply { index: committed.first, peer, case_id })
    }

    fn held(&self, request: &HoldRequest) -> Result<Held, Status> {
        let bad = |error: FormatError| Status::invalid_argument(error.to_string());
        let fail = |error| for_local(&error);
        let case_id = CaseId::from_optional(&request.case_id).map_err(bad)?;
        match (&request.packet, case_id) {
            (Some(name), None) => {
                let (id, peer) = packet_name(name)?;
                self.exchange.held_packet(&id, peer.as_ref()).map_err(fail)
            }
            (None, Some(case_id)) => {
                let peer = match request.peer.as_str() {
                    "" => None,
                    name => Some(AuthorityId::parse(name).map_err(bad)?),
                };
                self.exchange.held_case(&case_id, peer.as_ref()).map_err(fail)
            }
            _ => Err(Status::invalid_argument("name either a packet or a case")),
        }
    }

    pub(super) async fn retain_packets(
        &self,
        request: Request<RetainRequest>,
    ) -> Result<RetainReply, Status> {
        let actor = self.operator(&request)?;
        let dry_run = request.into_inner().dry_run;
        let policy = self.retention.clone();
        if !policy.is_set() {
            return Err(Status::failed_precondition(
                "no retention is configured: nothing is ever due; see [retention] in the configuration",
            ));
        }
        blocking(&self.exchange, move |exchange| {
            let survey = exchange.survey(&policy)?;
            let tombstones = match dry_run {
                true => Vec::new(),
                false => exchange.retain(&survey.due, Some(actor))?,
            };
            let due = survey.due.iter().enumerate().map(|(number, due)| Due {
                erasure: Some(erasure(&due.planned, tombstones.get(number).copied())),
                kind: due.planned.record.kind,
                state: due.state.into(),
                since: due.since,
                days: due.days,
                rule: due.rule,
            });
            Ok(RetainReply { due: due.collect(), held: survey.held, waiting: survey.waiting })
        })
        .await
    }
}

/// Work that waits for the writer and for disks: on a thread where nobody waits for others.
async fn blocking<T: Send + 'static>(
    exchange: &Arc<Exchange>,
    work: impl FnOnce(&Exchange) -> Result<T, ExchangeError> + Send + 'static,
) -> Result<T, Status> {
    let exchange = exchange.clone();
    match tokio::task::spawn_blocking(move || work(&exchange)).await {
        Ok(done) => done.map_err(|error| for_local(&error)),
        Err(error) => Err(Status::internal(format!("the erasure ended badly: {error}"))),
    }
}

fn erasure(planned: &Planned, index: Option<u64>) -> Erasure {
    let r#box = if planned.direction == Direction::In { r#box::Code::Inbox } else { r#box::Code::Outbox };
    Erasure {
        r#box: r#box.into(),
        peer: planned.peer.to_string(),
        packet_id: planned.id.bytes().to_vec(),
        case_id: planned.case_id.bytes().to_vec(),
        objects: planned.record.objects,
        bytes: planned.record.bytes,
        files: planned.files.len() as u32,
        status_texts: planned.texts.len() as u32,
        index,
    }
}
