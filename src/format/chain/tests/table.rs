//! Who may sign what: every signer with every statement.

use super::*;
use crate::crypto::key_box::SecretKey;
use crate::crypto::sign::{P256Key, Signer, new_p256};

const PURPOSES: [Purpose; 7] = [
    Purpose::Delegate,
    Purpose::Packet,
    Purpose::Evidence,
    Purpose::Checkpoint,
    Purpose::Cosign,
    Purpose::Content,
    Purpose::Tls,
];

/// What is tried with every signer.
#[derive(Debug, Clone, Copy)]
enum Try {
    /// A key, until a time.
    Key(Purpose, Millis),
    /// The end of a key.
    End(Purpose, Reason),
    /// A key of the first purpose, and with it the end of one of the second.
    Replace(Purpose, Purpose),
    /// The same by `revokes`.
    Revokes(Purpose, Purpose),
}

/// A chain with a key of each purpose (seeds 10 to 16), and delegates of every fate.
pub struct Town {
    pub chain: Chain,
    pub ids: Vec<Digest>,
    pub p256: P256Key,
}

pub fn town() -> Town {
    let mut chain = founded();
    let p256 = P256Key::from_pkcs8(&new_p256().unwrap()).unwrap();
    let mut ids = Vec::new();
    let delegate = |chain: &mut Chain, seed: u8, until: Millis| {
        let (signer, may_state) = (key(seed), vec![Purpose::Packet, Purpose::Evidence]);
        let public_key = signer.public_key().to_vec();
        let new = NewKey {
            purpose: Purpose::Delegate,
            public_key,
            valid: (10, until),
            may_state,
            revokes: vec![],
            signer: Some(&signer),
        };
        chain.state(new, &root(), 10).unwrap();
        signing(Purpose::Delegate, seed)
    };
    for (seed, until) in [(2, 100), (3, 15), (4, 100), (5, 100)] {
        delegate(&mut chain, seed, until);
    }
    for (seed, purpose) in (10..).zip(PURPOSES) {
        stated(&mut chain, Stated::new(purpose, seed, 90, &p256), &root(), 11).unwrap();
        ids.push(chain.keys().last().unwrap().id);
    }
    let end = |seed, reason, since| {
        let key_id = signing(Purpose::Delegate, seed).id.to_vec();
        Revocation { key_id, reason: i32::from(reason), since, log_size: 0 }
    };
    let ends = vec![end(4, Reason::Compromised, 11), end(5, Reason::Superseded, 20)];
    chain.revoke(ends, &root(), 11).unwrap();
    Town { chain, ids, p256 }
}

/// A key to be stated, and the keys that it ends.
pub struct Stated<'a> {
    pub purpose: Purpose,
    pub seed: u8,
    pub until: Millis,
    pub p256: &'a P256Key,
    pub revokes: Vec<Digest>,
    pub ends: Vec<Revocation>,
}

impl<'a> Stated<'a> {
    pub fn new(purpose: Purpose, seed: u8, until: Millis, p256: &'a P256Key) -> Self {
        Self { purpose, seed, until, p256, revokes: vec![], ends: vec![] }
    }
}

pub fn stated(chain: &mut Chain, what: Stated, by: &SigningKey, now: Millis) -> Result<Vec<u8>, FormatError> {
    let Stated { purpose, seed, until, p256, revokes, ends } = what;
    let ed = key(seed);
    let (public_key, signer): (Vec<u8>, Option<&dyn Signer>) = match purpose {
        Purpose::Content => (SecretKey::from_seed(&[seed; 32]).unwrap().public_key(), None),
        Purpose::Tls => (p256.public_key().to_vec(), Some(p256)),
        _ => (ed.public_key().to_vec(), Some(&ed)),
    };
    let new = NewKey { purpose, public_key, valid: (10, until), may_state: vec![], revokes, signer };
    chain.replace(new, ends, by, now)
}

