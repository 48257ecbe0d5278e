//! What has no answer when its time is over is recorded as a failure, whether or not there was a
//! line over which to ask: whoever waits for it is told. It goes on being asked for.

use super::queue::Item;
use crate::exchange::Exchange;
use crate::format::Millis;
use crate::format::id::{AuthorityId, PacketId};
use crate::ledger::records::Waiting;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// While the line is up, an attempt after the expiry has this long to bring an answer.
const ASKING: Duration = Duration::from_secs(60);
/// What is recorded at a time: the writer groups it.
const TOGETHER: usize = 64;

/// When the packets that wait for one peer end.
#[derive(Default)]
pub struct Expiries(BTreeMap<(Millis, u64), PacketId>);

impl Expiries {
    /// Takes note of an item. One that was read back without its expiry is looked up.
    pub fn add(&mut self, exchange: &Exchange, peer: &AuthorityId, item: &mut Item) {
        let (Waiting::Packet, Some(id)) = (item.what, item.id) else { return };
        if item.expires.is_none() {
            match exchange.submitted(peer, &id) {
                Ok(header) => item.expires = Some(header.header.expires),
                Err(error) => tracing::warn!(%peer, packet = %id, %error, "a packet's expiry can't be read"),
            }
        }
        if let Some(expires) = item.expires {
            self.0.insert((expires, item.index), id);
        }
    }

    /// It is settled.
    pub fn remove(&mut self, item: &Item) {
        if let Some(expires) = item.expires {
            self.0.remove(&(expires, item.index));
        }
    }

    /// How long until the next one is to be recorded.
    pub fn next(&self, now: Millis, down: bool) -> Option<Duration> {
        let (expires, _) = self.0.keys().next()?;
        Some(Duration::from_millis(expires.saturating_sub(now)) + grace(down))
    }

    /// Takes those to be recorded now.
    pub fn take(&mut self, now: Millis, down: bool) -> Vec<PacketId> {
        let until = now.saturating_sub(grace(down).as_millis() as u64);
        let rest = self.0.split_off(&(until.saturating_add(1), 0));
        std::mem::replace(&mut self.0, rest).into_values().collect()
    }
}

fn grace(down: bool) -> Duration {
    if down { Duration::ZERO } else { ASKING }
}

/// Records them. Those that are settled, or were recorded, are passed over; so is one that can't be
/// recorded now: every attempt after its expiry does it as well.
pub async fn give_up(exchange: Arc<Exchange>, peer: AuthorityId, ids: Vec<PacketId>) {
    for together in ids.chunks(TOGETHER) {
        let each = together.iter().map(async |id| exchange.give_up(&exchange.submitted(&peer, id)?).await);
        for (id, result) in together.iter().zip(futures_util::future::join_all(each).await) {
            if let Err(error) = result {
                tracing::warn!(%peer, packet = %id, %error, "a packet without an answer was not recorded");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;

    #[test]
    fn while_the_line_is_up_there_is_time_to_ask() {
        let id = PacketId::fresh(1, &SystemEntropy::default()).unwrap();
        let mut expiries = Expiries::default();
        assert_eq!(expiries.next(0, true), None);
        expiries.0.insert((5_000, 7), id);
        expiries.0.insert((9_000, 8), id);
        assert_eq!(expiries.next(1_000, true), Some(Duration::from_secs(4)));
        assert_eq!(expiries.next(6_000, false), Some(ASKING));
        assert!(expiries.take(4_999, true).is_empty() && expiries.take(64_999, false).is_empty());
        assert_eq!(expiries.take(5_000, true).len(), 1);
        assert_eq!(expiries.take(69_000, false).len(), 1);
        assert!(expiries.0.is_empty());
    }
}
