//! The passphrase of a folder of keys. The key that seals them stands in one file, locked with the
//! passphrase: another passphrase changes that file. Only the root's keys, which can be carried
//! elsewhere, are locked by themselves.

use super::StoreError;
use super::key_files::{is_beside, read_private, remove, rewrite, sweep, write_private};
use super::lock::Lock;
use crate::crypto::CryptoError;
use crate::crypto::entropy::Entropy;
use crate::crypto::passphrase::{self as locks, Cost, FolderKey, Passphrase, is_lock, is_sealed};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The file with the lock.
const FILE: &str = "passphrase";
/// Where private keys lie: in the folder, and below it.
const BELOW: [&str; 3] = ["", "epochs", "drafts"];
/// Private keys of the root.
const ROOTS: [&str; 2] = ["root.key", "next-root.key"];
/// What is locked, so that one is not taken for the other. The next root's key becomes the root's.
const FOLDER: &[u8] = b"folder of keys";
const ROOT: &[u8] = b"root";
const BACKUP: &[u8] = b"back-up key";

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// So many private keys were encrypted.
    Encrypted(usize),
    /// They are under another passphrase.
    Passphrase,
    /// So many were decrypted.
    Decrypted(usize),
    /// There was nothing to do.
    Nothing,
}

/// How the private keys of a folder lie. Destroyed ones, which are zeroes, do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// So many are encrypted.
    pub encrypted: usize,
    /// So many are not.
    pub plain: usize,
    /// Files beside them, of a change that did not end.
    pub left: usize,
}

/// Whether a folder of keys has a passphrase.
pub fn is_set(folder: &Path) -> bool {
    folder.join(FILE).exists()
}

/// How the private keys of a folder lie.
pub fn standing(folder: &Path) -> Result<Standing, StoreError> {
    let mut standing = Standing::default();
    for path in private_files(folder)? {
        let bytes = match std::fs::read(&path).map(Zeroizing::new) {
            // It was destroyed meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            bytes => bytes.map_err(StoreError::io("cannot read", &path))?,
        };
        match () {
            () if bytes.iter().all(|byte| *byte == 0) => {}
            () if is_beside(&path) => standing.left += 1,
            () if is_encrypted(&bytes) => standing.encrypted += 1,
            () => standing.plain += 1,
        }
    }
    Ok(standing)
}

/// Gives the keys of a data directory a passphrase, another one, or none; `old` is asked for the one
/// that there is. No gateway may work there. Whatever a crash leaves opens with the old passphrase or
/// the new one, and the same again brings it to its end.
pub fn change<E: From<StoreError>>(
    data: &Path,
    old: impl FnOnce() -> Result<Option<Passphrase>, E>,
    new: Option<&Passphrase>,
    entropy: &dyn Entropy,
) -> Result<Changed, E> {
    let folder = data.join("keys");
    let _alone = Lock::take(data)?;
    for path in private_files(&folder)?.iter().filter(|path| is_beside(path)) {
        sweep(path)?;
    }
    let old = || -> Result<_, E> { Ok(old()?.ok_or_else(|| StoreError::NoPassphrase(folder.clone()))?) };
    match (is_set(&folder), new) {
        (false, None) => Ok(Changed::Nothing),
        (false, Some(new)) => {
            refuse_lost(&folder)?;
            let key = begin(&folder, new, entropy)?;
            Ok(Changed::Encrypted(encrypt(&folder, &key, new, entropy)?))
        }
        (true, None) => {
            let old = old()?;
            let key = unlock(&folder, &old)?;
            Ok(Changed::Decrypted(decrypt(&folder, &key, &old)?))
        }
        (true, Some(new)) => match unlock(&folder, new) {
            // It has this one: to encrypt it was begun and did not end, or all is done.
            Ok(key) => Ok(match encrypt(&folder, &key, new, entropy)? {
                0 => Changed::Nothing,
                count => Changed::Encrypted(count),
            }),
            Err(StoreError::WrongPassphrase(_)) => {
                let old = old()?;
                let key = unlock(&folder, &old)?;
                encrypt(&folder, &key, &old, entropy)?;
                relock(&folder, &key, &old, new, entropy)?;
                Ok(Changed::Passphrase)
            }
            Err(error) => Err(error.into()),
        },
    }
}

