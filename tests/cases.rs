//! Cases as officers look at them: lists with what is due, one case as a page, search. Over two
//! gateways, by the command line.

mod support;

use serde_json::{Value, json};
use support::{Authority, end, logs, pair, path, rogatory, settled, succeeds, until};

const NAME: &str = "کاوه نمونه\u{200c}پور";

/// A whole request of XA's, with a letter and its translation.
fn request(reference: &str, top: &str, handling: &str) -> String {
    format!(
        "recipient = \"XB\"\n{top}\n\
         [request]\nsender_reference = \"{reference}\"\nlanguage = \"en\"\noffences = [\"drugs\"]\n{handling}\n\
         [request.wanted_by]\ndate = {{ iso = \"2026-01-15\" }}\nreason = \"The trial begins.\"\n\
         [[request.legal_basis]]\ninstrument = \"untoc\"\narticle = \"18(3)(f)\"\n\
         [request.authority]\nname = \"Prosecution Office\"\nfunction = \"Prosecutes.\"\nstate = \"XA\"\n\
         [request.mutual_legal_assistance.matter]\npurpose = \"Evidence for the trial.\"\n\
         facts = {{ summary = \"Crates of tiles.\" }}\n\
         [request.mutual_legal_assistance.matter.proceeding]\nsubject_matter = \"Drugs\"\nnature = \"trial\"\n\
         conducted_by = {{ name = \"Court\", function = \"Tries.\", state = \"XA\" }}\n\
         [[request.mutual_legal_assistance.matter.persons]]\n\
         names = [{{ text = \"{NAME}\", language = \"fa\", script = \"Arab\" }}]\nnationalities = [\"XA\"]\n\
         location = {{ locality = \"Halmsund\", state = \"XB\" }}\n\
         [[request.mutual_legal_assistance.assistance]]\ncode = \"documents_and_records\"\n\
         description = \"Statements of an account.\"\n\
         [[attachments]]\npath = \"letter.fa.txt\"\nlanguage = \"fa\"\n\
         [[attachments]]\npath = \"letter.en.txt\"\nlanguage = \"en\"\ntranslation_of = 1\n"
    )
}

/// Writes it and sends it; gives packet and case.
async fn sent(xa: &Authority, text: &str, more: &[&str]) -> (String, String) {
    for (name, words) in [("letter.fa.txt", "نامه"), ("letter.en.txt", "A letter")] {
        std::fs::write(xa.data.join(name), words).unwrap();
    }
    let file = xa.data.join("a-request.toml");
    std::fs::write(&file, text).unwrap();
    let sent = xa.json(&[&["send", path(&file)], more].concat());
    let of = |key: &str| sent[key].as_str().unwrap().to_owned();
    settled(xa, &of("packet")).await;
    (of("packet"), of("case"))
}

/// How a case stands in the list.
fn listed(at: &Authority, case: &str, more: &[&str]) -> Option<Value> {
    let list = at.json(&[&["case", "list"], more].concat());
    list["cases"].as_array().unwrap().iter().find(|row| row["case"] == case).cloned()
}

/// What is due in a case: what, whose, whether it is overdue.
fn due(at: &Authority, case: &str) -> Vec<(String, bool, bool)> {
    let row = listed(at, case, &[]).unwrap();
    let deadlines = row["deadlines"].as_array().unwrap();
    let flag = |value: &Value| value.as_bool().unwrap();
    deadlines
        .iter()
        .map(|d| (d["what"].as_str().unwrap().into(), flag(&d["ours"]), flag(&d["overdue"])))
        .collect()
}

fn openings(at: &Authority) -> usize {
    at.json(&["ledger", "ask", "openings"])["rows"].as_array().unwrap().len()
}

