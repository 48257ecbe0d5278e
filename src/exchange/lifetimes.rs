//! What the ends of our keys ask for: new ones in time, and the end of private halves that
//! nobody needs any more.

use super::identity::{DAY, DELEGATED, Identity, LIFETIME, TAKE_UP_AFTER};
use super::rotation::{Rotated, Rotation};
use super::{Exchange, ExchangeError};
use crate::format::chain::Chain;
use crate::format::envelope::{KeySource as _, SigningKey};
use crate::format::statement::ProvenKey;
use crate::format::suite::{Slot, slots};
use crate::format::wire::purpose::Code as Purpose;
use crate::format::{Millis, limits};
use std::sync::Arc;
use tokio::task::block_in_place;

/// Between two rotations of one purpose that the clock asks for.
const BETWEEN: Millis = 7 * DAY;

/// When keys are renewed without anybody asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPolicy {
    /// Whether they are.
    pub automatic: bool,
    /// So long before the newest one ends.
    pub renew_before: Millis,
    /// The one before ends so long after the new one begins.
    pub overlap: Millis,
    /// Whether TLS keys are among them: where a PKI makes them, they are not ours to renew.
    pub tls: bool,
}

impl Default for KeyPolicy {
    fn default() -> Self {
        Self { automatic: true, renew_before: 60 * DAY, overlap: 30 * DAY, tls: true }
    }
}

/// When a key ends, by its statement or by one that came later.
pub fn end_of(key: &ProvenKey) -> Millis {
    match key.end() {
        Some(end) if end.is_revocation() => 0,
        Some(end) => key.not_after.min(end.since),
        None => key.not_after,
    }
}

/// The key of a slot that ends last.
fn newest_of(chain: &Chain, slot: Slot) -> Option<&ProvenKey> {
    chain.keys().iter().filter(|key| key.slot() == slot).max_by_key(|key| end_of(key))
}

/// The purposes whose keys are to be renewed at `now`; a new key would end at `would_end`.
pub fn due(
    chain: &Chain,
    policy: &KeyPolicy,
    would_end: impl Fn(Purpose) -> Option<Millis>,
    now: Millis,
) -> Vec<Purpose> {
    let is_due = |(purpose, algorithm): Slot| {
        let newest = newest_of(chain, (purpose, algorithm));
        let ends = newest.map_or(0, end_of);
        let young = newest.is_some_and(|key| now < key.not_before.saturating_add(BETWEEN));
        // Near the end of its delegate a new key would gain nothing: that is for the root.
        let gains = would_end(purpose).is_some_and(|until| until > ends.saturating_add(BETWEEN));
        ends.saturating_sub(now) < policy.renew_before && gains && (ends <= now || !young)
    };
    let ours = |purpose: &Purpose| policy.tls || *purpose != Purpose::Tls;
    let any_due = |purpose: &Purpose| slots(chain, *purpose).into_iter().any(is_due);
    DELEGATED.into_iter().filter(ours).filter(any_due).collect()
}

/// The keys whose private halves nobody needs at `now`.
pub fn spent(chain: &Chain, now: Millis) -> impl Iterator<Item = &ProvenKey> {
    chain.keys().iter().filter(move |key| {
        // A packet that was sealed on the last day may be under way as long as it lives.
        let needed = match key.purpose {
            Purpose::Content => limits::LIFETIME + TAKE_UP_AFTER,
            _ => 0,
        };
        // What a revocation ended was in other hands; of the rest, the end decides. But what was
        // sealed to a revoked key by right may be on its way, whatever day the revocation names.
        let ends = match key.end() {
            Some(end) if end.is_revocation() && key.purpose == Purpose::Content => key.not_after,
            Some(end) => key.not_after.min(end.since),
            None => key.not_after,
        };
        now >= ends.saturating_add(needed)
    })
}

impl Identity {
    /// When a key that is made now, to be used from `from` on, would end.
    pub(super) fn would_end(
        &self,
        purpose: Purpose,
        from: Millis,
        now: Millis,
    ) -> Result<Millis, ExchangeError> {
        Ok(self.stating(purpose, now)?.0.not_after.min(from.saturating_add(LIFETIME)))
    }

    /// A key in use, unless its time is over: what it would sign, nobody would take.
    pub(super) fn standing(&self, key: SigningKey, now: Millis) -> Result<SigningKey, ExchangeError> {
        match self.chain().key(&key.id).is_some_and(|stated| stated.usable(now)) {
            true => Ok(key),
            false => Err(ExchangeError::Precluded(
                "our keys for this have ended: rogatory keys list says which; rogatory keys rotate all makes \
                 new ones, and where the delegate has ended too: rogatory keys request delegate"
                    .into(),
            )),
        }
    }

