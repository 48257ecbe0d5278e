//! Pseudonyms of people: leaves name them, and only this file says who they are.
//! Erasing a line of it makes the person unknown; the ledger goes on verifying.

use super::ExchangeError;
use crate::crypto::entropy::{Entropy, fresh};
use crate::store::StoreError;
use crate::store::files::{folder_of, sync_folder};
use std::collections::{BTreeMap, HashMap};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A pseudonym.
pub type Actor = [u8; 8];

/// The table of pseudonyms.
pub struct Actors {
    path: PathBuf,
    known: Mutex<HashMap<String, Actor>>,
}

impl Actors {
    /// Loads the table of a data directory.
    pub fn load(data: &Path) -> Result<Self, ExchangeError> {
        let path = data.join("actors");
        let bytes = match path.exists() {
            true => std::fs::read(&path).map_err(StoreError::io("cannot read", &path))?,
            false => Vec::new(),
        };
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if whole < bytes.len() {
            // Half a line: nobody was told of that pseudonym, and the next one begins a line of its own.
            let file = OpenOptions::new().write(true).open(&path);
            file.and_then(|file| file.set_len(whole as u64).and_then(|()| file.sync_all()))
                .map_err(StoreError::io("cannot cut", &path))?;
        }
        // A line that is damaged names nobody: no reason not to serve.
        let text = String::from_utf8_lossy(&bytes[..whole]);
        let read = |line: &str| {
            let (actor, name) = line.split_once(' ')?;
            Some((name.to_owned(), hex::decode(actor).ok()?.try_into().ok()?))
        };
        let known: HashMap<String, Actor> = text.lines().filter_map(read).collect();
        if known.len() < text.lines().count() {
            tracing::warn!(path = %path.display(), "lines of the table of pseudonyms are damaged and name nobody");
        }
        Ok(Self { path, known: Mutex::new(known) })
    }

    /// Who is behind each pseudonym, as far as the table says.
    pub fn names(&self) -> BTreeMap<Actor, String> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().map(|(name, actor)| (*actor, name.clone())).collect()
    }

    /// The pseudonym of a person, such as `uid 1000`; a new one is durable before it is used.
    pub fn of(&self, name: &str, entropy: &dyn Entropy) -> Result<Actor, ExchangeError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(actor) = known.get(name) {
            return Ok(*actor);
        }
        let actor: Actor = fresh(entropy)?;
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&self.path)
            .map_err(StoreError::io("cannot open", &self.path))?;
        file.write_all(format!("{} {name}\n", hex::encode(actor)).as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(StoreError::io("cannot write", &self.path))?;
        // Always: whoever made the file may have died before its name was synced.
        sync_folder(folder_of(&self.path))?;
        known.insert(name.to_owned(), actor);
        Ok(actor)
    }
}
