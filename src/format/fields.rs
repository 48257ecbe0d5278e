//! Fields of a message, read where they lie: for what is read so often that a copy of each
//! would show. What a message may look like is the same as for a full decoder.

use super::FormatError;
use prost::bytes::Buf as _;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

/// One field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    /// A number.
    Number(u64),
    /// Bytes, text, or a message.
    Bytes(&'a [u8]),
    /// Of a form that nothing here has.
    Other,
}

/// Shows every field with its number, in the order of the bytes. `name` is the message's, for
/// errors.
pub(crate) fn each<'a>(
    mut rest: &'a [u8],
    name: &'static str,
    mut show: impl FnMut(u32, Field<'a>) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let malformed = |_| FormatError::Malformed(name);
    while rest.has_remaining() {
        let (tag, form) = decode_key(&mut rest).map_err(malformed)?;
        let field = match form {
            WireType::Varint => Field::Number(decode_varint(&mut rest).map_err(malformed)?),
            WireType::LengthDelimited => {
                let length = decode_varint(&mut rest).map_err(malformed)?;
                let length = usize::try_from(length).map_err(|_| FormatError::Malformed(name))?;
                let (bytes, behind) = rest.split_at_checked(length).ok_or(FormatError::Malformed(name))?;
                rest = behind;
                Field::Bytes(bytes)
            }
            form => {
                skip_field(form, tag, &mut rest, DecodeContext::default()).map_err(malformed)?;
                Field::Other
            }
        };
        show(tag, field)?;
    }
    Ok(())
}

/// A message without the fields of these numbers; what else is in it stays as it was written, known
/// here or not.
pub(crate) fn without(whole: &[u8], name: &'static str, tags: &[u32]) -> Result<Vec<u8>, FormatError> {
    let malformed = |_| FormatError::Malformed(name);
    let (mut rest, mut kept) = (whole, Vec::with_capacity(whole.len()));
    while rest.has_remaining() {
        let before = rest;
        let (tag, form) = decode_key(&mut rest).map_err(malformed)?;
        skip_field(form, tag, &mut rest, DecodeContext::default()).map_err(malformed)?;
        if !tags.contains(&tag) {
            kept.extend_from_slice(&before[..before.len() - rest.len()]);
        }
    }
    Ok(kept)
}

/// Shows a message cut at every place, and with every byte at every place changed or put in.
#[cfg(test)]
pub fn each_bent(whole: &[u8], mut check: impl FnMut(&[u8])) {
    for at in 0..whole.len() {
        check(&whole[..at]);
        for byte in 0..=u8::MAX {
            let mut changed = whole.to_vec();
            changed[at] = byte;
            check(&changed);
            changed[at] = whole[at];
            changed.insert(at, byte);
            check(&changed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::wire::{AckEntry, Statistics};
    use prost::Message as _;

    fn shown(bytes: &[u8]) -> Result<Vec<(u32, Field<'_>)>, FormatError> {
        let mut shown = Vec::new();
        each(bytes, "test", |tag, field| {
            shown.push((tag, field));
            Ok(())
        })?;
        Ok(shown)
    }

    #[test]
    fn what_is_left_out_leaves_the_rest_as_it_was() {
        let bytes = AckEntry { leaf: vec![7; 300], index: 300, ..AckEntry::default() }.encode_to_vec();
        // A field that nobody knows yet, and one of a form of its own.
        let unknown = [&[0x82, 0x7d, 2, 9, 9][..], &[0xfd, 0x7d, 1, 2, 3, 4]].concat();
        let whole = [&unknown[..5], &bytes, &unknown[5..]].concat();
        assert_eq!(without(&whole, "test", &[2, 3]).unwrap(), unknown);
        assert_eq!(without(&whole, "test", &[]).unwrap(), whole);
        for cut in 1..whole.len() {
            let read = AckEntry::decode(&whole[..cut]).is_ok();
            assert_eq!(without(&whole[..cut], "test", &[2]).is_ok(), read, "{cut}");
        }
    }

    #[test]
    fn shows_what_was_encoded_and_nothing_that_is_cut() {
        let (leaf, inclusion) = (vec![1, 2], vec![vec![3; 32], Vec::new()]);
        let bytes = AckEntry { objects: Vec::new(), leaf, index: 300, inclusion }.encode_to_vec();
        let fields = [
            (2, Field::Bytes(&[1, 2])),
            (3, Field::Number(300)),
            (4, Field::Bytes(&[3; 32])),
            (4, Field::Bytes(&[])),
        ];
        assert_eq!(shown(&bytes).unwrap(), fields);
        // Wherever it is cut, it is read as a full decoder reads it: between fields, or not at all.
        for cut in 0..bytes.len() {
            assert_eq!(shown(&bytes[..cut]).is_ok(), AckEntry::decode(&bytes[..cut]).is_ok(), "{cut}");
        }
        let (fixed, group) = ([0x0d, 1, 2, 3, 4], [0x0b, 0x08, 0x01, 0x0c]);
        assert_eq!(shown(&[fixed.as_slice(), &group].concat()).unwrap(), [(1, Field::Other); 2]);
        for bad in [&[0x07][..], &[0x00, 1], &[0x0c], &[0x0b, 0x08], &[0x08, 0x80], &[0x0d, 1]] {
            assert!(shown(bad).is_err() && Statistics::decode(bad).is_err(), "{bad:?}");
        }
    }
}
