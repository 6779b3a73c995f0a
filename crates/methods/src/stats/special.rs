//! Special functions that statrs lacks, or does not compute to full precision.

use std::f64::consts::PI;

use statrs::function::gamma::ln_gamma;

/// Rounds of a continued fraction at most.
const MOST_ROUNDS: usize = 20_000_000;

/// ln Γ(n + 1) less Stirling's approximation of it, n > 0.
///
/// Loader, C. (2000) Fast and accurate computation of binomial probabilities; R's `stirlerr`.
pub fn stirling_error(n: f64) -> f64 {
    if n <= 15.0 {
        return ln_gamma(n + 1.0) - (n + 0.5) * n.ln() + n - 0.5 * (2.0 * PI).ln();
    }
    let square = n * n;
    (1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / 1188.0 / square) / square) / square)
            / square)
        / n
}

/// x ln(x/m) + m − x, without cancellation where x is near m: half the Poisson deviance of a count
/// x of mean m. R's `bd0`.
pub fn half_deviance(x: f64, m: f64) -> f64 {
    if x == 0.0 {
        return m;
    }
    let v = (x - m) / (x + m);
    if v.abs() >= 0.1 {
        return x * (x / m).ln() + m - x;
    }
    let mut sum = (x - m) * v;
    let mut term = 2.0 * x * v;
    for j in 1..1000 {
        term *= v * v;
        let next = sum + term / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// ln(1 + x)/x for x ≥ 0, which is 1 at 0.
pub fn ln_1p_ratio(x: f64) -> f64 {
    if x > 0.0 { x.ln_1p() / x } else { 1.0 }
}

/// Continued fraction of the incomplete beta function, by Lentz's method: I_x(a, b) over x^a
/// (1−x)^b / (a B(a, b)).
///
/// Press et al. (2007) Numerical Recipes, 3rd edition, 6.4; converges in some √max(a, b) rounds for
/// x < (a+1)/(a+b+2).
pub fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let guard = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let (mut c, mut d) = (1.0, 1.0 / guard(1.0 - (a + b) * x / (a + 1.0)));
    let mut h = d;
    for m in 1..MOST_ROUNDS {
        let m = m as f64;
        let even = m * (b - m) * x / ((a - 1.0 + 2.0 * m) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 1.0 + 2.0 * m));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        h *= d * c;
        if (d * c - 1.0).abs() <= 4.0 * f64::EPSILON {
            break;
        }
    }
    h
}

/// Second derivative of ln Γ for x > 0: upwards by ψ₁(x) = ψ₁(x + 1) + 1/x², then Stirling's series
/// (Abramowitz and Stegun 6.4.12).
pub fn trigamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 15.0 {
        sum += (x * x).recip();
        x += 1.0;
    }
    let (r, s) = (x.recip(), (x * x).recip());
    sum + r
        + s / 2.0
        + r * s
            * (1.0 / 6.0 - s * (1.0 / 30.0 - s * (1.0 / 42.0 - s * (1.0 / 30.0 - s * 5.0 / 66.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stirlings_error_is_the_same_on_both_sides_of_the_series() {
        // ln 15! and ln 16! as sums of logarithms.
        for n in [15.0_f64, 16.0] {
            let factorial: f64 = (1..=n as u32).map(|k| f64::from(k).ln()).sum();
            let stirling = (n + 0.5) * n.ln() - n + 0.5 * (2.0 * PI).ln();
            assert!((stirling_error(n) - (factorial - stirling)).abs() < 1e-13, "{n}");
        }
    }

    #[test]
    fn half_a_deviance_is_its_formula_far_off_and_a_square_nearby() {
        assert_eq!(half_deviance(0.0, 3.0), 3.0);
        assert!((half_deviance(8.0, 2.0) - (8.0 * 4.0_f64.ln() - 6.0)).abs() < 1e-14);
        let (x, m) = (1e8 + 1.0, 1e8);
        assert!((half_deviance(x, m) / (1.0 / (2.0 * m)) - 1.0).abs() < 1e-7);
    }

    #[test]
    fn trigamma_is_the_known_value_at_one_and_a_half() {
        assert!((trigamma(1.0) / (PI.powi(2) / 6.0) - 1.0).abs() < 1e-14);
        assert!((trigamma(0.5) / (PI.powi(2) / 2.0) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn the_beta_fraction_gives_the_incomplete_beta_function() {
        // I_x(1, b) = 1 − (1 − x)^b, and 1·B(1, b) = 1/b.
        let (b, x) = (4.0, 0.1_f64);
        let beta = x * (1.0 - x).powf(b) * b * beta_fraction(1.0, b, x);
        assert!((beta - (1.0 - (1.0 - x).powf(b))).abs() < 1e-15);
        assert_eq!((ln_1p_ratio(0.0), ln_1p_ratio(1.0)), (1.0, 2.0_f64.ln()));
    }
}
