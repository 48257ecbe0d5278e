//! Judgements about one peer: clock, pin, reach, pairing, what it holds of our log.

use super::{Check, DAY, HOUR, MINUTE, span};
use crate::crypto::hash::Digest;
use crate::format::Millis;

/// Clocks may be so far apart before somebody should look, milliseconds ...
const APART: i64 = 30_000;
/// ... and before packets are refused: statements and headers tolerate five minutes.
const FAR: i64 = 5 * MINUTE as i64;
/// A peer's TLS key that ends sooner than this.
const SOON: Millis = 14 * DAY;
/// A peer that works calls at least this often, weekends included: every packet, status and
/// cosignature is a call.
const QUIET: Millis = 3 * DAY;
/// A statement that a peer lacks for so long is refused there, or nobody looks.
const WEEK: Millis = 7 * DAY;

/// What answers at the addresses of a peer.
#[derive(Debug, Clone)]
pub enum Pin {
    /// The peer names no address: it dials us.
    Dials,
    /// Nothing answered.
    Silent,
    /// The key is stated, and stands for so long.
    Stated(Millis),
    /// It does not prove the peer: address, certificate, and the reason.
    Wrong(String),
}

/// The certificate that a peer presents is one that its statements prove.
pub fn pin(found: &Pin) -> Check {
    match found {
        Pin::Dials => Check::ok("pin", "it dials us, and each call is checked"),
        Pin::Silent => Check::warn("pin", "nothing was presented", "see the line \"reach out\""),
        Pin::Wrong(what) => Check::fail(
            "pin",
            what,
            "ask the peer which key it serves with; if it is not its own, somebody stands in between",
        ),
        Pin::Stated(left) if *left < SOON => Check::warn(
            "pin",
            format!("stated, and ends in {}", span(*left)),
            "ask the peer to state a new TLS key",
        ),
        Pin::Stated(left) => Check::ok("pin", format!("stated, ends in {}", span(*left))),
    }
}

/// Whether a peer is reached, and reaches us.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// What a call came to: none, where the peer has no address.
    pub out: Option<Result<(), Away>>,
    /// Whether streams of the peer are open on which it is served.
    pub collects: bool,
    /// Whether we let peers in.
    pub listens: bool,
    /// Time since the peer's last call; none: none since the start.
    pub heard: Option<Millis>,
    /// Time since the start.
    pub up: Millis,
}

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Away {
    /// No line, or no answer: what the system or the dialler says.
    Line(String),
    /// It answers, and takes our TLS key for nobody's.
    NotTaken,
}

/// Both directions, each in its line.
pub fn reach(reach: &Reach) -> [Check; 2] {
    let heard = reach.collects || reach.heard.is_some_and(|age| age < QUIET);
    let out = match &reach.out {
        Some(Ok(())) => Check::ok("reach out", "it answers"),
        Some(Err(Away::NotTaken)) => Check::fail(
            "reach out",
            "it answers, and does not take our TLS key",
            "has it confirmed our offer? If so, its log and ours name the certificate and the reason",
        ),
        Some(Err(Away::Line(why))) if heard => Check::warn(
            "reach out",
            why,
            "it called us not long ago: does it still serve, and is its address right?",
        ),
        Some(Err(Away::Line(why))) => {
            Check::fail("reach out", why, "ask the peer whether it serves; look at the firewalls on the way")
        }
        None if reach.collects => Check::ok("reach out", "it has a line open to us"),
        None if !reach.listens => Check::warn(
            "reach out",
            "there is no line: it has no address, and nobody is let in here",
            "files go by courier: rogatory carry out PEER --out FILE; or set [peer] listen",
        ),
        None => Check::fail(
            "reach out",
            "it has no address, and no line open",
            "ask the peer whether its gateway runs",
        ),
    };
    let works = out.state == super::State::Ok;
    let inward = match reach.heard {
        _ if !reach.listens => Check::ok("reach in", "nobody is let in here: [peer] listen is left out"),
        _ if reach.collects => Check::ok("reach in", "it has a line open to us"),
        Some(age) if age < QUIET => Check::ok("reach in", format!("its last call was {} ago", span(age))),
        None if works && reach.up < QUIET => {
            Check::ok("reach in", format!("no call yet since the start {} ago", span(reach.up)))
        }
        heard => {
            let finding = match heard {
                Some(age) => format!("its last call was {} ago", span(age)),
                None => format!("no call since the start {} ago", span(reach.up)),
            };
            let remedy = "have the peer run its doctor: its line \"reach out\" about us is the other end";
            match works {
                true => Check::warn("reach in", finding, remedy),
                false => Check::fail("reach in", finding, remedy),
            }
        }
    };
    [out, inward]
}

