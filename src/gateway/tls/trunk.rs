//! The way of calls to one peer: over one connection at a time, whose keys are looked up
//! before each call. Another one takes its place when it is too old, or when our own key is
//! another by now; what is under way over the old one ends there.

use super::dial::Dialer;
use super::lines::Line;
use crate::format::id::AuthorityId;
use crate::gateway::rpc::peer::peer_client::PeerClient;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tonic::transport::Channel;

/// The connection that a channel is over, once there is one.
#[derive(Clone, Default)]
pub(super) struct Slot(Arc<Mutex<Weak<Line>>>);

impl Slot {
    pub(super) fn fill(&self, line: &Arc<Line>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(line);
    }

    fn line(&self) -> Option<Arc<Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
    }
}

/// The calls to one peer.
pub struct Trunk {
    dialer: Dialer,
    peer: AuthorityId,
    current: Mutex<Current>,
}

struct Current {
    /// How many channels there were before this one.
    number: u64,
    client: PeerClient<Channel>,
    slot: Slot,
}

impl Trunk {
    /// To this peer. It connects when it is first used, and again when it has to.
    pub fn new(dialer: &Dialer, peer: &AuthorityId) -> Self {
        let slot = Slot::default();
        let client = dialer.client_over(peer, &slot);
        let current = Mutex::new(Current { number: 0, client, slot });
        Self { dialer: dialer.clone(), peer: peer.clone(), current }
    }

    /// For the next call.
    pub fn client(&self) -> PeerClient<Channel> {
        self.numbered().1
    }

    /// The same, with the number of the channel that it is over.
    pub fn numbered(&self) -> (u64, PeerClient<Channel>) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.slot.line().is_some_and(|line| self.is_over(&line)) {
            let slot = Slot::default();
            let client = self.dialer.client_over(&self.peer, &slot);
            *current = Current { number: current.number + 1, client, slot };
        }
        (current.number, current.client.clone())
    }

    /// How old its connections may be.
    pub fn age(&self) -> Duration {
        self.dialer.lines.age()
    }

    /// Whether a connection takes no new call.
    fn is_over(&self, line: &Line) -> bool {
        let now = self.dialer.exchange.now();
        let peer = self.dialer.exchange.directory.peer(&self.peer);
        if !peer.is_ok_and(|peer| peer.proves_tls(&line.theirs, now)) {
            tracing::info!(peer = %self.peer, "the peer's TLS key stands no more: its connection is cut");
            line.cut();
            return true;
        }
        // A little before peers with the same bound end it, so that nothing is under way then.
        let age = self.age();
        line.born.elapsed() >= age - age / 8 || line.ours != self.dialer.credentials.current().key
    }
}
