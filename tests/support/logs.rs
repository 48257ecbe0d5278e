//! Two exchanges in this process, without gateways: clocks that tests move, and logs that are
//! copied, rolled back and forked.

use rogatory::crypto::entropy::{Entropy, SystemEntropy};
use rogatory::crypto::hash::Digest;
use rogatory::exchange::accept::Admission;
use rogatory::exchange::content_keys::ContentKeys;
use rogatory::exchange::directory::{Directory, Peer};
use rogatory::exchange::hello::Greeting;
use rogatory::exchange::identity::Identity;
use rogatory::exchange::statuses::Decided;
use rogatory::exchange::submit::Draft;
use rogatory::exchange::witness::Notes;
use rogatory::exchange::{Answer, Exchange};
use rogatory::format::id::{AuthorityId, PacketId};
use rogatory::format::leaf::Leaf;
use rogatory::format::packet::Header;
use rogatory::format::pairing::{Taken, Terms};
use rogatory::format::wire::{self, TurnedAway, alarm::Code, leaf::Kind, request::Content, status};
use rogatory::ledger::records::{self, CaseRecord, Views as _};
use rogatory::store::inspect::{Look, verify};
use rogatory::store::{Clock, Committed, Decision, NewEntry, Options};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

pub const START: u64 = 1_800_000_000_000;
pub const MINUTE: u64 = 60_000;

/// A clock that tests move.
#[derive(Clone)]
pub struct Hand(pub Arc<AtomicU64>);

