//! The order in which things go to a peer: by lane, oldest first; within a case, one after
//! the other.

use super::is_told;
use crate::exchange::schedule::{Lane, lane};
use crate::format::Millis;
use crate::format::evidence::Evidence;
use crate::format::id::{CaseId, PacketId};
use crate::format::packet::SignedHeader;
use crate::format::pairing::SignedNotice;
use crate::format::status::SignedStatus;
use crate::format::wire::event::Code as Event;
use crate::format::wire::leaf::Kind as LeafKind;
use crate::format::wire::urgency::Code as Urgency;
use crate::ledger::entry::Entry;
use crate::ledger::records::{PendingRecord, Waiting};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

/// Something that waits for a peer.
#[derive(Debug, Clone)]
pub struct Item {
    /// Index of its entry.
    pub index: u64,
    /// What it is.
    pub what: Waiting,
    /// Its id; notices have none.
    pub id: Option<PacketId>,
    /// Its lane.
    pub lane: Lane,
    /// Its chain and place in it: packets and statuses of a case go in order, and so do notices,
    /// which are of no case.
    pub chain: Option<(Option<CaseId>, u64)>,
    /// Failures and deferrals in a row.
    pub attempts: u32,
    /// How often the line failed while it was under way.
    pub broke: u32,
    /// How often the pairing had changed when it was taken last.
    pub changes: u64,
    /// When a packet's time is over; none, where that was not read.
    pub expires: Option<Millis>,
}

impl Item {
    /// The item that an entry makes, if it makes one.
    pub fn of_entry(entry: &Entry) -> Option<Self> {
        let mut expires = None;
        let (what, seq, urgency) = match entry.leaf.kind {
            LeafKind::EvidenceIssued if entry.leaf.code == Event::SubmissionAcceptance as u32 => {
                let header = SignedHeader::danger_unverified(entry.objects.get(1)?).ok()?.header;
                expires = Some(header.expires);
                (Waiting::Packet, header.case_seq, header.urgency)
            }
            LeafKind::EvidenceIssued if is_told(entry.leaf.code) => {
                Evidence::danger_unverified(entry.objects.first()?).ok()?;
                (Waiting::Evidence, 0, Urgency::Routine)
            }
            LeafKind::StatusIssued => {
                let status = SignedStatus::danger_unverified(entry.objects.first()?).ok()?;
                (Waiting::Status, status.carried.value.seq, Urgency::Routine)
            }
            LeafKind::PairingNotice if entry.objects.len() == 1 => {
                let notice = SignedNotice::danger_unverified(entry.objects.first()?).ok()?;
                (Waiting::Notice, notice.value.seq, Urgency::Routine)
            }
            _ => return None,
        };
        let (id, case_id) = (entry.leaf.id, entry.leaf.case_id);
        (what == Waiting::Notice || (id.is_some() && case_id.is_some()))
            .then(|| Self { expires, ..Self::new(entry.index, what, id, case_id, seq, urgency) })
    }

    /// The item that a record of the pending view makes.
    pub fn of_record(index: u64, record: &PendingRecord) -> Option<Self> {
        let what = match record.what {
            0 => Waiting::Packet,
            1 => Waiting::Status,
            2 => Waiting::Evidence,
            3 => Waiting::Notice,
            _ => return None,
        };
        let id = PacketId::from_optional(&record.id).ok()?;
        let case_id = CaseId::from_optional(&record.case_id).ok()?;
        let urgency = Urgency::try_from(record.urgency).unwrap_or(Urgency::Routine);
        Some(Self::new(index, what, id, case_id, record.seq, urgency))
    }

    fn new(
        index: u64,
        what: Waiting,
        id: Option<PacketId>,
        case_id: Option<CaseId>,
        seq: u64,
        urgency: Urgency,
    ) -> Self {
        let (lane, chain) = match what {
            Waiting::Packet => (lane(urgency), Some((case_id, seq))),
            Waiting::Status | Waiting::Notice => (Lane::Word, Some((case_id, seq))),
            Waiting::Evidence => (Lane::Word, None),
        };
        Self { index, what, id, lane, chain, attempts: 0, broke: 0, changes: 0, expires: None }
    }
}

impl Item {
    /// Its id for the log.
    pub fn named(&self) -> String {
        self.id.map_or_else(|| "a notice".into(), |id| id.to_string())
    }
}

type ChainName = (u8, Option<CaseId>);

/// Everything that waits for one peer and is not under way.
#[derive(Default)]
pub struct Queue {
    ready: BTreeMap<(Lane, u64), Item>,
    /// What was under way when the line failed: behind everything else, as long as it is down.
    broken: BTreeMap<(u32, Lane, u64), Item>,
    later: BTreeMap<(Instant, u64), Item>,
    /// Items behind another of their chain.
    held: HashMap<ChainName, BTreeMap<u64, Item>>,
    /// Places of a chain that wait or are under way.
    chains: HashMap<ChainName, BTreeSet<u64>>,
    known: BTreeSet<u64>,
}

