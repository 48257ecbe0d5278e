//! The key back-up: every private key of a data directory, in one small sealed file. It is
//! replaced as a whole, and the one before it is overwritten and unlinked: an erasure is done
//! only when no copy holds the key that it destroyed.

use super::sealed::{BackupKey, HEADING, Purpose, Reader, Writer};
use super::{ArchiveError, Owner, damaged};
use crate::crypto::entropy::Entropy;
use crate::format::Millis;
use crate::store::files::{folder_of, private_folder, sync_folder};
use crate::store::objects::read_full;
use crate::store::{StoreError, key_files};
use prost::Message;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use zeroize::{Zeroize, Zeroizing};

/// Bytes of a key back-up at most.
const LONGEST: u64 = 64 << 20;
/// The file of our statements in a folder of keys.
const STATEMENTS: &str = "statements";
/// Keys that serving does not need and that should lie offline.
const OFFLINE: [&str; 2] = ["root.key", "next-root.key"];

/// The keys of a data directory at one time.
#[derive(Clone, PartialEq, Message)]
pub struct KeyBackup {
    /// Whose they are.
    #[prost(string, tag = "1")]
    pub authority: String,
    /// SHA-256 of statement 0.
    #[prost(bytes = "vec", tag = "2")]
    pub fingerprint: Vec<u8>,
    /// Milliseconds.
    #[prost(uint64, tag = "3")]
    pub made_at: u64,
    /// The files.
    #[prost(message, repeated, tag = "4")]
    pub files: Vec<KeyFile>,
}

/// One file in the folder of keys.
#[derive(Clone, PartialEq, Message)]
pub struct KeyFile {
    /// Path below the folder.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its bytes.
    #[prost(bytes = "vec", tag = "2")]
    pub bytes: Vec<u8>,
}

impl KeyBackup {
    /// Collects the keys of a data directory.
    pub fn collect(data: &Path, now: Millis) -> Result<Self, ArchiveError> {
        let Owner { authority, fingerprint } = Owner::of(data)?;
        let folder = data.join("keys");
        let mut files = Vec::new();
        for below in ["", "epochs"] {
            let folder = folder.join(below);
            if below.is_empty() || folder.exists() {
                collect(&folder, below, &mut files)?;
            }
        }
        Ok(Self { authority, fingerprint, made_at: now, files })
    }

    /// Opens a key back-up.
    pub fn read(path: &Path, key: &BackupKey) -> Result<Self, ArchiveError> {
        let bytes = Zeroizing::new(Reader::open(path, key, Purpose::Keys)?.take_all(LONGEST)?);
        Self::decode(bytes.as_slice()).map_err(|error| damaged(path, error.to_string()))
    }

    /// Seals it into a file, in place of the one that may be there, which is destroyed. At
    /// any moment a whole key back-up is there: under this name, or with `.old` behind it.
    pub fn write(&self, path: &Path, key: &BackupKey, entropy: &dyn Entropy) -> Result<(), ArchiveError> {
        let (new, old) = (beside(path, "new"), beside(path, "old"));
        private_folder(folder_of(path))?;
        for file in [path, &new, &old].into_iter().filter(|file| file.exists()) {
            refuse_other(file, key)?;
        }
        if new.exists() {
            destroy(&new)?;
        }
        let mut writer = Writer::create(&new, key, Purpose::Keys, entropy)?;
        writer.write(&Zeroizing::new(self.encode_to_vec()))?;
        writer.finish()?;
        // No hard links: sticks that carry keys often have a file system without them.
        if path.exists() {
            if old.exists() {
                destroy(&old)?;
            }
            std::fs::rename(path, &old).map_err(StoreError::io("cannot rename", path))?;
        }
        std::fs::rename(&new, path).map_err(StoreError::io("cannot name", path))?;
        sync_folder(folder_of(path))?;
        match old.exists() {
            true => destroy(&old),
            false => Ok(()),
        }
    }

    /// Whose it is.
    pub fn owner(&self) -> Owner {
        Owner { authority: self.authority.clone(), fingerprint: self.fingerprint.clone() }
    }

