//! Correlations of the elements of a model: within a node, across nodes, and with the nodes above.
//!
//! [`METHODS`] is the list of measures. A pair of columns is correlated over the units that
//! have both (pairwise complete, as COINr's `get_corr`).

mod kendall;

use ndarray::{ArrayView1, ArrayView2};

use crate::index::parents::children;
use crate::method::{Flaw, Noted};
use crate::params::choose;
use crate::stats::{pearson, spearman};

/// A measure of association of two equally long columns without missing values; NaN where it is
/// undefined.
pub type Measure = fn(&[f64], &[f64]) -> f64;

/// Every measure by its name.
pub const METHODS: &[(&str, Measure)] =
    &[("pearson", pearson), ("spearman", spearman), ("kendall", kendall::kendall)];

/// The measure of that name.
///
/// # Errors
/// A [`Flaw`] where there is none of that name.
pub fn correlation(name: &str) -> Result<Measure, Flaw> {
    choose("correlation", name, METHODS)
}

/// The correlation of two columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    pub first: usize,
    pub second: usize,
    /// NaN where it is undefined: fewer than two units have both, or one of the two is constant
    /// over them.
    pub correlation: f64,
    /// Units that have both.
    pub units: usize,
}

/// Every column of `first` with every one of `second` in `data` (units × nodes): COINr's `get_corr`
/// of two groups or levels. Undefined ones are noted.
///
/// # Errors
/// A [`Flaw`] where a column is not among the data.
pub fn across(
    data: ArrayView2<f64>,
    first: &[usize],
    second: &[usize],
    measure: Measure,
) -> Result<Noted<Vec<Pair>>, Flaw> {
    let pairs = first.iter().flat_map(|a| second.iter().map(|b| (*a, *b)));
    correlate_pairs(data, pairs, measure)
}

/// The children of each node among each other, every two once: COINr's `get_corr` within groups.
///
/// # Errors
/// A [`Flaw`] where the tree is not ordered from the leaves up, or does not fit the data.
pub fn within(
    data: ArrayView2<f64>,
    parents: &[Option<usize>],
    measure: Measure,
) -> Result<Noted<Vec<Pair>>, Flaw> {
    let children = children(parents)?;
    let pairs = children.iter().flat_map(|group| {
        group.iter().enumerate().flat_map(|(i, a)| group[i + 1..].iter().map(|b| (*a, *b)))
    });
    correlate_pairs(data, pairs, measure)
}

/// Each node (`first`) with each node above it (`second`), from its parent to the top: COINr's
/// `get_corr` with `withparent = "family"`.
///
/// # Errors
/// A [`Flaw`] where the tree is not ordered from the leaves up, or does not fit the data.
pub fn with_ancestors(
    data: ArrayView2<f64>,
    parents: &[Option<usize>],
    measure: Measure,
) -> Result<Noted<Vec<Pair>>, Flaw> {
    children(parents)?;
    let above = |node: usize| std::iter::successors(parents[node], |n| parents[*n]);
    let pairs =
        (0..parents.len()).flat_map(|node| above(node).map(move |ancestor| (node, ancestor)));
    correlate_pairs(data, pairs, measure)
}

/// The correlation of each pair of columns, and a notice for each that is undefined.
fn correlate_pairs(
    data: ArrayView2<f64>,
    pairs: impl Iterator<Item = (usize, usize)>,
    measure: Measure,
) -> Result<Noted<Vec<Pair>>, Flaw> {
    let (mut value, mut notices) = (Vec::new(), Vec::new());
    for (first, second) in pairs {
        if let Some(beyond) = [first, second].into_iter().find(|c| *c >= data.ncols()) {
            let what = format!("column {beyond} is asked for, and the data have {}", data.ncols());
            return Err(Flaw::new(what, "give one column a node"));
        }
        let pair = correlate(data, first, second, measure);
        if pair.correlation.is_nan() {
            notices.push(format!(
                "columns {first} and {second} cannot be correlated on the {} units that have both",
                pair.units
            ));
        }
        value.push(pair);
    }
    Ok(Noted { value, notices })
}

fn correlate(data: ArrayView2<f64>, first: usize, second: usize, measure: Measure) -> Pair {
    let (a, b) = complete(data.column(first), data.column(second));
    let correlation = if a.len() < 2 { f64::NAN } else { measure(&a, &b) };
    Pair { first, second, correlation, units: a.len() }
}

/// The values of the units that have both.
pub(super) fn complete(a: ArrayView1<f64>, b: ArrayView1<f64>) -> (Vec<f64>, Vec<f64>) {
    a.iter().zip(b).filter(|(a, b)| !a.is_nan() && !b.is_nan()).unzip()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    const NA: f64 = f64::NAN;

    #[test]
    fn a_pair_is_judged_on_the_units_that_have_both() {
        let data = array![[1.0, 2.0], [2.0, NA], [3.0, 6.0], [NA, 1.0], [4.0, 8.0]];
        let got = across(data.view(), &[0], &[1], correlation("pearson").unwrap()).unwrap();
        assert_eq!(got.value[0].units, 3);
        assert!((got.value[0].correlation - 1.0).abs() < 1e-15 && got.notices.is_empty());
    }

    #[test]
    fn two_units_are_enough() {
        let data = array![[1.0, 8.0], [2.0, 3.0]];
        for (name, measure) in METHODS {
            let got = across(data.view(), &[0], &[1], *measure).unwrap();
            assert!((got.value[0].correlation + 1.0).abs() < 1e-15, "{name}: {got:?}");
        }
    }

    #[test]
    fn a_constant_or_an_empty_column_is_undefined_and_noted() {
        let data = array![[0.1, 1.0, NA], [0.1, 2.0, NA], [0.1, 3.0, 1.0]];
        for (name, measure) in METHODS {
            let got = across(data.view(), &[0, 2], &[1], *measure).unwrap();
            assert!(got.value.iter().all(|pair| pair.correlation.is_nan()), "{name}");
            assert_eq!(got.notices.len(), 2, "{name}: {:?}", got.notices);
            let own = across(data.view(), &[1], &[1], *measure).unwrap();
            assert!((own.value[0].correlation - 1.0).abs() < 1e-15, "{name}");
        }
    }

    #[test]
    fn siblings_and_ancestors_are_found() {
        let parents = [Some(2), Some(2), Some(3), None];
        let data = array![[1.0, 2.0, 1.5, 1.0], [2.0, 1.0, 1.5, 3.0], [4.0, 2.0, 3.0, 2.0]];
        let ids = |pairs: Vec<Pair>| pairs.iter().map(|p| (p.first, p.second)).collect::<Vec<_>>();
        let measure = correlation("kendall").unwrap();
        assert_eq!(ids(within(data.view(), &parents, measure).unwrap().value), [(0, 1)]);
        assert_eq!(
            ids(with_ancestors(data.view(), &parents, measure).unwrap().value),
            [(0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
        );
        assert!(within(data.select(ndarray::Axis(1), &[0]).view(), &parents, measure).is_err());
    }

    #[test]
    fn an_unknown_measure_is_refused_by_name() {
        assert!(correlation("tau").unwrap_err().fix.contains("kendall"));
    }
}
