//! Authorities that meet only over a simulated wire, by simulated clocks: messages are lost, late,
//! doubled, re-ordered and torn, lines are cut, either side starts anew from its disk, clocks drift
//! and jump beyond the time of packets. Everything is drawn from a seed. Whatever happened, in the end
//! each packet has one outcome, the same on both sides; what was said about it once was said for
//! ever; the ledgers are sound, and agree. `ROGATORY_SEEDS` says how many seeds (30 where it says
//! nothing), `ROGATORY_SEED` the first.

mod support;
#[path = "simulation/world.rs"]
mod world;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rogatory::crypto::hash::sha256;
use rogatory::exchange::ExchangeError;
use rogatory::exchange::rotation::Rotation;
use rogatory::exchange::statuses::Decided;
use rogatory::exchange::submit::Draft;
use rogatory::format::id::{CaseId, PacketId};
use rogatory::format::wire::{
    Attachment, StatusText, cause::Code as Cause, event::Code as Event, opening_purpose, purpose,
    status::Code, status::Ground, urgency,
};
use rogatory::ledger::compare::compare;
use rogatory::ledger::records::{self, CaseRecord, Direction, PacketRecord, Views as _};
use rogatory::store::inspect::{Look, verify};
use support::logs::{MINUTE, START, draft};
use support::tally::Tally;
use world::{Counts, Ends, REFUSED, World};

/// Things that happen in a run before it is settled.
const STEPS: usize = 240;
/// Messages on the wire before some are taken off.
const CROWDED: usize = 30;

/// Words of whoever asked that need nothing else, the last ones said seldom.
const ASKING: [Code; 6] = [
    Code::InformationGiven,
    Code::InformationGiven,
    Code::Consultation,
    Code::Consultation,
    Code::Withdrawn,
    Code::Closed,
];
/// Words of whoever is asked. Before it is registered nothing else may be said.
const ASKED: [Code; 9] = [
    Code::Registered,
    Code::Registered,
    Code::Registered,
    Code::Registered,
    Code::Accepted,
    Code::InformationNeeded,
    Code::Consultation,
    Code::PartlyExecuted,
    Code::Executed,
];

/// A packet that was accepted for sending.
struct Sent {
    from: usize,
    to: usize,
    id: PacketId,
    case_id: CaseId,
}

/// What became of a run.
#[derive(Debug, Default, Clone, Copy)]
struct Became {
    accepted: usize,
    delivered: usize,
    expired: usize,
    failed_meanwhile: usize,
    statuses: usize,
}

/// What happens, by chance.
struct Chance {
    world: World,
    random: StdRng,
    sent: Vec<Sent>,
    became: Became,
}

/// Says how to repeat a run that fails.
struct Repeat(u64);

impl Drop for Repeat {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("ROGATORY_SEED={} ROGATORY_SEEDS=1 repeats it", self.0);
        }
    }
}

impl Chance {
    async fn new(seed: u64) -> Self {
        let names: &[&str] = if seed.is_multiple_of(4) { &["XA", "XB", "XC"] } else { &["XA", "XB"] };
        let mut world = World::new(names, seed, START).await;
        // No clock is set to before it was founded.
        world.pass(60 * MINUTE);
        let random = StdRng::seed_from_u64(seed);
        Self { world, random, sent: Vec::new(), became: Became::default() }
    }

    fn way(&mut self) -> (usize, usize) {
        *self.world.ways().choose(&mut self.random).unwrap()
    }

    async fn step(&mut self) {
        let (from, to) = self.way();
        let chance = if self.world.wire.len() > CROWDED { 99 } else { self.random.random_range(0..100) };
        match chance {
            0..8 => self.submit(from, to).await,
            8..17 => self.decide(from, to).await,
            17..20 => self.open(from, to).await,
            20..42 => {
                let waiting = self.world.pending(from, to);
                if let Some((index, record)) = waiting.choose(&mut self.random) {
                    self.world.attempt(from, to, *index, record).await;
                }
            }
            42..45 => self.world.hello(from, to),
            45..47 => drop(self.world.confirm(from, to).await),
            47..51 => drop(self.world.link(from, to).await),
            51..54 => drop(self.world.cosign(from, to).await),
            54..56 => self.world.cut(from, to),
            56..58 => {
                let clean = self.random.random_bool(0.5);
                self.world.note(format!("{from} starts anew, clean: {clean}"));
                self.world.restart(from, clean).await;
            }
            58..65 => self.time(from),
            65..66 => self.rotate(from).await,
            66..68 => {
                let over = self.world.give_up(from, to).await;
                self.became.failed_meanwhile += over;
                self.world.note(format!("{over} of {from}>{to} are over"));
            }
            _ => self.message().await,
        }
    }

