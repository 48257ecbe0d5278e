//! Which keys the newest key back-up holds, noted in the data directory: the back-up itself lies
//! elsewhere, and nobody who works here can read it.

use super::{StoreError, key_files};
use crate::format::Millis;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The file in the data directory: the time, and below it one name a line.
const FILE: &str = "key-backup";
/// Its bytes at most.
const LONGEST: u64 = 16 << 20;

/// A key back-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackedUp {
    /// When it was made.
    pub at: Millis,
    /// The files in it, by their path below the folder of keys.
    pub names: BTreeSet<String>,
}

impl BackedUp {
    /// Notes that it was made, in place of the one before.
    pub fn note(&self, data: &Path) -> Result<(), StoreError> {
        let mut text = format!("{}\n", self.at);
        for name in &self.names {
            text.push_str(name);
            text.push('\n');
        }
        key_files::replace_private(&data.join(FILE), text.as_bytes())
    }

    /// The newest that was noted; none: none was made, or before there were notes.
    pub fn noted(data: &Path) -> Result<Option<Self>, StoreError> {
        let path = data.join(FILE);
        let mut text = String::new();
        match File::open(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.and_then(|file| file.take(LONGEST).read_to_string(&mut text)),
        }
        .map_err(StoreError::io("cannot read", &path))?;
        let mut lines = text.lines();
        let at = lines.next().and_then(|at| at.parse().ok());
        let at = at.ok_or(StoreError::File { path, why: "names no time" })?;
        Ok(Some(Self { at, names: lines.map(str::to_owned).collect() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_last_is_read() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(BackedUp::noted(dir.path()).unwrap(), None);
        let names = ["statements", "epochs/standard-2026-11.key"].map(str::to_owned);
        let first = BackedUp { at: 7, names: names.into() };
        let second = BackedUp { at: 8, names: BTreeSet::new() };
        for made in [&first, &second, &first] {
            made.note(dir.path()).unwrap();
            assert_eq!(BackedUp::noted(dir.path()).unwrap().as_ref(), Some(made));
        }
        std::fs::write(dir.path().join(FILE), "today\n").unwrap();
        assert!(BackedUp::noted(dir.path()).is_err());
    }
}
