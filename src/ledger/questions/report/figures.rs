//! From requests to tables: what is counted by what, and what is hidden.

use super::super::names;
use super::requests::{Outcome, Request};
use super::{Amount, COLUMNS, Duration, Reading, Report, Table, hide};
use crate::format::Millis;
use crate::format::wire::kind::Code as Packet;
use crate::format::wire::status::Ground;
use crate::format::wire::{assistance, legal_basis, offence};
use crate::ledger::records::Direction;
use std::collections::BTreeMap;

const DAY: Millis = 24 * 3600 * 1000;
/// Codes of an enumeration are looked for below this.
const CODES: u32 = 128;
/// Whose code is not known here.
const UNKNOWN: &str = "unknown";
/// Days that requests have waited for, below these, and what that is called.
const AGES: [(u64, &str); 5] = [
    (30, "up to 29 days"),
    (90, "30 to 89 days"),
    (180, "90 to 179 days"),
    (365, "180 to 364 days"),
    (u64::MAX, "365 days and more"),
];

pub(super) fn report(reading: &Reading, threshold: u64) -> Report {
    let as_of = if reading.over { reading.ends } else { reading.newest };
    let all = || reading.requests.values();
    let within = |at: Millis| (reading.begins..reading.ends).contains(&at);
    let of_year: Vec<&Request> = all().filter(|request| within(request.since)).collect();
    let decided: Vec<(&Request, Outcome)> = all()
        .filter_map(|request| {
            request.outcome().filter(|(_, at)| within(*at)).map(|(outcome, _)| (request, outcome))
        })
        .collect();
    let codes = Codes { threshold };
    let by_kind = codes.table(
        ("requests_by_kind", "Requests by kind"),
        &(1..Packet::Execution as u32)
            .filter(|code| known::<Packet>(*code))
            .map(|code| (code, names::kind(code)))
            .collect::<Vec<_>>(),
        of_year.iter().map(|request| (request.direction, request.said.kind)),
        None,
    );
    let assistance_of = Packet::MutualLegalAssistance;
    let legal_assistance = by_kind.rows.first().map(|(_, counts)| *counts);
    let outcomes: Vec<(u32, String)> =
        (0..).zip(Outcome::ALL).map(|(code, (_, name))| (code, name.to_owned())).collect();
    let by_outcome = codes.table(
        ("outcomes", "What requests came to in the year"),
        &outcomes,
        decided.iter().map(|(request, outcome)| (request.direction, *outcome as u32)),
        None,
    );
    let refused = by_outcome.rows.get(Outcome::Refused as usize).map(|(_, counts)| *counts);
    let peers: Vec<(u32, String)> =
        (0..).zip(&reading.peers).map(|(code, peer)| (code, peer.to_string())).collect();
    let peer_of = |request: &Request| {
        peers.iter().find(|(_, name)| *name == request.peer).map_or(u32::MAX, |(code, _)| *code)
    };
    let months: Vec<(u32, String)> =
        (1..=12).map(|month| (month, format!("{}-{month:02}", reading.year))).collect();
    let ages: Vec<(u32, String)> = (0..).zip(AGES).map(|(code, (_, name))| (code, name.to_owned())).collect();
    let tables = vec![
        codes.table(
            ("requests_by_month", "Requests by month"),
            &months,
            of_year.iter().map(|request| (request.direction, month(request.since))),
            None,
        ),
        codes.table(
            ("requests_by_state", "Requests by State"),
            &peers,
            of_year.iter().map(|request| (request.direction, peer_of(request))),
            None,
        ),
        codes.table(
            ("requests_by_treaty", "Requests by treaty"),
            &frame::<legal_basis::Instrument>(names::instrument),
            of_year.iter().map(|request| (request.direction, request.said.instrument)),
            None,
        ),
        codes.table(
            ("requests_by_offence", "Requests by offence"),
            &frame::<offence::Code>(names::offence),
            of_year.iter().map(|request| (request.direction, request.said.offence)),
            None,
        ),
        by_kind,
        codes.table(
            ("legal_assistance_by_sort", "Mutual legal assistance by what was asked for"),
            &frame::<assistance::Code>(names::assistance),
            of_year
                .iter()
                .filter(|request| request.said.kind == assistance_of as u32)
                .map(|request| (request.direction, request.said.assistance)),
            legal_assistance,
        ),
        by_outcome,
        codes.table(
            ("refusals_by_ground", "Refusals by ground"),
            &frame::<Ground>(names::ground),
            decided.iter().filter(|(_, outcome)| *outcome == Outcome::Refused).map(|(request, _)| {
                (request.direction, request.decision().map_or(0, |word| word.ground as u32))
            }),
            refused,
        ),
        codes.table(
            ("undecided_by_age", "Requests that still wait for a decision, by age"),
            &ages,
            all().filter(|request| request.waits()).map(|request| {
                let days = as_of.saturating_sub(request.since) / DAY;
                let age = (0..).zip(AGES).find(|(_, (below, _))| days < *below);
                (request.direction, age.map_or(u32::MAX, |(code, _)| code))
            }),
            None,
        ),
    ];
    Report {
        authority: reading.authority.clone(),
        year: reading.year,
        as_of,
        entries: reading.entries,
        root: reading.root(),
        threshold,
        tables,
        times: times(all(), within, threshold),
        amounts: amounts(&of_year, threshold),
    }
}

struct Codes {
    threshold: u64,
}

