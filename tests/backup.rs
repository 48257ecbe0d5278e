//! Back-ups and the way back, with real gateways: taken while they work, restored elsewhere,
//! and never a second history.

#[path = "backup/damage.rs"]
mod damage;
#[path = "backup/erasure.rs"]
mod erasure;
#[path = "backup/ledger.rs"]
mod ledger;
#[path = "backup/mirror.rs"]
mod mirror;
#[path = "backup/moving.rs"]
mod moving;
mod support;

use rogatory::archive::folder::Folder;
use rogatory::archive::sealed::{BackupKey, Purpose, Reader};
use rogatory::format::id::PacketId;
use rogatory::ledger::compare::compare;
use rogatory::store::inspect::{Look, verify};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use support::{Authority, INBOX, OUTBOX, pair, request_file, rogatory, run, settled};

/// Where a test keeps what an operator keeps elsewhere.
struct Elsewhere {
    dir: PathBuf,
}

impl Elsewhere {
    /// A folder with a new back-up key.
    fn new(dir: &Path, name: &str) -> Self {
        let new = Self { dir: dir.join(name) };
        let made = run(&["backup", "key", "--out", &new.path("key")]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        new
    }

    fn path(&self, name: &str) -> String {
        self.dir.join(name).to_str().unwrap().to_owned()
    }

    fn key(&self) -> BackupKey {
        BackupKey::read(&self.dir.join("key")).unwrap()
    }

    fn back_up(&self, authority: &Authority) -> Value {
        authority.json(&["backup", "--out", &self.path("main"), "--key", &self.path("key")])
    }

    fn back_up_keys(&self, authority: &Authority) -> Value {
        authority.json(&["backup", "keys", "--out", &self.path("keys"), "--key", &self.path("key")])
    }

    fn restore(&self, to: &Path, mirror: Option<&Path>) -> Output {
        let (from, keys, key) = (self.path("main"), self.path("keys"), self.path("key"));
        let mut command = rogatory();
        command.args(["restore", "--json", "--from", &from, "--keys", &keys, "--key", &key, "--dir"]).arg(to);
        if let Some(mirror) = mirror {
            command.arg("--mirror").arg(mirror);
        }
        command.output().unwrap()
    }

    fn folder(&self) -> Folder {
        Folder::open_filled(&self.dir.join("main"), &self.key()).unwrap()
    }
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// It failed with this code, naming all of these, and says what to do.
fn refused(output: &Output, code: i32, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    for word in words.iter().chain(&["error: ", "try: "]) {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
}

/// Sends a request with an attachment that is large enough for an object file.
fn send_large(authority: &Authority, recipient: &str, number: usize) -> String {
    let folder = authority.data.join(format!("large-{number}"));
    std::fs::create_dir(&folder).unwrap();
    let bytes: Vec<u8> = (0..200_000_usize).map(|i| (i * 31 + number) as u8).collect();
    std::fs::write(folder.join("scan.bin"), bytes).unwrap();
    let attachment = "\n[[attachments]]\npath = \"scan.bin\"\nmedia_type = \"application/octet-stream\"\n";
    let path = folder.join("request.toml");
    std::fs::write(&path, request_file(recipient, "") + attachment).unwrap();
    let sent = authority.json(&["send", path.to_str().unwrap(), "--wait", "60"]);
    sent["packet"].as_str().unwrap().to_owned()
}

/// Both ledgers are sound, and each has what the other stated.
fn agree(a: &Authority, b: &Authority) {
    let found = [a, b].map(|authority| {
        verify(&authority.data, Look { facts: true, ..Look::default() }, &mut |_| {}).unwrap().sound
    });
    let comparison = compare(&found[0], &found[1]);
    assert!(comparison.is_sound() && comparison.missing.is_empty(), "{comparison:?}");
    assert!(comparison.matched > 0);
}

fn ids(summaries: &[rogatory::format::wire::PacketSummary]) -> Vec<PacketId> {
    let mut ids: Vec<_> = summaries.iter().map(|s| PacketId::from_bytes(&s.packet_id).unwrap()).collect();
    ids.sort();
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_under_load_restore_on_another_machine_and_nothing_is_lost_or_doubled() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let elsewhere = Elsewhere::new(dir.path(), "elsewhere");

    // Load: requests one after the other, until it has been backed up three times.
    let (stop, config) = (Arc::new(AtomicBool::new(false)), xa.config());
    let request = xa.data.join("load.toml");
    std::fs::write(&request, request_file("XB", "")).unwrap();
    let loading = std::thread::spawn({
        let stop = stop.clone();
        move || {
            let mut sent = 0;
            while !stop.load(Ordering::Relaxed) {
                let done = rogatory().args(["send", "--config"]).arg(&config).arg(&request).output().unwrap();
                assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
                sent += 1;
            }
            sent
        }
    });
    let mut sizes = Vec::new();
    for run in 1..=3 {
        send_large(&xa, "XB", run);
        let made = elsewhere.back_up(&xa);
        let increment = &made["increment"];
        assert_eq!((&made["increments"], &increment["number"]), (&run.into(), &run.into()));
        assert_eq!(increment["from"].as_u64().unwrap(), sizes.last().copied().unwrap_or(0));
        assert_eq!(increment["objects"], 1, "each run holds what is new only");
        sizes.push(increment["entries"].as_u64().unwrap());
    }
    stop.store(true, Ordering::Relaxed);
    let sent = tokio::task::block_in_place(|| loading.join().unwrap()) + 3;
    assert!(sent > 3 && sizes.is_sorted_by(|a, b| a < b), "{sent} {sizes:?}");
    xa.quiet().await;
    xb.quiet().await;
    assert!(xa.stop().await.success());

    // Stopped, it is backed up as well, and then there is nothing new.
    assert_eq!(elsewhere.back_up(&xa)["increments"], 4);
    assert_eq!(elsewhere.back_up(&xa)["increment"], Value::Null);
    elsewhere.back_up_keys(&xa);
    let old = verify(&xa.data, Look::default(), &mut |_| {}).unwrap().sound;
    let checked = run(&[
        "backup",
        "verify",
        &elsewhere.path("main"),
        "--keys",
        &elsewhere.path("keys"),
        "--key",
        &elsewhere.path("key"),
        "--json",
    ]);
    let checked = json(&checked);
    assert_eq!((&checked["entries"], &checked["objects"]), (&old.size.into(), &3.into()));
    assert_eq!(
        (&checked["lacking"], &checked["without_epoch_key"]),
        (&Value::from([0; 0]), &Value::from([0; 0]))
    );

    // Another machine: the same configuration, a new folder.
    let before = ids(&xa.boxed_of(OUTBOX).await);
    std::fs::rename(&xa.data, dir.path().join("old")).unwrap();
    let restored = json(&elsewhere.restore(&xa.data, None));
    assert_eq!((&restored["entries"], &restored["from_mirror"]), (&old.size.into(), &0.into()));
    let new = verify(&xa.data, Look::default(), &mut |_| {}).unwrap().sound;
    assert_eq!(new.root, old.root, "another ledger was restored");

    xa.serve().await;
    assert_eq!(ids(&xa.boxed(OUTBOX).await), before);
    for packet in [send_large(&xa, "XB", 9), send_large(&xb, "XA", 9)] {
        settled(&xa, &packet).await;
        settled(&xb, &packet).await;
    }
    // What was sent before the move can still be opened after it, attachment and all.
    let first = before.iter().map(ToString::to_string).find(|id| has_attachment(&xa, id)).unwrap();
    let out = dir.path().join("fetched");
    xa.json(&["fetch", &first, "--purpose", "execution", "--out", out.to_str().unwrap()]);
    assert_eq!(std::fs::metadata(out.join("scan.bin")).unwrap().len(), 200_000);
    assert_eq!(xb.boxed(INBOX).await.len(), sent + 1, "lost or doubled");
    xa.quiet().await;
    xb.quiet().await;
    // The back-up goes on from the restored directory, into the same folder.
    assert_eq!(elsewhere.back_up(&xa)["increment"]["from"], old.size);
    xa.stop().await;
    xb.stop().await;
    agree(&xa, &xb);
}

fn has_attachment(authority: &Authority, packet: &str) -> bool {
    authority.json(&["outbox", "--limit", "1000"])["packets"]
        .as_array()
        .unwrap()
        .iter()
        .any(|found| found["packet"] == packet && found["objects"] == 2)
}

impl Authority {
    /// The packets of a stopped gateway's box, which is started for the question.
    async fn boxed_of(&mut self, which: i32) -> Vec<rogatory::format::wire::PacketSummary> {
        self.serve().await;
        let found = self.boxed(which).await;
        self.stop().await;
        found
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_private_key_is_in_a_backup_and_every_one_is_in_the_key_backup() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, _xb) = pair(dir.path()).await;
    send_large(&xa, "XB", 1);
    let elsewhere = Elsewhere::new(dir.path(), "elsewhere");
    elsewhere.back_up(&xa);
    elsewhere.back_up_keys(&xa);
    // The one before is overwritten, which shows under a second name of its own; so is one
    // that a run left which died between two names.
    std::fs::write(elsewhere.path("keys.old"), [0; 300]).unwrap();
    elsewhere.back_up_keys(&xa);
    let watched = ["first", "second"].map(|name| dir.path().join(name));
    std::fs::hard_link(elsewhere.path("keys"), &watched[0]).unwrap();
    std::fs::rename(elsewhere.path("keys"), elsewhere.path("keys.old")).unwrap();
    std::fs::copy(elsewhere.path("keys.old"), elsewhere.path("keys.new")).unwrap();
    elsewhere.back_up_keys(&xa);
    std::fs::hard_link(elsewhere.path("keys"), &watched[1]).unwrap();
    elsewhere.back_up_keys(&xa);
    for watched in watched {
        let left = std::fs::read(watched).unwrap();
        assert!(left.len() > 500 && left.iter().all(|byte| *byte == 0), "an older key back-up is left");
    }
    xa.stop().await;

    let mut secrets = Vec::new();
    for folder in ["keys", "keys/epochs"] {
        for file in std::fs::read_dir(xa.data.join(folder)).unwrap().map(|file| file.unwrap().path()) {
            if file.extension().is_some_and(|extension| extension == "key") {
                secrets.push(std::fs::read(file).unwrap());
            }
        }
    }
    assert!(secrets.len() >= 10, "roots, delegate, six purposes, an epoch: {}", secrets.len());
    let held = |bytes: &[u8]| secrets.iter().filter(|key| holds(bytes, key)).count();

    let key = elsewhere.key();
    for file in std::fs::read_dir(elsewhere.path("main")).unwrap().map(|file| file.unwrap().path()) {
        assert_eq!(held(&std::fs::read(&file).unwrap()), 0, "{}", file.display());
        let purpose = match file.extension().and_then(|extension| extension.to_str()) {
            Some("pack") => Purpose::Pack,
            Some("manifest") => Purpose::Manifest,
            _ => continue,
        };
        let plain = Reader::open(&file, &key, purpose).unwrap().take_all(u64::MAX).unwrap();
        assert_eq!(held(&plain), 0, "{}", file.display());
        assert!(purpose == Purpose::Manifest || holds(&plain, b"authority = \"XA\""), "it was opened");
    }
    let keys = elsewhere.dir.join("keys");
    assert_eq!(held(&std::fs::read(&keys).unwrap()), 0);
    let plain = Reader::open(&keys, &key, Purpose::Keys).unwrap().take_all(u64::MAX).unwrap();
    assert_eq!(held(&plain), secrets.len());
    let left: Vec<_> =
        std::fs::read_dir(&elsewhere.dir).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "key, keys and main, and nothing of the older key back-up: {left:?}");
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
