//! Mann–Kendall where neighbouring time points resemble each other: a larger variance, or a series
//! made white.

use statrs::distribution::{ContinuousCDF, Normal};

/// Factor on the variance of S of Hamed and Rao (1998): significant autocorrelations of the ranks
/// of the detrended series, up to `lag` (all without one). `x` has no missing values, `slope` is
/// its trend a time step; at least three values.
pub fn hamed_rao(x: &[f64], slope: f64, alpha: f64, lag: Option<usize>) -> f64 {
    let n = x.len() as f64;
    let bound = Normal::standard().inverse_cdf(1.0 - alpha / 2.0) / n.sqrt();
    let correlations = autocorrelation(&ranks(&detrended(x, slope)));
    let term = |(i, r): (f64, f64)| {
        if r.abs() <= bound { 0.0 } else { (n - i) * (n - i - 1.0) * (n - i - 2.0) * r }
    };
    1.0 + 2.0 / (n * (n - 1.0) * (n - 2.0)) * lags(&correlations, lag).map(term).sum::<f64>()
}

/// Factor on the variance of S of Yue and Wang (2004): every autocorrelation of the detrended
/// series up to `lag` (all without one).
pub fn yue_wang(x: &[f64], slope: f64, lag: Option<usize>) -> f64 {
    let n = x.len() as f64;
    1.0 + 2.0
        * lags(&autocorrelation(&detrended(x, slope)), lag)
            .map(|(i, r)| (1.0 - i / n) * r)
            .sum::<f64>()
}

/// The series less its first autocorrelation times the value before it, one value shorter (Yue and
/// Wang 2002).
pub fn pre_whitened(x: &[f64]) -> Vec<f64> {
    let first = autocorrelation(x).get(1).copied().unwrap_or(f64::NAN);
    x.windows(2).map(|pair| pair[1] - pair[0] * first).collect()
}

/// The same, the trend taken out before and put back after (Yue, Pilon, Phinney and Cavadias 2002).
pub fn trend_free_pre_whitened(x: &[f64], slope: f64) -> Vec<f64> {
    let white = pre_whitened(&detrended(x, slope));
    white.into_iter().enumerate().map(|(i, v)| v + (i + 1) as f64 * slope).collect()
}

fn detrended(x: &[f64], slope: f64) -> Vec<f64> {
    x.iter().enumerate().map(|(i, v)| v - (i + 1) as f64 * slope).collect()
}

/// Lags 1 … `lag` with their autocorrelations.
fn lags(correlations: &[f64], lag: Option<usize>) -> impl Iterator<Item = (f64, f64)> + '_ {
    let taken = lag.unwrap_or(usize::MAX);
    correlations.iter().enumerate().skip(1).take(taken).map(|(i, r)| (i as f64, *r))
}

/// Autocorrelations at lags 0 … n−1, each sum divided by n; NaN for a constant series.
fn autocorrelation(x: &[f64]) -> Vec<f64> {
    let n = x.len() as f64;
    let mean = exact_sum(x.iter().map(|v| (*v, 1.0))) / n;
    let centred: Vec<f64> = x.iter().map(|v| v - mean).collect();
    let product =
        |lag: usize| exact_sum(centred.iter().copied().zip(centred[lag..].iter().copied())) / n;
    let own = product(0);
    (0..x.len()).map(|lag| product(lag) / own).collect()
}

/// Sum of products in twice the working precision (Ogita, Rump and Oishi 2005, SIAM Journal on
/// Scientific Computing 26, 1955–1988). Whitened values that are equal but for rounding tie or not
/// by the last digit of the autocorrelation, so that it had better be right.
fn exact_sum(products: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (sum, rest) = products.fold((0.0, 0.0), |(sum, rest): (f64, f64), (a, b): (f64, f64)| {
        let product = a * b;
        let next = sum + product;
        let part = next - sum;
        (next, rest + a.mul_add(b, -product) + ((sum - (next - part)) + (product - part)))
    });
    sum + rest
}

/// Ranks from 1, ties sharing their mean.
fn ranks(x: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|a, b| x[*a].total_cmp(&x[*b]));
    let mut ranks = vec![f64::NAN; x.len()];
    let mut before = 0;
    for group in order.chunk_by(|a, b| x[*a] == x[*b]) {
        let shared = before as f64 + (group.len() as f64 + 1.0) / 2.0;
        group.iter().for_each(|i| ranks[*i] = shared);
        before += group.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

    use super::*;

    #[test]
    fn ranks_and_autocorrelations_by_hand() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        let found = autocorrelation(&[1.0, -1.0, 1.0, -1.0]);
        assert_eq!(found, [1.0, -0.75, 0.5, -0.25]);
        assert!(autocorrelation(&[2.0, 2.0])[1].is_nan());
    }

    #[test]
    fn a_persistent_series_gets_a_larger_variance() {
        let x: Vec<f64> =
            (0..40).map(|i| f64::from(i / 10 % 2) + 0.01 * f64::from(i % 3)).collect();
        assert!(hamed_rao(&x, 0.0, 0.05, Some(3)) > 2.0);
        assert!(yue_wang(&x, 0.0, Some(3)) > 2.0);
        assert!(hamed_rao(&x, 0.0, 0.05, Some(400)).is_finite());
    }

    #[test]
    fn whitening_takes_the_first_autocorrelation_out_and_leaves_the_trend() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut x = vec![0.0];
        for i in 0..300 {
            x.push(0.7 * x[i] + rng.random_range(-1.0..1.0));
        }
        let before = autocorrelation(&x)[1];
        assert!(before > 0.5 && autocorrelation(&pre_whitened(&x))[1].abs() < 0.5 * before);
        let line: Vec<f64> = (0..20).map(|i| 3.0 * f64::from(i) + f64::from(i % 2)).collect();
        let kept = trend_free_pre_whitened(&line, 3.0);
        assert!((kept[18] - kept[0] - 54.0).abs() < 1e-9);
        assert!(pre_whitened(&[1.0]).is_empty());
    }
}
