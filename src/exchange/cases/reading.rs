//! What this gateway has read of the content that it holds: what search finds it by, and the dates
//! that deadlines depend on. In memory only, made from the ledger and the content after each start,
//! and forgotten with content that is erased. Nobody is shown anything of it but dates and codes;
//! whatever else is shown is opened anew, and recorded.

use super::marks::Marks;
use crate::exchange::{Exchange, ExchangeError};
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use crate::format::sequence::Side;
use crate::format::status::SignedStatus;
use crate::format::wire::request::Content;
use crate::format::wire::{
    Request, event::Code as Event, kind::Code as Kind, leaf::Kind as LeafKind, urgency::Code as Urgency,
};
use crate::format::{Millis, wire};
use crate::ledger::records::Direction;
use crate::request::deadlines::Letter;
use crate::request::deadlines::calendar::last_day;
use crate::request::folding::fold;
use crate::request::texts::{Text, references, texts};
use crate::store::content;
use jiff::civil::Date;
use prost::Message as _;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Packets that could not be opened and are tried again at most.
const AGAIN: usize = 256;
/// Entries that are read before others are let in.
const STEP: u64 = 256;
/// Folded text of one packet or status, bytes.
const LONGEST: usize = 256 * 1024;
/// Folded text altogether, bytes (256 MiB).
const ALL: usize = 256 << 20;

/// The memory; empty until it catches up.
#[derive(Default)]
pub struct Reading {
    index: Mutex<Index>,
    ended: AtomicBool,
}

/// What was read so far.
#[derive(Default)]
pub struct Index {
    /// The entry to go on from.
    next: u64,
    known: Vec<Known>,
    by_id: HashMap<(AuthorityId, PacketId), Vec<usize>>,
    by_case: HashMap<(AuthorityId, CaseId), Vec<usize>>,
    guarded: HashSet<(AuthorityId, CaseId)>,
    /// What came under a limit of use.
    pub marks: Marks,
    /// Entries of packets that came and could not be opened.
    again: Vec<u64>,
    bytes: usize,
    /// Packets and texts of which not all is here.
    pub unread: u64,
}

/// A packet, or a status with a text.
pub struct Known {
    /// Which way it went.
    pub direction: Direction,
    /// The other side.
    pub peer: AuthorityId,
    /// Its id.
    pub id: PacketId,
    /// Its case.
    pub case_id: CaseId,
    /// Its entry.
    pub index: u64,
    /// When it was made.
    pub created: Millis,
    /// What it is.
    pub what: What,
    /// What it is found by, a line a field.
    folded: String,
}

/// What is known of either.
pub enum What {
    /// A packet.
    Packet(Packet),
    /// A status, about this packet.
    Status(PacketId),
}

/// Of a packet.
pub struct Packet {
    /// Kind.
    pub kind: Kind,
    /// Urgency.
    pub urgency: Urgency,
    /// Packet that it answers.
    pub in_reply_to: Option<PacketId>,
    /// What its body says; none: it is not here.
    pub dates: Option<Dates>,
}

/// Dates that a body names.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dates {
    /// When what is asked for is wanted.
    pub wanted_by: Option<Date>,
    /// When a reply is wanted.
    pub reply_by: Option<Date>,
}

impl Reading {
    /// What is known, up to the newest entry. The first time after a start it takes a while. Blocks,
    /// and lets others in between: an erasure does not wait for all of it.
    pub fn caught_up(&self, exchange: &Exchange) -> Result<MutexGuard<'_, Index>, ExchangeError> {
        let snapshot = exchange.store.snapshot();
        let size = snapshot.size()?;
        loop {
            let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
            let end = size.min(index.next + STEP);
            while index.next < end {
                let at = index.next;
                if let Some(leaf) = snapshot.leaf(at)? {
                    index.take(exchange, at, &leaf)?;
                }
                index.next = at + 1;
            }
            if index.next >= size {
                index.try_again(exchange)?;
                return Ok(index);
            }
            if self.ended.load(Ordering::Relaxed) {
                return Err(ExchangeError::Precluded("the gateway is stopping".into()));
            }
        }
    }

    /// Reads no further: a stop does not wait until everything is read.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// Forgets what was read of a packet, and of the statuses about it.
    pub fn forget(&self, peer: &AuthorityId, id: &PacketId) {
        self.index.lock().unwrap_or_else(PoisonError::into_inner).forget(peer, id);
    }
}

