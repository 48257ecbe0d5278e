//! How something reaches a peer: over a connection of ours, or over one of the peer's.

use super::reverse::{Reverse, ReverseError};
use crate::crypto::object::SEALED_CHUNK;
use crate::exchange::Exchange;
use crate::exchange::hello::{Greeted, Greeting};
use crate::exchange::submit::Outgoing;
use crate::format::id::AuthorityId;
use crate::format::limits;
use crate::format::wire::{
    Chunk, ConsistencyReply, ConsistencyRequest, DeliverFrame, DeliverReply, Start, TellReply, TellRequest,
    deliver_frame,
};
use crate::gateway::tls::{Dialer, Trunk};
use crate::store::content::StoredObject;
use crate::store::objects::read_full;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

/// A call that is no stream takes this long at most.
const CALL: Duration = Duration::from_secs(60);
/// Frames of a stream that wait to be sent.
const FRAMES: usize = 4;

/// Why something did not reach a peer.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The call failed.
    #[error("{0}")]
    Call(String),
    /// The peer answered, and wants nothing of it.
    #[error("{0}")]
    Refused(String),
    /// The peer has not connected.
    #[error("the peer is not connected")]
    NotConnected,
    /// What was to be sent can't be read.
    #[error("cannot be read: {0}")]
    Read(String),
}

impl From<Status> for LinkError {
    fn from(status: Status) -> Self {
        let said = format!("{}: {}", status.code(), status.message());
        match status.code() {
            Code::InvalidArgument | Code::OutOfRange | Code::NotFound | Code::Unimplemented => {
                Self::Refused(said)
            }
            _ => Self::Call(said),
        }
    }
}

impl From<ReverseError> for LinkError {
    fn from(error: ReverseError) -> Self {
        match error {
            ReverseError::NotConnected => Self::NotConnected,
            ReverseError::Lost => Self::Call("the connection was lost".into()),
        }
    }
}

/// The ways to one peer.
pub struct Links {
    peer: AuthorityId,
    trunk: Trunk,
    dialer: Dialer,
    reverse: Arc<Reverse>,
    shown: Arc<Notify>,
}

impl Links {
    pub fn new(peer: &AuthorityId, dialer: &Dialer, reverse: &Arc<Reverse>) -> Self {
        Self {
            peer: peer.clone(),
            trunk: Trunk::new(dialer, peer),
            dialer: dialer.clone(),
            reverse: reverse.clone(),
            shown: reverse.shown(peer),
        }
    }

    /// Waits until the peer shows that it is there: it opens a line of its own to us, or calls.
    pub async fn shown(&self) {
        self.shown.notified().await;
    }

    /// Whether to use a connection of the peer's.
    fn reversed(&self, exchange: &Exchange) -> bool {
        let dials = exchange.directory.peer(&self.peer).is_ok_and(|peer| !peer.addresses.is_empty());
        !dials || self.reverse.is_connected(&self.peer)
    }

    /// Delivers a packet.
    pub async fn deliver(
        &self,
        exchange: &Arc<Exchange>,
        outgoing: Arc<Outgoing>,
        known: u64,
    ) -> Result<DeliverReply, LinkError> {
        if self.reversed(exchange) {
            let frames = frames(exchange.clone(), outgoing, known);
            return Ok(self.reverse.deliver(&self.peer, frames).await?);
        }
        let call = || {
            let (mut client, exchange, outgoing) = (self.trunk.client(), exchange.clone(), outgoing.clone());
            async move {
                let (start, rest) = start(&outgoing, known);
                if rest.is_empty() {
                    let frame = DeliverFrame { frame: Some(deliver_frame::Frame::Start(start)) };
                    return in_time(client.deliver(tokio_stream::once(frame))).await;
                }
                client.deliver(ReceiverStream::new(frames(exchange, outgoing, known))).await
            }
        };
        Ok(self.dialer.known(&self.peer, call).await?.into_inner())
    }

    /// Tells a status, evidence or a cosignature.
    pub async fn tell(&self, exchange: &Exchange, request: TellRequest) -> Result<TellReply, LinkError> {
        if self.reversed(exchange) {
            return Ok(self.reverse.tell(&self.peer, request).await?);
        }
        let call = || {
            let (mut client, request) = (self.trunk.client(), request.clone());
            async move { in_time(client.tell(request)).await }
        };
        Ok(self.dialer.known(&self.peer, call).await?.into_inner())
    }

