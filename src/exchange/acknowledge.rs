//! Taking a peer's answer: verified first, then committed, then believed.

use super::directory::Peer;
use super::submit::named;
use super::{Exchange, ExchangeError, durable};
use crate::crypto::hash::{Digest, sha256};
use crate::format::chain::standing::Place;
use crate::format::envelope::{PayloadType, Unverified};
use crate::format::evidence::{Carried, Deferral, Evidence, Named, Subject};
use crate::format::id::PacketId;
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use crate::format::wire::{
    self, cause::Code as Cause, deliver_reply, event::Code as Event, leaf::Kind as LeafKind,
};
use crate::format::{FormatError, Millis};
use crate::ledger::LedgerError;
use crate::ledger::acknowledgement::{self, Proven};
use crate::ledger::alarm;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::records::{self, Direction, PacketRecord};
use crate::store::{Decision, NewEntry};
use std::sync::Arc;

/// What a peer's answer came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Evidence ended the question; nothing waits any more.
    Settled,
    /// Accepted, and more evidence is still to come.
    Underway,
    /// Not now.
    Deferred {
        /// Why.
        cause: Cause,
        /// Wait at least, milliseconds.
        retry_after: Millis,
    },
}

impl Exchange {
    /// Takes the answer to a delivered packet. `known` is what the call said that we had
    /// verified of the peer's log.
    pub async fn take_delivery(
        &self,
        peer: &Arc<Peer>,
        header: &SignedHeader,
        known: (u64, Digest),
        reply: wire::DeliverReply,
    ) -> Result<Taken, ExchangeError> {
        self.take_delivered(peer, header, Some(known), reply).await
    }

    /// Takes the answer to a packet that was delivered, or (`known` is none) carried.
    pub(super) async fn take_delivered(
        &self,
        peer: &Arc<Peer>,
        header: &SignedHeader,
        known: Option<(u64, Digest)>,
        reply: wire::DeliverReply,
    ) -> Result<Taken, ExchangeError> {
        let named = named(header);
        peer.they_named(reply.known_of_yours);
        match reply.reply {
            None => Err(misbehaved(peer, "an empty answer")),
            Some(deliver_reply::Reply::Deferral(envelope)) => {
                self.take_deferral(peer, &envelope, Some(named.id))
            }
            Some(deliver_reply::Reply::Acknowledgement(ack)) => {
                let proven = self.verify_answer(peer, ack, known)?;
                if self.refused_for_its_key(peer, header, &proven)? {
                    let (cause, retry_after) = (Cause::KeyNotValid, 0);
                    return Ok(Taken::Deferred { cause, retry_after });
                }
                self.take_evidence(peer, &named, proven).await
            }
        }
    }

    /// Verifies a deferral.
    pub fn take_deferral(
        &self,
        peer: &Peer,
        envelope: &[u8],
        about: Option<PacketId>,
    ) -> Result<Taken, ExchangeError> {
        let deferral = Deferral::open(envelope, peer.authority(), &peer.towards(&self.identity.chain()))
            .map_err(|error| not_opened(peer, error))?;
        if let Subject::Known(named) = &deferral.subject
            && Some(named.id) != about
        {
            return Err(misbehaved(peer, "a deferral of something else"));
        }
        Ok(Taken::Deferred { cause: deferral.cause, retry_after: deferral.retry_after })
    }

    /// Verifies the proofs of an answer to a call that named `known`, and takes note of the
    /// peer's greater tree.
    pub fn verify_acknowledgement(
        &self,
        peer: &Peer,
        ack: wire::Acknowledgement,
        known: (u64, Digest),
    ) -> Result<Proven, ExchangeError> {
        let checkpoint = self.notes.open(&ack.checkpoint, peer, self.now())?;
        let proven = acknowledgement::verify(ack, checkpoint.clone(), known);
        // What does not verify was seen all the same: it is linked, or it is an alarm.
        let agrees = peer.saw(&checkpoint, proven.is_ok().then_some(known));
        let proven = proven.map_err(|error| misbehaved(peer, &error.to_string()))?;
        agrees.then_some(proven).ok_or_else(|| misbehaved(peer, "two trees of one size"))
    }