impl Clock for Hand {
    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

pub fn name(text: &str) -> AuthorityId {
    AuthorityId::parse(text).unwrap()
}

pub fn open(folder: &Path, clock: &Hand) -> Exchange {
    open_with(folder, clock, Arc::new(SystemEntropy::default()))
}

/// The same with randomness of one's own.
pub fn open_with(folder: &Path, clock: &Hand, entropy: Arc<dyn Entropy>) -> Exchange {
    let identity = Arc::new(Identity::load(&folder.join("keys"), clock.now()).unwrap());
    let options = Options {
        data: folder.join("data"),
        keys: folder.join("data/keys").as_path().into(),
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
        reading: Default::default(),
        entropy,
        clock: Arc::new(clock.clone()),
        taken: Taken { limits: wire::Limits { packet_bytes: 1 << 20, objects: 4 }, terms: Terms::default() },
        electronic_form: Vec::new(),
        register: None,
    }
}

pub async fn append(exchange: &Exchange, entries: Vec<NewEntry>) -> Committed<()> {
    let decide = move |_: &dyn rogatory::ledger::records::Views, _| {
        Ok::<_, rogatory::exchange::ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
    };
    exchange.store.commit(decide).await.unwrap().unwrap()
}

pub async fn found(folder: &Path, authority: &str, clock: &Hand) -> Arc<Exchange> {
    found_with(folder, authority, clock, Arc::new(SystemEntropy::default())).await
}

/// The same with randomness of one's own.
pub async fn found_with(
    folder: &Path,
    authority: &str,
    clock: &Hand,
    entropy: Arc<dyn Entropy>,
) -> Arc<Exchange> {
    let keys = folder.join("keys");
    Identity::found(&keys, &name(authority), true, clock.now(), &*entropy).unwrap();
    let exchange = Arc::new(open_with(folder, clock, entropy));
    append(&exchange, exchange.identity.first_entries()).await;
    exchange
}

/// An entry of no consequence, so that the log grows.
pub async fn grow(exchange: &Exchange, unproved: u64) -> u64 {
    let counts = TurnedAway { unproved, ..TurnedAway::default() };
    let leaf = Leaf { turned_away: Some(counts), ..Leaf::new(Kind::Strangers) };
    append(exchange, vec![NewEntry { leaf, objects: Vec::new() }]).await.first
}

/// A packet with which a case begins.
pub fn draft(from: &Exchange, to: &AuthorityId) -> Draft {
    Draft {
        id: None,
        recipient: to.clone(),
        kind: wire::kind::Code::Unspecified,
        urgency: wire::urgency::Code::Routine,
        expires: from.now() + 24 * 60 * MINUTE,
        case_id: None,
        in_reply_to: None,
        replaces: None,
        request: wire::Request {
            content: Some(Content::Consultation(wire::Consultation {
                intent: wire::consultation::Intent::OnOther.into(),
                explanation: "A test.".into(),
                ..wire::Consultation::default()
            })),
            ..wire::Request::default()
        },
        written: Vec::new(),
        actor: [1; 8],
        drafter: None,
    }
}

/// Sends a packet, with which a case begins, and takes what the other states about it.
pub async fn send(from: &Exchange, to: &Exchange) {
    let content = draft(from, to.identity.authority()).request;
    send_request(from, to, content).await;
}

/// The same with a request of one's own; gives its header.
pub async fn send_request(from: &Exchange, to: &Exchange, request: wire::Request) -> Header {
    let outgoing = from
        .begin_submission(Draft { request, ..draft(from, to.identity.authority()) })
        .unwrap()
        .commit(from)
        .await
        .unwrap()
        .committed
        .value;
    let (sender, recipient) = (from.identity.authority(), to.identity.authority());
    let via = to.directory.peer(sender).unwrap();
    let Admission::Wanted(mut receiving) =
        to.admit(&via, &outgoing.header.envelope, &outgoing.key_box).await.unwrap()
    else {
        panic!("the packet is not wanted");
    };
    receiving.chunk(to, 0, 0, &mut outgoing.objects[0].inline.clone()).unwrap();
    let Answer::Committed(indices, checkpoint) = to.accept(*receiving).await.unwrap() else {
        panic!("the packet is put off");
    };
    let peer = from.directory.peer(recipient).unwrap();
    let known = peer.verified();
    let ack = to.acknowledgement(&indices, &checkpoint, known.0).unwrap();
    let reply = wire::deliver_reply::Reply::Acknowledgement(ack);
    let reply = wire::DeliverReply { reply: Some(reply), known_of_yours: 0 };
    from.take_delivery(&peer, &outgoing.header, known, reply).await.unwrap();
    outgoing.header.header.clone()
}

/// Says something in the case that `exchange` opened, so that its log grows by an entry that
/// the other side can see. Gives the entry's index.
pub async fn say(exchange: &Exchange) -> u64 {
    say_in(exchange, 0).await
}

/// As [`say`], in one of several cases that it opened.
pub async fn say_in(exchange: &Exchange, case: usize) -> u64 {
    let snapshot = exchange.store.snapshot();
    let cases = snapshot.scan(&records::cases_prefix(), None, usize::MAX).unwrap();
    let opened = |key: &&Vec<u8>| snapshot.record::<CaseRecord>(key).unwrap().unwrap().opened_by_us;
    let key = cases.iter().map(|(key, _)| key).filter(opened).nth(case).unwrap();
    let decided = Decided {
        peer: records::peer_of_case_key(key).unwrap(),
        case_id: records::case_of_key(key).unwrap(),
        packet_id: PacketId::fresh(exchange.now(), &*exchange.entropy).unwrap(),
        code: status::Code::Consultation,
        ground: status::Ground::NoGround,
        text: None,
        reply_id: None,
        review_at: 0,
        actor: [1; 8],
    };
    exchange.issue_status(decided).await.unwrap().first
}

pub struct Pair {
    pub folder: TempDir,
    pub clock: Hand,
    pub xa: Arc<Exchange>,
    pub xb: Arc<Exchange>,
}

impl Pair {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Hand(Arc::new(AtomicU64::new(START)));
        let xa = found(&folder.path().join("xa"), "XA", &clock).await;
        let xb = found(&folder.path().join("xb"), "XB", &clock).await;
        for (one, other) in [(&xa, &xb), (&xb, &xa)] {
            let offer = other.offer(Vec::new()).unwrap();
            one.pair(offer, &other.identity.chain().fingerprint(), false).await.unwrap();
        }
        send(&xa, &xb).await;
        send(&xb, &xa).await;
        Self { folder, clock, xa, xb }
    }

