//! `rogatory backup`: increments, the key, the key back-up, verification.

use super::error::CliError;
use super::passphrase::backup_key;
use super::{Context, output};
use clap::{Args, Subcommand};
use indicatif::ProgressBar;
use rogatory::archive::Owner;
use rogatory::archive::backup::{self, Report, Source};
use rogatory::archive::backup_ledger;
use rogatory::archive::folder::Folder;
use rogatory::archive::keys::KeyBackup;
use rogatory::archive::sealed::BackupKey;
use rogatory::archive::survey::survey;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::gateway::SystemClock;
use rogatory::gateway::config::Config;
use rogatory::gateway::passphrase::read;
use rogatory::store::Clock as _;
use rogatory::store::backed_up::BackedUp;
use std::path::{Path, PathBuf};

/// Back up the data directory, while the gateway runs or when it is stopped
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "Example:\n  rogatory backup key --out /media/key/xa.backup-key\n  \
rogatory backup --out /backup/xa --key /media/key/xa.backup-key\n  \
rogatory backup keys --out /media/key/xa.keys --key /media/key/xa.backup-key\n\n\
Each run writes what is new since the last one as an increment. Private keys are not in it: back them \
up with `rogatory backup keys`, and keep that file apart.\n\n\
Exit codes: 0 done, 1 damaged or refused, 2 a file or an argument.")]
pub struct Backup {
    #[command(subcommand)]
    what: Option<What>,
    /// Folder of the back-up: new, or the one of earlier runs
    #[arg(long, value_name = "DIR", required = true)]
    out: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArg,
}

/// The back-up key.
#[derive(Args)]
pub struct KeyArg {
    /// Back-up key, made by `rogatory backup key`
    #[arg(long, env = "ROGATORY_BACKUP_KEY", value_name = "FILE", required = true)]
    key: Option<PathBuf>,
}

#[derive(Subcommand)]
enum What {
    /// Make a back-up key: keep it away from the machine and from the back-ups
    #[command(after_help = "Example:\n  rogatory backup key --out /media/key/xa.backup-key\n\n\
What is under a passphrase is read with the one in the file that ROGATORY_BACKUP_PASSPHRASE_FILE names, or \
that is typed.")]
    Key {
        /// File that will hold it; refuses to overwrite
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Encrypt it with the passphrase in this file, which nobody else may read
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
    /// Back up the private keys: replaces each file as a whole and destroys the one before
    #[command(
        after_help = "Example:\n  rogatory backup keys --out /media/a/xa.keys --out /media/b/xa.keys --key KEY\n\n\
After an erasure, run it for every copy: what was erased can be opened as long as one copy holds the old key."
    )]
    Keys {
        /// File of the key back-up; name every copy
        #[arg(long, value_name = "FILE", required = true)]
        out: Vec<PathBuf>,
        #[command(flatten)]
        key: KeyArg,
    },
    /// Read a whole back-up and verify it; nothing is written
    #[command(after_help = "Example:\n  rogatory backup verify /backup/xa --keys xa.keys --key KEY\n\n\
Exit codes: 0 sound, 1 damaged, 2 unreadable.")]
    Verify {
        /// Folder of the back-up
        dir: PathBuf,
        /// Key back-up that belongs to it
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
        #[command(flatten)]
        key: KeyArg,
    },
}

impl KeyArg {
    fn path(&self) -> Result<&Path, CliError> {
        self.key.as_deref().ok_or_else(|| CliError::input("no back-up key").hint("name it: --key FILE"))
    }

    /// Reads it.
    pub fn read(&self) -> Result<BackupKey, CliError> {
        backup_key(self.path()?)
    }
}

impl Backup {
    pub fn run(self, context: &Context) -> Result<(), CliError> {
        tokio::task::block_in_place(|| match self.what {
            Some(What::Key { out, passphrase_file }) => make_key(&out, passphrase_file.as_deref(), context),
            Some(What::Keys { out, key }) => back_up_keys(&out, &key, context),
            Some(What::Verify { dir, keys, key }) => verify(&dir, keys.as_deref(), &key, context),
            None => {
                let out = self.out.ok_or_else(|| CliError::input("no folder").hint("name it: --out DIR"))?;
                back_up(&out, &self.key, context)
            }
        })
    }
}

fn make_key(out: &Path, passphrase_file: Option<&Path>, context: &Context) -> Result<(), CliError> {
    let passphrase = passphrase_file.map(read).transpose()?;
    BackupKey::make(out, passphrase.as_ref(), &SystemEntropy::default()).map_err(|error| {
        match out.exists() {
            true => CliError::failed(format!("{} is there already", out.display()))
                .hint("nothing was changed: a back-up can't be read without the key that sealed it"),
            false => error.into(),
        }
    })?;
    match context.json {
        true => println!("{}", serde_json::json!({ "key": out })),
        false => println!(
            "{} holds a new back-up key. Without it no back-up can be read: keep two copies, \
             none of them on this machine or beside the back-ups.",
            out.display()
        ),
    }
    Ok(())
}

