//! What auditors ask: of a running gateway and of data directories, as JSON and as CSV; and
//! who may ask.

mod support;

use rogatory::format::id::PacketId;
use rogatory::format::wire::{
    AnswerRequest, CarryOutRequest, CaseRequest, CaseSearchRequest, CasesRequest, CheckRequest,
    CheckpointRequest, ConsistencyRequest, DiscloseRequest, DraftName, DraftsRequest, EntriesRequest,
    FetchRequest, FollowRequest, GatewayRequest, InclusionRequest, JoinGroupRequest, MakeGroupRequest,
    NotifyRequest, OfferRequest, PacketName, PacketsRequest, PairRequest, PeersRequest, ShowCaseRequest,
    StatusText, WatchRequest, status::Code as StatusCode,
};
use rogatory::gateway::local_client::LocalClient;
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::request::file::{read, to_json};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use support::{Authority, pair, rogatory, run, until};
use tonic::Code;

/// The answer of a running gateway; it must be that of the data directory too, in each form.
fn ask(authority: &Authority, question: &[&str]) -> Vec<Value> {
    let data = authority.data.to_str().unwrap();
    let online = authority.json(&[&["ledger", "ask"], question].concat());
    assert_eq!(online["question"], question[0]);
    assert_eq!(authority.json(&[&["ledger", "ask"], question, &["--data", data]].concat()), online);
    let rows = online["rows"].as_array().unwrap().clone();
    assert_eq!(csv_rows(authority, question), rows.iter().map(as_text).collect::<Vec<_>>());
    rows
}

const QUESTIONS: [&[&str]; 7] = [
    &["entries"],
    &["openings"],
    &["unanswered", "--older", "0d"],
    &["gaps", "--older", "0d"],
    &["keys", "--all"],
    &["statistics"],
    &["signatures"],
];

/// The answer from a folder alone.
fn answer(authority: &Authority, folder: &Path, question: &[&str]) -> Vec<Value> {
    let folder = folder.to_str().unwrap();
    let answer = authority.json(&[&["ledger", "ask"], question, &["--data", folder]].concat());
    answer["rows"].as_array().unwrap().clone()
}

fn csv_rows(authority: &Authority, question: &[&str]) -> Vec<BTreeMap<String, String>> {
    let output = rogatory()
        .args([&["ledger", "ask"], question, &["--csv", "--config"]].concat())
        .arg(authority.config())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    csv::Reader::from_reader(output.stdout.as_slice()).deserialize().collect::<Result<_, _>>().unwrap()
}

fn as_text(row: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    row.as_object().unwrap().iter().map(|(column, value)| (column.clone(), text(value))).collect()
}

/// Some columns of each row.
fn columns(rows: &[Value], names: &[&str]) -> Vec<Value> {
    rows.iter().map(|row| names.iter().map(|name| row[name].clone()).collect()).collect()
}

