//! A draft to fill in: a request file of a kind under a legal basis, with everything that it may
//! hold, in the drafter's language. What has to be there stands open, with its article; the rest
//! stands behind a `#`.
//!
//! What has to be there is not said here: the rules are asked, again and again, until they find
//! nothing more that is missing.

mod wanted;

use super::language::Language;
use super::mapping::descriptor;
use super::rules::Level;
use crate::format::wire::kind::Code as Kind;
use crate::format::wire::legal_basis::Instrument;
use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind as Type, MessageDescriptor};
use wanted::Wanted;

/// What is left at the end of a message that cites no article: marks of direction, and a colon.
const NOTHING: [char; 5] = ['\u{2068}', '\u{2069}', ':', ' ', '\u{a0}'];
/// Sections within sections that a draft shows. What is deeper is in the schema.
const DEPTH: usize = 6;

/// The draft of a packet.
pub fn template(kind: Kind, instrument: Instrument, language: Language) -> String {
    let wanted = Wanted::of(kind, instrument);
    let mut draft = Draft { out: String::new(), language, instrument, wanted };
    draft.head(kind);
    draft.request(kind);
    draft.tail();
    language.plain(draft.out)
}

struct Draft {
    out: String,
    language: Language,
    instrument: Instrument,
    wanted: Wanted,
}

/// Where a message stands in the file.
#[derive(Clone)]
struct Place {
    /// As TOML names it.
    name: String,
    /// Field numbers from `Request` downwards.
    numbers: Vec<u32>,
    /// Messages on the way, so that none is shown within itself.
    within: Vec<String>,
}

impl Draft {
    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn comment(&mut self, text: &str) {
        self.line(&format!("# {text}"));
    }

    fn head(&mut self, kind: Kind) {
        let language = self.language;
        let names = [
            ("kind", language.code("kind", kind.as_str_name()).into()),
            ("basis", language.code("instrument", self.instrument.as_str_name()).into()),
        ];
        self.comment(&language.say_with("draft-head", &names));
        for id in ["next", "uncomment", "date", "amount", "name", "number"] {
            self.comment(&language.say(&format!("draft-{id}")));
        }
        self.line("");
        for (key, value, id) in [
            ("recipient", "", None),
            ("urgency", "routine", Some("urgency")),
            ("expires", "30d", Some("expires")),
        ] {
            self.comment(&language.say(&format!("field-RequestFile-{key}")));
            if let Some(id) = id {
                self.comment(&language.say(&format!("draft-{id}")));
            }
            self.line(&format!("{key} = \"{value}\""));
        }
    }

    fn request(&mut self, kind: Kind) {
        let request = descriptor("Request");
        let place = Place {
            name: "request".into(),
            numbers: Vec::new(),
            within: vec![request.full_name().to_owned()],
        };
        let common = |field: &FieldDescriptor| {
            field.containing_oneof().is_none() && !matches!(field.name(), "schema" | "attachments")
        };
        let fields: Vec<FieldDescriptor> = request.fields().filter(common).collect();
        self.line("");
        self.line("[request]");
        self.keys(&place, &fields, true);
        self.sections(&place, &fields, true);
        if let Some(content) = request.get_field_by_name(kind.as_str_name()) {
            self.section(&place, &content, true);
        }
    }

    fn tail(&mut self) {
        let language = self.language;
        self.line("");
        self.comment(&language.say("draft-attachments"));
        self.line("# [[attachments]]");
        for (key, value) in
            [("path", "\"\""), ("name", "\"\""), ("language", "\"\""), ("translation_of", "0")]
        {
            let label = language.say(&format!("field-AttachmentFile-{key}"));
            self.line(&format!("# {key} = {value}  # {label}"));
        }
    }

    /// What is said of a field: its name, whether it has to be there, and what it may be.
    fn label(&self, field: &FieldDescriptor, numbers: &[u32]) -> String {
        let message = short(field.parent_message().full_name()).replace('.', "_");
        let mut label = self.language.say(&format!("field-{message}-{}", field.name()));
        if let Some((level, article)) = self.wanted.find(numbers) {
            let id = if level == Level::Error { "draft-required" } else { "draft-where-possible" };
            let words = article.map(|told| told.in_words(self.language)).unwrap_or_default();
            let said = self.language.say_with(id, &[("article", words.into())]);
            let said = if article.is_some() { said.as_str() } else { said.trim_end_matches(NOTHING) };
            label = format!("{label} — {said}");
        }
        if let Type::Enum(names) = field.kind() {
            label = format!(
                "{label}; {}",
                self.language.say_with("draft-one-of", &[("values", values(&names).into())])
            );
        }
        label
    }

    /// Fields that are written in one line each: TOML wants them before the sections.
    fn keys(&mut self, place: &Place, fields: &[FieldDescriptor], open: bool) {
        // A section that has to be there, whatever of it: it opens with its first key.
        let any = open && self.wanted.itself(&place.numbers);
        for (nth, field) in fields.iter().filter(|field| !is_section(field)).enumerate() {
            let numbers = [place.numbers.as_slice(), &[field.number()]].concat();
            let label = self.label(field, &numbers);
            let wanted = self.wanted.find(&numbers).is_some() && field.containing_oneof().is_none();
            let wanted = open && (wanted || (any && nth == 0));
            let (key, value) = (field.name(), self.value(field, &place.name));
            match (wanted, value) {
                // Nobody chooses for the drafter: a name that has to be chosen stays behind the #.
                (true, Value::Open(value)) => {
                    self.comment(&label);
                    self.line(&format!("{key} = {value}"));
                }
                (true, Value::Choice(value)) => {
                    self.comment(&label);
                    self.line(&format!("#! {key} = {value}"));
                }
                (false, Value::Open(value) | Value::Choice(value)) => {
                    self.line(&format!("# {key} = {value}  # {label}"));
                }
            }
        }
    }

