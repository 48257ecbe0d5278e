//! A restore that is behind what peers have seen refuses to go on; a mirror leads it there.

use super::support::{PATIENCE, settled, until};
use super::{Authority, Elsewhere, agree, json, pair, refused, rogatory, run, send_large};
use rogatory::crypto::hash::sha256;
use rogatory::gateway::SystemClock;
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::ledger::tiles::{Of, Tile, WIDTH, add_leaf, add_object};
use rogatory::store::Clock as _;
use rogatory::store::inspect::{Look, verify};
use rogatory::store::journal::{Next, Record, Scan, StoredEntry};
use std::collections::BTreeSet;
use std::path::Path;

/// The entries in a data directory.
pub fn entries(data: &Path) -> Vec<StoredEntry> {
    let (mut scan, mut entries) = (Scan::begin(&data.join("journal")).unwrap(), Vec::new());
    while let Next::Group(group) = scan.next_group().unwrap() {
        entries.extend(group.records.into_iter().filter_map(|(record, _)| match record {
            Record::Entry(entry) => Some(entry),
            _ => None,
        }));
    }
    entries
}

/// Writes a mirror as an export of the ledger lays it out, as far as a restore reads it.
pub fn write_mirror(to: &Path, entries: &[StoredEntry], note: &[u8]) {
    for (number, bundle) in (0..).zip(entries.chunks(WIDTH as usize)) {
        let (mut leaves, mut objects, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for entry in bundle {
            leaves.extend_from_slice(&(entry.leaf.len() as u16).to_be_bytes());
            leaves.extend_from_slice(&entry.leaf);
            for object in entry.objects.iter().filter(|object| seen.insert(sha256(object))) {
                objects.extend_from_slice(&sha256(object));
                objects.extend_from_slice(&(object.len() as u32).to_be_bytes());
                objects.extend_from_slice(object);
            }
        }
        for (of, bytes) in [(Of::Entries, leaves), (Of::Objects, objects)] {
            let path = to.join(Tile { of, number, width: bundle.len() as u64 }.path());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
    std::fs::write(to.join("checkpoint"), note).unwrap();
}

/// Exports what a stopped gateway has signed, with the real command.
fn export(data: &Path, to: &Path) -> u64 {
    let exported = run(&["ledger", "export", data.to_str().unwrap(), "--out", to.to_str().unwrap()]);
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let note = std::fs::read(to.join("checkpoint")).unwrap();
    Checkpoint::danger_unverified(&note).unwrap().size
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_backup_refuses_to_fork_and_goes_on_with_a_mirror() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let first = send_large(&xa, "XB", 1);
    let elsewhere = Elsewhere::new(dir.path(), "elsewhere");
    elsewhere.back_up(&xa);
    elsewhere.back_up_keys(&xa);

    // More is exchanged, more than a bundle of it, and XB sees all of XA's log.
    let mut last = String::new();
    while entries(&xa.data).len() < 300 {
        let (packet, _) = xa.send("XB", "");
        last = packet;
    }
    xa.quiet().await;
    let received = send_large(&xb, "XA", 1);
    xa.json(&["answer", &last, "withdrawn"]);
    xa.quiet().await;
    xb.quiet().await;
    xa.stop().await;
    let mirror = dir.path().join("mirror");
    let signed = export(&xa.data, &mirror);
    assert!(signed > WIDTH);
    let old = dir.path().join("old");
    std::fs::rename(&xa.data, &old).unwrap();

    // Restored without the mirror it is sound, and yet it must not go on.
    let restored = json(&elsewhere.restore(&xa.data, None));
    assert!(restored["entries"].as_u64().unwrap() < signed);
    let mut serve = rogatory();
    serve.args(["serve", "--config"]).arg(xa.config());
    let served = tokio::process::Command::from(serve).kill_on_drop(true).output();
    let output = tokio::time::timeout(PATIENCE, served).await.expect("it does not serve").unwrap();
    refused(&output, 1, &["would fork the log", "rogatory restore", "--mirror"]);

    // With it, it goes on where the log was left.
    std::fs::remove_dir_all(&xa.data).unwrap();
    let again = json(&elsewhere.restore(&xa.data, Some(&mirror)));
    assert_eq!((&again["entries"], &again["signed"]), (&signed.into(), &signed.into()));
    assert_eq!(again["from_backup"], restored["entries"]);
    let lost = again["without_content"].as_array().unwrap();
    assert!(lost.contains(&received.clone().into()) && !lost.contains(&first.clone().into()), "{lost:?}");
    let (new, before) = (
        verify(&xa.data, Look::default(), &mut |_| {}).unwrap(),
        verify(&old, Look::default(), &mut |_| {}).unwrap(),
    );
    assert_eq!(new.sound.root, before.sound.root);

    xa.serve().await;
    for packet in [send_large(&xa, "XB", 5), send_large(&xb, "XA", 5)] {
        settled(&xa, &packet).await;
        settled(&xb, &packet).await;
    }
    let out = dir.path().join("fetched");
    xa.json(&["fetch", &first, "--purpose", "execution", "--out", out.to_str().unwrap()]);
    xa.quiet().await;
    xb.quiet().await;
    // Its back-up goes on as well: the entries from the mirror are new to it.
    assert_eq!(elsewhere.back_up(&xa)["increment"]["from"], restored["entries"]);
    xa.stop().await;
    xb.stop().await;
    agree(&xa, &xb);
    // The old machine is another history now, if it ever went on; as it is, it is only older.
    let stale = Authority::at("XA", &old);
    let told = rogatory()
        .args(["backup", "--out", &elsewhere.path("main"), "--key", &elsewhere.path("key"), "--config"])
        .arg(stale.config())
        .output()
        .unwrap();
    refused(&told, 1, &["do not agree"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_of_which_only_evidence_came_back_waits_quietly_and_ends_at_its_expiry() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let elsewhere = Elsewhere::new(dir.path(), "elsewhere");
    elsewhere.back_up(&xa);
    elsewhere.back_up_keys(&xa);
    // XB is away; both packets wait, and then only a mirror knows of them.
    xb.stop().await;
    let soon = SystemClock.now() as i64 + 10_000;
    let soon_text = jiff::Timestamp::from_millisecond(soon).unwrap();
    let (brief, case) = xa.send("XB", &format!("expires = \"{soon_text}\"\n"));
    let (long, _) = xa.send("XB", "");
    xa.stop().await;
    let mirror = dir.path().join("mirror");
    export(&xa.data, &mirror);
    std::fs::rename(&xa.data, dir.path().join("old")).unwrap();
    let restored = json(&elsewhere.restore(&xa.data, Some(&mirror)));
    assert_eq!(restored["without_content"].as_array().unwrap().len(), 2, "{restored}");

    xa.serve().await;
    // What follows in its case goes behind it, other cases do not wait.
    let (next, _) = xa.send("XB", &format!("case = \"{case}\"\n"));
    let (other, _) = xa.send("XB", "");
    let word = |packet: &str| {
        let listed = rogatory().args(["outbox", "--config"]).arg(xa.config()).output().unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        listed.lines().find(|line| line.contains(packet)).unwrap().to_owned()
    };
    assert!(word(&long).ends_with("SubmissionAcceptance by XA; can't be sent: its content is not here"));
    assert_eq!(xa.json(&["show", &long])["content_lost"], true);
    assert_eq!(xa.json(&["show", &other])["content_lost"], false);
    let fetched = fetch(&xa, &long, dir.path());
    let said = String::from_utf8_lossy(&fetched.stderr);
    assert!(fetched.status.code() == Some(1) && said.contains("is not here: a restore"), "{said}");
    let outcomes = |packet: &str| xa.json(&["show", packet])["outcomes"].as_array().unwrap().clone();
    until("the sender's own word", || async { outcomes(&brief).last().unwrap()["event"] == "RelayFailure" })
        .await;
    assert!(SystemClock.now() as i64 >= soon, "and not before");

    xb.serve().await;
    for (packet, event) in
        [(&other, "ContentConsignment"), (&brief, "RelayRejection"), (&next, "ContentConsignment")]
    {
        until("it is settled", || async { outcomes(packet).last().unwrap()["event"] == event }).await;
    }
    let last = outcomes(&brief).last().unwrap().clone();
    assert_eq!((&last["event"], &last["cause"]), (&"RelayRejection".into(), &"expired".into()));
    // The other one was tried by nobody, and was spoken of once.
    assert_eq!(outcomes(&long).len(), 1);
    let log = xa.log();
    let lines = log.lines().filter(|line| line.contains("a packet can't be sent") && line.contains(&long));
    assert_eq!(lines.count(), 1, "{log}");
    assert_eq!(log.matches("not settled").count(), 0, "{log}");
    assert_eq!(xb.boxed(super::INBOX).await.len(), 3);
    xa.stop().await;
    xb.stop().await;
    for authority in [&xa, &xb] {
        verify(&authority.data, Look::default(), &mut |_| {}).unwrap();
    }
}

/// An attempt to open a packet.
fn fetch(authority: &Authority, packet: &str, dir: &Path) -> std::process::Output {
    let out = dir.join(format!("fetched-{packet}"));
    rogatory()
        .args(["fetch", packet, "--purpose", "execution", "--out"])
        .arg(out)
        .arg("--config")
        .arg(authority.config())
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_of_something_else_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let elsewhere = Elsewhere::new(dir.path(), "elsewhere");
    elsewhere.back_up(&xa);
    elsewhere.back_up_keys(&xa);
    send_large(&xa, "XB", 1);
    xa.stop().await;
    xb.stop().await;
    let (mirror, to) = (dir.path().join("mirror"), dir.path().join("to"));
    let size = export(&xa.data, &mirror);
    let entries = entries(&xa.data);
    let note = std::fs::read(mirror.join("checkpoint")).unwrap();
    let refuse = |words: &[&str]| {
        refused(&elsewhere.restore(&to, Some(&mirror)), 1, words);
        assert!(!to.exists(), "nothing is written before all is verified");
    };

    // Another's log; our log with another past; a leaf or an object that is another; less
    // than the checkpoint signs; a checkpoint that nobody signed.
    std::fs::remove_dir_all(&mirror).unwrap();
    export(&xb.data, &mirror);
    refuse(&["mirror", "not those of the back-up"]);
    let with = |change: &dyn Fn(&mut Vec<StoredEntry>), note: &[u8]| {
        let mut changed = entries[..size as usize].to_vec();
        change(&mut changed);
        std::fs::remove_dir_all(&mirror).unwrap();
        write_mirror(&mirror, &changed, note);
    };
    with(&|entries| entries.swap(2, 3), &note);
    refuse(&["not those of the back-up"]);
    with(&|entries| entries.last_mut().unwrap().leaf.push(0), &note);
    refuse(&["mirror"]);
    with(&|entries| drop(entries.pop()), &note);
    refuse(&["is missing"]);
    let unsigned = String::from_utf8(note.clone()).unwrap();
    let (text, signature) = unsigned.split_once("\n\n").unwrap();
    let forged = format!("{text}\n\n{}", signature.replacen(|c: char| c.is_ascii_lowercase(), "A", 1));
    with(&|_| {}, forged.as_bytes());
    refuse(&["mirror"]);
    with(&|_| {}, &note);
    let path = mirror.join("objects").join(format!("000.p/{size}"));
    let mut objects = std::fs::read(&path).unwrap();
    *objects.last_mut().unwrap() ^= 1;
    std::fs::write(&path, objects).unwrap();
    refuse(&["an object is another"]);

    // Where somebody took the incomplete bundles away, the full ones hold the same and more.
    with(&|_| {}, &note);
    for of in [Of::Entries, Of::Objects] {
        let tile = |width| mirror.join(Tile { of, number: 0, width }.path());
        let mut bundle = std::fs::read(tile(size)).unwrap();
        match of {
            Of::Entries => add_leaf(&mut bundle, b"one more"),
            _ => add_object(&mut bundle, &[7; 32], b"of that one"),
        }
        std::fs::remove_dir_all(tile(size).parent().unwrap()).unwrap();
        std::fs::write(tile(WIDTH), bundle).unwrap();
    }
    assert_eq!(json(&elsewhere.restore(&to, Some(&mirror)))["entries"], size);
    std::fs::remove_dir_all(&to).unwrap();
    // What is of just the right width holds no more than that.
    for of in [Of::Entries, Of::Objects] {
        with(&|_| {}, &note);
        let path = mirror.join(Tile { of, number: 0, width: size }.path());
        let mut bundle = std::fs::read(&path).unwrap();
        add_object(&mut bundle, &[7; 32], b"of nobody");
        std::fs::write(path, bundle).unwrap();
        refuse(&["mirror", "holds"]);
    }

    with(&|_| {}, &note);
    assert_eq!(json(&elsewhere.restore(&to, Some(&mirror)))["entries"], size);
    // One that is older than the back-up adds nothing, and says that the back-up is not a fork.
    std::fs::remove_dir_all(&to).unwrap();
    elsewhere.back_up(&xa);
    let restored = json(&elsewhere.restore(&to, Some(&mirror)));
    assert_eq!((&restored["from_mirror"], &restored["entries"]), (&0.into(), &entries.len().into()));
}
