//! Checkpoints: signed tree heads (C2SP tlog-checkpoint over signed-note), and
//! cosignatures (C2SP tlog-cosignature, `cosignature/v1`).

use super::LedgerError;
use crate::crypto::hash::Digest;
use crate::crypto::sign::verify_ed25519;
use crate::format::chain::Chain;
use crate::format::chain::standing::Place;
use crate::format::envelope::{KeySource, SigningKey};
use crate::format::statement::ProvenKey;
use crate::format::wire::purpose::Code as Purpose;
use crate::format::{FormatError, Millis, limits};
use signed_note::{Note, Signature, Verifier, VerifierList};
use tlog_tiles::{Checkpoint as Body, Hash};

const ED25519: u8 = 1;
pub(super) const COSIGNATURE_V1: u8 = 4;

/// A tree head with its signed note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log.
    pub origin: String,
    /// Leaves in the tree.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// The signed note.
    pub note: Vec<u8>,
}

impl Checkpoint {
    /// Signs a tree head of the log of `chain`.
    pub fn sign(origin: &str, size: u64, root: Digest, key: &SigningKey) -> Result<Self, LedgerError> {
        let body =
            Body::new(origin, size, Hash(root), "").map_err(|_| LedgerError::Checkpoint("malformed"))?;
        let text = body.to_bytes();
        let id = note_key_id(origin, ED25519, key.signer.public_key());
        let bytes = key.signer.sign(&text).map_err(FormatError::from)?;
        let signature = Signature::new(origin.to_owned(), id, bytes)
            .map_err(|_| LedgerError::Checkpoint("origin is no key name"))?;
        let note = Note::new(&text, &[signature]).map_err(|_| LedgerError::Checkpoint("malformed"))?;
        Ok(Self { origin: origin.to_owned(), size, root, note: note.to_bytes() })
    }

    /// Opens a checkpoint of the log of `chain`, as an entry or a file holds it: signed by a
    /// checkpoint key that is not revoked. A note names no time of its own, so that of the key
    /// is not asked.
    pub fn open(note: &[u8], chain: &Chain) -> Result<Self, LedgerError> {
        Self::opened(note, chain, |key, _| !key.revoked())
    }

    /// Opens a checkpoint that its log gives at `now`: the key could sign then, by a clock that may
    /// lead ours.
    pub fn open_at(note: &[u8], chain: &Chain, now: Millis) -> Result<Self, LedgerError> {
        let begins = |key: &ProvenKey| key.not_before.min(now.saturating_add(limits::CLOCK_LEAD));
        Self::opened(note, chain, |key, _| key.usable(now.max(begins(key))))
    }

    /// Opens a past checkpoint, under a key that may be revoked since: only for those who hold
    /// the entries themselves, and compare their tree with it.
    pub fn open_past(note: &[u8], chain: &Chain) -> Result<Self, LedgerError> {
        Self::opened(note, chain, |_, _| true)
    }

    /// Opens a checkpoint of a log whose entries are all here, the newest of its statements too:
    /// under a key that is revoked, only of a tree that its revocation says stood before it. For
    /// those who compare their tree with it.
    pub fn open_held(note: &[u8], chain: &Chain) -> Result<Self, LedgerError> {
        let last = |size: u64| Place::Logged(size.saturating_sub(1));
        Self::opened(note, chain, |key, size| !key.revoked_at(last(size)))
    }

    fn opened(
        note: &[u8],
        chain: &Chain,
        takes: impl Fn(&ProvenKey, u64) -> bool,
    ) -> Result<Self, LedgerError> {
        let (checkpoint, text) = parse(note)?;
        if checkpoint.origin != chain.log_origin() {
            return Err(LedgerError::Checkpoint("is of another log"));
        }
        let verifiers = chain
            .keys()
            .iter()
            .filter(|key| key.purpose == Purpose::Checkpoint && takes(key, checkpoint.size))
            .map(|key| NoteKey::boxed(&checkpoint.origin, ED25519, &key.public_key))
            .collect();
        text.verify(&VerifierList::new(verifiers))
            .map_err(|_| LedgerError::Checkpoint("is not signed by its log"))?;
        Ok(checkpoint)
    }

    /// Reads a checkpoint without verifying it.
    pub fn danger_unverified(note: &[u8]) -> Result<Self, LedgerError> {
        Ok(parse(note)?.0)
    }

