//! The report of a year: requests by treaty, State, offence and assistance, what they came to,
//! how long that took, what still waits.
//!
//! A function of the entries up to the end of the year and of nothing else, so that the report of
//! a year that is over stays the same, byte for byte, while the ledger grows. It is written to be
//! given away: what would point at single cases is hidden ([`hide`]).

mod figures;
mod hide;
mod requests;
#[cfg(test)]
mod tests;

use super::{Cell, Row, event, peer, word};
use crate::crypto::hash::Digest;
use crate::format::Millis;
use crate::format::evidence::Evidence;
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::status::SignedStatus;
use crate::format::wire::event::Code as Event;
use crate::format::wire::kind::Code as Packet;
use crate::format::wire::leaf::Kind;
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;
use crate::ledger::records::Direction;
use crate::ledger::tree::{leaf_hash, node_hash};
use requests::{Request, Word};
use std::collections::{BTreeMap, BTreeSet};

/// Packets of a case, by direction, peer and id.
type Name = (Direction, AuthorityId, PacketId);

/// Columns of every table: what we received, what we sent. A count that is none is hidden.
pub const COLUMNS: [&str; 2] = ["received", "sent"];

/// A report while entries are being read.
pub struct Reading {
    year: i16,
    begins: Millis,
    ends: Millis,
    authority: Option<AuthorityId>,
    peers: BTreeSet<AuthorityId>,
    entries: u64,
    /// Whether there is an entry of a later year: then this year is over.
    over: bool,
    newest: Millis,
    /// Roots of the complete trees that the entries make, the greatest first, with their height.
    peaks: Vec<(u32, Digest)>,
    requests: BTreeMap<Name, Request>,
    cases: BTreeMap<(AuthorityId, CaseId), Name>,
    /// Statuses of ours that the peer has not answered, by their entry.
    unconfirmed: BTreeMap<u64, Name>,
}

/// The report.
pub struct Report {
    /// Whose ledger it is; none: it has issued nothing.
    pub authority: Option<AuthorityId>,
    /// Year, in UTC.
    pub year: i16,
    /// The time up to which it looks: the end of the year, or the newest entry before that.
    pub as_of: Millis,
    /// How many entries it is made from: the first ones.
    pub entries: u64,
    /// RFC 6962 root of these entries; none: there are none.
    pub root: Option<Digest>,
    /// Counts below this are hidden.
    pub threshold: u64,
    /// Counts.
    pub tables: Vec<Table>,
    /// How long things took.
    pub times: Vec<Duration>,
    /// What requests were about in money.
    pub amounts: Vec<Amount>,
}

/// Counts that add up.
pub struct Table {
    /// For programs.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// Every category that there is, and what was counted.
    pub rows: Vec<(String, [Option<u64>; 2])>,
    /// Sums.
    pub total: [Option<u64>; 2],
}

/// How long a stage took that ended in the year.
pub struct Duration {
    /// From what to what.
    pub stage: &'static str,
    /// Place among [`COLUMNS`].
    pub column: usize,
    /// How many requests, rounded down to a multiple of the threshold; none: too few.
    pub at_least: Option<u64>,
    /// Seconds that half of them took at most, to two digits.
    pub median: Option<u64>,
    /// Seconds that nine in ten took at most.
    pub p90: Option<u64>,
}

/// What requests of the year were about, in one currency.
pub struct Amount {
    /// ISO 4217.
    pub currency: String,
    /// Place among [`COLUMNS`].
    pub column: usize,
    /// How many requests, as with [`Duration`].
    pub at_least: Option<u64>,
    /// Sum in whole units, to two digits.
    pub sum: Option<u64>,
}

impl Reading {
    /// Of this year in UTC; none where there is no such year.
    pub fn of(year: i16) -> Option<Self> {
        let begin = |year| {
            let day = jiff::civil::Date::new(year, 1, 1).ok()?;
            let begins = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond();
            Millis::try_from(begins).ok()
        };
        Some(Self {
            year,
            begins: begin(year)?,
            ends: begin(year.checked_add(1)?)?,
            authority: None,
            peers: BTreeSet::new(),
            entries: 0,
            over: false,
            newest: 0,
            peaks: Vec::new(),
            requests: BTreeMap::new(),
            cases: BTreeMap::new(),
            unconfirmed: BTreeMap::new(),
        })
    }

    /// Is shown the next entry.
    pub fn entry(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        if entry.leaf.at >= self.ends {
            self.over = true;
            return Ok(());
        }
        (self.entries, self.newest) = (entry.index + 1, entry.leaf.at);
        self.grow(entry);
        match entry.leaf.kind {
            Kind::Pairing => {
                self.peers.insert(peer(entry)?);
                Ok(())
            }
            Kind::EvidenceIssued => {
                if self.authority.is_none() {
                    self.authority = Some(Evidence::danger_unverified(entry.object(0)?)?.issuer);
                }
                self.issued(entry)
            }
            Kind::EvidenceReceived => self.received(entry),
            Kind::StatusIssued => self.status(entry, 0),
            Kind::StatusReceived if entry.leaf.cause == 0 => self.status(entry, 1),
            _ => Ok(()),
        }
    }

    /// The report, with counts below the threshold hidden.
    pub fn report(&self, threshold: u64) -> Report {
        figures::report(self, threshold.max(1))
    }

    fn grow(&mut self, entry: &Entry) {
        let (mut height, mut hash) = (0, leaf_hash(&entry.leaf_bytes));
        while let Some((_, left)) = self.peaks.pop_if(|(of, _)| *of == height) {
            (height, hash) = (height + 1, node_hash(&left, &hash));
        }
        self.peaks.push((height, hash));
    }

