//! Notices: what each side says of the pairing after the offers, and what follows from it.

use super::acknowledge::{misbehaved, not_opened, told_digest};
use super::actors::Actor;
use super::directory::Peer;
use super::{Answer, Exchange, ExchangeError, durable};
use crate::crypto::hash::Digest;
use crate::format::FormatError;
use crate::format::chain::standing::Place as Judged;
use crate::format::envelope::PayloadType;
use crate::format::evidence::Subject;
use crate::format::id::AuthorityId;
use crate::format::leaf::Leaf;
use crate::format::limits;
use crate::format::pairing::{Notice, SignedNotice, State, Taken};
use crate::format::wire::{
    self, cause::Code as Cause, leaf::Kind as LeafKind, pairing_act::Code as Act, purpose::Code as Purpose,
};
use crate::ledger::LedgerError;
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::pairing::{self, Place};
use crate::ledger::records::{self, Direction, NoticesRecord, PeerRecord, Views};
use crate::store::{Committed, Decision, NewEntry};
use std::sync::Arc;

/// What is said of a pairing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// No new packets for now.
    Suspend,
    /// Takes back what we said with suspend or end.
    Resume,
    /// No more packets.
    End,
    /// What we take, and where we may be dialled.
    Terms(Taken, Vec<String>),
    /// The peer's root, by its key id, as our operator compared it with the peer.
    RootConfirmed(Digest),
}

impl Word {
    fn act(&self) -> Act {
        match self {
            Self::Suspend => Act::Suspend,
            Self::Resume => Act::Resume,
            Self::End => Act::End,
            Self::Terms(..) => Act::Terms,
            Self::RootConfirmed(_) => Act::RootConfirmed,
        }
    }
}

enum Found {
    New,
    At(u64),
    Gap(u64),
}

impl Exchange {
    /// How the pairing with a peer stands.
    pub fn pairing_with(&self, peer: &AuthorityId) -> Result<State, ExchangeError> {
        Ok(pairing::state_with(self.store.snapshot(), peer)?)
    }

    /// What the ledger says of a peer.
    pub fn peer_record(&self, peer: &AuthorityId) -> Result<PeerRecord, ExchangeError> {
        Ok(pairing::peer(self.store.snapshot(), peer)?)
    }

    /// How much waits for a peer, and the entry of the oldest of it. What waited for one of that name
    /// under another fingerprint is not counted: nobody waits for it.
    pub fn waiting(&self, peer: &AuthorityId) -> Result<(u64, Option<u64>), ExchangeError> {
        let (snapshot, era) = (self.store.snapshot(), self.peer_record(peer)?.era);
        let (mut count, mut oldest) = (0, None);
        for (key, _) in snapshot.scan(&records::pending_prefix(peer), None, 1_000_000)? {
            let index = records::entry_of(&key)?;
            if index >= era {
                count += 1;
                oldest.get_or_insert(index);
            }
        }
        Ok((count, oldest))
    }

    /// Whether something of ours still waits for a peer.
    pub fn waits(&self, peer: &AuthorityId, index: u64) -> Result<bool, ExchangeError> {
        Ok(self.store.snapshot().get(&records::pending(peer, index))?.is_some())
    }

    /// Says something of the pairing with a peer: durable, in force here, and on its way. Gives
    /// how many notices of ours there are then.
    pub async fn notify(
        &self,
        name: &AuthorityId,
        word: Word,
        actor: Actor,
    ) -> Result<Committed<u64>, ExchangeError> {
        let peer = self.directory.peer(name)?;
        let ourselves = self.verified_own();
        let (_, key) = self.identity.stating(Purpose::Evidence, self.now())?;
        let fingerprints = (self.identity.chain().fingerprint(), peer.chain.fingerprint());
        let (us, name) = (self.identity.authority().clone(), name.clone());
        if let Word::RootConfirmed(root) = &word {
            self.may_confirm(&peer, root)?;
        }
        let verified = self.verified(&peer);
        durable(self.store.commit(move |views, now| {
            let PeerRecord { fingerprint, ours, theirs, .. } = pairing::peer(views, &name)?;
            if fingerprint != fingerprints.1 {
                return Err(ExchangeError::Busy);
            }
            let (ours, theirs) = (ours.unwrap_or_default(), theirs.unwrap_or_default());
            let act = word.act();
            if let Some(objection) = ours.said().objection(act) {
                return Err(ExchangeError::Precluded(format!("the pairing with {name}: {objection}")));
            }
            if ours.count >= limits::NOTICES {
                let most = format!("{} notices were said of the pairing with {name}", limits::NOTICES);
                return Err(ExchangeError::Precluded(most));
            }
            let (terms, root) = match word {
                Word::Terms(taken, addresses) => (Some((taken, addresses)), None),
                Word::RootConfirmed(root) => (None, Some(root)),
                _ => (None, None),
            };
            if let Some(root) = root {
                // It may have changed again just now.
                verified.still(|chain| (chain.root() == root).then_some(()).ok_or("another root"))?;
            }
            let notice = Notice {
                author: us,
                peer: name.clone(),
                pairing: fingerprints,
                seq: ours.count,
                prev: last_digest(&ours)?,
                seen: (theirs.count, last_digest(&theirs)?),
                made_at: now,
                act,
                terms,
                root,
            };
            let said = notice.seq + 1;
            let leaf = Leaf {
                actor: Some(actor),
                peer: Some(name),
                code: act as u32,
                ..Leaf::new(LeafKind::PairingNotice)
            };
            let envelope = notice.sign(&key)?.envelope;
            ourselves.still(|own| SignedNotice::open(&envelope, own, Judged::Loose))?;
            let entries = vec![NewEntry { leaf, objects: vec![envelope] }];
            Ok(Decision { entries, contents: Vec::new(), value: said })
        }))
        .await
    }

