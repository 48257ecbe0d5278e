//! Evidence and deferrals: what a gateway states about transport.

use super::chain::standing::Place;
use super::envelope::{KeySource, PayloadType, Unverified};
use super::id::{AuthorityId, CaseId, PacketId};
use super::suite::Signing;
use super::wire::{self, cause::Code as Cause, event::Code as Event, subject::Type as SubjectType};
use super::{FormatError, Millis, decode, digest, limits, optional_bytes};
use crate::crypto::hash::{Digest, sha256};
use prost::Message as _;

/// What evidence is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A packet or a status that its author signed.
    Known(Named),
    /// Bytes that can't be ascribed to anybody: their SHA-256.
    Unattributed(Digest),
}

/// A packet or a status, as its signed bytes name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Whether it is a status, not a packet.
    pub is_status: bool,
    /// Who signed it.
    pub sender: AuthorityId,
    /// Whom it is for.
    pub recipient: AuthorityId,
    /// Its id.
    pub id: PacketId,
    /// SHA-256 of its signed bytes.
    pub digest: Digest,
    /// Its case.
    pub case_id: CaseId,
}

/// One thing that is wrong with an object or a field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub cause: Cause,
    /// Object number plus one; 0: none in particular.
    pub object: u32,
    /// Field numbers from `Request` downwards.
    pub field: Vec<u32>,
    /// Code of the rule that is not kept, with [`Cause::ContentDeficient`]; else empty.
    pub rule: String,
    /// Code of the instrument or model that the rule is from; empty: of none.
    pub instrument: String,
    /// Article and paragraph there: `18(15)(c)`.
    pub article: String,
    /// Entry of the list that the path leads through, from 1; 0: none in particular.
    pub item: u32,
}

/// A signed statement of a gateway about transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What happened.
    pub event: Event,
    /// Who says so.
    pub issuer: AuthorityId,
    /// About what.
    pub subject: Subject,
    /// When.
    pub at: Millis,
    /// Why it was refused; `None` in good news.
    pub cause: Cause,
    /// What exactly is wrong.
    pub findings: Vec<Finding>,
}

/// "Not now": binds nothing, is not journaled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferral {
    /// Who says so.
    pub issuer: AuthorityId,
    /// About what.
    pub subject: Subject,
    /// When.
    pub at: Millis,
    /// Why.
    pub cause: Cause,
    /// Wait at least, milliseconds.
    pub retry_after: u64,
    /// The sequence number that is wanted first.
    pub wanted_seq: u64,
}

/// A value with the envelope that carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried<T> {
    /// The checked value.
    pub value: T,
    /// The serialized envelope.
    pub envelope: Vec<u8>,
}

impl Event {
    /// Whether the event ends the question whether a packet was accepted.
    pub fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::SubmissionRejection
                | Self::RelayRejection
                | Self::ContentConsignment
                | Self::ContentConsignmentFailure
        )
    }
}

impl Finding {
    /// As a message.
    pub fn encode(&self) -> wire::Finding {
        wire::Finding {
            cause: self.cause.into(),
            object: self.object,
            field: self.field.clone(),
            rule: self.rule.clone(),
            instrument: self.instrument.clone(),
            article: self.article.clone(),
            item: self.item,
        }
    }
}

impl Evidence {
    /// Signs the evidence.
    pub fn sign(self, by: impl Into<Signing>) -> Result<Carried<Self>, FormatError> {
        let by = by.into();
        let payload = wire::Evidence {
            suite: by.suite().number(),
            event: self.event.into(),
            issuer: self.issuer.to_string(),
            subject: Some(encode_subject(&self.subject)),
            at: self.at,
            cause: self.cause.into(),
            findings: self.findings.iter().take(limits::FINDINGS).map(Finding::encode).collect(),
        }
        .encode_to_vec();
        let envelope = by.sign(PayloadType::Evidence, payload)?;
        Ok(Carried { value: self, envelope })
    }

    /// Opens evidence that `issuer`, whose keys these are, signed, and that was found at `place`.
    pub fn open(
        envelope: &[u8],
        issuer: &AuthorityId,
        keys: &dyn KeySource,
        place: Place,
    ) -> Result<Carried<Self>, FormatError> {
        Ok(Carried { value: Self::verified(envelope, issuer, keys, place)?, envelope: envelope.to_vec() })
    }

    /// As [`Evidence::open`], for who has the envelope.
    pub fn verified(
        envelope: &[u8],
        issuer: &AuthorityId,
        keys: &dyn KeySource,
        place: Place,
    ) -> Result<Self, FormatError> {
        let verified = Unverified::parse(PayloadType::Evidence, envelope)?.verify_at(keys, place)?;
        let value = Self::decode(verified.payload)?;
        if value.issuer != *issuer {
            return Err(FormatError::Malformed("issuer"));
        }
        verified.signed_within(value.at, keys)?;
        Ok(value)
    }

    /// Reads evidence that our own store vouches for.
    pub fn danger_unverified(envelope: &[u8]) -> Result<Self, FormatError> {
        Self::decode(Unverified::parse(PayloadType::Evidence, envelope)?.danger_unverified_payload())
    }

