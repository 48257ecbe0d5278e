//! The herald of one peer: sees to it that the peer holds all our statements, and we the
//! peer's, before anything fails for want of them.

use super::link::{LinkError, Links};
use crate::crypto::entropy::fresh;
use crate::crypto::hash::Digest;
use crate::exchange::Exchange;
use crate::exchange::schedule::back_off;
use crate::format::id::AuthorityId;
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

struct State {
    /// The last of our statements that the peer is known to hold.
    told: Option<Digest>,
    failures: u32,
    again: Instant,
}

impl Herald {
    pub fn new(peer: AuthorityId, exchange: Arc<Exchange>, links: Arc<Links>) -> Self {
        let state = Mutex::new(State { told: None, failures: 0, again: Instant::now() });
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

    /// After how long to take another turn: at once where the peer holds what there was to tell
    /// when this one began, and soon where it was too early, or came to nothing. None: no more.
    async fn turn(&self, state: &mut State) -> Option<Duration> {
        let now = Instant::now();
        let head = self.exchange.identity.chain().head();
        if state.told == Some(head) {
            return None;
        }
        if now < state.again {
            return Some(state.again - now).filter(|wait| *wait <= SOON);
        }
        match self.links.hello(&self.exchange, now).await {
            Ok(greeted) if greeted.complete => {
                tracing::debug!(peer = %self.peer, "the peer holds all our statements");
                (state.told, state.failures) = (Some(head), 0);
                return Some(Duration::ZERO);
            }
            Ok(_) => {
                tracing::warn!(peer = %self.peer, "Hello ended before each side held what the other stated")
            }
            // It will connect by itself: nothing was tried, and nothing failed.
            Err(LinkError::NotConnected) => return None,
            Err(error) => tracing::debug!(peer = %self.peer, %error, "no Hello yet"),
        }
        state.failures += 1;
        // Without randomness the wait has no jitter, and is right all the same.
        let random = fresh::<4>(&*self.exchange.entropy).map_or(u32::MAX, u32::from_be_bytes);
        let wait = back_off(state.failures, random);
        state.again = Instant::now() + wait;
        // A line that is cut because a key of ours ended is made anew at once.
        Some(wait).filter(|wait| *wait <= SOON)
    }
}