    /// The note with our cosignature line added.
    pub fn cosigned(&self, witness: &str, key: &SigningKey, now: Millis) -> Result<Vec<u8>, LedgerError> {
        let mut note = Note::from_bytes(&self.note).map_err(|_| LedgerError::Checkpoint("malformed"))?;
        let seconds = now / 1000;
        let bytes = key.signer.sign(&cosigned_message(seconds, note.text())).map_err(FormatError::from)?;
        let id = note_key_id(witness, COSIGNATURE_V1, key.signer.public_key());
        let line = Signature::new(witness.to_owned(), id, [&seconds.to_be_bytes()[..], &bytes].concat())
            .map_err(|_| LedgerError::Checkpoint("witness is no key name"))?;
        note = Note::new(note.text(), &[signatures(&self.note)?, vec![line]].concat())
            .map_err(|_| LedgerError::Checkpoint("malformed"))?;
        Ok(note.to_bytes())
    }

    /// Whether a cosigning key of `chain`, within its time, cosigned this note, and when
    /// (milliseconds).
    pub fn cosignature_of(&self, chain: &Chain) -> Result<Option<Millis>, LedgerError> {
        let witness = witness_name(chain);
        for key in chain.keys().iter().filter(|key| key.purpose == Purpose::Cosign && !key.revoked()) {
            if let Some(at) = self.cosignature_under(&witness, &key.public_key)? {
                // The line has whole seconds: one in which the key began will do.
                let made = at.max(key.not_before.min(at.saturating_add(999)));
                if key.usable(made) {
                    return Ok(Some(at));
                }
            }
        }
        Ok(None)
    }

    /// Whether this key cosigned this note under this name, and when (milliseconds).
    pub(super) fn cosignature_under(
        &self,
        name: &str,
        public_key: &[u8],
    ) -> Result<Option<Millis>, LedgerError> {
        let note = Note::from_bytes(&self.note).map_err(|_| LedgerError::Checkpoint("malformed"))?;
        let id = note_key_id(name, COSIGNATURE_V1, public_key);
        for line in signatures(&self.note)?.iter().filter(|line| line.name() == name && line.id() == id) {
            let (time, signature) = line
                .signature()
                .split_at_checked(8)
                .ok_or(LedgerError::Checkpoint("cosignature is short"))?;
            let seconds = u64::from_be_bytes(time.try_into().expect("split at eight bytes"));
            if verify_ed25519(public_key, &cosigned_message(seconds, note.text()), signature).is_ok() {
                return Ok(Some(seconds.saturating_mul(1000)));
            }
        }
        Ok(None)
    }
}

/// The key of a note that its log signed, where the log's statements name none of its keys: its
/// statement may be on its way. A revoked key is known.
pub fn unknown_log_key(note: &[u8], chain: &Chain) -> Option<String> {
    unknown_key(note, &chain.log_origin(), ED25519, Purpose::Checkpoint, chain)
}

/// The same of the cosignature of the authority of `chain`.
pub fn unknown_witness_key(note: &[u8], chain: &Chain) -> Option<String> {
    unknown_key(note, &witness_name(chain), COSIGNATURE_V1, Purpose::Cosign, chain)
}

fn unknown_key(note: &[u8], name: &str, algorithm: u8, purpose: Purpose, chain: &Chain) -> Option<String> {
    let named: Vec<u32> =
        signatures(note).ok()?.iter().filter(|line| line.name() == name).map(|line| line.id()).collect();
    let stated = |key: &&ProvenKey| {
        key.purpose == purpose && named.contains(&note_key_id(name, algorithm, &key.public_key))
    };
    match chain.keys().iter().find(stated) {
        Some(_) => None,
        None => named.first().map(|id| format!("{name}+{id:08x}")),
    }
}

/// Whether a line of a note names this key of the authority of `chain`: its log's, or the one it
/// cosigns with. The signature is not verified.
pub fn signed_under(note: &[u8], chain: &Chain, key: &ProvenKey) -> bool {
    let (name, algorithm) = match key.purpose {
        Purpose::Checkpoint => (chain.log_origin(), ED25519),
        Purpose::Cosign => (witness_name(chain), COSIGNATURE_V1),
        _ => return false,
    };
    let id = note_key_id(&name, algorithm, &key.public_key);
    signatures(note).is_ok_and(|lines| lines.iter().any(|line| line.name() == name && line.id() == id))
}