    fn decode(payload: &[u8]) -> Result<Self, FormatError> {
        let wire: wire::Evidence = decode(payload, "evidence")?;
        if wire.findings.len() > limits::FINDINGS {
            return Err(FormatError::Malformed("findings"));
        }
        let event = Event::try_from(wire.event).map_err(|_| FormatError::Malformed("event"))?;
        if event == Event::Unspecified {
            return Err(FormatError::Malformed("event"));
        }
        Ok(Self {
            event,
            issuer: AuthorityId::parse(&wire.issuer)?,
            subject: decode_subject(wire.subject)?,
            at: wire.at,
            cause: cause(wire.cause)?,
            findings: wire.findings.into_iter().map(decode_finding).collect::<Result<_, FormatError>>()?,
        })
    }
}

impl Deferral {
    /// Signs the deferral.
    pub fn sign(&self, by: impl Into<Signing>) -> Result<Vec<u8>, FormatError> {
        let by = by.into();
        let payload = wire::Deferral {
            suite: by.suite().number(),
            issuer: self.issuer.to_string(),
            subject: Some(encode_subject(&self.subject)),
            at: self.at,
            cause: self.cause.into(),
            retry_after: self.retry_after,
            wanted_seq: self.wanted_seq,
        }
        .encode_to_vec();
        by.sign(PayloadType::Deferral, payload)
    }

    /// Opens a deferral that `issuer`, whose keys these are, signed.
    pub fn open(envelope: &[u8], issuer: &AuthorityId, keys: &dyn KeySource) -> Result<Self, FormatError> {
        let verified = Unverified::parse(PayloadType::Deferral, envelope)?.verify(keys)?;
        let wire: wire::Deferral = decode(verified.payload, "deferral")?;
        let value = Self {
            issuer: AuthorityId::parse(&wire.issuer)?,
            subject: decode_subject(wire.subject)?,
            at: wire.at,
            cause: cause(wire.cause)?,
            retry_after: wire.retry_after,
            wanted_seq: wire.wanted_seq,
        };
        if value.issuer != *issuer {
            return Err(FormatError::Malformed("issuer"));
        }
        verified.signed_within(value.at, keys)?;
        Ok(value)
    }
}

/// SHA-256 of an evidence object as leaves name it: of the whole serialized envelope.
pub fn object_digest(envelope: &[u8]) -> Digest {
    sha256(envelope)
}

fn cause(raw: i32) -> Result<Cause, FormatError> {
    Cause::try_from(raw).map_err(|_| FormatError::Malformed("cause"))
}

fn decode_finding(wire: wire::Finding) -> Result<Finding, FormatError> {
    let wire::Finding { object, field, rule, instrument, article, item, .. } = wire;
    let code = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let paragraph = |byte: u8| code(byte) && byte != b'_' || matches!(byte, b'(' | b')');
    if !(of(&rule, limits::CODE, code) && of(&instrument, limits::CODE, code)) {
        return Err(FormatError::Malformed("code in a finding"));
    }
    if !of(&article, limits::ARTICLE, paragraph) {
        return Err(FormatError::Malformed("article in a finding"));
    }
    Ok(Finding { cause: cause(wire.cause)?, object, field, rule, instrument, article, item })
}

/// Whether a text is as long at most, and of these letters: evidence carries no words.
fn of(text: &str, most: usize, letter: impl Fn(u8) -> bool) -> bool {
    text.len() <= most && text.bytes().all(letter)
}

fn encode_subject(subject: &Subject) -> wire::Subject {
    match subject {
        Subject::Known(named) => wire::Subject {
            r#type: if named.is_status { SubjectType::Status } else { SubjectType::Packet }.into(),
            sender: named.sender.to_string(),
            recipient: named.recipient.to_string(),
            id: optional_bytes(&Some(named.id)),
            digest: named.digest.to_vec(),
            case_id: optional_bytes(&Some(named.case_id)),
        },
        Subject::Unattributed(digest) => wire::Subject {
            r#type: SubjectType::Unattributed.into(),
            digest: digest.to_vec(),
            ..wire::Subject::default()
        },
    }
}

fn decode_subject(wire: Option<wire::Subject>) -> Result<Subject, FormatError> {
    let wire = wire.ok_or(FormatError::Malformed("subject"))?;
    let digest = digest(&wire.digest, "subject digest")?;
    let kind = SubjectType::try_from(wire.r#type).map_err(|_| FormatError::Malformed("subject type"))?;
    if kind == SubjectType::Unattributed {
        return Ok(Subject::Unattributed(digest));
    }
    Ok(Subject::Known(Named {
        is_status: kind == SubjectType::Status,
        sender: AuthorityId::parse(&wire.sender)?,
        recipient: AuthorityId::parse(&wire.recipient)?,
        id: PacketId::from_bytes(&wire.id)?,
        digest,
        case_id: CaseId::from_bytes(&wire.case_id)?,
    }))
}
