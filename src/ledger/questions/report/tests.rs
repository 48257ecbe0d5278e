//! Reports over made-up ledgers of the year 1970, an entry a day.

use super::super::tests::{DAY, Log, authority, case_id, packet_id, signing};
use super::*;
use crate::format::leaf::Leaf;
use crate::format::status::Status;
use crate::format::wire::offence::Code as Offence;
use crate::format::wire::purpose::Code as Purpose;
use crate::format::wire::status::{Code, Ground};
use crate::format::wire::{Statistics, cause::Code as Cause};
use crate::ledger::tree;

/// A ledger of XA, who is paired with XB and has asked for something.
fn log() -> Log {
    let mut log = Log::default();
    log.push(Leaf::new(Kind::Pairing), vec![]);
    log.packet(Direction::Out, case_id(), Packet::TechnicalAssistance, None);
    log
}

/// A request of XB that was taken in.
fn take_in(log: &mut Log, said: Statistics) -> (PacketId, CaseId) {
    let (id, case_id) = (packet_id(), case_id());
    let code = Event::ContentConsignment as u32;
    let leaf = Leaf { statistics: Some(said), code, ..Leaf::new(Kind::EvidenceIssued) };
    log.push(Leaf { id: Some(id), case_id: Some(case_id), ..leaf }, vec![]);
    (id, case_id)
}

fn said(kind: Packet) -> Statistics {
    Statistics { kind: kind as u32, ..Statistics::default() }
}

/// What one side says of a packet; the entry.
fn say(log: &mut Log, kind: Kind, (id, case_id): (PacketId, CaseId), code: Code, ground: Ground) -> u64 {
    let (author, peer) = match kind {
        Kind::StatusIssued => (authority("XA"), authority("XB")),
        _ => (authority("XB"), authority("XA")),
    };
    let status = Status {
        author,
        peer,
        id: packet_id(),
        case_id,
        seq: 0,
        prev: None,
        seen: (0, None),
        created: 1,
        code,
        ground,
        packet_id: id,
        reply_id: None,
        review_at: 0,
        text: None,
    };
    let leaf = Leaf { id: Some(status.id), case_id: Some(case_id), code: code as u32, ..Leaf::new(kind) };
    let envelope = status.sign(&signing(Purpose::Evidence)).unwrap().carried.envelope;
    let objects = if kind == Kind::StatusIssued { vec![envelope] } else { vec![Vec::new(), envelope] };
    log.push(leaf, objects)
}

fn read(log: &Log) -> Reading {
    let mut reading = Reading::of(1970).unwrap();
    log.0.iter().for_each(|entry| reading.entry(entry).unwrap());
    reading
}

/// What a table shows that is not zero.
fn shown(report: &Report, table: &str) -> Vec<(String, Option<u64>, Option<u64>)> {
    let table = report.tables.iter().find(|found| found.name == table).unwrap();
    let rows = table.rows.iter().filter(|(_, counts)| *counts != [Some(0), Some(0)]);
    rows.map(|(name, counts)| (name.clone(), counts[0], counts[1])).collect()
}

fn row(name: &str, received: u64, sent: u64) -> (String, Option<u64>, Option<u64>) {
    (name.to_owned(), Some(received), Some(sent))
}

#[test]
fn requests_are_counted_by_what_they_say() {
    let mut log = log();
    let instrument = 2;
    for offence in [Offence::Corruption, Offence::Corruption, Offence::Drugs] {
        let offence = offence as u32;
        let asked = said(Packet::MutualLegalAssistance);
        take_in(&mut log, Statistics { instrument, offence, assistance: 2, ..asked });
    }
    take_in(&mut log, Statistics { instrument: 900, ..said(Packet::BorderAlert) });
    take_in(&mut log, said(Packet::Execution));
    let report = read(&log).report(1);
    assert_eq!(report.authority, Some(authority("XA")));
    assert_eq!((report.year, report.entries, report.as_of), (1970, 7, 6 * DAY));
    assert_eq!(shown(&report, "requests_by_state"), [row("XB", 4, 1)]);
    assert_eq!(shown(&report, "requests_by_month"), [row("1970-01", 4, 1)]);
    let treaties = [row("unspecified", 0, 1), row("uncac", 3, 0), row("unknown", 1, 0)];
    assert_eq!(shown(&report, "requests_by_treaty"), treaties);
    let offences = [row("unspecified", 1, 1), row("corruption", 2, 0), row("drugs", 1, 0)];
    assert_eq!(shown(&report, "requests_by_offence"), offences);
    let kinds =
        [row("mutual_legal_assistance", 3, 0), row("border_alert", 1, 0), row("technical_assistance", 0, 1)];
    assert_eq!(shown(&report, "requests_by_kind"), kinds);
    assert_eq!(shown(&report, "legal_assistance_by_sort"), [row("service_of_documents", 3, 0)]);
    // Nobody waits for an answer to an alert.
    assert_eq!(shown(&report, "undecided_by_age"), [row("up to 29 days", 3, 1)]);
}

