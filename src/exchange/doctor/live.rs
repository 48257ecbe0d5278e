//! Facts from a running gateway's ledger.

use super::judge::{self, Index, Mirror};
use super::notices;
use super::peers::{self, Held, Offset, Told};
use super::place::Place;
use super::{Check, DAY};
use crate::exchange::directory::Peer;
use crate::exchange::{Exchange, ExchangeError, durable};
use crate::format::Millis;
use crate::format::leaf::Leaf;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::records::{self, Direction, PacketRecord, PeerRecord};
use crate::ledger::tree;
use crate::store::Decision;

/// Packets that are looked at for a time that the peer signed.
const LOOKED_AT: usize = 200;

impl Exchange {
    /// Every line about this gateway alone; `rebuilt`: why the index was rebuilt at the start.
    pub async fn examine(&self, place: &Place, rebuilt: Option<&str>) -> Result<Vec<Check>, ExchangeError> {
        let (now, size) = (self.now(), self.store.checkpoint().size);
        let chain = place.chain();
        let same = match &chain {
            Ok(chain) => Some(self.holds_statements(chain.envelopes())?),
            Err(_) => None,
        };
        let mut checks = vec![place.identity(&chain, same)];
        checks.extend(place.keys_and_modes(&chain, now));
        checks.extend(place.disks());
        // The writer answers, and appends nothing.
        let answers = durable(self.store.commit(|_, _| Ok(Decision::nothing(())))).await;
        checks.push(judge::journal(answers.map(|_| size).map_err(|error| error.to_string())));
        let rebuilt =
            rebuilt.map(|why| Index::Rebuilt(format!("the index was rebuilt at this start: {why}")));
        checks.push(judge::store(rebuilt.unwrap_or(Index::Trusted), &place.aside()));
        checks.push(judge::mirror(self.mirror(place, now)?));
        let newest = match size.checked_sub(1) {
            Some(last) => self.logged_at(last)?,
            None => 0,
        };
        checks.push(judge::log_time(newest, now));
        checks.push(judge::alarms(&self.alarms(None)?, now));
        let witnesses = self.directory.all().len() + self.witnesses()?.len();
        checks.push(judge::tail(&self.tail()?, witnesses, now));
        Ok(checks)
    }

    /// What our ledger says of a peer's clock and of what waits for it.
    pub fn examine_peer(&self, peer: &Peer) -> Result<Vec<Check>, ExchangeError> {
        let now = self.now();
        let (waiting, oldest) = self.waiting(peer.authority())?;
        let oldest = match oldest {
            Some(index) => Some(now.saturating_sub(self.logged_at(index)?)),
            None => None,
        };
        let (statements, development) = (peer.chain.count(), peer.chain.development());
        let stands = peer.chain.root();
        Ok(vec![
            peers::pairing(statements, waiting, oldest, development),
            notices::notices(self.notices_to(peer, now)?),
            notices::terms(self.terms_to(peer)?),
            peers::statements(self.taught(peer, now)),
            peers::root((self.confirmed_root(peer)? != stands).then_some(&stands)),
            peers::clock(self.offset(peer)?, now),
        ])
    }

    /// What a peer showed of our log: its answer to "held checkpoint", or none where it could
    /// not be asked.
    pub fn held_by(&self, peer: &Peer, note: Option<&[u8]>) -> Result<Held, ExchangeError> {
        let Some(note) = note else {
            return Ok(Held::Unasked(self.cosigned_by(peer)?.map_or(0, |cosigned| cosigned.size)));
        };
        if note.is_empty() {
            return Ok(Held::Nothing);
        }
        let checkpoint = match Checkpoint::open_past(note, &self.identity.chain()) {
            Ok(checkpoint) => checkpoint,
            Err(error) => return Ok(Held::Unsigned(error.to_string())),
        };
        Ok(match self.agrees(&checkpoint)? {
            None => Held::More(checkpoint.size),
            Some(true) => Held::Ours(checkpoint.size),
            Some(false) => Held::Other(checkpoint.size),
        })
    }

    /// Whether a tree is one that our log was; none: it is greater than our log.
    fn agrees(&self, tree: &Checkpoint) -> Result<Option<bool>, ExchangeError> {
        if tree.size > self.store.checkpoint().size {
            return Ok(None);
        }
        Ok(Some(tree::root(tree.size, self.store.snapshot())? == tree.root))
    }

