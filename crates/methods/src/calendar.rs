//! The Chinese calendar: the Spring Festival, which moves by a month from year to year, and the
//! days on which offices are closed.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use icu_calendar::types::Month;
use icu_calendar::{Date, Iso};

/// First day of the lunar year that begins in a Gregorian year; `None` beyond the years the
/// calendar covers.
pub fn spring_festival(year: i32) -> Option<NaiveDate> {
    let lunar = Date::try_new_chinese_traditional(year, Month::new(1), 1).ok()?;
    let iso: Date<Iso> = lunar.to_calendar(Iso);
    NaiveDate::from_ymd_opt(
        iso.year().extended_year(),
        iso.month().ordinal.into(),
        iso.day_of_month().0.into(),
    )
}

/// Whether offices are closed: two days before the Spring Festival to seven after it, and the first
/// week of October.
pub fn is_holiday(day: NaiveDate) -> bool {
    let national = day.month() == 10 && day.day() <= 8;
    // The festival falls between 20 January and 21 February.
    let festival = day.month() <= 3
        && spring_festival(day.year())
            .is_some_and(|first| (first - Days::new(2)..=first + Days::new(7)).contains(&day));
    national || festival
}

/// The first day, from this one on, that is neither Saturday nor Sunday nor a public holiday of a
/// known date: New Year, the Spring Festival, 1 to 3 May, the first week of October. The days that
/// the State Council swaps every year are not known here.
pub fn working_day(day: NaiveDate) -> NaiveDate {
    let closed = |day: &NaiveDate| {
        let fixed = matches!((day.month(), day.day()), (1, 1) | (5, 1..=3));
        fixed || matches!(day.weekday(), Weekday::Sat | Weekday::Sun) || is_holiday(*day)
    };
    day.iter_days().take(60).find(|day| !closed(day)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_years_as_the_almanac_has_them() {
        for (y, m, d) in [(2020, 1, 25), (2023, 1, 22), (2024, 2, 10), (2025, 1, 29), (2026, 2, 17)]
        {
            assert_eq!(spring_festival(y), NaiveDate::from_ymd_opt(y, m, d));
        }
        assert!(is_holiday(NaiveDate::from_ymd_opt(2025, 1, 28).unwrap()));
        assert!(!is_holiday(NaiveDate::from_ymd_opt(2025, 2, 10).unwrap()));
    }

    #[test]
    fn a_deadline_falls_on_a_working_day() {
        let moved = |text: &str| working_day(text.parse().unwrap()).to_string();
        // A Saturday; the eve of the Spring Festival of 2026, whose holiday ends on a Tuesday; the
        // first of October.
        for (from, to) in [
            ("2026-01-23", "2026-01-23"),
            ("2026-01-24", "2026-01-26"),
            ("2026-02-16", "2026-02-25"),
            ("2026-10-01", "2026-10-09"),
            ("2026-01-01", "2026-01-02"),
        ] {
            assert_eq!(moved(from), to, "{from}");
        }
    }
}
