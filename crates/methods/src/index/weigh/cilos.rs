//! CILOS: a column weighs by how little is lost on it where another column is at its best.
//!
//! Columns worse when high are inverted (least / x), all are divided by their sums; P holds the
//! share of its best figure that column j loses in the unit where column i is best, and the weights
//! q solve F q = 0 with F = P less its column sums on the diagonal. As F holds the rates of a
//! Markov chain, q is its stationary distribution, found without subtraction (Grassmann, Taksar and
//! Heyman 1985), so never negative.
//!
//! Where the literature is silent: several units sharing a column's best count by their mean
//! (pymcdm takes the first, so that the order of units would matter); figures below zero, or at
//! zero where they are inverted, are shifted, with a notice; where the losses do not fix the
//! weights (one unit is best in several columns) the limit of equal, vanishing losses is taken,
//! with a notice.
//!
//! Zavadskas, E. K., Podvezko, V. (2016) Integrated determination of objective criteria weights in
//! MCDM. International Journal of Information Technology & Decision Making 15, 267–283.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::columns::{non_negative, positive, range};
use super::sample::{Sample, weigh_with};
use super::{NoParameters, Weigh, parameters};
use crate::method::{Flaw, Noted, Params};

/// The vanishing loss that decides where the others do not.
const VANISHING: f64 = 1e-12;

struct Cilos;

pub(super) fn make(params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    parameters::<NoParameters>("cilos", params)?;
    Ok(Box::new(Cilos))
}

impl Weigh for Cilos {
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        weigh_with(x, directions, |sample| Ok(impacts(sample)))
    }
}

/// q, up to its scale.
pub(super) fn impacts(sample: &mut Sample) -> Array1<f64> {
    let figures = to_maximise(sample);
    let mut losses = relative_losses(sample, &figures);
    if !irreducible(&losses) {
        sample.note_on_all("the losses do not tie all columns together: CILOS rests on those that lose nothing where the others are best");
        losses += VANISHING;
    }
    stationary(losses)
}

/// All columns better when high, none below zero.
fn to_maximise(sample: &mut Sample) -> Array2<f64> {
    let inverted: Vec<usize> =
        sample.directions.indexed_iter().filter(|(_, d)| **d < 0.0).map(|(j, _)| j).collect();
    positive(sample, &inverted);
    non_negative(sample);
    let mut x = sample.x.clone();
    for j in inverted {
        let (least, _) = range(x.column(j));
        x.column_mut(j).mapv_inplace(|v| least / v);
    }
    x
}

/// P: row i is the unit (or the mean of the units) where column i is best.
fn relative_losses(sample: &mut Sample, x: &Array2<f64>) -> Array2<f64> {
    let columns = x.ncols();
    let best: Vec<f64> = x.axis_iter(Axis(1)).map(|c| range(c).1).collect();
    let mut losses = Array2::zeros((columns, columns));
    for (i, mut row) in losses.axis_iter_mut(Axis(0)).enumerate() {
        let units: Vec<usize> =
            x.column(i).indexed_iter().filter(|(_, v)| **v == best[i]).map(|(u, _)| u).collect();
        if units.len() > 1 {
            sample.note(
                i,
                &format!("best in {} units alike, which count by their mean", units.len()),
            );
        }
        for (j, loss) in row.iter_mut().enumerate().filter(|(j, _)| *j != i) {
            let there = units.iter().map(|u| x[[*u, j]]).sum::<f64>() / units.len() as f64;
            *loss = ((best[j] - there) / best[j]).max(0.0);
        }
    }
    losses
}

/// Whether every column reaches every other along losses.
fn irreducible(losses: &Array2<f64>) -> bool {
    let n = losses.nrows();
    let mut reached = losses.mapv(|l| l > 0.0);
    for k in 0..n {
        for i in 0..n {
            for j in 0..n {
                reached[[i, j]] |= reached[[i, k]] && reached[[k, j]];
            }
        }
    }
    (0..n).all(|i| (0..n).all(|j| i == j || reached[[i, j]]))
}

/// Stationary distribution, up to its scale, of the chain that goes from j to i at rate `rates[i,
/// j]`.
fn stationary(mut rates: Array2<f64>) -> Array1<f64> {
    let n = rates.nrows();
    for last in (1..n).rev() {
        let out: f64 = (0..last).map(|k| rates[[k, last]]).sum();
        for i in 0..last {
            rates[[last, i]] /= out;
        }
        for i in 0..last {
            for k in 0..last {
                rates[[k, i]] += rates[[last, i]] * rates[[k, last]];
            }
        }
    }
    let mut q = Array1::ones(n);
    for last in 1..n {
        q[last] = (0..last).map(|i| q[i] * rates[[last, i]]).sum();
    }
    q
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn where_one_unit_is_best_in_all_the_weights_are_equal() {
        let weighed = Cilos
            .weigh(array![[3.0, 9.0], [1.0, 2.0], [2.0, 1.0]].view(), array![1.0, 1.0].view())
            .unwrap();
        assert!((weighed.value[0] - 0.5).abs() < 1e-9);
        assert_eq!(weighed.notices.len(), 1);
    }

    #[test]
    fn units_alike_count_by_their_mean_in_any_order() {
        let d = array![1.0, 1.0];
        let one = Cilos.weigh(array![[3.0, 1.0], [3.0, 2.0], [1.0, 4.0]].view(), d.view()).unwrap();
        let other =
            Cilos.weigh(array![[3.0, 2.0], [3.0, 1.0], [1.0, 4.0]].view(), d.view()).unwrap();
        assert_eq!(one, other);
        // Losses: 1 − 1.5/4 on the second where the first is best, 1 − 1/3 on the first where the
        // second is.
        assert!((one.value[0] - 0.625 / (0.625 + 2.0 / 3.0)).abs() < 1e-14);
        assert!(one.notices[0].starts_with("column 1: best in 2 units"), "{:?}", one.notices);
    }

    #[test]
    fn a_zero_is_no_trouble_unless_it_is_inverted() {
        let x = array![[0.0, 1.0], [2.0, 3.0], [4.0, 2.0]];
        assert!(Cilos.weigh(x.view(), array![1.0, 1.0].view()).unwrap().notices.is_empty());
        let inverted = Cilos.weigh(x.view(), array![-1.0, 1.0].view()).unwrap();
        assert!(
            inverted.notices[0].starts_with("column 1: has figures at or below zero"),
            "{:?}",
            inverted.notices
        );
    }
}
