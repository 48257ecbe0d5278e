//! What can be checked of an entry without those before it, but for the keys: digests,
//! signatures, receipts, and that the leaf says what its objects say.

use super::fold::at;
use super::leaf::{judges_status, names_evidence, names_status, shape};
use super::notes::Notes;
use super::{Fact, Raw, Witnessed};
use crate::crypto::hash::Digest;
use crate::format::chain::Chain;
use crate::format::chain::standing::Place;
use crate::format::envelope::{PayloadType, Unverified};
use crate::format::evidence::{Evidence, Subject};
use crate::format::id::AuthorityId;
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use crate::format::status::SignedStatus;
use crate::format::wire::TurnedAway;
use crate::format::wire::event::Code as Event;
use crate::format::wire::leaf::Kind;
use crate::ledger::LedgerError;
use crate::ledger::acknowledgement::{nodes_in_receipt, open_receipt, place as place_of};
use crate::ledger::alarm;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::entry::Entry;
use crate::ledger::third_party::ThirdParty;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::mem;
use std::sync::Arc;

/// So many entries go to a core at once: none waits long for another at the end of a batch.
const PIECE: usize = 8;

/// An entry that holds by itself.
pub struct Checked {
    pub entry: Entry,
    pub signatures: u64,
    /// A tree of this very log that it names.
    pub own_tree: Option<(u64, Digest)>,
    /// A tree that this very log never had, it says.
    pub never: Option<(u64, Digest)>,
    /// A tree of a peer that it names, where facts are asked for.
    pub witnessed: Option<Witnessed>,
    /// Nodes of that tree, where it is the tree of a receipt.
    pub nodes: Vec<(u64, Digest)>,
    /// Verifier key of the third party that cosigned.
    pub witness: Option<String>,
    /// What the receipt of a confirmation is of: the kind of the peer's entry, and its object.
    pub confirmed: Option<(Kind, Digest)>,
    /// Whose fingerprint is another from here on.
    pub again: Option<AuthorityId>,
    /// The keys of ours that signed what it says.
    pub signed_by: [Option<Digest>; 2],
    /// Keys of ours that it revokes, each with the size of this log as of which it does.
    pub revoked: Vec<(Digest, u64)>,
    /// Whether it holds our refusal of a status.
    pub refused: bool,
    /// Whether facts are asked for.
    gather: bool,
    /// Whether ours, digest, and what it is.
    pub facts: Vec<(bool, Digest, Fact)>,
}

/// An entry, or what is wrong with it. In a place of its own: it is large, and moves on.
pub type Judged = Result<Box<Checked>, LedgerError>;

/// The keys as they stand at some entry.
#[derive(Default)]
pub struct Keys {
    pub own: Option<Chain>,
    pub peers: BTreeMap<AuthorityId, Chain>,
    pub notes: Notes,
    gather: bool,
}

/// Checks batches, one after the other; entries that change no key on all cores.
pub struct Checker {
    keys: Keys,
    size: u64,
}

impl Checker {
    /// Before the first entry. `gather`: whether facts are asked for.
    pub fn new(gather: bool) -> Self {
        Self { keys: Keys { gather, ..Keys::default() }, size: 0 }
    }

    /// Checks the next entries: those between two that change keys all at once. Keys do not
    /// change any more behind an entry that is bad.
    pub fn batch(&mut self, mut entries: Vec<Raw>) -> Vec<Judged> {
        let mut next = self.size;
        self.size += entries.len() as u64;
        let mut judged = Vec::with_capacity(entries.len());
        let mut rest = entries.as_mut_slice();
        while !rest.is_empty() && judged.last().is_none_or(Result::is_ok) {
            let length = rest.iter().take_while(|raw| !changes_keys(raw)).count();
            let (run, behind) = rest.split_at_mut(length);
            let sound = self.keys.run(next, run, &mut judged);
            next += length as u64;
            let Some((changing, behind)) = behind.split_first_mut().filter(|_| sound) else { break };
            judged.push(self.keys.change(next, mem::take(changing)).map_err(|error| at(next, error)));
            next += 1;
            rest = behind;
        }
        judged
    }

