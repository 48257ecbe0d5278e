//! The house rules that a compiler does not check: who may import whom, where a dependency
//! lives, and how large a room may grow.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Folders and files at the top of `src/`, and the floor on which each stands.
const FLOORS: &[(&str, u32)] = &[
    ("crypto", 0),
    ("format", 1),
    ("ledger", 2),
    ("request", 2),
    ("store", 3),
    ("archive", 4),
    ("exchange", 4),
    ("gateway", 5),
    ("cli", 6),
    ("main.rs", 6),
    ("lib.rs", 7),
];

/// Crates and modules with the only rooms in which they may be named.
const HOMES: &[(&str, &[&str])] = &[
    ("ring", &["crypto"]),
    ("hpke", &["crypto"]),
    ("ml_kem", &["crypto"]),
    ("ml_dsa", &["crypto"]),
    ("cryptoki", &["crypto"]),
    ("argon2", &["crypto"]),
    ("rand_core", &["crypto"]),
    ("tlog_tiles", &["ledger"]),
    ("signed_note", &["ledger"]),
    ("askama", &["request"]),
    ("icu_calendar", &["request"]),
    ("qrcode", &["request"]),
    ("typst", &["request"]),
    ("typst_pdf", &["request"]),
    ("unicode_bidi", &["request"]),
    ("unicode_normalization", &["request"]),
    ("rayon", &["ledger", "store", "cli"]),
    ("sled", &["store"]),
    ("lsm_tree", &["store"]),
    ("crc32fast", &["store"]),
    ("tonic", &["gateway", "cli"]),
    ("tonic_prost", &["gateway"]),
    ("tonic_health", &["gateway"]),
    ("tonic_reflection", &["gateway"]),
    ("rustls", &["gateway"]),
    ("tokio_rustls", &["gateway"]),
    ("rcgen", &["gateway"]),
    ("webpki", &["gateway"]),
    ("x509_parser", &["gateway"]),
    ("arc_swap", &["gateway"]),
    ("hyper", &["gateway"]),
    ("http_body_util", &["gateway"]),
    ("rustls_native_certs", &["gateway"]),
    ("hyper_util", &["gateway", "cli"]),
    ("tower", &["gateway", "cli"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("csv", &["cli"]),
    ("plotters", &["cli"]),
    ("std::net", &["gateway", "cli"]),
    ("tokio::net", &["gateway", "cli"]),
    ("std::fs", &["store", "archive", "exchange", "gateway", "cli"]),
];

/// Lines of a file at most.
const LINES: usize = 420;
/// Files that are longer and wait for a second room. The list only ever gets shorter.
const LONGER: [&str; 0] = [];

/// A source file: its path below `src/`, and its text without comments.
struct Source {
    path: String,
    room: String,
    text: String,
    lines: usize,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(read(&root, path));
            }
        }
    }
    assert!(found.len() > 50, "{} files", found.len());
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn read(root: &Path, path: PathBuf) -> Source {
    let text = std::fs::read_to_string(&path).unwrap();
    let path = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
    let room = path.split('/').next().unwrap().to_owned();
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    Source { path, room, text: code.join("\n"), lines: text.lines().count() }
}

fn floor(room: &str) -> u32 {
    let found = FLOORS.iter().find(|(name, _)| *name == room);
    found.unwrap_or_else(|| panic!("src/{room} stands on no floor")).1
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What follows each occurrence of `path` that begins a path (not `a::path`, not `apath`).
fn uses<'a>(text: &'a str, path: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(path).filter_map(move |(at, _)| {
        let (before, after) = (&text[..at], &text[at + path.len()..]);
        let begins = !before.ends_with(is_word) && !before.ends_with("::") && !before.ends_with('"');
        begins.then_some(after)
    })
}

