//! Ledgers changed by whoever has the log key of XA, and some with the keys of XB: every
//! hash and checkpoint is right again.

use crate::fixture::{Fixture, Side, raw};
use crate::table::{Case, Expect, check};
use rogatory::archive::export::{Beside, Export};
use rogatory::crypto::hash::Digest;
use rogatory::format::evidence::{Evidence, Subject, object_digest};
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::{AckEntry, Statistics, TurnedAway, cause, event, leaf::Kind};
use rogatory::ledger::acknowledgement::to_bytes;
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::ledger::tree;
use rogatory::ledger::verify::Raw;
use rogatory::store::CheckpointSigner as _;
use std::collections::BTreeMap;
use std::path::Path;

/// The nodes of the tree over these leaves.
pub fn nodes<'a>(leaves: impl Iterator<Item = &'a [u8]>) -> Vec<Digest> {
    let mut nodes: Vec<Digest> = Vec::new();
    for (index, leaf) in (0..).zip(leaves) {
        let new = tree::nodes_of(index, leaf, &nodes).unwrap();
        nodes.extend(new);
    }
    nodes
}

/// A checkpoint of XA's log over these entries, signed with its key.
pub fn signed(entries: &[Raw]) -> Checkpoint {
    let nodes = nodes(entries.iter().map(|raw| raw.leaf.as_slice()));
    let size = entries.len() as u64;
    Fixture::get().xa.identity.sign(size, tree::root(size, &nodes).unwrap()).unwrap()
}

/// Exports these entries as XA's ledger.
pub fn export(entries: &[Raw], folder: &Path) {
    let xa = &Fixture::get().xa;
    let mut export = Export::open(folder, &xa.identity.chain()).unwrap();
    let mut cosigned = BTreeMap::new();
    for raw in entries {
        export.push(&raw.leaf, &raw.objects).unwrap();
        if let Ok(Leaf { kind: Kind::CosignatureReceived, peer: Some(peer), .. }) = Leaf::decode(&raw.leaf)
            && let Some(note) = raw.objects.first()
        {
            cosigned.insert(peer, note.clone());
        }
    }
    let (checkpoint, peers) = (signed(entries), xa.sound.peers.clone());
    let beside = Beside {
        checkpoint: &checkpoint,
        chain: &xa.sound.chain,
        peers,
        witnesses: Default::default(),
        cosigned,
    };
    export.finish(&beside).unwrap();
}

/// A case in which these entries take the place of XA's.
pub fn replaced(name: String, expect: Expect, entries: Vec<Raw>) -> Case {
    Case::new(name, expect, move |place| {
        std::fs::remove_dir_all(place.data()).unwrap();
        export(&entries, &place.data());
    })
}

/// An entry with its leaf changed.
pub fn changed(entry: &Raw, change: impl FnOnce(&mut Leaf)) -> Raw {
    let mut leaf = Leaf::decode(&entry.leaf).unwrap();
    change(&mut leaf);
    Raw { leaf: leaf.encode(), objects: entry.objects.clone() }
}

/// An entry that is sound wherever it stands.
fn nothing(at: u64) -> Raw {
    let turned_away = Some(TurnedAway { unproved: 1, ..TurnedAway::default() });
    raw(Leaf { at, turned_away, ..Leaf::new(Kind::Strangers) }, Vec::new())
}

/// The entries without the cosignatures of trees with more than `size` entries: a thief who
/// left them in would be found by them.
fn hidden(entries: Vec<Raw>, size: u64) -> Vec<Raw> {
    let beyond = |raw: &Raw| {
        let leaf = Leaf::decode(&raw.leaf).unwrap();
        leaf.kind == Kind::CosignatureReceived
            && Checkpoint::danger_unverified(&raw.objects[0]).unwrap().size > size
    };
    entries.into_iter().filter(|raw| !beyond(raw)).collect()
}

