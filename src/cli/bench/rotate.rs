//! Three authorities that exchange in all directions while their keys are rotated.
//!
//! One period without, one with: new keys and a new delegate every five seconds, on each of the
//! three; once the announced root takes over; once a gateway is stopped and served again. What was
//! lost, doubled or refused is counted from the ledgers.

use super::directions::{Period, Shared, drive, percentile};
use crate::cli::Context;
use crate::cli::error::CliError;
use crate::cli::ledger::verified;
use crate::cli::processes::GatewayProcess;
use futures_util::future::try_join_all;
use rogatory::format::id::PacketId;
use rogatory::format::wire::{event::Code as Event, leaf::Kind as LeafKind};
use rogatory::ledger::compare::compare;
use rogatory::store::entries::Entries;
use rogatory::store::inspect::{Inspection, Look};
use serde_json::json;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const AUTHORITIES: [&str; 3] = ["XA", "XB", "XC"];
/// Keys are rotated so often.
const EVERY: Duration = Duration::from_secs(5);
/// Rounds of a period at least, however short it is.
const ROUNDS: u32 = 4;
/// In this round, the root gives way to the one that it announced.
const ROOT: u32 = 1;
/// In this round, XB is stopped and served again.
const RESTART: u32 = 2;
/// In this round, the key that signs XC's packets is said to be in other hands.
const REVOCATION: u32 = 3;
/// What waits at the end of a period has so long to arrive.
const SETTLING: Duration = Duration::from_secs(120);

/// What is measured.
pub struct Plan {
    /// Of each of the two periods.
    pub time: Duration,
    /// Over all directions together.
    pub in_flight: usize,
    /// Of the request's text.
    pub bytes: usize,
}

/// What the rotations of a period came to.
#[derive(Default)]
struct Rotated {
    rounds: u32,
    keys: usize,
    delegates: usize,
    roots: usize,
    restarts: usize,
    revocations: usize,
}

/// A gateway, and where its root lies.
struct Seat {
    gateway: GatewayProcess,
    root: PathBuf,
    next_root: PathBuf,
}

/// What the ledgers say at the end.
struct Audit {
    lost: usize,
    doubled: usize,
    refused: usize,
    entries: u64,
    statements: usize,
    unsound: Vec<String>,
}

/// Founds three authorities under `dir` and measures both periods.
pub async fn measure(context: &Context, dir: &Path, plan: &Plan) -> Result<(), CliError> {
    let say = |line: String| {
        if !context.json {
            println!("{line}");
        }
    };
    let mut seats = found(dir).await?;
    let clients = seats.iter().map(|seat| (seat.gateway.authority.clone(), seat.gateway.client.clone()));
    let shared = Shared::begin(clients.collect(), plan.bytes);
    say(format!(
        "three authorities, {} in flight over six directions, {} s a period:\n\n  period      exchanges  \
         per second      p50 ms      p99 ms",
        plan.in_flight,
        plan.time.as_secs()
    ));
    let (plain, ()) = drive(&shared, plan, async { Ok(()) }).await?;
    say(shown("plain", &plain));
    let (rotating, rotated) = drive(&shared, plan, rotate(&mut seats, plan.time)).await?;
    say(shown("rotating", &rotating));
    shared.end();
    for seat in &seats {
        seat.gateway.quiet(SETTLING).await?;
    }
    let folders: Vec<PathBuf> = seats.iter().map(|seat| seat.gateway.data.clone()).collect();
    for seat in seats {
        seat.gateway.stop().await?;
    }
    let audit = audit(&folders, &plain, &rotating)?;
    let ratio = percentile(&rotating.times, 0.99) / percentile(&plain.times, 0.99).max(f64::MIN_POSITIVE);
    match context.json {
        true => println!("{}", to_json(&plain, &rotating, ratio, &rotated, &audit)),
        false => print!("{}", to_text(&rotating, ratio, &rotated, &audit)),
    }
    for why in &audit.unsound {
        eprintln!("{why}");
    }
    match audit.lost + audit.doubled + audit.refused + audit.unsound.len() {
        0 => Ok(()),
        _ => Err(CliError::failed("something was lost, doubled or refused, or a ledger is not sound").told()),
    }
}

