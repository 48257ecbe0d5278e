//! The neutral letter: what HTML and PDF lay out.

use super::line::{Line, dir};
use crate::format::Millis;
use serde::Serialize;

/// A letter, before it has a form.
#[derive(Debug, Clone, Serialize)]
pub struct Letter {
    /// BCP 47.
    pub language: &'static str,
    /// Whether the page runs from right to left.
    pub rtl: bool,
    /// Who writes.
    pub sender: String,
    /// What it is.
    pub title: String,
    /// How it is to be handled, urgency among it.
    pub marks: Vec<Mark>,
    /// Parties, references, dates.
    pub facts: Vec<Row>,
    /// The sentence that it begins with.
    pub opening: Line,
    /// What it says.
    pub sections: Vec<Section>,
    /// How it ends, where it is one that people sign.
    pub signature: Option<Signature>,
    /// What ties it to its packet.
    pub foot: Foot,
    /// When it was written, milliseconds.
    #[serde(skip)]
    pub written: Millis,
}

impl Letter {
    /// `ltr` or `rtl`, as HTML names it.
    pub fn dir(&self) -> &'static str {
        dir(self.rtl)
    }
}

/// A word in a box at the top.
#[derive(Debug, Clone, Serialize)]
pub struct Mark {
    /// `tlp-red` and the like, `urgent`, `draft`, `plain`.
    pub class: String,
    /// The word.
    pub text: String,
}

/// A label and what stands beside it.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The label.
    pub label: String,
    /// One line or more.
    pub lines: Vec<Line>,
}

/// A numbered section.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Section {
    /// Its number, in the digits of the language.
    pub number: String,
    /// What it is about.
    pub title: String,
    /// Item of the treaty's list that it answers: "18(15)(b)"; empty: none.
    pub article: String,
    /// What it holds.
    pub blocks: Vec<Block>,
    /// The letter of that list.
    #[serde(skip)]
    pub item: Option<char>,
}

/// A piece of a section.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum Block {
    /// A heading within the section.
    Head {
        /// How deep, from 0.
        depth: u8,
        /// The words.
        text: String,
    },
    /// Labels and values.
    Rows {
        /// How deep, from 0.
        depth: u8,
        /// The rows.
        rows: Vec<Row>,
    },
    /// Paragraphs.
    Text {
        /// One or more.
        lines: Vec<Line>,
    },
    /// A numbered list.
    List {
        /// Its items.
        lines: Vec<Line>,
    },
    /// A table.
    Table {
        /// Heads of the columns.
        heads: Vec<String>,
        /// Rows of cells of lines.
        rows: Vec<Vec<Vec<Line>>>,
    },
}

/// Where people sign.
#[derive(Debug, Clone, Serialize)]
pub struct Signature {
    /// The set phrase before it.
    pub regards: String,
    /// Place and date.
    pub place: String,
    /// Name, office, signature.
    pub name: String,
    /// Where the seal goes.
    pub seal: String,
}

/// The end of the letter, and the foot of every page.
#[derive(Debug, Clone, Serialize)]
pub struct Foot {
    /// What this paper is.
    pub note: String,
    /// What ties it to a packet; none of a draft.
    pub tie: Option<Tie>,
    /// At the foot of every page.
    pub reference: String,
    /// What stands before the page's number, between it and the number of pages, and after.
    pub page: [String; 3],
    /// The language's digits, from zero.
    pub digits: Vec<String>,
}

/// What ties a paper to its packet.
#[derive(Debug, Clone, Serialize)]
pub struct Tie {
    /// Label of the digest.
    pub label: String,
    /// The digest, in groups of eight digits.
    pub digest: String,
    /// The text of the square.
    pub text: String,
    /// The square, as SVG.
    pub svg: String,
    /// How to check it.
    pub check: String,
}
