//! What a disk holds, and what it has only been told: every write and every name since the last sync
//! is kept apart, so that a loss of power can forget any part of it.

use rand::RngExt as _;
use rand::rngs::StdRng;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::SystemTime;

/// Number of a file or folder.
pub type Ino = u64;
/// The folder of everything.
pub const ROOT: Ino = 1;
/// A write is torn here: bytes.
const SECTOR: u64 = 512;

/// What happened to a file since its last sync.
#[derive(Debug)]
pub enum Change {
    Write { at: u64, bytes: Vec<u8> },
    Length(u64),
}

impl Change {
    fn apply(&self, to: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => {
                let end = *at as usize + bytes.len();
                to.resize(to.len().max(end), 0);
                to[*at as usize..end].copy_from_slice(bytes);
            }
            Self::Length(length) => to.resize(*length as usize, 0),
        }
    }

    /// What of it reaches the disk when the power goes: any of its sectors, each with the chance
    /// `kept`, and the new length of the file or not.
    fn tear(&self, to: &mut Vec<u8>, kept: f64, random: &mut StdRng) {
        let Self::Write { at, bytes } = self else {
            if random.random_bool(kept) {
                self.apply(to);
            }
            return;
        };
        let grows = random.random_bool(kept);
        let (mut from, end) = (*at, at + bytes.len() as u64);
        while from < end {
            let next = end.min((from / SECTOR + 1) * SECTOR);
            let inside = if grows { next } else { next.min(to.len() as u64) };
            if random.random_bool(kept) && inside > from {
                let piece = &bytes[(from - at) as usize..(inside - at) as usize];
                Self::Write { at: from, bytes: piece.to_vec() }.apply(to);
            }
            from = next;
        }
    }
}

/// What a name stands for.
#[derive(Debug)]
pub enum Body {
    File {
        now: Vec<u8>,
        kept: Vec<u8>,
        pending: Vec<Change>,
    },
    Folder {
        now: BTreeMap<OsString, Ino>,
        kept: BTreeMap<OsString, Ino>,
    },
    /// A socket: never written to.
    Socket,
}

/// A file, folder or socket.
#[derive(Debug)]
pub struct Node {
    pub body: Body,
    pub mode: u16,
    pub changed: SystemTime,
    /// Where it stands now.
    place: (Ino, OsString),
    /// Kept at once: the harness's own, not the gateway's.
    ours: bool,
}

impl Node {
    pub fn length(&self) -> u64 {
        match &self.body {
            Body::File { now, .. } => now.len() as u64,
            _ => 0,
        }
    }
}

/// Names that change together.
#[derive(Debug)]
struct Names(Vec<(Ino, OsString, Option<Ino>)>);

/// What a loss of power took.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// Writes and changes of length that were not synced, in files that are still there.
    pub writes: usize,
    /// Changes of names that were not synced.
    pub names: usize,
}

/// The disk.
pub struct Medium {
    nodes: HashMap<Ino, Node>,
    names: Vec<Names>,
    next: Ino,
}

impl Medium {
    pub fn new() -> Self {
        let root = Node {
            body: Body::Folder { now: BTreeMap::new(), kept: BTreeMap::new() },
            mode: 0o700,
            changed: SystemTime::now(),
            place: (ROOT, OsString::new()),
            ours: false,
        };
        Self { nodes: HashMap::from([(ROOT, root)]), names: Vec::new(), next: ROOT + 1 }
    }

    pub fn node(&self, ino: Ino) -> Option<&Node> {
        self.nodes.get(&ino)
    }

    pub fn node_mut(&mut self, ino: Ino) -> Option<&mut Node> {
        self.nodes.get_mut(&ino)
    }

    /// Bytes of all files.
    pub fn used(&self) -> u64 {
        self.nodes.values().map(Node::length).sum()
    }

    /// Where something stands now, from the root.
    pub fn path(&self, mut ino: Ino) -> PathBuf {
        let mut parts = Vec::new();
        while let Some(node) = self.nodes.get(&ino).filter(|_| ino != ROOT) {
            parts.push(&node.place.1);
            ino = node.place.0;
        }
        parts.into_iter().rev().collect()
    }

    pub fn folder(&self, ino: Ino) -> Option<&BTreeMap<OsString, Ino>> {
        match &self.nodes.get(&ino)?.body {
            Body::Folder { now, .. } => Some(now),
            _ => None,
        }
    }

    pub fn find(&self, folder: Ino, name: &OsStr) -> Option<Ino> {
        self.folder(folder)?.get(name).copied()
    }

    /// Makes something new. The name is free.
    pub fn create(&mut self, folder: Ino, name: &OsStr, body: Body, mode: u16) -> Ino {
        let ino = self.next;
        self.next += 1;
        let ours = name == "gateway.log" || matches!(body, Body::Socket);
        let place = (folder, name.to_owned());
        self.nodes.insert(ino, Node { body, mode, changed: SystemTime::now(), place, ours });
        self.rename_all(Names(vec![(folder, name.to_owned(), Some(ino))]), ours);
        ino
    }

    pub fn empty_file() -> Body {
        Body::File { now: Vec::new(), kept: Vec::new(), pending: Vec::new() }
    }

    pub fn empty_folder() -> Body {
        Body::Folder { now: BTreeMap::new(), kept: BTreeMap::new() }
    }

