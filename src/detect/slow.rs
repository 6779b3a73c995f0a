//! What builds up slowly: steady rises over months, and new levels.

use rayon::prelude::*;
use serde_json::{Map, json};

use super::fdr::benjamini_hochberg;
use super::finding::{Finding, Kind};
use super::mann_kendall::test::{Alternative, Modification, Settings as Test, Trend, test};
use super::pelt::cost::{Cost, NegativeBinomial, neighbour_size};
use super::pelt::partition::{Grid, pelt};
use super::settings::Settings;
use super::watch::{Key, Watched, Weeks};

/// Four weeks as one: the months of the trend test, all of one length.
pub(super) const MONTH: usize = 4;
/// Such months in a year.
pub(super) const A_YEAR: usize = 13;
/// Such months at the end of which nothing need be known: reports come late, but not as late as that.
pub(super) const STALE: usize = 3;

/// What sums of costs may differ by for the order of their terms.
const ROUNDING: f64 = 1e-6;

/// Series that rise steadily, by the seasonal Mann–Kendall test on four-week sums; one false discovery rate over all.
pub fn trends(settled: &[Settled], weeks: Weeks, settings: &Settings) -> Vec<Finding> {
    let with = Test { modification: Modification::Seasonal, alternative: Alternative::Increasing, alpha: 0.05, lag: None, period: A_YEAR };
    let tested: Vec<(&Key, Vec<f64>, Trend)> = settled
        .par_iter()
        .filter(|(_, counts)| stopped(counts, weeks).is_none())
        .filter_map(|(key, counts)| {
            let months = months(counts, settings.trends.months);
            let known: f64 = months.iter().filter(|n| !n.is_nan()).sum();
            (known >= settings.trends.least && months.len() >= 2 * A_YEAR).then(|| {
                let trend = test(&months, &with);
                (*key, months, trend)
            })
        })
        .collect();
    let q = benjamini_hochberg(&tested.iter().map(|(_, _, trend)| trend.p).collect::<Vec<f64>>());
    let rising = |((key, months, trend), q): ((&Key, Vec<f64>, Trend), f64)| {
        (q <= settings.q && trend.slope.slope > 0.0).then(|| rise(key, &months, &trend, q, weeks))
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
    let period = (weeks.start(weeks.count - MONTH * months.len()), weeks.last);
    let blank = Finding::of(key, Kind::Trend, "seasonal_mann_kendall", period);
    Finding { observed: last, expected: before, p: trend.p, q, detail, ..blank }
}

/// Series whose level rose within the last weeks, by PELT with negative binomial cost.
pub fn changes(settled: &[Settled], weeks: Weeks, settings: &Settings) -> Vec<Finding> {
    let found = |(key, counts): &Settled| {
        let places: Vec<usize> = (0..counts.len()).filter(|w| !counts[*w].is_nan()).collect();
        let y: Vec<f64> = places.iter().map(|w| counts[*w]).collect();
        if y.iter().sum::<f64>() < settings.changes.least * y.len() as f64 / 52.0 {
            return None;
        }
        let exposure = vec![1.0; y.len()];
        let size = neighbour_size(&y, &exposure).min(1e6);
        let pen = 3.0 * (y.len() as f64).ln();
        let (cost, min_size) = (NegativeBinomial::new(&y, &exposure, size), settings.changes.min_size);
        let is_recent = |cut: &usize| places[*cut] + settings.changes.recent + min_size >= weeks.count;
        let first = (0..y.len()).find(is_recent)?;
        if !may_rise(&cost, y.len(), pen, min_size, first) {
            return None;
        }
        let ends = pelt(&cost, y.len(), pen, Grid { min_size, jump: 1, compat: false });
        let cut = *ends.iter().rev().nth(1)?;
        let start = ends.iter().rev().nth(2).copied().unwrap_or(0);
        let level = |from: usize, to: usize| y[from..to].iter().sum::<f64>() / (to - from) as f64;
        let (before, after) = (level(start, cut), level(cut, y.len()));
        (is_recent(&cut) && after > before).then(|| {
            let since = weeks.count - places[cut];
            let detail = Map::from_iter([
                ("level_before".to_owned(), json!(before)),
                ("level_after".to_owned(), json!(after)),
                ("level_before_from".to_owned(), json!(weeks.start(places[start]).to_string())),
                ("weeks".to_owned(), json!(since)),
                ("size".to_owned(), json!(size)),
                ("pen".to_owned(), json!(pen)),
            ]);
            let (observed, expected) = (y[cut..].iter().sum(), before * (y.len() - cut) as f64);
            Finding { observed, expected, detail, ..Finding::of(key, Kind::Change, "pelt", (weeks.start(places[cut]), weeks.last)) }
        })
    };
    settled.par_iter().filter_map(found).collect()
}

/// Whether the cheapest segmentation of `n` values can have its last cut at `first` or later, and rise there: the cut must spare more than
/// the penalty against leaving it out. To ask costs a part of what the segmentation costs, and few series pass.
fn may_rise(cost: &dyn Cost, n: usize, pen: f64, min_size: usize, first: usize) -> bool {
    let to_end: Vec<f64> = (0..n).map(|start| cost.error(start, n)).collect();
    (first.max(min_size)..=n.saturating_sub(min_size)).any(|cut| {
        let after = cost.level(cut, n);
        let spares = |start: usize| to_end[start] - cost.error(start, cut) - to_end[cut];
        (0..=cut - min_size).any(|start| cost.level(start, cut) < after && spares(start) >= pen - ROUNDING)
    })
}

/// A series without the weeks that are not whole, or of which more is to come.
pub type Settled<'a> = (&'a Key, Vec<f64>);

