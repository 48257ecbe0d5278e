//! What operators may call about the life of pairings.

use super::operator::OperatorFace;
use crate::crypto::hash::Digest;
use crate::exchange::directory::Peer;
use crate::exchange::notices::Word;
use crate::format::FormatError;
use crate::format::group::Group;
use crate::format::id::AuthorityId;
use crate::format::limits;
use crate::format::offer::Offer;
use crate::format::pairing::{State, state};
use crate::format::wire::{
    JoinGroupReply, JoinGroupRequest, MakeGroupReply, MakeGroupRequest, NotifyReply, NotifyRequest, Pairing,
    pairing_act::Code as Act, pairing_state::Code,
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
            root: peer.chain.root().to_vec(),
            root_since: peer.chain.root_since(),
            root_confirmed: self.exchange.confirmed_root(peer).map_err(|error| for_local(&error))?.to_vec(),
            our_root_confirmed: self.exchange.confirms_our_root(peer).map_err(|error| for_local(&error))?,
        })
    }

    pub(super) fn list_group(&self, request: &Request<MakeGroupRequest>) -> Result<MakeGroupReply, Status> {
        self.operator(request)?;
        let MakeGroupRequest { offers, compared } = request.get_ref();
        if offers.len() > limits::MEMBERS || compared.len() > limits::MEMBERS {
            return Err(Status::invalid_argument(format!("{} members at most", limits::MEMBERS)));
        }
        let offers =
            offers.iter().map(|offer| Offer::open(offer)).collect::<Result<_, _>>().map_err(invalid)?;
        let fingerprint = |bytes: &Vec<u8>| Digest::try_from(bytes.as_slice());
        let compared: Vec<Digest> = compared
            .iter()
            .map(fingerprint)
            .collect::<Result<_, _>>()
            .map_err(|_| Status::invalid_argument("a fingerprint has 32 bytes"))?;
        let made = self.exchange.make_group(self.advertise.clone(), offers, &compared);
        Ok(MakeGroupReply { list: made.map_err(|error| for_local(&error))?.envelope })
    }

    pub(super) async fn pair_with_group(
        &self,
        request: Request<JoinGroupRequest>,
    ) -> Result<JoinGroupReply, Status> {
        self.operator(&request)?;
        let JoinGroupRequest { list, digest } = request.into_inner();
        let list = Group::open(&list).map_err(invalid)?;
        let digest = digest.try_into().map_err(|_| Status::invalid_argument("a digest has 32 bytes"))?;
        let joined = self.exchange.join_group(list, &digest).await.map_err(|error| for_local(&error))?;
        let names = |names: Vec<AuthorityId>| names.iter().map(ToString::to_string).collect();
        tracing::info!(paired = joined.paired.len(), known = joined.known.len(), "joined a group");
        Ok(JoinGroupReply { paired: names(joined.paired), known: names(joined.known) })
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
            Act::RootConfirmed => Word::RootConfirmed(
                request
                    .root
                    .as_slice()
                    .try_into()
                    .map_err(|_| Status::invalid_argument("a root has 32 bytes"))?,
            ),
            Act::Unspecified => return Err(Status::invalid_argument("nothing is said of the pairing")),
        };
        let said = self.exchange.notify(&peer, word, actor).await.map_err(|error| for_local(&error))?;
        tracing::info!(%peer, act = request.act().as_str_name(), entry = said.first, "said of the pairing");
        Ok(NotifyReply { index: said.first, said: said.value })
    }
}

fn invalid(error: FormatError) -> Status {
    Status::invalid_argument(error.to_string())
}
