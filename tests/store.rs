//! The store's promises, through its public interface: what was answered is still there,
//! whatever became of the index, and damage is named instead of built upon.

#[path = "store/erasing.rs"]
mod erasing;
#[path = "store/index.rs"]
mod index;
#[path = "store/journal.rs"]
mod journal;
#[path = "store/place.rs"]
mod place;
#[path = "store/verification.rs"]
mod verification;

use place::{BOOT, CHILD, NOW, Place, Ticks, accept, begin, log_of};
use rogatory::exchange::identity::Identity;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::leaf::Kind as LeafKind;
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::ledger::{acknowledgement, tree};
use rogatory::store::{Commit, Decision, NewEntry, Options, Recovery, Refused, StoreError, inspect};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

#[test]
fn reopened_it_says_the_same() {
    let (place, log) = Place::filled(6, 50);
    for boot in [BOOT, "boot 2"] {
        let recovery = place.says(boot, &log);
        assert_eq!(recovery, Recovery { rebuilt: None, groups: 0, cut: false }, "a clean stop is trusted");
    }
    // And it goes on from there.
    place.with(BOOT, |opened| {
        let committed = accept(&opened.store, &place.identity).blocking_recv().unwrap().unwrap();
        assert_eq!((committed.first, committed.count), (log.size, 1));
        let checkpoint = Checkpoint::open(&committed.checkpoint.note, &place.identity.chain()).unwrap();
        assert_eq!(checkpoint.size, log.size + 1);
        let snapshot = opened.store.snapshot();
        let proof = tree::consistency(log.size, checkpoint.size, snapshot).unwrap();
        tree::verify_consistency((log.size, log.root), (checkpoint.size, checkpoint.root), &proof).unwrap();
    });
}

#[test]
fn without_its_index_it_is_rebuilt() {
    let (place, log) = Place::filled(6, 50);
    std::fs::remove_dir_all(place.data().join("store")).unwrap();
    let recovery = place.says(BOOT, &log);
    assert!(recovery.rebuilt.is_some());
    assert!(recovery.groups >= 7 && !recovery.cut, "{recovery:?}");
    place.forget_marker();
    assert!(place.says(BOOT, &log).rebuilt.is_some(), "nobody vouches for the index");
    assert_eq!(place.says("boot 3", &log).rebuilt, None);
}

/// Not a test by itself: commits in a process of its own until it is killed.
#[test]
#[ignore = "is run by the test that kills it"]
fn child_commits_until_it_is_killed() {
    let Some(folder) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let identity = Arc::new(Identity::load(&folder.join("keys"), NOW).unwrap());
    let options = Options {
        data: folder.join("data"),
        keys: folder.join("data/keys").as_path().into(),
        boot_id: BOOT.to_owned(),
        clock: Arc::new(Ticks(AtomicU64::new(0))),
        signer: identity.clone(),
        observer: Box::new(|_| {}),
    };
    let store = options.open().unwrap().store;
    begin(&store, &identity);
    loop {
        let commits: Vec<_> = (0..7).map(|_| accept(&store, &identity)).collect();
        for commit in commits {
            let committed = commit.blocking_recv().unwrap().unwrap();
            println!("committed {} {}", committed.first, committed.value);
        }
    }
}

