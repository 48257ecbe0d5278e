//! Floor 2: requests, pure. Files that people write, kinds, cases, and the words for people.

pub mod case;
pub mod content;
pub mod deadlines;
pub mod file;
pub mod folding;
pub mod language;
pub mod texts;
