//! Notices about a pairing, and the list of a group.

use crate::authority::{NOW, fixed, hexed, packet_id};
use rogatory::format::chain::standing::Place;
use rogatory::format::envelope::SigningKey;
use rogatory::format::group::Group;
use rogatory::format::offer::Offer;
use rogatory::format::pairing::{Notice, Said, SignedNotice, Taken, Terms, state};
use rogatory::format::wire::{Limits, kind::Code as Kind, pairing_act::Code as Act};
use rogatory::format::words;
use serde_json::{Value, json};

/// The sequence of XA to XB, its first notice signed by the root; and one that nobody may sign.
pub fn notices() -> Value {
    let (xa, xb) = (fixed("XA"), fixed("XB"));
    let kinds = vec![Kind::MutualLegalAssistance, Kind::Extradition];
    let taken = Taken {
        limits: Limits { packet_bytes: 1 << 20, objects: 4 },
        terms: Terms { kinds, languages: vec!["en".into(), "fa".into()], suites: vec![1] },
    };
    let terms = (taken, vec!["gateway.xa.example:7400".to_owned()]);
    let acts = [
        (Act::Suspend, &xa.root),
        (Act::Terms, &xa.delegate),
        (Act::Resume, &xa.delegate),
        (Act::RootConfirmed, &xa.delegate),
        (Act::End, &xa.delegate),
    ];
    let mut last: Option<SignedNotice> = None;
    let mut said = Said::default();
    let mut sign = |seq: u64, act: Act, key: &SigningKey| {
        let notice = Notice {
            author: xa.chain.authority().clone(),
            peer: xb.chain.authority().clone(),
            pairing: (xa.chain.fingerprint(), xb.chain.fingerprint()),
            seq,
            prev: last.as_ref().map(|notice| notice.digest),
            seen: if seq < 2 { (0, None) } else { (1, Some([0x33; 32])) },
            made_at: NOW + 10 + seq,
            act,
            terms: (act == Act::Terms).then(|| terms.clone()),
            root: (act == Act::RootConfirmed).then(|| xb.chain.root()),
        };
        let signed = notice.sign(key).unwrap();
        last = Some(signed.clone());
        signed
    };
    let mut rows = Vec::new();
    for (seq, (act, key)) in (0..).zip(acts) {
        let signed = sign(seq, act, key);
        assert_eq!(SignedNotice::open(&signed.envelope, &xa.chain, Place::Loose).unwrap(), signed);
        assert_eq!(said.objection(act), None);
        said = said.and(act);
        rows.push(json!({
            "act": act as i32, "signed_with": hexed(key.id), "digest": hexed(signed.digest),
            "envelope": hexed(&signed.envelope), "state": format!("{:?}", state(said, Said::default())),
        }));
    }
    // Of another purpose.
    let refused = sign(5, Act::Resume, &xa.evidence);
    assert!(SignedNotice::open(&refused.envelope, &xa.chain, Place::Loose).is_err());
    json!({ "author": "XA", "peer": "XB", "notices": rows, "refused": hexed(&refused.envelope) })
}

/// A list of XA and XB, convened by XA; and one whose convener is no member.
pub fn group() -> Value {
    let (xa, xb) = (fixed("XA"), fixed("XB"));
    let taken = Taken { limits: Limits { packet_bytes: 4 << 30, objects: 257 }, terms: Terms::default() };
    let members: Vec<Offer> = [&xb, &xa]
        .map(|of| Offer::sign(&of.chain, Vec::new(), taken.clone(), &of.delegate, NOW).unwrap())
        .into();
    let id = packet_id(9);
    let list = Group::sign(xa.chain.authority(), id, members.clone(), &xa.delegate, NOW).unwrap();
    assert_eq!(list.members[0].chain.authority(), xa.chain.authority(), "by name");
    // Signed by somebody else than the convener, by one member twice, by one alone.
    assert!(Group::sign(xa.chain.authority(), id, members.clone(), &xb.delegate, NOW).is_err());
    assert!(
        Group::sign(xa.chain.authority(), id, [members.clone(), members.clone()].concat(), &xa.delegate, NOW)
            .is_err()
    );
    assert!(Group::sign(xa.chain.authority(), id, members[1..].to_vec(), &xa.delegate, NOW).is_err());
    json!({
        "convener": "XA", "group_id": hexed(id.bytes()), "made_at": NOW, "signed_with": hexed(xa.delegate.id),
        "members": ["XA", "XB"], "digest": hexed(list.digest), "words": words::to_words(&list.digest),
        "envelope": hexed(&list.envelope),
    })
}
