//! The entries of a bundle, verified in the order of the log they are of.

use super::{BundleError, Place, Proved, Said, Step, Witness, wrong};
use crate::crypto::hash::Digest;
use crate::format::chain::standing::Place as Found;
use crate::format::chain::{Appended, Chain};
use crate::format::evidence::{Evidence, Subject};
use crate::format::id::{AuthorityId, PacketId};
use crate::format::leaf::Leaf;
use crate::format::packet::SignedHeader;
use crate::format::status::SignedStatus;
use crate::format::wire::{self, BundleContents, event::Code as Event, leaf::Kind};
use crate::ledger::acknowledgement::{self, from_bytes, open_receipt};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::entry::Entry;
use crate::ledger::tree;
use std::collections::BTreeMap;

/// What the entries amount to.
pub(super) struct Read {
    pub own: Chain,
    pub peer: Chain,
    pub header: SignedHeader,
    pub entries: Vec<Proved>,
    pub steps: Vec<Step>,
    pub statistics: Vec<(AuthorityId, wire::Statistics)>,
    pub witnesses: Vec<Witness>,
    pub trees: BTreeMap<u64, Digest>,
    pub signatures: u64,
}

/// Verifies all entries: each one's inclusion, then what it holds, with the keys as they
/// stood at its place.
pub(super) fn read(contents: &BundleContents, checkpoint: &Checkpoint) -> Result<Read, BundleError> {
    let mut reader = Reader {
        maker: AuthorityId::parse(&contents.maker)?,
        other: AuthorityId::parse(&contents.peer)?,
        id: PacketId::from_bytes(&contents.packet_id)?,
        own: None,
        peer: None,
        header: None,
        notes: BTreeMap::new(),
        trees: BTreeMap::new(),
        proved: Vec::new(),
        steps: Vec::new(),
        statistics: Vec::new(),
        witnesses: Vec::new(),
        signatures: 0,
    };
    let mut last: Option<(u64, u64)> = None;
    for carried in &contents.entries {
        let entry = Entry::open(carried.index, carried.leaf.clone(), carried.objects.clone())?;
        let place = (entry.index, entry.leaf.at);
        if last.is_some_and(|(index, at)| place.0 <= index || place.1 < at) {
            return Err(entry.wrong("is not behind the entry before it").into());
        }
        last = Some(place);
        let inclusion = from_bytes(&carried.inclusion)?;
        tree::verify_inclusion(
            &entry.leaf_bytes,
            entry.index,
            checkpoint.size,
            &checkpoint.root,
            &inclusion,
        )?;
        reader.entry(&entry)?;
        reader.proved.push(Proved { entry, inclusion });
    }
    let missing = |what: &str| wrong(format!("{what} missing"));
    Ok(Read {
        own: reader.own.ok_or_else(|| missing("the statements of its maker are"))?,
        peer: reader.peer.ok_or_else(|| missing("the statements of the other side are"))?,
        header: reader.header.ok_or_else(|| missing("the header of the packet is"))?,
        entries: reader.proved,
        steps: reader.steps,
        statistics: reader.statistics,
        witnesses: reader.witnesses,
        trees: reader.trees,
        signatures: reader.signatures,
    })
}

pub(super) struct Reader {
    pub(super) maker: AuthorityId,
    pub(super) other: AuthorityId,
    pub(super) id: PacketId,
    pub(super) own: Option<Chain>,
    pub(super) peer: Option<Chain>,
    pub(super) header: Option<SignedHeader>,
    /// Checkpoints of the peer that were opened, by digest of the note.
    pub(super) notes: BTreeMap<Digest, Checkpoint>,
    /// Trees of the peer's log: one root a size.
    pub(super) trees: BTreeMap<u64, Digest>,
    pub(super) proved: Vec<Proved>,
    pub(super) steps: Vec<Step>,
    pub(super) statistics: Vec<(AuthorityId, wire::Statistics)>,
    pub(super) witnesses: Vec<Witness>,
    pub(super) signatures: u64,
}

