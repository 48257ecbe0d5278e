//! Keys are rotated while two gateways work: nothing stops, nothing is lost, and what is old
//! still verifies and opens.

mod support;

use rogatory::exchange::ExchangeError;
use rogatory::exchange::lifetimes::KeyPolicy;
use rogatory::format::wire::purpose::Code as Purpose;
use rogatory::format::wire::{GatewayRequest, event::Code as Event};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use support::logs::{self, Pair};
use support::{Authority, pair, run, until};

const DAY: u64 = 24 * 3600 * 1000;

const INBOX: i32 = 0;
const OUTBOX: i32 = 1;
const PURPOSES: [&str; 6] = ["packet", "evidence", "checkpoint", "cosign", "content", "tls"];

fn keys(authority: &Authority) -> Vec<Value> {
    authority.json(&["keys", "list"])["keys"].as_array().unwrap().clone()
}

fn in_use(authority: &Authority, purpose: &str) -> Value {
    let used = |key: &&Value| key["purpose"] == purpose && key["state"] == "in_use";
    keys(authority).iter().find(used).unwrap_or_else(|| panic!("no key for {purpose}"))["id"].clone()
}

/// Rotates, and gives the new key of each purpose.
fn rotate(authority: &Authority, purpose: &str) -> BTreeMap<String, Value> {
    rotate_with(authority, &[purpose])
}

fn rotate_with(authority: &Authority, arguments: &[&str]) -> BTreeMap<String, Value> {
    let told = authority.json(&[&["keys", "rotate"][..], arguments].concat());
    let new = |one: &Value| (one["purpose"].as_str().unwrap().to_owned(), one["new"].clone());
    told["rotated"].as_array().unwrap().iter().map(new).collect()
}

async fn taken_up(authority: &Authority, new: &BTreeMap<String, Value>) {
    until("the new keys are in use", || async {
        new.iter().all(|(purpose, id)| in_use(authority, purpose) == *id)
    })
    .await;
}

/// A packet in each direction, to the end.
async fn exchange(xa: &Authority, xb: &Authority) -> [String; 2] {
    let sent = [xa.send("XB", "").0, xb.send("XA", "").0];
    for (authority, id) in [xa, xb].into_iter().zip(&sent) {
        let id = id.parse::<rogatory::format::id::PacketId>().unwrap();
        until("the packet is settled", || async {
            let summary = authority.show(id.bytes()).await.unwrap().summary.unwrap();
            let last = summary.outcomes.last().map(|outcome| outcome.event());
            assert!(last != Some(Event::RelayRejection), "{summary:?}");
            last == Some(Event::ContentConsignment)
        })
        .await;
    }
    sent
}

/// Opens what came in.
fn open(authority: &Authority, packet: &str) {
    let out = authority.data.join(format!("opened-{packet}"));
    authority.json(&["fetch", packet, "--out", out.to_str().unwrap()]);
}

