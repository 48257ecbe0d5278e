//! Reminders: a line in the log and an event for those who watch, once for a deadline that is
//! near, and once when it has passed. After a start they are said again: nothing of it is kept.

use super::dispatch::Events;
use crate::exchange::cases::{Overview, Wanted};
use crate::exchange::{Exchange, ExchangeError};
use crate::format::Millis;
use crate::format::wire::deadline::What;
use crate::format::wire::{Deadline, WatchEvent};
use crate::request::deadlines::Policy;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(300);
/// Cases that are reminded of at once at most.
const CASES: usize = 10_000;

/// A deadline that was reminded of: its case, what and when it is, and whether it had passed.
type Said = (Vec<u8>, String, What, Millis, bool);

/// Goes on until it is stopped. The first look comes at once: it also reads what search needs.
pub async fn keep(exchange: Arc<Exchange>, policy: Policy, events: Events, stop: CancellationToken) {
    let mut said = HashSet::new();
    loop {
        let (looks, by) = (exchange.clone(), policy.clone());
        let found = tokio::task::spawn_blocking(move || near(&looks, &by)).await;
        match found {
            Ok(Ok(cases)) => said = remind(&exchange, &policy, &cases, &said, &events),
            Ok(Err(error)) => tracing::error!(%error, "deadlines could not be looked at"),
            Err(error) => tracing::error!(%error, "looking at deadlines ended badly"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Cases in which something is due soon, or overdue.
fn near(exchange: &Exchange, policy: &Policy) -> Result<Vec<Overview>, ExchangeError> {
    let wanted = Wanted { open: true, ..Wanted::default() };
    let soon = exchange.now().saturating_add(policy.remind_before);
    let (mut cases, _) = exchange.cases(&wanted, policy, CASES)?;
    cases.retain(|case| case.deadlines.first().is_some_and(|deadline| deadline.due < soon));
    Ok(cases)
}

/// Says what was not said yet; gives all that stands as said.
fn remind(
    exchange: &Exchange,
    policy: &Policy,
    cases: &[Overview],
    said: &HashSet<Said>,
    events: &Events,
) -> HashSet<Said> {
    let now = exchange.now();
    let mut all = HashSet::new();
    for case in cases {
        for deadline in &case.deadlines {
            if deadline.due >= now.saturating_add(policy.remind_before) {
                continue;
            }
            let overdue = deadline.due < now;
            let key =
                (case.case_id.bytes().to_vec(), case.peer.to_string(), deadline.what, deadline.due, overdue);
            let (what, ours) = (deadline.what.as_str_name(), case.is_ours(deadline));
            if !said.contains(&key) {
                let (case_id, peer, due) = (case.case_id, &case.peer, deadline.due);
                match overdue {
                    true => tracing::warn!(case = %case_id, %peer, what, ours, due, "a deadline has passed"),
                    false => tracing::info!(case = %case_id, %peer, what, ours, due, "a deadline is near"),
                }
                events.send(WatchEvent {
                    at: now,
                    peer: case.peer.to_string(),
                    case_id: case.case_id.bytes().to_vec(),
                    deadline: Some(Deadline {
                        what: deadline.what.into(),
                        due,
                        ours,
                        overdue,
                        assumed_weekend: deadline.assumed,
                    }),
                    ..WatchEvent::default()
                });
            }
            all.insert(key);
        }
    }
    all
}