/// Ids that a search finds.
fn found(at: &Authority, words: &str) -> Vec<String> {
    let found = at.json(&["case", "search", words, "--purpose", "execution"]);
    let hits = found["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_listed_with_what_is_due_on_both_sides() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let (packet, case) = sent(&xa, &request("1405/MK/2268", "urgency = \"priority\"", ""), &[]).await;
    // The date by which it is wanted has passed; its registration has not.
    let open = |ours: bool| vec![("wanted".to_owned(), ours, true), ("register".to_owned(), ours, false)];
    assert_eq!((due(&xa, &case), due(&xb, &case)), (open(false), open(true)));
    for (authority, asked) in [(&xa, true), (&xb, false)] {
        let row = listed(authority, &case, &["--state", "open", "--open"]).unwrap();
        assert_eq!((&row["state"], &row["opened_by_us"]), (&json!("open"), &json!(asked)));
        assert_eq!((&row["kind"], &row["urgency"]), (&json!("mutual_legal_assistance"), &json!("priority")));
        assert_eq!(row["deadlines"][1]["assumed_weekend"], true);
        assert_eq!(listed(authority, &case, &["--state", "executed"]), None);
    }
    // What is overdue ends with 4, and is ours or theirs.
    let overdue = |authority: &Authority, more: &[&str]| {
        let mut command = rogatory();
        command.args(["case", "overdue", "--json", "--config"]).arg(authority.config()).args(more);
        let output = command.output().unwrap();
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), told["overdue"].as_array().unwrap().len())
    };
    assert_eq!((overdue(&xb, &["--ours"]), overdue(&xa, &["--ours"])), ((Some(4), 1), (Some(0), 0)));
    assert_eq!(overdue(&xa, &[]), (Some(4), 1));

    xb.json(&["answer", &packet, "registered", "--reference", "BM-2026-114"]);
    assert_eq!(due(&xb, &case), [("wanted".to_owned(), true, true)]);
    // A question with a date: the answer is XA's to give.
    let reply = xb.data.join("question.toml");
    std::fs::write(
        &reply,
        "recipient = \"XA\"\n[request]\nlanguage = \"en\"\n\
         [[request.legal_basis]]\ninstrument = \"untoc\"\narticle = \"18(16)\"\n\
         [request.authority]\nname = \"Office\"\nfunction = \"Central authority\"\nstate = \"XB\"\n\
         [request.information_request]\nreply_by = { iso = \"2026-02-01\" }\nquestions = [{ text = \"Which account?\" }]\n",
    )
    .unwrap();
    xb.json(&["answer", &packet, "information_needed", "--reply", path(&reply)]);
    xb.quiet().await;
    let asked = |ours: bool| vec![("wanted".to_owned(), !ours, true), ("information".to_owned(), ours, true)];
    assert_eq!((due(&xa, &case), due(&xb, &case)), (asked(true), asked(false)));
    xa.json(&["answer", &packet, "information_given"]);
    xa.quiet().await;
    assert_eq!(due(&xb, &case), [("wanted".to_owned(), true, true)]);
    xb.json(&["answer", &packet, "postponed", "--review", "60d"]);
    assert_eq!(due(&xb, &case)[1], ("review".to_owned(), true, false));

    // It is reminded of after a start, in the log.
    xb.stop().await;
    xb.serve().await;
    until("XB is reminded", || async { xb.log().contains("a deadline has passed") }).await;
    assert!(xb.log().lines().any(|line| line.contains("a deadline has passed") && line.contains(&case)));

    xb.json(&["answer", &packet, "executed"]);
    xb.quiet().await;
    assert_eq!((due(&xa, &case), due(&xb, &case)), (vec![], vec![]));
    assert_eq!(listed(&xa, &case, &["--open"]), None);
    // Closing is the last word; what follows is another case, which names the packet.
    xa.json(&["answer", &packet, "closed"]);
    let follow = xa.data.join("follow.toml");
    std::fs::write(&follow, request("1405/MK/2301", "", "")).unwrap();
    let mut command = rogatory();
    command.args(["send", path(&follow), "--case", &case, "--config"]).arg(xa.config());
    let refused = String::from_utf8_lossy(&command.output().unwrap().stderr).into_owned();
    assert!(refused.contains("is closed: a follow-up is a new case"), "{refused}");
    let (next, other) = sent(&xa, &request("1405/MK/2301", "", ""), &["--follows", &packet]).await;
    assert_ne!(other, case);
    let shown = xb.json(&["case", "show", &next, "--open", "--purpose", "execution"]);
    assert_eq!(shown["packets"][0]["linked_packets"], json!([packet]));
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_as_a_page_opens_nothing_unless_it_is_asked_to() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = pair(dir.path()).await;
    let oral = "urgency = \"oral_confirmed\"";
    let spoken = "oral_request = { made_at = { time = \"2026-01-10T09:30:00+03:30\" }, made_by = \"Mina\", \
                  taken_by = \"Ada Merrow\", means = \"telephone\" }";
    let (packet, case) = sent(&xa, &request("1405/MK/2268", oral, spoken), &[]).await;
    xb.json(&["answer", &packet, "registered", "--reference", "BM-2026-114", "--text", "Under way."]);
    xb.quiet().await;
    let closed = xb.json(&["case", "show", &case]);
    assert_eq!((&closed["packets"][0]["opened"], &closed["state"]), (&json!(false), &json!("registered")));
    assert!(closed["packets"][0].get("sender_reference").is_none());
    assert_eq!(openings(&xb), 0);

    let shown = xb.json(&["case", "show", &packet, "--open", "--purpose", "review"]);
    let letter = &shown["packets"][0];
    assert_eq!(letter["sender_reference"], "1405/MK/2268");
    assert_eq!(letter["wanted_by"]["reason"], "The trial begins.");
    assert_eq!(
        (&letter["urgency"], &letter["oral_request"]["taken_by"]),
        (&json!("oral_confirmed"), &json!("Ada Merrow"))
    );
    let attachments = letter["attachments"].as_array().unwrap();
    assert_eq!(
        (&attachments[0]["name"], &attachments[1]["translation_of"]),
        (&json!("letter.fa.txt"), &json!(1))
    );
    let said = shown["timeline"].as_array().unwrap();
    assert!(
        said.iter().any(|item| item["reference"] == "BM-2026-114" && item["text"] == "Under way."),
        "{shown}"
    );
    assert_eq!(shown["references"], json!({ "XA": ["1405/MK/2268"], "us": ["BM-2026-114"] }));
    assert_eq!(openings(&xb), 2, "the body, and the text of the status");
    let text = succeeds(&[
        "case",
        "show",
        &case,
        "--open",
        "--purpose",
        "execution",
        "--config",
        path(&xb.config()),
    ]);
    for words in
        ["confirms what was asked orally", "translation of 1", "BM-2026-114", "1405/MK/2268", "due   OVERDUE"]
    {
        assert!(text.contains(words), "{words} is not in: {text}");
    }
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn search_finds_a_name_however_it_is_written_and_each_hit_is_an_opening() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let (packet, _) = sent(&xa, &request("1405/MK/2268", "", ""), &[]).await;
    // Arabic kaf and heh, no joiner, vowel signs.
    for words in [NAME, "كاوه نمونهپور", "کاوَه نمونه پور", "tiles کاوه"] {
        for authority in [&xa, &xb] {
            assert_eq!(found(authority, words), std::slice::from_ref(&packet), "{words}");
        }
    }
    assert_eq!(found(&xb, "کاوه nobody"), [""; 0]);
    assert_eq!(openings(&xb), 4, "one a hit, and none for what was not found");
    let shown = xb.json(&["case", "search", "كاوه", "--purpose", "execution"]);
    let snippet = &shown["hits"][0]["snippets"][0];
    assert_eq!(snippet["text"], NAME, "as it was written");
    assert_eq!(snippet["field"], "matter.persons[1].names[1].text");

    // Identities are guarded: not found by a name, and nothing is shown; by its reference it is.
    let guarded = request("1405/MK/9999", "", "handling = { victim_protected = true }");
    let (hidden, hidden_case) = sent(&xa, &guarded, &[]).await;
    xb.json(&["answer", &hidden, "registered", "--text", &format!("About {NAME}.")]);
    xb.quiet().await;
    for authority in [&xa, &xb] {
        assert_eq!(found(authority, NAME), std::slice::from_ref(&packet));
        let by_reference = authority.json(&["case", "search", "1405/mk/۹۹۹۹", "--purpose", "execution"]);
        let hit = &by_reference["hits"][0];
        assert_eq!(
            (&hit["id"], &hit["victim_protected"], &hit["snippets"]),
            (&json!(hidden), &json!(true), &json!([]))
        );
        assert_eq!(listed(authority, &hidden_case, &[]).unwrap()["victim_protected"], true);
    }
    let shown = xb.json(&["case", "show", &hidden_case, "--open", "--purpose", "execution"]);
    assert!(!shown.to_string().contains("letter.fa.txt") && !shown.to_string().contains(NAME), "{shown}");
    assert_eq!(shown["packets"][0]["sender_reference"], "1405/MK/9999");

    // After a start it is read anew, and what is erased is found no more.
    xb.stop().await;
    xb.serve().await;
    assert_eq!(found(&xb, NAME), std::slice::from_ref(&packet));
    xb.json(&["ledger", "erase", &packet, "--reason", "court_order"]);
    assert_eq!(found(&xb, NAME), [""; 0]);
    assert_eq!(found(&xa, NAME), [packet]);
    let wrong = rogatory()
        .args(["case", "search", "ا", "--purpose", "execution", "--config"])
        .arg(xb.config())
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_until_everything_is_read() {
    let pair = logs::Pair::new().await;
    // More than is read in one step.
    for count in 1..300 {
        logs::grow(&pair.xa, count).await;
    }
    pair.xa.reading.end();
    let stopped = pair.xa.reading.caught_up(&pair.xa).map(|_| ()).unwrap_err().to_string();
    assert!(stopped.contains("stopping"), "{stopped}");
    // What was read in steps is all of it where nobody stops.
    assert!(pair.xb.reading.caught_up(&pair.xb).is_ok());
    // And an end that comes after all was read ends nothing.
    assert!(pair.xa.reading.caught_up(&pair.xa).is_ok());
    pair.close();
}
