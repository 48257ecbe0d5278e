//! The line to a peer: whether it is down, and when it is tried again.

use crate::exchange::schedule::back_off;
use std::time::Instant;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::schedule::FIRST;

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
}