#[test]
fn each_request_comes_to_what_was_said_last_and_counts() {
    use Code::*;
    use Kind::{StatusIssued as We, StatusReceived as They};
    let rows: [(&[(Kind, Code)], &str); 11] = [
        (&[(We, Registered), (We, Executed), (They, Closed)], "granted"),
        (&[(We, Registered), (They, Withdrawn), (We, Executed)], "granted"),
        (&[(We, Registered), (We, PartlyExecuted), (We, InformationNeeded)], "partly_granted"),
        (&[(We, Registered), (We, PartlyExecuted), (They, Closed)], "partly_granted"),
        (&[(We, Registered), (We, Refused)], "refused"),
        (&[(We, Returned)], "returned"),
        (&[(We, Registered), (We, Accepted), (We, Postponed), (They, Consultation)], "postponed"),
        (&[(We, Registered), (We, Postponed), (They, Withdrawn), (They, Closed)], "withdrawn"),
        (&[(We, Registered), (They, Closed)], "closed_undecided"),
        (&[(We, Registered), (We, Postponed), (We, Accepted)], ""),
        (&[(They, Consultation)], ""),
    ];
    for (words, expected) in rows {
        let mut log = log();
        let request = take_in(&mut log, said(Packet::Extradition));
        for (kind, code) in words {
            let ground = if *code == Refused { Ground::Nationality } else { Ground::NoGround };
            say(&mut log, *kind, request, *code, ground);
        }
        let report = read(&log).report(1);
        let expected: Vec<_> =
            Some(expected).filter(|name| !name.is_empty()).map(|name| row(name, 1, 0)).into_iter().collect();
        assert_eq!(shown(&report, "outcomes"), expected, "{words:?}");
        let grounds = shown(&report, "refusals_by_ground");
        assert_eq!(grounds == [row("nationality", 1, 0)], expected == [row("refused", 1, 0)], "{grounds:?}");
    }
    // A status that the peer refuses counts for nothing; one that it takes does.
    for (event, waiting) in [(Event::RelayRejection, 1), (Event::RelayAcceptance, 0)] {
        let mut log = log();
        let request = take_in(&mut log, said(Packet::Extradition));
        let status = say(&mut log, We, request, Executed, Ground::NoGround);
        log.received(packet_id(), request.1, event, status);
        let waits = shown(&read(&log).report(1), "undecided_by_age");
        assert_eq!(waits, [row("up to 29 days", waiting, 1)]);
    }
    // What was refused here and about the case as a whole: the status names another packet.
    let mut log = log();
    let (_, case) = take_in(&mut log, said(Packet::Extradition));
    say(&mut log, We, (packet_id(), case), Returned, Ground::NoGround);
    assert_eq!(shown(&read(&log).report(1), "outcomes"), [row("returned", 1, 0)]);
    // What a gateway refused is answered.
    let sent = log.0[1].leaf.clone();
    log.received(sent.id.unwrap(), sent.case_id.unwrap(), Event::RelayRejection, 1);
    let report = read(&log).report(1);
    assert_eq!(shown(&report, "outcomes"), [row("returned", 1, 0), row("not_delivered", 0, 1)]);
    assert_eq!(shown(&report, "undecided_by_age"), []);
    // What we refused to take counts for nothing.
    let mut log = log;
    let leaf = Leaf { cause: Cause::IllegalTransition as u32, code: 10, ..Leaf::new(They) };
    log.push(leaf, vec![]);
    read(&log);
}

#[test]
fn the_report_of_a_year_that_is_over_does_not_change() {
    let mut log = log();
    let mut request = take_in(&mut log, said(Packet::Extradition));
    for _ in 0..20 {
        request = take_in(&mut log, said(Packet::MutualLegalAssistance));
    }
    let push_in_1971 = |log: &mut Log| {
        let last = log.0.last_mut().unwrap();
        last.leaf.at += 365 * DAY;
    };
    say(&mut log, Kind::StatusIssued, request, Code::Executed, Ground::NoGround);
    push_in_1971(&mut log);
    let before = read(&log).report(5);
    assert_eq!((before.as_of, before.entries), (365 * DAY, 23));
    take_in(&mut log, said(Packet::Extradition));
    push_in_1971(&mut log);
    let after = read(&log).report(5);
    assert_eq!(before.rows(), after.rows());
    // One of ours waits: that is hidden, with what it could be worked out from.
    let waits = shown(&before, "undecided_by_age");
    let ages = ["up to 29 days", "30 to 89 days", "90 to 179 days", "180 to 364 days", "365 days and more"];
    assert_eq!(waits, ages.map(|age| (age.to_owned(), Some(if age == ages[3] { 21 } else { 0 }), None)));
    // The next year begins with what waits.
    let mut next = Reading::of(1971).unwrap();
    log.0.iter().for_each(|entry| next.entry(entry).unwrap());
    let next = next.report(1);
    assert_eq!(shown(&next, "requests_by_kind"), [row("extradition", 1, 0)]);
    assert_eq!(shown(&next, "outcomes"), [row("granted", 1, 0)]);
    assert!(Reading::of(i16::MAX).is_none());
}

