//! That leaf, evidence and status of an entry all speak of the same thing.

use super::entries::Reader;
use super::{BundleError, Said};
use crate::format::evidence::{Evidence, Named, Subject};
use crate::format::leaf::Leaf;
use crate::format::status::SignedStatus;
use crate::format::wire::{event::Code as Event, leaf::Kind};
use crate::ledger::entry::Entry;

impl Reader {
    /// Evidence names the packet as its header does, or (a refusal that can't be ascribed)
    /// its digest; and the leaf says the same.
    pub(super) fn about_packet(&self, entry: &Entry, evidence: &Evidence) -> Result<(), BundleError> {
        let header = self.header.as_ref().ok_or_else(|| entry.wrong("comes before the header"))?;
        let named = Named {
            is_status: false,
            sender: header.header.sender.clone(),
            recipient: header.header.recipient.clone(),
            id: header.header.id,
            digest: header.digest,
            case_id: header.header.case_id,
        };
        let by_sender = matches!(
            evidence.event,
            Event::SubmissionAcceptance | Event::SubmissionRejection | Event::RelayFailure
        );
        let speaker = if by_sender { &named.sender } else { &named.recipient };
        let about_it = match &evidence.subject {
            Subject::Known(subject) => *subject == named,
            Subject::Unattributed(digest) => {
                *digest == named.digest && evidence.event == Event::RelayRejection
            }
        };
        let leaf = &entry.leaf;
        let agrees = about_it
            && evidence.issuer == *speaker
            && leaf.peer.as_ref() == Some(&self.other)
            && leaf.id == Some(named.id)
            && leaf.case_id == Some(named.case_id)
            && leaf.code == evidence.event as u32
            && leaf.cause == evidence.cause as u32;
        agrees.then_some(()).ok_or_else(|| entry.wrong("holds evidence about something else").into())
    }

    pub(super) fn about_status(
        &self,
        entry: &Entry,
        evidence: &Evidence,
        at: usize,
    ) -> Result<(), BundleError> {
        let Said::Status { status, .. } = &self.steps[at].said else {
            return Err(entry.wrong("answers no status").into());
        };
        let envelope = self.proved.iter().find(|proved| proved.entry.index == self.steps[at].index);
        let envelope = envelope.ok_or_else(|| entry.wrong("answers no status"))?;
        let digest = SignedStatus::danger_unverified(envelope.entry.object(0)?)?.digest;
        let about_it = match &evidence.subject {
            Subject::Known(named) => *named == status.named(digest),
            Subject::Unattributed(named) => *named == digest && evidence.event == Event::RelayRejection,
        };
        let leaf = &entry.leaf;
        let agrees = about_it
            && status.author == self.maker
            && leaf.id == Some(status.id)
            && leaf.case_id == Some(status.case_id)
            && leaf.code == evidence.event as u32
            && leaf.cause == evidence.cause as u32
            && u64::from(leaf.object) == status.seq;
        agrees.then_some(()).ok_or_else(|| entry.wrong("holds evidence about something else").into())
    }

    /// A status between the two, and the leaf says the same.
    pub(super) fn status(&self, entry: &Entry, signed: &SignedStatus, ours: bool) -> Result<(), BundleError> {
        let (leaf, status) = (&entry.leaf, &signed.carried.value);
        let (author, reader) = if ours { (&self.maker, &self.other) } else { (&self.other, &self.maker) };
        let agrees = status.author == *author
            && status.peer == *reader
            && leaf.peer.as_ref() == Some(&self.other)
            && leaf.id == Some(status.id)
            && leaf.case_id == Some(status.case_id)
            && leaf.code == status.code as u32;
        agrees.then_some(()).ok_or_else(|| entry.wrong("says something else than its status").into())
    }

    /// The peer's leaf about its own evidence says what the evidence says.
    pub(super) fn theirs(
        &self,
        entry: &Entry,
        leaf: &Leaf,
        kind: Kind,
        said: &Evidence,
    ) -> Result<(), BundleError> {
        let agrees = leaf.kind == kind
            && leaf.peer.as_ref() == Some(&self.maker)
            && leaf.code == said.event as u32
            && leaf.cause == said.cause as u32
            && leaf.at == said.at;
        agrees.then_some(()).ok_or_else(|| entry.wrong("holds the receipt of something else").into())
    }
}
