//! A courier's stick: what two authorities without a line exchange by it, there and back, beside a
//! line, twice, damaged, and too late.

mod support;

use rogatory::format::wire::{
    CarryOutRequest, CheckpointRequest, NotifyRequest, PeersRequest, event::Code as Event,
    pairing_act::Code as Act, status::Code as Status,
};
use rogatory::ledger::checkpoint::Checkpoint;
use std::path::{Path, PathBuf};
use support::{Authority, INBOX, OUTBOX, delivered, end, open, paired, path, rogatory, settled};

/// Two authorities that let nobody in, and dial nobody.
async fn apart(dir: &Path) -> (Authority, Authority) {
    let mut xa = Authority::found(dir, "XA", "none");
    let mut xb = Authority::found(dir, "XB", "none");
    paired(&mut xa, &mut xb).await;
    (xa, xb)
}

/// A file from one for the other.
fn carry_out(from: &Authority, to: &Authority, name: &str) -> PathBuf {
    let file = from.data.with_file_name(format!("{name}.carried"));
    from.json(&["carry", "out", &to.name, "--out", path(&file)]);
    file
}

/// What taking a file came to: the exit code and what was said.
fn carry_in(at: &Authority, file: &Path) -> (i32, serde_json::Value) {
    let mut command = rogatory();
    command.args(["carry", "in", path(file), "--json", "--config"]).arg(at.config());
    let output = command.output().unwrap();
    let said = serde_json::from_slice(&output.stdout);
    let said = said.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code().unwrap(), said)
}

/// A file of `from` is taken by `to`, wholly.
#[track_caller]
fn carried(from: &Authority, to: &Authority, name: &str) -> serde_json::Value {
    let (code, said) = carry_in(to, &carry_out(from, to, name));
    assert_eq!(code, 0, "{name}: {said}");
    said
}

async fn size(of: &Authority) -> u64 {
    let reply = of.client().auditor().checkpoint(CheckpointRequest {}).await.unwrap().into_inner();
    Checkpoint::danger_unverified(&reply.checkpoint).unwrap().size
}

async fn waiting(at: &Authority) -> u64 {
    let peers = at.client().operator().peers(PeersRequest {}).await.unwrap().into_inner().peers;
    peers.iter().map(|peer| peer.waiting).sum()
}

/// What came of everything that an authority sent.
async fn outcomes(of: &Authority) -> Vec<Vec<Event>> {
    let packets = of.boxed(OUTBOX).await;
    packets.iter().map(|packet| packet.outcomes.iter().map(|outcome| outcome.event()).collect()).collect()
}

