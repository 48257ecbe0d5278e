//! Keys are rotated while two gateways work: nothing stops, nothing is lost, and what is old
//! still verifies and opens.

mod support;

use rogatory::exchange::ExchangeError;
use rogatory::exchange::lifetimes::KeyPolicy;
use rogatory::format::wire::GatewayRequest;
use rogatory::format::wire::purpose::Code as Purpose;
use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use support::keys::{PURPOSES, in_use, key, keys, rotate, rotate_with, taken_up};
use support::logs::{self, Pair};
use support::{Authority, INBOX, OUTBOX, end, exchange, open, pair, paired, path, run, succeeds, until};

const DAY: u64 = 24 * 3600 * 1000;

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
        assert_eq!(key(one, &before)["state"], "overlap", "it stands until its end");
        assert_eq!(key(one, &new[purpose])["learnt_by"], serde_json::json!([other.name]));
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
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_can_only_dial_learns_and_is_learnt_of() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "none");
    let mut xb = Authority::found(dir.path(), "XB", "127.0.0.1:0");
    paired(&mut xa, &mut xb).await;
    exchange(&xa, &xb).await;
    for one in [&xa, &xb] {
        let new = rotate(one, "all");
        exchange(&xa, &xb).await;
        taken_up(one, &new).await;
        exchange(&xa, &xb).await;
    }
    end([xa, xb]).await;
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
    end([xa, xb]).await;
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
    for one in rotated {
        assert!(one["new"].is_null(), "{one}");
        assert!(one["before_until"].as_str().unwrap() <= one["new_until"].as_str().unwrap(), "{one}");
    }
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
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_after_the_statement_contradicts_nothing_that_was_stated() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "none");
    xa.serve().await;
    let (folder, size) = (xa.data.join("keys"), entries(&xa).await);
    let rotates = |code| {
        let output = run(&["keys", "rotate", "packet", "--config", path(&xa.config())]);
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    };
    // The file of statements can't be replaced.
    let in_the_way = folder.join("statements.new");
    std::fs::create_dir(&in_the_way).unwrap();
    rotates(1);
    std::fs::remove_dir(&in_the_way).unwrap();
    // A key can't be read, as where a token is away: it is stated all the same, and no other
    // before that is mended.
    let mut content = std::fs::read_dir(&folder).unwrap().flatten().map(|file| file.path());
    let content = content.find(|file| path(file).contains("/content-")).unwrap();
    let mode = |mode| std::fs::set_permissions(&content, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o644);
    rotates(0);
    assert!(xa.log().contains("keys can't be read after a rotation"));
    rotates(1);
    mode(0o600);
    rotates(0);
    assert_eq!(entries(&xa).await, size + 3);
    let newest = keys(&xa).into_iter().rfind(|key| key["purpose"] == "packet").unwrap();
    let newest = newest["id"].as_str().unwrap().to_owned();
    taken_up(&xa, &BTreeMap::from([("packet".to_owned(), newest)])).await;
    xa.stop().await;
    xa.serve().await;
    assert_eq!(keys(&xa).iter().filter(|key| key["purpose"] == "packet").count(), 4);
    assert_eq!(entries(&xa).await, size + 3);
    xa.stop().await;
    succeeds(&["ledger", "verify", path(&xa.data)]);
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
    let before = in_use(&xa, "packet");
    let dry = xa.json(&["keys", "rotate", "packet", "--overlap", "30d", "--dry-run"]);
    let new = rotate_with(&xa, &["packet", "--overlap", "30d"]);
    taken_up(&xa, &new).await;
    exchange(&xa, &xb).await;
    let old = key(&xa, &before);
    assert_eq!(old["state"], "overlap", "{old}");
    assert!(matches!(old["days_left"].as_u64(), Some(29..=30)), "{old}");
    let until_then = dry["rotated"][0]["before_until"].as_str().unwrap();
    assert!(old["valid_until"].as_str().unwrap() >= until_then, "{old} {dry}");

    // One that begins later is told of at once, and not used before.
    let used = in_use(&xa, "tls");
    let later = rotate_with(&xa, &["tls", "--from", "7d"]);
    until("the peer has learnt of it", || async {
        let key = key(&xa, &later["tls"]);
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
    end([xa, xb]).await;
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

/// The gateway asks, the root signs on a machine that has nothing but its key, and the answer is
/// installed.
fn ceremony(authority: &Authority, root: &Path, what: &[&str], sign: &[&str], install: &[&str]) -> Value {
    let (request, signed) = (root.join("request"), root.join("signed"));
    authority.json(&[&["keys", "request"][..], what, &["--out", path(&request)]].concat());
    let (key, nowhere) = (root.join("root.key"), root.join("nothing.toml"));
    let there = ["keys", "sign", path(&request), "--root", path(&key), "--yes", "--out", path(&signed)];
    succeeds(&[&there[..], &["--config", path(&nowhere)], sign].concat());
    authority.json(&[&["keys", "install", path(&signed)][..], install].concat())
}

fn delegates(authority: &Authority) -> Vec<(String, String)> {
    let of = |key: &&Value| key["purpose"] == "delegate";
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    keys(authority).iter().filter(of).map(|key| (text(&key["id"]), text(&key["state"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_that_is_kept_elsewhere_makes_delegates_ends_them_and_hands_over() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, xb) = pair(dir.path()).await;
    let safe = dir.path().join("safe");
    std::fs::create_dir(&safe).unwrap();
    for name in ["root.key", "next-root.key"] {
        std::fs::rename(xa.data.join("keys").join(name), safe.join(name)).unwrap();
    }
    exchange(&xa, &xb).await;

    // A second delegate; the first is ended by the root, which no delegate can do.
    assert_eq!(ceremony(&xa, &safe, &["delegate"], &[], &[])["voided"], 0);
    let [(first, _), (second, _)] = &delegates(&xa)[..] else { panic!("two delegates") };
    let ends = ["revoke", &first[..12], "--reason", "compromised"];
    ceremony(&xa, &safe, &ends, &[], &[]);
    let states: Vec<_> = delegates(&xa).into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, ["revoked", "in_use"]);
    let new = rotate(&xa, "all");
    taken_up(&xa, &new).await;
    exchange(&xa, &xb).await;

    // The root that was announced takes over, and announces the one after it.
    let (next, third) = (safe.join("next-root.key"), safe.join("third-root.key"));
    let sign = ["--next-root", path(&next), "--new-next-root", path(&third)];
    ceremony(&xa, &safe, &["root"], &sign, &[]);
    let old_root = safe.join("old-root.key");
    std::fs::rename(safe.join("root.key"), &old_root).unwrap();
    std::fs::rename(&next, safe.join("root.key")).unwrap();
    let new = rotate(&xa, "tls");
    taken_up(&xa, &new).await;
    exchange(&xa, &xb).await;

    // What was signed for a place that is taken by now makes nothing void unless that is meant.
    let (request, signed) = (safe.join("late"), safe.join("late-signed"));
    xa.json(&["keys", "request", "delegate", "--out", path(&request)]);
    let root = safe.join("root.key");
    succeeds(&["keys", "sign", path(&request), "--root", path(&root), "--yes", "--out", path(&signed)]);
    let wrong_root = ["keys", "sign", path(&request), "--root", path(&old_root), "--yes"];
    assert_eq!(run(&wrong_root).status.code(), Some(2), "the root of before signs nothing any more");
    let asking = ["keys", "sign", path(&request), "--root", path(&root)];
    assert_eq!(run(&asking).status.code(), Some(2), "nobody is there to say yes");
    let voided = rotate(&xa, "packet");
    taken_up(&xa, &voided).await;
    let config = xa.config();
    let late = ["keys", "install", path(&signed), "--config", path(&config)];
    let refused = run(&late);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--void"));
    let void = xa.json(&["keys", "install", path(&signed), "--void"]);
    assert_eq!((void["voided"].as_u64(), void["known"].as_bool()), (Some(1), Some(false)));
    assert_eq!(xa.json(&["keys", "install", path(&signed)])["known"], true);
    assert_ne!(in_use(&xa, "packet"), voided["packet"]);
    exchange(&xa, &xb).await;

    // A delegate in other hands: what it said is void, from a statement on.
    let stolen = rotate(&xa, "evidence");
    taken_up(&xa, &stolen).await;
    let from = key(&xa, &stolen["evidence"])["statement"].to_string();
    let ends = ["revoke", second, "--reason", "compromised", "--void-from", &from];
    assert_eq!(ceremony(&xa, &safe, &ends, &[], &["--void"])["voided"], 1);
    assert_ne!(in_use(&xa, "evidence"), stolen["evidence"]);
    xa.stop().await;
    xa.serve().await;
    exchange(&xa, &xb).await;
    for wrong in [&["revoke", "beef", "--reason", "lost"][..], &["revoke"], &["tls"]] {
        let arguments = [&["keys", "request", "--config", path(&config)][..], wrong].concat();
        assert_eq!(run(&arguments).status.code(), Some(2), "{wrong:?}");
    }
    end([xa, xb]).await;
}
