//! What operators may call.

use super::roles::{Role, Roles};
use crate::crypto::hash::Digest;
use crate::exchange::Exchange;
use crate::format::offer::Offer;
use crate::format::wire::{
    GatewayReply, GatewayRequest, OfferReply, OfferRequest, PairReply, PairRequest, PeerSummary, PeersReply,
    PeersRequest, Witnessed,
};
use crate::gateway::rpc::local::operator_server;
use crate::gateway::status::for_local;
use crate::gateway::telemetry::consumption;
use crate::ledger::records;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// The service.
pub struct OperatorFace {
    /// Decisions.
    pub exchange: Arc<Exchange>,
    /// Who may.
    pub roles: Roles,
    /// Addresses that offers name.
    pub advertise: Vec<String>,
    /// Where peers connect.
    pub listening: String,
}

#[tonic::async_trait]
impl operator_server::Operator for OperatorFace {
    async fn offer(&self, request: Request<OfferRequest>) -> Result<Response<OfferReply>, Status> {
        self.roles.demand(Role::Operator, &request)?;
        let offer = self.exchange.offer(self.advertise.clone()).map_err(|error| for_local(&error))?;
        Ok(Response::new(OfferReply {
            fingerprint: offer.chain.fingerprint().to_vec(),
            offer: offer.envelope,
        }))
    }

    async fn pair(&self, request: Request<PairRequest>) -> Result<Response<PairReply>, Status> {
        self.roles.demand(Role::Operator, &request)?;
        let PairRequest { offer, fingerprint } = request.into_inner();
        let offer = Offer::open(&offer).map_err(|error| Status::invalid_argument(error.to_string()))?;
        let compared: Digest =
            fingerprint.try_into().map_err(|_| Status::invalid_argument("a fingerprint has 32 bytes"))?;
        let authority = offer.chain.authority().to_string();
        let index = self.exchange.pair(offer, &compared).await.map_err(|error| for_local(&error))?;
        tracing::info!(peer = %authority, "paired");
        Ok(Response::new(PairReply { authority, index }))
    }

    async fn peers(&self, request: Request<PeersRequest>) -> Result<Response<PeersReply>, Status> {
        self.roles.demand(Role::Operator, &request)?;
        let mut peers = Vec::new();
        for peer in self.exchange.directory.all() {
            let (size, root) = peer.verified();
            let waiting = self
                .exchange
                .store
                .snapshot()
                .scan(&records::pending_prefix(peer.authority()), None, 1_000_000)
                .map_err(|error| for_local(&error.into()))?;
            peers.push(PeerSummary {
                authority: peer.authority().to_string(),
                fingerprint: peer.chain.fingerprint().to_vec(),
                addresses: peer.addresses.clone(),
                statements: peer.chain.count(),
                witnessed: Some(Witnessed { size, root: root.to_vec() }),
                waiting: waiting.len() as u64,
                development: peer.chain.development(),
            });
        }
        Ok(Response::new(PeersReply { peers }))
    }

    async fn gateway(&self, request: Request<GatewayRequest>) -> Result<Response<GatewayReply>, Status> {
        self.roles.demand(Role::Operator, &request)?;
        let chain = self.exchange.identity.chain();
        let (peak_memory, cpu_time) = consumption();
        Ok(Response::new(GatewayReply {
            authority: chain.authority().to_string(),
            fingerprint: chain.fingerprint().to_vec(),
            listening: self.listening.clone(),
            log_size: self.exchange.store.checkpoint().size,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            peak_memory,
            cpu_time,
            groups: self.exchange.store.groups(),
        }))
    }
}
