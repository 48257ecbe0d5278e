//! Erasing: what goes with a packet, what keeps it, and the tombstone that stays.

use super::actors::Actor;
use super::statuses::codes;
use super::{Exchange, ExchangeError, durable};
use crate::crypto::hash::Digest;
use crate::format::Millis;
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use crate::format::status::{SignedStatus, Status};
use crate::format::wire::{erasure_reason::Code as Reason, leaf::Kind, status::Code as State};
use crate::ledger::erasure::{held, obstacle};
use crate::ledger::records::{self, ActRecord, CaseRecord, Direction, PacketRecord, StatusRecord};
use crate::request::case;
use crate::store::erasing::{Doomed, Eraser};
use crate::store::{Committed, Decision, NewEntry, content};

/// Packets that are erased together at most.
pub const TOGETHER: usize = 500;

/// A packet that may be erased, and all that goes with it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Which box.
    pub direction: Direction,
    /// The other side.
    pub peer: AuthorityId,
    /// Packet id.
    pub id: PacketId,
    /// Case id.
    pub case_id: CaseId,
    /// What the ledger knows of it.
    pub record: PacketRecord,
    /// Its object files.
    pub files: Vec<Digest>,
    /// Keys of the texts of statuses about it.
    pub texts: Vec<Vec<u8>>,
}

/// What a legal hold is laid upon.
#[derive(Debug, Clone)]
pub struct Held {
    /// The other side.
    pub peer: AuthorityId,
    /// The case.
    pub case_id: CaseId,
    /// A packet, with its first entry; none: the whole case.
    pub packet: Option<(PacketId, u64)>,
}

impl Exchange {
    /// What erasing a packet would destroy, or the reason why it may not be erased.
    pub fn plan_erasure(&self, id: &PacketId, peer: Option<&AuthorityId>) -> Result<Planned, ExchangeError> {
        let (direction, record) = self.find(id, peer)?;
        let peer = AuthorityId::parse(&record.peer)?;
        if let Some(obstacle) = obstacle(self.store.snapshot(), direction, &peer, id)? {
            return Err(ExchangeError::Precluded(format!("packet {id} {obstacle}")));
        }
        self.planned(direction, record)
    }

    pub(super) fn planned(
        &self,
        direction: Direction,
        record: PacketRecord,
    ) -> Result<Planned, ExchangeError> {
        let (peer, id) = (AuthorityId::parse(&record.peer)?, PacketId::from_bytes(&record.id)?);
        let case_id = CaseId::from_bytes(&record.case_id)?;
        let files = self.files(direction, &peer, &record)?;
        let texts = self.texts(&peer, &case_id, &id)?;
        Ok(Planned { direction, peer, id, case_id, record, files, texts })
    }

    /// Erases packets with one re-keying, all or none; gives the index of the first tombstone,
    /// which the others follow. Blocks until the old epoch keys are gone.
    pub fn erase(
        &self,
        planned: &[Planned],
        reason: Reason,
        actor: Option<Actor>,
    ) -> Result<u64, ExchangeError> {
        if planned.is_empty() || planned.len() > TOGETHER {
            return Err(ExchangeError::Invalid(format!("from 1 to {TOGETHER} packets at a time")));
        }
        if reason == Reason::Unspecified {
            return Err(ExchangeError::Invalid("an erasure has a reason".into()));
        }
        let mut doomed = Vec::new();
        for packet in planned {
            let key = content::key(packet.direction, &packet.peer, &packet.id);
            doomed.push(Doomed { key, files: packet.files.clone() });
            doomed.extend(packet.texts.iter().map(|key| Doomed { key: key.clone(), files: Vec::new() }));
        }
        let tombstones: Vec<(Direction, AuthorityId, PacketId, Leaf)> = planned
            .iter()
            .map(|packet| {
                let leaf = Leaf {
                    actor,
                    peer: Some(packet.peer.clone()),
                    id: Some(packet.id),
                    case_id: Some(packet.case_id),
                    about: Some(packet.record.index),
                    code: reason as u32,
                    ..Leaf::new(Kind::Erased)
                };
                (packet.direction, packet.peer.clone(), packet.id, leaf)
            })
            .collect();
        let eraser = self.eraser();
        let committed = eraser.erase(&doomed, move |views, _| {
            let mut entries = Vec::new();
            for (direction, peer, id, leaf) in tombstones {
                // A hold may have been laid meanwhile.
                if let Some(obstacle) = obstacle(views, direction, &peer, &id)? {
                    return Err(ExchangeError::Precluded(format!("packet {id} {obstacle}")));
                }
                entries.push(NewEntry { leaf, objects: Vec::new() });
            }
            Ok(Decision { entries, contents: Vec::new(), value: () })
        })?;
        for packet in planned {
            self.reading.forget(&packet.peer, &packet.id);
            tracing::info!(packet = %packet.id, peer = %packet.peer, reason = reason.as_str_name(), "erased");
        }
        Ok(committed.first)
    }