    /// Something happens to a message, not always the oldest.
    async fn message(&mut self) {
        if self.world.wire.is_empty() {
            return;
        }
        let which = self.random.random_range(0..self.world.wire.len());
        let chance = self.random.random_range(0..100);
        let envelope = match chance {
            0..12 => {
                self.world.counts.lost += 1;
                let lost = self.world.wire.remove(which);
                return self.world.note(format!("{} {} is lost", lost.content.name(), lost.call));
            }
            12..24 => {
                self.world.counts.twice += 1;
                self.world.wire[which].clone()
            }
            _ => self.world.wire.remove(which),
        };
        let ends = match (&envelope.content, chance) {
            (world::Content::Deliver(frames), 24..36) => {
                self.world.counts.torn += 1;
                let after = self.random.random_range(0..frames.len());
                if self.random.random_bool(0.5) { Ends::Broken(after) } else { Ends::Early(after) }
            }
            _ => Ends::Whole,
        };
        self.world.take(envelope, ends).await;
    }

    async fn submit(&mut self, from: usize, to: usize) {
        let exchange = self.world.nodes[from].exchange.clone();
        let between = |sent: &&Sent| [(sent.from, sent.to), (sent.to, sent.from)].contains(&(from, to));
        let cases: Vec<CaseId> = self.sent.iter().filter(between).map(|sent| sent.case_id).collect();
        let case_id = cases.choose(&mut self.random).copied().filter(|_| self.random.random_bool(0.4));
        let minutes = *[10, 120, 24 * 60].choose(&mut self.random).unwrap();
        let urgencies = [urgency::Code::Routine, urgency::Code::Priority];
        let draft = Draft {
            urgency: *urgencies.choose(&mut self.random).unwrap(),
            expires: exchange.now() + minutes * MINUTE,
            case_id,
            ..draft(&exchange, &self.world.nodes[to].name)
        };
        let size = *[0, 0, 1000, 100_000].choose(&mut self.random).unwrap();
        let submitted = async {
            let mut submission = exchange.begin_submission(draft)?;
            if size > 0 {
                let described = Attachment { name: "a.bin".into(), ..Attachment::default() };
                submission.attach(&exchange, described, &vec![size as u8; size])?;
            }
            submission.commit(&exchange).await
        };
        match submitted.await {
            Ok(submitted) => {
                let header = &submitted.committed.value.header.header;
                let (id, case_id) = (header.id, header.case_id);
                self.world.note(format!("packet {} {from}>{to}, {size} bytes", self.sent.len()));
                self.sent.push(Sent { from, to, id, case_id });
                self.became.accepted += 1;
            }
            Err(error) => self.precluded(&error),
        }
    }

    async fn decide(&mut self, from: usize, to: usize) {
        let exchange = self.world.nodes[from].exchange.clone();
        let between = |sent: &&Sent| [(sent.from, sent.to), (sent.to, sent.from)].contains(&(from, to));
        let about: Vec<&Sent> = self.sent.iter().filter(between).collect();
        let Some(sent) = about.choose(&mut self.random) else { return };
        let opened = self
            .sent
            .iter()
            .find(|first| first.case_id == sent.case_id)
            .is_some_and(|first| first.from == from);
        let code = if opened { ASKING.choose(&mut self.random) } else { ASKED.choose(&mut self.random) };
        let code = *code.unwrap();
        let text = StatusText { text: "A word.".into(), language: "en".into(), ..StatusText::default() };
        let decided = Decided {
            peer: self.world.nodes[to].name.clone(),
            case_id: sent.case_id,
            packet_id: sent.id,
            code,
            ground: Ground::NoGround,
            text: self.random.random_bool(0.5).then_some(text),
            reply_id: None,
            review_at: 0,
            actor: [1; 8],
        };
        match exchange.issue_status(decided).await {
            Ok(issued) => {
                self.became.statuses += 1;
                self.world.note(format!("{} {from}>{to}, {}", code.as_str_name(), issued.value.seq));
            }
            Err(error) => self.precluded(&error),
        }
    }

    /// An officer opens something that came.
    async fn open(&mut self, at: usize, from: usize) {
        let came: Vec<&Sent> = self.sent.iter().filter(|sent| (sent.from, sent.to) == (from, at)).collect();
        let Some(id) = came.choose(&mut self.random).map(|sent| sent.id) else { return };
        let (exchange, peer) = (self.world.nodes[at].exchange.clone(), self.world.nodes[from].name.clone());
        let purpose = opening_purpose::Code::Execution.into();
        match exchange.open_packet(&id, Some(&peer), [1; 8], purpose).await {
            Ok(opened) => {
                let handed = exchange.handed_over(&opened).await.unwrap().is_some();
                self.world.note(format!("{at} opens, for the first time: {handed}"));
            }
            Err(error) => self.precluded(&error),
        }
    }

