//! Ordered weighted averaging: what counts is not which child a score is of but whether it is the
//! best, the second …
//!
//! Yager, R. R. (1988) On ordered weighted averaging aggregation operators in multicriteria
//! decisionmaking. IEEE Trans. SMC 18, 183–190; with the children's own weights as Torra, V. (1997)
//! The weighted OWA operator. Int. J. Intelligent Systems 12, 153–166.

use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::Deserialize;

use super::{Aggregate, Children, by_unit};
use crate::method::{Flaw, Params};
use crate::params::parse;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Owa {
    /// From the highest score to the lowest; any non-negative numbers.
    weights: Vec<f64>,
}

/// From a model's parameter `weights`: `[1, 0, 0]` is the maximum, `[0, 0, 1]` the minimum, equal
/// ones the arithmetic mean.
pub fn make(params: &Params) -> Result<Box<dyn Aggregate>, Flaw> {
    let method: Owa = parse("owa", params)?;
    let total: f64 = method.weights.iter().sum();
    if method.weights.iter().any(|w| *w < 0.0) || !(total > 0.0 && total.is_finite()) {
        return Err(Flaw::new(
            "method \"owa\": weights are negative, or sum to nothing",
            "give one for each place, from the best score to the worst",
        ));
    }
    Ok(Box::new(Owa { weights: method.weights.iter().map(|w| w / total).collect() }))
}

impl Aggregate for Owa {
    /// With as many children of equal weight as ordered weights, Yager's operator. With fewer or
    /// more (a missing child, a smaller node) or with unequal weights the ordered weights are
    /// spread over the children's weights, as Torra's with a piecewise linear quantifier: with a
    /// child missing, the minimum stays the minimum.
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        by_unit(scores, weights, |children| self.ordered_mean(children))
    }
}

impl Owa {
    fn ordered_mean(&self, children: &Children) -> f64 {
        let mut best_first = children.to_vec();
        best_first.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut sum, mut reached) = (0.0, 0.0);
        for (score, weight) in best_first {
            sum += score
                * (self.cumulative_weight(reached + weight) - self.cumulative_weight(reached));
            reached += weight;
        }
        sum
    }

    /// The sum of the ordered weights over the best `share` (0–1) of the children's weights.
    fn cumulative_weight(&self, share: f64) -> f64 {
        let positions = share.clamp(0.0, 1.0) * self.weights.len() as f64;
        self.weights
            .iter()
            .enumerate()
            .map(|(i, w)| w * (positions - i as f64).clamp(0.0, 1.0))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::{aggregation, tests::parents};

    #[test]
    fn yagers_example() {
        // Yager (1988): weights .4 .3 .2 .1 over arguments 1, .6, .8, .2 … in any order.
        let done = parents(
            "owa",
            "weights = [0.4, 0.3, 0.2, 0.1]",
            array![[0.6, 1.0, 0.2, 0.8]].view(),
            &[1.0; 4],
        );
        assert!((done[0] - (0.4 + 0.3 * 0.8 + 0.2 * 0.6 + 0.1 * 0.2)).abs() < 1e-12);
    }

    #[test]
    fn a_missing_child_leaves_the_minimum_the_minimum() {
        let done =
            parents("owa", "weights = [0, 0, 1]", array![[4.0, f64::NAN, 2.0]].view(), &[1.0; 3]);
        assert_eq!(done[0], 2.0);
        assert!(aggregation("owa", &toml::from_str("weights = [0, 0]").unwrap()).is_err());
        assert!(aggregation("owa", &toml::from_str("weights = [-1, 2]").unwrap()).is_err());
    }
}