/// How far a peer's clock is from ours: at least and at most so many milliseconds ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offset {
    /// It is ahead by this at least.
    pub least: i64,
    /// And by this at most.
    pub most: i64,
    /// When that was measured, by our clock.
    pub at: Millis,
}

/// The peer's clock against ours, from a time that it signed between two entries of ours.
pub fn clock(offset: Option<Offset>, now: Millis) -> Check {
    let Some(Offset { least, most, at }) = offset else {
        return Check::warn("clock", "it has signed no time for us yet", "exchange a packet with it");
    };
    let ago = span(now.saturating_sub(at));
    let remedy = "compare both clocks with a time service: timedatectl status";
    let apart = if least > 0 {
        least
    } else if most < 0 {
        -most
    } else {
        0
    };
    let side = if least > 0 { "ahead of" } else { "behind" };
    if apart >= APART {
        let finding = format!("at least {} {side} ours, {ago} ago", span(apart.unsigned_abs()));
        return match apart >= FAR {
            true => Check::fail("clock", finding, remedy),
            false => Check::warn("clock", finding, remedy),
        };
    }
    let width = most.saturating_sub(least);
    match width < APART {
        true => Check::ok("clock", format!("agrees to {} ms, {ago} ago", width.max(apart))),
        false => Check::ok("clock", format!("nothing contradicts it, {ago} ago")),
    }
}

/// What waits for a peer: how much, and since when the oldest.
pub fn pairing(statements: u64, waiting: u64, oldest: Option<Millis>, development: bool) -> Check {
    let age = oldest.unwrap_or_default();
    if waiting > 0 && age > HOUR {
        return Check::warn(
            "pairing",
            format!("{waiting} wait for it, the oldest for {}", span(age)),
            "rogatory outbox says what; the lines about reach say why",
        );
    }
    if development {
        return Check::warn("pairing", "its identity is for development", "pair with its own one");
    }
    match waiting {
        0 => Check::ok("pairing", format!("{statements} statements, nothing waits")),
        _ => Check::ok("pairing", format!("{statements} statements, {waiting} on the way")),
    }
}

/// The peer's root is the one that our operator confirmed; if not: its key id.
pub fn root(unconfirmed: Option<&Digest>) -> Check {
    match unconfirmed {
        None => Check::ok("root", "the one that was confirmed here"),
        Some(id) => Check::warn(
            "root",
            format!("changed, not confirmed: now {}…", hex::encode(&id[..8])),
            "rogatory pair list has all of it: compare with the peer, and rogatory pair confirm-root",
        ),
    }
}

/// What a peer knows of our statements.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// How many it holds; none: it was not heard since the start, and confirmed nothing before.
    pub held: Option<u64>,
    /// How many there are.
    pub of: u64,
    /// Age of the oldest key that it lacks, milliseconds.
    pub behind: Millis,
}

/// The peer has learnt our newest statements.
pub fn statements(told: Told) -> Check {
    let name = "statements";
    let remedy = "it learns them by Hello: see the lines about reach; its log may say what it refuses";
    let Told { held, of, behind } = told;
    match held {
        Some(held) if held >= of => Check::ok(name, format!("it holds all {of} of ours")),
        Some(held) => {
            let finding = format!("it holds {held} of our {of}, and lacks one for {}", span(behind));
            match behind {
                0..=HOUR => Check::ok(name, finding),
                age if age <= WEEK => Check::warn(name, finding, remedy),
                _ => Check::fail(name, finding, remedy),
            }
        }
        None => {
            Check::warn(name, "no Hello since the start, and no entry, says what it holds of ours", remedy)
        }
    }
}

/// What a peer holds of our log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// It could not be asked, and cosigned so many entries before.
    Unasked(u64),
    /// Nothing yet.
    Nothing,
    /// A tree that is in ours.
    Ours(u64),
    /// More than is here.
    More(u64),
    /// A tree of so many entries that is not ours, though our log key signed it.
    Other(u64),
    /// Something that our log key did not sign.
    Unsigned(String),
}

