//! Confirmations: each is of evidence that waited for it, and of no other.

use crate::fixture::{Fixture, raw};
use crate::resigned::{changed, replaced};
use crate::story::Story;
use crate::table::{Case, Expect, check};
use rogatory::crypto::sign::{Ed25519Key, Signer as _};
use rogatory::format::chain::Chain;
use rogatory::format::evidence::Evidence;
use rogatory::format::id::AuthorityId;
use rogatory::format::leaf::Leaf;
use rogatory::format::statement::NewKey;
use rogatory::format::wire::{event::Code as Event, leaf::Kind, purpose::Code as Purpose};
use rogatory::ledger::verify::Raw;

/// XA's entries of a kind.
fn of(kind: Kind) -> Vec<usize> {
    let leaves = &Fixture::get().xa.leaves;
    (0..leaves.len()).filter(|index| leaves[*index].kind == kind).collect()
}

/// The first confirmation of a handover.
fn handed_over() -> &'static Leaf {
    let xa = &Fixture::get().xa;
    let mut confirmations = of(Kind::Confirmation).into_iter().map(|index| &xa.leaves[index]);
    confirmations.find(|leaf| leaf.id.is_some()).unwrap()
}

/// A confirmation with the last two objects of another entry: a receipt of something else.
fn with_receipt_of(confirmation: usize, other: usize) -> Raw {
    let xa = &Fixture::get().xa;
    let objects = &xa.entries[other].objects;
    let leaf = Leaf { witnessed: xa.leaves[other].witnessed, ..xa.leaves[confirmation].clone() };
    raw(leaf, objects[objects.len() - 2..].to_vec())
}

#[test]
fn a_confirmation_of_something_else_is_named() {
    let xa = &Fixture::get().xa;
    let (size, found) = (xa.size(), of(Kind::Confirmation));
    assert!(found.len() >= 2, "{}", found.len());
    let mut cases: Vec<Case> = Vec::new();
    let mut instead = |name: String, index: usize, entry: Raw| {
        let mut entries = xa.entries.clone();
        entries[index] = entry;
        cases.push(replaced(name, Expect::Entry(index as u64), entries));
    };
    for index in found.iter().copied() {
        let others = [of(Kind::Confirmation), of(Kind::EvidenceReceived), of(Kind::StatusReceived)].concat();
        // Proved when this one was written; the receipts of later entries are as good.
        for other in others.into_iter().filter(|other| *other != index) {
            let name = format!("{index} with the receipt that {other} has");
            instead(name, index, with_receipt_of(index, other));
        }
        let (leaf, entry) = (&xa.leaves[index], &xa.entries[index]);
        for about in (0..index as u64).filter(|about| leaf.about != Some(*about)).step_by(3) {
            let Leaf { id, case_id, .. } = xa.leaves[about as usize];
            let about_it = changed(entry, |leaf| leaf.about = Some(about));
            instead(format!("{index} about {about}"), index, about_it);
            let wholly = changed(entry, |leaf| {
                (leaf.about, leaf.id, leaf.case_id) = (Some(about), id, case_id);
            });
            instead(format!("{index} about {about}, with its ids"), index, wholly);
        }
        // Of a statement: neither.
        let (id, case_id) = match leaf.id {
            Some(_) => (None, None),
            None => (handed_over().id, handed_over().case_id),
        };
        instead(format!("{index} with id {id:?}"), index, changed(entry, |leaf| leaf.id = id));
        instead(format!("{index} of case {case_id:?}"), index, changed(entry, |leaf| leaf.case_id = case_id));
    }
    for index in found {
        let again = changed(&xa.entries[index], |leaf| leaf.at = xa.sound.at);
        let entries = [xa.entries.as_slice(), &[again]].concat();
        cases.push(replaced(format!("{index} again"), Expect::Entry(size), entries));

        // Before what it confirms was said.
        let about = xa.leaves[index].about.unwrap();
        let mut entries = xa.entries.clone();
        let early = changed(&entries.remove(index), |leaf| leaf.at = xa.leaves[about as usize].at);
        entries.insert(about as usize, early);
        cases.push(replaced(format!("{index} before {about}"), Expect::Entry(about), entries));
    }
    check(&xa.export, &xa.identity, cases, 40);
}

