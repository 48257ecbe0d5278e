//! What a sealed body says about itself: its kind, and the codes that reports count.

use crate::format::FormatError;
use crate::format::fields::without;
use crate::format::wire::confiscation::{EnforceOrder, Route};
use crate::format::wire::{self, Amount, Request, kind::Code as Kind, request::Content};
use prost::Message as _;

/// Numbers of the fields of a request that the gateway fills in.
const SCHEMA_FIELD: u32 = 1;
const ATTACHMENTS_FIELD: u32 = 11;

/// The languages in which there is something to read: of the request, and of its attachments.
pub fn languages(request: &Request) -> Vec<&str> {
    let attachments = request.attachments.iter().map(|attachment| attachment.language.as_str());
    let all = std::iter::once(request.language.as_str()).chain(attachments);
    all.filter(|tag| !tag.is_empty()).collect()
}

/// The kind of packet that a request's content makes; none where it has no content.
pub fn kind(request: &Request) -> Option<Kind> {
    Some(match request.content.as_ref()? {
        Content::MutualLegalAssistance(_) => Kind::MutualLegalAssistance,
        Content::Confiscation(_) => Kind::Confiscation,
        Content::Extradition(_) => Kind::Extradition,
        Content::ProvisionalArrest(_) => Kind::ProvisionalArrest,
        Content::TransferSentencedPerson(_) => Kind::TransferSentencedPerson,
        Content::TransferOfProceedings(_) => Kind::TransferOfProceedings,
        Content::SpontaneousInformation(_) => Kind::SpontaneousInformation,
        Content::FinancialIntelligence(_) => Kind::FinancialIntelligence,
        Content::JointOperation(_) => Kind::JointOperation,
        Content::BorderAlert(_) => Kind::BorderAlert,
        Content::PrecursorAlert(_) => Kind::PrecursorAlert,
        Content::TechnicalAssistance(_) => Kind::TechnicalAssistance,
        Content::Execution(_) => Kind::Execution,
        Content::PartialExecution(_) => Kind::PartialExecution,
        Content::Refusal(_) => Kind::Refusal,
        Content::Postponement(_) => Kind::Postponement,
        Content::Consultation(_) => Kind::Consultation,
        Content::InformationRequest(_) => Kind::InformationRequest,
        Content::InformationResponse(_) => Kind::InformationResponse,
        Content::Progress(_) => Kind::Progress,
        Content::ConfidentialityNotice(_) => Kind::ConfidentialityNotice,
        Content::ConsentToUse(_) => Kind::ConsentToUse,
        Content::Amendment(_) => Kind::Amendment,
        Content::Withdrawal(_) => Kind::Withdrawal,
        Content::Closing(_) => Kind::Closing,
    })
}

/// Ids of packets that a request names.
pub fn named_packets(request: &Request) -> Vec<&[u8]> {
    let about = match &request.content {
        Some(Content::ConsentToUse(consent)) => consent.packets.as_slice(),
        _ => &[],
    };
    request.linked_packets.iter().chain(about).map(Vec::as_slice).collect()
}

/// The bytes of a request whose schema and attachments were filled in since it was `written`: what
/// of that is not known here stays as it was.
pub fn filled_in(request: &Request, written: &[u8]) -> Result<Vec<u8>, FormatError> {
    let own = if written.is_empty() { request.encode_to_vec() } else { Vec::new() };
    let written = if written.is_empty() { &own } else { written };
    let filled =
        Request { schema: request.schema, attachments: request.attachments.clone(), ..Request::default() };
    let mut body = without(written, "a request", &[SCHEMA_FIELD, ATTACHMENTS_FIELD])?;
    body.extend(filled.encode_to_vec());
    Ok(body)
}

