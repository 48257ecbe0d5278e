//! Submitting: seal, sign, commit. What comes out is durable and on its way.

use super::actors::Actor;
use super::checking::{names, not_taken, unless_deficient};
use super::content_keys::Recipient;
use super::directory::Peer;
use super::notices::held_up;
use super::{Exchange, ExchangeError, durable};
use crate::crypto::hash::{Sha256, sha256};
use crate::crypto::object::{CHUNK, ContentKey, Sealed, Sealer, seal_all};
use crate::format::evidence::{Evidence, Named, Subject};
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::leaf::Leaf;
use crate::format::packet::{Header, SCHEMA, SignedHeader, encode_key_box};
use crate::format::wire::{
    Attachment, Request, cause::Code as Cause, event::Code as Event, kind::Code as Kind,
    leaf::Kind as LeafKind, status::Code as State, urgency::Code as Urgency,
};
use crate::format::{Millis, limits};
use crate::ledger::records::{self, CaseRecord, Direction, PacketRecord};
use crate::request::content::{filled_in, kind as kind_of, languages, named_packets, statistics};
use crate::request::rules::Deficiency;
use crate::store::content::{self, StoredObject};
use crate::store::objects::Incoming;
use crate::store::{Committed, Decision, NewEntry};
use std::sync::Arc;

/// What an officer wants to send, without its attachments.
pub struct Draft {
    /// Chosen by the caller, or fresh.
    pub id: Option<PacketId>,
    /// Whom it is for.
    pub recipient: AuthorityId,
    /// What it is; unspecified: the content says it.
    pub kind: Kind,
    /// How fast it is wanted.
    pub urgency: Urgency,
    /// After this the recipient refuses it.
    pub expires: Millis,
    /// A case that is there; none: a new one.
    pub case_id: Option<CaseId>,
    /// Packet that it answers.
    pub in_reply_to: Option<PacketId>,
    /// Rejected packet that it replaces.
    pub replaces: Option<PacketId>,
    /// The body; its attachments are filled in here.
    pub request: Request,
    /// Its bytes as its author's program wrote them: fields that are not known here go
    /// along. Empty: those of `request`.
    pub written: Vec<u8>,
    /// Who submits.
    pub actor: Actor,
    /// Who wrote it, where somebody else submits it.
    pub drafter: Option<Actor>,
}

/// A packet that is on its way: what the dispatcher needs to send it.
#[derive(Debug)]
pub struct Outgoing {
    /// The signed header.
    pub header: SignedHeader,
    /// The serialized key box.
    pub key_box: Vec<u8>,
    /// Ciphertext, in the header's order.
    pub objects: Vec<StoredObject>,
}

/// What was submitted, and what about it could have been better.
pub struct Submitted {
    /// The packet.
    pub committed: Committed<Arc<Outgoing>>,
    /// Warnings and advice.
    pub deficiencies: Vec<Deficiency>,
}

impl Outgoing {
    /// A packet of which there is nothing but the header. It is for asking after its expiry: the
    /// recipient says again what it said, or that it is too late. Before that it would bind the id
    /// to a refusal for want of a key box.
    pub fn header_alone(header: SignedHeader) -> Self {
        Self { header, key_box: Vec::new(), objects: Vec::new() }
    }
}

/// A submission under way.
pub struct Submission {
    draft: Draft,
    peer: Arc<Peer>,
    id: PacketId,
    key: ContentKey,
    attachments: Vec<(Sealed, StoredObject)>,
    open: Option<OpenAttachment>,
    inline: u64,
}

/// An attachment whose data still comes.
struct OpenAttachment {
    described: Attachment,
    sealer: Sealer,
    digest: Sha256,
    buffer: Vec<u8>,
    size: u64,
    file: Incoming,
}

