//! Bad input on this side of the wire: a clear error with its remedy, an exit code, and
//! nothing lost.

mod support;

use std::path::Path;
use std::process::Output;
use support::{Authority, pair, request_file, rogatory, run};

/// Exit code, and what was said on standard error.
fn failed(output: &Output) -> (i32, String) {
    assert!(!output.status.success());
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// It failed with this code, naming all of these.
fn expect(output: &Output, code: i32, words: &[&str]) {
    let (found, said) = failed(output);
    assert_eq!(found, code, "{said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
    assert!(said.starts_with("error: "), "{said}");
}

#[test]
fn a_second_init_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let before = std::fs::read(xa.data.join("keys/statements")).unwrap();
    expect(&run(&["init", "--authority", "XA", "--dir", path(&xa.data)]), 1, &["there already", "try:"]);
    std::fs::remove_file(xa.config()).unwrap();
    expect(&run(&["init", "--authority", "XA", "--dir", path(&xa.data)]), 1, &["identity", "there already"]);
    assert_eq!(std::fs::read(xa.data.join("keys/statements")).unwrap(), before);
    expect(&run(&["init", "--authority", "xa", "--dir", path(dir.path())]), 2, &["no authority id", "A-Z"]);
    expect(
        &run(&["init", "--authority", "XQ", "--dir", path(&dir.path().join("q")), "--listen", "here"]),
        2,
        &["--listen"],
    );
}

#[test]
fn configurations_are_checked_with_the_line() {
    let dir = tempfile::tempdir().unwrap();
    let xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let good = std::fs::read_to_string(xa.config()).unwrap();
    let serve = || rogatory().args(["serve", "--config"]).arg(xa.config()).output().unwrap();
    std::fs::write(xa.config(), good.replace("[peer]", "[peer]\nlistne = 1")).unwrap();
    expect(&serve(), 2, &["listne", "line"]);
    std::fs::write(xa.config(), good.replace("\"XA\"", "\"XZ\"")).unwrap();
    expect(&serve(), 2, &["XZ", "XA"]);
    expect(
        &rogatory().args(["serve", "--config", "/nowhere.toml"]).output().unwrap(),
        2,
        &["/nowhere.toml", "try:"],
    );
}

#[test]
fn development_keys_serve_on_loopback_only() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("xd");
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("certs/development");
    let made = run(&[
        "init",
        "--authority",
        "XD",
        "--identity",
        path(&keys),
        "--dir",
        path(&data),
        "--listen",
        "0.0.0.0:0",
    ]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let served = rogatory().args(["serve", "--config"]).arg(data.join("rogatory.toml")).output().unwrap();
    expect(&served, 1, &["development keys", "loopback", "try:"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_gateway_a_data_directory_and_one_a_port() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    xa.serve().await;
    expect(
        &rogatory().args(["serve", "--config"]).arg(xa.config()).output().unwrap(),
        1,
        &["in use by another process", "try:"],
    );
    let other = Authority::found(dir.path(), "XB", &xa.listening);
    expect(
        &rogatory().args(["serve", "--config"]).arg(other.config()).output().unwrap(),
        1,
        &[&xa.listening, "try:"],
    );
    let stopped = rogatory().args(["inbox", "--config"]).arg(other.config()).output().unwrap();
    expect(&stopped, 3, &["no gateway answers", "rogatory serve"]);
    assert!(xa.json(&["inbox"])["packets"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_fingerprint_pairs_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let mut xb = Authority::found(dir.path(), "XB", "127.0.0.1:0");
    xa.serve().await;
    xb.serve().await;
    let (offer, config) = (dir.path().join("xb.offer"), xa.config());
    let told = xb.json(&["pair", "offer", "--out", path(&offer)]);
    let confirm = |fingerprint: &str| {
        run(&["pair", "confirm", path(&offer), "--fingerprint", fingerprint, "--config", path(&config)])
    };
    expect(&confirm(&"00".repeat(32)), 1, &["fingerprints differ", "do not pair"]);
    expect(&confirm("abandon abandon"), 2, &["24 words"]);
    assert!(xa.json(&["pair", "list"])["peers"].as_array().unwrap().is_empty());
    let text = std::fs::read_to_string(&offer).unwrap();
    std::fs::write(&offer, text.replacen("A", "B", 40)).unwrap();
    expect(&confirm(told["fingerprint"].as_str().unwrap()), 2, &["try:"]);
    std::fs::write(&offer, text).unwrap();
    assert!(confirm(told["words"].as_str().unwrap()).status.success(), "the words do as well");
    assert_eq!(xa.json(&["pair", "list"])["peers"][0]["authority"], "XB");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_are_refused_before_anything_is_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, _xb) = pair(dir.path()).await;
    let send = |text: &str| {
        let file = xa.data.join("bad.toml");
        std::fs::write(&file, text).unwrap();
        rogatory().args(["send", path(&file), "--config", path(&xa.config())]).output().unwrap()
    };
    let good = request_file("XB", "");
    let rows: [(String, i32, &[&str]); 9] = [
        (good.replace("\"XB\"", "\"XC\""), 2, &["not paired with XC", "rogatory pair"]),
        (good.replace("\"XB\"", "\"xb\""), 2, &["authority id"]),
        (good.replace("summary", "sumary"), 2, &["sumary", "line"]),
        (good.replace("language = ", "language "), 2, &["line"]),
        (good[..good.len() - 8].to_owned(), 2, &["line"]),
        (request_file("XB", "expires = \"tomorrow\"\n"), 2, &["expires", "30d"]),
        (
            request_file("XB", "[[attachments]]\npath = \"missing.pdf\"\n"),
            2,
            &["missing.pdf", "relative to the request file"],
        ),
        (request_file("XB", "case = \"0191f3a0-0000-7000-8000-000000000000\"\n"), 1, &["is not known here"]),
        ("recipient = \"XB\"\n".into(), 2, &["request"]),
    ];
    for (text, code, words) in rows {
        expect(&send(&text), code, words);
    }
    let json = format!("{{\"recipient\": \"XB\", \"request\": {{\"lanuage\": \"en\"}}{}", "}");
    expect(&send(&json), 2, &["lanuage", "line"]);
    std::fs::create_dir(xa.data.join("folder")).unwrap();
    expect(&send(&request_file("XB", "[[attachments]]\npath = \"folder\"\n")), 2, &["is no file"]);
    assert!(xa.json(&["outbox"])["packets"].as_array().unwrap().is_empty(), "nothing was accepted");
    assert!(send(&good).status.success());
    assert_eq!(xa.json(&["outbox"])["packets"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn fetching_overwrites_nothing_and_unknown_names_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = pair(dir.path()).await;
    let (packet, _) = xa.send("XB", "");
    support::until("it arrives", || async { !xb.boxed(0).await.is_empty() }).await;
    let (out, config) = (dir.path().join("out"), xb.config());
    let fetch = |id: &str| {
        run(&["fetch", id, "--purpose", "execution", "--out", path(&out), "--config", path(&config)])
    };
    assert!(fetch(&packet).status.success());
    let before = std::fs::read(out.join("request.json")).unwrap();
    expect(&fetch(&packet), 1, &["request.json is there already", "another --out"]);
    assert_eq!(std::fs::read(out.join("request.json")).unwrap(), before);
    expect(&fetch("0191f3a0-0000-7000-8000-000000000000"), 1, &["not known here", "rogatory inbox"]);
    expect(&fetch("what"), 2, &["no packet id"]);
    expect(&run(&["answer", &packet, "done", "--config", path(&config)]), 2, &["no status", "registered"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_role_may_do_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let text = std::fs::read_to_string(xa.config()).unwrap();
    let uid = rustix::process::getuid().as_raw();
    std::fs::write(xa.config(), text.replace(&format!("officers = [{uid}]"), "officers = []")).unwrap();
    xa.serve().await;
    let config = xa.config();
    expect(&run(&["inbox", "--config", path(&config)]), 1, &["is no officer", "try:"]);
    assert!(run(&["pair", "list", "--config", path(&config)]).status.success());
}

#[test]
fn ledgers_that_are_not_there_are_unreadable_not_unsound() {
    let dir = tempfile::tempdir().unwrap();
    expect(&run(&["ledger", "verify", path(dir.path())]), 2, &["no ledger"]);
    let xa = Authority::found(dir.path(), "XA", "none");
    assert!(run(&["ledger", "verify", path(&xa.data)]).status.success());
    let journal = xa.data.join("journal/0000000000000001.journal");
    let mut bytes = std::fs::read(&journal).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&journal, bytes).unwrap();
    expect(&run(&["ledger", "verify", path(&xa.data)]), 1, &["not sound"]);
}
