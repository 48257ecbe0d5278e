//! The load: so many exchanges in flight, for so long.

use super::directions::percentile;
use crate::cli::error::CliError;
use crate::cli::processes::GatewayProcess;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::format::id::PacketId;
use rogatory::format::wire::{
    self, Request, SubmitFrame, SubmitStart, WatchEvent, WatchRequest, event::Code as Event,
    leaf::Kind as LeafKind, request::Content, submit_frame,
};
use rogatory::gateway::SystemClock;
use rogatory::store::Clock as _;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tonic::Streaming;

/// What one point measured.
pub struct Point {
    pub in_flight: usize,
    pub exchanges: usize,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Processor seconds of both gateways a second.
    pub cpu: f64,
    /// Journal syncs of both gateways an exchange.
    pub syncs: f64,
    /// Peak of the resident memory, bytes.
    pub peak: [u64; 2],
}

impl Point {
    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "in_flight": self.in_flight, "exchanges": self.exchanges, "per_second": self.per_second,
            "p50_ms": self.p50_ms, "p99_ms": self.p99_ms, "cpu": self.cpu, "syncs_per_exchange": self.syncs,
            "peak_bytes": { "XA": self.peak[0], "XB": self.peak[1] },
        })
    }
}

/// Who waits for the outcome of which packet: whether it is consigned.
pub type Waiters = Arc<Mutex<HashMap<Vec<u8>, oneshot::Sender<bool>>>>;

/// Runs one point.
pub async fn point(
    xa: &GatewayProcess,
    xb: &GatewayProcess,
    in_flight: usize,
    time: Duration,
    bytes: usize,
) -> Result<Point, CliError> {
    let waiters: Waiters = Waiters::default();
    let events = xa.client.officer().watch(WatchRequest {}).await?.into_inner();
    let watching = tokio::spawn({
        let waiters = waiters.clone();
        async move { hand_out(events, &waiters).await }
    });
    let before = (xa.consumption().await?, xb.consumption().await?);
    let (begun, until) = (Instant::now(), Instant::now() + time);
    let workers: Vec<_> = (0..in_flight)
        .map(|_| tokio::spawn(work(xa.client.clone(), waiters.clone(), until, bytes)))
        .collect();
    let mut times = Vec::new();
    for worker in workers {
        times.extend(worker.await.map_err(|error| CliError::failed(error.to_string()))??);
    }
    let took = begun.elapsed().as_secs_f64();
    watching.abort();
    let after = (xa.consumption().await?, xb.consumption().await?);
    times.sort_unstable();
    let groups = (after.0.groups - before.0.groups) + (after.1.groups - before.1.groups);
    let cpu = (after.0.cpu_time - before.0.cpu_time) + (after.1.cpu_time - before.1.cpu_time);
    Ok(Point {
        in_flight,
        exchanges: times.len(),
        per_second: times.len() as f64 / took,
        p50_ms: percentile(&times, 0.5),
        p99_ms: percentile(&times, 0.99),
        cpu: cpu as f64 / 1e6 / took,
        syncs: groups as f64 / times.len().max(1) as f64,
        peak: [after.0.peak_memory, after.1.peak_memory],
    })
}

/// Tells whoever waits what became of a packet, until the stream ends.
pub async fn hand_out(mut events: Streaming<WatchEvent>, waiters: &Waiters) {
    while let Ok(Some(event)) = events.message().await {
        if event.kind() != LeafKind::EvidenceReceived {
            continue;
        }
        let consigned = event.event() == Event::ContentConsignment;
        if consigned || event.event() == Event::RelayRejection {
            let waiter = waiters.lock().unwrap_or_else(PoisonError::into_inner).remove(&event.id);
            if let Some(waiter) = waiter {
                // The worker may have given up.
                let _ = waiter.send(consigned);
            }
        }
    }
}

/// One exchange after the other; each ends when the peer's evidence is durable here.
async fn work(
    client: rogatory::gateway::local_client::LocalClient,
    waiters: Waiters,
    until: Instant,
    bytes: usize,
) -> Result<Vec<Duration>, CliError> {
    let entropy = SystemEntropy::default();
    let mut officer = client.officer();
    let mut times = Vec::new();
    while Instant::now() < until {
        let now = SystemClock.now();
        let id = PacketId::fresh(now, &entropy).map_err(|error| CliError::failed(error.to_string()))?;
        let (done, waiter) = oneshot::channel();
        waiters.lock().unwrap_or_else(PoisonError::into_inner).insert(id.bytes().to_vec(), done);
        let start = SubmitStart {
            packet_id: id.bytes().to_vec(),
            recipient: "XB".into(),
            expires: now + 24 * 3600 * 1000,
            request: prost::Message::encode_to_vec(&request(bytes)),
            ..SubmitStart::default()
        };
        let begun = Instant::now();
        let frame = SubmitFrame { frame: Some(submit_frame::Frame::Start(start)) };
        officer.submit(tokio_stream::once(frame)).await?;
        match tokio::time::timeout(Duration::from_secs(60), waiter).await {
            Ok(Ok(true)) => times.push(begun.elapsed()),
            Ok(Ok(false)) => return Err(CliError::failed("a request of the bench was refused")),
            _ => return Err(CliError::failed("no evidence within 60 s")),
        }
    }
    Ok(times)
}

/// A request whose text has so many bytes, and that holds what it must.
pub fn request(bytes: usize) -> Request {
    let authority = wire::Authority {
        name: "Office of the bench".into(),
        function: "Asks".into(),
        ..wire::Authority::default()
    };
    let proceeding = wire::Proceeding {
        subject_matter: "A measurement".into(),
        nature: wire::proceeding::Nature::Investigation.into(),
        conducted_by: Some(authority.clone()),
        ..wire::Proceeding::default()
    };
    let matter = wire::Matter {
        proceeding: Some(proceeding),
        facts: Some(wire::Facts { summary: "x".repeat(bytes), ..wire::Facts::default() }),
        purpose: "To measure".into(),
        ..wire::Matter::default()
    };
    let assistance = wire::Assistance {
        code: wire::assistance::Code::InformationOrItems.into(),
        description: "An answer".into(),
        ..wire::Assistance::default()
    };
    let asked = wire::MutualLegalAssistance {
        matter: Some(matter),
        assistance: vec![assistance],
        ..wire::MutualLegalAssistance::default()
    };
    let basis = wire::LegalBasis {
        instrument: wire::legal_basis::Instrument::Untoc.into(),
        ..wire::LegalBasis::default()
    };
    Request {
        content: Some(Content::MutualLegalAssistance(asked)),
        language: "en".into(),
        legal_basis: vec![basis],
        authority: Some(authority),
        ..Request::default()
    }
}
