//! Erasing, as a whole: what was erased can't be had from anything in the data directory,
//! what was not erased is still there, both ledgers go on verifying, and a crash between any
//! two steps ends in all of it or nothing.

mod support;

use prost::Message as _;
use rogatory::crypto::epoch::EpochKey;
use rogatory::format::id::{AuthorityId, PacketId};
use rogatory::format::wire::{
    Acknowledgement, DeliverFrame, EraseRequest, PacketName, Start, SubmitFrame, SubmitStart, deliver_frame,
    deliver_reply, erasure_reason, submit_frame,
};
use rogatory::gateway::SystemClock;
use rogatory::gateway::local_client::LocalClient;
use rogatory::ledger::compare::compare;
use rogatory::ledger::records::Direction;
use rogatory::store::Clock as _;
use rogatory::store::content;
use rogatory::store::inspect::{Look, verify};
use rogatory::store::journal::{Next, Record, Scan, segment_path};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use support::{Authority, files_below, pair, peer_client, rogatory, until};

static SECRET: [u8; 200_000] = [0x5A; 200_000];

/// Runs a command that may fail.
fn try_run(authority: &Authority, args: &[&str]) -> Output {
    rogatory().args(args).arg("--config").arg(authority.config()).output().unwrap()
}

/// It is refused with exit code 1, in these words.
fn refused(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
}

fn id(text: &str) -> PacketId {
    text.parse().unwrap()
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    std::fs::set_permissions(to, std::fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true => copy_folder(&path, &target),
            // A socket is no file, and none is wanted.
            false if path.extension().is_some_and(|end| end == "sock") => {}
            false => drop(std::fs::copy(path, target).unwrap()),
        }
    }
}

