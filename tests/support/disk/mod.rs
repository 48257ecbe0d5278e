//! A disk of the tests' own: a small file system in memory (FUSE), on which a gateway's data directory
//! lies. It loses power when it is told to, and then forgets a seeded part of what was not synced, torn
//! at 512 bytes and in any order; and it fails at any step, before it or after it.

#![allow(dead_code, reason = "each test file uses its own part")]

mod fs;
mod medium;

use fuser::{BackgroundSession, Config, MountOption, SessionACL};
pub use medium::Lost;
use medium::Medium;
use rand::rngs::StdRng;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What changes a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Create,
    Write,
    Length,
    Sync,
    Rename,
    Remove,
    SyncFolder,
}

/// What is done when its step comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does not happen, and that is said.
    Fails,
    /// It happens, and is reported failed.
    HappensAndFails,
    /// The power goes before it.
    CutBefore,
    /// The power goes after it.
    CutAfter,
}

pub(crate) enum Verdict {
    Go,
    Undone,
    Done,
}

/// A step of a file of a class, counted from 0 since it was armed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Armed {
    pub step: Step,
    pub class: String,
    pub nth: usize,
    pub fault: Fault,
}

/// What the mounted file system and the test share.
pub struct Held {
    medium: Medium,
    powered: bool,
    read_only: bool,
    capacity: u64,
    /// Free bytes as they are told, where that is not the truth.
    shown: Option<u64>,
    armed: Option<Armed>,
    fired: bool,
    seen: BTreeMap<(String, Step), usize>,
}

impl Held {
    fn free(&self) -> u64 {
        self.capacity.saturating_sub(self.medium.used())
    }

    fn verdict(&mut self, step: Step, path: &Path) -> Verdict {
        let Some(class) = class(path) else { return Verdict::Go };
        let count = self.seen.entry((class.to_owned(), step)).or_default();
        *count += 1;
        let Some(armed) = self.armed.as_mut().filter(|armed| armed.step == step && armed.class == class)
        else {
            return Verdict::Go;
        };
        if armed.nth > 0 {
            armed.nth -= 1;
            return Verdict::Go;
        }
        let fault = armed.fault;
        (self.armed, self.fired) = (None, true);
        match fault {
            Fault::Fails => Verdict::Undone,
            Fault::HappensAndFails => Verdict::Done,
            Fault::CutBefore => {
                self.powered = false;
                Verdict::Undone
            }
            Fault::CutAfter => {
                self.powered = false;
                Verdict::Done
            }
        }
    }
}

/// What a path of a data directory is for; none where it is the harness's own, or a socket.
pub fn class(path: &Path) -> Option<&'static str> {
    // Data directories lie side by side.
    let path: PathBuf = path.iter().skip(1).collect();
    let text = path.to_str()?;
    let starts = |with: &str| text.starts_with(with);
    Some(match text {
        _ if text.ends_with(".sock") || starts("gateway.log") => return None,
        _ if starts("journal/") => "journal",
        "journal" => "journal folder",
        _ if starts("store.state") => "marker",
        _ if starts("store.aside") => "index set aside",
        _ if starts("store") => "index",
        _ if starts("checkpoint") => "checkpoint",
        _ if starts("objects/") => "object",
        "objects" => "objects folder",
        _ if starts("keys/epochs") => "epoch key",
        _ if starts("keys") => "key",
        _ if starts("mirror") => "mirror",
        _ if starts("drafts") => "draft",
        "" => "data directory",
        _ => "other",
    })
}

/// A disk that is mounted.
pub struct Disk {
    held: Arc<Mutex<Held>>,
    place: PathBuf,
    session: Option<BackgroundSession>,
}

