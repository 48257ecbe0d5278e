//! What is asked of a token itself: in a process of its own, which has SoftHSM's configuration
//! in its environment. `keys_never_leave_the_token` starts it.

use super::{Hsm, PIN, told};
use cryptoki::context::Pkcs11;
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;
use rogatory::crypto::sign::{Signer as _, verify_ed25519, verify_p256};
use rogatory::crypto::token::{KeyKind, Place, Token, TokenError};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

#[test]
fn keys_never_leave_the_token() {
    let dir = tempfile::tempdir().unwrap();
    let Some(hsm) = Hsm::new(dir.path(), "XA") else { return };
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "inside::in_a_process_of_its_own", "--ignored", "--nocapture"])
        .env("SOFTHSM2_CONF", hsm.conf())
        .env("SOFTHSM_MODULE", hsm.module)
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && out.contains("1 passed"), "{out}{}", told(&run));
}

#[test]
#[ignore = "keys_never_leave_the_token runs it with a token"]
fn in_a_process_of_its_own() {
    let module = std::env::var("SOFTHSM_MODULE").unwrap();
    let token = Arc::new(Token::open(Path::new(&module), Place::Label("XA".into()), PIN).unwrap());
    let edwards = token.generate(KeyKind::Ed25519, b"one", "a key").unwrap();
    let nist = token.generate(KeyKind::P256, b"two", "a key").unwrap();
    signs_from_many_threads(&edwards, &nist);

    // Found again, and only as what they are.
    assert_eq!(token.key(KeyKind::Ed25519, b"one").unwrap().public_key(), edwards.public_key());
    assert_eq!(token.key(KeyKind::P256, b"two").unwrap().public_key(), nist.public_key());
    let why = |kind, id: &[u8]| token.key(kind, id).map(drop).unwrap_err();
    assert!(matches!(why(KeyKind::P256, b"one"), TokenError::OtherKind { .. }));
    assert!(matches!(why(KeyKind::Ed25519, b"two"), TokenError::OtherKind { .. }));
    assert_eq!(token.log_ins(), 1);
    // Might be that the token was changed: it is looked for anew, once.
    assert!(matches!(why(KeyKind::Ed25519, b"none"), TokenError::KeyMissing { .. }));
    assert_eq!(token.log_ins(), 2);

    // Past our own code: what does the token say of them?
    let raw = Pkcs11::new(&module).unwrap();
    let session = raw.open_rw_session(raw.get_slots_with_initialized_token().unwrap()[0]).unwrap();
    let _ = session.login(UserType::User, Some(&AuthPin::from(PIN.to_owned())));
    for id in [b"one", b"two"] {
        let private = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(id.to_vec())];
        let [key] = session.find_objects(&private).unwrap()[..] else { panic!("one key") };
        let asked = [
            AttributeType::Sensitive,
            AttributeType::AlwaysSensitive,
            AttributeType::NeverExtractable,
            AttributeType::Extractable,
            AttributeType::Value,
        ];
        let said = session.get_attributes(key, &asked).unwrap();
        assert!(said.contains(&Attribute::AlwaysSensitive(true)), "{said:?}");
        assert!(said.contains(&Attribute::NeverExtractable(true)), "{said:?}");
        assert!(!said.iter().any(|attribute| matches!(attribute, Attribute::Value(_))), "{said:?}");
    }
    // A key that could be carried away is not used.
    let both = [Attribute::Token(true), Attribute::Id(b"open".to_vec())];
    let curve = Attribute::EcParams(vec![0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
    let public = [&both[..], &[curve, Attribute::Verify(true)]].concat();
    let open = [Attribute::Sensitive(false), Attribute::Extractable(true), Attribute::Sign(true)];
    session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &[&both[..], &open].concat()).unwrap();
    assert!(matches!(why(KeyKind::P256, b"open"), TokenError::Extractable { .. }));

    token.destroy(b"one").unwrap();
    assert!(edwards.sign(b"again").is_err());
    assert!(matches!(why(KeyKind::Ed25519, b"one"), TokenError::KeyMissing { .. }));
    assert!(matches!(token.destroy(b"one").unwrap_err(), TokenError::KeyMissing { .. }));
    nist.sign(b"again").unwrap();
}

fn signs_from_many_threads(
    edwards: &rogatory::crypto::token::TokenKey,
    nist: &rogatory::crypto::token::TokenKey,
) {
    std::thread::scope(|scope| {
        for thread in 0..8u8 {
            scope.spawn(move || {
                for round in 0..25u8 {
                    let message = [thread, round];
                    let signature = edwards.sign(&message).unwrap();
                    verify_ed25519(edwards.public_key(), &message, &signature).unwrap();
                    let signature = nist.sign(&message).unwrap();
                    verify_p256(nist.public_key(), &message, &signature).unwrap();
                }
            });
        }
    });
}
