//! The reverse line: a peer that lets nobody in has connected to us and collects.
//!
//! Each stream of the peer takes one item at a time; several streams take several.

use crate::format::id::AuthorityId;
use crate::format::wire::{
    CollectDown, CollectUp, ConsistencyReply, ConsistencyRequest, DeliverEnd, DeliverFrame, DeliverReply,
    HelloReply, HelloRequest, Idle, TellReply, TellRequest, collect_down, collect_up,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

/// How often an idle line says so.
const IDLE: Duration = Duration::from_secs(15);
/// An answer comes within this time, or the line is given up.
const ANSWER: Duration = Duration::from_secs(120);
/// Streams that one peer may have open.
const STREAMS: usize = 16;

/// Why something did not go over a reverse line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReverseError {
    /// No stream of the peer is open.
    NotConnected,
    /// The stream ended before the answer came.
    Lost,
}

enum Job {
    Deliver(mpsc::Receiver<DeliverFrame>, oneshot::Sender<DeliverReply>),
    Tell(Box<TellRequest>, oneshot::Sender<TellReply>),
    Consistency(ConsistencyRequest, oneshot::Sender<ConsistencyReply>),
    Hello(HelloRequest, oneshot::Sender<HelloReply>),
}

/// The streams that wait for something to do, by peer.
pub struct Reverse {
    waiting: Mutex<HashMap<AuthorityId, Line>>,
    /// Who wants to know that a peer is there again.
    shown: Mutex<HashMap<AuthorityId, Arc<Notify>>>,
    stop: CancellationToken,
}

struct Line {
    jobs: async_jobs::Sender,
    source: async_jobs::Receiver,
    streams: usize,
}

/// A queue with many takers, out of tokio's parts.
mod async_jobs {
    use super::Job;
    use std::sync::Arc;
    use tokio::sync::{Mutex, mpsc};

    pub type Sender = mpsc::UnboundedSender<Job>;
    #[derive(Clone)]
    pub struct Receiver(Arc<Mutex<mpsc::UnboundedReceiver<Job>>>);

    pub fn queue() -> (Sender, Receiver) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (sender, Receiver(Arc::new(Mutex::new(receiver))))
    }

    impl Receiver {
        /// The next job. Cancelled, it loses none.
        pub async fn next(&self) -> Option<Job> {
            self.0.lock().await.recv().await
        }
    }
}

impl Reverse {
    /// Until `stop`.
    pub fn new(stop: CancellationToken) -> Self {
        Self { waiting: Mutex::default(), shown: Mutex::default(), stop }
    }

    /// Whether a stream of the peer is open.
    pub fn is_connected(&self, peer: &AuthorityId) -> bool {
        self.lines().get(peer).is_some_and(|line| line.streams > 0)
    }

    /// Notified when the peer opens a stream and had none, or calls after a while.
    pub fn shown(&self, peer: &AuthorityId) -> Arc<Notify> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.entry(peer.clone()).or_default().clone()
    }

    /// Delivers a packet over a stream of the peer.
    pub async fn deliver(
        &self,
        peer: &AuthorityId,
        frames: mpsc::Receiver<DeliverFrame>,
    ) -> Result<DeliverReply, ReverseError> {
        let (reply, answer) = oneshot::channel();
        self.give(peer, Job::Deliver(frames, reply))?;
        answer.await.map_err(|_| ReverseError::Lost)
    }

    /// Tells something over a stream of the peer.
    pub async fn tell(&self, peer: &AuthorityId, request: TellRequest) -> Result<TellReply, ReverseError> {
        let (reply, answer) = oneshot::channel();
        self.give(peer, Job::Tell(Box::new(request), reply))?;
        answer.await.map_err(|_| ReverseError::Lost)
    }

    /// Asks the peer over a stream of its own to prove its log.
    pub async fn consistency(
        &self,
        peer: &AuthorityId,
        request: ConsistencyRequest,
    ) -> Result<ConsistencyReply, ReverseError> {
        let (reply, answer) = oneshot::channel();
        self.give(peer, Job::Consistency(request, reply))?;
        answer.await.map_err(|_| ReverseError::Lost)
    }

    /// Says Hello to the peer over a stream of its own.
    pub async fn hello(&self, peer: &AuthorityId, request: HelloRequest) -> Result<HelloReply, ReverseError> {
        let (reply, answer) = oneshot::channel();
        self.give(peer, Job::Hello(request, reply))?;
        answer.await.map_err(|_| ReverseError::Lost)
    }

    fn give(&self, peer: &AuthorityId, job: Job) -> Result<(), ReverseError> {
        let lines = self.lines();
        let line = lines.get(peer).filter(|line| line.streams > 0).ok_or(ReverseError::NotConnected)?;
        line.jobs.send(job).map_err(|_| ReverseError::NotConnected)
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, HashMap<AuthorityId, Line>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves a stream of a peer; it takes nothing new from `until` on.
    pub fn serve(
        self: &Arc<Self>,
        peer: AuthorityId,
        up: Streaming<CollectUp>,
        until: Instant,
    ) -> ReceiverStream<Result<CollectDown, Status>> {
        let (down, receiver) = mpsc::channel(4);
        let jobs = {
            let mut lines = self.lines();
            let line = lines.entry(peer.clone()).or_insert_with(|| {
                let (jobs, source) = async_jobs::queue();
                Line { jobs, source, streams: 0 }
            });
            if line.streams == 0 {
                self.shown(&peer).notify_one();
            }
            (line.streams < STREAMS).then(|| {
                line.streams += 1;
                line.source.clone()
            })
        };
        let this = self.clone();
        tokio::spawn(async move {
            let Some(jobs) = jobs else {
                let _ = down.send(Err(Status::resource_exhausted("enough streams are open"))).await;
                return;
            };
            tracing::debug!(%peer, "a reverse line is open");
            let stream = Stream { up, down, until, done: false };
            if let Err(error) = stream.run(&jobs, &this.stop).await {
                tracing::debug!(%peer, error = error.message(), "a reverse line ended");
            }
            this.ended(&peer);
        });
        ReceiverStream::new(receiver)
    }

    /// A stream ended. With the last, what still waits for one is given back as lost.
    fn ended(&self, peer: &AuthorityId) {
        let mut lines = self.lines();
        if let Some(line) = lines.get_mut(peer) {
            line.streams -= 1;
            if line.streams == 0 {
                lines.remove(peer);
            }
        }
    }
}

