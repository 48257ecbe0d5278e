//! What a courier carries: made for a peer, and opened. What stands in it goes the ways that it
//! goes over a line; here is only what takes the line's place.

pub mod spool;

use super::acknowledge::{Taken, misbehaved, not_opened};
use super::content_keys::{Recipient, SealedFor};
use super::directory::Peer;
use super::hello::shown_from;
use super::{Exchange, ExchangeError};
use crate::crypto::hash::sha256;
use crate::crypto::object::ContentKey;
use crate::format::carried::{CarriedHeader, Parts};
use crate::format::id::{AuthorityId, PacketId};
use crate::format::packet::{decode_key_box, encode_key_box};
use crate::format::wire::{
    CarriedBegin, CarriedStatements, DeliverReply, TellReply, cause::Code as Cause, leaf::Kind as LeafKind,
};
use std::sync::Arc;

/// An answer that a courier brought.
pub enum CarriedAnswer {
    /// To a packet.
    Delivered(DeliverReply),
    /// To something told.
    Told(TellReply),
}

impl Exchange {
    /// Our statements that a peer has not confirmed to hold, in messages of their own.
    pub fn carried_statements(&self, peer: &Peer) -> Result<Vec<CarriedStatements>, ExchangeError> {
        let chain = self.identity.chain();
        let mut from = self.confirmed_by(peer.authority())?.unwrap_or_default();
        let mut messages = Vec::new();
        loop {
            let shown = shown_from(&chain, from);
            // The first names the sender, whether or not there is something to show.
            if shown.is_empty() && !messages.is_empty() {
                return Ok(messages);
            }
            from += shown.len() as u64;
            let (authority, fingerprint) = (chain.authority().to_string(), chain.fingerprint().to_vec());
            messages.push(CarriedStatements { authority, fingerprint, shown });
        }
    }

    /// Takes statements that a courier brought; gives whose they are.
    pub async fn take_carried_statements(
        self: &Arc<Self>,
        carried: CarriedStatements,
    ) -> Result<Arc<Peer>, ExchangeError> {
        let authority = AuthorityId::parse(&carried.authority)?;
        if self.directory.peer(&authority)?.chain.fingerprint()[..] != carried.fingerprint {
            return Err(ExchangeError::NotPaired(authority));
        }
        self.learn(&authority, carried.shown).await
    }

    /// Begins a file for a peer.
    pub fn begin_carried(&self, peer: &Peer) -> Result<(CarriedBegin, Parts), ExchangeError> {
        let (entropy, now, suite) = (&*self.entropy, self.now(), self.suite_with(&peer.chain));
        let (id, key) = (PacketId::fresh(now, entropy)?, ContentKey::fresh(entropy)?);
        let to = Recipient { peer, suite };
        let (wrapped, content_key_id) =
            self.content_keys.wrap(&self.identity, to, id.bytes(), &key, now, entropy)?;
        let key_box = encode_key_box(&wrapped);
        let header = CarriedHeader {
            sender: self.identity.authority().clone(),
            recipient: peer.authority().clone(),
            id,
            created: now,
            key_box_digest: sha256(&key_box),
            content_key_id,
        };
        let header = header.sign(self.identity.evidence_in(suite, now)?)?;
        Ok((CarriedBegin { header, key_box }, Parts::new(id, key)))
    }

    /// Opens the beginning of a file of this peer's.
    pub fn open_carried(
        &self,
        peer: &Peer,
        begin: &CarriedBegin,
    ) -> Result<(CarriedHeader, Parts), ExchangeError> {
        let own = self.identity.chain();
        let (header, suite) = CarriedHeader::open(&begin.header, &peer.towards(&own))
            .map_err(|error| not_opened(peer, error))?;
        if header.sender != *peer.authority() {
            return Err(misbehaved(peer, "a file of somebody else"));
        }
        if header.recipient != *self.identity.authority() {
            return Err(ExchangeError::Invalid(format!("this is for {}", header.recipient)));
        }
        let wrapped = decode_key_box(&begin.key_box, &header.key_box_digest)?;
        let sealed = SealedFor { suite, key_id: header.content_key_id, id: header.id.bytes() };
        let key = self.content_keys.unwrap(&self.identity, peer, &sealed, &wrapped);
        let key = key.map_err(|cause| match cause {
            Cause::ContentKeyGone => ExchangeError::Precluded(
                "the key that this was sealed to has been destroyed since: let the peer carry out anew"
                    .into(),
            ),
            _ => misbehaved(peer, "a key box that does not open"),
        })?;
        Ok((header.clone(), Parts::new(header.id, key)))
    }

    /// Takes an answer that a courier brought: to the packet, or to what was told, of our entry
    /// `number`.
    pub async fn take_carried_answer(
        &self,
        peer: &Arc<Peer>,
        number: u64,
        answer: CarriedAnswer,
    ) -> Result<Taken, ExchangeError> {
        let snapshot = self.store.snapshot();
        if number >= snapshot.size()? {
            return Err(misbehaved(peer, "an answer to nothing that it was asked"));
        }
        let entry = snapshot.entry(number)?;
        let ours = entry.leaf.kind == LeafKind::KeyStatement && entry.leaf.peer.is_none();
        if !ours && entry.leaf.peer.as_ref() != Some(peer.authority()) {
            return Err(misbehaved(peer, "an answer to nothing that it was asked"));
        }
        match (answer, entry.leaf.kind, &entry.leaf.id) {
            (CarriedAnswer::Delivered(reply), LeafKind::EvidenceIssued, Some(id)) => {
                let header = self.submitted(peer.authority(), id)?;
                self.take_delivered(peer, &header, None, reply).await
            }
            (
                CarriedAnswer::Told(reply),
                LeafKind::StatusIssued
                | LeafKind::EvidenceIssued
                | LeafKind::PairingNotice
                | LeafKind::KeyStatement,
                _,
            ) => self.take_confirmed(peer, &entry, None, reply).await,
            _ => Err(misbehaved(peer, "an answer to nothing that it was asked")),
        }
    }

    /// The newest checkpoint of a peer's log with our cosignature.
    pub fn cosigned_note(&self, peer: &Peer) -> Result<Option<Vec<u8>>, ExchangeError> {
        let record = self.peer_record(peer.authority())?;
        match record.endorsed_size {
            0 => Ok(None),
            _ => Ok(self.store.snapshot().entry(record.endorsed_at)?.objects.first().cloned()),
        }
    }
}
