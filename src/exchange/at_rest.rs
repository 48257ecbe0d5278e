//! Content at rest: content keys and key boxes under epoch keys.

use super::{Exchange, ExchangeError};
use crate::crypto::object::ContentKey;
use crate::store::StoreError;
use crate::store::content::{StoredContent, StoredObject};
use crate::store::epochs::Epochs;

impl Exchange {
    /// Content as it is stored: its key under the bucket of this month, and a sender's key
    /// box under the bucket of today.
    pub(super) fn at_rest(
        &self,
        id: &[u8; 16],
        key: &ContentKey,
        key_box: Option<&[u8]>,
        objects: Vec<StoredObject>,
    ) -> Result<StoredContent, ExchangeError> {
        let (entropy, now) = (&*self.entropy, self.now());
        let epoch = self.epochs.for_sealing(&Epochs::content(now), entropy)?;
        let wrap = epoch.key.wrap(id, key, entropy)?;
        let (mut sealed_key_box, mut box_bucket) = (Vec::new(), String::new());
        if let Some(key_box) = key_box {
            let epoch = self.epochs.for_sealing(&Epochs::outbox(now), entropy)?;
            sealed_key_box = epoch.key.seal(id, key_box, entropy)?;
            box_bucket = epoch.bucket;
        }
        Ok(StoredContent { bucket: epoch.bucket, wrap, sealed_key_box, objects, box_bucket })
    }

    /// Stored content and its key; none where there is none, or it was erased.
    pub(super) fn opened(
        &self,
        key: &[u8],
        id: &[u8; 16],
    ) -> Result<Option<(StoredContent, ContentKey)>, ExchangeError> {
        self.reading(key, |stored| Ok(self.epochs.for_opening(&stored.bucket)?.unwrap(id, &stored.wrap)?))
    }

    /// Stored content and the key box that it waits with.
    pub(super) fn boxed(
        &self,
        key: &[u8],
        id: &[u8; 16],
    ) -> Result<Option<(StoredContent, Vec<u8>)>, ExchangeError> {
        self.reading(key, |stored| {
            Ok(self.epochs.for_opening(stored.box_bucket())?.open(id, &stored.sealed_key_box)?)
        })
    }

    /// A bucket may be re-keyed between looking up a content and opening it: if what failed to
    /// open was replaced meanwhile, the replacement counts.
    fn reading<T>(
        &self,
        key: &[u8],
        open: impl Fn(&StoredContent) -> Result<T, ExchangeError>,
    ) -> Result<Option<(StoredContent, T)>, ExchangeError> {
        let find = || -> Result<_, StoreError> { self.store.snapshot().content(key) };
        let mut found = find()?;
        loop {
            let Some(stored) = found else { return Ok(None) };
            let error = match open(&stored) {
                Ok(value) => return Ok(Some((stored, value))),
                Err(error) => error,
            };
            found = find()?;
            if found
                .as_ref()
                .is_some_and(|newer| newer.bucket == stored.bucket && newer.box_bucket == stored.box_bucket)
            {
                return Err(error);
            }
        }
    }
}