/// XB's keys made the receipts: only what they say can be wrong with them.
#[test]
fn a_confirmation_is_of_what_the_peer_logged_as_received_from_us() {
    let xa = &Fixture::get().xa;
    let size = xa.size();
    let handover = handed_over().about.unwrap() as usize;
    let old = Evidence::danger_unverified(&xa.entries[handover].objects[0]).unwrap();
    type Change = fn(&mut Leaf);
    let rows: [(&str, Change, Expect); 4] = [
        ("it was received", |_| {}, Expect::Sound),
        ("it was issued there", |leaf| leaf.kind = Kind::EvidenceIssued, Expect::Entry(size + 1)),
        ("a confirmation there", |leaf| leaf.kind = Kind::Confirmation, Expect::Entry(size + 1)),
        (
            "it was received from another",
            |leaf| leaf.peer = Some(AuthorityId::parse("XC").unwrap()),
            Expect::Entry(size + 1),
        ),
    ];
    let mut cases = Vec::new();
    for (name, change, expect) in rows {
        let mut story = Story::begin();
        // The same packet, handed over once more: this waits for a confirmation.
        let evidence =
            Evidence { at: story.at, ..old.clone() }.sign(&xa.identity.evidence()).unwrap().envelope;
        let about = story.push(xa.leaves[handover].clone(), vec![evidence.clone()]);
        let Leaf { peer, id, case_id, .. } = xa.leaves[handover].clone();
        let code = Event::ContentHandover as u32;
        let mut theirs = Leaf { id, case_id, code, ..Leaf::new(Kind::EvidenceReceived) };
        change(&mut theirs);
        let receipt = story.receipt(theirs, vec![evidence]);
        let leaf = Leaf { peer, id, case_id, about: Some(about), ..Leaf::new(Kind::Confirmation) };
        story.push(leaf, receipt.to_vec());
        cases.push(replaced(name.into(), expect, story.entries));
    }
    check(&xa.export, &xa.identity, cases, 4);
}

/// As with handovers, and of a statement each peer has one word.
#[test]
fn a_statement_is_confirmed_by_the_peers_entry_of_it() {
    let xa = &Fixture::get().xa;
    let size = xa.size();
    type Change = fn(&mut Leaf);
    let rows: [(&str, Change, Expect); 4] = [
        ("it was logged", |_| {}, Expect::Sound),
        ("as something else", |leaf| leaf.kind = Kind::EvidenceReceived, Expect::Entry(size + 1)),
        ("as a notice", |leaf| leaf.kind = Kind::PairingNotice, Expect::Entry(size + 1)),
        ("as another's", |leaf| leaf.peer = Some(AuthorityId::parse("XC").unwrap()), Expect::Entry(size + 1)),
    ];
    let peer = handed_over().peer.clone();
    let mut cases = Vec::new();
    for (name, change, expect) in rows {
        let (mut story, mut chain) = (Story::begin(), Chain::clone(&xa.identity.chain()));
        let (delegate, by) = xa.identity.delegate().unwrap();
        let key = Ed25519Key::from_seed(&[7; 32]).unwrap();
        let new = NewKey {
            purpose: Purpose::Packet,
            public_key: key.public_key().to_vec(),
            valid: (story.at, delegate.not_after),
            may_state: Vec::new(),
            revokes: Vec::new(),
            signer: Some(&key),
        };
        let statement = chain.state(new, &by, story.at).unwrap();
        let about = story.push(Leaf::new(Kind::KeyStatement), vec![statement.clone()]);
        let mut theirs = Leaf::new(Kind::KeyStatement);
        change(&mut theirs);
        let receipt = story.receipt(theirs, vec![statement]);
        let leaf = Leaf { peer: peer.clone(), about: Some(about), ..Leaf::new(Kind::Confirmation) };
        story.push(leaf.clone(), receipt.to_vec());
        if let Expect::Sound = expect {
            let mut twice = story.entries.clone();
            twice.extend(twice.last().cloned());
            cases.push(replaced("twice".into(), Expect::Entry(size + 2), twice));
        }
        cases.push(replaced(name.into(), expect, story.entries));
    }
    check(&xa.export, &xa.identity, cases, 5);
}
