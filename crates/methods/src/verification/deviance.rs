//! Deviance of counts.

/// Mean Poisson deviance of means: 2 · mean(y ln(y / μ) − y + μ), scikit-learn's
/// `mean_poisson_deviance`. NaN without a unit or where a mean is not above zero.
pub fn mean_poisson_deviance(observed: &[f64], means: &[f64]) -> f64 {
    if means.iter().any(|mean| *mean <= 0.0) {
        return f64::NAN;
    }
    let unit = |(y, mean): (&f64, &f64)| {
        let information = if *y > 0.0 { y * (y / mean).ln() } else { 0.0 };
        information - y + mean
    };
    2.0 * observed.iter().zip(means).map(unit).sum::<f64>() / observed.len() as f64
}
