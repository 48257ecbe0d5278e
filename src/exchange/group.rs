//! Groups: pairing with several at once, from one list that one digest vouches for.

use super::{Exchange, ExchangeError};
use crate::crypto::hash::Digest;
use crate::format::group::Group;
use crate::format::id::{AuthorityId, PacketId};
use crate::format::limits;
use crate::format::offer::Offer;
use crate::format::wire::purpose::Code as Purpose;
use std::sync::Arc;

/// What joining came to.
#[derive(Debug, Default)]
pub struct Joined {
    /// Paired now.
    pub paired: Vec<AuthorityId>,
    /// Paired already: nothing was changed.
    pub known: Vec<AuthorityId>,
}

impl Exchange {
    /// Makes a list of us and those who made these offers, each of whom we are paired with, or
    /// have compared the fingerprint of.
    pub fn make_group(
        &self,
        addresses: Vec<String>,
        offers: Vec<Offer>,
        compared: &[Digest],
    ) -> Result<Group, ExchangeError> {
        if !(1..limits::MEMBERS).contains(&offers.len()) {
            let most = limits::MEMBERS;
            return Err(ExchangeError::Invalid(format!("a group has 2 to {most} members, us among them")));
        }
        for offer in &offers {
            let (name, fingerprint) = (offer.chain.authority(), offer.chain.fingerprint());
            let paired = self.directory.peer(name).is_ok_and(|peer| peer.chain.fingerprint() == fingerprint);
            if !paired && !compared.contains(&fingerprint) {
                return Err(ExchangeError::Precluded(format!(
                    "nobody here has compared the fingerprint of {name}, which begins with {}",
                    &hex::encode(fingerprint)[..8]
                )));
            }
        }
        let now = self.now();
        let (_, key) = self.identity.stating(Purpose::Evidence, now)?;
        let id = PacketId::fresh(now, &*self.entropy)?;
        let members = offers.into_iter().chain([self.offer(addresses)?]).collect();
        Ok(Group::sign(self.identity.authority(), id, members, &key, now)?)
    }

    /// Pairs with every member of a list whose digest was compared. Nothing is changed if one of
    /// them can't be paired with. A crash on the way leaves those that were paired by then: the
    /// same again pairs with the rest.
    pub async fn join_group(
        self: &Arc<Self>,
        list: Group,
        compared: &Digest,
    ) -> Result<Joined, ExchangeError> {
        let compared = *compared;
        self.to_its_end(|exchange| async move { exchange.join(list, &compared).await }).await
    }

    async fn join(&self, list: Group, compared: &Digest) -> Result<Joined, ExchangeError> {
        if list.digest != *compared {
            return Err(ExchangeError::Invalid(format!(
                "the digest of the list is {}, not {}",
                hex::encode(list.digest),
                hex::encode(compared)
            )));
        }
        let us = self.identity.chain();
        let (ours, others): (Vec<Offer>, Vec<Offer>) =
            list.members.into_iter().partition(|member| member.chain.authority() == us.authority());
        if ours.iter().all(|member| member.chain.fingerprint() != us.fingerprint()) {
            return Err(ExchangeError::Precluded("this list does not name us with our fingerprint".into()));
        }
        let mut joined = Joined::default();
        let mut new = Vec::new();
        for offer in others {
            let name = offer.chain.authority().clone();
            match self.directory.peer(&name) {
                Ok(peer) if peer.chain.fingerprint() == offer.chain.fingerprint() => joined.known.push(name),
                Ok(_) => {
                    return Err(ExchangeError::Precluded(format!(
                        "{name} is paired already under another fingerprint"
                    )));
                }
                Err(_) => new.push(offer),
            }
        }
        for offer in new {
            let (name, fingerprint) = (offer.chain.authority().clone(), offer.chain.fingerprint());
            self.pair_from(offer, &fingerprint, false, Some(&list.envelope)).await?;
            joined.paired.push(name);
        }
        Ok(joined)
    }
}
