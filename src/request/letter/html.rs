//! The letter as HTML: one file with a style for print, its font in it, and nothing that is
//! loaded or run.

use super::model::{Block, Letter};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

#[derive(Template)]
#[template(path = "letter.html", config = "config/askama.toml")]
struct Page<'a> {
    letter: &'a Letter,
    faces: Vec<Face>,
}

/// A font that the page carries.
struct Face {
    family: &'static str,
    weight: u16,
    format: &'static str,
    data: String,
}

impl Page<'_> {
    /// Digits of page numbers, as CSS names them.
    fn counter(&self) -> &'static str {
        match self.letter.language {
            "fa" => "persian",
            "ar" => "arabic-indic",
            _ => "decimal",
        }
    }

    /// A text of ours within a string of CSS.
    fn quoted(&self, text: &str) -> String {
        let plain =
            |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '\u{A0}' | '\u{2068}' | '\u{2069}');
        text.chars().map(|c| if plain(c) { c.to_string() } else { format!("\\{:x} ", c as u32) }).collect()
    }
}

/// The letter as one HTML file.
pub fn html(letter: &Letter) -> String {
    let faces = super::fonts::ALL
        .iter()
        .map(|font| Face {
            family: font.family,
            weight: font.weight,
            format: font.format,
            data: STANDARD.encode(font.bytes),
        })
        .collect();
    Page { letter, faces }
        .render()
        .expect("a String takes every byte, and the template asks for nothing else")
}
