//! Our statements reach every peer, and theirs us, by Hello; and what all peers have learnt
//! is taken up: the keys that we use follow, and with them the TLS credentials.

use super::rpc::peer::peer_client::PeerClient;
use super::tls::{Dialer, LiveCredentials};
use crate::exchange::hello::Greeting;
use crate::exchange::schedule::back_off;
use crate::exchange::{Exchange, ExchangeError};
use crate::format::id::AuthorityId;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

/// Between two rounds. A peer that only dials learns our new statements within this time, since
/// it says Hello to us.
const EVERY: Duration = Duration::from_secs(10);
/// A peer's Hello takes this long at most, connecting included.
const PATIENCE: Duration = Duration::from_secs(20);

/// The line to one peer, for Hello alone.
struct Line {
    client: PeerClient<Channel>,
    failures: u32,
    next: Instant,
}

/// Why a Hello came to nothing.
#[derive(Debug, thiserror::Error)]
enum HelloError {
    #[error("{0}")]
    Line(String),
    #[error("no answer in time")]
    Slow,
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
}

/// Goes on until it is stopped.
pub async fn keep(
    exchange: Arc<Exchange>,
    dialer: Dialer,
    credentials: Arc<LiveCredentials>,
    stop: CancellationToken,
) {
    let mut lines: HashMap<AuthorityId, Line> = HashMap::new();
    let stated = exchange.identity.stated();
    loop {
        let at_once = tokio::select! {
            () = stop.cancelled() => return,
            () = stated.notified() => true,
            () = tokio::time::sleep(EVERY) => false,
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = round(&exchange, &dialer, &mut lines, at_once) => {}
        }
        // It looks at key files, and reads those that it takes up.
        tokio::task::block_in_place(|| take_up(&exchange, &credentials));
    }
}

/// Says Hello to every peer that may be dialled and whose turn it is.
async fn round(exchange: &Arc<Exchange>, dialer: &Dialer, lines: &mut HashMap<AuthorityId, Line>, at_once: bool) {
    let now = Instant::now();
    for peer in exchange.directory.all().iter().filter(|peer| !peer.addresses.is_empty()) {
        let line = || Line { client: dialer.client(peer.authority()), failures: 0, next: now };
        lines.entry(peer.authority().clone()).or_insert_with(line);
    }
    let due = lines.iter_mut().filter(|(_, line)| at_once || line.next <= now);
    let said = due.map(|(peer, line)| async move {
        let said = tokio::time::timeout(PATIENCE, hello(exchange, peer, &mut line.client)).await;
        match said.unwrap_or(Err(HelloError::Slow)) {
            Ok(()) => line.failures = 0,
            Err(error) => {
                tracing::info!(%peer, %error, "Hello came to nothing");
                line.failures = line.failures.saturating_add(1);
                line.next = Instant::now() + back_off(line.failures, u32::MAX);
            }
        }
    });
    futures_util::future::join_all(said).await;
}

/// Shows a peer what it lacks of our statements, and learns what we lack of its.
async fn hello(
    exchange: &Arc<Exchange>,
    peer: &AuthorityId,
    client: &mut PeerClient<Channel>,
) -> Result<(), HelloError> {
    let mut greeting = Greeting::to(peer);
    loop {
        let reply = client.hello(greeting.next(exchange)?).await;
        let reply = reply.map_err(|status| HelloError::Line(status.message().to_owned()))?.into_inner();
        if !greeting.take(exchange, reply).await? {
            return Ok(());
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
