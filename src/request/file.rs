//! Request files: TOML or JSON as people write them, by the protobuf JSON mapping, with
//! unknown keys refused.

use crate::format::limits;
use crate::format::wire::{DESCRIPTORS, RequestFile};
use prost_reflect::{
    DescriptorPool, DeserializeOptions, DynamicMessage, MessageDescriptor, SerializeOptions,
};
use std::sync::LazyLock;

/// A file that can't be read as a request, with the place where that is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Not of the form.
    #[error("{0}")]
    Form(String),
    /// Longer than a request file may be.
    #[error("longer than {} bytes", limits::REQUEST_FILE)]
    TooLong,
    /// A required thing is missing or wrong.
    #[error("{field}: {why}")]
    Field {
        /// Key in the file.
        field: &'static str,
        /// What is wrong.
        why: String,
    },
}

static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(DESCRIPTORS).expect("the build wrote the descriptors"));

fn descriptor(name: &str) -> MessageDescriptor {
    POOL.get_message_by_name(name).expect("a message of our own protos")
}

/// Reads a request file; JSON where it begins with `{`, else TOML.
pub fn read(text: &str) -> Result<RequestFile, FileError> {
    if text.len() as u64 > limits::REQUEST_FILE {
        return Err(FileError::TooLong);
    }
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    let message = descriptor("rogatory.v1.RequestFile");
    let dynamic = if text.trim_start().starts_with('{') {
        let mut json = serde_json::Deserializer::from_str(text);
        let read = DynamicMessage::deserialize_with_options(message, &mut json, &options)
            .and_then(|read| json.end().map(|()| read));
        read.map_err(|error| FileError::Form(error.to_string()))?
    } else {
        let toml = toml::Deserializer::parse(text).map_err(|error| FileError::Form(error.to_string()))?;
        DynamicMessage::deserialize_with_options(message, toml, &options)
            .map_err(|error| located(text, &error))?
    };
    dynamic.transcode_to().map_err(|error| FileError::Form(error.to_string()))
}

/// TOML errors that the mapping raised carry no place of their own; show the line where the
/// text that they name stands first.
fn located(text: &str, error: &toml::de::Error) -> FileError {
    if error.span().is_some() {
        return FileError::Form(error.to_string());
    }
    let message = error.message();
    let named = message.split(['\'', '`', '"']).nth(1).unwrap_or_default();
    let line = text.lines().position(|line| !named.is_empty() && line.contains(named));
    FileError::Form(match line {
        Some(line) => format!("line {}: {message}", line + 1),
        None => message.to_owned(),
    })
}

/// A message of ours whose fields can be walked; none where the name is not its own.
pub(super) fn dynamic<M: prost::Message>(message: &M, name: &str) -> Option<DynamicMessage> {
    let message = message.encode_to_vec();
    DynamicMessage::decode(descriptor(&format!("rogatory.v1.{name}")), message.as_slice()).ok()
}

/// Any message of ours as JSON, by the protobuf mapping with the proto's field names.
pub fn to_json<M: prost::Message>(message: &M, name: &str) -> serde_json::Value {
    let options = SerializeOptions::new().use_proto_field_name(true).stringify_64_bit_integers(false);
    dynamic(message, name)
        .and_then(|dynamic| dynamic.serialize_with_options(serde_json::value::Serializer, &options).ok())
        .unwrap_or(serde_json::Value::Null)
}

/// The name of a value of one of our enumerations, as files write it.
pub fn enum_name(enumeration: &str, value: i32) -> String {
    POOL.get_enum_by_name(&format!("rogatory.v1.{enumeration}"))
        .and_then(|found| found.get_value(value).map(|value| value.name().to_owned()))
        .unwrap_or_else(|| value.to_string())
}

/// The value of a name.
pub fn enum_value(enumeration: &str, name: &str) -> Option<i32> {
    POOL.get_enum_by_name(&format!("rogatory.v1.{enumeration}"))?
        .get_value_by_name(name)
        .map(|value| value.number())
}

/// The names of an enumeration, without its zero.
pub fn enum_names(enumeration: &str) -> Vec<String> {
    POOL.get_enum_by_name(&format!("rogatory.v1.{enumeration}"))
        .map(|found| found.values().filter(|v| v.number() != 0).map(|v| v.name().to_owned()).collect())
        .unwrap_or_default()
}