    /// What signs packet headers now.
    pub fn packet_now(&self, now: Millis) -> Result<SigningKey, ExchangeError> {
        self.standing(self.packet(), now)
    }

    /// What signs evidence, deferrals, statuses and offers now.
    pub fn evidence_now(&self, now: Millis) -> Result<SigningKey, ExchangeError> {
        self.standing(self.evidence(), now)
    }
}

impl Exchange {
    /// Rotates what is due.
    pub async fn renew(self: &Arc<Self>, policy: &KeyPolicy) -> Result<Vec<Rotated>, ExchangeError> {
        let now = self.now();
        let would_end = |purpose| self.identity.would_end(purpose, now, now).ok();
        let chain = self.identity.chain();
        let purposes = match policy.automatic {
            true => due(&chain, policy, would_end, now),
            false => Vec::new(),
        };
        self.warn_of_ends(&chain, now);
        if purposes.is_empty() {
            return Ok(Vec::new());
        }
        tracing::info!(purposes = purposes.len(), "keys end soon: new ones are made");
        self.rotate(&Rotation { purposes, overlap: Some(policy.overlap), ..Rotation::default() }).await
    }

    fn warn_of_ends(&self, chain: &Chain, now: Millis) {
        for purpose in DELEGATED.into_iter().chain([Purpose::Delegate]) {
            let ends = slots(chain, purpose).into_iter().map(|slot| newest_of(chain, slot).map_or(0, end_of));
            let ends = ends.min().unwrap_or(0);
            let (purpose, left) = (purpose.as_str_name(), ends.saturating_sub(now));
            match left / DAY {
                0 if left == 0 => tracing::error!(purpose, "no key stands: rogatory keys list"),
                days @ 0..30 => tracing::warn!(purpose, days, "the last key of this purpose ends soon"),
                _ => {}
            }
        }
    }

    /// Destroys private halves that nobody needs. Gives how many.
    pub fn destroy_spent_keys(&self) -> Result<usize, ExchangeError> {
        let (now, chain) = (self.now(), self.identity.chain());
        let mut destroyed = 0;
        for key in spent(&chain, now).filter(|key| !self.identity.uses(&key.id)) {
            if block_in_place(|| self.identity.destroy(key))? {
                let id = hex::encode(key.id);
                tracing::info!(purpose = key.purpose.as_str_name(), key = id, "a private key was destroyed");
                destroyed += 1;
            }
        }
        Ok(destroyed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;
    use crate::format::id::AuthorityId;

    const NOW: Millis = 1_900_000_000_000;

    fn chain() -> (tempfile::TempDir, std::sync::Arc<Chain>) {
        let folder = tempfile::tempdir().unwrap();
        let name = AuthorityId::parse("XA").unwrap();
        let identity =
            Identity::found(&folder.path().join("keys"), &name, true, NOW, &SystemEntropy::default())
                .unwrap();
        let chain = identity.chain();
        (folder, chain)
    }

    #[test]
    fn a_key_is_due_within_the_time_before_its_end_and_only_if_a_new_one_would_last() {
        let (_folder, chain) = chain();
        let policy = KeyPolicy::default();
        let lasting = |now: Millis| move |_| Some(now + 395 * DAY);
        for (days, expected) in [(0, 0), (334, 0), (336, 6), (394, 6), (395, 6), (900, 6)] {
            let now = NOW + days * DAY;
            assert_eq!(due(&chain, &policy, lasting(now), now).len(), expected, "after {days} days");
        }
        let now = NOW + 336 * DAY;
        assert_eq!(due(&chain, &policy, |_| None, now), [], "no delegate is here");
        assert_eq!(due(&chain, &policy, |_| Some(NOW + 396 * DAY), now), [], "nothing would be gained");
        let one = due(&chain, &policy, |purpose| (purpose == Purpose::Tls).then_some(now + 395 * DAY), now);
        assert_eq!(one, [Purpose::Tls]);
        let foreign = due(&chain, &KeyPolicy { tls: false, ..policy }, lasting(now), now);
        assert!(foreign.len() == 5 && !foreign.contains(&Purpose::Tls), "a PKI makes those of TLS");
    }

    #[test]
    fn private_halves_are_kept_as_long_as_something_may_need_them() {
        let (_folder, chain) = chain();
        let purposes =
            |days: u64| -> Vec<_> { spent(&chain, NOW + days * DAY).map(|key| key.purpose).collect() };
        assert_eq!(purposes(394), []);
        let signing =
            [Purpose::Packet, Purpose::Evidence, Purpose::Checkpoint, Purpose::Cosign, Purpose::Tls];
        assert_eq!(purposes(395), signing);
        assert!(!purposes(395 + 731).contains(&Purpose::Content));
        assert!(purposes(395 + 734).contains(&Purpose::Content));
    }
}
