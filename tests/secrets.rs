//! Nothing that a full run writes holds a key, a passphrase, content or a person, but for the places
//! that are meant to: every file of two authorities, their logs at the finest level, exports, back-ups,
//! reports, and what every command printed is searched. And nobody else gets at what does hold them.

#[path = "secrets/search.rs"]
mod search;
mod support;

use rogatory::crypto::epoch::EpochKey;
use rogatory::crypto::passphrase::Passphrase;
use rogatory::store::journal::{Next, Record, Scan};
use rogatory::store::key_files::KeyFiles;
use rogatory::store::passphrase::read_root;
use rogatory::store::{StoreError, content};
use search::Secrets;
use std::collections::BTreeSet;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use support::{Authority, files_below, paired, path, rogatory, settled, until};

/// What stands in the request, its attachments and answers, and nowhere else.
const CONTENT: [(&str, &str); 16] = [
    ("person", "Quexobrant Zilwhistle"),
    ("person in Persian", "کاوه زیلویستل‌پور"),
    ("alias", "the Vermilion Otterjack"),
    ("place", "Grumblethorpe-under-Wozz"),
    ("facts", "Crates of teal gramophones under the pier"),
    ("purpose", "Evidence on teal gramophones"),
    ("reason", "The pier is torn down on Martinmas"),
    ("national reference", "QZX/2026/771-Moorhen"),
    ("contact", "Ottoline Brackwater-Fennimore"),
    ("account", "XB00QZXW0000771100229933"),
    ("attachment name", "ledger-of-gramophones-771.csv"),
    ("attachment text", "crate;gramophone;serial QZX-00077121"),
    ("text of a status", "We have found three gramophones of seven"),
    ("reference of the other side", "WOZZ-2026-Kingfisher-33"),
    ("reason of a refusal", "No gramophone is an offence with us"),
    ("text of a reply", "The serials were filed off by Mr Zilwhistle"),
];

fn marker(name: &str) -> &'static str {
    CONTENT.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no marker {name}")).1
}

const PASSPHRASES: [&str; 2] = ["seventeen brass moorhens at noon", "eleven copper moorhens at dusk"];

/// Where everything of a run lies.
struct Run {
    dir: PathBuf,
    said: std::cell::Cell<usize>,
}

impl Run {
    /// What an officer wrote: requests and attachments; passphrases too.
    fn desk(&self) -> PathBuf {
        self.dir.join("desk")
    }

    /// What was opened for officers: folders of fetch, letters, what they asked to be shown.
    fn opened(&self) -> PathBuf {
        self.dir.join("opened")
    }

