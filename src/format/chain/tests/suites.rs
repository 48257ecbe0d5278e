//! Keys of suite 2, and of suites that nobody here knows.

use super::*;
use crate::crypto::ml_dsa::MlDsaKey;
use crate::format::suite::{Between, Suite, agreed, least};
use crate::format::wire::Key;

fn stated_as(
    chain: &Chain,
    algorithm: i32,
    purpose: Purpose,
    public_key: Vec<u8>,
    proof: Vec<u8>,
) -> Vec<u8> {
    let key = Key {
        purpose: purpose.into(),
        algorithm,
        public_key,
        not_before: 10,
        not_after: 100,
        possession: proof,
        ..Key::default()
    };
    let payload = wire::KeyStatement {
        suite: SUITE,
        authority: "XA".into(),
        seq: chain.count(),
        prev: chain.head().to_vec(),
        made_at: 5,
        body: Some(Body::Key(key)),
    };
    sign(PayloadType::KeyStatement, payload.encode_to_vec(), &root()).unwrap()
}

fn ml_dsa(chain: &Chain, purpose: Purpose, seed: u8, by: u8) -> Vec<u8> {
    let public_key = MlDsaKey::from_seed(&[seed; 32]).unwrap().public_key().to_vec();
    let message = possession(chain.authority(), purpose, &chain.head(), &public_key);
    let proof = MlDsaKey::from_seed(&[by; 32]).unwrap().sign(&message).unwrap();
    stated_as(chain, Algorithm::MlDsa65.into(), purpose, public_key, proof)
}

/// A chain that takes part in suite 2.
fn in_two(seed: u8) -> Chain {
    let mut chain = founded();
    for (at, purpose) in [Purpose::Packet, Purpose::Evidence].into_iter().enumerate() {
        chain.append(&ml_dsa(&chain, purpose, seed + at as u8, seed + at as u8)).unwrap();
    }
    chain
}

/// States keys of suite 2 at `made_at`, which begin at 10.
fn take_up(chain: &mut Chain, seed: u8, until: Millis, made_at: Millis) {
    for (seed, purpose) in [(seed, Purpose::Packet), (seed + 1, Purpose::Evidence)] {
        let key = MlDsaKey::from_seed(&[seed; 32]).unwrap();
        let new = NewKey {
            purpose,
            public_key: key.public_key().to_vec(),
            valid: (10, until),
            may_state: Vec::new(),
            revokes: Vec::new(),
            signer: Some(&key),
        };
        chain.replace(new, Vec::new(), &root(), made_at).unwrap();
    }
}

#[test]
fn keys_of_ml_dsa_are_for_packets_and_evidence_and_prove_that_they_are_had() {
    let chain = in_two(60);
    assert_eq!(chain.keys().len(), 2);
    assert!(chain.current(Purpose::Packet, 50).is_none(), "it stands beside the Ed25519 key, not for it");
    assert!(chain.current_of((Purpose::Packet, Algorithm::MlDsa65), 50).is_some());
    for purpose in [Purpose::Delegate, Purpose::Checkpoint, Purpose::Cosign, Purpose::Content, Purpose::Tls] {
        let mut chain = founded();
        let error = chain.append(&ml_dsa(&chain, purpose, 60, 60)).unwrap_err();
        assert!(error.to_string().contains("does not take"), "{purpose:?}: {error}");
    }
    let mut chain = founded();
    assert_eq!(chain.append(&ml_dsa(&chain, Purpose::Packet, 60, 61)), Err(FormatError::SignatureInvalid));
}

