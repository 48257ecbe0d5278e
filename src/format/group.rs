//! Groups: authorities that pair with one another, each with each, from one signed list.

use super::chain::standing::{Place, standing};
use super::envelope::{PayloadType, SigningKey, Unverified, sign, suite};
use super::id::{AuthorityId, PacketId};
use super::offer::Offer;
use super::wire;
use super::{FormatError, Millis, SUITE, decode, digest, limits};
use crate::crypto::hash::Digest;
use prost::Message as _;

/// A verified list. It proves itself as far as its digest was compared: everything hangs on that.
#[derive(Debug, Clone)]
pub struct Group {
    /// Who made it.
    pub convener: AuthorityId,
    /// Name of the group.
    pub id: PacketId,
    /// When it was made.
    pub made_at: Millis,
    /// The members' offers, by name.
    pub members: Vec<Offer>,
    /// SHA-256 of the signed bytes: what is compared.
    pub digest: Digest,
    /// The serialized envelope.
    pub envelope: Vec<u8>,
}

impl Group {
    /// Signs a list; the convener's own offer is among those of the members.
    pub fn sign(
        convener: &AuthorityId,
        id: PacketId,
        mut members: Vec<Offer>,
        key: &SigningKey,
        now: Millis,
    ) -> Result<Self, FormatError> {
        members.sort_by(|one, other| one.chain.authority().cmp(other.chain.authority()));
        let member = |offer: &Offer| wire::GroupMember {
            authority: offer.chain.authority().to_string(),
            fingerprint: offer.chain.fingerprint().to_vec(),
            offer: offer.envelope.clone(),
        };
        let payload = wire::GroupList {
            suite: SUITE,
            convener: convener.to_string(),
            group_id: id.bytes().to_vec(),
            made_at: now,
            members: members.iter().map(member).collect(),
        };
        Self::open(&sign(PayloadType::Group, payload.encode_to_vec(), key)?)
    }

    /// Opens a list: every offer in it, and the convener's signature under the convener's offer.
    pub fn open(envelope: &[u8]) -> Result<Self, FormatError> {
        let unverified = Unverified::parse(PayloadType::Group, envelope)?;
        let wire: wire::GroupList = decode(unverified.danger_unverified_payload(), "group")?;
        suite(wire.suite)?;
        if !(2..=limits::MEMBERS).contains(&wire.members.len()) {
            return Err(FormatError::Malformed("members of a group"));
        }
        let mut members: Vec<Offer> = Vec::with_capacity(wire.members.len());
        for member in &wire.members {
            let offer = Offer::open(&member.offer)?;
            let agrees = offer.chain.authority().as_str() == member.authority
                && offer.chain.fingerprint() == digest(&member.fingerprint, "fingerprint")?;
            let in_order = members.last().is_none_or(|last| last.chain.authority() < offer.chain.authority());
            if !agrees || !in_order {
                return Err(FormatError::Malformed("member of a group"));
            }
            members.push(offer);
        }
        let convener = AuthorityId::parse(&wire.convener)?;
        let of_convener = members.iter().find(|member| *member.chain.authority() == convener);
        let chain = &of_convener.ok_or(FormatError::Malformed("convener"))?.chain;
        let digest = unverified.digest();
        let (_, key) = unverified.verify_root_or_delegate(chain, Place::Loose)?;
        if let Some(key) = key {
            standing(key, wire.made_at, Place::Loose)?;
        }
        Ok(Self {
            convener,
            id: PacketId::from_bytes(&wire.group_id)?,
            made_at: wire.made_at,
            members,
            digest,
            envelope: envelope.to_vec(),
        })
    }
}
