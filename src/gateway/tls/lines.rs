//! Every connection of ours, in both directions: which keys it stands on, since when, and how
//! it is cut. A key is looked up on every call; whoever is connected and says nothing is found
//! by looking through all lines, after each change and now and then.

use crate::crypto::hash::Digest;
use crate::exchange::Exchange;
use crate::exchange::lifetimes::end_of;
use crate::format::Millis;
use crate::format::envelope::KeySource as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A connection whose key nobody's statements prove has this long for Hello and its answer.
pub const LAST_WORDS: Duration = Duration::from_secs(2);
/// Whoever connects and proves nothing is cut at the next look after this time.
const STRANGER: Duration = Duration::from_secs(60);
/// Connections that prove nobody, at a time: beyond that the oldest of them gives way.
const UNPROVED: usize = 64;
/// Connections with one TLS key that the other side made, at a time.
const OF_ONE_KEY: usize = 32;
/// Calls under way over all connections with one TLS key: each may hold a message. Twice what a
/// gateway of ours has under way to a peer.
const CALLS: usize = 128;
/// What a connection may send as long as it proves nobody, bytes: many rounds of Hello, which goes
/// on over the next connection.
const UNPROVED_BYTES: u64 = 4 << 20;
/// What began before a connection reached its age may take this long to end.
pub const LAST_CALL: Duration = Duration::from_secs(600);

/// One connection.
#[derive(Debug)]
pub struct Line {
    /// The TLS public key that the other side proved to hold.
    pub theirs: Arc<[u8]>,
    /// Id of our key in the handshake.
    pub ours: Digest,
    /// Since when.
    pub born: Instant,
    inward: bool,
    fate: Mutex<Fate>,
    cut: CancellationToken,
    /// For calls of the other side, over whichever of its connections.
    calls: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Fate {
    /// The other side's key proved somebody.
    proved: bool,
    condemned: bool,
}

impl Line {
    fn fate(&self) -> std::sync::MutexGuard<'_, Fate> {
        self.fate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note that the other side's key proves whom it should. A sentence is taken back.
    pub fn prove(&self) {
        *self.fate() = Fate { proved: true, condemned: false };
    }

    /// Lets the connection live for [`LAST_WORDS`] only, so that an answer still gets out.
    pub fn condemn(self: &Arc<Self>) {
        if std::mem::replace(&mut self.fate().condemned, true) {
            return;
        }
        let line = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(LAST_WORDS).await;
            if line.fate().condemned {
                line.cut();
            }
        });
    }

    /// A place for a call of the other side, for as long as it is held; none: there are enough.
    pub fn call(&self) -> Option<OwnedSemaphorePermit> {
        self.calls.clone().try_acquire_owned().ok()
    }

    /// Ends it now, whatever is under way over it.
    pub fn cut(&self) {
        self.cut.cancel();
    }

    fn is_cut(&self) -> bool {
        self.cut.is_cancelled()
    }

    /// Takes note of so many bytes that came, all together: who proves nobody says no more.
    fn heard(&self, bytes: u64) {
        if self.inward && bytes > UNPROVED_BYTES && !self.is_cut() && !self.fate().proved {
            tracing::info!(bytes, "a connection is cut: it says much, and proves nobody");
            self.cut();
        }
    }
}

/// All connections.
pub struct Lines {
    open: Mutex<Vec<Weak<Line>>>,
    age: Duration,
}

impl Lines {
    /// Of which each takes new calls until it has this age.
    pub fn new(age: Duration) -> Self {
        Self { open: Mutex::default(), age }
    }

    /// How old a connection may be.
    pub fn age(&self) -> Duration {
        self.age
    }

    /// Registers a connection that we made.
    pub fn dialled(&self, theirs: Arc<[u8]>, ours: Digest) -> Arc<Line> {
        let (born, fate, cut) = (Instant::now(), Mutex::default(), CancellationToken::new());
        let calls = Arc::new(Semaphore::new(0));
        let line = Arc::new(Line { theirs, ours, born, inward: false, fate, cut, calls });
        self.add(&line);
        line
    }

