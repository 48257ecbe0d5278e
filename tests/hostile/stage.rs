//! The table's form, and the gateways that a family of its rows is played on.

use crate::log::Log;
use crate::support::raw::{Bench, Said};
use crate::support::tally::Tally;
use crate::support::{Authority, PATIENCE, exchange, path, run, succeeds};
use rogatory::format::evidence::Subject;
use rogatory::format::leaf::Leaf;
use rogatory::format::wire::leaf::Kind;
use rogatory::format::wire::{EntriesRequest, cause::Code as Cause, event::Code as Event};
use std::collections::HashMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::path::Path;
use std::pin::Pin;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tonic::Code;

/// What whoever did something hostile got for it. Words are those that stand in the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A gRPC status.
    Grpc(Code, String),
    /// An HTTP status without gRPC.
    Http(u16),
    /// `GOAWAY` with this error and these words; the connection ends.
    GoAway(h2::Reason, String),
    /// `RST_STREAM`; the connection goes on.
    Reset(h2::Reason),
    /// A fatal TLS alert, by its number (RFC 8446, section 6).
    Alert(u8),
    /// The connection is closed without a word.
    Closed,
    /// The gateway reads no more, until somebody reads what it says.
    Stalled,
    /// So many were answered, each as it should be, and the connection goes on.
    Answered(usize),
    /// Taken, as something that was told.
    Confirmed,
    /// Taken as a packet in order.
    Accepted,
    /// Taken, and found wanting.
    Wanting(Cause),
    /// A signed rejection that binds the id.
    Rejected(Cause),
    /// A signed rejection that binds nothing.
    Refused(Cause),
    /// A signed deferral.
    Deferred(Cause),
    /// The very bytes that were answered before.
    AsBefore,
    /// A command ended with this code, saying this among other things.
    Command(i32, String),
    /// Something else, in words.
    Words(String),
}

impl Told {
    /// A gRPC status.
    pub fn status(status: &tonic::Status) -> Self {
        Self::Grpc(status.code(), status.message().to_owned())
    }

    /// The answer to a delivery.
    pub fn said(said: &Said) -> Self {
        match said {
            Said::Deferral(cause) => Self::Deferred(*cause),
            Said::Evidence(all) => match &all.iter().map(|(one, _)| one).collect::<Vec<_>>()[..] {
                [first, second] if first.event == Event::RelayAcceptance => match second.event {
                    Event::ContentConsignment => Self::Accepted,
                    _ => Self::Wanting(second.cause),
                },
                [only] if only.event == Event::RelayRejection => match only.subject {
                    Subject::Known(_) => Self::Rejected(only.cause),
                    Subject::Unattributed(_) => Self::Refused(only.cause),
                },
                other => Self::Words(format!("{other:?}")),
            },
        }
    }

    /// The answer to a delivery, or the status in its place.
    pub fn answer(answer: Result<Said, tonic::Status>) -> Self {
        answer.map_or_else(|status| Self::status(&status), |said| Self::said(&said))
    }
}

/// The status of a refusal that is no evidence, as peers see it.
pub fn against_the_protocol() -> Told {
    Told::Grpc(Code::InvalidArgument, "against the protocol".into())
}

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Whoever has all keys of a paired authority.
    Peer,
    /// Whoever has keys of an authority that nobody knows.
    Stranger,
    /// A process of the same machine.
    Local,
}

pub type Doing<'a> = Pin<Box<dyn Future<Output = Told> + 'a>>;

enum Does {
    Here(Box<dyn for<'a> Fn(&'a mut Stage) -> Doing<'a>>),
    /// Another file of tests/ shows it, by this function.
    Elsewhere(&'static str, &'static str),
}

/// One row of the table.
pub struct Row {
    who: Who,
    what: String,
    does: Does,
    told: Told,
    /// Entries by which the ledger grows: signed refusals, alarms, what is accepted.
    entries: RangeInclusive<usize>,
    /// What the gateway's log says of it; empty: nothing is looked for.
    log: &'static str,
}

