//! Who wrote a draft and who approved it: two people, and only where something was submitted.

use crate::fixture::Fixture;
use crate::resigned::{changed, replaced};
use crate::table::{Expect, check};
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::{event::Code as Event, leaf::Kind};

#[test]
fn whoever_approves_is_another_than_wrote_it() {
    let xa = &Fixture::get().xa;
    let submission =
        |leaf: &Leaf| leaf.kind == Kind::EvidenceIssued && leaf.code == Event::SubmissionAcceptance as u32;
    let submitted = xa.leaves.iter().position(submission).unwrap();
    let other = |kind| xa.leaves.iter().position(|leaf: &Leaf| leaf.kind == kind).unwrap();
    type Change = fn(&mut Leaf);
    let rows: [(&str, usize, Change, bool); 6] = [
        ("somebody else wrote it", submitted, |leaf| leaf.drafter = Some(*b"somebody"), true),
        ("nobody else wrote it", submitted, |_| (), true),
        ("one person did both", submitted, |leaf| leaf.drafter = leaf.actor, false),
        (
            "nobody approved it",
            submitted,
            |leaf| (leaf.drafter, leaf.actor) = (Some(*b"somebody"), None),
            false,
        ),
        ("a draft of a status", other(Kind::StatusIssued), |leaf| leaf.drafter = Some(*b"somebody"), false),
        ("a draft of an opening", other(Kind::Opening), |leaf| leaf.drafter = Some(*b"somebody"), false),
    ];
    let mut cases = Vec::new();
    for (name, index, change, sound) in rows {
        // Nothing comes after it, so that nothing else is wrong.
        let mut entries = xa.entries[..=index].to_vec();
        entries[index] = changed(&entries[index], change);
        let expect = if sound { Expect::Sound } else { Expect::Entry(index as u64) };
        cases.push(replaced(name.into(), expect, entries));
    }
    check(&xa.export, &xa.identity, cases, 6);
}
