//! `rogatory ledger erase`, `hold`, `release`, `retain`.

use super::error::CliError;
use super::{Context, output, packets};
use clap::Args;
use rogatory::format::id::CaseId;
use rogatory::format::wire::{
    Due, EraseRequest, Erasure, HoldRequest, RetainRequest, erasure_reason::Code as Reason,
};
use rogatory::request::file::{enum_name, enum_names, enum_value};

/// Destroy the content of packets, for ever; the ledger goes on verifying
#[derive(Args)]
#[command(after_help = "Examples:\n  rogatory ledger erase 0191f3a0-… --reason court_order --dry-run\n  \
rogatory ledger erase 0191f3a0-… --reason court_order\n\n\
The content here is destroyed, with the texts of statuses about the packet: not the other side's copy, and not \
back-ups. A packet that still waits for its recipient, and what a legal hold keeps, is refused.")]
pub struct Erase {
    /// Packet ids
    #[arg(required = true)]
    packets: Vec<String>,
    /// retention_over, court_order, request_withdrawn, sent_in_error, other
    #[arg(long)]
    reason: String,
    /// The other side, where two peers used one id
    #[arg(long)]
    peer: Option<String>,
    /// Only say what would go
    #[arg(long)]
    dry_run: bool,
}

/// Lay a legal hold: what it is laid upon is not erased
#[derive(Args)]
#[command(
    after_help = "Examples:\n  rogatory ledger hold 0191f3a0-…\n  rogatory ledger hold --case 0191f3a0-…"
)]
pub struct Hold {
    #[command(flatten)]
    on: On,
}

/// End a legal hold
#[derive(Args)]
#[command(after_help = "Example:\n  rogatory ledger release --case 0191f3a0-…")]
pub struct Release {
    #[command(flatten)]
    on: On,
}

#[derive(Args)]
struct On {
    /// Packet id
    #[arg(required_unless_present = "case", conflicts_with = "case")]
    packet: Option<String>,
    /// Case id: all its packets
    #[arg(long)]
    case: Option<String>,
    /// The other side, where two peers used one id
    #[arg(long)]
    peer: Option<String>,
}

/// Erase the content whose time is over, as the configuration says
#[derive(Args)]
#[command(
    after_help = "Examples:\n  rogatory ledger retain --dry-run    # what is due, and why\n  rogatory ledger retain"
)]
pub struct Retain {
    /// Only say what is due, and why
    #[arg(long)]
    dry_run: bool,
}

impl Erase {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let reason = enum_value("ErasureReason.Code", &self.reason)
            .filter(|code| *code != Reason::Unspecified as i32)
            .ok_or_else(|| {
                CliError::input(format!("{:?} is no reason", self.reason))
                    .hint(format!("one of: {}", enum_names("ErasureReason.Code").join(", ")))
            })?;
        let named = |packet: &String| packets::name(packet, self.peer.as_ref());
        let packets = self.packets.iter().map(named).collect::<Result<Vec<_>, _>>()?;
        let request = EraseRequest { packets, reason, dry_run: self.dry_run };
        let erasures = context.gateway().await?.operator().erase(request).await?.into_inner().erasures;
        if context.json {
            let erasures: Vec<_> = erasures.iter().map(erasure_json).collect();
            println!("{}", serde_json::json!({ "dry_run": self.dry_run, "erased": erasures }));
            return Ok(());
        }
        erasures.iter().for_each(|erasure| println!("{}", erasure_text(erasure)));
        Ok(())
    }
}

impl Hold {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let request = self.on.request()?;
        let reply = context.gateway().await?.operator().hold(request).await?.into_inner();
        self.on.report(context, "held", reply.index, &reply.peer);
        Ok(())
    }
}

impl Release {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let request = self.on.request()?;
        let reply = context.gateway().await?.operator().release(request).await?.into_inner();
        self.on.report(context, "released", reply.index, &reply.peer);
        Ok(())
    }
}

