//! The writer: one thread that owns appending.
//!
//! It takes what is waiting, decides each proposal against the log as it stands at its very
//! place, appends the whole group to the journal, syncs once, applies the group to the
//! index, signs the checkpoint, and answers everybody.

use super::building::Building;
use super::checkpoint_file::CheckpointFile;
use super::index::Index;
use super::journal::{Journal, Record};
use super::proposal::{Commit, Failure, Job, Proposal};
use super::recent::Recent;
use super::recovery::{CheckpointSigner, Clock, Observer};
use super::{Decision, Snapshot, StoreError, lock::Lock};
use crate::format::Millis;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::records::Views;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Proposals that may wait. Beyond that a caller is told to come again.
const WAITING: usize = 4096;
/// Proposals in one group.
const GROUP: usize = 256;
/// Signing a checkpoint takes this long at most.
const SIGNING: Duration = Duration::from_secs(2);

/// Closing the index takes this long at most.
const CLOSING: Duration = Duration::from_secs(20);

enum Message {
    Job(Box<dyn Job>),
    Stop,
}

/// The store of a data directory. Clones share it.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    sender: SyncSender<Message>,
    snapshot: Snapshot,
    newest: Arc<Mutex<Arc<Checkpoint>>>,
    groups: Arc<AtomicU64>,
    threads: Mutex<Option<Threads>>,
}

struct Threads {
    writer: JoinHandle<bool>,
    checkpoints: JoinHandle<()>,
    index: JoinHandle<()>,
    /// Dropped, it ends the index's thread.
    stop_index: SyncSender<()>,
    store: PathBuf,
    marker: super::recovery::Marker,
    _lock: Lock,
}

/// What the writer thread works with.
pub(super) struct Writer {
    pub journal: Journal,
    pub index: Index,
    pub size: u64,
    pub at: Millis,
    pub clock: Arc<dyn Clock>,
    pub signer: Arc<dyn CheckpointSigner>,
    pub observer: Observer,
    pub first: Checkpoint,
    pub recent: Arc<Recent>,
}

impl Store {
    pub(super) fn start(
        writer: Writer,
        checkpoint_file: CheckpointFile,
        snapshot: Snapshot,
        store: PathBuf,
        marker: super::recovery::Marker,
        lock: Lock,
    ) -> Result<Self, StoreError> {
        let (sender, receiver) = sync_channel(WAITING);
        let newest = Arc::new(Mutex::new(Arc::new(writer.first.clone())));
        let groups = Arc::new(AtomicU64::new(0));
        let (checkpoint_sender, checkpoint_receiver) = sync_channel(1);
        let checkpoints = spawn("checkpoints", {
            let newest = newest.clone();
            move || keep_checkpoints(checkpoint_file, &checkpoint_receiver, &newest)
        })?;
        let thread = spawn("writer", {
            let (newest, groups) = (newest.clone(), groups.clone());
            move || writer.run(&receiver, &newest, &groups, &checkpoint_sender)
        })?;
        let (stop_index, stopped) = sync_channel(1);
        let index = spawn("index", {
            let index = snapshot.index.clone();
            move || index.keep_writing_out(&stopped)
        })?;
        let threads = Threads { writer: thread, checkpoints, index, stop_index, store, marker, _lock: lock };
        let shared = Shared { sender, snapshot, newest, groups, threads: Mutex::new(Some(threads)) };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Proposes: `decide` sees the log as it stands at its place and says what is appended.
    /// The answer comes when all of it is durable.
    pub fn commit<T, E, F>(&self, decide: F) -> Commit<T, E>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&dyn Views, Millis) -> Result<Decision<T>, E> + Send + 'static,
    {
        self.commit_with(Vec::new(), decide)
    }

