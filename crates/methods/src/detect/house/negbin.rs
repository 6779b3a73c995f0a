//! Counts with mean μ and variance φμ: negative binomial of size μ/(φ−1) and probability 1/φ,
//! Poisson at φ = 1 (the law of METHOD.md §3.2). Sums of such counts with one φ have the same law
//! with the means added.

use statrs::function::gamma::ln_gamma;

/// Below this excess over 1 a dispersion is taken for Poisson's.
const POISSON: f64 = 1e-6;
/// Counts further above the mean than so many standard deviations are as good as impossible …
const FAR_SD: f64 = 12.0;
/// … and so many φ, for the exponential tail of small means.
const FAR_PHI: f64 = 25.0;
/// Standard deviations beyond this are measured on a coarser lattice than single counts.
const COARSE: f64 = 60.0;

/// Mean and dispersion of one count, or of a sum of counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    pub mean: f64,
    /// Variance over mean, at least 1.
    pub dispersion: f64,
}

impl Law {
    /// A law whose mean is positive and whose dispersion is at least Poisson's.
    pub fn new(mean: f64, dispersion: f64) -> Law {
        Law { mean: mean.max(1e-9), dispersion: dispersion.max(1.0) }
    }

    /// Standard deviation.
    pub fn sd(self) -> f64 {
        (self.mean * self.dispersion).sqrt()
    }

    /// The law of the sum of independent counts: exact where the dispersions are equal, else with
    /// the sum's mean and variance.
    pub fn sum(laws: &[Law]) -> Law {
        let mean: f64 = laws.iter().map(|l| l.mean).sum();
        Law::new(mean, laws.iter().map(|l| l.mean * l.dispersion).sum::<f64>() / mean.max(1e-300))
    }

    /// Natural logarithm of the probability of the count `y`.
    pub fn ln_pmf(self, y: f64) -> f64 {
        if self.dispersion < 1.0 + POISSON {
            return y * self.mean.ln() - self.mean - ln_gamma(y + 1.0);
        }
        let (size, odds) =
            (self.mean / (self.dispersion - 1.0), (self.dispersion - 1.0) / self.dispersion);
        ln_gamma(y + size) - ln_gamma(size) - ln_gamma(y + 1.0) + y * odds.ln()
            - size * self.dispersion.ln()
    }

    /// Probability of `y + 1` over that of `y`.
    fn step(self, y: f64) -> f64 {
        if self.dispersion < 1.0 + POISSON {
            return self.mean / (y + 1.0);
        }
        (self.dispersion - 1.0) / self.dispersion * (y + self.mean / (self.dispersion - 1.0))
            / (y + 1.0)
    }
}

/// A law tabulated from 0 to beyond what can be expected; in units of one count, or of several
/// where counts are large.
#[derive(Clone, Debug)]
pub struct Table {
    /// The law in the table's unit.
    pub law: Law,
    /// Probability of each value.
    pub pmf: Vec<f64>,
    /// Probability of each value or more; one entry longer than `pmf`, and 0 there.
    pub tail: Vec<f64>,
    mean: f64,
    unit: f64,
}

impl Table {
    /// Tabulates a law. Where the standard deviation exceeds 60 counts the unit is so many counts
    /// that it is 60: mean, variance and, as far as Poisson allows, skewness are kept.
    pub fn new(law: Law) -> Table {
        let unit = (law.sd() / COARSE).max(1.0);
        let dispersion = (law.dispersion / unit).max(1.0);
        let scaled = Law::new(law.sd().powi(2) / (unit * unit) / dispersion, dispersion);
        let last = (scaled.mean + FAR_SD * scaled.sd() + FAR_PHI * dispersion + 10.0) as usize;
        let mode = (scaled.mean as usize).min(last);
        let mut pmf = vec![0.0; last + 1];
        pmf[mode] = scaled.ln_pmf(mode as f64).exp();
        for y in mode..last {
            pmf[y + 1] = pmf[y] * scaled.step(y as f64);
        }
        for y in (0..mode).rev() {
            pmf[y] = pmf[y + 1] / scaled.step(y as f64);
        }
        let mut tail = vec![0.0; last + 2];
        for y in (0..=last).rev() {
            tail[y] = tail[y + 1] + pmf[y];
        }
        Table { law: scaled, pmf, tail, mean: law.mean, unit }
    }

