//! Floor 5: the runtime. Configuration, TLS, gRPC services and client, dispatcher,
//! shutdown. The only home of tonic and rustls.

pub mod config;
pub mod deadlines;
pub mod dispatch;
pub mod faces;
mod forks;
pub mod local_client;
pub mod mirror;
pub mod officers;
pub mod passphrase;
pub mod reload;
mod reminders;
pub mod retention;
pub mod rpc;
pub mod runtime;
pub mod status;
pub mod take_up;
pub mod telemetry;
pub mod third_party;
pub mod tls;
pub mod token;
mod upkeep;

use crate::exchange::ExchangeError;
use crate::store::{Clock, StoreError};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Why a gateway can't start or go on.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The configuration is not what it should be.
    #[error("{}: {why}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line where it is known.
        why: String,
    },
    /// A socket can't be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Address or path.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Published keys on an address that others reach.
    #[error("development keys are published: they serve on loopback only, not on {0}")]
    DevelopmentKeys(String),
    /// Others may read what they should not.
    #[error("{what}")]
    Open {
        /// What, and who.
        what: String,
        /// What to do about it.
        remedy: String,
    },
    /// TLS could not be set up.
    #[error("TLS: {0}")]
    Tls(String),
    /// A decision or the store failed.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
}

impl From<StoreError> for GatewayError {
    fn from(error: StoreError) -> Self {
        Self::Exchange(error.into())
    }
}

/// The system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
    }
}
