//! Reading all of a back-up before anything is believed: every pack opened, every group led
//! to its root, every object to its name; and what has to be known before restoring.

use super::folder::{Folder, Manifest};
use super::pack::{self, Item, PackedFile, PackedGroup};
use super::sealed::{BackupKey, Reader};
use super::{ArchiveError, Erased, Owner, Progress, damaged, digest, leaf};
use crate::crypto::hash::{Digest, RootBuilder};
use crate::crypto::object::SEALED_CHUNK;
use crate::format::chain::Chain;
use crate::format::evidence::object_digest;
use crate::format::packet::SignedHeader;
use crate::format::status::SignedStatus;
use crate::format::wire::leaf::Kind;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::records::Direction;
use crate::store::content;
use crate::store::journal::StoredEntry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

/// What a back-up holds, all of it verified but for the signatures of entries.
pub struct Survey {
    /// Entries.
    pub size: u64,
    /// Our statements, as the entries hold them.
    pub chain: Chain,
    /// What entries erased.
    pub erased: BTreeSet<Erased>,
    /// Keys of the contents that went with it.
    gone: HashSet<Vec<u8>>,
    /// Keys of the texts of statuses, by the packet that they are about.
    texts: BTreeMap<Erased, Vec<Vec<u8>>>,
    /// Object files by the key of the content that names them.
    pub named: BTreeMap<Vec<u8>, Vec<Digest>>,
    /// Object files in the back-up.
    pub objects: BTreeSet<Digest>,
    /// Buckets of epoch keys, with the number of contents under each; erased ones, and
    /// records that a later one replaces, do not count.
    pub buckets: BTreeMap<String, u64>,
    /// The root at the size that was asked for, where the back-up goes so far.
    pub root_at: Option<Digest>,
    /// Newest small files, by name.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Survey {
    /// Whether the content under this key was erased.
    pub fn is_erased(&self, key: &[u8]) -> bool {
        self.gone.contains(key)
    }

    /// Applies a tombstone that stands behind all that is in the back-up.
    pub fn erase(&mut self, erased: Erased) {
        self.gone.extend(erased.contents());
        self.gone.extend(self.texts.get(&erased).into_iter().flatten().cloned());
        self.erased.insert(erased);
    }

    /// Object files that contents name which were not erased, and that are not there.
    pub fn lacking(&self) -> Vec<Digest> {
        self.roots(false).difference(&self.objects).copied().collect()
    }

    /// Object files of contents that were erased, or of those that were not.
    pub fn roots(&self, erased: bool) -> BTreeSet<Digest> {
        let named = self.named.iter().filter(|(key, _)| self.is_erased(key) == erased);
        named.flat_map(|(_, roots)| roots).copied().collect()
    }
}

/// Reads and verifies all increments; `ask_root` is a size whose root is wanted.
pub fn survey(
    folder: &Folder,
    key: &BackupKey,
    ask_root: Option<u64>,
    progress: Progress<'_>,
) -> Result<Survey, ArchiveError> {
    let mut wanted: BTreeSet<u64> = ask_root.into_iter().collect();
    for manifest in &folder.manifests {
        wanted.insert(Checkpoint::danger_unverified(&manifest.checkpoint)?.size);
    }
    let mut reading = Reading {
        roots: RootBuilder::default(),
        size: 0,
        last_group: 0,
        chain: None,
        wanted,
        found: Found::default(),
        done: 0,
        total: folder.bytes(),
        progress,
    };
    reading.keep_root();
    for manifest in &folder.manifests {
        let mut reader = folder.pack(manifest, key)?;
        reading.pack(&mut reader, manifest)?;
        reader.finish()?;
    }
    reading.finish(folder, ask_root)
}

#[derive(Default)]
struct Found {
    erased: BTreeSet<Erased>,
    gone: HashSet<Vec<u8>>,
    texts: BTreeMap<Erased, Vec<Vec<u8>>>,
    named: BTreeMap<Vec<u8>, Vec<Digest>>,
    objects: BTreeSet<Digest>,
    /// The newest bucket of each content, as a number into `bucket_names`.
    buckets: HashMap<Vec<u8>, usize>,
    bucket_names: Vec<String>,
    files: BTreeMap<String, Vec<u8>>,
    roots: BTreeMap<u64, Digest>,
}

