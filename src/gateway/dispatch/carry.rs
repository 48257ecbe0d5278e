//! A file for a courier: what a line would carry to a peer now, and the answers to the last file
//! of its own.

use super::link::frames;
use super::pending;
use super::queue::Item;
use super::ready::{Ready, ready};
use crate::exchange::carry::spool::Spool;
use crate::exchange::directory::Peer;
use crate::exchange::{Exchange, ExchangeError};
use crate::format::carried::Parts;
use crate::format::id::AuthorityId;
use crate::format::wire::carried_frame::Frame;
use crate::format::wire::carried_item::Item as Content;
use crate::format::wire::{
    CarriedDone, CarriedFrame, CarriedItem, CarryOutDone, CarryOutFrame, DeliverEnd, TellRequest,
    carry_out_frame, tell_request,
};
use crate::ledger::records::Waiting;
use std::sync::Arc;
use tokio::sync::mpsc;
use tonic::Status;

/// Where a file goes: to whoever writes it.
pub type Out = mpsc::Sender<Result<CarryOutFrame, Status>>;

/// Why a file was not made.
pub enum Ended {
    /// For this reason.
    Failed(ExchangeError),
    /// Nobody takes it any more.
    Gone,
}

impl<E: Into<ExchangeError>> From<E> for Ended {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// A file that is being made.
struct Making<'a> {
    exchange: &'a Arc<Exchange>,
    peer: Arc<Peer>,
    parts: Parts,
    out: &'a Out,
    done: CarryOutDone,
}

/// Makes a file for a peer. What it asks stays pending until an answer comes, by whichever way.
pub async fn make(
    exchange: &Arc<Exchange>,
    name: &AuthorityId,
    spool: &Spool,
    out: &Out,
) -> Result<(), Ended> {
    let peer = exchange.directory.peer(name)?;
    for statements in exchange.carried_statements(&peer)? {
        give(out, Frame::Statements(statements)).await?;
    }
    let (begin, parts) = exchange.begin_carried(&peer)?;
    give(out, Frame::Begin(begin)).await?;
    let mut making = Making { exchange, peer, parts, out, done: CarryOutDone::default() };
    let mut answers = spool.read(name)?;
    while let Some(answer) = answers.answer()? {
        making.done.answers += 1;
        making.add(answer).await?;
    }
    let era = exchange.peer_record(name)?.era;
    for item in pending(exchange, name)?.into_iter().filter(|item| item.index >= era) {
        making.item(&item).await?;
    }
    making.witness().await?;
    making.add(CarriedItem { number: 0, item: Some(Content::Done(CarriedDone {})) }).await?;
    let done = carry_out_frame::Frame::Done(making.done);
    out.send(Ok(CarryOutFrame { frame: Some(done) })).await.map_err(|_| Ended::Gone)
}

async fn give(out: &Out, frame: Frame) -> Result<(), Ended> {
    let carried = carry_out_frame::Frame::Carried(CarriedFrame { frame: Some(frame) });
    out.send(Ok(CarryOutFrame { frame: Some(carried) })).await.map_err(|_| Ended::Gone)
}

impl Making<'_> {
    async fn add(&mut self, item: CarriedItem) -> Result<(), Ended> {
        let part = self.parts.seal(&item)?;
        give(self.out, Frame::Part(part)).await
    }

    async fn item(&mut self, item: &Item) -> Result<(), Ended> {
        let name = self.peer.authority().clone();
        // Settled over a line since it was listed.
        if !self.exchange.waits(&name, item.index)? {
            return Ok(());
        }
        let (Waiting::Packet, Some(id)) = (item.what, &item.id) else {
            return self.tell(item.index).await;
        };
        let outgoing = match ready(self.exchange, &name, id).await {
            Ok(Ready::Goes { outgoing, .. }) => outgoing,
            Ok(Ready::Held | Ready::WithoutContent(_)) => {
                self.done.held += 1;
                return Ok(());
            }
            Err(error) => {
                tracing::warn!(peer = %name, packet = %id, %error, "a packet is not carried");
                self.done.held += 1;
                return Ok(());
            }
        };
        let mut frames = frames(self.exchange.clone(), outgoing, self.peer.verified().0);
        while let Some(frame) = frames.recv().await {
            self.add(CarriedItem { number: item.index, item: Some(Content::Frame(frame)) }).await?;
        }
        self.done.packets += 1;
        self.add(CarriedItem { number: item.index, item: Some(Content::End(DeliverEnd {})) }).await
    }

    async fn tell(&mut self, index: u64) -> Result<(), Ended> {
        let (_, request) = self.exchange.told(&self.peer, index)?;
        self.done.told += 1;
        self.add(CarriedItem { number: index, item: Some(Content::Tell(request)) }).await
    }

    /// Has our statements confirmed, the peer's trees linked, and the newest cosigned.
    async fn witness(&mut self) -> Result<(), Ended> {
        if let Some(index) = self.exchange.to_be_confirmed(self.peer.authority())? {
            self.tell(index).await?;
        }
        if let Some(question) = self.exchange.links_wanted(&self.peer).await? {
            let item = Some(Content::Consistency(question.request()));
            self.add(CarriedItem { number: 0, item }).await?;
        }
        self.exchange.cosign(&self.peer).await?;
        if let Some(note) = self.exchange.cosigned_note(&self.peer)? {
            let item = Some(tell_request::Item::CosignedCheckpoint(note));
            let request = TellRequest { known_size: self.peer.verified().0, item };
            self.add(CarriedItem { number: 0, item: Some(Content::Tell(request)) }).await?;
        }
        Ok(())
    }
}
