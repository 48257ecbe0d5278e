//! What a root that is kept elsewhere has to sign, and what it signed: two files that people
//! carry. Neither is believed by itself: whoever signs sees the whole chain, and what comes
//! back is appended like any statement.

use super::armor::Armor;
use super::chain::Chain;
use super::envelope::SigningKey;
use super::id::AuthorityId;
use super::wire::{self, statement_request::What};
use super::{FormatError, Millis, decode, digest, limits};
use crate::crypto::hash::Digest;
use prost::Message as _;

const REQUEST: Armor = Armor {
    label: "STATEMENT REQUEST",
    missing: "no BEGIN and END ROGATORY STATEMENT REQUEST lines",
    limit: 4 * limits::OFFER,
};
const SIGNED: Armor = Armor {
    label: "SIGNED STATEMENT",
    missing: "no BEGIN and END ROGATORY SIGNED STATEMENT lines",
    limit: limits::OFFER,
};

/// What the root is asked to sign.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The statements that it will follow.
    pub chain: Chain,
    /// A delegate's key, ends of keys, or another root.
    pub what: What,
    /// What the statement says of its time.
    pub made_at: Millis,
}

/// What the root signed.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Whose statement it is.
    pub authority: AuthorityId,
    /// Of that authority.
    pub fingerprint: Digest,
    /// The statement's envelope.
    pub statement: Vec<u8>,
}

impl Asked {
    /// As text.
    pub fn to_text(&self) -> String {
        let request = wire::StatementRequest {
            chain: self.chain.envelopes().map(<[u8]>::to_vec).collect(),
            made_at: self.made_at,
            what: Some(self.what.clone()),
        };
        REQUEST.wrap(self.chain.authority().as_str(), &request.encode_to_vec())
    }

    /// Reads text back, and verifies the chain in it.
    pub fn from_text(text: &str) -> Result<Self, FormatError> {
        let bytes = REQUEST.unpack(text)?;
        let wire: wire::StatementRequest = decode(&bytes, "statement request")?;
        let what = wire.what.ok_or(FormatError::Malformed("a request for nothing that is known"))?;
        Ok(Self { chain: Chain::open_all(&wire.chain)?, what, made_at: wire.made_at })
    }

    /// Signs it as the root; where the root changes, the next one signs too, and the digest of
    /// the one after it is announced.
    pub fn sign(
        self,
        root: &SigningKey,
        next: Option<(&SigningKey, Digest)>,
    ) -> Result<Answered, FormatError> {
        let mut chain = self.chain;
        let statement = match (self.what, next) {
            (What::Delegate(key), None) => chain.state_prepared(key, root, self.made_at)?,
            (What::Revocations(revocations), None) => chain.revoke(revocations.items, root, self.made_at)?,
            (What::RootChange(_), Some((next, after))) => {
                chain.change_root(root, next, after, Vec::new(), self.made_at)?
            }
            (What::RootChange(_), None) => {
                return Err(FormatError::Malformed("a change of the root without the next root"));
            }
            (_, Some(_)) => return Err(FormatError::Malformed("a next root for what does not change it")),
        };
        let (authority, fingerprint) = (chain.authority().clone(), chain.fingerprint());
        Ok(Answered { authority, fingerprint, statement })
    }
}

impl Answered {
    /// As text.
    pub fn to_text(&self) -> String {
        SIGNED.wrap(self.authority.as_str(), &self.to_wire().encode_to_vec())
    }

    /// Reads text back.
    pub fn from_text(text: &str) -> Result<Self, FormatError> {
        Self::from_wire(decode(&SIGNED.unpack(text)?, "signed statement")?)
    }

    /// As a message.
    pub fn to_wire(&self) -> wire::StatementSigned {
        wire::StatementSigned {
            authority: self.authority.to_string(),
            fingerprint: self.fingerprint.to_vec(),
            statement: self.statement.clone(),
        }
    }

    /// From a message.
    pub fn from_wire(wire: wire::StatementSigned) -> Result<Self, FormatError> {
        Ok(Self {
            authority: AuthorityId::parse(&wire.authority)?,
            fingerprint: digest(&wire.fingerprint, "fingerprint")?,
            statement: wire.statement,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::sign::{Ed25519Key, Signer as _};
    use crate::format::statement::{NewKey, root_commitment, root_id};
    use crate::format::wire::purpose::Code as Purpose;
    use std::sync::Arc;

    fn key(seed: u8) -> Ed25519Key {
        Ed25519Key::from_seed(&[seed; 32]).unwrap()
    }

    fn root(seed: u8) -> SigningKey {
        SigningKey { id: root_id(key(seed).public_key()), signer: Arc::new(key(seed)) }
    }

    fn chain() -> Chain {
        let name = AuthorityId::parse("XA").unwrap();
        Chain::found(&name, &root(1), root_commitment(key(2).public_key()), true, 10).unwrap()
    }

    fn delegate(chain: &Chain) -> What {
        let signer = key(9);
        let new = NewKey {
            purpose: Purpose::Delegate,
            public_key: signer.public_key().to_vec(),
            valid: (10, 1000),
            may_state: vec![Purpose::Packet],
            revokes: vec![],
            signer: Some(&signer),
        };
        What::Delegate(chain.prepare(new, vec![]).unwrap())
    }

    /// There and back, by text; then appended where it came from.
    fn signed(what: What, next: Option<(&SigningKey, Digest)>) -> Result<Chain, FormatError> {
        let mut here = chain();
        let asked = Asked { chain: here.clone(), what, made_at: 20 };
        let there = Asked::from_text(&format!("Sirs,\r\n{}Regards", asked.to_text())).unwrap();
        let answered = Answered::from_text(&there.sign(&root(1), next)?.to_text()).unwrap();
        assert_eq!((answered.authority.as_str(), answered.fingerprint), ("XA", here.fingerprint()));
        here.append(&answered.statement)?;
        Ok(here)
    }

    #[test]
    fn a_delegate_an_end_and_a_root_are_signed_elsewhere() {
        let with = signed(delegate(&chain()), None).unwrap();
        assert_eq!(with.keys()[0].purpose, Purpose::Delegate);
        let change = What::RootChange(wire::RootChange::default());
        let changed = signed(change.clone(), Some((&root(2), root_commitment(key(3).public_key())))).unwrap();
        assert_eq!(changed.root(), root(2).id);
        assert_eq!(changed.next_root(), root_commitment(key(3).public_key()));
        // Not the root that was announced, no root, one too many, and a key of another chain.
        assert!(signed(change.clone(), Some((&root(4), [0; 32]))).is_err());
        assert!(signed(change, None).is_err());
        assert!(signed(delegate(&chain()), Some((&root(2), [0; 32]))).is_err());
        let asked = Asked { chain: chain(), what: delegate(&with), made_at: 20 };
        assert!(asked.sign(&root(1), None).is_err(), "its proof is about another place in the chain");
        let asked = Asked { chain: chain(), what: delegate(&chain()), made_at: 20 };
        assert!(asked.sign(&root(2), None).is_err(), "not the root that stands");
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let text = Asked { chain: chain(), what: delegate(&chain()), made_at: 20 }.to_text();
        for wrong in ["", "-----BEGIN ROGATORY STATEMENT REQUEST-----", &text.replace("ROGATORY", "X")] {
            assert!(Asked::from_text(wrong).is_err());
        }
        assert!(Answered::from_text(&text).is_err());
        let flipped = text.replacen("\n\nC", "\n\nD", 1);
        assert!(flipped != text && Asked::from_text(&flipped).is_err());
    }
}
