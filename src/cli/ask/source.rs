//! Where entries come from.

use crate::cli::error::CliError;
use crate::cli::ledger::holds_ledger;
use rogatory::archive::inspect::is_export;
use rogatory::archive::reader::Reader;
use rogatory::format::wire::{CheckpointRequest, EntriesRequest};
use rogatory::gateway::local_client::LocalClient;
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::ledger::entry::Entry;
use rogatory::store::{StoreError, entries::Entries};
use std::path::PathBuf;

/// Entries in one call, at most.
const PAGE: u64 = 1000;

/// A ledger that can be read from its first entry on.
pub enum Source {
    /// A running gateway, whose auditor service gives them page by page.
    Gateway(LocalClient),
    /// The journal of a data directory.
    Data(PathBuf),
    /// An export.
    Export(PathBuf),
}

impl Source {
    /// A data directory, a copy of one, or an export.
    pub fn folder(folder: PathBuf) -> Result<Self, CliError> {
        holds_ledger(&folder)?;
        Ok(if is_export(&folder) { Self::Export(folder) } else { Self::Data(folder) })
    }

    /// Shows every entry, in order.
    pub async fn each(self, visit: &mut dyn FnMut(Entry) -> Result<(), CliError>) -> Result<(), CliError> {
        match self {
            Self::Data(data) => {
                tokio::task::block_in_place(|| Entries::open(&data)?.try_for_each(|entry| visit(entry?)))
            }
            Self::Export(folder) => tokio::task::block_in_place(|| {
                let (mut reader, _) = Reader::open(&folder, None)?;
                let mut next = 0;
                while let Some(batch) = reader.batch()? {
                    for raw in batch.entries {
                        visit(Entry::open(next, raw.leaf, raw.objects).map_err(StoreError::from)?)?;
                        next += 1;
                    }
                }
                Ok(())
            }),
            Self::Gateway(gateway) => {
                let newest = gateway.auditor().checkpoint(CheckpointRequest {}).await?.into_inner();
                let size = Checkpoint::danger_unverified(&newest.checkpoint).map_err(StoreError::from)?.size;
                let mut next = 0;
                while next < size {
                    let request = EntriesRequest { from: next, count: PAGE.min(size - next) };
                    let entries = gateway.auditor().entries(request).await?.into_inner().entries;
                    if entries.is_empty() {
                        return Err(CliError::failed(format!("the gateway gave no entry {next}")));
                    }
                    for entry in entries {
                        if entry.index != next {
                            return Err(CliError::failed(format!("the gateway left out entry {next}")));
                        }
                        visit(Entry::open(next, entry.leaf, entry.objects).map_err(StoreError::from)?)?;
                        next += 1;
                    }
                }
                Ok(())
            }
        }
    }
}
