//! A gateway that has lost some of its log does not append to what is left.

use super::GatewayError;
use super::tls::Dialer;
use crate::exchange::Exchange;
use crate::format::wire;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::tree;
use crate::store::StoreError;
use std::sync::Arc;
use std::time::Duration;

/// A peer that is asked at the start answers within this time, or is not waited for.
const ASKING: Duration = Duration::from_secs(2);

/// Asks the peers that are reached at once for the newest checkpoint of our log that they
/// hold. If one of them has seen more of it than is here, or something else, what is here is
/// not the whole log, and nothing may be appended.
pub async fn refuse_to_fork(exchange: &Arc<Exchange>, dialer: &Dialer) -> Result<(), GatewayError> {
    let peers = exchange.directory.all();
    let asked = peers.iter().filter(|peer| !peer.addresses.is_empty()).map(|peer| async move {
        let client = dialer.client(peer.authority());
        let call = || {
            let mut client = client.clone();
            async move { client.held_checkpoint(wire::HeldCheckpointRequest {}).await }
        };
        let held = tokio::time::timeout(ASKING, dialer.known(peer.authority(), call)).await;
        (peer.authority(), held.ok().and_then(Result::ok).map(|reply| reply.into_inner().checkpoint))
    });
    for (peer, held) in futures_util::future::join_all(asked).await {
        let Some(note) = held.filter(|note| !note.is_empty()) else { continue };
        let chain = exchange.identity.chain();
        let checkpoint = match Checkpoint::open_past(&note, &chain) {
            Ok(checkpoint) => checkpoint,
            Err(error) => {
                tracing::warn!(%peer, %error, "a peer holds a checkpoint that we did not sign");
                continue;
            }
        };
        let found = exchange.store.checkpoint().size;
        let ours = checkpoint.size <= found
            && tree::root(checkpoint.size, exchange.store.snapshot()).map_err(StoreError::from)?
                == checkpoint.root;
        if !ours && Checkpoint::open(&note, &chain).is_err() {
            // Whoever stole the key may have made it, and must not keep us from working.
            tracing::error!(%peer, found, signed = checkpoint.size, "a peer holds a checkpoint under a revoked key of ours that is not of this log");
            continue;
        }
        if checkpoint.size > found {
            tracing::error!(%peer, found, signed = checkpoint.size, "a peer has seen more of this log than is here");
            return Err(StoreError::Behind { found, signed: checkpoint.size }.into());
        }
        if !ours {
            return Err(StoreError::Damaged(format!(
                "it leads to another tree than we signed in a checkpoint that {peer} holds"
            ))
            .into());
        }
    }
    Ok(())
}
