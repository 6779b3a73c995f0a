//! Distributions of a count and of a count not yet complete: what the nowcast answers with.

use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::beta::beta_reg;
use statrs::function::gamma::{gamma_lr, gamma_ur};

/// Means above which the exact sum of the negative binomial gives way to the gamma distribution of
/// the same mean and variance.
const LARGE: f64 = 2000.0;
/// A distribution on more whole numbers than this is carried by as many quantiles instead.
const MOST_NODES: usize = 400;
/// Tail that is left out on either side where a distribution is written out number by number.
const LEFT_OUT: f64 = 1e-7;
/// Standard deviation up to which a distribution is written out number by number.
const MOST_WRITTEN: f64 = 4000.0;
/// Probability, as a share of the most probable number's, that is nothing.
const NOTHING: f64 = 1e-16;

/// Negative binomial count of a mean and a size: variance = mean + mean²/size. An infinite size is
/// a Poisson count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Count {
    pub mean: f64,
    pub size: f64,
}

impl Count {
    /// Nothing, for certain.
    pub const NONE: Count = Count { mean: 0.0, size: f64::INFINITY };

    /// Of a mean and a variance; a variance at or below the mean is a Poisson count.
    pub fn from_moments(mean: f64, variance: f64) -> Count {
        let extra = variance - mean;
        Count { mean, size: if extra > 0.0 { mean * mean / extra } else { f64::INFINITY } }
    }

    pub fn variance(&self) -> f64 {
        self.mean + self.mean * self.mean / self.size
    }

    /// Probability of at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        let (mean, size, x) = (self.mean, self.size, x.floor());
        if x < 0.0 {
            0.0
        } else if mean.is_nan() || mean <= 0.0 {
            1.0
        } else if mean > LARGE || x > 50.0 * LARGE {
            let shape = mean * mean / self.variance();
            gamma_lr(shape, shape * (x + 0.5) / mean)
        } else if size > 1e7 {
            gamma_ur(x + 1.0, mean)
        } else {
            beta_reg(size.max(1e-9), x + 1.0, size / (size + mean))
        }
    }

    /// Probability of at least `x`.
    pub fn at_least(&self, x: f64) -> f64 {
        1.0 - self.cdf(x.ceil() - 1.0)
    }

    /// Smallest whole number that is not exceeded with a probability of at least `p`.
    pub fn quantile(&self, p: f64) -> f64 {
        // Near enough that a narrow bracket about it is seldom widened.
        smallest(self.guess(p), 0.02 * self.variance().max(0.0).sqrt(), |x| self.cdf(x) >= p)
    }

    /// About the quantile: that of the gamma distribution of the same mean and variance by the cube
    /// root that is nearly normal (Wilson and Hilferty 1931).
    fn guess(&self, p: f64) -> f64 {
        let shape = self.mean * self.mean / self.variance();
        let z = Normal::standard().inverse_cdf(p.clamp(1e-300, 1.0 - 1e-16));
        let root = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt());
        let guess = self.mean * root.max(0.0).powi(3);
        if guess.is_finite() { guess } else { self.mean.max(0.0) }
    }

    /// The distribution as (value, weight), weights of sum 1: number by number, or by its quantiles
    /// where the numbers are many.
    pub fn nodes(&self) -> Vec<(f64, f64)> {
        let written = self.written_out();
        let (low, high) = match &written {
            Some(cdf) => (cdf.quantile(LEFT_OUT), cdf.quantile(1.0 - LEFT_OUT)),
            None => (self.quantile(LEFT_OUT), self.quantile(1.0 - LEFT_OUT)),
        };
        if high - low > MOST_NODES as f64 {
            let weight = 1.0 / MOST_NODES as f64;
            let quantile =
                |p: f64| written.as_ref().map_or_else(|| self.quantile(p), |cdf| cdf.quantile(p));
            return (0..MOST_NODES)
                .map(|i| (quantile((i as f64 + 0.5) * weight), weight))
                .collect();
        }
        let (mut nodes, mut below, mut x) = (Vec::new(), 0.0, low);
        while x < high {
            let cdf = written.as_ref().map_or_else(|| self.cdf(x), |cdf| cdf.at(x));
            nodes.push((x, cdf - below));
            below = cdf;
            x += 1.0;
        }
        nodes.push((high, 1.0 - below));
        nodes
    }

    /// The distribution function number by number, each probability from that of the number before:
    /// far quicker than asking for each by itself. `None` where the numbers are too many.
    fn written_out(&self) -> Option<WrittenOut> {
        let (mean, size) = (self.mean, self.size);
        if !(mean > 0.0 && self.variance().sqrt() <= MOST_WRITTEN) {
            return None;
        }
        let ratio = if size.is_finite() { mean / (size + mean) } else { 0.0 };
        // P(x + 1) / P(x)
        let step = |x: f64| {
            if size.is_finite() { (x + size) / (x + 1.0) * ratio } else { mean / (x + 1.0) }
        };
        let mode = (mean - if size.is_finite() { mean / size } else { 0.0 }).max(0.0).floor();
        let mut masses = Vec::new();
        let (mut first, mut mass) = (mode, 1.0);
        while first > 0.0 && mass > NOTHING {
            mass /= step(first - 1.0);
            first -= 1.0;
            masses.push(mass);
        }
        masses.reverse();
        let (mut last, mut mass) = (mode, 1.0);
        masses.push(mass);
        while mass > NOTHING {
            mass *= step(last);
            last += 1.0;
            masses.push(mass);
        }
        let total: f64 = masses.iter().sum();
        let below = masses.into_iter().scan(0.0, |sum, mass| {
            *sum += mass / total;
            Some(*sum)
        });
        Some(WrittenOut { first, below: below.collect() })
    }
}

