//! OPERATIONS tells the truth: every command of the operator's year and of the bad day runs, in
//! the order in which it stands there.

mod support;

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use support::{Authority, pair, run, until};

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

/// All keys that our statements name.
fn keys(authority: &Authority) -> Vec<Value> {
    authority.json(&["keys", "list", "--all"])["keys"].as_array().unwrap().clone()
}

/// How the id of the key that is used for this begins.
fn used(authority: &Authority, purpose: &str) -> String {
    let keys = keys(authority);
    let used = keys.iter().find(|key| key["purpose"] == purpose && key["state"] == "in_use").unwrap();
    used["id"].as_str().unwrap()[..12].to_owned()
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
    let (mut xa, mut xb) = pair(dir.path()).await;
    xa.send("XB", "");
    xa.quiet().await;
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
    let [online, unused, spoken, gone] = &day[..] else { panic!("four blocks: {day:?}") };
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
    xa.send("XB", "");
    xb.send("XA", "");
    xa.quiet().await;
    xb.quiet().await;
    xa.stop().await;
    assert!(run(&["ledger", "verify", &text(&xa.data)]).status.success());
}
