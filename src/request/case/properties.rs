//! Properties of cases: two gateways that hear each other late, and whatever their officers say.

use super::*;
use crate::format::sequence::{Said, Side, may_follow};
use proptest::prelude::*;
use std::collections::VecDeque;

/// A gateway's knowledge of a case.
struct Gateway {
    side: Side,
    own: Vec<Code>,
    others: Vec<Code>,
    /// What the other said and has not arrived.
    coming: VecDeque<Code>,
}

impl Gateway {
    fn new(side: Side) -> Self {
        Self { side, own: Vec::new(), others: Vec::new(), coming: VecDeque::new() }
    }

    fn said(codes: &[Code]) -> Said {
        codes.iter().copied().collect()
    }

    /// The next status of the other arrives. Says whether it is taken.
    fn hear(&mut self) -> Option<bool> {
        let code = self.coming.pop_front()?;
        let side = if self.side == Side::Requesting { Side::Requested } else { Side::Requesting };
        let taken = may_follow(side, Self::said(&self.others), code).is_ok();
        if taken {
            self.others.push(code);
        }
        Some(taken)
    }

    fn state(&self) -> Code {
        match self.side {
            Side::Requesting => state(&self.own, &self.others),
            Side::Requested => state(&self.others, &self.own),
        }
    }
}

/// What happens next: one side says something, by the rules or against them; or hears something.
#[derive(Debug, Clone, Copy)]
enum Event {
    Says { requested: bool, code: Code, obeys: bool },
    Hears { requested: bool },
}

fn event() -> impl Strategy<Value = Event> {
    let code = (1..=12_i32).prop_map(|code| Code::try_from(code).unwrap_or_default());
    prop_oneof![
        3 => (any::<bool>(), code, prop::bool::weighted(0.8))
            .prop_map(|(requested, code, obeys)| Event::Says { requested, code, obeys }),
        2 => any::<bool>().prop_map(|requested| Event::Hears { requested }),
    ]
}

/// Lets it happen, and everything arrive. Gives both gateways, and each state that the parties,
/// taken together, went through.
fn story(events: &[Event]) -> ([Gateway; 2], Vec<Code>) {
    let mut both = [Gateway::new(Side::Requesting), Gateway::new(Side::Requested)];
    let mut states = Vec::new();
    for event in events {
        match *event {
            Event::Hears { requested } => drop(both[usize::from(requested)].hear()),
            Event::Says { requested, code, obeys } => {
                let author = &mut both[usize::from(requested)];
                let legal = may_follow(author.side, Gateway::said(&author.own), code).is_ok();
                if legal {
                    author.own.push(code);
                }
                // A gateway that does not obey sends what it may not; it is refused over there,
                // and the refusal counts here too.
                if legal || !obeys {
                    both[usize::from(!requested)].coming.push_back(code);
                }
            }
        }
        states.push(state(&both[0].own, &both[1].own));
    }
    for gateway in &mut both {
        while gateway.hear().is_some() {}
    }
    (both, states)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// However what both said arrived, both know the same case.
    #[test]
    fn both_sides_come_to_the_same(events in prop::collection::vec(event(), 0..40)) {
        let ([asks, is_asked], _) = story(&events);
        prop_assert_eq!(&asks.own, &is_asked.others);
        prop_assert_eq!(&is_asked.own, &asks.others);
        prop_assert_eq!(asks.state(), is_asked.state());
    }

    /// What ended goes on to nothing but what stands over it.
    #[test]
    fn what_ended_stays_ended(events in prop::collection::vec(event(), 0..40)) {
        let (_, states) = story(&events);
        for pair in states.windows(2) {
            let (before, after) = (pair[0], pair[1]);
            let goes_on = match before {
                Code::Closed => after == Code::Closed,
                Code::Executed | Code::Refused | Code::Returned => after == before || after == Code::Closed,
                // It met what the other side had completed, or completes.
                Code::Withdrawn => is_ended(after),
                _ => true,
            };
            prop_assert!(goes_on, "{:?} became {:?}", before, after);
        }
    }

    /// An officer says nothing that the other side has to refuse, and closing is the last word
    /// whoever says what.
    #[test]
    fn what_may_be_said_may_follow(
        own in prop::collection::vec(0..=12_i32, 0..8),
        others in prop::collection::vec(0..=12_i32, 0..8),
        next in 1..=12_i32,
        requested in any::<bool>(),
    ) {
        let codes = |raw: &[i32]| raw.iter().map(|code| Code::try_from(*code).unwrap_or_default()).collect::<Vec<_>>();
        let (own, others, code) = (codes(&own), codes(&others), Code::try_from(next).unwrap_or_default());
        let side = if requested { Side::Requested } else { Side::Requesting };
        let ground = crate::format::wire::status::Ground::Nationality;
        let saying = Saying { code, ground, review_at: if code == Code::Postponed { 2 } else { 0 } };
        if may_say(side, &own, &others, &saying, 1).is_ok() {
            prop_assert!(may_follow(side, Gateway::said(&own), code).is_ok());
            let closed = if requested { others.contains(&Code::Closed) } else { own.contains(&Code::Closed) };
            prop_assert!(!closed);
        }
        let (asks, is_asked) = if requested { (&others, &own) } else { (&own, &others) };
        if asks.contains(&Code::Closed) {
            prop_assert_eq!(state(asks, is_asked), Code::Closed);
        }
    }
}
