//! Minimum: the worst child's score, without compensation. A child of weight zero does not count.

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::{Aggregate, by_unit};
use crate::method::{Flaw, Params};
use crate::params::none;

struct Minimum;

/// From a model's parameters: it has none.
pub fn make(params: &Params) -> Result<Box<dyn Aggregate>, Flaw> {
    none("minimum", params)?;
    Ok(Box::new(Minimum))
}

impl Aggregate for Minimum {
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        by_unit(scores, weights, |children| {
            children.iter().map(|(s, _)| *s).fold(f64::NAN, f64::min)
        })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::tests::parents;

    #[test]
    fn a_child_without_weight_does_not_count() {
        assert_eq!(
            parents("minimum", "", array![[1.0, 2.0, f64::NAN, 3.0]].view(), &[0.0, 1.0, 1.0, 5.0])
                [0],
            2.0
        );
    }
}
