//! What a gateway does by the clock: keys are renewed before they end, private halves and boxes
//! that nothing waits for are destroyed, and where that is configured, what is due is erased
//! once a day.

use crate::exchange::lifetimes::KeyPolicy;
use crate::exchange::retention::Policy;
use crate::exchange::{Exchange, ExchangeError};
use crate::format::Millis;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two rounds. The first comes after this time too, so that whoever has started a
/// gateway with a wrong configuration can stop it.
const EVERY: Duration = Duration::from_secs(3600);
/// A day, milliseconds.
const DAY: u64 = 24 * 3600 * 1000;

/// Goes on until it is stopped. `retention`: what is erased once a day.
pub async fn keep_up(
    exchange: Arc<Exchange>,
    keys: KeyPolicy,
    retention: Option<Policy>,
    stop: CancellationToken,
) {
    let mut last_day = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        keep_keys(&exchange, &keys).await;
        let today = day(exchange.now());
        let policy = retention.clone().filter(|_| last_day != Some(today));
        let (round, retains) = (exchange.clone(), policy.is_some());
        match tokio::task::spawn_blocking(move || work(&round, policy.as_ref())).await {
            Ok(Ok(())) if retains => last_day = Some(today),
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "upkeep failed; it is tried again in an hour"),
            Err(error) => tracing::error!(%error, "upkeep ended badly; it is tried again in an hour"),
        }
    }
}

/// Keys that end soon are followed by new ones; of those that ended, nothing stays.
pub async fn keep_keys(exchange: &Arc<Exchange>, policy: &KeyPolicy) {
    if let Err(error) = exchange.renew(policy).await {
        tracing::error!(%error, "keys that end soon were not renewed");
    }
    if let Err(error) = exchange.destroy_spent_keys() {
        tracing::error!(%error, "private keys that nobody needs are still here");
    }
}

fn work(exchange: &Exchange, policy: Option<&Policy>) -> Result<(), ExchangeError> {
    let destroyed = exchange.destroy_boxes(false)?;
    if destroyed > 0 {
        tracing::info!(destroyed, "keys of boxes that nothing waits for were destroyed");
    }
    let Some(policy) = policy else { return Ok(()) };
    let survey = exchange.survey(policy)?;
    let erased = exchange.retain(&survey.due, None)?.len();
    tracing::info!(erased, held = survey.held, waiting = survey.waiting, "retention");
    Ok(())
}

fn day(now: Millis) -> u64 {
    now / DAY
}
