//! The one table from errors to gRPC codes. Details stay in our log, never in a peer's.

use crate::exchange::ExchangeError;
use crate::exchange::key_token::remedy;
use crate::exchange::receiving::ChunkError;
use crate::store::StoreError;
use tonic::{Code, Status};

/// Metadata of a local error: what to do about it, where that is known here.
pub const REMEDY: &str = "rogatory-try";

/// What a peer is told: a code and a bare word.
pub fn for_peer(error: &ExchangeError) -> Status {
    let (code, word) = match error {
        // Ours, whatever it is wrapped in.
        _ if error.token().is_some() => (Code::Unavailable, "not now"),
        ExchangeError::NotPaired(_) => (Code::Unauthenticated, "not paired"),
        ExchangeError::PeerMisbehaved { .. } => (Code::InvalidArgument, "against the protocol"),
        ExchangeError::KeyUnknown { .. } => (Code::FailedPrecondition, "key unknown: say Hello"),
        ExchangeError::Format(_) => (Code::InvalidArgument, "malformed"),
        ExchangeError::Busy => (Code::ResourceExhausted, "busy"),
        ExchangeError::Unknown(_) => (Code::NotFound, "unknown"),
        _ => (Code::Unavailable, "not now"),
    };
    match code {
        Code::Unavailable => tracing::error!(%error, "a call of a peer failed here"),
        _ => tracing::warn!(%error, "a call of a peer was refused"),
    }
    Status::new(code, word)
}

/// What a person of this authority is told: everything.
pub fn for_local(error: &ExchangeError) -> Status {
    let code = match error {
        _ if error.token().is_some() => Code::FailedPrecondition,
        ExchangeError::NotPaired(_)
        | ExchangeError::Invalid(_)
        | ExchangeError::Deficient(_)
        | ExchangeError::NoGround(_)
        | ExchangeError::Format(_) => Code::InvalidArgument,
        ExchangeError::Unknown(_) => Code::NotFound,
        ExchangeError::Exists(_) => Code::AlreadyExists,
        ExchangeError::Busy | ExchangeError::Store(StoreError::NoRoom { .. } | StoreError::ReadOnly(_)) => {
            Code::ResourceExhausted
        }
        ExchangeError::PeerMisbehaved { .. }
        | ExchangeError::KeyUnknown { .. }
        | ExchangeError::Precluded(_) => Code::FailedPrecondition,
        ExchangeError::Store(_)
        | ExchangeError::Statements(..)
        | ExchangeError::Crypto(_)
        | ExchangeError::Token(_)
        | ExchangeError::TokenKey { .. }
        | ExchangeError::NoToken(_) => Code::Internal,
    };
    if code == Code::Internal {
        tracing::error!(%error, "a local call failed");
    }
    let mut status = Status::new(code, error.to_string());
    let remedy = error.token().map(remedy).or_else(|| of_the_disk(error));
    if let Some(remedy) = remedy.and_then(|text| text.parse().ok()) {
        status.metadata_mut().insert(REMEDY, remedy);
    }
    status
}

/// What to do about a disk. What was accepted is safe in any case.
fn of_the_disk(error: &ExchangeError) -> Option<&'static str> {
    match error {
        ExchangeError::Store(StoreError::NoRoom { .. }) => {
            Some("make room on that disk, and send it again: nothing has to be restarted")
        }
        ExchangeError::Store(StoreError::ReadOnly(_)) => {
            Some("mount it for writing (dmesg says why it is not), then restart the gateway")
        }
        ExchangeError::Store(
            StoreError::Stopped(_) | StoreError::Io { .. } | StoreError::Index(_) | StoreError::Ledger(_),
        ) => Some("rogatory doctor; mend the disk, then restart the gateway: what was accepted is safe"),
        _ => None,
    }
}

/// What a peer is told of a chunk that has no signed answer.
pub fn for_chunk(error: ChunkError) -> Status {
    match error {
        ChunkError::OutOfOrder | ChunkError::Invalid(_) => Status::invalid_argument("against the protocol"),
        ChunkError::Store(error) => for_peer(&error),
    }
}
