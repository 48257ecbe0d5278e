//! Accepting a packet: which of the outcomes it has, decided once and for ever.
//!
//! [`Exchange::admit`] looks at the header and either knows the answer already or hands out
//! a [`Receiving`] that takes the ciphertext; [`Exchange::accept`] decides and commits.

use super::content_keys::SealedFor;
use super::directory::Peer;
use super::receiving::Receiving;
use super::submit::named;
use super::{Answer, Exchange, ExchangeError, durable};
use crate::crypto::hash::Digest;
use crate::format::evidence::{Evidence, Finding, Subject};
use crate::format::id::AuthorityId;
use crate::format::leaf::Leaf;
use crate::format::packet::{SignedHeader, decode_key_box};
use crate::format::pairing::State;
use crate::format::wire::{Statistics, cause::Code as Cause, event::Code as Event, leaf::Kind as LeafKind};
use crate::format::{FormatError, Millis, limits};
use crate::ledger::pairing;
use crate::ledger::records::{self, CaseRecord, Direction, PacketRecord, Views};
use crate::store::content::{self, StoredContent};
use crate::store::{Committed, Decision, NewEntry};
use std::sync::Arc;

/// What is to be done with a packet whose header came.
pub enum Admission {
    /// The answer is known without its content.
    Answered(Answer),
    /// Its ciphertext is wanted.
    Wanted(Box<Receiving>),
}

/// The outcome of a packet, before it is committed.
enum Verdict {
    /// Accepted; its content is as it should be, or these things are wrong with it.
    Accepted { content: StoredContent, statistics: Statistics, findings: Vec<Finding> },
    /// Refused; the id is bound to that.
    Rejected { cause: Cause, findings: Vec<Finding> },
}

/// What the writer found when it came to the packet's place.
enum Found {
    Committed(Vec<u64>),
    Deferred(Cause, u64),
}

impl Exchange {
    /// Looks at a header that came over a connection of `via`.
    pub async fn admit(
        &self,
        via: &Peer,
        envelope: &[u8],
        key_box: &[u8],
    ) -> Result<Admission, ExchangeError> {
        let claimed = match SignedHeader::danger_unverified(envelope) {
            Ok(claimed) => claimed,
            Err(error) => return self.refuse_unattributed(via, envelope, &error).await,
        };
        let Ok(sender) = self.directory.peer(&claimed.header.sender) else {
            return self
                .refuse_unattributed(via, envelope, &FormatError::KeyNotValid("an authority not paired"))
                .await;
        };
        let own = self.identity.chain();
        let signed = match SignedHeader::open(envelope, &sender.towards(&own), self.now()) {
            Ok(signed) => signed,
            // The statement may still be on its way.
            Err(FormatError::KeyUnknown(_)) => {
                let subject = Subject::Unattributed(claimed.digest);
                return Ok(Admission::Answered(self.deferral(
                    via.authority(),
                    subject,
                    Cause::KeyUnknown,
                    0,
                )?));
            }
            Err(error) => return self.refuse_unattributed(via, envelope, &error).await,
        };
        if signed.header.recipient != *self.identity.authority() {
            return self.refuse(via, signed.digest, Cause::WrongRecipient).await;
        }
        self.admit_signed(&sender, signed, key_box).await
    }