/// A row that is played.
pub fn row<F>(who: Who, what: impl Into<String>, told: Told, entries: usize, does: F) -> Row
where
    F: for<'a> Fn(&'a mut Stage) -> Doing<'a> + 'static,
{
    Row {
        who,
        what: what.into(),
        does: Does::Here(Box::new(does)),
        told,
        entries: entries..=entries,
        log: "",
    }
}

/// A row that another file plays.
pub fn elsewhere(who: Who, what: &'static str, file: &'static str, function: &'static str) -> Row {
    let does = Does::Elsewhere(file, function);
    Row { who, what: what.into(), does, told: Told::Words(String::new()), entries: 0..=0, log: "" }
}

impl Row {
    /// With a line in the log that holds these words.
    pub fn logged(self, log: &'static str) -> Self {
        Self { log, ..self }
    }

    /// With a number of entries that depends on how long it takes.
    pub fn within(self, entries: RangeInclusive<usize>) -> Self {
        Self { entries, ..self }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.does {
            Does::Here(_) => {
                write!(
                    out,
                    "{:8} | {} | {:?} | {:?}",
                    format!("{:?}", self.who),
                    self.what,
                    self.told,
                    self.entries
                )
            }
            Does::Elsewhere(file, function) => {
                write!(out, "{:8} | {} | tests/{file}: {function} |", format!("{:?}", self.who), self.what)
            }
        }
    }
}

/// Rows are told apart by what is done and by whom, and those that point to another file point to
/// a test that is there. Gives the number of those that are played here.
pub fn check(rows: &[Row]) -> usize {
    let mut names: Vec<_> = rows.iter().map(|row| (row.what.as_str(), format!("{:?}", row.who))).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "two rows say the same");
    let mut here = 0;
    for row in rows {
        let Does::Elsewhere(file, function) = row.does else {
            here += 1;
            continue;
        };
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file));
        let text = text.unwrap_or_else(|error| panic!("{file}: {error}"));
        let stands = ["fn ", "async fn "].iter().any(|kind| {
            text.lines().any(|line| line.trim_start().starts_with(&format!("{kind}{function}(")))
        });
        assert!(stands, "{file} has no {function}");
    }
    here
}

/// XB under attack, by whoever has XA's keys and by a stranger; XC is a peer like any other.
pub struct Stage {
    pub bench: Bench,
    pub xc: Authority,
    pub stranger: Authority,
    pub log: Log,
    /// What goes on while rows are played.
    pub waiting: HashMap<&'static str, JoinHandle<Told>>,
}

impl Stage {
    pub async fn new() -> Self {
        let bench = Bench::new().await;
        let mut xc = Authority::found(bench.dir.path(), "XC", "127.0.0.1:0");
        xc.serve().await;
        xc.confirm(&bench.xb.offer().await).await;
        bench.xb.confirm(&xc.offer().await).await;
        let stranger = Authority::found(bench.dir.path(), "XM", "none");
        exchange(&bench.xb, &xc).await;
        xc.quiet().await;
        let log = Log::open(&bench);
        Self { bench, xc, stranger, log, waiting: HashMap::new() }
    }

    /// The keys of the attacker that is paired.
    pub fn xa_identity(&self) -> rogatory::exchange::identity::Identity {
        self.bench.xa.identity()
    }

    /// The log of the gateway under attack, which is there.
    pub fn said(&self) -> String {
        let log = std::fs::read(self.bench.xb.data.join("gateway.log")).expect("the log");
        String::from_utf8_lossy(&log).into_owned()
    }

    /// An empty folder of its own for somebody's files.
    pub fn folder(&self, name: &str) -> std::path::PathBuf {
        let folder = self.bench.dir.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        folder
    }

