//! What a statement says, and who may say it.

use super::standing::{Place, standing};
use super::{Chain, Root};
use crate::crypto::hash::Digest;
use crate::crypto::key_box;
use crate::format::id::AuthorityId;
use crate::format::statement::{End, ProvenKey, key_id_of, possession, stated_algorithm, verify_by};
use crate::format::suite::IN_TWO;
use crate::format::wire::{
    self, algorithm::Code as Algorithm, key_statement::Body, purpose::Code as Purpose, revocation::Reason,
};
use crate::format::{FormatError, Millis, digest, limits};

/// Who signed a statement; the signature is verified.
pub(super) enum Signer<'a> {
    /// The root that stands; where the root changes, both.
    Root,
    /// A key of the chain, whatever it is for.
    Key(&'a ProvenKey),
}

/// A statement whose fields are of their form.
pub(super) struct Said {
    pub made_at: Millis,
    pub key: Option<ProvenKey>,
    pub root: Option<Root>,
    pub ends: Vec<(Digest, End)>,
}

impl Said {
    /// Reads the body, and verifies that whoever states a key has it.
    pub fn read(authority: &AuthorityId, wire: &wire::KeyStatement) -> Result<Self, FormatError> {
        let bad = |why| FormatError::Chain { seq: wire.seq, why };
        let mut said = Self { made_at: wire.made_at, key: None, root: None, ends: Vec::new() };
        let (revokes, ends) = match &wire.body {
            Some(Body::Key(key)) => {
                said.key = Some(stated(authority, wire, key)?);
                (key.revokes.as_slice(), key.ends.as_slice())
            }
            Some(Body::Revocations(revocations)) if revocations.items.is_empty() => {
                return Err(bad("ends no key"));
            }
            Some(Body::Revocations(revocations)) => ([].as_slice(), revocations.items.as_slice()),
            Some(Body::RootChange(change)) => {
                let (public_key, next) = (&change.public_key, &change.next_root_digest);
                said.root = Some(Root::read(public_key, next, &change.suites, wire.seq)?);
                ([].as_slice(), change.ends.as_slice())
            }
            Some(Body::Root(_)) => return Err(bad("names a root in the middle")),
            None => return Err(bad("says nothing that is known")),
        };
        if revokes.len() + ends.len() > limits::REVOCATIONS {
            return Err(bad("ends too many keys"));
        }
        for id in revokes {
            let (reason, since) = (Reason::Compromised, wire.made_at);
            let end = End { reason, since, seq: wire.seq, log_size: 0 };
            said.ends.push((digest(id, "revokes")?, end));
        }
        for item in ends {
            let (reason, since, log_size) = (item.reason(), item.since, item.log_size);
            let end = End { reason, since, seq: wire.seq, log_size };
            let sound = match end.reason {
                Reason::Unspecified => false,
                Reason::Superseded | Reason::Ceased => end.since >= wire.made_at && log_size == 0,
                Reason::Compromised | Reason::Lost => end.since <= wire.made_at,
            };
            if !sound {
                return Err(bad("ends a key for no reason or at a time that its reason does not take"));
            }
            said.ends.push((digest(&item.key_id, "key_id")?, end));
        }
        Ok(said)
    }

    /// Checks it against what the chain says already.
    pub fn fits(&self, chain: &Chain) -> Result<(), &'static str> {
        if self.key.as_ref().is_some_and(|key| chain.states(&key.public_key)) {
            return Err("states a key for a second time");
        }
        if self.root.as_ref().is_some_and(|root| chain.states(&root.public_key)) {
            return Err("makes a root of a key that is stated already");
        }
        for (n, (id, end)) in self.ends.iter().enumerate() {
            let key = chain.stated(id).ok_or("ends a key that is not stated")?;
            // What is at its end already may still turn out to be in other hands.
            let goes_on = key.end().is_none_or(|known| !known.is_revocation() && end.is_revocation());
            if !goes_on || self.ends[..n].iter().any(|(other, _)| other == id) {
                return Err("ends a key for a second time");
            }
        }
        Ok(())
    }
}

/// Who may say what: the root everything; a delegate, in its time, keys of its purposes that it
/// outlives, and the end of such keys. Nobody else anything.
pub(super) fn may_sign(signer: &Signer<'_>, said: &Said, chain: &Chain) -> Result<(), &'static str> {
    let by = match signer {
        Signer::Root => return Ok(()),
        Signer::Key(by) => by,
    };
    if by.purpose != Purpose::Delegate {
        return Err("is signed by neither root nor delegate");
    }
    let its = |purpose| purpose != Purpose::Delegate && by.may_state.contains(&purpose);
    let within = standing(by, said.made_at, Place::Loose).is_ok()
        && said.key.as_ref().is_none_or(|key| its(key.purpose) && key.not_after <= by.not_after)
        && said.ends.iter().all(|(id, _)| chain.stated(id).is_some_and(|key| its(key.purpose)));
    within.then_some(()).ok_or("is beyond its delegate's bounds")
}

fn stated(
    authority: &AuthorityId,
    wire: &wire::KeyStatement,
    key: &wire::Key,
) -> Result<ProvenKey, FormatError> {
    let bad = |why| FormatError::Chain { seq: wire.seq, why };
    let (purpose, algorithm) = (key.purpose(), key.algorithm());
    let number = u8::try_from(key.algorithm).unwrap_or_default();
    // Of a suite that is not known here: kept, so that the chain goes on, and used for nothing.
    let of_another_suite = IN_TWO.contains(&purpose) && algorithm == Algorithm::Unspecified && number > 0;
    let takes = algorithm == stated_algorithm(purpose, &key.public_key) || of_another_suite;
    if purpose == Purpose::Unspecified || !takes {
        return Err(bad("has an algorithm that its purpose does not take"));
    }
    if key.not_after <= key.not_before {
        return Err(bad("is never valid"));
    }
    let proof = possession(authority, purpose, &digest(&wire.prev, "prev")?, &key.public_key);
    match algorithm {
        Algorithm::XWing if key.public_key.len() != key_box::PUBLIC_KEY => {
            return Err(bad("has a key of the wrong length"));
        }
        Algorithm::XWing | Algorithm::Unspecified => {}
        _ => verify_by(algorithm, &key.public_key, &proof, &key.possession)?,
    }
    Ok(ProvenKey {
        id: key_id_of(purpose, number, &key.public_key),
        purpose,
        algorithm,
        public_key: key.public_key.clone(),
        not_before: key.not_before,
        not_after: key.not_after,
        seq: wire.seq,
        ends: Vec::new(),
        may_state: key.may_state().filter(|p| *p != Purpose::Delegate).collect(),
    })
}