impl Town {
    pub fn id(&self, purpose: Purpose) -> Digest {
        self.ids[PURPOSES.iter().position(|known| *known == purpose).unwrap()]
    }

    fn attempt(&self, what: Try, by: &SigningKey) -> Result<(), FormatError> {
        let mut chain = self.chain.clone();
        let other = P256Key::from_pkcs8(&new_p256().unwrap()).unwrap();
        let end = |purpose, reason: Reason, since| Revocation {
            key_id: self.id(purpose).to_vec(),
            reason: reason.into(),
            since,
            log_size: 0,
        };
        let envelope = match what {
            Try::Key(purpose, until) => stated(&mut chain, Stated::new(purpose, 50, until, &other), by, 20),
            Try::End(purpose, reason) => chain.revoke(vec![end(purpose, reason, 20)], by, 20),
            Try::Replace(purpose, ended) => {
                let ends = vec![end(ended, Reason::Superseded, 30)];
                stated(&mut chain, Stated { ends, ..Stated::new(purpose, 50, 100, &other) }, by, 20)
            }
            Try::Revokes(purpose, ended) => {
                let revokes = vec![self.id(ended)];
                stated(&mut chain, Stated { revokes, ..Stated::new(purpose, 50, 100, &other) }, by, 20)
            }
        };
        if envelope.is_err() {
            assert_eq!(chain, self.chain, "{what:?}: an error changes nothing");
        }
        envelope.map(drop)
    }
}

/// Signer × statement, against the table said in words: the root says everything; a delegate in
/// its time says what concerns keys of its purposes that it outlives; nobody else says anything.
#[test]
fn who_may_sign_what() {
    let town = town();
    let mut tries = Vec::new();
    for purpose in PURPOSES {
        tries.extend([Try::Key(purpose, 100), Try::Key(purpose, 101)]);
        tries.extend(
            [Reason::Superseded, Reason::Ceased, Reason::Compromised, Reason::Lost]
                .map(|reason| Try::End(purpose, reason)),
        );
        for ended in PURPOSES {
            tries.extend([Try::Replace(purpose, ended), Try::Revokes(purpose, ended)]);
        }
    }
    let delegates = [2, 3, 4, 5].map(|seed| signing(Purpose::Delegate, seed));
    let others = PURPOSES
        .iter()
        .zip(10..)
        .map(|(purpose, seed)| SigningKey { id: town.id(*purpose), signer: Arc::new(key(seed)) });
    let strangers =
        [40, 41].map(|seed| SigningKey { id: root_id(key(seed).public_key()), signer: Arc::new(key(seed)) });
    // A delegate of the chain whose claim somebody else signs.
    let forged = SigningKey { id: delegates[0].id, signer: Arc::new(key(99)) };
    let signers: Vec<SigningKey> = [root()]
        .into_iter()
        .chain(delegates)
        .chain(others)
        .chain(strangers)
        .chain([forged, SigningKey { id: root().id, signer: Arc::new(key(99)) }])
        .collect();
    let its = |purpose| matches!(purpose, Purpose::Packet | Purpose::Evidence);
    let (mut taken, mut refused) = (0, 0);
    for (n, signer) in signers.iter().enumerate() {
        for what in &tries {
            let expected = match (n, *what) {
                (0, _) => true,
                (1, Try::Key(purpose, until)) => its(purpose) && until <= 100,
                (1, Try::End(purpose, _)) => its(purpose),
                (1, Try::Replace(purpose, ended) | Try::Revokes(purpose, ended)) => {
                    its(purpose) && its(ended)
                }
                _ => false,
            };
            let found = town.attempt(*what, signer);
            assert_eq!(found.is_ok(), expected, "signer {n}: {what:?}: {found:?}");
            *(if expected { &mut taken } else { &mut refused }) += 1;
        }
    }
    assert_eq!((signers.len(), tries.len(), taken), (16, 140, 140 + 2 + 8 + 8));
    assert_eq!(refused, 16 * 140 - taken);
}
