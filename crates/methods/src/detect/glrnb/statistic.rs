//! The generalised likelihood ratio of "the mean has changed at some k" against "it has not", for
//! counts x of mean μ₀ and variance μ₀ + αμ₀².
//!
//! Höhle, M. and Paul, M. (2008) Count data regression charts for the monitoring of surveillance
//! time series. Computational Statistics & Data Analysis 52, 4357–4368; Held, L., Höhle, M. and
//! Hofmann, M. (2005) for the epidemic change μ₀ + λx₋₁. All slices have one length and end at the
//! point judged.

use std::ops::RangeInclusive;

/// Below this logarithm R's Newton steps give up.
const LOWEST: f64 = -18.0;
/// R's steps at most, and the change at which they stop.
const STEPS: usize = 1000;
const NEAR: f64 = 1e-6;
/// What the largest of no figures is, in R.
pub const NOTHING: f64 = -1e99;

/// Largest of the figures of all k; those that are not a number do not count.
fn largest(figures: impl Iterator<Item = f64>) -> f64 {
    figures.fold(NOTHING, |best, v| if v > best { v } else { best })
}

/// Poisson counts whose mean is multiplied by e^κ from k on, κ of the sign of `direction`.
///
/// A decrease to no counts at all has the ratio e^−μ; R computes 0·∞ for it, and passes it over
/// (`compat`).
pub fn poisson_intercept(
    x: &[f64],
    mu: &[f64],
    ks: RangeInclusive<usize>,
    direction: f64,
    compat: bool,
) -> f64 {
    let (mut counts, mut means) = (0.0, 0.0);
    let ratio = |k: usize| {
        counts += x[k];
        means += mu[k];
        if k > *ks.end() {
            return f64::NAN;
        }
        if !compat && counts == 0.0 {
            return if direction < 0.0 { means } else { 0.0 };
        }
        let kappa = direction * (direction * (counts / means).ln()).max(0.0);
        kappa * counts + (1.0 - kappa.exp()) * means
    };
    largest((*ks.start()..x.len()).rev().map(ratio))
}

/// Negative binomial counts, the same. R's Newton steps can run away from the largest ratio, and
/// then see no change where there is a very large one (`compat`).
pub fn negbin_intercept(
    x: &[f64],
    mu: &[f64],
    alpha: f64,
    ks: RangeInclusive<usize>,
    direction: f64,
    compat: bool,
) -> f64 {
    let mut kappa = 0.5;
    largest(ks.map(|k| {
        let (x, mu) = (&x[k..], &mu[k..]);
        let slope = |kappa: f64| intercept_slope(x, mu, alpha, kappa);
        kappa = if compat {
            newton(slope, kappa, 0.4, |new, old| (new - old).abs())
        } else {
            root(slope, LOWEST * 2.0, highest(x, mu).ln())
        };
        kappa = direction * (direction * kappa).max(0.0);
        x.iter().zip(mu).map(|(x, m)| negbin_ratio(*x, *m, alpha, kappa)).sum()
    }))
}

/// Log likelihood ratio of one negative binomial count with mean μe^κ against μ.
pub fn negbin_ratio(x: f64, mu: f64, alpha: f64, kappa: f64) -> f64 {
    kappa * x + (x + alpha.recip()) * ((1.0 + alpha * mu) / (1.0 + alpha * mu * kappa.exp())).ln()
}

/// Poisson counts with mean μ + λx₋₁ from k on; `before` are the x₋₁.
///
/// R keeps the λ of one k as the start of the next, so that after one without any rise it finds
/// none (`compat`).
pub fn poisson_epidemic(
    x: &[f64],
    mu: &[f64],
    before: &[f64],
    ks: RangeInclusive<usize>,
    compat: bool,
) -> f64 {
    let mut lambda = 0.5f64;
    largest(ks.map(|k| {
        let (x, mu, before) = (&x[k..], &mu[k..], &before[k..]);
        lambda = if compat {
            newton(
                |phi| epidemic_slope_log(x, mu, before, phi),
                lambda.ln(),
                2.0,
                |new, old| (new.exp() - old.exp()).abs(),
            )
            .exp()
        } else {
            root(|lambda| epidemic_slope(x, mu, before, 0.0, lambda), 0.0, highest(x, before))
        };
        three(x, mu, before).map(|(x, m, b)| x * (lambda * b / m + 1.0).ln() - lambda * b).sum()
    }))
}

