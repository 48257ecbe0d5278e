use super::*;
use crate::request::file::Written;
use crate::request::{content, rules, schema};
use std::collections::BTreeSet;

const BASES: [Instrument; 7] = [
    Instrument::Untoc,
    Instrument::Uncac,
    Instrument::Convention1988,
    Instrument::Bilateral,
    Instrument::Regional,
    Instrument::Reciprocity,
    Instrument::DomesticLaw,
];

/// A draft whose open keys are filled in with anything, and whose choices are taken.
fn filled(draft: &str) -> String {
    let line = |line: &str| match line.strip_prefix("#! ") {
        Some(choice) => choice.to_owned(),
        None if line.starts_with('#') => line.to_owned(),
        None => line.replace("\"\"", "\"x\"").replace("[]", "[\"x\"]").replace("= 0", "= 1"),
    };
    draft.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_draft_is_a_request_file_in_every_language() {
    for kind in schema::kinds() {
        for instrument in BASES {
            for language in Language::ALL {
                let text = template(kind, instrument, language);
                let written =
                    Written::read(&text).unwrap_or_else(|error| panic!("{kind:?}: {error}\n{text}"));
                let request = written.file.request.unwrap();
                assert_eq!(content::kind(&request), Some(kind));
                assert_eq!(request.language, language.tag());
                assert_eq!(request.legal_basis[0].instrument, instrument as i32);
                // No message was left without its words.
                for id in ["field-", "draft-", "source-", "kind-", "instrument-"] {
                    assert!(!text.contains(id), "{language:?} {kind:?}: {id}\n{text}");
                }
            }
        }
    }
}

#[test]
fn a_draft_that_is_filled_in_lacks_nothing() {
    for kind in schema::kinds() {
        for instrument in BASES {
            let text = filled(&template(kind, instrument, Language::En));
            let written = Written::read(&text).unwrap_or_else(|error| panic!("{kind:?}: {error}\n{text}"));
            let request = written.file.request.unwrap();
            let found = rules::certain(&request, written.file.urgency.try_into().unwrap());
            let rules: BTreeSet<_> = found.iter().map(|told| (told.rule, told.path.clone())).collect();
            // What can't be filled in with anything: choices between parts, and kinds that the
            // instrument does not have.
            let left: Vec<_> = rules.iter().filter(|(rule, _)| !CHOICES.contains(rule)).collect();
            assert!(left.is_empty(), "{kind:?} {instrument:?}: {left:?}\n{text}");
        }
    }
}

/// Rules about what filling in can't mend: one of several parts has to be chosen, or the instrument
/// does not have the kind.
const CHOICES: &[&str] = &["route", "parties", "no_spontaneous", "no_precursors"];

#[test]
fn what_has_to_be_there_stands_open_with_its_article() {
    let text = template(Kind::MutualLegalAssistance, Instrument::Uncac, Language::En);
    for line in ["[request.mutual_legal_assistance.matter.facts]", "summary = \"\"", "purpose = \"\""] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    for article in ["46(15)(a)", "46(15)(b)", "46(15)(c)", "46(15)(d)", "46(15)(e)", "46(15)(f)"] {
        assert!(text.contains(article), "{article}\n{text}");
    }
    let other = template(Kind::MutualLegalAssistance, Instrument::Convention1988, Language::Fa);
    assert!(other.contains("7(10)(c)") && !other.contains("46(15)"), "{other}");
}
