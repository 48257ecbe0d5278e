//! Proof bundles of a real pair of gateways: what they prove, and that nothing in them can be
//! changed without being noticed.

mod support;

#[path = "bundle/surgery.rs"]
mod surgery;

use rogatory::format::id::{CaseId, PacketId};
use rogatory::format::wire::{EntriesRequest, PacketName, leaf::Kind};
use rogatory::ledger::bundle;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::{Authority, pair, request_file, rogatory, until};

/// A case between two authorities: XA asked, XB fetched, registered and executed.
pub struct Case {
    pub xa: Authority,
    pub xb: Authority,
    pub packet: String,
    pub dir: tempfile::TempDir,
}

impl Case {
    pub async fn played() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (xa, xb) = pair(dir.path()).await;
        std::fs::write(xa.data.join("annex.txt"), ANNEX).unwrap();
        std::fs::write(xa.data.join("نامه.bin"), vec![7; 200_000]).unwrap();
        let more = "[[attachments]]\npath = \"annex.txt\"\n[[attachments]]\npath = \"نامه.bin\"\n";
        let file = xa.data.join("request.toml");
        std::fs::write(&file, request_file("XB", more).replace(support::BASIS, "") + BASIS).unwrap();
        let packet = xa.json(&["send", file.to_str().unwrap()])["packet"].as_str().unwrap().to_owned();
        until("it is in the inbox", || async { xb.boxed(0).await.len() == 1 }).await;
        let out = xb.data.join("fetched");
        xb.json(&["fetch", &packet, "--purpose", "execution", "--out", out.to_str().unwrap()]);
        xb.json(&["answer", &packet, "registered", "--reference", "BM-1"]);
        xb.json(&["answer", &packet, "executed", "--text", "It is done."]);
        xa.quiet().await;
        xb.quiet().await;
        Self { xa, xb, packet, dir }
    }

    /// Makes a bundle at one side.
    pub fn prove(&self, at: &Authority, name: &str, more: &[&str]) -> (PathBuf, Value) {
        let out = self.dir.path().join(name);
        let mut args = vec!["ledger", "prove", &self.packet, "--out", out.to_str().unwrap()];
        args.extend(more);
        let told = at.json(&args);
        (out, told)
    }

    /// The two fingerprints as the command wants them.
    pub fn fingerprints(&self) -> Vec<String> {
        [&self.xa, &self.xb]
            .iter()
            .flat_map(|a| {
                let fingerprint = hex::encode(a.identity().chain().fingerprint());
                ["--fingerprint".to_owned(), format!("{}={fingerprint}", a.name)]
            })
            .collect()
    }
}

const BASIS: &str = "[[request.legal_basis]]\ninstrument = \"untoc\"\narticle = \"18(3)\"\n\
                     name = \"Convention <b>against</b> Transnational Organized Crime\"\n\
                     [[request.legal_basis]]\ninstrument = \"domestic_law\"\nname = \"قانون همکاری\"\n";
const ANNEX: &[u8] = b"An annex of a few words.";

/// Runs verify-bundle in an empty folder, with no configuration at hand.
fn verify(file: &Path, more: &[String]) -> Output {
    let empty = tempfile::tempdir().unwrap();
    rogatory().arg("verify-bundle").arg(file).args(more).current_dir(empty.path()).output().unwrap()
}

