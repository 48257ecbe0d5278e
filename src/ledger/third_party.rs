//! Third-party witnesses: no peers, known by a verifier key alone (C2SP tlog-cosignature).

use super::LedgerError;
use super::checkpoint::{COSIGNATURE_V1, Checkpoint, note_key_id};
use crate::crypto::LEN;
use crate::format::{Millis, limits};
use base64::Engine as _;

/// A witness's verifier key: `name+hash+base64(type ‖ public key)`, of type `cosignature/v1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThirdParty {
    text: String,
    name: String,
    public_key: Vec<u8>,
}

impl ThirdParty {
    /// Reads a verifier key, and checks that the hash in it is the key's.
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let wrong = LedgerError::Checkpoint("verifier key is malformed, or no cosignature/v1 key");
        if text.len() > limits::VERIFIER_KEY {
            return Err(wrong);
        }
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(wrong);
        };
        let Ok(key) = base64::engine::general_purpose::STANDARD.decode(encoded) else { return Err(wrong) };
        let Some((algorithm, public_key)) = key.split_first() else { return Err(wrong) };
        let agrees = *algorithm == COSIGNATURE_V1
            && public_key.len() == LEN
            && id == format!("{:08x}", note_key_id(name, COSIGNATURE_V1, public_key));
        if !agrees || name.is_empty() || name.chars().any(char::is_whitespace) {
            return Err(wrong);
        }
        Ok(Self { text: text.to_owned(), name: name.to_owned(), public_key: public_key.to_vec() })
    }

    /// The same from the bytes of an entry's object.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, LedgerError> {
        Self::parse(std::str::from_utf8(bytes).unwrap_or_default())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The verifier key as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it cosigned this checkpoint, and when (milliseconds).
    pub fn cosignature(&self, checkpoint: &Checkpoint) -> Result<Option<Millis>, LedgerError> {
        checkpoint.cosignature_under(&self.name, &self.public_key)
    }
}
