//! Cases as programs read them.

use super::DAY;
use super::text::references;
use crate::cli::case::case_json;
use crate::cli::output;
use rogatory::format::wire::{CasePacket, CaseSearchReply, CaseSummary, CasesReply, Deadline, ShowCaseReply};
use rogatory::request::file::{enum_name, to_json};
use serde_json::{Value, json};

pub fn deadline_json(deadline: &Deadline, now: u64) -> Value {
    json!({
        "what": deadline.what().as_str_name(), "due": output::time(deadline.due), "ours": deadline.ours,
        "overdue": deadline.overdue, "assumed_weekend": deadline.assumed_weekend,
        "days_left": (deadline.due as i64 - now as i64).div_euclid(DAY as i64),
    })
}

fn case_summary_json(case: &CaseSummary, now: u64) -> Value {
    json!({
        "case": output::id(&case.case_id), "peer": case.peer, "opened_by_us": case.opened_by_us,
        "state": case.state, "consulting": case.consulting, "kind": output::kind(case.kind),
        "urgency": enum_name("Urgency.Code", case.urgency), "opened": output::time(case.opened),
        "last": output::time(case.last), "age_days": now.saturating_sub(case.opened) / DAY,
        "deadlines": case.deadlines.iter().map(|d| deadline_json(d, now)).collect::<Vec<_>>(),
        "victim_protected": case.victim_protected, "packets": case.packets, "statuses": case.statuses,
    })
}

pub fn cases_json(reply: &CasesReply) -> Value {
    let cases: Vec<Value> = reply.cases.iter().map(|case| case_summary_json(case, reply.now)).collect();
    json!({ "cases": cases, "more": reply.more })
}

pub fn show_json(reply: &ShowCaseReply) -> Value {
    let packets: Vec<Value> = reply.packets.iter().map(packet_json).collect();
    let mut shown = case_summary_json(&reply.summary.clone().unwrap_or_default(), reply.now);
    shown["packets"] = packets.into();
    shown["references"] = json!(references(reply));
    shown["timeline"] = case_json(&reply.timeline.clone().unwrap_or_default())["items"].take();
    shown
}

fn packet_json(packet: &CasePacket) -> Value {
    let mut shown = output::summary_json(&packet.summary.clone().unwrap_or_default());
    let in_reply_to = (!packet.in_reply_to.is_empty()).then(|| output::id(&packet.in_reply_to));
    shown["in_reply_to"] = in_reply_to.into();
    shown["opened"] = packet.opened.into();
    if packet.opened {
        let linked: Vec<String> = packet.linked_packets.iter().map(|id| output::id(id)).collect();
        shown["sender_reference"] = packet.sender_reference.as_str().into();
        shown["recipient_reference"] = packet.recipient_reference.as_str().into();
        shown["language"] = packet.language.as_str().into();
        shown["wanted_by"] = packet.wanted_by.as_ref().map(|w| to_json(w, "WantedBy")).into();
        shown["urgency_reason"] = packet.urgency_reason.as_str().into();
        shown["oral_request"] = packet.oral_request.as_ref().map(|o| to_json(o, "OralRequest")).into();
        shown["attachments"] =
            packet.attachments.iter().map(|a| to_json(a, "Attachment")).collect::<Vec<_>>().into();
        shown["linked_packets"] = linked.into();
        shown["victim_protected"] = packet.victim_protected.into();
    }
    shown
}

pub fn search_json(reply: &CaseSearchReply) -> Value {
    let hits: Vec<Value> = reply
        .hits
        .iter()
        .map(|hit| {
            json!({
                "id": output::id(&hit.id), "case": output::id(&hit.case_id), "peer": hit.peer,
                "what": if hit.is_status { "status" } else { "packet" },
                "kind": (!hit.is_status).then(|| output::kind(hit.kind)), "at": output::time(hit.at),
                "box": if hit.r#box == 0 { "inbox" } else { "outbox" },
                "victim_protected": hit.victim_protected,
                "snippets": hit.snippets.iter()
                    .map(|s| json!({ "field": s.field, "text": s.text })).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({ "hits": hits, "more": reply.more, "unread": reply.unread })
}