    pub fn pass(&self, millis: u64) {
        self.clock.0.fetch_add(millis, Ordering::Relaxed);
    }

    /// XB's directory as it is now, under another name: another history can begin there.
    pub fn copy_of_xb(&mut self, to: &str) -> Exchange {
        self.xb.store.close().unwrap();
        let (from, to) = (self.folder.path().join("xb"), self.folder.path().join(to));
        copy(&from, &to);
        self.xb = Arc::new(open(&from, &self.clock));
        open(&to, &self.clock)
    }

    /// A copy of XB's directory while XB works in it: a log that goes on beside it.
    pub fn copy_of_xb_running(&self, to: &str) -> Exchange {
        let to = self.folder.path().join(to);
        copy(&self.folder.path().join("xb"), &to);
        std::fs::remove_dir_all(to.join("data/store")).unwrap();
        open(&to, &self.clock)
    }

    /// A copy of XA's data directory while XA works in it.
    pub fn copy_of_xa(&self, to: &str) -> PathBuf {
        let to = self.folder.path().join(to);
        copy(&self.folder.path().join("xa/data"), &to);
        // What a running gateway writes out later is not a part of the copy.
        std::fs::remove_dir_all(to.join("store")).unwrap();
        to
    }

    pub fn restart_xa(&mut self) {
        self.xa.store.close().unwrap();
        self.xa = Arc::new(open(&self.folder.path().join("xa"), &self.clock));
    }

    pub fn xb_of_xa(&self) -> Arc<Peer> {
        self.xa.directory.peer(&name("XB")).unwrap()
    }

    /// Codes of XA's alarms about XB, in the order of the log.
    pub fn alarms(&self) -> Vec<Code> {
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
    pub fn close(self) {
        for (exchange, folder) in [(self.xa, "xa"), (self.xb, "xb")] {
            exchange.store.close().unwrap();
            verify(&self.folder.path().join(folder).join("data"), Look::default(), &mut |_| {}).unwrap();
        }
    }
}

/// With all modes: a gateway serves no folder that others may enter.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    std::fs::set_permissions(to, std::fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to.join(entry.file_name())),
            false => drop(std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap()),
        }
    }
}

/// `one` gets a status of `other`, proved from `known`, and logs it.
pub async fn see(one: &Exchange, other: &Exchange, index: u64, known: (u64, Digest)) -> Result<(), String> {
    let peer = one.directory.peer(other.identity.authority()).unwrap();
    let ack = other.acknowledgement(&[index], &other.store.checkpoint(), known.0).unwrap();
    one.verify_acknowledgement(&peer, ack.clone(), known).map_err(|error| error.to_string())?;
    let told = wire::ToldStatus { acknowledgement: Some(ack), ..wire::ToldStatus::default() };
    match one.accept_status(&peer, told).await.map_err(|error| error.to_string())? {
        Answer::Committed(indices, _) => {
            assert_eq!(one.store.snapshot().entry(indices[0]).unwrap().leaf.kind, Kind::StatusReceived);
            Ok(())
        }
        Answer::Deferred(_) => panic!("the status is put off"),
    }
}

/// What the courier does: asks for links until none is wanted. Gives the number of calls.
pub async fn link(one: &Exchange, other: &Exchange) -> usize {
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

/// What the dispatcher does over either line. Gives the rounds that it took.
pub async fn greet(one: &Arc<Exchange>, other: &Arc<Exchange>) -> usize {
    let mut greeting = Greeting::to(other.identity.authority());
    loop {
        let reply = other.hello(greeting.next(one).unwrap(), None).await.unwrap();
        if !greeting.take(one, reply).await.unwrap() {
            assert!(greeting.outcome().complete);
            return greeting.rounds();
        }
    }
}
