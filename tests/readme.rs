//! What people read first tells the truth: the transcript of the demo in the README is what the demo
//! prints, and a gateway takes the configuration that shows every key.

mod support;

use rogatory::gateway::config::Config;
use std::path::Path;

/// A line with everything taken out that differs from run to run: numbers, ids, digests.
fn shape(line: &str) -> String {
    line.split_whitespace()
        .map(|word| {
            let varies = word.chars().any(|c| c.is_ascii_digit());
            if varies { word.chars().filter(|c| !c.is_ascii_hexdigit()).collect() } else { word.to_owned() }
        })
        .collect::<Vec<String>>()
        .join(" ")
}

#[test]
fn the_demo_prints_what_the_readme_shows() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```text\n").expect("the README has a transcript");
    let (transcript, _) = rest.split_once("```").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let demo = dir.path().join("demo");
    let output = support::run(&["demo", "--dir", demo.to_str().unwrap()]);
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut lines = printed.lines().map(shape);
    let (mut shown, mut checked) = (String::new(), 0);
    for line in transcript.lines().filter(|line| line.trim() != "…" && !line.trim().is_empty()) {
        shown.clear();
        shown.push_str(&shape(line));
        // Paths are the user's own.
        if line.contains('/') && !line.contains("rogatory/") {
            continue;
        }
        assert!(
            lines.any(|printed| printed == shown),
            "the README shows a line that the demo does not print: {line}\n{printed}"
        );
        checked += 1;
    }
    assert!(checked > 10, "too little was compared: {checked}");
}

#[test]
fn every_key_of_the_example_is_taken() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/example.toml");
    Config::read(&example).unwrap();
    // Those too that it only names: "# key = value", "#[table]".
    let named = |line: &str| {
        let line = line.strip_prefix('#').map(str::trim_start).unwrap_or_default();
        let word = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| word(key))
    };
    let text = std::fs::read_to_string(&example).unwrap();
    assert_eq!(text.lines().filter(|line| named(line)).count(), 16);
    let bare = |line| if named(line) { line.trim_start_matches(['#', ' ']) } else { line };
    let all: Vec<&str> = text.lines().map(bare).collect();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("rogatory.toml");
    std::fs::copy(example.with_file_name("treaties.toml"), dir.path().join("treaties.toml")).unwrap();
    let read = |without: &str| {
        let kept: Vec<_> = all.iter().filter(|line| !line.starts_with(without)).copied().collect();
        std::fs::write(&file, kept.join("\n")).unwrap();
        Config::read(&file)
    };
    // A token is named in one of two ways.
    for without in ["slot = ", "label = "] {
        let config = read(without).unwrap();
        assert!(config.token.is_some() && config.ledger.mirror.is_some());
        assert_eq!(config.ledger.witness.len(), 1);
    }
    assert!(read("nothing").unwrap_err().to_string().contains("one of both"));
}
