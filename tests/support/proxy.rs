//! A TCP proxy on loopback that stands between two gateways and does to their connections what a
//! bad network does. What it does is switched while it runs; which bytes it meets is drawn from a
//! seed. It has a thread and a runtime of its own, so that a test that waits does not slow it.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Bytes that are passed on at a time.
const PIECE: usize = 16 * 1024;
/// Connections that wait to be taken.
const BACKLOG: u32 = 64;

/// The way that bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From whoever dialled.
    Out,
    /// Back.
    Back,
}

/// What the network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// What it should.
    None,
    /// Each piece is late by something in between, milliseconds; one way only, if one is named.
    Delay { least: u64, most: u64, only: Option<Way> },
    /// So many bytes a second pass.
    Throttle(u64),
    /// Every byte is a segment of its own.
    Trickle,
    /// A reset, after a random number of bytes up to this.
    Reset(u64),
    /// A clean end after a random number of bytes up to this.
    Close(u64),
    /// What goes this way is swallowed for as long as the connection is there, also when the fault
    /// is over: the other side is never told.
    Silent(Way),
    /// Nothing passes while it lasts, and connections that begin then are never answered.
    BlackHole,
    /// Nobody listens.
    Refuse,
    /// Connections are taken, and dropped.
    Drop,
    /// With every connection come two more: one that says nothing, and one that says what the first
    /// one says.
    Twice,
}

/// What went through it.
#[derive(Debug, Default)]
pub struct Count {
    pub connections: AtomicU64,
    pub bytes: AtomicU64,
    /// Connections that a fault met.
    pub met: AtomicU64,
    open: AtomicUsize,
    /// Connections that were open at one time.
    pub most: AtomicUsize,
}

impl Count {
    pub fn get(of: &AtomicU64) -> u64 {
        of.load(Ordering::Relaxed)
    }
}

