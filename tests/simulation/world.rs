//! Authorities in one process, without gateways: what the couriers, heralds and witnesses of
//! gateways do is done by hand, one thing after the other, over a wire that holds every message as
//! bytes until somebody takes it off.

use crate::support::logs::{Hand, copy, found_with, name, open_with};
use prost::Message as _;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use rogatory::crypto::CryptoError;
use rogatory::crypto::entropy::Entropy;
use rogatory::crypto::object::SEALED_CHUNK;
use rogatory::exchange::acknowledge::Taken;
use rogatory::exchange::directory::Peer;
use rogatory::exchange::hello::Greeting;
use rogatory::exchange::linking::Question;
use rogatory::exchange::submit::Outgoing;
use rogatory::exchange::{Exchange, ExchangeError};
use rogatory::format::id::{AuthorityId, PacketId};
use rogatory::format::limits;
use rogatory::format::packet::SignedHeader;
use rogatory::format::wire::{
    Acknowledgement, Chunk, ConsistencyReply, ConsistencyRequest, DeliverFrame, DeliverReply, HelloReply,
    HelloRequest, Start, TellReply, TellRequest, cause::Code as Cause, deliver_frame, deliver_reply,
    tell_reply, tell_request,
};
use rogatory::gateway::dispatch::collector::State;
use rogatory::gateway::faces::peer::{consistency, told};
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::ledger::entry::Entry;
use rogatory::ledger::records::{self, PendingRecord, Views as _, Waiting};
use rogatory::ledger::tree;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// Clocks are wrong by so much at most, milliseconds: two may differ by five minutes.
const WRONG: i64 = 149_000;
/// Rounds of a Hello, and calls for links, in one turn.
const TURNS: usize = 16;

/// Randomness out of a seed.
struct Seeded(Mutex<StdRng>);

impl Entropy for Seeded {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.0.lock().unwrap().fill_bytes(out);
        Ok(())
    }
}

/// One authority.
pub struct Node {
    pub name: AuthorityId,
    pub clock: Hand,
    pub exchange: Arc<Exchange>,
    folder: PathBuf,
    entropy: Arc<dyn Entropy>,
    /// How often it was started.
    starts: u64,
    /// Milliseconds by which its clock leads.
    wrong: i64,
}

/// A message as it is on the wire.
#[derive(Clone)]
pub enum Content {
    Deliver(Vec<Vec<u8>>),
    Delivered(Vec<u8>),
    Tell(Vec<u8>),
    Told(Vec<u8>),
    Ask(Vec<u8>),
    Proved(Vec<u8>),
    Hello(Vec<u8>),
    Answered(Vec<u8>),
}

impl Content {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Deliver(_) => "deliver",
            Self::Delivered(_) => "delivered",
            Self::Tell(_) => "tell",
            Self::Told(_) => "told",
            Self::Ask(_) => "ask",
            Self::Proved(_) => "proved",
            Self::Hello(_) => "hello",
            Self::Answered(_) => "answered",
        }
    }
}

/// A message and its way.
#[derive(Clone)]
pub struct Envelope {
    pub from: usize,
    pub to: usize,
    pub call: u64,
    pub content: Content,
}

/// What a caller knows about a call whose answer it waits for.
struct Call {
    caller: usize,
    starts: u64,
    peer: Arc<Peer>,
    what: What,
}

#[derive(Clone)]
enum What {
    Packet { header: Box<SignedHeader>, known: (u64, [u8; 32]), over: bool },
    Told { entry: Box<Entry>, known: (u64, [u8; 32]) },
    Cosigned,
    Links(Arc<Mutex<Option<Question>>>),
    Greeting(Arc<tokio::sync::Mutex<Greeting>>),
}

/// A leaf, and the evidence that it names.
type Said = (Vec<u8>, Vec<u8>);

/// How a stream of frames ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// As it should.
    Whole,
    /// After so many frames the line is gone.
    Broken(usize),
    /// After so many frames it says that it is over.
    Early(usize),
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{:#?}", &self.trace[self.trace.len().saturating_sub(60)..]);
        }
    }
}

