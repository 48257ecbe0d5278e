//! OPERATIONS tells the truth: every command of the operator's year and of the bad day runs, in
//! the order in which it stands there.

mod support;

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use support::keys::{in_use, keys};
use support::{Authority, delivered, end, exchange, pair, run, until};

/// The commands of each `sh` block of a section.
fn blocks(section: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/OPERATIONS.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, rest) = text.split_once(&format!("\n## {section}\n")).expect("the section is there");
    let section = rest.split_once("\n## ").map_or(rest, |(section, _)| section);
    let blocks = section.split("```sh\n").skip(1).map(|block| block.split_once("```").unwrap().0);
    blocks.map(|block| block.lines().map(str::to_owned).collect()).collect()
}

/// The operator's own folder, and what the examples call things.
struct Operator<'a> {
    folder: &'a Path,
    names: Vec<(&'static str, String)>,
}

impl Operator<'_> {
    fn types(&self, line: &str) -> Output {
        let binary = Path::new(env!("CARGO_BIN_EXE_rogatory")).parent().unwrap();
        let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).current_dir(self.folder).env("PATH", path).env_remove("ROGATORY_LOG");
        shell.envs(self.names.iter().map(|(name, value)| (*name, value))).output().unwrap()
    }

    /// Calls something by a name from now on.
    fn calls(&mut self, name: &'static str, value: String) {
        self.names.retain(|(known, _)| *known != name);
        self.names.push((name, value));
    }

    /// All commands run.
    fn works_through(&self, lines: &[String]) {
        for line in lines {
            let output = self.types(line);
            let code = output.status.code();
            // Warnings are for people, and a peer may learn later: neither stops anything.
            let open = ["rogatory doctor", "rogatory keys revoke"].iter().any(|one| line.starts_with(one));
            let fine = code == Some(0) || open && code == Some(4);
            let (out, err) =
                (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(fine, "{line}: {code:?}\n{out}\n{err}");
        }
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// How the id of the key that is used for this begins.
fn used(authority: &Authority, purpose: &str) -> String {
    in_use(authority, purpose)[..12].to_owned()
}

/// Whether XB takes what this key of XA's signs; none, where it never heard of it.
fn believed(xb: &Authority, key: &Value) -> Option<bool> {
    let rows = xb.json(&["ledger", "ask", "keys", "--all"])["rows"].as_array().unwrap().clone();
    let row = rows.iter().find(|row| row["key_id"] == *key)?;
    Some(row["in_force"].as_bool().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_year_and_of_the_bad_day_runs() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    delivered(&xa, &xb).await;
    xb.quiet().await;
    // Whole, with all that XA has seen of it.
    xb.stop().await;
    let (folder, theirs) = (dir.path().join("operator"), dir.path().join("xb-export"));
    std::fs::create_dir(&folder).unwrap();
    xb.json(&["ledger", "export", &text(&xb.data), "--out", &text(&theirs)]);
    xb.serve().await;
    let names =
        vec![("ROGATORY_CONFIG", text(&xa.config())), ("DATA", text(&xa.data)), ("PEER", text(&theirs))];
    let mut operator = Operator { folder: &folder, names };
    let year = blocks("The operator's year").concat();
    assert!(year.len() >= 25, "{year:?}");
    operator.works_through(&year);

    let day = blocks("The bad day");
    let [online, unused, spoken, gone, ..] = &day[..] else { panic!("four blocks: {day:?}") };
    let (stolen, delegate) = (used(&xa, "packet"), used(&xa, "delegate"));
    operator.calls("KEY", stolen.clone());
    operator.calls("SINCE", "2026-01-01".to_owned());
    operator.works_through(online);
    assert_ne!(used(&xa, "packet"), stolen);
    operator.calls("DELEGATE", delegate.clone());
    operator.works_through(unused);
    assert_ne!(used(&xa, "delegate"), delegate);

    // Whoever has the delegate's key states a key in XA's name, and XB believes it.
    let foreign = xa.json(&["keys", "rotate", "packet", "--force"])["rotated"][0]["new"].clone();
    until("XB has learnt of it", || async { believed(&xb, &foreign) == Some(true) }).await;
    let statement = keys(&xa).iter().find(|key| key["id"] == foreign).unwrap()["statement"].to_string();
    let delegate = used(&xa, "delegate");
    operator.calls("DELEGATE", delegate.clone());
    operator.calls("STATEMENT", statement);
    operator.works_through(spoken);
    assert_ne!(used(&xa, "delegate"), delegate);
    assert!(keys(&xa).iter().all(|key| key["id"] != foreign));
    until("XB knows that it is void", || async { believed(&xb, &foreign) == Some(false) }).await;
    operator.works_through(gone);

    // Everything still arrives, and the ledgers are sound.
    exchange(&xa, &xb).await;
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_whose_root_is_lost_is_founded_anew_and_paired_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let received = xb.send("XA", "").0;
    xb.quiet().await;
    let folder = dir.path().join("operator");
    for name in ["safe", "media"] {
        std::fs::create_dir_all(folder.join(name)).unwrap();
    }
    let anew = folder.join("anew");
    let names = vec![
        ("ROGATORY_CONFIG", text(&xa.config())),
        ("ANEW", text(&anew)),
        ("LISTEN", "127.0.0.1:0".to_owned()),
        ("XB_CONFIG", text(&xb.config())),
    ];
    let mut operator = Operator { folder: &folder, names };
    operator.works_through(&["rogatory backup key --out media/backup-key".to_owned()]);

    // The root is lost; who has the next one alone changes nothing with it.
    let keys = xa.data.join("keys");
    std::fs::remove_file(keys.join("root.key")).unwrap();
    std::fs::rename(keys.join("next-root.key"), folder.join("safe/next-root.key")).unwrap();
    operator.works_through(&["rogatory keys request root --out root.request".to_owned()]);
    let alone = "rogatory keys sign root.request --root safe/next-root.key --next-root safe/next-root.key \
                 --new-next-root safe/third.key --yes --out root.signed";
    let refused = operator.types(alone);
    assert_eq!(refused.status.code(), Some(2), "{}", String::from_utf8_lossy(&refused.stderr));
    assert!(!folder.join("root.signed").exists());

    let day = blocks("The bad day");
    let [_, _, _, _, before, here, there] = &day[..] else { panic!("three more blocks: {day:?}") };
    operator.works_through(before);
    xa.stop().await;
    let mut new = Authority::at("XA", &anew);
    new.serve().await;
    std::fs::write(folder.join("xb.offer"), xb.offer().await.to_text()).unwrap();
    let fingerprint = |authority: &Authority| hex::encode(authority.identity().chain().fingerprint());
    assert_ne!(fingerprint(&new), fingerprint(&xa));
    operator.calls("XB_FINGERPRINT", fingerprint(&xb));
    operator.calls("XA_FINGERPRINT", fingerprint(&new));
    operator.works_through(here);
    operator.works_through(there);
    // Packets go both ways, to the end.
    for (from, to) in [(&new, &xb), (&xb, &new)] {
        let sent = from.send(&to.name, "").0.parse::<rogatory::format::id::PacketId>().unwrap();
        from.quiet().await;
        until("it is there", || async { to.show(sent.bytes()).await.is_ok() }).await;
    }
    // The old one is read, and nobody takes it for XA.
    xa.serve().await;
    let out = text(&folder.join("fetched"));
    xa.json(&["fetch", &received, "--purpose", "execution", "--out", &out]);
    assert!(Path::new(&out).exists());
    let waits = xa.send("XB", "").0.parse::<rogatory::format::id::PacketId>().unwrap();
    for authority in [&mut new, &mut xb, &mut xa] {
        assert!(authority.stop().await.success());
        assert!(run(&["ledger", "verify", &text(&authority.data)]).status.success());
    }
    assert!(run(&["ledger", "compare", &text(&new.data), &text(&xb.data)]).status.success());
    xb.serve().await;
    assert!(xb.show(waits.bytes()).await.is_err());
}
