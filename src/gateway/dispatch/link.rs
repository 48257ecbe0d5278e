//! How something reaches a peer: over a connection of ours, or over one of the peer's.

use super::reverse::{Reverse, ReverseError};
use crate::crypto::object::SEALED_CHUNK;
use crate::exchange::Exchange;
use crate::exchange::submit::Outgoing;
use crate::format::id::AuthorityId;
use crate::format::limits;
use crate::format::wire::{
    Chunk, ConsistencyReply, ConsistencyRequest, DeliverFrame, DeliverReply, Start, TellReply, TellRequest,
    deliver_frame,
};
use crate::gateway::rpc::peer::peer_client::PeerClient;
use crate::gateway::tls::Dialer;
use crate::store::content::StoredObject;
use crate::store::objects::read_full;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;
use tonic::transport::Channel;

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

impl From<tonic::Status> for LinkError {
    fn from(status: tonic::Status) -> Self {
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
    client: PeerClient<Channel>,
    reverse: Arc<Reverse>,
}

impl Links {
    pub fn new(peer: &AuthorityId, dialer: &Dialer, reverse: &Arc<Reverse>) -> Self {
        Self { peer: peer.clone(), client: dialer.client(peer), reverse: reverse.clone() }
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
        let mut client = self.client.clone();
        let (start, rest) = start(&outgoing, known);
        if rest.is_empty() {
            let frame = DeliverFrame { frame: Some(deliver_frame::Frame::Start(start)) };
            let call = client.deliver(tokio_stream::once(frame));
            let reply = tokio::time::timeout(CALL, call)
                .await
                .map_err(|_| LinkError::Call("no answer in time".into()))?;
            return Ok(reply?.into_inner());
        }
        let reply = client.deliver(ReceiverStream::new(frames(exchange.clone(), outgoing, known))).await?;
        Ok(reply.into_inner())
    }

    /// Tells a status, evidence or a cosignature.
    pub async fn tell(&self, exchange: &Exchange, request: TellRequest) -> Result<TellReply, LinkError> {
        if self.reversed(exchange) {
            return Ok(self.reverse.tell(&self.peer, request).await?);
        }
        let mut client = self.client.clone();
        let reply = tokio::time::timeout(CALL, client.tell(request)).await;
        Ok(reply.map_err(|_| LinkError::Call("no answer in time".into()))??.into_inner())
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
        let mut client = self.client.clone();
        let reply = tokio::time::timeout(CALL, client.consistency(request)).await;
        Ok(reply.map_err(|_| LinkError::Call("no answer in time".into()))??.into_inner())
    }
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
fn frames(exchange: Arc<Exchange>, outgoing: Arc<Outgoing>, known: u64) -> mpsc::Receiver<DeliverFrame> {
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
