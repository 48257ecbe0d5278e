//! A packet whose ciphertext is coming in: every chunk is opened as it comes, so that a
//! wrong one is seen at once, and only ciphertext is kept.

use super::checking;
use super::directory::Peer;
use super::{Exchange, ExchangeError};
use crate::crypto::hash::{Digest, Sha256};
use crate::crypto::object::{ContentKey, Opener, SEALED_CHUNK};
use crate::format::evidence::Finding;
use crate::format::limits;
use crate::format::packet::{SCHEMA, SignedHeader};
use crate::format::pairing::Terms;
use crate::format::wire::{Request, Statistics, cause::Code as Cause};
use crate::request::content::{kind, languages, statistics};
use crate::store::content::{StoredContent, StoredObject};
use crate::store::objects::Incoming;
use prost::Message as _;
use std::sync::Arc;

/// A packet whose ciphertext is coming in.
pub struct Receiving {
    sender: Arc<Peer>,
    signed: SignedHeader,
    key: ContentKey,
    done: Vec<Done>,
    current: Option<Current>,
    body: Vec<u8>,
    inline: u64,
}

struct Done {
    stored: StoredObject,
    plain_digest: Digest,
    plain_size: u64,
}

struct Current {
    opener: Opener,
    next_chunk: u64,
    left: u64,
    plain: Sha256,
    plain_size: u64,
    kept: Kept,
}

enum Kept {
    Inline(Vec<u8>),
    File(Incoming),
}

/// Why a chunk was not taken.
#[derive(Debug)]
pub enum ChunkError {
    /// It is not what the header signed; the packet is refused for this object.
    Invalid(u32),
    /// The peer did not keep to the order.
    OutOfOrder,
    /// It could not be kept.
    Store(ExchangeError),
}

/// What a complete packet holds.
pub(super) struct Opened {
    pub content: StoredContent,
    pub statistics: Statistics,
    pub findings: Vec<Finding>,
}

impl Receiving {
    pub(super) fn new(sender: Arc<Peer>, signed: SignedHeader, key: ContentKey) -> Self {
        Self { sender, signed, key, done: Vec::new(), current: None, body: Vec::new(), inline: 0 }
    }

    /// The sender, as it was when its signature was verified.
    pub(super) fn sender(&self) -> &Arc<Peer> {
        &self.sender
    }

    /// The header.
    pub fn signed(&self) -> &SignedHeader {
        &self.signed
    }

    pub(super) fn into_signed(self) -> SignedHeader {
        self.signed
    }

    /// Whether every object came.
    pub fn is_complete(&self) -> bool {
        self.done.len() == self.signed.header.objects.len()
    }

