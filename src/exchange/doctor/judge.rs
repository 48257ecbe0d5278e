//! Judgements about this gateway: its identity and keys, files, disk, ledger.

use super::{Check, DAY, HOUR, MINUTE, span};
use crate::format::Millis;
use crate::format::wire::{Alarms, Tail, purpose::Code as Purpose};
use crate::store::passphrase::Standing;

/// A key that ends sooner than the first is a warning, and sooner than the second a failure.
const ENDS: (Millis, Millis) = (60 * DAY, 7 * DAY);
/// The delegate's key: what it states can't outlive it, and only the root states another.
const DELEGATE_ENDS: (Millis, Millis) = (90 * DAY, 30 * DAY);
/// The log's clock may be so much ahead of the machine's: the granularity of both.
const AHEAD: Millis = 1000;
/// An alarm is a failure for so long, and a warning from then on: an entry never goes away.
const FRESH: Millis = 30 * DAY;
/// The mirror is brought up once a minute.
const MIRROR: Millis = 5 * MINUTE;
/// Free space, bytes: below the first a warning where little of the disk is left, ...
const ROOMY: u64 = 20 << 30;
/// ... below this one always, ...
const NARROW: u64 = 1 << 30;
/// ... and below this one a failure.
const FULL: u64 = 256 << 20;

const BY_ROOT: &str = "the root states another: rogatory keys request delegate, rogatory keys sign where the root \
    is kept, rogatory keys install";

/// Who the identity on disk belongs to, and whether it is the ledger's. `chain`: name, count of
/// statements and whether it is for development; `same`: none where no ledger was compared.
pub fn identity(configured: &str, chain: Result<(String, u64, bool), String>, same: Option<bool>) -> Check {
    let (name, count, development) = match chain {
        Ok(chain) => chain,
        Err(why) => {
            return Check::fail(
                "identity",
                why,
                "put keys/statements back: rogatory restore, or a key back-up",
            );
        }
    };
    if name != configured {
        return Check::fail(
            "identity",
            format!("the configuration says {configured}, the keys are {name}'s"),
            "put the configuration and the keys of one authority together",
        );
    }
    match same {
        Some(false) => Check::fail(
            "identity",
            "keys/statements and the ledger hold different statements",
            "put back the keys folder that belongs to this ledger",
        ),
        _ if development => Check::warn(
            "identity",
            format!("{name} is for development: its private keys are published"),
            "found an identity of your own: rogatory init",
        ),
        Some(true) => Check::ok("identity", format!("{name}, {count} statements, as in the ledger")),
        None => Check::ok("identity", format!("{name}, {count} statements")),
    }
}

/// Root keys that lie here, by file name.
pub fn root(here: &[String]) -> Check {
    match here.is_empty() {
        true => Check::ok("root key", "not on this machine"),
        false => Check::warn(
            "root key",
            format!("{} in the keys folder", here.join(" and ")),
            "move it to a medium that is kept offline: whoever has it is this authority",
        ),
    }
}

/// The newest key of a purpose that stands; `left`: the time until it ends.
pub fn key(purpose: Purpose, left: Option<Millis>) -> Check {
    let name = format!("key {}", purpose.as_str_name());
    let Some(left) = left else {
        let remedy = match purpose {
            Purpose::Delegate => format!("is the clock right? Else {BY_ROOT}"),
            _ => format!("is the clock right? Else rogatory keys rotate {}", purpose.as_str_name()),
        };
        return Check::fail(name, "no key that is valid now", remedy);
    };
    let finding = format!("ends in {}", span(left));
    let ((soon, ending), remedy) = match purpose {
        Purpose::Delegate => (DELEGATE_ENDS, BY_ROOT.to_owned()),
        _ => (ENDS, format!("rogatory keys rotate {}", purpose.as_str_name())),
    };
    match left {
        left if left < ending => Check::fail(name, finding, remedy),
        left if left < soon => Check::warn(name, finding, remedy),
        _ => Check::ok(name, finding),
    }
}

/// The key that signs beside it in suite 2.
pub fn second_key(purpose: Purpose, left: Option<Millis>) -> Check {
    let name = format!("key {} ml_dsa_65", purpose.as_str_name());
    match left {
        Some(_) => Check { name, ..key(purpose, left) },
        None => Check::fail(
            name,
            "no key that is valid now: suite 1 is spoken",
            "is the clock right? Else rogatory keys rotate packet evidence --suite 2",
        ),
    }
}

