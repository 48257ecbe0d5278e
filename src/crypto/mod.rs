//! Floor 0: signatures, sealing, hashes, keys. The only home of ring, hpke, ml-dsa, argon2 and cryptoki.
//!
//! Nothing here knows a message, a file or a socket: byte strings in, byte strings out.

pub mod entropy;
pub mod epoch;
pub mod hash;
pub mod hybrid;
pub mod key_box;
pub mod ml_dsa;
pub mod object;
pub mod passphrase;
mod salted;
pub mod sign;
pub mod tls_key;
pub mod token;

/// Length of every digest, key id, symmetric key and salt, in bytes.
pub const LEN: usize = 32;

/// A cryptographic check failed, or a key could not be read.
///
/// Deliberately says no more than the step: which byte was wrong is nobody's business.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// A signature does not verify.
    #[error("signature does not verify")]
    Signature,
    /// A key has the wrong length or form.
    #[error("key is malformed")]
    Key,
    /// An AEAD refused to open.
    #[error("sealed bytes do not open")]
    Open,
    /// An opened object disagrees with its commitment, root or digest.
    #[error("object disagrees with what was signed")]
    Object,
    /// The system gave no randomness.
    #[error("no randomness from the system")]
    Entropy,
    /// The token that holds the key did not sign.
    #[error(transparent)]
    Token(#[from] token::TokenError),
}
