//! Requests that lack something: each mandatory field of each kind, under each instrument, missing
//! once. The list below was written from the treaties, not from the table of rules.

mod support;

use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::hash::sha256;
use rogatory::exchange::{Answer, ExchangeError};

use rogatory::format::evidence::Finding;
use rogatory::format::id::{AuthorityId, PacketId};
use rogatory::format::leaf::Leaf;
use rogatory::format::packet::Header;
use rogatory::format::status::Status;
use rogatory::format::suite::Suite;
use rogatory::format::wire::{
    self, Request, cause::Code as Cause, event::Code as Event, leaf::Kind as LeafKind, status,
    urgency::Code as Urgency,
};
use rogatory::ledger::records::{self, CaseRecord};
use rogatory::request::file::{read, to_json};
use rogatory::request::register::Register;
use rogatory::request::rules::{Circumstances, Deficiency, certain, check};
use rogatory::store::inspect::{Look, verify};
use rogatory::store::{Commit, Decision, NewEntry};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;
use support::logs::{Pair, send_request};
use support::raw::{Bench, Said};
use support::{Authority, pair, request_file, rogatory, settled};

/// An article under UNTOC, UNCAC, the 1988 Convention, and under anything else; empty: not asked.
type Articles = [&'static str; 4];

const A: Articles = ["18(15)(a)", "46(15)(a)", "7(10)(a)", "model_mutual_assistance 5(1)(a)"];
const B: Articles = ["18(15)(b)", "46(15)(b)", "7(10)(b)", "model_mutual_assistance 5(1)(a)"];
const C: Articles = ["18(15)(c)", "46(15)(c)", "7(10)(c)", "model_mutual_assistance 5(1)(c)"];
const D: Articles = ["18(15)(d)", "46(15)(d)", "7(10)(d)", "model_mutual_assistance 5(1)(b)"];
const F: Articles = ["18(15)(f)", "46(15)(f)", "7(10)(f)", "model_mutual_assistance 5(1)(b)"];
const ROUTE: Articles = ["13(3)", "55(3)", "5(4)(d)", "model_mutual_assistance 18"];
const DOMESTIC: Articles = ["13(3)(a)", "55(3)(a)", "5(4)(d)(i)", "model_mutual_assistance 18"];
const ENFORCE: Articles = ["13(3)(b)", "55(3)(b)", "5(4)(d)(ii)", "model_mutual_assistance 18"];
const FREEZE: Articles = ["13(3)(c)", "55(3)(c)", "5(4)(d)(iii)", "model_mutual_assistance 18"];
const ONLY_UNCAC: Articles = ["", "55(3)(b)", "", ""];
const MODEL_1: Articles = ["model_extradition 5(1)"; 4];
const MODEL_A: Articles = ["model_extradition 5(2)(a)"; 4];
const MODEL_B: Articles = ["model_extradition 5(2)(b)"; 4];
const MODEL_C: Articles = ["model_extradition 5(2)(c)"; 4];
const ARREST: Articles = ["model_extradition 9(2)"; 4];
const URGENT_ARREST: Articles = ["16(9)", "44(10)", "6(8)", "model_extradition 9(1)"];
const SENTENCED: Articles = ["17", "45", "6(12)", "model_prisoners 5"];
const PROCEEDINGS: Articles = ["21", "47", "8", "model_proceedings 2"];
const SPONTANEOUS: Articles = ["18(4)", "46(4)", "", "none"];
const INTELLIGENCE: Articles = ["7(1)(b)", "58", "9(1)", "egmont 19"];
const OPERATION: Articles = ["19", "49", "9(1)", "none"];
const POLICE: Articles = ["27(1)", "48(1)", "9(1)", "none"];
const PRECURSOR: Articles = ["", "", "12(10)(a)", "none"];
const AID: Articles = ["30", "60", "9(3)", "none"];
const WRITING: Articles = ["18(14)", "46(14)", "7(9)", "none"];
const WRITTEN: Articles = ["model_extradition 5(3)"; 4];
const DEADLINE: Articles = ["18(24)", "46(24)", "none", "none"];
const EXECUTED: Articles = ["18(17)", "46(17)", "7(12)", "none"];
const REASONS: Articles = ["18(23)", "46(23)", "7(16)", "none"];
const POSTPONED: Articles = ["18(25)", "46(25)", "7(17)", "none"];
const CONSULTED: Articles = ["18(26)", "46(26)", "7(17)", "none"];
const ASKED: Articles = ["18(16)", "46(16)", "7(11)", "none"];
const SECRET: Articles = ["18(20)", "46(20)", "7(14)", "none"];
const USED: Articles = ["18(19)", "46(19)", "7(13)", "none"];
const NONE: Articles = ["none"; 4];

/// A request that is complete, what is taken out of it, and the article that then is offended.
const MISSING: &[(&str, &str, Articles)] = &[
    ("mla", "/authority/name", A),
    ("mla", "/mutual_legal_assistance/matter/proceeding/subject_matter", B),
    ("mla", "/mutual_legal_assistance/matter/proceeding/nature", B),
    ("mla", "/mutual_legal_assistance/matter/proceeding/conducted_by/name", B),
    ("mla", "/mutual_legal_assistance/matter/proceeding/conducted_by/function", B),
    ("mla", "/mutual_legal_assistance/matter/facts", C),
    ("mla", "/mutual_legal_assistance/assistance", D),
    ("mla", "/mutual_legal_assistance/assistance/0/code", D),
    ("mla", "/mutual_legal_assistance/assistance/1/description", D),
    ("mla", "/mutual_legal_assistance/matter/purpose", F),
    ("mla", "/language", WRITING),
    ("mla", "/wanted_by/reason", DEADLINE),
    ("confiscation", "/authority/name", A),
    ("confiscation", "/confiscation/matter/proceeding/subject_matter", B),
    ("confiscation", "/confiscation/matter/proceeding/nature", B),
    ("confiscation", "/confiscation/matter/proceeding/conducted_by/name", B),
    ("confiscation", "/confiscation/matter/proceeding/conducted_by/function", B),
    ("confiscation", "/confiscation/matter/facts/summary", C),
    ("confiscation", "/confiscation/matter/purpose", F),
    ("confiscation", "/confiscation/freeze", ROUTE),
    ("confiscation", "/confiscation/freeze/grounds", FREEZE),
    ("confiscation", "/confiscation/freeze/actions", FREEZE),
    ("confiscation", "/urgency_reason", WRITING),
    ("domestic order", "/confiscation/property", DOMESTIC),
    ("domestic order", "/confiscation/domestic_order/grounds", DOMESTIC),
    ("enforced order", "/confiscation/enforce_order/order/copy", ENFORCE),
    ("enforced order", "/confiscation/enforce_order/grounds", ENFORCE),
    ("enforced order", "/confiscation/enforce_order/extent", ENFORCE),
    ("enforced order", "/confiscation/enforce_order/bona_fide_measures", ONLY_UNCAC),
    ("enforced order", "/confiscation/enforce_order/due_process", ONLY_UNCAC),
    ("enforced order", "/confiscation/enforce_order/finality", ONLY_UNCAC),
    ("extradition", "/authority/name", MODEL_1),
    ("extradition", "/language", WRITTEN),
    ("extradition", "/extradition/person", MODEL_A),
    ("extradition", "/extradition/matter/charges", MODEL_A),
    ("extradition", "/extradition/matter/charges/0/text", MODEL_A),
    ("extradition", "/extradition/matter/charges/0/penalty", MODEL_A),
    ("extradition", "/extradition/matter/facts", MODEL_B),
    ("extradition", "/extradition/decisions", MODEL_B),
    ("extradition", "/extradition/aim", MODEL_1),
    ("sentence", "/extradition/decisions", MODEL_C),
    ("sentence", "/extradition/remaining_sentence", MODEL_C),
    ("provisional_arrest", "/authority/name", MODEL_1),
    ("provisional_arrest", "/provisional_arrest/person", ARREST),
    ("provisional_arrest", "/provisional_arrest/extradition_follows", ARREST),
    ("provisional_arrest", "/provisional_arrest/decision", ARREST),
    ("provisional_arrest", "/provisional_arrest/matter/charges", ARREST),
    ("provisional_arrest", "/provisional_arrest/matter/facts", ARREST),
    ("not urgent arrest", "/provisional_arrest/reason", URGENT_ARREST),
    ("transfer_sentenced_person", "/authority", SENTENCED),
    ("transfer_sentenced_person", "/transfer_sentenced_person/person", SENTENCED),
    ("transfer_sentenced_person", "/transfer_sentenced_person/judgment", SENTENCED),
    ("transfer_sentenced_person", "/transfer_sentenced_person/sentence", SENTENCED),
    ("transfer_of_proceedings", "/authority", PROCEEDINGS),
    ("transfer_of_proceedings", "/transfer_of_proceedings/matter/facts", PROCEEDINGS),
    ("transfer_of_proceedings", "/transfer_of_proceedings/matter/charges", PROCEEDINGS),
    ("transfer_of_proceedings", "/transfer_of_proceedings/matter/persons", PROCEEDINGS),
    ("transfer_of_proceedings", "/transfer_of_proceedings/gathered", PROCEEDINGS),
    ("transfer_of_proceedings", "/transfer_of_proceedings/reason", PROCEEDINGS),
    ("spontaneous_information", "/authority", SPONTANEOUS),
    ("spontaneous_information", "/spontaneous_information/information", SPONTANEOUS),
    ("financial_intelligence", "/authority", INTELLIGENCE),
    ("financial_intelligence", "/financial_intelligence/suspicion", INTELLIGENCE),
    ("financial_intelligence", "/financial_intelligence/link", INTELLIGENCE),
    ("financial_intelligence", "/financial_intelligence/purpose", INTELLIGENCE),
    ("financial_intelligence", "/financial_intelligence/sought", INTELLIGENCE),
    ("nobody's intelligence", "/financial_intelligence/accounts", INTELLIGENCE),
    ("joint_operation", "/authority", OPERATION),
    ("joint_operation", "/joint_operation/objective", OPERATION),
    ("joint_operation", "/joint_operation/members", OPERATION),
    ("joint_operation", "/joint_operation/members/0/contacts", OPERATION),
    ("joint_operation", "/joint_operation/window", OPERATION),
    ("joint_operation", "/joint_operation/tasks", OPERATION),
    ("border_alert", "/authority", POLICE),
    ("border_alert", "/border_alert/crossing", POLICE),
    ("border_alert", "/border_alert/expected_at", POLICE),
    ("border_alert", "/border_alert/expires_at", POLICE),
    ("nobody's alert", "/border_alert/goods", POLICE),
    ("precursor_alert", "/authority", PRECURSOR),
    ("precursor_alert", "/precursor_alert/substances", PRECURSOR),
    ("precursor_alert", "/precursor_alert/substances/0/mass_grams", PRECURSOR),
    ("precursor_alert", "/precursor_alert/parties", PRECURSOR),
    ("precursor_alert", "/precursor_alert/route", PRECURSOR),
    ("precursor_alert", "/oral_request/made_at", ["", "", "7(9)", "none"]),
    ("precursor_alert", "/oral_request/made_by", ["", "", "7(9)", "none"]),
    ("precursor_alert", "/oral_request/taken_by", ["", "", "7(9)", "none"]),
    ("technical_assistance", "/authority", AID),
    ("technical_assistance", "/technical_assistance/need", AID),
    ("technical_assistance", "/technical_assistance/priority", AID),
    ("technical_assistance", "/technical_assistance/beneficiary", AID),
    ("execution", "/execution/results", EXECUTED),
    ("partial_execution", "/partial_execution/outstanding", EXECUTED),
    ("partial_execution", "/partial_execution/outstanding/0/reason", REASONS),
    ("refusal", "/refusal/reasons", REASONS),
    ("refusal", "/refusal/reasons/0/text", REASONS),
    ("refusal", "/refusal/reasons/0/ground", REASONS),
    ("postponement", "/postponement/reason", POSTPONED),
    ("consultation", "/consultation/intent", CONSULTED),
    ("information_request", "/information_request/questions", ASKED),
    ("information_request", "/information_request/questions/0/text", ASKED),
    ("information_response", "/information_response/answers/0/text", ASKED),
    ("progress", "/progress/report", DEADLINE),
    ("confidentiality_notice", "/confidentiality_notice/notice", SECRET),
    ("consent_to_use", "/consent_to_use/step", USED),
    ("consent_to_use", "/consent_to_use/intended_use", USED),
    ("amendment", "/amendment/changes/0/what", NONE),
    ("closing", "/closing/result", NONE),
];

const INSTRUMENTS: [&str; 4] = ["untoc", "uncac", "convention_1988", "reciprocity"];

/// A complete request by name, and its urgency: samples, and variants of them.
fn complete(name: &str, instrument: &str) -> (Value, Urgency) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (sample, change): (&str, fn(&mut Value)) = match name {
        "mla" => ("", |_| ()),
        "domestic order" => ("confiscation", |request| {
            let asked = request["confiscation"].as_object_mut().unwrap();
            asked.remove("freeze");
            asked.insert("domestic_order".into(), json!({ "grounds": "Ce qui fonde la demande." }));
        }),
        "enforced order" => ("confiscation", |request| {
            let asked = request["confiscation"].as_object_mut().unwrap();
            asked.remove("freeze");
            let order = json!({
                "order": { "form": "confiscation_order", "copy": 1 }, "grounds": "Les faits.",
                "extent": "En entier.", "bona_fide_measures": "Avis publié.", "due_process": "Respectées.",
                "finality": "La décision est définitive.",
            });
            asked.insert("enforce_order".into(), order);
        }),
        "sentence" => ("extradition", |request| {
            request["extradition"]["aim"] = "sentence".into();
            request["extradition"]["decisions"][0]["form"] = "judgment".into();
            request["extradition"]["remaining_sentence"] = "Три года".into();
        }),
        "not urgent arrest" => ("provisional_arrest", |request| {
            request.as_object_mut().unwrap().remove("urgency_reason");
        }),
        "nobody's intelligence" => ("financial_intelligence", |request| {
            let told = request["financial_intelligence"].as_object_mut().unwrap();
            told.remove("persons");
            told.remove("organizations");
        }),
        "nobody's alert" => ("border_alert", |request| {
            let told = request["border_alert"].as_object_mut().unwrap();
            for subject in ["persons", "conveyances", "substances"] {
                told.remove(subject);
            }
        }),
        name => (name, |_| ()),
    };
    let paths = match sample {
        "" => vec![root.join("src/cli/demo/case1/request.toml")],
        sample => ["toml", "json"].map(|end| root.join(format!("tests/samples/{sample}.{end}"))).to_vec(),
    };
    let text = paths.iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap();
    let file = read(&text).unwrap();
    let urgency = if name == "not urgent arrest" { Urgency::Routine } else { file.urgency() };
    let mut request = to_json(file.request.as_ref().unwrap(), "Request");
    change(&mut request);
    request["legal_basis"] = json!([{ "instrument": instrument, "article": "1", "name": "As it is named" }]);
    (request, urgency)
}

