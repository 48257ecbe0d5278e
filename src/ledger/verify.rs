//! Verification: re-derives a ledger from its raw entries, trusting nothing in it. What
//! remains to be trusted is one thing: that the fingerprint is the authority's.

use super::LedgerError;
use super::acknowledgement::open_receipt;
use super::checkpoint::Checkpoint;
use super::entry::Entry;
use super::records::{self, Direction, PacketRecord, Views, ViewsMut};
use super::third_party::ThirdParty;
use super::{alarm, replay, tree};
use crate::crypto::hash::Digest;
use crate::format::chain::Chain;
use crate::format::evidence::{Evidence, Subject};
use crate::format::id::{AuthorityId, PacketId};
use crate::format::offer::Offer;
use crate::format::packet::SignedHeader;
use crate::format::status::SignedStatus;
use crate::format::wire::TurnedAway;
use crate::format::wire::event::Code as Event;
use crate::format::wire::leaf::Kind;
use std::collections::{BTreeMap, HashMap};

/// A ledger being verified, entry by entry.
#[derive(Default)]
pub struct Verifier {
    nodes: Vec<Digest>,
    views: Memory,
    own: Option<Chain>,
    peers: BTreeMap<AuthorityId, Chain>,
    notes: HashMap<Digest, ()>,
    last_at: u64,
    size: u64,
    facts: Facts,
}

/// Views in memory.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Memory(pub BTreeMap<Vec<u8>, Vec<u8>>);

/// What a sound ledger says about others, for comparing it with theirs.
#[derive(Debug, Default, Clone)]
pub struct Facts {
    /// Evidence and statuses that this authority issued: digest of the envelope.
    pub issued: BTreeMap<Digest, Fact>,
    /// Those that it received.
    pub received: BTreeMap<Digest, Fact>,
    /// Trees of peers whose checkpoints entries hold: entry, peer, size, root.
    pub witnessed: Vec<(u64, AuthorityId, u64, Digest)>,
    /// Counts by kind of entry.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Signatures that were verified.
    pub signatures: u64,
}

/// One thing that was issued or received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Entry that holds it.
    pub index: u64,
    /// The other side.
    pub peer: AuthorityId,
    /// Packet or status.
    pub id: Option<PacketId>,
    /// Event or status code, in words.
    pub what: String,
    /// Whether the other side is bound to have it too, sooner or later.
    pub shared: bool,
}

/// A ledger that was found sound.
pub struct Sound {
    /// Whose it is.
    pub chain: Chain,
    /// The statements of its peers.
    pub peers: BTreeMap<AuthorityId, Chain>,
    /// Entries.
    pub size: u64,
    /// Root over all entries.
    pub root: Digest,
    /// All views.
    pub views: Memory,
    /// All node hashes in storage order.
    pub nodes: Vec<Digest>,
    /// What it says about others.
    pub facts: Facts,
}

impl Verifier {
    /// Verifies the next entry.
    pub fn entry(&mut self, leaf: Vec<u8>, objects: Vec<Vec<u8>>) -> Result<(), LedgerError> {
        let index = self.size;
        let named = |error: LedgerError| match error {
            LedgerError::Entry { .. } => error,
            other => LedgerError::Entry { index, why: other.to_string() },
        };
        let entry = Entry::open(index, leaf, objects).map_err(named)?;
        if entry.leaf.at < self.last_at {
            return Err(entry.wrong("is older than the entry before it"));
        }
        self.signatures(&entry).map_err(named)?;
        replay::apply(&entry, &mut self.views).map_err(named)?;
        self.order(&entry).map_err(named)?;
        let nodes = tree::nodes_of(index, &entry.leaf_bytes, &self.nodes)?;
        self.nodes.extend(nodes);
        self.last_at = entry.leaf.at;
        self.size += 1;
        *self.facts.kinds.entry(entry.leaf.kind.as_str_name()).or_default() += 1;
        Ok(())
    }

    /// Number of entries so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree as it stands.
    pub fn root(&self) -> Result<Digest, LedgerError> {
        tree::root(self.size, &self.nodes)
    }