impl Disk {
    /// Mounts an empty disk at a folder of its own below `dir`. None where FUSE can't be had, which is
    /// said; under CI that is a failure.
    pub fn mount(dir: &Path, name: &str) -> Option<Self> {
        let place = dir.join(name);
        std::fs::create_dir(&place).unwrap();
        let held = Arc::new(Mutex::new(Held {
            medium: Medium::new(),
            powered: true,
            read_only: false,
            capacity: 1 << 40,
            shown: None,
            armed: None,
            fired: false,
            seen: BTreeMap::new(),
        }));
        let mut config = Config::default();
        config.mount_options = vec![MountOption::FSName("rogatory-test".into()), MountOption::NoAtime];
        config.acl = SessionACL::Owner;
        match fuser::spawn_mount(fs::Mounted(held.clone()), &place, &config) {
            Ok(session) => Some(Self { held, place, session: Some(session) }),
            Err(error) => {
                assert!(std::env::var("CI").is_err(), "FUSE can't be had, and CI wants it: {error}");
                eprintln!("FUSE can't be had ({error}): NOT tested");
                None
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.place
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on nothing can be read or written.
    pub fn power_off(&self) {
        self.held().powered = false;
    }

    pub fn is_powered(&self) -> bool {
        self.held().powered
    }

    /// Nobody uses the disk. What was not synced is forgotten in part, and it can be used again, on a
    /// machine that was started anew: the marker of what is open names another boot.
    pub fn power_on(&self, random: &mut StdRng) -> Lost {
        let mut held = self.held();
        held.powered = false;
        let lost = held.medium.cut(random);
        (held.powered, held.armed) = (true, None);
        drop(held);
        for data in std::fs::read_dir(&self.place).unwrap() {
            let marker = data.unwrap().path().join("store.state");
            if std::fs::read_to_string(&marker).is_ok_and(|text| text.starts_with("open ")) {
                std::fs::write(&marker, "open before\n").unwrap();
                std::fs::File::open(&marker).unwrap().sync_all().unwrap();
            }
        }
        lost
    }

    /// Makes durable what a test wrote into configurations.
    pub fn sync_configurations(&self) {
        for data in std::fs::read_dir(&self.place).unwrap() {
            let config = data.unwrap().path().join("rogatory.toml");
            std::fs::File::open(&config).and_then(|file| file.sync_all()).unwrap();
        }
    }

    pub fn arm(&self, armed: Armed) {
        let mut held = self.held();
        (held.armed, held.fired) = (Some(armed), false);
    }

    pub fn disarm(&self) {
        self.held().armed = None;
    }

    pub fn has_fired(&self) -> bool {
        self.held().fired
    }

    /// Steps since the last call, by class.
    pub fn seen(&self) -> BTreeMap<(String, Step), usize> {
        std::mem::take(&mut self.held().seen)
    }

    /// The disk is full, and says that it is not: others filled it after somebody looked.
    pub fn fill_behind_our_back(&self) {
        let mut held = self.held();
        (held.capacity, held.shown) = (held.medium.used(), Some(1 << 40));
    }

    pub fn set_read_only(&self, read_only: bool) {
        self.held().read_only = read_only;
    }

    /// Bytes of files that it holds at most.
    pub fn set_capacity(&self, bytes: u64) {
        let mut held = self.held();
        (held.capacity, held.shown) = (bytes, None);
    }

    /// What gateways logged last, for whoever looks into a failure.
    fn say_logs(&self) {
        for data in std::fs::read_dir(&self.place).into_iter().flatten().flatten() {
            let text = std::fs::read_to_string(data.path().join("gateway.log")).unwrap_or_default();
            if let Some(folder) = std::env::var_os("ROGATORY_LOGS") {
                let kept = std::fs::write(Path::new(&folder).join(data.file_name()), &text);
                kept.unwrap_or_else(|error| eprintln!("logs: {error}"));
            }
            let lines: Vec<&str> = text.lines().collect();
            let last = lines[lines.len().saturating_sub(30)..].join("\n");
            eprintln!("--- {}\n{last}", data.path().display());
        }
    }

    pub fn used(&self) -> u64 {
        self.held().medium.used()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.held().powered = true;
        if std::thread::panicking() {
            self.say_logs();
        }
        if let Some(session) = self.session.take() {
            // A failure leaves a mount of an empty disk behind, below a temporary folder.
            if let Err(error) = session.umount_and_join() {
                eprintln!("{} stays mounted: {error}", self.place.display());
            }
        }
    }
}
