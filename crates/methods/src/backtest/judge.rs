//! Predictions held against what came.

use ndarray::ArrayView1;

use crate::stats::spearman;
use crate::verification::{auc, hit_rate};

/// Units below which a period says nothing of a ranking.
pub(super) const LEAST_UNITS: usize = 5;
/// Share of the units that are looked at first.
pub(super) const FIRST: f64 = 0.2;

/// How well one prediction did; NaN where it cannot be said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Spearman's, of what was predicted and what came.
    pub rank_correlation: f64,
    /// Of the fifth of the units with the largest predictions, the share among the fifth with the
    /// largest target.
    pub hit_rate: f64,
    /// Chance that a unit with some of the target was predicted more than one without.
    pub auc: f64,
}

impl Figures {
    /// Nothing can be said.
    pub const NONE: Figures =
        Figures { rank_correlation: f64::NAN, hit_rate: f64::NAN, auc: f64::NAN };
}

/// The figures, over the units that have a prediction and an outcome.
pub fn judge(predicted: ArrayView1<f64>, outcome: ArrayView1<f64>) -> Figures {
    let (predicted, outcome) = both_known(predicted, outcome);
    if predicted.len() < LEAST_UNITS {
        return Figures::NONE;
    }
    let first = (predicted.len() as f64 * FIRST).round().max(1.0) as usize;
    let some: Vec<bool> = outcome.iter().map(|value| *value > 0.0).collect();
    let varies = outcome.windows(2).any(|pair| pair[0] != pair[1]);
    Figures {
        rank_correlation: spearman(&predicted, &outcome),
        // Where all had the same, nobody was first.
        hit_rate: if varies { hit_rate(&predicted, &outcome, first) } else { f64::NAN },
        auc: auc(&predicted, &some),
    }
}

/// Spearman's rank correlation over the units that have both; NaN for fewer than five.
pub fn rank_correlation(a: ArrayView1<f64>, b: ArrayView1<f64>) -> f64 {
    let (a, b) = both_known(a, b);
    if a.len() < LEAST_UNITS { f64::NAN } else { spearman(&a, &b) }
}

/// Values of the units that have both.
pub fn both_known(a: ArrayView1<f64>, b: ArrayView1<f64>) -> (Vec<f64>, Vec<f64>) {
    a.iter().zip(b).filter(|(a, b)| !a.is_nan() && !b.is_nan()).map(|(a, b)| (*a, *b)).unzip()
}
