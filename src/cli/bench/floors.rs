//! What this machine can do at all, measured in the same run.

use crate::cli::error::CliError;
use crate::cli::processes::GatewayProcess;
use rogatory::crypto::entropy::SystemEntropy;
use rogatory::crypto::key_box::{Parties, SealContext, SecretKey};
use rogatory::crypto::object::{ContentKey, seal_all};
use rogatory::crypto::sign::{Ed25519Key, Signer as _, verify_ed25519};
use rogatory::exchange::identity::Identity;
use rogatory::gateway::SystemClock;
use rogatory::gateway::tls;
use rogatory::store::Clock as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long each floor is measured.
const TIME: Duration = Duration::from_millis(1500);

/// One floor.
pub struct Floor {
    pub name: &'static str,
    pub per_second: f64,
}

impl Floor {
    pub fn shown(&self) -> String {
        format!("{:.0} /s", self.per_second)
    }
}

fn repeat(name: &'static str, mut once: impl FnMut() -> Result<(), CliError>) -> Result<Floor, CliError> {
    let (begun, mut count) = (Instant::now(), 0_u64);
    while begun.elapsed() < TIME {
        once()?;
        count += 1;
    }
    Ok(Floor { name, per_second: count as f64 / begun.elapsed().as_secs_f64() })
}

/// Measures what needs no gateway.
pub fn measure(dir: &Path) -> Result<Vec<Floor>, CliError> {
    let failed = |error: rogatory::crypto::CryptoError| CliError::failed(error.to_string());
    let entropy = SystemEntropy::default();
    let path = dir.join("floor");
    let mut file = std::fs::File::create(&path).map_err(|error| CliError::file(&path, &error))?;
    let block = vec![7; 4096];
    let key = Ed25519Key::from_seed(&[1; 32]).map_err(failed)?;
    let message = vec![3; 700];
    let signature = key.sign(&message).map_err(failed)?;
    let object = ContentKey::from_bytes([1; 32]).object_key(&[2; 16], 0);
    let secret = SecretKey::from_seed(&[4; 32]).map_err(failed)?;
    let parties = Parties { suite: 1, sender: ("XA".into(), [1; 32]), recipient: ("XB".into(), [2; 32]) };
    let public = secret.public_key();
    let sealed = SealContext::new(&public, &parties, &entropy).map_err(failed)?;
    let content = ContentKey::from_bytes([9; 32]);
    let wrapped = sealed.wrap(&[2; 16], &content, &entropy).map_err(failed)?;
    Ok(vec![
        repeat("append 4 KiB + fdatasync", || {
            file.write_all(&block)
                .and_then(|()| file.sync_data())
                .map_err(|error| CliError::file(&path, &error))
        })?,
        repeat("Ed25519 sign (700 bytes)", || key.sign(&message).map(drop).map_err(failed))?,
        repeat("Ed25519 verify (700 bytes)", || {
            verify_ed25519(key.public_key(), &message, &signature).map_err(failed)
        })?,
        repeat("seal an object of 4 KiB", || seal_all(&object, &block).map(drop).map_err(failed))?,
        repeat("X-Wing encapsulate and wrap", || {
            let context = SealContext::new(&public, &parties, &entropy).map_err(failed)?;
            context.wrap(&[2; 16], &content, &entropy).map(drop).map_err(failed)
        })?,
        repeat("X-Wing decapsulate and unwrap", || {
            let context = secret.open_context(&wrapped.enc, &parties).map_err(failed)?;
            context.unwrap(&[2; 16], &wrapped.salt, &wrapped.wrapped_key).map(drop).map_err(failed)
        })?,
    ])
}

/// One small call over mutual TLS at 64 in flight, with nothing to do on the other side but
/// to look up who calls.
pub async fn call(xa: &GatewayProcess, xb: &GatewayProcess) -> Result<Floor, CliError> {
    let identity = Identity::load(&xa.data.join("keys"), SystemClock.now())?;
    let credentials = tls::Credentials::new(&identity, Arc::new(SystemEntropy::default()))?;
    let client = tls::danger_unproved_client(&xb.listening, credentials.client);
    let until = Instant::now() + TIME;
    let begun = Instant::now();
    let workers: Vec<_> = (0..64)
        .map(|_| {
            let mut client = client.clone();
            tokio::spawn(async move {
                let mut count = 0_u64;
                while Instant::now() < until {
                    client.held_checkpoint(rogatory::format::wire::HeldCheckpointRequest {}).await?;
                    count += 1;
                }
                Ok::<_, tonic::Status>(count)
            })
        })
        .collect();
    let mut total = 0;
    for worker in workers {
        total += worker.await.map_err(|error| CliError::failed(error.to_string()))??;
    }
    Ok(Floor {
        name: "tonic mTLS call, 64 in flight, all cores",
        per_second: total as f64 / begun.elapsed().as_secs_f64(),
    })
}
