//! What operators may call about the life of pairings.

use super::operator::OperatorFace;
use crate::exchange::directory::Peer;
use crate::exchange::notices::Word;
use crate::format::id::AuthorityId;
use crate::format::pairing::{State, state};
use crate::format::wire::{
    NotifyReply, NotifyRequest, Pairing, pairing_act::Code as Act, pairing_state::Code,
};
use crate::gateway::status::for_local;
use crate::ledger::pairing::said;
use tonic::{Request, Status};

impl OperatorFace {
    /// How the pairing with a peer stands.
    pub(super) fn pairing(&self, peer: &Peer) -> Result<Pairing, Status> {
        let record = self.exchange.peer_record(peer.authority()).map_err(|error| for_local(&error))?;
        let (ours, theirs) = (said(&record.ours), said(&record.theirs));
        let notices = record.ours.unwrap_or_default();
        let code = match state(ours, theirs) {
            State::Active => Code::Active,
            State::Suspended => Code::Suspended,
            State::Ended => Code::Ended,
        };
        Ok(Pairing {
            state: code.into(),
            suspended_by_us: ours.suspended,
            suspended_by_peer: theirs.suspended,
            ended_by_us: ours.ended,
            ended_by_peer: theirs.ended,
            said: notices.count,
            confirmed: notices.confirmed,
            limits: Some(peer.taken.limits),
            terms: peer.taken.terms.encode(),
        })
    }

    pub(super) async fn say_of_pairing(
        &self,
        request: Request<NotifyRequest>,
    ) -> Result<NotifyReply, Status> {
        let actor = self.operator(&request)?;
        let request = request.into_inner();
        let peer =
            AuthorityId::parse(&request.peer).map_err(|error| Status::invalid_argument(error.to_string()))?;
        let word = match request.act() {
            Act::Suspend => Word::Suspend,
            Act::Resume => Word::Resume,
            Act::End => Word::End,
            Act::Terms => Word::Terms(self.exchange.taken.clone(), self.advertise.clone()),
            Act::Unspecified => return Err(Status::invalid_argument("nothing is said of the pairing")),
        };
        let said = self.exchange.notify(&peer, word, actor).await.map_err(|error| for_local(&error))?;
        tracing::info!(%peer, act = request.act().as_str_name(), entry = said.first, "said of the pairing");
        Ok(NotifyReply { index: said.first, said: said.value })
    }
}
