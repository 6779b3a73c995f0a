//! What methods without an exposure of their own look at: the counts, or, where there is an
//! exposure, the rates.

use super::series::{Answer, Series};

/// Largest magnitude that is still computed with: beyond it, squares and sums are no longer finite.
const MOST: f64 = 1e100;

/// Counts of the first `to` time points, each divided by its exposure where the series has one.
///
/// NaN where the count is missing, where the exposure is missing or not positive, and where the
/// quotient cannot be computed with.
pub fn rates(series: &Series, to: usize) -> Vec<f64> {
    let rate = |(i, y): (usize, &f64)| {
        let rate = y / exposure(series, i);
        if rate.abs() <= MOST { rate } else { f64::NAN }
    };
    series.observed.iter().take(to).enumerate().map(rate).collect()
}

/// Exposure of a time point: 1 in a series without, NaN where it is missing or not positive.
pub fn exposure(series: &Series, at: usize) -> f64 {
    match &series.offset {
        None => 1.0,
        Some(offset) => {
            offset.get(at).copied().filter(|e| *e > 0.0 && e.is_finite()).unwrap_or(f64::NAN)
        }
    }
}

/// Why a time point without a rate cannot be judged.
pub fn without_rate(series: &Series, at: usize) -> Answer {
    let observed = series.observed.get(at).copied().unwrap_or(f64::NAN);
    Answer::NotAssessable(if observed.is_nan() {
        "the figure of this time point is missing".to_owned()
    } else if exposure(series, at).is_nan() {
        "the exposure of this time point is missing or not positive".to_owned()
    } else {
        format!("the figure {observed} is too large to compute with")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_needs_a_count_and_an_exposure() {
        let observed = vec![4.0, f64::NAN, 6.0, 8.0, f64::INFINITY];
        let series = Series {
            observed,
            offset: Some(vec![2.0, 1.0, 0.0, f64::NAN, 1.0]),
            ..Series::default()
        };
        let found = rates(&series, 5);
        assert_eq!(found[0], 2.0);
        assert!(found[1..].iter().all(|r| r.is_nan()));
        assert_eq!(rates(&series, 1).len(), 1);
        let why = |at| format!("{:?}", without_rate(&series, at));
        assert!(
            why(1).contains("figure of this")
                && why(2).contains("exposure")
                && why(4).contains("too large")
        );
        assert_eq!(rates(&Series { offset: None, ..series }, 3)[2], 6.0);
    }
}
