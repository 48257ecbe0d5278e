//! The state of a case: a function of both authorities' status chains, whatever the order
//! in which they arrived. Who may say what is [`crate::format::sequence`]'s matter; how the
//! words of both meet is the table's in [`crossing`].

pub mod crossing;
mod saying;

#[cfg(test)]
mod properties;

pub use saying::{Saying, Unsayable, may_say};

use crate::format::wire::status::Code;

/// The state that both chains together give: `unspecified` where nobody has decided anything.
/// Both are without what the other side refused.
pub fn state(requesting: &[Code], requested: &[Code]) -> Code {
    crossing::meet(requesting_word(requesting, requested), requested_word(requested))
}

/// What a state is called: `open` where nobody has decided anything.
pub fn name(state: Code) -> &'static str {
    if state == Code::Unspecified { "open" } else { state.as_str_name() }
}

/// Whether nothing more is expected of the requested side.
pub fn is_ended(state: Code) -> bool {
    matches!(state, Code::Returned | Code::Refused | Code::Executed | Code::Withdrawn | Code::Closed)
}

/// Whether the requested side offered consultation last, and has decided nothing since.
pub fn is_consulting(requesting: &[Code], requested: &[Code]) -> bool {
    requested.last() == Some(&Code::Consultation) && !is_ended(state(requesting, requested))
}

/// Questions of the requested side that were not answered.
pub fn unanswered(requesting: &[Code], requested: &[Code]) -> usize {
    let count = |said: &[Code], word| said.iter().filter(|code| **code == word).count();
    count(requested, Code::InformationNeeded).saturating_sub(count(requesting, Code::InformationGiven))
}

/// What the requesting side's chain comes to.
fn requesting_word(requesting: &[Code], requested: &[Code]) -> Code {
    let all_given = requested.contains(&Code::InformationNeeded) && unanswered(requesting, requested) == 0;
    match () {
        () if requesting.contains(&Code::Closed) => Code::Closed,
        () if requesting.contains(&Code::Withdrawn) => Code::Withdrawn,
        () if all_given => Code::InformationGiven,
        () if requesting.contains(&Code::Consultation) => Code::Consultation,
        () => Code::Unspecified,
    }
}

/// What the requested side's chain comes to: its last word, or that it did no more than consult.
fn requested_word(requested: &[Code]) -> Code {
    let decides =
        |code: &&Code| **code != Code::Consultation && crossing::TABLE.iter().any(|(word, _)| word == *code);
    let ended = |code: &&Code| matches!(code, Code::Returned | Code::Refused | Code::Executed);
    let mut words = requested.iter().filter(decides);
    let last = words.clone().find(ended).or_else(|| words.next_back());
    let consulted = match requested.contains(&Code::Consultation) {
        true => Code::Consultation,
        false => Code::Unspecified,
    };
    last.copied().unwrap_or(consulted)
}