/// A distribution function over successive whole numbers.
struct WrittenOut {
    first: f64,
    below: Vec<f64>,
}

impl WrittenOut {
    fn at(&self, x: f64) -> f64 {
        if x < self.first {
            0.0
        } else {
            self.below.get((x - self.first) as usize).copied().unwrap_or(1.0)
        }
    }

    fn quantile(&self, p: f64) -> f64 {
        self.first + self.below.partition_point(|below| *below < p).min(self.below.len() - 1) as f64
    }
}

/// A count of which a part is reported: what is known, what is still to be added, and what will be
/// taken back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Final {
    pub reported: f64,
    pub added: Count,
    pub removed: Count,
}

impl Final {
    /// A count that is complete.
    pub fn complete(reported: f64) -> Final {
        Final { reported, added: Count::NONE, removed: Count::NONE }
    }

    pub fn mean(&self) -> f64 {
        (self.reported + self.added.mean - self.removed.mean).max(0.0)
    }

    pub fn variance(&self) -> f64 {
        self.added.variance() + self.removed.variance()
    }

    /// Probability that the final count is at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        self.cdf_over(&self.removed.nodes(), x)
    }

    /// Smallest whole number that the final count does not exceed with a probability of at least
    /// `p`; never below zero.
    pub fn quantile(&self, p: f64) -> f64 {
        let removed = self.removed.nodes();
        let unreported = self.added.mean - self.removed.mean;
        let step = smallest_from(unreported.round(), self.variance().sqrt(), |x| {
            self.cdf_over(&removed, self.reported + x) >= p
        });
        (self.reported + step).max(0.0)
    }

    /// Whole numbers between which the final count lies with a probability of `level`, as much left
    /// out below as above.
    pub fn interval(&self, level: f64) -> (f64, f64) {
        let out = (1.0 - level) / 2.0;
        (self.quantile(out), self.quantile(1.0 - out))
    }

    /// One-sided p-value of a final count that is not yet known, where `expected` is what is usual:
    /// the mean, over what the final count may become, of the probability of as many or more.
    pub fn p_value(&self, expected: &Count) -> f64 {
        let (added, removed) = (self.added.nodes(), self.removed.nodes());
        let at = |a: f64, r: f64| expected.at_least((self.reported + a - r).max(0.0));
        added
            .iter()
            .map(|(a, wa)| wa * removed.iter().map(|(r, wr)| wr * at(*a, *r)).sum::<f64>())
            .sum::<f64>()
            .clamp(0.0, 1.0)
    }

    fn cdf_over(&self, removed: &[(f64, f64)], x: f64) -> f64 {
        removed.iter().map(|(r, w)| w * self.added.cdf(x - self.reported + r)).sum()
    }
}

/// Smallest whole number from 0 on that `holds`, which once true stays true.
fn smallest(guess: f64, sd: f64, holds: impl Fn(f64) -> bool) -> f64 {
    if holds(0.0) { 0.0 } else { smallest_from(guess.floor(), sd, holds) }
}