    /// Where a count stands in the table; beyond its end, the end.
    pub fn place(&self, count: f64) -> usize {
        let place =
            if self.unit > 1.0 { self.law.mean + (count - self.mean) / self.unit } else { count };
        (place.round().max(0.0) as usize).min(self.pmf.len() - 1)
    }

    /// The count at a place of the table.
    pub fn count(&self, place: usize) -> f64 {
        if self.unit > 1.0 {
            (self.mean + (place as f64 - self.law.mean) * self.unit).max(0.0).round()
        } else {
            place as f64
        }
    }

    /// Probability of the count `y` or more, and of more than `y`.
    pub fn above(&self, count: f64) -> (f64, f64) {
        let place = self.place(count);
        (self.tail[place], self.tail[place + 1])
    }

    /// The smallest count that is exceeded with a probability of at most `p`.
    pub fn upper(&self, p: f64) -> f64 {
        self.count(self.tail.partition_point(|t| *t > p).saturating_sub(1))
    }

    /// The likelihood of each value after a rise of the mean by `cases` over that without, at the
    /// same dispersion. It grows with the value.
    pub fn ratios(&self, cases: f64) -> Vec<f64> {
        let Law { mean, dispersion } = self.law;
        let shift = cases / self.unit;
        let mut ratios = Vec::with_capacity(self.pmf.len());
        let poisson = dispersion < 1.0 + POISSON;
        let size = |mean: f64| mean / (dispersion - 1.0);
        let mut ratio =
            if poisson { (-shift).exp() } else { (-size(shift) * dispersion.ln()).exp() };
        for y in 0..self.pmf.len() {
            ratios.push(ratio);
            ratio *= if poisson {
                (mean + shift) / mean
            } else {
                (y as f64 + size(mean + shift)) / (y as f64 + size(mean))
            };
        }
        ratios
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_r_s() {
        let law = Law::new(3.0, 2.5);
        assert!((law.ln_pmf(4.0).exp() - 0.10368).abs() < 1e-12, "dnbinom(4, size = 2, mu = 3)");
        let poisson = Law::new(3.0, 1.0).ln_pmf(4.0).exp();
        assert!((poisson / 0.16803135574 - 1.0).abs() < 1e-8, "dpois(4, 3): {poisson}");
    }

    #[test]
    fn a_table_sums_to_one_with_the_law_s_moments_at_any_size() {
        for (mean, dispersion) in [
            (1e-4, 1.0),
            (0.13, 2.0),
            (3.0, 1.0),
            (40.0, 5.0),
            (900.0, 1.2),
            (5e4, 3.0),
            (1e6, 400.0),
        ] {
            let table = Table::new(Law::new(mean, dispersion));
            let moment = |f: &dyn Fn(f64) -> f64| -> f64 {
                table
                    .pmf
                    .iter()
                    .enumerate()
                    .map(|(k, p)| p * f(table.mean + (k as f64 - table.law.mean) * table.unit))
                    .sum()
            };
            let (total, first) = (moment(&|_| 1.0), moment(&|y| y));
            let second = moment(&|y| (y - mean).powi(2));
            assert!((total - 1.0).abs() < 1e-7, "{mean} {dispersion}: {total}");
            assert!((first / mean - 1.0).abs() < 1e-6, "{mean} {dispersion}: {first}");
            assert!(
                (second / (mean * dispersion) - 1.0).abs() < 1e-3,
                "{mean} {dispersion}: {second}"
            );
            assert!(table.pmf.len() < 5000);
        }
    }

    #[test]
    fn a_sum_keeps_a_common_dispersion() {
        assert_eq!(Law::sum(&[Law::new(2.0, 3.0), Law::new(4.0, 3.0)]), Law::new(6.0, 3.0));
    }

    #[test]
    fn a_likelihood_ratio_is_that_of_the_two_laws() {
        for dispersion in [1.0, 2.5] {
            let table = Table::new(Law::new(3.0, dispersion));
            let ratios = table.ratios(2.0);
            for y in [0, 1, 7, 20] {
                let by_hand = Law::new(5.0, dispersion).ln_pmf(y as f64)
                    - Law::new(3.0, dispersion).ln_pmf(y as f64);
                assert!((ratios[y].ln() - by_hand).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn the_upper_bound_is_the_quantile() {
        let table = Table::new(Law::new(3.0, 1.0));
        assert_eq!(table.upper(0.05), 6.0, "qpois(.95, 3)");
        assert!(table.above(7.0).0 <= 0.05 && table.above(6.0).0 > 0.05);
    }
}
