//! What goes to a peer of a packet that waits, whichever way it goes.

use crate::exchange::submit::Outgoing;
use crate::exchange::{Exchange, ExchangeError};
use crate::format::id::{AuthorityId, PacketId};
use crate::format::pairing::{State, state};
use crate::ledger::pairing::said;
use std::sync::Arc;
use std::time::Duration;

/// What may go.
pub enum Ready {
    /// This.
    Goes {
        outgoing: Arc<Outgoing>,
        /// Its time is over: the peer is only asked what it knows.
        over: bool,
    },
    /// Nothing, until the pairing changes.
    Held,
    /// Nothing: its content is not here. It ends after this time.
    WithoutContent(Duration),
}

/// What may go of a packet of ours, as the pairing stands.
pub async fn ready(exchange: &Exchange, name: &AuthorityId, id: &PacketId) -> Result<Ready, ExchangeError> {
    let record = exchange.peer_record(name)?;
    let ours = record.ours.unwrap_or_default();
    let header = exchange.header_to_send(name, id).await?;
    let left = Duration::from_millis(header.header.expires.saturating_sub(exchange.now()));
    let over = left.is_zero();
    let (held, ended) = match state(ours.said(), said(&record.theirs)) {
        State::Active => (false, false),
        State::Suspended => (true, false),
        // Before it knows of the end, the peer might take it.
        State::Ended => (ours.ended && ours.confirmed < ours.count, true),
    };
    if held {
        if over {
            exchange.give_up(&header).await?;
        }
        return Ok(Ready::Held);
    }
    let outgoing = match exchange.outgoing(&header) {
        // The peer has it, and says so again, or refuses it.
        _ if ended => Outgoing::header_alone(header),
        Ok(Some(outgoing)) => outgoing,
        Ok(None) if !over => return Ok(Ready::WithoutContent(left)),
        Err(error) if !over => return Err(error),
        // The peer may have it, and says so; if not, it says that it is too late, and the packet
        // has its place in the case.
        Ok(None) => Outgoing::header_alone(header),
        Err(error) => {
            tracing::warn!(peer = %name, packet = %id, %error, "its content can't be read: asked about without");
            Outgoing::header_alone(header)
        }
    };
    Ok(Ready::Goes { outgoing: Arc::new(outgoing), over })
}
