//! Request files: TOML or JSON as people write them, by the protobuf JSON mapping, with
//! unknown keys refused.

use super::mapping::{POOL, UNKNOWN, bytes_to_json, descriptor, from_json, strict};
use crate::format::id::PacketId;
use crate::format::limits;
use crate::format::wire::{Request, RequestFile};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message as _;
use prost_reflect::DynamicMessage;

/// Keys whose values are ids of packets; the mapping reads the second as the first.
const IDS: [&str; 3] = ["linked_packets", "linkedPackets", "packets"];

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

/// How a request file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For writing by hand.
    Toml,
    /// For exchange with case systems.
    Json,
    /// The serialized `RequestFile`.
    Protobuf,
}

/// A request file that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// What is known of it here.
    pub file: RequestFile,
    /// All of it: the serialized `RequestFile`, with fields that are not known here.
    bytes: Vec<u8>,
    /// Of that, the serialized `Request`.
    pub request: Vec<u8>,
}

/// Reads a request file; JSON where it begins with `{`, else TOML.
pub fn read(text: &str) -> Result<RequestFile, FileError> {
    Ok(Written::read(text)?.file)
}

impl Form {
    /// The form of what somebody wrote: JSON where it begins with `{`, else TOML.
    pub fn of(text: &str) -> Self {
        if text.trim_start().starts_with('{') { Self::Json } else { Self::Toml }
    }
}

impl Written {
    /// Reads a request file; JSON where it begins with `{`, else TOML.
    pub fn read(text: &str) -> Result<Self, FileError> {
        if text.len() as u64 > limits::REQUEST_FILE {
            return Err(FileError::TooLong);
        }
        let form = |error: serde_json::Error| FileError::Form(error.to_string());
        let message = match Form::of(text) {
            // What is not known here has a key of its own, which the mapping does not know.
            _ if text.contains(UNKNOWN) || names_ids(text) => from_json(value(text)?, "RequestFile")?,
            Form::Json => {
                let mut json = serde_json::Deserializer::from_str(text);
                DynamicMessage::deserialize_with_options(descriptor("RequestFile"), &mut json, &strict())
                    .and_then(|read| json.end().map(|()| read))
                    .map_err(form)?
            }
            _ => {
                let toml =
                    toml::Deserializer::parse(text).map_err(|error| FileError::Form(error.to_string()))?;
                DynamicMessage::deserialize_with_options(descriptor("RequestFile"), toml, &strict())
                    .map_err(|error| located(text, &error))?
            }
        };
        Self::from_protobuf(&message.encode_to_vec())
    }

    /// Reads a serialized `RequestFile`.
    pub fn from_protobuf(bytes: &[u8]) -> Result<Self, FileError> {
        if bytes.len() as u64 > limits::REQUEST_FILE {
            return Err(FileError::TooLong);
        }
        let form = |error: prost::DecodeError| FileError::Form(format!("it is no request file: {error}"));
        let file = RequestFile::decode(bytes).map_err(form)?;
        // The mapping reads a message that comes twice as one; so does this.
        let message = DynamicMessage::decode(descriptor("RequestFile"), bytes).map_err(form)?;
        let request = message.get_field_by_name("request");
        let request = request.as_deref().and_then(|request| request.as_message());
        let request = request.map(DynamicMessage::encode_to_vec).unwrap_or_default();
        Ok(Self { file, bytes: bytes.to_vec(), request })
    }

    /// Names an earlier packet of another case that the request follows.
    pub fn follow(&mut self, packet: PacketId) {
        let linked_packets = vec![packet.bytes().to_vec()];
        // Lists of a message that comes in pieces are joined.
        let more = Request { linked_packets: linked_packets.clone(), ..Request::default() };
        self.request.extend(more.encode_to_vec());
        let whole = RequestFile { request: Some(more), ..RequestFile::default() };
        self.bytes.extend(whole.encode_to_vec());
        self.file.request.get_or_insert_default().linked_packets.extend(linked_packets);
    }

    /// Writes it in another form, with nothing lost.
    pub fn write(&self, form: Form) -> Result<Vec<u8>, FileError> {
        let failed = |error: String| FileError::Form(error);
        let json = || bytes_to_json(&self.bytes, "RequestFile");
        match form {
            Form::Protobuf => Ok(self.bytes.clone()),
            Form::Json => {
                let mut text = serde_json::to_vec_pretty(&json()?).map_err(|e| failed(e.to_string()))?;
                text.push(b'\n');
                Ok(text)
            }
            Form::Toml => {
                toml::to_string_pretty(&json()?).map(String::into_bytes).map_err(|e| failed(e.to_string()))
            }
        }
    }
}

/// A file of either form as a value.
fn value(text: &str) -> Result<serde_json::Value, FileError> {
    let mut value = match Form::of(text) {
        Form::Json => serde_json::from_str(text).map_err(|error| FileError::Form(error.to_string())),
        _ => toml::from_str(text).map_err(|error| FileError::Form(error.to_string())),
    }?;
    ids_as_bytes(&mut value, false)?;
    Ok(value)
}

/// Whether one of the keys of packet ids stands in a file, as a key.
fn names_ids(text: &str) -> bool {
    IDS.iter().any(|key| {
        let behind = |at: usize| text[at + key.len()..].trim_start_matches(['"', '\'', ' ', '\t']);
        text.match_indices(key).any(|(at, _)| behind(at).starts_with(['=', ':']))
    })
}

/// Packet ids may be written as they are shown everywhere else; the mapping wants base64, and takes
/// what is neither for base64 of another alphabet.
fn ids_as_bytes(value: &mut serde_json::Value, of_ids: bool) -> Result<(), FileError> {
    match value {
        serde_json::Value::Object(keys) => {
            keys.iter_mut().try_for_each(|(key, inner)| ids_as_bytes(inner, IDS.contains(&key.as_str())))
        }
        serde_json::Value::Array(items) => items.iter_mut().try_for_each(|item| ids_as_bytes(item, of_ids)),
        serde_json::Value::String(text) if of_ids => {
            let bytes = || STANDARD.decode(text.as_str()).ok();
            let id = text.parse().ok().or_else(|| PacketId::from_bytes(&bytes()?).ok());
            let why = || format!("{text:?} is no packet id");
            let id: PacketId = id.ok_or_else(|| FileError::Field { field: "packets", why: why() })?;
            *text = STANDARD.encode(id.bytes());
            Ok(())
        }
        _ => Ok(()),
    }
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

/// Any message of ours as JSON, by the protobuf mapping with the proto's field names.
pub fn to_json<M: prost::Message>(message: &M, name: &str) -> serde_json::Value {
    bytes_to_json(&message.encode_to_vec(), name).unwrap_or(serde_json::Value::Null)
}

/// A serialized request as a file of its own, `request.json`, with what is not known here.
pub fn request_json(body: &[u8]) -> Result<Vec<u8>, FileError> {
    bytes_to_json(body, "Request").map(|json| format!("{json:#}").into_bytes())
}

/// Any message of ours, to be walked field by field.
pub fn reflected<M: prost::Message>(message: &M, name: &str) -> DynamicMessage {
    DynamicMessage::decode(descriptor(name), message.encode_to_vec().as_slice())
        .expect("what a message of ours encodes, its descriptor decodes")
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
