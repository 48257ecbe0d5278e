//! The folder of keys: a file for each private key, and one of our statements.

use super::ExchangeError;
use super::identity::DELEGATED;
use crate::crypto::entropy::Entropy;
use crate::crypto::hash::Digest;
use crate::crypto::key_box::SecretKey;
use crate::crypto::ml_dsa::MlDsaKey;
use crate::crypto::sign::{Ed25519Key, P256Key, Signer, new_p256, new_seed};
use crate::format::chain::Chain;
use crate::format::envelope::SigningKey;
use crate::format::statement::{NewKey, ProvenKey, key_id};
use crate::format::suite::Slot;
use crate::format::wire::{Revocation, algorithm::Code as Algorithm, purpose::Code as Purpose};
use crate::format::{FormatError, Millis};
use crate::store::{StoreError, key_files};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// A new key is valid from this long before it is made: clocks differ. Milliseconds.
pub(super) const BEFORE: u64 = 60_000;

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

/// From when until when a new key stands, and what ends as it begins.
pub(super) struct Life {
    pub from: Millis,
    pub until: Millis,
    pub ends: Vec<Revocation>,
}

impl Life {
    /// From now on, and nothing ends.
    pub fn new(now: Millis, until: Millis) -> Self {
        Self { from: now.saturating_sub(BEFORE), until, ends: Vec::new() }
    }
}

/// Makes a key, has it stated in `chain`, and writes its private half, durably.
pub(super) fn new_key(
    folder: &Path,
    (purpose, algorithm): Slot,
    chain: &mut Chain,
    by: &SigningKey,
    life: Life,
    now: Millis,
    entropy: &dyn Entropy,
) -> Result<SigningKey, ExchangeError> {
    let (secret, public_key, signer): (_, _, Option<Arc<dyn Signer>>) = match algorithm {
        Algorithm::EcdsaP256 => {
            let document = new_p256()?;
            let key = P256Key::from_pkcs8(&document)?;
            (document, key.public_key().to_vec(), Some(Arc::new(key)))
        }
        Algorithm::XWing => {
            let seed = new_seed(entropy)?;
            (Zeroizing::new(seed.to_vec()), SecretKey::from_seed(&seed[..])?.public_key(), None)
        }
        Algorithm::MlDsa65 => {
            let seed = new_seed(entropy)?;
            let key = MlDsaKey::from_seed(&seed[..])?;
            (Zeroizing::new(seed.to_vec()), key.public_key().to_vec(), Some(Arc::new(key)))
        }
        _ => {
            let seed = new_seed(entropy)?;
            let key = Ed25519Key::from_seed(&seed[..])?;
            (Zeroizing::new(seed.to_vec()), key.public_key().to_vec(), Some(Arc::new(key)))
        }
    };
    let id = key_id(purpose, algorithm, &public_key);
    let valid = (life.from, life.until);
    let may_state = if purpose == Purpose::Delegate { DELEGATED.to_vec() } else { Vec::new() };
    let new =
        NewKey { purpose, public_key, valid, may_state, revokes: Vec::new(), signer: signer.as_deref() };
    chain.replace_of(algorithm, new, life.ends, by, now)?;
    key_files::write_private(&file_of(folder, purpose, &id), &secret)?;
    // A content key signs nothing; the delegate's handle is the only one that is used here.
    let signer = signer.unwrap_or_else(|| by.signer.clone());
    Ok(SigningKey { id, signer })
}

/// The key's id, where the private key in the file is the one that the statement names.
pub(super) fn matching(key: &ProvenKey, public_key: &[u8], folder: &Path) -> Result<Digest, ExchangeError> {
    match key.public_key == public_key {
        true => Ok(key.id),
        false => Err(StoreError::KeyFile {
            path: key_path(folder, key),
            why: "is not the key that its statement names",
        }
        .into()),
    }
}

/// Its private half.
pub(super) fn read_key(folder: &Path, key: &ProvenKey) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    key_files::read_private(&key_path(folder, key))
}

/// What signs with a key whose private half lies in its file.
pub(super) fn read_signer(folder: &Path, key: &ProvenKey) -> Result<SigningKey, ExchangeError> {
    let secret = read_key(folder, key)?;
    let signer: Arc<dyn Signer> = match key.algorithm {
        Algorithm::MlDsa65 => Arc::new(MlDsaKey::from_seed(&secret)?),
        _ => Arc::new(Ed25519Key::from_seed(&secret)?),
    };
    Ok(SigningKey { id: matching(key, signer.public_key(), folder)?, signer })
}

/// Whether the private half of a key lies in its file: an error says what is wrong.
pub(super) fn check_key_file(folder: &Path, key: &ProvenKey) -> Result<(), ExchangeError> {
    let secret = read_key(folder, key)?;
    let public_key = match key.algorithm {
        Algorithm::EcdsaP256 => P256Key::from_pkcs8(&secret)?.public_key().to_vec(),
        Algorithm::XWing => SecretKey::from_seed(&secret)?.public_key(),
        Algorithm::MlDsa65 => MlDsaKey::from_seed(&secret)?.public_key().to_vec(),
        _ => Ed25519Key::from_seed(&secret)?.public_key().to_vec(),
    };
    matching(key, &public_key, folder).map(drop)
}

/// Where its private half lies.
pub(super) fn key_path(folder: &Path, key: &ProvenKey) -> PathBuf {
    file_of(folder, key.purpose, &key.id)
}

/// Name of the file that its private half lies in.
pub(super) fn key_file_name(key: &ProvenKey) -> String {
    file_name(key.purpose, &key.id)
}

fn file_of(folder: &Path, purpose: Purpose, id: &Digest) -> PathBuf {
    folder.join(file_name(purpose, id))
}

fn file_name(purpose: Purpose, id: &Digest) -> String {
    format!("{}-{}.key", purpose.as_str_name(), hex::encode(&id[..8]))
}

/// Where our statements lie.
pub(super) fn chain_path(folder: &Path) -> PathBuf {
    folder.join("statements")
}

/// Statements one after the other, each behind its length (u32, big-endian).
pub(super) fn encode_chain(chain: &Chain) -> Vec<u8> {
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
