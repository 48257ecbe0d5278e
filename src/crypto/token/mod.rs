//! Private keys in a PKCS#11 token: they are made there, sign there, and never leave it.
//! The only home of cryptoki.
//!
//! Calls go to a device and may take long: callers see to it that nobody waits for them who
//! should not.

mod error;
mod form;
mod line;

pub use error::TokenError;

use super::CryptoError;
use super::hash::sha256;
use super::sign::{Signer, verify_ed25519, verify_p256};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use error::{failed, said};
use line::Line;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What a key signs once when it is loaded, to show that it is the one. No message that is
/// signed elsewhere begins like this.
const TRIAL: &[u8] = b"rogatory: trial of a key in a token";

/// Which token of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The only one with this label.
    Label(String),
    /// The one in this slot.
    Slot(u64),
}

/// What a key is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Ed25519, `CKM_EDDSA` (PKCS#11 3.0 §6.3.15; curve by its OID, RFC 8410).
    Ed25519,
    /// ECDSA over P-256, `CKM_ECDSA` of a SHA-256 digest.
    P256,
}

/// A token that we are logged in to. One session, one call at a time.
pub struct Token {
    module: Pkcs11,
    place: Place,
    pin: AuthPin,
    name: String,
    line: Mutex<Line<LoggedIn>>,
    log_ins: AtomicU64,
}

/// A session, and the handles that were looked up in it: they end with it.
struct LoggedIn {
    session: Session,
    private: HashMap<Vec<u8>, ObjectHandle>,
}

impl Token {
    /// Loads the module at `module`, finds the token and logs in, once.
    pub fn open(module: &Path, place: Place, pin: &str) -> Result<Self, TokenError> {
        let path = module.display().to_string();
        let loaded = Pkcs11::new(module)
            .map_err(|error| TokenError::Module { path: path.clone(), why: said(&error) })?;
        begin(&loaded).map_err(|error| TokenError::Start { path, why: said(&error) })?;
        let (_, name) = find(&loaded, &place)?;
        let pin = AuthPin::from(pin.to_owned());
        let (line, log_ins) = (Mutex::default(), AtomicU64::new(0));
        let token = Self { module: loaded, place, pin, name, line, log_ins };
        token.with(|_| Ok(()))?;
        Ok(token)
    }

    /// Label of the token.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How often we have logged in: more than once where sessions were lost.
    pub fn log_ins(&self) -> u64 {
        self.log_ins.load(Ordering::Relaxed)
    }

    /// Makes a key pair under `id` (`CKA_ID`) that signs and can't be extracted.
    pub fn generate(self: &Arc<Self>, kind: KeyKind, id: &[u8], label: &str) -> Result<TokenKey, TokenError> {
        let (mechanism, both) = (
            kind.generates(),
            [Attribute::Token(true), Attribute::Id(id.to_vec()), Attribute::Label(label.as_bytes().to_vec())],
        );
        let public = [Attribute::EcParams(kind.curve().to_vec()), Attribute::Verify(true)];
        let private = [
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
        ];
        let (public, private) = ([&both[..], &public].concat(), [&both[..], &private].concat());
        self.with(|logged_in| logged_in.session.get_session_info().map(drop).map_err(failed))?;
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        // Not repeated where the session is lost in the middle: the pair may have been made.
        line.once(&|| self.log_in(), &mut |logged_in: &mut LoggedIn| {
            logged_in.session.generate_key_pair(&mechanism, &public, &private).map(drop).map_err(failed)
        })?;
        drop(line);
        self.key(kind, id)
    }

    /// The key pair under `id`, after a trial: it is of this kind, its private half signs for
    /// its public half, and can't be extracted.
    pub fn key(self: &Arc<Self>, kind: KeyKind, id: &[u8]) -> Result<TokenKey, TokenError> {
        let point = self.with(|logged_in| {
            let session = &logged_in.session;
            let public = self.only(session, ObjectClass::PUBLIC_KEY, id)?;
            let private = self.only(session, ObjectClass::PRIVATE_KEY, id)?;
            let wanted = [AttributeType::KeyType, AttributeType::Sensitive, AttributeType::Extractable];
            let found = session.get_attributes(private, &wanted).map_err(failed)?;
            if !found.contains(&Attribute::KeyType(kind.type_of())) {
                return Err(TokenError::OtherKind { token: self.name.clone(), id: hex::encode(id) });
            }
            if !found.contains(&Attribute::Sensitive(true)) || !found.contains(&Attribute::Extractable(false))
            {
                return Err(TokenError::Extractable { token: self.name.clone(), id: hex::encode(id) });
            }
            let found = session.get_attributes(public, &[AttributeType::EcPoint]).map_err(failed)?;
            logged_in.private.insert(id.to_vec(), private);
            match &found[..] {
                [Attribute::EcPoint(point)] => Ok(point.clone()),
                _ => Err(TokenError::Failed("the public key has no CKA_EC_POINT".into())),
            }
        })?;
        let public_key = form::public_key(kind, &point)
            .ok_or_else(|| TokenError::OtherKind { token: self.name.clone(), id: hex::encode(id) })?;
        let key = TokenKey { token: self.clone(), kind, id: id.to_vec(), public_key };
        key.signature(TRIAL)?;
        Ok(key)
    }

    /// Destroys the key pair under `id`.
    pub fn destroy(&self, id: &[u8]) -> Result<(), TokenError> {
        self.with(|logged_in| {
            let private = self.only(&logged_in.session, ObjectClass::PRIVATE_KEY, id)?;
            logged_in.private.remove(id);
            let rest = [Attribute::Token(true), Attribute::Id(id.to_vec())];
            logged_in.session.destroy_object(private).map_err(failed)?;
            for object in logged_in.session.find_objects(&rest).map_err(failed)? {
                logged_in.session.destroy_object(object).map_err(failed)?;
            }
            Ok(())
        })
    }

