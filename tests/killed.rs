//! Two gateways under load from both sides are killed (SIGKILL) again and again, at random times.
//! A checker knows every packet that was ever accepted: none is lost, none is doubled, and what was
//! said about one at first is what the ledgers say at the end. `ROGATORY_KILLS` says how often (10
//! where it says nothing), `ROGATORY_SEED` when.

mod support;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rogatory::gateway::SystemClock;
use rogatory::store::Clock as _;
use std::time::Duration;
use support::load::{BothWays, Load, number};
use support::pair;
use support::tally::Tally;

/// As much as officers' programs can send; some packets are large enough for objects in files of
/// their own.
const LOAD: Load =
    Load { programs: 4, sizes: &[100, 100, 100, 100, 200_000], most: usize::MAX, rest: Duration::ZERO };
/// Between two kills, milliseconds.
const BETWEEN: std::ops::Range<u64> = 20..600;

#[tokio::test(flavor = "multi_thread")]
async fn gateways_that_are_killed_under_load_lose_and_double_nothing() {
    let kills = number("ROGATORY_KILLS").unwrap_or(10);
    let seed = number("ROGATORY_SEED").unwrap_or_else(|| SystemClock.now());
    eprintln!("ROGATORY_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let load = BothWays::begin(&xa, &xb, LOAD);
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(random.random_range(BETWEEN))).await;
        let both = random.random_ratio(1, 5);
        let victim = random.random_bool(0.5);
        for (gateway, dies) in [(&mut xa, both || victim), (&mut xb, both || !victim)] {
            if dies {
                gateway.kill();
            }
        }
        for (gateway, died) in [(&mut xa, both || victim), (&mut xb, both || !victim)] {
            if died {
                gateway.serve().await;
            }
        }
    }
    let outcome = load.finish(xa, xb).await;
    println!("{kills} kills: {outcome:?}");
    Tally { faults: kills, longest: outcome.longest, ..Tally::of(outcome.accepted, outcome.became) }
        .say("kill -9");
    assert_eq!((outcome.became.lost, outcome.became.doubled), (0, 0));
    assert_eq!(outcome.became.delivered, outcome.accepted);
    assert!(outcome.interrupted > 0, "no kill met a submission");
    assert!(outcome.accepted as u64 > kills, "there was no load");
}
