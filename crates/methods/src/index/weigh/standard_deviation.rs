//! Standard deviations over their sum, on the figures as they are: a change of units changes the
//! weights, so normalise first.
//!
//! As pymcdm's `standard_deviation_weights` and scikit-criteria's `StdWeighter`. Directions play no
//! part.

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::columns::deviations;
use super::sample::weigh_with;
use super::{NoParameters, Weigh, parameters};
use crate::method::{Flaw, Noted, Params};

struct StandardDeviation;

pub(super) fn make(params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    parameters::<NoParameters>("std", params)?;
    Ok(Box::new(StandardDeviation))
}

impl Weigh for StandardDeviation {
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        weigh_with(x, directions, |sample| Ok(deviations(&sample.x)))
    }
}
