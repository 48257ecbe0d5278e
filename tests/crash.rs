//! The crash matrix. Every durable step of two gateways, on both sides of an exchange, fails in four
//! ways: it does not happen and that is said; it happens and is reported failed; the power goes before
//! it; the power goes after it. Then what failed is tried again. The packet has one outcome, and what
//! was answered about it at first is answered for ever.
//!
//! The steps are those that a first exchange is seen to take, so that a step that is new in the code
//! is in the table too. `ROGATORY_CRASHES` says how many rows are played, chosen by `ROGATORY_SEED` (24
//! where it says nothing; a number that is large enough plays all).

#[path = "support/disk/mod.rs"]
mod disk;
mod support;

use disk::{Armed, Disk, Fault, Step};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rogatory::format::id::PacketId;
use rogatory::format::wire::SubmitStart;
use rogatory::format::wire::event::Code as Event;
use rogatory::format::wire::urgency::Code as Urgency;
use rogatory::gateway::SystemClock;
use rogatory::store::Clock as _;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use support::load::{Became, Ledgers, Told, number, packet, still_said, submit};
use support::tally::Tally;
use support::{Authority, INBOX, PATIENCE, end, paired, path, rogatory};

const FAULTS: [Fault; 4] = [Fault::Fails, Fault::HappensAndFails, Fault::CutBefore, Fault::CutAfter];
/// Rows that a pair of gateways goes through.
const LIFE: usize = 60;
/// An exchange that was disturbed goes on by itself within this time, or the gateway is started anew.
const BY_ITSELF: Duration = Duration::from_secs(3);
/// Durable places that an exchange has to go through, or the table has a hole.
const PLACES: [&str; 8] =
    ["journal", "index", "checkpoint", "object", "epoch key", "mirror", "marker", "objects folder"];

/// The side that a fault is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Sender,
    Recipient,
}

/// What an exchange has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Erased,
    Submitted,
    Settled,
    Opened,
    Answered,
    Told,
    Stopped,
}

/// Two gateways on two disks.
struct Pair {
    gateways: [Authority; 2],
    disks: [Disk; 2],
    told: Told,
    before: Option<PacketId>,
    random: StdRng,
    restarts: usize,
    _dir: tempfile::TempDir,
}