    fn sections(&mut self, place: &Place, fields: &[FieldDescriptor], open: bool) {
        let mut chosen = None;
        for field in fields.iter().filter(|field| is_section(field)) {
            if let Some(choice) = field.containing_oneof().filter(|choice| chosen.as_ref() != Some(choice)) {
                let names: Vec<String> = choice.fields().map(|field| field.name().to_owned()).collect();
                self.line("");
                self.comment(&self.language.say_with("draft-one-of", &[("values", names.join(", ").into())]));
                chosen = Some(choice);
            }
            self.section(place, field, open);
        }
    }

    /// A table of its own. It is open where something in it has to be there.
    fn section(&mut self, above: &Place, field: &FieldDescriptor, open: bool) {
        let Type::Message(message) = field.kind() else { return };
        let name = message.full_name().to_owned();
        if above.within.contains(&name) || above.within.len() > DEPTH {
            return;
        }
        let numbers = [above.numbers.as_slice(), &[field.number()]].concat();
        let content =
            short(field.parent_message().full_name()) == "Request" && field.containing_oneof().is_some();
        let choice = field.containing_oneof().is_some() && !content;
        let open = open && !choice && (content || self.wanted.within(&numbers));
        let place = Place {
            name: format!("{}.{}", above.name, field.name()),
            within: above.within.iter().cloned().chain([name]).collect(),
            numbers,
        };
        let label = self.label(field, &place.numbers);
        let (left, right) = if field.is_list() { ("[[", "]]") } else { ("[", "]") };
        self.line("");
        self.comment(&label);
        self.line(&format!("{}{left}{}{right}", if open { "" } else { "# " }, place.name));
        let fields: Vec<FieldDescriptor> = message.fields().collect();
        self.keys(&place, &fields, open);
        self.sections(&place, &fields, open);
    }

    /// What stands behind the key of a field.
    fn value(&self, field: &FieldDescriptor, section: &str) -> Value {
        if short(field.full_name()) == "Request.language" {
            return Value::Open(format!("{:?}", self.language.tag()));
        }
        if short(field.full_name()) == "LegalBasis.instrument" && section == "request.legal_basis" {
            return Value::Open(format!("{:?}", self.instrument.as_str_name()));
        }
        let one = match field.kind() {
            Type::Message(message) => inline(&message),
            Type::Enum(names) => {
                let first = names.values().find(|value| value.number() != 0);
                let name = first.map(|value| format!("{:?}", value.name())).unwrap_or_default();
                return Value::Choice(if field.is_list() { format!("[{name}]") } else { name });
            }
            // Where it is wanted, it is to be said; left out it is false.
            Type::Bool => return Value::Choice("true".into()),
            Type::String | Type::Bytes => "\"\"".into(),
            _ => "0".into(),
        };
        Value::Open(match field.is_list() {
            true if matches!(field.kind(), Type::Message(_)) => format!("[{one}]"),
            true => "[]".into(),
            false => one,
        })
    }
}

enum Value {
    /// May stand there as it is.
    Open(String),
    /// Has to be chosen.
    Choice(String),
}

fn short(name: &str) -> &str {
    name.strip_prefix("rogatory.v1.").unwrap_or(name)
}

fn values(names: &EnumDescriptor) -> String {
    let known = names.values().filter(|value| value.number() != 0);
    known.map(|value| value.name().to_owned()).collect::<Vec<_>>().join(", ")
}

/// Messages that are written in one line, each with the keys that are usual.
const INLINE: &[(&str, &[&str])] = &[
    ("Date", &["iso"]),
    ("Moment", &["time"]),
    ("Amount", &["currency", "value"]),
    ("Period", &["begins", "ends"]),
    ("TimeWindow", &["begins", "ends"]),
    ("Place", &["name", "locality", "state"]),
    ("Identifier", &["scheme", "value", "issuer"]),
    ("Transliteration", &["text", "scheme"]),
    ("PersonName", &["text", "language", "script", "transliterations"]),
    ("OrganizationName", &["text", "language", "script", "transliterations"]),
    ("Contact", &["name", "telephone", "email"]),
    ("Account", &["number", "institution", "holder"]),
    ("Authority", &["name", "function", "state"]),
    ("WantedBy", &["date", "reason"]),
];

fn usual(message: &MessageDescriptor) -> Option<&'static [&'static str]> {
    let name = short(message.full_name());
    INLINE.iter().find(|(known, _)| *known == name).map(|(_, keys)| *keys)
}

fn is_section(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Type::Message(message) if usual(&message).is_none())
}

/// An empty value of a message, in one line.
fn inline(message: &MessageDescriptor) -> String {
    let keys = usual(message).unwrap_or_default();
    let fields = keys.iter().filter_map(|key| message.get_field_by_name(key));
    let parts = fields.map(|field| {
        let one = match field.kind() {
            Type::Message(inner) => inline(&inner),
            _ => "\"\"".to_owned(),
        };
        format!("{} = {}", field.name(), if field.is_list() { format!("[{one}]") } else { one })
    });
    format!("{{ {} }}", parts.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests;
