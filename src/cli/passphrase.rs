//! A passphrase that people type, or that commands without a configuration are given.

use super::error::CliError;
use rogatory::archive::ArchiveError;
use rogatory::archive::sealed::BackupKey;
use rogatory::crypto::passphrase::{LONGEST, Passphrase};
use rogatory::gateway::config::Config;
use rogatory::gateway::passphrase::{given, read};
use rogatory::store::passphrase::read_root;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use std::io::IsTerminal as _;
use std::path::Path;
use zeroize::Zeroizing;

/// The file with the passphrase of a back-up key.
const BACKUP_FILE: &str = "ROGATORY_BACKUP_PASSPHRASE_FILE";

/// Asks at a terminal for the passphrase of what lies there; none: there is no terminal.
pub fn ask(of: &Path) -> Result<Option<Passphrase>, CliError> {
    let terminal = std::io::stdin();
    if !terminal.is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(None);
    }
    let failed = |error: rustix::io::Errno| CliError::failed(format!("the terminal: {error}"));
    let before = tcgetattr(&terminal).map_err(failed)?;
    let mut unseen = before.clone();
    unseen.local_modes.remove(LocalModes::ECHO);
    eprint!("Passphrase of {}: ", of.display());
    tcsetattr(&terminal, OptionalActions::Flush, &unseen).map_err(failed)?;
    // Not by way of the buffer of standard input, which nobody wipes.
    let mut line = Zeroizing::new([0; LONGEST + 2]);
    let read = rustix::io::read(&terminal, &mut line[..]);
    tcsetattr(&terminal, OptionalActions::Now, &before).map_err(failed)?;
    eprintln!();
    let typed = Passphrase::read(&line[..read.map_err(failed)?]);
    typed.map(Some).ok_or_else(|| CliError::input("no passphrase was typed").hint("1 to 1024 bytes"))
}

/// The root's key in a file that may be under a passphrase: of the file that is named, or else as
/// keys of the configuration.
pub fn root(
    path: &Path,
    named: Option<&Path>,
    config: Option<&Config>,
) -> Result<(Zeroizing<Vec<u8>>, Option<Passphrase>), CliError> {
    read_root(path, || {
        let configured = config.and_then(|config| config.keys.passphrase_file.as_deref());
        let found = match named {
            Some(named) => Some(read(named)?),
            None => given(configured)?,
        };
        match found {
            Some(found) => Ok(Some(found)),
            None => ask(path),
        }
    })
}

/// The back-up key in a file, which may be under a passphrase of its own.
pub fn backup_key(path: &Path) -> Result<BackupKey, CliError> {
    let lacking = || {
        CliError::input(format!("{} is under a passphrase, and none was given", path.display()))
            .hint(format!("name a private file with it: {BACKUP_FILE}=FILE"))
    };
    let given = || match std::env::var_os(BACKUP_FILE) {
        Some(file) => Ok(read(Path::new(&file))?),
        None => ask(path)?.ok_or_else(lacking),
    };
    let mut failed = None;
    let key = BackupKey::read_with::<ArchiveError>(path, || match given() {
        Ok(given) => Ok(Some(given)),
        Err(error) => {
            failed = Some(error);
            Ok(None)
        }
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(key?),
    }
}