/// Name under which an authority cosigns.
pub fn witness_name(chain: &Chain) -> String {
    format!("rogatory/{}/{}/witness", chain.authority(), hex::encode(&chain.fingerprint()[..8]))
}

/// Verifier key of a log in the form of C2SP signed-note: `name+hash+base64`.
pub fn verifier_key(chain: &Chain, key_id: &[u8]) -> Option<String> {
    use base64::Engine as _;
    let key = chain.key(key_id)?;
    let (name, algorithm) = match key.purpose {
        Purpose::Checkpoint => (chain.log_origin(), ED25519),
        Purpose::Cosign => (witness_name(chain), COSIGNATURE_V1),
        _ => return None,
    };
    let encoded = [&[algorithm], key.public_key.as_slice()].concat();
    let base64 = base64::engine::general_purpose::STANDARD.encode(&encoded);
    Some(format!("{name}+{:08x}+{base64}", note_key_id(&name, algorithm, &key.public_key)))
}

/// Verifier keys of a log and of its authority as a witness: all that its statements name.
pub fn verifier_keys(chain: &Chain) -> impl Iterator<Item = String> {
    chain.keys().iter().filter_map(|key| verifier_key(chain, &key.id))
}

/// `cosignature/v1` signs the time and the whole text of the note.
fn cosigned_message(seconds: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {seconds}\n").as_bytes(), text].concat()
}

pub(super) fn note_key_id(name: &str, algorithm: u8, public_key: &[u8]) -> u32 {
    signed_note::key_id(name, &[&[algorithm], public_key].concat())
}

fn parse(note: &[u8]) -> Result<(Checkpoint, Note), LedgerError> {
    if note.len() > limits::CHECKPOINT {
        return Err(LedgerError::Checkpoint("is too long"));
    }
    let parsed = Note::from_bytes(note).map_err(|_| LedgerError::Checkpoint("is no signed note"))?;
    let body = Body::from_bytes(parsed.text()).map_err(|_| LedgerError::Checkpoint("malformed"))?;
    let checkpoint = Checkpoint {
        origin: body.origin().to_owned(),
        size: body.size(),
        root: body.hash().0,
        note: note.to_vec(),
    };
    Ok((checkpoint, parsed))
}

/// Signature lines of a note, in order.
fn signatures(note: &[u8]) -> Result<Vec<Signature>, LedgerError> {
    let at = note.windows(2).rposition(|pair| pair == b"\n\n").ok_or(LedgerError::Checkpoint("malformed"))?;
    note[at + 2..]
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| Signature::from_bytes(line).map_err(|_| LedgerError::Checkpoint("signature line")))
        .collect()
}

/// A verifier of ring's for the note crate.
struct NoteKey {
    name: String,
    id: u32,
    public_key: Vec<u8>,
}

impl NoteKey {
    fn boxed(name: &str, algorithm: u8, public_key: &[u8]) -> Box<dyn Verifier> {
        let id = note_key_id(name, algorithm, public_key);
        Box::new(Self { name: name.to_owned(), id, public_key: public_key.to_vec() })
    }
}