    /// The finest log, panics with all that they say, and temporary files where they are searched.
    fn environment(&self) -> [(&'static str, PathBuf); 3] {
        [
            ("ROGATORY_LOG", "trace".into()),
            ("RUST_BACKTRACE", "full".into()),
            ("TMPDIR", self.dir.join("tmp")),
        ]
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let file = self.desk().join(name);
        std::fs::write(&file, bytes).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        file
    }

    /// Runs a command of an authority's at the finest log level, and keeps what it printed where
    /// nothing may be found.
    fn run(&self, of: &Authority, args: &[&str]) -> Output {
        self.kept(of, args, "said")
    }

    /// The same for one that is asked to show content.
    fn shows(&self, of: &Authority, args: &[&str]) -> Output {
        self.kept(of, args, "opened")
    }

    fn kept(&self, of: &Authority, args: &[&str], folder: &str) -> Output {
        let mut command = rogatory();
        command.args(args).arg("--config").arg(of.config()).envs(self.environment());
        let output = command.output().unwrap();
        self.said.set(self.said.get() + 1);
        let folder = self.dir.join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (end, bytes) in [("out", &output.stdout), ("err", &output.stderr)] {
            std::fs::write(folder.join(format!("{:03}-{}.{end}", self.said.get(), args[0])), bytes).unwrap();
        }
        output
    }

    #[track_caller]
    fn done(&self, of: &Authority, args: &[&str]) -> serde_json::Value {
        let output = self.run(of, &[args, &["--json"]].concat());
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    /// It fails, and no worse than that.
    #[track_caller]
    fn fails(&self, of: &Authority, args: &[&str]) {
        let output = self.run(of, args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!([1, 2, 3, 4].map(Some).contains(&output.status.code()), "{args:?}: {said}");
        assert!(said.contains("error: ") && !said.contains("panicked"), "{args:?}: {said}");
    }
}

/// A request with every marker that has a place in it.
fn request(more: &str) -> String {
    let m = marker;
    format!(
        "recipient = \"XB\"\n{more}\n\
         [request]\nsender_reference = \"{}\"\nlanguage = \"en\"\nurgency_reason = \"{}\"\n\
         [[request.legal_basis]]\ninstrument = \"untoc\"\n\
         [request.authority]\nname = \"Office of {}\"\nfunction = \"Prosecutes.\"\nstate = \"XA\"\n\
         [request.mutual_legal_assistance.matter]\npurpose = \"{}\"\nfacts = {{ summary = \"{}\" }}\n\
         [request.mutual_legal_assistance.matter.proceeding]\nsubject_matter = \"Goods\"\nnature = \"trial\"\n\
         conducted_by = {{ name = \"Court\", function = \"Tries.\", state = \"XA\" }}\n\
         [[request.mutual_legal_assistance.matter.persons]]\n\
         names = [{{ text = \"{}\", language = \"en\", script = \"Latn\" }}, \
         {{ text = \"{}\", language = \"fa\", script = \"Arab\" }}, {{ text = \"{}\", language = \"en\" }}]\n\
         nationalities = [\"XA\"]\nlocation = {{ locality = \"{}\", state = \"XB\" }}\n\
         [[request.mutual_legal_assistance.assistance]]\ncode = \"documents_and_records\"\n\
         description = \"Statements of {}.\"\n\
         [[attachments]]\npath = \"{}\"\nlanguage = \"en\"\n\
         [[attachments]]\npath = \"large.bin\"\nmedia_type = \"application/octet-stream\"\n",
        m("national reference"),
        m("reason"),
        m("contact"),
        m("purpose"),
        m("facts"),
        m("person"),
        m("person in Persian"),
        m("alias"),
        m("place"),
        m("account"),
        m("attachment name"),
    )
}

/// Bytes of an attachment that is large enough for a file of its own.
fn large() -> Vec<u8> {
    (0..150_000_u32).map(|place| (place.wrapping_mul(2_654_435_761) >> 22) as u8).collect()
}

/// Adds every private key that lies in the folder, and the content keys that its epoch keys open.
fn add_keys(secrets: &mut Secrets, of: &Authority, passphrase: Option<&str>) {
    let folder = of.data.join("keys");
    let given = || Ok::<_, StoreError>(passphrase.and_then(|text| Passphrase::read(text.as_bytes())));
    let files = KeyFiles::open(&folder, given).unwrap();
    let mut epochs = Vec::new();
    for file in files_below(&folder).iter().filter(|file| file.extension().is_some_and(|end| end == "key")) {
        let name = file.strip_prefix(&folder).unwrap().to_str().unwrap();
        let bytes = match name.ends_with("root.key") {
            true => read_root(file, given).unwrap().0,
            false => files.read(name).unwrap(),
        };
        let named = |what: &str| format!("{what} {} {name}", of.name);
        match bytes.len() {
            32 => secrets.add(named("key"), &bytes),
            // PKCS#8 of a P-256 key: the key itself is behind a fixed beginning (RFC 5915).
            138 => secrets.add(named("key"), &bytes[36..68]),
            // The record of a draft: its key is the first field.
            _ if name.starts_with("drafts/") => secrets.add(named("key"), &bytes[2..34]),
            length => panic!("{name} has {length} bytes"),
        }
        if name.starts_with("epochs/") {
            epochs.push(EpochKey::from_bytes(bytes.as_slice().try_into().unwrap()));
        }
    }
    let mut scan = Scan::begin(&of.data.join("journal")).unwrap();
    while let Next::Group(group) = scan.next_group().unwrap() {
        for (record, _) in group.records {
            let (name, wrap) = match record {
                Record::Content(name, content) => (name, content.wrap),
                Record::Wrap(name, wrap) => (name, wrap.wrap),
                Record::Entry(_) | Record::Retired(..) => continue,
            };
            let id = content::id_of(&name).unwrap();
            for key in epochs.iter().filter_map(|epoch| epoch.unwrap(&id, &wrap).ok()) {
                secrets.add(format!("content key {} {}", of.name, hex::encode(id)), key.danger_bytes());
            }
        }
    }
}

/// A pair that does everything that writes something, and what each secret is.
async fn full_run(run: &Run, passphrase: Option<&str>) -> Secrets {
    let mut secrets = Secrets::default();
    CONTENT.iter().for_each(|(name, text)| secrets.add(*name, text.as_bytes()));
    let large = large();
    secrets.add("attachment bytes", &large[..48]);
    secrets.add("attachment bytes in the middle", &large[70_000..70_048]);
    PASSPHRASES.iter().for_each(|text| secrets.add("passphrase", text.as_bytes()));
    for folder in [run.desk(), run.opened(), run.dir.join("tmp")] {
        std::fs::create_dir_all(folder).unwrap();
    }
    run.write("large.bin", &large);
    run.write(marker("attachment name"), marker("attachment text"));
    let file = passphrase.map(|text| run.write("passphrase", text));
    let more: Vec<&str> = file.iter().flat_map(|file| ["--passphrase-file", path(file)]).collect();
    let [mut xa, mut xb] =
        ["XA", "XB"].map(|name| Authority::found_with(&run.dir, name, "127.0.0.1:0", &more));
    for of in [&mut xa, &mut xb] {
        of.environment = run.environment().to_vec();
        let text = std::fs::read_to_string(of.config()).unwrap();
        let mirror = run.dir.join(format!("mirror-{}", of.name));
        std::fs::write(of.config(), format!("{text}\n[ledger]\nmirror = {mirror:?}\n")).unwrap();
    }
    paired(&mut xa, &mut xb).await;

    // A case, from the request to its end.
    let file = run.write("request.toml", request(""));
    run.done(&xa, &["check", path(&file)]);
    run.done(&xa, &["letter", path(&file), "--out", path(&run.opened().join("draft.html"))]);
    let sent = run.done(&xa, &["send", path(&file), "--wait", "60"]);
    let (packet, case) = (sent["packet"].as_str().unwrap(), sent["case"].as_str().unwrap());
    let fetched = run.opened().join("fetched");
    // It names the files that it wrote.
    run.shows(&xb, &["fetch", packet, "--purpose", "execution", "--out", path(&fetched)]);
    assert_eq!(std::fs::read(fetched.join("large.bin")).unwrap(), large);
    run.done(&xb, &["answer", packet, "registered", "--reference", marker("reference of the other side")]);
    run.done(&xb, &["answer", packet, "accepted", "--text", marker("text of a status")]);
    let reply = request(&format!("# {}", marker("text of a reply")));
    let reply = reply
        .replace("recipient = \"XB\"", "recipient = \"XA\"")
        .replace(marker("facts"), marker("text of a reply"));
    let reply = run.write("reply.toml", reply);
    let replied =
        run.done(&xb, &["send", path(&reply), "--case", case, "--in-reply-to", packet, "--wait", "60"]);
    run.done(&xb, &["answer", packet, "executed", "--replied", replied["packet"].as_str().unwrap()]);
    until("the end is known", || async {
        run.run(&xa, &["case", "show", case]).stdout.windows(8).any(|w| w == b"executed")
    })
    .await;
    run.shows(&xa, &["status", case, "--texts", "--purpose", "review"]);
    let letter = run.opened().join("letter.pdf");
    run.done(&xb, &["letter", packet, "--out", path(&letter), "--purpose", "execution"]);
    run.done(&xb, &["letter", packet, "--receipt", "--out", path(&run.dir.join("receipt.html"))]);
    for word in ["person", "person in Persian", "reference of the other side"] {
        let shown = run.shows(&xb, &["case", "search", marker(word), "--purpose", "execution"]);
        assert!(shown.status.success() && !shown.stdout.is_empty());
    }
    run.fails(&xb, &["case", "search", "nothing that is there", "--purpose", "whim"]);
    run.shows(&xb, &["case", "show", case, "--open", "--purpose", "execution"]);

    // One that is refused, one that is not complete, one that lies for a peer who is not there.
    let refused =
        run.done(&xa, &["send", path(&file), "--wait", "60"])["packet"].as_str().unwrap().to_owned();
    let refusal = [
        "answer",
        &refused,
        "refused",
        "--ground",
        "dual_criminality",
        "--text",
        marker("reason of a refusal"),
    ];
    run.done(&xb, &["answer", &refused, "registered"]);
    run.done(&xb, &refusal);
    run.shows(&xb, &["status", &refused, "--texts", "--purpose", "review"]);
    run.fails(&xa, &["send", path(&run.write("to-nobody.toml", request("").replace("\"XB\"", "\"XQ\"")))]);
    run.fails(
        &xa,
        &["send", path(&run.write("expired.toml", request("expires = \"2020-01-01T00:00:00Z\"")))],
    );
    run.fails(&xa, &["send", path(&run.write("no-file.toml", request("").replace("large.bin", "away.bin")))]);
    run.fails(&xb, &["answer", packet, "postponed"]);
    run.fails(&xb, &["fetch", packet, "--purpose", "execution", "--out", path(&fetched)]);
    run.fails(&xb, &["fetch", case, "--purpose", "execution", "--out", path(&run.opened().join("none"))]);
    assert!(xb.stop().await.success());
    let carried = run.done(&xa, &["send", path(&file)])["packet"].as_str().unwrap().to_owned();
    let stick = run.dir.join("stick.carried");
    run.done(&xa, &["carry", "out", "XB", "--out", path(&stick)]);
    add_keys(&mut secrets, &xb, passphrase);
    xb.serve().await;
    run.run(&xb, &["carry", "in", path(&stick)]);
    settled(&xa, &carried).await;

    // Killed while something is on its way; a key that is away, and a start with the wrong passphrase.
    let killed = run.done(&xa, &["send", path(&file)])["packet"].as_str().unwrap().to_owned();
    xa.kill();
    xb.kill();
    run.fails(&xa, &["inbox"]);
    if passphrase.is_some() {
        let wrong = run.write("wrong", PASSPHRASES[1]);
        run.fails(&xa, &["keys", "passphrase", "--old-file", path(&wrong), "--remove"]);
        let start = rogatory()
            .args(["serve", "--config"])
            .arg(xa.config())
            .env("ROGATORY_PASSPHRASE", PASSPHRASES[1])
            .output()
            .unwrap();
        assert_eq!(start.status.code(), Some(2));
        std::fs::write(run.dir.join("said/start.err"), start.stderr).unwrap();
    }
    xa.serve().await;
    xb.serve().await;
    settled(&xa, &killed).await;
    let epochs = xb.data.join("keys/epochs");
    assert!(xb.stop().await.success());
    std::fs::rename(&epochs, run.dir.join("away")).unwrap();
    xb.serve().await;
    run.fails(
        &xb,
        &["fetch", &killed, "--purpose", "execution", "--out", path(&run.opened().join("killed"))],
    );
    assert!(xb.stop().await.success());
    std::fs::remove_dir_all(&epochs).unwrap();
    std::fs::rename(run.dir.join("away"), &epochs).unwrap();
    xb.serve().await;

    // What others look at, and take away.
    let others = run.dir.join("others");
    std::fs::create_dir(&others).unwrap();
    let out = |name: &str| path(&others.join(name)).to_owned();
    run.done(&xa, &["ledger", "prove", packet, "--out", &out("proof.bundle")]);
    for args in [
        &["ledger", "log"][..],
        &["ledger", "ask", "entries"],
        &["ledger", "ask", "openings"],
        &["ledger", "ask", "signatures"],
    ] {
        run.done(&xb, args);
    }
    for args in [
        &["report", "--year", "2026", "--threshold", "1"][..],
        &["inbox"],
        &["outbox"],
        &["show", packet],
        &["case", "list"],
    ] {
        run.run(&xa, args);
    }
    run.run(&xa, &["report", "--year", "2026", "--html", &out("report.html")]);
    run.run(&xa, &["doctor"]);
    run.run(&xa, &["keys", "list", "--all"]);
    run.done(&xa, &["keys", "rotate", "packet", "tls", "content", "--force"]);
    run.done(&xa, &["backup", "key", "--out", path(&run.desk().join("backup-key"))]);
    for (of, name) in [(&xa, "xa"), (&xb, "xb")] {
        let key = run.desk().join("backup-key");
        run.done(of, &["backup", "--out", &out(&format!("{name}-main")), "--key", path(&key)]);
        run.done(of, &["backup", "keys", "--out", &out(&format!("{name}-keys")), "--key", path(&key)]);
    }
    let doomed = add_and_erase(run, &mut secrets, &xb, &refused, passphrase);
    assert!(!doomed.is_empty());

    // What waits for another officer's approval is at rest as well.
    assert!(xa.stop().await.success());
    let text = std::fs::read_to_string(xa.config()).unwrap();
    std::fs::write(xa.config(), format!("{text}\n[officers]\nfour_eyes = true\n")).unwrap();
    xa.serve().await;
    run.run(&xa, &["send", path(&file)]);
    let drafts = run.done(&xa, &["draft", "list"]);
    assert!(drafts.to_string().contains("XB"), "{drafts}");
    for of in [&mut xa, &mut xb] {
        assert!(of.stop().await.success());
        run.run(of, &["doctor", "--offline"]);
        run.done(of, &["ledger", "verify", path(&of.data)]);
        run.done(of, &["ledger", "export", path(&of.data), "--out", &out(&format!("export-{}", of.name))]);
        add_keys(&mut secrets, of, passphrase);
        assert!(of.log().contains("TRACE") && !of.log().contains("panicked"));
    }
    secrets
}

/// Erases a packet; its content key is a secret all the same.
fn add_and_erase(
    run: &Run,
    secrets: &mut Secrets,
    of: &Authority,
    packet: &str,
    passphrase: Option<&str>,
) -> String {
    add_keys(secrets, of, passphrase);
    run.done(of, &["ledger", "erase", packet, "--reason", "court_order"]).to_string()
}

/// All that was found outside of where it may be; what may hold it is named here.
fn searched(run: &Run, secrets: &Secrets) -> (Vec<String>, BTreeSet<String>) {
    let (found, searched) = secrets.search(&[&run.dir]);
    println!("searched {} MiB for {} secrets", searched >> 20, secrets.count());
    assert!(searched > 5 << 20, "too little was written: {searched} bytes");
    let (mut odd, mut keys_in_place) = (Vec::new(), BTreeSet::new());
    let mut meant = BTreeSet::new();
    for (file, found) in found {
        let below = file.strip_prefix(&run.dir).unwrap().to_str().unwrap();
        if below.starts_with("desk/") || below.starts_with("opened/") {
            meant.extend(found.iter().map(|(name, _)| name.clone()));
            let keys = found.iter().filter(|(name, _)| name.contains("key X"));
            odd.extend(keys.map(|(name, form)| format!("{below}: {name}, {form}")));
        } else if below.starts_with("xa/keys/") || below.starts_with("xb/keys/") {
            let (keys, others): (Vec<_>, Vec<_>) =
                found.into_iter().partition(|(name, _)| name.starts_with("key X"));
            keys_in_place.extend(keys.into_iter().map(|(name, _)| name));
            odd.extend(others.into_iter().map(|(name, form)| format!("{below}: {name}, {form}")));
        } else {
            odd.extend(found.into_iter().map(|(name, form)| format!("{below}: {name}, {form}")));
        }
    }
    let content = |name: &String| !name.contains("key X");
    let names: BTreeSet<_> = secrets.names().into_iter().filter(content).collect();
    let lacking: Vec<_> = names.difference(&meant).filter(|name| *name != "passphrase").collect();
    assert!(lacking.is_empty(), "what was written there is found there: {lacking:?}");
    (odd, keys_in_place)
}

fn new_run(dir: &Path) -> Run {
    Run { dir: dir.to_owned(), said: Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_run_writes_holds_a_key_or_content() {
    let dir = tempfile::tempdir().unwrap();
    let run = new_run(dir.path());
    let secrets = full_run(&run, Some(PASSPHRASES[0])).await;
    let (odd, keys) = searched(&run, &secrets);
    assert!(odd.is_empty() && keys.is_empty(), "{odd:#?}\n{keys:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_not_encrypted_are_found_in_their_folder_and_nowhere_else() {
    let dir = tempfile::tempdir().unwrap();
    let run = new_run(dir.path());
    let secrets = full_run(&run, None).await;
    let (odd, keys) = searched(&run, &secrets);
    assert!(odd.is_empty(), "{odd:#?}");
    // All but those of epochs that were destroyed meanwhile.
    let here: BTreeSet<_> = secrets.names().into_iter().filter(|name| name.starts_with("key X")).collect();
    let gone: Vec<_> = here.difference(&keys).collect();
    assert!(gone.iter().all(|name| name.contains("epochs/")) && keys.len() >= 20, "{gone:?} {keys:?}");
}

#[test]
fn a_start_is_refused_where_others_may_look() {
    let dir = tempfile::tempdir().unwrap();
    let xa = Authority::found(dir.path(), "XA", "none");
    let start = || {
        let output = rogatory().args(["serve", "--config"]).arg(xa.config()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (keys, data) = (xa.data.join("keys"), &xa.data);
    std::fs::create_dir_all(keys.join("drafts")).unwrap();
    for (what, mode, remedy) in [
        (data.clone(), 0o750, "chmod 700"),
        (keys.clone(), 0o711, "chmod 700"),
        (keys.join("drafts"), 0o705, "chmod 700"),
        (keys.join("root.key"), 0o604, "chmod 600"),
        (keys.join("next-root.key"), 0o620, "chmod 600"),
    ] {
        let closed = if what.is_dir() { 0o700 } else { 0o600 };
        for folder in [data, &keys, &keys.join("drafts")] {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        std::fs::set_permissions(&what, std::fs::Permissions::from_mode(mode)).unwrap();
        let (code, said) = start();
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains("others may") && said.contains(&format!("try: {remedy} {}", path(&what))),
            "{said}"
        );
        std::fs::set_permissions(&what, std::fs::Permissions::from_mode(closed)).unwrap();
    }
    std::fs::write(data.join("rogatory.toml"), std::fs::read_to_string(xa.config()).unwrap() + "\nodd = 1\n")
        .unwrap();
    assert!(!start().1.contains("others may"), "nothing is open any more");
}

/// Whether a process that is ended by SIGABRT left a core, and what its limit was.
fn ends(mut command: Command, started: impl FnOnce(u32)) -> (bool, String) {
    let mut child = command.spawn().unwrap();
    started(child.id());
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap().to_owned();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::ABORT).unwrap();
    let status = child.wait().unwrap();
    assert!(status.signal().is_some(), "{status}");
    (status.core_dumped(), core)
}

#[test]
fn a_gateway_leaves_no_core() {
    let dir = tempfile::tempdir().unwrap();
    let xa = Authority::found(dir.path(), "XA", "none");
    // As generous as this machine lets a process be.
    let generous = |program: &str| {
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -c \"$(ulimit -H -c)\"; exec \"$0\" \"$@\"", program])
            .current_dir(dir.path());
        command.process_group(0);
        command
    };
    let mut other = generous("sleep");
    other.arg("60");
    let (dumped, limit) = ends(other, |_| std::thread::sleep(std::time::Duration::from_millis(300)));
    println!("another process: core {dumped}, {limit}");
    let mut gateway = generous(env!("CARGO_BIN_EXE_rogatory"));
    gateway.args(["serve", "--config"]).arg(xa.config()).stderr(std::process::Stdio::null());
    let socket = xa.data.join("rogatory.sock");
    let serves = |_| {
        let end = std::time::Instant::now() + support::PATIENCE;
        while !socket.exists() {
            assert!(std::time::Instant::now() < end, "it does not start");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    };
    let (dumped, limit) = ends(gateway, serves);
    assert!(!dumped, "a core was written");
    let numbers: Vec<_> = limit.split_whitespace().filter(|word| *word == "0").collect();
    assert_eq!(numbers.len(), 2, "soft and hard limit: {limit}");
}

/// What stands in the memory of a process that it may write to, where this may be read.
fn memory(pid: u32) -> std::io::Result<Vec<u8>> {
    let (maps, memory) = (format!("/proc/{pid}/maps"), format!("/proc/{pid}/mem"));
    let (maps, memory) = (std::fs::read_to_string(maps)?, std::fs::File::open(memory)?);
    let mut all = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, until) = line.split(' ').next().and_then(|range| range.split_once('-')).unwrap();
        let [from, until] = [from, until].map(|text| u64::from_str_radix(text, 16).unwrap());
        // Untouched pages of a large reservation are not worth their reading.
        let mut part = vec![0; usize::try_from((until - from).min(64 << 20)).unwrap()];
        if let Ok(read) = memory.read_at(&mut part, from) {
            all.extend_from_slice(&part[..read]);
        }
    }
    Ok(all)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_serves_has_forgotten_its_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let run = new_run(dir.path());
    std::fs::create_dir(run.desk()).unwrap();
    let file = run.write("passphrase", PASSPHRASES[0]);
    let mut xa = Authority::found_with(dir.path(), "XA", "none", &["--passphrase-file", path(&file)]);
    xa.serve().await;
    match memory(xa.pid()) {
        // Not of the same user, either: that is what is wanted.
        Err(error) => assert!(!rustix::process::getuid().is_root(), "{error}"),
        Ok(memory) => {
            let holds = |text: &str| memory.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(holds("rogatory.sock"), "what is there is found");
            assert!(!holds(PASSPHRASES[0]), "the passphrase is still in memory");
        }
    }
    assert!(xa.stop().await.success());
}
