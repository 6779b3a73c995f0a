//! The continuous ranked probability score of a distribution given by values and weights.

/// Score of the distribution as a forecast of `observed`, in the unit of its values: less is
/// better, and 0 is a certain and right one. `nodes` are (value, weight), weights of any positive
/// sum; a sample has weights of 1. NaN where the distribution is empty or a figure is missing.
///
/// Σw|x − y| − ½ΣΣww′|x − x′|: Gneiting, T. and Raftery, A. E. (2007) Strictly proper scoring
/// rules, prediction, and estimation, Journal of the American Statistical Association 102, 359–378.
/// In parity with properscoring and scoringrules. That of a count's distribution is
/// [`super::NegativeBinomial::crps`].
pub fn crps(nodes: &[(f64, f64)], observed: f64) -> f64 {
    let total: f64 = nodes.iter().map(|(_, w)| w).sum();
    if total.is_nan() || total <= 0.0 || observed.is_nan() {
        return f64::NAN;
    }
    let mut sorted: Vec<(f64, f64)> = nodes.iter().map(|(x, w)| (*x, w / total)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let distance: f64 = sorted.iter().map(|(x, w)| w * (x - observed).abs()).sum();
    // ½ΣΣww′|x − x′| is the integral of F(1 − F), step by step.
    let mut below = 0.0;
    let spread: f64 = sorted
        .windows(2)
        .map(|pair| {
            below += pair[0].1;
            below * (1.0 - below) * (pair[1].0 - pair[0].0)
        })
        .sum();
    distance - spread
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, Normal};

    use super::*;

    fn crps_of_sample(sample: &[f64], observed: f64) -> f64 {
        crps(&sample.iter().map(|x| (*x, 1.0)).collect::<Vec<(f64, f64)>>(), observed)
    }

    #[test]
    fn the_score_is_the_double_sum() {
        let draws = [3.0_f64, 1.0, 4.0, 1.0, 5.0, 9.0];
        let n = draws.len() as f64;
        let pairs: f64 = draws.iter().flat_map(|a| draws.iter().map(move |b| (a - b).abs())).sum();
        let expected =
            draws.iter().map(|x| (x - 2.5).abs()).sum::<f64>() / n - pairs / (2.0 * n * n);
        assert!((crps_of_sample(&draws, 2.5) - expected).abs() < 1e-12);
        assert_eq!(crps_of_sample(&[7.0], 4.0), 3.0);
        assert_eq!(crps_of_sample(&[1.0, 3.0], 2.0), 0.5);
        assert_eq!(crps(&[(1.0, 6.0), (5.0, 2.0)], 2.0), 1.5 - 0.75 * 0.25 * 4.0 + 0.0);
        for (sample, observed) in [(&[][..], 4.0), (&[1.0][..], f64::NAN), (&[f64::NAN][..], 1.0)] {
            assert!(crps_of_sample(sample, observed).is_nan());
        }
    }

    #[test]
    fn the_score_of_a_standard_normal_at_its_mean_is_its_closed_form() {
        let normal = Normal::standard();
        let draws: Vec<f64> =
            (0..2000).map(|i| normal.inverse_cdf((f64::from(i) + 0.5) / 2000.0)).collect();
        let closed = (2.0_f64.sqrt() - 1.0) / std::f64::consts::PI.sqrt();
        assert!((crps_of_sample(&draws, 0.0) - closed).abs() < 1e-3);
    }
}