#[test]
fn a_rewritten_ledger_contradicts_itself_or_its_witness() {
    let Fixture { xa, xb, .. } = Fixture::get();
    let size = xa.entries.len();
    let mut cases = Vec::new();
    // (name, entries, the first that is another)
    let mut add = |name: String, entries: Vec<Raw>, first: usize| {
        let first = first as u64;
        if hidden(entries.clone(), first).len() < entries.len() {
            // The ledger holds the peer's cosignature of the tree that was.
            let name = format!("{name}, cosignatures left in");
            cases.push(replaced(name, Expect::Within(first..=entries.len() as u64), entries.clone()));
        }
        let unwitnessed = xb.first_witness_beyond(first).is_none();
        let name = if unwitnessed { format!("{name}, where no peer saw it") } else { name };
        cases.push(replaced(name, Expect::Fork(first), hidden(entries, first)));
    };
    for index in (8..size).step_by(2) {
        let mut entries = xa.entries.clone();
        entries.remove(index);
        add(format!("{index} dropped"), entries, index);

        let mut entries = xa.entries.clone();
        entries.insert(index, entries[index].clone());
        add(format!("{index} twice"), entries, index + 1);

        if index + 1 < size {
            let mut entries = xa.entries.clone();
            entries.swap(index, index + 1);
            add(format!("{index} and the next swapped"), entries, index);
        }

        let mut entries = xa.entries.clone();
        entries[index] = changed(&entries[index], |leaf| match index % 2 {
            0 => leaf.actor = Some([9; 8]),
            _ => leaf.statistics = Some(Statistics { kind: 3, ..Statistics::default() }),
        });
        add(format!("what nobody signed in {index}"), entries, index);

        let mut entries = xa.entries.clone();
        let at = xa.leaves[index].at;
        entries.insert(index, raw(Leaf { at, actor: Some([1; 8]), ..Leaf::new(Kind::Alarm) }, Vec::new()));
        add(format!("an alarm before {index}"), entries, index);
    }
    for keep in (10..size).step_by(5) {
        // Nothing in it is wrong. Gone on with, it is newer than what XB saw of the rest.
        let rolled_back = xa.entries[..keep].to_vec();
        let gone_on = [&rolled_back[..], &[nothing(xa.sound.at + 1)]].concat();
        add(format!("rolled back to {keep}, and gone on"), gone_on, keep);
    }
    for keep in (10..size).step_by(5) {
        let (name, rolled_back) = (format!("rolled back to {keep}"), xa.entries[..keep].to_vec());
        cases.push(replaced(name, Expect::Older(keep as u64), rolled_back));
    }
    // The last entry is another than XB saw, though nobody says that there is no more.
    for (index, at) in xb.sound.facts.witnessed.iter().filter_map(|seen| seen.leaf).step_by(3) {
        let entries = [&xa.entries[..index as usize], &[nothing(at)]].concat();
        cases.push(replaced(format!("rolled back to {index}, and another"), Expect::Fork(index), entries));
    }
    check(&xa.export, &xa.identity, cases, 150);
}

/// What verification finds exactly, though all is signed again.
#[test]
fn an_entry_that_its_evidence_contradicts_is_named() {
    let Fixture { xa, .. } = Fixture::get();
    let mut cases = Vec::new();
    for (index, leaf) in xa.leaves.iter().enumerate() {
        type Change = fn(&mut Leaf);
        let changes: &[(&str, Change)] = match leaf.kind {
            Kind::EvidenceIssued => &[
                ("time", |leaf| leaf.at += 1),
                ("event", |leaf| leaf.code ^= 1),
                ("cause", |leaf| leaf.cause += 1),
                ("case", |leaf| leaf.case_id = None),
                ("peer", |leaf| leaf.peer = None),
            ],
            Kind::EvidenceReceived | Kind::StatusReceived => &[
                ("packet", |leaf| leaf.id = None),
                ("event", |leaf| leaf.code ^= 1),
                ("tree", |leaf| leaf.witnessed = leaf.witnessed.map(|(size, root)| (size + 1, root))),
                ("evidence", |leaf| leaf.objects[0][0] ^= 1),
            ],
            Kind::StatusIssued => &[("status", |leaf| leaf.code += 1), ("case", |leaf| leaf.case_id = None)],
            Kind::Cosigned | Kind::CosignatureReceived => {
                &[("peer", |leaf| leaf.peer = None), ("kind", |leaf| leaf.kind = Kind::Confirmation)]
            }
            Kind::Confirmation => &[("what it confirms", |leaf| leaf.about = None)],
            _ => continue,
        };
        for (what, change) in changes {
            let mut entries = xa.entries.clone();
            let entry = changed(&entries[index], change);
            if entry.leaf == entries[index].leaf {
                continue;
            }
            entries[index] = entry;
            // An object that is not the one named is not even exported under that name.
            let expect = Expect::Entry(index as u64);
            if *what == "evidence" {
                entries[index].objects[0].push(0);
                entries[index] =
                    raw(Leaf::decode(&entries[index].leaf).unwrap(), entries[index].objects.clone());
            }
            cases.push(replaced(format!("{what} of {index}"), expect, entries));
        }
    }
    cases.truncate(120);
    check(&xa.export, &xa.identity, cases, 60);
}

