//! Weights that experts have given: `weights = [3, 2, 1]`, one a column, of which the proportions
//! count.

use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::Deserialize;

use super::sample::check;
use super::{Weigh, parameters};
use crate::method::{Flaw, Noted, Params};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    weights: Vec<f64>,
}

pub(super) fn make(params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    let given: Given = parameters("given", params)?;
    let sum: f64 = given.weights.iter().sum();
    if given.weights.iter().any(|w| !w.is_finite() || *w < 0.0) || !sum.is_finite() || sum <= 0.0 {
        return Err(Flaw::new(
            "the given weights are not weights",
            "give non-negative numbers, at least one above zero",
        ));
    }
    Ok(Box::new(Given { weights: given.weights.iter().map(|w| w / sum).collect() }))
}

impl Weigh for Given {
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        check(x, directions)?;
        if self.weights.len() != x.ncols() {
            let what =
                format!("{} weights are given for {} columns", self.weights.len(), x.ncols());
            return Err(Flaw::new(what, "give one for each column"));
        }
        Ok(Noted::plain(Array1::from(self.weights.clone())))
    }

    fn data_driven(&self) -> bool {
        false
    }
}
