//! Deadlines: what somebody should do in a case, and by when. Pure. The treaties set no limits:
//! terms are policy, dates were named by people.

pub mod calendar;

use super::case::{is_ended, state};
use crate::format::Millis;
use crate::format::id::{AuthorityId, PacketId};
use crate::format::sequence::Side;
use crate::format::wire::deadline::What;
use crate::format::wire::kind::Code as Kind;
use crate::format::wire::status::Code;
use calendar::{Calendar, Calendars, Term};
use jiff::civil::Date;

/// How long things may take here.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Until the recipient's gateway has accepted a packet.
    pub acknowledge: Option<Term>,
    /// Until the requested side has registered or returned it.
    pub register: Option<Term>,
    /// Until a unit has answered another's inquiry.
    pub financial_intelligence: Option<Term>,
    /// Until the requesting side has answered a request for information that names no date.
    pub information: Option<Term>,
    /// So long before a deadline it is reminded of, milliseconds.
    pub remind_before: Millis,
    /// Working days.
    pub calendars: Calendars,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            acknowledge: Some(Term::Hours(24)),
            register: Some(Term::WorkingDays(5)),
            financial_intelligence: Some(Term::Days(7)),
            information: Some(Term::WorkingDays(20)),
            remind_before: 24 * 3600 * 1000,
            calendars: Calendars::default(),
        }
    }
}

/// A status, as far as deadlines depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// What was decided.
    pub code: Code,
    /// When.
    pub at: Millis,
    /// When it is looked at again; 0: not said.
    pub review_at: Millis,
}

/// A packet, as far as deadlines depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letter {
    /// Its id.
    pub id: PacketId,
    /// Whose it is.
    pub by: Side,
    /// The packet that it answers.
    pub in_reply_to: Option<PacketId>,
    /// It asks for information.
    pub asks_information: bool,
    /// By when it asks for a reply.
    pub reply_by: Option<Date>,
}

/// What became of a case so far.
#[derive(Debug)]
pub struct Course<'a> {
    /// Who asks.
    pub requesting: &'a AuthorityId,
    /// Who is asked.
    pub requested: &'a AuthorityId,
    /// Of the packet that opened it.
    pub kind: Kind,
    /// When that was made.
    pub sent: Millis,
    /// When the recipient's gateway accepted it.
    pub accepted: Option<Millis>,
    /// It was refused by the recipient's gateway: there is nothing to wait for.
    pub refused: bool,
    /// When the request is wanted, as it says or as it was amended.
    pub wanted_by: Option<Date>,
    /// Statuses of the requesting side that were not refused.
    pub requesting_words: &'a [Word],
    /// Of the requested side.
    pub requested_words: &'a [Word],
    /// Packets, in their order.
    pub letters: &'a [Letter],
}

/// Something that is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// What.
    pub what: What,
    /// By whom.
    pub by: Side,
    /// Until when.
    pub due: Millis,
    /// Working days were counted without a calendar of the country.
    pub assumed: bool,
}

/// What is open in a case, the next first.
pub fn deadlines(course: &Course<'_>, policy: &Policy) -> Vec<Deadline> {
    let codes = |words: &[Word]| words.iter().map(|word| word.code).collect::<Vec<_>>();
    let (asks, is_asked) = (codes(course.requesting_words), codes(course.requested_words));
    let state = state(&asks, &is_asked);
    if course.refused || is_ended(state) {
        return Vec::new();
    }
    let mut open = Open { course, policy, found: Vec::new() };
    let Some(accepted) = course.accepted else {
        open.term(What::Acknowledge, Side::Requested, course.sent, policy.acknowledge);
        return open.found;
    };
    if !is_asked.contains(&Code::Registered) {
        open.term(What::Register, Side::Requested, accepted, policy.register);
    }
    if course.kind == Kind::FinancialIntelligence && !is_asked.contains(&Code::PartlyExecuted) {
        open.term(What::FinancialIntelligence, Side::Requested, accepted, policy.financial_intelligence);
    }
    if let Some(day) = course.wanted_by {
        open.day(What::Wanted, Side::Requested, day);
    }
    let last = course.requested_words.iter().rev().find(|word| word.code != Code::Consultation);
    match last {
        Some(Word { code: Code::Postponed, review_at, .. }) if *review_at > 0 => {
            open.push(What::Review, Side::Requested, Some(*review_at), false);
        }
        // A date that was named goes before the policy's term.
        Some(word) if state == Code::InformationNeeded && !open.replies(true) => {
            open.term(What::Information, Side::Requesting, word.at, policy.information);
        }
        _ => {}
    }
    open.replies(false);
    open.found.sort_by_key(|deadline| (deadline.due, deadline.what));
    open.found
}

struct Open<'a> {
    course: &'a Course<'a>,
    policy: &'a Policy,
    found: Vec<Deadline>,
}

impl Open<'_> {
    fn calendar(&self, by: Side) -> &Calendar {
        let authority = if by == Side::Requesting { self.course.requesting } else { self.course.requested };
        self.policy.calendars.of(authority)
    }

    fn push(&mut self, what: What, by: Side, due: Option<Millis>, assumed: bool) {
        self.found.extend(due.map(|due| Deadline { what, by, due, assumed }));
    }

    fn term(&mut self, what: What, by: Side, begins: Millis, term: Option<Term>) {
        let Some(term) = term else { return };
        let calendar = self.calendar(by);
        let assumed = calendar.is_assumed() && matches!(term, Term::WorkingDays(_));
        let due = calendar.after(begins, term);
        self.push(what, by, due, assumed);
    }

    fn day(&mut self, what: What, by: Side, day: Date) {
        let due = self.calendar(by).end_of(day);
        self.push(what, by, due, false);
    }

    /// Packets that want a reply and have none, those that ask for information or the others. Says
    /// whether there are any.
    fn replies(&mut self, information: bool) -> bool {
        let letters = self.course.letters;
        let before = self.found.len();
        for letter in letters.iter().filter(|letter| letter.asks_information == information) {
            let replied =
                letters.iter().any(|other| other.by != letter.by && other.in_reply_to == Some(letter.id));
            if let Some(day) = letter.reply_by.filter(|_| !replied) {
                let by = if letter.by == Side::Requested { Side::Requesting } else { Side::Requested };
                self.day(if information { What::Information } else { What::Reply }, by, day);
            }
        }
        self.found.len() > before
    }
}

#[cfg(test)]
mod tests;
