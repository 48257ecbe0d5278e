//! Our TLS credentials, which change while the gateway runs: each handshake takes those of its
//! moment, in both directions.

use super::Credentials;
use crate::crypto::entropy::Entropy;
use crate::exchange::identity::Identity;
use crate::gateway::GatewayError;
use arc_swap::ArcSwap;
use std::sync::{Arc, Mutex, PoisonError};

/// The credentials in use.
pub struct LiveCredentials {
    current: ArcSwap<Credentials>,
    /// Held by whoever replaces them.
    turn: Mutex<()>,
    entropy: Arc<dyn Entropy>,
}

impl LiveCredentials {
    /// Of the identity as it is.
    pub fn new(identity: &Identity, entropy: Arc<dyn Entropy>) -> Result<Self, GatewayError> {
        let made = Credentials::new(identity, entropy.clone())?;
        Ok(Self { current: ArcSwap::from_pointee(made), turn: Mutex::default(), entropy })
    }

    /// For the next handshake.
    pub fn current(&self) -> Arc<Credentials> {
        self.current.load_full()
    }

    /// Takes up the identity's TLS key, if it is another one by now. Connections that stand
    /// go on: the key that they were made with stands too, until its end.
    pub fn take_up(&self, identity: &Identity) -> Result<bool, GatewayError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let tls = identity.tls();
        if self.current().key == tls.statement.id {
            return Ok(false);
        }
        let made = Credentials::of(identity.authority(), &tls, self.entropy.clone())?;
        self.current.store(Arc::new(made));
        Ok(true)
    }
}