impl Pair {
    async fn found(random: StdRng) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let [Some(a), Some(b)] = ["a", "b"].map(|name| Disk::mount(dir.path(), name)) else { return None };
        let mut xa = Authority::found(a.path(), "XA", "127.0.0.1:0");
        let mut xb = Authority::found(b.path(), "XB", "127.0.0.1:0");
        for gateway in [&xa, &xb] {
            let text = std::fs::read_to_string(gateway.config()).unwrap();
            std::fs::write(gateway.config(), format!("{text}\n[ledger]\nmirror = \"mirror\"\n")).unwrap();
        }
        paired(&mut xa, &mut xb).await;
        let (gateways, disks, told) = ([xa, xb], [a, b], Told::default());
        disks.iter().for_each(Disk::sync_configurations);
        Some(Self { gateways, disks, told, before: None, random, restarts: 0, _dir: dir })
    }

    /// Ends the gateway of a side in the hard way, and starts it.
    async fn restart(&mut self, side: Side) {
        self.gateways[side as usize].kill();
        self.start(side).await;
    }

    /// Starts the gateway of a side; a start that a fault ends is tried again.
    async fn start(&mut self, side: Side) {
        let (gateway, disk) = (&mut self.gateways[side as usize], &self.disks[side as usize]);
        for _ in 0..3 {
            if !disk.is_powered() {
                disk.power_on(&mut self.random);
            }
            self.restarts += 1;
            match gateway.try_serve(|| !disk.is_powered()).await {
                Ok(()) => return,
                Err(told) => assert!(disk.has_fired(), "no start: {told} {}", gateway.log()),
            }
        }
        panic!("no start: {}", gateway.log());
    }

    /// The next stage; false where it did not come.
    async fn step(&mut self, stage: Stage, start: &SubmitStart, at: Side) -> bool {
        let packet = PacketId::from_bytes(&start.packet_id).unwrap();
        let [xa, xb] = &self.gateways;
        let name = packet.to_string();
        match stage {
            Stage::Erased => {
                let Some(before) = self.before.map(|id| id.to_string()) else { return true };
                let gateway = &self.gateways[at as usize];
                let output = try_run(gateway, &["ledger", "erase", &before, "--reason", "court_order"]);
                output.0 || output.1.contains("was erased already")
            }
            Stage::Submitted => {
                let leaf = match submit(xa.client(), start.clone()).await {
                    Ok(leaf) => Some(leaf),
                    Err(status) if status.code() == tonic::Code::AlreadyExists => None,
                    Err(_) => return false,
                };
                self.told.accepted.insert(packet, leaf).is_none_or(|first| panic!("twice: {first:?}"))
            }
            Stage::Settled => {
                by_itself(async || {
                    let Ok(shown) = xa.show(packet.bytes()).await else { return false };
                    let outcomes = shown.summary.unwrap().outcomes;
                    outcomes.iter().any(|outcome| outcome.event() == Event::ContentConsignment)
                })
                .await
            }
            Stage::Opened => {
                let out = self._dir.path().join(format!("{name}-{}", SystemClock.now()));
                try_run(xb, &["fetch", &name, "--purpose", "execution", "--out", path(&out)]).0
            }
            Stage::Answered => {
                let output = try_run(xb, &["answer", &name, "registered", "--reference", "R-1"]);
                output.0 || self.state(Side::Recipient, &name).as_deref() == Some("registered")
            }
            Stage::Told => {
                by_itself(async || self.state(Side::Sender, &name).as_deref() == Some("registered")).await
            }
            Stage::Stopped => {
                let (gateway, disk) = (&mut self.gateways[at as usize], &self.disks[at as usize]);
                gateway.stop_unless(|| !disk.is_powered()).await;
                self.start(at).await;
                true
            }
        }
    }

    fn state(&self, side: Side, packet: &str) -> Option<String> {
        let gateway = &self.gateways[side as usize];
        let mut command = rogatory();
        command.args(["case", "show", packet, "--json", "--config"]).arg(gateway.config());
        let output = command.output().unwrap();
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
        told["state"].as_str().map(str::to_owned)
    }

    /// One exchange, from erasing the one before to a clean stop of the side that is looked at.
    /// Whatever does not come by itself comes after a new start.
    async fn exchange(&mut self, at: Side) {
        let start = packet("XB", 200_000, Urgency::Routine);
        let (begun, mut tries) = (Instant::now(), 0);
        for stage in [
            Stage::Erased,
            Stage::Submitted,
            Stage::Settled,
            Stage::Opened,
            Stage::Answered,
            Stage::Told,
            Stage::Stopped,
        ] {
            while !self.step(stage, &start, at).await {
                assert!(begun.elapsed() < PATIENCE, "{stage:?} does not come: {}", self.logs());
                tries += 1;
                // Once more as it is; then it is started anew.
                if tries > 1 || !self.disks[at as usize].is_powered() {
                    self.restart(at).await;
                    tries = 0;
                }
            }
        }
        if !self.disks[at as usize].is_powered() {
            self.restart(at).await;
        }
        self.before = PacketId::from_bytes(&start.packet_id).ok();
    }

    fn logs(&self) -> String {
        let last = |gateway: &Authority| {
            let log = gateway.log();
            let lines: Vec<&str> = log.lines().collect();
            lines[lines.len().saturating_sub(15)..].join("\n")
        };
        format!("\n{}\n---\n{}", last(&self.gateways[0]), last(&self.gateways[1]))
    }

    /// Both ledgers are sound, agree, and have every packet once.
    async fn finish(self) -> (usize, Became) {
        let Self { gateways: [xa, xb], told, disks: _disks, .. } = self;
        xa.quiet().await;
        xb.quiet().await;
        still_said(&xa, &told).await;
        assert_eq!(xb.boxed(INBOX).await.len(), told.accepted.len());
        let folders = [xa.data.clone(), xb.data.clone()];
        end([xa, xb]).await;
        let ledgers = Ledgers::read(&folders[0], &folders[1]);
        ledgers.hold_only(&[&told]);
        (told.accepted.len(), ledgers.of(&told))
    }
}