/// The ledger against what a peer holds of it; `size`: entries here.
pub fn ledger(held: &Held, size: u64) -> Check {
    let stop = "stop the gateway, and treat it as an alarm: OPERATIONS, \"Alarms\"";
    let name = "ledger";
    match held {
        Held::Unasked(0) => {
            Check::warn(name, "not asked, and it never cosigned", "see the line \"reach out\"")
        }
        Held::Unasked(cosigned) => {
            Check::ok(name, format!("it cosigned {cosigned} of {size} entries; not asked now"))
        }
        Held::Nothing => Check::ok(name, "it holds nothing of it yet"),
        Held::Ours(held) => Check::ok(name, format!("it holds {held} of {size} entries, and they agree")),
        Held::More(held) => Check::fail(name, format!("it holds {held} entries, here are {size}"), stop),
        Held::Other(held) => Check::fail(name, format!("its {held} entries are not those here"), stop),
        Held::Unsigned(why) => Check::fail(
            name,
            format!("it holds a checkpoint that is not ours: {why}"),
            "ask the peer how it came by it",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State::{self, Fail, Ok as Good, Warn};
    use super::*;

    fn states(checks: impl IntoIterator<Item = Check>) -> Vec<State> {
        let checks: Vec<_> = checks.into_iter().collect();
        for check in &checks {
            assert_eq!(
                check.state == Good,
                check.remedy.is_empty(),
                "a remedy where one is needed: {check:?}"
            );
        }
        checks.iter().map(|check| check.state).collect()
    }

    #[test]
    fn a_pin_stands_or_not() {
        let wrong = Pin::Wrong("other".into());
        let found = [Pin::Dials, Pin::Stated(SOON), Pin::Stated(SOON - 1), Pin::Silent, wrong];
        assert_eq!(states(found.map(|found| pin(&found))), [Good, Good, Warn, Warn, Fail]);
    }

    #[test]
    fn one_direction_warns_and_none_fails() {
        let base = Reach { out: Some(Ok(())), listens: true, heard: Some(5), ..Reach::default() };
        let down = Some(Err(Away::Line("refused".into())));
        let not_taken = Some(Err(Away::NotTaken));
        let both = |found: Reach| states(reach(&found));
        assert_eq!(both(base.clone()), [Good, Good]);
        assert_eq!(both(Reach { heard: None, ..base.clone() }), [Good, Good]);
        assert_eq!(both(Reach { heard: None, up: QUIET, ..base.clone() }), [Good, Warn]);
        assert_eq!(both(Reach { heard: Some(QUIET), ..base.clone() }), [Good, Warn]);
        assert_eq!(both(Reach { out: down.clone(), ..base.clone() }), [Warn, Good]);
        assert_eq!(both(Reach { out: down.clone(), heard: None, ..base.clone() }), [Fail, Fail]);
        assert_eq!(both(Reach { out: not_taken, ..base.clone() }), [Fail, Good]);
        assert_eq!(both(Reach { out: None, collects: true, heard: None, ..base.clone() }), [Good, Good]);
        assert_eq!(both(Reach { out: None, heard: None, ..base.clone() }), [Fail, Fail]);
        assert_eq!(both(Reach { listens: false, heard: None, ..base.clone() }), [Good, Good]);
        let courier = Reach { out: None, listens: false, heard: None, ..base };
        assert_eq!(both(courier.clone()), [Warn, Good]);
        assert!(reach(&courier)[0].remedy.contains("carry out"));
    }

    #[test]
    fn clocks_are_apart_by_what_is_proved() {
        let judged = |least, most| clock(Some(Offset { least, most, at: 0 }), 0);
        let found = states([
            judged(-20, 20),
            judged(-APART + 1, 0),
            judged(-10 * FAR, 10 * FAR),
            judged(-i64::MAX, -APART),
            judged(APART, i64::MAX),
            judged(FAR, i64::MAX),
            judged(-10 * FAR, -FAR),
            clock(None, 0),
        ]);
        assert_eq!(found, [Good, Good, Good, Warn, Warn, Fail, Fail, Warn]);
    }

    #[test]
    fn what_waits_too_long_is_said() {
        let found = states([
            pairing(8, 0, None, false),
            pairing(8, 2, Some(HOUR), false),
            pairing(8, 2, Some(HOUR + 1), false),
            pairing(8, 0, None, true),
        ]);
        assert_eq!(found, [Good, Good, Warn, Warn]);
    }

    #[test]
    fn a_root_that_nobody_confirmed_is_said() {
        assert_eq!(states([root(None), root(Some(&[7; 32]))]), [Good, Warn]);
    }

    #[test]
    fn a_peer_that_learns_nothing_is_said() {
        let told = |held, behind| statements(Told { held, of: 8, behind });
        let found = states([
            told(Some(8), 0),
            told(Some(7), HOUR),
            told(Some(7), HOUR + 1),
            told(Some(7), WEEK),
            told(Some(7), WEEK + 1),
            told(None, 0),
        ]);
        assert_eq!(found, [Good, Good, Warn, Warn, Fail, Warn]);
    }

    #[test]
    fn what_a_peer_holds_must_be_ours() {
        let found = [
            Held::Nothing,
            Held::Ours(4),
            Held::Unasked(4),
            Held::Unasked(0),
            Held::More(11),
            Held::Other(4),
            Held::Unsigned("no".into()),
        ];
        assert_eq!(states(found.map(|held| ledger(&held, 10))), [Good, Good, Good, Warn, Fail, Fail, Fail]);
    }
}
