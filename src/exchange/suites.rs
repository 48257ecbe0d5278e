//! In which suite we sign for whom: the highest in which both have standing keys.

use super::identity::Identity;
use super::{Exchange, ExchangeError};
use crate::format::Millis;
use crate::format::chain::Chain;
use crate::format::envelope::SigningKey;
use crate::format::id::AuthorityId;
use crate::format::suite::{Signing, Suite, agreed};

impl Identity {
    /// What signs packet headers for `reader` now.
    pub fn packet_for(&self, reader: &Chain, now: Millis) -> Result<Signing, ExchangeError> {
        let second = self.second().map(|[packet, _]| packet);
        Ok(self.beside(self.packet_now(now)?, second, reader, now))
    }

    /// What signs evidence, deferrals and statuses for `reader` now.
    pub fn evidence_for(&self, reader: &Chain, now: Millis) -> Result<Signing, ExchangeError> {
        let second = self.second().map(|[_, evidence]| evidence);
        Ok(self.beside(self.evidence_now(now)?, second, reader, now))
    }

    fn beside(&self, first: SigningKey, second: Option<SigningKey>, reader: &Chain, now: Millis) -> Signing {
        match (agreed(&self.chain(), reader, now), second) {
            (Suite::Two, Some(second)) => Signing::two(first, second),
            _ => Signing::from(&first),
        }
    }
}

impl Exchange {
    /// What signs evidence, deferrals and statuses for a peer now.
    pub(super) fn evidence_to(&self, peer: &AuthorityId) -> Result<Signing, ExchangeError> {
        self.identity.evidence_for(&self.directory.peer(peer)?.chain, self.now())
    }
}
