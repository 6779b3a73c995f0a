//! Weighted geometric mean: partial compensation (COINr `a_gmean`, which stops at zero or below).

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::{Aggregate, Children, by_unit, notices_of_nonpositive};
use crate::method::{Flaw, Params};
use crate::params::none;

struct Geometric;

/// From a model's parameters: it has none.
pub fn make(params: &Params) -> Result<Box<dyn Aggregate>, Flaw> {
    none("geometric", params)?;
    Ok(Box::new(Geometric))
}

impl Aggregate for Geometric {
    /// A score of zero makes the mean zero, its limit; a negative one leaves it undefined, NaN.
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        by_unit(scores, weights, mean)
    }

    fn notices(&self, scores: ArrayView2<f64>) -> Vec<String> {
        notices_of_nonpositive("geometric", scores)
    }
}

/// exp Σ w ln s: 0 for a score of zero (its logarithm is −∞), NaN for a negative one.
pub(super) fn mean(children: &Children) -> f64 {
    children.iter().map(|(s, w)| w * s.ln()).sum::<f64>().exp()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::{aggregation, tests::parents};

    #[test]
    fn zero_and_negative_scores() {
        let scores = array![[2.0, 8.0], [0.0, 8.0], [-1.0, 8.0], [-1.0, 0.0]];
        let done = parents("geometric", "", scores.view(), &[1.0, 1.0]);
        assert!((done[0] - 4.0).abs() < 1e-12);
        assert_eq!(done[1], 0.0);
        assert!(done[2].is_nan() && done[3].is_nan());
        let notices = aggregation("geometric", &toml::Table::new()).unwrap().notices(scores.view());
        assert_eq!(notices.len(), 2);
        assert!(notices[0].starts_with("2 units"), "{}", notices[0]);
    }
}
