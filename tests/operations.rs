//! OPERATIONS tells the truth: every command of the operator's year and of the bad day runs, in
//! the order in which it stands there.

mod support;

use std::path::Path;
use std::process::{Command, Output};
use support::keys::in_use;
use support::{Authority, delivered, end, exchange, pair};

/// The commands in the `sh` blocks of a section.
fn commands(section: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/OPERATIONS.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, rest) = text.split_once(&format!("\n## {section}\n")).expect("the section is there");
    let section = rest.split_once("\n## ").map_or(rest, |(section, _)| section);
    let blocks = section.split("```sh\n").skip(1).map(|block| block.split_once("```").unwrap().0);
    blocks.flat_map(|block| block.lines().map(str::to_owned)).collect()
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

    /// Everything in a section runs.
    fn works_through(&self, section: &str, at_least: usize) {
        let lines = commands(section);
        assert!(lines.len() >= at_least, "{section}: {lines:?}");
        for line in lines {
            let output = self.types(&line);
            let code = output.status.code();
            // Warnings are for people: nothing that they name stops anything.
            let fine = code == Some(0) || line.starts_with("rogatory doctor") && code == Some(4);
            let (out, err) =
                (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(fine, "{line}: {code:?}\n{out}\n{err}");
        }
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// As operators name it.
fn delegate(authority: &Authority) -> String {
    in_use(authority, "delegate")[..12].to_owned()
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
    operator.works_through("The operator's year", 25);
    operator.names.push(("DELEGATE", delegate(&xa)));
    operator.works_through("The bad day", 10);
    assert_ne!(delegate(&xa), operator.names.last().unwrap().1);
    // Everything still arrives, and the ledgers are sound.
    exchange(&xa, &xb).await;
    end([xa, xb]).await;
}
