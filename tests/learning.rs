//! Statements reach a peer by themselves, whatever changed while one of the two was away.

mod support;

use rogatory::exchange::ExchangeError;
use rogatory::format::chain::Chain;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::{HelloRequest, alarm::Code, leaf::Kind, purpose::Code as Purpose};
use rogatory::gateway::SystemClock;
use rogatory::store::NewEntry;
use rogatory::store::inspect::{Look, verify};
use std::sync::Arc;
use support::keys::statements_of;
use support::logs::{Pair, append, copy, greet, name, open, say, see};
use support::statements::{PURPOSES, held, in_store, state};
use support::{Authority, end, exchange, pair, paired, until};

/// Stops it, lets its keys change, and starts it again.
async fn change(authority: &mut Authority, purposes: &[Purpose]) -> u64 {
    assert!(authority.stop().await.success());
    let chain = state(&authority.data.join("keys"), &authority.data, Arc::new(SystemClock), purposes).await;
    authority.serve().await;
    chain.count()
}

async fn knows(authority: &Authority, peer: &str, statements: u64) {
    until("the statements are known", || async { statements_of(authority, peer).await == statements }).await;
}

/// Both ledgers are sound and agree, and hold each statement of the other side once.
async fn sound(xa: Authority, xb: Authority, statements: (u64, u64)) {
    let folders = [xa.data.clone(), xb.data.clone()];
    end([xa, xb]).await;
    assert_eq!(held(&folders[1], "XA") as u64, statements.0, "XA's statements in XB's ledger");
    assert_eq!(held(&folders[0], "XB") as u64, statements.1, "XB's statements in XA's ledger");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_any_purpose_changes_while_the_peer_runs_on() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, xb) = pair(dir.path()).await;
    let theirs = statements_of(&xa, "XB").await;
    let mut count = statements_of(&xb, "XA").await;
    exchange(&xa, &xb).await;
    for purpose in PURPOSES {
        count += 1;
        assert_eq!(change(&mut xa, &[purpose]).await, count);
        exchange(&xa, &xb).await;
        knows(&xb, "XA", count).await;
    }
    sound(xa, xb, (count, theirs)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_change_on_either_side_of_a_line_that_one_side_dials() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let mut xb = Authority::found(dir.path(), "XB", "none");
    paired(&mut xa, &mut xb).await;
    exchange(&xa, &xb).await;
    let ours = change(&mut xa, &PURPOSES).await;
    exchange(&xa, &xb).await;
    knows(&xb, "XA", ours).await;
    let theirs = change(&mut xb, &PURPOSES).await;
    exchange(&xa, &xb).await;
    knows(&xa, "XB", theirs).await;
    sound(xa, xb, (ours, theirs)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_statements_are_learnt() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, xb) = pair(dir.path()).await;
    let theirs = statements_of(&xa, "XB").await;
    let many: Vec<_> = std::iter::repeat_n(Purpose::Packet, 1999).chain([Purpose::Tls]).collect();
    let count = change(&mut xa, &many).await;
    knows(&xb, "XA", count).await;
    exchange(&xa, &xb).await;
    sound(xa, xb, (count, theirs)).await;
}

/// XB goes away, comes back with new keys, and XA has not heard of them.
async fn changed(pair: &mut Pair, purposes: &[Purpose]) -> Chain {
    pair.xb.store.close().unwrap();
    let folder = pair.folder.path().join("xb");
    let chain =
        state(&folder.join("keys"), &folder.join("data"), Arc::new(pair.clock.clone()), purposes).await;
    pair.xb = Arc::new(open(&folder, &pair.clock));
    chain
}

