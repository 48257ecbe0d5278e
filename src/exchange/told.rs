//! What is told to a peer unasked, statuses, evidence and notices, and what it answers.

use super::acknowledge::{Taken, misbehaved, not_opened, told_digest};
use super::directory::Peer;
use super::{Answer, Exchange, ExchangeError, durable};
use crate::crypto::hash::Digest;
use crate::format::FormatError;
use crate::format::envelope::PayloadType;
use crate::format::evidence::{Evidence, Subject};
use crate::format::leaf::Leaf;
use crate::format::status::SignedStatus;
use crate::format::wire::{self, cause::Code as Cause, leaf::Kind as LeafKind, tell_reply};
use crate::ledger::LedgerError;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::entry::Entry;
use crate::ledger::pairing;
use crate::ledger::records::{self, Direction};
use crate::store::{Decision, NewEntry, content};
use std::sync::Arc;

impl Exchange {
    /// What is told to a peer of a status, notice or key statement of ours, or of evidence that it
    /// did not ask for.
    pub fn told(&self, peer: &Peer, index: u64) -> Result<(Entry, wire::TellRequest), ExchangeError> {
        let snapshot = self.store.snapshot();
        let entry = snapshot.entry(index)?;
        if let (LeafKind::KeyStatement, None, Some(statement)) =
            (entry.leaf.kind, &entry.leaf.peer, entry.leaf.objects.first())
        {
            // Hello has shown it.
            let item = Some(wire::tell_request::Item::Statement(statement.to_vec()));
            return Ok((entry, wire::TellRequest { known_size: peer.verified().0, item }));
        }
        let checkpoint = self.store.checkpoint();
        let acknowledgement = self.acknowledgement(&[index], &checkpoint, peer.they_know())?;
        let item = match (entry.leaf.kind, &entry.leaf.id) {
            (LeafKind::StatusIssued, Some(id)) => {
                let (mut key_box, mut chunks) = (Vec::new(), Vec::new());
                let key = content::key(Direction::Out, peer.authority(), id);
                if let Some((stored, opened)) = self.boxed(&key, id.bytes())? {
                    key_box = opened;
                    let data = stored.objects.into_iter().next().unwrap_or_default().inline;
                    chunks.push(wire::Chunk { object: 0, index: 0, data });
                }
                let acknowledgement = Some(acknowledgement);
                wire::tell_request::Item::Status(wire::ToldStatus { acknowledgement, key_box, chunks })
            }
            (LeafKind::EvidenceIssued, _) => wire::tell_request::Item::Evidence(acknowledgement),
            (LeafKind::PairingNotice, _) => wire::tell_request::Item::Notice(acknowledgement),
            _ => return Err(ExchangeError::Invalid(format!("entry {index} is not told"))),
        };
        Ok((entry, wire::TellRequest { known_size: peer.verified().0, item: Some(item) }))
    }

    /// Takes evidence that a peer told us unasked (a handover). Gives the index of our entry.
    pub async fn accept_evidence(
        &self,
        peer: &Arc<Peer>,
        ack: wire::Acknowledgement,
    ) -> Result<Answer, ExchangeError> {
        let digest = told_digest(PayloadType::Evidence, &ack);
        match self.take_unasked(peer, ack, digest).await {
            Err(ExchangeError::KeyUnknown { .. }) => {
                self.deferral(peer.authority(), Subject::Unattributed(digest), Cause::KeyUnknown, 0)
            }
            answer => answer,
        }
    }

    async fn take_unasked(
        &self,
        peer: &Arc<Peer>,
        ack: wire::Acknowledgement,
        digest: Digest,
    ) -> Result<Answer, ExchangeError> {
        let proven = self.verify_told(peer, ack)?;
        let [entry] = proven.entries.as_slice() else { return Err(misbehaved(peer, "not one entry")) };
        let evidence = match self.evidence_of(peer, entry.object(0)?, proven.place(entry)) {
            Ok(evidence) => evidence,
            // It may stand by its place: that is known once the trees are linked.
            Err(FormatError::KeyNotValid(_)) if !proven.linked => {
                return self.deferral(peer.authority(), Subject::Unattributed(digest), Cause::Busy, 0);
            }
            Err(error) => return Err(not_opened(peer, error)),
        };
        let Subject::Known(named) = &evidence.value.subject else {
            return Err(misbehaved(peer, "evidence about nothing"));
        };
        let (named, event) = (named.clone(), evidence.value.event);
        let key = records::packet(Direction::Out, peer.authority(), &named.id);
        let known_packet: Option<records::PacketRecord> = records::read(self.store.snapshot(), &key)?;
        if known_packet.is_none_or(|record| record.digest != named.digest) {
            return Err(misbehaved(peer, "evidence for a packet that was never sent"));
        }
        self.take_evidence(peer, &named, proven).await?;
        let record: records::PacketRecord = records::read(self.store.snapshot(), &key)?
            .ok_or_else(|| ExchangeError::Unknown(named.id.to_string()))?;
        let index = record.outcomes.iter().find(|o| o.by_peer && o.event == event as i32).map(|o| o.index);
        let index = index.ok_or_else(|| misbehaved(peer, "evidence that contradicts itself"))?;
        Ok(Answer::Committed(vec![index], self.store.checkpoint()))
    }