/// Whether something comes without help.
async fn by_itself(holds: impl AsyncFn() -> bool) -> bool {
    let end = Instant::now() + BY_ITSELF;
    while Instant::now() < end {
        if holds().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// Runs a command of an authority: whether it succeeded, and what it said on standard error.
fn try_run(authority: &Authority, args: &[&str]) -> (bool, String) {
    let output = rogatory().args(args).arg("--config").arg(authority.config()).output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The steps that an exchange takes on each side, once a first one has made what is made once.
async fn steps(pair: &mut Pair) -> BTreeSet<(Side, String, Step)> {
    let mut found = BTreeSet::new();
    for side in [Side::Sender, Side::Recipient] {
        pair.disks[side as usize].seen();
        pair.exchange(side).await;
        let seen: BTreeMap<(String, Step), usize> = pair.disks[side as usize].seen();
        found.extend(seen.into_keys().map(|(class, step)| (side, class, step)));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_durable_step_may_fail_in_every_way() {
    let rows = number("ROGATORY_CRASHES").unwrap_or(24) as usize;
    let seed = number("ROGATORY_SEED").unwrap_or_else(|| SystemClock.now());
    eprintln!("ROGATORY_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let Some(mut pair) = Pair::found(StdRng::seed_from_u64(seed)).await else { return };
    for side in [Side::Sender, Side::Recipient] {
        pair.exchange(side).await;
    }
    let steps = steps(&mut pair).await;
    for (place, side) in
        PLACES.into_iter().flat_map(|place| [(place, Side::Sender), (place, Side::Recipient)])
    {
        assert!(
            steps.iter().any(|(at, class, _)| (*at, class.as_str()) == (side, place)),
            "{side:?}: {place}"
        );
    }
    let mut table: Vec<(Side, Armed)> = Vec::new();
    for (side, class, step) in steps {
        let armed = |fault| Armed { step, class: class.clone(), nth: 0, fault };
        table.extend(FAULTS.map(|fault| (side, armed(fault))));
    }
    let all = table.len();
    table.shuffle(&mut random);
    table.truncate(rows);
    let (mut played, mut accepted, mut restarts) = (0, 0, 0);
    let (mut became, mut longest) = (Became::default(), Duration::ZERO);
    for (row, (side, armed)) in table.iter().enumerate() {
        if row % LIFE == LIFE - 1 {
            let fresh = Pair::found(StdRng::seed_from_u64(seed + row as u64)).await;
            let old = std::mem::replace(&mut pair, fresh.expect("there was one before"));
            restarts += old.restarts;
            let found = old.finish().await;
            (accepted, became) = (accepted + found.0, became + found.1);
            pair.exchange(Side::Sender).await;
        }
        let begun = Instant::now();
        pair.disks[*side as usize].arm(armed.clone());
        pair.exchange(*side).await;
        let fired = pair.disks[*side as usize].has_fired();
        pair.disks[*side as usize].disarm();
        played += usize::from(fired);
        let Armed { step, class, fault, .. } = armed;
        let met = if fired { "" } else { " (did not come)" };
        longest = longest.max(begun.elapsed());
        let took = begun.elapsed().as_millis();
        println!("{side:?} {class} {step:?} {fault:?}{met} {took} ms");
    }
    restarts += pair.restarts;
    let found = pair.finish().await;
    (accepted, became) = (accepted + found.0, became + found.1);
    println!("{played} of {} rows ({all} in the table), {restarts} restarts: {became:?}", table.len());
    let (faults, tried) = (played as u64, table.len() as u64);
    Tally { faults, tried, longest, ..Tally::of(accepted, became) }.say("crash matrix");
    assert_eq!((became.lost, became.doubled, became.delivered), (0, 0, accepted));
    assert!(played * 10 >= table.len() * 9, "rows that did not come");
}
