//! What builds up slowly: steady rises over months, and new levels.

use rayon::prelude::*;
use serde_json::{Map, json};

use super::fdr::benjamini_hochberg;
use super::finding::{Finding, Kind};
use super::mann_kendall::test::{Alternative, Modification, Settings as Test, Trend, test};
use super::pelt::cost::{NegativeBinomial, neighbour_size};
use super::pelt::partition::{Grid, pelt};
use super::settings::Settings;
use super::watch::{Key, Watched, Weeks};

/// Four weeks as one: the months of the trend test, all of one length.
pub(super) const MONTH: usize = 4;
/// Such months in a year.
pub(super) const A_YEAR: usize = 13;

/// Series that rise steadily, by the seasonal Mann–Kendall test on four-week sums; one false discovery rate over all.
pub fn trends(watched: &Watched, settings: &Settings) -> Vec<Finding> {
    let with = Test { modification: Modification::Seasonal, alternative: Alternative::Increasing, alpha: 0.05, lag: None, period: A_YEAR };
    let tested: Vec<(&Key, Vec<f64>, Trend)> = series(watched)
        .par_iter()
        .filter_map(|(key, weeks)| {
            let months = months(weeks, settings.trends.months);
            let known: f64 = months.iter().filter(|n| !n.is_nan()).sum();
            (known >= settings.trends.least && months.len() >= 2 * A_YEAR).then(|| (*key, months.clone(), test(&months, &with)))
        })
        .collect();
    let q = benjamini_hochberg(&tested.iter().map(|(_, _, trend)| trend.p).collect::<Vec<f64>>());
    let rising = |((key, months, trend), q): ((&Key, Vec<f64>, Trend), f64)| {
        (q <= settings.q && trend.slope.slope > 0.0).then(|| rise(key, &months, &trend, q, watched.weeks))
    };
    tested.into_iter().zip(q).filter_map(rising).collect()
}

fn rise(key: &Key, months: &[f64], trend: &Trend, q: f64, weeks: Weeks) -> Finding {
    // Only months that are known in both years are held against each other.
    let (before, last) = months[months.len() - 2 * A_YEAR..].split_at(A_YEAR);
    let both = before.iter().zip(last).filter(|(b, l)| !b.is_nan() && !l.is_nan());
    let (before, last) = both.fold((0.0, 0.0), |(b, l), (x, y)| (b + x, l + y));
    let detail = Map::from_iter([
        ("tau".to_owned(), json!(trend.tau)),
        ("z".to_owned(), json!(trend.z)),
        ("slope_a_year".to_owned(), json!(trend.slope.slope)),
        ("four_weeks".to_owned(), json!(months)),
        ("expected_is".to_owned(), json!("the year before")),
    ]);
    Finding {
        area_code: key.area.clone(),
        domain: key.domain.clone(),
        category: key.category.clone(),
        kind: Kind::Trend,
        method: "seasonal_mann_kendall",
        period: (weeks.start(weeks.count - MONTH * months.len()), weeks.last),
        observed: last,
        expected: before,
        lower: f64::NAN,
        upper: f64::NAN,
        p: trend.p,
        q,
        detail,
    }
}

/// Series whose level rose within the last weeks, by PELT with negative binomial cost.
pub fn changes(watched: &Watched, settings: &Settings) -> Vec<Finding> {
    let weeks = watched.weeks;
    let found = |(key, counts): &(&Key, Vec<f64>)| {
        let places: Vec<usize> = (0..counts.len()).filter(|w| !counts[*w].is_nan()).collect();
        let y: Vec<f64> = places.iter().map(|w| counts[*w]).collect();
        if y.iter().sum::<f64>() < settings.changes.least * y.len() as f64 / 52.0 {
            return None;
        }
        let exposure = vec![1.0; y.len()];
        let size = neighbour_size(&y, &exposure).min(1e6);
        let pen = 3.0 * (y.len() as f64).ln();
        let ends = pelt(
            &NegativeBinomial::new(&y, &exposure, size),
            y.len(),
            pen,
            Grid { min_size: settings.changes.min_size, jump: 1, compat: false },
        );
        let cut = *ends.iter().rev().nth(1)?;
        let start = ends.iter().rev().nth(2).copied().unwrap_or(0);
        let level = |from: usize, to: usize| y[from..to].iter().sum::<f64>() / (to - from) as f64;
        let (before, after) = (level(start, cut), level(cut, y.len()));
        let recent = places[cut] + settings.changes.recent + settings.changes.min_size >= weeks.count;
        (recent && after > before).then(|| {
            let since = weeks.count - places[cut];
            let detail = Map::from_iter([
                ("level_before".to_owned(), json!(before)),
                ("level_after".to_owned(), json!(after)),
                ("level_before_from".to_owned(), json!(weeks.start(places[start]).to_string())),
                ("weeks".to_owned(), json!(since)),
                ("size".to_owned(), json!(size)),
                ("pen".to_owned(), json!(pen)),
            ]);
            Finding {
                area_code: key.area.clone(),
                domain: key.domain.clone(),
                category: key.category.clone(),
                kind: Kind::Change,
                method: "pelt",
                period: (weeks.start(places[cut]), weeks.last),
                observed: y[cut..].iter().sum(),
                expected: before * (y.len() - cut) as f64,
                lower: f64::NAN,
                upper: f64::NAN,
                p: f64::NAN,
                q: f64::NAN,
                detail,
            }
        })
    };
    series(watched).par_iter().filter_map(found).collect()
}

/// Every series without the weeks that are not whole, or of which more is to come.
pub(super) fn series(watched: &Watched) -> Vec<(&Key, Vec<f64>)> {
    let whole = |key: &Key, counts: &[f64]| {
        let covered = watched.settled.get(key.domain.as_str()).map_or(&[][..], Vec::as_slice);
        counts.iter().zip(covered).map(|(n, share)| if *share > 0.99 { *n } else { f64::NAN }).collect()
    };
    watched.series.iter().map(|(key, counts)| (key, whole(key, counts))).collect()
}

/// Sums of four weeks; NaN where a week of one is missing.
pub(super) fn months(weeks: &[f64], most: usize) -> Vec<f64> {
    let whole = weeks.len() / MONTH;
    let sums: Vec<f64> = weeks[weeks.len() - whole * MONTH..].chunks(MONTH).map(|w| w.iter().sum()).collect();
    let first = sums.iter().position(|n| !n.is_nan()).unwrap_or(sums.len()).max(sums.len().saturating_sub(most));
    sums[first..].to_vec()
}
