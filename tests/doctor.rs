//! `rogatory doctor` against real gateways: its lines and its exit codes.

mod support;

use rogatory::crypto::sign::{Ed25519Key, Signer as _};
use rogatory::format::chain::Chain;
use rogatory::format::statement::NewKey;
use rogatory::format::wire::purpose::Code as Purpose;
use rogatory::gateway::SystemClock;
use rogatory::store::Clock as _;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use support::statements;
use support::{Authority, pair, rogatory, until};

/// What the doctor says, and its exit code.
fn doctor(of: &Authority, more: &[&str]) -> (Value, i32) {
    let output =
        rogatory().args(["doctor", "--json", "--config"]).arg(of.config()).args(more).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let told = serde_json::from_str(&said).unwrap_or_else(|_| panic!("no JSON: {said}"));
    (told, output.status.code().unwrap())
}

/// State and finding of a line.
fn line(told: &Value, peer: Option<&str>, name: &str) -> (String, String) {
    let found = told["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == name && check.get("peer").and_then(Value::as_str) == peer);
    let found = found.unwrap_or_else(|| panic!("no line {name:?}: {told:#}"));
    let text = |field: &str| found[field].as_str().unwrap().to_owned();
    assert_eq!(text("remedy").is_empty(), text("state") == "ok", "a remedy where one is needed: {found}");
    (text("state"), text("finding"))
}

fn state(told: &Value, peer: Option<&str>, name: &str) -> String {
    line(told, peer, name).0
}

/// Lines that are not ok, but for the disk: how full that is, is not the test's.
fn not_ok(told: &Value) -> Vec<String> {
    let checks = told["checks"].as_array().unwrap().iter();
    let odd = checks.filter(|check| check["state"] != "ok" && check["name"] != "disk data");
    odd.map(|check| format!("{check}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_what_is_wrong_and_its_exit_code_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let keys = xa.data.join("keys");

    // Just founded: the roots lie here, and XB has signed no time.
    let (told, _) = doctor(&xa, &[]);
    assert_eq!(state(&told, None, "root key"), "warn");
    assert_eq!(state(&told, Some("XB"), "clock"), "warn");
    for root in ["root.key", "next-root.key"] {
        std::fs::rename(keys.join(root), dir.path().join(root)).unwrap();
    }
    xa.send("XB", "");
    xb.send("XA", "");
    until("all lines are ok", || async { not_ok(&doctor(&xa, &[]).0).is_empty() }).await;
    let (told, code) = doctor(&xa, &[]);
    let expected = if told["worst"] == "ok" {
        0
    } else if told["worst"] == "warn" {
        4
    } else {
        1
    };
    assert_eq!(code, expected, "{told:#}");
    assert!(line(&told, Some("XB"), "ledger").1.contains("agree"), "{told:#}");
    let (told, _) = doctor(&xa, &["--peer", "XB"]);
    assert!(told["checks"].as_array().unwrap().iter().all(|check| check["peer"] == "XB"), "{told:#}");
    assert_eq!((not_ok(&told), told["worst"].as_str()), (vec![], Some("ok")));
    assert_eq!(doctor(&xa, &["--peer", "XB"]).1, 0);

    // Not asked, it works all the same: its index is neither trusted nor to be rebuilt.
    let (told, _) = doctor(&xa, &["--offline"]);
    assert_eq!(not_ok(&told), Vec::<String>::new());
    assert!(line(&told, None, "store").1.contains("works with"), "{told:#}");

    // Warnings only: a key file that no statement names, an index that was set aside.
    std::fs::write(keys.join("packet-00.key"), [0; 32]).unwrap();
    std::fs::set_permissions(keys.join("packet-00.key"), std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::create_dir(xa.data.join("store.aside-1")).unwrap();
    let (told, _) = doctor(&xa, &[]);
    assert_eq!(
        (state(&told, None, "key files").as_str(), state(&told, None, "store").as_str()),
        ("warn", "warn")
    );
    // Failures: others may read a key; the peer is down, though it called us before.
    std::fs::set_permissions(keys.join("packet-00.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(xb.stop().await.success());
    let (told, code) = doctor(&xa, &[]);
    assert_eq!((code, told["worst"].as_str()), (1, Some("fail")));
    assert_eq!(state(&told, None, "permissions"), "fail");
    assert_eq!(state(&told, Some("XB"), "reach out"), "warn");
    assert_eq!(state(&told, Some("XB"), "pin"), "warn");
    let (told, code) = doctor(&xa, &["--peer", "XB"]);
    assert_eq!((code, told["worst"].as_str()), (4, Some("warn")), "{told:#}");

    // Another takes XB's address with keys of its own.
    let mut thief = Authority::found(&dir.path().join("thief"), "XB", &xb.listening);
    thief.serve().await;
    let (told, _) = doctor(&xa, &[]);
    let (pin, finding) = line(&told, Some("XB"), "pin");
    assert!(
        pin == "fail" && finding.contains("no statement names it") && finding.contains("SPKI SHA-256 "),
        "{finding}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_gateway_the_disk_speaks() {
    let dir = tempfile::tempdir().unwrap();
    let xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let (told, code) = doctor(&xa, &[]);
    assert_eq!((code, state(&told, None, "gateway").as_str()), (1, "fail"));
    for name in
        ["config", "identity", "key packet", "key tls", "key files", "journal", "store", "mirror", "clock"]
    {
        assert_eq!(state(&told, None, name), "ok", "{name}");
    }
    let (told, code) = doctor(&xa, &["--offline"]);
    assert_eq!((code, told["worst"].as_str()), (4, Some("warn")), "the roots lie here: {told:#}");

    // Keys that end soon.
    let keys = xa.data.join("keys");
    let (identity, now) = (xa.identity(), SystemClock.now());
    let (mut chain, (_, by)) = (Chain::clone(&identity.chain()), identity.delegate().unwrap());
    for (purpose, days) in [(Purpose::Packet, 3), (Purpose::Evidence, 30)] {
        let key = Ed25519Key::from_seed(&[days; 32]).unwrap();
        let new = NewKey {
            purpose,
            public_key: key.public_key().to_vec(),
            valid: (now - 1000, now + u64::from(days) * 24 * 3_600_000),
            may_state: Vec::new(),
            revokes: Vec::new(),
            signer: Some(&key),
        };
        chain.state(new, &by, now).unwrap();
    }
    statements::write(&keys, &chain);
    let (told, _) = doctor(&xa, &["--offline"]);
    assert_eq!(line(&told, None, "key packet"), ("fail".into(), "ends in 2 days".into()));
    assert_eq!(line(&told, None, "key evidence"), ("warn".into(), "ends in 29 days".into()));
    assert_eq!(state(&told, None, "key files"), "fail", "their private halves are not here");
    statements::write(&keys, &identity.chain());
    assert_eq!(state(&doctor(&xa, &["--offline"]).0, None, "key files"), "ok");

    // A gateway that was killed.
    let mut xa = xa;
    xa.serve().await;
    xa.kill();
    let (told, _) = doctor(&xa, &["--offline"]);
    assert_eq!(state(&told, None, "store"), "warn");
    assert!(line(&told, None, "store").1.contains("the next start"), "{told:#}");

    // A current key is gone; the statements are others than the ledger's; the journal is torn.
    let files = std::fs::read_dir(&keys).unwrap().map(|file| file.unwrap().path());
    let tls = files.into_iter().find(|path| path.to_str().unwrap().contains("/tls-")).unwrap();
    std::fs::remove_file(&tls).unwrap();
    assert_eq!(state(&doctor(&xa, &["--offline"]).0, None, "key files"), "fail");
    let other = Authority::found(&dir.path().join("other"), "XA", "none");
    std::fs::copy(other.data.join("keys/statements"), keys.join("statements")).unwrap();
    assert_eq!(state(&doctor(&xa, &["--offline"]).0, None, "identity"), "fail");
    let journal = xa.data.join("journal/0000000000000001.journal");
    let bytes = std::fs::read(&journal).unwrap();
    std::fs::write(&journal, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(state(&doctor(&xa, &["--offline"]).0, None, "journal"), "fail");

    std::fs::write(xa.config(), "authority = 7").unwrap();
    let output = rogatory().args(["doctor", "--config"]).arg(xa.config()).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_get_lines_that_fit_a_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, _xb) = pair(dir.path()).await;
    let output = rogatory().args(["doctor", "--config"]).arg(xa.config()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("warn  root key") && text.contains("ok    XB pin"), "{text}");
}