    /// The same, with records that are appended together with what is decided.
    pub(super) fn commit_with<T, E, F>(&self, more: Vec<Record>, decide: F) -> Commit<T, E>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&dyn Views, Millis) -> Result<Decision<T>, E> + Send + 'static,
    {
        let (reply, receiver) = oneshot::channel();
        let job = Proposal::new(decide, more, reply);
        match self.shared.sender.try_send(Message::Job(Box::new(job))) {
            Ok(()) => {}
            Err(TrySendError::Full(message)) => refuse(message, Failure::Busy),
            Err(TrySendError::Disconnected(message)) => {
                refuse(message, Failure::Stopped("it was closed".into()))
            }
        }
        receiver
    }

    /// The newest signed checkpoint.
    pub fn checkpoint(&self) -> Arc<Checkpoint> {
        locked(&self.shared.newest).clone()
    }

    /// A checkpoint in which the entry at `index` stands. The index is ahead of the newest
    /// checkpoint only while that is being signed.
    pub fn checkpoint_covering(&self, index: u64) -> Result<Arc<Checkpoint>, StoreError> {
        let patience = Instant::now() + SIGNING;
        loop {
            let checkpoint = self.checkpoint();
            if checkpoint.size > index {
                return Ok(checkpoint);
            }
            if Instant::now() > patience {
                return Err(StoreError::Stopped(format!("no checkpoint covers entry {index}")));
            }
            std::thread::yield_now();
        }
    }

    /// A reader of what is committed.
    pub fn snapshot(&self) -> &Snapshot {
        &self.shared.snapshot
    }

    /// Groups committed since the start.
    pub fn groups(&self) -> u64 {
        self.shared.groups.load(Ordering::Relaxed)
    }

    /// Ends the writer after what is waiting, and leaves the index in a state that the next
    /// start may trust.
    pub fn close(&self) -> Result<(), StoreError> {
        let Some(threads) = locked(&self.shared.threads).take() else { return Ok(()) };
        let _ = self.shared.sender.send(Message::Stop);
        let sound = threads.writer.join().is_ok_and(|sound| sound) & threads.checkpoints.join().is_ok();
        drop(threads.stop_index);
        let sound = threads.index.join().is_ok() && sound && !self.shared.snapshot.index.has_failed();
        if !sound {
            // The index may lack what the journal has: the next start must not trust it.
            threads.marker.write_untrusted()?;
            return Err(StoreError::Stopped(
                "it had failed before; the next start rebuilds the index".into(),
            ));
        }
        match self.close_index(threads.store) {
            Ok(()) => threads.marker.write_clean(),
            Err(error) => {
                threads.marker.write_untrusted()?;
                Err(error)
            }
        }
    }

    /// Closes the index, in bounded time: after an I/O error sled may wait for ever for a thread of its
    /// own that has ended.
    fn close_index(&self, folder: PathBuf) -> Result<(), StoreError> {
        let (done, closed) = sync_channel(1);
        let index = self.shared.snapshot.index.clone();
        spawn("closing", move || {
            let result = catch_unwind(AssertUnwindSafe(|| index.close(&folder)));
            // Nobody waits any more where it took too long.
            let _ = done.send(result.unwrap_or_else(|_| Err(StoreError::Index("sled panicked".into()))));
        })?;
        closed.recv_timeout(CLOSING).unwrap_or_else(|_| {
            Err(StoreError::Stopped("the index could not be closed; the next start rebuilds it".into()))
        })
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Without a close the index stays as after a process death; but the lock on the data
        // directory is given back only when nobody writes any more.
        if let Some(threads) = locked(&self.threads).take() {
            let _ = self.sender.send(Message::Stop);
            let _ = threads.writer.join();
            let _ = threads.checkpoints.join();
            drop(threads.stop_index);
            let _ = threads.index.join();
        }
    }
}

fn refuse(message: Message, why: Failure) {
    if let Message::Job(job) = message {
        job.complete(Err(why));
    }
}

