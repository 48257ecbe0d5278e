//! What people and programs read: times, ids, tables, acknowledgements, progress.

use indicatif::{ProgressBar, ProgressStyle};
use rogatory::format::evidence::Evidence;
use rogatory::format::id::PacketId;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::{self, Acknowledgement};
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::ledger::questions::names;
use rogatory::request::file::enum_name;
use rogatory::request::language::Language;
use rogatory::request::rules::words;
use serde_json::{Value, json};
use std::io::IsTerminal as _;

/// An id as people write it.
pub fn id(bytes: &[u8]) -> String {
    PacketId::from_bytes(bytes).map_or_else(|_| hex::encode(bytes), |id| id.to_string())
}

/// RFC 3339 in UTC, to the second.
pub fn time(millis: u64) -> String {
    i64::try_from(millis)
        .ok()
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .map_or_else(|| millis.to_string(), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// Bytes in a form that is quickly read.
pub fn bytes(count: u64) -> String {
    match count {
        0..=9_999 => format!("{count} B"),
        10_000..=9_999_999 => format!("{:.1} KiB", count as f64 / 1024.0),
        _ => format!("{:.1} MiB", count as f64 / 1024.0 / 1024.0),
    }
}

/// Name of a kind of packet.
pub fn kind(code: i32) -> String {
    enum_name("Kind.Code", code)
}

/// Name of an event as ETSI EN 319 522 writes it.
pub fn event(code: i32) -> String {
    names::event(code.unsigned_abs())
}

/// Name of a cause.
pub fn cause(code: i32) -> String {
    enum_name("Cause.Code", code)
}

/// Name of the reason of an erasure.
pub fn erasure_reason(code: i32) -> String {
    enum_name("ErasureReason.Code", code)
}

/// Name of a status.
pub fn status(code: i32) -> String {
    enum_name("Status.Code", code)
}

/// Name of an alarm.
pub fn alarm(code: i32) -> String {
    enum_name("Alarm.Code", code)
}

/// Alarms for programs.
pub fn alarms_json(alarms: &wire::Alarms) -> Value {
    match alarms.count {
        0 => json!({ "count": 0 }),
        count => json!({
            "count": count, "newest": alarms.index, "at": time(alarms.at), "peer": alarms.peer,
            "code": alarm(alarms.code),
        }),
    }
}

/// A cosignature for programs.
pub fn cosigned_json(cosigned: Option<&wire::Cosigned>) -> Value {
    cosigned.map_or(Value::Null, |c| json!({ "size": c.size, "at": time(c.at) }))
}

/// Third-party witnesses for programs.
pub fn witnesses_json(witnesses: &[wire::WitnessSummary]) -> Vec<Value> {
    let one =
        |w: &wire::WitnessSummary| json!({ "name": w.name, "cosigned": cosigned_json(w.cosigned.as_ref()) });
    witnesses.iter().map(one).collect()
}

/// The statement of an outcome, with its cause where it is bad news.
pub fn outcome(outcome: &wire::Outcome) -> String {
    match outcome.cause {
        0 => format!("{} by {}", event(outcome.event), outcome.issuer),
        because => format!("{} by {} ({})", event(outcome.event), outcome.issuer, cause(because)),
    }
}

/// What an outcome finds wrong, a line each.
pub fn findings(outcome: &wire::Outcome) -> Vec<String> {
    outcome.findings.iter().map(|found| words::finding(Language::En, found)).collect()
}

/// A finding for programs.
fn finding_json(found: &wire::Finding) -> Value {
    let some = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    json!({
        "cause": cause(found.cause), "object": found.object, "path": words::field(&found.field, found.item),
        "rule": some(&found.rule), "instrument": some(&found.instrument), "article": some(&found.article),
        "message": words::finding(Language::En, found),
    })
}

/// The last word on a packet.
pub fn last_word(summary: &wire::PacketSummary) -> String {
    if let Some(erased) = erased(summary) {
        return erased;
    }
    let mut word = summary.outcomes.last().map(outcome).unwrap_or_default();
    if summary.held {
        word.push_str(" (held)");
    }
    if let Some(lost) = lost(summary) {
        word = format!("{word}; {lost}");
    }
    word
}

/// That a packet's content is not here, and what follows; none: it is, or was erased.
pub fn lost(summary: &wire::PacketSummary) -> Option<&'static str> {
    let waits = summary.r#box != 0 && !summary.outcomes.iter().any(|outcome| outcome.event().is_terminal());
    match summary.content_lost {
        true if waits => Some("can't be sent: its content is not here"),
        true => Some("its content is not here"),
        false => None,
    }
}

/// That a packet's content was erased, and why; none: it was not.
pub fn erased(summary: &wire::PacketSummary) -> Option<String> {
    let reason = erasure_reason(summary.erased_reason);
    (summary.erased_at > 0).then(|| format!("erased {} ({reason})", time(summary.erased_at)))
}

/// A packet for programs.
pub fn summary_json(summary: &wire::PacketSummary) -> Value {
    let outcomes: Vec<Value> = summary
        .outcomes
        .iter()
        .map(|o| {
            json!({
                "event": event(o.event), "issuer": o.issuer, "at": time(o.at),
                "cause": if o.cause == 0 { Value::Null } else { cause(o.cause).into() }, "index": o.index,
                "findings": o.findings.iter().map(finding_json).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "packet": id(&summary.packet_id), "case": id(&summary.case_id), "peer": summary.peer,
        "box": if summary.r#box == 0 { "inbox" } else { "outbox" },
        "kind": kind(summary.kind), "urgency": enum_name("Urgency.Code", summary.urgency),
        "digest": hex::encode(&summary.digest), "created": time(summary.created), "expires": time(summary.expires),
        "objects": summary.objects, "bytes": summary.bytes, "case_seq": summary.case_seq, "outcomes": outcomes,
        "erased": (summary.erased_at > 0).then(|| time(summary.erased_at)),
        "erased_reason": (summary.erased_at > 0).then(|| erasure_reason(summary.erased_reason)),
        "held": summary.held, "content_lost": summary.content_lost,
    })
}

/// An acknowledgement for programs: what was committed, where, and under which root.
pub fn acknowledgement_json(ack: Option<&Acknowledgement>) -> Value {
    let Some(ack) = ack else { return Value::Null };
    let entries: Vec<Value> = ack
        .entries
        .iter()
        .map(|entry| {
            let leaf = Leaf::decode(&entry.leaf).ok();
            let evidence = entry.objects.first().and_then(|object| Evidence::danger_unverified(object).ok());
            json!({
                "index": entry.index,
                "kind": leaf.as_ref().map(|leaf| leaf.kind.as_str_name()),
                "event": evidence.map(|evidence| event(evidence.event as i32)),
                "at": leaf.map(|leaf| time(leaf.at)),
            })
        })
        .collect();
    let checkpoint = Checkpoint::danger_unverified(&ack.checkpoint).ok();
    json!({
        "entries": entries,
        "log": checkpoint.as_ref().map(|c| c.origin.clone()),
        "size": checkpoint.as_ref().map(|c| c.size),
        "root": checkpoint.map(|c| hex::encode(c.root)),
    })
}

/// One line for people: which entry of which log.
pub fn acknowledgement_line(ack: Option<&Acknowledgement>) -> String {
    let Some(ack) = ack else { return "no acknowledgement".into() };
    let places: Vec<String> = ack.entries.iter().map(|entry| entry.index.to_string()).collect();
    match Checkpoint::danger_unverified(&ack.checkpoint) {
        Ok(c) => format!(
            "entry {} of {} (tree of {}, root {}…)",
            places.join(", "),
            c.origin,
            c.size,
            &hex::encode(c.root)[..16]
        ),
        Err(_) => format!("entry {}", places.join(", ")),
    }
}

/// A progress bar on a terminal, nothing in a pipe.
pub fn progress(length: u64, what: &str, json: bool) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(length);
    if let Ok(style) =
        ProgressStyle::with_template("{msg:12} {bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}")
    {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar
}

/// Text behind a head, broken between words so that no line is wider than `width`; further
/// lines begin at `indent`. A word that is too long for a line keeps its length.
pub fn wrapped(head: &str, text: &str, indent: usize, width: usize) -> String {
    let (mut out, mut column) = (head.to_owned(), head.chars().count());
    let mut first = true;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if !first && column + 1 + length > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else if !first {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
        first = false;
    }
    out.push('\n');
    out
}

/// Columns, aligned by what a terminal shows.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |text: &str| text.chars().count();
    let widths: Vec<usize> = (0..columns)
        .map(|c| rows.iter().filter_map(|row| row.get(c)).map(|t| width(t)).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for row in rows {
        for (column, text) in row.iter().enumerate() {
            out.push_str(text);
            if column + 1 < row.len() {
                out.push_str(&" ".repeat(widths[column] - width(text) + 2));
            }
        }
        out.push('\n');
    }
    out
}
