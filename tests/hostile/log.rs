//! The ledger of the paired attacker: whatever it writes there is signed as it should be, and proved.

use crate::stage::{Stage, Told};
use crate::support::raw::Bench;
use crate::support::statements::entries;
use prost::Message as _;
use rogatory::crypto::hash::Digest;
use rogatory::exchange::identity::Identity;
use rogatory::format::chain::standing::Place;
use rogatory::format::evidence::{Deferral, Evidence, Subject, object_digest};
use rogatory::format::id::AuthorityId;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::{
    Acknowledgement, Signed, TellRequest, event::Code as Event, leaf::Kind, tell_reply, tell_request,
};
use rogatory::gateway::SystemClock;
use rogatory::ledger::acknowledgement::prove;
use rogatory::ledger::entry::Entry;
use rogatory::ledger::tree;
use rogatory::store::{CheckpointSigner as _, Clock as _};
use std::cell::{Cell, RefCell};

/// A log that begins as XA's own, and goes on with whatever its keys sign: in memory, since no
/// store of ours would take it.
pub struct Log {
    identity: Identity,
    grown: RefCell<Grown>,
    known: Cell<u64>,
}

struct Grown {
    entries: Vec<Entry>,
    nodes: Vec<Digest>,
}

impl Log {
    pub fn open(bench: &Bench) -> Self {
        let entries = entries(&bench.xa.data);
        let mut nodes = Vec::new();
        for entry in &entries {
            nodes.extend(tree::nodes_of(entry.index, &entry.leaf_bytes, &nodes).unwrap());
        }
        let grown = RefCell::new(Grown { entries, nodes });
        Self { identity: bench.xa.identity(), grown, known: Cell::new(0) }
    }

    /// Writes an entry, and gives its index.
    pub fn write(&self, leaf: Leaf, object: Vec<u8>) -> u64 {
        let mut grown = self.grown.borrow_mut();
        let index = grown.entries.len() as u64;
        let objects = vec![object_digest(&object)];
        let leaf_bytes = Leaf { at: SystemClock.now(), objects, ..leaf }.encode();
        let more = tree::nodes_of(index, &leaf_bytes, &grown.nodes).unwrap();
        grown.nodes.extend(more);
        grown.entries.push(Entry::open(index, leaf_bytes, vec![object]).unwrap());
        index
    }

    /// Entries of it, proved from the tree that XB has verified, as far as it said so.
    pub fn proved(&self, indices: &[u64]) -> Acknowledgement {
        self.proved_from(indices, self.known.get())
    }

    /// The same from the tree of this size.
    pub fn proved_from(&self, indices: &[u64], known: u64) -> Acknowledgement {
        let grown = self.grown.borrow();
        let size = grown.entries.len() as u64;
        let checkpoint = self.identity.sign(size, tree::root(size, &grown.nodes).unwrap()).unwrap();
        let entries = indices.iter().map(|index| grown.entries[*index as usize].clone()).collect();
        prove(entries, &checkpoint, known, &grown.nodes).unwrap()
    }
}

/// What comes back for something told.
pub async fn tell(stage: &Stage, item: tell_request::Item) -> Told {
    match tell_for(stage, item).await {
        Ok(reply) => said(stage, &reply),
        Err(status) => Told::status(&status),
    }
}

/// The same, unread.
pub async fn tell_for(stage: &Stage, item: tell_request::Item) -> Result<tell_reply::Reply, tonic::Status> {
    let request = TellRequest { known_size: 0, item: Some(item) };
    let reply = stage.bench.client.clone().tell(request).await?.into_inner();
    stage.log.known.set(reply.known_of_yours);
    Ok(reply.reply.expect("an answer"))
}

/// An answer, its signature verified.
pub fn said(stage: &Stage, reply: &tell_reply::Reply) -> Told {
    let (xb, chain) = (AuthorityId::parse("XB").unwrap(), &stage.bench.chain);
    match reply {
        tell_reply::Reply::Deferral(envelope) => {
            Told::Deferred(Deferral::open(envelope, &xb, chain).unwrap().cause)
        }
        tell_reply::Reply::Acknowledgement(ack) => {
            let [entry] = ack.entries.as_slice() else { return Told::Words(format!("{ack:?}")) };
            let leaf = Leaf::decode(&entry.leaf).unwrap();
            // What is confirmed is our own, signed by nobody else.
            if leaf.kind == Kind::EvidenceReceived {
                return Told::Confirmed;
            }
            let evidence = Evidence::open(&entry.objects[0], &xb, chain, Place::Loose).unwrap().value;
            match (evidence.event, evidence.subject) {
                (Event::RelayAcceptance, Subject::Known(_)) => Told::Confirmed,
                (Event::RelayRejection, Subject::Known(_)) => Told::Rejected(evidence.cause),
                (Event::RelayRejection, Subject::Unattributed(_)) => Told::Refused(evidence.cause),
                other => Told::Words(format!("{other:?}")),
            }
        }
    }
}

/// The signed bytes in an envelope.
pub fn payload(envelope: &[u8]) -> Vec<u8> {
    Signed::decode(envelope).unwrap().payload
}
