//! `rogatory keys`: our own keys, listed and rotated.

mod offline;
mod passphrase;
mod revoke;

use super::error::CliError;
use super::{Context, output};
use clap::Subcommand;
use rogatory::exchange::identity::DELEGATED;
use rogatory::exchange::revocation::PREFIX;
use rogatory::format::wire::{
    KeySummary, KeysReply, KeysRequest, ReloadRequest, RotateReply, RotateRequest,
    algorithm::Code as Algorithm, key_state::Code as State, purpose::Code as Purpose,
};
use rogatory::format::words;
use rogatory::gateway::local_client::LocalClient;
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
    /// List our keys: what they are for, how long they stand, what is under them, who has learnt of them
    #[command(after_help = "Example:\n  rogatory keys list --json\n\n\
Under a key is what it signed and a peer has yet to confirm (packets, statuses, evidence, notices), or what is \
sealed to it and a peer may send again. \
Peers have learnt of a key that said so since the gateway was started, or had confirmed it before.")]
    List {
        /// Those that ended or were revoked too
        #[arg(long)]
        all: bool,
    },
    /// State new keys, and use them once the peers have learnt of them
    #[command(
        after_help = "Examples:\n  rogatory keys rotate all --dry-run\n  rogatory keys rotate packet\n  rogatory keys rotate tls --overlap 30d\n\n\
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
        /// The new keys are used from then on at the earliest: RFC 3339, or days such as "7d"
        #[arg(long, value_name = "TIME", value_parser = super::send::expiry)]
        from: Option<u64>,
        /// The keys before end so long after the new ones begin; left out, at their own end
        #[arg(long, value_name = "DAYS", value_parser = super::ask::days)]
        overlap: Option<u64>,
        /// Use the new keys at once, whoever has learnt of them
        #[arg(long, conflicts_with = "from")]
        force: bool,
        /// Take part in this suite from now on: 2 makes ML-DSA keys beside those of packet and evidence
        #[arg(long, value_name = "NUMBER")]
        suite: Option<u32>,
    },
    /// Read the files of [tls] anew: key, certificates, authorities, CRLs
    #[command(after_help = "Example:\n  rogatory keys reload\n\n\
SIGHUP does the same, and so does a change of a file. What is wrong with a file is said, and changes nothing.")]
    Reload,
    Revoke(revoke::Revoke),
    Request(offline::Request),
    Sign(offline::Sign),
    Install(offline::Install),
    Passphrase(passphrase::ChangePassphrase),
}

impl Keys {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        match self {
            Self::Request(request) => request.run(context).await,
            Self::Sign(sign) => sign.run(context),
            Self::Install(install) => install.run(context).await,
            Self::List { all } => list(context, all).await,
            Self::Reload => reload(context).await,
            Self::Passphrase(command) => command.run(context),
            Self::Revoke(command) => command.run(context).await,
            Self::Rotate { purposes, dry_run, from, overlap, force, suite } => {
                let purposes = named(&purposes)?.into_iter().map(Into::into).collect();
                let (from, overlap) = (from.unwrap_or(0), overlap.unwrap_or(0));
                let suite = suite.unwrap_or(0);
                rotate(context, RotateRequest { purposes, dry_run, from, overlap, force, suite }).await
            }
        }
    }
}

async fn keys_of(gateway: &LocalClient) -> Result<KeysReply, CliError> {
    Ok(gateway.operator().keys(KeysRequest {}).await?.into_inner())
}

/// The one key whose id begins so.
fn named_key<'a>(listed: &'a KeysReply, named: &str) -> Result<&'a KeySummary, CliError> {
    let wanted = named.to_ascii_lowercase();
    let begins = |key: &&KeySummary| wanted.len() >= PREFIX && hex::encode(&key.key_id).starts_with(&wanted);
    let mut found = listed.keys.iter().filter(begins);
    match (found.next(), found.next()) {
        (Some(key), None) => Ok(key),
        (None, _) => Err(CliError::input(format!("{named:?} is no key of ours"))
            .hint("the id, or how it begins (6 digits at least): rogatory keys list --all")),
        (Some(_), Some(_)) => Err(CliError::input(format!("more than one key begins with {named:?}"))
            .hint("more of its id: rogatory keys list --all --json")),
    }
}

