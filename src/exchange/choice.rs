//! Which of our keys are used: of each purpose the newest that every peer has learnt of.

use super::ExchangeError;
use super::identity::{DELEGATED, TAKE_UP_AFTER};
use super::key_folder::{BEFORE, key_path};
use crate::crypto::hash::Digest;
use crate::format::Millis;
use crate::format::chain::Chain;
use crate::format::statement::{ProvenKey, algorithm_of};
use crate::format::suite::{IN_TWO, Slot};
use crate::format::wire::algorithm::Code as Algorithm;
use std::collections::HashSet;
use std::path::Path;

/// Which of our keys peers know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Learnt {
    /// How many of our statements every peer holds.
    pub told: u64,
    /// Keys that are used all the same.
    pub forced: HashSet<Digest>,
}

/// The key of a slot to be used: the newest that all peers have learnt, or have had time to learn,
/// else the oldest that stands. A key whose file is gone comes last: reading it names the file.
fn standing_one<'a>(
    folder: &Path,
    chain: &'a Chain,
    learnt: &Learnt,
    (purpose, algorithm): Slot,
    now: Millis,
) -> Option<&'a ProvenKey> {
    let stands = |key: &&ProvenKey| {
        (key.purpose, key.algorithm) == (purpose, algorithm)
            && key.usable(now)
            && key_path(folder, key).exists()
    };
    let standing: Vec<_> = chain.keys().iter().rev().filter(stands).collect();
    let may_be_used = |key: &&&ProvenKey| {
        key.seq < learnt.told
            || learnt.forced.contains(&key.id)
            || now >= key.not_before.saturating_add(BEFORE).saturating_add(TAKE_UP_AFTER)
    };
    let chosen = standing.iter().find(may_be_used).or(standing.last()).copied();
    chosen.or_else(|| chain.current_of(purpose, algorithm, now))
}

/// The keys that sign beside those of suite 1, where keys for all of it stand.
pub(super) fn beside<'a>(
    folder: &Path,
    chain: &'a Chain,
    learnt: &Learnt,
    now: Millis,
) -> Option<[&'a ProvenKey; 2]> {
    let [packet, evidence] =
        IN_TWO.map(|purpose| standing_one(folder, chain, learnt, (purpose, Algorithm::MlDsa65), now));
    Some([packet?, evidence?])
}

/// The key to be used for each purpose. Where none stands, the newest that is here: nothing is
/// signed with it but checkpoints of our own log, and the gateway can be given new ones.
pub(super) fn choice<'a>(
    folder: &Path,
    chain: &'a Chain,
    learnt: &Learnt,
    now: Millis,
) -> Result<[&'a ProvenKey; DELEGATED.len()], ExchangeError> {
    let choose = |purpose| {
        let slot = (purpose, algorithm_of(purpose));
        let newest = |here: bool| {
            let of_it = |key: &&ProvenKey| {
                (key.purpose, key.algorithm) == slot && (!here || key_path(folder, key).exists())
            };
            chain.keys().iter().rev().find(of_it)
        };
        standing_one(folder, chain, learnt, slot, now)
            .or_else(|| newest(true))
            .or_else(|| newest(false))
            .ok_or_else(|| {
                ExchangeError::Invalid(format!("no key for {} was ever stated", purpose.as_str_name()))
            })
    };
    let [packet, evidence, checkpoint, cosign, content, tls] = DELEGATED.map(choose);
    Ok([packet?, evidence?, checkpoint?, cosign?, content?, tls?])
}
