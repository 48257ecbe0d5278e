//! The ledger: leaves, tree, proofs, checkpoints, acknowledgements.

use crate::authority::{NOW, case_id, fixed, hexed, packet_id};
use crate::signing::{header, named};
use prost::Message as _;
use rogatory::crypto::hash::{Digest, sha256};
use rogatory::format::evidence::{Evidence, Subject};
use rogatory::format::id::AuthorityId;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::{Statistics, cause::Code as Cause, event::Code as Event, leaf::Kind};
use rogatory::ledger::acknowledgement::{prove, verify};
use rogatory::ledger::checkpoint::{Checkpoint, verifier_key, witness_name};
use rogatory::ledger::entry::Entry;
use rogatory::ledger::tree;
use serde_json::{Value, json};

fn hashes(proof: &[Digest]) -> Vec<Value> {
    proof.iter().map(hexed).collect()
}

/// A leaf of each kind.
pub fn leaves() -> Value {
    let peer = Some(AuthorityId::parse("XB").unwrap());
    let (object, note) = (sha256(b"object"), sha256(b"note"));
    let about = |kind| Leaf {
        at: NOW,
        peer: peer.clone(),
        id: Some(packet_id(1)),
        case_id: Some(case_id()),
        ..Leaf::new(kind)
    };
    let statistics = Statistics {
        kind: 1,
        instrument: 2,
        offence: 3,
        assistance: 4,
        ground: 5,
        amount: 1_100_000,
        currency: "CHF".into(),
    };
    let witnessed = Some((9, [0x44; 32]));
    let acceptance = Event::SubmissionAcceptance as u32;
    let rows = [
        Leaf { at: NOW, objects: vec![object], ..Leaf::new(Kind::KeyStatement) },
        Leaf { at: NOW, peer: peer.clone(), objects: vec![object], ..Leaf::new(Kind::Pairing) },
        Leaf {
            actor: Some(*b"officer1"),
            objects: vec![object, note],
            statistics: Some(statistics),
            code: acceptance,
            ..about(Kind::EvidenceIssued)
        },
        Leaf {
            objects: vec![object, note],
            witnessed,
            about: Some(4),
            code: Event::RelayRejection as u32,
            cause: Cause::Expired as u32,
            ..about(Kind::EvidenceReceived)
        },
        Leaf { actor: Some(*b"officer2"), objects: vec![object], code: 1, ..about(Kind::StatusIssued) },
        Leaf { objects: vec![object, object, note], witnessed, code: 10, ..about(Kind::StatusReceived) },
        Leaf { objects: vec![object, note], witnessed, about: Some(0), ..about(Kind::Confirmation) },
        Leaf { actor: Some(*b"officer1"), object: 3, about: Some(7), ..about(Kind::Opening) },
        Leaf { at: NOW, peer: peer.clone(), objects: vec![note], ..Leaf::new(Kind::Cosigned) },
        Leaf { at: NOW, peer: peer.clone(), objects: vec![note], ..Leaf::new(Kind::CosignatureReceived) },
        Leaf { objects: vec![object, note], ..about(Kind::Alarm) },
        Leaf { actor: Some(*b"officer1"), about: Some(7), purpose: 2, ..about(Kind::Opening) },
        Leaf { actor: Some(*b"operator"), about: Some(7), code: 2, ..about(Kind::Erased) },
        Leaf { actor: Some(*b"operator"), about: Some(7), ..about(Kind::Held) },
        Leaf { actor: Some(*b"operator"), id: None, ..about(Kind::Released) },
        Leaf {
            at: NOW,
            actor: Some(*b"operator"),
            peer: peer.clone(),
            objects: vec![object],
            code: 1,
            ..Leaf::new(Kind::PairingNotice)
        },
        Leaf { objects: vec![object], about: Some(7), ..about(Kind::Resigned) },
    ];
    let vectors: Vec<Value> = rows
        .into_iter()
        .map(|leaf| {
            let bytes = leaf.encode();
            assert_eq!(Leaf::decode(&bytes).unwrap(), leaf);
            json!({ "kind": leaf.kind as i32, "leaf": hexed(&bytes), "leaf_hash": hexed(tree::leaf_hash(&bytes)) })
        })
        .collect();
    json!({ "leaves": vectors })
}

/// Leaf i of the trees here is the text "leaf i".
fn plain_tree(size: u64) -> Vec<Digest> {
    let mut nodes = Vec::new();
    for index in 0..size {
        let leaf = format!("leaf {index}");
        let new = tree::nodes_of(index, leaf.as_bytes(), &nodes).unwrap();
        nodes.extend(new);
    }
    nodes
}

