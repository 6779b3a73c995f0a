//! Descriptive statistics and ranks of one column. NaN is missing and left out.

use ndarray::ArrayView1;

/// The values that are not missing, in order.
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
pub fn standard_deviation(x: ArrayView1<f64>) -> f64 {
    let x = present(x);
    if x.len() < 2 {
        return f64::NAN;
    }
    (sum_of_powers(&x, 2) / (x.len() as f64 - 1.0)).sqrt()
}

/// Skewness as `e1071::skewness(type = 2)`, Excel and COINr's `skew`; NaN with fewer than three
/// values or where all are equal.
pub fn skewness(x: ArrayView1<f64>) -> f64 {
    let x = present(x);
    let n = x.len() as f64;
    if x.len() < 3 || is_constant(&x) {
        return f64::NAN;
    }
    n.sqrt() * sum_of_powers(&x, 3) / sum_of_powers(&x, 2).powf(1.5) * (n * (n - 1.0)).sqrt()
        / (n - 2.0)
}

/// Excess kurtosis as `e1071::kurtosis(type = 2)`, Excel and COINr's `kurt`; NaN with fewer than
/// four values or where all are equal.
pub fn kurtosis(x: ArrayView1<f64>) -> f64 {
    let x = present(x);
    let n = x.len() as f64;
    if x.len() < 4 || is_constant(&x) {
        return f64::NAN;
    }
    let r = n * sum_of_powers(&x, 4) / sum_of_powers(&x, 2).powi(2);
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

/// Ranks from the smallest, 1 first, ties averaged: R's default `rank`. No value is NaN.
pub fn average_ranks(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = |v: &f64| {
        (sorted.partition_point(|s| s < v) + sorted.partition_point(|s| s <= v) + 1) as f64 / 2.0
    };
    values.iter().map(rank).collect()
}

/// Sum of powers of the deviations from the mean.
fn sum_of_powers(x: &[f64], power: i32) -> f64 {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    x.iter().map(|v| (v - mean).powi(power)).sum()
}

fn is_constant(x: &[f64]) -> bool {
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
        assert_eq!(average_ranks(&[5.0, 6.0, 7.0, 8.0, 7.0]), [1.0, 2.0, 3.5, 5.0, 3.5]);
    }

    #[test]
    fn quantiles_are_of_type_7() {
        let x = array![4.0, 1.0, 3.0, 2.0];
        assert_eq!(quantile(x.view(), 0.25), 1.75);
        assert_eq!(quantile(x.view(), 1.0), 4.0);
        assert!(quantile(aview1(&[]), 0.5).is_nan());
    }

    #[test]
    fn undefined_statistics_are_nan() {
        let constant = [0.1; 5];
        assert!(skewness(aview1(&constant)).is_nan() && kurtosis(aview1(&constant)).is_nan());
        assert_eq!(standard_deviation(aview1(&constant)), 0.0);
        let none = [f64::NAN; 3];
        assert!(mean(aview1(&none)).is_nan() && extremes(aview1(&none)).0.is_nan());
        assert!(standard_deviation(aview1(&[1.0])).is_nan());
        assert!(skewness(aview1(&[1.0, 2.0])).is_nan());
    }

    #[test]
    fn skewness_and_kurtosis_are_those_of_excel() {
        // Microsoft's example for SKEW and KURT: 3 4 5 2 3 4 5 6 4 7.
        let x = array![3.0, 4.0, 5.0, 2.0, 3.0, 4.0, 5.0, 6.0, 4.0, 7.0];
        assert!((skewness(x.view()) - 0.359543071407).abs() < 1e-10);
        assert!((kurtosis(x.view()) + 0.151799637208).abs() < 1e-10);
    }
}
