//! Private keys under a passphrase: founded so, given one later, changed, removed; where it comes
//! from; what a wrong one does, and a crash.

mod support;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::passphrase::Passphrase;
use rogatory::gateway::SystemClock;
use rogatory::store::key_files::KeyFiles;
use rogatory::store::passphrase::{Changed, Standing, change, is_set, read_root, standing};
use rogatory::store::{Clock as _, StoreError};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;
use support::{Authority, end, exchange, files_below, open, pair, paired, path, rogatory, run, succeeds};

/// A private file with a passphrase.
fn passphrase(dir: &Path, name: &str, text: &str) -> PathBuf {
    let file = dir.join(name);
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    file
}

/// It failed with exit code 2, by one error that names all of these, and says what to do.
fn refused(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!((said.matches("error: ").count(), said.matches("  try: ").count()), (1, 1), "{said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
}

/// Everything in the folder of keys, by path.
fn keys(of: &Authority) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = files_below(&of.data.join("keys"));
    files.into_iter().map(|file| (file.clone(), std::fs::read(file).unwrap())).collect()
}

fn lying(of: &Authority) -> Standing {
    standing(&of.data.join("keys")).unwrap()
}

/// `rogatory serve` that does not start.
fn serves_not(of: &Authority, environment: &[(&str, &str)]) -> Output {
    rogatory()
        .args(["serve", "--config"])
        .arg(of.config())
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

/// How the offline doctor finds the key files.
fn key_files(of: &Authority, environment: &[(&str, &str)]) -> String {
    let mut command = rogatory();
    command.args(["doctor", "--offline", "--json", "--config"]).arg(of.config());
    let told = command.envs(environment.iter().copied()).output().unwrap();
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let line = told["checks"].as_array().unwrap().iter().find(|line| line["name"] == "key files");
    line.unwrap()["finding"].as_str().unwrap().to_owned()
}

/// Leaves the name of the passphrase's file out of the configuration.
fn names_none(of: &Authority) {
    let text = std::fs::read_to_string(of.config()).unwrap();
    let lines = text.lines().filter(|line| !line.contains("passphrase_file") && *line != "[keys]");
    std::fs::write(of.config(), lines.collect::<Vec<_>>().join("\n")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_founded_under_a_passphrase_and_serve() {
    let dir = tempfile::tempdir().unwrap();
    let file = passphrase(dir.path(), "passphrase", "correct horse\n");
    let mut xa = Authority::found_with(dir.path(), "XA", "127.0.0.1:0", &["--passphrase-file", path(&file)]);
    let mut xb = Authority::found(dir.path(), "XB", "127.0.0.1:0");
    assert_eq!(lying(&xa), Standing { encrypted: 9, plain: 0, left: 0 }, "two roots, seven keys");
    assert_eq!(lying(&xb), Standing { encrypted: 0, plain: 9, left: 0 });
    paired(&mut xa, &mut xb).await;
    let sent = exchange(&xa, &xb).await;
    open(&xa, &sent[1]);
    // What is made while it serves is encrypted as well.
    xa.json(&["keys", "rotate", "packet", "content", "--force"]);
    exchange(&xa, &xb).await;
    let standing = lying(&xa);
    assert!(standing.plain == 0 && standing.encrypted >= 9 + 2 + 2, "{standing:?}");

    // A back-up restores what the same passphrase opens.
    let (key, all, kept) = (dir.path().join("key"), dir.path().join("main"), dir.path().join("kept"));
    succeeds(&["backup", "key", "--out", path(&key)]);
    xa.json(&["backup", "--out", path(&all), "--key", path(&key)]);
    xa.json(&["backup", "keys", "--out", path(&kept), "--key", path(&key)]);
    assert!(xa.stop().await.success());
    let elsewhere = dir.path().join("elsewhere");
    let restore = ["restore", "--from", path(&all), "--keys", path(&kept), "--key", path(&key), "--dir"];
    let said = succeeds(&[&restore[..], &[path(&elsewhere)]].concat());
    assert!(said.contains("under the passphrase"), "{said}");
    let mut moved = Authority::at("XA", &elsewhere);
    moved.serve().await;
    moved.quiet().await;
    open(&moved, &sent[1]);
    let _ = exchange(&moved, &xb).await;
    drop(xa);
    end([moved, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passphrase_comes_from_the_first_place_that_gives_one() {
    let dir = tempfile::tempdir().unwrap();
    let [right, wrong] = ["right", "wrong"].map(|text| passphrase(dir.path(), text, text));
    let (right, wrong) = (path(&right), path(&wrong));
    let xa = Authority::found_with(dir.path(), "XA", "none", &["--passphrase-file", right]);
    let credentials = dir.path().join("credentials");
    std::fs::create_dir(&credentials).unwrap();
    // As systemd hands it to a user by an access control list.
    let credential = passphrase(&credentials, "rogatory-passphrase", "right");
    std::fs::set_permissions(&credential, std::fs::Permissions::from_mode(0o440)).unwrap();
    let by_systemd = ("CREDENTIALS_DIRECTORY", path(&credentials));
    let (by_file, by_text) = ("ROGATORY_PASSPHRASE_FILE", "ROGATORY_PASSPHRASE");

    let sound = "7 keys, each in its file";
    assert_eq!(key_files(&xa, &[]), sound, "the configuration names it");
    let before = keys(&xa);
    for environment in
        [&[(by_file, wrong), (by_text, "right"), by_systemd][..], &[(by_text, "wrong"), by_systemd]]
    {
        refused(&serves_not(&xa, environment), &["this is not the passphrase of", "nothing was changed"]);
    }
    names_none(&xa);
    for environment in
        [&[(by_file, right), (by_text, "wrong")][..], &[(by_text, "right\n")], &[by_systemd][..]]
    {
        assert_eq!(key_files(&xa, environment), sound, "{environment:?}");
    }
    refused(&serves_not(&xa, &[]), &["is under a passphrase, and none was given", "passphrase_file"]);
    assert_eq!(key_files(&xa, &[]), "7 keys were not looked into: nobody gave the passphrase");

    // What is no passphrase, or is everybody's.
    let empty = passphrase(dir.path(), "empty", "\n");
    refused(&serves_not(&xa, &[(by_file, path(&empty))]), &["empty", "holds no passphrase"]);
    let open = passphrase(dir.path(), "open", "right");
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o640)).unwrap();
    refused(&serves_not(&xa, &[(by_file, path(&open))]), &["open", "chmod 600"]);
    let away = dir.path().join("away");
    refused(&serves_not(&xa, &[(by_file, path(&away))]), &["away", "is not there"]);
    // Without the lock no passphrase helps, and another lock would be in the way of the right one.
    let lock = xa.data.join("keys/passphrase");
    std::fs::rename(&lock, dir.path().join("lock")).unwrap();
    let gone = ["keys/passphrase: is gone", "from a key back-up"];
    refused(&serves_not(&xa, &[(by_file, right)]), &gone);
    refused(&run(&["keys", "passphrase", "--new-file", right, "--config", path(&xa.config())]), &gone);
    std::fs::rename(dir.path().join("lock"), &lock).unwrap();
    assert_eq!(keys(&xa), before, "nothing was touched");
    let mut bytes = before[&lock].clone();
    bytes[20] ^= 1;
    std::fs::write(&lock, bytes).unwrap();
    refused(&serves_not(&xa, &[(by_file, right)]), &["keys/passphrase: can't be decrypted: it is damaged"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passphrase_is_given_changed_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, xb) = pair(dir.path()).await;
    let sent = exchange(&xa, &xb).await;
    let reads = |xa: &Authority| {
        open(xa, &sent[1]);
        std::fs::remove_dir_all(xa.data.join(format!("opened-{}", sent[1]))).unwrap();
    };
    let [one, two] = ["one", "two"].map(|text| passphrase(dir.path(), text, text));
    let command = |xa: &Authority, arguments: &[&str]| {
        let command = ["keys", "passphrase", "--config", path(&xa.config())].map(str::to_owned);
        rogatory().args(command).args(arguments).output().unwrap()
    };
    let done = |xa: &Authority, arguments: &[&str], words: &str| {
        let output = command(xa, arguments);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains(words), "{said}{:?}", output.stderr);
    };
    let names = |xa: &Authority, file: &Path| {
        names_none(xa);
        let text = std::fs::read_to_string(xa.config()).unwrap();
        std::fs::write(xa.config(), format!("{text}\n[keys]\npassphrase_file = {file:?}\n")).unwrap();
    };
    let served = command(&xa, &["--new-file", path(&one)]);
    assert_eq!(served.status.code(), Some(1), "a gateway works there");
    assert!(xa.stop().await.success());
    let plain = keys(&xa);

    done(&xa, &["--remove"], "nothing to do");
    done(&xa, &["--new-file", path(&one)], " keys are encrypted now");
    assert_eq!((lying(&xa).plain, lying(&xa).left), (0, 0));
    done(&xa, &["--new-file", path(&one)], "nothing to do");
    names(&xa, &one);
    xa.serve().await;
    reads(&xa);
    exchange(&xa, &xb).await;
    // An erasure destroys an epoch key that is encrypted, too.
    let buckets = |xa: &Authority| {
        let names = files_below(&xa.data.join("keys/epochs")).into_iter();
        names.filter(|file| path(file).contains("/standard-")).collect::<Vec<_>>()
    };
    let before = buckets(&xa);
    xa.json(&["ledger", "erase", &sent[0], "--reason", "sent_in_error"]);
    let after = buckets(&xa);
    assert!(before.len() == 1 && after.len() == 1 && before != after, "{before:?} {after:?}");
    assert_eq!((lying(&xa).plain, lying(&xa).left), (0, 0));
    assert!(xa.stop().await.success());

    let (before, wrong) = (keys(&xa), passphrase(dir.path(), "wrong", "wrong"));
    refused(&command(&xa, &["--old-file", path(&wrong), "--new-file", path(&two)]), &["not the passphrase"]);
    refused(&command(&xa, &["--old-file", path(&wrong), "--remove"]), &["not the passphrase"]);
    assert_eq!(keys(&xa), before, "nothing was touched");
    done(&xa, &["--new-file", path(&two)], "under the new passphrase");
    let changed = keys(&xa);
    let differ: Vec<_> = before.keys().filter(|file| before[*file] != changed[*file]).collect();
    let named: Vec<_> = differ.iter().map(|file| file.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(named, ["next-root.key", "passphrase", "root.key"], "the lock, and what can be carried away");
    refused(&serves_not(&xa, &[]), &["not the passphrase"]);
    names(&xa, &two);
    xa.serve().await;
    reads(&xa);
    assert!(xa.stop().await.success());

    done(&xa, &["--remove"], " keys are not encrypted any more");
    assert!(!is_set(&xa.data.join("keys")));
    let now = keys(&xa);
    for (file, bytes) in plain.iter().filter(|(file, _)| now.contains_key(*file)) {
        assert!(now[file] == *bytes, "{}", file.display());
    }
    xa.serve().await;
    reads(&xa);
    end([xa, xb]).await;
}

/// A crash at any place in between: some files as they were, the others as they become, and what lies
/// beside the next.
#[test]
fn a_crash_between_two_passphrases_loses_no_key() {
    let dir = tempfile::tempdir().unwrap();
    let xa = Authority::found(dir.path(), "XA", "none");
    let folder = xa.data.join("keys");
    // An epoch key, and one that was destroyed: its file waits for the erasure's end.
    std::fs::create_dir_all(folder.join("epochs")).unwrap();
    for (name, bytes) in
        [("standard-2026-11-0011223344556677", [9; 32]), ("standard-2026-10-0011223344556677", [0; 32])]
    {
        passphrase(&folder.join("epochs"), &format!("{name}.key"), "");
        std::fs::write(folder.join("epochs").join(format!("{name}.key")), bytes).unwrap();
    }
    let given = |text: &str| Passphrase::read(text.as_bytes()).unwrap();
    let entropy = SystemEntropy::default();
    let turned = |old: Option<&str>, new: Option<&str>| {
        let old = || Ok::<_, StoreError>(old.map(given));
        change(&xa.data, old, new.map(given).as_ref(), &entropy).unwrap()
    };
    let seeds = |with: &str, roots: bool| {
        let files = KeyFiles::open(&folder, || Ok::<_, StoreError>(Some(given(with)))).unwrap();
        let names = keys(&xa).into_keys().filter(|file| file.extension().is_some_and(|end| end == "key"));
        let names =
            names.filter(|file| roots || !file.ends_with("root.key") && !file.ends_with("next-root.key"));
        let names = names.map(|file| file.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned());
        names
            .map(|name| {
                let root = || Ok::<_, StoreError>(Some(given(with)));
                let bytes = match name.ends_with("root.key") {
                    true => read_root(&folder.join(&name), root).map(|(seed, _)| seed),
                    false => files.read(&name),
                };
                (name, bytes.map(|bytes| bytes.to_vec()))
            })
            .collect::<BTreeMap<_, _>>()
    };
    let plain = keys(&xa);
    let count = |changed| match changed {
        Changed::Encrypted(count) | Changed::Decrypted(count) => count,
        Changed::Passphrase | Changed::Nothing => 0,
    };
    assert_eq!(count(turned(None, Some("one"))), 10);
    let one = keys(&xa);
    let truth = seeds("one", true);
    assert!(truth.values().all(Result::is_ok));
    assert_eq!(turned(Some("one"), Some("two")), Changed::Passphrase);
    let two = keys(&xa);

    let lock = folder.join("passphrase");
    let put = |files: &BTreeMap<PathBuf, Vec<u8>>| {
        let _ = std::fs::remove_file(&lock);
        files.iter().for_each(|(file, bytes)| drop(passphrase_bytes(file, bytes)));
    };
    let private: Vec<_> =
        plain.keys().filter(|file| file.extension().is_some_and(|end| end == "key")).collect();

    // On the way to the first passphrase: the lock is there, and a part of the files is encrypted.
    for encrypted in [0, 5, 7] {
        put(&plain);
        passphrase_bytes(&lock, &one[&lock]);
        private[..encrypted].iter().for_each(|file| drop(passphrase_bytes(file, &one[*file])));
        let next = private[encrypted];
        // The next one was written, linked, or renamed, and what it was lies beside it.
        let (new, old) = (next.with_extension("new"), next.with_extension("old"));
        match encrypted % 3 {
            0 => drop(passphrase_bytes(&new, &one[next][..one[next].len() / 2])),
            1 => {
                passphrase_bytes(&new, &one[next]);
                std::fs::hard_link(next, &old).unwrap();
            }
            _ => {
                passphrase_bytes(next, &one[next]);
                passphrase_bytes(&old, &plain[next]);
            }
        }
        assert!(
            seeds("one", false).iter().all(|(name, bytes)| bytes.as_ref().ok() == truth[name].as_ref().ok())
        );
        let was = if encrypted % 3 == 2 { &old } else { next };
        let mut was = std::fs::File::open(was).unwrap();
        turned(None, Some("one"));
        let mut left = Vec::new();
        was.read_to_end(&mut left).unwrap();
        assert!(
            left.len() >= 32 && left.iter().all(|byte| *byte == 0),
            "what was not encrypted is overwritten"
        );
        assert_eq!((lying(&xa).plain, lying(&xa).left), (0, 0), "after {encrypted}");
        assert!(
            seeds("one", false).iter().all(|(name, bytes)| bytes.as_ref().ok() == truth[name].as_ref().ok())
        );
    }

    // From one to another: roots are under the new one already, the lock is not.
    put(&one);
    let root = folder.join("next-root.key");
    passphrase_bytes(&root, &two[&root]);
    assert!(
        seeds("one", true)
            .iter()
            .filter(|(_, bytes)| bytes.is_err())
            .map(|(name, _)| name.as_str())
            .eq(["next-root.key"])
    );
    assert_eq!(turned(Some("one"), Some("two")), Changed::Passphrase);
    assert!(seeds("two", true).iter().all(|(name, bytes)| bytes.as_ref().ok() == truth[name].as_ref().ok()));

    // On the way back: a part is not encrypted any more.
    let decrypted = private.len() / 2;
    put(&two);
    private[..decrypted].iter().for_each(|file| drop(passphrase_bytes(file, &plain[*file])));
    assert!(seeds("two", true).iter().all(|(name, bytes)| bytes.as_ref().ok() == truth[name].as_ref().ok()));
    turned(Some("two"), None);
    assert!(keys(&xa) == plain);
}

/// A private file with these bytes.
fn passphrase_bytes(file: &Path, bytes: &[u8]) -> PathBuf {
    let _ = std::fs::remove_file(file);
    passphrase(file.parent().unwrap(), file.file_name().unwrap().to_str().unwrap(), "");
    std::fs::write(file, bytes).unwrap();
    file.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_that_is_carried_elsewhere_opens_there_with_its_passphrase_alone() {
    let dir = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|text| passphrase(dir.path(), text, text));
    let mut xa = Authority::found_with(dir.path(), "XA", "none", &["--passphrase-file", path(&one)]);
    let safe = dir.path().join("safe");
    std::fs::create_dir(&safe).unwrap();
    for name in ["root.key", "next-root.key"] {
        std::fs::rename(xa.data.join("keys").join(name), safe.join(name)).unwrap();
    }
    // The gateway's keys come under another passphrase; what is elsewhere stays as it is.
    succeeds(&["keys", "passphrase", "--new-file", path(&two), "--config", path(&xa.config())]);
    std::fs::copy(&two, &one).unwrap();
    let one = passphrase(dir.path(), "of-the-root", "one");
    xa.serve().await;
    let (asked, signed) = (safe.join("asked"), safe.join("signed"));
    xa.json(&["keys", "request", "root", "--out", path(&asked)]);
    let of = |name: &str| path(&safe.join(name)).to_owned();
    let (root, next, third) = (of("root.key"), of("next-root.key"), of("third.key"));
    let sign =
        ["keys", "sign", path(&asked), "--root", &root, "--next-root", &next, "--new-next-root", &third];
    let sign = [&sign[..], &["--yes", "--out", path(&signed)]].concat();
    refused(&run(&sign), &["root.key is under a passphrase, and none was given"]);
    refused(&run(&[&sign[..], &["--passphrase-file", path(&two)]].concat()), &["not the passphrase of"]);
    succeeds(&[&sign[..], &["--passphrase-file", path(&one)]].concat());
    xa.json(&["keys", "install", path(&signed)]);

    // The next root's key has become the root's, and the one after it is under the same passphrase.
    std::fs::rename(&next, &root).unwrap();
    xa.json(&["keys", "request", "delegate", "--out", path(&asked)]);
    let sign = ["keys", "sign", path(&asked), "--root", &root, "--yes", "--out", path(&signed)];
    refused(&run(&sign), &["none was given"]);
    succeeds(&[&sign[..], &["--passphrase-file", path(&one)]].concat());
    xa.json(&["keys", "install", path(&signed)]);
    let unlocked = |file: &str| {
        let given = || Ok::<_, StoreError>(Passphrase::read(b"one"));
        read_root(Path::new(file), given).unwrap()
    };
    assert!(unlocked(&third).1.is_some() && unlocked(&root).1.is_some());

    // On the gateway's own machine, for a key that has to end at once.
    let listed = xa.json(&["keys", "list"])["keys"].as_array().unwrap().clone();
    let delegate = listed.iter().rev().find(|key| key["purpose"] == "delegate").unwrap()["id"].clone();
    let revoke = [
        "keys",
        "revoke",
        delegate.as_str().unwrap(),
        "--reason",
        "lost",
        "--root",
        &root,
        "--passphrase-file",
    ];
    xa.json(&[&revoke[..], &[path(&one)]].concat());
    assert_eq!(lying(&xa).plain, 0, "the delegate that came in its place is encrypted");
    assert!(xa.stop().await.success());
}

/// Killed at random times: `ROGATORY_KILLS` says how often (4 where it says nothing), `ROGATORY_SEED` when.
#[test]
fn a_change_that_is_killed_is_brought_to_its_end() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let kills = number("ROGATORY_KILLS").unwrap_or(4);
    let seed = number("ROGATORY_SEED").unwrap_or_else(|| SystemClock.now());
    eprintln!("ROGATORY_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir().unwrap();
    let xa = Authority::found(dir.path(), "XA", "none");
    let [one, two] = ["one", "two"].map(|text| passphrase(dir.path(), text, text));
    let places = [None, Some(path(&one)), Some(path(&two))];
    let given = |place: Option<&str>| place.map(|file| ("ROGATORY_PASSPHRASE_FILE", file.to_owned()));
    let sound =
        |place| key_files(&xa, given(place).as_ref().map(|(name, file)| (*name, file.as_str())).as_slice());
    let mut old = None;
    for kill in 0..kills {
        let new = places[random.random_range(0..3)];
        let mut command = rogatory();
        command.args(["keys", "passphrase", "--config"]).arg(xa.config()).envs(given(old));
        match new {
            Some(file) => command.args(["--new-file", file]),
            None => command.arg("--remove"),
        };
        let mut child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(random.random_range(0..1500)));
        child.kill().unwrap();
        child.wait().unwrap();
        let opens = [old, new].into_iter().find(|place| sound(*place) == "7 keys, each in its file");
        assert!(opens.is_some(), "kill {kill}: neither {old:?} nor {new:?} opens all");
        assert!(command.status().unwrap().success(), "kill {kill}");
        assert_eq!((sound(new).as_str(), lying(&xa).left), ("7 keys, each in its file", 0), "kill {kill}");
        let standing = lying(&xa);
        assert_eq!(
            (standing.encrypted, standing.plain),
            if new.is_some() { (9, 0) } else { (0, 9) },
            "kill {kill}"
        );
        old = new;
    }
}

#[test]
fn a_back_up_key_has_a_passphrase_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let xa = Authority::found(dir.path(), "XA", "none");
    let [right, wrong] = ["right", "wrong"].map(|text| passphrase(dir.path(), text, text));
    let [key, main, kept, to] = ["key", "main", "kept", "to"].map(|name| dir.path().join(name));
    let (key, main, kept, config) = (path(&key), path(&main), path(&kept), xa.config());
    succeeds(&["backup", "key", "--out", key, "--passphrase-file", path(&right)]);
    let with = |given: Option<&Path>, args: &[&str]| {
        let mut command = rogatory();
        command.env_remove("ROGATORY_BACKUP_PASSPHRASE_FILE").args(args).args(["--key", key]);
        command.envs(given.map(|file| ("ROGATORY_BACKUP_PASSPHRASE_FILE", file))).output().unwrap()
    };
    let backup = ["backup", "--out", main, "--config", path(&config)];
    refused(
        &with(None, &backup),
        &["key is under a passphrase, and none was given", "ROGATORY_BACKUP_PASSPHRASE_FILE"],
    );
    refused(
        &with(Some(&wrong), &backup),
        &["this is not the passphrase of", "ROGATORY_BACKUP_PASSPHRASE_FILE"],
    );
    for args in [
        &backup[..],
        &["backup", "keys", "--out", kept, "--config", path(&config)],
        &["backup", "verify", main, "--keys", kept],
        &["ledger", "verify", main],
        &["restore", "--from", main, "--keys", kept, "--dir", path(&to)],
    ] {
        let output = with(Some(&right), args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    // It opens nothing else: what is locked for one thing is none of another.
    let root = xa.data.join("keys/root.key");
    std::fs::copy(key, &root).unwrap();
    let given = || Ok::<_, StoreError>(Passphrase::read(b"right"));
    assert!(matches!(read_root(&root, given), Err(StoreError::WrongPassphrase(_))));
}
