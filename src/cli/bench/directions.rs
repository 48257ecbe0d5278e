//! Exchanges in every direction between several gateways, which may be served anew meanwhile.

use super::load::{Waiters, hand_out, request};
use super::rotate::Plan;
use crate::cli::error::CliError;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::format::id::PacketId;
use rogatory::format::wire::{
    PacketName, SubmitFrame, SubmitStart, WatchRequest, event::Code as Event, submit_frame,
};
use rogatory::gateway::SystemClock;
use rogatory::gateway::local_client::LocalClient;
use rogatory::store::Clock as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tonic::Code;

/// A call that found nobody is made again after this time.
const AGAIN: Duration = Duration::from_millis(20);
/// An event may be missed while a gateway is served anew: the packet is looked at so often.
const LOOK: Duration = Duration::from_secs(1);
/// A packet that has no outcome by then is lost.
const LOST: Duration = Duration::from_secs(120);

/// What all periods have in common.
pub struct Shared {
    clients: Vec<(String, LocalClient)>,
    waiters: Waiters,
    bytes: usize,
    watching: Vec<tokio::task::JoinHandle<()>>,
}

/// What one period came to.
#[derive(Default)]
pub struct Period {
    /// Of each exchange, the shortest first.
    pub times: Vec<Duration>,
    /// Every packet.
    pub submitted: Vec<PacketId>,
    /// Submissions and packets that were refused.
    pub refused: usize,
    /// Submissions that were made more than once, under the same id.
    pub repeated: usize,
    took: Duration,
}

impl Period {
    /// Exchanges a second.
    pub fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.took.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.submitted.extend(other.submitted);
        self.refused += other.refused;
        self.repeated += other.repeated;
    }
}

/// Milliseconds that this share of the times, which are in order, does not exceed.
pub fn percentile(times: &[Duration], share: f64) -> f64 {
    let place = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
    times.get(place).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}

impl Shared {
    /// Watches each of these authorities' gateways from now on, by whatever process they are served.
    pub fn begin(clients: Vec<(String, LocalClient)>, bytes: usize) -> Arc<Self> {
        let waiters = Waiters::default();
        let watch = |client: LocalClient, waiters: Waiters| async move {
            loop {
                if let Ok(events) = client.officer().watch(WatchRequest {}).await {
                    hand_out(events.into_inner(), &waiters).await;
                }
                tokio::time::sleep(AGAIN).await;
            }
        };
        let watching =
            clients.iter().map(|(_, client)| tokio::spawn(watch(client.clone(), waiters.clone()))).collect();
        Arc::new(Self { clients, waiters, bytes, watching })
    }

    /// Watches no more.
    pub fn end(&self) {
        self.watching.iter().for_each(tokio::task::JoinHandle::abort);
    }

    /// One exchange, from one of the authorities to another.
    async fn exchange(&self, from: usize, to: usize, period: &mut Period) -> Result<(), CliError> {
        let (entropy, now) = (SystemEntropy::default(), SystemClock.now());
        let id = PacketId::fresh(now, &entropy).map_err(|error| CliError::failed(error.to_string()))?;
        let (done, mut consigned) = oneshot::channel();
        self.waiters.lock().unwrap_or_else(PoisonError::into_inner).insert(id.bytes().to_vec(), done);
        let start = SubmitStart {
            packet_id: id.bytes().to_vec(),
            recipient: self.clients[to].0.clone(),
            expires: now + 24 * 3600 * 1000,
            request: prost::Message::encode_to_vec(&request(self.bytes)),
            ..SubmitStart::default()
        };
        period.submitted.push(id);
        let begun = Instant::now();
        let mut officer = self.clients[from].1.officer();
        let mut tries = 0;
        loop {
            tries += 1;
            let frame = SubmitFrame { frame: Some(submit_frame::Frame::Start(start.clone())) };
            let Err(status) = officer.submit(tokio_stream::once(frame)).await else { break };
            match status.code() {
                // Submitted, and the answer was lost.
                Code::AlreadyExists if tries > 1 => break,
                // Nobody is there, or it is about to go: what was asked is asked again.
                Code::Unavailable | Code::Unknown | Code::Cancelled | Code::ResourceExhausted
                    if begun.elapsed() < LOST =>
                {
                    tokio::time::sleep(AGAIN).await;
                }
                _ => {
                    eprintln!("a submission was refused: {status}");
                    period.refused += 1;
                    return Ok(());
                }
            }
        }
        period.repeated += usize::from(tries > 1);
        while begun.elapsed() < LOST {
            match tokio::time::timeout(LOOK, &mut consigned).await {
                Ok(Ok(true)) => {
                    period.times.push(begun.elapsed());
                    return Ok(());
                }
                // A rejection is an entry, and counted there.
                Ok(_) => return Ok(()),
                Err(_) if self.is_consigned(from, &id).await => {
                    period.times.push(begun.elapsed());
                    return Ok(());
                }
                Err(_) => {}
            }
        }
        Ok(())
    }

    async fn is_consigned(&self, from: usize, id: &PacketId) -> bool {
        let name = PacketName { packet_id: id.bytes().to_vec(), peer: String::new() };
        // Nobody may be there just now: it is looked at again.
        let Ok(shown) = self.clients[from].1.officer().show(name).await else { return false };
        let outcomes = shown.into_inner().summary.unwrap_or_default().outcomes;
        outcomes.iter().any(|outcome| outcome.event() == Event::ContentConsignment)
    }
}

/// Keeps exchanges in flight, spread over all directions, for the time of the plan and until
/// `meanwhile` is done.
pub async fn drive<T>(
    shared: &Arc<Shared>,
    plan: &Plan,
    meanwhile: impl Future<Output = Result<T, CliError>>,
) -> Result<(Period, T), CliError> {
    let begun = Instant::now();
    let ending = Arc::new(AtomicBool::new(false));
    let count = shared.clients.len();
    let directions: Vec<(usize, usize)> = (0..count)
        .flat_map(|from| (0..count).map(move |to| (from, to)))
        .filter(|(from, to)| from != to)
        .collect();
    let workers: Vec<_> = (0..plan.in_flight)
        .map(|number| {
            let (shared, ending) = (shared.clone(), ending.clone());
            let (from, to) = directions[number % directions.len()];
            tokio::spawn(async move {
                let mut period = Period::default();
                while !ending.load(Ordering::Relaxed) {
                    shared.exchange(from, to, &mut period).await?;
                }
                Ok::<_, CliError>(period)
            })
        })
        .collect();
    let done = meanwhile.await;
    tokio::time::sleep(plan.time.saturating_sub(begun.elapsed())).await;
    ending.store(true, Ordering::Relaxed);
    let mut all = Period::default();
    for worker in workers {
        all.add(worker.await.map_err(|error| CliError::failed(error.to_string()))??);
    }
    all.took = begun.elapsed();
    all.times.sort_unstable();
    Ok((all, done?))
}