impl Reader {
    fn entry(&mut self, entry: &Entry) -> Result<(), BundleError> {
        match entry.leaf.kind {
            Kind::KeyStatement => self.statement(entry),
            Kind::EvidenceIssued => self.issued(entry),
            Kind::EvidenceReceived | Kind::Alarm => self.received(entry),
            Kind::StatusIssued => self.status_issued(entry),
            Kind::StatusReceived => self.status_received(entry),
            Kind::Confirmation => self.confirmation(entry),
            Kind::Cosigned | Kind::CosignatureReceived => self.cosignature(entry),
            _ => Err(entry.wrong("has no place in a bundle").into()),
        }
    }

    fn statement(&mut self, entry: &Entry) -> Result<(), BundleError> {
        let envelope = entry.object(0)?;
        self.signatures += 1;
        let (chain, name) = match &entry.leaf.peer {
            None => (&mut self.own, &self.maker),
            Some(peer) if *peer == self.other => (&mut self.peer, &self.other),
            Some(_) => return Err(entry.wrong("is a statement of a third authority").into()),
        };
        match chain {
            None => {
                let opened = Chain::open(envelope)?;
                if opened.authority() != name {
                    return Err(entry.wrong("is a statement of another authority").into());
                }
                *chain = Some(opened);
            }
            Some(chain) => {
                if chain.append(envelope)? == Appended::Known {
                    return Err(entry.wrong("repeats a statement").into());
                }
            }
        }
        Ok(())
    }

    /// Evidence of the maker about the packet; the first one holds the header.
    fn issued(&mut self, entry: &Entry) -> Result<(), BundleError> {
        let own = self.own(entry)?;
        let evidence = Evidence::open(entry.object(0)?, own.authority(), own, Found::Loose)?;
        self.signatures += 1;
        if evidence.value.at != entry.leaf.at {
            return Err(entry.wrong("has another time than its evidence").into());
        }
        if let Some(envelope) = entry.objects.get(1) {
            let keys = match evidence.value.event {
                Event::SubmissionAcceptance => self.own(entry)?,
                _ => self.peer(entry)?,
            };
            let header = SignedHeader::open(envelope, keys, entry.leaf.at)?;
            let between = match header.header.sender == self.maker {
                true => header.header.recipient == self.other,
                false => header.header.sender == self.other && header.header.recipient == self.maker,
            };
            if self.header.is_some() || header.header.id != self.id || !between {
                return Err(entry.wrong("holds a header that is not the packet's").into());
            }
            if header.header.sender != *keys.authority() {
                return Err(entry.wrong("holds a header that its sender did not sign").into());
            }
            self.signatures += 1;
            self.header = Some(header);
        }
        self.about_packet(entry, &evidence.value)?;
        if let Some(statistics) = &entry.leaf.statistics {
            self.statistics.push((self.maker.clone(), statistics.clone()));
        }
        let said = said(&evidence.value, false);
        self.step(entry, evidence.value.at, self.maker.clone(), said, 0, None);
        Ok(())
    }

