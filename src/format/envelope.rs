//! The DSSE envelope: signing, and opening only what verifies.

use super::chain::Chain;
use super::chain::standing::{Place, standing, standing_header};
use super::fields::{self, Field};
use super::statement::{ProvenKey, verify_by};
use super::suite::{Signing, Suite};
use super::wire::{Signature, Signed, purpose::Code as Purpose};
use super::{FormatError, Millis, SUITE, limits};
use crate::crypto::hash::{Digest, sha256};
use crate::crypto::sign::{Signer, pre_authentication_encoding, verify_ed25519};
use prost::Message as _;
use std::sync::Arc;

/// What an envelope may hold. One payload type a purpose: a signature made for one never
/// verifies for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadType {
    /// `PacketHeader`.
    Packet,
    /// `Evidence`.
    Evidence,
    /// `Deferral`.
    Deferral,
    /// `Status`.
    Status,
    /// `KeyStatement`.
    KeyStatement,
    /// `PairingOffer`.
    PairingOffer,
    /// `PairingNotice`.
    PairingNotice,
    /// `GroupList`.
    Group,
    /// `BundleContents`.
    Bundle,
    /// `CarriedHeader`.
    Carried,
}

impl PayloadType {
    /// The media type that is signed.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Packet => "application/vnd.rogatory.packet.v1+protobuf",
            Self::Evidence => "application/vnd.rogatory.evidence.v1+protobuf",
            Self::Deferral => "application/vnd.rogatory.deferral.v1+protobuf",
            Self::Status => "application/vnd.rogatory.status.v1+protobuf",
            Self::KeyStatement => "application/vnd.rogatory.key-statement.v1+protobuf",
            Self::PairingOffer => "application/vnd.rogatory.pairing-offer.v1+protobuf",
            Self::PairingNotice => "application/vnd.rogatory.pairing-notice.v1+protobuf",
            Self::Group => "application/vnd.rogatory.group.v1+protobuf",
            Self::Bundle => "application/vnd.rogatory.bundle.v1+protobuf",
            Self::Carried => "application/vnd.rogatory.carried.v1+protobuf",
        }
    }

    /// The purpose of the key that signs it; what is said of statements and pairings is signed
    /// by root or delegate.
    fn purpose(self) -> Purpose {
        match self {
            Self::Packet => Purpose::Packet,
            Self::Evidence | Self::Deferral | Self::Status | Self::Bundle | Self::Carried => {
                Purpose::Evidence
            }
            Self::KeyStatement | Self::PairingOffer | Self::PairingNotice | Self::Group => Purpose::Delegate,
        }
    }
}

/// A signing key with the id under which its statement proves it.
#[derive(Clone)]
pub struct SigningKey {
    /// Key id.
    pub id: Digest,
    /// The private key, wherever it is kept.
    pub signer: Arc<dyn Signer>,
}

/// Where the keys of an authority are looked up.
pub trait KeySource {
    /// The key with this id, if a statement proves it.
    fn key(&self, id: &[u8]) -> Option<&ProvenKey>;

    /// The lowest suite in which something that was made at this time is taken.
    fn least(&self, _made: Millis) -> Suite {
        Suite::One
    }
}

/// Signs `payload` and gives the serialized envelope.
pub fn sign(kind: PayloadType, payload: Vec<u8>, key: &SigningKey) -> Result<Vec<u8>, FormatError> {
    sign_all(kind, payload, &[key])
}

/// Signs `payload` with several keys, in this order.
pub(super) fn sign_all(
    kind: PayloadType,
    payload: Vec<u8>,
    keys: &[&SigningKey],
) -> Result<Vec<u8>, FormatError> {
    let message = pre_authentication_encoding(kind.media_type(), &payload);
    let signature = |key: &&SigningKey| -> Result<Signature, FormatError> {
        Ok(Signature { key_id: key.id.to_vec(), signature: key.signer.sign(&message)? })
    };
    let signatures = keys.iter().map(signature).collect::<Result<_, _>>()?;
    Ok(Signed { payload_type: kind.media_type().to_owned(), payload, signatures }.encode_to_vec())
}

/// An envelope whose bounds and payload type were checked, and nothing else yet.
#[derive(Debug, Clone)]
pub struct Unverified<'a> {
    kind: PayloadType,
    payload: &'a [u8],
    signatures: Vec<Line<'a>>,
}

/// One signature, and the id of the key that it names.
#[derive(Debug, Clone, Copy, Default)]
struct Line<'a> {
    key_id: &'a [u8],
    signature: &'a [u8],
}

/// A payload that its author signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedPayload<'a> {
    /// The exact signed bytes.
    pub payload: &'a [u8],
    /// The suite that it names.
    pub suite: Suite,
    /// Keys that signed, as they stand now: one for each algorithm of the suite.
    pub keys: Vec<&'a ProvenKey>,
    place: Place,
}

