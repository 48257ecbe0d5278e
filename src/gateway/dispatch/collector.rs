//! Collecting: we let nobody in, so we fetch from a peer over our own connection.

use crate::crypto::entropy::fresh;
use crate::exchange::Exchange;
use crate::exchange::schedule::back_off;
use crate::format::id::AuthorityId;
use crate::format::wire::{
    CollectDown, CollectStart, CollectUp, DeliverReply, collect_down, collect_up, deliver_frame,
};
use crate::gateway::faces::intake::{Intake, Step};
use crate::gateway::faces::peer::{consistency, told};
use crate::gateway::rpc::peer::peer_client::PeerClient;
use crate::gateway::tls::Dialer;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic::{Status, Streaming};

/// Streams to one peer.
const STREAMS: usize = 4;
/// The peer says something within this time, or the line is dead.
const SILENCE: Duration = Duration::from_secs(60);

/// Collects from one peer.
#[derive(Clone)]
pub struct Collector {
    /// From whom.
    pub peer: AuthorityId,
    /// Decisions.
    pub exchange: Arc<Exchange>,
    /// Connections.
    pub dialer: Dialer,
    /// Until then.
    pub stop: CancellationToken,
}

impl Collector {
    /// Until the gateway stops.
    pub async fn run(self) {
        let client = self.dialer.client(&self.peer);
        let streams = (0..STREAMS).map(|_| self.clone().stream(client.clone()));
        futures_util::future::join_all(streams).await;
    }

    async fn stream(self, client: PeerClient<Channel>) {
        let mut failures = 0;
        loop {
            let dials = self.exchange.directory.peer(&self.peer).is_ok_and(|peer| !peer.addresses.is_empty());
            if dials {
                let open = || {
                    let mut client = client.clone();
                    async move {
                        let (up, receiver) = mpsc::channel(2);
                        let _ = up.send(CollectUp { up: Some(collect_up::Up::Start(CollectStart {})) }).await;
                        let down = client.collect(ReceiverStream::new(receiver)).await?.into_inner();
                        Ok::<_, Status>((up, down))
                    }
                };
                let collected = async {
                    let (up, down) = self.dialer.known(&self.peer, open).await?;
                    failures = 0;
                    self.collect(&up, down).await
                };
                let ended = tokio::select! {
                    () = self.stop.cancelled() => return,
                    ended = collected => ended,
                };
                if let Err(error) = ended {
                    tracing::debug!(peer = %self.peer, error = error.message(), "a collection ended");
                }
            }
            failures += 1;
            let random = fresh::<4>(&*self.exchange.entropy).map_or(u32::MAX, u32::from_be_bytes);
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(back_off(failures, random).min(SILENCE)) => {}
            }
        }
    }

    async fn collect(
        &self,
        up: &mpsc::Sender<CollectUp>,
        mut down: Streaming<CollectDown>,
    ) -> Result<(), Status> {
        let mut state = State::Idle;
        loop {
            let message = tokio::time::timeout(SILENCE, down.message())
                .await
                .map_err(|_| Status::deadline_exceeded("silence"))??;
            let Some(message) = message.and_then(|message| message.down) else { return Ok(()) };
            let peer =
                self.exchange.directory.peer(&self.peer).map_err(|e| crate::gateway::status::for_peer(&e))?;
            let answer = match message {
                collect_down::Down::Idle(_) => None,
                collect_down::Down::Tell(request) => {
                    Some(collect_up::Up::Told(told(&self.exchange, &peer, request).await?))
                }
                collect_down::Down::Consistency(request) => {
                    Some(collect_up::Up::Consistency(consistency(&self.exchange, &request)?))
                }
                collect_down::Down::Hello(request) if request.authority == self.peer.as_str() => {
                    let reply = self.exchange.hello(request, None).await;
                    let reply = reply.map_err(|error| crate::gateway::status::for_peer(&error))?;
                    Some(collect_up::Up::Hello(reply))
                }
                collect_down::Down::Hello(_) => {
                    return Err(Status::invalid_argument("a Hello of somebody else"));
                }
                collect_down::Down::Frame(frame) => {
                    state = state.frame(&self.exchange, &peer, frame.frame).await?;
                    None
                }
                collect_down::Down::End(_) => {
                    let reply = std::mem::take(&mut state).end(&self.exchange).await?;
                    Some(collect_up::Up::Delivered(reply))
                }
            };
            if let Some(answer) = answer {
                up.send(CollectUp { up: Some(answer) }).await.map_err(|_| Status::cancelled("gone"))?;
            }
        }
    }
}

/// Where a packet stands that is being collected.
#[derive(Default)]
enum State {
    #[default]
    Idle,
    Taking(Intake),
    Answered(DeliverReply),
}

impl State {
    async fn frame(
        self,
        exchange: &Exchange,
        peer: &crate::exchange::directory::Peer,
        frame: Option<deliver_frame::Frame>,
    ) -> Result<Self, Status> {
        let step = match (self, frame) {
            (Self::Idle, Some(deliver_frame::Frame::Start(start))) => {
                Intake::begin(exchange, peer, start).await?
            }
            (Self::Taking(intake), Some(deliver_frame::Frame::Chunk(chunk))) => {
                intake.chunk(exchange, chunk).await?
            }
            // The rest of a packet whose answer is known already.
            (answered @ Self::Answered(_), Some(deliver_frame::Frame::Chunk(_))) => return Ok(answered),
            _ => return Err(Status::invalid_argument("frames out of order")),
        };
        Ok(match step {
            Step::More(intake) => Self::Taking(intake),
            Step::Answered(reply) => Self::Answered(reply),
        })
    }

    async fn end(self, exchange: &Exchange) -> Result<DeliverReply, Status> {
        match self {
            Self::Taking(intake) => intake.end(exchange).await,
            Self::Answered(reply) => Ok(reply),
            Self::Idle => Err(Status::invalid_argument("the end of nothing")),
        }
    }
}
