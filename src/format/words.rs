//! Fingerprints for people: hex in groups, or 24 words with a check sum (BIP 39).

use super::FormatError;
use crate::crypto::hash::Digest;
use bip39::{Language, Mnemonic};

/// 24 English words; the last carries a check sum.
pub fn to_words(fingerprint: &Digest) -> String {
    Mnemonic::from_entropy_in(Language::English, fingerprint)
        .expect("32 bytes are a length that BIP 39 knows")
        .words()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Hex in eight groups of eight.
pub fn to_hex(fingerprint: &Digest) -> String {
    let hex = hex::encode(fingerprint);
    hex.as_bytes()
        .chunks(8)
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Reads either form; spaces, colons, dashes and case do not matter.
pub fn parse(text: &str) -> Result<Digest, FormatError> {
    let lower = text.trim().to_lowercase();
    let compact: String = lower.chars().filter(|c| !c.is_whitespace() && *c != ':' && *c != '-').collect();
    if compact.len() == 64 && compact.bytes().all(|b| b.is_ascii_hexdigit()) {
        let bytes = hex::decode(compact).map_err(|_| FormatError::Malformed("fingerprint"))?;
        return super::digest(&bytes, "fingerprint");
    }
    let words = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    let mnemonic = Mnemonic::parse_in(Language::English, &words).map_err(|_| {
        FormatError::Malformed("fingerprint: neither 64 hex digits nor 24 words with a right check sum")
    })?;
    super::digest(&mnemonic.to_entropy(), "fingerprint: 24 words are needed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_round_trip_and_a_wrong_word_is_seen() {
        let fingerprint: Digest = std::array::from_fn(|i| i as u8 * 7);
        let words = to_words(&fingerprint);
        assert_eq!(words.split(' ').count(), 24);
        assert_eq!(parse(&words.to_uppercase()).unwrap(), fingerprint);
        assert_eq!(parse(&to_hex(&fingerprint)).unwrap(), fingerprint);
        let mut swapped: Vec<&str> = words.split(' ').collect();
        swapped.swap(0, 1);
        assert!(parse(&swapped.join(" ")).is_err());
        assert!(parse("abc").is_err());
    }
}
