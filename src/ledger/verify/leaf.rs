//! That a leaf says what its objects say.

use crate::format::chain::Chain;
use crate::format::evidence::{Evidence, Subject};
use crate::format::status::SignedStatus;
use crate::format::wire::event::Code as Event;
use crate::format::wire::leaf::Kind;
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;

/// As many objects as the kind has, and a person where one acted, and only there.
pub fn shape(entry: &Entry) -> Result<(), LedgerError> {
    let leaf = &entry.leaf;
    let (objects, person) = match leaf.kind {
        Kind::EvidenceIssued => (&[1, 2, 4][..], None),
        Kind::EvidenceReceived => (&[3][..], Some(false)),
        Kind::StatusIssued => (&[1][..], None),
        Kind::StatusReceived => (&[4][..], Some(false)),
        Kind::Confirmation => (&[2][..], Some(false)),
        Kind::Opening => (&[0][..], Some(true)),
        Kind::Cosigned => (&[1][..], Some(false)),
        Kind::CosignatureReceived => (&[1, 2][..], Some(false)),
        Kind::Alarm => (&[2, 3][..], Some(false)),
        Kind::Strangers => (&[0][..], Some(false)),
        Kind::PairingNotice => (&[1, 3][..], None),
        Kind::Resigned => (&[1][..], Some(false)),
        _ => return Ok(()),
    };
    if !objects.contains(&leaf.objects.len()) {
        return Err(entry.wrong("has not as many objects as its kind"));
    }
    let submission = leaf.kind == Kind::EvidenceIssued && leaf.code == Event::SubmissionAcceptance as u32;
    if leaf.drafter.is_some() && !(submission && leaf.actor.is_some()) {
        return Err(entry.wrong("names who wrote what nobody submitted"));
    }
    if leaf.drafter.is_some() && leaf.drafter == leaf.actor {
        return Err(entry.wrong("was written and approved by one person"));
    }
    match person.is_none_or(|person| person == leaf.actor.is_some()) {
        true => Ok(()),
        false if leaf.actor.is_some() => Err(entry.wrong("names a person")),
        false => Err(entry.wrong("names nobody")),
    }
}

pub fn names_evidence(entry: &Entry, evidence: &Evidence) -> Result<(), LedgerError> {
    let leaf = &entry.leaf;
    let subject_agrees = match &evidence.subject {
        Subject::Known(named) => {
            let other = leaf.peer.as_ref();
            leaf.id == Some(named.id)
                && leaf.case_id == Some(named.case_id)
                && (other == Some(&named.sender) || other == Some(&named.recipient))
        }
        // Nothing is filed as the subject's: it is nobody's that is known.
        Subject::Unattributed(_) => {
            evidence.event == Event::RelayRejection
                && (leaf.kind != Kind::EvidenceIssued || leaf.objects.len() == 1)
        }
    };
    let agrees = subject_agrees && leaf.code == evidence.event as u32 && leaf.cause == evidence.cause as u32;
    agrees.then_some(()).ok_or_else(|| entry.wrong("says something else than its evidence"))
}

/// The status is between us and the leaf's peer, in the direction of the leaf's kind.
pub fn names_status(entry: &Entry, signed: &SignedStatus, own: &Chain) -> Result<(), LedgerError> {
    let (leaf, status) = (&entry.leaf, &signed.carried.value);
    let (us, them) = (Some(own.authority()), leaf.peer.as_ref());
    let parties = if leaf.kind == Kind::StatusIssued { (us, them) } else { (them, us) };
    let agrees = (Some(&status.author), Some(&status.peer)) == parties
        && leaf.id == Some(status.id)
        && leaf.case_id == Some(status.case_id)
        && leaf.code == status.code as u32;
    agrees.then_some(()).ok_or_else(|| entry.wrong("says something else than its status"))
}

/// Whether our evidence about a peer's status refuses it. It is stated as the entry is made.
pub fn judges_status(entry: &Entry, evidence: &Evidence) -> Result<bool, LedgerError> {
    let agrees = matches!(evidence.event, Event::RelayAcceptance | Event::RelayRejection)
        && evidence.at == entry.leaf.at
        && evidence.cause as u32 == entry.leaf.cause;
    match agrees {
        true => Ok(evidence.event == Event::RelayRejection),
        false => Err(entry.wrong("says something else than its evidence")),
    }
}
