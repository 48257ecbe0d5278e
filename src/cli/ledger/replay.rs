//! `rogatory ledger replay`: the state, as the entries alone make it.

use super::{CliError, Context, holds_ledger, verified};
use crate::cli::output;
use prost::Message as _;
use rogatory::exchange::statuses::codes;
use rogatory::format::chain::Chain;
use rogatory::format::id::{AuthorityId, CaseId};
use rogatory::format::wire::status::Code as Status;
use rogatory::ledger::records::{self, CaseRecord, Direction, PeerRecord, PendingRecord};
use rogatory::request::case::state;
use rogatory::request::file::enum_name;
use rogatory::store::inspect::{Inspection, Look, Until};
use serde_json::{Value, json};
use std::path::Path;

/// Keys that are looked at, at once.
const PAGE: usize = 1000;
/// Cases that are listed unless all are asked for.
const CASES: usize = 1000;

/// Rebuilds every view and shows what it amounts to. Gives the number of entries.
pub fn replay(context: &Context, ledger: &Path, until: Option<&str>, all: bool) -> Result<u64, CliError> {
    holds_ledger(ledger)?;
    let until = until.map(parse).transpose()?;
    let mut found = verified(ledger, context.json, Look { until, facts: false })?;
    let at = match until {
        Some(Until::Time(time)) => time,
        _ => found.sound.at,
    };
    let state = State::of(&mut found, at, all)?;
    match context.json {
        true => println!("{}", state.json(&found)),
        false => print!("{}", state.text(&found)),
    }
    Ok(found.sound.size)
}

/// An index, or a time: RFC 3339, or a date, which means its end.
fn parse(text: &str) -> Result<Until, CliError> {
    if let Ok(index) = text.parse() {
        return Ok(Until::Index(index));
    }
    let time = text.parse::<jiff::Timestamp>().or_else(|_| {
        let date = text.parse::<jiff::civil::Date>()?;
        let end = date.tomorrow()?.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp();
        end.checked_sub(jiff::SignedDuration::from_millis(1))
    });
    match time.map(|time| u64::try_from(time.as_millisecond())) {
        Ok(Ok(time)) => Ok(Until::Time(time)),
        _ => Err(CliError::input(format!("{text:?} is no index, time or date"))
            .hint("for example: --until 120, --until 2026-11-22T10:00:00Z, --until 2026-11-22")),
    }
}

struct State {
    at: u64,
    peers: Vec<Value>,
    keys: Vec<Value>,
    cases: Vec<Value>,
    more_cases: bool,
}

impl State {
    fn of(found: &mut Inspection, at: u64, all: bool) -> Result<Self, CliError> {
        let us = found.sound.chain.authority().to_string();
        let mut peers = Vec::new();
        for (key, value) in found.sound.scratch.scan(&records::peer_prefix(), None, usize::MAX)? {
            let name = AuthorityId::parse(&String::from_utf8_lossy(&key[2..]))?;
            let record = PeerRecord::decode(value.as_slice())
                .map_err(|error| CliError::failed(format!("record of {name}: {error}")))?;
            let mut waiting = [0_u64; 3];
            for (_, value) in found.sound.scratch.scan(&records::pending_prefix(&name), None, usize::MAX)? {
                let what = PendingRecord::decode(value.as_slice()).map_or(0, |record| record.what);
                waiting[(what as usize).min(2)] += 1;
            }
            peers.push(json!({
                "authority": name.as_str(), "fingerprint": hex::encode(&record.fingerprint),
                "their_log_seen_to": record.witnessed_size, "our_log_cosigned_to": record.cosigned_size,
                "waiting": { "packets": waiting[0], "statuses": waiting[1], "evidence": waiting[2] },
            }));
        }
        let mut keys = key_rows(&us, &found.sound.chain, at);
        for (name, chain) in &found.sound.peers {
            keys.extend(key_rows(name.as_str(), chain, at));
        }
        let (cases, more_cases) = cases(found, all)?;
        Ok(Self { at, peers, keys, cases, more_cases })
    }

    fn json(&self, found: &Inspection) -> Value {
        json!({
            "authority": found.sound.chain.authority().as_str(), "size": found.sound.size,
            "root": hex::encode(found.sound.root), "at": output::time(self.at), "views": found.views,
            "store_compared": found.store_compared, "peers": self.peers, "keys": self.keys,
            "cases": self.cases, "more_cases": self.more_cases,
        })
    }

