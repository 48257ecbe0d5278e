//! RFC 9180 §4 and §5.1 for HKDF-SHA256, base mode, written down once more over ring's HMAC:
//! what the hpke crate derives is compared with this.

use ring::hmac;

fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    parts.iter().for_each(|part| context.update(part));
    context.sign().as_ref().to_vec()
}

fn extract(salt: &[u8], suite: &[u8], label: &str, ikm: &[u8]) -> Vec<u8> {
    mac(salt, &[b"HPKE-v1", suite, label.as_bytes(), ikm])
}

/// 32 bytes: one block of HKDF-Expand.
fn expand(prk: &[u8], suite: &[u8], label: &str, info: &[u8]) -> Vec<u8> {
    mac(prk, &[&[0, 32], b"HPKE-v1", suite, label.as_bytes(), info, &[1]])
}

/// The shared secret of DHKEM(X25519, HKDF-SHA256) from the result of the exchange.
pub fn dhkem(exchanged: &[u8], enc: &[u8], recipient: &[u8]) -> Vec<u8> {
    let suite = [b"KEM", &[0x00, 0x20][..]].concat();
    let prk = extract(&[], &suite, "eae_prk", exchanged);
    expand(&prk, &suite, "shared_secret", &[enc, recipient].concat())
}

/// 32 bytes exported under `context`.
pub fn export(kem: u16, aead: u16, secret: &[u8], info: &[u8], context: &[u8]) -> Vec<u8> {
    let suite = [b"HPKE", &kem.to_be_bytes()[..], &[0, 1], &aead.to_be_bytes()].concat();
    let psk_id_hash = extract(&[], &suite, "psk_id_hash", &[]);
    let info_hash = extract(&[], &suite, "info_hash", info);
    let schedule = [&[0][..], &psk_id_hash, &info_hash].concat();
    let secret = extract(secret, &suite, "secret", &[]);
    let exporter = expand(&secret, &suite, "exp", &schedule);
    expand(&exporter, &suite, "sec", context)
}
