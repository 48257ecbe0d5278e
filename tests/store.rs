//! The store's promises, through its public interface: what was answered is still there,
//! whatever became of the index, and damage is named instead of built upon.

use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::object::Sealed;
use rogatory::exchange::identity::Identity;
use rogatory::format::evidence::{Evidence, Named, Subject};
use rogatory::format::id::{AuthorityId, CaseId, PacketId};
use rogatory::format::leaf::Leaf;
use rogatory::format::packet::{Header, SCHEMA};
use rogatory::format::wire::{cause, event, kind, leaf::Kind as LeafKind, urgency};
use rogatory::format::{FormatError, Millis};
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::ledger::records::{Direction, VIEW};
use rogatory::ledger::{LedgerError, acknowledgement, tree};
use rogatory::store::content::{self, StoredContent, StoredObject};
use rogatory::store::journal::{Journal, Next, Record, Scan, segment_path};
use rogatory::store::{
    Clock, Commit, Decision, NewEntry, Opened, Options, Recovery, Refused, Store, StoreError, inspect,
};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::FileExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

const NOW: Millis = 1_800_000_000_000;
const BOOT: &str = "boot 1";
const CHILD: &str = "ROGATORY_TEST_STORE_CHILD";

/// A clock that moves by a millisecond whenever it is looked at.
struct Ticks(AtomicU64);

