//! Sealed files: everything in a back-up is one. A heading of [`HEADING`] bytes, then the
//! chunks of one object (`crypto/object.rs`) under a key of its own, which is derived from
//! the back-up key, a random id in the heading, and what the file is for.

use super::{ArchiveError, damaged};
use crate::crypto::LEN;
use crate::crypto::entropy::{Entropy, fresh, fresh_secret};
use crate::crypto::hash::{Digest, sha256};
use crate::crypto::object::{
    CHUNK, ContentKey, ObjectKey, Opener, SEALED_CHUNK, Sealed, Sealer, opened_length,
};
use crate::crypto::passphrase::Passphrase;
use crate::store::StoreError;
use crate::store::files::new_private;
use crate::store::objects::read_full;
use crate::store::passphrase::{read_backup_key, write_backup_key};
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const MAGIC: &[u8; 24] = b"rogatory sealed file v1\n";
/// Bytes before the first chunk: magic, purpose (u32), id (16), ciphertext length (u64),
/// chunk root, commitment, plaintext digest, and SHA-256 of all that.
pub const HEADING: usize = 24 + 4 + 16 + 8 + 4 * LEN;

/// What a sealed file is for; each has keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Groups, objects and small files of an increment.
    Pack = 1,
    /// What an increment says of itself.
    Manifest = 2,
    /// Private keys.
    Keys = 3,
}

/// The key that the operator keeps elsewhere.
pub struct BackupKey(ContentKey);

impl BackupKey {
    /// Makes a new key in a private file, under a passphrase if there is one; fails if there is a file.
    pub fn make(
        path: &Path,
        passphrase: Option<&Passphrase>,
        entropy: &dyn Entropy,
    ) -> Result<(), ArchiveError> {
        let bytes = fresh_secret::<LEN>(entropy)?;
        Ok(write_backup_key(path, passphrase, &bytes[..], entropy)?)
    }

    /// Reads a key file that is under no passphrase.
    pub fn read(path: &Path) -> Result<Self, ArchiveError> {
        Ok(Self::read_with(path, || Ok::<_, StoreError>(None))?)
    }

    /// Reads a key file; the passphrase is asked for only where it is under one.
    pub fn read_with<E: From<StoreError>>(
        path: &Path,
        given: impl FnOnce() -> Result<Option<Passphrase>, E>,
    ) -> Result<Self, E> {
        let bytes = read_backup_key(path, given)?;
        let bytes = bytes.as_slice().try_into().map_err(|_| StoreError::KeyFile {
            path: path.to_owned(),
            why: "is not 32 bytes long, so it is no back-up key",
        })?;
        Ok(Self(ContentKey::from_bytes(bytes)))
    }

    /// The id is random and drawn once a file, so a key seals one file.
    fn of_file(&self, id: &[u8; 16], purpose: Purpose) -> ObjectKey {
        self.0.object_key(id, purpose as u32)
    }
}

/// A sealed file as its heading commits to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Bytes of the file.
    pub size: u64,
    /// The digest that ends the heading: it stands for the whole file.
    pub digest: Digest,
}

/// Writes a sealed file.
pub struct Writer {
    file: File,
    path: PathBuf,
    purpose: Purpose,
    id: [u8; 16],
    sealer: Sealer,
    /// Plaintext until it is sealed; it may be that of private keys.
    buffer: Zeroizing<Vec<u8>>,
}

impl Writer {
    /// Begins a new private file.
    pub fn create(
        path: &Path,
        key: &BackupKey,
        purpose: Purpose,
        entropy: &dyn Entropy,
    ) -> Result<Self, ArchiveError> {
        let mut file = new_private(path)?;
        let id = fresh(entropy)?;
        // A heading of zeroes is no heading: it is written when all else is there.
        file.write_all(&[0; HEADING]).map_err(StoreError::io("cannot write", path))?;
        let sealer = Sealer::new(&key.of_file(&id, purpose));
        Ok(Self {
            file,
            path: path.to_owned(),
            purpose,
            id,
            sealer,
            buffer: Zeroizing::new(Vec::with_capacity(SEALED_CHUNK)),
        })
    }

