//! Views: what the log amounts to, as records under keys.
//!
//! Every record is a function of the entries alone ([`super::replay`]). Keys are made here
//! and nowhere else; numbers in them are big-endian, so that they sort.

mod keys;

pub use keys::{
    ONCE, VIEW, alarm, alarm_prefix, boxed, boxed_prefix, case, case_of_key, case_prefix, cases_prefix,
    entry_of, erased, hold, index_of, notice, packet, peer, peer_of_case_key, peer_of_pending_key,
    peer_prefix, pending, pending_all, pending_prefix, statement, statement_prefix, status, status_prefix,
    timeline, timeline_prefix, witness, witness_prefix,
};

use super::LedgerError;
use crate::crypto::hash::Digest;
use prost::Message;

/// A key of a view.
pub type Key = Vec<u8>;

/// Which way something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// From a peer to us.
    In = 0,
    /// From us to a peer.
    Out = 1,
}

/// Reads views.
pub trait Views {
    /// The bytes under a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError>;

    /// The record under a key.
    fn record<R: Message + Default>(&self, key: &[u8]) -> Result<Option<R>, LedgerError>
    where
        Self: Sized,
    {
        read(self, key)
    }
}

/// Reads and changes views.
pub trait ViewsMut: Views {
    /// Sets the bytes under a key.
    fn put(&mut self, key: Key, value: Vec<u8>);
    /// As [`ViewsMut::put`], of a key that is written once, and that no entry reads.
    fn put_once(&mut self, key: Key, value: Vec<u8>) {
        self.put(key, value);
    }
    /// Removes a key.
    fn remove(&mut self, key: Key);
}

/// The record under a key.
pub fn read<R: Message + Default>(views: &dyn Views, key: &[u8]) -> Result<Option<R>, LedgerError> {
    match views.get(key)? {
        None => Ok(None),
        Some(bytes) => R::decode(bytes.as_slice())
            .map(Some)
            .map_err(|error| LedgerError::Read(format!("record {}: {error}", hex::encode(key)))),
    }
}

/// A packet, as far as it came.
#[derive(Clone, PartialEq, Message)]
pub struct PacketRecord {
    /// 0 in, 1 out.
    #[prost(uint32, tag = "1")]
    pub direction: u32,
    /// The other side.
    #[prost(string, tag = "2")]
    pub peer: String,
    /// Packet id.
    #[prost(bytes = "vec", tag = "3")]
    pub id: Vec<u8>,
    /// Case id.
    #[prost(bytes = "vec", tag = "4")]
    pub case_id: Vec<u8>,
    /// Position among the sender's packets in the case.
    #[prost(uint64, tag = "5")]
    pub case_seq: u64,
    /// Packet digest.
    #[prost(bytes = "vec", tag = "6")]
    pub digest: Vec<u8>,
    /// Kind of packet.
    #[prost(int32, tag = "7")]
    pub kind: i32,
    /// Urgency.
    #[prost(int32, tag = "8")]
    pub urgency: i32,
    /// Milliseconds.
    #[prost(uint64, tag = "9")]
    pub created: u64,
    /// Milliseconds.
    #[prost(uint64, tag = "10")]
    pub expires: u64,
    /// Number of objects.
    #[prost(uint32, tag = "11")]
    pub objects: u32,
    /// Sum of the ciphertext, bytes.
    #[prost(uint64, tag = "12")]
    pub bytes: u64,
    /// Index of the entry that holds the header.
    #[prost(uint64, tag = "13")]
    pub index: u64,
    /// Outcomes in the order of the log.
    #[prost(message, repeated, tag = "14")]
    pub outcomes: Vec<OutcomeRecord>,
    /// Index of the entry that holds its header as it was signed anew last, plus one; 0: none.
    #[prost(uint64, tag = "15")]
    pub resigned: u64,
}

/// One piece of evidence about a packet.
#[derive(Clone, PartialEq, Message)]
pub struct OutcomeRecord {
    /// Event code.
    #[prost(int32, tag = "1")]
    pub event: i32,
    /// Cause code.
    #[prost(int32, tag = "2")]
    pub cause: i32,
    /// Milliseconds, as the evidence says.
    #[prost(uint64, tag = "3")]
    pub at: u64,
    /// Index of the entry.
    #[prost(uint64, tag = "4")]
    pub index: u64,
    /// Whether the peer issued it.
    #[prost(bool, tag = "5")]
    pub by_peer: bool,
}

