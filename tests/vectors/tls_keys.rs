//! TLS keys that suite 1 takes beside P-256: P-384 and RSA.

use super::authority::{Fixed, NOW, Recorded, VALID, Verify, chain_possession, hexed, shown};
use crate::stored;
use rogatory::crypto::sign::{Signer, verify_p384, verify_rsa};
use rogatory::crypto::tls_key::TlsPrivate;
use rogatory::format::chain::Chain;
use rogatory::format::statement::NewKey;
use rogatory::format::wire::{
    Key, algorithm::Code as Algorithm, key_statement::Body, purpose::Code as Purpose,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};

fn recorded(name: &str, verify: Verify) -> (Recorded, String) {
    let path = format!("{}/tests/vectors/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    let document = PrivateKeyDer::from_pem_file(path).unwrap();
    let key = Box::new(TlsPrivate::read(document.secret_der()).unwrap());
    let signature =
        stored("statements").and_then(|file| hex::decode(file[name]["possession"].as_str()?).ok());
    (Recorded { key, verify, signature }, hex::encode(document.secret_der()))
}

/// XA's chain with one more TLS key, and then another.
pub fn stated(xa: &Fixed) -> Vec<(&'static str, Value)> {
    let mut chain = xa.chain.clone();
    let kinds: [(_, _, Verify, _); 2] = [
        ("tls-p384", "XA", verify_p384, "on P-384"),
        ("tls-rsa", "tls-p384", verify_rsa, "RSA of 2048 bits, PSS with a salt of 32 bytes"),
    ];
    kinds
        .into_iter()
        .map(|(name, onto, verify, what)| {
            let (key, document) = recorded(name, verify);
            let appended = state(&mut chain, xa, &key);
            let told = json!({
                "comment": format!("one more TLS key, {what}; private_key is PKCS#8, possession is recorded"),
                "onto": onto, "private_key": document, "possession": hexed(chain_possession(&chain)),
                "appended": hexed(appended), "chain": shown(&chain),
            });
            (name, told)
        })
        .collect()
}

fn state(chain: &mut Chain, xa: &Fixed, key: &Recorded) -> Vec<u8> {
    let new = NewKey {
        purpose: Purpose::Tls,
        public_key: key.public_key().to_vec(),
        valid: VALID,
        may_state: vec![],
        revokes: vec![],
        signer: Some(key),
    };
    chain.state(new, &xa.delegate, NOW + 1000).unwrap()
}

/// A statement of the P-384 key under the number of another algorithm.
pub fn misnamed(xa: &Fixed) -> Body {
    let (key, _) = recorded("tls-p384", verify_p384);
    Body::Key(Key {
        purpose: Purpose::Tls.into(),
        algorithm: Algorithm::Rsa.into(),
        public_key: key.public_key().to_vec(),
        not_before: VALID.0,
        not_after: VALID.1,
        possession: key.possession(xa, &xa.chain.head()),
        ..Key::default()
    })
}
