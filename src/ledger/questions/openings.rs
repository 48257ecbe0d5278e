//! Who opened which content, when, and what for.

use super::{Cell, Filter, Question, Row, direction, first_about, maybe, names, word};
use crate::format::wire::leaf::Kind;
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;
use crate::ledger::records::Direction;
use std::collections::BTreeMap;

/// The question.
pub struct Openings {
    filter: Filter,
    people: BTreeMap<[u8; 8], String>,
    /// What may be opened, by its first entry: a packet of a kind, or (none) a status.
    sealed: BTreeMap<u64, (Direction, Option<i32>)>,
}

impl Openings {
    /// `people` are the names that are known and asked for, by pseudonym.
    pub fn new(filter: Filter, people: BTreeMap<[u8; 8], String>) -> Self {
        Self { filter: Filter { kind: Some(Kind::Opening), ..filter }, people, sealed: BTreeMap::new() }
    }
}

impl Question for Openings {
    fn columns(&self) -> &'static [&'static str] {
        &["index", "at", "actor", "name", "purpose", "peer", "packet", "case", "direction", "kind", "object"]
    }

    fn entry(&mut self, entry: &Entry, rows: &mut Vec<Row>) -> Result<(), LedgerError> {
        if let Some((direction, signed)) = first_about(entry)? {
            self.sealed.insert(entry.index, (direction, Some(signed.header.kind.into())));
        }
        let leaf = &entry.leaf;
        match leaf.kind {
            Kind::StatusIssued => drop(self.sealed.insert(entry.index, (Direction::Out, None))),
            Kind::StatusReceived => drop(self.sealed.insert(entry.index, (Direction::In, None))),
            _ => {}
        }
        if self.filter.takes(leaf) {
            let sealed = leaf.about.and_then(|index| self.sealed.get(&index));
            let name = leaf.actor.and_then(|actor| self.people.get(&actor));
            rows.push(vec![
                Cell::Number(entry.index),
                Cell::Time(leaf.at),
                maybe(&leaf.actor.map(hex::encode)),
                name.map_or(Cell::Empty, |name| Cell::Outside(name.clone())),
                word(names::purpose(leaf.purpose)),
                maybe(&leaf.peer),
                maybe(&leaf.id),
                maybe(&leaf.case_id),
                sealed.map_or(Cell::Empty, |(way, _)| direction(*way)),
                sealed.map_or(Cell::Empty, |(_, kind)| match kind {
                    Some(kind) => word(names::kind(kind.unsigned_abs())),
                    None => word("status"),
                }),
                leaf.object.checked_sub(1).map_or_else(|| word("all"), |number| Cell::Number(number.into())),
            ]);
        }
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<Row>) {}
}
