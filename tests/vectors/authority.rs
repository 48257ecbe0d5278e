//! Two authorities whose every key is fixed: XA and XB.

use crate::{stored, tls_keys, writing};
use prost::Message as _;
use rogatory::crypto::entropy::Entropy;
use rogatory::crypto::hash::Digest;
use rogatory::crypto::key_box::SecretKey;
use rogatory::crypto::sign::{Ed25519Key, P256Key, Signer, pre_authentication_encoding, verify_p256};
use rogatory::crypto::{CryptoError, hash::sha256};
use rogatory::format::chain::standing::{Place, standing};
use rogatory::format::chain::{Appended, Chain};
use rogatory::format::envelope::{KeySource as _, PayloadType, SigningKey, Unverified, sign};
use rogatory::format::id::{AuthorityId, CaseId, PacketId};
use rogatory::format::offer::Offer;
use rogatory::format::pairing::{Taken, Terms};
use rogatory::format::statement::{NewKey, algorithm_of, key_id, root_commitment, root_id};
use rogatory::format::wire::{
    KeyStatement, Limits, Revocation, Revocations, RootChange, Signature, Signed, key_statement::Body,
    purpose::Code as Purpose, revocation::Reason,
};
use rogatory::format::words;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// 2023-11-14T22:13:20Z, when everything here happens.
pub const NOW: u64 = 1_700_000_000_000;
/// A year.
pub const YEAR: u64 = 366 * 24 * 3600 * 1000;
/// When every key may be used.
pub const VALID: (u64, u64) = (NOW - 60_000, NOW + YEAR);

const DELEGATED: [Purpose; 6] = [
    Purpose::Packet,
    Purpose::Evidence,
    Purpose::Checkpoint,
    Purpose::Cosign,
    Purpose::Content,
    Purpose::Tls,
];

/// Bytes 0, 1, 2 … 255, 0 …
#[derive(Default)]
pub struct Counting(AtomicUsize);

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        let at = self.0.fetch_add(out.len(), Ordering::Relaxed);
        out.iter_mut().zip(at..).for_each(|(byte, n)| *byte = n as u8);
        Ok(())
    }
}

/// An authority with its private keys.
pub struct Fixed {
    pub chain: Chain,
    pub root: SigningKey,
    pub delegate: SigningKey,
    pub packet: SigningKey,
    pub evidence: SigningKey,
    pub checkpoint: SigningKey,
    pub cosign: SigningKey,
    pub content: SecretKey,
    pub content_id: Digest,
    secrets: Value,
}

/// Checks a signature: public key, message, signature.
pub type Verify = fn(&[u8], &[u8], &[u8]) -> Result<(), CryptoError>;

/// Signatures of TLS keys are not deterministic here, so each key's one is part of the file.
pub struct Recorded {
    pub key: Box<dyn Signer>,
    pub verify: Verify,
    pub signature: Option<Vec<u8>>,
}

impl Recorded {
    /// Its proof of possession for a statement of this authority behind `prev`.
    pub fn possession(&self, of: &Fixed, prev: &Digest) -> Vec<u8> {
        let name = of.chain.authority().as_str().as_bytes();
        let proved = [&[name.len() as u8], name, &[Purpose::Tls as u8], prev, self.public_key()].concat();
        let payload_type = "application/vnd.rogatory.possession.v1";
        self.sign(&pre_authentication_encoding(payload_type, &proved)).unwrap()
    }
}

impl Signer for Recorded {
    fn public_key(&self) -> &[u8] {
        self.key.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        match &self.signature {
            Some(signature) if (self.verify)(self.public_key(), message, signature).is_ok() => {
                Ok(signature.clone())
            }
            _ if writing() => self.key.sign(message),
            _ => Err(CryptoError::Signature),
        }
    }
}

/// The PKCS#8 document of the P-256 key whose scalar is one byte, 32 times.
fn pkcs8(scalar: u8, public_key: &str) -> Vec<u8> {
    let begin = "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420";
    hex::decode(format!("{begin}{}a144034200{public_key}", hex::encode([scalar; 32]))).unwrap()
}

fn signing(purpose: Option<Purpose>, seed: u8) -> SigningKey {
    let signer = Ed25519Key::from_seed(&[seed; 32]).unwrap();
    let id = match purpose {
        None => root_id(signer.public_key()),
        Some(purpose) => key_id(purpose, algorithm_of(purpose), signer.public_key()),
    };
    SigningKey { id, signer: Arc::new(signer) }
}

