//! What is not as it was written is found, and named with its remedy.

use super::{Authority, Elsewhere, pair, refused, rogatory, run, send_large};
use rogatory::archive::folder::Folder;
use rogatory::archive::survey::survey;
use rogatory::archive::{ArchiveError, Progress};
use rogatory::store::lock::Lock;
use std::path::Path;

fn read_all(elsewhere: &Elsewhere) -> Result<u64, ArchiveError> {
    let key = elsewhere.key();
    let folder = Folder::open_filled(&elsewhere.dir.join("main"), &key)?;
    let progress: Progress<'_> = &mut |_, _| {};
    Ok(survey(&folder, &key, None, progress)?.size)
}

fn verified(elsewhere: &Elsewhere) -> std::process::Output {
    run(&["backup", "verify", &elsewhere.path("main"), "--key", &elsewhere.path("key")])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_anywhere_and_a_missing_increment_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, _xb) = pair(dir.path()).await;
    let elsewhere = Elsewhere::new(dir.path(), "elsewhere");
    for number in 1..=3 {
        send_large(&xa, "XB", number);
        elsewhere.back_up(&xa);
    }
    elsewhere.back_up_keys(&xa);
    let size = read_all(&elsewhere).unwrap();
    assert!(verified(&elsewhere).status.success());

    let main = elsewhere.dir.join("main");
    let mut files: Vec<_> = std::fs::read_dir(&main).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some());
    assert_eq!(files.len(), 6);
    for file in &files {
        let bytes = std::fs::read(file).unwrap();
        for at in (0..bytes.len()).step_by(1 + bytes.len() / 60).chain([bytes.len() - 1]) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            std::fs::write(file, &changed).unwrap();
            let found = read_all(&elsewhere);
            assert!(matches!(found, Err(ArchiveError::Damaged { .. })), "{}, byte {at}", file.display());
        }
        refused(&verified(&elsewhere), 1, &["is damaged", &file.display().to_string()]);
        let to = dir.path().join("never");
        refused(&elsewhere.restore(&to, None), 1, &["is damaged"]);
        assert!(!to.exists(), "all is verified before anything is written");
        std::fs::write(file, &bytes).unwrap();
    }
    // Each file is needed, and one in another's place is noticed.
    for (number, file) in [(1, "000001.pack"), (2, "000002.manifest"), (2, "000002.pack")] {
        let (path, away) = (main.join(file), dir.path().join("away"));
        std::fs::rename(&path, &away).unwrap();
        refused(&verified(&elsewhere), 1, &[&format!("increment {number} is missing")]);
        std::fs::rename(&away, &path).unwrap();
    }
    let swapped = [main.join("000001.pack"), main.join("000003.pack")];
    let bytes = swapped.each_ref().map(|path| std::fs::read(path).unwrap());
    std::fs::write(&swapped[0], &bytes[1]).unwrap();
    std::fs::write(&swapped[1], &bytes[0]).unwrap();
    assert!(matches!(read_all(&elsewhere), Err(ArchiveError::Damaged { .. })));
    swapped.iter().zip(&bytes).for_each(|(path, bytes)| std::fs::write(path, bytes).unwrap());
    assert_eq!(read_all(&elsewhere).unwrap(), size);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_that_died_left_does_not_count() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let elsewhere = Elsewhere::new(dir.path(), "elsewhere");
    elsewhere.back_up(&xa);
    let size = read_all(&elsewhere).unwrap();
    let main = elsewhere.dir.join("main");
    // Died while it wrote the pack, after it had named it, and while it wrote the manifest.
    for left in ["unfinished.pack", "000002.pack", "unfinished.manifest"] {
        std::fs::write(main.join(left), b"half of it").unwrap();
        assert_eq!(read_all(&elsewhere).unwrap(), size, "{left}");
    }
    xa.serve().await;
    std::fs::write(xa.data.join("actors"), "0000000000000000 uid 7\n").unwrap();
    assert_eq!(elsewhere.back_up(&xa)["increment"]["number"], 2);
    assert!(verified(&elsewhere).status.success());
    let left = std::fs::read_dir(&main).unwrap().count();
    assert_eq!(left, 5, "two packs, two manifests, the lock");
}

