//! The distribution of a count: negative binomial, with Poisson as its limit.
//!
//! Not statrs', and not differences of log-gammas: where the size is large, which is where a series
//! is nearly Poisson, those lose every digit. Probabilities here start from the saddle-point form
//! of Loader, C. (2000) Fast and accurate computation of binomial probabilities, which R uses too;
//! tails keep their relative precision however small they are.

use std::f64::consts::PI;

use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::gamma::{gamma_lr, gamma_ur};

use super::search::smallest_whole;
use super::special::{beta_fraction, half_deviance, stirling_error};

/// Mean below which a size would be no number of full precision: such counts are taken for none.
const LEAST_MEAN: f64 = 1e-290;
/// Mean above which tails are those of the gamma distribution of equal mean and variance: their
/// own would take long, and differ by less than a millionth.
const EXACT_MEAN: f64 = 1e8;
/// Dispersion less 1 up to which tails are added up term by term. The continued fraction takes
/// fewer rounds, but loses digits as the size grows.
const FRACTION_EXCESS: f64 = 1.0;
/// Terms of a tail at most: enough for that mean.
const MOST_TERMS: usize = 1_000_000;
/// Slack of R's discrete quantiles, so that a probability met but for rounding is met.
const FUZZ: f64 = 8.0 * f64::EPSILON;
/// Standard deviations, and counts, below the mean at which the sum of a score begins.
const SCORE_REACH: f64 = 12.0;
/// Survival beyond which the tail adds nothing to a score.
const SCORE_TAIL: f64 = 1e-14;
/// Terms of a score's sum at most.
const MOST_SCORE_TERMS: usize = 1 << 26;

/// Negative binomial counts of a mean μ and a dispersion φ: variance φμ. In R's parameters size =
/// μ/(φ − 1) and prob = 1/φ. Poisson at φ = 1.
///
/// Independent counts of one dispersion have a sum of that dispersion, their means added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NegativeBinomial {
    mean: f64,
    dispersion: f64,
    /// Dispersion less 1, which keeps its digits near Poisson.
    excess: f64,
}

impl NegativeBinomial {
    /// No count, for certain.
    pub const ZERO: NegativeBinomial = NegativeBinomial { mean: 0.0, dispersion: 1.0, excess: 0.0 };

    /// Of a mean and a dispersion, variance over mean; below 1 it is taken for 1, and a mean that
    /// is negative or missing for 0.
    pub fn with_dispersion(mean: f64, dispersion: f64) -> NegativeBinomial {
        let dispersion = dispersion.max(1.0);
        NegativeBinomial { mean: positive(mean), dispersion, excess: dispersion - 1.0 }
    }

    /// Of a mean and R's size, which is above 0: variance mean + mean²/size. Infinite is Poisson.
    pub fn with_size(mean: f64, size: f64) -> NegativeBinomial {
        let mean = positive(mean);
        let excess = mean / size;
        NegativeBinomial { mean, dispersion: 1.0 + excess, excess }
    }

    /// Of a mean and a variance; a variance at or below the mean is taken for Poisson's.
    pub fn with_variance(mean: f64, variance: f64) -> NegativeBinomial {
        let mean = positive(mean);
        let excess = if mean > 0.0 { ((variance - mean) / mean).max(0.0) } else { 0.0 };
        NegativeBinomial { mean, dispersion: 1.0 + excess, excess }
    }

    /// Of a mean, variance = mean.
    pub fn poisson(mean: f64) -> NegativeBinomial {
        NegativeBinomial::with_dispersion(mean, 1.0)
    }

    /// The sum of independent counts: exact where their dispersions are equal, else of the sum's
    /// mean and variance.
    pub fn sum(counts: &[NegativeBinomial]) -> NegativeBinomial {
        let mean: f64 = counts.iter().map(|c| c.mean).sum();
        let variance: f64 = counts.iter().map(|c| c.mean * c.dispersion).sum();
        NegativeBinomial::with_dispersion(mean, variance / mean.max(LEAST_MEAN))
    }

    /// Expected count.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Variance over mean, at least 1.
    pub fn dispersion(&self) -> f64 {
        self.dispersion
    }

