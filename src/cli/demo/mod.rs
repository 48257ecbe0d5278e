//! `rogatory demo`: the main job, by itself, on two authorities in two processes.

mod documents;

use super::error::CliError;
use super::ledger::{comparison_json, inspection_json, verified};
use super::processes::GatewayProcess;
use super::{Context, case, output, packets, send};
use clap::Args;
use rogatory::format::wire::{
    self, AnswerRequest, CaseRequest, PacketName, PacketSummary, PacketsRequest, StatusText,
    event::Code as Event, status::Code as StatusCode,
};
use rogatory::format::words;
use rogatory::gateway::SystemClock;
use rogatory::ledger::compare::compare;
use rogatory::store::Clock as _;
use rogatory::store::inspect::Look;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Something that should have happened by then did not.
const PATIENCE: Duration = Duration::from_secs(60);
/// Why the packets of the demo are opened.
const EXECUTION: i32 = wire::opening_purpose::Code::Execution as i32;

/// Exchange a real request between two new authorities, and verify both ledgers
#[derive(Args)]
#[command(
    after_help = "Examples:\n  rogatory demo\n  rogatory demo --dir my-demo\n  rogatory demo --attach scan.pdf table.csv --json"
)]
pub struct Demo {
    /// Send these files instead of the sample case's own
    #[arg(long, value_name = "FILE", num_args = 1..)]
    attach: Vec<PathBuf>,
    /// Keep the data here, one folder an authority; must not exist yet
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// Tells the story, and keeps it for `--json`.
struct Story {
    begun: Instant,
    quiet: bool,
    durations: Map<String, Value>,
    last: Instant,
}

impl Story {
    fn new(quiet: bool) -> Self {
        Self { begun: Instant::now(), quiet, durations: Map::new(), last: Instant::now() }
    }

    fn step(&mut self, name: &str, line: &str) {
        let took = self.last.elapsed();
        self.last = Instant::now();
        self.durations.insert(name.to_owned(), json!(took.as_secs_f64()));
        if !self.quiet {
            println!("{:7.3} s  {line}", self.begun.elapsed().as_secs_f64());
        }
    }

    fn detail(&self, line: &str) {
        if !self.quiet {
            println!("             {line}");
        }
    }
}

impl Demo {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let dir = match &self.dir {
            Some(dir) if dir.exists() => {
                return Err(CliError::failed(format!("{} is there already", dir.display()))
                    .hint("choose another --dir"));
            }
            Some(dir) => dir.clone(),
            None => std::env::temp_dir().join(format!(
                "rogatory-demo-{}-{}",
                SystemClock.now(),
                std::process::id()
            )),
        };
        let mut story = Story::new(context.json);
        let case = documents::write(&dir.join("documents"), &self.attach)?;
        let told = play(&dir, &case, &mut story).await?;
        if context.json {
            println!("{told}");
        }
        Ok(())
    }
}

