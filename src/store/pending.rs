//! Changes of the index that sled has not got yet.
//!
//! sled pays for every batch: it rolls its I/O buffers and wakes its threads. What one group
//! writes the next often rewrites or removes. So groups are gathered here, where every
//! reader looks first, and reach sled several at a time. Nothing is lost with the process:
//! the journal holds every group, and the next start catches up from sled's head.

use super::index::Pair;
use sled::IVec;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// With so many keys waiting, whoever adds more waits until they are written out.
const KEYS: usize = 1 << 16;
/// Room comes within this time, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// A change of one key: a new value, or none any more.
pub type Change = (Vec<u8>, Option<IVec>);
type Layer = BTreeMap<Vec<u8>, Option<IVec>>;

/// What waits.
#[derive(Default)]
pub struct Pending {
    layers: RwLock<Layers>,
}

#[derive(Default)]
struct Layers {
    /// What comes in.
    current: Layer,
    /// What is being written out; older than `current`.
    leaving: Arc<Layer>,
}

impl Pending {
    /// Adds the changes of a group, all at once.
    pub fn add(&self, changes: Vec<Change>) {
        let mut layers = self.layers.write().unwrap_or_else(PoisonError::into_inner);
        layers.current.extend(changes);
    }

    /// Keys that wait and are not leaving yet.
    pub fn len(&self) -> usize {
        self.layers.read().unwrap_or_else(PoisonError::into_inner).current.len()
    }

    /// Waits while there are too many; for the one who adds, who is not the one who writes
    /// out. `gone` says that nobody writes out any more. False: there is no room after a long time.
    pub fn wait_for_room(&self, gone: impl Fn() -> bool) -> bool {
        let end = Instant::now() + PATIENCE;
        while self.len() >= KEYS && !gone() {
            if Instant::now() > end {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        true
    }

    /// Begins to write out: gives all that waits. Readers go on finding it here until
    /// [`Pending::written`].
    pub fn leaving(&self) -> Arc<Layer> {
        let mut layers = self.layers.write().unwrap_or_else(PoisonError::into_inner);
        layers.leaving = Arc::new(std::mem::take(&mut layers.current));
        layers.leaving.clone()
    }

    /// What was leaving is in sled now.
    pub fn written(&self) {
        self.layers.write().unwrap_or_else(PoisonError::into_inner).leaving = Arc::default();
    }

    /// The change of a key, where one waits.
    pub fn get(&self, key: &[u8]) -> Option<Option<IVec>> {
        let layers = self.layers.read().unwrap_or_else(PoisonError::into_inner);
        layers.current.get(key).or_else(|| layers.leaving.get(key)).cloned()
    }

    /// The changes of all keys within bounds, by key.
    pub fn range(&self, bounds: (Bound<&[u8]>, Bound<&[u8]>)) -> Layer {
        let layers = self.layers.read().unwrap_or_else(PoisonError::into_inner);
        let mut found = Layer::new();
        for layer in [&*layers.leaving, &layers.current] {
            found.extend(layer.range::<[u8], _>(bounds).map(|(key, value)| (key.clone(), value.clone())));
        }
        found
    }
}

/// Pairs of sled and changes that wait, both in the same order, as one.
pub struct Merged<S: Iterator, C: Iterator> {
    pub stored: std::iter::Peekable<S>,
    pub changes: std::iter::Peekable<C>,
    pub backwards: bool,
}

impl<S, C> Iterator for Merged<S, C>
where
    S: Iterator<Item = sled::Result<(IVec, IVec)>>,
    C: Iterator<Item = Change>,
{
    type Item = sled::Result<Pair>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let order = match (self.stored.peek(), self.changes.peek()) {
                (None, None) => return None,
                (Some(Err(_)), _) | (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(Ok((stored, _))), Some((changed, _))) => {
                    let order = stored.as_ref().cmp(changed);
                    if self.backwards { order.reverse() } else { order }
                }
            };
            if order.is_le() {
                let stored = self.stored.next()?;
                if order.is_lt() {
                    return Some(stored.map(|(key, value)| (key.to_vec(), value.to_vec())));
                }
            }
            if let (key, Some(value)) = self.changes.next()? {
                return Some(Ok((key, value.to_vec())));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_layer_wins_and_removals_hide() {
        let stored = [(b"a", "1"), (b"b", "1"), (b"c", "1"), (b"e", "1")];
        let pending = Pending::default();
        assert_eq!(pending.len(), 0);
        pending.add(vec![(b"b".to_vec(), None), (b"d".to_vec(), Some("2".into())), (b"e".to_vec(), None)]);
        assert_eq!(pending.leaving().len(), 3);
        pending.add(vec![(b"c".to_vec(), Some("3".into())), (b"e".to_vec(), Some("3".into()))]);
        let merged = |backwards: bool| -> String {
            let mut stored: Vec<_> =
                stored.iter().map(|(k, v)| Ok((IVec::from(*k), IVec::from(*v)))).collect();
            let mut changes: Vec<_> =
                pending.range((Bound::Unbounded, Bound::Unbounded)).into_iter().collect();
            if backwards {
                stored.reverse();
                changes.reverse();
            }
            let merged = Merged {
                stored: stored.into_iter().peekable(),
                changes: changes.into_iter().peekable(),
                backwards,
            };
            merged
                .map(|pair| pair.unwrap())
                .map(|(k, v)| String::from_utf8([k, v].concat()).unwrap())
                .collect()
        };
        assert_eq!(merged(false), "a1c3d2e3");
        assert_eq!(merged(true), "e3d2c3a1");
        assert_eq!(pending.get(b"b"), Some(None));
        pending.written();
        assert_eq!(pending.get(b"b"), None);
        assert_eq!(pending.get(b"e"), Some(Some("3".into())));
    }
}
