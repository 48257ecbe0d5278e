//! `rogatory treaties`: what the register of treaties says.

use super::error::CliError;
use super::{Context, output};
use clap::Args;
use jiff::civil::Date;
use rogatory::format::wire::LegalBasis;
use rogatory::format::wire::legal_basis::Instrument;
use rogatory::request::register::{Is, Register, State};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Show which treaties stand between two States, by the register that the configuration names
#[derive(Args)]
#[command(
    after_help = "Examples:\n  rogatory treaties                    # the States that the register has\n  \
rogatory treaties XA XB              # what binds both, today\n  \
rogatory treaties XA XB --on 2019-05-01 --register treaties.toml\n\n\
The register is a file that the authority keeps: config/treaties.toml explains every key. What it does\n\
not say is unknown, and never guessed."
)]
pub struct Treaties {
    /// A State (ISO 3166-1 alpha-2), ...
    #[arg(requires = "other")]
    one: Option<String>,
    /// ... and another
    other: Option<String>,
    /// The day that is asked about; left out: today
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// The register; left out: the one that the configuration names
    #[arg(long, value_name = "FILE")]
    register: Option<PathBuf>,
}

impl Treaties {
    pub fn run(self, context: &Context) -> Result<(), CliError> {
        let register = match &self.register {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| CliError::file(path, &error))?;
                Register::read(&text).map_err(|error| {
                    CliError::input(format!("{}: {error}", path.display()))
                        .hint("config/treaties.toml explains every key")
                })?
            }
            None => context.config()?.register.ok_or_else(|| {
                CliError::input("the configuration names no register of treaties")
                    .hint("treaties = \"treaties.toml\" in the configuration, or --register FILE")
            })?,
        };
        let on = self.on.unwrap_or_else(|| jiff::Zoned::now().date());
        let told = match self.one.as_ref().zip(self.other.as_ref()) {
            None => Told::States(register.states().collect()),
            Some((one, other)) => {
                let found = |code: &String| {
                    register.state(code).ok_or_else(|| {
                        CliError::input(format!("the register has no State {code:?}"))
                            .hint("rogatory treaties    # lists those that it has")
                    })
                };
                Told::Between(rows(&register, [found(one)?, found(other)?], on), [found(one)?, found(other)?])
            }
        };
        match context.json {
            true => println!("{}", told.json(&register, on)),
            false => print!("{}", told.text(&register, on)),
        }
        Ok(())
    }
}

enum Told<'a> {
    States(Vec<&'a State>),
    Between(Vec<Row>, [&'a State; 2]),
}

/// One legal basis between two States.
struct Row {
    basis: String,
    is: Is,
    since: Option<Date>,
    by: Option<String>,
    reservations: Vec<(String, String)>,
}

fn rows(register: &Register, states: [&State; 2], on: Date) -> Vec<Row> {
    let codes = states.map(|state| state.code.as_str());
    let conventions = [Instrument::Untoc, Instrument::Uncac, Instrument::Convention1988];
    let conventions = conventions.into_iter().map(|instrument| (instrument, ""));
    let row = |(instrument, name): (Instrument, &str)| {
        let basis =
            LegalBasis { instrument: instrument as i32, name: name.to_owned(), ..LegalBasis::default() };
        let found = register.standing(&basis, codes, on)?;
        let basis = if name.is_empty() { instrument.as_str_name() } else { name }.to_owned();
        Some(Row { basis, is: found.is, since: found.since, by: found.by, reservations: found.reservations })
    };
    conventions.chain(register.between(codes[0], codes[1])).filter_map(row).collect()
}

impl Told<'_> {
    fn text(&self, register: &Register, on: Date) -> String {
        let kept = match register.as_of {
            Some(day) => format!("the register was last held against its sources on {day}"),
            None => "the register does not say when it was last held against its sources".to_owned(),
        };
        match self {
            Self::States(states) => {
                format!(
                    "{}{kept}\n",
                    output::table(&states.iter().map(|state| about(state)).collect::<Vec<_>>())
                )
            }
            Self::Between(rows, states) => {
                let mut out = format!("{} and {} on {on}\n", states[0].name, states[1].name);
                let line = |row: &Row| {
                    let word = row.is.name().replace('_', " ");
                    let when = row.since.map(|since| format!("since {since}")).unwrap_or_default();
                    let by = row.by.as_ref().map(|by| format!("by {by}")).unwrap_or_default();
                    vec![row.basis.clone(), word, when + &by]
                };
                out += &output::table(&rows.iter().map(line).collect::<Vec<_>>());
                for row in rows {
                    for (whose, text) in &row.reservations {
                        out += &output::wrapped(&format!("{}: {whose}: ", row.basis), text, 4, 100);
                    }
                }
                out += &output::table(&states.map(about));
                out + &kept + "\n"
            }
        }
    }

    fn json(&self, register: &Register, on: Date) -> Value {
        let state = |state: &&State| {
            json!({ "state": state.code, "name": state.name, "languages": state.languages,
                    "authorities": state.authorities.iter().map(ToString::to_string).collect::<Vec<_>>(),
                    "channel": state.channel })
        };
        let as_of = register.as_of.map(|day| day.to_string());
        match self {
            Self::States(states) => {
                json!({ "as_of": as_of, "states": states.iter().map(state).collect::<Vec<_>>() })
            }
            Self::Between(rows, states) => {
                let row = |row: &Row| {
                    json!({ "basis": row.basis, "standing": row.is.name(), "by": row.by,
                            "since": row.since.map(|day| day.to_string()),
                            "reservations": row.reservations.iter()
                                .map(|(whose, text)| json!({ "of": whose, "text": text })).collect::<Vec<_>>() })
                };
                json!({ "as_of": as_of, "on": on.to_string(), "treaties": rows.iter().map(row).collect::<Vec<_>>(),
                        "states": states.iter().map(state).collect::<Vec<_>>() })
            }
        }
    }
}

/// A State in a row: what is not known is said to be so.
fn about(state: &State) -> Vec<String> {
    let languages = match state.languages.as_slice() {
        [] => "languages not known".to_owned(),
        languages => languages.join(", "),
    };
    let channel = if state.channel.is_empty() { "channel not known" } else { &state.channel };
    vec![state.code.clone(), state.name.clone(), languages, channel.to_owned()]
}
