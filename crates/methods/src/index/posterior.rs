//! The posterior distribution of a figure given its counts. Its mean is scored, and draws of it make
//! the intervals of scores and ranks.

use rand::Rng;
use serde::Deserialize;

use super::shrink::Prior;
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
    /// The posterior after `y` events (or an amount) over `n` exposure, cases or total. Where one of
    /// them is NaN, so is the mean.
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
