//! Slope of a trend as the median over all pairs (Theil 1950; Sen 1968), with an interval, and
//! within seasons.

use statrs::distribution::{ContinuousCDF, Normal};

use super::score::variance;

/// A median slope and the interval that holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    pub slope: f64,
    pub lo: f64,
    pub hi: f64,
    /// Of the line through the medians (Conover 1980), at position 0.
    pub intercept: f64,
}

/// Slope a time step of `x`, missing values left out; the interval holds it with confidence 1 −
/// `alpha`, as `scipy.stats.theilslopes`. NaN below two values. Memory for n(n−1)/2 figures.
pub fn sen(x: &[f64], alpha: f64) -> Slope {
    let known: Vec<(f64, f64)> = known(x).collect();
    let values: Vec<f64> = known.iter().map(|(_, v)| *v).collect();
    slope(x, slopes(&known), variance(&values), alpha, 1.0)
}

/// Slope a period of `x`, from pairs of the same season only (Hirsch, Slack and Smith 1982); the
/// interval as for [`sen`], with the variances of the seasons summed (Gilbert 1987, 17.5).
pub fn seasonal_sen(x: &[f64], period: usize, alpha: f64) -> Slope {
    let (mut all, mut var) = (Vec::new(), 0.0);
    for values in seasons(x, period) {
        let known: Vec<(f64, f64)> = known(&values).collect();
        all.extend(slopes(&known));
        var += variance(&known.iter().map(|(_, v)| *v).collect::<Vec<f64>>());
    }
    slope(x, all, var, alpha, period as f64)
}

/// The series cut into its seasons: the first has positions 0, `period`, 2·`period` …, missing
/// values kept.
pub fn seasons(x: &[f64], period: usize) -> impl Iterator<Item = Vec<f64>> + '_ {
    (0..period.min(x.len()))
        .map(move |season| x.iter().skip(season).step_by(period.max(1)).copied().collect())
}

/// Median of `x`, which is sorted on the way; NaN of nothing.
pub fn median(x: &mut [f64]) -> f64 {
    x.sort_unstable_by(f64::total_cmp);
    match x.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => x[n / 2],
        n => 0.5 * (x[n / 2 - 1] + x[n / 2]),
    }
}

/// Positions and values that are not missing.
fn known(x: &[f64]) -> impl Iterator<Item = (f64, f64)> + '_ {
    x.iter().enumerate().filter(|(_, v)| !v.is_nan()).map(|(i, v)| (i as f64, *v))
}

fn slopes(known: &[(f64, f64)]) -> Vec<f64> {
    let mut all = Vec::with_capacity(known.len() * known.len().saturating_sub(1) / 2);
    for (n, (i, a)) in known.iter().enumerate() {
        all.extend(known[n + 1..].iter().map(|(j, b)| (b - a) / (j - i)));
    }
    all
}

fn slope(x: &[f64], mut all: Vec<f64>, var: f64, alpha: f64, period: f64) -> Slope {
    let slope = median(&mut all);
    let (mut positions, mut values): (Vec<f64>, Vec<f64>) = known(x).unzip();
    let (lo, hi) = interval(&all, var, alpha);
    Slope {
        slope,
        lo,
        hi,
        intercept: median(&mut values) - median(&mut positions) / period * slope,
    }
}

/// The order statistics of the sorted slopes between which the true one lies, ranks rounded half to
/// even as scipy does.
fn interval(sorted: &[f64], var: f64, alpha: f64) -> (f64, f64) {
    let Some(last) = sorted.len().checked_sub(1) else { return (f64::NAN, f64::NAN) };
    let margin = -Normal::standard().inverse_cdf(alpha / 2.0) * var.sqrt();
    let upper = ((sorted.len() as f64 + margin) / 2.0).round_ties_even();
    let lower = ((sorted.len() as f64 - margin) / 2.0).round_ties_even() - 1.0;
    // A cast saturates: a negative rank is the first.
    (sorted[(lower as usize).min(last)], sorted[(upper as usize).min(last)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_slope_whatever_is_missing() {
        let x: Vec<f64> =
            (0..30).map(|i| if i % 7 == 3 { f64::NAN } else { 2.0 + 0.5 * f64::from(i) }).collect();
        let found = sen(&x, 0.05);
        assert_eq!((found.slope, found.lo, found.hi, found.intercept), (0.5, 0.5, 0.5, 2.0));
        let yearly = seasonal_sen(&x, 12, 0.05);
        assert_eq!((yearly.slope, yearly.lo, yearly.hi), (6.0, 6.0, 6.0));
    }

    #[test]
    fn nothing_to_pair_is_missing() {
        assert!(sen(&[], 0.05).slope.is_nan() && sen(&[3.0], 0.05).hi.is_nan());
        assert!(seasonal_sen(&[3.0, 4.0], 12, 0.05).slope.is_nan());
        assert!(sen(&[f64::NAN; 4], 0.05).lo.is_nan());
        assert_eq!(seasons(&[1.0, 2.0, 3.0], 2).collect::<Vec<_>>(), [vec![1.0, 3.0], vec![2.0]]);
    }
}
