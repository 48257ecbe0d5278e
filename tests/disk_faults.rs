//! Disks that are full, read-only, broken or changed: what is new is refused with a reason before
//! anything is accepted, nothing that was accepted is lost, nobody panics, and `doctor` says what is
//! wrong and what to do.

#[path = "support/disk/mod.rs"]
mod disk;
mod support;

use disk::{Armed, Disk, Fault, Step};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rogatory::gateway::SystemClock;
use rogatory::store::Clock as _;
use rogatory::store::room::RESERVE;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::load::number;
use support::tally::Tally;
use support::{
    Authority, delivered, end, exchange, files_below, paired, path, request_file, rogatory, settled,
    succeeds, until,
};

/// What a disk does that stops a gateway's writer.
const FAULTS: [&str; 4] = ["read-only", "sync", "write", "full"];

/// XA on a disk of its own, XB on an ordinary one; none: there are no such disks here.
async fn on_a_disk(dir: &Path) -> Option<(Authority, Authority, Disk)> {
    let disk = Disk::mount(dir, "disk")?;
    let mut xa = Authority::found(disk.path(), "XA", "127.0.0.1:0");
    let mut xb = Authority::found(dir, "XB", "127.0.0.1:0");
    paired(&mut xa, &mut xb).await;
    disk.sync_configurations();
    xa.is_confirmed().await;
    xb.is_confirmed().await;
    Some((xa, xb, disk))
}

fn command(of: &Authority, args: &[&str]) -> Output {
    rogatory().args(args).arg("--config").arg(of.config()).output().unwrap()
}

