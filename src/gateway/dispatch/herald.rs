//! The herald of one peer: sees to it that the peer holds all our statements, and we the
//! peer's, before anything fails for want of them.

use super::link::{LinkError, Links};
use crate::crypto::entropy::fresh;
use crate::crypto::hash::Digest;
use crate::exchange::Exchange;
use crate::exchange::schedule::back_off;
use crate::format::id::AuthorityId;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Mutex;

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
            while self.turn(&mut state).await {}
        });
    }

    /// True: the peer holds what there was to tell when this turn began.
    async fn turn(&self, state: &mut State) -> bool {
        let now = Instant::now();
        let head = self.exchange.identity.chain().head();
        if state.told == Some(head) || now < state.again {
            return false;
        }
        match self.links.hello(&self.exchange, now).await {
            Ok(greeted) if greeted.complete => {
                tracing::debug!(peer = %self.peer, "the peer holds all our statements");
                (state.told, state.failures) = (Some(head), 0);
                return true;
            }
            Ok(_) => {
                tracing::warn!(peer = %self.peer, "Hello ended before each side held what the other stated")
            }
            // It will connect by itself: nothing was tried, and nothing failed.
            Err(LinkError::NotConnected) => return false,
            Err(error) => tracing::debug!(peer = %self.peer, %error, "no Hello yet"),
        }
        state.failures += 1;
        // Without randomness the wait has no jitter, and is right all the same.
        let random = fresh::<4>(&*self.exchange.entropy).map_or(u32::MAX, u32::from_be_bytes);
        state.again = Instant::now() + back_off(state.failures, random);
        false
    }
}
