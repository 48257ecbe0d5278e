//! Packet headers and key boxes.

use super::envelope::{KeySource, PayloadType, Unverified};
use super::id::{AuthorityId, CaseId, PacketId};
use super::statement::ProvenKey;
use super::suite::{Signing, Suite};
use super::wire::{self, kind::Code as Kind, urgency::Code as Urgency};
use super::{FormatError, Millis, decode, digest, limits, optional_bytes, optional_digest};
use crate::crypto::hash::{Digest, sha256};
use crate::crypto::key_box::{ENC, WRAPPED, Wrapped};
use crate::crypto::object::{Sealed, opened_length};
use prost::Message as _;

/// Version of the sealed body's schema.
pub const SCHEMA: u32 = 1;

/// A packet header whose every field is in bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Who signed it.
    pub sender: AuthorityId,
    /// Whom it is sealed to.
    pub recipient: AuthorityId,
    /// Name of the packet.
    pub id: PacketId,
    /// Case it belongs to.
    pub case_id: CaseId,
    /// Position among the sender's packets in the case.
    pub case_seq: u64,
    /// Digest of the predecessor; none at 0.
    pub case_prev: Option<Digest>,
    /// What it is.
    pub kind: Kind,
    /// How fast it is wanted.
    pub urgency: Urgency,
    /// When it was made.
    pub created: Millis,
    /// After this the recipient refuses it.
    pub expires: Millis,
    /// Schema version of the body.
    pub schema: u32,
    /// Packet that it answers.
    pub in_reply_to: Option<PacketId>,
    /// Rejected packet that it replaces.
    pub replaces: Option<PacketId>,
    /// Body first, then the attachments.
    pub objects: Vec<Sealed>,
    /// SHA-256 of the serialized key box.
    pub key_box_digest: Digest,
    /// The recipient's key that the box is for.
    pub content_key_id: Digest,
}

/// A header that its sender signed.
#[derive(Debug, Clone)]
pub struct SignedHeader {
    /// The checked fields.
    pub header: Header,
    /// The suite that it is signed and sealed in.
    pub suite: Suite,
    /// SHA-256 of the signed bytes: the packet digest.
    pub digest: Digest,
    /// The serialized envelope.
    pub envelope: Vec<u8>,
}

impl Header {
    /// Sum of the ciphertext of all objects, bytes.
    pub fn bytes(&self) -> u64 {
        self.objects.iter().map(|object| object.ciphertext_length).sum()
    }

    /// Signs the header.
    pub fn sign(self, by: impl Into<Signing>) -> Result<SignedHeader, FormatError> {
        let by = by.into();
        let payload = self.encode(by.suite());
        let digest = sha256(&payload);
        let envelope = by.sign(PayloadType::Packet, payload)?;
        Ok(SignedHeader { header: self, suite: by.suite(), digest, envelope })
    }

    fn encode(&self, suite: Suite) -> Vec<u8> {
        wire::PacketHeader {
            suite: suite.number(),
            sender: self.sender.to_string(),
            recipient: self.recipient.to_string(),
            packet_id: self.id.bytes().to_vec(),
            case_id: self.case_id.bytes().to_vec(),
            case_seq: self.case_seq,
            case_prev: optional_bytes(&self.case_prev),
            kind: self.kind.into(),
            urgency: self.urgency.into(),
            created: self.created,
            expires: self.expires,
            schema: self.schema,
            in_reply_to: optional_bytes(&self.in_reply_to),
            replaces: optional_bytes(&self.replaces),
            objects: encode_objects(&self.objects),
            key_box_digest: self.key_box_digest.to_vec(),
            content_key_id: self.content_key_id.to_vec(),
        }
        .encode_to_vec()
    }

    fn decode(payload: &[u8]) -> Result<Self, FormatError> {
        let wire: wire::PacketHeader = decode(payload, "packet header")?;
        let header = Self {
            sender: AuthorityId::parse(&wire.sender)?,
            recipient: AuthorityId::parse(&wire.recipient)?,
            id: PacketId::from_bytes(&wire.packet_id)?,
            case_id: CaseId::from_bytes(&wire.case_id)?,
            case_seq: wire.case_seq,
            case_prev: optional_digest(&wire.case_prev, "case_prev")?,
            kind: Kind::try_from(wire.kind).map_err(|_| FormatError::Malformed("kind"))?,
            urgency: Urgency::try_from(wire.urgency).map_err(|_| FormatError::Malformed("urgency"))?,
            created: wire.created,
            expires: wire.expires,
            schema: wire.schema,
            in_reply_to: PacketId::from_optional(&wire.in_reply_to)?,
            replaces: PacketId::from_optional(&wire.replaces)?,
            objects: decode_objects(&wire.objects)?,
            key_box_digest: digest(&wire.key_box_digest, "key_box_digest")?,
            content_key_id: digest(&wire.content_key_id, "content_key_id")?,
        };
        header.check()?;
        Ok(header)
    }

