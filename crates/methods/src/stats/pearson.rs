//! Pearson's product-moment correlation.

/// Covariance over the product of the standard deviations; NaN where a column is constant.
pub fn pearson(a: &[f64], b: &[f64]) -> f64 {
    // A constant column may leave a rest of rounding in its deviations, which would be taken for a
    // spread.
    if constant(a) || constant(b) {
        return f64::NAN;
    }
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (da, db) = (a - mean_a, b - mean_b);
        ab += da * db;
        aa += da * da;
        bb += db * db;
    }
    (ab / (aa.sqrt() * bb.sqrt())).clamp(-1.0, 1.0)
}

fn constant(values: &[f64]) -> bool {
    values.windows(2).all(|w| w[0] == w[1])
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_and_a_falling_line_minus_one() {
        assert_eq!(pearson(&[1.0, 2.0, 4.0], &[3.0, 5.0, 9.0]), 1.0);
        assert_eq!(pearson(&[1.0, 2.0, 4.0], &[-3.0, -5.0, -9.0]), -1.0);
        assert!((pearson(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0]) - 0.5).abs() < 1e-15);
        assert!(pearson(&[0.1, 0.1, 0.1], &[1.0, 2.0, 3.0]).is_nan());
    }
}