/// An authority may take up what its peers don't know: they go on.
#[test]
fn a_key_of_an_unknown_algorithm_is_kept_and_nothing_verifies_under_it() {
    let mut chain = founded();
    let unknown = |chain: &Chain, purpose| stated_as(chain, 77, purpose, vec![1; 50], Vec::new());
    chain.append(&unknown(&chain, Purpose::Packet)).unwrap();
    let key = chain.keys()[0].clone();
    assert_eq!((key.algorithm, key.public_key.len()), (Algorithm::Unspecified, 50));
    state(&mut chain, Purpose::Packet, 4, &root()).unwrap();
    assert_eq!(chain.current(Purpose::Packet, 50).unwrap().seq, 2, "the chain goes on");

    let mut signed = wire::Signed {
        payload_type: PayloadType::Packet.media_type().into(),
        payload: wire::PacketHeader { suite: 1, ..wire::PacketHeader::default() }.encode_to_vec(),
        signatures: vec![wire::Signature { key_id: key.id.to_vec(), signature: vec![0; 64] }],
    };
    for suite in [1, 2] {
        signed.payload = wire::PacketHeader { suite, ..wire::PacketHeader::default() }.encode_to_vec();
        let envelope = signed.encode_to_vec();
        let verified = Unverified::parse(PayloadType::Packet, &envelope).unwrap().verify(&chain);
        assert_eq!(verified.unwrap_err(), FormatError::SignatureMissing, "suite {suite}");
    }
    for purpose in [Purpose::Tls, Purpose::Content, Purpose::Delegate, Purpose::Cosign] {
        let mut chain = founded();
        assert!(chain.append(&unknown(&chain, purpose)).is_err(), "{purpose:?}");
    }
    let mut chain = founded();
    let known = [Algorithm::XWing, Algorithm::EcdsaP256].map(i32::from);
    for number in [0, -1, 256, i32::MAX].into_iter().chain(known) {
        let statement = stated_as(&chain, number, Purpose::Packet, vec![1; 50], Vec::new());
        assert!(chain.append(&statement).is_err(), "{number}");
    }
}

#[test]
fn two_use_the_highest_suite_that_both_take_part_in() {
    let (one, two) = (founded(), in_two(60));
    assert_eq!(agreed(&two, &in_two(70), 50), Suite::Two);
    for (author, reader, now) in [(&one, &two, 50), (&two, &one, 50), (&two, &two, 9), (&two, &two, 100)] {
        assert_eq!(agreed(author, reader, now), Suite::One, "at {now}");
    }
    let mut half = founded();
    half.append(&ml_dsa(&half, Purpose::Packet, 60, 60)).unwrap();
    assert_eq!(agreed(&two, &half, 50), Suite::One, "evidence would be signed in suite 1 only");
}

#[test]
fn less_is_taken_only_from_whom_may_not_know_better() {
    let two = in_two(60);
    assert_eq!(least(&two, &in_two(70), 50), Suite::Two, "stated as it was founded: everybody knows");
    assert_eq!(least(&founded(), &two, 50), Suite::One, "the author does not take part");
    assert_eq!(least(&two, &founded(), 50), Suite::One, "the reader does not take part");

    // Taken up later: the statements travel.
    let mut later = founded();
    let until = 10 * limits::SUITE_TRAVEL;
    take_up(&mut later, 80, until, 20);
    let author = later.clone();
    assert_eq!(agreed(&author, &later, 30), Suite::Two);
    for (made, expected) in [
        (30, Suite::One),
        (19 + limits::SUITE_TRAVEL, Suite::One),
        (20 + limits::SUITE_TRAVEL, Suite::Two),
        (until - 1, Suite::Two),
        (until, Suite::One),
    ] {
        assert_eq!(least(&author, &later, made), expected, "at {made}");
        assert_eq!(Between { author: &author, reader: &later }.least(made), expected);
    }
    // What the author was making as it took the suite up is taken from it, though its keys begin
    // before: of a reader that was founded with it too.
    let mut of_old = founded();
    let founded_at = of_old.founded_at();
    take_up(&mut of_old, 70, until, founded_at);
    let taken_up = 20 + limits::SUITE_TAKEN_UP;
    for (made, expected) in [(10, Suite::One), (taken_up - 1, Suite::One), (taken_up, Suite::Two)] {
        assert_eq!(least(&author, &of_old, made), expected, "at {made}");
    }
}