    /// Destroys the keys of boxes that nothing waits for any more. `starting`: nothing is under
    /// way yet. Blocks.
    pub fn destroy_boxes(&self, starting: bool) -> Result<usize, ExchangeError> {
        Ok(self.eraser().destroy_boxes(starting)?)
    }

    fn eraser(&self) -> Eraser<'_> {
        let (store, epochs, objects) = (&self.store, &self.epochs, &self.objects);
        Eraser { store, epochs, objects, entropy: &*self.entropy, now: self.now() }
    }

    /// What a hold on a packet or on a case is laid upon.
    pub fn held_packet(&self, id: &PacketId, peer: Option<&AuthorityId>) -> Result<Held, ExchangeError> {
        let (_, record) = self.find(id, peer)?;
        let (peer, case_id) = (AuthorityId::parse(&record.peer)?, CaseId::from_bytes(&record.case_id)?);
        Ok(Held { peer, case_id, packet: Some((*id, record.index)) })
    }

    /// The same for a whole case.
    pub fn held_case(&self, case_id: &CaseId, peer: Option<&AuthorityId>) -> Result<Held, ExchangeError> {
        let found = self.store.snapshot().scan(&records::case_prefix(case_id), None, 16)?;
        let mut peers: Vec<AuthorityId> = found
            .iter()
            .filter_map(|(key, _)| records::peer_of_case_key(key))
            .filter(|found| peer.is_none_or(|peer| peer == found))
            .collect();
        match (peers.pop(), peers.is_empty()) {
            (Some(peer), true) => Ok(Held { peer, case_id: *case_id, packet: None }),
            (None, _) => Err(ExchangeError::Unknown(format!("case {case_id}"))),
            _ => Err(ExchangeError::Invalid(format!("several peers use the case {case_id}: name the peer"))),
        }
    }

    /// Lays a legal hold, or ends it.
    pub async fn hold(
        &self,
        on: Held,
        ends: bool,
        actor: Option<Actor>,
    ) -> Result<Committed<()>, ExchangeError> {
        durable(self.store.commit(move |views, _| {
            let id = on.packet.map(|(id, _)| id);
            let what = id.map_or(format!("case {}", on.case_id), |id| format!("packet {id}"));
            let key = records::hold(&on.peer, &on.case_id, id.as_ref());
            let found: Option<ActRecord> = records::read(views, &key)?;
            match (&found, ends) {
                (Some(act), false) => {
                    let why = format!("{what} is held already (entry {})", act.index);
                    return Err(ExchangeError::Precluded(why));
                }
                (None, true) => {
                    return Err(ExchangeError::Precluded(format!("{what} has no legal hold of its own")));
                }
                _ => {}
            }
            let leaf = Leaf {
                actor,
                id,
                about: on.packet.map(|(_, index)| index),
                peer: Some(on.peer),
                case_id: Some(on.case_id),
                ..Leaf::new(if ends { Kind::Released } else { Kind::Held })
            };
            let entries = vec![NewEntry { leaf, objects: Vec::new() }];
            Ok(Decision { entries, contents: Vec::new(), value: () })
        }))
        .await
    }

    /// Whether and when a packet was erased, and whether a hold keeps it.
    pub fn acts_about(&self, record: &PacketRecord) -> Result<(Option<ActRecord>, bool), ExchangeError> {
        let views = self.store.snapshot();
        let (peer, id) = (AuthorityId::parse(&record.peer)?, PacketId::from_bytes(&record.id)?);
        let direction = if record.direction == 0 { Direction::In } else { Direction::Out };
        let erased = records::read(views, &records::erased(direction, &peer, &id))?;
        let held = held(views, &peer, &CaseId::from_bytes(&record.case_id)?, Some(&id))?.is_some();
        Ok((erased, held))
    }

    /// What somebody is told who wants the content of an erased packet; none: it is not erased.
    pub(super) fn erased(
        &self,
        direction: Direction,
        peer: &AuthorityId,
        id: &PacketId,
    ) -> Result<Option<ExchangeError>, ExchangeError> {
        let key = records::erased(direction, peer, id);
        let act: Option<ActRecord> = records::read(self.store.snapshot(), &key)?;
        Ok(act.map(|act| {
            let reason = i32::try_from(act.reason).ok().and_then(|code| Reason::try_from(code).ok());
            ExchangeError::Precluded(format!(
                "the content of packet {id} was erased on {} ({}, entry {}): nothing brings it back",
                date(act.at),
                reason.unwrap_or_default().as_str_name(),
                act.index
            ))
        }))
    }

    /// Whether a status had a text that was erased.
    pub fn is_text_erased(&self, direction: Direction, status: &Status) -> Result<bool, ExchangeError> {
        let key = content::key(direction, super::fetch::other(direction, status), &status.id);
        Ok(status.text.is_some() && self.store.snapshot().is_erased(&key)?)
    }

    /// The state that both chains of a case give.
    pub fn case_state(
        &self,
        peer: &AuthorityId,
        case_id: &CaseId,
        record: &CaseRecord,
    ) -> Result<State, ExchangeError> {
        let views = self.store.snapshot();
        let ours = codes(views, Direction::Out, peer, case_id, record.our_statuses.count)?;
        let theirs = codes(views, Direction::In, peer, case_id, record.their_statuses.count)?;
        Ok(if record.opened_by_us { case::state(&ours, &theirs) } else { case::state(&theirs, &ours) })
    }

    /// Object files of a packet that no other packet lies in: whoever has a content key may
    /// send the same ciphertext under the same id.
    fn files(
        &self,
        direction: Direction,
        peer: &AuthorityId,
        record: &PacketRecord,
    ) -> Result<Vec<Digest>, ExchangeError> {
        let id = PacketId::from_bytes(&record.id)?;
        let mut files = self.object_files(direction, peer, record)?;
        if files.is_empty() {
            return Ok(files);
        }
        for other in self.directory.all() {
            for way in [Direction::In, Direction::Out] {
                if (way, other.authority()) == (direction, peer) {
                    continue;
                }
                let key = records::packet(way, other.authority(), &id);
                if let Some(found) = records::read::<PacketRecord>(self.store.snapshot(), &key)? {
                    let kept = self.object_files(way, other.authority(), &found)?;
                    files.retain(|file| !kept.contains(file));
                }
            }
        }
        Ok(files)
    }

    fn object_files(
        &self,
        direction: Direction,
        peer: &AuthorityId,
        record: &PacketRecord,
    ) -> Result<Vec<Digest>, ExchangeError> {
        let (snapshot, id) = (self.store.snapshot(), PacketId::from_bytes(&record.id)?);
        let Some(stored) = snapshot.content(&content::key(direction, peer, &id))? else {
            return Ok(Vec::new());
        };
        let header = SignedHeader::danger_unverified(snapshot.entry(record.index)?.object(1)?)?.header;
        let both = header.objects.into_iter().zip(stored.objects);
        Ok(both.filter(|(_, stored)| stored.in_file).map(|(sealed, _)| sealed.chunk_root).collect())
    }

    /// Keys of the texts of statuses about a packet.
    fn texts(
        &self,
        peer: &AuthorityId,
        case_id: &CaseId,
        id: &PacketId,
    ) -> Result<Vec<Vec<u8>>, ExchangeError> {
        let snapshot = self.store.snapshot();
        let mut texts = Vec::new();
        for direction in [Direction::In, Direction::Out] {
            let prefix = records::status_prefix(direction, peer, case_id);
            for (key, _) in snapshot.scan(&prefix, None, usize::MAX)? {
                let Some(record) = records::read::<StatusRecord>(snapshot, &key)? else { continue };
                let entry = snapshot.entry(record.index)?;
                let place = usize::from(direction == Direction::In);
                let status = SignedStatus::danger_unverified(entry.object(place)?)?.carried.value;
                let key = content::key(direction, peer, &status.id);
                if status.packet_id == *id && snapshot.content(&key)?.is_some() {
                    texts.push(key);
                }
            }
        }
        Ok(texts)
    }
}

/// A day and time in UTC, for people.
fn date(at: Millis) -> String {
    i64::try_from(at)
        .ok()
        .and_then(|at| jiff::Timestamp::from_millisecond(at).ok())
        .map_or_else(|| at.to_string(), |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