/// Evidence that XB's real key signs for an entry of XA, and the log of XB that would hold it.
struct Forged {
    leaf: Leaf,
    evidence: Vec<u8>,
}

impl Forged {
    /// Another statement about the packet that an entry is about.
    fn about(entry: &Raw, event: event::Code, cause: cause::Code, at: u64) -> Self {
        let xb = &Fixture::get().xb;
        let leaf = Leaf::decode(&entry.leaf).unwrap();
        let old = Evidence::danger_unverified(&entry.objects[0]).unwrap();
        let evidence = Evidence { event, cause, at, ..old }.sign(&xb.identity.evidence()).unwrap().envelope;
        Self { leaf: Leaf { code: event as u32, cause: cause as u32, ..leaf }, evidence }
    }

    /// XA's entry about it, with a receipt from a log of XB that is not the real one.
    fn received(&self, at: u64) -> Raw {
        let xb = &Fixture::get().xb;
        let theirs = raw(Leaf { at, ..Leaf::new(Kind::EvidenceIssued) }, vec![self.evidence.clone()]);
        let leaves = xb.entries.iter().map(|raw| raw.leaf.as_slice()).chain([theirs.leaf.as_slice()]);
        let nodes = nodes(leaves);
        let (index, size) = (xb.size(), xb.size() + 1);
        let root = tree::root(size, &nodes).unwrap();
        let inclusion = to_bytes(&tree::inclusion(index, size, &nodes).unwrap());
        self.with(at, AckEntry { leaf: theirs.leaf, index, inclusion, objects: Vec::new() }, (size, root))
    }

    /// XA's entry about it with this receipt, under a checkpoint that XB's key signs.
    pub fn with(&self, at: u64, receipt: AckEntry, tree: (u64, Digest)) -> Raw {
        let note = Fixture::get().xb.identity.sign(tree.0, tree.1).unwrap().note;
        let leaf = Leaf { at, witnessed: Some(tree), ..self.leaf.clone() };
        raw(leaf, vec![self.evidence.clone(), prost::Message::encode_to_vec(&receipt), note])
    }
}

/// Entries of XA that hold evidence of XB about a packet.
fn received(xa: &Side) -> Vec<usize> {
    let about_packet = |raw: &Raw| {
        let evidence = Evidence::danger_unverified(&raw.objects[0]).unwrap();
        matches!(evidence.subject, Subject::Known(named) if !named.is_status)
    };
    let is = |(index, leaf): (usize, &Leaf)| {
        (leaf.kind == Kind::EvidenceReceived && about_packet(&xa.entries[index])).then_some(index)
    };
    xa.leaves.iter().enumerate().filter_map(is).collect()
}

