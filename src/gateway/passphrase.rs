//! Where the passphrase of the private keys comes from, and the folder of keys that it opens.

use super::config::Config;
use crate::crypto::passphrase::Passphrase;
use crate::store::StoreError;
use crate::store::key_files::{self, KeyFiles};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The file that holds it.
const VARIABLE_FILE: &str = "ROGATORY_PASSPHRASE_FILE";
/// The passphrase itself.
const VARIABLE: &str = "ROGATORY_PASSPHRASE";
/// Where systemd puts credentials, and ours among them (`LoadCredential=`).
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
const CREDENTIAL: &str = "rogatory-passphrase";

/// The folder of keys of a configuration, opened if it has a passphrase; `ask` is asked where none
/// is given.
pub fn open_keys<E: From<StoreError>>(
    config: &Config,
    ask: impl FnOnce(&Path) -> Result<Option<Passphrase>, E>,
) -> Result<KeyFiles, E> {
    let folder = config.key_folder();
    KeyFiles::open(&folder, || match given(config.keys.passphrase_file.as_deref())? {
        Some(given) => Ok(Some(given)),
        None => ask(&folder),
    })
}

/// The passphrase that is given, from the first of these places that there is: the environment, by
/// file or by itself; the file that the configuration names; a credential of systemd's.
pub fn given(configured: Option<&Path>) -> Result<Option<Passphrase>, StoreError> {
    let variable = |name| std::env::var_os(name).filter(|value: &OsString| !value.is_empty());
    if let Some(path) = variable(VARIABLE_FILE) {
        return read(Path::new(&path)).map(Some);
    }
    if let Some(text) = variable(VARIABLE) {
        let text = Zeroizing::new(text.into_encoded_bytes());
        return checked(Path::new(VARIABLE), &text).map(Some);
    }
    if let Some(path) = configured {
        return read(path).map(Some);
    }
    let credential = variable(CREDENTIALS).map(|folder| PathBuf::from(folder).join(CREDENTIAL));
    match credential.filter(|path| path.exists()) {
        Some(path) => checked(&path, &key_files::read_credential(&path)?).map(Some),
        None => Ok(None),
    }
}

/// The passphrase in a file, which others may not read.
pub fn read(path: &Path) -> Result<Passphrase, StoreError> {
    if !path.exists() {
        let why = "is not there: it should hold the passphrase";
        return Err(StoreError::KeyFile { path: path.to_owned(), why });
    }
    checked(path, &key_files::read_private(path)?)
}

fn checked(path: &Path, bytes: &[u8]) -> Result<Passphrase, StoreError> {
    let why = "holds no passphrase: 1 to 1024 bytes";
    Passphrase::read(bytes).ok_or_else(|| StoreError::KeyFile { path: path.to_owned(), why })
}