/// A key that is sealed where there is no lock: another lock would never open it.
fn refuse_lost(folder: &Path) -> Result<(), StoreError> {
    for path in private_files(folder)? {
        if is_sealed(&read_private(&path)?) {
            return Err(lost(folder));
        }
    }
    Ok(())
}

/// The lock is gone.
pub(super) fn lost(folder: &Path) -> StoreError {
    let why = "is gone, and keys beside it are encrypted under what stood in it";
    StoreError::KeyFile { path: folder.join(FILE), why }
}

/// Makes the key of a folder that has no passphrase, and its lock.
pub(super) fn begin(folder: &Path, new: &Passphrase, entropy: &dyn Entropy) -> Result<FolderKey, StoreError> {
    let path = folder.join(FILE);
    let key =
        FolderKey::new(entropy).map_err(|_| StoreError::KeyFile { path: path.clone(), why: NO_LOCK })?;
    write_private(&path, &locked(&path, new, FOLDER, key.danger_bytes(), entropy)?)?;
    Ok(key)
}

/// The key of a folder that has a passphrase.
pub(super) fn unlock(folder: &Path, given: &Passphrase) -> Result<FolderKey, StoreError> {
    let path = folder.join(FILE);
    let bytes = unlocked(&path, given, FOLDER, &read_private(&path)?)?;
    FolderKey::from_bytes(&bytes).map_err(|_| StoreError::KeyFile { path, why: NO_KEY })
}

