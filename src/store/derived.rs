//! Views that verification derives, once they have come to rest: sorted tables on disk, with a
//! filter that knows which keys are not there. Gone with its folder, so nothing is synced
//! for the sake of durability.

use super::{Pair, StoreError};
use lsm_tree::{AbstractTree as _, AnyTree, Config, Guard as _, SeqNo, SequenceNumberCounter};
use std::ops::Bound;
use std::path::Path;

/// Reads see all that was written.
const NOW: SeqNo = SeqNo::MAX;

/// Sorted tables.
pub struct Derived(AnyTree);

impl Derived {
    /// Makes it in a folder.
    pub fn new(folder: &Path) -> Result<Self, StoreError> {
        let counters = (SequenceNumberCounter::default(), SequenceNumberCounter::default());
        Ok(Self(Config::new(folder, counters.0, counters.1).open()?))
    }

    /// Writes changes, in the order of their keys, no key twice.
    pub fn write(&self, changes: Vec<(Vec<u8>, Option<Vec<u8>>)>) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut table = self.0.ingestion()?;
        for (key, value) in changes {
            match value {
                Some(value) => table.write(key, value)?,
                None => table.write_tombstone(key)?,
            }
        }
        Ok(table.finish()?)
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.get(key, NOW)?.map(|value| value.to_vec()))
    }

    /// Keys and values under a prefix, from behind `after`.
    pub fn each(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
    ) -> impl Iterator<Item = Result<Pair, StoreError>> + use<> {
        let begin = after.map_or(Bound::Included(prefix), Bound::Excluded);
        let prefix = prefix.to_vec();
        self.0
            .range::<&[u8], _>((begin, Bound::Unbounded), NOW, None)
            .map(|pair| {
                let (key, value) = pair.into_inner()?;
                Ok((key.to_vec(), value.to_vec()))
            })
            .take_while(move |pair: &Result<Pair, StoreError>| {
                pair.as_ref().map_or(true, |(key, _)| key.starts_with(&prefix))
            })
    }
}

impl From<lsm_tree::Error> for StoreError {
    fn from(error: lsm_tree::Error) -> Self {
        Self::Scratch(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_change_of_a_key_holds() {
        let folder = tempfile::tempdir().unwrap();
        let derived = Derived::new(&folder.path().join("views")).unwrap();
        let some = |key: &str, value: &str| (key.as_bytes().to_vec(), Some(value.as_bytes().to_vec()));
        derived.write(vec![]).unwrap();
        derived.write(vec![some("a1", "1"), some("b1", "1"), some("b2", "1"), some("c", "1")]).unwrap();
        derived.write(vec![some("b1", "2"), (b"b2".to_vec(), None), some("b3", "2")]).unwrap();
        derived.write(vec![some("b4", "3"), (b"z".to_vec(), None)]).unwrap();
        assert_eq!(derived.get(b"b1").unwrap(), Some(b"2".to_vec()));
        assert_eq!((derived.get(b"b2").unwrap(), derived.get(b"b").unwrap()), (None, None));
        let keys = |prefix: &[u8], after: Option<&[u8]>| -> String {
            let keys = derived.each(prefix, after).map(|pair| String::from_utf8(pair.unwrap().0).unwrap());
            keys.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(keys(b"", None), "a1 b1 b3 b4 c");
        assert_eq!(keys(b"b", None), "b1 b3 b4");
        assert_eq!((keys(b"b", Some(b"b1")), keys(b"z", None)), ("b3 b4".to_owned(), String::new()));
    }
}