    fn root(&self) -> Option<Digest> {
        let peaks = self.peaks.iter().rev().map(|(_, hash)| *hash);
        peaks.reduce(|right, left| node_hash(&left, &right))
    }

    /// Evidence of ours: a packet that we sent or took in, or that was fetched here.
    fn issued(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        let leaf = &entry.leaf;
        let (Some(event), Some(id), Some(case_id)) = (event(leaf), leaf.id, leaf.case_id) else {
            return Ok(());
        };
        let other = peer(entry)?;
        let direction = match event {
            Event::SubmissionAcceptance | Event::SubmissionRejection | Event::RelayFailure => Direction::Out,
            _ => Direction::In,
        };
        let name = (direction, other, id);
        match (event, &leaf.statistics) {
            (
                Event::SubmissionAcceptance | Event::ContentConsignment | Event::ContentConsignmentFailure,
                Some(said),
            ) if opens(said.kind) => {
                self.cases.entry((name.1.clone(), case_id)).or_insert_with(|| name.clone());
                let request = Request {
                    direction,
                    peer: name.1.to_string(),
                    said: said.clone(),
                    since: leaf.at,
                    consigned: (direction == Direction::In).then_some(leaf.at),
                    handed: None,
                    failed: (event == Event::ContentConsignmentFailure).then_some(leaf.at),
                    words: Vec::new(),
                };
                self.requests.entry(name).or_insert(request);
            }
            _ => self.event(&name, event, leaf.at),
        }
        Ok(())
    }

    /// Evidence of the peer, about a packet or a status of ours.
    fn received(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        let leaf = &entry.leaf;
        let Some(event) = event(leaf) else { return Ok(()) };
        if let Some((index, name)) = leaf.about.and_then(|about| self.unconfirmed.remove_entry(&about)) {
            // A status of ours that the peer refuses counts for nothing.
            let request = self.requests.get_mut(&name).filter(|_| event == Event::RelayRejection);
            if let Some(request) = request {
                request.words.retain(|word| word.index != index);
            }
            return Ok(());
        }
        if let Some(id) = leaf.id {
            self.event(&(Direction::Out, peer(entry)?, id), event, leaf.at);
        }
        Ok(())
    }

    fn event(&mut self, name: &Name, event: Event, at: Millis) {
        let Some(request) = self.requests.get_mut(name) else { return };
        let place = match event {
            Event::ContentConsignment => &mut request.consigned,
            Event::ContentHandover => &mut request.handed,
            Event::SubmissionRejection | Event::RelayRejection | Event::ContentConsignmentFailure => {
                &mut request.failed
            }
            _ => return,
        };
        place.get_or_insert(at);
    }

    /// A status, which is the object at `place`: about the request that it names, or else about
    /// the one that opened the case.
    fn status(&mut self, entry: &Entry, place: usize) -> Result<(), LedgerError> {
        let status = SignedStatus::danger_unverified(entry.object(place)?)?.carried.value;
        let other = peer(entry)?;
        let named = [Direction::Out, Direction::In]
            .map(|direction| (direction, other.clone(), status.packet_id))
            .into_iter()
            .find(|name| self.requests.contains_key(name));
        let opened = || self.cases.get(&(other.clone(), status.case_id)).cloned();
        let Some(name) = named.or_else(opened) else { return Ok(()) };
        if let Some(request) = self.requests.get_mut(&name) {
            let (code, ground) = (status.code, status.ground);
            request.words.push(Word { index: entry.index, at: entry.leaf.at, code, ground });
        }
        if entry.leaf.kind == Kind::StatusIssued {
            self.unconfirmed.insert(entry.index, name);
        }
        Ok(())
    }
}

/// Whether packets of this kind ask or tell, and are no answer in a case.
fn opens(kind: u32) -> bool {
    (1..Packet::Execution as u32).contains(&kind)
}

impl Report {
    /// The columns of [`Report::rows`].
    pub const ROWS: [&'static str; 7] =
        ["authority", "year", "table", "row", "direction", "measure", "value"];

    /// A value a row, so that rows of several reports can stand in one file. A value that is empty
    /// is hidden.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut row = |table: &str, name: Cell, column: Option<usize>, measure: &str, value: Cell| {
            rows.push(vec![
                self.authority.as_ref().map_or(Cell::Empty, word),
                Cell::Code(self.year.to_string()),
                word(table),
                name,
                column.map_or(Cell::Empty, |column| word(COLUMNS[column])),
                word(measure),
                value,
            ]);
        };
        let number = |value: Option<u64>| value.map_or(Cell::Empty, Cell::Number);
        row("report", Cell::Empty, None, "as_of", Cell::Time(self.as_of));
        row("report", Cell::Empty, None, "entries", Cell::Number(self.entries));
        row(
            "report",
            Cell::Empty,
            None,
            "root",
            self.root.map_or(Cell::Empty, |root| word(hex::encode(root))),
        );
        row("report", Cell::Empty, None, "threshold", Cell::Number(self.threshold));
        for table in &self.tables {
            let total = std::iter::once(("total".to_owned(), table.total));
            for (name, counts) in table.rows.iter().cloned().chain(total) {
                for (column, count) in counts.into_iter().enumerate() {
                    row(table.name, word(&name), Some(column), "requests", number(count));
                }
            }
        }
        for time in &self.times {
            let measures =
                [("at_least", time.at_least), ("median_seconds", time.median), ("p90_seconds", time.p90)];
            for (measure, value) in measures {
                row("times", word(time.stage), Some(time.column), measure, number(value));
            }
        }
        for amount in &self.amounts {
            for (measure, value) in [("at_least", amount.at_least), ("sum", amount.sum)] {
                let currency = Cell::Outside(amount.currency.clone());
                row("amounts", currency, Some(amount.column), measure, number(value));
            }
        }
        rows
    }
}
