//! From the content of a request to sections: every field that is set stands on the page, in
//! the order of the schema, whatever the kind.

use super::values::{Writer, short};
use super::{Block, Row, Section};
use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage as _, Value};

/// A text longer than this has a section of its own, characters.
const PROSE: usize = 120;
/// Items of UNTOC 18(15), UNCAC 46(15) and 1988 7(10), by the field that holds them.
const ITEMS: &[(&str, char)] = &[
    ("authority", 'a'),
    ("proceeding", 'b'),
    ("facts", 'c'),
    ("assistance", 'd'),
    ("persons", 'e'),
    ("organizations", 'e'),
    ("purpose", 'f'),
];

/// The letter of the treaty's list that a field answers.
pub fn item(field: &str) -> Option<char> {
    ITEMS.iter().find(|(name, _)| *name == field).map(|(_, letter)| *letter)
}

impl Writer {
    /// The sections of a content, and before them what is said in a word or two.
    pub fn sections(self, content: &DynamicMessage) -> Vec<Section> {
        let (mut rows, mut sections) = (Vec::new(), Vec::new());
        self.gather(content, &mut rows, &mut sections);
        if !rows.is_empty() {
            let title = self.0.say("letter-particulars");
            let blocks = vec![Block::Rows { depth: 0, rows }];
            sections.insert(0, Section { title, blocks, ..Section::default() });
        }
        sections
    }

    fn gather(self, content: &DynamicMessage, rows: &mut Vec<Row>, sections: &mut Vec<Section>) {
        for (field, value) in content.fields() {
            if let Value::Message(matter) = value
                && short(matter.descriptor().full_name()) == "Matter"
            {
                self.gather(matter, rows, sections);
                continue;
            }
            let title = self.label(&field);
            let blocks = match self.lines(&field, value) {
                Some(lines) if !deserves_section(&field, value) => {
                    rows.push(Row { label: title, lines });
                    continue;
                }
                Some(lines) if matches!(value, Value::List(_)) => vec![Block::List { lines }],
                Some(lines) => vec![Block::Text { lines }],
                None => self.part(value, 0),
            };
            sections.push(Section { title, item: item(field.name()), blocks, ..Section::default() });
        }
    }

    /// The blocks of a message, or of several, each under its number.
    fn part(self, value: &Value, depth: u8) -> Vec<Block> {
        match value {
            Value::Message(message) => self.blocks(message, depth),
            Value::List(values) => {
                let messages: Vec<&DynamicMessage> = values.iter().filter_map(Value::as_message).collect();
                if let Some(table) = self.table(&messages) {
                    return vec![table];
                }
                let mut blocks = Vec::new();
                for (number, message) in (1..).zip(messages) {
                    let text = self.one(message.descriptor().full_name(), number);
                    blocks.push(Block::Head { depth, text });
                    blocks.extend(self.blocks(message, depth + 1));
                }
                blocks
            }
            _ => Vec::new(),
        }
    }

    fn blocks(self, message: &DynamicMessage, depth: u8) -> Vec<Block> {
        let (mut rows, mut parts) = (Vec::new(), Vec::new());
        for (field, value) in message.fields() {
            let label = self.label(&field);
            match self.lines(&field, value) {
                Some(lines) => rows.push(Row { label, lines }),
                None => {
                    parts.push(Block::Head { depth, text: label });
                    parts.extend(self.part(value, depth + 1));
                }
            }
        }
        if !rows.is_empty() {
            parts.insert(0, Block::Rows { depth, rows });
        }
        parts
    }

    /// Transfers: many, and every one with the same few fields.
    fn table(self, messages: &[&DynamicMessage]) -> Option<Block> {
        let transfer = messages.first()?.descriptor();
        if short(transfer.full_name()) != "Transfer" {
            return None;
        }
        let fields: Vec<FieldDescriptor> = transfer.fields().collect();
        let used: Vec<&FieldDescriptor> =
            fields.iter().filter(|field| messages.iter().any(|message| message.has_field(field))).collect();
        let heads = std::iter::once(self.0.say("letter-attachment-number"))
            .chain(used.iter().map(|field| self.label(field)))
            .collect();
        let cell = |message: &DynamicMessage, field: &FieldDescriptor| match message.has_field(field) {
            true => self.lines(field, &message.get_field(field)).unwrap_or_default(),
            false => Vec::new(),
        };
        let rows = (1..)
            .zip(messages)
            .map(|(number, message)| {
                let number = vec![self.own(self.number(number))];
                std::iter::once(number).chain(used.iter().map(|field| cell(message, field))).collect()
            })
            .collect();
        Some(Block::Table { heads, rows })
    }
}

/// Whether a value of lines alone is more than a particular: the purpose always, a list of
/// texts, a long text.
fn deserves_section(field: &FieldDescriptor, value: &Value) -> bool {
    let long = |value: &Value| value.as_str().is_some_and(|text| text.chars().count() > PROSE);
    match value {
        Value::String(_) => field.name() == "purpose" || long(value),
        Value::List(values) => {
            values.iter().any(long) || values.iter().filter(|v| v.as_str().is_some()).count() > 1
        }
        _ => false,
    }
}
