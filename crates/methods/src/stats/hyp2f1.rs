//! Gauss's hypergeometric function ₂F₁(1/3, 2/3; 5/3; z) for z ≤ 0: what Anscombe's residual of a
//! negative binomial count needs.
//!
//! 3/2·y^⅔·₂F₁(1/3, 2/3; 5/3; −αy) is the integral of (t + αt²)^(−1/3) from 0 to y.

use std::f64::consts::PI;

/// Below this, the expansion in 1/z converges faster than the one in z/(z−1).
const FAR: f64 = -2.0;
/// Terms after which either expansion has long converged.
const TERMS: u32 = 200;

/// ₂F₁(1/3, 2/3; 5/3; z); NaN above zero.
///
/// Abramowitz and Stegun 15.3.4 near zero and 15.3.7 further out, where its second series is 1
/// exactly.
pub fn hyp2f1(z: f64) -> f64 {
    if z.is_nan() || z > 0.0 {
        f64::NAN
    } else if z < FAR {
        let third = 1.0 / 3.0;
        2.0 * (-z).powf(-third) * series(third, -third, 2.0 * third, 1.0 / z)
            + tail() * (-z).powf(-2.0 * third)
    } else {
        (1.0 - z).powf(-1.0 / 3.0) * series(1.0 / 3.0, 1.0, 5.0 / 3.0, z / (z - 1.0))
    }
}

/// Γ(5/3)Γ(−1/3)/(Γ(1/3)Γ(1)) = −2·Γ(2/3)²/Γ(1/3), by Γ(x+1) = xΓ(x).
fn tail() -> f64 {
    let two_thirds = statrs::function::gamma::gamma(2.0 / 3.0);
    // Γ(1/3)Γ(2/3) = 2π/√3.
    -2.0 * two_thirds.powi(3) * 3f64.sqrt() / (2.0 * PI)
}

/// Gauss's series, |z| ≤ 2/3.
fn series(a: f64, b: f64, c: f64, z: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 0..TERMS {
        let n = f64::from(n);
        term *= (a + n) * (b + n) / ((c + n) * (n + 1.0)) * z;
        sum += term;
    }
    sum
}

/// The same as R has it from a table: z at steps of 0.01 down to −10, the nearest one taken, then
/// at whole numbers down to −100 with straight lines between. NaN beyond, as in R. The table's own
/// entries have ten digits, the last one not always right; these are exact.
pub fn tabulated(z: f64) -> f64 {
    if z >= -10.0 {
        hyp2f1(nearest(z))
    } else if z >= -100.0 {
        let (low, high) = (z.floor(), z.ceil());
        hyp2f1(low) + (hyp2f1(high) - hyp2f1(low)) * (z - low)
    } else {
        f64::NAN
    }
}

/// The figure of the table nearest to z; of two equally near ones the larger, which R's `which.min`
/// finds first.
fn nearest(z: f64) -> f64 {
    let first = (z * -100.0).floor().max(1.0) - 1.0;
    let grid = [0.0, 1.0, 2.0].map(|i| -(first + i) / 100.0);
    grid.into_iter()
        .fold(f64::INFINITY, |best, g| if (g - z).abs() < (best - z).abs() { g } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The integral by Gauss–Legendre-free means: substitution t = y·s^(3/2), then Simpson.
    fn by_integral(alpha_y: f64) -> f64 {
        // 2/3·∫ s^(−1/3)(1 + αy·s)^(−1/3) ds with s = u^(3/2) is ∫ (1 + αy·u^(3/2))^(−1/3) du.
        let n = 200_000;
        let f = |i: usize| (1.0 + alpha_y * (i as f64 / n as f64).powf(1.5)).powf(-1.0 / 3.0);
        let weight = |i: usize| if i == 0 || i == n { 1.0 } else { 2.0 + 2.0 * (i % 2) as f64 };
        (0..=n).map(|i| weight(i) * f(i)).sum::<f64>() / (3.0 * n as f64)
    }

    #[test]
    fn it_is_the_integral_it_stands_for() {
        for z in [0.0, 0.01, 0.7, 1.99, 2.01, 5.0, 37.0, 1000.0] {
            let (left, right) = (hyp2f1(-z), by_integral(z));
            assert!((left / right - 1.0).abs() < 1e-10, "{z}: {left} {right}");
        }
        assert!(hyp2f1(0.5).is_nan() && hyp2f1(-1e300) > 0.0);
    }

    #[test]
    fn the_table_has_steps() {
        assert_eq!(tabulated(-0.014), hyp2f1(-0.01));
        // Entries of R's table.
        for (z, entry) in [
            (0.99, 0.9036675577),
            (4.99, 0.7387800351),
            (9.99, 0.6486023359),
            (10.0, 0.6484697206),
            (11.0, 0.6358280998),
            (100.0, 0.3680632231),
        ] {
            assert!((tabulated(-z) - entry).abs() < 1.1e-10, "{z}");
        }
        assert!((tabulated(-11.5) - f64::midpoint(hyp2f1(-11.0), hyp2f1(-12.0))).abs() < 1e-15);
        assert!(tabulated(-100.5).is_nan() && tabulated(-0.0) == 1.0);
    }
}
