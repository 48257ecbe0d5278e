//! Which peers hold our statements, by their own word: a peer proves that its ledger has the
//! newest of them, and with it those before. That is an entry of ours, so it outlasts a start.

use super::directory::Peer;
use super::{Answer, Exchange, ExchangeError};
use crate::crypto::hash::Digest;
use crate::format::envelope::{PayloadType, Unverified};
use crate::format::evidence::Subject;
use crate::format::id::AuthorityId;
use crate::format::leaf::Leaf;
use crate::format::wire::cause::Code as Cause;
use crate::format::{digest, limits};
use crate::ledger::records;

impl Exchange {
    /// The entry of our newest statement, unless this peer has confirmed that one.
    pub fn to_be_confirmed(&self, peer: &AuthorityId) -> Result<Option<u64>, ExchangeError> {
        let newest = self.store.snapshot().scan_back(&records::statement_prefix(None), 1)?;
        let newest = newest.first().and_then(|(key, _)| records::index_of(key));
        let confirmed = self.peer_record(peer)?.acknowledged;
        Ok(newest.filter(|index| *index >= confirmed))
    }

    /// Answers a peer that wants it proved that we logged a statement of its own.
    pub fn prove_statement(&self, peer: &Peer, wanted: &[u8]) -> Result<Answer, ExchangeError> {
        let wanted: Digest = digest(wanted, "statement")?;
        let snapshot = self.store.snapshot();
        let prefix = records::statement_prefix(Some(peer.authority()));
        // It asks about its newest; what it stated meanwhile is not much.
        for (key, _) in snapshot.scan_back(&prefix, limits::SHOWN)? {
            let index = records::entry_of(&key)?;
            let leaf = snapshot.leaf(index)?.map(|leaf| Leaf::decode(&leaf)).transpose()?;
            if leaf.is_some_and(|leaf| leaf.objects.first() == Some(&wanted)) {
                return Ok(Answer::Committed(vec![index], self.store.checkpoint()));
            }
        }
        // It was not shown to us, or is being logged.
        self.deferral(peer.authority(), Subject::Unattributed(wanted), Cause::KeyUnknown, 0)
    }

    /// How many of our statements this peer has confirmed to hold; none: it confirmed nothing.
    pub fn confirmed_by(&self, peer: &AuthorityId) -> Result<Option<u64>, ExchangeError> {
        let Some(newest) = self.peer_record(peer)?.acknowledged.checked_sub(1) else { return Ok(None) };
        let (chain, snapshot) = (self.identity.chain(), self.store.snapshot());
        let held = |index: u64| -> Result<Option<u64>, ExchangeError> {
            let entry = snapshot.entry(index)?;
            let statement = Unverified::parse(PayloadType::KeyStatement, entry.object(0)?)?.digest();
            Ok(chain.position(&statement).map(|seq| seq + 1))
        };
        if let Some(held) = held(newest)? {
            return Ok(Some(held));
        }
        // Our root made it void since: the last before it that stands.
        for (key, _) in snapshot.scan_back(&records::statement_prefix(None), usize::MAX)? {
            let index = records::entry_of(&key)?;
            if let Some(held) = held(index)?.filter(|_| index < newest) {
                return Ok(Some(held));
            }
        }
        Ok(None)
    }

    /// Takes up what peers had confirmed before the start.
    pub fn recall_confirmed(&self) -> Result<(), ExchangeError> {
        for peer in self.directory.all() {
            if let Some(statements) = self.confirmed_by(peer.authority())? {
                self.identity.heard_at_least(peer.authority(), statements);
            }
        }
        Ok(())
    }
}