/// Names and keys of all buckets.
fn epochs(data: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(data.join("keys/epochs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read(path).unwrap()))
        .collect();
    found.sort();
    found
}

fn content_epochs(data: &Path) -> Vec<(String, Vec<u8>)> {
    epochs(data).into_iter().filter(|(name, _)| name.starts_with("standard-")).collect()
}

fn key(bytes: &[u8]) -> EpochKey {
    EpochKey::from_bytes(bytes.try_into().unwrap())
}

/// Wraps and sealed key boxes of one content.
type Sealed = (Vec<Vec<u8>>, Vec<Vec<u8>>);

/// Every wrap and every box that any record of the journal ever held, by content.
fn all_records(data: &Path) -> HashMap<Vec<u8>, Sealed> {
    let mut found: HashMap<Vec<u8>, Sealed> = HashMap::new();
    let mut scan = Scan::begin(&data.join("journal")).unwrap();
    while let Next::Group(group) = scan.next_group().unwrap() {
        for (record, _) in group.records {
            let (name, wrap, key_box) = match record {
                Record::Content(name, content) => (name, content.wrap, content.sealed_key_box),
                Record::Wrap(name, wrap) => (name, wrap.wrap, wrap.sealed_key_box),
                Record::Entry(_) | Record::Retired(..) => continue,
            };
            let (wraps, boxes) = found.entry(name).or_default();
            wraps.extend(Some(wrap).filter(|wrap| !wrap.is_empty()));
            boxes.extend(Some(key_box).filter(|key_box| !key_box.is_empty()));
        }
    }
    found
}

/// Content keys that the remaining epoch keys open, and whether they open a box.
fn opened(data: &Path, content: &[u8], id: &PacketId) -> (Vec<[u8; 32]>, bool) {
    let (wraps, boxes) = all_records(data).remove(content).unwrap_or_default();
    assert!(!wraps.is_empty(), "the journal holds a wrap");
    let (mut keys, mut a_box) = (Vec::new(), false);
    for (_, bytes) in epochs(data) {
        let epoch = key(&bytes);
        let open = wraps.iter().filter_map(|wrap| epoch.unwrap(id.bytes(), wrap).ok());
        keys.extend(open.map(|key| *key.danger_bytes()));
        a_box |= boxes.iter().any(|sealed| epoch.open(id.bytes(), sealed).is_ok());
    }
    (keys, a_box)
}

/// No file below the folder holds these bytes.
fn nowhere(data: &Path, bytes: &[u8]) {
    for path in files_below(data) {
        let found = std::fs::read(&path).unwrap();
        assert!(!found.windows(bytes.len()).any(|window| window == bytes), "{} holds it", path.display());
    }
}

/// Sends a packet with a large attachment, which is a file of its own on both sides.
fn send_large(from: &Authority, to: &str) -> (String, String) {
    std::fs::write(from.data.join("large.bin"), SECRET).unwrap();
    from.send(to, "[[attachments]]\npath = \"large.bin\"\n")
}

fn objects(data: &Path) -> usize {
    files_below(&data.join("objects")).len()
}

fn fetch(authority: &Authority, packet: &str, out: &str) -> Output {
    let out = authority.data.join(out);
    try_run(authority, &["fetch", packet, "--purpose", "execution", "--out", out.to_str().unwrap()])
}

/// The store is closed, sound, and equal to its journal.
fn sound(data: &Path) {
    assert!(verify(data, Look::default(), &mut |_| {}).unwrap().store_compared);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_is_gone_and_the_rest_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let (doomed, case) = send_large(&xa, "XB");
    let (kept, _) = send_large(&xa, "XB");
    xa.quiet().await;
    xb.json(&["answer", &doomed, "registered", "--text", "private words"]);
    xb.json(&["answer", &kept, "registered", "--text", "other words"]);
    xb.quiet().await;
    assert!(fetch(&xb, &doomed, "before").status.success());
    xb.quiet().await;

    // What there is to lose.
    let xa_name = AuthorityId::parse("XA").unwrap();
    let content = content::key(Direction::In, &xa_name, &id(&doomed));
    let survivor = content::key(Direction::In, &xa_name, &id(&kept));
    let old = content_epochs(&xb.data);
    assert_eq!(old.len(), 1, "one bucket holds both");
    let (secret, _) = opened(&xb.data, &content, &id(&doomed));
    assert_eq!((secret.len(), objects(&xb.data)), (1, 2));
    let before = xb.show(id(&doomed).bytes()).await.unwrap();

    let planned = xb.json(&["ledger", "erase", &doomed, "--reason", "court_order", "--dry-run"]);
    assert_eq!(
        (&planned["erased"][0]["files"], &planned["erased"][0]["status_texts"]),
        (&1.into(), &1.into())
    );
    assert!(planned["erased"][0]["index"].is_null());
    assert_eq!(content_epochs(&xb.data), old, "a dry run changes nothing");
    let erased = xb.json(&["ledger", "erase", &doomed, "--reason", "court_order"]);
    assert!(erased["erased"][0]["index"].as_u64().is_some());

    for restarted in [false, true] {
        if restarted {
            // As after power loss: the index is rebuilt from the journal.
            xb.kill();
            std::fs::remove_file(xb.data.join("store.state")).unwrap();
            xb.serve().await;
            assert!(xb.data.join("store.aside-1").exists());
        }
        refused(&fetch(&xb, &doomed, "after"), &["was erased on", "court_order", "nothing brings it back"]);
        assert!(fetch(&xb, &kept, &format!("kept-{restarted}")).status.success());
        let fetched = std::fs::read(xb.data.join(format!("kept-{restarted}")).join("large.bin")).unwrap();
        assert!(fetched == SECRET, "the survivor opens under its new epoch key");
        assert_eq!(objects(&xb.data), 1);
        let shown = xb.json(&["show", &doomed]);
        assert_eq!((&shown["erased_reason"], &shown["held"]), (&"court_order".into(), &false.into()));
        let boxed = String::from_utf8(try_run(&xb, &["inbox"]).stdout).unwrap();
        assert_eq!(boxed.matches("erased").count(), 1, "{boxed}");
        let openings = || xb.json(&["ledger", "ask", "openings"])["rows"].as_array().unwrap().len();
        let before = openings();
        let status = xb.json(&["status", &case, "--texts", "--purpose", "execution"]);
        assert_eq!(openings(), before, "there is nothing left to open");
        let items = status["items"].as_array().unwrap();
        assert_eq!(items.iter().filter(|item| item["text_erased"] == true).count(), 1, "{status}");
        assert!(items.iter().any(|item| item["what"] == "erased (court_order)"), "{status}");
        assert!(!status.to_string().contains("private words"));
        refused(
            &try_run(&xb, &["ledger", "erase", &doomed, "--reason", "other"]),
            &["was erased already", "entry"],
        );
    }

    // A repeated delivery gets the original evidence, byte for byte; the test speaks for XA.
    let evidence = |ack: Option<Acknowledgement>| -> Vec<Vec<u8>> {
        ack.unwrap().entries.into_iter().map(|entry| entry.objects[0].clone()).collect()
    };
    let after = xb.show(id(&doomed).bytes()).await.unwrap();
    assert_eq!(before.header, after.header);
    let original = evidence(before.acknowledgement);
    assert_eq!(original, evidence(after.acknowledgement));
    let start = Start { header: before.header, ..Start::default() };
    let frame = DeliverFrame { frame: Some(deliver_frame::Frame::Start(start)) };
    let mut client = peer_client(&xa.identity(), &xb.listening);
    let reply = client.deliver(tokio_stream::once(frame)).await.unwrap().into_inner();
    let Some(deliver_reply::Reply::Acknowledgement(repeated)) = reply.reply else { panic!("{reply:?}") };
    assert_eq!(evidence(Some(repeated)), original[..2]);

    assert!(xa.stop().await.success() && xb.stop().await.success());
    for folder in ["before", "kept-false", "kept-true"] {
        std::fs::remove_dir_all(xb.data.join(folder)).unwrap();
    }
    nowhere(&xb.data, &old[0].1);
    nowhere(&xb.data, &secret[0]);
    let (keys, a_box) = opened(&xb.data, &content, &id(&doomed));
    assert!(keys.is_empty() && !a_box, "no key that is left opens a wrap of it, old or new");
    assert_eq!(opened(&xb.data, &survivor, &id(&kept)).0.len(), 1);
    sound(&xa.data);
    sound(&xb.data);
    let found = [&xa, &xb].map(|authority| {
        verify(&authority.data, Look { facts: true, ..Look::default() }, &mut |_| {}).unwrap().sound
    });
    let comparison = compare(&found[0], &found[1]);
    assert!(comparison.is_sound() && comparison.missing.is_empty(), "{comparison:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_or_is_held_is_not_erased() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let (packet, case) = xa.send("XB", "");
    xa.quiet().await;
    let address = xb.listening.clone();
    assert!(xb.stop().await.success());
    let (waiting, _) = xa.send("XB", "");
    let erase = |packet: &str| try_run(&xa, &["ledger", "erase", packet, "--reason", "sent_in_error"]);
    refused(&erase(&waiting), &["still waits for its recipient"]);
    assert_eq!(try_run(&xa, &["ledger", "erase", &packet, "--reason", "whim"]).status.code(), Some(2));

    let held = xa.json(&["ledger", "hold", "--case", &case]);
    refused(&try_run(&xa, &["ledger", "hold", "--case", &case]), &["held already"]);
    refused(&erase(&packet), &["legal hold", &format!("entry {}", held["index"])]);
    xa.json(&["ledger", "hold", &packet]);
    assert_eq!(xa.json(&["show", &packet])["held"], true);
    xa.json(&["ledger", "release", "--case", &case]);
    refused(&erase(&packet), &["legal hold"]);
    xa.json(&["ledger", "release", &packet]);
    refused(&try_run(&xa, &["ledger", "release", &packet]), &["no legal hold of its own"]);

    // A packet that waits is in the very buckets that are re-keyed, and still arrives.
    let (old, boxes) = (content_epochs(&xa.data), epochs(&xa.data).len());
    assert!(erase(&packet).status.success());
    assert!(content_epochs(&xa.data).iter().all(|bucket| !old.contains(bucket)));
    assert_eq!(epochs(&xa.data).len(), boxes, "each bucket has one successor");
    let xb_name = AuthorityId::parse("XB").unwrap();
    let content = content::key(Direction::Out, &xb_name, &id(&packet));
    let (keys, a_box) = opened(&xa.data, &content, &id(&packet));
    assert!(keys.is_empty() && !a_box, "the sender's key box is gone too");
    xa.kill();
    xa.serve().await;
    xb.serve().await;
    assert_eq!(xb.listening, address);
    until("it arrives", || async { xb.boxed(0).await.len() == 2 }).await;
    xa.quiet().await;
    assert!(fetch(&xb, &waiting, "waited").status.success());
    xb.quiet().await;
    assert!(xa.stop().await.success() && xb.stop().await.success());
    sound(&xa.data);

    // Nothing waits any more: the next start destroys the keys of all boxes.
    let content = content::key(Direction::Out, &xb_name, &id(&waiting));
    assert!(opened(&xa.data, &content, &id(&waiting)).1, "its box still opens");
    xa.serve().await;
    let (keys, a_box) = opened(&xa.data, &content, &id(&waiting));
    assert!(keys.len() == 1 && !a_box, "its content is kept, its box is not");
    assert!(fetch(&xa, &waiting, "own").status.success());
    assert!(xa.stop().await.success());
    sound(&xa.data);
}

/// A data directory as it was before an erasure, and after it.
struct Erased {
    _dir: tempfile::TempDir,
    before: PathBuf,
    after: PathBuf,
    packet: String,
    other: String,
}

async fn erased() -> Erased {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let (packet, _) = send_large(&xa, "XB");
    let (other, _) = send_large(&xa, "XB");
    xa.quiet().await;
    assert!(xa.stop().await.success() && xb.stop().await.success());
    let before = dir.path().join("before");
    copy_folder(&xb.data, &before);
    xb.serve().await;
    xb.json(&["ledger", "erase", &packet, "--reason", "other"]);
    xb.kill();
    Erased { before, after: xb.data.clone(), packet, other, _dir: dir }
}

impl Erased {
    /// A copy of one of the two, changed, then started, and what became of the packet.
    async fn started(&self, of: &Path, change: impl FnOnce(&Path)) -> bool {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("xb");
        copy_folder(of, &data);
        change(&data);
        let mut xb = Authority::at("XB", &data);
        xb.serve().await;
        let gone = !fetch(&xb, &self.packet, "packet").status.success();
        assert!(fetch(&xb, &self.other, "other").status.success(), "the survivor is there either way");
        assert_eq!(xb.json(&["show", &self.packet])["erased"].is_string(), gone);
        assert!(xb.stop().await.success());
        sound(&data);
        if gone {
            let content = content::key(Direction::In, &AuthorityId::parse("XA").unwrap(), &id(&self.packet));
            assert!(opened(&data, &content, &id(&self.packet)).0.is_empty());
            assert_eq!(objects(&data), 1);
            for (name, bytes) in content_epochs(&self.before) {
                assert!(!data.join(format!("keys/epochs/{name}.key")).exists(), "the old key is gone");
                nowhere(&data, &bytes);
            }
        }
        gone
    }
}

/// Ends of the groups of a journal of one segment.
fn ends(data: &Path) -> Vec<u64> {
    let mut scan = Scan::begin(&data.join("journal")).unwrap();
    let mut ends = vec![scan.position().1];
    while let Next::Group(group) = scan.next_group().unwrap() {
        ends.push(group.next.1);
    }
    ends
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_any_two_steps_ends_in_all_or_nothing() {
    let erased = erased().await;
    let journal = |data: &Path| segment_path(&data.join("journal"), 1);
    let (was, is) = (ends(&erased.before), ends(&erased.after));
    assert_eq!(is.len(), was.len() + 2, "one group of new wraps, one with the tombstone");
    let old_keys = |data: &Path| {
        for (name, bytes) in content_epochs(&erased.before) {
            let path = data.join(format!("keys/epochs/{name}.key"));
            std::fs::copy(erased.before.join(format!("keys/epochs/{name}.key")), &path).unwrap();
            assert_eq!(std::fs::read(path).unwrap(), bytes);
        }
    };
    let old_objects = |data: &Path| copy_folder(&erased.before.join("objects"), &data.join("objects"));
    let new_keys = |data: &Path| {
        copy_folder(&erased.after.join("keys/epochs"), &data.join("keys/epochs"));
    };

    // Before the tombstone: the old directory with what had been written by then.
    for (bytes, all) in [
        (was[was.len() - 1], false),
        (is[is.len() - 2], false),
        (is[is.len() - 2] + 9, false),
        (is[is.len() - 1] - 1, false),
        (is[is.len() - 1], true),
    ] {
        let gone = erased
            .started(&erased.before, |data| {
                new_keys(data);
                let whole = std::fs::read(journal(&erased.after)).unwrap();
                std::fs::write(journal(data), &whole[..bytes as usize]).unwrap();
            })
            .await;
        assert_eq!(gone, all, "the journal ends at {bytes} of {is:?}");
    }
    // A new key was durable, and nothing else.
    assert!(!erased.started(&erased.before, new_keys).await);
    // After it: the old key whole, overwritten, or half made; object files there or not.
    assert!(
        erased
            .started(&erased.after, |data| {
                old_keys(data);
                old_objects(data);
            })
            .await
    );
    assert!(erased.started(&erased.after, old_keys).await);
    assert!(
        erased
            .started(&erased.after, |data| {
                old_objects(data);
                for (name, _) in content_epochs(&erased.before) {
                    let path = data.join(format!("keys/epochs/{name}.key"));
                    old_keys(data);
                    std::fs::write(path, [0; 32]).unwrap();
                }
            })
            .await
    );
    // Nobody vouches for the index, and the old key is there.
    assert!(
        erased
            .started(&erased.after, |data| {
                old_keys(data);
                old_objects(data);
                std::fs::remove_file(data.join("store.state")).unwrap();
            })
            .await
    );
    assert!(erased.started(&erased.after, |_| {}).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_erases_what_is_due_with_one_re_keying() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let packets: Vec<(String, String)> = (0..4).map(|_| xa.send("XB", "")).collect();
    xa.quiet().await;
    refused(
        &try_run(&xa, &["ledger", "retain", "--dry-run"]),
        &["no retention is configured", "[retention]"],
    );
    xa.json(&["answer", &packets[0].0, "closed"]);
    xa.quiet().await;
    xa.json(&["ledger", "hold", &packets[1].0]);
    assert!(xa.stop().await.success() && xb.stop().await.success());
    let config = std::fs::read_to_string(xa.config()).unwrap();
    let rules = "[retention]\ndays = 0\n[[retention.rules]]\nkind = \"mutual_legal_assistance\"\n\
                 state = \"closed\"\n";
    std::fs::write(xa.config(), format!("{config}\n{rules}").replace("closed", "clsed")).unwrap();
    let misspelt = rogatory().args(["serve", "--config"]).arg(xa.config()).output().unwrap();
    assert_eq!(misspelt.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&misspelt.stderr).contains("is no state; one of"));
    std::fs::write(xa.config(), format!("{config}\n{rules}")).unwrap();
    xa.serve().await;
    let (waiting, _) = xa.send("XB", "");

    let old = content_epochs(&xa.data);
    let survey = xa.json(&["ledger", "retain", "--dry-run"]);
    let due: Vec<&str> =
        survey["due"].as_array().unwrap().iter().map(|due| due["packet"].as_str().unwrap()).collect();
    assert_eq!(due, [packets[2].0.as_str(), packets[3].0.as_str()], "closed is kept for ever, by the rule");
    assert_eq!((&survey["held"], &survey["waiting"]), (&1.into(), &1.into()));
    assert_eq!((&survey["due"][0]["state"], &survey["due"][0]["rule"]), (&"open".into(), &0.into()));
    assert_eq!(content_epochs(&xa.data), old);

    let retained = xa.json(&["ledger", "retain"]);
    let (first, second) = (&retained["due"][0]["index"], &retained["due"][1]["index"]);
    assert_eq!(first.as_u64().unwrap() + 1, second.as_u64().unwrap());
    assert_eq!(content_epochs(&xa.data).len(), 1);
    assert_ne!(content_epochs(&xa.data), old);
    for (packet, gone) in [
        (&packets[0].0, false),
        (&packets[1].0, false),
        (&packets[2].0, true),
        (&packets[3].0, true),
        (&waiting, false),
    ] {
        assert_eq!(fetch(&xa, packet, &format!("out-{packet}")).status.success(), !gone, "{packet}");
    }
    assert!(xa.json(&["ledger", "retain"])["due"].as_array().unwrap().is_empty());
    xb.serve().await;
    xa.quiet().await;
    assert!(xa.stop().await.success() && xb.stop().await.success());
    sound(&xa.data);
}

/// Submits a small packet; where the store is busy, again.
async fn submit(client: &LocalClient) -> PacketId {
    let file = rogatory::request::file::read(&support::request_file("XB", "")).unwrap();
    let start = SubmitStart {
        recipient: "XB".into(),
        expires: SystemClock.now() + 3_600_000,
        request: file.request.unwrap().encode_to_vec(),
        ..SubmitStart::default()
    };
    loop {
        let frame = SubmitFrame { frame: Some(submit_frame::Frame::Start(start.clone())) };
        match client.officer().submit(tokio_stream::once(frame)).await {
            Ok(reply) => return PacketId::from_bytes(&reply.into_inner().packet_id).unwrap(),
            Err(status) => assert_eq!(status.code(), tonic::Code::ResourceExhausted, "{status}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_while_others_are_erased_is_not_lost() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let mut doomed = Vec::new();
    for _ in 0..8 {
        doomed.push(submit(xa.client()).await);
    }
    xa.quiet().await;
    let enough = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..6)
        .map(|_| {
            let (client, enough) = (xa.client().clone(), enough.clone());
            tokio::spawn(async move {
                let mut sent = Vec::new();
                while !enough.load(Ordering::Relaxed) {
                    sent.push(submit(&client).await);
                }
                sent
            })
        })
        .collect();
    for id in &doomed {
        for side in [&xa, &xb] {
            let packets = vec![PacketName { packet_id: id.bytes().to_vec(), peer: String::new() }];
            let reason = erasure_reason::Code::RequestWithdrawn.into();
            let request = EraseRequest { packets, reason, dry_run: false };
            side.client().operator().erase(request).await.unwrap();
        }
    }
    enough.store(true, Ordering::Relaxed);
    let mut sent = Vec::new();
    for sender in senders {
        sent.extend(sender.await.unwrap());
    }
    assert!(sent.len() > 20, "{} packets came meanwhile", sent.len());
    xa.quiet().await;
    assert!(xa.stop().await.success() && xb.stop().await.success());
    for (side, direction, peer) in [(&xa, Direction::Out, "XB"), (&xb, Direction::In, "XA")] {
        sound(&side.data);
        let (keys, peer) = (epochs(&side.data), AuthorityId::parse(peer).unwrap());
        let records = all_records(&side.data);
        let opens = |id: &PacketId| {
            let (wraps, _) = &records[&content::key(direction, &peer, id)];
            keys.iter().any(|(_, bytes)| wraps.iter().any(|wrap| key(bytes).unwrap(id.bytes(), wrap).is_ok()))
        };
        assert!(sent.iter().all(opens), "a packet of {} was lost", side.name);
        assert!(!doomed.iter().any(opens), "a packet of {} was kept", side.name);
    }
}
