//! The state of a case: a function of both authorities' status chains, whatever the order
//! in which they arrived.

use crate::format::wire::status::Code;

/// Who speaks: the authority that opened the case, or the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Asked: opened the case.
    Requesting,
    /// Is asked.
    Requested,
}

/// Why a status may not follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// It belongs to the other side.
    #[error("only the {} side may say so", if *.0 == Side::Requesting { "requesting" } else { "requested" })]
    NotYours(Side),
    /// The author said the last word before.
    #[error("after {} nothing of this kind may follow", .0.as_str_name())]
    Ended(Code),
    /// The case must be registered first.
    #[error("the case must be registered first")]
    NotRegistered,
}

/// Whose word a status is; consultation is either's.
fn owner(code: Code) -> Option<Side> {
    match code {
        Code::InformationGiven | Code::Withdrawn | Code::Closed => Some(Side::Requesting),
        Code::Consultation | Code::Unspecified => None,
        _ => Some(Side::Requested),
    }
}

/// Whether the author's own chain may go on with `next`. Looks at the author's chain only,
/// so that both sides decide alike whatever has crossed on the way.
pub fn may_follow(author: Side, own: &[Code], next: Code) -> Result<(), Illegal> {
    if let Some(owner) = owner(next).filter(|owner| *owner != author) {
        return Err(Illegal::NotYours(owner));
    }
    match author {
        Side::Requesting => {
            match own.iter().rev().find(|code| matches!(code, Code::Closed | Code::Withdrawn)) {
                Some(Code::Withdrawn) if next == Code::Closed => Ok(()),
                Some(last) => Err(Illegal::Ended(*last)),
                None => Ok(()),
            }
        }
        Side::Requested => {
            let ended =
                own.iter().rev().find(|code| matches!(code, Code::Returned | Code::Refused | Code::Executed));
            match (ended, own.contains(&Code::Registered), next) {
                (Some(last), _, _) => Err(Illegal::Ended(*last)),
                (None, true, Code::Registered) => Err(Illegal::Ended(Code::Registered)),
                (None, false, Code::Registered | Code::Returned) | (None, true, _) => Ok(()),
                (None, false, _) => Err(Illegal::NotRegistered),
            }
        }
    }
}

/// The state that both chains together give. Crossings: what the requested side completed
/// (executed, refused, returned) stands over a withdrawal; closing is the last word.
pub fn state(requesting: &[Code], requested: &[Code]) -> Code {
    if requesting.contains(&Code::Closed) {
        return Code::Closed;
    }
    let last = requested.iter().rev().find(|code| **code != Code::Consultation).copied();
    if let Some(done @ (Code::Executed | Code::Refused | Code::Returned)) = last {
        return done;
    }
    if requesting.contains(&Code::Withdrawn) {
        return Code::Withdrawn;
    }
    let asked = requested.iter().filter(|code| **code == Code::InformationNeeded).count();
    let given = requesting.iter().filter(|code| **code == Code::InformationGiven).count();
    match last {
        Some(Code::InformationNeeded) if given >= asked => Code::InformationGiven,
        Some(last) => last,
        None if requested.contains(&Code::Consultation) || requesting.contains(&Code::Consultation) => {
            Code::Consultation
        }
        None => Code::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_says_its_own_words_in_order() {
        use Side::{Requested, Requesting};
        let rows: &[(Side, &[Code], Code, bool)] = &[
            (Requested, &[], Code::Registered, true),
            (Requested, &[], Code::Returned, true),
            (Requested, &[], Code::Executed, false),
            (Requested, &[Code::Registered], Code::Registered, false),
            (Requested, &[Code::Registered], Code::Executed, true),
            (Requested, &[Code::Registered, Code::PartlyExecuted], Code::Executed, true),
            (Requested, &[Code::Registered, Code::Executed], Code::Refused, false),
            (Requested, &[Code::Registered], Code::Closed, false),
            (Requesting, &[], Code::Registered, false),
            (Requesting, &[], Code::Withdrawn, true),
            (Requesting, &[Code::Withdrawn], Code::Closed, true),
            (Requesting, &[Code::Withdrawn], Code::InformationGiven, false),
            (Requesting, &[Code::Closed], Code::Withdrawn, false),
            (Requesting, &[], Code::Consultation, true),
        ];
        for (side, own, next, legal) in rows {
            assert_eq!(may_follow(*side, own, *next).is_ok(), *legal, "{side:?} {own:?} {next:?}");
        }
    }

    #[test]
    fn crossings_end_as_the_table_says() {
        use Code::*;
        assert_eq!(state(&[], &[]), Unspecified);
        assert_eq!(state(&[Withdrawn], &[Registered]), Withdrawn);
        assert_eq!(state(&[Withdrawn], &[Registered, Executed]), Executed);
        assert_eq!(state(&[Withdrawn], &[Registered, Refused]), Refused);
        assert_eq!(state(&[Withdrawn, Closed], &[Registered, Executed]), Closed);
        assert_eq!(state(&[], &[Registered, InformationNeeded]), InformationNeeded);
        assert_eq!(state(&[InformationGiven], &[Registered, InformationNeeded]), InformationGiven);
        assert_eq!(state(&[Consultation], &[]), Consultation);
    }
}
