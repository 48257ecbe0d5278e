//! Statuses: issuing ours, accepting the peer's, each side in a chain of its own.

use super::acknowledge::{misbehaved, told_digest};
use super::actors::Actor;
use super::checking;
use super::content_keys::{Recipient, SealedFor};
use super::directory::Peer;
use super::notices::over;
use super::{Answer, Exchange, ExchangeError, durable};
use crate::crypto::hash::{Digest, sha256};
use crate::crypto::object::{ContentKey, open_all, seal_all};
use crate::format::envelope::PayloadType;
use crate::format::evidence::{Evidence, Subject};
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::leaf::Leaf;
use crate::format::packet::{decode_key_box, encode_key_box};
use crate::format::pairing::State;
use crate::format::sequence::{Side, may_follow};
use crate::format::status::{SealedText, SignedStatus, Status};
use crate::format::wire::{
    self, StatusText, cause::Code as Cause, event::Code as Event, leaf::Kind as LeafKind, status::Code,
    status::Ground,
};
use crate::format::{FormatError, Millis, limits};
use crate::ledger::LedgerError;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::pairing;
use crate::ledger::records::{self, CaseRecord, Direction, Head, StatusRecord, Views};
use crate::request::case::{Saying, may_say};
use crate::request::rules::Deficiency;
use crate::store::content::{self, StoredContent, StoredObject};
use crate::store::{Committed, Decision, NewEntry};
use prost::Message as _;
use std::sync::Arc;

/// What an officer decided.
pub struct Decided {
    /// The case's other side.
    pub peer: AuthorityId,
    /// The case.
    pub case_id: CaseId,
    /// Packet that it is about.
    pub packet_id: PacketId,
    /// What.
    pub code: Code,
    /// Ground of a refusal.
    pub ground: Ground,
    /// Sealed text.
    pub text: Option<StatusText>,
    /// Reply that goes with it.
    pub reply_id: Option<PacketId>,
    /// When a postponed request will be looked at again.
    pub review_at: Millis,
    /// Who decided.
    pub actor: Actor,
}

/// A status that was issued.
pub struct Issued {
    /// Its id.
    pub id: PacketId,
    /// Its place in our chain of the case.
    pub seq: u64,
}

/// Ciphertext and keys of a status's text.
struct SealedParts {
    text: SealedText,
    content: StoredContent,
}

impl Exchange {
    /// Issues a status: durable, and on its way.
    pub async fn issue_status(&self, decided: Decided) -> Result<Committed<Issued>, ExchangeError> {
        let peer = self.directory.peer(&decided.peer)?;
        self.goes_on(&decided.peer, &decided.case_id)?;
        let asked = (Direction::In, &decided.peer, &decided.packet_id);
        if let Some(deficiency) = self.no_ground(asked, decided.ground)? {
            return Err(ExchangeError::NoGround(deficiency));
        }
        let id = PacketId::fresh(self.now(), &*self.entropy)?;
        let suite = self.suite_with(&peer.chain);
        let sealed = match &decided.text {
            Some(text) => Some(self.seal_text(Recipient { peer: &peer, suite }, &id, text)?),
            None => None,
        };
        let (us, identity) = (self.identity.authority().clone(), self.identity.clone());
        durable(self.store.commit(move |views, now| {
            let (peer, case_id) = (decided.peer, decided.case_id);
            over(views, &peer)?;
            let to = peer.clone();
            let case: CaseRecord = records::read(views, &records::case(&case_id, &peer))?
                .ok_or_else(|| ExchangeError::Unknown(format!("case {case_id} with {peer}")))?;
            let own = codes(views, Direction::Out, &peer, &case_id, case.our_statuses.count)?;
            let others = codes(views, Direction::In, &peer, &case_id, case.their_statuses.count)?;
            let side = if case.opened_by_us { Side::Requesting } else { Side::Requested };
            let Decided { code, ground, review_at, .. } = decided;
            may_say(side, &own, &others, &Saying { code, ground, review_at }, now)
                .map_err(|unsayable| ExchangeError::Invalid(unsayable.to_string()))?;
            let status = Status {
                author: us,
                peer: peer.clone(),
                id,
                case_id,
                seq: case.our_statuses.count,
                prev: head_digest(&case.our_statuses)?,
                seen: (case.their_statuses.count, head_digest(&case.their_statuses)?),
                created: now,
                code: decided.code,
                ground: decided.ground,
                packet_id: decided.packet_id,
                reply_id: decided.reply_id,
                review_at: decided.review_at,
                text: sealed.as_ref().map(|parts| parts.text.clone()),
            };
            let seq = status.seq;
            let signed = status.sign(identity.evidence_in(suite, now)?)?;
            let leaf = Leaf {
                actor: Some(decided.actor),
                peer: Some(peer),
                id: Some(id),
                case_id: Some(case_id),
                code: decided.code as u32,
                ..Leaf::new(LeafKind::StatusIssued)
            };
            let contents = sealed
                .map(|parts| (content::key(Direction::Out, &to, &id), parts.content))
                .into_iter()
                .collect();
            let entries = vec![NewEntry { leaf, objects: vec![signed.carried.envelope] }];
            Ok(Decision { entries, contents, value: Issued { id, seq } })
        }))
        .await
    }

