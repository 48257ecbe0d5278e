//! Questions that auditors ask of a ledger.
//!
//! Each is a function of the entries alone, and of a time that is handed in: it is shown them
//! in order, from the first, and keeps no more of them than it still needs. Where they come
//! from (a running gateway, a data directory, an export) makes no difference. Nothing is
//! verified here: that is [`super::verify`]'s matter, and comes first.

pub mod entries;
pub mod gaps;
pub mod keys;
pub mod names;
pub mod openings;
pub mod report;
pub mod signatures;
pub mod statistics;
#[cfg(test)]
mod tests;
pub mod unanswered;

use super::LedgerError;
use super::entry::Entry;
use super::records::Direction;
use crate::format::Millis;
use crate::format::evidence::{Evidence, Subject};
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use crate::format::wire::event::Code as Event;
use crate::format::wire::leaf::Kind;

/// A value in an answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// Nothing to say.
    Empty,
    /// A count or an index.
    Number(u64),
    /// Yes or no.
    Flag(bool),
    /// Milliseconds since 1970.
    Time(Millis),
    /// An id, or a word of ours for a code.
    Code(String),
    /// Text that somebody else chose.
    Outside(String),
}

/// One line of an answer, a cell a column.
pub type Row = Vec<Cell>;

/// A question while it is being answered.
pub trait Question {
    /// Names of the columns, which do not change.
    fn columns(&self) -> &'static [&'static str];

    /// Is shown the next entry, and appends the rows that it amounts to by itself.
    fn entry(&mut self, entry: &Entry, rows: &mut Vec<Row>) -> Result<(), LedgerError>;

    /// Appends the rows that only the whole ledger amounts to.
    fn end(&mut self, rows: &mut Vec<Row>);
}

/// Which entries are meant; what is not named is not looked at.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The other side.
    pub peer: Option<AuthorityId>,
    /// Kind of entry.
    pub kind: Option<Kind>,
    /// Event or status, in any way of writing it.
    pub code: Option<String>,
    /// Case.
    pub case_id: Option<CaseId>,
    /// Packet or status.
    pub id: Option<PacketId>,
    /// Pseudonym.
    pub actor: Option<[u8; 8]>,
    /// Not before this time, milliseconds.
    pub from: Option<Millis>,
    /// Before this time, milliseconds.
    pub until: Option<Millis>,
}

impl Filter {
    /// Whether an entry with this leaf is meant.
    pub fn takes(&self, leaf: &Leaf) -> bool {
        fn is<T: PartialEq>(wanted: &Option<T>, found: &Option<T>) -> bool {
            wanted.is_none() || wanted == found
        }
        let code = |wanted: &String| {
            names::code(leaf).is_some_and(|name| names::plain(&name) == names::plain(wanted))
        };
        is(&self.peer, &leaf.peer)
            && self.kind.is_none_or(|kind| kind == leaf.kind)
            && self.code.as_ref().is_none_or(code)
            && is(&self.case_id, &leaf.case_id)
            && is(&self.id, &leaf.id)
            && is(&self.actor, &leaf.actor)
            && self.from.is_none_or(|from| leaf.at >= from)
            && self.until.is_none_or(|until| leaf.at < until)
    }
}

/// What has lasted for how long.
#[derive(Debug, Clone)]
pub struct Lasting {
    /// Of this peer only.
    pub peer: Option<AuthorityId>,
    /// For this long at least, milliseconds.
    pub older: Millis,
    /// The time at which the question is asked.
    pub now: Millis,
}

impl Lasting {
    /// Whether something that began at `since` is meant.
    fn takes(&self, peer: Option<&AuthorityId>, since: Millis) -> bool {
        let peer = self.peer.is_none() || self.peer.as_ref() == peer;
        peer && self.now.saturating_sub(since) >= self.older
    }

    /// Whole days since.
    fn days(&self, since: Millis) -> Cell {
        Cell::Number(self.now.saturating_sub(since) / (24 * 3600 * 1000))
    }
}

/// The packet whose header an entry holds: the first entry about it, or the refusal of
/// another packet under its id.
fn first_about(entry: &Entry) -> Result<Option<(Direction, SignedHeader)>, LedgerError> {
    if entry.leaf.kind != Kind::EvidenceIssued || entry.leaf.objects.len() != 2 {
        return Ok(None);
    }
    let evidence = Evidence::danger_unverified(entry.object(0)?)?;
    match evidence.subject {
        Subject::Known(named) if !named.is_status => {
            let direction =
                if evidence.event == Event::SubmissionAcceptance { Direction::Out } else { Direction::In };
            Ok(Some((direction, SignedHeader::danger_unverified(entry.object(1)?)?)))
        }
        _ => Ok(None),
    }
}

/// The event that an entry about evidence names.
fn event(leaf: &Leaf) -> Option<Event> {
    let about_evidence = matches!(leaf.kind, Kind::EvidenceIssued | Kind::EvidenceReceived);
    about_evidence
        .then(|| i32::try_from(leaf.code).ok().and_then(|code| Event::try_from(code).ok()))
        .flatten()
}

fn peer(entry: &Entry) -> Result<AuthorityId, LedgerError> {
    entry.leaf.peer.clone().ok_or_else(|| entry.wrong("names no peer"))
}

fn word(text: impl std::fmt::Display) -> Cell {
    Cell::Code(text.to_string())
}

fn maybe(value: &Option<impl std::fmt::Display>) -> Cell {
    value.as_ref().map_or(Cell::Empty, word)
}

fn direction(direction: Direction) -> Cell {
    word(if direction == Direction::Out { "sent" } else { "received" })
}