    /// Evidence of the peer, about the packet or about a status of the maker's.
    fn received(&mut self, entry: &Entry) -> Result<(), BundleError> {
        let (place, leaf) = self.receipt(entry, 1, 0)?;
        let (peer, found) = (self.peer(entry)?, found(entry, &place, &leaf));
        let evidence = Evidence::open(entry.object(0)?, peer.authority(), peer, found)?.value;
        self.signatures += 1;
        let about = entry.leaf.about.ok_or_else(|| entry.wrong("answers nothing"))?;
        let status =
            self.steps.iter().position(|s| s.index == about && matches!(s.said, Said::Status { .. }));
        let said = match status {
            None => {
                self.about_packet(entry, &evidence)?;
                self.theirs(entry, &leaf, Kind::EvidenceIssued, &evidence)?;
                if let Some(statistics) = leaf.statistics {
                    self.statistics.push((self.other.clone(), statistics));
                }
                said(&evidence, entry.leaf.kind == Kind::Alarm)
            }
            Some(at) => {
                self.about_status(entry, &evidence, at)?;
                let kept = matches!(leaf.kind, Kind::StatusReceived | Kind::EvidenceIssued);
                if !kept || leaf.peer.as_ref() != Some(&self.maker) {
                    return Err(entry.wrong("holds the receipt of something else").into());
                }
                let step = &mut self.steps[at];
                // The peer's entry about a status names the status behind its evidence.
                if leaf.objects.get(1) == Some(&step.digest) {
                    step.place = Some(place.clone());
                }
                if let Said::Status { refused, .. } = &mut step.said {
                    *refused = evidence.event == Event::RelayRejection;
                }
                Said::StatusEvidence { event: evidence.event, cause: evidence.cause, about }
            }
        };
        self.step(entry, evidence.at, self.other.clone(), said, 0, Some(place));
        Ok(())
    }

    fn status_issued(&mut self, entry: &Entry) -> Result<(), BundleError> {
        let signed = SignedStatus::open(entry.object(0)?, self.own(entry)?, Found::Loose)?;
        self.signatures += 1;
        self.status(entry, &signed, true)?;
        let status = signed.carried.value;
        let (at, author) = (status.created, status.author.clone());
        let said = Said::Status { status: Box::new(status), refused: false };
        self.step(entry, at, author, said, 0, None);
        Ok(())
    }

    fn status_received(&mut self, entry: &Entry) -> Result<(), BundleError> {
        let own = self.own(entry)?;
        let evidence = Evidence::open(entry.object(0)?, own.authority(), own, Found::Loose)?.value;
        let (place, leaf) = self.receipt(entry, 2, 1)?;
        let found = found(entry, &place, &leaf);
        let signed = SignedStatus::open(entry.object(1)?, self.peer(entry)?, found)?;
        self.signatures += 2;
        self.status(entry, &signed, false)?;
        let status = signed.carried.value;
        if leaf.kind != Kind::StatusIssued
            || leaf.id != Some(status.id)
            || leaf.peer.as_ref() != Some(&self.maker)
        {
            return Err(entry.wrong("holds the receipt of something else").into());
        }
        let named = Subject::Known(status.named(signed.digest));
        let refused = evidence.event == Event::RelayRejection;
        if evidence.subject != named
            || evidence.at != entry.leaf.at
            || evidence.cause as u32 != entry.leaf.cause
            || !(refused || evidence.event == Event::RelayAcceptance)
        {
            return Err(entry.wrong("says something else than its evidence").into());
        }
        let (at, author) = (status.created, status.author.clone());
        let said = Said::Status { status: Box::new(status), refused };
        self.step(entry, at, author, said, 1, Some(place));
        let said = Said::StatusEvidence { event: evidence.event, cause: evidence.cause, about: entry.index };
        self.step(entry, evidence.at, self.maker.clone(), said, 0, None);
        Ok(())
    }

    /// The peer has logged evidence of the maker.
    fn confirmation(&mut self, entry: &Entry) -> Result<(), BundleError> {
        let note = self.note(entry, 1)?;
        let (index, leaf) = open_receipt(entry.object(0)?, &note)?;
        let step = self
            .steps
            .iter_mut()
            .find(|step| Some(step.index) == entry.leaf.about && step.author == self.maker)
            .ok_or_else(|| entry.wrong("confirms nothing that is here"))?;
        let kept = leaf.kind == Kind::EvidenceReceived && leaf.peer.as_ref() == Some(&self.maker);
        if leaf.objects.first() != Some(&step.digest) || !kept {
            return Err(entry.wrong("confirms something else").into());
        }
        step.place = Some(Place { index, at: leaf.at, size: note.size, root: note.root });
        Ok(())
    }

