//! Our TLS credentials, which change while the gateway runs: each handshake takes those of its
//! moment, in both directions.

use super::{Credentials, certificate};
use crate::crypto::entropy::Entropy;
use crate::crypto::hash::Digest;
use crate::exchange::identity::Identity;
use crate::gateway::GatewayError;
use arc_swap::ArcSwap;
use rustls::{ClientConfig, ServerConfig};
use std::sync::{Arc, Mutex, PoisonError};

/// The credentials in use.
pub struct LiveCredentials {
    server: ArcSwap<ServerConfig>,
    client: Arc<ArcSwap<ClientConfig>>,
    key: Mutex<Digest>,
    entropy: Arc<dyn Entropy>,
}

impl LiveCredentials {
    /// Of the identity as it is.
    pub fn new(identity: &Identity, entropy: Arc<dyn Entropy>) -> Result<Self, GatewayError> {
        let tls = identity.tls();
        let made = Credentials::of(identity.authority(), &tls, entropy.clone())?;
        Ok(Self {
            server: ArcSwap::new(made.server),
            client: Arc::new(ArcSwap::new(made.client)),
            key: Mutex::new(tls.statement.id),
            entropy,
        })
    }

    /// For those who connect to us.
    pub fn server(&self) -> Arc<ServerConfig> {
        self.server.load_full()
    }

    /// For those whom we connect to.
    pub fn client(&self) -> Arc<ArcSwap<ClientConfig>> {
        self.client.clone()
    }

    /// The certificate that we present, as a log line names it.
    pub fn presented(&self) -> String {
        certificate::ours(&self.client.load())
    }

    /// Takes up the identity's TLS key, if it is another one by now. Connections that stand
    /// go on: the key that they were made with stands too, until its end.
    pub fn take_up(&self, identity: &Identity) -> Result<bool, GatewayError> {
        let tls = identity.tls();
        let mut key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if *key == tls.statement.id {
            return Ok(false);
        }
        let made = Credentials::of(identity.authority(), &tls, self.entropy.clone())?;
        self.server.store(made.server);
        self.client.store(made.client);
        *key = tls.statement.id;
        Ok(true)
    }
}