    /// R's size; `None` for Poisson.
    pub fn size(&self) -> Option<f64> {
        (self.excess > 0.0).then(|| self.mean / self.excess).filter(|size| size.is_finite())
    }

    /// Mean + mean²/size.
    pub fn variance(&self) -> f64 {
        self.mean * self.dispersion
    }

    /// Standard deviation.
    pub fn sd(&self) -> f64 {
        self.variance().sqrt()
    }

    /// Probability of exactly `y`, a whole number from 0 up; R's `dnbinom`.
    pub fn pmf(&self, y: f64) -> f64 {
        if self.mean == 0.0 {
            return f64::from(y == 0.0);
        }
        match self.size() {
            None if y == 0.0 => (-self.mean).exp(),
            None => {
                (-stirling_error(y) - half_deviance(y, self.mean)).exp() / (2.0 * PI * y).sqrt()
            }
            Some(size) if y == 0.0 => (-size * self.excess.ln_1p()).exp(),
            Some(size) => self.ln_trials(size, y).exp() * (size / (size + y)),
        }
    }

    /// Natural logarithm of the probability of exactly `y`; of its continuation by Γ where `y` is
    /// not whole.
    pub fn ln_pmf(&self, y: f64) -> f64 {
        if self.mean == 0.0 {
            return if y == 0.0 { 0.0 } else { f64::NEG_INFINITY };
        }
        match self.size() {
            None if y == 0.0 => -self.mean,
            None => -stirling_error(y) - half_deviance(y, self.mean) - 0.5 * (2.0 * PI * y).ln(),
            Some(size) if y == 0.0 => -size * self.excess.ln_1p(),
            Some(size) => self.ln_trials(size, y) + (size / (size + y)).ln(),
        }
    }

    /// Probability of `y + 1` over that of `y`.
    pub fn pmf_ratio(&self, y: f64) -> f64 {
        (self.mean + self.excess * y) / (self.dispersion * (y + 1.0))
    }

    /// Deviance of one count: twice the logarithm of its probability under a mean of its own, at
    /// the same size, over that under this one.
    pub fn deviance(&self, y: f64) -> f64 {
        2.0 * match self.size() {
            None => half_deviance(y, self.mean),
            Some(size) if y == 0.0 => size * self.excess.ln_1p(),
            Some(size) => self.half_deviances(size, y),
        }
    }

    /// Probability of at most `y`; R's `pnbinom`.
    pub fn cdf(&self, y: f64) -> f64 {
        self.tails(y.floor() + 1.0).0
    }

    /// Probability of `y` or more.
    pub fn at_least(&self, y: f64) -> f64 {
        self.tails(y.ceil()).1
    }

    /// Smallest count that is not exceeded with probability `p` or more, 0 < p < 1; R's `qnbinom`.
    pub fn quantile(&self, p: f64) -> f64 {
        self.quantile_under(p, |y| self.cdf(y))
    }

    /// The same by the gamma distribution of equal mean and variance: quick where counts are large.
    pub(super) fn gamma_quantile(&self, p: f64) -> f64 {
        self.quantile_under(p, |y| self.gamma_tails(y.floor() + 1.0).0)
    }

    fn quantile_under(&self, p: f64, cdf: impl Fn(f64) -> f64) -> f64 {
        if !self.mean.is_finite() {
            return self.mean;
        }
        let sd = self.sd();
        let enough = |y: f64| y >= 0.0 && cdf(y) >= p * (1.0 - FUZZ);
        smallest_whole(self.cornish_fisher(p, sd), sd / 64.0, enough)
    }

