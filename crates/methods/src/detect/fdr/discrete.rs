//! False discovery among tests on small counts, whose p-values can only take a few values and so
//! are larger than they need be.
//!
//! A test's support is the p-values it could have shown, ascending. Under no effect the chance of a
//! p-value up to t is the largest attainable one up to t, which is t or less: F(t) ≤ t. The step-up
//! procedures below put that F in the place of t.
//!
//! Heyse, J. F. (2011) A false discovery rate procedure for categorical data, in Recent Advances in
//! Biostatistics, 43–58; Döhler, S., Durand, G. and Roquain, E. (2018) New FDR bounds for discrete
//! and heterogeneous tests, Electronic Journal of Statistics 12, 1867–1900 (R: DiscreteFDR).

use super::{order, stepped_up};

/// Attainable p-values this much beyond a p-value, relatively, are still that p-value, computed
/// another way.
const SAME: f64 = 1e-12;
/// Counts looked at for a support, so that a tail that never falls ends.
const MOST: u64 = 1 << 24;

/// p-values P(Y ≥ k) that a test on a count can show, ascending, down to the first below `least`;
/// `tail(k)` is P(Y ≥ k), which falls in k. Procedures need the support down to the smallest
/// p-value observed among all tests.
pub fn tail_support(tail: impl Fn(u64) -> f64, least: f64) -> Vec<f64> {
    let mut support = Vec::new();
    for k in 0..MOST {
        let p = tail(k);
        if !(p > 0.0 && support.last().is_none_or(|last| p <= *last)) {
            break;
        }
        support.push(p);
        if p < least {
            break;
        }
    }
    support.reverse();
    support.dedup();
    support
}

/// Largest attainable p-value below `p`; 0 where there is none. What [`mid_p`] and [`randomised_p`]
/// need.
pub fn below(support: &[f64], p: f64) -> f64 {
    let at = support.partition_point(|a| *a < p * (1.0 - SAME));
    at.checked_sub(1).map_or(0.0, |i| support[i])
}

/// p less half the chance of exactly what was seen (Lancaster 1961): mean ½ under no effect, and no
/// longer an upper bound.
pub fn mid_p(p: f64, below: f64) -> f64 {
    0.5 * (p + below)
}

/// p-value drawn evenly between the attainable one below and p, `u` from 0 to 1: exactly uniform
/// under no effect, so that the continuous procedures hold their level (Habiger 2015, Statistical
/// Papers 56). Two draws may decide differently.
pub fn randomised_p(p: f64, below: f64, u: f64) -> f64 {
    p - u * (p - below)
}

/// Heyse's adjusted p-values: Benjamini–Hochberg with mean F(t) for t, which never rejects less.
/// Its level is not proven, and it can exceed it (Döhler and others 2018, §2.3); [`dbh`] cannot.
/// `supports` are one a test, and of a test not made (NaN) not looked at.
///
/// Time in the sum of support sizes, n log n.
pub fn heyse<S: AsRef<[f64]>>(p: &[f64], supports: &[S]) -> Vec<f64> {
    adjusted(p, supports, &vec![1.0; p.len()], f64::INFINITY)
}

/// p-values adjusted for one `alpha` by the discrete step-up procedure DBH-SU of Döhler, Durand and
/// Roquain (2018, theorem 1): independent tests.
///
/// A p-value above the last critical value τ_m, the largest attainable t with mean F(t)/(1 − F(t))
/// ≤ alpha, is adjusted to 1; the others by Heyse's formula with F(t)/(1 − F(τ_m)) for F(t). It
/// rejects whatever Benjamini–Hochberg rejects at level alpha/(1 + alpha), and on small counts far
/// more.
pub fn dbh<S: AsRef<[f64]>>(p: &[f64], supports: &[S], alpha: f64) -> Vec<f64> {
    let last = last_critical(p, supports, alpha);
    let weights: Vec<f64> =
        supports.iter().map(|support| 1.0 / (1.0 - attained(support.as_ref(), last))).collect();
    adjusted(p, supports, &weights, last * (1.0 + SAME))
}

/// F(t): the largest attainable p-value up to t.
fn attained(support: &[f64], t: f64) -> f64 {
    let at = support.partition_point(|a| *a <= t * (1.0 + SAME));
    at.checked_sub(1).map_or(0.0, |i| support[i])
}