    /// Adds plaintext.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), ArchiveError> {
        while !bytes.is_empty() {
            // A full chunk waits until it is known that it is not the last.
            if self.buffer.len() == CHUNK {
                self.seal(false)?;
            }
            let (head, tail) = bytes.split_at(bytes.len().min(CHUNK - self.buffer.len()));
            self.buffer.extend_from_slice(head);
            bytes = tail;
        }
        Ok(())
    }

    fn seal(&mut self, last: bool) -> Result<(), ArchiveError> {
        self.sealer.seal(&mut self.buffer, last)?;
        self.file.write_all(&self.buffer).map_err(StoreError::io("cannot write", &self.path))?;
        self.buffer.clear();
        Ok(())
    }

    /// Ends the file, with its heading, and syncs it.
    pub fn finish(mut self) -> Result<Written, ArchiveError> {
        self.seal(true)?;
        let sealed = self.sealer.finish()?;
        let mut heading = Vec::with_capacity(HEADING);
        heading.extend_from_slice(MAGIC);
        heading.extend_from_slice(&(self.purpose as u32).to_be_bytes());
        heading.extend_from_slice(&self.id);
        heading.extend_from_slice(&sealed.ciphertext_length.to_be_bytes());
        for part in [&sealed.chunk_root, &sealed.commitment, &sealed.plaintext_digest] {
            heading.extend_from_slice(part);
        }
        let digest = sha256(&heading);
        heading.extend_from_slice(&digest);
        self.file
            .write_all_at(&heading, 0)
            .and_then(|()| self.file.sync_all())
            .map_err(StoreError::io("cannot write", &self.path))?;
        Ok(Written { size: HEADING as u64 + sealed.ciphertext_length, digest })
    }
}

/// Reads a sealed file; hands out nothing that is not authentic.
pub struct Reader {
    file: File,
    path: PathBuf,
    opener: Opener,
    /// It may be one of private keys.
    chunk: Zeroizing<Vec<u8>>,
    at: usize,
    left: u64,
    plain: u64,
    /// What the heading commits to.
    pub written: Written,
}

