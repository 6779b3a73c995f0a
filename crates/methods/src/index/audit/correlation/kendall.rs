//! Kendall's τ-b.

/// Concordant less discordant pairs of units, over the geometric mean of the pairs that are not
/// tied in the one and in the other column (Kendall 1945, Biometrika 33, 239–251); NaN where a
/// column is constant. Takes time with the square of the units, of which there are hundreds.
pub fn kendall(a: &[f64], b: &[f64]) -> f64 {
    let (mut both, mut in_a, mut in_b) = (0.0, 0.0, 0.0);
    for i in 0..a.len().min(b.len()) {
        for j in 0..i {
            let (da, db) = (sign(a[i], a[j]), sign(b[i], b[j]));
            both += da * db;
            in_a += da.abs();
            in_b += db.abs();
        }
    }
    both / (in_a * in_b).sqrt()
}

fn sign(x: f64, y: f64) -> f64 {
    f64::from(u8::from(x > y)) - f64::from(u8::from(x < y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_in_scipy_with_ties() {
        assert!(
            (kendall(&[12.0, 2.0, 1.0, 12.0, 2.0], &[1.0, 4.0, 7.0, 1.0, 0.0])
                + 0.4714045207910316)
                .abs()
                < 1e-15
        );
        assert!(kendall(&[1.0, 1.0], &[1.0, 2.0]).is_nan());
    }
}
