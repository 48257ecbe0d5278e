//! Fetching: opening content for an officer. Every opening is an entry before it happens.

use super::actors::Actor;
use super::{Exchange, ExchangeError, durable};
use crate::crypto::object::{ObjectKey, Opener, SEALED_CHUNK, Sealed, open_all};
use crate::format::evidence::{Evidence, Subject};
use crate::format::id::{AuthorityId, PacketId};
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use crate::format::status::Status;
use crate::format::wire::{
    Request, StatusText, cause::Code as Cause, event::Code as Event, leaf::Kind as LeafKind,
    opening_purpose::Code as Purpose,
};
use crate::ledger::records::{self, Direction, PacketRecord};
use crate::store::content::{self, StoredContent, StoredObject};
use crate::store::objects::read_full;
use crate::store::{Committed, Decision, NewEntry, StoreError};
use prost::Message as _;
use std::fs::File;

/// A packet that was opened.
pub struct OpenedPacket {
    /// What the ledger knows of it.
    pub record: PacketRecord,
    /// Its header.
    pub header: SignedHeader,
    /// The body.
    pub request: Request,
    /// Its bytes as they were sealed: fields that are not known here are in them.
    pub body: Vec<u8>,
    direction: Direction,
    peer: AuthorityId,
    stored: StoredContent,
    keys: Vec<ObjectKey>,
}

/// Texts of statuses that are opened at once.
const TEXTS: usize = 64;

/// A status with a sealed text.
pub struct SealedText {
    /// Index of its entry.
    pub index: u64,
    /// Whose it is.
    pub direction: Direction,
    /// The status.
    pub status: Status,
}

/// The plaintext of one attachment, chunk by chunk.
pub struct Plaintext {
    opener: Opener,
    source: Source,
    left: u64,
}

enum Source {
    Inline(Vec<u8>, usize),
    File(File),
}

impl Exchange {
    /// Finds a packet by id, among those received first.
    pub fn find(
        &self,
        id: &PacketId,
        peer: Option<&AuthorityId>,
    ) -> Result<(Direction, PacketRecord), ExchangeError> {
        let snapshot = self.store.snapshot();
        let mut found = Vec::new();
        for candidate in self.directory.all() {
            if peer.is_some_and(|peer| peer != candidate.authority()) {
                continue;
            }
            for direction in [Direction::In, Direction::Out] {
                let key = records::packet(direction, candidate.authority(), id);
                if let Some(record) = records::read::<PacketRecord>(snapshot, &key)? {
                    found.push((direction, record));
                }
            }
        }
        match found.len() {
            0 => Err(ExchangeError::Unknown(format!("packet {id}"))),
            1 => Ok(found.remove(0)),
            _ => Err(ExchangeError::Invalid(format!("several peers use the id {id}: name the peer"))),
        }
    }

    /// Whether a packet was sealed or accepted here, and yet its content never was in this store:
    /// a restore brought its entries back, and nothing else.
    pub fn is_content_lost(&self, record: &PacketRecord) -> Result<bool, ExchangeError> {
        let (peer, id) = (AuthorityId::parse(&record.peer)?, PacketId::from_bytes(&record.id)?);
        let direction = if record.direction == 0 { Direction::In } else { Direction::Out };
        let expected = direction == Direction::Out || record.outcome(Event::RelayAcceptance).is_some();
        Ok(expected && !self.store.snapshot().had_content(&content::key(direction, &peer, &id))?)
    }