impl<'a> Unverified<'a> {
    /// Reads an envelope of the expected type, bounded before it is parsed, where it lies.
    pub fn parse(kind: PayloadType, envelope: &'a [u8]) -> Result<Self, FormatError> {
        let bound = match kind {
            PayloadType::PairingOffer => limits::OFFER,
            PayloadType::Group => limits::GROUP,
            PayloadType::Bundle => limits::BUNDLE_SIGNED,
            _ => limits::ENVELOPE,
        };
        if envelope.len() > bound {
            return Err(FormatError::Malformed("envelope too long"));
        }
        let (mut payload_type, mut payload, mut signatures) = ("", &[][..], Vec::new());
        fields::each(envelope, "envelope", |tag, field| {
            match (tag, field) {
                (1, Field::Bytes(bytes)) => {
                    payload_type =
                        std::str::from_utf8(bytes).map_err(|_| FormatError::Malformed("envelope"))?;
                }
                (2, Field::Bytes(bytes)) => payload = bytes,
                (3, Field::Bytes(_)) if signatures.len() == limits::SIGNATURES => {
                    return Err(FormatError::Malformed("too many signatures"));
                }
                (3, Field::Bytes(bytes)) => signatures.push(Line::read(bytes)?),
                (1..=3, _) => return Err(FormatError::Malformed("envelope")),
                _ => {}
            }
            Ok(())
        })?;
        match payload_type == kind.media_type() {
            true => Ok(Self { kind, payload, signatures }),
            false => Err(FormatError::Malformed("payload type")),
        }
    }

    /// The payload, to look up whose keys to use. Nothing in it may be believed before
    /// [`Unverified::verify`].
    pub fn danger_unverified_payload(&self) -> &'a [u8] {
        self.payload
    }

    /// SHA-256 of the payload bytes.
    pub fn digest(&self) -> Digest {
        sha256(self.payload)
    }

    /// Whether these bytes are exactly what [`sign`] makes of it: one signature, and nothing
    /// that a decoder passes over.
    pub fn is_exactly(&self, envelope: &[u8]) -> bool {
        let signature =
            |line: &Line| Signature { key_id: line.key_id.to_vec(), signature: line.signature.to_vec() };
        let signed = Signed {
            payload_type: self.kind.media_type().to_owned(),
            payload: self.payload.to_vec(),
            signatures: self.signatures.iter().map(signature).collect(),
        };
        self.signatures.len() == 1 && signed.encode_to_vec() == envelope
    }

    /// Verifies as the suite asks that the payload names: one signature for each of its
    /// algorithms, in any order, each by a proved key of the right purpose, and none besides.
    pub fn verify(self, keys: &'a dyn KeySource) -> Result<VerifiedPayload<'a>, FormatError> {
        self.verify_at(keys, Place::Loose)
    }

    /// The same of an envelope that was found at `place`.
    pub fn verify_at(
        self,
        keys: &'a dyn KeySource,
        place: Place,
    ) -> Result<VerifiedPayload<'a>, FormatError> {
        let purpose = self.kind.purpose();
        self.verify_purpose(purpose, keys, place)
    }

    /// Verifies what is said of a pairing: signed by the root that stands, or by a delegate that
    /// may state keys for evidence. Gives the payload, and the delegate's key; none: the root,
    /// whose time is not bounded. `place`: where it was found.
    pub(super) fn verify_root_or_delegate(
        self,
        chain: &'a Chain,
        place: Place,
    ) -> Result<(&'a [u8], Option<&'a ProvenKey>), FormatError> {
        if let [only] = self.signatures[..]
            && only.key_id == chain.root()
        {
            self.verify_with(&chain.root(), chain.root_public_key())?;
            return Ok((self.payload, None));
        }
        let verified = self.verify_at(chain, place)?;
        match verified.only_key()? {
            key if key.may_state.contains(&Purpose::Evidence) => Ok((verified.payload, Some(key))),
            _ => Err(FormatError::KeyNotValid("a delegate that may not speak for the authority")),
        }
    }

    /// As [`Unverified::verify_at`], with keys of this purpose.
    pub(super) fn verify_purpose(
        self,
        purpose: Purpose,
        keys: &'a dyn KeySource,
        place: Place,
    ) -> Result<VerifiedPayload<'a>, FormatError> {
        let suite = Suite::named(self.kind, self.payload)?;
        let required = suite.required(self.kind).ok_or(FormatError::Suite(suite.number()))?;
        if self.signatures.len() < required.len() {
            return Err(FormatError::SignatureMissing);
        }
        if self.signatures.len() > required.len() {
            return Err(FormatError::Malformed("more signatures than the suite asks for"));
        }
        let message = pre_authentication_encoding(self.kind.media_type(), self.payload);
        let mut signers: Vec<&ProvenKey> = Vec::with_capacity(required.len());
        for line in &self.signatures {
            let key =
                keys.key(line.key_id).ok_or_else(|| FormatError::KeyUnknown(hex::encode(line.key_id)))?;
            if key.purpose != purpose {
                return Err(FormatError::KeyNotValid("a key of another purpose"));
            }
            if key.revoked_at(place) {
                return Err(FormatError::KeyNotValid("a revoked key"));
            }
            // As many as are asked for, each of another algorithm: none is missing.
            let stands_for_another = signers.iter().any(|signer| signer.algorithm == key.algorithm);
            if stands_for_another || !required.contains(&key.algorithm) {
                return Err(FormatError::SignatureMissing);
            }
            verify_by(key.algorithm, &key.public_key, &message, line.signature)?;
            signers.push(key);
        }
        Ok(VerifiedPayload { payload: self.payload, suite, keys: signers, place })
    }

    /// Verifies with one given public key: how statements are proved by root or delegate.
    pub(super) fn verify_with(&self, id: &Digest, public_key: &[u8]) -> Result<(), FormatError> {
        let line = self.signatures.iter().find(|line| line.key_id == id);
        let line = line.ok_or(FormatError::SignatureMissing)?;
        let message = pre_authentication_encoding(self.kind.media_type(), self.payload);
        Ok(verify_ed25519(public_key, &message, line.signature)?)
    }

    /// Signs the same payload with other keys.
    pub(super) fn resigned(self, by: &Signing) -> Result<Vec<u8>, FormatError> {
        by.sign(self.kind, self.payload.to_vec())
    }

    /// Ids of the keys that claim to have signed.
    pub fn signers(&self) -> impl Iterator<Item = &[u8]> {
        self.signatures.iter().map(|line| line.key_id)
    }
}

