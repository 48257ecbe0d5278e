//! When something is tried again, and in which order things go.

use crate::format::wire::urgency::Code as Urgency;
use std::time::Duration;

/// The first wait after a failure.
pub const FIRST: Duration = Duration::from_millis(250);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(300);

/// How long to wait after `failures` failures in a row: doubling, with jitter between half
/// and the whole, so that many gateways do not come back at one moment.
pub fn back_off(failures: u32, random: u32) -> Duration {
    let whole = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST);
    whole / 2 + (whole / 2).mul_f64(f64::from(random) / f64::from(u32::MAX))
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
    fn many_that_failed_together_come_back_apart() {
        for failures in [1, 5, 30] {
            let (low, high) = (back_off(failures, 0), back_off(failures, u32::MAX));
            let mut tenths = [0; 10];
            for number in 0..1000 {
                let waits = back_off(failures, u32::MAX / 1000 * number) - low;
                tenths[(waits.as_micros() * 10 / ((high - low).as_micros() + 1)) as usize] += 1;
            }
            assert!(tenths.iter().all(|tenth| (90..=110).contains(tenth)), "{tenths:?}");
        }
    }

    #[test]
    fn urgent_goes_first() {
        assert!(lane(Urgency::Urgent) < Lane::Word && Lane::Word < lane(Urgency::Priority));
        assert!(lane(Urgency::Priority) < lane(Urgency::Routine));
    }
}
