//! What is sealed: objects, key boxes, and keys at rest.

use crate::authority::{Counting, fixed, hexed, packet_id};
use rogatory::crypto::epoch::EpochKey;
use rogatory::crypto::hash::sha256;
use rogatory::crypto::key_box::{Parties, SealContext};
use rogatory::crypto::object::{CHUNK, ContentKey, ObjectKey, open_all, seal_all};
use rogatory::format::packet::{decode_key_box, encode_key_box};
use serde_json::{Value, json};

/// The content key of every vector.
pub const CONTENT_KEY: [u8; 32] = [0x5a; 32];

/// Byte i of a plaintext is (31 i + 7) mod 251.
pub fn plaintext(length: usize) -> Vec<u8> {
    (0..length).map(|i| ((31 * i + 7) % 251) as u8).collect()
}

/// Objects of several lengths, around the bounds of a chunk.
pub fn objects() -> Value {
    let id = packet_id(1);
    let content = ContentKey::from_bytes(CONTENT_KEY);
    let lengths = [0, 1, 16, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5];
    let vectors: Vec<Value> = lengths
        .into_iter()
        .zip(0_u32..)
        .map(|(length, number)| {
            let key = content.object_key(id.bytes(), number);
            let plain = plaintext(length);
            let (cipher, sealed) = seal_all(&key, &plain).unwrap();
            let disclosed = ObjectKey::from_bytes(*key.danger_bytes());
            assert_eq!(open_all(&disclosed, &sealed, cipher.clone()).unwrap(), plain);
            let mut vector = json!({
                "object": number, "plaintext_length": length, "plaintext_sha256": hexed(sha256(&plain)),
                "object_key": hexed(key.danger_bytes()), "commitment": hexed(sealed.commitment),
                "plaintext_digest": hexed(sealed.plaintext_digest),
                "ciphertext_length": sealed.ciphertext_length, "chunk_root": hexed(sealed.chunk_root),
                "ciphertext_sha256": hexed(sha256(&cipher)),
            });
            if length <= 16 {
                vector["ciphertext"] = hexed(&cipher);
            }
            vector
        })
        .collect();
    json!({
        "comment": "Byte i of each plaintext is (31 i + 7) mod 251.",
        "packet_id": hexed(id), "content_key": hexed(CONTENT_KEY), "objects": vectors,
    })
}

/// Two boxes of one encapsulation, from XA to XB.
pub fn key_box() -> Value {
    let (xa, xb) = (fixed("XA"), fixed("XB"));
    let parties = Parties {
        suite: 1,
        sender: ("XA".into(), xa.chain.fingerprint()),
        recipient: ("XB".into(), xb.chain.fingerprint()),
    };
    let public = xb.content.public_key();
    let (entropy, content) = (Counting::default(), ContentKey::from_bytes(CONTENT_KEY));
    let context = SealContext::new(&public, &parties, &entropy).unwrap();
    let boxes: Vec<Value> = [1, 2]
        .into_iter()
        .map(|n| {
            let id = packet_id(n);
            let wrapped = context.wrap(id.bytes(), &content, &entropy).unwrap();
            let serialized = encode_key_box(&wrapped);
            let read = decode_key_box(&serialized, &sha256(&serialized)).unwrap();
            let opened = xb.content.open_context(&read.enc, &parties).unwrap();
            let key = opened.unwrap(id.bytes(), &read.salt, &read.wrapped_key).unwrap();
            assert_eq!(key.object_key(id.bytes(), 0).danger_bytes(), content.object_key(id.bytes(), 0).danger_bytes());
            json!({
                "packet_id": hexed(id), "salt": hexed(wrapped.salt), "wrapped_key": hexed(wrapped.wrapped_key),
                "key_box": hexed(&serialized), "key_box_digest": hexed(sha256(&serialized)),
                "enc": hexed(wrapped.enc),
            })
        })
        .collect();
    json!({
        "comment": "Randomness is 00 01 02 …: 64 bytes for the encapsulation (ML-KEM's message, then the X25519 scalar), then 32 for each salt.",
        "suite": 1, "sender": "XA", "sender_fingerprint": hexed(xa.chain.fingerprint()),
        "recipient": "XB", "recipient_fingerprint": hexed(xb.chain.fingerprint()),
        "recipient_seed": hexed([24; 32]), "recipient_public_key": hexed(&public),
        "recipient_key_id": hexed(xb.content_id),
        "info": hexed(parties.info()), "content_key": hexed(CONTENT_KEY), "boxes": boxes,
    })
}

/// A content key, and a few bytes, at rest. A gateway's own affair: no peer sees it.
pub fn epoch() -> Value {
    let (epoch, entropy, id) = (EpochKey::from_bytes([0x77; 32]), Counting::default(), packet_id(1));
    let wrap = epoch.wrap(id.bytes(), &ContentKey::from_bytes(CONTENT_KEY), &entropy).unwrap();
    let sealed = epoch.seal(id.bytes(), b"a key box", &entropy).unwrap();
    assert!(epoch.unwrap(id.bytes(), &wrap).is_ok());
    assert_eq!(epoch.open(id.bytes(), &sealed).unwrap(), b"a key box");
    json!({
        "comment": "Randomness is 00 01 02 …: 32 bytes for each salt.",
        "epoch_key": hexed([0x77; 32]), "packet_id": hexed(id), "content_key": hexed(CONTENT_KEY),
        "wrap": hexed(wrap), "bytes": hexed(b"a key box"), "sealed": hexed(sealed),
    })
}