    /// Opens a packet's body, after the opening itself was committed, with the code of its
    /// purpose.
    pub async fn open_packet(
        &self,
        id: &PacketId,
        peer: Option<&AuthorityId>,
        actor: Actor,
        purpose: i32,
    ) -> Result<OpenedPacket, ExchangeError> {
        let purpose = known_purpose(purpose)?;
        let (direction, record) = self.find(id, peer)?;
        let snapshot = self.store.snapshot();
        let peer = AuthorityId::parse(&record.peer)?;
        let key = content::key(direction, &peer, id);
        if snapshot.content(&key)?.is_none() {
            if let Some(erased) = self.erased(direction, &peer, id)? {
                return Err(erased);
            }
            return Err(match self.is_content_lost(&record)? {
                true => ExchangeError::Precluded(format!(
                    "the content of packet {id} is not here: a restore brought back its entries alone. It has to be sent again"
                )),
                false => {
                    ExchangeError::Invalid(format!("packet {id} was not accepted: it has no content here"))
                }
            });
        }
        let header = SignedHeader::danger_unverified(snapshot.entry(record.index)?.object(1)?)?;
        let leaf = Leaf {
            actor: Some(actor),
            peer: Some(peer.clone()),
            id: Some(*id),
            case_id: Some(header.header.case_id),
            about: Some(record.index),
            purpose: purpose as u32,
            ..Leaf::new(LeafKind::Opening)
        };
        self.commit_leaf(leaf, Vec::new()).await?;
        let (stored, content_key) = self
            .opened(&key, id.bytes())?
            .ok_or_else(|| ExchangeError::Precluded(format!("packet {id} has just been erased")))?;
        let keys: Vec<ObjectKey> = (0..header.header.objects.len() as u32)
            .map(|number| content_key.object_key(id.bytes(), number))
            .collect();
        let body = self.ciphertext_in_memory(&stored, 0, id)?;
        let plain = open_all(&keys[0], &header.header.objects[0], body)?;
        let request = Request::decode(plain.as_slice())
            .map_err(|_| ExchangeError::Invalid(format!("the body of packet {id} can't be read")))?;
        Ok(OpenedPacket { record, header, request, body: plain, direction, peer, stored, keys })
    }

    /// Records that the content was handed to an officer, once, where it came from a peer.
    pub async fn handed_over(&self, opened: &OpenedPacket) -> Result<Option<Committed<()>>, ExchangeError> {
        if opened.direction != Direction::In || opened.record.outcome(Event::ContentHandover).is_some() {
            return Ok(None);
        }
        let (identity, suite) = (self.identity.clone(), self.suite_to(&opened.peer)?);
        let named = super::submit::named(&opened.header);
        let record_key = records::packet(Direction::In, &opened.peer, &named.id);
        let event = Event::ContentHandover;
        let committed = durable(self.store.commit(move |views, now| {
            let record: PacketRecord = records::read(views, &record_key)?.unwrap_or_default();
            if record.outcome(event).is_some() {
                return Ok(Decision::nothing(false));
            }
            let leaf = Leaf {
                peer: Some(named.sender.clone()),
                id: Some(named.id),
                case_id: Some(named.case_id),
                code: event as u32,
                ..Leaf::new(LeafKind::EvidenceIssued)
            };
            let subject = Subject::Known(named);
            let (issuer, cause) = (identity.authority().clone(), Cause::None);
            let evidence = Evidence { event, issuer, subject, at: now, cause, findings: Vec::new() };
            let evidence = evidence.sign(identity.evidence_in(suite, now)?)?;
            let entries = vec![NewEntry { leaf, objects: vec![evidence.envelope] }];
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: true })
        }))
        .await?;
        let Committed { value, first, count, checkpoint } = committed;
        Ok(value.then_some(Committed { value: (), first, count, checkpoint }))
    }

    /// The plaintext of attachment `number` (from 1).
    pub fn attachment(&self, opened: &OpenedPacket, number: usize) -> Result<Plaintext, ExchangeError> {
        let missing = || ExchangeError::Unknown(format!("attachment {number}"));
        let sealed: &Sealed = opened.header.header.objects.get(number).ok_or_else(missing)?;
        let stored: &StoredObject = opened.stored.objects.get(number).ok_or_else(missing)?;
        let source = match stored.in_file {
            true => Source::File(self.objects.read(&sealed.chunk_root)?),
            false => Source::Inline(stored.inline.clone(), 0),
        };
        let opener = Opener::new(&opened.keys[number], sealed.clone())?;
        Ok(Plaintext { opener, source, left: sealed.ciphertext_length })
    }

    /// Whether the sealed text of a status is here. It is not opened.
    pub fn has_text(&self, direction: Direction, status: &Status) -> Result<bool, ExchangeError> {
        let key = content::key(direction, other(direction, status), &status.id);
        Ok(status.text.is_some() && self.store.snapshot().content(&key)?.is_some())
    }

    /// Opens sealed texts of statuses for an officer, after an opening of each was committed, all
    /// in one group. None in the place of a text that was erased meanwhile.
    pub async fn open_texts(
        &self,
        texts: &[SealedText],
        actor: Actor,
        purpose: i32,
    ) -> Result<Vec<Option<StatusText>>, ExchangeError> {
        let purpose = known_purpose(purpose)?;
        if texts.len() > TEXTS {
            return Err(ExchangeError::Invalid(format!(
                "there are {} sealed texts, and {TEXTS} are opened at once at most: name the status",
                texts.len()
            )));
        }
        let opening = |text: &SealedText| Leaf {
            actor: Some(actor),
            peer: Some(other(text.direction, &text.status).clone()),
            id: Some(text.status.id),
            case_id: Some(text.status.case_id),
            about: Some(text.index),
            purpose: purpose as u32,
            ..Leaf::new(LeafKind::Opening)
        };
        let entries =
            texts.iter().map(|text| NewEntry { leaf: opening(text), objects: Vec::new() }).collect();
        if !texts.is_empty() {
            let decision = Decision { entries, contents: Vec::new(), value: () };
            durable(self.store.commit(move |_, _| Ok::<_, ExchangeError>(decision))).await?;
        }
        texts.iter().map(|text| self.danger_text(text.direction, &text.status)).collect()
    }

    pub(super) async fn commit_leaf(
        &self,
        leaf: Leaf,
        objects: Vec<Vec<u8>>,
    ) -> Result<Committed<()>, ExchangeError> {
        durable(self.store.commit(move |_, _| {
            let entries = vec![NewEntry { leaf, objects }];
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
        }))
        .await
    }

    pub(super) fn ciphertext_in_memory(
        &self,
        stored: &StoredContent,
        number: usize,
        id: &PacketId,
    ) -> Result<Vec<u8>, ExchangeError> {
        stored
            .objects
            .get(number)
            .filter(|object| !object.in_file)
            .map(|object| object.inline.clone())
            .ok_or_else(|| StoreError::ContentMissing(id.to_string()).into())
    }
}