    /// The keys at the end.
    pub fn keys(self) -> Keys {
        self.keys
    }
}

fn changes_keys(raw: &Raw) -> bool {
    matches!(Leaf::kind_in(&raw.leaf), Some(Kind::KeyStatement | Kind::Pairing))
}

impl Keys {
    /// Checks a run of entries that change no key, the first of them at `first`. Says whether
    /// all are sound.
    fn run(&self, first: u64, run: &mut [Raw], judged: &mut Vec<Judged>) -> bool {
        let before = judged.len();
        judged.par_extend(run.par_iter_mut().enumerate().with_max_len(PIECE).map(|(place, raw)| {
            let index = first + place as u64;
            self.entry(index, mem::take(raw)).map_err(|error| at(index, error))
        }));
        self.notes.make_room();
        judged[before..].iter().all(Result::is_ok)
    }

    /// Any other entry.
    fn entry(&self, index: u64, raw: Raw) -> Judged {
        let entry = Entry::open(index, raw.leaf, raw.objects)?;
        shape(&entry)?;
        let signed_by = signed_by(&entry)?;
        let mut checked = Box::new(Checked { gather: self.gather, signed_by, ..Checked::new(entry) });
        self.signatures(&mut checked)?;
        Ok(checked)
    }

    fn signatures(&self, checked: &mut Checked) -> Result<(), LedgerError> {
        let entry = &checked.entry;
        let leaf = &entry.leaf;
        match leaf.kind {
            Kind::EvidenceIssued => self.issued(checked),
            Kind::EvidenceReceived => self.received(checked),
            Kind::StatusIssued => {
                let own = self.own(entry)?;
                let signed = SignedStatus::open(entry.object(0)?, own, Place::Loose)?;
                names_status(entry, &signed, own)?;
                checked.fact(0, signed.carried.value.code.as_str_name(), true, true)?;
                checked.signatures += 1;
                Ok(())
            }
            Kind::StatusReceived => {
                let place = self.receipt(checked, 2, 1)?;
                let (entry, own) = (&checked.entry, self.own(&checked.entry)?);
                let evidence = Evidence::verified(entry.object(0)?, own.authority(), own, Place::Loose)?;
                let signed = SignedStatus::open(entry.object(1)?, self.peer(entry)?, place)?;
                names_status(entry, &signed, own)?;
                if evidence.subject != Subject::Known(signed.carried.value.named(signed.digest)) {
                    return Err(entry.wrong("holds evidence about another status"));
                }
                checked.refused = judges_status(entry, &evidence)?;
                checked.fact(0, evidence.event.as_str_name(), true, true)?;
                checked.fact(1, signed.carried.value.code.as_str_name(), false, true)?;
                checked.signatures += 2;
                Ok(())
            }
            Kind::Confirmation => {
                let checkpoint = self.note(checked, 1)?;
                let (_, theirs) = self.open(checked, 0, &checkpoint)?;
                let entry = &checked.entry;
                let logged = theirs.peer.as_ref() == Some(self.own(entry)?.authority());
                let object = theirs.objects.first().copied().filter(|_| logged);
                checked.confirmed = object.map(|object| (theirs.kind, object));
                Ok(())
            }
            Kind::Cosigned => {
                let checkpoint = Checkpoint::open(entry.object(0)?, self.peer(entry)?)?;
                let by_us = checkpoint.cosignature_of(self.own(entry)?)?;
                by_us.ok_or_else(|| entry.wrong("holds no cosignature of ours"))?;
                checked.signatures += 2;
                Ok(())
            }
            Kind::CosignatureReceived => {
                let checkpoint = Checkpoint::open(entry.object(0)?, self.own(entry)?)?;
                let by_witness = match &leaf.peer {
                    Some(_) => checkpoint.cosignature_of(self.peer(entry)?)?,
                    None => {
                        let witness = ThirdParty::parse_bytes(entry.object(1)?)?;
                        checked.witness = Some(witness.as_str().to_owned());
                        witness.cosignature(&checkpoint)?
                    }
                };
                by_witness.ok_or_else(|| checked.entry.wrong("holds no cosignature of its witness"))?;
                checked.own_tree = Some((checkpoint.size, checkpoint.root));
                checked.signatures += 2;
                Ok(())
            }
            Kind::Strangers => match leaf.turned_away {
                Some(counts) if counts != TurnedAway::default() && leaf.objects.is_empty() => Ok(()),
                _ => Err(entry.wrong("counts nothing")),
            },
            Kind::Alarm => {
                let found = alarm::check(entry, self.own(entry)?, self.peer(entry)?)?;
                (checked.own_tree, checked.never) = (found.own_tree, found.never);
                checked.signatures += found.signatures;
                if found.evidence { self.received(checked) } else { Ok(()) }
            }
            // What erasures and holds say is held against the views when they are applied.
            Kind::Resigned => {
                let header = SignedHeader::open(entry.object(0)?, self.own(entry)?, leaf.at)?;
                entry.known.header.get_or_init(|| header);
                checked.signatures += 1;
                Ok(())
            }
            Kind::Opening | Kind::Erased | Kind::Held | Kind::Released => Ok(()),
            Kind::PairingNotice => self.notice(checked),
            Kind::KeyStatement | Kind::Pairing => Err(entry.wrong("changes keys")),
            Kind::Unspecified => Err(entry.wrong("has no kind")),
        }
    }

