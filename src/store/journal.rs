//! The journal: an append-only sequence of groups, synced before anybody is answered.
//!
//! A segment is a heading of 32 bytes and then frames. A frame is length (u32), CRC-32 of
//! the body (u32), group number (u64), all big-endian, then the body. A group never spans
//! two segments. Segments are never truncated, except for an invalid tail beyond the
//! newest signed checkpoint.

use super::content::{Retired, StoredContent, StoredWrap};
use super::files::{folder_of, private_folder, sync_folder};
use super::{StoreError, files};
use prost::Message;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

mod append;

/// A segment is closed when it has grown to this many bytes.
pub const SEGMENT: u64 = 256 << 20;
/// A body longer than this is damage.
pub const BODY: u32 = 64 << 20;

const MAGIC: &[u8; 24] = b"rogatory journal v1\n\0\0\0\0";
/// Bytes before the first frame of a segment.
pub const HEADING: u64 = 32;
const FRAME: usize = 16;

/// Where bytes lie in the journal.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Location {
    /// Segment number.
    #[prost(uint64, tag = "1")]
    pub segment: u64,
    /// Offset in the segment.
    #[prost(uint64, tag = "2")]
    pub offset: u64,
    /// Length, bytes.
    #[prost(uint32, tag = "3")]
    pub length: u32,
}

/// An entry as a group holds it.
#[derive(Clone, PartialEq, Message)]
pub struct StoredEntry {
    /// Leaf bytes.
    #[prost(bytes = "vec", tag = "1")]
    pub leaf: Vec<u8>,
    /// Evidence objects.
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub objects: Vec<Vec<u8>>,
}

/// One thing in a group.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// An entry of the ledger.
    Entry(StoredEntry),
    /// Sealed content under its key.
    Content(Vec<u8>, StoredContent),
    /// What replaces the wrap of the content under a key.
    Wrap(Vec<u8>, StoredWrap),
    /// A bucket, by name, whose epoch key is destroyed once this is durable.
    Retired(Vec<u8>, Retired),
}

/// What the log amounts to after a group.
#[derive(Clone, PartialEq, Message)]
pub struct GroupEnd {
    /// Entries in the log.
    #[prost(uint64, tag = "1")]
    pub size: u64,
    /// Root of the tree.
    #[prost(bytes = "vec", tag = "2")]
    pub root: Vec<u8>,
    /// Time of the last entry, milliseconds.
    #[prost(uint64, tag = "3")]
    pub at: u64,
}

/// A group with the place of each of its records.
#[derive(Debug, Clone)]
pub struct Group {
    /// Number, from 1 without gaps.
    pub number: u64,
    /// The records and where each lies.
    pub records: Vec<(Record, Location)>,
    /// What the log amounts to after it.
    pub end: GroupEnd,
    /// Where the next frame begins.
    pub next: (u64, u64),
}

const ENTRY: u8 = 1;
const CONTENT: u8 = 2;
const END: u8 = 3;
const WRAP: u8 = 4;
const RETIRED: u8 = 5;

/// Whether records with this tag lie under a key.
fn has_key(tag: u8) -> bool {
    matches!(tag, CONTENT | WRAP | RETIRED)
}

/// Lays out the body of a group; `locations` are relative to the body.
pub(crate) fn encode(records: &[Record], end: &GroupEnd) -> (Vec<u8>, Vec<(usize, u32)>) {
    let mut body = Vec::with_capacity(1024 * records.len());
    let mut places = Vec::with_capacity(records.len());
    for record in records {
        let (tag, key, message): (u8, &[u8], Vec<u8>) = match record {
            Record::Entry(entry) => (ENTRY, &[], entry.encode_to_vec()),
            Record::Content(key, content) => (CONTENT, key, content.encode_to_vec()),
            Record::Wrap(key, wrap) => (WRAP, key, wrap.encode_to_vec()),
            Record::Retired(bucket, retired) => (RETIRED, bucket, retired.encode_to_vec()),
        };
        body.push(tag);
        if has_key(tag) {
            body.push(key.len() as u8);
            body.extend_from_slice(key);
        }
        body.extend_from_slice(&(message.len() as u32).to_be_bytes());
        places.push((body.len(), message.len() as u32));
        body.extend_from_slice(&message);
    }
    let end = end.encode_to_vec();
    body.push(END);
    body.extend_from_slice(&(end.len() as u32).to_be_bytes());
    body.extend_from_slice(&end);
    (body, places)
}

