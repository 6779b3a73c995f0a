//! Periods that are scored: year to day, 旬, and the 28 days that end on a day.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// Days that are scored together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// `2026`, `2026-Q1`, `2026-01`, `2026-01/xun2`, `2026-W05`, `2026-01-31`, or `2026-01-31/28d`
    /// for the 28 days that end on a day.
    pub name: String,
    pub start: NaiveDate,
    pub end: NaiveDate,
}

/// Units of time that are scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Year,
    Quarter,
    Month,
    /// 旬: the first ten days of a month, the second ten, the rest.
    Xun,
    /// Monday to Sunday (ISO 8601).
    Week,
    Day,
    /// The 28 days that end on a day.
    Trailing,
}

impl Unit {
    /// The period that holds `day`, cut off at `last` where it is still running.
    pub fn period(self, day: NaiveDate, last: NaiveDate) -> Period {
        let (start, end) = self.bounds(day);
        Period { name: self.name(start, end), start, end: end.min(last) }
    }

    /// Every period from the one of `first` to the one of `last`, which ends there.
    pub fn periods(self, first: NaiveDate, last: NaiveDate) -> Vec<Period> {
        if self == Unit::Trailing {
            return vec![self.period(last, last)];
        }
        let mut periods = vec![self.period(first, last)];
        while periods[periods.len() - 1].end < last {
            let next = periods[periods.len() - 1].end + Days::new(1);
            periods.push(self.period(next, last));
        }
        periods
    }

    /// The period before one, whole.
    pub fn before(self, period: &Period) -> Period {
        self.period(period.start - Days::new(1), NaiveDate::MAX)
    }

    fn bounds(self, day: NaiveDate) -> (NaiveDate, NaiveDate) {
        let month = day - Days::new(u64::from(day.day0()));
        let to_end = |start: NaiveDate, months: u32| start + Months::new(months) - Days::new(1);
        match self {
            Unit::Year => {
                let start = month - Months::new(month.month0());
                (start, to_end(start, 12))
            }
            Unit::Quarter => {
                let start = month - Months::new(month.month0() % 3);
                (start, to_end(start, 3))
            }
            Unit::Month => (month, to_end(month, 1)),
            Unit::Xun => {
                let number = xun(day);
                let start = month + Days::new(10 * (number - 1));
                (start, if number == 3 { to_end(month, 1) } else { start + Days::new(9) })
            }
            Unit::Week => {
                let week = day.week(Weekday::Mon);
                (week.first_day(), week.last_day())
            }
            Unit::Day => (day, day),
            Unit::Trailing => (day - Days::new(27), day),
        }
    }

    fn name(self, start: NaiveDate, end: NaiveDate) -> String {
        match self {
            Unit::Year => start.format("%Y").to_string(),
            Unit::Quarter => format!("{}-Q{}", start.format("%Y"), start.month0() / 3 + 1),
            Unit::Month => start.format("%Y-%m").to_string(),
            Unit::Xun => format!("{}/xun{}", start.format("%Y-%m"), xun(start)),
            Unit::Week => start.format("%G-W%V").to_string(),
            Unit::Day => start.to_string(),
            Unit::Trailing => format!("{end}/28d"),
        }
    }
}

/// Number of the 旬 of a day in its month, 1 to 3.
fn xun(day: NaiveDate) -> u64 {
    u64::from(day.day0() / 10).min(2) + 1
}

impl Period {
    /// Days in it.
    pub fn days(&self) -> i64 {
        (self.end - self.start).num_days() + 1
    }

    /// Reads a name that [`Unit`] gives, the period being cut off at `last`.
    pub fn parse(name: &str, last: NaiveDate) -> Option<Period> {
        Unit::parse(name).map(|(unit, day)| unit.period(day, last))
    }

    /// The same period some years before; where this one is cut off, that one is too, after as many
    /// days. A week's is 52 weeks a year before.
    pub fn years_before(&self, years: u32) -> Period {
        let (unit, start) =
            Unit::parse(&self.name).map_or((Unit::Day, self.start), |(unit, _)| (unit, self.start));
        let back = |day: NaiveDate| {
            if unit == Unit::Week {
                day - Days::new(364 * u64::from(years))
            } else {
                day - Months::new(12 * years)
            }
        };
        let whole = unit.period(
            if unit == Unit::Trailing { back(self.end) } else { back(start) },
            NaiveDate::MAX,
        );
        let running = Unit::parse(&self.name)
            .is_some_and(|(unit, day)| unit.period(day, NaiveDate::MAX).end > self.end);
        let last = whole.start + Days::new(self.days() as u64 - 1);
        Period { end: if running { whole.end.min(last) } else { whole.end }, ..whole }
    }

