//! The tail of the largest statistic, for p smaller than the number of permuted tables can show.
//!
//! What lies beyond a high threshold is exponential, whatever the distribution, where its maxima
//! tend to Gumbel's (Pickands, J. (1975) Statistical inference using extreme order statistics,
//! Annals of Statistics 3, 119–131); taken for p of permutations by Knijnenburg, T. A. et al.
//! (2009) Fewer permutations, more accurate P-values, Bioinformatics 25, i161–i168. The bulk of
//! the permuted statistics says little of it: where cases are few, no cylinder of most permuted
//! tables has the least number of cases, and a distribution fitted to all of them (Abrams, Kleinman
//! & Kulldorff 2010) makes p ten to fifty times too small.

/// One in so many of the permuted statistics is in the tail.
const ONE_IN: usize = 10;

/// The upper tail of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tail {
    /// Where it begins.
    threshold: f64,
    /// How many values lie beyond, the share of all that they are, and the sum of how far they do.
    beyond: f64,
    share: f64,
    excess: f64,
}

impl Tail {
    /// The tail of the highest tenth of `values`; `None` where nothing lies beyond its lower end.
    pub(super) fn fit(values: &[f64]) -> Option<Tail> {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(|a, b| b.total_cmp(a));
        let threshold = *sorted.get(sorted.len() / ONE_IN)?;
        let beyond = sorted.partition_point(|v| *v > threshold);
        let excess = sorted.iter().take(beyond).map(|v| v - threshold).sum::<f64>();
        let (beyond, all) = (beyond as f64, sorted.len() as f64);
        (beyond > 0.0).then_some(Tail { threshold, beyond, share: beyond / all, excess })
    }

    /// Probability of a value of `x` or more, never zero; `None` where `x` is not in the tail. The
    /// mean excess is itself known from `beyond` values alone: of k exponential ones of sum S,
    /// another exceeds y with probability (1 + y/S)^−k.
    pub(super) fn upper(&self, x: f64) -> Option<f64> {
        let chance = || (1.0 + (x - self.threshold) / self.excess).powf(-self.beyond);
        (x > self.threshold).then(|| (self.share * chance()).max(f64::MIN_POSITIVE))
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    /// Values with these quantiles.
    fn drawn(n: usize, random: &mut ChaCha8Rng, quantile: impl Fn(f64) -> f64) -> Vec<f64> {
        (0..n).map(|_| quantile(random.random::<f64>())).collect()
    }

    #[test]
    fn a_tail_is_that_of_the_values_beyond_a_tenth() {
        // 20 values: 9 and 7 lie beyond 5, by 4 and 2.
        let mut values = vec![1.0; 17];
        values.extend([9.0, 5.0, 7.0]);
        let tail = Tail::fit(&values).unwrap();
        // (1 + 6/6)^−2 of a tenth.
        assert!((tail.upper(11.0).unwrap() - 0.025).abs() < 1e-15);
        assert_eq!((tail.upper(5.0), tail.upper(4.0)), (None, None));
        assert!(tail.upper(f64::MAX).unwrap() > 0.0);
    }

    #[test]
    fn nothing_beyond_is_no_tail() {
        for values in [&[][..], &[1.0], &[2.0; 9], &[2.0; 100]] {
            assert_eq!(Tail::fit(values), None);
        }
    }

    /// Mean, over samples of 999, of the chance that another value is said to be as rare as `p`.
    fn said(p: f64, quantile: impl Fn(f64) -> f64, beyond: impl Fn(f64) -> f64) -> f64 {
        let mut random = ChaCha8Rng::seed_from_u64(11);
        let mut of_one = || {
            let tail = Tail::fit(&drawn(999, &mut random, &quantile)).unwrap();
            let (mut low, mut high) = (tail.threshold, tail.threshold + 1000.0);
            for _ in 0..60 {
                let middle = 0.5 * (low + high);
                let rarer = tail.upper(middle).is_some_and(|chance| chance <= p);
                (low, high) = if rarer { (low, middle) } else { (middle, high) };
            }
            beyond(high)
        };
        (0..400).map(|_| of_one()).sum::<f64>() / 400.0
    }

    #[test]
    fn a_p_is_as_rare_as_it_says_of_a_gumbel_and_where_most_values_are_zero() {
        for p in [1e-2, 1e-3, 1e-4] {
            let gumbel =
                said(p, |u| 2.0 - 0.7 * (-u.ln()).ln(), |x| -(-((2.0 - x) / 0.7).exp()).exp_m1());
            let few = |u: f64| if u < 0.92 { 0.0 } else { -((1.0 - u) / 0.08).ln() };
            let few = said(p, few, |x| 0.08 * (-x).exp());
            for chance in [gumbel, few] {
                assert!((0.75..1.15).contains(&(chance / p)), "{p}: {chance}");
            }
        }
    }
}