struct Reading<'a> {
    roots: RootBuilder,
    size: u64,
    last_group: u64,
    chain: Option<Chain>,
    wanted: BTreeSet<u64>,
    found: Found,
    done: u64,
    total: u64,
    progress: Progress<'a>,
}

impl Reading<'_> {
    fn pack(&mut self, reader: &mut Reader, manifest: &Manifest) -> Result<(), ArchiveError> {
        let path = reader.path().to_owned();
        let signed = Checkpoint::danger_unverified(&manifest.checkpoint)?;
        if signed.size > manifest.end.size {
            return Err(damaged(&path, "it ends before its checkpoint"));
        }
        let mut objects = BTreeSet::new();
        loop {
            match pack::next(reader)? {
                Item::Group(group) => self.group(group, &path)?,
                Item::Object(root, length) => {
                    if read_object(reader, length, &mut |_| Ok(()))? != root {
                        return Err(damaged(&path, format!("object {} is another", hex::encode(root))));
                    }
                    objects.insert(root);
                }
                Item::File(PackedFile { name, bytes }) => drop(self.found.files.insert(name, bytes)),
                Item::End => break,
            }
            (self.progress)(self.done + manifest.pack_size - reader.remaining(), self.total);
        }
        let named = manifest.objects.iter().map(|root| digest(root, &path)).collect::<Result<_, _>>()?;
        if self.last_group != manifest.last_group || self.size != manifest.end.size || objects != named {
            return Err(damaged(&path, "it does not hold what its manifest says"));
        }
        // It may lie before this increment: it is written off the path of an exchange.
        let held = self.found.roots.get(&signed.size);
        if held.is_none_or(|root| *root != signed.root) {
            return Err(damaged(&path, "its checkpoint is of another tree"));
        }
        self.found.objects.extend(objects);
        self.done += manifest.pack_size;
        Ok(())
    }

    fn group(&mut self, group: PackedGroup, path: &Path) -> Result<(), ArchiveError> {
        if group.number != self.last_group + 1 {
            return Err(damaged(path, format!("group {} is not the next", group.number)));
        }
        for (key, bucket) in group.records.iter().filter_map(pack::bucket) {
            let names = &mut self.found.bucket_names;
            let number = names.iter().position(|name| name == bucket).unwrap_or(names.len());
            if number == names.len() {
                names.push(bucket.to_owned());
            }
            self.found.buckets.insert(key.to_vec(), number);
        }
        self.found.named.extend(named_objects(&group));
        for entry in group.entries() {
            self.roots.push(&entry.leaf);
            self.size += 1;
            if let Some(erased) = check(entry, &mut self.chain)? {
                // Texts that came later stay: the tombstone speaks of what was there.
                self.found.gone.extend(erased.contents());
                self.found.gone.extend(self.found.texts.get(&erased).into_iter().flatten().cloned());
                self.found.erased.insert(erased);
            }
            for (about, key) in status_texts(entry, self.chain.as_ref()) {
                self.found.texts.entry(about).or_default().push(key);
            }
            self.keep_root();
        }
        if group.end.size != self.size || group.end.root != self.roots.root() {
            return Err(damaged(path, format!("group {} does not lead to its root", group.number)));
        }
        self.last_group = group.number;
        Ok(())
    }

    fn keep_root(&mut self) {
        if self.wanted.contains(&self.size) {
            self.found.roots.insert(self.size, self.roots.root());
        }
    }

    fn finish(self, folder: &Folder, ask_root: Option<u64>) -> Result<Survey, ArchiveError> {
        let Self { size, chain, found, .. } = self;
        let newest = folder.manifests.last();
        let chain = chain.ok_or(crate::ledger::LedgerError::Checkpoint("the ledger holds no statement 0"))?;
        if let Some(manifest) = newest {
            Owner::from_chain(&chain).expect("the ledger in the back-up", &manifest.owner())?;
            Checkpoint::open_held(&manifest.checkpoint, &chain)?;
        }
        let Found { erased, gone, texts, named, objects, files, roots, .. } = found;
        let root_at = ask_root.and_then(|size| roots.get(&size).copied());
        let buckets = BTreeMap::new();
        let mut survey = Survey { size, chain, erased, gone, texts, named, objects, buckets, root_at, files };
        let kept: Vec<usize> = found
            .buckets
            .iter()
            .filter(|(key, _)| !survey.is_erased(key))
            .map(|(_, number)| *number)
            .collect();
        for number in kept {
            *survey.buckets.entry(found.bucket_names[number].clone()).or_default() += 1;
        }
        Ok(survey)
    }
}

