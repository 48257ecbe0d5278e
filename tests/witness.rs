//! Witnessing: every tree that is seen of a peer is linked with every other, what can't be is
//! an alarm, and two gateways that only witness each other fall silent.

mod support;

use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::hash::Digest;
use rogatory::exchange::Exchange;
use rogatory::exchange::content_keys::ContentKeys;
use rogatory::exchange::directory::{Directory, Peer};
use rogatory::exchange::identity::Identity;
use rogatory::exchange::witness::Notes;
use rogatory::format::id::AuthorityId;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::{self, TurnedAway, alarm::Code, leaf::Kind};
use rogatory::ledger::acknowledgement::Proven;
use rogatory::store::inspect::verify;
use rogatory::store::{Clock, Committed, Decision, NewEntry, Options};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use support::{pair, until};
use tempfile::TempDir;

const START: u64 = 1_800_000_000_000;
const MINUTE: u64 = 60_000;

/// A clock that tests move.
#[derive(Clone)]
struct Hand(Arc<AtomicU64>);

impl Clock for Hand {
    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

fn name(text: &str) -> AuthorityId {
    AuthorityId::parse(text).unwrap()
}

fn open(folder: &Path, clock: &Hand) -> Exchange {
    let identity = Arc::new(Identity::load(&folder.join("keys"), clock.now()).unwrap());
    let options = Options {
        data: folder.join("data"),
        boot_id: "one".into(),
        clock: Arc::new(clock.clone()),
        signer: identity.clone(),
        observer: Box::new(|_| {}),
    };
    let opened = options.open().unwrap();
    Exchange {
        directory: Directory::load(opened.store.snapshot()).unwrap(),
        identity,
        store: opened.store,
        objects: opened.objects,
        epochs: opened.epochs,
        content_keys: ContentKeys::default(),
        notes: Notes::default(),
        strangers: Arc::default(),
        entropy: Arc::new(SystemEntropy::default()),
        clock: Arc::new(clock.clone()),
        limits: wire::Limits { packet_bytes: 1 << 20, objects: 4 },
    }
}

async fn append(exchange: &Exchange, entries: Vec<NewEntry>) -> Committed<()> {
    let decide = move |_: &dyn rogatory::ledger::records::Views, _| {
        Ok::<_, rogatory::exchange::ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
    };
    exchange.store.commit(decide).await.unwrap().unwrap()
}

async fn found(folder: &Path, authority: &str, clock: &Hand) -> Exchange {
    let keys = folder.join("keys");
    Identity::found(&keys, &name(authority), true, clock.now(), &SystemEntropy::default()).unwrap();
    let exchange = open(folder, clock);
    append(&exchange, exchange.identity.first_entries()).await;
    exchange
}

/// An entry of no consequence, so that the log grows.
async fn grow(exchange: &Exchange, unproved: u64) -> u64 {
    let counts = TurnedAway { unproved, ..TurnedAway::default() };
    let leaf = Leaf { turned_away: Some(counts), ..Leaf::new(Kind::Strangers) };
    append(exchange, vec![NewEntry { leaf, objects: Vec::new() }]).await.first
}

struct Pair {
    folder: TempDir,
    clock: Hand,
    xa: Exchange,
    xb: Exchange,
}

impl Pair {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Hand(Arc::new(AtomicU64::new(START)));
        let xa = found(&folder.path().join("xa"), "XA", &clock).await;
        let xb = found(&folder.path().join("xb"), "XB", &clock).await;
        for (one, other) in [(&xa, &xb), (&xb, &xa)] {
            let offer = other.offer(Vec::new()).unwrap();
            one.pair(offer, &other.identity.chain().fingerprint()).await.unwrap();
        }
        Self { folder, clock, xa, xb }
    }

    fn pass(&self, millis: u64) {
        self.clock.0.fetch_add(millis, Ordering::Relaxed);
    }

