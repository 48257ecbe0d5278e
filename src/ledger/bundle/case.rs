//! What the steps of a bundle must amount to: evidence in a legal order, and statuses in
//! two unbroken chains.

use super::{BundleError, Proof, Said, wrong};
use crate::crypto::hash::Digest;
use crate::format::id::AuthorityId;
use crate::format::status::{SignedStatus, Status};
use crate::format::wire::{event::Code as Event, leaf::Kind};

/// Checks the order of all that was said.
pub(super) fn check(proof: &mut Proof) -> Result<(), BundleError> {
    evidence(proof)?;
    statuses(proof)
}

/// Each event once and in its order, as in a ledger; alarms stand outside of it.
fn evidence(proof: &Proof) -> Result<(), BundleError> {
    let events: Vec<Event> = proof
        .steps
        .iter()
        .filter_map(|step| match step.said {
            Said::Evidence { event, contradicts: false, .. } => Some(event),
            _ => None,
        })
        .collect();
    let at = |event: Event| events.iter().position(|found| *found == event);
    let sent = proof.header.header.sender == *proof.maker.authority();
    let first = match sent {
        true => at(Event::SubmissionAcceptance),
        false => at(Event::RelayAcceptance).or(at(Event::RelayRejection)),
    };
    let consigned = at(Event::ContentConsignment).or(at(Event::ContentConsignmentFailure));
    let twice = events.iter().enumerate().any(|(place, event)| at(*event) != Some(place));
    let rules = [
        (first == Some(0), "does not begin with its acceptance or rejection"),
        (!twice, "has one event twice"),
        (
            consigned.is_none() || at(Event::RelayAcceptance).is_some_and(|a| Some(a) < consigned),
            "is consigned before it is accepted",
        ),
        (
            at(Event::ContentConsignment).is_none() || at(Event::ContentConsignmentFailure).is_none(),
            "is consigned and not consigned",
        ),
        (
            at(Event::ContentHandover).is_none()
                || (consigned.is_some() && consigned < at(Event::ContentHandover)),
            "is handed over before it is consigned",
        ),
        (
            at(Event::RelayAcceptance).is_none() || at(Event::RelayRejection).is_none(),
            "is both accepted and rejected",
        ),
    ];
    match rules.iter().find(|(holds, _)| !holds) {
        Some((_, why)) => Err(wrong(format!("packet {} {why}", proof.header.header.id))),
        None => Ok(()),
    }
}

/// One author's statuses with their digests, in the order of the maker's log.
struct Sequence<'a> {
    author: &'a AuthorityId,
    links: Vec<(&'a Status, Digest)>,
}

/// Every status is of the packet's case, and each author's follow one another by digest. What
/// an author says to have seen of the other must be here: where the maker says it, or the
/// bundle is wrong; where the other side says it, or it is remarked.
fn statuses(proof: &mut Proof) -> Result<(), BundleError> {
    let mut remarks = Vec::new();
    {
        let (maker, peer) =
            (sequence(proof, proof.maker.authority())?, sequence(proof, proof.peer.authority())?);
        for (own, other) in [(&maker, &peer), (&peer, &maker)] {
            for (status, _) in &own.links {
                let (count, digest) = status.seen;
                let seen = match count {
                    0 => None,
                    count => {
                        usize::try_from(count - 1).ok().and_then(|last| other.links.get(last)).map(|l| l.1)
                    }
                };
                if seen == digest {
                    continue;
                }
                let why = format!(
                    "status {} of {} says that it had seen {count} of {}, which are not here",
                    status.seq + 1,
                    own.author,
                    other.author
                );
                match own.author == proof.maker.authority() {
                    true => return Err(wrong(why)),
                    false => remarks.push(why),
                }
            }
        }
    }
    proof.remarks.extend(remarks);
    Ok(())
}

fn sequence<'a>(proof: &'a Proof, author: &'a AuthorityId) -> Result<Sequence<'a>, BundleError> {
    let case_id = proof.header.header.case_id;
    let mut links: Vec<(&Status, Digest)> = Vec::new();
    for step in &proof.steps {
        let Said::Status { status, .. } = &step.said else { continue };
        if status.author != *author {
            continue;
        }
        let found = proof.entries.iter().find(|proved| proved.entry.index == step.index);
        let entry = &found.ok_or_else(|| wrong("a status has no entry"))?.entry;
        let envelope = entry.object(usize::from(entry.leaf.kind == Kind::StatusReceived))?;
        let digest = SignedStatus::danger_unverified(envelope)?.digest;
        let follows = status.case_id == case_id
            && status.seq == links.len() as u64
            && status.prev == links.last().map(|(_, digest)| *digest);
        if !follows {
            return Err(entry.wrong("holds a status that does not follow the one before it").into());
        }
        links.push((status, digest));
    }
    Ok(Sequence { author, links })
}
