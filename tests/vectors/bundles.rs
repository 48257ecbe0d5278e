//! Bundles of the fixed authorities: that keys are judged by their place in the log.

use crate::authority::{Fixed, NOW, VALID, fixed};
use crate::signing::{header, named};
use prost::Message as _;
use rogatory::crypto::hash::{Digest, sha256};
use rogatory::crypto::sign::{Ed25519Key, Signer as _};
use rogatory::format::envelope::{PayloadType, SigningKey, sign};
use rogatory::format::evidence::{Evidence, Subject};
use rogatory::format::leaf::Leaf;
use rogatory::format::statement::{NewKey, algorithm_of, key_id};
use rogatory::format::wire::{
    AckEntry, Bundle, BundleContents, cause::Code as Cause, event::Code as Event, leaf::Kind,
    purpose::Code as Purpose,
};
use rogatory::ledger::acknowledgement::to_bytes;
use rogatory::ledger::bundle::{BundleError, Proof, open};
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::ledger::tree;
use std::sync::Arc;

/// A log of XA, as far as it is written.
#[derive(Default)]
struct Log {
    entries: Vec<AckEntry>,
    nodes: Vec<Digest>,
}

impl Log {
    fn push(&mut self, leaf: Leaf, objects: Vec<Vec<u8>>) {
        let leaf = Leaf { at: NOW, objects: objects.iter().map(|o| sha256(o)).collect(), ..leaf }.encode();
        let index = self.entries.len() as u64;
        let nodes = tree::nodes_of(index, &leaf, &self.nodes).unwrap();
        self.nodes.extend(nodes);
        self.entries.push(AckEntry { objects, leaf, index, inclusion: Vec::new() });
    }

    fn statements<'a>(&mut self, of: Option<&Fixed>, envelopes: impl Iterator<Item = &'a [u8]>) {
        let peer = of.map(|authority| authority.chain.authority().clone());
        for envelope in envelopes {
            self.push(Leaf { peer: peer.clone(), ..Leaf::new(Kind::KeyStatement) }, vec![envelope.to_vec()]);
        }
    }

    /// The bundle of all entries, signed by XA with this key.
    fn bundle(mut self, xa: &Fixed, by: &SigningKey) -> Result<Proof, BundleError> {
        let size = self.entries.len() as u64;
        let root = tree::root(size, &self.nodes).unwrap();
        let checkpoint = Checkpoint::sign(&xa.chain.log_origin(), size, root, &xa.checkpoint).unwrap();
        for entry in &mut self.entries {
            entry.inclusion = to_bytes(&tree::inclusion(entry.index, size, &self.nodes).unwrap());
        }
        let contents = BundleContents {
            suite: 1,
            version: 1,
            maker: "XA".into(),
            peer: "XB".into(),
            packet_id: crate::authority::packet_id(1).bytes().to_vec(),
            made_at: NOW,
            checkpoint: checkpoint.note,
            entries: self.entries,
            ..BundleContents::default()
        };
        let signed = sign(PayloadType::Bundle, contents.encode_to_vec(), by).unwrap();
        open(&Bundle { signed, ciphertexts: Vec::new() }.encode_to_vec())
    }
}

fn evidence(event: Event, xa: &Fixed, xb: &Fixed, by: &Fixed) -> Vec<u8> {
    let evidence = Evidence {
        event,
        issuer: by.chain.authority().clone(),
        subject: Subject::Known(named(&header(xa, xb))),
        at: NOW,
        cause: Cause::None,
        findings: Vec::new(),
    };
    evidence.sign(&by.evidence).unwrap().envelope
}

fn about(kind: Kind, peer: &Fixed, event: Event) -> Leaf {
    Leaf {
        peer: Some(peer.chain.authority().clone()),
        id: Some(crate::authority::packet_id(1)),
        case_id: Some(crate::authority::case_id()),
        code: event as u32,
        ..Leaf::new(kind)
    }
}

