//! A gateway under more than it can take for a while, from one peer that keeps to nothing: its memory
//! does not grow, what was accepted is delivered once, and the peer that keeps to the protocol goes on
//! being served. `ROGATORY_SOAK_SECONDS` says how long (60 where it says nothing); the longer form also
//! holds the good peer's times against those without the other.

mod support;

use rogatory::exchange::identity::Identity;
use rogatory::format::wire::event::Code as Event;
use rogatory::format::wire::{DeliverFrame, Start, deliver_frame};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use support::load::{Ledgers, Load, Told, number, still_said};
use support::tally::Tally;
use support::{Authority, end, peer_client};
use tonic::Code;

/// What the good peer sends; some packets are large enough for objects in files of their own.
const GOOD: Load = Load {
    programs: 2,
    sizes: &[100, 100, 100, 200_000],
    most: usize::MAX,
    rest: Duration::from_millis(100),
};
/// Valid packets of the other, as fast as its gateway takes them.
const FLOOD: Load = Load { programs: 8, sizes: &[100, 1000, 10_000], most: 600, rest: Duration::ZERO };
/// Programs that call with nonsense, and how long each rests between two calls.
const NONSENSE: usize = 4;
const BREATH: Duration = Duration::from_millis(2);
/// The load goes on for so long at least before memory is looked at.
const WARM: u32 = 4;

/// Resident memory of a process, MiB.
fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// Calls with nonsense until it is stopped: refused each time, and told so in a word that says whether
/// to come again.
async fn nonsense(identity: Arc<Identity>, address: String, stop: Arc<AtomicBool>, tried: Arc<AtomicU64>) {
    while !stop.load(Ordering::Relaxed) {
        let mut client = peer_client(&identity, &address);
        for length in [0_usize, 10, 5_000, 200_000].into_iter().cycle().take(100) {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let start = Start { header: vec![7; length], key_box: vec![8; length / 100], ..Start::default() };
            let frame = DeliverFrame { frame: Some(deliver_frame::Frame::Start(start)) };
            match client.deliver(tokio_stream::once(frame)).await {
                Ok(_) => {}
                Err(status) => {
                    let told = [
                        Code::InvalidArgument,
                        Code::ResourceExhausted,
                        Code::Unavailable,
                        Code::Unknown,
                        Code::Cancelled,
                        Code::Internal,
                        Code::FailedPrecondition,
                    ];
                    assert!(told.contains(&status.code()), "{status:?}");
                }
            }
            tried.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(BREATH).await;
        }
    }
}

/// From submission until the recipient found it good, for all but one in a hundred.
async fn p99(of: &Authority, told: &Told) -> Duration {
    let mut took = Vec::new();
    for id in told.accepted.keys() {
        let outcomes = of.show(id.bytes()).await.unwrap().summary.unwrap().outcomes;
        let at = |event| outcomes.iter().find(|outcome| outcome.event() == event).unwrap().at;
        took.push(at(Event::ContentConsignment).saturating_sub(at(Event::SubmissionAcceptance)));
    }
    took.sort_unstable();
    Duration::from_millis(took[(took.len() - 1) * 99 / 100])
}

/// Good load for a while; what was told.
async fn good(of: &Authority, time: Duration, mut each: impl FnMut()) -> Told {
    let stop = Arc::<AtomicBool>::default();
    let (programs, told) = GOOD.begin(of, "XA", &stop);
    let until = Instant::now() + time;
    while Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(500)).await;
        each();
    }
    stop.store(true, Ordering::Relaxed);
    for program in programs {
        program.await.unwrap();
    }
    std::mem::take(&mut *told.lock().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_peer_that_keeps_to_nothing_takes_nothing_from_the_others() {
    let seconds = number("ROGATORY_SOAK_SECONDS");
    let time = Duration::from_secs(seconds.unwrap_or(60));
    let dir = tempfile::tempdir().unwrap();
    let mut all = ["XA", "XB", "XC"].map(|name| Authority::found(dir.path(), name, "127.0.0.1:0"));
    for authority in &mut all {
        authority.serve().await;
    }
    let [xa, xb, xc] = all;
    for other in [&xb, &xc] {
        xa.confirm(&other.offer().await).await;
        other.confirm(&xa.offer().await).await;
    }
    for authority in [&xa, &xb, &xc] {
        authority.is_confirmed().await;
    }
    let alone = good(&xb, time / 3, || {}).await;
    xb.quiet().await;

    let stop = Arc::<AtomicBool>::default();
    let (floods, flooded) = FLOOD.begin(&xc, "XA", &stop);
    let (identity, tried) = (Arc::new(xc.identity()), Arc::<AtomicU64>::default());
    let calls: Vec<_> = (0..NONSENSE)
        .map(|_| tokio::spawn(nonsense(identity.clone(), xa.listening.clone(), stop.clone(), tried.clone())))
        .collect();
    let mut sizes = Vec::new();
    let pid = xa.pid();
    let beside = good(&xb, time * 2 / 3, || sizes.push(memory(pid))).await;
    stop.store(true, Ordering::Relaxed);
    for program in floods.into_iter().chain(calls) {
        program.await.unwrap();
    }
    for authority in [&xb, &xc, &xa] {
        authority.quiet().await;
    }
    let flooded = std::mem::take(&mut *flooded.lock().unwrap());
    still_said(&xb, &beside).await;
    still_said(&xc, &flooded).await;
    let (base, now) = (p99(&xb, &alone).await, p99(&xb, &beside).await);
    let log = xa.log();
    let folders = [&xa, &xb, &xc].map(|authority| authority.data.clone());
    end([xa, xb]).await;
    let mut xc = xc;
    assert!(xc.stop().await.success());
    let from_xb = Ledgers::read(&folders[1], &folders[0]);
    let from_xc = Ledgers::read(&folders[2], &folders[0]);
    let became = from_xb.of(&alone) + from_xb.of(&beside) + from_xc.of(&flooded);
    let accepted = alone.accepted.len() + beside.accepted.len() + flooded.accepted.len();
    let tried = tried.load(Ordering::Relaxed);
    let warm = sizes.len() / WARM as usize;
    let (first, last) = (sizes[warm], sizes[sizes.len() - warm..].iter().copied().max().unwrap());
    println!(
        "{tried} calls with nonsense and {} packets of the same peer; the good one had {} and {} accepted, p99 {} ms alone and \
         {} ms beside; memory {first} MiB after the first quarter, {last} at most in the last",
        flooded.accepted.len(),
        alone.accepted.len(),
        beside.accepted.len(),
        base.as_millis(),
        now.as_millis(),
    );
    Tally { faults: tried, tried: tried + accepted as u64, ..Tally::of(accepted, became) }.say("soak");
    assert_eq!((became.lost, became.doubled, became.delivered), (0, 0, accepted));
    assert!(tried > 100, "{tried} calls");
    assert!(last <= first + first / 4 + 32, "memory: {sizes:?}");
    assert!(!log.contains("panicked"), "{log}");
    if seconds.is_some() {
        assert!(now < base * 3, "p99 {now:?}, and {base:?} without the other peer");
    }
}
