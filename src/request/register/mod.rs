//! The register of treaties: which State is bound by what since when, with what reservations, in
//! which languages it takes requests, and through whom. It is data that an authority keeps; what it
//! does not say is unknown, and is never guessed.

mod read;

pub use read::RegisterError;

use crate::format::id::AuthorityId;
use crate::format::wire::LegalBasis;
use crate::format::wire::legal_basis::Instrument;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A register that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Register {
    /// The day on which it was last held against its sources.
    pub as_of: Option<Date>,
    states: BTreeMap<String, State>,
    parties: Vec<Party>,
    treaties: Vec<Treaty>,
}

/// A State as it presents itself to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// ISO 3166-1 alpha-2.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// Authorities of it that are paired or may be.
    pub authorities: Vec<AuthorityId>,
    /// Languages in which it takes requests: UNTOC 18(14), UNCAC 46(14), 1988 7(9). Empty: not known.
    pub languages: Vec<String>,
    /// The channel that it notified: UNTOC 18(13), UNCAC 46(13), 1988 7(8). Empty: not known.
    pub channel: String,
}

/// Where a State stands with one of the conventions.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Party {
    state: String,
    instrument: Instrument,
    bond: Bond,
    since: Option<Date>,
    until: Option<Date>,
    reservations: Vec<String>,
}

/// A treaty between a few, bilateral or regional.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Treaty {
    instrument: Instrument,
    name: String,
    states: Vec<String>,
    bond: Bond,
    since: Option<Date>,
    until: Option<Date>,
    reservations: Vec<String>,
}

/// What binds a State.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bond {
    /// It is bound.
    Party,
    /// It applies the treaty provisionally.
    Provisional,
    /// It signed, and is not bound.
    Signed,
    /// It is not bound.
    NotParty,
}

/// How a legal basis stands between two States on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// In one word.
    pub is: Is,
    /// From when both are bound, where both are.
    pub since: Option<Date>,
    /// The State by which it is no better, where that is known.
    pub by: Option<String>,
    /// Reservations and declarations of either side, each with its State or the treaty's name.
    pub reservations: Vec<(String, String)>,
}

/// How it stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Is {
    /// Both are bound.
    InForce,
    /// One or both apply it provisionally.
    Provisional,
    /// The register does not say.
    Unknown,
    /// One or both are not bound.
    NotInForce,
}

impl Is {
    /// As programs read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Provisional => "provisional",
            Self::Unknown => "unknown",
            Self::NotInForce => "not_in_force",
        }
    }
}

impl Register {
    /// All its States.
    pub fn states(&self) -> impl Iterator<Item = &State> {
        self.states.values()
    }

    /// The State of an authority, where the register names it.
    pub fn state_of(&self, authority: &AuthorityId) -> Option<&State> {
        self.states.values().find(|state| state.authorities.contains(authority))
    }

    /// The State of a code.
    pub fn state(&self, code: &str) -> Option<&State> {
        self.states.get(code)
    }

    /// Treaties between a few, by kind and name, that name both of these States.
    pub fn between(&self, one: &str, other: &str) -> impl Iterator<Item = (Instrument, &str)> {
        let both = [one.to_owned(), other.to_owned()];
        self.treaties
            .iter()
            .filter(move |treaty| both.iter().all(|state| treaty.states.contains(state)))
            .map(|treaty| (treaty.instrument, treaty.name.as_str()))
    }

    /// How a legal basis stands between two States on a day. None where it is no treaty:
    /// reciprocity, domestic law, or nothing that is known here.
    pub fn standing(&self, basis: &LegalBasis, between: [&str; 2], on: Date) -> Option<Standing> {
        match basis.instrument() {
            instrument @ (Instrument::Untoc | Instrument::Uncac | Instrument::Convention1988) => {
                let sides = between.map(|state| self.side(state, instrument, on));
                Some(together(sides))
            }
            instrument @ (Instrument::Bilateral | Instrument::Regional) => {
                Some(self.of_a_few(instrument, &basis.name, between, on))
            }
            Instrument::Unspecified | Instrument::Reciprocity | Instrument::DomesticLaw => None,
        }
    }

