//! Protobuf ⇄ JSON by the protobuf JSON mapping, under the proto's own field names, with nothing
//! lost between the two: what a message holds that is not known here (fields of a later schema)
//! stands under [`UNKNOWN`], in the message that it was found in.

use super::file::FileError;
use crate::format::wire::DESCRIPTORS;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message as _;
use prost_reflect::{
    DescriptorPool, DeserializeOptions, DynamicMessage, Kind, MessageDescriptor, ReflectMessage as _,
    SerializeOptions, Value,
};
use serde_json::Value as Json;
use std::sync::LazyLock;

/// Key of the fields that are not known here: their bytes as they came, in base64.
pub const UNKNOWN: &str = "@unknown";

/// Descriptors of our own messages.
pub(super) static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(DESCRIPTORS).expect("the build wrote the descriptors"));

/// The descriptor of a message of ours.
pub(super) fn descriptor(name: &str) -> MessageDescriptor {
    POOL.get_message_by_name(&format!("rogatory.v1.{name}")).expect("a message of our own protos")
}

/// Unknown keys are refused everywhere.
pub(super) fn strict() -> DeserializeOptions {
    DeserializeOptions::new().deny_unknown_fields(true)
}

/// The bytes of a message `name` as JSON, with nothing left out.
pub fn bytes_to_json(bytes: &[u8], name: &str) -> Result<Json, FileError> {
    let message = DynamicMessage::decode(descriptor(name), bytes)
        .map_err(|error| FileError::Form(format!("it is no {name}: {error}")))?;
    let options = SerializeOptions::new().use_proto_field_name(true).stringify_64_bit_integers(false);
    let mut json = message
        .serialize_with_options(serde_json::value::Serializer, &options)
        .map_err(|error| FileError::Form(error.to_string()))?;
    show_unknown(&message, &mut json);
    Ok(json)
}

/// The message `name` that JSON says, with the fields that are not known here.
pub(super) fn from_json(mut json: Json, name: &str) -> Result<DynamicMessage, FileError> {
    let mut found = Vec::new();
    take_unknown(&mut json, &mut Vec::new(), &mut found)?;
    let form = |error: serde_json::Error| FileError::Form(error.to_string());
    let mut message =
        DynamicMessage::deserialize_with_options(descriptor(name), json, &strict()).map_err(form)?;
    for (path, bytes) in found {
        let place = descend(&mut message, &path).ok_or_else(|| wrong_unknown("stands in no message"))?;
        let mut only = DynamicMessage::decode(place.descriptor(), bytes.as_slice())
            .map_err(|_| wrong_unknown("can't be read"))?;
        let (known, count) = (only.fields().count(), only.take_unknown_fields().count());
        if known > 0 || count == 0 {
            return Err(wrong_unknown("holds fields that are known: they have keys of their own"));
        }
        place.merge(bytes.as_slice()).map_err(|_| wrong_unknown("can't be read"))?;
    }
    Ok(message)
}

/// What of a message `name` is not known here: where it stands, and its bytes.
pub fn unknown_in(bytes: &[u8], name: &str) -> Result<Vec<(String, Vec<u8>)>, FileError> {
    let mut json = bytes_to_json(bytes, name)?;
    let mut found = Vec::new();
    take_unknown(&mut json, &mut Vec::new(), &mut found)?;
    let place = |way: &[Step]| {
        let steps = way.iter().map(|step| match step {
            Step::Key(key) => format!(".{key}"),
            Step::Item(place) => format!("[{}]", place + 1),
        });
        steps.collect::<String>().trim_start_matches('.').to_owned()
    };
    Ok(found.into_iter().map(|(way, bytes)| (place(&way), bytes)).collect())
}

fn wrong_unknown(why: &str) -> FileError {
    FileError::Field { field: UNKNOWN, why: why.to_owned() }
}

/// A step into a message: by the key of a field, or by the place in a list.
#[derive(Clone)]
enum Step {
    Key(String),
    Item(usize),
}

/// Adds what is not known, message by message.
fn show_unknown(message: &DynamicMessage, json: &mut Json) {
    let Json::Object(keys) = json else { return };
    for (field, value) in message.fields() {
        let Some(shown) = keys.get_mut(field.name()) else { continue };
        match (value, shown) {
            (Value::Message(inner), shown) => show_unknown(inner, shown),
            (Value::List(items), Json::Array(shown)) => {
                for (item, shown) in items.iter().zip(shown) {
                    if let Value::Message(inner) = item {
                        show_unknown(inner, shown);
                    }
                }
            }
            _ => {}
        }
    }
    let mut bytes = Vec::new();
    message.unknown_fields().for_each(|field| field.encode(&mut bytes));
    if !bytes.is_empty() {
        keys.insert(UNKNOWN.to_owned(), STANDARD.encode(bytes).into());
    }
}

/// Takes what is not known out of the JSON, with the way to it.
fn take_unknown(
    json: &mut Json,
    way: &mut Vec<Step>,
    found: &mut Vec<(Vec<Step>, Vec<u8>)>,
) -> Result<(), FileError> {
    let mut deeper = |step, inner: &mut Json, way: &mut Vec<Step>| {
        way.push(step);
        let taken = take_unknown(inner, way, found);
        way.pop();
        taken
    };
    match json {
        Json::Object(keys) => {
            for (key, inner) in keys.iter_mut().filter(|(key, _)| *key != UNKNOWN) {
                deeper(Step::Key(key.clone()), inner, way)?;
            }
            if let Some(unknown) = keys.remove(UNKNOWN) {
                let text = unknown.as_str().ok_or_else(|| wrong_unknown("is no text"))?;
                let bytes = STANDARD.decode(text).map_err(|_| wrong_unknown("is no base64"))?;
                found.push((way.clone(), bytes));
            }
            Ok(())
        }
        Json::Array(items) => {
            items.iter_mut().enumerate().try_for_each(|(place, inner)| deeper(Step::Item(place), inner, way))
        }
        _ => Ok(()),
    }
}

/// The message at the end of a way.
fn descend<'a>(message: &'a mut DynamicMessage, way: &[Step]) -> Option<&'a mut DynamicMessage> {
    let Some((first, rest)) = way.split_first() else { return Some(message) };
    let Step::Key(key) = first else { return None };
    let field =
        message.descriptor().fields().find(|field| field.name() == key || field.json_name() == key)?;
    if !matches!(field.kind(), Kind::Message(_)) {
        return None;
    }
    match (message.get_field_mut(&field), rest.split_first()) {
        (Value::List(items), Some((Step::Item(place), rest))) => {
            descend(items.get_mut(*place)?.as_message_mut()?, rest)
        }
        (Value::Message(inner), _) => descend(inner, rest),
        _ => None,
    }
}
