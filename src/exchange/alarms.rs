//! Alarms: what a peer signed and can't have signed both, as an entry; one for each
//! contradiction, however often it is met.

use super::directory::Peer;
use super::line::Tree;
use super::{Exchange, ExchangeError, durable};
use crate::format::leaf::Leaf;
use crate::format::wire::{Alarms, alarm::Code, leaf::Kind as LeafKind};
use crate::ledger::alarm::contradicted;
use crate::ledger::records::{self, AlarmRecord};
use crate::store::{Decision, NewEntry};
use prost::Message as _;

impl Exchange {
    /// Logs that two checkpoints of a peer contradict each other. `first` is the one that was
    /// believed; while an alarm about it stands, no second one is raised.
    pub(super) async fn raise(
        &self,
        peer: &Peer,
        code: Code,
        first: &Tree,
        second: &Tree,
    ) -> Result<(), ExchangeError> {
        let key = records::alarm(peer.authority(), code as u32, &contradicted(code as u32, &first.note)?);
        let leaf =
            Leaf { peer: Some(peer.authority().clone()), code: code as u32, ..Leaf::new(LeafKind::Alarm) };
        let objects = vec![first.note.clone(), second.note.clone()];
        let committed = durable(self.store.commit(move |views, _| {
            if views.get(&key)?.is_some() {
                return Ok(Decision::nothing(false));
            }
            let entries = vec![NewEntry { leaf, objects }];
            Ok::<_, ExchangeError>(Decision { entries, contents: Vec::new(), value: true })
        }))
        .await?;
        if committed.value {
            tracing::error!(
                peer = %peer.authority(), alarm = code.as_str_name(), entry = committed.first,
                size = first.size, other_size = second.size,
                "ALARM: checkpoints of this peer's log contradict each other"
            );
        }
        Ok(())
    }

    /// How many alarms the ledger holds about a peer, or about all, and the newest.
    pub fn alarms(&self, peer: Option<&Peer>) -> Result<Alarms, ExchangeError> {
        let peers = match peer {
            Some(peer) => vec![peer.authority().clone()],
            None => self.directory.all().iter().map(|peer| peer.authority().clone()).collect(),
        };
        let mut alarms = Alarms::default();
        for name in peers {
            for (_, value) in self.store.snapshot().scan(&records::alarm_prefix(&name), None, usize::MAX)? {
                let record = AlarmRecord::decode(value.as_slice())
                    .map_err(|_| crate::ledger::LedgerError::Read("an alarm's record".into()))?;
                let newest = alarms.count == 0 || record.index > alarms.index;
                alarms.count += 1;
                if newest {
                    alarms.index = record.index;
                    alarms.at = record.at;
                    alarms.peer = name.to_string();
                    alarms.code = i32::try_from(record.code).unwrap_or_default();
                }
            }
        }
        Ok(alarms)
    }
}
