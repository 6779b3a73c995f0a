//! Scores beside the target that followed, and how well weights rank it.

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::judge::rank_correlation;
use crate::stats::descriptive::mean;

/// Scores of an earlier origin, as they were known at it, and the target that followed.
pub struct Pair<'a> {
    pub scores: ArrayView2<'a, f64>,
    pub target: ArrayView1<'a, f64>,
}

/// The weighted mean of the scores that are known, with its sign turned; NaN where none is.
pub fn risk(scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
    let unit = |row: ArrayView1<f64>| {
        let known = || row.iter().zip(weights).filter(|(score, _)| !score.is_nan());
        let all: f64 = known().map(|(_, weight)| weight).sum();
        let sum: f64 = known().map(|(score, weight)| score * weight).sum();
        if all > 0.0 { -sum / all } else { f64::NAN }
    };
    scores.rows().into_iter().map(unit).collect()
}

/// Mean over pairs of the rank correlation between risk by these weights and target; NaN where no
/// pair has one.
pub fn mean_correlation(pairs: &[Pair], weights: ArrayView1<f64>) -> f64 {
    let correlations =
        pairs.iter().map(|p| rank_correlation(risk(p.scores, weights).view(), p.target));
    mean(correlations.collect::<Array1<f64>>().view())
}