impl Queue {
    /// Adds an item, unless it is here.
    pub fn add(&mut self, item: Item) {
        if !self.known.insert(item.index) {
            return;
        }
        let Some((case_id, seq)) = item.chain else {
            self.ready.insert((item.lane, item.index), item);
            return;
        };
        let name = (item.what as u8, case_id);
        let places = self.chains.entry(name).or_default();
        places.insert(seq);
        match places.first() == Some(&seq) {
            true => drop(self.ready.insert((item.lane, item.index), item)),
            false => drop(self.held.entry(name).or_default().insert(seq, item)),
        }
    }

    /// Takes the next item that may go now.
    pub fn take(&mut self, now: Instant) -> Option<Item> {
        while let Some(due) = self.later.first_entry().filter(|entry| entry.key().0 <= now) {
            let item = due.remove();
            self.ready.insert((item.lane, item.index), item);
        }
        let ready = self.ready.pop_first().map(|(_, item)| item);
        ready.or_else(|| self.broken.pop_first().map(|(_, item)| item))
    }

    /// Puts an item back that was under way when the line failed. It may be what the line fails
    /// under: the others try it first, and then those that it failed under less often.
    pub fn broke(&mut self, mut item: Item) {
        item.broke = item.broke.saturating_add(1);
        self.broken.insert((item.broke, item.lane, item.index), item);
    }

    /// The line is up: all goes in order of lane and age again.
    pub fn mended(&mut self) {
        let broken = std::mem::take(&mut self.broken);
        self.ready.extend(broken.into_values().map(|item| ((item.lane, item.index), item)));
    }

    /// When the next item comes due that is not ready now.
    pub fn next_due(&self) -> Option<Instant> {
        self.later.keys().next().map(|(at, _)| *at)
    }

    /// All that was put off may go now.
    pub fn stir(&mut self) {
        let later = std::mem::take(&mut self.later);
        self.ready.extend(later.into_values().map(|item| ((item.lane, item.index), item)));
    }

    /// Puts an item back, to go at `at`.
    pub fn put_off(&mut self, item: Item, at: Instant) {
        self.later.insert((at, item.index), item);
    }

    /// An item is settled: the next of its chain may go.
    pub fn settle(&mut self, item: &Item) {
        self.known.remove(&item.index);
        let Some((case_id, seq)) = item.chain else { return };
        let name = (item.what as u8, case_id);
        let Some(places) = self.chains.get_mut(&name) else { return };
        places.remove(&seq);
        match places.first() {
            None => {
                self.chains.remove(&name);
                self.held.remove(&name);
            }
            Some(next) => {
                if let Some(item) = self.held.get_mut(&name).and_then(|held| held.remove(next)) {
                    self.ready.insert((item.lane, item.index), item);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::entropy::SystemEntropy;
    use std::time::Duration;

    fn item(index: u64, urgency: Urgency, case_id: CaseId, seq: u64) -> Item {
        let id = PacketId::fresh(1, &SystemEntropy::default()).unwrap();
        Item::new(index, Waiting::Packet, Some(id), Some(case_id), seq, urgency)
    }

    fn case() -> CaseId {
        CaseId::fresh(1, &SystemEntropy::default()).unwrap()
    }

    #[test]
    fn urgent_first_then_age() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        for (index, urgency) in
            [(1, Urgency::Routine), (2, Urgency::Priority), (3, Urgency::Urgent), (4, Urgency::Routine)]
        {
            queue.add(item(index, urgency, case(), 0));
        }
        let order: Vec<u64> = std::iter::from_fn(|| queue.take(now)).map(|item| item.index).collect();
        assert_eq!(order, [3, 2, 1, 4]);
    }

    #[test]
    fn what_the_line_fails_under_lets_others_try_and_goes_in_its_lane_when_it_is_up() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        for (index, urgency) in [(1, Urgency::Routine), (2, Urgency::Urgent), (3, Urgency::Routine)] {
            queue.add(item(index, urgency, case(), 0));
        }
        let mut tried = Vec::new();
        for _ in 0..5 {
            let item = queue.take(now).unwrap();
            tried.push(item.index);
            queue.broke(item);
        }
        assert_eq!(tried, [2, 1, 3, 2, 1]);
        queue.mended();
        let order: Vec<u64> = std::iter::from_fn(|| queue.take(now)).map(|item| item.index).collect();
        assert_eq!(order, [2, 1, 3]);
    }

    #[test]
    fn a_case_goes_in_order_even_when_the_first_is_put_off() {
        let (mut queue, now, case_id) = (Queue::default(), Instant::now(), case());
        queue.add(item(1, Urgency::Routine, case_id, 0));
        queue.add(item(2, Urgency::Urgent, case_id, 1));
        queue.add(item(1, Urgency::Routine, case_id, 0));
        let first = queue.take(now).unwrap();
        assert_eq!(first.index, 1);
        assert!(queue.take(now).is_none(), "its successor is held");
        let later = now + Duration::from_secs(5);
        queue.put_off(first, later);
        queue.stir();
        assert_eq!(queue.next_due(), None);
        let first = queue.take(now).unwrap();
        queue.put_off(first, later);
        assert_eq!(queue.next_due(), Some(later));
        assert!(queue.take(now).is_none());
        let first = queue.take(later).unwrap();
        queue.settle(&first);
        assert_eq!(queue.take(now).unwrap().index, 2);
    }
}
