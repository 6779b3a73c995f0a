//! How much of the last weeks has been reported so far, domain by domain.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use rayon::prelude::*;

use super::coverage::Coverage;
use methods::detect::delay::{Delay, Increment, Nowcast, Triangle};
use methods::detect::house::Reported;

/// Days of occurrence that delays are learned from.
pub const DAYS: usize = 240;
/// Longest delay that is modelled.
const LONGEST: usize = 60;
/// Two-sided normal quantile of the nowcast's 90 % interval.
const Z: f64 = 1.645;

/// Share reported of the last week, of the one before it, and so on, of each domain whose delays
/// are known; others are taken as reported. `reports` are each domain's net reports of the whole
/// county, their days of event and of recording counted from [`first`].
pub fn shares(
    reports: BTreeMap<String, Vec<Increment>>,
    coverage: &Coverage,
    delay: &Delay,
    last: NaiveDate,
) -> BTreeMap<String, Vec<Reported>> {
    let first = first(last);
    let of = |(domain, reports): (String, Vec<Increment>)| {
        let delivered = coverage.delivered(&domain, first, last);
        let feed = coverage.feeds.get(domain.as_str());
        let teaches = |day: &NaiveDate| {
            delivered.contains(day) && feed.is_none_or(|feed| feed.teaches_delays(*day))
        };
        let days = first.iter_days().take(DAYS).enumerate();
        let lost: Vec<usize> = days.filter(|(_, day)| !teaches(day)).map(|(i, _)| i).collect();
        let triangle = Triangle::new(DAYS, LONGEST, reports).masked(&lost, &[]);
        let days = delay
            .fit(std::slice::from_ref(&triangle))
            .and_then(|fitted| fitted.predict(&triangle, 0.9))
            .ok()?;
        Some((domain, by_week(&days)))
    };
    reports.into_par_iter().filter_map(of).collect()
}

/// The first day of occurrence that is looked at on the night of `last`.
pub fn first(last: NaiveDate) -> NaiveDate {
    last - Days::new(DAYS as u64 - 1)
}

/// The days' shares as those of the weeks that end on the last day.
fn by_week(days: &[Nowcast]) -> Vec<Reported> {
    let last_first: Vec<&Nowcast> = days.iter().rev().collect();
    let week = |week: &[&Nowcast]| {
        let known: Vec<Reported> = week
            .iter()
            .filter_map(|day| match day {
                Nowcast::Known(day) => Some(Reported {
                    share: day.share,
                    error: (day.share_upper - day.share_lower) / (2.0 * Z),
                }),
                Nowcast::NotAssessable(_) => None,
            })
            .collect();
        let n = known.len() as f64;
        if known.is_empty() {
            return Reported::WHOLE;
        }
        // Days of a week share the delays' error.
        Reported {
            share: (known.iter().map(|r| r.share).sum::<f64>() / n).clamp(1e-3, 1.0),
            error: known.iter().map(|r| r.error).sum::<f64>() / n,
        }
    };
    last_first.chunks(7).map(week).collect()
}
