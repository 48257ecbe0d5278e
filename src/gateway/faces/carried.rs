//! A file that a courier brought: what stands in it goes the ways of a call, and the answers wait
//! for a courier back.

use super::peer::{consistency, told};
use crate::exchange::Exchange;
use crate::exchange::acknowledge::Taken;
use crate::exchange::carry::CarriedAnswer;
use crate::exchange::carry::spool::{Spool, Writing};
use crate::exchange::directory::Peer;
use crate::format::carried::Parts;
use crate::format::id::AuthorityId;
use crate::format::wire::carried_frame::Frame;
use crate::format::wire::carried_item::Item;
use crate::format::wire::{
    CarriedFrame, CarriedItem, CarriedLinks, CarryInReply, ConsistencyRequest, deliver_reply, tell_reply,
    tell_request,
};
use crate::gateway::dispatch::carry::{Ended, Out, make};
use crate::gateway::dispatch::collector::State;
use crate::gateway::status::for_local;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Mutex;
use tonic::{Status, Streaming};

/// What was left is listed so far.
const LISTED: usize = 100;

/// A file that is being taken.
struct Taking<'a> {
    exchange: &'a Arc<Exchange>,
    peer: Arc<Peer>,
    answers: Writing,
    packet: State,
    /// The packet's frames can't be taken: the rest of them are passed over.
    broken: bool,
    reply: CarryInReply,
}

/// Files, one at a time.
pub struct Carrying {
    spool: Spool,
    turn: Mutex<()>,
}

impl Carrying {
    /// With answers that wait in this data directory.
    pub fn new(data: &Path) -> Self {
        Self { spool: Spool::new(data), turn: Mutex::default() }
    }

    /// Makes a file for a peer.
    pub async fn carry_out(&self, exchange: &Arc<Exchange>, peer: &AuthorityId, out: &Out) {
        let _turn = self.turn.lock().await;
        if let Err(Ended::Failed(error)) = make(exchange, peer, &self.spool, out).await {
            // Whoever takes it may be gone too.
            let _ = out.send(Err(for_local(&error))).await;
        }
    }

    /// Takes a file.
    pub async fn carry_in(
        &self,
        exchange: &Arc<Exchange>,
        frames: Streaming<CarriedFrame>,
    ) -> Result<CarryInReply, Status> {
        let _turn = self.turn.lock().await;
        take(exchange, &self.spool, frames).await
    }
}

/// Takes a file. What was taken stays taken, wherever the file ends.
async fn take(
    exchange: &Arc<Exchange>,
    spool: &Spool,
    mut frames: Streaming<CarriedFrame>,
) -> Result<CarryInReply, Status> {
    let fail = |error| for_local(&error);
    let (peer, begin) = {
        let mut peer = None;
        loop {
            match (next(&mut frames).await?, peer) {
                (Some(Frame::Statements(statements)), _) => {
                    peer = Some(exchange.take_carried_statements(statements).await.map_err(fail)?);
                }
                (Some(Frame::Begin(begin)), Some(peer)) => break (peer, begin),
                _ => return Err(Status::invalid_argument("the file does not begin as one that is carried")),
            }
        }
    };
    let (header, mut parts) = exchange.open_carried(&peer, &begin).map_err(fail)?;
    let reply =
        CarryInReply { peer: header.sender.to_string(), created: header.created, ..CarryInReply::default() };
    let answers = spool.write(peer.authority()).map_err(fail)?;
    let mut taking = Taking { exchange, peer, answers, packet: State::Idle, broken: false, reply };
    let ended = taking.parts(&mut frames, &mut parts).await;
    taking.answers.end().map_err(fail)?;
    if let Err(error) = ended {
        taking.reply.left.push(format!("the rest of the file: {}", error.message()));
    }
    Ok(taking.reply)
}

async fn next(frames: &mut Streaming<CarriedFrame>) -> Result<Option<Frame>, Status> {
    Ok(frames.message().await?.and_then(|frame| frame.frame))
}

