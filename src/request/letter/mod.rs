//! The letter: what a packet says, as a page for people, in one of five languages. What it
//! holds is built once, here; HTML and PDF only lay it out.

mod dates;
mod fonts;
mod html;
mod line;
mod model;
pub mod paper;
mod pdf;
mod receipt;
mod values;
mod walk;

pub use html::html;
pub use line::Line;
pub use model::{Block, Foot, Letter, Mark, Row, Section, Signature, Tie};
pub use pdf::{PdfError, pages, pdf};
pub use receipt::{Event, Proof, Receipt, receipt};

use crate::crypto::hash::sha256;
use crate::format::Millis;
use crate::format::packet::SignedHeader;
use crate::format::wire::{self, Request, kind::Code as Kind, urgency::Code as Urgency};
use crate::request::content;
use crate::request::file::reflected;
use crate::request::language::Language;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paper::Paper;
use prost_reflect::{DynamicMessage, Value};
use values::Writer;

/// What a letter says that the sealed body does not: the header's part.
#[derive(Debug, Clone)]
pub struct Outside<'a> {
    /// Who writes; none where a draft does not say it.
    pub sender: Option<String>,
    /// To whom.
    pub recipient: String,
    /// How fast it is wanted.
    pub urgency: Urgency,
    /// When it was made, milliseconds.
    pub written: Millis,
    /// The signed header; none of a draft.
    pub header: Option<&'a SignedHeader>,
    /// What of the body is not known to this version: where it stands, and its bytes.
    pub unknown: Vec<(String, Vec<u8>)>,
}

/// Bytes that are not known are shown up to so many, and else by their number and digest.
const SHOWN: usize = 3072;
/// Stand-ins for the numbers of pages, until the page knows them.
const PAGE: char = '\u{E000}';
const PAGES: char = '\u{E001}';

impl Outside<'_> {
    /// What the signed header of a packet says.
    pub fn of(header: &SignedHeader) -> Outside<'_> {
        Outside {
            sender: Some(header.header.sender.to_string()),
            recipient: header.header.recipient.to_string(),
            urgency: header.header.urgency,
            written: header.header.created,
            header: Some(header),
            unknown: Vec::new(),
        }
    }
}

/// The letter of a request, an answer, or anything else that a packet holds.
pub fn letter(request: &Request, outside: &Outside<'_>, language: Language) -> Letter {
    let writer = Writer(language);
    let kind = content::kind(request);
    let name = kind.map_or("", |kind| kind_name(kind));
    let authority = request.authority.clone().unwrap_or_default();
    let state = Some(authority.state.clone()).filter(|state| !state.is_empty());
    let state = outside.sender.clone().or(state).unwrap_or_default();
    let mut facts = vec![row(writer, "letter-from", &state), row(writer, "letter-to", &outside.recipient)];
    facts.push(Row {
        label: language.say("letter-date"),
        lines: vec![writer.own(dates::day(language, outside.written))],
    });
    for (label, reference) in [
        ("letter-our-reference", &request.sender_reference),
        ("letter-your-reference", &request.recipient_reference),
    ] {
        facts.extend((!reference.is_empty()).then(|| row(writer, label, reference)));
    }
    facts.extend(outside.header.into_iter().flat_map(|header| header_rows(writer, header)));
    if let Some(wanted) = &request.wanted_by {
        let mut lines: Vec<Line> =
            wanted.date.iter().map(|date| writer.own(dates::date(language, date))).collect();
        lines.extend(Line::written(&wanted.reason, writer.rtl()));
        facts.push(Row { label: language.say("letter-wanted-by"), lines });
    }
    let class = Class::of(kind);
    let foot_reference = if request.sender_reference.is_empty() { name } else { &request.sender_reference };
    Letter {
        language: language.tag(),
        rtl: writer.rtl(),
        sender: line::tame(if authority.name.is_empty() { &state } else { &authority.name }),
        title: language.say(&format!("letter-title-{name}")),
        marks: marks(language, request, outside),
        facts,
        opening: opening(writer, class, request, &outside.recipient),
        sections: sections(writer, class, request, &outside.unknown),
        signature: Some(signature(language)),
        foot: foot(language, outside.header, foot_reference),
        written: outside.written,
    }
}

