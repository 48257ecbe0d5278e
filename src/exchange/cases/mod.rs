//! Cases as officers look at them: how each stands, what is due in it, and what is found in it.

pub mod marks;
pub mod opening;
pub mod reading;
pub mod search;

use super::{Exchange, ExchangeError};
use crate::format::Millis;
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::leaf::Leaf;
use crate::format::sequence::Side;
use crate::format::status::SignedStatus;
use crate::format::wire::{
    event::Code as Event, kind::Code as Kind, status::Code as State, urgency::Code as Urgency,
};
use crate::ledger::LedgerError;
use crate::ledger::records::{self, CaseRecord, Direction, PacketRecord, StatusRecord};
use crate::request::case::{is_consulting, is_ended, state};
use crate::request::deadlines::{Course, Deadline, Policy, Word, deadlines};
use prost::Message as _;
use reading::{Index, Known, What};

/// Cases looked at in one go.
const PAGE: usize = 500;

/// Which cases are wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// With this peer; none: with all.
    pub peer: Option<AuthorityId>,
    /// In this state; none: in any.
    pub state: Option<State>,
    /// Only those in which something is expected of somebody.
    pub open: bool,
    /// Only those in which something is overdue.
    pub overdue: bool,
}

/// How a case stands.
#[derive(Debug)]
pub struct Overview {
    /// The case.
    pub case_id: CaseId,
    /// The other side.
    pub peer: AuthorityId,
    /// Whether we asked.
    pub opened_by_us: bool,
    /// What both chains come to.
    pub state: State,
    /// The requested side offered consultation last.
    pub consulting: bool,
    /// Of the packet that opened it.
    pub kind: Kind,
    /// Likewise.
    pub urgency: Urgency,
    /// Likewise: when it was made.
    pub opened: Millis,
    /// The newest packet or status.
    pub last: Millis,
    /// What is open, the next first.
    pub deadlines: Vec<Deadline>,
    /// Identities are guarded.
    pub guarded: bool,
    /// Packets of both sides.
    pub packets: u64,
    /// Statuses of both sides.
    pub statuses: u64,
}

impl Overview {
    /// Whether it is ours to meet a deadline.
    pub fn is_ours(&self, deadline: &Deadline) -> bool {
        (deadline.by == Side::Requesting) == self.opened_by_us
    }

    /// Whether something should have been done by now.
    pub fn is_overdue(&self, now: Millis) -> bool {
        self.deadlines.iter().any(|deadline| deadline.due < now)
    }
}

impl Exchange {
    /// Cases, newest first, and whether there are more than `limit`. Blocks.
    pub fn cases(
        &self,
        wanted: &Wanted,
        policy: &Policy,
        limit: usize,
    ) -> Result<(Vec<Overview>, bool), ExchangeError> {
        let index = self.reading.caught_up(self)?;
        let now = self.now();
        let fits = |case: &Overview| {
            wanted.state.is_none_or(|state| state == case.state)
                && (!wanted.open || !is_ended(case.state))
                && (!wanted.overdue || case.is_overdue(now))
        };
        let (mut found, mut names) = (Vec::new(), self.case_names(wanted.peer.as_ref())?);
        while let Some((case_id, peer, record)) = names.pop() {
            let case = self.overview(&index, &peer, case_id, &record, policy)?;
            if fits(&case) {
                if found.len() == limit {
                    return Ok((found, true));
                }
                found.push(case);
            }
        }
        Ok((found, false))
    }

    /// One case. Blocks.
    pub fn case(
        &self,
        peer: &AuthorityId,
        case_id: CaseId,
        policy: &Policy,
    ) -> Result<Overview, ExchangeError> {
        let index = self.reading.caught_up(self)?;
        let record: CaseRecord = records::read(self.store.snapshot(), &records::case(&case_id, peer))?
            .ok_or_else(|| ExchangeError::Unknown(format!("case {case_id} with {peer}")))?;
        self.overview(&index, peer, case_id, &record, policy)
    }

    /// Packets of a case, in the order of the log, each with the one that it answers. Blocks.
    pub fn letters(
        &self,
        peer: &AuthorityId,
        case_id: &CaseId,
    ) -> Result<Vec<(Direction, PacketId, Option<PacketId>)>, ExchangeError> {
        let index = self.reading.caught_up(self)?;
        let letter = |known: &Known| match &known.what {
            What::Packet(packet) => Some((known.direction, known.id, packet.in_reply_to)),
            What::Status(_) => None,
        };
        Ok(index.case(peer, case_id).filter_map(letter).collect())
    }

