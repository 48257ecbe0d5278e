//! `[deadlines]` and `[[country]]` in the configuration.

use crate::request::deadlines::Policy;
use crate::request::deadlines::calendar::{Calendar, Calendars, Term};
use jiff::civil::{Date, Weekday};
use jiff::tz::Offset;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Countries at most.
const COUNTRIES: usize = 250;
/// A term that a country's calendar is not asked for.
const NONE: &str = "none";

/// How long things may take; each is a number with `h`, `d` or `wd`, or `none`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DeadlinesConfig {
    /// Until the recipient's gateway has accepted a packet.
    pub acknowledge: String,
    /// Until a request is registered or returned.
    pub register: String,
    /// Until a unit has answered another's inquiry.
    pub financial_intelligence: String,
    /// Until a request for information that names no date is answered.
    pub information: String,
    /// So long before a deadline it is reminded of.
    pub remind_before: String,
    #[serde(skip)]
    policy: Policy,
}

/// The calendar of a country.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountryConfig {
    /// ISO 3166-1 alpha-2: what ids of its authorities begin with.
    pub code: String,
    /// Days of the week that are free, in English.
    #[serde(default = "weekend")]
    pub weekend: Vec<String>,
    /// Other days that are free.
    #[serde(default)]
    pub holidays: Vec<String>,
    /// From UTC, such as "+03:30".
    #[serde(default)]
    pub offset: String,
}

fn weekend() -> Vec<String> {
    vec!["saturday".into(), "sunday".into()]
}

impl Default for DeadlinesConfig {
    fn default() -> Self {
        Self {
            acknowledge: "24h".into(),
            register: "5wd".into(),
            financial_intelligence: "7d".into(),
            information: "20wd".into(),
            remind_before: "24h".into(),
            policy: Policy::default(),
        }
    }
}

impl DeadlinesConfig {
    /// What is decided by.
    pub fn policy(&self) -> Policy {
        self.policy.clone()
    }

    /// Reads what was written, with the calendars.
    pub fn settle(&mut self, countries: &[CountryConfig]) -> Result<(), String> {
        let term = |name: &str, text: &str| match (text, Term::parse(text)) {
            (NONE, _) => Ok(None),
            (_, Some(term)) => Ok(Some(term)),
            _ => Err(format!(
                "deadlines.{name}: {text:?} is neither hours (24h), days (7d), working days (5wd), nor \"none\""
            )),
        };
        let remind_before = match term("remind_before", &self.remind_before)? {
            None => 0,
            Some(Term::Hours(hours)) => u64::from(hours) * 3600 * 1000,
            Some(Term::Days(days)) => u64::from(days) * 24 * 3600 * 1000,
            Some(Term::WorkingDays(_)) => {
                return Err("deadlines.remind_before: in hours (24h) or days (2d)".into());
            }
        };
        let policy = Policy {
            acknowledge: term("acknowledge", &self.acknowledge)?,
            register: term("register", &self.register)?,
            financial_intelligence: term("financial_intelligence", &self.financial_intelligence)?,
            information: term("information", &self.information)?,
            remind_before,
            calendars: calendars(countries)?,
        };
        self.policy = policy;
        Ok(())
    }
}

fn calendars(countries: &[CountryConfig]) -> Result<Calendars, String> {
    if countries.len() > COUNTRIES {
        return Err(format!("country: {COUNTRIES} at most"));
    }
    let mut found = BTreeMap::new();
    for country in countries {
        let code = &country.code;
        if code.len() != 2 || !code.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return Err(format!("country: {code:?} is no ISO 3166-1 code of two letters"));
        }
        let calendar = country.calendar().map_err(|why| format!("country {code}: {why}"))?;
        if found.insert(code.clone(), calendar).is_some() {
            return Err(format!("country {code} stands there twice"));
        }
    }
    Ok(Calendars::new(found))
}

