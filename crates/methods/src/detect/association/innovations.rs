//! A series of counts without its season, its trend and its memory.

use std::f64::consts::TAU;

use ndarray::ArrayView2;

use super::autoregression::{coefficients, filtered};
use crate::stats::residuals;

/// Pairs of harmonics a year.
const YEARLY: usize = 2;
/// Pairs of harmonics a week on daily series: as many as tell seven days apart.
const WEEKLY: usize = 3;
/// Known time points needed for each regressor.
const POINTS_A_COLUMN: usize = 5;

/// What is left of `observed` (counts, NaN where the feed did not deliver) with `freq` time points
/// a year.
///
/// Anscombe's root 2√(y + 3/8) makes the noise of counts about equal everywhere; from it least
/// squares take a constant, a line, two pairs of harmonics a year, on daily series (`freq` 365 or
/// 366) three a week, and the columns of `calendar` (one row a time point; Spring Festival and the
/// like, which would otherwise link everything that rests with it). What remains is freed of its
/// memory by an autoregression whose order AIC chooses. The first values, and those after a gap,
/// are NaN.
///
/// # Errors
/// Why nothing can be said: too few time points, no variation, a negative figure, or a calendar of
/// another length.
pub fn innovations(
    observed: &[f64],
    freq: usize,
    calendar: Option<ArrayView2<f64>>,
) -> Result<Vec<f64>, String> {
    if let Some(figure) = observed.iter().find(|y| **y < 0.0) {
        return Err(format!("{figure} is no count"));
    }
    let columns = columns(observed.len(), freq, calendar)?;
    let (known, needed) =
        (observed.iter().filter(|y| y.is_finite()).count(), columns.len() * POINTS_A_COLUMN);
    if known < needed {
        return Err(format!(
            "{known} known time points of {needed} needed ({} are missing)",
            observed.len() - known
        ));
    }
    let root: Vec<f64> = observed.iter().map(|y| 2.0 * (y + 0.375).sqrt()).collect();
    let left = residuals(&root, &columns);
    let (size, rest) = (largest(&root), largest(&left));
    if rest <= 1e-9 * size {
        return Err("beyond season and trend it does not vary".to_owned());
    }
    Ok(filtered(&left, &coefficients(&left)))
}

fn largest(values: &[f64]) -> f64 {
    values.iter().filter(|v| v.is_finite()).fold(0.0, |most, v| most.max(v.abs()))
}

fn columns(
    n: usize,
    freq: usize,
    calendar: Option<ArrayView2<f64>>,
) -> Result<Vec<Vec<f64>>, String> {
    let over = |f: &dyn Fn(f64) -> f64| (0..n).map(|t| f(t as f64)).collect::<Vec<f64>>();
    let mut columns = vec![over(&|_| 1.0), over(&|t| t / n as f64 - 0.5)];
    let mut waves = |period: f64, pairs: usize| {
        for k in (1..=pairs).map(|j| TAU * j as f64 / period) {
            columns.extend([over(&|t| (k * t).cos()), over(&|t| (k * t).sin())]);
        }
    };
    waves(freq as f64, YEARLY.min(freq / 2));
    if (365..=366).contains(&freq) {
        waves(7.0, WEEKLY);
    }
    if let Some(calendar) = calendar {
        if calendar.nrows() != n || calendar.iter().any(|v| !v.is_finite()) {
            return Err(format!(
                "the calendar has {} time points of {n}, or a gap",
                calendar.nrows()
            ));
        }
        columns.extend(calendar.columns().into_iter().map(|c| c.to_vec()));
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn season_trend_week_and_festival_leave_nothing() {
        let festival =
            Array2::from_shape_fn((730, 1), |(t, _)| if t % 354 < 10 { 1.0 } else { 0.0 });
        let root = |t: usize| {
            let year = TAU * t as f64 / 365.0;
            40.0 + t as f64 / 100.0 + 5.0 * year.cos() + 3.0 * (2.0 * year).sin() + (t % 7) as f64
                - 6.0 * festival[[t, 0]]
        };
        let y: Vec<f64> = (0..730).map(|t| (root(t) / 2.0).powi(2) - 0.375).collect();
        assert_eq!(
            innovations(&y, 365, Some(festival.view())),
            Err("beyond season and trend it does not vary".into())
        );
        assert!(innovations(&y, 365, None).is_ok());
    }

    #[test]
    fn what_cannot_be_assessed_says_why() {
        let missing = |n: usize, gone: usize| {
            (0..n).map(|t| if t < gone { f64::NAN } else { (t * 7 % 5) as f64 }).collect::<Vec<_>>()
        };
        assert_eq!(
            innovations(&missing(60, 40), 52, None),
            Err("20 known time points of 30 needed (40 are missing)".into())
        );
        assert!(innovations(&[], 52, None).is_err() && innovations(&[0.0; 100], 0, None).is_err());
        assert!(innovations(&[-1.0; 100], 12, None).unwrap_err().contains("-1"));
        assert!(
            innovations(&missing(100, 0), 12, Some(Array2::zeros((3, 1)).view()))
                .unwrap_err()
                .contains("calendar")
        );
        assert!(innovations(&missing(100, 5), 1, None).unwrap().iter().any(|e| e.is_finite()));
        assert!(innovations(&[f64::MAX, f64::INFINITY].repeat(50), 12, None).is_err());
    }
}
