//! The medium as a file system (FUSE): what the kernel asks for, and where a fault is due.

use super::medium::{Body, Ino, Medium, Node};
use super::{Held, Step, Verdict};
use fuser::{
    Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation, INodeNo, LockOwner, OpenFlags,
    RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen,
    ReplyStatfs, ReplyWrite, Request, TimeOrNow, WriteFlags,
};
use std::ffi::OsStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// Nothing is remembered by the kernel: what it remembers would outlive a loss of power.
const TTL: Duration = Duration::ZERO;
const GENERATION: Generation = Generation(0);
const BLOCK: u64 = 4096;

/// What is mounted.
pub struct Mounted(pub Arc<Mutex<Held>>);

impl Mounted {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something that changes the medium, unless a fault is due.
    fn change<T>(
        &self,
        step: Step,
        ino: Ino,
        name: Option<&OsStr>,
        act: impl FnOnce(&mut Held) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let mut held = self.held();
        if !held.powered {
            return Err(Errno::EIO);
        }
        let mut path = held.medium.path(ino);
        path.extend(name);
        if held.read_only && path.file_name() != Some(OsStr::new("gateway.log")) {
            return Err(Errno::EROFS);
        }
        match held.verdict(step, &path) {
            Verdict::Go => act(&mut held),
            Verdict::Undone => Err(Errno::EIO),
            Verdict::Done => act(&mut held).and(Err(Errno::EIO)),
        }
    }

    fn look<T>(&self, act: impl FnOnce(&Medium) -> Option<T>) -> Result<T, Errno> {
        let held = self.held();
        if !held.powered {
            return Err(Errno::EIO);
        }
        act(&held.medium).ok_or(Errno::ENOENT)
    }
}

fn attributes(ino: Ino, node: &Node) -> FileAttr {
    let kind = match node.body {
        Body::File { .. } => FileType::RegularFile,
        Body::Folder { .. } => FileType::Directory,
        Body::Socket => FileType::Socket,
    };
    let time = node.changed;
    FileAttr {
        ino: INodeNo(ino),
        size: node.length(),
        blocks: node.length().div_ceil(512),
        atime: time,
        mtime: time,
        ctime: time,
        crtime: time,
        kind,
        perm: node.mode,
        nlink: 1,
        uid: rustix::process::geteuid().as_raw(),
        gid: rustix::process::getegid().as_raw(),
        rdev: 0,
        blksize: BLOCK as u32,
        flags: 0,
    }
}

fn of(medium: &Medium, ino: Ino) -> Option<FileAttr> {
    medium.node(ino).map(|node| attributes(ino, node))
}

/// Makes something whose name is free.
fn new(held: &mut Held, parent: Ino, name: &OsStr, body: Body, mode: u32) -> Result<FileAttr, Errno> {
    if held.medium.find(parent, name).is_some() {
        return Err(Errno::EEXIST);
    }
    if held.free() == 0 && name != "gateway.log" {
        return Err(Errno::ENOSPC);
    }
    let ino = held.medium.create(parent, name, body, (mode & 0o7777) as u16);
    of(&held.medium, ino).ok_or(Errno::ENOENT)
}