    /// The object of this class and id. Two would be a question of which.
    fn only(&self, session: &Session, class: ObjectClass, id: &[u8]) -> Result<ObjectHandle, TokenError> {
        let template = [Attribute::Token(true), Attribute::Class(class), Attribute::Id(id.to_vec())];
        match session.find_objects(&template).map_err(failed)?[..] {
            [object] => Ok(object),
            [] => Err(TokenError::KeyMissing { token: self.name.clone(), id: hex::encode(id) }),
            _ => Err(TokenError::Failed(format!("several objects have the id {}", hex::encode(id)))),
        }
    }

    fn with<T>(&self, work: impl FnMut(&mut LoggedIn) -> Result<T, TokenError>) -> Result<T, TokenError> {
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        line.run(&|| self.log_in(), work)
    }

    fn log_in(&self) -> Result<LoggedIn, TokenError> {
        if self.log_ins() > 0 {
            // Many modules find a token that was away only when they begin anew.
            match self.module.clone().finalize() {
                Ok(()) | Err(Error::Pkcs11(RvError::CryptokiNotInitialized, _)) => {}
                Err(error) => return Err(failed(error)),
            }
            begin(&self.module).map_err(failed)?;
        }
        let (slot, name) = find(&self.module, &self.place)?;
        let info = self.module.get_token_info(slot).map_err(failed)?;
        if info.user_pin_locked() {
            return Err(TokenError::PinLocked(name));
        }
        if info.user_pin_final_try() {
            return Err(TokenError::LastTry(name));
        }
        let session = self.module.open_rw_session(slot).map_err(failed)?;
        match session.login(UserType::User, Some(&self.pin)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(Error::Pkcs11(RvError::PinLocked, _)) => return Err(TokenError::PinLocked(name)),
            Err(Error::Pkcs11(
                RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange | RvError::PinExpired,
                _,
            )) => return Err(TokenError::PinRefused(name)),
            Err(error) => return Err(failed(error)),
        }
        self.log_ins.fetch_add(1, Ordering::Relaxed);
        Ok(LoggedIn { session, private: HashMap::new() })
    }
}

fn begin(module: &Pkcs11) -> Result<(), Error> {
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // Whoever loads a module twice shares it.
        Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        done => done,
    }
}

/// The slot of a token, and the token's label.
fn find(module: &Pkcs11, place: &Place) -> Result<(Slot, String), TokenError> {
    let mut found = Vec::new();
    for slot in module.get_slots_with_initialized_token().map_err(failed)? {
        found.push((slot, module.get_token_info(slot).map_err(failed)?.label().to_owned()));
    }
    let there: Vec<_> =
        found.iter().map(|(slot, label)| format!("{label:?} in slot {}", slot.id())).collect();
    found.retain(|(slot, label)| match place {
        Place::Label(wanted) => label == wanted,
        Place::Slot(wanted) => slot.id() == *wanted,
    });
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some((_, label)), false) => Err(TokenError::Ambiguous(label)),
        (None, _) => Err(TokenError::Absent { wanted: place.to_string(), there: there.join(", ") }),
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Label(label) => write!(f, "labelled {label:?}"),
            Self::Slot(slot) => write!(f, "in slot {slot}"),
        }
    }
}

impl KeyKind {
    fn generates(self) -> Mechanism<'static> {
        match self {
            Self::Ed25519 => Mechanism::EccEdwardsKeyPairGen,
            Self::P256 => Mechanism::EccKeyPairGen,
        }
    }

    fn type_of(self) -> KeyType {
        match self {
            Self::Ed25519 => KeyType::EC_EDWARDS,
            Self::P256 => KeyType::EC,
        }
    }

    /// `CKA_EC_PARAMS`: the curve's object identifier, DER.
    fn curve(self) -> &'static [u8] {
        match self {
            Self::Ed25519 => &[0x06, 0x03, 0x2b, 0x65, 0x70],
            Self::P256 => &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
        }
    }
}

/// A private key in a token.
pub struct TokenKey {
    token: Arc<Token>,
    kind: KeyKind,
    id: Vec<u8>,
    public_key: Vec<u8>,
}

impl TokenKey {
    /// Signs, and verifies: what a faulty device signs goes nowhere.
    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, TokenError> {
        let digest = sha256(message);
        let (mechanism, signed) = match self.kind {
            KeyKind::Ed25519 => (Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519)), message),
            KeyKind::P256 => (Mechanism::Ecdsa, &digest[..]),
        };
        let bytes = self.token.with(|logged_in| {
            let private = match logged_in.private.get(&self.id) {
                Some(private) => *private,
                None => {
                    let private = self.token.only(&logged_in.session, ObjectClass::PRIVATE_KEY, &self.id)?;
                    *logged_in.private.entry(self.id.clone()).or_insert(private)
                }
            };
            logged_in.session.sign(&mechanism, private, signed).map_err(failed)
        })?;
        let signature = match self.kind {
            KeyKind::Ed25519 => {
                Some(bytes).filter(|bytes| verify_ed25519(&self.public_key, message, bytes).is_ok())
            }
            KeyKind::P256 => form::ecdsa_der(&bytes)
                .filter(|signature| verify_p256(&self.public_key, message, signature).is_ok()),
        };
        signature.ok_or_else(|| TokenError::BadSignature {
            token: self.token.name.clone(),
            id: hex::encode(&self.id),
        })
    }
}

impl Signer for TokenKey {
    fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        Ok(self.signature(message)?)
    }
}
