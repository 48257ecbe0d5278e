//! The chain's rules, each against every signer.

mod roots;
mod suites;
mod table;

use super::*;
use crate::crypto::sign::{Ed25519Key, Signer as _};
use crate::format::statement::{key_id, root_commitment};
use crate::format::wire::{Revocation, algorithm::Code as Algorithm, revocation::Reason};
use proptest::prelude::*;
use std::sync::Arc;
use table::{Stated, stated, town};

fn key(seed: u8) -> Ed25519Key {
    Ed25519Key::from_seed(&[seed; 32]).unwrap()
}

fn root() -> SigningKey {
    SigningKey { id: root_id(key(1).public_key()), signer: Arc::new(key(1)) }
}

fn signing(purpose: Purpose, seed: u8) -> SigningKey {
    let signer = key(seed);
    SigningKey { id: key_id(purpose, Algorithm::Ed25519, signer.public_key()), signer: Arc::new(signer) }
}

fn state(chain: &mut Chain, purpose: Purpose, seed: u8, by: &SigningKey) -> Result<Vec<u8>, FormatError> {
    let signer = key(seed);
    let may_state = if purpose == Purpose::Delegate { vec![Purpose::Packet] } else { vec![] };
    let new = NewKey {
        purpose,
        public_key: signer.public_key().to_vec(),
        valid: (10, 100),
        may_state,
        revokes: vec![],
        signer: Some(&signer),
    };
    chain.state(new, by, 20)
}

/// Founded by the root of seed 1, which announces that of seed 101.
fn founded() -> Chain {
    Chain::found(&AuthorityId::parse("XA").unwrap(), &root(), announced(101), false, 5).unwrap()
}

fn announced(seed: u8) -> Digest {
    root_commitment(key(seed).public_key())
}

/// The root after `changes` changes.
fn root_after(changes: u8) -> SigningKey {
    let seed = if changes == 0 { 1 } else { 100 + changes };
    SigningKey { id: root_id(key(seed).public_key()), signer: Arc::new(key(seed)) }
}

#[test]
fn a_delegate_states_what_it_may_and_nothing_else() {
    let mut chain = founded();
    state(&mut chain, Purpose::Delegate, 2, &root()).unwrap();
    let delegate = signing(Purpose::Delegate, 2);
    state(&mut chain, Purpose::Packet, 3, &delegate).unwrap();
    assert!(state(&mut chain, Purpose::Evidence, 4, &delegate).is_err());
    assert!(state(&mut chain, Purpose::Delegate, 5, &delegate).is_err());
    let packet = signing(Purpose::Packet, 3);
    assert!(state(&mut chain, Purpose::Packet, 6, &packet).is_err());
    assert!(state(&mut chain, Purpose::Evidence, 3, &root()).is_err(), "one key, one purpose");
    let envelopes: Vec<_> = chain.envelopes().map(<[u8]>::to_vec).collect();
    assert_eq!(Chain::open_all(&envelopes).unwrap(), chain);
    assert_eq!(chain.current(Purpose::Packet, 50).unwrap().id, packet.id);
    assert!(chain.current(Purpose::Packet, 100).is_none());
}

#[test]
fn the_root_voids_its_delegates_but_not_itself() {
    let mut chain = founded();
    state(&mut chain, Purpose::Delegate, 2, &root()).unwrap();
    let mut fork = chain.clone();
    state(&mut chain, Purpose::Packet, 3, &signing(Purpose::Delegate, 2)).unwrap();
    let by_root = state(&mut fork, Purpose::Packet, 7, &root()).unwrap();
    assert_eq!(chain.append(&by_root).unwrap(), Appended::Voided(1));
    assert_eq!(chain.append(&by_root).unwrap(), Appended::Known);

    let mut second = founded();
    state(&mut second, Purpose::Delegate, 2, &root()).unwrap();
    let other = state(&mut second, Purpose::Evidence, 8, &root()).unwrap();
    let known = chain.head();
    let before = chain.clone();
    assert!(matches!(chain.append(&other), Err(FormatError::Fork { known: k, .. }) if k == known));
    assert_eq!(chain, before);
}

#[test]
fn tampering_is_seen() {
    let mut chain = founded();
    let envelope = state(&mut chain.clone(), Purpose::Packet, 3, &root()).unwrap();
    for at in 0..envelope.len() {
        let mut bad = envelope.clone();
        bad[at] ^= 1;
        assert!(chain.clone().append(&bad).is_err(), "byte {at}");
    }
    assert_eq!(chain.append(&envelope).unwrap(), Appended::Extended);
}

