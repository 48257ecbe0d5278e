//! Whether a TLS key proves a peer, and if not, why: for logs on both sides, and for the doctor.

use super::directory::{Directory, Peer};
use super::lifetimes::end_of;
use crate::format::Millis;
use crate::format::chain::Chain;
use crate::format::chain::standing::{Place, Unfit, standing};
use crate::format::wire::{purpose::Code as Purpose, unproved::Code};

/// Why a TLS key proves nobody, or nobody that it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unproved {
    /// No statement of a paired authority names the key.
    Unknown,
    /// It is stated, and its time is over.
    Expired,
    /// It is stated, and its time has not begun.
    NotYet,
    /// It is stated, and a statement ended its use.
    Ended,
    /// It is stated, and revoked.
    Revoked,
    /// It is stated for another purpose.
    OtherPurpose,
    /// It is another authority's.
    OtherPeer(String),
}

impl Unproved {
    /// As it travels: not whose key it is instead.
    pub fn code(&self) -> Code {
        match self {
            Self::Unknown => Code::Unknown,
            Self::Expired => Code::Expired,
            Self::NotYet => Code::NotYet,
            Self::Ended => Code::Ended,
            Self::Revoked => Code::Revoked,
            Self::OtherPurpose => Code::OtherPurpose,
            Self::OtherPeer(_) => Code::OtherPeer,
        }
    }
}

impl std::fmt::Display for Unproved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown => write!(f, "no statement names it"),
            Self::Expired => write!(f, "its time is over"),
            Self::NotYet => write!(f, "its time has not begun"),
            Self::Ended => write!(f, "a statement ended its use"),
            Self::Revoked => write!(f, "it is revoked"),
            Self::OtherPurpose => write!(f, "it is stated for another purpose"),
            Self::OtherPeer(name) => write!(f, "it is {name}'s"),
        }
    }
}

/// Until when a TLS key that was presented proves the authority of `chain`, or why it does not.
pub fn proves(chain: &Chain, others: &[&Chain], key: &[u8], now: Millis) -> Result<Millis, Unproved> {
    match chain.keys().iter().find(|stated| stated.public_key == key) {
        Some(stated) if stated.purpose != Purpose::Tls => Err(Unproved::OtherPurpose),
        Some(stated) => match standing(stated, now, Place::Loose) {
            Ok(()) => Ok(end_of(stated)),
            Err(Unfit::NotYet) => Err(Unproved::NotYet),
            Err(Unfit::Expired) => Err(Unproved::Expired),
            Err(Unfit::Retired) => Err(Unproved::Ended),
            Err(Unfit::Revoked) => Err(Unproved::Revoked),
        },
        None => {
            let theirs = |other: &&&Chain| other.keys().iter().any(|stated| stated.public_key == key);
            let other = others.iter().find(theirs).map(|other| other.authority().to_string());
            Err(other.map_or(Unproved::Unknown, Unproved::OtherPeer))
        }
    }
}

impl Directory {
    /// Until when a TLS key proves this peer, or why it does not.
    pub fn pinned(&self, peer: &Peer, key: &[u8], now: Millis) -> Result<Millis, Unproved> {
        let all = self.all();
        let others: Vec<&Chain> = all.iter().map(|other| &other.chain).collect();
        proves(&peer.chain, &others, key, now)
    }

    /// Why a TLS key proves nobody, with the authority that stated it where one did.
    pub fn why_stranger(&self, key: &[u8], now: Millis) -> (Unproved, Option<String>) {
        let reasons = self.all().into_iter().map(|peer| (proves(&peer.chain, &[], key, now), peer));
        let named = reasons.filter_map(|(proved, peer)| Some((proved.err()?, peer)));
        let known = |(why, _): &(Unproved, _)| *why != Unproved::Unknown;
        match named.into_iter().find(known) {
            Some((why, peer)) => (why, Some(peer.authority().to_string())),
            None => (Unproved::Unknown, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::sign::{Ed25519Key, Signer as _};
    use crate::format::envelope::SigningKey;
    use crate::format::id::AuthorityId;
    use crate::format::statement::{NewKey, root_id};
    use std::sync::Arc;

    /// A chain with one key that may be used from 10 to 100.
    fn chain(name: &str, seed: u8, purpose: Purpose) -> (Chain, Vec<u8>) {
        let key = |seed| Ed25519Key::from_seed(&[seed; 32]).unwrap();
        let root = SigningKey { id: root_id(key(seed).public_key()), signer: Arc::new(key(seed)) };
        let mut chain = Chain::found(&AuthorityId::parse(name).unwrap(), &root, [4; 32], false, 5).unwrap();
        let p256 =
            crate::crypto::sign::P256Key::from_pkcs8(&crate::crypto::sign::new_p256().unwrap()).unwrap();
        let ed = key(seed + 1);
        let signer: &dyn crate::crypto::sign::Signer = if purpose == Purpose::Tls { &p256 } else { &ed };
        let public_key = signer.public_key().to_vec();
        let new = NewKey {
            purpose,
            public_key: public_key.clone(),
            valid: (10, 100),
            may_state: vec![],
            revokes: vec![],
            signer: Some(signer),
        };
        chain.state(new, &root, 20).unwrap();
        (chain, public_key)
    }

    #[test]
    fn a_presented_key_is_judged_by_the_statements() {
        let (xa, tls) = chain("XA", 1, Purpose::Tls);
        let (xb, packet) = chain("XB", 3, Purpose::Packet);
        assert_eq!(proves(&xa, &[], &tls, 50), Ok(100));
        assert_eq!(proves(&xa, &[], &tls, 9), Err(Unproved::NotYet));
        assert_eq!(proves(&xa, &[], &tls, 100), Err(Unproved::Expired));
        assert_eq!(proves(&xb, &[], &packet, 50), Err(Unproved::OtherPurpose));
        assert_eq!(proves(&xb, &[&xa], &tls, 50), Err(Unproved::OtherPeer("XA".into())));
        assert_eq!(proves(&xb, &[], &tls, 50), Err(Unproved::Unknown));
    }
}
