//! `rogatory treaties`, over the register that the configuration explains by example.

mod support;

use support::{Authority, path, run, succeeds};

const REGISTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config/treaties.toml");

#[test]
fn two_states_and_a_day_give_what_stands() {
    let asked = ["treaties", "XA", "XB", "--on", "2026-11-01", "--register", REGISTER];
    let told = succeeds(&asked);
    for line in [
        "Arvand and Baltmark on 2026-11-01",
        "convention_1988                                             in force  since 1992-12-07",
        "Treaty of Halmsund on Legal Assistance in Criminal Matters  in force  since 2016-03-01",
        "convention_1988: XA: Article 32(2) and (3): not bound.",
        "the register was last held against its sources on 2026-11-01",
    ] {
        assert!(
            told.lines().any(|found| found.trim_end() == line || found.starts_with(line)),
            "{line}\n{told}"
        );
    }
    let json: serde_json::Value =
        serde_json::from_str(&succeeds(&[&asked[..], &["--json"]].concat())).unwrap();
    assert_eq!(json["treaties"].as_array().unwrap().len(), 4);
    assert_eq!(json["treaties"][2]["standing"], "in_force");
    let before = succeeds(&["treaties", "XA", "XB", "--on", "2010-01-01", "--register", REGISTER]);
    assert!(before.contains("not in force"), "{before}");
    let unknown = succeeds(&["treaties", "XC", "XD", "--on", "2026-11-01", "--register", REGISTER]);
    assert!(unknown.contains("unknown") && unknown.contains("by XC"), "{unknown}");
    assert_eq!(succeeds(&["treaties", "--register", REGISTER]).lines().count(), 6);
}

#[test]
fn what_is_not_there_is_said() {
    for (arguments, why) in [
        (&["treaties", "XA", "XQ", "--register", REGISTER][..], "the register has no State \"XQ\""),
        (&["treaties", "XA", "XB", "--register", "/nowhere.toml"], "/nowhere.toml"),
        (&["treaties", "XA", "XB", "--register", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")], "line"),
        (&["treaties", "XA"], "required"),
    ] {
        let output = run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_check_warns_where_the_basis_is_not_in_force() {
    let dir = tempfile::tempdir().unwrap();
    let xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    std::fs::copy(REGISTER, xa.data.join("treaties.toml")).unwrap();
    let config = std::fs::read_to_string(xa.config()).unwrap();
    std::fs::write(xa.config(), format!("treaties = \"treaties.toml\"\n{config}")).unwrap();
    let draft = xa.data.join("draft.toml");
    for (basis, recipient, rule) in [
        ("1988", "XB", None),
        ("1988", "XC", Some("basis_unknown")),
        ("untoc", "XC", Some("basis_not_in_force")),
        ("untoc", "XQ", Some("basis_unknown")),
        ("reciprocity", "XC", None),
    ] {
        let text = succeeds(&["new", "mla", "--basis", basis]);
        std::fs::write(&draft, text.replace("recipient = \"\"", &format!("recipient = {recipient:?}")))
            .unwrap();
        let told = run(&["check", path(&draft), "--json", "--config", path(&xa.config())]);
        // Nothing is filled in: it lacks much besides.
        assert_eq!(told.status.code(), Some(1));
        let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
        let named = |found: &&serde_json::Value| {
            let rule = found["rule"].as_str().unwrap();
            rule.starts_with("basis_") && found["level"] == "warning" && rule != "basis_article"
        };
        let found: Vec<_> = told["deficiencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(named)
            .map(|f| f["rule"].as_str().unwrap())
            .collect();
        assert_eq!(found, rule.into_iter().collect::<Vec<_>>(), "{basis} {recipient}");
    }
}
