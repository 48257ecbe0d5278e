//! Exports and directories made to hurt whoever verifies them: no panic, no memory without
//! bound, no waiting.

use crate::fixture::{Fixture, raw};
use crate::place::{Place, forge};
use crate::resigned::replaced;
use crate::table::{Case, Expect, check};
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::TurnedAway;
use rogatory::format::wire::leaf::Kind;
use rogatory::store::CheckpointSigner as _;
use rogatory::store::journal::Record;
use std::fs::OpenOptions;
use std::path::Path;

/// More than verification may ever take, bytes.
const MEMORY: u64 = 3 << 30;

fn says(words: &str) -> Expect {
    Expect::Says(words.into())
}

/// Makes a file so long, without writing anything.
fn stretch(path: &Path, length: u64) {
    OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
}

/// The most memory that this process ever had, bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
fn hostile_exports_are_refused_within_bounds() {
    let Fixture { xa, large: (large, _), .. } = Fixture::get();
    let mut cases = Vec::new();
    for size in [256, 512, 1 << 32, 1 << 63, u64::MAX] {
        let note = xa.identity.sign(size, [7; 32]).unwrap().note;
        cases.push(Case::new(
            format!("a checkpoint of {size} entries"),
            says("tile/entries/000"),
            move |place| {
                std::fs::write(place.data().join("checkpoint"), &note).unwrap();
            },
        ));
    }
    let size = xa.size();
    for file in [
        format!("tile/entries/000.p/{size}"),
        format!("objects/000.p/{size}"),
        format!("tile/0/000.p/{size}"),
        "checkpoint".into(),
        "vkeys".into(),
        "witnessed/XB".into(),
    ] {
        for length in [8_u64 << 30, 1 << 40] {
            let path = file.clone();
            let name = format!("{file} of {length} bytes");
            cases.push(Case::new(name, says("longer than"), move |place| {
                stretch(&place.data().join(&path), length);
            }));
        }
        if file != "checkpoint" {
            let path = file.clone();
            cases.push(Case::new(format!("{file} is a pipe"), says("is no file"), move |place| {
                let path = place.data().join(&path);
                std::fs::remove_file(&path).unwrap();
                let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU);
                rustix::fs::mknodat(rustix::fs::CWD, &path, kind, mode, 0).unwrap();
            }));
            let path = file.clone();
            cases.push(Case::new(format!("{file} is a device"), says("is no file"), move |place| {
                let path = place.data().join(&path);
                std::fs::remove_file(&path).unwrap();
                std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
            }));
        }
    }
    for (folder, expect) in
        [("witnessed", says("witnessed/d")), ("tile", Expect::Sound), ("objects", Expect::Sound)]
    {
        cases.push(Case::new(format!("folders within folders in {folder}"), expect, move |place| {
            let mut deep = place.data().join(folder);
            (0..500).for_each(|_| deep.push("d"));
            std::fs::create_dir_all(deep).unwrap();
        }));
    }
    let at = xa.sound.at;
    // One object, named again and again.
    for (length, count) in [(8 << 20, 100), (1 << 20, 120)] {
        let object = vec![5; length];
        let mut leaf = Leaf { at, ..Leaf::new(Kind::Opening) };
        let one = raw(leaf.clone(), vec![object.clone()]);
        leaf.objects = vec![Leaf::decode(&one.leaf).unwrap().objects[0]; count];
        let entry = rogatory::ledger::verify::Raw { leaf: leaf.encode(), objects: vec![object] };
        let entries = [xa.entries.clone(), vec![entry; 3]].concat();
        let within = Expect::Within(size..=size + 2);
        cases.push(replaced(format!("an object of {length} bytes named {count} times"), within, entries));
    }
    for (name, leaf) in [
        (
            "an answer to an entry at the end of all numbers",
            Leaf { about: Some(u64::MAX - 1), ..Leaf::new(Kind::Confirmation) },
        ),
        (
            "an entry at the end of time and one behind it",
            Leaf {
                at: u64::MAX,
                turned_away: Some(TurnedAway { handshakes: 1, ..TurnedAway::default() }),
                ..Leaf::new(Kind::Strangers)
            },
        ),
        ("a kind without its objects", Leaf::new(Kind::EvidenceReceived)),
        ("a cosignature without its note", Leaf::new(Kind::CosignatureReceived)),
        ("a pairing without its offer", Leaf::new(Kind::Pairing)),
        ("a statement without itself", Leaf::new(Kind::KeyStatement)),
        ("a status without itself", Leaf::new(Kind::StatusReceived)),
        ("no kind", Leaf::new(Kind::Unspecified)),
    ] {
        let peer = xa.sound.peers.keys().next().cloned();
        let leaf = Leaf { at: leaf.at.max(at), peer, ..leaf };
        let more = vec![raw(leaf, Vec::new()), raw(Leaf { at, ..Leaf::new(Kind::Opening) }, Vec::new())];
        let expect = if name.contains("time") { Expect::Entry(size + 1) } else { Expect::Entry(size) };
        cases.push(replaced(name.into(), expect, [xa.entries.clone(), more].concat()));
    }
    for (tree, root) in [(u64::MAX, [1; 32]), (1 << 63, [2; 32]), (0, [3; 32])] {
        let note = xa.identity.sign(tree, root).unwrap();
        let (name, key) = Fixture::get().xb.identity.cosign();
        let note = note.cosigned(&name, &key, at).unwrap();
        let peer = xa.sound.peers.keys().next().cloned();
        let entry = raw(Leaf { at, peer, ..Leaf::new(Kind::CosignatureReceived) }, vec![note]);
        let entries = [xa.entries.clone(), vec![entry]].concat();
        cases.push(replaced(format!("a cosigned tree of {tree} entries"), Expect::Entry(size), entries));
    }
    check(&xa.export, &xa.identity, cases, 40);

    // Where the bundles of before are there, the next one is missed.
    let note = Place::new().identity.sign(1 << 63, [7; 32]).unwrap().note;
    let case = Case::new("2^63 entries, of which 608 are there", says("tile/entries/002"), move |place| {
        std::fs::write(place.data().join("checkpoint"), &note).unwrap();
    });
    check(large, &xa.identity, vec![case], 1);
    assert!(peak() < MEMORY, "{} bytes", peak());
}

