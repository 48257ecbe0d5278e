//! What operators may call about a key that others may have.

use super::operator::OperatorFace;
use super::roles::Role;
use crate::exchange::revocation::Revoking;
use crate::format::wire::{KeyUsesReply, KeyUsesRequest, RevokeReply, RevokeRequest, revocation::Reason};
use crate::gateway::status::for_local;
use std::time::{Duration, Instant};
use tonic::{Request, Status};

/// So long a revocation waits for the peers to hold it, before it is answered.
const TELLING: Duration = Duration::from_secs(5);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// Uses in one answer.
const USES: usize = 1000;

impl OperatorFace {
    pub(super) async fn revoke_key(&self, request: Request<RevokeRequest>) -> Result<RevokeReply, Status> {
        let operator = self.roles.demand(Role::Operator, &request)?;
        let request = request.into_inner();
        let exchange = &self.exchange;
        let key = exchange.key_named(&request.key).map_err(|error| for_local(&error))?;
        let mut successor = None;
        if request.of_root.is_empty() {
            if request.reason() == Reason::Unspecified {
                return Err(Status::invalid_argument("a key is revoked for a reason"));
            }
            let wanted = Revoking {
                key: key.id,
                reason: request.reason(),
                since: (request.since > 0).then_some(request.since),
                successor: !request.no_successor,
            };
            let revoked = exchange.revoke(wanted).await.map_err(|error| for_local(&error))?;
            successor = revoked.successor;
        } else {
            exchange.take_of_root(request.of_root).await.map_err(|error| for_local(&error))?;
        }
        tracing::warn!(operator, key = hex::encode(key.id), "a key was revoked");
        // Heralds are on their way already; most peers hold it in a moment.
        let until = Instant::now() + TELLING;
        while !exchange.untold().is_empty() && Instant::now() < until {
            tokio::time::sleep(LOOK).await;
        }
        let key = exchange.key_named(&hex::encode(key.id)).map_err(|error| for_local(&error))?;
        let untold = exchange.untold();
        let peers = exchange.directory.all();
        let told = peers.iter().map(|peer| peer.authority()).filter(|name| !untold.contains(name));
        Ok(RevokeReply {
            purpose: key.purpose.into(),
            key_id: key.id.to_vec(),
            successor: successor.map(|id| id.to_vec()).unwrap_or_default(),
            since: key.end().map_or(0, |end| end.since),
            log_size: key.end().map_or(0, |end| end.log_size),
            told: told.map(ToString::to_string).collect(),
            untold: untold.iter().map(ToString::to_string).collect(),
        })
    }

    pub(super) fn uses_of_key(&self, request: &Request<KeyUsesRequest>) -> Result<KeyUsesReply, Status> {
        self.roles.demand(Role::Operator, request)?;
        let KeyUsesRequest { key, since, from } = request.get_ref();
        let key = self.exchange.key_named(key).map_err(|error| for_local(&error))?;
        let (uses, next) =
            self.exchange.uses(&key, *since, *from, USES).map_err(|error| for_local(&error))?;
        Ok(KeyUsesReply {
            purpose: key.purpose.into(),
            key_id: key.id.to_vec(),
            uses,
            next: next.unwrap_or(0),
        })
    }
}
