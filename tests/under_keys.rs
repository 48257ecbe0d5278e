//! `keys list` tells what is still under each key, while peers are away and after they came.

mod support;

use serde_json::Value;
use support::raw::{Bench, Said};
use support::{Authority, pair, rogatory, until};

/// What is under each key of a purpose, oldest first.
fn under(authority: &Authority, purpose: &str) -> Vec<Value> {
    let listed = authority.json(&["keys", "list"]);
    assert_eq!(listed["more_under"], false);
    let keys = listed["keys"].as_array().unwrap().clone();
    keys.iter().filter(|key| key["purpose"] == purpose).map(|key| key["under"].clone()).collect()
}

async fn comes_to(authority: &Authority, purpose: &str, expected: &[u64]) {
    let expected: Vec<Value> = expected.iter().map(|count| (*count).into()).collect();
    until(&format!("{expected:?} under {purpose}"), || async { under(authority, purpose) == expected }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_counted_under_the_key_that_signed_it() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let received = xa.send("XB", "").0;
    xa.quiet().await;
    for purpose in ["packet", "evidence", "delegate"] {
        comes_to(&xa, purpose, &[0]).await;
    }
    for purpose in ["checkpoint", "cosign", "tls"] {
        assert_eq!(under(&xa, purpose), [Value::Null], "nothing waits under {purpose}");
    }

    xb.stop().await;
    xa.send("XB", "");
    xa.send("XB", "");
    assert_eq!(under(&xa, "packet"), [2]);
    xa.json(&["keys", "rotate", "packet", "--force"]);
    xa.send("XB", "");
    assert_eq!(under(&xa, "packet"), [2, 1]);
    // Nobody is there to confirm it.
    for (word, notices) in [("suspend", 1), ("resume", 2)] {
        let mut command = rogatory();
        command.args(["pair", word, "XB", "--wait", "0", "--config"]).arg(xa.config());
        assert_eq!(command.output().unwrap().status.code(), Some(4), "{word}");
        assert_eq!(under(&xa, "delegate"), [Value::from(notices)]);
    }
    assert_eq!(under(&xa, "evidence"), [0], "its own outcome of a packet waits for nobody");
    // The same after a start: it is what the ledger says.
    xa.stop().await;
    xa.serve().await;
    assert_eq!((under(&xa, "packet"), under(&xa, "delegate")), (vec![2.into(), 1.into()], vec![2.into()]));
    xb.serve().await;
    xa.quiet().await;
    comes_to(&xa, "packet", &[0, 0]).await;
    comes_to(&xa, "delegate", &[0]).await;

    xa.stop().await;
    xb.json(&["answer", &received, "registered"]);
    xb.json(&[
        "fetch",
        &received,
        "--purpose",
        "execution",
        "--out",
        dir.path().join("fetched").to_str().unwrap(),
    ]);
    assert_eq!(under(&xb, "evidence"), [2], "a status, and that it was handed over");
    xa.serve().await;
    comes_to(&xb, "evidence", &[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_is_under_its_content_key_until_the_sender_has_verified_the_answer() {
    let mut bench = Bench::new().await;
    assert_eq!(under(&bench.xb, "content"), [0]);
    // The test takes the answers for XA, whose gateway never hears of them.
    for count in [1, 2] {
        assert!(matches!(bench.deliver(&bench.packet()).await, Said::Evidence(_)));
        assert_eq!(under(&bench.xb, "content"), [Value::from(count)]);
    }
    bench.xb.json(&["keys", "rotate", "content", "--force"]);
    assert_eq!(under(&bench.xb, "content"), [2, 0]);
    // Any later answer shows it a tree that is greater, and its next call names that.
    bench.xa.serve().await;
    for _ in 0..2 {
        bench.xa.send("XB", "");
        bench.xa.quiet().await;
    }
    until("nothing is under the old key", || async { under(&bench.xb, "content")[0] == 0 }).await;
}
