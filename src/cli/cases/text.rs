//! Cases as people read them.

use super::DAY;
use crate::cli::case::timeline_rows;
use crate::cli::output;
use rogatory::format::wire::{
    Attachment, CasePacket, CaseSearchReply, CaseSummary, CasesReply, Deadline, ShowCaseReply, deadline::What,
};
use rogatory::request::file::enum_name;
use std::collections::{BTreeMap, BTreeSet};

/// What is due, in a word.
pub fn what(deadline: &Deadline) -> String {
    match deadline.what() {
        What::Unspecified => "something",
        What::Acknowledge => "acknowledgement",
        What::Register => "registration",
        What::FinancialIntelligence => "answer of the unit",
        What::Information => "information asked for",
        What::Reply => "reply asked for",
        What::Review => "review",
        What::Wanted => "wanted by",
    }
    .to_owned()
}

pub fn whose(deadline: &Deadline, case: &CaseSummary) -> String {
    if deadline.ours { "ours".to_owned() } else { format!("{}'s", case.peer) }
}

/// Said plainly, where weekends had to be assumed.
pub fn assumed<'a>(mut deadlines: impl Iterator<Item = &'a Deadline>) -> &'static str {
    match deadlines.any(|deadline| deadline.assumed_weekend) {
        true => "working days are counted with Saturday and Sunday free where [[country]] has no calendar\n",
        false => "",
    }
}

fn age(since: u64, now: u64) -> String {
    let days = now.saturating_sub(since) / DAY;
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

pub fn list_text(reply: &CasesReply) -> String {
    if reply.cases.is_empty() {
        return "no case\n".to_owned();
    }
    let head = ["age", "state", "peer", "asked by", "kind", "urgency", "next", "case"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for case in &reply.cases {
        rows.push(vec![
            age(case.opened, reply.now),
            if case.consulting { format!("{}, consulting", case.state) } else { case.state.clone() },
            case.peer.clone(),
            if case.opened_by_us { "us".to_owned() } else { case.peer.clone() },
            output::kind(case.kind),
            enum_name("Urgency.Code", case.urgency),
            case.deadlines.first().map(|next| next_text(next, case)).unwrap_or_default(),
            output::id(&case.case_id),
        ]);
    }
    let more = if reply.more { "and more: --limit\n" } else { "" };
    format!(
        "{}{more}{}",
        output::table(&rows),
        assumed(reply.cases.iter().filter_map(|c| c.deadlines.first()))
    )
}

fn next_text(deadline: &Deadline, case: &CaseSummary) -> String {
    let late = if deadline.overdue { "OVERDUE " } else { "" };
    format!("{late}{} {} ({})", output::time(deadline.due), what(deadline), whose(deadline, case))
}

pub fn show_text(reply: &ShowCaseReply, open: bool) -> String {
    let case = reply.summary.clone().unwrap_or_default();
    let timeline = reply.timeline.clone().unwrap_or_default();
    let by = if case.opened_by_us { "us" } else { case.peer.as_str() };
    let mut text = format!(
        "case {} with {}: {}{}\n{} asked for by {by}, {} ago, {}\n",
        output::id(&case.case_id),
        case.peer,
        case.state,
        if case.consulting { ", consulting" } else { "" },
        output::kind(case.kind),
        age(case.opened, reply.now),
        enum_name("Urgency.Code", case.urgency),
    );
    if case.victim_protected {
        text.push_str("identities are guarded in this case: no names are shown here\n");
    }
    for (authority, references) in references(reply) {
        let shown: Vec<String> = references.iter().map(|reference| isolated(reference)).collect();
        text.push_str(&format!("reference of {authority}: {}\n", shown.join(", ")));
    }
    for deadline in &case.deadlines {
        text.push_str(&format!("due   {}\n", next_text(deadline, &case)));
    }
    text.push_str(assumed(case.deadlines.iter()));
    text.push_str("\npackets\n");
    for packet in &reply.packets {
        text.push_str(&packet_text(packet));
    }
    text.push_str("\ntimeline\n");
    text.push_str(&output::table(&timeline_rows(&timeline)));
    if !open {
        text.push_str("\nreferences, attachments and texts are sealed: --open --purpose CODE opens them\n");
    }
    text
}

/// The national references of each side, as far as what was opened says them.
pub fn references(reply: &ShowCaseReply) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |authority: &str, reference: &str| {
        if !reference.is_empty() {
            found.entry(authority.to_owned()).or_default().insert(reference.to_owned());
        }
    };
    for packet in &reply.packets {
        let summary = packet.summary.clone().unwrap_or_default();
        let ours = summary.r#box != 0;
        let (sender, recipient) =
            if ours { ("us", summary.peer.as_str()) } else { (summary.peer.as_str(), "us") };
        add(sender, &packet.sender_reference);
        add(recipient, &packet.recipient_reference);
    }
    let timeline = reply.timeline.clone().unwrap_or_default();
    for item in &timeline.items {
        let author = if item.author == timeline.peer { timeline.peer.as_str() } else { "us" };
        add(author, item.text.as_ref().map_or("", |text| text.national_reference.as_str()));
    }
    found
}

/// Isolated, so that a right-to-left text leaves the line in order.
fn isolated(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}

fn packet_text(packet: &CasePacket) -> String {
    let summary = packet.summary.clone().unwrap_or_default();
    let way = if summary.r#box == 0 { "from" } else { "to" };
    let attachments = summary.objects.saturating_sub(1);
    let mut text = format!(
        "{}  {} {way} {}  {}  {attachments} attachments, {}  {}\n",
        output::time(summary.created),
        output::kind(summary.kind),
        summary.peer,
        output::id(&summary.packet_id),
        output::bytes(summary.bytes),
        output::last_word(&summary),
    );
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            text.push_str(&format!("    {name}: {value}\n"));
        }
    };
    if !packet.in_reply_to.is_empty() {
        line("in reply to", output::id(&packet.in_reply_to));
    }
    let shown = |value: &str| if value.is_empty() { String::new() } else { isolated(value) };
    line("sender's reference", shown(&packet.sender_reference));
    line("recipient's reference", shown(&packet.recipient_reference));
    if let Some(wanted) = &packet.wanted_by {
        let date = wanted.date.as_ref().map(|date| date.iso.clone()).unwrap_or_default();
        let why = if wanted.reason.is_empty() {
            String::new()
        } else {
            format!(" — {}", isolated(&wanted.reason))
        };
        line("wanted by", format!("{date}{why}"));
    }
    line("why it is urgent", shown(&packet.urgency_reason));
    if let Some(oral) = &packet.oral_request {
        let time = oral.made_at.as_ref().map(|moment| moment.time.clone()).unwrap_or_default();
        let parts = [("made by", &oral.made_by), ("taken by", &oral.taken_by), ("by", &oral.means)];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name} {}", isolated(value)))
            .collect();
        line("confirms what was asked orally", format!("{time} {}", parts.join(", ")));
    }
    for id in &packet.linked_packets {
        line("follows packet", output::id(id));
    }
    for (number, attachment) in (1..).zip(&packet.attachments) {
        line("attachment", attachment_text(number, attachment));
    }
    text
}