    fn seal_text(
        &self,
        to: Recipient<'_>,
        id: &PacketId,
        text: &StatusText,
    ) -> Result<SealedParts, ExchangeError> {
        let (entropy, now) = (&*self.entropy, self.now());
        let plain = text.encode_to_vec();
        if plain.len() as u64 > limits::STATUS_TEXT {
            return Err(ExchangeError::Invalid(format!(
                "the text is longer than {} bytes",
                limits::STATUS_TEXT
            )));
        }
        let key = ContentKey::fresh(entropy)?;
        let (ciphertext, object) = seal_all(&key.object_key(id.bytes(), 0), &plain)?;
        let (wrapped, content_key_id) =
            self.content_keys.wrap(&self.identity, to, id.bytes(), &key, now, entropy)?;
        let key_box = encode_key_box(&wrapped);
        let objects = vec![StoredObject { inline: ciphertext, in_file: false }];
        let content = self.at_rest(id.bytes(), &key, Some(&key_box), objects)?;
        Ok(SealedParts {
            text: SealedText { object, key_box_digest: sha256(&key_box), content_key_id },
            content,
        })
    }

    /// Takes a status that a peer told us.
    pub async fn accept_status(
        &self,
        peer: &Arc<Peer>,
        told: wire::ToldStatus,
    ) -> Result<Answer, ExchangeError> {
        let ack = told.acknowledgement.ok_or_else(|| misbehaved(peer, "a status without its proof"))?;
        let digest = told_digest(PayloadType::Status, &ack);
        let proven = match self.verify_told(peer, ack) {
            Err(ExchangeError::KeyUnknown { .. }) => {
                return self.deferral(peer.authority(), Subject::Unattributed(digest), Cause::KeyUnknown, 0);
            }
            proven => proven?,
        };
        let witnessed = proven.witnessed();
        let [entry] = proven.entries.as_slice() else { return Err(misbehaved(peer, "not one status")) };
        let envelope = entry.object(0)?.to_vec();
        let at = proven.place(entry);
        let signed = match SignedStatus::open(&envelope, &peer.towards(&self.identity.chain()), at) {
            Ok(signed) => signed,
            Err(FormatError::KeyUnknown(_)) => {
                return self.deferral(peer.authority(), Subject::Unattributed(digest), Cause::KeyUnknown, 0);
            }
            // It may stand by its place: that is known once the trees are linked.
            Err(FormatError::KeyNotValid(_)) if !proven.linked => {
                return self.deferral(peer.authority(), Subject::Unattributed(digest), Cause::Busy, 0);
            }
            Err(error) => return self.refuse_bytes(peer.authority(), digest, error.cause()).await,
        };
        if entry.leaf.kind != LeafKind::StatusIssued || entry.leaf.id != Some(signed.carried.value.id) {
            return Err(misbehaved(peer, "a leaf that is not its status's"));
        }
        let status = signed.carried.value.clone();
        if status.author != *peer.authority() || status.peer != *self.identity.authority() {
            return self.refuse_bytes(peer.authority(), signed.digest, Cause::WrongRecipient).await;
        }
        let subject = Subject::Known(status.named(signed.digest));
        // A repeat is known before its text is opened: the key may be gone by then.
        let snapshot = self.store.snapshot();
        let case: Option<CaseRecord> =
            records::read(snapshot, &records::case(&status.case_id, peer.authority()))?;
        if let Place::Known(index) = place(snapshot, peer.authority(), &status, signed.digest, case.as_ref())?
        {
            return Ok(Answer::Committed(vec![index], self.store.checkpoint()));
        }
        if let Err(error) = self.objects.check_room(0) {
            tracing::error!(%error, "a status is put off");
            return self.deferral(peer.authority(), subject, Cause::StorageFull, 0);
        }
        let stored = match self.open_text(peer, &signed, &told.key_box, told.chunks) {
            Err(Cause::StorageFull) => {
                return self.deferral(peer.authority(), subject, Cause::StorageFull, 0);
            }
            stored => stored,
        };
        let asked = (Direction::Out, peer.authority(), &status.packet_id);
        let stopped = self.no_ground(asked, status.ground)?.filter(Deficiency::is_read);
        let (identity, verified) = (self.identity.clone(), self.verified(peer));
        let suite = self.suite_with(&peer.chain);
        let (receipt, checkpoint) = (proven.receipts[0].clone(), proven.checkpoint);
        let author = status.author.clone();
        let restraint = self.directory.restraint.clone();
        let committed = durable(self.store.commit(move |views, now| {
            let case: Option<CaseRecord> = records::read(views, &records::case(&status.case_id, &author))?;
            let refusal = match place(views, &author, &status, signed.digest, case.as_ref())? {
                Place::Next if pairing::state_with(views, &author)? == State::Ended => {
                    Some(Cause::PairingEnded)
                }
                Place::Next if stopped.is_some() => Some(Cause::ContentDeficient),
                Place::Next => stored.as_ref().err().copied(),
                Place::Known(index) => return Ok(Decision::nothing(Found::At(index))),
                Place::Gap(wanted) => return Ok(Decision::nothing(Found::Gap(wanted))),
                // It takes no place, and may come again and again.
                Place::Illegal(Cause::ChainConflict) if !restraint.allows(&author, now) => {
                    return Ok(Decision::nothing(Found::Enough));
                }
                Place::Illegal(cause) => Some(cause),
            };
            verified.still(|chain| {
                Checkpoint::open(&checkpoint.note, chain)?;
                SignedStatus::open(&signed.carried.envelope, chain, at).map_err(LedgerError::from)
            })?;
            let (event, cause) = match refusal {
                None => (Event::RelayAcceptance, Cause::None),
                Some(cause) => (Event::RelayRejection, cause),
            };
            let subject = Subject::Known(status.named(signed.digest));
            let issuer = identity.authority().clone();
            let findings = stopped.iter().filter(|_| cause == Cause::ContentDeficient);
            let findings = findings.map(checking::finding).collect();
            let evidence = Evidence { event, issuer, subject, at: now, cause, findings };
            let evidence = evidence.sign(identity.evidence_in(suite, now)?)?;
            let leaf = |kind| Leaf {
                peer: Some(author.clone()),
                id: Some(status.id),
                case_id: Some(status.case_id),
                witnessed,
                ..Leaf::new(kind)
            };
            let (leaf, objects, contents) = match refusal {
                // It takes its place in the author's chain all the same, and counts for nothing.
                Some(cause) if cause != Cause::ChainConflict => {
                    let leaf = Leaf {
                        code: status.code as u32,
                        cause: cause as u32,
                        ..leaf(LeafKind::StatusReceived)
                    };
                    (
                        leaf,
                        vec![evidence.envelope, signed.carried.envelope, receipt, checkpoint.note],
                        Vec::new(),
                    )
                }
                None => {
                    let contents = stored
                        .unwrap_or_default()
                        .map(|s| (content::key(Direction::In, &author, &status.id), s))
                        .into_iter()
                        .collect();
                    let leaf = Leaf { code: status.code as u32, ..leaf(LeafKind::StatusReceived) };
                    (
                        leaf,
                        vec![evidence.envelope, signed.carried.envelope, receipt, checkpoint.note],
                        contents,
                    )
                }
                Some(cause) => {
                    let leaf =
                        Leaf { code: event as u32, cause: cause as u32, ..leaf(LeafKind::EvidenceIssued) };
                    (
                        leaf,
                        vec![evidence.envelope, signed.carried.envelope, receipt, checkpoint.note],
                        Vec::new(),
                    )
                }
            };
            Ok::<_, ExchangeError>(Decision {
                entries: vec![NewEntry { leaf, objects }],
                contents,
                value: Found::New,
            })
        }))
        .await;
        let committed = match committed {
            Err(ExchangeError::Busy) => return self.deferral(peer.authority(), subject, Cause::Busy, 0),
            committed => committed?,
        };
        match committed.value {
            Found::New => Ok(Answer::Committed(vec![committed.first], committed.checkpoint)),
            Found::At(index) => Ok(Answer::Committed(vec![index], committed.checkpoint)),
            Found::Gap(wanted) => self.deferral(peer.authority(), subject, Cause::StatusGap, wanted),
            Found::Enough => self.deferral(peer.authority(), subject, Cause::Busy, 0),
        }
    }

