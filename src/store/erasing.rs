//! Erasing: destroying the content keys of some contents, by destroying the epoch keys of their
//! buckets after everything else in those buckets has been wrapped anew.
//!
//! The order is what makes it safe at every moment:
//!
//! 1. The buckets are closed, and a key for what comes next is durable. What was sealed under
//!    a closed bucket and is not committed yet is refused as if the store were busy.
//! 2. The survivors' new wraps are committed. A crash here has erased nothing.
//! 3. One group holds the tombstones, the end of the doomed wraps, and that the buckets are
//!    retired. A crash before its sync has erased nothing; after it, the next start goes on
//!    with 4, before anything is served.
//! 4. The old key files are overwritten and synced; object files are removed; the key files
//!    are unlinked. As long as such a file is there, the next start repeats this step.

use super::content::{self, Retired, StoredContent, StoredWrap};
use super::epochs::Epochs;
use super::index::{CONTENT, WRAP};
use super::journal::{Location, Record, read_at};
use super::{Committed, Decision, Refused, Snapshot, Store, StoreError, objects::Objects};
use crate::crypto::entropy::Entropy;
use crate::crypto::hash::Digest;
use crate::format::Millis;
use crate::format::id::PacketId;
use crate::ledger::pairing;
use crate::ledger::records::{self, Direction, PendingRecord, Views, Waiting};
use prost::Message as _;
use std::collections::{BTreeMap, BTreeSet};

/// Wraps in one commitment: about 4 MiB, far below what a group may hold.
const WRAPS: usize = 16 * 1024;
/// Keys looked at in one go.
const PAGE: usize = 1000;

/// A content that is to be erased.
pub struct Doomed {
    /// Its key, made by [`content::key`].
    pub key: Vec<u8>,
    /// Chunk roots of its object files, as far as nothing else lies in them.
    pub files: Vec<Digest>,
}

/// What erases. Its functions block, and wait for the writer.
pub struct Eraser<'a> {
    /// Where contents and tombstones stand.
    pub store: &'a Store,
    /// Whose keys are destroyed.
    pub epochs: &'a Epochs,
    /// Whose files are removed.
    pub objects: &'a Objects,
    /// Randomness.
    pub entropy: &'a dyn Entropy,
    /// Now.
    pub now: Millis,
}

