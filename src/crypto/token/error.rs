//! Why a token does not do what it is asked.

use cryptoki::error::{Error, RvError};

/// Why a token does not do what it is asked. Tokens are named by their labels, keys by their
/// `CKA_ID` in hex.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The module can't be loaded.
    #[error("the PKCS#11 module {path} cannot be loaded: {why}")]
    Module {
        /// Where it should be.
        path: String,
        /// What the loader said.
        why: String,
    },
    /// The module is loaded, and does not start.
    #[error("the PKCS#11 module {path} does not start: {why}")]
    Start {
        /// Where it is.
        path: String,
        /// What it said.
        why: String,
    },
    /// No such token.
    #[error("no token is {wanted}; there are: {}", if there.is_empty() { "none" } else { there })]
    Absent {
        /// Which.
        wanted: String,
        /// Those that are there.
        there: String,
    },
    /// A label that several tokens have.
    #[error("several tokens are labelled {0:?}")]
    Ambiguous(String),
    /// The token did not take the PIN.
    #[error("the token {0:?} refused the PIN")]
    PinRefused(String),
    /// It did not at an earlier start, and the PIN is still the same.
    #[error("the token refused this PIN at an earlier start, and it was not tried again: tokens lock")]
    PinKnownBad,
    /// Too many wrong PINs.
    #[error("the token {0:?} is locked: it was given too many wrong PINs")]
    PinLocked(String),
    /// One more wrong PIN would lock it.
    #[error("the token {0:?} takes one more PIN before it locks: that is not risked")]
    LastTry(String),
    /// No such key.
    #[error("the token {token:?} has no key with the id {id}")]
    KeyMissing {
        /// Which token.
        token: String,
        /// Which key.
        id: String,
    },
    /// A key of another algorithm.
    #[error("the key with the id {id} in the token {token:?} is of another type")]
    OtherKind {
        /// Which token.
        token: String,
        /// Which key.
        id: String,
    },
    /// A key that could leave the token.
    #[error("the key with the id {id} in the token {token:?} can be extracted")]
    Extractable {
        /// Which token.
        token: String,
        /// Which key.
        id: String,
    },
    /// A signature that is none.
    #[error("what the token {token:?} signs with the key {id} does not verify")]
    BadSignature {
        /// Which token.
        token: String,
        /// Which key.
        id: String,
    },
    /// The session is gone, and with it perhaps the token.
    #[error("the session with the token is lost: {0}")]
    Lost(String),
    /// Anything else that it said.
    #[error("the token did not do it: {0}")]
    Failed(String),
}

impl TokenError {
    /// Whether a new log-in may help. Modules whose token is gone say of its keys, too, that
    /// there are none.
    pub(super) fn lost(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::KeyMissing { .. })
    }

    /// Whether the token is away, and may be back in a moment.
    pub fn away(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::Absent { .. })
    }

    /// Whether every further log-in brings the token nearer to its lock.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::PinRefused(_) | Self::PinLocked(_) | Self::LastTry(_))
    }
}

/// The function, and what it gave.
pub(super) fn said(error: &Error) -> String {
    match error {
        Error::Pkcs11(value, function) => format!("C_{function:?} gave {value:?}"),
        Error::LibraryLoading(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// What the module said, and whether it means that the session is gone.
pub(super) fn failed(error: Error) -> TokenError {
    let what = said(&error);
    let Error::Pkcs11(value, _) = error else { return TokenError::Failed(what) };
    match value {
        RvError::SessionHandleInvalid
        | RvError::SessionClosed
        | RvError::DeviceRemoved
        | RvError::DeviceError
        | RvError::TokenNotPresent
        | RvError::TokenNotRecognized
        | RvError::SlotIdInvalid
        | RvError::UserNotLoggedIn
        | RvError::KeyHandleInvalid
        | RvError::ObjectHandleInvalid
        | RvError::OperationActive
        // What modules say that have lost the device behind a network.
        | RvError::GeneralError
        | RvError::FunctionFailed => TokenError::Lost(what),
        _ => TokenError::Failed(what),
    }
}
