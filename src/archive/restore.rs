//! Restoring: a new data directory from a back-up, a key back-up and, where there is one, a
//! mirror. All of it is verified before the first file is written.

use super::backup::CONFIG;
use super::folder::Folder;
use super::keys::KeyBackup;
use super::mirror::Mirror;
use super::pack::{self, Item};
use super::sealed::BackupKey;
use super::survey::{Survey, read_object, survey};
use super::{ArchiveError, Erased, Owner, Progress, leaf};
use crate::crypto::hash::{Digest, RootBuilder};
use crate::format::Millis;
use crate::format::id::PacketId;
use crate::format::wire::event::Code as Event;
use crate::format::wire::leaf::Kind;
use crate::ledger::checkpoint::Checkpoint;
use crate::store::StoreError;
use crate::store::checkpoint_file::CheckpointFile;
use crate::store::files::{folder_of, private_folder, sync_folder, write_new};
use crate::store::journal::{GroupEnd, Journal, Record};
use crate::store::lock::Lock;
use crate::store::objects::Objects;
use std::collections::BTreeSet;
use std::path::Path;

/// Bytes of a mirror's entries that become one group, about.
const GROUP: usize = 1 << 20;

/// What a restore is made from.
pub struct Sources<'a> {
    /// The back-up folder.
    pub from: &'a Path,
    /// The key back-up.
    pub keys: &'a Path,
    /// The back-up key.
    pub key: &'a BackupKey,
    /// An export of the ledger.
    pub mirror: Option<&'a Path>,
}

/// What was restored.
pub struct Restored {
    /// Whose data directory it is.
    pub owner: Owner,
    /// Increments that were read.
    pub increments: u64,
    /// When the last of them was made, milliseconds.
    pub made_at: Millis,
    /// When the key back-up was made, milliseconds.
    pub keys_made_at: Millis,
    /// Entries from the back-up.
    pub from_backup: u64,
    /// Entries from the mirror, behind those.
    pub from_mirror: u64,
    /// Entries that the newest signed checkpoint covers.
    pub signed: u64,
    /// Object files.
    pub objects: u64,
    /// Erasures whose content was left out.
    pub erased: BTreeSet<Erased>,
    /// Packets in the mirror's entries whose content is nowhere: they came after the back-up.
    pub without_content: Vec<PacketId>,
    /// Object files that contents name and that the back-up lacks.
    pub lacking: Vec<Digest>,
    /// Buckets whose epoch key the key back-up lacks, with the contents that can't be opened.
    pub locked: Vec<(String, u64)>,
    /// Whether the key back-up lacks statements that the ledger has.
    pub keys_are_older: bool,
}

/// Verifies all sources, then makes the data directory.
pub fn restore(sources: &Sources<'_>, data: &Path, progress: Progress<'_>) -> Result<Restored, ArchiveError> {
    refuse_filled(data)?;
    let folder = Folder::open_filled(sources.from, sources.key)?;
    let newest = folder.manifests.last().ok_or_else(|| ArchiveError::NoBackup(sources.from.to_owned()))?;
    let keys = KeyBackup::read(sources.keys, sources.key)?;
    keys.owner().expect("the key back-up", &newest.owner())?;
    let mirror = sources.mirror.map(Mirror::open).transpose()?;
    let joint = mirror.as_ref().map(|mirror| mirror.checkpoint.size.min(newest.end.size));
    let mut found = survey(&folder, sources.key, joint, progress)?;
    let mut chain = found.chain.clone();
    if let (Some(mirror), Some(root)) = (&mirror, &found.root_at) {
        let beyond = mirror.verify(found.size, root, &found.chain)?;
        chain = beyond.chain;
        beyond.erased.into_iter().for_each(|erased| found.erase(erased));
    }

    private_folder(data)?;
    let lock = Lock::take(data)?;
    // From here to the end a crash leaves a folder without statements, which nobody serves.
    let signed = write_checkpoint(data, &newest.checkpoint, mirror.as_ref())?;
    let mut writing = Writing {
        journal: Journal::create(&data.join("journal"))?,
        objects: Objects::open(data)?,
        gone: found.roots(true),
        found: &found,
        placed: 0,
    };
    let (mut done, total) = (0, folder.bytes());
    for manifest in &folder.manifests {
        let mut reader = folder.pack(manifest, sources.key)?;
        loop {
            match pack::next(&mut reader)? {
                Item::Group(group) => writing.group(group)?,
                Item::Object(root, length) => writing.object(&mut reader, root, length)?,
                Item::File(_) => {}
                Item::End => break,
            }
            progress(done + manifest.pack_size - reader.remaining(), total);
        }
        reader.finish()?;
        done += manifest.pack_size;
    }
    let ahead = mirror.as_ref().filter(|mirror| mirror.checkpoint.size > found.size);
    let without_content = match ahead {
        Some(mirror) => writing.mirrored(mirror)?,
        None => Vec::new(),
    };
    writing.journal.sync()?;
    let objects = writing.placed;
    for (name, bytes) in &found.files {
        if [CONFIG, "actors"].contains(&name.as_str()) {
            write_new(&data.join(name), bytes)?;
        }
    }
    keys.unpack(&data.join("keys"))?;
    sync_folder(data)?;
    sync_folder(folder_of(data))?;
    drop(lock);

    let buckets = keys.buckets();
    Ok(Restored {
        owner: newest.owner(),
        increments: newest.number,
        made_at: newest.made_at,
        keys_made_at: keys.made_at,
        from_backup: found.size,
        from_mirror: ahead.map_or(0, |mirror| mirror.checkpoint.size - found.size),
        signed,
        objects,
        lacking: found.lacking(),
        locked: found
            .buckets
            .iter()
            .filter(|(bucket, _)| !buckets.contains(bucket.as_str()))
            .map(owned)
            .collect(),
        keys_are_older: keys.statements() < chain.count(),
        erased: found.erased,
        without_content,
    })
}

