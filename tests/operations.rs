//! OPERATIONS tells the truth: every command of the operator's year and of the bad day runs, in
//! the order in which it stands there.

mod support;

use std::path::Path;
use std::process::{Command, Output};
use support::{Authority, pair, run, until};

/// The commands in the `sh` blocks of a section.
fn commands(section: &str) -> Vec<String> {
    blocks(section).into_iter().flatten().collect()
}

/// The same, block by block.
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

    /// Everything in a section runs.
    fn works_through(&self, section: &str, at_least: usize) {
        let lines = commands(section);
        assert!(lines.len() >= at_least, "{section}: {lines:?}");
        self.does(&lines);
    }

    fn does(&self, lines: &[String]) {
        for line in lines {
            let output = self.types(line);
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

fn delegate(authority: &Authority) -> String {
    let keys = authority.json(&["keys", "list"])["keys"].as_array().unwrap().clone();
    let used = keys.iter().find(|key| key["purpose"] == "delegate" && key["state"] == "in_use").unwrap();
    used["id"].as_str().unwrap()[..12].to_owned()
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
    operator.works_through("The operator's year", 25);
    operator.names.push(("DELEGATE", delegate(&xa)));
    operator.works_through("The bad day", 10);
    assert_ne!(delegate(&xa), operator.names.last().unwrap().1);
    // Everything still arrives, and the ledgers are sound.
    xa.send("XB", "");
    xb.send("XA", "");
    xa.quiet().await;
    xb.quiet().await;
    xa.stop().await;
    assert!(run(&["ledger", "verify", &text(&xa.data)]).status.success());
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
    operator.does(&["rogatory backup key --out media/backup-key".to_owned()]);

    // The root is lost; who has the next one alone changes nothing with it.
    let keys = xa.data.join("keys");
    std::fs::remove_file(keys.join("root.key")).unwrap();
    std::fs::rename(keys.join("next-root.key"), folder.join("safe/next-root.key")).unwrap();
    operator.does(&["rogatory keys request root --out root.request".to_owned()]);
    let alone = "rogatory keys sign root.request --root safe/next-root.key --next-root safe/next-root.key \
                 --new-next-root safe/third.key --yes --out root.signed";
    let refused = operator.types(alone);
    assert_eq!(refused.status.code(), Some(2), "{}", String::from_utf8_lossy(&refused.stderr));
    assert!(!folder.join("root.signed").exists());

    let [before, here, there] = &blocks("When the root is lost")[..] else { panic!("three blocks") };
    operator.does(before);
    xa.stop().await;
    let mut new = Authority::at("XA", &anew);
    new.serve().await;
    std::fs::write(folder.join("xb.offer"), xb.offer().await.to_text()).unwrap();
    let fingerprint = |authority: &Authority| hex::encode(authority.identity().chain().fingerprint());
    assert_ne!(fingerprint(&new), fingerprint(&xa));
    operator.names.push(("XB_FINGERPRINT", fingerprint(&xb)));
    operator.names.push(("XA_FINGERPRINT", fingerprint(&new)));
    operator.does(here);
    operator.does(there);
    // Packets go both ways, to the end.
    for (from, to) in [(&new, &xb), (&xb, &new)] {
        let sent = from.send(&to.name, "").0.parse::<rogatory::format::id::PacketId>().unwrap();
        from.quiet().await;
        until("it is there", || async { to.show(sent.bytes()).await.is_ok() }).await;
    }
    // The old one is read, and nobody takes it for XA.
    xa.serve().await;
    let out = text(&folder.join("fetched"));
    xa.json(&["fetch", &received, "--out", &out]);
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
