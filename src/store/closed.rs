//! Buckets under which nothing new is stored: they are about to lose their epoch key.

use super::content::StoredContent;
use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

/// Names of closed buckets. A bucket that was closed stays so: names are never used again.
#[derive(Default)]
pub struct Closed(RwLock<HashSet<String>>);

impl Closed {
    /// Closes a bucket. What was sealed under it and is not committed yet is refused as if the
    /// store were busy: the next attempt seals under another key.
    pub fn close(&self, bucket: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(bucket.to_owned());
    }

    /// Whether a bucket is closed.
    pub fn has(&self, bucket: &str) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(bucket)
    }

    /// Whether one of these contents lies under a closed bucket.
    pub(super) fn has_any(&self, contents: &[(Vec<u8>, StoredContent)]) -> bool {
        contents.iter().any(|(_, content)| self.has(&content.bucket) || self.has(content.box_bucket()))
    }
}
