//! A made-up history: real entries, with real signatures of two identities, committed by the
//! real writer. Only the peer is played.

use crate::cli::error::CliError;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::hash::Digest;
use rogatory::crypto::object::Sealed;
use rogatory::exchange::identity::Identity;
use rogatory::exchange::submit::named;
use rogatory::format::evidence::{Evidence, Subject, object_digest};
use rogatory::format::id::{CaseId, PacketId};
use rogatory::format::leaf::Leaf;
use rogatory::format::offer::Offer;
use rogatory::format::packet::{Header, SCHEMA, SignedHeader};
use rogatory::format::pairing::{Taken, Terms};
use rogatory::format::wire::{
    self, AckEntry, cause::Code as Cause, event::Code as Event, kind::Code as Kind, leaf::Kind as LeafKind,
    urgency::Code as Urgency,
};
use rogatory::format::{FormatError, Millis};
use rogatory::ledger::LedgerError;
use rogatory::ledger::acknowledgement::to_bytes;
use rogatory::ledger::records::Direction;
use rogatory::ledger::tree;
use rogatory::store::content::{StoredContent, StoredObject};
use rogatory::store::{CheckpointSigner as _, Commit, Decision, NewEntry, Store, content};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Exchanges that go together: one group of submissions, one of what the peer stated.
pub const TOGETHER: u64 = 24;
/// Entries of one exchange: submission, relay, consignment.
pub const ENTRIES: u64 = 3;
const CIPHERTEXT: usize = 512;

/// The two authorities, and the log of the one that is played.
pub struct History {
    ours: Arc<Identity>,
    theirs: Identity,
    their_nodes: Vec<Digest>,
    their_size: u64,
}

impl History {
    /// Pairs `ours` with `theirs`, in the ledger.
    pub async fn begin(
        store: &Store,
        ours: Arc<Identity>,
        theirs: Identity,
        now: Millis,
    ) -> Result<Self, CliError> {
        let limits = wire::Limits { packet_bytes: 1 << 30, objects: 100 };
        let taken = Taken { limits, terms: Terms::default() };
        let (_, delegate) = theirs.delegate().ok_or_else(|| CliError::failed("no delegate was made"))?;
        let offer = Offer::sign(&theirs.chain(), Vec::new(), taken, &delegate, now)?;
        let leaf = |kind| Leaf { peer: Some(theirs.authority().clone()), ..Leaf::new(kind) };
        let mut entries = vec![NewEntry { leaf: leaf(LeafKind::Pairing), objects: vec![offer.envelope] }];
        for envelope in theirs.chain().envelopes() {
            entries.push(NewEntry { leaf: leaf(LeafKind::KeyStatement), objects: vec![envelope.to_vec()] });
        }
        let commit: Commit<(), FormatError> =
            store.commit(|_, _| Ok(Decision { entries, contents: Vec::new(), value: () }));
        durable(commit).await?;
        Ok(Self { ours, theirs, their_nodes: Vec::new(), their_size: 0 })
    }

    /// Some exchanges. Gives the time that our ledger took, the peer's part left out.
    pub async fn exchanges(&mut self, store: &Store) -> Result<Duration, CliError> {
        let begun = Instant::now();
        let commits: Vec<_> = (0..TOGETHER).map(|_| self.submit(store)).collect();
        let mut headers = Vec::new();
        for commit in commits {
            let ((header, now), first) = durable(commit).await?;
            headers.push((header, now, first));
        }
        let mut ours = begun.elapsed();
        let answers = self.answers(&headers)?;
        let begun = Instant::now();
        let commits: Vec<Commit<(), FormatError>> = answers
            .into_iter()
            .map(|entries| store.commit(|_, _| Ok(Decision { entries, contents: Vec::new(), value: () })))
            .collect();
        for commit in commits {
            durable(commit).await?;
        }
        ours += begun.elapsed();
        Ok(ours)
    }