fn json(file: &Path, fingerprints: &[String]) -> Value {
    let output = verify(file, &[fingerprints, &["--json".to_owned()]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn codes(proof: &Value, what: &str) -> Vec<String> {
    let steps = proof["steps"].as_array().unwrap().iter().filter(|step| step["what"] == what);
    steps
        .map(|step| format!("{} {}", step["author"].as_str().unwrap(), step["code"].as_str().unwrap()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_prove_the_same_packet_to_a_stranger() {
    let mut case = Case::played().await;
    let (from_xa, told) = case.prove(&case.xa, "xa.bundle", &[]);
    let (from_xb, _) = case.prove(&case.xb, "xb.bundle", &[]);
    assert!(told["disclosed"].as_array().unwrap().is_empty());
    let fingerprints = case.fingerprints();
    case.xa.stop().await;
    case.xb.stop().await;
    let expected =
        ["XA SubmissionAcceptance", "XB RelayAcceptance", "XB ContentConsignment", "XB ContentHandover"];
    let a = json(&from_xa, &fingerprints);
    let b = json(&from_xb, &fingerprints);
    assert_eq!(codes(&a, "evidence"), expected);
    assert_eq!(codes(&b, "evidence"), expected[1..]);
    for (proof, maker) in [(&a, "XA"), (&b, "XB")] {
        assert_eq!(proof["proved"], true);
        assert_eq!(proof["maker"], maker);
        assert_eq!(proof["state"], "executed");
        assert_eq!(proof["kind"], "mutual_legal_assistance");
        assert_eq!(codes(proof, "status"), ["XB registered", "XB executed"]);
        assert_eq!(codes(proof, "status_evidence"), ["XA RelayAcceptance", "XA RelayAcceptance"]);
        assert_eq!(proof["packet_digest"], a["packet_digest"]);
    }
    // What the other side said, and what it took, stands in the other side's own log too.
    for proof in [&a, &b] {
        let (trees, linked) = (&proof["peer_trees"], &proof["peer_trees_linked"]);
        assert!(trees.as_u64().unwrap() > 1);
        assert_eq!(
            trees.as_u64().unwrap(),
            linked.as_u64().unwrap() + 1,
            "every tree extends the one before"
        );
    }
    let placed = |proof: &Value, author: &str, what: &str| {
        let steps = proof["steps"].as_array().unwrap();
        let of: Vec<bool> = steps
            .iter()
            .filter(|step| step["author"] == author && step["what"] == what)
            .map(|step| step["peer_entry"].is_object())
            .collect();
        assert!(!of.is_empty());
        of
    };
    assert!(placed(&a, "XB", "evidence").iter().all(|placed| *placed));
    assert!(placed(&a, "XB", "status").iter().all(|placed| *placed));
    assert!(placed(&b, "XB", "status").iter().all(|placed| *placed));
    assert_eq!(placed(&b, "XB", "evidence"), [false, false, true], "the handover was confirmed");
    // The page for people, and as HTML.
    let html = case.dir.path().join("page.html");
    let page =
        verify(&from_xa, &[&fingerprints[..], &["--html".into(), html.to_str().unwrap().into()]].concat());
    assert_eq!(page.status.code(), Some(0));
    let text = String::from_utf8(page.stdout).unwrap();
    let html = std::fs::read_to_string(html).unwrap();
    for words in
        ["PROVED", "WHAT HAPPENED", "does not prove", "EXECUTED", "nothing: the content stays sealed"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("Content-Security-Policy"));
    for foreign in ["<script", "http://", "https://", "src=", "href=", "url(", "@import"] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    assert!(text.contains("United Nations Convention against Transnational Organized Crime"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_fingerprints_nothing_is_proved() {
    let case = Case::played().await;
    let (file, _) = case.prove(&case.xa, "xa.bundle", &[]);
    let fingerprints = case.fingerprints();
    let extract = case.dir.path().join("none");
    let none = verify(&file, &["--extract".into(), extract.to_str().unwrap().into()]);
    assert_eq!(none.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&none.stdout).contains("IDENTITY RESTS ON NOTHING"));
    let said = String::from_utf8_lossy(&none.stderr);
    assert!(said.contains("--fingerprint XA=") && said.contains("nothing was extracted"), "{said}");
    assert!(!extract.exists());
    let one = verify(&file, &fingerprints[..2]);
    assert_eq!(one.status.code(), Some(1), "one of two is not enough");
    let programs = verify(&file, &["--json".into()]);
    let told: Value = serde_json::from_slice(&programs.stdout).expect("one JSON object");
    assert_eq!((told["proved"].clone(), programs.status.code()), (Value::Bool(false), Some(1)));
    let run = |name: &str, fingerprint: &str| {
        let mut given = fingerprints[..2].to_vec();
        given.extend(["--fingerprint".into(), format!("{name}={fingerprint}")]);
        let output = verify(&file, &given);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = run("XB", &"00".repeat(32));
    assert!(code == Some(1) && said.contains("NOT PROVED"), "{said}");
    let (code, said) = run("XC", &"00".repeat(32));
    assert!(code == Some(1) && said.contains("not about XC"), "{said}");
    let (code, said) = run("XB", "abandon");
    assert!(code == Some(2) && said.contains("24 words"), "{said}");
    let words = rogatory::format::words::to_words(&case.xb.identity().chain().fingerprint());
    assert_eq!(run("XB", &words).0, Some(0), "24 words do as well");
    std::fs::write(case.dir.path().join("no.bundle"), b"no bundle").unwrap();
    assert_eq!(verify(&case.dir.path().join("no.bundle"), &fingerprints).status.code(), Some(2));
    assert_eq!(verify(&case.dir.path().join("absent"), &fingerprints).status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disclosed_object_is_what_was_signed_and_opens_nothing_else() {
    let case = Case::played().await;
    let proofs = case.dir.path().join("proofs");
    let tlog = ["--tlog-proofs", proofs.to_str().unwrap()];
    let (body, _) = case.prove(&case.xb, "body.bundle", &[&["--disclose", "0", "1"][..], &tlog].concat());
    let (large, told) = case.prove(&case.xa, "large.bundle", &["--disclose", "2"]);
    assert_eq!(told["disclosed"], serde_json::json!([2]));
    let fingerprints = case.fingerprints();
    let out = case.dir.path().join("out");
    let extract = ["--extract".to_owned(), out.to_str().unwrap().to_owned()];
    let page = verify(&body, &[&fingerprints[..], &extract].concat());
    assert_eq!(page.status.code(), Some(0), "{}", String::from_utf8_lossy(&page.stderr));
    let page = String::from_utf8(page.stdout).unwrap();
    let html = case.dir.path().join("page.html");
    let written =
        verify(&body, &[&fingerprints[..], &["--html".into(), html.to_str().unwrap().into()]].concat());
    assert_eq!(written.status.code(), Some(0));
    let html = std::fs::read_to_string(html).unwrap();
    assert!(html.contains("Convention &lt;b&gt;against&lt;/b&gt;") && !html.contains("<b>against"));
    assert!(html.contains("قانون همکاری") && html.contains("dir=\"auto\""));
    if let Some(keep) = std::env::var_os("ROGATORY_KEEP_BUNDLE") {
        std::fs::write(Path::new(&keep).join("page.html"), html).unwrap();
    }
    assert!(page.contains("\u{2068}annex.txt\u{2069}") && !page.contains("attachment 2"), "{page}");
    assert_eq!(std::fs::read(out.join("1-annex.txt")).unwrap(), ANNEX);
    let request: Value = serde_json::from_slice(&std::fs::read(out.join("request.json")).unwrap()).unwrap();
    assert_eq!(request["mutual_legal_assistance"]["matter"]["facts"]["summary"], "A test.");
    assert!(!out.join("2-نامه.bin").exists());
    let more = case.dir.path().join("more");
    let extract = ["--extract".to_owned(), more.to_str().unwrap().to_owned()];
    assert_eq!(verify(&large, &[&fingerprints[..], &extract].concat()).status.code(), Some(0));
    assert_eq!(std::fs::read(more.join("attachment-2")).unwrap(), vec![7; 200_000]);
    assert_eq!(std::fs::read_dir(&more).unwrap().count(), 1, "the body stays sealed");
    // The key that is disclosed opens one object; the others' commitments name other keys.
    let opened = bundle::open(&std::fs::read(&body).unwrap()).unwrap();
    assert_eq!(opened.disclosed.iter().map(|object| object.number).collect::<Vec<_>>(), [0, 1]);
    // Each disclosure is an opening with the officer's pseudonym, before anything left.
    let request = EntriesRequest { from: 0, count: 1000 };
    let entries = case.xb.client().auditor().entries(request).await.unwrap().into_inner().entries;
    let openings: Vec<u32> = entries
        .iter()
        .map(|entry| rogatory::format::leaf::Leaf::decode(&entry.leaf).unwrap())
        .filter(|leaf| leaf.kind == Kind::Opening && leaf.actor.is_some())
        .map(|leaf| leaf.object)
        .collect();
    assert_eq!(openings, [0, 1, 2], "the fetch, the body, the first attachment");
    // What can't be disclosed is refused, and changes nothing.
    let out = case.dir.path().join("none.bundle");
    let args =
        ["ledger", "prove", &case.packet, "--out", out.to_str().unwrap(), "--disclose", "3", "--config"];
    let refused = rogatory().args(args).arg(case.xa.config()).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("has no object 3"));
    assert!(!out.exists());
    tlog_proofs_hold(&proofs, &opened);
}

/// Writes a sample in the form of `tests/vectors/bundle.*`.
pub fn keep_sample(folder: &Path, bytes: &[u8], shown: &Value) {
    std::fs::write(folder.join("bundle.binpb"), bytes).unwrap();
    let shown = serde_json::to_string_pretty(&without_words(shown.clone())).unwrap() + "\n";
    std::fs::write(folder.join("bundle.json"), shown).unwrap();
}

/// What a bundle proves, without the prose.
fn without_words(mut shown: Value) -> Value {
    let prose = |object: &mut Value, keys: &[&str]| {
        keys.iter().for_each(|key| drop(object.as_object_mut().unwrap().remove(*key)));
    };
    prose(&mut shown, &["verdict", "limits", "absent"]);
    for step in shown["steps"].as_array_mut().unwrap() {
        prose(step, &["proves", "does_not_prove"]);
    }
    for party in shown["parties"].as_array_mut().unwrap() {
        prose(party, &["role"]);
    }
    shown
}

/// A bundle that was made once by two gateways, with what it proves: for those who write
/// another verifier. `ROGATORY_KEEP_BUNDLE=DIR` makes a new one.
#[test]
fn the_stored_sample_proves_what_it_did() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let stored: Value = serde_json::from_slice(&std::fs::read(folder.join("bundle.json")).unwrap()).unwrap();
    let fingerprints: Vec<String> = stored["parties"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|party| {
            let (name, value) =
                (party["authority"].as_str().unwrap(), party["fingerprint"].as_str().unwrap());
            ["--fingerprint".to_owned(), format!("{name}={value}")]
        })
        .collect();
    assert_eq!(without_words(json(&folder.join("bundle.binpb"), &fingerprints)), stored);
    assert_eq!(stored["proved"], true);
    assert_eq!(stored["disclosed"].as_array().unwrap().len(), 2);
}

/// The `.tlog-proof` files, read as C2SP describes them and by nothing of ours but the tree.
fn tlog_proofs_hold(dir: &Path, proof: &bundle::Proof) {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let keys = std::fs::read_to_string(dir.join("log.vkey")).unwrap();
    assert!(keys.starts_with(&format!("{}+", proof.checkpoint.origin)));
    let mut read = 0;
    for file in std::fs::read_dir(dir).unwrap().flatten().map(|file| file.path()) {
        if file.extension().is_none_or(|extension| extension != "tlog-proof") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let (head, note) = text.split_once("\n\n").unwrap();
        let mut lines = head.lines();
        assert_eq!(lines.next(), Some("c2sp.org/tlog-proof@v1"));
        let leaf = STANDARD.decode(lines.next().unwrap().strip_prefix("extra ").unwrap()).unwrap();
        let index: u64 = lines.next().unwrap().strip_prefix("index ").unwrap().parse().unwrap();
        let hashes: Vec<[u8; 32]> =
            lines.map(|line| STANDARD.decode(line).unwrap().try_into().unwrap()).collect();
        let checkpoint =
            rogatory::ledger::checkpoint::Checkpoint::open(note.as_bytes(), &proof.maker).unwrap();
        let (size, root) = (checkpoint.size, checkpoint.root);
        rogatory::ledger::tree::verify_inclusion(&leaf, index, size, &root, &hashes).unwrap();
        read += 1;
    }
    assert_eq!(read, proof.entries.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_became_of_a_packet_is_proved() {
    let mut case = Case::played().await;
    // A reply in the same case: the statuses before it belong to it too.
    let (xa, xb) = (&case.xa, &case.xb);
    let of_case = xa.show(case.packet.parse::<PacketId>().unwrap().bytes()).await.unwrap().summary.unwrap();
    let of_case = CaseId::from_bytes(&of_case.case_id).unwrap();
    let (reply, _) = xb.send("XA", &format!("case = \"{of_case}\""));
    xb.quiet().await;
    xa.json(&["answer", &case.packet, "closed"]);
    xa.quiet().await;
    let fingerprints = case.fingerprints();
    let first = std::mem::replace(&mut case.packet, reply);
    for (at, name) in [(&case.xa, "reply-a"), (&case.xb, "reply-b")] {
        let proof = json(&case.prove(at, name, &[]).0, &fingerprints);
        assert_eq!((&proof["sender"], &proof["state"]), (&Value::from("XB"), &Value::from("closed")));
        assert_eq!(codes(&proof, "status"), ["XB registered", "XB executed", "XA closed"]);
        let closed = proof["steps"].as_array().unwrap().iter().find(|step| step["code"] == "closed").unwrap();
        assert!(closed["peer_entry"].is_object(), "each side shows where the other holds it");
    }
    // One that nobody answers; the peer is not there to link its trees either.
    case.xb.stop().await;
    let (alone, _) = case.xa.send("XB", "");
    case.packet = alone;
    let (file, _) = case.prove(&case.xa, "alone", &[]);
    let proof = json(&file, &fingerprints);
    assert_eq!(codes(&proof, "evidence"), ["XA SubmissionAcceptance"]);
    let absent: Vec<&str> =
        proof["absent"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    assert!(absent.contains(&"that XB accepted or refused the packet"), "{absent:?}");
    case.packet = first;
    let proof = json(&case.prove(&case.xa, "unlinked", &[]).0, &fingerprints);
    assert_eq!(proof["peer_trees_linked"], 0);
    // More than a bundle holds: refused before anything is opened.
    let large = std::fs::File::create(case.xa.data.join("large.bin")).unwrap();
    large.set_len(64 << 20).unwrap();
    let (packet, _) = case.xa.send("XB", "[[attachments]]\npath = \"large.bin\"\n");
    let before = case.xa.json(&["ledger", "log"])["entries"].as_array().unwrap().len();
    let out = case.dir.path().join("large");
    let args = ["ledger", "prove", &packet, "--disclose", "1", "--out", out.to_str().unwrap(), "--config"];
    let refused = rogatory().args(args).arg(case.xa.config()).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("67108864 bytes are the limit"), "{said}");
    assert_eq!(case.xa.json(&["ledger", "log"])["entries"].as_array().unwrap().len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_leads_to_its_packet_and_to_no_other() {
    let mut case = Case::played().await;
    let path = |name: &str| case.dir.path().join(name).to_str().unwrap().to_owned();
    let openings = |at: &Authority| {
        let told = at.json(&["ledger", "ask", "openings"]);
        told["rows"].as_array().unwrap_or_else(|| panic!("{told}")).len()
    };
    let before = openings(&case.xb);
    let receipt = path("receipt.html");
    let told = case.xb.json(&["letter", &case.packet, "--receipt", "--out", &receipt]);
    assert_eq!(openings(&case.xb), before, "a receipt opens nothing");
    let paper = told["paper"].as_str().unwrap().to_owned();
    let shown = std::fs::read_to_string(&receipt).unwrap();
    for words in [&*paper, "content handed over to the recipient", "<svg", "XA", "XB"] {
        assert!(shown.contains(words), "{words}");
    }
    assert!(!shown.contains("annex.txt"), "what is sealed stands on no receipt");
    let letter = path("letter.html");
    let args = ["letter", &case.packet, "--lang", "fa", "--out", &letter, "--purpose", "review"];
    let told = case.xb.json(&args);
    assert_eq!(told["paper"], paper, "one packet, one square");
    assert_eq!(openings(&case.xb), before + 1, "a letter opens the content");
    let shown = std::fs::read_to_string(&letter).unwrap();
    for words in ["قانون همکاری", "Convention &#60;b&#62;against", "annex.txt", "<svg"] {
        assert!(shown.contains(words), "{words}");
    }
    let refused = rogatory().args(args).arg("--config").arg(case.xb.config()).output().unwrap();
    assert_eq!(refused.status.code(), Some(1), "nothing is overwritten");
    assert_eq!(openings(&case.xb), before + 1, "and nothing opened for it");

    let (bundle, _) = case.prove(&case.xa, "xa.bundle", &[]);
    let fingerprints = case.fingerprints();
    case.xa.stop().await;
    case.xb.stop().await;
    let with = |paper: &str| [&fingerprints[..], &["--paper".into(), paper.into()]].concat();
    assert_eq!(json(&bundle, &with(&paper))["paper"], true);
    let (head, digest) = paper.rsplit_once(':').unwrap();
    let other = format!("{head}:{}", digest.chars().rev().collect::<String>());
    let output = verify(&bundle, &with(&other));
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("of another packet: digest of the signed header"), "{said}");
    assert_eq!(verify(&bundle, &with("ROGATORY1:XA")).status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_needs_its_role() {
    let case = Case::played().await;
    let mut xb = case.xb;
    xb.stop().await;
    let config = std::fs::read_to_string(xb.config()).unwrap();
    let uid = rustix::process::getuid().as_raw();
    let line = format!("officers = [{uid}]");
    assert!(config.contains(&line), "{config}");
    std::fs::write(xb.config(), config.replace(&line, "officers = [65533]")).unwrap();
    xb.serve().await;
    let id: rogatory::format::id::PacketId = case.packet.parse().unwrap();
    let name = PacketName { packet_id: id.bytes().to_vec(), peer: String::new() };
    assert!(xb.client().auditor().prove(name).await.is_ok(), "an auditor proves");
    let out = case.dir.path().join("refused.bundle");
    let args =
        ["ledger", "prove", &case.packet, "--disclose", "0", "--out", out.to_str().unwrap(), "--config"];
    let refused = rogatory().args(args).arg(xb.config()).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is no officer"));
    assert!(!out.exists());
}
