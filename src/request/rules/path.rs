//! Paths into a request, and conditions over them, as the table writes them.

use super::facts::Facts;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};

/// A path, resolved for one kind of request.
#[derive(Debug)]
pub struct Path {
    /// It begins at the entry of the rule's list.
    of_item: bool,
    fields: Vec<FieldDescriptor>,
    /// As files write it, from `Request` downwards.
    pub text: String,
    /// Field numbers from `Request` downwards.
    pub numbers: Vec<u32>,
}

/// Where a path is looked up.
pub struct Place<'a> {
    pub request: &'a DynamicMessage,
    /// The entry of the rule's list.
    pub item: Option<&'a DynamicMessage>,
    /// Its number, from 1.
    pub number: u32,
}

/// `[not] [every] PATH [is [not] A|B]`.
#[derive(Debug)]
pub struct Condition {
    negated: bool,
    subject: Subject,
}

#[derive(Debug)]
enum Subject {
    Given(Path),
    Is { path: Path, every: bool, values: Vec<i32> },
    Fact { name: String, values: Vec<String> },
}

impl Path {
    /// Resolves `text`; `content` is the field of the kind, `list` that of the rule.
    pub fn resolve(
        text: &str,
        root: &MessageDescriptor,
        content: &str,
        list: Option<&Self>,
    ) -> Result<Self, String> {
        let mut names = text.split('.').peekable();
        let of_item = names.next_if_eq(&"item").is_some();
        let (mut at, mut numbers, mut said) = match (of_item, list) {
            (true, Some(list)) => (list.entry()?, list.numbers.clone(), vec![list.text.clone()]),
            (true, None) => return Err(format!("{text}: the rule has no list")),
            (false, _) => (Some(root.clone()), Vec::new(), Vec::new()),
        };
        let mut fields = Vec::new();
        for name in names {
            let name = if fields.is_empty() && !of_item && name == "content" { content } else { name };
            let found = at.as_ref().and_then(|message| message.get_field_by_name(name));
            let field = found.ok_or_else(|| format!("{text}: there is no {name}"))?;
            at = match field.kind() {
                Kind::Message(message) => Some(message),
                _ => None,
            };
            numbers.push(field.number());
            said.push(name.to_owned());
            fields.push(field);
        }
        Ok(Self { of_item, fields, text: said.join("."), numbers })
    }

    fn entry(&self) -> Result<Option<MessageDescriptor>, String> {
        match self.fields.last().map(|field| (field.is_list(), field.kind())) {
            Some((true, Kind::Message(message))) => Ok(Some(message)),
            _ => Err(format!("{} is no list of messages", self.text)),
        }
    }

    /// Shows every value at the path's end; the entries of a list one by one.
    pub fn collect(&self, place: &Place<'_>, show: &mut dyn FnMut(&Value)) {
        let from = if self.of_item { place.item } else { Some(place.request) };
        if let Some(message) = from {
            walk(message, &self.fields, show);
        }
    }

    /// Whether anything stands at the path's end.
    pub fn is_given(&self, place: &Place<'_>) -> bool {
        let mut given = false;
        self.collect(place, &mut |value| given |= holds(value));
        given
    }
}

fn walk(message: &DynamicMessage, fields: &[FieldDescriptor], show: &mut dyn FnMut(&Value)) {
    let Some((field, rest)) = fields.split_first() else { return };
    let value = message.get_field(field);
    let mut step = |value: &Value| match value {
        Value::Message(message) if !rest.is_empty() => walk(message, rest, show),
        value => show(value),
    };
    match value.as_ref() {
        Value::List(values) => values.iter().for_each(step),
        value => step(value),
    }
}

/// Whether a value says anything. Dashes and dots are no text.
fn holds(value: &Value) -> bool {
    match value {
        Value::Bool(value) => *value,
        Value::I32(value) | Value::EnumNumber(value) => *value != 0,
        Value::I64(value) => *value != 0,
        Value::U32(value) => *value != 0,
        Value::U64(value) => *value != 0,
        Value::F32(value) => *value != 0.0,
        Value::F64(value) => *value != 0.0,
        Value::String(text) => text.chars().any(char::is_alphanumeric),
        Value::Bytes(bytes) => !bytes.is_empty(),
        Value::Message(message) => message.fields().any(|(_, value)| holds(value)),
        Value::List(values) => values.iter().any(holds),
        Value::Map(values) => values.values().any(holds),
    }
}

impl Condition {
    /// Reads a condition; `resolve` finds its path.
    pub fn parse(text: &str, resolve: impl Fn(&str) -> Result<Path, String>) -> Result<Self, String> {
        let mut words = text.split_whitespace().peekable();
        let mut negated = words.next_if_eq(&"not").is_some();
        let every = words.next_if_eq(&"every").is_some();
        let subject = words.next().ok_or_else(|| format!("{text:?} names nothing"))?;
        let is = words.next_if_eq(&"is").is_some();
        negated ^= is && words.next_if_eq(&"not").is_some();
        let values = words.next().filter(|_| is).map(|values| values.split('|'));
        if words.next().is_some() || is != values.is_some() {
            return Err(format!("{text:?} is no condition"));
        }
        let subject = match (subject.strip_prefix('@'), values) {
            (Some(name), Some(values)) => {
                let values: Vec<String> = values.map(str::to_owned).collect();
                let known = Facts::values(name);
                if let Some(odd) = values.iter().find(|value| !known.contains(&value.as_str())) {
                    return Err(format!("{text:?}: {name} is never {odd}"));
                }
                Subject::Fact { name: name.to_owned(), values }
            }
            (None, None) if !every => Subject::Given(resolve(subject)?),
            (None, Some(values)) => {
                let path = resolve(subject)?;
                let Some(Kind::Enum(codes)) = path.fields.last().map(FieldDescriptor::kind) else {
                    return Err(format!("{text:?}: no code"));
                };
                let number = |name: &str| codes.get_value_by_name(name).map(|value| value.number());
                let values = values.map(|name| number(name).ok_or_else(|| format!("{text:?}: no {name}")));
                let values = values.collect::<Result<_, _>>()?;
                Subject::Is { path, every, values }
            }
            _ => return Err(format!("{text:?} is no condition")),
        };
        Ok(Self { negated, subject })
    }

    /// Whether it is so.
    pub fn holds(&self, place: &Place<'_>, facts: &Facts<'_>) -> bool {
        let so = match &self.subject {
            Subject::Given(path) => path.is_given(place),
            Subject::Is { path, every, values } => {
                let (mut count, mut agreeing) = (0, 0);
                path.collect(place, &mut |value| {
                    count += 1;
                    agreeing += u32::from(value.as_enum_number().is_some_and(|code| values.contains(&code)));
                });
                agreeing > 0 && (!every || agreeing == count)
            }
            Subject::Fact { name, values } => {
                facts.of(name, place.number).is_some_and(|is| values.iter().any(|value| value == is))
            }
        };
        so != self.negated
    }
}
