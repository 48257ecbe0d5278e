//! Suite 2: ML-DSA-65 beside Ed25519, and what must not be taken for it.

use crate::authority::{Fixed, NOW, YEAR, fixed, hexed};
use crate::signing::{header, named};
use prost::Message as _;
use rogatory::crypto::ml_dsa::MlDsaKey;
use rogatory::crypto::sign::Signer as _;
use rogatory::format::chain::standing::Place;
use rogatory::format::envelope::SigningKey;
use rogatory::format::evidence::{Evidence, Subject};
use rogatory::format::packet::SignedHeader;
use rogatory::format::statement::{NewKey, key_id};
use rogatory::format::suite::{Signing, Suite, agreed, least};
use rogatory::format::wire::{
    Signature, Signed, algorithm::Code as Algorithm, cause::Code as Cause, event::Code as Event,
    purpose::Code as Purpose,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// States an ML-DSA key at the founding, as `init --suites 1,2` does.
fn second(of: &mut Fixed, purpose: Purpose, seed: u8) -> SigningKey {
    let signer = MlDsaKey::from_seed(&[seed; 32]).unwrap();
    let public_key = signer.public_key().to_vec();
    let id = key_id(purpose, Algorithm::MlDsa65, &public_key);
    let new = NewKey {
        purpose,
        public_key,
        valid: (NOW, NOW + YEAR),
        may_state: vec![],
        revokes: vec![],
        signer: Some(&signer),
    };
    of.chain.replace(new, vec![], &of.delegate, NOW).unwrap();
    SigningKey { id, signer: Arc::new(signer) }
}

fn cause_of(envelope: &[u8], of: &Fixed) -> Value {
    let error = SignedHeader::open(envelope, &of.chain, NOW).unwrap_err();
    error.cause().as_str_name().into()
}

/// XA, XB and their packet of the other vectors, in suite 2.
pub fn suite2() -> Value {
    let (mut xa, mut xb) = (fixed("XA"), fixed("XB"));
    let plain = header(&xa, &xb);
    let two = |of: &mut Fixed, seed| {
        let [packet, evidence] =
            [(Purpose::Packet, seed), (Purpose::Evidence, seed + 1)].map(|(p, seed)| second(of, p, seed));
        (Signing::two(of.packet.clone(), packet), Signing::two(of.evidence.clone(), evidence))
    };
    assert_eq!(agreed(&xa.chain, &xb.chain, NOW), Suite::One);
    let ((by_xa, _), (_, by_xb)) = (two(&mut xa, 33), two(&mut xb, 35));
    assert_eq!(agreed(&xa.chain, &xb.chain, NOW), Suite::Two);
    assert_eq!(least(&xa.chain, &xb.chain, NOW), Suite::Two);
    let packet = plain.header.clone().sign(&by_xa).unwrap();
    let opened = SignedHeader::open(&packet.envelope, &xa.chain, NOW).unwrap();
    assert_eq!((opened.suite, opened.header, opened.digest), (Suite::Two, plain.header, packet.digest));
    let evidence = Evidence {
        event: Event::RelayAcceptance,
        issuer: xb.chain.authority().clone(),
        subject: Subject::Known(named(&packet)),
        at: NOW + 1,
        cause: Cause::None,
        findings: vec![],
    };
    let evidence = evidence.sign(&by_xb).unwrap();
    Evidence::open(&evidence.envelope, xb.chain.authority(), &xb.chain, Place::Loose).unwrap();

    let sound = Signed::decode(packet.envelope.as_slice()).unwrap();
    let [ed, ml]: [Signature; 2] = sound.signatures.clone().try_into().unwrap();
    let swapped = [
        Signature { signature: ml.signature.clone(), ..ed.clone() },
        Signature { signature: ed.signature.clone(), ..ml.clone() },
    ];
    let rows = [
        ("ML-DSA stripped", vec![ed.clone()]),
        ("Ed25519 stripped", vec![ml.clone()]),
        ("Ed25519 doubled", vec![ed.clone(), ed.clone()]),
        ("ML-DSA doubled", vec![ml.clone(), ml.clone()]),
        ("one too many", vec![ed.clone(), ml.clone(), ed.clone()]),
        ("exchanged", swapped.to_vec()),
    ];
    let refused = rows.map(|(what, signatures)| {
        let envelope = Signed { signatures, ..sound.clone() }.encode_to_vec();
        json!({ "what": what, "cause": cause_of(&envelope, &xa), "envelope": hexed(&envelope) })
    });
    let turned = Signed { signatures: vec![ml, ed], ..sound.clone() }.encode_to_vec();
    SignedHeader::open(&turned, &xa.chain, NOW).unwrap();
    let statements = |of: &Fixed| of.chain.envelopes().map(hexed).collect::<Vec<_>>();
    let seeds = |seed: u8| json!({ "packet": hexed([seed; 32]), "evidence": hexed([seed + 1; 32]) });
    json!({
        "XA": { "ml_dsa_65_seeds": seeds(33), "statements": statements(&xa) },
        "XB": { "ml_dsa_65_seeds": seeds(35), "statements": statements(&xb) },
        "packet_digest": hexed(packet.digest), "packet": hexed(&packet.envelope),
        "packet_in_the_other_order": hexed(&turned), "evidence": hexed(&evidence.envelope),
        "refused": refused,
    })
}
