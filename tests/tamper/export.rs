//! Exports whose bytes were changed by somebody without any key.

use crate::fixture::{Fixture, Side};
use crate::place::{cut, flip};
use crate::table::{Case, Expect, check};
use rogatory::format::envelope::KeySource as _;
use rogatory::format::evidence::object_digest;
use rogatory::ledger::tree;
use std::path::Path;

/// The one bundle of an export with so many entries.
fn partial(folder: &str, size: u64) -> String {
    format!("{folder}/000.p/{size}")
}

/// Where each leaf begins in a bundle, behind its length; the end of the last one at the end.
fn leaves_at(side: &Side) -> Vec<u64> {
    let mut at = vec![2];
    for raw in &side.entries {
        at.push(at[at.len() - 1] + raw.leaf.len() as u64 + 2);
    }
    at
}

/// Where each object begins, behind digest and length, with its length and the first entry
/// that names it.
fn objects_at(side: &Side) -> Vec<(u64, u64, u64)> {
    let (mut found, mut filed, mut at) = (Vec::new(), Vec::new(), 0);
    for (index, raw) in (0..).zip(&side.entries) {
        for object in &raw.objects {
            let digest = object_digest(object);
            if !filed.contains(&digest) {
                filed.push(digest);
                found.push((at + 36, object.len() as u64, index));
                at += 36 + object.len() as u64;
            }
        }
    }
    found
}

fn flipped(name: String, file: &str, at: u64, expect: Expect) -> Case {
    let file = file.to_owned();
    Case::new(name, expect, move |place| flip(&place.data().join(&file), at))
}

/// A file written anew.
fn rewritten(name: &str, file: &str, expect: Expect, change: impl Fn(Vec<u8>) -> Vec<u8> + 'static) -> Case {
    let file = file.to_owned();
    Case::new(name, expect, move |place| {
        let path = place.data().join(&file);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(path, change(bytes)).unwrap();
    })
}

fn says(words: impl Into<String>) -> Expect {
    Expect::Says(words.into())
}

#[test]
fn a_flipped_byte_names_its_entry() {
    let xa = &Fixture::get().xa;
    let (leaves, objects) = (leaves_at(xa), objects_at(xa));
    let mut cases = Vec::new();
    let bundle = partial("tile/entries", xa.size());
    for (index, raw) in (0..).zip(&xa.entries) {
        // Another place in each: kinds, times, names and digests all get their turn.
        let at = (index * 7) % raw.leaf.len() as u64;
        let name = format!("byte {at} of leaf {index}");
        cases.push(flipped(name, &bundle, leaves[index as usize] + at, Expect::Entry(index)));
        let hashes = partial("tile/0", xa.size());
        cases.push(flipped(format!("hash {index}"), &hashes, index * 32 + index % 32, Expect::Entry(index)));
        if index % 4 == 0 {
            let length = leaves[index as usize] - 1 - (index / 4) % 2;
            cases.push(flipped(format!("length of leaf {index}"), &bundle, length, Expect::Entry(index)));
        }
    }
    let bundle = partial("objects", xa.size());
    for (number, (at, length, index)) in (0..).zip(objects) {
        let within = (number * 37) % length;
        let name = format!("byte {within} of object {number}");
        cases.push(flipped(name, &bundle, at + within, Expect::Entry(index)));
        if number % 5 == 0 {
            let name = format!("what object {number} is filed under");
            cases.push(flipped(name, &bundle, at - 36 + number % 32, Expect::Entry(index)));
            let name = format!("length of object {number}");
            cases.push(flipped(name, &bundle, at - 1 - (number / 5) % 4, Expect::Entry(index)));
        }
    }
    check(&xa.export, &xa.identity, cases, 250);
}