/// The tone of a letter, which its kind gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Request,
    Information,
    Answer,
    Refusal,
    Postponement,
}

impl Class {
    fn of(kind: Option<Kind>) -> Self {
        match kind {
            Some(Kind::Refusal) => Self::Refusal,
            Some(Kind::Postponement) => Self::Postponement,
            Some(
                Kind::SpontaneousInformation
                | Kind::FinancialIntelligence
                | Kind::BorderAlert
                | Kind::PrecursorAlert
                | Kind::JointOperation
                | Kind::Amendment
                | Kind::Withdrawal
                | Kind::Closing
                | Kind::InformationResponse
                | Kind::Consultation
                | Kind::ConsentToUse
                | Kind::ConfidentialityNotice,
            ) => Self::Information,
            Some(Kind::Execution | Kind::PartialExecution | Kind::Progress | Kind::InformationRequest) => {
                Self::Answer
            }
            _ => Self::Request,
        }
    }

    /// Label of the authority that writes.
    fn authority(self) -> &'static str {
        match self {
            Self::Request => "letter-requesting",
            Self::Information => "letter-sending",
            Self::Answer | Self::Refusal | Self::Postponement => "letter-answering",
        }
    }
}

fn kind_name(kind: Kind) -> &'static str {
    kind.as_str_name()
}

fn row(writer: Writer, label: &str, text: &str) -> Row {
    Row { label: writer.0.say(label), lines: vec![writer.own(line::isolated(text))] }
}

/// Ids and, of a packet, how urgent it is.
fn header_rows(writer: Writer, header: &SignedHeader) -> Vec<Row> {
    let header = &header.header;
    let mut rows = vec![
        row(writer, "letter-packet", &header.id.to_string()),
        row(writer, "letter-case", &header.case_id.to_string()),
    ];
    rows.extend(header.in_reply_to.map(|id| row(writer, "letter-in-reply-to", &id.to_string())));
    rows.extend(header.replaces.map(|id| row(writer, "letter-replaces", &id.to_string())));
    rows
}

fn marks(language: Language, request: &Request, outside: &Outside<'_>) -> Vec<Mark> {
    let mark = |class: &str, text: String| Mark { class: class.to_owned(), text };
    let mut marks = Vec::new();
    if outside.header.is_none() {
        marks.push(mark("draft", language.say("letter-draft")));
    }
    if outside.urgency != Urgency::Routine {
        marks.push(mark("urgent", language.code("urgency", outside.urgency.as_str_name())));
    }
    let Some(handling) = &request.handling else { return marks };
    if handling.tlp != 0 {
        let name = crate::request::file::enum_name("Handling.Tlp", handling.tlp);
        marks.push(mark(&format!("tlp tlp-{name}"), language.code("tlp", &name)));
    }
    for (name, set) in [
        ("intelligence_only", handling.intelligence_only),
        ("no_dissemination", handling.no_dissemination),
        ("consented", handling.consented),
        ("victim_protected", handling.victim_protected),
        ("sealed_fact", handling.sealed_fact),
    ] {
        if set {
            marks.push(mark("plain", language.code("handling", name)));
        }
    }
    marks
}

fn opening(writer: Writer, class: Class, request: &Request, recipient: &str) -> Line {
    let language = writer.0;
    let basis: Vec<String> = request.legal_basis.iter().map(|basis| writer.basis_in_brief(basis)).collect();
    let basis = line::steady(language, basis.join(&language.say("letter-semicolon")));
    let recipient = line::tame(recipient);
    let id = match class {
        Class::Request if basis.is_empty() => "letter-opening-request-bare",
        Class::Request => "letter-opening-request",
        Class::Information => "letter-opening-information",
        Class::Answer => "letter-opening-answer",
        Class::Refusal => "letter-opening-refusal",
        Class::Postponement => "letter-opening-postponement",
    };
    let words = match class {
        Class::Request => vec![("recipient", recipient.into()), ("basis", basis.into())],
        _ => vec![("recipient", recipient.into())],
    };
    writer.own(language.say_with(id, &words))
}

