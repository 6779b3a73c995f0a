//! The posterior distribution of a figure given its counts. Its mean is scored, and draws of it
//! make the intervals of scores and ranks.

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::stats::latin_hypercube::{LatinHypercube, QuantileBuffers};

/// How an indicator's numerator and denominator make its figure.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum IndicatorKind {
    /// Events per exposure and year; Poisson.
    Rate,
    /// Part of a total; binomial.
    Proportion,
    /// Events per another count; Poisson.
    Ratio,
    /// ln(1 + amount per exposure and year); not shrunk.
    Amount,
    /// The number itself; not shrunk.
    Count,
}

/// A gamma prior of a rate or a beta prior of a proportion: its mean, and its strength in units of
/// exposure (or cases). An infinite strength means that areas do not differ beyond chance.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Prior {
    pub mean: f64,
    pub strength: f64,
}

impl Prior {
    /// Posterior mean of a rate or proportion with `y` events in `n` units of exposure (or cases).
    pub fn shrink(&self, y: f64, n: f64) -> f64 {
        if self.strength.is_infinite() {
            self.mean
        } else {
            (self.mean * self.strength + y) / (self.strength + n)
        }
    }

    /// The same prior with a strength of at most `limit`, so that a lasting change shows even where
    /// areas did not differ in the reference years.
    pub fn with_strength_at_most(self, limit: f64) -> Prior {
        Prior { strength: self.strength.min(limit), ..self }
    }
}

/// The posterior of a figure: gamma for rates, ratios and counts, beta for proportions, and a point
/// where nothing is known of its spread.
#[derive(Clone, Copy, Debug)]
pub struct Posterior {
    /// The mean, which is scored; NaN where the figure is missing.
    pub mean: f64,
    distribution: Distribution,
}

#[derive(Clone, Copy, Debug)]
enum Distribution {
    Point,
    Gamma { shape: f64, scale: f64 },
    Beta { a: f64, b: f64 },
}

/// What Jeffreys' prior adds to a count. A figure that is not shrunk is scored as it is, but its
/// draws need a distribution even at a count of zero.
const JEFFREYS: f64 = 0.5;

fn gamma(shape: f64, rate: f64) -> Distribution {
    let scale = 1.0 / rate;
    if is_positive(shape) && is_positive(scale) {
        Distribution::Gamma { shape, scale }
    } else {
        Distribution::Point
    }
}

fn beta(a: f64, b: f64) -> Distribution {
    if is_positive(a) && is_positive(b) { Distribution::Beta { a, b } } else { Distribution::Point }
}

fn is_positive(x: f64) -> bool {
    x > 0.0 && x.is_finite()
}

impl Posterior {
    /// The posterior after `y` events (or an amount) over `n` exposure, cases or total. Where one
    /// of them is NaN, so is the mean.
    pub fn new(kind: IndicatorKind, prior: Option<&Prior>, y: f64, n: f64) -> Posterior {
        let point = |mean| Posterior { mean, distribution: Distribution::Point };
        let prior = match (kind, prior) {
            _ if n.is_nan() || y.is_nan() => return point(f64::NAN),
            (IndicatorKind::Amount, _) => return point((y / n).ln_1p()),
            (IndicatorKind::Count, _) => {
                return Posterior { mean: y, distribution: gamma(y + JEFFREYS, 1.0) };
            }
            (IndicatorKind::Proportion, None) => {
                return Posterior {
                    mean: y / n,
                    distribution: beta(y + JEFFREYS, n - y + JEFFREYS),
                };
            }
            (_, None) => return Posterior { mean: y / n, distribution: gamma(y + JEFFREYS, n) },
            (_, Some(prior)) if prior.strength.is_infinite() => return point(prior.mean),
            (_, Some(prior)) => prior,
        };
        let (shape, evidence) = (prior.mean * prior.strength + y, prior.strength + n);
        let distribution = if kind == IndicatorKind::Proportion {
            beta(shape, evidence - shape)
        } else {
            gamma(shape, evidence)
        };
        Posterior { mean: prior.shrink(y, n), distribution }
    }