async fn list(context: &Context, all: bool) -> Result<(), CliError> {
    let reply = keys_of(&context.gateway().await?).await?;
    let over = |key: &&KeySummary| !all && matches!(key.state(), State::Ended | State::Revoked);
    let keys = reply.keys.iter().filter(|key| !over(key));
    if context.json {
        let keys: Vec<_> = keys.map(|key| key_json(key, reply.now)).collect();
        let root = json!({
            "id": hex::encode(&reply.root), "since": output::time(reply.root_since),
            "not_confirmed_by": reply.root_unconfirmed,
        });
        let (peers, more) = (reply.peers, reply.more_under);
        println!("{}", json!({ "keys": keys, "peers": peers, "more_under": more, "root": root }));
        return Ok(());
    }
    let mut rows = vec![
        [
            "purpose",
            "key",
            "valid from",
            "valid until",
            "days left",
            "state",
            "under it",
            "kept in",
            "learnt by",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    rows.extend(keys.map(|key| key_row(key, &reply)));
    print!("{}", output::table(&rows));
    if reply.more_under {
        println!("\nso much waits that not all of it was counted: \"under it\" is what there is at least");
    }
    if let (false, Ok(root)) = (reply.root_unconfirmed.is_empty(), reply.root.as_slice().try_into()) {
        println!(
            "\nour root changed at {}; {} did not confirm it yet: read it out over the telephone\n  {}\n  {}",
            output::time(reply.root_since),
            reply.root_unconfirmed.join(", "),
            words::to_hex(&root),
            words::to_words(&root)
        );
    }
    Ok(())
}

/// The purposes that go by these names.
fn named(purposes: &[String]) -> Result<Vec<Purpose>, CliError> {
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
    Ok(wanted)
}

async fn rotate(context: &Context, request: RotateRequest) -> Result<(), CliError> {
    let (dry_run, force) = (request.dry_run, request.force);
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
            "{}: a new key {new}, good from {} until {}; {}",
            key_name(one.purpose, one.algorithm),
            output::time(one.new_from),
            output::time(one.new_until),
            match one.before_id.is_empty() {
                true => "it is the first".to_owned(),
                false => format!("{} stands until {}", short(&one.before_id), output::time(one.before_until)),
            },
        );
    }
    match dry_run {
        true => println!("nothing was changed"),
        false if force => println!(
            "each is used from now on: rogatory keys list\n\
             renew the key back-up: rogatory backup keys"
        ),
        false => println!(
            "each is used once every peer has learnt of it, after a day at the latest: rogatory keys list\n\
             renew the key back-up: rogatory backup keys"
        ),
    }
    Ok(())
}

async fn reload(context: &Context) -> Result<(), CliError> {
    let reply = context.gateway().await?.operator().reload(ReloadRequest {}).await?.into_inner();
    if context.json {
        println!(
            "{}",
            json!({
                "stated": (!reply.stated.is_empty()).then(|| hex::encode(&reply.stated)),
                "renewed": reply.renewed, "authorities": reply.authorities, "crls": reply.crls,
                "warnings": reply.warnings,
            })
        );
        return Ok(());
    }
    match (reply.stated.is_empty(), reply.renewed) {
        (false, _) => println!(
            "tls: the key {} is stated, and used once every peer has learnt of it: rogatory keys list",
            short(&reply.stated)
        ),
        (true, true) => println!("tls: the key has other certificates now"),
        (true, false) => println!("tls: our key and its certificates are those of before"),
    }
    println!("{} authorities vouch for peers, {} CRLs", reply.authorities, reply.crls);
    for warning in &reply.warnings {
        println!("warning: {warning}");
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
    vec![
        key_name(key.purpose, key.algorithm),
        short(&key.key_id),
        output::time(key.not_before),
        output::time(key.not_after),
        days_left(key, reply.now).to_string(),
        enum_name("KeyState.Code", key.state).replace('_', " "),
        key.under.map_or_else(|| "-".into(), |under| under.to_string()),
        kept_in(key).unwrap_or("not here").to_owned(),
        learnt,
    ]
}

fn kept_in(key: &KeySummary) -> Option<&'static str> {
    match (key.private_half, key.in_token) {
        (false, _) => None,
        (true, true) => Some("token"),
        (true, false) => Some("file"),
    }
}

fn key_json(key: &KeySummary, now: u64) -> Value {
    json!({
        "purpose": purpose(key.purpose), "algorithm": enum_name("Algorithm.Code", key.algorithm),
        "id": hex::encode(&key.key_id), "statement": key.seq,
        "valid_from": output::time(key.not_before), "valid_until": output::time(key.not_after),
        "days_left": days_left(key, now), "state": enum_name("KeyState.Code", key.state),
        "under": key.under,
        "private_half": key.private_half, "kept_in": kept_in(key), "learnt_by": key.held_by,
        "confirmed_by": key.confirmed_by,
    })
}

fn rotated_json(reply: &RotateReply, dry_run: bool) -> Value {
    let rotated = reply.rotated.iter().map(|one| {
        json!({
            "purpose": purpose(one.purpose), "algorithm": enum_name("Algorithm.Code", one.algorithm),
            "before": hex::encode(&one.before_id), "before_until": output::time(one.before_until),
            "new": (!one.new_id.is_empty()).then(|| hex::encode(&one.new_id)),
            "new_from": output::time(one.new_from), "new_until": output::time(one.new_until),
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

/// The purpose; with it the algorithm, where it is one beside that of suite 1.
fn key_name(code: i32, algorithm: i32) -> String {
    match Algorithm::try_from(algorithm) {
        Ok(Algorithm::MlDsa65) => format!("{} (ml_dsa_65)", purpose(code)),
        _ => purpose(code),
    }
}

pub fn short(id: &[u8]) -> String {
    hex::encode(&id[..id.len().min(8)])
}