async fn play(dir: &Path, documents: &documents::Case, story: &mut Story) -> Result<Value, CliError> {
    let xa = GatewayProcess::found("XA", dir).await?;
    let xb = GatewayProcess::found("XB", dir).await?;
    story.step("founded", "two authorities are founded, and each serves in a process of its own");
    for gateway in [&xa, &xb] {
        story.detail(&format!("{}  process {}  {}", gateway.authority, gateway.pid(), gateway.listening));
        story.detail(&format!("    fingerprint {}", words::to_hex(&gateway.fingerprint)));
    }
    xa.pair_with(&xb).await?;
    xb.pair_with(&xa).await?;
    story.step("paired", "paired: each confirmed the other's fingerprint");

    let sent = send::submit(&xa.client, documents.request()?, &documents.folder, true).await?;
    story.step("submitted", &format!("XA submits a request: packet {}", output::id(&sent.packet_id)));
    story.detail(&format!(
        "SubmissionAcceptance, {}",
        output::acknowledgement_line(sent.acknowledgement.as_ref())
    ));
    let settled = packets::wait_settled(&xa.client, &sent.packet_id, PATIENCE).await?;
    expect(&settled, Event::ContentConsignment)?;
    story.step(
        "consigned",
        &format!("XB has it: {} in {} objects", output::bytes(settled.bytes), settled.objects),
    );
    evidence(story, &xa, &settled).await?;

    let received = in_inbox(&xb, &sent.packet_id).await?;
    let name = PacketName { packet_id: received.packet_id.clone(), peer: String::new() };
    let fetched = packets::fetch(&xb.client, name.clone(), EXECUTION, &dir.join("xb-fetched"), true).await?;
    documents.check(&fetched.files)?;
    story.step("fetched", &format!("XB opens it: {} files, every digest agrees", fetched.files.len()));
    story.detail(&format!(
        "ContentHandover, {}",
        output::acknowledgement_line(fetched.acknowledgement.as_ref())
    ));

    let text = |reference: &str, text: &str| {
        Some(StatusText { national_reference: reference.into(), text: text.into(), language: "en".into() })
    };
    let registered = AnswerRequest {
        packet: Some(name.clone()),
        code: StatusCode::Registered.into(),
        text: text("BM-MLA-2026/0417", ""),
        ..AnswerRequest::default()
    };
    let registered = xb.client.officer().answer(registered).await?.into_inner();
    story.step("registered", "XB answers: registered");
    story.detail(&format!("status, {}", output::acknowledgement_line(registered.acknowledgement.as_ref())));

    let mut reply = documents.reply()?;
    reply.file.case = output::id(&sent.case_id);
    reply.file.in_reply_to = output::id(&sent.packet_id);
    let reply = send::submit(&xb.client, reply, &documents.folder, true).await?;
    let executed = AnswerRequest {
        packet: Some(name),
        code: StatusCode::Executed.into(),
        text: text("BM-MLA-2026/0417", "Executed; the certified records are in the reply."),
        reply_id: reply.packet_id.clone(),
        ..AnswerRequest::default()
    };
    let executed = xb.client.officer().answer(executed).await?.into_inner();
    story.step("executed", &format!("XB answers: executed, with reply {}", output::id(&reply.packet_id)));
    story.detail(&format!("status, {}", output::acknowledgement_line(executed.acknowledgement.as_ref())));

    let arrived = in_inbox(&xa, &reply.packet_id).await?;
    let reply_name = PacketName { packet_id: arrived.packet_id.clone(), peer: String::new() };
    let reply_files =
        packets::fetch(&xa.client, reply_name, EXECUTION, &dir.join("xa-fetched"), true).await?;
    story.step("reply_fetched", &format!("XA opens the reply: {} files", reply_files.files.len()));
    for gateway in [&xa, &xb] {
        gateway.quiet(PATIENCE).await?;
    }
    let by_case = CaseRequest { case_id: sent.case_id.clone(), ..CaseRequest::default() };
    let seen_by_xa = xa.client.officer().case(by_case.clone()).await?.into_inner();
    let seen_by_xb = xb.client.officer().case(by_case).await?.into_inner();
    if seen_by_xa.state != "executed" || seen_by_xb.state != "executed" {
        return Err(CliError::failed(format!(
            "the case is {} for XA and {} for XB",
            seen_by_xa.state, seen_by_xb.state
        )));
    }
    story.step("agreed", "both see the case executed; every acknowledgement is with its receiver");
    for item in &seen_by_xa.items {
        story.detail(&format!("{}  {}  {}", output::time(item.at), item.author, case::what(item)));
    }
    let (xa_data, xb_data, config) = (xa.data.clone(), xb.data.clone(), xa.config.clone());
    xa.stop().await?;
    xb.stop().await?;
    story.step("stopped", "both gateways drained and stopped");

    let look = Look { facts: true, ..Look::default() };
    let (a, b) = (verified(&xa_data, true, look)?, verified(&xb_data, true, look)?);
    let comparison = compare(&a.sound, &b.sound);
    if !comparison.is_sound() || !comparison.missing.is_empty() || !a.store_compared || !b.store_compared {
        return Err(CliError::failed(format!("the ledgers do not agree: {}", comparison_json(&comparison))));
    }
    story.step("verified", "both ledgers are verified from raw entries, and compared");
    for found in [&a, &b] {
        let sound = &found.sound;
        story.detail(&format!(
            "{}  {} entries, {} signatures, root {}",
            sound.chain.authority(),
            sound.size,
            sound.signatures,
            hex::encode(sound.root)
        ));
    }
    story.detail(&format!(
        "{} pieces of evidence and statuses stand in both; none is missing",
        comparison.matched
    ));
    farewell(story, dir, &config, &sent.case_id);
    Ok(json!({
        "dir": dir, "packet": output::id(&sent.packet_id), "reply": output::id(&reply.packet_id),
        "case": output::id(&sent.case_id), "state": seen_by_xa.state,
        "acknowledgements": {
            "submission": output::acknowledgement_json(sent.acknowledgement.as_ref()),
            "handover": output::acknowledgement_json(fetched.acknowledgement.as_ref()),
            "registered": output::acknowledgement_json(registered.acknowledgement.as_ref()),
            "executed": output::acknowledgement_json(executed.acknowledgement.as_ref()),
        },
        "timeline": case::case_json(&seen_by_xa),
        "ledgers": { "XA": inspection_json(&a), "XB": inspection_json(&b) },
        "comparison": comparison_json(&comparison), "seconds": story.durations,
    }))
}

fn farewell(story: &Story, dir: &Path, config: &Path, case_id: &[u8]) {
    if story.quiet {
        return;
    }
    let (a, b) = (dir.join("xa"), dir.join("xb"));
    println!("\nThe data lies in {}. Try next:", dir.display());
    println!("  rogatory ledger verify {}", a.display());
    println!("  rogatory ledger compare {} {}", a.display(), b.display());
    println!("  rogatory serve --config {} &", config.display());
    println!("  rogatory status {} --config {}", output::id(case_id), config.display());
}

/// What the peer stated, with its place in the peer's log.
async fn evidence(story: &Story, gateway: &GatewayProcess, summary: &PacketSummary) -> Result<(), CliError> {
    for outcome in summary.outcomes.iter().filter(|outcome| outcome.issuer != gateway.authority) {
        story.detail(&format!(
            "{}, verified and durable in our entry {}",
            output::outcome(outcome),
            outcome.index
        ));
    }
    Ok(())
}

fn expect(summary: &PacketSummary, event: Event) -> Result<(), CliError> {
    match summary.outcomes.last() {
        Some(last) if last.event == event as i32 => Ok(()),
        _ => Err(CliError::failed(format!("unexpected: {}", output::last_word(summary)))),
    }
}

/// Waits until a packet is in the inbox, consigned.
async fn in_inbox(gateway: &GatewayProcess, id: &[u8]) -> Result<PacketSummary, CliError> {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let request = PacketsRequest { r#box: packets::INBOX, peer: String::new(), limit: 50 };
        let found = gateway.client.officer().packets(request).await?.into_inner().packets;
        if let Some(packet) = found.into_iter().find(|packet| packet.packet_id == id) {
            expect(&packet, Event::ContentConsignment)?;
            return Ok(packet);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(CliError::failed(format!("packet {} did not arrive at {}", output::id(id), gateway.authority)))
}
