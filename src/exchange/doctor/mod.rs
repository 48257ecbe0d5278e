//! What an operator looks at first: facts are gathered from disk and from the running
//! gateway, and each is judged by itself.
//!
//! Gathering ([`place`], [`live`]) decides nothing, and judging ([`judge`], [`peers`], [`pki`]) reads
//! nothing: what a line says depends on the facts alone.

pub mod judge;
pub mod kept;
pub mod live;
pub mod notices;
pub mod peers;
pub mod pki;
pub mod place;

use crate::format::Millis;

/// How a thing stands, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Ok,
    /// Somebody should look at it.
    Warn,
    /// It does not work, or will soon not.
    Fail,
}

impl State {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One line: how one thing stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: String,
    /// The peer that it is about; empty: none.
    pub peer: String,
    /// How it stands.
    pub state: State,
    /// What was found.
    pub finding: String,
    /// What to do about it; empty where it is as it should be.
    pub remedy: String,
}

impl Check {
    /// As it should be.
    pub fn ok(name: impl Into<String>, finding: impl Into<String>) -> Self {
        let (name, finding) = (name.into(), finding.into());
        Self { name, peer: String::new(), state: State::Ok, finding, remedy: String::new() }
    }

    /// Somebody should look at it.
    pub fn warn(name: impl Into<String>, finding: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Warn, remedy: remedy.into(), ..Self::ok(name, finding) }
    }

    /// It does not work, or will soon not.
    pub fn fail(name: impl Into<String>, finding: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { state: State::Fail, ..Self::warn(name, finding, remedy) }
    }

    /// About this peer.
    pub fn of(self, peer: impl Into<String>) -> Self {
        Self { peer: peer.into(), ..self }
    }
}

/// The worst of all lines.
pub fn worst(checks: &[Check]) -> State {
    checks.iter().map(|check| check.state).max().unwrap_or(State::Ok)
}

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

/// A stretch of time in the one unit that fits it.
pub(crate) fn span(millis: Millis) -> String {
    let (count, unit) = match millis {
        0..MINUTE => (millis / 1000, "second"),
        MINUTE..HOUR => (millis / MINUTE, "minute"),
        HOUR..DAY => (millis / HOUR, "hour"),
        _ => (millis / DAY, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_line_counts() {
        let (ok, warn) = (Check::ok("a", ""), Check::warn("b", "", ""));
        assert_eq!(worst(&[]), State::Ok);
        assert_eq!(worst(&[ok.clone(), warn.clone()]), State::Warn);
        assert_eq!(worst(&[warn, Check::fail("c", "", ""), ok]), State::Fail);
    }

    #[test]
    fn a_span_has_one_unit() {
        let spans = [0, 1999, MINUTE, 59 * MINUTE, 2 * HOUR, 36 * HOUR, 395 * DAY].map(span);
        assert_eq!(
            spans,
            ["0 seconds", "1 second", "1 minute", "59 minutes", "2 hours", "1 day", "395 days"]
        );
    }
}
