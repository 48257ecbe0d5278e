//! In which suite we sign for whom: the highest in which both have standing keys.

use super::identity::Identity;
use super::{Exchange, ExchangeError};
use crate::format::Millis;
use crate::format::chain::Chain;
use crate::format::envelope::SigningKey;
use crate::format::id::AuthorityId;
use crate::format::suite::{Signing, Suite, agreed};

impl Identity {
    /// What signs packet headers in this suite now.
    pub fn packet_in(&self, suite: Suite, now: Millis) -> Result<Signing, ExchangeError> {
        let second = self.second().map(|[packet, _]| packet);
        self.all_of(suite, self.packet_now(now)?, second, now)
    }

    /// What signs evidence, deferrals and statuses in this suite now.
    pub fn evidence_in(&self, suite: Suite, now: Millis) -> Result<Signing, ExchangeError> {
        let second = self.second().map(|[_, evidence]| evidence);
        self.all_of(suite, self.evidence_now(now)?, second, now)
    }

    fn all_of(
        &self,
        suite: Suite,
        first: SigningKey,
        second: Option<SigningKey>,
        now: Millis,
    ) -> Result<Signing, ExchangeError> {
        match (suite, second) {
            (Suite::One, _) => Ok(Signing::from(&first)),
            (Suite::Two, Some(second)) => Ok(Signing::two(first, self.standing(second, now)?)),
            (Suite::Two, None) => Err(ExchangeError::Precluded(
                "no keys of suite 2 stand here: rogatory keys rotate packet evidence --suite 2 makes them"
                    .into(),
            )),
        }
    }
}

impl Exchange {
    /// The suite in which we sign for whoever has these statements now. Keys are taken at the
    /// writer's place, where others may be in use: the suite that a box was sealed in stays.
    pub(super) fn suite_with(&self, reader: &Chain) -> Suite {
        agreed(&self.identity.chain(), reader, self.now())
    }

    /// The same of a peer.
    pub(super) fn suite_to(&self, peer: &AuthorityId) -> Result<Suite, ExchangeError> {
        Ok(self.suite_with(&self.directory.peer(peer)?.chain))
    }
}