#[test]
fn what_stands_beside_the_tiles_is_checked_line_by_line() {
    let Fixture { xa, xb, .. } = Fixture::get();
    let mut cases = Vec::new();
    let note = std::fs::read(xa.export.join("checkpoint")).unwrap();
    let lines: Vec<&[u8]> = note.split_inclusive(|byte| *byte == b'\n').collect();
    let starts: Vec<u64> = (0..lines.len()).map(|line| lines[..line].concat().len() as u64).collect();
    // Origin, size, root, and name, key id and signature of the signature line.
    for (line, at, words) in [
        (0, 0, "checkpoint"),
        (0, 9, "of another log"),
        (0, lines[0].len() - 3, "of another log"),
        (1, 0, ""),
        (2, 0, "checkpoint"),
        (2, 20, "checkpoint"),
        (3, 0, "checkpoint"),
        (4, 5, "checkpoint"),
        (4, lines[0].len() + 5, "checkpoint"),
        (4, lines[4].len() - 20, "checkpoint"),
    ] {
        let name = format!("byte {at} of line {line} of the checkpoint");
        cases.push(flipped(name, "checkpoint", starts[line] + at as u64, says(words)));
    }
    for (wrong, words) in
        [(xa.size() - 1, "tile/entries"), (xa.size() + 1, "tile/entries"), (0, "statement 0")]
    {
        let text = [lines[0], format!("{wrong}\n").as_bytes(), &lines[2..].concat()].concat();
        cases.push(rewritten(&format!("size {wrong}"), "checkpoint", says(words), move |_| text.clone()));
    }

    let vkeys = std::fs::read_to_string(xa.export.join("vkeys")).unwrap();
    let keys: Vec<String> = vkeys.split_inclusive('\n').map(str::to_owned).collect();
    assert!(keys.len() >= 4, "both logs and both witnesses");
    for place in 0..keys.len() {
        let (mut without, mut changed, mut added) = (keys.clone(), keys.clone(), keys.clone());
        without.remove(place);
        changed[place] = changed[place].replacen("rogatory/", "rogatorx/", 1);
        added.insert(place, keys[place].replacen('+', "x+", 1));
        for (what, lines) in [("without", without), ("with another", changed), ("with one more at", added)] {
            let text = lines.concat();
            let name = format!("vkeys {what} line {place}");
            cases.push(rewritten(&name, "vkeys", says("vkeys"), move |_| text.clone().into_bytes()));
        }
    }
    cases.push(rewritten("vkeys in no language", "vkeys", says("vkeys"), |_| vec![0xff; 300]));

    let witnessed = std::fs::read(xa.export.join("witnessed/XB")).unwrap();
    for at in (0..witnessed.len() as u64).step_by(23) {
        let name = format!("byte {at} of a cosigned note");
        cases.push(flipped(name, "witnessed/XB", at, says("witnessed/XB")));
    }
    let root = tree::root(xa.size() + 1, &xa.sound.scratch).unwrap_or([7; 32]);
    let sign = |size, root| rogatory::store::CheckpointSigner::sign(&*xa.identity, size, root).unwrap();
    let (witness, key) = xb.identity.cosign();
    let begins = xb.identity.chain().key(&key.id).unwrap().not_before;
    let cosigned_at = |checkpoint: &rogatory::ledger::checkpoint::Checkpoint, at| {
        checkpoint.cosigned(&witness, &key, at).unwrap()
    };
    let cosigned = |checkpoint: &_| cosigned_at(checkpoint, begins + 1000);
    let half = sign(xa.size() / 2, tree::root(xa.size() / 2, &xa.sound.scratch).unwrap());
    let other_log = std::fs::read(xb.export.join("witnessed/XA")).unwrap();
    for (name, note, expect) in [
        (
            "a cosigned note of a tree that is not there yet",
            cosigned(&sign(xa.size() + 1, root)),
            says("witnessed/XB"),
        ),
        ("a cosigned note of another tree", cosigned(&sign(xa.size() / 2, [7; 32])), says("witnessed/XB")),
        ("a cosigned note of another log", other_log, says("witnessed/XB")),
        ("a note that nobody cosigned", half.note.clone(), says("witnessed/XB")),
        (
            "an older tree, cosigned: true, and the ledger holds the newer note",
            cosigned(&half),
            Expect::Sound,
        ),
        ("cosigned before the time of the key", cosigned_at(&half, begins - 1000), says("witnessed/XB")),
    ] {
        cases.push(rewritten(name, "witnessed/XB", expect, move |_| note.clone()));
    }
    cases.push(Case::new("a witness who is no peer", says("witnessed/XC"), |place| {
        let folder = place.data().join("witnessed");
        std::fs::rename(folder.join("XB"), folder.join("XC")).unwrap();
    }));
    check(&xa.export, &xa.identity, cases, 45);
}