/// Nothing is opened without a purpose. Entries of before may say none.
pub(super) fn known_purpose(code: i32) -> Result<Purpose, ExchangeError> {
    match Purpose::try_from(code) {
        Ok(Purpose::NotSaid) => {
            Err(ExchangeError::Invalid("what is it opened for? Content is opened for a purpose".into()))
        }
        Ok(purpose) => Ok(purpose),
        Err(_) => Err(ExchangeError::Invalid(format!("there is no purpose {code}"))),
    }
}

/// The other side of a status.
pub(super) fn other(direction: Direction, status: &Status) -> &AuthorityId {
    if direction == Direction::Out { &status.peer } else { &status.author }
}

impl Plaintext {
    /// The next chunk; none after the last, when all of it agreed with the signed header.
    pub fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, ExchangeError> {
        if self.left == 0 {
            return Ok(None);
        }
        let length = self.left.min(SEALED_CHUNK as u64) as usize;
        let mut chunk = vec![0; length];
        match &mut self.source {
            Source::Inline(bytes, at) => {
                let from = bytes.get(*at..*at + length).ok_or(crate::crypto::CryptoError::Object)?;
                chunk.copy_from_slice(from);
                *at += length;
            }
            Source::File(file) => {
                let read = read_full(file, &mut chunk);
                if !read.is_ok_and(|count| count == length) {
                    return Err(crate::crypto::CryptoError::Object.into());
                }
            }
        }
        self.left -= length as u64;
        let plain = self.opener.open(&mut chunk)?.len();
        chunk.truncate(plain);
        Ok(Some(chunk))
    }

    /// Agrees only if every chunk was read and all of it is what the header signed.
    pub fn finish(self) -> Result<(), ExchangeError> {
        Ok(self.opener.finish()?)
    }
}
