//! Statements of a root that is kept elsewhere: asked for here, signed there, installed here.

use super::identity::{DELEGATION, own_statement};
use super::key_folder::Life;
use super::{Exchange, ExchangeError};
use crate::format::FormatError;
use crate::format::chain::{Appended, Chain};
use crate::format::offline::{Answered, Asked};
use crate::format::statement::{algorithm_of, is_revocation};
use crate::format::wire::{self, purpose::Code as Purpose, statement_request::What};
use std::sync::Arc;
use tokio::task::block_in_place;

/// What the root is to sign.
pub enum Wanted {
    /// A new delegate.
    Delegate,
    /// Ends of keys.
    Ends(Vec<wire::Revocation>),
    /// The root that was announced takes over.
    Root,
}

/// What came of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Installed {
    /// Position of the statement.
    pub seq: u64,
    /// Statements that it made void.
    pub voided: u64,
    /// It was there already.
    pub known: bool,
}

impl Exchange {
    /// Makes what the root has to sign. It follows our last statement, or is put in the place of
    /// statement `from`: what was said from there on is void then.
    pub async fn ask_root(&self, wanted: Wanted, from: Option<u64>) -> Result<Asked, ExchangeError> {
        let _turn = self.identity.turn.lock().await;
        let now = self.now();
        let whole = self.identity.chain();
        let chain = match from {
            None => Chain::clone(&whole),
            Some(from) if from == 0 || from >= whole.count() => {
                return Err(ExchangeError::Invalid(format!(
                    "the first statement that is to be void is one from 1 to {}",
                    whole.count() - 1
                )));
            }
            Some(from) => Chain::open_all(&whole.envelopes().take(from as usize).collect::<Vec<_>>())?,
        };
        let what = match wanted {
            Wanted::Delegate => What::Delegate(block_in_place(|| self.new_delegate(&chain, now))?),
            Wanted::Ends(mut items) => {
                // What our log holds by now was signed before.
                let size = self.store.checkpoint().size;
                for end in items.iter_mut().filter(|end| is_revocation(end.reason())) {
                    end.log_size = size;
                }
                What::Revocations(wire::Revocations { items })
            }
            Wanted::Root => What::RootChange(wire::RootChange::default()),
        };
        Ok(Asked { chain, what, made_at: now })
    }

    /// Makes a delegate's key: its private half stays here.
    fn new_delegate(&self, chain: &Chain, now: u64) -> Result<wire::Key, ExchangeError> {
        let until = now + DELEGATION;
        let keys = self.identity.folder();
        Ok(keys
            .prepare(
                (Purpose::Delegate, algorithm_of(Purpose::Delegate)),
                chain,
                Life::new(now, until),
                &*self.entropy,
            )?
            .key)
    }

    /// Takes what the root signed: an entry first, then believed, then on its way to the peers.
    /// Statements become void only where that is meant.
    pub async fn install(
        self: &Arc<Self>,
        answered: &Answered,
        void: bool,
    ) -> Result<Installed, ExchangeError> {
        let answered = answered.clone();
        self.to_its_end(|exchange| async move {
            let _turn = exchange.identity.turn.lock().await;
            exchange.install_in_turn(&answered, void).await
        })
        .await
    }

    async fn install_in_turn(&self, answered: &Answered, void: bool) -> Result<Installed, ExchangeError> {
        let mut chain = Chain::clone(&self.identity.chain());
        if answered.authority != *chain.authority() || answered.fingerprint != chain.fingerprint() {
            return Err(ExchangeError::Invalid(format!(
                "this was signed for {} with the fingerprint {}, which is not ours",
                answered.authority,
                hex::encode(answered.fingerprint)
            )));
        }
        let appended = chain.append(&answered.statement).map_err(|error| match error {
            FormatError::Fork { .. } => ExchangeError::Precluded(
                "the root has signed something else for this place already: ask it anew, rogatory keys request"
                    .into(),
            ),
            error => error.into(),
        })?;
        let voided = match appended {
            Appended::Known => return Ok(Installed { seq: chain.count() - 1, voided: 0, known: true }),
            Appended::Extended => 0,
            Appended::Voided(count) => count as u64,
        };
        if voided > 0 && !void {
            return Err(ExchangeError::Precluded(format!(
                "this would make our last {voided} statements void: they came after the request was made. \
                 Ask anew (rogatory keys request), or mean it: --void"
            )));
        }
        self.state(vec![own_statement(&answered.statement)], &chain).await?;
        let seq = chain.count() - 1;
        block_in_place(|| self.identity.take_over(chain, self.now()))?;
        tracing::info!(seq, voided, "a statement of the root is installed");
        Ok(Installed { seq, voided, known: false })
    }
}