fn parsed(request: &Value) -> Request {
    read(&json!({ "recipient": "XB", "request": request }).to_string()).unwrap().request.unwrap()
}

fn remove(request: &mut Value, path: &str) {
    let (parent, key) = path.rsplit_once('/').unwrap();
    let parent = request.pointer_mut(parent).unwrap_or_else(|| panic!("{path}"));
    assert!(parent.as_object_mut().unwrap().remove(key).is_some(), "{path} was not there");
}

fn cited(found: &Deficiency) -> String {
    found.citation.map_or("none".into(), |cited| format!("{} {}", cited.source, cited.article))
}

#[test]
fn every_mandatory_field_of_every_kind_under_every_instrument_is_missed_once() {
    let mut count = 0;
    let mut rules = std::collections::BTreeSet::new();
    for (name, path, articles) in MISSING {
        for (instrument, article) in INSTRUMENTS.iter().zip(articles) {
            if article.is_empty() {
                continue;
            }
            let (mut request, urgency) = complete(name, instrument);
            assert_eq!(certain(&parsed(&request), urgency), [], "{name} under {instrument} is complete");
            remove(&mut request, path);
            let found = certain(&parsed(&request), urgency);
            let expected = match article.contains(' ') || *article == "none" {
                true => (*article).to_owned(),
                false => format!("{instrument} {article}"),
            };
            assert_eq!(
                found.iter().map(cited).collect::<Vec<_>>(),
                [expected],
                "{path} under {instrument}: {found:?}"
            );
            rules.insert(found[0].rule);
            count += 1;
        }
    }
    println!("{count} deficient requests, {} rules", rules.len());
    assert!(count > 300 && rules.len() > 70);
}