    /// Opens the sealed text of a status and wraps its key for rest.
    fn open_text(
        &self,
        peer: &Peer,
        signed: &SignedStatus,
        key_box: &[u8],
        chunks: Vec<wire::Chunk>,
    ) -> Result<Option<StoredContent>, Cause> {
        let status = &signed.carried.value;
        let Some(text) = &status.text else { return Ok(None) };
        let id = status.id.bytes();
        let wrapped = decode_key_box(key_box, &text.key_box_digest).map_err(|_| Cause::KeyBoxInvalid)?;
        let sealed = SealedFor { suite: signed.suite, key_id: text.content_key_id, id };
        let key = self.content_keys.unwrap(&self.identity, peer, &sealed, &wrapped)?;
        let ciphertext = chunks.into_iter().next().ok_or(Cause::ObjectInvalid)?.data;
        if ciphertext.len() as u64 > limits::STATUS_TEXT + 16 {
            return Err(Cause::TooLarge);
        }
        let plain = open_all(&key.object_key(id, 0), &text.object, ciphertext.clone())
            .map_err(|_| Cause::ObjectInvalid)?;
        StatusText::decode(plain.as_slice()).map_err(|_| Cause::BodyMalformed)?;
        let objects = vec![StoredObject { inline: ciphertext, in_file: false }];
        self.at_rest(id, &key, None, objects).map(Some).map_err(|error| {
            tracing::error!(%error, "the text of a status can't be kept");
            Cause::StorageFull
        })
    }
}