    /// Ends: the signed checkpoint must be of this tree.
    pub fn finish(self, note: Option<&[u8]>) -> Result<Sound, LedgerError> {
        let chain = self.own.ok_or(LedgerError::Checkpoint("the ledger holds no statement 0"))?;
        if let Some(note) = note {
            let checkpoint = Checkpoint::open(note, &chain)?;
            if checkpoint.size > self.size {
                return Err(LedgerError::Checkpoint("signs more entries than there are"));
            }
            if tree::root(checkpoint.size, &self.nodes)? != checkpoint.root {
                return Err(LedgerError::Checkpoint("signs another tree"));
            }
        }
        let root = tree::root(self.size, &self.nodes)?;
        let Self { peers, size, views, nodes, facts, .. } = self;
        Ok(Sound { chain, peers, size, root, views, nodes, facts })
    }

    fn signatures(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        let leaf = &entry.leaf;
        match leaf.kind {
            Kind::KeyStatement => self.statement(entry),
            Kind::Pairing => {
                let offer = Offer::open(entry.object(0)?)?;
                self.facts.signatures += 1 + offer.chain.count();
                let name = offer.chain.authority().clone();
                if leaf.peer.as_ref() != Some(&name) {
                    return Err(entry.wrong("names another peer than its offer"));
                }
                self.peers.entry(name).or_insert(offer.chain);
                Ok(())
            }
            Kind::EvidenceIssued => self.issued(entry),
            Kind::EvidenceReceived => self.received(entry),
            Kind::StatusIssued => {
                let own = self.own(entry)?;
                let signed = SignedStatus::open(entry.object(0)?, own)?;
                self.facts.signatures += 1;
                self.names_status(entry, &signed)?;
                self.fact(entry, 0, signed.carried.value.code.as_str_name(), true, true)
            }
            Kind::StatusReceived => {
                let evidence =
                    Evidence::open(entry.object(0)?, self.own(entry)?.authority(), self.own(entry)?)?;
                let signed = SignedStatus::open(entry.object(1)?, self.peer(entry)?)?;
                self.facts.signatures += 2;
                self.names_status(entry, &signed)?;
                self.receipt(entry, 2, 1)?;
                self.fact(entry, 0, evidence.value.event.as_str_name(), true, true)?;
                self.fact(entry, 1, signed.carried.value.code.as_str_name(), false, true)
            }
            Kind::Confirmation => {
                let checkpoint = self.note(entry, 1)?;
                open_receipt(entry.object(0)?, &checkpoint).map(drop)
            }
            Kind::Cosigned => {
                let checkpoint = Checkpoint::open(entry.object(0)?, self.peer(entry)?)?;
                let by_us = checkpoint.cosignature_of(self.own(entry)?)?;
                self.facts.signatures += 2;
                by_us.map(drop).ok_or_else(|| entry.wrong("holds no cosignature of ours"))
            }
            Kind::CosignatureReceived => {
                let checkpoint = Checkpoint::open(entry.object(0)?, self.own(entry)?)?;
                let by_peer = match &leaf.peer {
                    Some(_) => checkpoint.cosignature_of(self.peer(entry)?)?,
                    None => ThirdParty::parse_bytes(entry.object(1)?)?.cosignature(&checkpoint)?,
                };
                self.facts.signatures += 2;
                if checkpoint.size > self.size || tree::root(checkpoint.size, &self.nodes)? != checkpoint.root
                {
                    return Err(entry.wrong("holds a checkpoint of another tree"));
                }
                by_peer.map(drop).ok_or_else(|| entry.wrong("holds no cosignature of its witness"))
            }
            Kind::Strangers => match leaf.turned_away {
                Some(counts) if counts != TurnedAway::default() && leaf.objects.is_empty() => Ok(()),
                _ => Err(entry.wrong("counts nothing")),
            },
            Kind::Alarm => self.alarm(entry),
            Kind::Opening => Ok(()),
            Kind::Unspecified => Err(entry.wrong("has no kind")),
        }
    }