fn state(
    chain: &mut Chain,
    purpose: Purpose,
    public_key: &[u8],
    signer: Option<&dyn Signer>,
    by: &SigningKey,
) {
    let may_state = if purpose == Purpose::Delegate { DELEGATED.to_vec() } else { Vec::new() };
    let new =
        NewKey { purpose, public_key: public_key.to_vec(), valid: VALID, may_state, revokes: vec![], signer };
    chain.state(new, by, NOW).unwrap();
}

/// XA: seeds 1 to 8. XB: seeds 17 to 24.
pub fn fixed(name: &str) -> Fixed {
    let (seed, point) = match name {
        "XA" => (
            0,
            "041e18532fd4754c02f3041d9c75ceb33b83ffd81ac7ce4fe882ccb1c98bc5896ea46c311c4e2ff40dd96a3653e6e45445d32dfe486eced75c7a90c6a18881c0a3",
        ),
        _ => (
            16,
            "043adab15d66256bf15cd716035b3f041444e512fed1dd64d4ba75597d20e366f1546d2c90a83ebaba01595099e5f3ffbbd3384c7494de6759fdd5e65efae9cc67",
        ),
    };
    let authority = AuthorityId::parse(name).unwrap();
    let root = signing(None, seed + 1);
    let next = root_commitment(Ed25519Key::from_seed(&[seed + 2; 32]).unwrap().public_key());
    let mut chain = Chain::found(&authority, &root, next, true, NOW).unwrap();

    let delegate = signing(Some(Purpose::Delegate), seed + 3);
    let (packet, evidence) =
        (signing(Some(Purpose::Packet), seed + 4), signing(Some(Purpose::Evidence), seed + 5));
    let (checkpoint, cosign) =
        (signing(Some(Purpose::Checkpoint), seed + 6), signing(Some(Purpose::Cosign), seed + 7));
    state(&mut chain, Purpose::Delegate, delegate.signer.public_key(), Some(&*delegate.signer), &root);
    for (purpose, key) in [
        (Purpose::Packet, &packet),
        (Purpose::Evidence, &evidence),
        (Purpose::Checkpoint, &checkpoint),
        (Purpose::Cosign, &cosign),
    ] {
        state(&mut chain, purpose, key.signer.public_key(), Some(&*key.signer), &delegate);
    }
    let content = SecretKey::from_seed(&[seed + 8; 32]).unwrap();
    let public = content.public_key();
    let content_id = key_id(Purpose::Content, algorithm_of(Purpose::Content), &public);
    state(&mut chain, Purpose::Content, &public, None, &delegate);

    let scalar = if name == "XA" { 7 } else { 8 };
    let document = pkcs8(scalar, point);
    let signature =
        stored("statements").and_then(|file| hex::decode(file[name]["tls_possession"].as_str()?).ok());
    let key = Box::new(P256Key::from_pkcs8(&document).unwrap());
    let tls = Recorded { key, verify: verify_p256, signature };
    state(&mut chain, Purpose::Tls, tls.public_key(), Some(&tls), &delegate);

    let seeds = ["root", "next_root", "delegate", "packet", "evidence", "checkpoint", "cosign", "content"];
    let mut secrets: serde_json::Map<String, Value> =
        seeds.iter().zip(seed + 1..).map(|(who, seed)| ((*who).to_owned(), hexed([seed; 32]))).collect();
    secrets.insert("tls_pkcs8".into(), hexed(&document));
    let secrets = secrets.into();
    Fixed { chain, root, delegate, packet, evidence, checkpoint, cosign, content, content_id, secrets }
}

pub fn hexed(bytes: impl AsRef<[u8]>) -> Value {
    Value::String(hex::encode(bytes))
}

/// A packet or status id.
pub fn packet_id(n: u8) -> PacketId {
    PacketId::fresh(NOW + u64::from(n), &Counting(AtomicUsize::new(usize::from(n) * 16))).unwrap()
}

/// A case id.
pub fn case_id() -> CaseId {
    CaseId::fresh(NOW, &Counting(AtomicUsize::new(192))).unwrap()
}

/// Which keys a chain proves.
pub fn shown(chain: &Chain) -> Value {
    let keys: Vec<Value> = chain
        .keys()
        .iter()
        .map(|key| {
            json!({
                "key_id": hexed(key.id), "purpose": key.purpose as i32, "algorithm": key.algorithm as i32,
                "public_key": hexed(&key.public_key), "not_before": key.not_before,
                "not_after": key.not_after, "seq": key.seq, "revoked": key.revoked(),
                "ended_since": key.end().map(|end| end.since),
            })
        })
        .collect();
    json!({
        "statements": chain.envelopes().map(hexed).collect::<Vec<_>>(),
        "head": hexed(chain.head()), "keys": keys,
    })
}