impl Eraser<'_> {
    /// Erases contents, all of them with one re-keying of their buckets. `decide` gives the
    /// tombstones at their place in the log; if it refuses, nothing is erased.
    pub fn erase<T, E, F>(&self, doomed: &[Doomed], decide: F) -> Result<Committed<T>, Refused<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&dyn Views, Millis) -> Result<Decision<T>, E> + Send + 'static,
    {
        let _alone = self.epochs.destroying();
        let snapshot = self.store.snapshot();
        let mut retired: BTreeMap<String, Retired> = BTreeMap::new();
        let mut ended = Vec::new();
        for doomed in doomed {
            let Some(content) = snapshot.content(&doomed.key)? else { continue };
            if !content.sealed_key_box.is_empty() && self.epochs.is_here(content.box_bucket()) {
                retired.entry(content.box_bucket().to_owned()).or_default();
            }
            let bucket = retired.entry(content.bucket).or_default();
            bucket.files.extend(doomed.files.iter().map(|root| root.to_vec()));
            ended.push(Record::Wrap(doomed.key.clone(), StoredWrap::default()));
        }
        self.close(retired.keys())?;
        let spared: BTreeSet<&[u8]> = doomed.iter().map(|doomed| doomed.key.as_slice()).collect();
        self.wrap_survivors(&retired, &spared)?;
        let buckets: Vec<String> = retired.keys().cloned().collect();
        let ends = retired.iter().map(|(name, with)| Record::Retired(name.as_bytes().to_vec(), with.clone()));
        ended.extend(ends);
        let committed = wait(self.store.commit_with(ended, decide))?;
        // From here on a crash is mended by `finish`.
        for bucket in buckets {
            destroy(self.epochs, self.objects, &bucket, &retired[&bucket])?;
        }
        Ok(committed)
    }

    /// Destroys the keys of all boxes of which nothing waits any more; gives their number. Of
    /// the buckets of today only where `today` says so: for a start, when nothing is under way.
    pub fn destroy_boxes(&self, today: bool) -> Result<usize, StoreError> {
        let _alone = self.epochs.destroying();
        let base = Epochs::outbox(self.now);
        let old: Vec<String> = self
            .epochs
            .buckets()?
            .into_iter()
            .filter(|bucket| Epochs::is_outbox(bucket) && (today || Epochs::base(bucket) != base))
            .collect();
        if old.is_empty() {
            return Ok(0);
        }
        self.close(old.iter())?;
        let mut wanted = BTreeSet::new();
        for key in waiting(self.store.snapshot())? {
            let content = self.store.snapshot().content(&key)?;
            wanted.extend(content.map(|content| content.box_bucket().to_owned()));
        }
        let mut destroyed = 0;
        for bucket in old.iter().filter(|bucket| !wanted.contains(*bucket)) {
            destroy(self.epochs, self.objects, bucket, &Retired::default())?;
            destroyed += 1;
        }
        Ok(destroyed)
    }

    /// Closes buckets. After this, all that will ever lie under them is committed.
    fn close<'b>(&self, buckets: impl Iterator<Item = &'b String>) -> Result<(), StoreError> {
        buckets.for_each(|bucket| self.epochs.close(bucket));
        // Whatever was proposed before the writer has come to this, it has committed or refused.
        self.commit(Vec::new())
    }

    /// Commits new wraps of all that lies under these buckets and is not spared that.
    fn wrap_survivors(
        &self,
        retired: &BTreeMap<String, Retired>,
        spared: &BTreeSet<&[u8]>,
    ) -> Result<(), StoreError> {
        let snapshot = self.store.snapshot();
        let waiting = waiting(snapshot)?;
        let mut survivors: BTreeSet<Vec<u8>> = BTreeSet::new();
        snapshot.contents_under(&|bucket| retired.contains_key(bucket), &mut |key| {
            survivors.insert(key);
        })?;
        for key in &waiting {
            let content = snapshot.content(key)?;
            if content.is_some_and(|content| retired.contains_key(content.box_bucket())) {
                survivors.insert(key.clone());
            }
        }
        let mut wraps = Vec::new();
        for key in survivors.into_iter().filter(|key| !spared.contains(key.as_slice())) {
            let Some(content) = snapshot.content(&key)? else { continue };
            let wrap = self.wrapped(&key, content, retired, waiting.contains(&key))?;
            wraps.push(Record::Wrap(key, wrap));
            if wraps.len() == WRAPS {
                self.commit(std::mem::take(&mut wraps))?;
            }
        }
        self.commit(wraps)
    }

    /// The wrap of a content, and its box as long as it waits, under buckets that stay.
    fn wrapped(
        &self,
        key: &[u8],
        content: StoredContent,
        retired: &BTreeMap<String, Retired>,
        waits: bool,
    ) -> Result<StoredWrap, StoreError> {
        let failed = |_| StoreError::Damaged(format!("the wrap of content {}", hex::encode(key)));
        let id = content::id_of(key).ok_or_else(|| StoreError::Damaged("the key of a content".into()))?;
        let mut new = StoredWrap::default();
        if waits && !content.sealed_key_box.is_empty() {
            new.box_bucket = content.box_bucket().to_owned();
            new.sealed_key_box = content.sealed_key_box;
            if retired.contains_key(&new.box_bucket) {
                let old = self.epochs.for_opening(&new.box_bucket)?;
                let key_box = old.open(&id, &new.sealed_key_box).map_err(failed)?;
                let epoch = self.epochs.for_sealing(&Epochs::outbox(self.now), self.entropy)?;
                new.sealed_key_box = epoch.key.seal(&id, &key_box, self.entropy).map_err(failed)?;
                new.box_bucket = epoch.bucket;
            }
        }
        (new.bucket, new.wrap) = (content.bucket, content.wrap);
        // Where the key is lost already, so is the content: there is nothing to keep.
        if retired.contains_key(&new.bucket) && self.epochs.is_here(&new.bucket) {
            let content_key = self.epochs.for_opening(&new.bucket)?.unwrap(&id, &new.wrap).map_err(failed)?;
            let epoch = self.epochs.for_sealing(Epochs::base(&new.bucket), self.entropy)?;
            new.wrap = epoch.key.wrap(&id, &content_key, self.entropy).map_err(failed)?;
            new.bucket = epoch.bucket;
        }
        Ok(new)
    }

    fn commit(&self, records: Vec<Record>) -> Result<(), StoreError> {
        let nothing = |_: &dyn Views, _| Ok::<_, StoreError>(Decision::nothing(()));
        wait(self.store.commit_with(records, nothing)).map(drop).map_err(|refused| match refused {
            Refused::Decided(error) | Refused::Store(error) => error,
            Refused::Busy => StoreError::Stopped("too much waits; try again".into()),
        })
    }
}

