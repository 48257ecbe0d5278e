//! The receipt: what the gateways of both sides signed about a packet. It opens nothing.

use super::line::isolated;
use super::model::{Block, Letter, Row, Section};
use super::values::Writer;
use super::{dates, foot, header_rows, row};
use crate::crypto::hash::Digest;
use crate::format::Millis;
use crate::format::packet::SignedHeader;
use crate::format::wire::{cause::Code as Cause, event::Code as EventCode};
use crate::request::language::Language;

/// What a receipt shows.
#[derive(Debug, Clone, Default)]
pub struct Receipt {
    /// Evidence about the packet, in the order of the ledger.
    pub events: Vec<Event>,
    /// Where it stands.
    pub proof: Option<Proof>,
}

/// One piece of evidence.
#[derive(Debug, Clone)]
pub struct Event {
    /// What is stated.
    pub event: EventCode,
    /// Who stated it.
    pub issuer: String,
    /// When, milliseconds.
    pub at: Millis,
    /// Why, where it is bad news.
    pub cause: Cause,
    /// Index of its entry.
    pub index: u64,
}

/// The checkpoint under which the entries stand.
#[derive(Debug, Clone)]
pub struct Proof {
    /// Name of the log.
    pub log: String,
    /// Number of its entries.
    pub size: u64,
    /// Its root.
    pub root: Digest,
}

/// The receipt of a packet.
pub fn receipt(header: &SignedHeader, receipt: &Receipt, language: Language) -> Letter {
    let writer = Writer(language);
    let inner = &header.header;
    let line = |text: String| vec![writer.own(text)];
    let told = |label: &str, text: String| Row { label: language.say(label), lines: line(text) };
    let mut facts = vec![
        row(writer, "letter-from", inner.sender.as_str()),
        row(writer, "letter-to", inner.recipient.as_str()),
        told("letter-kind", language.code("kind", inner.kind.as_str_name())),
        told("letter-urgency", language.code("urgency", inner.urgency.as_str_name())),
        told("letter-date", dates::day(language, inner.created)),
        told("letter-expires", dates::day(language, inner.expires)),
    ];
    facts.extend(header_rows(writer, header));
    let counts = [
        ("count", dates::digits(language, &inner.objects.len().to_string()).into()),
        ("bytes", dates::digits(language, &inner.bytes().to_string()).into()),
    ];
    facts.push(told("letter-receipt-state", language.say_with("letter-receipt-objects", &counts)));
    let mut sections = vec![events(writer, &receipt.events)];
    sections.extend(receipt.proof.as_ref().map(|proof| place(writer, proof)));
    for (number, section) in (1..).zip(&mut sections) {
        section.number = dates::digits(language, &format!("{number}."));
    }
    Letter {
        language: language.tag(),
        rtl: writer.rtl(),
        sender: format!("{} → {}", inner.sender, inner.recipient),
        title: language.say("letter-title-receipt"),
        marks: Vec::new(),
        facts,
        opening: writer.own(language.say("letter-opening-receipt")),
        sections,
        signature: None,
        foot: foot(language, Some(header), &inner.id.to_string()),
        written: inner.created,
    }
}

fn events(writer: Writer, events: &[Event]) -> Section {
    let language = writer.0;
    let title = language.say("letter-receipt-events");
    if events.is_empty() {
        let lines = vec![writer.own(language.say("letter-receipt-none"))];
        return Section { title, blocks: vec![Block::Text { lines }], ..Section::default() };
    }
    let heads = ["time", "event", "issuer", "cause", "entry"];
    let heads = heads.map(|head| language.say(&format!("letter-receipt-{head}"))).to_vec();
    let cell = |text: String| vec![writer.own(text)];
    let rows = events.iter().map(|event| {
        vec![
            cell(dates::clock(event.at)),
            cell(language.code("event", event.event.as_str_name())),
            cell(isolated(&event.issuer)),
            match event.cause {
                Cause::None => Vec::new(),
                cause => cell(language.code("cause", cause.as_str_name())),
            },
            cell(writer.number(event.index)),
        ]
    });
    Section { title, blocks: vec![Block::Table { heads, rows: rows.collect() }], ..Section::default() }
}

fn place(writer: Writer, proof: &Proof) -> Section {
    let root = vec![writer.own(super::grouped(&hex::encode(proof.root)))];
    let rows = vec![
        row(writer, "letter-receipt-log", &proof.log),
        Row {
            label: writer.0.say("letter-receipt-size"),
            lines: vec![writer.own(writer.number(proof.size))],
        },
        Row { label: writer.0.say("letter-receipt-root"), lines: root },
    ];
    let title = writer.0.say("letter-receipt-proof");
    Section { title, blocks: vec![Block::Rows { depth: 0, rows }], ..Section::default() }
}