fn described(of: &Fixed) -> Value {
    let tls = chain_possession(&of.chain);
    json!({
        "secrets": of.secrets,
        "root_key_id": hexed(of.root.id),
        "root_public_key": hexed(of.root.signer.public_key()),
        "fingerprint": hexed(of.chain.fingerprint()),
        "fingerprint_in_groups": words::to_hex(&of.chain.fingerprint()),
        "fingerprint_in_words": words::to_words(&of.chain.fingerprint()),
        "log_origin": of.chain.log_origin(),
        "tls_possession": hexed(tls),
        "chain": shown(&of.chain),
    })
}

/// The possession signature in the last statement of a chain, a TLS key's.
pub fn chain_possession(chain: &Chain) -> Vec<u8> {
    let envelope = chain.envelopes().last().unwrap();
    let statement = KeyStatement::decode(Signed::decode(envelope).unwrap().payload.as_slice()).unwrap();
    match statement.body {
        Some(Body::Key(key)) => key.possession,
        _ => panic!("the last statement states the TLS key"),
    }
}

/// Chains: whole, rotated, voided, and what is refused.
pub fn statements() -> Value {
    let (xa, xb) = (fixed("XA"), fixed("XB"));
    assert_eq!(Chain::open_all(&xa.chain.envelopes().collect::<Vec<_>>()).unwrap(), xa.chain);

    let new = |seed: u8, revokes| {
        let key = Ed25519Key::from_seed(&[seed; 32]).unwrap();
        (key.public_key().to_vec(), key, revokes)
    };
    let stated = |chain: &mut Chain,
                  (public_key, key, revokes): (Vec<u8>, Ed25519Key, Vec<Digest>),
                  by: &SigningKey| {
        let valid = (NOW, NOW + YEAR / 2);
        let new = NewKey {
            purpose: Purpose::Packet,
            public_key,
            valid,
            may_state: vec![],
            revokes,
            signer: Some(&key),
        };
        chain.state(new, by, NOW + 1000).unwrap()
    };
    let mut rotated = xa.chain.clone();
    let rotation = stated(&mut rotated, new(33, vec![xa.packet.id]), &xa.delegate);

    let all: Vec<Vec<u8>> = xa.chain.envelopes().map(<[u8]>::to_vec).collect();
    let mut short = Chain::open_all(&all[..2]).unwrap();
    let by_root = stated(&mut short, new(34, vec![]), &xa.root);
    let mut voided = xa.chain.clone();
    assert_eq!(voided.append(&by_root).unwrap(), Appended::Voided(6));

    let end = |key: &SigningKey, reason: Reason, since| Revocation {
        key_id: key.id.to_vec(),
        reason: reason.into(),
        since,
        log_size: 0,
    };
    let mut replaced = xa.chain.clone();
    let replacement = {
        let (public_key, key, _) = new(38, vec![]);
        let new = NewKey {
            purpose: Purpose::Packet,
            public_key,
            valid: (NOW, NOW + YEAR / 2),
            may_state: vec![],
            revokes: vec![],
            signer: Some(&key),
        };
        let ends = vec![end(&xa.packet, Reason::Superseded, NOW + 60_000)];
        replaced.replace(new, ends, &xa.delegate, NOW + 1000).unwrap()
    };
    let mut ended = replaced.clone();
    let items = vec![
        end(&xa.packet, Reason::Compromised, NOW),
        end(&xa.cosign, Reason::Ceased, NOW + 5000),
        Revocation { log_size: 7, ..end(&xa.evidence, Reason::Lost, NOW + 2000) },
    ];
    let ending = ended.revoke(items, &xa.root, NOW + 2000).unwrap();

    let mut changed = xa.chain.clone();
    let next = signing(None, 2);
    let after_next = root_commitment(Ed25519Key::from_seed(&[39; 32]).unwrap().public_key());
    let ends = vec![end(&xa.delegate, Reason::Ceased, NOW + 60_000)];
    let change = changed.change_root(&xa.root, &next, after_next, ends, NOW + 1000).unwrap();
    let by_next = stated(&mut changed.clone(), new(40, vec![]), &next);
    let by_old = stated(&mut xa.chain.clone(), new(41, vec![]), &xa.root);

    let mut fork = Chain::open_all(&all[..3]).unwrap();
    let contradiction = stated(&mut fork, new(35, vec![]), &xa.delegate);
    let mut second = Chain::open_all(&all[..2]).unwrap();
    let second_branch = stated(&mut second, new(36, vec![]), &xa.root);
    let mut foreign = xb.chain.clone();
    let foreign = stated(&mut foreign, new(37, vec![]), &xb.delegate);
    let refused: Vec<Value> = [
        ("a delegate contradicts a statement that is known", &xa.chain, contradiction),
        ("the root has two branches", &voided, second_branch),
        ("a statement of another authority", &xa.chain, foreign),
        ("a predecessor that is not known", &short, rotation.clone()),
        ("the old root contradicts its end", &changed, by_old),
        ("the next root speaks before its time", &xa.chain, by_next),
        (
            "a TLS key on P-384 under the number of RSA",
            &xa.chain,
            said(&xa, NOW + 1000, tls_keys::misnamed(&xa), &[&xa.delegate]),
        ),
    ]
    .into_iter()
    .chain(refused_ends(&xa))
    .chain(refused_changes(&xa))
    .map(|(why, chain, envelope)| {
        assert!(chain.clone().append(&envelope).is_err(), "{why}");
        let onto: Vec<Value> = chain.envelopes().map(hexed).collect();
        json!({ "why": why, "chain": onto, "statement": hexed(envelope) })
    })
    .collect();
    let mut told = json!({
        "comment": "Each secret is a 32-byte seed; tls_pkcs8 is a PKCS#8 document. ECDSA signatures differ from run to run: tls_possession is recorded.",
        "now": NOW, "XA": described(&xa), "XB": described(&xb),
        "rotated": { "comment": "XA's chain and one more: the delegate states a packet key and revokes the first", "appended": hexed(rotation), "chain": shown(&rotated) },
        "voided": { "comment": "XA's chain, then a root statement that follows statement 1: six statements of the delegate are void", "appended": hexed(by_root), "chain": shown(&voided) },
        "replaced": { "comment": "XA's chain and one more: the delegate states a packet key and ends the first a minute later", "appended": hexed(replacement), "chain": shown(&replaced) },
        "ended": { "comment": "the chain of `replaced` and one more: the root ends three keys, the first packet key for the second time", "onto": "replaced", "appended": hexed(ending), "chain": shown(&ended), "standing": standings(&xa, &ended) },
        "root_change": { "comment": "XA's chain and one more: both roots sign that the next one takes over, and that the delegate ends a minute later", "appended": hexed(change), "next_root_digest": hexed(changed.next_root()), "root_key_id": hexed(changed.root()), "chain": shown(&changed) },
        "refused": refused,
    });
    for (name, value) in tls_keys::stated(&xa) {
        told[name] = value;
    }
    told
}

