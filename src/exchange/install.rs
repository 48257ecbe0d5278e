//! A TLS key that was made elsewhere, with the certificates of an authority's own PKI. It is
//! copied among our keys, stated by the delegate, and taken up as one that rotation made.

use super::identity::own_statement;
use super::key_folder::BEFORE;
use super::{Exchange, ExchangeError};
use crate::crypto::hash::Digest;
use crate::crypto::sign::Signer as _;
use crate::crypto::tls_key::TlsPrivate;
use crate::format::chain::Chain;
use crate::format::statement::{NewKey, key_id, stated_algorithm};
use crate::format::wire::purpose::Code as Purpose;
use std::sync::Arc;
use tokio::task::block_in_place;
use zeroize::Zeroizing;

/// What became of a key that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installed {
    /// A new one: it is stated, and used once the peers have learnt of it.
    Stated(Digest),
    /// The key of before, with other certificates.
    Renewed,
    /// All as before.
    Same,
}

impl Exchange {
    /// Takes over a TLS key. `document`: as [`TlsPrivate::read`] takes it; `certificates`: PEM,
    /// the key's own first, which the caller has looked at.
    pub async fn install_tls(
        self: &Arc<Self>,
        document: Zeroizing<Vec<u8>>,
        certificates: Vec<u8>,
    ) -> Result<Installed, ExchangeError> {
        self.to_its_end(|exchange| async move {
            let _turn = exchange.identity.turn.lock().await;
            exchange.install_tls_in_turn(&document, &certificates).await
        })
        .await
    }

    async fn install_tls_in_turn(
        &self,
        document: &[u8],
        certificates: &[u8],
    ) -> Result<Installed, ExchangeError> {
        let now = self.now();
        let key = TlsPrivate::read(document)?;
        let public_key = key.public_key().to_vec();
        let id = key_id(Purpose::Tls, stated_algorithm(Purpose::Tls, &public_key), &public_key);
        let mut chain = Chain::clone(&self.identity.chain());
        if let Some(known) = chain.keys().iter().find(|key| key.id == id) {
            if !known.usable(now) {
                return Err(ExchangeError::Precluded("the key was stated before, and stands no more".into()));
            }
            let mut standing = chain.keys().iter().rev().filter(|key| key.purpose == Purpose::Tls);
            let newest = standing.find(|key| key.usable(now) && self.identity.holds(key));
            if newest.is_some_and(|newest| newest.id != id) {
                return Err(ExchangeError::Precluded("another TLS key was stated after this one".into()));
            }
            return block_in_place(|| {
                if !self.identity.folder().put_tls(&id, document, certificates, &*self.entropy)? {
                    return Ok(Installed::Same);
                }
                self.identity.reread(now).map(|()| Installed::Renewed)
            });
        }
        let (until, (_, by)) =
            (self.identity.would_end(Purpose::Tls, now, now)?, self.identity.stating(Purpose::Tls, now)?);
        self.choose_keys()?;
        // In the order of a rotation: a crash leaves files that no statement names, and the
        // same files are given again at the next start.
        block_in_place(|| self.identity.folder().put_tls(&id, document, certificates, &*self.entropy))?;
        let new = NewKey {
            purpose: Purpose::Tls,
            public_key,
            valid: (now.saturating_sub(BEFORE), until),
            may_state: Vec::new(),
            revokes: Vec::new(),
            signer: Some(&key),
        };
        let envelope = chain.state(new, &by, now)?;
        self.state(vec![own_statement(&envelope)], &chain).await?;
        block_in_place(|| self.identity.take_over(chain, now))?;
        tracing::info!(key = hex::encode(id), "a TLS key that was made elsewhere is stated");
        Ok(Installed::Stated(id))
    }
}
