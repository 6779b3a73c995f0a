//! Series without the weeks of which more is to come, and months of four weeks.

use super::watch::{Key, Watched, Weeks};

/// Four weeks as one: months that all have one length.
pub(super) const MONTH: usize = 4;
/// Such months in a year.
pub(super) const A_YEAR: usize = 13;
/// Such months at the end of which nothing need be known: reports come late, but not as late as
/// that.
pub(super) const STALE: usize = 3;

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
