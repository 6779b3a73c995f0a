//! Negative binomial regression with log link: counts of mean μ = exp(xβ) and variance μ + αμ², α
//! given or estimated.
//!
//! The steps are those of R (`glm` with MASS's `negative.binomial`, and `glm.nb`), because its
//! rounds stop early enough for the number of them to be seen in the seventh digit. Venables, W. N.
//! and Ripley, B. D. (2002) Modern Applied Statistics with S, section 7.4.

use ndarray::ArrayView2;
use statrs::function::gamma::digamma;

use super::glm::{Data, poisson};
use crate::method::Flaw;
use crate::stats::special::trigamma;
use crate::stats::{Dense, LeastSquares, NegativeBinomial};

/// Rounds at most, of every iteration here.
const MOST_ROUNDS: usize = 25;
/// Change at which the rounds of regression, and those between regression and dispersion, stop.
const TOLERANCE: f64 = 1e-8;

/// A size 1/α beyond which nothing is left of the digits that tell it from Poisson.
const LARGEST: f64 = 1e10;

/// A fitted regression.
#[derive(Clone, Debug)]
pub struct Regression {
    /// One a column; zero where the columns before explain it.
    pub coefficients: Vec<f64>,
    /// Fitted means.
    pub mu: Vec<f64>,
    pub alpha: f64,
    /// Whether all iterations came to rest; α of counts that scatter less than Poisson's never
    /// does.
    pub converged: bool,
}

/// Fits counts `y` on the columns of `x`, n × p, with α given; α = 0 is Poisson.
///
/// # Errors
/// A [`Flaw`] where lengths differ, a figure is not finite or negative, or no finite coefficients
/// exist.
pub fn fit_with_alpha(x: ArrayView2<f64>, y: &[f64], alpha: f64) -> Result<Regression, Flaw> {
    let start = poisson_start(x, y)?;
    if alpha == 0.0 {
        return Ok(start);
    }
    let means: Vec<f64> = y.iter().map(|y| if *y == 0.0 { 1.0 / 6.0 } else { *y }).collect();
    irls(&mut Dense::new(x), y, alpha.recip(), &means).ok_or_else(no_coefficients)
}

/// The same, α estimated by maximum likelihood.
///
/// # Errors
/// As [`fit_with_alpha`], and where no α can be estimated (the counts are fitted exactly).
pub fn fit(x: ArrayView2<f64>, y: &[f64]) -> Result<Regression, Flaw> {
    let mut design = Dense::new(x);
    let mut fit = poisson_start(x, y)?;
    let free = y.len().saturating_sub(x.ncols()).max(1);
    let (mut size, mut settled) = theta_ml(y, &fit.mu)?;
    let mut likelihood = log_likelihood(y, &fit.mu, size);
    let scale = (2.0 * free as f64).sqrt();
    let mut change = f64::INFINITY;
    let mut round = 0;
    while change > TOLERANCE && round < MOST_ROUNDS {
        let next = irls(&mut design, y, size, &fit.mu).ok_or_else(no_coefficients)?;
        let before = (size, likelihood);
        // R estimates the dispersion about the means of the round before.
        (size, settled) = theta_ml(y, &fit.mu)?;
        fit = next;
        likelihood = log_likelihood(y, &fit.mu, size);
        change = (before.1 - likelihood).abs() / scale + (before.0 - size).abs();
        round += 1;
    }
    Ok(Regression {
        alpha: size.recip(),
        converged: fit.converged && settled && change <= TOLERANCE,
        ..fit
    })
}

fn poisson_start(x: ArrayView2<f64>, y: &[f64]) -> Result<Regression, Flaw> {
    let (_, fit) = poisson(x, &Data { y, ..Data::default() })?;
    let coefficients =
        fit.coefficients.into_iter().map(|c| if c.is_nan() { 0.0 } else { c }).collect();
    Ok(Regression { coefficients, mu: fit.mu, alpha: 0.0, converged: fit.converged })
}

fn no_coefficients() -> Flaw {
    Flaw::new(
        "regression: no finite coefficients exist",
        "give alpha and the mean instead of having them fitted",
    )
}

/// Reweighted least squares at a given size 1/α, from means to start with. `None` where no finite
/// coefficients are found.
fn irls(design: &mut Dense, y: &[f64], size: f64, start: &[f64]) -> Option<Regression> {
    let alpha = size.recip();
    let mut eta: Vec<f64> = start.iter().map(|m| m.ln()).collect();
    let mut mu: Vec<f64> = eta.iter().map(|e| e.exp().max(f64::EPSILON)).collect();
    let mut coefficients = vec![0.0; design.columns()];
    let mut before: Option<Vec<f64>> = None;
    let mut last = deviance(y, &mu, size);
    for _ in 0..MOST_ROUNDS {
        let weights: Vec<f64> = mu.iter().map(|m| m / (1.0 + alpha * m)).collect();
        let response: Vec<f64> =
            eta.iter().zip(&mu).zip(y).map(|((e, m), y)| e + (y - m) / m).collect();
        design.solve(&weights, &response, &mut coefficients);
        let mut now = predict(design, &coefficients, &mut eta, &mut mu, y, size);
        for _ in 0..MOST_ROUNDS {
            if now.is_finite() {
                break;
            }
            coefficients
                .iter_mut()
                .zip(before.as_ref()?)
                .for_each(|(new, old)| *new = f64::midpoint(*new, *old));
            now = predict(design, &coefficients, &mut eta, &mut mu, y, size);
        }
        if !now.is_finite() {
            return None;
        }
        if (now - last).abs() / (now.abs() + 0.1) < TOLERANCE {
            return Some(Regression { coefficients, mu, alpha, converged: true });
        }
        last = now;
        before = Some(coefficients.clone());
    }
    Some(Regression { coefficients, mu, alpha, converged: false })
}