impl Index {
    /// What is known of a case, in the order of the log.
    pub fn case<'a>(&'a self, peer: &AuthorityId, case_id: &CaseId) -> impl Iterator<Item = &'a Known> {
        let found = self.by_case.get(&(peer.clone(), *case_id));
        found.into_iter().flatten().map(|place| &self.known[*place])
    }

    /// Whether identities are guarded in a case.
    pub fn is_guarded(&self, peer: &AuthorityId, case_id: &CaseId) -> bool {
        self.guarded.contains(&(peer.clone(), *case_id))
    }

    /// What holds all of these words, newest first.
    pub fn find<'a>(&'a self, terms: &'a [String]) -> impl Iterator<Item = &'a Known> {
        let holds = |known: &&Known| terms.iter().all(|term| known.folded.contains(term.as_str()));
        self.known.iter().rev().filter(holds)
    }

    fn take(&mut self, exchange: &Exchange, at: u64, leaf: &[u8]) -> Result<(), ExchangeError> {
        match Leaf::kind_in(leaf) {
            Some(LeafKind::EvidenceIssued) => {
                let leaf = Leaf::decode(leaf)?;
                let first = [Event::SubmissionAcceptance, Event::RelayAcceptance, Event::RelayRejection]
                    .into_iter()
                    .find(|event| leaf.code == *event as u32);
                match first {
                    Some(event) if leaf.objects.len() == 2 => self.packet(exchange, at, event),
                    _ => Ok(()),
                }
            }
            Some(kind @ (LeafKind::StatusIssued | LeafKind::StatusReceived)) => {
                self.status(exchange, at, kind)
            }
            Some(LeafKind::Erased) => {
                let leaf = Leaf::decode(leaf)?;
                if let (Some(peer), Some(id)) = (&leaf.peer, &leaf.id) {
                    self.forget(peer, id);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn packet(&mut self, exchange: &Exchange, at: u64, event: Event) -> Result<(), ExchangeError> {
        let entry = exchange.store.snapshot().entry(at)?;
        let signed = SignedHeader::danger_unverified(entry.object(1)?)?;
        let header = &signed.header;
        let (direction, peer) = match event {
            Event::SubmissionAcceptance => (Direction::Out, header.recipient.clone()),
            _ => (Direction::In, header.sender.clone()),
        };
        // A packet whose body can't be opened is one that search does not find; whoever fetches it
        // is told why.
        let opened = opened(exchange, direction, &peer, &signed).unwrap_or_else(|error| {
            tracing::warn!(packet = %header.id, %error, "a body could not be read for search");
            if direction == Direction::In && self.again.len() < AGAIN {
                self.again.push(at);
            }
            None
        });
        let case = (peer.clone(), header.case_id);
        let body = opened.as_ref().map(|(body, _)| body);
        let guards = body.and_then(|body| body.handling.as_ref()).is_some_and(|h| h.victim_protected);
        if guards && self.guarded.insert(case.clone()) {
            self.guard(exchange, &case)?;
        }
        match (&opened, direction) {
            (Some((body, _)), Direction::Out) => self.marks.own(header.id, body),
            (Some((body, bytes)), Direction::In) => self.marks.take(header, body, bytes),
            (None, Direction::In) if header.kind == Kind::ConsentToUse => self.marks.unheard(&peer),
            (None, _) => {}
        }
        let found = body.map(|body| self.words(&case, body)).unwrap_or_default();
        let what = What::Packet(Packet {
            kind: header.kind,
            urgency: header.urgency,
            in_reply_to: header.in_reply_to,
            dates: body.map(dates),
        });
        let (id, created) = (header.id, header.created);
        let folded = self.folded(&found);
        self.put(Known { direction, peer, id, case_id: case.1, index: at, created, what, folded });
        Ok(())
    }

    /// Tries bodies again that could not be opened: a mark may stand in them. A consent is not taken
    /// then: it would come behind newer ones, and its sender has to say it anew.
    fn try_again(&mut self, exchange: &Exchange) -> Result<(), ExchangeError> {
        let mut left = Vec::new();
        for at in self.again.clone() {
            let entry = exchange.store.snapshot().entry(at)?;
            let signed = SignedHeader::danger_unverified(entry.object(1)?)?;
            let header = &signed.header;
            match opened(exchange, Direction::In, &header.sender, &signed) {
                Ok(Some((body, bytes))) if header.kind != Kind::ConsentToUse => {
                    self.marks.take(header, &body, &bytes);
                }
                Ok(_) => {}
                Err(_) => left.push(at),
            }
        }
        self.again = left;
        Ok(())
    }

    fn status(&mut self, exchange: &Exchange, at: u64, kind: LeafKind) -> Result<(), ExchangeError> {
        let entry = exchange.store.snapshot().entry(at)?;
        let ours = kind == LeafKind::StatusIssued;
        let status = SignedStatus::danger_unverified(entry.object(usize::from(!ours))?)?.carried.value;
        if status.text.is_none() {
            return Ok(());
        }
        let (direction, peer) = match ours {
            true => (Direction::Out, status.peer.clone()),
            false => (Direction::In, status.author.clone()),
        };
        let text = exchange.danger_text(direction, &status).unwrap_or_else(|error| {
            tracing::warn!(status = %status.id, %error, "a text could not be read for search");
            None
        });
        let Some(text) = text else { return Ok(()) };
        let field = |field: &str, text: &str| Text { field: field.to_owned(), text: text.to_owned() };
        let mut found = vec![field("national_reference", &text.national_reference)];
        if !self.is_guarded(&peer, &status.case_id) {
            found.push(field("text", &text.text));
        }
        let (case_id, id, created) = (status.case_id, status.id, status.created);
        let (what, folded) = (What::Status(status.packet_id), self.folded(&found));
        self.put(Known { direction, peer, id, case_id, index: at, created, what, folded });
        Ok(())
    }

    fn put(&mut self, known: Known) {
        let (place, peer) = (self.known.len(), known.peer.clone());
        self.by_id.entry((peer.clone(), known.id)).or_default().push(place);
        if let What::Status(packet) = &known.what {
            self.by_id.entry((peer.clone(), *packet)).or_default().push(place);
        }
        self.by_case.entry((peer, known.case_id)).or_default().push(place);
        self.known.push(known);
    }

    /// What a body is found by: in a case in which identities are guarded, its references alone.
    fn words(&self, case: &(AuthorityId, CaseId), body: &Request) -> Vec<Text> {
        if self.guarded.contains(case) { references(body) } else { texts(body) }
    }

    fn folded(&mut self, found: &[Text]) -> String {
        let mut all = String::new();
        for text in found {
            let folded = fold(&text.text).text;
            if all.len() + folded.len() > LONGEST || self.bytes + all.len() + folded.len() > ALL {
                self.unread += 1;
                break;
            }
            all.push_str(&folded);
            all.push('\n');
        }
        all.shrink_to_fit();
        self.bytes += all.len();
        all
    }

    /// What was read of a case before it was known that identities are guarded in it.
    fn guard(&mut self, exchange: &Exchange, case: &(AuthorityId, CaseId)) -> Result<(), ExchangeError> {
        for place in self.by_case.get(case).cloned().unwrap_or_default() {
            let known = &self.known[place];
            let found = match known.what {
                What::Packet(_) => {
                    let entry = exchange.store.snapshot().entry(known.index)?;
                    let signed = SignedHeader::danger_unverified(entry.object(1)?)?;
                    let body = opened(exchange, known.direction, &known.peer, &signed);
                    let body = body.unwrap_or_else(|error| {
                        tracing::warn!(packet = %known.id, %error, "a body could not be read again");
                        None
                    });
                    body.map(|(body, _)| references(&body)).unwrap_or_default()
                }
                What::Status(_) => Vec::new(),
            };
            self.drop_text(place);
            self.known[place].folded = self.folded(&found);
        }
        Ok(())
    }

    fn forget(&mut self, peer: &AuthorityId, id: &PacketId) {
        self.marks.forget(peer, id);
        for place in self.by_id.get(&(peer.clone(), *id)).cloned().unwrap_or_default() {
            self.drop_text(place);
            if let What::Packet(packet) = &mut self.known[place].what {
                packet.dates = None;
            }
        }
    }

    fn drop_text(&mut self, place: usize) {
        let folded = std::mem::take(&mut self.known[place].folded);
        self.bytes -= folded.len();
    }
}

impl Known {
    /// As deadlines see it; none: it is no packet.
    pub fn letter(&self, opened_by_us: bool) -> Option<Letter> {
        let What::Packet(packet) = &self.what else { return None };
        let ours = self.direction == Direction::Out;
        Some(Letter {
            id: self.id,
            by: if ours == opened_by_us { Side::Requesting } else { Side::Requested },
            in_reply_to: packet.in_reply_to,
            asks_information: packet.kind == Kind::InformationRequest,
            reply_by: packet.dates.and_then(|dates| dates.reply_by),
        })
    }

    /// Its content's key in the store.
    pub fn content_key(&self) -> Vec<u8> {
        content::key(self.direction, &self.peer, &self.id)
    }
}

/// A body and its bytes; none: it is not here.
fn opened(
    exchange: &Exchange,
    direction: Direction,
    peer: &AuthorityId,
    signed: &SignedHeader,
) -> Result<Option<(Request, Vec<u8>)>, ExchangeError> {
    let Some(bytes) = exchange.danger_body_bytes(direction, peer, signed)? else { return Ok(None) };
    let unread = |_| ExchangeError::Invalid("it is no request".into());
    Ok(Some((Request::decode(bytes.as_slice()).map_err(unread)?, bytes)))
}

fn dates(body: &Request) -> Dates {
    let day = |date: &Option<wire::Date>| date.as_ref().and_then(last_day);
    let reply_by = match &body.content {
        Some(Content::InformationRequest(asks)) => day(&asks.reply_by),
        Some(Content::Consultation(consults)) => day(&consults.reply_by),
        Some(Content::ConfidentialityNotice(notice)) => day(&notice.reply_by),
        _ => None,
    };
    Dates { wanted_by: body.wanted_by.as_ref().and_then(|wanted| day(&wanted.date)), reply_by }
}
