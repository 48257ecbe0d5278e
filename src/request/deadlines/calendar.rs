//! Working days: which days of the week are free belongs to the country, and so do holidays.

use crate::format::Millis;
use crate::format::id::AuthorityId;
use crate::format::wire;
use jiff::civil::{Date, Weekday};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};
use std::collections::{BTreeMap, BTreeSet};

/// An hour, milliseconds.
const HOUR: Millis = 3600 * 1000;
/// Days that a term can have at most.
pub const LONGEST: u32 = 3660;

/// How long something may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// Hours by the clock: `24h`.
    Hours(u32),
    /// Until the end of a day so many days later: `7d`.
    Days(u32),
    /// Until the end of a working day so many working days later: `5wd`.
    WorkingDays(u32),
}

/// The calendar of a country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    weekend: Vec<Weekday>,
    holidays: BTreeSet<Date>,
    offset: Offset,
    assumed: bool,
}

/// Why a calendar can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Nobody would ever work.
    #[error("at least one day of the week is a working day")]
    NoWorkingDay,
    /// More than are kept.
    #[error("1000 holidays at most")]
    TooManyHolidays,
}

/// Holidays of a calendar.
const HOLIDAYS: usize = 1000;

/// Calendars by country.
#[derive(Debug, Clone, Default)]
pub struct Calendars {
    countries: BTreeMap<String, Calendar>,
    fallback: Calendar,
}

impl Term {
    /// Reads `24h`, `7d` or `5wd`.
    pub fn parse(text: &str) -> Option<Self> {
        let end = text.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = text.split_at(end);
        let number: u32 = number.parse().ok().filter(|number| (1..=LONGEST).contains(number))?;
        match unit {
            "h" => Some(Self::Hours(number)),
            "d" => Some(Self::Days(number)),
            "wd" => Some(Self::WorkingDays(number)),
            _ => None,
        }
    }
}

/// Saturday and Sunday, no holidays, UTC: what is counted by where a country has no calendar.
impl Default for Calendar {
    fn default() -> Self {
        Self {
            weekend: vec![Weekday::Saturday, Weekday::Sunday],
            holidays: BTreeSet::new(),
            offset: Offset::UTC,
            assumed: true,
        }
    }
}

impl Calendar {
    /// A country's own.
    pub fn new(
        weekend: Vec<Weekday>,
        holidays: BTreeSet<Date>,
        offset: Offset,
    ) -> Result<Self, CalendarError> {
        let all = [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday]
            .into_iter()
            .chain([Weekday::Saturday, Weekday::Sunday]);
        if all.into_iter().all(|day| weekend.contains(&day)) {
            return Err(CalendarError::NoWorkingDay);
        }
        if holidays.len() > HOLIDAYS {
            return Err(CalendarError::TooManyHolidays);
        }
        Ok(Self { weekend, holidays, offset, assumed: false })
    }

    /// Whether nobody said what the country's is.
    pub fn is_assumed(&self) -> bool {
        self.assumed
    }

    /// Whether people work on a day.
    pub fn is_working_day(&self, day: Date) -> bool {
        !self.weekend.contains(&day.weekday()) && !self.holidays.contains(&day)
    }

    /// The end of a term that begins now. None beyond the end of time.
    pub fn after(&self, begins: Millis, term: Term) -> Option<Millis> {
        let day = || Some(self.offset.to_datetime(timestamp(begins)?).date());
        match term {
            Term::Hours(hours) => begins.checked_add(Millis::from(hours) * HOUR),
            Term::Days(days) => self.end_of(day()?.checked_add(i64::from(days).days()).ok()?),
            Term::WorkingDays(days) => {
                let (mut day, mut left) = (day()?, days);
                while left > 0 {
                    day = day.tomorrow().ok()?;
                    left -= u32::from(self.is_working_day(day));
                }
                self.end_of(day)
            }
        }
    }

    /// The last moment of a day where the country is: shown, it is a time of that very day.
    pub fn end_of(&self, day: Date) -> Option<Millis> {
        let midnight = day.tomorrow().ok()?.to_datetime(jiff::civil::Time::midnight());
        let midnight = self.offset.to_timestamp(midnight).ok()?.as_millisecond();
        Millis::try_from(midnight).ok()?.checked_sub(1)
    }
}

impl Calendars {
    /// Of these countries, by ISO 3166-1 alpha-2.
    pub fn new(countries: BTreeMap<String, Calendar>) -> Self {
        Self { countries, fallback: Calendar::default() }
    }

    /// The calendar of an authority: its country is what its id begins with, before a `-`.
    pub fn of(&self, authority: &AuthorityId) -> &Calendar {
        let country = authority.as_str().split('-').next().unwrap_or_default();
        self.countries.get(country).unwrap_or(&self.fallback)
    }
}

