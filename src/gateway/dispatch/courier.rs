//! The courier of one peer: takes what waits, sends it, takes the answer, and tries again
//! what was not settled.

use super::expiry::{Expiries, give_up};
use super::herald::Herald;
use super::line::Line;
use super::link::{LinkError, Links};
use super::queue::{Item, Queue};
use super::ready::{Ready, ready};
use super::witness::Witness;
use crate::crypto::entropy::fresh;
use crate::exchange::acknowledge::Taken;
use crate::exchange::schedule::back_off;
use crate::exchange::{Exchange, ExchangeError};
use crate::format::id::AuthorityId;
use crate::format::wire::cause::Code as Cause;
use crate::ledger::records::Waiting;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

/// How often to look whether statements are to be told, trees to be linked, or a cosignature
/// is due.
const WITNESS: Duration = Duration::from_secs(15);
/// A packet whose time is over is asked for this seldom.
const AFTER_EXPIRY: Duration = Duration::from_secs(60);
/// What the pairing holds back is tried again after this, had the peer not told what changed.
const HELD: Duration = Duration::from_secs(300);
/// A packet whose content is gone waits for its expiry, and the clock may be set meanwhile.
const WITHOUT_CONTENT: Duration = Duration::from_secs(3600);

pub struct Courier {
    peer: AuthorityId,
    exchange: Arc<Exchange>,
    links: Arc<Links>,
    stop: CancellationToken,
    /// While it is down, one item at a time tries it.
    line: Line,
    witness: Arc<Witness>,
    herald: Arc<Herald>,
    expiries: Expiries,
    /// How often the pairing has changed.
    changes: u64,
}

/// How an attempt ended.
enum Attempt {
    Settled,
    /// Not before this time, counted as an attempt or not.
    Later(Duration),
    /// The peer does not know the key that signed; not before this time.
    KeyUnknown(Duration),
    /// The pairing does not let it go: until that changes.
    Held,
    /// The line failed.
    Line(String),
    /// Something is wrong that waiting may mend.
    Failed(String),
}

impl Courier {
    pub fn new(peer: AuthorityId, exchange: Arc<Exchange>, links: Links, stop: CancellationToken) -> Self {
        let links = Arc::new(links);
        let witness = Arc::new(Witness::new(peer.clone(), exchange.clone(), links.clone()));
        let herald = Arc::new(Herald::new(peer.clone(), exchange.clone(), links.clone()));
        let line = Line::new(Instant::now());
        let expiries = Expiries::default();
        Self { peer, exchange, links, stop, line, witness, herald, expiries, changes: 0 }
    }

