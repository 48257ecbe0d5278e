//! Officers' programs that send one packet after the other, and a checker that knows every packet
//! that was ever accepted: each stands in both ledgers once, and what was said about one at first is
//! what is said at the end.

use super::{Authority, end, path, request_file, succeeds};
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::format::id::PacketId;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::urgency::Code as Urgency;
use rogatory::format::wire::{SubmitAttachment, SubmitFrame, SubmitStart, submit_frame};
use rogatory::gateway::SystemClock;
use rogatory::gateway::local_client::LocalClient;
use rogatory::request::file::read;
use rogatory::store::Clock as _;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// What officers' programs do.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// How many there are on a side.
    pub programs: usize,
    /// Bytes of the attachments of one's packets, in turn.
    pub sizes: &'static [usize],
    /// Packets of each at most.
    pub most: usize,
    /// Between two packets of one.
    pub rest: Duration,
}

/// What officers' programs were told.
#[derive(Default)]
pub struct Told {
    /// By packet: the leaf of its SubmissionAcceptance, where the answer came through.
    pub accepted: HashMap<PacketId, Option<Vec<u8>>>,
    /// The longest that one took to be accepted.
    pub longest: Duration,
    /// Calls that a gateway's end cut off.
    pub interrupted: usize,
}

/// A packet with one attachment of this size.
pub fn packet(to: &str, size: usize, urgency: Urgency) -> SubmitStart {
    let request = read(&request_file(to, "")).unwrap().request.unwrap();
    let content = vec![size as u8; size];
    SubmitStart {
        packet_id: PacketId::fresh(SystemClock.now(), &SystemEntropy::default()).unwrap().bytes().to_vec(),
        recipient: to.into(),
        urgency: urgency.into(),
        expires: SystemClock.now() + 24 * 3600 * 1000,
        request: prost::Message::encode_to_vec(&request),
        attachments: vec![SubmitAttachment { name: "a.bin".into(), content, ..SubmitAttachment::default() }],
        ..SubmitStart::default()
    }
}

/// Submits a packet; gives the leaf of its SubmissionAcceptance.
pub async fn submit(client: &LocalClient, start: SubmitStart) -> Result<Vec<u8>, tonic::Status> {
    let frame = SubmitFrame { frame: Some(submit_frame::Frame::Start(start)) };
    let reply = client.officer().submit(tokio_stream::once(frame)).await?.into_inner();
    Ok(reply.acknowledgement.unwrap().entries[0].leaf.clone())
}

impl Load {
    /// Starts programs of an authority that send to another until they are stopped, or are done.
    pub fn begin(
        self,
        of: &Authority,
        to: &'static str,
        stop: &Arc<AtomicBool>,
    ) -> (Vec<JoinHandle<()>>, Arc<Mutex<Told>>) {
        let told = Arc::<Mutex<Told>>::default();
        let socket = of.data.join("rogatory.sock");
        let start = |_| tokio::spawn(self.send(socket.clone(), to, stop.clone(), told.clone()));
        ((0..self.programs).map(start).collect(), told)
    }

    /// A program. What meets no gateway, or one that dies before it answers, is sent again under
    /// its id.
    async fn send(self, socket: PathBuf, to: &'static str, stop: Arc<AtomicBool>, told: Arc<Mutex<Told>>) {
        for size in self.sizes.iter().cycle().take(self.most) {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let start = packet(to, *size, Urgency::Routine);
            let id = PacketId::from_bytes(&start.packet_id).unwrap();
            let begun = Instant::now();
            let leaf = loop {
                let Ok(client) = LocalClient::connect(&socket).await else {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                match submit(&client, start.clone()).await {
                    Ok(leaf) => break Some(leaf),
                    Err(status) if status.code() == tonic::Code::AlreadyExists => break None,
                    Err(status) => {
                        let code = status.code();
                        let away = [tonic::Code::Unavailable, tonic::Code::Unknown, tonic::Code::Cancelled];
                        // A disk that has lost its power, a moment before its gateway dies too.
                        let dark = status.message().contains("Input/output error");
                        assert!(away.contains(&code) || dark, "{status:?}");
                        told.lock().unwrap().interrupted += 1;
                    }
                }
            };
            {
                let mut told = told.lock().unwrap();
                told.longest = told.longest.max(begun.elapsed());
                told.accepted.insert(id, leaf);
            }
            tokio::time::sleep(self.rest).await;
        }
    }
}

/// Programs of two authorities that send to each other.
pub struct BothWays {
    stop: Arc<AtomicBool>,
    programs: Vec<JoinHandle<()>>,
    told: [Arc<Mutex<Told>>; 2],
}

/// What came of them.
#[derive(Debug)]
pub struct Outcome {
    pub accepted: usize,
    pub interrupted: usize,
    pub became: Became,
    /// The longest that one took to be accepted.
    pub longest: Duration,
}

impl BothWays {
    pub fn begin(xa: &Authority, xb: &Authority, load: Load) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let (mut programs, from_xa) = load.begin(xa, "XB", &stop);
        let (second, from_xb) = load.begin(xb, "XA", &stop);
        programs.extend(second);
        Self { stop, programs, told: [from_xa, from_xb] }
    }

