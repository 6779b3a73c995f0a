//! The watched series: weekly counts of every area × domain × category, as they were known.
//!
//! Weeks end on the last day judged, so that the last one is always whole: the as-of day, or the
//! last day that a source in batches has delivered.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use crate::feeds::Coverage;

/// The weeks that end on the last day judged, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weeks {
    /// Last day of the last week.
    pub last: NaiveDate,
    pub count: usize,
}

impl Weeks {
    /// First day of a week, by its position.
    pub fn start(&self, week: usize) -> NaiveDate {
        self.last - Days::new(7 * (self.count - week) as u64 - 1)
    }

    /// Its last day.
    pub fn end(&self, week: usize) -> NaiveDate {
        self.start(week) + Days::new(6)
    }

    /// First days of all weeks.
    pub fn starts(&self) -> Vec<NaiveDate> {
        (0..self.count).map(|w| self.start(w)).collect()
    }
}

/// What a watched series counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub area: String,
    pub domain: String,
    /// Empty for all categories together.
    pub category: String,
}

/// All watched series.
#[derive(Clone, Debug)]
pub struct Watched {
    pub weeks: Weeks,
    /// Code of the county.
    pub root: String,
    /// Events of each series, one a week, of days delivered alone.
    pub series: BTreeMap<Key, Vec<f64>>,
    /// Share of each week's days that were delivered, by domain.
    pub covered: BTreeMap<&'static str, Vec<f64>>,
    /// Share of each week's days that count and of which hardly more is to come.
    pub settled: BTreeMap<&'static str, Vec<f64>>,
}

impl Watched {
    /// Weeks of some domains of a county in which nothing has been counted yet. Days on which a
    /// feed was missing or thinned do not count; the last ones, of which more is to come, do.
    pub fn new(
        weeks: Weeks,
        root: &str,
        coverage: &Coverage,
        domains: &BTreeSet<&'static str>,
    ) -> Watched {
        let days = |of: fn(&Coverage, &str, NaiveDate, NaiveDate) -> Vec<NaiveDate>| {
            domains
                .iter()
                .map(|d| (*d, shares(weeks, &of(coverage, d, weeks.start(0), weeks.last))))
                .collect()
        };
        Watched {
            weeks,
            root: root.to_owned(),
            series: BTreeMap::new(),
            covered: days(Coverage::delivered),
            settled: days(Coverage::days),
        }
    }

    /// Adds weeks and their events, of days delivered, under a category and under all together.
    pub fn count(&mut self, area: &str, domain: &str, category: &str, events: &[(usize, f64)]) {
        let own = Some(category).filter(|c| !c.is_empty());
        for category in own.into_iter().chain([""]) {
            let key = Key {
                area: area.to_owned(),
                domain: domain.to_owned(),
                category: category.to_owned(),
            };
            let counts = self.series.entry(key).or_insert_with(|| vec![0.0; self.weeks.count]);
            for (week, events) in events {
                if let Some(count) = counts.get_mut(*week) {
                    *count += events;
                }
            }
        }
    }
}

/// A week of which fewer than four days were delivered is missing.
const HALF: f64 = 0.5;

impl Watched {
    /// All series, the weeks that are missing NaN.
    pub fn delivered(&self) -> Vec<(&Key, Vec<f64>)> {
        let week = |(n, known): (&f64, bool)| if known { *n } else { f64::NAN };
        let weeks = |key: &Key, counts: &[f64]| {
            counts.iter().zip(self.known_weeks(&key.domain)).map(week).collect()
        };
        self.series.iter().map(|(key, counts)| (key, weeks(key, counts))).collect()
    }

    /// Whether each week of a domain is known.
    pub fn known_weeks(&self, domain: &str) -> impl Iterator<Item = bool> {
        let covered = self.covered.get(domain).map_or(&[][..], Vec::as_slice);
        covered.iter().map(|share| *share > HALF)
    }
}

/// Share of each week's days that are among these.
fn shares(weeks: Weeks, days: &[NaiveDate]) -> Vec<f64> {
    let first = weeks.start(0);
    let mut shares = vec![0.0; weeks.count];
    for day in days {
        if let Some(share) = usize::try_from((*day - first).num_days() / 7)
            .ok()
            .and_then(|week| shares.get_mut(week))
        {
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
        assert_eq!(
            weeks.starts().iter().map(NaiveDate::to_string).collect::<Vec<_>>(),
            ["2026-01-11", "2026-01-18", "2026-01-25"]
        );
        assert_eq!(weeks.end(2), weeks.last);
    }
}