async fn found(dir: &Path) -> Result<Vec<Seat>, CliError> {
    let mut seats = Vec::new();
    for name in AUTHORITIES {
        let gateway = GatewayProcess::found(name, dir).await?;
        // It is served again, and its peers hold the address of now.
        gateway.keep_address()?;
        let keys = gateway.data.join("keys");
        seats.push(Seat { root: keys.join("root.key"), next_root: keys.join("next-root.key"), gateway });
    }
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
        seats[one].gateway.pair_with(&seats[other].gateway).await?;
        seats[other].gateway.pair_with(&seats[one].gateway).await?;
    }
    Ok(seats)
}

/// The rotations of one period.
async fn rotate(seats: &mut Vec<Seat>, time: Duration) -> Result<Rotated, CliError> {
    let every = EVERY.min(time / ROUNDS);
    let (begun, mut rotated) = (Instant::now(), Rotated::default());
    while rotated.rounds < ROUNDS || begun.elapsed() + every <= time {
        let round = rotated.rounds;
        let rotations = seats.iter_mut().map(|seat| seat.round(round));
        for (keys, delegates, roots) in try_join_all(rotations).await? {
            rotated.keys += keys;
            rotated.delegates += delegates;
            rotated.roots += roots;
        }
        if round == RESTART {
            let Seat { gateway, root, next_root } = seats.remove(1);
            let (name, data, config) =
                (gateway.authority.clone(), gateway.data.clone(), gateway.config.clone());
            gateway.stop().await?;
            let gateway = GatewayProcess::serve(&name, &data, &config).await?;
            seats.insert(1, Seat { gateway, root, next_root });
            rotated.restarts += 1;
        }
        if round == REVOCATION {
            seats[2].revoke().await?;
            rotated.revocations += 1;
        }
        rotated.rounds += 1;
        tokio::time::sleep((every * rotated.rounds).saturating_sub(begun.elapsed())).await;
    }
    Ok(rotated)
}

impl Seat {
    /// New keys of all online purposes, a new delegate, and in one round a new root: their numbers.
    async fn round(&mut self, round: u32) -> Result<(usize, usize, usize), CliError> {
        let rotated = self.gateway.command(&["keys", "rotate", "all", "--force", "--overlap", "1d"]).await?;
        let keys = rotated["rotated"].as_array().map_or(0, Vec::len);
        self.ceremony("delegate", &[]).await?;
        if round != ROOT {
            return Ok((keys, 1, 0));
        }
        let (next, after) = (self.next_root.clone(), self.root.with_file_name("third-root.key"));
        self.ceremony("root", &["--next-root", text(&next)?, "--new-next-root", text(&after)?]).await?;
        (self.root, self.next_root) = (next, after);
        Ok((keys, 1, 1))
    }

    /// Ends the key that signs packets, while packets under it are on their way.
    async fn revoke(&self) -> Result<(), CliError> {
        let listed = self.gateway.command(&["keys", "list"]).await?;
        let mut keys = listed["keys"].as_array().into_iter().flatten();
        let used = keys.find(|key| key["purpose"] == "packet" && key["state"] == "in_use");
        let id = used.and_then(|key| key["id"].as_str());
        let id = id.ok_or_else(|| CliError::failed("no key signs packets"))?;
        self.gateway.command(&["keys", "revoke", id, "--reason", "compromised"]).await?;
        Ok(())
    }

    /// The gateway asks, the root signs, the gateway takes it.
    async fn ceremony(&self, what: &str, more: &[&str]) -> Result<(), CliError> {
        let (request, signed) = (self.gateway.data.join("request"), self.gateway.data.join("signed"));
        let (request, signed) = (text(&request)?, text(&signed)?);
        self.gateway.command(&["keys", "request", what, "--out", request]).await?;
        let sign = ["keys", "sign", request, "--root", text(&self.root)?, "--yes", "--out", signed];
        self.gateway.command(&[&sign[..], more].concat()).await?;
        self.gateway.command(&["keys", "install", signed]).await?;
        Ok(())
    }
}

fn text(path: &Path) -> Result<&str, CliError> {
    path.to_str().ok_or_else(|| CliError::input(format!("{}: no UTF-8", path.display())))
}

/// What one packet has in the three ledgers together: consigned at its sender; accepted, consigned
/// at its recipient.
type Fate = [u32; 3];

