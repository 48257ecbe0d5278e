//! Epoch keys on disk: one small file a bucket, outside journal and database.
//!
//! A bucket's name is its base (what it is for, and the time) and a random part, so that no
//! name is ever used again. A bucket of an earlier version has a base alone.

use super::StoreError;
use super::closed::Closed;
use super::files::private_folder;
use super::key_files::{self, KeyFiles};
use crate::crypto::entropy::{Entropy, fresh, fresh_secret};
use crate::crypto::epoch::EpochKey;
use crate::format::Millis;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// Hex digits of the random part of a name.
const RANDOM: usize = 16;
/// Below the folder of keys.
const FOLDER: &str = "epochs";
const OUTBOX: &str = "outbox-";

/// The epoch keys of a data directory.
pub struct Epochs {
    folder: PathBuf,
    files: KeyFiles,
    known: Mutex<Known>,
    closed: Arc<Closed>,
    /// Held by the one who destroys keys.
    destroying: Mutex<()>,
}

#[derive(Default)]
struct Known {
    keys: HashMap<String, EpochKey>,
    /// Under what new things of a base are sealed.
    current: HashMap<String, String>,
}

/// A bucket, with its key.
#[derive(Clone)]
pub struct Epoch {
    /// Name of the bucket.
    pub bucket: String,
    /// Its key.
    pub key: EpochKey,
}

impl Epochs {
    /// Opens the folder. Nothing new is sealed under `closed` buckets.
    pub fn open(files: KeyFiles, closed: Arc<Closed>) -> Result<Self, StoreError> {
        let folder = files.path(FOLDER);
        private_folder(&folder)?;
        Ok(Self { folder, files, known: Mutex::default(), closed, destroying: Mutex::default() })
    }

    /// Base of the buckets of content keys that come at a time: retention class and month.
    pub fn content(now: Millis) -> String {
        date(now).strftime("standard-%Y-%m").to_string()
    }

    /// Base of the buckets of key boxes that are made at a time: a day, since they are kept
    /// only while something waits.
    pub fn outbox(now: Millis) -> String {
        date(now).strftime("outbox-%Y-%m-%d").to_string()
    }

    /// Whether a bucket holds key boxes.
    pub fn is_outbox(bucket: &str) -> bool {
        bucket.starts_with(OUTBOX)
    }

    /// The base of a bucket's name.
    pub fn base(bucket: &str) -> &str {
        match bucket.rsplit_once('-') {
            Some((base, end)) if end.len() == RANDOM && end.bytes().all(|b| b.is_ascii_hexdigit()) => base,
            _ => bucket,
        }
    }

    /// The bucket of a base under which new things are sealed; a new key is durable before it
    /// is used.
    pub fn for_sealing(&self, base: &str, entropy: &dyn Entropy) -> Result<Epoch, StoreError> {
        let mut known = self.known();
        let usable = |bucket: &String| !self.closed.has(bucket);
        let current = known.current.get(base).cloned().filter(usable);
        let bucket = match current {
            Some(bucket) => bucket,
            None => {
                let found = self.buckets()?.into_iter().find(|b| Self::base(b) == base && usable(b));
                match found {
                    Some(bucket) => bucket,
                    None => self.make(base, entropy)?,
                }
            }
        };
        let key = match known.keys.get(&bucket) {
            Some(key) => key.clone(),
            None => self.load(&bucket)?,
        };
        known.keys.insert(bucket.clone(), key.clone());
        known.current.insert(base.to_owned(), bucket.clone());
        Ok(Epoch { bucket, key })
    }

    /// The key of a bucket that was used before.
    pub fn for_opening(&self, bucket: &str) -> Result<EpochKey, StoreError> {
        if let Some(key) = self.known().keys.get(bucket) {
            return Ok(key.clone());
        }
        self.load(bucket)
    }

    /// Whether the key of a bucket is here.
    pub fn is_here(&self, bucket: &str) -> bool {
        self.path(bucket).exists()
    }

