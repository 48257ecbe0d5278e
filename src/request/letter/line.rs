//! Lines of text on a page that runs one way, with words in them that run the other.

use crate::request::language::Language;
use fluent_bundle::FluentValue;
use serde::Serialize;
use unicode_bidi::{Direction, get_base_direction};

/// A text up to so many characters stands within the direction of the page; a longer one is a
/// paragraph and has a direction of its own.
const SHORT: usize = 60;

/// One line or paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The text. What may run the other way in it is isolated (UAX #9).
    pub text: String,
    /// Whether the paragraph runs from right to left.
    pub rtl: bool,
}

impl Line {
    /// A line in the words of the page itself.
    pub fn own(text: String, rtl: bool) -> Self {
        Self { text, rtl }
    }

    /// `ltr` or `rtl`, as HTML names it.
    pub fn dir(&self) -> &'static str {
        dir(self.rtl)
    }

    /// What somebody wrote, line by line, on a page that runs as `rtl` says.
    pub fn written(text: &str, rtl: bool) -> Vec<Self> {
        text.lines().filter(|line| !line.trim().is_empty()).map(|line| Self::one(line, rtl)).collect()
    }

    fn one(text: &str, rtl: bool) -> Self {
        if text.chars().count() <= SHORT {
            return Self { text: isolated(text), rtl };
        }
        let text = tame(text);
        let rtl = match get_base_direction(text.as_str()) {
            Direction::Ltr => false,
            Direction::Rtl => true,
            Direction::Mixed => rtl,
        };
        Self { text, rtl }
    }
}

/// A message with its variables, as a text that runs as its language does wherever it is put.
/// A message may begin with isolates alone, and those say nothing of the direction (UAX #9, P2).
pub fn say(language: Language, id: &str, variables: &[(&str, FluentValue<'_>)]) -> String {
    steady(language, language.say_with(id, variables))
}

/// A text in the language's own words, marked so that its direction shows.
pub fn steady(language: Language, text: String) -> String {
    if language.is_right_to_left() && !text.is_empty() { format!("\u{200F}{text}") } else { text }
}

/// A direction, as HTML names it.
pub fn dir(rtl: bool) -> &'static str {
    if rtl { "rtl" } else { "ltr" }
}

/// A text in its own direction, whatever runs around it: U+2068 … U+2069.
pub fn isolated(text: &str) -> String {
    format!("\u{2068}{}\u{2069}", tame(text))
}

/// A text that can't turn what stands around it: embeddings, overrides and controls are
/// dropped, and every isolate that it opens is closed. The signed bytes stay as they are; this
/// is what the paper shows.
pub fn tame(text: &str) -> String {
    let (mut out, mut open) = (String::with_capacity(text.len()), 0_usize);
    for c in text.chars() {
        match c {
            '\u{202A}'..='\u{202E}' => continue,
            '\u{2066}'..='\u{2068}' => open += 1,
            '\u{2069}' if open == 0 => continue,
            '\u{2069}' => open -= 1,
            c if c.is_control() => {
                out.push(' ');
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out.extend(std::iter::repeat_n('\u{2069}', open));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_turns_nothing_but_itself() {
        for (given, tamed) in [
            ("plain", "plain"),
            ("\u{202E}gnp.exe", "gnp.exe"),
            ("\u{2067}a", "\u{2067}a\u{2069}"),
            ("a\u{2069}b", "ab"),
            ("\u{2066}a\u{2069}\u{2069}", "\u{2066}a\u{2069}"),
            ("a\u{7}b\tc", "a b c"),
            ("نمونه\u{200C}پور", "نمونه\u{200C}پور"),
        ] {
            assert_eq!(tame(given), tamed, "{given:?}");
        }
    }

    #[test]
    fn a_paragraph_has_its_own_direction_and_a_word_that_of_the_page() {
        let english = "The whereabouts of a victim under protection may not be given to anyone.";
        assert!(!Line::written(english, true)[0].rtl);
        assert!(Line::written("Halmsund", true)[0].rtl);
        assert_eq!(Line::written("one\n\n two\r\n", false).len(), 2);
        assert!(
            Line::written(&"۱۴۰۵/۱۲/۲۹ ".repeat(9), true)[0].rtl,
            "digits have no direction of their own"
        );
    }
}
