//! Ranks of scores, and statistics of ranks over many replications of a model.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use crate::method::Flaw;
use crate::stats::descriptive;

/// Ranks of one column of scores: 1 is the highest score, tied units share the best rank of their
/// group and the ranks after them are skipped, as R's `rank(-score, ties.method = "min")`. A unit
/// without a score (NaN) has no rank (NaN), and does not count among the others.
pub fn ranks(scores: ArrayView1<f64>) -> Array1<f64> {
    descriptive::ranks(scores.mapv(|s| -s).view()).into()
}

/// [`ranks`] of each column of scores (units × columns).
pub fn rank_columns(scores: ArrayView2<f64>) -> Array2<f64> {
    let mut ranked = scores.to_owned();
    for mut column in ranked.columns_mut() {
        let ranks = ranks(column.view());
        column.assign(&ranks);
    }
    ranked
}

/// Statistics of one unit's ranks over the replications.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankStats {
    /// Rank under the nominal model.
    pub nominal: f64,
    pub mean: f64,
    pub median: f64,
    /// 5 % quantile, of R's type 7.
    pub q5: f64,
    /// 95 % quantile, of R's type 7.
    pub q95: f64,
    /// Replications in which the unit had a rank. The statistics are over these, NaN without any.
    pub ranked: usize,
}

/// Statistics of each unit's `ranks` (units × replications) beside its `nominal` rank, as COINr's
/// `RankStats`.
///
/// COINr takes them over an unselected sample of models: of a Saltelli design, over its first 2 n
/// rows (A and B) only.
///
/// # Errors
/// A [`Flaw`] where the two have different numbers of units.
pub fn rank_statistics(
    nominal: ArrayView1<f64>,
    ranks: ArrayView2<f64>,
) -> Result<Vec<RankStats>, Flaw> {
    same_units(nominal, ranks)?;
    let statistics = |(nominal, row): (&f64, ArrayView1<f64>)| RankStats {
        nominal: *nominal,
        mean: descriptive::mean(row),
        median: descriptive::median(row),
        q5: descriptive::quantile(row, 0.05),
        q95: descriptive::quantile(row, 0.95),
        ranked: row.iter().filter(|r| !r.is_nan()).count(),
    };
    Ok(nominal.iter().zip(ranks.axis_iter(Axis(0))).map(statistics).collect())
}

/// Mean absolute difference of ranks or scores from the `nominal` ones, for each column of `moved`
/// (units × replications).
///
/// This is the model output of COINr's sensitivity analysis and `remove_elements` (Saisana,
/// Saltelli and Tarantola 2005, J. R. Statist. Soc. A 168, 307–323). Units that miss one of the two
/// are left out; NaN for a replication without any.
///
/// # Errors
/// A [`Flaw`] where the two have different numbers of units.
pub fn mean_abs_change(
    nominal: ArrayView1<f64>,
    moved: ArrayView2<f64>,
) -> Result<Array1<f64>, Flaw> {
    same_units(nominal, moved)?;
    let change = |column: ArrayView1<f64>| {
        let changes: Array1<f64> = column.iter().zip(nominal).map(|(a, b)| (a - b).abs()).collect();
        descriptive::mean(changes.view())
    };
    Ok(moved.axis_iter(Axis(1)).map(change).collect())
}

fn same_units(nominal: ArrayView1<f64>, moved: ArrayView2<f64>) -> Result<(), Flaw> {
    if nominal.len() == moved.nrows() {
        return Ok(());
    }
    let what = format!(
        "there are {} nominal figures and {} rows of replications",
        nominal.len(),
        moved.nrows()
    );
    Err(Flaw::new(what, "give one row a unit, in the same order"))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn ties_share_the_best_rank_and_a_missing_score_has_none() {
        let ranks = ranks(array![3.0, 5.0, f64::NAN, 5.0, 1.0].view());
        assert_eq!(ranks.to_vec()[..2], [3.0, 1.0]);
        assert!(ranks[2].is_nan());
        assert_eq!(ranks.to_vec()[3..], [1.0, 4.0]);
    }

    #[test]
    fn a_unit_without_a_rank_in_a_replication_is_judged_by_the_others() {
        let statistics = rank_statistics(
            array![1.0, 2.0].view(),
            array![[1.0, f64::NAN, 3.0], [f64::NAN, f64::NAN, f64::NAN]].view(),
        )
        .unwrap();
        assert_eq!((statistics[0].mean, statistics[0].median, statistics[0].ranked), (2.0, 2.0, 2));
        assert!(statistics[1].mean.is_nan() && statistics[1].q95.is_nan());
        assert_eq!((statistics[1].nominal, statistics[1].ranked), (2.0, 0));
        assert!(rank_statistics(array![1.0].view(), array![[1.0], [2.0]].view()).is_err());
    }

    #[test]
    fn changes_are_over_the_units_that_stand_in_both() {
        let moved = array![[1.0, 3.0, f64::NAN], [4.0, f64::NAN, f64::NAN], [2.0, 2.0, 2.0]];
        let change = mean_abs_change(array![1.0, 2.0, f64::NAN].view(), moved.view()).unwrap();
        assert_eq!(change.to_vec()[..2], [1.0, 2.0]);
        assert!(change[2].is_nan());
    }
}
