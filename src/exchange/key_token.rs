//! Keys of ours in a token: where they are made, how a file beside the key files names them,
//! and how they sign without holding up anybody who has nothing to do with it.

use super::ExchangeError;
use crate::crypto::CryptoError;
use crate::crypto::entropy::{Entropy, fresh};
use crate::crypto::sign::Signer;
use crate::crypto::token::{KeyKind, Place, Token, TokenError, TokenKey};
use crate::format::FormatError;
use crate::format::id::AuthorityId;
use crate::format::wire::purpose::Code as Purpose;
use crate::ledger::LedgerError;
use crate::store::{StoreError, key_files};
use serde::{Deserialize, Serialize};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::block_in_place;

/// Purposes whose keys a token can hold. No token knows X-Wing: content keys stay files.
pub const IN_TOKEN: [Purpose; 6] = [
    Purpose::Packet,
    Purpose::Evidence,
    Purpose::Checkpoint,
    Purpose::Cosign,
    Purpose::Delegate,
    Purpose::Tls,
];

/// Which token, how to get into it, and what for.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// The PKCS#11 module, a shared library.
    pub module: PathBuf,
    /// Which of its tokens.
    pub place: Place,
    /// A private file with the user's PIN.
    pub pin_file: PathBuf,
    /// Purposes whose new keys are made in the token, of [`IN_TOKEN`].
    pub purposes: Vec<Purpose>,
}

/// The token in which keys of ours are made.
pub struct KeyToken {
    shared: Arc<Shared>,
    purposes: Vec<Purpose>,
}

/// What all keys of a token share.
struct Shared {
    token: Arc<Token>,
    /// Log-ins that were noticed.
    log_ins: AtomicU64,
}

/// A key that was made in the token.
pub(super) struct Made {
    /// What is to be kept in a file in its place.
    pub reference: Vec<u8>,
    /// The key.
    pub signer: Arc<dyn Signer>,
}

/// What stands in place of a private key that lies in a token. It opens nothing.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    /// Label of the token in which it was made, for people: keys are looked up by their id.
    token: String,
    /// `CKA_ID`, hex.
    id: String,
}

