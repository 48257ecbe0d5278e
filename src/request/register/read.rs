//! Reading a register: TOML, every key known, every State and date of the right form.

use super::{Bond, Party, Register, State, Treaty};
use crate::format::id::AuthorityId;
use crate::format::wire::legal_basis::Instrument;
use crate::request::file::enum_value;
use jiff::civil::Date;
use serde::Deserialize;

/// Bytes of a register at most.
const LONGEST: usize = 4 << 20;

/// A register that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// Not of the form; with the line.
    #[error("{0}")]
    Form(String),
    /// An entry that is wrong.
    #[error("[[{table}]] number {number}: {why}")]
    Entry {
        /// Which table.
        table: &'static str,
        /// Which of its entries, from 1.
        number: usize,
        /// What is wrong.
        why: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    as_of: Option<String>,
    #[serde(default)]
    state: Vec<StateRow>,
    #[serde(default)]
    party: Vec<PartyRow>,
    #[serde(default)]
    treaty: Vec<TreatyRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StateRow {
    code: String,
    name: String,
    #[serde(default)]
    authorities: Vec<String>,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    channel: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartyRow {
    state: String,
    instrument: String,
    is: Bond,
    since: Option<String>,
    until: Option<String>,
    #[serde(default)]
    reservations: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TreatyRow {
    instrument: String,
    name: String,
    states: Vec<String>,
    is: Bond,
    since: Option<String>,
    until: Option<String>,
    #[serde(default)]
    reservations: Vec<String>,
}

impl Register {
    /// Reads a register.
    pub fn read(text: &str) -> Result<Self, RegisterError> {
        if text.len() > LONGEST {
            return Err(RegisterError::Form(format!("longer than {LONGEST} bytes")));
        }
        let file: File = toml::from_str(text).map_err(|error| RegisterError::Form(error.to_string()))?;
        let as_of = date(file.as_of.as_ref()).map_err(RegisterError::Form)?;
        let mut register = Self { as_of, ..Self::default() };
        rows("state", file.state, |row| register.add_state(row))?;
        rows("party", file.party, |row| register.add_party(row))?;
        rows("treaty", file.treaty, |row| register.add_treaty(row))?;
        Ok(register)
    }

    fn add_state(&mut self, row: StateRow) -> Result<(), String> {
        let authorities = row.authorities.iter().map(|name| AuthorityId::parse(name));
        let authorities: Vec<_> = authorities.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        if let Some(taken) = authorities.iter().find(|name| self.state_of(name).is_some()) {
            return Err(format!("{taken} is an authority of another State already"));
        }
        let StateRow { code, name, languages, channel, .. } = row;
        let code = state_code(&code)?;
        let state = State { code: code.clone(), name, authorities, languages, channel };
        match self.states.insert(code, state) {
            Some(before) => Err(format!("{} stands there already", before.code)),
            None => Ok(()),
        }
    }

    fn add_party(&mut self, row: PartyRow) -> Result<(), String> {
        let instrument = instrument(&row.instrument)?;
        if !matches!(instrument, Instrument::Untoc | Instrument::Uncac | Instrument::Convention1988) {
            return Err(format!("{} is no convention of many: it goes under [[treaty]]", row.instrument));
        }
        let (since, until) = bounds(row.is, row.since.as_ref(), row.until.as_ref())?;
        let (state, bond, reservations) = (self.known(&row.state)?, row.is, row.reservations);
        self.parties.push(Party { state, instrument, bond, since, until, reservations });
        Ok(())
    }

    fn add_treaty(&mut self, row: TreatyRow) -> Result<(), String> {
        let instrument = instrument(&row.instrument)?;
        if !matches!(instrument, Instrument::Bilateral | Instrument::Regional) {
            return Err(format!("{} is neither bilateral nor regional", row.instrument));
        }
        let (since, until) = bounds(row.is, row.since.as_ref(), row.until.as_ref())?;
        let states: Vec<_> = row.states.iter().map(|state| self.known(state)).collect::<Result<_, _>>()?;
        let few = if instrument == Instrument::Bilateral { states.len() == 2 } else { states.len() >= 2 };
        if !few || row.name.trim().is_empty() {
            return Err("it wants a name, and its States: two where it is bilateral".into());
        }
        let (bond, name, reservations) = (row.is, row.name, row.reservations);
        self.treaties.push(Treaty { instrument, name, states, bond, since, until, reservations });
        Ok(())
    }

    /// A State that the register has.
    fn known(&self, code: &str) -> Result<String, String> {
        let code = state_code(code)?;
        match self.states.contains_key(&code) {
            true => Ok(code),
            false => Err(format!("{code} has no [[state]]")),
        }
    }
}

fn rows<T>(
    table: &'static str,
    rows: Vec<T>,
    mut add: impl FnMut(T) -> Result<(), String>,
) -> Result<(), RegisterError> {
    (1..)
        .zip(rows)
        .try_for_each(|(number, row)| add(row).map_err(|why| RegisterError::Entry { table, number, why }))
}

fn instrument(name: &str) -> Result<Instrument, String> {
    enum_value("LegalBasis.Instrument", name).and_then(|code| Instrument::try_from(code).ok()).ok_or_else(
        || format!("{name:?} is no instrument: untoc, uncac, convention_1988, bilateral, regional"),
    )
}

fn state_code(code: &str) -> Result<String, String> {
    match code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_uppercase()) {
        true => Ok(code.to_owned()),
        false => Err(format!("{code:?} is no code of a State (ISO 3166-1 alpha-2)")),
    }
}

/// Whoever is bound is so from a day on.
fn bounds(
    bond: Bond,
    since: Option<&String>,
    until: Option<&String>,
) -> Result<(Option<Date>, Option<Date>), String> {
    let (since, until) = (date(since)?, date(until)?);
    if since.is_none() && matches!(bond, Bond::Party | Bond::Provisional) {
        return Err("since when? Who is bound is so from a day on".into());
    }
    match since.zip(until) {
        Some((since, until)) if until <= since => Err("it ends before it begins".into()),
        _ => Ok((since, until)),
    }
}

fn date(text: Option<&String>) -> Result<Option<Date>, String> {
    text.map(|text| day(text)).transpose()
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("{text:?} is no date such as 2003-09-29"))
}
