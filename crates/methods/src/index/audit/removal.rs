//! Removal of elements: how scores and ranks change without each.

use ndarray::{Array1, Array2};

use crate::index::parents::{check_weights, children};
use crate::index::ranks::{mean_abs_change, ranks};
use crate::method::{Flaw, Noted};

/// Scores and ranks without each of some elements.
#[derive(Clone, Debug)]
pub struct Removal {
    /// The elements, in the order of the columns below.
    pub elements: Vec<usize>,
    /// Scores of the whole model, one a unit, and the ranks they give.
    pub nominal_scores: Array1<f64>,
    pub nominal_ranks: Array1<f64>,
    /// Units × elements: the scores without the element, and the ranks they give.
    pub scores: Array2<f64>,
    pub ranks: Array2<f64>,
    /// Mean absolute change of the units' scores, and of their ranks, one an element.
    pub score_change: Array1<f64>,
    pub rank_change: Array1<f64>,
}

/// What removing each of `elements` (nodes of the tree, one at a time) does: its weight is set to
/// zero and `scores` is called again, as COINr's `remove_elements`, so that its siblings take over
/// its share and nothing is normalised anew.
///
/// `scores` turns the weights of all nodes into the top's score of each unit. It has to leave out a
/// node of weight zero, and a node none of whose children weighs anything. An element that weighs
/// nothing already, and one without which units lose their score, are noted.
///
/// # Errors
/// A [`Flaw`] where the tree is not ordered from the leaves up, weights are lacking or negative, an
/// element is the top or is not in the tree, or the number of scores changes.
pub fn remove_elements(
    parents: &[Option<usize>],
    weights: &[f64],
    elements: &[usize],
    scores: impl Fn(&[f64]) -> Array1<f64>,
) -> Result<Noted<Removal>, Flaw> {
    children(parents)?;
    check_weights(weights, parents.len())?;
    check_elements(parents, elements)?;
    let nominal_scores = scores(weights);
    let nominal_ranks = ranks(nominal_scores.view());
    let mut without = Array2::zeros((nominal_scores.len(), elements.len()));
    let mut rank_without = without.clone();
    let mut notices = Vec::new();
    for (column, element) in elements.iter().enumerate() {
        let mut reduced = weights.to_vec();
        reduced[*element] = 0.0;
        let got = scores(&reduced);
        if got.len() != nominal_scores.len() {
            let what = format!(
                "without node {element} there are {} scores, with it {}",
                got.len(),
                nominal_scores.len()
            );
            return Err(Flaw::new(what, "give one score a unit, NaN where there is none"));
        }
        notices.extend(removal_notices(*element, weights[*element], &nominal_scores, &got));
        rank_without.column_mut(column).assign(&ranks(got.view()));
        without.column_mut(column).assign(&got);
    }
    let score_change = mean_abs_change(nominal_scores.view(), without.view())?;
    let rank_change = mean_abs_change(nominal_ranks.view(), rank_without.view())?;
    let elements = elements.to_vec();
    Ok(Noted {
        value: Removal {
            elements,
            nominal_scores,
            nominal_ranks,
            scores: without,
            ranks: rank_without,
            score_change,
            rank_change,
        },
        notices,
    })
}

fn check_elements(parents: &[Option<usize>], elements: &[usize]) -> Result<(), Flaw> {
    for element in elements {
        let fix = "name nodes below the top";
        match parents.get(*element) {
            Some(Some(_)) => {}
            Some(None) => {
                return Err(Flaw::new(
                    format!("node {element} is the top, without which nothing is left"),
                    fix,
                ));
            }
            None => {
                return Err(Flaw::new(
                    format!("node {element} is not among the {} nodes", parents.len()),
                    fix,
                ));
            }
        }
    }
    Ok(())
}

fn removal_notices(
    element: usize,
    weight: f64,
    nominal: &Array1<f64>,
    without: &Array1<f64>,
) -> Vec<String> {
    let mut notices = Vec::new();
    if weight == 0.0 {
        notices.push(format!("node {element} weighs nothing already"));
    }
    let lost = nominal.iter().zip(without).filter(|(a, b)| !a.is_nan() && b.is_nan()).count();
    if lost > 0 {
        notices.push(format!(
            "without node {element}, {lost} units have no score and are left out of the change"
        ));
    }
    notices
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, array};

    use super::*;

    /// Weighted mean of two columns, the second of which is missing for the last unit.
    fn scores(weights: &[f64]) -> Array1<f64> {
        let mean = |(a, b): (f64, f64)| {
            let known: Vec<(f64, f64)> = [(a, weights[0]), (b, weights[1])]
                .into_iter()
                .filter(|(x, w)| !x.is_nan() && *w > 0.0)
                .collect();
            let sum: f64 = known.iter().map(|(_, w)| w).sum();
            if known.is_empty() {
                f64::NAN
            } else {
                known.iter().map(|(x, w)| x * w).sum::<f64>() / sum
            }
        };
        [(3.0, 0.0), (2.0, 5.0), (0.0, f64::NAN)].into_iter().map(mean).collect()
    }

    const PARENTS: [Option<usize>; 3] = [Some(2), Some(2), None];

    #[test]
    fn the_others_take_over_its_share() {
        let got = remove_elements(&PARENTS, &[1.0, 1.0, 1.0], &[1], scores).unwrap();
        assert_eq!(got.value.nominal_ranks, array![2.0, 1.0, 3.0]);
        assert_eq!(got.value.ranks.column(0), array![1.0, 2.0, 3.0]);
        assert_eq!(got.value.scores.column(0), array![3.0, 2.0, 0.0]);
        assert!((got.value.rank_change[0] - 2.0 / 3.0).abs() < 1e-15);
        assert!((got.value.score_change[0] - 1.0).abs() < 1e-15);
        assert!(got.notices.is_empty());
    }

    #[test]
    fn a_unit_that_loses_its_score_is_noted_and_left_out() {
        let got = remove_elements(&PARENTS, &[1.0, 1.0, 1.0], &[0], scores).unwrap();
        assert!(got.value.ranks[[2, 0]].is_nan());
        assert_eq!(got.value.rank_change[0], 0.0);
        assert!(got.notices[0].contains("1 units have no score"));
        assert!(
            remove_elements(&PARENTS, &[0.0, 1.0, 1.0], &[0], scores).unwrap().notices[0]
                .contains("weighs nothing")
        );
    }

    #[test]
    fn the_top_and_what_is_not_there_cannot_be_removed() {
        assert!(
            remove_elements(&PARENTS, &[1.0; 3], &[2], scores).unwrap_err().what.contains("top")
        );
        assert!(remove_elements(&PARENTS, &[1.0; 3], &[3], scores).is_err());
    }
}
