//! `rogatory serve`: the gateway, until SIGTERM or SIGINT.

use super::Context;
use super::error::CliError;
use clap::Args;
use rogatory::gateway::{runtime::Gateway, telemetry};
use tokio::signal::unix::{SignalKind, signal};

/// Run the gateway of this authority
#[derive(Args)]
#[command(after_help = "Example:\n  rogatory serve --config xa/rogatory.toml\n\n\
SIGTERM and SIGINT let end what is under way, and stop. SIGHUP reads the files of [tls] anew. ROGATORY_LOG sets the log filter, such as \
rogatory=debug.")]
pub struct Serve {}

/// Where nothing better is known.
const LOOK: &str = "rogatory doctor; docs/OPERATIONS.md, When serve refuses";

impl Serve {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let config = context.config()?;
        telemetry::start(&config.log);
        let keys = context.open_keys(&config)?;
        let failed = |error| CliError::failed(format!("cannot wait for signals: {error}"));
        let mut term = signal(SignalKind::terminate()).map_err(failed)?;
        let mut int = signal(SignalKind::interrupt()).map_err(failed)?;
        let mut hup = signal(SignalKind::hangup()).map_err(failed)?;
        let gateway = Gateway::start_with(config, keys).await;
        let gateway = gateway.map_err(|error| CliError::from(error).or_hint(LOOK))?;
        if let Some(why) = gateway.recovery.rebuilt {
            tracing::warn!(groups = gateway.recovery.groups, "the index was rebuilt from the journal: {why}");
        }
        if context.json {
            let listening = gateway.peer_address.map(|address| address.to_string());
            let fingerprint = hex::encode(gateway.exchange().identity.chain().fingerprint());
            let witness = gateway.witness_address.map(|address| address.to_string());
            println!(
                "{}",
                serde_json::json!({
                    "listening": listening, "socket": gateway.socket, "witness": witness, "fingerprint": fingerprint,
                })
            );
        }
        loop {
            tokio::select! {
                _ = term.recv() => break,
                _ = int.recv() => break,
                _ = hup.recv() => gateway.reload().await,
            }
        }
        Ok(gateway.drain().await?)
    }
}
