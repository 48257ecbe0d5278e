//! Collecting: we let nobody in, so we fetch from a peer over our own connection.

use crate::crypto::entropy::fresh;
use crate::exchange::Exchange;
use crate::exchange::schedule::back_off;
use crate::format::id::AuthorityId;
use crate::format::wire::{
    CollectDone, CollectDown, CollectStart, CollectUp, DeliverReply, collect_down, collect_up, deliver_frame,
};
use crate::gateway::faces::intake::{Intake, Step};
use crate::gateway::faces::peer::{consistency, told};
use crate::gateway::tls::{Dialer, Trunk};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

/// Streams to one peer.
const STREAMS: usize = 4;
/// The peer says something within this time, or the line is dead.
const SILENCE: Duration = Duration::from_secs(60);
/// How often a stream on which nothing comes looks whether it should be another, at least.
const LOOK: Duration = Duration::from_secs(1);

/// Held until the stream is open again.
type Renewal = tokio::sync::OwnedMutexGuard<()>;

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

/// What the streams to one peer share.
struct Ways {
    trunk: Trunk,
    /// Held by the stream that is being opened over another connection: one at a time.
    renewing: Arc<tokio::sync::Mutex<()>>,
}

impl Collector {
    /// Until the gateway stops.
    pub async fn run(self) {
        let ways = Ways { trunk: Trunk::new(&self.dialer, &self.peer), renewing: Arc::default() };
        futures_util::future::join_all((0..STREAMS).map(|_| self.stream(&ways))).await;
    }

    async fn stream(&self, ways: &Ways) {
        let (mut failures, mut renewal) = (0, None);
        loop {
            let dials = self.exchange.directory.peer(&self.peer).is_ok_and(|peer| !peer.addresses.is_empty());
            if dials {
                let open = || {
                    let (number, mut client) = ways.trunk.numbered();
                    async move {
                        let (up, receiver) = mpsc::channel(2);
                        let _ = up.send(CollectUp { up: Some(collect_up::Up::Start(CollectStart {})) }).await;
                        let down = client.collect(ReceiverStream::new(receiver)).await?.into_inner();
                        Ok::<_, Status>((number, up, down))
                    }
                };
                let mut opened = None;
                let collected = async {
                    let (number, up, down) = self.dialer.known(&self.peer, open).await?;
                    (failures, opened) = (0, Some(Instant::now()));
                    drop(renewal.take());
                    self.collect(ways, number, &up, down).await
                };
                let ended = tokio::select! {
                    () = self.stop.cancelled() => return,
                    ended = collected => ended,
                };
                match ended {
                    Ok(Some(guard)) => {
                        renewal = Some(guard);
                        continue;
                    }
                    // The peer ended a line that had its time: the next is opened at once.
                    Ok(None) if opened.is_some_and(|at| at.elapsed() > SILENCE) => continue,
                    Ok(None) => tracing::debug!(peer = %self.peer, "a collection ended"),
                    Err(error) => {
                        tracing::debug!(peer = %self.peer, error = error.message(), "a collection ended");
                    }
                }
            }
            renewal = None;
            failures += 1;
            let random = fresh::<4>(&*self.exchange.entropy).map_or(u32::MAX, u32::from_be_bytes);
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(back_off(failures, random).min(SILENCE)) => {}
            }
        }
    }

    /// Takes what comes. A guard: the stream ended because new calls go over another connection.
    async fn collect(
        &self,
        ways: &Ways,
        number: u64,
        up: &mpsc::Sender<CollectUp>,
        mut down: Streaming<CollectDown>,
    ) -> Result<Option<Renewal>, Status> {
        let (mut state, mut renewal, mut heard) = (State::Idle, None, Instant::now());
        let look = (ways.trunk.age() / 64).min(LOOK);
        loop {
            let message = tokio::select! {
                message = down.message() => message?,
                () = tokio::time::sleep(look) => {
                    if heard.elapsed() > SILENCE {
                        return Err(Status::deadline_exceeded("silence"));
                    }
                    let idle = renewal.is_none() && matches!(state, State::Idle);
                    if idle && ways.trunk.numbered().0 != number {
                        renewal = ways.renewing.clone().try_lock_owned().ok();
                    }
                    if idle && renewal.is_some() {
                        // Nothing is lost: what the peer sent before it reads this is answered.
                        let done = CollectUp { up: Some(collect_up::Up::Done(CollectDone {})) };
                        up.send(done).await.map_err(|_| Status::cancelled("gone"))?;
                    }
                    continue;
                }
            };
            heard = Instant::now();
            let Some(message) = message.and_then(|message| message.down) else { return Ok(renewal) };
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

/// Where a packet stands that is being collected, or was carried.
#[derive(Default)]
pub enum State {
    /// There is none.
    #[default]
    Idle,
    /// Its frames come in.
    Taking(Intake),
    /// Its answer is known.
    Answered(DeliverReply),
}

impl State {
    /// Takes a frame.
    pub async fn frame(
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

    /// Takes the end of the frames, and gives the answer.
    pub async fn end(self, exchange: &Exchange) -> Result<DeliverReply, Status> {
        match self {
            Self::Taking(intake) => intake.end(exchange).await,
            Self::Answered(reply) => Ok(reply),
            Self::Idle => Err(Status::invalid_argument("the end of nothing")),
        }
    }
}