    fn statement(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        self.facts.signatures += 1;
        let envelope = entry.object(0)?;
        match &entry.leaf.peer {
            None => match &mut self.own {
                None => self.own = Some(Chain::open(envelope)?),
                Some(own) => drop(own.append(envelope)?),
            },
            Some(name) => {
                let chain =
                    self.peers.get_mut(name).ok_or_else(|| entry.wrong("is of an authority not paired"))?;
                chain.append(envelope)?;
            }
        }
        Ok(())
    }

    fn issued(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        let own = self.own(entry)?;
        let evidence = Evidence::open(entry.object(0)?, own.authority(), own)?.value;
        if evidence.at != entry.leaf.at {
            return Err(entry.wrong("has another time than its evidence"));
        }
        self.names_evidence(entry, &evidence)?;
        if let Some(header) = entry.objects.get(1).filter(|_| is_packet(&evidence)) {
            let keys = match evidence.event {
                Event::SubmissionAcceptance => own,
                _ => self.peer(entry)?,
            };
            SignedHeader::open(header, keys)?;
            self.facts.signatures += 1;
        }
        self.facts.signatures += 1;
        if is_status(&evidence) && entry.objects.len() > 1 {
            SignedStatus::open(entry.object(1)?, self.peer(entry)?)?;
            self.facts.signatures += 1;
            self.receipt(entry, 2, 1)?;
        }
        let shared = matches!(
            evidence.event,
            Event::RelayAcceptance
                | Event::RelayRejection
                | Event::ContentConsignment
                | Event::ContentConsignmentFailure
                | Event::ContentHandover
        );
        // Whoever sent bytes that can't be ascribed need not be who they seem.
        let shared = shared && matches!(evidence.subject, Subject::Known(_));
        self.fact(entry, 0, evidence.event.as_str_name(), true, shared)
    }

    fn received(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        let peer = self.peer(entry)?;
        let evidence = Evidence::open(entry.object(0)?, peer.authority(), peer)?.value;
        self.facts.signatures += 1;
        self.names_evidence(entry, &evidence)?;
        self.receipt(entry, 1, 0)?;
        self.fact(entry, 0, evidence.event.as_str_name(), false, true)
    }

    fn alarm(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        if alarm::check(entry, self.peer(entry)?)? {
            alarm::follows_acceptance(entry, &self.views)?;
            return self.received(entry);
        }
        self.facts.signatures += 2;
        Ok(())
    }

    /// The receipt at `place`, the peer's checkpoint after it: the peer has committed, first
    /// among its entry's objects, the very object at `of`.
    fn receipt(&mut self, entry: &Entry, place: usize, of: usize) -> Result<(), LedgerError> {
        let checkpoint = self.note(entry, place + 1)?;
        let (_, leaf) = open_receipt(entry.object(place)?, &checkpoint)?;
        match leaf.objects.first() == entry.leaf.objects.get(of) {
            true => Ok(()),
            false => Err(entry.wrong("holds the receipt of something else")),
        }
    }

    /// A peer's checkpoint among the objects: signed by the peer, and what the leaf says.
    fn note(&mut self, entry: &Entry, place: usize) -> Result<Checkpoint, LedgerError> {
        let note = entry.object(place)?;
        let digest = entry.leaf.objects[place];
        let checkpoint = if self.notes.contains_key(&digest) {
            Checkpoint::danger_unverified(note)?
        } else {
            let checkpoint = Checkpoint::open(note, self.peer(entry)?)?;
            self.facts.signatures += 1;
            self.notes.insert(digest, ());
            checkpoint
        };
        let seen = (checkpoint.size, checkpoint.root);
        if entry.leaf.witnessed.is_some_and(|named| named != seen) {
            return Err(entry.wrong("names another tree than its checkpoint"));
        }
        let peer = self.peer(entry)?.authority().clone();
        self.facts.witnessed.push((entry.index, peer, seen.0, seen.1));
        Ok(checkpoint)
    }

