//! Officers' programs that send without end, and a checker that knows every packet that was accepted.

use super::{Authority, end, path, request_file, succeeds};
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::format::id::PacketId;
use rogatory::format::leaf::Leaf;
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

/// Officers' programs on each side.
const PROGRAMS: usize = 4;
/// What an officer's program was told.
#[derive(Default)]
pub struct Told {
    /// By packet: the leaf of its SubmissionAcceptance, where the answer came through.
    pub accepted: HashMap<PacketId, Option<Vec<u8>>>,
    longest: Duration,
    /// Calls that a gateway's end cut off.
    interrupted: usize,
}

/// A packet with one attachment.
pub fn submission(id: PacketId, to: &str, content: Vec<u8>) -> SubmitStart {
    let request = read(&request_file(to, "")).unwrap().request.unwrap();
    let attachment = SubmitAttachment { name: "a.bin".into(), content, ..SubmitAttachment::default() };
    SubmitStart {
        packet_id: id.bytes().to_vec(),
        recipient: to.into(),
        expires: SystemClock.now() + 24 * 3600 * 1000,
        request: prost::Message::encode_to_vec(&request),
        attachments: vec![attachment],
        ..SubmitStart::default()
    }
}

/// Submits; gives the leaf of the SubmissionAcceptance, or none where it was accepted before.
pub async fn submit(client: &LocalClient, start: &SubmitStart) -> Result<Option<Vec<u8>>, tonic::Status> {
    let frame = SubmitFrame { frame: Some(submit_frame::Frame::Start(start.clone())) };
    match client.officer().submit(tokio_stream::once(frame)).await {
        Ok(reply) => {
            let acknowledgement = reply.into_inner().acknowledgement.unwrap();
            Ok(Some(acknowledgement.entries[0].leaf.clone()))
        }
        Err(status) if status.code() == tonic::Code::AlreadyExists => Ok(None),
        Err(status) => Err(status),
    }
}

/// An officer's program that sends one packet after the other. What meets no gateway, or one that
/// dies before it answers, is sent again under its id.
async fn send(
    socket: PathBuf,
    to: &'static str,
    pace: Duration,
    stop: Arc<AtomicBool>,
    told: Arc<Mutex<Told>>,
) {
    let entropy = SystemEntropy::default();
    let mut number = 0_usize;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let id = PacketId::fresh(SystemClock.now(), &entropy).unwrap();
        // Some are large enough for objects in files of their own.
        let length = if number.is_multiple_of(5) { 200_000 } else { 100 };
        let start = submission(id, to, vec![number as u8; length]);
        let begun = Instant::now();
        let leaf = loop {
            let Ok(client) = LocalClient::connect(&socket).await else {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            match submit(&client, &start).await {
                Ok(leaf) => break leaf,
                Err(status) => {
                    let code = status.code();
                    let away = [tonic::Code::Unavailable, tonic::Code::Unknown, tonic::Code::Cancelled];
                    assert!(away.contains(&code), "{status:?}");
                    told.lock().unwrap().interrupted += 1;
                }
            }
        };
        {
            let mut told = told.lock().unwrap();
            told.longest = told.longest.max(begun.elapsed());
            told.accepted.insert(id, leaf);
        }
        tokio::time::sleep(pace).await;
    }
}

/// Both sides' programs at work.
pub struct Load {
    stop: Arc<AtomicBool>,
    programs: Vec<JoinHandle<()>>,
    told: [Arc<Mutex<Told>>; 2],
}

/// What came of a load.
#[derive(Debug)]
pub struct Outcome {
    pub accepted: usize,
    pub interrupted: usize,
    pub lost: usize,
    pub doubled: usize,
    pub longest: Duration,
}

impl Load {
    /// Programs that rest for `pace` after each answer.
    pub fn begin(xa: &Authority, xb: &Authority, pace: Duration) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let (mut first, from_xa) = programs(xa, "XB", pace, &stop);
        let (second, from_xb) = programs(xb, "XA", pace, &stop);
        first.extend(second);
        Self { stop, programs: first, told: [from_xa, from_xb] }
    }

    /// Ends the programs, waits until everything is settled, stops the gateways and looks at what
    /// each ledger says.
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
        for folder in &folders {
            succeeds(&["ledger", "verify", path(folder)]);
        }
        succeeds(&["ledger", "compare", path(&folders[0]), path(&folders[1])]);
        let out = check(&folders[0], &folders[1], &from_xa);
        let back = check(&folders[1], &folders[0], &from_xb);
        Outcome {
            accepted: from_xa.accepted.len() + from_xb.accepted.len(),
            interrupted: from_xa.interrupted + from_xb.interrupted,
            lost: out.0 + back.0,
            doubled: out.1 + back.1,
            longest: from_xa.longest.max(from_xb.longest),
        }
    }
}

/// A number from the environment, for long runs.
pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

fn programs(
    of: &Authority,
    to: &'static str,
    pace: Duration,
    stop: &Arc<AtomicBool>,
) -> (Vec<JoinHandle<()>>, Arc<Mutex<Told>>) {
    let told = Arc::<Mutex<Told>>::default();
    let socket = of.data.join("rogatory.sock");
    let start = |_| tokio::spawn(send(socket.clone(), to, pace, stop.clone(), told.clone()));
    ((0..PROGRAMS).map(start).collect(), told)
}

/// How often each packet has each entry of a kind and event, by the ledger under `data`.
fn entries(data: &Path, kind: &str, event: &str) -> HashMap<PacketId, usize> {
    let asked = ["ledger", "ask", "entries", "--csv", "--kind", kind, "--code", event, "--data", path(data)];
    let mut found = HashMap::new();
    for line in succeeds(&asked).lines().skip(1) {
        let id = line.split(',').nth(6).unwrap();
        *found.entry(id.parse().unwrap_or_else(|_| panic!("{line}"))).or_default() += 1;
    }
    found
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

/// How often something that was accepted lacks an entry in one of the ledgers, and how often it has
/// more than one of a kind; nothing else was sent or refused.
pub fn check(from: &Path, to: &Path, told: &Told) -> (usize, usize) {
    let (mut lost, mut doubled) = (0, 0);
    for (data, kind, event) in [
        (from, "evidence_issued", "SubmissionAcceptance"),
        (from, "evidence_received", "RelayAcceptance"),
        (from, "evidence_received", "ContentConsignment"),
        (to, "evidence_issued", "RelayAcceptance"),
        (to, "evidence_issued", "ContentConsignment"),
    ] {
        let found = entries(data, kind, event);
        let missing = told.accepted.keys().filter(|id| !found.contains_key(id));
        let twice = found.iter().filter(|(_, count)| **count > 1);
        lost += missing.inspect(|id| eprintln!("{id}: no {event} in {}", data.display())).count();
        doubled += twice.inspect(|(id, _)| eprintln!("{id}: {event} twice in {}", data.display())).count();
        let strange = found.keys().find(|id| !told.accepted.contains_key(id));
        assert_eq!(strange, None, "{event} of what nobody sent");
    }
    for event in ["RelayRejection", "ContentConsignmentFailure", "RelayFailure"] {
        assert_eq!(entries(from, "evidence_received", event).len(), 0, "{event}");
    }
    (lost, doubled)
}