fn back_up_keys(copies: &[PathBuf], key: &KeyArg, context: &Context) -> Result<(), CliError> {
    let config = context.config()?;
    for copy in copies {
        keep_apart(&config, copy, "--out")?;
    }
    let key = key.read()?;
    let keys = KeyBackup::collect(&config.data, SystemClock.now())?;
    for copy in copies {
        keys.write(copy, &key, &SystemEntropy::default())?;
    }
    let names = keys.files.iter().map(|file| file.name.clone()).collect();
    BackedUp { at: keys.made_at, names }.note(&config.data)?;
    let offline = keys.offline_keys();
    if context.json {
        println!(
            "{}",
            serde_json::json!({
                "authority": keys.authority, "files": keys.files.len(), "epochs": keys.buckets(),
                "copies": copies, "better_offline": offline,
            })
        );
        return Ok(());
    }
    println!("{} key files of {} are in:", keys.files.len(), keys.authority);
    for copy in copies {
        println!("  {}", copy.display());
    }
    println!("What an erasure destroyed can still be opened with any older copy: replace every one.");
    if !offline.is_empty() {
        println!("{} lie on this machine and are in the copies: move them offline.", offline.join(" and "));
    }
    Ok(())
}

fn back_up(out: &Path, key: &KeyArg, context: &Context) -> Result<(), CliError> {
    let config = context.config()?;
    keep_apart(&config, out, "--out")?;
    keep_apart(&config, key.path()?, "--key")?;
    let key = key.read()?;
    let bar = output::progress(0, "backing up", context.json);
    let source = Source { data: &config.data, config: &context.config };
    let report =
        backup::run(&source, out, &key, SystemClock.now(), &SystemEntropy::default(), &mut shown(&bar));
    bar.finish_and_clear();
    let report = report?;
    match context.json {
        true => println!("{}", report_json(&report)),
        false => print!("{}", report_text(&report, out)),
    }
    Ok(())
}

/// A back-up inside of what it backs up, or beside its key, protects nothing.
fn keep_apart(config: &Config, path: &Path, what: &str) -> Result<(), CliError> {
    let real = |path: &Path| std::path::absolute(path).and_then(|path| path.canonicalize().or(Ok(path)));
    let inside = match (real(path), real(&config.data)) {
        (Ok(path), Ok(data)) => path.starts_with(data),
        _ => false,
    };
    match inside {
        true => Err(CliError::input(format!("{what} {} lies in the data directory", path.display()))
            .hint("choose a place on another disk")),
        false => Ok(()),
    }
}

/// Shows bytes done of bytes known.
pub fn shown(bar: &ProgressBar) -> impl FnMut(u64, u64) {
    |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    }
}

fn report_json(report: &Report) -> serde_json::Value {
    let increment = report.increment.as_ref().map(|made| {
        serde_json::json!({
            "number": made.number, "from": made.from_size, "entries": made.end.size,
            "groups": made.last_group - made.after_group, "objects": made.objects.len(),
            "bytes": made.pack_size, "root": hex::encode(&made.end.root),
        })
    });
    serde_json::json!({
        "authority": report.owner.authority, "increment": increment, "increments": report.increments,
        "lacking": report.lacking.iter().map(hex::encode).collect::<Vec<_>>(),
    })
}

fn report_text(report: &Report, out: &Path) -> String {
    let mut text = match &report.increment {
        Some(made) => format!(
            "increment {} of {}: entries {} to {}, {} objects, {} in {}\n",
            made.number,
            report.owner.authority,
            made.from_size,
            made.end.size,
            made.objects.len(),
            output::bytes(made.pack_size),
            out.display()
        ),
        None => format!("nothing new since increment {}\n", report.increments),
    };
    for root in &report.lacking {
        text.push_str(&format!("LACKING: object {} is missing or damaged here\n", hex::encode(root)));
    }
    text
}

fn verify(dir: &Path, keys: Option<&Path>, key: &KeyArg, context: &Context) -> Result<(), CliError> {
    let key = key.read()?;
    let folder = Folder::open_filled(dir, &key)?;
    let bar = output::progress(folder.bytes(), "verifying", context.json);
    let found = survey(&folder, &key, None, &mut shown(&bar));
    bar.finish_and_clear();
    let found = found?;
    let sound = tokio::task::block_in_place(|| backup_ledger::verify(&folder, &key, &mut |_| {}))?;
    let owner = Owner::from_chain(&found.chain);
    let mut locked = Vec::new();
    if let Some(keys) = keys {
        let keys = KeyBackup::read(keys, &key)?;
        keys.owner().expect("the key back-up", &owner)?;
        let buckets = keys.buckets();
        locked.extend(found.buckets.keys().filter(|bucket| !buckets.contains(bucket.as_str())).cloned());
    }
    let (lacking, made_at) = (found.lacking(), folder.manifests.last().map_or(0, |last| last.made_at));
    if context.json {
        println!(
            "{}",
            serde_json::json!({
                "sound": true, "authority": owner.authority, "fingerprint": hex::encode(&owner.fingerprint),
                "increments": folder.manifests.len(), "made": output::time(made_at), "entries": found.size,
                "signatures": sound.signatures, "objects": found.objects.len(), "bytes": folder.bytes(), "erased": found.erased.len(),
                "lacking": lacking.iter().map(hex::encode).collect::<Vec<_>>(), "without_epoch_key": locked,
            })
        );
        return Ok(());
    }
    println!(
        "sound: {owner} up to increment {}: {} entries, {} signatures verified, {} objects, {}; made {}",
        folder.manifests.len(),
        found.size,
        sound.signatures,
        found.objects.len(),
        output::bytes(folder.bytes()),
        output::time(made_at)
    );
    for root in lacking {
        println!("LACKING: object {} was missing or damaged when it was to be backed up", hex::encode(root));
    }
    for bucket in locked {
        println!("WITHOUT KEY: {bucket}: back up the keys again");
    }
    Ok(())
}
