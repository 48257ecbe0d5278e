//! Packs: the plaintext of an increment, item by item.

use super::sealed::{Reader, Writer};
use super::{ArchiveError, damaged};
use crate::crypto::LEN;
use crate::crypto::hash::Digest;
use crate::store::content::StoredContent;
use crate::store::journal::{self, BODY, Group, GroupEnd, Record, StoredEntry};
use prost::Message;

const GROUP: u8 = 1;
const OBJECT: u8 = 2;
const FILE: u8 = 3;
const END: u8 = 0;

/// A group of the journal, but for its place there.
#[derive(Debug, Clone, PartialEq)]
pub struct PackedGroup {
    /// Number.
    pub number: u64,
    /// Records, in order, of whatever kind.
    pub records: Vec<Record>,
    /// What the log amounts to after it.
    pub end: GroupEnd,
}

/// A small file of the data directory.
#[derive(Clone, PartialEq, Message)]
pub struct PackedFile {
    /// Its name there.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its bytes.
    #[prost(bytes = "vec", tag = "2")]
    pub bytes: Vec<u8>,
}

/// What comes next in a pack.
pub enum Item {
    /// A group.
    Group(PackedGroup),
    /// An object file; its bytes follow and must be read.
    Object(Digest, u64),
    /// A small file.
    File(PackedFile),
    /// Nothing more.
    End,
}

impl PackedGroup {
    /// The entries.
    pub fn entries(&self) -> impl Iterator<Item = &StoredEntry> {
        self.records.iter().filter_map(|record| match record {
            Record::Entry(entry) => Some(entry),
            _ => None,
        })
    }

    /// The contents under their keys.
    pub fn contents(&self) -> impl Iterator<Item = (&[u8], &StoredContent)> {
        self.records.iter().filter_map(|record| match record {
            Record::Content(key, content) => Some((key.as_slice(), content)),
            _ => None,
        })
    }
}

impl From<Group> for PackedGroup {
    fn from(group: Group) -> Self {
        let records = group.records.into_iter().map(|(record, _)| record).collect();
        Self { number: group.number, records, end: group.end }
    }
}

/// Whose content a record is or is about: its key.
pub fn content_key(record: &Record) -> Option<&[u8]> {
    match record {
        Record::Entry(_) | Record::Retired(..) => None,
        Record::Content(key, _) | Record::Wrap(key, _) => Some(key),
    }
}

/// The bucket under which the content of a key lies from this record on.
pub fn bucket(record: &Record) -> Option<(&[u8], &str)> {
    match record {
        Record::Entry(_) | Record::Retired(..) => None,
        Record::Content(key, content) => Some((key, &content.bucket)),
        // Empty: the content was erased.
        Record::Wrap(key, wrap) => (!wrap.bucket.is_empty()).then_some((key, &wrap.bucket)),
    }
}

fn put(writer: &mut Writer, kind: u8, message: &impl Message) -> Result<(), ArchiveError> {
    let bytes = message.encode_to_vec();
    writer.write(&[kind])?;
    writer.write(&(bytes.len() as u32).to_be_bytes())?;
    writer.write(&bytes)
}

/// Adds a group, as the journal lays it out.
pub fn put_group(writer: &mut Writer, group: &PackedGroup) -> Result<(), ArchiveError> {
    let (body, _) = journal::encode(&group.records, &group.end);
    writer.write(&[GROUP])?;
    writer.write(&group.number.to_be_bytes())?;
    writer.write(&(body.len() as u32).to_be_bytes())?;
    writer.write(&body)
}

/// Adds a small file.
pub fn put_file(writer: &mut Writer, file: &PackedFile) -> Result<(), ArchiveError> {
    put(writer, FILE, file)
}

/// Begins an object; `length` bytes must follow.
pub fn begin_object(writer: &mut Writer, root: &Digest, length: u64) -> Result<(), ArchiveError> {
    writer.write(&[OBJECT])?;
    writer.write(root)?;
    writer.write(&length.to_be_bytes())
}

/// Ends the pack.
pub fn put_end(writer: &mut Writer) -> Result<(), ArchiveError> {
    writer.write(&[END])
}

/// The next item.
pub fn next(reader: &mut Reader) -> Result<Item, ArchiveError> {
    let mut kind = [0];
    reader.read(&mut kind)?;
    match kind[0] {
        END => Ok(Item::End),
        GROUP => group(reader).map(Item::Group),
        FILE => message(reader).map(Item::File),
        OBJECT => {
            let (mut root, mut length) = ([0; LEN], [0; 8]);
            reader.read(&mut root)?;
            reader.read(&mut length)?;
            Ok(Item::Object(root, u64::from_be_bytes(length)))
        }
        _ => Err(damaged(reader.path(), "it holds something unknown")),
    }
}

fn group(reader: &mut Reader) -> Result<PackedGroup, ArchiveError> {
    let mut number = [0; 8];
    reader.read(&mut number)?;
    let (number, body) = (u64::from_be_bytes(number), bytes(reader)?);
    let group = journal::decode(number, 0, 0, &body);
    group.map(PackedGroup::from).ok_or_else(|| damaged(reader.path(), format!("group {number} is malformed")))
}

fn message<M: Message + Default>(reader: &mut Reader) -> Result<M, ArchiveError> {
    let bytes = bytes(reader)?;
    M::decode(bytes.as_slice()).map_err(|error| damaged(reader.path(), error.to_string()))
}

/// Bytes behind their length, bounded.
fn bytes(reader: &mut Reader) -> Result<Vec<u8>, ArchiveError> {
    let mut length = [0; 4];
    reader.read(&mut length)?;
    match u32::from_be_bytes(length) {
        length if length <= BODY => reader.take(length as usize),
        _ => Err(damaged(reader.path(), "an item is too long")),
    }
}
