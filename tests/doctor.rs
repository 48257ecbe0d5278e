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
use std::path::Path;
use std::time::{Duration, SystemTime};
use support::pki::{P256_SEC1, Pki, configure};
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

/// Makes a key back-up outside of the data directory.
fn back_up_keys(of: &Authority, folder: &Path) {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (key, copy) = (path("backup-key"), path("keys-copy"));
    if !Path::new(&key).exists() {
        of.json(&["backup", "key", "--out", &key]);
    }
    of.json(&["backup", "keys", "--out", &copy, "--key", &key]);
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
    xa.quiet().await;
    xb.quiet().await;
    let (told, _) = doctor(&xa, &[]);
    let (kept, finding) = line(&told, None, "key back-up");
    assert!(kept == "warn" && finding.starts_with("none was made here; "), "{finding}");
    back_up_keys(&xa, dir.path());
    assert_eq!(state(&doctor(&xa, &[]).0, None, "key back-up"), "ok");
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

#[tokio::test(flavor = "multi_thread")]
async fn what_a_peer_has_not_heard_of_the_pairing_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let about = |xa: &Authority, name: &str| line(&doctor(xa, &["--peer", "XB"]).0, Some("XB"), name);
    assert_eq!(about(&xa, "notices").1, "nothing was said of the pairing since the offers");
    assert_eq!(about(&xa, "terms"), ("ok".into(), "our offer says what we take".into()));
    xa.json(&["pair", "terms", "XB"]);
    assert_eq!(about(&xa, "notices").1, "it has confirmed all 1 of ours");
    assert_eq!(about(&xa, "terms"), ("ok".into(), "it was told what the configuration says".into()));

    // The configuration changes, and nobody says so; what is said, nobody hears.
    xb.stop().await;
    xa.stop().await;
    let text = std::fs::read_to_string(xa.config()).unwrap();
    std::fs::write(xa.config(), format!("{text}\n[limits]\nkinds = [\"extradition\"]\n")).unwrap();
    xa.serve().await;
    assert_eq!(about(&xa, "terms").0, "warn");
    let said = rogatory().args(["pair", "terms", "XB", "--wait", "0", "--config"]).arg(xa.config()).output();
    assert_eq!(said.unwrap().status.code(), Some(4));
    assert_eq!(about(&xa, "terms").0, "ok");
    let (state, finding) = about(&xa, "notices");
    assert!(state == "ok" && finding.starts_with("it has not confirmed 1 of our 2, one for "), "{finding}");
    xb.serve().await;
    until("it is confirmed", || async { about(&xa, "notices").1 == "it has confirmed all 2 of ours" }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_back_up_that_lacks_a_key_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let about = || line(&doctor(&xa, &["--offline"]).0, None, "key back-up");
    back_up_keys(&xa, dir.path());
    assert_eq!(about().0, "ok");
    let epochs = xa.data.join("keys/epochs");
    std::fs::create_dir_all(&epochs).unwrap();
    for (name, expected) in [("outbox-2026-11-22-00", "ok"), ("standard-2026-11-00", "warn")] {
        let path = epochs.join(format!("{name}.key"));
        std::fs::write(&path, [0; 32]).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(about().0, expected, "{name}");
    }
    let old = SystemTime::now() - Duration::from_secs(31 * 86_400);
    let file = std::fs::File::options().write(true).open(epochs.join("standard-2026-11-00.key")).unwrap();
    file.set_modified(old).unwrap();
    let (state, finding) = about();
    assert!(
        state == "fail" && finding.contains("1 key that content needs is in none, for 31 days"),
        "{finding}"
    );
    back_up_keys(&xa, dir.path());
    assert_eq!(about().0, "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_pki_are_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let about = |name: &str| line(&doctor(&xa, &["--offline"]).0, None, name);
    let told = doctor(&xa, &["--offline"]).0.to_string();
    assert!(!told.contains("tls certificate") && !told.contains("tls crls"), "{told}");

    let pki = Pki::new(dir.path());
    pki.certify("a", P256_SEC1, "");
    pki.certify("other", P256_SEC1, "");
    pki.put("a", &xa);
    let (authorities, crl) = (pki.path("ca.pem"), pki.path("ca.crl"));
    configure(&xa, &format!("authorities = \"{authorities}\"\ncrls = [\"{crl}\"]"));
    for name in ["tls certificate", "tls authorities", "tls crls"] {
        assert_eq!(about(name).0, "ok", "{:?}", about(name));
    }
    // It ends soon; it ends very soon; it is of another key.
    for (days, expected) in [(20, "warn"), (3, "fail")] {
        pki.certify_again("a", &format!("-days {days}"));
        pki.put("a", &xa);
        let (state, finding) = about("tls certificate");
        assert!(state == expected && finding.contains(&format!("ends in {} days", days - 1)), "{finding}");
    }
    std::fs::copy(pki.folder.join("other.pem"), xa.data.join("tls.pem")).unwrap();
    let (state, finding) = about("tls certificate");
    assert!(state == "fail" && finding.contains("of another key"), "{finding}");

    // The list is overdue, and is taken a while; then no more; then it is gone.
    let ago = |hours: u64| {
        let millis = SystemClock.now() - hours * 3_600_000;
        jiff::Timestamp::from_millisecond(millis as i64).unwrap().strftime("%Y%m%d%H%M%SZ").to_string()
    };
    for (due, expected, words) in [(2, "warn", "taken for 2 days more"), (100, "fail", "is taken no more")] {
        pki.list(&format!("-crl_lastupdate {} -crl_nextupdate {}", ago(200), ago(due)));
        let (state, finding) = about("tls crls");
        assert!(state == expected && finding.contains(words), "{finding}");
    }
    std::fs::remove_file(&crl).unwrap();
    let (state, finding) = about("tls authorities");
    assert!(state == "fail" && finding.contains("ca.crl"), "{finding}");
}
