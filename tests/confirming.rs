//! Peers confirm that they hold our statements, and that is on record: no connection, and no
//! start, takes it away.

mod support;

use rogatory::exchange::acknowledge::Taken;
use rogatory::exchange::offline::Wanted;
use rogatory::exchange::rotation::Rotation;
use rogatory::exchange::{Answer, Exchange, ExchangeError};
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::{
    AckEntry, Acknowledgement, Revocation, TellReply, leaf::Kind, purpose::Code as Purpose,
    revocation::Reason, tell_reply, tell_request,
};
use rogatory::ledger::entry::Entry;
use rogatory::store::NewEntry;
use rogatory::store::inspect::{Look, verify};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use support::keys::keys;
use support::logs::{Pair, append, copy, greet, name, open};
use support::statements::{entries, root};
use support::{Authority, paired, succeeds, until};

/// Confirmations of statements: about which entry each is.
fn of_statements(entries: &[Entry]) -> Vec<u64> {
    let confirmations = entries.iter().filter(|entry| entry.leaf.kind == Kind::Confirmation);
    let about = confirmations.map(|entry| entry.leaf.about.unwrap());
    about.filter(|about| entries[*about as usize].leaf.kind == Kind::KeyStatement).collect()
}

fn last_statement(entries: &[Entry]) -> u64 {
    let own = |entry: &&Entry| entry.leaf.kind == Kind::KeyStatement && entry.leaf.peer.is_none();
    entries.iter().rfind(own).unwrap().index
}

/// Each has the other confirm its statements, and knows it without the other.
async fn confirm_and_remember(xb_listens: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let mut xb = Authority::found(dir.path(), "XB", xb_listens);
    paired(&mut xa, &mut xb).await;
    xa.is_confirmed().await;
    xb.is_confirmed().await;
    for authority in [&xa, &xb] {
        authority.json(&["keys", "rotate", "all"]);
    }
    xa.is_confirmed().await;
    xb.is_confirmed().await;

    remembers(&mut xa, &mut xb).await;
    remembers(&mut xb, &mut xa).await;
    xa.send("XB", "");
    xa.quiet().await;
    xb.quiet().await;
    assert!(xa.stop().await.success() && xb.stop().await.success());
    let path = |authority: &Authority| authority.data.to_str().unwrap().to_owned();
    for authority in [&xa, &xb] {
        let entries = entries(&authority.data);
        let about = of_statements(&entries);
        // Those of the pairing, and the rotation: one for six statements. No start adds one.
        assert_eq!(about.len(), 2, "{about:?}");
        assert_eq!(about[1], last_statement(&entries));
        succeeds(&["ledger", "verify", &path(authority)]);
    }
    succeeds(&["ledger", "compare", &path(&xa), &path(&xb)]);
}