/// How often something happened.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    pub messages: usize,
    pub lost: usize,
    pub twice: usize,
    pub torn: usize,
    pub deferred: usize,
    pub restarts: usize,
    pub jumps: usize,
    pub repeated: usize,
}

pub struct World {
    pub nodes: Vec<Node>,
    pub wire: Vec<Envelope>,
    pub counts: Counts,
    /// What was done, and what came of it, in words that are the same for the same seed.
    pub trace: Vec<String>,
    time: u64,
    dir: TempDir,
    calls: BTreeMap<u64, Call>,
    next_call: u64,
    /// What each was answered at first: by whom, to whom, about which entry of the asker's.
    answers: BTreeMap<(usize, usize, u64), Vec<Said>>,
}

impl World {
    /// Authorities that are all paired with each other.
    pub async fn new(names: &[&str], seed: u64, begin: u64) -> Self {
        // In memory where there is such a place: what a disk does is not what this is about.
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let mut nodes = Vec::new();
        for (number, text) in (0..).zip(names) {
            let clock = Hand(Arc::new(begin.into()));
            let random = StdRng::seed_from_u64(seed.wrapping_mul(31).wrapping_add(number));
            let entropy: Arc<dyn Entropy> = Arc::new(Seeded(Mutex::new(random)));
            let folder = dir.path().join(text);
            let exchange = found_with(&folder, text, &clock, entropy.clone()).await;
            nodes.push(Node { name: name(text), clock, exchange, folder, entropy, starts: 1, wrong: 0 });
        }
        for one in &nodes {
            for other in nodes.iter().filter(|other| other.name != one.name) {
                let offer = other.exchange.offer(Vec::new()).unwrap();
                let fingerprint = other.exchange.identity.chain().fingerprint();
                one.exchange.pair(offer, &fingerprint, false).await.unwrap();
            }
        }
        Self {
            nodes,
            wire: Vec::new(),
            counts: Counts::default(),
            trace: Vec::new(),
            time: begin,
            dir,
            calls: BTreeMap::new(),
            next_call: 0,
            answers: BTreeMap::new(),
        }
    }

    /// Each two, both ways.
    pub fn ways(&self) -> Vec<(usize, usize)> {
        let all = 0..self.nodes.len();
        all.clone().flat_map(|a| all.clone().map(move |b| (a, b))).filter(|(a, b)| a != b).collect()
    }

    pub fn peer(&self, of: usize, other: usize) -> Arc<Peer> {
        self.nodes[of].exchange.directory.peer(&self.nodes[other].name).unwrap()
    }

    /// What waits at `from` for `to`, oldest first.
    pub fn pending(&self, from: usize, to: usize) -> Vec<(u64, PendingRecord)> {
        let prefix = records::pending_prefix(&self.nodes[to].name);
        let found = self.nodes[from].exchange.store.snapshot().scan(&prefix, None, usize::MAX).unwrap();
        let read = |(key, value): (Vec<u8>, Vec<u8>)| {
            (records::index_of(&key).unwrap(), PendingRecord::decode(value.as_slice()).unwrap())
        };
        found.into_iter().map(read).collect()
    }

    pub fn note(&mut self, what: String) {
        self.trace.push(what);
    }

    fn call(&mut self, from: usize, to: usize, what: What, content: Content) {
        self.next_call += 1;
        let call = Call { caller: from, starts: self.nodes[from].starts, peer: self.peer(from, to), what };
        self.calls.insert(self.next_call, call);
        self.put(Envelope { from, to, call: self.next_call, content });
    }

    fn put(&mut self, envelope: Envelope) {
        self.counts.messages += 1;
        self.wire.push(envelope);
    }

    /// What a courier does with an item that waits.
    pub async fn attempt(&mut self, from: usize, to: usize, index: u64, record: &PendingRecord) {
        let (exchange, peer) = (self.nodes[from].exchange.clone(), self.peer(from, to));
        if !exchange.waits(peer.authority(), index).unwrap() {
            return;
        }
        let known = peer.verified();
        if record.what == Waiting::Packet as u32 {
            let id = PacketId::from_bytes(&record.id).unwrap();
            let header = exchange.header_to_send(peer.authority(), &id).await.unwrap();
            let over = header.header.expires <= exchange.now();
            let outgoing = exchange.outgoing(&header).unwrap().expect("its content is here");
            let frames = frames(&exchange, &outgoing, known.0);
            let frames = frames.iter().map(prost::Message::encode_to_vec).collect();
            let what = What::Packet { header: Box::new(header), known, over };
            self.call(from, to, what, Content::Deliver(frames));
        } else {
            self.tell(from, to, index).await;
        }
    }

