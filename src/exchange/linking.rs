//! Linking: a peer is asked to prove that all of its trees that we saw are beginnings of its
//! newest one. What it can't prove is an alarm.

use super::acknowledge::misbehaved;
use super::directory::Peer;
use super::line::Tree;
use super::{Exchange, ExchangeError};
use crate::crypto::hash::Digest;
use crate::format::leaf::Leaf;
use crate::format::limits;
use crate::format::wire::{
    ConsistencyProof, ConsistencyReply, ConsistencyRequest, alarm::Code, leaf::Kind as LeafKind,
};
use crate::ledger::acknowledgement::{from_bytes, to_bytes};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::tree;
use std::sync::Arc;

/// A peer that shows nothing is asked this often whether its log still is what it was,
/// milliseconds.
const LOOK: u64 = 3_600_000;
/// Leaves that are looked at in one step for trees that are not linked.
const STEP: u64 = 1024;

/// What a peer is to prove.
pub struct Question {
    trees: Vec<Tree>,
    head: Option<Tree>,
    /// Size of our log when it was asked.
    size: u64,
}

impl Question {
    /// As it is asked.
    pub fn request(&self) -> ConsistencyRequest {
        let from_sizes = self.trees.iter().map(|tree| tree.size).collect();
        ConsistencyRequest { from_sizes, ..ConsistencyRequest::default() }
    }
}

impl Exchange {
    /// What the peer is to prove next, if anything. Logs the contradictions that need no proof.
    pub async fn links_wanted(&self, peer: &Peer) -> Result<Option<Question>, ExchangeError> {
        self.find_unlinked(peer).await?;
        for (first, other) in peer.line(|line| line.take_contradictions()) {
            self.raise(peer, Code::Forked, &first, &other).await?;
        }
        let (size, now) = (self.store.checkpoint().size, self.now());
        Ok(peer.line(|line| {
            let (mut trees, head) = (line.question(), line.head().cloned());
            if trees.is_empty() && now >= line.answered.saturating_add(LOOK) {
                trees.extend(head.clone());
            }
            (!trees.is_empty()).then_some(Question { trees, head, size })
        }))
    }

    /// Takes the answer: links what is proved, and raises an alarm about what is not.
    pub async fn take_links(
        &self,
        peer: &Peer,
        question: Question,
        reply: ConsistencyReply,
    ) -> Result<(), ExchangeError> {
        let newest = Arc::new(self.notes.open(&reply.checkpoint, peer, self.now())?);
        if reply.proofs.len() != question.trees.len() {
            return Err(misbehaved(peer, "not one proof for each tree"));
        }
        let now = self.now();
        peer.line(|line| line.answered = now);
        let greatest = question.trees.iter().max_by_key(|tree| tree.size);
        if let Some(greatest) = greatest.filter(|tree| tree.size > newest.size) {
            return self.raise(peer, Code::RolledBack, greatest, &newest).await;
        }
        let (mut linked, mut refuted) = (Vec::new(), Vec::new());
        for (tree, proof) in question.trees.into_iter().zip(&reply.proofs) {
            match extends(&tree, &newest, &proof.hashes) {
                true => linked.push(tree),
                false if question.head.as_ref() == Some(&tree) => {
                    // Nothing that it says of this newest tree counts.
                    return self.raise(peer, contradiction(&tree, &newest), &tree, &newest).await;
                }
                false => refuted.push(tree),
            }
        }
        for tree in &refuted {
            self.raise(peer, contradiction(tree, &newest), tree, &newest).await?;
        }
        peer.line(|line| line.linked(&newest, question.head.as_ref(), &linked, question.size));
        peer.line(|line| refuted.iter().for_each(|tree| line.give_up(tree)));
        peer.linked(newest);
        Ok(())
    }

