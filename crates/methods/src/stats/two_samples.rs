//! Two counts, or two proportions, against each other.

use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::beta::beta_reg;

/// Two-sided p that two counts come from one rate, given the exposure of each (days, residents).
///
/// Given their sum, one is binomial (Przyborowski and Wilenski, 1940, Biometrika 31, 313–323; R's
/// `poisson.test`); both tails are doubled. With a `dispersion` above 1, as many counts as are worth
/// that many independent ones take their place. `None` where neither has a case, or an exposure is
/// not positive.
pub fn two_counts(counts: [f64; 2], exposures: [f64; 2], dispersion: f64) -> Option<f64> {
    let dispersion = dispersion.max(1.0);
    let [a, b] = counts.map(|n| n / dispersion);
    if !(a >= 0.0 && b >= 0.0 && a + b > 0.0 && exposures.iter().all(|e| *e > 0.0)) {
        return None;
    }
    let share = exposures[0] / (exposures[0] + exposures[1]);
    let at_least = if a > 0.0 { beta_reg(a, b + 1.0, share) } else { 1.0 };
    let at_most = if b > 0.0 { beta_reg(b, a + 1.0, 1.0 - share) } else { 1.0 };
    Some((2.0 * at_least.min(at_most)).min(1.0))
}

/// Two counts, each with its exposure: days of its month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    pub counts: [f64; 2],
    pub exposures: [f64; 2],
}

/// Variance of pairs of counts about their common ratio of rates over what Poisson counts would have,
/// at least 1; `None` from fewer than six pairs with a case. Pairs differ by a common factor, a
/// year's growth, without being dispersed by it.
pub fn pair_dispersion(pairs: &[Pair]) -> Option<f64> {
    const LEAST_PAIRS: usize = 6;
    let known: Vec<&Pair> = pairs.iter().filter(|p| p.counts[0] + p.counts[1] > 0.0).collect();
    let sum = |of: fn(&Pair) -> f64| known.iter().map(|pair| of(pair)).sum::<f64>();
    let [now, then] = [sum(|p| p.counts[0]), sum(|p| p.counts[1])];
    if known.len() < LEAST_PAIRS || now == 0.0 || then == 0.0 {
        return None;
    }
    let ratio = now / sum(|p| p.exposures[0]) / (then / sum(|p| p.exposures[1]));
    let term = |pair: &&Pair| {
        let ([a, b], [now, then]) = (pair.counts, pair.exposures);
        let (n, share) = (a + b, ratio * now / (ratio * now + then));
        (a - n * share).powi(2) / (n * share * (1.0 - share))
    };
    let squares: f64 = known.iter().map(term).sum();
    Some((squares / (known.len() - 1) as f64).max(1.0))
}

/// Two-sided p that two proportions are one, each `[num, den]`, by the pooled score test (R's
/// `prop.test` without its correction). `None` where a denominator is nought, or all or none are.
pub fn two_proportions(a: [f64; 2], b: [f64; 2]) -> Option<f64> {
    let (num, den) = (a[0] + b[0], a[1] + b[1]);
    let pooled = num / den;
    if !(a[1] > 0.0 && b[1] > 0.0 && pooled > 0.0 && pooled < 1.0) {
        return None;
    }
    let error = (pooled * (1.0 - pooled) * (1.0 / a[1] + 1.0 / b[1])).sqrt();
    let z = (a[0] / a[1] - b[0] / b[1]) / error;
    Some(2.0 * Normal::standard().sf(z.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: Option<f64>, b: f64) {
        assert!(a.is_some_and(|a| (a - b).abs() < 1e-9), "{a:?} {b}");
    }

    #[test]
    fn counts_are_compared_as_r_does() {
        // binom.test(15, 20, 0.5): equal tails, 2 * pbinom(5, 20, 0.5)
        near(two_counts([15.0, 5.0], [31.0, 31.0], 1.0), 0.041_389_465_332);
        // 2 * pbinom(11, 34, 31 / 59)
        near(two_counts([11.0, 23.0], [31.0, 28.0], 1.0), 0.028_143_686_419);
        assert_eq!(two_counts([0.0, 0.0], [1.0, 1.0], 1.0), None);
        near(two_counts([0.0, 5.0], [1.0, 1.0], 1.0), 2.0 / 32.0);
        near(two_counts([5.0, 0.0], [1.0, 1.0], 1.0), 2.0 / 32.0);
        assert!(
            two_counts([300.0, 200.0], [1.0, 1.0], 10.0)
                > two_counts([300.0, 200.0], [1.0, 1.0], 1.0)
        );
    }

    #[test]
    fn neither_growth_nor_a_months_length_is_dispersion() {
        let pair = |counts, exposures| Pair { counts, exposures };
        let growing: Vec<Pair> = (1..=12)
            .map(|i| pair([20.0 * f64::from(i), 10.0 * f64::from(i)], [30.0, 30.0]))
            .collect();
        assert_eq!(pair_dispersion(&growing), Some(1.0));
        let long: Vec<Pair> = (0..12)
            .map(|i| match i % 2 {
                0 => pair([31_000.0, 28_000.0], [31.0, 28.0]),
                _ => pair([28_000.0, 31_000.0], [28.0, 31.0]),
            })
            .collect();
        assert_eq!(pair_dispersion(&long), Some(1.0));
        let wild: Vec<Pair> = (0..12)
            .map(|i| pair(if i % 2 == 0 { [100.0, 20.0] } else { [20.0, 100.0] }, [30.0, 30.0]))
            .collect();
        assert!(pair_dispersion(&wild).unwrap() > 20.0);
        assert_eq!(pair_dispersion(&growing[..3]), None);
    }

    #[test]
    fn proportions_are_compared_as_r_does() {
        // prop.test(c(45, 60), c(100, 100), correct = FALSE)$p.value
        near(two_proportions([45.0, 100.0], [60.0, 100.0]), 0.033_672_068_856_346);
        assert_eq!(two_proportions([0.0, 10.0], [0.0, 10.0]), None);
        assert_eq!(two_proportions([1.0, 0.0], [1.0, 2.0]), None);
    }
}
