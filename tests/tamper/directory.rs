//! Data directories: the journal and the kept checkpoint.

use crate::fixture::{Fixture, Side};
use crate::place::{Place, cut, flip, forge};
use crate::table::{Case, Expect, check};
use rogatory::ledger::tree;
use rogatory::store::CheckpointSigner as _;
use rogatory::store::checkpoint_file::CheckpointFile;
use rogatory::store::journal::{Group, Journal, Next, Record, Scan};

/// A group of the journal, as the table needs it.
#[derive(Clone, Copy)]
struct Span {
    /// Where its frame begins and where the next one does.
    bytes: (u64, u64),
    /// Its entries: from, until before.
    entries: (u64, u64),
}

fn groups(folder: &std::path::Path) -> Vec<Group> {
    let mut scan = Scan::begin(folder).unwrap();
    std::iter::from_fn(|| match scan.next_group().unwrap() {
        Next::Group(group) => Some(*group),
        _ => None,
    })
    .collect()
}

fn spans(side: &Side) -> Vec<Span> {
    let (mut at, mut entry) = (32, 0);
    let spans: Vec<Span> = groups(&side.data.join("journal"))
        .iter()
        .map(|group| {
            let span = Span { bytes: (at, group.next.1), entries: (entry, group.end.size) };
            (at, entry) = (group.next.1, group.end.size);
            span
        })
        .collect();
    assert!(spans.len() > 25 && entry == side.size(), "{} groups", spans.len());
    spans
}

/// Writes the journal anew with its groups changed: numbers and checksums are right.
fn regrouped(place: &Place, change: impl FnOnce(&mut Vec<Group>)) {
    let folder = place.data().join("journal");
    let mut found = groups(&folder);
    change(&mut found);
    std::fs::remove_dir_all(&folder).unwrap();
    let mut journal = Journal::create(&folder).unwrap();
    for group in found {
        journal.append(group.records.into_iter().map(|(record, _)| record).collect(), group.end).unwrap();
    }
}

#[test]
fn a_damaged_journal_names_the_first_entry_that_is_gone() {
    let Fixture { xa, .. } = Fixture::get();
    let spans = spans(xa);
    let mut cases = vec![Case::new("the heading", Expect::Entry(0), |place| flip(&place.journal(), 3))];
    for (number, span) in spans.iter().copied().enumerate() {
        let ((start, end), (first, _)) = (span.bytes, span.entries);
        // Length, checksum, number, first byte of the body, and somewhere in it.
        let places = [0, 5, 15, 16, 17 + (number as u64 * 61) % (end - start - 17)];
        for at in [places[number % 4], places[4]] {
            let name = format!("byte {at} of group {number}");
            cases
                .push(Case::new(name, Expect::Entry(first), move |place| flip(&place.journal(), start + at)));
        }
        if number % 4 == 1 {
            for to in [start, start + 7, end - 1] {
                let name = format!("cut {} bytes into group {number}", to - start);
                cases.push(Case::new(name, Expect::Entry(first), move |place| cut(&place.journal(), to)));
            }
        }
    }
    for number in (0..spans.len() - 1).step_by(6) {
        let (span, next) = (spans[number], spans[number + 1]);
        let first = Expect::Entry(span.entries.0);
        type Change<'a> = &'a dyn Fn(&[u8], &[u8]) -> Vec<u8>;
        let bytes = move |place: &Place, change: Change<'_>| {
            let journal = std::fs::read(place.journal()).unwrap();
            let at = |end: u64| end as usize;
            let one = &journal[at(span.bytes.0)..at(span.bytes.1)];
            let two = &journal[at(next.bytes.0)..at(next.bytes.1)];
            let (head, tail) = (&journal[..at(span.bytes.0)], &journal[at(next.bytes.1)..]);
            std::fs::write(place.journal(), [head, &change(one, two), tail].concat()).unwrap();
        };
        cases.push(Case::new(format!("group {number} cut out"), first.clone(), move |place| {
            bytes(place, &|_, two| two.to_vec());
        }));
        cases.push(Case::new(format!("group {number} and the next swapped"), first.clone(), move |place| {
            bytes(place, &|one, two| [two, one].concat());
        }));
        let after = Expect::Entry(span.entries.1);
        cases.push(Case::new(format!("group {number} twice"), after.clone(), move |place| {
            bytes(place, &|one, two| [one, one, two].concat());
        }));
        // Once more, by somebody who makes numbers and checksums right.
        let empty = |span: Span| span.entries.0 == span.entries.1;
        if !empty(span) && !empty(next) {
            cases.push(Case::new(format!("group {number} left out"), first.clone(), move |place| {
                regrouped(place, |groups| drop(groups.remove(number)));
            }));
            cases.push(Case::new(format!("group {number} behind the next"), first, move |place| {
                regrouped(place, |groups| groups.swap(number, number + 1));
            }));
            cases.push(Case::new(format!("group {number} repeated"), after, move |place| {
                regrouped(place, |groups| groups.insert(number, groups[number].clone()));
            }));
        }
    }
    check(&xa.data, &xa.identity, cases, 80);
}