/// τ_m; 0 where no attainable p-value is small enough.
fn last_critical<S: AsRef<[f64]>>(p: &[f64], supports: &[S], alpha: f64) -> f64 {
    let made = order(p);
    let steps = steps(&made, supports, |_, a| a / (1.0 - a));
    let (mut sum, mut last) = (0.0, 0.0);
    for together in steps.chunk_by(|a, b| b.0 <= a.0 * (1.0 + SAME)) {
        sum += together.iter().map(|step| step.1).sum::<f64>();
        if sum > alpha * made.len() as f64 {
            break;
        }
        last = together.last().map_or(last, |step| step.0);
    }
    last
}

/// Step-up on Σ weight·F(p)/rank; 1 above `limit`.
fn adjusted<S: AsRef<[f64]>>(p: &[f64], supports: &[S], weights: &[f64], limit: f64) -> Vec<f64> {
    let made = order(p);
    let steps = steps(&made, supports, |i, a| weights[i] * a);
    let (mut sum, mut next) = (0.0, 0);
    let mut sums = Vec::with_capacity(made.len());
    for i in &made {
        while let Some(step) = steps.get(next).filter(|step| step.0 <= p[*i] * (1.0 + SAME)) {
            sum += step.1;
            next += 1;
        }
        sums.push(sum);
    }
    stepped_up(p, |rank, p| {
        let sum = sums.pop().unwrap_or(f64::NAN);
        if p > limit { 1.0 } else { sum / rank }
    })
}

