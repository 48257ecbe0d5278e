//! A back-up folder: increments in order, each a pack and a manifest. Only an increment
//! whose manifest is in place counts; what a run that died left behind does not.

use super::sealed::{BackupKey, Purpose, Reader, Writer, Written};
use super::{ArchiveError, Owner, damaged};
use crate::crypto::entropy::Entropy;
use crate::crypto::hash::Digest;
use crate::store::StoreError;
use crate::store::files::{private_folder, sync_folder};
use crate::store::journal::GroupEnd;
use crate::store::lock::Lock;
use prost::Message;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A manifest longer than this is damage.
const LONGEST: u64 = 256 << 20;

/// What an increment says of itself.
#[derive(Clone, PartialEq, Message)]
pub struct Manifest {
    /// Its number, from 1.
    #[prost(uint64, tag = "1")]
    pub number: u64,
    /// The digest of the manifest before it; empty in the first.
    #[prost(bytes = "vec", tag = "2")]
    pub previous: Vec<u8>,
    /// Whose back-up it is.
    #[prost(string, tag = "3")]
    pub authority: String,
    /// SHA-256 of statement 0.
    #[prost(bytes = "vec", tag = "4")]
    pub fingerprint: Vec<u8>,
    /// Milliseconds.
    #[prost(uint64, tag = "5")]
    pub made_at: u64,
    /// Groups with numbers beyond this are in it.
    #[prost(uint64, tag = "6")]
    pub after_group: u64,
    /// And up to this one.
    #[prost(uint64, tag = "7")]
    pub last_group: u64,
    /// Entries before it.
    #[prost(uint64, tag = "8")]
    pub from_size: u64,
    /// What the log amounts to after it.
    #[prost(message, required, tag = "9")]
    pub end: GroupEnd,
    /// Where its last group lay in the journal: segment.
    #[prost(uint64, tag = "10")]
    pub segment: u64,
    /// And offset.
    #[prost(uint64, tag = "11")]
    pub offset: u64,
    /// The newest signed checkpoint, at or before the end.
    #[prost(bytes = "vec", tag = "12")]
    pub checkpoint: Vec<u8>,
    /// Bytes of the pack.
    #[prost(uint64, tag = "13")]
    pub pack_size: u64,
    /// Digest of the pack's heading, which stands for all of it.
    #[prost(bytes = "vec", tag = "14")]
    pub pack_digest: Vec<u8>,
    /// Chunk roots of the object files in it.
    #[prost(bytes = "vec", repeated, tag = "15")]
    pub objects: Vec<Vec<u8>>,
    /// SHA-256 over the small files, whose newest version is in it.
    #[prost(bytes = "vec", tag = "16")]
    pub small_files: Vec<u8>,
}

impl Manifest {
    /// Whose it is.
    pub fn owner(&self) -> Owner {
        Owner { authority: self.authority.clone(), fingerprint: self.fingerprint.clone() }
    }
}

/// A back-up folder, with the manifests of all its increments.
pub struct Folder {
    path: PathBuf,
    /// The increments, from number 1 without gaps.
    pub manifests: Vec<Manifest>,
    head: Option<Digest>,
}

impl Folder {
    /// Reads the manifests: authentic, without gaps, each the successor of the one before,
    /// and each with its pack.
    pub fn open(path: &Path, key: &BackupKey) -> Result<Self, ArchiveError> {
        let mut folder = Self { path: path.to_owned(), manifests: Vec::new(), head: None };
        for (expected, number) in (1..).zip(numbers(path)?) {
            if number != expected {
                return Err(ArchiveError::Missing { folder: path.to_owned(), number: expected });
            }
            folder.add(number, key)?;
        }
        Ok(folder)
    }

    /// As [`Folder::open`], where there must be an increment.
    pub fn open_filled(path: &Path, key: &BackupKey) -> Result<Self, ArchiveError> {
        let folder = Self::open(path, key)?;
        match folder.manifests.is_empty() {
            true => Err(ArchiveError::NoBackup(path.to_owned())),
            false => Ok(folder),
        }
    }

    fn add(&mut self, number: u64, key: &BackupKey) -> Result<(), ArchiveError> {
        let path = self.manifest_path(number);
        let reader = Reader::open(&path, key, Purpose::Manifest)?;
        let digest = reader.written.digest;
        let bytes = reader.take_all(LONGEST)?;
        let manifest = Manifest::decode(bytes.as_slice()).map_err(|e| damaged(&path, e.to_string()))?;
        let before = self.manifests.last();
        let follows = manifest.number == number
            && manifest.previous == self.head.map(|head| head.to_vec()).unwrap_or_default()
            && manifest.after_group == before.map_or(0, |before| before.last_group)
            && manifest.from_size == before.map_or(0, |before| before.end.size)
            && before.is_none_or(|before| before.owner() == manifest.owner());
        if !follows {
            return Err(damaged(&path, "it does not follow the increment before it"));
        }
        let pack = self.pack_path(number);
        match std::fs::metadata(&pack) {
            Ok(found) if found.len() == manifest.pack_size => {}
            Ok(found) => return Err(damaged(&pack, format!("it has {} bytes", found.len()))),
            Err(_) => return Err(ArchiveError::Missing { folder: self.path.clone(), number }),
        }
        self.manifests.push(manifest);
        self.head = Some(digest);
        Ok(())
    }

