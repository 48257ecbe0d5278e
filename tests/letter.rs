//! Letters: everything that a request says stands on the page, in every language.

use rogatory::format::wire::{RequestFile, urgency::Code as Urgency};
use rogatory::request::file::{read, to_json};
use rogatory::request::language::Language;
use rogatory::request::letter::{self, Block, Letter, Line, Outside};
use std::path::PathBuf;

/// 15 September 2026, 08:00 UTC.
const WRITTEN: u64 = 1_789_459_200_000;

fn samples() -> Vec<(String, RequestFile)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut samples: Vec<_> = std::fs::read_dir(folder)
        .expect("samples")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a sample");
            let file = read(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path.file_name().expect("a name").to_string_lossy().into_owned(), file)
        })
        .collect();
    samples.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(samples.len() >= 25, "{} samples", samples.len());
    samples
}

fn draft(file: &RequestFile, language: Language) -> Letter {
    let outside = Outside {
        sender: None,
        recipient: file.recipient.clone(),
        urgency: Urgency::Routine,
        written: WRITTEN,
        header: None,
    };
    letter::letter(file.request.as_ref().expect("a request"), &outside, language)
}

/// Every text of a letter.
fn texts(letter: &Letter) -> Vec<String> {
    let mut all = vec![letter.sender.clone(), letter.title.clone(), letter.opening.text.clone()];
    let lines = |lines: &[Line]| lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
    all.extend(letter.marks.iter().map(|mark| mark.text.clone()));
    for row in &letter.facts {
        all.push(row.label.clone());
        all.extend(lines(&row.lines));
    }
    for section in &letter.sections {
        all.push(section.title.clone());
        for block in &section.blocks {
            match block {
                Block::Head { text, .. } => all.push(text.clone()),
                Block::Rows { rows, .. } => {
                    for row in rows {
                        all.push(row.label.clone());
                        all.extend(lines(&row.lines));
                    }
                }
                Block::Text { lines: own } | Block::List { lines: own } => all.extend(lines(own)),
                Block::Table { heads, rows } => {
                    all.extend(heads.clone());
                    all.extend(rows.iter().flatten().flat_map(|cell| lines(cell)));
                }
            }
        }
    }
    all
}

/// What people wrote into a request: the texts of its JSON that are no codes, dates or flags.
fn written(value: &serde_json::Value, key: &str, out: &mut Vec<String>) {
    const SHOWN_OTHERWISE: &[&str] = &[
        "language",
        "languages",
        "script",
        "iso",
        "time",
        "sha256",
        "linked_packets",
        "packets",
        "value",
        "scheme",
        "code",
        "instrument",
        "tlp",
        "calendar",
        "precision",
        "sex",
        "role",
        "listing",
        "form",
        "nature",
        "aim",
        "initiative",
        "mode",
        "onward",
        "actions",
        "part",
        "subtype",
        "priority",
        "intent",
        "notice",
        "step",
        "result",
        "ground",
        "offences",
        "latitude",
        "longitude",
    ];
    match value {
        serde_json::Value::String(text) if !SHOWN_OTHERWISE.contains(&key) => {
            out.extend(text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| written(value, key, out)),
        serde_json::Value::Object(fields) => fields.iter().for_each(|(key, value)| written(value, key, out)),
        _ => {}
    }
}

#[test]
fn a_letter_shows_everything_that_was_written() {
    let mut seen = 0;
    for (name, file) in samples() {
        let mut wanted = Vec::new();
        written(&to_json(file.request.as_ref().expect("a request"), "Request"), "", &mut wanted);
        for language in Language::ALL {
            let page = texts(&draft(&file, language)).join("\n");
            for text in &wanted {
                assert!(page.contains(text.as_str()), "{name} in {language:?} does not show {text:?}");
                seen += 1;
            }
        }
    }
    assert!(seen > 1000, "{seen} texts");
}

#[test]
fn no_word_is_missing_and_no_direction_is_left_open() {
    for (name, file) in samples() {
        for language in Language::ALL {
            for text in texts(&draft(&file, language)) {
                let unsaid = ["letter-", "field-", "kind-", "urgency-", "handling-", "offence-", "ground-"];
                assert!(
                    !unsaid.iter().any(|id| text.contains(id)),
                    "{name} in {language:?}: there is no message {text:?}"
                );
                let opened = text.matches(['\u{2066}', '\u{2067}', '\u{2068}']).count();
                assert_eq!(opened, text.matches('\u{2069}').count(), "{name} in {language:?}: {text:?}");
                assert!(!text.contains("unspecified"), "{name} in {language:?}: {text:?}");
            }
        }
    }
}

#[test]
fn a_page_in_html_holds_text_and_no_markup_of_others() {
    let (_, mut file) = samples().into_iter().find(|(name, _)| name == "refusal.json").expect("the sample");
    let request = file.request.as_mut().expect("a request");
    request.sender_reference = "</style><script>alert(1)</script>\"".into();
    request.authority.as_mut().expect("an authority").name = "<b>Court</b> & \u{202E}Co".into();
    for language in Language::ALL {
        let page = letter::html(&draft(&file, language));
        assert!(!page.contains("<script"), "{language:?}");
        assert!(!page.contains("<b>"), "{language:?}");
        assert!(!page.contains('\u{202E}'), "{language:?}");
        assert_eq!(page.matches("</style>").count(), 1, "{language:?}");
        let dir = if language.is_right_to_left() { "rtl" } else { "ltr" };
        assert!(page.contains(&format!("<html lang=\"{}\" dir=\"{dir}\">", language.tag())), "{language:?}");
    }
}
