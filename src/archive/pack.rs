//! Packs: the plaintext of an increment, item by item.

use super::sealed::{Reader, Writer};
use super::{ArchiveError, damaged};
use crate::crypto::LEN;
use crate::crypto::hash::Digest;
use crate::store::content::StoredContent;
use crate::store::journal::{BODY, Group, GroupEnd, Record, StoredEntry};
use prost::Message;

const GROUP: u8 = 1;
const OBJECT: u8 = 2;
const FILE: u8 = 3;
const END: u8 = 0;

/// A group or small file longer than this is damage: a group's body, and what its other
/// encoding may add.
const LONGEST: u32 = 2 * BODY;

/// A group of the journal, but for its place there.
#[derive(Clone, PartialEq, Message)]
pub struct PackedGroup {
    /// Number.
    #[prost(uint64, tag = "1")]
    pub number: u64,
    /// Records, in order.
    #[prost(message, repeated, tag = "2")]
    pub records: Vec<PackedRecord>,
    /// What the log amounts to after it.
    #[prost(message, required, tag = "3")]
    pub end: GroupEnd,
}

/// One record: an entry, or content under its key.
#[derive(Clone, PartialEq, Message)]
pub struct PackedRecord {
    /// The entry, where it is one.
    #[prost(message, optional, tag = "1")]
    pub entry: Option<StoredEntry>,
    /// Key of the content.
    #[prost(bytes = "vec", tag = "2")]
    pub key: Vec<u8>,
    /// The content, where it is some.
    #[prost(message, optional, tag = "3")]
    pub content: Option<StoredContent>,
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
    /// A group as the journal holds it.
    pub fn new(group: Group) -> Self {
        let records = group.records.into_iter().map(|(record, _)| match record {
            Record::Entry(entry) => PackedRecord { entry: Some(entry), key: Vec::new(), content: None },
            Record::Content(key, content) => PackedRecord { entry: None, key, content: Some(content) },
        });
        Self { number: group.number, records: records.collect(), end: group.end }
    }

    /// The entries.
    pub fn entries(&self) -> impl Iterator<Item = &StoredEntry> {
        self.records.iter().filter_map(|record| record.entry.as_ref())
    }

    /// The contents under their keys.
    pub fn contents(&self) -> impl Iterator<Item = (&[u8], &StoredContent)> {
        self.records.iter().filter_map(|record| Some((record.key.as_slice(), record.content.as_ref()?)))
    }

    /// The records as a journal takes them.
    pub fn into_records(self) -> impl Iterator<Item = Record> {
        self.records.into_iter().filter_map(|PackedRecord { entry, key, content }| match (entry, content) {
            (Some(entry), _) => Some(Record::Entry(entry)),
            (None, Some(content)) => Some(Record::Content(key, content)),
            (None, None) => None,
        })
    }
}

fn put(writer: &mut Writer, kind: u8, message: &impl Message) -> Result<(), ArchiveError> {
    let bytes = message.encode_to_vec();
    writer.write(&[kind])?;
    writer.write(&(bytes.len() as u32).to_be_bytes())?;
    writer.write(&bytes)
}

/// Adds a group.
pub fn put_group(writer: &mut Writer, group: &PackedGroup) -> Result<(), ArchiveError> {
    put(writer, GROUP, group)
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
        GROUP => message(reader).map(Item::Group),
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

fn message<M: Message + Default>(reader: &mut Reader) -> Result<M, ArchiveError> {
    let mut length = [0; 4];
    reader.read(&mut length)?;
    let length = u32::from_be_bytes(length);
    if length > LONGEST {
        return Err(damaged(reader.path(), "an item is too long"));
    }
    let bytes = reader.take(length as usize)?;
    M::decode(bytes.as_slice()).map_err(|error| damaged(reader.path(), error.to_string()))
}