/// Private keys against the statements, by file name.
#[derive(Debug, Default, Clone)]
pub struct KeyFiles {
    /// Standing keys whose private half is there.
    pub sound: usize,
    /// Current keys whose private half is missing or another, with the reason.
    pub wrong: Vec<String>,
    /// Files that no statement names.
    pub orphans: Vec<String>,
    /// Private halves of signing or TLS keys that ended: nobody needs them.
    pub ended: Vec<String>,
    /// Standing keys that were not looked into: their passphrase was not given.
    pub closed: usize,
}

/// One file for each standing key, and no other.
pub fn key_files(found: &KeyFiles) -> Check {
    if !found.wrong.is_empty() {
        return Check::fail("key files", found.wrong.join("; "), "put it back from the key back-up");
    }
    let mut odd = Vec::new();
    if !found.orphans.is_empty() {
        odd.push(format!("no statement names {}", found.orphans.join(", ")));
    }
    if !found.ended.is_empty() {
        odd.push(format!("ended: {}", found.ended.join(", ")));
    }
    if odd.is_empty() && found.closed > 0 {
        let finding = format!("{} keys were not looked into: nobody gave the passphrase", found.closed);
        return Check::warn(
            "key files",
            finding,
            "ask the running gateway, or give it: OPERATIONS, \"A passphrase\"",
        );
    }
    match odd.is_empty() {
        true => Check::ok("key files", format!("{} keys, each in its file", found.sound)),
        false => {
            Check::warn("key files", odd.join("; "), "keep a key back-up, and remove the file from here")
        }
    }
}

/// Whether private keys lie encrypted. That they do not is no fault by itself: the volume may be.
pub fn at_rest(passphrase: bool, standing: Result<Standing, String>) -> Check {
    let name = "keys at rest";
    let standing = match standing {
        Ok(standing) => standing,
        Err(why) => return Check::warn(name, why, "run it as the user that the gateway runs as"),
    };
    let Standing { encrypted, plain, left } = standing;
    if passphrase && plain + left == 0 {
        return Check::ok(name, format!("{encrypted} key files are under a passphrase"));
    }
    if passphrase || encrypted + left > 0 {
        let finding = format!("{encrypted} key files are under a passphrase, and {} are not", plain + left);
        return Check::warn(
            name,
            finding,
            "stop the gateway and bring it to its end: rogatory keys passphrase",
        );
    }
    Check::ok(
        name,
        format!(
            "{plain} key files are not encrypted: have it done by the volume, or by rogatory keys passphrase"
        ),
    )
}

/// Who may read what.
#[derive(Debug, Default, Clone)]
pub struct Modes {
    /// Files with private keys that others than the owner may read, write or run.
    pub keys: Vec<String>,
    /// Of the data directory and the folders with private keys, those that others than the owner may
    /// enter.
    pub folders: Vec<String>,
    /// The socket's mode, where it is there.
    pub socket: Option<u32>,
    /// Files that could not be looked at, with the reason.
    pub unseen: Vec<String>,
}

/// Keys are their owner's alone, and the socket is not everybody's.
pub fn permissions(modes: &Modes) -> Check {
    let name = "permissions";
    if !modes.keys.is_empty() {
        let finding = format!("others may read {}", modes.keys.join(", "));
        let remedy = format!("chmod 600 {}; and ask who could read it", modes.keys.join(" "));
        return Check::fail(name, finding, remedy);
    }
    if !modes.unseen.is_empty() {
        return Check::fail(name, modes.unseen.join("; "), "run it as the user that the gateway runs as");
    }
    if !modes.folders.is_empty() {
        let finding = format!("others may enter {}", modes.folders.join(", "));
        return Check::fail(name, finding, format!("chmod 700 {}", modes.folders.join(" ")));
    }
    match modes.socket.filter(|mode| mode & 0o007 != 0) {
        Some(mode) => Check::warn(
            name,
            format!("the socket has mode {:o}: everybody may connect", mode & 0o777),
            "chmod 660 it, and give it a group",
        ),
        None => Check::ok(name, "keys and socket are closed to others"),
    }
}

/// Room on the disk that holds `what`; `room`: free bytes and all bytes.
pub fn disk(what: &str, room: Result<(u64, u64), String>) -> Check {
    let name = format!("disk {what}");
    let (free, total) = match room {
        Ok(room) => room,
        Err(why) => {
            return Check::fail(name, why, "is it mounted, and for writing? dmesg says why it is not");
        }
    };
    let percent = free.saturating_mul(100).checked_div(total).unwrap_or(0);
    let finding = match free < 10 << 30 {
        true => format!("{} MiB free, {percent} %", free >> 20),
        false => format!("{} GiB free, {percent} %", free >> 30),
    };
    if free < FULL {
        Check::fail(
            name,
            finding,
            "make room now: below 64 MiB nothing new is accepted, and a write that fails stops the gateway",
        )
    } else if free < NARROW || (percent < 10 && free < ROOMY) {
        Check::warn(name, finding, "make room: the ledger only grows")
    } else {
        Check::ok(name, finding)
    }
}

