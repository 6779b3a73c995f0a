//! LOPCOW: the logarithm of a column's root mean square over its standard deviation, on figures
//! scaled from 0 (worst) to 1 (best).
//!
//! The absolute value is taken, as in the paper, so that no weight is negative. Of two units every
//! column has logarithm 0: equal weights.
//!
//! Ecer, F., Pamucar, D. (2022) A novel LOPCOW-DOBI multi-criteria sustainability performance
//! assessment methodology. Omega 112, 102690.

use ndarray::{Array1, ArrayView1, ArrayView2, Axis};

use super::columns::{deviations, min_max};
use super::sample::{Sample, weigh_with};
use super::{NoParameters, Weigh, parameters};
use crate::method::{Flaw, Noted, Params};

struct Lopcow;

pub(super) fn make(params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    parameters::<NoParameters>("lopcow", params)?;
    Ok(Box::new(Lopcow))
}

impl Weigh for Lopcow {
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        weigh_with(x, directions, |sample| Ok(percentages(sample)))
    }
}

fn percentages(sample: &Sample) -> Array1<f64> {
    let x = min_max(sample);
    let units = x.nrows() as f64;
    let root_mean_square = x.map_axis(Axis(0), |c| (c.dot(&c) / units).sqrt());
    (root_mean_square / deviations(&x)).mapv(|ratio| {
        let log = ratio.ln().abs();
        // What rounding leaves of a logarithm of one.
        if log > 1e-13 { log } else { 0.0 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn of_two_units_all_columns_weigh_the_same() {
        let weighed = Lopcow
            .weigh(array![[1.0, 7.0, 2.0], [3.0, 2.0, 9.0]].view(), array![1.0, -1.0, 1.0].view())
            .unwrap();
        assert_eq!(weighed.value, Array1::from_elem(3, 1.0 / 3.0));
        assert_eq!(weighed.notices.len(), 1);
    }
}
