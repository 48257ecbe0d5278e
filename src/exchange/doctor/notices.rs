//! What we said of a pairing: whether the peer has logged it, and whether it still holds.

use super::{Check, DAY, HOUR, span};
use crate::exchange::directory::Peer;
use crate::exchange::{Exchange, ExchangeError};
use crate::format::Millis;
use crate::format::pairing::SignedNotice;
use crate::format::wire::pairing_act::Code as Act;
use crate::ledger::records::{self, Direction, NoticeRecord};

/// What the other side has not confirmed for so long, it does not know.
const WEEK: Millis = 7 * DAY;

/// Our notices of a pairing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notices {
    /// How many there are.
    pub said: u64,
    /// How many of them the peer has logged.
    pub confirmed: u64,
    /// Age of the first that it has not, milliseconds.
    pub age: Millis,
}

/// What we said last that we take, against the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// Our offer says it, which lies with the peer; or nothing may be said any more.
    Offered,
    /// A notice says the same as the configuration.
    Same,
    /// A notice says something else.
    Other,
}

impl Exchange {
    pub(super) fn notices_to(&self, peer: &Peer, now: Millis) -> Result<Notices, ExchangeError> {
        let ours = self.peer_record(peer.authority())?.ours.unwrap_or_default();
        let mut notices = Notices { said: ours.count, confirmed: ours.confirmed, age: 0 };
        if notices.confirmed < notices.said {
            let key = records::notice(Direction::Out, peer.authority(), notices.confirmed);
            let first: Option<NoticeRecord> = records::read(self.store.snapshot(), &key)?;
            let at = first.map(|first| self.logged_at(first.index)).transpose()?;
            notices.age = at.map_or(0, |at| now.saturating_sub(at));
        }
        Ok(notices)
    }

    pub(super) fn terms_to(&self, peer: &Peer) -> Result<Terms, ExchangeError> {
        let ours = self.peer_record(peer.authority())?.ours.unwrap_or_default();
        if ours.terms_at == 0 || ours.said().objection(Act::Terms).is_some() {
            return Ok(Terms::Offered);
        }
        let entry = self.store.snapshot().entry(ours.terms_at)?;
        let said = SignedNotice::danger_unverified(entry.object(0)?)?.value.terms;
        Ok(match said.is_some_and(|(taken, _)| taken == self.taken) {
            true => Terms::Same,
            false => Terms::Other,
        })
    }
}

/// The peer has logged what we said of the pairing.
pub fn notices(notices: Notices) -> Check {
    let (name, Notices { said, confirmed, age }) = ("notices", notices);
    let open = said.saturating_sub(confirmed);
    let finding = match (said, open) {
        (0, _) => "nothing was said of the pairing since the offers".into(),
        (_, 0) => format!("it has confirmed all {said} of ours"),
        _ => format!("it has not confirmed {open} of our {said}, one for {}", span(age)),
    };
    let remedy = "it goes on being told: see the lines about reach. Until then it does not know; telephone";
    match age {
        _ if open == 0 => Check::ok(name, finding),
        0..=HOUR => Check::ok(name, finding),
        age if age <= WEEK => Check::warn(name, finding, remedy),
        _ => Check::fail(name, finding, remedy),
    }
}

/// What the peer was told that we take is what the configuration says.
pub fn terms(said: Terms) -> Check {
    let name = "terms";
    match said {
        Terms::Offered => Check::ok(name, "our offer says what we take"),
        Terms::Same => Check::ok(name, "it was told what the configuration says"),
        Terms::Other => Check::warn(
            name,
            "it was told something else than [limits] says now",
            "rogatory pair terms says it: else it sends what is refused here, or does not send what is taken",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State::{Fail, Ok as Good, Warn};
    use super::*;

    #[test]
    fn a_notice_that_nobody_confirms_is_said() {
        let judged = |said, confirmed, age| {
            let line = notices(Notices { said, confirmed, age });
            assert_eq!(line.state == Good, line.remedy.is_empty(), "{line:?}");
            line.state
        };
        let found = [
            judged(0, 0, 0),
            judged(3, 3, 2 * WEEK),
            judged(3, 2, HOUR),
            judged(3, 2, HOUR + 1),
            judged(3, 0, WEEK),
            judged(1, 0, WEEK + 1),
        ];
        assert_eq!(found, [Good, Good, Good, Warn, Warn, Fail]);
    }

    #[test]
    fn terms_that_changed_and_were_not_said_are() {
        let found = [Terms::Offered, Terms::Same, Terms::Other].map(|said| terms(said).state);
        assert_eq!(found, [Good, Good, Warn]);
    }
}
