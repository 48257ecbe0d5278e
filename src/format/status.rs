//! Statuses: what the people of an authority decide about a case.

use super::chain::standing::Place;
use super::envelope::{KeySource, PayloadType, Unverified};
use super::evidence::{Carried, Named};
use super::id::{AuthorityId, CaseId, PacketId};
use super::packet::{decode_objects, encode_objects};
use super::suite::{Signing, Suite};
use super::wire::{self, status::Code, status::Ground};
use super::{FormatError, Millis, decode, digest, optional_bytes, optional_digest};
use crate::crypto::hash::{Digest, sha256};
use crate::crypto::object::Sealed;
use prost::Message as _;

/// A status whose every field is in bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Who decided.
    pub author: AuthorityId,
    /// Whom it is for.
    pub peer: AuthorityId,
    /// Name of the status.
    pub id: PacketId,
    /// Case.
    pub case_id: CaseId,
    /// Position in the author's sequence of this case.
    pub seq: u64,
    /// Digest of the author's status before; none at 0.
    pub prev: Option<Digest>,
    /// What the author had of the other's sequence: how many, and the last digest.
    pub seen: (u64, Option<Digest>),
    /// When.
    pub created: Millis,
    /// What was decided.
    pub code: Code,
    /// Ground of a refusal.
    pub ground: Ground,
    /// Packet that it is about.
    pub packet_id: PacketId,
    /// Reply that goes with it.
    pub reply_id: Option<PacketId>,
    /// When a postponed request will be looked at again; 0: not said.
    pub review_at: Millis,
    /// The sealed text, if there is one.
    pub text: Option<SealedText>,
}

/// How the sealed text of a status is bound to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedText {
    /// The one object.
    pub object: Sealed,
    /// SHA-256 of the serialized key box.
    pub key_box_digest: Digest,
    /// The recipient's key that the box is for.
    pub content_key_id: Digest,
}

/// A status that its author signed.
pub struct SignedStatus {
    /// The status and its envelope.
    pub carried: Carried<Status>,
    /// The suite that it is signed, and its text sealed, in.
    pub suite: Suite,
    /// SHA-256 of the signed bytes.
    pub digest: Digest,
}

impl Status {
    /// Signs the status.
    pub fn sign(self, by: impl Into<Signing>) -> Result<SignedStatus, FormatError> {
        let by = by.into();
        let payload = self.encode(by.suite());
        let digest = sha256(&payload);
        let envelope = by.sign(PayloadType::Status, payload)?;
        Ok(SignedStatus { carried: Carried { value: self, envelope }, suite: by.suite(), digest })
    }

    /// The status as evidence names it.
    pub fn named(&self, digest: Digest) -> Named {
        Named {
            is_status: true,
            sender: self.author.clone(),
            recipient: self.peer.clone(),
            id: self.id,
            digest,
            case_id: self.case_id,
        }
    }

    fn encode(&self, suite: Suite) -> Vec<u8> {
        let text = self.text.as_ref();
        wire::Status {
            suite: suite.number(),
            author: self.author.to_string(),
            peer: self.peer.to_string(),
            status_id: self.id.bytes().to_vec(),
            case_id: self.case_id.bytes().to_vec(),
            seq: self.seq,
            prev: optional_bytes(&self.prev),
            seen_count: self.seen.0,
            seen_digest: optional_bytes(&self.seen.1),
            created: self.created,
            code: self.code.into(),
            ground: self.ground.into(),
            packet_id: self.packet_id.bytes().to_vec(),
            reply_id: optional_bytes(&self.reply_id),
            review_at: self.review_at,
            objects: text.map(|t| encode_objects(std::slice::from_ref(&t.object))).unwrap_or_default(),
            key_box_digest: optional_bytes(&text.map(|t| t.key_box_digest)),
            content_key_id: optional_bytes(&text.map(|t| t.content_key_id)),
        }
        .encode_to_vec()
    }

    fn decode(payload: &[u8]) -> Result<Self, FormatError> {
        let wire: wire::Status = decode(payload, "status")?;
        let mut objects = decode_objects(&wire.objects)?;
        let text = match (objects.pop(), objects.is_empty()) {
            (None, _) => None,
            (Some(object), true) => Some(SealedText {
                object,
                key_box_digest: digest(&wire.key_box_digest, "key_box_digest")?,
                content_key_id: digest(&wire.content_key_id, "content_key_id")?,
            }),
            (Some(_), false) => return Err(FormatError::Malformed("objects")),
        };
        let status = Self {
            author: AuthorityId::parse(&wire.author)?,
            peer: AuthorityId::parse(&wire.peer)?,
            id: PacketId::from_bytes(&wire.status_id)?,
            case_id: CaseId::from_bytes(&wire.case_id)?,
            seq: wire.seq,
            prev: optional_digest(&wire.prev, "prev")?,
            seen: (wire.seen_count, optional_digest(&wire.seen_digest, "seen_digest")?),
            created: wire.created,
            code: Code::try_from(wire.code).map_err(|_| FormatError::Malformed("code"))?,
            ground: Ground::try_from(wire.ground).map_err(|_| FormatError::Malformed("ground"))?,
            packet_id: PacketId::from_bytes(&wire.packet_id)?,
            reply_id: PacketId::from_optional(&wire.reply_id)?,
            review_at: wire.review_at,
            text,
        };
        let rules = [
            (status.author != status.peer, "author is peer"),
            (status.code != Code::Unspecified, "code"),
            ((status.seq == 0) == status.prev.is_none(), "prev"),
            ((status.seen.0 == 0) == status.seen.1.is_none(), "seen_digest"),
            (status.code == Code::Refused || status.ground == Ground::NoGround, "ground"),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            Some((_, field)) => Err(FormatError::Malformed(field)),
            None => Ok(status),
        }
    }
}

impl SignedStatus {
    /// Opens an envelope that was found at `place`: signature first, then the fields, then the
    /// key's time.
    pub fn open(envelope: &[u8], keys: &dyn KeySource, place: Place) -> Result<Self, FormatError> {
        let verified = Unverified::parse(PayloadType::Status, envelope)?.verify_at(keys, place)?;
        let value = Status::decode(verified.payload)?;
        verified.signed_within(value.created, keys)?;
        let carried = Carried { value, envelope: envelope.to_vec() };
        Ok(Self { carried, suite: verified.suite, digest: verified.digest() })
    }

    /// Reads a status without its author's keys: to look those up, or from our own store.
    pub fn danger_unverified(envelope: &[u8]) -> Result<Self, FormatError> {
        let unverified = Unverified::parse(PayloadType::Status, envelope)?;
        let payload = unverified.danger_unverified_payload();
        let (suite, value) = (Suite::named(PayloadType::Status, payload)?, Status::decode(payload)?);
        let carried = Carried { value, envelope: envelope.to_vec() };
        Ok(Self { carried, suite, digest: unverified.digest() })
    }
}
