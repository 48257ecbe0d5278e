//! Key statements: the chain from an authority's fingerprint to each of its keys.
//!
//! Statement 0 names the root, and its SHA-256 is the fingerprint. Every later statement
//! is signed by the root, or by a delegate that the root named, for purposes that it named.

use super::Millis;
use super::chain::standing::{Place, standing};
use super::id::AuthorityId;
use super::suite::Slot;
use super::wire::{algorithm::Code as Algorithm, purpose::Code as Purpose, revocation::Reason};
use crate::crypto::CryptoError;
use crate::crypto::hash::{Digest, sha256, sha256_parts};
use crate::crypto::ml_dsa::{PUBLIC_KEY as ML_DSA_KEY, verify_ml_dsa};
use crate::crypto::sign::{
    Signer, pre_authentication_encoding, verify_ed25519, verify_p256, verify_p384, verify_rsa,
};

const POSSESSION: &str = "application/vnd.rogatory.possession.v1";

/// A key that a statement proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenKey {
    /// SHA-256 over purpose, algorithm and public key.
    pub id: Digest,
    /// The one thing it is for.
    pub purpose: Purpose,
    /// Its algorithm; unspecified: one that is not known here, and nothing verifies under it.
    pub algorithm: Algorithm,
    /// Its public half.
    pub public_key: Vec<u8>,
    /// May be used from this time ...
    pub not_before: Millis,
    /// ... until before this one.
    pub not_after: Millis,
    /// Position of its statement.
    pub seq: u64,
    /// What later statements say of its end, in their order; the last one counts.
    pub ends: Vec<End>,
    /// Purposes that it may state, where it is a delegate.
    pub may_state: Vec<Purpose>,
}

/// The end of a key, as a statement says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// Why.
    pub reason: Reason,
    /// From when: see [`standing`].
    pub since: Millis,
    /// Position of the statement.
    pub seq: u64,
    /// Of a revocation: what stands in the author's log at a smaller index was signed before.
    pub log_size: u64,
}

impl End {
    /// Whether somebody else may have the key, so that no time in anything signed counts.
    pub fn is_revocation(&self) -> bool {
        is_revocation(self.reason)
    }
}

/// Whether a key that ends for this reason may be in other hands.
pub fn is_revocation(reason: Reason) -> bool {
    matches!(reason, Reason::Compromised | Reason::Lost)
}

/// A key to be stated.
pub struct NewKey<'a> {
    /// What it is for.
    pub purpose: Purpose,
    /// Its public half.
    pub public_key: Vec<u8>,
    /// When it may be used.
    pub valid: (Millis, Millis),
    /// Purposes that it may state, where it is a delegate.
    pub may_state: Vec<Purpose>,
    /// Ids that are void from here on.
    pub revokes: Vec<Digest>,
    /// The private half, to prove possession; none for content keys.
    pub signer: Option<&'a dyn Signer>,
}

/// Id of a key: SHA-256 over a label, purpose, algorithm and public key.
pub fn key_id(purpose: Purpose, algorithm: Algorithm, public_key: &[u8]) -> Digest {
    key_id_of(purpose, algorithm as u8, public_key)
}

/// The same, by the number of the algorithm.
pub(super) fn key_id_of(purpose: Purpose, algorithm: u8, public_key: &[u8]) -> Digest {
    sha256_parts(&[b"rogatory/v1 key", &[purpose as u8, algorithm], public_key])
}

/// Id of a root key, which has no purpose of its own (0).
pub fn root_id(public_key: &[u8]) -> Digest {
    key_id(Purpose::Unspecified, Algorithm::Ed25519, public_key)
}

/// Checks a signature of this algorithm.
pub(super) fn verify_by(
    algorithm: Algorithm,
    public_key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    match algorithm {
        Algorithm::Ed25519 => verify_ed25519(public_key, message, signature),
        Algorithm::EcdsaP256 => verify_p256(public_key, message, signature),
        Algorithm::EcdsaP384 => verify_p384(public_key, message, signature),
        Algorithm::Rsa => verify_rsa(public_key, message, signature),
        Algorithm::MlDsa65 => verify_ml_dsa(public_key, message, signature),
        Algorithm::XWing | Algorithm::Unspecified => Err(CryptoError::Key),
    }
}

/// Algorithm that suite 1 has for a purpose, and that keys made here have.
pub fn algorithm_of(purpose: Purpose) -> Algorithm {
    match purpose {
        Purpose::Content => Algorithm::XWing,
        Purpose::Tls => Algorithm::EcdsaP256,
        _ => Algorithm::Ed25519,
    }
}

/// Algorithm of this very key: suite 1 leaves a choice for TLS, and the form of the public half
/// tells which it is.
pub fn stated_algorithm(purpose: Purpose, public_key: &[u8]) -> Algorithm {
    match (purpose, public_key.len()) {
        (Purpose::Tls, 65) => Algorithm::EcdsaP256,
        (Purpose::Tls, 97) => Algorithm::EcdsaP384,
        (Purpose::Tls, _) => Algorithm::Rsa,
        (Purpose::Packet | Purpose::Evidence, ML_DSA_KEY) => Algorithm::MlDsa65,
        _ => algorithm_of(purpose),
    }
}

impl ProvenKey {
    /// Whether it may be used at `now`.
    pub fn usable(&self, now: Millis) -> bool {
        standing(self, now, Place::Loose).is_ok()
    }

    /// Where it stands among the keys of its authority. Suite 1 leaves a choice for TLS, so a key
    /// of a PKI follows the one before whatever either is of.
    pub fn slot(&self) -> Slot {
        let algorithm = match (self.purpose, self.algorithm) {
            (Purpose::Tls, Algorithm::EcdsaP384 | Algorithm::Rsa) => algorithm_of(Purpose::Tls),
            (_, own) => own,
        };
        (self.purpose, algorithm)
    }

    /// Its end, if a statement says one.
    pub fn end(&self) -> Option<&End> {
        self.ends.last()
    }

    /// Whether nothing new under it is taken any more, whatever time it names.
    pub fn revoked(&self) -> bool {
        self.revoked_at(Place::Loose)
    }

    /// The same of what is found at this place.
    pub fn revoked_at(&self, place: Place) -> bool {
        self.end().is_some_and(|end| end.is_revocation() && !place.is_before(end.log_size))
    }
}

/// What a new key signs to prove that its owner has it.
pub(super) fn possession(
    authority: &AuthorityId,
    purpose: Purpose,
    prev: &Digest,
    public_key: &[u8],
) -> Vec<u8> {
    let name = authority.as_str().as_bytes();
    let payload = [&[name.len() as u8], name, &[purpose as u8], prev.as_slice(), public_key].concat();
    pre_authentication_encoding(POSSESSION, &payload)
}

/// SHA-256 of a root's public key: how the next root is committed to.
pub fn root_commitment(public_key: &[u8]) -> Digest {
    sha256(public_key)
}
