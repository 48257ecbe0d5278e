//! An authority with its data directory, filled, copied and damaged at will.

use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::object::Sealed;
use rogatory::exchange::identity::Identity;
use rogatory::format::evidence::{Evidence, Named, Subject};
use rogatory::format::id::{AuthorityId, CaseId, PacketId};
use rogatory::format::leaf::Leaf;
use rogatory::format::packet::{Header, SCHEMA};
use rogatory::format::wire::{cause, event, kind, leaf::Kind as LeafKind, urgency};
use rogatory::format::{FormatError, Millis};
use rogatory::ledger::records::{Direction, VIEW};
use rogatory::ledger::tree;
use rogatory::store::content::{StoredContent, StoredObject};
use rogatory::store::journal::{Journal, Next, Record, Scan, segment_path};
use rogatory::store::{
    Clock, Commit, Decision, NewEntry, Opened, Options, Recovery, Store, StoreError, content,
};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

pub const NOW: Millis = 1_800_000_000_000;
pub const BOOT: &str = "boot 1";
pub const CHILD: &str = "ROGATORY_TEST_STORE_CHILD";

/// A clock that moves by a millisecond whenever it is looked at.
pub struct Ticks(pub AtomicU64);

impl Clock for Ticks {
    fn now(&self) -> Millis {
        NOW + self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// An authority with its data directory, on which the tests work.
pub struct Place {
    pub folder: TempDir,
    pub identity: Arc<Identity>,
}

/// Everything that a store says.
#[derive(Debug, PartialEq)]
pub struct Log {
    pub size: u64,
    pub root: [u8; 32],
    pub views: Vec<(Vec<u8>, Vec<u8>)>,
    pub entries: Vec<(Vec<u8>, Vec<Vec<u8>>)>,
    pub contents: Vec<Option<StoredContent>>,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = AuthorityId::parse("XA").unwrap();
        let keys = folder.path().join("keys");
        let identity = Identity::found(&keys, &name, true, NOW, &SystemEntropy::default()).unwrap();
        Self { folder, identity: Arc::new(identity) }
    }

    /// A place whose log was filled and closed, and what the log said.
    pub fn filled(groups: u64, of: u64) -> (Self, Log) {
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

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn journal(&self) -> PathBuf {
        segment_path(&self.data().join("journal"), 1)
    }

    pub fn open(&self, boot: &str) -> Result<Opened, StoreError> {
        let options = Options {
            data: self.data(),
            keys: self.data().join("keys").as_path().into(),
            boot_id: boot.to_owned(),
            clock: Arc::new(Ticks(AtomicU64::new(0))),
            signer: self.identity.clone(),
            observer: Box::new(|_| {}),
        };
        options.open()
    }

    /// Opens, works, and closes.
    pub fn with<T>(&self, boot: &str, work: impl FnOnce(&Opened) -> T) -> T {
        let opened = self.open(boot).unwrap();
        let value = work(&opened);
        opened.store.close().unwrap();
        value
    }

    /// The same authority with a copy of the directory.
    pub fn copy(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(self.folder.path(), folder.path());
        Self { folder, identity: self.identity.clone() }
    }

    /// As after power loss: nobody vouches for the index.
    pub fn forget_marker(&self) {
        std::fs::remove_file(self.data().join("store.state")).unwrap();
    }

    /// Opens and compares with what the log said; gives how it was brought up.
    pub fn says(&self, boot: &str, log: &Log) -> Recovery {
        self.with(boot, |opened| {
            assert_eq!(&log_of(&opened.store), log);
            let checkpoint = opened.store.checkpoint();
            assert_eq!((checkpoint.size, checkpoint.root), (log.size, log.root));
            opened.recovery.clone()
        })
    }

    /// A start must fail, and leave journal and checkpoint as they were.
    pub fn refuses(&self, boot: &str) -> StoreError {
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

pub fn begin(store: &Store, identity: &Identity) {
    let entries = identity.first_entries();
    let commit: Commit<(), FormatError> =
        store.commit(|_, _| Ok(Decision { entries, contents: Vec::new(), value: () }));
    assert_eq!(commit.blocking_recv().unwrap().unwrap().first, 0);
}

/// Proposes a real submission: signed header, signed evidence, and sealed content.
pub fn accept(store: &Store, identity: &Arc<Identity>) -> Commit<PacketId, FormatError> {
    let id = PacketId::fresh(NOW, &SystemEntropy::default()).unwrap();
    let content = StoredContent {
        bucket: "standard-2027-01".into(),
        wrap: id.bytes().to_vec(),
        sealed_key_box: Vec::new(),
        box_bucket: String::new(),
        objects: vec![StoredObject { inline: vec![7; 100], in_file: false }],
    };
    accept_with(store, identity, id, content)
}

/// The same, with this content.
pub fn accept_with(
    store: &Store,
    identity: &Arc<Identity>,
    id: PacketId,
    content: StoredContent,
) -> Commit<PacketId, FormatError> {
    let identity = identity.clone();
    store.commit(move |_, now| {
        let entropy = SystemEntropy::default();
        let (us, peer) = (identity.authority().clone(), AuthorityId::parse("XB").unwrap());
        let case_id = CaseId::fresh(now, &entropy)?;
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
        let key = content::key(Direction::Out, &peer, &id);
        let leaf = Leaf {
            peer: Some(peer),
            id: Some(id),
            case_id: Some(case_id),
            code: event::Code::SubmissionAcceptance as u32,
            ..Leaf::new(LeafKind::EvidenceIssued)
        };
        Ok(Decision {
            entries: vec![NewEntry { leaf, objects: vec![evidence.envelope, header.envelope] }],
            contents: vec![(key, content)],
            value: id,
        })
    })
}

/// Commits `count` submissions that wait together.
pub fn accept_all(store: &Store, identity: &Arc<Identity>, count: u64) {
    let commits: Vec<_> = (0..count).map(|_| accept(store, identity)).collect();
    for commit in commits {
        commit.blocking_recv().unwrap().unwrap();
    }
}

pub fn log_of(store: &Store) -> Log {
    let snapshot = store.snapshot();
    let size = snapshot.size().unwrap();
    let entries: Vec<_> = (0..size).map(|index| snapshot.entry(index).unwrap()).collect();
    let contents = entries
        .iter()
        .filter_map(|entry| Some((entry.leaf.peer.as_ref()?, entry.leaf.id?)))
        .map(|(peer, id)| snapshot.content(&content::key(Direction::Out, peer, &id)).unwrap())
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

pub fn copy_folder(from: &Path, to: &Path) {
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

pub fn files_below(folder: &Path) -> Vec<PathBuf> {
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

pub fn flip(path: &Path, at: u64) {
    let file = std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
}

pub fn cut(path: &Path, length: u64) {
    std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(length).unwrap();
}

/// Where each group of the journal begins, and the end of the last.
pub fn frames(place: &Place) -> Vec<u64> {
    let mut scan = Scan::begin(&place.data().join("journal")).unwrap();
    let mut at = vec![scan.position().1];
    while let Next::Group(group) = scan.next_group().unwrap() {
        at.push(group.next.1);
    }
    at
}

/// Rewrites the journal with one entry changed, so that every checksum is right again.
pub fn forge(place: &Place, index: usize, change: impl Fn(&mut Record)) {
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
