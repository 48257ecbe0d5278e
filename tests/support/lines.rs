//! Connections to a peer face that tests hold and look at.

use super::PATIENCE;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::exchange::identity::Identity;
use rogatory::format::wire::{CollectDown, CollectStart, CollectUp, collect_down, collect_up};
use rogatory::gateway::rpc::peer::peer_client::PeerClient;
use rogatory::gateway::tls::Credentials;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::client::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Status, Streaming};

/// A connection that takes note of its end.
struct Watched {
    inner: TlsStream<TcpStream>,
    ended: Arc<AtomicBool>,
}

/// A TLS connection with these credentials to whoever answers.
pub async fn connect(credentials: &Credentials, address: &str) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(address).await?;
    let name = rustls::pki_types::ServerName::try_from("rogatory").unwrap();
    tokio_rustls::TlsConnector::from(credentials.client.clone()).connect(name, tcp).await
}

/// The public key that a server presents, as statements carry it.
pub fn presented(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    let certificate = &stream.get_ref().1.peer_certificates().unwrap()[0];
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).unwrap();
    parsed.public_key().subject_public_key.data.to_vec()
}

/// A client with the TLS key of an identity over one connection, and whether that has ended.
pub fn watched(identity: &Identity, address: &str) -> (PeerClient<Channel>, Arc<AtomicBool>) {
    let credentials = Credentials::new(identity, Arc::new(SystemEntropy::default())).unwrap();
    watched_with(credentials, address)
}

/// The same with these credentials.
pub fn watched_with(credentials: Credentials, address: &str) -> (PeerClient<Channel>, Arc<AtomicBool>) {
    let (ended, address) = (Arc::new(AtomicBool::new(false)), address.to_owned());
    let mut once = Some((credentials, address, ended.clone()));
    let connector = tower::service_fn(move |_: Uri| {
        let once = once.take().ok_or_else(|| std::io::Error::other("one connection, and it ended"));
        async move {
            let (credentials, address, ended) = once?;
            let inner = connect(&credentials, &address).await?;
            Ok::<_, std::io::Error>(hyper_util::rt::TokioIo::new(Watched { inner, ended }))
        }
    });
    let channel = Endpoint::from_static("http://rogatory").connect_with_connector_lazy(connector);
    (PeerClient::new(channel), ended)
}

/// A collection that is held open.
pub struct Collection {
    pub up: mpsc::Sender<CollectUp>,
    down: Streaming<CollectDown>,
}

impl Collection {
    /// Opens it with this client.
    pub async fn open(mut client: PeerClient<Channel>) -> Self {
        let (up, receiver) = mpsc::channel(2);
        up.send(CollectUp { up: Some(collect_up::Up::Start(CollectStart {})) }).await.unwrap();
        let down = client.collect(ReceiverStream::new(receiver)).await.unwrap().into_inner();
        Self { up, down }
    }

    /// The next thing that is no sign of life.
    pub async fn next(&mut self) -> Result<Option<collect_down::Down>, Status> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.down.message()).await.expect("something");
            match message?.and_then(|message| message.down) {
                Some(collect_down::Down::Idle(_)) => {}
                down => return Ok(down),
            }
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let read = ready!(Pin::new(&mut self.inner).poll_read(cx, buf));
        if read.is_err() || buf.filled().len() == before {
            self.ended.store(true, Ordering::Relaxed);
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