/// Reads the body of a group that lies at this place; none where it is no group.
pub(crate) fn decode(number: u64, segment: u64, at: u64, body: &[u8]) -> Option<Group> {
    let mut records = Vec::new();
    let mut rest = body;
    fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
        let (head, tail) = rest.split_at_checked(count)?;
        *rest = tail;
        Some(head)
    }
    loop {
        let tag = take(&mut rest, 1)?[0];
        let key = match has_key(tag) {
            true => {
                let length = take(&mut rest, 1)?[0];
                take(&mut rest, usize::from(length))?.to_vec()
            }
            false => Vec::new(),
        };
        let length = u32::from_be_bytes(take(&mut rest, 4)?.try_into().ok()?);
        let offset = at + FRAME as u64 + (body.len() - rest.len()) as u64;
        let message = take(&mut rest, length as usize)?;
        let location = Location { segment, offset, length };
        match tag {
            ENTRY => records.push((Record::Entry(StoredEntry::decode(message).ok()?), location)),
            CONTENT => records.push((Record::Content(key, Message::decode(message).ok()?), location)),
            WRAP => records.push((Record::Wrap(key, Message::decode(message).ok()?), location)),
            RETIRED => records.push((Record::Retired(key, Message::decode(message).ok()?), location)),
            END if rest.is_empty() => {
                let end = GroupEnd::decode(message).ok()?;
                let next = (segment, at + (FRAME + body.len()) as u64);
                return Some(Group { number, records, end, next });
            }
            _ => return None,
        }
    }
}

/// Appends groups.
pub struct Journal {
    folder: PathBuf,
    file: File,
    segment: u64,
    length: u64,
    next_group: u64,
}

impl Journal {
    /// Begins a journal in an empty data directory.
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        private_folder(folder)?;
        sync_folder(folder_of(folder))?;
        let file = new_segment(folder, 1)?;
        Ok(Self { folder: folder.to_owned(), file, segment: 1, length: HEADING, next_group: 1 })
    }

    /// Goes on after the group that ends at `next`; whatever lies behind was found invalid
    /// and beyond the newest checkpoint, and is cut off.
    pub fn resume(folder: &Path, next: (u64, u64), next_group: u64) -> Result<Self, StoreError> {
        let path = segment_path(folder, next.0);
        let file = OpenOptions::new()
            .append(true)
            .read(true)
            .open(&path)
            .map_err(StoreError::io("cannot open", &path))?;
        let length = file.metadata().map_err(StoreError::io("cannot read", &path))?.len();
        if length > next.1 {
            file.set_len(next.1)
                .and_then(|()| file.sync_all())
                .map_err(StoreError::io("cannot cut", &path))?;
        }
        Ok(Self { folder: folder.to_owned(), file, segment: next.0, length: next.1, next_group })
    }
}

fn checksum(number: u64, body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&number.to_be_bytes());
    hasher.update(body);
    hasher.finalize()
}

fn new_segment(folder: &Path, number: u64) -> Result<File, StoreError> {
    let path = segment_path(folder, number);
    // A crash may have left a segment that no group was synced to; it is begun again.
    match std::fs::metadata(&path) {
        Ok(found) if found.len() > HEADING => {
            return Err(StoreError::Damaged(format!("{} is there already", path.display())));
        }
        Ok(_) => std::fs::remove_file(&path).map_err(StoreError::io("cannot remove", &path))?,
        Err(_) => {}
    }
    files::write_new(&path, &[MAGIC.as_slice(), &number.to_be_bytes()].concat())?;
    OpenOptions::new().append(true).read(true).open(&path).map_err(StoreError::io("cannot open", &path))
}

/// File of a segment.
pub fn segment_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:016}.journal"))
}

/// Whether the journal goes as far as this place.
pub fn reaches(folder: &Path, at: (u64, u64)) -> bool {
    std::fs::metadata(segment_path(folder, at.0)).is_ok_and(|found| found.len() >= at.1)
}

/// Reads the bytes at a location.
pub fn read_at(folder: &Path, location: Location) -> Result<Vec<u8>, StoreError> {
    let path = segment_path(folder, location.segment);
    let file = File::open(&path).map_err(StoreError::io("cannot open", &path))?;
    let mut bytes = vec![0; location.length as usize];
    file.read_exact_at(&mut bytes, location.offset).map_err(StoreError::io("cannot read", &path))?;
    Ok(bytes)
}

/// Reads groups in order, without ever writing.
pub struct Scan {
    folder: PathBuf,
    reader: BufReader<File>,
    segment: u64,
    at: u64,
    number: u64,
}

/// What a scan met.
#[derive(Debug)]
pub enum Next {
    /// A sound group.
    Group(Box<Group>),
    /// The end.
    End,
    /// Bytes that are no group, with nothing but their like until the end of the journal.
    InvalidTail,
    /// Bytes that are no group, and sound groups after them.
    Damage(String),
}

impl Scan {
    /// From the beginning.
    pub fn begin(folder: &Path) -> Result<Self, StoreError> {
        Self::from(folder, (1, HEADING), 1)
    }

