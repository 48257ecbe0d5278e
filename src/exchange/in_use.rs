//! Which of our keys are used at a moment, and their private halves.

use super::ExchangeError;
use super::identity::{DELEGATED, TAKE_UP_AFTER};
use super::key_folder::{BEFORE, KeyFolder};
use crate::crypto::hash::Digest;
use crate::crypto::key_box::SecretKey;
use crate::crypto::sign::Signer;
use crate::format::chain::Chain;
use crate::format::envelope::SigningKey;
use crate::format::statement::{ProvenKey, algorithm_of};
use crate::format::suite::{IN_TWO, Slot};
use crate::format::wire::{algorithm::Code as Algorithm, purpose::Code as Purpose};
use crate::format::{FormatError, Millis};
use crate::ledger::LedgerError;
use crate::ledger::checkpoint::Checkpoint;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// How often a checkpoint is tried again, a second apart, while the token is away: without
/// its signature the store stops for good.
const WITHOUT_TOKEN: u32 = 30;

/// The chain, and every private key that is on this machine and in use.
#[derive(Clone)]
pub(super) struct Live {
    pub chain: Arc<Chain>,
    /// The keys are those of a chain before this one, and have to be read again.
    pub behind: bool,
    pub learnt: Learnt,
    pub choice: Choice,
    pub delegate: Option<(ProvenKey, SigningKey)>,
    pub packet: SigningKey,
    pub evidence: SigningKey,
    /// The keys that sign beside these two in suite 2, if we take part in it.
    pub second: Option<[SigningKey; 2]>,
    pub checkpoint: SigningKey,
    pub cosign: SigningKey,
    pub content: HashMap<Digest, Arc<SecretKey>>,
    pub tls: Arc<TlsKey>,
}

/// Which of our keys peers know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Learnt {
    /// How many of our statements every peer holds.
    pub told: u64,
    /// Keys that are used all the same.
    pub forced: HashSet<Digest>,
    /// Keys that are used no more, whatever their statements say: one that is about to be revoked.
    pub passed: HashSet<Digest>,
}

/// The key in use for each purpose of [`DELEGATED`], in that order.
pub(super) type Choice = [Digest; DELEGATED.len()];

/// A TLS key.
pub struct TlsKey {
    /// Its statement.
    pub statement: ProvenKey,
    /// The private key.
    pub signer: Arc<dyn Signer>,
    /// PEM certificates that came with it, its own first; none: it was made here.
    pub certificates: Option<Vec<u8>>,
}

impl Live {
    /// Reads the private keys that go with `chain`.
    pub fn read(
        folder: &KeyFolder,
        chain: Arc<Chain>,
        learnt: &Learnt,
        now: Millis,
    ) -> Result<Self, ExchangeError> {
        let chosen = choice(folder, &chain, learnt, now)?;
        let [packet, evidence, checkpoint, cosign, _, tls] = chosen;
        let mut content = HashMap::new();
        for key in chain.keys().iter().filter(|key| key.purpose == Purpose::Content && folder.holds(key)) {
            content.extend([folder.content(key)?]);
        }
        let delegate = chain
            .keys()
            .iter()
            .rev()
            .find(|key| key.purpose == Purpose::Delegate && key.usable(now) && folder.holds(key))
            .map(|key| Ok::<_, ExchangeError>((key.clone(), folder.signing(key)?)))
            .transpose()?;
        Ok(Self {
            behind: false,
            learnt: learnt.clone(),
            choice: chosen.map(|key| key.id),
            delegate,
            packet: folder.signing(packet)?,
            evidence: folder.signing(evidence)?,
            second: match beside(folder, &chain, learnt, now) {
                Some([packet, evidence]) => Some([folder.signing(packet)?, folder.signing(evidence)?]),
                None => None,
            },
            checkpoint: folder.signing(checkpoint)?,
            cosign: folder.signing(cosign)?,
            content,
            tls: Arc::new(TlsKey {
                statement: tls.clone(),
                signer: folder.signing(tls)?.signer,
                certificates: folder.certificates(tls)?,
            }),
            chain: chain.clone(),
        })
    }

    /// Whether this key is one that signs beside those of suite 1.
    pub fn signs_beside(&self, id: &Digest) -> bool {
        self.second.iter().flatten().any(|key| key.id == *id)
    }

    /// Signs a tree head of our log.
    pub fn sign_head(&self, size: u64, root: Digest) -> Result<Checkpoint, LedgerError> {
        let sign = || Checkpoint::sign(&self.chain.log_origin(), size, root, &self.checkpoint);
        for _ in 0..WITHOUT_TOKEN {
            match sign() {
                Err(LedgerError::Format(FormatError::Token(error))) if error.away() => {
                    std::thread::sleep(Duration::from_secs(1));
                }
                signed => return signed,
            }
        }
        sign()
    }
}

/// The key of a slot to be used: the newest that all peers have learnt, or have had time to learn,
/// else the oldest that stands. A key whose file is gone comes last: reading it names the file.
fn standing_one<'a>(
    folder: &KeyFolder,
    chain: &'a Chain,
    learnt: &Learnt,
    slot: Slot,
    now: Millis,
) -> Option<&'a ProvenKey> {
    let stands = |key: &&ProvenKey| {
        key.slot() == slot && key.usable(now) && folder.holds(key) && !learnt.passed.contains(&key.id)
    };
    let standing: Vec<_> = chain.keys().iter().rev().filter(stands).collect();
    let may_be_used = |key: &&&ProvenKey| {
        key.seq < learnt.told
            || learnt.forced.contains(&key.id)
            || now >= key.not_before.saturating_add(BEFORE).saturating_add(TAKE_UP_AFTER)
    };
    let chosen = standing.iter().find(may_be_used).or(standing.last()).copied();
    chosen.or_else(|| chain.current_of(slot, now))
}

/// The keys that sign beside those of suite 1, where keys for all of it stand.
pub(super) fn beside<'a>(
    folder: &KeyFolder,
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
    folder: &KeyFolder,
    chain: &'a Chain,
    learnt: &Learnt,
    now: Millis,
) -> Result<[&'a ProvenKey; DELEGATED.len()], ExchangeError> {
    let choose = |purpose| {
        let slot = (purpose, algorithm_of(purpose));
        let newest = |here: bool| {
            let of_it = |key: &&ProvenKey| key.slot() == slot && (!here || folder.holds(key));
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