    /// Continuous ranked probability score of this forecast of a count `y`, in counts; 0 for a
    /// certain and right one. NaN where `y` or the mean is no count, or the sum too long.
    ///
    /// Gneiting, T. and Raftery, A. E. (2007) Strictly proper scoring rules, prediction, and
    /// estimation, Journal of the American Statistical Association 102, 359–378: ∫ (F(x) − 1{x ≥
    /// y})² dx. The sum over counts is carried out until nothing more can be added, so that time
    /// grows with the standard deviation. In parity with scoringrules.
    pub fn crps(&self, y: f64) -> f64 {
        if !(y >= 0.0 && y.is_finite() && self.mean.is_finite() && self.dispersion.is_finite()) {
            return f64::NAN;
        }
        if self.mean == 0.0 {
            return y;
        }
        let mut count = (self.mean - SCORE_REACH * self.sd() - SCORE_REACH).max(0.0).floor();
        let mut pmf = self.pmf(count);
        let mut below = pmf;
        // Before the first count the distribution is zero, and the score the distance from y to it.
        let mut score = (count - y).max(0.0);
        for _ in 0..MOST_SCORE_TERMS {
            let before_y = (y - count).clamp(0.0, 1.0);
            let above = 1.0 - below;
            score += before_y * below * below + (1.0 - before_y) * above * above;
            if above < SCORE_TAIL || (count > self.mean && pmf < SCORE_TAIL * SCORE_TAIL) {
                return score + (y - count - 1.0).max(0.0);
            }
            pmf *= self.pmf_ratio(count);
            below = (below + pmf).min(1.0);
            count += 1.0;
        }
        f64::NAN
    }

    /// Probabilities of less than `y` and of `y` or more, `y` a whole number. The smaller one keeps
    /// its relative precision.
    fn tails(&self, y: f64) -> (f64, f64) {
        if y.is_nan() || self.mean.is_nan() {
            return (f64::NAN, f64::NAN);
        }
        if y <= 0.0 {
            return (0.0, 1.0);
        }
        if y.is_infinite() || self.mean == 0.0 {
            return (1.0, 0.0);
        }
        if self.mean > EXACT_MEAN {
            return self.gamma_tails(y);
        }
        self.exact_tails(y)
    }

    fn gamma_tails(&self, y: f64) -> (f64, f64) {
        let shape = self.mean / self.dispersion;
        let at = (y - 0.5) / self.dispersion;
        if y <= 0.0 { (0.0, 1.0) } else { (gamma_lr(shape, at), gamma_ur(shape, at)) }
    }

    fn exact_tails(&self, y: f64) -> (f64, f64) {
        match self.size().filter(|_| self.excess > FRACTION_EXCESS) {
            None if y > self.mean => {
                let above = self.pmf(y) * sum_of_products(|j| self.pmf_ratio(y + j - 1.0));
                (1.0 - above, above)
            }
            None => {
                let less = |j: f64| if y > j { 1.0 / self.pmf_ratio(y - 1.0 - j) } else { 0.0 };
                let below = self.pmf(y - 1.0) * sum_of_products(less);
                self.completed(below, y)
            }
            Some(size) => {
                let (p, q) = (1.0 / self.dispersion, self.excess / self.dispersion);
                if q < (y + 1.0) / (y + size + 2.0) {
                    let above = self.pmf(y) * beta_fraction(y, size, q);
                    return (1.0 - above, above);
                }
                self.completed(self.pmf(y) * y / size * beta_fraction(size, y, p), y)
            }
        }
    }

    /// The probability of less than `y`, and that of `y` or more. Where nearly all lies on zero the
    /// latter keeps its digits if it is begun from what does not.
    fn completed(&self, below: f64, y: f64) -> (f64, f64) {
        if below < 0.9 {
            return (below, 1.0 - below);
        }
        let (mut rest, mut pmf, mut k) = (-self.ln_pmf(0.0).exp_m1(), self.pmf(1.0), 1.0);
        while k < y {
            rest -= pmf;
            pmf *= self.pmf_ratio(k);
            k += 1.0;
        }
        (below, rest)
    }

    /// A whole number near the quantile, from mean, variance and skewness.
    fn cornish_fisher(&self, p: f64, sd: f64) -> f64 {
        let z = Normal::standard().inverse_cdf(p);
        let skewness = (2.0 * self.dispersion - 1.0) / sd;
        let guess = self.mean + sd * (z + skewness * (z * z - 1.0) / 6.0);
        if guess.is_finite() { guess.floor().max(0.0) } else { 0.0 }
    }

