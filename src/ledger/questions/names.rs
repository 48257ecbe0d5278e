//! Codes in words, as the protos write them; events as ETSI EN 319 522 does.

use crate::format::leaf::Leaf;
use crate::format::wire::{
    alarm, algorithm, assistance, cause, erasure_reason, event, kind, leaf::Kind as LeafKind, legal_basis,
    offence, opening_purpose, pairing_act, purpose, status, urgency,
};

fn name<E: TryFrom<i32>>(code: u32, word: impl Fn(&E) -> &'static str) -> String {
    let found = i32::try_from(code).ok().and_then(|code| E::try_from(code).ok());
    found.map_or_else(|| code.to_string(), |found| word(&found).to_owned())
}

/// The event of evidence: `RelayAcceptance`.
pub fn event(code: u32) -> String {
    name(code, event::Code::as_str_name).split('_').map(capital).collect()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// A status.
pub fn status(code: u32) -> String {
    name(code, status::Code::as_str_name)
}

/// A kind of packet.
pub fn kind(code: u32) -> String {
    name(code, kind::Code::as_str_name)
}

/// An urgency.
pub fn urgency(code: urgency::Code) -> &'static str {
    code.as_str_name()
}

/// Purpose of a key.
pub fn key(purpose: purpose::Code) -> &'static str {
    purpose.as_str_name()
}

/// Algorithm of a key.
pub fn algorithm(algorithm: algorithm::Code) -> &'static str {
    match algorithm {
        algorithm::Code::Unspecified => "unknown",
        known => known.as_str_name(),
    }
}

/// Purpose of an opening.
pub fn purpose(code: u32) -> String {
    name(code, opening_purpose::Code::as_str_name)
}

/// A cause; none where there is nothing to explain.
pub fn cause(code: u32) -> Option<String> {
    (code != 0).then(|| name(code, cause::Code::as_str_name))
}

/// A treaty or another basis.
pub fn instrument(code: u32) -> String {
    name(code, legal_basis::Instrument::as_str_name)
}

/// An offence.
pub fn offence(code: u32) -> String {
    name(code, offence::Code::as_str_name)
}

/// A kind of assistance.
pub fn assistance(code: u32) -> String {
    name(code, assistance::Code::as_str_name)
}

/// A ground of refusal.
pub fn ground(code: u32) -> String {
    name(code, status::Ground::as_str_name)
}

/// Why content was erased.
pub fn erasure_reason(code: u32) -> String {
    name(code, erasure_reason::Code::as_str_name)
}

/// What a notice about a pairing says.
pub fn notice(code: u32) -> String {
    name(code, pairing_act::Code::as_str_name)
}

/// What a leaf's `code` says: an event, a status, an alarm, the reason of an erasure, a notice, or
/// nothing.
pub fn code(leaf: &Leaf) -> Option<String> {
    match leaf.kind {
        LeafKind::Alarm => Some(name(leaf.code, alarm::Code::as_str_name)),
        LeafKind::StatusIssued | LeafKind::StatusReceived => Some(status(leaf.code)),
        _ if leaf.code == 0 => None,
        LeafKind::Erased => Some(erasure_reason(leaf.code)),
        LeafKind::PairingNotice => Some(notice(leaf.code)),
        _ => Some(event(leaf.code)),
    }
}

/// A word without what ways of writing differ in: `relay_acceptance` is `RelayAcceptance`.
pub fn plain(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