fn wait<T, E>(commit: super::Commit<T, E>) -> Result<Committed<T>, Refused<E>> {
    commit.blocking_recv().unwrap_or_else(|_| Err(StoreError::Stopped("the writer is gone".into()).into()))
}

/// At the start: completes what a crash left unfinished, before anything is served.
pub(super) fn finish(snapshot: &Snapshot, epochs: &Epochs, objects: &Objects) -> Result<(), StoreError> {
    for bucket in epochs.buckets()? {
        let retired = match snapshot.retired(&bucket)? {
            Some(retired) => retired,
            None if epochs.is_overwritten(&bucket)? => Retired::default(),
            None => continue,
        };
        tracing::warn!(bucket, "the destruction of an epoch key was interrupted and is completed");
        destroy(epochs, objects, &bucket, &retired)?;
    }
    Ok(())
}

/// Destroys the key of a bucket, and the files that go with it.
fn destroy(epochs: &Epochs, objects: &Objects, bucket: &str, with: &Retired) -> Result<(), StoreError> {
    epochs.overwrite(bucket)?;
    for root in &with.files {
        let root = root.as_slice().try_into();
        objects.remove(&root.map_err(|_| StoreError::Damaged("the name of an object file".into()))?)?;
    }
    epochs.remove(bucket)
}

/// Keys of the contents that still wait for a peer.
fn waiting(snapshot: &Snapshot) -> Result<BTreeSet<Vec<u8>>, StoreError> {
    let mut keys = BTreeSet::new();
    for (key, value) in snapshot.scan(&records::pending_all(), None, usize::MAX)? {
        let damaged = || StoreError::Index("a record of what waits".into());
        let record = PendingRecord::decode(value.as_slice()).map_err(|_| damaged())?;
        let peer = records::peer_of_pending_key(&key).ok_or_else(damaged)?;
        let era = pairing::peer(snapshot, &peer)?.era;
        let index = records::index_of(&key).ok_or_else(damaged)?;
        if record.what == Waiting::Notice as u32 || index < era {
            continue;
        }
        let id = PacketId::from_bytes(&record.id).map_err(|_| damaged())?;
        keys.insert(content::key(Direction::Out, &peer, &id));
    }
    Ok(keys)
}

impl Snapshot {
    /// Shows the keys of all contents that lie under certain buckets. Looks at every content,
    /// but at the beginning of each only.
    fn contents_under(
        &self,
        wanted: &dyn Fn(&str) -> bool,
        show: &mut dyn FnMut(Vec<u8>),
    ) -> Result<(), StoreError> {
        let mut after: Option<Vec<u8>> = None;
        loop {
            let page = self.scan(&[CONTENT], after.as_deref(), PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(last.clone());
            for (key, place) in page {
                let key = key[1..].to_vec();
                let place = match self.index.place(WRAP, &key)? {
                    Some(place) => place,
                    None => Location::decode(place.as_slice())
                        .map_err(|_| StoreError::Index("the place of a content".into()))?,
                };
                if self.bucket_at(place)?.is_some_and(|bucket| wanted(&bucket)) {
                    show(key);
                }
            }
        }
    }

    /// The bucket with which a content or wrap begins; none: it was erased.
    fn bucket_at(&self, place: Location) -> Result<Option<String>, StoreError> {
        // A bucket is the first field of both; its name is shorter than 128 bytes.
        const FIRST_FIELD: u8 = 1 << 3 | 2;
        let head = read_at(&self.journal, Location { length: place.length.min(130), ..place })?;
        let [FIRST_FIELD, length, rest @ ..] = head.as_slice() else { return Ok(None) };
        let name = rest.get(..usize::from(*length)).and_then(|name| std::str::from_utf8(name).ok());
        name.map(|name| Some(name.to_owned())).ok_or_else(|| StoreError::Damaged("a sealed content".into()))
    }
}