    /// Ends the programs, waits until everything is settled, stops the gateways and looks at what
    /// their ledgers say.
    pub async fn finish(self, xa: Authority, xb: Authority) -> Outcome {
        self.stop.store(true, Ordering::Relaxed);
        for program in self.programs {
            program.await.unwrap();
        }
        xa.quiet().await;
        xb.quiet().await;
        let [from_xa, from_xb] = self.told.map(|told| std::mem::take(&mut *told.lock().unwrap()));
        still_said(&xa, &from_xa).await;
        still_said(&xb, &from_xb).await;
        let folders = [xa.data.clone(), xb.data.clone()];
        end([xa, xb]).await;
        let out = Ledgers::read(&folders[0], &folders[1]);
        let back = Ledgers::read(&folders[1], &folders[0]);
        out.hold_only(&[&from_xa]);
        back.hold_only(&[&from_xb]);
        Outcome {
            accepted: from_xa.accepted.len() + from_xb.accepted.len(),
            interrupted: from_xa.interrupted + from_xb.interrupted,
            became: out.of(&from_xa) + back.of(&from_xb),
            longest: from_xa.longest.max(from_xb.longest),
        }
    }
}

/// A number from the environment, for long runs.
pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

/// What was said about a packet at first is what is said now.
pub async fn still_said(from: &Authority, told: &Told) {
    for (id, leaf) in &told.accepted {
        let Some(leaf) = leaf else { continue };
        let shown = from.show(id.bytes()).await.unwrap_or_else(|status| panic!("{id} is lost: {status}"));
        let acknowledgement = shown.acknowledgement.unwrap();
        assert_eq!(&acknowledgement.entries[0].leaf, leaf, "{id}: another answer than at first");
        assert_eq!(Leaf::decode(leaf).unwrap().id, Some(*id));
    }
}

/// When each packet had each entry of a kind and event, in the order of the ledger under `data`:
/// milliseconds.
pub fn entries(data: &Path, kind: &str, event: &str) -> Vec<(PacketId, i64)> {
    let asked = ["ledger", "ask", "entries", "--csv", "--kind", kind, "--code", event, "--data", path(data)];
    let row = |line: &str| {
        let mut cells = line.split(',');
        let at = cells.nth(1)?.parse::<jiff::Timestamp>().ok()?;
        Some((cells.nth(4)?.parse().ok()?, at.as_millisecond()))
    };
    let all = succeeds(&asked);
    all.lines().skip(1).map(|line| row(line).unwrap_or_else(|| panic!("{line}"))).collect()
}

/// Which evidence both ledgers hold about packets that went from one authority to the other.
pub struct Ledgers {
    /// By what and where it is: how often for each packet.
    held: Vec<(String, HashMap<PacketId, usize>)>,
    /// From its acceptance until its sender knew that it was consigned.
    took: HashMap<PacketId, Duration>,
}

/// What became of packets.
#[derive(Debug, Default, Clone, Copy)]
pub struct Became {
    pub delivered: usize,
    /// Entries that are not there.
    pub lost: usize,
    /// Packets that have more than one entry of a kind.
    pub doubled: usize,
    /// From acceptance to knowledge of the end.
    pub longest: Duration,
}

impl std::ops::Add for Became {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            delivered: self.delivered + other.delivered,
            lost: self.lost + other.lost,
            doubled: self.doubled + other.doubled,
            longest: self.longest.max(other.longest),
        }
    }
}

impl Ledgers {
    /// Of gateways that have stopped. Nothing was refused, and nothing was without an answer.
    pub fn read(from: &Path, to: &Path) -> Self {
        let mut held = Vec::new();
        let mut times = [HashMap::new(), HashMap::new()];
        for (data, kind, event, time) in [
            (from, "evidence_issued", "SubmissionAcceptance", Some(0)),
            (from, "evidence_received", "RelayAcceptance", None),
            (from, "evidence_received", "ContentConsignment", Some(1)),
            (to, "evidence_issued", "RelayAcceptance", None),
            (to, "evidence_issued", "ContentConsignment", None),
        ] {
            let mut found = HashMap::<PacketId, usize>::new();
            for (id, at) in entries(data, kind, event) {
                *found.entry(id).or_default() += 1;
                if let Some(time) = time {
                    times[time].insert(id, at);
                }
            }
            held.push((format!("{event} in {}", data.display()), found));
        }
        for (kind, event) in [
            ("evidence_received", "RelayRejection"),
            ("evidence_received", "ContentConsignmentFailure"),
            ("evidence_issued", "RelayFailure"),
        ] {
            assert_eq!(entries(from, kind, event).len(), 0, "{event}");
        }
        let [begun, ended] = times;
        let took = |(id, end): (&PacketId, &i64)| {
            let took = begun.get(id).map_or(0, |begin| end - begin);
            (*id, Duration::from_millis(took.unsigned_abs()))
        };
        Self { held, took: ended.iter().map(took).collect() }
    }

    /// What became of these.
    pub fn of(&self, told: &Told) -> Became {
        let mut became = Became::default();
        for id in told.accepted.keys() {
            let counts = self.held.iter().map(|(what, found)| (what, found.get(id).copied().unwrap_or(0)));
            let mut whole = true;
            for (what, count) in counts {
                match count {
                    0 => became.lost += 1,
                    1 => continue,
                    _ => became.doubled += 1,
                }
                eprintln!("{id}: {count} times {what}");
                whole = false;
            }
            became.delivered += usize::from(whole);
            became.longest = became.longest.max(self.took.get(id).copied().unwrap_or_default());
        }
        became
    }

    /// Nothing stands there of what nobody sent.
    pub fn hold_only(&self, told: &[&Told]) {
        for (what, found) in &self.held {
            let strange = found.keys().find(|id| !told.iter().any(|told| told.accepted.contains_key(id)));
            assert_eq!(strange, None, "{what}, of what nobody sent");
        }
    }
}
