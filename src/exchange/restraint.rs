//! What a paired peer can make us write down of what binds nothing: so much at once, and so much
//! an hour. Beyond it there is a deferral, which leaves no entry, and the peer asks again.

use crate::format::Millis;
use crate::format::id::AuthorityId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Entries about a peer at once: refusals that bind no id, and alarms that it can repeat at will.
pub const AT_ONCE: u64 = 256;
/// One more may be written after each such time, milliseconds: 240 an hour.
pub const ANOTHER: Millis = 15_000;

/// What each peer has left. Since the start, and nowhere kept.
#[derive(Default)]
pub struct Restraint(Mutex<HashMap<AuthorityId, Left>>);

struct Left {
    entries: u64,
    since: Millis,
}

impl Restraint {
    /// Whether one more may be written about this peer at `now`; if so, it counts.
    pub fn allows(&self, peer: &AuthorityId, now: Millis) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.entry(peer.clone()).or_insert(Left { entries: AT_ONCE, since: now });
        let more = now.saturating_sub(left.since) / ANOTHER;
        left.entries = left.entries.saturating_add(more).min(AT_ONCE);
        left.since += more * ANOTHER;
        let allowed = left.entries > 0;
        left.entries -= u64::from(allowed);
        if !allowed {
            tracing::debug!(%peer, "no more entries for now about what binds nothing");
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_has_so_much_at_once_and_one_more_now_and_then() {
        let (restraint, [xa, xc]) =
            (Restraint::default(), ["XA", "XC"].map(|name| AuthorityId::parse(name).unwrap()));
        let allowed = |peer, now| (0..2 * AT_ONCE).filter(|_| restraint.allows(peer, now)).count() as u64;
        assert_eq!(allowed(&xa, 1000), AT_ONCE);
        assert_eq!(allowed(&xa, 1000 + ANOTHER - 1), 0);
        assert_eq!(allowed(&xc, 1000), AT_ONCE, "another peer has its own");
        assert_eq!(allowed(&xa, 1000 + ANOTHER), 1);
        assert_eq!(allowed(&xa, 1000 + 5 * ANOTHER / 2), 1);
        assert_eq!(allowed(&xa, 1000 + 3 * ANOTHER), 1, "what is left of the time counts");
        // A clock that was set back gives nothing, and takes nothing.
        assert_eq!(allowed(&xa, 0), 0);
        assert_eq!(allowed(&xa, 1000 + 1000 * ANOTHER), AT_ONCE, "never more than at once");
    }
}