/// A root's key as it lies in its file, which is named in what goes wrong.
pub(super) fn lock_root(
    path: &Path,
    given: &Passphrase,
    seed: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, StoreError> {
    locked(path, given, ROOT, seed, entropy)
}

/// A root's key, wherever it was carried, and the passphrase that it was under, for which is asked
/// only where it was.
pub fn read_root<E: From<StoreError>>(
    path: &Path,
    given: impl FnOnce() -> Result<Option<Passphrase>, E>,
) -> Result<(Zeroizing<Vec<u8>>, Option<Passphrase>), E> {
    read_alone(path, ROOT, given)
}

/// The same of a back-up key.
pub fn read_backup_key<E: From<StoreError>>(
    path: &Path,
    given: impl FnOnce() -> Result<Option<Passphrase>, E>,
) -> Result<Zeroizing<Vec<u8>>, E> {
    Ok(read_alone(path, BACKUP, given)?.0)
}

fn read_alone<E: From<StoreError>>(
    path: &Path,
    context: &[u8],
    given: impl FnOnce() -> Result<Option<Passphrase>, E>,
) -> Result<(Zeroizing<Vec<u8>>, Option<Passphrase>), E> {
    let bytes = read_private(path)?;
    if !is_lock(&bytes) {
        return Ok((bytes, None));
    }
    let given = given()?.ok_or_else(|| StoreError::NoPassphrase(path.to_owned()))?;
    Ok((unlocked(path, &given, context, &bytes)?, Some(given)))
}

/// Writes a root's key into a new file, under this passphrase if there is one.
pub fn write_root(
    path: &Path,
    given: Option<&Passphrase>,
    seed: &[u8],
    entropy: &dyn Entropy,
) -> Result<(), StoreError> {
    write_alone(path, ROOT, given, seed, entropy)
}

/// The same of a back-up key.
pub fn write_backup_key(
    path: &Path,
    given: Option<&Passphrase>,
    key: &[u8],
    entropy: &dyn Entropy,
) -> Result<(), StoreError> {
    write_alone(path, BACKUP, given, key, entropy)
}

fn write_alone(
    path: &Path,
    context: &[u8],
    given: Option<&Passphrase>,
    bytes: &[u8],
    entropy: &dyn Entropy,
) -> Result<(), StoreError> {
    match given {
        Some(given) => write_private(path, &locked(path, given, context, bytes, entropy)?),
        None => write_private(path, bytes),
    }
}

/// Encrypts what is not yet, and counts it.
fn encrypt(
    folder: &Path,
    key: &FolderKey,
    given: &Passphrase,
    entropy: &dyn Entropy,
) -> Result<usize, StoreError> {
    let mut count = 0;
    for path in private_files(folder)? {
        let bytes = read_private(&path)?;
        // A destroyed key says that its erasure has to be brought to its end: it stays as it is.
        if is_encrypted(&bytes) || bytes.iter().all(|byte| *byte == 0) {
            continue;
        }
        let encrypted = match is_root(&path) {
            true => lock_root(&path, given, &bytes, entropy)?,
            false => key
                .seal(&name(folder, &path), &bytes, entropy)
                .map_err(|_| StoreError::KeyFile { path: path.clone(), why: NO_LOCK })?,
        };
        rewrite(&path, &encrypted)?;
        count += 1;
    }
    Ok(count)
}

/// Decrypts everything, and removes the lock last.
fn decrypt(folder: &Path, key: &FolderKey, old: &Passphrase) -> Result<usize, StoreError> {
    let mut plain = Vec::new();
    // All of it, before a file is touched.
    for path in private_files(folder)? {
        let bytes = read_private(&path)?;
        if is_lock(&bytes) {
            plain.push((unlocked(&path, old, ROOT, &bytes)?, path));
        } else if is_sealed(&bytes) {
            let opened = key.open(&name(folder, &path), &bytes);
            plain.push((opened.map_err(|_| StoreError::KeyFile { path: path.clone(), why: NO_KEY })?, path));
        }
    }
    for (bytes, path) in &plain {
        rewrite(path, bytes)?;
    }
    // Not overwritten: a crash between would leave a lock that nothing opens before keys that need none.
    remove(&folder.join(FILE))?;
    Ok(plain.len())
}

/// Puts another passphrase in place: the roots first, so that whoever finds the new one at the lock
/// finds it everywhere.
fn relock(
    folder: &Path,
    key: &FolderKey,
    old: &Passphrase,
    new: &Passphrase,
    entropy: &dyn Entropy,
) -> Result<(), StoreError> {
    let mut roots = Vec::new();
    for path in ROOTS.map(|name| folder.join(name)).into_iter().filter(|path| path.exists()) {
        let bytes = read_private(&path)?;
        match unlocked(&path, old, ROOT, &bytes) {
            Ok(seed) => roots.push((seed, path)),
            // Done before a crash.
            Err(StoreError::WrongPassphrase(_)) => drop(unlocked(&path, new, ROOT, &bytes)?),
            Err(error) => return Err(error),
        }
    }
    for (seed, path) in roots {
        rewrite(&path, &lock_root(&path, new, &seed, entropy)?)?;
    }
    let path = folder.join(FILE);
    rewrite(&path, &locked(&path, new, FOLDER, key.danger_bytes(), entropy)?)
}

fn locked(
    path: &Path,
    given: &Passphrase,
    context: &[u8],
    secret: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, StoreError> {
    locks::lock(given, context, secret, Cost::RECOMMENDED, entropy)
        .map_err(|_| StoreError::KeyFile { path: path.to_owned(), why: NO_LOCK })
}

fn unlocked(
    path: &Path,
    given: &Passphrase,
    context: &[u8],
    lock: &[u8],
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    locks::unlock(given, context, lock).map_err(|error| match error {
        CryptoError::Open => StoreError::WrongPassphrase(path.to_owned()),
        _ => StoreError::KeyFile { path: path.to_owned(), why: NO_KEY },
    })
}

const NO_LOCK: &str = "can't be encrypted: there is no randomness, or no memory";
const NO_KEY: &str = "can't be decrypted: it is damaged, or asks for more memory than it is given";

/// Files of private keys, and what a change left beside them.
fn private_files(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut paths = Vec::new();
    for folder in BELOW.map(|below| folder.join(below)) {
        let found = match std::fs::read_dir(&folder) {
            // Made with the first key in it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            found => found.map_err(StoreError::io("cannot read", &folder))?,
        };
        for entry in found {
            paths.push(entry.map_err(StoreError::io("cannot read", &folder))?.path());
        }
    }
    paths.retain(|path| path.extension().is_some_and(|end| end == "key") || is_beside(path));
    paths.sort();
    Ok(paths)
}

fn name(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned()
}

fn is_root(path: &Path) -> bool {
    path.parent().is_some_and(|folder| !BELOW[1..].iter().any(|below| folder.ends_with(below)))
        && ROOTS.iter().any(|root| path.ends_with(root))
}

fn is_encrypted(bytes: &[u8]) -> bool {
    is_sealed(bytes) || is_lock(bytes)
}
