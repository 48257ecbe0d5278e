//! Three authorities exchange while all their keys are rotated, their roots change and one of
//! them is served anew: the same as `rogatory bench --rotate`, shortened. How long it takes is
//! not looked at.

mod support;

use serde_json::Value;
use support::rogatory;

#[test]
fn nothing_is_lost_doubled_or_refused_while_all_keys_are_rotated() {
    let dir = tempfile::tempdir().unwrap();
    let arguments = ["bench", "--rotate", "--seconds", "4", "--in-flight", "8", "--json", "--dir"];
    let output = rogatory().args(arguments).arg(dir.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |name: &str| told[name].as_u64().unwrap_or_else(|| panic!("no {name}: {told}"));
    assert_eq!((number("lost"), number("doubled"), number("refused")), (0, 0, 0), "{told}");
    assert_eq!(told["unsound"], Value::Array(Vec::new()), "{told}");
    for period in ["plain", "rotating"] {
        assert!(told[period]["exchanges"].as_u64().unwrap() >= 8, "{told}");
    }
    let rounds = number("rounds");
    assert!(rounds >= 4, "{told}");
    assert_eq!((number("keys"), number("delegates")), (3 * 6 * rounds, 3 * rounds), "{told}");
    assert_eq!((number("roots"), number("restarts"), number("revocations")), (3, 1, 1), "{told}");
    // Founded with eight statements each; one for each key, delegate and root since, and two for a
    // key that is revoked: its successor, and its end.
    assert_eq!(number("statements"), 3 * 8 + number("keys") + number("delegates") + 3 + 2, "{told}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "what was made is removed");
}