/// Negative binomial counts, the same. R takes for λ what fits a change of the intercept
/// (`compat`).
pub fn negbin_epidemic(
    x: &[f64],
    mu: &[f64],
    before: &[f64],
    alpha: f64,
    ks: RangeInclusive<usize>,
    compat: bool,
) -> f64 {
    let mut theta = 0.5f64;
    largest(ks.map(|k| {
        let (x, mu, before) = (&x[k..], &mu[k..], &before[k..]);
        let lambda = if compat {
            theta = newton(
                |kappa| intercept_slope(x, mu, alpha, kappa),
                theta,
                0.4,
                |new, old| (new - old).abs(),
            );
            theta.exp()
        } else {
            root(|lambda| epidemic_slope(x, mu, before, alpha, lambda), 0.0, highest(x, before))
        };
        three(x, mu, before).map(|(x, m, b)| epidemic_ratio(x, m, m + lambda * b, alpha)).sum()
    }))
}

/// Log likelihood ratio of one negative binomial count with mean `new` against `old`.
fn epidemic_ratio(x: f64, old: f64, new: f64, alpha: f64) -> f64 {
    let growth = (1.0 + alpha * old).ln() - (1.0 + alpha * new).ln();
    x * (new.ln() - old.ln() + growth) + growth / alpha
}

fn three<'a>(
    x: &'a [f64],
    mu: &'a [f64],
    before: &'a [f64],
) -> impl Iterator<Item = (f64, f64, f64)> + 'a {
    x.iter().zip(mu).zip(before).map(|((x, m), b)| (*x, *m, *b))
}

/// First derivative of the log likelihood in κ, and minus the second.
fn intercept_slope(x: &[f64], mu: &[f64], alpha: f64, kappa: f64) -> (f64, f64) {
    let factor = kappa.exp();
    let term = |(x, m): (&f64, &f64)| {
        let spread = 1.0 + alpha * factor * m;
        ((x - factor * m) / spread, m * (alpha * x + 1.0) / (spread * spread))
    };
    let (score, information) =
        x.iter().zip(mu).map(term).fold((0.0, 0.0), |(a, b), (c, d)| (a + c, b + d));
    (score, factor * information)
}

/// The same of a Poisson epidemic in φ = ln λ.
fn epidemic_slope_log(x: &[f64], mu: &[f64], before: &[f64], phi: f64) -> (f64, f64) {
    let lambda = phi.exp();
    let term = |(x, m, b): (f64, f64, f64)| {
        (x * b / (lambda * b + m) - b, x * b * b / (lambda * b + m).powi(2))
    };
    let (first, second) =
        three(x, mu, before).map(term).fold((0.0, 0.0), |(a, b), (c, d)| (a + c, b + d));
    let score = lambda * first;
    (score, -score + (2.0 * phi).exp() * second)
}

/// First derivative of the log likelihood of an epidemic in λ, and the information expected there.
fn epidemic_slope(x: &[f64], mu: &[f64], before: &[f64], alpha: f64, lambda: f64) -> (f64, f64) {
    let term = |(x, m, b): (f64, f64, f64)| {
        let mean = m + lambda * b;
        let variance = mean * (1.0 + alpha * mean);
        (b * (x - mean) / variance, b * b / variance)
    };
    three(x, mu, before).map(term).fold((0.0, 0.0), |(a, b), (c, d)| (a + c, b + d))
}

/// Largest x a unit of what it is held against; zero where there is none.
fn highest(x: &[f64], against: &[f64]) -> f64 {
    x.iter().zip(against).filter(|(_, a)| **a > 0.0).map(|(x, a)| x / a).fold(0.0, f64::max)
}

