//! What operators may call about our own keys: the list, and rotation.

use super::operator::OperatorFace;
use super::roles::Role;
use crate::exchange::lifetimes::end_of;
use crate::exchange::offline::Wanted;
use crate::exchange::rotation::{Listed, Rotated, Rotation};
use crate::format::Millis;
use crate::format::offline::Answered;
use crate::format::suite::Suite;
use crate::format::wire::{
    self, AskRootReply, AskRootRequest, InstallReply, InstallRequest, KeySummary, KeysReply, KeysRequest,
    ReloadReply, ReloadRequest, RotateReply, RotateRequest, ask_root_request::What, key_state::Code as State,
    purpose::Code as Purpose,
};
use crate::gateway::status::for_local;
use tokio::task::block_in_place;
use tonic::{Request, Status};

impl OperatorFace {
    pub(super) fn list_keys(&self, request: &Request<KeysRequest>) -> Result<KeysReply, Status> {
        self.roles.demand(Role::Operator, request)?;
        let (listed, now) = (self.exchange.keys(), self.exchange.now());
        let peers = self.exchange.directory.all();
        // Entries are read: other calls of this thread go on elsewhere meanwhile.
        let under = block_in_place(|| self.exchange.under_keys()).map_err(|error| for_local(&error))?;
        let under_key = |one: &Listed| under.of(one.key.purpose, &one.key.id);
        let confirmed = peers.iter().map(|peer| {
            let count = self.exchange.confirmed_by(peer.authority());
            Ok((peer.authority().to_string(), count.map_err(|error| for_local(&error))?.unwrap_or(0)))
        });
        let confirmed = confirmed.collect::<Result<Vec<_>, Status>>()?;
        let proved_of = |one: &Listed| {
            let peers = confirmed.iter().filter(|(_, count)| one.key.seq < *count);
            peers.map(|(name, _)| name.clone()).collect()
        };
        let shown = |one: &Listed| KeySummary {
            confirmed_by: proved_of(one),
            under: under_key(one),
            ..summary(one, &listed, now)
        };
        let (own, mut root_unconfirmed) = (self.exchange.identity.chain(), Vec::new());
        for peer in &peers {
            if !self.exchange.confirms_our_root(peer).map_err(|error| for_local(&error))? {
                root_unconfirmed.push(peer.authority().to_string());
            }
        }
        Ok(KeysReply {
            root: own.root().to_vec(),
            root_since: own.root_since(),
            root_unconfirmed,
            more_under: under.more,
            keys: listed.iter().map(shown).collect(),
            peers: peers.iter().map(|peer| peer.authority().to_string()).collect(),
            now,
        })
    }

    pub(super) async fn rotate_keys(&self, request: Request<RotateRequest>) -> Result<RotateReply, Status> {
        let operator = self.roles.demand(Role::Operator, &request)?;
        let request = request.into_inner();
        let mut purposes: Vec<Purpose> = request.purposes().collect();
        let refused = [Purpose::Unspecified, Purpose::Delegate];
        if purposes.is_empty() || purposes.iter().any(|purpose| refused.contains(purpose)) {
            return Err(Status::invalid_argument(
                "keys of packet, evidence, checkpoint, cosign, content, tls rotate",
            ));
        }
        if self.reload.gives_key() && purposes.contains(&Purpose::Tls) {
            purposes.retain(|purpose| *purpose != Purpose::Tls);
            if purposes.is_empty() {
                return Err(Status::failed_precondition(
                    "the TLS key comes from the file that [tls] key names: put another there",
                ));
            }
        }
        let rotation = Rotation {
            purposes,
            algorithm: None,
            suite: match request.suite {
                0 => None,
                number => Some(
                    Suite::numbered(number).map_err(|error| Status::invalid_argument(error.to_string()))?,
                ),
            },
            from: (request.from > 0).then_some(request.from),
            overlap: (request.overlap > 0).then_some(request.overlap),
            force: request.force,
            dry_run: request.dry_run,
        };
        let rotated = self.exchange.rotate(&rotation).await;
        let rotated = rotated.map_err(|error| for_local(&error))?;
        if !request.dry_run {
            tracing::info!(operator, keys = rotated.len(), "keys were rotated");
        }
        Ok(RotateReply { rotated: rotated.iter().map(one_rotated).collect() })
    }

