//! The peer face. The caller is proved anew on every call.

use super::intake::{Intake, Step};
use crate::exchange::directory::Peer;
use crate::exchange::hello::{held, said};
use crate::exchange::{Answer, Exchange};
use crate::format::Millis;
use crate::format::id::AuthorityId;
use crate::format::wire::unproved::Code as Unproved;
use crate::format::wire::{
    CollectDown, CollectUp, ConsistencyReply, ConsistencyRequest, DeliverFrame, DeliverReply,
    HeldCheckpointReply, HeldCheckpointRequest, HelloReply, HelloRequest, TellReply, TellRequest,
    deliver_frame, tell_reply, tell_request,
};
use crate::gateway::dispatch::reverse::Reverse;
use crate::gateway::rpc::peer::peer_server;
use crate::gateway::status;
use crate::gateway::tls::{LiveCredentials, PeerConnection};
use crate::ledger::{acknowledgement::to_bytes, tree};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};
use tracing::Instrument as _;

/// A frame comes within this time, or the stream is given up.
pub const FRAME: Duration = Duration::from_secs(60);

/// Who collects has this long to open its streams anew, when their connection is too old.
const RENEWAL: Duration = Duration::from_secs(60);

/// The service.
pub struct PeerFace {
    exchange: Arc<Exchange>,
    reverse: Arc<Reverse>,
    heard: Arc<Heard>,
    credentials: Arc<LiveCredentials>,
    age: Duration,
}

/// When each peer last called, by our clock: since the start, and nowhere kept.
#[derive(Default)]
pub struct Heard(Mutex<HashMap<AuthorityId, Millis>>);

/// A peer that has not called for so long, milliseconds, and calls, may have come back.
const AWAY: Millis = 60_000;

impl Heard {
    /// Takes note of a call. True: there was none for a while.
    fn now(&self, peer: &AuthorityId, now: Millis) -> bool {
        let last = self.calls().insert(peer.clone(), now);
        last.is_none_or(|last| now.saturating_sub(last) >= AWAY)
    }

    /// When this peer last called; none: it did not.
    pub fn last(&self, peer: &AuthorityId) -> Option<Millis> {
        self.calls().get(peer).copied()
    }

    fn calls(&self) -> std::sync::MutexGuard<'_, HashMap<AuthorityId, Millis>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PeerFace {
    /// Over these decisions, with this place where collecting peers are served.
    /// It takes note in `heard` of who calls; `credentials` are those that callers are shown.
    /// Connections take nothing new when they are as old as `age`.
    pub fn new(
        exchange: Arc<Exchange>,
        reverse: Arc<Reverse>,
        heard: Arc<Heard>,
        credentials: Arc<LiveCredentials>,
        age: Duration,
    ) -> Self {
        Self { exchange, reverse, heard, credentials, age }
    }

    /// The peer whose statements prove the TLS key of the connection, as of now.
    fn caller<T>(&self, request: &Request<T>) -> Result<Arc<Peer>, Status> {
        let connection = connection(request)?;
        let now = self.exchange.now();
        let peer = self.exchange.directory.by_tls_key(&connection.tls_key, now).ok_or_else(|| {
            let (why, stated_by) = self.exchange.directory.why_stranger(&connection.tls_key, now);
            tracing::info!(
                remote = %connection.remote, certificate = %connection.certificate, %why, stated_by,
                "no paired authority's statements prove this TLS key: only Hello is served"
            );
            self.exchange.strangers.not_proved();
            Status::unauthenticated("this TLS key is not proved: say Hello")
        })?;
        connection.line.prove();
        self.hears(peer.authority(), now);
        Ok(peer)
    }

    /// A peer calls. If it was away, what waits for it need not wait for its next try.
    fn hears(&self, peer: &AuthorityId, now: Millis) {
        if self.heard.now(peer, now) {
            self.reverse.shown(peer).notify_one();
        }
    }