    async fn tell(&mut self, from: usize, to: usize, index: u64) {
        let (exchange, peer) = (self.nodes[from].exchange.clone(), self.peer(from, to));
        let known = peer.verified();
        let (entry, mut request) = exchange.told(&peer, index).unwrap();
        request.known_size = known.0;
        let what = What::Told { entry: Box::new(entry), known };
        self.call(from, to, what, Content::Tell(request.encode_to_vec()));
    }

    /// Records that there is no answer to what has had its time.
    pub async fn give_up(&mut self, from: usize, to: usize) -> usize {
        let (exchange, peer) = (self.nodes[from].exchange.clone(), self.nodes[to].name.clone());
        let mut over = 0;
        for (_, record) in self.pending(from, to) {
            if record.what != Waiting::Packet as u32 {
                continue;
            }
            let header = exchange.submitted(&peer, &PacketId::from_bytes(&record.id).unwrap()).unwrap();
            if header.header.expires <= exchange.now() {
                exchange.give_up(&header).await.unwrap();
                over += 1;
            }
        }
        over
    }

    /// What a herald does.
    pub fn hello(&mut self, from: usize, to: usize) {
        let greeting = Greeting::to(&self.nodes[to].name);
        let request = greeting.next(&self.nodes[from].exchange).unwrap();
        let what = What::Greeting(Arc::new(tokio::sync::Mutex::new(greeting)));
        self.call(from, to, what, Content::Hello(request.encode_to_vec()));
    }

    /// The same, where statements are to be confirmed. False: there are none.
    pub async fn confirm(&mut self, from: usize, to: usize) -> bool {
        let name = self.nodes[to].name.clone();
        match self.nodes[from].exchange.to_be_confirmed(&name).unwrap() {
            Some(index) => {
                self.tell(from, to, index).await;
                true
            }
            None => false,
        }
    }

    /// What a witness does first. False: there is nothing to be linked.
    pub async fn link(&mut self, from: usize, to: usize) -> bool {
        let peer = self.peer(from, to);
        let Some(question) = self.nodes[from].exchange.links_wanted(&peer).await.unwrap() else {
            return false;
        };
        let request = question.request().encode_to_vec();
        let what = What::Links(Arc::new(Mutex::new(Some(question))));
        self.call(from, to, what, Content::Ask(request));
        true
    }

    /// What a witness does then. False: nothing was cosigned.
    pub async fn cosign(&mut self, from: usize, to: usize) -> bool {
        let peer = self.peer(from, to);
        let Some(note) = self.nodes[from].exchange.cosign(&peer).await.unwrap() else { return false };
        let item = Some(tell_request::Item::CosignedCheckpoint(note));
        let request = TellRequest { known_size: peer.verified().0, item };
        self.call(from, to, What::Cosigned, Content::Tell(request.encode_to_vec()));
        true
    }

    /// Takes a message off the wire.
    pub async fn take(&mut self, envelope: Envelope, ends: Ends) {
        let Envelope { from, to, call, content } = envelope;
        let what = content.name();
        let came = match content {
            Content::Deliver(frames) => self.delivery(from, to, call, frames, ends).await,
            Content::Tell(bytes) => self.telling(from, to, call, &bytes).await,
            Content::Ask(bytes) => {
                let request = ConsistencyRequest::decode(&bytes[..]).unwrap();
                let reply = consistency(&self.nodes[to].exchange, &request).unwrap();
                let proofs = reply.proofs.len();
                self.answer(from, to, call, Content::Proved(reply.encode_to_vec()));
                format!("{proofs} proofs")
            }
            Content::Hello(bytes) => {
                let request = HelloRequest::decode(&bytes[..]).unwrap();
                let reply = self.nodes[to].exchange.hello(request, None).await.unwrap();
                self.nodes[to].exchange.choose_keys().unwrap();
                let shown = reply.shown.len();
                self.answer(from, to, call, Content::Answered(reply.encode_to_vec()));
                format!("shows {shown}")
            }
            answer => self.answered(to, call, answer).await,
        };
        let sizes: Vec<u64> = self.nodes.iter().map(|node| node.exchange.store.checkpoint().size).collect();
        self.note(format!("{what} {call} {from}>{to}: {came} {sizes:?}"));
    }

