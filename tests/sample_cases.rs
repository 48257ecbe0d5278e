//! The six sample cases, each over gateways of its own States, from the first packet to the end, and
//! then once more from the ledgers alone. Everything goes through the command line, as officers would
//! do it.

mod support;

use rogatory::request::file::{Form, Written};
use serde_json::Value;
use std::path::{Path, PathBuf};
use support::{Authority, end, paired, path, settled, succeeds};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples");
const CASE_ONE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli/demo/case1");

async fn between(dir: &Path, one: &str, other: &str) -> (Authority, Authority) {
    let mut one = Authority::found(dir, one, "127.0.0.1:0");
    let mut other = Authority::found(dir, other, "127.0.0.1:0");
    paired(&mut one, &mut other).await;
    (one, other)
}

/// Sends a file; gives packet and case, once the other side has found the packet good.
async fn sent(from: &Authority, file: &Path) -> (String, String) {
    let told = from.json(&["send", path(file)]);
    let packet = told["packet"].as_str().unwrap().to_owned();
    settled(from, &packet).await;
    (packet, told["case"].as_str().unwrap().to_owned())
}

fn sample(name: &str) -> PathBuf {
    Path::new(SAMPLES).join(name)
}

/// Answers, with a packet or without; gives the packet's id.
async fn answered(by: &Authority, packet: &str, status: &str, more: &[&str]) -> Option<String> {
    let told = by.json(&[&["answer", packet, status], more].concat());
    let reply = told["reply"].as_str().map(str::to_owned);
    if let Some(reply) = &reply {
        settled(by, reply).await;
    }
    by.quiet().await;
    reply
}

fn opened(at: &Authority, packet: &str, out: &str) -> PathBuf {
    let out = at.data.join(out);
    at.json(&["fetch", packet, "--purpose", "execution", "--out", path(&out)]);
    out
}

/// Both sides say the same of the case.
async fn state(sides: [&Authority; 2], case: &str) -> String {
    let mut states = Vec::new();
    for side in sides {
        side.quiet().await;
        states.push(side.json(&["status", case])["state"].as_str().unwrap().to_owned());
    }
    assert_eq!(states[0], states[1]);
    states.remove(0)
}

