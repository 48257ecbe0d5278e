//! Epoch keys on disk: one small file a bucket, outside journal and database.

use super::files::{private_folder, write_new};
use super::{StoreError, key_files};
use crate::crypto::entropy::{Entropy, fresh};
use crate::crypto::epoch::EpochKey;
use crate::format::Millis;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The epoch keys of a data directory.
pub struct Epochs {
    folder: PathBuf,
    known: Mutex<HashMap<String, EpochKey>>,
}

impl Epochs {
    /// Opens the folder.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        let folder = data.join("keys").join("epochs");
        private_folder(&folder)?;
        Ok(Self { folder, known: Mutex::new(HashMap::new()) })
    }

    /// The bucket of a time: retention class and month.
    pub fn bucket(now: Millis) -> String {
        let time = jiff::Timestamp::from_millisecond(i64::try_from(now).unwrap_or(i64::MAX))
            .unwrap_or(jiff::Timestamp::MAX);
        time.strftime("standard-%Y-%m").to_string()
    }

    /// The key of a bucket; a new one is durable before it is used.
    pub fn for_sealing(&self, bucket: &str, entropy: &dyn Entropy) -> Result<EpochKey, StoreError> {
        let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(key) = known.get(bucket) {
            return Ok(key.clone());
        }
        let path = self.path(bucket);
        if !path.exists() {
            let bytes: [u8; 32] = fresh(entropy)
                .map_err(|_| StoreError::KeyFile { path: path.clone(), why: "no randomness" })?;
            write_new(&path, &bytes)?;
        }
        let key = self.load(bucket)?;
        known.insert(bucket.to_owned(), key.clone());
        Ok(key)
    }

    /// The key of a bucket that was used before.
    pub fn for_opening(&self, bucket: &str) -> Result<EpochKey, StoreError> {
        if let Some(key) = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(bucket) {
            return Ok(key.clone());
        }
        self.load(bucket)
    }

    fn load(&self, bucket: &str) -> Result<EpochKey, StoreError> {
        let path = self.path(bucket);
        let bytes = key_files::read_private(&path)?;
        let key = bytes
            .as_slice()
            .try_into()
            .map_err(|_| StoreError::KeyFile { path, why: "is not 32 bytes long" })?;
        Ok(EpochKey::from_bytes(key))
    }

    fn path(&self, bucket: &str) -> PathBuf {
        self.folder.join(format!("{bucket}.key"))
    }
}