    /// Asks the peer to prove its log.
    pub async fn consistency(
        &self,
        exchange: &Exchange,
        request: ConsistencyRequest,
    ) -> Result<ConsistencyReply, LinkError> {
        if self.reversed(exchange) {
            return Ok(self.reverse.consistency(&self.peer, request).await?);
        }
        let call = || {
            let (mut client, request) = (self.trunk.client(), request.clone());
            async move { in_time(client.consistency(request)).await }
        };
        Ok(self.dialer.known(&self.peer, call).await?.into_inner())
    }

    /// Says Hello to the peer, in as many rounds as it takes, unless somebody did since `since`.
    pub async fn hello(&self, exchange: &Arc<Exchange>, since: Instant) -> Result<Greeted, LinkError> {
        if !self.reversed(exchange) {
            let greeted = self.dialer.greet(&self.peer, since).await;
            return greeted.map_err(|error| LinkError::Call(error.to_string()));
        }
        if !self.reverse.is_connected(&self.peer) {
            return Err(LinkError::NotConnected);
        }
        let hello = async {
            let mut greeting = Greeting::to(&self.peer);
            loop {
                let request = greeting.next(exchange).map_err(|error| error.to_string())?;
                let reply = self.reverse.hello(&self.peer, request).await;
                let reply = reply.map_err(|error| LinkError::from(error).to_string())?;
                if !greeting.take(exchange, reply).await.map_err(|error| error.to_string())? {
                    return Ok::<_, String>(greeting.outcome());
                }
            }
        };
        self.dialer.greetings.once(&self.peer, since, hello).await.map_err(LinkError::Call)
    }
}

/// A call that is no stream.
async fn in_time<T>(call: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    let answer = tokio::time::timeout(CALL, call).await;
    answer.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer in time")))
}

/// The first frame, and the numbers of the objects that follow it in frames of their own.
fn start(outgoing: &Outgoing, known: u64) -> (Start, std::ops::Range<usize>) {
    let (mut chunks, mut inline) = (Vec::new(), 0);
    for (number, object) in (0_u32..).zip(&outgoing.objects) {
        inline += object.inline.len() as u64;
        if object.in_file || inline > limits::INLINE {
            break;
        }
        chunks.push(Chunk { object: number, index: 0, data: object.inline.clone() });
    }
    let rest = chunks.len()..outgoing.objects.len();
    let start = Start {
        header: outgoing.header.envelope.clone(),
        key_box: outgoing.key_box.clone(),
        known_size: known,
        chunks,
    };
    (start, rest)
}

/// The frames of a packet, read from disk as they are taken: a few are in memory at a time.
pub(super) fn frames(
    exchange: Arc<Exchange>,
    outgoing: Arc<Outgoing>,
    known: u64,
) -> mpsc::Receiver<DeliverFrame> {
    let (sender, receiver) = mpsc::channel(FRAMES);
    let (start, rest) = start(&outgoing, known);
    tokio::task::spawn_blocking(move || {
        let send = |frame| sender.blocking_send(DeliverFrame { frame: Some(frame) }).is_ok();
        if !send(deliver_frame::Frame::Start(start)) {
            return;
        }
        for number in rest {
            let root = &outgoing.header.header.objects[number].chunk_root;
            if let Err(error) = send_object(&exchange, number as u32, &outgoing.objects[number], root, &send)
            {
                // The stream ends early; the peer defers, and the next attempt finds it or not.
                tracing::error!(packet = %outgoing.header.header.id, %error, "an object can't be read");
                return;
            }
        }
    });
    receiver
}

fn send_object(
    exchange: &Exchange,
    number: u32,
    object: &StoredObject,
    root: &crate::crypto::hash::Digest,
    send: &dyn Fn(deliver_frame::Frame) -> bool,
) -> Result<(), LinkError> {
    if !object.in_file {
        let indices = (0..).step_by(limits::CHUNK_MESSAGE / SEALED_CHUNK);
        for (index, data) in indices.zip(object.inline.chunks(limits::CHUNK_MESSAGE)) {
            send(deliver_frame::Frame::Chunk(Chunk { object: number, index, data: data.to_vec() }));
        }
        return Ok(());
    }
    let mut file = exchange.objects.read(root).map_err(|error| LinkError::Read(error.to_string()))?;
    let mut index = 0;
    loop {
        let mut data = vec![0; limits::CHUNK_MESSAGE];
        let length = read_full(&mut file, &mut data).map_err(|error| LinkError::Read(error.to_string()))?;
        data.truncate(length);
        if length == 0 || !send(deliver_frame::Frame::Chunk(Chunk { object: number, index, data })) {
            return Ok(());
        }
        index += length.div_ceil(SEALED_CHUNK) as u64;
    }
}