#[test]
fn files_that_are_cut_missing_swapped_or_longer_are_named() {
    let Fixture { xa, xb, .. } = Fixture::get();
    assert_ne!(xa.size(), xb.size());
    let size = xa.size();
    let (leaves, objects) = (leaves_at(xa), objects_at(xa));
    let [entries, filed, hashes] = ["tile/entries", "objects", "tile/0"].map(|of| partial(of, size));
    let first_cut_leaf = |to: u64| (0..).zip(&leaves[1..]).find(|(_, end)| **end - 2 > to).unwrap().0;
    let first_cut_object = |to: u64| objects.iter().find(|(at, length, _)| at + length > to).unwrap().2;
    let mut cases = Vec::new();
    for file in [&entries, &filed, &hashes, "checkpoint", "vkeys", "witnessed/XB"] {
        let length = std::fs::metadata(xa.export.join(file)).unwrap().len();
        for to in [0, 1, length / 4, length / 3, length / 2, length * 3 / 4, length - 1] {
            let expect = match file {
                file if *file == entries => Expect::Entry(first_cut_leaf(to)),
                file if *file == filed => Expect::Entry(first_cut_object(to)),
                file if *file == hashes => says(hashes.clone()),
                "checkpoint" => says("checkpoint"),
                file => says(file),
            };
            let path = file.to_owned();
            let name = format!("{file} cut to {to} of {length}");
            cases.push(Case::new(name, expect, move |place| cut(&place.data().join(&path), to)));
        }
        let longer = match file {
            file if *file == entries => Expect::Entry(size),
            "checkpoint" => says("checkpoint"),
            file => says(file),
        };
        cases.push(rewritten(&format!("{file} and a byte more"), file, longer, |bytes| {
            [bytes, vec![0]].concat()
        }));
        let missing = match file {
            "checkpoint" => says("no ledger"),
            "witnessed/XB" => Expect::Sound,
            file => says(file),
        };
        if file != "checkpoint" {
            let path = file.to_owned();
            cases.push(Case::new(format!("{file} is gone"), missing, move |place| {
                std::fs::remove_file(place.data().join(&path)).unwrap();
            }));
            let path = file.to_owned();
            cases.push(Case::new(format!("{file} is a folder"), says(file), move |place| {
                std::fs::remove_file(place.data().join(&path)).unwrap();
                std::fs::create_dir(place.data().join(&path)).unwrap();
            }));
        }
    }
    // The other authority's files under this one's names.
    for (of, expect) in [
        ("tile/entries", Expect::Entry(0)),
        ("objects", Expect::Entry(0)),
        ("tile/0", says("tile/0")),
        ("checkpoint", says("tile/entries")),
        ("vkeys", Expect::Sound),
    ] {
        let other =
            if of.contains("tile") || of == "objects" { partial(of, xb.size()) } else { of.to_owned() };
        let own = if of.contains("tile") || of == "objects" { partial(of, size) } else { of.to_owned() };
        let bytes = std::fs::read(xb.export.join(other)).unwrap();
        // Both name the same keys, in another order.
        cases.push(rewritten(&format!("{of} of XB"), &own, expect, move |_| bytes.clone()));
    }
    for (of, file) in [("tile/entries", &entries), ("objects", &filed), ("tile/0", &hashes)] {
        for wrong in [size - 1, size + 1, 1] {
            let (from, to) = (file.clone(), partial(of, wrong));
            let name = format!("{file} as if it held {wrong}");
            cases.push(Case::new(name, says(file.as_str()), move |place| {
                std::fs::rename(place.data().join(&from), place.data().join(&to)).unwrap();
            }));
        }
    }
    // Two objects in each other's place, one twice, and one that no entry names.
    let spans: Vec<(usize, usize, u64)> = objects
        .iter()
        .map(|(at, length, index)| ((at - 36) as usize, (at + length) as usize, *index))
        .collect();
    for place in (0..spans.len() - 1).step_by(17) {
        let (first, second) = (spans[place], spans[place + 1]);
        let name = format!("objects {place} and {} swapped", place + 1);
        cases.push(rewritten(&name, &filed, Expect::Entry(first.2), move |bytes| {
            let (one, two) = (&bytes[first.0..first.1], &bytes[second.0..second.1]);
            [&bytes[..first.0], two, one, &bytes[second.1..]].concat()
        }));
        let name = format!("object {place} twice");
        let next = spans[place + 1].2;
        cases.push(rewritten(&name, &filed, Expect::Entry(next), move |bytes| {
            [&bytes[..first.1], &bytes[first.0..]].concat()
        }));
        let (name, last) = (format!("object {place} once more at the end"), filed.clone());
        cases.push(rewritten(&name, &filed, says(last), move |bytes| {
            [&bytes, &bytes[first.0..first.1]].concat()
        }));
    }
    check(&xa.export, &xa.identity, cases, 80);
}