fn sections(writer: Writer, class: Class, request: &Request, unknown: &[(String, Vec<u8>)]) -> Vec<Section> {
    let language = writer.0;
    let mut sections = Vec::new();
    let mut text = |title: String, item: Option<char>, lines: Vec<Line>| {
        if !lines.is_empty() {
            sections.push(Section { title, item, blocks: vec![Block::Text { lines }], ..Section::default() });
        }
    };
    let authority = request.authority.as_ref().map(|authority| writer.authority(authority));
    text(language.say(class.authority()), Some('a'), authority.unwrap_or_default());
    let bases = request.legal_basis.iter().map(|basis| writer.own(writer.basis(basis))).collect();
    text(language.say("field-Request-legal_basis"), None, bases);
    let offences: Vec<String> =
        request.offences.iter().map(|code| writer.code("Offence.Code", *code)).collect();
    let offences = if offences.is_empty() { Vec::new() } else { vec![writer.own(writer.joined(offences))] };
    text(language.say("field-Request-offences"), None, offences);
    text(
        language.say("field-Request-urgency_reason"),
        None,
        Line::written(&request.urgency_reason, writer.rtl()),
    );

    let whole = reflected(request, "Request");
    if let Some(content) = content_of(&whole) {
        sections.extend(writer.sections(content));
    }
    // Parts of the common header that are messages of their own.
    for name in ["oral_request", "handling", "linked_packets"] {
        sections.extend(common(writer, &whole, name));
    }
    sections.extend(attachments(writer, &request.attachments));
    sections.extend(not_known(writer, unknown));
    let prefix = cited(request, content::kind(request));
    for (number, section) in (1..).zip(&mut sections) {
        section.number = dates::digits(language, &format!("{number}."));
        if let (Some(prefix), Some(item)) = (prefix, section.item) {
            section.article = format!("{prefix}({item})");
        }
    }
    sections
}

/// The content of a request: its one field of 101 or more.
fn content_of(whole: &DynamicMessage) -> Option<&DynamicMessage> {
    let set = whole.fields().find(|(field, _)| field.number() > 100);
    set.and_then(|(_, value)| value.as_message())
}

/// A section of the common header, where it is set. What the marks say already is left out.
fn common(writer: Writer, whole: &DynamicMessage, name: &str) -> Option<Section> {
    let (field, value) = whole.fields().find(|(field, _)| field.name() == name)?;
    let rows: Vec<Row> = match value {
        Value::Message(message) => message
            .fields()
            .filter(|(field, _)| name != "handling" || field.name() == "caveat")
            .filter_map(|(field, value)| {
                Some(Row { label: writer.label(&field), lines: writer.lines(&field, value)? })
            })
            .collect(),
        value => vec![Row { label: writer.label(&field), lines: writer.lines(&field, value)? }],
    };
    let title = writer.label(&field);
    (!rows.is_empty()).then(|| Section {
        title,
        blocks: vec![Block::Rows { depth: 0, rows }],
        ..Section::default()
    })
}

fn attachments(writer: Writer, attachments: &[wire::Attachment]) -> Vec<Section> {
    if attachments.is_empty() {
        return Vec::new();
    }
    let language = writer.0;
    let heads = [
        "letter-attachment-number",
        "field-Attachment-name",
        "letter-attachment-type",
        "letter-attachment-size",
        "letter-attachment-language",
        "letter-attachment-translation",
    ];
    let cell = |text: String| vec![writer.own(text)];
    let rows = (1..).zip(attachments).map(|(number, attachment)| {
        vec![
            cell(writer.number(number)),
            cell(line::isolated(&attachment.name)),
            cell(line::isolated(&attachment.media_type)),
            if attachment.size == 0 { Vec::new() } else { cell(writer.number(attachment.size)) },
            cell(line::isolated(&attachment.language)),
            match attachment.translation_of {
                0 => Vec::new(),
                of => cell(writer.number(of)),
            },
        ]
    });
    let heads = heads.map(|head| language.say(head)).to_vec();
    let mut blocks = vec![Block::Table { heads, rows: rows.collect() }];
    let digests: Vec<Row> = (1..)
        .zip(attachments)
        .filter(|(_, attachment)| !attachment.sha256.is_empty())
        .map(|(number, attachment)| Row {
            label: writer.number(number),
            lines: vec![writer.own(grouped(&hex::encode(&attachment.sha256)))],
        })
        .collect();
    if !digests.is_empty() {
        blocks.push(Block::Head { depth: 0, text: language.say("letter-attachment-digest") });
        blocks.push(Block::Rows { depth: 0, rows: digests });
    }
    vec![Section { title: language.say("field-Request-attachments"), blocks, ..Section::default() }]
}