    /// Something can't be as things stand.
    fn precluded(&mut self, error: &ExchangeError) {
        let why = match error {
            ExchangeError::Invalid(_) => "invalid",
            ExchangeError::Precluded(_) => "precluded",
            ExchangeError::Unknown(_) => "unknown",
            error => panic!("{error}"),
        };
        self.world.note(format!("not done: {why}"));
    }

    async fn rotate(&mut self, which: usize) {
        let purposes = [
            purpose::Code::Packet,
            purpose::Code::Evidence,
            purpose::Code::Checkpoint,
            purpose::Code::Cosign,
            purpose::Code::Content,
        ];
        let purpose = *purposes.choose(&mut self.random).unwrap();
        let force = self.random.random_bool(0.3);
        self.world.note(format!("{which} rotates {}, forced: {force}", purpose.as_str_name()));
        let rotation = Rotation { purposes: vec![purpose], force, ..Rotation::default() };
        match self.world.nodes[which].exchange.rotate(&rotation).await {
            Ok(_) => {}
            // By a clock that was set back: until it is what it was when something was stated last.
            Err(ExchangeError::Format(error)) if error.to_string().contains("dated before") => {
                self.world.note("not done: the clock was set back".into());
            }
            Err(error) => panic!("{error}"),
        }
        self.world.nodes[which].exchange.choose_keys().unwrap();
    }

    /// Time passes, not for all alike; sometimes so much that packets end; and clocks are set.
    fn time(&mut self, which: usize) {
        match self.random.random_range(0..10) {
            0 => {
                let wrong = self.random.random_range(-3 * MINUTE as i64..3 * MINUTE as i64);
                self.world.note(format!("the clock of {which} is set wrong by {wrong}"));
                self.world.set(which, wrong);
            }
            1 => {
                self.world.counts.jumps += 1;
                let hours = self.random.random_range(1..30);
                self.world.note(format!("{hours} hours pass"));
                self.world.pass(hours * 60 * MINUTE);
            }
            _ => {
                let pass = self.random.random_range(100..3 * MINUTE);
                self.world.note(format!("{pass} pass"));
                for node in 0..self.world.nodes.len() {
                    let drift = pass as i64 / 100;
                    let drift = self.random.random_range(-drift..=drift);
                    self.world.set(node, self.world.wrong(node) + drift);
                }
                self.world.pass(pass);
            }
        }
    }

    /// What must hold when everything is settled.
    fn check(&mut self) {
        for sent in &self.sent {
            let record = |at: usize, direction, other: usize| -> PacketRecord {
                let key = records::packet(direction, &self.world.nodes[other].name, &sent.id);
                let found = self.world.nodes[at].exchange.store.snapshot().record(&key).unwrap();
                found.unwrap_or_else(|| panic!("{} is lost at {at}", sent.id))
            };
            let known = record(sent.from, Direction::Out, sent.to);
            let said = record(sent.to, Direction::In, sent.from);
            let of = |record: &PacketRecord, by_peer| -> Vec<(i32, i32)> {
                let mut outcomes: Vec<_> = record
                    .outcomes
                    .iter()
                    .filter(|outcome| outcome.by_peer == by_peer)
                    .map(|outcome| (outcome.event, outcome.cause))
                    .collect();
                outcomes.sort_unstable();
                outcomes
            };
            assert_eq!(of(&known, true), of(&said, false), "{}: what was said is what is known", sent.id);
            let ends = |event: Event| said.outcomes.iter().filter(|o| o.event == event as i32).count();
            let (accepted, refused) = (ends(Event::ContentConsignment), ends(Event::RelayRejection));
            assert_eq!(accepted + refused, 1, "{}: one outcome", sent.id);
            assert_eq!(ends(Event::RelayAcceptance), accepted, "{}: accepted once", sent.id);
            let failed =
                of(&known, false).iter().filter(|(event, _)| *event == Event::RelayFailure as i32).count();
            assert!(failed <= 1);
            match accepted {
                1 => self.became.delivered += 1,
                _ => {
                    let why = said.outcome(Event::RelayRejection).unwrap().cause;
                    let why = Cause::try_from(why).unwrap();
                    assert!(REFUSED.contains(&why), "{} is refused: {}", sent.id, why.as_str_name());
                    self.became.expired += 1;
                }
            }
        }
        for (one, other) in self.world.ways() {
            let (a, b) = (&self.world.nodes[one], &self.world.nodes[other]);
            assert_eq!(a.exchange.alarms(None).unwrap().count, 0, "{} is alarmed", a.name);
            let snapshot = a.exchange.store.snapshot();
            for (key, _) in snapshot.scan(&records::cases_prefix(), None, usize::MAX).unwrap() {
                if records::peer_of_case_key(&key).as_ref() != Some(&b.name) {
                    continue;
                }
                let id = records::case_of_key(&key).unwrap();
                let ours: CaseRecord = snapshot.record(&key).unwrap().unwrap();
                let theirs = b.exchange.store.snapshot().record(&records::case(&id, &a.name)).unwrap();
                let theirs: CaseRecord = theirs.unwrap_or_else(|| panic!("case {id} is lost at {}", b.name));
                assert_eq!(ours.our_packets, theirs.their_packets, "case {id}");
                assert_eq!(ours.our_statuses, theirs.their_statuses, "case {id}");
                assert_eq!(
                    a.exchange.case_state(&b.name, &id, &ours).unwrap(),
                    b.exchange.case_state(&a.name, &id, &theirs).unwrap(),
                    "case {id}"
                );
            }
        }
    }