    async fn admit_signed(
        &self,
        sender: &Arc<Peer>,
        signed: SignedHeader,
        key_box: &[u8],
    ) -> Result<Admission, ExchangeError> {
        let (header, now) = (&signed.header, self.now());
        tracing::Span::current().record("packet", tracing::field::display(&header.id));
        let snapshot = self.store.snapshot();
        let subject = Subject::Known(named(&signed));
        let deferred = |cause, wanted| {
            Ok(Admission::Answered(self.deferral(sender.authority(), subject.clone(), cause, wanted)?))
        };
        let key = records::packet(Direction::In, &header.sender, &header.id);
        match records::read::<PacketRecord>(snapshot, &key)? {
            Some(record) if record.digest == signed.digest => {
                let indices =
                    record.outcomes.iter().filter(|o| !o.by_peer).map(|o| o.index).take(2).collect();
                return Ok(Admission::Answered(Answer::Committed(indices, self.store.checkpoint())));
            }
            Some(_) => return self.refuse(sender, signed.digest, Cause::IdConflict).await,
            None => {}
        }
        match pairing::state_with(snapshot, &header.sender)? {
            State::Active => {}
            State::Suspended => return deferred(Cause::PairingSuspended, 0),
            State::Ended => return self.refuse(sender, signed.digest, Cause::PairingEnded).await,
        }
        if header.created > now + limits::CLOCK_LEAD {
            return deferred(Cause::ClockAhead, 0);
        }
        let rejection = if header.expires <= now {
            Some(Cause::Expired)
        } else if header.bytes() > self.taken.limits.packet_bytes
            || header.objects.len() > self.taken.limits.objects as usize
        {
            Some(Cause::TooLarge)
        } else if !self.taken.terms.takes_kind(header.kind) {
            Some(Cause::KindNotTaken)
        } else {
            None
        };
        if let Some(cause) = rejection {
            let verdict = Verdict::Rejected { cause, findings: Vec::new() };
            return Ok(Admission::Answered(self.decide(sender, signed, verdict).await?));
        }
        if let Err(error) = self.objects.check_room(header.bytes()) {
            tracing::error!(%error, "a packet is put off");
            return deferred(Cause::StorageFull, 0);
        }
        if let Err((cause, wanted)) = in_order(snapshot, &signed)? {
            return match cause {
                Cause::PredecessorMissing => deferred(cause, wanted),
                cause => self.refuse(sender, signed.digest, cause).await,
            };
        }
        let content_key = decode_key_box(key_box, &header.key_box_digest)
            .map_err(|_| Cause::KeyBoxInvalid)
            .and_then(|wrapped| {
                let id = header.id.bytes();
                let sealed = SealedFor { suite: signed.suite, key_id: header.content_key_id, id };
                self.content_keys.unwrap(&self.identity, sender, &sealed, &wrapped)
            });
        match content_key {
            Ok(key) => Ok(Admission::Wanted(Box::new(Receiving::new(sender.clone(), signed, key)))),
            Err(cause) => {
                let verdict = Verdict::Rejected { cause, findings: Vec::new() };
                Ok(Admission::Answered(self.decide(sender, signed, verdict).await?))
            }
        }
    }

    /// Decides about a packet whose ciphertext came.
    pub async fn accept(&self, receiving: Receiving) -> Result<Answer, ExchangeError> {
        if !receiving.is_complete() {
            let named = named(receiving.signed());
            let sender = named.sender.clone();
            return self.deferral(&sender, Subject::Known(named), Cause::ObjectsIncomplete, 0);
        }
        let sender = receiving.sender().clone();
        let (signed, opened) = receiving.finish(self)?;
        let verdict = Verdict::Accepted {
            content: opened.content,
            statistics: opened.statistics,
            findings: opened.findings,
        };
        self.decide(&sender, signed, verdict).await
    }

    /// Refuses a packet whose ciphertext is not what its header signed.
    pub async fn refuse_object(&self, receiving: Receiving, object: u32) -> Result<Answer, ExchangeError> {
        let finding = Finding { cause: Cause::ObjectInvalid, object: object + 1, ..Finding::default() };
        let verdict = Verdict::Rejected { cause: Cause::ObjectInvalid, findings: vec![finding] };
        let sender = receiving.sender().clone();
        self.decide(&sender, receiving.into_signed(), verdict).await
    }

