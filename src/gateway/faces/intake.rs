//! Taking in a packet, frame by frame: the same for a delivery and a collection.

use crate::exchange::accept::Admission;
use crate::exchange::directory::Peer;
use crate::exchange::receiving::{ChunkError, Receiving};
use crate::exchange::{Answer, Exchange, ExchangeError};
use crate::format::limits;
use crate::format::wire::{Chunk, DeliverReply, Start, deliver_reply};
use crate::gateway::status;
use tonic::Status;

/// Where a packet stands after a frame.
pub enum Step {
    /// The answer is known; further frames are of no use.
    Answered(DeliverReply),
    /// More frames are wanted, or the end.
    More(Intake),
}

/// A packet coming in.
pub struct Intake {
    receiving: Box<Receiving>,
    known: u64,
    known_of_yours: u64,
}

impl Intake {
    /// Takes the first frame.
    pub async fn begin(exchange: &Exchange, via: &Peer, start: Start) -> Result<Step, Status> {
        let inline: u64 = start.chunks.iter().map(|chunk| chunk.data.len() as u64).sum();
        if inline > limits::INLINE + limits::BODY || start.chunks.len() > limits::OBJECTS {
            return Err(Status::invalid_argument("against the protocol"));
        }
        via.they_named(start.known_size);
        let admission =
            exchange.admit(via, &start.header, &start.key_box).await.map_err(|e| status::for_peer(&e))?;
        let receiving = match admission {
            Admission::Answered(answer) => {
                return Ok(Step::Answered(reply(exchange, answer, start.known_size, via.verified().0)?));
            }
            Admission::Wanted(receiving) => receiving,
        };
        let mut step =
            Step::More(Self { receiving, known: start.known_size, known_of_yours: via.verified().0 });
        for chunk in start.chunks {
            step = match step {
                Step::More(intake) => intake.chunk(exchange, chunk).await?,
                answered @ Step::Answered(_) => return Ok(answered),
            };
        }
        Ok(step)
    }

    /// Takes a chunk.
    pub async fn chunk(mut self, exchange: &Exchange, mut chunk: Chunk) -> Result<Step, Status> {
        if chunk.data.len() > limits::CHUNK_MESSAGE {
            return Err(Status::invalid_argument("against the protocol"));
        }
        let (object, index) = (chunk.object, chunk.index);
        let take =
            |receiving: &mut Receiving, data: &mut [u8]| receiving.chunk(exchange, object, index, data);
        // Objects of a large packet go to files, synced with their last chunk however small that
        // is: not on a thread that others wait for.
        let taken = match self.receiving.signed().header.bytes() > limits::INLINE {
            true => tokio::task::block_in_place(|| take(&mut self.receiving, &mut chunk.data)),
            false => take(&mut self.receiving, &mut chunk.data),
        };
        match taken {
            Ok(()) => Ok(Step::More(self)),
            Err(ChunkError::Invalid(object)) => {
                let answer = exchange.refuse_object(*self.receiving, object).await;
                let answer = answer.map_err(|error| status::for_peer(&error))?;
                Ok(Step::Answered(reply(exchange, answer, self.known, self.known_of_yours)?))
            }
            Err(error) => Err(status::for_chunk(error)),
        }
    }

    /// Decides, once everything came.
    pub async fn end(self, exchange: &Exchange) -> Result<DeliverReply, Status> {
        let answer = exchange.accept(*self.receiving).await.map_err(|error| status::for_peer(&error))?;
        reply(exchange, answer, self.known, self.known_of_yours)
    }
}

/// An answer as a message, with proofs for a caller that has verified `known` leaves.
fn reply(
    exchange: &Exchange,
    answer: Answer,
    known: u64,
    known_of_yours: u64,
) -> Result<DeliverReply, Status> {
    let reply = match answer {
        Answer::Deferred(envelope) => deliver_reply::Reply::Deferral(envelope),
        Answer::Committed(indices, checkpoint) => {
            let proven: Result<_, ExchangeError> = exchange.acknowledgement(&indices, &checkpoint, known);
            deliver_reply::Reply::Acknowledgement(proven.map_err(|error| status::for_peer(&error))?)
        }
    };
    Ok(DeliverReply { reply: Some(reply), known_of_yours })
}
