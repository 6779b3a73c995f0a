//! Area under the receiver operating characteristic.

use crate::stats::descriptive::average_ranks;

/// Chance that a positive unit has a higher score than another, ties counting half (Mann and
/// Whitney): scikit-learn's `roc_auc_score`. NaN where all units are positive, or none is.
pub fn auc(scores: &[f64], positive: &[bool]) -> f64 {
    let positives = positive.iter().filter(|p| **p).count() as f64;
    let others = scores.len() as f64 - positives;
    let ranks = average_ranks(scores);
    let sum: f64 = ranks.iter().zip(positive).filter(|(_, p)| **p).map(|(r, _)| r).sum();
    (sum - positives * (positives + 1.0) / 2.0) / (positives * others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_in_order_are_counted_and_ties_are_halves() {
        // Pairs (0.4, 0.1), (0.4, 0.4): one and a half of two.
        assert_eq!(auc(&[0.1, 0.4, 0.4], &[false, true, false]), 0.75);
        assert!(auc(&[0.1, 0.4], &[true, true]).is_nan());
        assert!(auc(&[0.1, 0.4], &[false, false]).is_nan());
    }
}