fn attachment_text(number: usize, attachment: &Attachment) -> String {
    let name = if attachment.name.is_empty() { "(guarded)".to_owned() } else { isolated(&attachment.name) };
    let mut text = format!("{number} {name}, {}, {}", attachment.media_type, output::bytes(attachment.size));
    if !attachment.language.is_empty() {
        text.push_str(&format!(", {}", attachment.language));
    }
    if attachment.translation_of > 0 {
        text.push_str(&format!(", translation of {}", attachment.translation_of));
    }
    text
}

pub fn search_text(reply: &CaseSearchReply) -> String {
    let mut text = String::new();
    for hit in &reply.hits {
        let what = if hit.is_status { "status".to_owned() } else { output::kind(hit.kind) };
        let way = if hit.r#box == 0 { "from" } else { "to" };
        text.push_str(&format!(
            "{}  {what} {way} {}  {}  case {}\n",
            output::time(hit.at),
            hit.peer,
            output::id(&hit.id),
            output::id(&hit.case_id)
        ));
        if hit.victim_protected {
            text.push_str("    identities are guarded: nothing of it is shown\n");
        }
        for snippet in &hit.snippets {
            text.push_str(&format!("    {}: {}\n", snippet.field, isolated(&snippet.text)));
        }
    }
    if reply.hits.is_empty() {
        text.push_str("nothing was found\n");
    }
    if reply.more {
        text.push_str("and more: --limit, or more words\n");
    }
    if reply.unread > 0 {
        text.push_str(&format!(
            "not all was searched of {} packets and texts: they are long\n",
            reply.unread
        ));
    }
    text
}