impl Exchange {
    /// Begins a submission.
    pub fn begin_submission(&self, mut draft: Draft) -> Result<Submission, ExchangeError> {
        let peer = self.directory.peer(&draft.recipient)?;
        self.objects.check_room(0)?;
        held_up(self.store.snapshot(), &draft.recipient)?;
        if let Some(case_id) = &draft.case_id {
            self.goes_on(&draft.recipient, case_id)?;
            self.is_open(&draft.recipient, case_id)?;
        }
        let kind = kind_of(&draft.request)
            .ok_or_else(|| ExchangeError::Invalid("the request has no content: which kind is it?".into()))?;
        if draft.kind != Kind::Unspecified && draft.kind != kind {
            let (said, is) = (draft.kind.as_str_name(), kind.as_str_name());
            return Err(ExchangeError::Invalid(format!("the kind is {said}, but the content is of {is}")));
        }
        if !peer.taken.terms.takes_kind(kind) {
            return Err(not_taken(
                &peer,
                "requests of these kinds",
                names(&peer.taken.terms),
                kind.as_str_name(),
            ));
        }
        let named = named_packets(&draft.request);
        if let Some(odd) = named.into_iter().find(|id| PacketId::from_bytes(id).is_err()) {
            return Err(ExchangeError::Invalid(format!("{} is no packet id", hex::encode(odd))));
        }
        draft.kind = kind;
        draft.request.schema = SCHEMA;
        draft.request.attachments.clear();
        self.check_beginning(&draft.request, draft.urgency, &draft.recipient)?;
        let now = self.now();
        if draft.expires <= now || draft.expires - now > limits::LIFETIME {
            return Err(ExchangeError::Invalid("expires must lie ahead, by two years at most".into()));
        }
        let id = match draft.id {
            Some(id) => id,
            None => PacketId::fresh(now, &*self.entropy)?,
        };
        let key = ContentKey::fresh(&*self.entropy)?;
        Ok(Submission { draft, peer, id, key, attachments: Vec::new(), open: None, inline: 0 })
    }

    /// Closing is the last word in a case: what follows is a packet of another, linked to it.
    fn is_open(&self, peer: &AuthorityId, case_id: &CaseId) -> Result<(), ExchangeError> {
        let case: Option<CaseRecord> = records::read(self.store.snapshot(), &records::case(case_id, peer))?;
        match case {
            Some(case) if self.case_state(peer, case_id, &case)? == State::Closed => {
                Err(ExchangeError::Precluded(format!(
                    "case {case_id} is closed: a follow-up is a new case that names the packet it follows (send --follows)"
                )))
            }
            _ => Ok(()),
        }
    }

    /// The header of a packet that was submitted, as it was signed last.
    pub fn submitted(&self, peer: &AuthorityId, id: &PacketId) -> Result<SignedHeader, ExchangeError> {
        let snapshot = self.store.snapshot();
        let record: PacketRecord = records::read(snapshot, &records::packet(Direction::Out, peer, id))?
            .ok_or_else(|| ExchangeError::Unknown(format!("packet {id}")))?;
        let (index, object) = record.resigned.checked_sub(1).map_or((record.index, 1), |index| (index, 0));
        Ok(SignedHeader::danger_unverified(snapshot.entry(index)?.object(object)?)?)
    }

    /// Reads a submitted packet back, to send it again. None where only its evidence is here: the
    /// content did not come back with a restore.
    pub fn outgoing(&self, header: &SignedHeader) -> Result<Option<Outgoing>, ExchangeError> {
        let Header { recipient, id, .. } = &header.header;
        let found = self.boxed(&content::key(Direction::Out, recipient, id), id.bytes())?;
        Ok(found.map(|(stored, key_box)| Outgoing {
            header: header.clone(),
            key_box,
            objects: stored.objects,
        }))
    }
}

impl Submission {
    /// Adds an attachment that lies in memory.
    pub fn attach(
        &mut self,
        exchange: &Exchange,
        described: Attachment,
        data: &[u8],
    ) -> Result<(), ExchangeError> {
        if self.inline + data.len() as u64 > limits::INLINE / 2 {
            self.begin_attachment(exchange, described)?;
            self.attachment_data(data)?;
            return self.end_attachment();
        }
        let key = self.key.object_key(self.id.bytes(), self.next_number()?);
        let (ciphertext, sealed) = seal_all(&key, data)?;
        self.inline += sealed.ciphertext_length;
        self.draft.request.attachments.push(Attachment {
            size: data.len() as u64,
            sha256: sha256(data).to_vec(),
            ..described
        });
        self.attachments.push((sealed, StoredObject { inline: ciphertext, in_file: false }));
        Ok(())
    }