/// All of them.
pub fn settled(watched: &Watched) -> Vec<Settled<'_>> {
    let whole = |key: &Key, counts: &[f64]| {
        let covered = watched.settled.get(key.domain.as_str()).map_or(&[][..], Vec::as_slice);
        counts.iter().zip(covered).map(|(n, share)| if *share > 0.99 { *n } else { f64::NAN }).collect()
    };
    watched.series.iter().map(|(key, counts)| (key, whole(key, counts))).collect()
}

/// Why nothing can be said of how a series goes on: nothing is known of its last weeks.
pub fn stopped(counts: &[f64], weeks: Weeks) -> Option<String> {
    match counts.iter().rposition(|n| !n.is_nan()) {
        None => Some(format!("the feed is missing: no whole week of the last {} is known", weeks.count)),
        Some(last) if counts.len() - 1 - last >= STALE * MONTH => {
            Some(format!("the feed has stopped: no whole week is known after {}", weeks.end(last)))
        }
        Some(_) => None,
    }
}

/// Sums of four weeks; NaN where a week of one is missing.
pub(super) fn months(weeks: &[f64], most: usize) -> Vec<f64> {
    let whole = weeks.len() / MONTH;
    let sums: Vec<f64> = weeks[weeks.len() - whole * MONTH..].chunks(MONTH).map(|w| w.iter().sum()).collect();
    let first = sums.iter().position(|n| !n.is_nan()).unwrap_or(sums.len()).max(sums.len().saturating_sub(most));
    sums[first..].to_vec()
}

#[cfg(test)]
mod tests {
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    #[test]
    fn no_recent_rise_is_missed_by_asking_first_whether_there_may_be_one() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let (mut risen, mut passed) = (0, 0);
        for round in 0..300 {
            let (n, min_size) = (random.random_range(10..120), random.random_range(1..9));
            let cut = random.random_range(0..n);
            let high = 4 + round % 6;
            let y: Vec<f64> = (0..n).map(|t| f64::from(random.random_range(0..if t >= cut { high } else { 4 }))).collect();
            let cost = NegativeBinomial::new(&y, &vec![1.0; n], 5.0);
            let (pen, first) = (1.5 * (n as f64).ln(), n - n / 4);
            let ends = pelt(&cost, n, pen, Grid { min_size, jump: 1, compat: false });
            let starts: Vec<usize> = std::iter::once(0).chain(ends.iter().copied()).collect();
            let last = starts.len() - 2;
            let rises = last > 0 && starts[last] >= first && cost.level(starts[last], n) > cost.level(starts[last - 1], starts[last]);
            let may = may_rise(&cost, n, pen, min_size, first);
            assert!(may || !rises, "{round}: {ends:?} of {y:?}");
            risen += usize::from(rises);
            passed += usize::from(may);
        }
        assert!(risen > 10 && passed < 150, "{risen} {passed}");
    }
}