fn fetch(authority: &Authority, packet: &str, out: &str, purpose: &[&str]) {
    let out = authority.data.join(out);
    authority.json(&[&["fetch", packet, "--out", out.to_str().unwrap()], purpose].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_question_is_answered_alike_by_the_gateway_and_its_data_directory() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    // One case is opened twice and registered, one is executed unread, and for one the other
    // side is away.
    let (opened, open_case) = xa.send("XB", "urgency = \"urgent\"\n");
    let (executed, executed_case) = xa.send("XB", "");
    until("both are there", || async { xb.boxed(0).await.len() == 2 }).await;
    fetch(&xb, &opened, "first", &["--purpose", "execution"]);
    fetch(&xb, &opened, "second", &["--purpose", "review"]);
    fetch(&xb, &opened, "third", &["--purpose", "audit"]);
    xb.json(&["answer", &opened, "registered"]);
    xb.json(&["answer", &executed, "registered"]);
    xb.json(&["answer", &executed, "executed"]);
    xa.quiet().await;
    xb.quiet().await;

    // The requested side.
    let rows = ask(&xb, &["openings"]);
    let shown = columns(&rows, &["purpose", "packet", "case", "peer", "direction", "kind", "object", "name"]);
    let row = |purpose: &str| {
        json!([purpose, opened, open_case, "XA", "received", "mutual_legal_assistance", "all", null])
    };
    assert_eq!(shown, [row("execution"), row("review"), row("audit")]);
    let actor = rows[0]["actor"].as_str().unwrap();
    assert_eq!(ask(&xb, &["openings", "--actor", actor, "--packet", &opened]).len(), 3);
    assert!(ask(&xb, &["openings", "--packet", &executed]).is_empty());
    let uid = format!("uid {}", rustix::process::getuid().as_raw());
    assert_eq!(columns(&ask(&xb, &["openings", "--names"]), &["name"]), vec![json!([uid]); 3]);

    let waiting = ["what", "peer", "kind", "urgency", "packet", "case", "last_status", "days"];
    assert_eq!(
        columns(&ask(&xb, &["unanswered", "--older", "0d"]), &waiting),
        [json!([
            "case_undecided",
            "XA",
            "mutual_legal_assistance",
            "urgent",
            opened,
            open_case,
            "registered",
            0
        ])]
    );
    assert!(ask(&xb, &["unanswered"]).is_empty(), "nothing is thirty days old");
    let lacking = ["what", "peer", "direction", "id", "case"];
    let not_handed =
        |way: &str, peer: &str| json!(["consigned_not_handed_over", peer, way, executed, executed_case]);
    let gaps = columns(&ask(&xb, &["gaps", "--older", "0d", "--peer", "XA"]), &lacking);
    assert_eq!(gaps, [not_handed("received", "XA")]);

    let by_kind = ["peer", "direction", "kind", "packets", "currency"];
    let counted = json!(["XA", "received", "mutual_legal_assistance", 2, null]);
    assert_eq!(columns(&ask(&xb, &["statistics"]), &by_kind), [counted]);

    // The requesting side, when the other has gone.
    xb.stop().await;
    let (waits, waits_case) = xa.send("XB", "");
    let consultation = xa.json(&["answer", &opened, "consultation"]);
    let rows = columns(&ask(&xa, &["unanswered", "--older", "0d"]), &waiting);
    let row = |what: &str, urgency: &str, packet: &str, case: &str, last: Option<&str>| {
        json!([what, "XB", "mutual_legal_assistance", urgency, packet, case, last, 0])
    };
    assert_eq!(
        rows,
        [
            row("request_unanswered", "urgent", &opened, &open_case, Some("consultation")),
            row("packet_without_outcome", "routine", &waits, &waits_case, None),
            row("request_unanswered", "routine", &waits, &waits_case, None),
        ]
    );
    assert!(ask(&xa, &["unanswered", "--older", "0d", "--peer", "XC"]).is_empty());
    let gaps = columns(&ask(&xa, &["gaps", "--older", "0d", "--peer", "XB"]), &lacking);
    let status = consultation["id"].as_str().unwrap();
    let unconfirmed = gaps.iter().find(|row| row[0] == "status_not_confirmed").unwrap();
    assert_eq!((&unconfirmed[3], &unconfirmed[4]), (&json!(status), &json!(open_case)));
    assert!(gaps.contains(&not_handed("sent", "XB")) && gaps.len() == 2, "{gaps:?}");
    let tail = ask(&xa, &["gaps", "--older", "0d"]);
    let tail = tail.iter().find(|row| row["what"] == "not_cosigned").unwrap();
    assert!(tail["entries"].as_u64().unwrap() >= 2, "what XA wrote since XB left: {tail}");

    entries_and_keys(&xa, &open_case);
    // Stopped: from its files alone, and from an export of them.
    assert_eq!(answer(&xb, &xb.data, &["openings"]).len(), 3);
    let export = dir.path().join("export");
    xb.json(&["ledger", "export", xb.data.to_str().unwrap(), "--out", export.to_str().unwrap()]);
    for question in QUESTIONS {
        let rows = answer(&xb, &export, question);
        assert_eq!(rows, answer(&xb, &xb.data, question), "{question:?}");
        assert!(!rows.is_empty(), "{question:?} compares nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_shown_is_an_opening_and_a_listing_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let (packet, case) = xa.send("XB", "");
    xa.quiet().await;
    xb.json(&["answer", &packet, "registered", "--reference", "BM-1"]);
    xb.json(&["answer", &packet, "accepted"]);
    xb.json(&["answer", &packet, "information_needed", "--text", "Which account?"]);
    xb.quiet().await;

    let texts = |authority: &Authority, more: &[&str]| -> Vec<Value> {
        let told = authority.json(&[&["status", &case], more].concat());
        let items = told["items"].as_array().unwrap().iter();
        let statuses = items.filter(|item| item["kind"].as_str().unwrap().starts_with("status_"));
        let statuses: Vec<Value> = statuses.cloned().collect();
        columns(&statuses, &["what", "has_text", "reference", "text"])
    };
    let listed = [
        json!(["registered", true, null, null]),
        json!(["accepted", false, null, null]),
        json!(["information_needed", true, null, null]),
    ];
    let refuse = |authority: &Authority, more: &[&str], why: &str| {
        let output = rogatory()
            .args([&["status", &case], more].concat())
            .arg("--config")
            .arg(authority.config())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(why), "{more:?}: {said}");
    };
    // The reader of the texts, and their author, who opens what is sealed as well.
    for (authority, peer, way) in [(&xa, "XB", "received"), (&xb, "XA", "sent")] {
        assert_eq!(texts(authority, &[]), listed);
        assert!(ask(authority, &["openings"]).is_empty(), "a listing opens nothing");
        let statuses = authority.json(&["status", &case]);
        let of = |what: &str| -> String {
            let found = statuses["items"].as_array().unwrap().iter().find(|item| item["what"] == what);
            found.unwrap()["id"].as_str().unwrap().to_owned()
        };
        let (registered, accepted, needed) = (of("registered"), of("accepted"), of("information_needed"));

        let opened = texts(authority, &["--texts", "--only", &needed, "--purpose", "execution"]);
        assert_eq!(opened[0], listed[0]);
        assert_eq!(opened[2], json!(["information_needed", true, "", "Which account?"]));
        let all = texts(authority, &["--texts", "--purpose", "review"]);
        assert_eq!(all[0], json!(["registered", true, "BM-1", ""]));
        assert_eq!(all[2], opened[2]);
        refuse(authority, &["--texts", "--purpose", "review", "--only", &accepted], "no status");
        refuse(authority, &["--texts", "--purpose", "review", "--only", "17"], "is no id");
        refuse(authority, &["--purpose", "review"], "--texts");

        let rows = ask(authority, &["openings"]);
        let shown = columns(&rows, &["purpose", "packet", "case", "peer", "direction", "kind", "object"]);
        let row = |purpose: &str, status: &str| json!([purpose, status, case, peer, way, "status", "all"]);
        assert_eq!(shown, [row("execution", &needed), row("review", &registered), row("review", &needed)]);
        assert!(rows.iter().all(|row| row["actor"].as_str().is_some_and(|actor| actor.len() == 16)));
    }

    let output = rogatory().args(["status", &case, "--config"]).arg(xa.config()).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(told.matches("— sealed text").count(), 2, "{told}");
    // More than may be opened at once: then none is, and nothing says that one was.
    let packet_id = packet.parse::<PacketId>().unwrap().bytes().to_vec();
    for _ in 0..63 {
        let request = AnswerRequest {
            packet: Some(PacketName { packet_id: packet_id.clone(), peer: String::new() }),
            code: StatusCode::Consultation.into(),
            text: Some(StatusText { text: "A word.".into(), ..StatusText::default() }),
            ..AnswerRequest::default()
        };
        xb.client().officer().answer(request).await.unwrap();
    }
    let openings = ask(&xb, &["openings"]).len();
    refuse(&xb, &["--texts", "--purpose", "review"], "65 sealed texts, and 64 are opened at once at most");
    assert_eq!(ask(&xb, &["openings"]).len(), openings);
    xb.stop().await;
    let found = xb.json(&["ledger", "verify", xb.data.to_str().unwrap()]);
    assert_eq!(found["sound"], true, "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn grounds_and_amounts_are_counted_alike_by_both_sides() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = pair(dir.path()).await;
    let sample = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name);
    let mut case = String::new();
    for name in
        ["confiscation.toml", "financial_intelligence.json", "technical_assistance.toml", "refusal.json"]
    {
        let mut file = read(&std::fs::read_to_string(sample(name)).unwrap()).unwrap();
        (file.recipient, file.case) = ("XB".to_owned(), case);
        file.attachments.clear();
        let path = xa.data.join("sample.json");
        std::fs::write(&path, to_json(&file, "RequestFile").to_string()).unwrap();
        case = xa.json(&["send", path.to_str().unwrap()])["case"].as_str().unwrap().to_owned();
    }
    xa.quiet().await;
    let by = ["statistics", "--by", "kind,ground,currency"];
    let counted = |authority: &Authority| {
        columns(&ask(authority, &by), &["kind", "ground", "currency", "packets", "amount"])
    };
    let expected = [
        json!(["confiscation", "no_ground", "EUR", 1, 4_200_000]),
        json!(["financial_intelligence", "no_ground", "EUR", 1, 1_000_000]),
        json!(["refusal", "domestic_law_prohibits", "", 1, 0]),
        json!(["technical_assistance", "no_ground", "EUR", 1, 36_000]),
    ];
    assert_eq!(counted(&xa), expected);
    assert_eq!(counted(&xb), expected);
}

fn entries_and_keys(xa: &Authority, case: &str) {
    let all = ask(xa, &["entries"]);
    let indices: Vec<u64> = all.iter().map(|row| row["index"].as_u64().unwrap()).collect();
    assert_eq!(indices, (0..all.len() as u64).collect::<Vec<_>>());
    let same = |question: &[&str], holds: &dyn Fn(&Value) -> bool| {
        let expected: Vec<Value> = all.iter().filter(|row| holds(row)).cloned().collect();
        assert!(!expected.is_empty() && expected.len() < all.len(), "{question:?} tells nothing apart");
        assert_eq!(ask(xa, &[&["entries"], question].concat()), expected, "{question:?}");
    };
    same(&["--case", case], &|row| row["case"] == case);
    same(&["--kind", "status_received"], &|row| row["kind"] == "status_received");
    same(&["--code", "content_consignment"], &|row| row["code"] == "ContentConsignment");
    same(&["--code", "executed"], &|row| row["code"] == "executed");
    same(&["--peer", "XB"], &|row| row["peer"] == "XB");
    let packet = all.iter().find(|row| row["code"] == "SubmissionAcceptance").unwrap();
    let (id, actor) = (packet["id"].as_str().unwrap(), packet["actor"].as_str().unwrap());
    same(&["--packet", id], &|row| row["id"] == id);
    same(&["--actor", actor], &|row| row["actor"] == actor);
    assert_eq!(ask(xa, &["entries", "--from", "1d"]), all);
    assert!(ask(xa, &["entries", "--until", "2020-01-01"]).is_empty());

    let keys = ask(xa, &["keys"]);
    for authority in ["XA", "XB"] {
        for purpose in ["root", "delegate", "packet", "evidence", "checkpoint", "cosign", "content", "tls"] {
            let found = keys.iter().filter(|k| k["authority"] == authority && k["purpose"] == purpose);
            assert_eq!(found.count(), 1, "{authority} {purpose}");
        }
    }
    assert!(keys.iter().all(|key| key["in_force"] == true && key["void_since"].is_null()));
    assert_eq!(ask(xa, &["keys", "--authority", "XB"]).len(), 8);
    assert!(ask(xa, &["keys", "--at", "2020-01-01"]).is_empty());
    let signed = ask(xa, &["signatures"]);
    assert!(signed.iter().all(|row| row["standing"] == "valid"));
    let of = |row: &&Value| row["id"] == id;
    let packets: Vec<_> = signed.iter().filter(of).filter(|row| row["signed"] == "packet").collect();
    assert!(packets.len() == 1 && packets[0]["signer"] == "XA" && packets[0]["purpose"] == "packet");
    let signers: BTreeSet<_> = signed.iter().filter(of).map(|row| row["signer"].as_str().unwrap()).collect();
    assert_eq!(signers, BTreeSet::from(["XA", "XB"]), "both sides gave evidence of it");
    let only = ask(xa, &["signatures", "--packet", id]);
    assert_eq!(only, signed.iter().filter(of).cloned().collect::<Vec<_>>());
    let key = keys.iter().find(|k| k["authority"] == "XA" && k["purpose"] == "packet").unwrap();
    assert_eq!(packets[0]["key_id"], key["key_id"]);
    let past = ask(xa, &["keys", "--at", "2020-01-01", "--all"]);
    assert!(past.len() == 16 && past.iter().all(|key| key["in_force"] == false));
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_get_what_is_there_and_then_what_comes() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, _xb) = pair(dir.path()).await;
    let newest = xa.client().auditor().checkpoint(CheckpointRequest {}).await.unwrap().into_inner();
    let size = Checkpoint::danger_unverified(&newest.checkpoint).unwrap().size;
    let far = xa.client().auditor().follow(FollowRequest { from: size + 1000 }).await;
    assert_eq!(far.unwrap_err().code(), Code::OutOfRange);
    let mut stream = xa.client().auditor().follow(FollowRequest { from: 3 }).await.unwrap().into_inner();
    let (packet, _) = xa.send("XB", "");
    let mut next = 3;
    loop {
        let entry = stream.message().await.unwrap().expect("it goes on");
        assert_eq!(entry.index, next);
        next += 1;
        let page = xa.client().auditor().entries(EntriesRequest { from: entry.index, count: 1 }).await;
        let entries = page.unwrap().into_inner().entries;
        assert_eq!((&entries[0].leaf, &entries[0].objects), (&entry.leaf, &entry.objects));
        let leaf = rogatory::format::leaf::Leaf::decode(&entry.leaf).unwrap();
        if leaf.id.is_some_and(|id| id.to_string() == packet) && next > size {
            break;
        }
    }
    // It ends with the gateway, within the drain.
    assert!(xa.stop().await.success());
    while let Ok(Some(_)) = stream.message().await {}
}

/// Every call of each service, by name; those that answer with a stream are only begun.
async fn calls(client: &LocalClient) -> BTreeMap<&'static str, Code> {
    let (mut officer, mut operator, mut auditor) = (client.officer(), client.operator(), client.auditor());
    macro_rules! code {
        ($call:expr) => {
            $call.await.map_or_else(|status| status.code(), |_| Code::Ok)
        };
    }
    BTreeMap::from([
        ("officer submit", code!(officer.submit(tokio_stream::empty()))),
        ("officer packets", code!(officer.packets(PacketsRequest::default()))),
        ("officer show", code!(officer.show(PacketName::default()))),
        ("officer fetch", code!(officer.fetch(FetchRequest::default()))),
        ("officer answer", code!(officer.answer(AnswerRequest::default()))),
        ("officer case", code!(officer.case(CaseRequest::default()))),
        ("officer watch", code!(officer.watch(WatchRequest {}))),
        ("officer check", code!(officer.check(CheckRequest::default()))),
        ("officer cases", code!(officer.cases(CasesRequest::default()))),
        ("officer show_case", code!(officer.show_case(ShowCaseRequest::default()))),
        ("officer search_cases", code!(officer.search_cases(CaseSearchRequest::default()))),
        ("officer drafts", code!(officer.drafts(DraftsRequest::default()))),
        ("officer read_draft", code!(officer.read_draft(DraftName::default()))),
        ("officer approve_draft", code!(officer.approve_draft(DraftName::default()))),
        ("officer reject_draft", code!(officer.reject_draft(DraftName::default()))),
        ("officer disclose", code!(officer.disclose(DiscloseRequest::default()))),
        ("officer carry_out", code!(officer.carry_out(CarryOutRequest::default()))),
        ("officer carry_in", code!(officer.carry_in(tokio_stream::empty()))),
        ("operator offer", code!(operator.offer(OfferRequest {}))),
        ("operator pair", code!(operator.pair(PairRequest::default()))),
        ("operator notify", code!(operator.notify(NotifyRequest::default()))),
        ("operator make_group", code!(operator.make_group(MakeGroupRequest::default()))),
        ("operator join_group", code!(operator.join_group(JoinGroupRequest::default()))),
        ("operator peers", code!(operator.peers(PeersRequest {}))),
        ("operator gateway", code!(operator.gateway(GatewayRequest {}))),
        ("auditor checkpoint", code!(auditor.checkpoint(CheckpointRequest {}))),
        ("auditor entries", code!(auditor.entries(EntriesRequest::default()))),
        ("auditor inclusion", code!(auditor.inclusion(InclusionRequest { index: 0, size: 1 }))),
        (
            "auditor consistency",
            code!(auditor.consistency(ConsistencyRequest {
                from_size: 1,
                to_size: 1,
                from_sizes: Vec::new()
            })),
        ),
        ("auditor follow", code!(auditor.follow(FollowRequest::default()))),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_calls_its_own_service_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "none");
    let good = std::fs::read_to_string(xa.config()).unwrap();
    for role in ["officer", "operator", "auditor"] {
        let alone = only(&good, role);
        std::fs::write(xa.config(), alone).unwrap();
        xa.serve().await;
        for (call, code) in calls(xa.client()).await {
            assert_eq!(code == Code::PermissionDenied, !call.starts_with(role), "{role}: {call}: {code}");
            assert!(role != "auditor" || code == Code::Ok || !call.starts_with(role), "{call}: {code}");
        }
        xa.stop().await;
    }
    std::fs::remove_file(xa.data.join("actors")).unwrap();
    refused_input(&xa.data);
}

/// The configuration with one role only.
fn only(config: &str, role: &str) -> String {
    let others = ["officers", "operators", "auditors"].into_iter().filter(|list| !list.starts_with(role));
    others.fold(config.to_owned(), |text, list| {
        let lines = text.lines().map(|line| match line.starts_with(list) {
            true => format!("{list} = []\n"),
            false => format!("{line}\n"),
        });
        lines.collect()
    })
}

fn refused_input(data: &Path) {
    let data = data.to_str().unwrap();
    for (question, said) in [
        (vec!["gaps", "--data", "/nowhere"], "holds no ledger"),
        (vec!["gaps", "--data", data, "--older", "soon"], "number of days"),
        (vec!["entries", "--data", data, "--kind", "letter"], "status_received"),
        (vec!["entries", "--data", data, "--code", "lost"], "relay_rejection"),
        (vec!["entries", "--data", data, "--from", "yesterday"], "RFC 3339"),
        (vec!["entries", "--data", data, "--actor", "me"], "16 hex digits"),
        (vec!["entries", "--data", data, "--csv", "--json"], "two forms"),
        (vec!["openings", "--data", data, "--names"], "no table of names"),
        (vec!["statistics", "--data", data, "--by", "weather"], "month"),
    ] {
        let output = rogatory().args(["ledger", "ask"]).args(&question).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{question:?}: {error}");
        assert!(error.contains(said), "{question:?}: {error}");
    }
}

#[test]
fn a_damaged_ledger_is_an_error_and_no_short_answer() {
    let dir = tempfile::tempdir().unwrap();
    let xa = Authority::found(dir.path(), "XA", "none");
    let data = xa.data.to_str().unwrap();
    let ask = || run(&["ledger", "ask", "keys", "--data", data, "--csv"]);
    assert!(ask().status.success());
    let journal = xa.data.join("journal/0000000000000001.journal");
    let sound = std::fs::read(&journal).unwrap();
    for at in [40, sound.len() / 2, sound.len() - 1] {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        std::fs::write(&journal, bytes).unwrap();
        let output = ask();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "byte {at}: {error}");
        assert!(error.contains("more entries") || error.contains("damaged"), "byte {at}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_the_same_from_every_source_and_hides_what_is_small() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let mut packets = Vec::new();
    for _ in 0..6 {
        packets.push(xa.send("XB", "").0);
    }
    until("all are there", || async { xb.boxed(0).await.len() == 6 }).await;
    xb.json(&["answer", &packets[0], "registered"]);
    xb.json(&["answer", &packets[0], "refused", "--ground", "nationality"]);
    xa.quiet().await;
    xb.quiet().await;
    let year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year().to_string();
    let config = xb.config();
    let report = |more: &[&str]| {
        let output = rogatory()
            .args([&["report", "--year", &year], more, &["--config"]].concat())
            .arg(&config)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let data = xb.data.to_str().unwrap().to_owned();
    let export = dir.path().join("export");
    let (page, other) = (dir.path().join("report.html"), dir.path().join("other.html"));
    let forms: [&[&str]; 3] = [&["--threshold", "1"], &["--csv"], &["--json"]];
    let online = forms.map(report);
    report(&["--html", page.to_str().unwrap()]);
    let page = std::fs::read_to_string(page).unwrap();
    xb.stop().await;
    xb.json(&["ledger", "export", &data, "--out", export.to_str().unwrap()]);
    for source in [data.as_str(), export.to_str().unwrap()] {
        for (form, online) in forms.iter().zip(&online) {
            assert_eq!(&report(&[&[source], *form].concat()), online);
        }
        report(&[source, "--html", other.to_str().unwrap()]);
        assert_eq!(std::fs::read_to_string(&other).unwrap(), page);
    }

    // Everything, for one's own eyes; one hidden refusal, for others.
    let [text, csv, json] = &online;
    assert!(text.starts_with(&format!("Report of XB for {year}\n")), "{text}");
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    for row in [["XA", "6", "0"], ["refused", "1", "0"], ["nationality", "1", "0"]] {
        assert!(lines.contains(&row.to_vec()), "{row:?} in {text}");
    }
    let json: Value = serde_json::from_str(json).unwrap();
    assert_eq!(json["authority"], "XB");
    let tables = &json["tables"];
    assert_eq!(tables["requests_by_state"]["rows"]["XA"], json!({ "received": 6, "sent": 0 }));
    assert_eq!(tables["requests_by_kind"]["rows"]["mutual_legal_assistance"]["received"], 6);
    assert_eq!(tables["outcomes"]["total"], json!({ "received": null, "sent": 0 }));
    assert_eq!(tables["refusals_by_ground"]["rows"]["nationality"]["received"], Value::Null);
    assert_eq!(tables["undecided_by_age"]["rows"]["up to 29 days"]["received"], 5);
    let rows: Vec<BTreeMap<String, String>> =
        csv::Reader::from_reader(csv.as_bytes()).deserialize().collect::<Result<_, _>>().unwrap();
    let value = |table: &str, row: &str| {
        let found =
            rows.iter().find(|r| r["table"] == table && r["row"] == row && r["direction"] == "received");
        found.unwrap()["value"].clone()
    };
    assert_eq!(value("requests_by_state", "XA"), "6");
    assert_eq!(value("refusals_by_ground", "nationality"), "");
    assert!(page.contains("<svg") && page.ends_with("</html>\n"));
    for foreign in ["<script", "<image", "url(", "@import", "src=", "href="] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    // No other address than the name of what SVG is.
    assert_eq!(page.matches("http").count(), page.matches("http://www.w3.org/2000/svg").count() + 1);

    let refused = |args: &[&str], why: &str| {
        let output = rogatory().arg("report").args(args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(why), "{args:?}: {said}");
    };
    refused(&["--year", "2026", "--threshold", "2", &data], "3 up to");
    refused(&["--year", "12", &data], "1970");
    refused(&["--year", "2026", "--csv", "--json", &data], "another form");
    refused(&["--year", "2026", dir.path().to_str().unwrap()], "no ledger");
}