    pub async fn run(mut self, mut items: mpsc::UnboundedReceiver<Option<Item>>) {
        let mut queue = Queue::default();
        let mut underway: JoinSet<(Item, Attempt)> = JoinSet::new();
        let linking = self.exchange.directory.peer(&self.peer).map(|peer| peer.linking()).unwrap_or_default();
        let mut stated = self.exchange.identity.stated();
        let mut witness = tokio::time::interval(WITNESS);
        witness.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.end_what_is_over();
            let (places, now) = (self.line.places(), Instant::now());
            while underway.len() < places && now >= self.line.again() {
                let Some(mut item) = queue.take(now) else { break };
                item.changes = self.changes;
                underway.spawn(attempt(self.exchange.clone(), self.links.clone(), self.peer.clone(), item));
            }
            let wake = self.wake(&queue, underway.len() >= places);
            tokio::select! {
                () = self.stop.cancelled() => break,
                item = items.recv() => match item {
                    Some(item) => {
                        self.handed(&mut queue, item);
                        while let Ok(item) = items.try_recv() {
                            self.handed(&mut queue, item);
                        }
                    }
                    None => break,
                },
                Some(done) = underway.join_next() => match done {
                    Ok((item, outcome)) => self.done(&mut queue, item, outcome),
                    Err(error) => tracing::error!(peer = %self.peer, %error, "an attempt ended badly"),
                },
                () = tokio::time::sleep_until(wake.into()) => {}
                () = self.links.shown() => self.line.shown(Instant::now(), self.random()),
                _ = witness.tick() => {
                    self.line.passes();
                    self.herald.clone().go();
                    self.witness.clone().go();
                }
                () = linking.notified() => self.witness.clone().go(),
                Ok(()) = stated.changed() => self.herald.clone().go(),
            }
        }
        // What is under way may end; its answer is worth having.
        while let Some(done) = underway.join_next().await {
            if let Ok((item, Attempt::Settled)) = done {
                queue.settle(&item);
            }
        }
    }

    /// When there is something to do that no event announces.
    fn wake(&self, queue: &Queue, full: bool) -> Instant {
        let idle = Instant::now() + Duration::from_secs(3600);
        let over = self.expiries.next(self.exchange.now(), self.line.is_down());
        let over = over.map_or(idle, |over| Instant::now() + over.min(Duration::from_secs(3600)));
        if full {
            return over;
        }
        let due = queue.next_due().unwrap_or(idle);
        let due = if self.line.again() > Instant::now() { self.line.again() } else { due };
        due.min(over)
    }

    /// Records that there is no answer to what has had its time.
    fn end_what_is_over(&mut self) {
        let over = self.expiries.take(self.exchange.now(), self.line.is_down());
        if !over.is_empty() {
            tokio::spawn(give_up(self.exchange.clone(), self.peer.clone(), over));
        }
    }

    fn handed(&mut self, queue: &mut Queue, item: Option<Item>) {
        match item {
            Some(mut item) => {
                self.expiries.add(&self.exchange, &self.peer, &mut item);
                queue.add(item);
            }
            None => {
                self.changes += 1;
                // It may have another address now, or another fingerprint.
                self.line.try_now(Instant::now());
                self.herald.clone().go();
                queue.stir();
            }
        }
    }

    fn done(&mut self, queue: &mut Queue, mut item: Item, outcome: Attempt) {
        let line_failed = matches!(outcome, Attempt::Line(_));
        if !line_failed {
            if self.line.is_down() {
                tracing::info!(peer = %self.peer, "the peer is reached again");
                self.herald.clone().go();
            }
            self.line.reached();
            queue.mended();
        }
        match outcome {
            Attempt::Settled => {
                self.expiries.remove(&item);
                queue.settle(&item);
            }
            Attempt::Later(wait) | Attempt::KeyUnknown(wait) => queue.put_off(item, Instant::now() + wait),
            // What changed while it was under way, it may not have seen.
            Attempt::Held if item.changes != self.changes => queue.put_off(item, Instant::now()),
            Attempt::Held => queue.put_off(item, Instant::now() + HELD),
            Attempt::Line(why) => {
                self.line.failed(Instant::now(), self.random());
                let wait = self.line.again().saturating_duration_since(Instant::now());
                tracing::info!(peer = %self.peer, packet = item.named(), %why, again_in = ?wait, "the peer is not reached");
                queue.broke(item);
            }
            Attempt::Failed(why) => {
                item.attempts += 1;
                let wait = self.wait(item.attempts + 3);
                tracing::warn!(peer = %self.peer, entry = item.index, packet = item.named(), %why, again_in = ?wait, "not settled");
                queue.put_off(item, Instant::now() + wait);
            }
        }
    }

    fn wait(&self, failures: u32) -> Duration {
        back_off(failures, self.random())
    }

    /// Without randomness waits have no jitter, and are right all the same.
    fn random(&self) -> u32 {
        fresh::<4>(&*self.exchange.entropy).map_or(u32::MAX, u32::from_be_bytes)
    }
}

async fn attempt(
    exchange: Arc<Exchange>,
    links: Arc<Links>,
    peer: AuthorityId,
    mut item: Item,
) -> (Item, Attempt) {
    let span = tracing::info_span!("send", packet = item.named(), %peer);
    let result = known(&exchange, &links, &peer, &item).instrument(span).await;
    let outcome = match result {
        Ok(outcome) => outcome,
        Err(error) => Attempt::Failed(error.to_string()),
    };
    if matches!(outcome, Attempt::Later(_) | Attempt::KeyUnknown(_)) {
        item.attempts += 1;
    }
    (item, outcome)
}

/// An attempt. Where one side lacks a statement of the other, they say Hello, and if that
/// brought anything, it is tried once more at once.
async fn known(
    exchange: &Arc<Exchange>,
    links: &Links,
    peer: &AuthorityId,
    item: &Item,
) -> Result<Attempt, ExchangeError> {
    let (since, head) = (Instant::now(), exchange.directory.peer(peer)?.chain.head());
    let first = send(exchange, links, peer, item).await;
    if !matches!(first, Ok(Attempt::KeyUnknown(_)) | Err(ExchangeError::KeyUnknown { .. })) {
        return first;
    }
    let news = match links.hello(exchange, since).await {
        Ok(greeted) => greeted.news,
        Err(error) => {
            tracing::debug!(%error, "no Hello");
            false
        }
    };
    match news || exchange.directory.peer(peer)?.chain.head() != head {
        true => send(exchange, links, peer, item).await,
        false => first,
    }
}

