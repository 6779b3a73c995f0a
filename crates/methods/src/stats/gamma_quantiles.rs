//! Quantiles of gamma distributions of any shape at fixed probabilities, from a table.
//!
//! The cube root of a gamma quantile over its mean is nearly linear in 1/√shape (Wilson & Hilferty,
//! PNAS 17, 1931), so that a few rows and cubic interpolation between them cover all shapes. The
//! error is at most 1e-4 of the mean or of the quantile, whichever is larger, and 1e-5 for shapes
//! from 1/2 up.

use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::gamma::{gamma_lr, gamma_ur, ln_gamma};

/// Rows for each unit of 1/√shape.
const ROWS_A_UNIT: usize = 16;
/// Largest 1/√shape in the table. Quantiles of smaller shapes are computed one by one.
const LARGEST: usize = 4;

/// Quantiles at the midpoints of equally likely strata.
pub struct GammaQuantiles {
    /// The cube root of quantile / shape: one row a value of 1/√shape, one column a stratum.
    rows: Vec<Vec<f64>>,
    strata: usize,
}

impl GammaQuantiles {
    /// The table for a number of strata.
    pub fn new(strata: usize) -> GammaQuantiles {
        let rows = (0..=LARGEST * ROWS_A_UNIT).map(|row| {
            let s = row as f64 / ROWS_A_UNIT as f64;
            (0..strata).map(|i| cube_root(s, midpoint(i, strata))).collect()
        });
        GammaQuantiles { rows: rows.collect(), strata }
    }

    /// Fills `into`, one place a stratum, with the quantiles at the strata's midpoints, ascending.
    /// Shape and scale are positive and finite.
    pub fn quantiles(&self, shape: f64, scale: f64, into: &mut [f64]) {
        if shape < 1.0 / (LARGEST * LARGEST) as f64 {
            return self.without_table(shape, scale, into);
        }
        let at = ROWS_A_UNIT as f64 / shape.sqrt();
        let first = (at.floor() as usize).saturating_sub(1).min(self.rows.len() - 4);
        let [w0, w1, w2, w3] = lagrange(at - first as f64);
        let [r0, r1, r2, r3] = [0, 1, 2, 3].map(|i| &self.rows[first + i][..]);
        let mean = shape * scale;
        for ((((to, a), b), c), d) in into.iter_mut().zip(r0).zip(r1).zip(r2).zip(r3) {
            let root = w0 * a + w1 * b + w2 * c + w3 * d;
            // Not `max`, which also looks for NaN.
            let root = if root > 0.0 { root } else { 0.0 };
            *to = mean * root * root * root;
        }
    }

    /// Quantiles of a shape smaller than those of the table.
    fn without_table(&self, shape: f64, scale: f64, into: &mut [f64]) {
        for (i, to) in into.iter_mut().enumerate() {
            *to = scale * quantile(shape, midpoint(i, self.strata));
        }
    }
}

fn midpoint(stratum: usize, strata: usize) -> f64 {
    (stratum as f64 + 0.5) / strata as f64
}

/// The cube root of quantile / shape at 1/√shape = `s`.
fn cube_root(s: f64, p: f64) -> f64 {
    if s == 0.0 {
        return 1.0;
    }
    let shape = 1.0 / (s * s);
    (quantile(shape, p) / shape).cbrt()
}

/// Weights of the values at 0, 1, 2 and 3 in the cubic through them, at `x`.
fn lagrange(x: f64) -> [f64; 4] {
    let (a, b, c, d) = (x, x - 1.0, x - 2.0, x - 3.0);
    [-b * c * d / 6.0, a * c * d / 2.0, -a * b * d / 2.0, a * b * c / 6.0]
}

/// ln x below which P(x) = xᵃ / Γ(a + 1) to ten digits.
const TINY: f64 = -23.0;

/// The gamma quantile at `p` for a scale of 1, by Newton's method on the logarithm of the nearer
/// tail as a function of ln x; a step that leaves the bracket of the quantile is replaced by
/// bisection.
fn quantile(shape: f64, p: f64) -> f64 {
    let log_gamma = ln_gamma(shape);
    // Lower end of the bracket: P(x) ≤ xᵃ / Γ(a + 1). The upper end lies above every stratum.
    let lowest = (p.ln() + shape.ln() + log_gamma) / shape;
    if lowest < TINY {
        return lowest.exp();
    }
    let (mut low, mut high) = (lowest, (shape + 10.0 * shape.sqrt() + 40.0).ln());
    let mut u = wilson_hilferty(shape, p).clamp(low, high);
    let lower = p <= 0.5;
    let wanted = if lower { p } else { 1.0 - p };
    for _ in 0..200 {
        let x = u.exp();
        let density = (shape * u - x - log_gamma).exp();
        let tail = if lower { gamma_lr(shape, x) } else { gamma_ur(shape, x) };
        if (tail < wanted) == lower {
            low = u
        } else {
            high = u
        }
        let step = (tail.ln() - wanted.ln()) * tail / density;
        let next = if lower { u - step } else { u + step };
        let next = if next > low && next < high { next } else { low.midpoint(high) };
        let done = (next - u).abs() < 1e-13 * u.abs().max(1.0);
        u = next;
        if done {
            break;
        }
    }
    u.exp()
}

/// Wilson and Hilferty's approximation of ln x; −∞ where it has none.
fn wilson_hilferty(shape: f64, p: f64) -> f64 {
    let z = Normal::standard().inverse_cdf(p);
    let root = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt());
    if root > 0.0 { shape.ln() + 3.0 * root.ln() } else { f64::NEG_INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_where_the_distribution_says() {
        for shape in [0.01, 0.0625, 0.3, 0.5, 1.0, 2.5, 40.0, 256.0] {
            for p in [0.0005, 0.01, 0.3, 0.5, 0.51, 0.9, 0.9995] {
                let x = quantile(shape, p);
                assert!(x == 0.0 || (gamma_lr(shape, x) - p).abs() < 1e-9, "{shape} {p}: {x}");
            }
        }
        let exponential = |p: f64| -(1.0 - p).ln();
        assert!((quantile(1.0, 0.3) - exponential(0.3)).abs() < 1e-12);
    }

    #[test]
    fn the_table_stands_for_every_shape() {
        let table = GammaQuantiles::new(400);
        let mut found = vec![0.0; 400];
        for shape in
            [0.001, 0.0626, 0.09, 0.24, 0.51, 0.8, 1.0, 1.7, 3.3, 12.0, 77.0, 900.0, 31_234.5, 1e9]
        {
            table.quantiles(shape, 1.0, &mut found);
            let bound = if shape < 0.5 { 1e-4 } else { 1e-5 };
            for (i, x) in found.iter().enumerate() {
                let exact = quantile(shape, midpoint(i, 400));
                assert!(
                    (x - exact).abs() <= bound * shape.max(x.abs()),
                    "{shape} stratum {i}: {x} for {exact}"
                );
            }
            assert!(found.is_sorted(), "{shape}");
        }
    }
}
