//! The Chinese calendar: the Spring Festival, which moves by a month from year to year, and the days on which offices rest.

use chrono::{Datelike, Days, NaiveDate};
use icu_calendar::types::Month;
use icu_calendar::{Date, Iso};

/// First day of the lunar year that begins in a Gregorian year; `None` beyond what the calendar knows.
pub fn spring_festival(year: i32) -> Option<NaiveDate> {
    let lunar = Date::try_new_chinese_traditional(year, Month::new(1), 1).ok()?;
    let iso: Date<Iso> = lunar.to_calendar(Iso);
    NaiveDate::from_ymd_opt(iso.year().extended_year(), iso.month().ordinal.into(), iso.day_of_month().0.into())
}

/// Whether offices rest: two days before the Spring Festival to seven after it, and the first week of October.
pub fn is_holiday(day: NaiveDate) -> bool {
    let national = day.month() == 10 && day.day() <= 8;
    let festival = spring_festival(day.year()).is_some_and(|first| (first - Days::new(2)..=first + Days::new(7)).contains(&day));
    national || festival
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_years_as_the_almanac_has_them() {
        for (y, m, d) in [(2020, 1, 25), (2023, 1, 22), (2024, 2, 10), (2025, 1, 29), (2026, 2, 17)] {
            assert_eq!(spring_festival(y), NaiveDate::from_ymd_opt(y, m, d));
        }
        assert!(is_holiday(NaiveDate::from_ymd_opt(2025, 1, 28).unwrap()));
        assert!(!is_holiday(NaiveDate::from_ymd_opt(2025, 2, 10).unwrap()));
    }
}
