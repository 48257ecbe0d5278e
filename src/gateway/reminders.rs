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
        let looking = tokio::task::spawn_blocking(move || near(&looks, &by));
        let found = tokio::select! {
            found = looking => found,
            () = stop.cancelled() => return exchange.reading.end(),
        };
        match found {
            Ok(Ok(cases)) => {
                let now = exchange.now();
                said = remind((now, now.saturating_add(policy.remind_before)), &cases, &said, &events);
            }
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

/// Says what was not said yet of what is due before `soon`; gives all that stands as said.
fn remind(
    (now, soon): (Millis, Millis),
    cases: &[Overview],
    said: &HashSet<Said>,
    events: &Events,
) -> HashSet<Said> {
    let mut all = HashSet::new();
    for case in cases {
        for deadline in &case.deadlines {
            if deadline.due >= soon {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;
    use crate::format::id::{AuthorityId, CaseId};
    use crate::format::sequence::Side;
    use crate::format::wire::{kind::Code as Kind, status::Code as State, urgency::Code as Urgency};
    use crate::gateway::dispatch::committed;
    use crate::request::deadlines::Deadline as Due;

    const HOUR: Millis = 3600 * 1000;

    fn case(due: &[(What, Millis)]) -> Overview {
        let deadline = |(what, due): &(What, Millis)| Due {
            what: *what,
            by: Side::Requested,
            due: *due,
            assumed: false,
        };
        Overview {
            case_id: CaseId::fresh(1, &SystemEntropy::default()).unwrap(),
            peer: AuthorityId::parse("XB").unwrap(),
            opened_by_us: false,
            state: State::Registered,
            consulting: false,
            kind: Kind::Extradition,
            urgency: Urgency::Routine,
            opened: 0,
            last: 0,
            deadlines: due.iter().map(deadline).collect(),
            guarded: false,
            packets: 1,
            statuses: 1,
        }
    }

    /// What is told at each of two looks, and at a third after an hour.
    #[test]
    fn each_deadline_is_reminded_of_once_when_it_is_near_and_once_when_it_has_passed() {
        let (_, _commits, events) = committed();
        let mut watching = events.subscribe();
        let mut told = || {
            let event = watching.try_recv().ok()?;
            let deadline = event.deadline.unwrap();
            assert_eq!((event.peer.as_str(), event.index, deadline.ours), ("XB", 0, true));
            Some((deadline.what(), deadline.overdue))
        };
        let now = 100 * HOUR;
        let cases = [case(&[
            (What::Register, now - 1),
            (What::Reply, now + HOUR / 2),
            (What::Wanted, now + 48 * HOUR),
        ])];
        let said = remind((now, now + 24 * HOUR), &cases, &HashSet::new(), &events);
        assert_eq!(
            (told(), told(), told()),
            (Some((What::Register, true)), Some((What::Reply, false)), None)
        );
        let said = remind((now, now + 24 * HOUR), &cases, &said, &events);
        assert_eq!(told(), None, "once");
        let said = remind((now + HOUR, now + 25 * HOUR), &cases, &said, &events);
        assert_eq!((told(), told()), (Some((What::Reply, true)), None));
        assert_eq!(
            remind((now, now + 24 * HOUR), &[], &said, &events),
            HashSet::new(),
            "what is done is forgotten"
        );
    }
}