    /// Names of the epoch keys in it.
    pub fn buckets(&self) -> BTreeSet<&str> {
        let names = self.files.iter().filter_map(|file| file.name.strip_prefix("epochs/"));
        names.filter_map(|name| name.strip_suffix(".key")).collect()
    }

    /// Those of the root's keys that it holds: better kept offline.
    pub fn offline_keys(&self) -> Vec<&str> {
        self.files.iter().map(|file| file.name.as_str()).filter(|name| OFFLINE.contains(name)).collect()
    }

    /// Number of our statements in it; each stands behind its length (u32).
    pub fn statements(&self) -> u64 {
        let file = self.files.iter().find(|file| file.name == STATEMENTS);
        let mut rest = file.map_or(&[][..], |file| &file.bytes);
        let mut count = 0;
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let Some(after) = after.get(u32::from_be_bytes(*length) as usize..) else { break };
            (rest, count) = (after, count + 1);
        }
        count
    }

    /// Writes the keys into a new folder; the statements last, since a folder without them is
    /// no identity.
    pub fn unpack(&self, folder: &Path) -> Result<(), ArchiveError> {
        private_folder(&folder.join("epochs"))?;
        let (last, first): (Vec<_>, Vec<_>) = self.files.iter().partition(|file| file.name == STATEMENTS);
        for file in first.into_iter().chain(last) {
            let plain = |part| matches!(part, Component::Normal(_));
            if file.name.is_empty() || !Path::new(&file.name).components().all(plain) {
                return Err(damaged(folder, format!("{:?} is no name of a key file", file.name)));
            }
            key_files::write_private(&folder.join(&file.name), &file.bytes)?;
        }
        Ok(())
    }
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

fn collect(folder: &Path, below: &str, files: &mut Vec<KeyFile>) -> Result<(), ArchiveError> {
    let mut names: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(StoreError::io("cannot read", folder))? {
        names.push(entry.map_err(StoreError::io("cannot read", folder))?.path());
    }
    names.sort();
    // What a change of the passphrase left beside a key may be the key itself, unencrypted.
    for path in names.into_iter().filter(|path| path.is_file() && !key_files::is_beside(path)) {
        let bytes = std::fs::read(&path).map_err(StoreError::io("cannot read", &path))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = Path::new(below).join(&*name).to_string_lossy().into_owned();
        files.push(KeyFile { name, bytes });
    }
    Ok(())
}

/// Nothing is ever overwritten but a key back-up, even one under another key, and what a
/// run that died left of one: a file that is not finished or half destroyed begins with zeroes.
fn refuse_other(path: &Path, key: &BackupKey) -> Result<(), ArchiveError> {
    match Reader::open(path, key, Purpose::Keys) {
        Ok(_) | Err(ArchiveError::WrongKey(_)) => Ok(()),
        Err(error) => {
            let mut begins = [0; HEADING];
            let read = File::open(path).and_then(|mut file| read_full(&mut file, &mut begins));
            read.map_err(StoreError::io("cannot read", path))?;
            if begins.iter().all(|byte| *byte == 0) { Ok(()) } else { Err(error) }
        }
    }
}

fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{what}"));
    path.with_file_name(name)
}

/// Overwrites a file, syncs it and unlinks it. What a copying file system or an SSD keeps of
/// the old blocks is not in our hands.
fn destroy(path: &Path) -> Result<(), ArchiveError> {
    let overwrite = || -> std::io::Result<()> {
        let mut file: File = OpenOptions::new().write(true).open(path)?;
        let mut left = file.metadata()?.len();
        let zeroes = [0; 4096];
        while left > 0 {
            let part = left.min(zeroes.len() as u64);
            file.write_all(&zeroes[..part as usize])?;
            left -= part;
        }
        file.sync_all()?;
        std::fs::remove_file(path)
    };
    overwrite().map_err(StoreError::io("cannot destroy", path))?;
    Ok(sync_folder(folder_of(path))?)
}
