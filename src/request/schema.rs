//! JSON Schema (draft 2020-12) of request files, made from the protos: for case systems that write
//! or read them. Comments of the protos are the descriptions.

use super::mapping::{UNKNOWN, descriptor};
use crate::format::limits;
use crate::format::wire::kind::Code;
use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The kinds of packet that a file can hold.
pub fn kinds() -> Vec<Code> {
    let request = descriptor("Request");
    let contents = request.fields().filter(|field| field.containing_oneof().is_some());
    contents.filter_map(|field| Code::from_str_name(field.name())).collect()
}

/// The schema of a request file of a kind. All that it names is in it.
pub fn of_kind(kind: Code) -> Value {
    let mut definitions = BTreeMap::new();
    let mut waiting = vec![descriptor("RequestFile")];
    while let Some(message) = waiting.pop() {
        if !definitions.contains_key(message.full_name()) {
            let (schema, named) = of_message(&message, kind);
            definitions.insert(message.full_name().to_owned(), schema);
            waiting.extend(named);
        }
    }
    let definitions: Map<String, Value> =
        definitions.into_iter().map(|(name, schema)| (short(&name).to_owned(), schema)).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:rogatory:request-file:1:{}", kind.as_str_name()),
        "title": format!("Request file of kind {}", kind.as_str_name()),
        "$ref": "#/$defs/RequestFile",
        "$defs": definitions,
    })
}

fn short(name: &str) -> &str {
    name.strip_prefix("rogatory.v1.").unwrap_or(name)
}

/// A message as an object, and the messages that it names.
fn of_message(message: &MessageDescriptor, kind: Code) -> (Value, Vec<MessageDescriptor>) {
    let (mut properties, mut named) = (Map::new(), Vec::new());
    for field in message.fields().filter(|field| wanted(field, kind)) {
        if let Kind::Message(inner) = field.kind() {
            named.push(inner);
        }
        properties.insert(field.name().to_owned(), of_field(&field, kind));
    }
    properties.insert(
        UNKNOWN.to_owned(),
        json!({
            "description": "Fields of a later schema, as they came.",
            "type": "string", "contentEncoding": "base64", "maxLength": limits::REQUEST_FILE,
        }),
    );
    let mut schema = json!({
        "type": "object", "additionalProperties": false, "properties": properties,
    });
    match short(message.full_name()) {
        "RequestFile" => schema["required"] = json!(["recipient", "request"]),
        "Request" => schema["required"] = json!([kind.as_str_name()]),
        _ => {}
    }
    let choices: Vec<Value> = message.oneofs().filter_map(|choice| at_most_one(&choice, kind)).collect();
    if !choices.is_empty() {
        schema["allOf"] = choices.into();
    }
    describe(&mut schema, comment(message.parent_file().file_descriptor_proto(), message.path()));
    (schema, named)
}

/// Of the fields of a choice, one at most may stand there.
fn at_most_one(choice: &prost_reflect::OneofDescriptor, kind: Code) -> Option<Value> {
    let names: Vec<String> =
        choice.fields().filter(|field| wanted(field, kind)).map(|field| field.name().to_owned()).collect();
    let pairs = names.iter().enumerate().flat_map(|(place, one)| {
        names[place + 1..].iter().map(move |other| json!({ "required": [one, other] }))
    });
    let pairs: Vec<Value> = pairs.collect();
    (!pairs.is_empty()).then(|| json!({ "not": { "anyOf": pairs } }))
}

/// Whether a field belongs to files of this kind: of the contents there is one alone.
fn wanted(field: &FieldDescriptor, kind: Code) -> bool {
    match field.containing_oneof() {
        Some(choice) if short(choice.parent_message().full_name()) == "Request" => {
            field.name() == kind.as_str_name()
        }
        _ => true,
    }
}

fn of_field(field: &FieldDescriptor, kind: Code) -> Value {
    let one = of_value(field, kind);
    let mut schema = match field.is_list() {
        true => json!({ "type": "array", "items": one }),
        false => one,
    };
    let message = field.parent_message();
    describe(&mut schema, comment(message.parent_file().file_descriptor_proto(), field.path()));
    schema
}

fn of_value(field: &FieldDescriptor, kind: Code) -> Value {
    match field.kind() {
        Kind::Message(inner) => json!({ "$ref": format!("#/$defs/{}", short(inner.full_name())) }),
        Kind::Enum(names) => {
            of_enum(&names, (field.full_name() == "rogatory.v1.RequestFile.kind").then_some(kind))
        }
        Kind::String => json!({ "type": "string" }),
        Kind::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Uint32 | Kind::Fixed32 => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
        Kind::Uint64 | Kind::Fixed64 => json!({ "type": "integer", "minimum": 0 }),
        _ => json!({ "type": "number" }),
    }
}

/// By name; the number of a value that is not known here passes too, as files have to keep it.
fn of_enum(names: &EnumDescriptor, only: Option<Code>) -> Value {
    let name = only.map(|kind| kind.as_str_name().to_owned());
    let known: Vec<String> = match name {
        Some(name) => vec![name],
        None => names.values().map(|value| value.name().to_owned()).collect(),
    };
    json!({ "anyOf": [{ "enum": known }, { "type": "integer" }] })
}

fn describe(schema: &mut Value, comment: Option<String>) {
    if let Some(comment) = comment {
        schema["description"] = comment.into();
    }
}

/// The comment that stands over something in a proto, in one line.
fn comment(file: &prost_reflect::prost_types::FileDescriptorProto, path: &[i32]) -> Option<String> {
    let found = file.source_code_info.as_ref()?.location.iter().find(|place| place.path == path)?;
    let text = found.leading_comments().split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}
