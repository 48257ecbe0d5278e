//! Who we are: the chain of our statements, and the private keys that go with it.

use super::ExchangeError;
use crate::crypto::entropy::Entropy;
use crate::crypto::hash::Digest;
use crate::crypto::key_box::SecretKey;
use crate::crypto::sign::{Ed25519Key, P256Key, Signer, new_p256, new_seed};
use crate::format::chain::Chain;
use crate::format::envelope::SigningKey;
use crate::format::id::AuthorityId;
use crate::format::leaf::Leaf;
use crate::format::statement::{NewKey, ProvenKey, algorithm_of, key_id, root_commitment, root_id};
use crate::format::wire::{leaf::Kind, purpose::Code as Purpose};
use crate::format::{FormatError, Millis};
use crate::ledger::checkpoint::{Checkpoint, verifier_key, witness_name};
use crate::store::{CheckpointSigner, NewEntry, StoreError, key_files};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// How long the first keys may be used: a year and a month, milliseconds.
const LIFETIME: u64 = 395 * 24 * 3600 * 1000;
/// Purposes that a delegate may state, in the order in which their keys are made.
const DELEGATED: [Purpose; 6] = [
    Purpose::Packet,
    Purpose::Evidence,
    Purpose::Checkpoint,
    Purpose::Cosign,
    Purpose::Content,
    Purpose::Tls,
];

/// Our identity, with every private key that is on this machine.
pub struct Identity {
    chain: Chain,
    packet: SigningKey,
    evidence: SigningKey,
    checkpoint: SigningKey,
    cosign: SigningKey,
    content: HashMap<Digest, SecretKey>,
    tls: (ProvenKey, Zeroizing<Vec<u8>>),
}

impl Identity {
    /// Makes a new identity in `folder`, which must not hold one.
    pub fn found(
        folder: &Path,
        authority: &AuthorityId,
        development: bool,
        now: Millis,
        entropy: &dyn Entropy,
    ) -> Result<Self, ExchangeError> {
        if chain_path(folder).exists() {
            return Err(ExchangeError::Exists(format!("an identity in {}", folder.display())));
        }
        let root_seed = new_seed(entropy)?;
        let next_seed = new_seed(entropy)?;
        let root = Ed25519Key::from_seed(&root_seed[..])?;
        let next = Ed25519Key::from_seed(&next_seed[..])?;
        let root = SigningKey { id: root_id(root.public_key()), signer: Arc::new(root) };
        let mut chain = Chain::found(authority, &root, root_commitment(next.public_key()), development, now)?;
        key_files::write_private(&folder.join("root.key"), &root_seed[..])?;
        key_files::write_private(&folder.join("next-root.key"), &next_seed[..])?;

        let valid = (now.saturating_sub(60_000), now + LIFETIME);
        let delegate = new_key(folder, Purpose::Delegate, &mut chain, &root, valid, now, entropy)?;
        for purpose in DELEGATED {
            new_key(folder, purpose, &mut chain, &delegate, valid, now, entropy)?;
        }
        // Written last: a crash before this leaves keys that no chain names, and no identity.
        key_files::write_private(&chain_path(folder), &encode_chain(&chain))?;
        Self::load(folder, now)
    }

    /// Loads the identity in `folder`.
    pub fn load(folder: &Path, now: Millis) -> Result<Self, ExchangeError> {
        let chain = read_chain(folder)?;
        let current = |purpose| {
            chain.current(purpose, now).ok_or_else(|| {
                ExchangeError::Invalid(format!(
                    "there is no key for {} that is valid now",
                    purpose.as_str_name()
                ))
            })
        };
        let signing = |purpose| -> Result<SigningKey, ExchangeError> {
            let key = current(purpose)?;
            let signer = Ed25519Key::from_seed(&read_key(folder, key)?)?;
            Ok(SigningKey { id: matching(key, signer.public_key(), folder)?, signer: Arc::new(signer) })
        };
        let (packet, evidence) = (signing(Purpose::Packet)?, signing(Purpose::Evidence)?);
        let (checkpoint, cosign) = (signing(Purpose::Checkpoint)?, signing(Purpose::Cosign)?);
        let mut content = HashMap::new();
        for key in chain.keys().iter().filter(|key| key.purpose == Purpose::Content) {
            if key_path(folder, key).exists() {
                let secret = SecretKey::from_seed(&read_key(folder, key)?)?;
                content.insert(matching(key, &secret.public_key(), folder)?, secret);
            }
        }
        let tls = current(Purpose::Tls)?.clone();
        let document = read_key(folder, &tls)?;
        matching(&tls, P256Key::from_pkcs8(&document)?.public_key(), folder)?;
        Ok(Self { packet, evidence, checkpoint, cosign, content, tls: (tls, document), chain })
    }

    /// Our name.
    pub fn authority(&self) -> &AuthorityId {
        self.chain.authority()
    }

    /// Our statements.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Signs packet headers.
    pub fn packet(&self) -> SigningKey {
        self.packet.clone()
    }

    /// Signs evidence, deferrals, statuses and offers.
    pub fn evidence(&self) -> SigningKey {
        self.evidence.clone()
    }