    /// From where the group before `number` ended.
    pub fn from(folder: &Path, at: (u64, u64), number: u64) -> Result<Self, StoreError> {
        let path = segment_path(folder, at.0);
        let mut reader = open_segment(&path, at.0)?;
        let behind = at.1.checked_sub(HEADING).and_then(|behind| i64::try_from(behind).ok());
        let behind = behind.ok_or_else(|| StoreError::Index("its head names no place of a group".into()))?;
        reader.seek_relative(behind).map_err(StoreError::io("cannot read", &path))?;
        Ok(Self { folder: folder.to_owned(), reader, segment: at.0, at: at.1, number })
    }

    /// Where the next frame begins.
    pub fn position(&self) -> (u64, u64) {
        (self.segment, self.at)
    }

    /// Number that the next group must have.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The next group.
    pub fn next_group(&mut self) -> Result<Next, StoreError> {
        let path = segment_path(&self.folder, self.segment);
        let length = std::fs::metadata(&path).map_err(StoreError::io("cannot read", &path))?.len();
        if length < self.at {
            return Ok(Next::Damage(format!("segment {} ends before byte {}", self.segment, self.at)));
        }
        if length == self.at {
            let following = segment_path(&self.folder, self.segment + 1);
            return match std::fs::metadata(&following) {
                Ok(found) if found.len() > HEADING => {
                    self.segment += 1;
                    self.at = HEADING;
                    self.reader = open_segment(&following, self.segment)?;
                    self.next_group()
                }
                _ => Ok(Next::End),
            };
        }
        match self.frame(length)? {
            Some(group) => {
                self.at = group.next.1;
                self.number += 1;
                Ok(Next::Group(Box::new(group)))
            }
            None => self.judge_tail(length),
        }
    }

    fn frame(&mut self, length: u64) -> Result<Option<Group>, StoreError> {
        let path = segment_path(&self.folder, self.segment);
        let mut head = [0; FRAME];
        if length - self.at < FRAME as u64 {
            return Ok(None);
        }
        self.reader.read_exact(&mut head).map_err(StoreError::io("cannot read", &path))?;
        let (size, sum, number) = split_head(&head);
        if number != self.number || size > BODY || u64::from(size) > length - self.at - FRAME as u64 {
            return Ok(None);
        }
        let mut body = vec![0; size as usize];
        self.reader.read_exact(&mut body).map_err(StoreError::io("cannot read", &path))?;
        if checksum(number, &body) != sum {
            return Ok(None);
        }
        Ok(decode(number, self.segment, self.at, &body))
    }

    /// A torn tail has no sound group after it; damage in the middle has.
    fn judge_tail(&self, length: u64) -> Result<Next, StoreError> {
        let following = segment_path(&self.folder, self.segment + 1);
        if std::fs::metadata(&following).is_ok_and(|found| found.len() > HEADING) {
            return Ok(Next::Damage(format!("segment {} at byte {}", self.segment, self.at)));
        }
        if length > SEGMENT {
            return Ok(Next::Damage(format!("segment {} is longer than a segment gets", self.segment)));
        }
        let path = segment_path(&self.folder, self.segment);
        let file = File::open(&path).map_err(StoreError::io("cannot open", &path))?;
        let mut tail = vec![0; (length - self.at) as usize];
        file.read_exact_at(&mut tail, self.at).map_err(StoreError::io("cannot read", &path))?;
        let sound_later = (1..tail.len().saturating_sub(FRAME)).any(|at| {
            let head: &[u8; FRAME] = tail[at..at + FRAME].try_into().expect("a slice of that length");
            let (size, sum, number) = split_head(head);
            number > self.number
                && number < self.number + (1 << 20)
                && tail
                    .get(at + FRAME..at + FRAME + size as usize)
                    .is_some_and(|body| checksum(number, body) == sum)
        });
        Ok(match sound_later {
            true => Next::Damage(format!("segment {} at byte {}", self.segment, self.at)),
            false => Next::InvalidTail,
        })
    }
}

fn split_head(head: &[u8; FRAME]) -> (u32, u32, u64) {
    let word = |at: usize| u32::from_be_bytes(head[at..at + 4].try_into().expect("four bytes"));
    (word(0), word(4), u64::from_be_bytes(head[8..].try_into().expect("eight bytes")))
}

fn open_segment(path: &Path, number: u64) -> Result<BufReader<File>, StoreError> {
    let file = File::open(path).map_err(StoreError::io("cannot open", path))?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut heading = [0; HEADING as usize];
    let sound = reader.read_exact(&mut heading).is_ok()
        && heading.starts_with(MAGIC)
        && heading.ends_with(&number.to_be_bytes());
    sound.then_some(reader).ok_or_else(|| StoreError::Damaged(format!("{} has no heading", path.display())))
}