    /// Begins an attachment whose data comes in pieces.
    pub fn begin_attachment(
        &mut self,
        exchange: &Exchange,
        described: Attachment,
    ) -> Result<(), ExchangeError> {
        let key = self.key.object_key(self.id.bytes(), self.next_number()?);
        self.open = Some(OpenAttachment {
            described,
            sealer: Sealer::new(&key),
            digest: Sha256::default(),
            buffer: Vec::with_capacity(CHUNK),
            size: 0,
            file: exchange.objects.incoming()?,
        });
        Ok(())
    }

    /// Takes the next data of the attachment that was begun.
    pub fn attachment_data(&mut self, mut data: &[u8]) -> Result<(), ExchangeError> {
        let limit = self.peer.taken.limits.packet_bytes;
        let open =
            self.open.as_mut().ok_or_else(|| ExchangeError::Invalid("no attachment was begun".into()))?;
        open.size += data.len() as u64;
        if open.size > limit {
            return Err(ExchangeError::Invalid(format!(
                "{} takes {limit} bytes at most",
                self.peer.authority()
            )));
        }
        open.digest.update(data);
        while !data.is_empty() {
            // A full buffer is sealed only when more comes: the last chunk is sealed as last.
            if open.buffer.len() == CHUNK {
                open.seal(false)?;
            }
            let (head, tail) = data.split_at(data.len().min(CHUNK - open.buffer.len()));
            open.buffer.extend_from_slice(head);
            data = tail;
        }
        Ok(())
    }

    /// Ends the attachment that was begun; its file is durable after this.
    pub fn end_attachment(&mut self) -> Result<(), ExchangeError> {
        let mut open =
            self.open.take().ok_or_else(|| ExchangeError::Invalid("no attachment was begun".into()))?;
        open.seal(true)?;
        let sealed = open.sealer.finish()?;
        open.file.place(&sealed.chunk_root)?;
        self.draft.request.attachments.push(Attachment {
            size: open.size,
            sha256: open.digest.finish().to_vec(),
            ..open.described
        });
        self.attachments.push((sealed, StoredObject { inline: Vec::new(), in_file: true }));
        Ok(())
    }

