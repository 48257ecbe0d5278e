//! Counts for reports, from the typed statistics that entries about packets carry.

use super::{Cell, Filter, Question, Row, event, names, word};
use crate::format::Millis;
use crate::format::wire::event::Code as Event;
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;
use std::collections::BTreeMap;

/// What packets may be counted by, in the order of the columns.
pub const BY: [&str; 9] =
    ["month", "peer", "direction", "kind", "instrument", "offence", "assistance", "ground", "currency"];

/// The question.
pub struct Statistics {
    filter: Filter,
    by: [bool; BY.len()],
    counts: BTreeMap<[Cell; BY.len()], Counts>,
}

#[derive(Default)]
struct Counts {
    packets: u64,
    amount: u64,
}

impl Statistics {
    /// Counts by those of [`BY`] that `by` names.
    pub fn new(filter: Filter, by: &[impl AsRef<str>]) -> Self {
        let by = BY.map(|column| by.iter().any(|name| name.as_ref() == column));
        Self { filter, by, counts: BTreeMap::new() }
    }
}

/// A month in UTC: `2026-11`.
fn month(at: Millis) -> String {
    let time = i64::try_from(at).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    time.unwrap_or(jiff::Timestamp::MAX).strftime("%Y-%m").to_string()
}

impl Question for Statistics {
    fn columns(&self) -> &'static [&'static str] {
        &[
            "month",
            "peer",
            "direction",
            "kind",
            "instrument",
            "offence",
            "assistance",
            "ground",
            "currency",
            "packets",
            "amount",
        ]
    }

    fn entry(&mut self, entry: &Entry, _: &mut Vec<Row>) -> Result<(), LedgerError> {
        let leaf = &entry.leaf;
        let Some(said) = leaf.statistics.as_ref().filter(|_| self.filter.takes(leaf)) else { return Ok(()) };
        let sent = event(leaf) == Some(Event::SubmissionAcceptance);
        let mut values = [
            word(month(leaf.at)),
            leaf.peer.as_ref().map_or(Cell::Empty, word),
            word(if sent { "sent" } else { "received" }),
            word(names::kind(said.kind)),
            word(names::instrument(said.instrument)),
            word(names::offence(said.offence)),
            word(names::assistance(said.assistance)),
            word(names::ground(said.ground)),
            Cell::Outside(said.currency.clone()),
        ];
        for (value, _) in values.iter_mut().zip(self.by).filter(|(_, by)| !by) {
            *value = Cell::Empty;
        }
        let counts = self.counts.entry(values).or_default();
        counts.packets += 1;
        counts.amount = counts.amount.saturating_add(said.amount);
        Ok(())
    }

    fn end(&mut self, rows: &mut Vec<Row>) {
        let by_currency = self.by[BY.len() - 1];
        for (values, counts) in std::mem::take(&mut self.counts) {
            let mut row = values.to_vec();
            row.push(Cell::Number(counts.packets));
            // Amounts of several currencies have no sum.
            row.push(if by_currency { Cell::Number(counts.amount) } else { Cell::Empty });
            rows.push(row);
        }
    }
}
