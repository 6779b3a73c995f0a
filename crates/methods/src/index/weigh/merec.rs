//! MEREC: a column weighs by how much the units' overall performance changes when it is removed.
//!
//! Figures become least / x for a column better when high and x / greatest for the other; a unit's
//! performance is ln(1 + Σ |ln n| / m) over the m columns. Both the ratio and the logarithm need
//! figures above zero: a column with others is shifted so that its least is a hundredth of its
//! range, with a notice (pymcdm gives infinities). Constant columns count in m, as in pymcdm, and
//! have weight 0.
//!
//! Keshavarz-Ghorabaee, M. et al. (2021) Determination of objective weights using a new method
//! based on the removal effects of criteria (MEREC). Symmetry 13, 525.

use ndarray::{Array1, ArrayView1, ArrayView2, Axis};

use super::columns::{positive, range};
use super::sample::{Sample, weigh_with};
use super::{NoParameters, Weigh, parameters};
use crate::method::{Flaw, Noted, Params};

struct Merec;

pub(super) fn make(params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    parameters::<NoParameters>("merec", params)?;
    Ok(Box::new(Merec))
}

impl Weigh for Merec {
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        weigh_with(x, directions, |sample| Ok(removal_effects(sample)))
    }
}

fn removal_effects(sample: &mut Sample) -> Array1<f64> {
    let all: Vec<usize> = (0..sample.x.ncols()).collect();
    positive(sample, &all);
    let mut logs = sample.x.clone();
    for (mut column, direction) in logs.axis_iter_mut(Axis(1)).zip(&sample.directions) {
        let (low, high) = range(column.view());
        column.mapv_inplace(|v| {
            if *direction > 0.0 { (low / v).ln().abs() } else { (v / high).ln().abs() }
        });
    }
    let columns = sample.columns as f64;
    let mut effects = Array1::zeros(logs.ncols());
    for unit in logs.axis_iter(Axis(0)) {
        let sum = unit.sum();
        let performance = |sum: f64| (sum / columns).ln_1p();
        for (effect, log) in effects.iter_mut().zip(unit) {
            *effect += (performance(sum) - performance(sum - log)).abs();
        }
    }
    effects
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_zero_is_shifted_and_told() {
        let weighed = Merec
            .weigh(array![[0.0, 2.0], [50.0, 3.0], [100.0, 5.0]].view(), array![1.0, -1.0].view())
            .unwrap();
        let by_hand = Merec
            .weigh(array![[1.0, 2.0], [51.0, 3.0], [101.0, 5.0]].view(), array![1.0, -1.0].view())
            .unwrap();
        assert!((&weighed.value - &by_hand.value).iter().all(|d| d.abs() < 1e-14));
        assert!(
            weighed.notices.len() == 1 && weighed.notices[0].starts_with("column 1: "),
            "{:?}",
            weighed.notices
        );
    }

    #[test]
    fn a_constant_column_counts_among_the_columns() {
        // Two units; the performance of the second is 0 with and without any column.
        let x = array![[2.0, 3.0, 7.0], [1.0, 1.0, 7.0]];
        let weighed = Merec.weigh(x.view(), array![1.0, 1.0, 1.0].view()).unwrap().value;
        let s = |v: f64| (v.ln() / 3.0).ln_1p();
        let (first, second) = (s(6.0) - s(3.0), s(6.0) - s(2.0));
        assert!(
            (weighed[0] - first / (first + second)).abs() < 1e-14 && weighed[2] == 0.0,
            "{weighed}"
        );
    }
}
