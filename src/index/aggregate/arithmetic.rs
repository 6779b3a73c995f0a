//! Weighted arithmetic mean: full compensation (COINr `a_amean`).

use ndarray::{Array1, ArrayView1, ArrayView2, Zip};

use super::Aggregate;
use crate::method::{Flaw, Params};
use crate::params::none;

struct Arithmetic;

/// From a model's parameters: it has none.
pub fn make(params: &Params) -> Result<Box<dyn Aggregate>, Flaw> {
    none("arithmetic", params)?;
    Ok(Box::new(Arithmetic))
}

impl Aggregate for Arithmetic {
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        let (mut sum, mut weight) = (Array1::zeros(scores.nrows()), Array1::<f64>::zeros(scores.nrows()));
        for (child, w) in scores.columns().into_iter().zip(weights) {
            Zip::from(&mut sum).and(&mut weight).and(child).for_each(|sum, weight, score| add(sum, weight, *score, *w));
        }
        sum / weight
    }

    fn aggregate_each(&self, scores: ArrayView2<f64>, weights: ArrayView2<f64>) -> Array1<f64> {
        let (mut sum, mut weight) = (Array1::zeros(scores.nrows()), Array1::<f64>::zeros(scores.nrows()));
        for (child, w) in scores.columns().into_iter().zip(weights.columns()) {
            Zip::from(&mut sum).and(&mut weight).and(child).and(w).for_each(|sum, weight, score, w| add(sum, weight, *score, *w));
        }
        sum / weight
    }

    fn is_linear(&self) -> bool {
        true
    }
}

fn add(sum: &mut f64, weight: &mut f64, score: f64, w: f64) {
    if !score.is_nan() {
        *sum += w * score;
        *weight += w;
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::aggregation;
    use super::super::tests::parents;
    use crate::method::Params;

    #[test]
    fn weights_of_its_own_for_every_unit_are_the_same_mean() {
        let (scores, weights) = (array![[1.0, 2.0, 6.0], [1.0, f64::NAN, 6.0]], array![[1.0, 1.0, 2.0], [3.0, 1.0, 1.0]]);
        let each = aggregation("arithmetic", &Params::new()).unwrap().aggregate_each(scores.view(), weights.view());
        assert_eq!(each.to_vec(), [3.75, 2.25]);
    }

    #[test]
    fn a_missing_child_passes_its_weight_on() {
        let scores = array![[1.0, 2.0, 6.0], [1.0, f64::NAN, 6.0]];
        assert_eq!(parents("arithmetic", "", scores.view(), &[1.0, 1.0, 2.0]).to_vec(), [3.75, 13.0 / 3.0]);
    }
}
