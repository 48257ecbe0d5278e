//! Entries about keys and pairings: statements, offers, notices.

use super::Raw;
use super::check::{Checked, Judged, Keys};
use crate::crypto::hash::Digest;
use crate::format::chain::standing::Place;
use crate::format::chain::{Appended, Chain};
use crate::format::group::Group;
use crate::format::id::AuthorityId;
use crate::format::offer::Offer;
use crate::format::pairing::SignedNotice;
use crate::format::wire::leaf::Kind;
use crate::ledger::LedgerError;
use crate::ledger::entry::Entry;

impl Keys {
    /// An entry that changes the keys.
    pub(super) fn change(&mut self, index: u64, raw: Raw) -> Judged {
        let entry = Entry::open(index, raw.leaf, raw.objects)?;
        let (mut signatures, mut again, mut revoked) = (1, None, Vec::new());
        let envelope = entry.object(0)?;
        match (entry.leaf.kind, &entry.leaf.peer) {
            (Kind::Pairing, name) => {
                let offer = Offer::open_logged(envelope)?;
                signatures += offer.chain.count();
                if name.as_ref() != Some(offer.chain.authority()) {
                    return Err(entry.wrong("names another peer than its offer"));
                }
                if let Some(list) = entry.objects.get(1) {
                    let list = Group::open(list)?;
                    signatures += 1;
                    if !list.members.iter().any(|member| member.envelope == envelope) {
                        return Err(entry.wrong("holds an offer that is not in its group's list"));
                    }
                }
                again = self.pair(offer.chain);
            }
            (_, None) => match &mut self.own {
                None => self.own = Some(Chain::open(envelope)?),
                Some(own) => {
                    if own.append(envelope)? != Appended::Known {
                        revoked.extend(own.revoked_last());
                    }
                    if revoked.iter().any(|(_, size)| *size > entry.index) {
                        return Err(entry.wrong("revokes a key as of a size that the log had not reached"));
                    }
                }
            },
            (_, Some(name)) => {
                let chain =
                    self.peers.get_mut(name).ok_or_else(|| entry.wrong("is of an authority not paired"))?;
                chain.append(envelope)?;
            }
        }
        // What was verified under the keys of before need not hold under those of now.
        self.notes.forget();
        let mut checked = Box::new(Checked::new(entry));
        (checked.signatures, checked.again, checked.revoked) = (signatures, again, revoked);
        Ok(checked)
    }

    /// A chain that is known grows by its statements, which are entries of their own. One with
    /// another fingerprint takes its place: what the old one signed stands in entries before.
    /// Gives whose place was taken.
    fn pair(&mut self, chain: Chain) -> Option<AuthorityId> {
        let (name, known) = (chain.authority().clone(), self.peers.get(chain.authority()));
        let other = known.is_some_and(|known| known.fingerprint() != chain.fingerprint());
        if other || known.is_none() {
            self.peers.insert(name.clone(), chain);
        }
        other.then_some(name)
    }

    /// What one side says of the pairing: about this very pairing, and as the leaf says.
    pub(super) fn notice(&self, checked: &mut Checked) -> Result<(), LedgerError> {
        let ours = checked.entry.leaf.objects.len() == 1;
        let place = if ours { Place::Loose } else { self.receipt(checked, 1, 0)? };
        let entry = &checked.entry;
        let (own, peer) = (self.own(entry)?, self.peer(entry)?);
        let (author, other) = if ours { (own, peer) } else { (peer, own) };
        let notice = SignedNotice::open(entry.object(0)?, author, place)?.value;
        let agrees = notice.peer == *other.authority()
            && notice.pairing.1 == other.fingerprint()
            && entry.leaf.code == notice.act as u32
            && (!ours || notice.made_at == entry.leaf.at);
        if !agrees {
            return Err(entry.wrong("says something else than its notice"));
        }
        // A peer may confirm one of before, where ours changed again meanwhile.
        let is_root = |root: Digest| if ours { other.root() == root } else { other.had_root(&root) };
        if !notice.root.is_none_or(is_root) {
            return Err(entry.wrong("confirms a root that is not its peer's"));
        }
        if ours != entry.leaf.actor.is_some() {
            return Err(entry.wrong("names a person in the word of a peer, or nobody in ours"));
        }
        checked.fact(0, notice.act.as_str_name(), ours, true)?;
        checked.signatures += 1;
        Ok(())
    }
}
