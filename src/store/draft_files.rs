//! Drafts at rest: a file of sealed chunks for each, and beside the private keys a small one that
//! says what it is and holds its key. There is a draft where there is the small file; destroying
//! that destroys the draft.

use super::StoreError;
use super::files::{new_private, private_folder, sync_folder};
use super::key_files::{KeyFiles, destroy};
use crate::crypto::entropy::Entropy;
use crate::crypto::object::{CHUNK, ContentKey, Opener, SEALED_CHUNK, Sealed, Sealer};
use crate::format::id::PacketId;
use prost::Message;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use zeroize::{Zeroize as _, Zeroizing};

/// Below the folder of keys.
const FOLDER: &str = "drafts";
/// Drafts at most.
pub const DRAFTS: usize = 256;
const NO_KEY: &str = "is no key of a draft";
/// Bytes of all drafts together at most (1 GiB).
pub const BYTES: u64 = 1 << 30;

/// The folders of drafts.
#[derive(Debug, Clone)]
pub struct DraftFiles {
    contents: PathBuf,
    keys: KeyFiles,
}

/// What the small file says.
#[derive(Clone, PartialEq, Message)]
pub struct DraftRecord {
    /// Key of the content; whoever has it has the draft. It stands in the file alone.
    #[prost(bytes = "vec", tag = "1")]
    pub danger_key: Vec<u8>,
    /// As people of this authority are named.
    #[prost(string, tag = "2")]
    pub drafter: String,
    /// Authority id.
    #[prost(string, tag = "3")]
    pub recipient: String,
    /// Kind of packet.
    #[prost(int32, tag = "4")]
    pub kind: i32,
    /// Urgency.
    #[prost(int32, tag = "5")]
    pub urgency: i32,
    /// Milliseconds.
    #[prost(uint64, tag = "6")]
    pub created: u64,
    /// Milliseconds.
    #[prost(uint64, tag = "7")]
    pub expires: u64,
    /// Number of attachments.
    #[prost(uint32, tag = "8")]
    pub attachments: u32,
    /// Length of the sealed file.
    #[prost(uint64, tag = "9")]
    pub length: u64,
    /// As a header describes an object.
    #[prost(bytes = "vec", tag = "10")]
    pub chunk_root: Vec<u8>,
    /// Likewise.
    #[prost(bytes = "vec", tag = "11")]
    pub commitment: Vec<u8>,
    /// Likewise.
    #[prost(bytes = "vec", tag = "12")]
    pub plaintext_digest: Vec<u8>,
}

/// A draft that is being written. Dropped, its file is gone.
pub struct DraftWriter {
    files: DraftFiles,
    id: PacketId,
    key: ContentKey,
    sealer: Sealer,
    buffer: Vec<u8>,
    file: File,
    path: PathBuf,
    left: u64,
    placed: bool,
}

/// A draft that is being read.
pub struct DraftReader {
    opener: Opener,
    file: File,
    path: PathBuf,
    left: u64,
    plain: Vec<u8>,
}

impl DraftFiles {
    /// Opens the folders; what a process that died left half-done is removed.
    pub fn open(data: &Path, keys: KeyFiles) -> Result<Self, StoreError> {
        let files = Self { contents: data.join("drafts"), keys };
        private_folder(&files.contents)?;
        private_folder(&files.keys.path(FOLDER))?;
        let known = files.list()?;
        let contents = &files.contents;
        for found in std::fs::read_dir(contents).map_err(StoreError::io("cannot read", contents))?.flatten() {
            let name = found.file_name().to_string_lossy().into_owned();
            let id = name.strip_suffix(".sealed").and_then(|name| name.parse::<PacketId>().ok());
            if id.is_none_or(|id| !known.contains(&id)) {
                std::fs::remove_file(found.path()).map_err(StoreError::io("cannot remove", &found.path()))?;
            }
        }
        Ok(files)
    }

