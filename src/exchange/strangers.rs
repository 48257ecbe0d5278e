//! Strangers get no signature and no entry each: they are counted, and an hour's counts are
//! one entry.

use super::{Exchange, ExchangeError, durable};
use crate::format::leaf::Leaf;
use crate::format::wire::{TurnedAway, leaf::Kind};
use crate::store::{Decision, NewEntry};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Between two entries about strangers.
pub const EVERY: Duration = Duration::from_secs(3600);

/// Counters since the last entry.
#[derive(Debug, Default)]
pub struct Strangers {
    handshakes: AtomicU64,
    unproved: AtomicU64,
    no_room: AtomicU64,
}

impl Strangers {
    /// A TLS handshake failed or took too long.
    pub fn handshake_failed(&self) {
        self.handshakes.fetch_add(1, Ordering::Relaxed);
    }

    /// A call came over a TLS key that nobody's statements prove, or an offer of a chain did
    /// not prove it.
    pub fn not_proved(&self) {
        self.unproved.fetch_add(1, Ordering::Relaxed);
    }

    /// There was no place for a connection.
    pub fn no_room(&self) {
        self.no_room.fetch_add(1, Ordering::Relaxed);
    }

    fn take(&self) -> TurnedAway {
        TurnedAway {
            handshakes: self.handshakes.swap(0, Ordering::Relaxed),
            unproved: self.unproved.swap(0, Ordering::Relaxed),
            no_room: self.no_room.swap(0, Ordering::Relaxed),
        }
    }

    fn put_back(&self, counts: &TurnedAway) {
        self.handshakes.fetch_add(counts.handshakes, Ordering::Relaxed);
        self.unproved.fetch_add(counts.unproved, Ordering::Relaxed);
        self.no_room.fetch_add(counts.no_room, Ordering::Relaxed);
    }
}

impl Exchange {
    /// Commits the counts since the last time; nothing where nobody was turned away. For the
    /// gateway to call [`EVERY`] hour.
    pub async fn record_strangers(&self) -> Result<(), ExchangeError> {
        let counts = self.strangers.take();
        if counts == TurnedAway::default() {
            return Ok(());
        }
        let leaf = Leaf { turned_away: Some(counts), ..Leaf::new(Kind::Strangers) };
        let entry = NewEntry { leaf, objects: Vec::new() };
        let committed = durable(
            self.store
                .commit(move |_, _| Ok(Decision { entries: vec![entry], contents: Vec::new(), value: () })),
        )
        .await;
        committed.map(drop).inspect_err(|_| self.strangers.put_back(&counts))
    }
}
