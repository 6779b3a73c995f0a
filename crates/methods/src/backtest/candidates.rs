//! What predicts: weights, weights from the scores alone, learned weights, the best single indicator, persistence, the seasonal
//! mean.

use ndarray::{Array1, Array2};

use super::data_weights::data_weights;
use super::learn::learn;
use super::origin::Origin;
use super::pairs::{Pair, mean_correlation, risk};
use super::regressions::{Regression, regress};

/// Earlier origins with a known target from which anything is learned.
pub const LEAST_ORIGINS: usize = 6;

/// A way to rank units by the target that is to come.
#[derive(Clone, Debug, PartialEq)]
pub enum Candidate {
    /// These weights of the elements, whatever they sum to.
    Weights(Array1<f64>),
    /// Weights found at each origin from the scores alone, by a method of the index.
    DataDriven(&'static str),
    /// Weights learned at each origin from the origins before it.
    Learned,
    /// A regression fitted at each origin on the origins before it.
    Regression(Regression),
    /// The indicator that ranked best at the origins before.
    BestIndicator,
    /// The target of the last periods comes again.
    Persistence,
    /// The target's mean over the same periods of earlier years.
    SeasonalMean,
}

/// What a candidate says at an origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// One a unit, the larger the more of the target is expected; NaN: nothing is said.
    pub values: Array1<f64>,
    /// Weights it rests on, summing to one, where it rests on some.
    pub weights: Option<Array1<f64>>,
}

/// The prediction of a candidate at an origin, from that origin and those before it alone; `None`
/// where too little was known.
pub fn predict(candidate: &Candidate, origins: &[Origin], at: usize) -> Option<Prediction> {
    let origin = &origins[at];
    let weighted = |weights: Array1<f64>| Prediction {
        values: risk(origin.scores.view(), weights.view()),
        weights: Some(weights),
    };
    let plain = |values: &Array1<f64>| Prediction { values: values.clone(), weights: None };
    match candidate {
        Candidate::Weights(weights) => Some(weighted(weights / weights.sum())),
        Candidate::DataDriven(method) => Some(weighted(data_weights(method, origins, at)?)),
        Candidate::Learned => {
            Some(weighted(learn(&learned_from(origins, at, |origin| &origin.scores)?)))
        }
        Candidate::Regression(regression) => {
            let pairs = learned_from(origins, at, |origin| &origin.scores)?;
            Some(plain(&regress(*regression, &pairs, origin.scores.view())?))
        }
        Candidate::BestIndicator => {
            let pairs = learned_from(origins, at, |origin| &origin.indicators)?;
            let alone = |indicator: usize| one(origin.indicators.ncols(), indicator);
            let (_, best) = (0..origin.indicators.ncols())
                .map(|at| (mean_correlation(&pairs, alone(at).view()), at))
                .filter(|(correlation, _)| !correlation.is_nan())
                .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?;
            Some(plain(&risk(origin.indicators.view(), alone(best).view())))
        }
        Candidate::Persistence => Some(plain(&origin.last)),
        Candidate::SeasonalMean => Some(plain(&origin.seasonal)),
    }
}

/// What may be learned from at an origin; `None` where it is too little.
fn learned_from(
    origins: &[Origin],
    at: usize,
    scores: fn(&Origin) -> &Array2<f64>,
) -> Option<Vec<Pair<'_>>> {
    let known = origins[at].known.iter().filter(|(earlier, _)| *earlier < at);
    let pairs: Vec<Pair> = known
        .map(|(earlier, target)| Pair {
            scores: scores(&origins[*earlier]).view(),
            target: target.view(),
        })
        .collect();
    (pairs.len() >= LEAST_ORIGINS).then_some(pairs)
}

/// All weight on one of so many.
fn one(count: usize, at: usize) -> Array1<f64> {
    let mut weights = Array1::zeros(count);
    weights[at] = 1.0;
    weights
}
