//! The rules of requests, with what a gateway knows around a request.

use super::directory::Peer;
use super::{Exchange, ExchangeError};
use crate::format::evidence::Finding;
use crate::format::id::{AuthorityId, PacketId};
use crate::format::pairing::Terms;
use crate::format::wire::legal_basis::Instrument;
use crate::format::wire::{
    Request, cause::Code as Cause, event::Code as Event, kind::Code as Kind, status::Ground,
    urgency::Code as Urgency,
};
use crate::ledger::records::{self, Direction, OutcomeRecord, PacketRecord};
use crate::request::language::Language;
use crate::request::rules::{self, Circumstances, Deficiency, Level, Limits, certain, words};

/// Deficiencies that an error tells at most.
const TOLD: usize = 24;

impl Exchange {
    /// What a request to this recipient lacks, and whether it was known what the recipient takes.
    pub fn check_request(
        &self,
        request: &Request,
        urgency: Urgency,
        recipient: Option<&AuthorityId>,
    ) -> Result<(Vec<Deficiency>, bool), ExchangeError> {
        let limits = recipient.map(|recipient| self.limits(request, recipient)).transpose()?;
        // An authority that is not paired has told us no terms; sending to it fails by itself.
        let peer = recipient.and_then(|recipient| self.directory.peer(recipient).ok());
        let around = Circumstances {
            urgency,
            now: Some(self.now()),
            taken: peer.as_ref().map(|peer| &peer.taken),
            electronic_form: recipient.is_some_and(|recipient| self.electronic_form.contains(recipient)),
            treaties: recipient.and_then(|recipient| {
                Some((self.register.as_ref()?, [self.identity.authority(), recipient]))
            }),
            limits: limits.as_ref(),
            ..Circumstances::default()
        };
        Ok((rules::check(request, &around), peer.is_some()))
    }

    /// Refuses what no attachment can mend, before attachments come, which may be large.
    pub(super) fn check_beginning(
        &self,
        request: &Request,
        urgency: Urgency,
        recipient: &AuthorityId,
    ) -> Result<(), ExchangeError> {
        let limits = self.limits(request, recipient)?;
        let around = Circumstances { urgency, limits: Some(&limits), ..Circumstances::default() };
        unless_deficient(rules::check(request, &around)).map(drop)
    }

    /// How others have limited the use of what a request takes along.
    fn limits(&self, request: &Request, recipient: &AuthorityId) -> Result<Limits, ExchangeError> {
        if request.attachments.is_empty() && request.linked_packets.is_empty() {
            return Ok(Limits::default());
        }
        // Right after a start there may be much to read.
        let index = tokio::task::block_in_place(|| self.reading.caught_up(self))?;
        Ok(index.marks.limits(request, recipient))
    }

    /// Why the packet that a status answers can't be refused on its ground. What it was made under
    /// stands in the statistics of its entry, which both sides hold.
    pub(super) fn no_ground(
        &self,
        (direction, peer, packet): (Direction, &AuthorityId, &PacketId),
        ground: Ground,
    ) -> Result<Option<Deficiency>, ExchangeError> {
        let snapshot = self.store.snapshot();
        let record: Option<PacketRecord> =
            records::read(snapshot, &records::packet(direction, peer, packet))?;
        let told = |outcome: &&OutcomeRecord| {
            [Event::SubmissionAcceptance as i32, Event::ContentConsignment as i32].contains(&outcome.event)
        };
        let Some(record) = record else { return Ok(None) };
        let Some(outcome) = record.outcomes.iter().find(told) else { return Ok(None) };
        let said = snapshot.entry(outcome.index)?.leaf.statistics.unwrap_or_default();
        let code = i32::try_from(said.instrument).unwrap_or_default();
        let instrument = Instrument::try_from(code).unwrap_or_default();
        Ok(rules::no_ground(ground, instrument, Kind::try_from(record.kind).unwrap_or_default()))
    }
}

/// What a request that came lacks, for evidence: only what its sender could see as well.
pub(super) fn findings(request: &Request, urgency: Urgency) -> Vec<Finding> {
    certain(request, urgency).iter().map(finding).collect()
}

/// A deficiency, as evidence names it: of the body where it is about a field.
pub(super) fn finding(deficiency: &Deficiency) -> Finding {
    let cited = deficiency.citation.cloned().unwrap_or_default();
    Finding {
        cause: Cause::ContentDeficient,
        object: u32::from(!deficiency.field.is_empty()),
        field: deficiency.field.to_vec(),
        rule: deficiency.rule.to_owned(),
        instrument: cited.source,
        article: cited.article,
        item: deficiency.item,
    }
}

/// What is no error; with one, nothing goes on.
pub fn unless_deficient(found: Vec<Deficiency>) -> Result<Vec<Deficiency>, ExchangeError> {
    let (errors, rest): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|deficiency| deficiency.level == Level::Error);
    if errors.is_empty() { Ok(rest) } else { Err(ExchangeError::Deficient(errors)) }
}

/// Deficiencies for the command line, one a line.
pub(super) fn told(found: &[Deficiency]) -> String {
    let line = |deficiency: &Deficiency| {
        let path = if deficiency.path.is_empty() { "" } else { "\n    " };
        format!("  {}{path}{}", words::sentence(Language::En, &deficiency.to_wire()), deficiency.path)
    };
    let mut lines: Vec<String> = found.iter().take(TOLD).map(line).collect();
    if found.len() > TOLD {
        lines.push(format!("  and {} more", found.len() - TOLD));
    }
    lines.join("\n")
}

/// The recipient's terms do not have it.
pub(super) fn not_taken(peer: &Peer, what: &str, taken: String, this: &str) -> ExchangeError {
    ExchangeError::Invalid(format!("{} takes {what}: {taken}; this is {this}", peer.authority()))
}

/// Kinds that terms name.
pub(super) fn names(terms: &Terms) -> String {
    terms.kinds.iter().map(Kind::as_str_name).collect::<Vec<_>>().join(", ")
}