impl Clock for Ticks {
    fn now(&self) -> Millis {
        NOW + self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// An authority with its data directory, on which the tests work.
struct Place {
    folder: TempDir,
    identity: Arc<Identity>,
}

/// Everything that a store says.
#[derive(Debug, PartialEq)]
struct Log {
    size: u64,
    root: [u8; 32],
    views: Vec<(Vec<u8>, Vec<u8>)>,
    entries: Vec<(Vec<u8>, Vec<Vec<u8>>)>,
    contents: Vec<Option<StoredContent>>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = AuthorityId::parse("XA").unwrap();
        let keys = folder.path().join("keys");
        let identity = Identity::found(&keys, &name, true, NOW, &SystemEntropy::default()).unwrap();
        Self { folder, identity: Arc::new(identity) }
    }

    /// A place whose log was filled and closed, and what the log said.
    fn filled(groups: u64, of: u64) -> (Self, Log) {
        let place = Self::new();
        let log = place.with(BOOT, |opened| {
            assert_eq!(opened.recovery, Recovery { rebuilt: None, groups: 0, cut: false });
            begin(&opened.store, &place.identity);
            for _ in 0..groups {
                accept_all(&opened.store, &place.identity, of);
            }
            log_of(&opened.store)
        });
        assert_eq!(log.size, 8 + groups * of, "statements and acceptances");
        (place, log)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn journal(&self) -> PathBuf {
        segment_path(&self.data().join("journal"), 1)
    }

    fn open(&self, boot: &str) -> Result<Opened, StoreError> {
        let options = Options {
            data: self.data(),
            boot_id: boot.to_owned(),
            clock: Arc::new(Ticks(AtomicU64::new(0))),
            signer: self.identity.clone(),
            observer: Box::new(|_| {}),
        };
        options.open()
    }

    /// Opens, works, and closes.
    fn with<T>(&self, boot: &str, work: impl FnOnce(&Opened) -> T) -> T {
        let opened = self.open(boot).unwrap();
        let value = work(&opened);
        opened.store.close().unwrap();
        value
    }

    /// The same authority with a copy of the directory.
    fn copy(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(self.folder.path(), folder.path());
        Self { folder, identity: self.identity.clone() }
    }

    /// As after power loss: nobody vouches for the index.
    fn forget_marker(&self) {
        std::fs::remove_file(self.data().join("store.state")).unwrap();
    }

    /// Opens and compares with what the log said; gives how it was brought up.
    fn says(&self, boot: &str, log: &Log) -> Recovery {
        self.with(boot, |opened| {
            assert_eq!(&log_of(&opened.store), log);
            let checkpoint = opened.store.checkpoint();
            assert_eq!((checkpoint.size, checkpoint.root), (log.size, log.root));
            opened.recovery.clone()
        })
    }

    /// A start must fail, and leave journal and checkpoint as they were.
    fn refuses(&self, boot: &str) -> StoreError {
        let before =
            (std::fs::read(self.journal()).ok(), std::fs::read(self.data().join("checkpoint")).unwrap());
        let error = match self.open(boot) {
            Ok(opened) => {
                let size = opened.store.snapshot().size();
                opened.store.close().unwrap();
                panic!("opened, with {size:?} entries");
            }
            Err(error) => error,
        };
        let after =
            (std::fs::read(self.journal()).ok(), std::fs::read(self.data().join("checkpoint")).unwrap());
        assert!(before == after, "a refused start changed journal or checkpoint");
        error
    }
}

fn begin(store: &Store, identity: &Identity) {
    let entries = identity.first_entries();
    let commit: Commit<(), FormatError> =
        store.commit(|_, _| Ok(Decision { entries, contents: Vec::new(), value: () }));
    assert_eq!(commit.blocking_recv().unwrap().unwrap().first, 0);
}

/// Proposes a real submission: signed header, signed evidence, and sealed content.
fn accept(store: &Store, identity: &Arc<Identity>) -> Commit<PacketId, FormatError> {
    let identity = identity.clone();
    store.commit(move |_, now| {
        let entropy = SystemEntropy::default();
        let (us, peer) = (identity.authority().clone(), AuthorityId::parse("XB").unwrap());
        let (id, case_id) = (PacketId::fresh(now, &entropy)?, CaseId::fresh(now, &entropy)?);
        let header = Header {
            sender: us.clone(),
            recipient: peer.clone(),
            id,
            case_id,
            case_seq: 0,
            case_prev: None,
            kind: kind::Code::Extradition,
            urgency: urgency::Code::Routine,
            created: now,
            expires: now + 1000,
            schema: SCHEMA,
            in_reply_to: None,
            replaces: None,
            objects: vec![Sealed {
                ciphertext_length: 100,
                chunk_root: [1; 32],
                commitment: [2; 32],
                plaintext_digest: [3; 32],
            }],
            key_box_digest: [4; 32],
            content_key_id: [5; 32],
        }
        .sign(&identity.packet())?;
        let named = Named {
            is_status: false,
            sender: us.clone(),
            recipient: peer.clone(),
            id,
            digest: header.digest,
            case_id,
        };
        let evidence = Evidence {
            event: event::Code::SubmissionAcceptance,
            issuer: us,
            subject: Subject::Known(named),
            at: now,
            cause: cause::Code::None,
            findings: Vec::new(),
        }
        .sign(&identity.evidence())?;
        let leaf = Leaf {
            peer: Some(peer),
            id: Some(id),
            case_id: Some(case_id),
            code: event::Code::SubmissionAcceptance as u32,
            ..Leaf::new(LeafKind::EvidenceIssued)
        };
        let content = StoredContent {
            bucket: "standard-2027-01".into(),
            wrap: id.bytes().to_vec(),
            sealed_key_box: Vec::new(),
            objects: vec![StoredObject { inline: vec![7; 100], in_file: false }],
        };
        Ok(Decision {
            entries: vec![NewEntry { leaf, objects: vec![evidence.envelope, header.envelope] }],
            contents: vec![(content::key(Direction::Out, &id), content)],
            value: id,
        })
    })
}

/// Commits `count` submissions that wait together.
fn accept_all(store: &Store, identity: &Arc<Identity>, count: u64) {
    let commits: Vec<_> = (0..count).map(|_| accept(store, identity)).collect();
    for commit in commits {
        commit.blocking_recv().unwrap().unwrap();
    }
}

fn log_of(store: &Store) -> Log {
    let snapshot = store.snapshot();
    let size = snapshot.size().unwrap();
    let entries: Vec<_> = (0..size).map(|index| snapshot.entry(index).unwrap()).collect();
    let contents = entries
        .iter()
        .filter_map(|entry| entry.leaf.id)
        .map(|id| snapshot.content(&content::key(Direction::Out, &id)).unwrap())
        .collect();
    for entry in &entries {
        assert_eq!(snapshot.leaf(entry.index).unwrap().unwrap(), entry.leaf_bytes);
    }
    Log {
        size,
        root: tree::root(size, snapshot).unwrap(),
        views: snapshot.scan(&[VIEW], None, usize::MAX).unwrap(),
        entries: entries.into_iter().map(|entry| (entry.leaf_bytes, entry.objects)).collect(),
        contents,
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(path, target).unwrap();
        }
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => files.extend(files_below(&path)),
            path => files.push(path),
        }
    }
    files.sort();
    files
}

fn flip(path: &Path, at: u64) {
    let file = std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
}

fn cut(path: &Path, length: u64) {
    std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
}

/// Where each group of the journal begins, and the end of the last.
fn frames(place: &Place) -> Vec<u64> {
    let mut scan = Scan::begin(&place.data().join("journal")).unwrap();
    let mut at = vec![scan.position().1];
    while let Next::Group(group) = scan.next_group().unwrap() {
        at.push(group.next.1);
    }
    at
}

