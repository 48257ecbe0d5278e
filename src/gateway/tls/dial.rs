//! Dialling a peer: its key is proved from statements before a call is made. Where it is
//! not, the one thing that is said over the connection is Hello.

use super::dialled::Dialled;
use super::greet::Greetings;
use super::lines::{Held, Lines};
use super::trunk::Slot;
use super::{LiveCredentials, SERVER_NAME};
use crate::exchange::directory::Peer;
use crate::exchange::pinning::Unproved;
use crate::exchange::{Exchange, ExchangeError};
use crate::format::id::AuthorityId;
use crate::format::limits;
use crate::gateway::rpc::peer::peer_client::PeerClient;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::transport::{Channel, Endpoint, Uri};

/// Connecting takes this long at most.
const CONNECT: Duration = Duration::from_secs(10);
/// Flow-control windows, bytes.
pub const STREAM_WINDOW: u32 = 1 << 20;
/// For a whole connection.
pub const CONNECTION_WINDOW: u32 = 4 << 20;
/// A connection with calls under way over which nothing has come for so long is asked for a sign of
/// life.
pub const PING: Duration = Duration::from_secs(10);
/// It comes within this time, or the connection is dead. The question stands behind all that is
/// under way: a stream's window must get through meanwhile.
pub const PONG: Duration = Duration::from_secs(60);

/// Why a peer can't be dialled.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// It names no address.
    #[error("{0} names no address: it has to connect to us")]
    NoAddress(AuthorityId),
    /// No connection.
    #[error("{address}: {source}")]
    Connect {
        /// Where.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Nothing happened in time.
    #[error("{0}: no connection in time")]
    Slow(String),
    /// The certificate's key is not one that the peer's statements prove.
    #[error("{address} presents a certificate that does not prove {peer} ({why}): {certificate}")]
    NotProved {
        /// Where.
        address: String,
        /// What it presents, as a log line names it.
        certificate: String,
        /// Why that does not prove the peer.
        why: Unproved,
        /// Whom we wanted.
        peer: AuthorityId,
    },
    /// Hello failed.
    #[error("{0}")]
    Hello(String),
    /// The peer is gone, or what it said does not hold.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
}

/// Makes connections to peers.
#[derive(Clone)]
pub struct Dialer {
    pub(super) exchange: Arc<Exchange>,
    pub(super) credentials: Arc<LiveCredentials>,
    pub(super) lines: Arc<Lines>,
    /// Hellos to peers, over whatever line.
    pub greetings: Arc<Greetings>,
}

/// A connection of ours.
pub(super) type Connection = Held<Dialled>;

impl Dialer {
    /// With these credentials, as they are at each dial.
    pub fn new(exchange: Arc<Exchange>, credentials: Arc<LiveCredentials>, lines: Arc<Lines>) -> Self {
        Self { exchange, credentials, lines, greetings: Arc::default() }
    }

    /// A client for a peer, for a few calls. It connects when it is first used, and again when
    /// it has to.
    pub fn client(&self, authority: &AuthorityId) -> PeerClient<Channel> {
        self.client_over(authority, &Slot::default())
    }

    /// A client whose connection can be looked at in `slot`.
    pub(super) fn client_over(&self, authority: &AuthorityId, slot: &Slot) -> PeerClient<Channel> {
        let (dialer, authority, slot) = (self.clone(), authority.clone(), slot.clone());
        let connector = tower::service_fn(move |_: Uri| {
            let (dialer, authority, slot) = (dialer.clone(), authority.clone(), slot.clone());
            async move {
                let stream = dialer.proved(&authority).await.map_err(std::io::Error::other)?;
                slot.fill(stream.line());
                Ok::<_, std::io::Error>(TokioIo::new(stream))
            }
        });
        let channel = endpoint().connect_with_connector_lazy(connector);
        PeerClient::new(channel)
            .max_decoding_message_size(limits::MESSAGE)
            .max_encoding_message_size(limits::MESSAGE)
    }

