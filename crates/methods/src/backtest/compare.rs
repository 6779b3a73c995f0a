//! Whether one candidate did better than another.

use crate::verification::block_bootstrap::block_length;
use crate::verification::{Interval, diebold_mariano, mean_interval};

/// Draws of the bootstrap.
const DRAWS: usize = 1999;

/// What a comparison says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The interval of the difference lies above zero.
    Better,
    /// It lies below.
    Worse,
    /// It holds zero: a tie.
    NoDifference,
    /// Too few origins have both.
    TooFew,
}

/// One candidate against another, over the origins that have a figure of both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Mean difference with its 90 % interval by moving blocks of origins.
    pub difference: Option<Interval>,
    /// Diebold and Mariano's, with the correction of Harvey, Leybourne and Newbold; NaN where it
    /// cannot be had.
    pub p: f64,
    pub verdict: Verdict,
}

/// Compares figures of which more is better, one an origin, in order of time; NaN is none. Units of
/// an origin stay together, because a figure is of all of them.
pub fn compare(figures: &[f64], reference: &[f64], horizon: usize, seed: u64) -> Comparison {
    let differences: Vec<f64> = figures
        .iter()
        .zip(reference)
        .map(|(a, b)| a - b)
        .filter(|difference| !difference.is_nan())
        .collect();
    let length = block_length(differences.len(), horizon);
    let difference = mean_interval(&differences, length, DRAWS, seed);
    let p = diebold_mariano(&differences, horizon).map_or(f64::NAN, |test| test.p);
    let verdict = match difference {
        None => Verdict::TooFew,
        Some(Interval { lower, .. }) if lower > 0.0 => Verdict::Better,
        Some(Interval { upper, .. }) if upper < 0.0 => Verdict::Worse,
        Some(_) => Verdict::NoDifference,
    };
    Comparison { difference, p, verdict }
}
