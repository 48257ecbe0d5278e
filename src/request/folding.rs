//! Folding, for search alone: letters, digits and marks that people write in several ways come
//! to one. What was signed is never folded, and nothing folded is kept but in memory.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Text for search, and where in the original each of its characters comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// The characters that are compared.
    pub text: String,
    /// For each of them, where the original character begins, bytes.
    pub places: Vec<usize>,
}

/// Folds a text: compatibility forms are taken apart; combining marks, joiners, direction marks
/// and tatweel fall away; capitals become small; Arabic and Persian letters come to one, and the
/// digits of both to ASCII. White space is one blank.
pub fn fold(original: &str) -> Folded {
    let length = original.len();
    let mut folded = Folded { text: String::with_capacity(length), places: Vec::with_capacity(length) };
    let mut push = |c: char, place: usize| {
        let blank = c.is_whitespace();
        if !(blank && folded.text.chars().next_back().is_none_or(|last| last == ' ')) {
            folded.text.push(if blank { ' ' } else { c });
            folded.places.push(place);
        }
    };
    for (place, written) in original.char_indices() {
        // Nothing of it can be taken apart, and most of what a gateway reads is of this kind.
        if written.is_ascii() {
            push(written.to_ascii_lowercase(), place);
            continue;
        }
        if is_silent(written) {
            continue;
        }
        for part in std::iter::once(written).nfkd().filter(|part| !is_combining_mark(*part)) {
            if !is_silent(part) {
                part.to_lowercase().filter(|c| !is_combining_mark(*c)).for_each(|c| push(letter(c), place));
            }
        }
    }
    folded.mend();
    folded
}

/// The words of what is searched for, folded.
pub fn terms(query: &str) -> Vec<String> {
    fold(query).text.split(' ').filter(|term| !term.is_empty()).map(str::to_owned).collect()
}

impl Folded {
    /// Extraction from PDF files turns «الله» into «اهلل»: both are found as one. The length is
    /// the same, so the places stay.
    fn mend(&mut self) {
        if self.text.contains("اهلل") {
            self.text = self.text.replace("اهلل", "الله");
        }
    }
}

/// What a reader does not see, or sees as a matter of style.
fn is_silent(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{0640}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}'
    )
}

/// One letter for those that are written for one another.
fn letter(c: char) -> char {
    match c {
        // Persian yeh for the Arabic ones, keheh for kaf, and so on.
        'ي' | 'ى' | 'ۍ' | 'ې' => 'ی',
        'ك' | 'ڪ' | 'ﻙ' => 'ک',
        'ة' | 'ۀ' | 'ە' | 'ہ' | 'ھ' => 'ه',
        'ٱ' => 'ا',
        '٠'..='٩' => ascii_digit(c, '٠'),
        '۰'..='۹' => ascii_digit(c, '۰'),
        // Decimal and thousands signs beside such digits.
        '٫' => '.',
        '٬' => ',',
        'ı' => 'i',
        c => c,
    }
}

fn ascii_digit(c: char, zero: char) -> char {
    char::from_digit(c as u32 - zero as u32, 10).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_in_several_ways_is_found_as_one() {
        let same: &[&[&str]] = &[
            &["نمونه\u{200c}پور", "نمونهپور", "نمونه\u{200d}پور"],
            &["علی", "علي", "على", "عَلِيّ"],
            &["کاوه", "كاوه", "ڪاوه", "کاوۀ"],
            &["۱۳۶۲/۵/۱۷", "١٣٦٢/٥/١٧", "1362/5/17"],
            &["أحمد", "احمد", "إحمد", "آحمد"],
            &["مؤسسة", "موسسه"],
            &["محمـــد", "محمد"],
            &["عبد الله", "عبد اهلل", "عبد ﷲ"],
            &["Müller", "muller", "MÜLLER", "Mu\u{308}ller"],
            &["Ёлка", "елка"],
            &["ﬁnance", "FINANCE"],
            &["a  b\n c", "a b c"],
            &["\u{2068}IR82\u{2069}", "ir82"],
        ];
        for row in same {
            for way in *row {
                assert_eq!(fold(way).text.trim(), fold(row[0]).text.trim(), "{way:?} and {:?}", row[0]);
            }
        }
        let other = [("کاوه", "کاره"), ("علی", "علا"), ("17", "18"), ("ш", "щ")];
        for (a, b) in other {
            assert_ne!(fold(a).text, fold(b).text);
        }
        assert_eq!(terms("  كاوه \u{200c} ۱۷ "), ["کاوه", "17"]);
    }

    proptest! {
        /// Every place is where a character of the original begins, and folding again changes
        /// nothing: what is searched for and what is searched are folded alike.
        #[test]
        fn places_are_in_the_original(text in "\\PC{0,40}|[ا-ی\u{200c}\u{64b}-\u{652}۰-۹٠-٩ﻙﷲ ]{0,40}") {
            let folded = fold(&text);
            prop_assert_eq!(folded.text.chars().count(), folded.places.len());
            for place in &folded.places {
                prop_assert!(text.is_char_boundary(*place) && *place < text.len());
            }
            prop_assert!(folded.places.is_sorted());
            prop_assert_eq!(fold(&folded.text).text, folded.text);
        }
    }
}
