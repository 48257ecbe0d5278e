//! Leaves of the ledger: small, typed, and without a word of text.

use super::fields::{self, Field};
use super::id::{AuthorityId, CaseId, PacketId};
use super::wire::{self, leaf::Kind};
use super::{FormatError, Millis, digest, limits, optional_bytes};
use crate::crypto::hash::Digest;
use prost::Message as _;

/// Version of the leaf format.
pub const VERSION: u32 = 1;
/// Numbers of fields.
const KIND: u32 = 2;
const OBJECTS: u32 = 8;

/// A leaf whose every field is in bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// What the entry says.
    pub kind: Kind,
    /// When; never earlier than the leaf before.
    pub at: Millis,
    /// Pseudonym of the person.
    pub actor: Option<[u8; 8]>,
    /// The other side.
    pub peer: Option<AuthorityId>,
    /// Packet or status.
    pub id: Option<PacketId>,
    /// Case.
    pub case_id: Option<CaseId>,
    /// SHA-256 of each evidence object.
    pub objects: Vec<Digest>,
    /// Codes for reports.
    pub statistics: Option<wire::Statistics>,
    /// The peer's log, as its checkpoint stood.
    pub witnessed: Option<(u64, Digest)>,
    /// Object that was opened, plus one; 0: none.
    pub object: u32,
    /// Entry of this log that this one answers.
    pub about: Option<u64>,
    /// Event of the evidence or code of the status, by kind.
    pub code: u32,
    /// Cause that the evidence names.
    pub cause: u32,
    /// Counts of strangers.
    pub turned_away: Option<wire::TurnedAway>,
    /// Why content was opened, with kind opening.
    pub purpose: u32,
    /// Pseudonym of who wrote what the person approved.
    pub drafter: Option<[u8; 8]>,
}

impl Leaf {
    /// A leaf of this kind that says nothing else yet.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            at: 0,
            actor: None,
            peer: None,
            id: None,
            case_id: None,
            objects: Vec::new(),
            statistics: None,
            witnessed: None,
            object: 0,
            about: None,
            code: 0,
            cause: 0,
            turned_away: None,
            purpose: 0,
            drafter: None,
        }
    }

    /// The bytes that are hashed into the tree.
    pub fn encode(&self) -> Vec<u8> {
        wire::Leaf {
            version: VERSION,
            kind: self.kind.into(),
            at: self.at,
            actor: optional_bytes(&self.actor),
            peer: self.peer.as_ref().map(ToString::to_string).unwrap_or_default(),
            id: optional_bytes(&self.id),
            case_id: optional_bytes(&self.case_id),
            objects: self.objects.iter().map(|digest| digest.to_vec()).collect(),
            statistics: self.statistics.clone(),
            witnessed: self.witnessed.map(|(size, root)| wire::Witnessed { size, root: root.to_vec() }),
            object: self.object,
            about: self.about.map_or(0, |index| index + 1),
            code: self.code,
            cause: self.cause,
            turned_away: self.turned_away,
            purpose: self.purpose,
            drafter: optional_bytes(&self.drafter),
        }
        .encode_to_vec()
    }

    /// The kind that leaf bytes name, and nothing else of them: none where they name none that is
    /// known, or are no leaf.
    pub fn kind_in(bytes: &[u8]) -> Option<Kind> {
        let mut kind = 0;
        let read = fields::each(bytes, "leaf", |tag, field| {
            if let (KIND, Field::Number(number)) = (tag, field) {
                kind = number as i32;
            }
            Ok(())
        });
        read.ok().and_then(|()| Kind::try_from(kind).ok())
    }

    /// The digests of evidence objects that leaf bytes name, and nothing else of them.
    pub fn objects_in(bytes: &[u8]) -> Result<Vec<&[u8]>, FormatError> {
        let mut objects = Vec::new();
        fields::each(bytes, "leaf", |tag, field| match (tag, field) {
            (OBJECTS, Field::Bytes(digest)) => {
                objects.push(digest);
                Ok(())
            }
            (OBJECTS, _) => Err(FormatError::Malformed("leaf")),
            _ => Ok(()),
        })?;
        Ok(objects)
    }

    /// Reads leaf bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        if bytes.len() > limits::LEAF {
            return Err(FormatError::Malformed("leaf too long"));
        }
        let malformed = || FormatError::Malformed("leaf");
        let mut leaf = Self::new(Kind::Unspecified);
        let (mut version, mut kind, mut witnessed) = (0, 0, None);
        let (mut actor, mut peer, mut id, mut case_id) = (&[][..], "", &[][..], &[][..]);
        let mut drafter = &[][..];
        fields::each(bytes, "leaf", |tag, field| {
            match (tag, field) {
                (1, Field::Number(number)) => version = number as u32,
                (KIND, Field::Number(number)) => kind = number as i32,
                (3, Field::Number(number)) => leaf.at = number,
                (4, Field::Bytes(bytes)) => actor = bytes,
                (5, Field::Bytes(bytes)) => peer = std::str::from_utf8(bytes).map_err(|_| malformed())?,
                (6, Field::Bytes(bytes)) => id = bytes,
                (7, Field::Bytes(bytes)) => case_id = bytes,
                (OBJECTS, Field::Bytes(bytes)) => leaf.objects.push(digest(bytes, "object digest")?),
                (9, Field::Bytes(bytes)) => merge(&mut leaf.statistics, bytes)?,
                (10, Field::Bytes(bytes)) => merge(&mut witnessed, bytes)?,
                (11, Field::Number(number)) => leaf.object = number as u32,
                (12, Field::Number(number)) => leaf.about = number.checked_sub(1),
                (13, Field::Number(number)) => leaf.code = number as u32,
                (14, Field::Number(number)) => leaf.cause = number as u32,
                (15, Field::Bytes(bytes)) => merge(&mut leaf.turned_away, bytes)?,
                (20, Field::Number(number)) => leaf.purpose = number as u32,
                (21, Field::Bytes(bytes)) => drafter = bytes,
                (1..=15 | 20 | 21, _) => return Err(malformed()),
                _ => {}
            }
            Ok(())
        })?;
        if version != VERSION {
            return Err(FormatError::Malformed("leaf version"));
        }
        leaf.kind = Kind::try_from(kind).map_err(|_| FormatError::Malformed("leaf kind"))?;
        if !actor.is_empty() {
            leaf.actor = Some(actor.try_into().map_err(|_| FormatError::Malformed("actor"))?);
        }
        if !drafter.is_empty() {
            leaf.drafter = Some(drafter.try_into().map_err(|_| FormatError::Malformed("drafter"))?);
        }
        leaf.peer = if peer.is_empty() { None } else { Some(AuthorityId::parse(peer)?) };
        (leaf.id, leaf.case_id) = (PacketId::from_optional(id)?, CaseId::from_optional(case_id)?);
        if let Some(wire::Witnessed { size, root }) = witnessed {
            leaf.witnessed = Some((size, digest(&root, "witnessed root")?));
        }
        Ok(leaf)
    }
}