fn succeeds(args: &[&str]) {
    let output = run(args);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{args:?}: {out}{err}");
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Both ledgers are sound and agree.
async fn end(mut xa: Authority, mut xb: Authority) {
    xa.quiet().await;
    xb.quiet().await;
    assert!(xa.stop().await.success() && xb.stop().await.success());
    succeeds(&["ledger", "verify", path(&xa.data)]);
    succeeds(&["ledger", "verify", path(&xb.data)]);
    succeeds(&["ledger", "compare", path(&xa.data), path(&xb.data)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_purpose_is_rotated_between_exchanges_and_nobody_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let pids = (xa.pid(), xb.pid());
    let [to_b, to_a] = exchange(&xa, &xb).await;
    for (number, purpose) in PURPOSES.into_iter().enumerate() {
        let (one, other) = if number % 2 == 0 { (&xa, &xb) } else { (&xb, &xa) };
        let before = in_use(one, purpose);
        // On its way while the key changes.
        let waits = one.send(&other.name, "").0;
        let new = rotate(one, purpose);
        assert!(new.len() == 1 && new[purpose] != before);
        taken_up(one, &new).await;
        let old = keys(one).into_iter().find(|key| key["id"] == before).unwrap();
        assert_eq!(old["state"], "overlap", "it stands until its end");
        let now = keys(one).into_iter().find(|key| key["id"] == new[purpose]).unwrap();
        assert_eq!(now["learnt_by"], serde_json::json!([other.name]));
        exchange(&xa, &xb).await;
        one.quiet().await;
        open(other, &waits);
    }
    let all = rotate(&xb, "all");
    assert_eq!(all.len(), PURPOSES.len());
    taken_up(&xb, &all).await;
    assert_eq!(pids, (xa.pid(), xb.pid()));
    // Sealed to the first content key, signed by the first packet key.
    open(&xb, &to_b);
    open(&xa, &to_a);
    // Every connection is made anew, with what the handshakes of today present.
    xb.stop().await;
    xb.serve().await;
    let [to_b, to_a] = exchange(&xa, &xb).await;
    open(&xb, &to_b);
    open(&xa, &to_a);
    assert_eq!(xa.boxed(INBOX).await.len() + xa.boxed(OUTBOX).await.len(), 2 * 8 + PURPOSES.len());
    end(xa, xb).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_can_only_dial_learns_and_is_learnt_of() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "none");
    let mut xb = Authority::found(dir.path(), "XB", "127.0.0.1:0");
    xa.serve().await;
    xb.serve().await;
    xa.confirm(&xb.offer().await).await;
    xb.confirm(&xa.offer().await).await;
    exchange(&xa, &xb).await;
    for one in [&xa, &xb] {
        let new = rotate(one, "all");
        exchange(&xa, &xb).await;
        taken_up(one, &new).await;
        exchange(&xa, &xb).await;
    }
    end(xa, xb).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_waits_for_a_peer_that_is_away() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    exchange(&xa, &xb).await;
    xb.stop().await;
    let before = PURPOSES.map(|purpose| in_use(&xa, purpose));
    let new = rotate(&xa, "all");
    assert_eq!(before, PURPOSES.map(|purpose| in_use(&xa, purpose)));
    assert!(
        keys(&xa).iter().any(|key| key["state"] == "stated" && key["learnt_by"] == serde_json::json!([]))
    );
    let waits = xa.send("XB", "").0;
    xb.serve().await;
    taken_up(&xa, &new).await;
    exchange(&xa, &xb).await;
    xa.quiet().await;
    open(&xb, &waits);
    end(xa, xb).await;
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(folder).unwrap().flatten().filter(|file| file.path().is_file());
    let mut files: Vec<_> = files
        .map(|file| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap()))
        .collect();
    files.sort();
    files
}

async fn entries(authority: &Authority) -> u64 {
    authority.client().operator().gateway(GatewayRequest {}).await.unwrap().into_inner().log_size
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_changes_nothing_and_what_cannot_be_rotated_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "none");
    xa.serve().await;
    let folder = xa.data.join("keys");
    let before = (files(&folder), entries(&xa).await, keys(&xa));
    let told = xa.json(&["keys", "rotate", "all", "--dry-run"]);
    assert_eq!(told["dry_run"], true);
    let rotated = told["rotated"].as_array().unwrap();
    assert_eq!(rotated.len(), PURPOSES.len());
    assert!(
        rotated
            .iter()
            .all(|one| one["new"].is_null() && one["before_until"].as_str() <= one["new_until"].as_str())
    );
    assert_eq!(before, (files(&folder), entries(&xa).await, keys(&xa)));
    for wrong in ["delegate", "root", "TLS"] {
        let output = run(&["keys", "rotate", wrong, "--config", path(&xa.config())]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
    // Without a delegate's key there is nobody who could state one.
    let delegate = folder.join(&before.0.iter().find(|(name, _)| name.starts_with("delegate-")).unwrap().0);
    let beside = dir.path().join("delegate.key");
    std::fs::rename(&delegate, &beside).unwrap();
    xa.stop().await;
    xa.serve().await;
    let output = run(&["keys", "rotate", "tls", "--config", path(&xa.config())]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("delegate"));
    assert_eq!(before.1, entries(&xa).await);
    // With it, and nobody to wait for, a new key is used at once.
    std::fs::rename(&beside, &delegate).unwrap();
    xa.stop().await;
    xa.serve().await;
    let new = rotate(&xa, "all");
    taken_up(&xa, &new).await;
    assert_eq!(entries(&xa).await, before.1 + PURPOSES.len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_in_a_rotation_the_ledger_says_what_was_stated() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, xb) = pair(dir.path()).await;
    exchange(&xa, &xb).await;
    let statements = xa.data.join("keys/statements");
    let before = std::fs::read(&statements).unwrap();
    let new = rotate(&xa, "all");
    xa.kill();
    let after = std::fs::read(&statements).unwrap();
    assert!(after.len() > before.len() && after.starts_with(&before));
    // As a crash leaves it between the entries and the file: with half of the new file beside.
    std::fs::write(&statements, &before).unwrap();
    std::fs::write(statements.with_extension("new"), &after[..before.len() + 7]).unwrap();
    xa.serve().await;
    assert_eq!(std::fs::read(&statements).unwrap(), after);
    taken_up(&xa, &new).await;
    exchange(&xa, &xb).await;
    // A start after a clean stop finds nothing to mend.
    let size = entries(&xa).await;
    xa.stop().await;
    xa.serve().await;
    taken_up(&xa, &new).await;
    assert_eq!(std::fs::read(&statements).unwrap(), after);
    assert_eq!(entries(&xa).await, size, "what both hold is stated once");
    end(xa, xb).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_behind_its_keys_gets_the_statements_that_it_lacks() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "none");
    let ledger = dir.path().join("ledger-before");
    let copied = std::process::Command::new("cp").arg("-a").arg(&xa.data).arg(&ledger).status().unwrap();
    assert!(copied.success());
    xa.serve().await;
    let size = entries(&xa).await;
    let new = rotate(&xa, "all");
    taken_up(&xa, &new).await;
    xa.stop().await;
    // The ledger of before with the keys of today, as after a restore.
    let keys_of_today = xa.data.join("keys");
    std::fs::rename(&keys_of_today, dir.path().join("keys")).unwrap();
    std::fs::remove_dir_all(&xa.data).unwrap();
    std::fs::rename(&ledger, &xa.data).unwrap();
    std::fs::remove_dir_all(&keys_of_today).unwrap();
    std::fs::rename(dir.path().join("keys"), &keys_of_today).unwrap();
    xa.serve().await;
    assert_eq!(entries(&xa).await, size + PURPOSES.len() as u64);
    taken_up(&xa, &new).await;
    xa.stop().await;
    succeeds(&["ledger", "verify", path(&xa.data)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_begin_overlap_and_end_as_the_operator_says() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = pair(dir.path()).await;
    let (before, named) = (in_use(&xa, "packet"), |key: &Value, id: &Value| key["id"] == *id);
    let dry = xa.json(&["keys", "rotate", "packet", "--overlap", "30d", "--dry-run"]);
    let new = rotate_with(&xa, &["packet", "--overlap", "30d"]);
    taken_up(&xa, &new).await;
    exchange(&xa, &xb).await;
    let old = keys(&xa).into_iter().find(|key| named(key, &before)).unwrap();
    assert_eq!(old["state"], "overlap", "{old}");
    assert!(matches!(old["days_left"].as_u64(), Some(29..=30)), "{old}");
    assert!(old["valid_until"].as_str() >= dry["rotated"][0]["before_until"].as_str());

    // One that begins later is told of at once, and not used before.
    let used = in_use(&xa, "tls");
    let later = rotate_with(&xa, &["tls", "--from", "7d"]);
    until("the peer has learnt of it", || async {
        let key = keys(&xa).into_iter().find(|key| named(key, &later["tls"])).unwrap();
        key["state"] == "not_yet" && key["learnt_by"] == serde_json::json!(["XB"])
    })
    .await;
    assert_eq!(in_use(&xa, "tls"), used);

    // Forced, a key is used before anybody has learnt of it, and what it signs arrives.
    let forced = rotate_with(&xa, &["all", "--force", "--overlap", "1d"]);
    for (purpose, id) in &forced {
        assert_eq!(in_use(&xa, purpose), *id);
    }
    exchange(&xa, &xb).await;
    for wrong in [&["--overlap", "1d"][..], &["--from", "2020-01-01"], &["--overlap", "often"]] {
        let config = xa.config();
        let arguments = [&["keys", "rotate", "tls", "--config", path(&config)][..], wrong].concat();
        assert_eq!(run(&arguments).status.code(), Some(2), "{wrong:?}");
    }
    end(xa, xb).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_renewed_by_the_clock_and_their_private_halves_go() {
    let pair = Pair::new().await;
    let policy = KeyPolicy::default();
    let files = |purpose: &str| {
        let folder = std::fs::read_dir(pair.folder.path().join("xa/keys")).unwrap();
        folder
            .filter(|file| file.as_ref().unwrap().file_name().to_str().unwrap().starts_with(purpose))
            .count()
    };
    pair.pass(300 * DAY);
    assert!(pair.xa.renew(&policy).await.unwrap().is_empty(), "nothing ends soon");
    pair.pass(40 * DAY);
    assert!(pair.xa.renew(&KeyPolicy { automatic: false, ..policy }).await.unwrap().is_empty());
    assert_eq!(pair.xa.renew(&policy).await.unwrap().len(), PURPOSES.len());
    assert!(pair.xa.renew(&policy).await.unwrap().is_empty(), "once is enough");
    pair.pass(DAY + 1);
    assert!(pair.xa.choose_keys().unwrap(), "the peer had its day");
    assert_eq!(pair.xa.destroy_spent_keys().unwrap(), 0);
    pair.pass(30 * DAY);
    assert_eq!((pair.xa.destroy_spent_keys().unwrap(), files("packet-"), files("content-")), (5, 1, 2));
    pair.pass(734 * DAY);
    // The keys of the second year have ended meanwhile: nothing is signed with them.
    let delegate_ended = pair.xa.identity.delegate().is_none_or(|(key, _)| !key.usable(pair.xa.now()));
    assert!(delegate_ended);
    pair.xa.destroy_spent_keys().unwrap();
    assert_eq!(files("content-"), 1, "what was sealed to the first one has expired");
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn with_keys_that_ended_nothing_is_signed_and_new_ones_mend_it() {
    let mut pair = Pair::new().await;
    pair.pass(400 * DAY);
    pair.restart_xa();
    let refused = pair.xa.identity.packet_now(pair.xa.now()).err().unwrap();
    assert!(matches!(&refused, ExchangeError::Precluded(why) if why.contains("keys rotate")), "{refused}");
    assert!(pair.xa.identity.evidence_now(pair.xa.now()).is_err());
    let renewed = pair.xa.renew(&KeyPolicy::default()).await.unwrap();
    assert_eq!(renewed.len(), PURPOSES.len());
    pair.xa.choose_keys().unwrap();
    assert!(pair.xa.identity.packet_now(pair.xa.now()).is_ok());
    let key = pair.xa.identity.packet().id;
    assert!(pair.xa.identity.chain().current(Purpose::Packet, pair.xa.now()).unwrap().id == key);
    logs::say(&pair.xa).await;
    pair.close();
}
