//! A distribution of counts written out number by number, for what asks for many of its
//! probabilities: a night judges some hundred thousand series by such tables.

use super::NegativeBinomial;
use super::special::ln_1p_ratio;

/// Counts further above the mean than so many standard deviations are as good as impossible …
const REACH_SD: f64 = 12.0;
/// … and so many dispersions, for the exponential tail of small means.
const REACH_DISPERSION: f64 = 25.0;
/// Standard deviations beyond this are measured on a coarser lattice than single counts.
const COARSE_SD: f64 = 60.0;

/// Probabilities of the values from 0 to beyond what can be expected; a value is one count, or
/// several where counts are large.
#[derive(Clone, Debug)]
pub struct CountTable {
    /// The distribution of the values.
    values: NegativeBinomial,
    /// Probability of each value.
    pmf: Vec<f64>,
    /// Probability of each value or more; one entry longer than `pmf`, and 0 there.
    tail: Vec<f64>,
    /// Mean of the counts, and how many of them make a value.
    mean: f64,
    unit: f64,
}

impl CountTable {
    /// Tabulates a distribution. Where its standard deviation exceeds 60 counts a value is so many
    /// counts that it is 60: mean, variance and, as far as Poisson allows, skewness are kept.
    pub fn new(counts: NegativeBinomial) -> CountTable {
        let unit = (counts.sd() / COARSE_SD).max(1.0);
        let dispersion = (counts.dispersion() / unit).max(1.0);
        let values = if unit > 1.0 {
            let mean = counts.variance() / (unit * unit) / dispersion;
            NegativeBinomial::with_dispersion(mean, dispersion)
        } else {
            counts
        };
        let reach = REACH_SD * values.sd() + REACH_DISPERSION * dispersion + 10.0;
        let last = (values.mean() + reach) as usize;
        let mode = (values.mean() as usize).min(last);
        let mut pmf = vec![0.0; last + 1];
        pmf[mode] = values.pmf(mode as f64);
        for y in mode..last {
            pmf[y + 1] = pmf[y] * values.pmf_ratio(y as f64);
        }
        for y in (0..mode).rev() {
            pmf[y] = pmf[y + 1] / values.pmf_ratio(y as f64);
        }
        let mut tail = vec![0.0; last + 2];
        for y in (0..=last).rev() {
            tail[y] = tail[y + 1] + pmf[y];
        }
        CountTable { values, pmf, tail, mean: counts.mean(), unit }
    }

    /// Probability of each value.
    pub fn pmf(&self) -> &[f64] {
        &self.pmf
    }

    /// Probability of each value or more, and 0 for what lies beyond the last.
    pub fn tail(&self) -> &[f64] {
        &self.tail
    }

    /// Position of a count in the table; beyond its end, the last.
    pub fn position(&self, count: f64) -> usize {
        let value = if self.unit > 1.0 {
            self.values.mean() + (count - self.mean) / self.unit
        } else {
            count
        };
        (value.round().max(0.0) as usize).min(self.pmf.len() - 1)
    }

    /// The count at a position of the table.
    pub fn count(&self, position: usize) -> f64 {
        if self.unit > 1.0 {
            (self.mean + (position as f64 - self.values.mean()) * self.unit).max(0.0).round()
        } else {
            position as f64
        }
    }

    /// Probability of the count `y` or more.
    pub fn at_least(&self, y: f64) -> f64 {
        self.tail[self.position(y)]
    }

    /// The smallest count that is exceeded with a probability of at most `p`.
    pub fn upper(&self, p: f64) -> f64 {
        self.count(self.tail.partition_point(|t| *t > p).saturating_sub(1))
    }

    /// Likelihood of each value after a rise of the mean by `cases` over that without, at the same
    /// dispersion. It grows with the value.
    pub fn likelihood_ratios(&self, cases: f64) -> Vec<f64> {
        let rise = cases / self.unit;
        let mean = self.values.mean();
        let excess = self.values.dispersion() - 1.0;
        // Both distributions have the ratio (mean + excess·y)/(φ(y + 1)) from one value to the
        // next.
        let mut ratio = (-rise * ln_1p_ratio(excess)).exp();
        let mut ratios = Vec::with_capacity(self.pmf.len());
        for y in 0..self.pmf.len() {
            ratios.push(ratio);
            let without = mean + excess * y as f64;
            ratio *= (without + rise) / without;
        }
        ratios
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(mean: f64, dispersion: f64) -> NegativeBinomial {
        NegativeBinomial::with_dispersion(mean, dispersion)
    }

    #[test]
    fn a_table_sums_to_one_with_the_mean_and_variance_of_the_counts_at_any_size() {
        for (mean, dispersion) in [
            (1e-4, 1.0),
            (0.13, 2.0),
            (3.0, 1.0),
            (40.0, 5.0),
            (900.0, 1.2),
            (5e4, 3.0),
            (1e6, 400.0),
        ] {
            let table = CountTable::new(counts(mean, dispersion));
            let moment = |f: &dyn Fn(f64) -> f64| -> f64 {
                let value = |k: usize| table.mean + (k as f64 - table.values.mean()) * table.unit;
                table.pmf.iter().enumerate().map(|(k, p)| p * f(value(k))).sum()
            };
            let (total, first) = (moment(&|_| 1.0), moment(&|y| y));
            let second = moment(&|y| (y - mean).powi(2));
            assert!((total - 1.0).abs() < 1e-11, "{mean} {dispersion}: {total}");
            assert!((first / mean - 1.0).abs() < 1e-9, "{mean} {dispersion}: {first}");
            assert!(
                (second / (mean * dispersion) - 1.0).abs() < 1e-3,
                "{mean} {dispersion}: {second}"
            );
            assert!(table.pmf.len() < 5000);
        }
    }

    #[test]
    fn tabulated_tails_are_those_of_the_distribution_near_poisson_too() {
        for (mean, dispersion) in [
            (1e-9, 1.0),
            (1e-3, 1.4),
            (0.3, 1.0 + 1e-12),
            (0.3, 1.0 + 1e-7),
            (3.0, 2.5),
            (90.0, 4.0),
        ] {
            let (counts, table) =
                (counts(mean, dispersion), CountTable::new(counts(mean, dispersion)));
            for y in [0.0, 1.0, 2.0, 7.0, 20.0] {
                let (exact, tabulated) = (counts.at_least(y), table.at_least(y));
                assert!(
                    (tabulated / exact - 1.0).abs() < 1e-11,
                    "{mean} {dispersion} {y}: {tabulated} {exact}"
                );
            }
        }
    }

    #[test]
    fn likelihood_ratios_are_those_of_the_two_distributions() {
        for dispersion in [1.0, 1.0 + 1e-9, 2.5] {
            let ratios = CountTable::new(counts(3.0, dispersion)).likelihood_ratios(2.0);
            for y in [0, 1, 7, 20] {
                let by_hand = counts(5.0, dispersion).ln_pmf(y as f64)
                    - counts(3.0, dispersion).ln_pmf(y as f64);
                assert!((ratios[y].ln() - by_hand).abs() < 1e-11);
            }
        }
    }

    #[test]
    fn the_upper_bound_is_the_quantile() {
        let table = CountTable::new(counts(3.0, 1.0));
        assert_eq!(table.upper(0.05), 6.0, "qpois(.95, 3)");
        assert!(table.at_least(7.0) <= 0.05 && table.at_least(6.0) > 0.05);
    }
}
