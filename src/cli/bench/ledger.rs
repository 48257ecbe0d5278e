//! What a ledger costs as it grows: appending, proofs, starts, rebuilding, verification.

use super::history::{ENTRIES, History, TOGETHER};
use crate::cli::error::CliError;
use crate::cli::init::Init;
use crate::cli::processes::GatewayProcess;
use crate::cli::{Context, output};
use rayon::prelude::*;
use rogatory::archive::from_data;
use rogatory::archive::inspect::compare_tree;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::hash::Digest;
use rogatory::crypto::sign::{Ed25519Key, Signer as _, verify_ed25519};
use rogatory::exchange::identity::Identity;
use rogatory::format::id::AuthorityId;
use rogatory::gateway::SystemClock;
use rogatory::ledger::LedgerError;
use rogatory::ledger::tree::{self, Nodes};
use rogatory::store::{Clock as _, Options, Snapshot, boot_id};
use serde_json::{Value, json};
use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Entries over which the cost of appending is taken, at the beginning and at the end.
const WINDOW: u64 = 10_000;
/// Signatures that bare verification goes round.
const DISTINCT: u64 = 16_384;
/// Proofs that are made.
const PROOFS: u64 = 2000;

/// Makes a ledger of about `entries` entries under `dir`, and measures it.
pub async fn measure(context: &Context, dir: &Path, entries: u64) -> Result<(), CliError> {
    let mut report = Report { quiet: context.json, values: serde_json::Map::new() };
    let data = dir.join("xa");
    let made = Init::at("XA", &data, "127.0.0.1:0").make()?;
    grow(&data, dir, entries, &mut report).await?;
    starts(&data, &made.config, &mut report).await?;
    let export = dir.join("export");
    tokio::task::block_in_place(|| verification(&data, &export, &mut report))?;
    if context.json {
        println!("{}", Value::Object(report.values));
    }
    Ok(())
}

/// What was measured, said at once and kept.
struct Report {
    quiet: bool,
    values: serde_json::Map<String, Value>,
}

impl Report {
    fn say(&mut self, name: &str, value: f64, unit: &str) {
        if !self.quiet {
            println!("  {name:64} {value:>14.3} {unit}");
        }
        self.values.insert(format!("{} ({unit})", name.trim()), json!(value));
    }
}

async fn grow(data: &Path, dir: &Path, entries: u64, report: &mut Report) -> Result<(), CliError> {
    let now = SystemClock.now();
    let ours = Arc::new(Identity::load(&data.join("keys"), now)?);
    let peer = AuthorityId::parse("XB")?;
    let theirs = Identity::found(&dir.join("xb-keys"), &peer, true, now, &SystemEntropy::default())?;
    let options = Options {
        data: data.to_owned(),
        keys: data.join("keys").as_path().into(),
        boot_id: boot_id(),
        clock: Arc::new(SystemClock),
        signer: ours.clone(),
        observer: Box::new(|_| {}),
    };
    let store = options.open()?.store;
    let mut history = History::begin(&store, ours, theirs, now).await?;
    let (begun, mut first, mut last) = (Instant::now(), Vec::new(), Vec::new());
    let bar = output::progress(entries, "making up entries", report.quiet);
    loop {
        let size = store.checkpoint().size;
        if size >= entries {
            break;
        }
        let took = history.exchanges(&store).await?.as_secs_f64() / (TOGETHER * ENTRIES) as f64;
        if (1000..1000 + WINDOW).contains(&size) {
            first.push(took);
        }
        if size + WINDOW >= entries {
            last.push(took);
        }
        bar.set_position(size);
    }
    bar.finish_and_clear();
    let size = store.checkpoint().size;
    report.say("entries", size as f64, "entries");
    report.say("made up and committed", size as f64 / begun.elapsed().as_secs_f64(), "entries/s");
    let (first, last) = (median(first), median(last));
    report.say("appending, at a thousand entries", first * 1e6, "us an entry");
    report.say("appending, at the end", last * 1e6, "us an entry");
    report.say("ratio of the two", last / first, "x");
    proofs(store.snapshot(), size, report)?;
    store.close()?;
    Ok(())
}

/// Counts what a proof reads.
struct Counting<'a> {
    nodes: &'a Snapshot,
    read: Cell<u64>,
}

impl Nodes for Counting<'_> {
    fn node(&self, number: u64) -> Result<Digest, LedgerError> {
        self.read.set(self.read.get() + 1);
        self.nodes.node(number)
    }
}

fn proofs(snapshot: &Snapshot, size: u64, report: &mut Report) -> Result<(), CliError> {
    let counting = Counting { nodes: snapshot, read: Cell::new(0) };
    let (begun, mut longest) = (Instant::now(), Duration::ZERO);
    for number in 0..PROOFS {
        let one = Instant::now();
        // A step that is prime to the size walks all over the log.
        let index = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) % size;
        tree::inclusion(index, size, &counting).map_err(|error| CliError::failed(error.to_string()))?;
        longest = longest.max(one.elapsed());
    }
    report.say("inclusion proof, mean", begun.elapsed().as_secs_f64() * 1e3 / PROOFS as f64, "ms");
    report.say("inclusion proof, longest", longest.as_secs_f64() * 1e3, "ms");
    report.say("hashes read for one", counting.read.get() as f64 / PROOFS as f64, "hashes");
    Ok(())
}

