//! Floor 2: requests, pure. Files that people write, kinds, cases, and the words for people.

pub mod case;
pub mod content;
pub mod file;
pub mod language;
pub mod letter;
