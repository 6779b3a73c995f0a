//! What regressors leave of a series: least squares by orthogonalisation.

/// Residuals of `y` on `columns`, by least squares over the steps at which `y` is known; NaN
/// elsewhere. A column that is a combination of those before it (to rounding) takes nothing away.
///
/// Modified Gram–Schmidt, every column swept twice: Björck, Å. (1996) Numerical Methods for Least
/// Squares Problems, SIAM.
pub(super) fn residuals(y: &[f64], columns: &[Vec<f64>]) -> Vec<f64> {
    let known: Vec<usize> = (0..y.len()).filter(|t| y[*t].is_finite()).collect();
    let mut left: Vec<f64> = known.iter().map(|t| y[*t]).collect();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for column in columns {
        let mut q: Vec<f64> = known.iter().map(|t| column[*t]).collect();
        let before = norm(&q);
        for _ in 0..2 {
            basis.iter().for_each(|b| sweep(&mut q, b));
        }
        let after = norm(&q);
        if after > 1e-9 * before {
            q.iter_mut().for_each(|v| *v /= after);
            basis.push(q);
        }
    }
    for _ in 0..2 {
        basis.iter().for_each(|b| sweep(&mut left, b));
    }
    let mut all = vec![f64::NAN; y.len()];
    known.iter().zip(left).for_each(|(t, r)| all[*t] = r);
    all
}

fn norm(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// Takes from `v` its part along the unit vector `b`.
fn sweep(v: &mut [f64], b: &[f64]) {
    let along: f64 = v.iter().zip(b).map(|(x, y)| x * y).sum();
    v.iter_mut().zip(b).for_each(|(x, y)| *x -= along * y);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residuals_are_those_of_least_squares() {
        // R: residuals(lm(c(1, 3, 2, 5) ~ c(0, 1, 2, 3))): line 1.1 + 1.1 x.
        let x = [vec![1.0; 5], vec![0.0, 1.0, 9.0, 2.0, 3.0]];
        let got = residuals(&[1.0, 3.0, f64::NAN, 2.0, 5.0], &x);
        for (g, e) in got.iter().zip([-0.1, 0.8, f64::NAN, -1.3, 0.6]) {
            assert!((g - e).abs() < 1e-12 || (g.is_nan() && e.is_nan()), "{got:?}");
        }
    }

    #[test]
    fn a_column_given_twice_or_of_zeros_changes_nothing() {
        let (one, line) = (vec![1.0; 4], vec![0.0, 1.0, 2.0, 3.0]);
        let y = [1.0, 3.0, 2.0, 5.0];
        let twice = [one.clone(), line.clone(), line.clone(), vec![0.0; 4], vec![2.0; 4]];
        let (a, b) = (residuals(&y, &twice), residuals(&y, &[one, line]));
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12));
        assert!(residuals(&[], &[vec![]]).is_empty());
    }
}