/// What was found at the mirror.
#[derive(Debug, Clone)]
pub enum Mirror {
    /// None is configured.
    None,
    /// It can't be read, or is no export of this log.
    Bad(String),
    /// It holds so many entries; the first that it lacks is so old.
    Holds {
        /// Entries.
        size: u64,
        /// Entries of the log.
        of: u64,
        /// Age of the oldest entry that is missing.
        behind: Option<Millis>,
    },
}

/// The mirror is this log's, and not far behind.
pub fn mirror(found: Mirror) -> Check {
    let retry = "the gateway's log says why: \"the mirror is not up to date\"";
    match found {
        Mirror::None => Check::ok("mirror", "none is configured"),
        Mirror::Bad(why) => Check::fail("mirror", why, retry),
        Mirror::Holds { size, of, .. } if size > of => Check::fail(
            "mirror",
            format!("holds {size} entries, the ledger only {of}"),
            "stop: this data directory is behind what was written. OPERATIONS, \"Restoring\"",
        ),
        Mirror::Holds { size, of, behind: Some(age) } if age > MIRROR => {
            Check::warn("mirror", format!("holds {size} of {of} entries, {} behind", span(age)), retry)
        }
        Mirror::Holds { size, of, .. } => Check::ok("mirror", format!("holds {size} of {of} entries")),
    }
}

/// The journal: entries in it, or why it can't be gone on with.
pub fn journal(found: Result<u64, String>) -> Check {
    match found {
        Ok(entries) => Check::ok("journal", format!("{entries} entries, and the checkpoint signs no more")),
        Err(why) => Check::fail(
            "journal",
            why,
            "rogatory ledger verify says where; OPERATIONS, \"When serve refuses\"",
        ),
    }
}

/// The index.
#[derive(Debug, Clone)]
pub enum Index {
    /// It is as it was left.
    Trusted,
    /// A gateway works with it, and was not asked.
    InUse,
    /// Why it was or will be rebuilt.
    Rebuilt(String),
}

/// The index; `aside`: stores that were set aside.
pub fn store(index: Index, aside: &[String]) -> Check {
    if let Index::Rebuilt(why) = index {
        return Check::warn("store", why, "nothing is lost; find out why the machine or the gateway stopped");
    }
    match aside.is_empty() {
        true if matches!(index, Index::InUse) => Check::ok("store", "a gateway works with the index"),
        true => Check::ok("store", "the index is trusted"),
        false => Check::warn(
            "store",
            format!("{} was set aside", aside.join(", ")),
            "look at why in the log of that start, then remove it",
        ),
    }
}

/// The newest entry's time against the machine's clock.
pub fn log_time(newest: Millis, now: Millis) -> Check {
    match newest.checked_sub(now).filter(|ahead| *ahead > AHEAD) {
        Some(ahead) => Check::fail(
            "clock",
            format!("the newest entry is {} ahead of this machine's clock", span(ahead)),
            "set the clock: timedatectl status",
        ),
        None => Check::ok("clock", "the ledger is not ahead of it"),
    }
}

/// What of the log nobody has cosigned. `witnesses`: peers and third parties that might.
pub fn tail(tail: &Tail, witnesses: usize, now: Millis) -> Check {
    let name = "unwitnessed tail";
    if tail.substance == 0 {
        return Check::ok(name, "all that matters is cosigned");
    }
    if witnesses == 0 {
        return Check::warn(name, "nobody witnesses this log", "pair with an authority: rogatory pair offer");
    }
    let age = now.saturating_sub(tail.since);
    let finding = format!("{} entries, the oldest {} old", tail.substance, span(age));
    let remedy = "are the peers reached? They cosign with the next exchange";
    match age {
        0..=HOUR => Check::ok(name, finding),
        age if age <= DAY => Check::warn(name, finding, remedy),
        _ => Check::fail(name, finding, remedy),
    }
}

/// Alarms in the ledger.
pub fn alarms(alarms: &Alarms, now: Millis) -> Check {
    if alarms.count == 0 {
        return Check::ok("alarms", "none");
    }
    let age = now.saturating_sub(alarms.at);
    let finding = format!(
        "{}; the newest is entry {}, {} about {}, {} ago",
        alarms.count,
        alarms.index,
        alarms.code().as_str_name(),
        alarms.peer,
        span(age)
    );
    match age < FRESH {
        true => Check::fail("alarms", finding, "OPERATIONS, \"Alarms\", says what to do"),
        false => Check::warn("alarms", finding, "is it settled? OPERATIONS, \"Alarms\""),
    }
}

#[cfg(test)]
mod tests;
