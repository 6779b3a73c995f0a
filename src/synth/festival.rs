//! Spring Festival, which moves by a month from year to year: where a day stands to it.

use chrono::{Datelike, NaiveDate, TimeDelta};

use methods::calendar::spring_festival;

/// Days before the eve in which wages fall due and are fought over.
const BEFORE: i64 = 42;
/// Days from the eve on in which nearly everything rests.
const REST: i64 = 7;

/// Where a day stands to the nearest Spring Festival.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Season {
    /// In the six weeks before the eve; 0 at their beginning, near 1 on the day before the eve.
    Before(f64),
    /// In the seven days from the eve on.
    Rest,
    Ordinary,
}

/// Where `day` stands to the Spring Festival of its year.
pub fn season(day: NaiveDate) -> Season {
    let Some(first) = spring_festival(day.year()) else { return Season::Ordinary };
    let since_eve = (day - (first - TimeDelta::days(1))).num_days();
    match since_eve {
        n if (-BEFORE..0).contains(&n) => Season::Before((BEFORE + n) as f64 / BEFORE as f64),
        n if (0..REST).contains(&n) => Season::Rest,
        _ => before_in_the_last_year(day),
    }
}

/// The six weeks before the earliest possible festival (21 January) begin in the December before.
fn before_in_the_last_year(day: NaiveDate) -> Season {
    let Some(first) = spring_festival(day.year() + 1) else { return Season::Ordinary };
    let since_eve = (day - (first - TimeDelta::days(1))).num_days();
    if (-BEFORE..0).contains(&since_eve) {
        Season::Before((BEFORE + since_eve) as f64 / BEFORE as f64)
    } else {
        Season::Ordinary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn the_weeks_before_reach_into_the_old_year() {
        assert!(matches!(season(date(2022, 12, 15)), Season::Before(x) if x > 0.0 && x < 0.3));
        assert_eq!(season(date(2025, 1, 28)), Season::Rest);
        assert_eq!(season(date(2025, 2, 3)), Season::Rest);
        assert_eq!(season(date(2025, 2, 4)), Season::Ordinary);
        assert!(matches!(season(date(2025, 1, 27)), Season::Before(x) if x > 0.95));
    }
}