impl Verifier for NoteKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        verify_ed25519(&self.public_key, message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::sign::{Ed25519Key, Signer as _};
    use crate::format::id::AuthorityId;
    use crate::format::statement::{NewKey, key_id, root_id};
    use crate::format::wire::{Revocation, algorithm::Code as Algorithm, revocation::Reason};
    use std::sync::Arc;

    fn signing(id: impl Fn(&[u8]) -> Digest, seed: u8) -> SigningKey {
        let signer = Ed25519Key::from_seed(&[seed; 32]).unwrap();
        SigningKey { id: id(signer.public_key()), signer: Arc::new(signer) }
    }

    /// A chain with a key of the purpose, valid from 10.5 s until 100 s, and that key.
    fn chain(purpose: Purpose) -> (Chain, SigningKey, SigningKey) {
        chain_of(purpose, (10_500, 100_000))
    }

    fn chain_of(purpose: Purpose, valid: (Millis, Millis)) -> (Chain, SigningKey, SigningKey) {
        let root = signing(root_id, 1);
        let mut chain =
            Chain::found(&AuthorityId::parse("XA").unwrap(), &root, [4; 32], false, 1000).unwrap();
        let key = signing(|public| key_id(purpose, Algorithm::Ed25519, public), 2);
        let new = NewKey {
            purpose,
            public_key: key.signer.public_key().to_vec(),
            valid,
            may_state: vec![],
            revokes: vec![],
            signer: Some(&*key.signer),
        };
        chain.state(new, &root, 1000).unwrap();
        (chain, root, key)
    }

    fn end(chain: &mut Chain, root: &SigningKey, key: &SigningKey, reason: Reason, since: Millis) {
        let log_size = if reason == Reason::Compromised { 3 } else { 0 };
        let item = Revocation { key_id: key.id.to_vec(), reason: reason.into(), since, log_size };
        chain.revoke(vec![item], root, 20_000).unwrap();
    }

    #[test]
    fn a_checkpoint_is_taken_while_its_key_stands_and_known_again_after() {
        let (mut chain, root, key) = chain(Purpose::Checkpoint);
        let note = Checkpoint::sign(&chain.log_origin(), 3, [7; 32], &key).unwrap().note;
        let taken = |chain: &Chain, at| Checkpoint::open_at(&note, chain, at).is_ok();
        assert_eq!([10_500, 99_999, 100_000].map(|at| taken(&chain, at)), [true, true, false]);
        end(&mut chain, &root, &key, Reason::Superseded, 30_000);
        assert_eq!([29_999, 30_000].map(|at| taken(&chain, at)), [true, false]);
        assert!(Checkpoint::open(&note, &chain).is_ok() && Checkpoint::open_past(&note, &chain).is_ok());
        end(&mut chain, &root, &key, Reason::Compromised, 15_000);
        assert!(!taken(&chain, 12_000) && Checkpoint::open(&note, &chain).is_err());
        assert_eq!(Checkpoint::open_past(&note, &chain).unwrap().size, 3);
        assert_eq!(Checkpoint::open_held(&note, &chain).unwrap().size, 3, "the tree that stood then");
        let later = Checkpoint::sign(&chain.log_origin(), 4, [7; 32], &key).unwrap().note;
        assert!(Checkpoint::open_held(&later, &chain).is_err());
        let mut forged = note.clone();
        let at = forged.iter().position(|byte| *byte == b'3').unwrap();
        forged[at] = b'4';
        assert!(Checkpoint::open_past(&forged, &chain).is_err());
    }

    #[test]
    fn a_log_may_take_up_a_key_by_a_clock_that_leads_ours() {
        let begins = 10 * limits::CLOCK_LEAD;
        let (chain, _, key) = chain_of(Purpose::Checkpoint, (begins, begins + 1));
        let note = Checkpoint::sign(&chain.log_origin(), 3, [7; 32], &key).unwrap().note;
        let earliest = begins - limits::CLOCK_LEAD;
        let taken = |at| Checkpoint::open_at(&note, &chain, at).is_ok();
        assert_eq!([earliest - 1, earliest, begins, begins + 1].map(taken), [false, true, true, false]);
    }

    #[test]
    fn a_cosignature_counts_within_the_time_of_its_key() {
        let (log, _, log_key) = chain(Purpose::Checkpoint);
        let checkpoint = Checkpoint::sign(&log.log_origin(), 3, [7; 32], &log_key).unwrap();
        let (mut chain, root, key) = chain(Purpose::Cosign);
        let cosigned = |chain: &Chain, at| {
            let note = checkpoint.cosigned(&witness_name(chain), &key, at).unwrap();
            Checkpoint { note, ..checkpoint.clone() }.cosignature_of(chain).unwrap()
        };
        // The line has seconds: 10 s is the second in which the key begins.
        let times = [9_000, 10_000, 99_000, 100_000];
        assert_eq!(times.map(|at| cosigned(&chain, at)), [None, Some(10_000), Some(99_000), None]);
        end(&mut chain, &root, &key, Reason::Ceased, 30_000);
        assert_eq!([29_000, 30_000].map(|at| cosigned(&chain, at)), [Some(29_000), None]);
        end(&mut chain, &root, &key, Reason::Lost, 20_000);
        assert_eq!(cosigned(&chain, 12_000), None);
    }
}