fn spawn<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, StoreError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|error| StoreError::Stopped(format!("no thread: {error}")))
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Writer {
    fn run(
        mut self,
        receiver: &Receiver<Message>,
        newest: &Mutex<Arc<Checkpoint>>,
        groups: &AtomicU64,
        checkpoints: &SyncSender<()>,
    ) -> bool {
        let mut stopped: Option<String> = None;
        while let Ok(message) = receiver.recv() {
            let (jobs, stop) = gather(message, receiver);
            match &stopped {
                Some(why) => {
                    jobs.into_iter().for_each(|job| job.complete(Err(Failure::Stopped(why.clone()))))
                }
                None => {
                    match self.group(jobs, newest) {
                        Ok(true) => {
                            groups.fetch_add(1, Ordering::Relaxed);
                            // Full: the thread will take the newest anyway.
                            let _ = checkpoints.try_send(());
                        }
                        Ok(false) => {}
                        Err(why) => {
                            tracing::error!(%why, "the store has stopped; restart the gateway");
                            stopped = Some(why);
                        }
                    }
                }
            }
            if stop {
                break;
            }
        }
        stopped.is_none()
    }

    /// One group: decide, journal, sync, index, sign, answer. In this order.
    fn group(
        &mut self,
        mut jobs: Vec<Box<dyn Job>>,
        newest: &Mutex<Arc<Checkpoint>>,
    ) -> Result<bool, String> {
        let now = self.clock.now().max(self.at);
        let mut building = Building::on(self.index.clone(), self.size, self.at);
        let written = catch_unwind(AssertUnwindSafe(|| {
            for job in &mut jobs {
                job.decide(&mut building, now);
            }
            self.write(&mut building)
        }))
        .unwrap_or_else(|_| Err(StoreError::Stopped("the writer panicked".into())));
        let result = match written {
            Ok(None) => Ok(false),
            Ok(Some(checkpoint)) => {
                *locked(newest) = Arc::new(checkpoint);
                (self.observer)(&building.entries);
                self.recent.keep_entries(std::mem::take(&mut building.entries));
                Ok(true)
            }
            Err(error) => Err(error.to_string()),
        };
        let current = locked(newest).clone();
        for job in jobs {
            job.complete(match &result {
                Ok(_) => Ok(current.clone()),
                Err(why) => Err(Failure::Stopped(why.clone())),
            });
        }
        result
    }

    fn write(&mut self, building: &mut Building) -> Result<Option<Checkpoint>, StoreError> {
        if building.records.is_empty() {
            return Ok(None);
        }
        let end = building.end()?;
        let records = std::mem::take(&mut building.records);
        let group = self.journal.append(records, end)?;
        // From here on the group is durable; a crash repeats the rest from the journal.
        self.index.apply(building.changes(&group)?)?;
        self.recent.keep_contents(group.records.into_iter().map(|(record, _)| record));
        self.size = building.size;
        self.at = building.at;
        let root = group
            .end
            .root
            .as_slice()
            .try_into()
            .map_err(|_| StoreError::Damaged("the root of a group".into()))?;
        Ok(Some(self.signer.sign(self.size, root)?))
    }
}

/// What is waiting, up to a group's worth.
fn gather(first: Message, receiver: &Receiver<Message>) -> (Vec<Box<dyn Job>>, bool) {
    let mut jobs = Vec::new();
    let mut message = Some(first);
    loop {
        match message {
            Some(Message::Job(job)) => jobs.push(job),
            Some(Message::Stop) => return (jobs, true),
            None => return (jobs, false),
        }
        if jobs.len() >= GROUP {
            return (jobs, false);
        }
        message = receiver.try_recv().ok();
    }
}

/// Keeps the newest checkpoint in its file, off the path of an exchange.
fn keep_checkpoints(mut file: CheckpointFile, wake: &Receiver<()>, newest: &Mutex<Arc<Checkpoint>>) {
    let mut written = 0;
    loop {
        let open = wake.recv().is_ok();
        let checkpoint = locked(newest).clone();
        if checkpoint.size > written {
            match file.write(&checkpoint.note) {
                Ok(()) => written = checkpoint.size,
                Err(error) => tracing::error!(%error, "the newest checkpoint could not be kept"),
            }
        }
        if !open {
            return;
        }
        // Ten a second are plenty: the file only bounds what a torn journal may lose.
        std::thread::sleep(Duration::from_millis(100));
    }
}