#[test]
fn a_part_of_another_table_is_hidden_with_what_it_is_part_of() {
    let mut log = log();
    for _ in 0..20 {
        take_in(&mut log, said(Packet::BorderAlert));
    }
    for assistance in [1, 1, 2] {
        take_in(&mut log, Statistics { assistance, ..said(Packet::MutualLegalAssistance) });
    }
    let rows = |threshold, name: &str| {
        let report = read(&log).report(threshold);
        let table = report.tables.into_iter().find(|table| table.name == name).unwrap();
        (table.rows.into_iter().map(|(_, counts)| counts[0]).collect::<BTreeSet<_>>(), table.total[0])
    };
    let all = |counts: &[Option<u64>]| counts.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(rows(1, "legal_assistance_by_sort"), (all(&[Some(0), Some(1), Some(2)]), Some(3)));
    // Three are too few, and hide the twenty: with them the sum would tell.
    assert_eq!(rows(5, "requests_by_kind"), (all(&[Some(0), None]), Some(23)));
    assert_eq!(rows(5, "legal_assistance_by_sort"), (all(&[None]), None));
    // Three are enough by themselves, and not in parts.
    assert_eq!(rows(3, "requests_by_kind"), (all(&[Some(0), Some(3), Some(20)]), Some(23)));
    assert_eq!(rows(3, "legal_assistance_by_sort"), (all(&[None]), Some(3)));
}

#[test]
fn times_are_ranks_and_sums_are_rounded() {
    let mut log = log();
    let requests: Vec<_> = (0..10).map(|_| take_in(&mut log, said(Packet::Extradition))).collect();
    // Consigned on the days 2 to 11; registered in the opposite order, on the days 12 to 21.
    for request in requests.iter().rev() {
        say(&mut log, Kind::StatusIssued, *request, Code::Registered, Ground::NoGround);
    }
    let time = |threshold| {
        let report = read(&log).report(threshold);
        let time = report.times.into_iter().find(|time| time.stage == "delivery_to_registration").unwrap();
        assert_eq!(time.column, 0);
        (time.at_least, time.median, time.p90)
    };
    // 1, 3, … 19 days: the fifth and the ninth of ten.
    assert_eq!(time(1), (Some(10), Some(780_000), Some(1_500_000)));
    assert_eq!((time(4).0, time(10).0, time(11)), (Some(8), Some(10), (None, None, None)));

    let money = |amounts: &[u64], threshold| {
        let mut log = self::log();
        for amount in amounts {
            let amount = Statistics { amount: *amount, currency: "EUR".into(), ..said(Packet::Confiscation) };
            take_in(&mut log, amount);
        }
        let amounts = read(&log).report(threshold).amounts;
        amounts.iter().map(|amount| (amount.at_least, amount.sum)).collect::<Vec<_>>()
    };
    assert_eq!(money(&[1_200, 1_300, 1_000], 3), [(Some(3), Some(3_500))]);
    assert_eq!(money(&[1_200, 1_340, 1_006], 2), [(Some(2), Some(3_500))]);
    assert_eq!(money(&[1_000_000, 1_300, 1_000], 3), [(Some(3), None)], "one is nearly all of it");
    assert_eq!(money(&[1_000_000], 1), [(Some(1), Some(1_000_000))]);
    assert!(money(&[1_200, 1_300, 1_000], 4).is_empty());
    assert_eq!(money(&[u64::MAX, u64::MAX], 1), [(Some(2), Some(u64::MAX))]);
}

#[test]
fn the_root_is_that_of_the_entries() {
    let mut log = log();
    for size in 1..40 {
        let leaf = Leaf { purpose: size, ..Leaf::new(Kind::Opening) };
        log.push(leaf, vec![]);
    }
    let mut nodes = Vec::new();
    let mut reading = Reading::of(1970).unwrap();
    for entry in &mut log.0 {
        entry.leaf_bytes = entry.leaf.encode();
        let added = tree::nodes_of(entry.index, &entry.leaf_bytes, &nodes).unwrap();
        nodes.extend(added);
        reading.entry(entry).unwrap();
        let report = reading.report(5);
        assert_eq!(report.root, Some(tree::root(entry.index + 1, &nodes).unwrap()));
    }
    assert_eq!(Reading::of(1970).unwrap().report(5).root, None);
}
