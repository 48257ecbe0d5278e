//! The folder of keys: a file for each private key, or for where in a token it lies, and one
//! of our statements.

use super::ExchangeError;
use super::identity::DELEGATED;
use super::key_token::{self, KeyToken, Made};
use crate::crypto::CryptoError;
use crate::crypto::entropy::Entropy;
use crate::crypto::hash::Digest;
use crate::crypto::key_box::SecretKey;
use crate::crypto::ml_dsa::MlDsaKey;
use crate::crypto::sign::{Ed25519Key, P256Key, Signer, new_p256, new_seed};
use crate::crypto::tls_key::TlsPrivate;
use crate::format::chain::Chain;
use crate::format::envelope::SigningKey;
use crate::format::statement::{NewKey, ProvenKey, key_id};
use crate::format::suite::Slot;
use crate::format::wire::{self, Revocation, algorithm::Code as Algorithm, purpose::Code as Purpose};
use crate::format::{FormatError, Millis};
use crate::store::StoreError;
use crate::store::key_files::{self, KeyFiles};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// A new key is valid from this long before it is made: clocks differ. Milliseconds.
pub(super) const BEFORE: u64 = 60_000;
/// How the name of a file with a private key ends, and that of one that refers to a token.
const IN_FILE: &str = "key";
const IN_TOKEN: &str = "token";
/// Beside a TLS key that was made elsewhere, its certificates.
const CERTIFICATES: &str = "crt";