#[test]
fn every_sample_is_complete() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut count = 0;
    for path in std::fs::read_dir(samples).unwrap().map(|entry| entry.unwrap().path()) {
        let file = read(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(certain(file.request.as_ref().unwrap(), file.urgency()), [], "{path:?}");
        count += 1;
    }
    assert_eq!(count, 25, "twelve kinds and thirteen answers");
}

#[test]
fn text_that_says_nothing_is_missing() {
    for nothing in ["", " ", "—", "…", ". . .", "\u{200c}"] {
        let (mut request, urgency) = complete("mla", "uncac");
        request["mutual_legal_assistance"]["matter"]["purpose"] = nothing.into();
        let found = certain(&parsed(&request), urgency);
        assert_eq!(found.iter().map(cited).collect::<Vec<_>>(), ["uncac 46(15)(f)"], "{nothing:?}");
    }
}

#[test]
fn what_an_instrument_does_not_have_is_an_error_with_its_article() {
    let errors =
        |request: &Value, urgency| certain(&parsed(request), urgency).iter().map(cited).collect::<Vec<_>>();
    let rows = [
        ("freezing", ["", "", "convention_1988 7(2)", ""]),
        ("expert_evaluation", ["", "", "convention_1988 7(2)", ""]),
        ("proceeds_identification", ["untoc 18(3)", "", "convention_1988 7(2)", ""]),
        ("asset_recovery", ["untoc 18(3)", "", "convention_1988 7(2)", ""]),
        ("search_or_seizure", ["", "", "", ""]),
        ("tracing_proceeds", ["", "", "", ""]),
    ];
    for (code, expected) in rows {
        for (instrument, expected) in INSTRUMENTS.iter().zip(expected) {
            let (mut request, urgency) = complete("mla", instrument);
            request["mutual_legal_assistance"]["assistance"][1]["code"] = code.into();
            let expected: Vec<_> = [expected].into_iter().filter(|article| !article.is_empty()).collect();
            assert_eq!(errors(&request, urgency), expected, "{code} under {instrument}");
            // One instrument that has it is enough.
            request["legal_basis"] =
                json!([{ "instrument": instrument, "name": "N" }, { "instrument": "uncac" }]);
            assert!(errors(&request, urgency).is_empty(), "{code} under {instrument} and UNCAC");
        }
    }
    let kinds = [
        ("spontaneous_information", ["", "", "convention_1988 7", ""]),
        ("precursor_alert", ["untoc 27", "uncac 48", "", ""]),
    ];
    for (kind, expected) in kinds {
        for (instrument, expected) in INSTRUMENTS.iter().zip(expected) {
            let (request, urgency) = complete(kind, instrument);
            let expected: Vec<_> = [expected].into_iter().filter(|article| !article.is_empty()).collect();
            assert_eq!(errors(&request, urgency), expected, "{kind} under {instrument}");
        }
    }
}

