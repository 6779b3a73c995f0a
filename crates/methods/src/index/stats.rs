//! Statistics of one column: what the check for outliers, the normalisations and the audit need.
//! NaN is missing and left out.

use ndarray::ArrayView1;

/// The values that are there.
pub fn present(x: ArrayView1<f64>) -> Vec<f64> {
    x.iter().copied().filter(|v| !v.is_nan()).collect()
}

/// Smallest and largest value; NaN without any.
pub fn extremes(x: ArrayView1<f64>) -> (f64, f64) {
    x.iter().fold((f64::NAN, f64::NAN), |(low, high), v| (low.min(*v), high.max(*v)))
}

/// Arithmetic mean; NaN without a value.
pub fn mean(x: ArrayView1<f64>) -> f64 {
    let x = present(x);
    x.iter().sum::<f64>() / x.len() as f64
}

/// Standard deviation with divisor n − 1; NaN with fewer than two values.
pub fn sd(x: ArrayView1<f64>) -> f64 {
    let x = present(x);
    if x.len() < 2 {
        return f64::NAN;
    }
    (moment(&x, 2) / (x.len() as f64 - 1.0)).sqrt()
}

/// Skewness as `e1071::skewness(type = 2)`, Excel and COINr's `skew`; NaN with fewer than three
/// values or where all are equal.
pub fn skew(x: ArrayView1<f64>) -> f64 {
    let x = present(x);
    let n = x.len() as f64;
    if x.len() < 3 || constant(&x) {
        return f64::NAN;
    }
    n.sqrt() * moment(&x, 3) / moment(&x, 2).powf(1.5) * (n * (n - 1.0)).sqrt() / (n - 2.0)
}

/// Excess kurtosis as `e1071::kurtosis(type = 2)`, Excel and COINr's `kurt`; NaN with fewer than
/// four values or where all are equal.
pub fn kurtosis(x: ArrayView1<f64>) -> f64 {
    let x = present(x);
    let n = x.len() as f64;
    if x.len() < 4 || constant(&x) {
        return f64::NAN;
    }
    let r = n * moment(&x, 4) / moment(&x, 2).powi(2);
    ((n + 1.0) * (r - 3.0) + 6.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0))
}

/// Quantile at `p` in 0–1, linear between order statistics: R's type 7, numpy's default. NaN
/// without a value.
pub fn quantile(x: ArrayView1<f64>, p: f64) -> f64 {
    let mut x = present(x);
    x.sort_by(f64::total_cmp);
    let at = p.clamp(0.0, 1.0) * x.len().saturating_sub(1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    match (x.get(low), x.get(high)) {
        (Some(a), Some(b)) => a + (at - at.floor()) * (b - a),
        _ => f64::NAN,
    }
}

/// The middle value, or the mean of the middle two; NaN without a value.
pub fn median(x: ArrayView1<f64>) -> f64 {
    quantile(x, 0.5)
}

/// Ranks from the smallest, 1 first; equal values share the lowest of their ranks, missing ones
/// have none: R's `rank(ties.method = "min", na.last = "keep")`.
pub fn ranks(x: ArrayView1<f64>) -> Vec<f64> {
    let mut sorted = present(x);
    sorted.sort_by(f64::total_cmp);
    let rank = |v: &f64| {
        if v.is_nan() { f64::NAN } else { 1.0 + sorted.partition_point(|s| s < v) as f64 }
    };
    x.iter().map(rank).collect()
}

/// One line of COINr's `get_stats`; `skew` and `kurtosis` are NaN where undefined.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    pub min: f64,
    pub max: f64,
    pub mean: f64,
    pub median: f64,
    pub sd: f64,
    pub skew: f64,
    pub kurtosis: f64,
    /// Units, with a value or without.
    pub units: usize,
    pub available: usize,
    pub nonzero: usize,
    pub unique: usize,
    /// Units that share the most frequent value.
    pub same: usize,
}

