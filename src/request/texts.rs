//! What there is to read in a body: every text with the name of its field.

use super::file::reflected;
use crate::format::wire::Request;
use prost_reflect::{DynamicMessage, Value};

/// Messages within messages at most; bodies have fewer.
const DEPTH: usize = 16;

/// A text of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// As request files name it, items counted from 1: `matter.persons[1].names[1].text`.
    pub field: String,
    /// As written.
    pub text: String,
}

/// Every text that people wrote, in the order of the fields.
pub fn texts(request: &Request) -> Vec<Text> {
    let mut found = Vec::new();
    gather(&reflected(request, "Request"), "", DEPTH, &mut found);
    found
}

/// The national references alone.
pub fn references(request: &Request) -> Vec<Text> {
    let named = [
        ("sender_reference", &request.sender_reference),
        ("recipient_reference", &request.recipient_reference),
    ];
    let text = |(field, text): (&str, &String)| Text { field: field.to_owned(), text: text.clone() };
    named.into_iter().filter(|(_, text)| !text.is_empty()).map(text).collect()
}

fn gather(message: &DynamicMessage, name: &str, depth: usize, found: &mut Vec<Text>) {
    if depth == 0 {
        return;
    }
    for (field, value) in message.fields() {
        // The kind's table stands for itself.
        let in_oneof = name.is_empty() && field.containing_oneof().is_some();
        let name = match (name, in_oneof) {
            (_, true) => String::new(),
            ("", false) => field.name().to_owned(),
            (name, false) => format!("{name}.{}", field.name()),
        };
        take(value, &name, depth, found);
    }
}

fn take(value: &Value, name: &str, depth: usize, found: &mut Vec<Text>) {
    match value {
        Value::String(text) if !text.is_empty() => {
            found.push(Text { field: name.to_owned(), text: text.clone() });
        }
        Value::Message(message) => gather(message, name, depth - 1, found),
        Value::List(items) => {
            for (number, item) in (1..).zip(items) {
                take(item, &format!("{name}[{number}]"), depth, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::file::read;

    #[test]
    fn every_text_is_found_under_the_name_that_files_have_for_it() {
        let file = read(include_str!("../../tests/samples/mutual_legal_assistance.toml")).unwrap();
        let request = file.request.unwrap();
        let found = texts(&request);
        let of = |field: &str| found.iter().find(|text| text.field == field).map(|text| text.text.as_str());
        assert_eq!(of("sender_reference"), Some(request.sender_reference.as_str()));
        assert_eq!(of("matter.persons[1].names[1].text"), Some("شیرین مثالی"));
        assert!(of("matter.purpose").is_some_and(|purpose| purpose.contains("witness")), "{found:?}");
        assert!(found.iter().all(|text| !text.text.is_empty() && !text.field.starts_with('.')));
        assert!(references(&request).iter().all(|reference| found.contains(reference)));
    }

    #[test]
    fn a_kind_without_texts_has_none() {
        assert_eq!(texts(&Request::default()), []);
        assert_eq!(references(&Request::default()), []);
    }
}
