//! Floor 2: requests, pure. Files that people write, kinds, cases.

pub mod case;
pub mod content;
pub mod file;