impl Stats {
    /// Statistics of one column.
    pub fn of(x: ArrayView1<f64>) -> Stats {
        let (min, max) = extremes(x);
        let mut sorted = present(x);
        sorted.sort_by(f64::total_cmp);
        let runs: Vec<usize> = sorted.chunk_by(|a, b| a == b).map(<[f64]>::len).collect();
        Stats {
            min,
            max,
            mean: mean(x),
            median: median(x),
            sd: sd(x),
            skew: skew(x),
            kurtosis: kurtosis(x),
            units: x.len(),
            available: sorted.len(),
            nonzero: sorted.iter().filter(|v| **v != 0.0).count(),
            unique: runs.len(),
            same: runs.into_iter().max().unwrap_or(0),
        }
    }

    /// Whether too few units have a value: less than 65 % (COINr's `t_avail`).
    pub fn low_availability(&self) -> bool {
        (self.available as f64) < 0.65 * self.units as f64
    }

    /// Whether more than half of all units are zero or missing (COINr's `t_zero`).
    pub fn low_nonzero(&self) -> bool {
        (self.nonzero as f64) < 0.5 * self.units as f64
    }

    /// Whether there are fewer different values than half the units (COINr's `t_unq`).
    pub fn low_unique(&self) -> bool {
        (self.unique as f64) < 0.5 * self.units as f64
    }

    /// Whether outliers are likely: |skew| > 2 and kurtosis > 3.5 (COINr's `t_skew`, `t_kurt`).
    pub fn outlying(&self) -> bool {
        self.skew.abs() > 2.0 && self.kurtosis > 3.5
    }
}

/// Sum of the deviations from the mean, to the power.
fn moment(x: &[f64], power: i32) -> f64 {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    x.iter().map(|v| (v - mean).powi(power)).sum()
}

fn constant(x: &[f64]) -> bool {
    x.windows(2).all(|w| w[0] == w[1])
}

#[cfg(test)]
mod tests {
    use ndarray::{array, aview1};

    use super::*;

    #[test]
    fn missing_values_are_left_out() {
        let x = array![1.0, f64::NAN, 3.0];
        assert_eq!((mean(x.view()), median(x.view()), extremes(x.view())), (2.0, 2.0, (1.0, 3.0)));
        assert_eq!(ranks(array![5.0, 1.0, 5.0, 9.0].view()), [2.0, 1.0, 2.0, 4.0]);
        assert!(ranks(x.view())[1].is_nan());
    }

    #[test]
    fn quantiles_are_of_type_7() {
        let x = array![4.0, 1.0, 3.0, 2.0];
        assert_eq!(quantile(x.view(), 0.25), 1.75);
        assert_eq!(quantile(x.view(), 1.0), 4.0);
        assert!(quantile(aview1(&[]), 0.5).is_nan());
    }

    #[test]
    fn what_is_undefined_is_nan_and_not_a_panic() {
        let constant = Stats::of(aview1(&[0.1; 5]));
        assert!(constant.skew.is_nan() && constant.kurtosis.is_nan() && !constant.outlying());
        assert_eq!((constant.unique, constant.same, constant.sd), (1, 5, 0.0));
        let none = Stats::of(aview1(&[f64::NAN; 3]));
        assert!(none.mean.is_nan() && none.min.is_nan() && none.low_availability());
        assert!(sd(aview1(&[1.0])).is_nan() && skew(aview1(&[1.0, 2.0])).is_nan());
    }

    #[test]
    fn skewness_and_kurtosis_are_those_of_excel() {
        // Microsoft's example for SKEW and KURT: 3 4 5 2 3 4 5 6 4 7.
        let x = array![3.0, 4.0, 5.0, 2.0, 3.0, 4.0, 5.0, 6.0, 4.0, 7.0];
        assert!((skew(x.view()) - 0.359543071407).abs() < 1e-10);
        assert!((kurtosis(x.view()) + 0.151799637208).abs() < 1e-10);
    }
}
