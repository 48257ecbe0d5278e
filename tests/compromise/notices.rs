//! Notices: whose word they are, and that what was said by right is heard.

use crate::places::learn;
use crate::support::logs::{Pair, append, name};
use crate::support::statements::{root, signing};
use rogatory::exchange::notices::Word;
use rogatory::exchange::offline::Wanted;
use rogatory::exchange::{Answer, ExchangeError};
use rogatory::format::leaf::Leaf;
use rogatory::format::pairing::{Notice, State};
use rogatory::format::wire::{
    Revocation, leaf::Kind, pairing_act::Code as Act, purpose::Code as Purpose, revocation::Reason,
};
use rogatory::store::{Clock as _, NewEntry};

/// XB's notice that it suspends, under a key of its own of this purpose, or the root.
fn suspension(pair: &Pair, purpose: Option<Purpose>) -> Vec<u8> {
    let keys = pair.folder.path().join("xb/keys");
    let (now, chain) = (pair.clock.now(), pair.xb.identity.chain());
    let notice = Notice {
        author: name("XB"),
        peer: name("XA"),
        pairing: (chain.fingerprint(), pair.xa.identity.chain().fingerprint()),
        seq: 0,
        prev: None,
        seen: (0, None),
        made_at: now,
        act: Act::Suspend,
        terms: None,
        root: None,
    };
    let by = match purpose {
        None => root(&keys, "root.key"),
        Some(purpose) => signing(&keys, chain.current(purpose, now).unwrap()),
    };
    notice.sign(&by).unwrap().envelope
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_nobodys_but_the_delegates_and_the_roots() {
    for (purpose, why) in [
        (Some(Purpose::Packet), "a key of another purpose"),
        (Some(Purpose::Evidence), "a key of another purpose"),
        (Some(Purpose::Checkpoint), "a key of another purpose"),
        (Some(Purpose::Tls), "a key of another purpose"),
        (Some(Purpose::Delegate), ""),
        (None, ""),
    ] {
        let mut pair = Pair::new().await;
        let envelope = suspension(&pair, purpose);
        // A log that goes on as XB's, with the notice in it.
        let other = pair.copy_of_xb("other");
        let (peer, actor, code) = (Some(name("XA")), Some([1; 8]), Act::Suspend as u32);
        let leaf = Leaf { peer, actor, code, ..Leaf::new(Kind::PairingNotice) };
        let told = append(&other, vec![NewEntry { leaf, objects: vec![envelope] }]).await;
        let (peer, size) = (pair.xb_of_xa(), pair.xa.store.checkpoint().size);
        let ack = other.acknowledgement(&[told.first], &told.checkpoint, peer.verified().0).unwrap();
        let answer = pair.xa.accept_notice(&peer, ack).await;
        let state = pair.xa.pairing_with(&name("XB")).unwrap();
        if why.is_empty() {
            assert!(matches!(answer, Ok(Answer::Committed(..))), "{purpose:?}: {answer:?}");
            assert_eq!(state, State::Suspended);
        } else {
            let refused = answer.unwrap_err();
            assert!(matches!(&refused, ExchangeError::PeerMisbehaved { .. }), "{purpose:?}: {refused:?}");
            assert!(refused.to_string().contains(why), "{purpose:?}: {refused}");
            assert_eq!((state, pair.xa.store.checkpoint().size), (State::Active, size), "{purpose:?}");
        }
        other.store.close().unwrap();
        pair.close();
    }
}

/// XB's root makes another delegate, and ends the one before: it is in other hands.
async fn delegate_revoked(pair: &Pair) {
    let key = pair.xb.identity.delegate().unwrap().0.id;
    let item = Revocation {
        key_id: key.to_vec(),
        reason: Reason::Compromised.into(),
        since: pair.xb.now(),
        log_size: 0,
    };
    let by = root(&pair.folder.path().join("xb/keys"), "root.key");
    for wanted in [Wanted::Delegate, Wanted::Ends(vec![item])] {
        let asked = pair.xb.ask_root(wanted, None).await.unwrap();
        pair.xb.install(&asked.sign(&by, None).unwrap(), false).await.unwrap();
    }
    assert_ne!(pair.xb.identity.delegate().unwrap().0.id, key);
    learn(&pair.xa, &pair.xb).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_of_before_its_delegate_was_revoked_is_taken_once_its_tree_is_linked() {
    let pair = Pair::new().await;
    let said = pair.xb.notify(&name("XA"), Word::Suspend, [1; 8]).await.unwrap().first;
    delegate_revoked(&pair).await;
    let (peer, size) = (pair.xb_of_xa(), pair.xa.store.checkpoint().size);
    let told = |from| pair.xb.acknowledgement(&[said], &pair.xb.store.checkpoint(), from).unwrap();
    // From a tree that XA does not remember: no place is proved.
    let unlinked = pair.xa.accept_notice(&peer, told(1)).await.unwrap();
    assert!(matches!(unlinked, Answer::Deferred(_)), "{unlinked:?}");
    assert_eq!(pair.xa.store.checkpoint().size, size);
    let linked = pair.xa.accept_notice(&peer, told(peer.verified().0)).await.unwrap();
    assert!(matches!(linked, Answer::Committed(..)), "{linked:?}");
    assert_eq!(pair.xa.pairing_with(&name("XB")).unwrap(), State::Suspended);
    // What the next delegate says follows it.
    let resumed = pair.xb.notify(&name("XA"), Word::Resume, [1; 8]).await.unwrap().first;
    let ack = pair.xb.acknowledgement(&[resumed], &pair.xb.store.checkpoint(), peer.verified().0).unwrap();
    assert!(matches!(pair.xa.accept_notice(&peer, ack).await.unwrap(), Answer::Committed(..)));
    assert_eq!(pair.xa.pairing_with(&name("XB")).unwrap(), State::Active);
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thief_of_the_delegate_has_no_place_in_the_log_and_is_not_heard() {
    let mut pair = Pair::new().await;
    let thief = suspension(&pair, Some(Purpose::Delegate));
    delegate_revoked(&pair).await;
    let other = pair.copy_of_xb("other");
    let (peer, actor, code) = (Some(name("XA")), Some([1; 8]), Act::Suspend as u32);
    let leaf = Leaf { peer, actor, code, ..Leaf::new(Kind::PairingNotice) };
    let forged = append(&other, vec![NewEntry { leaf, objects: vec![thief] }]).await;
    let peer = pair.xb_of_xa();
    let ack = other.acknowledgement(&[forged.first], &forged.checkpoint, peer.verified().0).unwrap();
    let refused = pair.xa.accept_notice(&peer, ack).await.unwrap_err();
    assert!(refused.to_string().contains("a revoked key"), "{refused}");
    other.store.close().unwrap();
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_was_verified_before_a_revocation_is_asked_again_where_it_is_logged() {
    let pair = Pair::new().await;
    let said = pair.xb.notify(&name("XA"), Word::Suspend, [1; 8]).await.unwrap().first;
    let before = pair.xb_of_xa();
    let ack = pair.xb.acknowledgement(&[said], &pair.xb.store.checkpoint(), 1).unwrap();
    // XA's view of XB is the one of before, as where a statement comes in between.
    delegate_revoked(&pair).await;
    let size = pair.xa.store.checkpoint().size;
    let answer = pair.xa.accept_notice(&before, ack).await.unwrap();
    assert!(matches!(answer, Answer::Deferred(_)), "{answer:?}");
    assert_eq!(pair.xa.store.checkpoint().size, size);
    pair.close();
}