/// The first names of `a::b` or of each part of `{a::b, c}`.
fn first_names(after: &str) -> Vec<String> {
    let name = |part: &str| part.trim_start().chars().take_while(|c| is_word(*c)).collect::<String>();
    let Some(group) = after.strip_prefix('{') else { return vec![name(after)] };
    let (mut depth, mut names, mut start) = (0, Vec::new(), 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(name(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Rooms that a file reaches: by `crate::`, by `rogatory::`, or by climbing with `super::`.
fn rooms_used(source: &Source) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for prefix in ["crate::", "rogatory::"] {
        for after in uses(&source.text, prefix) {
            rooms.extend(first_names(after));
        }
    }
    let file = source.path.rsplit('/').next().unwrap();
    let folders = source.path.matches('/').count();
    // `super` of a file is its folder's module; of `mod.rs`, the folder above.
    let depth = if file == "mod.rs" { folders } else { folders + 1 };
    for after in uses(&source.text, "super::") {
        let (mut climbed, mut rest) = (1, after);
        while let Some(next) = rest.strip_prefix("super::") {
            (climbed, rest) = (climbed + 1, next);
        }
        // Inner modules (tests) climb one step more than their file.
        if climbed > depth {
            rooms.insert(format!("super, {climbed} steps up"));
        } else if climbed == depth && depth > 1 {
            rooms.extend(first_names(rest));
        }
    }
    let known = |room: &String| FLOORS.iter().any(|(name, _)| name == room) || room.starts_with("super,");
    rooms.retain(|room| known(room) && *room != source.room);
    rooms
}

fn check(what: &str, broken: Vec<String>) {
    assert!(broken.is_empty(), "{what}:\n{}", broken.join("\n"));
}

#[test]
fn the_scanner_sees_what_it_should() {
    let source = |path: &str, text: &str| Source {
        path: path.into(),
        room: path.split('/').next().unwrap().into(),
        text: text.into(),
        lines: 1,
    };
    let rooms = |path: &str, text: &str| rooms_used(&source(path, text)).into_iter().collect::<Vec<_>>();
    assert_eq!(rooms("ledger/a.rs", "use crate::{format::{id, x}, store::Y};"), ["format", "store"]);
    assert_eq!(rooms("ledger/a.rs", "let a = crate::gateway::run();"), ["gateway"]);
    assert_eq!(rooms("ledger/a.rs", "use super::super::store::X;"), ["store"]);
    assert_eq!(rooms("ledger/mod.rs", "use super::super::store::X;"), ["super, 2 steps up"]);
    assert_eq!(rooms("cli/a.rs", "fn f() -> rogatory::store::X"), ["store"]);
    assert!(rooms("ledger/a.rs", "use super::store_of; use mycrate::store::X;").is_empty());
    assert_eq!(uses("use ring::x; a.ring::y; rustls::crypto::ring::z; spring::w", "ring::").count(), 2);
}

#[test]
fn floors_import_only_from_below() {
    let mut broken = Vec::new();
    for source in sources() {
        for room in rooms_used(&source) {
            if room.starts_with("super,") || floor(&room) >= floor(&source.room) {
                broken.push(format!("src/{} uses {room}", source.path));
            }
        }
    }
    check("imports that do not go downward", broken);
}

#[test]
fn dependencies_stay_at_home() {
    let sources = sources();
    let mut broken = Vec::new();
    for (name, homes) in HOMES {
        let path = format!("{name}::");
        let mut named = 0;
        for source in &sources {
            let count =
                uses(&source.text, &path).count() + uses(&source.text, &format!("use {name};")).count();
            named += count;
            if count > 0 && !homes.contains(&source.room.as_str()) {
                broken.push(format!("src/{} names {name}", source.path));
            }
        }
        println!("{name}: named {named} times");
    }
    for name in ["ring", "hpke", "ml_kem", "sled", "tonic", "rustls"] {
        let path = format!("{name}::");
        let used = sources.iter().any(|source| uses(&source.text, &path).next().is_some());
        assert!(used, "{name} is named nowhere: the rule about it proves nothing");
    }
    check("dependencies that are not at home", broken);
}

#[test]
fn the_lower_floors_read_no_clock_and_await_nothing() {
    let words =
        ["SystemTime", "Instant::now", "Timestamp::now", "Zoned::now", ".await", "async fn", "tokio::"];
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| floor(&source.room) <= 2) {
        for word in words.iter().filter(|word| source.text.contains(**word)) {
            broken.push(format!("src/{} has {word}", source.path));
        }
    }
    for source in sources().iter().filter(|source| ["archive", "exchange"].contains(&source.room.as_str())) {
        for word in ["SystemTime", "Instant::now", "Timestamp::now"] {
            if source.text.contains(word) {
                broken.push(format!("src/{} has {word}: the clock is passed in", source.path));
            }
        }
    }
    check("floors that should be pure", broken);
}

#[test]
fn unsafe_code_is_forbidden_and_nothing_is_left_undone() {
    for root in ["src/lib.rs", "src/main.rs"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(root)).unwrap();
        assert!(text.contains("#![forbid(unsafe_code)]"), "{root}");
    }
    let words = ["todo!", "unimplemented!", "dbg!", "allow(unsafe_code)"];
    let mut broken = Vec::new();
    for source in sources() {
        for word in words.iter().filter(|word| uses(&source.text, word).next().is_some()) {
            broken.push(format!("src/{} has {word}", source.path));
        }
    }
    check("left undone", broken);
}

#[test]
fn no_room_is_too_large() {
    let sources = sources();
    let long = |source: &&Source| source.lines > LINES;
    let listed = |source: &Source| LONGER.contains(&source.path.as_str());
    let broken = sources
        .iter()
        .filter(long)
        .filter(|source| !listed(source))
        .map(|source| format!("src/{} has {} lines", source.path, source.lines));
    check("files that want a second room", broken.collect());
    for path in LONGER {
        let still = sources.iter().filter(long).any(|source| source.path == path);
        assert!(still, "src/{path} is short enough now: take it off the list");
    }
}
