//! Exporting from a data directory, whether a gateway works in it or not: the journal is only
//! ever appended to, and read as far as the newest kept checkpoint signs.

use super::export::{Beside, Export};
use crate::format::FormatError;
use crate::format::chain::Chain;
use crate::format::id::AuthorityId;
use crate::format::leaf::Leaf;
use crate::format::offer::Offer;
use crate::format::wire::leaf::Kind;
use crate::ledger::LedgerError;
use crate::ledger::checkpoint::Checkpoint;
use crate::store::journal::{Next, Record, Scan, StoredEntry};
use crate::store::{StoreError, checkpoint_file};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What an export came to.
#[derive(Debug)]
pub struct Exported {
    /// Entries in it.
    pub size: u64,
    /// Entries that were not in it before.
    pub new: u64,
    /// Whose ledger it is.
    pub authority: AuthorityId,
    /// The fingerprint under which a stranger verifies it.
    pub fingerprint: [u8; 32],
}

/// Exports the ledger of a data directory into a folder, from where the last export ended.
pub fn export(data: &Path, out: &Path, progress: &mut dyn FnMut(u64)) -> Result<Exported, StoreError> {
    let journal = data.join("journal");
    let signed = data.join("checkpoint");
    let note = checkpoint_file::newest(&signed)?
        .ok_or_else(|| StoreError::file(&signed, "holds no signed checkpoint yet"))?;
    let size = Checkpoint::danger_unverified(&note)?.size;
    let mut known = Known::default();
    each(&journal, size, &mut |index, entry| known.take(index, entry))?;
    let chain = known.own.take().ok_or(LedgerError::Checkpoint("the ledger holds no statement 0"))?;
    let checkpoint = Checkpoint::open(&note, &chain)?;
    let mut export = Export::open(out, &chain)?;
    let (before, wanted) = (export.before(), export.size());
    if before > size {
        return Err(StoreError::Behind { found: size, signed: before });
    }
    each(&journal, size, &mut |index, entry| {
        if index >= wanted {
            export.push(&entry.leaf, &entry.objects)?;
            if index % 1024 == 0 {
                progress(index);
            }
        }
        Ok(())
    })?;
    let Known { peers, witnesses, cosigned, .. } = known;
    let beside = Beside { checkpoint: &checkpoint, chain: &chain, peers, witnesses, cosigned };
    export.finish(&beside)?;
    let (authority, fingerprint) = (chain.authority().clone(), chain.fingerprint());
    Ok(Exported { size, new: size - before, authority, fingerprint })
}

/// Shows every entry below `size`.
fn each(
    journal: &Path,
    size: u64,
    show: &mut dyn FnMut(u64, &StoredEntry) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut scan = Scan::begin(journal)?;
    let mut index = 0;
    while index < size {
        match scan.next_group()? {
            Next::Group(group) => {
                for (record, _) in &group.records {
                    if let Record::Entry(entry) = record
                        && index < size
                    {
                        show(index, entry)?;
                        index += 1;
                    }
                }
            }
            Next::Damage(place) => return Err(StoreError::Damaged(place)),
            Next::End | Next::InvalidTail => return Err(StoreError::Behind { found: index, signed: size }),
        }
    }
    Ok(())
}

/// Keys and cosignatures, as the entries show them.
#[derive(Default)]
struct Known {
    own: Option<Chain>,
    peers: BTreeMap<AuthorityId, Chain>,
    witnesses: BTreeSet<String>,
    cosigned: BTreeMap<AuthorityId, Vec<u8>>,
}

impl Known {
    fn take(&mut self, index: u64, entry: &StoredEntry) -> Result<(), StoreError> {
        self.note(entry).map_err(|why| LedgerError::Entry { index, why: why.to_string() }.into())
    }

    fn note(&mut self, entry: &StoredEntry) -> Result<(), FormatError> {
        let leaf = Leaf::decode(&entry.leaf)?;
        let object = || entry.objects.first().ok_or(FormatError::Malformed("entry without its object"));
        match (leaf.kind, leaf.peer) {
            (Kind::KeyStatement, None) => match &mut self.own {
                None => self.own = Some(Chain::open(object()?)?),
                Some(own) => drop(own.append(object()?)?),
            },
            (Kind::KeyStatement, Some(name)) => {
                let chain =
                    self.peers.get_mut(&name).ok_or(FormatError::Malformed("statement of nobody paired"))?;
                chain.append(object()?)?;
            }
            (Kind::Pairing, Some(name)) => {
                let chain = Offer::open_logged(object()?)?.chain;
                let known = self.peers.get(&name);
                if known.is_none_or(|known| known.fingerprint() != chain.fingerprint()) {
                    // Another takes its place: what the one before cosigned says nothing of it.
                    self.cosigned.remove(&name);
                    self.peers.insert(name, chain);
                }
            }
            (Kind::CosignatureReceived, None) => {
                let key = entry.objects.get(1).ok_or(FormatError::Malformed("entry without its object"))?;
                self.witnesses.insert(String::from_utf8_lossy(key).into_owned());
            }
            (Kind::CosignatureReceived, Some(name)) => drop(self.cosigned.insert(name, object()?.clone())),
            _ => {}
        }
        Ok(())
    }
}