    /// Whether an operator may confirm this root: it is the peer's, and not confirmed yet.
    fn may_confirm(&self, peer: &Peer, root: &Digest) -> Result<(), ExchangeError> {
        let name = peer.authority();
        let stands = peer.chain.root();
        if stands != *root {
            return Err(ExchangeError::Invalid(format!(
                "the root of {name} is {}, not {}",
                hex::encode(stands),
                hex::encode(root)
            )));
        }
        match self.confirmed_root(peer)? == stands {
            true => Err(ExchangeError::Precluded(format!("the root of {name} is confirmed already"))),
            false => Ok(()),
        }
    }

    /// Key id of the root of a peer that our operator confirmed last. The one of statement 0 was
    /// compared as a part of the fingerprint.
    pub fn confirmed_root(&self, peer: &Peer) -> Result<Digest, ExchangeError> {
        let ours = self.peer_record(peer.authority())?.ours.unwrap_or_default();
        let confirmed = crate::format::optional_digest(&ours.root, "a recorded root")?;
        Ok(confirmed.unwrap_or_else(|| peer.chain.first_root()))
    }

    /// Whether a peer's operator has confirmed the root of ours that stands.
    pub fn confirms_our_root(&self, peer: &Peer) -> Result<bool, ExchangeError> {
        let (own, theirs) = (self.identity.chain(), self.peer_record(peer.authority())?.theirs);
        Ok(own.root() == own.first_root() || theirs.unwrap_or_default().root == own.root())
    }

    /// Takes a notice that a peer told us. One that does not follow what the peer said before
    /// is against the protocol, and is not logged; one that contradicts it is an alarm.
    pub async fn accept_notice(
        &self,
        peer: &Arc<Peer>,
        ack: wire::Acknowledgement,
    ) -> Result<Answer, ExchangeError> {
        let subject = Subject::Unattributed(told_digest(PayloadType::PairingNotice, &ack));
        self.look_for_contradiction(peer, &ack).await?;
        let signed = self.verify_told(peer, ack).and_then(|proven| {
            let [entry] = proven.entries.as_slice() else { return Err(misbehaved(peer, "not one notice")) };
            let signed = match SignedNotice::open(entry.object(0)?, &peer.chain, proven.place(entry)) {
                // It may stand by its place: that is known once the trees are linked.
                Err(FormatError::KeyNotValid(_)) if !proven.linked => return Err(ExchangeError::Busy),
                signed => signed.map_err(|error| not_opened(peer, error))?,
            };
            let told = entry.leaf.kind == LeafKind::PairingNotice
                && entry.leaf.peer.as_ref() == Some(self.identity.authority());
            match told {
                true => Ok((signed, proven.place(entry), proven)),
                false => Err(misbehaved(peer, "a leaf that is not its notice's")),
            }
        });
        let (signed, at, mut proven) = match signed {
            Err(ExchangeError::KeyUnknown { .. }) => {
                return self.deferral(peer.authority(), subject, Cause::KeyUnknown, 0);
            }
            Err(ExchangeError::Busy) => return self.deferral(peer.authority(), subject, Cause::Busy, 0),
            signed => signed?,
        };
        let notice = &signed.value;
        if notice.peer != *self.identity.authority()
            || notice.pairing.1 != self.identity.chain().fingerprint()
        {
            return Err(misbehaved(peer, "a notice about another pairing"));
        }
        let own = self.identity.chain();
        if notice.root.is_some_and(|root| !own.had_root(&root)) {
            return Err(misbehaved(peer, "a notice that confirms a root which is not ours"));
        }
        if notice.made_at > self.now() + limits::CLOCK_LEAD {
            return self.deferral(peer.authority(), subject, Cause::ClockAhead, 0);
        }
        let (act, witnessed) = (notice.act, proven.witnessed());
        let (receipt, note) = (proven.receipts.swap_remove(0), proven.checkpoint.note);
        let (blamed, verified) = (peer.clone(), self.verified(peer));
        let committed = durable(self.store.commit(move |views, _| {
            verified.still(|chain| {
                Checkpoint::open(&note, chain)?;
                SignedNotice::open(&signed.envelope, chain, at).map(drop).map_err(LedgerError::from)
            })?;
            let author = signed.value.author.clone();
            let found = match pairing::place(views, Direction::In, &author, &signed.value, &signed.digest)? {
                Place::Next => Found::New,
                Place::Known(index) => return Ok(Decision::nothing(Found::At(index))),
                Place::Gap(wanted) => return Ok(Decision::nothing(Found::Gap(wanted))),
                Place::Wrong(why) | Place::Contradicts(_, why) => {
                    return Err(misbehaved(&blamed, &format!("a notice that {why}")));
                }
            };
            let leaf = Leaf {
                peer: Some(author),
                code: signed.value.act as u32,
                witnessed,
                ..Leaf::new(LeafKind::PairingNotice)
            };
            let entries = vec![NewEntry { leaf, objects: vec![signed.envelope, receipt, note] }];
            Ok(Decision { entries, contents: Vec::new(), value: found })
        }))
        .await;
        let committed = match committed {
            Err(ExchangeError::Busy) => return self.deferral(peer.authority(), subject, Cause::Busy, 0),
            committed => committed?,
        };
        let index = match committed.value {
            Found::New => {
                tracing::info!(peer = %peer.authority(), act = act.as_str_name(), "the peer said of the pairing");
                committed.first
            }
            Found::At(index) => index,
            Found::Gap(wanted) => return self.deferral(peer.authority(), subject, Cause::StatusGap, wanted),
        };
        if act == Act::Terms {
            self.take_terms(peer.authority()).await?;
        }
        Ok(Answer::Committed(vec![index], committed.checkpoint))
    }

