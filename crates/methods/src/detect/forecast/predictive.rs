//! The predictive distribution about an expected figure, its scatter estimated from hindcasts.

use statrs::distribution::{Continuous, ContinuousCDF, Normal};

use crate::stats::NegativeBinomial;

/// Prior of the scatter: the number of hindcasts it is worth, and its value.
const PRIOR: (f64, f64) = (4.0, 0.05);
/// Scatter at which a month weighs half in the estimate of scatter.
const USUAL_SHAPE: f64 = 20.0;
/// Points that stand for a continuous distribution.
const POINTS: usize = 200;

/// What sort of figure is forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// A count: negative binomial.
    Count,
    /// An index from 0 to 100: normal, what lies beyond an end put on it.
    Index,
}

/// Distribution of one figure to come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Predictive {
    Count(NegativeBinomial),
    Index { mean: f64, sd: f64 },
}

/// Scatter of misses: for counts 1/size of the negative binomial, for an index the variance.
pub fn scatter(figure: Figure, misses: &[(f64, f64)]) -> f64 {
    match figure {
        Figure::Count => {
            let worth = PRIOR.0 * USUAL_SHAPE * USUAL_SHAPE;
            let (mut over, mut square) = (worth * PRIOR.1, worth);
            for (mean, observed) in misses {
                let weight = (1.0 + mean / USUAL_SHAPE).powi(-2);
                over += weight * ((observed - mean).powi(2) - mean);
                square += weight * mean * mean;
            }
            (over / square).clamp(1e-4, 50.0)
        }
        Figure::Index => {
            // An index point, seen four times, before any miss; one miss less for the mean that was
            // learned.
            let sum: f64 = misses.iter().map(|(mean, observed)| (observed - mean).powi(2)).sum();
            ((sum + PRIOR.0) / (misses.len() as f64 + PRIOR.0 - 1.0)).max(1e-6)
        }
    }
}

impl Predictive {
    /// About `mean`, with the scatter of [`scatter`].
    pub fn new(figure: Figure, mean: f64, scatter: f64) -> Predictive {
        match figure {
            Figure::Count => {
                Predictive::Count(NegativeBinomial::with_size(mean.max(1e-6), 1.0 / scatter))
            }
            Figure::Index => Predictive::Index { mean: mean.clamp(0.0, 100.0), sd: scatter.sqrt() },
        }
    }

    pub fn mean(&self) -> f64 {
        match self {
            Predictive::Count(counts) => counts.mean(),
            Predictive::Index { mean, .. } => *mean,
        }
    }

    /// Logarithm of the probability (of the density, for an index) of a figure.
    pub fn log_score(&self, observed: f64) -> f64 {
        match self {
            Predictive::Count(counts) => counts.ln_pmf(observed.max(0.0).round()),
            Predictive::Index { .. } => self.normal().map_or(0.0, |n| n.ln_pdf(observed)),
        }
    }

    /// The distribution as (value, weight).
    pub fn nodes(&self) -> Vec<(f64, f64)> {
        match self {
            Predictive::Count(counts) => counts.nodes(),
            Predictive::Index { mean, .. } => {
                let at = |i: usize| {
                    self.normal()
                        .map_or(*mean, |n| n.inverse_cdf((i as f64 + 0.5) / POINTS as f64))
                        .clamp(0.0, 100.0)
                };
                (0..POINTS).map(|i| (at(i), 1.0 / POINTS as f64)).collect()
            }
        }
    }

    fn normal(&self) -> Option<Normal> {
        match self {
            Predictive::Index { mean, sd } => Normal::new(*mean, *sd).ok(),
            Predictive::Count(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scatter_is_learned_from_misses() {
        let misses: Vec<(f64, f64)> =
            (0..400).map(|i| (100.0, if i % 2 == 0 { 130.0 } else { 70.0 })).collect();
        assert!((scatter(Figure::Count, &misses) - 0.08).abs() < 0.003);
        assert!((scatter(Figure::Index, &misses) - 900.0).abs() < 10.0);
        assert_eq!(scatter(Figure::Count, &[]), 0.05);
    }

    #[test]
    fn scores_and_nodes_are_of_one_distribution() {
        let spread = Predictive::new(Figure::Count, 3.0, 0.5);
        let total: f64 = spread.nodes().iter().map(|(x, _)| spread.log_score(*x).exp()).sum();
        assert!((total - 1.0).abs() < 1e-5, "{total}");
        let ends = Predictive::new(Figure::Index, 99.0, 25.0).nodes();
        assert!(ends.iter().all(|(x, _)| (0.0..=100.0).contains(x)));
    }
}