    /// A Hello was said by `name`: whether the certificate under it proves that. `finds`: why ours
    /// does not prove us, as it says.
    fn greeted(
        &self,
        connection: &PeerConnection,
        name: &AuthorityId,
        known_of_us: u64,
        finds: Option<Unproved>,
    ) {
        let (remote, now) = (connection.remote, self.exchange.now());
        let Ok(peer) = self.exchange.directory.peer(name) else { return };
        match self.exchange.directory.pinned(&peer, &connection.tls_key, now) {
            Ok(_) => {
                connection.line.prove();
                self.exchange.identity.heard(name, known_of_us);
                self.hears(name, now);
                if let Some(why) = finds {
                    let (certificate, why) = (self.credentials.presented(), why.as_str_name());
                    tracing::warn!(%remote, peer = %name, certificate, why, "a caller finds that our certificate does not prove us");
                }
            }
            Err(why) => {
                let certificate = &connection.certificate;
                tracing::info!(%remote, peer = %name, %certificate, %why, "Hello over a certificate that does not prove the peer");
                self.turn_away(connection);
            }
        }
    }

    fn turn_away(&self, connection: &PeerConnection) {
        self.exchange.strangers.not_proved();
        connection.line.condemn();
    }
}

fn connection<T>(request: &Request<T>) -> Result<PeerConnection, Status> {
    request.extensions().get::<PeerConnection>().cloned().ok_or_else(|| Status::internal("no connection"))
}

#[tonic::async_trait]
impl peer_server::Peer for PeerFace {
    async fn hello(&self, request: Request<HelloRequest>) -> Result<Response<HelloReply>, Status> {
        let connection = connection(&request)?;
        let request = request.into_inner();
        let ours = self.exchange.identity.chain();
        let known_of_us = held(&ours, request.known_of_you, &request.locator).unwrap_or(0);
        let name = AuthorityId::parse(&request.authority);
        let finds = said(request.unproved);
        match self.exchange.hello(request, Some(&connection.tls_key)).await {
            Ok(reply) => {
                if let Ok(name) = name {
                    self.greeted(&connection, &name, known_of_us, finds);
                }
                Ok(Response::new(reply))
            }
            Err(error) => {
                let (remote, certificate) = (connection.remote, &connection.certificate);
                tracing::info!(%remote, %certificate, why = %error, "Hello is refused");
                self.turn_away(&connection);
                Err(status::for_peer(&error))
            }
        }
    }

    async fn deliver(
        &self,
        request: Request<Streaming<DeliverFrame>>,
    ) -> Result<Response<DeliverReply>, Status> {
        let peer = self.caller(&request)?;
        let mut stream = request.into_inner();
        let span = tracing::info_span!("deliver", peer = %peer.authority(), packet = tracing::field::Empty);
        async move {
            let Some(deliver_frame::Frame::Start(start)) = next(&mut stream).await? else {
                return Err(Status::invalid_argument("a delivery begins with Start"));
            };
            let mut step = Intake::begin(&self.exchange, &peer, start).await?;
            loop {
                step = match step {
                    Step::Answered(reply) => return Ok(Response::new(reply)),
                    Step::More(intake) => match next(&mut stream).await? {
                        Some(deliver_frame::Frame::Chunk(chunk)) => {
                            intake.chunk(&self.exchange, chunk).await?
                        }
                        Some(deliver_frame::Frame::Start(_)) => {
                            return Err(Status::invalid_argument("a second Start"));
                        }
                        None => return intake.end(&self.exchange).await.map(Response::new),
                    },
                };
            }
        }
        .instrument(span)
        .await
    }

    async fn tell(&self, request: Request<TellRequest>) -> Result<Response<TellReply>, Status> {
        let peer = self.caller(&request)?;
        told(&self.exchange, &peer, request.into_inner()).await.map(Response::new)
    }

    type CollectStream = ReceiverStream<Result<CollectDown, Status>>;