#[test]
fn a_register_says_whether_the_basis_is_in_force() {
    const REGISTER: &str = "[[state]]\ncode = \"XA\"\nname = \"A\"\nauthorities = [\"XA\"]\n\
        [[state]]\ncode = \"XB\"\nname = \"B\"\nauthorities = [\"XB\"]\n\
        [[party]]\nstate = \"XA\"\ninstrument = \"convention_1988\"\nis = \"party\"\nsince = \"1990-01-01\"\n\
        [[party]]\nstate = \"XB\"\ninstrument = \"convention_1988\"\nis = \"party\"\nsince = \"1990-01-01\"\n\
        [[party]]\nstate = \"XA\"\ninstrument = \"uncac\"\nis = \"not_party\"\n\
        [[party]]\nstate = \"XB\"\ninstrument = \"uncac\"\nis = \"party\"\nsince = \"2010-01-01\"\n";
    let rows: [(&str, bool, &str, &[&str]); 6] = [
        ("convention_1988", false, "XB", &["in_writing_only"]),
        ("convention_1988", true, "XB", &[]),
        ("uncac", false, "XB", &["basis_not_in_force"]),
        ("untoc", false, "XB", &["basis_unknown"]),
        ("untoc", false, "XC", &["basis_unknown"]),
        ("reciprocity", false, "XB", &[]),
    ];
    for (instrument, electronic_form, recipient, expected) in rows {
        let (request, urgency) = complete("mla", instrument);
        let register = Register::read(REGISTER).unwrap();
        let sides = ["XA", recipient].map(|name| AuthorityId::parse(name).unwrap());
        let around = Circumstances {
            urgency,
            now: Some(1_795_000_000_000),
            electronic_form,
            treaties: Some((&register, [&sides[0], &sides[1]])),
            ..Circumstances::default()
        };
        let found: Vec<_> = check(&parsed(&request), &around).iter().map(|found| found.rule).collect();
        let about = |rule: &&&str| rule.starts_with("basis_") || rule.starts_with("in_writing");
        let found: Vec<_> = found.iter().filter(about).copied().collect();
        assert_eq!(found, expected, "{instrument} with {recipient}");
    }
    // Without a register nothing is said of force, and the rest is asked all the same.
    let (request, _) = complete("mla", "uncac");
    assert!(
        check(&parsed(&request), &Circumstances::default())
            .iter()
            .all(|found| !found.rule.starts_with("basis_"))
    );
}

