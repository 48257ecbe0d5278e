//! `keys revoke` while two gateways work.

use crate::support::keys::{PURPOSES, in_use, key, keys};
use crate::support::{
    Authority, INBOX, OUTBOX, delivered, end, exchange, open, pair, path, peer_client, rogatory, run,
    settled, succeeds,
};
use serde_json::Value;

fn state(authority: &Authority, id: &str) -> Value {
    key(authority, id)["state"].clone()
}

/// The exit code of a command, and what it printed as JSON.
fn told(authority: &Authority, args: &[&str]) -> (i32, Value) {
    let output =
        rogatory().args(args).arg("--json").arg("--config").arg(authority.config()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    (output.status.code().unwrap(), serde_json::from_str(text.lines().next().unwrap_or("null")).unwrap())
}

fn revoke(authority: &Authority, id: &str) -> Value {
    authority.json(&["keys", "revoke", id, "--reason", "compromised"])
}

/// So many packets each way; gives the id of each, and whether XA sent it.
fn traffic(xa: &Authority, xb: &Authority, rounds: usize) -> Vec<(bool, String)> {
    let mut sent = Vec::new();
    for _ in 0..rounds {
        sent.push((true, xa.send("XB", "").0));
        sent.push((false, xb.send("XA", "").0));
    }
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn each_purpose_is_revoked_under_traffic_and_nothing_is_lost_or_doubled() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = pair(dir.path()).await;
    let mut sent = traffic(&xa, &xb, 1);
    // Connections that stand on a TLS key are another matter: see below.
    for (number, purpose) in PURPOSES.into_iter().enumerate() {
        let (one, other) = if number % 2 == 0 { (&xa, &xb) } else { (&xb, &xa) };
        let before = in_use(one, purpose);
        let (went, said) = std::thread::scope(|scope| {
            let revoking = scope.spawn(|| revoke(one, &before));
            (traffic(&xa, &xb, 3), revoking.join().unwrap())
        });
        sent.extend(went);
        assert_eq!((&said["id"], &said["purpose"]), (&before.clone().into(), &purpose.into()));
        assert_eq!(said["told"], serde_json::json!([other.name]));
        assert_eq!(
            (state(one, &before), in_use(one, purpose)),
            ("revoked".into(), said["successor"].as_str().unwrap().to_owned())
        );
        assert!(said["log_size"].as_u64().unwrap() > 0);
        let after = traffic(&xa, &xb, 1);
        for (from_xa, id) in &after {
            settled(if *from_xa { &xa } else { &xb }, id).await;
        }
        sent.extend(after);
    }
    for (from_xa, id) in &sent {
        settled(if *from_xa { &xa } else { &xb }, id).await;
        // Sealed to keys that are revoked, some of them.
        open(if *from_xa { &xb } else { &xa }, id);
    }
    let (of_xa, of_xb) = (sent.iter().filter(|one| one.0).count(), sent.iter().filter(|one| !one.0).count());
    assert_eq!([xa.boxed(OUTBOX).await.len(), xb.boxed(INBOX).await.len()], [of_xa; 2]);
    assert_eq!([xb.boxed(OUTBOX).await.len(), xa.boxed(INBOX).await.len()], [of_xb; 2]);
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_under_a_revoked_key_arrives_signed_anew_and_once() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let first = delivered(&xa, &xb).await;
    open(&xb, &first);
    xa.quiet().await;
    xb.quiet().await;
    xb.stop().await;
    let waits = xa.send("XB", "").0;
    let (packet, content) = (in_use(&xa, "packet"), in_use(&xa, "content"));
    let (code, said) = told(&xa, &["keys", "revoke", &packet[..12], "--reason", "lost"]);
    assert_eq!((code, &said["untold"]), (4, &serde_json::json!(["XB"])), "{said}");
    let uses: Vec<_> =
        said["uses"].as_array().unwrap().iter().map(|one| (&one["id"], &one["settled"])).collect();
    assert_eq!(uses, [(&first.clone().into(), &true.into()), (&waits.clone().into(), &false.into())]);
    let (code, _) = told(&xa, &["keys", "revoke", &content, "--reason", "compromised"]);
    assert_eq!(code, 4);
    xb.serve().await;
    settled(&xa, &waits).await;
    open(&xb, &waits);
    assert_eq!(xb.boxed(INBOX).await.len(), 2);
    let log = xa.json(&["ledger", "log"]).to_string();
    assert_eq!(log.matches("\"resigned\"").count(), 1, "{log}");
    // A proof of it holds, whoever makes it.
    for authority in [&xa, &xb] {
        let out = authority.data.join("waited.proof");
        authority.json(&["ledger", "prove", &waits, "--out", path(&out)]);
        let prints = [&xa, &xb].map(|of| {
            format!("--fingerprint={}={}", of.name, hex::encode(of.identity().chain().fingerprint()))
        });
        succeeds(&["verify-bundle", path(&out), &prints[0], &prints[1]]);
    }
    // What is listed of a content key is what was sealed to it; XB seals to another one now.
    let to_a = delivered(&xb, &xa).await;
    open(&xa, &to_a);
    let listed = xa.json(&["keys", "revoke", &content, "--list-only"]);
    assert_eq!(listed["uses"], serde_json::json!([]));
    let listed = xa.json(&["keys", "revoke", &in_use(&xa, "content"), "--list-only"]);
    assert_eq!(listed["uses"][0]["id"], to_a);
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_revoked_is_said_and_a_list_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = pair(dir.path()).await;
    let packet = delivered(&xa, &xb).await;
    let before = keys(&xa);
    let key = in_use(&xa, "evidence");
    let config = xa.config();
    let csv = succeeds(&["keys", "revoke", &key, "--list-only", "--csv", "--config", path(&config)]);
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows[0], "entry,at,what,peer,id,logged,settled");
    assert!(rows[1].contains(&format!("evidence,XB,{packet},before,yes")), "{csv}");
    let none = ["keys", "revoke", &key, "--list-only", "--since", "2099-01-01"];
    assert_eq!(xa.json(&none)["uses"], serde_json::json!([]));
    let delegate = before.iter().find(|key| key["purpose"] == "delegate").unwrap()["id"].as_str().unwrap();
    let refused: [(&[&str], i32); 9] = [
        (&["zz", "--reason", "lost"], 2),
        (&[&key[..5], "--reason", "lost"], 2),
        (&["", "--reason", "lost"], 2),
        (&[&key[..0], "--list-only"], 2),
        (&[&key, "--reason", "stolen"], 2),
        (&[&key], 2),
        (&[&key, "--reason", "compromised", "--since", "2099-01-01"], 2),
        (&[&key, "--reason", "compromised", "--no-successor"], 1),
        (&[delegate, "--reason", "compromised"], 1),
    ];
    for (args, code) in refused {
        let output = run(&[&["keys", "revoke", "--config", path(&config)], args].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    }
    // Nothing was stated, and the key is used as before.
    let stated = |keys: Vec<Value>| -> Vec<Value> {
        // The peer may have confirmed more meanwhile.
        let keys = keys.into_iter().map(|mut key| {
            key.as_object_mut().unwrap().remove("confirmed_by").unwrap();
            key
        });
        keys.collect()
    };
    assert_eq!(stated(keys(&xa)), stated(before.clone()));
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_is_revoked_by_the_root_and_another_one_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = pair(dir.path()).await;
    let delegate = in_use(&xa, "delegate");
    let keys_of = |name: &str| xa.data.join("keys").join(name);
    let wrong = keys_of("next-root.key");
    let args = ["keys", "revoke", &delegate, "--reason", "compromised", "--root"];
    let (code, said) = told(&xa, &[&args[..], &[path(&wrong)]].concat());
    assert_eq!(code, 2, "{said}");
    let said = xa.json(&[&args[..], &[path(&keys_of("root.key"))]].concat());
    assert_eq!((&said["told"], &said["purpose"]), (&serde_json::json!(["XB"]), &"delegate".into()));
    assert_eq!(said["uses"].as_array().unwrap().len(), PURPOSES.len(), "the keys that it stated");
    assert_ne!(in_use(&xa, "delegate"), delegate);
    assert_eq!(state(&xa, &delegate), "revoked");
    // The new one states keys, and ends them.
    xa.json(&["keys", "rotate", "all"]);
    revoke(&xa, &in_use(&xa, "evidence"));
    delivered(&xa, &xb).await;
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tls_key_is_taken_up_at_once_and_the_old_one_lets_nobody_in() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = pair(dir.path()).await;
    let stolen = xa.identity();
    let call = || async {
        let asked = rogatory::format::wire::HeldCheckpointRequest {};
        peer_client(&stolen, &xb.listening).held_checkpoint(asked).await.map(drop).map_err(|s| s.code())
    };
    assert_eq!(call().await, Ok(()));
    let before = in_use(&xa, "tls");
    let said = revoke(&xa, &before);
    assert_eq!(said["successor"], in_use(&xa, "tls"));
    assert_eq!(call().await, Err(tonic::Code::Unauthenticated), "whoever has the old one");
    exchange(&xa, &xb).await;
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_log_key_our_own_past_opens_at_every_start_and_in_every_copy() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, xb) = pair(dir.path()).await;
    delivered(&xa, &xb).await;
    xa.quiet().await;
    let (mirror, backup, key) =
        (dir.path().join("mirror"), dir.path().join("backup"), dir.path().join("backup-key"));
    // A mirror, a back-up and peers that hold checkpoints under the key.
    succeeds(&["ledger", "export", path(&xa.data), "--out", path(&mirror)]);
    succeeds(&["backup", "key", "--out", path(&key)]);
    succeeds(&["backup", "--out", path(&backup), "--key", path(&key), "--config", path(&xa.config())]);
    revoke(&xa, &in_use(&xa, "checkpoint"));
    xa.kill();
    xa.serve().await;
    delivered(&xa, &xb).await;
    xa.quiet().await;
    assert!(xa.stop().await.success());
    xa.serve().await;
    succeeds(&["ledger", "verify", path(&mirror)]);
    succeeds(&["ledger", "export", path(&xa.data), "--out", path(&mirror)]);
    succeeds(&["ledger", "verify", path(&mirror)]);
    succeeds(&["backup", "--out", path(&backup), "--key", path(&key), "--config", path(&xa.config())]);
    succeeds(&["backup", "verify", path(&backup), "--key", path(&key)]);
    end([xa, xb]).await;
}