/// Checks an entry's objects against its leaf, learns our statements from it, and gives what
/// it erases.
pub fn check(entry: &StoredEntry, chain: &mut Option<Chain>) -> Result<Option<Erased>, ArchiveError> {
    let leaf = leaf(&entry.leaf)?;
    let agree = leaf.objects.len() == entry.objects.len()
        && leaf.objects.iter().zip(&entry.objects).all(|(named, object)| *named == object_digest(object));
    if !agree {
        return Err(crate::ledger::LedgerError::Read("an entry lacks an evidence object".into()).into());
    }
    if leaf.kind == Kind::KeyStatement as i32 && leaf.peer.is_empty() {
        for envelope in &entry.objects {
            match chain {
                None => *chain = Some(Chain::open(envelope)?),
                Some(chain) => drop(chain.append(envelope)?),
            }
        }
    }
    Ok(Erased::by(&leaf)?)
}

/// The texts of statuses in an entry: the packet that each is about, and the key of the text.
fn status_texts(entry: &StoredEntry, chain: Option<&Chain>) -> Vec<(Erased, Vec<u8>)> {
    let statuses = entry.objects.iter().filter_map(|object| SignedStatus::danger_unverified(object).ok());
    let with_text = statuses.map(|signed| signed.carried.value).filter(|status| status.text.is_some());
    with_text
        .map(|status| {
            let ours = chain.is_some_and(|chain| *chain.authority() == status.author);
            let (direction, peer) =
                if ours { (Direction::Out, status.peer) } else { (Direction::In, status.author) };
            let key = content::key(direction, &peer, &status.id);
            (Erased { peer, id: status.packet_id }, key)
        })
        .collect()
}

/// Reads an object out of a pack, handing on its chunks; gives its chunk root.
pub fn read_object(
    reader: &mut Reader,
    length: u64,
    take: &mut dyn FnMut(&[u8]) -> Result<(), ArchiveError>,
) -> Result<Digest, ArchiveError> {
    let (mut root, mut left) = (RootBuilder::default(), length);
    while left > 0 {
        let chunk = reader.take(left.min(SEALED_CHUNK as u64) as usize)?;
        root.push(&chunk);
        take(&chunk)?;
        left -= chunk.len() as u64;
    }
    Ok(root.root())
}

/// The object files that the contents of a group name: the header that says their chunk
/// roots stands in the same group.
pub fn named_objects(group: &PackedGroup) -> Vec<(Vec<u8>, Vec<Digest>)> {
    let in_files = group.contents().filter(|(_, content)| content.objects.iter().any(|o| o.in_file));
    in_files
        .filter_map(|(key, content)| {
            let mut headers = group
                .entries()
                .flat_map(|entry| &entry.objects)
                .filter_map(|object| SignedHeader::danger_unverified(object).ok());
            let header =
                headers.find(|header| key.get(1..17) == Some(header.header.id.bytes().as_slice()))?;
            let objects = header.header.objects.iter().zip(&content.objects);
            let roots = objects.filter(|(_, stored)| stored.in_file).map(|(sealed, _)| sealed.chunk_root);
            Some((key.to_vec(), roots.collect()))
        })
        .collect()
}
