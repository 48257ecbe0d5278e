//! Test vectors: fixed keys and inputs, and every byte that follows from them.
//!
//! `tests/vectors/*.json` is written for those who build another peer. Here each file is
//! made anew through the public interface and compared; `ROGATORY_WRITE_VECTORS=1` writes
//! the files instead.

#[path = "vectors/authority.rs"]
mod authority;
#[path = "vectors/bundles.rs"]
mod bundles;
#[path = "vectors/logs.rs"]
mod logs;
#[path = "vectors/pairing.rs"]
mod pairing;
#[path = "vectors/sealing.rs"]
mod sealing;
#[path = "vectors/signing.rs"]
mod signing;
#[path = "vectors/suites.rs"]
mod suites;
#[path = "vectors/tls_keys.rs"]
mod tls_keys;

use serde_json::Value;
use std::path::PathBuf;

/// Whether the files are to be written.
pub fn writing() -> bool {
    std::env::var_os("ROGATORY_WRITE_VECTORS").is_some_and(|value| value == "1")
}

/// A vector file as it stands; nothing where there is none yet.
pub fn stored(name: &str) -> Option<Value> {
    let text = std::fs::read_to_string(path(name)).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}.json: {error}")))
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(format!("{name}.json"))
}

/// Compares what was made now with the file, byte for byte.
fn check(name: &str, made: &Value) {
    let text = serde_json::to_string_pretty(made).unwrap() + "\n";
    if writing() {
        std::fs::write(path(name), text).unwrap();
        return;
    }
    let file = std::fs::read_to_string(path(name))
        .unwrap_or_else(|error| panic!("{name}.json: {error}; ROGATORY_WRITE_VECTORS=1 makes it"));
    if file == text {
        return;
    }
    let differs = file.lines().zip(text.lines()).enumerate().find(|(_, (was, is))| was != is);
    match differs {
        Some((line, (was, is))) => panic!("{name}.json, line {}:\n  file {was}\n  now  {is}", line + 1),
        None => panic!("{name}.json has {} bytes, and {} are made now", file.len(), text.len()),
    }
}

macro_rules! vectors {
    ($($name:ident = $make:path;)*) => {$(
        #[test]
        fn $name() {
            check(stringify!($name), &$make());
        }
    )*};
}

vectors! {
    statements = authority::statements;
    offer = authority::offer;
    notices = pairing::notices;
    group = pairing::group;
    envelope = signing::envelope;
    packet = signing::packet;
    status = signing::status;
    evidence = signing::evidence;
    suite2 = suites::suite2;
    objects = sealing::objects;
    key_box = sealing::key_box;
    epoch = sealing::epoch;
    leaves = logs::leaves;
    proofs = logs::proofs;
    checkpoint = logs::checkpoint;
    acknowledgement = logs::acknowledgement;
}
