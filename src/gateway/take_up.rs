//! What peers have learnt of our statements is taken up: the keys that we use follow, and with
//! them the TLS credentials. Heralds tell the peers (`dispatch/herald.rs`).

use super::tls::LiveCredentials;
use crate::exchange::Exchange;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two looks, where nothing was heard: a key's time may have come.
const EVERY: Duration = Duration::from_secs(10);

/// Goes on until it is stopped.
pub async fn keep(exchange: Arc<Exchange>, credentials: Arc<LiveCredentials>, stop: CancellationToken) {
    let learnt = exchange.identity.learnt();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = learnt.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
        // It looks at key files, and reads those that it takes up.
        tokio::task::block_in_place(|| take_up(&exchange, &credentials));
    }
}

fn take_up(exchange: &Exchange, credentials: &LiveCredentials) {
    match exchange.choose_keys() {
        Ok(true) => tracing::info!("the keys in use are others now"),
        Ok(false) => {}
        Err(error) => tracing::error!(%error, "the keys in use stay as they are"),
    }
    match credentials.take_up(&exchange.identity) {
        Ok(true) => tracing::info!("new TLS credentials are taken up"),
        Ok(false) => {}
        Err(error) => tracing::error!(%error, "the TLS credentials stay as they are"),
    }
}
