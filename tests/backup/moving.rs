//! Moving to another machine, as docs/OPERATIONS.md tells it, and what becomes of the old one.

use crate::support::{Authority, PATIENCE, exchange, pair, rogatory};
use crate::{Elsewhere, agree, json, refused, send_large};
use rogatory::store::inspect::{Look, verify};

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_moves_to_another_machine_and_the_old_one_does_not_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let before = [send_large(&xa, "XB", 1), send_large(&xb, "XA", 1)];
    xa.quiet().await;
    xb.quiet().await;
    xa.stop().await;
    let elsewhere = Elsewhere::new(dir.path(), "elsewhere");
    elsewhere.back_up(&xa);
    elsewhere.back_up_keys(&xa);

    let mut new = Authority::at("XA", &dir.path().join("new-machine"));
    let restored = json(&elsewhere.restore(&new.data, None));
    let old = verify(&xa.data, Look::default(), &mut |_| {}).unwrap().sound;
    assert_eq!(restored["entries"], old.size, "a stopped gateway's back-up lacks nothing");
    // The new machine has another address.
    let text = std::fs::read_to_string(new.config()).unwrap();
    std::fs::write(new.config(), text.replace(&xa.listening, "127.0.0.1:0")).unwrap();
    new.serve().await;
    assert_ne!(new.listening, xa.listening);
    new.json(&["pair", "terms", "XB"]);
    exchange(&new, &xb).await;
    let found =
        new.json(&["fetch", &before[1], "--purpose", "execution", "--out", &elsewhere.path("fetched")]);
    assert_eq!(found["files"].as_array().unwrap().len(), 2, "what came before the move opens");

    // The old directory is the same authority, behind what its peer has seen.
    let text = std::fs::read_to_string(xa.config()).unwrap();
    std::fs::write(xa.config(), text.replace(&xa.listening, "127.0.0.1:0")).unwrap();
    let mut serve = rogatory();
    serve.args(["serve", "--config"]).arg(xa.config());
    let served = tokio::process::Command::from(serve).kill_on_drop(true).output();
    let output = tokio::time::timeout(PATIENCE, served).await.expect("it does not serve").unwrap();
    refused(&output, 1, &["would fork the log"]);

    new.quiet().await;
    xb.quiet().await;
    new.stop().await;
    xb.stop().await;
    agree(&new, &xb);
}