/// The last day that a date can mean, by its precision.
pub fn last_day(date: &wire::Date) -> Option<Date> {
    let iso = date.iso.as_str();
    if let Ok(day) = iso.parse::<Date>() {
        return Some(day);
    }
    let mut parts = iso.splitn(2, '-');
    let year: i16 = parts.next()?.parse().ok()?;
    let month: i8 = parts.next().map_or(Some(12), |month| month.parse().ok())?;
    Some(Date::new(year, month, 1).ok()?.last_of_month())
}

fn timestamp(millis: Millis) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        text.parse::<Timestamp>().unwrap().as_millisecond() as Millis
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn persian() -> Calendar {
        let holidays = [day("2026-03-21"), day("2026-03-22"), day("2026-03-23"), day("2026-03-24")];
        let offset = Offset::from_seconds(12_600).unwrap();
        Calendar::new(vec![Weekday::Thursday, Weekday::Friday], holidays.into(), offset).unwrap()
    }

    #[test]
    fn weekends_and_holidays_are_the_countrys() {
        type Row<'a> = (&'a Calendar, &'a str, Term, &'a str);
        let (assumed, persian) = (Calendar::default(), persian());
        let rows: &[Row] = &[
            (&assumed, "2026-11-20T12:00:00Z", Term::Hours(24), "2026-11-21T12:00:00Z"),
            // A Friday.
            (&assumed, "2026-11-20T12:00:00Z", Term::WorkingDays(1), "2026-11-23T23:59:59.999Z"),
            (&assumed, "2026-11-20T12:00:00Z", Term::WorkingDays(5), "2026-11-27T23:59:59.999Z"),
            (&assumed, "2026-11-21T12:00:00Z", Term::WorkingDays(1), "2026-11-23T23:59:59.999Z"),
            (&assumed, "2026-11-20T12:00:00Z", Term::Days(7), "2026-11-27T23:59:59.999Z"),
            // Saturday and Sunday are worked, Thursday and Friday are not; the day ends at 20:30 UTC.
            (&persian, "2026-11-20T12:00:00Z", Term::WorkingDays(1), "2026-11-21T20:29:59.999Z"),
            (&persian, "2026-11-18T12:00:00Z", Term::WorkingDays(1), "2026-11-21T20:29:59.999Z"),
            // It is the next day there already.
            (&persian, "2026-11-17T21:00:00Z", Term::WorkingDays(1), "2026-11-21T20:29:59.999Z"),
            // The new year of 1405, on a Saturday.
            (&persian, "2026-03-18T08:00:00Z", Term::WorkingDays(1), "2026-03-25T20:29:59.999Z"),
        ];
        for (calendar, begins, term, expected) in rows {
            let end = calendar.after(at(begins), *term).unwrap();
            assert_eq!(timestamp(end).unwrap().to_string(), *expected, "{begins} {term:?}");
        }
        assert!(assumed.is_assumed() && !persian.is_assumed());
    }

    #[test]
    fn terms_are_read_and_bounded() {
        assert_eq!(Term::parse("24h"), Some(Term::Hours(24)));
        assert_eq!(Term::parse("7d"), Some(Term::Days(7)));
        assert_eq!(Term::parse("5wd"), Some(Term::WorkingDays(5)));
        for wrong in ["", "h", "5", "5w", "-5d", "5 d", "0d", "4000d", "99999999999h"] {
            assert_eq!(Term::parse(wrong), None, "{wrong}");
        }
        let every_day = vec![
            Weekday::Monday,
            Weekday::Tuesday,
            Weekday::Wednesday,
            Weekday::Thursday,
            Weekday::Friday,
            Weekday::Saturday,
            Weekday::Sunday,
        ];
        let never = Calendar::new(every_day, BTreeSet::new(), Offset::UTC);
        assert_eq!(never, Err(CalendarError::NoWorkingDay));
    }

    #[test]
    fn a_date_means_its_last_day() {
        let of = |iso: &str| last_day(&wire::Date { iso: iso.into(), ..wire::Date::default() });
        assert_eq!(of("2026-09-16"), Some(day("2026-09-16")));
        assert_eq!(of("2028-02"), Some(day("2028-02-29")));
        assert_eq!(of("2026"), Some(day("2026-12-31")));
        for wrong in ["", "soon", "2026-13", "2026-02-30", "2026-"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_country_is_what_an_authoritys_id_begins_with() {
        let calendars = Calendars::new([("XA".to_owned(), persian())].into());
        let assumed = |id: &str| calendars.of(&AuthorityId::parse(id).unwrap()).is_assumed();
        assert!(!assumed("XA") && !assumed("XA-FIU") && assumed("XB") && assumed("XAB"));
    }
}
