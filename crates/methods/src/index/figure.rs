//! A figure and how well it is known: its posterior, of which the mean is scored and the rest makes
//! the intervals (METHOD.md §2.2).

use rand::Rng;
use serde::Deserialize;

use super::shrink::Prior;
use super::strata::{Room, Strata};

/// How numerator and denominator make a figure.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Per exposure and year; Poisson.
    Rate,
    /// Of a total; binomial.
    Proportion,
    /// Per another count; Poisson.
    Ratio,
    /// ln(1 + amount per exposure and year); not shrunk.
    Amount,
    /// The number itself; not shrunk.
    Count,
}

/// What is known of a figure: gamma for rates and ratios, beta for proportions, the figure itself
/// where nothing is known of its spread.
#[derive(Clone, Copy, Debug)]
pub struct Posterior {
    /// The mean, which is scored.
    pub mean: f64,
    spread: Spread,
}

#[derive(Clone, Copy, Debug)]
enum Spread {
    None,
    Gamma { shape: f64, scale: f64 },
    Beta { a: f64, b: f64 },
}

/// What Jeffreys' prior adds to a count: a figure that is not shrunk is scored as it is, and is no
/// less uncertain for that.
const JEFFREYS: f64 = 0.5;

fn gamma(shape: f64, rate: f64) -> Spread {
    let scale = 1.0 / rate;
    if is_positive(shape) && is_positive(scale) {
        Spread::Gamma { shape, scale }
    } else {
        Spread::None
    }
}

fn beta(a: f64, b: f64) -> Spread {
    if is_positive(a) && is_positive(b) { Spread::Beta { a, b } } else { Spread::None }
}

fn is_positive(x: f64) -> bool {
    x > 0.0 && x.is_finite()
}

impl Posterior {
    /// Of a figure with `y` counted against `n`; NaN in either is NaN in the mean.
    pub fn of(kind: Kind, prior: Option<&Prior>, y: f64, n: f64) -> Posterior {
        let known = |mean| Posterior { mean, spread: Spread::None };
        let prior = match (kind, prior) {
            _ if n.is_nan() || y.is_nan() => return known(f64::NAN),
            (Kind::Amount, _) => return known((y / n).ln_1p()),
            (Kind::Count, _) => return Posterior { mean: y, spread: gamma(y + JEFFREYS, 1.0) },
            (Kind::Proportion, None) => {
                return Posterior { mean: y / n, spread: beta(y + JEFFREYS, n - y + JEFFREYS) };
            }
            (_, None) => return Posterior { mean: y / n, spread: gamma(y + JEFFREYS, n) },
            (_, Some(prior)) if prior.strength.is_infinite() => return known(prior.mean),
            (_, Some(prior)) => prior,
        };
        let (shape, evidence) = (prior.mean * prior.strength + y, prior.strength + n);
        let spread = if kind == Kind::Proportion {
            beta(shape, evidence - shape)
        } else {
            gamma(shape, evidence)
        };
        Posterior { mean: prior.shrink(y, n), spread }
    }

    /// Draws of the figure, one for each place of `into`, of which there are as many as draws.
    pub fn draw<R: Rng + ?Sized>(
        &self,
        strata: &Strata,
        rng: &mut R,
        room: &mut Room,
        into: &mut [f64],
    ) {
        match self.spread {
            Spread::None => into.fill(self.mean),
            Spread::Gamma { shape, scale } => strata.gamma(shape, scale, rng, room, into),
            Spread::Beta { a, b } => strata.beta(a, b, rng, room, into),
        }
    }
}
