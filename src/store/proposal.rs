//! Proposals: what callers want committed, and how each learns what came of it.

use super::building::Building;
use super::journal::Record;
use super::{Committed, Decision, StoreError};
use crate::format::Millis;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::records::Views;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Why a proposal was not committed.
#[derive(Debug, thiserror::Error)]
pub enum Refused<E> {
    /// The decision itself said no; nothing was appended.
    #[error("{0}")]
    Decided(E),
    /// Too many proposals wait.
    #[error("too many submissions wait")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A commitment under way.
pub type Commit<T, E> = oneshot::Receiver<Result<Committed<T>, Refused<E>>>;

pub(super) trait Job: Send {
    fn decide(&mut self, building: &mut Building, now: Millis);
    fn complete(self: Box<Self>, result: Result<Arc<Checkpoint>, Failure>);
}

/// Why a whole group came to nothing.
#[derive(Clone)]
pub(super) enum Failure {
    Busy,
    Stopped(String),
}

/// A decision to be made at its place in the log, and the one who waits for it.
pub(super) struct Proposal<T, E, F> {
    decide: Option<F>,
    /// Records that are appended with what is decided, if it is not refused.
    more: Vec<Record>,
    outcome: Option<Result<(T, u64, u64), Refused<E>>>,
    reply: oneshot::Sender<Result<Committed<T>, Refused<E>>>,
}

impl<T, E, F> Proposal<T, E, F> {
    pub fn new(
        decide: F,
        more: Vec<Record>,
        reply: oneshot::Sender<Result<Committed<T>, Refused<E>>>,
    ) -> Self {
        Self { decide: Some(decide), more, outcome: None, reply }
    }
}

impl<T, E, F> Job for Proposal<T, E, F>
where
    T: Send,
    E: Send,
    F: FnOnce(&dyn Views, Millis) -> Result<Decision<T>, E> + Send,
{
    fn decide(&mut self, building: &mut Building, now: Millis) {
        let Some(decide) = self.decide.take() else { return };
        self.outcome = Some(match decide(building, now) {
            Err(no) => Err(Refused::Decided(no)),
            Ok(decision) if building.index.closed.has_any(&decision.contents) => Err(Refused::Busy),
            Ok(decision) => {
                let first = building.size;
                let (mut records, value) = decision.into_records(now);
                records.append(&mut self.more);
                match building.add(records) {
                    Ok(()) => Ok((value, first, building.size - first)),
                    Err(error) => Err(Refused::Store(error.into())),
                }
            }
        });
    }

    fn complete(self: Box<Self>, result: Result<Arc<Checkpoint>, Failure>) {
        let answer = match (self.outcome, result) {
            (Some(Ok((value, first, count))), Ok(checkpoint)) => {
                Ok(Committed { value, first, count, checkpoint })
            }
            (Some(Err(refused)), Ok(_)) => Err(refused),
            (_, Err(Failure::Busy)) => Err(Refused::Busy),
            (_, Err(Failure::Stopped(why))) => Err(Refused::Store(StoreError::Stopped(why))),
            (None, Ok(_)) => Err(Refused::Store(StoreError::Stopped("not decided".into()))),
        };
        // A caller that no longer waits has lost nothing: what is committed stays so.
        let _ = self.reply.send(answer);
    }
}
