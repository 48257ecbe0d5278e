//! `rogatory ledger ask`: an auditor's questions, answered from the entries of a running
//! gateway, a data directory or an export.

pub mod follow;
pub mod printer;
pub mod source;

use super::error::CliError;
use super::{Context, send};
use clap::{Args, Subcommand};
use printer::{Form, Printer};
use rogatory::exchange::actors::Actors;
use rogatory::format::id::{AuthorityId, CaseId, PacketId};
use rogatory::format::wire::leaf::Kind;
use rogatory::format::{FormatError, Millis};
use rogatory::gateway::SystemClock;
use rogatory::ledger::questions::entries::Entries;
use rogatory::ledger::questions::gaps::Gaps;
use rogatory::ledger::questions::keys::Keys;
use rogatory::ledger::questions::openings::Openings;
use rogatory::ledger::questions::signatures::Signatures;
use rogatory::ledger::questions::statistics::{BY, Statistics};
use rogatory::ledger::questions::unanswered::Unanswered;
use rogatory::ledger::questions::{Filter, Lasting, Question};
use rogatory::request::file::{enum_names, enum_value};
use rogatory::store::{Clock as _, StoreError};
use source::Source;
use std::collections::BTreeMap;
use std::path::PathBuf;

const DAY: u64 = 24 * 3600 * 1000;

/// Ask a ledger: what happened, who opened what, what is unanswered or lacking, keys, counts
#[derive(Args)]
#[command(after_help = "Examples:\n  rogatory ledger ask openings --from 90d --csv > openings.csv\n  \
rogatory ledger ask unanswered --older 30d --peer XB\n  rogatory ledger ask gaps --data copy-of-xa\n\n\
The running gateway is asked, or with --data the entries in a data directory, a copy of one, or an \
export. Nothing \
is verified: rogatory ledger verify does that.")]
pub struct Ask {
    #[command(subcommand)]
    question: Asked,
    /// Read this data directory, copy of one, or export, and not the running gateway
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Comma-separated values (RFC 4180) with a header line
    #[arg(long, global = true)]
    csv: bool,
}

#[derive(Subcommand)]
enum Asked {
    /// Which entries are there
    #[command(after_help = "Examples:\n  rogatory ledger ask entries --peer XB --from 2026-01-01 --csv\n  \
rogatory ledger ask entries --code RelayRejection\n  rogatory ledger ask entries --kind status_issued --from 7d")]
    Entries {
        #[command(flatten)]
        which: Which,
        /// Kind of entry, such as evidence_issued, status_received, opening, alarm
        #[arg(long, value_parser = kind)]
        kind: Option<Kind>,
        /// Event or status, such as RelayRejection or executed
        #[arg(long, value_parser = code)]
        code: Option<String>,
    },
    /// Who opened which content, when, and what for
    #[command(after_help = "Example:\n  rogatory ledger ask openings --packet 0191f3a0-… --names")]
    Openings {
        #[command(flatten)]
        which: Which,
        /// Look the pseudonyms up in the table of names that lies in the data directory
        #[arg(long)]
        names: bool,
    },
    /// Packets without an outcome, cases of peers that nobody decided, requests without an answer
    #[command(after_help = "Example:\n  rogatory ledger ask unanswered --older 30d")]
    Unanswered {
        #[command(flatten)]
        lasting: For,
        /// For so many days at least
        #[arg(long, default_value = "30d", value_parser = days)]
        older: Millis,
    },
    /// Evidence that should be there and is not
    #[command(after_help = "Example:\n  rogatory ledger ask gaps --older 7d")]
    Gaps {
        #[command(flatten)]
        lasting: For,
        /// For so many days at least
        #[arg(long, default_value = "7d", value_parser = days)]
        older: Millis,
    },
    /// Which keys were in force at a time, ours and the peers'
    #[command(after_help = "Example:\n  rogatory ledger ask keys --at 2026-03-01T12:00:00Z --authority XB")]
    Keys {
        /// At this time: RFC 3339, a date, or days ago such as 30d; now, if left out
        #[arg(long, value_name = "TIME", value_parser = past)]
        at: Option<Millis>,
        /// Of this authority only
        #[arg(long, value_parser = authority)]
        authority: Option<AuthorityId>,
        /// Those too that were not in force
        #[arg(long)]
        all: bool,
    },
    /// Which key signed which packet, evidence and status, and whether it stood then
    #[command(after_help = "Examples:\n  rogatory ledger ask signatures --packet 0191f3a0-…\n  \
rogatory ledger ask signatures --peer XB --from 30d --csv")]
    Signatures {
        #[command(flatten)]
        which: Which,
    },
    /// Counts of packets, for reports
    #[command(
        after_help = "Examples:\n  rogatory ledger ask statistics --from 2026-01-01 --until 2027-01-01 --csv\n  \
rogatory ledger ask statistics --by kind,offence,instrument"
    )]
    Statistics {
        #[command(flatten)]
        time: Between,
        /// With this peer
        #[arg(long, value_parser = authority)]
        peer: Option<AuthorityId>,
        /// What to count by
        #[arg(long, value_delimiter = ',', default_value = "month,peer,direction,kind", value_parser = BY)]
        by: Vec<String>,
    },
}

