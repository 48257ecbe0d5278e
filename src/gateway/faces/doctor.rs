//! The doctor: facts of the ledger and the disk, and what peers answer just now.

use super::peer::Heard;
use crate::exchange::Exchange;
use crate::exchange::directory::Peer;
use crate::exchange::doctor::peers::{self, Away, Pin, Reach};
use crate::exchange::doctor::place::Place;
use crate::exchange::doctor::{Check, State};
use crate::format::Millis;
use crate::format::wire::doctor_check::State as WireState;
use crate::format::wire::{DoctorCheck, DoctorReply, DoctorRequest, HeldCheckpointRequest};
use crate::gateway::config::Config;
use crate::gateway::dispatch::reverse::Reverse;
use crate::gateway::status::for_local;
use crate::gateway::tls::{DialError, Dialer, TlsConfig};
use std::sync::Arc;
use std::time::Duration;
use tonic::{Code, Status};

/// A peer answers within this time, or is not reached.
const ANSWER: Duration = Duration::from_secs(2);

/// What the doctor looks at.
pub struct Doctor {
    /// Decisions and the ledger.
    pub exchange: Arc<Exchange>,
    /// Ways to peers.
    pub dialer: Dialer,
    /// Ways of peers to us.
    pub reverse: Arc<Reverse>,
    /// When they called.
    pub heard: Arc<Heard>,
    /// Where everything lies.
    pub place: Place,
    /// Files of a PKI.
    pub tls: TlsConfig,
    /// Whether peers are let in.
    pub listens: bool,
    /// Why the index was rebuilt at the start.
    pub rebuilt: Option<&'static str>,
    /// When the gateway started.
    pub started: Millis,
}

impl From<&Config> for Place {
    fn from(config: &Config) -> Self {
        Self {
            authority: config.authority.clone(),
            data: config.data.clone(),
            keys: config.key_folder().as_path().into(),
            socket: config.local.socket.clone(),
            mirror: config.ledger.mirror.clone(),
        }
    }
}

impl Doctor {
    /// All lines, or those about one peer.
    pub async fn examine(&self, request: DoctorRequest) -> Result<DoctorReply, Status> {
        let all = request.peer.is_empty();
        let mut found = self.exchange.directory.all();
        found.retain(|peer| all || peer.authority().as_str() == request.peer);
        if found.is_empty() && !all {
            return Err(Status::invalid_argument(format!("not paired with {:?}", request.peer)));
        }
        let mut checks = match all {
            true => {
                let own = self.exchange.examine(&self.place, self.rebuilt).await;
                let mut own = own.map_err(|error| for_local(&error))?;
                own.extend(tokio::task::block_in_place(|| self.tls.examine(self.exchange.now())));
                own
            }
            false => Vec::new(),
        };
        let asked = found.iter().map(|peer| self.peer(peer));
        for lines in futures_util::future::join_all(asked).await {
            checks.extend(lines?);
        }
        Ok(DoctorReply { checks: checks.into_iter().map(wire).collect() })
    }

    async fn peer(&self, peer: &Arc<Peer>) -> Result<Vec<Check>, Status> {
        let (pin, held) = tokio::join!(self.pin(peer), self.held(peer));
        let now = self.exchange.now();
        let reach = Reach {
            out: held.as_ref().map(|held| held.as_ref().map(drop).map_err(Away::clone)),
            collects: self.reverse.is_connected(peer.authority()),
            listens: self.listens,
            heard: self.heard.last(peer.authority()).map(|at| now.saturating_sub(at)),
            up: now.saturating_sub(self.started),
        };
        let mut checks = vec![peers::pin(&pin)];
        checks.extend(peers::reach(&reach));
        let note = held.and_then(Result::ok);
        let held = self.exchange.held_by(peer, note.as_deref()).map_err(|error| for_local(&error))?;
        checks.push(peers::ledger(&held, self.exchange.store.checkpoint().size));
        checks.extend(self.exchange.examine_peer(peer).map_err(|error| for_local(&error))?);
        Ok(checks.into_iter().map(|check| check.of(peer.authority().as_str())).collect())
    }

    /// What answers at the first address of a peer where something does.
    async fn pin(&self, peer: &Peer) -> Pin {
        if peer.addresses.is_empty() {
            return Pin::Dials;
        }
        for address in &peer.addresses {
            let answer = tokio::time::timeout(ANSWER, self.dialer.presented(address)).await;
            let Ok(Ok((key, certificate))) = answer else { continue };
            let now = self.exchange.now();
            return match self.exchange.directory.pinned(peer, &key, now) {
                Ok(until) => Pin::Stated(until.saturating_sub(now)),
                Err(why) => Pin::Wrong(format!("{address}: {why}: {certificate}")),
            };
        }
        Pin::Silent
    }

    /// Asks a peer what it holds of our log, over a new connection, with a Hello where its key
    /// or ours is not proved: it answers only if all of that comes to a good end. None: it has
    /// no address.
    async fn held(&self, peer: &Peer) -> Option<Result<Vec<u8>, Away>> {
        if peer.addresses.is_empty() {
            return None;
        }
        let client = self.dialer.client(peer.authority());
        let call = || {
            let mut client = client.clone();
            async move { client.held_checkpoint(HeldCheckpointRequest {}).await }
        };
        Some(match tokio::time::timeout(ANSWER, self.dialer.known(peer.authority(), call)).await {
            Ok(Ok(reply)) => Ok(reply.into_inner().checkpoint),
            Ok(Err(status)) => Err(why(&status)),
            Err(_) => Err(Away::Line(format!("no answer within {} s", ANSWER.as_secs()))),
        })
    }
}

/// Why a call failed: the dialler's own words where it has some.
fn why(status: &Status) -> Away {
    if status.code() == Code::Unauthenticated {
        return Away::NotTaken;
    }
    let mut source = std::error::Error::source(status);
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            let dial = error.get_ref().and_then(|inner| inner.downcast_ref::<DialError>());
            return Away::Line(dial.map_or_else(|| error.to_string(), ToString::to_string));
        }
        source = error.source();
    }
    Away::Line(status.message().to_owned())
}

fn wire(check: Check) -> DoctorCheck {
    let state = match check.state {
        State::Ok => WireState::Ok,
        State::Warn => WireState::Warn,
        State::Fail => WireState::Fail,
    };
    let Check { name, peer, finding, remedy, .. } = check;
    DoctorCheck { state: state.into(), name, peer, finding, remedy }
}