    /// XB's directory as it is now, under another name: another history can begin there.
    fn copy_of_xb(&mut self, to: &str) -> Exchange {
        self.xb.store.close().unwrap();
        let (from, to) = (self.folder.path().join("xb"), self.folder.path().join(to));
        copy(&from, &to);
        self.xb = open(&from, &self.clock);
        open(&to, &self.clock)
    }

    fn restart_xa(&mut self) {
        self.xa.store.close().unwrap();
        self.xa = open(&self.folder.path().join("xa"), &self.clock);
    }

    fn xb_of_xa(&self) -> Arc<Peer> {
        self.xa.directory.peer(&name("XB")).unwrap()
    }

    /// Codes of XA's alarms about XB, in the order of the log.
    fn alarms(&self) -> Vec<Code> {
        let size = self.xa.store.snapshot().size().unwrap();
        let leaves = (0..size).map(|index| self.xa.store.snapshot().entry(index).unwrap().leaf);
        let codes: Vec<_> = leaves
            .filter(|leaf| leaf.kind == Kind::Alarm)
            .map(|leaf| Code::try_from(leaf.code as i32).unwrap())
            .collect();
        let told = self.xa.alarms(None).unwrap();
        assert_eq!(told.count, codes.len() as u64);
        assert_eq!(codes.last().copied().unwrap_or_default(), told.code());
        codes
    }

