//! Weighted arithmetic mean: full compensation (COINr `a_amean`).

use std::borrow::Cow;

use ndarray::{Array1, ArrayView1, ArrayView2};

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
        let mut mean = WeightedMean::new(scores.nrows());
        for (child, w) in scores.columns().into_iter().zip(weights) {
            mean.add(child, |_| *w);
        }
        mean.finish()
    }

    fn aggregate_each(&self, scores: ArrayView2<f64>, weights: ArrayView2<f64>) -> Array1<f64> {
        let mut mean = WeightedMean::new(scores.nrows());
        for (child, own) in scores.columns().into_iter().zip(weights.columns()) {
            let own = contiguous(&own);
            mean.add(child, |unit| own[unit]);
        }
        mean.finish()
    }

    fn is_linear(&self) -> bool {
        true
    }
}

/// A column as a slice, over which loops are quicker.
fn contiguous<'a>(column: &ArrayView1<'a, f64>) -> Cow<'a, [f64]> {
    column.to_slice().map_or_else(|| Cow::Owned(column.to_vec()), Cow::Borrowed)
}

/// Weighted sums and sums of weights, one a unit.
struct WeightedMean {
    sum: Vec<f64>,
    weight: Vec<f64>,
}

impl WeightedMean {
    fn new(units: usize) -> WeightedMean {
        WeightedMean { sum: vec![0.0; units], weight: vec![0.0; units] }
    }

    /// Adds one child. The loop runs over slices and has no branch, so that the compiler vectorises
    /// it: a province's draws pass through here five thousand million times.
    fn add(&mut self, child: ArrayView1<f64>, w: impl Fn(usize) -> f64) {
        let child = contiguous(&child);
        for (unit, ((sum, weight), score)) in
            self.sum.iter_mut().zip(&mut self.weight).zip(child.iter()).enumerate()
        {
            let (w, scored) = (w(unit), !score.is_nan());
            *sum += if scored { w * score } else { 0.0 };
            *weight += if scored { w } else { 0.0 };
        }
    }

    fn finish(self) -> Array1<f64> {
        Array1::from(self.sum) / Array1::from(self.weight)
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
        let (scores, weights) = (
            array![[1.0, 2.0, 6.0], [1.0, f64::NAN, 6.0]],
            array![[1.0, 1.0, 2.0], [3.0, 1.0, 1.0]],
        );
        let each = aggregation("arithmetic", &Params::new())
            .unwrap()
            .aggregate_each(scores.view(), weights.view());
        assert_eq!(each.to_vec(), [3.75, 2.25]);
    }

    #[test]
    fn a_missing_child_passes_its_weight_on() {
        let scores = array![[1.0, 2.0, 6.0], [1.0, f64::NAN, 6.0]];
        assert_eq!(
            parents("arithmetic", "", scores.view(), &[1.0, 1.0, 2.0]).to_vec(),
            [3.75, 13.0 / 3.0]
        );
    }
}
