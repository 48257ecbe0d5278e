//! What is signed: envelopes, headers, statuses, evidence, deferrals.

use crate::authority::{Counting, Fixed, NOW, YEAR, case_id, fixed, hexed, packet_id};
use crate::sealing::{CONTENT_KEY, plaintext};
use prost::Message as _;
use rogatory::crypto::hash::sha256;
use rogatory::crypto::key_box::{Parties, SealContext};
use rogatory::crypto::object::{ContentKey, Sealed, seal_all};
use rogatory::crypto::sign::pre_authentication_encoding;
use rogatory::format::chain::standing::Place;
use rogatory::format::envelope::{PayloadType, sign};
use rogatory::format::evidence::{Deferral, Evidence, Finding, Named, Subject};
use rogatory::format::id::PacketId;
use rogatory::format::packet::{Header, SignedHeader, encode_key_box};
use rogatory::format::status::{SealedText, SignedStatus, Status};
use rogatory::format::wire::{
    Signed, StatusText, cause::Code as Cause, event::Code as Event, kind::Code as Kind,
    status::Code as StatusCode, status::Ground, urgency::Code as Urgency,
};
use serde_json::{Value, json};

fn sealed_box(from: &Fixed, to: &Fixed, id: &PacketId) -> Vec<u8> {
    let named = |of: &Fixed| (of.chain.authority().to_string(), of.chain.fingerprint());
    let parties = Parties { suite: 1, sender: named(from), recipient: named(to) };
    let entropy = Counting::default();
    let context = SealContext::new(&to.content.public_key(), &parties, &entropy).unwrap();
    encode_key_box(&context.wrap(id.bytes(), &ContentKey::from_bytes(CONTENT_KEY), &entropy).unwrap())
}

fn object(id: &PacketId, number: u32, plain: &[u8]) -> (Vec<u8>, Sealed) {
    seal_all(&ContentKey::from_bytes(CONTENT_KEY).object_key(id.bytes(), number), plain).unwrap()
}

fn payload_of(envelope: &[u8]) -> Vec<u8> {
    Signed::decode(envelope).unwrap().payload
}

/// The packet of the other vectors: two objects, from XA to XB.
pub fn header(xa: &Fixed, xb: &Fixed) -> SignedHeader {
    let id = packet_id(1);
    let header = Header {
        sender: xa.chain.authority().clone(),
        recipient: xb.chain.authority().clone(),
        id,
        case_id: case_id(),
        case_seq: 0,
        case_prev: None,
        kind: Kind::MutualLegalAssistance,
        urgency: Urgency::Urgent,
        created: NOW,
        expires: NOW + YEAR / 4,
        schema: 1,
        in_reply_to: None,
        replaces: None,
        objects: vec![object(&id, 0, &plaintext(100)).1, object(&id, 1, &plaintext(70_000)).1],
        key_box_digest: sha256(&sealed_box(xa, xb, &id)),
        content_key_id: xb.content_id,
    };
    header.sign(&xa.packet).unwrap()
}

/// The packet, as evidence names it.
pub fn named(signed: &SignedHeader) -> Named {
    let header = &signed.header;
    Named {
        is_status: false,
        sender: header.sender.clone(),
        recipient: header.recipient.clone(),
        id: header.id,
        digest: signed.digest,
        case_id: header.case_id,
    }
}

/// Pre-authentication encodings, and a whole envelope for each payload type.
pub fn envelope() -> Value {
    let xa = fixed("XA");
    let encodings: Vec<Value> =
        [("http://example.com/HelloWorld", b"hello world".as_slice()), ("", b""), ("é", &[0, 255])]
            .into_iter()
            .map(|(kind, payload)| {
                json!({
                    "payload_type": kind, "payload": hexed(payload),
                    "pre_authentication_encoding": hexed(pre_authentication_encoding(kind, payload)),
                })
            })
            .collect();
    let envelopes: Vec<Value> = [
        (PayloadType::Packet, &xa.packet),
        (PayloadType::Evidence, &xa.evidence),
        (PayloadType::Deferral, &xa.evidence),
        (PayloadType::Status, &xa.evidence),
        (PayloadType::KeyStatement, &xa.delegate),
        (PayloadType::PairingOffer, &xa.evidence),
    ]
    .into_iter()
    .map(|(kind, key)| {
        json!({
            "payload_type": kind.media_type(), "payload": hexed(b"payload"), "key_id": hexed(key.id),
            "public_key": hexed(key.signer.public_key()),
            "envelope": hexed(sign(kind, b"payload".to_vec(), key).unwrap()),
        })
    })
    .collect();
    json!({ "encodings": encodings, "envelopes": envelopes })
}

/// A signed header, with the box and the objects that it names.
pub fn packet() -> Value {
    let (xa, xb) = (fixed("XA"), fixed("XB"));
    let first = header(&xa, &xb);
    assert_eq!(SignedHeader::open(&first.envelope, &xa.chain, NOW).unwrap().header, first.header);
    let id = packet_id(2);
    let second = Header {
        id,
        case_seq: 1,
        case_prev: Some(first.digest),
        kind: Kind::Amendment,
        urgency: Urgency::Routine,
        in_reply_to: Some(packet_id(3)),
        replaces: Some(packet_id(4)),
        objects: vec![object(&id, 0, &plaintext(1)).1],
        key_box_digest: sha256(&sealed_box(&xa, &xb, &id)),
        ..first.header.clone()
    };
    let second = second.sign(&xa.packet).unwrap();
    let shown = |signed: &SignedHeader| {
        let id = signed.header.id;
        json!({
            "packet_id": hexed(id), "payload": hexed(payload_of(&signed.envelope)),
            "packet_digest": hexed(signed.digest), "envelope": hexed(&signed.envelope),
            "key_box": hexed(sealed_box(&xa, &xb, &id)),
        })
    };
    json!({
        "comment": "Object 0 of the first packet is 100 bytes and object 1 is 70,000; the one object of the second is 1 byte: plaintext, content key and box as in objects.json and key_box.json.",
        "sender": "XA", "recipient": "XB", "case_id": hexed(case_id()),
        "packets": [shown(&first), shown(&second)],
    })
}

