//! Bundles that somebody changed: by a byte, or in a field, by strangers and by their maker.

use crate::Case;
use prost::Message as _;
use rogatory::exchange::identity::Identity;
use rogatory::format::envelope::{PayloadType, sign};
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::{Bundle, BundleContents, EntriesRequest, Signed, leaf::Kind};
use rogatory::ledger::bundle::{BundleError, Proof, open};

/// All that a bundle claims, apart from when it was made.
fn claim(proof: &Proof) -> String {
    let chains = [&proof.maker, &proof.peer].map(|chain| (chain.fingerprint(), chain.head(), chain.count()));
    let entries: Vec<_> =
        proof.entries.iter().map(|proved| (proved.entry.index, &proved.entry.leaf_bytes)).collect();
    format!(
        "{chains:?} {:?} {:?} {:?} {:?} {:?} {entries:?}",
        proof.header,
        proof.steps,
        proof.statistics,
        proof.witnesses,
        (&proof.disclosed, proof.linked)
    )
}

/// A bundle taken apart, and put together again by somebody who has its maker's key.
#[derive(Clone)]
struct Parts {
    contents: BundleContents,
    ciphertexts: Vec<Vec<u8>>,
}

impl Parts {
    fn of(bytes: &[u8]) -> Self {
        let bundle = Bundle::decode(bytes).unwrap();
        let signed = Signed::decode(bundle.signed.as_slice()).unwrap();
        let contents = BundleContents::decode(signed.payload.as_slice()).unwrap();
        Self { contents, ciphertexts: bundle.ciphertexts }
    }

    fn signed(self, by: &Identity) -> Vec<u8> {
        let signed = sign(PayloadType::Bundle, self.contents.encode_to_vec(), &by.evidence()).unwrap();
        Bundle { signed, ciphertexts: self.ciphertexts }.encode_to_vec()
    }

    /// Places of the entries of this kind.
    fn places(&self, kind: Kind, of_peer: bool) -> Vec<usize> {
        let leaf = |place: &usize| Leaf::decode(&self.contents.entries[*place].leaf).unwrap();
        (0..self.contents.entries.len())
            .filter(|place| leaf(place).kind == kind && leaf(place).peer.is_some() == of_peer)
            .collect()
    }
}

/// Numbers that are the same in every run.
struct Sequence(u64);

