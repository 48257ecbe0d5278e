//! Witnessing by C2SP tlog-witness: as the witness of our peers' logs for whoever submits
//! their checkpoints, and as a log that has itself witnessed by third parties.

use super::directory::Peer;
use super::witness::Endorsed;
use super::{Exchange, ExchangeError, durable};
use crate::crypto::hash::{Digest, sha256};
use crate::format::leaf::Leaf;
use crate::format::wire::{Cosigned, leaf::Kind as LeafKind};
use crate::format::{Millis, limits};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::records::{self, PeerRecord, WitnessRecord};
use crate::ledger::submission::Submission;
use crate::ledger::third_party::ThirdParty;
use crate::ledger::{LedgerError, tree};
use crate::store::{Decision, NewEntry};
use prost::Message as _;

/// What a witness says to a submission, in the order in which it looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Not of its form, or an old size beyond the checkpoint's.
    Malformed,
    /// No log of a peer of ours.
    Unknown,
    /// Not signed by its log.
    Unsigned,
    /// Another size was cosigned last: this one. Or the same size with another root.
    Conflict(u64),
    /// The proof does not lead to this tree.
    Unproved,
    /// Not before so many milliseconds have passed.
    TooSoon(Millis),
    /// Durable: our cosignature line.
    Cosigned(Vec<u8>),
}

impl Exchange {
    /// Decides about a submission of a peer's checkpoint. What was cosigned last is the state
    /// of the peer-face cosignatures too, and stands in the ledger.
    pub async fn add_checkpoint(&self, body: &[u8]) -> Result<Verdict, ExchangeError> {
        let Ok(submission) = Submission::decode(body) else { return Ok(Verdict::Malformed) };
        let Ok(claimed) = Checkpoint::danger_unverified(&submission.note) else {
            return Ok(Verdict::Malformed);
        };
        let peers = self.directory.all();
        let Some(peer) = peers.into_iter().find(|peer| peer.chain.log_origin() == claimed.origin) else {
            return Ok(Verdict::Unknown);
        };
        let Ok(checkpoint) = Checkpoint::open_at(&submission.note, &peer.chain, self.now()) else {
            return Ok(Verdict::Unsigned);
        };
        if submission.old > checkpoint.size {
            return Ok(Verdict::Malformed);
        }
        let key = records::peer(peer.authority());
        let record: PeerRecord = records::read(self.store.snapshot(), &key)?.unwrap_or_default();
        let held = endorsed(&record)?;
        if submission.old != held.0 {
            return Ok(Verdict::Conflict(held.0));
        }
        let to = (checkpoint.size, checkpoint.root);
        let proved = tree::verify_consistency(held, to, &submission.proof).is_ok();
        // Signed by the peer, whoever brought it: another tree of one size is an alarm.
        let agrees = peer.saw(&checkpoint, (proved && held.0 > 0).then_some(held));
        if checkpoint.size == held.0 {
            return match held.1 == checkpoint.root {
                // The state stays as it is: nothing to make durable.
                true => self.sign_again(&checkpoint),
                false => Ok(Verdict::Conflict(held.0)),
            };
        }
        match (agrees, proved) {
            (false, _) => Ok(Verdict::Conflict(held.0)),
            (true, false) => Ok(Verdict::Unproved),
            (true, true) => self.take_submission(&peer, &checkpoint, held.0).await,
        }
    }

    async fn take_submission(
        &self,
        peer: &Peer,
        checkpoint: &Checkpoint,
        old: u64,
    ) -> Result<Verdict, ExchangeError> {
        Ok(match self.endorse(peer, checkpoint, old).await? {
            Endorsed::Cosigned(note) => Verdict::Cosigned(last_line(&note)),
            Endorsed::Elsewhere(size) => Verdict::Conflict(size),
            Endorsed::TooSoon(wait) => Verdict::TooSoon(wait),
        })
    }

    fn sign_again(&self, checkpoint: &Checkpoint) -> Result<Verdict, ExchangeError> {
        let (witness, key) = self.identity.cosign();
        Ok(Verdict::Cosigned(last_line(&checkpoint.cosigned(&witness, &key, self.now())?)))
    }

