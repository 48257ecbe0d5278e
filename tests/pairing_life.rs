//! The life of a pairing between real gateways: suspended, resumed, ended, by either side, with
//! one of them away, and after a crash.

mod support;

use rogatory::exchange::notices::Word;
use rogatory::exchange::{Answer, Exchange, ExchangeError};
use rogatory::format::leaf::Leaf;
use rogatory::format::pairing::SignedNotice;
use rogatory::format::wire::{
    PeersRequest, alarm::Code as Alarm, cause::Code as Cause, event::Code as Event, leaf::Kind,
};
use rogatory::gateway::SystemClock;
use rogatory::store::inspect::{Look, verify};
use rogatory::store::{Clock as _, NewEntry};
use serde_json::Value;
use std::path::Path;
use std::process::Output;
use std::time::Duration;
use support::logs::{Pair, append, copy, name, open};
use support::raw::{Bench, Said, unattributed};
use support::{Authority, INBOX, delivered, end, outcome, pair, paired, path, rogatory, succeeds, until};

/// A command of an authority, whatever it comes to.
fn said(authority: &Authority, args: &[&str]) -> Output {
    rogatory().args(args).arg("--config").arg(authority.config()).output().unwrap()
}

fn fails(authority: &Authority, args: &[&str], code: i32, words: &str) {
    let output = said(authority, args);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(code) && text.contains(words), "{args:?}: {text}");
}

/// What `pair list` says of the pairing with a peer.
fn pairing(authority: &Authority, peer: &str) -> Value {
    let list = authority.json(&["pair", "list"]);
    let found = list["peers"].as_array().unwrap().iter().find(|one| one["authority"] == peer);
    found.unwrap_or_else(|| panic!("{peer} is no peer"))["pairing"].clone()
}

fn state(authority: &Authority, peer: &str) -> String {
    pairing(authority, peer)["state"].as_str().unwrap().to_owned()
}

async fn comes_to(authority: &Authority, peer: &str, expected: &str) {
    until(expected, || async { state(authority, peer) == expected }).await;
}

/// A request file that can't be sent now.
fn refused(authority: &Authority, peer: &str, words: &str) {
    let path = authority.data.join("refused.toml");
    std::fs::write(&path, support::request_file(peer, "")).unwrap();
    fails(authority, &["send", path.to_str().unwrap()], 1, words);
}