impl Taking<'_> {
    async fn parts(&mut self, frames: &mut Streaming<CarriedFrame>, parts: &mut Parts) -> Result<(), Status> {
        while let Some(frame) = next(frames).await? {
            let Frame::Part(part) = frame else {
                return Err(Status::invalid_argument("a second beginning"));
            };
            let item = parts.open(part).map_err(|error| Status::invalid_argument(error.to_string()))?;
            let Some(content) = item.item else { continue };
            if let Item::Done(_) = content {
                if self.broken || !matches!(self.packet, State::Idle) {
                    self.left(item.number, &Status::invalid_argument("the end of a packet is missing"));
                }
                self.reply.complete = true;
                return Ok(());
            }
            self.item(item.number, content).await?;
        }
        Err(Status::invalid_argument("it ends early"))
    }

    /// Takes one item; an error is about the whole file.
    async fn item(&mut self, number: u64, item: Item) -> Result<(), Status> {
        // What came before it may have brought statements, or another pairing.
        self.peer = self.exchange.directory.peer(self.peer.authority()).map_err(|error| for_local(&error))?;
        let (exchange, peer) = (self.exchange, self.peer.clone());
        match item {
            Item::Frame(_) if self.broken => {}
            Item::Frame(frame) => {
                match std::mem::take(&mut self.packet).frame(exchange, &peer, frame.frame).await {
                    Ok(state) => self.packet = state,
                    Err(status) => {
                        self.broken = true;
                        self.left(number, &status);
                    }
                }
            }
            Item::End(_) if self.broken => self.broken = false,
            Item::End(_) => match std::mem::take(&mut self.packet).end(exchange).await {
                Ok(reply) => {
                    match &reply.reply {
                        Some(deliver_reply::Reply::Deferral(envelope)) => self.deferred(number, envelope),
                        _ => self.reply.packets += 1,
                    }
                    self.answer(number, Item::Delivered(reply))?;
                }
                Err(status) => self.left(number, &status),
            },
            Item::Tell(request) => {
                let wants_answer = !matches!(request.item, Some(tell_request::Item::CosignedCheckpoint(_)));
                match told(exchange, &peer, request).await {
                    Ok(reply) => {
                        match &reply.reply {
                            Some(tell_reply::Reply::Deferral(envelope)) => self.deferred(number, envelope),
                            _ => self.reply.told += 1,
                        }
                        if wants_answer {
                            self.answer(number, Item::Told(reply))?;
                        }
                    }
                    Err(status) => self.left(number, &status),
                }
            }
            Item::Consistency(request) => match links(exchange, &request) {
                Ok(links) => self.answer(number, Item::Links(links))?,
                Err(status) => self.left(number, &status),
            },
            Item::Delivered(reply) => self.answered(number, CarriedAnswer::Delivered(reply)).await,
            Item::Told(reply) => self.answered(number, CarriedAnswer::Told(reply)).await,
            Item::Links(CarriedLinks { from_sizes, reply }) => {
                let reply = reply.unwrap_or_default();
                if let Err(error) = exchange.take_carried_links(&peer, &from_sizes, reply).await {
                    self.left(number, &for_local(&error));
                }
            }
            Item::Done(_) => {}
        }
        Ok(())
    }

    fn answer(&mut self, number: u64, item: Item) -> Result<(), Status> {
        let answer = CarriedItem { number, item: Some(item) };
        self.answers.add(&answer).map_err(|error| for_local(&error))
    }

    async fn answered(&mut self, number: u64, answer: CarriedAnswer) {
        match self.exchange.take_carried_answer(&self.peer, number, answer).await {
            Ok(Taken::Deferred { cause, .. }) => {
                self.list(format!("entry {number} of ours: put off by the peer, {}", cause.as_str_name()));
            }
            Ok(Taken::Settled | Taken::Underway) => self.reply.answers += 1,
            Err(error) => self.left(number, &for_local(&error)),
        }
    }

    /// Something was put off by ourselves.
    fn deferred(&mut self, number: u64, envelope: &[u8]) {
        let own = self.exchange.identity.chain();
        let deferral =
            crate::format::evidence::Deferral::open(envelope, self.exchange.identity.authority(), &*own);
        let why = deferral.map_or("not now", |deferral| deferral.cause.as_str_name());
        self.list(format!("entry {number} of {}: put off, {why}", self.peer.authority()));
    }

    fn left(&mut self, number: u64, status: &Status) {
        self.list(format!("entry {number}: {}", status.message()));
    }

    fn list(&mut self, what: String) {
        if self.reply.left.len() < LISTED {
            self.reply.left.push(what);
        }
    }
}

fn links(exchange: &Exchange, request: &ConsistencyRequest) -> Result<CarriedLinks, Status> {
    let reply = Some(consistency(exchange, request)?);
    Ok(CarriedLinks { from_sizes: request.from_sizes.clone(), reply })
}
