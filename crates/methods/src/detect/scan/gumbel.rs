//! The Gumbel distribution of the largest statistic, for p smaller than the number of permuted
//! tables can show.
//!
//! Abrams, A. M., Kleinman, K. & Kulldorff, M. (2010) Gumbel based p-value approximations for
//! spatial scan statistics, International Journal of Health Geographics 9, 61; fitted by moments,
//! as SaTScan does.

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;

/// A Gumbel distribution of maxima.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gumbel {
    /// Mode.
    pub mu: f64,
    /// Scale, above zero.
    pub beta: f64,
}

impl Gumbel {
    /// The distribution with mean and standard deviation (of a sample: n − 1) of `values`; `None`
    /// where they do not vary or are fewer than two.
    pub fn fit(values: &[f64]) -> Option<Gumbel> {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let beta = (6.0 * variance).sqrt() / std::f64::consts::PI;
        (beta > 0.0 && beta.is_finite()).then_some(Gumbel { mu: mean - EULER * beta, beta })
    }

    /// Probability of a value of `x` or more; accurate where it is tiny, and never zero.
    pub fn upper_tail(&self, x: f64) -> f64 {
        (-(-((self.mu - x) / self.beta).exp()).exp_m1()).max(f64::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_the_distribution() {
        // 1 − exp(−exp(−z)) with z = 0, 4 and 56.
        let g = Gumbel { mu: 2.0, beta: 0.5 };
        assert!((g.upper_tail(2.0) - (1.0 - (-1.0_f64).exp())).abs() < 1e-15);
        assert!((g.upper_tail(4.0) - 0.018148926938333514).abs() < 1e-12);
        assert!((g.upper_tail(30.0) / (-56.0_f64).exp() - 1.0).abs() < 1e-12);
        assert!(g.upper_tail(1e9) > 0.0);
    }

    #[test]
    fn a_fit_finds_the_distribution_that_values_come_from() {
        let quantile = |u: f64| 2.0 - 0.5 * (-u.ln()).ln();
        let values: Vec<f64> =
            (0..20_000).map(|i| quantile((f64::from(i) + 0.5) / 20_000.0)).collect();
        let g = Gumbel::fit(&values).unwrap();
        assert!((g.mu - 2.0).abs() < 1e-3 && (g.beta - 0.5).abs() < 1e-3, "{g:?}");
        assert_eq!([Gumbel::fit(&[1.0, 1.0]), Gumbel::fit(&[1.0]), Gumbel::fit(&[])], [None; 3]);
    }
}
