//! One run of a back-up: what is new since the last increment becomes the next.

use super::folder::{Folder, Manifest, Writing};
use super::pack::{self, PackedFile, PackedGroup};
use super::sealed::{BackupKey, Writer};
use super::survey::named_objects;
use super::{ArchiveError, Erased, Owner, Progress, leaf};
use crate::crypto::entropy::Entropy;
use crate::crypto::hash::{Digest, RootBuilder, sha256};
use crate::crypto::object::SEALED_CHUNK;
use crate::format::Millis;
use crate::ledger::checkpoint::Checkpoint;
use crate::store::journal::{Group, GroupEnd, HEADING, Next, Scan, segment_path};
use crate::store::objects::{read_full, stored};
use crate::store::{StoreError, checkpoint_file};
use prost::Message as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Seek as _;
use std::path::Path;
use std::time::Duration;

/// The name of the configuration in a back-up and in a restored folder.
pub const CONFIG: &str = "rogatory.toml";
/// The table of pseudonyms in a data directory.
const ACTORS: &str = "actors";

/// What is backed up.
pub struct Source<'a> {
    /// The data directory; a gateway may be working in it.
    pub data: &'a Path,
    /// The configuration.
    pub config: &'a Path,
}

/// What a run did.
pub struct Report {
    /// The increment, as its manifest says; none where nothing was new.
    pub increment: Option<Manifest>,
    /// Whose back-up it is.
    pub owner: Owner,
    /// Increments in the folder now.
    pub increments: u64,
    /// Object files that content records name and that are not there, or are damaged: the
    /// back-up goes on without them.
    pub lacking: Vec<Digest>,
}

/// Backs up what is new. Reads only whole groups, so it may run while the gateway appends.
pub fn run(
    source: &Source<'_>,
    folder: &Path,
    key: &BackupKey,
    now: Millis,
    entropy: &dyn Entropy,
    progress: Progress<'_>,
) -> Result<Report, ArchiveError> {
    let owner = Owner::of(source.data)?;
    let writing = Writing::open(folder, key)?;
    if let Some(found) = writing.folder.owner() {
        found.expect("the back-up in this folder", &owner)?;
    }
    // Read before the journal: what is signed is in the journal already.
    let signed = source.data.join("checkpoint");
    let note = checkpoint_file::newest(&signed)?
        .ok_or_else(|| StoreError::file(&signed, "holds no signed checkpoint yet"))?;
    let journal = source.data.join("journal");
    let mut run = Run {
        pack: writing.begin(key, entropy)?,
        done: 0,
        total: left_to_read(&journal, writing.folder.manifests.last()),
        named: BTreeMap::new(),
        progress,
    };
    let (last, mut scan) = run.groups(&journal, writing.folder.manifests.last())?;
    let Last { number, end, place } = &last;
    let signed = Checkpoint::danger_unverified(&note)?;
    if end.size < signed.size {
        return Err(StoreError::Behind { found: end.size, signed: signed.size }.into());
    }
    let objects = run.objects(source.data, &writing.folder)?;
    let lacking = run.lacking(&journal, &mut scan, &objects, &writing.folder.objects())?;
    let small_files = run.small_files(source)?;
    pack::put_end(&mut run.pack)?;

    let before = writing.folder.manifests.last();
    let manifest = Manifest {
        number: writing.next(),
        previous: writing.head(),
        authority: owner.authority.clone(),
        fingerprint: owner.fingerprint.clone(),
        made_at: now,
        after_group: before.map_or(0, |before| before.last_group),
        last_group: *number,
        from_size: before.map_or(0, |before| before.end.size),
        end: end.clone(),
        segment: place.0,
        offset: place.1,
        checkpoint: note,
        objects: objects.iter().map(|root| root.to_vec()).collect(),
        small_files,
        ..Manifest::default()
    };
    let new = before.is_none_or(|before| {
        before.last_group < manifest.last_group
            || before.checkpoint != manifest.checkpoint
            || before.small_files != manifest.small_files
            || !objects.is_empty()
    });
    if !new {
        drop(run);
        writing.abandon()?;
        return Ok(Report { increment: None, owner, increments: manifest.number - 1, lacking });
    }
    let written = run.pack.finish()?;
    let manifest = Manifest { pack_size: written.size, pack_digest: written.digest.to_vec(), ..manifest };
    writing.commit(&manifest, key, entropy)?;
    Ok(Report { increments: manifest.number, increment: Some(manifest), owner, lacking })
}