    /// Takes whole ciphertext chunks: objects in order, and chunks in order within them.
    pub fn chunk(
        &mut self,
        exchange: &Exchange,
        object: u32,
        index: u64,
        data: &mut [u8],
    ) -> Result<(), ChunkError> {
        if object as usize != self.done.len()
            || object as usize >= self.signed.header.objects.len()
            || data.is_empty()
        {
            return Err(ChunkError::OutOfOrder);
        }
        if self.current.is_none() {
            self.current = Some(self.begin(exchange, object)?);
        }
        let is_body = object == 0;
        let current = self.current.as_mut().ok_or(ChunkError::OutOfOrder)?;
        if index != current.next_chunk || data.len() as u64 > current.left {
            return Err(ChunkError::OutOfOrder);
        }
        current.left -= data.len() as u64;
        current.next_chunk += data.len().div_ceil(SEALED_CHUNK) as u64;
        match &mut current.kept {
            Kept::Inline(bytes) => bytes.extend_from_slice(data),
            Kept::File(file) => file.write(data).map_err(|error| ChunkError::Store(error.into()))?,
        }
        for chunk in data.chunks_mut(SEALED_CHUNK) {
            let plain = current.opener.open(chunk).map_err(|_| ChunkError::Invalid(object))?;
            current.plain.update(plain);
            current.plain_size += plain.len() as u64;
            if is_body {
                self.body.extend_from_slice(plain);
            }
        }
        match current.left {
            0 => self.end(object),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, exchange: &Exchange, object: u32) -> Result<Current, ChunkError> {
        let sealed = self.signed.header.objects[object as usize].clone();
        let length = sealed.ciphertext_length;
        let small = length <= limits::INLINE && self.inline + length <= limits::INLINE;
        if object == 0 && length > limits::BODY + limits::BODY / 16 {
            return Err(ChunkError::Invalid(object));
        }
        let kept = match small || object == 0 {
            true => Kept::Inline(Vec::with_capacity(length as usize)),
            false => {
                Kept::File(exchange.objects.incoming().map_err(|error| ChunkError::Store(error.into()))?)
            }
        };
        if small {
            self.inline += length;
        }
        let key = self.key.object_key(self.signed.header.id.bytes(), object);
        let opener = Opener::new(&key, sealed).map_err(|_| ChunkError::Invalid(object))?;
        Ok(Current { opener, next_chunk: 0, left: length, plain: Sha256::default(), plain_size: 0, kept })
    }

    fn end(&mut self, object: u32) -> Result<(), ChunkError> {
        let Some(current) = self.current.take() else { return Err(ChunkError::OutOfOrder) };
        current.opener.finish().map_err(|_| ChunkError::Invalid(object))?;
        let stored = match current.kept {
            Kept::Inline(inline) => StoredObject { inline, in_file: false },
            Kept::File(file) => {
                let root = &self.signed.header.objects[object as usize].chunk_root;
                file.place(root).map_err(|error| ChunkError::Store(error.into()))?;
                StoredObject { inline: Vec::new(), in_file: true }
            }
        };
        let (plain_digest, plain_size) = (current.plain.finish(), current.plain_size);
        self.done.push(Done { stored, plain_digest, plain_size });
        Ok(())
    }

    /// Wraps the content key for rest, and checks what the body says.
    pub(super) fn finish(self, exchange: &Exchange) -> Result<(SignedHeader, Opened), ExchangeError> {
        let id = self.signed.header.id;
        let (findings, statistics) = self.check_body(&exchange.taken.terms);
        let objects = self.done.into_iter().map(|done| done.stored).collect();
        let content = exchange.at_rest(id.bytes(), &self.key, None, objects)?;
        Ok((self.signed, Opened { content, statistics, findings }))
    }

    fn check_body(&self, terms: &Terms) -> (Vec<Finding>, Statistics) {
        let finding = |cause, object, field: &[u32]| Finding {
            cause,
            object,
            field: field.to_vec(),
            ..Finding::default()
        };
        let Ok(request) = Request::decode(self.body.as_slice()) else {
            return (vec![finding(Cause::BodyMalformed, 1, &[])], Statistics::default());
        };
        let mut findings = Vec::new();
        if request.schema != SCHEMA {
            findings.push(finding(Cause::BodyInconsistent, 1, &[1]));
        }
        if kind(&request) != Some(self.signed.header.kind) {
            findings.push(finding(Cause::BodyInconsistent, 1, &[100 + self.signed.header.kind as u32]));
        }
        let attachments = &self.done[1..];
        if request.attachments.len() != attachments.len() {
            findings.push(finding(Cause::BodyInconsistent, 1, &[11]));
        }
        for (number, (described, came)) in (2..).zip(request.attachments.iter().zip(attachments)) {
            if described.size != came.plain_size || described.sha256 != came.plain_digest {
                findings.push(finding(Cause::BodyInconsistent, number, &[11]));
            }
        }
        if !terms.takes_one_of(&languages(&request)) {
            findings.push(finding(Cause::LanguageNotTaken, 1, &[5]));
        }
        // What contradicts its header is neither asked about nor counted as what it says that it is.
        let same_kind = kind(&request) == Some(self.signed.header.kind);
        if same_kind {
            findings.extend(checking::findings(&request, self.signed.header.urgency));
        }
        findings.truncate(limits::FINDINGS);
        (findings, if same_kind { statistics(&request) } else { Statistics::default() })
    }
}