impl On {
    fn request(&self) -> Result<HoldRequest, CliError> {
        let packet = self.packet.as_ref().map(|id| packets::name(id, self.peer.as_ref())).transpose()?;
        let case_id = match &self.case {
            Some(id) => {
                let id: CaseId = id.parse().map_err(|_| {
                    CliError::input(format!("{id:?} is no case id"))
                        .hint("rogatory show PACKET names the case")
                })?;
                id.bytes().to_vec()
            }
            None => Vec::new(),
        };
        Ok(HoldRequest { packet, case_id, peer: self.peer.clone().unwrap_or_default() })
    }

    fn report(&self, context: &Context, done: &str, index: u64, peer: &str) {
        match (context.json, &self.packet, &self.case) {
            (true, packet, case) => println!(
                "{}",
                serde_json::json!({ "done": done, "packet": packet, "case": case, "peer": peer, "index": index })
            ),
            (false, Some(packet), _) => println!("{done}: packet {packet} with {peer} (entry {index})"),
            (false, None, case) => {
                println!("{done}: case {} with {peer} (entry {index})", case.as_deref().unwrap_or_default());
            }
        }
    }
}

impl Retain {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let request = RetainRequest { dry_run: self.dry_run };
        let reply = context.gateway().await?.operator().retain(request).await?.into_inner();
        if context.json {
            let due: Vec<_> = reply.due.iter().map(due_json).collect();
            println!(
                "{}",
                serde_json::json!({
                    "dry_run": self.dry_run, "due": due, "held": reply.held, "waiting": reply.waiting,
                })
            );
            return Ok(());
        }
        for due in &reply.due {
            let erasure = due.erasure.clone().unwrap_or_default();
            println!("{}\n    because: {}", erasure_text(&erasure), why(due));
        }
        let word = if self.dry_run { "due" } else { "erased" };
        println!(
            "{} {word}; {} kept by a legal hold; {} still waiting",
            reply.due.len(),
            reply.held,
            reply.waiting
        );
        Ok(())
    }
}

fn erasure_json(erasure: &Erasure) -> serde_json::Value {
    serde_json::json!({
        "packet": output::id(&erasure.packet_id), "case": output::id(&erasure.case_id), "peer": erasure.peer,
        "box": if erasure.r#box == 0 { "inbox" } else { "outbox" },
        "objects": erasure.objects, "bytes": erasure.bytes, "files": erasure.files,
        "status_texts": erasure.status_texts, "index": erasure.index,
    })
}

fn erasure_text(erasure: &Erasure) -> String {
    let done = match erasure.index {
        Some(index) => format!("erased (entry {index})"),
        None => "would be erased".to_owned(),
    };
    format!(
        "packet {} with {}: {} objects, {} sealed, {} in files of their own, {} texts of statuses: {done}",
        output::id(&erasure.packet_id),
        erasure.peer,
        erasure.objects,
        output::bytes(erasure.bytes),
        erasure.files,
        erasure.status_texts,
    )
}

fn due_json(due: &Due) -> serde_json::Value {
    let mut shown = erasure_json(&due.erasure.clone().unwrap_or_default());
    shown["kind"] = output::kind(due.kind).into();
    shown["state"] = state(due).into();
    shown["since"] = output::time(due.since).into();
    shown["days"] = due.days.into();
    shown["rule"] = due.rule.into();
    shown
}

fn why(due: &Due) -> String {
    let rule = match due.rule {
        0 => "the default".to_owned(),
        number => format!("rule {number}"),
    };
    format!(
        "{} in a case that is {}; last word {}; {} days by {rule}",
        output::kind(due.kind),
        state(due),
        output::time(due.since),
        due.days
    )
}

fn state(due: &Due) -> String {
    match due.state {
        0 => "open".to_owned(),
        code => enum_name("Status.Code", code),
    }
}
