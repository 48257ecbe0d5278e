//! Sealed content: what belongs to a packet or status and must be erasable.
//!
//! It lies in the journal and in object files, never in the ledger or in a view. The
//! content key is wrapped under an epoch key; the ciphertext says nothing without it.

use crate::format::id::{AuthorityId, PacketId};
use crate::ledger::records::Direction;
use prost::Message;

/// Sealed content as the journal holds it.
#[derive(Clone, PartialEq, Message)]
pub struct StoredContent {
    /// Bucket of the epoch key.
    #[prost(string, tag = "1")]
    pub bucket: String,
    /// The content key under the epoch key.
    #[prost(bytes = "vec", tag = "2")]
    pub wrap: Vec<u8>,
    /// Sender only: the key box under the epoch key.
    #[prost(bytes = "vec", tag = "3")]
    pub sealed_key_box: Vec<u8>,
    /// Ciphertext of the objects, in the header's order.
    #[prost(message, repeated, tag = "4")]
    pub objects: Vec<StoredObject>,
}

/// Ciphertext of one object.
#[derive(Clone, PartialEq, Message)]
pub struct StoredObject {
    /// The ciphertext, where it is small; else it lies in a file named by its chunk root.
    #[prost(bytes = "vec", tag = "1")]
    pub inline: Vec<u8>,
    /// Whether it lies in a file.
    #[prost(bool, tag = "2")]
    pub in_file: bool,
}

/// Key under which the content of a packet or status is found. The other side is part of
/// it: two peers may use one id.
pub fn key(direction: Direction, peer: &AuthorityId, id: &PacketId) -> Vec<u8> {
    [&[direction as u8], id.bytes().as_slice(), peer.as_str().as_bytes()].concat()
}