#[test]
fn ends_are_said_once_in_their_time_and_the_worst_counts() {
    let town = town();
    let end = |reason: Reason, since| Revocation {
        key_id: town.id(Purpose::Packet).to_vec(),
        reason: reason.into(),
        since,
        log_size: 0,
    };
    let said = |chain: &mut Chain, items: &[Revocation]| chain.revoke(items.to_vec(), &root(), 20);
    let refused = [
        vec![],
        vec![end(Reason::Unspecified, 20)],
        vec![end(Reason::Superseded, 19)],
        vec![end(Reason::Ceased, 19)],
        vec![end(Reason::Compromised, 21)],
        vec![end(Reason::Lost, 21)],
        vec![end(Reason::Superseded, 30), end(Reason::Ceased, 30)],
        vec![Revocation { key_id: vec![7; 32], ..end(Reason::Ceased, 30) }],
        vec![Revocation { key_id: vec![7; 31], ..end(Reason::Ceased, 30) }],
        vec![Revocation { reason: 9, ..end(Reason::Ceased, 30) }],
        (0..65).map(|n| Revocation { key_id: vec![n; 32], ..end(Reason::Ceased, 30) }).collect(),
    ];
    for items in &refused {
        assert!(said(&mut town.chain.clone(), items).is_err(), "{items:?}");
    }
    let mut chain = town.chain.clone();
    let packet = |chain: &Chain| chain.key(&town.id(Purpose::Packet)).unwrap().clone();
    said(&mut chain, &[end(Reason::Superseded, 30)]).unwrap();
    assert!(packet(&chain).usable(29) && !packet(&chain).usable(30) && !packet(&chain).revoked());
    assert!(said(&mut chain, &[end(Reason::Ceased, 40)]).is_err(), "ended already");
    said(&mut chain, &[end(Reason::Compromised, 15)]).unwrap();
    assert!(packet(&chain).revoked() && !packet(&chain).usable(12));
    assert!(said(&mut chain, &[end(Reason::Lost, 15)]).is_err(), "nothing is worse");
}

#[test]
fn a_statement_is_not_dated_before_the_one_that_it_follows() {
    let town = town();
    for (now, good) in [(10, false), (11, true), (12, true)] {
        let mut chain = town.chain.clone();
        let delegate = signing(Purpose::Delegate, 2);
        let made = stated(&mut chain, Stated::new(Purpose::Packet, 50, 90, &town.p256), &delegate, now);
        assert_eq!(made.is_ok(), good, "at {now}");
    }
}

/// What a root voids is as if it had never been said, the ends of keys included; its keys are
/// remembered as revoked.
#[test]
fn voiding_takes_back_ends() {
    let mut chain = founded();
    state(&mut chain, Purpose::Delegate, 2, &root()).unwrap();
    let delegate = signing(Purpose::Delegate, 2);
    state(&mut chain, Purpose::Packet, 3, &delegate).unwrap();
    let mut branch = chain.clone();
    let packet = signing(Purpose::Packet, 3).id;
    let end =
        Revocation { key_id: packet.to_vec(), reason: Reason::Compromised.into(), since: 20, log_size: 0 };
    chain.revoke(vec![end], &delegate, 20).unwrap();
    state(&mut chain, Purpose::Packet, 4, &delegate).unwrap();
    assert!(chain.key(&packet).unwrap().revoked());
    let by_root = state(&mut branch, Purpose::Packet, 5, &root()).unwrap();
    assert_eq!(chain.append(&by_root).unwrap(), Appended::Voided(2));
    assert!(chain.key(&packet).unwrap().usable(50));
    assert_eq!((chain.head(), chain.keys()), (branch.head(), branch.keys()));
    let voided = signing(Purpose::Packet, 4);
    assert!(chain.key(&voided.id).unwrap().revoked());
    // The voided delegate's word comes too late; a contradiction between delegates is a fork.
    let mut late = Chain::open_all(&chain.envelopes().take(3).collect::<Vec<_>>()).unwrap();
    let late = state(&mut late, Purpose::Packet, 6, &delegate).unwrap();
    assert!(matches!(chain.append(&late), Err(FormatError::Chain { why, .. }) if why.contains("void")));
    // The very key may be stated again, by those who did not see the branch and those who did.
    state(&mut chain, Purpose::Packet, 4, &root()).unwrap();
    assert!(chain.key(&voided.id).unwrap().usable(50));
}

#[test]
fn two_branches_of_delegates_are_a_fork() {
    let mut chain = founded();
    state(&mut chain, Purpose::Delegate, 2, &root()).unwrap();
    let (mut other, delegate) = (chain.clone(), signing(Purpose::Delegate, 2));
    state(&mut chain, Purpose::Packet, 3, &delegate).unwrap();
    let contradiction = state(&mut other, Purpose::Packet, 4, &delegate).unwrap();
    let (before, known) = (chain.clone(), chain.head());
    assert_eq!(chain.append(&contradiction), Err(FormatError::Fork { seq: 2, known, other: other.head() }));
    assert_eq!(chain, before);
    // What is not well signed contradicts nothing.
    let stranger = SigningKey { id: delegate.id, signer: Arc::new(key(9)) };
    let mut third = Chain::open_all(&before.envelopes().take(2).collect::<Vec<_>>()).unwrap();
    assert!(state(&mut third, Purpose::Packet, 5, &stranger).is_err());
}

