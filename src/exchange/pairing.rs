//! Pairing: two fingerprints, compared by two people, and everything else follows.

use super::directory::{Logs, Peer};
use super::{Exchange, ExchangeError, durable};
use crate::crypto::hash::Digest;
use crate::format::envelope::KeySource as _;
use crate::format::leaf::Leaf;
use crate::format::offer::Offer;
use crate::format::wire::leaf::Kind as LeafKind;
use crate::store::{Decision, NewEntry};

impl Exchange {
    /// Our offer, with the addresses at which we may be dialled.
    pub fn offer(&self, addresses: Vec<String>) -> Result<Offer, ExchangeError> {
        let (chain, key) = (self.identity.chain(), self.identity.evidence_now(self.now())?);
        Ok(Offer::sign(&chain, addresses, self.limits, &key, self.now())?)
    }

    /// Pairs with the authority of an offer, if its fingerprint is the one that was compared.
    pub async fn pair(&self, offer: Offer, compared: &Digest) -> Result<u64, ExchangeError> {
        let chain = &offer.chain;
        if chain.fingerprint() != *compared {
            return Err(ExchangeError::Invalid(format!(
                "the offer's fingerprint is {}, not {}",
                hex::encode(chain.fingerprint()),
                hex::encode(compared)
            )));
        }
        let name = chain.authority().clone();
        if name == *self.identity.authority() {
            return Err(ExchangeError::Invalid("this is our own offer".into()));
        }
        let turn = self.directory.turn(&name);
        let _turn = turn.lock().await;
        let known = self.directory.peer(&name).ok();
        let extends = known.as_ref().is_none_or(|peer| {
            peer.chain.fingerprint() == chain.fingerprint()
                && peer.chain.keys().iter().all(|k| chain.key(&k.id).is_some())
        });
        if !extends {
            return Err(ExchangeError::Invalid(format!(
                "{name} is paired already under another fingerprint, or with statements that this offer lacks"
            )));
        }
        let held = known.as_ref().map_or(0, |peer| peer.chain.count());
        let leaf = |kind| Leaf { peer: Some(name.clone()), ..Leaf::new(kind) };
        let mut entries =
            vec![NewEntry { leaf: leaf(LeafKind::Pairing), objects: vec![offer.envelope.clone()] }];
        for envelope in chain.envelopes().skip(usize::try_from(held).unwrap_or(usize::MAX)) {
            entries.push(NewEntry { leaf: leaf(LeafKind::KeyStatement), objects: vec![envelope.to_vec()] });
        }
        let (logged, stated) = (self.directory.logged.clone(), offer.chain.clone());
        let committed = durable(self.store.commit(move |_, _| {
            logged.put(&stated);
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
        }))
        .await?;
        let logs = known.map_or_else(Logs::new, |peer| peer.logs.clone());
        self.directory.put(Peer {
            chain: offer.chain,
            addresses: offer.addresses,
            limits: offer.limits,
            logs,
        });
        Ok(committed.first)
    }
}