/// The last group that was backed up, now or before.
struct Last {
    number: u64,
    end: GroupEnd,
    place: (u64, u64),
}

struct Run<'a> {
    pack: Writer,
    done: u64,
    total: u64,
    /// Object files by the key of the content that names them.
    named: BTreeMap<Vec<u8>, Vec<Digest>>,
    progress: Progress<'a>,
}

impl Run<'_> {
    fn advance(&mut self, bytes: u64) {
        self.done += bytes;
        (self.progress)(self.done, self.total.max(self.done));
    }

    /// Packs the groups behind the last increment; syncs them first, so that the back-up
    /// never holds a group that the journal could lose.
    fn groups(&mut self, journal: &Path, before: Option<&Manifest>) -> Result<(Last, Scan), ArchiveError> {
        let mut scan = match before {
            Some(before) => behind(journal, before)?,
            None => Scan::begin(journal)?,
        };
        let mut last = before.map(|before| Last {
            number: before.last_group,
            end: before.end.clone(),
            place: (before.segment, before.offset),
        });
        let mut touched = BTreeSet::new();
        loop {
            let place = scan.position();
            let Some(group) = whole_group(journal, &mut scan)? else { break };
            let (number, end, next) = (group.number, group.end.clone(), group.next);
            touched.insert(next.0);
            let place = if next.0 == place.0 { place } else { (next.0, HEADING) };
            let group = PackedGroup::from(group);
            self.note(&group)?;
            pack::put_group(&mut self.pack, &group)?;
            last = Some(Last { number, end, place });
            self.advance(next.1 - place.1);
        }
        for segment in touched {
            let path = segment_path(journal, segment);
            File::open(&path)
                .and_then(|file| file.sync_data())
                .map_err(StoreError::io("cannot sync", &path))?;
        }
        let last = last.ok_or_else(|| StoreError::Damaged("it holds no group".into()))?;
        Ok((last, scan))
    }

    /// Remembers which object files a group names, and what it erases.
    fn note(&mut self, group: &PackedGroup) -> Result<(), ArchiveError> {
        self.named.extend(named_objects(group));
        for entry in group.entries() {
            if let Some(erased) = Erased::by(&leaf(&entry.leaf)?)? {
                erased.contents().iter().for_each(|key| drop(self.named.remove(key)));
            }
        }
        Ok(())
    }

    /// Packs object files that no increment holds. The folder is listed after the journal was
    /// read: an object is durable before the group that names it.
    fn objects(&mut self, data: &Path, folder: &Folder) -> Result<BTreeSet<Digest>, ArchiveError> {
        let known = folder.objects();
        let mut packed = BTreeSet::new();
        for (root, path) in stored(data)?.into_iter().filter(|(root, _)| !known.contains(root.as_slice())) {
            // An erasure may have removed it since.
            let Ok(mut file) = File::open(&path) else { continue };
            let length = file.metadata().map_err(StoreError::io("cannot read", &path))?.len();
            self.total += length;
            // A damaged file is no back-up of anything: it counts as lacking.
            if root_of(&mut file, &path)? == root {
                file.rewind().map_err(StoreError::io("cannot read", &path))?;
                self.object(&root, file, &path, length)?;
                packed.insert(root);
            }
        }
        Ok(packed)
    }

    /// What content records name and nobody has, unless it was erased meanwhile.
    fn lacking(
        &mut self,
        journal: &Path,
        scan: &mut Scan,
        packed: &BTreeSet<Digest>,
        known: &BTreeSet<&[u8]>,
    ) -> Result<Vec<Digest>, ArchiveError> {
        let is_lacking = |root: &&Digest| !packed.contains(*root) && !known.contains(root.as_slice());
        if self.named.values().flatten().any(|root| is_lacking(&root)) {
            while let Some(group) = whole_group(journal, scan)? {
                self.note(&PackedGroup::from(group))?;
            }
            // What came meanwhile is the next increment's.
            let there: BTreeSet<Digest> = self.named.values().flatten().copied().collect();
            return Ok(there.iter().filter(is_lacking).copied().collect());
        }
        Ok(Vec::new())
    }

    fn object(
        &mut self,
        root: &Digest,
        mut file: File,
        path: &Path,
        length: u64,
    ) -> Result<(), ArchiveError> {
        pack::begin_object(&mut self.pack, root, length)?;
        let (mut left, mut chunk) = (length, vec![0; SEALED_CHUNK]);
        while left > 0 {
            let part = left.min(SEALED_CHUNK as u64) as usize;
            let read =
                read_full(&mut file, &mut chunk[..part]).map_err(StoreError::io("cannot read", path))?;
            if read < part {
                return Err(StoreError::file(path, "became shorter while it was read").into());
            }
            self.pack.write(&chunk[..part])?;
            left -= part as u64;
            self.advance(part as u64);
        }
        Ok(())
    }

    /// Packs the newest small files; gives their digest.
    fn small_files(&mut self, source: &Source<'_>) -> Result<Vec<u8>, ArchiveError> {
        let mut all = Vec::new();
        for (name, path) in [(ACTORS, source.data.join(ACTORS)), (CONFIG, source.config.to_owned())] {
            if !path.exists() {
                continue;
            }
            let bytes = std::fs::read(&path).map_err(StoreError::io("cannot read", &path))?;
            let file = PackedFile { name: name.to_owned(), bytes };
            all.extend_from_slice(&file.encode_length_delimited_to_vec());
            pack::put_file(&mut self.pack, &file)?;
        }
        Ok(sha256(&all).to_vec())
    }
}

