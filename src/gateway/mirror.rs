//! The mirror: an export that a running gateway keeps by itself, for an auditor to fetch and
//! for the day on which the data directory is gone.

use crate::archive::export::{Beside, Export};
use crate::exchange::Exchange;
use crate::ledger::records::{self, PeerRecord, Views as _};
use crate::ledger::third_party::ThirdParty;
use crate::store::StoreError;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the mirror is brought up to date.
const EVERY: Duration = Duration::from_secs(60);

/// Keeps the mirror until `stop`, and once more then.
pub async fn keep(
    exchange: Arc<Exchange>,
    folder: PathBuf,
    third_parties: Vec<String>,
    stop: CancellationToken,
) {
    let mut kept = 0;
    loop {
        let last = stop.is_cancelled();
        let size = exchange.store.checkpoint().size;
        if size > kept {
            let (exchange, folder, third) = (exchange.clone(), folder.clone(), third_parties.clone());
            let done = tokio::task::spawn_blocking(move || bring_up(&exchange, &folder, &third)).await;
            match done {
                Ok(Ok(size)) => kept = size,
                Ok(Err(error)) => tracing::error!(%error, "the mirror is not up to date"),
                Err(error) => tracing::error!(%error, "the mirror is not up to date"),
            }
        }
        if last {
            return;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Writes what is new. Gives the number of entries in the mirror.
fn bring_up(exchange: &Exchange, folder: &Path, third_parties: &[String]) -> Result<u64, StoreError> {
    let (checkpoint, chain) = (exchange.store.checkpoint(), exchange.identity.chain());
    let snapshot = exchange.store.snapshot();
    let mut export = Export::open(folder, &chain)?;
    for index in export.size()..checkpoint.size {
        let entry = snapshot.entry(index)?;
        export.push(&entry.leaf_bytes, &entry.objects)?;
    }
    let (mut peers, mut cosigned) = (BTreeMap::new(), BTreeMap::new());
    for peer in exchange.directory.all() {
        let record: Option<PeerRecord> = records::read(snapshot, &records::peer(peer.authority()))?;
        if let Some(record) = record.filter(|record| record.cosigned_size > 0) {
            let entry = snapshot.entry(record.cosigned_at)?;
            // An entry behind the checkpoint belongs to the next time.
            if entry.index < checkpoint.size {
                cosigned.insert(peer.authority().clone(), entry.object(0)?.to_vec());
            }
        }
        peers.insert(peer.authority().clone(), peer.chain.clone());
    }
    let mut witnesses = BTreeSet::new();
    for key in third_parties {
        let witness = ThirdParty::parse(key)?;
        if snapshot.get(&records::witness(witness.name()))?.is_some() {
            witnesses.insert(key.clone());
        }
    }
    export.finish(&Beside { checkpoint: &checkpoint, chain: &chain, peers, witnesses, cosigned })?;
    Ok(checkpoint.size)
}
