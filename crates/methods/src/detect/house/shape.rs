//! Whether a rise still grows.

/// Normal quantile above which the later half has risen more than the earlier one: 0.95.
const MORE: f64 = 1.645;

/// Whether the later half of a rise's points has more, against what is expected of it, than the
/// earlier half: the normal approximation of the conditional test of two Poisson rates
/// (Przyborowski and Wilenski, 1940, Homogeneity of results in testing samples from Poisson series.
/// Biometrika 31, 313–323), whose variance is multiplied by the dispersion. Points without a count
/// are NaN.
pub fn grows(observed: &[f64], expected: &[f64], dispersion: f64) -> bool {
    let known: Vec<(f64, f64)> = observed
        .iter()
        .zip(expected)
        .filter(|(y, mean)| y.is_finite() && **mean > 0.0)
        .map(|(y, mean)| (*y, *mean))
        .collect();
    let sum = |points: &[(f64, f64)]| {
        points.iter().fold((0.0, 0.0), |(a, b), (y, mean)| (a + y, b + mean))
    };
    let (earlier, later) = known.split_at(known.len() / 2);
    let ((before, mean_before), (after, mean_after)) = (sum(earlier), sum(later));
    let (all, share) = (before + after, mean_after / (mean_before + mean_after));
    after - all * share > MORE * (dispersion * all * share * (1.0 - share)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_from_a_level_and_from_what_has_been_higher() {
        let mean = [4.0; 12];
        let level: Vec<f64> = (0..12).map(|t| [8.0, 7.0, 9.0][t % 3]).collect();
        let ramp: Vec<f64> = (0..12).map(|t| 4.0 + t as f64 + [0.0, 1.0, -1.0][t % 3]).collect();
        let fading: Vec<f64> = ramp.iter().rev().copied().collect();
        assert!(grows(&ramp, &mean, 1.0));
        assert!(!grows(&level, &mean, 1.0) && !grows(&fading, &mean, 1.0));
        let mut missing = ramp.clone();
        missing[3] = f64::NAN;
        assert!(grows(&missing, &mean, 1.0));
        // What is expected grows as much.
        assert!(!grows(&ramp, &ramp, 1.0));
    }

    #[test]
    fn the_limit_is_that_of_the_binomial() {
        // Of 40 cases half are expected later; sd is √10, and 1.645 of them 5.2 more.
        let of = |later: f64| grows(&[40.0 - later, later], &[5.0, 5.0], 1.0);
        assert!(of(26.0) && !of(25.0));
        // Twice the variance: 7.4 more.
        let of = |later: f64| grows(&[40.0 - later, later], &[5.0, 5.0], 2.0);
        assert!(of(28.0) && !of(27.0));
    }
}
