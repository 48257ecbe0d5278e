//! The README tells the truth: the transcript of the demo in it is what the demo prints.

mod support;

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