impl KeyToken {
    /// Loads the module and logs in. `refused`: where is kept that a PIN was refused, so that
    /// starts that are repeated don't lock the token.
    pub fn open(settings: &TokenSettings, refused: &Path) -> Result<Self, ExchangeError> {
        let pin_file = &settings.pin_file;
        let wrong = |why| StoreError::KeyFile { path: pin_file.clone(), why };
        let bytes = key_files::read_private(pin_file)?;
        let pin = std::str::from_utf8(&bytes).map_err(|_| wrong("holds no PIN: it is not text"))?;
        let pin = pin.trim_end_matches(['\r', '\n']);
        if pin.is_empty() {
            return Err(wrong("holds no PIN: it is empty").into());
        }
        let found = std::fs::metadata(pin_file).map_err(StoreError::io("cannot read", pin_file))?;
        let mark = format!("{}.{:09} {}", found.mtime(), found.mtime_nsec(), found.ino());
        if refused.exists() && *key_files::read_private(refused)? == mark.as_bytes() {
            return Err(TokenError::PinKnownBad.into());
        }
        match block_in_place(|| Token::open(&settings.module, settings.place.clone(), pin)) {
            Ok(token) => {
                if refused.exists() {
                    std::fs::remove_file(refused).map_err(StoreError::io("cannot remove", refused))?;
                }
                let shared = Shared { log_ins: AtomicU64::new(token.log_ins()), token: Arc::new(token) };
                Ok(Self { shared: Arc::new(shared), purposes: settings.purposes.clone() })
            }
            Err(error @ TokenError::PinRefused(_)) => {
                key_files::replace_private(refused, mark.as_bytes())?;
                Err(error.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether new keys of this purpose are made here.
    pub(super) fn makes(&self, purpose: Purpose) -> bool {
        self.purposes.contains(&purpose)
    }

    /// Makes a key.
    pub(super) fn make(
        &self,
        purpose: Purpose,
        authority: &AuthorityId,
        entropy: &dyn Entropy,
    ) -> Result<Made, ExchangeError> {
        let id: [u8; 16] = fresh(entropy)?;
        let label = format!("rogatory {authority} {} {}", purpose.as_str_name(), hex::encode(&id[..4]));
        let key = block_in_place(|| self.shared.token.generate(kind(purpose), &id, &label))?;
        let reference = Reference { token: self.shared.token.name().to_owned(), id: hex::encode(id) };
        let text = toml::to_string(&reference)
            .map_err(|error| ExchangeError::Invalid(format!("the reference to a key: {error}")))?;
        let signer = Arc::new(InToken { key, purpose, shared: self.shared.clone() });
        Ok(Made { reference: text.into_bytes(), signer })
    }

    /// Destroys the key to which a file refers, and then the file. A crash between leaves a
    /// reference to nothing, which is removed the next time.
    pub(super) fn destroy(&self, path: &Path) -> Result<bool, ExchangeError> {
        let id = referred(path)?;
        match block_in_place(|| self.shared.token.destroy(&id)) {
            Ok(()) | Err(TokenError::KeyMissing { .. }) => Ok(key_files::destroy(path)?),
            Err(source) => Err(ExchangeError::TokenKey { path: path.to_owned(), source }),
        }
    }

    /// The key of this purpose to which a file refers.
    pub(super) fn key(&self, purpose: Purpose, path: &Path) -> Result<Arc<dyn Signer>, ExchangeError> {
        let id = referred(path)?;
        let key = block_in_place(|| self.shared.token.key(kind(purpose), &id));
        let key = key.map_err(|source| ExchangeError::TokenKey { path: path.to_owned(), source })?;
        Ok(Arc::new(InToken { key, purpose, shared: self.shared.clone() }))
    }
}

/// The `CKA_ID` that a reference names.
pub(super) fn referred(path: &Path) -> Result<Vec<u8>, ExchangeError> {
    let bytes = key_files::read_private(path)?;
    let refers = std::str::from_utf8(&bytes).ok().and_then(|text| toml::from_str::<Reference>(text).ok());
    let id = refers.and_then(|reference| hex::decode(reference.id).ok()).filter(|id| !id.is_empty());
    let why = "does not name a key in a token";
    Ok(id.ok_or_else(|| StoreError::KeyFile { path: path.to_owned(), why })?)
}

fn kind(purpose: Purpose) -> KeyKind {
    match purpose {
        Purpose::Tls => KeyKind::P256,
        _ => KeyKind::Ed25519,
    }
}

/// A key in a token, signing where a thread may wait: the tasks of this one go on elsewhere.
struct InToken {
    key: TokenKey,
    purpose: Purpose,
    shared: Arc<Shared>,
}

impl Signer for InToken {
    fn public_key(&self) -> &[u8] {
        self.key.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let done = block_in_place(|| self.key.sign(message));
        let token = &self.shared.token;
        if self.shared.log_ins.swap(token.log_ins(), Ordering::Relaxed) < token.log_ins() {
            tracing::warn!(token = token.name(), "the session with the token was lost: logged in anew");
        }
        if let Err(error) = &done {
            tracing::error!(purpose = self.purpose.as_str_name(), %error, "a key in the token did not sign");
        }
        done
    }
}

impl ExchangeError {
    /// The token's own word, where it is behind this.
    pub fn token(&self) -> Option<&TokenError> {
        match self {
            Self::Token(error)
            | Self::TokenKey { source: error, .. }
            | Self::Crypto(CryptoError::Token(error))
            | Self::Format(FormatError::Token(error))
            | Self::Store(StoreError::Ledger(LedgerError::Format(FormatError::Token(error)))) => Some(error),
            _ => None,
        }
    }
}

/// What to do about it.
pub fn remedy(error: &TokenError) -> &'static str {
    match error {
        TokenError::Module { .. } => "install the module, or mend [token] module in the configuration",
        TokenError::Start { .. } => {
            "look at the module's own configuration and log (SoftHSM: SOFTHSM2_CONF), and at file permissions"
        }
        TokenError::Absent { .. } => "plug it in, start what serves it, or mend label or slot in [token]",
        TokenError::Ambiguous(_) => "name the token by its slot: [token] slot instead of label",
        TokenError::PinRefused(_) | TokenError::PinKnownBad => {
            "write the right PIN into [token] pin_file; nothing tries the same file again until it is changed"
        }
        TokenError::PinLocked(_) => "have the token's security officer unlock it, then mend pin_file",
        TokenError::LastTry(_) => "log in with the token's own tool, which resets its count; mend pin_file",
        TokenError::KeyMissing { .. } => {
            "name the token in which the key was made (the file of that name in keys/ says which), or restore it there"
        }
        TokenError::OtherKind { .. } | TokenError::Extractable { .. } | TokenError::BadSignature { .. } => {
            "put back the reference files of this token from a key back-up: rogatory backup keys"
        }
        TokenError::Lost(_) => {
            "see to the token, then again; if the gateway's store has stopped meanwhile, restart the gateway"
        }
        TokenError::Failed(_) => {
            "ask the token's manual; it must do CKM_EDDSA (Ed25519), for TLS CKM_ECDSA (P-256)"
        }
    }
}
