//! `rogatory keys`: our own keys, listed and rotated.

use super::error::CliError;
use super::{Context, output};
use clap::Subcommand;
use rogatory::exchange::identity::DELEGATED;
use rogatory::format::wire::{
    KeySummary, KeysReply, KeysRequest, RotateReply, RotateRequest, key_state::Code as State,
    purpose::Code as Purpose,
};
use rogatory::request::file::enum_name;
use serde_json::{Value, json};

/// A day, milliseconds.
const DAY: u64 = 24 * 3600 * 1000;

/// Look after this authority's own keys
#[derive(Subcommand)]
#[command(
    after_help = "Example:\n  rogatory keys list\n  rogatory keys rotate all --dry-run\n  rogatory keys rotate tls"
)]
pub enum Keys {
    /// List our keys: what they are for, how long they stand, which peers have learnt of them
    #[command(after_help = "Example:\n  rogatory keys list --json\n\n\
Peers are those that were heard since the gateway was started.")]
    List {
        /// Those that ended or were revoked too
        #[arg(long)]
        all: bool,
    },
    /// State new keys, and use them once the peers have learnt of them
    #[command(
        after_help = "Examples:\n  rogatory keys rotate all --dry-run\n  rogatory keys rotate packet\n\n\
The keys before stand until their own end, so what is under way verifies and opens. Renew the key back-up \
afterwards: rogatory backup keys"
    )]
    Rotate {
        /// all, or: packet, evidence, checkpoint, cosign, content, tls
        #[arg(required = true, value_name = "PURPOSE")]
        purposes: Vec<String>,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
    Revoke(super::revoke::Revoke),
}

impl Keys {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        match self {
            Self::List { all } => list(context, all).await,
            Self::Rotate { purposes, dry_run } => rotate(context, &purposes, dry_run).await,
            Self::Revoke(command) => command.run(context).await,
        }
    }
}

async fn list(context: &Context, all: bool) -> Result<(), CliError> {
    let reply = context.gateway().await?.operator().keys(KeysRequest {}).await?.into_inner();
    let over = |key: &&KeySummary| !all && matches!(key.state(), State::Ended | State::Revoked);
    let keys = reply.keys.iter().filter(|key| !over(key));
    if context.json {
        let keys: Vec<_> = keys.map(|key| key_json(key, reply.now)).collect();
        println!("{}", json!({ "keys": keys, "peers": reply.peers }));
        return Ok(());
    }
    let mut rows = vec![
        ["purpose", "key", "valid from", "valid until", "days left", "state", "learnt by"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(keys.map(|key| key_row(key, &reply)));
    print!("{}", output::table(&rows));
    Ok(())
}

async fn rotate(context: &Context, purposes: &[String], dry_run: bool) -> Result<(), CliError> {
    let mut wanted = Vec::new();
    for name in purposes {
        match DELEGATED.iter().find(|purpose| purpose.as_str_name() == name) {
            Some(purpose) => wanted.push(*purpose),
            None if name == "all" => wanted.extend(DELEGATED),
            None => {
                let names: Vec<_> = DELEGATED.iter().map(Purpose::as_str_name).collect();
                return Err(CliError::input(format!("{name:?} is no purpose whose keys rotate"))
                    .hint(format!("all, or: {}", names.join(", "))));
            }
        }
    }
    let request = RotateRequest { purposes: wanted.into_iter().map(Into::into).collect(), dry_run };
    let reply = context.gateway().await?.operator().rotate(request).await?.into_inner();
    if context.json {
        println!("{}", rotated_json(&reply, dry_run));
        return Ok(());
    }
    for one in &reply.rotated {
        let new = match one.new_id.is_empty() {
            true => "would be stated".to_owned(),
            false => format!("{} is stated", short(&one.new_id)),
        };
        println!(
            "{}: a new key {new}, good until {}; {} stands until {}",
            purpose(one.purpose),
            output::time(one.new_until),
            short(&one.before_id),
            output::time(one.before_until),
        );
    }
    match dry_run {
        true => println!("nothing was changed"),
        false => println!(
            "each is used once every peer has learnt of it, after a day at the latest: rogatory keys list\n\
             renew the key back-up: rogatory backup keys"
        ),
    }
    Ok(())
}

fn key_row(key: &KeySummary, reply: &KeysReply) -> Vec<String> {
    let learnt = match (reply.peers.len(), key.held_by.len()) {
        (0, _) => "no peers".into(),
        (_, 0) => "nobody yet".into(),
        (all, held) if all == held => "all".into(),
        _ => key.held_by.join(" "),
    };
    let mut state = enum_name("KeyState.Code", key.state).replace('_', " ");
    if !key.private_half {
        state.push_str(" (not here)");
    }
    vec![
        purpose(key.purpose),
        short(&key.key_id),
        output::time(key.not_before),
        output::time(key.not_after),
        days_left(key, reply.now).to_string(),
        state,
        learnt,
    ]
}

fn key_json(key: &KeySummary, now: u64) -> Value {
    json!({
        "purpose": purpose(key.purpose), "id": hex::encode(&key.key_id), "statement": key.seq,
        "valid_from": output::time(key.not_before), "valid_until": output::time(key.not_after),
        "days_left": days_left(key, now), "state": enum_name("KeyState.Code", key.state),
        "private_half": key.private_half, "learnt_by": key.held_by,
    })
}

fn rotated_json(reply: &RotateReply, dry_run: bool) -> Value {
    let rotated = reply.rotated.iter().map(|one| {
        json!({
            "purpose": purpose(one.purpose),
            "before": hex::encode(&one.before_id), "before_until": output::time(one.before_until),
            "new": (!one.new_id.is_empty()).then(|| hex::encode(&one.new_id)),
            "new_until": output::time(one.new_until),
        })
    });
    json!({ "dry_run": dry_run, "rotated": rotated.collect::<Vec<_>>() })
}

fn days_left(key: &KeySummary, now: u64) -> u64 {
    key.not_after.saturating_sub(now) / DAY
}

pub fn purpose(code: i32) -> String {
    enum_name("Purpose.Code", code)
}

pub fn short(id: &[u8]) -> String {
    hex::encode(&id[..id.len().min(8)])
}
