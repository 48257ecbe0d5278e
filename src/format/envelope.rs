//! The DSSE envelope: signing, and opening only what verifies.

use super::chain::standing::standing;
use super::statement::{ProvenKey, verify_by};
use super::suite::Suite;
use super::wire::{Signature, Signed, purpose::Code as Purpose};
use super::{FormatError, Millis, SUITE, decode, limits};
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
    /// `BundleContents`.
    Bundle,
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
            Self::Bundle => "application/vnd.rogatory.bundle.v1+protobuf",
        }
    }

    /// The purpose of the key that signs it; a statement is signed by root or delegate.
    fn purpose(self) -> Purpose {
        match self {
            Self::Packet => Purpose::Packet,
            Self::Evidence | Self::Deferral | Self::Status | Self::PairingOffer | Self::Bundle => {
                Purpose::Evidence
            }
            Self::KeyStatement => Purpose::Delegate,
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
pub struct Unverified {
    kind: PayloadType,
    signed: Signed,
}

/// A payload that its author signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedPayload {
    /// The exact signed bytes.
    pub payload: Vec<u8>,
    /// SHA-256 of the payload.
    pub digest: Digest,
    /// The suite that it names.
    pub suite: Suite,
    /// Keys that signed, as they stand now: one for each algorithm of the suite.
    pub keys: Vec<ProvenKey>,
}

impl Unverified {
    /// Reads an envelope of the expected type, bounded before it is parsed.
    pub fn parse(kind: PayloadType, envelope: &[u8]) -> Result<Self, FormatError> {
        let bound = match kind {
            PayloadType::PairingOffer => limits::OFFER,
            PayloadType::Bundle => limits::BUNDLE_SIGNED,
            _ => limits::ENVELOPE,
        };
        if envelope.len() > bound {
            return Err(FormatError::Malformed("envelope too long"));
        }
        let signed: Signed = decode(envelope, "envelope")?;
        if signed.payload_type != kind.media_type() {
            return Err(FormatError::Malformed("payload type"));
        }
        if signed.signatures.len() > limits::SIGNATURES {
            return Err(FormatError::Malformed("too many signatures"));
        }
        Ok(Self { kind, signed })
    }

    /// The payload, to look up whose keys to use. Nothing in it may be believed before
    /// [`Unverified::verify`].
    pub fn danger_unverified_payload(&self) -> &[u8] {
        &self.signed.payload
    }

    /// SHA-256 of the payload bytes.
    pub fn digest(&self) -> Digest {
        sha256(&self.signed.payload)
    }

    /// Whether these bytes are exactly what [`sign`] makes of it: one signature, and nothing
    /// that a decoder passes over.
    pub fn is_exactly(&self, envelope: &[u8]) -> bool {
        self.signed.signatures.len() == 1 && self.signed.encode_to_vec() == envelope
    }

    /// Verifies as the suite asks that the payload names: one signature for each of its
    /// algorithms, in any order, each by a proved key of the right purpose, and none besides.
    pub fn verify(self, keys: &dyn KeySource) -> Result<VerifiedPayload, FormatError> {
        let suite = Suite::named(self.kind, &self.signed.payload)?;
        let required = suite.required(self.kind).ok_or(FormatError::Suite(suite.number()))?;
        let signatures = &self.signed.signatures;
        if signatures.len() < required.len() {
            return Err(FormatError::SignatureMissing);
        }
        if signatures.len() > required.len() {
            return Err(FormatError::Malformed("more signatures than the suite asks for"));
        }
        let message = pre_authentication_encoding(self.kind.media_type(), &self.signed.payload);
        let mut signers: Vec<ProvenKey> = Vec::with_capacity(required.len());
        for signature in signatures {
            let key = keys
                .key(&signature.key_id)
                .ok_or_else(|| FormatError::KeyUnknown(hex::encode(&signature.key_id)))?;
            if key.purpose != self.kind.purpose() {
                return Err(FormatError::KeyNotValid("a key of another purpose"));
            }
            if key.revoked() {
                return Err(FormatError::KeyNotValid("a revoked key"));
            }
            // As many as are asked for, each of another algorithm: none is missing.
            let stands_for_another = signers.iter().any(|signer| signer.algorithm == key.algorithm);
            if stands_for_another || !required.contains(&key.algorithm) {
                return Err(FormatError::SignatureMissing);
            }
            verify_by(key.algorithm, &key.public_key, &message, &signature.signature)?;
            signers.push(key.clone());
        }
        let digest = sha256(&self.signed.payload);
        Ok(VerifiedPayload { payload: self.signed.payload, digest, suite, keys: signers })
    }

    /// Verifies with one given public key: how statements are proved by root or delegate.
    pub(super) fn verify_with(&self, id: &Digest, public_key: &[u8]) -> Result<(), FormatError> {
        let signature = self
            .signed
            .signatures
            .iter()
            .find(|signature| signature.key_id == id)
            .ok_or(FormatError::SignatureMissing)?;
        let message = pre_authentication_encoding(self.kind.media_type(), &self.signed.payload);
        Ok(verify_ed25519(public_key, &message, &signature.signature)?)
    }

    /// Ids of the keys that claim to have signed.
    pub(super) fn signers(&self) -> impl Iterator<Item = &[u8]> {
        self.signed.signatures.iter().map(|signature| signature.key_id.as_slice())
    }
}

impl VerifiedPayload {
    /// Checks that the keys could be used at the time that the payload names, and that its suite
    /// was enough then.
    pub fn signed_within(&self, at: Millis, keys: &dyn KeySource) -> Result<(), FormatError> {
        if self.suite < keys.least(at) {
            return Err(FormatError::Suite(self.suite.number()));
        }
        self.keys.iter().try_for_each(|key| Ok(standing(key, at)?))
    }
}

/// Checks the suite that a statement or an offer names.
pub(super) fn suite(named: u32) -> Result<(), FormatError> {
    (named == SUITE).then_some(()).ok_or(FormatError::Suite(named))
}