/// Hashes of higher levels, and bundles behind the first.
#[test]
fn in_a_larger_tree_the_place_is_named_too() {
    let Fixture { large: (export, size), xa, .. } = Fixture::get();
    let size = *size;
    let tail = size % 256;
    let mut cases = Vec::new();
    for number in 0..size / 256 {
        for byte in [0, 31] {
            let expect = Expect::Entry((number + 1) * 256 - 1);
            let file = format!("tile/1/000.p/{}", size / 256);
            cases.push(flipped(format!("hash {number} of level 1"), &file, number * 32 + byte, expect));
        }
        for index in [0, 1, 100, 255] {
            let entry = number * 256 + index;
            let file = format!("tile/0/{number:03}");
            cases.push(flipped(format!("hash {entry}"), &file, index * 32 + 5, Expect::Entry(entry)));
        }
    }
    for (file, at, entry) in [
        ("tile/entries/001".to_owned(), 1, 256),
        ("objects/001".to_owned(), 40, 256),
        ("objects/001".to_owned(), 2, 256),
        (format!("tile/entries/002.p/{tail}"), 20, 512),
        (format!("objects/002.p/{tail}"), 60, 512),
        (format!("tile/0/002.p/{tail}"), 0, 512),
        (format!("tile/0/002.p/{tail}"), tail * 32 - 1, size - 1),
    ] {
        cases.push(flipped(format!("{file} at {at}"), &file, at, Expect::Entry(entry)));
    }
    for folder in ["tile/entries", "objects", "tile/0"] {
        let (one, two) = (format!("{folder}/000"), format!("{folder}/001"));
        cases.push(Case::new(format!("{one} and {two} swapped"), Expect::Entry(0), move |place| {
            let [one, two, aside] = [one.as_str(), &two, "aside"].map(|name| place.data().join(name));
            std::fs::rename(&one, &aside).unwrap();
            std::fs::rename(&two, &one).unwrap();
            std::fs::rename(&aside, &two).unwrap();
        }));
        let missing = format!("{folder}/001");
        cases.push(Case::new(format!("{missing} is gone"), says(missing.clone()), move |place| {
            std::fs::remove_file(place.data().join(&missing)).unwrap();
        }));
    }
    check(export, &xa.identity, cases, 20);
}

/// An export that grew keeps the files of before, and an old checkpoint among them.
#[test]
fn an_older_checkpoint_put_back_leaves_the_older_ledger() {
    let Fixture { xa, .. } = Fixture::get();
    let overlay = |older: u64| {
        move |place: &crate::place::Place| {
            let folder = tempfile::tempdir().unwrap();
            let xa = &Fixture::get().xa;
            crate::resigned::export(&xa.entries[..older as usize], folder.path());
            crate::place::copy_folder(folder.path(), &place.data());
        }
    };
    let cosigned = xa.cosigned_size();
    let mut cases = Vec::new();
    for older in (cosigned..xa.size()).step_by(5) {
        let name = format!("the checkpoint of {older} entries, its tiles still there");
        // The older export is what it is, and only the peer knows that there is more.
        cases.push(Case::new(name, Expect::Older(older), overlay(older)));
    }
    for older in [cosigned / 2, cosigned - 1] {
        let name = format!("the checkpoint of {older} entries, and a newer cosigned note");
        cases.push(Case::new(name, says("witnessed/XB"), move |place| {
            let note = std::fs::read(place.data().join("witnessed/XB")).unwrap();
            overlay(older)(place);
            std::fs::write(place.data().join("witnessed/XB"), note).unwrap();
        }));
        let note = crate::resigned::signed(&xa.entries[..older as usize]).note;
        let name = format!("the checkpoint of {older} entries alone");
        cases.push(rewritten(&name, "checkpoint", says("tile/entries"), move |_| note.clone()));
    }
    check(&xa.export, &xa.identity, cases, 6);
}

/// Nothing was changed: the table's ground.
#[test]
fn untouched_ledgers_are_sound_and_agree() {
    let Fixture { xa, xb, large } = Fixture::get();
    for (folder, identity) in [
        (xa.data.as_path(), &xa.identity),
        (&xa.export, &xa.identity),
        (&xb.data, &xb.identity),
        (&xb.export, &xb.identity),
        (Path::new(&large.0), &xa.identity),
    ] {
        check(folder, identity, vec![Case::new("nothing", Expect::Sound, |_| {})], 1);
    }
    let compared = rogatory::ledger::compare::compare(&xa.sound, &xb.sound);
    assert!(compared.is_sound() && compared.missing.is_empty(), "{compared:?}");
    assert!(xb.first_witness_beyond(xa.size() - 1).is_none(), "XA has a tail that nobody saw");
    assert!(xb.first_witness_beyond(xa.cosigned_size()).is_some(), "and one that XB saw and did not cosign");
}
