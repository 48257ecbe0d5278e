//! The herald of one peer: sees to it that the peer holds all our statements, and we the
//! peer's, before anything fails for want of them; and that the peer confirms it.

use super::link::{LinkError, Links};
use crate::crypto::entropy::fresh;
use crate::crypto::hash::Digest;
use crate::exchange::acknowledge::Taken;
use crate::exchange::schedule::back_off;
use crate::exchange::{Exchange, ExchangeError};
use crate::format::id::AuthorityId;
use crate::format::wire::cause::Code as Cause;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Whoever has something to tell after a failure waits so long for the next turn; beyond it, turns
/// come by themselves.
const SOON: Duration = Duration::from_secs(20);

pub struct Herald {
    peer: AuthorityId,
    exchange: Arc<Exchange>,
    links: Arc<Links>,
    /// Held during a turn.
    state: Mutex<State>,
}

/// The last of our statements, and the fingerprint of the peer that it is for.
type Last = (Digest, Digest);

struct State {
    /// What the peer is known to hold.
    told: Option<Last>,
    /// Of what nothing is left to be confirmed.
    confirmed: Option<Last>,
    failures: u32,
    again: Instant,
}

impl Herald {
    pub fn new(peer: AuthorityId, exchange: Arc<Exchange>, links: Arc<Links>) -> Self {
        let state = Mutex::new(State { told: None, confirmed: None, failures: 0, again: Instant::now() });
        Self { peer, exchange, links, state }
    }

    /// Takes a turn, unless one is being taken, it is too early, or there is nothing to tell.
    pub fn go(self: Arc<Self>) {
        tokio::spawn(async move {
            let Ok(mut state) = self.state.try_lock() else { return };
            // What was stated during a Hello needs another.
            while let Some(wait) = self.turn(&mut state).await {
                tokio::time::sleep(wait).await;
            }
        });
    }

    /// After how long to take another turn: at once where the peer holds, and confirmed, what there
    /// was to tell when this one began, and soon where it was too early, or came to nothing. None:
    /// no more.
    async fn turn(&self, state: &mut State) -> Option<Duration> {
        let now = Instant::now();
        let peer = self.exchange.directory.peer(&self.peer).ok()?;
        let head = Some((self.exchange.identity.chain().head(), peer.chain.fingerprint()));
        if state.told == head && state.confirmed == head {
            return None;
        }
        if now < state.again {
            return Some(state.again - now).filter(|wait| *wait <= SOON);
        }
        if state.told != head {
            match self.links.hello(&self.exchange, now).await {
                Ok(greeted) if greeted.complete => {
                    tracing::debug!(peer = %self.peer, "the peer holds all our statements");
                    state.told = head;
                }
                Ok(_) => {
                    tracing::warn!(peer = %self.peer, "Hello ended before each side held what the other stated")
                }
                // It will connect by itself: nothing was tried, and nothing failed.
                Err(LinkError::NotConnected) => return None,
                Err(error) => tracing::debug!(peer = %self.peer, %error, "no Hello yet"),
            }
        }
        if state.told == head {
            match self.ask().await {
                Ok(Asked::Over) => {
                    (state.confirmed, state.failures) = (head, 0);
                    return Some(Duration::ZERO);
                }
                Ok(Asked::SayHello) => state.told = None,
                Ok(Asked::Later) => {}
                Err(error) => {
                    tracing::warn!(peer = %self.peer, %error, "the peer does not confirm our statements")
                }
            }
        }
        state.failures += 1;
        // Without randomness the wait has no jitter, and is right all the same.
        let random = fresh::<4>(&*self.exchange.entropy).map_or(u32::MAX, u32::from_be_bytes);
        let wait = back_off(state.failures, random);
        state.again = Instant::now() + wait;
        // A line that is cut because a key of ours ended is made anew at once.
        Some(wait).filter(|wait| *wait <= SOON)
    }

    /// Has the peer confirm the newest of our statements, unless it did.
    async fn ask(&self) -> Result<Asked, ExchangeError> {
        let Some(index) = self.exchange.to_be_confirmed(&self.peer)? else { return Ok(Asked::Over) };
        let peer = self.exchange.directory.peer(&self.peer)?;
        let known = peer.verified();
        let (entry, mut request) = self.exchange.told(&peer, index)?;
        request.known_size = known.0;
        let reply = match self.links.tell(&self.exchange, request).await {
            Ok(reply) => reply,
            Err(LinkError::Refused(why)) => {
                // One that is older than this: it is asked about the next statement, and after a start.
                tracing::info!(peer = %self.peer, why, "the peer does not say what it holds of our statements");
                return Ok(Asked::Over);
            }
            Err(error) => {
                tracing::debug!(peer = %self.peer, %error, "our statements are not confirmed yet");
                return Ok(Asked::Later);
            }
        };
        match self.exchange.take_told(&peer, &entry, known, reply).await {
            Ok(Taken::Settled) => {
                tracing::debug!(peer = %self.peer, entry = index, "the peer confirmed our statements");
                Ok(Asked::Over)
            }
            Ok(Taken::Deferred { cause: Cause::KeyUnknown, .. }) | Err(ExchangeError::KeyUnknown { .. }) => {
                Ok(Asked::SayHello)
            }
            Ok(Taken::Deferred { .. } | Taken::Underway) | Err(ExchangeError::Busy) => Ok(Asked::Later),
            Err(error) => Err(error),
        }
    }
}

/// What came of asking for a confirmation.
enum Asked {
    /// It is there, or nobody gives it.
    Over,
    /// One side lacks a statement of the other.
    SayHello,
    /// Not now.
    Later,
}