    fn submit(&self, store: &Store) -> Commit<(SignedHeader, u64), FormatError> {
        let (identity, peer) = (self.ours.clone(), self.theirs.authority().clone());
        store.commit(move |_, now| {
            let entropy = SystemEntropy::default();
            let (id, case_id) = (PacketId::fresh(now, &entropy)?, CaseId::fresh(now, &entropy)?);
            let us = identity.authority().clone();
            let sealed = Sealed {
                ciphertext_length: CIPHERTEXT as u64,
                chunk_root: object_digest(id.bytes()),
                commitment: object_digest(case_id.bytes()),
                plaintext_digest: [3; 32],
            };
            let header = Header {
                sender: us.clone(),
                recipient: peer.clone(),
                id,
                case_id,
                case_seq: 0,
                case_prev: None,
                kind: Kind::MutualLegalAssistance,
                urgency: Urgency::Routine,
                created: now,
                expires: now + 30 * 24 * 3600 * 1000,
                schema: SCHEMA,
                in_reply_to: None,
                replaces: None,
                objects: vec![sealed],
                key_box_digest: [4; 32],
                content_key_id: [5; 32],
            }
            .sign(&identity.packet())?;
            let evidence = evidence(Event::SubmissionAcceptance, &header, &identity, now)?;
            let leaf = Leaf {
                actor: Some([7; 8]),
                peer: Some(peer.clone()),
                id: Some(id),
                case_id: Some(case_id),
                statistics: Some(wire::Statistics { kind: 1, instrument: 1, ..wire::Statistics::default() }),
                code: Event::SubmissionAcceptance as u32,
                ..Leaf::new(LeafKind::EvidenceIssued)
            };
            let stored = StoredContent {
                bucket: "standard-2026-11".into(),
                wrap: vec![1; 80],
                sealed_key_box: Vec::new(),
                box_bucket: String::new(),
                objects: vec![StoredObject { inline: vec![2; CIPHERTEXT], in_file: false }],
            };
            Ok(Decision {
                entries: vec![NewEntry { leaf, objects: vec![evidence, header.envelope.clone()] }],
                contents: vec![(content::key(Direction::Out, &peer, &id), stored)],
                value: (header, now),
            })
        })
    }

    /// What the peer states about each, with receipts from its log.
    fn answers(&mut self, headers: &[(SignedHeader, Millis, u64)]) -> Result<Vec<Vec<NewEntry>>, CliError> {
        let mut stated = Vec::new();
        for (header, now, first) in headers {
            for event in [Event::RelayAcceptance, Event::ContentConsignment] {
                let evidence = evidence(event, header, &self.theirs, *now)?;
                let leaf = Leaf {
                    at: *now,
                    peer: Some(self.ours.authority().clone()),
                    id: Some(header.header.id),
                    case_id: Some(header.header.case_id),
                    code: event as u32,
                    objects: vec![object_digest(&evidence)],
                    ..Leaf::new(LeafKind::EvidenceIssued)
                }
                .encode();
                let nodes = tree::nodes_of(self.their_size, &leaf, &self.their_nodes).map_err(ledger)?;
                self.their_nodes.extend(nodes);
                stated.push((header, *first, event, evidence, leaf, self.their_size));
                self.their_size += 1;
            }
        }
        let root = tree::root(self.their_size, &self.their_nodes).map_err(ledger)?;
        let checkpoint = self.theirs.sign(self.their_size, root)?;
        let mut answers: Vec<Vec<NewEntry>> = Vec::new();
        for (header, first, event, evidence, leaf, index) in stated {
            let inclusion = tree::inclusion(index, self.their_size, &self.their_nodes).map_err(ledger)?;
            let receipt = AckEntry { objects: Vec::new(), leaf, index, inclusion: to_bytes(&inclusion) };
            let leaf = Leaf {
                peer: Some(self.theirs.authority().clone()),
                id: Some(header.header.id),
                case_id: Some(header.header.case_id),
                code: event as u32,
                witnessed: Some((checkpoint.size, checkpoint.root)),
                about: Some(first),
                ..Leaf::new(LeafKind::EvidenceReceived)
            };
            let objects = vec![evidence, prost::Message::encode_to_vec(&receipt), checkpoint.note.clone()];
            let entry = NewEntry { leaf, objects };
            match event {
                Event::RelayAcceptance => answers.push(vec![entry]),
                _ => answers.last_mut().expect("a consignment follows its relay").push(entry),
            }
        }
        Ok(answers)
    }
}

fn evidence(
    event: Event,
    header: &SignedHeader,
    issuer: &Identity,
    at: Millis,
) -> Result<Vec<u8>, FormatError> {
    let evidence = Evidence {
        event,
        issuer: issuer.authority().clone(),
        subject: Subject::Known(named(header)),
        at,
        cause: Cause::None,
        findings: Vec::new(),
    };
    Ok(evidence.sign(&issuer.evidence())?.envelope)
}

/// The decision's value and its first entry.
async fn durable<T>(commit: Commit<T, FormatError>) -> Result<(T, u64), CliError> {
    let done = commit.await.map_err(|_| CliError::failed("the store has stopped"))?;
    done.map(|committed| (committed.value, committed.first))
        .map_err(|error| CliError::failed(error.to_string()))
}

fn ledger(error: LedgerError) -> CliError {
    CliError::failed(error.to_string())
}