    fn cosignature(&mut self, entry: &Entry) -> Result<(), BundleError> {
        if entry.leaf.peer.as_ref() != Some(&self.other) {
            return Err(entry.wrong("is about a third authority").into());
        }
        let (own, peer) = (self.own(entry)?, self.peer(entry)?);
        let received = entry.leaf.kind == Kind::CosignatureReceived;
        let (log, witness) = if received { (own, peer) } else { (peer, own) };
        let checkpoint = Checkpoint::open(entry.object(0)?, log)?;
        let at = checkpoint
            .cosignature_of(witness)?
            .ok_or_else(|| entry.wrong("holds no cosignature of the other side"))?;
        let by = witness.authority().clone();
        if self.witnesses.iter().any(|known| known.by == by) {
            return Err(entry.wrong("is one cosignature too many").into());
        }
        self.signatures += 2;
        if !received {
            self.tree(entry, &checkpoint)?;
        }
        let Checkpoint { origin, size, root, .. } = checkpoint;
        self.witnesses.push(Witness { origin, by, at, size, root, index: entry.index });
        Ok(())
    }

    /// The receipt at `place`, the peer's checkpoint after it: the peer has committed, first
    /// among its entry's objects, the very object at `of`.
    fn receipt(&mut self, entry: &Entry, place: usize, of: usize) -> Result<(Place, Leaf), BundleError> {
        let note = self.note(entry, place + 1)?;
        let (index, leaf) = open_receipt(entry.object(place)?, &note)?;
        if leaf.objects.first() != entry.leaf.objects.get(of) {
            return Err(entry.wrong("holds the receipt of something else").into());
        }
        Ok((Place { index, at: leaf.at, size: note.size, root: note.root }, leaf))
    }

    /// A checkpoint of the peer's among the objects: signed, and what the leaf says.
    fn note(&mut self, entry: &Entry, place: usize) -> Result<Checkpoint, BundleError> {
        let note = entry.object(place)?;
        let digest = entry.leaf.objects[place];
        let checkpoint = match self.notes.get(&digest) {
            Some(known) => known.clone(),
            None => {
                let opened = Checkpoint::open(note, self.peer(entry)?)?;
                self.signatures += 1;
                self.notes.insert(digest, opened.clone());
                opened
            }
        };
        if entry.leaf.witnessed.is_some_and(|said| said != (checkpoint.size, checkpoint.root)) {
            return Err(entry.wrong("names another tree than its checkpoint").into());
        }
        self.tree(entry, &checkpoint)?;
        Ok(checkpoint)
    }

    /// Two trees of one size in one log are a fork.
    fn tree(&mut self, entry: &Entry, checkpoint: &Checkpoint) -> Result<(), BundleError> {
        match *self.trees.entry(checkpoint.size).or_insert(checkpoint.root) == checkpoint.root {
            true => Ok(()),
            false => Err(entry.wrong("shows a fork in the log of the other side").into()),
        }
    }

    fn step(
        &mut self,
        entry: &Entry,
        at: u64,
        author: AuthorityId,
        said: Said,
        of: usize,
        place: Option<Place>,
    ) {
        let digest = entry.leaf.objects[of];
        self.steps.push(Step { index: entry.index, logged: entry.leaf.at, at, author, said, digest, place });
    }

    fn own(&self, entry: &Entry) -> Result<&Chain, BundleError> {
        self.own.as_ref().ok_or_else(|| entry.wrong("comes before statement 0 of its maker").into())
    }

    fn peer(&self, entry: &Entry) -> Result<&Chain, BundleError> {
        self.peer.as_ref().ok_or_else(|| entry.wrong("comes before statement 0 of the other side").into())
    }
}

fn said(evidence: &Evidence, contradicts: bool) -> Said {
    let (event, cause, findings) = (evidence.event, evidence.cause, evidence.findings.clone());
    Said::Evidence { event, cause, findings, contradicts }
}

/// Where the peer's log holds what the peer stated.
fn found(entry: &Entry, place: &Place, leaf: &Leaf) -> Found {
    acknowledgement::place(leaf.kind, place.index, entry.leaf.witnessed.is_some())
}