#[test]
fn what_a_killed_process_answered_is_there() {
    let place = Place::new();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_commits_until_it_is_killed", "--ignored", "--nocapture"])
        .env(CHILD, place.folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answered = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some((_, rest)) = line.split_once("committed ") {
            let (index, id) = rest.split_once(' ').unwrap();
            answered.push((index.parse::<u64>().unwrap(), id.to_owned()));
        }
        if answered.len() == 300 {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(answered.len() >= 300, "the child ended after {} commits", answered.len());

    let mut logs = Vec::new();
    for (boot, trusted) in [(BOOT, true), ("boot 2", false), ("", false)] {
        let copy = place.copy();
        let (recovery, log) = copy.with(boot, |opened| {
            let snapshot = opened.store.snapshot();
            for (index, id) in &answered {
                assert_eq!(snapshot.entry(*index).unwrap().leaf.id.unwrap().to_string(), *id);
            }
            (opened.recovery.clone(), log_of(&opened.store))
        });
        assert_eq!(recovery.rebuilt.is_none(), trusted, "boot {boot:?}: {recovery:?}");
        assert!(inspect::verify(&copy.data(), inspect::Look::default(), &mut |_| {}).unwrap().store_compared);
        logs.push(log);
    }
    assert!(logs[0] == logs[1] && logs[1] == logs[2], "the ways of recovery lead to one log");
}

#[test]
fn one_process_a_directory() {
    let (place, log) = Place::filled(1, 5);
    place.with(BOOT, |_| {
        assert!(matches!(place.open(BOOT), Err(StoreError::Locked(path)) if path == place.data()));
        let found = inspect::verify(&place.data(), inspect::Look::default(), &mut |_| {}).unwrap();
        assert!(!found.store_compared, "a store that is in use is not looked at");
    });
    place.says(BOOT, &log);
}

#[test]
fn after_closing_nothing_is_taken() {
    let (place, log) = Place::filled(1, 5);
    let opened = place.open(BOOT).unwrap();
    opened.store.close().unwrap();
    opened.store.close().unwrap();
    let answer = accept(&opened.store, &place.identity).blocking_recv().unwrap();
    assert!(matches!(answer, Err(Refused::Store(StoreError::Stopped(_)))));
    drop(opened);
    place.says(BOOT, &log);
}

#[test]
fn a_refused_decision_leaves_no_trace() {
    let (place, log) = Place::filled(1, 5);
    place.with(BOOT, |opened| {
        let no: Commit<(), &str> = opened.store.commit(|_, _| Err("no"));
        assert!(matches!(no.blocking_recv().unwrap(), Err(Refused::Decided("no"))));
        // An entry that can't be applied is refused alone; its neighbours are committed.
        let unsound: Commit<(), &str> = opened.store.commit(|_, _| {
            let entry = NewEntry { leaf: Leaf::new(LeafKind::Unspecified), objects: Vec::new() };
            Ok(Decision { entries: vec![entry], contents: Vec::new(), value: () })
        });
        let sound = accept(&opened.store, &place.identity);
        assert!(matches!(unsound.blocking_recv().unwrap(), Err(Refused::Store(StoreError::Ledger(_)))));
        assert_eq!(sound.blocking_recv().unwrap().unwrap().first, log.size);
    });
}

#[test]
fn many_at_once_are_numbered_densely_and_proved() {
    let (place, log) = Place::filled(1, 5);
    place.with(BOOT, |opened| {
        let (store, snapshot) = (&opened.store, opened.store.snapshot());
        let committed: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|_| {
                    scope.spawn(|| {
                        let commits: Vec<_> = (0..25).map(|_| accept(store, &place.identity)).collect();
                        commits.into_iter().map(|c| c.blocking_recv().unwrap().unwrap()).collect::<Vec<_>>()
                    })
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let firsts: BTreeSet<u64> = committed.iter().map(|committed| committed.first).collect();
        assert!(firsts.into_iter().eq(log.size..log.size + 400), "each index once, none left out");
        assert!(store.groups() < 400, "{} groups for 400 proposals", store.groups());
        for (number, committed) in committed.iter().enumerate() {
            let checkpoint = Checkpoint::open(&committed.checkpoint.note, &place.identity.chain()).unwrap();
            assert!(committed.first < checkpoint.size, "the checkpoint covers the entry");
            let known = [0, 1, log.size, committed.first][number % 4];
            let known = (known, tree::root(known, snapshot).unwrap());
            let entry = snapshot.entry(committed.first).unwrap();
            assert_eq!(entry.leaf.id, Some(committed.value));
            let ack = acknowledgement::prove(vec![entry], &checkpoint, known.0, snapshot).unwrap();
            let mut other = ack.clone();
            other.entries[0].index ^= 1;
            let proven = acknowledgement::verify(ack, checkpoint.clone(), known).unwrap();
            assert_eq!(proven.witnessed(), Some((checkpoint.size, checkpoint.root)));
            assert!(acknowledgement::verify(other, checkpoint, known).is_err(), "another place");
        }
    });
}