#[test]
fn forged_evidence_is_named_though_the_peers_keys_signed_it() {
    let Fixture { xa, .. } = Fixture::get();
    let (size, at) = (xa.size(), xa.sound.at);
    let found = received(xa);
    assert!(found.len() >= 4, "{}", found.len());
    let mut cases = Vec::new();
    let mut add = |name: String, expect: Expect, entry: Raw| {
        let entries = [xa.entries.as_slice(), &[entry]].concat();
        cases.push(replaced(name, expect, entries));
    };
    for (place, index) in found.iter().copied().enumerate() {
        let entry = &xa.entries[index];
        let leaf = &xa.leaves[index];
        let handover =
            Forged::about(entry, event::Code::ContentHandover, cause::Code::None, at + index as u64);
        let objects = [std::slice::from_ref(&handover.evidence), &entry.objects[1..]].concat();
        add(
            format!("forged evidence with the receipt that {index} has"),
            Expect::Entry(size),
            raw(Leaf { at, ..handover.leaf.clone() }, objects),
        );
        // Only XB's own ledger can tell: XB's keys made all of it. A tree that goes on from XB's is one of
        // which XB's ledger may be an older copy: what is missing of it is said.
        let consigned = leaf.code == event::Code::ContentConsignment as u32;
        if consigned {
            add(
                format!("forged evidence in a forged log, about what {index} is about"),
                Expect::Behind(size),
                handover.received(at),
            );
            let refusal = Forged::about(entry, event::Code::RelayRejection, cause::Code::Expired, at);
            let accepted = found.iter().any(|other| {
                xa.leaves[*other].id == leaf.id
                    && xa.leaves[*other].code == event::Code::RelayAcceptance as u32
            });
            if accepted {
                add(
                    format!("a rejection after the acceptance of what {index} is about"),
                    Expect::Entry(size),
                    refusal.received(at),
                );
            }
        }
        let other = &xa.leaves[found[(place + 1) % found.len()]];
        if other.id != leaf.id {
            let mut elsewhere = Forged::about(entry, event::Code::ContentHandover, cause::Code::None, at);
            (elsewhere.leaf.id, elsewhere.leaf.case_id) = (other.id, other.case_id);
            add(
                format!("evidence of {index} in an entry about another packet"),
                Expect::Entry(size),
                elsewhere.received(at),
            );
        }
        // The right evidence of the right peer, in the wrong hands: signed by XA.
        let own = Evidence::danger_unverified(&entry.objects[0]).unwrap();
        let own = own.sign(&xa.identity.evidence()).unwrap().envelope;
        let forged = Forged { leaf: leaf.clone(), evidence: own };
        add(format!("evidence of {index} signed by XA itself"), Expect::Entry(size), forged.received(at));
        // Receipts of trees beyond all measure.
        for (tree_size, place, hashes) in [
            (u64::MAX, u64::MAX - 1, 64),
            (u64::MAX, 0, 64),
            (1 << 63, (1 << 63) - 1, 63),
            (1, 0, 0),
            (5, 9, 3),
            (1 << 40, 7, 1000),
        ] {
            let receipt = AckEntry {
                leaf: entry.leaf.clone(),
                index: place,
                inclusion: vec![vec![3; 32]; hashes],
                objects: Vec::new(),
            };
            add(
                format!("a receipt at {place} of {tree_size} with {hashes} hashes, after {index}"),
                Expect::Entry(size),
                handover.with(at, receipt, (tree_size, [5; 32])),
            );
        }
        if consigned {
            // A tree that nobody can have, with a proof that holds.
            let theirs = raw(Leaf { at, ..Leaf::new(Kind::EvidenceIssued) }, vec![handover.evidence.clone()]);
            let inclusion = vec![[3; 32]; 63];
            let root = inclusion
                .iter()
                .fold(tree::leaf_hash(&theirs.leaf), |below, beside| tree::node_hash(&below, beside));
            let receipt = AckEntry {
                leaf: theirs.leaf,
                index: 0,
                inclusion: to_bytes(&inclusion),
                objects: Vec::new(),
            };
            add(
                format!("a receipt that holds in a tree of 2^63 entries, after {index}"),
                Expect::Invented(size),
                handover.with(at, receipt, (1 << 63, root)),
            );
        }
    }
    check(&xa.export, &xa.identity, cases, 40);
}

#[test]
fn statuses_out_of_order_or_with_evidence_about_others_are_named() {
    let Fixture { xa, .. } = Fixture::get();
    let (size, at) = (xa.size(), xa.sound.at);
    let of = |kind: Kind| -> Vec<usize> {
        (0..xa.leaves.len()).filter(|index| xa.leaves[*index].kind == kind).collect()
    };
    let (received, issued) = (of(Kind::StatusReceived), of(Kind::StatusIssued));
    assert!(received.len() >= 4 && issued.len() >= 2);
    let mut cases = Vec::new();
    for index in received.iter().chain(&issued).copied() {
        let again = changed(&xa.entries[index], |leaf| leaf.at = at);
        let entries = [xa.entries.as_slice(), &[again]].concat();
        cases.push(replaced(format!("status {index} again"), Expect::Entry(size), entries));
    }
    for pair in received.windows(2) {
        // The second of a case without the first.
        if xa.leaves[pair[0]].case_id == xa.leaves[pair[1]].case_id {
            let mut entries = xa.entries.clone();
            entries.remove(pair[0]);
            // The one after it is now earlier by one.
            let expect = Expect::Within(pair[0] as u64..=pair[1] as u64 - 1);
            cases.push(replaced(format!("status {} without {}", pair[1], pair[0]), expect, entries));
        }
        let mut entries = xa.entries.clone();
        let mut objects = entries[pair[1]].objects.clone();
        objects[0] = entries[pair[0]].objects[0].clone();
        entries[pair[1]] = raw(xa.leaves[pair[1]].clone(), objects);
        let name = format!("status {} with the evidence about {}", pair[1], pair[0]);
        cases.push(replaced(name, Expect::Entry(pair[1] as u64), entries));
    }
    check(&xa.export, &xa.identity, cases, 10);
}

/// A leaf's object digest as the table's helpers make it is the one that readers check.
#[test]
fn helpers_name_objects_as_readers_do() {
    let entry = &Fixture::get().xa.entries[0];
    assert_eq!(raw(Leaf::decode(&entry.leaf).unwrap(), entry.objects.clone()).leaf, entry.leaf);
    assert_eq!(Leaf::decode(&entry.leaf).unwrap().objects[0], object_digest(&entry.objects[0]));
}