/// Whether keys that ended could sign something that names a time and was found at a place: by
/// itself (null), or at an index of its author's log.
fn standings(xa: &Fixed, ended: &Chain) -> Vec<Value> {
    let times = [VALID.0 - 1, VALID.0, NOW + 4999, NOW + 5000, VALID.1 - 1, VALID.1];
    let places = [None, Some(0), Some(6), Some(7)];
    let keys = [xa.packet.id, xa.evidence.id, xa.cosign.id, xa.checkpoint.id];
    let mut rows = Vec::new();
    for id in keys {
        for (made, index) in times.into_iter().flat_map(|made| places.map(|index| (made, index))) {
            let place = index.map_or(Place::Loose, Place::Logged);
            let stands = standing(ended.key(&id).unwrap(), made, place).is_ok();
            rows.push(json!({ "key_id": hexed(id), "made": made, "index": index, "stands": stands }));
        }
    }
    rows
}

/// Changes of XA's root that are not signed as they must be.
fn refused_changes(xa: &Fixed) -> Vec<(&'static str, &Chain, Vec<u8>)> {
    let (next, stranger) = (signing(None, 2), signing(None, 42));
    let rows: [(_, _, &[&SigningKey]); 4] = [
        ("the root changes without the next one", &next, &[&xa.root]),
        ("the next root alone changes nothing", &next, &[&next]),
        ("a delegate and the next root change the root", &next, &[&xa.delegate, &next]),
        ("the root changes to one that was not announced", &stranger, &[&xa.root, &stranger]),
    ];
    rows.into_iter()
        .map(|(why, to, by)| {
            let change = RootChange {
                public_key: to.signer.public_key().to_vec(),
                next_root_digest: vec![8; 32],
                suites: vec![1],
                ends: vec![],
            };
            (why, &xa.chain, said(xa, NOW + 1000, Body::RootChange(change), by))
        })
        .collect()
}

