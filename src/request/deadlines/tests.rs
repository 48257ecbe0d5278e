//! What is open when, case by case.

use super::*;
use crate::crypto::entropy::SystemEntropy;
use Code::{Accepted, Consultation, Executed, InformationGiven, InformationNeeded, Postponed, Registered};
use Side::{Requested, Requesting};

const DAY: Millis = 24 * 3600 * 1000;
/// 2026-11-16, a Monday, at noon UTC.
const MONDAY: Millis = 1_794_830_400_000;

fn id() -> PacketId {
    PacketId::fresh(1, &SystemEntropy::default()).unwrap()
}

fn words(codes: &[Code]) -> Vec<Word> {
    let review_at = |code: &Code| if *code == Postponed { MONDAY + 60 * DAY } else { 0 };
    codes.iter().map(|code| Word { code: *code, at: MONDAY + DAY, review_at: review_at(code) }).collect()
}

struct Told {
    kind: Kind,
    accepted: bool,
    wanted: Option<&'static str>,
    asks: &'static [Code],
    is_asked: &'static [Code],
    letters: Vec<Letter>,
}

impl Default for Told {
    fn default() -> Self {
        let (asks, is_asked, letters) = (&[][..], &[][..], Vec::new());
        Self { kind: Kind::MutualLegalAssistance, accepted: true, wanted: None, asks, is_asked, letters }
    }
}

/// What is open, and how many days after the request.
fn open(told: &Told) -> Vec<(What, Side, i64)> {
    let (xa, xb) = (AuthorityId::parse("XA").unwrap(), AuthorityId::parse("XB").unwrap());
    let (asks, is_asked) = (words(told.asks), words(told.is_asked));
    let course = Course {
        requesting: &xa,
        requested: &xb,
        kind: told.kind,
        sent: MONDAY,
        accepted: told.accepted.then_some(MONDAY),
        refused: false,
        wanted_by: told.wanted.map(|day| day.parse().unwrap()),
        requesting_words: &asks,
        requested_words: &is_asked,
        letters: &told.letters,
    };
    let found = deadlines(&course, &Policy::default());
    let days = |due: Millis| (due as i64 - MONDAY as i64).div_euclid(DAY as i64);
    found.iter().map(|deadline| (deadline.what, deadline.by, days(deadline.due))).collect()
}

#[test]
fn each_state_has_its_deadlines() {
    let told = |is_asked| Told { is_asked, ..Told::default() };
    assert_eq!(open(&Told { accepted: false, ..Told::default() }), [(What::Acknowledge, Requested, 1)]);
    assert_eq!(open(&told(&[])), [(What::Register, Requested, 7)]);
    assert_eq!(open(&told(&[Registered])), []);
    assert_eq!(open(&told(&[Registered, InformationNeeded])), [(What::Information, Requesting, 29)]);
    assert_eq!(
        open(&Told { asks: &[InformationGiven], ..told(&[Registered, InformationNeeded]) }),
        [],
        "it was answered"
    );
    assert_eq!(open(&told(&[Registered, Postponed])), [(What::Review, Requested, 60)]);
    assert_eq!(open(&told(&[Registered, Postponed, Consultation])), [(What::Review, Requested, 60)]);
    assert_eq!(open(&told(&[Registered, Postponed, Accepted])), []);
}

#[test]
fn what_is_wanted_stays_open_until_the_case_has_ended() {
    let told = |is_asked, asks| Told { wanted: Some("2026-12-01"), is_asked, asks, ..Told::default() };
    assert_eq!(open(&told(&[], &[])), [(What::Register, Requested, 7), (What::Wanted, Requested, 15)]);
    assert_eq!(open(&told(&[Registered, Accepted], &[])), [(What::Wanted, Requested, 15)]);
    assert_eq!(open(&told(&[Registered, Executed], &[])), []);
    assert_eq!(open(&told(&[Registered], &[Code::Withdrawn])), []);
    assert_eq!(open(&told(&[], &[Code::Closed])), []);
}

#[test]
fn units_answer_within_a_week() {
    let told = |is_asked| Told { kind: Kind::FinancialIntelligence, is_asked, ..Told::default() };
    let week = (What::FinancialIntelligence, Requested, 7);
    assert_eq!(open(&told(&[])), [(What::Register, Requested, 7), week]);
    assert_eq!(open(&told(&[Registered])), [week]);
    assert_eq!(open(&told(&[Registered, Code::PartlyExecuted])), []);
}

#[test]
fn a_date_that_was_named_goes_before_the_policy() {
    let asks = Letter {
        id: id(),
        by: Requested,
        in_reply_to: None,
        asks_information: true,
        reply_by: Some("2026-11-20".parse().unwrap()),
    };
    let told = |letters| Told { is_asked: &[Registered, InformationNeeded], letters, ..Told::default() };
    assert_eq!(open(&told(vec![asks])), [(What::Information, Requesting, 4)]);
    let answer = Letter { id: id(), by: Requesting, in_reply_to: Some(asks.id), reply_by: None, ..asks };
    assert_eq!(open(&told(vec![asks, answer])), [(What::Information, Requesting, 29)], "not said yet");
    // A consultation that wants a reply, until there is one.
    let consults = Letter { asks_information: false, ..asks };
    let told = |letters| Told { is_asked: &[Registered, Consultation], letters, ..Told::default() };
    assert_eq!(open(&told(vec![consults])), [(What::Reply, Requesting, 4)]);
    let answer = Letter { in_reply_to: Some(consults.id), ..answer };
    assert_eq!(open(&told(vec![consults, answer])), []);
    let another = Letter { by: Requested, ..answer };
    assert_eq!(open(&told(vec![consults, another])), [(What::Reply, Requesting, 4)], "it is its own");
}