    /// How the best of a request's bases stands between the States of two authorities. None where one
    /// of them needs no treaty, or there is none.
    pub fn best(&self, bases: &[LegalBasis], between: [&AuthorityId; 2], on: Date) -> Option<Is> {
        let [one, other] = between.map(|authority| self.state_of(authority));
        let standing = |basis: &LegalBasis| match (one, other) {
            (Some(one), Some(other)) => Some(self.standing(basis, [&one.code, &other.code], on)?.is),
            // Which States they are of is not known here.
            _ => is_treaty(basis).then_some(Is::Unknown),
        };
        let found: Option<Vec<Is>> = bases.iter().map(standing).collect();
        found?.into_iter().min()
    }

    /// One side of a convention: what the last row says that has begun.
    fn side(&self, state: &str, instrument: Instrument, on: Date) -> Standing {
        let rows = self.parties.iter().filter(|row| row.state == state && row.instrument == instrument);
        let begun = rows.filter(|row| row.since.is_none_or(|since| since <= on));
        let Some(row) = begun.max_by_key(|row| row.since) else {
            // A row that begins later says that nothing bound it before.
            let later = self
                .parties
                .iter()
                .any(|row| row.state == state && row.instrument == instrument && row.bond == Bond::Party);
            let is = if later { Is::NotInForce } else { Is::Unknown };
            return Standing { is, since: None, by: Some(state.to_owned()), reservations: Vec::new() };
        };
        let is = in_words(row.bond, row.until, on);
        let reservations = row.reservations.iter().map(|text| (state.to_owned(), text.clone())).collect();
        let by = (is != Is::InForce).then(|| state.to_owned());
        Standing { is, since: row.since.filter(|_| is == Is::InForce), by, reservations }
    }

    fn of_a_few(&self, instrument: Instrument, name: &str, between: [&str; 2], on: Date) -> Standing {
        let wanted = name.trim().to_lowercase();
        let found = self.treaties.iter().filter(|treaty| {
            treaty.instrument == instrument
                && between.iter().all(|state| treaty.states.iter().any(|own| own == state))
                && (wanted.is_empty() || treaty.name.to_lowercase() == wanted)
        });
        let standing = |treaty: &Treaty| {
            let is = match treaty.since {
                Some(since) if since > on => Is::NotInForce,
                _ => in_words(treaty.bond, treaty.until, on),
            };
            let reservations =
                treaty.reservations.iter().map(|text| (treaty.name.clone(), text.clone())).collect();
            Standing { is, since: treaty.since.filter(|_| is == Is::InForce), by: None, reservations }
        };
        let unknown = Standing { is: Is::Unknown, since: None, by: None, reservations: Vec::new() };
        found.map(standing).min_by_key(|standing| standing.is).unwrap_or(unknown)
    }
}

/// The day of a time in milliseconds, in UTC; none where that is out of reach.
pub fn on(millis: u64) -> Option<Date> {
    let time = jiff::Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).date())
}

fn is_treaty(basis: &LegalBasis) -> bool {
    !matches!(basis.instrument(), Instrument::Unspecified | Instrument::Reciprocity | Instrument::DomesticLaw)
}

fn in_words(bond: Bond, until: Option<Date>, on: Date) -> Is {
    match bond {
        _ if until.is_some_and(|until| until <= on) => Is::NotInForce,
        Bond::Party => Is::InForce,
        Bond::Provisional => Is::Provisional,
        Bond::Signed | Bond::NotParty => Is::NotInForce,
    }
}

/// Both sides of a convention: it stands as well as with the side with which it stands worse.
fn together([one, other]: [Standing; 2]) -> Standing {
    let since = one.since.max(other.since).filter(|_| one.since.is_some() && other.since.is_some());
    let reservations = one.reservations.into_iter().chain(other.reservations).collect();
    let (is, by) = if one.is >= other.is { (one.is, one.by) } else { (other.is, other.by) };
    Standing { is, since, by, reservations }
}

#[cfg(test)]
mod tests;
