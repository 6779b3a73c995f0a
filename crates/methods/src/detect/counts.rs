//! Distributions of counts: Poisson, and the negative binomial of a given mean and dispersion.
//!
//! Not statrs', whose tails start from differences of log-gammas: where the size is large, which is
//! where a series is nearly Poisson, those lose every digit. Probabilities here start from the
//! saddle-point form of Loader, C. (2000) Fast and accurate computation of binomial probabilities,
//! which R uses too; tails keep their relative precision however small they are.

use std::f64::consts::PI;

use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::gamma::ln_gamma;

/// Mean beyond which there are too many terms to a tail.
const LARGEST: f64 = 1e12;
/// Terms of a tail at most: enough for the largest mean.
const MOST_TERMS: usize = 20_000_000;
/// Slack of R's discrete quantiles, so that a probability met but for rounding is met.
const FUZZ: f64 = 8.0 * f64::EPSILON;

/// Counts of a mean, with variance φ × mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counts {
    mean: f64,
    phi: f64,
}

impl Counts {
    /// Poisson at φ = 1 and below, else negative binomial of size mean/(φ − 1) and probability 1/φ.
    /// `None` unless both are finite and the mean is between 0 and 10¹².
    pub fn new(mean: f64, phi: f64) -> Option<Counts> {
        (phi.is_finite() && (0.0..=LARGEST).contains(&mean)).then(|| {
            // Below, the size of the negative binomial would be no number of full precision.
            let mean = if mean < 1e-290 { 0.0 } else { mean };
            Counts { mean, phi: phi.max(1.0) }
        })
    }

    /// Probability of exactly `y`, a whole number.
    pub fn mass(&self, y: f64) -> f64 {
        if self.mean == 0.0 {
            return f64::from(y == 0.0);
        }
        match self.size() {
            None if y == 0.0 => (-self.mean).exp(),
            None => (-stirling_error(y) - deviance(y, self.mean)).exp() / (2.0 * PI * y).sqrt(),
            Some(size) if y == 0.0 => (-size * (self.phi - 1.0).ln_1p()).exp(),
            Some(size) => self.mass_of_size(size, y),
        }
    }

    /// Probability of `y` or more.
    pub fn at_least(&self, y: f64) -> f64 {
        if y.is_nan() || y <= 0.0 {
            return if y.is_nan() { f64::NAN } else { 1.0 };
        }
        if y.is_infinite() || self.mean == 0.0 {
            return 0.0;
        }
        match self.size() {
            None => self.poisson_tail(y),
            Some(size) => self.negative_binomial_tail(size, y),
        }
    }

    /// Smallest count that is not exceeded with probability `p` or more, 0 < p < 1.
    pub fn quantile(&self, p: f64) -> f64 {
        let enough = |y: f64| y >= 0.0 && 1.0 - self.at_least(y + 1.0) >= p * (1.0 - FUZZ);
        let sd = (self.phi * self.mean).sqrt();
        let mut step = (sd / 64.0).floor().max(1.0);
        let mut high = self.cornish_fisher(p, sd);
        let mut low = high - step;
        while enough(low) {
            high = low;
            step *= 2.0;
            low -= step;
        }
        while !enough(high) && high < LARGEST * LARGEST {
            low = high;
            step *= 2.0;
            high += step;
        }
        while high - low > 1.0 {
            let middle = ((low + high) / 2.0).floor();
            if enough(middle) { high = middle } else { low = middle }
        }
        high
    }

    /// A whole number near the quantile, from mean, variance and skewness.
    fn cornish_fisher(&self, p: f64, sd: f64) -> f64 {
        let z = Normal::standard().inverse_cdf(p);
        let skewness = (2.0 * self.phi - 1.0) / sd;
        let guess = self.mean + sd * (z + skewness * (z * z - 1.0) / 6.0);
        if guess.is_finite() { guess.floor().max(0.0) } else { 0.0 }
    }

    fn size(&self) -> Option<f64> {
        (self.phi > 1.0).then(|| self.mean / (self.phi - 1.0)).filter(|s| s.is_finite())
    }

    fn mass_of_size(&self, size: f64, y: f64) -> f64 {
        let (n, p, q) = (size + y, 1.0 / self.phi, (self.phi - 1.0) / self.phi);
        let log = stirling_error(n)
            - stirling_error(size)
            - stirling_error(y)
            - deviance(size, n * p)
            - deviance(y, n * q);
        let trials = (log - 0.5 * (2.0 * PI * y * (size / n)).ln()).exp();
        trials * (size / n)
    }

    fn negative_binomial_tail(&self, size: f64, y: f64) -> f64 {
        let (p, q) = (1.0 / self.phi, (self.phi - 1.0) / self.phi);
        if q < (y + 1.0) / (y + size + 2.0) {
            return self.mass(y) * beta_fraction(y, size, q);
        }
        let below = self.mass(y) * y / size * beta_fraction(size, y, p);
        if below < 0.9 {
            return 1.0 - below;
        }
        // A small size puts nearly all on zero; the rest keeps its digits if it is begun from what
        // is not zero.
        let (mut rest, mut mass, mut k) =
            (-(-size * (self.phi - 1.0).ln_1p()).exp_m1(), self.mass(1.0), 1.0);
        while k < y {
            rest -= mass;
            mass *= (size + k) / (k + 1.0) * q;
            k += 1.0;
        }
        rest
    }

