//! What a courier carries: the signed beginning of a file, and its sealed parts.

use super::envelope::{KeySource, PayloadType, Unverified};
use super::id::{AuthorityId, PacketId};
use super::packet::{decode_objects, encode_objects};
use super::suite::{Signing, Suite};
use super::wire::{self, CarriedItem, CarriedPart};
use super::{FormatError, Millis, decode, digest, limits};
use crate::crypto::hash::Digest;
use crate::crypto::object::{ContentKey, open_all, seal_all};
use prost::Message as _;

/// First line of a file.
pub const MAGIC: &[u8] = b"rogatory-carried-v1\n";

/// The signed beginning of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedHeader {
    /// Who made it.
    pub sender: AuthorityId,
    /// Whom it is for.
    pub recipient: AuthorityId,
    /// Its name.
    pub id: PacketId,
    /// When it was made.
    pub created: Millis,
    /// SHA-256 of the serialized key box.
    pub key_box_digest: Digest,
    /// The recipient's key that the box is for.
    pub content_key_id: Digest,
}

impl CarriedHeader {
    /// Signs it, and gives the envelope.
    pub fn sign(&self, by: impl Into<Signing>) -> Result<Vec<u8>, FormatError> {
        let by = by.into();
        let payload = wire::CarriedHeader {
            suite: by.suite().number(),
            sender: self.sender.to_string(),
            recipient: self.recipient.to_string(),
            carried_id: self.id.bytes().to_vec(),
            created: self.created,
            key_box_digest: self.key_box_digest.to_vec(),
            content_key_id: self.content_key_id.to_vec(),
        };
        by.sign(PayloadType::Carried, payload.encode_to_vec())
    }

    /// Opens it; gives the suite that it is signed, and its box made, in.
    pub fn open(envelope: &[u8], keys: &dyn KeySource) -> Result<(Self, Suite), FormatError> {
        let verified = Unverified::parse(PayloadType::Carried, envelope)?.verify(keys)?;
        let wire: wire::CarriedHeader = decode(verified.payload, "carried header")?;
        let header = Self {
            sender: AuthorityId::parse(&wire.sender)?,
            recipient: AuthorityId::parse(&wire.recipient)?,
            id: PacketId::from_bytes(&wire.carried_id)?,
            created: wire.created,
            key_box_digest: digest(&wire.key_box_digest, "key_box_digest")?,
            content_key_id: digest(&wire.content_key_id, "content_key_id")?,
        };
        verified.signed_within(header.created, keys)?;
        Ok((header, verified.suite))
    }
}

/// The parts of a file, one after the other: sealed, or opened.
pub struct Parts {
    id: PacketId,
    key: ContentKey,
    next: u32,
}

impl Parts {
    /// Of the file with this id, from the first one.
    pub fn new(id: PacketId, key: ContentKey) -> Self {
        Self { id, key, next: 0 }
    }

    /// Seals the next.
    pub fn seal(&mut self, item: &CarriedItem) -> Result<CarriedPart, FormatError> {
        let (key, plain) = (self.next_key()?, item.encode_to_vec());
        let (ciphertext, sealed) = seal_all(&key, &plain)?;
        if ciphertext.len() > limits::CARRIED_PART {
            return Err(FormatError::Malformed("too much for one part"));
        }
        Ok(CarriedPart { sealed: encode_objects(&[sealed]).pop(), ciphertext })
    }

    /// Opens the next.
    pub fn open(&mut self, part: CarriedPart) -> Result<CarriedItem, FormatError> {
        if part.ciphertext.len() > limits::CARRIED_PART {
            return Err(FormatError::Malformed("part too long"));
        }
        let sealed = decode_objects(part.sealed.as_slice())?.pop().ok_or(FormatError::Malformed("part"))?;
        let changed = |_| FormatError::Malformed("part: it was changed, or stands in another place");
        let plain = open_all(&self.next_key()?, &sealed, part.ciphertext).map_err(changed)?;
        decode(&plain, "carried item")
    }

    fn next_key(&mut self) -> Result<crate::crypto::object::ObjectKey, FormatError> {
        let number = self.next;
        self.next = number.checked_add(1).ok_or(FormatError::Malformed("too many parts"))?;
        Ok(self.key.object_key(self.id.bytes(), number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;

    #[test]
    fn parts_open_in_their_order_and_in_no_other() {
        let id = PacketId::fresh(1, &SystemEntropy::default()).unwrap();
        let parts = || Parts::new(id, ContentKey::from_bytes([7; 32]));
        let item = |number| CarriedItem { number, item: None };
        let mut sealing = parts();
        let sealed: Vec<CarriedPart> = (0..3).map(|number| sealing.seal(&item(number)).unwrap()).collect();
        let mut opening = parts();
        for (number, part) in (0..).zip(&sealed) {
            assert_eq!(opening.open(part.clone()).unwrap(), item(number));
        }
        assert!(parts().open(sealed[1].clone()).is_err(), "the first is left out");
        let mut opening = parts();
        opening.open(sealed[0].clone()).unwrap();
        assert!(opening.open(sealed[0].clone()).is_err(), "one comes twice");
        for bend in 0..sealed[0].ciphertext.len() {
            let mut part = sealed[0].clone();
            part.ciphertext[bend] ^= 1;
            assert!(parts().open(part).is_err(), "byte {bend} is changed");
        }
        let other = Parts::new(id, ContentKey::from_bytes([8; 32])).open(sealed[0].clone());
        assert!(other.is_err(), "under another key");
        assert!(parts().open(CarriedPart::default()).is_err());
    }
}