    fn text(&self, found: &Inspection) -> String {
        let cell = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Object(counts) => {
                let some = counts.iter().filter(|(_, count)| **count != json!(0));
                let words: Vec<String> = some.map(|(what, count)| format!("{count} {what}")).collect();
                if words.is_empty() { "nothing".into() } else { words.join(", ") }
            }
            other => other.to_string(),
        };
        let rows = |values: &[Value], names: &[&str]| {
            let mut rows = vec![names.iter().map(|name| name.replace('_', " ")).collect::<Vec<_>>()];
            rows.extend(values.iter().map(|value| names.iter().map(|name| cell(&value[*name])).collect()));
            output::table(&rows)
        };
        let store = match found.store_compared {
            true => "; the store holds the same, key by key",
            false => "",
        };
        let mut text = format!(
            "{} after {} entries, {}\n{} keys in the views, rebuilt from the entries alone{store}\n",
            found.sound.chain.authority(),
            found.sound.size,
            output::time(self.at),
            found.views
        );
        text.push_str("\npeers\n");
        text.push_str(&rows(
            &self.peers,
            &["authority", "their_log_seen_to", "our_log_cosigned_to", "waiting"],
        ));
        text.push_str("\nkeys in force\n");
        text.push_str(&rows(&self.keys, &["authority", "purpose", "key", "from", "until"]));
        text.push_str("\ncases\n");
        text.push_str(&rows(
            &self.cases,
            &["case", "peer", "opened_by", "state", "packets_out", "packets_in", "statuses"],
        ));
        if self.more_cases {
            text.push_str("and more: --all\n");
        }
        text
    }
}

/// Keys that may be used at a time.
fn key_rows(authority: &str, chain: &Chain, at: u64) -> Vec<Value> {
    chain
        .keys()
        .iter()
        .filter(|key| key.usable(at))
        .map(|key| {
            json!({
                "authority": authority, "purpose": enum_name("Purpose.Code", key.purpose as i32),
                "key": hex::encode(&key.id[..key.id.len().min(8)]), "from": output::time(key.not_before),
                "until": output::time(key.not_after),
            })
        })
        .collect()
}

/// Cases that are not closed (or all), and whether there are more than are shown.
fn cases(found: &mut Inspection, all: bool) -> Result<(Vec<Value>, bool), CliError> {
    let (mut cases, mut after) = (Vec::new(), None::<Vec<u8>>);
    loop {
        let page = found.sound.scratch.scan(&records::cases_prefix(), after.as_deref(), PAGE)?;
        let Some((last, _)) = page.last() else { return Ok((cases, false)) };
        after = Some(last.clone());
        for (key, value) in page {
            let (Some(id), Some(peer)) = (records::case_of_key(&key), records::peer_of_case_key(&key)) else {
                return Err(CliError::failed("a case's key is malformed"));
            };
            let record = CaseRecord::decode(value.as_slice())
                .map_err(|error| CliError::failed(format!("record of case {id}: {error}")))?;
            let row = case_row(found, &id, &peer, &record)?;
            if all || row["state"] != "closed" {
                if cases.len() == CASES && !all {
                    return Ok((cases, true));
                }
                cases.push(row);
            }
        }
    }
}

fn case_row(
    found: &Inspection,
    id: &CaseId,
    peer: &AuthorityId,
    record: &CaseRecord,
) -> Result<Value, CliError> {
    let chain = |direction, count| codes(&found.sound.scratch, direction, peer, id, count);
    let ours = chain(Direction::Out, record.our_statuses.count)?;
    let theirs = chain(Direction::In, record.their_statuses.count)?;
    let now = if record.opened_by_us { state(&ours, &theirs) } else { state(&theirs, &ours) };
    let now = match now {
        Status::Unspecified => "open".to_owned(),
        now => enum_name("Status.Code", now as i32),
    };
    let opened_by = if record.opened_by_us { found.sound.chain.authority() } else { peer };
    Ok(json!({
        "case": id.to_string(), "peer": peer.as_str(), "opened_by": opened_by.as_str(), "state": now,
        "packets_out": record.our_packets.count, "packets_in": record.their_packets.count,
        "statuses": record.our_statuses.count + record.their_statuses.count,
    }))
}