async fn starts(data: &Path, config: &Path, report: &mut Report) -> Result<(), CliError> {
    for (what, end) in
        [("start after a clean stop", End::Killed), ("start after the death of the process", End::Stopped)]
    {
        let begun = Instant::now();
        let gateway = GatewayProcess::serve("XA", data, config).await?;
        report.say(what, begun.elapsed().as_secs_f64(), "s");
        match end {
            End::Killed => gateway.kill().await?,
            End::Stopped => gateway.stop().await?,
        }
    }
    // As after power loss: nobody vouches for the store.
    let marker = data.join("store.state");
    std::fs::remove_file(&marker).map_err(|error| CliError::file(&marker, &error))?;
    let begun = Instant::now();
    let gateway = GatewayProcess::serve("XA", data, config).await?;
    let took = begun.elapsed().as_secs_f64();
    let size = gateway.consumption().await?.log_size as f64;
    gateway.stop().await?;
    report.say("rebuilding the whole store, start included", took, "s");
    report.say("rebuilding", size / took, "entries/s");
    Ok(())
}

enum End {
    Killed,
    Stopped,
}

fn verification(data: &Path, export: &Path, report: &mut Report) -> Result<(), CliError> {
    let begun = Instant::now();
    let exported = from_data::export(data, export, &mut |_| {})?;
    report.say(
        "exporting, every file synced",
        exported.size as f64 / begun.elapsed().as_secs_f64(),
        "entries/s",
    );
    report.say("leaves and nodes of the export, one core", leaves(export)?, "entries/s");
    // A machine that is shared is not as fast all the time: each is held against what bare
    // signatures took before and after it.
    let mut before = bare_verify(exported.size)?;
    for (ledger, what) in [(data, "the data directory, its store compared"), (export, "the export")] {
        let told = verify_apart(ledger)?;
        let after = bare_verify(exported.size)?;
        let signatures = told["signatures"].as_f64().unwrap_or_default();
        let (took, bare) = (told["seconds"].as_f64().unwrap_or_default(), f64::midpoint(before, after));
        before = after;
        report.say(&format!("verifying {what}"), took, "s");
        report.say(&format!("signatures in {what}"), signatures, "signatures");
        report.say(&format!("as many, bare, all cores: {what}"), bare * signatures, "s");
        report.say(&format!("ratio of the two: {what}"), took / (bare * signatures), "x");
        let memory = told["peak_memory"].as_f64().unwrap_or_default() / 1048576.0;
        report.say(&format!("peak memory: {what}"), memory, "MiB");
    }
    Ok(())
}

/// `ledger verify` in a process of its own.
fn verify_apart(ledger: &Path) -> Result<Value, CliError> {
    let program =
        std::env::current_exe().map_err(|error| CliError::failed(format!("this program: {error}")))?;
    let told = std::process::Command::new(program)
        .args(["ledger", "verify", "--json"])
        .arg(ledger)
        .output()
        .map_err(|error| CliError::failed(error.to_string()))?;
    match told.status.success() {
        true => serde_json::from_slice(&told.stdout).map_err(|error| CliError::failed(error.to_string())),
        false => Err(CliError::failed(String::from_utf8_lossy(&told.stderr))),
    }
}

/// Reads the entries, hashes the leaves, and compares every node, on one core.
fn leaves(export: &Path) -> Result<f64, CliError> {
    let begun = Instant::now();
    let size = compare_tree(export)?;
    Ok(size as f64 / begun.elapsed().as_secs_f64())
}

/// Seconds that a signature takes where all cores verify `count` of them and do nothing else. Each
/// differs from those before it: a processor learns the way through one that comes again and again.
fn bare_verify(count: u64) -> Result<f64, CliError> {
    let failed = |error: rogatory::crypto::CryptoError| CliError::failed(error.to_string());
    let key = Ed25519Key::from_seed(&[1; 32]).map_err(failed)?;
    let signed = |number: u64| {
        let message = [number.to_be_bytes(); 62].concat();
        key.sign(&message).map(|signature| (message, signature))
    };
    let signed: Vec<_> = (0..DISTINCT).map(signed).collect::<Result<_, _>>().map_err(failed)?;
    let begun = Instant::now();
    (0..count)
        .into_par_iter()
        .try_for_each(|number| {
            let (message, signature) = &signed[(number % DISTINCT) as usize];
            verify_ed25519(key.public_key(), message, signature)
        })
        .map_err(failed)?;
    Ok(begun.elapsed().as_secs_f64() / count as f64)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
