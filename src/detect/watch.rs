//! What is watched: counts of every area × domain × category, week by week, as they were known.
//!
//! Weeks end on the as-of day, so that the last one is always whole.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use crate::job::Job;

/// The weeks that end on the as-of day, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weeks {
    /// Last day of the last week.
    pub last: NaiveDate,
    pub count: usize,
}

impl Weeks {
    /// First day of a week by its place.
    pub fn start(&self, week: usize) -> NaiveDate {
        self.last - Days::new(7 * (self.count - week) as u64 - 1)
    }

    /// Its last day.
    pub fn end(&self, week: usize) -> NaiveDate {
        self.start(week) + Days::new(6)
    }

    /// First days of all.
    pub fn starts(&self) -> Vec<NaiveDate> {
        (0..self.count).map(|w| self.start(w)).collect()
    }
}

/// Which series a watched one is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub area: String,
    pub domain: String,
    /// Empty for all categories together.
    pub category: String,
}

/// All that is watched.
#[derive(Clone, Debug)]
pub struct Watched {
    pub weeks: Weeks,
    /// Code of the county.
    pub root: String,
    /// Events of each series, one a week, of days that count alone.
    pub series: BTreeMap<Key, Vec<f64>>,
    /// Share of each week's days that count, by domain.
    pub covered: BTreeMap<&'static str, Vec<f64>>,
    /// Share of each week's days that count and of which hardly more is to come.
    pub settled: BTreeMap<&'static str, Vec<f64>>,
}

impl Watched {
    /// The weekly counts of the areas of a level and of the county, of each domain's indicator that is watched. Days on which a feed was
    /// missing or thinned do not count; the last ones, of which more is to come, do.
    pub fn new(job: &Job, weeks: Weeks, series: BTreeMap<Key, Vec<f64>>) -> Watched {
        let of = |days: &dyn Fn(&str) -> Vec<NaiveDate>| job.coverage.feeds.keys().map(|d| (*d, shares(weeks, &days(d)))).collect();
        Watched {
            weeks,
            root: job.register.root().code.clone(),
            series,
            covered: of(&|domain| job.coverage.delivered(domain, weeks.start(0), weeks.last)),
            settled: of(&|domain| job.coverage.days(domain, weeks.start(0), weeks.last)),
        }
    }
}

/// Share of each week's days that are among these.
fn shares(weeks: Weeks, days: &[NaiveDate]) -> Vec<f64> {
    let first = weeks.start(0);
    let mut shares = vec![0.0; weeks.count];
    for day in days {
        if let Some(share) = usize::try_from((*day - first).num_days() / 7).ok().and_then(|week| shares.get_mut(week)) {
            *share += 1.0 / 7.0;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_end_on_the_last_day() {
        let weeks = Weeks { last: "2026-01-31".parse().unwrap(), count: 3 };
        assert_eq!(weeks.starts().iter().map(NaiveDate::to_string).collect::<Vec<_>>(), ["2026-01-11", "2026-01-18", "2026-01-25"]);
        assert_eq!(weeks.end(2), weeks.last);
    }
}
