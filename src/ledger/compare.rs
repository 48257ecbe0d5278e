//! Comparison of two sound ledgers: what one has and the other lacks, and whether either
//! showed the other a tree that it does not have now.

use super::tree;
use super::tree::Nodes;
use super::verify::{Fact, Sound, Witnessed};
use crate::crypto::hash::Digest;
use crate::format::id::AuthorityId;
use crate::format::{Millis, limits};
use std::collections::{BTreeMap, BTreeSet};

/// What a comparison found.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Evidence and statuses that both have.
    pub matched: u64,
    /// What one issued and the other has not received yet: on its way, or withheld.
    pub missing: Vec<Difference>,
    /// What one says that it received and the other did not issue.
    pub invented: Vec<Difference>,
    /// Trees that one saw of the other and that are not part of it now: a fork or a roll-back.
    pub forks: Vec<Difference>,
    /// Ledgers that end before what the other saw of them, and agree with all of that.
    pub older: Vec<Older>,
    /// What one says that it received, behind the end of the other's older copy.
    pub later: Vec<Difference>,
    /// Trees of each other that agree.
    pub witnessed: u64,
    /// For the first ledger and for the second: the shortest time, in milliseconds by the two
    /// clocks, from what it issued to its being logged by the other. Less than nothing: the
    /// clocks differ by at least that.
    pub shortest: [Option<i64>; 2],
}

/// One difference.
#[derive(Debug, Clone)]
pub struct Difference {
    /// In whose ledger it was found.
    pub ledger: String,
    /// At which entry.
    pub index: u64,
    /// What it is.
    pub what: String,
}

/// An older copy of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Older {
    /// Whose ledger.
    pub ledger: String,
    /// How many entries the copy has.
    pub size: u64,
    /// Who saw more of it.
    pub by: String,
    /// In which of its entries first.
    pub index: u64,
    /// How many entries it saw at most.
    pub seen: u64,
}

impl Comparison {
    /// How far the second ledger's clock is ahead of the first's, milliseconds, if the ways are
    /// equally long both ways.
    pub fn clock_drift(&self) -> Option<i64> {
        let [there, back] = self.shortest;
        Some(there?.saturating_sub(back?) / 2)
    }

    /// Whether nothing speaks against either side.
    pub fn is_sound(&self) -> bool {
        self.invented.is_empty() && self.forks.is_empty()
    }
}

/// Compares two ledgers.
pub fn compare<A: Nodes, B: Nodes>(a: &Sound<A>, b: &Sound<B>) -> Comparison {
    let mut found = Comparison::default();
    found.shortest[0] = one_way(a, b, &mut found);
    found.shortest[1] = one_way(b, a, &mut found);
    found
}

fn one_way<A: Nodes, B: Nodes>(from: &Sound<A>, to: &Sound<B>, found: &mut Comparison) -> Option<i64> {
    let mut shortest: Option<i64> = None;
    let (issuer, receiver) = (from.chain.authority(), to.chain.authority());
    let between = |facts: &BTreeMap<Digest, Fact>, other: &AuthorityId| -> Vec<(Digest, Fact)> {
        facts.iter().filter(|(_, fact)| fact.peer == *other).map(|(d, f)| (*d, f.clone())).collect()
    };
    let difference = |ledger: &AuthorityId, fact: &Fact| Difference {
        ledger: ledger.to_string(),
        index: fact.index,
        what: match fact.id {
            Some(id) => format!("{} of {id}", fact.what),
            None => fact.what.clone(),
        },
    };
    for (digest, fact) in between(&from.facts.issued, receiver) {
        match to.facts.received.get(&digest) {
            Some(received) => {
                found.matched += 1;
                let took = after(fact.at, received.at);
                shortest = Some(shortest.map_or(took, |known| known.min(took)));
            }
            None if fact.shared => found.missing.push(difference(issuer, &fact)),
            None => {}
        }
    }
    let (mut beyond, mut forks): (Vec<&Witnessed>, Vec<&Witnessed>) = (Vec::new(), Vec::new());
    for seen in to.facts.witnessed.iter().filter(|seen| seen.peer == *issuer) {
        if seen.size > from.size {
            beyond.push(seen);
        } else if tree::root(seen.size, &from.scratch).is_ok_and(|own| own == seen.root) {
            found.witnessed += 1;
        } else {
            forks.push(seen);
        }
    }
    if forks.is_empty() && agrees(from, to, &beyond) {
        found.older.extend(beyond.first().map(|first| Older {
            ledger: issuer.to_string(),
            size: from.size,
            by: receiver.to_string(),
            index: first.index,
            seen: beyond.iter().map(|seen| seen.size).max().unwrap_or(first.size),
        }));
    } else {
        forks.append(&mut beyond);
        forks.sort_by_key(|seen| seen.index);
    }
    found.forks.extend(forks.into_iter().map(|Witnessed { index, peer, size, .. }| Difference {
        ledger: receiver.to_string(),
        index: *index,
        what: format!("a tree of {peer} with {size} entries that {peer} does not have"),
    }));
    // What an older copy lacks because it is older.
    let later: BTreeSet<u64> =
        beyond.iter().filter(|seen| behind(seen, from.size).is_some()).map(|seen| seen.index).collect();
    for (digest, fact) in between(&to.facts.received, issuer) {
        match from.facts.issued.contains_key(&digest) {
            true => {}
            false if later.contains(&fact.index) => found.later.push(difference(receiver, &fact)),
            false => found.invented.push(difference(receiver, &fact)),
        }
    }
    shortest
}

/// Whether what `to` saw of the other's ledger beyond the end of `from` may follow upon `from`:
/// every hash that it saw of what is here is the same, and nothing here is newer than what was
/// seen of the rest.
fn agrees<A: Nodes, B: Nodes>(from: &Sound<A>, to: &Sound<B>, beyond: &[&Witnessed]) -> bool {
    let in_time = |seen: &&Witnessed| match behind(seen, from.size) {
        // By the same clock: the times of entries never go back.
        Some(at) => at >= from.at,
        None => seen.at.saturating_add(limits::CLOCK_LEAD) >= from.at,
    };
    let same = |((number, hash), _): (&(u64, Digest), &u64)| {
        tree::leaf_of_node(*number) >= from.size || from.scratch.node(*number).is_ok_and(|own| own == *hash)
    };
    let nodes = to.facts.nodes.get(from.chain.authority());
    beyond.iter().all(in_time) && (beyond.is_empty() || nodes.is_none_or(|nodes| nodes.iter().all(same)))
}

/// When the entry that was proved in this tree was committed, if it stands behind the first `size`.
fn behind(seen: &Witnessed, size: u64) -> Option<Millis> {
    seen.leaf.filter(|(index, _)| *index >= size).map(|(_, at)| at)
}

/// How long after one time the other is, by clocks that may say anything.
fn after(first: Millis, then: Millis) -> i64 {
    let apart = i64::try_from(then.abs_diff(first)).unwrap_or(i64::MAX);
    if then < first { -apart } else { apart }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_nobody_can_mean_are_no_reason_to_fail() {
        assert_eq!([after(5, 7), after(7, 5)], [2, -2]);
        assert_eq!([after(0, u64::MAX), after(u64::MAX, 0)], [i64::MAX, -i64::MAX]);
        let drift = |there, back| {
            let shortest = [Some(there), Some(back)];
            Comparison { shortest, ..Comparison::default() }.clock_drift()
        };
        assert_eq!([drift(300, -100), drift(-100, 300)], [Some(200), Some(-200)]);
        assert_eq!(drift(i64::MAX, -i64::MAX), Some(i64::MAX / 2));
    }
}