impl Sequence {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_byte_of_a_bundle_can_be_changed() {
    let case = Case::played().await;
    let (file, _) = case.prove(&case.xa, "xa.bundle", &["--disclose", "0", "1"]);
    let bytes = std::fs::read(file).unwrap();
    open(&bytes).unwrap();
    let mut numbers = Sequence(0x2545_f491_4f6c_dd1d);
    let edges = (0..200).chain(bytes.len() - 400..bytes.len());
    let sampled = (0..2_400).map(|_| numbers.next() as usize % bytes.len()).collect::<Vec<_>>();
    let mut tried = 0;
    for at in edges.chain(sampled) {
        let mut changed = bytes.clone();
        changed[at] ^= (numbers.next() % 255) as u8 + 1;
        let found = open(&changed);
        assert!(found.is_err(), "byte {at} of {} can be changed", bytes.len());
        tried += 1;
    }
    assert!(tried >= 3_000);
    for cut in 0..200 {
        let length = cut * bytes.len() / 200;
        assert!(open(&bytes[..length]).is_err(), "cut to {length}");
    }
    // What a decoder would pass over: an unknown field, the same field again, a longer number.
    for more in [&[0x1a, 0x00][..], &[0x78, 0x01], &[0x0a, 0x00], &[0x12, 0x00], &[0]] {
        assert!(open(&[&bytes, more].concat()).is_err(), "{more:?}");
    }
    let bundle = Bundle::decode(bytes.as_slice()).unwrap();
    let length = bundle.signed.len();
    let mut padded = vec![
        0x0a,
        (length & 0x7f) as u8 | 0x80,
        (length >> 7) as u8 & 0x7f | 0x80,
        (length >> 14) as u8 | 0x80,
        0,
    ];
    padded.extend_from_slice(&bundle.signed);
    let rest = Bundle { signed: Vec::new(), ciphertexts: bundle.ciphertexts.clone() }.encode_to_vec();
    padded.extend(rest);
    assert!(Bundle::decode(padded.as_slice()).is_ok_and(|same| same == bundle), "the same to a decoder");
    assert!(open(&padded).is_err());
    // A second signature in the envelope, which nobody would look at.
    let mut signed = Signed::decode(bundle.signed.as_slice()).unwrap();
    signed.signatures.push(signed.signatures[0].clone());
    let two = Bundle { signed: signed.encode_to_vec(), ..bundle };
    assert!(matches!(open(&two.encode_to_vec()), Err(BundleError::Wrong(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn not_even_its_maker_can_bend_it() {
    let case = Case::played().await;
    let (other, _) = case.xa.send("XB", "");
    crate::until("the other is settled", || async {
        let id: rogatory::format::id::PacketId = other.parse().unwrap();
        let shown = case.xa.show(id.bytes()).await.unwrap().summary.unwrap();
        shown.outcomes.iter().any(|outcome| outcome.event().is_terminal())
    })
    .await;
    case.xa.quiet().await;
    let early = std::fs::read(case.prove(&case.xa, "early.bundle", &["--disclose", "0", "1"]).0).unwrap();
    let file = case.prove(&case.xa, "late.bundle", &["--disclose", "0", "1"]).0;
    let bytes = std::fs::read(file).unwrap();
    let (identity, peer) = (case.xa.identity(), case.xb.identity());
    let original = open(&bytes).unwrap();
    let parts = Parts::of(&bytes);
    let again = open(&parts.clone().signed(&identity)).unwrap();
    assert_eq!(claim(&again), claim(&original), "taken apart and signed again, it is the same");
    let other = Case { packet: other, ..case };
    let other = Parts::of(&std::fs::read(other.prove(&other.xa, "other.bundle", &[]).0).unwrap());

    // Whatever is left out, it is refused, or claims visibly less.
    let mut refused = 0;
    for place in 0..parts.contents.entries.len() {
        let mut changed = parts.clone();
        changed.contents.entries.remove(place);
        match open(&changed.signed(&identity)) {
            Ok(proof) => assert_ne!(claim(&proof), claim(&original), "entry {place} may be missing"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 10, "{refused}");

    type Change = (&'static str, Box<dyn Fn(&mut Parts)>);
    let received = parts.places(Kind::EvidenceReceived, true);
    let statuses = parts.places(Kind::StatusReceived, true);
    let (own, theirs) = (parts.places(Kind::KeyStatement, false), parts.places(Kind::KeyStatement, true));
    let (first, second) = (received[0], received[1]);
    let old = Parts::of(&early).contents.checkpoint;
    assert_ne!(old, parts.contents.checkpoint);
    let foreign = other.contents.entries[other.places(Kind::EvidenceReceived, true)[0]].clone();
    let (other_id, last) = (other.contents.packet_id.clone(), parts.contents.entries.len() - 1);
    let others_header = other.contents.entries[other.places(Kind::EvidenceIssued, true)[0]].clone();
    let header = parts.places(Kind::EvidenceIssued, true)[0];
    let swap_objects = |a: usize, b: usize, object: usize| -> Box<dyn Fn(&mut Parts)> {
        Box::new(move |p| {
            let taken = p.contents.entries[a].objects[object].clone();
            p.contents.entries[a].objects[object] = p.contents.entries[b].objects[object].clone();
            p.contents.entries[b].objects[object] = taken;
        })
    };
    let changes: Vec<Change> = vec![
        ("receipts swapped", swap_objects(first, second, 1)),
        ("evidence swapped", swap_objects(first, second, 0)),
        ("the peer's checkpoints swapped", swap_objects(statuses[0], first, 2)),
        ("statuses swapped", swap_objects(statuses[0], statuses[1], 1)),
        ("an older checkpoint", Box::new(move |p| p.contents.checkpoint.clone_from(&old))),
        ("entries swapped", Box::new(move |p| p.contents.entries.swap(first, second))),
        (
            "an entry twice",
            Box::new(move |p| {
                let entry = p.contents.entries[first].clone();
                p.contents.entries.insert(first, entry);
            }),
        ),
        (
            "inclusion proofs swapped",
            Box::new(move |p| {
                let taken = p.contents.entries[first].inclusion.clone();
                p.contents.entries[first].inclusion = p.contents.entries[second].inclusion.clone();
                p.contents.entries[second].inclusion = taken;
            }),
        ),
        ("another index", Box::new(move |p| p.contents.entries[last].index += 1)),
        ("an object less", Box::new(move |p| drop(p.contents.entries[first].objects.pop()))),
        ("an object more", Box::new(move |p| p.contents.entries[first].objects.push(vec![1]))),
        ("evidence of another packet", Box::new(move |p| p.contents.entries.push(foreign.clone()))),
        (
            "the header of another packet",
            Box::new(move |p| p.contents.entries[header] = others_header.clone()),
        ),
        ("another packet named", Box::new(move |p| p.contents.packet_id.clone_from(&other_id))),
        ("the peer's chain cut at its beginning", {
            let cut = theirs[0];
            Box::new(move |p| drop(p.contents.entries.remove(cut)))
        }),
        ("own chain cut at its beginning", {
            let cut = own[0];
            Box::new(move |p| drop(p.contents.entries.remove(cut)))
        }),
        ("the peer's chain cut to statement 0", {
            let cut = theirs[1..].to_vec();
            Box::new(move |p| cut.iter().rev().for_each(|place| drop(p.contents.entries.remove(*place))))
        }),
        ("own chain cut to statement 0", {
            let cut = own[1..].to_vec();
            Box::new(move |p| cut.iter().rev().for_each(|place| drop(p.contents.entries.remove(*place))))
        }),
        ("another maker", Box::new(|p| p.contents.maker = "XB".into())),
        ("another peer", Box::new(|p| p.contents.peer = "XC".into())),
        ("made before its key was valid", Box::new(|p| p.contents.made_at = 1)),
        ("made after its key was valid", Box::new(|p| p.contents.made_at = 1 << 60)),
        ("another version", Box::new(|p| p.contents.version = 2)),
        ("another suite", Box::new(|p| p.contents.suite = 2)),
        (
            "a link of the peer's trees that does not hold",
            Box::new(|p| p.contents.peer_links[0].proof[0][0] ^= 1),
        ),
        ("links out of order", Box::new(|p| p.contents.peer_links.reverse())),
        ("a link of another size", Box::new(|p| p.contents.peer_links[0].to_size += 1)),
        ("a link from nothing", Box::new(|p| p.contents.peer_links[0].from_size = 0)),
        ("consistency from nowhere", Box::new(|p| p.contents.cosigned_consistency.push(vec![1; 32]))),
        (
            "another object's key",
            Box::new(|p| p.contents.disclosed[0].key = p.contents.disclosed[1].key.clone()),
        ),
        ("a key for another object", Box::new(|p| p.contents.disclosed[1].object = 2)),
        ("an object that is not there", Box::new(|p| p.contents.disclosed[1].object = 9)),
        (
            "an object disclosed twice",
            Box::new(|p| p.contents.disclosed[1] = p.contents.disclosed[0].clone()),
        ),
        ("a short key", Box::new(|p| p.contents.disclosed[0].key.truncate(31))),
        ("a ciphertext less", Box::new(|p| drop(p.ciphertexts.pop()))),
        ("a ciphertext more", Box::new(|p| p.ciphertexts.push(vec![1; 17]))),
        ("ciphertexts swapped", Box::new(|p| p.ciphertexts.swap(0, 1))),
        ("an empty ciphertext", Box::new(|p| p.ciphertexts[0].clear())),
        ("nothing at all", Box::new(|p| p.contents.entries.clear())),
    ];
    for (what, change) in changes {
        let mut changed = parts.clone();
        change(&mut changed);
        let found = open(&changed.signed(&identity));
        assert!(found.is_err(), "{what}: {:?}", found.map(|proof| claim(&proof)));
    }
    // The other side's key does not make it the maker's word; nor does the maker's old envelope.
    assert!(open(&parts.clone().signed(&peer)).is_err());
    let mut bundle = Bundle::decode(bytes.as_slice()).unwrap();
    bundle.signed = Bundle::decode(early.as_slice()).unwrap().signed;
    let mixed = open(&bundle.encode_to_vec()).map(|proof| claim(&proof));
    assert_eq!(mixed, open(&early).map(|proof| claim(&proof)), "the ciphertexts are the same in both");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_peer_cosigned_is_shown_with_its_consistency() {
    let case = Case::played().await;
    let kinds = || async {
        let request = EntriesRequest { from: 0, count: 1000 };
        let entries = case.xa.client().auditor().entries(request).await.unwrap().into_inner().entries;
        entries.iter().map(|entry| Leaf::decode(&entry.leaf).unwrap().kind).collect::<Vec<_>>()
    };
    crate::until("each has cosigned the other's log", || async {
        let kinds = kinds().await;
        kinds.contains(&Kind::Cosigned) && kinds.contains(&Kind::CosignatureReceived)
    })
    .await;
    // One more entry, so that the bundle's tree is greater than the cosigned one.
    let (file, _) = case.prove(&case.xa, "xa.bundle", &["--disclose", "0", "1"]);
    let bytes = std::fs::read(&file).unwrap();
    let proof = open(&bytes).unwrap();
    let by: Vec<&str> = proof.witnesses.iter().map(|witness| witness.by.as_str()).collect();
    assert!(by.contains(&"XA") && by.contains(&"XB"), "{by:?}");
    let size = proof.witnesses.iter().find(|witness| witness.by.as_str() == "XB").unwrap().size;
    assert!(size < proof.checkpoint.size && proof.covered() > 0);
    let shown = crate::json(&file, &case.fingerprints());
    assert_eq!(shown["entries_cosigned"], proof.covered());
    assert_eq!(shown["cosignatures"].as_array().unwrap().len(), 2);
    let parts = Parts::of(&bytes);
    assert!(!parts.contents.cosigned_consistency.is_empty());
    let identity = case.xa.identity();
    let changed = |change: &dyn Fn(&mut BundleContents)| {
        let mut changed = parts.clone();
        change(&mut changed.contents);
        open(&changed.signed(&identity)).map(|proof| claim(&proof))
    };
    assert!(changed(&|c| c.cosigned_consistency.clear()).is_err());
    assert!(changed(&|c| c.cosigned_consistency[0][5] ^= 1).is_err());
    let received = parts.places(Kind::CosignatureReceived, true)[0];
    assert!(changed(&|c| drop(c.entries.remove(received))).is_err(), "its consistency proof is left over");
    let without = changed(&|c| {
        c.entries.remove(received);
        c.cosigned_consistency.clear();
    });
    assert_ne!(without.unwrap(), claim(&proof), "without the cosignature it claims less");
    if let Some(keep) = std::env::var_os("ROGATORY_KEEP_BUNDLE") {
        crate::keep_sample(std::path::Path::new(&keep), &bytes, &shown);
    }
}