    fn taught(&self, peer: &Peer, now: Millis) -> Told {
        let (chain, held) = (self.identity.chain(), self.identity.held_by(peer.authority()));
        // A key's beginning is a minute before its statement: good enough for hours and days.
        let lacks = chain.keys().iter().find(|key| held.is_some_and(|held| key.seq >= held));
        let behind = lacks.map_or(0, |key| now.saturating_sub(key.not_before));
        Told { held, of: chain.count(), behind }
    }

    fn holds_statements<'a>(
        &self,
        envelopes: impl ExactSizeIterator<Item = &'a [u8]>,
    ) -> Result<bool, ExchangeError> {
        let snapshot = self.store.snapshot();
        let found = snapshot.scan(&records::statement_prefix(None), None, usize::MAX)?;
        if found.len() != envelopes.len() {
            return Ok(false);
        }
        for ((key, _), envelope) in found.iter().zip(envelopes) {
            let entry = snapshot.entry(records::entry_of(key)?)?;
            if entry.object(0)? != envelope {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn logged_at(&self, index: u64) -> Result<Millis, ExchangeError> {
        let leaf = self.store.snapshot().leaf(index)?;
        Ok(leaf.map(|leaf| Leaf::decode(&leaf)).transpose()?.map_or(0, |leaf| leaf.at))
    }

    fn mirror(&self, place: &Place, now: Millis) -> Result<Mirror, ExchangeError> {
        let mirror = match place.mirrored(&self.identity.chain()) {
            None => return Ok(Mirror::None),
            Some(Err(why)) => return Ok(Mirror::Bad(why)),
            Some(Ok(mirror)) => mirror,
        };
        let of = self.store.checkpoint().size;
        if self.agrees(&mirror)? == Some(false) {
            return Ok(Mirror::Bad("its tree is not the ledger's".into()));
        }
        let behind = match mirror.size < of {
            true => Some(now.saturating_sub(self.logged_at(mirror.size)?)),
            false => None,
        };
        Ok(Mirror::Holds { size: mirror.size, of, behind })
    }

    /// The narrowest that times of the peer between two entries of ours say of its clock, of
    /// the packets that were sent to it last: it signed after the one and before the other.
    fn offset(&self, peer: &Peer) -> Result<Option<Offset>, ExchangeError> {
        let snapshot = self.store.snapshot();
        let millis = |at: u64| i64::try_from(at).unwrap_or(i64::MAX);
        let (mut best, mut newest): (Option<Offset>, Millis) = (None, 0);
        for (_, key) in snapshot.scan_back(&records::boxed_prefix(Direction::Out), LOOKED_AT)? {
            let Some(record) = records::read::<PacketRecord>(snapshot, &key)? else { continue };
            if record.peer != peer.authority().as_str() {
                continue;
            }
            for outcome in record.outcomes.iter().filter(|outcome| outcome.by_peer) {
                let (sent, got) = (self.logged_at(record.index)?, self.logged_at(outcome.index)?);
                // Clocks drift: what was measured long before the newest says nothing of today.
                newest = newest.max(got);
                if got.saturating_add(DAY) < newest {
                    continue;
                }
                let least = millis(outcome.at).saturating_sub(millis(got));
                let most = millis(outcome.at).saturating_sub(millis(sent));
                if best.is_none_or(|best| most.saturating_sub(least) < best.most.saturating_sub(best.least)) {
                    best = Some(Offset { least, most, at: got });
                }
            }
        }
        if best.is_some() {
            return Ok(best);
        }
        // A cosignature's time bounds one side only: it was made before it came.
        let record: PeerRecord =
            records::read(snapshot, &records::peer(peer.authority()))?.unwrap_or_default();
        if record.cosigned_size == 0 {
            return Ok(None);
        }
        let entry = snapshot.entry(record.cosigned_at)?;
        let signed = Checkpoint::danger_unverified(entry.object(0)?)?.cosignature_of(&peer.chain)?;
        Ok(signed.map(|signed| Offset {
            least: millis(signed).saturating_sub(millis(entry.leaf.at)),
            most: i64::MAX,
            at: entry.leaf.at,
        }))
    }
}