fn owned((bucket, count): (&String, &u64)) -> (String, u64) {
    (bucket.clone(), *count)
}

/// Restores into an empty folder, or a new one; never where a gateway works.
fn refuse_filled(data: &Path) -> Result<(), ArchiveError> {
    if !data.exists() {
        return Ok(());
    }
    let mut entries = std::fs::read_dir(data).map_err(StoreError::io("cannot read", data))?;
    if entries.next().is_none() {
        return Ok(());
    }
    if data.join("lock").exists() {
        Lock::take(data)?;
    }
    Err(ArchiveError::NotEmpty(data.to_owned()))
}

/// Writes the newer of both checkpoints, before there is a journal: what is restored is
/// measured against it at every start. Gives its size.
fn write_checkpoint(data: &Path, note: &[u8], mirror: Option<&Mirror>) -> Result<u64, ArchiveError> {
    let own = Checkpoint::danger_unverified(note)?;
    let newest = match mirror.map(|mirror| &mirror.checkpoint) {
        Some(mirrored) if mirrored.size > own.size => mirrored,
        _ => &own,
    };
    CheckpointFile::open(&data.join("checkpoint"))?.write(&newest.note)?;
    Ok(newest.size)
}

struct Writing<'a> {
    journal: Journal,
    objects: Objects,
    gone: BTreeSet<Digest>,
    found: &'a Survey,
    placed: u64,
}

impl Writing<'_> {
    /// Writes a group again, without contents that were erased. Its number stays, so that the
    /// next back-up of the restored directory goes on from it.
    fn group(&mut self, group: pack::PackedGroup) -> Result<(), ArchiveError> {
        let end = group.end.clone();
        let stays = |record: &Record| !pack::content_key(record).is_some_and(|key| self.found.is_erased(key));
        let records = group.records.into_iter().filter(stays);
        self.journal.write(records.collect(), end)?;
        Ok(())
    }

    fn object(
        &mut self,
        reader: &mut super::sealed::Reader,
        root: Digest,
        length: u64,
    ) -> Result<(), ArchiveError> {
        if self.gone.contains(&root) {
            return read_object(reader, length, &mut |_| Ok(())).map(drop);
        }
        let mut incoming = self.objects.incoming()?;
        read_object(reader, length, &mut |chunk| Ok(incoming.write(chunk)?))?;
        incoming.place(&root)?;
        self.placed += 1;
        Ok(())
    }

    /// Appends the entries that only the mirror has, as groups; gives the packets among them
    /// whose content is nowhere.
    fn mirrored(&mut self, mirror: &Mirror) -> Result<Vec<PacketId>, ArchiveError> {
        let mut roots = RootBuilder::default();
        let (mut size, mut group, mut bytes, mut at) = (0_u64, Vec::new(), 0, 0);
        let mut without_content = Vec::new();
        let (first, last, journal) = (self.found.size, mirror.checkpoint.size, &mut self.journal);
        mirror.entries(&mut |entry| {
            roots.push(&entry.leaf);
            size += 1;
            if size <= first {
                return Ok(());
            }
            let named = leaf(&entry.leaf)?;
            at = named.at;
            without_content.extend(begun(&named).filter(|id| !self.found.erased.iter().any(|e| e.id == *id)));
            bytes += entry.leaf.len() + entry.objects.iter().map(Vec::len).sum::<usize>();
            group.push(entry);
            if bytes >= GROUP || size == last {
                let records = std::mem::take(&mut group).into_iter().map(Record::Entry).collect();
                journal.write(records, GroupEnd { size, root: roots.root().to_vec(), at })?;
                bytes = 0;
            }
            Ok(())
        })?;
        Ok(without_content)
    }
}

/// The packet whose content came with this entry, if one did.
fn begun(leaf: &crate::format::wire::Leaf) -> Option<PacketId> {
    let with_content = [Event::SubmissionAcceptance as u32, Event::RelayAcceptance as u32];
    let is = leaf.kind == Kind::EvidenceIssued as i32 && with_content.contains(&leaf.code);
    PacketId::from_bytes(&leaf.id).ok().filter(|_| is)
}
