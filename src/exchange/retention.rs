//! Retention: what is due to be erased, by kind and by state of its case.

use super::actors::Actor;
use super::erase::{Planned, TOGETHER};
use super::{Exchange, ExchangeError};
use crate::format::Millis;
use crate::format::id::{AuthorityId, CaseId};
use crate::format::leaf::Leaf;
use crate::format::wire::{erasure_reason::Code as Reason, kind::Code as Kind, status::Code as State};
use crate::ledger::erasure::{Obstacle, obstacle};
use crate::ledger::records::{self, CaseRecord, Direction, PacketRecord, StatusRecord};
use std::collections::HashMap;

/// A day, milliseconds.
const DAY: u64 = 24 * 3600 * 1000;
/// Packets looked at in one go.
const PAGE: usize = 1000;

/// How long content is kept. Nothing is erased without a number of days.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Days after the last word in the case, where no rule fits; none: for ever.
    pub days: Option<u32>,
    /// The first that fits decides.
    pub rules: Vec<Rule>,
}

/// How long some content is kept.
#[derive(Debug, Clone, Default)]
pub struct Rule {
    /// Packets of this kind; none: of any.
    pub kind: Option<Kind>,
    /// In cases of this state (unspecified: open); none: of any.
    pub state: Option<State>,
    /// Days after the last word in the case; none: for ever.
    pub days: Option<u32>,
}

/// A packet whose time is over.
#[derive(Debug)]
pub struct Due {
    /// The packet.
    pub planned: Planned,
    /// State of its case.
    pub state: State,
    /// The last word in its case.
    pub since: Millis,
    /// So many days it was kept after that.
    pub days: u32,
    /// Number of the rule, from 1; 0: the default.
    pub rule: u32,
}

/// What a look at all packets found.
#[derive(Debug, Default)]
pub struct Survey {
    /// What may be erased.
    pub due: Vec<Due>,
    /// Packets whose time is over and that a hold keeps.
    pub held: u64,
    /// Packets whose time is over and that still wait.
    pub waiting: u64,
}

impl Policy {
    /// How long a packet is kept, and by which rule (0: the default); none: for ever.
    pub fn days(&self, kind: Kind, state: State) -> Option<(u32, u32)> {
        let fits = |rule: &Rule| rule.kind.is_none_or(|k| k == kind) && rule.state.is_none_or(|s| s == state);
        match (1..).zip(&self.rules).find(|(_, rule)| fits(rule)) {
            Some((number, rule)) => rule.days.map(|days| (days, number)),
            None => self.days.map(|days| (days, 0)),
        }
    }

    /// Whether it says anything at all.
    pub fn is_set(&self) -> bool {
        self.days.is_some() || self.rules.iter().any(|rule| rule.days.is_some())
    }
}

impl Exchange {
    /// Packets whose time is over, oldest first, with what keeps others. Looks at every packet.
    pub fn survey(&self, policy: &Policy) -> Result<Survey, ExchangeError> {
        let mut survey = Survey::default();
        if !policy.is_set() {
            return Ok(survey);
        }
        let (snapshot, now) = (self.store.snapshot(), self.now());
        let mut cases = HashMap::new();
        for direction in [Direction::In, Direction::Out] {
            let mut after: Option<Vec<u8>> = None;
            loop {
                let page = snapshot.scan(&records::boxed_prefix(direction), after.as_deref(), PAGE)?;
                let Some((last, _)) = page.last() else { break };
                after = Some(last.clone());
                for (_, key) in page {
                    if let Some(record) = records::read::<PacketRecord>(snapshot, &key)? {
                        self.judge(policy, now, direction, record, &mut cases, &mut survey)?;
                    }
                }
            }
        }
        survey.due.sort_by_key(|due| due.planned.record.index);
        Ok(survey)
    }

    fn judge(
        &self,
        policy: &Policy,
        now: Millis,
        direction: Direction,
        record: PacketRecord,
        cases: &mut HashMap<(AuthorityId, CaseId), (State, Millis)>,
        survey: &mut Survey,
    ) -> Result<(), ExchangeError> {
        let (peer, case_id) = (AuthorityId::parse(&record.peer)?, CaseId::from_bytes(&record.case_id)?);
        let case = (peer.clone(), case_id);
        let (state, last) = match cases.get(&case) {
            Some(found) => *found,
            None => *cases.entry(case).or_insert(self.case_so_far(&peer, &case_id)?),
        };
        let kind = Kind::try_from(record.kind).unwrap_or_default();
        let Some((days, rule)) = policy.days(kind, state) else { return Ok(()) };
        let since = record.outcomes.iter().map(|outcome| outcome.at).fold(last.max(record.created), u64::max);
        if since.saturating_add(u64::from(days) * DAY) > now {
            return Ok(());
        }
        let id = crate::format::id::PacketId::from_bytes(&record.id)?;
        match obstacle(self.store.snapshot(), direction, &peer, &id)? {
            Some(Obstacle::Held(_)) => survey.held += 1,
            Some(Obstacle::Waits | Obstacle::StatusWaits) => survey.waiting += 1,
            Some(Obstacle::Erased(_) | Obstacle::Unknown) => {}
            None => {
                let planned = self.planned(direction, record)?;
                survey.due.push(Due { planned, state, since, days, rule });
            }
        }
        Ok(())
    }

    /// State of a case, and the time of the last status in it.
    fn case_so_far(&self, peer: &AuthorityId, case_id: &CaseId) -> Result<(State, Millis), ExchangeError> {
        let snapshot = self.store.snapshot();
        let case: CaseRecord = records::read(snapshot, &records::case(case_id, peer))?.unwrap_or_default();
        let mut last = 0;
        for (direction, head) in [(Direction::Out, &case.our_statuses), (Direction::In, &case.their_statuses)]
        {
            let Some(seq) = head.count.checked_sub(1) else { continue };
            let key = records::status(direction, peer, case_id, seq);
            let status: StatusRecord = records::read(snapshot, &key)?.unwrap_or_default();
            if let Some(leaf) = snapshot.leaf(status.index)? {
                last = last.max(Leaf::decode(&leaf)?.at);
            }
        }
        Ok((self.case_state(peer, case_id, &case)?, last))
    }

    /// Erases what is due; gives the index of each tombstone. Blocks.
    pub fn retain(&self, due: &[Due], actor: Option<Actor>) -> Result<Vec<u64>, ExchangeError> {
        let mut tombstones = Vec::with_capacity(due.len());
        for together in due.chunks(TOGETHER) {
            let planned: Vec<Planned> = together.iter().map(|due| due.planned.clone()).collect();
            let first = self.erase(&planned, Reason::RetentionOver, actor)?;
            tombstones.extend(first..first + together.len() as u64);
        }
        Ok(tombstones)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_fits_decides() {
        let rule = |kind, state, days| Rule { kind, state, days };
        let policy = Policy {
            days: Some(100),
            rules: vec![
                rule(Some(Kind::Extradition), Some(State::Closed), Some(10)),
                rule(Some(Kind::Extradition), None, None),
                rule(None, Some(State::Closed), Some(20)),
            ],
        };
        assert_eq!(policy.days(Kind::Extradition, State::Closed), Some((10, 1)));
        assert_eq!(policy.days(Kind::Extradition, State::Executed), None);
        assert_eq!(policy.days(Kind::BorderAlert, State::Closed), Some((20, 3)));
        assert_eq!(policy.days(Kind::BorderAlert, State::Unspecified), Some((100, 0)));
        assert!(policy.is_set() && !Policy::default().is_set());
    }
}