/// The next group that is whole: a writer may be in the middle of one.
fn whole_group(journal: &Path, scan: &mut Scan) -> Result<Option<Group>, ArchiveError> {
    let (place, number) = (scan.position(), scan.number());
    for attempt in 0.. {
        match scan.next_group()? {
            Next::Group(group) => return Ok(Some(*group)),
            Next::End | Next::InvalidTail => return Ok(None),
            Next::Damage(place) if attempt == 3 => return Err(StoreError::Damaged(place).into()),
            Next::Damage(_) => std::thread::sleep(Duration::from_millis(20)),
        }
        // A frame that is being written looks like damage if a segment has begun behind it;
        // and a closed segment may just have been rewritten, with its groups at other places.
        *scan = match attempt {
            2 => look_for(journal, number)?,
            _ => Scan::from(journal, place, number)?,
        };
    }
    Ok(None)
}

/// A scan from the beginning that stands before group `number`, or where the journal ends.
fn look_for(journal: &Path, number: u64) -> Result<Scan, ArchiveError> {
    let mut scan = Scan::begin(journal)?;
    while scan.number() < number && matches!(scan.next_group()?, Next::Group(_)) {}
    Ok(scan)
}

/// A scan that stands behind the last group of an increment. Where that group is not at its
/// place any more (a restored journal is laid out anew), it is looked for from the beginning.
fn behind(journal: &Path, before: &Manifest) -> Result<Scan, ArchiveError> {
    let is_last = |group: &Group| group.number == before.last_group && group.end == before.end;
    if let Ok(mut scan) = Scan::from(journal, (before.segment, before.offset), before.last_group)
        && matches!(scan.next_group(), Ok(Next::Group(group)) if is_last(&group))
    {
        return Ok(scan);
    }
    let mut scan = Scan::begin(journal)?;
    while let Some(group) = whole_group(journal, &mut scan)? {
        if group.number == before.last_group {
            return match is_last(&group) {
                true => Ok(scan),
                false => Err(ArchiveError::Diverged(format!(
                    "group {} is another one here than in increment {}",
                    group.number, before.number
                ))),
            };
        }
    }
    Err(ArchiveError::Diverged(format!(
        "the journal ends at group {}, increment {} goes to group {}",
        scan.number() - 1,
        before.number,
        before.last_group
    )))
}

/// Bytes of the journal behind an increment, as far as it is there now.
fn left_to_read(journal: &Path, before: Option<&Manifest>) -> u64 {
    let (first, offset) = before.map_or((1, 0), |before| (before.segment, before.offset));
    let lengths = (first..).map_while(|n| std::fs::metadata(segment_path(journal, n)).ok());
    lengths.map(|found| found.len()).sum::<u64>().saturating_sub(offset)
}

/// The chunk root of an object file, by which it is named.
pub fn root_of(file: &mut File, path: &Path) -> Result<Digest, ArchiveError> {
    let (mut root, mut chunk) = (RootBuilder::default(), vec![0; SEALED_CHUNK]);
    loop {
        let read = read_full(file, &mut chunk).map_err(StoreError::io("cannot read", path))?;
        if read == 0 {
            return Ok(root.root());
        }
        root.push(&chunk[..read]);
    }
}