/// A statement at XA's head, under whatever signatures.
fn said(xa: &Fixed, made_at: u64, body: Body, by: &[&SigningKey]) -> Vec<u8> {
    let payload = KeyStatement {
        suite: 1,
        authority: xa.chain.authority().to_string(),
        seq: xa.chain.count(),
        prev: xa.chain.head().to_vec(),
        made_at,
        body: Some(body),
    };
    let payload = payload.encode_to_vec();
    let kind = PayloadType::KeyStatement.media_type();
    let signature = |by: &&SigningKey| Signature {
        key_id: by.id.to_vec(),
        signature: by.signer.sign(&pre_authentication_encoding(kind, &payload)).unwrap(),
    };
    let signatures = by.iter().map(signature).collect();
    Signed { payload_type: kind.to_owned(), payload: payload.clone(), signatures }.encode_to_vec()
}

/// Statements that end keys, or are dated, as nobody may: onto XA's chain.
fn refused_ends(xa: &Fixed) -> Vec<(&'static str, &Chain, Vec<u8>)> {
    let item = |id: &[u8], reason: Reason, since| Revocation {
        key_id: id.to_vec(),
        reason: reason.into(),
        since,
        log_size: 0,
    };
    let now = NOW + 1000;
    let packet = |reason, since| vec![item(&xa.packet.id, reason, since)];
    let revocations = |items| Body::Revocations(Revocations { items });
    let rows = [
        ("a delegate ends a delegate", &xa.delegate, now, vec![item(&xa.delegate.id, Reason::Ceased, now)]),
        ("a packet key ends itself", &xa.packet, now, packet(Reason::Ceased, now)),
        ("a statement ends no key", &xa.root, now, vec![]),
        ("a key ends for no reason", &xa.root, now, packet(Reason::Unspecified, now)),
        ("a key was superseded in the past", &xa.root, now, packet(Reason::Superseded, now - 1)),
        ("a key will be compromised", &xa.root, now, packet(Reason::Compromised, now + 1)),
        ("a key that is not stated ends", &xa.root, now, vec![item(&[7; 32], Reason::Lost, now)]),
        ("a key ends twice", &xa.root, now, [packet(Reason::Lost, now), packet(Reason::Lost, now)].concat()),
        (
            "a key was superseded at a size of the log",
            &xa.root,
            now,
            vec![Revocation { log_size: 9, ..item(&xa.packet.id, Reason::Superseded, now) }],
        ),
        ("a statement is dated back", &xa.root, NOW - 1, packet(Reason::Ceased, now)),
    ];
    rows.into_iter()
        .map(|(why, by, made_at, items)| (why, &xa.chain, said(xa, made_at, revocations(items), &[by])))
        .collect()
}

/// A pairing offer as bytes and as text.
pub fn offer() -> Value {
    let xa = fixed("XA");
    let limits = Limits { packet_bytes: 4 << 30, objects: 257 };
    let addresses = vec!["gateway.xa.example:7400".to_owned()];
    let taken = Taken { limits, terms: Terms::default() };
    let offer = Offer::sign(&xa.chain, addresses, taken, &xa.delegate, NOW).unwrap();
    let text = offer.to_text();
    assert_eq!(Offer::from_text(&format!("Dear colleague,\r\n{text}")).unwrap().envelope, offer.envelope);
    // The first offers were signed with the evidence key: in ledgers, and nowhere else.
    let former = Unverified::parse(PayloadType::PairingOffer, &offer.envelope).unwrap();
    let payload = former.danger_unverified_payload().to_vec();
    let former = sign(PayloadType::PairingOffer, payload.clone(), &xa.evidence).unwrap();
    assert!(Offer::open(&former).is_err());
    assert_eq!(Offer::open_logged(&former).unwrap().chain, xa.chain);
    for (key, good) in [(&xa.root, true), (&xa.packet, false)] {
        let signed = sign(PayloadType::PairingOffer, payload.clone(), key).unwrap();
        assert_eq!((Offer::open(&signed).is_ok(), Offer::open_logged(&signed).is_ok()), (good, good));
    }
    json!({
        "former_envelope": hexed(&former),
        "made_at": NOW, "addresses": ["gateway.xa.example:7400"], "packet_bytes": 4_u64 << 30, "objects": 257,
        "signed_with": hexed(xa.delegate.id), "envelope": hexed(&offer.envelope),
        "envelope_sha256": hexed(sha256(&offer.envelope)), "text": text,
    })
}
