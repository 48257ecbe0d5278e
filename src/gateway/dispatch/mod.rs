//! The dispatcher: what waits for peers goes out, in order, until it is settled.
//!
//! The queue is the view of what is pending; retry timers are caches. So a crash repeats a
//! delivery at most, and the packet's id absorbs it.

pub mod carry;
pub mod collector;
mod courier;
mod expiry;
mod herald;
mod line;
mod link;
mod queue;
mod ready;
pub mod reverse;
mod witness;

use crate::exchange::Exchange;
use crate::format::id::AuthorityId;
use crate::format::wire::{WatchEvent, event::Code as Event, leaf::Kind as LeafKind};
use crate::gateway::tls::Dialer;
use crate::ledger::entry::Entry;
use crate::ledger::records;
use crate::store::StoreError;
use prost::Message as _;
use queue::Item;
use reverse::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Events that a slow watcher may lag behind.
const LAG: usize = 16 * 1024;

/// What is committed, for those who watch.
#[derive(Clone)]
pub struct Events(broadcast::Sender<WatchEvent>);

impl Events {
    /// From now on.
    pub fn subscribe(&self) -> broadcast::Receiver<WatchEvent> {
        self.0.subscribe()
    }

    /// Tells those who watch what is no entry.
    pub fn send(&self, event: WatchEvent) {
        // An error says only that nobody watches.
        let _ = self.0.send(event);
    }
}

/// From the writer's thread to the couriers: what was committed.
pub struct Committed {
    events: broadcast::Sender<WatchEvent>,
    items: mpsc::UnboundedSender<(AuthorityId, Option<Item>)>,
}

/// The receiving end of [`Committed`].
pub type Commits = mpsc::UnboundedReceiver<(AuthorityId, Option<Item>)>;

/// Makes both ends.
pub fn committed() -> (Committed, Commits, Events) {
    let (events, _) = broadcast::channel(LAG);
    let (items, receiver) = mpsc::unbounded_channel();
    (Committed { events: events.clone(), items }, receiver, Events(events))
}

impl Committed {
    /// Shows entries that are durable.
    pub fn show(&self, entries: &[Entry]) {
        for entry in entries {
            if let Some(peer) = &entry.leaf.peer {
                if let Some(item) = Item::of_entry(entry) {
                    // The dispatcher is gone only when the gateway stops; the view keeps the item.
                    let _ = self.items.send((peer.clone(), Some(item)));
                }
                if changes_pairing(entry) {
                    let _ = self.items.send((peer.clone(), None));
                }
            }
            if self.events.receiver_count() > 0 {
                let _ = self.events.send(watch_event(entry));
            }
        }
    }
}

/// Whether packets that wait may have to go on, or to end. A confirmation without an id is of a
/// notice.
fn changes_pairing(entry: &Entry) -> bool {
    match entry.leaf.kind {
        LeafKind::Pairing | LeafKind::PairingNotice => true,
        LeafKind::Confirmation => entry.leaf.id.is_none(),
        _ => false,
    }
}

fn watch_event(entry: &Entry) -> WatchEvent {
    let leaf = &entry.leaf;
    let is_status = matches!(leaf.kind, LeafKind::StatusIssued | LeafKind::StatusReceived);
    let is_erasure = leaf.kind == LeafKind::Erased;
    let is_evidence = matches!(leaf.kind, LeafKind::EvidenceIssued | LeafKind::EvidenceReceived);
    let code = i32::try_from(leaf.code).unwrap_or_default();
    WatchEvent {
        index: entry.index,
        at: leaf.at,
        kind: leaf.kind.into(),
        peer: leaf.peer.as_ref().map(ToString::to_string).unwrap_or_default(),
        id: leaf.id.map(|id| id.bytes().to_vec()).unwrap_or_default(),
        case_id: leaf.case_id.map(|id| id.bytes().to_vec()).unwrap_or_default(),
        event: if is_evidence { code } else { 0 },
        cause: i32::try_from(leaf.cause).unwrap_or_default(),
        status: if is_status { code } else { 0 },
        erased_reason: if is_erasure { code } else { 0 },
        deadline: None,
    }
}

/// Sends what waits, a courier a peer.
pub struct Dispatcher {
    exchange: Arc<Exchange>,
    dialer: Dialer,
    reverse: Arc<Reverse>,
    stop: CancellationToken,
    tasks: TaskTracker,
    /// Whether peers can't connect to us, so that we collect.
    collects: bool,
    couriers: Mutex<HashMap<AuthorityId, mpsc::UnboundedSender<Option<Item>>>>,
}

impl Dispatcher {
    /// Over these decisions and connections.
    pub fn new(
        exchange: Arc<Exchange>,
        dialer: Dialer,
        reverse: Arc<Reverse>,
        collects: bool,
        stop: CancellationToken,
        tasks: TaskTracker,
    ) -> Self {
        Self { exchange, dialer, reverse, stop, tasks, collects, couriers: Mutex::default() }
    }

    /// Takes up what waits since before the start, and then whatever is committed.
    pub async fn run(self, mut commits: Commits) {
        for peer in self.exchange.directory.all() {
            let name = peer.authority().clone();
            match pending(&self.exchange, &name) {
                Ok(items) => items.into_iter().for_each(|item| self.hand(&name, Some(item))),
                Err(error) => {
                    tracing::error!(peer = %name, %error, "what waits for a peer could not be read")
                }
            }
            self.hand(&name, None);
        }
        loop {
            let (peer, item) = tokio::select! {
                () = self.stop.cancelled() => return,
                commit = commits.recv() => match commit {
                    Some(commit) => commit,
                    None => return,
                },
            };
            self.hand(&peer, item);
        }
    }

    /// Hands an item to the peer's courier, or word that the pairing changed; there is one from the
    /// first time on.
    fn hand(&self, peer: &AuthorityId, item: Option<Item>) {
        let mut couriers = self.couriers.lock().unwrap_or_else(PoisonError::into_inner);
        let courier = couriers.entry(peer.clone()).or_insert_with(|| {
            let (sender, receiver) = mpsc::unbounded_channel();
            let courier = courier::Courier::new(
                peer.clone(),
                self.exchange.clone(),
                link::Links::new(peer, &self.dialer, &self.reverse),
                self.stop.clone(),
            );
            self.tasks.spawn(courier.run(receiver));
            if self.collects {
                let collector = collector::Collector {
                    peer: peer.clone(),
                    exchange: self.exchange.clone(),
                    dialer: self.dialer.clone(),
                    stop: self.stop.clone(),
                };
                self.tasks.spawn(collector.run());
            }
            sender
        });
        // A courier ends only when the gateway stops; the view keeps the item.
        let _ = courier.send(item);
    }
}

/// What waits for a peer, oldest first.
fn pending(exchange: &Exchange, peer: &AuthorityId) -> Result<Vec<Item>, StoreError> {
    let found = exchange.store.snapshot().scan(&records::pending_prefix(peer), None, usize::MAX)?;
    let items = found.into_iter().map(|(key, value)| {
        let record = records::PendingRecord::decode(value.as_slice()).ok();
        record.and_then(|record| Item::of_record(records::index_of(&key)?, &record))
    });
    let items: Option<Vec<Item>> = items.collect();
    items.ok_or_else(|| StoreError::Index("a record of what waits".into()))
}

/// Whether an event is evidence that a peer is told unasked.
fn is_told(event: u32) -> bool {
    event == Event::ContentHandover as u32
}