    /// Seals the body, and commits everything.
    pub async fn commit(self, exchange: &Exchange) -> Result<Submitted, ExchangeError> {
        if self.open.is_some() {
            return Err(ExchangeError::Invalid("an attachment was not ended".into()));
        }
        let Self { draft, peer, id, key, attachments, .. } = self;
        let terms = &peer.taken.terms;
        let languages = languages(&draft.request);
        if !terms.takes_one_of(&languages) {
            let (taken, named) = (terms.languages.join(", "), languages.join(", "));
            return Err(not_taken(
                &peer,
                "one of these languages, in the request or an attachment",
                taken,
                &named,
            ));
        }
        let suite = exchange.suite_with(&peer.chain);
        if !terms.takes_suite(suite.number()) {
            let taken = terms.suites.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
            return Err(not_taken(&peer, "these suites", taken, &suite.number().to_string()));
        }
        let (found, _) = exchange.check_request(&draft.request, draft.urgency, Some(&draft.recipient))?;
        let deficiencies = unless_deficient(found)?;
        let statistics = statistics(&draft.request);
        let body = filled_in(&draft.request, &draft.written)?;
        if body.len() as u64 > limits::BODY {
            return Err(ExchangeError::Invalid(format!("the request is longer than {} bytes", limits::BODY)));
        }
        let (ciphertext, sealed) = seal_all(&key.object_key(id.bytes(), 0), &body)?;
        let mut objects = vec![sealed];
        let mut stored = vec![StoredObject { inline: ciphertext, in_file: false }];
        for (sealed, object) in attachments {
            objects.push(sealed);
            stored.push(object);
        }
        let total: u64 = objects.iter().map(|object| object.ciphertext_length).sum();
        let most = peer.taken.limits;
        if total > most.packet_bytes || objects.len() > most.objects as usize {
            return Err(ExchangeError::Invalid(format!(
                "{} takes {} bytes in {} objects at most; this is {total} in {}",
                peer.authority(),
                most.packet_bytes,
                most.objects,
                objects.len()
            )));
        }
        let (identity, entropy, now) = (&exchange.identity, &*exchange.entropy, exchange.now());
        let to = Recipient { peer: &peer, suite };
        let (wrapped, content_key_id) =
            exchange.content_keys.wrap(identity, to, id.bytes(), &key, now, entropy)?;
        let key_box = encode_key_box(&wrapped);
        let content = exchange.at_rest(id.bytes(), &key, Some(&key_box), stored.clone())?;
        let case_id = match draft.case_id {
            Some(case_id) => case_id,
            None => CaseId::fresh(now, entropy)?,
        };
        let header = Header {
            sender: identity.authority().clone(),
            recipient: draft.recipient,
            id,
            case_id,
            case_seq: 0,
            case_prev: None,
            kind: draft.kind,
            urgency: draft.urgency,
            created: now,
            expires: draft.expires,
            schema: SCHEMA,
            in_reply_to: draft.in_reply_to,
            replaces: draft.replaces,
            objects,
            key_box_digest: sha256(&key_box),
            content_key_id,
        };
        let identity = identity.clone();
        let (known_case, actor, drafter) = (draft.case_id.is_some(), draft.actor, draft.drafter);
        let committed = durable(exchange.store.commit(move |views, now| {
            let mut header = header;
            let peer = header.recipient.clone();
            held_up(views, &peer)?;
            if views.get(&records::packet(Direction::Out, &peer, &id))?.is_some() {
                return Err(ExchangeError::Exists(format!("packet {id}")));
            }
            let case: Option<CaseRecord> = records::read(views, &records::case(&case_id, &peer))?;
            if case.is_none() && known_case {
                return Err(ExchangeError::Unknown(format!("case {case_id} with {peer}")));
            }
            if let Some(head) = case.map(|case| case.our_packets).filter(|head| head.count > 0) {
                header.case_seq = head.count;
                header.case_prev = Some(super::recorded_digest(&head.digest)?);
            }
            let header = header.sign(identity.packet_in(suite, now)?)?;
            let evidence = Evidence {
                event: Event::SubmissionAcceptance,
                issuer: header.header.sender.clone(),
                subject: Subject::Known(named(&header)),
                at: now,
                cause: Cause::None,
                findings: Vec::new(),
            }
            .sign(identity.evidence_in(suite, now)?)?;
            let leaf = Leaf {
                actor: Some(actor),
                drafter,
                peer: Some(peer),
                id: Some(id),
                case_id: Some(case_id),
                statistics: Some(statistics),
                code: Event::SubmissionAcceptance as u32,
                ..Leaf::new(LeafKind::EvidenceIssued)
            };
            let entries = vec![NewEntry { leaf, objects: vec![evidence.envelope, header.envelope.clone()] }];
            let contents = vec![(content::key(Direction::Out, &header.header.recipient, &id), content)];
            let outgoing = Outgoing { header, key_box, objects: stored };
            Ok(Decision { entries, contents, value: Arc::new(outgoing) })
        }))
        .await?;
        Ok(Submitted { committed, deficiencies })
    }

    /// Object number of the next attachment.
    fn next_number(&self) -> Result<u32, ExchangeError> {
        let number = self.attachments.len() + 1;
        if self.open.is_some() || number >= limits::OBJECTS {
            return Err(ExchangeError::Invalid(format!("{} attachments at most", limits::OBJECTS - 1)));
        }
        Ok(number as u32)
    }
}

impl OpenAttachment {
    fn seal(&mut self, last: bool) -> Result<(), ExchangeError> {
        self.sealer.seal(&mut self.buffer, last)?;
        self.file.write(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

/// A packet as evidence names it.
pub fn named(signed: &SignedHeader) -> Named {
    Named {
        is_status: false,
        sender: signed.header.sender.clone(),
        recipient: signed.header.recipient.clone(),
        id: signed.header.id,
        digest: signed.digest,
        case_id: signed.header.case_id,
    }
}
