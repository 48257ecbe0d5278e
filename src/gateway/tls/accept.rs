//! Our own accept loop: tonic's can't change credentials while it runs.

use super::lines::{Held, Line, Lines};
use super::{Credentials, LiveCredentials, certificate, public_key};
use crate::crypto::hash::sha256;
use crate::exchange::strangers::Strangers;
use rustls::NamedGroup;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::Connected;

/// Connections at most, handshakes included.
const CONNECTIONS: usize = 512;
/// Handshakes under way at most: beyond that the oldest gives way.
const HANDSHAKES: usize = 64;
/// A handshake takes this long at most.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What every call knows of its connection.
#[derive(Debug, Clone)]
pub struct PeerConnection {
    /// The TLS public key that the caller proved to hold.
    pub tls_key: Arc<[u8]>,
    /// Its certificate, as a log line names it.
    pub certificate: Arc<str>,
    /// Where it comes from.
    pub remote: SocketAddr,
    /// The key exchange that was negotiated.
    pub group: Option<NamedGroup>,
    /// What it stands on.
    pub line: Arc<Line>,
}

/// A connection after its handshake.
pub struct PeerStream {
    inner: Held<TlsStream<TcpStream>>,
    connection: PeerConnection,
    _permit: tokio::sync::OwnedSemaphorePermit,
}

/// Accepts until `stop`; each handshake takes the credentials of its moment.
pub fn listen(
    listener: TcpListener,
    credentials: Arc<LiveCredentials>,
    lines: Arc<Lines>,
    strangers: Arc<Strangers>,
    stop: CancellationToken,
) -> ReceiverStream<io::Result<PeerStream>> {
    let (sender, receiver) = mpsc::channel(16);
    let (places, mut under_way) = (Arc::new(Semaphore::new(CONNECTIONS)), UnderWay::default());
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            let (stream, remote) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors, most likely: wait for some to come free.
                    tracing::warn!(%error, "cannot accept");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let Ok(permit) = places.clone().try_acquire_owned() else {
                tracing::warn!(%remote, "too many connections");
                strangers.no_room();
                continue;
            };
            let (credentials, lines, sender) = (credentials.current(), lines.clone(), sender.clone());
            let (strangers, displaced) = (strangers.clone(), under_way.begin());
            tokio::spawn(async move {
                let shaken = tokio::select! {
                    shaken = handshake(&credentials, stream, remote) => shaken,
                    () = displaced.cancelled() => {
                        tracing::info!(%remote, "TLS handshake gives way to newer ones");
                        None
                    }
                };
                drop(displaced);
                let Some(inner) = shaken else { return strangers.handshake_failed() };
                match connected(&credentials, &lines, inner, remote, permit) {
                    // The server is gone: so is the connection.
                    Some(stream) => drop(sender.send(Ok(stream)).await),
                    None => strangers.no_room(),
                }
            });
        }
    });
    ReceiverStream::new(receiver)
}

/// Handshakes in the order in which they began.
#[derive(Default)]
struct UnderWay(VecDeque<Weak<CancellationToken>>);

impl UnderWay {
    /// One more begins: what is cancelled when it has to give way, to be held until it is done.
    fn begin(&mut self) -> Arc<CancellationToken> {
        self.0.retain(|other| other.strong_count() > 0);
        if self.0.len() >= HANDSHAKES
            && let Some(oldest) = self.0.pop_front().and_then(|oldest| oldest.upgrade())
        {
            oldest.cancel();
        }
        let displaced = Arc::new(CancellationToken::new());
        self.0.push_back(Arc::downgrade(&displaced));
        displaced
    }
}

async fn handshake(
    credentials: &Credentials,
    stream: TcpStream,
    remote: SocketAddr,
) -> Option<TlsStream<TcpStream>> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%remote, %error, "no TCP_NODELAY");
    }
    let acceptor = TlsAcceptor::from(credentials.server.clone());
    match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(inner)) => Some(inner),
        Ok(Err(error)) => {
            let presented = credentials.presented();
            tracing::info!(%remote, %error, presented, "TLS handshake failed");
            None
        }
        Err(_) => {
            tracing::info!(%remote, "TLS handshake took too long");
            None
        }
    }
}

/// A connection after its handshake; none: there are enough with its key.
fn connected(
    credentials: &Credentials,
    lines: &Lines,
    inner: TlsStream<TcpStream>,
    remote: SocketAddr,
    permit: tokio::sync::OwnedSemaphorePermit,
) -> Option<PeerStream> {
    let session = inner.get_ref().1;
    let tls_key: Arc<[u8]> = public_key(session.peer_certificates())?.into();
    let group = session.negotiated_key_exchange_group().map(|group| group.name());
    let certificate: Arc<str> = certificate::describe(session.peer_certificates()).into();
    let Some(line) = lines.accepted(tls_key.clone(), credentials.key) else {
        tracing::warn!(%remote, %certificate, "too many connections with this TLS key");
        return None;
    };
    tracing::debug!(%remote, key = hex::encode(sha256(&tls_key)), "somebody is connected");
    let connection = PeerConnection { tls_key, certificate, remote, group, line: line.clone() };
    Some(PeerStream { inner: Held::new(inner, line), connection, _permit: permit })
}

impl Connected for PeerStream {
    type ConnectInfo = PeerConnection;

    fn connect_info(&self) -> PeerConnection {
        self.connection.clone()
    }
}

impl AsyncRead for PeerStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for PeerStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
