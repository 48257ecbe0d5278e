//! What operators may call.

use super::doctor::Doctor;
use super::roles::{Role, Roles};
use crate::crypto::hash::Digest;
use crate::exchange::Exchange;
use crate::exchange::actors::Actors;
use crate::exchange::retention::Policy;
use crate::format::offer::Offer;
use crate::format::suite::agreed;
use crate::format::wire::{
    AskRootReply, AskRootRequest, DoctorReply, DoctorRequest, EraseReply, EraseRequest, GatewayReply,
    GatewayRequest, HoldReply, HoldRequest, InstallReply, InstallRequest, JoinGroupReply, JoinGroupRequest,
    KeyUsesReply, KeyUsesRequest, KeysReply, KeysRequest, MakeGroupReply, MakeGroupRequest, NotifyReply,
    NotifyRequest, OfferReply, OfferRequest, PairReply, PairRequest, PeerSummary, PeersReply, PeersRequest,
    ReloadReply, ReloadRequest, RetainReply, RetainRequest, RevokeReply, RevokeRequest, RotateReply,
    RotateRequest, WitnessSummary, Witnessed,
};
use crate::gateway::reload::Reload;
use crate::gateway::rpc::local::operator_server;
use crate::gateway::status::for_local;
use crate::gateway::telemetry::consumption;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// The service.
pub struct OperatorFace {
    /// Decisions.
    pub exchange: Arc<Exchange>,
    /// Who may.
    pub roles: Roles,
    /// Pseudonyms.
    pub actors: Arc<Actors>,
    /// How long content is kept.
    pub retention: Policy,
    /// TLS files that others write.
    pub reload: Arc<Reload>,
    /// Addresses that offers name.
    pub advertise: Vec<String>,
    /// Where peers connect.
    pub listening: String,
    /// Looks at how the gateway is.
    pub doctor: Doctor,
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
        let PairRequest { offer, fingerprint, again } = request.into_inner();
        let offer = Offer::open(&offer).map_err(|error| Status::invalid_argument(error.to_string()))?;
        let compared: Digest =
            fingerprint.try_into().map_err(|_| Status::invalid_argument("a fingerprint has 32 bytes"))?;
        let authority = offer.chain.authority().to_string();
        let index = self.exchange.pair(offer, &compared, again).await.map_err(|error| for_local(&error))?;
        tracing::info!(peer = %authority, again, "paired");
        Ok(Response::new(PairReply { authority, index }))
    }

    async fn peers(&self, request: Request<PeersRequest>) -> Result<Response<PeersReply>, Status> {
        self.roles.demand(Role::Operator, &request)?;
        let mut peers = Vec::new();
        for peer in self.exchange.directory.all() {
            let (size, root) = peer.verified();
            let (waiting, _) = self.exchange.waiting(peer.authority()).map_err(|error| for_local(&error))?;
            let alarms = self.exchange.alarms(Some(&peer)).map_err(|error| for_local(&error))?;
            let cosigned = self.exchange.cosigned_by(&peer).map_err(|error| for_local(&error))?;
            peers.push(PeerSummary {
                authority: peer.authority().to_string(),
                fingerprint: peer.chain.fingerprint().to_vec(),
                addresses: peer.addresses.clone(),
                statements: peer.chain.count(),
                witnessed: Some(Witnessed { size, root: root.to_vec() }),
                waiting,
                development: peer.chain.development(),
                holds: peer.they_know(),
                cosigned,
                alarms: Some(alarms),
                suite: agreed(&self.exchange.identity.chain(), &peer.chain, self.exchange.now()).number(),
                pairing: Some(self.pairing(&peer)?),
            });
        }
        Ok(Response::new(PeersReply { peers }))
    }

    async fn gateway(&self, request: Request<GatewayRequest>) -> Result<Response<GatewayReply>, Status> {
        self.roles.demand(Role::Operator, &request)?;
        let chain = self.exchange.identity.chain();
        let (peak_memory, cpu_time) = consumption();
        let alarms = self.exchange.alarms(None).map_err(|error| for_local(&error))?;
        let witnesses = self.exchange.witnesses().map_err(|error| for_local(&error))?;
        let tail = self.exchange.tail().map_err(|error| for_local(&error))?;
        Ok(Response::new(GatewayReply {
            authority: chain.authority().to_string(),
            fingerprint: chain.fingerprint().to_vec(),
            listening: self.listening.clone(),
            log_size: self.exchange.store.checkpoint().size,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            peak_memory,
            cpu_time,
            groups: self.exchange.store.groups(),
            alarms: Some(alarms),
            tail: Some(tail),
            witnesses: witnesses
                .into_iter()
                .map(|(name, cosigned)| WitnessSummary { name, cosigned: Some(cosigned) })
                .collect(),
        }))
    }

    async fn erase(&self, request: Request<EraseRequest>) -> Result<Response<EraseReply>, Status> {
        self.erase_packets(request).await.map(Response::new)
    }

    async fn hold(&self, request: Request<HoldRequest>) -> Result<Response<HoldReply>, Status> {
        self.hold_or_release(request, false).await.map(Response::new)
    }

    async fn release(&self, request: Request<HoldRequest>) -> Result<Response<HoldReply>, Status> {
        self.hold_or_release(request, true).await.map(Response::new)
    }

    async fn retain(&self, request: Request<RetainRequest>) -> Result<Response<RetainReply>, Status> {
        self.retain_packets(request).await.map(Response::new)
    }

    async fn doctor(&self, request: Request<DoctorRequest>) -> Result<Response<DoctorReply>, Status> {
        self.roles.demand(Role::Operator, &request)?;
        self.doctor.examine(request.into_inner()).await.map(Response::new)
    }

    async fn keys(&self, request: Request<KeysRequest>) -> Result<Response<KeysReply>, Status> {
        self.list_keys(&request).map(Response::new)
    }

    async fn make_group(
        &self,
        request: Request<MakeGroupRequest>,
    ) -> Result<Response<MakeGroupReply>, Status> {
        self.list_group(&request).map(Response::new)
    }

    async fn join_group(
        &self,
        request: Request<JoinGroupRequest>,
    ) -> Result<Response<JoinGroupReply>, Status> {
        self.pair_with_group(request).await.map(Response::new)
    }

    async fn notify(&self, request: Request<NotifyRequest>) -> Result<Response<NotifyReply>, Status> {
        self.say_of_pairing(request).await.map(Response::new)
    }

    async fn rotate(&self, request: Request<RotateRequest>) -> Result<Response<RotateReply>, Status> {
        self.rotate_keys(request).await.map(Response::new)
    }

    async fn reload(&self, request: Request<ReloadRequest>) -> Result<Response<ReloadReply>, Status> {
        self.reload_keys(&request).await.map(Response::new)
    }

    async fn revoke(&self, request: Request<RevokeRequest>) -> Result<Response<RevokeReply>, Status> {
        self.revoke_key(request).await.map(Response::new)
    }

    async fn key_uses(&self, request: Request<KeyUsesRequest>) -> Result<Response<KeyUsesReply>, Status> {
        self.uses_of_key(&request).map(Response::new)
    }

    async fn ask_root(&self, request: Request<AskRootRequest>) -> Result<Response<AskRootReply>, Status> {
        self.ask_the_root(request).await.map(Response::new)
    }

    async fn install(&self, request: Request<InstallRequest>) -> Result<Response<InstallReply>, Status> {
        self.install_statement(request).await.map(Response::new)
    }
}
