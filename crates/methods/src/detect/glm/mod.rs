//! Poisson and quasi-Poisson regression with log link, offset and prior weights, by iteratively
//! reweighted least squares.
//!
//! The rules are those of R's `glm.fit`, to the last digit that matters: means
//! start at y + 0.1; rounds stop when the deviance changes by less than 1e-8 of itself plus 0.1, or
//! after 25; what hat values, standard errors and dispersion rest on are the working weights of the
//! last round, which are those *before* its step. Columns that the earlier ones explain are left
//! out and have no coefficient.
//!
//! Any [`LeastSquares`](crate::stats::LeastSquares) serves for the least squares within.

mod irls;

use ndarray::ArrayView2;

pub use irls::{Data, Fit, irls};

use crate::method::Flaw;
use crate::stats::Dense;

/// Fits counts `y` on the columns of `x`, n × p, in that order.
///
/// # Errors
/// A [`Flaw`] where lengths differ, a figure is missing or not finite, a count or a weight is
/// negative, or no finite coefficients exist. A fit that did not converge in 25 rounds is none, and
/// says so in [`Fit::converged`].
pub fn poisson(x: ArrayView2<f64>, data: &Data) -> Result<(Dense, Fit), Flaw> {
    let n = data.y.len();
    let flaw = |what: &str| {
        Flaw::new(format!("regression: {what}"), "correct the figures that are given to it")
    };
    if x.nrows() != n || [data.offset, data.weights].iter().flatten().any(|v| v.len() != n) {
        return Err(flaw("design, counts, offset and weights differ in length"));
    }
    if x.iter().chain(data.offset.unwrap_or_default()).any(|v| !v.is_finite()) {
        return Err(flaw("the design or the offset has a figure that is missing or not finite"));
    }
    if data.y.iter().chain(data.weights.unwrap_or_default()).any(|v| !v.is_finite() || *v < 0.0) {
        return Err(flaw("a count or a weight is missing, negative or not finite"));
    }
    let mut design = Dense::new(x);
    let fit = irls(&mut design, data).ok_or_else(|| flaw("no finite coefficients exist"))?;
    Ok((design, fit))
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;
    use crate::stats::{LeastSquares, OneWay};

    fn ucb() -> (Array2<f64>, Vec<f64>) {
        let x = Array2::from_shape_fn((12, 2), |(i, j)| if j == 0 { 1.0 } else { i as f64 });
        (x, vec![2.0, 3.0, 1.0, 4.0, 6.0, 5.0, 9.0, 8.0, 14.0, 12.0, 19.0, 21.0])
    }

    #[test]
    fn score_equations_hold_at_the_solution() {
        let (x, y) = ucb();
        let offset: Vec<f64> = (0..12).map(|i| (1.0 + f64::from(i % 3)).ln()).collect();
        let weights: Vec<f64> = (0..12).map(|i| 0.5 + f64::from(i % 4)).collect();
        let (_, fit) =
            poisson(x.view(), &Data { y: &y, offset: Some(&offset), weights: Some(&weights) })
                .unwrap();
        assert!(fit.converged && fit.rounds < 10);
        for column in x.columns() {
            let score: f64 = (0..12).map(|i| weights[i] * column[i] * (y[i] - fit.mu[i])).sum();
            assert!(score.abs() < 1e-6, "{score}");
        }
        assert!(
            (fit.eta[3] - (fit.coefficients[0] + 3.0 * fit.coefficients[1] + offset[3])).abs()
                < 1e-12
        );
    }

    #[test]
    fn an_aliased_column_has_no_coefficient_and_changes_nothing() {
        let (x, y) = ucb();
        let twice =
            Array2::from_shape_fn((12, 3), |(i, j)| [1.0, 2.0 * i as f64 + 1.0, i as f64][j]);
        let data = Data { y: &y, offset: None, weights: None };
        let (one, plain) = poisson(x.view(), &data).unwrap();
        let (two, aliased) = poisson(twice.view(), &data).unwrap();
        assert_eq!((aliased.rank, two.aliased(2), two.aliased(1)), (2, true, false));
        assert!(aliased.coefficients[2].is_nan());
        assert!((2.0 * aliased.coefficients[1] - plain.coefficients[1]).abs() < 1e-9);
        let (a, b) = (one.hat(&plain.working), two.hat(&aliased.working));
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-9));
        assert!((a.iter().sum::<f64>() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn covariance_is_the_inverse_of_the_information() {
        let (x, y) = ucb();
        let (design, fit) =
            poisson(x.view(), &Data { y: &y, offset: None, weights: None }).unwrap();
        let c = design.covariance();
        let mut information = Array2::<f64>::zeros((2, 2));
        for (row, w) in x.rows().into_iter().zip(&fit.working) {
            for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                information[[i, j]] += w * row[i] * row[j];
            }
        }
        let identity = c.dot(&information);
        assert!((identity - array![[1.0, 0.0], [0.0, 1.0]]).iter().all(|v| v.abs() < 1e-10));
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let (x, mut y) = ucb();
        assert!(poisson(x.view(), &Data { y: &y[1..], offset: None, weights: None }).is_err());
        y[3] = f64::NAN;
        assert!(poisson(x.view(), &Data { y: &y, offset: None, weights: None }).is_err());
        y[3] = -1.0;
        assert!(
            poisson(x.view(), &Data { y: &y, offset: None, weights: None })
                .unwrap_err()
                .what
                .contains("negative")
        );
    }

    #[test]
    fn a_one_way_design_has_the_same_fit_as_the_dense_one() {
        let n = 60;
        let level: Vec<usize> = (0..n).map(|i| i % 12 / 3).collect();
        let time: Vec<f64> = (0..n).map(|i| i as f64 + 200.0).collect();
        let y: Vec<f64> =
            (0..n).map(|i| ((i * 7919 % 13) as f64 * (1.0 + i as f64 / 40.0)).round()).collect();
        let weights: Vec<f64> = (0..n).map(|i| 0.3 + (i % 5) as f64).collect();
        let offset: Vec<f64> = (0..n).map(|i| (i as f64 / 9.0).sin()).collect();
        let x = Array2::from_shape_fn((n, 5), |(i, j)| match j {
            0 => 1.0,
            1 => time[i],
            _ => f64::from(level[i] == j - 1),
        });
        let data = Data { y: &y, offset: Some(&offset), weights: Some(&weights) };
        let (dense, expected) = poisson(x.view(), &data).unwrap();
        let mut design = OneWay::new(&level, 4, Some(&time));
        let fit = irls(&mut design, &data).unwrap();
        assert_eq!((fit.rank, fit.df_residual, fit.rounds), (expected.rank, 55, expected.rounds));
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-10 * b.abs().max(1e-3);
        assert!(fit.mu.iter().zip(&expected.mu).all(|(a, b)| near(*a, *b)));
        assert!(
            design
                .hat(&fit.working)
                .iter()
                .zip(dense.hat(&expected.working))
                .all(|(a, b)| near(*a, b))
        );
        let (slope, variance) = design.slope(&fit.coefficients).unwrap();
        assert!(
            near(slope, expected.coefficients[1]) && near(variance, dense.covariance()[[1, 1]])
        );
        assert!(near(design.variance(2, 300.0), dense.variance(&[1.0, 300.0, 0.0, 1.0, 0.0])));
        assert!(near(fit.dispersion(&y), expected.dispersion(&y)));
    }

    #[test]
    fn time_that_does_not_vary_within_levels_has_no_slope() {
        let (level, time) = ([0, 1, 2], [1.0, 2.0, 3.0]);
        let mut design = OneWay::new(&level, 3, Some(&time));
        let fit =
            irls(&mut design, &Data { y: &[1.0, 2.0, 3.0], offset: None, weights: None }).unwrap();
        assert_eq!((fit.rank, fit.df_residual), (3, 0));
        assert!(fit.coefficients[3].is_nan() && fit.dispersion(&[1.0, 2.0, 3.0]).is_nan());
        assert_eq!(design.slope(&fit.coefficients), None);
    }
}
