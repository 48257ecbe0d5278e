//! Exports, the mirror that a gateway keeps, and the state that entries alone make.

mod support;

use rogatory::archive::{from_data, inspect};
use rogatory::store::inspect::{Look, Source};
use serde_json::Value;
use std::path::Path;
use support::{pair, path, run, until};

fn json(args: &[&str]) -> Value {
    let told = run(&[args, &["--json"]].concat());
    assert!(told.status.success(), "{args:?}: {}", String::from_utf8_lossy(&told.stderr));
    serde_json::from_slice(&told.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_an_export_written_on_and_a_replay_say_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let (mirror, out) = (dir.path().join("mirror"), dir.path().join("out"));
    xa.stop().await;
    let config = std::fs::read_to_string(xa.config()).unwrap();
    std::fs::write(xa.config(), format!("{config}\n[ledger]\nmirror = \"../mirror\"\n")).unwrap();
    xa.serve().await;

    let mut sizes = Vec::new();
    for _ in 0..3 {
        xa.send("XB", "");
        xa.quiet().await;
        // Beside the working gateway, as far as the newest kept checkpoint goes: it is kept ten
        // times a second.
        let wanted = xa.json(&["pair", "list"])["log_size"].as_u64().unwrap();
        let export = || from_data::export(&xa.data, &out, &mut |_| {}).unwrap().size;
        until("all of it is exported", || async { export() >= wanted }).await;
        sizes.push(export());
        assert_eq!(inspect(&out, Look::default(), &mut |_| {}).unwrap().sound.size, *sizes.last().unwrap());
    }
    assert!(sizes.is_sorted_by(|before, after| before < after), "{sizes:?}");
    xa.stop().await;
    xb.stop().await;

    let ledger = inspect(&xa.data, Look::default(), &mut |_| {}).unwrap();
    assert!(ledger.store_compared && ledger.source == Source::DataDirectory);
    let done = from_data::export(&xa.data, &out, &mut |_| {}).unwrap();
    assert_eq!((done.size, done.new), (ledger.sound.size, ledger.sound.size - sizes[2]));
    for folder in [&mirror, &out] {
        let found = inspect(folder, Look::default(), &mut |_| {}).unwrap();
        assert_eq!(found.source, Source::Export);
        assert_eq!((found.sound.size, found.sound.root), (ledger.sound.size, ledger.sound.root));
        assert_eq!(found.views, ledger.views);
    }
    for name in ["checkpoint", "vkeys", "README.md"] {
        let read = |folder: &Path| std::fs::read(folder.join(name)).unwrap();
        assert_eq!(read(&mirror), read(&out), "{name}");
    }
    assert!(
        from_data::export(&xb.data, &out, &mut |_| {}).is_err(),
        "another ledger's export is not written on"
    );

    let now = json(&["ledger", "replay", path(&xa.data)]);
    assert_eq!(now["store_compared"], true);
    assert_eq!(now["cases"].as_array().unwrap().len(), 3);
    let exported = json(&["ledger", "replay", path(&out)]);
    for what in ["size", "root", "views", "peers", "cases"] {
        assert_eq!(now[what], exported[what], "{what}");
    }
    // As it was before the last two packets, and before anything.
    let then = json(&["ledger", "replay", path(&out), "--until", &sizes[0].to_string()]);
    assert_eq!(then["cases"].as_array().unwrap().len(), 1);
    assert_eq!(then["size"], sizes[0]);
    let before = run(&["ledger", "replay", path(&out), "--until", "1999-12-31"]);
    assert!(!before.status.success(), "there was no statement 0 yet");
}