    /// Every draft, oldest first.
    pub fn list(&self) -> Result<Vec<PacketId>, StoreError> {
        let keys = self.keys.path(FOLDER);
        let found = std::fs::read_dir(&keys).map_err(StoreError::io("cannot read", &keys))?;
        let id = |name: String| name.strip_suffix(".key").and_then(|name| name.parse().ok());
        let mut ids: Vec<PacketId> =
            found.flatten().filter_map(|file| id(file.file_name().to_string_lossy().into_owned())).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// What a draft is, without its key; none: there is none.
    pub fn record(&self, id: &PacketId) -> Result<Option<DraftRecord>, StoreError> {
        Ok(self.keyed(id)?.map(|(record, _)| record))
    }

    fn keyed(&self, id: &PacketId) -> Result<Option<(DraftRecord, ContentKey)>, StoreError> {
        let path = self.key_path(id);
        if !path.exists() {
            return Ok(None);
        }
        let wrong = || StoreError::KeyFile { path: path.clone(), why: NO_KEY };
        let bytes = self.keys.read(&name_of(id))?;
        let mut record = DraftRecord::decode(bytes.as_slice()).map_err(|_| wrong())?;
        let key = Zeroizing::new(std::mem::take(&mut record.danger_key));
        let key = key.as_slice().try_into().map_err(|_| wrong())?;
        Ok(Some((record, ContentKey::from_bytes(key))))
    }

    /// Begins a draft that may have so many bytes.
    pub fn begin(&self, id: PacketId, key: ContentKey, most: u64) -> Result<DraftWriter, StoreError> {
        let path = self.contents.join(format!("{id}.new"));
        let (file, sealer) = (new_private(&path)?, Sealer::new(&key.object_key(id.bytes(), 0)));
        let (files, buffer) = (self.clone(), Vec::with_capacity(CHUNK));
        Ok(DraftWriter { files, id, key, sealer, buffer, file, path, left: most, placed: false })
    }

    /// Opens a draft.
    pub fn read(&self, id: &PacketId, record: &DraftRecord) -> Result<DraftReader, StoreError> {
        let path = self.content_path(id);
        let damaged = || StoreError::KeyFile { path: self.key_path(id), why: NO_KEY };
        let digest = |bytes: &[u8]| bytes.try_into().map_err(|_| damaged());
        let sealed = Sealed {
            ciphertext_length: record.length,
            chunk_root: digest(&record.chunk_root)?,
            commitment: digest(&record.commitment)?,
            plaintext_digest: digest(&record.plaintext_digest)?,
        };
        let (_, key) = self.keyed(id)?.ok_or_else(damaged)?;
        let opener = Opener::new(&key.object_key(id.bytes(), 0), sealed).map_err(|_| damaged())?;
        let file = File::open(&path).map_err(StoreError::io("cannot open", &path))?;
        Ok(DraftReader { opener, file, path, left: record.length, plain: Vec::new() })
    }

    /// Destroys a draft: its key first. False: there was none.
    pub fn destroy(&self, id: &PacketId) -> Result<bool, StoreError> {
        let found = destroy(&self.key_path(id))?;
        // A crash here leaves a file that nobody can open; the next start removes it.
        let path = self.content_path(id);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::io("cannot remove", &path)(error))
            }
            _ => Ok(found),
        }
    }

    fn key_path(&self, id: &PacketId) -> PathBuf {
        self.keys.path(&name_of(id))
    }

    fn content_path(&self, id: &PacketId) -> PathBuf {
        self.contents.join(format!("{id}.sealed"))
    }
}

fn name_of(id: &PacketId) -> String {
    format!("{FOLDER}/{id}.key")
}

impl DraftWriter {
    /// Adds bytes; false: it would be longer than it may be.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<bool, StoreError> {
        let Some(left) = self.left.checked_sub(bytes.len() as u64) else { return Ok(false) };
        self.left = left;
        while !bytes.is_empty() {
            // A full buffer is sealed only when more comes: the last chunk is sealed as last.
            if self.buffer.len() == CHUNK {
                self.seal(false)?;
            }
            let (head, tail) = bytes.split_at(bytes.len().min(CHUNK - self.buffer.len()));
            self.buffer.extend_from_slice(head);
            bytes = tail;
        }
        Ok(true)
    }

    /// Ends the draft, which is durable after this.
    pub fn finish(mut self, record: DraftRecord, entropy: &dyn Entropy) -> Result<(), StoreError> {
        self.seal(true)?;
        let sealer =
            std::mem::replace(&mut self.sealer, Sealer::new(&self.key.object_key(self.id.bytes(), 1)));
        let sealed = sealer.finish().map_err(|_| StoreError::Index("a draft could not be sealed".into()))?;
        self.file.sync_all().map_err(StoreError::io("cannot sync", &self.path))?;
        let path = self.files.content_path(&self.id);
        std::fs::rename(&self.path, &path).map_err(StoreError::io("cannot rename", &self.path))?;
        self.placed = true;
        sync_folder(&self.files.contents)?;
        let mut record = DraftRecord {
            danger_key: self.key.danger_bytes().to_vec(),
            length: sealed.ciphertext_length,
            chunk_root: sealed.chunk_root.to_vec(),
            commitment: sealed.commitment.to_vec(),
            plaintext_digest: sealed.plaintext_digest.to_vec(),
            ..record
        };
        let bytes = Zeroizing::new(record.encode_to_vec());
        record.danger_key.zeroize();
        self.files.keys.write(&name_of(&self.id), &bytes, entropy)
    }

    fn seal(&mut self, last: bool) -> Result<(), StoreError> {
        self.sealer
            .seal(&mut self.buffer, last)
            .map_err(|_| StoreError::Index("a draft could not be sealed".into()))?;
        self.file.write_all(&self.buffer).map_err(StoreError::io("cannot write", &self.path))?;
        self.buffer.clear();
        Ok(())
    }
}

impl Drop for DraftWriter {
    fn drop(&mut self) {
        if !self.placed
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            // The next start removes it.
            tracing::warn!(%error, "a draft that was not ended is still there");
        }
    }
}

impl DraftReader {
    /// So many bytes; none at the end.
    pub fn read(&mut self, length: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let damaged =
            |path: &Path| StoreError::Damaged(format!("{} is not as it was sealed", path.display()));
        while self.plain.len() < length && self.left > 0 {
            let mut chunk = vec![0; self.left.min(SEALED_CHUNK as u64) as usize];
            self.file.read_exact(&mut chunk).map_err(StoreError::io("cannot read", &self.path))?;
            self.left -= chunk.len() as u64;
            let plain = self.opener.open(&mut chunk).map_err(|_| damaged(&self.path))?;
            self.plain.extend_from_slice(plain);
        }
        match self.plain.len() {
            0 => Ok(None),
            here if here < length => Err(damaged(&self.path)),
            _ => Ok(Some(self.plain.drain(..length).collect())),
        }
    }
}
