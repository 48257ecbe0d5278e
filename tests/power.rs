//! Power loss. The data directories of two gateways under load lie on disks of the tests' own, which
//! forget a seeded part of what was not synced: torn at 512 bytes, in any order, files and names, the
//! journal and the index too. What a gateway had answered is there when the power is back, or it did
//! not keep its word. `ROGATORY_CUTS` says how often (50 where it says nothing), `ROGATORY_SEED` when
//! and what.

#[path = "support/disk/mod.rs"]
mod disk;
mod support;

use disk::Disk;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rogatory::gateway::SystemClock;
use rogatory::store::Clock as _;
use std::time::Duration;
use support::load::{BothWays, Load, number};
use support::tally::Tally;
use support::{Authority, paired};

/// Between two losses, milliseconds.
const BETWEEN: std::ops::Range<u64> = 20..400;
/// Officers' programs rest after each packet: what is recovered stays small. Some packets are large
/// enough for objects in files of their own.
const LOAD: Load = Load {
    programs: 4,
    sizes: &[100, 100, 100, 100, 200_000],
    most: usize::MAX,
    rest: Duration::from_millis(100),
};
/// Losses that a pair of gateways goes through.
const LIFE: u64 = 50;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_loss_of_power() {
    let cuts = number("ROGATORY_CUTS").unwrap_or(50);
    let seed = number("ROGATORY_SEED").unwrap_or_else(|| SystemClock.now());
    eprintln!("ROGATORY_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut done = 0;
    while done < cuts {
        let now = LIFE.min(cuts - done);
        if !life(now, &mut random).await {
            return;
        }
        done += now;
    }
}

/// A pair of gateways from its founding to its end; false: there are no such disks here.
async fn life(cuts: u64, random: &mut StdRng) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let disks = ["a", "b"].map(|name| Disk::mount(dir.path(), name));
    let [Some(a), Some(b)] = disks else { return false };
    let mut xa = Authority::found(a.path(), "XA", "127.0.0.1:0");
    let mut xb = Authority::found(b.path(), "XB", "127.0.0.1:0");
    // The port that a gateway took is written into its configuration by the test.
    paired(&mut xa, &mut xb).await;
    for disk in [&a, &b] {
        disk.sync_configurations();
    }
    let load = BothWays::begin(&xa, &xb, LOAD);
    let (mut writes, mut names) = (0, 0);
    for _ in 0..cuts {
        tokio::time::sleep(Duration::from_millis(random.random_range(BETWEEN))).await;
        let both = random.random_ratio(1, 5);
        let victim = random.random_bool(0.5);
        let sides = [(&mut xa, &a, both || victim), (&mut xb, &b, both || !victim)];
        sides.iter().filter(|(.., dark)| *dark).for_each(|(_, disk, _)| disk.power_off());
        for (gateway, disk, dark) in sides {
            if dark {
                gateway.kill();
                let lost = disk.power_on(random);
                (writes, names) = (writes + lost.writes, names + lost.names);
                gateway.serve().await;
            }
        }
    }
    let outcome = load.finish(xa, xb).await;
    Tally { faults: cuts, longest: outcome.longest, ..Tally::of(outcome.accepted, outcome.became) }
        .say("loss of power");
    println!("{cuts} losses of power, {writes} writes and {names} names not synced at them: {outcome:?}");
    assert_eq!((outcome.became.lost, outcome.became.doubled), (0, 0));
    assert_eq!(outcome.became.delivered, outcome.accepted);
    assert!(outcome.interrupted > 0, "no loss met a submission");
    assert!(writes > 0 && names > 0, "nothing could be forgotten");
    assert!(outcome.accepted as u64 > cuts, "there was no load");
    true
}
