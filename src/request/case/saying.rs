//! What an officer may say now: stricter than what a peer must take, since it looks at what the
//! other side said too. A peer judges by the author's own sequence alone, whatever has crossed;
//! who knows better does not say it in the first place.

use crate::format::Millis;
use crate::format::sequence::{Illegal, Side, may_follow};
use crate::format::wire::status::{Code, Ground};

/// A status that somebody is about to issue.
#[derive(Debug, Clone, Copy)]
pub struct Saying {
    /// What.
    pub code: Code,
    /// Why it is refused.
    pub ground: Ground,
    /// When it is looked at again; 0: not said.
    pub review_at: Millis,
}

/// Why it may not be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsayable {
    /// By what was said on our side.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// A refusal names its ground.
    #[error(
        "a refusal has a ground (--ground): UNTOC 18(21), 18(23); UNCAC 46(21), 46(23); 1988 7(15), 7(16)"
    )]
    NoGround,
    /// A postponement says when it is looked at again.
    #[error("a postponement has a review date that lies ahead (--review)")]
    NoReview,
    /// Only postponements are reviewed.
    #[error("a review date goes with postponed only")]
    Review,
    /// The other side has closed the case.
    #[error("the case is closed: a follow-up is a packet of a new case, linked to this one")]
    Closed,
    /// The other side has withdrawn its request.
    #[error(
        "the request is withdrawn: what may still be said is registered, consultation, partly_executed, executed"
    )]
    Withdrawn,
    /// The other side said its last word.
    #[error("the other side said {}: what may still be said is consultation, closed", .0.as_str_name())]
    Ended(Code),
    /// It asked nothing, or everything was answered.
    #[error("no request for information is open")]
    NothingAsked,
}

/// Whether `side` may say this now, after what both said so far.
pub fn may_say(
    side: Side,
    own: &[Code],
    others: &[Code],
    saying: &Saying,
    now: Millis,
) -> Result<(), Unsayable> {
    let code = saying.code;
    may_follow(side, own.iter().copied().collect(), code)?;
    match code {
        Code::Refused if saying.ground == Ground::NoGround => return Err(Unsayable::NoGround),
        Code::Postponed if saying.review_at <= now => return Err(Unsayable::NoReview),
        Code::Postponed => {}
        _ if saying.review_at != 0 => return Err(Unsayable::Review),
        _ => {}
    }
    match side {
        Side::Requested if others.contains(&Code::Closed) => Err(Unsayable::Closed),
        Side::Requested if others.contains(&Code::Withdrawn) => match code {
            // It may have been done before the withdrawal came: what is done is told.
            Code::Registered | Code::Consultation | Code::PartlyExecuted | Code::Executed => Ok(()),
            _ => Err(Unsayable::Withdrawn),
        },
        Side::Requested => Ok(()),
        Side::Requesting => {
            let ended = |code: &&Code| matches!(code, Code::Returned | Code::Refused | Code::Executed);
            match (code, others.iter().find(ended)) {
                (Code::Consultation | Code::Closed, _) => Ok(()),
                (_, Some(last)) => Err(Unsayable::Ended(*last)),
                (Code::InformationGiven, None) if super::unanswered(own, others) == 0 => {
                    Err(Unsayable::NothingAsked)
                }
                (_, None) => Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Code::*;

    const NOW: Millis = 1_000;

    fn said(side: Side, own: &[Code], others: &[Code], code: Code) -> Result<(), Unsayable> {
        let ground = if code == Refused { Ground::Nationality } else { Ground::NoGround };
        let review_at = if code == Postponed { NOW + 1 } else { 0 };
        may_say(side, own, others, &Saying { code, ground, review_at }, NOW)
    }

    #[test]
    fn what_the_other_side_said_bounds_what_we_say() {
        use Side::{Requested, Requesting};
        type Row = (Side, &'static [Code], &'static [Code], Code, Result<(), Unsayable>);
        let rows: &[Row] = &[
            (Requested, &[Registered], &[Withdrawn], Executed, Ok(())),
            (Requested, &[Registered], &[Withdrawn], Refused, Err(Unsayable::Withdrawn)),
            (Requested, &[Registered], &[Withdrawn], InformationNeeded, Err(Unsayable::Withdrawn)),
            (Requested, &[Registered], &[Withdrawn, Closed], Consultation, Err(Unsayable::Closed)),
            (Requested, &[], &[Closed], Registered, Err(Unsayable::Closed)),
            (
                Requested,
                &[Registered, Executed],
                &[],
                Refused,
                Err(Unsayable::Illegal(Illegal::Ended(Executed))),
            ),
            (Requested, &[Registered], &[], Postponed, Ok(())),
            (Requesting, &[], &[Registered], InformationGiven, Err(Unsayable::NothingAsked)),
            (Requesting, &[], &[Registered, InformationNeeded], InformationGiven, Ok(())),
            (
                Requesting,
                &[InformationGiven],
                &[Registered, InformationNeeded],
                InformationGiven,
                Err(Unsayable::NothingAsked),
            ),
            (Requesting, &[], &[Registered, Executed], Withdrawn, Err(Unsayable::Ended(Executed))),
            (Requesting, &[], &[Registered, Refused], Consultation, Ok(())),
            (Requesting, &[], &[Registered, Executed], Closed, Ok(())),
            (Requesting, &[], &[], Withdrawn, Ok(())),
        ];
        for (side, own, others, code, expected) in rows {
            assert_eq!(said(*side, own, others, *code), *expected, "{side:?} {own:?} {others:?} {code:?}");
        }
    }

    #[test]
    fn a_refusal_has_a_ground_and_a_postponement_a_date() {
        let row = |code, ground, review_at| {
            may_say(Side::Requested, &[Registered], &[], &Saying { code, ground, review_at }, NOW)
        };
        assert_eq!(row(Refused, Ground::NoGround, 0), Err(Unsayable::NoGround));
        assert_eq!(row(Refused, Ground::Nationality, 0), Ok(()));
        assert_eq!(row(Postponed, Ground::NoGround, 0), Err(Unsayable::NoReview));
        assert_eq!(row(Postponed, Ground::NoGround, NOW), Err(Unsayable::NoReview));
        assert_eq!(row(Postponed, Ground::NoGround, NOW + 1), Ok(()));
        assert_eq!(row(Accepted, Ground::NoGround, NOW + 1), Err(Unsayable::Review));
    }
}
