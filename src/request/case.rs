//! The state of a case: a function of both authorities' status chains, whatever the order
//! in which they arrived. Who may say what is [`crate::format::sequence`]'s matter.

use crate::format::wire::status::Code;

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
