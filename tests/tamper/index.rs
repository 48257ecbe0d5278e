//! The store in a data directory, edited through sled.

use crate::fixture::Fixture;
use crate::place::{Place, files_below, flip};
use crate::table::{Case, Expect, check};
use prost::Message;
use rogatory::ledger::tree;

/// Opens the store of a copy, changes it, and closes it.
fn edit(place: &Place, change: impl FnOnce(&sled::Tree)) {
    let db = sled::open(place.data().join("store")).unwrap();
    change(&db.open_tree("ledger").unwrap());
    db.flush().unwrap();
}

fn key(prefix: u8, number: u64) -> Vec<u8> {
    [&[prefix][..], &number.to_be_bytes()].concat()
}

/// What the store says of how far it has come; the rest of it is left as it is.
#[derive(Clone, PartialEq, Message)]
struct Head {
    #[prost(uint64, tag = "1")]
    group: u64,
    #[prost(uint64, tag = "2")]
    segment: u64,
    #[prost(uint64, tag = "3")]
    offset: u64,
    #[prost(bytes = "vec", tag = "4")]
    end: Vec<u8>,
}

/// Writes a head that says something else.
pub fn head(place: &Place, group: u64, segment: u64, offset: u64) {
    edit(place, |ledger| {
        let end = Head::decode(&*ledger.get(b"h").unwrap().unwrap()).unwrap().end;
        ledger.insert(b"h", Head { group, segment, offset, end }.encode_to_vec()).unwrap();
    });
}

/// Changes the last byte of a value.
fn change(ledger: &sled::Tree, key: &[u8]) {
    let mut value = ledger.get(key).unwrap().unwrap().to_vec();
    match value.last_mut() {
        Some(byte) => *byte ^= 1,
        None => value.push(1),
    }
    ledger.insert(key, value).unwrap();
}

#[test]
fn a_store_that_says_something_else_is_found_key_by_key() {
    let Fixture { xa, .. } = Fixture::get();
    let mut cases = Vec::new();
    let keys: Vec<Vec<u8>> = {
        let copy = crate::fixture::copy(&xa.data, &xa.identity);
        let db = sled::open(copy.data().join("store")).unwrap();
        db.open_tree("ledger").unwrap().iter().keys().map(|key| key.unwrap().to_vec()).collect()
    };
    let of = |prefix: u8| -> Vec<Vec<u8>> {
        keys.iter().filter(|key| key[0] == prefix).cloned().collect::<Vec<_>>()
    };
    let (views, contents) = (of(b'v'), of(b'c'));
    assert!(views.len() > 40 && contents.len() > 5);
    for key in views.iter().step_by(views.len() / 12) {
        let named = || Expect::Says(format!("view {}", hex::encode(key)));
        let view = key.clone();
        cases.push(Case::new(format!("view {} changed", hex::encode(key)), named(), move |place| {
            edit(place, |ledger| change(ledger, &view));
        }));
        let view = key.clone();
        cases.push(Case::new(format!("view {} gone", hex::encode(key)), named(), move |place| {
            edit(place, |ledger| drop(ledger.remove(&view).unwrap()));
        }));
        let more = [key.as_slice(), b"x"].concat();
        let named = Expect::Says("view ".into());
        cases.push(Case::new(format!("a view behind {}", hex::encode(key)), named, move |place| {
            edit(place, |ledger| drop(ledger.insert(&more, b"").unwrap()));
        }));
    }
    for index in (0..xa.size()).step_by(xa.size() as usize / 6) {
        cases.push(Case::new(format!("leaf {index} changed"), Expect::Entry(index), move |place| {
            edit(place, |ledger| change(ledger, &key(b'l', index)));
        }));
        cases.push(Case::new(format!("leaf {index} gone"), Expect::Entry(index), move |place| {
            edit(place, |ledger| drop(ledger.remove(key(b'l', index)).unwrap()));
        }));
        let number = tree::first_node(index);
        cases.push(Case::new(format!("node {number} changed"), Expect::Entry(index), move |place| {
            edit(place, |ledger| {
                let run = key(b'n', number / 64);
                let mut nodes = ledger.get(&run).unwrap().unwrap().to_vec();
                nodes[(number % 64) as usize * 32] ^= 1;
                ledger.insert(run, nodes).unwrap();
            });
        }));
    }
    for place in [0, contents.len() / 2, contents.len() - 1] {
        for (what, new) in
            [("elsewhere", Some(vec![8, 1, 16, 40, 24, 3])), ("gone", None), ("nonsense", Some(vec![7; 9]))]
        {
            let content = contents[place].clone();
            let expect = Expect::Says(if what == "nonsense" { "index" } else { "content" }.into());
            cases.push(Case::new(format!("content {place} {what}"), expect, move |place| {
                edit(place, |ledger| match &new {
                    Some(new) => drop(ledger.insert(&content, new.as_slice()).unwrap()),
                    None => drop(ledger.remove(&content).unwrap()),
                });
            }));
        }
    }
    // Keys that follow from nothing.
    for (name, more, words) in [
        ("a leaf too many", key(b'l', xa.size()), "follow from no entry"),
        ("a run of nodes too many", key(b'n', 1000), "follow from no entry"),
        ("a content too many", [b"c".as_slice(), &[1; 20]].concat(), "contents"),
        ("a key of no kind", b"zebra".to_vec(), "follow from no entry"),
    ] {
        cases.push(Case::new(name, Expect::Says(words.into()), move |place| {
            edit(place, |ledger| drop(ledger.insert(&more, vec![8, 1, 16, 40, 24, 3]).unwrap()));
        }));
    }
    cases.push(Case::new("the head's root", Expect::Says("head".into()), |place| {
        edit(place, |ledger| {
            let mut head = Head::decode(&*ledger.get(b"h").unwrap().unwrap()).unwrap();
            // Behind the size and the root's length.
            head.end[8] ^= 1;
            ledger.insert(b"h", head.encode_to_vec()).unwrap();
        });
    }));
    cases.push(Case::new("no head", Expect::Says("cannot be caught up".into()), |place| {
        // All groups would be applied to views that have them already.
        edit(place, |ledger| drop(ledger.remove(b"h").unwrap()));
    }));
    check(&xa.data, &xa.identity, cases, 60);
}

/// What sled makes of its own damaged files is sled's affair; verification must not panic.
#[test]
fn damaged_files_of_the_store_are_survived() {
    let Fixture { xa, .. } = Fixture::get();
    let store = xa.data.join("store");
    let mut cases = Vec::new();
    for file in files_below(&store) {
        let bytes = std::fs::read(&file).unwrap();
        let written: Vec<u64> =
            (0_u64..).zip(&bytes).filter(|(_, byte)| **byte != 0).map(|(at, _)| at).collect();
        let name = file.strip_prefix(&xa.data).unwrap().to_owned();
        for at in written.iter().step_by((written.len() / 8).max(1)).copied() {
            let path = name.clone();
            cases.push(Case::new(format!("{} at {at}", name.display()), Expect::Survives, move |place| {
                flip(&place.data().join(&path), at);
            }));
        }
    }
    check(&xa.data, &xa.identity, cases, 8);
}