    fn answer(&mut self, from: usize, to: usize, call: u64, content: Content) {
        self.put(Envelope { from: to, to: from, call, content });
    }

    async fn delivery(
        &mut self,
        from: usize,
        to: usize,
        call: u64,
        frames: Vec<Vec<u8>>,
        ends: Ends,
    ) -> String {
        let (exchange, peer) = (self.nodes[to].exchange.clone(), self.peer(to, from));
        let most = match ends {
            Ends::Whole => frames.len(),
            Ends::Broken(most) | Ends::Early(most) => most,
        };
        let mut state = State::Idle;
        for frame in frames.iter().take(most) {
            let frame = DeliverFrame::decode(&frame[..]).unwrap();
            state = match state.frame(&exchange, &peer, frame.frame).await {
                Ok(state) => state,
                Err(status) => return refused(&status),
            };
        }
        if matches!(ends, Ends::Broken(_)) || most == 0 {
            return format!("broken after {most}");
        }
        let reply = match state.end(&exchange).await {
            Ok(reply) => reply,
            Err(status) => return refused(&status),
        };
        let came = match &reply.reply {
            Some(deliver_reply::Reply::Acknowledgement(ack)) => self.said_again(from, to, call, ack),
            _ => "deferred".into(),
        };
        self.answer(from, to, call, Content::Delivered(reply.encode_to_vec()));
        came
    }

    async fn telling(&mut self, from: usize, to: usize, call: u64, bytes: &[u8]) -> String {
        let (exchange, peer) = (self.nodes[to].exchange.clone(), self.peer(to, from));
        let request = TellRequest::decode(bytes).unwrap();
        let reply = match told(&exchange, &peer, request).await {
            Ok(reply) => reply,
            Err(status) => return refused(&status),
        };
        let came = match &reply.reply {
            Some(tell_reply::Reply::Acknowledgement(ack)) => self.said_again(from, to, call, ack),
            Some(tell_reply::Reply::Deferral(_)) => "deferred".into(),
            None => "taken".into(),
        };
        self.answer(from, to, call, Content::Told(reply.encode_to_vec()));
        came
    }

    /// What is answered about one thing is the same for ever, byte for byte.
    fn said_again(&mut self, from: usize, to: usize, call: u64, ack: &Acknowledgement) -> String {
        let entries: Vec<_> =
            ack.entries.iter().map(|entry| (entry.leaf.clone(), entry.objects[0].clone())).collect();
        let indices: Vec<u64> = ack.entries.iter().map(|entry| entry.index).collect();
        let about = match &self.calls[&call].what {
            What::Packet { header, .. } => {
                let id = header.header.id;
                let key = records::packet(records::Direction::Out, &self.nodes[to].name, &id);
                // Whoever asked knows it for sure, in whichever life it asked.
                let snapshot = self.nodes[from].exchange.store.snapshot();
                snapshot.record::<records::PacketRecord>(&key).unwrap().expect("it was sent").index
            }
            What::Told { entry, .. } => entry.index,
            _ => unreachable!("nothing else is acknowledged"),
        };
        match self.answers.get(&(to, from, about)) {
            Some(before) => {
                assert_eq!(before, &entries, "another answer about entry {about} than at first");
                self.counts.repeated += 1;
            }
            None => drop(self.answers.insert((to, from, about), entries)),
        }
        format!("acknowledged {indices:?}")
    }

