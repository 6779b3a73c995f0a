//! Empirical Bayes shrinkage: the priors that draw rates and proportions of small areas to the mean
//! of all, estimated from the figures of all.

use super::posterior::Prior;

/// Marshall's global estimator: the gamma prior of rates by the method of moments, from one event
/// count and one exposure an area; areas without exposure are left out. `None` without any.
///
/// Marshall, R. J. (1991) Mapping disease and mortality rates using empirical Bayes estimators.
/// Applied Statistics 40, 283–294; as esda's `Empirical_Bayes`.
pub fn marshall(y: &[f64], n: &[f64]) -> Option<Prior> {
    let (mean, variance, average) = moments(y, n)?;
    let between = variance - mean / average;
    Some(Prior { mean, strength: if between > 0.0 { mean / between } else { f64::INFINITY } })
}

/// The beta prior of proportions by the same moments: the sampling variance of a proportion is
/// p(1−p)/n where that of a rate is p/n. `None` without cases.
pub fn beta_binomial(y: &[f64], n: &[f64]) -> Option<Prior> {
    let (mean, variance, average) = moments(y, n)?;
    let binomial = mean * (1.0 - mean);
    let between = (variance - binomial / average) / (1.0 - 1.0 / average).max(f64::MIN_POSITIVE);
    Some(Prior {
        mean,
        strength: if between > 0.0 { (binomial / between - 1.0).max(0.0) } else { f64::INFINITY },
    })
}

/// Pooled rate, exposure-weighted variance of the rates about it, and mean exposure.
fn moments(y: &[f64], n: &[f64]) -> Option<(f64, f64, f64)> {
    let used = || y.iter().zip(n).filter(|(_, n)| **n > 0.0);
    let (total, exposure) = used().fold((0.0, 0.0), |(a, b), (y, n)| (a + y, b + n));
    if exposure <= 0.0 {
        return None;
    }
    let mean = total / exposure;
    let variance = used().map(|(y, n)| n * (y / n - mean).powi(2)).sum::<f64>() / exposure;
    Some((mean, variance, exposure / used().count() as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_area_moves_to_the_mean_and_a_large_one_stays() {
        let (y, n) = ([2.0, 300.0, 50.0, 900.0], [10.0, 3000.0, 1000.0, 6000.0]);
        let prior = marshall(&y, &n).unwrap();
        let shrunk: Vec<f64> = y.iter().zip(&n).map(|(y, n)| prior.shrink(*y, *n)).collect();
        assert!((shrunk[0] - 0.2).abs() > (shrunk[3] - 0.15).abs());
        assert!(shrunk[0] < 0.2 && shrunk[0] > prior.mean);
    }

    #[test]
    fn priors_by_the_method_of_moments() {
        // Pooled rate 12 / 20 = 0.6, rates 0 and 0.75: variance (4 × 0.6² + 16 × 0.15²) / 20 =
        // 0.09, mean exposure 10. The area without exposure takes no part.
        let (y, n) = ([0.0, 12.0, 3.0], [4.0, 16.0, 0.0]);
        let gamma = marshall(&y, &n).unwrap();
        assert!((gamma.mean - 0.6).abs() < 1e-12);
        assert!((gamma.strength - 0.6 / (0.09 - 0.06)).abs() < 1e-9, "{gamma:?}");
        let beta = beta_binomial(&y, &n).unwrap();
        let between = (0.09 - 0.024) / 0.9;
        assert!((beta.mean - 0.6).abs() < 1e-12);
        assert!((beta.strength - (0.24 / between - 1.0)).abs() < 1e-9, "{beta:?}");
        assert!((gamma.shrink(3.0, 5.0) - 15.0 / 25.0).abs() < 1e-9);
        // Proportions of 0 and 1 leave nothing to a common mean.
        assert_eq!(beta_binomial(&[0.0, 10.0], &[10.0, 10.0]).unwrap().strength, 0.0);
        // One case in each area: no spread beyond chance can be seen.
        assert!(beta_binomial(&[0.0, 1.0], &[1.0, 1.0]).is_some());
    }

    #[test]
    fn areas_of_equal_proportions_have_the_pooled_one() {
        let prior = beta_binomial(&[5.0, 10.0], &[10.0, 20.0]).unwrap();
        assert!(prior.strength.is_infinite());
        assert_eq!(prior.shrink(0.0, 10.0), 0.5);
        assert_eq!(prior.with_strength_at_most(10.0).shrink(0.0, 10.0), 0.25);
        assert_eq!(marshall(&[0.0], &[0.0]), None);
    }
}