    pub fn remove(&mut self, folder: Ino, name: &OsStr) {
        let ours = self.find(folder, name).and_then(|ino| self.nodes.get(&ino)).is_some_and(|node| node.ours);
        self.rename_all(Names(vec![(folder, name.to_owned(), None)]), ours);
    }

    /// Both names change at once, or neither does.
    pub fn rename(&mut self, from: (Ino, &OsStr), to: (Ino, &OsStr)) {
        let Some(ino) = self.find(from.0, from.1) else { return };
        if let Some(node) = self.nodes.get_mut(&ino) {
            node.place = (to.0, to.1.to_owned());
        }
        let sets = vec![(from.0, from.1.to_owned(), None), (to.0, to.1.to_owned(), Some(ino))];
        self.rename_all(Names(sets), false);
    }

    fn rename_all(&mut self, names: Names, at_once: bool) {
        for (folder, name, ino) in &names.0 {
            set(&mut self.nodes, *folder, name, *ino, false);
            if at_once {
                set(&mut self.nodes, *folder, name, *ino, true);
            }
        }
        if !at_once {
            self.names.push(names);
        }
    }

    pub fn write(&mut self, ino: Ino, at: u64, bytes: &[u8]) {
        self.change(ino, Change::Write { at, bytes: bytes.to_vec() });
    }

    pub fn set_length(&mut self, ino: Ino, length: u64) {
        self.change(ino, Change::Length(length));
    }

    fn change(&mut self, ino: Ino, change: Change) {
        let Some(node) = self.nodes.get_mut(&ino) else { return };
        node.changed = SystemTime::now();
        if let Body::File { now, kept, pending } = &mut node.body {
            change.apply(now);
            match node.ours {
                true => change.apply(kept),
                false => pending.push(change),
            }
        }
    }

    /// Makes the bytes of a file durable, or the names in a folder; not both.
    pub fn sync(&mut self, ino: Ino) {
        match self.nodes.get_mut(&ino).map(|node| &mut node.body) {
            Some(Body::File { kept, pending, .. }) => {
                pending.drain(..).for_each(|change| change.apply(kept));
            }
            Some(Body::Folder { .. }) => {
                // What a name was before goes with it, or a name that was given up came back.
                let (mut wanted, mut synced, mut rest) = (HashSet::new(), Vec::new(), Vec::new());
                for names in std::mem::take(&mut self.names).into_iter().rev() {
                    let touches = |(folder, name, _): &(Ino, OsString, _)| {
                        *folder == ino || wanted.contains(&(*folder, name.clone()))
                    };
                    match names.0.iter().any(touches) {
                        true => {
                            wanted.extend(names.0.iter().map(|(folder, name, _)| (*folder, name.clone())));
                            synced.push(names);
                        }
                        false => rest.push(names),
                    }
                }
                self.names = rest.into_iter().rev().collect();
                for (folder, name, ino) in synced.into_iter().rev().flat_map(|names| names.0) {
                    set(&mut self.nodes, folder, &name, ino, true);
                }
            }
            _ => {}
        }
    }

    /// The power goes: of what was not synced a random part is kept, and all the rest forgotten.
    pub fn cut(&mut self, random: &mut StdRng) -> Lost {
        // Nothing, everything, and all between.
        let kept = [0.0, 0.1, 0.5, 0.9, 1.0][random.random_range(0..5_usize)];
        let mut lost = Lost { names: self.names.len(), writes: 0 };
        for (folder, name, ino) in
            std::mem::take(&mut self.names).into_iter().filter(|_| random.random_bool(kept)).flat_map(|n| n.0)
        {
            set(&mut self.nodes, folder, &name, ino, true);
        }
        let mut inos: Vec<Ino> = self.nodes.keys().copied().collect();
        inos.sort_unstable();
        for ino in inos {
            match self.nodes.get_mut(&ino).map(|node| &mut node.body) {
                Some(Body::File { now, kept: durable, pending }) => {
                    lost.writes += pending.len();
                    pending.drain(..).for_each(|change| change.tear(durable, kept, random));
                    now.clone_from(durable);
                }
                Some(Body::Folder { now, kept }) => now.clone_from(kept),
                _ => {}
            }
        }
        self.sweep();
        lost
    }

    /// Takes away what no name leads to.
    fn sweep(&mut self) {
        let (mut reached, mut open) = (HashSet::from([ROOT]), vec![ROOT]);
        while let Some(folder) = open.pop() {
            let inside = self.folder(folder).cloned().unwrap_or_default();
            for (name, ino) in inside {
                if reached.insert(ino) {
                    open.push(ino);
                    if let Some(node) = self.nodes.get_mut(&ino) {
                        node.place = (folder, name);
                    }
                }
            }
        }
        self.nodes.retain(|ino, _| reached.contains(ino));
    }
}

fn set(nodes: &mut HashMap<Ino, Node>, folder: Ino, name: &OsStr, ino: Option<Ino>, durable: bool) {
    let Some(Body::Folder { now, kept }) = nodes.get_mut(&folder).map(|node| &mut node.body) else { return };
    let names = if durable { kept } else { now };
    match ino {
        Some(ino) => names.insert(name.to_owned(), ino),
        None => names.remove(name),
    };
}
