//! `rogatory ledger verify`: of a data directory, an export, or the ledger in a back-up.

use super::counter;
use crate::cli::Context;
use crate::cli::error::{self, CliError};
use crate::cli::passphrase::backup_key;
use clap::Args;
use rogatory::archive::folder::is_backup;
use rogatory::archive::{ArchiveError, backup_ledger, inspect, inspect::is_export};
use rogatory::gateway::telemetry::consumption;
use rogatory::store::inspect::{Inspection, Look, Source};
use rogatory::store::{StoreError, journal};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Re-derive a ledger from its raw entries; no key of the gateway is needed, nothing is changed
#[derive(Args)]
#[command(after_help = "Examples:\n  rogatory ledger verify xa\n  \
rogatory ledger verify /backup/xa --key /media/key/xa.backup-key\n\n\
Exit codes: 0 sound, 1 unsound, 2 unreadable.")]
pub struct Verify {
    /// Data directory, a copy of one, an export, or a back-up
    data: PathBuf,
    /// Fingerprint that it must have: 64 hex digits or 24 words
    #[arg(long)]
    fingerprint: Option<String>,
    /// Back-up key: a back-up can't be read without it, nothing else needs it
    #[arg(long, env = "ROGATORY_BACKUP_KEY", value_name = "FILE")]
    key: Option<PathBuf>,
}

impl Verify {
    pub fn run(self, context: &Context) -> Result<(), CliError> {
        let expected = self.fingerprint.map(|text| error::compared(&text)).transpose()?;
        let begun = Instant::now();
        let inspection = match &self.key {
            Some(key) if is_backup(&self.data) => of_backup(&self.data, key, context.json)?,
            _ => verified(&self.data, context.json, Look::default())?,
        };
        let seconds = begun.elapsed().as_secs_f64();
        let found = inspection.sound.chain.fingerprint();
        if expected.is_some_and(|expected| expected != found) {
            return Err(CliError::failed(format!(
                "this is the ledger of another identity: its fingerprint is {}",
                hex::encode(found)
            )));
        }
        match context.json {
            true => {
                let mut told = inspection_json(&inspection);
                told["seconds"] = seconds.into();
                told["peak_memory"] = consumption().0.into();
                println!("{told}");
            }
            false => print!("{}", inspection_text(&inspection)),
        }
        Ok(())
    }
}

/// Verifies the ledger in a back-up, with a counter on a terminal.
fn of_backup(folder: &Path, key: &Path, quiet: bool) -> Result<Inspection, CliError> {
    let key = backup_key(key)?;
    let bar = counter(quiet, "verifying");
    let found = tokio::task::block_in_place(|| {
        backup_ledger::inspect(folder, &key, &mut |entries| {
            bar.set_position(entries);
            bar.set_message(format!("{entries} entries verified"));
        })
    });
    bar.finish_and_clear();
    found.map_err(|error| match error {
        ArchiveError::Ledger(_) | ArchiveError::Store(StoreError::Ledger(_)) => unsound(folder, &error),
        error => error.into(),
    })
}

fn unsound(folder: &Path, error: &impl std::fmt::Display) -> CliError {
    CliError::failed(format!("{}: not sound: {error}", folder.display()))
}

/// Verifies a data directory, with a counter on a terminal.
pub fn verified(data: &Path, quiet: bool, look: Look) -> Result<Inspection, CliError> {
    holds_ledger(data)?;
    let bar = counter(quiet, "verifying");
    let found = tokio::task::block_in_place(|| {
        inspect(data, look, &mut |entries| {
            bar.set_position(entries);
            bar.set_message(format!("{entries} entries verified"));
        })
    });
    bar.finish_and_clear();
    found.map_err(|error| match error {
        StoreError::Io { .. } => CliError::input(error.to_string()),
        error => unsound(data, &error),
    })
}

/// Whether a folder is a data directory with a ledger in it, or an export of one. What a back-up
/// holds is sealed: the error says so.
pub fn holds_ledger(folder: &Path) -> Result<(), CliError> {
    if journal::segment_path(&folder.join("journal"), 1).exists() || is_export(folder) {
        return Ok(());
    }
    let shown = folder.display();
    Err(match is_backup(folder) {
        true => CliError::input(format!("{shown} is a back-up: the ledger in it is sealed")).hint(format!(
            "rogatory ledger verify {shown} --key FILE verifies it; \
             for all else make a data directory of it: rogatory restore --from {shown} …"
        )),
        false => CliError::input(format!("{shown} holds no ledger"))
            .hint("name a data directory or an export; ledger verify also takes a back-up"),
    })
}

/// A verified ledger for programs.
pub fn inspection_json(inspection: &Inspection) -> serde_json::Value {
    let sound = &inspection.sound;
    let source = match inspection.source {
        Source::DataDirectory => "data_directory",
        Source::Export => "export",
        Source::Backup => "backup",
    };
    serde_json::json!({
        "sound": true, "source": source, "authority": sound.chain.authority().as_str(),
        "fingerprint": hex::encode(sound.chain.fingerprint()), "log": sound.chain.log_origin(),
        "size": sound.size, "root": hex::encode(sound.root), "signed": inspection.signed,
        "signatures": sound.signatures, "views": inspection.views, "kinds": sound.kinds,
        "peers": sound.peers.keys().map(|peer| peer.as_str()).collect::<Vec<_>>(),
        "store_compared": inspection.store_compared, "torn_tail": inspection.torn_tail,
    })
}

fn inspection_text(inspection: &Inspection) -> String {
    let sound = &inspection.sound;
    let kinds: Vec<String> = sound.kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let store = match (inspection.source, inspection.store_compared) {
        (Source::Export, _) => "none: this is an export, and its tiles are what the entries amount to",
        (Source::Backup, _) => "none: this is a back-up; rogatory backup verify reads its content too",
        (Source::DataDirectory, true) => "equal to what the entries amount to, key by key",
        (Source::DataDirectory, false) => "not compared: a gateway is working in it",
    };
    let mut text = format!(
        "sound        {}\nfingerprint  {}\nentries      {} ({})\nroot         {}\nsignatures   {} verified\nviews        {}\nstore        {store}\n",
        sound.chain.log_origin(),
        hex::encode(sound.chain.fingerprint()),
        sound.size,
        kinds.join(", "),
        hex::encode(sound.root),
        sound.signatures,
        inspection.views,
    );
    if let Some(signed) = inspection.signed {
        text.push_str(&format!("checkpoint   signs the first {signed}\n"));
    }
    if inspection.torn_tail {
        text.push_str("torn tail    the next start cuts it off; nobody was told of it\n");
    }
    text
}
