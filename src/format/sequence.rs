//! Who may say what: an author's own sequence of statuses in a case. Pure, and down here,
//! since exchanges decide by it and verification holds ledgers against it.

use super::wire::status::Code;

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

/// The words that decide what may follow. A sequence that keeps to the rules holds each of
/// them once at most, what was refused left out.
const DECIDING: [Code; 6] =
    [Code::Closed, Code::Withdrawn, Code::Returned, Code::Refused, Code::Executed, Code::Registered];

/// What an author has said in a case and the other side did not refuse, as far as that decides
/// what may follow: a bit for each of [`DECIDING`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said(u8);

impl Said {
    /// With this said too.
    pub fn and(self, code: Code) -> Self {
        Self(self.0 | bit(code))
    }

    /// Without this, which was refused.
    pub fn without(self, code: Code) -> Self {
        Self(self.0 & !bit(code))
    }

    fn holds(self, code: Code) -> bool {
        self.0 & bit(code) != 0
    }

    fn first_of(self, codes: &[Code]) -> Option<Code> {
        codes.iter().copied().find(|code| self.holds(*code))
    }
}

impl FromIterator<Code> for Said {
    fn from_iter<I: IntoIterator<Item = Code>>(codes: I) -> Self {
        codes.into_iter().fold(Self::default(), Self::and)
    }
}

impl From<Said> for u8 {
    fn from(said: Said) -> Self {
        said.0
    }
}

impl From<u8> for Said {
    fn from(bits: u8) -> Self {
        Self(bits)
    }
}

fn bit(code: Code) -> u8 {
    DECIDING.iter().position(|deciding| *deciding == code).map_or(0, |place| 1 << place)
}

/// Whose word a status is; consultation is either's.
fn owner(code: Code) -> Option<Side> {
    match code {
        Code::InformationGiven | Code::Withdrawn | Code::Closed => Some(Side::Requesting),
        Code::Consultation | Code::Unspecified => None,
        _ => Some(Side::Requested),
    }
}

/// Whether an author who has said this may go on with `next`. Looks at the author's own
/// sequence only, so that both sides decide alike whatever has crossed on the way.
pub fn may_follow(author: Side, said: Said, next: Code) -> Result<(), Illegal> {
    if let Some(owner) = owner(next).filter(|owner| *owner != author) {
        return Err(Illegal::NotYours(owner));
    }
    match author {
        Side::Requesting => match said.first_of(&[Code::Closed, Code::Withdrawn]) {
            Some(Code::Withdrawn) if next == Code::Closed => Ok(()),
            Some(last) => Err(Illegal::Ended(last)),
            None => Ok(()),
        },
        Side::Requested => {
            let ended = said.first_of(&[Code::Returned, Code::Refused, Code::Executed]);
            match (ended, said.holds(Code::Registered), next) {
                (Some(last), _, _) => Err(Illegal::Ended(last)),
                (None, true, Code::Registered) => Err(Illegal::Ended(Code::Registered)),
                (None, false, Code::Registered | Code::Returned) | (None, true, _) => Ok(()),
                (None, false, _) => Err(Illegal::NotRegistered),
            }
        }
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
            (Requested, &[Code::Consultation], Code::Executed, false),
            (Requested, &[Code::Registered], Code::Registered, false),
            (Requested, &[Code::Registered], Code::Executed, true),
            (Requested, &[Code::Registered, Code::PartlyExecuted], Code::Executed, true),
            (Requested, &[Code::Registered, Code::Executed], Code::Refused, false),
            (Requested, &[Code::Returned], Code::Registered, false),
            (Requested, &[Code::Registered], Code::Closed, false),
            (Requesting, &[], Code::Registered, false),
            (Requesting, &[], Code::Withdrawn, true),
            (Requesting, &[Code::Withdrawn], Code::Closed, true),
            (Requesting, &[Code::Withdrawn], Code::InformationGiven, false),
            (Requesting, &[Code::Closed], Code::Withdrawn, false),
            (Requesting, &[Code::Withdrawn, Code::Closed], Code::Closed, false),
            (Requesting, &[], Code::Consultation, true),
        ];
        for (side, own, next, legal) in rows {
            let said: Said = own.iter().copied().collect();
            assert_eq!(may_follow(*side, said, *next).is_ok(), *legal, "{side:?} {own:?} {next:?}");
            assert_eq!(Said::from(u8::from(said)), said);
        }
    }

    #[test]
    fn what_was_refused_decides_nothing() {
        let said: Said = [Code::Registered, Code::Executed].into_iter().collect();
        assert_eq!(may_follow(Side::Requested, said, Code::Postponed), Err(Illegal::Ended(Code::Executed)));
        assert_eq!(may_follow(Side::Requested, said.without(Code::Executed), Code::Postponed), Ok(()));
        let nothing = said.without(Code::Executed).without(Code::Registered);
        assert_eq!(nothing, Said::default());
        assert_eq!(may_follow(Side::Requested, nothing, Code::Postponed), Err(Illegal::NotRegistered));
    }
}
