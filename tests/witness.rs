//! Witnessing: every tree that is seen of a peer is linked with every other, what can't be is
//! an alarm, and two gateways that only witness each other fall silent.

mod support;

use rogatory::format::id::PacketId;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::{self, alarm::Code, leaf::Kind};
use rogatory::store::NewEntry;
use rogatory::store::inspect::{Look, verify};
use support::logs::{MINUTE, Pair, append, link, name, say, see};
use support::{pair, until};

#[tokio::test(flavor = "multi_thread")]
async fn trees_that_came_from_one_known_size_are_linked_in_one_call_and_again_after_a_start() {
    let mut pair = Pair::new().await;
    let index = say(&pair.xb).await;
    see(&pair.xa, &pair.xb, index, pair.xb_of_xa().verified()).await.unwrap();
    let known = pair.xb_of_xa().verified();
    for _ in 0..5 {
        let index = say(&pair.xb).await;
        see(&pair.xa, &pair.xb, index, known).await.unwrap();
    }
    let question = pair.xa.links_wanted(&pair.xb_of_xa()).await.unwrap().unwrap();
    let asked = question.request().from_sizes;
    assert_eq!(asked.len(), 5, "the head, and four that are not linked: {asked:?}");
    assert!(
        pair.xa.cosign(&pair.xb_of_xa()).await.unwrap().is_none(),
        "nothing is cosigned that is not linked"
    );

    pair.restart_xa();
    let question = pair.xa.links_wanted(&pair.xb_of_xa()).await.unwrap().unwrap();
    let again = question.request().from_sizes;
    assert!(asked.iter().all(|size| again.contains(size)), "{again:?} after a start, {asked:?} before");
    assert_eq!(link(&pair.xa, &pair.xb).await, 1);
    let note = pair.xa.cosign(&pair.xb_of_xa()).await.unwrap().unwrap();
    pair.xb.take_cosignature(&pair.xb.directory.peer(&name("XA")).unwrap(), note).await.unwrap();
    assert_eq!(pair.alarms(), []);
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_from_many_sizes_is_bounded_and_says_nothing_of_sizes_that_are_not_there() {
    let pair = Pair::new().await;
    assert!(pair.xb.prove_links(&vec![1; 257]).is_err());
    let reply = pair.xb.prove_links(&[1, 1_000_000, 0]).unwrap();
    let lengths: Vec<bool> = reply.proofs.iter().map(|proof| proof.hashes.is_empty()).collect();
    assert_eq!(lengths, [false, true, true]);
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_trees_of_one_size_are_one_alarm_however_often_they_are_shown() {
    let mut pair = Pair::new().await;
    let forked = pair.copy_of_xb("fork");
    let (here, there) = (say(&pair.xb).await, say(&forked).await);
    let known = pair.xb_of_xa().verified();
    see(&pair.xa, &pair.xb, here, known).await.unwrap();
    for _ in 0..3 {
        assert!(see(&pair.xa, &forked, there, known).await.unwrap_err().contains("two trees of one size"));
        link(&pair.xa, &pair.xb).await;
    }
    assert_eq!(pair.alarms(), [Code::Forked]);
    pair.restart_xa();
    see(&pair.xa, &forked, there, known).await.unwrap_err();
    link(&pair.xa, &pair.xb).await;
    assert_eq!(pair.alarms(), [Code::Forked], "the ledger remembers");
    forked.store.close().unwrap();
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_goes_on_beside_what_was_shown_is_an_alarm() {
    let mut pair = Pair::new().await;
    let forked = pair.copy_of_xb("fork");
    let index = say(&pair.xb).await;
    see(&pair.xa, &pair.xb, index, pair.xb_of_xa().verified()).await.unwrap();
    say(&forked).await;
    let index = say(&forked).await;
    let known = pair.xb_of_xa().verified();
    for _ in 0..2 {
        assert!(see(&pair.xa, &forked, index, known).await.unwrap_err().contains("consistency"));
        link(&pair.xa, &forked).await;
    }
    assert_eq!(pair.alarms(), [Code::NotExtended]);
    let before = pair.xb_of_xa().verified();
    assert_eq!(before.0, known.0, "nothing of the other history is believed");
    forked.store.close().unwrap();
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_rolled_back_is_an_alarm_when_it_is_asked_next() {
    let mut pair = Pair::new().await;
    let older = pair.copy_of_xb("older");
    let index = say(&pair.xb).await;
    see(&pair.xa, &pair.xb, index, pair.xb_of_xa().verified()).await.unwrap();
    assert_eq!(link(&pair.xa, &pair.xb).await, 1, "a peer is looked at after a start");
    assert_eq!(link(&pair.xa, &older).await, 0, "and once an hour");
    pair.pass(61 * MINUTE);
    link(&pair.xa, &older).await;
    link(&pair.xa, &older).await;
    assert_eq!(pair.alarms(), [Code::RolledBack]);
    older.store.close().unwrap();
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_about_what_does_not_contradict_makes_a_ledger_unsound() {
    let codes =
        [Code::Forked, Code::NotExtended, Code::RolledBack, Code::RejectedAfterAcceptance, Code::Unspecified];
    for code in codes {
        let pair = Pair::new().await;
        let id = Some(PacketId::fresh(pair.xa.now(), &*pair.xa.entropy).unwrap());
        let note = pair.xb.store.checkpoint().note.clone();
        let leaf = Leaf { peer: Some(name("XB")), id, code: code as u32, ..Leaf::new(Kind::Alarm) };
        let index = pair.xa.store.checkpoint().size;
        append(&pair.xa, vec![NewEntry { leaf, objects: vec![note.clone(), note] }]).await;
        pair.xa.store.close().unwrap();
        let found = verify(&pair.folder.path().join("xa/data"), Look::default(), &mut |_| {})
            .err()
            .unwrap()
            .to_string();
        assert!(found.starts_with(&format!("entry {index}: ")), "{code:?}: {found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_third_partys_cosignature_that_does_not_verify_makes_a_ledger_unsound() {
    let pair = Pair::new().await;
    let (ours, witness) = (pair.xa.store.checkpoint(), pair.xb.identity.cosign_verifier_key());
    let (name, key) = pair.xb.identity.cosign();
    let cosigned = ours.cosigned(&name, &key, pair.xa.now()).unwrap();
    for (note, sound) in [(cosigned, true), (ours.note.clone(), false)] {
        let objects = vec![note, witness.clone().into_bytes()];
        append(&pair.xa, vec![NewEntry { leaf: Leaf::new(Kind::CosignatureReceived), objects }]).await;
        let copy = pair.copy_of_xa(if sound { "good" } else { "bad" });
        let found = verify(&copy, Look::default(), &mut |_| {}).err().map(|error| error.to_string());
        match sound {
            true => assert_eq!(found, None),
            false => assert!(found.unwrap().contains("no cosignature of its witness")),
        }
    }
    assert_eq!(pair.xa.witnesses().unwrap(), [(name, wire::Cosigned { size: ours.size, at: pair.xa.now() })]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_that_only_witness_each_other_fall_silent() {
    let pair = Pair::new().await;
    let (xa, xb) = (&pair.xa, &pair.xb);
    let sizes = || [xa, xb].map(|exchange| exchange.store.snapshot().size().unwrap());
    let both = [(xa, xb), (xb, xa)];
    for (one, other) in both {
        let index = say(other).await;
        let peer = one.directory.peer(other.identity.authority()).unwrap();
        see(one, other, index, peer.verified()).await.unwrap();
    }
    let begin = sizes();
    let mut history = Vec::new();
    for _ in 0..60 {
        pair.pass(MINUTE);
        for (one, other) in both {
            let peer = one.directory.peer(other.identity.authority()).unwrap();
            link(one, other).await;
            if let Some(note) = one.cosign(&peer).await.unwrap() {
                let from = other.directory.peer(one.identity.authority()).unwrap();
                other.take_cosignature(&from, note).await.unwrap();
            }
        }
        history.push(sizes());
    }
    assert_eq!(history[0], begin.map(|size| size + 2), "each cosigned once, and logged the other's");
    assert!(history.iter().all(|sizes| *sizes == history[0]), "{history:?}");
    for exchange in [xa, xb] {
        let tail = exchange.tail().unwrap();
        assert!(tail.entries > 0 && tail.substance == 0 && tail.since == 0, "{tail:?}");
    }
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_grows_is_cosigned_once_a_minute_also_across_a_start() {
    let mut pair = Pair::new().await;
    let mut cosigned = 0;
    for step in 0..12 {
        let index = say(&pair.xb).await;
        let known = pair.xb_of_xa().verified();
        see(&pair.xa, &pair.xb, index, known).await.unwrap();
        link(&pair.xa, &pair.xb).await;
        cosigned += usize::from(pair.xa.cosign(&pair.xb_of_xa()).await.unwrap().is_some());
        pair.pass(MINUTE / 4);
        if step % 3 == 0 {
            pair.restart_xa();
        }
    }
    assert_eq!(cosigned, 3);
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_show_what_they_hold_and_cosigned_and_how_long_the_tail_is() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let listed = xa.json(&["pair", "list"]);
    assert!(listed["peers"][0]["cosigned"].is_null());
    assert!(listed["tail"]["substance"].as_u64().unwrap() > 8, "{listed}");
    let (packet, _) = xa.send("XB", "");
    xa.quiet().await;
    xb.json(&["answer", &packet, "registered"]);
    xb.quiet().await;
    until("XA has cosigned what it saw of XB", || async {
        let listed = xb.json(&["pair", "list"]);
        let (peer, size) = (&listed["peers"][0], listed["peers"][0]["cosigned"]["size"].as_u64());
        size.is_some_and(|size| size > 8 && peer["holds"].as_u64() >= Some(size))
            && listed["tail"]["substance"].as_u64() < Some(5)
    })
    .await;
    let text = support::run(&["pair", "list", "--config", xb.config().to_str().unwrap()]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains(" cosigned ") && text.contains("our log: ") && !text.contains("ALARM"), "{text}");
    xa.stop().await;
    xb.stop().await;
    for authority in [&xa, &xb] {
        verify(&authority.data, Look::default(), &mut |_| {}).unwrap();
    }
}