/// The longest chain there may be, each key replacing the one before.
#[test]
fn the_longest_chain_opens_and_one_more_is_refused() {
    let mut chain = founded();
    let mut last: Option<Digest> = None;
    let mut next = |chain: &mut Chain, n: u32| {
        let mut seed = [9; 32];
        seed[..4].copy_from_slice(&n.to_be_bytes());
        let signer = Ed25519Key::from_seed(&seed).unwrap();
        let public_key = signer.public_key().to_vec();
        let id = key_id(Purpose::Packet, Algorithm::Ed25519, &public_key);
        let new = NewKey {
            purpose: Purpose::Packet,
            public_key,
            valid: (10, 100),
            may_state: vec![],
            revokes: vec![],
            signer: Some(&signer),
        };
        let ends = last
            .replace(id)
            .map(|id| Revocation {
                key_id: id.to_vec(),
                reason: Reason::Superseded.into(),
                since: 20,
                log_size: 0,
            })
            .into_iter()
            .collect();
        chain.replace(new, ends, &root(), 20)
    };
    for n in 1..limits::STATEMENTS as u32 {
        next(&mut chain, n).unwrap();
    }
    assert!(next(&mut chain, 0).is_err());
    let opened = Chain::open_all(&chain.envelopes().collect::<Vec<_>>()).unwrap();
    assert_eq!(opened, chain);
    assert_eq!(opened.keys().iter().filter(|key| key.end().is_none()).count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// In whatever order statements arrive, everybody ends where their author is: a delegate
    /// goes on from the head, the root from the head or from any place after its last word,
    /// and may give way to the next one there.
    #[test]
    fn every_order_ends_at_the_head_of_the_author(
        steps in prop::collection::vec((0..5_u8, any::<prop::sample::Index>()), 1..10),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..24),
    ) {
        let mut author = founded();
        state(&mut author, Purpose::Delegate, 2, &root()).unwrap();
        let (start, delegate) = (author.clone(), signing(Purpose::Delegate, 2));
        let (mut all, mut last_by_root) = (Vec::new(), author.count());
        let mut changes = 0;
        for (seed, (step, place)) in (60..).zip(&steps) {
            if *step < 3 {
                all.push(state(&mut author, Purpose::Packet, seed, &delegate).unwrap());
                continue;
            }
            let room = author.count() - last_by_root + 1;
            let keep = last_by_root as usize + place.index(room as usize);
            let mut before = Chain::open_all(&author.envelopes().take(keep).collect::<Vec<_>>()).unwrap();
            let by = root_after(changes);
            let statement = if *step == 3 {
                state(&mut before, Purpose::Packet, seed, &by).unwrap()
            } else {
                changes += 1;
                let next = root_after(changes);
                before.change_root(&by, &next, announced(101 + changes), vec![], 20).unwrap()
            };
            author.append(&statement).unwrap();
            all.push(statement);
            last_by_root = author.count();
        }
        let mut reader = start;
        for at in &order {
            // Refused where its predecessor is not here yet, or where it is void.
            let _ = reader.append(&all[at.index(all.len())]);
        }
        for _ in 0..all.len() {
            for statement in &all {
                let appended = reader.append(statement);
                prop_assert!(!matches!(appended, Err(FormatError::Fork { .. })), "{appended:?}");
            }
        }
        prop_assert_eq!(reader.head(), author.head());
        prop_assert_eq!(reader.keys(), author.keys());
    }
}

#[test]
fn a_locator_finds_the_last_statement_that_two_have_in_common() {
    let mut town = town();
    let first = town.chain.clone();
    let by = signing(Purpose::Delegate, 2);
    for seed in 100..140 {
        stated(&mut town.chain, Stated::new(Purpose::Packet, seed, 90, &town.p256), &by, 30).unwrap();
    }
    let long = &town.chain;
    assert_eq!(long.locator()[0], long.head());
    assert_eq!(*long.locator().last().unwrap(), long.fingerprint());
    assert!(long.locator().len() <= limits::LOCATOR);
    assert_eq!(long.held_by(&long.locator()), long.count(), "all of it");
    assert_eq!(long.held_by(&first.locator()), first.count(), "the beginning");
    assert!(first.held_by(&long.locator()) <= first.count());
    assert_eq!(long.held_by::<Vec<u8>>(&[]), 1, "statement 0 is the one that was paired");
    // The root makes the last thirty void: their holder is shown what it said instead.
    let mut branch =
        Chain::open_all(&long.envelopes().take(first.count() as usize + 10).collect::<Vec<_>>()).unwrap();
    stated(&mut branch, Stated::new(Purpose::Packet, 200, 90, &town.p256), &root(), 30).unwrap();
    let held = branch.held_by(&long.locator());
    assert!(held < branch.count() && held >= 1, "{held}");
    let mut other = long.clone();
    for envelope in branch.envelopes().skip(held as usize) {
        other.append(envelope).unwrap();
    }
    assert_eq!(other.head(), branch.head());
}
