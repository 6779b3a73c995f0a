//! Cronbach's alpha: the internal consistency of the children of a node.

use ndarray::{ArrayView1, ArrayView2, Axis};

use super::correlation::complete;
use crate::index::parents::children;
use crate::method::{Flaw, Noted};

/// α = k/(k−1) · (1 − tr C / ΣC) of `items` (units × items), C their covariance over the units that
/// have both items, as COINr's `get_cronbach` with `use = "pairwise.complete.obs"` (Cronbach 1951,
/// Psychometrika 16, 297–334).
///
/// Negative where the items oppose each other. It is undefined (NaN), with a notice, for fewer than
/// two items, where two items have fewer than two units in common, and where the covariances do not
/// sum to more than zero (all items constant; items that cancel each other).
pub fn cronbach(items: ArrayView2<f64>) -> Noted<f64> {
    let k = items.ncols();
    if k < 2 {
        return undefined(format!("alpha needs two items, there are {k}"));
    }
    let (mut trace, mut sum) = (0.0, 0.0);
    for (i, a) in items.axis_iter(Axis(1)).enumerate() {
        trace += covariance(a, a);
        sum += items.axis_iter(Axis(1)).map(|b| covariance(a, b)).sum::<f64>();
        if sum.is_nan() {
            return undefined(format!("item {i} has fewer than two units in common with another"));
        }
    }
    // What is left where items cancel each other is rounding, and must not be divided by.
    if sum <= 1e-12 * trace {
        return undefined("the items' covariances do not sum to more than zero".to_owned());
    }
    Noted::plain(k as f64 / (k as f64 - 1.0) * (1.0 - trace / sum))
}

/// [`cronbach`] of the children of every node that has any, as (node, α), from `data` (units ×
/// nodes).
///
/// # Errors
/// A [`Flaw`] where the tree is not ordered from the leaves up, or does not fit the data.
pub fn cronbach_of_nodes(
    data: ArrayView2<f64>,
    parents: &[Option<usize>],
) -> Result<Vec<(usize, Noted<f64>)>, Flaw> {
    if data.ncols() != parents.len() {
        return Err(Flaw::new(
            format!("there are {} columns for {} nodes", data.ncols(), parents.len()),
            "give one column a node",
        ));
    }
    let with_children =
        children(parents)?.into_iter().enumerate().filter(|(_, group)| !group.is_empty());
    Ok(with_children
        .map(|(node, group)| (node, cronbach(data.select(Axis(1), &group).view())))
        .collect())
}

fn undefined(notice: String) -> Noted<f64> {
    Noted { value: f64::NAN, notices: vec![notice] }
}

/// Covariance with n − 1 over the units that have both; NaN for fewer than two, exactly 0 where one
/// is constant.
fn covariance(a: ArrayView1<f64>, b: ArrayView1<f64>) -> f64 {
    let (a, b) = complete(a, b);
    let n = a.len() as f64;
    if a.len() < 2 {
        return f64::NAN;
    }
    // Deviations from the first value are exactly zero in a constant column.
    let shifted = |v: &[f64]| v.iter().map(|x| x - v[0]).collect::<Vec<f64>>();
    let (a, b) = (shifted(&a), shifted(&b));
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    a.iter().zip(&b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum::<f64>() / (n - 1.0)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    const NA: f64 = f64::NAN;

    #[test]
    fn the_same_item_twice_is_one_and_opposed_items_are_undefined() {
        let same = array![[1.0, 1.0], [2.0, 2.0], [4.0, 4.0]];
        assert!((cronbach(same.view()).value - 1.0).abs() < 1e-15);
        let opposed = array![[1.0, -1.0], [2.0, -2.0], [4.0, -4.0]];
        let got = cronbach(opposed.view());
        assert!(got.value.is_nan() && got.notices[0].contains("more than zero"));
    }

    #[test]
    fn unrelated_items_are_zero() {
        let unrelated = array![[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]];
        assert!(cronbach(unrelated.view()).value.abs() < 1e-15);
    }

    #[test]
    fn what_cannot_be_judged_is_noted() {
        assert!(cronbach(array![[1.0], [2.0]].view()).notices[0].contains("two items"));
        assert!(cronbach(array![[0.1, 0.3], [0.1, 0.3], [0.1, 0.3]].view()).value.is_nan());
        let apart = array![[1.0, NA], [2.0, NA], [NA, 1.0], [NA, 3.0]];
        assert!(cronbach(apart.view()).notices[0].contains("in common"));
    }

    #[test]
    fn every_node_with_children_is_judged() {
        let data = array![[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]];
        let got = cronbach_of_nodes(data.view(), &[Some(2), Some(2), None]).unwrap();
        assert_eq!(got.len(), 1);
        assert_eq!(got[0].0, 2);
        assert!(cronbach_of_nodes(data.view(), &[None]).is_err());
    }
}