/// Where the sum over all tests of `of(test, F(t))` rises, and by how much, by ascending t.
fn steps<S: AsRef<[f64]>>(
    made: &[usize],
    supports: &[S],
    of: impl Fn(usize, f64) -> f64,
) -> Vec<(f64, f64)> {
    let mut steps = Vec::new();
    for i in made {
        let mut before = 0.0;
        for a in supports[*i].as_ref() {
            let value = of(*i, *a);
            steps.push((*a, value - before));
            before = value;
        }
    }
    steps.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    steps
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Poisson};
    use statrs::distribution::DiscreteCDF;

    use super::super::benjamini_hochberg;
    use super::*;

    fn upper_tail(mean: f64) -> impl Fn(u64) -> f64 {
        move |k| match k.checked_sub(1) {
            None => 1.0,
            Some(below) => statrs::distribution::Poisson::new(mean).unwrap().sf(below),
        }
    }

    /// Tests of Poisson counts of known means; the first `risen` have counts of `factor` times the
    /// mean.
    fn night(
        rng: &mut ChaCha8Rng,
        m: usize,
        risen: usize,
        factor: f64,
    ) -> (Vec<f64>, Vec<Vec<f64>>) {
        let means: Vec<f64> = (0..m).map(|_| rng.random_range(0.2..3.0)).collect();
        let drawn = |(i, mean): (usize, &f64)| {
            let true_mean = if i < risen { mean * factor } else { *mean };
            let y = Poisson::new(true_mean).unwrap().sample(rng) as u64;
            upper_tail(*mean)(y)
        };
        let p = means.iter().enumerate().map(drawn).collect();
        (p, means.iter().map(|mean| tail_support(upper_tail(*mean), 1e-15)).collect())
    }

    fn rejected(adjusted: &[f64], alpha: f64) -> Vec<bool> {
        adjusted.iter().map(|q| *q <= alpha).collect()
    }

    fn within(less: &[bool], more: &[bool]) -> bool {
        less.iter().zip(more).all(|(less, more)| *more || !*less)
    }

    /// The definitions, written out: critical values over all attainable t, then the step-up.
    fn dbh_by_definition(p: &[f64], supports: &[Vec<f64>], alpha: f64) -> usize {
        let m = p.len() as f64;
        let f = |i: usize, t: f64| {
            supports[i].iter().copied().filter(|a| *a <= t * (1.0 + SAME)).fold(0.0, f64::max)
        };
        let sum = |of: &dyn Fn(usize) -> f64| (0..p.len()).map(of).sum::<f64>();
        let all: Vec<f64> = supports.concat();
        let last = all
            .iter()
            .copied()
            .filter(|t| sum(&|i| f(i, *t) / (1.0 - f(i, *t))) <= alpha * m)
            .fold(0.0, f64::max);
        let critical = |k: f64| {
            let fits = |t: &f64| *t <= last && sum(&|i| f(i, *t) / (1.0 - f(i, last))) <= alpha * k;
            all.iter().copied().filter(fits).fold(0.0, f64::max)
        };
        let mut sorted = p.to_vec();
        sorted.sort_by(f64::total_cmp);
        (1..=p.len())
            .rev()
            .find(|k| sorted[k - 1] <= critical(*k as f64) * (1.0 + SAME))
            .unwrap_or(0)
    }

    #[test]
    fn as_defined_and_never_less_than_the_continuous_procedures() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let (mut more, mut any) = (0, 0);
        for _ in 0..60 {
            let (p, supports) = night(&mut rng, 24, 8, 4.0);
            for alpha in [0.05, 0.1, 0.2] {
                let found = rejected(&dbh(&p, &supports, alpha), alpha);
                let count = found.iter().filter(|r| **r).count();
                assert_eq!(count, dbh_by_definition(&p, &supports, alpha), "{p:?}");
                let bh = benjamini_hochberg(&p);
                assert!(within(&rejected(&bh, alpha / (1.0 + alpha)), &found));
                assert!(within(&rejected(&bh, alpha), &rejected(&heyse(&p, &supports), alpha)));
                more += count;
                any += rejected(&bh, alpha).iter().filter(|r| **r).count();
            }
        }
        assert!(more > any && any > 0, "{more} {any}");
    }

    #[test]
    fn the_share_of_false_ones_stays_below_alpha() {
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        let (alpha, rounds) = (0.1, 1500);
        for (risen, factor) in [(0, 1.0), (10, 4.0)] {
            let mut shares = [0.0; 2];
            for _ in 0..rounds {
                let (p, supports) = night(&mut rng, 40, risen, factor);
                let drawn: Vec<f64> = p
                    .iter()
                    .zip(&supports)
                    .map(|(p, s)| randomised_p(*p, below(s, *p), rng.random_range(0.0..1.0)))
                    .collect();
                for (share, q) in
                    shares.iter_mut().zip([dbh(&p, &supports, alpha), benjamini_hochberg(&drawn)])
                {
                    let found = rejected(&q, alpha);
                    let wrong = found[risen..].iter().filter(|r| **r).count();
                    *share += wrong as f64
                        / found.iter().filter(|r| **r).count().max(1) as f64
                        / f64::from(rounds);
                }
            }
            // Three standard errors of a share of 0.1 in so many rounds.
            assert!(shares.iter().all(|share| *share <= alpha + 0.024), "{risen}: {shares:?}");
        }
    }

    #[test]
    fn supports_and_their_p_values() {
        let support = tail_support(upper_tail(1.0), 0.01);
        assert_eq!(support.last(), Some(&1.0));
        assert!(support[0] < 0.01 && support[1] >= 0.01 && support.is_sorted());
        let p = support[2];
        assert_eq!((below(&support, p), attained(&support, p)), (support[1], p));
        assert_eq!((below(&support, support[0]), attained(&support, 0.0)), (0.0, 0.0));
        assert_eq!(
            (mid_p(0.2, 0.1), randomised_p(0.25, 0.0, 1.0), randomised_p(0.25, 0.0, 0.0)),
            (0.15000000000000002, 0.0, 0.25)
        );
        assert_eq!(tail_support(|_| f64::NAN, 0.1), [0.0; 0]);
        assert!(tail_support(|_| 1.0, 2.0) == [1.0]);
    }

    #[test]
    fn tests_not_made_do_not_count_and_none_at_all_is_defined() {
        let supports = [vec![0.01, 1.0], vec![0.2, 1.0], vec![0.02, 0.5, 1.0]];
        let two = heyse(&[0.01, 0.5], &[&supports[0], &supports[2]]);
        let three = heyse(&[0.01, f64::NAN, 0.5], &supports);
        assert_eq!([three[0], three[2]], two[..]);
        assert!(three[1].is_nan());
        assert_eq!(two, [0.01, 0.255]);
        assert!(dbh::<Vec<f64>>(&[], &[], 0.1).is_empty());
        assert_eq!(dbh(&[1.0, 1.0], &[[1.0], [1.0]], 0.1), [1.0, 1.0]);
    }
}