impl CountryConfig {
    fn calendar(&self) -> Result<Calendar, String> {
        let weekend = self.weekend.iter().map(|day| weekday(day)).collect::<Result<_, _>>()?;
        let holiday = |day: &String| {
            day.parse::<Date>().map_err(|_| format!("{day:?} is no date such as \"2027-03-21\""))
        };
        let holidays = self.holidays.iter().map(holiday).collect::<Result<_, _>>()?;
        Calendar::new(weekend, holidays, offset(&self.offset)?).map_err(|error| error.to_string())
    }
}

fn weekday(name: &str) -> Result<Weekday, String> {
    Ok(match name {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        other => return Err(format!("{other:?} is no day of the week (monday … sunday)")),
    })
}

/// `+03:30`, or nothing, which is UTC.
fn offset(text: &str) -> Result<Offset, String> {
    let wrong = || format!("{text:?} is no offset such as \"+03:30\"");
    if text.is_empty() {
        return Ok(Offset::UTC);
    }
    let (sign, rest) = match text.split_at_checked(1).ok_or_else(wrong)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return Err(wrong()),
    };
    let (hours, minutes) = rest.split_once(':').ok_or_else(wrong)?;
    let number = |part: &str, most: i32| {
        let two = part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_digit());
        part.parse::<i32>().ok().filter(|number| two && *number <= most).ok_or_else(wrong)
    };
    let seconds = sign * (number(hours, 14)? * 3600 + number(minutes, 59)? * 60);
    Offset::from_seconds(seconds).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::id::AuthorityId;

    #[derive(Deserialize)]
    struct Both {
        #[serde(default)]
        deadlines: DeadlinesConfig,
        #[serde(default)]
        country: Vec<CountryConfig>,
    }

    fn read(text: &str) -> Result<Policy, String> {
        let Both { mut deadlines, country } = toml::from_str(text).map_err(|error| error.to_string())?;
        deadlines.settle(&country).map(|()| deadlines.policy())
    }

    #[test]
    fn what_is_written_is_the_policy() {
        let policy = read(
            "[deadlines]\nregister = \"3wd\"\ninformation = \"none\"\nremind_before = \"2d\"\n\
             [[country]]\ncode = \"XA\"\nweekend = [\"thursday\", \"friday\"]\nholidays = [\"2026-03-21\"]\noffset = \"+03:30\"\n",
        )
        .unwrap();
        assert_eq!(policy.register, Some(Term::WorkingDays(3)));
        assert_eq!((policy.information, policy.acknowledge), (None, Some(Term::Hours(24))));
        assert_eq!(policy.remind_before, 2 * 24 * 3600 * 1000);
        let xa = policy.calendars.of(&AuthorityId::parse("XA").unwrap());
        let works = |day: &str| xa.is_working_day(day.parse().unwrap());
        // A Sunday; a Friday; a holiday.
        assert!(works("2026-03-22") && !works("2026-03-20") && !works("2026-03-21"));
    }

    #[test]
    fn what_can_not_be_is_refused_by_name() {
        let rows = [
            ("[deadlines]\nregister = \"soon\"", "deadlines.register"),
            ("[deadlines]\nremind_before = \"2wd\"", "deadlines.remind_before"),
            ("[deadlines]\nregistr = \"5wd\"", "unknown field"),
            ("[[country]]\ncode = \"xa\"", "\"xa\""),
            ("[[country]]\ncode = \"XA\"\n[[country]]\ncode = \"XA\"", "twice"),
            ("[[country]]\ncode = \"XA\"\nweekend = [\"friyay\"]", "friyay"),
            ("[[country]]\ncode = \"XA\"\nholidays = [\"1405/01/01\"]", "1405/01/01"),
            ("[[country]]\ncode = \"XA\"\noffset = \"3:30\"", "offset"),
            ("[[country]]\ncode = \"XA\"\noffset = \"+3:30\"", "offset"),
            ("[[country]]\ncode = \"XA\"\noffset = \"+15:00\"", "offset"),
        ];
        for (text, word) in rows {
            let error = read(text).unwrap_err();
            assert!(error.contains(word), "{word} is not in: {error}");
        }
    }
}
