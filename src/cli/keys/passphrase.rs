//! `rogatory keys passphrase`: private keys are encrypted, under another passphrase, or not.

use crate::cli::Context;
use crate::cli::error::CliError;
use crate::cli::passphrase::ask;
use clap::Args;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::gateway::passphrase::{given, read};
use rogatory::store::passphrase::{Changed, change};
use serde_json::json;
use std::path::PathBuf;

/// Encrypt the private keys with a passphrase, change it, or remove it
#[derive(Args)]
#[command(after_help = "Examples:\n  rogatory keys passphrase --new-file /etc/rogatory/passphrase\n  \
rogatory keys passphrase --old-file old --new-file new\n  rogatory keys passphrase --remove\n\n\
The gateway must be stopped. Whatever happens meanwhile, every key opens with the old passphrase or the new \
one, and the same command again brings it to its end. Renew the key back-up afterwards: those of before open with \
what they were made with.")]
pub struct ChangePassphrase {
    /// A file with the new passphrase, which nobody else may read
    #[arg(long, value_name = "FILE", required_unless_present = "remove")]
    new_file: Option<PathBuf>,
    /// A file with the passphrase that there is; left out, it is looked for as a start does
    #[arg(long, value_name = "FILE")]
    old_file: Option<PathBuf>,
    /// Decrypt the keys
    #[arg(long, conflicts_with = "new_file")]
    remove: bool,
}

impl ChangePassphrase {
    pub fn run(self, context: &Context) -> Result<(), CliError> {
        let config = context.config()?;
        let new = self.new_file.as_deref().map(read).transpose()?;
        let old = || -> Result<_, CliError> {
            let found = match &self.old_file {
                Some(file) => Some(read(file)?),
                None => given(config.keys.passphrase_file.as_deref())?,
            };
            match found {
                Some(found) => Ok(Some(found)),
                None => ask(&config.key_folder()),
            }
        };
        let changed = change(&config.data, old, new.as_ref(), &SystemEntropy::default())?;
        let (said, count) = match changed {
            Changed::Encrypted(count) => ("encrypted", count),
            Changed::Decrypted(count) => ("decrypted", count),
            Changed::Passphrase => ("passphrase changed", 0),
            Changed::Nothing => ("nothing to do", 0),
        };
        if context.json {
            println!("{}", json!({ "done": said, "keys": count }));
            return Ok(());
        }
        match changed {
            Changed::Encrypted(1) => println!("1 key is encrypted now"),
            Changed::Encrypted(count) => println!("{count} keys are encrypted now"),
            Changed::Decrypted(count) => println!("{count} keys are not encrypted any more"),
            Changed::Passphrase => println!("the keys are under the new passphrase"),
            Changed::Nothing => println!("nothing to do: they are as you want them"),
        }
        if let (Some(file), true) = (&self.new_file, changed != Changed::Nothing) {
            let file = std::path::absolute(file).map_err(|error| CliError::file(file, &error))?;
            println!(
                "have the gateway read it at its start: [keys] passphrase_file = {:?}",
                file.display().to_string()
            );
        }
        if changed != Changed::Nothing {
            println!("renew the key back-up: rogatory backup keys");
        }
        Ok(())
    }
}