    /// `sender` as it was when its signature was verified.
    async fn decide(
        &self,
        sender: &Peer,
        signed: SignedHeader,
        verdict: Verdict,
    ) -> Result<Answer, ExchangeError> {
        let (identity, us) = (self.identity.clone(), self.identity.authority().clone());
        let (verified, suite) = (self.verified(sender), self.suite_with(&sender.chain));
        let (named, id) = (named(&signed), signed.header.id);
        let subject = Subject::Known(named.clone());
        let committed: Result<Committed<Found>, ExchangeError> =
            durable(self.store.commit(move |views, now| {
                let record_key = records::packet(Direction::In, &signed.header.sender, &signed.header.id);
                if let Some(record) = records::read::<PacketRecord>(views, &record_key)? {
                    // It was decided while this one was on its way.
                    return match record.digest == signed.digest {
                        true => {
                            let indices =
                                record.outcomes.iter().filter(|o| !o.by_peer).map(|o| o.index).take(2);
                            Ok(Decision::nothing(Found::Committed(indices.collect())))
                        }
                        false => Ok(Decision::nothing(Found::Deferred(Cause::Busy, 0))),
                    };
                }
                // What was said of the pairing meanwhile; the next attempt meets the refusal.
                match pairing::state_with(views, &signed.header.sender)? {
                    State::Active => {}
                    State::Suspended => {
                        return Ok(Decision::nothing(Found::Deferred(Cause::PairingSuspended, 0)));
                    }
                    State::Ended => return Ok(Decision::nothing(Found::Deferred(Cause::Busy, 0))),
                }
                verified.still(|chain| SignedHeader::open(&signed.envelope, chain, now))?;
                // Rejections keep the order too: a place in the case that was left out would never
                // be filled, and every successor would wait for it.
                if let Err((cause, wanted)) = in_order(views, &signed)? {
                    let missing = cause == Cause::PredecessorMissing;
                    // Something took its place just now: the next attempt is refused for that.
                    return Ok(Decision::nothing(Found::Deferred(
                        if missing { cause } else { Cause::Busy },
                        wanted,
                    )));
                }
                // What expired while its ciphertext came in is refused as if all had come by then.
                let verdict = match verdict {
                    Verdict::Accepted { .. } if signed.header.expires <= now => {
                        Verdict::Rejected { cause: Cause::Expired, findings: Vec::new() }
                    }
                    verdict => verdict,
                };
                let key = identity.evidence_in(suite, now)?;
                let evidence = |event, cause, findings, at| {
                    Evidence {
                        event,
                        issuer: us.clone(),
                        subject: Subject::Known(named.clone()),
                        at,
                        cause,
                        findings,
                    }
                    .sign(&key)
                };
                entries(&signed, verdict, now, evidence)
            }))
            .await;
        let committed = match committed {
            Err(ExchangeError::Busy) => return self.deferral(sender.authority(), subject, Cause::Busy, 0),
            committed => committed?,
        };
        tracing::info!(packet = %id, entries = committed.count, "decided");
        match committed.value {
            Found::Deferred(cause, wanted) => self.deferral(sender.authority(), subject, cause, wanted),
            Found::Committed(indices) if indices.is_empty() => {
                let indices = (committed.first..committed.first + committed.count).collect();
                Ok(Answer::Committed(indices, committed.checkpoint))
            }
            Found::Committed(indices) => Ok(Answer::Committed(indices, committed.checkpoint)),
        }
    }

    /// Refuses bytes that can't be ascribed to their author.
    async fn refuse_unattributed(
        &self,
        via: &Peer,
        envelope: &[u8],
        error: &FormatError,
    ) -> Result<Admission, ExchangeError> {
        tracing::warn!(peer = %via.authority(), %error, "refused a packet");
        // The digest is that of the payload where there is one, else of what came.
        let digest = crate::format::envelope::Unverified::parse(
            crate::format::envelope::PayloadType::Packet,
            envelope,
        )
        .map_or_else(|_| crate::crypto::hash::sha256(envelope), |unverified| unverified.digest());
        self.refuse(via, digest, error.cause()).await
    }

    /// A signed refusal that binds no id.
    async fn refuse(&self, via: &Peer, digest: Digest, cause: Cause) -> Result<Admission, ExchangeError> {
        let answer = self.refuse_bytes(via.authority(), digest, cause).await?;
        Ok(Admission::Answered(answer))
    }