    /// Raises an alarm where what a peer tells contradicts a notice of its own that we hold. Its
    /// signature is enough: a log that was rolled back, and can't prove it any more, is just what
    /// makes such a notice.
    async fn look_for_contradiction(
        &self,
        peer: &Arc<Peer>,
        ack: &wire::Acknowledgement,
    ) -> Result<(), ExchangeError> {
        let envelope = ack.entries.first().and_then(|entry| entry.objects.first());
        let Some(Ok(signed)) =
            envelope.map(|envelope| SignedNotice::open(envelope, &peer.chain, Judged::Loose))
        else {
            return Ok(());
        };
        let snapshot = self.store.snapshot();
        let place = pairing::place(snapshot, Direction::In, peer.authority(), &signed.value, &signed.digest)?;
        let Place::Contradicts(index, why) = place else { return Ok(()) };
        let known = SignedNotice::danger_unverified(snapshot.entry(index)?.object(0)?)?;
        if signed.contradicts(&known) {
            self.raise_notices(peer, &known, signed).await?;
        }
        Err(misbehaved(peer, &format!("a notice that {why}")))
    }

    /// Takes over what a peer said last of what it takes, and of where it may be dialled.
    async fn take_terms(&self, name: &AuthorityId) -> Result<(), ExchangeError> {
        let turn = self.directory.turn(name);
        let _turn = turn.lock().await;
        let (peer, snapshot) = (self.directory.peer(name)?, self.store.snapshot());
        if let Some((taken, addresses)) = newest_terms(&pairing::peer(snapshot, name)?, |index| {
            Ok(snapshot.entry(index)?.object(0)?.to_vec())
        })? {
            self.directory.put(Peer { taken, addresses, ..Peer::clone(&peer) });
        }
        Ok(())
    }
}

/// What a peer said last in a notice of what it takes; none: its offer says it.
pub(super) fn newest_terms(
    record: &PeerRecord,
    object: impl Fn(u64) -> Result<Vec<u8>, ExchangeError>,
) -> Result<Option<(Taken, Vec<String>)>, ExchangeError> {
    match record.theirs.as_ref().map_or(0, |theirs| theirs.terms_at) {
        0 => Ok(None),
        index => Ok(SignedNotice::danger_unverified(&object(index)?)?.value.terms),
    }
}

/// Why no packet may be submitted to a peer now, if so.
pub(super) fn held_up(views: &dyn Views, peer: &AuthorityId) -> Result<(), ExchangeError> {
    let record = pairing::peer(views, peer)?;
    let (ours, theirs) = (pairing::said(&record.ours), pairing::said(&record.theirs));
    let who = |we: bool| if we { "we have" } else { "it has" };
    match crate::format::pairing::state(ours, theirs) {
        State::Active => Ok(()),
        State::Suspended => Err(ExchangeError::Precluded(format!(
            "the pairing with {peer} is suspended: {} said so; nothing new is taken until that is taken back",
            who(ours.suspended)
        ))),
        State::Ended => Err(ended(peer, who(ours.ended))),
    }
}

/// Why no status may be issued for a peer now, if so.
pub(super) fn over(views: &dyn Views, peer: &AuthorityId) -> Result<(), ExchangeError> {
    match pairing::state_with(views, peer)? {
        State::Ended => held_up(views, peer),
        State::Active | State::Suspended => Ok(()),
    }
}

fn ended(peer: &AuthorityId, who: &str) -> ExchangeError {
    ExchangeError::Precluded(format!("the pairing with {peer} is ended: {who} said so"))
}

fn last_digest(notices: &NoticesRecord) -> Result<Option<Digest>, FormatError> {
    crate::format::optional_digest(&notices.digest, "a recorded digest")
}
