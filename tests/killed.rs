//! Two gateways under load from both sides are killed (SIGKILL) again and again, at random times.
//! A checker knows every packet that was ever accepted: none is lost, none is doubled, and what was
//! said about one at first is what the ledgers say at the end. `ROGATORY_KILLS` says how often (10
//! where it says nothing), `ROGATORY_SEED` when.

mod support;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rogatory::gateway::SystemClock;
use rogatory::store::Clock as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::load::{Became, Ledgers, Load, still_said};
use support::{end, pair, path, succeeds};

/// As much as officers' programs can send; some packets are large enough for objects in files of
/// their own.
const LOAD: Load =
    Load { programs: 4, sizes: &[100, 100, 100, 100, 40_000], most: usize::MAX, rest: Duration::ZERO };
/// Between two kills, milliseconds.
const BETWEEN: std::ops::Range<u64> = 20..600;

#[tokio::test(flavor = "multi_thread")]
async fn gateways_that_are_killed_under_load_lose_and_double_nothing() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let kills = number("ROGATORY_KILLS").unwrap_or(10);
    let seed = number("ROGATORY_SEED").unwrap_or_else(|| SystemClock.now());
    eprintln!("ROGATORY_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = pair(dir.path()).await;
    let stop = Arc::<AtomicBool>::default();
    let (first, from_xa) = LOAD.begin(&xa, "XB", &stop);
    let (second, from_xb) = LOAD.begin(&xb, "XA", &stop);
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
    stop.store(true, Ordering::Relaxed);
    for program in first.into_iter().chain(second) {
        program.await.unwrap();
    }
    xa.quiet().await;
    xb.quiet().await;
    let [from_xa, from_xb] = [from_xa, from_xb].map(|told| std::mem::take(&mut *told.lock().unwrap()));
    still_said(&xa, &from_xa).await;
    still_said(&xb, &from_xb).await;
    let accepted = from_xa.accepted.len() + from_xb.accepted.len();
    let interrupted = from_xa.interrupted + from_xb.interrupted;
    let longest = from_xa.longest.max(from_xb.longest);
    let folders = [xa.data.clone(), xb.data.clone()];
    end([xa, xb]).await;
    for folder in &folders {
        succeeds(&["ledger", "verify", path(folder)]);
    }
    succeeds(&["ledger", "compare", path(&folders[0]), path(&folders[1])]);
    let out = Ledgers::read(&folders[0], &folders[1]);
    let back = Ledgers::read(&folders[1], &folders[0]);
    out.hold_only(&[&from_xa]);
    back.hold_only(&[&from_xb]);
    let Became { delivered, lost, doubled, .. } = out.of(&from_xa) + back.of(&from_xb);
    println!(
        "{kills} kills, {interrupted} submissions cut off, {accepted} accepted, {lost} lost, {doubled} doubled, {} ms the \
         longest that one took",
        longest.as_millis()
    );
    assert_eq!((lost, doubled, delivered), (0, 0, accepted));
    assert!(interrupted > 0, "no kill met a submission");
    assert!(accepted as u64 > kills, "there was no load");
}
