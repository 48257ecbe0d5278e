//! What came for intelligence only, or not to be passed on, goes along with another request when its
//! sender has consented in a signed packet, and not before.

mod support;

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use support::{Authority, end, files_below, paired, path, request_file, rogatory, settled};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples");

/// A request to XC or XB that takes `attachment` along.
fn request(dir: &Path, recipient: &str, attachment: &str) -> PathBuf {
    let file = dir.join("mla.toml");
    let more = format!("[[attachments]]\npath = \"{attachment}\"\nlanguage = \"en\"\n");
    std::fs::write(&file, request_file(recipient, &more)).unwrap();
    file
}

/// Exit code and what is said.
fn said(by: &Authority, args: &[&str]) -> (Option<i32>, String) {
    let output = rogatory().args(args).arg("--config").arg(by.config()).output().unwrap();
    let words =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), words)
}

#[tokio::test(flavor = "multi_thread")]
async fn intelligence_of_another_goes_along_only_with_its_consent() {
    let dir = tempfile::tempdir().unwrap();
    let [mut xa, mut xb, mut xc] =
        ["XA", "XB", "XC"].map(|name| Authority::found(dir.path(), name, "127.0.0.1:0"));
    paired(&mut xa, &mut xb).await;
    xa.stop().await;
    paired(&mut xa, &mut xc).await;

    // XC tells XA something, with a table that is large enough to travel as data.
    let sample = std::fs::read_to_string(format!("{SAMPLES}/financial_intelligence.json")).unwrap();
    let mut told: Value = serde_json::from_str(&sample).unwrap();
    told["recipient"] = "XA".into();
    told["attachments"] = json!([{ "path": "transfers.csv", "language": "en" }]);
    std::fs::write(dir.path().join("told.json"), told.to_string()).unwrap();
    std::fs::write(dir.path().join("transfers.csv"), "day,amount\n".repeat(20_000)).unwrap();
    let sent = xc.json(&["send", path(&dir.path().join("told.json"))]);
    let intelligence = sent["packet"].as_str().unwrap().to_owned();
    settled(&xc, &intelligence).await;
    let out = dir.path().join("fetched");
    xa.json(&["fetch", &intelligence, "--purpose", "review", "--out", path(&out)]);

    // XA may not use it in a request for assistance, whether it attaches the table, what was said, or a link.
    let refused = |args: &[&str], cause: &str| {
        let (code, words) = said(&xa, args);
        let stops =
            words.contains(cause) && words.contains("UNTOC 18(19)") && words.contains("consent_to_use");
        assert!(code.is_some_and(|code| code != 0) && stops, "{args:?}: {code:?} {words}");
    };
    for name in ["transfers.csv", "request.json"] {
        for recipient in ["XB", "XC"] {
            let file = request(&out, recipient, name);
            refused(&["send", path(&file)], "came marked as intelligence only");
            refused(&["check", path(&file)], "came marked as intelligence only");
        }
    }
    let plain = dir.path().join("plain.toml");
    std::fs::write(&plain, request_file("XB", "")).unwrap();
    refused(&["send", path(&plain), "--follows", &intelligence], "a linked packet is marked");
    assert!(xa.boxed(support::OUTBOX).await.is_empty(), "nothing was sent");

    // An answer of XA to XC may hold it.
    let answer = dir.path().join("fetched/answer.toml");
    let words = "recipient = \"XC\"\n[[attachments]]\npath = \"transfers.csv\"\nlanguage = \"en\"\n\
                 [request]\nlanguage = \"en\"\n[[request.information_request.questions]]\ntext = \"Which bank?\"\n";
    std::fs::write(&answer, words).unwrap();
    let (code, words) = said(&xa, &["check", path(&answer)]);
    assert!(!words.contains("intelligence") && code == Some(0), "{code:?} {words}");

    // XC consents, on a condition; the next request goes, with a warning that says so.
    let mut consent: Value =
        serde_json::from_str(&std::fs::read_to_string(format!("{SAMPLES}/consent_to_use.json")).unwrap())
            .unwrap();
    consent["recipient"] = "XA".into();
    consent["request"]["consent_to_use"]["step"] = "given_on_conditions".into();
    consent["request"]["consent_to_use"]["packets"] = json!([intelligence]);
    consent["request"]["consent_to_use"]["conditions"] = json!(["For this trial."]);
    // A slip in an id is no id.
    let mut slip = consent.clone();
    slip["request"]["consent_to_use"]["packets"] = json!([intelligence[1..]]);
    let file = dir.path().join("slip.json");
    std::fs::write(&file, slip.to_string()).unwrap();
    let (code, words) = said(&xc, &["send", path(&file)]);
    assert!(code == Some(2) && words.contains("is no packet id"), "{code:?} {words}");
    let file = dir.path().join("consent.json");
    std::fs::write(&file, consent.to_string()).unwrap();
    let given = xc.json(&["send", path(&file)])["packet"].as_str().unwrap().to_owned();
    settled(&xc, &given).await;
    // After a start it is known from the ledger and the content, without anything else.
    assert!(xa.stop().await.success());
    xa.serve().await;
    let file = request(&out, "XB", "transfers.csv");
    let (code, words) = said(&xa, &["send", path(&file)]);
    assert!(code == Some(0) && words.contains("has consented to a use"), "{code:?} {words}");
    // What it says later counts from then on.
    consent["request"]["consent_to_use"]["step"] = "denied".into();
    std::fs::write(dir.path().join("denied.json"), consent.to_string()).unwrap();
    let denied =
        xc.json(&["send", path(&dir.path().join("denied.json"))])["packet"].as_str().unwrap().to_owned();
    settled(&xc, &denied).await;
    let (code, words) = said(&xa, &["send", path(&file)]);
    assert!(code != Some(0) && words.contains("came marked as intelligence only"), "{code:?} {words}");
    // Nor as a draft, though the table follows as data, and no draft is left; nor where the gateway could
    // not open what was marked when it started.
    assert!(xa.stop().await.success());
    let config = std::fs::read_to_string(xa.config()).unwrap();
    std::fs::write(xa.config(), format!("{config}\n[officers]\nfour_eyes = true\n")).unwrap();
    let (epochs, aside) = (xa.data.join("keys/epochs"), dir.path().join("epochs"));
    let keys = || std::fs::read_dir(&epochs).unwrap().map(|entry| entry.unwrap().file_name());
    let keys: Vec<_> = keys().collect();
    std::fs::create_dir(&aside).unwrap();
    keys.iter().for_each(|name| std::fs::rename(epochs.join(name), aside.join(name)).unwrap());
    xa.serve().await;
    xa.json(&["case", "list"]);
    assert!(xa.log().contains("a body could not be read for search"));
    keys.iter().for_each(|name| std::fs::rename(aside.join(name), epochs.join(name)).unwrap());
    let (code, words) = said(&xa, &["send", path(&file)]);
    assert!(code != Some(0) && words.contains("came marked as intelligence only"), "{code:?} {words}");
    assert_eq!(xa.json(&["draft", "list"])["drafts"], json!([]));
    assert_eq!(files_below(&xa.data.join("drafts")).len(), 0, "nothing of it is left");
    end([xa, xb, xc]).await;
}