enum Found {
    New,
    At(u64),
    Gap(u64),
    Enough,
}

enum Place {
    Next,
    Known(u64),
    Gap(u64),
    Illegal(Cause),
}

/// Where a peer's status stands with respect to what is known of its chain.
fn place(
    views: &dyn Views,
    author: &AuthorityId,
    status: &Status,
    digest: Digest,
    case: Option<&CaseRecord>,
) -> Result<Place, ExchangeError> {
    let Some(case) = case else { return Ok(Place::Gap(0)) };
    let head = &case.their_statuses;
    if status.seq < head.count {
        let key = records::status(Direction::In, author, &status.case_id, status.seq);
        let record: StatusRecord = records::read(views, &key)?.unwrap_or_default();
        let same = record.digest == digest;
        return Ok(if same { Place::Known(record.index) } else { Place::Illegal(Cause::ChainConflict) });
    }
    if status.seq > head.count {
        return Ok(Place::Gap(head.count));
    }
    if status.prev != head_digest(head)? {
        return Ok(Place::Illegal(Cause::ChainConflict));
    }
    let theirs = codes(views, Direction::In, author, &status.case_id, head.count)?;
    let side = if case.opened_by_us { Side::Requested } else { Side::Requesting };
    Ok(match may_follow(side, theirs.into_iter().collect(), status.code) {
        Ok(()) => Place::Next,
        Err(_) => Place::Illegal(Cause::IllegalTransition),
    })
}

/// The codes of one side's chain, in order, without those that the other side refused.
pub fn codes(
    views: &dyn Views,
    direction: Direction,
    peer: &AuthorityId,
    case_id: &CaseId,
    count: u64,
) -> Result<Vec<Code>, ExchangeError> {
    let mut codes = Vec::new();
    for seq in 0..count {
        let record: Option<StatusRecord> =
            records::read(views, &records::status(direction, peer, case_id, seq))?;
        let missing = || crate::ledger::LedgerError::Read("a status's record".into());
        let record = record.ok_or_else(missing)?;
        let refused =
            record.outcome.as_ref().is_some_and(|outcome| outcome.event == Event::RelayRejection as i32);
        if !refused {
            codes.push(Code::try_from(record.code).map_err(|_| missing())?);
        }
    }
    Ok(codes)
}

fn head_digest(head: &Head) -> Result<Option<Digest>, ExchangeError> {
    if head.count == 0 { Ok(None) } else { super::recorded_digest(&head.digest).map(Some) }
}
