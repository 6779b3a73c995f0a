//! What builds up slowly: steady rises over months.

use rayon::prelude::*;

use super::detail::{self, Detail, each_known, known};
use super::finding::Finding;
use super::settings::Settings;
use super::tested::Tested;
use super::watch::{Key, Watched, Weeks};
use methods::detect::mann_kendall::test::{
    Alternative, Modification, Settings as Test, Trend, test,
};

/// Four weeks as one: the months of the trend test, all of one length.
pub(super) const MONTH: usize = 4;
/// Such months in a year.
pub(super) const A_YEAR: usize = 13;
/// Such months at the end of which nothing need be known: reports come late, but not as late as
/// that.
pub(super) const STALE: usize = 3;

/// Whether each series rises steadily, by the seasonal Mann–Kendall test on four-week sums.
pub(super) fn trends(watched: &Watched, settled: &[Settled], settings: &Settings) -> Vec<Tested> {
    let weeks = watched.weeks;
    let with = Test {
        modification: Modification::Seasonal,
        alternative: Alternative::Increasing,
        alpha: 0.05,
        lag: None,
        period: A_YEAR,
    };
    let one = |(key, counts): &Settled| {
        let months = months(counts, settings.trends.months);
        let known: f64 = months.iter().filter(|n| !n.is_nan()).sum();
        if interrupted(watched, key)
            || stopped(counts, weeks).is_some()
            || known < settings.trends.least
            || months.len() < 2 * A_YEAR
        {
            return None;
        }
        let trend = test(&months, &with);
        // A q is never below its p.
        let rising = trend.slope.slope > 0.0 && trend.p <= settings.q;
        Some(Tested { p: trend.p, finding: rising.then(|| rise(key, &months, &trend, weeks)) })
    };
    settled.par_iter().filter_map(one).collect()
}

fn rise(key: &Key, months: &[f64], trend: &Trend, weeks: Weeks) -> Finding {
    // Only months that are known in both years are held against each other.
    let (before, last) = months[months.len() - 2 * A_YEAR..].split_at(A_YEAR);
    let both = before.iter().zip(last).filter(|(b, l)| !b.is_nan() && !l.is_nan());
    let (before, last) = both.fold((0.0, 0.0), |(b, l), (x, y)| (b + x, l + y));
    let detail = detail::Trend {
        tau: known(trend.tau),
        z: known(trend.z),
        slope_a_year: known(trend.slope.slope),
        four_weeks: each_known(months),
        expected_is: "the year before".to_owned(),
    };
    let period = (weeks.start(weeks.count - MONTH * months.len()), weeks.last);
    Finding {
        observed: last,
        expected: before,
        p: trend.p,
        ..Finding::new(key, Detail::Trend(detail), "seasonal_mann_kendall", period)
    }
}

/// A series without the weeks that are not whole, or of which more is to come.
pub type Settled<'a> = (&'a Key, Vec<f64>);

/// All of them.
pub fn settled(watched: &Watched) -> Vec<Settled<'_>> {
    let whole = |key: &Key, counts: &[f64]| {
        let covered = watched.settled.get(key.domain.as_str()).map_or(&[][..], Vec::as_slice);
        counts
            .iter()
            .zip(covered)
            .map(|(n, share)| if *share > 0.99 { *n } else { f64::NAN })
            .collect()
    };
    watched.series.iter().map(|(key, counts)| (key, whole(key, counts))).collect()
}

/// Why nothing can be said of how a series goes on: nothing is known of its last weeks.
pub fn stopped(counts: &[f64], weeks: Weeks) -> Option<String> {
    match counts.iter().rposition(|n| !n.is_nan()) {
        None => {
            Some(format!("the feed is missing: no whole week of the last {} is known", weeks.count))
        }
        Some(last) if counts.len() - 1 - last >= STALE * MONTH => {
            Some(format!("the feed has stopped: no whole week is known after {}", weeks.end(last)))
        }
        Some(_) => None,
    }
}

/// Whether a feed failed lately: of the days of the last four weeks a tenth or more do not count.
/// What is slow is not looked at then: with the last month gone a trend would rest on other months
/// than the night before, and come and go with the feed. That it failed is told by the spikes'
/// rows.
pub(super) fn interrupted(watched: &Watched, key: &Key) -> bool {
    let covered = watched.covered.get(key.domain.as_str()).map_or(&[][..], Vec::as_slice);
    covered.iter().rev().take(MONTH).sum::<f64>() < 0.9 * MONTH as f64
}

/// Sums of four weeks; NaN where a week of one is missing.
pub(super) fn months(weeks: &[f64], most: usize) -> Vec<f64> {
    let whole = weeks.len() / MONTH;
    let sums: Vec<f64> =
        weeks[weeks.len() - whole * MONTH..].chunks(MONTH).map(|w| w.iter().sum()).collect();
    let first = sums
        .iter()
        .position(|n| !n.is_nan())
        .unwrap_or(sums.len())
        .max(sums.len().saturating_sub(most));
    sums[first..].to_vec()
}
