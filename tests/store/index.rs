//! The index: whatever becomes of it, the answers are the same.

use crate::place::{BOOT, Log, Place, accept_all, copy_folder, cut, files_below, flip, log_of};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// A name, and what is done to the folder of the index.
type Damage = (String, Box<dyn Fn(&Path)>);

/// Whatever became of the index's files: the same answers, or a rebuild and the same answers.
fn check_index_damage(cases: Vec<Damage>, place: &Place, log: &Log) {
    let (mut rebuilt, mut wrong) = (0, Vec::new());
    let count = cases.len();
    for (name, damage) in cases {
        let copy = place.copy();
        damage(&copy.data().join("store"));
        match catch_unwind(AssertUnwindSafe(|| copy.says(BOOT, log))) {
            Ok(recovery) => rebuilt += usize::from(recovery.rebuilt.is_some()),
            Err(panic) => wrong.push(format!(
                "{name}: {}",
                panic.downcast_ref::<String>().map_or("a panic", |text| &text[..text.len().min(300)])
            )),
        }
    }
    println!("{rebuilt} of {count} were rebuilt");
    assert!(rebuilt > 0, "no damage was even seen");
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_flipped_byte_in_the_index_changes_no_answer() {
    let (place, log) = Place::filled(6, 40);
    let store = place.data().join("store");
    let mut cases: Vec<Damage> = Vec::new();
    for file in files_below(&store) {
        let bytes = std::fs::read(&file).unwrap();
        // Empty space proves nothing: flip what was written.
        let written: Vec<u64> = (0_u64..).zip(&bytes).filter(|(_, b)| **b != 0).map(|(at, _)| at).collect();
        let name = file.strip_prefix(&store).unwrap().to_owned();
        for at in written.iter().step_by((written.len() / 24).max(1)).copied() {
            let name = name.clone();
            cases.push((
                format!("{} at {at}", name.display()),
                Box::new(move |store| flip(&store.join(&name), at)),
            ));
        }
    }
    assert!(cases.len() > 20, "{} cases", cases.len());
    check_index_damage(cases, &place, &log);
}

#[test]
fn cut_or_missing_files_of_the_index_change_no_answer() {
    let (place, log) = Place::filled(6, 40);
    let store = place.data().join("store");
    let mut cases: Vec<Damage> = Vec::new();
    for file in files_below(&store) {
        let length = std::fs::metadata(&file).unwrap().len();
        let name = file.strip_prefix(&store).unwrap().to_owned();
        for to in [0, length / 8, length / 4, length / 2, length * 3 / 4, length.saturating_sub(1)] {
            let name = name.clone();
            cases.push((
                format!("{} cut to {to} of {length}", name.display()),
                Box::new(move |store| cut(&store.join(&name), to)),
            ));
        }
        cases.push((
            format!("{} removed", name.display()),
            Box::new(move |store| std::fs::remove_file(store.join(&name)).unwrap()),
        ));
    }
    check_index_damage(cases, &place, &log);
}

#[test]
fn an_older_index_is_caught_up() {
    let (place, _) = Place::filled(3, 30);
    let old = tempfile::tempdir().unwrap();
    let store = place.data().join("store");
    copy_folder(&store, old.path());
    let log = place.with(BOOT, |opened| {
        (0..4).for_each(|_| accept_all(&opened.store, &place.identity, 25));
        log_of(&opened.store)
    });
    std::fs::remove_dir_all(&store).unwrap();
    copy_folder(old.path(), &store);
    let recovery = place.says(BOOT, &log);
    assert!(recovery.rebuilt.is_none() && recovery.groups >= 4, "{recovery:?}");
}