    /// The same for what a peer tells unasked: it proves from a tree that it believes us to
    /// have verified, and where it does not know of one, the tree stays unlinked.
    pub(super) fn verify_told(
        &self,
        peer: &Peer,
        ack: wire::Acknowledgement,
    ) -> Result<Proven, ExchangeError> {
        match peer.verified_at(ack.from_size) {
            Some(root) if ack.from_size > 0 => {
                let known = (ack.from_size, root);
                self.verify_acknowledgement(peer, ack, known)
            }
            _ => {
                let checkpoint = self.notes.open(&ack.checkpoint, peer, self.now())?;
                // Every tree extends the empty one.
                let first = ack.from_size == 0 && peer.verified().0 == 0;
                let linked = first || peer.verified_at(checkpoint.size) == Some(checkpoint.root);
                if !peer.saw(&checkpoint, first.then(|| peer.verified())) {
                    return Err(misbehaved(peer, "two trees of one size"));
                }
                let proven = acknowledgement::verify_unlinked(ack, checkpoint)
                    .map_err(|error| misbehaved(peer, &error.to_string()))?;
                Ok(Proven { linked, ..proven })
            }
        }
    }

    /// An answer to a call, or one that was carried: by then another tree may be the last one
    /// verified, so it is like something told.
    pub(super) fn verify_answer(
        &self,
        peer: &Peer,
        ack: wire::Acknowledgement,
        known: Option<(u64, Digest)>,
    ) -> Result<Proven, ExchangeError> {
        match known {
            Some(known) => self.verify_acknowledgement(peer, ack, known),
            None => self.verify_told(peer, ack),
        }
    }

    /// Commits what a peer stated about a packet of ours, as far as it is new.
    pub(super) async fn take_evidence(
        &self,
        peer: &Arc<Peer>,
        named: &Named,
        proven: Proven,
    ) -> Result<Taken, ExchangeError> {
        let mut evidence = Vec::with_capacity(proven.entries.len());
        let witnessed = proven.witnessed();
        for (entry, receipt) in proven.entries.iter().zip(&proven.receipts) {
            let place = proven.place(entry);
            evidence.push((
                self.check_evidence(peer, named, entry.object(0)?, place)?,
                place,
                receipt.clone(),
            ));
        }
        let (checkpoint, named) = (proven.checkpoint, named.clone());
        let verified = self.verified(peer);
        let restraint = self.directory.restraint.clone();
        let committed = durable(self.store.commit(move |views, now| {
            let key = records::packet(Direction::Out, &named.recipient, &named.id);
            let record: PacketRecord = records::read(views, &key)?
                .ok_or_else(|| ExchangeError::Unknown(format!("packet {}", named.id)))?;
            let mut settled = record.is_settled();
            let mut entries = Vec::new();
            let theirs = record.outcomes.iter().filter(|known| known.by_peer);
            let mut stands: Vec<Event> = theirs.filter_map(|known| known.event.try_into().ok()).collect();
            for (carried, place, receipt) in evidence {
                let event = carried.value.event;
                if stands.contains(&event) {
                    continue;
                }
                // The first word stands: a ledger that held both would not be sound.
                if let Some(before) = excluded_by(&stands, event) {
                    let (before, event) = (before.as_str_name(), event.as_str_name());
                    tracing::error!(peer = %named.recipient, packet = %named.id, before, event, "the peer's evidence contradicts what it had stated");
                    continue;
                }
                let contradicts = event == Event::RelayRejection && stands.contains(&Event::RelayAcceptance);
                if !contradicts {
                    stands.push(event);
                }
                let kind = if contradicts { LeafKind::Alarm } else { LeafKind::EvidenceReceived };
                if contradicts {
                    let about = alarm::contradicted(event as u32, &carried.envelope, now)?;
                    if views.get(&records::alarm(&named.recipient, event as u32, &about))?.is_some() {
                        continue;
                    }
                    // It can be said in any number of ways.
                    if !restraint.allows(&named.recipient, now) {
                        continue;
                    }
                    tracing::error!(peer = %named.recipient, packet = %named.id, "ALARM: the peer rejects what it had accepted");
                }
                verified.still(|chain| {
                    Checkpoint::open(&checkpoint.note, chain)?;
                    Evidence::open(&carried.envelope, chain.authority(), chain, place)
                        .map_err(LedgerError::from)
                })?;
                settled |= event.is_terminal();
                let leaf = Leaf {
                    peer: Some(named.recipient.clone()),
                    id: Some(named.id),
                    case_id: Some(named.case_id),
                    about: Some(record.index),
                    code: event as u32,
                    cause: carried.value.cause as u32,
                    witnessed,
                    ..Leaf::new(kind)
                };
                let objects = vec![carried.envelope, receipt, checkpoint.note.clone()];
                entries.push(NewEntry { leaf, objects });
            }
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: settled })
        }))
        .await?;
        Ok(if committed.value { Taken::Settled } else { Taken::Underway })
    }

    /// Opens evidence that a peer signed for us, and that was found at `place`.
    pub(super) fn evidence_of(
        &self,
        peer: &Peer,
        envelope: &[u8],
        place: Place,
    ) -> Result<Carried<Evidence>, FormatError> {
        Evidence::open(envelope, peer.authority(), &peer.towards(&self.identity.chain()), place)
    }

    /// Evidence by the peer, about this packet, of an event that is the peer's to state.
    fn check_evidence(
        &self,
        peer: &Peer,
        named: &Named,
        envelope: &[u8],
        place: Place,
    ) -> Result<Carried<Evidence>, ExchangeError> {
        let carried = self.evidence_of(peer, envelope, place).map_err(|error| not_opened(peer, error))?;
        let about_it = match &carried.value.subject {
            Subject::Known(subject) => subject == named,
            Subject::Unattributed(digest) => {
                *digest == named.digest && carried.value.event == Event::RelayRejection
            }
        };
        let theirs = matches!(
            carried.value.event,
            Event::RelayAcceptance
                | Event::RelayRejection
                | Event::ContentConsignment
                | Event::ContentConsignmentFailure
                | Event::ContentHandover
                | Event::ContentHandoverFailure
        );
        match about_it && theirs {
            true => Ok(carried),
            false => Err(misbehaved(peer, "evidence about something else")),
        }
    }

    /// Records that nobody answered before the packet expired: outcome unknown.
    pub async fn give_up(&self, header: &SignedHeader) -> Result<(), ExchangeError> {
        let identity = self.identity.clone();
        let named = named(header);
        let suite = self.suite_to(&named.recipient)?;
        durable(self.store.commit(move |views, now| {
            let record_key = records::packet(Direction::Out, &named.recipient, &named.id);
            let record: PacketRecord = records::read(views, &record_key)?.unwrap_or_default();
            if record.is_settled() || record.outcome(Event::RelayFailure).is_some() {
                return Ok(Decision::nothing(()));
            }
            let (event, cause) = (Event::RelayFailure, Cause::NoAnswer);
            let leaf = Leaf {
                peer: Some(named.recipient.clone()),
                id: Some(named.id),
                case_id: Some(named.case_id),
                code: event as u32,
                cause: cause as u32,
                ..Leaf::new(LeafKind::EvidenceIssued)
            };
            let (issuer, subject) = (identity.authority().clone(), Subject::Known(named));
            let evidence = Evidence { event, issuer, subject, at: now, cause, findings: Vec::new() };
            let evidence = evidence.sign(identity.evidence_in(suite, now)?)?;
            let entries = vec![NewEntry { leaf, objects: vec![evidence.envelope] }];
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
        }))
        .await?;
        Ok(())
    }
}

