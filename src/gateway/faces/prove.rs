//! Proof bundles for auditors, and with disclosed objects for officers.

use super::summary::packet_name;
use crate::exchange::Exchange;
use crate::exchange::actors::Actor;
use crate::exchange::prove::{Bundled, Disclosure, Draft};
use crate::format::id::{AuthorityId, PacketId};
use crate::format::limits;
use crate::format::wire::{
    ConsistencyRequest, DiscloseRequest, PacketName, ProveData, ProveFrame, prove_frame,
};
use crate::gateway::status::for_local;
use crate::gateway::tls::Dialer;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Response, Status};
use tracing::Instrument as _;

/// The parts of a bundle, as they are sent.
pub type Frames = ReceiverStream<Result<ProveFrame, Status>>;

/// Bytes of the signed part in one frame.
const PIECE: usize = 1 << 20;

/// How long the peer is waited for, all in all.
const ASKING: Duration = Duration::from_secs(3);

/// Makes bundles, and asks the peer to link the trees of its log in them.
#[derive(Clone)]
pub struct Prover {
    /// Decisions.
    pub exchange: Arc<Exchange>,
    /// Connections to peers.
    pub dialer: Dialer,
}

impl Prover {
    /// A bundle without content.
    pub async fn prove(&self, name: &PacketName) -> Result<Response<Frames>, Status> {
        self.bundle(packet_name(name)?, Disclosure::default()).await
    }

    /// A bundle that discloses objects, recorded as openings by `actor`.
    pub async fn disclose(&self, request: DiscloseRequest, actor: Actor) -> Result<Response<Frames>, Status> {
        let (id, peer) = packet_name(&request.packet.unwrap_or_default())?;
        if request.objects.is_empty() || request.objects.len() > limits::OBJECTS {
            return Err(Status::invalid_argument("name the objects to disclose: 0 is the body"));
        }
        let objects: BTreeSet<u32> = request.objects.into_iter().collect();
        let disclosure = self.exchange.disclose(&id, peer.as_ref(), &objects, actor).await;
        let disclosure = disclosure.map_err(|error| for_local(&error))?;
        tracing::info!(packet = %id, ?objects, "disclosed in a proof bundle");
        self.bundle((id, peer), disclosure).await
    }

    async fn bundle(
        &self,
        (id, peer): (PacketId, Option<AuthorityId>),
        disclosure: Disclosure,
    ) -> Result<Response<Frames>, Status> {
        let draft = tokio::task::block_in_place(|| self.exchange.prove(&id, peer.as_ref()));
        let mut draft = draft.map_err(|error| for_local(&error))?;
        draft.disclose(disclosure);
        match tokio::time::timeout(ASKING, self.link(&mut draft)).await {
            Ok(Ok(())) => {}
            // A bundle without these proofs is a little weaker, and says so.
            Ok(Err(error)) => tracing::info!(peer = %draft.peer(), %error, "the peer's trees are not linked"),
            Err(_) => tracing::info!(peer = %draft.peer(), "the peer's trees are not linked in time"),
        }
        let bundled = self.exchange.sign_bundle(draft).map_err(|error| for_local(&error))?;
        Ok(frames(bundled, id))
    }

    /// Asks the peer for consistency proofs between the trees of its log.
    async fn link(&self, draft: &mut Draft) -> Result<(), Status> {
        let peer = self.exchange.directory.peer(draft.peer()).map_err(|error| for_local(&error))?;
        if peer.addresses.is_empty() {
            return Err(Status::unavailable("the peer can't be dialled"));
        }
        let client = self.dialer.client(draft.peer());
        for (from_size, to_size) in draft.steps() {
            let call = || {
                let mut client = client.clone();
                let request = ConsistencyRequest { from_size, to_size, from_sizes: Vec::new() };
                async move { client.consistency(request).await }
            };
            let reply = self.dialer.known(draft.peer(), call).await?;
            draft.link((from_size, to_size), reply.into_inner().proof).map_err(|error| for_local(&error))?;
        }
        Ok(())
    }
}

fn frames(bundled: Bundled, id: PacketId) -> Response<Frames> {
    let (sender, receiver) = mpsc::channel(8);
    let span = tracing::info_span!("prove", packet = %id);
    tokio::spawn(
        async move {
            if let Err(error) = send(bundled, &sender).await {
                // Nobody may be there any more to be told.
                let _ = sender.send(Err(error)).await;
            }
        }
        .instrument(span),
    );
    Response::new(ReceiverStream::new(receiver))
}

async fn send(bundled: Bundled, to: &mpsc::Sender<Result<ProveFrame, Status>>) -> Result<(), Status> {
    let gone = |_| Status::cancelled("the caller is gone");
    let frame = |frame| Ok(ProveFrame { frame: Some(frame) });
    for piece in bundled.signed.chunks(PIECE) {
        to.send(frame(prove_frame::Frame::Signed(piece.to_vec()))).await.map_err(gone)?;
    }
    for (position, mut ciphertext) in (0_u32..).zip(bundled.ciphertexts) {
        while let Some(data) =
            tokio::task::block_in_place(|| ciphertext.next_piece()).map_err(|error| for_local(&error))?
        {
            let data = prove_frame::Frame::Data(ProveData { position, data });
            to.send(frame(data)).await.map_err(gone)?;
        }
    }
    Ok(())
}
