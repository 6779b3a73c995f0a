//! Gini's coefficients over their sum: a column that is unevenly spread over the units weighs most.
//!
//! The coefficient is the mean absolute difference over twice the mean, as pymcdm's `gini_weights`;
//! it is bounded only for figures of zero or more, so that a column with figures below zero is
//! shifted to zero, with a notice. Directions play no part.
//!
//! Li, G., Chi, G. (2009) A new determining objective weights method: Gini coefficient weight.
//! First International Conference on Information Science and Engineering, 3726–3729.

use ndarray::{Array1, ArrayView1, ArrayView2, Axis};

use super::columns::non_negative;
use super::sample::weigh_with;
use super::{NoParameters, Weigh, parameters};
use crate::method::{Flaw, Noted, Params};

struct Gini;

pub(super) fn make(params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    parameters::<NoParameters>("gini", params)?;
    Ok(Box::new(Gini))
}

impl Weigh for Gini {
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        weigh_with(x, directions, |sample| {
            non_negative(sample);
            Ok(sample.x.map_axis(Axis(0), coefficient))
        })
    }
}

/// From the sorted figures, each of which is the greater in as many pairs as there are before it.
fn coefficient(column: ArrayView1<f64>) -> f64 {
    let mut sorted = column.to_vec();
    sorted.sort_by(f64::total_cmp);
    let units = sorted.len() as f64;
    let differences: f64 =
        sorted.iter().enumerate().map(|(i, v)| (2.0 * i as f64 - units + 1.0) * v).sum();
    (differences / (units * column.sum())).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn one_holding_all_of_four_is_three_quarters() {
        assert!((coefficient(array![0.0, 8.0, 0.0, 0.0].view()) - 0.75).abs() < 1e-15);
        assert!((coefficient(array![1.0, 3.0].view()) - 0.25).abs() < 1e-15);
    }
}