    async fn collect(
        &self,
        request: Request<Streaming<CollectUp>>,
    ) -> Result<Response<Self::CollectStream>, Status> {
        let peer = self.caller(&request)?;
        let until = connection(&request)?.line.born + self.age + RENEWAL;
        let stream = self.reverse.serve(peer.authority().clone(), request.into_inner(), until);
        Ok(Response::new(stream))
    }

    async fn held_checkpoint(
        &self,
        request: Request<HeldCheckpointRequest>,
    ) -> Result<Response<HeldCheckpointReply>, Status> {
        let peer = self.caller(&request)?;
        let held = self.exchange.held_checkpoint(&peer).map_err(|error| status::for_peer(&error))?;
        Ok(Response::new(HeldCheckpointReply { checkpoint: held.unwrap_or_default() }))
    }

    async fn consistency(
        &self,
        request: Request<ConsistencyRequest>,
    ) -> Result<Response<ConsistencyReply>, Status> {
        self.caller(&request)?;
        consistency(&self.exchange, &request.into_inner()).map(Response::new)
    }
}

async fn next(stream: &mut Streaming<DeliverFrame>) -> Result<Option<deliver_frame::Frame>, Status> {
    let frame = tokio::time::timeout(FRAME, stream.message())
        .await
        .map_err(|_| Status::deadline_exceeded("no frame in time"))??;
    match frame {
        None => Ok(None),
        Some(DeliverFrame { frame: Some(frame) }) => Ok(Some(frame)),
        Some(DeliverFrame { frame: None }) => Err(Status::invalid_argument("an empty frame")),
    }
}

/// Proves our log to a peer: over a call, or over a collection.
pub fn consistency(exchange: &Exchange, request: &ConsistencyRequest) -> Result<ConsistencyReply, Status> {
    if !request.from_sizes.is_empty() {
        return exchange.prove_links(&request.from_sizes).map_err(|error| status::for_peer(&error));
    }
    if request.from_size > request.to_size || request.to_size > exchange.store.checkpoint().size {
        return Err(Status::out_of_range("not that many entries"));
    }
    let proof = tree::consistency(request.from_size, request.to_size, exchange.store.snapshot())
        .map_err(|error| status::for_peer(&error.into()))?;
    Ok(ConsistencyReply { proof: to_bytes(&proof), ..ConsistencyReply::default() })
}

/// Takes something told: over a call, or over a collection.
pub async fn told(exchange: &Exchange, peer: &Arc<Peer>, request: TellRequest) -> Result<TellReply, Status> {
    peer.they_named(request.known_size);
    let answer = match request.item {
        None => return Err(Status::invalid_argument("nothing is told")),
        Some(tell_request::Item::Status(status)) => exchange.accept_status(peer, status).await,
        Some(tell_request::Item::Evidence(ack)) => exchange.accept_evidence(peer, ack).await,
        Some(tell_request::Item::Notice(ack)) => exchange.accept_notice(peer, ack).await,
        Some(tell_request::Item::Statement(statement)) => exchange.prove_statement(peer, &statement),
        Some(tell_request::Item::CosignedCheckpoint(note)) => {
            let deferral =
                exchange.take_cosignature(peer, note).await.map_err(|error| status::for_peer(&error))?;
            let reply = deferral.map(tell_reply::Reply::Deferral);
            return Ok(TellReply { reply, known_of_yours: peer.verified().0 });
        }
    };
    let reply = match answer.map_err(|error| status::for_peer(&error))? {
        Answer::Deferred(envelope) => tell_reply::Reply::Deferral(envelope),
        Answer::Committed(indices, checkpoint) => {
            let proven = exchange.acknowledgement(&indices, &checkpoint, request.known_size);
            tell_reply::Reply::Acknowledgement(proven.map_err(|error| status::for_peer(&error))?)
        }
    };
    Ok(TellReply { reply: Some(reply), known_of_yours: peer.verified().0 })
}
