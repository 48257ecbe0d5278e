//! Four eyes: what one officer wrote waits, sealed, until another has approved it.

mod support;

use rogatory::exchange::actors::Actors;
use rogatory::exchange::drafts::{Drafts, FourEyes};
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::GatewayRequest;
use rogatory::format::wire::event::Code as Event;
use rogatory::format::wire::leaf::Kind;
use rogatory::gateway::config::Config;
use rogatory::gateway::faces::drafts::Submitting;
use rogatory::gateway::runtime::Gateway;
use serde_json::Value;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use support::{Authority, end, files_below, path, request_file, rogatory, settled};

/// Longer than one sealed chunk, and than what travels in the first message.
static LARGE: [u8; 300_000] = [0x5A; 300_000];
const SECRET: &str = "Kardamom-7733";

fn try_run(authority: &Authority, args: &[&str]) -> Output {
    rogatory().args(args).arg("--config").arg(authority.config()).output().unwrap()
}

fn refused(authority: &Authority, args: &[&str], words: &str) {
    let output = try_run(authority, args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(words), "{words} is not in: {said}");
}

/// Two authorities; in the first, two people are wanted.
async fn pair(dir: &Path, four_eyes: &str) -> (Authority, Authority) {
    let mut xa = Authority::found(dir, "XA", "127.0.0.1:0");
    let mut xb = Authority::found(dir, "XB", "127.0.0.1:0");
    let config = std::fs::read_to_string(xa.config()).unwrap();
    std::fs::write(xa.config(), format!("{config}\n[officers]\nfour_eyes = {four_eyes}\n")).unwrap();
    support::paired(&mut xa, &mut xb).await;
    (xa, xb)
}

/// Writes a request outside of the data directory, and sends it.
fn sent(xa: &Authority, dir: &Path) -> Value {
    std::fs::write(dir.join("large.bin"), LARGE).unwrap();
    std::fs::write(dir.join("small.txt"), SECRET).unwrap();
    let more = "[[attachments]]\npath = \"small.txt\"\n[[attachments]]\npath = \"large.bin\"\n";
    let file = dir.join("request.toml");
    std::fs::write(&file, request_file("XB", more).replace("A test.", SECRET)).unwrap();
    xa.json(&["send", path(&file)])
}

async fn log_size(of: &Authority) -> u64 {
    of.client().operator().gateway(GatewayRequest {}).await.unwrap().into_inner().log_size
}

