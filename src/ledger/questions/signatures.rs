//! Which key signed what: packets, evidence and statuses of both sides, and whether that key
//! stood, as far as this ledger knew at that entry.

use super::{Cell, Filter, Question, Row, first_about, maybe, names, peer, word};
use crate::format::Millis;
use crate::format::chain::Chain;
use crate::format::chain::standing::{Place, standing};
use crate::format::envelope::{KeySource as _, PayloadType, Unverified};
use crate::format::evidence::Evidence;
use crate::format::id::AuthorityId;
use crate::format::packet::SignedHeader;
use crate::format::status::SignedStatus;
use crate::format::wire::AckEntry;
use crate::format::wire::leaf::Kind;
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;
use crate::ledger::records::Direction;
use prost::Message as _;
use std::collections::BTreeMap;

/// The question.
#[derive(Default)]
pub struct Signatures {
    /// Of these entries only.
    pub filter: Filter,
    /// Statements so far; none: our own.
    known: BTreeMap<Option<AuthorityId>, Chain>,
}

/// Something signed that an entry holds.
struct Said {
    what: &'static str,
    kind: PayloadType,
    object: usize,
    made: Millis,
    /// Whether the other side signed.
    theirs: bool,
    /// Where its author's log holds it, as far as the entry shows that.
    place: Place,
}

impl Signatures {
    /// Of the entries that are meant.
    pub fn new(filter: Filter) -> Self {
        Self { filter, known: BTreeMap::new() }
    }

    fn learn(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        let statement = entry.object(0)?;
        match self.known.get_mut(&entry.leaf.peer) {
            // The first statement of an identity that is paired anew under its name begins anew.
            Some(chain) if Chain::open(statement).is_err() => chain.append(statement).map(|_| ())?,
            _ => {
                self.known.insert(entry.leaf.peer.clone(), Chain::open(statement)?);
            }
        }
        Ok(())
    }
}

fn said(entry: &Entry) -> Result<Vec<Said>, LedgerError> {
    // A receipt says where the peer's log holds what it is of.
    let place = |theirs: bool, receipt: usize| -> Result<Place, LedgerError> {
        if !theirs {
            return Ok(Place::Logged(entry.index));
        }
        let receipt = AckEntry::decode(entry.object(receipt)?)
            .map_err(|_| entry.wrong("holds something that is no receipt"))?;
        Ok(Place::Logged(receipt.index))
    };
    let evidence = |theirs| -> Result<Said, LedgerError> {
        let made = Evidence::danger_unverified(entry.object(0)?)?.at;
        let place = place(theirs, 1)?;
        Ok(Said { what: "evidence", kind: PayloadType::Evidence, object: 0, made, theirs, place })
    };
    let status = |object, theirs| -> Result<Said, LedgerError> {
        let made = SignedStatus::danger_unverified(entry.object(object)?)?.carried.value.created;
        let place = place(theirs, object + 1)?;
        Ok(Said { what: "status", kind: PayloadType::Status, object, made, theirs, place })
    };
    Ok(match entry.leaf.kind {
        Kind::EvidenceIssued => {
            let mut all = Vec::new();
            if let Some((direction, packet)) = first_about(entry)? {
                let (made, theirs) = (packet.header.created, direction == Direction::In);
                let (what, kind, place) = ("packet", PayloadType::Packet, Place::Loose);
                all.push(Said { what, kind, object: 1, made, theirs, place });
            } else if entry.leaf.objects.len() == 4 {
                // A status that was refused.
                all.push(status(1, true)?);
            }
            all.push(evidence(false)?);
            all
        }
        Kind::EvidenceReceived => vec![evidence(true)?],
        Kind::StatusIssued => vec![status(0, false)?],
        Kind::StatusReceived => vec![status(1, true)?, evidence(false)?],
        // A packet of ours that waited under a key that was revoked meanwhile.
        Kind::Resigned => {
            let made = SignedHeader::danger_unverified(entry.object(0)?)?.header.created;
            let (what, kind, place) = ("packet", PayloadType::Packet, Place::Loose);
            vec![Said { what, kind, object: 0, made: made.max(entry.leaf.at), theirs: false, place }]
        }
        _ => Vec::new(),
    })
}

impl Question for Signatures {
    fn columns(&self) -> &'static [&'static str] {
        &[
            "index",
            "at",
            "peer",
            "id",
            "signed",
            "made",
            "signer",
            "purpose",
            "key_id",
            "valid_from",
            "valid_until",
            "standing",
        ]
    }

    fn entry(&mut self, entry: &Entry, rows: &mut Vec<Row>) -> Result<(), LedgerError> {
        if entry.leaf.kind == Kind::KeyStatement {
            return self.learn(entry);
        }
        if !self.filter.takes(&entry.leaf) {
            return Ok(());
        }
        for Said { what, kind, object, made, theirs, place } in said(entry)? {
            let signer = if theirs { Some(peer(entry)?) } else { None };
            let chain = self.known.get(&signer).ok_or_else(|| entry.wrong("comes before any statement"))?;
            let envelope = Unverified::parse(kind, entry.object(object)?)?;
            for id in envelope.signers() {
                let key = chain.key(id);
                let time = |time: fn(&crate::format::statement::ProvenKey) -> Millis| {
                    key.map_or(Cell::Empty, |key| Cell::Time(time(key)))
                };
                let stood = match key {
                    None => "unknown",
                    Some(key) => standing(key, made, place).err().map_or("valid", |unfit| unfit.why()),
                };
                rows.push(vec![
                    Cell::Number(entry.index),
                    Cell::Time(entry.leaf.at),
                    maybe(&entry.leaf.peer),
                    maybe(&entry.leaf.id),
                    word(what),
                    Cell::Time(made),
                    word(chain.authority()),
                    key.map_or(Cell::Empty, |key| word(names::key(key.purpose))),
                    word(hex::encode(id)),
                    time(|key| key.not_before),
                    time(|key| key.not_after),
                    word(stood),
                ]);
            }
        }
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<Row>) {}
}
