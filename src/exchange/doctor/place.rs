//! Facts that lie on disk: keys, permissions, room, mirror; and, while no gateway runs, the
//! journal.

use super::judge::{self, Index, KeyFiles, Mirror, Modes};
use super::{Check, DAY, State, kept};
use crate::exchange::ExchangeError;
use crate::exchange::identity::DELEGATED;
use crate::exchange::key_folder::{check_key_file, is_key_file, key_file_name, read_chain};
use crate::exchange::lifetimes::end_of;
use crate::format::chain::Chain;
use crate::format::id::AuthorityId;
use crate::format::suite::{IN_TWO, slots};
use crate::format::wire::{Alarms, algorithm::Code as Algorithm, leaf::Kind, purpose::Code as Purpose};
use crate::format::{Millis, limits};
use crate::ledger::checkpoint::Checkpoint;
use crate::store::entries::Entries;
use crate::store::room::room;
use crate::store::{StoreError, key_files as store_keys, passphrase, recovery_ahead};
use std::collections::HashSet;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// How the names of files with our statements begin. They are public, as certificates are.
const STATEMENTS: &str = "statements";
/// Root keys as `init` names them.
const ROOTS: [&str; 2] = ["root.key", "next-root.key"];

/// Where everything lies.
#[derive(Debug, Clone)]
pub struct Place {
    /// The name in the configuration.
    pub authority: AuthorityId,
    /// The data directory.
    pub data: PathBuf,
    /// Its private files, open where there is a passphrase and it was given.
    pub keys: store_keys::KeyFiles,
    /// The local socket.
    pub socket: PathBuf,
    /// The mirror, where there is one.
    pub mirror: Option<PathBuf>,
}

/// What a journal says by itself, read while no gateway runs.
#[derive(Default)]
struct Journal {
    entries: u64,
    newest: Millis,
    statements: Vec<Vec<u8>>,
    alarms: Alarms,
    mirrored: Option<Millis>,
}

impl Place {
    /// Our statements as they lie here.
    pub fn chain(&self) -> Result<Chain, String> {
        read_chain(self.keys.folder()).map_err(|error| error.to_string())
    }

    /// The line about the identity; `same`: whether the ledger holds the same statements.
    pub fn identity(&self, chain: &Result<Chain, String>, same: Option<bool>) -> Check {
        let found = chain.as_ref().map_err(String::clone);
        let found = found.map(|chain| (chain.authority().to_string(), chain.count(), chain.development()));
        judge::identity(self.authority.as_str(), found, same)
    }

    /// Keys, their files, and who may read them.
    pub fn keys_and_modes(&self, chain: &Result<Chain, String>, now: Millis) -> Vec<Check> {
        let keys = self.keys.folder();
        let roots = ROOTS.iter().filter(|name| keys.join(name).exists()).map(|name| (*name).to_owned());
        let mut checks = vec![judge::root(&roots.collect::<Vec<_>>())];
        if let Ok(chain) = chain {
            checks.extend([Purpose::Delegate].into_iter().chain(DELEGATED).map(|purpose| {
                let left = chain.current(purpose, now).map(|key| end_of(key).saturating_sub(now));
                judge::key(purpose, left)
            }));
            let second = IN_TWO.into_iter().filter(|purpose| slots(chain, *purpose).len() > 1);
            checks.extend(second.map(|purpose| {
                let key = chain.current_of((purpose, Algorithm::MlDsa65), now);
                judge::second_key(purpose, key.map(|key| end_of(key).saturating_sub(now)))
            }));
            checks.push(judge::key_files(&key_files(&self.keys, chain, now)));
        }
        let standing = passphrase::standing(keys).map_err(|error| error.to_string());
        checks.push(judge::at_rest(passphrase::is_set(keys), standing));
        checks.push(kept::key_backup(kept::found(&self.data, now), now));
        checks.push(judge::permissions(&self.modes(Some(&self.socket))));
        checks
    }

    /// Whether the data directory and the private keys are closed to others; a gateway does not start
    /// where they are not.
    pub fn closed(&self) -> Result<(), Check> {
        let check = judge::permissions(&self.modes(None));
        if check.state == State::Ok { Ok(()) } else { Err(check) }
    }

    fn modes(&self, socket: Option<&Path>) -> Modes {
        let keys = self.keys.folder();
        let mut modes = Modes { socket: socket.and_then(|socket| mode(socket).ok()), ..Modes::default() };
        let mut look = |path: &Path, may_lack: bool| match mode(path) {
            Ok(mode) if mode & 0o077 == 0 => {}
            Ok(_) if path.is_dir() => modes.folders.push(shown(path)),
            Ok(_) => modes.keys.push(shown(path)),
            Err(error) if may_lack && error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => modes.unseen.push(format!("{}: {error}", path.display())),
        };
        look(&self.data, false);
        look(keys, false);
        for folder in [keys.to_owned(), keys.join("epochs"), keys.join("drafts")] {
            // A file may be removed meanwhile: an epoch that ended.
            let private = |name: &&String| !name.starts_with(STATEMENTS) && !name.ends_with(".crt");
            names(&folder).iter().filter(private).for_each(|name| look(&folder.join(name), true));
        }
        modes
    }

    /// Room on the disks.
    pub fn disks(&self) -> Vec<Check> {
        let room = |folder| room(folder).map_err(|error| error.to_string());
        let mut checks = vec![judge::disk("data", room(&self.data))];
        if let Some(mirror) = self.mirror.as_ref().filter(|mirror| mirror.exists()) {
            checks.push(judge::disk("mirror", room(mirror)));
        }
        checks
    }

