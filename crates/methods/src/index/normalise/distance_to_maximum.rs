//! 1 − distance to the best unit over the range, 0–1 (COINr `n_dist2max`).

use ndarray::{Array1, ArrayView1};

use super::{CONSTANT, Context, Normalise, same_score};
use crate::method::{Flaw, Noted, Params};
use crate::params::none;
use crate::stats::descriptive::extremes;

struct DistanceToMaximum;

/// From a model's parameters: it has none.
pub fn make(params: &Params) -> Result<Box<dyn Normalise>, Flaw> {
    none("distance_to_maximum", params)?;
    Ok(Box::new(DistanceToMaximum))
}

impl Normalise for DistanceToMaximum {
    fn normalise(
        &self,
        x: ArrayView1<f64>,
        direction: f64,
        _: &Context,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        let directed = x.mapv(|v| v * direction);
        let (low, high) = extremes(directed.view());
        if low == high {
            return Ok(same_score(x, 0.5, CONSTANT));
        }
        Ok(Noted::plain(directed.mapv(|v| 1.0 - (high - v) / (high - low))))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Context, tests::scores};

    #[test]
    fn one_for_the_best() {
        let done = scores("distance_to_maximum", "", &[4.0, 0.0, 1.0], -1.0, &Context::default());
        assert_eq!(done.value.to_vec(), [0.0, 1.0, 0.75]);
    }
}
