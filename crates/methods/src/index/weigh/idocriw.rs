//! IDOCRIW: entropy's weights times CILOS's, so that a column weighs most that distinguishes the
//! units and loses little to the others.
//!
//! Entropy sees the figures as CILOS does before inversion: where CILOS had to shift a column,
//! entropy takes the shifted one, with one notice.
//!
//! Zavadskas, E. K., Podvezko, V. (2016) Integrated determination of objective criteria weights in
//! MCDM. International Journal of Information Technology & Decision Making 15, 267–283.

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::cilos::impacts;
use super::entropy::divergences;
use super::sample::weigh_with;
use super::{NoParameters, Weigh, parameters};
use crate::method::{Flaw, Noted, Params};

struct Idocriw;

pub(super) fn make(params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    parameters::<NoParameters>("idocriw", params)?;
    Ok(Box::new(Idocriw))
}

impl Weigh for Idocriw {
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        weigh_with(x, directions, |sample| {
            let impacts = impacts(sample);
            Ok(&impacts / impacts.sum() * divergences(sample))
        })
    }
}
