//! `rogatory restore`: a data directory from a back-up, a key back-up and a mirror.

use super::backup::{KeyArg, shown};
use super::error::CliError;
use super::{Context, ledger, output};
use clap::Args;
use rogatory::archive::backup::CONFIG;
use rogatory::archive::restore::{Restored, Sources, restore};
use rogatory::gateway::config::Config;
use rogatory::store::inspect::Look;
use rogatory::store::passphrase::is_set;
use std::path::{Path, PathBuf};

/// Make a data directory from a back-up
#[derive(Args)]
#[command(
    after_help = "Example:\n  rogatory restore --from /backup/xa --keys xa.keys --key xa.backup-key \\\n    \
--dir /var/lib/rogatory --mirror /mirror/xa\n\n\
Never serve what was restored while the old machine still serves: two gateways with one log key fork the log.\n\n\
Exit codes: 0 done, 1 damaged or refused, 2 a file or an argument."
)]
pub struct Restore {
    /// Folder of the back-up
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Key back-up
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    #[command(flatten)]
    key: KeyArg,
    /// Data directory to make: new or empty
    #[arg(long, value_name = "NEWDATA")]
    dir: PathBuf,
    /// Export of the ledger that is newer than the back-up
    #[arg(long, value_name = "EXPORT")]
    mirror: Option<PathBuf>,
}

impl Restore {
    pub fn run(self, context: &Context) -> Result<(), CliError> {
        tokio::task::block_in_place(|| self.make(context))
    }

    fn make(self, context: &Context) -> Result<(), CliError> {
        let key = self.key.read()?;
        let sources =
            Sources { from: &self.from, keys: &self.keys, key: &key, mirror: self.mirror.as_deref() };
        let was_there = self.dir.join("checkpoint").exists();
        let bar = output::progress(0, "restoring", context.json);
        let restored = restore(&sources, &self.dir, &mut shown(&bar));
        bar.finish_and_clear();
        let restored =
            restored.map_err(|error| match self.dir.join("checkpoint").exists() && !was_there {
                true => CliError::from(error).hint(format!(
                    "{} is incomplete: empty it, mend the cause, and restore again",
                    self.dir.display()
                )),
                false => error.into(),
            })?;
        let inspection = ledger::verified(&self.dir, context.json, Look::default()).map_err(|error| {
            error.hint("do not serve it; verify back-up and mirror, and ask where they come from")
        })?;
        let config = self.dir.join(CONFIG);
        // An absolute path in the configuration would lead back to the old data directory.
        let elsewhere = Config::read(&config).ok().map(|config| config.data).filter(|data| {
            let real = |path: &Path| path.canonicalize().ok();
            real(data) != real(&self.dir)
        });
        if context.json {
            println!("{}", restored_json(&restored, inspection.sound.size, &config, elsewhere.as_deref()));
            return Ok(());
        }
        print!("{}", restored_text(&restored, &hex::encode(inspection.sound.root)));
        if is_set(&self.dir.join("keys")) {
            println!("passphrase   the keys are under the passphrase of when the key back-up was made");
        }
        if let Some(elsewhere) = elsewhere {
            println!("CONFIGURATION: its data directory is {}: change it first", elsewhere.display());
        }
        println!(
            "\nNext, when the old machine is off for good: rogatory serve --config {}",
            config.display()
        );
        Ok(())
    }
}

fn restored_json(
    restored: &Restored,
    size: u64,
    config: &Path,
    elsewhere: Option<&Path>,
) -> serde_json::Value {
    let erased: Vec<_> = restored
        .erased
        .iter()
        .map(|erased| serde_json::json!({ "peer": erased.peer.as_str(), "id": erased.id.to_string() }))
        .collect();
    serde_json::json!({
        "authority": restored.owner.authority, "fingerprint": hex::encode(&restored.owner.fingerprint),
        "entries": size, "from_backup": restored.from_backup, "from_mirror": restored.from_mirror,
        "signed": restored.signed, "increments": restored.increments, "made": output::time(restored.made_at),
        "keys_made": output::time(restored.keys_made_at), "objects": restored.objects, "erased": erased,
        "without_content": restored.without_content.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "lacking": restored.lacking.iter().map(hex::encode).collect::<Vec<_>>(),
        "without_epoch_key": restored.locked.iter().map(|(bucket, _)| bucket).collect::<Vec<_>>(),
        "keys_are_older": restored.keys_are_older, "config": config, "config_names_other_data": elsewhere,
    })
}

fn restored_text(restored: &Restored, root: &str) -> String {
    let mut text = format!(
        "restored     {}\nback-up      up to increment {}, made {}; keys of {}\n\
         entries      {} from the back-up, {} from the mirror: up to entry {}, of which {} are signed\n\
         root         {root}\nobjects      {}\n",
        restored.owner,
        restored.increments,
        output::time(restored.made_at),
        output::time(restored.keys_made_at),
        restored.from_backup,
        restored.from_mirror,
        (restored.from_backup + restored.from_mirror).saturating_sub(1),
        restored.signed,
        restored.objects,
    );
    for erased in &restored.erased {
        text.push_str(&format!(
            "erased       {} with {}: its content was left out\n",
            erased.id, erased.peer
        ));
    }
    for id in &restored.without_content {
        text.push_str(&format!(
            "NO CONTENT   {id} came after the back-up: its entries are there, its text is not\n"
        ));
    }
    for root in &restored.lacking {
        text.push_str(&format!("LACKING      object {}\n", hex::encode(root)));
    }
    for (bucket, count) in &restored.locked {
        text.push_str(&format!("NO KEY       {count} contents of {bucket}: the key back-up is older\n"));
    }
    if restored.keys_are_older {
        text.push_str("OLD KEYS     the ledger states keys that the key back-up does not hold\n");
    }
    text
}
