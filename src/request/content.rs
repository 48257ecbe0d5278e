//! What a sealed body says about itself: its kind, and the codes that reports count.

use crate::format::wire::{self, Request, kind::Code as Kind, request::Content};

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

/// Codes for the leaf: no text, no name.
pub fn statistics(request: &Request) -> wire::Statistics {
    let assistance = match &request.content {
        Some(Content::MutualLegalAssistance(mla)) => mla.assistance.first().map_or(0, |wanted| wanted.code),
        _ => 0,
    };
    wire::Statistics {
        kind: kind(request).map_or(0, |kind| kind as u32),
        instrument: request.legal_basis.first().map_or(0, |basis| basis.instrument.unsigned_abs()),
        offence: request.offences.first().map_or(0, |code| code.unsigned_abs()),
        assistance: assistance.unsigned_abs(),
        ..wire::Statistics::default()
    }
}
