//! `rogatory ledger follow`: entries as they are committed.

use super::printer::{object, shown, written};
use crate::cli::Context;
use crate::cli::error::CliError;
use clap::Args;
use rogatory::format::wire::FollowRequest;
use rogatory::ledger::entry::Entry;
use rogatory::ledger::questions::entries::Entries;
use rogatory::ledger::questions::{Cell, Filter, Question as _};
use rogatory::store::StoreError;
use std::io::{Write as _, stdout};

/// Follow the running gateway's ledger: what is there, and then every new entry, a line each
#[derive(Args)]
#[command(after_help = "Example:\n  rogatory ledger follow --from 1200 --json\n\n\
With --json each line is an object, with the columns of `rogatory ledger ask entries`.")]
pub struct Follow {
    /// First entry
    #[arg(long, default_value_t = 0)]
    pub from: u64,
}

impl Follow {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let gateway = context.gateway().await?;
        let mut entries = gateway.auditor().follow(FollowRequest { from: self.from }).await?.into_inner();
        let mut question = Entries { filter: Filter::default() };
        let mut rows = Vec::new();
        while let Some(entry) = entries.message().await? {
            let entry = Entry::open(entry.index, entry.leaf, entry.objects).map_err(StoreError::from)?;
            question.entry(&entry, &mut rows).map_err(StoreError::from)?;
            for row in rows.drain(..) {
                let line = match context.json {
                    true => object(question.columns(), &row).to_string(),
                    false => {
                        let cells = row.iter().filter(|cell| **cell != Cell::Empty);
                        cells.map(shown).collect::<Vec<_>>().join("  ")
                    }
                };
                written(writeln!(stdout(), "{line}").and_then(|()| stdout().flush()))?;
            }
        }
        Err(CliError::not_running("the gateway stopped").hint("follow again from the next index"))
    }
}
