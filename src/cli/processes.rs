//! Gateways as processes of their own, for the demo and the bench.

use super::error::CliError;
use super::init::Init;
use rogatory::format::offer::Offer;
use rogatory::format::wire::{GatewayReply, GatewayRequest, OfferRequest, PairRequest, PeersRequest};
use rogatory::gateway::local_client::LocalClient;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// A new gateway serves within this time.
const STARTING: Duration = Duration::from_secs(30);

/// A gateway that was started.
pub struct GatewayProcess {
    /// Name of its authority.
    pub authority: String,
    /// Its data directory.
    pub data: PathBuf,
    /// Its configuration.
    pub config: PathBuf,
    /// Where peers connect.
    pub listening: String,
    /// Its fingerprint.
    pub fingerprint: [u8; 32],
    /// Its local face.
    pub client: LocalClient,
    child: Child,
}

impl GatewayProcess {
    /// Founds an authority under `dir` and serves it on a free port of loopback.
    pub async fn found(authority: &str, dir: &Path) -> Result<Self, CliError> {
        let data = dir.join(authority.to_lowercase());
        let made = Init::at(authority, &data, "127.0.0.1:0").make()?;
        Self::start(authority, data, &made.config, STARTING).await
    }

    /// Serves a data directory that is there, however long its start takes.
    pub async fn serve(authority: &str, data: &Path, config: &Path) -> Result<Self, CliError> {
        Self::start(authority, data.to_owned(), config, Duration::from_secs(3600)).await
    }

    /// SIGKILL, and wait for the end.
    pub async fn kill(mut self) -> Result<(), CliError> {
        self.child.kill().await.map_err(|error| CliError::failed(format!("SIGKILL: {error}")))
    }

    async fn start(
        authority: &str,
        data: PathBuf,
        config: &Path,
        patience: Duration,
    ) -> Result<Self, CliError> {
        let program =
            std::env::current_exe().map_err(|error| CliError::failed(format!("this program: {error}")))?;
        let log = data.join("gateway.log");
        let stderr = std::fs::File::create(&log).map_err(|error| CliError::file(&log, &error))?;
        let mut child = Command::new(program)
            .args(["serve", "--json", "--config"])
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| CliError::failed(format!("cannot start a gateway: {error}")))?;
        let stdout = child.stdout.take().ok_or_else(|| CliError::failed("no output of the gateway"))?;
        let mut lines = BufReader::new(stdout).lines();
        let first = tokio::time::timeout(patience, lines.next_line()).await;
        let told: Value = match first {
            Ok(Ok(Some(line))) => serde_json::from_str(&line).unwrap_or_default(),
            _ => Value::Null,
        };
        let (Some(listening), Some(socket)) = (told["listening"].as_str(), told["socket"].as_str()) else {
            return Err(CliError::failed(format!("the gateway of {authority} did not start"))
                .hint(format!("read {}", log.display())));
        };
        let fingerprint = told["fingerprint"].as_str().map(rogatory::format::words::parse).transpose()?;
        let fingerprint = fingerprint.ok_or_else(|| CliError::failed("the gateway named no fingerprint"))?;
        let client = LocalClient::connect(Path::new(socket))
            .await
            .map_err(|error| CliError::not_running(format!("{socket}: {error}")))?;
        Ok(Self {
            authority: authority.to_owned(),
            data,
            config: config.to_owned(),
            listening: listening.to_owned(),
            fingerprint,
            client,
            child,
        })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// Confirms the other's offer, having compared the fingerprint that it printed.
    pub async fn pair_with(&self, other: &Self) -> Result<u64, CliError> {
        let offer = other.client.operator().offer(OfferRequest {}).await?.into_inner().offer;
        let offer = Offer::from_text(&Offer::open(&offer)?.to_text())?;
        let request =
            PairRequest { offer: offer.envelope, fingerprint: other.fingerprint.to_vec(), again: false };
        Ok(self.client.operator().pair(request).await?.into_inner().index)
    }

    /// Waits until nothing waits for a peer any more.
    pub async fn quiet(&self, patience: Duration) -> Result<(), CliError> {
        let until = Instant::now() + patience;
        loop {
            let peers = self.client.operator().peers(PeersRequest {}).await?.into_inner().peers;
            let waiting: u64 = peers.iter().map(|peer| peer.waiting).sum();
            if waiting == 0 {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(CliError::failed(format!("{waiting} things still wait in {}", self.authority)));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What it consumed.
    pub async fn consumption(&self) -> Result<GatewayReply, CliError> {
        Ok(self.client.operator().gateway(GatewayRequest {}).await?.into_inner())
    }

    /// SIGTERM, and wait for the end.
    pub async fn stop(mut self) -> Result<(), CliError> {
        let pid = self.child.id().and_then(|pid| Pid::from_raw(pid as i32));
        if let Some(pid) = pid {
            kill_process(pid, Signal::TERM).map_err(|error| CliError::failed(format!("SIGTERM: {error}")))?;
        }
        match tokio::time::timeout(Duration::from_secs(40), self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => {
                Err(CliError::failed(format!("the gateway of {} ended with {status}", self.authority)))
            }
            _ => Err(CliError::failed(format!("the gateway of {} did not stop", self.authority))),
        }
    }
}
