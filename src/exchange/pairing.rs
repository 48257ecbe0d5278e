//! Pairing: two fingerprints, compared by two people, and everything else follows.

use super::directory::{Logs, Peer};
use super::{Exchange, ExchangeError, durable};
use crate::crypto::hash::Digest;
use crate::format::chain::{Appended, Chain};
use crate::format::id::{AuthorityId, CaseId};
use crate::format::leaf::Leaf;
use crate::format::offer::Offer;
use crate::format::wire::{leaf::Kind as LeafKind, purpose::Code as Purpose};
use crate::ledger::pairing;
use crate::ledger::records;
use crate::store::{Decision, NewEntry};
use std::sync::Arc;

impl Exchange {
    /// Our offer, with the addresses at which we may be dialled.
    pub fn offer(&self, addresses: Vec<String>) -> Result<Offer, ExchangeError> {
        let now = self.now();
        let (_, key) = self.identity.stating(Purpose::Evidence, now)?;
        Ok(Offer::sign(&self.identity.chain(), addresses, self.taken.clone(), &key, now)?)
    }

    /// Pairs with the authority of an offer, if its fingerprint is the one that was compared.
    /// `again`: it is paired under another fingerprint, and lost what that stood for.
    pub async fn pair(
        self: &Arc<Self>,
        offer: Offer,
        compared: &Digest,
        again: bool,
    ) -> Result<u64, ExchangeError> {
        let compared = *compared;
        self.to_its_end(|exchange| async move { exchange.pair_from(offer, &compared, again, None).await })
            .await
    }

    /// The same for whoever goes on to the end, from the list of a group.
    pub(super) async fn pair_from(
        &self,
        offer: Offer,
        compared: &Digest,
        again: bool,
        list: Option<&[u8]>,
    ) -> Result<u64, ExchangeError> {
        if offer.chain.fingerprint() != *compared {
            return Err(ExchangeError::Invalid(format!(
                "the offer's fingerprint is {}, not {}",
                hex::encode(offer.chain.fingerprint()),
                hex::encode(compared)
            )));
        }
        let name = offer.chain.authority().clone();
        if name == *self.identity.authority() {
            return Err(ExchangeError::Invalid("this is our own offer".into()));
        }
        let turn = self.directory.turn(&name);
        let _turn = turn.lock().await;
        let known = self.directory.peer(&name).ok();
        let other = known.as_ref().is_some_and(|peer| peer.chain.fingerprint() != *compared);
        if other != again {
            let why = match other {
                true => "is paired already under another fingerprint",
                false => "is not paired under another fingerprint: there is nothing to repair",
            };
            return Err(ExchangeError::Precluded(format!("{name} {why}")));
        }
        let (chain, new) = match &known {
            Some(peer) if !other => grown(&peer.chain, &offer.chain)?,
            _ => (offer.chain.clone(), offer.chain.envelopes().map(<[u8]>::to_vec).collect()),
        };
        let leaf = |kind| Leaf { peer: Some(name.clone()), ..Leaf::new(kind) };
        let entry = |kind, objects| NewEntry { leaf: leaf(kind), objects };
        let objects = [offer.envelope].into_iter().chain(list.map(<[u8]>::to_vec)).collect();
        let mut entries = vec![entry(LeafKind::Pairing, objects)];
        entries.extend(new.into_iter().map(|envelope| entry(LeafKind::KeyStatement, vec![envelope])));
        let (logged, stated) = (self.directory.logged.clone(), chain.clone());
        let committed = durable(self.store.commit(move |_, _| {
            logged.put(&stated);
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
        }))
        .await?;
        let logs = match &known {
            Some(peer) if other => peer.forgotten_logs(),
            Some(peer) => peer.logs.clone(),
            None => Logs::new(),
        };
        if other {
            // Nothing of ours is known there.
            self.identity.heard(&name, 0);
        }
        self.directory.put(Peer { chain, addresses: offer.addresses, taken: offer.taken, logs });
        Ok(committed.first)
    }

    /// Refuses to go on with a case that began with a peer under another fingerprint: its side
    /// of it is gone.
    pub(super) fn goes_on(&self, peer: &AuthorityId, case_id: &CaseId) -> Result<(), ExchangeError> {
        let snapshot = self.store.snapshot();
        let era = pairing::peer(snapshot, peer)?.era;
        if era == 0 {
            return Ok(());
        }
        let first = snapshot.scan(&records::timeline_prefix(case_id, peer), None, 1)?;
        match first.first().and_then(|(key, _)| records::index_of(key)) {
            Some(index) if index < era => Err(ExchangeError::Precluded(format!(
                "case {case_id} began before {peer} was paired anew, and {peer} has nothing of it: begin a new case"
            ))),
            _ => Ok(()),
        }
    }
}

/// The chain that is known, with what an offer adds, and that; the offer must not lack anything.
fn grown(known: &Chain, offered: &Chain) -> Result<(Chain, Vec<Vec<u8>>), ExchangeError> {
    let (mut chain, mut new) = (known.clone(), Vec::new());
    for envelope in offered.envelopes() {
        if chain.append(envelope)? != Appended::Known {
            new.push(envelope.to_vec());
        }
    }
    match chain.head() == offered.head() {
        true => Ok((chain, new)),
        false => Err(ExchangeError::Invalid(format!(
            "{} has made statements that this offer lacks: ask for a new one",
            known.authority()
        ))),
    }
}
