//! Two authorities that exchanged what there is to exchange, and stopped. Real gateways make
//! it once for each build of the binary; every test works on copies.

use crate::place::{Place, copy_folder};
use crate::support::{self, Authority, until};
use rogatory::archive::from_data;
use rogatory::archive::reader::Reader;
use rogatory::exchange::identity::Identity;
use rogatory::format::evidence::object_digest;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::leaf::Kind;
use rogatory::gateway::SystemClock;
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::ledger::verify::{Memory, Raw, Sound, verify};
use rogatory::store::{Clock as _, StoreError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// What a data directory is copied with: no socket, no log.
const KEPT: [&str; 6] = ["journal", "store", "checkpoint", "store.state", "lock", "keys"];

pub struct Fixture {
    pub xa: Side,
    pub xb: Side,
    /// Export of a log with more than two full bundles, and the number of its entries.
    pub large: (PathBuf, u64),
}

/// One of the two.
pub struct Side {
    pub data: PathBuf,
    pub export: PathBuf,
    pub identity: Arc<Identity>,
    pub entries: Vec<Raw>,
    pub leaves: Vec<Leaf>,
    pub sound: Sound<Memory>,
}

impl Fixture {
    pub fn get() -> &'static Self {
        static MADE: OnceLock<Fixture> = OnceLock::new();
        MADE.get_or_init(|| {
            let folder = made();
            let large = folder.join("large");
            let size = sound(&entries(&large)).size;
            assert!(size > 600);
            Self { xa: Side::read(&folder, "xa"), xb: Side::read(&folder, "xb"), large: (large, size) }
        })
    }
}

impl Side {
    fn read(folder: &Path, name: &str) -> Self {
        let (data, export) = (folder.join(name), folder.join(format!("{name}.export")));
        let identity = Arc::new(Identity::load(&data.join("keys"), SystemClock.now()).unwrap());
        let entries = entries(&export);
        let leaves = entries.iter().map(|raw| Leaf::decode(&raw.leaf).unwrap()).collect();
        Self { data, export, identity, sound: sound(&entries), entries, leaves }
    }

    pub fn size(&self) -> u64 {
        self.sound.size
    }

    /// Entries in the newest tree that the other cosigned.
    pub fn cosigned_size(&self) -> u64 {
        (0..self.leaves.len()).filter_map(|index| self.cosignature(index)).max().unwrap()
    }

    /// The size of the tree whose cosignature this entry holds, if it holds one.
    pub fn cosignature(&self, index: usize) -> Option<u64> {
        let raw = &self.entries[index];
        (self.leaves[index].kind == Kind::CosignatureReceived)
            .then(|| Checkpoint::danger_unverified(&raw.objects[0]).unwrap().size)
    }

    /// The first of its entries that names a tree of the other with more than `size` entries.
    pub fn first_witness_beyond(&self, size: u64) -> Option<u64> {
        self.sound.facts.witnessed.iter().find(|tree| tree.size > size).map(|tree| tree.index)
    }
}

/// A copy of a folder, to be damaged.
pub fn copy(folder: &Path, identity: &Arc<Identity>) -> Place {
    let place = Place { folder: tempfile::tempdir().unwrap(), identity: identity.clone() };
    copy_folder(folder, &place.data());
    place
}

/// An entry whose leaf names these objects.
pub fn raw(mut leaf: Leaf, objects: Vec<Vec<u8>>) -> Raw {
    leaf.objects = objects.iter().map(|object| object_digest(object)).collect();
    Raw { leaf: leaf.encode(), objects }
}

fn entries(export: &Path) -> Vec<Raw> {
    let mut reader = Reader::open(export, None).unwrap().0;
    let mut entries = Vec::new();
    while let Some(batch) = reader.batch().unwrap() {
        entries.extend(batch.entries);
    }
    entries
}

fn sound(entries: &[Raw]) -> Sound<Memory> {
    let mut rest = Some(entries.to_vec());
    let mut source = || {
        let batch = rest.take().map(|entries| rogatory::ledger::verify::Batch { entries, roots: Vec::new() });
        Ok::<_, StoreError>(batch)
    };
    verify(&mut source, Memory::default(), true, &mut |_| {}).unwrap()
}

/// The folder of this build's fixture. Whoever comes first makes it: tests may be processes.
fn made() -> PathBuf {
    let built = std::fs::metadata(env!("CARGO_BIN_EXE_rogatory")).unwrap().modified().unwrap();
    let built = built.duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tamper");
    std::fs::create_dir_all(&home).unwrap();
    let lock = std::fs::File::create(home.join("lock")).unwrap();
    lock.lock().unwrap();
    let folder = home.join(built.to_string());
    if !folder.exists() {
        for older in std::fs::read_dir(&home).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
            std::fs::remove_dir_all(older.path()).unwrap();
        }
        let making = home.join("making");
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(make(&making));
        let (large, _) = Place::filled(10, 60);
        from_data::export(&large.data(), &making.join("large"), &mut |_| {}).unwrap();
        std::fs::rename(making, &folder).unwrap();
    }
    folder
}

async fn make(folder: &Path) {
    let work = tempfile::tempdir().unwrap();
    let (mut xa, mut xb) = support::pair(work.path()).await;
    exchange(&xa, &xb).await;
    for side in [&xa, &xb] {
        until("it is cosigned and has cosigned", || async {
            let log = side.json(&["ledger", "log"])["entries"].to_string();
            log.contains("\"cosigned\"") && log.contains("\"cosignature_received\"")
        })
        .await;
    }
    exchange(&xa, &xb).await;
    xb.stop().await;
    // Nobody has seen the newest entries of XA.
    for _ in 0..3 {
        xa.send("XB", "");
    }
    xa.stop().await;
    for side in [&xa, &xb] {
        let data = folder.join(side.name.to_lowercase());
        std::fs::create_dir_all(&data).unwrap();
        for name in KEPT {
            let (from, to) = (side.data.join(name), data.join(name));
            match from.is_dir() {
                true => copy_folder(&from, &to),
                false => drop(std::fs::copy(from, to).unwrap()),
            }
        }
        from_data::export(&data, &data.with_extension("export"), &mut |_| {}).unwrap();
    }
}

/// Packets both ways, statuses, and both fetch.
async fn exchange(xa: &Authority, xb: &Authority) {
    let (request, _) = xa.send("XB", "");
    let (reply, _) = xb.send("XA", "");
    xa.send("XB", "");
    xa.quiet().await;
    xb.quiet().await;
    xb.json(&["answer", &request, "registered"]);
    xb.json(&["answer", &request, "information_needed", "--text", "Which account?"]);
    xb.quiet().await;
    xa.json(&["answer", &request, "information_given", "--text", "The second."]);
    for (side, packet) in [(xb, &request), (xa, &reply)] {
        let out = side.data.join(format!("fetched-{packet}"));
        side.json(&["fetch", packet, "--purpose", "execution", "--out", out.to_str().unwrap()]);
    }
    xa.quiet().await;
    xb.quiet().await;
}
