//! Spearman's rank correlation.

use super::descriptive::average_ranks;
use super::pearson::pearson;

/// Pearson's correlation of the ranks, tied values sharing the average of theirs; NaN where a
/// column is constant.
pub fn spearman(a: &[f64], b: &[f64]) -> f64 {
    pearson(&average_ranks(a), &average_ranks(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_in_scipy() {
        assert!(
            (spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[5.0, 6.0, 7.0, 8.0, 7.0]) - 0.8207826816681233)
                .abs()
                < 1e-15
        );
    }
}
