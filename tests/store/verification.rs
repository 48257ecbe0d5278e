//! Verification of a directory: sound where it is, and what was changed is found.

use crate::place::{Place, flip, forge, frames};
use rogatory::ledger::LedgerError;
use rogatory::ledger::records::ONCE;
use rogatory::store::journal::Record;
use rogatory::store::{StoreError, inspect};

#[test]
fn verification_finds_what_was_changed() {
    let (place, log) = Place::filled(4, 15);
    let mut found = inspect::verify(&place.data(), inspect::Look::default(), &mut |_| {}).unwrap();
    assert!(found.store_compared && !found.torn_tail);
    assert_eq!((found.sound.size, found.sound.root), (log.size, log.root));
    assert_eq!((found.signed, &found.sound.chain), (Some(log.size), &*place.identity.chain()));
    // Keys that are written once are compared on the way, and counted.
    assert_eq!(found.views, log.views.len() as u64);
    let kept: Vec<_> = log.views.into_iter().filter(|(key, _)| !ONCE.contains(&key[1])).collect();
    assert!(kept == found.sound.scratch.scan(b"v", None, usize::MAX).unwrap());

    // Evidence changed, and every checksum made right again: the entry is named.
    for (index, object) in [(3, 0), (20, 0), (20, 1), (log.size - 1, 1)] {
        let copy = place.copy();
        forge(&copy, index as usize, |record| {
            if let Record::Entry(entry) = record {
                *entry.objects[object].last_mut().unwrap() ^= 1;
            }
        });
        match inspect::verify(&copy.data(), inspect::Look::default(), &mut |_| {}) {
            Err(StoreError::Ledger(LedgerError::Entry { index: named, .. })) => assert_eq!(named, index),
            other => panic!("object {object} of entry {index}: {:?}", other.map(|found| found.sound.size)),
        }
    }
    // A leaf changed: found, wherever the leaf's digest is taken from.
    for index in [0, 9, 30, log.size - 1] {
        for byte in [3, 30] {
            let copy = place.copy();
            forge(&copy, index as usize, |record| {
                if let Record::Entry(entry) = record {
                    entry.leaf[byte] ^= 1;
                }
            });
            let found = inspect::verify(&copy.data(), inspect::Look::default(), &mut |_| {});
            assert!(matches!(found, Err(StoreError::Ledger(_))), "leaf {index} byte {byte}");
        }
    }
    // Bytes flipped without making the checksum right again.
    let at = frames(&place);
    for start in &at[..at.len() - 1] {
        let copy = place.copy();
        flip(&copy.journal(), start + 60);
        assert!(
            inspect::verify(&copy.data(), inspect::Look::default(), &mut |_| {}).is_err(),
            "group at {start}"
        );
    }
}

#[test]
fn verification_compares_the_index_key_by_key() {
    let (place, _) = Place::filled(4, 15);
    // Views and node hashes, the first and the last of each; changed, or gone.
    for prefix in [b"v", b"n"] {
        for (last, gone) in [(false, false), (false, true), (true, false), (true, true)] {
            let copy = place.copy();
            let db = sled::open(copy.data().join("store")).unwrap();
            let ledger = db.open_tree("ledger").unwrap();
            let mut found = ledger.scan_prefix(prefix);
            let (key, value) = if last { found.next_back() } else { found.next() }.unwrap().unwrap();
            drop(found);
            let mut value = value.to_vec();
            match value.last_mut() {
                Some(byte) => *byte ^= 1,
                None => value.push(1),
            }
            match gone {
                true => drop(ledger.remove(&key).unwrap()),
                false => drop(ledger.insert(&key, value).unwrap()),
            }
            db.flush().unwrap();
            drop((ledger, db));
            let found = inspect::verify(&copy.data(), inspect::Look::default(), &mut |_| {});
            let named = matches!(found, Err(StoreError::Ledger(LedgerError::Entry { .. })));
            assert!(named, "key {}, gone: {gone}", hex::encode(&key));
        }
    }
}