#[test]
fn hostile_directories_are_refused_within_bounds() {
    let Fixture { xa, .. } = Fixture::get();
    let size = xa.size();
    let mut cases = vec![
        Case::new("a journal of a tebibyte", Expect::Entry(size), |place| {
            stretch(&place.journal(), 1 << 40);
        }),
        Case::new("a store with a device in it", says("is no file"), |place| {
            std::os::unix::fs::symlink("/dev/zero", place.data().join("store/blob")).unwrap();
        }),
        Case::new("a store with itself in it", says("is no file"), |place| {
            let store = place.data().join("store");
            std::os::unix::fs::symlink(&store, store.join("again")).unwrap();
        }),
        Case::new("a leaf of no form", Expect::Entry(9), |place| {
            forge(place, 9, |record| {
                if let Record::Entry(entry) = record {
                    entry.leaf = vec![0xff; 5000];
                }
            });
        }),
        Case::new("an entry without objects", Expect::Entry(9), |place| {
            forge(place, 9, |record| {
                if let Record::Entry(entry) = record {
                    entry.objects.clear();
                }
            });
        }),
        Case::new("an entry with very many", Expect::Entry(9), |place| {
            forge(place, 9, |record| {
                if let Record::Entry(entry) = record {
                    entry.objects = vec![vec![1; 100]; 10_000];
                }
            });
        }),
    ];
    // A head of the store that leads nowhere: group, segment, offset.
    for (group, segment, offset) in
        [(u64::MAX, 1, 32), (0, 1, 0), (3, 1, 31), (3, 1, u64::MAX), (3, u64::MAX, 40), (0, 0, 0)]
    {
        cases.push(Case::new(format!("a head at {group}, {segment}, {offset}"), says(""), move |place| {
            crate::index::head(place, group, segment, offset);
        }));
    }
    check(&xa.data, &xa.identity, cases, 10);
    assert!(peak() < MEMORY, "{} bytes", peak());
}