/// Reads the chain of the identity in `folder`: no private key is touched.
pub fn read_chain(folder: &Path) -> Result<Chain, ExchangeError> {
    let path = chain_path(folder);
    if !path.exists() {
        return Err(ExchangeError::Unknown(format!("an identity in {}", folder.display())));
    }
    let bytes = std::fs::read(&path).map_err(StoreError::io("cannot read", &path))?;
    let envelopes = decode_chain(&bytes).ok_or(FormatError::Malformed("chain file"));
    let chain = envelopes.and_then(|envelopes| Chain::open_all(&envelopes));
    chain.map_err(|error| ExchangeError::Statements(path, error))
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

/// A key that is here and that no statement names yet.
pub(super) struct Prepared {
    /// What a statement says of it.
    pub key: wire::Key,
    pub id: Digest,
    /// None for a content key.
    pub signer: Option<Arc<dyn Signer>>,
}

/// Where the private keys of an identity lie: in the files of a folder, or in a token, to which
/// files of that folder refer.
#[derive(Clone)]
pub struct KeyFolder {
    files: KeyFiles,
    token: Option<Arc<KeyToken>>,
}

impl From<&Path> for KeyFolder {
    fn from(path: &Path) -> Self {
        Self { files: path.into(), token: None }
    }
}

impl KeyFolder {
    /// The folder, with the token in which keys are made.
    pub fn new(files: KeyFiles, token: Option<KeyToken>) -> Self {
        Self { files, token: token.map(Arc::new) }
    }

    /// Its private files.
    pub fn files(&self) -> &KeyFiles {
        &self.files
    }

    /// The folder itself.
    pub(super) fn path(&self) -> &Path {
        self.files.folder()
    }

    /// Makes a key, writes its private half, or where that lies, durably, and has the key stated
    /// in `chain`.
    pub(super) fn make(
        &self,
        slot: Slot,
        chain: &mut Chain,
        by: &SigningKey,
        life: Life,
        now: Millis,
        entropy: &dyn Entropy,
    ) -> Result<SigningKey, ExchangeError> {
        let made = self.prepare(slot, chain, life, entropy)?;
        chain.state_prepared(made.key, by, now)?;
        // A content key signs nothing; the delegate's handle is the only one that is used here.
        let signer = made.signer.unwrap_or_else(|| by.signer.clone());
        Ok(SigningKey { id: made.id, signer })
    }

    /// Makes a key and writes its private half, or where that lies, durably. A
    /// statement that follows `chain` may say the rest.
    pub(super) fn prepare(
        &self,
        (purpose, algorithm): Slot,
        chain: &Chain,
        life: Life,
        entropy: &dyn Entropy,
    ) -> Result<Prepared, ExchangeError> {
        let token = self.token.as_ref().filter(|token| {
            // No token has ML-DSA yet.
            token.makes(purpose) && algorithm != Algorithm::MlDsa65
        });
        let (kept, public_key, signer): (_, _, Option<Arc<dyn Signer>>) = match (token, algorithm) {
            (Some(token), _) => {
                let Made { reference, signer } = token.make(purpose, chain.authority(), entropy)?;
                (Zeroizing::new(reference), signer.public_key().to_vec(), Some(signer))
            }
            (None, Algorithm::EcdsaP256) => {
                let document = new_p256()?;
                let key = P256Key::from_pkcs8(&document)?;
                (document, key.public_key().to_vec(), Some(Arc::new(key)))
            }
            (None, Algorithm::XWing) => {
                let seed = new_seed(entropy)?;
                (Zeroizing::new(seed.to_vec()), SecretKey::from_seed(&seed[..])?.public_key(), None)
            }
            (None, Algorithm::MlDsa65) => {
                let seed = new_seed(entropy)?;
                let key = MlDsaKey::from_seed(&seed[..])?;
                (Zeroizing::new(seed.to_vec()), key.public_key().to_vec(), Some(Arc::new(key)))
            }
            (None, _) => {
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
        let key = chain.prepare(new, life.ends)?;
        match token {
            // What names a key opens nothing.
            Some(_) => key_files::write_private(&self.files.path(&file_name(purpose, &id, IN_TOKEN)), &kept)?,
            None => self.files.write(&file_name(purpose, &id, IN_FILE), &kept, entropy)?,
        }
        Ok(Prepared { key, id, signer })
    }

    /// The private half of a key that signs: the one that its statement names.
    pub(super) fn signing(&self, key: &ProvenKey) -> Result<SigningKey, ExchangeError> {
        let (file, refers) = (self.key_path(key), self.reference_path(key));
        let read = || self.files.read(&file_name(key.purpose, &key.id, IN_FILE));
        let wrong = |_: CryptoError| malformed(&file);
        let signer: Arc<dyn Signer> = match (&self.token, !file.exists() && refers.exists()) {
            (Some(token), true) => token.key(key.purpose, &refers)?,
            (None, true) => return Err(ExchangeError::NoToken(refers)),
            (_, false) if key.purpose == Purpose::Tls => Arc::new(TlsPrivate::read(&read()?).map_err(wrong)?),
            (_, false) if key.algorithm == Algorithm::MlDsa65 => {
                Arc::new(MlDsaKey::from_seed(&read()?).map_err(wrong)?)
            }
            (_, false) => Arc::new(Ed25519Key::from_seed(&read()?).map_err(wrong)?),
        };
        Ok(SigningKey { id: self.matching(key, signer.public_key())?, signer })
    }

    /// The private half of a content key.
    pub(super) fn content(&self, key: &ProvenKey) -> Result<(Digest, Arc<SecretKey>), ExchangeError> {
        let seed = self.files.read(&file_name(key.purpose, &key.id, IN_FILE))?;
        let secret = SecretKey::from_seed(&seed).map_err(|_| malformed(&self.key_path(key)))?;
        Ok((self.matching(key, &secret.public_key())?, Arc::new(secret)))
    }

    /// Whether the private half of a key is here: in its file, or in the token.
    pub(super) fn holds(&self, key: &ProvenKey) -> bool {
        self.key_path(key).exists() || self.reference_path(key).exists()
    }

    /// Whether it lies in the token.
    pub(super) fn in_token(&self, key: &ProvenKey) -> bool {
        !self.key_path(key).exists() && self.reference_path(key).exists()
    }

    /// The key's id, where the private key that was found is the one that the statement names.
    fn matching(&self, key: &ProvenKey, public_key: &[u8]) -> Result<Digest, ExchangeError> {
        let path = if self.in_token(key) { self.reference_path(key) } else { self.key_path(key) };
        match key.public_key == public_key {
            true => Ok(key.id),
            false => Err(StoreError::KeyFile { path, why: "is not the key that its statement names" }.into()),
        }
    }

    /// Writes a TLS key that was made elsewhere, and its certificates. True: something changed.
    pub(super) fn put_tls(
        &self,
        id: &Digest,
        document: &[u8],
        certificates: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<bool, StoreError> {
        let name = file_name(Purpose::Tls, id, IN_FILE);
        let key = self.files.path(&name);
        let beside = key.with_extension(CERTIFICATES);
        let other_key = !key.exists() || **self.files.read(&name)? != *document;
        let read = || std::fs::read(&beside).map_err(StoreError::io("cannot read", &beside));
        let other_certificates = !beside.exists() || read()? != certificates;
        if other_key {
            self.files.replace(&name, document, entropy)?;
        }
        if other_certificates {
            key_files::replace_private(&beside, certificates)?;
        }
        Ok(other_key || other_certificates)
    }

    /// The certificates that came with a TLS key, if any did.
    pub(super) fn certificates(&self, key: &ProvenKey) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.key_path(key).with_extension(CERTIFICATES);
        match path.exists() {
            true => std::fs::read(&path).map(Some).map_err(StoreError::io("cannot read", &path)),
            false => Ok(None),
        }
    }

    /// Destroys the private half of a key; false: it is not here, or in a token that is not
    /// configured any more.
    pub(super) fn destroy(&self, key: &ProvenKey) -> Result<bool, ExchangeError> {
        match (&self.token, self.in_token(key)) {
            (Some(token), true) => token.destroy(&self.reference_path(key)),
            (None, true) => Ok(false),
            (_, false) => {
                let path = self.key_path(key);
                key_files::destroy(&path.with_extension(CERTIFICATES))?;
                Ok(key_files::destroy(&path)?)
            }
        }
    }

    fn key_path(&self, key: &ProvenKey) -> PathBuf {
        self.files.path(&file_name(key.purpose, &key.id, IN_FILE))
    }

    fn reference_path(&self, key: &ProvenKey) -> PathBuf {
        self.files.path(&file_name(key.purpose, &key.id, IN_TOKEN))
    }
}

/// A key file that was cut or changed.
fn malformed(file: &Path) -> StoreError {
    StoreError::KeyFile { path: file.to_owned(), why: "holds no key of its kind" }
}

fn file_name(purpose: Purpose, id: &Digest, kind: &str) -> String {
    format!("{}-{}.{kind}", purpose.as_str_name(), hex::encode(&id[..8]))
}

/// Whether the private half of a key lies in its file: an error says what is wrong. Of one in a
/// token only the reference is looked at: a token is asked by whoever serves.
pub(super) fn check_key_file(files: &KeyFiles, key: &ProvenKey) -> Result<(), ExchangeError> {
    let folder = KeyFolder::new(files.clone(), None);
    match key.purpose {
        _ if folder.in_token(key) => key_token::referred(&folder.reference_path(key)).map(drop),
        Purpose::Content => folder.content(key).map(drop),
        _ => folder.signing(key).map(drop),
    }
}

/// Name of the file that its private half lies in, or that refers to it.
pub(super) fn key_file_name(folder: &Path, key: &ProvenKey) -> String {
    let kind = if KeyFolder::from(folder).in_token(key) { IN_TOKEN } else { IN_FILE };
    file_name(key.purpose, &key.id, kind)
}

/// Whether a file's name is that of a private key, or of a reference to one.
pub(super) fn is_key_file(name: &str) -> bool {
    [IN_FILE, IN_TOKEN].iter().any(|kind| name.strip_suffix(kind).is_some_and(|rest| rest.ends_with('.')))
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
