//! TLS files that others write: read at the start, when they change, at SIGHUP and when an
//! operator asks. What is wrong with one of them is said, and changes nothing.

use super::tls::{LiveCredentials, Pki, TlsConfig};
use crate::crypto::hash::Digest;
use crate::exchange::Exchange;
use crate::exchange::install::Installed;
use std::sync::Arc;
use tokio::task::block_in_place;
use tokio_util::sync::CancellationToken;

/// Reads the files anew.
pub struct Reload {
    config: TlsConfig,
    exchange: Arc<Exchange>,
    credentials: Arc<LiveCredentials>,
    turn: tokio::sync::Mutex<()>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Reloaded {
    /// A key that was stated.
    pub stated: Option<Digest>,
    /// Other certificates of the key that was there.
    pub renewed: bool,
    /// Authorities and lists of revoked certificates that are used now.
    pub trusted: (usize, usize),
    /// What somebody should know.
    pub warnings: Vec<String>,
}

impl Reload {
    /// Of these files.
    pub fn new(config: TlsConfig, exchange: Arc<Exchange>, credentials: Arc<LiveCredentials>) -> Self {
        Self { config, exchange, credentials, turn: tokio::sync::Mutex::default() }
    }

    /// Whether our TLS key comes from a file.
    pub fn gives_key(&self) -> bool {
        self.config.source == super::tls::Source::Pem
    }

    /// Reads all files, and takes over what is new in them; an error changed nothing.
    pub async fn now(&self) -> Result<Reloaded, String> {
        let _turn = self.turn.lock().await;
        let read = || {
            let given = self.config.given(self.exchange.now())?;
            Ok::<_, String>((given, self.config.pki()?))
        };
        let (given, pki) = block_in_place(read)?;
        let mut reloaded = Reloaded::default();
        if let Some(given) = given {
            let installed = self.exchange.install_tls(given.document, given.certificates).await;
            match installed.map_err(|error| format!("{}: {error}", self.config.key.display()))? {
                Installed::Stated(id) => reloaded.stated = Some(id),
                Installed::Renewed => reloaded.renewed = true,
                Installed::Same => {}
            }
            reloaded.warnings.extend(given.warnings);
        }
        if let Some(pki) = &pki {
            reloaded.trusted = pki.counts();
            reloaded.warnings.extend(pki.stale());
        }
        let identity = &self.exchange.identity;
        let taken = block_in_place(|| self.credentials.trust(pki.map(Arc::new), identity));
        taken.map_err(|error| error.to_string())?;
        for warning in &reloaded.warnings {
            tracing::warn!("{warning}");
        }
        tracing::info!(
            stated = reloaded.stated.map(hex::encode),
            renewed = reloaded.renewed,
            authorities = reloaded.trusted.0,
            crls = reloaded.trusted.1,
            "the TLS files are read"
        );
        Ok(reloaded)
    }

    /// The same, for whoever can't be answered.
    pub async fn said(&self) {
        if let Err(error) = self.now().await {
            tracing::error!(%error, "the TLS files can't be used, and nothing is changed");
        }
    }

    /// The same at the start, where any file is named.
    pub async fn begin(&self) {
        if !block_in_place(|| self.config.stamps()).is_empty() {
            self.said().await;
        }
    }

    /// Looks at the files until it is stopped.
    pub async fn watch(self: Arc<Self>, stop: CancellationToken) {
        let mut seen = block_in_place(|| self.config.stamps());
        if seen.is_empty() {
            return;
        }
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.config.watch.0) => {}
            }
            let found = block_in_place(|| self.config.stamps());
            if found != seen {
                // Those of before it reads: what is written meanwhile is found the next time.
                seen = found;
                self.said().await;
            }
        }
    }
}

/// The authorities for peers' certificates, at the start: without them nobody may be let in.
pub fn trusted(config: &TlsConfig) -> Result<Option<Arc<Pki>>, String> {
    Ok(config.pki()?.map(Arc::new))
}