/// R's Newton steps from `start`, without a bracket; `old` is what R compares the start with.
fn newton(
    slope: impl Fn(f64) -> (f64, f64),
    start: f64,
    mut old: f64,
    distance: impl Fn(f64, f64) -> f64,
) -> f64 {
    let (mut new, mut steps) = (start, 0);
    while new > LOWEST && distance(new, old) > NEAR && steps < STEPS {
        old = new;
        let (score, information) = slope(old);
        new = old + score / information;
        steps += 1;
    }
    new
}

/// Where a slope that is positive below and negative above changes its sign between `low` and
/// `high`; one of the ends where it does not.
fn root(slope: impl Fn(f64) -> (f64, f64), low: f64, high: f64) -> f64 {
    let (mut low, mut high) = (low, high.max(low));
    if slope(low).0 <= 0.0 {
        return low;
    }
    let mut at = high;
    for _ in 0..200 {
        let (score, information) = slope(at);
        if score > 0.0 {
            low = at
        } else {
            high = at
        }
        let next = at + score / information;
        let next = if next > low && next < high { next } else { f64::midpoint(low, high) };
        if (next - at).abs() <= 1e-13 * (1.0 + next.abs()) {
            return next;
        }
        at = next;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_dispersion_is_nearly_poisson() {
        let (x, mu) = ([2.0, 1.0, 6.0, 9.0], [2.0, 2.5, 3.0, 3.5]);
        let before = [1.0, 2.0, 1.0, 6.0];
        for direction in [1.0, -1.0] {
            let (a, b) = (
                poisson_intercept(&x, &mu, 0..=3, direction, false),
                negbin_intercept(&x, &mu, 1e-9, 0..=3, direction, false),
            );
            assert!((a - b).abs() < 1e-6 * a.abs().max(1e-3), "{a} {b}");
        }
        let (a, b) = (
            poisson_epidemic(&x, &mu, &before, 0..=3, false),
            negbin_epidemic(&x, &mu, &before, 1e-9, 0..=3, false),
        );
        assert!(a > 1.0 && (a - b).abs() < 1e-5 * a, "{a} {b}");
    }

    #[test]
    fn no_other_change_fits_better_than_the_one_found() {
        let (x, mu, alpha) = ([2.0, 1.0, 6.0, 9.0], [2.0, 2.5, 3.0, 3.5], 0.2);
        let found = negbin_intercept(&x, &mu, alpha, 0..=0, 1.0, false);
        let at = |kappa: f64| {
            x.iter().zip(&mu).map(|(x, m)| negbin_ratio(*x, *m, alpha, kappa)).sum::<f64>()
        };
        assert!((0..200).all(|i| at(f64::from(i) / 100.0) <= found + 1e-12));
        assert!((0..200).any(|i| at(f64::from(i) / 100.0) > found - 1e-3));
    }

    #[test]
    fn no_other_epidemic_fits_better_than_the_one_found() {
        let (x, mu, alpha) = ([2.0, 4.0, 6.0, 9.0], [2.0, 2.5, 3.0, 3.5], 0.2);
        let before = [1.0, 2.0, 4.0, 6.0];
        let found = negbin_epidemic(&x, &mu, &before, alpha, 0..=0, false);
        let at = |lambda: f64| {
            three(&x, &mu, &before)
                .map(|(x, m, b)| epidemic_ratio(x, m, m + lambda * b, alpha))
                .sum::<f64>()
        };
        assert!((0..2000).all(|i| at(f64::from(i) / 1000.0) <= found + 1e-12));
        assert!((0..2000).any(|i| at(f64::from(i) / 1000.0) > found - 1e-6));
    }

    #[test]
    fn where_r_goes_astray() {
        // No counts at all are the strongest of decreases.
        assert_eq!(poisson_intercept(&[0.0, 0.0], &[3.0, 4.0], 0..=1, -1.0, false), 7.0);
        assert_eq!(poisson_intercept(&[0.0, 0.0], &[3.0, 4.0], 0..=1, -1.0, true), NOTHING);
        // From one case to a hundred.
        assert!(negbin_intercept(&[100.0], &[1.0], 0.01, 0..=0, 1.0, false) > 100.0);
        assert_eq!(negbin_intercept(&[100.0], &[1.0], 0.01, 0..=0, 1.0, true), 0.0);
    }
}
