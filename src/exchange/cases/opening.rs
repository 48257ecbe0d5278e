//! Opening several things of cases at once: one entry each, all in one group, before any is read.

use super::reading::{Known, What};
use crate::crypto::object::open_all;
use crate::exchange::actors::Actor;
use crate::exchange::fetch::{known_purpose, other};
use crate::exchange::{Exchange, ExchangeError, durable};
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use crate::format::status::{SignedStatus, Status};
use crate::format::wire::{Request, StatusText, leaf::Kind as LeafKind};
use crate::ledger::records::Direction;
use crate::request::texts::{Text, texts};
use crate::store::content;
use crate::store::{Decision, NewEntry};
use prost::Message as _;

/// What is opened at once at most.
const TOGETHER: usize = 64;

/// The body of a packet, or the text of a status.
#[derive(Debug, Clone)]
pub struct Target {
    /// Which way it went.
    pub direction: Direction,
    /// The other side.
    pub peer: AuthorityId,
    /// Packet or status.
    pub id: PacketId,
    /// Its case.
    pub case_id: CaseId,
    /// Its entry.
    pub index: u64,
    /// It is a status.
    pub is_status: bool,
}

/// What was opened.
#[derive(Debug)]
pub enum Opened {
    /// The body of a packet.
    Body(Box<Request>),
    /// The text of a status.
    Text(StatusText),
}

impl Target {
    /// What is known of it says where it is.
    pub fn of(known: &Known) -> Self {
        Self {
            direction: known.direction,
            peer: known.peer.clone(),
            id: known.id,
            case_id: known.case_id,
            index: known.index,
            is_status: matches!(known.what, What::Status(_)),
        }
    }
}

impl Opened {
    /// Everything that there is to read in it.
    pub fn texts(&self) -> Vec<Text> {
        match self {
            Self::Body(body) => texts(body),
            Self::Text(text) => [("national_reference", &text.national_reference), ("text", &text.text)]
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(field, text)| Text { field: field.into(), text: text.clone() })
                .collect(),
        }
    }
}

impl Exchange {
    /// Packets of a case and statuses with a text, in the order of the log. Blocks.
    pub fn targets(&self, peer: &AuthorityId, case_id: &CaseId) -> Result<Vec<Target>, ExchangeError> {
        let index = self.reading.caught_up(self)?;
        let here = |known: &&Known| {
            self.store.snapshot().content(&known.content_key()).map(|content| content.is_some())
        };
        let mut targets = Vec::new();
        for known in index.case(peer, case_id) {
            if here(&known)? {
                targets.push(Target::of(known));
            }
        }
        Ok(targets)
    }

    /// Opens bodies and texts for an officer, after an opening of each was committed, all in one
    /// group. None in the place of what was erased meanwhile.
    pub async fn open_targets(
        &self,
        targets: &[Target],
        actor: Actor,
        purpose: i32,
    ) -> Result<Vec<Option<Opened>>, ExchangeError> {
        let purpose = known_purpose(purpose)?;
        if targets.len() > TOGETHER {
            return Err(ExchangeError::Invalid(format!(
                "there are {} bodies and texts, and {TOGETHER} are opened at once at most: fetch the packets",
                targets.len()
            )));
        }
        let opening = |target: &Target| Leaf {
            actor: Some(actor),
            peer: Some(target.peer.clone()),
            id: Some(target.id),
            case_id: Some(target.case_id),
            about: Some(target.index),
            purpose: purpose as u32,
            // Of a packet, its body and nothing else.
            object: u32::from(!target.is_status),
            ..Leaf::new(LeafKind::Opening)
        };
        if !targets.is_empty() {
            let entries = targets
                .iter()
                .map(|target| NewEntry { leaf: opening(target), objects: Vec::new() })
                .collect();
            let decision = Decision { entries, contents: Vec::new(), value: () };
            durable(self.store.commit(move |_, _| Ok::<_, ExchangeError>(decision))).await?;
        }
        targets.iter().map(|target| self.danger_opened(target)).collect()
    }

    fn danger_opened(&self, target: &Target) -> Result<Option<Opened>, ExchangeError> {
        let entry = self.store.snapshot().entry(target.index)?;
        if target.is_status {
            let object = entry.object(usize::from(target.direction == Direction::In))?;
            let status = SignedStatus::danger_unverified(object)?.carried.value;
            return Ok(self.danger_text(target.direction, &status)?.map(Opened::Text));
        }
        let header = SignedHeader::danger_unverified(entry.object(1)?)?;
        let body = self.danger_body(target.direction, &target.peer, &header)?;
        Ok(body.map(|body| Opened::Body(Box::new(body))))
    }

    /// The body of a packet, without an entry: for what nobody is shown, and after the opening was
    /// committed. None: it is not here.
    pub fn danger_body(
        &self,
        direction: Direction,
        peer: &AuthorityId,
        signed: &SignedHeader,
    ) -> Result<Option<Request>, ExchangeError> {
        let body = self.danger_body_bytes(direction, peer, signed)?;
        let unread =
            |_| ExchangeError::Invalid(format!("the body of packet {} can't be read", signed.header.id));
        body.map(|body| Request::decode(body.as_slice()).map_err(unread)).transpose()
    }

    /// The same as it came.
    pub fn danger_body_bytes(
        &self,
        direction: Direction,
        peer: &AuthorityId,
        signed: &SignedHeader,
    ) -> Result<Option<Vec<u8>>, ExchangeError> {
        let (id, objects) = (signed.header.id, &signed.header.objects);
        let Some((stored, key)) = self.opened(&content::key(direction, peer, &id), id.bytes())? else {
            return Ok(None);
        };
        let body = self.ciphertext_in_memory(&stored, 0, &id)?;
        Ok(Some(open_all(&key.object_key(id.bytes(), 0), &objects[0], body)?))
    }

    /// The text of a status, likewise.
    pub fn danger_text(
        &self,
        direction: Direction,
        status: &Status,
    ) -> Result<Option<StatusText>, ExchangeError> {
        let Some(text) = &status.text else { return Ok(None) };
        let id = status.id.bytes();
        let key = content::key(direction, other(direction, status), &status.id);
        let Some((stored, key)) = self.opened(&key, id)? else { return Ok(None) };
        let sealed = self.ciphertext_in_memory(&stored, 0, &status.id)?;
        let plain = open_all(&key.object_key(id, 0), &text.object, sealed)?;
        StatusText::decode(plain.as_slice())
            .map(Some)
            .map_err(|_| ExchangeError::Invalid(format!("the text of status {} can't be read", status.id)))
    }
}