    /// Registers a connection that the other side made; none: there are enough with its key. Of
    /// those that prove nobody, the oldest gives way if there are too many: whoever has something
    /// to prove does so with its first call.
    pub fn accepted(&self, theirs: Arc<[u8]>, ours: Digest) -> Option<Arc<Line>> {
        let (born, fate, cut) = (Instant::now(), Mutex::default(), CancellationToken::new());
        let inward: Vec<_> = self.all().into_iter().filter(|line| line.inward && !line.is_cut()).collect();
        let same: Vec<_> = inward.iter().filter(|other| other.theirs == theirs).collect();
        if same.len() >= OF_ONE_KEY {
            return None;
        }
        let calls = same.first().map_or_else(|| Arc::new(Semaphore::new(CALLS)), |other| other.calls.clone());
        let line = Arc::new(Line { theirs, ours, born, inward: true, fate, cut, calls });
        let unproved: Vec<_> = inward.iter().filter(|line| !line.fate().proved).collect();
        if let Some(oldest) = unproved.first().filter(|_| unproved.len() >= UNPROVED) {
            tracing::info!(others = unproved.len(), "a connection that proved nobody gives way");
            oldest.cut();
        }
        self.add(&line);
        Some(line)
    }

    fn add(&self, line: &Arc<Line>) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|line| line.strong_count() > 0);
        open.push(Arc::downgrade(line));
    }

    fn all(&self) -> Vec<Arc<Line>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade).collect()
    }

    /// Cuts the connections whose keys stand no more, as statements are now, and what is left of
    /// those that are too old. Gives the time at which the next of these keys ends.
    pub fn recheck(&self, exchange: &Exchange) -> Option<Millis> {
        let now = exchange.now();
        let (ours, peers) = (exchange.identity.chain(), exchange.directory.all());
        let mut next = None;
        for line in self.all() {
            let theirs = peers.iter().find_map(|peer| peer.proved_until(&line.theirs, now));
            let own = ours.key(&line.ours).filter(|key| key.usable(now)).map(end_of);
            let why = match (theirs, own) {
                (_, None) => "our TLS key stands no more",
                (None, _) if line.fate().proved => "the peer's TLS key stands no more",
                (None, _) if line.inward && line.born.elapsed() > STRANGER => "it proved nobody",
                _ if !line.inward && line.born.elapsed() > self.age + LAST_CALL => {
                    "its last call takes too long"
                }
                (theirs, own) => {
                    next = [next, theirs, own].into_iter().flatten().min();
                    continue;
                }
            };
            let key = hex::encode(crate::crypto::hash::sha256(&line.theirs));
            tracing::info!(why, key, inward = line.inward, "a connection is cut");
            line.cut();
        }
        next
    }
}

/// A stream over a registered connection: it fails as soon as the line is cut, also when
/// nothing is read or written.
pub struct Held<S> {
    inner: S,
    line: Arc<Line>,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    read: u64,
}

impl<S> Held<S> {
    /// Over this line.
    pub fn new(inner: S, line: Arc<Line>) -> Self {
        let cut = Box::pin(line.cut.clone().cancelled_owned());
        Self { inner, line, cut, read: 0 }
    }

    /// What it is over.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    /// Its line.
    pub fn line(&self) -> &Arc<Line> {
        &self.line
    }

    fn alive(&self) -> std::io::Result<()> {
        match self.line.is_cut() {
            true => Err(std::io::ErrorKind::ConnectionAborted.into()),
            false => Ok(()),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Held<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        // Asked first: it wakes a connection that waits for bytes.
        if self.cut.as_mut().poll(cx).is_ready() {
            return Poll::Ready(self.alive());
        }
        let before = buf.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(cx, buf);
        self.read += (buf.filled().len() - before) as u64;
        self.line.heard(self.read);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Held<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.alive()?;
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        self.alive()?;
        Pin::new(&mut self.inner).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
