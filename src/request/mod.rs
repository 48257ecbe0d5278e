//! Floor 2: requests, pure. Files that people write, kinds, what they must hold, cases, and the words for people.

pub mod case;
pub mod content;
pub mod deadlines;
pub mod file;
pub mod folding;
pub mod language;
pub mod letter;
pub mod mapping;
pub mod register;
pub mod rules;
pub mod schema;
pub mod template;
pub mod texts;
