//! Witnessing: every tree that is seen of a peer is linked with every other, what can't be is
//! an alarm, and two gateways that only witness each other fall silent.

mod support;

use prost::Message as _;
use rogatory::crypto::hash::Digest;
use rogatory::exchange::{Answer, Exchange};
use rogatory::format::id::PacketId;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::{self, TellRequest, alarm::Code, leaf::Kind, tell_request};
use rogatory::gateway::SystemClock;
use rogatory::ledger::acknowledgement::to_bytes;
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::ledger::tree;
use rogatory::store::inspect::{Look, verify};
use rogatory::store::{CheckpointSigner as _, Clock as _, NewEntry};
use support::logs::{MINUTE, Pair, append, found, grow, link, name, say, say_in, see, send};
use support::{pair, peer_client, until};

const DAY: u64 = 24 * 60 * MINUTE;

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

/// The newest checkpoint of a copy of XB's log, cosigned by XA as if it knew no other.
fn held(pair: &Pair, copy: &Exchange) -> Vec<u8> {
    cosigned(pair, &copy.store.checkpoint())
}

fn cosigned(pair: &Pair, checkpoint: &Checkpoint) -> Vec<u8> {
    let (witness, key) = pair.xa.identity.cosign();
    checkpoint.cosigned(&witness, &key, pair.xb.now()).unwrap()
}

fn ours(exchange: &Exchange) -> Vec<u8> {
    exchange.store.checkpoint().note.clone()
}

fn size(exchange: &Exchange) -> u64 {
    exchange.store.checkpoint().size
}