fn drafts(xa: &Authority) -> Vec<Value> {
    xa.json(&["draft", "list"])["drafts"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_sent_when_somebody_else_has_approved_it() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, xb) = pair(dir.path(), "[\"mutual_legal_assistance\"]").await;
    xa.is_confirmed().await;
    xa.quiet().await;
    let size = log_size(&xa).await;
    let told = sent(&xa, dir.path());
    let draft = told["draft"].as_str().unwrap().to_owned();
    assert!(told.get("packet").is_none());
    let listed = drafts(&xa);
    assert_eq!((listed.len(), &listed[0]["draft"], &listed[0]["own"]), (1, &told["draft"], &true.into()));
    assert_eq!(
        (&listed[0]["kind"], &listed[0]["attachments"]),
        (&"mutual_legal_assistance".into(), &2.into())
    );
    assert_eq!(log_size(&xa).await, size, "a draft is no entry");
    assert!(xa.boxed(support::OUTBOX).await.is_empty());
    // It is sealed: nothing of it can be read from the data directory.
    for file in files_below(&xa.data).iter().filter(|file| !file.ends_with("rogatory.sock")) {
        let bytes = std::fs::read(file).unwrap_or_default();
        let holds = |words: &[u8]| bytes.windows(words.len()).any(|window| window == words);
        assert!(!holds(SECRET.as_bytes()) && !holds(&LARGE[..64]), "{} holds it", file.display());
    }
    let out = dir.path().join("to-check");
    let shown = xa.json(&["draft", "show", &draft, "--out", path(&out)]);
    assert_eq!(shown["request"]["mutual_legal_assistance"]["matter"]["facts"]["summary"], SECRET);
    assert_eq!(std::fs::read(out.join("large.bin")).unwrap(), LARGE);
    assert_eq!(std::fs::read_to_string(out.join("small.txt")).unwrap(), SECRET);
    refused(&xa, &["draft", "approve", &draft], "is your own: another officer approves it");
    refused(&xa, &["draft", "approve", "not-an-id"], "is no draft id");

    // After a start it waits still. The other officer is one that this test plays.
    assert!(xa.stop().await.success());
    let gateway = Gateway::start(Config::read(&xa.config()).unwrap()).await.unwrap();
    let exchange = gateway.exchange().clone();
    let actors = Arc::new(Actors::load(&xa.data).unwrap());
    let drafts_here =
        Drafts::open(&xa.data, xa.data.join("keys").as_path().into(), FourEyes::Always).unwrap();
    let submitting = Submitting { exchange: exchange.clone(), actors: actors.clone(), drafts: drafts_here };
    let approver = actors.of("uid 4711", &*exchange.entropy).unwrap();
    let id = draft.parse().unwrap();
    let reply = submitting.approve(id, "uid 4711", approver).await.unwrap();
    assert_eq!(reply.packet_id, id.bytes(), "the packet has the draft's id");
    let entry = reply.acknowledgement.unwrap().entries.remove(0);
    let leaf = Leaf::decode(&entry.leaf).unwrap();
    assert_eq!((leaf.kind, leaf.code), (Kind::EvidenceIssued, Event::SubmissionAcceptance as u32));
    let drafter =
        actors.of(&format!("uid {}", rustix::process::getuid().as_raw()), &*exchange.entropy).unwrap();
    assert_eq!((leaf.actor, leaf.drafter), (Some(approver), Some(drafter)));
    assert!(submitting.approve(id, "uid 4711", approver).await.is_err(), "it is approved once");
    drop((submitting, exchange));
    gateway.drain().await.unwrap();
    xa.serve().await;
    assert_eq!(drafts(&xa), [Value::Null; 0]);
    let left = files_below(&xa.data.join("drafts")).len() + files_below(&xa.data.join("keys/drafts")).len();
    assert_eq!(left, 0, "the draft is destroyed");
    settled(&xa, &draft).await;
    let fetched = dir.path().join("fetched");
    xb.json(&["fetch", &draft, "--purpose", "execution", "--out", path(&fetched)]);
    assert_eq!(std::fs::read(fetched.join("large.bin")).unwrap(), LARGE);
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_is_rejected_or_can_not_be_sent_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = pair(dir.path(), "true").await;
    let draft = sent(&xa, dir.path())["draft"].as_str().unwrap().to_owned();
    xa.json(&["draft", "reject", &draft]);
    assert_eq!(drafts(&xa), [Value::Null; 0]);
    refused(&xa, &["draft", "approve", &draft], "is not known here");
    refused(&xa, &["draft", "show", &draft], "is not known here");
    // What could not be sent is said to whoever wrote it.
    let file = dir.path().join("nobody.toml");
    std::fs::write(&file, request_file("XC", "")).unwrap();
    refused(&xa, &["send", path(&file)], "not paired with XC");
    assert_eq!(drafts(&xa), [Value::Null; 0]);
    // A reply waits too, and no status goes with it meanwhile.
    let (packet, _) = xb.send("XA", "");
    settled(&xb, &packet).await;
    xa.json(&["answer", &packet, "registered"]);
    let reply = dir.path().join("reply.toml");
    std::fs::write(
        &reply,
        "recipient = \"XB\"\n[request]\nlanguage = \"en\"\n[request.progress]\nreport = \"Soon.\"\n",
    )
    .unwrap();
    let output = try_run(&xa, &["answer", &packet, "accepted", "--reply", path(&reply)]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(4) && said.contains("nothing was decided yet"), "{said}");
    assert_eq!(drafts(&xa).len(), 1);
    assert_eq!(xa.json(&["status", &packet])["state"], "registered");
    end([xa, xb]).await;
}

/// A user of this machine who is not the one that runs the tests.
const OTHER: u32 = 65_534;

#[tokio::test(flavor = "multi_thread")]
async fn another_user_of_the_machine_approves() {
    if !rustix::process::getuid().is_root() {
        eprintln!("left out: nobody but root can work as another user");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), Permissions::from_mode(0o711)).unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let mut xb = Authority::found(dir.path(), "XB", "127.0.0.1:0");
    // As docs/OPERATIONS.md has it: the socket in a folder of its own, a configuration that all can
    // read, and the group of the socket.
    let (socket, config) = (dir.path().join("run/rogatory.sock"), dir.path().join("rogatory.toml"));
    let written = std::fs::read_to_string(xa.config()).unwrap();
    let written = written
        .replace("socket = \"rogatory.sock\"", &format!("socket = {:?}", path(&socket)))
        .replace("officers = [0]", &format!("officers = [0, {OTHER}]"));
    std::fs::write(xa.config(), format!("{written}\n[officers]\nfour_eyes = true\n")).unwrap();
    support::paired(&mut xa, &mut xb).await;
    let data = format!("data = {:?}", path(&xa.data));
    std::fs::write(&config, written.replace("data = \".\"", &data)).unwrap();
    let program = dir.path().join("rogatory");
    std::fs::copy(env!("CARGO_BIN_EXE_rogatory"), &program).unwrap();
    let as_other = |args: &[&str]| {
        let mut command = Command::new(&program);
        command.uid(OTHER).gid(0).current_dir("/").args(args).arg("--config").arg(&config);
        command.output().unwrap()
    };
    let draft = sent(&xa, dir.path())["draft"].as_str().unwrap().to_owned();
    refused(&xa, &["draft", "approve", &draft], "is your own: another officer approves it");
    let out = as_other(&["pair", "list"]);
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(
        !out.status.success() && said.contains(&format!("user {OTHER} is no operator")),
        "an officer is no operator: {said}"
    );
    let out = as_other(&["draft", "approve", &draft]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    settled(&xa, &draft).await;
    end([xa, xb]).await;
}