    /// An answer came back.
    async fn answered(&mut self, to: usize, number: u64, answer: Content) -> String {
        let Some(call) = self.calls.get(&number).filter(|call| call.starts == self.nodes[to].starts) else {
            return "nobody waits for it".into();
        };
        assert_eq!(call.caller, to);
        let (exchange, peer, what) = (self.nodes[to].exchange.clone(), call.peer.clone(), call.what.clone());
        match (what, answer) {
            (What::Packet { header, known, over }, Content::Delivered(bytes)) => {
                let reply = DeliverReply::decode(&bytes[..]).unwrap();
                let taken = exchange.take_delivery(&peer, &header, known, reply).await;
                if over && !matches!(taken, Ok(Taken::Settled)) {
                    exchange.give_up(&header).await.unwrap();
                }
                self.came_to(taken)
            }
            (What::Told { entry, known }, Content::Told(bytes)) => {
                let reply = TellReply::decode(&bytes[..]).unwrap();
                let taken = exchange.take_told(&peer, &entry, known, reply).await;
                self.came_to(taken)
            }
            (What::Cosigned, Content::Told(bytes)) => match TellReply::decode(&bytes[..]).unwrap().reply {
                Some(tell_reply::Reply::Deferral(envelope)) => {
                    let taken = exchange.take_deferral(&peer, &envelope, None);
                    self.came_to(taken)
                }
                _ => "cosigned".into(),
            },
            (What::Links(question), Content::Proved(bytes)) => {
                let Some(question) = question.lock().unwrap().take() else { return "taken before".into() };
                let reply = ConsistencyReply::decode(&bytes[..]).unwrap();
                match exchange.take_links(&peer, question, reply).await {
                    Ok(()) => "linked".into(),
                    Err(error) => put_off(&error),
                }
            }
            (What::Greeting(greeting), Content::Answered(bytes)) => {
                let reply = HelloReply::decode(&bytes[..]).unwrap();
                let from = self.nodes.iter().position(|node| node.name == *peer.authority()).unwrap();
                let mut greeting_now = greeting.lock().await;
                let more = greeting_now.take(&exchange, reply).await.unwrap();
                exchange.choose_keys().unwrap();
                if more {
                    let request = greeting_now.next(&exchange).unwrap();
                    let again = What::Greeting(greeting.clone());
                    self.call(to, from, again, Content::Hello(request.encode_to_vec()));
                }
                format!("more: {more}")
            }
            (_, answer) => panic!("an answer of another kind: {}", answer.name()),
        }
    }

    fn came_to(&mut self, taken: Result<Taken, ExchangeError>) -> String {
        match taken {
            Ok(Taken::Deferred { cause, .. }) => {
                self.counts.deferred += 1;
                format!("deferred, {}", cause.as_str_name())
            }
            Ok(taken) => format!("{taken:?}"),
            Err(error) => put_off(&error),
        }
    }

    /// The lines between two are cut: what is on the wire is gone, and nobody waits for it.
    pub fn cut(&mut self, a: usize, b: usize) {
        let between = |from, to| (from == a && to == b) || (from == b && to == a);
        self.counts.lost += self.wire.iter().filter(|e| between(e.from, e.to)).count();
        self.wire.retain(|envelope| !between(envelope.from, envelope.to));
    }

    /// A node stops and starts: after a clean stop from what is there, or else from what a copy of
    /// its directory holds that was made while it worked, with an index that is made anew.
    pub async fn restart(&mut self, which: usize, clean: bool) {
        self.counts.restarts += 1;
        let node = &mut self.nodes[which];
        node.starts += 1;
        match clean {
            true => node.exchange.store.close().unwrap(),
            false => {
                let to = self.dir.path().join(format!("{}.{}", node.name, node.starts));
                copy(&node.folder, &to);
                std::fs::remove_dir_all(to.join("data/store")).unwrap();
                node.folder = to;
            }
        }
        node.exchange = Arc::new(open_with(&node.folder, &node.clock, node.entropy.clone()));
        // As a gateway does before it serves.
        let exchange = node.exchange.clone();
        exchange.reconcile_statements().await.unwrap();
        exchange.recall_confirmed().unwrap();
        exchange.choose_keys().unwrap();
        for other in (0..self.nodes.len()).filter(|other| *other != which) {
            let held = self.nodes[other].exchange.held_checkpoint(&self.peer(other, which)).unwrap();
            let Some(note) = held else { continue };
            let checkpoint = Checkpoint::open_past(&note, &exchange.identity.chain()).unwrap();
            let root = tree::root(checkpoint.size, exchange.store.snapshot()).unwrap();
            assert_eq!(root, checkpoint.root, "it would fork its log");
        }
    }

