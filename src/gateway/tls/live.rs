//! Our TLS credentials, which change while the gateway runs: each handshake takes those of its
//! moment, in both directions.

use super::{Credentials, Pki};
use crate::crypto::entropy::Entropy;
use crate::crypto::hash::sha256;
use crate::exchange::identity::Identity;
use crate::gateway::GatewayError;
use arc_swap::ArcSwap;
use std::sync::{Arc, Mutex, PoisonError};

/// The credentials in use.
pub struct LiveCredentials {
    current: ArcSwap<Credentials>,
    /// Who has to vouch for peers besides their statements. Held by whoever replaces `current`.
    pki: Mutex<Option<Arc<Pki>>>,
    entropy: Arc<dyn Entropy>,
}

impl LiveCredentials {
    /// Of the identity as it is.
    pub fn new(
        identity: &Identity,
        pki: Option<Arc<Pki>>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, GatewayError> {
        let made = Credentials::of(identity.authority(), &identity.tls(), pki.clone(), entropy.clone())?;
        Ok(Self { current: ArcSwap::from_pointee(made), pki: Mutex::new(pki), entropy })
    }

    /// For the next handshake.
    pub fn current(&self) -> Arc<Credentials> {
        self.current.load_full()
    }

    /// The certificate that we present, as a log line names it.
    pub fn presented(&self) -> String {
        self.current().presented()
    }

    /// Takes up the identity's TLS key and certificates, if they are others by now. Connections
    /// that stand go on: the key that they were made with stands too, until its end.
    pub fn take_up(&self, identity: &Identity) -> Result<bool, GatewayError> {
        let pki = self.pki.lock().unwrap_or_else(PoisonError::into_inner);
        let (tls, current) = (identity.tls(), self.current());
        if current.key == tls.statement.id && current.certificates == tls.certificates.as_deref().map(sha256)
        {
            return Ok(false);
        }
        self.replace(identity, pki.clone())?;
        Ok(true)
    }

    /// From the next handshake on, these have to vouch for peers. After an error, those of before.
    pub fn trust(&self, trusted: Option<Arc<Pki>>, identity: &Identity) -> Result<(), GatewayError> {
        let mut pki = self.pki.lock().unwrap_or_else(PoisonError::into_inner);
        self.replace(identity, trusted.clone())?;
        *pki = trusted;
        Ok(())
    }

    fn replace(&self, identity: &Identity, pki: Option<Arc<Pki>>) -> Result<(), GatewayError> {
        let made = Credentials::of(identity.authority(), &identity.tls(), pki, self.entropy.clone())?;
        self.current.store(Arc::new(made));
        Ok(())
    }
}
