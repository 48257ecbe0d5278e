//! Days and times in the words of a language, Gregorian and Solar Hijri.

use super::line::{isolated, say};
use crate::format::wire::date::{Calendar, Precision};
use crate::format::wire::{Date, Moment, Period, TimeWindow};
use crate::request::language::Language;
use icu_calendar::cal::Persian;

/// A day of the Gregorian calendar, as exact as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    year: i32,
    month: Option<u8>,
    day: Option<u8>,
}

/// Digits as the language writes them in its own text.
pub fn digits(language: Language, text: &str) -> String {
    let zero = match language {
        Language::Fa => '۰',
        Language::Ar => '٠',
        _ => return text.to_owned(),
    };
    let own = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(zero as u32 + digit)).unwrap_or(c);
    text.chars().map(own).collect()
}

/// A day with its Solar Hijri name where somebody wrote it so, or a Persian letter shows it.
pub fn date(language: Language, date: &Date) -> String {
    let both = language == Language::Fa || date.calendar() == Calendar::SolarHijri;
    let Some(day) = Day::read(&date.iso) else {
        let written = if date.as_written.is_empty() { &date.iso } else { &date.as_written };
        return isolated(written);
    };
    let mut words = if both { in_both(language, day) } else { gregorian(language, day) };
    if date.precision() == Precision::Approximate {
        words = say(language, "letter-date-about", &[("date", words.into())]);
    }
    if !date.as_written.is_empty() && date.as_written != date.iso {
        let written = say(language, "letter-date-as-written", &[("date", isolated(&date.as_written).into())]);
        words = bracketed(language, words, written);
    }
    words
}

/// The day of a time in UTC, in both calendars.
pub fn day(language: Language, millis: u64) -> String {
    let known = i64::try_from(millis).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    let Some(day) = known.map(|time| time.to_zoned(jiff::tz::TimeZone::UTC).date()) else {
        return millis.to_string();
    };
    let day = Day {
        year: day.year().into(),
        month: u8::try_from(day.month()).ok(),
        day: u8::try_from(day.day()).ok(),
    };
    in_both(language, day)
}

