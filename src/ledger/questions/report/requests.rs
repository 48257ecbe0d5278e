//! What became of each request, as far as a ledger says it in codes and times.

use super::super::unanswered::asks;
use crate::format::Millis;
use crate::format::wire::Statistics;
use crate::format::wire::kind::Code as Packet;
use crate::format::wire::status::{Code as Status, Ground};
use crate::ledger::records::Direction;

/// A request, information or an alert that one side sent: no answer in a case.
pub struct Request {
    pub direction: Direction,
    pub peer: String,
    pub said: Statistics,
    /// Submitted by us, or taken in from the peer.
    pub since: Millis,
    /// Taken in by the recipient's gateway.
    pub consigned: Option<Millis>,
    /// Fetched by a person there.
    pub handed: Option<Millis>,
    /// A gateway refused it, or found it deficient.
    pub failed: Option<Millis>,
    pub words: Vec<Word>,
}

/// A status that both sides count.
pub struct Word {
    /// Its entry.
    pub index: u64,
    pub at: Millis,
    pub code: Status,
    pub ground: Ground,
}

/// What a request came to; in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Granted,
    PartlyGranted,
    Refused,
    Returned,
    Postponed,
    Withdrawn,
    Closed,
    NotDelivered,
}

impl Outcome {
    pub const ALL: [(Self, &str); 8] = [
        (Self::Granted, "granted"),
        (Self::PartlyGranted, "partly_granted"),
        (Self::Refused, "refused"),
        (Self::Returned, "returned"),
        (Self::Postponed, "postponed"),
        (Self::Withdrawn, "withdrawn"),
        (Self::Closed, "closed_undecided"),
        (Self::NotDelivered, "not_delivered"),
    ];
}

impl Request {
    /// What it came to last, and when. What the requested side completed stands over a
    /// withdrawal, as in the state of a case.
    pub fn outcome(&self) -> Option<(Outcome, Millis)> {
        let last = |wanted: &[Status]| self.words.iter().rev().find(|word| wanted.contains(&word.code));
        let came_to = |outcome, word: &Word| (outcome, word.at);
        if let Some(at) = self.failed {
            return Some((Outcome::NotDelivered, at));
        }
        if let Some(word) = self.decision() {
            return Some(match word.code {
                Status::Executed => came_to(Outcome::Granted, word),
                Status::Refused => came_to(Outcome::Refused, word),
                _ => came_to(Outcome::Returned, word),
            });
        }
        if let Some(word) = last(&[Status::Withdrawn]) {
            return Some(came_to(Outcome::Withdrawn, word));
        }
        if let Some(word) = last(&[Status::PartlyExecuted]) {
            return Some(came_to(Outcome::PartlyGranted, word));
        }
        if let Some(word) = last(&[Status::Closed]) {
            return Some(came_to(Outcome::Closed, word));
        }
        // Taken up again, it is postponed no longer.
        let not_now = last(&[Status::Postponed, Status::Accepted, Status::InformationNeeded]);
        not_now.filter(|word| word.code == Status::Postponed).map(|word| came_to(Outcome::Postponed, word))
    }

    /// The status with which the requested side ended it.
    pub fn decision(&self) -> Option<&Word> {
        let ends = |code| matches!(code, Status::Executed | Status::Refused | Status::Returned);
        self.words.iter().rev().find(|word| ends(word.code))
    }

    /// When it was first said to be registered.
    pub fn registered(&self) -> Option<Millis> {
        self.words.iter().find(|word| word.code == Status::Registered).map(|word| word.at)
    }

    /// Whether it still waits for a decision of the requested side.
    pub fn waits(&self) -> bool {
        let ended = |word: &Word| matches!(word.code, Status::Withdrawn | Status::Closed);
        let kind = i32::try_from(self.said.kind).ok().and_then(|kind| Packet::try_from(kind).ok());
        kind.is_some_and(asks)
            && self.failed.is_none()
            && self.decision().is_none()
            && !self.words.iter().any(ended)
    }
}