impl Reader {
    /// Opens a file that was sealed with this key for this purpose.
    pub fn open(path: &Path, key: &BackupKey, purpose: Purpose) -> Result<Self, ArchiveError> {
        let mut file = File::open(path).map_err(StoreError::io("cannot open", path))?;
        let size = file.metadata().map_err(StoreError::io("cannot read", path))?.len();
        let mut heading = [0; HEADING];
        let read = read_full(&mut file, &mut heading).map_err(StoreError::io("cannot read", path))?;
        let (head, digest) = heading.split_at(HEADING - LEN);
        if read < HEADING || !head.starts_with(MAGIC) || sha256(head) != digest {
            return Err(damaged(path, "its heading is not one that was written"));
        }
        let part = |at: usize| -> [u8; LEN] { head[at..at + LEN].try_into().expect("within the heading") };
        let word = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().expect("four bytes"));
        if word(24) != purpose as u32 {
            return Err(damaged(path, "it is a sealed file for something else"));
        }
        let id: [u8; 16] = head[28..44].try_into().expect("sixteen bytes");
        let sealed = Sealed {
            ciphertext_length: u64::from_be_bytes(head[44..52].try_into().expect("eight bytes")),
            chunk_root: part(52),
            commitment: part(84),
            plaintext_digest: part(116),
        };
        let plain = opened_length(sealed.ciphertext_length)
            .filter(|_| size == HEADING as u64 + sealed.ciphertext_length)
            .ok_or_else(|| damaged(path, format!("it has {size} bytes, which is not its length")))?;
        let left = sealed.ciphertext_length;
        let opener = Opener::new(&key.of_file(&id, purpose), sealed)
            .map_err(|_| ArchiveError::WrongKey(path.to_owned()))?;
        let written = Written { size, digest: digest.try_into().expect("a digest ends the heading") };
        Ok(Self {
            file,
            path: path.to_owned(),
            opener,
            chunk: Zeroizing::default(),
            at: 0,
            left,
            plain,
            written,
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of plaintext that were not read yet.
    pub fn remaining(&self) -> u64 {
        self.plain
    }

    /// Fills `out`, or fails.
    pub fn read(&mut self, mut out: &mut [u8]) -> Result<(), ArchiveError> {
        if out.len() as u64 > self.plain {
            return Err(damaged(&self.path, "it ends too early"));
        }
        self.plain -= out.len() as u64;
        while !out.is_empty() {
            if self.at == self.chunk.len() {
                self.next_chunk()?;
            }
            let count = out.len().min(self.chunk.len() - self.at);
            out[..count].copy_from_slice(&self.chunk[self.at..self.at + count]);
            self.at += count;
            out = &mut out[count..];
        }
        Ok(())
    }

    /// The next `length` bytes; the caller has bounded the length.
    pub fn take(&mut self, length: usize) -> Result<Vec<u8>, ArchiveError> {
        if length as u64 > self.plain {
            return Err(damaged(&self.path, "it ends too early"));
        }
        let mut bytes = vec![0; length];
        self.read(&mut bytes)?;
        Ok(bytes)
    }

    /// All of it, where it has at most `bound` bytes.
    pub fn take_all(mut self, bound: u64) -> Result<Vec<u8>, ArchiveError> {
        if self.plain > bound {
            return Err(damaged(&self.path, "it is too long"));
        }
        let bytes = self.take(self.plain as usize)?;
        self.finish()?;
        Ok(bytes)
    }

    fn next_chunk(&mut self) -> Result<(), ArchiveError> {
        let length = self.left.min(SEALED_CHUNK as u64) as usize;
        let mut sealed = vec![0; length];
        let read =
            read_full(&mut self.file, &mut sealed).map_err(StoreError::io("cannot read", &self.path))?;
        let place = self.written.size - self.left;
        let plain = match read == length && length > 0 {
            true => self.opener.open(&mut sealed).map(<[u8]>::len).ok(),
            false => None,
        };
        let plain = plain.ok_or_else(|| {
            damaged(&self.path, format!("the {length} bytes from byte {place} on are not what was sealed"))
        })?;
        sealed.truncate(plain);
        self.left -= length as u64;
        (self.chunk, self.at) = (Zeroizing::new(sealed), 0);
        Ok(())
    }

    /// Agrees only if all of it was read and is what the heading says.
    pub fn finish(mut self) -> Result<Written, ArchiveError> {
        // An empty plaintext has a chunk too, and nobody asked for it yet.
        if self.plain == 0 && self.left > 0 {
            self.next_chunk()?;
        }
        if self.plain > 0 || self.left > 0 {
            return Err(damaged(&self.path, "it goes on where it should end"));
        }
        let path = self.path;
        self.opener.finish().map_err(|_| damaged(&path, "it is not what its heading says"))?;
        Ok(self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;

    fn key(folder: &Path, name: &str) -> BackupKey {
        let path = folder.join(name);
        BackupKey::make(&path, None, &SystemEntropy::default()).unwrap();
        BackupKey::read(&path).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_and_every_flip_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let (ours, other) = (key(folder.path(), "a.key"), key(folder.path(), "b.key"));
        for length in [0, 1, 700, CHUNK, CHUNK + 1, 2 * CHUNK] {
            let path = folder.path().join(format!("{length}.sealed"));
            let plain: Vec<u8> = (0..length).map(|i| (i * 7) as u8).collect();
            let mut writer = Writer::create(&path, &ours, Purpose::Pack, &SystemEntropy::default()).unwrap();
            plain.chunks(1000).for_each(|part| writer.write(part).unwrap());
            let written = writer.finish().unwrap();
            let open = |key| Reader::open(&path, key, Purpose::Pack);
            let reader = open(&ours).unwrap();
            assert_eq!((reader.written, reader.remaining()), (written, length as u64));
            assert_eq!(reader.take_all(u64::MAX).unwrap(), plain);
            assert!(matches!(open(&other), Err(ArchiveError::WrongKey(_))));
            assert!(Reader::open(&path, &ours, Purpose::Keys).is_err());

            let bytes = std::fs::read(&path).unwrap();
            for at in (0..bytes.len()).step_by(1 + bytes.len() / 400).chain([bytes.len() - 1]) {
                let mut changed = bytes.clone();
                changed[at] ^= 1;
                std::fs::write(&path, &changed).unwrap();
                let read = open(&ours).and_then(|reader| reader.take_all(u64::MAX));
                assert!(matches!(read, Err(ArchiveError::Damaged { .. })), "byte {at} of {length}");
            }
            std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
            assert!(open(&ours).is_err());
        }
    }
}
