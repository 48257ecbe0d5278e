//! Two authorities in two processes: every way that a packet goes.

mod support;

use rogatory::format::wire::{cause::Code as Cause, event::Code as Event, status::Code as StatusCode};
use rogatory::gateway::SystemClock;
use rogatory::ledger::compare::compare;
use rogatory::request::file::read;
use rogatory::store::Clock as _;
use rogatory::store::inspect::{Look, verify};
use std::io::Write as _;
use std::path::Path;
use support::{Authority, INBOX, OUTBOX, outcome, pair, paired, request_file, run, settled, until};

/// Both ledgers are sound and agree, with nothing left on its way.
fn agree(a: &Authority, b: &Authority) {
    let found = [a, b].map(|authority| {
        verify(&authority.data, Look { facts: true, ..Look::default() }, &mut |_| {}).unwrap().sound
    });
    let comparison = compare(&found[0], &found[1]);
    assert!(comparison.is_sound() && comparison.missing.is_empty(), "{comparison:?}");
    assert!(comparison.matched > 0);
    // One clock: nothing arrives before it was issued.
    assert!(comparison.shortest.iter().flatten().all(|took| *took >= 0), "{comparison:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_and_answer_is_carried_in_one_case_and_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let mut xa = xa;
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut case = String::new();
    let mut count = 0;
    let mut files: Vec<_> = std::fs::read_dir(samples).unwrap().flatten().map(|entry| entry.path()).collect();
    files.sort();
    for path in files {
        let mut file =
            read(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        file.recipient = "XB".into();
        file.case.clone_from(&case);
        let reply = rogatory_submit(&xa, file, path.parent().unwrap()).await;
        case = reply;
        count += 1;
    }
    assert_eq!(count, 25, "twelve kinds and thirteen answers");
    until("all are in the inbox", || async { xb.boxed(INBOX).await.len() == count }).await;
    xa.quiet().await;
    let mut packets = xb.boxed(INBOX).await;
    packets.reverse();
    let order: Vec<u64> = packets.iter().map(|packet| packet.case_seq).collect();
    assert_eq!(order, (0..count as u64).collect::<Vec<_>>());
    let mut kinds: Vec<i32> = packets.iter().map(|packet| packet.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), 25);
    for packet in packets {
        assert_eq!(packet.outcomes.last().unwrap().event(), Event::ContentConsignment);
    }
    xa.stop().await;
    xb.stop().await;
    agree(&xa, &xb);
}

/// Submits a file that was read, as `send` does; gives the case.
async fn rogatory_submit(xa: &Authority, file: rogatory::format::wire::RequestFile, _: &Path) -> String {
    use rogatory::format::wire::{SubmitFrame, SubmitStart, submit_frame};
    let case_id = match file.case.as_str() {
        "" => Vec::new(),
        case => case.parse::<rogatory::format::id::CaseId>().unwrap().bytes().to_vec(),
    };
    let start = SubmitStart {
        recipient: file.recipient,
        kind: file.kind,
        urgency: file.urgency,
        expires: SystemClock.now() + 3_600_000,
        case_id,
        request: prost::Message::encode_to_vec(&file.request.unwrap()),
        ..SubmitStart::default()
    };
    let frame = SubmitFrame { frame: Some(submit_frame::Frame::Start(start)) };
    let reply = xa.client().officer().submit(tokio_stream::once(frame)).await.unwrap().into_inner();
    rogatory::format::id::CaseId::from_bytes(&reply.case_id).unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_lets_nobody_in_gets_the_same_service() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "none");
    let mut xb = Authority::found(dir.path(), "XB", "127.0.0.1:0");
    paired(&mut xa, &mut xb).await;
    assert!(xa.listening.is_empty());

    let (packet, case) = xa.send("XB", "");
    settled(&xa, &packet).await;
    xb.json(&["answer", &packet, "registered", "--reference", "BM-1"]);
    // A large one in the other direction: it is collected chunk by chunk.
    let attachment = xb.data.join("large.bin");
    std::fs::write(&attachment, vec![42; 3_000_000]).unwrap();
    let more = format!("case = \"{case}\"\n[[attachments]]\npath = \"large.bin\"\n");
    let (reply, _) = xb.send("XA", &more);
    settled(&xb, &reply).await;
    let out = xa.data.join("fetched");
    let fetched = xa.json(&["fetch", &reply, "--purpose", "execution", "--out", out.to_str().unwrap()]);
    assert_eq!(fetched["files"].as_array().unwrap().len(), 2);
    assert_eq!(std::fs::read(out.join("large.bin")).unwrap(), vec![42; 3_000_000]);
    xa.quiet().await;
    xb.quiet().await;
    let told = xa.json(&["status", &case]);
    assert_eq!(told["state"], "registered");
    xa.stop().await;
    xb.stop().await;
    agree(&xa, &xb);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_survives_kills_in_mid_exchange_on_both_sides() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let mut accepted = Vec::new();
    for round in 0..6 {
        for _ in 0..5 {
            accepted.push(xa.send("XB", "").0);
        }
        // No wait: some are under way, some not yet.
        let victim = if round % 2 == 0 { &mut xb } else { &mut xa };
        victim.kill();
        victim.serve().await;
    }
    for packet in &accepted {
        settled(&xa, packet).await;
    }
    xa.quiet().await;
    let arrived = xb.boxed(INBOX).await;
    assert_eq!(arrived.len(), accepted.len(), "none lost, none doubled");
    assert_eq!(xa.boxed(OUTBOX).await.len(), accepted.len());
    xa.stop().await;
    xb.stop().await;
    agree(&xa, &xb);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_is_away_gets_everything_when_it_returns_urgent_first() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    xb.stop().await;
    let mut sent = Vec::new();
    for urgency in ["routine", "routine", "urgent"] {
        sent.push(xa.send("XB", &format!("urgency = \"{urgency}\"\n")).0);
    }
    // Everything has been tried by then, and waits.
    until("the line is known to be down", || async { xa.log().matches("not reached").count() > 2 }).await;
    xb.serve().await;
    for packet in &sent {
        settled(&xa, packet).await;
    }
    xa.quiet().await;
    let first = xb.boxed(INBOX).await.into_iter().min_by_key(|packet| packet.index).unwrap();
    let urgent = sent[2].parse::<rogatory::format::id::PacketId>().unwrap();
    assert_eq!(first.packet_id, urgent.bytes(), "the urgent one, sent last, came first");
    xa.stop().await;
    xb.stop().await;
    agree(&xa, &xb);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_that_nobody_answered_is_said_to_be_unknown_and_then_refused_as_expired() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    xb.stop().await;
    let soon = jiff::Timestamp::from_millisecond(SystemClock.now() as i64 + 2500).unwrap();
    let (packet, _) = xa.send("XB", &format!("expires = \"{soon}\"\n"));
    let id = packet.parse::<rogatory::format::id::PacketId>().unwrap();
    until("the sender's own word", || async {
        let summary = xa.show(id.bytes()).await.unwrap().summary.unwrap();
        summary.outcomes.last().unwrap().event() == Event::RelayFailure
    })
    .await;
    xb.serve().await;
    assert_eq!(outcome(&xa, &packet).await, (Event::RelayRejection, Cause::Expired as i32));
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_follow_their_chains_and_illegal_ones_are_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let (packet, case) = xa.send("XB", "");
    settled(&xa, &packet).await;
    let refuse = |authority: &Authority, status: &str| {
        let config = authority.config();
        let output = run(&["answer", &packet, status, "--config", config.to_str().unwrap()]);
        assert!(!output.status.success(), "{status} was taken");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(refuse(&xb, "executed").contains("registered first"));
    assert!(refuse(&xa, "executed").contains("only the requested side"));
    xb.json(&["answer", &packet, "registered"]);
    xb.json(&["answer", &packet, "information_needed", "--text", "Which account?"]);
    until("XA sees it", || async { xa.case(&id(&case)).await.state == "information_needed" }).await;
    xa.json(&["answer", &packet, "information_given", "--text", "حساب شمارهٔ ۱۷"]);
    // They cross: a withdrawal meets an execution, and the execution stands on both sides.
    xa.json(&["answer", &packet, "withdrawn"]);
    xb.json(&["answer", &packet, "executed"]);
    xa.quiet().await;
    xb.quiet().await;
    for authority in [&xa, &xb] {
        let told = authority.case(&id(&case)).await;
        assert_eq!(told.state, "executed", "{}", authority.name);
        let words: Vec<StatusCode> =
            told.items.iter().map(|item| item.status()).filter(|c| *c != StatusCode::Unspecified).collect();
        assert_eq!(words.len(), 5);
        let told = authority.json(&["status", &case, "--texts", "--purpose", "execution"]);
        assert!(
            told["items"].as_array().unwrap().iter().any(|item| item["text"] == "حساب شمارهٔ ۱۷"),
            "{told}"
        );
    }
    assert!(refuse(&xb, "refused").contains("nothing of this kind may follow"));
    xa.stop().await;
    xb.stop().await;
    agree(&xa, &xb);
}

fn id(case: &str) -> Vec<u8> {
    case.parse::<rogatory::format::id::CaseId>().unwrap().bytes().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarter_of_a_gibibyte_takes_no_gateway_much_memory() {
    const SIZE: usize = 256 << 20;
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let (warm, _) = xa.send("XB", "");
    settled(&xa, &warm).await;
    let peak = |authority: &Authority| {
        let status = std::fs::read_to_string(format!("/proc/{}/status", authority.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    };
    let before = [peak(&xa), peak(&xb)];
    let path = xa.data.join("evidence.bin");
    let mut file = std::fs::File::create(&path).unwrap();
    for block in 0..SIZE >> 20 {
        file.write_all(&vec![block as u8; 1 << 20]).unwrap();
    }
    drop(file);
    let (packet, _) = xa.send("XB", "[[attachments]]\npath = \"evidence.bin\"\n");
    settled(&xa, &packet).await;
    let out = xb.data.join("fetched");
    xb.json(&["fetch", &packet, "--purpose", "execution", "--out", out.to_str().unwrap()]);
    let digest = |path: &Path| {
        let mut hash = rogatory::crypto::hash::Sha256::default();
        let mut file = std::fs::File::open(path).unwrap();
        let mut block = vec![0; 1 << 20];
        loop {
            match rogatory::store::objects::read_full(&mut file, &mut block).unwrap() {
                0 => break hash.finish(),
                count => hash.update(&block[..count]),
            }
        }
    };
    assert_eq!(digest(&path), digest(&out.join("evidence.bin")));
    for (authority, before) in [(&xa, before[0]), (&xb, before[1])] {
        let grown = peak(authority).saturating_sub(before);
        assert!(grown <= 64 << 20, "{} grew by {} MiB", authority.name, grown >> 20);
    }
    xa.stop().await;
    xb.stop().await;
    agree(&xa, &xb);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_is_followed_by_its_id_in_both_logs_and_no_content_or_key_is_in_them() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let mut xb = Authority::found(dir.path(), "XB", "127.0.0.1:0");
    let config = std::fs::read_to_string(xb.config()).unwrap();
    std::fs::write(xb.config(), format!("{config}\n[log]\nformat = \"json\"\n")).unwrap();
    paired(&mut xa, &mut xb).await;
    let path = xa.data.join("secret.toml");
    std::fs::write(&path, request_file("XB", "").replace("A test.", "Kardamom-7731")).unwrap();
    let sent = xa.json(&["send", path.to_str().unwrap()]);
    let packet = sent["packet"].as_str().unwrap().to_owned();
    settled(&xa, &packet).await;
    xb.json(&["answer", &packet, "registered", "--text", "Kardamom-7732"]);
    xb.quiet().await;
    assert!(xa.stop().await.success() && xb.stop().await.success(), "SIGTERM drains");
    let lines: Vec<serde_json::Value> =
        xb.log().lines().map(|line| serde_json::from_str(line).expect("a line is one JSON object")).collect();
    assert!(lines.iter().any(|line| line["packet"] == packet.as_str() && line["span"]["name"] == "deliver"));
    for authority in [&xa, &xb] {
        let log = authority.log();
        assert!(log.contains(&packet), "{}: {log}", authority.name);
        assert!(!log.contains("Kardamom"));
        for file in std::fs::read_dir(authority.data.join("keys")).unwrap().flatten() {
            let bytes = std::fs::read(file.path()).unwrap_or_default();
            if bytes.len() == 32 {
                assert!(!log.contains(&hex::encode(bytes)));
            }
        }
    }
    for (authority, secret) in [(&xa, "Kardamom-7731"), (&xb, "Kardamom-7731"), (&xb, "Kardamom-7732")] {
        assert!(
            !holds(&authority.data.join("journal"), secret) && !holds(&authority.data.join("store"), secret)
        );
    }
}

/// Whether any file below a folder holds a text.
fn holds(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|entry| {
        let path = entry.path();
        match path.is_dir() {
            true => holds(&path, text),
            false => {
                std::fs::read(&path).unwrap().windows(text.len()).any(|window| window == text.as_bytes())
            }
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_the_whole_log_refuses_to_fork() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, xb) = pair(dir.path()).await;
    let (first, _) = xa.send("XB", "");
    settled(&xa, &first).await;
    xa.stop().await;
    let copy = dir.path().join("older");
    let copied = std::process::Command::new("cp").arg("-a").arg(&xa.data).arg(&copy).status().unwrap();
    assert!(copied.success());
    xa.serve().await;
    let (second, _) = xa.send("XB", "");
    settled(&xa, &second).await;
    // XB has to have seen XA's longer log: a status of XA shows it.
    xa.json(&["answer", &second, "withdrawn"]);
    xa.quiet().await;
    xa.stop().await;
    std::fs::rename(&xa.data, dir.path().join("newer")).unwrap();
    std::fs::rename(&copy, &xa.data).unwrap();
    let mut refused = support::rogatory();
    refused.args(["serve", "--config"]).arg(xa.config());
    let refused = tokio::process::Command::from(refused).kill_on_drop(true).output();
    let output = tokio::time::timeout(support::PATIENCE, refused).await.expect("it does not serve").unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("would fork the log"), "{said}");
    // With the newest journal back, it serves again.
    std::fs::remove_dir_all(&xa.data).unwrap();
    std::fs::rename(dir.path().join("newer"), &xa.data).unwrap();
    xa.serve().await;
    assert_eq!(xb.boxed(INBOX).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_body_travels_in_chunks() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let text = "In the matter of the long letter. ".repeat(26_000);
    let path = xa.data.join("long.toml");
    std::fs::write(&path, request_file("XB", "").replace("A test.", &text)).unwrap();
    let sent = xa.json(&["send", path.to_str().unwrap()]);
    let packet = sent["packet"].as_str().unwrap();
    settled(&xa, packet).await;
    let out = xb.data.join("fetched");
    xb.json(&["fetch", packet, "--purpose", "execution", "--out", out.to_str().unwrap()]);
    assert!(std::fs::read_to_string(out.join("request.json")).unwrap().contains(&text));
    xa.quiet().await;
    xb.quiet().await;
    xa.stop().await;
    xb.stop().await;
    agree(&xa, &xb);
}