    /// Fills `into`, which has one place for each draw of `design`, with draws of the figure.
    pub fn draw<R: Rng + ?Sized>(
        &self,
        design: &LatinHypercube,
        rng: &mut R,
        buffers: &mut QuantileBuffers,
        into: &mut [f64],
    ) {
        match self.distribution {
            Distribution::Point => into.fill(self.mean),
            Distribution::Gamma { shape, scale } => design.gamma(shape, scale, rng, buffers, into),
            Distribution::Beta { a, b } => design.beta(a, b, rng, buffers, into),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    const PRIOR: Prior = Prior { mean: 0.2, strength: 10.0 };

    /// Mean and variance of the draws.
    fn moments(posterior: &Posterior) -> (f64, f64) {
        let design = LatinHypercube::new(2000, 1);
        let (mut rng, mut draws) = (ChaCha8Rng::seed_from_u64(1), vec![f64::NAN; 2000]);
        posterior.draw(&design, &mut rng, &mut design.buffers(), &mut draws);
        let mean = draws.iter().sum::<f64>() / 2000.0;
        (mean, draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 2000.0)
    }

    #[test]
    fn every_kind_has_its_posterior() {
        use IndicatorKind::{Count, Proportion, Rate, Ratio};
        // Kind, prior, events, exposure; the score's mean, and mean and variance of the draws.
        for (kind, prior, y, n, mean, drawn, variance) in [
            // Gamma of shape 0.2 × 10 + 3 and rate 10 + 30.
            (Rate, Some(PRIOR), 3.0, 30.0, 0.125, 0.125, 5.0 / 1600.0),
            (Ratio, Some(PRIOR), 3.0, 30.0, 0.125, 0.125, 5.0 / 1600.0),
            // Beta of 5 and 35.
            (Proportion, Some(PRIOR), 3.0, 30.0, 0.125, 0.125, 0.125 * 0.875 / 41.0),
            // Without a prior the figure is scored as it is, and Jeffreys adds a half to the draws.
            (Rate, None, 3.0, 30.0, 0.1, 3.5 / 30.0, 3.5 / 900.0),
            (Proportion, None, 3.0, 30.0, 0.1, 3.5 / 31.0, 3.5 * 27.5 / (961.0 * 32.0)),
            (Count, Some(PRIOR), 3.0, 1.0, 3.0, 3.5, 3.5),
        ] {
            let posterior = Posterior::new(kind, prior.as_ref(), y, n);
            assert!((posterior.mean - mean).abs() < 1e-12, "{kind:?}: {posterior:?}");
            let got = moments(&posterior);
            assert!((got.0 / drawn - 1.0).abs() < 2e-3, "{kind:?}: {got:?}, mean {drawn}");
            assert!((got.1 / variance - 1.0).abs() < 0.03, "{kind:?}: {got:?}, {variance}");
        }
    }

    #[test]
    fn figures_without_spread_are_drawn_as_they_are() {
        let amount = Posterior::new(IndicatorKind::Amount, Some(&PRIOR), 3.0, 2.0);
        assert_eq!(amount.mean, 2.5_f64.ln());
        assert!((moments(&amount).0 - amount.mean).abs() < 1e-12);
        let alike = Prior { strength: f64::INFINITY, ..PRIOR };
        let rate = Posterior::new(IndicatorKind::Rate, Some(&alike), 3.0, 30.0);
        assert_eq!(rate.mean, 0.2);
        assert!(moments(&rate).1 < 1e-20);
        for (y, n) in [(f64::NAN, 1.0), (1.0, f64::NAN)] {
            let missing = Posterior::new(IndicatorKind::Rate, Some(&PRIOR), y, n);
            assert!(missing.mean.is_nan() && moments(&missing).0.is_nan());
        }
    }

    #[test]
    fn a_figure_without_exposure_has_no_score_and_no_draw() {
        let none = Posterior::new(IndicatorKind::Rate, None, 0.0, 0.0);
        assert!(none.mean.is_nan() && moments(&none).0.is_nan());
    }
}