/// A time in UTC, to the second, as programs write it, in every language.
pub fn clock(millis: u64) -> String {
    let known = i64::try_from(millis).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    let text =
        known.map_or_else(|| millis.to_string(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string());
    format!("\u{2066}{text}\u{2069}")
}

/// A time of day with the offset of its place.
pub fn moment(language: Language, moment: &Moment) -> String {
    let solar = moment.calendar() == Calendar::SolarHijri;
    // RFC 3339: the date, a letter, the time, the offset.
    let parts = moment.time.split_once(['T', 't', ' ']).and_then(|(day, rest)| {
        let at = rest.find(['Z', 'z', '+', '-'])?;
        let (time, offset) = rest.split_at(at);
        Some((Day::read(day)?, time.get(..5)?, offset))
    });
    let Some((day, time, offset)) = parts else { return isolated(&moment.time) };
    let date = match solar || language == Language::Fa {
        true => in_both(language, day),
        false => gregorian(language, day),
    };
    let offset = offset.trim_start_matches(['Z', 'z']);
    // Signs and digits run from left to right in every language.
    let (time, offset) = (digits(language, time), format!("\u{2066}UTC{offset}\u{2069}"));
    let words = [("date", date.into()), ("time", time.into()), ("offset", offset.into())];
    let words = say(language, "letter-date-time", &words);
    match moment.as_written.is_empty() {
        true => words,
        false => {
            let written =
                say(language, "letter-date-as-written", &[("date", isolated(&moment.as_written).into())]);
            bracketed(language, words, written)
        }
    }
}

/// From a day until another.
pub fn period(language: Language, period: &Period) -> String {
    let end = |end: &Option<Date>| end.as_ref().map(|end| date(language, end));
    between(language, end(&period.begins), end(&period.ends))
}

/// From a moment until another.
pub fn window(language: Language, window: &TimeWindow) -> String {
    let end = |end: &Option<Moment>| end.as_ref().map(|end| moment(language, end));
    between(language, end(&window.begins), end(&window.ends))
}

fn between(language: Language, begins: Option<String>, ends: Option<String>) -> String {
    match (begins, ends) {
        (Some(begins), Some(ends)) => {
            say(language, "letter-from-to", &[("begins", begins.into()), ("ends", ends.into())])
        }
        (Some(begins), None) => say(language, "letter-from-on", &[("begins", begins.into())]),
        (None, Some(ends)) => say(language, "letter-until", &[("ends", ends.into())]),
        (None, None) => String::new(),
    }
}

/// The calendar of the language first: Solar Hijri in Persian, Gregorian in the others. A month
/// or a year alone has no one counterpart in the other calendar.
fn in_both(language: Language, day: Day) -> String {
    let Some(other) = day.solar() else { return gregorian(language, day) };
    let solar = words(language, "solar", other);
    match language {
        Language::Fa => bracketed(language, solar, gregorian(language, day)),
        _ => bracketed(language, gregorian(language, day), solar),
    }
}

fn gregorian(language: Language, day: Day) -> String {
    words(language, "gregorian", day)
}

fn words(language: Language, calendar: &str, day: Day) -> String {
    let months = if calendar == "solar" { "solar" } else { "month" };
    let year = digits(language, &day.year.to_string());
    let month = day.month.map(|month| language.say(&format!("letter-{months}-{month}")));
    let own = day.day.map(|day| digits(language, &day.to_string()));
    let id = format!("letter-date-{calendar}");
    match (month, own) {
        (Some(month), Some(own)) => {
            say(language, &id, &[("day", own.into()), ("month", month.into()), ("year", year.into())])
        }
        (Some(month), None) => {
            say(language, &format!("{id}-month"), &[("month", month.into()), ("year", year.into())])
        }
        _ => say(language, &format!("{id}-year"), &[("year", year.into())]),
    }
}

fn bracketed(language: Language, value: String, note: String) -> String {
    say(language, "letter-bracketed", &[("value", value.into()), ("note", note.into())])
}

impl Day {
    /// `2026-09-16`, `2026-09` or `2026`.
    fn read(iso: &str) -> Option<Self> {
        let mut parts = iso.split('-');
        let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
        let mut two = |most: u8| match parts.next() {
            None => Some(None),
            Some(part) if part.len() == 2 => part.parse().ok().filter(|n| (1..=most).contains(n)).map(Some),
            Some(_) => None,
        };
        let (month, day) = (two(12)?, two(31)?);
        let read = Self { year, month, day };
        let exists = day.is_none() || read.solar().is_some();
        (exists && parts.next().is_none()).then_some(read)
    }

    /// The same day in the Solar Hijri calendar.
    fn solar(self) -> Option<Self> {
        let iso = icu_calendar::Date::try_new_iso(self.year, self.month?, self.day?).ok()?;
        let solar = iso.to_calendar(Persian);
        Some(Self {
            year: solar.year().extended_year(),
            month: Some(solar.month().ordinal),
            day: Some(solar.day_of_month().0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        text.replace(['\u{2066}', '\u{2068}', '\u{2069}', '\u{200F}'], "")
    }

    fn iso(iso: &str) -> Date {
        Date { iso: iso.into(), ..Date::default() }
    }

    #[test]
    fn days_stand_in_both_calendars() {
        for (gregorian, solar) in [
            ("2013-10-14", (1392, 7, 22)),
            ("2025-03-20", (1403, 12, 30)),
            ("2025-03-21", (1404, 1, 1)),
            ("2026-03-21", (1405, 1, 1)),
        ] {
            let day = Day::read(gregorian).and_then(Day::solar).expect("a day");
            assert_eq!(
                (day.year, day.month, day.day),
                (solar.0, Some(solar.1), Some(solar.2)),
                "{gregorian}"
            );
        }
        let persian = plain(&date(Language::Fa, &iso("2013-10-14")));
        assert_eq!(persian, "۲۲ مهر ۱۳۹۲ (۱۴ اکتبر ۲۰۱۳ میلادی)");
        let hijri = Date {
            calendar: Calendar::SolarHijri.into(),
            as_written: "۱۳۹۲/۷/۲۲".into(),
            ..iso("2013-10-14")
        };
        let english = plain(&date(Language::En, &hijri));
        assert_eq!(english, "14 October 2013 (22 Mehr 1392 Solar Hijri) (written ۱۳۹۲/۷/۲۲)");
        assert_eq!(plain(&date(Language::En, &iso("2013-10-14"))), "14 October 2013");
        assert_eq!(
            plain(&day(Language::Ru, 1_774_051_200_000)),
            "21 марта 2026 г. (1 фарвардина 1405 г. солнечной хиджры)"
        );
    }

    #[test]
    fn a_day_runs_as_its_page_does_however_deep_it_stands() {
        let both = isolated(&date(Language::Fa, &iso("2013-10-14")));
        let page = unicode_bidi::BidiInfo::new(&both, Some(unicode_bidi::Level::rtl()));
        let seen = page.reorder_line(&page.paragraphs[0], page.paragraphs[0].range.clone());
        let at = |word: &str| seen.find(word).unwrap_or_else(|| panic!("{word} in {seen}"));
        // From the left: the Gregorian day in brackets, then the year of Solar Hijri, its day last.
        assert!(at("۲۰۱۳") < at("۱۴") && at("۱۴") < at("۱۳۹۲") && at("۱۳۹۲") < at("۲۲"), "{seen}");
    }

    #[test]
    fn what_is_not_exact_or_no_date_stands_as_it_is() {
        for (given, shown) in [
            ("2026-09", "September 2026"),
            ("2026", "2026"),
            ("2026-13-01", "2026-13-01"),
            ("2026-02-30", "2026-02-30"),
            ("2026-2-3", "2026-2-3"),
            ("soon", "soon"),
            ("2026-01-01-01", "2026-01-01-01"),
        ] {
            assert_eq!(plain(&date(Language::En, &iso(given))), shown, "{given}");
        }
        let about = Date { precision: Precision::Approximate.into(), ..iso("1990") };
        assert_eq!(plain(&date(Language::Fr, &about)), "vers 1990");
    }

    #[test]
    fn times_keep_the_offset_of_their_place() {
        let at = |time: &str| Moment { time: time.into(), ..Moment::default() };
        assert_eq!(
            plain(&moment(Language::En, &at("2027-05-10T09:30:00+02:00"))),
            "10 May 2027, 09:30 (UTC+02:00)"
        );
        assert_eq!(plain(&moment(Language::En, &at("2027-05-10T09:30:00Z"))), "10 May 2027, 09:30 (UTC)");
        assert_eq!(plain(&moment(Language::En, &at("tomorrow"))), "tomorrow");
        let open = TimeWindow { begins: Some(at("2027-05-10T09:30:00Z")), ends: None };
        assert_eq!(plain(&window(Language::En, &open)), "from 10 May 2027, 09:30 (UTC)");
    }
}