    /// The ledgers are sound, and agree.
    fn audit(&self) {
        let ledgers: Vec<_> = (0..self.world.nodes.len())
            .map(|which| {
                self.world.nodes[which].exchange.store.close().unwrap();
                let look = Look { facts: true, until: None };
                verify(&self.world.data(which), look, &mut |_| {}).unwrap().sound
            })
            .collect();
        for (one, other) in self.world.ways().into_iter().filter(|(one, other)| one < other) {
            let comparison = compare(&ledgers[one], &ledgers[other]);
            assert!(comparison.is_sound() && comparison.older.is_empty(), "{comparison:?}");
            assert!(comparison.missing.is_empty(), "{comparison:?}");
        }
    }
}

/// A run from its seed to its end: the trace, and what became of it.
async fn run(seed: u64) -> (Vec<String>, Counts, Became) {
    let _repeat = Repeat(seed);
    let mut chance = Chance::new(seed).await;
    for _ in 0..STEPS {
        chance.step().await;
    }
    // What is late comes later still, or never.
    chance.world.settle().await;
    chance.check();
    chance.audit();
    (std::mem::take(&mut chance.world.trace), chance.world.counts, chance.became)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn whatever_a_network_does_each_packet_has_one_outcome_on_both_sides() {
    let (first, seeds) = (number("ROGATORY_SEED").unwrap_or(1), number("ROGATORY_SEEDS").unwrap_or(30));
    let (mut all, mut became) = (Counts::default(), Became::default());
    for seed in first..first + seeds {
        let (_, counts, of) = run(seed).await;
        all = Counts {
            messages: all.messages + counts.messages,
            lost: all.lost + counts.lost,
            twice: all.twice + counts.twice,
            torn: all.torn + counts.torn,
            deferred: all.deferred + counts.deferred,
            restarts: all.restarts + counts.restarts,
            jumps: all.jumps + counts.jumps,
            repeated: all.repeated + counts.repeated,
        };
        became = Became {
            accepted: became.accepted + of.accepted,
            delivered: became.delivered + of.delivered,
            expired: became.expired + of.expired,
            failed_meanwhile: became.failed_meanwhile + of.failed_meanwhile,
            statuses: became.statuses + of.statuses,
        };
    }
    Tally {
        faults: (all.lost + all.twice + all.torn + all.restarts + all.jumps) as u64,
        tried: all.messages as u64,
        accepted: became.accepted as u64,
        // A run ends at the first that is lost or doubled.
        delivered: became.delivered as u64,
        ..Tally::default()
    }
    .say("simulated network");
    println!("{seeds} seeds from {first}: {all:?}, {became:?}, 0 lost, 0 doubled");
    assert_eq!(became.accepted, became.delivered + became.expired);
    if seeds >= 30 {
        let met = [all.lost, all.twice, all.torn, all.deferred, all.restarts, all.jumps, all.repeated];
        assert!(met.iter().all(|count| *count > 0), "something never happened: {all:?}");
        assert!(became.expired > 0 && became.failed_meanwhile > 0 && became.statuses > 0, "{became:?}");
    }
}

/// The bytes are others each time: TLS keys and what proves them come from the system's randomness.
/// What is done, and what comes of it, is the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn one_seed_is_one_run() {
    let seed = number("ROGATORY_SEED").unwrap_or(4);
    let (first, second) = (run(seed).await.0, run(seed).await.0);
    let differs = first.iter().zip(&second).position(|(one, other)| one != other);
    if let Some(at) = differs {
        panic!("step {at}: {:?} and {:?}", first[at], second[at]);
    }
    let digest = |trace: &[String]| hex::encode(sha256(trace.join("\n").as_bytes()));
    assert_eq!(digest(&first), digest(&second));
    println!("seed {seed}: {} lines, {}", first.len(), digest(&first));
    assert_ne!(digest(&first), digest(&run(seed + 1).await.0), "another seed, another run");
}
