//! The pairing offer: what an authority hands to another, and how it looks as text.

use super::armor::Armor;
use super::chain::Chain;
use super::chain::standing::{Place, standing};
use super::envelope::{PayloadType, SigningKey, Unverified, sign, suite};
use super::pairing::{Taken, addresses};
use super::wire::{self, purpose::Code as Purpose};
use super::{FormatError, Millis, SUITE, decode, limits};
use prost::Message as _;

const TEXT: Armor = Armor {
    label: "PAIRING OFFER",
    missing: "no BEGIN and END ROGATORY PAIRING OFFER lines",
    limit: limits::OFFER,
};

/// A verified offer. It proves itself: everything hangs on the fingerprint of its chain,
/// which two officers compare.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The whole chain of statements.
    pub chain: Chain,
    /// "host:port" that may be dialled; none: the offerer dials.
    pub addresses: Vec<String>,
    /// What the offerer takes.
    pub taken: Taken,
    /// When it was made.
    pub made_at: Millis,
    /// The serialized envelope.
    pub envelope: Vec<u8>,
}

impl Offer {
    /// Signs an offer with the root of the chain, or a delegate that may state keys for evidence.
    pub fn sign(
        chain: &Chain,
        addresses: Vec<String>,
        taken: Taken,
        key: &SigningKey,
        now: Millis,
    ) -> Result<Self, FormatError> {
        let payload = wire::PairingOffer {
            suite: SUITE,
            authority: chain.authority().to_string(),
            statements: chain.envelopes().map(<[u8]>::to_vec).collect(),
            addresses,
            limits: Some(taken.limits),
            made_at: now,
            terms: taken.terms.encode(),
        };
        Self::open(&sign(PayloadType::PairingOffer, payload.encode_to_vec(), key)?)
    }

    /// Opens an offer.
    pub fn open(envelope: &[u8]) -> Result<Self, FormatError> {
        Self::read(envelope, false)
    }

    /// Opens an offer that is an entry: the first ones were signed with the evidence key.
    pub fn open_logged(envelope: &[u8]) -> Result<Self, FormatError> {
        Self::read(envelope, true)
    }

    fn read(envelope: &[u8], logged: bool) -> Result<Self, FormatError> {
        let unverified = Unverified::parse(PayloadType::PairingOffer, envelope)?;
        let wire: wire::PairingOffer = decode(unverified.danger_unverified_payload(), "pairing offer")?;
        suite(wire.suite)?;
        let chain = Chain::open_all(&wire.statements)?;
        let key = match unverified.clone().verify_root_or_delegate(&chain, Place::Loose) {
            Ok((_, key)) => key,
            Err(FormatError::KeyNotValid(_)) if logged => {
                Some(unverified.verify_purpose(Purpose::Evidence, &chain, Place::Loose)?.only_key()?)
            }
            Err(error) => return Err(error),
        };
        if let Some(key) = key {
            standing(key, wire.made_at, Place::Loose)?;
        }
        if wire.authority != chain.authority().as_str() {
            return Err(FormatError::Malformed("pairing offer"));
        }
        Ok(Self {
            chain,
            addresses: addresses(wire.addresses)?,
            taken: Taken::read(wire.limits, wire.terms)?,
            made_at: wire.made_at,
            envelope: envelope.to_vec(),
        })
    }

    /// The offer as text for an e-mail or a file.
    pub fn to_text(&self) -> String {
        TEXT.wrap(self.chain.authority().as_str(), &self.envelope)
    }

    /// Reads the text form; what stands around it is passed over.
    pub fn from_text(text: &str) -> Result<Self, FormatError> {
        Self::open(&TEXT.unpack(text)?)
    }
}
