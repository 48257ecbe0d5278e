//! Every parser of bytes from outside, fed with what the vectors and samples hold, bent at random:
//! bits flipped, pieces cut out, doubled, exchanged, lengths made large. None panics, and none takes
//! memory that its input does not account for. `ROGATORY_FUZZ_SECONDS` says how long each parser is
//! fed (a second where it says nothing), `ROGATORY_SEED` with what.

mod support;

use prost::Message as _;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use rogatory::format::chain::Chain;
use rogatory::format::evidence::Evidence;
use rogatory::format::group::Group;
use rogatory::format::leaf::Leaf;
use rogatory::format::offer::Offer;
use rogatory::format::packet::{SignedHeader, decode_key_box};
use rogatory::format::status::SignedStatus;
use rogatory::format::wire;
use rogatory::gateway::SystemClock;
use rogatory::gateway::config::Config;
use rogatory::ledger::acknowledgement;
use rogatory::ledger::bundle;
use rogatory::ledger::checkpoint::Checkpoint;
use rogatory::request::file::{read, request_json};
use rogatory::request::mapping::unknown_in;
use rogatory::store::Clock as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use support::load::number;
use support::tally::Tally;

/// A parser; whether it took the bytes.
type Parser = (&'static str, fn(&[u8]) -> bool);

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const PARSERS: &[Parser] = &[
    ("packet header", |bytes| SignedHeader::danger_unverified(bytes).is_ok()),
    ("key box", |bytes| decode_key_box(bytes, &rogatory::crypto::hash::sha256(bytes)).is_ok()),
    ("evidence", |bytes| Evidence::danger_unverified(bytes).is_ok()),
    ("status", |bytes| SignedStatus::danger_unverified(bytes).is_ok()),
    ("key statements", |bytes| Chain::open(bytes).is_ok()),
    ("pairing offer", |bytes| Offer::open(bytes).is_ok()),
    ("pairing offer in armour", |bytes| Offer::from_text(&text(bytes)).is_ok()),
    ("group", |bytes| Group::open(bytes).is_ok()),
    ("leaf", |bytes| {
        let objects = Leaf::objects_in(bytes).is_ok();
        Leaf::decode(bytes).is_ok() && objects
    }),
    ("checkpoint", |bytes| Checkpoint::danger_unverified(bytes).is_ok()),
    ("acknowledgement", |bytes| {
        let Ok(ack) = wire::Acknowledgement::decode(bytes) else { return false };
        let Ok(checkpoint) = Checkpoint::danger_unverified(&ack.checkpoint) else { return false };
        acknowledgement::verify_unlinked(ack, checkpoint).is_ok()
    }),
    ("receipt", |bytes| acknowledgement::nodes_in_receipt(bytes, 100).is_ok()),
    ("proof bundle", |bytes| bundle::open(bytes).is_ok()),
    ("request file", |bytes| read(&text(bytes)).is_ok()),
    ("request", |bytes| {
        let known = unknown_in(bytes, "Request").is_ok();
        request_json(bytes).is_ok() && known
    }),
    ("configuration", |bytes| {
        // Beside the register of treaties that the example names.
        static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
        let folder = FOLDER.get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let register = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/treaties.toml");
            std::fs::copy(register, folder.path().join("treaties.toml")).unwrap();
            folder
        });
        let file = folder.path().join("rogatory.toml");
        std::fs::write(&file, bytes).unwrap();
        Config::read(&file).is_ok()
    }),
];

/// Seeds: whatever bytes and texts the vectors hold, the samples, the example of a configuration.
fn seeds() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![std::fs::read(root.join("config/example.toml")).unwrap()];
    let files = |folder: &str| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(root.join(folder)).unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    };
    found.extend(files("tests/samples").iter().map(|file| std::fs::read(file).unwrap()));
    for file in files("tests/vectors") {
        let bytes = std::fs::read(&file).unwrap();
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("json") => strings(&serde_json::from_slice(&bytes).unwrap(), &mut found),
            Some("binpb") => found.push(bytes),
            _ => {}
        }
    }
    found
}

fn strings(value: &serde_json::Value, found: &mut Vec<Vec<u8>>) {
    match value {
        serde_json::Value::String(text) => match hex::decode(text) {
            Ok(bytes) if bytes.len() > 16 => found.push(bytes),
            _ if text.contains('\n') => found.push(text.clone().into_bytes()),
            _ => {}
        },
        serde_json::Value::Array(values) => values.iter().for_each(|value| strings(value, found)),
        serde_json::Value::Object(fields) => fields.values().for_each(|value| strings(value, found)),
        _ => {}
    }
}

/// Bends bytes in one to four places.
fn bent(seed: &[u8], random: &mut StdRng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..random.random_range(1..=4) {
        let at = random.random_range(0..=bytes.len());
        let length = random.random_range(0..=(bytes.len() - at).min(64));
        match random.random_range(0..7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..at + length)),
            2 => {
                let piece = bytes[at..at + length].to_vec();
                let to = random.random_range(0..=bytes.len());
                bytes.splice(to..to, piece);
            }
            // A length, or a count, that is larger than anything.
            3 => drop(bytes.splice(at..at + length.min(1), [0xff, 0xff, 0xff, 0xff, 0x0f])),
            4 => bytes.splice(at..at, (0..length).map(|_| random.random())).for_each(drop),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.random_range(0..8);
                }
            }
        }
    }
    bytes
}

#[test]
fn no_bytes_from_outside_make_a_parser_panic() {
    let each = Duration::from_secs(number("ROGATORY_FUZZ_SECONDS").unwrap_or(1));
    let seed = number("ROGATORY_SEED").unwrap_or_else(|| SystemClock.now());
    eprintln!("ROGATORY_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let all = seeds();
    let mut tried = 0;
    for (name, parser) in PARSERS {
        let (mut taken, others): (Vec<_>, Vec<_>) = all.iter().partition(|seed| parser(seed));
        assert!(!taken.is_empty(), "{name}: no seed is what it reads");
        let good = taken.len();
        taken.extend(others);
        let (begun, mut fed, mut passed) = (Instant::now(), 0_u64, 0_u64);
        while begun.elapsed() < each {
            // Half of the time what it takes, bent a little.
            let of = if random.random_bool(0.5) { good } else { taken.len() };
            let bytes = bent(taken[random.random_range(0..of)], &mut random);
            let result = catch_unwind(AssertUnwindSafe(|| parser(&bytes)));
            passed += u64::from(result.unwrap_or_else(|_| panic!("{name}: {}", hex::encode(&bytes))));
            fed += 1;
        }
        println!("{name}: {fed} inputs, {passed} taken all the same");
        tried += fed;
    }
    Tally { tried, ..Tally::default() }.say("parsers");
}