impl Codes {
    /// Counts in every category, none left out, so that what is there tells nothing. Of a part of
    /// another table `sums` are the counts that this one there shows.
    fn table(
        &self,
        (name, title): (&'static str, &'static str),
        categories: &[(u32, String)],
        counted: impl Iterator<Item = (Direction, u32)>,
        sums: Option<[Option<u64>; 2]>,
    ) -> Table {
        let mut counts = [vec![0; categories.len() + 1], vec![0; categories.len() + 1]];
        for (direction, code) in counted {
            let place = categories.iter().position(|(known, _)| *known == code).unwrap_or(categories.len());
            counts[direction as usize][place] += 1;
        }
        if counts.iter().all(|column| column.last() == Some(&0)) {
            counts.iter_mut().for_each(|column| column.truncate(categories.len()));
        }
        let own = counts.each_ref().map(|column| hide::of(column.iter().sum(), self.threshold));
        let total = sums.unwrap_or(own);
        let columns: Vec<Vec<Option<u64>>> = (0..COLUMNS.len())
            .map(|column| match total[column] {
                Some(_) => hide::cells(&counts[column], self.threshold),
                None => vec![None; counts[column].len()],
            })
            .collect();
        let labels = categories.iter().map(|(_, label)| label.clone()).chain([UNKNOWN.to_owned()]);
        let rows = labels.zip(&columns[0]).zip(&columns[1]);
        let rows = rows.map(|((label, received), sent)| (label, [*received, *sent])).collect();
        Table { name, title, rows, total }
    }
}

fn known<E: TryFrom<i32>>(code: u32) -> bool {
    i32::try_from(code).is_ok_and(|code| E::try_from(code).is_ok())
}

/// The codes of an enumeration, with their names.
fn frame<E: TryFrom<i32>>(name: impl Fn(u32) -> String) -> Vec<(u32, String)> {
    (0..CODES).filter(|code| known::<E>(*code)).map(|code| (code, name(code))).collect()
}

/// The month in UTC, from 1.
fn month(at: Millis) -> u32 {
    let time = i64::try_from(at).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    let month = time.map(|time| time.to_zoned(jiff::tz::TimeZone::UTC).month());
    month.and_then(|month| u32::try_from(month).ok()).unwrap_or_default()
}

/// What is timed: from one moment to another, where a request has had both.
type Stage = (&'static str, fn(&Request) -> (Option<Millis>, Option<Millis>));

const STAGES: [Stage; 5] = [
    ("submission_to_delivery", |request| match request.direction {
        Direction::Out => (Some(request.since), request.consigned),
        Direction::In => (None, None),
    }),
    ("delivery_to_handover", |request| (request.consigned, request.handed)),
    ("delivery_to_registration", |request| (request.consigned, request.registered())),
    ("registration_to_decision", |request| (request.registered(), request.decision().map(|word| word.at))),
    ("delivery_to_decision", |request| (request.consigned, request.decision().map(|word| word.at))),
];

fn times<'a>(
    requests: impl Iterator<Item = &'a Request>,
    within: impl Fn(Millis) -> bool,
    threshold: u64,
) -> Vec<Duration> {
    let mut taken: BTreeMap<(usize, usize), Vec<Millis>> = BTreeMap::new();
    for request in requests {
        for (place, (_, stage)) in STAGES.iter().enumerate() {
            if let (Some(from), Some(to)) = stage(request)
                && within(to)
            {
                let column = request.direction as usize;
                taken.entry((place, column)).or_default().push(to.saturating_sub(from) / 1000);
            }
        }
    }
    let places = (0..STAGES.len()).flat_map(|place| [(place, 0), (place, 1)]).skip(1);
    places
        .map(|(place, column)| {
            let mut seconds = taken.remove(&(place, column)).unwrap_or_default();
            seconds.sort_unstable();
            let at_least = enough(seconds.len() as u64, threshold);
            let rank = |tenths: usize| {
                let place = (seconds.len() * tenths).div_ceil(10).checked_sub(1)?;
                at_least.and(seconds.get(place)).map(|seconds| two_digits(u128::from(*seconds)))
            };
            Duration { stage: STAGES[place].0, column, at_least, median: rank(5), p90: rank(9) }
        })
        .collect()
}

/// Sums in each currency. One request that makes more than three quarters of a sum would be told
/// with it: such a sum is hidden, as is one of too few.
fn amounts(requests: &[&Request], threshold: u64) -> Vec<Amount> {
    let mut sums: BTreeMap<(String, usize), Vec<u64>> = BTreeMap::new();
    for request in requests.iter().filter(|request| request.said.amount > 0) {
        let key = (request.said.currency.clone(), request.direction as usize);
        sums.entry(key).or_default().push(request.said.amount);
    }
    let amounts = sums.into_iter().map(|((currency, column), amounts)| {
        let at_least = enough(amounts.len() as u64, threshold);
        let sum: u128 = amounts.iter().copied().map(u128::from).sum();
        let greatest = amounts.iter().copied().max().map_or(0, u128::from);
        let spread = threshold == 1 || 4 * greatest <= 3 * sum;
        Amount { currency, column, at_least, sum: at_least.filter(|_| spread).map(|_| two_digits(sum)) }
    });
    amounts.filter(|amount| amount.at_least.is_some()).collect()
}

/// How many there are at least, in steps of the threshold; none: fewer than that, or none.
fn enough(count: u64, threshold: u64) -> Option<u64> {
    Some(count / threshold * threshold).filter(|count| *count > 0)
}

/// To two significant digits; what is too large is the largest that there is.
fn two_digits(number: u128) -> u64 {
    let mut step = 1;
    while number / step >= 100 {
        step *= 10;
    }
    u64::try_from((number + step / 2) / step * step).unwrap_or(u64::MAX)
}
