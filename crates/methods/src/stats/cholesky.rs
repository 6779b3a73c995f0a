//! Cholesky's factor of a small positive definite matrix, row by row in one vector, and what is
//! solved with it.

/// The lower triangle of `size` × `size` numbers that times its transpose gives the matrix; only
/// the lower triangle of `matrix` is read. `None` where the matrix is not positive definite.
pub fn factor(mut matrix: Vec<f64>, size: usize) -> Option<Vec<f64>> {
    for i in 0..size {
        for j in 0..=i {
            let (before, row) = matrix.split_at(i * size);
            let done: f64 = if i == j {
                row[..j].iter().map(|a| a * a).sum()
            } else {
                row[..j].iter().zip(&before[j * size..j * size + j]).map(|(a, b)| a * b).sum()
            };
            let left = matrix[i * size + j] - done;
            matrix[i * size + j] = if i != j {
                left / matrix[j * size + j]
            } else if left > 0.0 && left.is_finite() {
                left.sqrt()
            } else {
                return None;
            };
        }
    }
    Some(matrix)
}

/// The solution x of (factor · factorᵗ) x = `right`.
pub fn solve(factor: &[f64], right: &[f64]) -> Vec<f64> {
    let size = right.len();
    let mut x = forward(factor, right);
    for i in (0..size).rev() {
        for k in i + 1..size {
            x[i] -= factor[k * size + i] * x[k];
        }
        x[i] /= factor[i * size + i];
    }
    x
}

/// `row`ᵗ (factor · factorᵗ)⁻¹ `row`.
pub fn quadratic(factor: &[f64], row: &[f64]) -> f64 {
    forward(factor, row).iter().map(|v| v * v).sum()
}

fn forward(factor: &[f64], right: &[f64]) -> Vec<f64> {
    let size = right.len();
    let mut x = right.to_vec();
    for i in 0..size {
        for k in 0..i {
            x[i] -= factor[i * size + k] * x[k];
        }
        x[i] /= factor[i * size + i];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved_and_an_impossible_one_is_refused() {
        let factor = factor(vec![4.0, 0.0, 2.0, 3.0], 2).unwrap();
        let x = solve(&factor, &[8.0, 7.0]);
        assert!((x[0] - 1.25).abs() < 1e-12 && (x[1] - 1.5).abs() < 1e-12, "{x:?}");
        assert!((quadratic(&factor, &[8.0, 7.0]) - (8.0 * 1.25 + 7.0 * 1.5)).abs() < 1e-12);
        assert_eq!(super::factor(vec![1.0, 0.0, 2.0, 1.0], 2), None);
        assert_eq!(super::factor(vec![f64::NAN], 1), None);
    }
}
