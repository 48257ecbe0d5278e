//! Which entries are there: one row each.

use super::{Cell, Filter, Question, Row, maybe, names, word};
use crate::format::wire::leaf::Kind;
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;

/// The question.
pub struct Entries {
    /// Which.
    pub filter: Filter,
}

impl Question for Entries {
    fn columns(&self) -> &'static [&'static str] {
        &[
            "index", "at", "kind", "code", "cause", "peer", "id", "case", "actor", "about", "purpose",
            "objects",
        ]
    }

    fn entry(&mut self, entry: &Entry, rows: &mut Vec<Row>) -> Result<(), LedgerError> {
        let leaf = &entry.leaf;
        if self.filter.takes(leaf) {
            rows.push(vec![
                Cell::Number(entry.index),
                Cell::Time(leaf.at),
                word(leaf.kind.as_str_name()),
                maybe(&names::code(leaf)),
                maybe(&names::cause(leaf.cause)),
                maybe(&leaf.peer),
                maybe(&leaf.id),
                maybe(&leaf.case_id),
                maybe(&leaf.actor.map(hex::encode)),
                leaf.about.map_or(Cell::Empty, Cell::Number),
                if leaf.kind == Kind::Opening { word(names::purpose(leaf.purpose)) } else { Cell::Empty },
                Cell::Number(leaf.objects.len() as u64),
            ]);
        }
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<Row>) {}
}