struct Stream {
    up: Streaming<CollectUp>,
    down: mpsc::Sender<Result<CollectDown, Status>>,
    until: Instant,
    /// The peer wants nothing more over this stream.
    done: bool,
}

impl Stream {
    async fn run(mut self, jobs: &async_jobs::Receiver, stop: &CancellationToken) -> Result<(), Status> {
        let first = tokio::time::timeout(ANSWER, self.up.message())
            .await
            .map_err(|_| Status::deadline_exceeded("no start"))??;
        if !matches!(first, Some(CollectUp { up: Some(collect_up::Up::Start(_)) })) {
            return Err(Status::invalid_argument("a collection begins with its start"));
        }
        while !self.done {
            let job = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep_until(self.until.into()) => return Ok(()),
                () = self.down.closed() => return Ok(()),
                () = tokio::time::sleep(IDLE) => {
                    self.send(collect_down::Down::Idle(Idle {})).await?;
                    continue;
                }
                early = self.up.message() => {
                    if let Some(CollectUp { up: Some(collect_up::Up::Done(_)) }) = early? {
                        return Ok(());
                    }
                    return Err(Status::invalid_argument("an answer that was not asked for"));
                }
                job = jobs.next() => job,
            };
            match job {
                None => return Ok(()),
                Some(Job::Tell(request, reply)) => {
                    self.send(collect_down::Down::Tell(*request)).await?;
                    match self.answer().await? {
                        collect_up::Up::Told(told) => drop(reply.send(told)),
                        _ => return Err(Status::invalid_argument("an answer of another kind")),
                    }
                }
                Some(Job::Consistency(request, reply)) => {
                    self.send(collect_down::Down::Consistency(request)).await?;
                    match self.answer().await? {
                        collect_up::Up::Consistency(proofs) => drop(reply.send(proofs)),
                        _ => return Err(Status::invalid_argument("an answer of another kind")),
                    }
                }
                Some(Job::Hello(request, reply)) => {
                    self.send(collect_down::Down::Hello(request)).await?;
                    match self.answer().await? {
                        collect_up::Up::Hello(hello) => drop(reply.send(hello)),
                        _ => return Err(Status::invalid_argument("an answer of another kind")),
                    }
                }
                Some(Job::Deliver(mut frames, reply)) => {
                    while let Some(frame) = frames.recv().await {
                        self.send(collect_down::Down::Frame(frame)).await?;
                    }
                    self.send(collect_down::Down::End(DeliverEnd {})).await?;
                    match self.answer().await? {
                        collect_up::Up::Delivered(delivered) => drop(reply.send(delivered)),
                        _ => return Err(Status::invalid_argument("an answer of another kind")),
                    }
                }
            }
        }
        Ok(())
    }

    async fn send(&self, down: collect_down::Down) -> Result<(), Status> {
        self.down.send(Ok(CollectDown { down: Some(down) })).await.map_err(|_| Status::cancelled("gone"))
    }

    async fn answer(&mut self) -> Result<collect_up::Up, Status> {
        loop {
            let message = tokio::time::timeout(ANSWER, self.up.message())
                .await
                .map_err(|_| Status::deadline_exceeded("no answer"))??;
            match message.and_then(|message| message.up).ok_or_else(|| Status::cancelled("gone"))? {
                // It crossed what was sent: the answer to that still comes.
                collect_up::Up::Done(_) if !self.done => self.done = true,
                answer => return Ok(answer),
            }
        }
    }
}
