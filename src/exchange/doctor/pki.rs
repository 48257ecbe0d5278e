//! Judgements about files of a PKI: our certificate, the authorities for those of peers, and their
//! lists of what is revoked.

use super::{Check, DAY, span};
use crate::format::Millis;

/// Our certificate ends sooner than the first: a warning; than the second: a failure.
const ENDS: (Millis, Millis) = (30 * DAY, 7 * DAY);

/// Our certificate, which fits its key and is valid now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Time until it ends.
    pub left: Millis,
    /// Whether it names what peers with other programs look for.
    pub named: bool,
}

/// The line about it; else, why the files can't be used.
pub fn certificate(found: Result<Certificate, String>) -> Check {
    let (name, renew) =
        ("tls certificate", "have the PKI make another; the gateway takes it up from its file");
    let Certificate { left, named } = match found {
        Ok(found) => found,
        Err(why) => {
            return Check::fail(name, why, "put key and certificate right; then: rogatory keys reload");
        }
    };
    let finding = format!("of the key that is given, and ends in {}", span(left));
    match left {
        left if left < ENDS.1 => Check::fail(name, finding, renew),
        left if left < ENDS.0 => Check::warn(name, finding, renew),
        _ if !named => Check::warn(
            name,
            format!("{finding}; it does not name DNS:rogatory"),
            "peers with other programs may look for the name: have the PKI put it in",
        ),
        _ => Check::ok(name, finding),
    }
}

/// The authorities: each one's name and time until it ends; none: it is over. Else, why the files
/// can't be used.
pub fn authorities(found: &Result<Vec<(String, Option<Millis>)>, String>) -> Check {
    let name = "tls authorities";
    let all = match found {
        Ok(all) => all,
        Err(why) => {
            return Check::fail(
                name,
                why,
                "put the files right before the next start: it is refused without them",
            );
        }
    };
    let renew = "put its successor beside it: [tls] authorities may hold several";
    let soonest = all.iter().min_by_key(|(_, left)| left.unwrap_or(0));
    match soonest {
        Some((of, None)) => Check::warn(name, format!("{of} is over"), renew),
        Some((of, Some(left))) if *left < ENDS.0 => {
            Check::warn(name, format!("{of} ends in {}", span(*left)), renew)
        }
        Some((_, Some(left))) => Check::ok(name, format!("{}, the first ends in {}", all.len(), span(*left))),
        None => Check::fail(name, "none is in the file", "without one, no peer's certificate is taken"),
    }
}

/// A list of what is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its file.
    pub file: String,
    /// When the next one is due.
    pub due: Millis,
}

/// The lists, each taken for `grace` after the next one was due.
pub fn lists(lists: &[List], grace: Millis, now: Millis) -> Check {
    let name = "tls crls";
    let Some(first) = lists.iter().min_by_key(|list| list.due) else {
        return Check::ok(name, "none is named: nothing that an authority revoked is refused");
    };
    let renew = "fetch the next one of its authority into the file";
    if let Some(left) = first.due.checked_sub(now).filter(|left| *left > 0) {
        return Check::ok(name, format!("{}, the next is due in {}", lists.len(), span(left)));
    }
    let overdue = format!("{}: the next one was due {} ago", first.file, span(now - first.due));
    match first.due.saturating_add(grace).checked_sub(now).filter(|left| *left > 0) {
        Some(left) => Check::warn(name, format!("{overdue}; taken for {} more", span(left)), renew),
        None => Check::fail(
            name,
            format!("{overdue}, and it is taken no more: peers whom its authority certified are refused"),
            renew,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::HOUR;
    use super::super::State::{self, Fail, Ok as Good, Warn};
    use super::*;

    fn states(lines: impl IntoIterator<Item = Check>) -> Vec<State> {
        let state = |line: Check| {
            assert_eq!(line.state == Good, line.remedy.is_empty(), "{line:?}");
            line.state
        };
        lines.into_iter().map(state).collect()
    }

    #[test]
    fn a_certificate_that_ends_or_has_no_name_is_said() {
        let judged = |left, named| certificate(Ok(Certificate { left, named }));
        let lines = [
            judged(ENDS.0, true),
            judged(ENDS.0, false),
            judged(ENDS.0 - 1, true),
            judged(ENDS.1, false),
            judged(ENDS.1 - 1, true),
            certificate(Err("of another key".into())),
        ];
        assert_eq!(states(lines), [Good, Warn, Warn, Warn, Fail, Fail]);
    }

    #[test]
    fn an_authority_that_ends_is_said() {
        let judged = |lefts: &[Option<Millis>]| {
            authorities(&Ok(lefts.iter().map(|left| ("CN=A".to_owned(), *left)).collect()))
        };
        let lines = [
            judged(&[Some(ENDS.0), Some(ENDS.0)]),
            judged(&[Some(ENDS.0), Some(ENDS.0 - 1)]),
            judged(&[Some(ENDS.0), None]),
            judged(&[]),
            authorities(&Err("no PEM".into())),
        ];
        assert_eq!(states(lines), [Good, Warn, Warn, Fail, Fail]);
    }

    #[test]
    fn a_list_that_is_overdue_is_said_with_what_is_left() {
        let now = 100 * HOUR;
        let judged = |dues: &[Millis]| {
            let all: Vec<_> = dues.iter().map(|due| List { file: "a.crl".into(), due: *due }).collect();
            lists(&all, 72 * HOUR, now)
        };
        let lines = [judged(&[]), judged(&[now + 1, now + HOUR]), judged(&[now + HOUR, now])];
        assert_eq!(states(lines), [Good, Good, Warn]);
        assert!(judged(&[now - 2 * HOUR]).finding.ends_with("due 2 hours ago; taken for 2 days more"));
        let lines = [judged(&[now - 72 * HOUR + 1]), judged(&[now - 72 * HOUR]), judged(&[0])];
        assert_eq!(states(lines), [Warn, Fail, Fail]);
    }
}