impl<'a> Line<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let mut line = Self::default();
        fields::each(bytes, "envelope", |tag, field| {
            match (tag, field) {
                (1, Field::Bytes(bytes)) => line.key_id = bytes,
                (2, Field::Bytes(bytes)) => line.signature = bytes,
                (1..=2, _) => return Err(FormatError::Malformed("envelope")),
                _ => {}
            }
            Ok(())
        })?;
        Ok(line)
    }
}

impl<'a> VerifiedPayload<'a> {
    /// The one key of a payload that only suite 1 has.
    pub(super) fn only_key(&self) -> Result<&'a ProvenKey, FormatError> {
        match self.keys[..] {
            [key] => Ok(key),
            _ => Err(FormatError::Suite(self.suite.number())),
        }
    }

    /// SHA-256 of the payload.
    pub fn digest(&self) -> Digest {
        sha256(self.payload)
    }

    /// Checks that the keys could be used at the time that the payload names, and that its suite
    /// was enough then.
    pub fn signed_within(&self, at: Millis, keys: &dyn KeySource) -> Result<(), FormatError> {
        self.suite_enough(at, keys)?;
        self.keys.iter().try_for_each(|key| Ok(standing(key, at, self.place)?))
    }

    /// The same of a packet header that came by `seen`.
    pub(super) fn header_within(
        &self,
        created: Millis,
        seen: Millis,
        keys: &dyn KeySource,
    ) -> Result<(), FormatError> {
        self.suite_enough(created, keys)?;
        self.keys.iter().try_for_each(|key| Ok(standing_header(key, created, seen)?))
    }

    fn suite_enough(&self, at: Millis, keys: &dyn KeySource) -> Result<(), FormatError> {
        (self.suite >= keys.least(at)).then_some(()).ok_or(FormatError::Suite(self.suite.number()))
    }
}

/// Checks the suite that a statement or an offer names.
pub(super) fn suite(named: u32) -> Result<(), FormatError> {
    (named == SUITE).then_some(()).ok_or(FormatError::Suite(named))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever byte is changed and wherever it is cut: an envelope is read where a full decoder
    /// reads it, and as that does.
    #[test]
    fn an_envelope_is_read_as_a_full_decoder_reads_it() {
        let kind = PayloadType::Evidence;
        let line = |byte| Signature { key_id: vec![byte; 5], signature: vec![byte; 7] };
        let signatures = vec![line(1), line(2)];
        let payload_type = kind.media_type().to_owned();
        let whole = Signed { payload_type, payload: vec![9; 20], signatures }.encode_to_vec();
        let mut read = 0;
        let mut check = |envelope: &[u8]| {
            let full = Signed::decode(envelope).ok().filter(|full| full.payload_type == kind.media_type());
            let full = full.filter(|full| full.signatures.len() <= limits::SIGNATURES);
            let ours = Unverified::parse(kind, envelope).ok();
            assert_eq!(ours.is_some(), full.is_some(), "{}", hex::encode(envelope));
            let (Some(ours), Some(full)) = (ours, full) else { return };
            assert_eq!(ours.payload, full.payload);
            let lines = ours.signatures.iter().map(|line| (line.key_id, line.signature));
            assert!(lines.eq(full.signatures.iter().map(|full| (&*full.key_id, &*full.signature))));
            read += 1;
        };
        fields::each_bent(&whole, &mut check);
        check(&[&whole[..], &whole, &whole].concat());
        check(&[&whole[..], &whole].concat());
        assert!(read > 1000, "{read} were read");
    }
}