    /// Both ledgers are sound.
    fn close(self) {
        for (exchange, folder) in [(self.xa, "xa"), (self.xb, "xb")] {
            exchange.store.close().unwrap();
            verify(&self.folder.path().join(folder).join("data"), &mut |_| {}).unwrap();
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

/// `one` gets an acknowledgement of an entry of `other`, proved from `known`, and logs it.
async fn see(one: &Exchange, other: &Exchange, index: u64, known: (u64, Digest)) -> Result<Proven, String> {
    let peer = one.directory.peer(other.identity.authority()).unwrap();
    let ack = other.acknowledgement(&[index], &other.store.checkpoint(), known.0).unwrap();
    let proven = one.verify_acknowledgement(&peer, ack, known).map_err(|error| error.to_string())?;
    let leaf = Leaf {
        peer: Some(peer.authority().clone()),
        about: Some(0),
        witnessed: proven.witnessed(),
        ..Leaf::new(Kind::Confirmation)
    };
    let objects = vec![proven.receipts[0].clone(), proven.checkpoint.note.clone()];
    append(one, vec![NewEntry { leaf, objects }]).await;
    Ok(proven)
}

/// What the courier does: asks for links until none is wanted. Gives the number of calls.
async fn link(one: &Exchange, other: &Exchange) -> usize {
    let peer = one.directory.peer(other.identity.authority()).unwrap();
    let mut calls = 0;
    while let Some(question) = one.links_wanted(&peer).await.unwrap() {
        let reply = other.prove_links(&question.request().from_sizes).unwrap();
        one.take_links(&peer, question, reply).await.unwrap();
        calls += 1;
        if calls == 3 {
            break;
        }
    }
    calls
}

#[tokio::test(flavor = "multi_thread")]
async fn trees_that_came_from_one_known_size_are_linked_in_one_call_and_again_after_a_start() {
    let mut pair = Pair::new().await;
    let index = grow(&pair.xb, 1).await;
    see(&pair.xa, &pair.xb, index, pair.xb_of_xa().verified()).await.unwrap();
    let known = pair.xb_of_xa().verified();
    for count in 0..5 {
        let index = grow(&pair.xb, count + 1).await;
        see(&pair.xa, &pair.xb, index, known).await.unwrap();
    }
    let question = pair.xa.links_wanted(&pair.xb_of_xa()).await.unwrap().unwrap();
    let asked = question.request().from_sizes;
    assert_eq!(asked.len(), 5, "the head, and four that are not linked: {asked:?}");
    assert!(
        pair.xa.cosign(&pair.xb_of_xa()).await.unwrap().is_none(),
        "nothing is cosigned that is not linked"
    );

    pair.restart_xa();
    let question = pair.xa.links_wanted(&pair.xb_of_xa()).await.unwrap().unwrap();
    let again = question.request().from_sizes;
    assert!(asked.iter().all(|size| again.contains(size)), "{again:?} after a start, {asked:?} before");
    assert_eq!(link(&pair.xa, &pair.xb).await, 1);
    let note = pair.xa.cosign(&pair.xb_of_xa()).await.unwrap().unwrap();
    pair.xb.take_cosignature(&pair.xb.directory.peer(&name("XA")).unwrap(), note).await.unwrap();
    assert_eq!(pair.alarms(), []);
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_from_many_sizes_is_bounded_and_says_nothing_of_sizes_that_are_not_there() {
    let pair = Pair::new().await;
    assert!(pair.xb.prove_links(&vec![1; 257]).is_err());
    let reply = pair.xb.prove_links(&[1, 1_000_000, 0]).unwrap();
    let lengths: Vec<bool> = reply.proofs.iter().map(|proof| proof.hashes.is_empty()).collect();
    assert_eq!(lengths, [false, true, true]);
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_trees_of_one_size_are_one_alarm_however_often_they_are_shown() {
    let mut pair = Pair::new().await;
    let forked = pair.copy_of_xb("fork");
    let (here, there) = (grow(&pair.xb, 1).await, grow(&forked, 2).await);
    let known = pair.xb_of_xa().verified();
    see(&pair.xa, &pair.xb, here, known).await.unwrap();
    for _ in 0..3 {
        assert!(see(&pair.xa, &forked, there, known).await.unwrap_err().contains("two trees of one size"));
        link(&pair.xa, &pair.xb).await;
    }
    assert_eq!(pair.alarms(), [Code::Forked]);
    pair.restart_xa();
    see(&pair.xa, &forked, there, known).await.unwrap_err();
    link(&pair.xa, &pair.xb).await;
    assert_eq!(pair.alarms(), [Code::Forked], "the ledger remembers");
    forked.store.close().unwrap();
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_goes_on_beside_what_was_shown_is_an_alarm() {
    let mut pair = Pair::new().await;
    let forked = pair.copy_of_xb("fork");
    let index = grow(&pair.xb, 1).await;
    see(&pair.xa, &pair.xb, index, pair.xb_of_xa().verified()).await.unwrap();
    grow(&forked, 2).await;
    let index = grow(&forked, 3).await;
    let known = pair.xb_of_xa().verified();
    for _ in 0..2 {
        assert!(see(&pair.xa, &forked, index, known).await.unwrap_err().contains("consistency"));
        link(&pair.xa, &forked).await;
    }
    assert_eq!(pair.alarms(), [Code::NotExtended]);
    let before = pair.xb_of_xa().verified();
    assert_eq!(before.0, known.0, "nothing of the other history is believed");
    forked.store.close().unwrap();
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_rolled_back_is_an_alarm_when_it_is_asked_next() {
    let mut pair = Pair::new().await;
    let older = pair.copy_of_xb("older");
    let index = grow(&pair.xb, 1).await;
    see(&pair.xa, &pair.xb, index, pair.xb_of_xa().verified()).await.unwrap();
    assert_eq!(link(&pair.xa, &pair.xb).await, 1, "a peer is looked at after a start");
    assert_eq!(link(&pair.xa, &older).await, 0, "and once an hour");
    pair.pass(61 * MINUTE);
    link(&pair.xa, &older).await;
    link(&pair.xa, &older).await;
    assert_eq!(pair.alarms(), [Code::RolledBack]);
    older.store.close().unwrap();
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_about_what_does_not_contradict_makes_a_ledger_unsound() {
    for code in [Code::Forked, Code::NotExtended, Code::RolledBack, Code::Unspecified] {
        let pair = Pair::new().await;
        let note = pair.xb.store.checkpoint().note.clone();
        let leaf = Leaf { peer: Some(name("XB")), code: code as u32, ..Leaf::new(Kind::Alarm) };
        append(&pair.xa, vec![NewEntry { leaf, objects: vec![note.clone(), note] }]).await;
        pair.xa.store.close().unwrap();
        let found = verify(&pair.folder.path().join("xa/data"), &mut |_| {}).err().unwrap().to_string();
        assert!(found.contains("alarm"), "{code:?}: {found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gateways_that_only_witness_each_other_fall_silent() {
    let pair = Pair::new().await;
    let (xa, xb) = (&pair.xa, &pair.xb);
    let sizes = || [xa, xb].map(|exchange| exchange.store.snapshot().size().unwrap());
    let both = [(xa, xb), (xb, xa)];
    for (one, other) in both {
        let index = grow(other, 1).await;
        let peer = one.directory.peer(other.identity.authority()).unwrap();
        see(one, other, index, peer.verified()).await.unwrap();
    }
    let begin = sizes();
    let mut history = Vec::new();
    for _ in 0..60 {
        pair.pass(MINUTE);
        for (one, other) in both {
            let peer = one.directory.peer(other.identity.authority()).unwrap();
            link(one, other).await;
            if let Some(note) = one.cosign(&peer).await.unwrap() {
                let from = other.directory.peer(one.identity.authority()).unwrap();
                other.take_cosignature(&from, note).await.unwrap();
            }
        }
        history.push(sizes());
    }
    assert_eq!(history[0], begin.map(|size| size + 2), "each cosigned once, and logged the other's");
    assert!(history.iter().all(|sizes| *sizes == history[0]), "{history:?}");
    for exchange in [xa, xb] {
        let tail = exchange.tail().unwrap();
        assert!(tail.entries > 0 && tail.substance == 0 && tail.since == 0, "{tail:?}");
    }
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_grows_is_cosigned_once_a_minute_also_across_a_start() {
    let mut pair = Pair::new().await;
    let mut cosigned = 0;
    for step in 0..12 {
        let index = grow(&pair.xb, step + 1).await;
        let known = pair.xb_of_xa().verified();
        see(&pair.xa, &pair.xb, index, known).await.unwrap();
        link(&pair.xa, &pair.xb).await;
        cosigned += usize::from(pair.xa.cosign(&pair.xb_of_xa()).await.unwrap().is_some());
        pair.pass(MINUTE / 4);
        if step % 3 == 0 {
            pair.restart_xa();
        }
    }
    assert_eq!(cosigned, 3);
    pair.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_show_what_they_hold_and_cosigned_and_how_long_the_tail_is() {
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let listed = xa.json(&["pair", "list"]);
    assert!(listed["peers"][0]["cosigned"].is_null());
    assert!(listed["tail"]["substance"].as_u64().unwrap() > 8, "{listed}");
    let (packet, _) = xa.send("XB", "");
    xa.quiet().await;
    xb.json(&["answer", &packet, "registered"]);
    xb.quiet().await;
    until("XA has cosigned what it saw of XB", || async {
        let listed = xb.json(&["pair", "list"]);
        let (peer, size) = (&listed["peers"][0], listed["peers"][0]["cosigned"]["size"].as_u64());
        size.is_some_and(|size| size > 8 && peer["holds"].as_u64() >= Some(size))
            && listed["tail"]["substance"].as_u64() < Some(5)
    })
    .await;
    let text = support::run(&["pair", "list", "--config", xb.config().to_str().unwrap()]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains(" cosigned ") && text.contains("our log: ") && !text.contains("ALARM"), "{text}");
    xa.stop().await;
    xb.stop().await;
    for authority in [&xa, &xb] {
        verify(&authority.data, &mut |_| {}).unwrap();
    }
}
