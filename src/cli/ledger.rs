//! `rogatory ledger`: verify, log, compare.

use super::erasure::{Erase, Hold, Release, Retain};
use super::error::CliError;
use super::{Context, output};
use clap::Subcommand;
use indicatif::ProgressBar;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::EntriesRequest;
use rogatory::format::words;
use rogatory::ledger::compare::{Comparison, Difference, compare};
use rogatory::request::file::enum_name;
use rogatory::store::inspect::{Inspection, verify};
use rogatory::store::{StoreError, journal};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Verify, list and compare ledgers; erase content, and keep it from being erased
#[derive(Subcommand)]
pub enum Ledger {
    /// Re-derive a ledger from its raw entries; no key is needed, nothing is changed
    #[command(
        after_help = "Example:\n  rogatory ledger verify xa\n\nExit codes: 0 sound, 1 unsound, 2 unreadable."
    )]
    Verify {
        /// Data directory, or a copy of one
        data: PathBuf,
        /// Fingerprint that it must have: 64 hex digits or 24 words
        #[arg(long)]
        fingerprint: Option<String>,
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
        /// One data directory
        a: PathBuf,
        /// The other
        b: PathBuf,
    },
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
                let inspection = inspect(&data, context.json)?;
                let found = inspection.sound.chain.fingerprint();
                if expected.is_some_and(|expected| expected != found) {
                    return Err(CliError::failed(format!(
                        "this is the ledger of another identity: its fingerprint is {}",
                        hex::encode(found)
                    )));
                }
                match context.json {
                    true => println!("{}", inspection_json(&inspection)),
                    false => print!("{}", inspection_text(&inspection)),
                }
                Ok(())
            }
            Self::Log { from, count } => log(context, from, count).await,
            Self::Compare { a, b } => {
                let (a, b) = (inspect(&a, context.json)?, inspect(&b, context.json)?);
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
pub fn inspect(data: &Path, quiet: bool) -> Result<Inspection, CliError> {
    if !journal::segment_path(&data.join("journal"), 1).exists() {
        return Err(
            CliError::input(format!("{} holds no ledger", data.display())).hint("name a data directory")
        );
    }
    let bar = match quiet || !std::io::stderr().is_terminal() {
        true => ProgressBar::hidden(),
        false => ProgressBar::new_spinner().with_message("verifying"),
    };
    bar.enable_steady_tick(Duration::from_millis(100));
    let found = tokio::task::block_in_place(|| {
        verify(data, &mut |entries| {
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

/// A verified ledger for programs.
pub fn inspection_json(inspection: &Inspection) -> serde_json::Value {
    let sound = &inspection.sound;
    serde_json::json!({
        "sound": true, "authority": sound.chain.authority().as_str(),
        "fingerprint": hex::encode(sound.chain.fingerprint()), "log": sound.chain.log_origin(),
        "size": sound.size, "root": hex::encode(sound.root), "signed": inspection.signed,
        "signatures": sound.facts.signatures, "views": sound.views.0.len(), "kinds": sound.facts.kinds,
        "peers": sound.peers.keys().map(|peer| peer.as_str()).collect::<Vec<_>>(),
        "store_compared": inspection.store_compared, "torn_tail": inspection.torn_tail,
    })
}

fn inspection_text(inspection: &Inspection) -> String {
    let sound = &inspection.sound;
    let kinds: Vec<String> =
        sound.facts.kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let store = match inspection.store_compared {
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
        sound.facts.signatures,
        sound.views.0.len(),
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
        "missing": list(&comparison.missing), "invented": list(&comparison.invented), "forks": list(&comparison.forks),
    })
}

fn comparison_text(comparison: &Comparison) -> String {
    let mut text = format!(
        "{} pieces of evidence and statuses stand in both ledgers; {} trees that one saw of the other agree\n",
        comparison.matched, comparison.witnessed
    );
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