/// Of a [`PacketRecord`] where it began and what came of it; the rest is passed over.
#[derive(Clone, PartialEq, Message)]
pub struct PacketOutline {
    /// As there.
    #[prost(uint64, tag = "13")]
    pub index: u64,
    /// As there.
    #[prost(message, repeated, tag = "14")]
    pub outcomes: Vec<OutcomeRecord>,
}

/// A case: the heads of its chains.
#[derive(Clone, PartialEq, Message)]
pub struct CaseRecord {
    /// Whether this authority opened it.
    #[prost(bool, tag = "1")]
    pub opened_by_us: bool,
    /// Packets that we sent, and the digest of the last.
    #[prost(message, required, tag = "2")]
    pub our_packets: Head,
    /// Packets of the peer.
    #[prost(message, required, tag = "3")]
    pub their_packets: Head,
    /// Statuses that we issued.
    #[prost(message, required, tag = "4")]
    pub our_statuses: Head,
    /// Statuses of the peer.
    #[prost(message, required, tag = "5")]
    pub their_statuses: Head,
}

/// How many there are, and the digest of the last.
#[derive(Clone, PartialEq, Message)]
pub struct Head {
    /// Number of links.
    #[prost(uint64, tag = "1")]
    pub count: u64,
    /// Digest of the last link; empty if there is none.
    #[prost(bytes = "vec", tag = "2")]
    pub digest: Vec<u8>,
}

/// A status.
#[derive(Clone, PartialEq, Message)]
pub struct StatusRecord {
    /// Status id.
    #[prost(bytes = "vec", tag = "1")]
    pub id: Vec<u8>,
    /// Status digest.
    #[prost(bytes = "vec", tag = "2")]
    pub digest: Vec<u8>,
    /// Status code.
    #[prost(int32, tag = "3")]
    pub code: i32,
    /// Index of the entry that holds it.
    #[prost(uint64, tag = "4")]
    pub index: u64,
    /// The recipient's evidence about it.
    #[prost(message, optional, tag = "5")]
    pub outcome: Option<OutcomeRecord>,
}

/// A peer.
#[derive(Clone, PartialEq, Message)]
pub struct PeerRecord {
    /// SHA-256 of its statement 0.
    #[prost(bytes = "vec", tag = "1")]
    pub fingerprint: Vec<u8>,
    /// Index of the entry that holds its newest offer.
    #[prost(uint64, tag = "2")]
    pub offer: u64,
    /// Its log, as far as it is verified here.
    #[prost(uint64, tag = "3")]
    pub witnessed_size: u64,
    /// Root at that size.
    #[prost(bytes = "vec", tag = "4")]
    pub witnessed_root: Vec<u8>,
    /// Index of the entry that holds that checkpoint.
    #[prost(uint64, tag = "5")]
    pub witnessed_at: u64,
    /// Our log, as far as the peer cosigned it.
    #[prost(uint64, tag = "6")]
    pub cosigned_size: u64,
    /// When that was logged, milliseconds.
    #[prost(uint64, tag = "7")]
    pub cosigned_time: u64,
    /// Its log, as far as we cosigned it.
    #[prost(uint64, tag = "8")]
    pub endorsed_size: u64,
    /// Root at that size.
    #[prost(bytes = "vec", tag = "9")]
    pub endorsed_root: Vec<u8>,
    /// Index of the entry that holds our cosignature.
    #[prost(uint64, tag = "10")]
    pub endorsed_at: u64,
    /// Time of that entry, milliseconds.
    #[prost(uint64, tag = "11")]
    pub endorsed_time: u64,
    /// Index of the entry that holds the peer's newest cosignature of our log.
    #[prost(uint64, tag = "12")]
    pub cosigned_at: u64,
    /// Index of the entry with the newest statement of ours that the peer confirmed, plus one;
    /// 0: none.
    #[prost(uint64, tag = "13")]
    pub acknowledged: u64,
    /// What we said of the pairing; none: nothing.
    #[prost(message, optional, tag = "14")]
    pub ours: Option<NoticesRecord>,
    /// What the peer said.
    #[prost(message, optional, tag = "15")]
    pub theirs: Option<NoticesRecord>,
    /// Index of the entry with which this fingerprint took another's place; 0: it is the first.
    #[prost(uint64, tag = "17")]
    pub era: u64,
}

