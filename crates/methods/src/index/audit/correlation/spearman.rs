//! Spearman's rank correlation.

use super::pearson::pearson;

/// Pearson's correlation of the ranks, tied values sharing the average of theirs; NaN where a
/// column is constant.
pub fn spearman(a: &[f64], b: &[f64]) -> f64 {
    pearson(&average_ranks(a), &average_ranks(b))
}

/// Ranks from the smallest, 1, ties averaged: R's default `rank`.
fn average_ranks(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = |v: &f64| {
        (sorted.partition_point(|s| s < v) + sorted.partition_point(|s| s <= v) + 1) as f64 / 2.0
    };
    values.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_the_average_of_their_ranks() {
        assert_eq!(average_ranks(&[5.0, 6.0, 7.0, 8.0, 7.0]), [1.0, 2.0, 3.5, 5.0, 3.5]);
    }

    #[test]
    fn it_is_as_in_scipy() {
        assert!(
            (spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[5.0, 6.0, 7.0, 8.0, 7.0]) - 0.8207826816681233)
                .abs()
                < 1e-15
        );
    }
}
