//! Weighted harmonic mean: less compensation than the geometric (COINr `a_hmean`, which stops at
//! zero).

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::{Aggregate, by_unit, notices_of_nonpositive, power};
use crate::method::{Flaw, Params};
use crate::params::none;

struct Harmonic;

/// From a model's parameters: it has none.
pub fn make(params: &Params) -> Result<Box<dyn Aggregate>, Flaw> {
    none("harmonic", params)?;
    Ok(Box::new(Harmonic))
}

impl Aggregate for Harmonic {
    /// A score of zero makes the mean zero, its limit; a negative one leaves it undefined, NaN.
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        by_unit(scores, weights, |children| power::mean(children, -1.0))
    }

    fn notices(&self, scores: ArrayView2<f64>) -> Vec<String> {
        notices_of_nonpositive("harmonic", scores)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::tests::parents;

    #[test]
    fn zero_and_negative_scores() {
        let done = parents(
            "harmonic",
            "",
            array![[2.0, 6.0], [0.0, 8.0], [-1.0, 0.0]].view(),
            &[1.0, 1.0],
        );
        assert!((done[0] - 3.0).abs() < 1e-12);
        assert_eq!(done[1], 0.0);
        assert!(done[2].is_nan());
    }
}