    /// Takes a peer's reply to something told.
    pub async fn take_told(
        &self,
        peer: &Arc<Peer>,
        told: &Entry,
        known: (u64, Digest),
        reply: wire::TellReply,
    ) -> Result<Taken, ExchangeError> {
        self.take_confirmed(peer, told, Some(known), reply).await
    }

    /// Takes the reply to something that was told, or (`known` is none) carried.
    pub(super) async fn take_confirmed(
        &self,
        peer: &Arc<Peer>,
        told: &Entry,
        known: Option<(u64, Digest)>,
        reply: wire::TellReply,
    ) -> Result<Taken, ExchangeError> {
        peer.they_named(reply.known_of_yours);
        let ack = match reply.reply {
            None => return Err(misbehaved(peer, "an empty answer")),
            Some(tell_reply::Reply::Deferral(envelope)) => {
                return self.take_deferral(peer, &envelope, told.leaf.id);
            }
            Some(tell_reply::Reply::Acknowledgement(ack)) => ack,
        };
        let proven = self.verify_answer(peer, ack, known)?;
        let [entry] = proven.entries.as_slice() else { return Err(misbehaved(peer, "not one entry")) };
        let base = Leaf {
            peer: Some(peer.authority().clone()),
            id: told.leaf.id,
            case_id: told.leaf.case_id,
            about: Some(told.index),
            // What a pairing or a rotation alone moved is cosigned with the next exchange.
            witnessed: proven.witnessed().filter(|_| told.leaf.kind != LeafKind::KeyStatement),
            ..Leaf::new(LeafKind::Confirmation)
        };
        let (note, receipt) = (proven.checkpoint.note.clone(), proven.receipts[0].clone());
        let place = proven.place(entry);
        let (leaf, objects) = if told.leaf.kind == LeafKind::StatusIssued {
            let status = SignedStatus::danger_unverified(told.object(0)?)?;
            let evidence =
                self.evidence_of(peer, entry.object(0)?, place).map_err(|error| not_opened(peer, error))?;
            let about_it = match &evidence.value.subject {
                Subject::Known(named) => *named == status.carried.value.named(status.digest),
                Subject::Unattributed(digest) => *digest == status.digest,
            };
            if !about_it {
                return Err(misbehaved(peer, "evidence about something else"));
            }
            let leaf = Leaf {
                kind: LeafKind::EvidenceReceived,
                code: evidence.value.event as u32,
                cause: evidence.value.cause as u32,
                object: u32::try_from(status.carried.value.seq).unwrap_or(u32::MAX),
                ..base
            };
            (leaf, vec![evidence.envelope, receipt, note])
        } else {
            let logged = match told.leaf.kind {
                LeafKind::PairingNotice => LeafKind::PairingNotice,
                LeafKind::KeyStatement => LeafKind::KeyStatement,
                _ => LeafKind::EvidenceReceived,
            };
            let confirmed =
                told.leaf.objects.first().is_some_and(|digest| entry.leaf.objects.first() == Some(digest))
                    && entry.leaf.kind == logged
                    && entry.leaf.peer.as_ref() == Some(self.identity.authority());
            if !confirmed {
                return Err(misbehaved(peer, "a confirmation of something else"));
            }
            (base, vec![receipt, note])
        };
        let (name, index, kind) = (peer.authority().clone(), told.index, told.leaf.kind);
        let verified = self.verified(peer);
        durable(self.store.commit(move |views, _| {
            verified.still(|chain| {
                Checkpoint::open(objects.last().map_or(&[][..], Vec::as_slice), chain)?;
                match leaf.kind {
                    LeafKind::Confirmation => Ok(()),
                    _ => Evidence::open(&objects[0], chain.authority(), chain, place).map(drop),
                }
                .map_err(LedgerError::from)
            })?;
            // Told twice, confirmed twice: the second says nothing new.
            let new = match kind {
                LeafKind::KeyStatement => pairing::peer(views, &name)?.acknowledged <= index,
                _ => views.get(&records::pending(&name, index))?.is_some(),
            };
            let entries = if new { vec![NewEntry { leaf, objects }] } else { Vec::new() };
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
        }))
        .await?;
        if kind == LeafKind::KeyStatement
            && let Some(held) = self.confirmed_by(peer.authority())?
        {
            self.identity.heard_at_least(peer.authority(), held);
        }
        Ok(Taken::Settled)
    }
}
