//! How the words of both sides meet: every pair is named. `docs/REQUESTS.md` shows the same
//! table, and a test compares the two.

use crate::format::wire::status::Code::{
    self, Accepted, Closed, Consultation, Executed, InformationGiven, InformationNeeded, PartlyExecuted,
    Postponed, Refused, Registered, Returned, Unspecified, Withdrawn,
};

/// What the requesting side's chain can come to, in the order of the table's columns.
pub const REQUESTING: [Code; 5] = [Unspecified, Consultation, InformationGiven, Withdrawn, Closed];

/// What the requested side's chain can come to, each with the state that it makes with each of
/// [`REQUESTING`]. What was completed stands over a withdrawal, which is only noted; what was
/// not is withdrawn. Closing is the last word. `information_given` counts where it answers all
/// that was asked, and where nothing was decided since.
pub const TABLE: [(Code, [Code; 5]); 10] = [
    (Unspecified, [Unspecified, Consultation, Unspecified, Withdrawn, Closed]),
    (Consultation, [Consultation, Consultation, Consultation, Withdrawn, Closed]),
    (Registered, [Registered, Registered, Registered, Withdrawn, Closed]),
    (InformationNeeded, [InformationNeeded, InformationNeeded, InformationGiven, Withdrawn, Closed]),
    (Accepted, [Accepted, Accepted, Accepted, Withdrawn, Closed]),
    (Postponed, [Postponed, Postponed, Postponed, Withdrawn, Closed]),
    (PartlyExecuted, [PartlyExecuted, PartlyExecuted, PartlyExecuted, Withdrawn, Closed]),
    (Returned, [Returned, Returned, Returned, Returned, Closed]),
    (Refused, [Refused, Refused, Refused, Refused, Closed]),
    (Executed, [Executed, Executed, Executed, Executed, Closed]),
];

/// The state that two words make. What is not in the table is said by nobody who keeps to the
/// rules, and makes nothing.
pub(super) fn meet(requesting: Code, requested: Code) -> Code {
    let column = REQUESTING.iter().position(|word| *word == requesting);
    let row = TABLE.iter().find(|(word, _)| *word == requested);
    row.zip(column).map_or(Unspecified, |((_, states), column)| states[column])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::case::state;

    /// The shortest chains that come to a pair.
    fn chains(requesting: Code, requested: Code) -> (Vec<Code>, Vec<Code>) {
        let ours = if requesting == Unspecified { vec![] } else { vec![requesting] };
        let theirs = match requested {
            Unspecified => vec![],
            Consultation => vec![Consultation],
            Registered | Returned => vec![requested],
            // What is answered was asked.
            _ if requesting == InformationGiven => vec![Registered, InformationNeeded, requested],
            _ => vec![Registered, requested],
        };
        let theirs = match requested {
            InformationNeeded => vec![Registered, InformationNeeded],
            _ => theirs,
        };
        (ours, theirs)
    }

    #[test]
    fn every_pair_ends_as_the_table_says() {
        for (requested, states) in TABLE {
            for (requesting, expected) in REQUESTING.into_iter().zip(states) {
                let (ours, theirs) = chains(requesting, requested);
                assert_eq!(state(&ours, &theirs), expected, "{requesting:?} meets {requested:?}");
            }
        }
        let words: Vec<Code> = TABLE.iter().map(|row| row.0).chain(REQUESTING).collect();
        for code in (0..).map_while(|code| Code::try_from(code).ok()) {
            assert!(words.contains(&code), "{code:?} is named");
        }
    }

    #[test]
    fn a_question_is_open_until_it_is_answered() {
        let asked = [Registered, InformationNeeded, InformationNeeded];
        assert_eq!(state(&[InformationGiven], &asked), InformationNeeded, "one answer to two questions");
        assert_eq!(state(&[InformationGiven, InformationGiven], &asked), InformationGiven);
        assert_eq!(state(&[InformationGiven], &[Registered, InformationNeeded, Accepted]), Accepted);
        assert_eq!(state(&[InformationGiven], &[Registered]), Registered, "nobody asked");
    }

    /// The table in the documentation is this one.
    #[test]
    fn the_documentation_shows_this_table() {
        let text = include_str!("../../../docs/REQUESTS.md");
        let shown: Vec<Vec<&str>> = text
            .lines()
            .skip_while(|line| !line.starts_with("| the requested side's last word"))
            .take_while(|line| line.starts_with('|'))
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        let name = |code: Code| if code == Unspecified { "open" } else { code.as_str_name() };
        let said = |code: Code| if code == Unspecified { "nothing" } else { code.as_str_name() };
        assert_eq!(shown.len(), TABLE.len() + 2, "a head, a rule, and a row a word");
        assert_eq!(shown[0][1..], REQUESTING.map(said));
        for (row, (word, states)) in shown[2..].iter().zip(TABLE) {
            assert_eq!(row[0], said(word));
            assert_eq!(row[1..], states.map(name), "{word:?}");
        }
    }
}
