//! How good a forecast of a count was: the continuous ranked probability score, in the count's own
//! unit, 0 for a certain and right forecast.
//!
//! Gneiting, T. and Raftery, A. E. (2007) Strictly proper scoring rules, prediction, and
//! estimation, Journal of the American Statistical Association 102, 359–378: ∫ (F(x) − 1{x ≥ y})²
//! dx. In parity with properscoring and scoringrules.

use statrs::function::gamma::ln_gamma;

/// Survival beyond which the tail adds nothing to a score.
const TAIL: f64 = 1e-14;
/// Standard deviations below the mean at which the sum over counts begins.
const DEEP: f64 = 12.0;
/// Terms of the sum at most.
const MOST: usize = 1 << 26;

/// Score of a sample as a forecast of `y`: mean distance to it less half the mean distance within
/// the sample (the empirical distribution's own score). NaN without a sample, or where a value is
/// missing.
pub fn crps_sample(y: f64, sample: &[f64]) -> f64 {
    let mut sorted = sample.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let away: f64 = sorted.iter().map(|x| (x - y).abs()).sum();
    // Σ over pairs of |a − b| = 2 Σ (2i − n + 1)·x_(i), from differences so that large values do
    // not cancel.
    let spread: f64 = sorted
        .windows(2)
        .enumerate()
        .map(|(i, pair)| (pair[1] - pair[0]) * (i as f64 + 1.0) * (n - i as f64 - 1.0))
        .sum();
    away / n - spread / (n * n)
}

/// Score of a Poisson forecast of a count. NaN where the mean is negative or a figure missing.
pub fn crps_poisson(y: f64, mean: f64) -> f64 {
    crps_negative_binomial(y, mean, f64::INFINITY)
}

/// Score of a negative binomial forecast of a count, variance mean + mean²/size; an infinite size
/// is Poisson.
///
/// The sum over counts is carried out until nothing more can be added, so that time grows with the
/// standard deviation; NaN where the mean is negative, the size not above zero, a figure missing,
/// or the sum too long.
pub fn crps_negative_binomial(y: f64, mean: f64, size: f64) -> f64 {
    if !(y >= 0.0 && y.is_finite() && mean >= 0.0 && mean.is_finite() && size > 0.0) {
        return f64::NAN;
    }
    if mean == 0.0 {
        return y;
    }
    let deviation = (mean + mean / size * mean).sqrt();
    let first = (mean - DEEP * deviation - DEEP).max(0.0).floor();
    let mut chance = log_chance(first, mean, size).exp();
    let (mut below, mut count) = (chance, first);
    // Before the first count the distribution is zero, and the score the distance from y to it.
    let mut score = (first - y).max(0.0);
    for _ in 0..MOST {
        let before_y = (y - count).clamp(0.0, 1.0);
        let above = 1.0 - below;
        score += before_y * below * below + (1.0 - before_y) * above * above;
        if above < TAIL || (count > mean && chance < TAIL * TAIL) {
            return score + (y - count - 1.0).max(0.0);
        }
        chance *= ratio(count, mean, size);
        below = (below + chance).min(1.0);
        count += 1.0;
    }
    f64::NAN
}

/// Logarithm of the chance of a count.
fn log_chance(k: f64, mean: f64, size: f64) -> f64 {
    if size.is_infinite() {
        return k * mean.ln() - mean - ln_gamma(k + 1.0);
    }
    let choices =
        if k == 0.0 { 0.0 } else { ln_gamma(size + k) - ln_gamma(size) - ln_gamma(k + 1.0) };
    choices - size * (mean / size).ln_1p() - k * (size / mean).ln_1p()
}

/// Chance of the next count over that of this one.
fn ratio(k: f64, mean: f64, size: f64) -> f64 {
    let poisson = mean / (k + 1.0);
    if size.is_infinite() { poisson } else { poisson * (1.0 + k / size) / (1.0 + mean / size) }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Gamma, Poisson};

    use super::*;

    #[test]
    fn a_sample_by_hand() {
        assert_eq!(crps_sample(3.0, &[1.0]), 2.0);
        assert_eq!(crps_sample(2.0, &[1.0, 3.0]), 0.5);
        assert_eq!(crps_sample(7.0, &[7.0; 5]), 0.0);
        assert!(
            crps_sample(7.0, &[]).is_nan()
                && crps_sample(f64::NAN, &[1.0]).is_nan()
                && crps_sample(1.0, &[f64::NAN]).is_nan()
        );
    }

    #[test]
    fn a_large_sample_scores_as_its_distribution() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let gamma = Gamma::new(1.5, 6.0 / 1.5).unwrap();
        let sample: Vec<f64> = (0..200_000)
            .map(|_| Poisson::new(gamma.sample(&mut rng)).unwrap().sample(&mut rng))
            .collect();
        for y in [0.0, 5.0, 30.0] {
            let (closed, drawn) = (crps_negative_binomial(y, 6.0, 1.5), crps_sample(y, &sample));
            assert!((closed / drawn - 1.0).abs() < 0.01, "{y}: {closed} {drawn}");
        }
    }

    #[test]
    fn ends_of_the_range_are_defined() {
        assert_eq!(crps_poisson(4.0, 0.0), 4.0);
        assert!(
            crps_poisson(-1.0, 2.0).is_nan()
                && crps_poisson(1.0, f64::NAN).is_nan()
                && crps_negative_binomial(1.0, 1.0, 0.0).is_nan()
        );
        assert!((crps_poisson(1e6, 5.0) - (1e6 - 5.0)).abs() < 3.0);
        // A normal of the same deviation scores 0.2337 of it at its mean.
        assert!((crps_poisson(1e6, 1e6) / 1e3 - 0.233_695).abs() < 1e-4);
        assert!((crps_poisson(0.0, 1e6) - 1e6).abs() < 1e3);
        assert!((crps_negative_binomial(3.0, 4.0, 1e12) - crps_poisson(3.0, 4.0)).abs() < 1e-9);
        assert!(crps_negative_binomial(3.0, 1e-12, 1e-3) > 2.9);
    }
}