/// Rewrites the journal with one entry changed, so that every checksum is right again.
fn forge(place: &Place, index: usize, change: impl Fn(&mut Record)) {
    let folder = place.data().join("journal");
    let mut groups = Vec::new();
    let mut scan = Scan::begin(&folder).unwrap();
    while let Next::Group(group) = scan.next_group().unwrap() {
        groups.push(*group);
    }
    std::fs::remove_dir_all(&folder).unwrap();
    let mut journal = Journal::create(&folder).unwrap();
    let mut seen = 0;
    for group in groups {
        let mut records: Vec<_> = group.records.into_iter().map(|(record, _)| record).collect();
        for record in &mut records {
            if matches!(record, Record::Entry(_)) {
                if seen == index {
                    change(record);
                }
                seen += 1;
            }
        }
        journal.append(records, group.end).unwrap();
    }
}

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
        let checkpoint = Checkpoint::open(&committed.checkpoint.note, place.identity.chain()).unwrap();
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

/// Whatever became of the index's files: the same answers, or a rebuild and the same answers.
fn check_index_damage(cases: Vec<(String, Box<dyn Fn(&Path)>)>, place: &Place, log: &Log) {
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
    let mut cases: Vec<(String, Box<dyn Fn(&Path)>)> = Vec::new();
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
    let mut cases: Vec<(String, Box<dyn Fn(&Path)>)> = Vec::new();
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

/// Not a test by itself: commits in a process of its own until it is killed.
#[test]
#[ignore = "is run by the test that kills it"]
fn child_commits_until_it_is_killed() {
    let Some(folder) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let identity = Arc::new(Identity::load(&folder.join("keys"), NOW).unwrap());
    let options = Options {
        data: folder.join("data"),
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
        assert!(inspect::verify(&copy.data(), &mut |_| {}).unwrap().store_compared);
        logs.push(log);
    }
    assert!(logs[0] == logs[1] && logs[1] == logs[2], "the ways of recovery lead to one log");
}

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
            assert!(inspect::verify(&copy.data(), &mut |_| {}).unwrap().torn_tail);
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
    let found = inspect::verify(&place.data(), &mut |_| {});
    assert!(matches!(found, Err(StoreError::Damaged(_))));
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
fn one_process_a_directory() {
    let (place, log) = Place::filled(1, 5);
    place.with(BOOT, |_| {
        assert!(matches!(place.open(BOOT), Err(StoreError::Locked(path)) if path == place.data()));
        let found = inspect::verify(&place.data(), &mut |_| {}).unwrap();
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
fn verification_finds_what_was_changed() {
    let (place, log) = Place::filled(4, 15);
    let found = inspect::verify(&place.data(), &mut |_| {}).unwrap();
    assert!(found.store_compared && !found.torn_tail);
    assert_eq!((found.sound.size, found.sound.root), (log.size, log.root));
    assert_eq!((found.signed, &found.sound.chain), (Some(log.size), place.identity.chain()));
    assert_eq!(found.sound.views.0.into_iter().collect::<Vec<_>>(), log.views);

    // Evidence changed, and every checksum made right again: the entry is named.
    for (index, object) in [(3, 0), (20, 0), (20, 1), (log.size - 1, 1)] {
        let copy = place.copy();
        forge(&copy, index as usize, |record| {
            if let Record::Entry(entry) = record {
                *entry.objects[object].last_mut().unwrap() ^= 1;
            }
        });
        match inspect::verify(&copy.data(), &mut |_| {}) {
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
            let found = inspect::verify(&copy.data(), &mut |_| {});
            assert!(matches!(found, Err(StoreError::Ledger(_))), "leaf {index} byte {byte}");
        }
    }
    // Bytes flipped without making the checksum right again.
    let at = frames(&place);
    for group in 0..at.len() - 1 {
        let copy = place.copy();
        flip(&copy.journal(), at[group] + 60);
        assert!(inspect::verify(&copy.data(), &mut |_| {}).is_err(), "group {group}");
    }
}

#[test]
fn verification_compares_the_index_key_by_key() {
    let (place, log) = Place::filled(4, 15);
    let changes: [(&str, &[u8]); 3] = [
        ("a view", &log.views[5].0),
        ("the last view", &log.views[log.views.len() - 1].0),
        ("a node", b"n\0\0\0\0\0\0\0\x11"),
    ];
    for (what, key) in changes {
        for gone in [false, true] {
            let copy = place.copy();
            let db = sled::open(copy.data().join("store")).unwrap();
            let ledger = db.open_tree("ledger").unwrap();
            let mut value = ledger.get(key).unwrap().expect("a key that is there").to_vec();
            value.push(1);
            match gone {
                true => drop(ledger.remove(key).unwrap()),
                false => drop(ledger.insert(key, value).unwrap()),
            }
            db.flush().unwrap();
            drop((ledger, db));
            let found = inspect::verify(&copy.data(), &mut |_| {});
            assert!(
                matches!(found, Err(StoreError::Ledger(LedgerError::Entry { .. }))),
                "{what}, gone: {gone}"
            );
        }
    }
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
            let checkpoint = Checkpoint::open(&committed.checkpoint.note, place.identity.chain()).unwrap();
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