/// The tree of XB's log at this size, or (`root`) what it is said to have been.
fn own_tree(pair: &Pair, size: u64, root: Option<Digest>) -> Vec<u8> {
    let (to, snapshot) = (pair.xb.store.checkpoint().size, pair.xb.store.snapshot());
    let root = root.unwrap_or_else(|| tree::root(size, snapshot).unwrap());
    let consistency = to_bytes(&tree::consistency(size, to, snapshot).unwrap());
    wire::OwnTree { root: root.to_vec(), consistency }.encode_to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_of_our_own_log_that_it_never_was_is_an_alarm_once_a_day() {
    let mut pair = Pair::new().await;
    let thief = pair.copy_of_xb("thief");
    let xa = pair.xb.directory.peer(&name("XA")).unwrap();
    let alarms = || -> Vec<(u64, usize)> {
        let snapshot = pair.xb.store.snapshot();
        let entries = (0..snapshot.size().unwrap()).map(|index| snapshot.entry(index).unwrap());
        let alarms = entries.filter(|entry| entry.leaf.kind == Kind::Alarm);
        alarms.map(|entry| (u64::from(entry.leaf.code), entry.objects.len())).collect()
    };
    let code = Code::OwnLogContradicted as u64;
    // The same history, shorter: nothing is wrong with that.
    let note = held(&pair, &thief);
    grow(&pair.xb, 1).await;
    pair.xb.take_cosignature(&xa, note).await.unwrap();
    assert_eq!(alarms(), []);

    // Another tree of a size that ours had, again, and with each of its groups.
    for unproved in 2..5 {
        grow(&thief, unproved).await;
        for _ in 0..2 {
            let refused = pair.xb.take_cosignature(&xa, held(&pair, &thief)).await.unwrap_err();
            assert!(refused.to_string().contains("not of our log"), "{refused}");
            assert_eq!(alarms(), [(code, 3)]);
        }
    }
    let told = pair.xb.alarms(Some(&xa)).unwrap();
    assert_eq!((told.count, told.code()), (1, Code::OwnLogContradicted));
    // The next day, of more entries than ours; and the day after, of as many.
    pair.pass(DAY);
    grow(&thief, 5).await;
    pair.xb.take_cosignature(&xa, held(&pair, &thief)).await.unwrap_err();
    assert_eq!(alarms(), [(code, 3), (code, 2)]);
    pair.pass(DAY);
    while size(&thief) != size(&pair.xb) {
        let behind = if size(&thief) < size(&pair.xb) { &thief } else { &*pair.xb };
        grow(behind, 9).await;
    }
    pair.xb.take_cosignature(&xa, held(&pair, &thief)).await.unwrap_err();
    assert_eq!(alarms(), [(code, 3), (code, 2), (code, 3)]);
    assert_eq!(pair.xb.alarms(Some(&xa)).unwrap().count, 3);
    thief.store.close().unwrap();
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_about_our_own_log_that_shows_nothing_makes_a_ledger_unsound() {
    // Each with the copy a little shorter than our log, or longer.
    type Objects = fn(&Pair, &Exchange) -> Vec<Vec<u8>>;
    let cases: [(&str, bool, Objects); 9] = [
        ("", false, |p, c| vec![held(p, c), ours(&p.xb), own_tree(p, size(c), None)]),
        ("", true, |p, c| vec![held(p, c), ours(&p.xb)]),
        ("no cosignature of the peer", false, |p, c| vec![ours(c), ours(&p.xb), own_tree(p, size(c), None)]),
        ("does not contradict", false, |p, c| vec![held(p, c), ours(&p.xb)]),
        ("does not contradict", false, |p, _| {
            vec![held(p, &p.xb), ours(&p.xb), own_tree(p, size(&p.xb), None)]
        }),
        ("consistency", false, |p, c| vec![held(p, c), ours(&p.xb), own_tree(p, size(c), Some([7; 32]))]),
        ("consistency", true, |p, c| vec![held(p, c), ours(&p.xb), own_tree(p, 5, None)]),
        ("what its own tree was", false, |p, c| vec![held(p, c), ours(&p.xb), vec![0xff]]),
        ("checkpoint of another tree", false, |p, c| {
            let beyond = p.xb.identity.sign(1000, [7; 32]).unwrap();
            vec![cosigned(p, &beyond), ours(c)]
        }),
    ];
    for (number, (why, longer, objects)) in cases.into_iter().enumerate() {
        let mut pair = Pair::new().await;
        let copy = pair.copy_of_xb("copy");
        let (short, long) = if longer { (&*pair.xb, &copy) } else { (&copy, &*pair.xb) };
        grow(short, 1).await;
        grow(long, 2).await;
        grow(long, 3).await;
        let objects = objects(&pair, &copy);
        let code = Code::OwnLogContradicted as u32;
        let leaf = Leaf { peer: Some(name("XA")), code, ..Leaf::new(Kind::Alarm) };
        let index = append(&pair.xb, vec![NewEntry { leaf, objects }]).await.first;
        pair.xb.store.close().unwrap();
        copy.store.close().unwrap();
        let found = verify(&pair.folder.path().join("xb/data"), Look::default(), &mut |_| {}).err();
        match (why, found.map(|error| error.to_string())) {
            ("", found) => assert_eq!(found, None, "{number}"),
            (why, found) => {
                let found = found.unwrap_or_else(|| panic!("{number} is believed"));
                assert!(
                    found.starts_with(&format!("entry {index}: ")) && found.contains(why),
                    "{number}: {found}"
                );
            }
        }
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

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_about_our_own_log_is_seen_where_an_operator_looks() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    // The test speaks for XA, which was shown another log under XB's name and key.
    let (peer, own) = (xa.identity(), xb.identity());
    let mut client = peer_client(&peer, &xb.listening);
    let (witness, key) = peer.cosign();
    let note = own.sign(9, [7; 32]).unwrap().cosigned(&witness, &key, SystemClock.now()).unwrap();
    let item = Some(tell_request::Item::CosignedCheckpoint(note));
    let refused = client.tell(TellRequest { known_size: 0, item }).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::InvalidArgument);

    let listed = xb.json(&["pair", "list"]);
    assert_eq!(listed["peers"][0]["alarms"]["code"], "own_log_contradicted", "{listed}");
    assert_eq!(listed["alarms"]["count"], 1);
    let text = support::run(&["pair", "list", "--config", xb.config().to_str().unwrap()]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("ALARM: 1 in all") && text.contains("own_log_contradicted (of OUR log)"), "{text}");
    let rows = xb.json(&["ledger", "ask", "entries", "--code", "own_log_contradicted"])["rows"].clone();
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]["objects"]), (1, &3.into()));
    assert!(xb.log().contains("ALARM: a peer holds a checkpoint that our log key signed"));
    xa.stop().await;
    xb.stop().await;
    // The index, which keeps the alarm, is what the entries amount to.
    assert!(verify(&xb.data, Look::default(), &mut |_| {}).unwrap().store_compared);
}

#[tokio::test]
async fn a_status_for_somebody_else_is_refused_and_the_ledger_stays_sound() {
    let pair = Pair::new().await;
    let other = found(&pair.folder.path().join("xc"), "XC", &pair.clock).await;
    for (one, other) in [(&pair.xb, &other), (&other, &pair.xb)] {
        let offer = other.offer(Vec::new()).unwrap();
        one.pair(offer, &other.identity.chain().fingerprint(), false).await.unwrap();
    }
    send(&pair.xb, &other).await;
    // XB says the same in both cases, and tells XA both.
    let before = pair.xb.store.snapshot().size().unwrap();
    let mut refused = 0;
    for status in [say_in(&pair.xb, 0).await, say_in(&pair.xb, 1).await] {
        let peer = pair.xa.directory.peer(pair.xb.identity.authority()).unwrap();
        let ack = pair.xb.acknowledgement(&[status], &pair.xb.store.checkpoint(), peer.verified().0).unwrap();
        let told = wire::ToldStatus { acknowledgement: Some(ack), ..wire::ToldStatus::default() };
        let Answer::Committed(indices, _) = pair.xa.accept_status(&peer, told).await.unwrap() else {
            panic!("the status is put off");
        };
        let leaf = pair.xa.store.snapshot().entry(indices[0]).unwrap().leaf;
        refused += usize::from(leaf.cause == wire::cause::Code::WrongRecipient as u32);
    }
    assert_eq!((pair.xb.store.snapshot().size().unwrap() - before, refused), (2, 1));
    pair.close();
}