fn submitted(log: &mut Log, xa: &Fixed, xb: &Fixed) {
    let event = Event::SubmissionAcceptance;
    let objects = vec![evidence(event, xa, xb, xa), header(xa, xb).envelope];
    log.push(about(Kind::EvidenceIssued, xb, event), objects);
}

/// XB's acceptance, with its receipt in a log of XB with this one entry.
fn accepted(log: &mut Log, xa: &Fixed, xb: &Fixed) {
    let event = Event::RelayAcceptance;
    let envelope = evidence(event, xa, xb, xb);
    let theirs = about(Kind::EvidenceIssued, xa, event);
    let leaf = Leaf { at: NOW, objects: vec![sha256(&envelope)], ..theirs }.encode();
    let root = tree::leaf_hash(&leaf);
    let checkpoint = Checkpoint::sign(&xb.chain.log_origin(), 1, root, &xb.checkpoint).unwrap();
    let receipt = AckEntry { leaf, ..AckEntry::default() }.encode_to_vec();
    let about_it = log.entries.len() as u64 - 1;
    let leaf = Leaf { about: Some(about_it), ..about(Kind::EvidenceReceived, xb, event) };
    log.push(leaf, vec![envelope, receipt, checkpoint.note]);
}

/// A root statement that revokes the evidence key and names a new one.
fn revoked(of: &Fixed) -> (Vec<u8>, SigningKey) {
    let signer = Ed25519Key::from_seed(&[77; 32]).unwrap();
    let public_key = signer.public_key().to_vec();
    let id = key_id(Purpose::Evidence, algorithm_of(Purpose::Evidence), &public_key);
    let revokes = vec![of.evidence.id];
    let new = NewKey {
        purpose: Purpose::Evidence,
        public_key,
        valid: VALID,
        may_state: Vec::new(),
        revokes,
        signer: Some(&signer),
    };
    let envelope = of.chain.clone().state(new, &of.root, NOW).unwrap();
    (envelope, SigningKey { id, signer: Arc::new(signer) })
}

#[test]
fn what_was_logged_before_a_key_was_revoked_is_proved_and_nothing_after() {
    let (xa, xb) = (fixed("XA"), fixed("XB"));
    let founded = || {
        let mut log = Log::default();
        log.statements(None, xa.chain.envelopes());
        log.statements(Some(&xb), xb.chain.envelopes());
        log
    };
    let key = Some(xb.chain.authority().clone());
    let statement = |peer| Leaf { peer, ..Leaf::new(Kind::KeyStatement) };

    let mut plain = founded();
    submitted(&mut plain, &xa, &xb);
    accepted(&mut plain, &xa, &xb);
    assert_eq!(plain.bundle(&xa, &xa.evidence).unwrap().steps.len(), 2);

    // The peer's key is revoked behind its evidence, or before it.
    let mut behind = founded();
    submitted(&mut behind, &xa, &xb);
    accepted(&mut behind, &xa, &xb);
    behind.push(statement(key.clone()), vec![revoked(&xb).0]);
    let proof = behind.bundle(&xa, &xa.evidence).unwrap();
    assert_eq!((proof.steps.len(), proof.peer.count()), (2, 9));
    let mut before = founded();
    submitted(&mut before, &xa, &xb);
    before.push(statement(key), vec![revoked(&xb).0]);
    accepted(&mut before, &xa, &xb);
    let refused = before.bundle(&xa, &xa.evidence).map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("revoked"), "{refused}");

    // The maker's own: what it logged before stays, but only the new key signs the bundle.
    let rotated = || {
        let mut log = founded();
        submitted(&mut log, &xa, &xb);
        log.push(statement(None), vec![revoked(&xa).0]);
        log
    };
    assert_eq!(rotated().bundle(&xa, &revoked(&xa).1).unwrap().steps.len(), 1);
    let refused = rotated().bundle(&xa, &xa.evidence).map(|_| ()).unwrap_err().to_string();
    assert!(refused.contains("revoked"), "{refused}");
    let mut late = founded();
    late.push(statement(None), vec![revoked(&xa).0]);
    submitted(&mut late, &xa, &xb);
    assert!(late.bundle(&xa, &revoked(&xa).1).is_err());
}