#[test]
fn forged_entries_with_right_checksums_are_named() {
    let Fixture { xa, .. } = Fixture::get();
    let spans = spans(xa);
    let mut cases = Vec::new();
    for (index, raw) in xa.entries.iter().enumerate() {
        for (object, bytes) in raw.objects.iter().enumerate() {
            if (index + object) % 2 != 0 {
                continue;
            }
            let at = (index * 31 + object) % bytes.len();
            let name = format!("byte {at} of object {object} of entry {index}");
            cases.push(Case::new(name, Expect::Entry(index as u64), move |place| {
                forge(place, index, |record| {
                    if let Record::Entry(entry) = record {
                        entry.objects[object][at] ^= 1;
                    }
                });
            }));
        }
        if index % 5 == 0 {
            // Found where the leaf contradicts its objects, or where its group has another root.
            let span = spans.iter().find(|span| span.entries.1 > index as u64).unwrap();
            let at = (index * 13) % raw.leaf.len();
            let name = format!("byte {at} of leaf {index}");
            let within = Expect::Within(index as u64..=span.entries.1 - 1);
            cases.push(Case::new(name, within, move |place| {
                forge(place, index, |record| {
                    if let Record::Entry(entry) = record {
                        entry.leaf[at] ^= 1;
                    }
                });
            }));
        }
    }
    check(&xa.data, &xa.identity, cases, 40);
}

#[test]
fn the_kept_checkpoint_is_of_this_log_and_these_entries() {
    let Fixture { xa, xb, .. } = Fixture::get();
    let size = xa.size();
    let sign = |size: u64, root| xa.identity.sign(size, root).unwrap().note;
    let older = |size: u64| sign(size, tree::root(size, &xa.sound.scratch).unwrap());
    let theirs = xb.identity.sign(xb.size(), xb.sound.root).unwrap().note;
    let mut cases = Vec::new();
    for (name, notes, expect) in [
        // What a crash between a group and its checkpoint leaves.
        ("an older one", vec![older(size - 1)], Expect::Sound),
        ("one of half the entries", vec![older(size / 2)], Expect::Sound),
        ("one of no entries", vec![older(0)], Expect::Sound),
        ("one of an entry more", vec![older(size), sign(size + 1, [1; 32])], Expect::Entry(size)),
        ("one of all entries there can be", vec![sign(u64::MAX, [1; 32])], Expect::Entry(size)),
        ("one of another tree", vec![sign(size, [1; 32])], Expect::Says("another tree".into())),
        ("one of another older tree", vec![sign(size / 2, [1; 32])], Expect::Says("another tree".into())),
        ("one of another log", vec![theirs], Expect::Says("of another log".into())),
        ("no note", vec![b"nothing".to_vec()], Expect::Says("checkpoint".into())),
    ] {
        cases.push(Case::new(name, expect, move |place| {
            let path = place.data().join("checkpoint");
            std::fs::remove_file(&path).unwrap();
            let mut file = CheckpointFile::open(&path).unwrap();
            notes.iter().for_each(|note| file.write(note).unwrap());
        }));
    }
    for at in [0, 9, 13, 16, 40, 90] {
        for (slots, expect) in [
            // The other slot has the one before.
            (vec![0], Expect::Sound),
            (vec![1], Expect::Sound),
            (vec![0, 1], Expect::Says("no sound checkpoint".into())),
        ] {
            let name = format!("byte {at} of the slots {slots:?}");
            cases.push(Case::new(name, expect, move |place| {
                slots.iter().for_each(|slot| flip(&place.data().join("checkpoint"), slot * 16 * 1024 + at));
            }));
        }
    }
    cases.push(Case::new("none at all: then nothing says that there was more", Expect::Sound, |place| {
        std::fs::remove_file(place.data().join("checkpoint")).unwrap();
    }));
    cases.push(Case::new("none at all, and the newest groups gone", Expect::Sound, |place| {
        std::fs::remove_file(place.data().join("checkpoint")).unwrap();
        std::fs::remove_dir_all(place.data().join("store")).unwrap();
        regrouped(place, |groups| groups.truncate(groups.len() - 2));
    }));
    check(&xa.data, &xa.identity, cases, 25);
}

/// Whoever holds the log key and cuts the whole directory is found by the peer, who saw more.
#[test]
fn a_directory_rolled_back_with_its_checkpoint_is_older_than_its_witness_saw() {
    let Fixture { xa, .. } = Fixture::get();
    let mut cases = Vec::new();
    for (number, span) in spans(xa).into_iter().enumerate().skip(1).step_by(3) {
        let keep = span.entries.0;
        let note = xa.identity.sign(keep, tree::root(keep, &xa.sound.scratch).unwrap()).unwrap().note;
        let name = format!("rolled back to group {number}, {keep} entries");
        cases.push(Case::new(name, Expect::Older(keep), move |place| {
            let path = place.data().join("checkpoint");
            std::fs::remove_file(&path).unwrap();
            CheckpointFile::open(&path).unwrap().write(&note).unwrap();
            std::fs::remove_dir_all(place.data().join("store")).unwrap();
            cut(&place.journal(), span.bytes.0);
        }));
    }
    check(&xa.data, &xa.identity, cases, 8);
}
