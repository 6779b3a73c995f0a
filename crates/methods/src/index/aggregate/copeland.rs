//! Copeland: how many units one outranks, less how many outrank it. No compensation, and only the
//! order of scores counts.
//!
//! Munda, G. and Nardo, M. (2005) Constructing consistent composite indicators: the issue of
//! weights. EUR 21834; as COINr's `outrankMatrix` and `a_copeland`.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use super::Aggregate;
use crate::method::{Flaw, Params};
use crate::params::none;

/// Shares this near to one half are one half, whatever rounding did to the weights.
const ROUNDING: f64 = 1e-12;

struct Copeland;

/// From a model's parameters: it has none.
pub fn make(params: &Params) -> Result<Box<dyn Aggregate>, Flaw> {
    none("copeland", params)?;
    Ok(Box::new(Copeland))
}

impl Aggregate for Copeland {
    /// The score depends on the units beside it: from −(n − 1) to n − 1.
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        let share = outranking(scores, weights);
        let counts =
            |row: ArrayView1<f64>| row.iter().zip(weights).any(|(s, w)| !s.is_nan() && *w > 0.0);
        let unit = |u: usize| {
            let others = share.row(u).into_iter().enumerate().filter(|(v, _)| *v != u);
            let balance = others
                .map(|(_, s)| {
                    f64::from(i8::from(*s > 0.5 + ROUNDING) - i8::from(*s < 0.5 - ROUNDING))
                })
                .sum();
            if counts(scores.row(u)) { balance } else { f64::NAN }
        };
        (0..scores.nrows()).map(unit).collect()
    }

    fn compares_units(&self) -> bool {
        true
    }
}

/// Units × units: the share of the weights on which the row's unit scores higher than the column's,
/// equal scores counted half; zero on the diagonal. Only children that both have are compared
/// (COINr takes the rest of the weight as lost, once for either side); without any, the two are
/// equal, one half.
pub fn outranking(scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array2<f64> {
    let units = scores.nrows();
    let mut share = Array2::zeros((units, units));
    for a in 0..units {
        for b in a + 1..units {
            share[[a, b]] = ahead(scores.row(a), scores.row(b), weights);
            share[[b, a]] = 1.0 - share[[a, b]];
        }
    }
    share
}

fn ahead(a: ArrayView1<f64>, b: ArrayView1<f64>, weights: ArrayView1<f64>) -> f64 {
    let (mut ahead, mut total) = (0.0, 0.0);
    for ((a, b), w) in
        a.iter().zip(b).zip(weights).filter(|((a, b), w)| !a.is_nan() && !b.is_nan() && **w > 0.0)
    {
        total += w;
        ahead += w * if a > b { 1.0 } else { f64::from(u8::from(a == b)) / 2.0 };
    }
    if total > 0.0 { ahead / total } else { 0.5 }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::tests::parents;
    use super::*;

    #[test]
    fn wins_less_losses() {
        let scores = array![[3.0, 3.0, 1.0], [2.0, 3.0, 2.0], [1.0, 1.0, 1.0]];
        let share = outranking(scores.view(), array![1.0, 1.0, 1.0].view());
        assert_eq!(share.row(0).to_vec(), [0.0, 0.5, 1.0 - 0.5 / 3.0]);
        assert_eq!(
            parents("copeland", "", scores.view(), &[1.0, 1.0, 1.0]).to_vec(),
            [1.0, 1.0, -2.0]
        );
    }

    #[test]
    fn only_what_both_have_is_compared() {
        let scores = array![[f64::NAN, 2.0], [9.0, 1.0], [9.0, f64::NAN], [f64::NAN, f64::NAN]];
        let share = outranking(scores.view(), array![3.0, 1.0].view());
        assert_eq!((share[[0, 1]], share[[0, 2]], share[[1, 2]]), (1.0, 0.5, 0.5));
        let done = parents("copeland", "", scores.view(), &[3.0, 1.0]);
        assert_eq!(done.to_vec()[..3], [1.0, -1.0, 0.0]);
        assert!(done[3].is_nan());
    }
}
