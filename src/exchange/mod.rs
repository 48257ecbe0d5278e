//! Floor 4: decisions. Accept, refuse, defer, retry, pair. No sockets; clock and randomness
//! are passed in.

pub mod accept;
pub mod acknowledge;
pub mod actors;
pub mod alarms;
mod at_rest;
pub mod carry;
pub mod cases;
pub mod checking;
pub mod content_keys;
pub mod directory;
pub mod doctor;
pub mod drafts;
pub mod erase;
pub mod fetch;
pub mod group;
pub mod hello;
pub mod holding;
pub mod identity;
pub mod in_use;
pub mod install;
pub mod key_folder;
pub mod key_token;
pub mod lifetimes;
pub mod line;
pub mod linking;
pub mod logged;
pub mod notices;
pub mod offline;
pub mod pairing;
pub mod pinning;
pub mod prove;
pub mod receiving;
pub mod resigning;
pub mod restraint;
pub mod retention;
pub mod revocation;
pub mod rotation;
pub mod schedule;
pub mod statuses;
pub mod strangers;
pub mod submit;
mod suites;
pub mod tail;
pub mod third_party;
pub mod told;
pub mod under;
pub mod uses;
pub mod witness;

use crate::crypto::CryptoError;
use crate::crypto::entropy::Entropy;
use crate::crypto::hash::Digest;
use crate::crypto::token::TokenError;
use crate::format::evidence::{Deferral, Subject};
use crate::format::id::AuthorityId;
use crate::format::wire::cause::Code as Cause;
use crate::format::{FormatError, Millis};
use crate::ledger::LedgerError;
use crate::ledger::acknowledgement;
use crate::ledger::checkpoint::Checkpoint;
use crate::request::register::Register;
use crate::request::rules::Deficiency;
use crate::store::Clock;
use crate::store::{Refused, Store, StoreError, epochs::Epochs, objects::Objects};
use directory::Directory;
use identity::Identity;
use std::path::PathBuf;
use std::sync::Arc;

/// Everything that decisions are made from and recorded in.
pub struct Exchange {
    /// Who we are.
    pub identity: Arc<Identity>,
    /// Whom we are paired with.
    pub directory: Directory,
    /// Where decisions become durable.
    pub store: Store,
    /// Large sealed objects.
    pub objects: Objects,
    /// Keys at rest.
    pub epochs: Epochs,
    /// Encapsulations in use.
    pub content_keys: content_keys::ContentKeys,
    /// Checkpoints of peers.
    pub notes: witness::Notes,
    /// Who was turned away.
    pub strangers: Arc<strangers::Strangers>,
    /// What was read of the content that is here.
    pub reading: cases::reading::Reading,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// What we take.
    pub taken: crate::format::pairing::Taken,
    /// With whom electronic form is agreed.
    pub electronic_form: Vec<AuthorityId>,
    /// Which State is bound by what, where the configuration names a register.
    pub register: Option<Register>,
}

/// Why something can't be done, as far as a person or a peer has to know.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// No pairing with this authority.
    #[error("not paired with {0}")]
    NotPaired(AuthorityId),
    /// Nothing is known under this name.
    #[error("{0} is not known here")]
    Unknown(String),
    /// It is there already.
    #[error("{0} is there already")]
    Exists(String),
    /// The caller asked for something that can't be.
    #[error("{0}")]
    Invalid(String),
    /// A request does not hold what it must.
    #[error("the request is not complete:\n{}", checking::told(.0))]
    Deficient(Vec<Deficiency>),
    /// A request can't be refused on this ground.
    #[error("this is no ground of refusal:\n{}", checking::told(std::slice::from_ref(.0)))]
    NoGround(Deficiency),
    /// What was asked for can't be, as things stand.
    #[error("{0}")]
    Precluded(String),
    /// The peer did not keep to the protocol.
    #[error("{peer} did not keep to the protocol: {fault}")]
    PeerMisbehaved {
        /// Who.
        peer: AuthorityId,
        /// How.
        fault: String,
    },
    /// A peer signed with a key that no statement here proves: the statement may be on its way.
    #[error("{peer} signed with a key that no statement here proves: {key}")]
    KeyUnknown {
        /// Who.
        peer: AuthorityId,
        /// The key's id, as far as the signature names it.
        key: String,
    },
    /// Too much is under way.
    #[error("too much is under way; try again")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A value could not be made or read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The file of an identity's statements.
    #[error("{}: {_1}", _0.display())]
    Statements(PathBuf, FormatError),
    /// Keys or sealed bytes.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The token that holds keys of ours.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A key of ours that should lie in the token.
    #[error("{}: {source}", path.display())]
    TokenKey {
        /// The file that refers to it.
        path: PathBuf,
        /// What the token said.
        source: TokenError,
    },
    /// A key of ours lies in a token, and the configuration names none.
    #[error("{}: the key lies in a token, and the configuration has no [token]", .0.display())]
    NoToken(PathBuf),
}