#[derive(Args)]
struct Which {
    /// With this peer
    #[arg(long, value_parser = authority)]
    peer: Option<AuthorityId>,
    /// Of this case
    #[arg(long)]
    case: Option<CaseId>,
    /// About this packet or status
    #[arg(long, value_name = "ID")]
    packet: Option<PacketId>,
    /// Of this pseudonym, 16 hex digits
    #[arg(long, value_parser = actor)]
    actor: Option<[u8; 8]>,
    #[command(flatten)]
    time: Between,
}

#[derive(Args)]
struct Between {
    /// Not before: RFC 3339, a date (its beginning in UTC), or days ago such as 30d
    #[arg(long, value_name = "TIME", value_parser = past)]
    from: Option<Millis>,
    /// Before this time, written in the same way
    #[arg(long, value_name = "TIME", value_parser = past)]
    until: Option<Millis>,
}

#[derive(Args)]
struct For {
    /// With this peer
    #[arg(long, value_parser = authority)]
    peer: Option<AuthorityId>,
}

impl Which {
    fn filter(self, kind: Option<Kind>, code: Option<String>) -> Filter {
        let Self { peer, case, packet, actor, time } = self;
        Filter { peer, kind, code, case_id: case, id: packet, actor, from: time.from, until: time.until }
    }
}

impl Ask {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        let form = match (self.csv, context.json) {
            (true, true) => {
                return Err(CliError::input("--csv and --json are two forms of one answer")
                    .hint("leave one of them out"));
            }
            (true, false) => Form::Csv,
            (false, true) => Form::Json,
            (false, false) => Form::Table,
        };
        let now = SystemClock.now();
        let (name, mut question): (&str, Box<dyn Question>) = match self.question {
            Asked::Entries { which, kind, code } => {
                ("entries", Box::new(Entries { filter: which.filter(kind, code) }))
            }
            Asked::Openings { which, names } => {
                let people = match names {
                    true => people(context, self.data.as_ref())?,
                    false => BTreeMap::new(),
                };
                ("openings", Box::new(Openings::new(which.filter(None, None), people)))
            }
            Asked::Unanswered { lasting, older } => {
                ("unanswered", Box::new(Unanswered::new(Lasting { peer: lasting.peer, older, now })))
            }
            Asked::Gaps { lasting, older } => {
                ("gaps", Box::new(Gaps::new(Lasting { peer: lasting.peer, older, now })))
            }
            Asked::Keys { at, authority, all } => {
                ("keys", Box::new(Keys::new(at.unwrap_or(now), all, authority)))
            }
            Asked::Signatures { which } => {
                ("signatures", Box::new(Signatures::new(which.filter(None, None))))
            }
            Asked::Statistics { time, peer, by } => {
                let filter = Filter { peer, from: time.from, until: time.until, ..Filter::default() };
                ("statistics", Box::new(Statistics::new(filter, &by)))
            }
        };
        let source = match self.data {
            Some(data) => Source::folder(data)?,
            None => Source::Gateway(context.gateway().await?),
        };
        let mut printer = Printer::begin(form, name, question.columns())?;
        let mut rows = Vec::new();
        source
            .each(&mut |entry| {
                question.entry(&entry, &mut rows).map_err(StoreError::from)?;
                rows.drain(..).try_for_each(|row| printer.row(row))
            })
            .await?;
        question.end(&mut rows);
        rows.drain(..).try_for_each(|row| printer.row(row))?;
        printer.end()
    }
}

/// The table of names of the data directory that is asked, or that is configured.
fn people(context: &Context, data: Option<&PathBuf>) -> Result<BTreeMap<[u8; 8], String>, CliError> {
    let data = match data {
        Some(data) => data.clone(),
        None => context.config()?.data,
    };
    if !data.join("actors").exists() {
        return Err(CliError::input(format!("{} holds no table of names", data.display()))
            .hint("leave --names out: pseudonyms need no table"));
    }
    Ok(Actors::load(&data)?.names())
}

fn authority(name: &str) -> Result<AuthorityId, FormatError> {
    AuthorityId::parse(name)
}

fn kind(name: &str) -> Result<Kind, String> {
    let found = enum_value("Leaf.Kind", name).and_then(|code| Kind::try_from(code).ok());
    found
        .filter(|kind| *kind != Kind::Unspecified)
        .ok_or_else(|| format!("a kind of entry is one of {}", enum_names("Leaf.Kind").join(", ")))
}

fn code(name: &str) -> Result<String, String> {
    use rogatory::ledger::questions::names::plain;
    let known: Vec<String> =
        ["Event.Code", "Status.Code", "Alarm.Code"].into_iter().flat_map(enum_names).collect();
    match known.iter().any(|code| plain(code) == plain(name)) {
        true => Ok(name.to_owned()),
        false => Err(format!("an event, a status or an alarm is one of {}", known.join(", "))),
    }
}

fn actor(text: &str) -> Result<[u8; 8], String> {
    hex::decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| "a pseudonym is 16 hex digits, as the column actor shows them".to_owned())
}

pub fn days(text: &str) -> Result<Millis, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u64>().ok());
    days.filter(|days| *days <= 100_000)
        .map(|days| days * DAY)
        .ok_or_else(|| format!("{text:?} is no number of days such as \"30d\""))
}

/// A time that may be written as days ago.
fn past(text: &str) -> Result<Millis, String> {
    match days(text) {
        Ok(ago) => Ok(SystemClock.now().saturating_sub(ago)),
        Err(_) if text.is_empty() => Err("a time is wanted".into()),
        Err(_) => send::expiry(text),
    }
}