/// SIGKILL in the middle of runs: the folder is always one that verifies, and goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_leaves_a_backup_that_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, _xb) = pair(dir.path()).await;
    let elsewhere = Elsewhere::new(dir.path(), "elsewhere");
    elsewhere.back_up(&xa);
    for number in 1..=12_u64 {
        send_large(&xa, "XB", number as usize);
        let mut command = rogatory();
        command.args(["backup", "--out", &elsewhere.path("main"), "--key", &elsewhere.path("key")]);
        command.args(["--config"]).arg(xa.config());
        let mut child = command.stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(4 * number));
        child.kill().unwrap();
        child.wait().unwrap();
        read_all(&elsewhere).unwrap();
    }
    elsewhere.back_up(&xa);
    let (found, objects) = (read_all(&elsewhere).unwrap(), elsewhere.folder().objects().len());
    assert_eq!(objects, 12);
    assert!(found > 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_keys_folders_and_authorities_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let xb = Authority::found(dir.path(), "XB", "127.0.0.1:0");
    let (ours, theirs) = (Elsewhere::new(dir.path(), "ours"), Elsewhere::new(dir.path(), "theirs"));
    for (elsewhere, authority) in [(&ours, &xa), (&theirs, &xb)] {
        elsewhere.back_up(authority);
        elsewhere.back_up_keys(authority);
    }
    let to = dir.path().join("to");
    let restore = |from: &str, keys: &str, key: &str, to: &Path| {
        let to = to.to_str().unwrap();
        run(&["restore", "--from", from, "--keys", keys, "--key", key, "--dir", to])
    };
    let (main, keys, key) = (ours.path("main"), ours.path("keys"), ours.path("key"));
    refused(&restore(&main, &keys, &theirs.path("key"), &to), 2, &["another back-up key", "--key"]);
    refused(&restore(&main, &theirs.path("keys"), &key, &to), 2, &["another back-up key"]);
    refused(&restore(&theirs.path("elsewhere"), &keys, &key, &to), 2, &["cannot read"]);
    let config = xa.config();
    let config = config.to_str().unwrap();
    refused(&restore(&main, &keys, config, &to), 2, &["key file"]);

    // XB's keys under XA's back-up key are still XB's.
    let made = xb.json(&["backup", "keys", "--out", &ours.path("xb.keys"), "--key", &key]);
    assert_eq!(made["authority"], "XB");
    refused(&restore(&main, &ours.path("xb.keys"), &key, &to), 2, &["key back-up is of XB", "XA"]);
    let other =
        rogatory().args(["backup", "--out", &main, "--key", &key, "--config"]).arg(xb.config()).output();
    refused(&other.unwrap(), 2, &["back-up in this folder is of XA"]);
    assert!(!to.exists());

    // Never into a folder that holds something, least of all one that a gateway works in.
    refused(&restore(&main, &keys, &key, &xa.data), 2, &["is not empty", "--dir"]);
    xa.serve().await;
    refused(&restore(&main, &keys, &key, &xa.data), 1, &["in use by another process"]);
    let inside = xa.data.join("backup");
    let inside = inside.to_str().unwrap();
    refused(&run(&["backup", "--out", inside, "--key", &key, "--config", config]), 2, &["data directory"]);
    refused(
        &run(&["backup", "keys", "--out", inside, "--key", &key, "--config", config]),
        2,
        &["data directory"],
    );
    refused(&run(&["backup", "key", "--out", &key]), 1, &["there already", "nothing was changed"]);
    // A key back-up never replaces something else.
    std::fs::write(ours.path("letter"), "an important letter").unwrap();
    let letter = ours.path("letter");
    refused(&run(&["backup", "keys", "--out", &letter, "--key", &key, "--config", config]), 1, &["letter"]);
    assert_eq!(std::fs::read_to_string(&letter).unwrap(), "an important letter");
    let taken = Lock::take(Path::new(&main)).unwrap();
    refused(
        &run(&["backup", "--out", &main, "--key", &key, "--config", config]),
        1,
        &["another back-up is being"],
    );
    drop(taken);
    // What can't be written whole says so.
    let file = dir.path().join("a file");
    std::fs::write(&file, "").unwrap();
    refused(&restore(&main, &keys, &key, &file.join("below")), 2, &["below"]);
    let empty = dir.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    refused(&run(&["backup", "verify", empty.to_str().unwrap(), "--key", &key]), 2, &["holds no back-up"]);
}