    /// Commits a refusal of bytes, named by their digest alone, as far as the peer may cause more.
    pub(super) async fn refuse_bytes(
        &self,
        via: &AuthorityId,
        digest: Digest,
        cause: Cause,
    ) -> Result<Answer, ExchangeError> {
        if !self.directory.restraint.allows(via, self.now()) {
            return self.deferral(via, Subject::Unattributed(digest), Cause::Busy, 0);
        }
        let (identity, suite, via) = (self.identity.clone(), self.suite_to(via)?, via.clone());
        let committed = durable(self.store.commit(move |_, now| {
            let subject = Subject::Unattributed(digest);
            let (event, issuer) = (Event::RelayRejection, identity.authority().clone());
            let evidence = Evidence { event, issuer, subject, at: now, cause, findings: Vec::new() };
            let evidence = evidence.sign(identity.evidence_in(suite, now)?)?;
            let leaf = Leaf {
                peer: Some(via),
                code: event as u32,
                cause: cause as u32,
                ..Leaf::new(LeafKind::EvidenceIssued)
            };
            let objects = vec![evidence.envelope];
            Ok::<_, ExchangeError>(Decision {
                entries: vec![NewEntry { leaf, objects }],
                contents: Vec::new(),
                value: (),
            })
        }))
        .await?;
        Ok(Answer::Committed(vec![committed.first], committed.checkpoint))
    }
}

/// Whether a packet follows what is known of its case. The same packet again is not asked here.
fn in_order(views: &dyn Views, signed: &SignedHeader) -> Result<Result<(), (Cause, u64)>, ExchangeError> {
    let header = &signed.header;
    let case: CaseRecord =
        records::read(views, &records::case(&header.case_id, &header.sender))?.unwrap_or_default();
    let head = &case.their_packets;
    Ok(if header.case_seq > head.count {
        Err((Cause::PredecessorMissing, head.count))
    } else {
        let follows =
            header.case_seq == 0 || header.case_prev.is_some_and(|prev| prev.as_slice() == head.digest);
        let conflict = (Cause::ChainConflict, 0);
        if header.case_seq == head.count && follows { Ok(()) } else { Err(conflict) }
    })
}

/// The entries of a verdict: one event a leaf, the header with the first.
fn entries<S>(
    signed: &SignedHeader,
    verdict: Verdict,
    now: Millis,
    sign: S,
) -> Result<Decision<Found>, ExchangeError>
where
    S: Fn(
        Event,
        Cause,
        Vec<Finding>,
        Millis,
    ) -> Result<crate::format::evidence::Carried<Evidence>, FormatError>,
{
    let header = &signed.header;
    let leaf = |event: Event, cause: Cause| Leaf {
        peer: Some(header.sender.clone()),
        id: Some(header.id),
        case_id: Some(header.case_id),
        code: event as u32,
        cause: cause as u32,
        ..Leaf::new(LeafKind::EvidenceIssued)
    };
    let first = |event, cause, findings| -> Result<NewEntry, ExchangeError> {
        let evidence = sign(event, cause, findings, now)?;
        Ok(NewEntry { leaf: leaf(event, cause), objects: vec![evidence.envelope, signed.envelope.clone()] })
    };
    match verdict {
        Verdict::Rejected { cause, findings } => Ok(Decision {
            entries: vec![first(Event::RelayRejection, cause, findings)?],
            contents: Vec::new(),
            value: Found::Committed(Vec::new()),
        }),
        Verdict::Accepted { content, statistics, findings } => {
            let (event, cause) = match findings.first() {
                None => (Event::ContentConsignment, Cause::None),
                Some(finding) => (Event::ContentConsignmentFailure, finding.cause),
            };
            let accepted = first(Event::RelayAcceptance, Cause::None, Vec::new())?;
            let consigned = sign(event, cause, findings, now)?;
            let leaf = Leaf { statistics: Some(statistics), ..leaf(event, cause) };
            Ok(Decision {
                entries: vec![accepted, NewEntry { leaf, objects: vec![consigned.envelope] }],
                contents: vec![(content::key(Direction::In, &header.sender, &header.id), content)],
                value: Found::Committed(Vec::new()),
            })
        }
    }
}