/// Codes for the leaf: no text, no name. Of what a request lists, the first counts. Sender and
/// recipient come to the same, since nothing but the content decides.
pub fn statistics(request: &Request) -> wire::Statistics {
    let assistance = match &request.content {
        Some(Content::MutualLegalAssistance(mla)) => mla.assistance.first().map(|wanted| wanted.code),
        _ => None,
    };
    let ground = match &request.content {
        Some(Content::Refusal(refusal)) => refusal.reasons.first().map(|reason| reason.ground),
        Some(Content::PartialExecution(done)) => {
            done.outstanding.iter().find(|left| left.refused).map(|left| left.ground)
        }
        Some(Content::Consultation(consultation)) => Some(consultation.ground),
        _ => None,
    };
    let (amount, currency) = amount(request).unwrap_or_default();
    wire::Statistics {
        kind: kind(request).map_or(0, |kind| kind as u32),
        instrument: code(request.legal_basis.first().map(|basis| basis.instrument)),
        offence: code(request.offences.first().copied()),
        assistance: code(assistance),
        ground: code(ground),
        amount,
        currency,
    }
}

/// A code out of the content, whose numbers somebody else chose; there are no negative ones.
fn code(code: Option<i32>) -> u32 {
    code.and_then(|code| u32::try_from(code).ok()).unwrap_or_default()
}

/// What the request is about in money, rounded, and the currency: what is to be confiscated or
/// frozen, what moved, what it may cost. None where that is no sum in one currency. Amounts that
/// facts mention are told, and not asked about.
fn amount(request: &Request) -> Option<(u64, String)> {
    let amounts: Vec<&Amount> = match request.content.as_ref()? {
        Content::Confiscation(asked) => match &asked.route {
            Some(Route::EnforceOrder(EnforceOrder { extent_value: Some(extent), .. })) => vec![extent],
            _ => asked.property.iter().filter_map(|property| property.estimated_value.as_ref()).collect(),
        },
        Content::FinancialIntelligence(told) => told.transfer_total.iter().collect(),
        Content::TechnicalAssistance(asked) => asked.budget.iter().collect(),
        _ => Vec::new(),
    };
    let currency = &amounts.first()?.currency;
    // A leaf holds no words: nothing but the form of ISO 4217 passes.
    if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return None;
    }
    let mut sum: u128 = 0;
    for amount in &amounts {
        if amount.currency != *currency {
            return None;
        }
        sum = sum.checked_add(millionths(&amount.value)?)?;
    }
    u64::try_from(sum / 1_000_000).ok()?;
    let rounded = u64::try_from(rounded(sum)).ok()?;
    (rounded > 0).then(|| (rounded, currency.clone()))
}

/// A decimal string, such as `4200000.00`, in millionths; what is smaller is cut off.
fn millionths(value: &str) -> Option<u128> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || value.len() > 40 {
        return None;
    }
    let fraction: String = fraction.chars().chain("000000".chars()).take(6).collect();
    whole.parse::<u64>().map(u128::from).ok()?.checked_mul(1_000_000)?.checked_add(fraction.parse().ok()?)
}