    /// Names of all buckets whose key is here, oldest base first.
    pub fn buckets(&self) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(StoreError::io("cannot read", &self.folder))? {
            let name = entry.map_err(StoreError::io("cannot read", &self.folder))?.file_name();
            names.extend(name.to_str().and_then(|name| name.strip_suffix(".key")).map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }

    /// Closes a bucket: nothing is sealed under it any more.
    pub(super) fn close(&self, bucket: &str) {
        // Under the lock: whoever asks for a key later gets another.
        let _known = self.known();
        self.closed.close(bucket);
    }

    /// Only one destroys keys at a time.
    pub(super) fn destroying(&self) -> MutexGuard<'_, ()> {
        self.destroying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a key was overwritten, and its file not yet removed.
    pub(super) fn is_overwritten(&self, bucket: &str) -> Result<bool, StoreError> {
        Ok(key_files::read_private(&self.path(bucket))?.iter().all(|byte| *byte == 0))
    }

    /// Forgets the key and overwrites its file, durably. The file stays until
    /// [`Epochs::remove`], and says that something is unfinished.
    pub(super) fn overwrite(&self, bucket: &str) -> Result<(), StoreError> {
        self.known().keys.remove(bucket);
        key_files::overwrite(&self.path(bucket)).map(|_| ())
    }

    /// Removes the file of a key that was overwritten, durably.
    pub(super) fn remove(&self, bucket: &str) -> Result<(), StoreError> {
        key_files::remove(&self.path(bucket))
    }

    fn make(&self, base: &str, entropy: &dyn Entropy) -> Result<String, StoreError> {
        let random = |_| StoreError::KeyFile { path: self.path(base), why: "no randomness" };
        let name: [u8; RANDOM / 2] = fresh(entropy).map_err(random)?;
        let bytes = fresh_secret::<32>(entropy).map_err(random)?;
        let bucket = format!("{base}-{}", hex::encode(name));
        self.files.write(&name_of(&bucket), &bytes[..], entropy)?;
        Ok(bucket)
    }

    fn load(&self, bucket: &str) -> Result<EpochKey, StoreError> {
        let path = self.path(bucket);
        let bytes = self.files.read(&name_of(bucket))?;
        if bytes.iter().all(|byte| *byte == 0) {
            return Err(StoreError::KeyFile { path, why: "was destroyed" });
        }
        let key = bytes.as_slice().try_into().map(Zeroizing::new);
        let key = key.map_err(|_| StoreError::KeyFile { path, why: "is not 32 bytes long" })?;
        Ok(EpochKey::from_bytes(*key))
    }

    fn path(&self, bucket: &str) -> PathBuf {
        self.files.path(&name_of(bucket))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name_of(bucket: &str) -> String {
    format!("{FOLDER}/{bucket}.key")
}

fn date(now: Millis) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(i64::try_from(now).unwrap_or(i64::MAX)).unwrap_or(jiff::Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;

    #[test]
    fn a_closed_bucket_is_followed_by_another_and_an_overwritten_key_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (closed, entropy) = (Arc::new(Closed::default()), SystemEntropy::default());
        let epochs = Epochs::open(folder.path().into(), closed.clone()).unwrap();
        let base = Epochs::content(1_800_000_000_000);
        assert_eq!(base, "standard-2027-01");
        let first = epochs.for_sealing(&base, &entropy).unwrap().bucket;
        assert_eq!(Epochs::base(&first), base);
        assert_eq!(epochs.for_sealing(&base, &entropy).unwrap().bucket, first);
        epochs.close(&first);
        let second = epochs.for_sealing(&base, &entropy).unwrap().bucket;
        assert_ne!(first, second);
        epochs.for_opening(&first).unwrap();
        epochs.overwrite(&first).unwrap();
        assert!(epochs.is_overwritten(&first).unwrap() && !epochs.is_overwritten(&second).unwrap());
        assert!(epochs.for_opening(&first).is_err());
        epochs.remove(&first).unwrap();
        epochs.remove(&first).unwrap();
        // As after a restart.
        let epochs = Epochs::open(folder.path().into(), Arc::default()).unwrap();
        assert_eq!(epochs.for_sealing(&base, &entropy).unwrap().bucket, second);
    }

    #[test]
    fn a_bucket_of_an_earlier_version_is_its_base() {
        assert_eq!(Epochs::base("standard-2026-11"), "standard-2026-11");
        assert_eq!(Epochs::base("outbox-2026-11-22-0011223344556677"), "outbox-2026-11-22");
    }
}
