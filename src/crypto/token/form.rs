//! What tokens give, in the forms that statements and TLS know.

use super::KeyKind;

/// The public key in `CKA_EC_POINT`: a DER OCTET STRING as PKCS#11 has it, or the bare bytes
/// that some tokens give.
pub(super) fn public_key(kind: KeyKind, point: &[u8]) -> Option<Vec<u8>> {
    let length = match kind {
        KeyKind::Ed25519 => 32,
        // Uncompressed: 4, x, y (SEC 1 §2.3.3).
        KeyKind::P256 => 65,
    };
    let bare = match point {
        [0x04, prefix, bare @ ..] if bare.len() == length && usize::from(*prefix) == length => bare,
        bare if bare.len() == length => bare,
        _ => return None,
    };
    (kind == KeyKind::Ed25519 || bare[0] == 0x04).then(|| bare.to_vec())
}

/// An ECDSA signature as `SEQUENCE { INTEGER r, INTEGER s }` (RFC 3279 §2.2.3), from r and s
/// of 32 bytes each.
pub(super) fn ecdsa_der(signature: &[u8]) -> Option<Vec<u8>> {
    if signature.len() != 64 {
        return None;
    }
    let (r, s) = signature.split_at(32);
    let body = [integer(r), integer(s)].concat();
    Some([&[0x30, body.len() as u8], &body[..]].concat())
}

/// A DER INTEGER of at most 32 bytes, big-endian, not negative.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeroes = bytes.iter().take_while(|byte| **byte == 0).count().min(bytes.len() - 1);
    let shortest = &bytes[zeroes..];
    let sign: &[u8] = if shortest[0] & 0x80 == 0 { &[] } else { &[0] };
    [&[0x02, (sign.len() + shortest.len()) as u8], sign, shortest].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_come_wrapped_and_bare() {
        let edwards: Vec<u8> = (4..36).collect();
        for point in [edwards.clone(), [&[0x04, 32], &edwards[..]].concat()] {
            assert_eq!(public_key(KeyKind::Ed25519, &point), Some(edwards.clone()));
            assert_eq!(public_key(KeyKind::P256, &point), None);
        }
        // x begins with 0x41: the bare point begins as the wrapped one does.
        let nist: Vec<u8> = [0x04, 0x41].into_iter().chain(0..63).collect();
        for point in [nist.clone(), [&[0x04, 65], &nist[..]].concat()] {
            assert_eq!(public_key(KeyKind::P256, &point), Some(nist.clone()));
            assert_eq!(public_key(KeyKind::Ed25519, &point), None);
        }
        let compressed = [&[0x02][..], &[7; 64]].concat();
        assert_eq!(public_key(KeyKind::P256, &compressed), None);
        for point in [&[][..], &[0x04], &[0x04, 31, 7], &[7; 31], &[7; 34]] {
            assert_eq!(public_key(KeyKind::Ed25519, point), None);
        }
    }

    #[test]
    fn signatures_become_the_shortest_der() {
        let of = |r: [u8; 32], s: [u8; 32]| ecdsa_der(&[r, s].concat()).unwrap();
        let (mut one, mut high) = ([0; 32], [0; 32]);
        one[31] = 1;
        high[30] = 0x80;
        assert_eq!(of(one, high), [0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 0]);
        assert_eq!(of([0; 32], one), [0x30, 6, 2, 1, 0, 2, 1, 1]);
        let long = of([0xff; 32], [0x7f; 32]);
        assert_eq!((long.len(), &long[..5]), (2 + 35 + 34, &[0x30, 69, 2, 33, 0][..]));
        assert_eq!(ecdsa_der(&[1; 63]), None);
    }
}
