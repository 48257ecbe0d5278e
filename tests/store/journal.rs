//! The journal: a torn tail is cut off, and damage before it is refused.

use crate::place::{BOOT, Place, accept_all, cut, flip, frames, log_of};
use rogatory::ledger::LedgerError;
use rogatory::store::{StoreError, inspect};

#[test]
fn a_torn_tail_is_cut_off() {
    let (place, log) = Place::filled(4, 20);
    let length = std::fs::metadata(place.journal()).unwrap().len();
    let number = frames(&place).len() as u64;
    let torn_frame = [&50_u32.to_be_bytes()[..], &[9; 4], &number.to_be_bytes(), &[1; 20]].concat();
    let whole_frame = [&20_u32.to_be_bytes()[..], &[9; 4], &number.to_be_bytes(), &[1; 20]].concat();
    let tails = [vec![1], vec![0; 15], vec![0; 5000], vec![0xff; 300], torn_frame, whole_frame];
    for (at, tail) in tails.into_iter().enumerate() {
        for trusted in [true, false] {
            let copy = place.copy();
            let bytes = [std::fs::read(copy.journal()).unwrap(), tail.clone()].concat();
            std::fs::write(copy.journal(), bytes).unwrap();
            if !trusted {
                copy.forget_marker();
            }
            assert!(inspect::verify(&copy.data(), inspect::Look::default(), &mut |_| {}).unwrap().torn_tail);
            let recovery = copy.says(BOOT, &log);
            assert!(recovery.cut && recovery.rebuilt.is_none() == trusted, "tail {at}: {recovery:?}");
            assert_eq!(std::fs::metadata(copy.journal()).unwrap().len(), length);
            copy.with(BOOT, |opened| accept_all(&opened.store, &copy.identity, 3));
            copy.with(BOOT, |opened| assert_eq!(log_of(&opened.store).size, log.size + 3));
        }
    }
}

#[test]
fn damage_in_the_middle_of_the_journal_is_refused() {
    let (place, _) = Place::filled(5, 20);
    let at = frames(&place);
    // Length, checksum, number and body of the first, of a middle and of the last but one.
    for group in [0, at.len() / 2, at.len() - 3] {
        for offset in [0, 3, 5, 15, 16, 200] {
            let copy = place.copy();
            flip(&copy.journal(), at[group] + offset);
            copy.forget_marker();
            let error = copy.refuses(BOOT);
            assert!(matches!(error, StoreError::Damaged(_)), "group {group} byte {offset}: {error}");
            // Again: the first refusal left nothing behind that the second would believe.
            assert!(matches!(copy.refuses(BOOT), StoreError::Damaged(_)));
        }
    }
}

#[test]
fn a_trusted_index_does_not_hide_damage_from_readers() {
    let (place, log) = Place::filled(5, 20);
    let at = frames(&place);
    flip(&place.journal(), at[2] + 400);
    let Ok(opened) = place.open(BOOT) else { return };
    let snapshot = opened.store.snapshot();
    let wrong: Vec<u64> = (0..log.size)
        .filter(|index| match snapshot.entry(*index) {
            Ok(entry) => (entry.leaf_bytes, entry.objects) != log.entries[*index as usize],
            Err(_) => false,
        })
        .collect();
    assert_eq!(wrong, [0_u64; 0]);
    opened.store.close().unwrap();
    let found = inspect::verify(&place.data(), inspect::Look::default(), &mut |_| {});
    assert!(matches!(found, Err(StoreError::Ledger(LedgerError::Entry { .. }))));
}

#[test]
fn a_journal_behind_the_signed_checkpoint_is_refused() {
    let (place, log) = Place::filled(5, 20);
    let at = frames(&place);
    let ends = [at[0], at[1], at[at.len() - 2], at[at.len() - 2] + 40, at[at.len() - 1] - 1];
    for end in ends {
        let copy = place.copy();
        cut(&copy.journal(), end);
        copy.forget_marker();
        let error = copy.refuses(BOOT);
        assert!(
            matches!(error, StoreError::Behind { found, signed } if signed == log.size && found < signed),
            "cut at {end}: {error}"
        );
    }
    std::fs::remove_dir_all(place.data().join("journal")).unwrap();
    assert!(matches!(place.refuses(BOOT), StoreError::Behind { found: 0, .. }));
}

#[test]
fn a_damaged_last_group_that_was_signed_is_refused() {
    let (place, _) = Place::filled(3, 20);
    let at = frames(&place);
    flip(&place.journal(), at[at.len() - 2] + 100);
    place.forget_marker();
    assert!(matches!(place.refuses(BOOT), StoreError::Behind { .. }));
}

#[test]
fn a_cut_journal_is_refused_though_the_index_is_trusted() {
    let (place, log) = Place::filled(5, 20);
    let at = frames(&place);
    for end in [at[1], at[at.len() - 2], at[at.len() - 2] + 40, at[at.len() - 1] - 1] {
        let copy = place.copy();
        cut(&copy.journal(), end);
        let error = copy.refuses(BOOT);
        assert!(
            matches!(error, StoreError::Behind { signed, .. } if signed == log.size),
            "cut at {end}: {error}"
        );
    }
}
