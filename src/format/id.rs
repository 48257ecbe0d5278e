//! Names of authorities, packets, cases and statuses.

use super::FormatError;
use crate::crypto::CryptoError;
use crate::crypto::entropy::{Entropy, fresh};
use std::fmt;
use std::str::FromStr;

/// Name of an authority: 2 to 32 of `A–Z`, `0–9` and `-`, beginning with a letter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorityId(String);

impl AuthorityId {
    /// Checks a name.
    pub fn parse(raw: &str) -> Result<Self, FormatError> {
        let good = (2..=32).contains(&raw.len())
            && raw.starts_with(|c: char| c.is_ascii_uppercase())
            && raw.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
        good.then(|| Self(raw.to_owned())).ok_or(FormatError::Malformed("authority id"))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AuthorityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AuthorityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Name of a packet or a status: a UUIDv7 (RFC 9562 §5.7).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketId([u8; 16]);

/// Name of a case: a UUIDv7 that the authority chose which opened it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId([u8; 16]);

macro_rules! uuid_v7 {
    ($name:ident, $what:literal) => {
        impl $name {
            /// A fresh id of this millisecond.
            pub fn fresh(now: super::Millis, entropy: &dyn Entropy) -> Result<Self, CryptoError> {
                let random = fresh::<10>(entropy)?;
                Ok(Self(*uuid::Builder::from_unix_timestamp_millis(now, &random).into_uuid().as_bytes()))
            }

            /// Checks 16 bytes.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
                let id: [u8; 16] = bytes.try_into().map_err(|_| FormatError::Malformed($what))?;
                let uuid = uuid::Uuid::from_bytes(id);
                let good = uuid.get_version_num() == 7 && uuid.get_variant() == uuid::Variant::RFC4122;
                good.then_some(Self(id)).ok_or(FormatError::Malformed($what))
            }

            /// Checks 16 bytes that may be left out.
            pub fn from_optional(bytes: &[u8]) -> Result<Option<Self>, FormatError> {
                if bytes.is_empty() { Ok(None) } else { Self::from_bytes(bytes).map(Some) }
            }

            /// The 16 bytes.
            pub fn bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                uuid::Uuid::from_bytes(self.0).hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = FormatError;

            fn from_str(text: &str) -> Result<Self, FormatError> {
                let uuid = uuid::Uuid::try_parse(text).map_err(|_| FormatError::Malformed($what))?;
                Self::from_bytes(uuid.as_bytes())
            }
        }
    };
}

uuid_v7!(PacketId, "packet id");
uuid_v7!(CaseId, "case id");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;

    #[test]
    fn names_are_checked() {
        for good in ["XA", "XB-MOJ", "A1"] {
            assert!(AuthorityId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "X", "xa", "1A", "X A", "XA/..", &"X".repeat(33), "XÄ"] {
            assert!(AuthorityId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ids_carry_their_time_and_version() {
        let id = PacketId::fresh(1_700_000_000_000, &SystemEntropy::default()).unwrap();
        assert_eq!(id.to_string().parse::<PacketId>().unwrap(), id);
        assert_eq!(id.bytes()[..6], 1_700_000_000_000_u64.to_be_bytes()[2..]);
        assert!(PacketId::from_bytes(&[0; 16]).is_err());
        assert!(PacketId::from_bytes(&id.bytes()[..15]).is_err());
    }
}
