//! Two gateways, and between them a proxy that does what bad networks do. Whatever it was, once it
//! is over everything that was accepted is delivered: nothing is lost, nothing is doubled.
//! `ROGATORY_SEED` repeats the bytes and the faults; `ROGATORY_NETWORK_SECONDS` makes the walk
//! through faults a long one.

mod support;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rogatory::format::id::PacketId;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::cause::Code as Cause;
use rogatory::format::wire::urgency::Code as Urgency;
use rogatory::format::wire::{PeersRequest, SubmitStart, event::Code as Event};
use rogatory::gateway::SystemClock;
use rogatory::store::Clock as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::load::{Became, Ledgers, Load, Told, entries, packet, still_said, submit};
use support::proxy::{Count, Fault, Proxy, Way};
use support::tally::Tally;
use support::{Authority, delivered, end, exchange, outcome, until};

/// A small load: some packets are long enough to be met in the middle.
const LOAD: Load =
    Load { programs: 2, sizes: &[100, 2 << 20, 40_000], most: 3, rest: Duration::from_millis(40) };
/// A fault lasts so long at least.
const LASTS: Duration = Duration::from_millis(1500);
/// After a fault everything is delivered within this time: the longest wait of a courier, and more.
const HEALED: Duration = Duration::from_secs(420);

/// Each fault by its name.
const FAULTS: [(&str, Fault); 11] = [
    ("delay, fixed", Fault::Delay { least: 40, most: 40, only: None }),
    ("delay, random, out", Fault::Delay { least: 0, most: 120, only: Some(Way::Out) }),
    ("delay, random, back", Fault::Delay { least: 0, most: 120, only: Some(Way::Back) }),
    ("throttle, 256 KiB/s", Fault::Throttle(256 << 10)),
    ("trickle", Fault::Trickle),
    ("reset in mid-stream", Fault::Reset(1 << 20)),
    ("close in mid-stream", Fault::Close(1 << 20)),
    ("black hole", Fault::BlackHole),
    ("nobody listens", Fault::Refuse),
    ("taken and dropped", Fault::Drop),
    ("every connection twice", Fault::Twice),
];

/// How two gateways reach each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Each dials the other.
    Push,
    /// XA lets nobody in: it dials, and collects over that.
    Collect,
}