    pub(super) async fn reload_keys(&self, request: &Request<ReloadRequest>) -> Result<ReloadReply, Status> {
        let operator = self.roles.demand(Role::Operator, request)?;
        let reloaded = self.reload.now().await.map_err(Status::failed_precondition)?;
        tracing::info!(operator, "the TLS files were read on demand");
        Ok(ReloadReply {
            stated: reloaded.stated.map(|id| id.to_vec()).unwrap_or_default(),
            renewed: reloaded.renewed,
            authorities: reloaded.trusted.0 as u64,
            crls: reloaded.trusted.1 as u64,
            warnings: reloaded.warnings,
        })
    }
}

impl OperatorFace {
    pub(super) async fn ask_the_root(
        &self,
        request: Request<AskRootRequest>,
    ) -> Result<AskRootReply, Status> {
        let operator = self.roles.demand(Role::Operator, &request)?;
        let request = request.into_inner();
        let wanted = match request.what {
            Some(What::Delegate(true)) => Wanted::Delegate,
            Some(What::RootChange(true)) => Wanted::Root,
            Some(What::Revocations(ends)) => Wanted::Ends(ends.items),
            _ => return Err(Status::invalid_argument("what is the root to sign?")),
        };
        let asked = self.exchange.ask_root(wanted, (request.from > 0).then_some(request.from)).await;
        let asked = asked.map_err(|error| for_local(&error))?;
        tracing::info!(operator, follows = asked.chain.count() - 1, "the root is asked to sign");
        Ok(AskRootReply { request: asked.to_text() })
    }

    pub(super) async fn install_statement(
        &self,
        request: Request<InstallRequest>,
    ) -> Result<InstallReply, Status> {
        let operator = self.roles.demand(Role::Operator, &request)?;
        let request = request.into_inner();
        let signed = request.signed.ok_or_else(|| Status::invalid_argument("nothing to install"))?;
        let answered = Answered::from_wire(signed).map_err(|error| for_local(&error.into()))?;
        let installed = self.exchange.install(&answered, request.void).await;
        let installed = installed.map_err(|error| for_local(&error))?;
        tracing::info!(operator, seq = installed.seq, "a statement of the root was installed");
        Ok(InstallReply { seq: installed.seq, voided: installed.voided, known: installed.known })
    }
}

fn one_rotated(rotated: &Rotated) -> wire::Rotated {
    let before = rotated.before.as_ref();
    wire::Rotated {
        purpose: rotated.slot.0.into(),
        algorithm: rotated.slot.1.into(),
        before_id: before.map(|key| key.id.to_vec()).unwrap_or_default(),
        before_until: rotated.before_until,
        new_from: rotated.from,
        new_id: rotated.new.map(|id| id.to_vec()).unwrap_or_default(),
        new_until: rotated.until,
    }
}

fn summary(one: &Listed, all: &[Listed], now: Millis) -> KeySummary {
    let key = &one.key;
    let used = all.iter().find(|other| other.used && other.key.slot() == key.slot());
    let state = match used {
        _ if key.revoked() => State::Revoked,
        _ if now < key.not_before => State::NotYet,
        // Its time is over, or a statement ended its use.
        _ if !key.usable(now) => State::Ended,
        _ if one.used => State::InUse,
        Some(used) if key.seq < used.key.seq => State::Overlap,
        _ => State::Stated,
    };
    KeySummary {
        purpose: key.purpose.into(),
        algorithm: key.algorithm.into(),
        key_id: key.id.to_vec(),
        not_before: key.not_before,
        // A revoked key has no end of its own: none of its time counts.
        not_after: if key.revoked() { key.not_after } else { end_of(key) },
        state: state.into(),
        private_half: one.here,
        held_by: one.held_by.iter().map(ToString::to_string).collect(),
        seq: key.seq,
        in_token: one.in_token,
        under: None,
        confirmed_by: Vec::new(),
    }
}
