//! The same weight for every column, whatever the data.

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::sample::{check, equal};
use super::{NoParameters, Weigh, parameters};
use crate::method::{Flaw, Noted, Params};

struct Equal;

pub(super) fn make(params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    parameters::<NoParameters>("equal", params)?;
    Ok(Box::new(Equal))
}

impl Weigh for Equal {
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        check(x, directions)?;
        Ok(Noted::plain(equal(x.ncols())))
    }

    fn data_driven(&self) -> bool {
        false
    }
}