/// Verifies and compares the ledgers, and looks in them for every packet that was submitted.
fn audit(folders: &[PathBuf], plain: &Period, rotating: &Period) -> Result<Audit, CliError> {
    let submitted = plain.submitted.iter().chain(&rotating.submitted);
    let mut fates: HashMap<PacketId, Fate> = submitted.map(|id| (*id, [0; 3])).collect();
    let mut audit = Audit {
        lost: 0,
        doubled: 0,
        refused: plain.refused + rotating.refused,
        entries: 0,
        statements: 0,
        unsound: Vec::new(),
    };
    for folder in folders {
        for entry in Entries::open(folder)? {
            let leaf = entry?.leaf;
            audit.entries += 1;
            let event = i32::try_from(leaf.code).ok().and_then(|code| Event::try_from(code).ok());
            let place = match (leaf.kind, event) {
                (LeafKind::KeyStatement, _) if leaf.peer.is_none() => {
                    audit.statements += 1;
                    continue;
                }
                (LeafKind::EvidenceReceived, Some(Event::ContentConsignment)) => 0,
                (LeafKind::EvidenceIssued, Some(Event::RelayAcceptance)) => 1,
                (LeafKind::EvidenceIssued, Some(Event::ContentConsignment)) => 2,
                (
                    LeafKind::EvidenceIssued,
                    Some(Event::RelayRejection | Event::RelayFailure | Event::SubmissionRejection),
                ) => {
                    audit.refused += 1;
                    continue;
                }
                _ => continue,
            };
            if let Some(fate) = leaf.id.and_then(|id| fates.get_mut(&id)) {
                fate[place] += 1;
            }
        }
    }
    audit.lost = fates.values().filter(|fate| fate.contains(&0)).count();
    audit.doubled = fates.values().filter(|fate| fate.iter().any(|count| *count > 1)).count();
    let look = Look { facts: true, ..Look::default() };
    let mut sound: Vec<Inspection> = Vec::new();
    for folder in folders {
        match verified(folder, true, look) {
            Ok(inspection) => sound.push(inspection),
            Err(error) => audit.unsound.push(error.what().to_owned()),
        }
    }
    for (number, one) in sound.iter().enumerate() {
        for other in &sound[number + 1..] {
            let comparison = compare(&one.sound, &other.sound);
            if !comparison.is_sound() || !comparison.missing.is_empty() {
                let names = [one, other].map(|side| side.sound.chain.authority().to_string());
                audit.unsound.push(format!("the ledgers of {} do not agree", names.join(" and ")));
            }
        }
    }
    Ok(audit)
}

fn shown(name: &str, period: &Period) -> String {
    format!(
        "  {name:10}  {:9}  {:10.0}  {:10.2}  {:10.2}",
        period.times.len(),
        period.per_second(),
        percentile(&period.times, 0.5),
        percentile(&period.times, 0.99),
    )
}

fn to_text(rotating: &Period, ratio: f64, rotated: &Rotated, audit: &Audit) -> String {
    format!(
        "\n  p99 while rotating: {ratio:.2} times that of before (aim: under 2)\n  {} rounds: {} keys and {} \
         delegates made, {} roots changed, {} gateway stopped and served again, {} key revoked; {} submissions were repeated\n  \
         lost {}, doubled {}, refused {}\n  {} entries, {} of them statements of the three; ledgers: {}\n",
        rotated.rounds,
        rotated.keys,
        rotated.delegates,
        rotated.roots,
        rotated.restarts,
        rotated.revocations,
        rotating.repeated,
        audit.lost,
        audit.doubled,
        audit.refused,
        audit.entries,
        audit.statements,
        if audit.unsound.is_empty() { "each sound, and all agree" } else { "NOT sound" },
    )
}

fn to_json(
    plain: &Period,
    rotating: &Period,
    ratio: f64,
    rotated: &Rotated,
    audit: &Audit,
) -> serde_json::Value {
    let period = |period: &Period| {
        json!({
            "exchanges": period.times.len(), "per_second": period.per_second(),
            "p50_ms": percentile(&period.times, 0.5), "p99_ms": percentile(&period.times, 0.99),
            "repeated_submissions": period.repeated,
        })
    };
    json!({
        "plain": period(plain), "rotating": period(rotating), "p99_ratio": ratio,
        "rounds": rotated.rounds, "keys": rotated.keys, "delegates": rotated.delegates,
        "roots": rotated.roots, "restarts": rotated.restarts, "revocations": rotated.revocations,
        "lost": audit.lost, "doubled": audit.doubled, "refused": audit.refused,
        "entries": audit.entries, "statements": audit.statements, "unsound": audit.unsound,
    })
}
