//! The next value of a series of few points: a first-order autoregression by least squares.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Pairs of neighbouring values below which nothing is said.
const LEAST_PAIRS: usize = 12;

/// What is expected next, with the ends of a prediction interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Next {
    pub mean: f64,
    pub lower: f64,
    pub upper: f64,
}

/// The next of `values`, equally spaced in time, oldest first, by the regression of each value on
/// the one before it, with a prediction interval of the given `level` by Student's t.
///
/// As R's `predict(lm(y[-1] ~ y[-n]), interval = "prediction")`; the estimator is that of
/// `ar.ols(order.max = 1)` (Lütkepohl 2005, *New Introduction to Multiple Time Series Analysis*,
/// §3.2). `None` for fewer than 12 pairs, a value that is not finite, or values that are all the
/// same.
pub fn next_of_first_order(values: &[f64], level: f64) -> Option<Next> {
    let pairs = values.len().checked_sub(1)?;
    if pairs < LEAST_PAIRS || values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let (x, y) = (&values[..pairs], &values[1..]);
    let n = pairs as f64;
    let mean = |of: &[f64]| of.iter().sum::<f64>() / n;
    let (x_mean, y_mean) = (mean(x), mean(y));
    let xx: f64 = x.iter().map(|x| (x - x_mean).powi(2)).sum();
    if xx <= 0.0 {
        return None;
    }
    let xy: f64 = x.iter().zip(y).map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    let slope = xy / xx;
    let predicted = |x: f64| y_mean + slope * (x - x_mean);
    let residual: f64 = x.iter().zip(y).map(|(x, y)| (y - predicted(*x)).powi(2)).sum();
    let last = values[pairs];
    let spread = 1.0 + 1.0 / n + (last - x_mean).powi(2) / xx;
    let freedom = n - 2.0;
    let quantile = StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(0.5 + level / 2.0);
    let half = quantile * (residual / freedom * spread).sqrt();
    let mean = predicted(last);
    Some(Next { mean, lower: mean - half, upper: mean + half })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCORES: [f64; 16] = [
        66.1, 67.4, 65.9, 68.2, 69.0, 66.7, 66.2, 67.9, 70.1, 68.8, 67.2, 66.4, 65.8, 67.5, 67.1,
        68.4,
    ];

    #[test]
    fn it_is_r_s_prediction() {
        // y <- c(66.1, …, 68.4); d <- data.frame(y = y[-1], x = y[-16])
        // predict(lm(y ~ x, d), data.frame(x = 68.4), interval = "prediction", level = 0.9)
        let next = next_of_first_order(&SCORES, 0.9).unwrap();
        let expected = [67.762465523444, 65.4373562033108, 70.0875748435773];
        for (got, wanted) in [next.mean, next.lower, next.upper].into_iter().zip(expected) {
            assert!((got - wanted).abs() < 1e-9, "{got} {wanted}");
        }
    }

    #[test]
    fn of_too_few_values_and_of_a_constant_nothing_is_said() {
        assert_eq!(next_of_first_order(&SCORES[..12], 0.9), None);
        assert!(next_of_first_order(&SCORES[..13], 0.9).is_some());
        assert_eq!(next_of_first_order(&[60.0; 20], 0.9), None);
        let mut gap = SCORES;
        gap[3] = f64::NAN;
        assert_eq!(next_of_first_order(&gap, 0.9), None);
    }
}