    fn poisson_tail(&self, y: f64) -> f64 {
        let mean = self.mean;
        if y > mean {
            self.mass(y) * sum_of_ratios(|j| mean / (y + j))
        } else {
            1.0 - self.mass(y - 1.0) * sum_of_ratios(|j| ((y - j) / mean).max(0.0))
        }
    }
}

/// 1 + r₁ + r₁r₂ + …, until terms no longer count.
fn sum_of_ratios(ratio: impl Fn(f64) -> f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for j in 1..MOST_TERMS {
        term *= ratio(j as f64);
        sum += term;
        if term <= sum * f64::EPSILON / 4.0 {
            break;
        }
    }
    sum
}

/// ln n! less Stirling's approximation of it.
fn stirling_error(n: f64) -> f64 {
    if n <= 15.0 {
        return ln_gamma(n + 1.0) - (n + 0.5) * n.ln() + n - 0.5 * (2.0 * PI).ln();
    }
    let square = n * n;
    (1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / 1188.0 / square) / square) / square)
            / square)
        / n
}

/// x ln(x/m) + m − x, without cancellation where x is near m.
fn deviance(x: f64, m: f64) -> f64 {
    let v = (x - m) / (x + m);
    if v.abs() >= 0.1 {
        return x * (x / m).ln() + m - x;
    }
    let mut sum = (x - m) * v;
    let mut term = 2.0 * x * v;
    for j in 1..1000 {
        term *= v * v;
        let next = sum + term / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// Continued fraction of the incomplete beta function, by Lentz's method: I_x(a, b) over x^a
/// (1−x)^b / (a B(a, b)).
///
/// Press et al. (2007) Numerical Recipes, 3rd edition, 6.4; converges in some √max(a, b) rounds for
/// x < (a+1)/(a+b+2).
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let guard = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let (mut c, mut d) = (1.0, 1.0 / guard(1.0 - (a + b) * x / (a + 1.0)));
    let mut h = d;
    for m in 1..MOST_TERMS {
        let m = m as f64;
        let even = m * (b - m) * x / ((a - 1.0 + 2.0 * m) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 1.0 + 2.0 * m));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        h *= d * c;
        if (d * c - 1.0).abs() <= 4.0 * f64::EPSILON {
            break;
        }
    }
    h
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-11 * b.abs()
    }

    #[test]
    fn tails_are_sums_of_masses() {
        for (mean, phi) in [
            (0.02, 1.0),
            (3.3, 1.0),
            (40.0, 1.0),
            (0.02, 1.5),
            (3.3, 1.0001),
            (3.3, 4.0),
            (200.0, 7.0),
        ] {
            let counts = Counts::new(mean, phi).unwrap();
            let mass: Vec<f64> = (0..3000).map(|y| counts.mass(f64::from(y))).collect();
            assert!((mass.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{mean} {phi}");
            for y in [1, 2, 5, 30, 300] {
                let tail: f64 = mass[y..].iter().rev().sum();
                assert!(
                    near(counts.at_least(y as f64), tail) || tail < 1e-290,
                    "{mean} {phi} {y}: {} {tail}",
                    counts.at_least(y as f64)
                );
            }
        }
    }

    #[test]
    fn a_quantile_is_the_first_count_that_suffices() {
        for (mean, phi) in [
            (1e-12, 1.0),
            (1e-12, 3.0),
            (0.7, 1.0),
            (0.7, 2.0),
            (55.0, 1.2),
            (55.0, 30.0),
            (1e7, 400.0),
        ] {
            let counts = Counts::new(mean, phi).unwrap();
            for p in [0.05, 0.5, 0.9, 0.999] {
                let y = counts.quantile(p);
                assert!(1.0 - counts.at_least(y + 1.0) >= p - 1e-12, "{mean} {phi} {p}: {y}");
                assert!(y == 0.0 || 1.0 - counts.at_least(y) < p, "{mean} {phi} {p}: {y}");
            }
        }
    }

    #[test]
    fn a_dispersion_just_above_one_is_nearly_poisson() {
        let (poisson, nearly) =
            (Counts::new(12.0, 1.0).unwrap(), Counts::new(12.0, 1.0 + 1e-10).unwrap());
        for y in [0.0, 1.0, 12.0, 40.0] {
            assert!((poisson.at_least(y) / nearly.at_least(y) - 1.0).abs() < 1e-7);
        }
    }

    #[test]
    fn extremes_are_defined() {
        assert_eq!(Counts::new(f64::INFINITY, 1.0), None);
        assert_eq!(Counts::new(f64::NAN, 1.0), None);
        assert_eq!(Counts::new(1e13, 1.0), None);
        let nothing = Counts::new(0.0, 2.0).unwrap();
        assert_eq!(
            (nothing.mass(0.0), nothing.at_least(1.0), nothing.quantile(0.99)),
            (1.0, 0.0, 0.0)
        );
        assert_eq!(Counts::new(1e-310, 1e6).unwrap().quantile(0.99), 0.0);
        let huge = Counts::new(1e12, 1e6).unwrap();
        assert!((huge.at_least(1e12) - 0.5).abs() < 1e-3);
        assert!((huge.quantile(0.975) / 1e12 - 1.0 - 1.96e-3).abs() < 1e-5);
    }
}
