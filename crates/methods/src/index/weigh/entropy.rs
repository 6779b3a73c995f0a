//! Entropy weights: a column whose total is spread evenly over the units has the highest entropy,
//! distinguishes the units least and weighs least.
//!
//! Weights are 1 − e over their sum, where e = −Σ p ln p / ln m and p is a unit's share of its
//! column's total over m units. Zeros count as 0·ln 0 = 0, as scikit-criteria has it (pymcdm
//! refuses them, pyDecision adds 1e-9). Shares need figures of zero or more: a column with figures
//! below zero is shifted to zero, with a notice. Directions play no part.
//!
//! Shannon (1948); Zeleny (1982) Multiple Criteria Decision Making; Hwang and Yoon (1981) Multiple
//! Attribute Decision Making.

use ndarray::{Array1, ArrayView1, ArrayView2, Axis};

use super::columns::non_negative;
use super::sample::{Sample, weigh_with};
use super::{NoParameters, Weigh, parameters};
use crate::method::{Flaw, Noted, Params};

struct Entropy;

pub(super) fn make(params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    parameters::<NoParameters>("entropy", params)?;
    Ok(Box::new(Entropy))
}

impl Weigh for Entropy {
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        weigh_with(x, directions, |sample| Ok(divergences(sample)))
    }
}

/// 1 − e of each column.
pub(super) fn divergences(sample: &mut Sample) -> Array1<f64> {
    non_negative(sample);
    sample.x.map_axis(Axis(0), divergence)
}

/// Σ p ln(p m) / ln m, term by term as (1 + d) ln(1 + d) − d with d = p m − 1, which rounding does
/// not bring below zero.
fn divergence(column: ArrayView1<f64>) -> f64 {
    let (units, sum) = (column.len() as f64, column.sum());
    let term = |v: &f64| {
        let d = v / sum * units - 1.0;
        if d <= -1.0 { 1.0 } else { ((1.0 + d) * d.ln_1p() - d).max(0.0) }
    };
    column.iter().map(term).sum::<f64>() / units / units.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn figures_below_zero_are_shifted_and_told() {
        let x = array![[-2.0, 1.0], [0.0, 2.0], [2.0, 3.0]];
        let weighed = Entropy.weigh(x.view(), array![1.0, 1.0].view()).unwrap();
        let by_hand = Entropy
            .weigh(array![[0.0, 1.0], [2.0, 2.0], [4.0, 3.0]].view(), array![1.0, -1.0].view())
            .unwrap();
        assert_eq!(weighed.value, by_hand.value);
        assert!(
            weighed.notices.len() == 1 && weighed.notices[0].starts_with("column 1: "),
            "{:?}",
            weighed.notices
        );
        assert!(by_hand.notices.is_empty());
    }

    #[test]
    fn one_unit_holding_all_has_no_entropy() {
        // The first column's whole total is one unit's: e = 0. The second's e by the definition.
        let weighed = Entropy
            .weigh(array![[0.0, 1.0], [0.0, 1.0], [5.0, 2.0]].view(), array![1.0, 1.0].view())
            .unwrap()
            .value;
        let second = 1.0 - (2.0 * 0.25 * 4f64.ln() + 0.5 * 2f64.ln()) / 3f64.ln();
        assert!((weighed[0] - 1.0 / (1.0 + second)).abs() < 1e-14);
    }
}