    /// Logarithm of the binomial probability of `y` successes in size + y trials of chance 1 −
    /// prob.
    fn ln_trials(&self, size: f64, y: f64) -> f64 {
        let n = size + y;
        let errors = stirling_error(n) - stirling_error(size) - stirling_error(y);
        let (successes, failures) = self.means_of_trials(n);
        let log = errors - half_deviance(size, failures) - half_deviance(y, successes);
        log - 0.5 * (2.0 * PI * y * (size / n)).ln()
    }

    fn half_deviances(&self, size: f64, y: f64) -> f64 {
        let (successes, failures) = self.means_of_trials(size + y);
        half_deviance(size, failures) + half_deviance(y, successes)
    }

    /// Of `n` trials, how many are a count and how many are not.
    fn means_of_trials(&self, n: f64) -> (f64, f64) {
        (n * (self.excess / self.dispersion), n * (1.0 / self.dispersion))
    }
}

fn positive(mean: f64) -> f64 {
    if mean >= LEAST_MEAN { mean } else { 0.0 }
}

/// 1 + r₁ + r₁r₂ + …, until terms no longer count.
fn sum_of_products(ratio: impl Fn(f64) -> f64) -> f64 {
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

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Gamma, Poisson};

    use super::*;

    fn counts(mean: f64, dispersion: f64) -> NegativeBinomial {
        NegativeBinomial::with_dispersion(mean, dispersion)
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-11 * b.abs()
    }

    #[test]
    fn probabilities_are_those_of_sixty_digits() {
        // Python's decimal: the recursion from the probability of none, added up from either end.
        // R's dnbinom and pnbinom agree, but near Poisson, where they are right to 1e-9 only.
        for (mean, dispersion, y, pmf, upper, cdf) in [
            (1e-09, 1.0, 0.0, 0.999999999, 1.0, 0.999999999),
            (1e-09, 1.0, 1.0, 9.999999990000001e-10, 9.999999995e-10, 1.0),
            (1e-09, 1.0, 5.0, 8.333333325000003e-48, 8.333333326388891e-48, 1.0),
            (1e-09, 1.4, 0.0, 0.9999999991588194, 1.0, 0.9999999991588194),
            (1e-09, 1.4, 1.0, 7.142857136848711e-10, 8.4118059119924e-10, 0.9999999998731052),
            (1e-09, 1.4, 5.0, 9.51984296416638e-13, 1.2527837008562831e-12, 0.9999999999996992),
            (0.02, 50.0, 1.0, 0.0003993618120134999, 0.0015954699662503755, 0.9988038918457631),
            (0.02, 50.0, 5.0, 7.3734387868945e-05, 0.0007783743120724856, 0.9992953600757964),
            (0.02, 50.0, 30.0, 7.4217047134061075e-06, 0.00018700061391447554, 0.9998204210907989),
            (0.3, 1.0, 0.0, 0.7408182206817179, 1.0, 0.7408182206817179),
            (0.3, 1.0, 1.0, 0.22224546620451535, 0.2591817793182821, 0.9630636868862332),
            (0.3, 1.0, 5.0, 1.5001568968804784e-05, 1.578504054165996e-05, 0.9999992165284272),
            (0.3, 1.0 + 9.094947017729282e-13, 0.0, 0.7408182206818189, 1.0, 0.7408182206818189),
            (
                0.3,
                1.0 + 9.094947017729282e-13,
                1.0,
                0.22224546620434354,
                0.25918177931818104,
                0.9630636868861625,
            ),
            (
                0.3,
                1.0 + 9.094947017729282e-13,
                5.0,
                1.5001568969193406e-05,
                1.5785040542080644e-05,
                0.9999992165284272,
            ),
            (
                0.3,
                1.0 + 9.5367431640625e-07,
                1.0,
                0.22224528604734511,
                0.2591816733434454,
                0.9630636127038997,
            ),
            (
                0.3,
                1.0 + 9.5367431640625e-07,
                5.0,
                1.5001976472069065e-05,
                1.5785481665965538e-05,
                0.999999216494806,
            ),
            (0.3, 1.4, 0.0, 0.7769695042409123, 1.0, 0.7769695042409123),
            (0.3, 1.4, 1.0, 0.16649346519448122, 0.22303049575908773, 0.9434629694353934),
            (0.3, 1.4, 5.0, 0.0007925732103144715, 0.0010922998615549178, 0.9997002733487595),
            (3.3, 1.0, 0.0, 0.036883167401240015, 1.0, 0.036883167401240015),
            (3.3, 1.0, 2.0, 0.20082884649975186, 0.841402380174668, 0.3594264663250839),
            (3.3, 1.0, 30.0, 4.995584749570225e-19, 5.588285023476811e-19, 1.0),
            (
                3.3,
                1.0 + 8.881784197001252e-16,
                2.0,
                0.20082884649975183,
                0.8414023801746678,
                0.359426466325084,
            ),
            (
                3.3,
                1.0 + 8.881784197001252e-16,
                30.0,
                4.995584749570685e-19,
                5.588285023477329e-19,
                1.0,
            ),
            (3.3, 1.0001, 2.0, 0.20082790292195912, 0.8413883833894378, 0.35943951953252135),
            (3.3, 1.0001, 30.0, 5.047522370752402e-19, 5.646926894473265e-19, 1.0),
            (3.3, 4.0, 0.0, 0.21763764082403106, 1.0, 0.21763764082403106),
            (3.3, 4.0, 5.0, 0.06444463777616061, 0.26759124170416754, 0.7968533960719931),
            (3.3, 4.0, 30.0, 5.750879634204398e-05, 0.00023209964083345308, 0.9998254091555085),
            (900.0, 1.0, 700.0, 5.254622982465274e-13, 0.9999999999981999, 2.3255508231253983e-12),
            (900.0, 1.0, 900.0, 0.013296844767100208, 0.504432719298882, 0.5088641254682182),
            (900.0, 1.0, 1100.0, 1.185451831592429e-11, 6.38281753495129e-11, 0.9999999999480264),
            (
                900.0,
                1.0 + 2.842170943040401e-14,
                700.0,
                5.254622982468535e-13,
                0.9999999999981999,
                2.325550823126892e-12,
            ),
            (
                900.0,
                1.0 + 2.842170943040401e-14,
                900.0,
                0.01329684476710002,
                0.5044327192988818,
                0.5088641254682182,
            ),
            (
                900.0,
                1.0 + 2.842170943040401e-14,
                1100.0,
                1.1854518315931572e-11,
                6.382817534955387e-11,
                0.9999999999480264,
            ),
            (900.0, 1.5, 700.0, 8.886072305268974e-10, 0.9999999954689749, 5.419632297080943e-09),
            (900.0, 1.5, 900.0, 0.01085666074711401, 0.5018097412718239, 0.5090469194752902),
            (900.0, 1.5, 1100.0, 1.2903127965495889e-08, 1.029574265025579e-07, 0.9999999099457014),
            (900.0, 4.0, 700.0, 1.3698344221689611e-05, 0.9998201080222726, 0.00019359032194907896),
            (900.0, 4.0, 900.0, 0.006647037440496676, 0.49556672758199477, 0.511080309858502),
            (900.0, 4.0, 1300.0, 9.358279544545132e-11, 1.182813253560924e-09, 0.9999999989107695),
        ] {
            let counts = counts(mean, dispersion);
            for (name, ours, expected) in [
                ("pmf", counts.pmf(y), pmf),
                ("ln_pmf", counts.ln_pmf(y).exp(), pmf),
                ("at_least", counts.at_least(y), upper),
                ("cdf", counts.cdf(y), cdf),
            ] {
                assert!(near(ours, expected), "{mean} {dispersion} {y}: {name} {ours} {expected}");
            }
        }
    }

    #[test]
    fn nothing_is_lost_between_poisson_and_a_dispersion_just_above_one() {
        // Differences of log-gammas lose 1e-4 here. To first order in φ − 1 the probability is
        // Poisson's times 1 + (φ − 1)((y − μ)² − y)/2μ.
        for excess in [1e-15, 1e-12, 1e-9, 1e-7] {
            for mean in [1e-3, 0.3, 12.0, 700.0] {
                for y in [0.0, 1.0, 12.0, 40.0, 690.0] {
                    let (poisson, nearly) = (counts(mean, 1.0), counts(mean, 1.0 + excess));
                    let first = 0.5 * ((y - mean).powi(2) - y) / mean * (nearly.excess);
                    let ratio = nearly.ln_pmf(y) - poisson.ln_pmf(y);
                    let slack = 1e-12 * poisson.ln_pmf(y).abs().max(1.0) + first * first;
                    assert!((ratio - first).abs() <= slack, "{mean} {excess} {y}: {ratio} {first}");
                }
            }
        }
    }

    #[test]
    fn tails_are_sums_of_probabilities() {
        for (mean, dispersion) in [
            (1e-9, 1.0),
            (1e-9, 1.7),
            (0.02, 1.0),
            (3.3, 1.0),
            (40.0, 1.0),
            (0.02, 1.5),
            (0.02, 60.0),
            (3.3, 1.0 + 1e-13),
            (3.3, 1.0001),
            (3.3, 4.0),
            (200.0, 7.0),
        ] {
            let counts = counts(mean, dispersion);
            let pmf: Vec<f64> = (0..6000).map(|y| counts.pmf(f64::from(y))).collect();
            assert!((pmf.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{mean} {dispersion}");
            for y in [1, 2, 5, 30, 300] {
                let upper: f64 = pmf[y..].iter().rev().sum();
                let lower: f64 = pmf[..y].iter().sum();
                let found = (counts.at_least(y as f64), counts.cdf(y as f64 - 1.0));
                assert!(
                    (near(found.0, upper) || upper < 1e-290) && near(found.1, lower),
                    "{mean} {dispersion} {y}: {found:?} {upper} {lower}"
                );
                let ratio = counts.pmf_ratio(y as f64);
                assert!(near(pmf[y] * ratio, pmf[y + 1]) || pmf[y + 1] < 1e-290, "{mean} {y}");
            }
        }
    }

    #[test]
    fn mean_variance_and_parameters_are_those_asked_for() {
        for counts in [
            NegativeBinomial::with_size(4.0, 2.0),
            NegativeBinomial::with_variance(4.0, 12.0),
            NegativeBinomial::with_dispersion(4.0, 3.0),
        ] {
            let moment = |f: &dyn Fn(f64) -> f64| -> f64 {
                (0..2000).map(|y| counts.pmf(f64::from(y)) * f(f64::from(y))).sum()
            };
            let mean = moment(&|y| y);
            assert!(near(mean, 4.0) && near(moment(&|y| (y - mean).powi(2)), 12.0), "{counts:?}");
            assert_eq!(
                (counts.size(), counts.dispersion(), counts.variance()),
                (Some(2.0), 3.0, 12.0)
            );
        }
        assert_eq!(NegativeBinomial::with_variance(4.0, 3.0), NegativeBinomial::poisson(4.0));
        assert_eq!(NegativeBinomial::with_size(4.0, f64::INFINITY), NegativeBinomial::poisson(4.0));
        let sum = NegativeBinomial::sum(&[counts(2.0, 3.0), counts(4.0, 3.0)]);
        assert_eq!(sum, counts(6.0, 3.0));
        assert_eq!(NegativeBinomial::sum(&[counts(2.0, 1.0), counts(2.0, 2.0)]), counts(4.0, 1.5));
    }

    #[test]
    fn a_quantile_is_the_first_count_that_suffices() {
        for (mean, dispersion) in [
            (1e-12, 1.0),
            (1e-12, 3.0),
            (0.7, 1.0),
            (0.7, 2.0),
            (55.0, 1.2),
            (55.0, 30.0),
            (1e7, 400.0),
        ] {
            let counts = counts(mean, dispersion);
            for p in [1e-9, 0.05, 0.5, 0.9, 0.999] {
                let y = counts.quantile(p);
                assert!(counts.cdf(y) >= p - 1e-12, "{mean} {dispersion} {p}: {y}");
                assert!(y == 0.0 || counts.cdf(y - 1.0) < p, "{mean} {dispersion} {p}: {y}");
            }
        }
        // R: qnbinom(c(.05, .95), size = 2, mu = 4); qpois(.95, 3)
        let four = NegativeBinomial::with_size(4.0, 2.0);
        assert_eq!((four.quantile(0.05), four.quantile(0.95)), (0.0, 11.0));
        assert_eq!(NegativeBinomial::poisson(3.0).quantile(0.95), 6.0);
    }

    #[test]
    fn a_deviance_is_twice_the_log_of_the_likelihood_ratio() {
        for (mean, size, y) in [(4.0, 2.0, 9.0), (4.0, 2.0, 0.0), (0.3, 1e9, 2.0), (7.0, 30.0, 7.0)]
        {
            let under = |mean: f64| NegativeBinomial::with_size(mean, size).ln_pmf(y);
            let saturated = if y == 0.0 { 0.0 } else { under(y) };
            let deviance = NegativeBinomial::with_size(mean, size).deviance(y);
            assert!((deviance - 2.0 * (saturated - under(mean))).abs() < 1e-12, "{mean} {y}");
        }
        let poisson = NegativeBinomial::poisson(2.0).deviance(5.0);
        assert!((poisson - 2.0 * (5.0 * 2.5_f64.ln() - 3.0)).abs() < 1e-14);
    }

    #[test]
    fn the_score_of_a_large_sample_is_that_of_its_distribution() {
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let gamma = Gamma::new(1.5, 6.0 / 1.5).unwrap();
        let sample: Vec<(f64, f64)> = (0..200_000)
            .map(|_| Poisson::new(gamma.sample(&mut random)).unwrap().sample(&mut random))
            .map(|y| (y, 1.0))
            .collect();
        for y in [0.0, 5.0, 30.0] {
            let closed = NegativeBinomial::with_size(6.0, 1.5).crps(y);
            let drawn = crate::stats::crps(&sample, y);
            assert!((closed / drawn - 1.0).abs() < 0.01, "{y}: {closed} {drawn}");
        }
    }

    #[test]
    fn scores_at_the_ends_of_the_range_are_defined() {
        let poisson = |mean: f64, y: f64| NegativeBinomial::poisson(mean).crps(y);
        assert_eq!(poisson(0.0, 4.0), 4.0);
        assert!(poisson(2.0, -1.0).is_nan() && poisson(2.0, f64::NAN).is_nan());
        assert!((poisson(5.0, 1e6) - (1e6 - 5.0)).abs() < 3.0);
        // A normal of the same deviation scores 0.2337 of it at its mean.
        assert!((poisson(1e6, 1e6) / 1e3 - 0.233_695).abs() < 1e-4);
        assert!((poisson(1e6, 0.0) - 1e6).abs() < 1e3);
        let nearly = NegativeBinomial::with_size(4.0, 1e12).crps(3.0);
        assert!((nearly - poisson(4.0, 3.0)).abs() < 1e-11);
        assert!(NegativeBinomial::with_size(1e-12, 1e-3).crps(3.0) > 2.9);
    }

    #[test]
    fn extremes_are_defined() {
        let none = counts(0.0, 2.0);
        assert_eq!((none.pmf(0.0), none.at_least(1.0), none.quantile(0.99)), (1.0, 0.0, 0.0));
        assert_eq!(counts(1e-310, 1e6).quantile(0.99), 0.0);
        assert_eq!(counts(f64::NAN, f64::NAN), NegativeBinomial::ZERO);
        for mean in [0.99 * EXACT_MEAN, 1.01 * EXACT_MEAN, 1e12] {
            // Cornish and Fisher's expansion of a skewness of twice the relative deviation.
            let huge = counts(mean, 1e6);
            let (sd, z) = (huge.sd() / mean, 1.959_963_985);
            let upper = huge.quantile(0.975) / mean;
            let expected = 1.0 + sd * (z + 2.0 * sd * (z * z - 1.0) / 6.0);
            assert!((upper - expected).abs() < 0.2 * sd * sd, "{upper} {expected}");
            assert!((huge.at_least(mean) - 0.5).abs() < sd);
        }
        let (below, above) =
            (counts(0.999_999 * EXACT_MEAN, 1e3), counts(1.000_001 * EXACT_MEAN, 1e3));
        for p in [0.001, 0.5, 0.999] {
            assert!((below.quantile(p) / above.quantile(p) - 1.0).abs() < 1e-5, "{p}");
        }
        assert!(counts(f64::INFINITY, 1.0).quantile(0.5).is_infinite());
    }
}