/// What one side said of a pairing.
#[derive(Clone, PartialEq, Message)]
pub struct NoticesRecord {
    /// How many notices.
    #[prost(uint64, tag = "1")]
    pub count: u64,
    /// Digest of the last.
    #[prost(bytes = "vec", tag = "2")]
    pub digest: Vec<u8>,
    /// It suspended the pairing.
    #[prost(bool, tag = "3")]
    pub suspended: bool,
    /// It ended the pairing.
    #[prost(bool, tag = "4")]
    pub ended: bool,
    /// Index of the entry with its newest terms, where they are newer than its offer; else 0.
    #[prost(uint64, tag = "5")]
    pub terms_at: u64,
    /// Of ours: how many the peer confirmed.
    #[prost(uint64, tag = "6")]
    pub confirmed: u64,
    /// Key id of the other's root that it confirmed last; empty: none but that of statement 0.
    #[prost(bytes = "vec", tag = "7")]
    pub root: Vec<u8>,
}

/// A notice.
#[derive(Clone, PartialEq, Message)]
pub struct NoticeRecord {
    /// Its digest.
    #[prost(bytes = "vec", tag = "1")]
    pub digest: Vec<u8>,
    /// Index of the entry that holds it.
    #[prost(uint64, tag = "2")]
    pub index: u64,
    /// What it says.
    #[prost(int32, tag = "3")]
    pub act: i32,
}

/// A third-party witness.
#[derive(Clone, PartialEq, Message)]
pub struct WitnessRecord {
    /// Our log, as far as it cosigned it.
    #[prost(uint64, tag = "1")]
    pub cosigned_size: u64,
    /// When that was logged, milliseconds.
    #[prost(uint64, tag = "2")]
    pub cosigned_time: u64,
}

/// An alarm.
#[derive(Clone, PartialEq, Message)]
pub struct AlarmRecord {
    /// Index of its entry.
    #[prost(uint64, tag = "1")]
    pub index: u64,
    /// Its time, milliseconds.
    #[prost(uint64, tag = "2")]
    pub at: u64,
    /// Code.
    #[prost(uint32, tag = "3")]
    pub code: u32,
}

/// Something that waits for a peer.
#[derive(Clone, PartialEq, Message)]
pub struct PendingRecord {
    /// 0 packet, 1 status, 2 evidence, 3 notice.
    #[prost(uint32, tag = "1")]
    pub what: u32,
    /// Urgency of the packet.
    #[prost(int32, tag = "2")]
    pub urgency: i32,
    /// Packet or status id.
    #[prost(bytes = "vec", tag = "3")]
    pub id: Vec<u8>,
    /// Case id.
    #[prost(bytes = "vec", tag = "4")]
    pub case_id: Vec<u8>,
    /// Position in the chain of its kind.
    #[prost(uint64, tag = "5")]
    pub seq: u64,
}

/// Something that was done to content: an erasure, or a legal hold.
#[derive(Clone, PartialEq, Message)]
pub struct ActRecord {
    /// Index of its entry.
    #[prost(uint64, tag = "1")]
    pub index: u64,
    /// Milliseconds.
    #[prost(uint64, tag = "2")]
    pub at: u64,
    /// Why content was erased.
    #[prost(uint32, tag = "3")]
    pub reason: u32,
}

/// What a [`PendingRecord`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// A packet.
    Packet = 0,
    /// A status.
    Status = 1,
    /// Evidence that the peer did not ask for.
    Evidence = 2,
    /// A notice about the pairing.
    Notice = 3,
}

impl PacketRecord {
    /// The last outcome with this event.
    pub fn outcome(&self, event: crate::format::wire::event::Code) -> Option<&OutcomeRecord> {
        self.outcomes.iter().rev().find(|outcome| outcome.event == event as i32)
    }

    /// Whether evidence ended the question whether it was accepted.
    pub fn is_settled(&self) -> bool {
        self.outcomes.iter().any(|o| {
            crate::format::wire::event::Code::try_from(o.event).is_ok_and(|event| event.is_terminal())
        })
    }
}

impl NoticesRecord {
    /// What its words come to.
    pub fn said(&self) -> crate::format::pairing::Said {
        crate::format::pairing::Said { suspended: self.suspended, ended: self.ended }
    }
}

impl Head {
    /// Adds a link.
    pub fn push(&mut self, digest: &Digest) {
        self.count += 1;
        self.digest = digest.to_vec();
    }
}