async fn arrives(authority: &Authority, packet: &str) {
    let id = packet.parse::<rogatory::format::id::PacketId>().unwrap();
    until("the packet is in the inbox", || async { authority.show(id.bytes()).await.is_ok() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_suspended_waits_until_both_sides_resume_and_others_notice_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let mut xc = Authority::found(dir.path(), "XC", "none");
    xc.serve().await;
    xa.confirm(&xc.offer().await).await;
    xc.confirm(&xa.offer().await).await;
    let before = xa.send("XB", "").0;
    arrives(&xb, &before).await;
    xa.quiet().await;

    xb.stop().await;
    let waits = xa.send("XB", "").0;
    // It holds here at once, though XB can't know.
    fails(&xa, &["pair", "suspend", "XB", "--wait", "0"], 4, "has not confirmed");
    assert_eq!(state(&xa, "XB"), "suspended");
    fails(&xa, &["pair", "suspend", "XB"], 1, "suspended by this side already");
    refused(&xa, "XB", "we have said so");
    // A crash between what was said and its confirmation: it is told again.
    let mut xa = xa;
    xa.kill();
    xa.serve().await;
    assert_eq!((state(&xa, "XB").as_str(), state(&xa, "XC").as_str()), ("suspended", "active"));
    xb.serve().await;
    comes_to(&xb, "XA", "suspended").await;
    until("it is confirmed", || async { pairing(&xa, "XB")["confirmed"] == 1 }).await;
    refused(&xb, "XA", "it has said so");
    // What was accepted goes on, and so do others.
    xb.json(&["answer", &before, "registered"]);
    let other = xa.send("XC", "").0;
    arrives(&xc, &other).await;
    until("the status is told", || async { pairing_waits(&xb, "XA").await == 0 }).await;
    assert_eq!(pairing_waits(&xa, "XB").await, 1, "what waits stays");
    assert!(xb.boxed(INBOX).await.iter().all(|packet| waits != id(&packet.packet_id)));

    // Each side takes back its own word, and nobody the other's.
    xb.json(&["pair", "suspend", "XA"]);
    xa.json(&["pair", "resume", "XB"]);
    fails(&xa, &["pair", "resume", "XB"], 1, "not suspended or ended by this side");
    for (one, peer) in [(&xa, "XB"), (&xb, "XA")] {
        assert_eq!(state(one, peer), "suspended");
    }
    refused(&xa, "XB", "it has said so");
    xb.json(&["pair", "resume", "XA"]);
    comes_to(&xa, "XB", "active").await;
    arrives(&xb, &waits).await;
    delivered(&xb, &xa).await;
    end(vec![xa, xb, xc]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_whose_time_ends_while_the_pairing_is_suspended_has_an_unknown_outcome() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    xb.stop().await;
    let soon = SystemClock.now() + 2500;
    let time = jiff::Timestamp::from_millisecond(soon as i64).unwrap();
    let late = xa.send("XB", &format!("expires = \"{time}\"")).0;
    fails(&xa, &["pair", "suspend", "XB", "--wait", "0"], 4, "has not confirmed");
    tokio::time::sleep(Duration::from_millis((soon + 100).saturating_sub(SystemClock.now()))).await;
    // What waits is looked at anew when the gateway starts.
    xa.stop().await;
    xa.serve().await;
    no_answer(&xa, &late).await;
    xb.serve().await;
    comes_to(&xb, "XA", "suspended").await;
    xa.json(&["pair", "resume", "XB"]);
    assert_eq!(outcome(&xa, &late).await, (Event::RelayRejection, Cause::Expired as i32));
    end(vec![xa, xb]).await;
}

fn id(bytes: &[u8]) -> String {
    rogatory::format::id::PacketId::from_bytes(bytes).unwrap().to_string()
}

async fn pairing_waits(authority: &Authority, peer: &str) -> u64 {
    let peers = authority.client().operator().peers(PeersRequest {}).await.unwrap().into_inner().peers;
    peers.into_iter().find(|one| one.authority == peer).unwrap().waiting
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_pairing_ends_what_waits_and_keeps_what_was() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, mut xb) = pair(dir.path()).await;
    let before = xa.send("XB", "").0;
    arrives(&xb, &before).await;
    xa.quiet().await;
    xb.stop().await;
    let waits: Vec<String> = (0..3).map(|_| xa.send("XB", "").0).collect();
    fails(&xa, &["pair", "end", "XB"], 2, "nobody was asked");
    fails(&xa, &["pair", "end", "XB", "--yes", "--wait", "0"], 4, "has not confirmed");
    refused(&xa, "XB", "is ended: we have said so");
    fails(&xa, &["pair", "suspend", "XB"], 1, "ended by this side already");
    xb.serve().await;
    for packet in &waits {
        assert_eq!(outcome(&xa, packet).await, (Event::RelayRejection, Cause::PairingEnded as i32));
    }
    xa.quiet().await;
    assert_eq!(xb.boxed(INBOX).await.len(), 1, "nothing of it was taken");
    comes_to(&xb, "XA", "ended").await;
    refused(&xb, "XA", "is ended: it has said so");
    fails(&xb, &["pair", "resume", "XA"], 1, "not suspended or ended by this side");
    fails(&xb, &["answer", &before, "registered"], 1, "is ended");
    // What was accepted can be read, and that is told.
    xb.json(&["fetch", &before, "--purpose", "execution", "--out", path(&xb.data.join("fetched"))]);
    until("the handover is told", || async {
        let outcomes = xa.show(before.parse::<rogatory::format::id::PacketId>().unwrap().bytes()).await;
        let outcomes = outcomes.unwrap().summary.unwrap().outcomes;
        outcomes.iter().any(|outcome| outcome.event() == Event::ContentHandover)
    })
    .await;
    // Whoever ended it may take that back.
    xa.json(&["pair", "resume", "XB"]);
    comes_to(&xb, "XA", "active").await;
    delivered(&xb, &xa).await;
    end(vec![xa, xb]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_sends_all_the_same_is_put_off_and_at_last_refused() {
    let bench = Bench::new().await;
    let accepted = bench.packet();
    let Said::Evidence(first) = bench.deliver(&accepted).await else { panic!("deferred") };
    fails(&bench.xb, &["pair", "suspend", "XA", "--wait", "0"], 4, "has not confirmed");
    let late = bench.packet();
    let size = bench.size().await;
    assert!(matches!(bench.deliver(&late).await, Said::Deferral(Cause::PairingSuspended)));
    assert_eq!(bench.size().await, size, "a deferral is no entry");
    fails(&bench.xb, &["pair", "end", "XA", "--yes", "--wait", "0"], 4, "has not confirmed");
    let digest = bench.sign(&late).digest;
    unattributed(digest, Cause::PairingEnded, &bench.refused(&late).await);
    // What was accepted before has the evidence that it had.
    let Said::Evidence(again) = bench.deliver(&accepted).await else { panic!("deferred") };
    assert_eq!(first.len(), again.len());
    assert!(first.iter().zip(&again).all(|(one, other)| one.1 == other.1), "byte for byte");
    fails(&bench.xb, &["pair", "resume", "XA", "--wait", "0"], 4, "has not confirmed");
    // The refusal bound nothing.
    assert!(matches!(bench.deliver(&late).await, Said::Evidence(all) if all.len() == 2));
}

/// Founds, restricts and serves; what the configuration says later is said by the test.
fn restrict(authority: &Authority, terms: &str) {
    let text = std::fs::read_to_string(authority.config()).unwrap();
    let kept: String = text
        .lines()
        .filter(|line| !line.starts_with("kinds") && !line.starts_with("languages"))
        .fold(String::new(), |mut all, line| {
            all.push_str(line);
            all.push('\n');
            if line == "[limits]" {
                all.push_str(terms);
                all.push('\n');
            }
            all
        });
    let text = if kept.contains("[limits]") { kept } else { format!("{kept}\n[limits]\n{terms}\n") };
    std::fs::write(authority.config(), text).unwrap();
}

fn sends(authority: &Authority, language: &str) -> Output {
    let path = authority.data.join("terms.toml");
    let text = support::request_file("XB", "").replace("\"en\"", &format!("\"{language}\""));
    std::fs::write(&path, text).unwrap();
    said(authority, &["send", path.to_str().unwrap(), "--json"])
}

fn packet(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    told["packet"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn terms_are_honoured_before_sending_and_held_against_who_does_not_know_them() {
    let dir = tempfile::tempdir().unwrap();
    let mut xa = Authority::found(dir.path(), "XA", "127.0.0.1:0");
    let mut xb = Authority::found(dir.path(), "XB", "127.0.0.1:0");
    restrict(&xb, "kinds = [\"extradition\"]\nlanguages = [\"fa\", \"en\"]");
    paired(&mut xa, &mut xb).await;
    let refused = |output: Output, words: [&str; 2]| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    };
    refused(sends(&xa, "en"), ["XB takes requests of these kinds: extradition", "mutual_legal_assistance"]);
    let issued = xa.json(&["ledger", "ask", "entries", "--kind", "evidence_issued"])["rows"].clone();
    assert_eq!(issued, serde_json::json!([]), "nothing is submitted");

    // XB takes more, and says so; only its languages stand in the way then.
    xb.stop().await;
    restrict(&xb, "kinds = [\"extradition\", \"mutual_legal_assistance\"]\nlanguages = [\"fa\", \"en\"]");
    xb.serve().await;
    refused(sends(&xa, "en"), ["XB takes requests of these kinds: extradition", "mutual_legal_assistance"]);
    xb.json(&["pair", "terms", "XA"]);
    refused(sends(&xa, "de"), ["fa, en", "this is de"]);
    assert_eq!(outcome(&xa, &packet(&sends(&xa, "en-GB"))).await, (Event::ContentConsignment, 0));
    // They are the newest word after a start, too.
    xa.stop().await;
    xa.serve().await;
    refused(sends(&xa, "de"), ["fa, en", "this is de"]);

    // What XA was not told, it can't know.
    xb.stop().await;
    restrict(&xb, "languages = [\"fa\"]");
    xb.serve().await;
    let found = outcome(&xa, &packet(&sends(&xa, "en"))).await;
    assert_eq!(found, (Event::ContentConsignmentFailure, Cause::LanguageNotTaken as i32));
    xb.stop().await;
    restrict(&xb, "kinds = [\"extradition\"]");
    xb.serve().await;
    let found = outcome(&xa, &packet(&sends(&xa, "en"))).await;
    assert_eq!(found, (Event::RelayRejection, Cause::KindNotTaken as i32));
    xb.stop().await;
    for wrong in ["kinds = [\"refusal\"]", "kinds = [\"parking\"]", "languages = [\"en_GB\"]"] {
        restrict(&xb, wrong);
        let output = said(&xb, &["serve"]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
    restrict(&xb, "languages = []");
    xb.serve().await;
    end(vec![xa, xb]).await;
}

/// Confirms an offer by the command; what it says.
async fn confirms(authority: &Authority, how: &str, of: &Authority, fingerprint: &str) -> Output {
    let offer = of.offer().await;
    let file = authority.data.join("other.offer");
    std::fs::write(&file, offer.to_text()).unwrap();
    said(authority, &["pair", how, file.to_str().unwrap(), "--fingerprint", fingerprint])
}

fn fingerprint(authority: &Authority) -> String {
    hex::encode(authority.identity().chain().fingerprint())
}

async fn no_answer(authority: &Authority, packet: &str) {
    let id = packet.parse::<rogatory::format::id::PacketId>().unwrap();
    until("nobody will answer", || async {
        let outcomes = authority.show(id.bytes()).await.unwrap().summary.unwrap().outcomes;
        outcomes.last().unwrap().event() == Event::RelayFailure
    })
    .await;
}

/// A bundle of a packet, verified with these fingerprints.
fn proves(authority: &Authority, packet: &str, xa: &str, xb: &str) {
    let out = authority.data.join(format!("{packet}.bundle"));
    authority.json(&["ledger", "prove", packet, "--out", path(&out)]);
    let (xa, xb) = (format!("XA={xa}"), format!("XB={xb}"));
    succeeds(&["verify-bundle", path(&out), "--fingerprint", &xa, "--fingerprint", &xb]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_lost_everything_is_paired_anew_and_what_it_signed_before_stands() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let mut xc = Authority::found(dir.path(), "XC", "none");
    xc.serve().await;
    xa.confirm(&xc.offer().await).await;
    xc.confirm(&xa.offer().await).await;
    let (old, case) = xa.send("XB", "");
    let got = xb.send("XA", "").0;
    arrives(&xb, &old).await;
    arrives(&xa, &got).await;
    xb.json(&["answer", &old, "registered"]);
    xa.quiet().await;
    xb.quiet().await;
    let (before, ours) = (fingerprint(&xb), fingerprint(&xa));

    // It is gone, with its ledger and its keys; this and that waits for it.
    xb.kill();
    let waits = [xa.send("XB", "").0, xa.send("XB", &format!("case = \"{case}\"")).0];
    xa.json(&["answer", &got, "registered"]);
    fails(&xa, &["pair", "suspend", "XB", "--wait", "0"], 4, "has not confirmed");
    std::fs::rename(&xb.data, dir.path().join("lost")).unwrap();
    let mut xb = Authority::found(dir.path(), "XB", "127.0.0.1:0");
    xb.serve().await;
    let anew = fingerprint(&xb);
    assert_ne!(before, anew);
    let output = confirms(&xa, "confirm", &xb, &anew).await;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && text.contains("pair repair"), "{text}");
    assert_eq!(confirms(&xa, "repair", &xb, &before).await.status.code(), Some(1), "another was compared");
    let output = confirms(&xa, "repair", &xc, &fingerprint(&xc)).await;
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing to repair"));
    assert!(confirms(&xa, "repair", &xb, &anew).await.status.success());
    assert!(confirms(&xb, "confirm", &xa, &ours).await.status.success());

    // What was said of the old pairing holds no more, and what waited for it ends.
    assert_eq!((state(&xa, "XB"), state(&xb, "XA")), ("active".to_owned(), "active".to_owned()));
    for packet in &waits {
        no_answer(&xa, packet).await;
    }
    xa.quiet().await;
    let new = delivered(&xa, &xb).await;
    delivered(&xb, &xa).await;
    xb.json(&["answer", &new, "registered"]);
    // Its side of old cases is gone.
    let file = xa.data.join("old.toml");
    std::fs::write(&file, support::request_file("XB", &format!("case = \"{case}\""))).unwrap();
    fails(&xa, &["send", path(&file)], 1, "begin a new case");
    fails(&xa, &["answer", &got, "executed"], 1, "begin a new case");
    // What it had sent is read, and told to nobody.
    xa.json(&["fetch", &got, "--purpose", "execution", "--out", path(&xa.data.join("fetched"))]);
    xa.quiet().await;
    proves(&xa, &old, &ours, &before);
    proves(&xa, &new, &ours, &anew);
    // A start finds the same.
    xa.stop().await;
    xa.serve().await;
    fails(&xa, &["send", path(&file)], 1, "begin a new case");
    delivered(&xa, &xb).await;
    xa.json(&["pair", "suspend", "XB"]);
    comes_to(&xb, "XA", "suspended").await;
    // Its keys of before are known, and in force no more.
    let rows = xa.json(&["ledger", "ask", "keys", "--all"])["rows"].as_array().unwrap().clone();
    for (of, in_force) in [(&Authority::at("XB", &dir.path().join("lost")), false), (&xb, true)] {
        let chain = of.identity().chain();
        for id in chain.keys().iter().map(|key| key.id).chain([chain.root()]) {
            let row = rows.iter().find(|row| row["key_id"] == hex::encode(id)).expect("a row of each key");
            assert_eq!((&row["authority"], &row["in_force"]), (&"XB".into(), &in_force.into()), "{row}");
        }
    }
    end(vec![xa, xb, xc]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_pair_with_each_other_by_one_list_and_one_digest() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = pair(dir.path()).await;
    let mut xc = Authority::found(dir.path(), "XC", "127.0.0.1:0");
    xc.serve().await;
    let file = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    for (authority, name) in [(&xb, "xb.offer"), (&xc, "xc.offer")] {
        std::fs::write(file(name), authority.offer().await.to_text()).unwrap();
    }
    let (out, offers) = (file("ops.group"), [file("xb.offer"), file("xc.offer")]);
    let make = ["pair", "group", "make", "--out", &out, &offers[0], &offers[1]];
    fails(&xa, &make, 1, "nobody here has compared the fingerprint of XC");
    assert!(!Path::new(&out).exists());
    let compared = fingerprint(&xc);
    let made = xa.json(&[make.as_slice(), &["--compared", &compared]].concat());
    let digest = made["digest"].as_str().unwrap();
    assert_eq!((&made["convener"], made["members"].as_array().unwrap().len()), (&"XA".into(), 3));
    assert_eq!(xb.json(&["pair", "group", "show", &out])["digest"], digest);

    // A digest that differs, a changed list, a list of others: nobody is paired.
    let peers = |authority: &Authority| authority.json(&["pair", "list"])["peers"].as_array().unwrap().len();
    fails(&xc, &["pair", "group", "join", &out, "--digest", &compared], 1, "the digests differ");
    let text = std::fs::read_to_string(&out).unwrap();
    let changed =
        text.replacen(&text[2000..2004], if &text[2000..2004] == "AAAA" { "BBBB" } else { "AAAA" }, 1);
    std::fs::write(file("changed.group"), changed).unwrap();
    fails(&xc, &["pair", "group", "join", &file("changed.group"), "--digest", digest], 2, "");
    let mut xd = Authority::found(dir.path(), "XD", "none");
    xd.serve().await;
    fails(&xd, &["pair", "group", "join", &out, "--digest", digest], 1, "does not name us");
    assert_eq!((peers(&xc), peers(&xd)), (0, 0));

    for (authority, paired, known) in
        [(&xa, vec!["XC"], vec!["XB"]), (&xb, vec!["XC"], vec!["XA"]), (&xc, vec!["XA", "XB"], vec![])]
    {
        let joined = authority.json(&["pair", "group", "join", &out, "--digest", digest]);
        assert_eq!(joined, serde_json::json!({ "paired": paired, "known": known }));
        // The same again changes nothing.
        let joined = authority.json(&["pair", "group", "join", &out, "--digest", digest]);
        assert_eq!(joined["paired"], serde_json::json!([]));
        assert_eq!(peers(authority), 2);
    }
    for (from, to) in [(&xa, &xc), (&xc, &xb), (&xb, &xa)] {
        let packet = from.send(&to.name, "").0;
        assert_eq!(outcome(from, &packet).await.0, Event::ContentConsignment);
    }
    // Leaving is ending one pairing after the other; the others go on.
    xc.json(&["pair", "end", "XA", "--yes"]);
    comes_to(&xa, "XC", "ended").await;
    assert_eq!((state(&xa, "XB"), state(&xb, "XC")), ("active".to_owned(), "active".to_owned()));
    end(vec![xa, xb, xc]).await;
}

/// Says something of the pairing with XA; gives its notice.
async fn says(of: &Exchange, word: Word) -> Vec<u8> {
    let said = of.notify(&name("XA"), word, [1; 8]).await.unwrap();
    of.store.snapshot().entry(said.first).unwrap().object(0).unwrap().to_vec()
}

/// XA is told the newest entry of another log that says to be XB's.
async fn tell(xa: &Exchange, of: &Exchange) -> Result<Answer, ExchangeError> {
    let peer = xa.directory.peer(&name("XB")).unwrap();
    let checkpoint = of.store.checkpoint();
    let ack = of.acknowledgement(&[checkpoint.size - 1], &checkpoint, peer.verified().0).unwrap();
    xa.accept_notice(&peer, ack).await
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_that_contradict_are_refused_and_leave_one_alarm() {
    let mut pair = Pair::new().await;
    // XB's log as it was, restored or in other hands, in which it says something else.
    let other = pair.copy_of_xb("other");
    let first = says(&pair.xb, Word::Suspend).await;
    assert!(matches!(tell(&pair.xa, &pair.xb).await.unwrap(), Answer::Committed(..)));
    pair.pass(1);
    let ended = says(&other, Word::End).await;
    let size = pair.xa.store.checkpoint().size;
    for _ in 0..3 {
        let refused = tell(&pair.xa, &other).await.unwrap_err();
        assert!(refused.to_string().contains("has the number of another"), "{refused}");
        assert_eq!(pair.xa.store.checkpoint().size, size + 1, "once, however often it is told");
    }
    let alarm = pair.xa.store.snapshot().entry(size).unwrap();
    assert_eq!(alarm.objects, [first.clone(), ended.clone()]);
    assert_eq!(pair.alarms(), [Alarm::NoticesForked]);
    let stands = pair.xa.pairing_with(&name("XB")).unwrap();
    assert_eq!(stands, rogatory::format::pairing::State::Suspended, "what was said first stands");

    // What follows the other one contradicts too, and is about the same.
    let resumed = says(&other, Word::Resume).await;
    let refused = tell(&pair.xa, &other).await.unwrap_err();
    assert!(refused.to_string().contains("follows another than the last"), "{refused}");
    assert_eq!(pair.xa.store.checkpoint().size, size + 1);
    // XB itself goes on, and its next is contradicted as well: that is another alarm.
    let second = says(&pair.xb, Word::Resume).await;
    assert!(matches!(tell(&pair.xa, &pair.xb).await.unwrap(), Answer::Committed(..)));
    tell(&pair.xa, &other).await.unwrap_err();
    assert_eq!(pair.alarms(), [Alarm::NoticesForked; 2]);
    pair.restart_xa();
    tell(&pair.xa, &other).await.unwrap_err();
    assert_eq!(pair.alarms(), [Alarm::NoticesForked; 2]);
    let digest = |envelope: &[u8]| SignedNotice::danger_unverified(envelope).unwrap().digest;
    assert_ne!(digest(&second), digest(&resumed));

    // It proves itself: one about what does not contradict, or was not said, makes a ledger unsound.
    pair.xa.store.close().unwrap();
    let (folder, contradicts) = (pair.folder.path().join("xa"), "notices that do not contradict");
    for (number, (objects, why)) in [
        (vec![first.clone(), resumed.clone()], ""),
        (vec![first.clone(), first.clone()], contradicts),
        (vec![first.clone(), second.clone()], contradicts),
        (vec![second.clone(), first.clone()], contradicts),
        (vec![first.clone(), ended.clone(), Vec::new()], contradicts),
        (vec![ended.clone(), first.clone()], "a notice that was not said"),
    ]
    .into_iter()
    .enumerate()
    {
        let spoilt = pair.folder.path().join(format!("spoilt-{number}"));
        copy(&folder, &spoilt);
        let exchange = open(&spoilt, &pair.clock);
        let code = Alarm::NoticesForked as u32;
        let leaf = Leaf { peer: Some(name("XB")), code, ..Leaf::new(Kind::Alarm) };
        append(&exchange, vec![NewEntry { leaf, objects }]).await;
        exchange.store.close().unwrap();
        let found = verify(&spoilt.join("data"), Look::default(), &mut |_| {});
        let found = found.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(found.contains(why) && found.is_empty() == why.is_empty(), "{number}: {found}");
    }
    pair.xa = std::sync::Arc::new(open(&folder, &pair.clock));
    pair.close();
}