    fn names_evidence(&self, entry: &Entry, evidence: &Evidence) -> Result<(), LedgerError> {
        let leaf = &entry.leaf;
        let subject_agrees = match &evidence.subject {
            Subject::Known(named) => {
                let other = leaf.peer.as_ref();
                leaf.id == Some(named.id)
                    && leaf.case_id == Some(named.case_id)
                    && (other == Some(&named.sender) || other == Some(&named.recipient))
            }
            Subject::Unattributed(_) => true,
        };
        let agrees =
            subject_agrees && leaf.code == evidence.event as u32 && leaf.cause == evidence.cause as u32;
        agrees.then_some(()).ok_or_else(|| entry.wrong("says something else than its evidence"))
    }

    fn names_status(&self, entry: &Entry, signed: &SignedStatus) -> Result<(), LedgerError> {
        let (leaf, status) = (&entry.leaf, &signed.carried.value);
        let agrees = leaf.id == Some(status.id)
            && leaf.case_id == Some(status.case_id)
            && leaf.code == status.code as u32;
        agrees.then_some(()).ok_or_else(|| entry.wrong("says something else than its status"))
    }

    /// Evidence about a packet comes in a legal order, and one outcome stays.
    fn order(&self, entry: &Entry) -> Result<(), LedgerError> {
        let (Some(peer), Some(id)) = (&entry.leaf.peer, &entry.leaf.id) else { return Ok(()) };
        for direction in [Direction::In, Direction::Out] {
            let key = records::packet(direction, peer, id);
            let Some(record) = records::read::<PacketRecord>(&self.views, &key)? else { continue };
            let at = |event: Event| record.outcomes.iter().position(|outcome| outcome.event == event as i32);
            let first = match direction {
                Direction::In => at(Event::RelayAcceptance).or(at(Event::RelayRejection)),
                Direction::Out => at(Event::SubmissionAcceptance),
            };
            let consigned = at(Event::ContentConsignment).or(at(Event::ContentConsignmentFailure));
            let rules = [
                (first == Some(0), "does not begin with its acceptance or rejection"),
                (
                    consigned.is_none() || at(Event::RelayAcceptance) < consigned,
                    "is consigned before it is accepted",
                ),
                (
                    at(Event::ContentHandover).is_none() || consigned < at(Event::ContentHandover),
                    "is handed over before it is consigned",
                ),
                (
                    at(Event::RelayAcceptance).is_none() || at(Event::RelayRejection).is_none(),
                    "is both accepted and rejected",
                ),
            ];
            if let Some((_, why)) = rules.iter().find(|(holds, _)| !holds) {
                return Err(entry.wrong(&format!("packet {id} {why}")));
            }
        }
        Ok(())
    }

    fn fact(
        &mut self,
        entry: &Entry,
        place: usize,
        what: &str,
        ours: bool,
        shared: bool,
    ) -> Result<(), LedgerError> {
        let Some(peer) = entry.leaf.peer.clone() else { return Err(entry.wrong("names no peer")) };
        let fact = Fact { index: entry.index, peer, id: entry.leaf.id, what: what.to_owned(), shared };
        let facts = if ours { &mut self.facts.issued } else { &mut self.facts.received };
        facts.insert(entry.leaf.objects[place], fact);
        Ok(())
    }

    fn own(&self, entry: &Entry) -> Result<&Chain, LedgerError> {
        self.own.as_ref().ok_or_else(|| entry.wrong("comes before statement 0"))
    }

    fn peer(&self, entry: &Entry) -> Result<&Chain, LedgerError> {
        let name = entry.leaf.peer.as_ref().ok_or_else(|| entry.wrong("names no peer"))?;
        self.peers.get(name).ok_or_else(|| entry.wrong("is about an authority not paired"))
    }
}

fn is_status(evidence: &Evidence) -> bool {
    matches!(&evidence.subject, Subject::Known(named) if named.is_status)
}

fn is_packet(evidence: &Evidence) -> bool {
    matches!(&evidence.subject, Subject::Known(named) if !named.is_status)
}

impl Views for Memory {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, LedgerError> {
        Ok(self.0.get(key).cloned())
    }
}

impl ViewsMut for Memory {
    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.0.insert(key, value);
    }

    fn remove(&mut self, key: Vec<u8>) {
        self.0.remove(&key);
    }
}