fn hello(chain: &Chain, held: u64) -> HelloRequest {
    HelloRequest {
        authority: chain.authority().to_string(),
        fingerprint: chain.fingerprint().to_vec(),
        shown: chain.envelopes().skip(held as usize).map(<[u8]>::to_vec).collect(),
        ..HelloRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hellos_at_once_and_hellos_cut_off_log_each_statement_once() {
    let mut pair = Pair::new().await;
    let before = in_store(&pair.xa.store, "XB");
    let chain = changed(&mut pair, &PURPOSES).await;
    let request = hello(&chain, before as u64);
    // Whoever said this is gone before the answer.
    let mut cut = Box::pin(pair.xa.hello(request.clone(), None));
    assert!(futures_util::poll!(cut.as_mut()).is_pending());
    drop(cut);
    let hellos: Vec<_> = (0..16)
        .map(|_| {
            let (xa, request) = (pair.xa.clone(), request.clone());
            tokio::spawn(async move { xa.hello(request, None).await.unwrap().known_of_you })
        })
        .collect();
    for known in futures_util::future::join_all(hellos).await {
        assert_eq!(known.unwrap(), chain.count());
    }
    assert_eq!(in_store(&pair.xa.store, "XB"), before + PURPOSES.len());
    assert_eq!(greet(&pair.xa, &pair.xb).await, 1, "nothing is left to be said");
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_signed_with_a_key_not_known_yet_is_no_fault() {
    for purpose in [Purpose::Evidence, Purpose::Checkpoint] {
        let mut pair = Pair::new().await;
        changed(&mut pair, &[purpose]).await;
        let index = say(&pair.xb).await;
        let xb = pair.xb_of_xa();
        let ack = pair.xb.acknowledgement(&[index], &pair.xb.store.checkpoint(), 0).unwrap();
        let told = rogatory::format::wire::ToldStatus {
            acknowledgement: Some(ack),
            ..rogatory::format::wire::ToldStatus::default()
        };
        let size = pair.xa.store.checkpoint().size;
        let answer = pair.xa.accept_status(&xb, told).await.unwrap();
        assert!(matches!(answer, rogatory::exchange::Answer::Deferred(_)), "{purpose:?}: {answer:?}");
        assert_eq!(pair.xa.store.checkpoint().size, size, "{purpose:?}: a deferral is no entry");
        greet(&pair.xb, &pair.xa).await;
        see(&pair.xa, &pair.xb, index, pair.xb_of_xa().verified()).await.unwrap();
        pair.close();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_contradict_are_refused_and_leave_one_alarm() {
    let mut pair = Pair::new().await;
    let known = in_store(&pair.xa.store, "XB") as u64;
    pair.xb.store.close().unwrap();
    let (one, other) = (pair.folder.path().join("xb"), pair.folder.path().join("other"));
    copy(&one, &other);
    pair.xb = Arc::new(open(&one, &pair.clock));
    let first = changed(&mut pair, &[Purpose::Packet]).await;
    let clock = Arc::new(pair.clock.clone());
    let second = state(&other.join("keys"), &other.join("data"), clock, &[Purpose::Packet]).await;
    assert_ne!(first.head(), second.head());
    pair.xa.hello(hello(&first, known), None).await.unwrap();
    let size = pair.xa.store.checkpoint().size;
    for _ in 0..3 {
        let refused = pair.xa.hello(hello(&second, known), None).await.unwrap_err();
        assert!(matches!(&refused, ExchangeError::PeerMisbehaved { peer, .. } if *peer == name("XB")));
        assert!(refused.to_string().contains("contradicts one that is known"), "{refused}");
        assert_eq!(pair.xa.store.checkpoint().size, size + 1, "once, however often it is shown");
        assert_eq!(pair.xb_of_xa().chain.head(), first.head());
    }
    let alarm = pair.xa.store.snapshot().entry(size).unwrap();
    assert_eq!((alarm.leaf.kind, alarm.leaf.code), (Kind::Alarm, Code::KeysForked as u32));
    let last = |chain: &Chain| chain.envelopes().last().unwrap().to_vec();
    assert_eq!(alarm.objects, [last(&first), last(&second)]);

    // It proves itself: one about what does not contradict makes a ledger unsound.
    pair.xa.store.close().unwrap();
    let (folder, before) =
        (pair.folder.path().join("xa"), first.envelopes().nth(known as usize - 1).unwrap());
    for (number, objects) in [
        vec![last(&first), last(&first)],
        vec![before.to_vec(), last(&first)],
        vec![before.to_vec(), last(&second)],
        vec![last(&second), last(&first)],
        vec![last(&first), last(&second), Vec::new()],
    ]
    .into_iter()
    .enumerate()
    {
        let spoilt = pair.folder.path().join(format!("spoilt-{number}"));
        copy(&folder, &spoilt);
        let exchange = open(&spoilt, &pair.clock);
        let leaf = Leaf { peer: Some(name("XB")), code: Code::KeysForked as u32, ..Leaf::new(Kind::Alarm) };
        append(&exchange, vec![NewEntry { leaf, objects }]).await;
        exchange.store.close().unwrap();
        let found = verify(&spoilt.join("data"), Look::default(), &mut |_| {}).err().unwrap().to_string();
        assert!(found.contains("statements that do not contradict"), "{number}: {found}");
    }
    pair.xa = Arc::new(open(&folder, &pair.clock));
    pair.close();
}