/// A status with a sealed text, and one without.
pub fn status() -> Value {
    let (xa, xb) = (fixed("XA"), fixed("XB"));
    let id = packet_id(5);
    let text = StatusText {
        national_reference: "XB-2023/17".into(),
        text: "Registered; the prosecutor is asked.".into(),
        language: "en".into(),
    };
    let (ciphertext, sealed) = object(&id, 0, &text.encode_to_vec());
    let key_box = sealed_box(&xb, &xa, &id);
    let registered = Status {
        author: xb.chain.authority().clone(),
        peer: xa.chain.authority().clone(),
        id,
        case_id: case_id(),
        seq: 0,
        prev: None,
        seen: (0, None),
        created: NOW + 5,
        code: StatusCode::Registered,
        ground: Ground::NoGround,
        packet_id: packet_id(1),
        reply_id: None,
        review_at: 0,
        text: Some(SealedText {
            object: sealed,
            key_box_digest: sha256(&key_box),
            content_key_id: xa.content_id,
        }),
    };
    let registered = registered.sign(&xb.evidence).unwrap();
    let refused = Status {
        id: packet_id(6),
        seq: 1,
        prev: Some(registered.digest),
        seen: (1, Some([0x33; 32])),
        created: NOW + 6,
        code: StatusCode::Refused,
        ground: Ground::DualCriminality,
        reply_id: Some(packet_id(7)),
        review_at: NOW + YEAR,
        text: None,
        ..registered.carried.value.clone()
    };
    let refused = refused.sign(&xb.evidence).unwrap();
    let shown = |signed: &SignedStatus| {
        let envelope = &signed.carried.envelope;
        assert_eq!(SignedStatus::open(envelope, &xb.chain, Place::Loose).unwrap().digest, signed.digest);
        json!({
            "status_id": hexed(signed.carried.value.id), "payload": hexed(payload_of(envelope)),
            "status_digest": hexed(signed.digest), "envelope": hexed(envelope),
        })
    };
    json!({
        "author": "XB", "peer": "XA", "case_id": hexed(case_id()),
        "text": { "plaintext": hexed(text.encode_to_vec()), "content_key": hexed(CONTENT_KEY),
                  "ciphertext": hexed(ciphertext), "key_box": hexed(key_box) },
        "statuses": [shown(&registered), shown(&refused)],
    })
}

/// Evidence and deferrals of XB about XA's packet.
pub fn evidence() -> Value {
    let (xa, xb) = (fixed("XA"), fixed("XB"));
    let signed = header(&xa, &xb);
    let subject = Subject::Known(named(&signed));
    let issuer = xb.chain.authority().clone();
    let finding =
        |cause, object, field: &[u32]| Finding { cause, object, field: field.to_vec(), ..Finding::default() };
    let rows = [
        (Event::RelayAcceptance, subject.clone(), Cause::None, vec![]),
        (Event::ContentConsignment, subject.clone(), Cause::None, vec![]),
        (
            Event::ContentConsignmentFailure,
            subject.clone(),
            Cause::BodyInconsistent,
            vec![finding(Cause::BodyInconsistent, 1, &[11]), finding(Cause::BodyInconsistent, 2, &[101, 3])],
        ),
        (Event::RelayRejection, subject.clone(), Cause::Expired, vec![]),
        (Event::RelayRejection, Subject::Unattributed(sha256(b"bytes")), Cause::Malformed, vec![]),
        (Event::ContentHandover, subject.clone(), Cause::None, vec![]),
    ];
    let stated: Vec<Value> = rows
        .into_iter()
        .map(|(event, subject, cause, findings)| {
            let evidence = Evidence { event, issuer: issuer.clone(), subject, at: NOW + 9, cause, findings };
            let carried = evidence.sign(&xb.evidence).unwrap();
            assert_eq!(Evidence::open(&carried.envelope, &issuer, &xb.chain, Place::Loose).unwrap(), carried);
            json!({
                "event": carried.value.event as i32, "cause": carried.value.cause as i32,
                "payload": hexed(payload_of(&carried.envelope)), "envelope": hexed(&carried.envelope),
                "object_digest": hexed(sha256(&carried.envelope)),
            })
        })
        .collect();
    let deferrals: Vec<Value> = [(Cause::PredecessorMissing, 200, 3), (Cause::Busy, 1000, 0)]
        .into_iter()
        .map(|(cause, retry_after, wanted_seq)| {
            let deferral = Deferral {
                issuer: issuer.clone(),
                subject: subject.clone(),
                at: NOW + 9,
                cause,
                retry_after,
                wanted_seq,
            };
            let envelope = deferral.sign(&xb.evidence).unwrap();
            assert_eq!(Deferral::open(&envelope, &issuer, &xb.chain).unwrap(), deferral);
            json!({
                "cause": cause as i32, "retry_after": retry_after, "wanted_seq": wanted_seq,
                "payload": hexed(payload_of(&envelope)), "envelope": hexed(&envelope),
            })
        })
        .collect();
    json!({ "issuer": "XB", "at": NOW + 9, "evidence": stated, "deferrals": deferrals })
}