/// Roots, inclusion and consistency proofs.
pub fn proofs() -> Value {
    let sizes = [1_u64, 2, 3, 5, 7, 8, 13];
    let nodes = plain_tree(13);
    let roots: Vec<Value> = (0..=13)
        .map(|size| json!({ "size": size, "root": hexed(tree::root(size, &nodes).unwrap()) }))
        .collect();
    let mut inclusion = Vec::new();
    let mut consistency = Vec::new();
    for to in sizes {
        let root = tree::root(to, &nodes).unwrap();
        for index in [0, to / 2, to - 1] {
            let proof = tree::inclusion(index, to, &nodes).unwrap();
            tree::verify_inclusion(format!("leaf {index}").as_bytes(), index, to, &root, &proof).unwrap();
            inclusion.push(json!({ "index": index, "size": to, "proof": hashes(&proof) }));
        }
        for from in sizes.into_iter().filter(|from| *from <= to) {
            let proof = tree::consistency(from, to, &nodes).unwrap();
            tree::verify_consistency((from, tree::root(from, &nodes).unwrap()), (to, root), &proof).unwrap();
            consistency.push(json!({ "from": from, "to": to, "proof": hashes(&proof) }));
        }
    }
    json!({ "comment": "Leaf i is the text \"leaf i\".", "roots": roots, "inclusion": inclusion, "consistency": consistency })
}

/// A signed checkpoint, and the same cosigned by a peer.
pub fn checkpoint() -> Value {
    let (xa, xb) = (fixed("XA"), fixed("XB"));
    let root = tree::root(13, &plain_tree(13)).unwrap();
    let checkpoint = Checkpoint::sign(&xa.chain.log_origin(), 13, root, &xa.checkpoint).unwrap();
    let witness = witness_name(&xb.chain);
    let cosigned = checkpoint.cosigned(&witness, &xb.cosign, NOW).unwrap();
    let read = Checkpoint::open(&cosigned, &xa.chain).unwrap();
    assert_eq!((read.size, read.root), (13, root));
    assert_eq!(read.cosignature_of(&xb.chain).unwrap(), Some(NOW));
    json!({
        "origin": checkpoint.origin, "size": 13, "root": hexed(root),
        "verifier_key": verifier_key(&xa.chain, &xa.checkpoint.id),
        "note": String::from_utf8(checkpoint.note).unwrap(),
        "witness": witness, "cosigned_at": NOW,
        "witness_verifier_key": verifier_key(&xb.chain, &xb.cosign.id),
        "cosigned_note": String::from_utf8(cosigned).unwrap(),
    })
}

/// XB's acknowledgement of XA's packet: two entries, in a tree of seven.
pub fn acknowledgement() -> Value {
    let (xa, xb) = (fixed("XA"), fixed("XB"));
    let signed = header(&xa, &xb);
    let (mut nodes, mut entries) = (plain_tree(4), Vec::new());
    for (event, more) in
        [(Event::RelayAcceptance, vec![signed.envelope.clone()]), (Event::ContentConsignment, vec![])]
    {
        let evidence = Evidence {
            event,
            issuer: xb.chain.authority().clone(),
            subject: Subject::Known(named(&signed)),
            at: NOW + 9,
            cause: Cause::None,
            findings: vec![],
        };
        let objects = [vec![evidence.sign(&xb.evidence).unwrap().envelope], more].concat();
        let leaf = Leaf {
            at: NOW + 9,
            peer: Some(xa.chain.authority().clone()),
            id: Some(signed.header.id),
            case_id: Some(signed.header.case_id),
            code: event as u32,
            objects: objects.iter().map(|object| sha256(object)).collect(),
            ..Leaf::new(Kind::EvidenceIssued)
        };
        let index = 4 + entries.len() as u64;
        let new = tree::nodes_of(index, &leaf.encode(), &nodes).unwrap();
        nodes.extend(new);
        entries.push(Entry::open(index, leaf.encode(), objects).unwrap());
    }
    let new = tree::nodes_of(6, b"leaf 6", &nodes).unwrap();
    nodes.extend(new);
    let (root, known) = (tree::root(7, &nodes).unwrap(), (3, tree::root(3, &nodes).unwrap()));
    let checkpoint = Checkpoint::sign(&xb.chain.log_origin(), 7, root, &xb.checkpoint).unwrap();
    let ack = prove(entries, &checkpoint, known.0, &nodes).unwrap();
    let bytes = ack.encode_to_vec();
    assert!(verify(ack, checkpoint, known).unwrap().linked);
    json!({
        "comment": "Leaves 0 to 3 and 6 are the texts \"leaf 0\" …; 4 and 5 are the evidence.",
        "issuer": "XB", "about": "XA", "packet_digest": hexed(signed.digest),
        "known_size": known.0, "known_root": hexed(known.1), "acknowledgement": hexed(bytes),
    })
}
