//! Kendall's score of a series, its variance under no trend, and what follows from the two.

use statrs::function::erf::erfc;

/// S of Mann (1945): pairs that rise less pairs that fall. `x` has no missing values.
pub fn score(x: &[f64]) -> f64 {
    let falls_or_rises =
        |(i, a): (usize, &f64)| x[i + 1..].iter().map(|b| sign(b - a)).sum::<f64>();
    x.iter().enumerate().map(falls_or_rises).sum()
}

fn sign(d: f64) -> f64 {
    if d > 0.0 {
        1.0
    } else if d < 0.0 {
        -1.0
    } else {
        0.0
    }
}

/// Variance of S when the order is chance, less what ties take away (Kendall 1975). `x` has no
/// missing values.
pub fn variance(x: &[f64]) -> f64 {
    let ties: f64 = tie_sizes(x).into_iter().map(eighteenths).sum();
    (eighteenths(x.len() as f64) - ties) / 18.0
}

fn eighteenths(n: f64) -> f64 {
    n * (n - 1.0) * (2.0 * n + 5.0)
}

/// How many values share each value that occurs more than once.
fn tie_sizes(x: &[f64]) -> Vec<f64> {
    let mut sorted = x.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
        .chunk_by(|a, b| a == b)
        .map(|group| group.len() as f64)
        .filter(|size| *size > 1.0)
        .collect()
}

/// Standard score of S with the correction for continuity: 0 at S = 0, NaN where the variance is
/// not positive or unknown.
pub fn standardise(s: f64, var: f64) -> f64 {
    if s == 0.0 { 0.0 } else { (s - sign(s)) / var.sqrt() }
}

/// Chance of a standard normal figure as far from 0 as `z`, on either side.
pub fn two_sided(z: f64) -> f64 {
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// Chance of a standard normal figure of `z` or above.
pub fn upper_tail(z: f64) -> f64 {
    0.5 * erfc(z / std::f64::consts::SQRT_2)
}

/// Kendall's tau without correction for ties (τ_a): S over the number of pairs; NaN where there is
/// no pair.
pub fn tau(s: f64, n: usize) -> f64 {
    s / (0.5 * n as f64 * (n as f64 - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!(score(&[1.0, 2.0, 3.0, 4.0]), 6.0);
        assert_eq!(score(&[1.0, 1.0, 0.0]), -2.0);
        // (4·3·13 − 2·1·9)/18
        assert!((variance(&[1.0, 2.0, 2.0, 3.0]) - 138.0 / 18.0).abs() < 1e-12);
        assert_eq!(variance(&[7.0; 9]), 0.0);
        assert_eq!((score(&[]), variance(&[]), variance(&[1.0])), (0.0, 0.0, 0.0));
        assert_eq!(standardise(0.0, 0.0), 0.0);
        assert_eq!(standardise(-7.0, 4.0), -3.0);
        assert_eq!(tau(6.0, 4), 1.0);
    }

    #[test]
    fn zeros_of_either_sign_are_tied() {
        assert_eq!(tie_sizes(&[0.0, -0.0, 1.0]), [2.0]);
        assert_eq!(score(&[0.0, -0.0]), 0.0);
    }

    #[test]
    fn tails() {
        assert!((two_sided(1.959963984540054) - 0.05).abs() < 1e-10);
        assert!((upper_tail(-1.0) + upper_tail(1.0) - 1.0).abs() < 1e-12);
        assert!(two_sided(33.0) > 0.0);
    }
}