/// Tries to send; gives the exit code and what was said.
fn try_send(of: &Authority, to: &str, scratch: &Path) -> (i32, String) {
    let file = scratch.join("request.toml");
    std::fs::write(&file, request_file(to, "")).unwrap();
    let output = command(of, &["send", path(&file)]);
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A line of `doctor`: its state, what was found, and the remedy.
fn doctor(of: &Authority, name: &str) -> (String, String, String) {
    let output = command(of, &["doctor", "--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let line = told["checks"].as_array().unwrap().iter().find(|check| check["name"] == name);
    let line = line.unwrap_or_else(|| panic!("no line {name}: {told:#}"));
    let text = |field: &str| line[field].as_str().unwrap().to_owned();
    (text("state"), text("finding"), text("remedy"))
}

/// Entries of its ledger.
fn entries(of: &Authority) -> usize {
    succeeds(&["ledger", "ask", "entries", "--csv", "--data", path(&of.data)]).lines().count() - 1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_takes_nothing_new_and_goes_on_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let Some((xa, xb, disk)) = on_a_disk(dir.path()).await else { return };
    exchange(&xa, &xb).await;
    xa.quiet().await;
    xb.quiet().await;
    disk.set_capacity(disk.used() + RESERVE - 1);
    let (state, finding, remedy) = doctor(&xa, "disk data");
    assert_eq!(state, "fail");
    assert!(finding.contains("63 MiB free") && remedy.contains("make room"), "{finding} {remedy}");
    let before = entries(&xa);
    // Our own.
    let (code, said) = try_send(&xa, "XB", dir.path());
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("nothing new is accepted") && said.contains("try: make room"), "{said}");
    // A peer's: it is told, and tries again.
    let (waiting, _) = xb.send("XA", "");
    until("the packet is put off", || async { xa.log().contains("deferred cause=\"storage_full\"") }).await;
    assert_eq!(entries(&xa), before, "nothing was accepted");
    // With a little more room than the reserve what is small fits, and what is large does not.
    disk.set_capacity(disk.used() + RESERVE + (1 << 20));
    delivered(&xa, &xb).await;
    let large = xa.data.join("large.bin");
    disk.set_capacity(disk.used() + RESERVE + (12 << 20));
    std::fs::write(&large, vec![1; 8 << 20]).unwrap();
    let file = dir.path().join("large.toml");
    std::fs::write(&file, request_file("XB", &format!("[[attachments]]\npath = \"{}\"\n", path(&large))))
        .unwrap();
    let output = command(&xa, &["send", path(&file)]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("nothing new is accepted"), "{said}");
    assert_eq!(files_below(&xa.data.join("objects/incoming")), Vec::<PathBuf>::new(), "half a file is left");
    // The disk has room again: nobody restarts anything.
    disk.set_capacity(1 << 40);
    settled(&xb, &waiting).await;
    assert!(command(&xa, &["send", path(&file)]).status.success());
    exchange(&xa, &xb).await;
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_became_read_only_or_fails_stops_the_writer_with_a_reason_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let Some((mut xa, xb, disk)) = on_a_disk(dir.path()).await else { return };
    let before = exchange(&xa, &xb).await;
    for fault in FAULTS {
        let armed = |step, fault| Armed { step, class: "journal".into(), nth: 0, fault };
        match fault {
            "read-only" => disk.set_read_only(true),
            "sync" => disk.arm(armed(Step::Sync, Fault::HappensAndFails)),
            "write" => disk.arm(armed(Step::Write, Fault::Fails)),
            // As if others had filled it between the look at it and the write.
            _ => disk.fill_behind_our_back(),
        }
        let (code, said) = try_send(&xa, "XB", dir.path());
        assert_eq!(code, 1, "{fault}: {said}");
        assert!(said.contains("try: rogatory doctor"), "{fault}: {said}");
        let reasons = match fault {
            "read-only" => ["Read-only file system", "ReadOnlyFilesystem"],
            "full" => ["No space left on device", "StorageFull"],
            _ => ["Input/output error", "Uncategorized"],
        };
        assert!(reasons.iter().any(|reason| said.contains(reason)), "{fault}: {said}");
        // The index, which writes out once a second, may have failed first: then nothing can be read either.
        assert!(said.contains("the writer has stopped") || said.contains("index: "), "{fault}: {said}");
        let output = command(&xa, &["doctor"]);
        let told = String::from_utf8_lossy(&output.stdout);
        let told = format!("{told}{}", String::from_utf8_lossy(&output.stderr));
        assert!(!output.status.success(), "{fault}: {told}");
        assert!(reasons.iter().any(|reason| told.contains(reason)), "{fault}: {told}");
        // What a peer sends meanwhile waits there.
        let (waiting, _) = xb.send("XA", "");
        disk.set_read_only(false);
        disk.disarm();
        disk.set_capacity(1 << 40);
        assert!(!xa.stop().await.success(), "{fault}: it says that it had failed");
        xa.serve().await;
        settled(&xb, &waiting).await;
        delivered(&xa, &xb).await;
    }
    for packet in before {
        assert!(xa.show(packet.parse::<rogatory::format::id::PacketId>().unwrap().bytes()).await.is_ok());
    }
    assert!(!xa.log().contains("panicked"), "{}", xa.log());
    end([xa, xb]).await;
}

/// One damage to one file, and what comes of a start: it goes on soundly, or it says what is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_cut_or_flipped_anywhere_is_told_and_nobody_panics() {
    let cases = number("ROGATORY_DAMAGES").unwrap_or(30);
    let seed = number("ROGATORY_SEED").unwrap_or_else(|| SystemClock.now());
    eprintln!("ROGATORY_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = support::pair(dir.path()).await;
    let large = xa.data.join("large.bin");
    std::fs::write(&large, vec![1; 400_000]).unwrap();
    let (packet, _) = xa.send("XB", "[[attachments]]\npath = \"large.bin\"\n");
    settled(&xa, &packet).await;
    exchange(&xa, &xb).await;
    xb.quiet().await;
    xa.quiet().await;
    xb.stop().await;
    // Half of the gateways were killed: their index is caught up, not just opened.
    xa.kill();
    let files: Vec<PathBuf> = files_below(&xa.data)
        .into_iter()
        .filter(|file| !file.ends_with("gateway.log") && file.is_file())
        .collect();
    let (mut started, mut refused) = (0, 0);
    for case in 0..cases {
        let copy = dir.path().join(format!("copy-{case}"));
        let copied =
            std::process::Command::new("cp").args(["-a", path(&xa.data), path(&copy)]).status().unwrap();
        assert!(copied.success());
        let file = &files[random.random_range(0..files.len())];
        let name = file.strip_prefix(&xa.data).unwrap();
        let mut bytes = std::fs::read(file).unwrap();
        let at = random.random_range(0..bytes.len().max(1));
        let what = match random.random_range(0..4) {
            0 => {
                bytes.truncate(at);
                format!("cut at {at}")
            }
            1 => {
                bytes.clear();
                "emptied".to_owned()
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.random_range(0..8);
                }
                format!("flipped at {at}")
            }
        };
        std::fs::write(copy.join(name), bytes).unwrap();
        let told = format!("{} {what}", name.display());
        let mut hurt = Authority::at("XA", &copy);
        match hurt.try_serve(|| false).await {
            Ok(()) => {
                started += 1;
                hurt.stop().await;
            }
            Err(_) => {
                refused += 1;
                let log = hurt.log();
                assert!(log.contains("error: ") && log.contains("try: "), "{told}: {log}");
                let output = command(&hurt, &["doctor"]);
                assert!(matches!(output.status.code(), Some(1..=3)), "{told}: {:?}", output.status);
            }
        }
        let output = command(&hurt, &["ledger", "verify", path(&copy)]);
        assert!(matches!(output.status.code(), Some(0..=2)), "{told}: {:?}", output.status);
        assert!(!hurt.log().contains("panicked"), "{told}: {}", hurt.log());
        std::fs::remove_dir_all(&copy).unwrap();
    }
    Tally { faults: cases, tried: cases, ..Tally::default() }.say("damaged files");
    println!("{cases} damages: {started} gateways started all the same, {refused} said why not");
    assert!(started > 0 && refused > 0);
}