#[test]
fn bank_secrecy_and_fiscal_matters_are_no_grounds() {
    let rows = [
        (
            "bank_secrecy",
            ["untoc 18(8)", "uncac 46(8)", "convention_1988 7(5)", "model_mutual_assistance 4(2)"],
        ),
        (
            "fiscal_matters",
            ["untoc 18(22)", "uncac 46(22)", "convention_1988 3(10)", "model_mutual_assistance 4"],
        ),
    ];
    for (ground, articles) in rows {
        for (instrument, article) in INSTRUMENTS.iter().zip(articles) {
            let (mut request, urgency) = complete("refusal", instrument);
            request["refusal"]["reasons"][0]["ground"] = ground.into();
            let found = certain(&parsed(&request), urgency);
            assert_eq!(found.iter().map(cited).collect::<Vec<_>>(), [article], "{ground} under {instrument}");
            let (mut request, urgency) = complete("partial_execution", instrument);
            request["partial_execution"]["outstanding"][0]["ground"] = ground.into();
            let found = certain(&parsed(&request), urgency);
            assert_eq!(found.iter().map(cited).collect::<Vec<_>>(), [article], "{ground} under {instrument}");
        }
    }
}

/// Runs a command of an authority.
fn outcome_of(of: &Authority, args: &[&str]) -> Output {
    rogatory().args(args).arg("--config").arg(of.config()).output().unwrap()
}