    /// What to submit to a witness, if there is more than cosignatures that it has not cosigned.
    /// `old` is what it says that it cosigned last, where that is known better than from here.
    pub fn submission(
        &self,
        witness: &ThirdParty,
        old: Option<u64>,
    ) -> Result<Option<(Submission, Checkpoint)>, ExchangeError> {
        let (checkpoint, snapshot) = (self.store.checkpoint(), self.store.snapshot());
        let record: WitnessRecord =
            records::read(snapshot, &records::witness(witness.name()))?.unwrap_or_default();
        let mut substance = false;
        for index in record.cosigned_size..checkpoint.size {
            substance = self.substance(index)?.is_some();
            if substance {
                break;
            }
        }
        if !substance {
            return Ok(None);
        }
        let old = old.unwrap_or(record.cosigned_size);
        if old > checkpoint.size {
            tracing::error!(
                witness = witness.name(),
                old,
                size = checkpoint.size,
                "ALARM: a witness has seen more of this log than is here"
            );
            return Err(ExchangeError::Invalid("a witness has seen more of this log than is here".into()));
        }
        let proof = tree::consistency(old, checkpoint.size, snapshot)?;
        let note = checkpoint.note.clone();
        Ok(Some((Submission { old, proof, note }, (*checkpoint).clone())))
    }

    /// Takes what a witness answered: its line is verified and kept with the note, and with
    /// the verifier key, so that an auditor can check it too. Gives the size that is cosigned.
    pub async fn take_third_party(
        &self,
        witness: &ThirdParty,
        checkpoint: &Checkpoint,
        lines: &[u8],
    ) -> Result<u64, ExchangeError> {
        let mut cosigned = None;
        for line in lines.split_inclusive(|byte| *byte == b'\n').take(limits::SIGNATURES) {
            let note = [&checkpoint.note, line].concat();
            let Ok(with_line) = Checkpoint::danger_unverified(&note) else { continue };
            if witness.cosignature(&with_line)?.is_some() {
                cosigned = Some(with_line);
                break;
            }
        }
        let cosigned = cosigned.ok_or_else(|| {
            ExchangeError::Invalid(format!("{} answered with no cosignature of its key", witness.name()))
        })?;
        let (key, vkey, size) =
            (records::witness(witness.name()), witness.as_str().as_bytes().to_vec(), cosigned.size);
        let verified = self.verified_own();
        durable(self.store.commit(move |views, _| {
            verified.still(|own| Checkpoint::open(&cosigned.note, own))?;
            let before: WitnessRecord = records::read(views, &key)?.unwrap_or_default();
            if before.cosigned_size >= size {
                return Ok(Decision::nothing(()));
            }
            let leaf = Leaf::new(LeafKind::CosignatureReceived);
            let entries = vec![NewEntry { leaf, objects: vec![cosigned.note, vkey] }];
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: () })
        }))
        .await?;
        Ok(size)
    }

    /// Third-party witnesses that have cosigned our log, by name.
    pub fn witnesses(&self) -> Result<Vec<(String, Cosigned)>, ExchangeError> {
        let prefix = records::witness_prefix();
        let mut witnesses = Vec::new();
        for (key, value) in self.store.snapshot().scan(&prefix, None, usize::MAX)? {
            let record = WitnessRecord::decode(value.as_slice())
                .map_err(|_| LedgerError::Read("a witness's record".into()))?;
            let name = String::from_utf8_lossy(&key[prefix.len()..]).into_owned();
            witnesses.push((name, Cosigned { size: record.cosigned_size, at: record.cosigned_time }));
        }
        Ok(witnesses)
    }
}

fn endorsed(record: &PeerRecord) -> Result<(u64, Digest), ExchangeError> {
    match record.endorsed_size {
        0 => Ok((0, sha256(&[]))),
        size => Ok((size, super::recorded_digest(&record.endorsed_root)?)),
    }
}

/// The line that was added last to a note.
fn last_line(note: &[u8]) -> Vec<u8> {
    note.split_inclusive(|byte| *byte == b'\n').next_back().unwrap_or_default().to_vec()
}