/// Fields of a later version: a reader is told that there is more, and has it as it is.
fn not_known(writer: Writer, unknown: &[(String, Vec<u8>)]) -> Option<Section> {
    let title = writer.0.say("letter-unknown-fields");
    let shown = |bytes: &[u8]| match bytes.len() {
        ..=SHOWN => grouped(&STANDARD.encode(bytes)),
        length => line::isolated(&format!("{length}, SHA-256 {}", hex::encode(sha256(bytes)))),
    };
    let row = |(place, bytes): &(String, Vec<u8>)| Row {
        label: line::isolated(if place.is_empty() { "Request" } else { place }),
        lines: vec![writer.own(shown(bytes))],
    };
    let blocks = vec![Block::Rows { depth: 0, rows: unknown.iter().map(row).collect() }];
    (!unknown.is_empty()).then(|| Section { title, blocks, ..Section::default() })
}

/// The article whose items a request for assistance answers.
fn cited(request: &Request, kind: Option<Kind>) -> Option<&'static str> {
    use wire::legal_basis::Instrument;
    if !matches!(kind, Some(Kind::MutualLegalAssistance | Kind::Confiscation)) {
        return None;
    }
    request.legal_basis.iter().find_map(|basis| match basis.instrument() {
        Instrument::Untoc => Some("18(15)"),
        Instrument::Uncac => Some("46(15)"),
        Instrument::Convention1988 => Some("7(10)"),
        _ => None,
    })
}

fn signature(language: Language) -> Signature {
    Signature {
        regards: language.say("letter-regards"),
        place: language.say("letter-place"),
        name: language.say("letter-signature"),
        seal: language.say("letter-seal"),
    }
}

fn foot(language: Language, header: Option<&SignedHeader>, reference: &str) -> Foot {
    let words = language
        .say_with("letter-page", &[("page", PAGE.to_string().into()), ("pages", PAGES.to_string().into())]);
    let (before, rest) = words.split_once(PAGE).unwrap_or((&words, ""));
    let (between, after) = rest.split_once(PAGES).unwrap_or((rest, ""));
    let page = [before, between, after].map(str::to_owned);
    Foot {
        note: match header {
            Some(header) => {
                language.say_with("letter-paper", &[("sender", header.header.sender.to_string().into())])
            }
            None => language.say("letter-paper-draft"),
        },
        tie: header.map(|header| tie(language, header)),
        reference: line::isolated(reference),
        page,
        digits: (0..10).map(|digit| dates::digits(language, &digit.to_string())).collect(),
    }
}

fn tie(language: Language, header: &SignedHeader) -> Tie {
    let paper = Paper::of(header);
    Tie {
        label: language.say("letter-digest"),
        digest: grouped(&hex::encode(header.digest)),
        text: paper.to_string(),
        svg: paper.svg(),
        check: language
            .say_with("letter-check", &[("command", "rogatory verify-bundle FILE --paper TEXT".into())]),
    }
}

/// Hexadecimal digits in groups of eight, from left to right.
fn grouped(digits: &str) -> String {
    let groups: Vec<String> =
        digits.as_bytes().chunks(8).map(|group| String::from_utf8_lossy(group).into()).collect();
    format!("\u{2066}{}\u{2069}", groups.join(" "))
}