async fn send(
    exchange: &Arc<Exchange>,
    links: &Links,
    peer: &AuthorityId,
    item: &Item,
) -> Result<Attempt, ExchangeError> {
    let era = exchange.peer_record(peer)?.era;
    if item.index < era {
        // It was for the peer under another fingerprint, who has lost everything.
        if let (Waiting::Packet, Some(id)) = (item.what, &item.id) {
            exchange.give_up(&exchange.submitted(peer, id)?).await?;
        }
        return Ok(Attempt::Settled);
    }
    // A courier's answer has settled it, or its pairing is gone.
    if !exchange.waits(peer, item.index)? {
        return Ok(Attempt::Settled);
    }
    match item.what {
        Waiting::Packet => packet(exchange, links, peer, item).await,
        Waiting::Status | Waiting::Evidence | Waiting::Notice => tell(exchange, links, peer, item).await,
    }
}

async fn packet(
    exchange: &Arc<Exchange>,
    links: &Links,
    name: &AuthorityId,
    item: &Item,
) -> Result<Attempt, ExchangeError> {
    let Some(id) = &item.id else { return Ok(Attempt::Settled) };
    let (outgoing, over) = match ready(exchange, name, id).await? {
        Ready::Goes { outgoing, over } => (outgoing, over),
        Ready::Held => return Ok(Attempt::Held),
        Ready::WithoutContent(left) => {
            if item.attempts == 0 {
                tracing::warn!(peer = %name, packet = %id, ends_in = ?left, "a packet can't be sent: its content is not here");
            }
            return Ok(Attempt::Later(left.min(WITHOUT_CONTENT)));
        }
    };
    let (peer, header) = (exchange.directory.peer(name)?, outgoing.header.clone());
    let known = peer.verified();
    let reply = match links.deliver(exchange, outgoing, known.0).await {
        Ok(reply) => reply,
        Err(error) => {
            if over {
                exchange.give_up(&header).await?;
            }
            return Ok(failed(error));
        }
    };
    let taken = exchange.take_delivery(&peer, &header, known, reply).await?;
    if over && taken != Taken::Settled {
        exchange.give_up(&header).await?;
        return Ok(match taken {
            // The peer may have learnt meanwhile that it goes on.
            Taken::Deferred { cause: Cause::PairingSuspended, .. } => Attempt::Held,
            _ => Attempt::Later(AFTER_EXPIRY),
        });
    }
    Ok(came_to(taken, item))
}

async fn tell(
    exchange: &Arc<Exchange>,
    links: &Links,
    name: &AuthorityId,
    item: &Item,
) -> Result<Attempt, ExchangeError> {
    let peer = exchange.directory.peer(name)?;
    let known = peer.verified();
    let (entry, mut request) = exchange.told(&peer, item.index)?;
    request.known_size = known.0;
    let reply = match links.tell(exchange, request).await {
        Ok(reply) => reply,
        Err(error) => return Ok(failed(error)),
    };
    Ok(came_to(exchange.take_told(&peer, &entry, known, reply).await?, item))
}

fn failed(error: LinkError) -> Attempt {
    match error {
        LinkError::Read(why) | LinkError::Refused(why) => Attempt::Failed(why),
        error => Attempt::Line(error.to_string()),
    }
}

fn came_to(taken: Taken, item: &Item) -> Attempt {
    match taken {
        Taken::Settled => Attempt::Settled,
        Taken::Underway => Attempt::Later(Duration::from_secs(1)),
        Taken::Deferred { cause: Cause::PairingSuspended, .. } => Attempt::Held,
        Taken::Deferred { cause, retry_after } => {
            tracing::debug!(cause = cause.as_str_name(), retry_after, "deferred by the peer");
            let longest = Duration::from_secs(300);
            let asked = Duration::from_millis(retry_after).min(longest);
            let wait = asked.saturating_mul(item.attempts.clamp(1, 10)).min(longest);
            if cause == Cause::KeyUnknown { Attempt::KeyUnknown(wait) } else { Attempt::Later(wait) }
        }
    }
}