    fn check(&self) -> Result<(), FormatError> {
        let rules = [
            (self.sender != self.recipient, "sender is recipient"),
            (self.kind != Kind::Unspecified, "kind"),
            ((self.case_seq == 0) == self.case_prev.is_none(), "case_prev"),
            (self.expires > self.created, "expires"),
            (self.expires - self.created.min(self.expires) <= limits::LIFETIME, "expires"),
            (self.schema >= 1, "schema"),
            (!self.objects.is_empty(), "objects"),
        ];
        match rules.iter().find(|(holds, _)| !holds) {
            Some((_, field)) => Err(FormatError::Malformed(field)),
            None => Ok(()),
        }
    }
}

impl SignedHeader {
    /// Opens an envelope that came at `seen`: signature first, then the fields, then the key's
    /// time.
    pub fn open(envelope: &[u8], keys: &dyn KeySource, seen: Millis) -> Result<Self, FormatError> {
        let verified = Unverified::parse(PayloadType::Packet, envelope)?.verify(keys)?;
        let header = Header::decode(verified.payload)?;
        verified.header_within(header.created, seen.saturating_add(limits::CLOCK_LEAD), keys)?;
        let digest = verified.digest();
        Ok(Self { header, suite: verified.suite, digest, envelope: envelope.to_vec() })
    }

    /// The same bytes, signed anew with these keys, in the suite that the bytes name.
    pub fn resigned(&self, by: &Signing) -> Result<Self, FormatError> {
        if by.suite() != self.suite {
            return Err(FormatError::Suite(by.suite().number()));
        }
        let envelope = Unverified::parse(PayloadType::Packet, &self.envelope)?.resigned(by)?;
        Ok(Self { envelope, ..self.clone() })
    }

    /// Whether one of the keys that signed it, by their ids, is revoked in these statements.
    pub fn under_revoked_key(&self, keys: &dyn KeySource) -> Result<bool, FormatError> {
        let signed = Unverified::parse(PayloadType::Packet, &self.envelope)?;
        Ok(signed.signers().any(|id| keys.key(id).is_some_and(ProvenKey::revoked)))
    }

    /// Reads a header without its sender's keys. For looking up those keys, and for bytes
    /// that our own store vouches for.
    pub fn danger_unverified(envelope: &[u8]) -> Result<Self, FormatError> {
        let unverified = Unverified::parse(PayloadType::Packet, envelope)?;
        let payload = unverified.danger_unverified_payload();
        let (suite, header) = (Suite::named(PayloadType::Packet, payload)?, Header::decode(payload)?);
        Ok(Self { header, suite, digest: unverified.digest(), envelope: envelope.to_vec() })
    }
}

/// Serializes a key box.
pub fn encode_key_box(wrapped: &Wrapped) -> Vec<u8> {
    wire::KeyBox {
        enc: wrapped.enc.clone(),
        salt: wrapped.salt.to_vec(),
        wrapped_key: wrapped.wrapped_key.to_vec(),
    }
    .encode_to_vec()
}

/// Reads a key box whose digest the header signed.
pub fn decode_key_box(bytes: &[u8], signed_digest: &Digest) -> Result<Wrapped, FormatError> {
    if bytes.len() > limits::KEY_BOX || sha256(bytes) != *signed_digest {
        return Err(FormatError::Malformed("key box"));
    }
    let wire: wire::KeyBox = decode(bytes, "key box")?;
    if wire.enc.len() != ENC {
        return Err(FormatError::Malformed("enc"));
    }
    let wrapped_key: [u8; WRAPPED] =
        wire.wrapped_key.as_slice().try_into().map_err(|_| FormatError::Malformed("wrapped_key"))?;
    Ok(Wrapped { enc: wire.enc, salt: digest(&wire.salt, "salt")?, wrapped_key })
}

pub(super) fn encode_objects(objects: &[Sealed]) -> Vec<wire::Object> {
    objects
        .iter()
        .map(|object| wire::Object {
            ciphertext_length: object.ciphertext_length,
            chunk_root: object.chunk_root.to_vec(),
            commitment: object.commitment.to_vec(),
            plaintext_digest: object.plaintext_digest.to_vec(),
        })
        .collect()
}

pub(super) fn decode_objects(objects: &[wire::Object]) -> Result<Vec<Sealed>, FormatError> {
    if objects.len() > limits::OBJECTS {
        return Err(FormatError::Malformed("too many objects"));
    }
    let mut total = 0_u64;
    let mut out = Vec::with_capacity(objects.len());
    for object in objects {
        opened_length(object.ciphertext_length).ok_or(FormatError::Malformed("ciphertext_length"))?;
        total =
            total.checked_add(object.ciphertext_length).ok_or(FormatError::Malformed("ciphertext_length"))?;
        out.push(Sealed {
            ciphertext_length: object.ciphertext_length,
            chunk_root: digest(&object.chunk_root, "chunk_root")?,
            commitment: digest(&object.commitment, "commitment")?,
            plaintext_digest: digest(&object.plaintext_digest, "plaintext_digest")?,
        });
    }
    Ok(out)
}