/// A proxy that runs until it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    pub count: Arc<Count>,
    target: Arc<Mutex<Option<SocketAddr>>>,
    fault: watch::Sender<Fault>,
    stop: CancellationToken,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Proxy {
    /// Begins; connections are refused until it is said where they lead.
    pub fn new(seed: u64) -> Self {
        let (fault, rules) = watch::channel(Fault::Refuse);
        let (stop, target, count) = (CancellationToken::new(), Arc::default(), Arc::<Count>::default());
        let (told, address) = std::sync::mpsc::channel();
        let running = Running { target: Arc::clone(&target), count: count.clone(), rules, seed };
        let until = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                // Bound for ever, and never listened on: nobody else gets the port meanwhile.
                let place = bound("127.0.0.1:0".parse().unwrap());
                told.send(place.local_addr().unwrap()).unwrap();
                tokio::select! {
                    () = until.cancelled() => {}
                    () = running.run(place.local_addr().unwrap()) => {}
                }
                drop(place);
            });
        });
        Self { address: address.recv().unwrap(), count, target, fault, stop, thread: Some(thread) }
    }

    /// Where connections lead from now on.
    pub fn leads_to(&self, address: &str) {
        *self.target.lock().unwrap() = Some(address.parse().unwrap());
        self.is(Fault::None);
    }

    /// What the network does from now on.
    pub fn is(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn bound(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

#[derive(Clone)]
struct Running {
    target: Arc<Mutex<Option<SocketAddr>>>,
    count: Arc<Count>,
    rules: watch::Receiver<Fault>,
    seed: u64,
}

impl Running {
    async fn run(mut self, address: SocketAddr) {
        let mut open = JoinSet::new();
        let (mut listener, mut number) = (None::<TcpListener>, 0);
        loop {
            match *self.rules.borrow_and_update() == Fault::Refuse {
                true => listener = None,
                false => {
                    listener.get_or_insert_with(|| bound(address).listen(BACKLOG).unwrap());
                }
            }
            let accepted = async {
                match &listener {
                    Some(listener) => listener.accept().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = self.rules.changed() => match changed {
                    Ok(()) => {}
                    Err(_) => return,
                },
                Some(_) = open.join_next() => {}
                Ok((stream, _)) = accepted => {
                    number += 1;
                    open.spawn(self.clone().connection(stream, number));
                }
            }
        }
    }

    /// One connection, from its beginning to its end.
    async fn connection(mut self, mut dialled: TcpStream, number: u64) {
        let random = StdRng::seed_from_u64(self.seed.wrapping_add(number));
        let count = self.count.clone();
        count.connections.fetch_add(1, Ordering::Relaxed);
        let open = count.open.fetch_add(1, Ordering::Relaxed) + 1;
        count.most.fetch_max(open, Ordering::Relaxed);
        self.carry(&mut dialled, random).await;
        count.open.fetch_sub(1, Ordering::Relaxed);
    }

    async fn carry(&mut self, dialled: &mut TcpStream, mut random: StdRng) {
        let begun = *self.rules.borrow_and_update();
        match begun {
            Fault::Drop => return self.meet(),
            Fault::BlackHole => {
                self.meet();
                // Whoever dialled ends it.
                let mut said = vec![0; PIECE];
                while dialled.read(&mut said).await.is_ok_and(|length| length > 0) {}
                return;
            }
            _ => {}
        }
        let Some(target) = *self.target.lock().unwrap() else { return };
        let Ok(mut answering) = TcpStream::connect(target).await else { return };
        let mut silent = None;
        let mut echo = None;
        if begun == Fault::Twice {
            self.meet();
            silent = TcpStream::connect(target).await.ok();
            echo = TcpStream::connect(target).await.ok();
        }
        for stream in [&*dialled, &answering] {
            stream.set_nodelay(true).unwrap();
        }
        let met = Mutex::new(Met::default());
        let over = CancellationToken::new();
        let mut way = |way, echo| Pump {
            way,
            rules: self.rules.clone(),
            count: &self.count,
            met: &met,
            over: &over,
            random: StdRng::seed_from_u64(random.random()),
            echo,
        };
        let (out, back) = (way(Way::Out, echo), way(Way::Back, None));
        let end = {
            let (from_dialled, to_dialled) = dialled.split();
            let (from_answering, to_answering) = answering.split();
            let both = async {
                tokio::try_join!(out.run(from_dialled, to_answering), back.run(from_answering, to_dialled))
            };
            // A fault in one way ends both: the other may wait for ever.
            let mut rules = self.rules.clone();
            let broken = async {
                while !matches!(*rules.borrow_and_update(), Fault::Refuse | Fault::Drop) {
                    if rules.changed().await.is_err() {
                        return;
                    }
                }
            };
            tokio::select! {
                ended = both => ended.err(),
                () = broken => {
                    self.meet();
                    Some(End::Reset)
                }
                () = over.cancelled() => match met.lock().unwrap().fault {
                    Fault::Close(_) => Some(End::Close),
                    _ => Some(End::Reset),
                },
            }
        };
        drop(silent);
        if end == Some(End::Reset) {
            for stream in [&*dialled, &answering] {
                // One that is gone already has nothing to be reset.
                let _ = stream.set_zero_linger();
            }
        }
    }

    fn meet(&self) {
        self.count.met.fetch_add(1, Ordering::Relaxed);
    }
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Reset,
    Close,
}

/// What a connection met last.
struct Met {
    fault: Fault,
    /// How many bytes are left in each way until it hits.
    left: [Option<u64>; 2],
    /// Something was swallowed.
    swallowed: bool,
}

impl Default for Met {
    fn default() -> Self {
        Self { fault: Fault::None, left: [None; 2], swallowed: false }
    }
}

impl Met {
    /// Before so many bytes pass: how many of them still do, if it hits then.
    fn hits(&mut self, way: Way, length: u64) -> Option<u64> {
        let left = &mut self.left[way as usize];
        let hits = left.filter(|left| *left < length);
        *left = left.map(|left| left.saturating_sub(length));
        hits
    }
}

/// One way of one connection.
struct Pump<'a> {
    way: Way,
    rules: watch::Receiver<Fault>,
    count: &'a Count,
    met: &'a Mutex<Met>,
    over: &'a CancellationToken,
    random: StdRng,
    echo: Option<TcpStream>,
}

impl Pump<'_> {
    async fn run(mut self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> Result<(), End> {
        let (mut piece, mut swallows) = (vec![0; PIECE], false);
        loop {
            let length = from.read(&mut piece).await.map_err(|_| End::Reset)?;
            let fault = self.passable().await;
            if fault == Fault::Silent(self.way) {
                (swallows, self.met.lock().unwrap().swallowed) = (true, true);
            }
            if length == 0 {
                if swallows {
                    // Not even the end gets through.
                    std::future::pending::<()>().await;
                }
                to.shutdown().await.map_err(|_| End::Reset)?;
                // The other way waits for what never comes.
                return if self.met.lock().unwrap().swallowed { Err(End::Close) } else { Ok(()) };
            }
            let data = &piece[..length];
            if let Some(echo) = &mut self.echo {
                // Nobody hears what it is answered.
                if echo.write_all(data).await.is_err() {
                    self.echo = None;
                }
            }
            if !swallows {
                self.pass(fault, data, &mut to).await?;
            }
        }
    }

    /// Waits while nothing passes; the fault as it is then.
    async fn passable(&mut self) -> Fault {
        while self.now() == Fault::BlackHole {
            if self.rules.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
        self.now()
    }

    /// The fault as it is now; the first piece that it meets is counted.
    fn now(&mut self) -> Fault {
        let fault = *self.rules.borrow_and_update();
        let mut met = self.met.lock().unwrap();
        if met.fault != fault {
            if !matches!(fault, Fault::None | Fault::Twice) {
                self.count.met.fetch_add(1, Ordering::Relaxed);
            }
            let after = match fault {
                Fault::Reset(most) | Fault::Close(most) => Some(self.random.random_range(0..=most)),
                _ => None,
            };
            (met.fault, met.left) = (fault, [after; 2]);
        }
        fault
    }

    async fn pass(&mut self, fault: Fault, data: &[u8], to: &mut WriteHalf<'_>) -> Result<(), End> {
        let mut rest = data;
        while !rest.is_empty() {
            let (size, wait) = match fault {
                Fault::Delay { least, most, only } if only.is_none_or(|only| only == self.way) => {
                    (rest.len(), self.random.random_range(least..=most))
                }
                Fault::Throttle(rate) => ((rate as usize / 50).max(1), 20),
                Fault::Trickle => (1, u64::from(rest.len().is_multiple_of(64))),
                _ => (rest.len(), 0),
            };
            let (mut now, later) = rest.split_at(size.min(rest.len()));
            let hits = self.met.lock().unwrap().hits(self.way, now.len() as u64);
            now = &now[..hits.map_or(now.len(), |left| left as usize)];
            tokio::time::sleep(Duration::from_millis(wait)).await;
            to.write_all(now).await.map_err(|_| End::Reset)?;
            self.count.bytes.fetch_add(now.len() as u64, Ordering::Relaxed);
            if hits.is_some() {
                // Both ways end with it.
                self.over.cancel();
                std::future::pending::<()>().await;
            }
            rest = later;
        }
        Ok(())
    }
}