/// The other is away: what it confirmed stands, and so what is used.
async fn remembers(one: &mut Authority, other: &mut Authority) {
    assert!(other.stop().await.success());
    assert!(one.stop().await.success());
    one.serve().await;
    let known = keys(one);
    assert!(known.iter().all(|key| key["learnt_by"] == json!([other.name])), "{known:?}");
    assert!(known.iter().all(|key| key["confirmed_by"] == json!([other.name])), "{known:?}");
    until("the new keys are used", || async {
        keys(one).iter().filter(|key| key["state"] == "overlap").count() == 6
    })
    .await;
    other.serve().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_is_dialled_confirms_and_a_start_forgets_nothing() {
    confirm_and_remember("127.0.0.1:0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_line_that_one_side_dials_both_confirm() {
    confirm_and_remember("none").await;
}

/// Rotates one key and has the other learn of it. Gives the entry of the statement.
async fn stated(pair: &Pair) -> u64 {
    let packet = Rotation { purposes: vec![Purpose::Packet], ..Rotation::default() };
    pair.xa.rotate(&packet).await.unwrap();
    greet(&pair.xa, &pair.xb).await;
    pair.xa.to_be_confirmed(&name("XB")).unwrap().unwrap()
}

/// What XA asks of XB, and what XB answers.
fn ask(pair: &Pair, index: u64) -> (Entry, Answer) {
    let (entry, request) = pair.xa.told(&pair.xb_of_xa(), index).unwrap();
    let Some(tell_request::Item::Statement(wanted)) = request.item else { panic!("{request:?}") };
    let xa = pair.xb.directory.peer(&name("XA")).unwrap();
    (entry, pair.xb.prove_statement(&xa, &wanted).unwrap())
}

fn proof(exchange: &Exchange, answer: &Answer, known: u64) -> Acknowledgement {
    let Answer::Committed(indices, checkpoint) = answer else { panic!("{answer:?}") };
    exchange.acknowledgement(indices, checkpoint, known).unwrap()
}

async fn take(pair: &Pair, told: &Entry, ack: Acknowledgement) -> Result<Taken, ExchangeError> {
    let peer = pair.xb_of_xa();
    let reply = Some(tell_reply::Reply::Acknowledgement(ack));
    let known = peer.verified();
    pair.xa.take_told(&peer, told, known, TellReply { reply, known_of_yours: 0 }).await
}

fn size(exchange: &Exchange) -> u64 {
    exchange.store.checkpoint().size
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_proof_of_that_very_statement_is_a_confirmation() {
    let mut pair = Pair::new().await;
    let index = stated(&pair).await;
    let (told, answer) = ask(&pair, index);
    let known = pair.xb_of_xa().verified().0;
    let right = proof(&pair.xb, &answer, known);
    let Answer::Committed(logged, checkpoint) = &answer else { panic!("{answer:?}") };

    type Spoil<'a> = Box<dyn Fn(&mut AckEntry) + 'a>;
    let spoils: [(&str, Spoil<'_>); 4] = [
        ("a wrong proof", Box::new(|entry| entry.inclusion[0][3] ^= 1)),
        ("another place", Box::new(|entry| entry.index -= 1)),
        ("another leaf", Box::new(|entry| *entry.leaf.last_mut().unwrap() ^= 1)),
        ("another object", Box::new(|entry| *entry.objects[0].last_mut().unwrap() ^= 1)),
    ];
    let mut wrong: Vec<(&str, Acknowledgement)> = Vec::new();
    for (what, spoil) in &spoils {
        let mut ack = right.clone();
        spoil(&mut ack.entries[0]);
        wrong.push((what, ack));
    }
    wrong.push(("nothing", Acknowledgement { entries: Vec::new(), ..right.clone() }));
    // What XB has logged all the same: a statement of before, one of its own, a packet.
    for other in [logged[0] - 1, 0, size(&pair.xb) - 2] {
        let other = pair.xb.acknowledgement(&[other], checkpoint, known).unwrap();
        wrong.push(("another entry", other));
    }
    let two = pair.xb.acknowledgement(&[logged[0], 0], checkpoint, known).unwrap();
    wrong.push(("two entries", two));
    let before = size(&pair.xa);
    for (what, ack) in wrong {
        let refused = take(&pair, &told, ack).await.expect_err(what);
        assert!(matches!(&refused, ExchangeError::PeerMisbehaved { .. }), "{what}: {refused}");
    }
    assert_eq!(size(&pair.xa), before, "nothing of it is an entry");
    assert_eq!(pair.xa.confirmed_by(&name("XB")).unwrap(), None);

    let proved = |pair: &Pair| proof(&pair.xb, &answer, pair.xb_of_xa().verified().0);
    assert_eq!(take(&pair, &told, proved(&pair)).await.unwrap(), Taken::Settled);
    assert_eq!(size(&pair.xa), before + 1);
    // The same again, and an older one, say nothing new.
    assert_eq!(take(&pair, &told, proved(&pair)).await.unwrap(), Taken::Settled);
    let (older, answer) = ask(&pair, 3);
    let ack = proof(&pair.xb, &answer, pair.xb_of_xa().verified().0);
    assert_eq!(take(&pair, &older, ack).await.unwrap(), Taken::Settled);
    assert_eq!(size(&pair.xa), before + 1);
    assert_eq!(pair.xa.to_be_confirmed(&name("XB")).unwrap(), None);
    let count = pair.xa.identity.chain().count();
    assert_eq!(pair.xa.confirmed_by(&name("XB")).unwrap(), Some(count));

    pair.restart_xa();
    assert_eq!(pair.xa.identity.held_by(&name("XB")), None);
    pair.xa.recall_confirmed().unwrap();
    assert_eq!(pair.xa.identity.held_by(&name("XB")), Some(count));
    pair.close();
}

/// The root makes void what the peer had confirmed: it holds what was said before that.
#[tokio::test(flavor = "multi_thread")]
async fn of_statements_that_are_void_no_confirmation_counts() {
    let mut pair = Pair::new().await;
    let first = pair.xa.identity.chain().count();
    for _ in 0..3 {
        let index = stated(&pair).await;
        let (told, answer) = ask(&pair, index);
        take(&pair, &told, proof(&pair.xb, &answer, pair.xb_of_xa().verified().0)).await.unwrap();
    }
    assert_eq!(pair.xa.confirmed_by(&name("XB")).unwrap(), Some(first + 3));
    let key = pair.xa.identity.evidence().id.to_vec();
    let end =
        Revocation { key_id: key, reason: Reason::Superseded.into(), since: pair.xa.now(), log_size: 0 };
    let asked = pair.xa.ask_root(Wanted::Ends(vec![end]), Some(first + 1)).await.unwrap();
    let root = root(&pair.folder.path().join("xa/keys"), "root.key");
    let signed = asked.sign(&root, None).unwrap();
    assert_eq!(pair.xa.install(&signed, true).await.unwrap().voided, 2);
    assert_eq!(pair.xa.confirmed_by(&name("XB")).unwrap(), Some(first + 1));

    greet(&pair.xa, &pair.xb).await;
    let index = pair.xa.to_be_confirmed(&name("XB")).unwrap().unwrap();
    let (told, answer) = ask(&pair, index);
    take(&pair, &told, proof(&pair.xb, &answer, pair.xb_of_xa().verified().0)).await.unwrap();
    assert_eq!(pair.xa.confirmed_by(&name("XB")).unwrap(), Some(first + 2));
    pair.restart_xa();
    pair.xa.recall_confirmed().unwrap();
    assert_eq!(pair.xa.identity.held_by(&name("XB")), Some(first + 2));
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_peer_has_not_logged_it_puts_off() {
    let pair = Pair::new().await;
    let packet = Rotation { purposes: vec![Purpose::Packet], ..Rotation::default() };
    pair.xa.rotate(&packet).await.unwrap();
    let index = pair.xa.to_be_confirmed(&name("XB")).unwrap().unwrap();
    let before = (size(&pair.xa), size(&pair.xb));
    let (told, answer) = ask(&pair, index);
    let Answer::Deferred(envelope) = answer else { panic!("{answer:?}") };
    let reply = TellReply { reply: Some(tell_reply::Reply::Deferral(envelope)), known_of_yours: 0 };
    let peer = pair.xb_of_xa();
    let taken = pair.xa.take_told(&peer, &told, peer.verified(), reply).await.unwrap();
    assert!(matches!(taken, Taken::Deferred { .. }), "{taken:?}");
    let xa = pair.xb.directory.peer(&name("XA")).unwrap();
    assert!(pair.xb.prove_statement(&xa, &[1; 31]).is_err());
    assert_eq!(before, (size(&pair.xa), size(&pair.xb)), "no entry on either side");
    pair.close();
}

/// A ledger that says it was confirmed what was not is not sound.
#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_with_a_confirmation_of_something_else_is_named() {
    let mut pair = Pair::new().await;
    let index = stated(&pair).await;
    let (told, answer) = ask(&pair, index);
    take(&pair, &told, proof(&pair.xb, &answer, pair.xb_of_xa().verified().0)).await.unwrap();
    let taken = pair.xa.store.snapshot().entry(size(&pair.xa) - 1).unwrap();
    let again = (taken.leaf.clone(), taken.objects.clone());
    assert_eq!((again.0.kind, again.0.about, again.0.id), (Kind::Confirmation, Some(index), None));
    let next = stated(&pair).await;
    let id = pair.xa.store.snapshot().entry(size(&pair.xa) - 8).unwrap().leaf.id;
    let theirs = (0..size(&pair.xa)).find(|index| {
        let leaf = pair.xa.store.snapshot().entry(*index).unwrap().leaf;
        leaf.kind == Kind::KeyStatement && leaf.peer.is_some()
    });
    let rows: [(&str, Leaf, &str); 5] = [
        ("again", again.0.clone(), "confirmed before"),
        ("of the next", Leaf { about: Some(next), ..again.0.clone() }, "receipt of something else"),
        (
            "of the one before",
            Leaf { about: Some(index - 1), ..again.0.clone() },
            "receipt of something else",
        ),
        ("of a peer's", Leaf { about: theirs, ..again.0.clone() }, "receipt of something else"),
        ("of a packet", Leaf { id, ..again.0.clone() }, "receipt of something else"),
    ];
    pair.xa.store.close().unwrap();
    let folder = pair.folder.path().join("xa");
    for (number, (what, leaf, expected)) in rows.into_iter().enumerate() {
        let found = spoilt(&pair, &folder, number, NewEntry { leaf, objects: again.1.clone() }).await;
        assert!(found.contains(expected), "{what}: {found}");
    }
    pair.xa = Arc::new(open(&folder, &pair.clock));
    pair.close();
}

/// What is found in a copy of a ledger with one entry more.
async fn spoilt(pair: &Pair, folder: &Path, number: usize, entry: NewEntry) -> String {
    let copied = pair.folder.path().join(format!("spoilt-{number}"));
    copy(folder, &copied);
    let exchange = open(&copied, &pair.clock);
    append(&exchange, vec![entry]).await;
    exchange.store.close().unwrap();
    let found = verify(&copied.join("data"), Look::default(), &mut |_| {});
    found.err().map_or_else(|| "sound".into(), |error| error.to_string())
}