/// Stops both, and replays the cases from the ledgers: both are sound, lack nothing of each other, and
/// the state of each case is the one that its officers saw.
async fn replayed(sides: [Authority; 2], cases: &[(&str, &str)]) {
    let folders = [0, 1].map(|place| sides[place].data.clone());
    for side in &sides {
        side.quiet().await;
    }
    end(sides).await;
    for folder in &folders {
        let told: Value =
            serde_json::from_str(&succeeds(&["ledger", "replay", path(folder), "--all", "--json"])).unwrap();
        let open = told.to_string();
        for (case, state) in cases {
            let found = told["cases"].as_array().and_then(|all| all.iter().find(|row| row["case"] == *case));
            assert_eq!(found.and_then(|row| row["state"].as_str()), Some(*state), "{case}: {open}");
        }
    }
    let told = succeeds(&["ledger", "compare", path(&folders[0]), path(&folders[1]), "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["sound"], true, "{told}");
    assert_eq!(told["missing"].as_array().map(Vec::len), Some(0), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn case_one_bank_records_executed_and_case_four_a_summons_without_facts() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = between(dir.path(), "XA", "XB").await;
    let draft = dir.path().join("case1");
    std::fs::create_dir(&draft).unwrap();
    for name in
        ["request.toml", "reply.toml", "letter.fa.txt", "letter.en.txt", "bank-table.csv", "reply.en.txt"]
    {
        std::fs::copy(Path::new(CASE_ONE).join(name), draft.join(name)).unwrap();
    }
    let order: Vec<u8> =
        (0..2_400_000_u32).map(|place| b' ' + (place.wrapping_mul(2_654_435_761) >> 26) as u8).collect();
    std::fs::write(draft.join("court-order.txt"), &order).unwrap();
    let (bank, bank_case) = sent(&xa, &draft.join("request.toml")).await;
    let out = opened(&xb, &bank, "case1");
    assert_eq!(std::fs::read(out.join("court-order.txt")).unwrap(), order);
    let body = std::fs::read_to_string(out.join("request.json")).unwrap();
    assert!(body.contains("کاوه نمونه\u{200c}پور") && body.contains("۱۳۶۲/۵/۱۷"), "{body}");
    answered(&xb, &bank, "registered", &["--reference", "MLA-2026-00731"]).await;
    answered(&xb, &bank, "accepted", &[]).await;
    let reply =
        answered(&xb, &bank, "executed", &["--reply", path(&draft.join("reply.toml"))]).await.unwrap();
    opened(&xa, &reply, "reply");
    answered(&xa, &bank, "closed", &["--reply", path(&sample("closing.json"))]).await;
    assert_eq!(state([&xa, &xb], &bank_case).await, "closed");

    // No facts: service of a document needs none, and the check says so.
    let summons_file = sample("mutual_legal_assistance.toml");
    let told = xb.json(&["check", path(&summons_file)]);
    assert_eq!(told["errors"], 0, "{told}");
    let (summons, summons_case) = sent(&xb, &summons_file).await;
    answered(&xa, &summons, "registered", &[]).await;
    answered(&xa, &summons, "executed", &["--reply", path(&sample("execution.toml"))]).await.unwrap();
    assert_eq!(state([&xa, &xb], &summons_case).await, "executed");
    replayed([xa, xb], &[(&bank_case, "closed"), (&summons_case, "executed")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_two_a_freeze_with_information_asked_and_given() {
    let dir = tempfile::tempdir().unwrap();
    let (xc, xb) = between(dir.path(), "XC", "XB").await;
    let (freeze, case) = sent(&xc, &sample("confiscation.toml")).await;
    answered(&xb, &freeze, "registered", &["--reference", "MLA-2026-00725"]).await;
    let asked = sample("information_request.json");
    answered(&xb, &freeze, "information_needed", &["--reply", path(&asked)]).await.unwrap();
    assert_eq!(state([&xc, &xb], &case).await, "information_needed");
    let given = sample("information_response.toml");
    answered(&xc, &freeze, "information_given", &["--reply", path(&given)]).await.unwrap();
    assert_eq!(state([&xc, &xb], &case).await, "information_given");
    answered(&xb, &freeze, "accepted", &[]).await;
    let partly = sample("partial_execution.toml");
    answered(&xb, &freeze, "partly_executed", &["--reply", path(&partly)]).await.unwrap();
    answered(&xb, &freeze, "executed", &[]).await;
    answered(&xc, &freeze, "closed", &[]).await;
    assert_eq!(state([&xc, &xb], &case).await, "closed");
    replayed([xc, xb], &[(&case, "closed")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_three_an_extradition_is_postponed() {
    let dir = tempfile::tempdir().unwrap();
    let (xd, xe) = between(dir.path(), "XD", "XE").await;
    let (wanted, case) = sent(&xd, &sample("extradition.json")).await;
    answered(&xe, &wanted, "registered", &["--reference", "إ/2026/91"]).await;
    answered(&xe, &wanted, "consultation", &[]).await;
    let told = sample("postponement.json");
    answered(&xe, &wanted, "postponed", &["--review", "60d", "--reply", path(&told)]).await.unwrap();
    assert_eq!(state([&xd, &xe], &case).await, "postponed");
    replayed([xd, xe], &[(&case, "postponed")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_five_financial_intelligence_and_information_back_unasked() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xc) = between(dir.path(), "XA", "XC").await;
    let (asked, case) = sent(&xa, &sample("financial_intelligence.json")).await;
    let body = std::fs::read_to_string(opened(&xc, &asked, "asked").join("request.json")).unwrap();
    assert!(
        body.contains("\"intelligence_only\": true") && body.contains("\"transfer_count\": 37"),
        "{body}"
    );
    answered(&xc, &asked, "registered", &[]).await;
    answered(&xc, &asked, "executed", &[]).await;
    let (back, back_case) = sent(&xc, &sample("spontaneous_information.toml")).await;
    opened(&xa, &back, "back");
    answered(&xa, &back, "registered", &[]).await;
    assert_eq!(state([&xa, &xc], &case).await, "executed");
    assert_eq!(state([&xa, &xc], &back_case).await, "registered");
    replayed([xa, xc], &[(&case, "executed"), (&back_case, "registered")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_six_an_alert_an_operation_with_images_and_a_protected_variant_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xe) = between(dir.path(), "XA", "XE").await;
    let (alert, alert_case) = sent(&xa, &sample("border_alert.json")).await;
    answered(&xe, &alert, "registered", &[]).await;
    answered(&xe, &alert, "executed", &[]).await;

    let written = Written::read(&std::fs::read_to_string(sample("joint_operation.toml")).unwrap()).unwrap();
    let plain = String::from_utf8(written.write(Form::Toml).unwrap()).unwrap();
    let images: Vec<u8> =
        (0..48_000_000_u32).map(|place| (place.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(dir.path().join("images.tar"), &images).unwrap();
    std::fs::write(dir.path().join("plan.txt"), "Plan of the operation.\n".repeat(150_000 / 23)).unwrap();
    let attached = "\n[[attachments]]\npath = \"plan.txt\"\nlanguage = \"en\"\n\n[[attachments]]\npath = \"images.tar\"\n";
    let operation = dir.path().join("operation.toml");
    std::fs::write(&operation, format!("{plain}{attached}")).unwrap();
    let (planned, planned_case) = sent(&xa, &operation).await;
    let out = opened(&xe, &planned, "planned");
    assert!(std::fs::read(out.join("images.tar")).unwrap() == images, "the images came as they were sent");
    answered(&xe, &planned, "registered", &[]).await;
    answered(&xe, &planned, "executed", &[]).await;

    let mut guarded = written.clone();
    guarded.file.request.as_mut().unwrap().handling.get_or_insert_default().victim_protected = true;
    let guarded = Written::from_protobuf(&prost::Message::encode_to_vec(&guarded.file)).unwrap();
    let variant = dir.path().join("variant.toml");
    std::fs::write(&variant, guarded.write(Form::Toml).unwrap()).unwrap();
    let (hidden, hidden_case) = sent(&xa, &variant).await;
    answered(&xe, &hidden, "registered", &[]).await;
    let offered = sample("consultation.toml");
    answered(&xe, &hidden, "consultation", &["--reply", path(&offered)]).await.unwrap();
    let reasons = sample("refusal.json");
    let refusal = ["--ground", "domestic_law_prohibits", "--reply", path(&reasons)];
    let refusal = answered(&xe, &hidden, "refused", &refusal).await.unwrap();
    let body = std::fs::read_to_string(opened(&xa, &refusal, "refusal").join("request.json")).unwrap();
    assert!(body.contains("Victim Protection Act"), "{body}");
    assert_eq!(state([&xa, &xe], &alert_case).await, "executed");
    assert_eq!(state([&xa, &xe], &planned_case).await, "executed");
    assert_eq!(state([&xa, &xe], &hidden_case).await, "refused");
    let ends = [(&*alert_case, "executed"), (&*planned_case, "executed"), (&*hidden_case, "refused")];
    replayed([xa, xe], &ends).await;
}
