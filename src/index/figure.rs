//! A figure and how well it is known: its posterior, of which the mean is scored and the rest makes the intervals (METHOD.md §2.2).

use rand::Rng;
use rand_distr::{Beta, Distribution, Gamma};

use super::model::Kind;
use super::shrink::Prior;

/// What is known of a figure: gamma for rates and ratios, beta for proportions, the figure itself where nothing is known of its spread.
#[derive(Clone, Copy, Debug)]
pub struct Posterior {
    /// The mean, which is scored.
    pub mean: f64,
    spread: Spread,
}

#[derive(Clone, Copy, Debug)]
enum Spread {
    None,
    Gamma(Gamma<f64>),
    Beta(Beta<f64>),
}

/// What Jeffreys' prior adds to a count: a figure that is not shrunk is scored as it is, and is no less uncertain for that.
const JEFFREYS: f64 = 0.5;

fn gamma(shape: f64, rate: f64) -> Spread {
    Gamma::new(shape, 1.0 / rate).map_or(Spread::None, Spread::Gamma)
}

fn beta(a: f64, b: f64) -> Spread {
    Beta::new(a, b).map_or(Spread::None, Spread::Beta)
}

impl Posterior {
    /// Of a figure with `y` counted against `n`; NaN in either is NaN in the mean.
    pub fn of(kind: Kind, prior: Option<&Prior>, y: f64, n: f64) -> Posterior {
        let known = |mean| Posterior { mean, spread: Spread::None };
        let prior = match (kind, prior) {
            _ if n.is_nan() || y.is_nan() => return known(f64::NAN),
            (Kind::Amount, _) => return known((y / n).ln_1p()),
            (Kind::Count, _) => return Posterior { mean: y, spread: gamma(y + JEFFREYS, 1.0) },
            (Kind::Proportion, None) => return Posterior { mean: y / n, spread: beta(y + JEFFREYS, n - y + JEFFREYS) },
            (_, None) => return Posterior { mean: y / n, spread: gamma(y + JEFFREYS, n) },
            (_, Some(prior)) if prior.strength.is_infinite() => return known(prior.mean),
            (_, Some(prior)) => prior,
        };
        let (shape, evidence) = (prior.mean * prior.strength + y, prior.strength + n);
        let spread = if kind == Kind::Proportion { beta(shape, evidence - shape) } else { gamma(shape, evidence) };
        Posterior { mean: prior.shrink(y, n), spread }
    }

    /// One draw.
    pub fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        match &self.spread {
            Spread::None => self.mean,
            Spread::Gamma(gamma) => gamma.sample(rng),
            Spread::Beta(beta) => beta.sample(rng),
        }
    }

    /// Whether draws differ at all.
    pub fn is_known(&self) -> bool {
        matches!(self.spread, Spread::None)
    }
}
