//! A line of the table, and the one helper that goes through it.

use crate::fixture::{Fixture, copy};
use crate::place::Place;
use crate::support::tally::Tally;
use rogatory::archive::inspect;
use rogatory::exchange::identity::Identity;
use rogatory::ledger::LedgerError;
use rogatory::ledger::compare::{Difference, compare};
use rogatory::store::StoreError;
use rogatory::store::inspect::Look;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Nothing hostile may hold verification up.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is done to a copy, and what must be said of it.
pub struct Case {
    pub name: String,
    pub expect: Expect,
    damage: Box<dyn Fn(&Place)>,
}

/// What must be said.
#[derive(Debug, Clone)]
pub enum Expect {
    /// Nothing, and rightly: the name of the case says why.
    Sound,
    /// Verification names this entry.
    Entry(u64),
    /// Verification names one of these entries.
    Within(RangeInclusive<u64>),
    /// Verification refuses in these words, since no one entry is to blame.
    Says(String),
    /// Verification may find it or not; it does not panic. Bytes that nothing depends on.
    Survives,
    /// Verification names an entry from here on; or, where whoever changed this had the log
    /// key and hid it well, comparison names the first entry of XB that witnessed more.
    Fork(u64),
    /// Verification names an entry from here on; or comparison finds a copy that is older than
    /// what XB saw, and nothing against it.
    Older(u64),
    /// Verification finds nothing. Comparison finds XA's entry invented, and forked from XB.
    Invented(u64),
    /// The same, but that it says to be of more than XB's ledger, which is not contradicted.
    Behind(u64),
}

impl Case {
    pub fn new(name: impl Into<String>, expect: Expect, damage: impl Fn(&Place) + 'static) -> Self {
        Self { name: name.into(), expect, damage: Box::new(damage) }
    }
}

/// Goes through a table on copies of a folder.
pub fn check(folder: &Path, identity: &Arc<Identity>, cases: Vec<Case>, at_least: usize) {
    let count = cases.len();
    assert!(count >= at_least, "{count} cases");
    let mut wrong = Vec::new();
    for case in cases {
        let place = copy(folder, identity);
        (case.damage)(&place);
        let began = Instant::now();
        let said = catch_unwind(AssertUnwindSafe(|| say(&place.data(), &case.expect)));
        let problem = match said {
            Ok(None) if began.elapsed() < PATIENCE => continue,
            Ok(None) => format!("took {:?}", began.elapsed()),
            Ok(Some(said)) => said,
            Err(_) => "panicked".into(),
        };
        wrong.push(format!("{}: expected {:?}: {problem}", case.name, case.expect));
    }
    println!("{count} cases");
    Tally { faults: count as u64, tried: count as u64, ..Tally::default() }.say("damaged ledgers");
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
}

/// What is wrong with what is said of a folder, if anything.
fn say(folder: &Path, expect: &Expect) -> Option<String> {
    let compared =
        matches!(expect, Expect::Fork(_) | Expect::Older(_) | Expect::Invented(_) | Expect::Behind(_));
    let look = Look { facts: compared, ..Look::default() };
    let (error, sound) = match inspect(folder, look, &mut |_| {}) {
        Ok(found) => (None, Some(found.sound)),
        Err(error) => (Some(error), None),
    };
    let named = match &error {
        Some(StoreError::Ledger(LedgerError::Entry { index, .. })) => Some(*index),
        _ => None,
    };
    let text = error.map(|error| error.to_string());
    let found = || Some(text.clone().unwrap_or_else(|| "found sound".into()));
    let as_expected = match expect {
        Expect::Survives => true,
        Expect::Sound => text.is_none(),
        Expect::Entry(index) => named == Some(*index),
        Expect::Within(range) => named.is_some_and(|index| range.contains(&index)),
        Expect::Says(words) => text.as_ref().is_some_and(|text| text.contains(words)),
        Expect::Fork(from) => match sound {
            None => named.is_some_and(|index| index >= *from),
            Some(sound) => {
                let xb = &Fixture::get().xb;
                let forks = compare(&sound, &xb.sound).forks;
                let first = forks.iter().find(|fork| fork.ledger == "XB").map(|fork| fork.index);
                let expected = xb.first_witness_beyond(*from);
                if first != expected {
                    return Some(format!("fork at {first:?} of XB, not {expected:?}"));
                }
                true
            }
        },
        Expect::Older(from) => match sound {
            None => named.is_some_and(|index| index >= *from),
            Some(sound) => {
                let xb = &Fixture::get().xb;
                let compared = compare(&sound, &xb.sound);
                let found: Vec<_> =
                    compared.older.iter().map(|older| (older.by.as_str(), older.index)).collect();
                let expected = xb.first_witness_beyond(*from);
                let agrees = compared.is_sound() && compared.older.iter().all(|older| older.size == *from);
                if !agrees || found != expected.map(|index| ("XB", index)).into_iter().collect::<Vec<_>>() {
                    return Some(format!("not older at {expected:?} of XB: {compared:?}"));
                }
                true
            }
        },
        Expect::Behind(index) => {
            let Some(sound) = sound else { return found() };
            let compared = compare(&sound, &Fixture::get().xb.sound);
            let seen = compared.older.iter().map(|older| (older.ledger.as_str(), older.index));
            let later = compared.later.iter().map(|later| ("XB", later.index));
            if !compared.is_sound() || !seen.eq([("XB", *index)]) || !later.eq([("XB", *index)]) {
                return Some(format!("{compared:?}"));
            }
            true
        }
        Expect::Invented(index) => {
            let Some(sound) = sound else { return found() };
            let compared = compare(&sound, &Fixture::get().xb.sound);
            let at = |found: &[Difference]| -> Vec<_> {
                found.iter().map(|d| (d.ledger.clone(), d.index)).collect()
            };
            let here = vec![("XA".to_owned(), *index)];
            if (at(&compared.invented), at(&compared.forks)) != (here.clone(), here) {
                return Some(format!("{compared:?}"));
            }
            true
        }
    };
    if as_expected { None } else { found() }
}