/// Runs `rogatory check` on a text, with no gateway near.
fn checked(text: &str, more: &[&str]) -> (i32, String, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("request.toml");
    std::fs::write(&path, text).unwrap();
    let out = rogatory().arg("check").arg(&path).args(more).current_dir(dir.path()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

#[test]
fn check_says_what_is_missing_and_ends_with_its_code() {
    let whole = request_file("XB", "");
    let (code, said, _) = checked(&whole, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("warning: no person concerned is named — UNTOC 18(15)(e)"), "{said}");
    let without = whole.replace("summary = \"A test.\"", "").replace("\"untoc\"", "\"uncac\"");
    let (code, said, _) = checked(&without, &[]);
    assert_eq!(code, 1);
    let line = "error: facts are missing; needed unless the request is to serve documents — UNCAC 46(15)(c)\n  \
                mutual_legal_assistance.matter.facts.summary\n";
    assert!(said.starts_with(line), "{said}");
    let (code, said, _) = checked(&without, &["--language", "fa"]);
    assert!(code == 1 && said.starts_with("خطا: ") && said.contains("46(15)(c)"), "{said}");
    let (code, said, _) = checked(&without, &["--json"]);
    let told: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &told["errors"], &told["kind"]), (1, &1.into(), &"mutual_legal_assistance".into()));
    let first = &told["deficiencies"][0];
    assert_eq!(
        (&first["rule"], &first["instrument"], &first["article"], &first["verify"]),
        (&"facts".into(), &"uncac".into(), &"46(15)(c)".into(), &false.into())
    );
    for (text, named) in [
        ("recipient = ", "request.toml"),
        ("recipient = \"XB\"\n", "request"),
        ("recipient = \"XB\"\n[request]\nlanguage = \"en\"\n", "no content"),
        ("recipient = \"XB\"\n[request]\ncolour = \"red\"\n", "colour"),
    ] {
        let (code, _, said) = checked(text, &[]);
        assert!(code == 2 && said.contains(named) && said.contains("try: "), "{text}: {code} {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_refuses_to_send_what_is_deficient_and_to_refuse_without_ground() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let mut xa = xa;
    let path = xa.data.join("request.toml");
    let run = |of: &Authority, args: &[&str]| {
        let out = outcome_of(of, args);
        (out.status.code().unwrap(), String::from_utf8(out.stderr).unwrap())
    };
    std::fs::write(&path, request_file("XB", "").replace("A court\"", "\"")).unwrap();
    let (code, said) = run(&xa, &["send", path.to_str().unwrap()]);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("the name of the authority conducting the proceeding is missing — UNTOC 18(15)(b)"),
        "{said}"
    );
    assert!(xa.boxed(support::OUTBOX).await.is_empty(), "nothing was sent");
    // Warnings are shown, and hinder nothing.
    std::fs::write(&path, request_file("XB", "")).unwrap();
    let sent = xa.json(&["send", path.to_str().unwrap()]);
    let warned = sent["deficiencies"].as_array().unwrap();
    assert!(
        warned.iter().any(|told| told["rule"] == "persons")
            && warned.iter().all(|told| told["level"] != "error")
    );
    let packet = sent["packet"].as_str().unwrap().to_owned();
    settled(&xa, &packet).await;
    xb.json(&["answer", &packet, "registered"]);
    for (ground, article) in [("bank_secrecy", "UNTOC 18(8)"), ("fiscal_matters", "UNTOC 18(22)")] {
        let (code, said) = run(&xb, &["answer", &packet, "refused", "--ground", ground]);
        assert!(code == 2 && said.contains(article), "{code} {said}");
    }
    xb.json(&["answer", &packet, "refused", "--ground", "sovereignty_security"]);
    xb.quiet().await;
    xa.stop().await;
    xb.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_signs_what_is_missing_article_by_article() {
    let bench = Bench::new().await;
    let (mut request, _) = complete("mla", "untoc");
    request["schema"] = 1.into();
    request["attachments"] = json!([]);
    remove(&mut request, "/mutual_legal_assistance/matter/purpose");
    remove(&mut request, "/mutual_legal_assistance/assistance/1/description");
    let packet = bench.packet_of(Suite::One, &parsed(&request));
    let Said::Evidence(said) = bench.deliver(&packet).await else { panic!("deferred") };
    assert_eq!(said[0].0.event, Event::RelayAcceptance);
    let told = &said[1].0;
    assert_eq!((told.event, told.cause), (Event::ContentConsignmentFailure, Cause::ContentDeficient));
    let finding = |field: &[u32], rule: &str, article: &str, item| Finding {
        cause: Cause::ContentDeficient,
        object: 1,
        field: field.to_vec(),
        rule: rule.into(),
        instrument: "untoc".into(),
        article: article.into(),
        item,
    };
    assert_eq!(
        told.findings,
        [
            finding(&[101, 2, 2], "assistance_description", "18(15)(d)", 2),
            finding(&[101, 1, 6], "purpose", "18(15)(f)", 0),
        ]
    );
    // The same again gets the same bytes.
    let Said::Evidence(again) = bench.deliver(&packet).await else { panic!("deferred") };
    assert_eq!(sha256(&again[1].1), sha256(&said[1].1));
    let id = packet.header.id.to_string();
    let shown = bench.xb.json(&["show", &id]);
    let finding = &shown["outcomes"][1]["findings"][1];
    assert_eq!((&finding["article"], &finding["rule"]), (&"18(15)(f)".into(), &"purpose".into()));
    let shown = outcome_of(&bench.xb, &["show", &id]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    for line in [
        "the assistance sought is not described — UNTOC 18(15)(d)  (mutual_legal_assistance.assistance[2].description)",
        "the purpose for which the assistance is sought is missing — UNTOC 18(15)(f)  (mutual_legal_assistance.matter.purpose)",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
}

/// What XA says to a status of a peer whose gateway lets its officers say anything.
async fn told(pair: &Pair, header: &Header, (code, ground): (status::Code, status::Ground)) -> Cause {
    let (identity, header) = (pair.xb.identity.clone(), header.clone());
    let commit: Commit<(), ExchangeError> = pair.xb.store.commit(move |views, now| {
        let key = records::case(&header.case_id, &header.sender);
        let case: CaseRecord = records::read(views, &key)?.expect("the case is there");
        let said = &case.our_statuses;
        let status = Status {
            author: header.recipient.clone(),
            peer: header.sender.clone(),
            id: PacketId::fresh(now, &SystemEntropy::default())?,
            case_id: header.case_id,
            seq: said.count,
            prev: (said.count > 0).then(|| said.digest.as_slice().try_into().expect("a digest")),
            seen: (0, None),
            created: now,
            code,
            ground,
            packet_id: header.id,
            reply_id: None,
            review_at: 0,
            text: None,
        };
        let leaf = Leaf {
            actor: Some([1; 8]),
            peer: Some(header.sender.clone()),
            id: Some(status.id),
            case_id: Some(header.case_id),
            code: status.code as u32,
            ..Leaf::new(LeafKind::StatusIssued)
        };
        let signed = status.sign(identity.evidence_in(Suite::One, now)?)?;
        let entries = vec![NewEntry { leaf, objects: vec![signed.carried.envelope] }];
        Ok(Decision { entries, contents: Vec::new(), value: () })
    });
    let status = commit.await.unwrap().unwrap().first;
    let peer = pair.xb_of_xa();
    let ack = pair.xb.acknowledgement(&[status], &pair.xb.store.checkpoint(), peer.verified().0).unwrap();
    let told = wire::ToldStatus { acknowledgement: Some(ack), ..wire::ToldStatus::default() };
    let Answer::Committed(indices, _) = pair.xa.accept_status(&peer, told).await.unwrap() else {
        panic!("the status is put off");
    };
    let entry = pair.xa.store.snapshot().entry(indices[0]).unwrap();
    assert_eq!((entry.leaf.kind, entry.leaf.code), (LeafKind::StatusReceived, code as u32));
    Cause::try_from(entry.leaf.cause as i32).unwrap()
}

#[tokio::test]
async fn a_peers_refusal_without_ground_is_rejected_with_evidence() {
    for (ground, cause) in [
        (status::Ground::BankSecrecy, Cause::ContentDeficient),
        (status::Ground::FiscalMatters, Cause::ContentDeficient),
        (status::Ground::SovereigntySecurity, Cause::None),
    ] {
        let pair = Pair::new().await;
        let header = send_request(&pair.xa, &pair.xb, parsed(&complete("mla", "untoc").0)).await;
        let said = (status::Code::Registered, status::Ground::NoGround);
        assert_eq!(told(&pair, &header, said).await, Cause::None, "it is registered");
        assert_eq!(told(&pair, &header, (status::Code::Refused, ground)).await, cause, "{ground:?}");
        pair.xb.store.close().unwrap();
        pair.xa.store.close().unwrap();
        verify(&pair.folder.path().join("xa/data"), Look::default(), &mut |_| {}).unwrap();
    }
}
