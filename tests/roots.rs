//! The root of a peer changes: shown to the other side's operator, who confirms it.

mod support;

use rogatory::crypto::hash::Digest;
use rogatory::exchange::notices::Word;
use rogatory::format::leaf::Leaf;
use rogatory::format::pairing::Notice;
use rogatory::format::wire::{leaf::Kind, pairing_act::Code as Act};
use rogatory::store::inspect::{Look, verify};
use rogatory::store::{Decision, NewEntry};
use serde_json::Value;
use std::path::Path;
use std::process::Output;
use support::logs::{Pair, name};
use support::statements;
use support::{Authority, pair, rogatory, run, until};

fn said(authority: &Authority, args: &[&str]) -> Output {
    rogatory().args(args).arg("--config").arg(authority.config()).output().unwrap()
}

fn fails(authority: &Authority, args: &[&str], code: i32, words: &str) {
    let output = said(authority, args);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(code) && text.contains(words), "{args:?}: {text}");
}

fn shows(authority: &Authority, args: &[&str], words: &[&str]) {
    let output = said(authority, args);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(words.iter().all(|word| text.contains(word)), "{args:?} without {words:?}: {text}");
}

fn succeeds(args: &[&str]) {
    let output = run(args);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{args:?}: {out}{err}");
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What an authority shows of its own root.
fn own_root(authority: &Authority) -> Value {
    authority.json(&["keys", "list"])["root"].clone()
}

/// What it shows of the root of its one peer.
fn root_of_peer(authority: &Authority) -> Value {
    authority.json(&["pair", "list"])["peers"][0]["pairing"]["root"].clone()
}

/// What `doctor` says of the peer's root.
fn doctor(authority: &Authority) -> Value {
    let output = said(authority, &["doctor", "--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let root = |line: &&Value| line["name"] == "root" && line["peer"] != Value::Null;
    told["checks"].as_array().unwrap().iter().find(root).unwrap()["state"].clone()
}

/// The root that was announced takes over, and another one is announced.
fn hand_over(authority: &Authority, folder: &Path) -> String {
    let keys = authority.data.join("keys");
    let (root, next, third) =
        (keys.join("root.key"), keys.join("next-root.key"), keys.join("third-root.key"));
    let (asked, signed) = (folder.join("asked"), folder.join("signed"));
    authority.json(&["keys", "request", "root", "--out", path(&asked)]);
    let roots = ["--root", path(&root), "--next-root", path(&next), "--new-next-root", path(&third)];
    succeeds(&[&["keys", "sign", path(&asked)][..], &roots, &["--yes", "--out", path(&signed)]].concat());
    authority.json(&["keys", "install", path(&signed)]);
    std::fs::rename(&next, &root).unwrap();
    std::fs::rename(&third, &next).unwrap();
    own_root(authority)["id"].as_str().unwrap().to_owned()
}

/// A packet each way.
async fn exchange(xa: &Authority, xb: &Authority) {
    xa.send("XB", "");
    xb.send("XA", "");
    xa.quiet().await;
    xb.quiet().await;
}

/// All ledgers are sound, their exports too, and each two of them agree.
async fn end(xa: &mut Authority, xb: &mut Authority) {
    exchange(xa, xb).await;
    for authority in [&mut *xa, &mut *xb] {
        assert!(authority.stop().await.success());
        succeeds(&["ledger", "verify", path(&authority.data)]);
        let out = authority.data.with_extension("export");
        succeeds(&["ledger", "export", path(&authority.data), "--out", path(&out)]);
        succeeds(&["ledger", "verify", path(&out)]);
    }
    succeeds(&["ledger", "compare", path(&xa.data), path(&xb.data)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_that_changed_is_shown_and_confirmed_and_both_ledgers_say_so() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let first = own_root(&xa)["id"].as_str().unwrap().to_owned();
    let seen = root_of_peer(&xb);
    assert_eq!((&seen["id"], &seen["confirmed"]), (&Value::from(first.as_str()), &Value::from(true)));
    assert_eq!((&seen["ours_confirmed"], doctor(&xb)), (&Value::from(true), Value::from("ok")));
    fails(&xb, &["pair", "confirm-root", "XA", "--root", &first], 1, "confirmed already");

    let second = hand_over(&xa, dir.path());
    assert_ne!(first, second);
    until("XB has learnt of it", || async { root_of_peer(&xb)["id"] == second.as_str() }).await;
    let seen = root_of_peer(&xb);
    assert_eq!(
        (&seen["confirmed"], &seen["confirmed_before"]),
        (&Value::from(false), &Value::from(first.as_str()))
    );
    shows(&xb, &["pair", "list"], &["XA: root changed at ", ", not confirmed: old ", &first, &second]);
    shows(&xa, &["keys", "list"], &["our root changed at ", "XB did not confirm it yet", &second[..8]]);
    assert_eq!((doctor(&xb), doctor(&xa)), ("warn".into(), "ok".into()));
    assert_eq!(root_of_peer(&xa)["ours_confirmed"], false);
    // Nothing waits for it: statements under the new root are taken, and packets go.
    xa.json(&["keys", "rotate", "all", "--force"]);
    exchange(&xa, &xb).await;

    // Only the root that stands is confirmed; what was read out differs.
    let other = "00".repeat(32);
    for wrong in [first.as_str(), other.as_str()] {
        fails(&xb, &["pair", "confirm-root", "XA", "--root", wrong], 1, "do not confirm");
    }
    fails(&xb, &["pair", "confirm-root", "XA", "--root", "12ab"], 2, "");
    fails(&xb, &["pair", "confirm-root", "XC", "--root", &second], 2, "not paired with XC");
    assert_eq!(root_of_peer(&xb)["confirmed"], false);

    // It is said while XA is away, and a start later both know it.
    xa.stop().await;
    let words = rogatory::format::words::parse(&second).unwrap();
    let words = rogatory::format::words::to_words(&words);
    fails(&xb, &["pair", "confirm-root", "XA", "--root", &words, "--wait", "0"], 4, "has not confirmed");
    assert_eq!(root_of_peer(&xb)["confirmed"], true);
    xb.kill();
    xb.serve().await;
    xa.serve().await;
    until("XA has logged it", || async { root_of_peer(&xa)["ours_confirmed"] == true }).await;
    assert_eq!((root_of_peer(&xb)["confirmed"].clone(), doctor(&xb)), (true.into(), "ok".into()));
    assert_eq!(own_root(&xa)["not_confirmed_by"], serde_json::json!([]));
    for authority in [&xa, &xb] {
        let log = authority.json(&["ledger", "log"]).to_string();
        assert!(log.contains("root_confirmed"), "{log}");
    }
    // The next one asks anew.
    let third = hand_over(&xa, dir.path());
    until("XB has learnt of it", || async { root_of_peer(&xb)["id"] == third.as_str() }).await;
    assert_eq!(root_of_peer(&xb)["confirmed_before"], second.as_str());
    xb.json(&["pair", "confirm-root", "XA", "--root", &third]);
    assert_eq!(root_of_peer(&xa)["ours_confirmed"], true);
    end(&mut xa, &mut xb).await;
}

/// What `ledger verify` finds where XA's ledger confirms this root of XB.
async fn confirming(root: impl Fn(&Pair) -> Digest) -> Option<String> {
    let pair = Pair::new().await;
    let (xa, root) = (pair.xa.clone(), root(&pair));
    let fingerprints = (xa.identity.chain().fingerprint(), pair.xb.identity.chain().fingerprint());
    let key = statements::root(&pair.folder.path().join("xa/keys"), "root.key");
    let decide = move |_: &dyn rogatory::ledger::records::Views, now| {
        let notice = Notice {
            author: name("XA"),
            peer: name("XB"),
            pairing: fingerprints,
            seq: 0,
            prev: None,
            seen: (0, None),
            made_at: now,
            act: Act::RootConfirmed,
            terms: None,
            root: Some(root),
        };
        let (peer, code) = (Some(name("XB")), Act::RootConfirmed as u32);
        let leaf = Leaf { peer, code, actor: Some([1; 8]), ..Leaf::new(Kind::PairingNotice) };
        let entries = vec![NewEntry { leaf, objects: vec![notice.sign(&key)?.envelope] }];
        Ok::<_, rogatory::exchange::ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
    };
    pair.xa.store.commit(decide).await.unwrap().unwrap();
    pair.xa.store.close().unwrap();
    let found = verify(&pair.folder.path().join("xa/data"), Look::default(), &mut |_| {});
    found.err().map(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_confirms_what_is_no_root_of_its_peer_is_unsound() {
    assert_eq!(confirming(|pair| pair.xb.identity.chain().root()).await, None);
    for wrong in [[7; 32], Pair::new().await.xa.identity.chain().root()] {
        let found = confirming(|_| wrong).await.unwrap();
        assert!(found.contains("confirms a root that is not its peer's"), "{found}");
    }
    // Nor does a gateway say it.
    let pair = Pair::new().await;
    let said = pair.xa.notify(&name("XB"), Word::RootConfirmed([7; 32]), [1; 8]).await;
    assert!(said.err().unwrap().to_string().contains("the root of XB is "));
    pair.close();
}
