//! The upper goalpost of a rare event: how many of them an area has where it has any.
//!
//! Where most areas have no event in most months, quantiles of their figures are zero and make no
//! scale. With a gamma prior of the rates the number of events in an area is negative binomial;
//! given that it is not zero, it is zero-truncated negative binomial (Johnson, Kemp and Kotz 2005,
//! Univariate Discrete Distributions, 3rd edition, chapter 5). The quantile is the normal one by
//! that distribution's first two moments, because its own jumps from one whole number to the next.

use statrs::distribution::{ContinuousCDF, Normal};

use super::posterior::Prior;

/// Probabilities above it are taken as it: the normal distribution has no end.
const MOST: f64 = 0.999;

/// The `p` quantile of the rate (or proportion) of an area of this exposure (or so many cases),
/// given that it has an event; never below one event. NaN for a prior without mean or strength.
pub fn rate_given_any(prior: &Prior, exposure: f64, p: f64) -> f64 {
    let expected = prior.mean * exposure;
    // Zero where the strength is infinite: then the number is Poisson.
    let spread = exposure / prior.strength;
    let none = if spread > 0.0 { expected / spread * spread.ln_1p() } else { expected };
    let any = -(-none).exp_m1();
    let mean = expected / any;
    let variance = expected * (1.0 + spread + expected) / any - mean * mean;
    let z = Normal::standard().inverse_cdf(p.clamp(0.5, MOST));
    (mean + z * variance.max(0.0).sqrt()) / exposure
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and standard deviation of a zero-truncated count, from its probabilities.
    fn moments(probabilities: impl Iterator<Item = f64>) -> (f64, f64) {
        let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
        for (count, p) in probabilities.enumerate().skip(1).map(|(i, p)| (i as f64, p)) {
            mass += p;
            first += p * count;
            second += p * count * count;
        }
        (first / mass, (second / mass - (first / mass).powi(2)).sqrt())
    }

    #[test]
    fn the_moments_are_those_of_the_truncated_count() {
        const Z: f64 = 1.644853626951;
        // Shape 0.3, one half in exposure: p(y + 1) = p(y) (0.3 + y) / (y + 1) × 6 / (6 + 4).
        let prior = Prior { mean: 0.075, strength: 4.0 };
        let mut p = 0.4_f64.powf(0.3);
        let (mean, deviation) = moments((0..400).map(|y| {
            let now = p;
            p *= (0.3 + f64::from(y)) / f64::from(y + 1) * 0.6;
            now
        }));
        assert!((6.0 * rate_given_any(&prior, 6.0, 0.95) - mean - Z * deviation).abs() < 1e-9);
        let alike = Prior { mean: 0.2, strength: f64::INFINITY };
        let mut p = (-1.2_f64).exp();
        let (mean, deviation) = moments((0..60).map(|y| {
            let now = p;
            p *= 1.2 / f64::from(y + 1);
            now
        }));
        assert!((6.0 * rate_given_any(&alike, 6.0, 0.95) - mean - Z * deviation).abs() < 1e-9);
    }

    #[test]
    fn what_hardly_ever_happens_has_one_event_as_its_end() {
        for strength in [1e6, f64::INFINITY] {
            let high = rate_given_any(&Prior { mean: 1e-9, strength }, 12.0, 0.95);
            assert!((high * 12.0 - 1.0).abs() < 0.01, "{high}, {strength}");
        }
        assert!(rate_given_any(&Prior { mean: 1e-9, strength: 24.0 }, 12.0, 1.0).is_finite());
        assert!(rate_given_any(&Prior { mean: 0.0, strength: 24.0 }, 12.0, 0.95).is_nan());
        assert!(rate_given_any(&Prior { mean: 0.1, strength: 0.0 }, 12.0, 0.95).is_nan());
    }

    #[test]
    fn an_event_in_a_month_leaves_something_for_the_next() {
        // Areas of one in exposure on average; a year is twelve, and a prior is worth two years at
        // most. The events that are rare: fewer than one in twenty area-months.
        for strength in [0.5, 1.0, 3.0, 8.0, 24.0] {
            for mean in [1e-6, 1e-4, 1e-2, 0.05] {
                let prior = Prior { mean, strength };
                let high = rate_given_any(&prior, 12.0, 0.95);
                for exposure in [0.2, 1.0, 4.0] {
                    let [none, one, eight] = [0.0, 1.0, 8.0].map(|y| prior.shrink(y, exposure));
                    assert!(
                        none < one && one < 0.95 * high,
                        "{prior:?}, {exposure}: {one}, {high}"
                    );
                    assert!(one < eight);
                }
            }
        }
    }
}