impl From<LedgerError> for ExchangeError {
    fn from(error: LedgerError) -> Self {
        Self::Store(error.into())
    }
}

impl From<Refused<ExchangeError>> for ExchangeError {
    fn from(refused: Refused<ExchangeError>) -> Self {
        match refused {
            Refused::Decided(error) => error,
            Refused::Busy => Self::Busy,
            Refused::Store(error) => Self::Store(error),
        }
    }
}

impl Exchange {
    /// Does work to its end, whether or not somebody still waits for it. What was committed has to
    /// be known here as well: a chain that lacks its last statement would be gone on with beside it.
    pub(super) async fn to_its_end<T, F>(
        self: &Arc<Self>,
        work: impl FnOnce(Arc<Self>) -> F,
    ) -> Result<T, ExchangeError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ExchangeError>> + Send + 'static,
    {
        let ended = |error: tokio::task::JoinError| StoreError::Stopped(error.to_string());
        tokio::spawn(work(self.clone())).await.map_err(ended)?
    }
}

/// Waits for a commitment.
pub(crate) async fn durable<T>(
    commit: crate::store::Commit<T, ExchangeError>,
) -> Result<crate::store::Committed<T>, ExchangeError> {
    match commit.await {
        Ok(result) => Ok(result?),
        Err(_) => Err(ExchangeError::Store(StoreError::Stopped("the writer is gone".into()))),
    }
}

/// What a caller at the peer face gets: committed entries, or "not now".
#[derive(Debug)]
pub enum Answer {
    /// Indices of committed entries, and a checkpoint in which they stand.
    Committed(Vec<u64>, Arc<Checkpoint>),
    /// A signed deferral.
    Deferred(Vec<u8>),
}

impl Exchange {
    /// The acknowledgement of committed entries, for a caller that has verified `known`
    /// leaves of our log.
    pub fn acknowledgement(
        &self,
        indices: &[u64],
        checkpoint: &Checkpoint,
        known: u64,
    ) -> Result<crate::format::wire::Acknowledgement, ExchangeError> {
        let snapshot = self.store.snapshot();
        let newer = match indices.iter().max().filter(|index| **index >= checkpoint.size) {
            Some(index) => Some(self.store.checkpoint_covering(*index)?),
            None => None,
        };
        let checkpoint = newer.as_deref().unwrap_or(checkpoint);
        let entries = indices.iter().map(|index| snapshot.entry(*index)).collect::<Result<Vec<_>, _>>()?;
        Ok(acknowledgement::prove(entries, checkpoint, known, snapshot)?)
    }

    /// A signed "not now".
    pub(crate) fn deferral(
        &self,
        peer: &AuthorityId,
        subject: Subject,
        cause: Cause,
        wanted_seq: u64,
    ) -> Result<Answer, ExchangeError> {
        let deferral = Deferral {
            issuer: self.identity.authority().clone(),
            subject,
            at: self.clock.now(),
            cause,
            retry_after: retry_after(cause),
            wanted_seq,
        };
        tracing::debug!(cause = cause.as_str_name(), "deferred");
        Ok(Answer::Deferred(deferral.sign(self.identity.evidence_in(self.suite_to(peer)?, self.now())?)?))
    }

    /// Now.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }
}

/// How long a peer should wait, milliseconds.
fn retry_after(cause: Cause) -> u64 {
    match cause {
        Cause::PredecessorMissing | Cause::StatusGap => 200,
        Cause::Busy | Cause::ObjectsIncomplete => 1000,
        Cause::KeyUnknown => 5_000,
        Cause::StorageFull => 10_000,
        // Its end is told: this is for a peer that did not get the notices.
        Cause::PairingSuspended => 300_000,
        _ => 30_000,
    }
}

/// A digest in a record of ours.
pub(crate) fn recorded_digest(bytes: &[u8]) -> Result<Digest, ExchangeError> {
    bytes.try_into().map_err(|_| LedgerError::Read("a recorded digest".into()).into())
}
