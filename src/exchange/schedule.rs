//! When something is tried again, and in which order things go.

use crate::format::wire::urgency::Code as Urgency;
use std::time::{Duration, Instant};

/// The first wait after a failure.
const FIRST: Duration = Duration::from_millis(250);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(300);

/// How long to wait after `failures` failures in a row: doubling, with jitter between half
/// and the whole, so that many gateways do not come back at one moment.
pub fn back_off(failures: u32, random: u32) -> Duration {
    let whole = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST);
    whole / 2 + (whole / 2).mul_f64(f64::from(random) / f64::from(u32::MAX))
}

/// The line to a peer, as attempts find it.
#[derive(Debug)]
pub struct Line {
    failures: u32,
    again: Instant,
}

impl Line {
    /// One that has not failed.
    pub fn new(now: Instant) -> Self {
        Self { failures: 0, again: now }
    }

    /// Whether it failed when it was tried last.
    pub fn is_down(&self) -> bool {
        self.failures > 0
    }

    /// Not before then.
    pub fn again(&self) -> Instant {
        self.again
    }

    /// An attempt failed. What was under way together fails together: while a failure is waited
    /// out, there is no other.
    pub fn failed(&mut self, now: Instant, random: u32) {
        if self.failures == 0 || now >= self.again {
            self.failures = self.failures.saturating_add(1);
            self.again = now + back_off(self.failures, random);
        }
    }

    /// The peer may be reached in another way from now on.
    pub fn try_now(&mut self, now: Instant) {
        self.again = now;
    }

    /// An attempt reached the peer.
    pub fn reached(&mut self) {
        self.failures = 0;
    }
}

/// Lanes, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Urgent, and oral requests confirmed.
    Urgent,
    /// Statuses and evidence: small, and people wait for them.
    Word,
    /// Priority.
    Priority,
    /// All the rest.
    Routine,
}

/// The lane of a packet.
pub fn lane(urgency: Urgency) -> Lane {
    match urgency {
        Urgency::Urgent | Urgency::OralConfirmed => Lane::Urgent,
        Urgency::Priority => Lane::Priority,
        Urgency::Routine => Lane::Routine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_are_never_nothing() {
        let mut before = Duration::ZERO;
        for failures in 1..40 {
            let (low, high) = (back_off(failures, 0), back_off(failures, u32::MAX));
            assert!(low >= Duration::from_millis(125) && high <= LONGEST && low <= high);
            assert!(high >= before);
            before = high;
        }
        assert_eq!(back_off(30, u32::MAX), LONGEST);
    }

    #[test]
    fn all_that_was_under_way_when_a_line_broke_is_one_failure() {
        let now = Instant::now();
        let mut line = Line::new(now);
        for _ in 0..64 {
            line.failed(now, u32::MAX);
        }
        assert!(line.is_down());
        assert_eq!(line.again(), now + FIRST);
        let mut tried = now;
        for doubled in [2, 4, 8] {
            tried += line.again() - tried;
            line.failed(tried, u32::MAX);
            line.failed(tried + FIRST, 0);
            assert_eq!(line.again(), tried + FIRST * doubled);
        }
        line.reached();
        assert!(!line.is_down());
        line.failed(tried, u32::MAX);
        assert_eq!(line.again(), tried + FIRST, "the first again");
    }

    #[test]
    fn urgent_goes_first() {
        assert!(lane(Urgency::Urgent) < Lane::Word && Lane::Word < lane(Urgency::Priority));
        assert!(lane(Urgency::Priority) < lane(Urgency::Routine));
    }
}
