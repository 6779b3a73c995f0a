//! The rounds of reweighted least squares, as R's `glm.fit` makes them for `quasipoisson(link =
//! "log")`.

use crate::stats::LeastSquares;

/// Rounds at most.
const MOST_ROUNDS: usize = 25;
/// Relative change of the deviance at which the rounds stop.
const TOLERANCE: f64 = 1e-8;

/// What is fitted: counts, and where there are any the logarithm of their exposure and prior
/// weights. All of one length.
#[derive(Clone, Copy, Debug, Default)]
pub struct Data<'a> {
    pub y: &'a [f64],
    /// On the scale of the linear predictor: a logarithm.
    pub offset: Option<&'a [f64]>,
    pub weights: Option<&'a [f64]>,
}

/// A fitted regression. Its [`LeastSquares`] holds the factorisation of the last round.
#[derive(Clone, Debug)]
pub struct Fit {
    /// One a column; NaN for a column left out because the others explain it.
    pub coefficients: Vec<f64>,
    /// Linear predictor, offset included.
    pub eta: Vec<f64>,
    /// Fitted means.
    pub mu: Vec<f64>,
    /// Working weights of the last round: prior weight × mean before its step.
    pub working: Vec<f64>,
    pub deviance: f64,
    pub rank: usize,
    /// Observations with a positive prior weight, less the rank.
    pub df_residual: usize,
    pub converged: bool,
    pub rounds: usize,
}

impl Fit {
    /// Pearson's estimate of the dispersion, as R's `summary.glm`; NaN without degrees of freedom.
    pub fn dispersion(&self, y: &[f64]) -> f64 {
        self.dispersion_under(&self.working, y)
    }

    /// Σ weight × ((y − μ)/μ)² over the residual degrees of freedom; NaN without any.
    pub fn dispersion_under(&self, weights: &[f64], y: &[f64]) -> f64 {
        if self.df_residual == 0 {
            return f64::NAN;
        }
        let sum: f64 = weights
            .iter()
            .zip(y)
            .zip(&self.mu)
            .filter(|((w, _), _)| **w > 0.0)
            .map(|((w, y), mu)| w * ((y - mu) / mu).powi(2))
            .sum();
        sum / self.df_residual as f64
    }
}

/// Fits by at most 25 rounds. `None` where no finite coefficients are found; the lengths must agree
/// and the figures be finite.
pub fn irls(design: &mut impl LeastSquares, data: &Data) -> Option<Fit> {
    let mut state = State::start(design, data);
    for round in 1..=MOST_ROUNDS {
        state.step(design)?;
        let change = (state.deviance - state.deviance_before).abs() / (state.deviance.abs() + 0.1);
        if change < TOLERANCE {
            return Some(state.fit(design, true, round));
        }
        state.deviance_before = state.deviance;
        state.before.copy_from_slice(&state.coefficients);
    }
    Some(state.fit(design, false, MOST_ROUNDS))
}

/// What is carried from round to round.
struct State<'a> {
    data: &'a Data<'a>,
    /// y ln y − y, the part of the deviance that does not change.
    saturated: Vec<f64>,
    coefficients: Vec<f64>,
    before: Vec<f64>,
    eta: Vec<f64>,
    mu: Vec<f64>,
    working: Vec<f64>,
    response: Vec<f64>,
    deviance: f64,
    deviance_before: f64,
    /// Whether a round has been made, so that there is something to fall back to.
    fallback: bool,
}

impl<'a> State<'a> {
    fn start(design: &impl LeastSquares, data: &'a Data<'a>) -> State<'a> {
        let (n, p) = (data.y.len(), design.columns());
        let eta: Vec<f64> = data.y.iter().map(|y| (y + 0.1).ln()).collect();
        let saturated =
            data.y.iter().map(|y| if *y > 0.0 { y * y.ln() - y } else { 0.0 }).collect();
        let (mu, zeros) = (data.y.iter().map(|y| y + 0.1).collect(), vec![0.0; n]);
        let (coefficients, before) = (vec![0.0; p], vec![0.0; p]);
        let (working, response) = (zeros.clone(), zeros);
        let (deviance, deviance_before) = (0.0, 0.0);
        let mut state = State {
            data,
            saturated,
            coefficients,
            before,
            eta,
            mu,
            working,
            response,
            deviance,
            deviance_before,
            fallback: false,
        };
        state.deviance_before = state.deviance_now();
        state
    }

    /// One weighted least-squares step; halved back towards the round before where it leads to
    /// means that are not finite.
    fn step(&mut self, design: &mut impl LeastSquares) -> Option<()> {
        self.linearise();
        design.solve(&self.working, &self.response, &mut self.coefficients);
        if self.coefficients.iter().any(|c| !c.is_finite()) {
            return None;
        }
        self.predict(design);
        for _ in 0..MOST_ROUNDS {
            if self.deviance.is_finite() {
                break;
            }
            if !self.fallback {
                return None;
            }
            self.coefficients
                .iter_mut()
                .zip(&self.before)
                .for_each(|(new, old)| *new = (*new + old) / 2.0);
            self.predict(design);
        }
        self.fallback = true;
        self.deviance.is_finite().then_some(())
    }

    /// Working weights and working response at the present means.
    fn linearise(&mut self) {
        for i in 0..self.mu.len() {
            let mu = self.mu[i];
            self.working[i] = mu * self.data.weights.map_or(1.0, |w| w[i]);
            self.response[i] =
                self.eta[i] - self.data.offset.map_or(0.0, |o| o[i]) + (self.data.y[i] - mu) / mu;
        }
    }

    /// Linear predictor, means and deviance of the present coefficients.
    fn predict(&mut self, design: &impl LeastSquares) {
        design.linear(&self.coefficients, &mut self.eta);
        if let Some(offset) = self.data.offset {
            self.eta.iter_mut().zip(offset).for_each(|(eta, o)| *eta += o);
        }
        // R's inverse link never goes below the machine's epsilon.
        self.mu.iter_mut().zip(&self.eta).for_each(|(mu, eta)| *mu = eta.exp().max(f64::EPSILON));
        self.deviance = self.deviance_now();
    }

    fn deviance_now(&self) -> f64 {
        let lowest = f64::EPSILON.ln();
        let term =
            |i: usize| self.saturated[i] - self.data.y[i] * self.eta[i].max(lowest) + self.mu[i];
        let n = self.mu.len();
        2.0 * match self.data.weights {
            Some(w) => (0..n).map(|i| w[i] * term(i)).sum::<f64>(),
            None => (0..n).map(term).sum(),
        }
    }

    fn fit(self, design: &impl LeastSquares, converged: bool, rounds: usize) -> Fit {
        let used =
            self.data.weights.map_or(self.mu.len(), |w| w.iter().filter(|w| **w > 0.0).count());
        let mut coefficients = self.coefficients;
        coefficients
            .iter_mut()
            .enumerate()
            .filter(|(j, _)| design.aliased(*j))
            .for_each(|(_, c)| *c = f64::NAN);
        let rank = design.rank();
        let df_residual = used.saturating_sub(rank);
        let (eta, mu, working, deviance) = (self.eta, self.mu, self.working, self.deviance);
        Fit { coefficients, eta, mu, working, deviance, rank, df_residual, converged, rounds }
    }
}
