//! What auditors may call: the ledger, read-only, and no content.

use super::roles::{Role, Roles};
use crate::exchange::{Exchange, ExchangeError};
use crate::format::wire::{
    AckEntry, CheckpointReply, CheckpointRequest, ConsistencyReply, ConsistencyRequest, EntriesReply,
    EntriesRequest, FollowRequest, InclusionReply, InclusionRequest,
};
use crate::gateway::dispatch::Events;
use crate::gateway::rpc::local::auditor_server;
use crate::gateway::status::for_local;
use crate::ledger::{acknowledgement::to_bytes, tree};
use std::sync::Arc;
use tokio::sync::{broadcast::error::RecvError, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

/// Entries in one answer.
const ENTRIES: u64 = 1000;
/// Bytes in one answer, after which no entry is added.
const BYTES: usize = 2 << 20;
/// Entries that wait for a slow follower; the rest is read when it has taken them.
const AHEAD: usize = 64;

/// The service.
pub struct AuditorFace {
    /// Decisions.
    pub exchange: Arc<Exchange>,
    /// Who may.
    pub roles: Roles,
    /// What is committed: wakes those who follow.
    pub events: Events,
    /// Ends the streams.
    pub stop: CancellationToken,
}

impl AuditorFace {
    fn within(&self, size: u64) -> Result<(), Status> {
        match size <= self.exchange.store.checkpoint().size {
            true => Ok(()),
            false => Err(Status::out_of_range("not that many entries")),
        }
    }
}

#[tonic::async_trait]
impl auditor_server::Auditor for AuditorFace {
    async fn checkpoint(
        &self,
        request: Request<CheckpointRequest>,
    ) -> Result<Response<CheckpointReply>, Status> {
        self.roles.demand(Role::Auditor, &request)?;
        Ok(Response::new(CheckpointReply { checkpoint: self.exchange.store.checkpoint().note.clone() }))
    }

    async fn entries(&self, request: Request<EntriesRequest>) -> Result<Response<EntriesReply>, Status> {
        self.roles.demand(Role::Auditor, &request)?;
        let EntriesRequest { from, count } = request.into_inner();
        let size = self.exchange.store.checkpoint().size;
        let (mut entries, mut bytes) = (Vec::new(), 0);
        for index in from..size.min(from.saturating_add(count.min(ENTRIES))) {
            let entry = read(&self.exchange, index)?;
            bytes += entry.leaf.len() + entry.objects.iter().map(Vec::len).sum::<usize>();
            entries.push(entry);
            if bytes > BYTES {
                break;
            }
        }
        Ok(Response::new(EntriesReply { entries }))
    }

    async fn inclusion(
        &self,
        request: Request<InclusionRequest>,
    ) -> Result<Response<InclusionReply>, Status> {
        self.roles.demand(Role::Auditor, &request)?;
        let InclusionRequest { index, size } = request.into_inner();
        self.within(size)?;
        let proof = tree::inclusion(index, size, self.exchange.store.snapshot())
            .map_err(|error| for_local(&ExchangeError::from(error)))?;
        Ok(Response::new(InclusionReply { proof: to_bytes(&proof) }))
    }

    async fn consistency(
        &self,
        request: Request<ConsistencyRequest>,
    ) -> Result<Response<ConsistencyReply>, Status> {
        self.roles.demand(Role::Auditor, &request)?;
        let ConsistencyRequest { from_size, to_size } = request.into_inner();
        self.within(to_size)?;
        let proof = tree::consistency(from_size, to_size, self.exchange.store.snapshot())
            .map_err(|error| for_local(&ExchangeError::from(error)))?;
        Ok(Response::new(ConsistencyReply { proof: to_bytes(&proof) }))
    }

    type FollowStream = ReceiverStream<Result<AckEntry, Status>>;

    async fn follow(&self, request: Request<FollowRequest>) -> Result<Response<Self::FollowStream>, Status> {
        self.roles.demand(Role::Auditor, &request)?;
        let mut next = request.into_inner().from;
        // Subscribed before the size is read: what is committed in between wakes the follower.
        let mut events = self.events.subscribe();
        self.within(next)?;
        let (sender, receiver) = mpsc::channel(AHEAD);
        let (exchange, stop) = (self.exchange.clone(), self.stop.clone());
        tokio::spawn(async move {
            loop {
                while next < exchange.store.checkpoint().size {
                    let item = tokio::task::block_in_place(|| read(&exchange, next));
                    let failed = item.is_err();
                    let sent = tokio::select! {
                        () = stop.cancelled() => return,
                        sent = sender.send(item) => sent,
                    };
                    if failed || sent.is_err() {
                        return;
                    }
                    next += 1;
                }
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = sender.closed() => return,
                    // Events only wake: whoever lagged behind reads what is there.
                    event = events.recv() => if matches!(event, Err(RecvError::Closed)) { return },
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}

fn read(exchange: &Exchange, index: u64) -> Result<AckEntry, Status> {
    let entry = exchange.store.snapshot().entry(index).map_err(|error| for_local(&error.into()))?;
    Ok(AckEntry { objects: entry.objects, leaf: entry.leaf_bytes, index, inclusion: Vec::new() })
}