    /// A connection whose key the peer's statements prove, if need be after a Hello.
    async fn proved(&self, authority: &AuthorityId) -> Result<Connection, DialError> {
        let peer = self.exchange.directory.peer(authority)?;
        let mut last = DialError::NoAddress(authority.clone());
        for address in &peer.addresses {
            match self.proved_at(&peer, address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => {
                    // An alert in the handshake may be about what we presented.
                    let presented = self.presented_by_us();
                    tracing::warn!(peer = %authority, %error, presented, "cannot reach a peer");
                    last = error;
                }
            }
        }
        Err(last)
    }

    async fn proved_at(&self, peer: &Arc<Peer>, address: &str) -> Result<Connection, DialError> {
        let since = Instant::now();
        let stream = self.dial(address).await?;
        if peer.proves_tls(&stream.line().theirs, self.exchange.now()) {
            stream.line().prove();
            return Ok(stream);
        }
        drop(stream);
        self.greet(peer.authority(), since).await?;
        let stream = self.dial(address).await?;
        let peer = self.exchange.directory.peer(peer.authority())?;
        let Err(why) = self.exchange.directory.pinned(&peer, &stream.line().theirs, self.exchange.now())
        else {
            stream.line().prove();
            return Ok(stream);
        };
        let certificate = stream.inner().certificate();
        // The other side's log says it too, if it listens.
        let told = self.tell_unproved(peer.authority(), stream, why.code()).await;
        if let Err(error) = told {
            tracing::debug!(peer = %peer.authority(), %error, "it was not told why it is not proved");
        }
        Err(DialError::NotProved {
            address: address.to_owned(),
            certificate,
            why,
            peer: peer.authority().clone(),
        })
    }

    /// The certificate that we present, as a log line names it.
    pub fn presented_by_us(&self) -> String {
        self.credentials.presented()
    }

    /// What answers at an address of a peer: its TLS key, and its certificate as a log line
    /// names it. Nothing is said over the connection.
    pub async fn presented(&self, address: &str) -> Result<(Vec<u8>, String), DialError> {
        let stream = self.dial(address).await?;
        Ok((stream.line().theirs.to_vec(), stream.inner().certificate()))
    }

    pub(super) async fn dial(&self, address: &str) -> Result<Connection, DialError> {
        let credentials = self.credentials.current();
        let stream = connect(address, credentials.client.clone()).await?;
        let stream = Dialled::new(stream, address, &credentials.client);
        let key = stream.key().ok_or_else(|| DialError::Connect {
            address: address.to_owned(),
            source: std::io::Error::other("no certificate"),
        })?;
        let line = self.lines.dialled(key.into(), credentials.key);
        Ok(Held::new(stream, line))
    }
}

/// A client that takes whoever answers at `address` for the peer: for tests and benches.
pub fn danger_unproved_client(address: &str, credentials: Arc<ClientConfig>) -> PeerClient<Channel> {
    let address = address.to_owned();
    let connector = tower::service_fn(move |_: Uri| {
        let (address, credentials) = (address.clone(), credentials.clone());
        async move { connect(&address, credentials).await.map(TokioIo::new).map_err(std::io::Error::other) }
    });
    PeerClient::new(endpoint().connect_with_connector_lazy(connector))
}

async fn connect(address: &str, credentials: Arc<ClientConfig>) -> Result<TlsStream<TcpStream>, DialError> {
    let failed = |source| DialError::Connect { address: address.to_owned(), source };
    let connect = async {
        let tcp = TcpStream::connect(address).await.map_err(failed)?;
        tcp.set_nodelay(true).map_err(failed)?;
        let name = ServerName::try_from(SERVER_NAME).map_err(|e| failed(std::io::Error::other(e)))?;
        TlsConnector::from(credentials).connect(name, tcp).await.map_err(failed)
    };
    tokio::time::timeout(CONNECT, connect).await.map_err(|_| DialError::Slow(address.to_owned()))?
}

/// Connecting is bounded by those who connect: it may take a long Hello.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::from_static("http://rogatory")
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keep_alive_interval(PING)
        .keep_alive_timeout(PONG)
}