    /// Where a node's data are.
    pub fn data(&self, which: usize) -> PathBuf {
        self.nodes[which].folder.join("data")
    }

    /// Time passes for all.
    pub fn pass(&mut self, millis: u64) {
        self.time += millis;
        (0..self.nodes.len()).for_each(|which| self.set(which, self.nodes[which].wrong));
    }

    /// A node's clock is so wrong, within what clocks may differ.
    pub fn set(&mut self, which: usize, wrong: i64) {
        let node = &mut self.nodes[which];
        node.wrong = wrong.clamp(-WRONG, WRONG);
        node.clock.0.store(self.time.saturating_add_signed(node.wrong), Ordering::Relaxed);
        node.exchange.choose_keys().unwrap();
    }

    /// How wrong it is.
    pub fn wrong(&self, which: usize) -> i64 {
        self.nodes[which].wrong
    }

    /// The network is whole, and the clocks agree: until nothing waits, and all is witnessed.
    pub async fn settle(&mut self) {
        self.pass(2 * WRONG as u64);
        (0..self.nodes.len()).for_each(|which| self.set(which, 0));
        for round in 0.. {
            let mut quiet = true;
            for (from, to) in self.ways() {
                self.hello(from, to);
                self.drain().await;
                quiet &= !self.confirm(from, to).await;
                for (index, record) in self.pending(from, to) {
                    quiet = false;
                    self.attempt(from, to, index, &record).await;
                    self.drain().await;
                }
                for _ in 0..TURNS {
                    if !self.link(from, to).await {
                        break;
                    }
                    quiet = false;
                    self.drain().await;
                }
                quiet &= !self.cosign(from, to).await;
                self.drain().await;
            }
            if quiet {
                return;
            }
            assert!(round < 100, "it does not come to rest");
            self.pass(61_000);
        }
    }

    async fn drain(&mut self) {
        while !self.wire.is_empty() {
            let envelope = self.wire.remove(0);
            self.take(envelope, Ends::Whole).await;
        }
    }
}

/// What may be refused of a call without an answer among those who keep to the protocol.
fn refused(status: &tonic::Status) -> String {
    let code = status.code();
    assert!(matches!(code, tonic::Code::FailedPrecondition | tonic::Code::ResourceExhausted), "{status:?}");
    format!("refused: {code:?}")
}

/// What an answer may lack: a statement that is still on its way.
fn put_off(error: &ExchangeError) -> String {
    assert!(matches!(error, ExchangeError::KeyUnknown { .. }), "{error}");
    "under a key that is not known".into()
}

/// The frames of a packet, as a gateway sends them.
fn frames(exchange: &Exchange, outgoing: &Outgoing, known_size: u64) -> Vec<DeliverFrame> {
    let whole = outgoing.objects.iter().take_while(|object| !object.in_file).count();
    let chunks = (0..).zip(&outgoing.objects[..whole]);
    let chunks =
        chunks.map(|(object, stored)| Chunk { object, index: 0, data: stored.inline.clone() }).collect();
    let start = Start {
        header: outgoing.header.envelope.clone(),
        key_box: outgoing.key_box.clone(),
        known_size,
        chunks,
    };
    let mut frames = vec![deliver_frame::Frame::Start(start)];
    for (number, stored) in outgoing.objects.iter().enumerate().skip(whole) {
        let mut bytes = stored.inline.clone();
        if stored.in_file {
            let root = &outgoing.header.header.objects[number].chunk_root;
            exchange.objects.read(root).unwrap().read_to_end(&mut bytes).unwrap();
        }
        let indices = (0..).step_by(limits::CHUNK_MESSAGE / SEALED_CHUNK);
        frames.extend(indices.zip(bytes.chunks(limits::CHUNK_MESSAGE)).map(|(index, data)| {
            deliver_frame::Frame::Chunk(Chunk { object: number as u32, index, data: data.to_vec() })
        }));
    }
    frames.into_iter().map(|frame| DeliverFrame { frame: Some(frame) }).collect()
}

/// Causes for which an honest packet may be refused.
pub const REFUSED: [Cause; 1] = [Cause::Expired];
