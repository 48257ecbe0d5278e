//! The line to a peer: whether it is down, when it is tried again, and how much goes over it at once.

use crate::exchange::schedule::back_off;
use std::time::Instant;

/// Items under way to one peer at most.
const UNDERWAY: usize = 64;
/// At the beginning, and beside one that takes long while the line is down.
const FEW: usize = 4;

/// As after so many failures a peer is tried that shows that it is there.
const SHOWN: u32 = 3;

/// The line to a peer, as attempts find it.
#[derive(Debug)]
pub struct Line {
    failures: u32,
    again: Instant,
    places: usize,
    /// Half of what was under way when it failed last: from there on it grows slowly.
    enough: usize,
    /// Answers since it grew last.
    answers: usize,
}

impl Line {
    /// One that has not failed.
    pub fn new(now: Instant) -> Self {
        Self { failures: 0, again: now, places: FEW, enough: UNDERWAY, answers: 0 }
    }

    /// Whether it failed when it was tried last.
    pub fn is_down(&self) -> bool {
        self.failures > 0
    }

    /// How many items may be under way: one after a failure, and one more with each that reached
    /// the peer, up to half of what it failed under; then one more with as many as there are. So a
    /// line that was down, or is slow, is not overrun by all that waits.
    pub fn places(&self) -> usize {
        self.places
    }

    /// Not before then.
    pub fn again(&self) -> Instant {
        self.again
    }

    /// An attempt failed. What was under way together fails together: while a failure is waited
    /// out, there is no other.
    pub fn failed(&mut self, now: Instant, random: u32) {
        if self.failures == 0 {
            self.enough = (self.places / 2).max(1);
        }
        if self.failures == 0 || now >= self.again {
            self.failures = self.failures.saturating_add(1);
            self.again = now + back_off(self.failures, random);
        }
        (self.places, self.answers) = (1, 0);
    }

    /// Some time passed. While the line is down, what tries it may be long: a few more may try it
    /// beside that.
    pub fn passes(&mut self) {
        if self.is_down() && self.places < FEW {
            self.places += 1;
        }
    }

    /// The peer may be reached in another way from now on.
    pub fn try_now(&mut self, now: Instant) {
        self.again = now;
    }

    /// The peer shows that it is there: it is tried within a second, and not after what is left of
    /// a long wait. With jitter: it may have shown itself to many.
    pub fn shown(&mut self, now: Instant, random: u32) {
        self.again = self.again.min(now + back_off(SHOWN, random));
    }

    /// An attempt reached the peer.
    pub fn reached(&mut self) {
        self.failures = 0;
        self.answers += 1;
        if self.places < self.enough || self.answers >= self.places {
            (self.places, self.answers) = ((self.places + 1).min(UNDERWAY), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::schedule::FIRST;

    #[test]
    fn a_line_that_was_down_is_not_overrun() {
        let now = Instant::now();
        let mut line = Line::new(now);
        (0..UNDERWAY - FEW).for_each(|_| line.reached());
        assert_eq!(line.places(), UNDERWAY);
        line.failed(now, 0);
        line.failed(now, 0);
        assert_eq!(line.places(), 1);
        (0..100).for_each(|_| line.passes());
        assert_eq!(line.places(), FEW);
        line.failed(now + FIRST, 0);
        line.reached();
        assert_eq!(line.places(), 2);
        line.passes();
        assert_eq!(line.places(), 2, "only what reaches the peer makes place, once it is up");
        (0..UNDERWAY / 2 - 2).for_each(|_| line.reached());
        assert_eq!(line.places(), UNDERWAY / 2);
        (0..UNDERWAY / 2 - 1).for_each(|_| line.reached());
        assert_eq!(line.places(), UNDERWAY / 2, "beyond half of what it failed under it grows slowly");
        line.reached();
        assert_eq!(line.places(), UNDERWAY / 2 + 1);
    }

    #[test]
    fn a_peer_that_shows_itself_is_tried_soon() {
        let now = Instant::now();
        let mut line = Line::new(now);
        line.shown(now, u32::MAX);
        assert_eq!(line.again(), now, "nothing is put off");
        for _ in 0..20 {
            line.failed(line.again(), u32::MAX);
        }
        let waiting = line.again();
        let back = waiting - FIRST * 100;
        line.shown(back, u32::MAX);
        assert_eq!(line.again(), back + FIRST * 4);
        line.shown(back, 0);
        assert_eq!(line.again(), back + FIRST * 2);
        line.failed(line.again(), u32::MAX);
        assert!(line.again() > waiting, "if it is not reached all the same, the waits are as long as before");
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
}
