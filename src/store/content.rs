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
    /// Bucket of the key box's epoch key; empty: that of the content key.
    #[prost(string, tag = "5")]
    pub box_bucket: String,
}

/// What stands in the place of a content's wrap and key box since a bucket was re-keyed. All
/// of it empty: the content was erased.
#[derive(Clone, PartialEq, Message)]
pub struct StoredWrap {
    /// Bucket of the epoch key.
    #[prost(string, tag = "1")]
    pub bucket: String,
    /// The content key under the epoch key.
    #[prost(bytes = "vec", tag = "2")]
    pub wrap: Vec<u8>,
    /// The key box under its epoch key, while it waits.
    #[prost(bytes = "vec", tag = "3")]
    pub sealed_key_box: Vec<u8>,
    /// Bucket of the key box's epoch key; empty: that of the content key.
    #[prost(string, tag = "4")]
    pub box_bucket: String,
}

/// A bucket whose epoch key must not exist any more.
#[derive(Clone, PartialEq, Message)]
pub struct Retired {
    /// Chunk roots of the object files that went with it.
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub files: Vec<Vec<u8>>,
}

impl StoredContent {
    /// Bucket of the key box's epoch key.
    pub fn box_bucket(&self) -> &str {
        if self.box_bucket.is_empty() { &self.bucket } else { &self.box_bucket }
    }

    /// The content with what replaced its wrap; none: it was erased.
    pub(super) fn superseded(self, by: StoredWrap) -> Option<Self> {
        let StoredWrap { bucket, wrap, sealed_key_box, box_bucket } = by;
        (!wrap.is_empty()).then_some(Self { bucket, wrap, sealed_key_box, box_bucket, ..self })
    }
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

/// The packet or status id in a key made by [`key`].
pub fn id_of(key: &[u8]) -> Option<[u8; 16]> {
    key.get(1..17)?.try_into().ok()
}