/// What a peer stated about a packet before, beside which this can't stand. That it rejects what it
/// had accepted is an alarm, with both.
fn excluded_by(stands: &[Event], event: Event) -> Option<Event> {
    use Event::{
        ContentConsignment, ContentConsignmentFailure, ContentHandover, ContentHandoverFailure,
        RelayAcceptance, RelayRejection,
    };
    let excluding: &[Event] = match event {
        RelayRejection if stands.contains(&RelayAcceptance) => &[],
        RelayRejection => {
            &[ContentConsignment, ContentConsignmentFailure, ContentHandover, ContentHandoverFailure]
        }
        ContentConsignment => &[RelayRejection, ContentConsignmentFailure],
        ContentConsignmentFailure => &[RelayRejection, ContentConsignment],
        _ => &[RelayRejection],
    };
    excluding.iter().copied().find(|before| stands.contains(before))
}

pub(super) fn misbehaved(peer: &Peer, fault: &str) -> ExchangeError {
    ExchangeError::PeerMisbehaved { peer: peer.authority().clone(), fault: fault.to_owned() }
}

/// What a peer signed does not open. Under a key that is not known, it is no fault of the
/// peer's yet: its statement may be on its way.
pub(super) fn not_opened(peer: &Peer, error: FormatError) -> ExchangeError {
    match error {
        FormatError::KeyUnknown(key) => ExchangeError::KeyUnknown { peer: peer.authority().clone(), key },
        error => misbehaved(peer, &error.to_string()),
    }
}

/// SHA-256 of the payload that an acknowledgement tells of: what a deferral of it names.
pub(super) fn told_digest(kind: PayloadType, ack: &wire::Acknowledgement) -> Digest {
    let envelope = ack.entries.first().and_then(|entry| entry.objects.first());
    let envelope = envelope.map(Vec::as_slice).unwrap_or_default();
    match Unverified::parse(kind, envelope) {
        Ok(unverified) => unverified.digest(),
        Err(_) => sha256(envelope),
    }
}
