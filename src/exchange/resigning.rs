//! Packets that wait under a key of ours that was revoked: the same bytes, signed anew.
//!
//! A header carries no place in our log, so no peer can tell that it was signed before. Digest and
//! id are those of the signed bytes, and stay: whoever has the packet already answers as before.

use super::directory::Peer;
use super::submit::named;
use super::{Exchange, ExchangeError, durable};
use crate::format::evidence::Subject;
use crate::format::id::{AuthorityId, PacketId};
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use crate::format::wire::{cause::Code as Cause, leaf::Kind};
use crate::ledger::acknowledgement::Proven;
use crate::ledger::records::{self, Direction, PacketRecord};
use crate::store::{Decision, NewEntry};

impl Exchange {
    /// The header of a packet that waits, signed by keys that are not revoked. Where it is signed
    /// anew, that is durable before it is sent.
    pub async fn header_to_send(
        &self,
        peer: &AuthorityId,
        id: &PacketId,
    ) -> Result<SignedHeader, ExchangeError> {
        let header = self.submitted(peer, id)?;
        if !header.under_revoked_key(&*self.identity.chain())? {
            return Ok(header);
        }
        let identity = self.identity.clone();
        let committed = durable(self.store.commit(move |views, now| {
            let named = named(&header);
            let key = records::packet(Direction::Out, &named.recipient, &named.id);
            let record: PacketRecord = records::read(views, &key)?
                .ok_or_else(|| ExchangeError::Unknown(format!("packet {}", named.id)))?;
            if record.is_settled() {
                return Ok(Decision::nothing(header));
            }
            let header = header.resigned(&identity.packet_in(header.suite, now)?)?;
            let leaf = Leaf {
                peer: Some(named.recipient),
                id: Some(named.id),
                case_id: Some(named.case_id),
                about: Some(record.index),
                ..Leaf::new(Kind::Resigned)
            };
            let entries = vec![NewEntry { leaf, objects: vec![header.envelope.clone()] }];
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: header })
        }))
        .await?;
        if committed.count > 0 {
            tracing::info!(%peer, packet = %id, "a packet that waits is signed anew: its key was revoked");
        }
        Ok(committed.value)
    }

    /// Whether a peer refused a packet for a key of ours that was revoked while it was on its way.
    /// That settles nothing: it goes again, signed anew.
    pub(super) fn refused_for_its_key(
        &self,
        peer: &Peer,
        sent: &SignedHeader,
        proven: &Proven,
    ) -> Result<bool, ExchangeError> {
        let [entry] = proven.entries.as_slice() else { return Ok(false) };
        let refused = self.evidence_of(peer, entry.object(0)?, proven.place(entry)).is_ok_and(|evidence| {
            evidence.value.cause == Cause::KeyNotValid
                && evidence.value.subject == Subject::Unattributed(sent.digest)
        });
        Ok(refused && sent.under_revoked_key(&*self.identity.chain())?)
    }
}