/// Sends a request with an attachment that lies in files of its own.
fn send_with_attachment(from: &Authority, to: &str) -> String {
    std::fs::write(from.data.join("scan.bin"), b"MARKED PLAINTEXT ".repeat(60_000)).unwrap();
    let request = support::request_file(to, "[[attachments]]\npath = \"scan.bin\"\n");
    let file = from.data.join("with-attachment.toml");
    std::fs::write(&file, request).unwrap();
    from.json(&["send", path(&file)])["packet"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stick_carries_what_a_line_would_there_and_back() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = apart(dir.path()).await;
    let first = xa.send("XB", "").0;
    let second = send_with_attachment(&xa, "XB");
    let said = carried(&xa, &xb, "1");
    assert_eq!((&said["peer"], &said["packets"]), (&"XA".into(), &2.into()));
    assert_eq!(xb.boxed(INBOX).await.len(), 2);

    // People there answer and open; all of it comes back with one file, in another direction too.
    xb.json(&["answer", &first, "registered", "--reference", "BM-1", "--text", "In hand."]);
    xb.json(&["answer", &first, "executed"]);
    open(&xb, &second);
    let back = xb.send("XA", "").0;
    carried(&xb, &xa, "2");
    settled(&xa, &first).await;
    settled(&xa, &second).await;
    let relayed = [Event::SubmissionAcceptance, Event::RelayAcceptance, Event::ContentConsignment];
    let handed = [&relayed[..], &[Event::ContentHandover]].concat();
    assert_eq!(outcomes(&xa).await, [handed, relayed.to_vec()]);
    let case = xa.boxed(OUTBOX).await.pop().unwrap().case_id;
    let statuses: Vec<i32> =
        xa.case(&case).await.items.iter().map(|item| item.status).filter(|s| *s != 0).collect();
    assert_eq!(statuses, [Status::Registered as i32, Status::Executed as i32]);
    let text = xa.json(&["status", &first_case(&xa).await, "--texts", "--purpose", "execution"]);
    assert!(text.to_string().contains("In hand."), "{text}");

    carried(&xa, &xb, "3");
    settled(&xb, &back).await;
    carried(&xb, &xa, "4");
    for round in ["5", "7"] {
        carried(&xa, &xb, round);
        carried(&xb, &xa, &format!("{round}b"));
    }
    assert_eq!((waiting(&xa).await, waiting(&xb).await), (0, 0));
    // Once all is confirmed, nothing that is carried says anything new.
    let before = (size(&xa).await, size(&xb).await);
    carried(&xa, &xb, "9");
    carried(&xb, &xa, "10");
    assert_eq!((size(&xa).await, size(&xb).await), before);
    xa.is_confirmed().await;
    for (one, other) in [(&xa, "XB"), (&xb, "XA")] {
        let listed = one.json(&["pair", "list"]);
        let cosigned = listed.to_string().contains("\"cosigned\":{");
        assert!(cosigned, "{other} has cosigned what {} wrote: {listed}", one.name);
    }
    end([xa, xb]).await;
}

async fn first_case(of: &Authority) -> String {
    let case = of.boxed(OUTBOX).await.pop().unwrap().case_id;
    rogatory::format::id::CaseId::from_bytes(&case).unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stick_beside_a_line_loses_and_doubles_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = support::pair(dir.path()).await;
    let known = delivered(&xa, &xb).await;
    xb.stop().await;
    let sent: Vec<String> = (0..5).map(|_| xa.send("XB", "").0).collect();
    let early = carry_out(&xa, &xb, "early");
    let later = xa.send("XB", "").0;
    let late = carry_out(&xa, &xb, "late");

    // The later file first: it holds all that the earlier one does. The line comes between.
    xb.serve().await;
    let (code, said) = carry_in(&xb, &late);
    assert_eq!((code, &said["packets"]), (0, &6.into()), "{said}");
    for packet in sent.iter().chain([&later]) {
        settled(&xa, packet).await;
    }
    xb.json(&["answer", &sent[0], "registered"]);
    let answers = carry_out(&xb, &xa, "answers");
    xa.quiet().await;
    xb.quiet().await;
    let before = (size(&xa).await, size(&xb).await);
    for file in [&early, &late, &early] {
        let (code, said) = carry_in(&xb, file);
        assert_eq!(code, 0, "{said}");
    }
    for _ in 0..2 {
        let (code, said) = carry_in(&xa, &answers);
        assert_eq!(code, 0, "{said}");
    }
    let packets = xb.boxed(INBOX).await;
    assert_eq!(packets.len(), 7, "{known} and six more");
    assert!(packets.iter().all(|packet| packet.outcomes.len() == 2), "{packets:?}");
    // Cosignatures may be given meanwhile; nothing else is written.
    let kinds = |authority: &Authority, from: u64| -> Vec<String> {
        let rows = authority.json(&["ledger", "ask", "entries"]);
        let rows = rows["rows"].as_array().unwrap()[from as usize..].to_vec();
        let kinds = rows.iter().map(|row| row["kind"].as_str().unwrap().to_owned());
        kinds.filter(|kind| !kind.starts_with("cosign")).collect()
    };
    assert!(kinds(&xa, before.0).is_empty(), "{:?}", kinds(&xa, before.0));
    assert!(kinds(&xb, before.1).is_empty(), "{:?}", kinds(&xb, before.1));
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn starts_and_crashes_between_two_sticks_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = apart(dir.path()).await;
    let packet = xa.send("XB", "").0;
    let first = carry_out(&xa, &xb, "1");
    xa.stop().await;
    assert_eq!(carry_in(&xb, &first).0, 0);
    xb.stop().await;
    xb.serve().await;
    let second = carry_out(&xb, &xa, "2");
    xa.serve().await;
    assert_eq!(carry_in(&xa, &second).0, 0);
    settled(&xa, &packet).await;
    xa.kill();
    xa.serve().await;
    assert_eq!(carry_in(&xa, &second).0, 0, "again, after a crash");
    for round in 0..3 {
        carried(&xa, &xb, &format!("a{round}"));
        carried(&xb, &xa, &format!("b{round}"));
    }
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stick_that_is_damaged_or_somebody_elses_is_refused_and_tells_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = apart(dir.path()).await;
    let mut xc = Authority::found(dir.path(), "XC", "none");
    xc.serve().await;
    xa.confirm(&xc.offer().await).await;
    xc.confirm(&xa.offer().await).await;
    let packet = send_with_attachment(&xa, "XB");
    xa.send("XB", "");
    let file = carry_out(&xa, &xb, "whole");
    let whole = std::fs::read(&file).unwrap();

    // Neither content nor what stands outside of it.
    let id = packet.parse::<rogatory::format::id::PacketId>().unwrap();
    for told in [&b"MARKED PLAINTEXT"[..], id.bytes(), b"mutual_legal", b"vnd.rogatory.packet"] {
        let found = whole.windows(told.len()).any(|window| window == told);
        assert!(!found, "{}", String::from_utf8_lossy(told));
    }

    let taken = |at: &Authority, bytes: &[u8]| {
        let bent = dir.path().join("bent.carried");
        std::fs::write(&bent, bytes).unwrap();
        let output =
            rogatory().args(["carry", "in", path(&bent), "--config"]).arg(at.config()).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code().unwrap(), said)
    };
    let (code, said) = taken(&xc, &whole);
    assert!(code != 0 && said.contains("this is for XB"), "{said}");
    let (code, said) = taken(&xa, &whole);
    assert!(code != 0 && said.contains("not paired with XA"), "{said}");
    let (code, said) = taken(&xb, b"rogatory-carried-v2\n");
    assert!(code == 2 && said.contains("no file that rogatory carry out wrote"), "{said}");
    let nothing = size(&xb).await;
    let mut bent = whole.clone();
    // The last byte of the signed beginning's frame lies before the first part.
    let begin = whole.windows(20).position(|window| window == b"vnd.rogatory.carried").unwrap();
    bent[begin + 60] ^= 1;
    let (code, said) = taken(&xb, &bent);
    assert!(code != 0 && size(&xb).await <= nothing + 20, "{said}");
    assert!(xb.boxed(INBOX).await.is_empty());

    // Cut off, what came before stays; the whole file then brings the rest, and doubles nothing.
    let (code, said) = taken(&xb, &whole[..whole.len() - 700]);
    assert!(code == 4 && said.contains("is not whole"), "{code} {said}");
    let mut bent = whole.clone();
    let middle = whole.len() / 2;
    bent[middle] ^= 1;
    let (code, said) = taken(&xb, &bent);
    assert!(code == 4 && said.contains("the rest of the file"), "{code} {said}");
    let (code, said) = carry_in(&xb, &file);
    assert_eq!(code, 0, "{said}");
    assert_eq!(xb.boxed(INBOX).await.len(), 2);
    assert!(
        !rogatory()
            .args(["carry", "out", "XB", "--out", path(&file), "--config"])
            .arg(xa.config())
            .output()
            .unwrap()
            .status
            .success()
    );
    assert_eq!(std::fs::read(&file).unwrap(), whole, "nothing is overwritten");
    let unknown = xa.client().officer().carry_out(CarryOutRequest { peer: "XQ".into() }).await;
    assert!(unknown.unwrap_err().message().contains("not paired with XQ"));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_told_and_confirmed_by_sticks_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = apart(dir.path()).await;
    let key = |of: &Authority, packet: &str| -> String {
        let rows = of.json(&["ledger", "ask", "signatures", "--packet", packet]);
        let rows = rows["rows"].as_array().unwrap().clone();
        let signed = rows.iter().find(|row| row["signed"] == "packet").unwrap();
        assert_eq!(signed["standing"], "valid");
        signed["key_id"].as_str().unwrap().to_owned()
    };
    let before = xa.send("XB", "").0;
    carried(&xa, &xb, "1");
    carried(&xb, &xa, "2");
    for purpose in ["packet", "evidence", "checkpoint", "cosign"] {
        xa.json(&["keys", "rotate", purpose]);
    }
    xb.json(&["keys", "rotate", "content"]);
    for round in 0..3 {
        carried(&xa, &xb, &format!("a{round}"));
        carried(&xb, &xa, &format!("b{round}"));
    }
    xa.is_confirmed().await;
    xb.is_confirmed().await;
    let after = xa.send("XB", "").0;
    assert_ne!(key(&xa, &before), key(&xa, &after));
    carried(&xa, &xb, "3");
    carried(&xb, &xa, "4");
    settled(&xa, &after).await;
    for round in 3..5 {
        carried(&xa, &xb, &format!("a{round}"));
        carried(&xb, &xa, &format!("b{round}"));
    }
    end([xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pairing_is_suspended_and_resumed_by_sticks() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = apart(dir.path()).await;
    // The command would wait for a confirmation, which comes by courier.
    let say = async |act: Act| {
        let request = NotifyRequest { peer: "XA".into(), act: act.into(), root: Vec::new() };
        xb.client().operator().notify(request).await.unwrap();
    };
    let packet = xa.send("XB", "").0;
    say(Act::Suspend).await;
    // XB does not take it now: that is put off, by name, and the next file has it again.
    let (code, said) = carry_in(&xb, &carry_out(&xa, &xb, "1"));
    assert_eq!(code, 4);
    assert!(said["left"].to_string().contains("pairing_suspended"), "{said}");
    let (code, said) = carry_in(&xa, &carry_out(&xb, &xa, "2"));
    assert_eq!((code, said["complete"].as_bool()), (4, Some(true)), "{said}");
    let file = dir.path().join("held.carried");
    let made = xa.json(&["carry", "out", "XB", "--out", path(&file)]);
    assert_eq!((&made["packets"], &made["held"]), (&0.into(), &1.into()), "{made}");
    say(Act::Resume).await;
    // The deferral comes once more, for nothing else was asked since.
    assert_eq!(carry_in(&xa, &carry_out(&xb, &xa, "3")).0, 4);
    carried(&xa, &xb, "4");
    carried(&xb, &xa, "5");
    settled(&xa, &packet).await;
    for round in 6..8 {
        carried(&xa, &xb, &format!("a{round}"));
        carried(&xb, &xa, &format!("b{round}"));
    }
    end([xa, xb]).await;
}
