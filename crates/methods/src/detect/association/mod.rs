//! Association of two series: lagged rank correlation of what season, trend and memory leave of
//! them. Described in docs/method.md.
//!
//! Two series that both rise, both rest at the Spring Festival, or both wander slowly are
//! correlated without having anything to do with each other. So each is first reduced to its
//! [`innovations`]; then the ranks of one are compared with those of the other some steps later,
//! for every lag; and the strongest of the lags is held against the strongest in series whose
//! blocks have been permuted, so that having tried many lags is paid for.
//!
//! Haugh, L. D. (1976) Checking the independence of two covariance-stationary time series: a
//! univariate residual cross-correlation approach, Journal of the American Statistical Association
//! 71, 378–385. That many pairs are tried is left to the caller's false discovery rate.

mod autoregression;
mod innovations;
mod permutation;
mod ranks;
#[cfg(test)]
mod tests;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde::Deserialize;
use statrs::distribution::{ContinuousCDF, Normal};

pub use innovations::innovations;
use permutation::Shuffle;
pub use ranks::Lagged;
use ranks::Ranked;

use crate::method::{Flaw, Params};
use crate::params::parse;

/// How two series are compared.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct AssociationParams {
    /// Longest lag, in steps of the series; lag 0 is always among those tried.
    pub max_lag: usize,
    /// Least number of pairs of which both sides are known.
    pub least: usize,
    /// Steps in a block that is permuted as a whole; the cube root of the known ones, where it is
    /// not given.
    pub block: Option<usize>,
    /// Most permutations.
    pub permutations: usize,
    /// Permutations that reach the actual strength after which no more are drawn.
    pub exceedances: usize,
}

impl Default for AssociationParams {
    fn default() -> Self {
        AssociationParams { max_lag: 8, least: 30, block: None, permutations: 999, exceedances: 20 }
    }
}

impl AssociationParams {
    /// The parameters of a model file.
    ///
    /// # Errors
    /// A [`Flaw`] that names the parameter which is unknown or makes no sense.
    pub fn from_params(params: &Params) -> Result<AssociationParams, Flaw> {
        let p: AssociationParams = parse("association", params)?;
        p.check().map(|()| p)
    }

    /// Whether the parameters make sense.
    ///
    /// # Errors
    /// A [`Flaw`] that names the one which does not.
    pub fn check(&self) -> Result<(), Flaw> {
        let numbers = [
            ("least", self.least, 4),
            ("permutations", self.permutations, 19),
            ("exceedances", self.exceedances, 1),
        ];
        let all = numbers.into_iter().chain(self.block.map(|b| ("block", b, 1)));
        match all.into_iter().find(|(_, n, lowest)| n < lowest) {
            Some((name, n, lowest)) => {
                Err(Flaw::new(format!("{name} is {n}"), format!("give a number from {lowest}")))
            }
            None => Ok(()),
        }
    }
}

/// How the second series goes with the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Association {
    /// Every lag from 0.
    pub lags: Vec<Lagged>,
    /// The strongest of them: largest |rho| √(pairs − 1).
    pub best: Lagged,
    /// Two-sided p of the strongest lag, with all lags that were tried taken into account.
    pub p: f64,
    /// Permutations that p rests on.
    pub permutations: usize,
}

/// What a comparison says.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// However weak it is.
    Association(Association),
    /// Nothing can be said, and why.
    NotAssessable(String),
}

/// Whether, and after how many steps, `second` goes with `first`: both are [`innovations`] of
/// series on one calendar, NaN where unknown.
///
/// Blocks of what is known of `second` are permuted (after a turn by a random number of steps),
/// which keeps what little memory is left within a block. Permuting stops once `exceedances` have
/// reached the actual strength, and p is then their share. Else it is (reached + 1)/(permutations +
/// 1), or the normal law's where none has reached it and that is less: Besag, J. & Clifford, P.
/// (1991) Sequential Monte Carlo p-values, Biometrika 78, 301–304. Give each pair of series a
/// `seed` of its own.
///
/// # Errors
/// A [`Flaw`] where the series are not equally long, or a parameter makes no sense.
pub fn associate(
    first: &[f64],
    second: &[f64],
    params: &AssociationParams,
    seed: u64,
) -> Result<Outcome, Flaw> {
    params.check()?;
    if first.len() != second.len() {
        return Err(Flaw::new(
            format!("one series has {} time points, the other {}", first.len(), second.len()),
            "give both on one calendar",
        ));
    }
    let (a, b) = (Ranked::new(first), Ranked::new(second));
    let lags: Vec<Lagged> =
        (0..=params.max_lag).map(|lag| a.lagged(&b, lag, params.least)).collect();
    let Some(best) = lags
        .iter()
        .copied()
        .filter(|l| strength(l).is_finite())
        .max_by(|x, y| strength(x).total_cmp(&strength(y)))
    else {
        let most = lags.iter().map(|l| l.pairs).max().unwrap_or(0);
        return Ok(Outcome::NotAssessable(if most < params.least {
            format!("{most} time points at which both are known, of {} needed", params.least)
        } else {
            "one of the two does not vary".to_owned()
        }));
    };
    let (p, permutations) = significance(&a, &b, strength(&best), params, seed);
    Ok(Outcome::Association(Association { lags, best, p, permutations }))
}

/// What a correlation is worth given its number of pairs: about standard normal by chance, without
/// its sign.
fn strength(l: &Lagged) -> f64 {
    l.rho.abs() * (l.pairs as f64 - 1.0).max(0.0).sqrt()
}

/// p of the strongest lag, and the permutations it took.
fn significance(
    a: &Ranked,
    b: &Ranked,
    actual: f64,
    params: &AssociationParams,
    seed: u64,
) -> (f64, usize) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let known = b.known.iter().sum::<f64>();
    let (mut shuffle, mut reached) =
        (Shuffle::new(b, params.block.unwrap_or_else(|| known.cbrt().ceil() as usize)), 0);
    for drawn in 1..=params.permutations {
        shuffle.draw(&mut random);
        // A hair's breadth below is equal but for rounding.
        let reaches = |lag| {
            strength(&a.lagged(&shuffle.permuted, lag, params.least)) >= actual * (1.0 - 1e-12)
        };
        reached += usize::from((0..=params.max_lag).any(reaches));
        if reached == params.exceedances {
            return (reached as f64 / drawn as f64, drawn);
        }
    }
    let share = (reached + 1) as f64 / (params.permutations + 1) as f64;
    (
        if reached == 0 { share.min(by_normal(actual, params.max_lag + 1)) } else { share },
        params.permutations,
    )
}

/// Chance that the strongest of so many lags reaches a strength, by the normal law that √n ρ
/// follows of two series without memory (Haugh 1976). It says how far below 1/(permutations + 1) a
/// p is that no permutation has reached, without which no pair of thousands could pass a false
/// discovery rate.
fn by_normal(strength: f64, lags: usize) -> f64 {
    (2.0 * lags as f64 * Normal::standard().sf(strength)).min(1.0)
}
