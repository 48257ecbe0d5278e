//! The witness of one peer's log: links the trees that were seen of it, cosigns the newest,
//! and tells the peer.

use super::link::{LinkError, Links};
use crate::exchange::{Exchange, ExchangeError};
use crate::format::id::AuthorityId;
use crate::format::wire::{TellReply, TellRequest, tell_reply, tell_request};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Calls for links in one turn.
const CALLS: usize = 16;
/// From the end of one turn to the next at least, however many trees come.
const REST: Duration = Duration::from_secs(1);

pub struct Witness {
    peer: AuthorityId,
    exchange: Arc<Exchange>,
    links: Arc<Links>,
    /// Held during a turn: a cosignature that is durable and not told yet.
    untold: Mutex<Option<Vec<u8>>>,
}

impl Witness {
    pub fn new(peer: AuthorityId, exchange: Arc<Exchange>, links: Arc<Links>) -> Self {
        Self { peer, exchange, links, untold: Mutex::default() }
    }

    /// Takes a turn, unless one is being taken.
    pub fn go(self: Arc<Self>) {
        tokio::spawn(async move {
            let Ok(mut untold) = self.untold.try_lock() else { return };
            if let Err(error) = self.turn(&mut untold).await {
                tracing::warn!(peer = %self.peer, %error, "the peer's log was not witnessed");
            }
            tokio::time::sleep(REST).await;
        });
    }

    async fn turn(&self, untold: &mut Option<Vec<u8>>) -> Result<(), ExchangeError> {
        let mut peer = self.exchange.directory.peer(&self.peer)?;
        for _ in 0..CALLS {
            let began = Instant::now();
            let Some(question) = self.exchange.links_wanted(&peer).await? else { break };
            match self.links.consistency(&self.exchange, question.request()).await {
                Ok(reply) => match self.exchange.take_links(&peer, question, reply).await {
                    Err(ExchangeError::KeyUnknown { key, .. }) if self.greeted(began).await => {
                        tracing::debug!(peer = %self.peer, key, "asked again after Hello");
                        peer = self.exchange.directory.peer(&self.peer)?;
                    }
                    taken => taken?,
                },
                Err(LinkError::Refused(why)) => {
                    tracing::warn!(peer = %self.peer, %why, "the peer does not prove its log");
                    break;
                }
                Err(error) => {
                    tracing::debug!(peer = %self.peer, %error, "the peer was not asked to prove its log");
                    break;
                }
            }
        }
        if let Some(note) = self.exchange.cosign(&peer).await? {
            *untold = Some(note);
        }
        if let Some(note) = untold.clone() {
            let item = Some(tell_request::Item::CosignedCheckpoint(note));
            let request = TellRequest { known_size: peer.verified().0, item };
            let began = Instant::now();
            match self.links.tell(&self.exchange, request).await {
                Ok(TellReply { reply: Some(tell_reply::Reply::Deferral(envelope)), .. }) => {
                    let deferred = self.exchange.take_deferral(&peer, &envelope, None)?;
                    tracing::debug!(peer = %self.peer, ?deferred, "a cosignature waits to be taken");
                    self.greeted(began).await;
                }
                Ok(_) => *untold = None,
                Err(LinkError::Refused(why)) => {
                    tracing::warn!(peer = %self.peer, %why, "the peer does not want our cosignature");
                    *untold = None;
                }
                Err(error) => tracing::debug!(peer = %self.peer, %error, "a cosignature waits to be told"),
            }
        }
        Ok(())
    }

    /// Says Hello; true: it brought something new.
    async fn greeted(&self, since: Instant) -> bool {
        match self.links.hello(&self.exchange, since).await {
            Ok(greeted) => greeted.news,
            Err(error) => {
                tracing::debug!(peer = %self.peer, %error, "no Hello");
                false
            }
        }
    }
}
