//! Leaves of the ledger: small, typed, and without a word of text.

use super::id::{AuthorityId, CaseId, PacketId};
use super::wire::{self, leaf::Kind};
use super::{FormatError, Millis, decode, digest, limits, optional_bytes};
use crate::crypto::hash::Digest;
use prost::Message as _;

/// Version of the leaf format.
pub const VERSION: u32 = 1;

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
        }
        .encode_to_vec()
    }

    /// Reads leaf bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, FormatError> {
        if bytes.len() > limits::LEAF {
            return Err(FormatError::Malformed("leaf too long"));
        }
        let wire: wire::Leaf = decode(bytes, "leaf")?;
        if wire.version != VERSION {
            return Err(FormatError::Malformed("leaf version"));
        }
        let witnessed = match wire.witnessed {
            Some(witnessed) => Some((witnessed.size, digest(&witnessed.root, "witnessed root")?)),
            None => None,
        };
        Ok(Self {
            kind: Kind::try_from(wire.kind).map_err(|_| FormatError::Malformed("leaf kind"))?,
            at: wire.at,
            actor: match wire.actor.len() {
                0 => None,
                _ => Some(wire.actor.as_slice().try_into().map_err(|_| FormatError::Malformed("actor"))?),
            },
            peer: if wire.peer.is_empty() { None } else { Some(AuthorityId::parse(&wire.peer)?) },
            id: PacketId::from_optional(&wire.id)?,
            case_id: CaseId::from_optional(&wire.case_id)?,
            objects: wire.objects.iter().map(|d| digest(d, "object digest")).collect::<Result<_, _>>()?,
            statistics: wire.statistics,
            witnessed,
            object: wire.object,
            about: wire.about.checked_sub(1),
            code: wire.code,
            cause: wire.cause,
            turned_away: wire.turned_away,
            purpose: wire.purpose,
        })
    }
}