/// Smallest whole number, negative ones too, that `holds`: a bracket is widened about `guess`, then
/// halved.
fn smallest_from(guess: f64, sd: f64, holds: impl Fn(f64) -> bool) -> f64 {
    if !(guess.is_finite() && sd.is_finite()) {
        return guess;
    }
    let mut step = sd.ceil().max(1.0);
    let (mut low, mut high) = (guess - step, guess);
    while holds(low) && step < 1e15 {
        (high, step) = (low, 2.0 * step);
        low -= step;
    }
    while !holds(high) && step < 1e15 {
        (low, step) = (high, 2.0 * step);
        high += step;
    }
    while high - low > 1.0 {
        let middle = ((low + high) / 2.0).floor();
        if middle <= low || middle >= high {
            break;
        }
        if holds(middle) { high = middle } else { low = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_negative_binomial_is_rs() {
        // R: pnbinom(3, size = 2, mu = 4); qnbinom(c(.05, .95), size = 2, mu = 4); ppois(3, 4)
        let count = Count { mean: 4.0, size: 2.0 };
        let pmf = |k: i32| f64::from(k + 1) / 9.0 * (2.0_f64 / 3.0).powi(k);
        assert!((count.cdf(3.0) - (0..4).map(pmf).sum::<f64>()).abs() < 1e-12);
        assert_eq!((count.quantile(0.05), count.quantile(0.95)), (0.0, 11.0));
        let poisson: f64 = [1.0, 4.0, 8.0, 32.0 / 3.0].iter().sum::<f64>() * (-4.0_f64).exp();
        assert!((Count { mean: 4.0, size: f64::INFINITY }.cdf(3.0) - poisson).abs() < 1e-12);
        assert!((Count::from_moments(4.0, count.variance()).size - 2.0).abs() < 1e-12);
    }

    #[test]
    fn large_and_small_counts_meet() {
        let (below, above) =
            (Count { mean: 1999.0, size: 30.0 }, Count { mean: 2001.0, size: 30.0 });
        for p in [0.001, 0.05, 0.5, 0.95, 0.999] {
            assert!(
                (below.quantile(p) / above.quantile(p) - 1.0).abs() < 0.005,
                "{p} {} {}",
                below.quantile(p),
                above.quantile(p)
            );
        }
        let huge = Count { mean: 1e12, size: 50.0 };
        assert!((huge.quantile(0.5) / 0.993e12 - 1.0).abs() < 0.01, "{}", huge.quantile(0.5));
        assert!(Count { mean: f64::INFINITY, size: 1.0 }.quantile(0.5).is_infinite());
    }

    #[test]
    fn nodes_carry_mean_and_variance() {
        for count in [
            Count { mean: 0.3, size: 5.0 },
            Count { mean: 40.0, size: 8.0 },
            Count { mean: 5000.0, size: 20.0 },
            Count::NONE,
        ] {
            let nodes = count.nodes();
            let mean: f64 = nodes.iter().map(|(x, w)| x * w).sum();
            let variance: f64 = nodes.iter().map(|(x, w)| (x - mean).powi(2) * w).sum();
            assert!((mean - count.mean).abs() <= 0.005 * count.mean, "{count:?} {mean}");
            assert!(
                (variance - count.variance()).abs() <= 0.02 * count.variance(),
                "{count:?} {variance}"
            );
        }
    }

    #[test]
    fn what_is_written_out_is_the_distribution_function() {
        for count in [
            Count { mean: 0.2, size: 0.02 },
            Count { mean: 37.0, size: 3.0 },
            Count { mean: 1500.0, size: f64::INFINITY },
        ] {
            let written = count.written_out().unwrap();
            for p in [1e-7, 0.001, 0.3, 0.9, 0.9999] {
                assert_eq!(written.quantile(p), count.quantile(p), "{count:?} {p}");
                let x = count.quantile(p);
                assert!((written.at(x) - count.cdf(x)).abs() < 1e-9, "{count:?} {x}");
            }
        }
        assert!(
            Count::NONE.written_out().is_none()
                && Count { mean: 30_000.0, size: 2.0 }.written_out().is_none()
        );
    }

    #[test]
    fn additions_and_removals_are_one_distribution() {
        let last = Final {
            reported: 12.0,
            added: Count { mean: 5.0, size: 9.0 },
            removed: Count { mean: 1.0, size: f64::INFINITY },
        };
        let (low, high) = last.interval(0.9);
        assert!(
            last.cdf(low) >= 0.05
                && last.cdf(low - 1.0) < 0.05
                && last.cdf(high) >= 0.95
                && last.cdf(high - 1.0) < 0.95
        );
        assert!(low <= 12.0 && high > 16.0);
        assert_eq!(Final::complete(7.0).interval(0.9), (7.0, 7.0));
        let fall =
            Final { reported: 2.0, added: Count::NONE, removed: Count { mean: 9.0, size: 3.0 } };
        assert_eq!(fall.quantile(0.05), 0.0);
    }

    #[test]
    fn the_p_value_of_a_complete_count_is_the_tail_and_of_an_incomplete_one_lies_between() {
        let usual = Count { mean: 10.0, size: 20.0 };
        assert_eq!(Final::complete(18.0).p_value(&usual), usual.at_least(18.0));
        let open =
            Final { reported: 12.0, added: Count { mean: 6.0, size: 20.0 }, removed: Count::NONE };
        let p = open.p_value(&usual);
        assert!(p < usual.at_least(12.0) && p > usual.at_least(30.0), "{p}");
    }
}