    /// The mirror's checkpoint, if there is one, signed by this log.
    pub fn mirrored(&self, chain: &Chain) -> Option<Result<Checkpoint, String>> {
        let path = self.mirror.as_ref()?.join("checkpoint");
        let read = || -> Result<Checkpoint, String> {
            let failed = |error: std::io::Error| format!("{}: {error}", path.display());
            let mut note = Vec::new();
            let file = std::fs::File::open(&path).map_err(failed)?;
            file.take(limits::CHECKPOINT as u64).read_to_end(&mut note).map_err(failed)?;
            Checkpoint::open_held(&note, chain).map_err(|error| format!("{}: {error}", path.display()))
        };
        Some(read())
    }

    /// Stores that were set aside, by name.
    pub fn aside(&self) -> Vec<String> {
        let mut names: Vec<String> =
            names(&self.data).into_iter().filter(|name| name.starts_with("store.aside-")).collect();
        names.sort();
        names
    }

    /// Every line that needs no gateway; `served`: one works here all the same.
    pub fn offline(&self, now: Millis, served: bool) -> Vec<Check> {
        let chain = self.chain();
        let mirror = chain.as_ref().ok().and_then(|chain| self.mirrored(chain));
        let mirrored = mirror.as_ref().and_then(|mirror| mirror.as_ref().ok()).map(|mirror| mirror.size);
        let journal = read_journal(&self.data, mirrored);
        let same = match (&chain, &journal) {
            (Ok(chain), Ok(journal)) => {
                Some(chain.envelopes().eq(journal.statements.iter().map(Vec::as_slice)))
            }
            _ => None,
        };
        let mut checks = vec![self.identity(&chain, same)];
        checks.extend(self.keys_and_modes(&chain, now));
        checks.extend(self.disks());
        let counted = journal.as_ref().map(|journal| journal.entries).map_err(ToString::to_string);
        checks.push(judge::journal(counted));
        let index = match (served, recovery_ahead(&self.data)) {
            (true, _) => Index::InUse,
            (false, Some(why)) => Index::Rebuilt(why.to_owned()),
            (false, None) => Index::Trusted,
        };
        checks.push(judge::store(index, &self.aside()));
        if let Ok(journal) = &journal {
            checks.push(judge::mirror(match mirror {
                None => Mirror::None,
                Some(Err(why)) => Mirror::Bad(why),
                Some(Ok(mirror)) => Mirror::Holds {
                    size: mirror.size,
                    of: journal.entries,
                    behind: journal.mirrored.map(|at| now.saturating_sub(at)),
                },
            }));
            checks.push(judge::log_time(journal.newest, now));
            checks.push(judge::alarms(&journal.alarms, now));
        }
        checks
    }
}

/// One pass over the journal: every group and object is checked, no signature is.
fn read_journal(data: &Path, mirrored: Option<u64>) -> Result<Journal, StoreError> {
    let mut journal = Journal::default();
    for entry in Entries::open(data)? {
        let entry = entry?;
        if mirrored == Some(entry.index) {
            journal.mirrored = Some(entry.leaf.at);
        }
        match (entry.leaf.kind, &entry.leaf.peer) {
            (Kind::KeyStatement, None) => journal.statements.push(entry.object(0)?.to_vec()),
            (Kind::Alarm, peer) => {
                journal.alarms = Alarms {
                    count: journal.alarms.count + 1,
                    index: entry.index,
                    at: entry.leaf.at,
                    peer: peer.as_ref().map(ToString::to_string).unwrap_or_default(),
                    code: i32::try_from(entry.leaf.code).unwrap_or_default(),
                };
            }
            _ => {}
        }
        journal.entries = entry.index + 1;
        journal.newest = entry.leaf.at;
    }
    Ok(journal)
}

/// Names in a folder; none where it can't be read, which the line about permissions says.
fn names(folder: &Path) -> Vec<String> {
    let Ok(found) = std::fs::read_dir(folder) else { return Vec::new() };
    found.flatten().filter_map(|file| file.file_name().into_string().ok()).collect()
}

fn key_files(files: &store_keys::KeyFiles, chain: &Chain, now: Millis) -> KeyFiles {
    let folder = files.folder();
    let mut found = KeyFiles::default();
    let mut named: HashSet<String> = ROOTS.iter().map(|name| (*name).to_owned()).collect();
    for key in chain.keys() {
        let name = key_file_name(folder, key);
        // The content key of yesterday opens what waits; a signing key of yesterday nothing.
        let over = key.revoked() || key.not_after.saturating_add(DAY) < now;
        if over && key.purpose != Purpose::Content && folder.join(&name).exists() {
            found.ended.push(name.clone());
        } else if key.usable(now) {
            match check_key_file(files, key) {
                Ok(()) => found.sound += 1,
                // Without the delegate's private half, which may be kept elsewhere, all goes on.
                Err(_) if key.purpose == Purpose::Delegate && !folder.join(&name).exists() => {}
                Err(ExchangeError::Store(StoreError::NoPassphrase(_))) => found.closed += 1,
                // The line about permissions says it.
                Err(_) if mode(&folder.join(&name)).is_ok_and(|mode| mode & 0o077 != 0) => {}
                Err(error) => found.wrong.push(error.to_string()),
            }
        }
        named.insert(name);
    }
    let mut orphans = names(folder);
    orphans.retain(|name| is_key_file(name) && !named.contains(name));
    orphans.sort();
    KeyFiles { orphans, ..found }
}

fn mode(path: &Path) -> std::io::Result<u32> {
    std::fs::metadata(path).map(|found| found.permissions().mode())
}

fn shown(path: &Path) -> String {
    path.components().collect::<PathBuf>().display().to_string()
}