/// Millionths in whole units, to two significant digits.
fn rounded(millionths: u128) -> u128 {
    let mut step = 1;
    while millionths / 1_000_000 / step >= 100 {
        step *= 10;
    }
    (millionths + step * 500_000) / (step * 1_000_000) * step
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::wire::confiscation::{DomesticOrder, Property};
    use crate::format::wire::partial_execution::Outstanding;
    use crate::format::wire::refusal::Reason;
    use crate::format::wire::status::Ground;
    use crate::format::wire::{
        Confiscation, Consultation, FinancialIntelligence, MutualLegalAssistance, PartialExecution, Refusal,
        TechnicalAssistance,
    };

    fn money(currency: &str, value: &str) -> Option<Amount> {
        Some(Amount { currency: currency.into(), value: value.into() })
    }

    fn counted(content: Content) -> (u32, u64, String) {
        let request = Request { content: Some(content), ..Request::default() };
        let wire::Statistics { ground, amount, currency, .. } = statistics(&request);
        (ground, amount, currency)
    }

    fn confiscation(values: &[(&str, &str)], route: Option<Route>) -> Content {
        let property = |(currency, value): &(&str, &str)| Property {
            estimated_value: money(currency, value),
            ..Property::default()
        };
        // What has no value beside what has one.
        let property = values.iter().map(property).chain([Property::default()]).collect();
        Content::Confiscation(Confiscation { property, route, ..Confiscation::default() })
    }

    #[test]
    fn amounts_are_sums_in_one_currency_to_two_digits() {
        let wrong = [
            "",
            ".",
            "1.",
            ".5",
            "-5",
            "+5",
            "1e9",
            "1,000",
            "0x10",
            " 5",
            "5 ",
            "٥",
            "NaN",
            "18446744073709551616",
            "99999999999999999999999999999999999999999",
            "0",
            "0.4999999",
        ];
        let right = [
            ("0.5", 1),
            ("1", 1),
            ("27300.00", 27_000),
            ("1012440.50", 1_000_000),
            ("36000.00", 36_000),
            ("99.4999999", 99),
            ("99.5", 100),
            ("994.99", 990),
            ("995", 1000),
            ("4200000.00", 4_200_000),
            ("4250000", 4_300_000),
            ("4249999.99", 4_200_000),
            ("007.25", 7),
            ("18446744073709551615", 18_000_000_000_000_000_000),
        ];
        let cases = right.iter().copied().chain(wrong.map(|value| (value, 0)));
        for (value, expected) in cases {
            let currency = if expected == 0 { "" } else { "EUR" };
            for content in [
                confiscation(&[("EUR", value)], Some(Route::DomesticOrder(DomesticOrder::default()))),
                Content::FinancialIntelligence(FinancialIntelligence {
                    transfer_total: money("EUR", value),
                    ..FinancialIntelligence::default()
                }),
                Content::TechnicalAssistance(TechnicalAssistance {
                    budget: money("EUR", value),
                    ..TechnicalAssistance::default()
                }),
            ] {
                assert_eq!(counted(content), (0, expected, currency.into()), "{value}");
            }
        }
        type Values = &'static [(&'static str, &'static str)];
        let sums: [(Values, u64); 6] = [
            (&[("EUR", "1000.50"), ("EUR", "249.50")], 1300),
            (&[("EUR", "1000"), ("USD", "1000")], 0),
            (&[("EUR", "1000"), ("EUR", "much")], 0),
            (&[("EUR", "18446744073709551615"), ("EUR", "18446744073709551615")], 0),
            (&[("euro", "1000")], 0),
            (&[], 0),
        ];
        for (values, amount) in sums {
            let currency = if amount == 0 { "" } else { "EUR" };
            assert_eq!(counted(confiscation(values, None)), (0, amount, currency.into()), "{values:?}");
        }
    }

    #[test]
    fn an_order_says_itself_how_far_it_goes() {
        let order = |extent_value| {
            Some(Route::EnforceOrder(EnforceOrder { extent_value, ..EnforceOrder::default() }))
        };
        let property = [("EUR", "5000")];
        assert_eq!(counted(confiscation(&property, order(money("CHF", "70")))), (0, 70, "CHF".into()));
        assert_eq!(counted(confiscation(&property, order(None))), (0, 5000, "EUR".into()));
    }

    #[test]
    fn grounds_are_counted_where_a_kind_has_them() {
        let nothing = (0, 0, String::new());
        let of = |ground: Ground| (ground as u32, 0, String::new());
        let reason = |ground: Ground| Reason { ground: ground.into(), ..Reason::default() };
        let reasons = vec![reason(Ground::Nationality), reason(Ground::DeMinimis)];
        let refusal = Refusal { reasons, ..Refusal::default() };
        assert_eq!(counted(Content::Refusal(refusal)), of(Ground::Nationality));
        let left = |refused, ground: Ground| Outstanding {
            refused,
            ground: ground.into(),
            ..Outstanding::default()
        };
        let outstanding = vec![left(false, Ground::Nationality), left(true, Ground::DeMinimis)];
        let partial = PartialExecution { outstanding, ..PartialExecution::default() };
        assert_eq!(counted(Content::PartialExecution(partial)), of(Ground::DeMinimis));
        let consultation = Consultation { ground: Ground::DualCriminality.into(), ..Consultation::default() };
        assert_eq!(counted(Content::Consultation(consultation)), of(Ground::DualCriminality));
        // What the enumeration can't hold is not taken for another code.
        let odd = Reason { ground: -3, ..Reason::default() };
        let odd = Refusal { reasons: vec![odd], ..Refusal::default() };
        assert_eq!(counted(Content::Refusal(odd)), nothing);
        assert_eq!(counted(Content::MutualLegalAssistance(MutualLegalAssistance::default())), nothing);
    }
}
