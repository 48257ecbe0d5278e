//! `rogatory ledger`: verify, log, compare; what is asked of it, `ask`, is a room of its own.

mod compare;
mod replay;
mod verify;

pub use compare::comparison_json;
pub use verify::{holds_ledger, inspection_json, verified};

use super::erasure::{Erase, Hold, Release, Retain};
use super::error::CliError;
use super::prove::Prove;
use super::{Context, ask, output};
use clap::Subcommand;
use compare::Compare;
use indicatif::ProgressBar;
use rogatory::archive::{from_data, inspect::is_export};
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::EntriesRequest;
use rogatory::ledger::questions::names;
use rogatory::request::file::enum_name;
use rogatory::store::StoreError;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use verify::Verify;

/// Verify, list and compare ledgers, and ask them; erase content, and keep it from being erased
#[derive(Subcommand)]
pub enum Ledger {
    Verify(Verify),
    /// Write a ledger out as files that other people's tools verify; again: only what is new
    #[command(after_help = "Example:\n  rogatory ledger export xa --out /media/audit/xa\n\n\
The folder holds C2SP tlog-tiles and signed evidence: no content, no key that opens anything.")]
    Export {
        /// Data directory; a gateway may be working in it
        data: PathBuf,
        /// Folder to write to: empty, or with an earlier export of the same ledger
        #[arg(long)]
        out: PathBuf,
    },
    /// Rebuild every view from the entries alone; show the state as it is, or as it was
    #[command(
        after_help = "Examples:\n  rogatory ledger replay xa\n  rogatory ledger replay /media/audit/xa --until 2026-11-22"
    )]
    Replay {
        /// Data directory, a copy of one, or an export
        ledger: PathBuf,
        /// As it was before the entry with this index, or at this time (RFC 3339, or a date's end)
        #[arg(long)]
        until: Option<String>,
        /// Closed cases too
        #[arg(long)]
        all: bool,
        /// Then go on with every entry that the running gateway commits, a line each
        #[arg(long, conflicts_with = "until")]
        follow: bool,
    },
    /// List entries of the running gateway's ledger
    #[command(after_help = "Example:\n  rogatory ledger log --from 100 --count 20")]
    Log {
        /// First entry
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// At most so many
        #[arg(long, default_value_t = 1000)]
        count: u64,
    },
    Compare(Compare),
    Ask(ask::Ask),
    Follow(ask::follow::Follow),
    Prove(Prove),
    Erase(Erase),
    Hold(Hold),
    Release(Release),
    Retain(Retain),
}

impl Ledger {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        match self {
            Self::Verify(command) => command.run(context),
            Self::Replay { ledger, until, all, follow } => {
                let from = replay::replay(context, &ledger, until.as_deref(), all)?;
                match follow {
                    true => ask::follow::Follow { from }.run(context).await,
                    false => Ok(()),
                }
            }
            Self::Export { data, out } => export(context, &data, &out),
            Self::Prove(command) => command.run(context).await,
            Self::Log { from, count } => log(context, from, count).await,
            Self::Ask(ask) => ask.run(context).await,
            Self::Follow(follow) => follow.run(context).await,
            Self::Compare(command) => command.run(context),
            Self::Erase(command) => command.run(context).await,
            Self::Hold(command) => command.run(context).await,
            Self::Release(command) => command.run(context).await,
            Self::Retain(command) => command.run(context).await,
        }
    }
}

fn counter(quiet: bool, doing: &'static str) -> ProgressBar {
    let bar = match quiet || !std::io::stderr().is_terminal() {
        true => ProgressBar::hidden(),
        false => ProgressBar::new_spinner().with_message(doing),
    };
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn export(context: &Context, data: &Path, out: &Path) -> Result<(), CliError> {
    holds_ledger(data)?;
    if is_export(data) {
        return Err(CliError::input(format!("{} is an export already", data.display()))
            .hint("copy the folder; exports are made from a data directory"));
    }
    let bar = counter(context.json, "exporting");
    let done = tokio::task::block_in_place(|| {
        from_data::export(data, out, &mut |entries| bar.set_message(format!("{entries} entries exported")))
    });
    bar.finish_and_clear();
    let done = done.map_err(|error| match error {
        StoreError::Io { .. } => CliError::input(error.to_string()),
        error => CliError::failed(error.to_string()),
    })?;
    let fingerprint = hex::encode(done.fingerprint);
    match context.json {
        true => println!(
            "{}",
            serde_json::json!({
                "out": out.display().to_string(), "authority": done.authority.as_str(), "fingerprint": fingerprint,
                "size": done.size, "new": done.new,
            })
        ),
        false => println!(
            "{} entries of {} in {}, {} of them new\nverify it anywhere:  rogatory ledger verify {} --fingerprint {fingerprint}",
            done.size,
            done.authority,
            out.display(),
            done.new,
            out.display()
        ),
    }
    Ok(())
}

async fn log(context: &Context, from: u64, count: u64) -> Result<(), CliError> {
    let gateway = context.gateway().await?;
    let (mut next, end) = (from, from.saturating_add(count));
    let (mut rows, mut json) = (Vec::new(), Vec::new());
    while next < end {
        let request = EntriesRequest { from: next, count: end - next };
        let entries = gateway.auditor().entries(request).await?.into_inner().entries;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            let leaf = Leaf::decode(&entry.leaf)?;
            let code = match leaf.kind {
                rogatory::format::wire::leaf::Kind::StatusIssued
                | rogatory::format::wire::leaf::Kind::StatusReceived => {
                    enum_name("Status.Code", leaf.code as i32)
                }
                rogatory::format::wire::leaf::Kind::Alarm => output::alarm(leaf.code as i32),
                rogatory::format::wire::leaf::Kind::PairingNotice => names::notice(leaf.code),
                rogatory::format::wire::leaf::Kind::Erased => output::erasure_reason(leaf.code as i32),
                _ if leaf.code == 0 => String::new(),
                _ => output::event(leaf.code as i32),
            };
            let peer = leaf.peer.as_ref().map(ToString::to_string).unwrap_or_default();
            let id = leaf.id.map(|id| id.to_string()).unwrap_or_default();
            json.push(serde_json::json!({
                "index": entry.index, "at": output::time(leaf.at), "kind": leaf.kind.as_str_name(), "code": code,
                "peer": peer, "id": id, "actor": leaf.actor.map(hex::encode),
                "objects": leaf.objects.iter().map(hex::encode).collect::<Vec<_>>(),
            }));
            rows.push(vec![
                entry.index.to_string(),
                output::time(leaf.at),
                leaf.kind.as_str_name().to_owned(),
                code,
                peer,
                id,
            ]);
            next = entry.index + 1;
        }
    }
    match context.json {
        true => println!("{}", serde_json::json!({ "entries": json })),
        false => print!("{}", output::table(&rows)),
    }
    Ok(())
}
