//! What was stated and learnt is taken up: the keys that we use follow what peers have learnt,
//! with them the TLS credentials, and connections are cut whose keys stand no more. Heralds
//! tell the peers (`dispatch/herald.rs`).

use super::tls::{Lines, LiveCredentials};
use crate::exchange::Exchange;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two looks, where nothing was heard: a key's time may have come.
const EVERY: Duration = Duration::from_secs(10);

/// Goes on until it is stopped.
pub async fn keep(
    exchange: Arc<Exchange>,
    credentials: Arc<LiveCredentials>,
    lines: Arc<Lines>,
    stop: CancellationToken,
) {
    let (learnt, mut changed) = (exchange.identity.learnt(), exchange.directory.changed());
    loop {
        // It looks at key files, and reads those that it takes up. Connections are cut after
        // that, so that those that take their place stand on the keys of now.
        let next = tokio::task::block_in_place(|| {
            take_up(&exchange, &credentials);
            lines.recheck(&exchange)
        });
        let until = next.map(|next| Duration::from_millis(next.saturating_sub(exchange.now())));
        tokio::select! {
            () = stop.cancelled() => return,
            () = learnt.notified() => {}
            Ok(()) = changed.changed() => {}
            () = tokio::time::sleep(until.map_or(EVERY, |until| until.min(EVERY))) => {}
        }
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
