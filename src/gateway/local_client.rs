//! Calling a gateway of this authority over its Unix socket.

use super::rpc::local::auditor_client::AuditorClient;
use super::rpc::local::officer_client::OfficerClient;
use super::rpc::local::operator_client::OperatorClient;
use crate::format::limits;
use hyper_util::rt::TokioIo;
use std::path::{Path, PathBuf};
use tokio::net::UnixStream;
use tonic::transport::{Channel, Endpoint, Uri};

/// Clients of the local face.
#[derive(Clone)]
pub struct LocalClient {
    channel: Channel,
}

impl LocalClient {
    /// Connects.
    pub async fn connect(socket: &Path) -> Result<Self, std::io::Error> {
        let path: PathBuf = socket.to_owned();
        // tonic wraps what went wrong; say it in the system's words.
        UnixStream::connect(&path).await?;
        let connector = tower::service_fn(move |_: Uri| {
            let path = path.clone();
            async move { UnixStream::connect(path).await.map(TokioIo::new) }
        });
        let channel = Endpoint::from_static("http://local")
            .initial_stream_window_size(1 << 20)
            .initial_connection_window_size(4 << 20)
            .connect_with_connector(connector)
            .await
            .map_err(std::io::Error::other)?;
        Ok(Self { channel })
    }

    /// What officers may call.
    pub fn officer(&self) -> OfficerClient<Channel> {
        OfficerClient::new(self.channel.clone())
            .max_decoding_message_size(limits::LOCAL_MESSAGE)
            .max_encoding_message_size(limits::LOCAL_MESSAGE)
    }

    /// What operators may call.
    pub fn operator(&self) -> OperatorClient<Channel> {
        OperatorClient::new(self.channel.clone()).max_decoding_message_size(limits::LOCAL_MESSAGE)
    }

    /// What auditors may call.
    pub fn auditor(&self) -> AuditorClient<Channel> {
        AuditorClient::new(self.channel.clone()).max_decoding_message_size(limits::LOCAL_MESSAGE)
    }
}
