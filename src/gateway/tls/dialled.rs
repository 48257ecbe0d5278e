//! A connection that we made. In TLS 1.3 the side that dials is done before the other one has
//! looked at its certificate: a refusal comes later, as an alert, and is named here.

use super::certificate;
use rustls::ClientConfig;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// The stream, with what is needed to name both certificates.
pub(super) struct Dialled {
    inner: TlsStream<TcpStream>,
    address: String,
    /// Our certificate, as a log line names it.
    presented: String,
}

impl Dialled {
    /// Made with these credentials.
    pub(super) fn new(inner: TlsStream<TcpStream>, address: &str, credentials: &ClientConfig) -> Self {
        Self { inner, address: address.to_owned(), presented: certificate::ours(credentials) }
    }

    /// The key of the certificate that answers, as statements carry it.
    pub(super) fn key(&self) -> Option<Vec<u8>> {
        super::public_key(self.inner.get_ref().1.peer_certificates())
    }

    /// The certificate that answers, as a log line names it.
    pub(super) fn certificate(&self) -> String {
        certificate::describe(self.inner.get_ref().1.peer_certificates())
    }

    fn named(&self, error: &io::Error) {
        let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::AlertReceived(alert)) = tls {
            let (address, certificate) = (&self.address, &self.presented);
            tracing::warn!(
                address,
                certificate,
                ?alert,
                "the other side refuses the connection with an alert"
            );
        }
    }
}

impl AsyncRead for Dialled {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        if let Poll::Ready(Err(error)) = &polled {
            self.named(error);
        }
        polled
    }
}

impl AsyncWrite for Dialled {
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
