//! How one root follows another.

use super::*;
use crate::format::wire::RootChange;

/// A change to the key of `seed`, at the head, under whatever signatures.
fn change(chain: &Chain, seed: u8, next: Vec<u8>, suites: Vec<u32>, by: &[&SigningKey]) -> Vec<u8> {
    let payload = wire::KeyStatement {
        suite: SUITE,
        authority: chain.authority().to_string(),
        seq: chain.count(),
        prev: chain.head().to_vec(),
        made_at: 20,
        body: Some(Body::RootChange(RootChange {
            public_key: key(seed).public_key().to_vec(),
            next_root_digest: next,
            suites,
            ends: vec![],
        })),
    };
    sign_all(PayloadType::KeyStatement, payload.encode_to_vec(), by).unwrap()
}

/// The authority with a delegate (seed 2) and a packet key of its (seed 3).
fn working() -> Chain {
    let mut chain = founded();
    state(&mut chain, Purpose::Delegate, 2, &root()).unwrap();
    state(&mut chain, Purpose::Packet, 3, &signing(Purpose::Delegate, 2)).unwrap();
    chain
}

#[test]
fn a_root_changes_by_both_hands_and_to_the_announced_one_only() {
    let chain = working();
    let (old, next, delegate) = (root(), root_after(1), signing(Purpose::Delegate, 2));
    let packet = signing(Purpose::Packet, 3);
    let claims = |of: &SigningKey| SigningKey { id: of.id, signer: Arc::new(key(99)) };
    let (no_old, no_next) = (claims(&old), claims(&next));
    let stranger = root_after(5);
    let after = announced(102).to_vec();
    let rows: [(&str, u8, &[&SigningKey], Option<&str>); 10] = [
        ("both", 101, &[&old, &next], None),
        ("both, the other way round", 101, &[&next, &old], None),
        ("the old root alone", 101, &[&old], Some("signature")),
        ("the next root alone", 101, &[&next], Some("without the root")),
        ("the next root and a delegate", 101, &[&delegate, &next], Some("without the root")),
        ("the next root and a packet key", 101, &[&packet, &next], Some("without the root")),
        ("the old root, forged", 101, &[&no_old, &next], Some("signature")),
        ("the next root, forged", 101, &[&old, &no_next], Some("signature")),
        ("a root that nobody announced", 105, &[&old, &stranger], Some("announced")),
        ("the old root again", 1, &[&old], Some("announced")),
    ];
    for (what, seed, by, refused) in rows {
        let statement = change(&chain, seed, after.clone(), vec![SUITE], by);
        match (chain.clone().append(&statement), refused) {
            (Ok(Appended::Extended), None) => {}
            (Err(error), Some(why)) => assert!(error.to_string().contains(why), "{what}: {error}"),
            (found, _) => panic!("{what}: {found:?}"),
        }
    }
    for (next_digest, suites) in [(vec![1; 31], vec![SUITE]), (after.clone(), vec![]), (after, vec![2])] {
        let statement = change(&chain, 101, next_digest, suites, &[&old, &next]);
        assert!(chain.clone().append(&statement).is_err());
    }
}

#[test]
fn after_a_change_the_old_root_says_nothing_and_the_keys_go_on() {
    let mut chain = working();
    let before = chain.clone();
    let packet = signing(Purpose::Packet, 3).id;
    let end = Revocation { key_id: packet.to_vec(), reason: Reason::Ceased.into(), since: 40, log_size: 0 };
    chain.change_root(&root(), &root_after(1), announced(102), vec![end], 20).unwrap();
    assert_eq!((chain.root(), chain.next_root()), (root_after(1).id, announced(102)));
    assert_eq!(chain.fingerprint(), before.fingerprint());
    assert!(chain.key(&packet).unwrap().usable(39) && !chain.key(&packet).unwrap().usable(40));
    let changed = chain.clone();

    // The old root: at the head it is nobody, before it a contradiction.
    assert!(state(&mut chain, Purpose::Packet, 9, &root()).is_err());
    let mut old = before.clone();
    let contradiction = state(&mut old, Purpose::Packet, 9, &root()).unwrap();
    assert!(matches!(chain.append(&contradiction), Err(FormatError::Fork { .. })));
    let mut other = before.clone();
    let second = other.change_root(&root(), &root_after(1), announced(110), vec![], 20).unwrap();
    assert!(matches!(chain.append(&second), Err(FormatError::Fork { .. })), "two successions");
    // Its key is no key again, nor is that of the new one.
    let delegate = signing(Purpose::Delegate, 2);
    for seed in [1, 101] {
        assert!(state(&mut chain, Purpose::Packet, seed, &delegate).is_err());
    }
    assert_eq!(chain, changed);

    // The delegate goes on, and the new root has the old one's rights over it.
    let mut branch = chain.clone();
    state(&mut chain, Purpose::Packet, 10, &delegate).unwrap();
    let by_root = state(&mut branch, Purpose::Evidence, 11, &root_after(1)).unwrap();
    assert_eq!(chain.append(&by_root).unwrap(), Appended::Voided(1));
    chain.change_root(&root_after(1), &root_after(2), announced(103), vec![], 20).unwrap();
    assert_eq!(chain.root(), root_after(2).id);
    assert_eq!(Chain::open_all(&chain.envelopes().collect::<Vec<_>>()).unwrap().keys(), chain.keys());
}

/// A thief with a delegate can't stand in the way of a change.
#[test]
fn a_change_voids_what_delegates_said_since() {
    let mut chain = founded();
    state(&mut chain, Purpose::Delegate, 2, &root()).unwrap();
    let mut author = chain.clone();
    state(&mut chain, Purpose::Packet, 3, &signing(Purpose::Delegate, 2)).unwrap();
    let statement = author.change_root(&root(), &root_after(1), announced(102), vec![], 20).unwrap();
    assert_eq!(chain.append(&statement).unwrap(), Appended::Voided(1));
    assert_eq!((chain.root(), chain.head()), (root_after(1).id, author.head()));
    assert_eq!(chain.current(Purpose::Packet, 50), None);
}

/// Whoever announces a key that is stated already can never change to it.
#[test]
fn a_root_is_no_key_that_is_stated_already() {
    let authority = AuthorityId::parse("XA").unwrap();
    let mut chain = Chain::found(&authority, &root(), announced(3), false, 5).unwrap();
    state(&mut chain, Purpose::Packet, 3, &root()).unwrap();
    let next = SigningKey { id: root_id(key(3).public_key()), signer: Arc::new(key(3)) };
    let statement = change(&chain, 3, announced(102).to_vec(), vec![SUITE], &[&root(), &next]);
    let error = chain.append(&statement).unwrap_err().to_string();
    assert!(error.contains("stated already"), "{error}");
}
