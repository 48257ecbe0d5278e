//! Floor 1: bytes ⇄ checked values. Pure: no file, no socket, no clock.
//!
//! A value of a type in here has been checked; later code never checks it again.

mod armor;
pub mod carried;
pub mod chain;
pub mod envelope;
pub mod evidence;
pub(crate) mod fields;
pub mod group;
pub mod id;
pub mod leaf;
pub mod limits;
pub mod offer;
pub mod offline;
pub mod packet;
pub mod pairing;
pub mod sequence;
pub mod statement;
pub mod status;
pub mod suite;
pub mod wire;
pub mod words;

use crate::crypto::CryptoError;
use crate::crypto::hash::Digest;
use crate::crypto::token::TokenError;
use wire::cause::Code as Cause;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = u64;

/// The suite of statements, offers and proof bundles: Ed25519 signatures. What else there is:
/// [`suite::Suite`].
pub const SUITE: u32 = 1;

/// Bytes that are not what they should be, with what a peer is told and what we know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// A field is missing, too long, or not of its form.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// Another suite than ours.
    #[error("suite {0} is not supported")]
    Suite(u32),
    /// Fewer signatures than the suite asks for.
    #[error("a signature that the suite asks for is missing")]
    SignatureMissing,
    /// A signature does not verify.
    #[error("a signature does not verify")]
    SignatureInvalid,
    /// Signed with a key that no statement here proves.
    #[error("signed with a key that is not known: {0}")]
    KeyUnknown(String),
    /// Signed with a key of another purpose, or outside its time.
    #[error("signed with a key that is not valid for this: {0}")]
    KeyNotValid(&'static str),
    /// A chain of statements that does not hold together.
    #[error("key statement {seq}: {why}")]
    Chain {
        /// Position of the statement.
        seq: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// Two statements of one authority, each well signed, that contradict each other.
    #[error(
        "key statement {seq} contradicts one that is known: the authority's statements have two branches"
    )]
    Fork {
        /// Position of the statement that came second.
        seq: u64,
        /// Digest of the statement that is known.
        known: Digest,
        /// Digest of the one that contradicts it.
        other: Digest,
    },
    /// Nothing is wrong with the bytes: our own token did not sign them.
    #[error(transparent)]
    Token(TokenError),
}

impl FormatError {
    /// The cause that evidence names.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Malformed(_) | Self::Chain { .. } | Self::Fork { .. } => Cause::Malformed,
            Self::Suite(_) => Cause::SuiteUnsupported,
            Self::SignatureMissing => Cause::SignatureMissing,
            Self::SignatureInvalid => Cause::SignatureInvalid,
            Self::KeyUnknown(_) => Cause::KeyUnknown,
            Self::KeyNotValid(_) => Cause::KeyNotValid,
            Self::Token(_) => Cause::Busy,
        }
    }
}

impl From<CryptoError> for FormatError {
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::Token(error) => Self::Token(error),
            _ => Self::SignatureInvalid,
        }
    }
}

/// A 32-byte field.
pub(crate) fn digest(bytes: &[u8], field: &'static str) -> Result<Digest, FormatError> {
    bytes.try_into().map_err(|_| FormatError::Malformed(field))
}

/// A 32-byte field that may be left out.
pub(crate) fn optional_digest(bytes: &[u8], field: &'static str) -> Result<Option<Digest>, FormatError> {
    if bytes.is_empty() { Ok(None) } else { digest(bytes, field).map(Some) }
}

/// Bytes of a field that may be left out.
pub(crate) fn optional_bytes<T: AsRef<[u8]>>(value: &Option<T>) -> Vec<u8> {
    value.as_ref().map(|v| v.as_ref().to_vec()).unwrap_or_default()
}

/// Decodes a message, naming it when it fails.
pub(crate) fn decode<M: prost::Message + Default>(
    bytes: &[u8],
    name: &'static str,
) -> Result<M, FormatError> {
    M::decode(bytes).map_err(|_| FormatError::Malformed(name))
}
