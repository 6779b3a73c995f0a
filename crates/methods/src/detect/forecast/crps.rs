//! The continuous ranked probability score: how far a whole distribution lies from what came, in
//! the figure's own unit; less is better.

/// Score of a distribution given as (value, weight), weights of any positive sum: Σw|x − y| −
/// ½ΣΣww|x − x′| (Gneiting, T. & Raftery, A. E. (2007) Strictly proper scoring rules, prediction,
/// and estimation, Journal of the American Statistical Association 102, 359–378). NaN where the
/// distribution is empty or `came` is missing.
pub fn crps(nodes: &[(f64, f64)], came: f64) -> f64 {
    let total: f64 = nodes.iter().map(|(_, w)| w).sum();
    if total.is_nan() || total <= 0.0 || came.is_nan() {
        return f64::NAN;
    }
    let mut sorted: Vec<(f64, f64)> = nodes.iter().map(|(x, w)| (*x, w / total)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let distance: f64 = sorted.iter().map(|(x, w)| w * (x - came).abs()).sum();
    // ½ΣΣww|x − x′| is the integral of F(1 − F), step by step.
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
    use super::*;

    /// Of draws that weigh alike.
    fn crps_of_samples(draws: &[f64], came: f64) -> f64 {
        crps(&draws.iter().map(|x| (*x, 1.0)).collect::<Vec<(f64, f64)>>(), came)
    }

    #[test]
    fn the_score_is_the_double_sum() {
        let draws = [3.0_f64, 1.0, 4.0, 1.0, 5.0, 9.0];
        let n = draws.len() as f64;
        let pairs: f64 = draws.iter().flat_map(|a| draws.iter().map(move |b| (a - b).abs())).sum();
        let expected =
            draws.iter().map(|x| (x - 2.5).abs()).sum::<f64>() / n - pairs / (2.0 * n * n);
        assert!((crps_of_samples(&draws, 2.5) - expected).abs() < 1e-12);
        assert_eq!(crps_of_samples(&[7.0], 4.0), 3.0);
        assert!(crps_of_samples(&[], 4.0).is_nan() && crps_of_samples(&[1.0], f64::NAN).is_nan());
    }

    #[test]
    fn of_a_standard_normal_it_is_the_known_figure() {
        // Closed form at the mean: (√2 − 1)/√π.
        let normal = statrs::distribution::Normal::standard();
        let draws: Vec<f64> = (0..2000)
            .map(|i| {
                statrs::distribution::ContinuousCDF::inverse_cdf(
                    &normal,
                    (f64::from(i) + 0.5) / 2000.0,
                )
            })
            .collect();
        assert!(
            (crps_of_samples(&draws, 0.0) - (2.0_f64.sqrt() - 1.0) / std::f64::consts::PI.sqrt())
                .abs()
                < 1e-3
        );
    }
}