    /// Takes an answer that was asked for, of these sizes, by a courier: of trees that are linked
    /// since it says nothing new.
    pub async fn take_carried_links(
        &self,
        peer: &Peer,
        from_sizes: &[u64],
        reply: ConsistencyReply,
    ) -> Result<(), ExchangeError> {
        if reply.proofs.len() != from_sizes.len() || from_sizes.len() > limits::LINKS {
            return Err(misbehaved(peer, "not one proof for each tree"));
        }
        let (known, head) = peer.line(|line| (line.question(), line.head().cloned()));
        let asked = from_sizes.iter().zip(reply.proofs);
        let (trees, proofs): (Vec<Tree>, Vec<ConsistencyProof>) = asked
            .filter_map(|(size, proof)| {
                let tree = known.iter().chain(&head).find(|tree| tree.size == *size)?;
                Some((tree.clone(), proof))
            })
            .unzip();
        match head.filter(|head| trees.contains(head)) {
            Some(head) => {
                let question = Question { trees, head: Some(head), size: 0 };
                self.take_links(peer, question, ConsistencyReply { proofs, ..reply }).await
            }
            // Nothing is proved of a head that came after the question: it is asked about again.
            None => {
                peer.saw(&self.notes.open(&reply.checkpoint, peer, self.now())?, None);
                Ok(())
            }
        }
    }

    /// Proves to a peer that our newest tree extends those of these sizes.
    pub fn prove_links(&self, from_sizes: &[u64]) -> Result<ConsistencyReply, ExchangeError> {
        if from_sizes.len() > limits::LINKS {
            return Err(ExchangeError::Format(crate::format::FormatError::Malformed("too many sizes")));
        }
        let (checkpoint, snapshot) = (self.store.checkpoint(), self.store.snapshot());
        let prove = |from: &u64| -> Result<ConsistencyProof, ExchangeError> {
            let proof = match *from <= checkpoint.size {
                true => tree::consistency(*from, checkpoint.size, snapshot)?,
                false => Vec::new(),
            };
            Ok(ConsistencyProof { hashes: to_bytes(&proof) })
        };
        let proofs = from_sizes.iter().map(prove).collect::<Result<_, _>>()?;
        Ok(ConsistencyReply { proof: Vec::new(), checkpoint: checkpoint.note.clone(), proofs })
    }

    /// Looks in our entries for trees of the peer that are not known to be linked: after a
    /// start, or when there had been no room for more.
    async fn find_unlinked(&self, peer: &Peer) -> Result<(), ExchangeError> {
        let mut before = None;
        while let Some(from) = peer.line(|line| line.to_read(STEP as usize)) {
            let end = self.store.snapshot().size()?;
            let until = end.min(from.saturating_add(STEP));
            for index in from..until {
                self.find_tree(peer, index, &mut before)?;
            }
            peer.line(|line| line.were_read(until, until == end));
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    fn find_tree(&self, peer: &Peer, index: u64, before: &mut Option<Digest>) -> Result<(), ExchangeError> {
        let snapshot = self.store.snapshot();
        let Some(bytes) = snapshot.leaf(index)? else { return Ok(()) };
        let leaf = Leaf::decode(&bytes)?;
        let holds = match leaf.kind {
            LeafKind::EvidenceReceived | LeafKind::StatusReceived => true,
            LeafKind::Confirmation | LeafKind::Cosigned => true,
            // About a status that was refused without a place.
            LeafKind::EvidenceIssued => leaf.objects.len() > 2,
            _ => false,
        };
        let note = leaf.objects.last().copied();
        if !holds || leaf.peer.as_ref() != Some(peer.authority()) || note == *before {
            return Ok(());
        }
        *before = note;
        if let Some(note) = snapshot.entry(index)?.objects.last() {
            peer.saw(&Checkpoint::danger_unverified(note)?, None);
        }
        Ok(())
    }
}

fn extends(from: &Tree, to: &Tree, hashes: &[Vec<u8>]) -> bool {
    let proved = from_bytes(hashes)
        .and_then(|proof| tree::verify_consistency((from.size, from.root), (to.size, to.root), &proof));
    proved.is_ok()
}

fn contradiction(first: &Tree, newest: &Tree) -> Code {
    if first.size == newest.size { Code::Forked } else { Code::NotExtended }
}
