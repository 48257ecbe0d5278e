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
    /// What each packet is, by its first entry.
    packets: BTreeMap<u64, (Direction, i32)>,
}

impl Openings {
    /// `people` are the names that are known and asked for, by pseudonym.
    pub fn new(filter: Filter, people: BTreeMap<[u8; 8], String>) -> Self {
        Self { filter: Filter { kind: Some(Kind::Opening), ..filter }, people, packets: BTreeMap::new() }
    }
}

impl Question for Openings {
    fn columns(&self) -> &'static [&'static str] {
        &["index", "at", "actor", "name", "purpose", "peer", "packet", "case", "direction", "kind", "object"]
    }

    fn entry(&mut self, entry: &Entry, rows: &mut Vec<Row>) -> Result<(), LedgerError> {
        if let Some((direction, signed)) = first_about(entry)? {
            self.packets.insert(entry.index, (direction, signed.header.kind.into()));
        }
        let leaf = &entry.leaf;
        if self.filter.takes(leaf) {
            let packet = leaf.about.and_then(|index| self.packets.get(&index));
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
                packet.map_or(Cell::Empty, |(way, _)| direction(*way)),
                packet.map_or(Cell::Empty, |(_, kind)| word(names::kind(kind.unsigned_abs()))),
                leaf.object.checked_sub(1).map_or_else(|| word("all"), |number| Cell::Number(number.into())),
            ]);
        }
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<Row>) {}
}
