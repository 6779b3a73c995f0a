//! Variances of the figures scaled from 0 to 1, over their sum: statistical variance weights.
//!
//! Rao, R. V., Patel, B. K. (2010) A subjective and objective integrated multiple attribute
//! decision making method for material selection. Materials & Design 31, 4738–4747; as pymcdm's
//! `variance_weights`. Directions play no part.

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::columns::{deviations, min_max};
use super::sample::weigh_with;
use super::{NoParameters, Weigh, parameters};
use crate::method::{Flaw, Noted, Params};

struct Variance;

pub(super) fn make(params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    parameters::<NoParameters>("variance", params)?;
    Ok(Box::new(Variance))
}

impl Weigh for Variance {
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        weigh_with(x, directions, |sample| Ok(deviations(&min_max(sample)).mapv(|s| s * s)))
    }
}