    /// Entries from `from` on, but for those about the honest peer and for what witnessing adds by
    /// the clock.
    pub async fn leaves(&self, from: u64) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        let mut next = from;
        loop {
            let request = EntriesRequest { from: next, count: 1000 };
            let reply = self.bench.xb.client().auditor().entries(request).await.unwrap().into_inner();
            if reply.entries.is_empty() {
                return leaves;
            }
            next += reply.entries.len() as u64;
            leaves.extend(reply.entries.iter().map(|entry| Leaf::decode(&entry.leaf).unwrap()).filter(
                |leaf| {
                    let by_the_clock = matches!(leaf.kind, Kind::Cosigned | Kind::CosignatureReceived);
                    !by_the_clock && leaf.peer.as_ref().is_none_or(|peer| peer.as_str() != "XC")
                },
            ));
        }
    }
}

/// What the kernel says of a process's memory, MiB: what it holds, and the most it ever held.
fn memory(pid: u32) -> [u64; 2] {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    ["VmRSS:", "VmHWM:"].map(|name| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    })
}

/// As much of a log as tells what went wrong.
fn last_lines(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

/// Plays a family of rows on gateways of its own. `growth`: the most memory that the gateway may
/// have held meanwhile, MiB above what it held before.
pub async fn play(family: &str, rows: Vec<Row>, growth: u64) {
    check(&rows);
    let mut stage = Stage::new().await;
    let mut pid = stage.bench.xb.pid();
    let ([_, before], mut most) = (memory(pid), 0);
    let (mut failures, mut table, mut expected) = (Vec::new(), Vec::new(), 0);
    let begun = stage.bench.size().await;
    for row in rows {
        table.push(format!("{family:9} | {row}"));
        let Does::Here(does) = &row.does else { continue };
        let (size, read) = (stage.bench.size().await, stage.said().len());
        let told = does(&mut stage).await;
        if told != row.told {
            let log = stage.said();
            failures.push(format!(
                "{row}\n    told {told:?}; its log says\n{}",
                last_lines(&log[read.min(log.len())..])
            ));
        }
        let leaves = stage.leaves(size).await;
        if !row.entries.contains(&leaves.len()) {
            failures.push(format!("{row}\n    entries {leaves:?}"));
        }
        expected += leaves.len();
        // A connection's task may say it a moment later.
        let patience = Instant::now() + PATIENCE / 4;
        while !stage.said()[read..].contains(row.log) && Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let log = stage.said();
        if !log[read..].contains(row.log) {
            failures.push(format!(
                "{row}\n    its log says nothing of {:?}:\n{}",
                row.log,
                last_lines(&log[read..])
            ));
        }
        // A row may start the gateway anew.
        most = most.max(memory(stage.bench.xb.pid())[1].saturating_sub(before));
        pid = stage.bench.xb.pid();
    }
    exchange(&stage.bench.xb, &stage.xc).await;
    let [now, _] = memory(pid);
    println!("{}", table.join("\n"));
    let played = table.len() as u64;
    Tally { faults: played, tried: played, ..Tally::default() }.say(&format!("hostile: {family}"));
    println!("{family}: {expected} entries; memory {before} MiB before, {most} more at most, {now} after");
    assert!(failures.is_empty(), "{} of {} rows:\n{}", failures.len(), table.len(), failures.join("\n"));
    assert_eq!(stage.leaves(begun).await.len(), expected, "the ledger grew between the rows");
    assert!(most <= growth, "{most} MiB more than before");
    let log = stage.said();
    assert!(!log.contains("panicked"), "{}", log.lines().find(|line| line.contains("panicked")).unwrap());
    for mut authority in [stage.bench.xb, stage.xc] {
        assert!(authority.stop().await.success());
        succeeds(&["ledger", "verify", path(&authority.data)]);
    }
}

/// A command of an authority, and how it ended: its code, and `words` if they are in what it said.
pub fn command(of: &Authority, args: &[&str], words: &str) -> Told {
    let config = of.config();
    let output = run(&[args, &["--config", path(&config)]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap_or(-1);
    Told::Command(code, if said.contains(words) { words.to_owned() } else { said.into_owned() })
}