    /// Every case with its record, in the order of their ids, which is that of their beginning.
    fn case_names(
        &self,
        peer: Option<&AuthorityId>,
    ) -> Result<Vec<(CaseId, AuthorityId, CaseRecord)>, ExchangeError> {
        let (snapshot, mut names, mut after) = (self.store.snapshot(), Vec::new(), None::<Vec<u8>>);
        loop {
            let page = snapshot.scan(&records::cases_prefix(), after.as_deref(), PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(names) };
            after = Some(last.clone());
            for (key, value) in page {
                let name = records::case_of_key(&key).zip(records::peer_of_case_key(&key));
                let (case_id, with) =
                    name.ok_or_else(|| LedgerError::Read("a case's key is malformed".into()))?;
                if peer.is_none_or(|peer| *peer == with) {
                    let record = CaseRecord::decode(value.as_slice())
                        .map_err(|error| LedgerError::Read(format!("case {case_id}: {error}")))?;
                    names.push((case_id, with, record));
                }
            }
        }
    }

    fn overview(
        &self,
        index: &Index,
        peer: &AuthorityId,
        case_id: CaseId,
        record: &CaseRecord,
        policy: &Policy,
    ) -> Result<Overview, ExchangeError> {
        let ours = self.words(Direction::Out, peer, &case_id, record.our_statuses.count)?;
        let theirs = self.words(Direction::In, peer, &case_id, record.their_statuses.count)?;
        let us = self.identity.authority();
        let (requesting, requested, asks, is_asked) = match record.opened_by_us {
            true => (us, peer, &ours, &theirs),
            false => (peer, us, &theirs, &ours),
        };
        let codes = |words: &[Word]| words.iter().map(|word| word.code).collect::<Vec<_>>();
        let (asks_codes, asked_codes) = (codes(asks), codes(is_asked));
        let known: Vec<&Known> = index.case(peer, &case_id).collect();
        let opener = known.iter().find_map(|known| match &known.what {
            What::Packet(packet) => Some((*known, packet)),
            What::Status(_) => None,
        });
        let (accepted, refused) = match opener {
            Some((known, _)) => self.taken_up(known)?,
            None => (None, true),
        };
        let letters: Vec<_> = known.iter().filter_map(|known| known.letter(record.opened_by_us)).collect();
        let wanted_by = known.iter().rev().find_map(|known| match &known.what {
            What::Packet(packet) if (known.direction == Direction::Out) == record.opened_by_us => {
                packet.dates.and_then(|dates| dates.wanted_by)
            }
            _ => None,
        });
        let words = ours.iter().chain(&theirs).map(|word| word.at);
        let course = Course {
            requesting,
            requested,
            kind: opener.map_or(Kind::Unspecified, |(_, packet)| packet.kind),
            sent: opener.map_or(0, |(known, _)| known.created),
            accepted,
            refused,
            wanted_by,
            requesting_words: asks,
            requested_words: is_asked,
            letters: &letters,
        };
        Ok(Overview {
            case_id,
            peer: peer.clone(),
            opened_by_us: record.opened_by_us,
            state: state(&asks_codes, &asked_codes),
            consulting: is_consulting(&asks_codes, &asked_codes),
            kind: course.kind,
            urgency: opener.map_or(Urgency::Routine, |(_, packet)| packet.urgency),
            opened: course.sent,
            last: known.iter().map(|known| known.created).chain(words).max().unwrap_or_default(),
            deadlines: deadlines(&course, policy),
            guarded: index.is_guarded(peer, &case_id),
            packets: record.our_packets.count + record.their_packets.count,
            statuses: record.our_statuses.count + record.their_statuses.count,
        })
    }

    /// When the recipient accepted a packet, and whether it never will.
    fn taken_up(&self, known: &Known) -> Result<(Option<Millis>, bool), ExchangeError> {
        let key = records::packet(known.direction, &known.peer, &known.id);
        let record: PacketRecord = records::read(self.store.snapshot(), &key)?.unwrap_or_default();
        let accepted = record.outcome(Event::RelayAcceptance).map(|outcome| outcome.at);
        Ok((accepted, accepted.is_none() && record.is_settled()))
    }

    /// One side's statuses, without those that the other refused.
    fn words(
        &self,
        direction: Direction,
        peer: &AuthorityId,
        case_id: &CaseId,
        count: u64,
    ) -> Result<Vec<Word>, ExchangeError> {
        let snapshot = self.store.snapshot();
        let mut words = Vec::new();
        for seq in 0..count {
            let key = records::status(direction, peer, case_id, seq);
            let record: StatusRecord = records::read(snapshot, &key)?
                .ok_or_else(|| LedgerError::Read("a status's record".into()))?;
            let refused = record.outcome.as_ref().is_some_and(|o| o.event == Event::RelayRejection as i32);
            let Some(leaf) = snapshot.leaf(record.index)?.filter(|_| !refused) else { continue };
            let code =
                State::try_from(record.code).map_err(|_| LedgerError::Read("a status's code".into()))?;
            let review_at = match code {
                State::Postponed => {
                    let entry = snapshot.entry(record.index)?;
                    let object = entry.object(usize::from(direction == Direction::In))?;
                    SignedStatus::danger_unverified(object)?.carried.value.review_at
                }
                _ => 0,
            };
            words.push(Word { code, at: Leaf::decode(&leaf)?.at, review_at });
        }
        Ok(words)
    }
}
