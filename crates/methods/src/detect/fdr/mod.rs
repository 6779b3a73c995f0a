//! Many tests at once: p-values adjusted so that the false ones among the rejected stay below a
//! share.
//!
//! A test that was not made is NaN; it stays NaN and does not count among the tests. Reject where
//! the adjusted p-value is at most alpha.

/// Adjusted p-values of Benjamini, Y. and Hochberg, Y. (1995) Journal of the Royal Statistical
/// Society B 57, 289–300: independent tests, or positively dependent ones. In parity with
/// `scipy.stats.false_discovery_control` and statsmodels' `fdr_bh`.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let m = tests(p) as f64;
    stepped_up(p, |rank, p| m / rank * p)
}

/// Adjusted p-values of Benjamini, Y. and Yekutieli, D. (2001) Annals of Statistics 29, 1165–1188:
/// whatever the dependence.
pub fn benjamini_yekutieli(p: &[f64]) -> Vec<f64> {
    let m = tests(p);
    let harmonic: f64 = (1..=m).map(|i| 1.0 / i as f64).sum();
    stepped_up(p, |rank, p| m as f64 * harmonic / rank * p)
}

/// Tests that were made.
fn tests(p: &[f64]) -> usize {
    p.iter().filter(|p| !p.is_nan()).count()
}

/// Positions of the tests that were made, by ascending p-value.
fn order(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).filter(|i| !p[*i].is_nan()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    order
}

/// From the largest p-value downwards, the least of `adjust(rank, p)` so far, at most 1.
fn stepped_up(p: &[f64], mut adjust: impl FnMut(f64, f64) -> f64) -> Vec<f64> {
    let mut adjusted = vec![f64::NAN; p.len()];
    let mut least = 1.0_f64;
    for (below, i) in order(p).into_iter().enumerate().rev() {
        least = least.min(adjust((below + 1) as f64, p[i]));
        adjusted[i] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_not_made_does_not_count() {
        let with = benjamini_hochberg(&[0.01, f64::NAN, 0.04, 0.03]);
        let without = benjamini_hochberg(&[0.01, 0.04, 0.03]);
        assert!(with[1].is_nan());
        assert_eq!([with[0], with[2], with[3]], without[..]);
        assert_eq!(without, [0.03, 0.04, 0.04]);
        assert!(benjamini_yekutieli(&[f64::NAN])[0].is_nan() && benjamini_hochberg(&[]).is_empty());
    }

    #[test]
    fn the_price_of_any_dependence_is_the_harmonic_sum() {
        let p = [0.001, 0.02, 0.5];
        let (bh, by) = (benjamini_hochberg(&p), benjamini_yekutieli(&p));
        assert!((by[0] / bh[0] - (1.0 + 0.5 + 1.0 / 3.0)).abs() < 1e-12);
        assert_eq!(by[2], 0.5 * 11.0 / 6.0);
        assert_eq!(benjamini_yekutieli(&[0.9, 0.9])[0], 1.0);
    }
}
