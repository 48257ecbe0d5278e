//! The ledger in a back-up is verified as one in a data directory is, and nothing else is
//! made of a back-up but a restore.

use super::support::logs::{Pair, append, name};
use super::{Authority, Elsewhere, json, pair, refused, rogatory, run, send_large};
use rogatory::archive::backup::{self, Source};
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::leaf::Kind;
use rogatory::store::NewEntry;

/// `ledger verify` of a back-up.
fn verify(elsewhere: &Elsewhere, more: &[&str]) -> std::process::Output {
    let (main, key) = (elsewhere.path("main"), elsewhere.path("key"));
    run(&[&["ledger", "verify", &main, "--key", &key], more].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_of_a_backup_is_verified_like_the_one_that_was_backed_up() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, _xb) = pair(dir.path()).await;
    let elsewhere = Elsewhere::new(dir.path(), "elsewhere");
    for number in 1..=2 {
        send_large(&xa, "XB", number);
        elsewhere.back_up(&xa);
    }
    xa.quiet().await;
    xa.stop().await;
    elsewhere.back_up(&xa);

    let data = xa.data.to_str().unwrap();
    let live = json(&run(&["ledger", "verify", data, "--json"]));
    let found = json(&verify(&elsewhere, &["--json"]));
    for same in ["sound", "authority", "fingerprint", "log", "size", "root", "signatures", "views", "kinds"] {
        assert_eq!(found[same], live[same], "{same}");
    }
    assert_eq!((&found["source"], &live["source"]), (&"backup".into(), &"data_directory".into()));
    assert!(found["signed"].as_u64().is_some_and(|signed| signed <= found["size"].as_u64().unwrap()));
    let text = String::from_utf8(verify(&elsewhere, &[]).stdout).unwrap();
    assert!(text.starts_with("sound ") && text.contains("this is a back-up"), "{text}");
    let fingerprint = live["fingerprint"].as_str().unwrap();
    assert!(verify(&elsewhere, &["--fingerprint", fingerprint]).status.success());
    let other = verify(&elsewhere, &["--fingerprint", &"00".repeat(32)]);
    assert_eq!(other.status.code(), Some(1), "another identity");

    // The key may stand in the environment, where it is in nobody's way.
    for folder in [elsewhere.path("main"), data.to_owned()] {
        let mut command = rogatory();
        command.args(["ledger", "verify", &folder]).env("ROGATORY_BACKUP_KEY", elsewhere.path("key"));
        assert!(command.output().unwrap().status.success(), "{folder}");
    }

    let main = elsewhere.path("main");
    let theirs = Elsewhere::new(dir.path(), "theirs");
    refused(&run(&["ledger", "verify", &main, "--key", &theirs.path("key")]), 2, &["another back-up key"]);
    let pack = elsewhere.dir.join("main/000002.pack");
    let mut bytes = std::fs::read(&pack).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&pack, bytes).unwrap();
    refused(&verify(&elsewhere, &[]), 1, &["is damaged", "000002.pack"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_entries_says_that_a_backup_is_sealed_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let elsewhere = Elsewhere::new(dir.path(), "elsewhere");
    elsewhere.back_up(&xa);
    let (main, out) = (elsewhere.path("main"), elsewhere.path("out"));
    let data = xa.data.to_str().unwrap();
    let commands: [&[&str]; 6] = [
        &["ledger", "verify", &main],
        &["ledger", "replay", &main],
        &["ledger", "export", &main, "--out", &out],
        &["ledger", "compare", data, &main],
        &["ledger", "ask", "entries", "--data", &main],
        &["ledger", "ask", "gaps", "--data", &main, "--json"],
    ];
    for command in commands {
        let said = run(command);
        refused(
            &said,
            2,
            &["is a back-up", "sealed", "rogatory ledger verify", "--key FILE", "rogatory restore"],
        );
    }
    assert!(!elsewhere.dir.join("out").exists());
    // A folder with neither.
    refused(&run(&["ledger", "verify", dir.path().to_str().unwrap()]), 2, &["holds no ledger"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsound_ledger_is_unsound_in_a_backup_too() {
    let pair = Pair::new().await;
    // A confirmation that confirms nothing.
    let index = pair.xa.store.checkpoint().size;
    let leaf = Leaf { peer: Some(name("XB")), about: Some(0), ..Leaf::new(Kind::Confirmation) };
    append(&pair.xa, vec![NewEntry { leaf, objects: vec![vec![1], vec![2]] }]).await;
    pair.xa.store.close().unwrap();
    let elsewhere = Elsewhere::new(pair.folder.path(), "elsewhere");
    let (data, config) = (pair.folder.path().join("xa/data"), pair.folder.path().join("config"));
    std::fs::write(&config, "").unwrap();
    let source = Source { data: &data, config: &config };
    let (main, entropy) = (elsewhere.dir.join("main"), SystemEntropy::default());
    backup::run(&source, &main, &elsewhere.key(), 1, &entropy, &mut |_, _| {}).unwrap();
    let output = verify(&elsewhere, &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("not sound: entry {index}: ")), "{said}");
}