fn seed() -> u64 {
    let seed = std::env::var("ROGATORY_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| SystemClock.now());
    eprintln!("ROGATORY_SEED={seed}");
    seed
}

/// An authority that peers reach through a proxy only.
fn behind(dir: &Path, name: &str, proxy: &Proxy) -> Authority {
    let authority = Authority::found(dir, name, "127.0.0.1:0");
    let text = std::fs::read_to_string(authority.config()).unwrap();
    let advertise = format!("[peer]\nadvertise = [\"{}\"]", proxy.address);
    std::fs::write(authority.config(), text.replacen("[peer]", &advertise, 1)).unwrap();
    authority
}

/// Two gateways with the proxies before them.
struct Two {
    dir: tempfile::TempDir,
    xa: Authority,
    xb: Authority,
    proxies: Vec<Proxy>,
}

impl Two {
    async fn new(form: Form, seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut proxies = vec![Proxy::new(seed)];
        let mut xb = behind(dir.path(), "XB", &proxies[0]);
        let mut xa = match form {
            Form::Collect => Authority::found(dir.path(), "XA", "none"),
            Form::Push => {
                proxies.push(Proxy::new(seed ^ 1));
                behind(dir.path(), "XA", &proxies[1])
            }
        };
        xa.serve().await;
        xb.serve().await;
        for (proxy, of) in proxies.iter().zip([&xb, &xa]) {
            proxy.leads_to(&of.listening);
        }
        xa.confirm(&xb.offer().await).await;
        xb.confirm(&xa.offer().await).await;
        xa.is_confirmed().await;
        xb.is_confirmed().await;
        Self { dir, xa, xb, proxies }
    }

    fn are(&self, fault: Fault) {
        self.proxies.iter().for_each(|proxy| proxy.is(fault));
    }

    fn counted(&self) -> [u64; 3] {
        let sum = |of: fn(&Count) -> u64| self.proxies.iter().map(|proxy| of(&proxy.count)).sum();
        [sum(|c| Count::get(&c.met)), sum(|c| Count::get(&c.connections)), sum(|c| Count::get(&c.bytes))]
    }

    /// Waits until nothing waits on either side.
    async fn healed(&self) {
        self.are(Fault::None);
        let end = Instant::now() + HEALED;
        for of in [&self.xa, &self.xb] {
            loop {
                let peers = of.client().operator().peers(PeersRequest {}).await.unwrap().into_inner().peers;
                if peers.iter().all(|peer| peer.waiting == 0) {
                    break;
                }
                assert!(Instant::now() < end, "{} still waits: {}", of.name, of.log());
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// Both stop; their ledgers are sound and agree. The rows say what became of what.
    async fn end(self, rows: Vec<Row>) {
        for row in &rows {
            still_said(&self.xa, &row.told[0]).await;
            still_said(&self.xb, &row.told[1]).await;
        }
        let folders = [self.xa.data.clone(), self.xb.data.clone()];
        end([self.xa, self.xb]).await;
        let out = Ledgers::read(&folders[0], &folders[1]);
        let back = Ledgers::read(&folders[1], &folders[0]);
        out.hold_only(&rows.iter().map(|row| &row.told[0]).collect::<Vec<_>>());
        back.hold_only(&rows.iter().map(|row| &row.told[1]).collect::<Vec<_>>());
        println!(
            "{:24} {:>6} {:>6} {:>8} {:>8} {:>9} {:>4} {:>7} {:>11}",
            "fault", "met", "conns", "KiB", "accepted", "delivered", "lost", "doubled", "longest, ms"
        );
        let (mut all, mut accepted) = (Became::default(), 0);
        for Row { name, counted: [met, connections, bytes], told } in &rows {
            let became = out.of(&told[0]) + back.of(&told[1]);
            let sent = told.iter().map(|told| told.accepted.len()).sum::<usize>();
            println!(
                "{name:24} {met:>6} {connections:>6} {:>8} {sent:>8} {:>9} {:>4} {:>7} {:>11}",
                bytes / 1024,
                became.delivered,
                became.lost,
                became.doubled,
                became.longest.as_millis()
            );
            assert!(sent > 0, "{name}: there was no load");
            assert!(*met > 0, "{name}: it met no connection");
            (all, accepted) = (all + became, accepted + sent);
        }
        let faults = rows.iter().map(|row| row.counted[0]).sum();
        Tally { faults, ..Tally::of(accepted, all) }.say("real network");
        assert_eq!((all.lost, all.doubled, all.delivered), (0, 0, accepted));
    }
}

/// What happened under one fault.
struct Row {
    name: &'static str,
    counted: [u64; 3],
    told: [Told; 2],
}

fn taken(told: Arc<Mutex<Told>>) -> Told {
    std::mem::take(&mut *told.lock().unwrap())
}

/// A load from both sides under one fault, which ends; then everything is delivered.
async fn under(two: &Two, name: &'static str, fault: Fault) -> Row {
    let before = two.counted();
    if fault == Fault::Twice {
        // It is about connections that begin.
        two.are(Fault::Refuse);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    two.are(fault);
    let (stop, begun) = (Arc::<AtomicBool>::default(), Instant::now());
    let (first, from_xa) = LOAD.begin(&two.xa, "XB", &stop);
    let (second, from_xb) = LOAD.begin(&two.xb, "XA", &stop);
    for program in first.into_iter().chain(second) {
        program.await.unwrap();
    }
    tokio::time::sleep(LASTS.saturating_sub(begun.elapsed())).await;
    two.healed().await;
    let mut counted = two.counted();
    counted.iter_mut().zip(before).for_each(|(now, before)| *now -= before);
    Row { name, counted, told: [taken(from_xa), taken(from_xb)] }
}

async fn each_fault(form: Form) {
    let two = Two::new(form, seed()).await;
    let mut rows = Vec::new();
    for (name, fault) in FAULTS {
        rows.push(under(&two, name, fault).await);
    }
    two.end(rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_between_two_that_dial_each_other_loses_and_doubles_nothing() {
    each_fault(Form::Push).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_under_a_collection_loses_and_doubles_nothing() {
    each_fault(Form::Collect).await;
}

/// One way of every connection falls silent for ever, with nobody told; what is sent is found out,
/// and goes over another connection.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_half_open_are_found_out() {
    let seed = seed();
    let one = async |form, way| {
        let two = Two::new(form, seed).await;
        let row = under(&two, "half-open", Fault::Silent(way)).await;
        two.end(vec![row]).await;
    };
    tokio::join!(one(Form::Push, Way::Back), one(Form::Collect, Way::Out));
}

/// The ids of packets of these urgencies, submitted one after the other.
async fn submitted(from: &Authority, to: &str, sizes: &[usize], urgency: Urgency) -> Vec<PacketId> {
    let mut ids = Vec::new();
    for size in sizes {
        let leaf = submit(from.client(), packet(to, *size, urgency)).await.unwrap();
        ids.push(Leaf::decode(&leaf).unwrap().id.unwrap());
    }
    ids
}

/// Waits until these have come to an authority.
async fn came(to: &Authority, ids: &[PacketId]) {
    for id in ids {
        until("it came", || async { to.show(id.bytes()).await.is_ok() }).await;
    }
}

/// Every connection breaks before what is long is through, and what is long is urgent. It does not
/// keep back what is short.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_line_breaks_under_does_not_keep_back_what_is_short() {
    let two = Two::new(Form::Push, seed()).await;
    two.are(Fault::Reset(200_000));
    let long = submitted(&two.xa, "XB", &[3 << 20], Urgency::Urgent).await;
    until("the line breaks under it", || async { two.counted()[0] > 2 }).await;
    let short = submitted(&two.xa, "XB", &[100; 12], Urgency::Routine).await;
    came(&two.xb, &short).await;
    assert!(two.xb.show(long[0].bytes()).await.is_err(), "nothing broke");
    two.healed().await;
    came(&two.xb, &long).await;
    end([two.xa, two.xb]).await;
}

/// What was accepted, and of which nobody heard in time, is a failure; so is what waited behind it,
/// and what was never tried. When the peer is back, the acceptance is found, and counts.
#[tokio::test(flavor = "multi_thread")]
async fn what_ends_while_a_peer_is_down_fails_until_its_acceptance_is_found() {
    let two = Two::new(Form::Push, seed()).await;
    delivered(&two.xa, &two.xb).await;
    let short_lived = |case_id: Vec<u8>| SubmitStart {
        expires: SystemClock.now() + 6_000,
        case_id,
        ..packet("XB", 100, Urgency::Routine)
    };
    let sent = async |start| Leaf::decode(&submit(two.xa.client(), start).await.unwrap()).unwrap();
    // Its answer is lost.
    two.are(Fault::Silent(Way::Back));
    let taken = sent(short_lived(Vec::new())).await.id.unwrap();
    came(&two.xb, &[taken]).await;
    two.are(Fault::Refuse);
    let never = sent(short_lived(Vec::new())).await;
    let behind = sent(short_lived(never.case_id.unwrap().bytes().to_vec())).await.id.unwrap();
    let never = never.id.unwrap();
    for id in [&taken, &never, &behind] {
        until("it is a failure", || async {
            let summary = two.xa.show(id.bytes()).await.unwrap().summary.unwrap();
            assert!(summary.outcomes.iter().all(|outcome| !outcome.event().is_terminal()), "nobody said so");
            summary.outcomes.iter().any(|outcome| outcome.event() == Event::RelayFailure)
        })
        .await;
    }
    two.healed().await;
    assert_eq!(outcome(&two.xa, &taken.to_string()).await.0, Event::ContentConsignment);
    for id in [never, behind] {
        let refused = (Event::RelayRejection, Cause::Expired as i32);
        assert_eq!(outcome(&two.xa, &id.to_string()).await, refused);
    }
    end([two.xa, two.xb]).await;
}

/// A peer that takes connections and never answers has no say in what others get, not at a start
/// either.
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_never_answers_keeps_nobody_else_waiting() {
    let mut two = Two::new(Form::Push, seed()).await;
    let mut xc = Authority::found(two.dir.path(), "XC", "127.0.0.1:0");
    xc.serve().await;
    xc.confirm(&two.xa.offer().await).await;
    two.xa.confirm(&xc.offer().await).await;
    two.proxies[0].is(Fault::BlackHole);
    let mut waiting = submitted(&two.xa, "XB", &[100; 100], Urgency::Routine).await;
    waiting.extend(submitted(&two.xa, "XB", &[2 << 20; 4], Urgency::Urgent).await);
    for restarts in [false, true] {
        if restarts {
            two.xa.kill();
            two.xa.serve().await;
        }
        for _ in 0..4 {
            exchange(&two.xa, &xc).await;
        }
        for id in &waiting {
            assert!(two.xb.show(id.bytes()).await.is_err(), "it went through a black hole");
        }
    }
    two.healed().await;
    came(&two.xb, &waiting).await;
    end([two.xa, two.xb, xc]).await;
}

/// Three come back to one at once. Each has a few connections and tries them seldom, and what is
/// urgent comes first: at most as many may overtake it as are under way at once.
#[tokio::test(flavor = "multi_thread")]
async fn those_who_come_back_at_once_come_in_order_and_one_by_one() {
    const UNDERWAY: usize = 64;
    const WAIT: usize = 50;
    let seed = seed();
    let dir = tempfile::tempdir().unwrap();
    let proxy = Proxy::new(seed);
    let mut hub = behind(dir.path(), "XB", &proxy);
    hub.serve().await;
    proxy.leads_to(&hub.listening);
    let mut others = Vec::new();
    for name in ["XA", "XC", "XD"] {
        let mut other = Authority::found(dir.path(), name, "127.0.0.1:0");
        other.serve().await;
        other.confirm(&hub.offer().await).await;
        hub.confirm(&other.offer().await).await;
        other.is_confirmed().await;
        others.push(other);
    }
    proxy.is(Fault::Drop);
    let before = Count::get(&proxy.count.connections);
    let urgencies = [Urgency::Routine, Urgency::Priority, Urgency::Urgent];
    let fill = others.iter().map(async |other| {
        let mut lanes = Vec::new();
        for urgency in urgencies {
            lanes.push(submitted(other, "XB", &[100; WAIT], urgency).await);
        }
        lanes
    });
    let waiting = futures_util::future::join_all(fill).await;
    let tried = Count::get(&proxy.count.connections) - before;
    assert!((1..=16 * 3 * others.len() as u64).contains(&tried), "{tried} connections while nobody answered");
    proxy.count.most.store(0, Ordering::Relaxed);
    let before = Count::get(&proxy.count.connections);
    proxy.is(Fault::None);
    for other in &others {
        other.quiet().await;
    }
    let (made, most) =
        (Count::get(&proxy.count.connections) - before, proxy.count.most.load(Ordering::Relaxed));
    println!("{tried} connections tried while nobody answered, {made} made then, {most} at once");
    // One for calls, and one for a Hello.
    assert!(
        made <= 4 * others.len() as u64 && most <= 2 * others.len(),
        "{made} connections, {most} at once"
    );
    let data = hub.data.clone();
    end(others.into_iter().chain([hub])).await;
    let order: Vec<PacketId> =
        entries(&data, "evidence_issued", "RelayAcceptance").into_iter().map(|(id, _)| id).collect();
    let place = |id: &PacketId| order.iter().position(|one| one == id).expect("it came");
    for lanes in &waiting {
        for (number, lane) in lanes.iter().enumerate() {
            for id in lane {
                let less = lanes[..number].iter().flatten();
                let overtook = less.filter(|less| place(less) < place(id)).count();
                assert!(overtook < UNDERWAY, "{overtook} overtook {id} of lane {number}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_through_faults_and_restarts_loses_and_doubles_nothing() {
    let seconds = std::env::var("ROGATORY_NETWORK_SECONDS").ok().and_then(|text| text.parse().ok());
    let lasts = Duration::from_secs(seconds.unwrap_or(15));
    // What is half open is found out after the better part of a minute: on long walks.
    let silent = seconds.is_some();
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let form = if random.random_bool(0.5) { Form::Push } else { Form::Collect };
    eprintln!("{form:?}");
    let mut two = Two::new(form, seed).await;
    let stop = Arc::<AtomicBool>::default();
    let load = Load { most: 1_000_000, rest: Duration::from_millis(500), ..LOAD };
    let (first, from_xa) = load.begin(&two.xa, "XB", &stop);
    let (second, from_xb) = load.begin(&two.xb, "XA", &stop);
    let (before, begun, mut steps, mut restarts) = (two.counted(), Instant::now(), 0, 0);
    while begun.elapsed() < lasts {
        steps += 1;
        tokio::time::sleep(Duration::from_millis(random.random_range(100..1200))).await;
        if random.random_ratio(1, 5) {
            restarts += 1;
            let of = if random.random_bool(0.5) { &mut two.xa } else { &mut two.xb };
            match random.random_bool(0.5) {
                true => of.kill(),
                false => assert!(of.stop().await.success()),
            }
            of.serve().await;
            continue;
        }
        let which = random.random_range(0..two.proxies.len());
        let fault = match random.random_range(0..FAULTS.len() + 4) {
            number if number < FAULTS.len() => FAULTS[number].1,
            11 if silent => Fault::Silent(Way::Out),
            12 if silent => Fault::Silent(Way::Back),
            _ => Fault::None,
        };
        two.proxies[which].is(fault);
    }
    two.are(Fault::None);
    stop.store(true, Ordering::Relaxed);
    for program in first.into_iter().chain(second) {
        program.await.unwrap();
    }
    two.healed().await;
    let mut counted = two.counted();
    counted.iter_mut().zip(before).for_each(|(now, before)| *now -= before);
    println!("{steps} steps, {restarts} restarts");
    let row = Row { name: "a walk", counted, told: [taken(from_xa), taken(from_xb)] };
    two.end(vec![row]).await;
}