/// Reads a message that is a field, into what was read of the same field before.
fn merge<M: prost::Message + Default>(into: &mut Option<M>, bytes: &[u8]) -> Result<(), FormatError> {
    into.get_or_insert_default().merge(bytes).map_err(|_| FormatError::Malformed("leaf"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;

    /// Whatever byte is changed and wherever it is cut: what is read is what a full decoder
    /// reads, and what that reads is left for a reason of its own only.
    #[test]
    fn a_leaf_is_read_as_a_full_decoder_reads_it() {
        let entropy = SystemEntropy::default();
        let leaf = Leaf {
            at: 300,
            actor: Some([1; 8]),
            peer: Some(AuthorityId::parse("XB").unwrap()),
            id: Some(PacketId::fresh(1, &entropy).unwrap()),
            case_id: Some(CaseId::fresh(1, &entropy).unwrap()),
            objects: vec![[2; 32], [3; 32]],
            statistics: Some(wire::Statistics { kind: 1, ..wire::Statistics::default() }),
            witnessed: Some((7, [4; 32])),
            object: 1,
            about: Some(5),
            code: 6,
            cause: 7,
            turned_away: Some(wire::TurnedAway::default()),
            purpose: 8,
            drafter: Some([9; 8]),
            ..Leaf::new(Kind::EvidenceReceived)
        };
        let whole = leaf.encode();
        assert_eq!(Leaf::decode(&whole).unwrap(), leaf);
        let mut read = 0;
        let mut check = |bytes: &[u8]| {
            let (ours, full) = (Leaf::decode(bytes), wire::Leaf::decode(bytes));
            let shown = hex::encode(bytes);
            match (ours, full) {
                (Ok(ours), Ok(full)) => {
                    assert_eq!(Leaf::kind_in(bytes), Some(ours.kind), "{shown}");
                    let objects = Leaf::objects_in(bytes).unwrap();
                    assert!(objects.iter().eq(ours.objects.iter()), "{shown}");
                    assert_eq!(ours.encode(), full.encode_to_vec(), "{shown}");
                    read += 1;
                }
                (Ok(_), Err(error)) => panic!("{error}: {shown}"),
                (Err(ours), Ok(_)) => assert_ne!(ours, FormatError::Malformed("leaf"), "{shown}"),
                (Err(_), Err(_)) => {}
            }
        };
        fields::each_bent(&whole, &mut check);
        check(&[&whole[..], &whole].concat());
        assert!(read > 1000, "{read} were read");
    }
}