    /// Whose back-up it is, where there is one.
    pub fn owner(&self) -> Option<Owner> {
        self.manifests.first().map(Manifest::owner)
    }

    /// Object files that increments hold.
    pub fn objects(&self) -> BTreeSet<&[u8]> {
        self.manifests.iter().flat_map(|manifest| &manifest.objects).map(Vec::as_slice).collect()
    }

    /// Bytes of all packs.
    pub fn bytes(&self) -> u64 {
        self.manifests.iter().map(|manifest| manifest.pack_size).sum()
    }

    /// Opens the pack of an increment, which must be the one that its manifest names.
    pub fn pack(&self, manifest: &Manifest, key: &BackupKey) -> Result<Reader, ArchiveError> {
        let path = self.pack_path(manifest.number);
        let reader = Reader::open(&path, key, Purpose::Pack)?;
        let named = reader.written.size == manifest.pack_size
            && reader.written.digest.as_slice() == manifest.pack_digest;
        named.then_some(reader).ok_or_else(|| damaged(&path, "it is not the one that its manifest names"))
    }

    fn manifest_path(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:06}.manifest"))
    }

    fn pack_path(&self, number: u64) -> PathBuf {
        self.path.join(format!("{number:06}.pack"))
    }
}

/// A back-up folder that this process alone writes to.
pub struct Writing {
    /// What is there.
    pub folder: Folder,
    _lock: Lock,
}

/// Where an unfinished file lies.
fn unfinished(path: &Path, what: &str) -> PathBuf {
    path.join(format!("unfinished.{what}"))
}

impl Writing {
    /// Opens the folder, making it if it is new, and removes what a run that died left.
    pub fn open(path: &Path, key: &BackupKey) -> Result<Self, ArchiveError> {
        private_folder(path)?;
        let lock = Lock::take(path).map_err(|error| match error {
            StoreError::Locked(_) => ArchiveError::Busy(path.to_owned()),
            error => error.into(),
        })?;
        for what in ["pack", "manifest"] {
            let left = unfinished(path, what);
            if left.exists() {
                std::fs::remove_file(&left).map_err(StoreError::io("cannot remove", &left))?;
            }
        }
        Ok(Self { folder: Folder::open(path, key)?, _lock: lock })
    }

    /// Number of the next increment.
    pub fn next(&self) -> u64 {
        self.folder.manifests.len() as u64 + 1
    }

    /// The digest of the newest manifest; empty if there is none.
    pub fn head(&self) -> Vec<u8> {
        self.folder.head.map(|head| head.to_vec()).unwrap_or_default()
    }

    /// Begins the pack of the next increment.
    pub fn begin(&self, key: &BackupKey, entropy: &dyn Entropy) -> Result<Writer, ArchiveError> {
        Writer::create(&unfinished(&self.folder.path, "pack"), key, Purpose::Pack, entropy)
    }

    /// Gives up the pack that was begun.
    pub fn abandon(&self) -> Result<(), ArchiveError> {
        let path = unfinished(&self.folder.path, "pack");
        Ok(std::fs::remove_file(&path).map_err(StoreError::io("cannot remove", &path))?)
    }

    /// Puts the finished pack in place and then its manifest, with which the increment counts.
    pub fn commit(
        self,
        manifest: &Manifest,
        key: &BackupKey,
        entropy: &dyn Entropy,
    ) -> Result<Written, ArchiveError> {
        let path = &self.folder.path;
        let rename = |from: &Path, to: &Path| -> Result<(), ArchiveError> {
            std::fs::rename(from, to).map_err(StoreError::io("cannot name", to))?;
            Ok(sync_folder(path)?)
        };
        rename(&unfinished(path, "pack"), &self.folder.pack_path(manifest.number))?;
        // A crash here leaves a pack without a manifest; the next run replaces it.
        let new = unfinished(path, "manifest");
        let mut writer = Writer::create(&new, key, Purpose::Manifest, entropy)?;
        writer.write(&manifest.encode_to_vec())?;
        let written = writer.finish()?;
        rename(&new, &self.folder.manifest_path(manifest.number))?;
        Ok(written)
    }
}

/// Whether a folder holds a back-up. Whose it is, and whether it is whole, only its key tells.
pub fn is_backup(path: &Path) -> bool {
    numbers(path).is_ok_and(|numbers| !numbers.is_empty())
}

/// Numbers of the manifests in a folder, in order.
fn numbers(path: &Path) -> Result<BTreeSet<u64>, ArchiveError> {
    let read = std::fs::read_dir(path).map_err(StoreError::io("cannot read", path))?;
    let mut numbers = BTreeSet::new();
    for entry in read {
        let name = entry.map_err(StoreError::io("cannot read", path))?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".manifest"));
        if let Some(number) = number.and_then(|number| number.parse::<u64>().ok()) {
            numbers.insert(number);
        }
    }
    Ok(numbers)
}