    fn received(&self, checked: &mut Checked) -> Result<(), LedgerError> {
        let place = self.receipt(checked, 1, 0)?;
        let entry = &checked.entry;
        let peer = self.peer(entry)?;
        let evidence = Evidence::verified(entry.object(0)?, peer.authority(), peer, place)?;
        names_evidence(entry, &evidence)?;
        checked.fact(0, evidence.event.as_str_name(), false, true)?;
        checked.signatures += 1;
        checked.entry.known.evidence.get_or_init(|| evidence);
        Ok(())
    }

    fn issued(&self, checked: &mut Checked) -> Result<(), LedgerError> {
        let entry = &checked.entry;
        let own = self.own(entry)?;
        let evidence = Evidence::verified(entry.object(0)?, own.authority(), own, Place::Loose)?;
        if evidence.at != entry.leaf.at {
            return Err(entry.wrong("has another time than its evidence"));
        }
        names_evidence(entry, &evidence)?;
        if evidence.event != Event::SubmissionAcceptance && entry.leaf.actor.is_some() {
            return Err(entry.wrong("names a person in evidence for a peer"));
        }
        let mut signatures = 1;
        let about_status = matches!(&evidence.subject, Subject::Known(named) if named.is_status);
        let about_packet = matches!(&evidence.subject, Subject::Known(named) if !named.is_status);
        if let Some(header) = entry.objects.get(1).filter(|_| about_packet) {
            let keys = match evidence.event {
                Event::SubmissionAcceptance => own,
                _ => self.peer(entry)?,
            };
            let header = SignedHeader::open(header, keys, entry.leaf.at)?;
            entry.known.header.get_or_init(|| header);
            signatures += 1;
        }
        if about_status && entry.objects.len() > 1 {
            let place = self.receipt(checked, 2, 1)?;
            SignedStatus::open(checked.entry.object(1)?, self.peer(&checked.entry)?, place)?;
            signatures += 1;
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
        checked.signatures += signatures;
        checked.fact(0, evidence.event.as_str_name(), true, shared)?;
        checked.entry.known.evidence.get_or_init(|| evidence);
        Ok(())
    }

    /// The receipt at `place`, the peer's checkpoint after it: the peer has committed, first
    /// among its entry's objects, the very object at `of`. Gives the place of that.
    pub(super) fn receipt(
        &self,
        checked: &mut Checked,
        place: usize,
        of: usize,
    ) -> Result<Place, LedgerError> {
        let checkpoint = self.note(checked, place + 1)?;
        let (index, leaf) = self.open(checked, place, &checkpoint)?;
        let entry = &checked.entry;
        match leaf.objects.first() == entry.leaf.objects.get(of) {
            true => Ok(place_of(leaf.kind, index, entry.leaf.witnessed.is_some())),
            false => Err(entry.wrong("holds the receipt of something else")),
        }
    }

    /// The peer's entry in the receipt at `place`.
    fn open(
        &self,
        checked: &mut Checked,
        place: usize,
        checkpoint: &Checkpoint,
    ) -> Result<(u64, Leaf), LedgerError> {
        let receipt = checked.entry.object(place)?;
        let (index, leaf) = open_receipt(receipt, checkpoint)?;
        if let Some(seen) = &mut checked.witnessed {
            seen.leaf = Some((index, leaf.at));
            checked.nodes = nodes_in_receipt(receipt, checkpoint.size)?;
        }
        Ok((index, leaf))
    }

    /// A peer's checkpoint among the objects: signed by the peer, and what the leaf says.
    fn note(&self, checked: &mut Checked, place: usize) -> Result<Arc<Checkpoint>, LedgerError> {
        let entry = &checked.entry;
        let peer = self.peer(entry)?;
        let note = entry.object(place)?;
        let checkpoint = self.notes.open(entry.leaf.objects[place], note, peer)?;
        let seen = (checkpoint.size, checkpoint.root);
        if entry.leaf.witnessed.is_some_and(|named| named != seen) {
            return Err(entry.wrong("names another tree than its checkpoint"));
        }
        if self.gather {
            checked.witnessed = Some(Witnessed {
                index: entry.index,
                at: entry.leaf.at,
                peer: peer.authority().clone(),
                size: seen.0,
                root: seen.1,
                leaf: None,
            });
        }
        Ok(checkpoint)
    }

    pub(super) fn own(&self, entry: &Entry) -> Result<&Chain, LedgerError> {
        self.own.as_ref().ok_or_else(|| entry.wrong("comes before statement 0"))
    }

    pub(super) fn peer(&self, entry: &Entry) -> Result<&Chain, LedgerError> {
        let name = entry.leaf.peer.as_ref().ok_or_else(|| entry.wrong("names no peer"))?;
        self.peers.get(name).ok_or_else(|| entry.wrong("is about an authority not paired"))
    }
}

/// The keys that say to have signed the evidence or status of ours that comes first in an entry: one,
/// or two in suite 2.
fn signed_by(entry: &Entry) -> Result<[Option<Digest>; 2], LedgerError> {
    let kind = match entry.leaf.kind {
        Kind::EvidenceIssued | Kind::StatusReceived => PayloadType::Evidence,
        Kind::StatusIssued => PayloadType::Status,
        _ => return Ok([None; 2]),
    };
    let signed = Unverified::parse(kind, entry.object(0)?)?;
    let mut ids = signed.signers().filter_map(|id| id.try_into().ok());
    Ok([ids.next(), ids.next()])
}

impl Checked {
    pub(super) fn new(entry: Entry) -> Self {
        let (own_tree, never, witnessed, witness, confirmed, again) = Default::default();
        let (refused, facts, signed_by, revoked, nodes) =
            (false, Vec::new(), [None; 2], Vec::new(), Vec::new());
        Self {
            entry,
            signatures: 0,
            own_tree,
            never,
            witnessed,
            nodes,
            witness,
            confirmed,
            again,
            signed_by,
            revoked,
            refused,
            gather: false,
            facts,
        }
    }

    pub(super) fn fact(
        &mut self,
        place: usize,
        what: &str,
        ours: bool,
        shared: bool,
    ) -> Result<(), LedgerError> {
        let leaf = &self.entry.leaf;
        let peer = leaf.peer.as_ref().ok_or_else(|| self.entry.wrong("names no peer"))?;
        if !self.gather {
            return Ok(());
        }
        let peer = peer.clone();
        let (index, at, id) = (self.entry.index, leaf.at, leaf.id);
        let fact = Fact { index, at, peer, id, what: what.to_owned(), shared };
        self.facts.push((ours, leaf.objects[place], fact));
        Ok(())
    }
}