/// Linear predictor, means and deviance of those coefficients.
fn predict(
    design: &Dense,
    coefficients: &[f64],
    eta: &mut [f64],
    mu: &mut [f64],
    y: &[f64],
    size: f64,
) -> f64 {
    design.linear(coefficients, eta);
    mu.iter_mut().zip(eta.iter()).for_each(|(m, e)| *m = e.exp().max(f64::EPSILON));
    deviance(y, mu, size)
}

fn deviance(y: &[f64], mu: &[f64], size: f64) -> f64 {
    y.iter().zip(mu).map(|(y, m)| NegativeBinomial::with_size(*m, size).deviance(*y)).sum()
}

fn log_likelihood(y: &[f64], mu: &[f64], size: f64) -> f64 {
    y.iter().zip(mu).map(|(y, m)| NegativeBinomial::with_size(*m, size).ln_pmf(*y)).sum()
}

/// The size 1/α of counts about those means, by Newton's method as MASS's `theta.ml`, and whether
/// it came to rest.
fn theta_ml(y: &[f64], mu: &[f64]) -> Result<(f64, bool), Flaw> {
    let near = f64::EPSILON.powf(0.25);
    let mut size =
        y.len() as f64 / y.iter().zip(mu).map(|(y, m)| (y / m - 1.0).powi(2)).sum::<f64>();
    let (mut step, mut round) = (1.0f64, 1);
    while round < MOST_ROUNDS && step.abs() > near {
        size = size.abs();
        step = score(y, mu, size) / information(y, mu, size);
        size += step;
        round += 1;
    }
    if size > 0.0 && size < LARGEST {
        return Ok((size, round < MOST_ROUNDS));
    }
    Err(Flaw::new(
        "alpha cannot be estimated from a history that does not scatter more than Poisson's",
        "give alpha, 0 for Poisson counts",
    ))
}

fn score(y: &[f64], mu: &[f64], size: f64) -> f64 {
    let constant = size.ln() + 1.0 - digamma(size);
    y.iter()
        .zip(mu)
        .map(|(y, m)| digamma(size + y) + constant - (size + m).ln() - (y + size) / (m + size))
        .sum()
}

fn information(y: &[f64], mu: &[f64], size: f64) -> f64 {
    let constant = trigamma(size) - size.recip();
    y.iter()
        .zip(mu)
        .map(|(y, m)| {
            constant - trigamma(size + y) + 2.0 / (m + size) - (y + size) / (m + size).powi(2)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use rand::SeedableRng;
    use rand_distr::{Distribution, Gamma, Poisson};

    use super::*;

    /// Counts of mean exp(1 + x) and that α, x over 0…2.
    fn simulated(alpha: f64) -> (Array2<f64>, Vec<f64>) {
        let n = 4000;
        let x = Array2::from_shape_fn(
            (n, 2),
            |(i, j)| if j == 0 { 1.0 } else { 2.0 * i as f64 / n as f64 },
        );
        let mut random = rand::rngs::ChaCha8Rng::seed_from_u64(7);
        let gamma = Gamma::new(1.0 / alpha, alpha).unwrap();
        let y = (0..n)
            .map(|i| {
                Poisson::new((1.0 + x[[i, 1]]).exp() * gamma.sample(&mut random))
                    .unwrap()
                    .sample(&mut random)
            })
            .collect();
        (x, y)
    }

    #[test]
    fn the_dispersion_put_in_is_found() {
        let (x, y) = simulated(0.5);
        let fit = fit(x.view(), &y).unwrap();
        assert!(fit.converged && (fit.alpha - 0.5).abs() < 0.05, "{}", fit.alpha);
        assert!(
            (fit.coefficients[0] - 1.0).abs() < 0.1 && (fit.coefficients[1] - 1.0).abs() < 0.1,
            "{:?}",
            fit.coefficients
        );
        let known = fit_with_alpha(x.view(), &y, fit.alpha).unwrap();
        assert!((known.coefficients[1] - fit.coefficients[1]).abs() < 1e-5);
    }

    #[test]
    fn the_score_is_the_slope_of_the_likelihood() {
        let (y, mu) = ([0.0, 3.0, 7.0, 1.0], [1.5, 2.0, 5.0, 1.0]);
        for size in [0.4, 3.0, 40.0] {
            let d = 1e-5 * size;
            let slope =
                (log_likelihood(&y, &mu, size + d) - log_likelihood(&y, &mu, size - d)) / (2.0 * d);
            assert!((slope - score(&y, &mu, size)).abs() < 1e-6 * slope.abs().max(1e-3), "{size}");
            let bend = (score(&y, &mu, size - d) - score(&y, &mu, size + d)) / (2.0 * d);
            assert!(
                (bend - information(&y, &mu, size)).abs() < 1e-5 * bend.abs().max(1e-3),
                "{size}"
            );
        }
    }

    #[test]
    fn what_has_no_dispersion_to_be_found_does_not_run_away() {
        let x = Array2::ones((6, 1));
        assert!(fit(x.view(), &[3.0; 6]).is_err());
        assert!(!fit(x.view(), &[3.0, 4.0, 3.0, 4.0, 3.0, 4.0]).unwrap().converged);
        assert!(fit_with_alpha(x.view(), &[f64::NAN; 6], 0.1).is_err());
    }
}