impl Filesystem for Mounted {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        match self.look(|medium| of(medium, medium.find(parent.0, name)?)) {
            Ok(found) => reply.entry(&TTL, &found, GENERATION),
            Err(error) => reply.error(error),
        }
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.look(|medium| of(medium, ino.0)) {
            Ok(found) => reply.attr(&TTL, &found),
            Err(error) => reply.error(error),
        }
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<fuser::BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let changed = match size {
            Some(size) => self.change(Step::Length, ino.0, None, |held| {
                let grown = size.saturating_sub(held.medium.node(ino.0).map_or(0, Node::length));
                if grown > held.free() {
                    return Err(Errno::ENOSPC);
                }
                held.medium.set_length(ino.0, size);
                Ok(())
            }),
            None => Ok(()),
        };
        let found = changed.and_then(|()| {
            if let (Some(mode), Some(node)) = (mode, self.held().medium.node_mut(ino.0)) {
                node.mode = (mode & 0o7777) as u16;
            }
            self.look(|medium| of(medium, ino.0))
        });
        match found {
            Ok(found) => reply.attr(&TTL, &found),
            Err(error) => reply.error(error),
        }
    }

    fn mknod(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        _: u32,
        reply: ReplyEntry,
    ) {
        const KIND: u32 = 0o170_000;
        const SOCKET: u32 = 0o140_000;
        let body = if mode & KIND == SOCKET { Body::Socket } else { Medium::empty_file() };
        let made = self.change(Step::Create, parent.0, Some(name), |held| {
            new(held, parent.0, name, body, mode & !umask)
        });
        match made {
            Ok(made) => reply.entry(&TTL, &made, GENERATION),
            Err(error) => reply.error(error),
        }
    }

    fn mkdir(&self, _: &Request, parent: INodeNo, name: &OsStr, mode: u32, umask: u32, reply: ReplyEntry) {
        let made = self.change(Step::Create, parent.0, Some(name), |held| {
            new(held, parent.0, name, Medium::empty_folder(), mode & !umask)
        });
        match made {
            Ok(made) => reply.entry(&TTL, &made, GENERATION),
            Err(error) => reply.error(error),
        }
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let done = self.change(Step::Remove, parent.0, Some(name), |held| {
            held.medium.find(parent.0, name).ok_or(Errno::ENOENT)?;
            held.medium.remove(parent.0, name);
            Ok(())
        });
        end(done, reply);
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let done = self.change(Step::Remove, parent.0, Some(name), |held| {
            let ino = held.medium.find(parent.0, name).ok_or(Errno::ENOENT)?;
            match held.medium.folder(ino) {
                Some(inside) if inside.is_empty() => held.medium.remove(parent.0, name),
                Some(_) => return Err(Errno::ENOTEMPTY),
                None => return Err(Errno::ENOTDIR),
            }
            Ok(())
        });
        end(done, reply);
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        to: INodeNo,
        new_name: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        // By the name that it gets: that is what others will look for.
        let done = self.change(Step::Rename, to.0, Some(new_name), |held| {
            if flags.bits() > 1 {
                return Err(Errno::EINVAL);
            }
            held.medium.find(parent.0, name).ok_or(Errno::ENOENT)?;
            if let Some(there) = held.medium.find(to.0, new_name) {
                let full = held.medium.folder(there).is_some_and(|inside| !inside.is_empty());
                if flags.bits() == 1 || full {
                    return Err(Errno::EEXIST);
                }
            }
            held.medium.rename((parent.0, name), (to.0, new_name));
            Ok(())
        });
        end(done, reply);
    }

    fn open(&self, _: &Request, ino: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match self.look(|medium| medium.node(ino.0).map(|_| ())) {
            Ok(()) => reply.opened(FileHandle(0), FopenFlags::empty()),
            Err(error) => reply.error(error),
        }
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let held = self.held();
        match held.medium.node(ino.0).map(|node| &node.body) {
            Some(Body::File { now, .. }) if held.powered => {
                let from = now.len().min(offset as usize);
                let to = now.len().min(from + size as usize);
                reply.data(&now[from..to]);
            }
            _ => reply.error(Errno::EIO),
        }
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let written = self.change(Step::Write, ino.0, None, |held| {
            let node = held.medium.node(ino.0).ok_or(Errno::ENOENT)?;
            let grown = (offset + data.len() as u64).saturating_sub(node.length());
            if grown > held.free() {
                return Err(Errno::ENOSPC);
            }
            held.medium.write(ino.0, offset, data);
            Ok(data.len() as u32)
        });
        match written {
            Ok(written) => reply.written(written),
            Err(error) => reply.error(error),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        let done = self.change(Step::Sync, ino.0, None, |held| {
            held.medium.sync(ino.0);
            Ok(())
        });
        end(done, reply);
    }

    fn readdir(&self, _: &Request, ino: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let listed = self.look(|medium| {
            let kind = |ino| of(medium, ino).map(|found| (ino, found.kind));
            let inside = medium.folder(ino.0)?.iter();
            Some(
                inside
                    .filter_map(|(name, ino)| kind(*ino).map(|(ino, kind)| (name.clone(), ino, kind)))
                    .collect::<Vec<_>>(),
            )
        });
        match listed {
            Ok(listed) => {
                for (number, (name, ino, kind)) in (1..).zip(listed).skip(offset as usize) {
                    if reply.add(INodeNo(ino), number, kind, name) {
                        break;
                    }
                }
                reply.ok();
            }
            Err(error) => reply.error(error),
        }
    }

    fn fsyncdir(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        let done = self.change(Step::SyncFolder, ino.0, None, |held| {
            held.medium.sync(ino.0);
            Ok(())
        });
        end(done, reply);
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        let held = self.held();
        let free = held.shown.unwrap_or(held.free()) / BLOCK;
        let all = free.max(held.capacity / BLOCK);
        reply.statfs(all, free, free, 1 << 20, 1 << 19, BLOCK as u32, 255, BLOCK as u32);
    }

    fn create(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        _: i32,
        reply: ReplyCreate,
    ) {
        let made = self.change(Step::Create, parent.0, Some(name), |held| {
            new(held, parent.0, name, Medium::empty_file(), mode & !umask)
        });
        match made {
            Ok(made) => reply.created(&TTL, &made, GENERATION, FileHandle(0), FopenFlags::empty()),
            Err(error) => reply.error(error),
        }
    }
}

fn end(done: Result<(), Errno>, reply: ReplyEmpty) {
    match done {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(error),
    }
}
