//! `rogatory ledger`: verify, log, compare; what is asked of it, `ask`, is a room of its own.

mod replay;

use super::erasure::{Erase, Hold, Release, Retain};
use super::error::CliError;
use super::prove::Prove;
use super::{Context, ask, output};
use clap::Subcommand;
use indicatif::ProgressBar;
use rogatory::archive::{from_data, inspect, inspect::is_export};
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::EntriesRequest;
use rogatory::format::words;
use rogatory::gateway::telemetry::consumption;
use rogatory::ledger::compare::{Comparison, Difference, compare};
use rogatory::request::file::enum_name;
use rogatory::store::inspect::{Inspection, Look, Source};
use rogatory::store::{StoreError, journal};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Verify, list and compare ledgers, and ask them; erase content, and keep it from being erased
#[derive(Subcommand)]
pub enum Ledger {
    /// Re-derive a ledger from its raw entries; no key is needed, nothing is changed
    #[command(
        after_help = "Example:\n  rogatory ledger verify xa\n\nExit codes: 0 sound, 1 unsound, 2 unreadable."
    )]
    Verify {
        /// Data directory, a copy of one, or an export
        data: PathBuf,
        /// Fingerprint that it must have: 64 hex digits or 24 words
        #[arg(long)]
        fingerprint: Option<String>,
    },
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
    /// Compare two authorities' ledgers: what one has and the other lacks, forks
    #[command(after_help = "Example:\n  rogatory ledger compare xa xb\n\n\
Exit codes: 0 nothing speaks against either, 1 contradiction or unsound, 2 unreadable.")]
    Compare {
        /// A data directory or export
        a: PathBuf,
        /// The other
        b: PathBuf,
    },
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
            Self::Verify { data, fingerprint } => {
                let expected = fingerprint.map(|text| words::parse(&text)).transpose()?;
                let begun = Instant::now();
                let inspection = verified(&data, context.json, Look::default())?;
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
            Self::Compare { a, b } => {
                let look = Look { facts: true, ..Look::default() };
                let (a, b) = (verified(&a, context.json, look)?, verified(&b, context.json, look)?);
                let comparison = compare(&a.sound, &b.sound);
                match context.json {
                    true => println!("{}", comparison_json(&comparison)),
                    false => print!("{}", comparison_text(&comparison)),
                }
                match comparison.is_sound() {
                    true => Ok(()),
                    false => Err(CliError::failed("the ledgers contradict each other")),
                }
            }
            Self::Erase(command) => command.run(context).await,
            Self::Hold(command) => command.run(context).await,
            Self::Release(command) => command.run(context).await,
            Self::Retain(command) => command.run(context).await,
        }
    }
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
        error => CliError::failed(format!("{}: not sound: {error}", data.display())),
    })
}

/// Whether a folder is a data directory with a ledger in it, or an export of one.
pub fn holds_ledger(folder: &Path) -> Result<(), CliError> {
    match journal::segment_path(&folder.join("journal"), 1).exists() || is_export(folder) {
        true => Ok(()),
        false => Err(CliError::input(format!("{} holds no ledger", folder.display()))
            .hint("name a data directory or an export")),
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

/// A verified ledger for programs.
pub fn inspection_json(inspection: &Inspection) -> serde_json::Value {
    let sound = &inspection.sound;
    serde_json::json!({
        "sound": true, "authority": sound.chain.authority().as_str(),
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
    let store = match inspection.store_compared {
        _ if inspection.source == Source::Export => {
            "none: this is an export, and its tiles are what the entries amount to"
        }
        true => "equal to what the entries amount to, key by key",
        false => "not compared: a gateway is working in it",
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

/// A comparison for programs.
pub fn comparison_json(comparison: &Comparison) -> serde_json::Value {
    let list = |differences: &[Difference]| {
        differences
            .iter()
            .map(|d| serde_json::json!({ "ledger": d.ledger, "index": d.index, "what": d.what }))
            .collect::<Vec<_>>()
    };
    serde_json::json!({
        "sound": comparison.is_sound(), "matched": comparison.matched, "trees_agree": comparison.witnessed,
        "clock_drift_ms": comparison.clock_drift(), "shortest_ms": comparison.shortest,
        "missing": list(&comparison.missing), "invented": list(&comparison.invented), "forks": list(&comparison.forks),
    })
}

fn comparison_text(comparison: &Comparison) -> String {
    let mut text = format!(
        "{} pieces of evidence and statuses stand in both ledgers; {} trees that one saw of the other agree\n",
        comparison.matched, comparison.witnessed
    );
    if let Some(drift) = comparison.clock_drift() {
        text.push_str(&format!(
            "the second clock is {drift} ms ahead of the first, as far as that can be told\n"
        ));
    }
    for (word, differences) in [
        ("not received yet", &comparison.missing),
        ("INVENTED", &comparison.invented),
        ("FORK", &comparison.forks),
    ] {
        for difference in differences {
            text.push_str(&format!(
                "{word}: {} entry {}: {}\n",
                difference.ledger, difference.index, difference.what
            ));
        }
    }
    text
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