    /// Cosigns the checkpoints of peers, under this name.
    pub fn cosign(&self) -> (String, SigningKey) {
        (witness_name(&self.chain), self.cosign.clone())
    }

    /// The key under which third parties verify our cosignatures (C2SP signed-note).
    pub fn cosign_verifier_key(&self) -> String {
        verifier_key(&self.chain, &self.cosign.id).unwrap_or_default()
    }

    /// The key under which third parties verify our checkpoints.
    pub fn log_verifier_key(&self) -> String {
        verifier_key(&self.chain, &self.checkpoint.id).unwrap_or_default()
    }

    /// Opens key boxes that were made for this key.
    pub fn content(&self, id: &Digest) -> Option<&SecretKey> {
        self.content.get(id)
    }

    /// The TLS key: its statement, and the private key as PKCS#8.
    pub fn tls(&self) -> (&ProvenKey, &[u8]) {
        (&self.tls.0, &self.tls.1)
    }

    /// The entries with which a ledger begins: our statements.
    pub fn first_entries(&self) -> Vec<NewEntry> {
        self.chain
            .envelopes()
            .map(|envelope| NewEntry {
                leaf: Leaf::new(Kind::KeyStatement),
                objects: vec![envelope.to_vec()],
            })
            .collect()
    }
}

impl CheckpointSigner for Identity {
    fn sign(&self, size: u64, root: Digest) -> Result<Checkpoint, StoreError> {
        Ok(Checkpoint::sign(&self.chain.log_origin(), size, root, &self.checkpoint)?)
    }
}

/// Reads the chain of the identity in `folder`: no private key is touched.
pub fn read_chain(folder: &Path) -> Result<Chain, ExchangeError> {
    let path = chain_path(folder);
    if !path.exists() {
        return Err(ExchangeError::Unknown(format!("an identity in {}", folder.display())));
    }
    let bytes = std::fs::read(&path).map_err(StoreError::io("cannot read", &path))?;
    let envelopes = decode_chain(&bytes).ok_or(FormatError::Malformed("chain file"))?;
    Ok(Chain::open_all(&envelopes)?)
}

fn new_key(
    folder: &Path,
    purpose: Purpose,
    chain: &mut Chain,
    by: &SigningKey,
    valid: (Millis, Millis),
    now: Millis,
    entropy: &dyn Entropy,
) -> Result<SigningKey, ExchangeError> {
    let (secret, public_key, signer): (_, _, Option<Arc<dyn Signer>>) = match purpose {
        Purpose::Tls => {
            let document = new_p256()?;
            let key = P256Key::from_pkcs8(&document)?;
            (document, key.public_key().to_vec(), Some(Arc::new(key)))
        }
        Purpose::Content => {
            let seed = new_seed(entropy)?;
            (Zeroizing::new(seed.to_vec()), SecretKey::from_seed(&seed[..])?.public_key(), None)
        }
        _ => {
            let seed = new_seed(entropy)?;
            let key = Ed25519Key::from_seed(&seed[..])?;
            (Zeroizing::new(seed.to_vec()), key.public_key().to_vec(), Some(Arc::new(key)))
        }
    };
    let id = key_id(purpose, algorithm_of(purpose), &public_key);
    key_files::write_private(&file_of(folder, purpose, &id), &secret)?;
    let may_state = if purpose == Purpose::Delegate { DELEGATED.to_vec() } else { Vec::new() };
    let new =
        NewKey { purpose, public_key, valid, may_state, revokes: Vec::new(), signer: signer.as_deref() };
    chain.state(new, by, now)?;
    // A content key signs nothing; the delegate's handle is the only one that is used here.
    let signer = signer.unwrap_or_else(|| by.signer.clone());
    Ok(SigningKey { id, signer })
}

/// The key's id, where the private key in the file is the one that the statement names.
fn matching(key: &ProvenKey, public_key: &[u8], folder: &Path) -> Result<Digest, ExchangeError> {
    match key.public_key == public_key {
        true => Ok(key.id),
        false => Err(StoreError::KeyFile {
            path: key_path(folder, key),
            why: "is not the key that its statement names",
        }
        .into()),
    }
}

fn read_key(folder: &Path, key: &ProvenKey) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    key_files::read_private(&key_path(folder, key))
}

fn key_path(folder: &Path, key: &ProvenKey) -> PathBuf {
    file_of(folder, key.purpose, &key.id)
}

fn file_of(folder: &Path, purpose: Purpose, id: &Digest) -> PathBuf {
    folder.join(format!("{}-{}.key", purpose.as_str_name(), hex::encode(&id[..8])))
}

fn chain_path(folder: &Path) -> PathBuf {
    folder.join("statements")
}

/// Statements one after the other, each behind its length (u32, big-endian).
fn encode_chain(chain: &Chain) -> Vec<u8> {
    chain
        .envelopes()
        .flat_map(|envelope| [&(envelope.len() as u32).to_be_bytes(), envelope].concat())
        .collect()
}

fn decode_chain(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut envelopes = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (envelope, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        envelopes.push(envelope.to_vec());
        bytes = rest;
    }
    Some(envelopes)
}