    /// The period of the same unit before this one, whole.
    pub fn before(&self) -> Period {
        // A name that no unit gives is a period of some days; its like is as many days before.
        Unit::parse(&self.name).map_or(
            Period {
                name: format!("before {}", self.name),
                start: self.start - Days::new(self.days() as u64),
                end: self.start - Days::new(1),
            },
            |(unit, _)| unit.before(self),
        )
    }

    /// The month after this one, which is a month.
    pub fn next_month(&self) -> Period {
        Unit::Month.period(self.end + Days::new(1), NaiveDate::MAX)
    }
}

impl Unit {
    /// The unit whose period has that name, and a day of it.
    fn parse(name: &str) -> Option<(Unit, NaiveDate)> {
        let units = [
            Unit::Year,
            Unit::Quarter,
            Unit::Month,
            Unit::Xun,
            Unit::Week,
            Unit::Day,
            Unit::Trailing,
        ];
        let named = |unit: &Unit| unit.day_of(name).map(|day| (*unit, day));
        units
            .iter()
            .filter_map(named)
            .find(|(unit, day)| unit.period(*day, NaiveDate::MAX).name == name)
    }

    /// A day of the period of that name, if it is one of this unit's.
    fn day_of(self, name: &str) -> Option<NaiveDate> {
        let date = |text: String| text.parse::<NaiveDate>().ok();
        match self {
            Unit::Year => date(format!("{name}-01-01")),
            Unit::Quarter => {
                let (year, quarter) = name.split_once("-Q")?;
                date(format!(
                    "{year}-{:02}-01",
                    (quarter.parse::<u32>().ok()?.checked_sub(1)?) * 3 + 1
                ))
            }
            Unit::Month => date(format!("{name}-01")),
            Unit::Xun => {
                let (month, number) = name.split_once("/xun")?;
                date(format!(
                    "{month}-{:02}",
                    (number.parse::<u32>().ok()?.checked_sub(1)?) * 10 + 1
                ))
            }
            Unit::Week => {
                let (year, week) = name.split_once("-W")?;
                NaiveDate::from_isoywd_opt(year.parse().ok()?, week.parse().ok()?, Weekday::Mon)
            }
            Unit::Day => date(name.to_owned()),
            Unit::Trailing => date(name.strip_suffix("/28d")?.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(s: &str) -> NaiveDate {
        s.parse().unwrap()
    }

    #[test]
    fn months_run_to_the_last_day_known() {
        let months = Unit::Month.periods(day("2025-11-17"), day("2026-01-20"));
        let names: Vec<&str> = months.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["2025-11", "2025-12", "2026-01"]);
        assert_eq!((months[0].start, months[2].end), (day("2025-11-01"), day("2026-01-20")));
        assert_eq!(Unit::Trailing.period(day("2026-01-31"), day("2026-01-31")).days(), 28);
        let year = Unit::Year.period(day("2024-07-01"), day("2026-01-20"));
        assert_eq!((year.name.as_str(), year.days()), ("2024", 366));
    }

    #[test]
    fn every_unit_tiles_the_calendar_and_its_names_read_back() {
        let (first, last) = (day("2023-01-01"), day("2025-12-31"));
        for unit in [Unit::Year, Unit::Quarter, Unit::Month, Unit::Xun, Unit::Week, Unit::Day] {
            let periods = unit.periods(first, last);
            for pair in periods.windows(2) {
                assert_eq!(pair[0].end + Days::new(1), pair[1].start, "{unit:?}");
                assert_eq!(
                    unit.before(&pair[1]),
                    Period {
                        name: pair[0].name.clone(),
                        ..unit.period(pair[0].start, NaiveDate::MAX)
                    }
                );
            }
            for period in &periods {
                assert_eq!(Period::parse(&period.name, last).as_ref(), Some(period), "{unit:?}");
            }
        }
        assert_eq!(
            Unit::Xun
                .periods(day("2024-02-01"), day("2024-02-29"))
                .iter()
                .map(Period::days)
                .collect::<Vec<_>>(),
            [10, 10, 9]
        );
        assert_eq!(Period::parse("2026-13", last), None);
        assert_eq!(Period::parse("2026-Q0", last), None);
    }
}
